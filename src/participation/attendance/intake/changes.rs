//! Rows of sheets that a file tells otherwise, and rows that it gives the id of its system.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use uuid::Uuid;

use super::{AttendanceRow, begin_versions, insert, remember};
use crate::platform::db::{Tx, own};
use crate::platform::imports::{Change, hand_on_all_external};
use crate::platform::problem::Problem;
use crate::schema::attendance;

/// Supersedes the rows that differ, and leaves those that only get an id; answers the rows that hold now.
pub(super) fn change(tx: &mut Tx, changes: &[Change<AttendanceRow>]) -> Result<Vec<Option<Uuid>>, Problem> {
    let planned: Vec<Uuid> = changes.iter().map(|change| change.record).collect();
    let current: HashSet<Uuid> = attendance::table
        .filter(own(tx, attendance::tenant_id))
        .filter(attendance::id.eq_any(&planned))
        .filter(attendance::superseded_at.is_null())
        .select(attendance::id)
        .order(attendance::id)
        .for_update()
        .load(tx.conn)?
        .into_iter()
        .collect();
    if current.len() < planned.len() {
        return Ok(planned.into_iter().map(|row| Some(row).filter(|row| current.contains(row))).collect());
    }
    let differs = |change: &&Change<AttendanceRow>| change.command.settled.get().is_some_and(|settled| settled.differs);
    let differing: Vec<&Change<AttendanceRow>> = changes.iter().filter(differs).collect();
    let handed = supersede(tx, &differing)?;
    let held: Vec<Uuid> = planned.into_iter().map(|row| handed.get(&row).copied().unwrap_or(row)).collect();
    remember(tx, changes.iter().map(|change| change.command).zip(held.iter().copied()))?;
    Ok(held.into_iter().map(Some).collect())
}

/// Records what the file says in place of rows; answers which row took the place of which.
fn supersede(tx: &mut Tx, differing: &[&Change<AttendanceRow>]) -> Result<HashMap<Uuid, Uuid>, Problem> {
    if differing.is_empty() {
        return Ok(HashMap::new());
    }
    let replaced: Vec<Uuid> = differing.iter().map(|change| change.record).collect();
    let now = tx.now();
    diesel::update(attendance::table.filter(own(tx, attendance::tenant_id)).filter(attendance::id.eq_any(&replaced)))
        .set(attendance::superseded_at.eq(now))
        .execute(tx.conn)?;
    let rows: Vec<&AttendanceRow> = differing.iter().map(|change| change.command).collect();
    let new: Vec<(&&AttendanceRow, Option<Uuid>)> = rows.iter().zip(replaced.iter().copied().map(Some)).collect();
    let ids = insert(tx, &new)?;
    begin_versions(tx, &rows)?;
    let handed: Vec<(Uuid, Uuid)> = replaced.into_iter().zip(ids).collect();
    hand_on_all_external(tx, &handed)?;
    Ok(handed.into_iter().collect())
}
