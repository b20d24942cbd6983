//! Attendance sheets (Polish: lista obecności): the whole sheet of a session in
//! one call. A corrected sheet supersedes row by row; history stays readable.

pub mod absences;
mod at_work;
mod first;
pub mod intake;
mod rows;
mod sheet;
mod views;

use std::collections::{HashMap, HashSet};

use actix_web::web::Data;
use actix_web::{get, put};
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use uuid::Uuid;

use super::entry_windows::{EntrySubject, expect_open};
use super::groups::members_on;
use super::psu::fast::Register;
use super::sessions::expected::{Hold, roster_of, taking_part};
use super::sessions::{SessionView, find_session};
use super::{CORRECTION_REASON, NOT_TAKING_PART, SHEET_INCOMPLETE, SHEET_ROW};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Aside, Tx, own};
use crate::platform::permit::Permit;
use crate::platform::permit::together::Request;
use crate::platform::policy::{GetAttendance, RecordAttendance};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Hours};
use crate::programmes::facts::absence_terms;
use crate::schema::sessions;
pub(in crate::participation) use absences::{OverdueExcuse, overdue_excuses};
use at_work::expect_nobody_at_work;
use rows::{correct_rows, insert_rows, select_rows};
use sheet::{RowFault, SheetFault, settle};
use views::{AttendanceBody, AttendanceView};
pub use views::{AttendanceRowView, AttendanceStatus, Evidence};

/// How much of a sheet is wanted.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct AttendanceFilter {
    /// Whether superseded rows are wanted too.
    #[serde(default)]
    #[param(required = false, default = false)]
    pub include_superseded: bool,
}

/// Reads the attendance sheet of a session, and who is expected in it.
#[utoipa::path(tag = "sessions", params(("id" = Uuid, Path, description = "Session"), AttendanceFilter), responses((status = 200, body = AttendanceView, description = "The sheet")))]
#[get("/sessions/{id}/attendance")]
async fn get_attendance(permit: Permit<GetAttendance>, id: PathId, filter: Filter<AttendanceFilter>) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let session = find_session(tx, id.0)?;
            let facts = SessionFacts::of(&session);
            let expected = expected(tx, &facts, Hold::Loose)?;
            let rows = select_rows(tx, facts.id, filter.0.include_superseded)?;
            Ok(view(&facts, expected, rows))
        })
        .await
}

/// Records or corrects the whole attendance sheet of a session.
///
/// The sheet names each expected person exactly once. The first sheet needs no
/// If-Match; a correction needs it and a reason, supersedes the rows that
/// differ and leaves the others as they are. Refused (409) where the time that
/// `/entry-windows` gives the caller's role is over; a coordinator may then
/// write with `override` and a reason, which the access register keeps. Refused
/// (409), row by row, where the person worked at that time by an entry with clock
/// times; one of the two has to be corrected.
#[utoipa::path(tag = "sessions", request_body = AttendanceBody, params(("id" = Uuid, Path, description = "Session")), responses((status = 200, body = AttendanceView, description = "The sheet as it is now")))]
#[put("/sessions/{id}/attendance")]
async fn record_attendance(
    permit: Permit<RecordAttendance>,
    register: Data<Register>,
    id: PathId,
    body: Body<AttendanceBody>,
) -> Result<Reply, Problem> {
    let session = id.0;
    let fast = (register.is_fast() && body.value.correction_reason.is_none())
        .then_some(move |aside: &Aside, request: &Request<AttendanceBody>| first::record(aside, session, request));
    permit.write_at_once(body, fast, move |tx, body| record(tx, session, body)).await
}

/// Records or corrects a sheet in the transaction of its caller.
fn record(tx: &mut Tx, session: Uuid, body: &AttendanceBody) -> Result<Written<AttendanceView>, Problem> {
    tx.touch("session", [session]);
    let session = begin_version(tx, session)?;
    tx.expect_version_or_first(session.version - 1)?;
    if session.version > 1 && body.correction_reason.is_none() {
        return Err(CORRECTION_REASON.at("/correctionReason"));
    }
    expect_open(tx, EntrySubject::Attendance, session.held_on, body.overriding.as_ref(), "/rows")?;
    let expected = expected(tx, &session, Hold::Locked)?;
    let lines = settle(&body.rows, &expected, session.hours, tx.today()).map_err(refuse)?;
    if lines.iter().any(|line| line.hours > Hours::ZERO) {
        // Somebody may be excused ahead, nobody can have been there.
        tx.expect_past(session.held_on, "/rows")?;
        expect_nobody_at_work(tx, &session, &lines)?;
    }
    let due = excuse_due_on(session.held_on, absence_terms(tx, session.edition_id)?.map(|terms| terms.excuse_days));
    let rows = if session.version == 1 {
        insert_rows(tx, &session, &lines, due, &HashMap::new(), None)?
    } else {
        correct_rows(tx, &session, &lines, due, body.correction_reason.as_ref())?
    };
    tx.announce("session", session.id, RECORDED, event_data(session.id, session.edition_id, session.held_on, session.version));
    Ok(Written::changed(view(&session, expected, rows)))
}

