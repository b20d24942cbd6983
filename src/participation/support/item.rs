//! A support item, as it is sent and as it is seen.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::examples;
use crate::platform::reply::View;
use crate::platform::types::{Code, Day, Hours, LongText, Money, ShortText, count_between, text_enum};
use crate::programmes::FinancingSource;
use crate::schema::support_items;

text_enum! {
    /// What came of a course.
    pub enum SupportResult {
        /// Finished with an examination that was passed.
        Passed = "passed",
        /// Finished; there is no examination.
        Completed = "completed",
        /// Finished with an examination that was not passed.
        NotPassed = "notPassed",
        /// Broken off.
        Interrupted = "interrupted",
    }
}

impl SupportResult {
    /// Whether there may be a certificate of it.
    pub const fn is_certified(self) -> bool {
        matches!(self, Self::Passed | Self::Completed)
    }
}

/// What an item costs from one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SupportCost {
    /// Where the money comes from.
    pub source: FinancingSource,
    /// Amount in zł, to the grosz.
    pub amount: Money,
}

/// Support, as recorded.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = support_items)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "type": "course", "title": "Opiekun osób starszych", "from": "2026-05-18", "to": "2026-06-05", "hours": "60.00",
    "providerPartnerId": examples::PARTNER, "result": "passed", "certificateNumber": "OS/14/2026",
    "costs": [{ "source": "ESF", "amount": "1275.00" }, { "source": "GMINA", "amount": "225.00" }]
}))]
pub struct SupportItemBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Kind of support, by its code in the catalogue.
    #[serde(rename = "type")]
    pub type_code: Code,
    /// What it is called; no names of people, nothing of health.
    pub title: Option<ShortText>,
    /// First day.
    #[diesel(column_name = from_on)]
    pub from: Day,
    /// Last day.
    #[diesel(column_name = to_on)]
    pub to: Day,
    /// For how long; left out where it is not counted in hours.
    #[diesel(column_name = minutes)]
    pub hours: Option<Hours>,
    /// Partner that provides it.
    pub provider_partner_id: Option<Uuid>,
    /// Who provides it, where that is no partner; a function or an institution, no name of a person.
    pub provider: Option<ShortText>,
    /// Contact or evaluation of an individual plan of the person, after which the course was chosen.
    pub plan_event_id: Option<Uuid>,
    /// What came of it; of courses that are over.
    pub result: Option<SupportResult>,
    /// Number of the certificate; of a course that was passed or completed.
    pub certificate_number: Option<ShortText>,
    /// What it costs, each source once.
    #[diesel(skip_insertion)]
    #[serde(default, deserialize_with = "count_between::<0, 5, _, _>")]
    #[schema(max_items = 5)]
    pub costs: Vec<SupportCost>,
    /// Item of the same participation that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// Why it is corrected; only and always with a correction.
    pub correction_reason: Option<LongText>,
}

/// A support item as it is stored.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = support_items)]
#[serde(rename_all = "camelCase")]
pub struct SupportItemRecord {
    /// Id.
    pub id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Participation.
    pub participation_id: Uuid,
    /// Kind of support, by its code in the catalogue.
    #[serde(rename = "type")]
    pub type_code: Code,
    /// What it is called.
    pub title: Option<ShortText>,
    /// First day.
    #[diesel(column_name = from_on)]
    pub from: Day,
    /// Last day.
    #[diesel(column_name = to_on)]
    pub to: Day,
    /// For how long.
    #[diesel(column_name = minutes)]
    pub hours: Option<Hours>,
    /// Partner that provides it.
    pub provider_partner_id: Option<Uuid>,
    /// Who provides it.
    pub provider: Option<ShortText>,
    /// Contact or evaluation of an individual plan, after which it was chosen.
    pub plan_event_id: Option<Uuid>,
    /// What came of it.
    pub result: Option<SupportResult>,
    /// Number of the certificate.
    pub certificate_number: Option<ShortText>,
    /// Item that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// When a correction took its place.
    pub superseded_at: Option<DateTime<Utc>>,
    /// Why it corrects another.
    pub correction_reason: Option<LongText>,
    /// Day on which it was cancelled.
    pub cancelled_on: Option<Day>,
    /// Why.
    pub cancellation_reason: Option<LongText>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

/// A support item with its costs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SupportItemView {
    /// The item.
    #[serde(flatten)]
    pub record: SupportItemRecord,
    /// What it costs, by source.
    #[schema(max_items = 5)]
    pub costs: Vec<SupportCost>,
    /// The sum, in zł.
    pub total_cost: Money,
}

impl View for SupportItemView {
    fn version(&self) -> Option<i32> {
        Some(self.record.row_version)
    }
}
