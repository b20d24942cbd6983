//! Family assistants (Polish: asystent rodziny) of households: who works with which family, from when to when.
//!
//! An assistant is assigned to a household, not to a person, so that families
//! are counted apart from people. The centre names an assistant by a code of
//! its own. Source: Act of 9 June 2011 on supporting the family and on foster
//! care, art. 12 to 15.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::family_limit::{TooMany, too_many};
use super::households::find_household;
use super::{CORRECTION_REASON, PERIOD_REVERSED, TOO_MANY_FAMILIES};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{AssignHouseholdAssistant, ListHouseholdAssistants};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{AssistantCode, Day, LongText, Period};
use crate::schema::household_assistants;

use super::households::SupersededFilter;

/// A worker's reason to depart from a limit; it is audited and shown.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LimitOverride {
    /// Why.
    pub reason: LongText,
}

/// Who works with a household from when to when; or a correction of an earlier statement.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = household_assistants)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "assistant": "AR-2", "editionId": examples::EDITION, "from": "2026-06-15" }))]
pub struct HouseholdAssistantBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// The centre's code of the assistant; no name.
    pub assistant: AssistantCode,
    /// Edition under which the assistant works; its figures count the household.
    pub edition_id: Option<Uuid>,
    /// First day.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Last day; open where no end is set.
    #[diesel(column_name = valid_to_on)]
    pub to: Option<Day>,
    /// Departs from the number of families that an assistant has at a time.
    #[serde(rename = "override")]
    #[diesel(skip_insertion)]
    pub overriding: Option<LimitOverride>,
    /// Statement about this household that this one corrects, such as for its end.
    pub supersedes_id: Option<Uuid>,
    /// Why it is corrected; only and always with a correction.
    pub correction_reason: Option<LongText>,
}

/// An assistant of a household.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = household_assistants)]
#[serde(rename_all = "camelCase")]
pub struct HouseholdAssistantView {
    /// Id of the statement.
    pub id: Uuid,
    /// Household.
    pub household_id: Uuid,
    /// The centre's code of the assistant.
    pub assistant: AssistantCode,
    /// Edition under which the assistant works.
    pub edition_id: Option<Uuid>,
    /// First day.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Last day.
    #[diesel(column_name = valid_to_on)]
    pub to: Option<Day>,
    /// Why the assistant has more families than the law has in mind.
    pub override_reason: Option<LongText>,
    /// Statement that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// When a correction took its place.
    pub superseded_at: Option<DateTime<Utc>>,
    /// Why it corrects another.
    pub correction_reason: Option<LongText>,
}

impl View for HouseholdAssistantView {}

/// Assigns a family assistant to a household, or corrects an assignment.
///
/// More families of one assistant on a day than the law of that day allows (20
/// from 2012, 15 from 2015) need a reason (`override`); the refusal names the
/// day, the limit and where it stands.
#[utoipa::path(tag = "households", params(("id" = Uuid, Path, description = "Household")), request_body = HouseholdAssistantBody,
    responses((status = 201, body = HouseholdAssistantView, description = "The assignment")))]
#[post("/households/{id}/assistants")]
async fn assign_household_assistant(
    permit: Permit<AssignHouseholdAssistant>,
    household: PathId,
    body: Body<HouseholdAssistantBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("household_assistant", [id, household.0]);
            let current = find_household(tx, household.0)?.row_version;
            tx.expect_version(current)?;
            let period = check_assistant(body)?;
            if let Some(superseded) = body.supersedes_id {
                supersede_assistant(tx, household.0, superseded)?;
            }
            let override_reason = keep_to_the_limit(tx, household.0, body, period)?;
            let view = insert_assistant(tx, id, household.0, body, override_reason)?;
            let data = json!({ "householdId": household.0, "assignmentId": id, "editionId": body.edition_id });
            tx.announce("household", household.0, "household_assistant.assigned", data);
            Ok(Written::created(format!("/households/{}/assistants", household.0), view))
        })
        .await
}

/// Lists the family assistants of a household, of all times.
#[utoipa::path(tag = "households", params(("id" = Uuid, Path, description = "Household"), SupersededFilter, PageQuery),
    responses((status = 200, body = Page<HouseholdAssistantView>, description = "A page of assignments")))]
#[get("/households/{id}/assistants")]
async fn list_household_assistants(
    permit: Permit<ListHouseholdAssistants>,
    household: PathId,
    filter: Filter<SupersededFilter>,
) -> Result<Reply, Problem> {
    permit
        .list(
            |assistant: &HouseholdAssistantView| assistant.id,
            move |tx, window| {
                find_household(tx, household.0)?;
                select_assistants(tx, household.0, filter.0.wants_superseded(), window)
            },
        )
        .await
}

