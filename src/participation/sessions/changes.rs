//! Moving and cancelling sessions, until they have an attendance sheet. Every change grows the version that calendars
//! see as SEQUENCE, and is kept with what stood before.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::clash::{Place, Wanted, naming_the_clash};
use super::expected::{expect_taking_part, roster_of};
use super::times::Slot;
use super::{CancellationReason, SessionView, edition_of, find_session, refuse_times};
use crate::participation::{NOT_TAKING_PART, SESSION_CANCELLED, SESSION_HELD};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery};
use crate::platform::permit::Permit;
use crate::platform::policy::{CancelSession, ListSessionChanges, RescheduleSession};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{ClockTime, Code, Day, ShortText, text_enum};
use crate::schema::{session_changes, sessions};

text_enum! {
    /// What became of a session.
    pub enum SessionChangeKind {
        /// It was moved to another day, time, place or leader.
        Rescheduled = "rescheduled",
        /// It is not held.
        Cancelled = "cancelled",
    }
}

/// Where a session is moved; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "heldOn": "2026-06-18", "startsAt": "13:00", "reason": "choroba prowadzącego", "effectiveOn": "2026-06-12" }))]
pub struct ReschedulingBody {
    /// Day on which it is held now, within the edition.
    pub held_on: Option<Day>,
    /// When it begins now.
    pub starts_at: Option<ClockTime>,
    /// When it ends now; without it, as long after the beginning as before.
    pub ends_at: Option<ClockTime>,
    /// Building.
    pub venue: Option<ShortText>,
    /// Room in it.
    pub room: Option<ShortText>,
    /// The centre's own code of the leader.
    pub facilitator: Option<Code>,
    /// Why it is moved; no names of people.
    pub reason: ShortText,
    /// Day on which that was decided.
    pub effective_on: Day,
}

/// Why a session is not held.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "reason": "facilitator", "effectiveOn": "2026-06-12" }))]
pub struct SessionCancellationBody {
    /// Why.
    pub reason: CancellationReason,
    /// Day on which that was decided.
    pub effective_on: Day,
}

/// How a session stood in the timetable.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TimetableEntryView {
    /// Day.
    pub held_on: Day,
    /// When it began.
    pub starts_at: Option<ClockTime>,
    /// When it ended.
    pub ends_at: Option<ClockTime>,
    /// Building.
    pub venue: Option<ShortText>,
    /// Room in it.
    pub room: Option<ShortText>,
    /// The centre's own code of the leader.
    pub facilitator: Option<Code>,
}

/// A change of a session.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = session_changes)]
#[serde(rename_all = "camelCase")]
pub struct SessionChangeView {
    /// Id.
    pub id: Uuid,
    /// Session.
    pub session_id: Uuid,
    /// What became of it.
    pub kind: SessionChangeKind,
    /// Version of the session since then.
    #[schema(minimum = 2)]
    pub schedule_version: i32,
    /// Day on which it was decided.
    pub effective_on: Day,
    /// How it stood before.
    #[schema(value_type = TimetableEntryView)]
    pub before: Value,
    /// Why.
    pub reason: ShortText,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// Moves a session to another day, time, place or leader.
///
/// Its id stays, and calendars follow. A session with an attendance sheet is
/// not moved (409), nor is one that is cancelled. Clashes are refused as in
/// `create_session`.
#[utoipa::path(tag = "sessions", request_body = ReschedulingBody, params(("id" = Uuid, Path, description = "Session")),
    responses((status = 200, body = SessionView, description = "The session as it is now")))]
#[post("/sessions/{id}/rescheduling")]
async fn reschedule_session(
    permit: Permit<RescheduleSession>,
    id: PathId,
    body: Body<ReschedulingBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let session = begin_change(tx, id.0, body.effective_on)?;
            let view = reschedule(tx, &session, body)?;
            append_change(tx, &session, SessionChangeKind::Rescheduled, body.reason.as_str(), body.effective_on)?;
            let data = json!({ "editionId": view.edition_id, "heldOn": view.held_on, "version": view.schedule_version });
            tx.announce("session", view.id, "session.rescheduled", data);
            Ok(Written::changed(view))
        })
        .await
}

