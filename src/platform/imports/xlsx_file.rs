//! Workbooks of spreadsheet programs. They come compressed and from anywhere, so nothing of them is believed.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader as _, Xlsx};
use chrono::DateTime;
use zip::ZipArchive;

use super::FILE_BROKEN;
use super::rows::{Collected, too_large};
use super::slips::NOT_CALCULATED;
use super::table::{Dialect, ImportFormat, MOST_COLUMNS, MOST_ROWS, Table};
use crate::platform::listing::Cell;
use crate::platform::problem::Problem;
use crate::platform::workbook::{Sheet, SheetColumn, Workbook};

/// Most that a workbook may grow to. **Units**: bytes.
const MOST_UNPACKED: u64 = 64 << 20;
/// Most parts of a workbook.
const MOST_PARTS: usize = 500;
/// Digits of a number that spreadsheets keep.
const DIGITS: usize = 15;
/// From here on numbers have more digits than spreadsheets keep.
const FIRST_INEXACT: f64 = 1e15;
/// Width of the columns that are written. **Units**: characters.
const WIDTH: f64 = 22.0;

pub(super) fn read(bytes: &[u8]) -> Result<Table, Problem> {
    // A malformed workbook may lead the libraries astray; that is its fault, not one of the service.
    catch_unwind(AssertUnwindSafe(|| {
        refuse_what_grows(bytes)?;
        read_sheet(bytes)
    }))
    .unwrap_or_else(|_| Err(FILE_BROKEN.problem()))
}

/// Unpacks everything once, into nothing: the sizes that an archive states may be invented.
fn refuse_what_grows(bytes: &[u8]) -> Result<(), Problem> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| FILE_BROKEN.problem())?;
    if archive.len() > MOST_PARTS {
        return Err(too_large("parts"));
    }
    let mut left = MOST_UNPACKED;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(|_| FILE_BROKEN.problem())?;
        let size = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|_| FILE_BROKEN.problem())?;
        left = left.checked_sub(size).ok_or_else(|| too_large("unpacked"))?;
    }
    Ok(())
}

fn read_sheet(bytes: &[u8]) -> Result<Table, Problem> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| FILE_BROKEN.problem())?;
    let first = workbook.sheet_names().into_iter().next().ok_or_else(|| FILE_BROKEN.problem())?;
    // Cell by cell: a single one at the far corner would make a table of billions.
    let mut reader = workbook.worksheet_cells_reader(&first).map_err(|_| FILE_BROKEN.problem())?;
    let mut collected = Collected::default();
    let mut rows: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    while let Some(cell) = reader.next_cell_with_formula_metadata().map_err(|_| FILE_BROKEN.problem())? {
        let (line, column) = cell.pos;
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        let text = match &cell.value {
            // One text may be meant by thousands of cells.
            DataRef::SharedString(text) => {
                collected.weigh(text)?;
                (*text).to_owned()
            }
            // Blank would say nothing, and something is meant.
            DataRef::Empty if cell.formula.is_some() => NOT_CALCULATED.to_owned(),
            value => {
                let text = text_of(value);
                collected.weigh(&text)?;
                text
            }
        };
        if text.trim().is_empty() {
            continue;
        }
        if column >= MOST_COLUMNS {
            return Err(too_large("columns"));
        }
        if rows.len() > MOST_ROWS && !rows.contains_key(&line) {
            return Err(too_large("rows"));
        }
        let cells = rows.entry(line).or_default();
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        cells[column] = text;
    }
    for (line, cells) in rows {
        collected.take(line.saturating_add(1), cells)?;
    }
    collected.into_table(ImportFormat::Xlsx, Dialect::EXCEL_PL)
}

fn text_of(value: &DataRef) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => text_of_number(*number),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(moment) => {
            let (year, month, day, hours, minutes, seconds, _) = moment.to_ymd_hms_milli();
            match (hours, minutes, seconds) {
                // A time without a day.
                (_, _, 0) if (0.0..1.0).contains(&moment.as_f64()) => format!("{hours:02}:{minutes:02}"),
                (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
                _ => format!("{year:04}-{month:02}-{day:02} {hours:02}:{minutes:02}:{seconds:02}"),
            }
        }
        DataRef::Error(error) => error.to_string(),
    }
}

/// A number as the spreadsheet shows it: identifiers of many digits stay whole, and what was calculated has no traces of
/// binary fractions.
fn text_of_number(number: f64) -> String {
    if number.abs() >= FIRST_INEXACT {
        return format!("{number:E}").replace('E', "E+");
    }
    if number.fract() == 0.0 {
        return number.to_string();
    }
    format!("{number:.*e}", DIGITS - 1).parse().unwrap_or(number).to_string()
}

/// Writes a sheet in which every cell is text, so that nothing is a formula and no zero is lost.
pub(super) fn write<'r>(mut rows: impl Iterator<Item = Vec<&'r str>>) -> Result<Vec<u8>, Problem> {
    let heads = rows.next().unwrap_or_default();
    let sheet = Sheet {
        name: "Import",
        columns: heads.into_iter().map(|head| SheetColumn::to_fill_in(head, WIDTH)).collect(),
        rows: rows.map(|row| row.into_iter().map(Cell::text).collect()).collect(),
        totals: None,
    };
    // Its rows are what somebody sent or will send; it has no time of its own.
    Workbook { title: "Import".to_owned(), company: None, made_at: DateTime::UNIX_EPOCH, sheets: vec![sheet] }.to_xlsx()
}
