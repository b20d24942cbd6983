//! Times within months and ages, by hand-counted cases and against a count of every single day.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::ages::{Age, AgeSource, Candidate};
use super::counterfactual::{Need, needs, qualifies_from};
use super::evaluation::{Cause, Finding, FindingOutcome, Outcome, Rules, conclude, evaluate, foresee};
use super::staleness::{Assessed, StaleReason, stale_because};
use super::wording::way_in;
use crate::people::{Birth, KnownFact, PersonFactKind};
use crate::platform::problem::Locale;
use crate::platform::types::{Day, MonthsAndDays, Sex};
use crate::programmes::EligibilityCriterion;

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn fact(kind: PersonFactKind, value: &str, from: Day, to: Option<Day>) -> KnownFact {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let document = json!({
        "id": Uuid::from_u128(u128::from(NUMBER.fetch_add(1, Ordering::Relaxed))), "kind": kind, "value": value, "from": from, "to": to, "source": "PUP", "sourceKind": null,
        "surveyCode": null, "surveyVersion": null, "evidence": null, "evidenceOn": null, "expiresOn": null,
        "recordedAt": "2020-01-01T00:00:00Z"
    });
    serde_json::from_value(document).expect("a fact")
}

fn registered(value: &str, from: &str, to: Option<&str>) -> KnownFact {
    fact(PersonFactKind::RegisteredUnemployed, value, day(from), to.map(day))
}

fn condition(more: &Value) -> Vec<EligibilityCriterion> {
    let mut document = json!({ "severity": "hard", "legalSource": "art. 2 ust. 1 pkt 5" });
    for (name, value) in more.as_object().into_iter().flatten() {
        document[name] = value.clone();
    }
    vec![serde_json::from_value(document).expect("a condition")]
}

/// Long-term unemployment as the law has it: over 12 months within the last two years.
fn long_term() -> Vec<EligibilityCriterion> {
    condition(&json!({ "rule": "registeredMonthsWithin", "months": 12, "withinMonths": 24 }))
}

fn born(date: &str, sex: Sex) -> Candidate {
    Candidate { sex, age: AgeSource::Born(Birth::On(date.parse().expect("a date"))) }
}

fn rules(criteria: &[EligibilityCriterion], candidate: Candidate) -> Rules<'_> {
    Rules { criteria, home: None, candidate }
}

fn judged(criteria: &[EligibilityCriterion], candidate: Candidate, facts: &[KnownFact], on: &str) -> Finding {
    let mut findings = evaluate(rules(criteria, candidate), facts, &[], day(on));
    foresee(&mut findings, facts, day(on));
    findings.remove(0)
}

#[test]
fn periods_are_counted_by_calendar_months_and_thirty_leftover_days() {
    // The last two years to 10 October 2020 begin on 11 October 2018.
    let whole = registered("false", "2015-01-01", Some("2018-12-31"));
    for (periods, outcome, months, days) in [
        (vec![("2019-01-01", Some("2019-12-31"))], FindingOutcome::NotMet, 12, 0),
        (vec![("2019-01-01", Some("2020-01-01"))], FindingOutcome::Met, 12, 1),
        // 361 days are not yet more than twelve calendar months.
        (vec![("2019-01-01", Some("2019-12-27"))], FindingOutcome::NotMet, 11, 27),
        // Five months and 29 days, six months and two days: 31 leftover days are a month and a day.
        (vec![("2019-01-01", Some("2019-06-29")), ("2019-09-01", Some("2020-03-02"))], FindingOutcome::Met, 11, 31),
        (vec![("2019-01-01", Some("2019-06-29")), ("2019-09-01", Some("2020-03-01"))], FindingOutcome::NotMet, 11, 30),
        // One period that two certificates tell in turn is unbroken.
        (vec![("2019-01-01", Some("2019-06-30")), ("2019-07-01", Some("2020-01-01"))], FindingOutcome::Met, 12, 1),
    ] {
        let mut facts = vec![whole.clone()];
        for (from, to) in &periods {
            facts.push(registered("true", from, *to));
        }
        // Between and after the periods it is known not to be so: what began last counts.
        let gap = |from: &str| registered("false", from, None);
        facts.extend(periods.iter().filter_map(|(_, to)| day((*to)?).plus_days(1).ok()).map(|next| gap(&next.to_string())));
        let facts: Vec<KnownFact> = facts
            .iter()
            .filter(|fact| fact.value.as_str() == "true" || !periods.iter().any(|(from, _)| day(from) == fact.from))
            .cloned()
            .collect();
        let finding = judged(&long_term(), Candidate::UNKNOWN, &facts, "2020-10-10");
        let measured = finding.measured.expect("a measure");
        assert_eq!((finding.outcome, measured.total), (outcome, MonthsAndDays { months, days }), "{periods:?}");
        assert_eq!((measured.within.from(), measured.within.to()), (day("2018-10-11"), day("2020-10-10")));
    }
}