/// Cancels a session.
///
/// It stays readable, and calendars show it as cancelled. Its leader, room and
/// people are free at that time. A session with an attendance sheet is not
/// cancelled (409).
#[utoipa::path(tag = "sessions", request_body = SessionCancellationBody, params(("id" = Uuid, Path, description = "Session")),
    responses((status = 200, body = SessionView, description = "The session as it is now")))]
#[post("/sessions/{id}/cancellation")]
async fn cancel_session(
    permit: Permit<CancelSession>,
    id: PathId,
    body: Body<SessionCancellationBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let session = begin_change(tx, id.0, body.effective_on)?;
            let view: SessionView =
                diesel::update(sessions::table.filter(own(tx, sessions::tenant_id)).filter(sessions::id.eq(id.0)))
                    .set((
                        sessions::cancelled_on.eq(body.effective_on),
                        sessions::cancellation_reason.eq(body.reason),
                        sessions::schedule_version.eq(session.schedule_version + 1),
                        sessions::rescheduled_at.eq(tx.now()),
                    ))
                    .returning(SessionView::as_returning())
                    .get_result(tx.conn)?;
            append_change(tx, &session, SessionChangeKind::Cancelled, body.reason.as_str(), body.effective_on)?;
            let data = json!({ "editionId": view.edition_id, "heldOn": view.held_on, "version": view.schedule_version });
            tx.announce("session", view.id, "session.cancelled", data);
            Ok(Written::changed(view))
        })
        .await
}

/// Lists how a session was moved and cancelled.
#[utoipa::path(tag = "sessions", params(("id" = Uuid, Path, description = "Session"), PageQuery),
    responses((status = 200, body = Page<SessionChangeView>, description = "A page of changes")))]
#[get("/sessions/{id}/changes")]
async fn list_session_changes(permit: Permit<ListSessionChanges>, id: PathId) -> Result<Reply, Problem> {
    permit
        .list(
            |change: &SessionChangeView| change.id,
            move |tx, window| {
                find_session(tx, id.0)?;
                Ok(session_changes::table
                    .filter(own(tx, session_changes::tenant_id))
                    .filter(session_changes::session_id.eq(id.0))
                    .filter(session_changes::id.gt(window.after))
                    .order(session_changes::id)
                    .limit(window.rows())
                    .select(SessionChangeView::as_select())
                    .load(tx.conn)?)
            },
        )
        .await
}

/// Locks a session that may still be changed.
fn begin_change(tx: &mut Tx, id: Uuid, effective_on: Day) -> Result<SessionView, Problem> {
    tx.touch("session", [id]);
    let session: SessionView = sessions::table
        .filter(own(tx, sessions::tenant_id))
        .filter(sessions::id.eq(id))
        .select(SessionView::as_select())
        .for_no_key_update()
        .first(tx.conn)?;
    if !tx.caller.may_lead(session.facilitator_partner_id) {
        return Err(catalogue::NOT_FOUND.problem());
    }
    tx.expect_version(session.schedule_version)?;
    tx.expect_past(effective_on, "/effectiveOn")?;
    if session.cancelled_on.is_some() {
        return Err(SESSION_CANCELLED.problem());
    }
    if session.attendance_version > 0 { Err(SESSION_HELD.problem()) } else { Ok(session) }
}

