//! What has come to light since an assessment, so that it should be made anew.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::evaluation::{Finding, FindingOutcome, Rules, evaluate};
use crate::people::{KnownFact, PersonFactKind};
use crate::platform::types::{Day, text_enum};

text_enum! {
    /// Why an assessment is stale.
    pub enum StaleReason {
        /// The evidence of a fact that it rests on has expired.
        FactExpired = "factExpired",
        /// A fact that it rests on has ended.
        FactEnded = "factEnded",
        /// A fact that lay ahead when it was made has begun.
        FactBegan = "factBegan",
        /// A fact that it rests on has been corrected or withdrawn.
        FactCorrected = "factCorrected",
        /// A fact has been recorded that it does not know.
        FactAdded = "factAdded",
        /// Time has passed: an age or a time within the last months no longer meets its condition.
        TimePassed = "timePassed",
        /// The day from which the person was to qualify has come.
        DayReached = "dayReached",
    }
}

/// One reason why an assessment is stale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StaleBecause {
    /// Why.
    pub reason: StaleReason,
    /// The fact.
    pub fact_id: Option<Uuid>,
    /// Its kind.
    pub kind: Option<PersonFactKind>,
    /// First day on which it is so; none where it was so from the beginning and only became known later.
    pub from: Option<Day>,
}

/// Most reasons that are told.
const MOST_REASONS: usize = 200;

/// An assessment, as far as it can become stale.
#[derive(Debug, Clone, Copy)]
pub(super) struct Assessed<'a> {
    pub effective_on: Day,
    pub qualifies_from: Option<Day>,
    pub findings: &'a [Finding],
    /// The facts that it was made on.
    pub facts: &'a [KnownFact],
    /// The conditions that it was made by, with the candidate as known now.
    pub rules: Rules<'a>,
}

/// What makes an assessment stale on a day, by the facts as they are known now.
pub(super) fn stale_because(assessed: Assessed, known: &[KnownFact], on: Day) -> Vec<StaleBecause> {
    let next = |day: Day| day.plus_days(1).ok();
    let uses = |id: Uuid| assessed.findings.iter().any(|finding| finding.fact_ids.contains(&id));
    let because = |reason, fact: &KnownFact, from| StaleBecause { reason, fact_id: Some(fact.id), kind: Some(fact.kind), from };
    let mut reasons = Vec::new();
    for fact in assessed.facts.iter().filter(|fact| uses(fact.id)) {
        // Evidence of a time that was over before says as much as it did.
        let relied_upon = |expires: &Day| assessed.effective_on <= *expires && fact.to.is_none_or(|to| *expires < to);
        if let Some(expires) = fact.expires_on.filter(|expires| relied_upon(expires) && *expires < on) {
            reasons.push(because(StaleReason::FactExpired, fact, next(expires)));
        }
        if let Some(to) = fact.to.filter(|to| assessed.effective_on <= *to && *to < on) {
            reasons.push(because(StaleReason::FactEnded, fact, next(to)));
        }
        if known.iter().all(|other| other.id != fact.id) {
            reasons.push(because(StaleReason::FactCorrected, fact, None));
        }
    }
    let ahead = assessed.facts.iter().filter(|fact| assessed.effective_on < fact.from && fact.from <= on);
    reasons.extend(ahead.map(|fact| because(StaleReason::FactBegan, fact, Some(fact.from))));
    let new = known.iter().filter(|fact| assessed.facts.iter().all(|old| old.id != fact.id));
    for fact in new.filter(|fact| fact.from <= on && fact.to.is_none_or(|to| looks_back_to(assessed, fact) <= to)) {
        let from = Some(fact.from).filter(|from| assessed.effective_on < *from);
        reasons.push(because(StaleReason::FactAdded, fact, from));
    }
    if let Some(day) = assessed.qualifies_from.filter(|day| *day <= on) {
        reasons.push(StaleBecause { reason: StaleReason::DayReached, fact_id: None, kind: None, from: Some(day) });
    }
    if reasons.is_empty() && has_lapsed(assessed, on) {
        reasons.push(StaleBecause { reason: StaleReason::TimePassed, fact_id: None, kind: None, from: None });
    }
    reasons.truncate(MOST_REASONS);
    reasons
}

/// The first day that counts for a kind of fact: earlier than the day of the assessment where a time within months is counted.
fn looks_back_to(assessed: Assessed, fact: &KnownFact) -> Day {
    let counted = assessed.findings.iter().filter(|finding| finding.rule.fact_kinds().any(|kind| kind == fact.kind));
    let within = counted.filter_map(|finding| Some(finding.measured.as_ref()?.within.from()));
    within.min().map_or(assessed.effective_on, |first| first.min(assessed.effective_on))
}

/// Whether a condition that only time changes, and that was met, is so no more by the same facts.
fn has_lapsed(assessed: Assessed, on: Day) -> bool {
    let timed = |finding: &Finding| finding.measured.is_some() || finding.age.is_some();
    if on <= assessed.effective_on || !assessed.findings.iter().any(timed) {
        return false;
    }
    let later = evaluate(assessed.rules, assessed.facts, &[], on);
    let pairs = assessed.findings.iter().zip(&later);
    pairs.into_iter().any(|(then, now)| timed(then) && then.outcome == FindingOutcome::Met && now.outcome != FindingOutcome::Met)
}
