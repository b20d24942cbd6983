//! Hours of socially useful work as a file: the month of a host, by participation and day.
//!
//! The limits are those of single entries, in the order of the rows: a row that does not fit is refused with what is
//! left, and the commit books all rows on the same ledger, so that nothing entered meanwhile can make a week too full. An
//! entry that a system has an id for is found again by it: what differs becomes a correction that supersedes.

mod corrections;
mod limits;
mod recorded;

use std::cell::OnceCell;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use diesel::prelude::*;
use uuid::Uuid;

use super::agreement_total::book_total;
use super::clash::{WorkTimes, expect_free_beside};
use super::ledger::{Terms, book_month, book_week, terms, whole_week};
use super::rules::Move;
use super::views::PsuEntryView;
use super::{NewPsuEntry, absent_on, announce};
use crate::participation::attendance::intake::hours;
use crate::participation::entry_windows::{EntrySubject, EntryWindows};
use crate::participation::{PSU_CLASH, PSU_ENTRY_RECORDED};
use crate::platform::db::Tx;
use crate::platform::imports::{
    CellKind, Cells, Change, Column, EXTERNAL_ID, ExternalId, Finding, Key, Kind, SYSTEM, Verdict, each_at, remember_external,
};
use crate::platform::policy::{GetPsuEntry, Operation as _, RecordPsuEntry, Rule};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{ClockTime, Day, Hours, IsoWeek, Month, ShortText, folded};
use crate::schema::psu_entries;
use limits::Limits;
use recorded::Recorded;

/// Hours: participation, day, hours, host, kind of work.
pub struct PsuIntake;

/// A row of the file.
pub struct PsuRow {
    external: Option<ExternalId>,
    participation: Uuid,
    worked_on: Day,
    hours: Hours,
    host: Option<Uuid>,
    times: Option<WorkTimes>,
    kind_of_work: Option<ShortText>,
    reason: Option<ShortText>,
    /// Day and hours of the entry that it corrects, once that is held.
    corrects: OnceCell<(Day, Hours)>,
    /// What decides about its hours, once the participation is found.
    terms: OnceCell<Arc<Terms>>,
}

