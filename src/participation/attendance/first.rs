//! The first sheet of a session in two round trips: what it must fit, then all that belongs to it.
//!
//! It only ever succeeds. A sheet that does not fit, a known key or a session that changes meanwhile are given back,
//! and the plain path refuses or records them.

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bytea, Date, Integer, Jsonb, Nullable, Text, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::sheet::{Line, settle};
use super::views::{AttendanceBody, AttendanceRowView, AttendanceStatus, AttendanceView};
use super::{event_data, excuse_due_on};
use crate::platform::clock::{legal_day, new_id};
use crate::platform::db::{Aside, Fault};
use crate::platform::idempotency::SEALED_AS;
use crate::platform::permit::reply;
use crate::platform::permit::together::Request;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, Written};
use crate::platform::rows_of::rows_of;
use crate::platform::types::{Day, Hours};

diesel::define_sql_function! {
    /// What a first sheet must fit; see the migration.
    fn first_sheet_terms(
        tenant: SqlUuid, session: SqlUuid, role: Text, today: Date
    ) -> Record<(SqlUuid, Date, Integer, Nullable<SqlUuid>, Array<SqlUuid>, Nullable<Integer>)>;
}

diesel::define_sql_function! {
    /// A first sheet with all that belongs to it, or nothing; see the migration.
    #[expect(clippy::too_many_arguments, reason = "one column each")]
    fn record_first_sheet(
        tenant: SqlUuid, client: SqlUuid, role: Text, at: Text, operation: Text,
        session: SqlUuid, edition: SqlUuid, day: Date, duration: Integer, expected: Array<SqlUuid>,
        ids: Array<SqlUuid>, participations: Array<SqlUuid>, statuses: Array<Text>, durations: Array<Integer>,
        reasons: Array<Nullable<Text>>, evidences: Array<Nullable<Text>>, shown: Array<Nullable<Date>>, due: Nullable<Date>,
        key: Nullable<Text>, request_hash: Nullable<Bytea>, body: Bytea,
        audit: SqlUuid, request: SqlUuid, caller: Nullable<Text>, purpose: Nullable<Text>, fields: Array<Text>,
        event: SqlUuid, event_data: Jsonb
    );
}

/// What the sheet must fit.
#[derive(Queryable)]
struct Terms {
    edition: Uuid,
    held_on: Day,
    hours: Hours,
    facilitator: Option<Uuid>,
    expected: Vec<Uuid>,
    excuse_days: Option<i32>,
}

impl Terms {
    fn excuse_due_on(&self) -> Option<Day> {
        excuse_due_on(self.held_on, self.excuse_days.and_then(|days| u32::try_from(days).ok()))
    }
}

/// Records the first sheet of a session, or gives nothing and leaves nothing behind.
///
/// # Errors
/// `platform.unavailable` when nobody knows whether it was recorded.
pub(super) fn record(aside: &Aside, session: Uuid, request: &Request<AttendanceBody>) -> Result<Option<Reply>, Problem> {
    let (tenant, role) = (request.caller.tenant, request.caller.role.as_str());
    let today = legal_day(aside.db.clock.now());
    let asked =
        |conn: &mut PgConnection| rows_of(first_sheet_terms(tenant, session, role, today)).get_result::<Terms>(conn).optional();
    let Some(terms) = done(aside.at_once(asked))?.flatten().filter(|terms| request.caller.may_lead(terms.facilitator)) else {
        return Ok(None);
    };
    let Ok(lines) = settle(&request.body.rows, &terms.expected, terms.hours, today) else { return Ok(None) };
    // Held until all is stored: a rotation waits for those who still work with an earlier ring.
    let Some(safe) = aside.db.keys.safe() else { return Ok(None) };
    let now = aside.db.clock.now();
    if terms.held_on.date() > legal_day(now) {
        return Ok(None);
    }
    let view = view(session, &terms, &lines, now);
    let answer = reply(&Written::changed(&view))?;
    let sealed = match &request.key {
        Some(_) => safe.vault.seal_payload(tenant, SEALED_AS, &answer.body),
        None => Ok(Vec::new()),
    };
    let sealed = sealed.map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    let stored = aside.at_once(|conn| store(conn, request, &terms, &view, &sealed, now));
    Ok(done(stored)?.map(|()| answer))
}

/// Nothing where the statement left nothing behind.
fn done<T>(outcome: Result<T, Fault>) -> Result<Option<T>, Problem> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(Fault::Undone(_)) => Ok(None),
        Err(Fault::Unknown(problem)) => Err(problem),
    }
}

/// The sheet as it will stand there.
fn view(session: Uuid, terms: &Terms, lines: &[Line], now: DateTime<Utc>) -> AttendanceView {
    let is_absent = |line: &Line| matches!(line.status, AttendanceStatus::Excused | AttendanceStatus::Unexcused);
    let row = |line: &Line| AttendanceRowView {
        id: new_id(now),
        participation_id: line.participation_id,
        status: line.status,
        hours: line.hours,
        reason_class: line.reason_class,
        evidence: line.evidence,
        evidence_shown_on: line.evidence_shown_on,
        excuse_due_on: terms.excuse_due_on().filter(|_| is_absent(line)),
        supersedes_id: None,
        superseded_at: None,
        correction_reason: None,
        // As precise as the store.
        recorded_at: now.trunc_subsecs(6),
    };
    let mut rows: Vec<AttendanceRowView> = lines.iter().map(row).collect();
    rows.sort_by_key(|row| row.participation_id);
    AttendanceView { session_id: session, version: 1, recorded: true, expected: terms.expected.clone(), rows }
}

fn store(
    conn: &mut PgConnection,
    request: &Request<AttendanceBody>,
    terms: &Terms,
    view: &AttendanceView,
    sealed: &[u8],
    now: DateTime<Utc>,
) -> QueryResult<()> {
    fn each<'a, T>(view: &'a AttendanceView, pick: impl Fn(&'a AttendanceRowView) -> T) -> Vec<T> {
        view.rows.iter().map(pick).collect()
    }
    let (caller, circumstances) = (&request.caller, &request.circumstances);
    let statement = record_first_sheet(
        caller.tenant,
        caller.client,
        caller.role.as_str(),
        now.to_rfc3339_opts(SecondsFormat::Micros, true),
        circumstances.rule.operation,
        view.session_id,
        terms.edition,
        terms.held_on,
        terms.hours,
        &view.expected,
        each(view, |row| row.id),
        each(view, |row| row.participation_id),
        each(view, |row| row.status),
        each(view, |row| row.hours),
        each(view, |row| row.reason_class),
        each(view, |row| row.evidence),
        each(view, |row| row.evidence_shown_on),
        terms.excuse_due_on(),
        request.key.as_ref().map(|key| key.key.as_str()),
        request.key.as_ref().map(|key| &key.request_hash[..]),
        sealed,
        new_id(now),
        circumstances.request_id,
        circumstances.on_behalf_of.as_deref(),
        circumstances.purpose.as_deref(),
        &request.fields,
        new_id(now),
        Value::Array(vec![event_data(view.session_id, terms.edition, terms.held_on, view.version)]),
    );
    diesel::select(statement).execute(conn).map(|_| ())
}
