//! Sessions: planned and held classes (Polish: zajęcia) and individual consultations of a block.
//!
//! A session stands in the timetable when it has a time of day: then nobody has to lead or to attend another at that
//! time, and its room holds no other (`clash`). It is moved or cancelled until it has an attendance sheet (`changes`).

pub mod changes;
pub mod clash;
pub mod expected;
pub mod intake;
pub mod recording;
pub mod times;

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use self::expected::check_roster;
use self::recording::{NewSession, insert_session};
use self::times::{Length, Slot, TimesFault};
use super::groups::expect_group_of;
use super::{INDIVIDUAL_SESSION, OUTSIDE_EDITION, SESSION_AUDIENCE, SESSION_TIMES};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::hint::Hint;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateSession, GetSession, ListSessions, Role};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{ClockTime, Code, DatePrecision, Day, Hours, Month, ShortText, text_enum};
use crate::schema::{blocks, editions, sessions};

text_enum! {
    /// For how many people a session is.
    pub enum SessionForm {
        /// Classes for a group.
        Group = "group",
        /// A consultation for one person.
        Individual = "individual",
    }
}

/// A session, as planned or recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "blockId": "01900000-0000-7000-8000-000000000035", "heldOn": "2026-06-08", "startsAt": "09:00", "hours": "3.00",
    "form": "group", "theme": "Komunikacja i asertywność", "facilitator": "PS-1", "facilitatorProfession": "psycholog"
}))]
pub struct SessionBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Block that the session belongs to; its edition is the session's.
    pub block_id: Uuid,
    /// Day on which it is held, within the edition.
    pub held_on: Day,
    /// When it begins; without it, it clashes with nothing.
    pub starts_at: Option<ClockTime>,
    /// When it ends, breaks included; without it, as soon as its hours have passed.
    pub ends_at: Option<ClockTime>,
    /// How much is taught, in clock hours; more than zero. Either this or `lessonHours`.
    pub hours: Option<Hours>,
    /// How much is taught, in lesson hours of 45 minutes.
    #[schema(minimum = 1, maximum = 32)]
    pub lesson_hours: Option<i32>,
    /// For a group or for one person.
    pub form: SessionForm,
    /// Theme of the classes; no names of people.
    pub theme: Option<ShortText>,
    /// Building.
    pub venue: Option<ShortText>,
    /// Room in it.
    pub room: Option<ShortText>,
    /// The centre's own code of the leader; no name.
    pub facilitator: Option<Code>,
    /// Partner whose people lead it; a facilitator's client names its own.
    pub facilitator_partner_id: Option<Uuid>,
    /// Profession of the leader, such as psychologist.
    pub facilitator_profession: Option<ShortText>,
    /// Group that is expected, as it is on the day; not together with `participationIds`.
    pub group_id: Option<Uuid>,
    /// Participations that are expected; without it and without a group, all who take part in the edition on the day.
    #[schema(min_items = 1, max_items = 500)]
    pub participation_ids: Option<Vec<Uuid>>,
}

text_enum! {
    /// Why a session is not held.
    pub enum CancellationReason {
        /// The leader cannot come.
        Facilitator = "facilitator",
        /// Participants cannot come.
        Participants = "participants",
        /// The place cannot be used.
        Venue = "venue",
        /// Weather.
        Weather = "weather",
        /// A day off.
        Holiday = "holiday",
        /// It was planned by mistake.
        Mistake = "mistake",
        /// Something else.
        Other = "other",
    }
}

/// A session.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = sessions)]
#[serde(rename_all = "camelCase")]
pub struct SessionView {
    /// Id.
    pub id: Uuid,
    /// Edition that it belongs to.
    pub edition_id: Uuid,
    /// Block that it belongs to.
    pub block_id: Uuid,
    /// Day on which it is held.
    pub held_on: Day,
    /// When it begins.
    pub starts_at: Option<ClockTime>,
    /// When it ends, breaks included.
    pub ends_at: Option<ClockTime>,
    /// How much is taught, in clock hours.
    #[diesel(column_name = minutes)]
    pub hours: Hours,
    /// The same in lesson hours of 45 minutes, where it was agreed in them.
    #[schema(minimum = 1, maximum = 32)]
    pub lesson_hours: Option<i32>,
    /// For a group or for one person.
    pub form: SessionForm,
    /// Theme of the classes.
    pub theme: Option<ShortText>,
    /// Building.
    pub venue: Option<ShortText>,
    /// Room in it.
    pub room: Option<ShortText>,
    /// The centre's own code of the leader.
    pub facilitator: Option<Code>,
    /// Partner whose people lead it.
    pub facilitator_partner_id: Option<Uuid>,
    /// Profession of the leader.
    pub facilitator_profession: Option<ShortText>,
    /// Group that is expected.
    pub group_id: Option<Uuid>,
    /// Weekly pattern that it was made from.
    pub pattern_id: Option<Uuid>,
    /// Whether only a group or named people are expected, not all who take part on the day.
    pub roster_limited: bool,
    /// Version of the timetable entry, as in the ETag; grows when the session is moved or cancelled.
    #[schema(minimum = 1)]
    pub schedule_version: i32,
    /// Day on which it was cancelled.
    pub cancelled_on: Option<Day>,
    /// Why it was cancelled.
    pub cancellation_reason: Option<CancellationReason>,
    /// Version of the attendance sheet; 0 while there is none.
    #[schema(minimum = 0)]
    pub attendance_version: i32,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// Its sheet has a version of its own.
impl View for SessionView {
    fn version(&self) -> Option<i32> {
        Some(self.schedule_version)
    }
}

/// Which sessions are wanted.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct SessionFilter {
    /// Of this edition.
    pub edition_id: Option<Uuid>,
    /// Of this block.
    pub block_id: Option<Uuid>,
    /// Of this group.
    pub group_id: Option<Uuid>,
    /// Led under this code.
    #[param(inline)]
    pub facilitator: Option<Code>,
    /// Held on this day or later.
    #[param(inline)]
    pub from: Option<Day>,
    /// Held on this day or earlier.
    #[param(inline)]
    pub to: Option<Day>,
}

