//! A file as rows of text, whatever its format was.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::kind::Column;
use super::{COLUMN_MISSING, COLUMN_REPEATED, COLUMN_UNKNOWN, MEMBER_UNKNOWN, annotated};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{folded, holds_pesel, text_enum};

/// Most rows of a file, below its head.
pub const MOST_ROWS: usize = 20_000;
/// Most columns of a file.
pub const MOST_COLUMNS: usize = 100;
/// Longest text of a cell.
pub const MOST_CELL_CHARACTERS: usize = 4_000;

text_enum! {
    /// Format of a file.
    pub enum ImportFormat {
        /// Comma- or semicolon-separated values.
        Csv = "csv",
        /// A workbook of a spreadsheet program; its first sheet counts.
        Xlsx = "xlsx",
        /// One JSON object on each line.
        Ndjson = "ndjson",
    }
}

impl ImportFormat {
    /// The media type.
    pub(super) const fn media(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Ndjson => "application/x-ndjson",
        }
    }
}

/// How a text file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Dialect {
    /// What stands between cells.
    pub separator: u8,
    /// Whether the file begins with a byte order mark, by which spreadsheets know UTF-8.
    pub marked: bool,
}

impl Dialect {
    /// As Polish spreadsheets write and read it.
    pub(super) const EXCEL_PL: Self = Self { separator: b';', marked: true };
}

/// A row with its number as a spreadsheet counts: the head is row 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Row {
    pub line: u32,
    pub cells: Vec<String>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Table {
    pub format: ImportFormat,
    pub dialect: Dialect,
    pub header: Vec<String>,
    pub rows: Vec<Row>,
}

impl Table {
    /// Refuses heads that the columns of a kind do not explain.
    pub(super) fn check(&self, columns: &'static [Column]) -> Result<(), Problem> {
        let mut seen = HashMap::new();
        for (place, head) in self.header.iter().enumerate() {
            if annotated::is_ours(head) || (head.is_empty() && self.is_blank(place)) {
                continue;
            }
            // The head is not repeated: a file without one begins with somebody's data.
            let known = || columns.iter().map(|column| column.label).collect::<Vec<_>>().join(", ");
            let column = columns.iter().position(|column| is_head_of(head, column));
            let unknown = || match self.format {
                // Members have names on every line, and a name is no data.
                ImportFormat::Ndjson if !holds_pesel(head) => {
                    MEMBER_UNKNOWN.problem().with("name", head.as_str()).with("line", self.line_of(place))
                }
                _ => COLUMN_UNKNOWN.problem().with("column", place + 1),
            };
            let column = column.ok_or_else(|| unknown().with("known", known()))?;
            if seen.insert(column, place).is_some() {
                return Err(COLUMN_REPEATED.problem().with("name", columns[column].label));
            }
        }
        let missing = columns.iter().enumerate().find(|(place, column)| column.required && !seen.contains_key(place));
        missing.map_or(Ok(()), |(_, column)| Err(COLUMN_MISSING.problem().with("name", column.label)))
    }

    /// The first line that fills in a column.
    fn line_of(&self, place: usize) -> u32 {
        let fills = |row: &&Row| row.cells.get(place).is_some_and(|cell| !cell.is_empty());
        self.rows.iter().find(fills).or(self.rows.first()).map_or(1, |row| row.line)
    }

    fn is_blank(&self, place: usize) -> bool {
        self.rows.iter().all(|row| row.cells.get(place).is_none_or(String::is_empty))
    }

    /// Names of the columns that the file has, for the access register.
    pub(super) fn fields(&self, columns: &'static [Column]) -> Vec<String> {
        let named = columns.iter().filter(|column| self.place_of(column).is_some());
        named.map(|column| column.name.to_owned()).collect()
    }

    fn place_of(&self, column: &Column) -> Option<usize> {
        self.header.iter().position(|head| is_head_of(head, column))
    }

    /// The cells of a row in the order of the columns.
    pub(super) fn values<'r>(&self, columns: &'static [Column], row: &'r Row) -> Vec<&'r str> {
        let cell = |column| Some(row.cells.get(self.place_of(column)?)?.trim());
        columns.iter().map(|column| cell(column).unwrap_or_default()).collect()
    }
}

fn is_head_of(head: &str, column: &Column) -> bool {
    let head = folded(head.trim().trim_end_matches('*').trim_end());
    head == folded(column.label) || head == folded(column.name)
}

/// A fault of the program: a file that it wrote could not be written.
pub(super) fn unwritten(cause: impl std::fmt::Display) -> Problem {
    catalogue::INTERNAL.problem().because(cause)
}
