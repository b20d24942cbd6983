//! Entries that a file knows by the id of its system and tells otherwise: corrections that supersede, on the same ledger.

use std::collections::HashMap;

use diesel::prelude::*;
use uuid::Uuid;

use super::super::clash::{WorkTimes, expect_free};
use super::super::views::PsuEntryView;
use super::super::{NewPsuEntry, announce};
use super::recorded::Recorded;
use super::{PsuIntake, PsuRow, book_together};
use crate::participation::PSU_ENTRY_RECORDED;
use crate::platform::db::{Tx, own};
use crate::platform::imports::{Change, Finding, Kind as _, Verdict, hand_on_external, remember_external};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{Hours, ShortText};
use crate::schema::psu_entries;

/// Why an entry is corrected where the file does not say.
const CHANGED_THERE: &str = "Zmiana w systemie źródłowym";

/// Whether the row tells its entry otherwise; refused where it cannot be a correction of it.
pub(super) fn verdict(row: &PsuRow, entry: &PsuEntryView) -> Result<Option<()>, Finding> {
    if entry.participation_id != row.participation {
        return Err(Finding::new(Some("externalId"), &PSU_ENTRY_RECORDED));
    }
    if entry.hours == Hours::ZERO {
        // It was withdrawn here: the file does not bring it back.
        return Err(Finding::new(Some("hours"), &PSU_ENTRY_RECORDED));
    }
    if times(row, entry).is_err() {
        return Err(Finding::new(Some("hours"), &crate::participation::PSU_TIMES));
    }
    Ok((!differing(row, entry).is_empty()).then_some(()))
}

/// Columns in which the row says something else than its entry; a blank cell says nothing.
pub(super) fn differing(row: &PsuRow, entry: &PsuEntryView) -> Vec<&'static str> {
    let starts = row.times.is_some_and(|times| Some(times.started_at) != entry.started_at);
    let ends = row.times.is_some_and(|times| Some(times.ended_at) != entry.ended_at);
    let pairs = [
        ("workedOn", row.worked_on != entry.worked_on),
        ("hours", row.hours != entry.hours),
        ("hostId", row.host.is_some() && row.host != entry.host_id),
        ("startedAt", starts),
        ("endedAt", ends),
        ("kindOfWork", row.kind_of_work.is_some() && row.kind_of_work != entry.kind_of_work),
    ];
    pairs.into_iter().filter(|(_, differs)| *differs).map(|(column, _)| column).collect()
}

/// Entries that rows tell otherwise.
pub(super) fn corrected(rows: &[&PsuRow], recorded: &Recorded) -> Vec<Uuid> {
    let known = rows.iter().filter_map(|row| Some((row, recorded.by_id(row)?)));
    known.filter(|(row, entry)| !differing(row, entry).is_empty()).map(|(_, entry)| entry.id).collect()
}

/// The times that the correction has: those of the row, or those of the entry.
pub(super) fn times(row: &PsuRow, entry: &PsuEntryView) -> Result<Option<WorkTimes>, Problem> {
    row.times.map_or_else(|| WorkTimes::of(entry.started_at, entry.ended_at, row.hours), |times| Ok(Some(times)))
}

pub(super) fn change(record: Uuid, columns: Vec<&'static str>) -> Verdict {
    // An entry that holds never changes: it is its own state until it is superseded.
    Verdict::Change { record, base: record.to_string(), columns, findings: Vec::new() }
}

/// Corrects entries, and gives known ones their ids; answers the entries that hold now.
pub(super) fn correct(tx: &mut Tx, changes: &[Change<PsuRow>]) -> Result<Vec<Option<Uuid>>, Problem> {
    let ids: Vec<Uuid> = changes.iter().map(|change| change.record).collect();
    let current: HashMap<Uuid, PsuEntryView> = psu_entries::table
        .filter(own(tx, psu_entries::tenant_id))
        .filter(psu_entries::id.eq_any(&ids))
        .filter(psu_entries::superseded_at.is_null())
        .order(psu_entries::id)
        .select(PsuEntryView::as_select())
        .for_update()
        .load(tx.conn)?
        .into_iter()
        .map(|entry: PsuEntryView| (entry.id, entry))
        .collect();
    if ids.iter().any(|id| !current.contains_key(id)) {
        return Ok(ids.into_iter().map(|id| Some(id).filter(|id| current.contains_key(id))).collect());
    }
    let corrected: Vec<(&PsuRow, &PsuEntryView)> = changes
        .iter()
        .filter_map(|change| Some((change.command, current.get(&change.record)?)))
        .filter(|(row, entry)| !differing(row, entry).is_empty())
        .collect();
    for (row, entry) in &corrected {
        let _ = row.corrects.set((entry.worked_on, entry.hours));
    }
    let rows: Vec<&PsuRow> = corrected.iter().map(|(row, _)| *row).collect();
    book_together(tx, &rows)?;
    let superseded: Vec<Uuid> = corrected.iter().map(|(_, entry)| entry.id).collect();
    let now = tx.now();
    diesel::update(psu_entries::table.filter(own(tx, psu_entries::tenant_id)).filter(psu_entries::id.eq_any(superseded)))
        .set(psu_entries::superseded_at.eq(now))
        .execute(tx.conn)?;
    let mut holds: HashMap<Uuid, Uuid> = HashMap::new();
    for (row, entry) in corrected {
        holds.insert(entry.id, supersede(tx, row, entry)?);
    }
    tx.touch_too(holds.values().copied());
    let held: Vec<Uuid> = ids.into_iter().map(|id| holds.get(&id).copied().unwrap_or(id)).collect();
    let named = changes.iter().zip(&held).filter_map(|(change, id)| Some((change.command.external.as_ref()?, *id)));
    remember_external(tx, PsuIntake::RECORD, &named.collect::<Vec<_>>())?;
    Ok(held.into_iter().map(Some).collect())
}

/// Records what a row says in place of an entry, and hands the ids of the entry on to it.
fn supersede(tx: &mut Tx, row: &PsuRow, entry: &PsuEntryView) -> Result<Uuid, Problem> {
    let times = times(row, entry)?;
    if let Some(times) = times {
        expect_free(tx, entry.person_id, row.worked_on, times)?;
    }
    let changed: ShortText = CHANGED_THERE.to_owned().try_into().map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    let new = NewPsuEntry {
        id: tx.id_or_new(None),
        edition_id: entry.edition_id,
        participation_id: entry.participation_id,
        person_id: entry.person_id,
        host_id: row.host.or(entry.host_id),
        worked_on: row.worked_on,
        minutes: row.hours,
        started_at: times.map(|times| times.started_at),
        ended_at: times.map(|times| times.ended_at),
        kind_of_work: row.kind_of_work.as_ref().or(entry.kind_of_work.as_ref()),
        supersedes_id: Some(entry.id),
        correction_reason: Some(row.reason.as_ref().unwrap_or(&changed)),
    };
    let view: PsuEntryView =
        diesel::insert_into(psu_entries::table).values(&new).returning(PsuEntryView::as_returning()).get_result(tx.conn)?;
    hand_on_external(tx, entry.id, view.id)?;
    announce(tx, "psu_entry.corrected", &view);
    Ok(view.id)
}
