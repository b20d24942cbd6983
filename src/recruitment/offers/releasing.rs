//! What an act sets free: seats that were taken or promised, and places that the plan did not have.
//!
//! A seat is offered from the first day from which, to the end of the edition, one more is free than before the act. That may
//! be later than the day of the act: until then the plan has fewer places, or somebody else has the seat.

use std::collections::HashSet;

use uuid::Uuid;

use super::causes::Freed;
use super::making::{Vacancy, offer_seats};
use super::offer::{OfferCause, OfferState, OfferView, expire_overdue};
use super::seats::count_seats;
use crate::platform::db::Tx;
use crate::platform::problem::Problem;
use crate::platform::types::{Day, Period};
use crate::programmes::facts::{EditionFacts, PlanRevision};
use crate::programmes::places::{Occupancy, set_free};

/// What an act has set free.
pub(super) struct Release<'p> {
    /// The plan before it.
    pub plan: &'p [PlanRevision],
    /// Days of the seats that somebody had, or was promised, before it.
    pub seats: Vec<Period>,
    /// What freed them, as many as there are.
    pub freed: Vec<Freed>,
    /// First day for which a seat is offered.
    pub from: Day,
    /// Day of the offers.
    pub offered_on: Day,
}

/// Offers what an act has set free to the next candidates, as far as somebody waits; the caller holds the lock of the edition.
///
/// What was not answered in time expires first. Where the edition offers by itself, the seats of expired offers that nothing
/// has followed go on, too.
pub(super) fn offer_released(tx: &mut Tx, edition: &EditionFacts, release: Release) -> Result<Vec<OfferView>, Problem> {
    let Some(wanted) = edition.seat_from(release.from.max(release.offered_on)) else { return Ok(Vec::new()) };
    let of_edition = expire_overdue(tx, edition.id, release.offered_on)?.standing;
    let expired: Vec<&OfferView> = if edition.automatic_offers { unfollowed(&of_edition) } else { Vec::new() };
    let taken = count_seats(tx, edition, &of_edition)?.all();
    let seats_expired = expired.iter().filter_map(|offer| edition.seat_from(offer.seat_from));
    let held_before: Vec<Period> = taken.iter().copied().chain(release.seats).chain(seats_expired).collect();
    let before = Occupancy { taken: &held_before, plan: release.plan };
    let after = Occupancy { taken: &taken, plan: &edition.plan };
    let by_expiry = expired.iter().map(|offer| Freed::ByOffer(OfferCause::OfferExpired, offer.id));
    let mut freed = release.freed.into_iter().chain(by_expiry);
    let mut made = Vec::new();
    for (seat_from, so_many) in set_free(wanted, before, after) {
        let freed = freed.by_ref().take(so_many).collect();
        let vacancy = Vacancy { seat_from, offered_on: release.offered_on, freed, channel: None, ids: Vec::new() };
        made.extend(offer_seats(tx, edition, vacancy)?);
    }
    Ok(made)
}

/// Offers that expired, and of whose seats none was made since.
fn unfollowed(of_edition: &[OfferView]) -> Vec<&OfferView> {
    let followed: HashSet<Uuid> = of_edition.iter().filter_map(|offer| offer.freed_by_offer_id).collect();
    of_edition.iter().filter(|offer| offer.state == OfferState::Expired && !followed.contains(&offer.id)).collect()
}
