//! Households (Polish: gospodarstwa domowe) and who lived in them when.

use std::collections::HashSet;

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::families::{days_in_sight, expect_household_in_sight, expect_in_sight, households_in_sight};
use super::people::hold_person;
use super::{CORRECTION_REASON, PERIOD_REVERSED};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{AddHouseholdMember, CreateHousehold, GetHousehold, ListHouseholds};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{AssistantCode, Day, LongText, Period};
use crate::schema::{household_assistants, household_members, households};

/// A household, as recorded.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = households)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "note": "Rodzina objęta asystenturą" }))]
pub struct HouseholdBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Remarks; no names and no identifiers.
    pub note: Option<LongText>,
}

/// A household.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = households)]
#[serde(rename_all = "camelCase")]
pub struct HouseholdView {
    /// Id.
    pub id: Uuid,
    /// Remarks.
    pub note: Option<LongText>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for HouseholdView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

/// A household with its members.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HouseholdWithMembersView {
    /// The household.
    #[serde(flatten)]
    pub household: HouseholdView,
    /// Members of all times, in the order in which they were recorded; without corrected ones. A family assistant's client is
    /// told those who have lived there while its assistant worked with the household, today at the latest.
    #[schema(max_items = 1000)]
    pub members: Vec<HouseholdMemberView>,
}

impl View for HouseholdWithMembersView {
    fn version(&self) -> Option<i32> {
        self.household.version()
    }
}

/// Who lives in a household from when to when; or a correction of an earlier statement.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = household_members)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "personId": "01900000-0000-7000-8000-000000000022", "from": "2020-01-01" }))]
pub struct HouseholdMemberBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Person.
    pub person_id: Uuid,
    /// First day in the household.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Last day in the household; open where the person still lives there.
    #[diesel(column_name = valid_to_on)]
    pub to: Option<Day>,
    /// Statement about the same person that this one corrects, in this household or another.
    pub supersedes_id: Option<Uuid>,
    /// Why it is corrected; only and always with a correction.
    pub correction_reason: Option<LongText>,
}

/// A member of a household.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = household_members)]
#[serde(rename_all = "camelCase")]
pub struct HouseholdMemberView {
    /// Id of the statement.
    pub id: Uuid,
    /// Household.
    pub household_id: Uuid,
    /// Person.
    pub person_id: Uuid,
    /// First day in the household.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Last day in the household; open where the person still lives there.
    #[diesel(column_name = valid_to_on)]
    pub to: Option<Day>,
    /// Statement that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// When a correction took its place.
    pub superseded_at: Option<DateTime<Utc>>,
    /// Why it corrects another.
    pub correction_reason: Option<LongText>,
}

impl View for HouseholdMemberView {}

/// Which households.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct HouseholdFilter {
    /// In which this person lives or lived.
    person_id: Option<Uuid>,
    /// With which a family assistant works or worked under this edition.
    edition_id: Option<Uuid>,
    /// With which this family assistant works or worked.
    #[param(inline)]
    assistant: Option<AssistantCode>,
    /// With which a family assistant works on this day.
    #[param(inline)]
    assisted_on: Option<Day>,
}

impl HouseholdFilter {
    /// Whether households are asked for by their family assistants.
    fn is_about_assistants(&self) -> bool {
        self.edition_id.is_some() || self.assistant.is_some() || self.assisted_on.is_some()
    }
}

/// Which statements about a household.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(super) struct SupersededFilter {
    /// Also statements that a correction has replaced.
    #[param(default = false)]
    include_superseded: Option<bool>,
}

impl SupersededFilter {
    /// Whether replaced statements are wanted too.
    pub(super) fn wants_superseded(&self) -> bool {
        self.include_superseded == Some(true)
    }
}

/// Records a household, without members yet.
#[utoipa::path(tag = "households", request_body = HouseholdBody,
    responses((status = 201, body = HouseholdView, description = "The household")))]
#[post("/households")]
async fn create_household(permit: Permit<CreateHousehold>, body: Body<HouseholdBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("household", [id]);
            let view = insert_household(tx, id, body)?;
            tx.announce("household", id, "household.recorded", json!({ "householdId": id }));
            Ok(Written::created(format!("/households/{id}"), view))
        })
        .await
}

