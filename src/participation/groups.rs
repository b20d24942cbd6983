//! Groups of an edition (Polish: grupy zajęciowe) and who belongs to them from when to when.
//!
//! A session of a group expects those who belong to the group on its day. Who
//! changes the group before the day changes who is expected; a day that has an
//! attendance sheet keeps it.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::sessions::clash::{Wanted, naming_the_clash};
use super::{INVERTED, NOT_IN_EDITION, OUTSIDE_PARTICIPATION};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{AddGroupMember, CreateGroup, EndGroupMember, GetGroup, ListGroupMembers, ListGroups};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, ShortText};
use crate::schema::{edition_groups, editions, group_members, participations};

/// A group, as made.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = edition_groups)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "name": "Grupa popołudniowa" }))]
pub struct GroupBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Name, unique within the edition; no names of people.
    pub name: ShortText,
}

/// A group of an edition.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = edition_groups)]
#[serde(rename_all = "camelCase")]
pub struct GroupView {
    /// Id.
    pub id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Name.
    pub name: ShortText,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl View for GroupView {}

/// Who joins a group, and when.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = group_members)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "participationId": examples::PARTICIPATION, "from": "2026-06-15", "to": "2026-06-26" }))]
pub struct GroupMemberBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Participation in the edition of the group.
    pub participation_id: Uuid,
    /// First day, not before the participation.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Last day; without it, as long as the participation lasts.
    #[diesel(column_name = valid_to_on)]
    pub to: Option<Day>,
}

/// A membership in a group.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = group_members)]
#[serde(rename_all = "camelCase")]
pub struct GroupMemberView {
    /// Id of the membership.
    pub id: Uuid,
    /// Group.
    pub group_id: Uuid,
    /// Participation.
    pub participation_id: Uuid,
    /// First day.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Last day.
    #[diesel(column_name = valid_to_on)]
    pub to: Option<Day>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl View for GroupMemberView {}

/// When a membership ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "to": "2026-06-19" }))]
pub struct GroupMemberEndBody {
    /// Last day, not before the first.
    pub to: Day,
}

/// Which members are wanted.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct MemberFilter {
    /// Members on this day.
    #[param(inline)]
    pub effective_on: Option<Day>,
}

/// Makes a group of an edition.
#[utoipa::path(tag = "editions", request_body = GroupBody, params(("id" = Uuid, Path, description = "Edition")),
    responses((status = 201, body = GroupView, description = "The group")))]
#[post("/editions/{id}/groups")]
async fn create_group(permit: Permit<CreateGroup>, edition: PathId, body: Body<GroupBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("group", [id]);
            expect_edition(tx, edition.0)?;
            let view: GroupView = diesel::insert_into(edition_groups::table)
                .values((body, edition_groups::id.eq(id), edition_groups::edition_id.eq(edition.0)))
                .returning(GroupView::as_returning())
                .get_result(tx.conn)?;
            Ok(Written::created(format!("/groups/{id}"), view))
        })
        .await
}

/// Lists the groups of an edition.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"), PageQuery),
    responses((status = 200, body = Page<GroupView>, description = "A page of groups")))]
#[get("/editions/{id}/groups")]
async fn list_groups(permit: Permit<ListGroups>, edition: PathId) -> Result<Reply, Problem> {
    permit.list(|group: &GroupView| group.id, move |tx, window| select_groups(tx, edition.0, window)).await
}

/// Reads a group.
#[utoipa::path(tag = "groups", params(("id" = Uuid, Path, description = "Group")),
    responses((status = 200, body = GroupView, description = "The group")))]
#[get("/groups/{id}")]
async fn get_group(permit: Permit<GetGroup>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_group(tx, id.0)).await
}

/// Lets somebody join a group.
///
/// From then on the person is expected at its sessions. Refused (409) where
/// one of them is at the time of another session that expects the person; the
/// problem names both.
#[utoipa::path(tag = "groups", request_body = GroupMemberBody, params(("id" = Uuid, Path, description = "Group")),
    responses((status = 201, body = GroupMemberView, description = "The membership")))]
