//! The evaluator against its own promises, on random regimes and random facts.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::DateTime;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::ages::Candidate;
use super::counterfactual::{Need, exception_possible, needs, qualifies_from};
use super::evaluation::{
    Cause, Exception, Finding, FindingOutcome, Outcome, Rules, Wanted, clauses, conclude, evaluate, standing,
};
use super::staleness::{Assessed, StaleReason, stale_because};
use crate::people::{KnownFact, PersonFactKind};
use crate::platform::types::Day;
use crate::programmes::{EligibilityCriterion, EligibilityRule, Severity};

/// Longest time over which facts change.
const HORIZON: u32 = 400;

fn day(offset: u32) -> Day {
    "2020-01-01".parse::<Day>().and_then(|first| first.plus_days(offset)).expect("a day")
}

fn fact(kind: PersonFactKind, value: &str, from: Day) -> KnownFact {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    KnownFact {
        id: Uuid::from_u128(u128::from(NUMBER.fetch_add(1, Ordering::Relaxed))),
        kind,
        value: value.parse().expect("a value"),
        from,
        to: None,
        source: "PUP".parse().expect("a source"),
        source_kind: None,
        survey_code: None,
        survey_version: None,
        evidence: None,
        evidence_on: None,
        expires_on: None,
        recorded_at: DateTime::UNIX_EPOCH,
    }
}

fn criterion(rule: EligibilityRule, severity: Severity) -> EligibilityCriterion {
    serde_json::from_value(json!({ "rule": rule, "severity": severity, "legalSource": "§ 1" })).expect("a condition")
}

/// The conditions that random regimes choose from.
fn menu() -> Vec<EligibilityCriterion> {
    let months = EligibilityCriterion { months: Some(2), ..criterion(EligibilityRule::UnemployedForMonths, Severity::Hard) };
    let places = vec!["1013011".parse().expect("TERC")];
    let residence = EligibilityCriterion { places, ..criterion(EligibilityRule::Residence, Severity::Hard) };
    let one_of = |rule, values: &[&str]| EligibilityCriterion {
        values: values.iter().map(|value| value.parse().expect("a value")).collect(),
        ..criterion(rule, Severity::Hard)
    };
    vec![
        criterion(EligibilityRule::RegisteredUnemployed, Severity::Hard),
        criterion(EligibilityRule::NoBenefitRight, Severity::Hard),
        criterion(EligibilityRule::Disability, Severity::Hard),
        months,
        residence,
        one_of(EligibilityRule::EmploymentStatus, &["employed", "farmer"]),
        one_of(EligibilityRule::SpecialSituation, &["over50", "childUnder6"]),
    ]
}

/// Values of each kind of the menu: fitting, unfitting, unclear.
fn values(kind: PersonFactKind) -> &'static [&'static str] {
    match kind {
        PersonFactKind::Disability => &["true", "false", "refused"],
        PersonFactKind::UnemployedSince => &["2019-11-15", "2020-02-29", "2020-05-31"],
        PersonFactKind::Residence => &["1013011", "0211011", "1013"],
        PersonFactKind::EmploymentStatus => &["employed", "farmer", "inactive"],
        PersonFactKind::SpecialSituation => &["over50", "childUnder6", "under30", "none"],
        _ => &["true", "false"],
    }
}

/// The kind of fact that is wanted.
fn kind_of(wanted: &Wanted) -> PersonFactKind {
    wanted.kind.expect("a kind")
}

/// A value that speaks against a condition.
fn unfitting(wanted: &Wanted) -> &'static str {
    match kind_of(wanted) {
        PersonFactKind::UnemployedSince => "2199-01-01",
        PersonFactKind::Residence => "0211011",
        PersonFactKind::EmploymentStatus => "inactive",
        PersonFactKind::SpecialSituation => "none",
        PersonFactKind::BenefitRight => "true",
        _ => "false",
    }
}

