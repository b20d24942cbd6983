//! Listings as CSV files, as Polish spreadsheets or as other programs read them.

use std::io::Write;

use serde::Deserialize;
use utoipa::IntoParams;

use super::{Cell, Listing, Medium};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::text_enum;

text_enum! {
    /// How a CSV file is written.
    pub enum CsvDialect {
        /// Semicolons, decimal commas and a byte order mark, as Polish spreadsheets open it.
        ExcelPl = "excelPl",
        /// Commas and decimal points (RFC 4180), for other programs.
        Rfc4180 = "rfc4180",
    }
}

#[expect(clippy::derivable_impls, reason = "the words come from a macro that takes no attributes of one variant")]
impl Default for CsvDialect {
    fn default() -> Self {
        Self::ExcelPl
    }
}

/// How a file is written that is handed out as CSV alone.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct CsvQuery {
    /// Dialect of the file; that of Polish spreadsheets when left out.
    #[param(inline)]
    pub dialect: Option<CsvDialect>,
}

/// What a spreadsheet may take for the beginning of a formula.
pub(in crate::platform) const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

fn written(cell: &Cell, dialect: CsvDialect) -> String {
    match (cell, dialect) {
        (Cell::Text(text), _) if text.starts_with(FORMULA) => format!("'{text}"),
        // A minus at the head of a number is no formula, and days are read in this order by all.
        (Cell::Day(_), _) | (_, CsvDialect::Rfc4180) => cell.plain(),
        (_, CsvDialect::ExcelPl) => cell.polish(),
    }
}

/// A table that is written line by line; lines end with CR LF.
pub struct CsvLines<W: Write> {
    writer: csv::Writer<W>,
    dialect: CsvDialect,
}

fn failed(error: impl std::fmt::Display) -> Problem {
    catalogue::INTERNAL.problem().because(error)
}

impl<W: Write> CsvLines<W> {
    /// Writes the heads.
    ///
    /// # Errors
    /// `platform.internal` when they cannot be written.
    pub fn new(mut to: W, dialect: CsvDialect, heads: &[&str]) -> Result<Self, Problem> {
        let (separator, begin) = match dialect {
            CsvDialect::ExcelPl => (b';', "\u{feff}"),
            CsvDialect::Rfc4180 => (b',', ""),
        };
        to.write_all(begin.as_bytes()).map_err(failed)?;
        let mut writer = csv::WriterBuilder::new().delimiter(separator).terminator(csv::Terminator::CRLF).from_writer(to);
        writer.write_record(heads).map_err(failed)?;
        Ok(Self { writer, dialect })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// `platform.internal` when it cannot be written.
    pub fn row(&mut self, cells: &[Cell]) -> Result<(), Problem> {
        self.writer.write_record(cells.iter().map(|cell| written(cell, self.dialect))).map_err(failed)
    }

    /// What it was written to.
    ///
    /// # Errors
    /// `platform.internal` when the last lines cannot be written.
    pub fn finish(self) -> Result<W, Problem> {
        self.writer.into_inner().map_err(|error| failed(error.error()))
    }
}

/// Writes a table: heads, then rows.
///
/// # Errors
/// `platform.internal` when a row cannot be written.
pub fn write_csv(dialect: CsvDialect, heads: &[&str], rows: Vec<Vec<Cell>>) -> Result<Vec<u8>, Problem> {
    let mut lines = CsvLines::new(Vec::new(), dialect, heads)?;
    for row in rows {
        lines.row(&row)?;
    }
    lines.finish()
}

/// Writes a listing with its totals in the last row.
pub(super) fn write(listing: &Listing, dialect: CsvDialect) -> Result<Vec<u8>, Problem> {
    let heads: Vec<&str> = listing.columns(Medium::File).map(|(_, column)| &*column.head).collect();
    let rows = listing.rows.iter().chain(&listing.totals);
    write_csv(dialect, &heads, rows.map(|row| listing.cells(row, Medium::File).cloned().collect()).collect())
}
