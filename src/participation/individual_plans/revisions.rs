//! What a plan says, from when on: a change is a new revision.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::events::{NoteView, open_notes};
use super::parts::{IndividualPlanKind, PlanParts, missing, reversed};
use super::sealed::{self, PARTS};
use super::{IndividualPlanView, PlanRow, find_plan, lock_plan};
use crate::participation::{INVERTED, PLAN_ENDED, PLAN_PART_MISSING};
use crate::people::revise_social_contract;
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::permit::Permit;
use crate::platform::policy::{GetIndividualPlanParts, ReviseIndividualPlan};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText};
use crate::programmes::StaffKind;
use crate::schema::{individual_plan_revisions, individual_plans};

/// A change of a plan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "signedOn": "2026-06-12", "from": "2026-06-15", "to": "2026-10-16", "author": "clientAdviser",
    "reason": "Ukończony kurs, nowe działania",
    "parts": {
        "actions": [
            { "by": "labourOffice", "what": "Przedstawienie ofert pracy" },
            { "by": "client", "what": "Dwie rozmowy kwalifikacyjne w miesiącu" }
        ],
        "contacts": [{ "form": "visit", "on": ["2026-07-14"] }],
        "endConditions": "Podjęcie pracy albo upływ terminu"
    }
}))]
pub struct PlanRevisionOfPersonBody {
    /// Day on which it was signed.
    pub signed_on: Day,
    /// First day on which it holds.
    pub from: Day,
    /// Planned last day.
    pub to: Option<Day>,
    /// Who drew it up with the person, by function.
    pub author: StaffKind,
    /// Why the plan changes.
    pub reason: LongText,
    /// What it says; the whole plan, not the difference.
    pub parts: PlanParts,
}

/// A revision of a plan, without what it says.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = individual_plan_revisions)]
#[serde(rename_all = "camelCase")]
pub struct PlanRevisionOfPersonView {
    /// Number, from 1.
    #[schema(minimum = 1, maximum = 100_000)]
    pub number: i32,
    /// Day on which it was signed.
    pub signed_on: Day,
    /// First day on which it holds.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Planned last day.
    #[diesel(column_name = valid_to_on)]
    pub to: Option<Day>,
    /// Who drew it up with the person, by function.
    pub author: StaffKind,
    /// Why the plan changed.
    pub reason: Option<LongText>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// A revision to be stored.
#[derive(Debug, Insertable)]
#[diesel(table_name = individual_plan_revisions)]
pub(super) struct NewRevision<'a> {
    pub plan_id: Uuid,
    pub number: i32,
    pub signed_on: Day,
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    #[diesel(column_name = valid_to_on)]
    pub to: Option<Day>,
    pub author: StaffKind,
    pub reason: Option<&'a LongText>,
    pub parts: Vec<u8>,
}

/// Which revision of a plan.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct RevisionFilter {
    /// Number of the revision; the newest where it is left out.
    #[param(minimum = 1, maximum = 100_000)]
    revision: Option<u32>,
}

/// What a plan says.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IndividualPlanPartsView {
    /// Plan.
    pub plan_id: Uuid,
    /// Person.
    pub person_id: Uuid,
    /// The revision.
    pub revision: PlanRevisionOfPersonView,
    /// What it says; `null` where the person's data were erased.
    pub parts: Option<PlanParts>,
    /// Notes of contacts and evaluations, in the order in which they were recorded.
    #[schema(max_items = 10_000)]
    pub notes: Vec<NoteView>,
}

impl View for IndividualPlanPartsView {}

/// Changes a plan: records a new revision of the whole of it.
///
/// Earlier revisions stay readable. The fact that a social contract proves
/// gets the days of the revision; the earlier fact stays readable, too.
#[utoipa::path(tag = "individual-plans", params(("id" = Uuid, Path, description = "Plan")), request_body = PlanRevisionOfPersonBody,
    responses((status = 200, body = IndividualPlanView, description = "The plan as it is now")))]
