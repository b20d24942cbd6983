//! Sessions made from a weekly pattern (Polish: harmonogram zajęć): all of them or none, with public holidays moved,
//! dropped or kept as asked, and the hours told against those that the block plans.

mod plan;
mod views;

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use self::plan::{OnHoliday, PatternDay, PatternFault, Terms, WeekDay, Weekly, plan};
use self::views::{PatternDayView, PatternSumsView, SessionPatternView};
use super::groups::{expect_edition, expect_group_of};
use super::sessions::clash::{Place, Wanted, naming_the_clash};
use super::sessions::recording::{NewSession, insert_rosters};
use super::sessions::times::{Length, Slot, TimesFault};
use super::sessions::{SessionForm, check_names, days_of_block, invalid, refuse_times_at};
use super::{INDIVIDUAL_SESSION, OUTSIDE_EDITION, PATTERN_MEETS, PATTERN_SESSIONS, PATTERN_TOO_SHORT, SESSION_AUDIENCE};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::hint::Hint;
use crate::platform::permit::Permit;
use crate::platform::policy::{GenerateSessions, GetSessionPattern};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{ClockTime, Code, Day, Hours, ShortText, count_between};
use crate::schema::{blocks, session_patterns, session_roster, sessions};

/// What is held on one day of each week.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PatternWeekDay {
    /// Day of the week.
    pub weekday: WeekDay,
    /// When it begins.
    pub starts_at: ClockTime,
    /// When it ends, breaks included; without it, as soon as its hours have passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<ClockTime>,
    /// How much is taught, in clock hours. Either this or `lessonHours`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// How much is taught, in lesson hours of 45 minutes.
    #[schema(minimum = 1, maximum = 32)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lesson_hours: Option<i32>,
}

/// A weekly pattern of sessions.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "blockId": examples::BLOCK, "groupId": examples::GROUP, "form": "group",
    "weekdays": [{ "weekday": "monday", "startsAt": "08:00", "hours": "1.00" }],
    "themes": ["asertywność", "poszukiwanie pracy"], "facilitator": "PS-2", "facilitatorProfession": "psycholog",
    "from": "2026-06-22", "to": "2026-06-29", "onHoliday": "moveToNextWorkingDay"
}))]
pub struct SessionPatternBody {
    /// Id chosen by the client (UUIDv7).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Block of the edition.
    pub block_id: Uuid,
    /// For a group or for one person.
    pub form: SessionForm,
    /// What is held each week.
    #[serde(deserialize_with = "count_between::<1, 14, _, _>")]
    #[schema(min_items = 1, max_items = 14)]
    pub weekdays: Vec<PatternWeekDay>,
    /// Themes in their order, one for each session; begun anew when they are used up.
    #[serde(default, deserialize_with = "count_between::<0, 100, _, _>")]
    #[schema(max_items = 100)]
    pub themes: Vec<ShortText>,
    /// Building.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub venue: Option<ShortText>,
    /// Room in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<ShortText>,
    /// The centre's own code of the leader; no name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facilitator: Option<Code>,
    /// Partner whose people lead it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facilitator_partner_id: Option<Uuid>,
    /// Profession of the leader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facilitator_profession: Option<ShortText>,
    /// Group that is expected; not together with `participationIds`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<Uuid>,
    /// Participations that are expected; without it and without a group, all who take part on the day.
    #[schema(min_items = 1, max_items = 500)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub participation_ids: Option<Vec<Uuid>>,
    /// First day.
    pub from: Day,
    /// Last day; without it, the last of the edition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Day>,
    /// How much is taught in the whole; the pattern ends when it is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_hours: Option<Hours>,
    /// What becomes of a session that falls on a public holiday.
    pub on_holiday: OnHoliday,
}

/// Makes sessions from a weekly pattern: all or none.
///
/// Each day of the pattern is told, with the holiday on it and what became of
/// it, and the hours are summed up against those that the block plans. With
/// `dryRun` that is the plan. Clashes are refused as in `create_session`.
#[utoipa::path(tag = "editions", request_body = SessionPatternBody, params(("id" = Uuid, Path, description = "Edition")),
    responses((status = 201, body = SessionPatternView, description = "The pattern with its sessions")))]
