//! What callers see of imports and their kinds.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::kind::{CellKind, Column, Finding};
use super::kinds::Registered;
use super::planning::{ImportOutcome, PlannedRow};
use super::table::{ImportFormat, MOST_CELL_CHARACTERS, MOST_COLUMNS, MOST_ROWS};
use super::upload::FILE_LIMIT;
use crate::platform::reply::View;
use crate::platform::types::{ShortText, Text, text_enum};
use crate::schema::imports;

text_enum! {
    /// Where an import stands.
    pub enum ImportState {
        /// To be looked at, committed or cancelled.
        Planned = "planned",
        /// Carried out as a whole.
        Committed = "committed",
        /// Given up; its rows are gone.
        Cancelled = "cancelled",
    }
}

/// Rows by what becomes of them; together they are all rows.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = imports)]
#[serde(rename_all = "camelCase")]
pub struct ImportCounts {
    /// New records.
    #[diesel(column_name = rows_created)]
    #[schema(minimum = 0)]
    pub created: i32,
    /// Changed records.
    #[diesel(column_name = rows_changed)]
    #[schema(minimum = 0)]
    pub changed: i32,
    /// Records that are as the row says.
    #[diesel(column_name = rows_unchanged)]
    #[schema(minimum = 0)]
    pub unchanged: i32,
    /// Rows that contradict what is recorded.
    #[diesel(column_name = rows_conflict)]
    #[schema(minimum = 0)]
    pub conflict: i32,
    /// Rows that are wrong in themselves.
    #[diesel(column_name = rows_error)]
    #[schema(minimum = 0)]
    pub error: i32,
}

/// A file sent for bulk intake, and where it stands.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = imports)]
#[serde(rename_all = "camelCase")]
pub struct ImportView {
    /// Id.
    pub id: Uuid,
    /// Kind, as in `/import-kinds`.
    #[schema(max_length = 40)]
    pub kind: String,
    /// Format of the file.
    pub format: ImportFormat,
    /// Where it stands.
    pub state: ImportState,
    /// Names the plan: who commits says which one was looked at.
    #[schema(max_length = 64)]
    pub plan_hash: String,
    /// Rows by what becomes of them.
    #[diesel(embed)]
    pub counts: ImportCounts,
    /// Rows that are done, of those created and changed: told now and then while a commit is under way, all of them once it is
    /// committed. None are done where no commit is under way or was carried out, also after the service was killed in one.
    #[schema(minimum = 0)]
    pub rows_done: i32,
    /// When it was planned.
    pub recorded_at: DateTime<Utc>,
    /// Client that sent it.
    pub recorded_by: Uuid,
    /// When it was committed or cancelled.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it was cancelled.
    pub cancellation_reason: Option<ShortText>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for ImportView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

/// Something to know about a row.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportFinding {
    /// Column; `null` where it is about the whole row.
    #[schema(max_length = 60)]
    pub column: Option<String>,
    /// Code of the error catalogue.
    #[schema(max_length = 100)]
    pub code: String,
    /// What to do about it, in Polish.
    #[schema(max_length = 2000)]
    pub hint: String,
}

impl From<Finding> for ImportFinding {
    fn from(finding: Finding) -> Self {
        let Finding { column, code, hint } = finding;
        Self { column, code, hint }
    }
}

/// What becomes of a row; its values stand only in the file.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportRowView {
    /// Row of the sheet, or line of the text; the head is 1.
    #[schema(minimum = 0, maximum = 2_000_000_000)]
    pub row: u32,
    /// What becomes of it.
    pub outcome: ImportOutcome,
    /// The record that it found, changes or contradicts; of a new one, once committed. After the commit that which holds now,
    /// where a correction took the place of another. Null where the caller may not read such records.
    pub record_id: Option<Uuid>,
    /// Where that record is read; null with `recordId`, and where it is not there any more.
    #[schema(max_length = 300)]
    pub record_path: Option<String>,
    /// Columns that a change is about.
    #[schema(max_items = 100, value_type = Vec<ShortText>)]
    pub changes: Vec<String>,
    /// Errors, the conflict, or warnings.
    #[schema(max_items = 200)]
    pub findings: Vec<ImportFinding>,
}

