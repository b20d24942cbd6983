//! Planning rows, and carrying out exactly what was planned.

use std::collections::HashMap;

use diesel::connection::SimpleConnection as _;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::cells::Cells;
use super::kind::{Change, Finding, Kind, Verdict};
use super::table::Table;
use super::{BASE_CHANGED, ROW_REPEATED, ROW_TOO_LONG};
use crate::platform::db::Tx;
use crate::platform::problem::Problem;
use crate::platform::types::text_enum;

/// Rows that are recorded by one statement.
const TOGETHER: usize = 500;
/// Rows that a refusal names.
const MOST_NAMED: usize = 20;

text_enum! {
    /// What becomes of a row.
    pub enum ImportOutcome {
        /// Records something new.
        Created = "created",
        /// Changes a record.
        Changed = "changed",
        /// Leaves the record as it is.
        Unchanged = "unchanged",
        /// Contradicts what is recorded.
        Conflict = "conflict",
        /// Is wrong in itself.
        Faulty = "error",
    }
}

/// What is planned for a row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PlannedRow {
    /// Row of the file, as a spreadsheet numbers it.
    pub line: u32,
    pub outcome: ImportOutcome,
    /// The record that it is about; after the commit the one that it created, or that holds now.
    pub record: Option<Uuid>,
    /// The state that a change was planned on.
    pub base: Option<String>,
    /// Columns that a change is about.
    pub changes: Vec<String>,
    pub findings: Vec<Finding>,
}

impl PlannedRow {
    fn refused(line: u32, outcome: ImportOutcome, record: Option<Uuid>, findings: Vec<Finding>) -> Self {
        Self { line, outcome, record, base: None, changes: Vec::new(), findings }
    }

    /// `line_of` tells the row of a place among those compared.
    fn of(line: u32, verdict: Verdict, line_of: impl Fn(usize) -> u32) -> Self {
        match verdict {
            Verdict::Create(findings) => Self::refused(line, ImportOutcome::Created, None, findings),
            Verdict::Change { record, base, columns, findings } => Self {
                line,
                outcome: ImportOutcome::Changed,
                record: Some(record),
                base: Some(base),
                changes: columns.into_iter().map(str::to_owned).collect(),
                findings,
            },
            Verdict::Unchanged(record) => Self::refused(line, ImportOutcome::Unchanged, Some(record), Vec::new()),
            Verdict::Conflict(record, finding) => Self::refused(line, ImportOutcome::Conflict, record, vec![finding]),
            Verdict::Repeats(earlier) => Self::refused(line, ImportOutcome::Faulty, None, vec![repeated(None, line_of(earlier))]),
            Verdict::Error(finding) => Self::refused(line, ImportOutcome::Faulty, None, vec![finding]),
        }
    }

    /// Whether it would come out the same.
    fn agrees(&self, other: &Self) -> bool {
        let Self { line, outcome, record, base, changes, findings: _ } = self;
        (line, outcome, record, base, changes) == (&other.line, &other.outcome, &other.record, &other.base, &other.changes)
    }
}

/// Told how many rows are done, before the next are begun; refuses when somebody cancelled meanwhile.
pub(super) type Step<'s> = dyn FnMut(&mut Tx, usize) -> Result<(), Problem> + 's;

/// A row that was understood, with its place in the plan.
struct Understood<C> {
    at: usize,
    command: C,
}

/// A plan, with the rows of it that do something.
type Draft<C> = (Vec<PlannedRow>, Vec<Understood<C>>);

/// Plans the rows of a table.
pub(super) fn plan<K: Kind>(tx: &mut Tx, table: &Table) -> Result<Vec<PlannedRow>, Problem> {
    Ok(understand::<K>(tx, table, false)?.0)
}

/// The plan of a table, with the commands of those rows that do something; `holding` keeps others from recording the same.
fn understand<K: Kind>(tx: &mut Tx, table: &Table, holding: bool) -> Result<Draft<K::Command>, Problem> {
    let mut planned: Vec<Option<PlannedRow>> = Vec::with_capacity(table.rows.len());
    let mut understood = Vec::with_capacity(table.rows.len());
    let mut seen = HashMap::new();
    for (at, row) in table.rows.iter().enumerate() {
        let mut cells = Cells::new(K::COLUMNS, table.values(K::COLUMNS, row));
        let command = K::read(&mut cells);
        let mut findings = cells.into_findings();
        if row.cells.len() > table.header.len() {
            findings.push(Finding::new(None, &ROW_TOO_LONG));
        }
        for key in command.as_ref().map(K::keys).unwrap_or_default() {
            let column = key.column;
            if let Some(earlier) = seen.insert(key, row.line) {
                findings.push(repeated(Some(column), earlier));
            }
        }
        match command {
            Some(command) if findings.is_empty() => {
                understood.push(Understood { at, command });
                planned.push(None);
            }
            _ => planned.push(Some(PlannedRow::refused(row.line, ImportOutcome::Faulty, None, findings))),
        }
    }
    let commands: Vec<&K::Command> = understood.iter().map(|row| &row.command).collect();
    if holding {
        K::hold(tx, &commands)?;
    }
    let verdicts = K::compare(tx, &commands)?;
    for (row, verdict) in understood.iter().zip(verdicts) {
        let line_of = |place: usize| table.rows[understood[place].at].line;
        planned[row.at] = Some(PlannedRow::of(table.rows[row.at].line, verdict, line_of));
    }
    let mut planned: Vec<PlannedRow> = planned.into_iter().flatten().collect();
    refuse_a_second_row_of_a_record(&mut planned);
    understood.retain(|row| matches!(planned[row.at].outcome, ImportOutcome::Created | ImportOutcome::Changed));
    Ok((planned, understood))
}