#[post("/editions/{id}/session-patterns")]
async fn generate_sessions(
    permit: Permit<GenerateSessions>,
    edition: PathId,
    body: Body<SessionPatternBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("session_pattern", [id]);
            let terms = terms(tx, edition.0, body)?;
            let planned = plan(&terms).map_err(refuse_plan)?;
            let days = days_of(tx, body, planned);
            let sums = sums(tx, body, &days)?;
            let outcome = json!({ "days": days, "sums": sums });
            let view: SessionPatternView = diesel::insert_into(session_patterns::table)
                .values((
                    session_patterns::id.eq(id),
                    session_patterns::edition_id.eq(edition.0),
                    session_patterns::block_id.eq(body.block_id),
                    session_patterns::terms.eq(to_value(body)?),
                    session_patterns::outcome.eq(outcome),
                ))
                .returning(SessionPatternView::as_returning())
                .get_result(tx.conn)?;
            let made = record(tx, edition.0, id, body, &days)?;
            tx.announce("edition", edition.0, "sessions.generated", json!({ "patternId": id, "sessions": made }));
            Ok(Written::created(format!("/session-patterns/{id}"), view))
        })
        .await
}

/// Reads a weekly pattern and what became of its days when its sessions were made.
#[utoipa::path(tag = "session-patterns", params(("id" = Uuid, Path, description = "Pattern")),
    responses((status = 200, body = SessionPatternView, description = "The pattern")))]
#[get("/session-patterns/{id}")]
async fn get_session_pattern(permit: Permit<GetSessionPattern>, id: PathId) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let view: SessionPatternView = session_patterns::table
                .filter(own(tx, session_patterns::tenant_id))
                .filter(session_patterns::id.eq(id.0))
                .select(SessionPatternView::as_select())
                .first(tx.conn)?;
            Ok(view)
        })
        .await
}

fn to_value(value: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(|error| catalogue::INTERNAL.problem().because(error))
}

/// The pattern within the days of its edition.
fn terms(tx: &mut Tx, edition: Uuid, body: &SessionPatternBody) -> Result<Terms, Problem> {
    expect_edition(tx, edition)?;
    let (of_block, first, last) = days_of_block(tx, body.block_id)?;
    if of_block != edition {
        return Err(catalogue::REFERENCE_NOT_FOUND.at("/blockId"));
    }
    check_audience(tx, edition, body)?;
    let to = body.to.unwrap_or(last);
    let outside = [("/from", body.from), ("/to", to)].into_iter().find(|(_, day)| !(first..=last).contains(day));
    if let Some((pointer, _)) = outside {
        return Err(OUTSIDE_EDITION.at(pointer).with("startsOn", first.to_string()).with("endsOn", last.to_string()));
    }
    if to < body.from {
        return Err(super::INVERTED.at("/to"));
    }
    let weekly = body.weekdays.iter().enumerate().map(|(place, day)| weekly(day).map_err(|fault| at_weekday(place, fault)));
    Ok(Terms {
        weekly: weekly.collect::<Result<_, _>>()?,
        from: body.from,
        to,
        last,
        total: body.total_hours.filter(|hours| *hours > Hours::ZERO),
        on_holiday: body.on_holiday,
    })
}

fn weekly(day: &PatternWeekDay) -> Result<Weekly, TimesFault> {
    let length = Length::of(day.hours, day.lesson_hours)?;
    let slot = Slot::of(Some(day.starts_at), day.ends_at, length.hours)?.ok_or(TimesFault::EndAlone)?;
    Ok(Weekly { weekday: day.weekday, slot, length })
}

fn at_weekday(place: usize, fault: TimesFault) -> Problem {
    refuse_times_at(&format!("/weekdays/{place}"), fault)
}

fn check_audience(tx: &mut Tx, edition: Uuid, body: &SessionPatternBody) -> Result<(), Problem> {
    let roster = body.participation_ids.as_deref();
    if body.form == SessionForm::Individual && roster.map(<[Uuid]>::len) != Some(1) {
        return Err(INDIVIDUAL_SESSION.at("/participationIds"));
    }
    if body.total_hours == Some(Hours::ZERO) {
        return Err(invalid("/totalHours", Hint::new("musi być więcej niż zero", "must be more than zero")));
    }
    match body.group_id {
        Some(_) if roster.is_some() => Err(SESSION_AUDIENCE.at("/participationIds")),
        Some(group) => expect_group_of(tx, edition, group),
        None => check_names(roster),
    }
}

