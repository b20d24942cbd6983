//! Papers of a month as workbooks: the same rows and sums in typed cells.

use serde::Deserialize;
use utoipa::IntoParams;

use super::fact;
use crate::platform::listing::{Cell, Listing, ListingColumn};
use crate::platform::paper::Paper;
use crate::platform::problem::Problem;
use crate::platform::reply::FileReply;
use crate::platform::types::{Month, text_enum};
use crate::platform::workbook::Workbook;

text_enum! {
    /// Format of a paper of a month.
    pub enum PaperFormat {
        /// A document for print.
        Pdf = "pdf",
        /// A workbook of a spreadsheet program, with a sheet that says what it holds.
        Xlsx = "xlsx",
    }
}

/// Month of a paper, and how it is written.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct MonthQuery {
    /// Month, such as `2026-06`.
    #[param(inline, example = "2026-06")]
    pub month: Month,
    /// Format; PDF when left out.
    #[param(inline)]
    pub format: Option<PaperFormat>,
}

impl MonthQuery {
    /// Whether a workbook is asked for.
    pub(super) fn is_workbook(self) -> bool {
        self.format == Some(PaperFormat::Xlsx)
    }
}

/// The month as a fact of a paper.
pub(super) fn month_of(month: Month) -> (String, String) {
    fact("Miesiąc", &month.first_day().format("%m.%Y").to_string())
}

/// A workbook that says of itself what the paper would.
pub(super) fn monthly(
    name: &str,
    paper: &Paper,
    facts: Vec<(String, String)>,
    columns: Vec<ListingColumn>,
    rows: Vec<Vec<Cell>>,
    totals: Vec<Cell>,
) -> Result<FileReply, Problem> {
    let listing = Listing {
        title: paper.title.clone(),
        sheet: "Miesiąc",
        issuer: paper.issuer.first().cloned(),
        facts,
        columns,
        rows,
        totals: Some(totals),
        signatures: Vec::new(),
        source: paper.source.clone(),
        made_at: paper.made_at,
    };
    Ok(FileReply { media: Workbook::MEDIA_TYPE, name: format!("{name}.xlsx"), content: listing.to_xlsx()? })
}
