//! What would have to be true, or from which day, for a candidate to qualify.

use serde::Serialize;
use utoipa::ToSchema;

use super::ages::is_past;
use super::evaluation::{Finding, FindingOutcome, Outcome, Rules, TotalWanted, Wanted, clauses, conclude, evaluate, standing};
use super::periods::Timeline;
use crate::people::{KnownFact, PersonFactKind};
use crate::platform::types::Day;
use crate::programmes::{EligibilityCriterion, EligibilityRule, Severity};

/// A condition that stands in the way, with the fact that would meet it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The condition.
    pub rule: EligibilityRule,
    /// What would have to be true on the day.
    pub wanted: Wanted,
    /// Whether it never comes true again: an age past its upper limit.
    pub out_of_reach: bool,
}

/// Conditions that stand in the way, of which it is enough to meet one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Need {
    /// Any of these.
    #[schema(max_items = 20)]
    pub any_of: Vec<Change>,
}

impl Change {
    fn of(finding: &Finding) -> Self {
        let out_of_reach = finding.wanted.age.is_some_and(|limits| is_past(limits, finding.age));
        Self { rule: finding.rule, wanted: finding.wanted.clone(), out_of_reach }
    }
}

impl Need {
    /// Whether none of the alternatives comes true again.
    pub(super) fn is_out_of_reach(&self) -> bool {
        self.any_of.iter().all(|change| change.out_of_reach)
    }
}

/// All that stands in the way of being eligible; each has to change.
pub(super) fn needs(findings: &[Finding]) -> Vec<Need> {
    let blocking = clauses(findings).into_iter().filter(|clause| standing(clause) < FindingOutcome::Excused);
    blocking.map(|clause| Need { any_of: clause.iter().map(|finding| Change::of(finding)).collect() }).collect()
}

/// Whether exceptions alone would do: everything in the way is known not to be met, and may be excepted.
pub(super) fn exception_possible(findings: &[Finding]) -> bool {
    let blocking: Vec<_> = clauses(findings).into_iter().filter(|clause| standing(clause) < FindingOutcome::Excused).collect();
    let excusable = |clause: &Vec<&Finding>| {
        standing(clause) == FindingOutcome::NotMet && clause.iter().all(|finding| finding.severity == Severity::Overridable)
    };
    !blocking.is_empty() && blocking.iter().all(excusable)
}

/// The first day after `after` on which these facts make the person eligible, without any exception.
///
/// Between the days on which a fact begins, ends or expires, a time reaches its
/// length or an age is completed, nothing changes; so no other day can be the
/// first. Where an age decides, it is the first of a month: a birthday is not told.
pub(super) fn qualifies_from(rules: Rules, facts: &[KnownFact], after: Day) -> Option<Day> {
    let of_facts = facts.iter().flat_map(|fact| turning_days(rules, fact));
    let of_times = rules.criteria.iter().flat_map(|criterion| days_of_times(criterion, facts, after));
    let ages = rules.criteria.iter().filter_map(|criterion| criterion.age?.min);
    let of_ages = ages.filter_map(|years| rules.candidate.completes(years));
    let mut days: Vec<Day> = of_facts.chain(of_times).chain(of_ages).filter(|day| *day > after).collect();
    days.sort_unstable();
    days.dedup();
    days.into_iter().find(|day| conclude(&evaluate(rules, facts, &[], *day)) == Outcome::Eligible)
}

fn turning_days(rules: Rules, fact: &KnownFact) -> impl Iterator<Item = Day> {
    let next = |day: Option<Day>| day.and_then(|day| day.plus_days(1).ok());
    let unbroken = rules.criteria.iter().filter(|criterion| criterion.rule == EligibilityRule::UnemployedForMonths);
    let lengths = unbroken.flat_map(|criterion| [criterion.months, criterion.young.map(|young| young.months)]).flatten();
    let since = (fact.kind == PersonFactKind::UnemployedSince).then(|| fact.value.as_str().parse::<Day>().ok()).flatten();
    let reached = lengths.filter_map(move |months| since?.plus_months(months).ok());
    [Some(fact.from), next(fact.to), next(fact.expires_on)].into_iter().flatten().chain(reached)
}

/// The days from which the time within the last months suffices.
fn days_of_times(criterion: &EligibilityCriterion, facts: &[KnownFact], after: Day) -> Vec<Day> {
    let Some((within_months, months)) = criterion.within_months.zip(criterion.months) else { return Vec::new() };
    let wanted = TotalWanted { months, within_months, at_least: criterion.at_least };
    Timeline::of_registration(facts).met_from(wanted, after)
}
