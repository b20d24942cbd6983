//! Answers to an offer, and taking one back; a seat that stays free goes to the next candidate at once.

use actix_web::post;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::causes::Freed;
use super::offer::{Lapse, OfferState, OfferView, OfferWithdrawalReason, RefusalReason, announce, lapse, read_offer};
use super::releasing::{Release, offer_released};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::permit::Permit;
use crate::platform::policy::{AcceptOffer, RefuseOffer, WithdrawOffer};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText};
use crate::programmes::facts::{EditionFacts, before_closing, lock_edition};
use crate::recruitment::steps::no_later_than_today;
use crate::recruitment::{OFFER_CLOSED, OFFER_EXPIRED, OFFER_WITHDRAWAL_REASON, OUT_OF_ORDER};
use crate::schema::offers;

/// The acceptance of an offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "effectiveOn": "2026-06-15" }))]
pub struct AcceptanceBody {
    /// Day of the answer, no later than the last day for it.
    pub effective_on: Day,
}

/// The refusal of an offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "reason": "employed", "effectiveOn": "2026-06-15", "note": "Umowa zlecenia od lipca" }))]
pub struct RefusalBody {
    /// Why the candidate refuses.
    pub reason: RefusalReason,
    /// Day of the answer.
    pub effective_on: Day,
    /// Remarks; no names.
    pub note: Option<LongText>,
}

/// Taking an offer back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "reason": "conditionsLost", "effectiveOn": "2026-06-15" }))]
pub struct OfferWithdrawalBody {
    /// Why: `conditionsLost`, `mistake`, `didNotCome` (after an acceptance) or `other`.
    pub reason: OfferWithdrawalReason,
    /// Day on which it is taken back.
    pub effective_on: Day,
    /// Remarks; no names.
    pub note: Option<LongText>,
}

/// An offer that came to nothing, and the one that followed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LapsedOfferView {
    /// The offer as it is now.
    #[serde(flatten)]
    pub offer: OfferView,
    /// The offer of the same seat to the next candidate; none where nobody waits or the seat is gone.
    pub next_offer_id: Option<Uuid>,
}

impl View for LapsedOfferView {
    fn version(&self) -> Option<i32> {
        self.offer.version()
    }
}

/// Accepts an offer.
///
/// The seat stays promised until the candidate is admitted: by
/// `admit_participant` or `substitute_participant` with `offerId`, which can
/// also accept it in the same call.
#[utoipa::path(tag = "offers", request_body = AcceptanceBody, params(("id" = Uuid, Path, description = "Offer")),
    responses((status = 200, body = OfferView, description = "The offer as it is now")))]
#[post("/offers/{id}/acceptance")]
async fn accept_offer(permit: Permit<AcceptOffer>, id: PathId, body: Body<AcceptanceBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("offer", [id.0]);
            let (edition, offer) = lock_offer(tx, id.0)?;
            tx.expect_version(offer.row_version)?;
            accept(tx, &edition, &offer, body.effective_on, "/effectiveOn")?;
            Ok(Written::changed(read_offer(tx, id.0)?))
        })
        .await
}

/// Refuses an offer; the seat is offered to the next candidate at once.
///
/// Whoever refuses keeps the position on the list, but is passed until a later
/// decision puts the application on the reserve list again.
#[utoipa::path(tag = "offers", request_body = RefusalBody, params(("id" = Uuid, Path, description = "Offer")),
    responses((status = 200, body = LapsedOfferView, description = "The offer as it is now, and the one that follows")))]
#[post("/offers/{id}/refusal")]
async fn refuse_offer(permit: Permit<RefuseOffer>, id: PathId, body: Body<RefusalBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("offer", [id.0]);
            let how = Lapse::Refused { on: body.effective_on, reason: body.reason, note: body.note.as_ref() };
            Ok(Written::changed(end(tx, id.0, body.effective_on, how, |offer| offer.state == OfferState::Open)?))
        })
        .await
}

/// Takes an offer back that is open, or accepted and not taken up.
///
/// The seat is offered to the next candidate at once, unless the offer was a
/// mistake: then the candidate keeps the turn, and `fill_seats` goes on.
#[utoipa::path(tag = "offers", request_body = OfferWithdrawalBody, params(("id" = Uuid, Path, description = "Offer")),
    responses((status = 200, body = LapsedOfferView, description = "The offer as it is now, and the one that follows")))]