/// The days of an assignment; one without an end is asked about to the end of the calendar.
fn check_assistant(body: &HouseholdAssistantBody) -> Result<Period, Problem> {
    if body.supersedes_id.is_some() != body.correction_reason.is_some() {
        return Err(CORRECTION_REASON.at("/correctionReason"));
    }
    Period::new(body.from, body.to.unwrap_or(Day::LAST)).map_err(|_| PERIOD_REVERSED.at("/to"))
}

/// Refuses one family too many, unless there is a reason for it; answers the reason where it was needed.
fn keep_to_the_limit<'b>(
    tx: &mut Tx,
    household: Uuid,
    body: &'b HouseholdAssistantBody,
    wanted: Period,
) -> Result<Option<&'b LongText>, Problem> {
    wait_for_turn(tx, &body.assistant)?;
    let rows: Vec<(Uuid, Day, Option<Day>)> = household_assistants::table
        .filter(own(tx, household_assistants::tenant_id))
        .filter(household_assistants::assistant.eq(&body.assistant))
        .filter(household_assistants::superseded_at.is_null())
        .select((household_assistants::household_id, household_assistants::valid_from_on, household_assistants::valid_to_on))
        .load(tx.conn)?;
    let others: Vec<(Uuid, Period)> = rows
        .into_iter()
        .filter_map(|(household, from, to)| Some((household, Period::new(from, to.unwrap_or(Day::LAST)).ok()?)))
        .collect();
    let Some(TooMany { on, families, wording }) = too_many(wanted, household, &others) else { return Ok(None) };
    match &body.overriding {
        Some(overriding) => {
            tx.note_override(overriding.reason.as_str());
            Ok(Some(&overriding.reason))
        }
        None => Err(TOO_MANY_FAMILIES
            .at("/assistant")
            .with("limit", wording.families)
            .with("families", families)
            .with("on", on.to_string())
            .with("source", wording.source)),
    }
}

/// Assignments of one assistant are counted one after the other.
fn wait_for_turn(tx: &mut Tx, assistant: &AssistantCode) -> Result<(), Problem> {
    tx.wait_in_turn(&[b"household_assistant", tx.tenant().as_bytes(), assistant.as_str().as_bytes()])
}

fn supersede_assistant(tx: &mut Tx, household: Uuid, id: Uuid) -> Result<(), Problem> {
    let assistant = household_assistants::table
        .filter(own(tx, household_assistants::tenant_id))
        .filter(household_assistants::household_id.eq(household))
        .filter(household_assistants::id.eq(id));
    let marked = diesel::update(assistant.filter(household_assistants::superseded_at.is_null()))
        .set(household_assistants::superseded_at.eq(tx.now()))
        .execute(tx.conn)?;
    if marked == 1 {
        return Ok(());
    }
    let known: i64 = assistant.count().get_result(tx.conn)?;
    let definition = if known == 0 { &catalogue::REFERENCE_NOT_FOUND } else { &catalogue::ALREADY_SUPERSEDED };
    Err(definition.at("/supersedesId"))
}

fn insert_assistant(
    tx: &mut Tx,
    id: Uuid,
    household: Uuid,
    body: &HouseholdAssistantBody,
    override_reason: Option<&LongText>,
) -> Result<HouseholdAssistantView, Problem> {
    Ok(diesel::insert_into(household_assistants::table)
        .values((
            body,
            household_assistants::id.eq(id),
            household_assistants::household_id.eq(household),
            household_assistants::override_reason.eq(override_reason),
        ))
        .returning(HouseholdAssistantView::as_returning())
        .get_result(tx.conn)?)
}

fn select_assistants(
    tx: &mut Tx,
    household: Uuid,
    with_superseded: bool,
    window: Window,
) -> Result<Vec<HouseholdAssistantView>, Problem> {
    let mut query = household_assistants::table
        .filter(own(tx, household_assistants::tenant_id))
        .filter(household_assistants::household_id.eq(household))
        .filter(household_assistants::id.gt(window.after))
        .into_boxed();
    if !with_superseded {
        query = query.filter(household_assistants::superseded_at.is_null());
    }
    Ok(query.order(household_assistants::id).limit(window.rows()).select(HouseholdAssistantView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(assign_household_assistant).service(list_household_assistants);
}
