//! The one writer of PDF: pages in A4 with Polish letters, tables that go on over pages, and structure for readers who hear.
//!
//! A paper is said as a list of blocks and never as places on a page. What is written conforms to PDF/A-2a, because public
//! offices keep their papers for years, and to PDF/UA-1, because they must be accessible (act of 4 April 2019 on digital
//! accessibility of websites and mobile applications of public entities). The same paper gives the same bytes.

mod faces;
mod layout;
mod marks;
mod pdf;
mod sheet;
mod tables;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

use super::drawing::Drawing;
use super::problem::{Problem, catalogue};

/// A document for print.
#[derive(Clone, Debug)]
pub struct Paper {
    /// What it is, on top of the first page.
    pub title: String,
    /// Lines above the title, such as the institution that issues it.
    pub issuer: Vec<String>,
    /// At the foot of every page, beside its number: what the paper was made from.
    pub source: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// How the sheets lie.
    pub orientation: Orientation,
    /// What follows the title, from top to bottom.
    pub blocks: Vec<Block>,
}

/// How a sheet of A4 lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orientation {
    /// 210 mm wide.
    Portrait,
    /// 297 mm wide.
    Landscape,
}

/// A part of a paper over its whole width.
#[derive(Clone, Debug)]
pub enum Block {
    /// Names what follows.
    Heading(String),
    /// Running text.
    Text(String),
    /// What is known, as pairs of a name and a value.
    Facts(Vec<(String, String)>),
    /// Rows under heads.
    Table(Table),
    /// A drawing over the whole width, on one sheet with the heading above it, and what it shows in words for those who
    /// cannot see it.
    Drawing(Drawing, String),
    /// Places to sign, side by side; each says whose.
    Signatures(Vec<String>),
}

/// Rows under heads, which are repeated on each page.
#[derive(Clone, Debug)]
pub struct Table {
    /// The columns from left to right.
    pub columns: Vec<Column>,
    /// The cells; a row that is too short ends in empty ones.
    pub rows: Vec<Vec<String>>,
    /// Totals below the last row.
    pub total: Option<Vec<String>>,
    /// Room for handwriting: least height of a row in points (1/72 inch); 0 for as much as the text needs.
    pub row_height: f32,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its head.
    pub head: String,
    /// Its part of the width, compared with the others.
    pub share: f32,
    /// Where its cells stand.
    pub align: Align,
}

/// Where the text of a cell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

impl Column {
    /// A column of words.
    pub fn words(head: impl Into<String>, share: f32) -> Self {
        Self { head: head.into(), share, align: Align::Left }
    }

    /// A column of figures.
    pub fn figures(head: impl Into<String>, share: f32) -> Self {
        Self { head: head.into(), share, align: Align::Right }
    }
}

impl Paper {
    /// Content type of what is written.
    pub const MEDIA_TYPE: &'static str = "application/pdf";

    /// Writes the paper.
    ///
    /// # Errors
    /// `platform.internal` when the writer refuses, which no content should cause.
    pub fn to_pdf(&self) -> Result<Vec<u8>, Problem> {
        let faces = faces::faces().ok_or_else(|| catalogue::INTERNAL.problem().because("the typeface cannot be read"))?;
        let laid = layout::lay(self, faces);
        pdf::write(self, faces, &laid).map_err(|error| catalogue::INTERNAL.problem().because(error))
    }
}
