//! Listings as CSV files, as Polish spreadsheets or as other programs read them.

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

/// Writes a table: heads, then rows; lines end with CR LF.
///
/// # Errors
/// `platform.internal` when a row cannot be written.
pub fn write_csv(dialect: CsvDialect, heads: &[&str], rows: Vec<Vec<Cell>>) -> Result<Vec<u8>, Problem> {
    let (separator, begin) = match dialect {
        CsvDialect::ExcelPl => (b';', "\u{feff}"),
        CsvDialect::Rfc4180 => (b',', ""),
    };
    let failed = |error: csv::Error| catalogue::INTERNAL.problem().because(error);
    let mut writer =
        csv::WriterBuilder::new().delimiter(separator).terminator(csv::Terminator::CRLF).from_writer(begin.as_bytes().to_vec());
    writer.write_record(heads).map_err(failed)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| written(cell, dialect))).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| catalogue::INTERNAL.problem().because(error))
}

/// Writes a listing with its totals in the last row.
pub(super) fn write(listing: &Listing, dialect: CsvDialect) -> Result<Vec<u8>, Problem> {
    let heads: Vec<&str> = listing.columns(Medium::File).map(|(_, column)| &*column.head).collect();
    let rows = listing.rows.iter().chain(&listing.totals);
    write_csv(dialect, &heads, rows.map(|row| listing.cells(row, Medium::File).cloned().collect()).collect())
}
