//! Who works at which post, from when to when (regulation of 21 December 2017, section 4).
//!
//! Never more people than the post has places, on any day. Hours are recorded
//! in the register whether or not somebody was assigned.

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::participations::{Stay, lock_participation};
use super::{INVERTED, OUTSIDE_PARTICIPATION, POST_CLOSED, POST_FULL};
use crate::institutions::{HostPostView, lock_host_post};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{AssignPost, ListPostAssignments};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Period};
use crate::schema::{participations, post_assignments};

/// An assignment, as recorded.
#[derive(Clone, Copy, Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = post_assignments)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "postId": examples::HOST_POST, "from": "2026-06-08", "to": "2026-06-30", "instructed": true }))]
pub struct PostAssignmentBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Post.
    pub post_id: Uuid,
    /// First day, within the participation.
    #[diesel(column_name = from_on)]
    pub from: Day,
    /// Last day, within the participation.
    #[diesel(column_name = to_on)]
    pub to: Day,
    /// Whether the person was instructed on order, discipline and safety at work.
    #[diesel(column_name = is_instructed)]
    pub instructed: bool,
}

/// An assignment.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = post_assignments)]
#[serde(rename_all = "camelCase")]
pub struct PostAssignmentView {
    /// Id.
    pub id: Uuid,
    /// Participation.
    pub participation_id: Uuid,
    /// Post.
    pub post_id: Uuid,
    /// First day.
    #[diesel(column_name = from_on)]
    pub from: Day,
    /// Last day; an earlier end of the participation ends it, too.
    #[diesel(column_name = to_on)]
    pub to: Day,
    /// Whether the person was instructed on order, discipline and safety at work.
    #[diesel(column_name = is_instructed)]
    pub instructed: bool,
    /// Last day, where the participant moved to another post before `to`.
    pub ended_on: Option<Day>,
}

impl View for PostAssignmentView {}

impl PostAssignmentView {
    /// The last day: of the move, or as assigned.
    pub(super) fn last_on(&self) -> Day {
        self.ended_on.unwrap_or(self.to)
    }
}

/// Assigns a participant to a post of a host.
///
/// Refused on days on which all places of the post are taken, or outside the
/// participation or the days of the post.
#[utoipa::path(tag = "participations", request_body = PostAssignmentBody, params(("id" = Uuid, Path, description = "Participation")),
    responses((status = 201, body = PostAssignmentView, description = "The assignment")))]
#[post("/participations/{id}/post-assignments")]
async fn assign_post(permit: Permit<AssignPost>, id: PathId, body: Body<PostAssignmentBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let new_id = tx.id_or_new(body.id);
            tx.touch("participation", [id.0, new_id]);
            let stay = lock_participation(tx, id.0)?;
            let view = assign(tx, &stay, &PostAssignmentBody { id: Some(new_id), ..*body }, "/from")?;
            Ok(Written::created(format!("/participations/{}/post-assignments", id.0), view))
        })
        .await
}

/// Assigns a locked participation to a post; `from` is where the body holds the first day.
pub(super) fn assign(tx: &mut Tx, stay: &Stay, body: &PostAssignmentBody, from: &str) -> Result<PostAssignmentView, Problem> {
    let days = check_days(stay, body, from)?;
    let post = lock_host_post(tx, body.post_id)?.ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at("/postId"))?;
    expect_open_place(tx, &post, days, from)?;
    let id = tx.id_or_new(body.id);
    let view: PostAssignmentView = diesel::insert_into(post_assignments::table)
        .values((body, post_assignments::id.eq(id), post_assignments::participation_id.eq(stay.id)))
        .returning(PostAssignmentView::as_returning())
        .get_result(tx.conn)?;
    let data = json!({ "participationId": stay.id, "postId": post.id, "assignmentId": id });
    tx.announce("participation", stay.id, "participation.post_assigned", data);
    Ok(view)
}

fn check_days(stay: &Stay, body: &PostAssignmentBody, from: &str) -> Result<Period, Problem> {
    let days = Period::new(body.from, body.to).map_err(|_| INVERTED.at("/to"))?;
    for (day, pointer) in [(body.from, from), (body.to, "/to")] {
        if day < stay.starts_on || day > stay.last_on() {
            return Err(OUTSIDE_PARTICIPATION
                .at(pointer)
                .with("startsOn", stay.starts_on.to_string())
                .with("lastOn", stay.last_on().to_string()));
        }
    }
    Ok(days)
}