impl Kind for PsuIntake {
    type Command = PsuRow;
    const NAME: &'static str = "psuEntries";
    const TITLE: &'static str = "Godziny prac społecznie użytecznych";
    const RECORD: &'static str = "psuEntry";
    const RULE: &'static Rule = RecordPsuEntry::RULE;
    const READ: &'static Rule = GetPsuEntry::RULE;
    const COLUMNS: &'static [Column] = &[
        SYSTEM,
        EXTERNAL_ID,
        Column::new(
            "participationId",
            "Identyfikator uczestnictwa",
            CellKind::Text,
            "Kto pracował.",
            "01900000-0000-7000-8000-000000000043",
        )
        .required(),
        Column::new("workedOn", "Dzień pracy", CellKind::Day, "Dzień pracy.", "2026-06-09").required(),
        Column::new("hours", "Godziny", CellKind::Decimal, "Przepracowane godziny, w kwadransach.", "2,5").required(),
        Column::new("hostId", "Identyfikator miejsca pracy", CellKind::Text, "Gdzie pracował.", ""),
        Column::new("startedAt", "Od godziny", CellKind::Text, "Początek pracy, GG:MM; razem z końcem.", "08:00"),
        Column::new("endedAt", "Do godziny", CellKind::Text, "Koniec pracy, GG:MM, wraz z przerwami.", "10:30"),
        Column::new("kindOfWork", "Rodzaj prac", CellKind::Text, "Rodzaj prac.", "porządkowe"),
        Column::new(
            "correctionReason",
            "Powód zmiany",
            CellKind::Text,
            "Dlaczego zmieniono wpis już znany po identyfikatorze; bez danych osobowych.",
            "",
        ),
    ];

    fn read(cells: &mut Cells) -> Option<PsuRow> {
        let (external, reason) = (ExternalId::read(cells), cells.words("correctionReason"));
        let (participation, worked_on, worked) = (cells.text("participationId"), cells.day("workedOn"), hours(cells, "hours"));
        let (host, kind_of_work) = (cells.text("hostId"), cells.words("kindOfWork"));
        let (started_at, ended_at): (Option<ClockTime>, Option<ClockTime>) = (cells.text("startedAt"), cells.text("endedAt"));
        let (participation, worked_on, hours) = (participation?, worked_on?, worked?);
        if hours == Hours::ZERO {
            cells.refuse_form("hours", "godziny w kwadransach, co najmniej 0,25");
            return None;
        }
        let Ok(times) = WorkTimes::of(started_at, ended_at, hours) else {
            cells.refuse("endedAt", &crate::participation::PSU_TIMES);
            return None;
        };
        Some(PsuRow {
            external,
            participation,
            worked_on,
            hours,
            host,
            times,
            kind_of_work,
            reason,
            corrects: OnceCell::new(),
            terms: OnceCell::new(),
        })
    }

    fn keys(row: &PsuRow) -> Vec<Key> {
        vec![match &row.external {
            Some(external) => Key { column: "externalId", value: external.key() },
            None => Key { column: "participationId", value: format!("{:?}", row.key()) },
        }]
    }

    fn compare(tx: &mut Tx, rows: &[&PsuRow]) -> Result<Vec<Verdict>, Problem> {
        find_terms(tx, rows)?;
        let recorded = Recorded::load(tx, rows)?;
        let windows = EntryWindows::load(tx, EntrySubject::PsuHours)?;
        let mut limits = Limits::default();
        let mut busy = Busy { giving_way: corrections::corrected(rows, &recorded), taken: HashMap::new() };
        let mut verdicts = Vec::with_capacity(rows.len());
        for row in rows {
            let verdict = match judge(tx, row, &recorded, &windows, &busy)? {
                Ok(Verdict::Create(findings)) => match limits.take(tx, row)? {
                    Some(refused) => Verdict::Error(refused),
                    None => Verdict::Create(findings),
                },
                Ok(Verdict::Change { record, base, columns, findings }) => {
                    let corrected = recorded.by_id(row).filter(|_| columns != [ADOPTED]);
                    match corrected.map(|entry| limits.exchange(tx, row, entry)).transpose()?.flatten() {
                        Some(refused) => Verdict::Error(refused),
                        None => Verdict::Change { record, base, columns, findings },
                    }
                }
                Ok(verdict) => verdict,
                Err(finding) => Verdict::Error(finding),
            };
            let times = match (&verdict, recorded.by_id(row)) {
                (Verdict::Change { .. }, Some(entry)) => corrections::times(row, entry)?,
                (Verdict::Create(_), _) => row.times,
                _ => None,
            };
            if let (Some(times), Some(terms)) = (times, row.terms.get()) {
                busy.taken.entry((terms.person_id, row.worked_on)).or_default().push(times);
            }
            verdicts.push(verdict);
        }
        Ok(verdicts)
    }

    fn create(tx: &mut Tx, rows: &[&PsuRow]) -> Result<Vec<Uuid>, Problem> {
        book_together(tx, rows)?;
        let mut values = Vec::with_capacity(rows.len());
        for row in rows {
            let terms = row.terms.get().ok_or_else(|| catalogue::INTERNAL.problem().because("a row that was not judged"))?;
            values.push(NewPsuEntry {
                id: tx.id_or_new(None),
                edition_id: terms.edition_id,
                participation_id: terms.participation_id,
                person_id: terms.person_id,
                host_id: row.host,
                worked_on: row.worked_on,
                minutes: row.hours,
                started_at: row.times.map(|times| times.started_at),
                ended_at: row.times.map(|times| times.ended_at),
                kind_of_work: row.kind_of_work.as_ref(),
                supersedes_id: None,
                correction_reason: None,
            });
        }
        let entries: Vec<PsuEntryView> = diesel::insert_into(psu_entries::table)
            .values(&values)
            .returning(PsuEntryView::as_returning())
            .get_results(tx.conn)?;
        for entry in &entries {
            announce(tx, "psu_entry.recorded", entry);
        }
        let ids: Vec<Uuid> = values.iter().map(|new| new.id).collect();
        let named = rows.iter().zip(&ids).filter_map(|(row, id)| Some((row.external.as_ref()?, *id)));
        remember_external(tx, Self::RECORD, &named.collect::<Vec<_>>())?;
        Ok(ids)
    }

    fn change(tx: &mut Tx, changes: &[Change<PsuRow>]) -> Result<Vec<Option<Uuid>>, Problem> {
        corrections::correct(tx, changes)
    }

    fn addresses(_: &mut Tx, records: &[Uuid]) -> Result<HashMap<Uuid, String>, Problem> {
        Ok(each_at("psu-entries", records))
    }
}