/// Plans or records a session of a block.
///
/// The edition is that of the block, and the day must lie within it. An
/// individual session names exactly one participation. A client of a
/// contractor's people records only sessions that this contractor leads.
/// Refused (409) where its leader, its room, its group or somebody expected is
/// at another session at that time; the problem names that session.
#[utoipa::path(tag = "sessions", request_body = SessionBody, responses((status = 201, body = SessionView, description = "The session")))]
#[post("/sessions")]
async fn create_session(permit: Permit<CreateSession>, body: Body<SessionBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("session", [id]);
            let view = plan_session(tx, id, body)?;
            Ok(Written::created(format!("/sessions/{id}"), view))
        })
        .await
}

/// Puts a session into the timetable, if it may stand there.
fn plan_session(tx: &mut Tx, id: Uuid, body: &SessionBody) -> Result<SessionView, Problem> {
    let (length, slot) = check_body(body)?;
    if !tx.caller.may_lead(body.facilitator_partner_id) {
        return Err(catalogue::REFERENCE_NOT_FOUND.at("/facilitatorPartnerId"));
    }
    let edition = edition_of(tx, body.block_id, body.held_on)?;
    if let Some(group) = body.group_id {
        expect_group_of(tx, edition, group)?;
    }
    check_roster(tx, edition, body)?;
    insert_session(tx, &NewSession::of(id, edition, body, length, slot), body.participation_ids.as_deref())
}

/// Lists sessions; a contractor's client sees those that it leads.
#[utoipa::path(tag = "sessions", params(SessionFilter, PageQuery), responses((status = 200, body = Page<SessionView>, description = "A page of sessions")))]
#[get("/sessions")]
async fn list_sessions(permit: Permit<ListSessions>, filter: Filter<SessionFilter>) -> Result<Reply, Problem> {
    permit.list(|session: &SessionView| session.id, move |tx, window| select_sessions(tx, &filter.0, window)).await
}

/// Reads a session.
#[utoipa::path(tag = "sessions", params(("id" = Uuid, Path, description = "Session")), responses((status = 200, body = SessionView, description = "The session")))]
#[get("/sessions/{id}")]
async fn get_session(permit: Permit<GetSession>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_session(tx, id.0)).await
}

fn check_body(body: &SessionBody) -> Result<(Length, Option<Slot>), Problem> {
    let length = Length::of(body.hours, body.lesson_hours).map_err(refuse_times)?;
    let slot = Slot::of(body.starts_at, body.ends_at, length.hours).map_err(refuse_times)?;
    let roster = body.participation_ids.as_deref();
    if body.form == SessionForm::Individual && roster.map(<[Uuid]>::len) != Some(1) {
        return Err(INDIVIDUAL_SESSION.at("/participationIds"));
    }
    if body.group_id.is_some() && roster.is_some() {
        return Err(SESSION_AUDIENCE.at("/participationIds"));
    }
    check_names(roster)?;
    Ok((length, slot))
}

/// Refuses a roster that is empty, too long, or names somebody twice.
pub(super) fn check_names(roster: Option<&[Uuid]>) -> Result<(), Problem> {
    let Some(roster) = roster else { return Ok(()) };
    if roster.is_empty() || roster.len() > 500 {
        return Err(invalid("/participationIds", Hint::items(1, 500)));
    }
    match (1..roster.len()).find(|&place| roster[..place].contains(&roster[place])) {
        Some(place) => Err(invalid(&format!("/participationIds/{place}"), Hint::twice())),
        None => Ok(()),
    }
}

