//! A report as CSV: one table of typed rows, in either dialect.

use crate::platform::listing::{CsvDialect, write_csv};
use crate::platform::problem::Problem;
use crate::reports::document::FinalReport;
use crate::reports::rows::{COLUMNS, all};

/// Writes every row of a report.
///
/// # Errors
/// `platform.internal` when a row cannot be written.
pub fn write(report: &FinalReport, dialect: CsvDialect) -> Result<Vec<u8>, Problem> {
    let heads: Vec<&str> = COLUMNS.iter().map(|column| &*column.head).collect();
    write_csv(dialect, &heads, all(report))
}
