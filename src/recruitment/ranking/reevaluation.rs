//! The document of a ranking, put right where an appeal was upheld. Pure: no store, no time, no language.

use std::cmp::Reverse;

use uuid::Uuid;

use super::inputs::{GivenPoints, RankingInputs};
use super::rows::RankedRow;
use super::rules::ScoringSource;
use crate::platform::types::Points;
use crate::programmes::Severity;
use crate::recruitment::eligibility::{Exception, FindingOutcome};

/// What cannot be corrected; the number is the place in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum CorrectionError {
    #[error("exception {0} is of a condition that is met, unknown, hard or named twice")]
    NotExceptable(usize),
    #[error("points {0} are by no manual criterion, or by one that is named twice")]
    NotManual(usize),
    #[error("points {0} are more than the criterion gives: {1}")]
    TooManyPoints(usize, Points),
}

/// The document with the exceptions and points of one candidate put right; the rules stay those it was made by.
///
/// # Errors
/// What is no correction under these rules.
pub(super) fn corrected(
    inputs: &RankingInputs,
    application: Uuid,
    exceptions: &[Exception],
    points: &[GivenPoints],
) -> Result<RankingInputs, CorrectionError> {
    check(inputs, exceptions, points)?;
    let mut inputs = inputs.clone();
    for candidate in inputs.candidates.iter_mut().filter(|candidate| candidate.application_id == application) {
        candidate.exceptions.retain(|known| exceptions.iter().all(|granted| granted.rule != known.rule));
        candidate.exceptions.extend_from_slice(exceptions);
        candidate.manual_points.retain(|known| points.iter().all(|given| given.criterion != known.criterion));
        candidate.manual_points.extend_from_slice(points);
        candidate.manual_points.sort_unstable_by(|left, right| left.criterion.cmp(&right.criterion));
    }
    Ok(inputs)
}

fn check(inputs: &RankingInputs, exceptions: &[Exception], points: &[GivenPoints]) -> Result<(), CorrectionError> {
    for (place, exception) in exceptions.iter().enumerate() {
        let overridable = |rule| inputs.conditions.iter().any(|one| one.rule == rule && one.severity == Severity::Overridable);
        if !overridable(exception.rule) || exceptions[..place].iter().any(|earlier| earlier.rule == exception.rule) {
            return Err(CorrectionError::NotExceptable(place));
        }
    }
    for (place, given) in points.iter().enumerate() {
        let manual = inputs.rules.criterion(&given.criterion).filter(|criterion| criterion.source == ScoringSource::Manual);
        let repeated = points[..place].iter().any(|earlier| earlier.criterion == given.criterion);
        let Some(criterion) = manual.filter(|_| !repeated) else { return Err(CorrectionError::NotManual(place)) };
        if given.points > criterion.points {
            return Err(CorrectionError::TooManyPoints(place, criterion.points));
        }
    }
    Ok(())
}

/// An exception that excuses nothing in the row is a mistake, as in an assessment.
pub(super) fn unused_exception(row: &RankedRow, exceptions: &[Exception]) -> Option<CorrectionError> {
    let excuses = |exception: &Exception| {
        row.conditions.iter().any(|found| found.rule == exception.rule && found.outcome == FindingOutcome::Excused)
    };
    exceptions.iter().position(|exception| !excuses(exception)).map(CorrectionError::NotExceptable)
}

/// Whether a candidate stands where it stood, with the same points.
pub(super) fn stands_as_before(before: &RankedRow, found: &RankedRow) -> bool {
    (before.list, before.rank, before.points) == (found.list, found.rank, found.points)
}

/// Whether a candidate stands lower than before: on a worse list, further back in the order, or in the same place with fewer points.
pub(super) fn is_lowered(before: &RankedRow, found: &RankedRow) -> bool {
    // Whoever is not ranked stands behind all who are. Lists are ordered from the best.
    let place = |row: &RankedRow| (row.list, row.rank.unwrap_or(i32::MAX), Reverse(row.points));
    place(found) > place(before)
}