#[test]
fn what_is_not_known_of_the_window_leaves_it_open_only_where_it_could_decide() {
    let open = [registered("true", "2020-01-01", None)];
    let finding = judged(&long_term(), Candidate::UNKNOWN, &open, "2020-10-10");
    assert_eq!((finding.outcome, finding.cause), (FindingOutcome::Undetermined, Cause::Missing));
    let measured = finding.measured.expect("a measure");
    assert_eq!(measured.unclear[0].to(), day("2019-12-31"));
    assert_eq!(measured.reached_on, Some(day("2021-01-01")), "twelve months and a day");
    let known = [registered("false", "2015-01-01", Some("2019-12-31")), open[0].clone()];
    let finding = judged(&long_term(), Candidate::UNKNOWN, &known, "2020-10-10");
    assert_eq!((finding.outcome, finding.cause), (FindingOutcome::NotMet, Cause::Known));
    // Too little is unknown to suffice.
    let late = [registered("false", "2019-10-01", Some("2019-12-31")), registered("false", "2020-01-01", None)];
    assert_eq!(judged(&long_term(), Candidate::UNKNOWN, &late, "2020-10-10").outcome, FindingOutcome::NotMet);
    assert_eq!(judged(&long_term(), Candidate::UNKNOWN, &[], "2020-10-10").outcome, FindingOutcome::Undetermined);
    let enough = condition(&json!({ "rule": "registeredMonthsWithin", "months": 12, "withinMonths": 24, "atLeast": true }));
    let year = [
        registered("true", "2019-01-01", Some("2019-12-31")),
        registered("false", "2020-01-01", None),
        registered("false", "2015-01-01", Some("2018-12-31")),
    ];
    assert_eq!(judged(&enough, Candidate::UNKNOWN, &year, "2020-10-10").outcome, FindingOutcome::Met);
    assert_eq!(judged(&long_term(), Candidate::UNKNOWN, &year, "2020-10-10").outcome, FindingOutcome::NotMet);
}

#[test]
fn internships_are_left_out_and_break_nothing_but_the_count() {
    let facts = [
        registered("false", "2015-01-01", Some("2018-12-31")),
        registered("true", "2019-01-01", None),
        fact(PersonFactKind::Internship, "true", day("2019-06-01"), Some(day("2019-11-30"))),
    ];
    let finding = judged(&long_term(), Candidate::UNKNOWN, &facts, "2020-05-31");
    let measured = finding.measured.expect("a measure");
    // January to May 2019, December 2019 to May 2020.
    assert_eq!((finding.outcome, measured.total), (FindingOutcome::NotMet, MonthsAndDays { months: 11, days: 0 }));
    assert_eq!(measured.reached_on, Some(day("2020-07-01")));
    assert_eq!(measured.periods.len(), 2);
    assert_eq!(judged(&long_term(), Candidate::UNKNOWN, &facts, "2020-07-01").outcome, FindingOutcome::Met);
}