prop_compose! {
    fn regimes()(chosen in prop::collection::vec((any::<bool>(), 0..3_usize, any::<bool>()), 7)) -> Vec<EligibilityCriterion> {
        menu()
            .into_iter()
            .zip(chosen)
            .filter(|(_, (taken, _, _))| *taken)
            .map(|(criterion, (_, severity, grouped))| {
                let severity = if grouped { Severity::Hard } else { Severity::ALL[severity] };
                let alternative_group = grouped.then(|| "either".parse().expect("a code"));
                EligibilityCriterion { severity, alternative_group, ..criterion }
            })
            .collect()
    }
}

prop_compose! {
    fn one_fact()(at in 0..7_usize, value in 0..4_usize, from in 0..120_u32, lasts in prop::option::of(0..90_u32), fresh in prop::option::of(0..120_u32)) -> KnownFact {
        let kind = menu()[at].rule.fact_kind().expect("a kind");
        let values = values(kind);
        KnownFact {
            to: lasts.map(|days| day(from + days)),
            expires_on: fresh.map(|days| day(from + days)),
            ..fact(kind, values[value % values.len()], day(from))
        }
    }
}

fn rules(criteria: &[EligibilityCriterion]) -> Rules<'_> {
    Rules { criteria, home: None, candidate: Candidate::UNKNOWN }
}

fn outcome(criteria: &[EligibilityCriterion], facts: &[KnownFact], on: Day) -> Outcome {
    conclude(&evaluate(rules(criteria), facts, &[], on))
}

/// The facts with one kind replaced by a single one.
fn with(facts: &[KnownFact], kind: PersonFactKind, value: &str, on: Day) -> Vec<KnownFact> {
    facts.iter().filter(|fact| fact.kind != kind).cloned().chain([fact(kind, value, on)]).collect()
}

/// A value that is wanted, chosen by a number.
fn fitting(wanted: &Wanted, choice: usize) -> String {
    wanted.latest.map_or_else(|| wanted.one_of[choice % wanted.one_of.len()].clone(), |latest| latest.to_string())
}

fn satisfy(facts: &[KnownFact], needs: &[Need], choice: usize, on: Day) -> Vec<KnownFact> {
    needs.iter().fold(facts.to_vec(), |facts, need| {
        let change = &need.any_of[choice % need.any_of.len()];
        with(&facts, kind_of(&change.wanted), &fitting(&change.wanted, choice), on)
    })
}

fn undetermined(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    findings.iter().filter(|finding| finding.outcome == FindingOutcome::Undetermined)
}

