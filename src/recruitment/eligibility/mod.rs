//! Eligibility: whether a candidate meets the conditions of the regime on a day, and why.
//!
//! The conditions are data of the regime, the facts are the person's; a closed
//! set of rules compares them. An assessment keeps the facts that it was made
//! on and is never changed. What is missing, expired or contradictory makes a
//! condition *undetermined* and says what to ask; what comes to light later
//! makes an assessment *stale*, not wrong. It decides nothing: a decision about
//! the application refers to it, or is attested by a worker.
//!
//! Legal source: art. 62a(2) and 73a(1) of the Act of 20 April 2004, and the
//! rules of the projects of the European Social Fund, as the regime quotes them.

mod ages;
mod appeals;
mod assessments;
mod citations;
mod counterfactual;
mod evaluation;
mod numbers;
mod periods;
mod staleness;
mod support;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod time_tests;
mod views;
mod vocabulary;
mod wording;

pub(super) use ages::Candidate;
pub(super) use assessments::{carried_of_edition, check_support, ineligible_by};
pub(super) use evaluation::{Cause, Exception, FindingOutcome, Outcome, Rules, Wanted, conclude, evaluate, judge, judge_facts};
pub(super) use numbers::{day, value};
pub use support::{Lacking, lacking_assessment, who_rests_on_assessment};
pub(super) use vocabulary::{answer, kind, rule, source};
pub(super) use wording::choose;

use crate::platform::routes::ServiceConfig;

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    assessments::routes(config);
    appeals::routes(config);
}
