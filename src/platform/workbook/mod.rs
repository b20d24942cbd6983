//! The one writer of workbooks (XLSX): sheets of typed cells under heads that stay in sight.
//!
//! No text ever becomes a formula, whatever it begins with: texts are stored as texts, and what a spreadsheet would take
//! for a formula when it is edited or saved as CSV is marked as text besides. The same workbook gives the same bytes.

mod long;
#[cfg(test)]
mod tests;

pub(super) use long::LongWorkbook;

use chrono::{DateTime, Datelike as _, NaiveDate, Timelike as _, Utc};
use rust_decimal::Decimal;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Worksheet, XlsxError};

use super::listing::{Cell, FORMULA};
use super::problem::{Problem, catalogue};

/// A4, in the numbers of the format.
const A4: u8 = 9;
/// Ground of heads and totals.
const SHADE: u32 = 0x00E7_E6E6;

/// Sheets with what is told of the whole.
#[derive(Clone, Debug)]
pub struct Workbook {
    /// What it is.
    pub title: String,
    /// Who hands it out.
    pub company: Option<String>,
    /// When it was made, by the data and not by the clock.
    pub made_at: DateTime<Utc>,
    /// The sheets, first to last.
    pub sheets: Vec<Sheet>,
}

/// Rows under heads.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Its name; at most 31 characters, none of `[]:*?/\`.
    pub name: &'static str,
    /// The columns from left to right.
    pub columns: Vec<SheetColumn>,
    /// The cells.
    pub rows: Vec<Vec<Cell>>,
    /// Control totals below the last row.
    pub totals: Option<Vec<Cell>>,
}

/// A column.
#[derive(Clone, Debug)]
pub struct SheetColumn {
    /// Its head.
    pub head: String,
    /// Its width. **Units**: characters.
    pub width: f64,
    /// Whether whatever is typed into it is text, so that no zero at its head is lost.
    pub takes_text: bool,
}

impl SheetColumn {
    /// A column of that width.
    pub fn new(head: impl Into<String>, width: f64) -> Self {
        Self { head: head.into(), width, takes_text: false }
    }

    /// A column into which text is typed.
    pub fn to_fill_in(head: impl Into<String>, width: f64) -> Self {
        Self { takes_text: true, ..Self::new(head, width) }
    }
}

impl Workbook {
    /// Content type of what is written.
    pub const MEDIA_TYPE: &'static str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    /// Writes the workbook.
    ///
    /// # Errors
    /// `platform.internal` when the writer refuses, such as for a text of more than 32,767 characters.
    pub fn to_xlsx(&self) -> Result<Vec<u8>, Problem> {
        self.write().map_err(|error| catalogue::INTERNAL.problem().because(error))
    }

    fn write(&self) -> Result<Vec<u8>, XlsxError> {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let company = self.company.as_deref().unwrap_or_default();
        let properties = DocProperties::new().set_title(&self.title).set_company(company).set_author(company);
        workbook.set_properties(&properties.set_creation_datetime(&moment(self.made_at)?));
        for sheet in &self.sheets {
            sheet.write(workbook.add_worksheet())?;
        }
        workbook.save_to_buffer()
    }
}

impl Sheet {
    fn write(&self, worksheet: &mut Worksheet) -> Result<(), XlsxError> {
        write_heads(worksheet, self.name, &self.columns)?;
        let mut line = 1;
        for row in &self.rows {
            write_row(worksheet, line, &self.columns, row, Format::new)?;
            line += 1;
        }
        match &self.totals {
            Some(totals) => write_row(worksheet, line, &self.columns, totals, || strong().set_border_top(FormatBorder::Thin)),
            None => Ok(()),
        }
    }
}

