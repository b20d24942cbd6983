//! Sessions: held classes (Polish: zajęcia) and individual consultations of a block.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{INDIVIDUAL_SESSION, NOT_TAKING_PART, OUTSIDE_EDITION};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::hint::Hint;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateSession, GetSession, ListSessions, Role};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::types::{ClockTime, DatePrecision, Day, Hours, Month, ShortText, text_enum};
use crate::schema::{blocks, editions, participations, session_roster, sessions, suspensions};

/// No session lasts longer than its day.
const MINUTES_OF_A_DAY: i32 = 24 * 60;

text_enum! {
    /// For how many people a session is.
    pub enum SessionForm {
        /// Classes for a group.
        Group = "group",
        /// A consultation for one person.
        Individual = "individual",
    }
}

/// A session, as recorded.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = sessions)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "blockId": "01900000-0000-7000-8000-000000000035", "heldOn": "2026-06-08", "startsAt": "09:00", "hours": "3.00",
    "form": "group", "theme": "Komunikacja i asertywność", "facilitatorProfession": "psycholog"
}))]
pub struct SessionBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Block that the session belongs to; its edition is the session's.
    pub block_id: Uuid,
    /// Day on which it was held, within the edition.
    pub held_on: Day,
    /// When it began.
    pub starts_at: Option<ClockTime>,
    /// How long it took; more than zero.
    #[diesel(column_name = minutes)]
    pub hours: Hours,
    /// For a group or for one person.
    pub form: SessionForm,
    /// Theme of the classes.
    pub theme: Option<ShortText>,
    /// Where it was held.
    pub venue: Option<ShortText>,
    /// Partner whose people led it; a facilitator's client names its own.
    pub facilitator_partner_id: Option<Uuid>,
    /// Profession of the leader, such as psychologist.
    pub facilitator_profession: Option<ShortText>,
    /// Participations that are expected; without it, all who take part in the edition on the day.
    #[diesel(skip_insertion)]
    #[schema(min_items = 1, max_items = 500)]
    pub participation_ids: Option<Vec<Uuid>>,
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
    /// Day on which it was held.
    pub held_on: Day,
    /// When it began.
    pub starts_at: Option<ClockTime>,
    /// How long it took.
    #[diesel(column_name = minutes)]
    pub hours: Hours,
    /// For a group or for one person.
    pub form: SessionForm,
    /// Theme of the classes.
    pub theme: Option<ShortText>,
    /// Where it was held.
    pub venue: Option<ShortText>,
    /// Partner whose people led it.
    pub facilitator_partner_id: Option<Uuid>,
    /// Profession of the leader.
    pub facilitator_profession: Option<ShortText>,
    /// Whether only named people are expected, not all who take part on the day.
    pub roster_limited: bool,
    /// Version of the attendance sheet; 0 while there is none.
    #[schema(minimum = 0)]
    pub attendance_version: i32,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// A session is not changed once recorded; its sheet has a version of its own.
impl View for SessionView {}

/// Which sessions are wanted.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct SessionFilter {
    /// Of this edition.
    pub edition_id: Option<Uuid>,
    /// Of this block.
    pub block_id: Option<Uuid>,
    /// Held on this day or later.
    #[param(inline)]
    pub from: Option<Day>,
    /// Held on this day or earlier.
    #[param(inline)]
    pub to: Option<Day>,
}

/// Records a session of a block.
///
/// The edition is that of the block, and the day must lie within it. An
/// individual session names exactly one participation. A client of a
/// contractor's people records only sessions that this contractor leads.
#[utoipa::path(tag = "sessions", request_body = SessionBody, responses((status = 201, body = SessionView, description = "The session")))]
#[post("/sessions")]
async fn create_session(permit: Permit<CreateSession>, body: Body<SessionBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("session", [id]);
            check_body(body)?;
            if !tx.caller.may_lead(body.facilitator_partner_id) {
                return Err(catalogue::REFERENCE_NOT_FOUND.at("/facilitatorPartnerId"));
            }
            let edition = edition_of(tx, body)?;
            check_roster(tx, edition, body)?;
            let view = insert_session(tx, id, edition, body)?;
            Ok(Written::created(format!("/sessions/{id}"), view))
        })
        .await
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