#[test]
fn an_age_is_told_in_completed_years_and_its_limits_go_by_sex() {
    let working = condition(&json!({ "rule": "ageBetween", "age": { "min": 18, "max": 64, "maxWomen": 59 } }));
    for (birth, sex, outcome) in [
        ("2002-10-10", Sex::Female, FindingOutcome::Met),
        ("2002-10-11", Sex::Female, FindingOutcome::NotMet),
        ("1960-10-11", Sex::Female, FindingOutcome::Met),
        ("1960-10-10", Sex::Female, FindingOutcome::NotMet),
        ("1960-10-10", Sex::Male, FindingOutcome::Met),
        ("1955-10-10", Sex::Male, FindingOutcome::NotMet),
        ("1990-01-01", Sex::Unknown, FindingOutcome::Met),
        ("1958-01-01", Sex::Unknown, FindingOutcome::Undetermined),
        ("1950-01-01", Sex::Unknown, FindingOutcome::NotMet),
    ] {
        let finding = judged(&working, born(birth, sex), &[], "2020-10-10");
        assert_eq!(finding.outcome, outcome, "{birth} {sex}");
        let told = serde_json::to_string(&finding).expect("a document");
        assert!(!told.contains(&birth[..4]), "the finding holds no date of birth: {told}");
    }
    let by_year = |year| Candidate { sex: Sex::Female, age: AgeSource::Born(Birth::In(year)) };
    assert_eq!(judged(&working, by_year(1990), &[], "2020-10-10").age, Some(Age { least: 29, greatest: 30, sex: Sex::Female }));
    assert_eq!(judged(&working, by_year(1960), &[], "2020-10-10").outcome, FindingOutcome::Undetermined);
    let unknown = judged(&working, Candidate::UNKNOWN, &[], "2020-10-10");
    assert_eq!((unknown.outcome, unknown.cause), (FindingOutcome::Undetermined, Cause::AgeUnknown));
}

#[test]
fn whoever_is_past_an_upper_limit_is_told_that_nothing_helps() {
    let working = json!({ "rule": "ageBetween", "age": { "min": 18, "max": 64, "maxWomen": 59 } });
    let with = |more: &[(&str, Value)]| {
        let mut criterion = working.clone();
        for (name, value) in more {
            criterion[*name] = value.clone();
        }
        condition(&criterion)
    };
    let plain = with(&[]);
    for (birth, sex, lost) in [
        ("1960-10-10", Sex::Female, true),
        ("1960-10-11", Sex::Female, false),
        ("1960-10-10", Sex::Male, false),
        ("1955-10-10", Sex::Male, true),
        // Below the lower limit time helps; of an unknown sex only the later limit is passed for sure.
        ("2010-01-01", Sex::Female, false),
        ("1958-01-01", Sex::Unknown, false),
        ("1950-01-01", Sex::Unknown, true),
    ] {
        let findings = evaluate(rules(&plain, born(birth, sex)), &[], &[], day("2020-10-10"));
        let needs = needs(&findings);
        assert_eq!(needs.iter().any(Need::is_out_of_reach), lost, "{birth} {sex}");
        let [polish, english] = [Locale::Polish, Locale::English].map(|locale| way_in(locale, &needs, None, false));
        assert_eq!((polish.contains("nie pomoże"), english.contains("can help")), (lost, lost), "{polish} {english}");
        if lost {
            assert_eq!(qualifies_from(rules(&plain, born(birth, sex)), &[], day("2020-10-10")), None);
        }
    }
    // An alternative is still a way in, and the only one that is named.
    let group = ("alternativeGroup", json!("who"));
    let disabled = condition(&json!({ "rule": "disability", "alternativeGroup": "who" }));
    let both = [with(&[group])[0].clone(), disabled[0].clone()];
    let findings = evaluate(rules(&both, born("1950-01-01", Sex::Female)), &[], &[], day("2020-10-10"));
    let needs = needs(&findings);
    assert!(!needs.iter().any(Need::is_out_of_reach), "{needs:?}");
    let told = way_in(Locale::English, &needs, None, false);
    assert!(!told.contains("59") && !told.contains("can help"), "{told}");
}

