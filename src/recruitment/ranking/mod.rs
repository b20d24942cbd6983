//! Scoring and ranking: who gets a place in an edition that chooses by points.
//!
//! Scoring rules are versions that never change. A protocol ranks the open
//! applications of a day by them: it keeps what it was made of, so that anybody
//! can compute its rows again (`docs/RANKING.md`), and never changes either. It
//! decides nothing; its adoption by a commission does, in one transaction.
//! Whoever is not eligible, or not known to be, stands apart. A candidate may
//! appeal against an adopted protocol; an upheld appeal makes another in its place.
//!
//! Legal source: criteria of selection agreed between municipality and labour
//! office (art. 62a(7)(1) of the Act of 20 April 2004), and rules of recruitment
//! of projects of the European Social Fund.

mod adoption;
mod announcements;
mod appeal_views;
mod appeals;
pub mod inputs;
mod keeping;
mod loading;
mod manual_points;
pub mod order;
mod protocols;
mod publication;
mod reevaluation;
mod replacing;
pub mod rows;
pub mod rules;
mod scoring_rules;
#[cfg(test)]
mod tests;
mod verification;
mod views;
mod wording;

pub(super) use adoption::check_protocol;

use crate::platform::routes::ServiceConfig;

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    scoring_rules::routes(config);
    manual_points::routes(config);
    protocols::routes(config);
    verification::routes(config);
    publication::routes(config);
    adoption::routes(config);
    announcements::routes(config);
    appeals::routes(config);
}
