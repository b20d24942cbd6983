//! The stored rows of attendance sheets.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Integer, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::SessionFacts;
use super::sheet::Line;
use super::views::AttendanceRowView;
use crate::platform::db::{Tx, own};
use crate::platform::imports::hand_on_all_external;
use crate::platform::problem::Problem;
use crate::platform::rows_of::rows_of;
use crate::platform::types::{Day, ShortText};
use crate::schema::attendance;

impl AttendanceRowView {
    /// Whether it says what a line says.
    pub(super) fn says(&self, line: &Line) -> bool {
        (line.participation_id, line.status, line.hours, line.reason_class, line.evidence, line.evidence_shown_on)
            == (self.participation_id, self.status, self.hours, self.reason_class, self.evidence, self.evidence_shown_on)
    }
}

/// The current rows of a sheet, or all of them, by participation.
pub(super) fn select_rows(tx: &mut Tx, session: Uuid, include_superseded: bool) -> Result<Vec<AttendanceRowView>, Problem> {
    let mut query =
        attendance::table.filter(own(tx, attendance::tenant_id)).filter(attendance::session_id.eq(session)).into_boxed();
    if !include_superseded {
        query = query.filter(attendance::superseded_at.is_null());
    }
    Ok(query.order((attendance::participation_id, attendance::id)).select(AttendanceRowView::as_select()).load(tx.conn)?)
}

/// Supersedes what differs from the new sheet, also rows of people who are no longer expected.
pub(super) fn correct_rows(
    tx: &mut Tx,
    session: &SessionFacts,
    lines: &[Line],
    due: Option<Day>,
    reason: Option<&ShortText>,
) -> Result<Vec<AttendanceRowView>, Problem> {
    let current = select_rows(tx, session.id, false)?;
    let (kept, replaced): (Vec<_>, Vec<_>) = current.into_iter().partition(|row| lines.iter().any(|line| row.says(line)));
    let changed: Vec<Line> = lines.iter().filter(|line| !kept.iter().any(|row| row.says(line))).copied().collect();
    let replaced: HashMap<Uuid, Uuid> = replaced.iter().map(|row| (row.participation_id, row.id)).collect();
    if !replaced.is_empty() {
        diesel::update(attendance::table.filter(own(tx, attendance::tenant_id)).filter(attendance::id.eq_any(replaced.values())))
            .set(attendance::superseded_at.eq(tx.now()))
            .execute(tx.conn)?;
    }
    let mut rows = insert_rows(tx, session, &changed, due, &replaced, reason)?;
    let handed: Vec<(Uuid, Uuid)> = rows.iter().filter_map(|row| Some((row.supersedes_id?, row.id))).collect();
    if !handed.is_empty() {
        hand_on_all_external(tx, &handed)?;
    }
    rows.extend(kept);
    rows.sort_by_key(|row| row.participation_id);
    Ok(rows)
}

diesel::define_sql_function! {
    /// Inserts the rows of a sheet; see the migration.
    #[expect(clippy::too_many_arguments, reason = "one column each")]
    fn insert_attendance(
        session: SqlUuid, edition: SqlUuid, ids: Array<SqlUuid>, participations: Array<SqlUuid>, statuses: Array<Text>,
        durations: Array<Integer>, reasons: Array<Nullable<Text>>, evidences: Array<Nullable<Text>>, shown: Array<Nullable<Date>>,
        due: Nullable<Date>, replaced: Array<Nullable<SqlUuid>>, correction: Nullable<Text>
    ) -> Record<(
        SqlUuid, SqlUuid, Text, Integer, Nullable<Text>, Nullable<Text>, Nullable<Date>, Nullable<Date>, Nullable<SqlUuid>,
        Nullable<Timestamptz>, Nullable<Text>, Timestamptz,
    )>;
}

/// Inserts the rows in one statement; `due` is until when absences are justified, `replaced` are the rows that they supersede, by participation.
pub(super) fn insert_rows(
    tx: &mut Tx,
    session: &SessionFacts,
    lines: &[Line],
    due: Option<Day>,
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
        lines.iter().map(|line| line.evidence).collect::<Vec<_>>(),
        lines.iter().map(|line| line.evidence_shown_on).collect::<Vec<_>>(),
        due,
        lines.iter().map(|line| replaced.get(&line.participation_id).copied()).collect::<Vec<_>>(),
        reason,
    );
    let mut rows: Vec<AttendanceRowView> = rows_of(statement).load(tx.conn)?;
    rows.sort_by_key(|row| row.participation_id);
    Ok(rows)
}