#[test]
fn a_birthday_is_told_by_its_month_at_most() {
    let working = condition(&json!({ "rule": "ageBetween", "age": { "min": 18 } }));
    for (birth, told) in
        [("2002-11-01", "2020-11-01"), ("2002-11-02", "2020-12-01"), ("2002-11-30", "2020-12-01"), ("2004-02-29", "2022-03-01")]
    {
        let candidate = born(birth, Sex::Male);
        assert_eq!(qualifies_from(rules(&working, candidate), &[], day("2020-10-10")), Some(day(told)), "{birth}");
        assert_eq!(judged(&working, candidate, &[], told).outcome, FindingOutcome::Met);
    }
    // Somebody who may not see it learns only that the month has begun.
    let limit = condition(&json!({ "rule": "ageBetween", "age": { "max": 59 } }));
    let birth = Birth::On("1960-11-17".parse().expect("a date"));
    let findings = evaluate(rules(&limit, born("1960-11-17", Sex::Female)), &[], &[], day("2020-10-10"));
    let reasons = |age, on: &str| {
        let candidate = Candidate { sex: Sex::Female, age };
        let assessed = Assessed {
            effective_on: day("2020-10-10"),
            qualifies_from: None,
            findings: &findings,
            facts: &[],
            rules: rules(&limit, candidate),
        };
        stale_because(assessed, &[], day(on)).into_iter().map(|because| because.reason).collect::<Vec<_>>()
    };
    assert_eq!(reasons(AgeSource::Born(birth), "2020-11-16"), []);
    assert_eq!(reasons(AgeSource::Born(birth), "2020-11-17"), [StaleReason::TimePassed]);
    let by_month = AgeSource::ByMonth(birth, day("2020-10-10"));
    assert_eq!(reasons(by_month, "2020-11-30"), []);
    assert_eq!(reasons(by_month, "2020-12-01"), [StaleReason::TimePassed]);
}

#[test]
fn the_young_are_long_unemployed_sooner() {
    let project = condition(&json!({ "rule": "unemployedForMonths", "months": 12, "young": { "belowAge": 25, "months": 6 } }));
    let since = |since: &str| [fact(PersonFactKind::UnemployedSince, since, day("2019-01-01"), None)];
    let young = born("1996-01-01", Sex::Male);
    let older = born("1995-10-10", Sex::Male);
    for (candidate, began, outcome) in [
        (young, "2020-04-10", FindingOutcome::Met),
        (young, "2020-04-11", FindingOutcome::NotMet),
        (older, "2020-04-10", FindingOutcome::NotMet),
        (older, "2019-10-10", FindingOutcome::Met),
        (Candidate::UNKNOWN, "2019-10-10", FindingOutcome::Met),
        (Candidate::UNKNOWN, "2020-04-10", FindingOutcome::Undetermined),
        (Candidate::UNKNOWN, "2020-04-11", FindingOutcome::NotMet),
    ] {
        let finding = judged(&project, candidate, &since(began), "2020-10-10");
        assert_eq!(finding.outcome, outcome, "{candidate:?} {began}");
    }
    assert_eq!(judged(&project, Candidate::UNKNOWN, &since("2020-04-10"), "2020-10-10").cause, Cause::AgeUnknown);
    assert_eq!(judged(&project, young, &[], "2020-10-10").wanted.latest, Some(day("2020-04-10")));
    let from = qualifies_from(rules(&project, young), &since("2020-06-15"), day("2020-10-10"));
    assert_eq!(from, Some(day("2020-12-15")));
}

#[test]
fn time_and_old_periods_make_an_assessment_stale() {
    let facts = [
        registered("false", "2015-01-01", Some("2018-12-31")),
        registered("true", "2019-01-01", Some("2020-01-15")),
        registered("false", "2020-01-16", None),
    ];
    let criteria = long_term();
    let findings = evaluate(rules(&criteria, Candidate::UNKNOWN), &facts, &[], day("2020-10-10"));
    assert_eq!(conclude(&findings), Outcome::Eligible);
    let assessed = Assessed {
        effective_on: day("2020-10-10"),
        qualifies_from: None,
        findings: &findings,
        facts: &facts,
        rules: rules(&criteria, Candidate::UNKNOWN),
    };
    let reasons = |known: &[KnownFact], on: &str| {
        stale_because(assessed, known, day(on)).into_iter().map(|because| because.reason).collect::<Vec<_>>()
    };
    assert_eq!(reasons(&facts, "2020-10-10"), [], "a period that was over before is no reason");
    assert_eq!(reasons(&facts, "2021-01-14"), [], "a year and a day are still within the last two years");
    assert_eq!(reasons(&facts, "2021-01-15"), [StaleReason::TimePassed]);
    let mut later = facts.to_vec();
    later.push(fact(PersonFactKind::Internship, "true", day("2019-03-01"), Some(day("2019-05-31"))));
    assert_eq!(reasons(&later, "2020-10-11"), [StaleReason::FactAdded], "an internship of last year counts");
    assert_eq!(reasons(&facts[1..], "2020-10-11"), [StaleReason::FactCorrected]);
}