/// The last day to justify an absence, where the regime sets a time for it.
fn excuse_due_on(held_on: Day, excuse_days: Option<u32>) -> Option<Day> {
    held_on.plus_days(excuse_days?).ok()
}

/// Kind of the event of a sheet.
const RECORDED: &str = "attendance.recorded";

fn event_data(session: Uuid, edition: Uuid, held_on: Day, version: i32) -> Value {
    json!({ "sessionId": session, "editionId": edition, "heldOn": held_on, "version": version })
}

/// What the sheet needs to know of its session.
#[derive(Debug, Queryable)]
struct SessionFacts {
    id: Uuid,
    edition_id: Uuid,
    held_on: Day,
    hours: Hours,
    roster_limited: bool,
    group: Option<Uuid>,
    version: i32,
    facilitator: Option<Uuid>,
}

impl SessionFacts {
    fn of(session: &SessionView) -> Self {
        Self {
            id: session.id,
            edition_id: session.edition_id,
            held_on: session.held_on,
            hours: session.hours,
            roster_limited: session.roster_limited,
            group: session.group_id,
            version: session.attendance_version,
            facilitator: session.facilitator_partner_id,
        }
    }
}

/// Who is expected at a session as it stands.
pub(super) fn expected_at(tx: &mut Tx, session: &SessionView) -> Result<Vec<Uuid>, Problem> {
    expected(tx, &SessionFacts::of(session), Hold::Loose)
}

/// The current rows of the sheet of a session.
pub(super) fn current_rows(tx: &mut Tx, session: Uuid) -> Result<Vec<AttendanceRowView>, Problem> {
    select_rows(tx, session, false)
}

/// Locks the session for a new version of its sheet, in the one statement that counts the version up.
fn begin_version(tx: &mut Tx, id: Uuid) -> Result<SessionFacts, Problem> {
    let session: SessionFacts = diesel::update(sessions::table.filter(own(tx, sessions::tenant_id)).filter(sessions::id.eq(id)))
        .set(sessions::attendance_version.eq(sessions::attendance_version + 1))
        .returning((
            sessions::id,
            sessions::edition_id,
            sessions::held_on,
            sessions::minutes,
            sessions::roster_limited,
            sessions::group_id,
            sessions::attendance_version,
            sessions::facilitator_partner_id,
        ))
        .get_result(tx.conn)?;
    if tx.caller.may_lead(session.facilitator) { Ok(session) } else { Err(catalogue::NOT_FOUND.problem()) }
}

/// Who must stand in the sheet: all who take part on the day, or those of them who belong to the group or are named.
fn expected(tx: &mut Tx, session: &SessionFacts, hold: Hold) -> Result<Vec<Uuid>, Problem> {
    let present = taking_part(tx, session.edition_id, session.held_on, hold)?;
    if !session.roster_limited {
        return Ok(present);
    }
    let roster = match session.group {
        Some(group) => members_on(tx, group, session.held_on)?,
        None => roster_of(tx, session.id)?,
    };
    let roster: HashSet<Uuid> = roster.into_iter().collect();
    Ok(present.into_iter().filter(|participation| roster.contains(participation)).collect())
}

fn view(session: &SessionFacts, expected: Vec<Uuid>, rows: Vec<AttendanceRowView>) -> AttendanceView {
    AttendanceView { session_id: session.id, version: session.version, recorded: session.version > 0, expected, rows }
}

fn refuse(fault: SheetFault) -> Problem {
    match fault {
        SheetFault::Missing(missing) => SHEET_INCOMPLETE.at("/rows").with("missing", json!(missing)),
        SheetFault::Rows(faults) => faults.into_iter().fold(SHEET_ROW.problem(), |problem, (place, fault)| {
            let definition = match fault {
                RowFault::Stranger => &NOT_TAKING_PART,
                RowFault::ShownLater => &catalogue::IN_FUTURE,
                _ => &catalogue::INVALID_FIELD,
            };
            problem.and(format!("/rows/{place}/{}", fault.field()), definition, Some(fault.hint()))
        }),
    }
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_attendance).service(record_attendance);
    absences::routes(config);
}