/// Lists the households; a narrowed family assistant's client sees those of its assistant.
#[utoipa::path(tag = "households", params(HouseholdFilter, PageQuery),
    responses((status = 200, body = Page<HouseholdView>, description = "A page of households")))]
#[get("/households")]
async fn list_households(permit: Permit<ListHouseholds>, filter: Filter<HouseholdFilter>) -> Result<Reply, Problem> {
    permit.list(|household: &HouseholdView| household.id, move |tx, window| select_households(tx, &filter.0, window)).await
}

/// Reads a household with its members.
///
/// A narrowed family assistant's client is not told of who left before its assistant began, nor of who is still to come.
#[utoipa::path(tag = "households", params(("id" = Uuid, Path, description = "Household"), SupersededFilter),
    responses((status = 200, body = HouseholdWithMembersView, description = "The household and its members")))]
#[get("/households/{id}")]
async fn get_household(permit: Permit<GetHousehold>, id: PathId, filter: Filter<SupersededFilter>) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let household = find_household(tx, id.0)?;
            let mut members = select_members(tx, id.0, filter.0.wants_superseded())?;
            if let Some(days) = days_in_sight(tx, id.0)? {
                keep_those_of(&mut members, &days);
            }
            Ok(HouseholdWithMembersView { household, members })
        })
        .await
}

/// Records who lives in a household, or corrects an earlier statement.
///
/// A person belongs to one household at a time.
#[utoipa::path(tag = "households", params(("id" = Uuid, Path, description = "Household")), request_body = HouseholdMemberBody,
    responses((status = 201, body = HouseholdMemberView, description = "The member")))]
#[post("/households/{id}/members")]
async fn add_household_member(
    permit: Permit<AddHouseholdMember>,
    household: PathId,
    body: Body<HouseholdMemberBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("household_member", [id, household.0, body.person_id]);
            let current = find_household(tx, household.0)?.row_version;
            tx.expect_version(current)?;
            check_member(body)?;
            // Before a row says anything of the person: a merge locks people first, and then what it moves.
            hold_person(tx, body.person_id)?;
            expect_in_sight(tx, body.person_id).map_err(|problem| match problem.code() {
                code if code == catalogue::NOT_FOUND.code => catalogue::REFERENCE_NOT_FOUND.at("/personId"),
                _ => problem,
            })?;
            if let Some(superseded) = body.supersedes_id {
                supersede_member(tx, body.person_id, superseded)?;
            }
            let view = insert_member(tx, id, household.0, body)?;
            let data = json!({ "householdId": household.0, "memberId": id, "personId": body.person_id });
            tx.announce("household", household.0, "household_member.recorded", data);
            Ok(Written::created(format!("/households/{}", household.0), view))
        })
        .await
}

fn check_member(body: &HouseholdMemberBody) -> Result<(), Problem> {
    if body.to.is_some_and(|to| to < body.from) {
        return Err(PERIOD_REVERSED.at("/to"));
    }
    if body.supersedes_id.is_some() != body.correction_reason.is_some() {
        return Err(CORRECTION_REASON.at("/correctionReason"));
    }
    Ok(())
}

fn insert_household(tx: &mut Tx, id: Uuid, body: &HouseholdBody) -> Result<HouseholdView, Problem> {
    Ok(diesel::insert_into(households::table)
        .values((body, households::id.eq(id)))
        .returning(HouseholdView::as_returning())
        .get_result(tx.conn)?)
}

fn select_households(tx: &mut Tx, filter: &HouseholdFilter, window: Window) -> Result<Vec<HouseholdView>, Problem> {
    let mut query = households::table.filter(own(tx, households::tenant_id)).filter(households::id.gt(window.after)).into_boxed();
    if let Some(in_sight) = households_in_sight(tx)? {
        query = query.filter(households::id.eq_any(in_sight));
    }
    if let Some(person) = filter.person_id {
        let lived_in = household_members::table
            .filter(own(tx, household_members::tenant_id))
            .filter(household_members::person_id.eq(person))
            .filter(household_members::superseded_at.is_null())
            .select(household_members::household_id);
        query = query.filter(households::id.eq_any(lived_in));
    }
    if filter.is_about_assistants() {
        let assisted = select_assisted(tx, filter)?;
        query = query.filter(households::id.eq_any(assisted));
    }
    Ok(query.order(households::id).limit(window.rows()).select(HouseholdView::as_select()).load(tx.conn)?)
}

