//! Whether a seat is left for somebody: the one rule of admissions, substitutions and prolongations, and of the plans for them.
//!
//! First come those who take part, then those who were offered a seat, then those who were selected and not admitted yet.

use uuid::Uuid;

use super::admission::Breach;
use super::participations::Seated;
use crate::platform::db::Tx;
use crate::platform::problem::Problem;
use crate::platform::types::{Day, Period};
use crate::programmes::facts::{EditionFacts, PlanRevision};
use crate::programmes::places::first_full_day;
use crate::recruitment::offers::{Awaiting, Promised, awaiting, promised};

/// Who asks for a seat.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claimant {
    /// The application, whose own offer keeps nobody from the seat.
    pub application: Option<Uuid>,
    /// Whether a seat was promised, by a decision or an offer: then others who were selected do not go before.
    pub has_seat: bool,
}

/// What takes the seats of an edition, or keeps them for somebody.
#[derive(Debug, Clone, Default)]
pub(super) struct TakenSeats {
    /// By participations.
    pub occupied: Vec<Period>,
    /// By live offers.
    pub promised: Vec<Promised>,
    /// By decisions for a place that nobody has taken up yet.
    pub awaiting: Vec<Awaiting>,
}

impl TakenSeats {
    /// Reads what takes the seats beside the participations, as it stands on a day.
    pub(super) fn read(tx: &mut Tx, edition: &EditionFacts, others: &[Seated], on: Day) -> Result<Self, Problem> {
        Ok(Self {
            occupied: others.iter().map(|(_, days)| *days).collect(),
            promised: promised(tx, edition, on)?,
            awaiting: awaiting(tx, edition)?,
        })
    }

    /// Whether somebody else has, or was promised, every place on one of the days.
    pub(super) fn breach(&self, plan: &[PlanRevision], claimant: Claimant, wanted: Period) -> Option<Breach> {
        let mut taken = self.occupied.clone();
        if let Some(full) = first_full_day(wanted, &taken, plan) {
            return Some(Breach::NoFreeSeat(full));
        }
        let to_others = self.promised.iter().filter(|promise| Some(promise.application) != claimant.application);
        taken.extend(to_others.map(|promise| promise.days));
        if let Some(full) = first_full_day(wanted, &taken, plan) {
            return Some(Breach::SeatOffered(full));
        }
        if claimant.has_seat {
            return None;
        }
        taken.extend(self.awaiting.iter().map(|awaiting| awaiting.days));
        first_full_day(wanted, &taken, plan).map(|full| {
            let kept = self.awaiting.iter().filter(|awaiting| awaiting.days.contains(full.day));
            Breach::SeatKept(full, kept.map(|awaiting| awaiting.application).collect())
        })
    }
}

/// As [`TakenSeats::breach`], of the seats as they stand on the first of the days.
pub(super) fn seat_breach(
    tx: &mut Tx,
    edition: &EditionFacts,
    claimant: Claimant,
    (wanted, others): (Period, &[Seated]),
) -> Result<Option<Breach>, Problem> {
    Ok(TakenSeats::read(tx, edition, others, wanted.from())?.breach(&edition.plan, claimant, wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: &str, to: &str) -> Period {
        Period::new(from.parse().expect("a day"), to.parse().expect("a day")).expect("in order")
    }

    fn code(breach: Option<Breach>) -> Option<&'static str> {
        breach.map(|breach| Problem::from(breach).definition.code)
    }

    #[test]
    fn who_takes_part_goes_before_who_was_offered_a_seat_and_both_before_who_was_selected() {
        let days = period("2020-11-02", "2020-12-31");
        let [own, other] = [1, 2].map(Uuid::from_u128);
        let plan = [PlanRevision { id: None, number: 1, effective_on: days.from(), places: 2, planned_cost: None }];
        let taken = |occupied: usize, promised: &[Uuid], awaiting: &[Uuid]| TakenSeats {
            occupied: vec![days; occupied],
            promised: promised.iter().map(|application| Promised { application: *application, days }).collect(),
            awaiting: awaiting.iter().map(|application| Awaiting { application: *application, days }).collect(),
        };
        for (seats, has_seat, expected) in [
            (taken(1, &[], &[]), false, None),
            (taken(2, &[], &[]), true, Some("participation.no_free_seat")),
            (taken(1, &[other], &[]), false, Some("participation.seat_offered")),
            (taken(1, &[other], &[]), true, Some("participation.seat_offered")),
            (taken(1, &[own], &[]), true, None),
            (taken(1, &[], &[other]), false, Some("participation.seat_kept")),
            (taken(1, &[], &[other]), true, None),
        ] {
            let claimant = Claimant { application: Some(own), has_seat };
            assert_eq!(code(seats.breach(&plan, claimant, days)), expected, "{seats:?} {has_seat}");
        }
    }
}
