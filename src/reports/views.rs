//! What callers send and see of reports.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::amount::Amount;
use crate::outcomes::figures::verdict::Status;
use crate::platform::examples;
use crate::platform::listing::CsvDialect;
use crate::platform::reply::View;
use crate::platform::types::count_between;
use crate::platform::types::{Day, LongText, Moment, ShortText, text_enum};
use crate::schema::reports;

text_enum! {
    /// How far a report is.
    pub enum ReportState {
        /// Can still be withdrawn and drawn up anew.
        Draft = "draft",
        /// Never changes any more.
        Approved = "approved",
        /// Was given up as a draft.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// Format of a report.
    pub enum ReportFormat {
        /// A page in Polish with charts, without scripts and without anything loaded from elsewhere.
        Html = "html",
        /// A document for print and archives (PDF/A, tagged).
        Pdf = "pdf",
        /// A workbook with typed cells, definitions and control totals.
        Xlsx = "xlsx",
        /// Semicolon- or comma-separated values.
        Csv = "csv",
    }
}

/// A note of whoever draws a report up.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReportNote {
    /// What it is about.
    pub heading: ShortText,
    /// The note; no personal data.
    pub text: LongText,
}

/// A report to be drawn up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "editionId": examples::EDITION,
    "notes": [{ "heading": "Wnioski", "text": "Zajęcia z doradcą warto zacząć w pierwszym tygodniu." }]
}))]
pub struct ReportBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Edition.
    pub edition_id: Uuid,
    /// Notes, in their order.
    #[serde(default, deserialize_with = "count_between::<0, 20, _, _>")]
    #[schema(max_items = 20)]
    pub notes: Vec<ReportNote>,
    /// What was known at this moment of recording: an instant, or a legal day for its end. Now unless given; otherwise at
    /// least two seconds back.
    pub as_of: Option<Moment>,
    /// The approved report that it replaces; needed where the edition has one.
    pub replaces_id: Option<Uuid>,
    /// Why it replaces it; given with `replacesId`.
    pub replacement_reason: Option<LongText>,
}

/// An approval.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "effectiveOn": "2026-06-12", "evenIfChanged": true }))]
pub struct ReportApprovalBody {
    /// Day of the approval; not before the edition is over. It dates every format.
    pub effective_on: Day,
    /// Whether the draft is approved as it was drawn up although figures have changed since.
    #[serde(default)]
    pub even_if_changed: bool,
}

/// Why a draft is given up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "reason": "Brak odpowiedzi urzędu pracy o zatrudnieniu" }))]
pub struct ReportWithdrawalBody {
    /// The reason.
    pub reason: LongText,
}

/// Which reports.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ReportFilter {
    /// Of this edition.
    pub edition_id: Option<Uuid>,
    /// In this state.
    #[param(inline)]
    pub state: Option<ReportState>,
}

/// In which format a report is wanted.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ReportFileQuery {
    /// Format of the file; the page when left out.
    #[param(inline)]
    pub format: Option<ReportFormat>,
    /// Dialect of a CSV file; that of Polish spreadsheets when left out. Other formats have none.
    #[param(inline)]
    pub dialect: Option<CsvDialect>,
}

/// A report without its document.
#[derive(Clone, Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = reports)]
#[serde(rename_all = "camelCase")]
pub struct ReportView {
    /// Id.
    pub id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Number among the reports of the edition.
    #[schema(minimum = 1, maximum = 100_000)]
    pub number: i32,
    /// How far it is.
    pub state: ReportState,
    /// The report that it replaces.
    pub replaces_id: Option<Uuid>,
    /// Why it replaces it.
    pub replacement_reason: Option<LongText>,
    /// The moment that its figures answer for.
    pub as_of: DateTime<Utc>,
    /// Day of the approval.
    pub approved_on: Option<Day>,
    /// SHA-256 of the approved document, in hexadecimal digits.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub document_sha256: Option<String>,
    /// Why the draft was given up.
    pub withdrawal_reason: Option<LongText>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for ReportView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

/// A file of an approved report.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportFileView {
    /// Id.
    pub id: Uuid,
    /// Format.
    pub format: ReportFormat,
    /// Dialect of a CSV file.
    pub dialect: Option<CsvDialect>,
    /// SHA-256 of its bytes, in hexadecimal digits.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// Its length. **Units**: bytes.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub bytes: i32,
}

/// A number of a report, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// The value; `null` is never zero.
    pub value: Option<Amount>,
    /// Part above the line.
    pub numerator: Option<Amount>,
    /// Part below the line.
    pub denominator: Option<Amount>,
    /// Why there is a value, or none.
    pub status: Status,
}

/// A figure, or a group of it, that is not what the report says.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReportDifference)]
pub struct Difference {
    /// Definition of the figure.
    #[schema(max_length = 100)]
    pub definition_id: String,
    /// Name of the figure.
    #[schema(max_length = 200)]
    pub name: String,
    /// What its groups differ by; `null` for the whole figure.
    #[schema(max_length = 50)]
    pub by: Option<String>,
    /// Key of the group.
    #[schema(max_length = 200)]
    pub group: Option<String>,
    /// What the report says; `null` where it says nothing of it.
    pub reported: Option<Told>,
    /// What the figures say now; `null` where they say nothing of it.
    pub now: Option<Told>,
    /// Where the counted records are listed.
    #[schema(max_length = 400)]
    pub records: String,
}

/// What has changed in the figures since a report.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportDifferencesView {
    /// Report.
    pub report_id: Uuid,
    /// The moment that its figures answer for.
    pub reported_as_of: DateTime<Utc>,
    /// The moment that they are compared with.
    pub now_as_of: DateTime<Utc>,
    /// Figures and groups that say the same.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub unchanged: i64,
    /// Those that do not.
    #[schema(max_items = 10_000)]
    pub differences: Vec<Difference>,
}

impl View for ReportDifferencesView {}
