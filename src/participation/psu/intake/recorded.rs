//! What is recorded already about the people and days of a file.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use uuid::Uuid;

use super::{EntryKey, PsuIntake, PsuRow};
use crate::participation::psu::views::PsuEntryView;
use crate::platform::db::{Tx, own};
use crate::platform::imports::{ExternalId, Kind as _, find_external, named_by_systems};
use crate::platform::problem::Problem;
use crate::platform::types::{ClockTime, Day, Hours, ShortText, folded};
use crate::schema::{hosts, psu_absences, psu_entries, suspensions};

/// Days of rest or absence, by participation.
type Spans = HashMap<Uuid, Vec<(Day, Day)>>;

/// Entries, hosts, and days without work.
pub struct Recorded {
    entries: HashMap<EntryKey, Vec<(Uuid, Hours)>>,
    by_external: HashMap<ExternalId, Uuid>,
    /// Entries by ids of other systems.
    known: HashMap<Uuid, PsuEntryView>,
    named: HashSet<(String, Uuid)>,
    hosts: HashSet<Uuid>,
    rests: Spans,
    absences: Spans,
}

#[derive(Queryable)]
struct Entry {
    id: Uuid,
    participation: Uuid,
    worked_on: Day,
    host: Option<Uuid>,
    kind_of_work: Option<ShortText>,
    started_at: Option<ClockTime>,
    hours: Hours,
}

impl Recorded {
    /// Reads it, after the participations of the rows were locked.
    ///
    /// # Errors
    /// Only when the store fails.
    pub fn load(tx: &mut Tx, rows: &[&PsuRow]) -> Result<Self, Problem> {
        let participations: HashSet<Uuid> = rows.iter().map(|row| row.participation).collect();
        let wanted: HashSet<Uuid> = rows.iter().filter_map(|row| row.host).collect();
        let hosts: Vec<Uuid> =
            hosts::table.filter(own(tx, hosts::tenant_id)).filter(hosts::id.eq_any(wanted)).select(hosts::id).load(tx.conn)?;
        let rests = suspensions::table
            .filter(own(tx, suspensions::tenant_id))
            .filter(suspensions::participation_id.eq_any(&participations))
            .select((suspensions::participation_id, (suspensions::from_on, suspensions::to_on)))
            .load(tx.conn)?;
        let absences = psu_absences::table
            .filter(own(tx, psu_absences::tenant_id))
            .filter(psu_absences::participation_id.eq_any(&participations))
            .filter(psu_absences::withdrawn_on.is_null())
            .select((psu_absences::participation_id, (psu_absences::from_on, psu_absences::to_on)))
            .load(tx.conn)?;
        let entries = entries(tx, rows, &participations)?;
        let external: Vec<&ExternalId> = rows.iter().filter_map(|row| row.external.as_ref()).collect();
        let by_external = find_external(tx, PsuIntake::RECORD, &external)?;
        let standing: Vec<Uuid> = entries.values().flatten().map(|(entry, _)| *entry).collect();
        let named = if external.is_empty() { HashSet::new() } else { named_by_systems(tx, PsuIntake::RECORD, &standing)? };
        let known = entries_by_id(tx, by_external.values().copied().collect())?;
        Ok(Self {
            entries,
            by_external,
            known,
            named,
            hosts: hosts.into_iter().collect(),
            rests: spans(rests),
            absences: spans(absences),
        })
    }

    /// The entry of the row that stands in the register, with its hours; of several, one of the same hours. What the system
    /// of the row knows by another id is another entry.
    pub fn entry(&self, row: &PsuRow) -> Option<(Uuid, Hours)> {
        let is_other = |entry: &Uuid| {
            row.external.as_ref().is_some_and(|external| self.named.contains(&(external.system().to_owned(), *entry)))
        };
        let mut standing = self.entries.get(&row.key())?.iter().filter(|(entry, _)| !is_other(entry)).peekable();
        let first = standing.peek().copied().copied();
        standing.find(|(_, hours)| *hours == row.hours).copied().or(first)
    }

    /// The entry that the system of the row knows by its id.
    pub fn by_id(&self, row: &PsuRow) -> Option<&PsuEntryView> {
        self.known.get(self.by_external.get(row.external.as_ref()?)?)
    }

    /// Whether there is such a host.
    pub fn knows_host(&self, host: Uuid) -> bool {
        self.hosts.contains(&host)
    }

    /// Whether the participation rests on the day.
    pub fn rests(&self, participation: Uuid, day: Day) -> bool {
        covers(&self.rests, participation, day)
    }

    /// Whether somebody was absent from the work on the day.
    pub fn is_absent(&self, participation: Uuid, day: Day) -> bool {
        covers(&self.absences, participation, day)
    }
}

fn spans(rows: Vec<(Uuid, (Day, Day))>) -> Spans {
    let mut spans = Spans::new();
    for (participation, span) in rows {
        spans.entry(participation).or_default().push(span);
    }
    spans
}

fn covers(spans: &Spans, participation: Uuid, day: Day) -> bool {
    spans.get(&participation).into_iter().flatten().any(|(from, to)| (*from..=*to).contains(&day))
}

/// Entries that hold, also those that were corrected to nothing.
fn entries_by_id(tx: &mut Tx, ids: Vec<Uuid>) -> Result<HashMap<Uuid, PsuEntryView>, Problem> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<PsuEntryView> = psu_entries::table
        .filter(own(tx, psu_entries::tenant_id))
        .filter(psu_entries::id.eq_any(ids))
        .filter(psu_entries::superseded_at.is_null())
        .select(PsuEntryView::as_select())
        .load(tx.conn)?;
    Ok(found.into_iter().map(|entry| (entry.id, entry)).collect())
}

fn entries(
    tx: &mut Tx,
    rows: &[&PsuRow],
    participations: &HashSet<Uuid>,
) -> Result<HashMap<EntryKey, Vec<(Uuid, Hours)>>, Problem> {
    let days = || rows.iter().map(|row| row.worked_on);
    let (Some(first), Some(last)) = (days().min(), days().max()) else { return Ok(HashMap::new()) };
    let people: HashSet<Uuid> = rows.iter().filter_map(|row| row.terms.get()).map(|terms| terms.person_id).collect();
    let found: Vec<Entry> = psu_entries::table
        .filter(own(tx, psu_entries::tenant_id))
        .filter(psu_entries::person_id.eq_any(people))
        .filter(psu_entries::participation_id.eq_any(participations))
        .filter(psu_entries::superseded_at.is_null())
        .filter(psu_entries::minutes.gt(0))
        .filter(psu_entries::worked_on.between(first, last))
        .order(psu_entries::id)
        .select((
            psu_entries::id,
            psu_entries::participation_id,
            psu_entries::worked_on,
            psu_entries::host_id,
            psu_entries::kind_of_work,
            psu_entries::started_at,
            psu_entries::minutes,
        ))
        .load(tx.conn)?;
    let mut entries: HashMap<EntryKey, Vec<(Uuid, Hours)>> = HashMap::new();
    for entry in found {
        let kind = entry.kind_of_work.as_ref().map_or_else(String::new, |kind| folded(kind.as_str()));
        let key = (entry.participation, entry.worked_on, entry.host, kind, entry.started_at);
        entries.entry(key).or_default().push((entry.id, entry.hours));
    }
    Ok(entries)
}
