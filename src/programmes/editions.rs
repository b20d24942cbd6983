//! Editions: one run of a programme with its own dates, places and people.

pub(super) mod entry;

use actix_web::{get, post, put};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::blocks::planned_integration;
use super::collection_statements::{check_statements, state};
use super::edition_hosts::replace_hosts;
use super::facts::{EditionFacts, get_edition_facts, last_plan};
use super::plan_revisions::{NewRevision, insert_revision};
use super::warnings::{EditionWarning, edition_warnings};
use super::{EDITION_CLOSED, OFFERS_OUTSIDE, PARTICIPATIONS_OUTSIDE, PERIOD_REVERSED};
use crate::platform::body::{Body, Filter, PathId, same_id};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateEdition, GetEdition, ListEditions, UpdateEdition};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{DatePrecision, Day, LongText, Money, Percent, ShortText};
use crate::schema::{editions, offers, participations};
use entry::{EditionBody, EditionChange, Recruitment, Selection};

/// Offers that a refusal names.
const MOST_NAMED: i64 = 20;

/// An edition without what follows from its plan.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = editions)]
#[serde(rename_all = "camelCase")]
pub struct EditionRecord {
    /// Id.
    pub id: Uuid,
    /// Programme that it is a run of.
    pub programme_id: Uuid,
    /// Agreement on which its rules hang.
    pub agreement_id: Uuid,
    /// Name.
    pub name: ShortText,
    /// First day.
    pub starts_on: Day,
    /// How exactly the first day is known.
    pub starts_precision: DatePrecision,
    /// Last day.
    pub ends_on: Day,
    /// How exactly the last day is known.
    pub ends_precision: DatePrecision,
    /// Planned length in months, as the source states it.
    #[schema(minimum = 1, maximum = 120)]
    pub planned_months: Option<i32>,
    /// When candidates were recruited.
    #[diesel(embed)]
    pub recruitment: Recruitment,
    /// How it chooses among its candidates.
    pub selection: Selection,
    /// Attendance from which a participation counts as completed; `null` means reaching the planned end.
    pub completion_attendance_percent: Option<Percent>,
    /// Whether a seat that an early end or a revision of the plan frees is offered to the reserve list at once.
    pub automatic_offers: bool,
    /// Calendar days for the answer to an offer of a seat; the day of the offer is not counted.
    #[schema(minimum = 1, maximum = 60)]
    pub offer_answer_days: i32,
    /// Whether the list of hosts is complete.
    pub hosts_exhaustive: bool,
    /// Words of the source that it was entered from.
    pub source_text: Option<LongText>,
    /// Whether the dates are a reading of the source, not its letter.
    pub interpreted: bool,
    /// Day of closing.
    pub closed_on: Option<Day>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

/// An edition.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EditionView {
    /// The edition.
    #[serde(flatten)]
    pub edition: EditionRecord,
    /// Regime of its agreement.
    pub regime_id: Uuid,
    /// Planned places by the revision of the plan that holds in the end.
    #[schema(minimum = 0, maximum = 100_000)]
    pub places: Option<i32>,
    /// Planned places by the first plan.
    #[schema(minimum = 0, maximum = 100_000)]
    pub first_places: Option<i32>,
    /// Planned cost in zł by the revision that holds in the end; `null` where it states none.
    pub planned_cost: Option<Money>,
    /// What its plan leaves to be desired by the regime.
    #[schema(max_items = 10)]
    pub warnings: Vec<EditionWarning>,
}

impl View for EditionView {
    fn version(&self) -> Option<i32> {
        Some(self.edition.row_version)
    }
}

/// Filter of the list of editions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct EditionFilter {
    /// Only those of this programme.
    pub programme_id: Option<Uuid>,
}

