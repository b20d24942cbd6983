//! Values separated by semicolons, commas or tabs: as RFC 4180 has them, and as Polish spreadsheets write them.

use encoding_rs::{Encoding, UTF_8};

use super::rows::Collected;
use super::table::{Dialect, ImportFormat, Table};
use super::{FILE_BROKEN, FILE_ENCODING, QUOTE_OPEN};
use crate::platform::problem::Problem;

/// What spreadsheets take for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// What keeps them from it.
const QUOTE: char = '\'';

/// The text of a file; `charset` is what the sender states, and a byte order mark is stronger.
pub(super) fn decoded(bytes: &[u8], charset: Option<&str>) -> Result<(String, bool), Problem> {
    let stated = match charset {
        None => UTF_8,
        Some(label) => Encoding::for_label(label.as_bytes()).ok_or_else(|| FILE_ENCODING.problem())?,
    };
    let marked = Encoding::for_bom(bytes).is_some();
    let (text, _, has_errors) = stated.decode(bytes);
    if has_errors { Err(FILE_ENCODING.problem()) } else { Ok((text.into_owned(), marked)) }
}

pub(super) fn read(bytes: &[u8], charset: Option<&str>) -> Result<Table, Problem> {
    let (text, marked) = decoded(bytes, charset)?;
    if text.contains('\0') {
        return Err(FILE_BROKEN.problem());
    }
    let (separator, text, skipped) = separator_of(&text);
    refuse_stray_quotes(text, separator).map_err(|line| QUOTE_OPEN.problem().with("line", line + skipped))?;
    let mut reader =
        csv::ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut collected = Collected::default();
    for record in reader.records() {
        let record = record.map_err(|_| FILE_BROKEN.problem())?;
        let line = record.position().map_or(0, |position| line_of(position, text)).saturating_add(skipped);
        for cell in &record {
            collected.weigh(cell)?;
        }
        collected.take(u32::try_from(line).unwrap_or(u32::MAX), record.iter().map(unguarded).collect())?;
    }
    collected.into_table(ImportFormat::Csv, Dialect { separator, marked })
}

/// Refuses quotation marks that enclose more than a cell: one that is never closed, or that goes on after its end,
/// swallows rows. Answers the line on which it was opened. In the middle of a cell they are signs like others.
fn refuse_stray_quotes(text: &str, separator: u8) -> Result<(), u64> {
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Place {
        Start,
        Plain,
        Quoted,
        /// After a mark that ends the cell, or is the first of two that mean one.
        Ended,
    }
    let (mut place, mut line, mut opened) = (Place::Start, 1, 1);
    for byte in text.bytes() {
        place = match (place, byte) {
            (Place::Start, b'"') => {
                opened = line;
                Place::Quoted
            }
            (Place::Quoted, b'"') => Place::Ended,
            (Place::Quoted, _) | (Place::Ended, b'"') => Place::Quoted,
            (_, b'\r' | b'\n') => Place::Start,
            (_, byte) if byte == separator => Place::Start,
            (Place::Ended, _) => return Err(opened),
            (Place::Start | Place::Plain, _) => Place::Plain,
        };
        line += u64::from(byte == b'\n');
    }
    if place == Place::Quoted { Err(opened) } else { Ok(()) }
}

/// The line on which a record begins; its position is that of the blank lines before it.
fn line_of(position: &csv::Position, text: &str) -> u64 {
    let rest = text.as_bytes().get(usize::try_from(position.byte()).unwrap_or_default()..).unwrap_or_default();
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
    position.line().saturating_add(blank as u64)
}

/// The separator, the text after a line that states it, and how many lines that were.
fn separator_of(text: &str) -> (u8, &str, u64) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    // Not every blank at the end is one: a tab may be what is stated.
    if let Some(stated) = first.strip_prefix("sep=").map(|stated| stated.trim_end_matches(['\r', ' ']))
        && let [separator @ (b';' | b',' | b'\t' | b'|')] = stated.as_bytes()
    {
        return (*separator, rest, 1);
    }
    let head = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut counts = [(b';', 0_usize), (b',', 0), (b'\t', 0)];
    let mut is_quoted = false;
    for sign in head.bytes() {
        is_quoted ^= sign == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(separator, _)| !is_quoted && *separator == sign) {
            *count += 1;
        }
    }
    // Of equals the first: max_by_key would take the last.
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or_default();
    (counts.iter().find(|(_, count)| *count == most).map_or(b';', |(separator, _)| *separator), text, 0)
}

pub(super) fn write<'r>(dialect: Dialect, rows: impl Iterator<Item = Vec<&'r str>>) -> csv::Result<Vec<u8>> {
    let begin = if dialect.marked { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(dialect.separator)
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer(begin);
    for row in rows {
        writer.write_record(row.into_iter().map(guarded))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// A cell that no spreadsheet takes for a formula.
pub(super) fn guarded(cell: &str) -> String {
    // A text that begins as a guarded one is guarded once more, or reading would take away what is its own.
    if cell.starts_with(FORMULA) || cell.starts_with(QUOTE) { format!("{QUOTE}{cell}") } else { cell.to_owned() }
}

/// The cell before it was guarded.
pub(super) fn unguarded(cell: &str) -> String {
    match cell.strip_prefix(QUOTE) {
        Some(rest) if rest.starts_with(FORMULA) || rest.starts_with(QUOTE) => rest.to_owned(),
        _ => cell.to_owned(),
    }
}
