//! Workbooks of any length: a sheet that is written row by row, with one more that says what it holds.

use std::io::{Seek, Write};
use std::path::Path;

use chrono::{DateTime, Utc};
use rust_xlsxwriter::{DocProperties, Format, XlsxError};

use super::{Sheet, SheetColumn, moment, write_heads, write_row};
use crate::platform::listing::Cell;
use crate::platform::private_files::create_private_dir;
use crate::platform::problem::{Problem, catalogue};

/// Longest name of a sheet. **Units**: characters.
const LONGEST_NAME: usize = 31;

/// A workbook whose rows go to a file of their own until it is finished, so that its memory is bounded.
pub(in crate::platform) struct LongWorkbook {
    workbook: rust_xlsxwriter::Workbook,
    columns: Vec<SheetColumn>,
    line: u32,
}

fn refused(error: XlsxError) -> Problem {
    match error {
        XlsxError::MaxStringLengthExceeded => catalogue::EXPORT_CELL_TOO_LONG.problem(),
        error => catalogue::INTERNAL.problem().because(error),
    }
}

impl LongWorkbook {
    /// An empty one, whose rows wait in files of the directory.
    ///
    /// # Errors
    /// `platform.internal` when these cannot be made.
    pub fn new(name: &str, made_at: DateTime<Utc>, dir: &Path, columns: Vec<SheetColumn>) -> Result<Self, Problem> {
        create_private_dir(dir).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
        let begin = || {
            let mut workbook = rust_xlsxwriter::Workbook::new();
            workbook.set_tempdir(dir)?;
            workbook.set_properties(&DocProperties::new().set_title(name).set_creation_datetime(&moment(made_at)?));
            let name: String = name.chars().take(LONGEST_NAME).collect();
            write_heads(workbook.add_worksheet_with_constant_memory()?, &name, &columns)?;
            Ok(workbook)
        };
        let workbook = begin().map_err(refused)?;
        Ok(Self { workbook, columns, line: 1 })
    }

    /// Writes the next row.
    ///
    /// # Errors
    /// `platform.export_cell_too_long` for a text that no cell has room for.
    pub fn row(&mut self, cells: &[Cell]) -> Result<(), Problem> {
        let sheet = self.workbook.worksheet_from_index(0).map_err(refused)?;
        write_row(sheet, self.line, &self.columns, cells, Format::new).map_err(refused)?;
        self.line += 1;
        Ok(())
    }

    /// Adds what is to be said of the rows, and writes the whole.
    ///
    /// # Errors
    /// `platform.internal` when it cannot be written.
    pub fn finish<W: Write + Seek + Send>(mut self, about: &Sheet, to: W) -> Result<(), Problem> {
        about.write(self.workbook.add_worksheet()).map_err(refused)?;
        self.workbook.save_to_writer(to).map_err(refused)
    }
}
