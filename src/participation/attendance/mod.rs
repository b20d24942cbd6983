//! Attendance sheets (Polish: lista obecności): the whole sheet of a session in
//! one call. A corrected sheet supersedes row by row; history stays readable.

mod first;
mod sheet;

use std::collections::{HashMap, HashSet};

use actix_web::web::Data;
use actix_web::{get, put};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Nullable, Text, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

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
use crate::platform::reply::{Reply, View, Written};
use crate::platform::rows_of::rows_of;
use crate::platform::types::{Day, Hours, ShortText, instant_to_json, text_enum};
use crate::schema::{attendance, sessions};
use sheet::{Line, RowFault, SheetFault, settle};

text_enum! {
    /// Whether and how somebody came to a session.
    pub enum AttendanceStatus {
        /// Was there.
        Present = "present",
        /// Came late.
        Late = "late",
        /// Left early.
        LeftEarly = "leftEarly",
        /// Did not come, with an excuse.
        Excused = "excused",
        /// Did not come, without an excuse.
        Unexcused = "unexcused",
    }
}

text_enum! {
    /// Kind of reason for which an absence is excused; no detail of health is kept.
    pub enum ReasonClass {
        /// Illness or a medical appointment.
        Health = "health",
        /// Care of a child or a dependant.
        Care = "care",
        /// A summons or an appointment of an office.
        Official = "official",
        /// Something else.
        Other = "other",
    }
}

/// A row of an attendance sheet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AttendanceRowBody {
    /// Who.
    pub participation_id: Uuid,
    /// Whether and how the person came.
    pub status: AttendanceStatus,
    /// For how long; without it, somebody present stayed for the whole session.
    pub hours: Option<Hours>,
    /// Why the person was excused.
    pub reason_class: Option<ReasonClass>,
}

/// The whole attendance sheet of a session.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "rows": [
    { "participationId": "01900000-0000-7000-8000-000000000043", "status": "present" }
] }))]
pub struct AttendanceBody {
    /// One row for each person expected.
    #[schema(max_items = 500)]
    pub rows: Vec<AttendanceRowBody>,
    /// Why the sheet is changed; needed where there is one already.
    pub correction_reason: Option<ShortText>,
}

/// A row of an attendance sheet, current or superseded.
#[derive(Clone, Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = attendance)]
#[serde(rename_all = "camelCase")]
pub struct AttendanceRowView {
    /// Id of the row.
    pub id: Uuid,
    /// Who.
    pub participation_id: Uuid,
    /// Whether and how the person came.
    pub status: AttendanceStatus,
    /// For how long.
    #[diesel(column_name = minutes)]
    pub hours: Hours,
    /// Why the person was excused.
    pub reason_class: Option<ReasonClass>,
    /// Row that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// When it was corrected itself.
    pub superseded_at: Option<DateTime<Utc>>,
    /// Why it corrects the other one.
    pub correction_reason: Option<ShortText>,
    /// When it was recorded.
    #[serde(serialize_with = "instant_to_json")]
    pub recorded_at: DateTime<Utc>,
}

/// The attendance sheet of a session.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttendanceView {
    /// Session.
    pub session_id: Uuid,
    /// Version, as in the ETag; 0 while there is no sheet.
    #[schema(minimum = 0)]
    pub version: i32,
    /// Whether there is a sheet.
    pub recorded: bool,
    /// Participations that a sheet must name.
    #[schema(max_items = 500)]
    pub expected: Vec<Uuid>,
    /// The rows.
    #[schema(max_items = 10_000)]
    pub rows: Vec<AttendanceRowView>,
}

impl View for AttendanceView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

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
/// differ and leaves the others as they are.
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
    let expected = expected(tx, &session, Hold::Locked)?;
    let lines = settle(&body.rows, &expected, session.hours).map_err(refuse)?;
    if lines.iter().any(|line| line.hours > Hours::ZERO) {
        // Somebody may be excused ahead, nobody can have been there.
        tx.expect_past(session.held_on, "/rows")?;
    }
    let rows = if session.version == 1 {
        insert_rows(tx, &session, &lines, &HashMap::new(), None)?
    } else {
        correct_rows(tx, &session, &lines, body.correction_reason.as_ref())?
    };
    tx.announce("session", session.id, RECORDED, event_data(session.id, session.edition_id, session.held_on, session.version));
    Ok(Written::changed(view(&session, expected, rows)))
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