/// The refusal of an impossible length or time.
pub(super) fn refuse_times(fault: TimesFault) -> Problem {
    refuse_times_at("", fault)
}

/// As [`refuse_times`], of times that stand below `pointer`.
pub(super) fn refuse_times_at(pointer: &str, fault: TimesFault) -> Problem {
    let pointer = format!("{pointer}/{}", fault.field());
    match fault {
        TimesFault::Length | TimesFault::LessonHours => invalid(&pointer, fault.hint()),
        _ => SESSION_TIMES.problem().and(pointer, &SESSION_TIMES, Some(fault.hint())),
    }
}

pub(super) fn invalid(pointer: &str, hint: Hint) -> Problem {
    catalogue::INVALID_BODY.problem().and(pointer, &catalogue::INVALID_FIELD, Some(hint))
}

/// The edition of the block, when the session lies within it.
pub(super) fn edition_of(tx: &mut Tx, block: Uuid, held_on: Day) -> Result<Uuid, Problem> {
    let (edition, starts_on, last_day) = days_of_block(tx, block)?;
    if (starts_on..=last_day).contains(&held_on) {
        return Ok(edition);
    }
    Err(OUTSIDE_EDITION.at("/heldOn").with("startsOn", starts_on.to_string()).with("endsOn", last_day.to_string()))
}

/// The edition of a block, with its first and its last day.
pub(super) fn days_of_block(tx: &mut Tx, block: Uuid) -> Result<(Uuid, Day, Day), Problem> {
    let (edition, starts_on, ends_on, ends_precision): (Uuid, Day, Day, DatePrecision) = blocks::table
        .inner_join(editions::table.on(editions::tenant_id.eq(blocks::tenant_id).and(editions::id.eq(blocks::edition_id))))
        .filter(own(tx, blocks::tenant_id))
        .filter(blocks::id.eq(block))
        .select((editions::id, editions::starts_on, editions::ends_on, editions::ends_precision))
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at("/blockId"))?;
    Ok((edition, starts_on, last_day(ends_on, ends_precision)))
}

/// The last day that an end may mean: one known to the month is stored as the first day of that month.
fn last_day(ends_on: Day, precision: DatePrecision) -> Day {
    use chrono::Datelike;
    let last = match precision {
        DatePrecision::Day | DatePrecision::Derived => return ends_on,
        DatePrecision::Month => Day::try_from(Month::of(ends_on).last_day()),
        DatePrecision::Year => Day::from_ymd(ends_on.date().year(), 12, 31),
    };
    last.unwrap_or(ends_on)
}

fn select_sessions(tx: &mut Tx, filter: &SessionFilter, window: Window) -> Result<Vec<SessionView>, Problem> {
    let mut query = sessions::table.filter(own(tx, sessions::tenant_id)).filter(sessions::id.gt(window.after)).into_boxed();
    if tx.caller.role == Role::Facilitator {
        // Without a contractor in the client's row this is a comparison with NULL, and nothing is seen.
        query = query.filter(sessions::facilitator_partner_id.eq(tx.caller.facilitator));
    }
    if let Some(edition) = filter.edition_id {
        query = query.filter(sessions::edition_id.eq(edition));
    }
    if let Some(block) = filter.block_id {
        query = query.filter(sessions::block_id.eq(block));
    }
    if let Some(group) = filter.group_id {
        query = query.filter(sessions::group_id.eq(group));
    }
    if let Some(facilitator) = &filter.facilitator {
        query = query.filter(sessions::facilitator.eq(facilitator.clone()));
    }
    if let Some(from) = filter.from {
        query = query.filter(sessions::held_on.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(sessions::held_on.le(to));
    }
    Ok(query.order(sessions::id).limit(window.rows()).select(SessionView::as_select()).load(tx.conn)?)
}

/// A session within the scope of the caller.
pub(super) fn find_session(tx: &mut Tx, id: Uuid) -> Result<SessionView, Problem> {
    let view = sessions::table
        .filter(own(tx, sessions::tenant_id))
        .filter(sessions::id.eq(id))
        .select(SessionView::as_select())
        .first(tx.conn)?;
    if tx.caller.may_lead(view.facilitator_partner_id) { Ok(view) } else { Err(catalogue::NOT_FOUND.problem()) }
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_session).service(list_sessions).service(get_session);
    changes::routes(config);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_known_to_the_month_lasts_to_its_last_day() {
        let day = |text: &str| text.parse::<Day>().expect("a day");
        for (ends_on, precision, last) in [
            ("2020-12-14", DatePrecision::Day, "2020-12-14"),
            ("2020-12-14", DatePrecision::Derived, "2020-12-14"),
            ("2020-02-01", DatePrecision::Month, "2020-02-29"),
            ("2020-01-01", DatePrecision::Year, "2020-12-31"),
        ] {
            assert_eq!(last_day(day(ends_on), precision), day(last), "{ends_on} {precision}");
        }
    }
}
