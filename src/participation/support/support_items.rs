//! Support items of a participant: recorded, corrected by a new one, cancelled, read.

use actix_web::{get, post};
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::costs::{insert_costs, with_costs};
use super::item::{SupportItemBody, SupportItemRecord, SupportItemView};
use super::support_types::find_type;
use crate::participation::participations::{Stay, get_view, lock_participation};
use crate::participation::{
    INVERTED, OUTSIDE_PARTICIPATION, SUPPORT_CANCELLED, SUPPORT_CORRECTION, SUPPORT_PLAN_EVENT, SUPPORT_PROVIDER, SUPPORT_RESULT,
};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CancelSupportItem, GetSupportItem, ListEditionSupportItems, ListSupportItems, RecordSupportItem};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Code, Day, LongText};
use crate::programmes::facts::get_edition_facts;
use crate::schema::{individual_plan_events, individual_plans, support_items};

/// Why something did not take place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "effectiveOn": "2026-06-12", "reason": "Organizator odwołał kurs" }))]
pub struct SupportCancellationBody {
    /// Day on which it was cancelled.
    pub effective_on: Day,
    /// Why; no names.
    pub reason: LongText,
}

/// Which items.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct SupportFilter {
    /// Only items of this type.
    #[serde(rename = "type")]
    #[param(inline)]
    type_code: Option<Code>,
    /// Also those that a correction has replaced.
    #[param(default = false)]
    include_superseded: Option<bool>,
}

/// Records support that a participant had or will have, or corrects an earlier record of it.
///
/// A course may name the contact or evaluation of an individual plan after which
/// it was chosen. Costs are exact to the grosz, by source of financing. Support
/// may begin before and end after the participation, but must share a day with it.
#[utoipa::path(tag = "participations", request_body = SupportItemBody, params(("id" = Uuid, Path, description = "Participation")),
    responses((status = 201, body = SupportItemView, description = "The item")))]
#[post("/participations/{id}/support-items")]
async fn record_support_item(
    permit: Permit<RecordSupportItem>,
    id: PathId,
    body: Body<SupportItemBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let item = tx.id_or_new(body.id);
            tx.touch("support_item", [item, id.0]);
            get_view(tx, id.0)?;
            let stay = lock_participation(tx, id.0)?;
            check_item(tx, &stay, body)?;
            if let Some(earlier) = body.supersedes_id {
                supersede(tx, stay.id, earlier)?;
            }
            let record: SupportItemRecord = diesel::insert_into(support_items::table)
                .values((
                    body,
                    support_items::id.eq(item),
                    support_items::edition_id.eq(stay.edition_id),
                    support_items::participation_id.eq(stay.id),
                ))
                .returning(SupportItemRecord::as_returning())
                .get_result(tx.conn)?;
            insert_costs(tx, item, &body.costs)?;
            let data = json!({ "participationId": stay.id, "supportItemId": item });
            tx.announce("participation", stay.id, "participation.support_recorded", data);
            Ok(Written::created(format!("/support-items/{item}"), one(tx, record)?))
        })
        .await
}

fn check_item(tx: &mut Tx, stay: &Stay, body: &SupportItemBody) -> Result<(), Problem> {
    if body.to < body.from {
        return Err(INVERTED.at("/to"));
    }
    if body.to < stay.starts_on || body.from > stay.last_on() {
        let problem = OUTSIDE_PARTICIPATION.at("/from");
        return Err(problem.with("startsOn", stay.starts_on.to_string()).with("lastOn", stay.last_on().to_string()));
    }
    if body.provider.is_some() && body.provider_partner_id.is_some() {
        return Err(SUPPORT_PROVIDER.at("/provider"));
    }
    if body.supersedes_id.is_some() != body.correction_reason.is_some() {
        return Err(SUPPORT_CORRECTION.at("/correctionReason"));
    }
    let kind = find_type(tx, &body.type_code)?.ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at("/type"))?;
    if !kind.course && body.result.is_some() {
        return Err(SUPPORT_RESULT.at("/result"));
    }
    if body.certificate_number.is_some() && !body.result.is_some_and(super::item::SupportResult::is_certified) {
        return Err(SUPPORT_RESULT.at("/certificateNumber"));
    }
    if body.result.is_some() {
        tx.expect_past(body.to, "/to")?;
    }
    match body.plan_event_id {
        Some(_) if !kind.course => Err(SUPPORT_PLAN_EVENT.at("/planEventId")),
        Some(event) => expect_plan_event(tx, stay.person_id, event, body.from),
        None => Ok(()),
    }
}

