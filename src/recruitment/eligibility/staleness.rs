//! What has come to light since an assessment, so that it should be made anew.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::evaluation::Finding;
use crate::people::KnownFact;
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
        /// A fact that it rests on has been corrected.
        FactCorrected = "factCorrected",
        /// A fact has been recorded that it does not know.
        FactAdded = "factAdded",
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
}

/// What makes an assessment stale on a day, by the facts as they are known now.
pub(super) fn stale_because(assessed: Assessed, known: &[KnownFact], on: Day) -> Vec<StaleBecause> {
    let next = |day: Day| day.plus_days(1).ok();
    let uses = |id: Uuid| assessed.findings.iter().any(|finding| finding.fact_ids.contains(&id));
    let because = |reason, fact: &KnownFact, from| StaleBecause { reason, fact_id: Some(fact.id), from };
    let mut reasons = Vec::new();
    for fact in assessed.facts.iter().filter(|fact| uses(fact.id)) {
        if let Some(expires) = fact.expires_on.filter(|expires| assessed.effective_on <= *expires && *expires < on) {
            reasons.push(because(StaleReason::FactExpired, fact, next(expires)));
        }
        if let Some(to) = fact.to.filter(|to| *to < on) {
            reasons.push(because(StaleReason::FactEnded, fact, next(to)));
        }
        if known.iter().all(|other| other.id != fact.id) {
            reasons.push(because(StaleReason::FactCorrected, fact, None));
        }
    }
    let ahead = assessed.facts.iter().filter(|fact| assessed.effective_on < fact.from && fact.from <= on);
    reasons.extend(ahead.map(|fact| because(StaleReason::FactBegan, fact, Some(fact.from))));
    let new = known.iter().filter(|fact| assessed.facts.iter().all(|old| old.id != fact.id));
    for fact in new.filter(|fact| fact.from <= on && fact.to.is_none_or(|to| assessed.effective_on <= to)) {
        let from = Some(fact.from).filter(|from| assessed.effective_on < *from);
        reasons.push(because(StaleReason::FactAdded, fact, from));
    }
    if let Some(day) = assessed.qualifies_from.filter(|day| *day <= on) {
        reasons.push(StaleBecause { reason: StaleReason::DayReached, fact_id: None, from: Some(day) });
    }
    reasons.truncate(MOST_REASONS);
    reasons
}