/// When the session is held from now on.
fn new_slot(session: &SessionView, body: &ReschedulingBody) -> Result<Option<Slot>, Problem> {
    let before = session.starts_at.zip(session.ends_at).map(|(starts_at, ends_at)| Slot { starts_at, ends_at });
    let slot = match (before, body.starts_at, body.ends_at) {
        (Some(before), Some(starts_at), None) => before.moved_to(starts_at).map(Some),
        (_, starts_at, ends_at) => {
            let ends_at = if starts_at.is_some() { ends_at } else { ends_at.or(session.ends_at) };
            Slot::of(starts_at.or(session.starts_at), ends_at, session.hours)
        }
    };
    slot.map_err(refuse_times)
}

fn reschedule(tx: &mut Tx, session: &SessionView, body: &ReschedulingBody) -> Result<SessionView, Problem> {
    let held_on = body.held_on.unwrap_or(session.held_on);
    edition_of(tx, session.block_id, held_on)?;
    let slot = new_slot(session, body)?;
    let named = session.roster_limited && session.group_id.is_none();
    let roster = if named { Some(roster_of(tx, session.id)?) } else { None };
    if let Some(roster) = &roster {
        expect_taking_part(tx, session.edition_id, held_on, roster).map_err(|problem| at_the_day(problem, session.id))?;
    }
    let place = slot.map(|slot| Place {
        session: session.id,
        edition: session.edition_id,
        held_on,
        slot,
        venue: body.venue.clone().or_else(|| session.venue.clone()),
        room: body.room.clone().or_else(|| session.room.clone()),
        facilitator: body.facilitator.clone().or_else(|| session.facilitator.clone()),
        group: session.group_id,
        roster,
    });
    let (starts_at, ends_at) = (slot.map(|slot| slot.starts_at), slot.map(|slot| slot.ends_at));
    let venue = body.venue.as_ref().or(session.venue.as_ref());
    let room = body.room.as_ref().or(session.room.as_ref());
    let facilitator = body.facilitator.as_ref().or(session.facilitator.as_ref());
    let update = |tx: &mut Tx| {
        let view: SessionView =
            diesel::update(sessions::table.filter(own(tx, sessions::tenant_id)).filter(sessions::id.eq(session.id)))
                .set((
                    sessions::held_on.eq(held_on),
                    sessions::starts_at.eq(starts_at),
                    sessions::ends_at.eq(ends_at),
                    sessions::venue.eq(venue),
                    sessions::room.eq(room),
                    sessions::facilitator.eq(facilitator),
                    sessions::schedule_version.eq(session.schedule_version + 1),
                    sessions::rescheduled_at.eq(tx.now()),
                ))
                .returning(SessionView::as_returning())
                .get_result(tx.conn)?;
        Ok(view)
    };
    match place {
        Some(place) => naming_the_clash(tx, &Wanted::Sessions(&[place]), update),
        None => update(tx),
    }
}

/// The body names a day, not people: that is where the refusal points.
fn at_the_day(problem: Problem, session: Uuid) -> Problem {
    if problem.code() != NOT_TAKING_PART.code {
        return problem;
    }
    NOT_TAKING_PART.at("/heldOn").with("sessionId", session.to_string())
}

fn append_change(
    tx: &mut Tx,
    before: &SessionView,
    kind: SessionChangeKind,
    reason: &str,
    effective_on: Day,
) -> Result<(), Problem> {
    let entry = TimetableEntryView {
        held_on: before.held_on,
        starts_at: before.starts_at,
        ends_at: before.ends_at,
        venue: before.venue.clone(),
        room: before.room.clone(),
        facilitator: before.facilitator.clone(),
    };
    let entry = serde_json::to_value(entry).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    diesel::insert_into(session_changes::table)
        .values((
            session_changes::id.eq(tx.id_or_new(None)),
            session_changes::session_id.eq(before.id),
            session_changes::kind.eq(kind),
            session_changes::schedule_version.eq(before.schedule_version + 1),
            session_changes::effective_on.eq(effective_on),
            session_changes::before.eq(entry),
            session_changes::reason.eq(reason),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(reschedule_session).service(cancel_session).service(list_session_changes);
}
