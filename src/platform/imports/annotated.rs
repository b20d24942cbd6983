//! Files that go back: the sent one with what became of each row, and the sample of a kind.

use std::collections::HashMap;

use uuid::Uuid;

use super::kind::{Column, Finding};
use super::planning::{ImportOutcome, PlannedRow};
use super::table::{Dialect, ImportFormat, Table, unwritten};
use super::{csv_file, ndjson_file, xlsx_file};
use crate::platform::problem::Problem;
use crate::platform::types::folded;

/// Heads of the columns that are added; a file that is sent again may keep them.
const OURS: [&str; 5] = ["Wynik", "Uwagi", "Zmienione kolumny", "Identyfikator zapisu", "Adres zapisu"];

/// Whether a column was added by an annotation.
pub(super) fn is_ours(head: &str) -> bool {
    OURS.iter().any(|ours| folded(ours) == folded(head))
}

/// What became of a row, in Polish.
fn outcome(outcome: ImportOutcome) -> &'static str {
    match outcome {
        ImportOutcome::Created => "nowy",
        ImportOutcome::Changed => "zmiana",
        ImportOutcome::Unchanged => "bez zmian",
        ImportOutcome::Conflict => "konflikt",
        ImportOutcome::Faulty => "błąd",
    }
}

fn remarks(findings: &[Finding], columns: &'static [Column]) -> String {
    let remark = |finding: &Finding| {
        let column = columns.iter().find(|column| finding.column.as_deref() == Some(column.name));
        match column {
            Some(column) => format!("{}: {} [{}]", column.label, finding.hint, finding.code),
            None => format!("{} [{}]", finding.hint, finding.code),
        }
    };
    findings.iter().map(remark).collect::<Vec<_>>().join(" | ")
}

/// The sent file in its own format, with the plan beside each row, and where its record is read.
pub(super) fn annotate(
    table: &Table,
    (plan, addresses): (&[PlannedRow], &HashMap<Uuid, String>),
    columns: &'static [Column],
) -> Result<Vec<u8>, Problem> {
    // The annotation of an earlier round goes.
    let kept: Vec<usize> = (0..table.header.len()).filter(|place| !is_ours(&table.header[*place])).collect();
    let header: Vec<&str> = kept.iter().map(|place| table.header[*place].as_str()).chain(OURS).collect();
    let rows = table.rows.iter().zip(plan).map(|(row, planned)| {
        let cells = kept.iter().map(|place| row.cells.get(*place).cloned().unwrap_or_default());
        let changes = planned.changes.iter().filter_map(|name| columns.iter().find(|column| column.name == name));
        let ours = [
            outcome(planned.outcome).to_owned(),
            remarks(&planned.findings, columns),
            changes.map(|column| column.label).collect::<Vec<_>>().join(", "),
            planned.record.map(|id| id.to_string()).unwrap_or_default(),
            planned.record.and_then(|id| addresses.get(&id).cloned()).unwrap_or_default(),
        ];
        cells.chain(ours).collect()
    });
    write(table.format, table.dialect, &header, rows.collect())
}

/// A file of a kind with one row of examples, as a Polish spreadsheet would write it.
pub(super) fn sample(format: ImportFormat, columns: &'static [Column]) -> Result<Vec<u8>, Problem> {
    let heads = columns.iter().map(|column| if format == ImportFormat::Ndjson { column.name } else { column.label });
    let row = columns.iter().map(|column| column.example.to_owned()).collect();
    write(format, Dialect::EXCEL_PL, &heads.collect::<Vec<_>>(), vec![row])
}

fn write(format: ImportFormat, dialect: Dialect, header: &[&str], rows: Vec<Vec<String>>) -> Result<Vec<u8>, Problem> {
    let as_text = || std::iter::once(header.to_vec()).chain(rows.iter().map(|row| row.iter().map(String::as_str).collect()));
    match format {
        ImportFormat::Csv => csv_file::write(dialect, as_text()).map_err(unwritten),
        ImportFormat::Xlsx => xlsx_file::write(as_text()),
        ImportFormat::Ndjson => Ok(ndjson_file::write(header, rows.into_iter())),
    }
}