#[post("/offers/{id}/withdrawal")]
async fn withdraw_offer(permit: Permit<WithdrawOffer>, id: PathId, body: Body<OfferWithdrawalBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            use OfferWithdrawalReason::{ConditionsLost, DidNotCome, Mistake, Other};
            tx.touch("offer", [id.0]);
            if !matches!(body.reason, ConditionsLost | DidNotCome | Mistake | Other) {
                return Err(OFFER_WITHDRAWAL_REASON.at("/reason"));
            }
            let how = Lapse::Withdrawn { on: body.effective_on, reason: body.reason, note: body.note.as_ref() };
            Ok(Written::changed(end(tx, id.0, body.effective_on, how, OfferView::is_live)?))
        })
        .await
}

/// Locks an offer: its edition first, as everything that counts seats does.
fn lock_offer(tx: &mut Tx, id: Uuid) -> Result<(EditionFacts, OfferView), Problem> {
    let edition = read_offer(tx, id)?.edition_id;
    let edition = lock_edition(tx, edition)?;
    Ok((edition, read_offer(tx, id)?))
}

fn end(tx: &mut Tx, id: Uuid, on: Day, how: Lapse, may_end: impl Fn(&OfferView) -> bool) -> Result<LapsedOfferView, Problem> {
    let (edition, offer) = lock_offer(tx, id)?;
    tx.expect_version(offer.row_version)?;
    tx.expect_past(on, "/effectiveOn")?;
    if matches!(how, Lapse::Refused { .. }) {
        before_closing(edition.closed_on, on, "/effectiveOn")?;
    }
    if !may_end(&offer) {
        return Err(OFFER_CLOSED.problem().with("state", offer.state.as_str()));
    }
    let earliest = offer.offered_on.max(offer.answered_on.unwrap_or(offer.offered_on));
    // One that was made for a day to come can be taken back today.
    let earliest = if matches!(how, Lapse::Withdrawn { .. }) { no_later_than_today(tx, earliest) } else { earliest };
    if on < earliest {
        return Err(OUT_OF_ORDER.at("/effectiveOn").with("earliest", earliest.to_string()));
    }
    lapse(tx, &offer, how)?;
    let is_mistake = matches!(how, Lapse::Withdrawn { reason: OfferWithdrawalReason::Mistake, .. });
    let release = Release {
        plan: &edition.plan,
        seats: edition.seat_from(offer.seat_from).into_iter().collect(),
        freed: vec![Freed::ByOffer(how.cause(), offer.id)],
        from: offer.seat_from,
        offered_on: on,
    };
    let next = if is_mistake { Vec::new() } else { offer_released(tx, &edition, release)? };
    Ok(LapsedOfferView { offer: read_offer(tx, id)?, next_offer_id: next.first().map(|next| next.id) })
}

/// Accepts an offer whose edition is locked; `pointer` is where the body holds the day.
pub(super) fn accept(tx: &mut Tx, edition: &EditionFacts, offer: &OfferView, on: Day, pointer: &str) -> Result<(), Problem> {
    tx.expect_past(on, pointer)?;
    may_accept(edition, offer, on, pointer)?;
    diesel::update(offers::table.filter(own(tx, offers::tenant_id)).filter(offers::id.eq(offer.id)))
        .set((offers::state.eq(OfferState::Accepted), offers::answered_on.eq(on)))
        .execute(tx.conn)?;
    announce(tx, offer, "offer.accepted", on);
    Ok(())
}

/// Whether an offer can be accepted on a day that is not to come.
pub(super) fn may_accept(edition: &EditionFacts, offer: &OfferView, on: Day, pointer: &str) -> Result<(), Problem> {
    before_closing(edition.closed_on, on, pointer)?;
    if offer.state != OfferState::Open {
        return Err(OFFER_CLOSED.problem().with("state", offer.state.as_str()));
    }
    if on < offer.offered_on {
        return Err(OUT_OF_ORDER.at(pointer).with("earliest", offer.offered_on.to_string()));
    }
    if on > offer.expires_on {
        return Err(OFFER_EXPIRED.at(pointer).with("expiresOn", offer.expires_on.to_string()));
    }
    Ok(())
}

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(accept_offer).service(refuse_offer).service(withdraw_offer);
}