fn check_body(body: &SessionBody) -> Result<(), Problem> {
    if body.hours == Hours::ZERO || body.hours.minutes() > MINUTES_OF_A_DAY {
        return Err(invalid(
            "/hours",
            Hint::new("musi być więcej niż zero i najwyżej 24 godziny", "must be more than zero and at most 24 hours"),
        ));
    }
    let roster = body.participation_ids.as_deref();
    if body.form == SessionForm::Individual && roster.map(<[Uuid]>::len) != Some(1) {
        return Err(INDIVIDUAL_SESSION.at("/participationIds"));
    }
    let Some(roster) = roster else { return Ok(()) };
    if roster.is_empty() || roster.len() > 500 {
        return Err(invalid("/participationIds", Hint::items(1, 500)));
    }
    match (1..roster.len()).find(|&place| roster[..place].contains(&roster[place])) {
        Some(place) => Err(invalid(&format!("/participationIds/{place}"), Hint::twice())),
        None => Ok(()),
    }
}

fn invalid(pointer: &str, hint: Hint) -> Problem {
    catalogue::INVALID_BODY.problem().and(pointer, &catalogue::INVALID_FIELD, Some(hint))
}

/// The edition of the block, when the session lies within it.
fn edition_of(tx: &mut Tx, body: &SessionBody) -> Result<Uuid, Problem> {
    let (edition, starts_on, ends_on, ends_precision): (Uuid, Day, Day, DatePrecision) = blocks::table
        .inner_join(editions::table.on(editions::tenant_id.eq(blocks::tenant_id).and(editions::id.eq(blocks::edition_id))))
        .filter(own(tx, blocks::tenant_id))
        .filter(blocks::id.eq(body.block_id))
        .select((editions::id, editions::starts_on, editions::ends_on, editions::ends_precision))
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at("/blockId"))?;
    let last_day = last_day(ends_on, ends_precision);
    if (starts_on..=last_day).contains(&body.held_on) {
        return Ok(edition);
    }
    Err(OUTSIDE_EDITION.at("/heldOn").with("startsOn", starts_on.to_string()).with("endsOn", last_day.to_string()))
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

fn check_roster(tx: &mut Tx, edition: Uuid, body: &SessionBody) -> Result<(), Problem> {
    let Some(roster) = &body.participation_ids else { return Ok(()) };
    let present = taking_part(tx, edition, body.held_on, Hold::Locked)?;
    let strangers = (0..roster.len()).filter(|&place| !present.contains(&roster[place]));
    let pointers: Vec<String> = strangers.map(|place| format!("/participationIds/{place}")).collect();
    if pointers.is_empty() {
        return Ok(());
    }
    Err(pointers.into_iter().fold(NOT_TAKING_PART.problem(), |problem, pointer| problem.and(pointer, &NOT_TAKING_PART, None)))
}

diesel::define_sql_function! {
    /// The first argument, or the second where that is null.
    #[sql_name = "coalesce"]
    fn day_or(day: Nullable<Date>, other: Date) -> Date;
}

/// Whether rows that are read may change before the end of the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// They may.
    Loose,
    /// They stay: none of the participations ends meanwhile.
    Locked,
}

/// Participations of an edition that cover the day and do not rest on it, in the order of their ids.
pub(super) fn taking_part(tx: &mut Tx, edition: Uuid, day: Day, hold: Hold) -> Result<Vec<Uuid>, Problem> {
    let resting = suspensions::table
        .filter(suspensions::tenant_id.eq(participations::tenant_id))
        .filter(suspensions::participation_id.eq(participations::id))
        .filter(suspensions::from_on.le(day).and(suspensions::to_on.ge(day)));
    let query = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::edition_id.eq(edition))
        .filter(participations::starts_on.le(day))
        .filter(day_or(participations::ended_on, participations::planned_end_on).ge(day))
        .filter(diesel::dsl::not(diesel::dsl::exists(resting)))
        .order(participations::id)
        .select(participations::id);
    Ok(match hold {
        Hold::Loose => query.load(tx.conn)?,
        Hold::Locked => query.for_key_share().load(tx.conn)?,
    })
}

fn insert_session(tx: &mut Tx, id: Uuid, edition: Uuid, body: &SessionBody) -> Result<SessionView, Problem> {
    let view = diesel::insert_into(sessions::table)
        .values((
            body,
            sessions::id.eq(id),
            sessions::edition_id.eq(edition),
            sessions::roster_limited.eq(body.participation_ids.is_some()),
        ))
        .returning(SessionView::as_returning())
        .get_result(tx.conn)?;
    if let Some(roster) = &body.participation_ids {
        let rows: Vec<_> = roster
            .iter()
            .map(|participation| {
                (
                    session_roster::session_id.eq(id),
                    session_roster::edition_id.eq(edition),
                    session_roster::participation_id.eq(participation),
                )
            })
            .collect();
        diesel::insert_into(session_roster::table).values(rows).execute(tx.conn)?;
    }
    Ok(view)
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
