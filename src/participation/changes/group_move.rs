//! Somebody moves to another group from a day on: one membership ends the day before, the other begins.

use actix_web::post;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::participation::groups::{GroupMemberView, expect_group_of};
use crate::participation::participations::{NewStep, ParticipationStep, Stay, append_step, get_view, lock_participation};
use crate::participation::sessions::clash::{Wanted, naming_the_clash};
use crate::participation::{GROUP_MOVE_BEFORE, NOT_A_MEMBER, OUTSIDE_PARTICIPATION};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::permit::Permit;
use crate::platform::policy::MoveToGroup;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText};
use crate::schema::group_members;

/// A move, as decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "fromGroupId": examples::GROUP, "groupId": examples::OTHER_GROUP, "effectiveOn": "2026-06-22", "reason": "Zmiana godzin opieki" }))]
pub struct GroupMoveBody {
    /// Id of the new membership chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Group that is left.
    pub from_group_id: Uuid,
    /// Group that is joined, of the same edition.
    pub group_id: Uuid,
    /// First day in it, later than the first day in the other.
    pub effective_on: Day,
    /// Why; no names.
    pub reason: Option<LongText>,
}

/// A move: the membership that ended and the one that began.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupMoveView {
    /// Membership in the group that is left, with its last day.
    pub left: GroupMemberView,
    /// Membership in the group that is joined; it lasts as long as the other was to.
    pub joined: GroupMemberView,
}

impl View for GroupMoveView {}

/// Moves a participant to another group from a day on.
///
/// The membership in the former group ends the day before and stays on file;
/// attendance there is not touched. Refused (409) where a session of the new
/// group is at the time of another one that expects the participant.
/// `get_change_preview` shows the effect before.
#[utoipa::path(tag = "participations", request_body = GroupMoveBody, params(("id" = Uuid, Path, description = "Participation")),
    responses((status = 201, body = GroupMoveView, description = "The move")))]
#[post("/participations/{id}/group-moves")]
async fn move_to_group(permit: Permit<MoveToGroup>, id: PathId, body: Body<GroupMoveBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("participation", [id.0]);
            get_view(tx, id.0)?;
            let stay = lock_participation(tx, id.0)?;
            tx.expect_version(stay.row_version)?;
            let view = change_group(tx, &stay, body)?;
            Ok(Written::created(format!("/groups/{}/members", body.group_id), view))
        })
        .await
}

/// The membership that somebody leaves by a move on a day.
pub(super) fn left_membership(tx: &mut Tx, stay: &Stay, group: Uuid, on: Day) -> Result<GroupMemberView, Problem> {
    if !stay.covers(on) {
        let problem = OUTSIDE_PARTICIPATION.at("/effectiveOn");
        return Err(problem.with("startsOn", stay.starts_on.to_string()).with("lastOn", stay.last_on().to_string()));
    }
    let left: Option<GroupMemberView> = group_members::table
        .filter(own(tx, group_members::tenant_id))
        .filter(group_members::group_id.eq(group))
        .filter(group_members::participation_id.eq(stay.id))
        .filter(group_members::valid_from_on.le(on))
        .filter(group_members::valid_to_on.is_null().or(group_members::valid_to_on.ge(on)))
        .select(GroupMemberView::as_select())
        .first(tx.conn)
        .optional()?;
    let left = left.ok_or_else(|| NOT_A_MEMBER.at("/fromGroupId").with("day", on.to_string()))?;
    if left.from == on {
        return Err(GROUP_MOVE_BEFORE.at("/effectiveOn").with("from", left.from.to_string()));
    }
    Ok(left)
}

fn change_group(tx: &mut Tx, stay: &Stay, body: &GroupMoveBody) -> Result<GroupMoveView, Problem> {
    expect_group_of(tx, stay.edition_id, body.group_id)?;
    let left = left_membership(tx, stay, body.from_group_id, body.effective_on)?;
    let last = body.effective_on.minus_days(1).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    let id = tx.id_or_new(body.id);
    let wanted = Wanted::Membership { group: body.group_id, participation: stay.id, from: body.effective_on, to: left.to };
    let view = naming_the_clash(tx, &wanted, |tx| {
        let membership = group_members::table.filter(own(tx, group_members::tenant_id)).filter(group_members::id.eq(left.id));
        let ended: GroupMemberView = diesel::update(membership)
            .set(group_members::valid_to_on.eq(last))
            .returning(GroupMemberView::as_returning())
            .get_result(tx.conn)?;
        let joined: GroupMemberView = diesel::insert_into(group_members::table)
            .values((
                group_members::id.eq(id),
                group_members::edition_id.eq(stay.edition_id),
                group_members::group_id.eq(body.group_id),
                group_members::participation_id.eq(stay.id),
                group_members::valid_from_on.eq(body.effective_on),
                group_members::valid_to_on.eq(left.to),
            ))
            .returning(GroupMemberView::as_returning())
            .get_result(tx.conn)?;
        Ok(GroupMoveView { left: ended, joined })
    })?;
    append_step(
        tx,
        &NewStep {
            participation_id: stay.id,
            kind: ParticipationStep::GroupMoved,
            effective_on: body.effective_on,
            reason: None,
            note: body.reason.as_ref().map(LongText::as_str),
        },
    )?;
    let data = json!({ "participationId": stay.id, "fromGroupId": body.from_group_id, "groupId": body.group_id, "from": body.effective_on });
    tx.announce("participation", stay.id, "participation.group_moved", data);
    Ok(view)
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(move_to_group);
}