prop_compose! {
    fn some_fact()(value in any::<bool>(), internship in prop::bool::weighted(0.2), from in 0..900_u32, lasts in prop::option::of(0..400_u32), fresh in prop::option::of(0..900_u32)) -> KnownFact {
        let begins = day("2018-01-01").plus_days(from).expect("a day");
        let kind = if internship { PersonFactKind::Internship } else { PersonFactKind::RegisteredUnemployed };
        let mut fact = fact(kind, if value { "true" } else { "false" }, begins, lasts.and_then(|days| begins.plus_days(days).ok()));
        fact.expires_on = fresh.and_then(|days| begins.plus_days(days).ok());
        fact
    }
}

proptest! {
    #[test]
    fn a_measure_is_what_a_count_of_every_single_day_gives(facts in prop::collection::vec(some_fact(), 0..8), on in 0..1200_u32, within in 1..30_u32) {
        let on = day("2018-01-01").plus_days(on).expect("a day");
        let criteria = condition(&json!({ "rule": "registeredMonthsWithin", "months": 1, "withinMonths": within }));
        let measured = evaluate(rules(&criteria, Candidate::UNKNOWN), &facts, &[], on).remove(0).measured.expect("a measure");
        let says = |kind: PersonFactKind, day: Day| -> Option<bool> {
            let holding = || facts.iter().filter(|fact| fact.kind == kind && fact.holds_on(day));
            let began = holding().map(|fact| fact.from).max();
            let fresh: Vec<bool> = holding().filter(|fact| Some(fact.from) == began && fact.is_fresh_on(day)).map(|fact| fact.value.as_str() == "true").collect();
            fresh.first().copied().filter(|first| fresh.iter().all(|other| other == first))
        };
        let any = |kind: PersonFactKind, day: Day| facts.iter().any(|fact| fact.kind == kind && fact.holds_on(day));
        let mut date: NaiveDate = measured.within.from().date();
        while date <= on.date() {
            let today = Day::try_from(date).expect("a day");
            let internship = says(PersonFactKind::Internship, today);
            let no_internship = internship == Some(false) || !any(PersonFactKind::Internship, today);
            let counts = says(PersonFactKind::RegisteredUnemployed, today) == Some(true) && no_internship;
            prop_assert_eq!(measured.periods.iter().any(|period| period.contains(today)), counts, "{}", today);
            let out = says(PersonFactKind::RegisteredUnemployed, today) == Some(false) || internship == Some(true);
            prop_assert_eq!(measured.unclear.iter().any(|period| period.contains(today)), !counts && !out, "{}", today);
            date = date.succ_opt().expect("a day");
        }
        prop_assert_eq!(measured.within.from().date().day(), on.date().checked_sub_months(chrono::Months::new(within)).and_then(|before| before.succ_opt()).expect("a day").day());
    }

    #[test]
    fn the_day_on_which_the_time_suffices_is_the_first_of_all_days(facts in prop::collection::vec(some_fact(), 0..5), on in 0..900_u32) {
        let criteria = condition(&json!({ "rule": "registeredMonthsWithin", "months": 3, "withinMonths": 8 }));
        let of_all = rules(&criteria, Candidate::UNKNOWN);
        let after = day("2018-01-01").plus_days(on).expect("a day");
        let is_met = |day: &Day| conclude(&evaluate(of_all, &facts, &[], *day)) == Outcome::Eligible;
        prop_assume!(!is_met(&after));
        let first = (1..1600).filter_map(|ahead| after.plus_days(ahead).ok()).find(|day| is_met(day));
        prop_assert_eq!(qualifies_from(of_all, &facts, after), first);
    }
}
