//! Attendance sheets as they are sent and answered.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::reply::View;
use crate::platform::types::{Day, Hours, ShortText, instant_to_json, text_enum};
use crate::programmes::ReasonClass;
use crate::recruitment::Override;
use crate::schema::attendance;

text_enum! {
    /// Whether and how somebody came to a session.
    pub enum AttendanceStatus {
        /// Was there.
        Present = "present",
        /// Came late.
        Late = "late",
        /// Left early.
        LeftEarly = "leftEarly",
        /// Did not come, with an excuse.
        Excused = "excused",
        /// Did not come, without an excuse.
        Unexcused = "unexcused",
    }
}

text_enum! {
    /// Kind of paper that an excuse rests on; nothing of what stands in it is kept.
    pub enum Evidence {
        /// A doctor's certificate.
        MedicalCertificate = "medicalCertificate",
        /// A summons or a letter of an office.
        Summons = "summons",
        /// A confirmation by an employer, a school or another body.
        Confirmation = "confirmation",
        /// The person's own statement.
        Statement = "statement",
        /// Another paper.
        Other = "other",
    }
}

/// A row of an attendance sheet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AttendanceRowBody {
    /// Who.
    pub participation_id: Uuid,
    /// Whether and how the person came.
    pub status: AttendanceStatus,
    /// For how long; without it, somebody present stayed for the whole session.
    pub hours: Option<Hours>,
    /// Why the person was excused.
    pub reason_class: Option<ReasonClass>,
    /// What the excuse rests on, shown or promised.
    pub evidence: Option<Evidence>,
    /// Day on which it was shown; without it, it is awaited.
    pub evidence_shown_on: Option<Day>,
}

/// The whole attendance sheet of a session.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "rows": [
    { "participationId": "01900000-0000-7000-8000-000000000043", "status": "present" }
] }))]
pub struct AttendanceBody {
    /// One row for each person expected.
    #[schema(max_items = 500)]
    pub rows: Vec<AttendanceRowBody>,
    /// Why the sheet is changed; needed where there is one already.
    pub correction_reason: Option<ShortText>,
    /// Why a coordinator writes after the time for it is over.
    #[serde(rename = "override")]
    pub overriding: Option<Override>,
}

/// A row of an attendance sheet, current or superseded.
#[derive(Clone, Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = attendance)]
#[serde(rename_all = "camelCase")]
pub struct AttendanceRowView {
    /// Id of the row.
    pub id: Uuid,
    /// Who.
    pub participation_id: Uuid,
    /// Whether and how the person came.
    pub status: AttendanceStatus,
    /// For how long.
    #[diesel(column_name = minutes)]
    pub hours: Hours,
    /// Why the person was excused.
    pub reason_class: Option<ReasonClass>,
    /// What the excuse rests on.
    pub evidence: Option<Evidence>,
    /// Day on which it was shown.
    pub evidence_shown_on: Option<Day>,
    /// Last day to justify the absence; null where the regime sets no time for it.
    pub excuse_due_on: Option<Day>,
    /// Row that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// When it was corrected itself.
    pub superseded_at: Option<DateTime<Utc>>,
    /// Why it corrects the other one.
    pub correction_reason: Option<ShortText>,
    /// When it was recorded.
    #[serde(serialize_with = "instant_to_json")]
    pub recorded_at: DateTime<Utc>,
}

/// The attendance sheet of a session.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttendanceView {
    /// Session.
    pub session_id: Uuid,
    /// Version, as in the ETag; 0 while there is no sheet.
    #[schema(minimum = 0)]
    pub version: i32,
    /// Whether there is a sheet.
    pub recorded: bool,
    /// Participations that a sheet must name.
    #[schema(max_items = 500)]
    pub expected: Vec<Uuid>,
    /// The rows.
    #[schema(max_items = 10_000)]
    pub rows: Vec<AttendanceRowView>,
}

impl View for AttendanceView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}