/// The households with which a family assistant works as the filter says; a centre has hundreds of them at most.
fn select_assisted(tx: &mut Tx, filter: &HouseholdFilter) -> Result<Vec<Uuid>, Problem> {
    let mut query = household_assistants::table
        .filter(own(tx, household_assistants::tenant_id))
        .filter(household_assistants::superseded_at.is_null())
        .into_boxed();
    if let Some(edition) = filter.edition_id {
        query = query.filter(household_assistants::edition_id.eq(edition));
    }
    if let Some(assistant) = &filter.assistant {
        query = query.filter(household_assistants::assistant.eq(assistant));
    }
    if let Some(day) = filter.assisted_on {
        query = query
            .filter(household_assistants::valid_from_on.le(day))
            .filter(household_assistants::valid_to_on.is_null().or(household_assistants::valid_to_on.ge(day)));
    }
    Ok(query.select(household_assistants::household_id).distinct().load(tx.conn)?)
}

/// A household of the tenant that the caller may see, or 404.
pub(super) fn find_household(tx: &mut Tx, id: Uuid) -> Result<HouseholdView, Problem> {
    expect_household_in_sight(tx, id)?;
    Ok(households::table
        .filter(own(tx, households::tenant_id))
        .filter(households::id.eq(id))
        .select(HouseholdView::as_select())
        .first(tx.conn)?)
}

fn select_members(tx: &mut Tx, household: Uuid, include_superseded: bool) -> Result<Vec<HouseholdMemberView>, Problem> {
    let mut query = household_members::table
        .filter(own(tx, household_members::tenant_id))
        .filter(household_members::household_id.eq(household))
        .into_boxed();
    if !include_superseded {
        query = query.filter(household_members::superseded_at.is_null());
    }
    Ok(query.order(household_members::id).select(HouseholdMemberView::as_select()).load(tx.conn)?)
}

/// Keeps who lived in the household on one of the days, with what was corrected of them.
fn keep_those_of(members: &mut Vec<HouseholdMemberView>, days: &[Period]) {
    let lived_there = |member: &HouseholdMemberView| {
        let overlaps = |days: &Period| member.from <= days.to() && member.to.is_none_or(|to| days.from() <= to);
        member.superseded_at.is_none() && days.iter().any(overlaps)
    };
    let people: HashSet<Uuid> = members.iter().filter(|member| lived_there(member)).map(|member| member.person_id).collect();
    members.retain(|member| lived_there(member) || (member.superseded_at.is_some() && people.contains(&member.person_id)));
}

fn supersede_member(tx: &mut Tx, person: Uuid, id: Uuid) -> Result<(), Problem> {
    let member = household_members::table
        .filter(own(tx, household_members::tenant_id))
        .filter(household_members::person_id.eq(person))
        .filter(household_members::id.eq(id));
    let marked = diesel::update(member.filter(household_members::superseded_at.is_null()))
        .set(household_members::superseded_at.eq(tx.now()))
        .execute(tx.conn)?;
    if marked == 1 {
        return Ok(());
    }
    let known: i64 = member.count().get_result(tx.conn)?;
    let definition = if known == 0 { &catalogue::REFERENCE_NOT_FOUND } else { &catalogue::ALREADY_SUPERSEDED };
    Err(definition.at("/supersedesId"))
}

fn insert_member(tx: &mut Tx, id: Uuid, household: Uuid, body: &HouseholdMemberBody) -> Result<HouseholdMemberView, Problem> {
    Ok(diesel::insert_into(household_members::table)
        .values((body, household_members::id.eq(id), household_members::household_id.eq(household)))
        .returning(HouseholdMemberView::as_returning())
        .get_result(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_household).service(list_households).service(get_household).service(add_household_member);
}