/// A course is chosen after something happened under a plan of the same person, not before.
fn expect_plan_event(tx: &mut Tx, person: Uuid, event: Uuid, chosen_for: Day) -> Result<(), Problem> {
    let of_plan = individual_plans::tenant_id
        .eq(individual_plan_events::tenant_id)
        .and(individual_plans::id.eq(individual_plan_events::plan_id));
    let found: Option<(Uuid, Day)> = individual_plan_events::table
        .inner_join(individual_plans::table.on(of_plan))
        .filter(own(tx, individual_plan_events::tenant_id))
        .filter(individual_plan_events::id.eq(event))
        .select((individual_plans::person_id, individual_plan_events::occurred_on))
        .first(tx.conn)
        .optional()?;
    match found {
        Some((of, occurred_on)) if of == person && occurred_on <= chosen_for => Ok(()),
        Some((of, _)) if of == person => Err(SUPPORT_PLAN_EVENT.at("/planEventId")),
        _ => Err(catalogue::REFERENCE_NOT_FOUND.at("/planEventId")),
    }
}

/// Marks an item as corrected; one of the same participation that is neither corrected nor cancelled.
fn supersede(tx: &mut Tx, participation: Uuid, id: Uuid) -> Result<(), Problem> {
    let item = support_items::table
        .filter(own(tx, support_items::tenant_id))
        .filter(support_items::participation_id.eq(participation))
        .filter(support_items::id.eq(id));
    let earlier: Option<SupportItemRecord> =
        item.select(SupportItemRecord::as_select()).for_update().first(tx.conn).optional()?;
    let earlier = earlier.ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at("/supersedesId"))?;
    if earlier.superseded_at.is_some() {
        return Err(catalogue::ALREADY_SUPERSEDED.at("/supersedesId"));
    }
    if earlier.cancelled_on.is_some() {
        return Err(SUPPORT_CANCELLED.at("/supersedesId"));
    }
    let row = support_items::table.filter(own(tx, support_items::tenant_id)).filter(support_items::id.eq(id));
    diesel::update(row).set(support_items::superseded_at.eq(tx.now())).execute(tx.conn)?;
    Ok(())
}

/// Lists the support of a participant.
#[utoipa::path(tag = "participations", params(("id" = Uuid, Path, description = "Participation"), SupportFilter, PageQuery),
    responses((status = 200, body = Page<SupportItemView>, description = "A page of items")))]
#[get("/participations/{id}/support-items")]
async fn list_support_items(
    permit: Permit<ListSupportItems>,
    id: PathId,
    filter: Filter<SupportFilter>,
) -> Result<Reply, Problem> {
    permit
        .list(
            |item: &SupportItemView| item.record.id,
            move |tx, window| {
                get_view(tx, id.0)?;
                select_items(tx, Of::Participation(id.0), filter.0.clone(), window)
            },
        )
        .await
}

/// Lists the support of all participants of an edition.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"), SupportFilter, PageQuery),
    responses((status = 200, body = Page<SupportItemView>, description = "A page of items")))]
#[get("/editions/{id}/support-items")]
async fn list_edition_support_items(
    permit: Permit<ListEditionSupportItems>,
    id: PathId,
    filter: Filter<SupportFilter>,
) -> Result<Reply, Problem> {
    permit
        .list(
            |item: &SupportItemView| item.record.id,
            move |tx, window| {
                get_edition_facts(tx, id.0)?;
                select_items(tx, Of::Edition(id.0), filter.0.clone(), window)
            },
        )
        .await
}

