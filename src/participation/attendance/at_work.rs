//! Nobody was at classes at the time of socially useful work that is recorded with its clock times.
//!
//! Both sides are facts, and one of them is wrong: there is no override. What stands in the way is looked up so that the
//! problem can name it; triggers of the database refuse what is recorded at the same moment.

use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use serde_json::{Value, json};
use uuid::Uuid;

use super::SessionFacts;
use super::rows::select_rows;
use super::sheet::Line;
use crate::participation::ATTENDANCE_AT_WORK;
use crate::platform::db::Tx;
use crate::platform::hint::Hint;
use crate::platform::policy::{GetPsuEntry, Operation as _};
use crate::platform::problem::Problem;
use crate::platform::rows_of::rows_of;
use crate::platform::types::{ClockTime, Hours};

diesel::define_sql_function! {
    /// Work at the time of classes; see the migration.
    fn work_at_classes(sessions: Array<SqlUuid>, participations: Array<SqlUuid>) -> Record<(SqlUuid, SqlUuid, SqlUuid, Time, Time)>;
}

/// Work at the time of a session.
#[derive(Debug, Queryable)]
pub(super) struct AtWork {
    /// The session.
    pub session: Uuid,
    /// Who.
    pub participation: Uuid,
    entry: Uuid,
    from: ClockTime,
    to: ClockTime,
}

/// What of the people who were at sessions is recorded as work at that time; pairs of session and participation.
pub(super) fn at_work(tx: &mut Tx, present: &[(Uuid, Uuid)]) -> Result<Vec<AtWork>, Problem> {
    if present.is_empty() {
        return Ok(Vec::new());
    }
    let (sessions, people): (Vec<Uuid>, Vec<Uuid>) = present.iter().copied().unzip();
    Ok(rows_of(work_at_classes(sessions, people)).load(tx.conn)?)
}

/// Refuses rows of people who worked at the time; rows that stand in the sheet already are left as they are.
pub(super) fn expect_nobody_at_work(tx: &mut Tx, session: &SessionFacts, lines: &[Line]) -> Result<(), Problem> {
    let present = lines.iter().filter(|line| line.hours > Hours::ZERO).map(|line| (session.id, line.participation_id));
    let mut clashes = at_work(tx, &present.collect::<Vec<_>>())?;
    if session.version > 1 && !clashes.is_empty() {
        let standing = select_rows(tx, session.id, false)?;
        let stands = |line: &&Line| standing.iter().any(|row| row.participation_id == line.participation_id && row.says(line));
        let kept: Vec<Uuid> = lines.iter().filter(stands).map(|line| line.participation_id).collect();
        clashes.retain(|clash| !kept.contains(&clash.participation));
    }
    if clashes.is_empty() { Ok(()) } else { Err(refusal(tx, lines, &clashes)) }
}

/// Names the entries to those who may read them, and the rows to everybody.
fn refusal(tx: &Tx, lines: &[Line], clashes: &[AtWork]) -> Problem {
    let may_read = GetPsuEntry::RULE.roles.contains(&tx.caller.role);
    let named = |clash: &AtWork| -> Value {
        json!({
            "participationId": clash.participation, "psuEntryId": clash.entry,
            "from": clash.from.to_string(), "to": clash.to.to_string()
        })
    };
    let hint = || Hint::new("w tym czasie zapisano pracę tej osoby", "work of the person is recorded at that time");
    let places =
        lines.iter().enumerate().filter(|(_, line)| clashes.iter().any(|one| one.participation == line.participation_id));
    let problem = places.fold(ATTENDANCE_AT_WORK.problem(), |problem, (place, _)| {
        problem.and(format!("/rows/{place}/participationId"), &ATTENDANCE_AT_WORK, Some(hint()))
    });
    if may_read { problem.with("clashes", Value::Array(clashes.iter().map(named).collect())) } else { problem }
}
