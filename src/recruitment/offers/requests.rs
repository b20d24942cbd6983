//! Filling the free seats of an edition, and reading its offers.

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::causes::{Freed, unspent_causes};
use super::grounds::SeatCount;
use super::making::{Vacancy, arithmetic, last_day, offer_seats};
use super::offer::{OfferChannel, OfferState, OfferView, expire_overdue, get_grounds, offers_of, read_offer};
use super::wording::OfferDetailView;
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery};
use crate::platform::permit::Permit;
use crate::platform::policy::{FillSeats, GetOffer, ListOffers};
use crate::platform::problem::{Locale, Problem};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, between, count_between};
use crate::programmes::facts::{EditionFacts, before_closing, get_edition_facts, lock_edition};
use crate::recruitment::AFTER_EDITION;
use crate::schema::offers;

/// Most offers of one call.
const MOST_OFFERS: usize = 1000;

/// The free seats that are to be offered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "effectiveOn": "2026-06-15", "channel": "phone" }))]
pub struct FillBody {
    /// Day of the offers, no later than the end of the edition. What was to be answered before it, and before today, expires.
    pub effective_on: Day,
    /// First day for which seats are offered; the day of the offers when left out.
    pub seat_from: Option<Day>,
    /// How the candidates are told.
    pub channel: Option<OfferChannel>,
    /// Most offers to make; as many as seats are free when left out.
    #[serde(default, deserialize_with = "between::<1, 1000, _, _>")]
    #[schema(minimum = 1, maximum = 1000)]
    pub at_most: Option<i32>,
    /// Ids chosen by the client (UUIDv7) for the offers, in order.
    #[serde(default, deserialize_with = "count_between::<0, 1000, _, _>")]
    #[schema(max_items = 1000)]
    pub ids: Vec<Uuid>,
}

/// What filling the seats of an edition came to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilledView {
    /// Edition.
    pub edition_id: Uuid,
    /// Offers that were not answered in time.
    #[schema(max_items = 100_000)]
    pub expired_offer_ids: Vec<Uuid>,
    /// Offers that were made, in the order of the reserve list.
    #[schema(max_items = 1000)]
    pub offers: Vec<OfferView>,
    /// The arithmetic of the seats after it; none where the edition is over by then.
    pub seats: Option<SeatCount>,
}

impl View for FilledView {}

/// Which offers.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct OfferFilter {
    /// Only those that stand so.
    #[param(inline)]
    state: Option<OfferState>,
    /// Only those to this application.
    application_id: Option<Uuid>,
    /// Only open ones whose last day for an answer is before this day.
    #[param(inline)]
    overdue_on: Option<Day>,
}

/// Offers the free seats of an edition to the next candidates of its reserve list.
///
/// Open offers whose last day for an answer is before `effectiveOn`, and before
/// today, expire first. Then as many offers are made as seats are free to the end of the
/// edition and neither promised nor kept for somebody who was selected. Each
/// offer keeps why it went to this candidate. Repeating it does nothing. The days to answer run
/// from `effectiveOn` or, while the edition lasts, from today where that is later. A
/// closed edition offers nothing that could be answered after its closing.
#[utoipa::path(tag = "editions", request_body = FillBody, params(("id" = Uuid, Path, description = "Edition")),
    responses((status = 200, body = FilledView, description = "What was offered and what expired")))]
#[post("/editions/{id}/offers")]
async fn fill_seats(permit: Permit<FillSeats>, id: PathId, body: Body<FillBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("edition", [id.0]);
            let edition = lock_edition(tx, id.0)?;
            Ok(Written::changed(fill(tx, &edition, body)?))
        })
        .await
}

/// Lists the offers of an edition.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"), OfferFilter, PageQuery),
    responses((status = 200, body = Page<OfferView>, description = "A page of offers")))]
#[get("/editions/{id}/offers")]
async fn list_offers(permit: Permit<ListOffers>, id: PathId, filter: Filter<OfferFilter>) -> Result<Reply, Problem> {
    permit
        .list(
            |offer: &OfferView| offer.id,
            move |tx, window| {
                get_edition_facts(tx, id.0)?;
                let mut query = offers::table
                    .filter(own(tx, offers::tenant_id))
                    .filter(offers::edition_id.eq(id.0))
                    .filter(offers::id.gt(window.after))
                    .into_boxed();
                if let Some(state) = filter.0.state {
                    query = query.filter(offers::state.eq(state));
                }
                if let Some(application) = filter.0.application_id {
                    query = query.filter(offers::application_id.eq(application));
                }
                if let Some(day) = filter.0.overdue_on {
                    query = query.filter(offers::state.eq(OfferState::Open)).filter(offers::expires_on.lt(day));
                }
                Ok(query.order(offers::id).limit(window.rows()).select(OfferView::as_select()).load(tx.conn)?)
            },
        )
        .await
}

/// Reads an offer with why it went to this candidate.
///
/// Who stood before and why they were passed, and the arithmetic of the seats,
/// as they stood on that day; in words in Polish or English by
/// `Accept-Language`.
#[utoipa::path(tag = "offers", params(("id" = Uuid, Path, description = "Offer")),
    responses((status = 200, body = OfferDetailView, description = "The offer")))]
#[get("/offers/{id}")]
async fn get_offer(permit: Permit<GetOffer>, id: PathId, locale: Locale) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let offer = read_offer(tx, id.0)?;
            let grounds = get_grounds(tx, &offer)?;
            Ok(OfferDetailView::of(locale, offer, grounds))
        })
        .await
}

/// Refuses a day to come that is after the end of the edition; what has happened may be recorded late, also after the end.
fn within_edition(tx: &Tx, edition: &EditionFacts, day: Day, pointer: &str) -> Result<(), Problem> {
    let latest = edition.ends_on.date().max(tx.today());
    if day.date() <= latest { Ok(()) } else { Err(AFTER_EDITION.at(pointer).with("latest", latest.to_string())) }
}

fn fill(tx: &mut Tx, edition: &EditionFacts, body: &FillBody) -> Result<FilledView, Problem> {
    within_edition(tx, edition, body.effective_on, "/effectiveOn")?;
    before_closing(edition.closed_on, last_day(tx, edition, body.effective_on)?, "/effectiveOn")?;
    let expiry = expire_overdue(tx, edition.id, body.effective_on)?;
    let seat_from = body.seat_from.unwrap_or(body.effective_on).max(body.effective_on);
    let most = body.at_most.and_then(|most| usize::try_from(most).ok()).unwrap_or(MOST_OFFERS);
    let mut freed = unspent_causes(tx, edition.id, &expiry.standing, seat_from)?;
    freed.resize(most, Freed::NeverTaken);
    let vacancy = Vacancy { seat_from, offered_on: body.effective_on, freed, channel: body.channel, ids: body.ids.clone() };
    let offers = offer_seats(tx, edition, vacancy)?;
    let of_edition = offers_of(tx, edition.id)?;
    let seats = arithmetic(tx, edition, &of_edition, seat_from)?;
    Ok(FilledView { edition_id: edition.id, expired_offer_ids: expiry.expired, offers, seats })
}

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(fill_seats).service(list_offers).service(get_offer);
}