impl ImportRowView {
    pub(super) fn of(planned: PlannedRow, addresses: &HashMap<Uuid, String>) -> Self {
        let PlannedRow { line, outcome, record, base: _, changes, findings } = planned;
        let record_path = record.and_then(|record| addresses.get(&record).cloned());
        let findings = findings.into_iter().map(Into::into).collect();
        Self { row: line, outcome, record_id: record, record_path, changes, findings }
    }
}

/// What is committed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "leaveOutFaulty": true }))]
pub struct ImportCommitBody {
    /// The plan that was looked at, as the import names it; another one is refused.
    pub plan_hash: Option<Text<1, 64>>,
    /// Whether the other rows are committed where some have an error or a conflict.
    #[serde(default)]
    pub leave_out_faulty: bool,
}

/// Why an import is given up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "reason": "Zły plik" }))]
pub struct ImportCancellationBody {
    /// Reason; no personal data.
    pub reason: Option<ShortText>,
}

/// What is planned, and under which id.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Kind, as in `/import-kinds`.
    #[param(max_length = 40, example = "people")]
    pub kind: String,
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
}

/// Filters of the rows of an import.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ImportRowFilter {
    /// Only rows that come out so.
    #[param(inline)]
    pub outcome: Option<ImportOutcome>,
}

/// The format of a sample.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct SampleQuery {
    /// Format; left out, CSV as Polish spreadsheets read it.
    #[param(inline)]
    pub format: Option<ImportFormat>,
}

/// A column of a kind.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportColumnView {
    /// Name: member of an NDJSON object, and a head that is understood.
    #[schema(max_length = 60)]
    pub name: &'static str,
    /// Polish head; case and diacritics do not matter.
    #[schema(max_length = 100)]
    pub label: &'static str,
    /// What its cells hold: `text`, `day`, `whole`, `decimal`, `pesel` or `word`.
    #[schema(max_length = 20)]
    pub holds: &'static str,
    /// Words that its cells may hold.
    #[schema(max_items = 100, value_type = Vec<ShortText>)]
    pub words: Vec<&'static str>,
    /// Whether every row needs it.
    pub required: bool,
    /// What it means, in Polish.
    #[schema(max_length = 500)]
    pub meaning: &'static str,
}

impl From<&Column> for ImportColumnView {
    fn from(column: &Column) -> Self {
        let Column { name, label, holds, required, meaning, example: _ } = *column;
        let words = match holds {
            CellKind::Word(words) => words.iter().map(|(code, _)| *code).collect(),
            _ => Vec::new(),
        };
        Self { name, label, holds: holds.name(), words, required, meaning }
    }
}

/// A kind of import.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportKindView {
    /// Name.
    #[schema(max_length = 40)]
    pub name: &'static str,
    /// What it is, in Polish.
    #[schema(max_length = 200)]
    pub title: &'static str,
    /// Kind of the records that it makes.
    #[schema(max_length = 40)]
    pub record: &'static str,
    /// Columns, in the order of the sample.
    #[schema(max_items = 100)]
    pub columns: Vec<ImportColumnView>,
}

impl From<&Registered> for ImportKindView {
    fn from(kind: &Registered) -> Self {
        let columns = kind.columns.iter().map(Into::into).collect();
        Self { name: kind.name, title: kind.title, record: kind.record, columns }
    }
}

/// Every kind, and the limits of files.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportKindsView {
    /// The kinds.
    #[schema(max_items = 50)]
    pub items: Vec<ImportKindView>,
    /// Most bytes of a file.
    #[schema(minimum = 1, maximum = 1_000_000_000, format = "int32")]
    pub most_bytes: usize,
    /// Most rows of a file.
    #[schema(minimum = 1, maximum = 1_000_000, format = "int32")]
    pub most_rows: usize,
    /// Most columns of a file.
    #[schema(minimum = 1, maximum = 1_000, format = "int32")]
    pub most_columns: usize,
    /// Most characters of a cell.
    #[schema(minimum = 1, maximum = 100_000, format = "int32")]
    pub most_cell_characters: usize,
}

impl View for ImportKindsView {}

impl ImportKindsView {
    pub(super) fn of(kinds: &[Registered]) -> Self {
        Self {
            items: kinds.iter().map(Into::into).collect(),
            most_bytes: FILE_LIMIT,
            most_rows: MOST_ROWS,
            most_columns: MOST_COLUMNS,
            most_cell_characters: MOST_CELL_CHARACTERS,
        }
    }
}
