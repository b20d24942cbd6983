//! The rules of admission: who may get a place, from when to when.

use super::participations::Seated;
use crate::platform::types::{Day, MonthsAndDays, Period};
use crate::programmes::facts::{PlanRevision, plan_on};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Breach {
    #[error("all {places} places are taken on {day}")]
    NoFreeSeat { day: Day, places: i32, taken: i32 },
    #[error("the regime asks for an assessment of eligibility that is still current")]
    NotAssessed,
    #[error("more than {limit_months} months in total")]
    CumulativeLimit { already: MonthsAndDays, this: MonthsAndDays, limit_months: u32 },
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
    /// A place from this day on, directly or from the reserve list.
    From(Day),
}

/// Whether an application gives a claim to a place on the first day.
pub(super) fn check_claim(claim: Claim, starts_on: Day) -> Result<(), AdmissionError> {
    match claim {
        Claim::From(day) if day <= starts_on => Ok(()),
        Claim::From(_) | Claim::None => Err(AdmissionError::NotSelected),
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

/// The first day on which a further participation would take more than the planned places.
///
/// `taken` are the days of the edition's participations: until their end, or
/// their planned end while they run. Without a plan there is nothing to exceed.
pub(super) fn capacity_breach(wanted: Period, taken: &[Period], plan: &[PlanRevision]) -> Option<Breach> {
    // Places get scarcer only where somebody starts or a revision takes effect, so no other day can be the first full one.
    let mut days: Vec<Day> = taken
        .iter()
        .map(|stay| stay.from())
        .chain(plan.iter().map(|revision| revision.effective_on))
        .filter(|day| wanted.contains(*day))
        .chain([wanted.from()])
        .collect();
    days.sort_unstable();
    days.dedup();
    days.into_iter().find_map(|day| {
        let places = plan_on(plan, day)?.places;
        let taken = i32::try_from(taken.iter().filter(|stay| stay.contains(day)).count()).unwrap_or(i32::MAX);
        (taken >= places).then_some(Breach::NoFreeSeat { day, places, taken })
    })
}

/// Whether all participations of a person in the group, with the wanted one, exceed the limit.
///
/// **Units**: whole calendar months per participation, leftover days as thirtieths of a month; exactly the limit is allowed.
/// **Source**: art. 62b(2)(1) of the Act of 20 April 2004, for regimes of that law.
pub(super) fn cumulative_breach(wanted: Period, earlier: &[Period], limit_months: Option<u32>) -> Option<Breach> {
    let limit_months = limit_months?;
    let already: MonthsAndDays = earlier.iter().map(|period| period.calendar_months()).sum();
    let this = wanted.calendar_months();
    already.plus(this).exceeds(limit_months).then_some(Breach::CumulativeLimit { already, this, limit_months })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn period(from: &str, to: &str) -> Period {
        Period::new(day(from), day(to)).expect("in order")
    }

    fn revision(number: i32, effective_on: Day, places: i32) -> PlanRevision {
        PlanRevision { number, effective_on, places, planned_cost: None }
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
        for (claim, allowed) in
            [(Claim::None, false), (Claim::From(day("2020-10-15")), true), (Claim::From(day("2020-10-16")), false)]
        {
            assert_eq!(check_claim(claim, day("2020-10-15")).is_ok(), allowed, "{claim:?}");
        }
    }

    #[test]
    fn the_first_full_day_is_named() {
        let start = day("2020-10-15");
        let wanted = period("2020-10-20", "2020-12-14");
        let nobody = period("2020-10-15", "2020-10-19");
        let late = period("2020-11-23", "2020-12-14");
        for (taken, plan, full) in [
            (vec![], vec![revision(1, start, 1)], None),
            (vec![], vec![revision(1, start, 0)], Some(("2020-10-20", 0, 0))),
            (vec![nobody], vec![revision(1, start, 1)], None),
            (vec![nobody, late], vec![revision(1, start, 1)], Some(("2020-11-23", 1, 1))),
            (vec![late], vec![revision(1, start, 1), revision(2, day("2020-11-23"), 2)], None),
            (vec![], vec![revision(1, start, 1), revision(2, day("2020-12-01"), 0)], Some(("2020-12-01", 0, 0))),
            (vec![late, late], vec![revision(1, start, 1)], Some(("2020-11-23", 1, 2))),
            (vec![late], vec![], None),
        ] {
            let expected = full.map(|(on, places, taken)| Breach::NoFreeSeat { day: day(on), places, taken });
            assert_eq!(capacity_breach(wanted, &taken, &plan), expected, "{taken:?} {plan:?}");
        }
    }

    #[test]
    fn three_editions_of_two_months_are_allowed_and_a_fourth_is_not() {
        let editions = [
            period("2015-05-01", "2015-06-30"),
            period("2015-07-28", "2015-09-27"),
            period("2016-01-01", "2016-02-29"),
            period("2016-05-01", "2016-06-30"),
        ];
        assert_eq!(cumulative_breach(editions[2], &editions[..2], Some(6)), None);
        assert_eq!(cumulative_breach(editions[3], &editions[..3], None), None);
        assert_eq!(
            cumulative_breach(editions[3], &editions[..3], Some(6)),
            Some(Breach::CumulativeLimit {
                already: MonthsAndDays { months: 6, days: 0 },
                this: MonthsAndDays { months: 2, days: 0 },
                limit_months: 6
            })
        );
    }

    fn stay() -> impl Strategy<Value = Period> {
        (0..60_u32, 0..60_u32).prop_map(|(from, length)| {
            let from = day("2020-10-01").plus_days(from).expect("in range");
            Period::new(from, from.plus_days(length).expect("in range")).expect("in order")
        })
    }

    fn plan() -> impl Strategy<Value = Vec<PlanRevision>> {
        prop::collection::vec((0..120_u32, 0..6_i32), 0..4).prop_map(|revisions| {
            (1..)
                .zip(revisions)
                .map(|(number, (offset, places))| {
                    revision(number, day("2020-10-01").plus_days(offset).expect("in range"), places)
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn looking_at_every_day_finds_the_same_first_full_day(
            wanted in stay(), taken in prop::collection::vec(stay(), 0..8), plan in plan(),
        ) {
            let expected = (0..).map_while(|offset| wanted.from().plus_days(offset).ok().filter(|day| wanted.contains(*day)))
                .find_map(|day| {
                    let places = plan_on(&plan, day)?.places;
                    let taken = i32::try_from(taken.iter().filter(|stay| stay.contains(day)).count()).expect("few");
                    (taken >= places).then_some(Breach::NoFreeSeat { day, places, taken })
                });
            prop_assert_eq!(capacity_breach(wanted, &taken, &plan), expected);
        }

        #[test]
        fn admitting_without_a_breach_never_takes_more_than_the_places(stays in prop::collection::vec(stay(), 0..12), places in 0..4_i32) {
            let plan = [revision(1, day("2020-10-01"), places)];
            let mut taken: Vec<Period> = Vec::new();
            for wanted in stays {
                if capacity_breach(wanted, &taken, &plan).is_none() {
                    taken.push(wanted);
                }
            }
            for offset in 0..120 {
                let day = day("2020-10-01").plus_days(offset).expect("in range");
                let present = i32::try_from(taken.iter().filter(|stay| stay.contains(day)).count()).expect("few");
                prop_assert!(present <= places);
            }
        }
    }
}