/// Two rows may name the same record in different ways.
fn refuse_a_second_row_of_a_record(planned: &mut [PlannedRow]) {
    let mut seen = HashMap::new();
    for row in planned {
        if let (Some(record), true) = (row.record, row.outcome != ImportOutcome::Conflict)
            && let Some(earlier) = seen.insert(record, row.line)
        {
            *row = PlannedRow::refused(row.line, ImportOutcome::Faulty, None, vec![repeated(None, earlier)]);
        }
    }
}

fn repeated(column: Option<&str>, earlier: u32) -> Finding {
    Finding::because(column, &ROW_REPEATED, &format!("Zapis jest już w wierszu {earlier}."))
}

/// Plans the table anew and carries it out if that gives the stored plan; answers the records.
pub(super) fn carry_out<K: Kind>(
    tx: &mut Tx,
    table: &Table,
    stored: &mut [PlannedRow],
    step: &mut Step,
) -> Result<Vec<Uuid>, Problem> {
    let (now, understood) = understand::<K>(tx, table, true)?;
    refuse_another_plan(stored, &now)?;
    tx.conn.batch_execute("SAVEPOINT planned")?;
    match record::<K>(tx, understood, stored, step) {
        // Somebody was faster after the rows had been looked at: what they are now tells which of them it is about.
        Err(problem) if problem.constraint.is_some() => {
            tx.conn.batch_execute("ROLLBACK TO SAVEPOINT planned")?;
            stored.iter_mut().filter(|row| row.outcome == ImportOutcome::Created).for_each(|row| row.record = None);
            let (now, _) = understand::<K>(tx, table, false)?;
            refuse_another_plan(stored, &now)?;
            Err(problem)
        }
        outcome => outcome,
    }
}

/// Records and changes what is planned, some rows at a time; answers the records.
fn record<K: Kind>(
    tx: &mut Tx,
    understood: Vec<Understood<K::Command>>,
    stored: &mut [PlannedRow],
    step: &mut Step,
) -> Result<Vec<Uuid>, Problem> {
    let (created, changed): (Vec<_>, Vec<_>) =
        understood.into_iter().partition(|row| stored[row.at].outcome == ImportOutcome::Created);
    let (mut records, mut done) = (Vec::with_capacity(created.len() + changed.len()), 0);
    for rows in created.chunks(TOGETHER) {
        step(tx, done)?;
        let commands: Vec<&K::Command> = rows.iter().map(|row| &row.command).collect();
        let ids = K::create(tx, &commands)?;
        for (row, id) in rows.iter().zip(&ids) {
            stored[row.at].record = Some(*id);
        }
        records.extend(ids);
        done += rows.len();
    }
    for rows in changed.chunks(TOGETHER) {
        step(tx, done)?;
        records.extend(change_together::<K>(tx, rows, stored)?);
        done += rows.len();
    }
    step(tx, done)?;
    Ok(records)
}

/// Changes the records of these rows as it was planned; answers those that hold now.
fn change_together<K: Kind>(
    tx: &mut Tx,
    rows: &[Understood<K::Command>],
    stored: &mut [PlannedRow],
) -> Result<Vec<Uuid>, Problem> {
    let planned: Vec<Change<K::Command>> = rows.iter().filter_map(|row| change_of(row, stored)).collect();
    let held = K::change(tx, &planned)?;
    let (mut records, mut stale) = (Vec::with_capacity(rows.len()), Vec::new());
    for (row, held) in rows.iter().zip(held) {
        match held {
            Some(record) => records.push(record),
            None => stale.push(stored[row.at].line),
        }
    }
    if !stale.is_empty() || records.len() != rows.len() {
        return Err(base_changed(&stale));
    }
    rows.iter().zip(&records).for_each(|(row, record)| stored[row.at].record = Some(*record));
    Ok(records)
}

/// What a row changes, as it was planned.
fn change_of<'a, C>(row: &'a Understood<C>, stored: &'a [PlannedRow]) -> Option<Change<'a, C>> {
    let PlannedRow { record: Some(record), base: Some(base), .. } = &stored[row.at] else { return None };
    Some(Change { record: *record, base, command: &row.command })
}

fn refuse_another_plan(stored: &[PlannedRow], now: &[PlannedRow]) -> Result<(), Problem> {
    let differing = stored.iter().zip(now).filter(|(before, now)| !before.agrees(now));
    let lines: Vec<u32> = differing.map(|(before, _)| before.line).collect();
    if lines.is_empty() && stored.len() == now.len() { Ok(()) } else { Err(base_changed(&lines)) }
}

fn base_changed(lines: &[u32]) -> Problem {
    let named = &lines[..lines.len().min(MOST_NAMED)];
    BASE_CHANGED.problem().with("rows", named.to_vec()).with("differing", lines.len())
}