/// Reads a support item.
#[utoipa::path(tag = "support-items", params(("id" = Uuid, Path, description = "Item")),
    responses((status = 200, body = SupportItemView, description = "The item")))]
#[get("/support-items/{id}")]
async fn get_support_item(permit: Permit<GetSupportItem>, id: PathId) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let record = support_items::table
                .filter(own(tx, support_items::tenant_id))
                .filter(support_items::id.eq(id.0))
                .select(SupportItemRecord::as_select())
                .first(tx.conn)?;
            one(tx, record)
        })
        .await
}

/// Cancels support that did not take place.
///
/// It stays on file and counts no more, neither its hours nor its costs.
#[utoipa::path(tag = "support-items", request_body = SupportCancellationBody, params(("id" = Uuid, Path, description = "Item")),
    responses((status = 200, body = SupportItemView, description = "The item as it is now")))]
#[post("/support-items/{id}/cancellation")]
async fn cancel_support_item(
    permit: Permit<CancelSupportItem>,
    id: PathId,
    body: Body<SupportCancellationBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("support_item", [id.0]);
            let item = support_items::table.filter(own(tx, support_items::tenant_id)).filter(support_items::id.eq(id.0));
            let current: SupportItemRecord = item.select(SupportItemRecord::as_select()).for_update().first(tx.conn)?;
            tx.expect_version(current.row_version)?;
            if current.superseded_at.is_some() {
                return Err(catalogue::ALREADY_SUPERSEDED.problem());
            }
            if let Some(on) = current.cancelled_on {
                return Err(SUPPORT_CANCELLED.problem().with("cancelledOn", on.to_string()));
            }
            tx.expect_past(body.effective_on, "/effectiveOn")?;
            let item = support_items::table.filter(own(tx, support_items::tenant_id)).filter(support_items::id.eq(id.0));
            let record: SupportItemRecord = diesel::update(item)
                .set((support_items::cancelled_on.eq(body.effective_on), support_items::cancellation_reason.eq(&body.reason)))
                .returning(SupportItemRecord::as_returning())
                .get_result(tx.conn)?;
            let data = json!({ "participationId": record.participation_id, "supportItemId": record.id });
            tx.announce("participation", record.participation_id, "participation.support_cancelled", data);
            Ok(Written::changed(one(tx, record)?))
        })
        .await
}

/// Whose items are wanted.
#[derive(Clone, Copy)]
enum Of {
    Participation(Uuid),
    Edition(Uuid),
}

fn select_items(tx: &mut Tx, of: Of, filter: SupportFilter, window: Window) -> Result<Vec<SupportItemView>, Problem> {
    let mut query =
        support_items::table.filter(own(tx, support_items::tenant_id)).filter(support_items::id.gt(window.after)).into_boxed();
    query = match of {
        Of::Participation(id) => query.filter(support_items::participation_id.eq(id)),
        Of::Edition(id) => query.filter(support_items::edition_id.eq(id)),
    };
    if let Some(code) = filter.type_code {
        query = query.filter(support_items::type_code.eq(code));
    }
    if filter.include_superseded != Some(true) {
        query = query.filter(support_items::superseded_at.is_null());
    }
    let records = query.order(support_items::id).limit(window.rows()).select(SupportItemRecord::as_select()).load(tx.conn)?;
    with_costs(tx, records)
}

/// An item with its costs.
fn one(tx: &mut Tx, record: SupportItemRecord) -> Result<SupportItemView, Problem> {
    with_costs(tx, vec![record])?.pop().ok_or_else(|| catalogue::NOT_FOUND.problem())
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(record_support_item)
        .service(list_support_items)
        .service(list_edition_support_items)
        .service(get_support_item)
        .service(cancel_support_item);
}