#[post("/individual-plans/{id}/revisions")]
async fn revise_individual_plan(
    permit: Permit<ReviseIndividualPlan>,
    id: PathId,
    body: Body<PlanRevisionOfPersonBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("individual_plan", [id.0]);
            let plan = lock_plan(tx, id.0)?;
            tx.expect_version(plan.row_version)?;
            if plan.ended_on.is_some() {
                return Err(PLAN_ENDED.problem());
            }
            tx.expect_past(body.signed_on, "/signedOn")?;
            check_parts(plan.kind, &body.parts, body.from, body.to)?;
            let number = plan.revision + 1;
            let revision = NewRevision {
                plan_id: plan.id,
                number,
                signed_on: body.signed_on,
                from: body.from,
                to: body.to,
                author: body.author,
                reason: Some(&body.reason),
                parts: sealed::seal(tx, plan.person_id, PARTS, &body.parts)?,
            };
            insert_revision(tx, &revision)?;
            let fact =
                plan.fact_id.map(|fact| revise_social_contract(tx, fact, body.signed_on, body.from, body.to)).transpose()?;
            count_revision(tx, &plan, number, fact)?;
            let data = json!({ "planId": plan.id, "personId": plan.person_id, "revision": number });
            tx.announce("individual_plan", plan.id, "individual_plan.revised", data);
            Ok(Written::changed(find_plan(tx, id.0)?))
        })
        .await
}

/// Reads what a plan says, for a stated purpose.
#[utoipa::path(tag = "individual-plans", params(("id" = Uuid, Path, description = "Plan"), RevisionFilter),
    responses((status = 200, body = IndividualPlanPartsView, description = "Its parts and the notes")))]
#[get("/individual-plans/{id}/parts")]
async fn get_individual_plan_parts(
    permit: Permit<GetIndividualPlanParts>,
    id: PathId,
    filter: Filter<RevisionFilter>,
) -> Result<Reply, Problem> {
    permit
        .reveal(move |tx| {
            let IndividualPlanView { plan, .. } = find_plan(tx, id.0)?;
            tx.touch("individual_plan", [plan.id, plan.person_id]);
            let number = filter.0.revision.map_or(Ok(plan.revision), i32::try_from);
            let (revision, parts) = select_revision(tx, plan.id, number.map_err(|_| catalogue::NOT_FOUND.problem())?)?;
            let parts = parts.map(|parts| sealed::open(tx, plan.person_id, PARTS, &parts)).transpose()?.flatten();
            let notes = open_notes(tx, plan.id, plan.person_id)?;
            Ok(IndividualPlanPartsView { plan_id: plan.id, person_id: plan.person_id, revision, parts, notes })
        })
        .await
}

/// Refuses a plan that lacks what its kind must have, each part at its place.
pub(super) fn check_parts(kind: IndividualPlanKind, parts: &PlanParts, from: Day, to: Option<Day>) -> Result<(), Problem> {
    if to.is_some_and(|to| to < from) {
        return Err(INVERTED.at("/to"));
    }
    if let Some(place) = reversed(parts) {
        return Err(INVERTED.at(format!("/parts/actions/{place}/to")));
    }
    let missing = missing(kind, parts, to);
    if missing.is_empty() {
        return Ok(());
    }
    let problem = PLAN_PART_MISSING.problem();
    Err(missing.into_iter().fold(problem, |problem, part| problem.and(part.pointer(), &PLAN_PART_MISSING, Some(part.hint()))))
}

pub(super) fn insert_revision(tx: &mut Tx, revision: &NewRevision) -> Result<(), Problem> {
    let id = tx.id_or_new(None);
    diesel::insert_into(individual_plan_revisions::table)
        .values((revision, individual_plan_revisions::id.eq(id)))
        .execute(tx.conn)?;
    Ok(())
}

fn count_revision(tx: &mut Tx, plan: &PlanRow, number: i32, fact: Option<Uuid>) -> Result<(), Problem> {
    diesel::update(individual_plans::table.filter(own(tx, individual_plans::tenant_id)).filter(individual_plans::id.eq(plan.id)))
        .set((individual_plans::revision.eq(number), individual_plans::fact_id.eq(fact)))
        .execute(tx.conn)?;
    Ok(())
}

/// All revisions of a plan, first to last.
pub(super) fn select_revisions(tx: &mut Tx, plan: Uuid) -> Result<Vec<PlanRevisionOfPersonView>, Problem> {
    Ok(individual_plan_revisions::table
        .filter(own(tx, individual_plan_revisions::tenant_id))
        .filter(individual_plan_revisions::plan_id.eq(plan))
        .order(individual_plan_revisions::number)
        .select(PlanRevisionOfPersonView::as_select())
        .load(tx.conn)?)
}

fn select_revision(tx: &mut Tx, plan: Uuid, number: i32) -> Result<(PlanRevisionOfPersonView, Option<Vec<u8>>), Problem> {
    Ok(individual_plan_revisions::table
        .filter(own(tx, individual_plan_revisions::tenant_id))
        .filter(individual_plan_revisions::plan_id.eq(plan))
        .filter(individual_plan_revisions::number.eq(number))
        .select((PlanRevisionOfPersonView::as_select(), individual_plan_revisions::parts))
        .first(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(revise_individual_plan).service(get_individual_plan_parts);
}
