//! How an admission takes an offer up, and what an offer keeps others from.

use std::collections::HashSet;

use diesel::prelude::*;
use uuid::Uuid;

use super::answers::accept;
use super::offer::{OfferState, OfferView, expire_of_others, expire_overdue, read_offer};
use crate::platform::db::{Tx, own};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::Day;
use crate::programmes::facts::EditionFacts;
use crate::recruitment::decisions::Decision;
use crate::recruitment::{BEFORE_OFFER, HAS_OFFER, NO_OFFER, OFFER_UNANSWERED};
use crate::schema::{applications, offers};

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

/// What an admission says of an offer.
#[derive(Debug, Clone, Copy)]
pub struct Claimed {
    /// The offer, where it is named.
    pub offer: Option<Uuid>,
    /// Day on which it was accepted, where it is still open.
    pub accepted_on: Option<Day>,
    /// First day of the participation.
    pub starts_on: Day,
    /// Where the body holds that day.
    pub start_pointer: &'static str,
}

/// The offer that an admission takes up, accepted on `accepted_on` where it is still open.
///
/// An admission without an offer takes none; one that names an offer, or says
/// when it was accepted, must find it. Nobody takes part before the seat was
/// offered and accepted. Offers that were not answered by the first day expire;
/// one whose answer is only now recorded does not. The caller holds the lock of the edition.
///
/// # Errors
/// `recruitment.no_offer`, `recruitment.offer_unanswered`, `recruitment.offer_expired`, `recruitment.before_offer`.
pub fn take_up(
    tx: &mut Tx,
    edition: &EditionFacts,
    application: Option<Uuid>,
    claimed: Claimed,
) -> Result<Option<TakenOffer>, Problem> {
    let Claimed { offer: named, accepted_on, starts_on, start_pointer } = claimed;
    let meant = application.filter(|_| named.is_some() || accepted_on.is_some());
    let of_edition = expire_of_others(tx, edition.id, starts_on, meant)?.standing;
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
        (OfferState::Open, Some(day)) => accept(tx, edition, offer, day, "/acceptedOn")?,
        (OfferState::Open, None) => return Err(OFFER_UNANSWERED.at("/acceptedOn").with("offerId", offer.id.to_string())),
        (_, None) => {}
        (_, Some(_)) => return Err(NO_OFFER.at("/acceptedOn")),
    }
    let earliest = accepted_on.or(offer.answered_on).map_or(offer.seat_from, |accepted| accepted.max(offer.seat_from));
    if starts_on < earliest {
        return Err(BEFORE_OFFER.at(start_pointer).with("earliest", earliest.to_string()));
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

/// Whoever has an offer stays on the reserve list until it is answered, taken back or, by the day of the decision, expired.
///
/// # Errors
/// `recruitment.has_offer`.
pub(in crate::recruitment) fn refuse_with_offer(
    tx: &mut Tx,
    (edition, on): (Uuid, Day),
    decided: impl IntoIterator<Item = (Uuid, Decision)>,
) -> Result<(), Problem> {
    let leaving: HashSet<Uuid> =
        decided.into_iter().filter(|(_, decision)| *decision != Decision::Reserve).map(|(application, _)| application).collect();
    if leaving.is_empty() {
        return Ok(());
    }
    let has_offer = |offer: &&OfferView| offer.is_live() && leaving.contains(&offer.application_id);
    match expire_overdue(tx, edition, on)?.standing.iter().find(has_offer) {
        Some(offer) => Err(HAS_OFFER.problem().with("offerId", offer.id.to_string())),
        None => Ok(()),
    }
}

/// A seat that is promised to somebody by an offer that is open, or accepted and not taken up yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct LiveOffer {
    /// The offer.
    pub id: Uuid,
    /// Application of the candidate.
    pub application: Uuid,
    /// Edition.
    pub edition: Uuid,
    /// First day of the seat.
    pub seat_from: Day,
}

/// The seats that are promised to somebody, in whatever edition.
///
/// # Errors
/// When the store fails.
pub fn live_offers_of(tx: &mut Tx, person: Uuid) -> Result<Vec<LiveOffer>, Problem> {
    let of = applications::tenant_id.eq(offers::tenant_id).and(applications::id.eq(offers::application_id));
    let awaits_admission = offers::state.eq(OfferState::Accepted).and(offers::participation_id.is_null());
    Ok(offers::table
        .inner_join(applications::table.on(of))
        .filter(own(tx, offers::tenant_id))
        .filter(applications::person_id.eq(person))
        .filter(offers::state.eq(OfferState::Open).or(awaits_admission))
        .order(offers::id)
        .select((offers::id, offers::application_id, offers::edition_id, offers::seat_from_on))
        .load(tx.conn)?)
}