/// Sets a sheet up: its name, its page, its heads, which stay in sight.
fn write_heads(worksheet: &mut Worksheet, name: &str, columns: &[SheetColumn]) -> Result<(), XlsxError> {
    worksheet.set_name(name)?.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0);
    worksheet.set_repeat_rows(0, 0)?.set_footer("&R&P / &N").set_freeze_panes(1, 0)?;
    let head = strong().set_text_wrap().set_num_format("@").set_border_bottom(FormatBorder::Thin);
    for (place, column) in (0..).zip(columns) {
        if column.takes_text {
            worksheet.set_column_format(place, &Format::new().set_num_format("@"))?;
        }
        worksheet.set_column_width(place, column.width)?.write_string_with_format(0, place, &column.head, &head)?;
    }
    Ok(())
}

fn write_row(
    worksheet: &mut Worksheet,
    line: u32,
    columns: &[SheetColumn],
    row: &[Cell],
    base: fn() -> Format,
) -> Result<(), XlsxError> {
    for ((place, column), cell) in (0..).zip(columns).zip(row) {
        let text = || if column.takes_text { base().set_num_format("@") } else { base() };
        match cell {
            Cell::Empty => worksheet.write_blank(line, place, &text())?,
            Cell::Text(words) if words.starts_with(FORMULA) => {
                worksheet.write_string_with_format(line, place, words, &text().set_quote_prefix())?
            }
            Cell::Text(words) => worksheet.write_string_with_format(line, place, words, &wrapping(text(), words))?,
            Cell::Word(_, polish) => worksheet.write_string_with_format(line, place, *polish, &text())?,
            Cell::Whole(number) => number_as(worksheet, (line, place), Decimal::from(*number), &base().set_num_format("0"))?,
            Cell::Exact(number) => number_as(worksheet, (line, place), *number, &base())?,
            Cell::Decimal(number) => number_as(worksheet, (line, place), *number, &base().set_num_format("#,##0.00"))?,
            Cell::Money(amount) => number_as(worksheet, (line, place), amount.decimal(), &base().set_num_format("#,##0.00"))?,
            Cell::Percent(share) => {
                // Spreadsheets keep a share of one and show it as per cent.
                let of_one = share.decimal() / Decimal::ONE_HUNDRED;
                number_as(worksheet, (line, place), of_one, &base().set_num_format("0.00%"))?
            }
            Cell::Day(day) => {
                let format = base().set_num_format("dd\\.mm\\.yyyy").set_align(FormatAlign::Left);
                worksheet.write_datetime_with_format(line, place, &midnight(day.date())?, &format)?
            }
        };
    }
    Ok(())
}

/// Long texts are broken within their column.
fn wrapping(format: Format, words: &str) -> Format {
    const LONG: usize = 60;
    if words.chars().count() > LONG { format.set_text_wrap().set_align(FormatAlign::Top) } else { format }
}

fn strong() -> Format {
    Format::new().set_bold().set_background_color(SHADE)
}

/// Writes a number. Spreadsheets keep binary fractions with 15 digits; no amount of this service has more.
fn number_as<'w>(
    worksheet: &'w mut Worksheet,
    (line, place): (u32, u16),
    number: Decimal,
    format: &Format,
) -> Result<&'w mut Worksheet, XlsxError> {
    // Through its digits, because that gives the nearest fraction.
    let nearest: f64 = number.to_string().parse().map_err(|_| XlsxError::ParameterError(format!("{number} is no number")))?;
    worksheet.write_number_with_format(line, place, nearest, format)
}

fn midnight(day: NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    let beyond = || XlsxError::DateTimeRangeError(day.to_string());
    let year = u16::try_from(day.year()).map_err(|_| beyond())?;
    let (month, of_month) = (u8::try_from(day.month()), u8::try_from(day.day()));
    ExcelDateTime::from_ymd(year, month.map_err(|_| beyond())?, of_month.map_err(|_| beyond())?)
}

fn moment(at: DateTime<Utc>) -> Result<ExcelDateTime, XlsxError> {
    let beyond = |_| XlsxError::DateTimeRangeError(at.to_string());
    let (hour, minute) = (u16::try_from(at.hour()).map_err(beyond)?, u8::try_from(at.minute()).map_err(beyond)?);
    midnight(at.date_naive())?.and_hms(hour, minute, at.second())
}