proptest! {
    #[test]
    fn what_would_have_to_be_true_makes_eligible_and_nothing_of_it_can_be_left_out(
        criteria in regimes(), facts in prop::collection::vec(one_fact(), 0..12), on in 0..200_u32, choice in 0..6_usize,
    ) {
        let on = day(on);
        let needs = needs(&evaluate(rules(&criteria), &facts, &[], on));
        prop_assert_eq!(needs.is_empty(), outcome(&criteria, &facts, on) == Outcome::Eligible);
        prop_assert_eq!(outcome(&criteria, &satisfy(&facts, &needs, choice, on), on), Outcome::Eligible);
        for left_out in 0..needs.len() {
            let mut rest = needs.clone();
            rest.remove(left_out);
            prop_assert_ne!(outcome(&criteria, &satisfy(&facts, &rest, choice, on), on), Outcome::Eligible);
        }
    }

    #[test]
    fn it_is_undetermined_exactly_when_what_is_not_known_decides(
        criteria in regimes(), facts in prop::collection::vec(one_fact(), 0..12), on in 0..200_u32,
    ) {
        let on = day(on);
        let findings = evaluate(rules(&criteria), &facts, &[], on);
        let learn = |value: &dyn Fn(&Wanted) -> String| {
            let learnt = undetermined(&findings).fold(facts.clone(), |facts, finding| with(&facts, kind_of(&finding.wanted), &value(&finding.wanted), on));
            outcome(&criteria, &learnt, on)
        };
        let (best, worst) = (learn(&|wanted| fitting(wanted, 0)), learn(&|wanted| unfitting(wanted).to_owned()));
        match conclude(&findings) {
            Outcome::Undetermined => prop_assert_eq!((best, worst), (Outcome::Eligible, Outcome::Ineligible)),
            known => prop_assert_eq!((best, worst), (known, known)),
        }
    }

    #[test]
    fn a_condition_is_undetermined_exactly_when_no_single_fresh_fact_began_last(
        facts in prop::collection::vec(one_fact(), 0..12), on in 0..200_u32,
    ) {
        let on = day(on);
        let single = [criterion(EligibilityRule::RegisteredUnemployed, Severity::Hard)];
        let finding = &evaluate(rules(&single), &facts, &[], on)[0];
        let holding = || facts.iter().filter(|fact| fact.kind == PersonFactKind::RegisteredUnemployed && fact.from <= on && fact.to.is_none_or(|to| on <= to));
        let began = holding().map(|fact| fact.from).max();
        let says: std::collections::BTreeSet<&str> = holding()
            .filter(|fact| Some(fact.from) == began && fact.expires_on.is_none_or(|expires| on <= expires))
            .map(|fact| fact.value.as_str())
            .collect();
        let expected = match says.into_iter().collect::<Vec<&str>>().as_slice() {
            ["true"] => FindingOutcome::Met,
            ["false"] => FindingOutcome::NotMet,
            _ => FindingOutcome::Undetermined,
        };
        prop_assert_eq!(finding.outcome, expected);
    }

    #[test]
    fn the_day_from_which_somebody_qualifies_is_the_first_of_all_days(
        criteria in regimes(), facts in prop::collection::vec(one_fact(), 0..12), on in 0..200_u32,
    ) {
        prop_assume!(outcome(&criteria, &facts, day(on)) != Outcome::Eligible);
        let first = (on + 1..on + HORIZON).map(day).find(|day| outcome(&criteria, &facts, *day) == Outcome::Eligible);
        prop_assert_eq!(qualifies_from(rules(&criteria), &facts, day(on)), first);
    }

    #[test]
    fn a_positive_assessment_that_is_not_stale_would_be_positive_again(
        criteria in regimes(), facts in prop::collection::vec(one_fact(), 0..12), later in prop::collection::vec(one_fact(), 0..3), on in 0..200_u32, wait in 0..90_u32,
    ) {
        let findings = evaluate(rules(&criteria), &facts, &[], day(on));
        let assessed = Assessed { effective_on: day(on), qualifies_from: None, findings: &findings, facts: &facts, rules: rules(&criteria) };
        prop_assert!(stale_because(assessed, &facts, day(on)).is_empty(), "stale at once");
        let asked: Vec<PersonFactKind> = findings.iter().map(|finding| kind_of(&finding.wanted)).collect();
        let known: Vec<KnownFact> = facts.iter().chain(&later).filter(|fact| asked.contains(&fact.kind)).cloned().collect();
        let used: Vec<KnownFact> = facts.iter().filter(|fact| asked.contains(&fact.kind)).cloned().collect();
        let assessed = Assessed { facts: &used, ..assessed };
        if conclude(&findings) == Outcome::Eligible && stale_because(assessed, &known, day(on + wait)).is_empty() {
            prop_assert_eq!(outcome(&criteria, &known, day(on + wait)), Outcome::Eligible);
        }
    }

    #[test]
    fn a_time_of_unemployment_once_reached_stays_reached(since in 0..900_u32, months in 1..40_u32, on in 0..2000_u32) {
        let criteria = [EligibilityCriterion { months: Some(months), ..criterion(EligibilityRule::UnemployedForMonths, Severity::Hard) }];
        let facts = [fact(PersonFactKind::UnemployedSince, &day(since).to_string(), day(since))];
        let reached = day(since).plus_months(months).expect("a day");
        prop_assert_eq!(outcome(&criteria, &facts, day(since + on)) == Outcome::Eligible, day(since + on) >= reached);
        let wanted = evaluate(rules(&criteria), &[], &[], day(on)).remove(0).wanted;
        let latest = wanted.latest.expect("a day");
        prop_assert!(latest.plus_months(months).expect("a day") <= day(on));
        prop_assert!(latest.plus_days(1).and_then(|next| next.plus_months(months)).expect("a day") > day(on));
    }

    #[test]
    fn exceptions_reach_only_what_is_overridable_and_known_not_to_be_met(
        criteria in regimes(), facts in prop::collection::vec(one_fact(), 0..12), on in 0..200_u32,
    ) {
        let on = day(on);
        let all: Vec<Exception> = criteria
            .iter()
            .map(|criterion| Exception { rule: criterion.rule, reason: "uzasadniony przypadek".parse().expect("a reason") })
            .collect();
        let (plain, excepted) = (evaluate(rules(&criteria), &facts, &[], on), evaluate(rules(&criteria), &facts, &all, on));
        for (before, after) in plain.iter().zip(&excepted) {
            let excusable = before.outcome == FindingOutcome::NotMet && before.severity == Severity::Overridable;
            prop_assert_eq!(after.outcome, if excusable { FindingOutcome::Excused } else { before.outcome });
        }
        let enough = matches!(conclude(&excepted), Outcome::EligibleByException);
        prop_assert_eq!(exception_possible(&plain), enough && clauses(&plain).iter().any(|clause| standing(clause) == FindingOutcome::NotMet));
    }
}

