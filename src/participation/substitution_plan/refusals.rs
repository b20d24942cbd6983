//! By which rules a substitution would refuse a candidate: those of admission, asked of many at once.

use std::collections::HashSet;

use uuid::Uuid;

use crate::participation::admission::{
    AdmissionError, Breach, Claim, EditionDates, check_claim, check_dates, check_overlap, check_seat,
};
use crate::participation::participations::{ParticipationState, ParticipationView, Seated, list_stays_in_edition};
use crate::participation::seat_rule::{Claimant, TakenSeats};
use crate::participation::{EDITION_CLOSED, NOT_SELECTED, OUTSIDE_EDITION, OVERLAP, SEAT_OUTSIDE_PLAN, SEAT_TAKEN};
use crate::platform::db::Tx;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{Day, Period};
use crate::programmes::cumulation::{limit_of, too_long};
use crate::programmes::facts::EditionFacts;
use crate::recruitment::offers::{Entry, Waiting};
use crate::recruitment::{BEFORE_OFFER, Lacking, who_rests_on_assessment};

/// What the rules of admission ask of the edition, read once for all candidates.
pub(super) struct Refusals<'e> {
    edition: &'e EditionFacts,
    days: Period,
    /// The latest day on which an open offer can be accepted before the substitution, as things stand.
    answered_by: Day,
    of_edition: EditionDates,
    seats: TakenSeats,
    /// Whether somebody else has the numbered place on one of the days.
    seat_taken: Option<AdmissionError>,
    /// Whose decisions rest on a current assessment; nothing where none is asked for.
    assessed: Option<HashSet<Uuid>>,
}

impl<'e> Refusals<'e> {
    /// Reads it for the days after a participant has left.
    pub(super) fn read(
        tx: &mut Tx,
        edition: &'e EditionFacts,
        leaving: &ParticipationView,
        days: Period,
        waiting: &[Waiting],
    ) -> Result<Self, Problem> {
        let of_edition =
            edition.period().ok_or_else(|| catalogue::INTERNAL.problem().because("edition ends before it starts"))?;
        let others = without(leaving, list_stays_in_edition(tx, edition.id, days)?);
        let assessed = if edition.regime.admission_on_assessment {
            let asked: Vec<(Uuid, Uuid)> =
                waiting.iter().map(|waiting| (waiting.entry.application, waiting.entry.person)).collect();
            Some(who_rests_on_assessment(tx, &asked, days.from())?)
        } else {
            None
        };
        Ok(Self {
            edition,
            days,
            answered_by: Day::try_from(tx.today()).map_or(days.from(), |today| today.min(days.from())),
            of_edition: EditionDates { days: of_edition, closed_on: edition.closed_on },
            seats: TakenSeats::read(tx, edition, &others, days.from())?,
            seat_taken: leaving.seat.and_then(|seat| check_seat(seat, &others, &[]).err()),
            assessed,
        })
    }

    /// Codes of the rules that a candidate would break, hard ones first.
    pub(super) fn of(&self, entry: &Entry) -> Vec<&'static str> {
        let of_group = entry.days_of_group(self.edition.regime.cumulative_group.as_ref());
        let hard = [
            check_claim(entry.decided_on.map_or(Claim::None, Claim::Reserve), self.days.from()).err(),
            check_dates(self.days, self.of_edition).err(),
            check_overlap(self.days, &of_group).err(),
            self.seat_taken,
        ];
        let too_early = entry.earliest_by_offer().is_some_and(|earliest| self.days.from() < earliest);
        let lacks_assessment = self.assessed.as_ref().is_some_and(|assessed| !assessed.contains(&entry.application));
        let claimant = Claimant { application: Some(entry.application), has_seat: entry.live_offer().is_some() };
        let soft = [
            too_long(self.days, &of_group, limit_of(&self.edition.regime)).map(Breach::CumulativeLimit),
            // Which of the two is lacking makes no other rule of it.
            lacks_assessment.then_some(Breach::NotAssessed(Lacking::NotAssessed)),
            self.seats.breach(&self.edition.plan, claimant, self.days),
        ];
        let unacceptable = entry.unacceptable_by(self.edition, self.answered_by);
        let hard = hard.into_iter().flatten().map(code_of).chain(unacceptable).chain(too_early.then_some(BEFORE_OFFER.code));
        hard.chain(soft.into_iter().flatten().map(|breach| Problem::from(breach).code())).collect()
    }
}

/// The stays of an edition without that of the leaving participant, who has left by then.
fn without(leaving: &ParticipationView, mut stays: Vec<Seated>) -> Vec<Seated> {
    let own = Period::new(leaving.starts_on, leaving.planned_end_on).ok().filter(|_| leaving.state == ParticipationState::Active);
    if let Some(place) = stays.iter().position(|(seat, days)| *seat == leaving.seat && Some(*days) == own) {
        stays.swap_remove(place);
    }
    stays
}

/// The code under which a hard rule refuses.
fn code_of(error: AdmissionError) -> &'static str {
    match error {
        AdmissionError::OutsideEdition(_) => OUTSIDE_EDITION.code,
        AdmissionError::EditionClosed(_) => EDITION_CLOSED.code,
        AdmissionError::NotSelected => NOT_SELECTED.code,
        AdmissionError::Overlap => OVERLAP.code,
        AdmissionError::SeatTaken => SEAT_TAKEN.code,
        AdmissionError::NoSuchSeat(_) => SEAT_OUTSIDE_PLAN.code,
    }
}