/// The column of a change that only gives a known entry its id.
const ADOPTED: &str = "externalId";

/// What tells the rows of a file apart.
type EntryKey = (Uuid, Day, Option<Uuid>, String, Option<ClockTime>);

impl PsuRow {
    fn key(&self) -> EntryKey {
        let kind = self.kind_of_work.as_ref().map_or_else(String::new, |kind| folded(kind.as_str()));
        (self.participation, self.worked_on, self.host, kind, self.times.map(|times| times.started_at))
    }
}

/// Finds what decides about the hours of each row, and holds it; a participation that is not there has none.
fn find_terms(tx: &mut Tx, rows: &[&PsuRow]) -> Result<(), Problem> {
    let mut known: HashMap<(Uuid, Month), Option<Arc<Terms>>> = HashMap::new();
    for row in rows {
        let found = match known.entry((row.participation, Month::of(row.worked_on))) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(match terms(tx, row.participation, row.worked_on) {
                Ok(terms) => Some(Arc::new(terms)),
                Err(problem) if problem.definition.code == catalogue::REFERENCE_NOT_FOUND.code => None,
                Err(problem) => return Err(problem),
            }),
        };
        if let Some(terms) = found {
            let _ = row.terms.set(Arc::clone(terms));
        }
    }
    Ok(())
}

/// What a row comes to, but for the limits.
fn judge(
    tx: &mut Tx,
    row: &PsuRow,
    recorded: &Recorded,
    windows: &EntryWindows,
    busy: &Busy,
) -> Result<Result<Verdict, Finding>, Problem> {
    let at = |column, definition| Ok(Err(Finding::new(Some(column), definition)));
    let Some(terms) = row.terms.get() else { return at("participationId", &catalogue::REFERENCE_NOT_FOUND) };
    if row.host.is_some_and(|host| !recorded.knows_host(host)) || !tx.caller.may_use_host(row.host) {
        return at("hostId", &catalogue::REFERENCE_NOT_FOUND);
    }
    if row.worked_on.date() > tx.today() {
        return at("workedOn", &catalogue::IN_FUTURE);
    }
    let known = recorded.by_id(row);
    if let Some(entry) = known {
        match corrections::verdict(row, entry) {
            Ok(None) => return Ok(Ok(Verdict::Unchanged(entry.id))),
            // The days and times of a correction are looked at below, as those of a new entry are.
            Ok(Some(())) => {}
            Err(finding) => return Ok(Ok(Verdict::Conflict(Some(entry.id), finding))),
        }
    } else if let Some((entry, worked)) = recorded.entry(row) {
        let same = worked == row.hours;
        return Ok(Ok(if same && row.external.is_some() {
            corrections::change(entry, vec![ADOPTED])
        } else if same {
            Verdict::Unchanged(entry)
        } else {
            Verdict::Conflict(Some(entry), Finding::new(Some("hours"), &PSU_ENTRY_RECORDED))
        }));
    }
    if terms.check_day(row.worked_on).is_err() || recorded.rests(row.participation, row.worked_on) {
        return Ok(Err(Finding::of(&terms.outside())));
    }
    if recorded.is_absent(row.participation, row.worked_on) {
        return Ok(Err(Finding::of(&absent_on(row.worked_on))));
    }
    for day in [row.worked_on].into_iter().chain(known.map(|entry| entry.worked_on)) {
        if let Err(problem) = windows.expect_open(tx, day, None, "/workedOn") {
            return Ok(Err(Finding::of(&problem)));
        }
    }
    let times = known.map_or(Ok(row.times), |entry| corrections::times(row, entry))?;
    if let Some(times) = times
        && !busy.leaves_free(tx, terms.person_id, (row.worked_on, times))?
    {
        return at("startedAt", &PSU_CLASH);
    }
    Ok(Ok(match known {
        Some(entry) => corrections::change(entry.id, corrections::differing(row, entry)),
        None => Verdict::Create(Vec::new()),
    }))
}

