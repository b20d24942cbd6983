//! Listings: rows with control totals that are handed out as CSV, as a workbook and on paper.
//!
//! A listing is made once, from one reading, and each format writes the same cells. So no two of them can differ in more
//! than spelling.

mod cell;
mod csv;
mod paper;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

pub use cell::Cell;
pub(super) use csv::CsvLines;
pub(super) use csv::FORMULA;
pub use csv::{CsvDialect, CsvQuery, write_csv};

use super::paper::Paper;
use super::problem::Problem;
use super::reply::FileReply;
use super::types::text_enum;
use super::workbook::{Sheet, SheetColumn, Workbook};

/// Name of the sheet that says what the others hold.
const ABOUT: &str = "Opis";

text_enum! {
    /// Format of a listing.
    pub enum ListingFormat {
        /// Semicolon- or comma-separated values.
        Csv = "csv",
        /// A workbook of a spreadsheet program, with a sheet that says what it holds.
        Xlsx = "xlsx",
        /// A document for print and signature.
        Pdf = "pdf",
    }
}

/// How a file is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct FileQuery {
    /// Format of the file; CSV when left out.
    #[param(inline)]
    pub format: Option<ListingFormat>,
    /// Dialect of a CSV file; that of Polish spreadsheets when left out. Other formats have none.
    #[param(inline)]
    pub dialect: Option<CsvDialect>,
}

/// Where a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// In files, which programs read.
    File,
    /// On paper, which people sign.
    Paper,
}

/// A column.
#[derive(Clone, Debug)]
pub struct ListingColumn {
    /// Its head.
    pub head: Cow<'static, str>,
    /// What stands in it.
    pub meaning: &'static str,
    /// Width in characters, and its part of the width of a page compared with the others.
    pub width: f32,
    /// Where it stands alone; none for everywhere.
    pub only: Option<Medium>,
}

impl ListingColumn {
    /// A column of every format.
    pub const fn new(head: &'static str, width: f32, meaning: &'static str) -> Self {
        Self { head: Cow::Borrowed(head), meaning, width, only: None }
    }

    /// A column whose head comes from the data.
    pub const fn headed(head: String, width: f32, meaning: &'static str) -> Self {
        Self { head: Cow::Owned(head), meaning, width, only: None }
    }

    /// A column of one medium.
    #[must_use]
    pub const fn only(mut self, medium: Medium) -> Self {
        self.only = Some(medium);
        self
    }
}

/// Rows with control totals.
#[derive(Clone, Debug)]
pub struct Listing {
    /// What it is.
    pub title: String,
    /// Name of its sheet in a workbook; at most 31 characters.
    pub sheet: &'static str,
    /// Who hands it out.
    pub issuer: Option<String>,
    /// What is known of the whole, as pairs of a name and a value.
    pub facts: Vec<(String, String)>,
    /// The columns from left to right.
    pub columns: Vec<ListingColumn>,
    /// The cells, one for each column.
    pub rows: Vec<Vec<Cell>>,
    /// Control totals below the last row.
    pub totals: Option<Vec<Cell>>,
    /// Who signs it on paper.
    pub signatures: Vec<&'static str>,
    /// What it was made from, at the foot of every page.
    pub source: String,
    /// When that was.
    pub made_at: DateTime<Utc>,
}

impl Listing {
    /// The listing as a file, whose name gets the ending of its format.
    ///
    /// # Errors
    /// `platform.internal` when a writer refuses, which no content should cause.
    pub fn file(&self, name: &str, query: FileQuery) -> Result<FileReply, Problem> {
        let format = query.format.unwrap_or(ListingFormat::Csv);
        let (media, content) = match format {
            ListingFormat::Csv => ("text/csv; charset=utf-8", csv::write(self, query.dialect.unwrap_or_default())?),
            ListingFormat::Xlsx => (Workbook::MEDIA_TYPE, self.to_xlsx()?),
            ListingFormat::Pdf => (Paper::MEDIA_TYPE, paper::print(self)?),
        };
        Ok(FileReply { media, name: format!("{name}.{format}"), content })
    }

    /// The listing as a workbook: its rows, and beside them what they are.
    ///
    /// # Errors
    /// `platform.internal` when the writer refuses, which no content should cause.
    pub fn to_xlsx(&self) -> Result<Vec<u8>, Problem> {
        let columns =
            self.columns(Medium::File).map(|(_, column)| SheetColumn::new(&*column.head, column.width.into())).collect();
        let cells = |row: &Vec<Cell>| self.cells(row, Medium::File).cloned().collect();
        let rows = Sheet {
            name: self.sheet,
            columns,
            rows: self.rows.iter().map(cells).collect(),
            totals: self.totals.as_ref().map(cells),
        };
        let made = Some((self.title.clone(), self.source.clone()));
        let facts = made.iter().chain(&self.facts).map(|(name, value)| vec![Cell::text(name), Cell::text(value)]);
        let meanings = self.columns(Medium::File).map(|(_, column)| vec![Cell::text(&column.head), Cell::text(column.meaning)]);
        let about = Sheet {
            name: ABOUT,
            columns: vec![SheetColumn::new("Pozycja", 34.0), SheetColumn::new("Znaczenie", 90.0)],
            rows: facts.chain(meanings).collect(),
            totals: None,
        };
        let workbook = Workbook {
            title: self.title.clone(),
            company: self.issuer.clone(),
            made_at: self.made_at,
            sheets: vec![rows, about],
        };
        workbook.to_xlsx()
    }

    fn stands(column: &ListingColumn, medium: Medium) -> bool {
        column.only.is_none_or(|only| only == medium)
    }

    /// The columns of a medium with their places.
    fn columns(&self, medium: Medium) -> impl Iterator<Item = (usize, &ListingColumn)> {
        self.columns.iter().enumerate().filter(move |(_, column)| Self::stands(column, medium))
    }

    /// The cells of a row in a medium; a row that is too short ends in empty ones.
    fn cells<'r>(&'r self, row: &'r [Cell], medium: Medium) -> impl Iterator<Item = &'r Cell> {
        self.columns(medium).map(|(place, _)| row.get(place).unwrap_or(&Cell::Empty))
    }

    /// Whether a column holds figures.
    fn holds_figures(&self, place: usize) -> bool {
        let mut cells = self.rows.iter().chain(&self.totals).filter_map(|row| row.get(place));
        cells.any(Cell::is_figure)
    }
}