#[test]
fn residence_goes_by_the_centre_unless_the_regime_names_places() {
    let criteria = [criterion(EligibilityRule::Residence, Severity::Hard)];
    let home = "1013011".parse().expect("TERC");
    for (place, home, expected) in [
        ("1013011", Some(&home), (FindingOutcome::Met, Cause::Known)),
        ("1013021", Some(&home), (FindingOutcome::NotMet, Cause::Known)),
        ("1013", Some(&home), (FindingOutcome::Undetermined, Cause::Imprecise)),
        ("1013011", None, (FindingOutcome::Undetermined, Cause::TerritoryUnknown)),
    ] {
        let facts = [fact(PersonFactKind::Residence, place, day(0))];
        let findings = evaluate(Rules { criteria: &criteria, home, candidate: Candidate::UNKNOWN }, &facts, &[], day(1));
        assert_eq!((findings[0].outcome, findings[0].cause), expected, "{place}");
    }
}

#[test]
fn an_assessment_says_what_makes_it_stale_and_from_when() {
    use StaleReason::{DayReached, FactAdded, FactBegan, FactCorrected, FactEnded, FactExpired};
    let criteria = [criterion(EligibilityRule::RegisteredUnemployed, Severity::Hard)];
    let kind = PersonFactKind::RegisteredUnemployed;
    let certificate = KnownFact { expires_on: Some(day(30)), to: Some(day(50)), ..fact(kind, "true", day(0)) };
    let ahead = fact(kind, "false", day(40));
    let facts = [certificate, ahead];
    let findings = evaluate(rules(&criteria), &facts, &[], day(10));
    let assessed = Assessed {
        effective_on: day(10),
        qualifies_from: Some(day(70)),
        findings: &findings,
        facts: &facts,
        rules: rules(&criteria),
    };
    let added = fact(kind, "true", day(60));
    let known = [facts[1].clone(), added.clone()];
    let because = |known: &[KnownFact], on: u32| -> Vec<(StaleReason, Option<Day>)> {
        stale_because(assessed, known, day(on)).into_iter().map(|because| (because.reason, because.from)).collect()
    };
    assert_eq!(because(&facts, 30), []);
    assert_eq!(because(&facts, 31), [(StaleReason::FactExpired, Some(day(31)))]);
    assert_eq!(because(&facts, 40), [(StaleReason::FactExpired, Some(day(31))), (StaleReason::FactBegan, Some(day(40)))]);
    assert_eq!(because(&known, 30), [(StaleReason::FactCorrected, None)]);
    let all = because(&known, 70).into_iter().map(|(reason, _)| reason).collect::<Vec<_>>();
    assert_eq!(all, [FactExpired, FactEnded, FactCorrected, FactBegan, FactAdded, DayReached]);
}