/// Enters an edition together with its first plan, its hosts and what is stated about the completeness of its data.
///
/// Past editions are entered the same way: no rule looks at today.
#[utoipa::path(tag = "editions", request_body = EditionBody, responses((status = 201, body = EditionView, description = "The edition")))]
#[post("/editions")]
async fn create_edition(permit: Permit<CreateEdition>, body: Body<EditionBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("edition", [id]);
            in_order(body.starts_on, body.ends_on)?;
            check_statements(tx, "/collectionStatements", &body.collection_statements)?;
            diesel::insert_into(editions::table).values((body, editions::id.eq(id))).execute(tx.conn)?;
            insert_revision(tx, id, None, &NewRevision::first(body))?;
            replace_hosts(tx, id, &body.host_ids)?;
            state(tx, id, &body.collection_statements)?;
            Ok(Written::created(format!("/editions/{id}"), view_edition(tx, id)?))
        })
        .await
}

/// Lists the editions.
#[utoipa::path(tag = "editions", params(EditionFilter, PageQuery), responses((status = 200, body = Page<EditionRecord>, description = "A page of editions")))]
#[get("/editions")]
async fn list_editions(permit: Permit<ListEditions>, filter: Filter<EditionFilter>) -> Result<Reply, Problem> {
    permit.list(|edition: &EditionRecord| edition.id, move |tx, window| select_editions(tx, &filter.0, window)).await
}

/// Reads an edition with its places and the warnings about its plan.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition")), responses((status = 200, body = EditionView, description = "The edition")))]
#[get("/editions/{id}")]
async fn get_edition(permit: Permit<GetEdition>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| view_edition(tx, id.0)).await
}

/// Replaces what is known of an edition.
///
/// Places and cost are changed by a revision of the plan, hosts by their own
/// list. Dates can be moved as long as every participation stays inside.
#[utoipa::path(tag = "editions", request_body = EditionChange, params(("id" = Uuid, Path, description = "Edition")), responses((status = 200, body = EditionView, description = "The edition as it is now")))]
#[put("/editions/{id}")]
async fn update_edition(permit: Permit<UpdateEdition>, id: PathId, body: Body<EditionChange>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("edition", [id.0]);
            let current = lock_version(tx, id.0)?;
            tx.expect_version(current)?;
            same_id(id.0, body.id)?;
            in_order(body.starts_on, body.ends_on)?;
            refuse_end_after_closing(tx, id.0, body.ends_on)?;
            refuse_participations_outside(tx, id.0, body.starts_on, body.ends_on)?;
            refuse_offers_outside(tx, id.0, body.ends_on)?;
            diesel::update(editions::table.filter(own(tx, editions::tenant_id)).filter(editions::id.eq(id.0)))
                .set(body)
                .execute(tx.conn)?;
            Ok(Written::changed(view_edition(tx, id.0)?))
        })
        .await
}

/// The constraint would say the same; asked first, so that no later rule meets a period that is none.
fn in_order(starts_on: Day, ends_on: Day) -> Result<(), Problem> {
    if starts_on <= ends_on { Ok(()) } else { Err(PERIOD_REVERSED.at("/endsOn")) }
}

fn refuse_participations_outside(tx: &mut Tx, id: Uuid, starts_on: Day, ends_on: Day) -> Result<(), Problem> {
    let end = diesel::dsl::sql::<diesel::sql_types::Date>("COALESCE(ended_on, planned_end_on)");
    let outside: i64 = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::edition_id.eq(id))
        .filter(participations::starts_on.lt(starts_on).or(end.gt(ends_on)))
        .count()
        .get_result(tx.conn)?;
    if outside == 0 {
        return Ok(());
    }
    Err(PARTICIPATIONS_OUTSIDE
        .at("/startsOn")
        .and("/endsOn", &PARTICIPATIONS_OUTSIDE, None)
        .with("participations", json!(outside)))
}

