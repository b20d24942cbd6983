//! The cells of one row, read as what their columns hold.

use std::str::FromStr;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::kind::{CellKind, Column, Finding};
use super::{VALUE_INVALID, VALUE_MISSING, slips};
use crate::platform::problem::{Definition, Problem, catalogue};
use crate::platform::types::{Day, Pesel, folded, holds_pesel};

/// A row on its way to a command; what is wrong with it is collected.
pub struct Cells<'a> {
    columns: &'static [Column],
    /// The cell of each column, in the order of the columns; blank where the file lacks it.
    values: Vec<&'a str>,
    findings: Vec<Finding>,
}

impl<'a> Cells<'a> {
    /// The cells of a row, of which the required ones must be filled in.
    pub(super) fn new(columns: &'static [Column], mut values: Vec<&'a str>) -> Self {
        let mut findings = Vec::new();
        for (column, value) in columns.iter().zip(&mut values) {
            if column.required && value.is_empty() {
                findings.push(Finding::new(Some(column.name), &VALUE_MISSING));
            }
            if let Some(hint) = slips::anywhere(value) {
                findings.push(Finding::because(Some(column.name), &VALUE_INVALID, hint));
                *value = "";
            }
        }
        Self { columns, values, findings }
    }

    /// What was found wrong.
    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// Notes that something is wrong with a cell.
    pub fn refuse(&mut self, column: &str, definition: &'static Definition) {
        self.findings.push(Finding::new(Some(column), definition));
    }

    /// Notes that a cell has not the form that its kind alone does not say; `form` in Polish, never with what stood there.
    pub fn refuse_form(&mut self, column: &str, form: &str) {
        self.findings.push(Finding::because(Some(column), &VALUE_INVALID, &format!("Dozwolone: {form}.")));
    }

    /// Notes what a single record would be refused for.
    pub fn refuse_as(&mut self, column: &str, problem: &Problem) {
        self.findings.push(Finding { column: Some(column.to_owned()), ..Finding::of(problem) });
    }

    /// The text of a cell; nothing where it is blank.
    pub fn raw(&self, column: &str) -> Option<&'a str> {
        let place = self.columns.iter().position(|known| known.name == column)?;
        self.values.get(place).copied().filter(|value| !value.is_empty())
    }

    /// A value that is parsed from text.
    pub fn text<T: FromStr>(&mut self, column: &str) -> Option<T> {
        self.parsed(column, |text| text.parse().ok())
    }

    /// Free text, which holds no PESEL.
    pub fn words<T: FromStr>(&mut self, column: &str) -> Option<T> {
        if self.raw(column).is_some_and(holds_pesel) {
            self.refuse(column, &catalogue::PESEL_IN_TEXT);
            return None;
        }
        self.text(column)
    }

    /// A day.
    pub fn day(&mut self, column: &str) -> Option<Day> {
        self.parsed(column, day)
    }

    /// A decimal number; a comma is a point, and spaces between thousands do not matter.
    pub fn decimal(&mut self, column: &str) -> Option<Decimal> {
        self.parsed(column, decimal)
    }

    /// A PESEL number.
    pub fn pesel(&mut self, column: &str) -> Option<Pesel> {
        self.parsed(column, |text| text.parse().ok())
    }

    /// A word of a list, by its code or its Polish spelling, without regard to case and diacritics.
    pub fn word<T: FromStr>(&mut self, column: &str) -> Option<T> {
        let words = self.columns.iter().find(|known| known.name == column).map(|known| known.holds);
        self.parsed(column, |text| {
            let Some(CellKind::Word(words)) = words else { return None };
            let wanted = folded(text);
            let is_meant = |(code, spellings): &&(&'static str, &'static [&'static str])| {
                folded(code) == wanted || spellings.iter().any(|spelling| folded(spelling) == wanted)
            };
            words.iter().find(is_meant)?.0.parse().ok()
        })
    }

    fn parsed<T>(&mut self, column: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.raw(column)?;
        let value = parse(text);
        if let (None, Some(known)) = (&value, self.columns.iter().find(|known| known.name == column)) {
            let allowed = || format!("Dozwolone: {}.", known.holds.form());
            let hint = slips::within(known.holds, text).map_or_else(allowed, str::to_owned);
            self.findings.push(Finding::because(Some(column), &VALUE_INVALID, &hint));
        }
        value
    }
}

/// A day as people write it: `2026-05-11` or `11.05.2026`.
pub fn day(text: &str) -> Option<Day> {
    text.parse().ok().or_else(|| {
        // The calendar library would take any number of digits and spaces.
        let is_written = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let date = is_written.then(|| NaiveDate::parse_from_str(text, "%d.%m.%Y").ok()).flatten()?;
        Day::try_from(date).ok()
    })
}

/// `1 234,50` or `1234.50`.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let packed: String = text.chars().filter(|sign| !matches!(sign, ' ' | '\u{a0}' | '\u{202f}')).collect();
    let points = packed.bytes().filter(|byte| matches!(byte, b',' | b'.')).count();
    // Two separators could be thousands in one country and decimals in another.
    let is_plain = points <= 1 && packed.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.' | b'-'));
    is_plain.then(|| packed.replace(',', ".").parse().ok()).flatten()
}
