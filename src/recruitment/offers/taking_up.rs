//! How an admission takes an offer up, and what an offer keeps others from.

use std::collections::HashSet;

use diesel::prelude::*;
use uuid::Uuid;

use super::answers::accept;
use super::offer::{OfferState, OfferView, offers_of, read_offer};
use crate::platform::db::{Tx, own};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::Day;
use crate::recruitment::decisions::Decision;
use crate::recruitment::{HAS_OFFER, NO_OFFER, OFFER_UNANSWERED};
use crate::schema::offers;

/// Application of an offer that the body names.
///
/// # Errors
/// `platform.reference_not_found` at `/offerId`.
pub fn find_offered_application(tx: &mut Tx, offer: Uuid) -> Result<Uuid, Problem> {
    match read_offer(tx, offer) {
        Ok(offer) => Ok(offer.application_id),
        Err(problem) if problem.code() == catalogue::NOT_FOUND.code => Err(catalogue::REFERENCE_NOT_FOUND.at("/offerId")),
        Err(problem) => Err(problem),
    }
}

/// An offer that an admission takes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenOffer {
    /// The offer.
    pub id: Uuid,
    /// Participation whose end freed the seat, through however many offers it went since.
    pub freed_by: Option<Uuid>,
}

/// Whose end freed the seat of an offer, by the offers of its edition; nobody's where the plan or an application freed it.
fn freed_by(of_edition: &[OfferView], offer: &OfferView) -> Option<Uuid> {
    let chain = std::iter::successors(Some(offer), |later| of_edition.iter().find(|one| Some(one.id) == later.freed_by_offer_id));
    // An offer follows an earlier one, so no chain is longer than the list.
    chain.take(of_edition.len()).find_map(|offer| offer.freed_by_participation_id)
}

/// The offer that an admission takes up, accepted on `accepted_on` where it is still open.
///
/// An admission without an offer takes none; one that names an offer, or says
/// when it was accepted, must find it. The caller holds the lock of the edition.
///
/// # Errors
/// `recruitment.no_offer`, `recruitment.offer_unanswered`, `recruitment.offer_expired`.
pub fn take_up(
    tx: &mut Tx,
    edition: Uuid,
    application: Option<Uuid>,
    named: Option<Uuid>,
    accepted_on: Option<Day>,
) -> Result<Option<TakenOffer>, Problem> {
    let of_edition = offers_of(tx, edition)?;
    let live = of_edition.iter().find(|offer| Some(offer.application_id) == application && offer.is_live());
    let Some(offer) = live else {
        return match (named, accepted_on) {
            (None, None) => Ok(None),
            (Some(_), _) => Err(NO_OFFER.at("/offerId")),
            (None, Some(_)) => Err(NO_OFFER.at("/acceptedOn")),
        };
    };
    if named.is_some_and(|named| named != offer.id) {
        return Err(NO_OFFER.at("/offerId"));
    }
    match (offer.state, accepted_on) {
        (OfferState::Open, Some(day)) => accept(tx, offer, day, "/acceptedOn")?,
        (OfferState::Open, None) => return Err(OFFER_UNANSWERED.at("/acceptedOn").with("offerId", offer.id.to_string())),
        (_, None) => {}
        (_, Some(_)) => return Err(NO_OFFER.at("/acceptedOn")),
    }
    Ok(Some(TakenOffer { id: offer.id, freed_by: freed_by(&of_edition, offer) }))
}

/// Notes the participation that took the seat of an offer.
///
/// # Errors
/// When the store fails.
pub fn mark_taken(tx: &mut Tx, offer: Uuid, participation: Uuid) -> Result<(), Problem> {
    diesel::update(offers::table.filter(own(tx, offers::tenant_id)).filter(offers::id.eq(offer)))
        .set(offers::participation_id.eq(participation))
        .execute(tx.conn)?;
    tx.touch_too([offer]);
    Ok(())
}

/// Whoever has an offer stays on the reserve list until it is answered or taken back.
///
/// # Errors
/// `recruitment.has_offer`.
pub(in crate::recruitment) fn refuse_with_offer(
    tx: &mut Tx,
    edition: Uuid,
    decided: impl IntoIterator<Item = (Uuid, Decision)>,
) -> Result<(), Problem> {
    let leaving: HashSet<Uuid> =
        decided.into_iter().filter(|(_, decision)| *decision != Decision::Reserve).map(|(application, _)| application).collect();
    if leaving.is_empty() {
        return Ok(());
    }
    let has_offer = |offer: &&OfferView| offer.is_live() && leaving.contains(&offer.application_id);
    match offers_of(tx, edition)?.iter().find(has_offer) {
        Some(offer) => Err(HAS_OFFER.problem().with("offerId", offer.id.to_string())),
        None => Ok(()),
    }
}