fn select_rows(tx: &mut Tx, session: Uuid, include_superseded: bool) -> Result<Vec<AttendanceRowView>, Problem> {
    let mut query =
        attendance::table.filter(own(tx, attendance::tenant_id)).filter(attendance::session_id.eq(session)).into_boxed();
    if !include_superseded {
        query = query.filter(attendance::superseded_at.is_null());
    }
    Ok(query.order((attendance::participation_id, attendance::id)).select(AttendanceRowView::as_select()).load(tx.conn)?)
}

/// Supersedes what differs from the new sheet, also rows of people who are no longer expected.
fn correct_rows(
    tx: &mut Tx,
    session: &SessionFacts,
    lines: &[Line],
    reason: Option<&ShortText>,
) -> Result<Vec<AttendanceRowView>, Problem> {
    let current = select_rows(tx, session.id, false)?;
    let same = |line: &Line, row: &AttendanceRowView| {
        (line.participation_id, line.status, line.hours, line.reason_class)
            == (row.participation_id, row.status, row.hours, row.reason_class)
    };
    let (kept, replaced): (Vec<_>, Vec<_>) = current.into_iter().partition(|row| lines.iter().any(|line| same(line, row)));
    let changed: Vec<Line> = lines.iter().filter(|line| !kept.iter().any(|row| same(line, row))).copied().collect();
    let replaced: HashMap<Uuid, Uuid> = replaced.iter().map(|row| (row.participation_id, row.id)).collect();
    if !replaced.is_empty() {
        diesel::update(attendance::table.filter(own(tx, attendance::tenant_id)).filter(attendance::id.eq_any(replaced.values())))
            .set(attendance::superseded_at.eq(tx.now()))
            .execute(tx.conn)?;
    }
    let mut rows = insert_rows(tx, session, &changed, &replaced, reason)?;
    rows.extend(kept);
    rows.sort_by_key(|row| row.participation_id);
    Ok(rows)
}

diesel::define_sql_function! {
    /// Inserts the rows of a sheet; see the migration.
    #[expect(clippy::too_many_arguments, reason = "one column each")]
    fn insert_attendance(
        session: SqlUuid, edition: SqlUuid, ids: Array<SqlUuid>, participations: Array<SqlUuid>, statuses: Array<Text>,
        durations: Array<Integer>, reasons: Array<Nullable<Text>>, replaced: Array<Nullable<SqlUuid>>, correction: Nullable<Text>
    ) -> Record<(
        SqlUuid, SqlUuid, Text, Integer, Nullable<Text>, Nullable<SqlUuid>, Nullable<Timestamptz>, Nullable<Text>, Timestamptz,
    )>;
}

/// Inserts the rows in one statement; `replaced` are the rows that they supersede, by participation.
fn insert_rows(
    tx: &mut Tx,
    session: &SessionFacts,
    lines: &[Line],
    replaced: &HashMap<Uuid, Uuid>,
    reason: Option<&ShortText>,
) -> Result<Vec<AttendanceRowView>, Problem> {
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    let statement = insert_attendance(
        session.id,
        session.edition_id,
        lines.iter().map(|_| tx.id_or_new(None)).collect::<Vec<_>>(),
        lines.iter().map(|line| line.participation_id).collect::<Vec<_>>(),
        lines.iter().map(|line| line.status).collect::<Vec<_>>(),
        lines.iter().map(|line| line.hours).collect::<Vec<_>>(),
        lines.iter().map(|line| line.reason_class).collect::<Vec<_>>(),
        lines.iter().map(|line| replaced.get(&line.participation_id).copied()).collect::<Vec<_>>(),
        reason,
    );
    let mut rows: Vec<AttendanceRowView> = rows_of(statement).load(tx.conn)?;
    rows.sort_by_key(|row| row.participation_id);
    Ok(rows)
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
                RowFault::Twice | RowFault::Hours | RowFault::PartialHours | RowFault::HoursOfAbsent | RowFault::Reason => {
                    &catalogue::INVALID_FIELD
                }
            };
            problem.and(format!("/rows/{place}/{}", fault.field()), definition, Some(fault.hint()))
        }),
    }
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_attendance).service(record_attendance);
}