/// An edition that was closed before its planned end keeps that end; a later one would promise days that nobody worked.
fn refuse_end_after_closing(tx: &mut Tx, id: Uuid, ends_on: Day) -> Result<(), Problem> {
    let (planned, closed): (Day, Option<Day>) = editions::table
        .filter(own(tx, editions::tenant_id))
        .filter(editions::id.eq(id))
        .select((editions::ends_on, editions::closed_on))
        .first(tx.conn)?;
    match closed.filter(|closed| planned < ends_on && *closed < ends_on) {
        None => Ok(()),
        Some(closed) => Err(EDITION_CLOSED.at("/endsOn").with("closedOn", closed.to_string())),
    }
}

/// Seats that are promised need a day to begin on.
fn refuse_offers_outside(tx: &mut Tx, id: Uuid, ends_on: Day) -> Result<(), Problem> {
    let promised: Vec<Uuid> = offers::table
        .filter(own(tx, offers::tenant_id))
        .filter(offers::edition_id.eq(id))
        .filter(offers::state.eq("open").or(offers::state.eq("accepted").and(offers::participation_id.is_null())))
        .filter(offers::seat_from_on.gt(ends_on))
        .order(offers::id)
        .limit(MOST_NAMED)
        .select(offers::id)
        .load(tx.conn)?;
    if promised.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = promised.iter().map(Uuid::to_string).collect();
    Err(OFFERS_OUTSIDE.at("/endsOn").with("offerIds", ids))
}

fn select_editions(tx: &mut Tx, filter: &EditionFilter, window: Window) -> Result<Vec<EditionRecord>, Problem> {
    let mut query = editions::table.filter(own(tx, editions::tenant_id)).filter(editions::id.gt(window.after)).into_boxed();
    if let Some(programme) = filter.programme_id {
        query = query.filter(editions::programme_id.eq(programme));
    }
    Ok(query.order(editions::id).limit(window.rows()).select(EditionRecord::as_select()).load(tx.conn)?)
}

/// The view of an edition, as every operation on it answers.
fn view_edition(tx: &mut Tx, id: Uuid) -> Result<EditionView, Problem> {
    let edition = editions::table
        .filter(own(tx, editions::tenant_id))
        .filter(editions::id.eq(id))
        .select(EditionRecord::as_select())
        .first(tx.conn)?;
    let facts: EditionFacts = get_edition_facts(tx, id)?;
    let warnings = edition_warnings(&facts, &planned_integration(tx, id)?);
    let last = last_plan(&facts.plan);
    Ok(EditionView {
        edition,
        regime_id: facts.regime_id,
        places: last.map(|revision| revision.places),
        first_places: facts.plan.first().map(|revision| revision.places),
        planned_cost: last.and_then(|revision| revision.planned_cost),
        warnings,
    })
}

/// Locks an edition and answers its version.
///
/// # Errors
/// `platform.not_found`.
pub(super) fn lock_version(tx: &mut Tx, id: Uuid) -> Result<i32, Problem> {
    Ok(editions::table
        .filter(own(tx, editions::tenant_id))
        .filter(editions::id.eq(id))
        .select(editions::row_version)
        .for_update()
        .first(tx.conn)?)
}

/// Answers 404 for a list below an edition that the tenant does not have.
///
/// # Errors
/// `platform.not_found`.
pub(super) fn expect_edition(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    let known: bool =
        diesel::select(diesel::dsl::exists(editions::table.filter(own(tx, editions::tenant_id)).filter(editions::id.eq(id))))
            .get_result(tx.conn)?;
    if known { Ok(()) } else { Err(catalogue::NOT_FOUND.problem()) }
}

/// The programme of an edition, where the tenant has such an edition.
pub(super) fn programme_of(tx: &mut Tx, id: Uuid) -> Result<Option<Uuid>, Problem> {
    Ok(editions::table
        .filter(own(tx, editions::tenant_id))
        .filter(editions::id.eq(id))
        .select(editions::programme_id)
        .first(tx.conn)
        .optional()?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_edition).service(list_editions).service(get_edition).service(update_edition);
}
