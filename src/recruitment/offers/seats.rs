//! What an edition's places are taken by or promised to.

use diesel::dsl::exists;
use diesel::prelude::*;
use uuid::Uuid;

use super::grounds::SeatCount;
use super::offer::{OfferState, OfferView, offers_as_of};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{Day, Period};
use crate::programmes::facts::{EditionFacts, PlanRevision, plan_on};
use crate::programmes::places::scarcest_day;
use crate::recruitment::ApplicationState;
use crate::recruitment::applications::placed;
use crate::schema::{applications, offers, participations};

/// The days for which places are taken or promised, by what takes them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seats {
    /// By participations: until their end, or their planned end.
    pub occupied: Vec<Period>,
    /// By live offers.
    pub offered: Vec<Period>,
    /// By candidates who were selected and are not admitted yet.
    pub awaiting: Vec<Period>,
}

impl Seats {
    /// Takes so many offers of the same days out of the count.
    pub(super) fn release(&mut self, days: Period, mut so_many: usize) {
        self.offered.retain(|offered| {
            let released = so_many > 0 && *offered == days;
            so_many -= usize::from(released);
            !released
        });
    }

    /// The arithmetic on the day of `wanted` on which places are scarcest; none without a plan.
    pub(super) fn count(&self, edition: &EditionFacts, wanted: Period) -> Option<SeatCount> {
        self.count_by(&edition.plan, wanted)
    }

    fn count_by(&self, plan: &[PlanRevision], wanted: Period) -> Option<SeatCount> {
        let scarcest = scarcest_day(wanted, &self.all(), plan)?;
        let on_day =
            |stays: &[Period]| i32::try_from(stays.iter().filter(|stay| stay.contains(scarcest.day)).count()).unwrap_or(i32::MAX);
        Some(SeatCount {
            day: scarcest.day,
            places: scarcest.places,
            occupied: on_day(&self.occupied),
            offered: on_day(&self.offered),
            awaiting: on_day(&self.awaiting),
        })
    }

    pub(super) fn all(&self) -> Vec<Period> {
        [&self.occupied[..], &self.offered, &self.awaiting].concat()
    }
}

/// Counts the seats of an edition whose lock the caller holds, or reads them as they are.
pub(super) fn count_seats(tx: &mut Tx, edition: &EditionFacts, of_edition: &[OfferView]) -> Result<Seats, Problem> {
    let live = of_edition.iter().filter(|offer| offer.is_live());
    Ok(Seats {
        occupied: occupied(tx, edition.id)?,
        offered: live.filter_map(|offer| edition.seat_from(offer.seat_from)).collect(),
        awaiting: awaiting(tx, edition)?.into_iter().map(|awaited| awaited.days).collect(),
    })
}

/// The days of the participations of an edition.
pub(super) fn occupied(tx: &mut Tx, edition: Uuid) -> Result<Vec<Period>, Problem> {
    let stays: Vec<(Day, Day, Option<Day>)> = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::edition_id.eq(edition))
        .select((participations::starts_on, participations::planned_end_on, participations::ended_on))
        .load(tx.conn)?;
    Ok(stays.into_iter().filter_map(|(from, planned, ended)| Period::new(from, ended.unwrap_or(planned)).ok()).collect())
}

/// Somebody who was selected and is not admitted yet, and the days for which a seat is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Awaiting {
    /// Application.
    pub application: Uuid,
    /// From the day of the decision to the end of the edition.
    pub days: Period,
}

/// Who was selected and is not admitted yet: a decision for a place is a promise from its day on, though it has no seat yet.
///
/// # Errors
/// When the store fails.
pub fn awaiting(tx: &mut Tx, edition: &EditionFacts) -> Result<Vec<Awaiting>, Problem> {
    let promised = exists(
        offers::table
            .filter(offers::tenant_id.eq(applications::tenant_id))
            .filter(offers::application_id.eq(applications::id))
            .filter(offers::state.eq(OfferState::Open).or(offers::state.eq(OfferState::Accepted))),
    );
    let decided: Vec<(Uuid, Option<Day>)> = applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::edition_id.eq(edition.id))
        .filter(applications::state.eq(ApplicationState::Selected))
        .filter(diesel::dsl::not(placed()))
        .filter(diesel::dsl::not(promised))
        .order(applications::id)
        .select((applications::id, applications::decided_on))
        .load(tx.conn)?;
    let kept =
        |(application, decided_on): (Uuid, Option<Day>)| Some(Awaiting { application, days: edition.seat_from(decided_on?)? });
    Ok(decided.into_iter().filter_map(kept).collect())
}

/// The arithmetic of the seats of an edition from a day on, by the plan of that day alone; none where the edition is over.
///
/// What the plan comes to be later says nothing of the places that there are to be given on the day.
///
/// # Errors
/// When the store fails.
pub(in crate::recruitment) fn seats_by_plan_of(
    tx: &mut Tx,
    edition: &EditionFacts,
    on: Day,
) -> Result<Option<SeatCount>, Problem> {
    let (Some(days), Some(of_day)) = (edition.seat_from(on), plan_on(&edition.plan, on)) else { return Ok(None) };
    let of_day = [PlanRevision { number: 1, ..of_day.clone() }];
    let of_edition = offers_as_of(tx, edition.id, on)?;
    Ok(count_seats(tx, edition, &of_edition)?.count_by(&of_day, days))
}

/// A seat that is promised by an offer which is open, or accepted and not taken up yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promised {
    /// Application.
    pub application: Uuid,
    /// From the first day of the seat to the end of the edition.
    pub days: Period,
}

/// The seats of an edition that are promised by offers, as they stand on a day.
///
/// # Errors
/// When the store fails.
pub fn promised(tx: &mut Tx, edition: &EditionFacts, on: Day) -> Result<Vec<Promised>, Problem> {
    let live = offers_as_of(tx, edition.id, on)?.into_iter().filter(OfferView::is_live);
    let promise =
        |offer: OfferView| Some(Promised { application: offer.application_id, days: edition.seat_from(offer.seat_from)? });
    Ok(live.filter_map(promise).collect())
}
