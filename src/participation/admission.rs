//! The rules of admission: who may get a place, from when to when.

use uuid::Uuid;

use super::participations::Seated;
use crate::platform::types::{Day, Period};
use crate::programmes::cumulation::TooLong;
use crate::programmes::facts::PlanRevision;
use crate::programmes::places::DayCount;
use crate::recruitment::Lacking;

/// A hard rule that an admission breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum AdmissionError {
    #[error("a day is outside the edition")]
    OutsideEdition(Outside),
    #[error("the edition is closed from {0} on")]
    EditionClosed(Day),
    #[error("the application gives no claim to a place")]
    NotSelected,
    #[error("the person takes part at that time")]
    Overlap,
    #[error("the place is taken at that time")]
    SeatTaken,
    #[error("the plan has {0} places at most")]
    NoSuchSeat(i32),
}

/// Which end of the participation is outside the edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outside {
    /// The first day.
    Start,
    /// The planned last day.
    PlannedEnd,
}

/// A soft rule that an admission breaks; a worker may override it with a reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Breach {
    #[error("all {} places are taken on {}", .0.places, .0.day)]
    NoFreeSeat(DayCount),
    #[error("the last free seats on {} are offered to others", .0.day)]
    SeatOffered(DayCount),
    #[error("the last free seats on {} are kept for {} candidates who were selected", .0.day, .1.len())]
    SeatKept(DayCount, Vec<Uuid>),
    #[error("the regime asks for an assessment of eligibility that is still current: {0}")]
    NotAssessed(Lacking),
    #[error("the edition selects by ranking, and the person has no application that was decided about")]
    NotRanked,
    #[error("more than {} months in total", .0.limit_months)]
    CumulativeLimit(TooLong),
}

/// The dates of the edition that bound its participations.
#[derive(Debug, Clone, Copy)]
pub(super) struct EditionDates {
    pub days: Period,
    pub closed_on: Option<Day>,
}

/// Whether the days of a participation fit its edition.
///
/// A closed edition takes late entries of what happened before its closing, but nothing that lasts longer.
pub(super) fn check_dates(wanted: Period, edition: EditionDates) -> Result<(), AdmissionError> {
    if !edition.days.contains(wanted.from()) {
        return Err(AdmissionError::OutsideEdition(Outside::Start));
    }
    if !edition.days.contains(wanted.to()) {
        return Err(AdmissionError::OutsideEdition(Outside::PlannedEnd));
    }
    match edition.closed_on {
        Some(closed) if closed < wanted.to() => Err(AdmissionError::EditionClosed(closed)),
        _ => Ok(()),
    }
}

/// What an application gives a claim to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// No place: not decided, rejected or withdrawn.
    None,
    /// A place from this day on, which is kept until the admission.
    Selected(Day),
    /// A place from this day on, where one is left for the reserve list.
    Reserve(Day),
}

/// Whether an application gives a claim to a place on the first day.
pub(super) fn check_claim(claim: Claim, starts_on: Day) -> Result<(), AdmissionError> {
    match claim {
        Claim::Selected(day) | Claim::Reserve(day) if day <= starts_on => Ok(()),
        Claim::Selected(_) | Claim::Reserve(_) | Claim::None => Err(AdmissionError::NotSelected),
    }
}

/// Whether a person's other participations, of the edition or of its group, leave the days free.
pub(super) fn check_overlap(wanted: Period, others: &[Period]) -> Result<(), AdmissionError> {
    if others.iter().any(|other| other.overlaps(wanted)) { Err(AdmissionError::Overlap) } else { Ok(()) }
}

/// Whether nobody else has the place, and the plan knows it at any time.
pub(super) fn check_seat(seat: i32, others: &[Seated], plan: &[PlanRevision]) -> Result<(), AdmissionError> {
    match plan.iter().map(|revision| revision.places).max() {
        Some(most) if seat > most => Err(AdmissionError::NoSuchSeat(most)),
        _ if others.iter().any(|(other, _)| *other == Some(seat)) => Err(AdmissionError::SeatTaken),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn period(from: &str, to: &str) -> Period {
        Period::new(day(from), day(to)).expect("in order")
    }

    #[test]
    fn a_participation_lies_within_its_edition_and_before_its_closing() {
        let days = period("2020-10-15", "2020-12-14");
        for (from, to, closed, expected) in [
            ("2020-10-15", "2020-12-14", None, Ok(())),
            ("2020-10-14", "2020-12-14", None, Err(AdmissionError::OutsideEdition(Outside::Start))),
            ("2020-12-14", "2020-12-14", None, Ok(())),
            ("2020-11-09", "2020-12-15", None, Err(AdmissionError::OutsideEdition(Outside::PlannedEnd))),
            ("2020-10-15", "2020-12-14", Some("2020-12-14"), Ok(())),
            ("2020-10-15", "2020-12-14", Some("2020-12-13"), Err(AdmissionError::EditionClosed(day("2020-12-13")))),
            ("2020-10-15", "2020-11-30", Some("2020-11-30"), Ok(())),
        ] {
            let edition = EditionDates { days, closed_on: closed.map(day) };
            assert_eq!(check_dates(period(from, to), edition), expected, "{from} to {to}, closed {closed:?}");
        }
    }

    #[test]
    fn a_decision_holds_from_its_day_on() {
        let starts_on = day("2020-10-15");
        assert_eq!(check_claim(Claim::None, starts_on), Err(AdmissionError::NotSelected));
        for claim in [Claim::Selected, Claim::Reserve] {
            assert_eq!(check_claim(claim(starts_on), starts_on), Ok(()));
            assert_eq!(check_claim(claim(day("2020-10-16")), starts_on), Err(AdmissionError::NotSelected));
        }
    }
}