#[post("/groups/{id}/members")]
async fn add_group_member(permit: Permit<AddGroupMember>, group: PathId, body: Body<GroupMemberBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("group_member", [id, group.0]);
            let group = find_group(tx, group.0)?;
            check_membership(tx, &group, body)?;
            let wanted =
                Wanted::Membership { group: group.id, participation: body.participation_id, from: body.from, to: body.to };
            let view = naming_the_clash(tx, &wanted, |tx| {
                let inserted: GroupMemberView = diesel::insert_into(group_members::table)
                    .values((
                        body,
                        group_members::id.eq(id),
                        group_members::edition_id.eq(group.edition_id),
                        group_members::group_id.eq(group.id),
                    ))
                    .returning(GroupMemberView::as_returning())
                    .get_result(tx.conn)?;
                Ok(inserted)
            })?;
            tx.announce(
                "group",
                group.id,
                "group.joined",
                json!({ "participationId": body.participation_id, "from": body.from }),
            );
            Ok(Written::created(format!("/groups/{}/members", group.id), view))
        })
        .await
}

/// Lists who belongs to a group, or belonged to it.
#[utoipa::path(tag = "groups", params(("id" = Uuid, Path, description = "Group"), MemberFilter, PageQuery),
    responses((status = 200, body = Page<GroupMemberView>, description = "A page of memberships")))]
#[get("/groups/{id}/members")]
async fn list_group_members(
    permit: Permit<ListGroupMembers>,
    group: PathId,
    filter: Filter<MemberFilter>,
) -> Result<Reply, Problem> {
    permit.list(|member: &GroupMemberView| member.id, move |tx, window| select_members(tx, group.0, filter.0, window)).await
}

/// Ends a membership, or moves its end.
///
/// The person is no longer expected at later sessions of the group.
#[utoipa::path(tag = "group-members", request_body = GroupMemberEndBody, params(("id" = Uuid, Path, description = "Membership")),
    responses((status = 201, body = GroupMemberView, description = "The membership as it is now")))]
#[post("/group-members/{id}/end")]
async fn end_group_member(permit: Permit<EndGroupMember>, id: PathId, body: Body<GroupMemberEndBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("group_member", [id.0]);
            let member = group_members::table.filter(own(tx, group_members::tenant_id)).filter(group_members::id.eq(id.0));
            let current: GroupMemberView = member.select(GroupMemberView::as_select()).for_update().first(tx.conn)?;
            if body.to < current.from {
                return Err(INVERTED.at("/to"));
            }
            let wanted = Wanted::Membership {
                group: current.group_id,
                participation: current.participation_id,
                from: current.from,
                to: Some(body.to),
            };
            let view = naming_the_clash(tx, &wanted, |tx| {
                let member = group_members::table.filter(own(tx, group_members::tenant_id)).filter(group_members::id.eq(id.0));
                let changed: GroupMemberView = diesel::update(member)
                    .set(group_members::valid_to_on.eq(body.to))
                    .returning(GroupMemberView::as_returning())
                    .get_result(tx.conn)?;
                Ok(changed)
            })?;
            let data = json!({ "participationId": view.participation_id, "to": body.to });
            tx.announce("group", view.group_id, "group.left", data);
            Ok(Written::created(format!("/groups/{}/members", view.group_id), view))
        })
        .await
}

/// Answers 404 for what lies below an edition that the tenant does not have.
pub(super) fn expect_edition(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    let edition = editions::table.filter(own(tx, editions::tenant_id)).filter(editions::id.eq(id)).select(editions::id);
    Ok(edition.first::<Uuid>(tx.conn).map(drop)?)
}

