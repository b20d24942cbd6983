//! Somebody moves to another post, of the same host or of another one, from a day on.

use actix_web::post;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::participation::participations::{NewStep, ParticipationStep, Stay, append_step, get_view, lock_participation};
use crate::participation::post_assignments::{PostAssignmentBody, PostAssignmentView, assign};
use crate::participation::{NOT_ASSIGNED, POST_MOVE_BEFORE};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::permit::Permit;
use crate::platform::policy::MoveToPost;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText};
use crate::schema::post_assignments;

/// A move, as decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "fromPostId": examples::HOST_POST, "postId": examples::OTHER_POST, "effectiveOn": "2026-06-22", "instructed": true,
    "reason": "Prace bliżej miejsca zamieszkania"
}))]
pub struct PostMoveBody {
    /// Id of the new assignment chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Post that is left.
    pub from_post_id: Uuid,
    /// Post that is taken up, also at another host.
    pub post_id: Uuid,
    /// First day at it, later than the first day at the other.
    pub effective_on: Day,
    /// Last day; when left out, that of the assignment that is left.
    pub to: Option<Day>,
    /// Whether the person was instructed on order, discipline and safety at the new post.
    pub instructed: bool,
    /// Why; no names.
    pub reason: Option<LongText>,
}

/// A move: the assignment that ended and the one that began.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PostMoveView {
    /// Assignment that is left, with its last day in `endedOn`.
    pub left: PostAssignmentView,
    /// New assignment.
    pub taken_up: PostAssignmentView,
}

impl View for PostMoveView {}

/// Moves a participant to another post from a day on.
///
/// The former assignment keeps its planned last day and gets an end; hours
/// recorded there are not touched. The new post must be open and have a free
/// place on all its days. `get_change_preview` shows the effect before.
#[utoipa::path(tag = "participations", request_body = PostMoveBody, params(("id" = Uuid, Path, description = "Participation")),
    responses((status = 201, body = PostMoveView, description = "The move")))]
#[post("/participations/{id}/post-moves")]
async fn move_to_post(permit: Permit<MoveToPost>, id: PathId, body: Body<PostMoveBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("participation", [id.0]);
            get_view(tx, id.0)?;
            let stay = lock_participation(tx, id.0)?;
            tx.expect_version(stay.row_version)?;
            let view = change_post(tx, &stay, body)?;
            Ok(Written::created(format!("/participations/{}/post-assignments", id.0), view))
        })
        .await
}

/// The assignment that somebody leaves by a move on a day.
pub(super) fn left_assignment(tx: &mut Tx, participation: Uuid, post: Uuid, on: Day) -> Result<PostAssignmentView, Problem> {
    let left: Option<PostAssignmentView> = post_assignments::table
        .filter(own(tx, post_assignments::tenant_id))
        .filter(post_assignments::participation_id.eq(participation))
        .filter(post_assignments::post_id.eq(post))
        .filter(post_assignments::from_on.le(on))
        .filter(post_assignments::to_on.ge(on))
        .filter(post_assignments::ended_on.is_null().or(post_assignments::ended_on.ge(on)))
        .select(PostAssignmentView::as_select())
        .first(tx.conn)
        .optional()?;
    let left = left.ok_or_else(|| NOT_ASSIGNED.at("/fromPostId").with("day", on.to_string()))?;
    if left.from == on {
        return Err(POST_MOVE_BEFORE.at("/effectiveOn").with("from", left.from.to_string()));
    }
    Ok(left)
}

fn change_post(tx: &mut Tx, stay: &Stay, body: &PostMoveBody) -> Result<PostMoveView, Problem> {
    let left = left_assignment(tx, stay.id, body.from_post_id, body.effective_on)?;
    let last = body.effective_on.minus_days(1).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    let assignment =
        post_assignments::table.filter(own(tx, post_assignments::tenant_id)).filter(post_assignments::id.eq(left.id));
    let ended: PostAssignmentView = diesel::update(assignment)
        .set(post_assignments::ended_on.eq(last))
        .returning(PostAssignmentView::as_returning())
        .get_result(tx.conn)?;
    let next = PostAssignmentBody {
        id: body.id,
        post_id: body.post_id,
        from: body.effective_on,
        to: body.to.unwrap_or_else(|| left.last_on().min(stay.last_on())),
        instructed: body.instructed,
    };
    let taken_up = assign(tx, stay, &next, "/effectiveOn")?;
    append_step(
        tx,
        &NewStep {
            participation_id: stay.id,
            kind: ParticipationStep::PostMoved,
            effective_on: body.effective_on,
            reason: None,
            note: body.reason.as_ref().map(LongText::as_str),
        },
    )?;
    let data =
        json!({ "participationId": stay.id, "fromPostId": body.from_post_id, "postId": body.post_id, "from": body.effective_on });
    tx.announce("participation", stay.id, "participation.post_moved", data);
    Ok(PostMoveView { left: ended, taken_up })
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(move_to_post);
}