/// Refuses days on which a post is not open or has no free place.
pub(super) fn expect_open_place(tx: &mut Tx, post: &HostPostView, days: Period, from: &str) -> Result<(), Problem> {
    if days.from() < post.from || post.to.is_some_and(|to| days.to() > to) {
        return Err(POST_CLOSED.at("/postId"));
    }
    expect_place(tx, post.id, post.places, days, from)
}

/// Lists the posts to which a participant was assigned.
#[utoipa::path(tag = "participations", params(("id" = Uuid, Path, description = "Participation"), PageQuery),
    responses((status = 200, body = Page<PostAssignmentView>, description = "A page of assignments")))]
#[get("/participations/{id}/post-assignments")]
async fn list_post_assignments(permit: Permit<ListPostAssignments>, id: PathId) -> Result<Reply, Problem> {
    permit.list(|assignment: &PostAssignmentView| assignment.id, move |tx, window| select_assignments(tx, id.0, window)).await
}

/// Refuses days on which the post is full. Nobody else takes a place meanwhile: the post is locked.
fn expect_place(tx: &mut Tx, post: Uuid, places: i32, days: Period, pointer: &str) -> Result<(), Problem> {
    let participation =
        participations::tenant_id.eq(post_assignments::tenant_id).and(participations::id.eq(post_assignments::participation_id));
    let taken: Vec<(Day, Day, Option<Day>, Option<Day>)> = post_assignments::table
        .inner_join(participations::table.on(participation))
        .filter(own(tx, post_assignments::tenant_id))
        .filter(post_assignments::post_id.eq(post))
        .select((post_assignments::from_on, post_assignments::to_on, post_assignments::ended_on, participations::ended_on))
        .load(tx.conn)?;
    let taken: Vec<Period> = taken
        .into_iter()
        .filter_map(|(from, to, moved, ended)| Period::new(from, [moved, ended].into_iter().flatten().fold(to, Day::min)).ok())
        .collect();
    match first_full_day(&taken, places, days) {
        None => Ok(()),
        Some(day) => Err(POST_FULL.at(pointer).with("day", day.to_string()).with("places", places)),
    }
}

/// The first of the days on which all places are taken: the first day itself, or one on which an assignment begins.
fn first_full_day(taken: &[Period], places: i32, days: Period) -> Option<Day> {
    let mut begins: Vec<Day> = taken.iter().map(|one| one.from()).filter(|from| days.contains(*from)).collect();
    begins.push(days.from());
    begins.sort_unstable();
    let places = usize::try_from(places).unwrap_or_default();
    begins.into_iter().find(|day| taken.iter().filter(|one| one.contains(*day)).count() >= places)
}

fn select_assignments(tx: &mut Tx, participation: Uuid, window: Window) -> Result<Vec<PostAssignmentView>, Problem> {
    let _: Uuid = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::id.eq(participation))
        .select(participations::id)
        .first(tx.conn)?;
    Ok(post_assignments::table
        .filter(own(tx, post_assignments::tenant_id))
        .filter(post_assignments::participation_id.eq(participation))
        .filter(post_assignments::id.gt(window.after))
        .order(post_assignments::id)
        .limit(window.rows())
        .select(PostAssignmentView::as_select())
        .load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(assign_post).service(list_post_assignments);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: &str, to: &str) -> Period {
        Period::new(from.parse().expect("a day"), to.parse().expect("a day")).expect("a period")
    }

    #[test]
    fn a_post_is_full_on_the_days_on_which_its_places_are_taken() {
        let taken = [days("2020-11-02", "2020-11-13"), days("2020-11-09", "2020-11-20")];
        for (places, wanted, full) in [
            (2, days("2020-11-02", "2020-11-06"), None),
            (2, days("2020-11-02", "2020-11-30"), Some("2020-11-09")),
            (2, days("2020-11-12", "2020-11-30"), Some("2020-11-12")),
            (2, days("2020-11-14", "2020-11-30"), None),
            (1, days("2020-11-20", "2020-11-30"), Some("2020-11-20")),
            (1, days("2020-11-21", "2020-11-30"), None),
            (3, days("2020-11-01", "2020-11-30"), None),
        ] {
            let found = first_full_day(&taken, places, wanted).map(|day| day.to_string());
            assert_eq!(found.as_deref(), full, "{places} places, {wanted:?}");
        }
    }
}
