//! Rows being collected, within the limits of a file.

use super::table::{Dialect, ImportFormat, MOST_CELL_CHARACTERS, MOST_COLUMNS, MOST_ROWS, Row, Table};
use super::{FILE_EMPTY, FILE_TOO_LARGE};
use crate::platform::problem::Problem;

/// Most text of all cells together: a workbook may repeat one text in many cells. **Units**: bytes.
const MOST_TEXT: usize = 32 << 20;

/// A refusal of more than a limit allows.
pub(super) fn too_large(limit: &'static str) -> Problem {
    FILE_TOO_LARGE.problem().with("limit", limit)
}

/// What a reader has collected so far; the first row is the head.
#[derive(Default)]
pub(super) struct Collected {
    header: Option<Vec<String>>,
    rows: Vec<Row>,
    text: usize,
}

impl Collected {
    /// Refuses a cell that is too long, before it is copied.
    pub(super) fn weigh(&mut self, cell: &str) -> Result<(), Problem> {
        self.text += cell.len();
        let fits = cell.len() <= MOST_CELL_CHARACTERS || cell.chars().count() <= MOST_CELL_CHARACTERS;
        match (fits, self.text <= MOST_TEXT) {
            (true, true) => Ok(()),
            (false, _) => Err(too_large("cellCharacters")),
            (true, false) => Err(too_large("text")),
        }
    }

    /// Takes a row; one without any text is none.
    pub(super) fn take(&mut self, line: u32, mut cells: Vec<String>) -> Result<(), Problem> {
        let filled = cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
        cells.truncate(filled);
        if cells.len() > MOST_COLUMNS {
            return Err(too_large("columns"));
        }
        if cells.is_empty() {
            return Ok(());
        }
        if self.header.is_none() {
            self.header = Some(cells.into_iter().map(|head| head.trim().to_owned()).collect());
            return Ok(());
        }
        if self.rows.len() == MOST_ROWS {
            return Err(too_large("rows"));
        }
        self.rows.push(Row { line, cells });
        Ok(())
    }

    /// The table, which has at least one row.
    pub(super) fn into_table(self, format: ImportFormat, dialect: Dialect) -> Result<Table, Problem> {
        match self.header {
            Some(header) if !self.rows.is_empty() => Ok(Table { format, dialect, header, rows: self.rows }),
            _ => Err(FILE_EMPTY.problem()),
        }
    }
}
