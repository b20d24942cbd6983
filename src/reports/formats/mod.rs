//! The formats of a report: each a pure writer over the one document, so that the same document gives the same bytes.

mod charts;
mod csv;
mod heading;
pub mod html;
mod paper;
#[cfg(test)]
mod tests;
mod workbook;

use super::document::FinalReport;
use super::views::{ReportFormat, ReportView};
use crate::platform::listing::CsvDialect;
use crate::platform::paper::Paper;
use crate::platform::problem::Problem;
use crate::platform::workbook::Workbook;

/// The files that are kept of an approved report.
pub const ALL_FILES: &[(ReportFormat, Option<CsvDialect>)] = &[
    (ReportFormat::Html, None),
    (ReportFormat::Pdf, None),
    (ReportFormat::Xlsx, None),
    (ReportFormat::Csv, Some(CsvDialect::ExcelPl)),
    (ReportFormat::Csv, Some(CsvDialect::Rfc4180)),
];

/// Writes a report.
///
/// # Errors
/// `platform.internal` when a writer refuses, which no content should cause.
pub fn write(report: &FinalReport, format: ReportFormat, dialect: Option<CsvDialect>) -> Result<Vec<u8>, Problem> {
    match format {
        ReportFormat::Html => Ok(html::page(report).into_bytes()),
        ReportFormat::Pdf => paper::paper(report).to_pdf(),
        ReportFormat::Xlsx => workbook::workbook(report).to_xlsx(),
        ReportFormat::Csv => csv::write(report, dialect.unwrap_or_default()),
    }
}

/// Content type of a format.
pub fn media_of(format: ReportFormat) -> &'static str {
    match format {
        ReportFormat::Html => "text/html; charset=utf-8",
        ReportFormat::Pdf => Paper::MEDIA_TYPE,
        ReportFormat::Xlsx => Workbook::MEDIA_TYPE,
        ReportFormat::Csv => "text/csv; charset=utf-8",
    }
}

/// Name of a file.
pub fn file_name(report: &ReportView, format: ReportFormat) -> String {
    format!("sprawozdanie-koncowe-{}-{}.{format}", report.number, report.id)
}