/// A group of the tenant.
pub(super) fn find_group(tx: &mut Tx, id: Uuid) -> Result<GroupView, Problem> {
    Ok(edition_groups::table
        .filter(own(tx, edition_groups::tenant_id))
        .filter(edition_groups::id.eq(id))
        .select(GroupView::as_select())
        .first(tx.conn)?)
}

/// Members belong to the edition and join while they take part.
fn check_membership(tx: &mut Tx, group: &GroupView, body: &GroupMemberBody) -> Result<(), Problem> {
    if body.to.is_some_and(|to| to < body.from) {
        return Err(INVERTED.at("/to"));
    }
    let (starts_on, planned_end_on, ended_on): (Day, Day, Option<Day>) = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::edition_id.eq(group.edition_id))
        .filter(participations::id.eq(body.participation_id))
        .select((participations::starts_on, participations::planned_end_on, participations::ended_on))
        .for_key_share()
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| NOT_IN_EDITION.at("/participationId"))?;
    let last_on = ended_on.unwrap_or(planned_end_on);
    let stay = starts_on..=last_on;
    let outside = [("/from", Some(body.from)), ("/to", body.to)];
    match outside.into_iter().find(|(_, day)| day.is_some_and(|day| !stay.contains(&day))) {
        None => Ok(()),
        Some((pointer, _)) => {
            let problem = OUTSIDE_PARTICIPATION.at(pointer);
            Err(problem.with("startsOn", starts_on.to_string()).with("lastOn", last_on.to_string()))
        }
    }
}

fn select_groups(tx: &mut Tx, edition: Uuid, window: Window) -> Result<Vec<GroupView>, Problem> {
    expect_edition(tx, edition)?;
    Ok(edition_groups::table
        .filter(own(tx, edition_groups::tenant_id))
        .filter(edition_groups::edition_id.eq(edition))
        .filter(edition_groups::id.gt(window.after))
        .order(edition_groups::id)
        .limit(window.rows())
        .select(GroupView::as_select())
        .load(tx.conn)?)
}

fn select_members(tx: &mut Tx, group: Uuid, filter: MemberFilter, window: Window) -> Result<Vec<GroupMemberView>, Problem> {
    find_group(tx, group)?;
    let mut query = group_members::table
        .filter(own(tx, group_members::tenant_id))
        .filter(group_members::group_id.eq(group))
        .filter(group_members::id.gt(window.after))
        .into_boxed();
    if let Some(day) = filter.effective_on {
        query = query
            .filter(group_members::valid_from_on.le(day))
            .filter(group_members::valid_to_on.is_null().or(group_members::valid_to_on.ge(day)));
    }
    Ok(query.order(group_members::id).limit(window.rows()).select(GroupMemberView::as_select()).load(tx.conn)?)
}

/// Participations that belong to a group on a day, whether or not they take part on it.
pub(super) fn members_on(tx: &mut Tx, group: Uuid, day: Day) -> Result<Vec<Uuid>, Problem> {
    Ok(group_members::table
        .filter(own(tx, group_members::tenant_id))
        .filter(group_members::group_id.eq(group))
        .filter(group_members::valid_from_on.le(day))
        .filter(group_members::valid_to_on.is_null().or(group_members::valid_to_on.ge(day)))
        .select(group_members::participation_id)
        .load(tx.conn)?)
}

/// Refuses a group that the edition does not have.
pub(super) fn expect_group_of(tx: &mut Tx, edition: Uuid, group: Uuid) -> Result<(), Problem> {
    let found: Option<Uuid> = edition_groups::table
        .filter(own(tx, edition_groups::tenant_id))
        .filter(edition_groups::edition_id.eq(edition))
        .filter(edition_groups::id.eq(group))
        .select(edition_groups::id)
        .first(tx.conn)
        .optional()?;
    found.map(drop).ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at("/groupId"))
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create_group)
        .service(list_groups)
        .service(get_group)
        .service(add_group_member)
        .service(list_group_members)
        .service(end_group_member);
}
