//! Offers of a seat that turns out not to be free.

use std::collections::HashSet;

use uuid::Uuid;

use super::offer::{Lapse, OfferState, OfferView, OfferWithdrawalReason, expire_overdue, lapse, offers_of};
use crate::platform::db::Tx;
use crate::platform::problem::Problem;
use crate::platform::types::Day;
use crate::programmes::facts::EditionFacts;

/// Takes back as a mistake what was offered because a participation had ended, and nobody has accepted yet: the candidates
/// keep their turn. An offer that was accepted stays, and so does its promise.
///
/// The caller holds the lock of the edition.
///
/// # Errors
/// When the store fails.
pub fn take_back_offers(tx: &mut Tx, edition: &EditionFacts, participation: Uuid, on: Day) -> Result<(), Problem> {
    let standing = expire_overdue(tx, edition.id, on)?.standing;
    let of_seat = of_the_seat(&standing, participation);
    for offer in standing.iter().filter(|offer| offer.state == OfferState::Open && of_seat.contains(&offer.id)) {
        tx.touch_too([offer.id, offer.application_id]);
        lapse(tx, offer, Lapse::Withdrawn { on: on.max(offer.offered_on), reason: OfferWithdrawalReason::Mistake, note: None })?;
    }
    Ok(())
}

/// An offer that somebody has accepted.
#[derive(Debug, Clone, Copy)]
pub struct AcceptedOffer {
    /// The offer.
    pub id: Uuid,
    /// Participation that took the seat, once there is one.
    pub taken_by: Option<Uuid>,
}

/// The offer of the seat that a participation left which somebody has accepted, through however many offers it went before.
///
/// # Errors
/// When the store fails.
pub fn accepted_offer(tx: &mut Tx, edition: Uuid, participation: Uuid) -> Result<Option<AcceptedOffer>, Problem> {
    let standing = offers_of(tx, edition)?;
    let of_seat = of_the_seat(&standing, participation);
    let accepted = standing.iter().find(|offer| offer.state == OfferState::Accepted && of_seat.contains(&offer.id));
    Ok(accepted.map(|offer| AcceptedOffer { id: offer.id, taken_by: offer.participation_id }))
}

/// The offers of the seat that a participation left: the first, and each that followed from one that came to nothing.
fn of_the_seat(standing: &[OfferView], participation: Uuid) -> HashSet<Uuid> {
    let mut found: HashSet<Uuid> = HashSet::new();
    // They are in the order in which they were made.
    for offer in standing {
        let follows = offer.freed_by_offer_id.is_some_and(|earlier| found.contains(&earlier));
        if offer.freed_by_participation_id == Some(participation) || follows {
            found.insert(offer.id);
        }
    }
    found
}
