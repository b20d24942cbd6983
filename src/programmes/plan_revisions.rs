//! Revisions of an edition's plan: the places and the cost, with the reason of each change.

use actix_web::get;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::AFTER_THE_EDITION;
use super::editions::{entry::EditionBody, expect_edition};
use super::facts::{EditionFacts, PlanRevision};
use crate::platform::body::PathId;
use crate::platform::db::{Tx, own};
use crate::platform::overriding::{Override, Passed};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::ListPlanRevisions;
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText, Money, ShortText, between};
use crate::schema::plan_revisions;

/// A revision of the plan, as entered; it states the whole plan anew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "effectiveOn": "2026-06-01", "places": 12, "plannedCost": "6720.00", "reason": "dodatkowe środki z rezerwy Funduszu Pracy"
}))]
pub struct PlanRevisionBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Day from which it holds.
    pub effective_on: Day,
    /// Planned places.
    #[serde(deserialize_with = "between::<0, 100_000, _, _>")]
    #[schema(minimum = 0, maximum = 100_000)]
    pub places: i32,
    /// Planned cost in zł; `null` where none is stated.
    pub planned_cost: Option<Money>,
    /// Why the plan was changed.
    pub reason: LongText,
    /// Takes places away that somebody has, with the reason.
    #[serde(rename = "override")]
    pub overriding: Option<Override>,
}

/// A revision of the plan.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = plan_revisions)]
#[serde(rename_all = "camelCase")]
pub struct PlanRevisionView {
    /// Id.
    pub id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Number within the edition, from 1.
    #[schema(minimum = 1)]
    pub number: i32,
    /// Day from which it holds.
    pub effective_on: Day,
    /// Planned places.
    #[schema(minimum = 0, maximum = 100_000)]
    pub places: i32,
    /// Planned cost in zł; `null` where none is stated.
    pub planned_cost: Option<Money>,
    /// Why the plan was made so or changed.
    pub reason: Option<LongText>,
    /// Why places were taken away that somebody has.
    pub override_reason: Option<LongText>,
    /// Codes of the soft rules that it departed from.
    #[schema(max_items = 20)]
    pub override_rules: Option<Vec<ShortText>>,
    /// When it was entered.
    pub recorded_at: DateTime<Utc>,
}

impl View for PlanRevisionView {}

/// A revision to insert.
pub(super) struct NewRevision<'a> {
    number: i32,
    effective_on: Day,
    places: i32,
    planned_cost: Option<Money>,
    reason: Option<&'a LongText>,
    passed: Option<&'a Passed<'a>>,
}

impl<'a> NewRevision<'a> {
    /// The plan with which an edition is entered.
    pub(super) fn first(edition: &'a EditionBody) -> Self {
        Self {
            number: 1,
            effective_on: edition.starts_on,
            places: edition.places,
            planned_cost: edition.planned_cost,
            reason: edition.places_reason.as_ref(),
            passed: None,
        }
    }
}

/// Refuses a revision that would hold only after the edition.
///
/// # Errors
/// `programmes.after_the_edition`.
pub fn within_the_edition(edition: &EditionFacts, body: &PlanRevisionBody) -> Result<(), Problem> {
    if body.effective_on > edition.ends_on {
        return Err(AFTER_THE_EDITION.at("/effectiveOn").with("endsOn", edition.ends_on.to_string()));
    }
    Ok(())
}

/// The plan of an edition as a revision would leave it.
pub fn revised_plan(edition: &EditionFacts, body: &PlanRevisionBody) -> Vec<PlanRevision> {
    let mut plan = edition.plan.clone();
    let number = plan.last().map_or(1, |last| last.number + 1);
    plan.push(PlanRevision {
        id: None,
        number,
        effective_on: body.effective_on,
        places: body.places,
        planned_cost: body.planned_cost,
    });
    plan
}

/// Adds a revision to the plan of an edition whose lock the caller holds; `passed` is what a worker departed from.
///
/// # Errors
/// When the store fails.
pub fn add_revision(
    tx: &mut Tx,
    edition: &EditionFacts,
    body: &PlanRevisionBody,
    passed: Option<&Passed>,
) -> Result<PlanRevisionView, Problem> {
    let revision = NewRevision {
        number: edition.plan.last().map_or(1, |last| last.number + 1),
        effective_on: body.effective_on,
        places: body.places,
        planned_cost: body.planned_cost,
        reason: Some(&body.reason),
        passed,
    };
    insert_revision(tx, edition.id, body.id, &revision)
}

/// Lists the revisions of an edition's plan.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"), PageQuery), responses((status = 200, body = Page<PlanRevisionView>, description = "A page of revisions")))]
#[get("/editions/{id}/plan-revisions")]
async fn list_plan_revisions(permit: Permit<ListPlanRevisions>, id: PathId) -> Result<Reply, Problem> {
    permit.list(|revision: &PlanRevisionView| revision.id, move |tx, window| select_revisions(tx, id.0, window)).await
}

/// Inserts a revision with the number that it was given.
pub(super) fn insert_revision(
    tx: &mut Tx,
    edition: Uuid,
    id: Option<Uuid>,
    revision: &NewRevision,
) -> Result<PlanRevisionView, Problem> {
    let id = tx.id_or_new(id);
    Ok(diesel::insert_into(plan_revisions::table)
        .values((
            plan_revisions::id.eq(id),
            plan_revisions::edition_id.eq(edition),
            plan_revisions::number.eq(revision.number),
            plan_revisions::effective_on.eq(revision.effective_on),
            plan_revisions::places.eq(revision.places),
            plan_revisions::planned_cost.eq(revision.planned_cost),
            plan_revisions::reason.eq(revision.reason),
            plan_revisions::override_reason.eq(revision.passed.map(|passed| passed.reason)),
            plan_revisions::override_rules.eq(revision.passed.map(|passed| &passed.rules[..])),
        ))
        .returning(PlanRevisionView::as_returning())
        .get_result(tx.conn)?)
}

fn select_revisions(tx: &mut Tx, edition: Uuid, window: Window) -> Result<Vec<PlanRevisionView>, Problem> {
    expect_edition(tx, edition)?;
    Ok(plan_revisions::table
        .filter(own(tx, plan_revisions::tenant_id))
        .filter(plan_revisions::edition_id.eq(edition))
        .filter(plan_revisions::id.gt(window.after))
        .order(plan_revisions::id)
        .limit(window.rows())
        .select(PlanRevisionView::as_select())
        .load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_plan_revisions);
}