/// When people work, by the rows before.
struct Busy {
    /// Entries that rows correct: they are not where they were any more.
    giving_way: Vec<Uuid>,
    taken: HashMap<(Uuid, Day), Vec<WorkTimes>>,
}

impl Busy {
    fn leaves_free(&self, tx: &mut Tx, person: Uuid, (day, times): (Day, WorkTimes)) -> Result<bool, Problem> {
        let mut others = self.taken.get(&(person, day)).into_iter().flatten();
        if others.any(|other| other.started_at < times.ended_at && times.started_at < other.ended_at) {
            return Ok(false);
        }
        match expect_free_beside(tx, person, (day, times), &self.giving_way) {
            Err(problem) if problem.definition.code == PSU_CLASH.code => Ok(false),
            outcome => outcome.map(|()| true),
        }
    }
}

/// Books all rows on weeks, months and totals: one change for each, in the order in which single entries lock them.
fn book_together(tx: &mut Tx, rows: &[&PsuRow]) -> Result<(), Problem> {
    let mut weeks: BTreeMap<(Uuid, IsoWeek), Booking> = BTreeMap::new();
    let mut months: BTreeMap<(Uuid, Uuid, Month), Booking> = BTreeMap::new();
    let mut totals: BTreeMap<Uuid, Booking> = BTreeMap::new();
    for row in rows {
        let Some(terms) = row.terms.get() else { continue };
        let (week, month) = (IsoWeek::of(row.worked_on), Month::of(row.worked_on));
        Booking::add(weeks.entry((terms.person_id, week)).or_default(), terms, row.hours)?;
        Booking::add(months.entry((terms.person_id, terms.agreement_id, month)).or_default(), terms, row.hours)?;
        Booking::add(totals.entry(terms.agreement_id).or_default(), terms, row.hours)?;
        // What the row corrects is given back in the same changes.
        if let Some((day, hours)) = row.corrects.get().copied() {
            let (week, month) = (IsoWeek::of(day), Month::of(day));
            Booking::release(weeks.entry((terms.person_id, week)).or_default(), terms, hours)?;
            Booking::release(months.entry((terms.person_id, terms.agreement_id, month)).or_default(), terms, hours)?;
            Booking::release(totals.entry(terms.agreement_id).or_default(), terms, hours)?;
        }
    }
    for ((_, period), booking) in weeks {
        if let Some(terms) = booking.terms {
            book_week(tx, &terms, &Move { period, before: booking.released, after: booking.hours })?;
        }
    }
    for ((_, _, period), booking) in months {
        if let Some(terms) = booking.terms {
            book_month(tx, &terms, &Move { period, before: booking.released, after: booking.hours })?;
        }
    }
    for (_, booking) in totals {
        if let Some(terms) = booking.terms {
            book_total(tx, &terms, Move { period: (), before: booking.released, after: booking.hours })?;
        }
    }
    Ok(())
}

/// Hours that are booked together, under the tightest weekly limit of their terms.
#[derive(Default)]
struct Booking {
    hours: Hours,
    released: Hours,
    terms: Option<Arc<Terms>>,
}

impl Booking {
    fn add(&mut self, terms: &Arc<Terms>, hours: Hours) -> Result<(), Problem> {
        let overflow = || catalogue::INTERNAL.problem().because("hours of a file out of range");
        self.hours = self.hours.checked_add(hours).ok_or_else(overflow)?;
        self.under(terms);
        Ok(())
    }

    fn release(&mut self, terms: &Arc<Terms>, hours: Hours) -> Result<(), Problem> {
        let overflow = || catalogue::INTERNAL.problem().because("hours of a file out of range");
        self.released = self.released.checked_add(hours).ok_or_else(overflow)?;
        self.under(terms);
        Ok(())
    }

    fn under(&mut self, terms: &Arc<Terms>) {
        let limit = |terms: &Terms| terms.weekly_limit().unwrap_or_else(whole_week);
        if self.terms.as_ref().is_none_or(|known| limit(terms) < limit(known)) {
            self.terms = Some(Arc::clone(terms));
        }
    }
}