fn refuse_plan(fault: PatternFault) -> Problem {
    match fault {
        PatternFault::TooMany | PatternFault::Nothing => PATTERN_SESSIONS.at("/weekdays"),
        PatternFault::TooShort(hours) => PATTERN_TOO_SHORT.at("/totalHours").with("fittingHours", hours.to_string()),
        PatternFault::Meets(day) => PATTERN_MEETS.at("/weekdays").with("on", day.to_string()),
        PatternFault::BrokenLesson => {
            let hint = Hint::new("nie dzieli się na całe godziny lekcyjne", "is no whole number of lesson hours");
            invalid("/totalHours", hint)
        }
    }
}

/// The days with the ids and themes of their sessions.
fn days_of(tx: &Tx, body: &SessionPatternBody, planned: Vec<PatternDay>) -> Vec<PatternDayView> {
    let mut themes = body.themes.iter().cycle();
    let mut day = |planned: PatternDay| {
        let is_held = planned.held_on.is_some();
        PatternDayView {
            planned_on: planned.planned_on,
            held_on: planned.held_on,
            outcome: planned.outcome(),
            holiday: planned.holiday,
            starts_at: planned.slot.starts_at,
            ends_at: planned.slot.ends_at,
            hours: planned.length.hours,
            lesson_hours: planned.length.lesson_hours,
            theme: if is_held { themes.next().cloned() } else { None },
            session_id: is_held.then(|| tx.id_or_new(None)),
        }
    };
    planned.into_iter().map(&mut day).collect()
}

/// Hours of the pattern, and those that its people have in the block with it.
fn sums(tx: &mut Tx, body: &SessionPatternBody, days: &[PatternDayView]) -> Result<PatternSumsView, Problem> {
    let planned: Option<Hours> = blocks::table
        .filter(own(tx, blocks::tenant_id))
        .filter(blocks::id.eq(body.block_id))
        .select(blocks::planned_minutes)
        .first(tx.conn)?;
    let mut before = sessions::table
        .filter(own(tx, sessions::tenant_id))
        .filter(sessions::block_id.eq(body.block_id))
        .filter(sessions::cancelled_on.is_null())
        .select(sessions::minutes)
        .into_boxed();
    let named = body.participation_ids.as_ref().and_then(|roster| roster.first().copied());
    before = match (body.group_id, named) {
        (Some(group), _) => before.filter(sessions::roster_limited.eq(false).or(sessions::group_id.eq(group))),
        (None, Some(participation)) => {
            let naming = session_roster::table
                .filter(own(tx, session_roster::tenant_id))
                .filter(session_roster::participation_id.eq(participation))
                .select(session_roster::session_id);
            before.filter(sessions::roster_limited.eq(false).or(sessions::id.eq_any(naming)))
        }
        (None, None) => before.filter(sessions::roster_limited.eq(false)),
    };
    let before: Vec<Hours> = before.load(tx.conn)?;
    PatternSumsView::of(days, &before, planned)
        .ok_or_else(|| catalogue::INTERNAL.problem().because("more hours than can be counted"))
}

/// Puts the sessions into the timetable; answers how many.
fn record(
    tx: &mut Tx,
    edition: Uuid,
    pattern: Uuid,
    body: &SessionPatternBody,
    days: &[PatternDayView],
) -> Result<usize, Problem> {
    let roster = body.participation_ids.as_deref();
    let session = |day: &PatternDayView| {
        Some(NewSession {
            id: day.session_id?,
            edition_id: edition,
            block_id: body.block_id,
            held_on: day.held_on?,
            starts_at: Some(day.starts_at),
            ends_at: Some(day.ends_at),
            hours: day.hours,
            lesson_hours: day.lesson_hours,
            form: body.form,
            theme: day.theme.clone(),
            venue: body.venue.clone(),
            room: body.room.clone(),
            facilitator: body.facilitator.clone(),
            facilitator_partner_id: body.facilitator_partner_id,
            facilitator_profession: body.facilitator_profession.clone(),
            group_id: body.group_id,
            pattern_id: Some(pattern),
            roster_limited: roster.is_some() || body.group_id.is_some(),
        })
    };
    let new: Vec<NewSession> = days.iter().filter_map(session).collect();
    tx.touch_too(new.iter().map(|session| session.id));
    let places: Vec<Place> = new.iter().filter_map(|session| session.place(roster)).collect();
    naming_the_clash(tx, &Wanted::Sessions(&places), |tx| {
        diesel::insert_into(sessions::table).values(&new).execute(tx.conn)?;
        insert_rosters(tx, &new, roster)
    })?;
    Ok(new.len())
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(generate_sessions).service(get_session_pattern);
}
