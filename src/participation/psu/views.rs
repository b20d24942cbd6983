//! Entries of the register as they are sent and answered.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::reply::View;
use crate::platform::types::{ClockTime, Day, Hours, ShortText, instant_to_json};
use crate::recruitment::Override;
use crate::schema::psu_entries;

/// Hours of socially useful work of one person on one day.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "participationId": "01900000-0000-7000-8000-000000000043", "hostId": "01900000-0000-7000-8000-000000000012",
    "workedOn": "2026-06-09", "hours": "0.25", "kindOfWork": "porządkowe"
}))]
pub struct PsuEntryBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Participation in which the work is done.
    pub participation_id: Uuid,
    /// Where the work was done; a host supervisor's client names its own host.
    pub host_id: Option<Uuid>,
    /// Day of the work, within the participation.
    pub worked_on: Day,
    /// Hours worked; more than zero.
    pub hours: Hours,
    /// When the work began; with it, it must not be at the time of a session or of another entry.
    pub started_at: Option<ClockTime>,
    /// When it ended, breaks included; always and only with `startedAt`.
    pub ended_at: Option<ClockTime>,
    /// Kind of work.
    pub kind_of_work: Option<ShortText>,
    /// Why a coordinator writes after the time for it is over.
    #[serde(rename = "override")]
    pub overriding: Option<Override>,
}

/// What an entry should have said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "hours": "0.00", "reason": "Wpis omyłkowy" }))]
pub struct PsuCorrectionBody {
    /// Id of the new entry, chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Hours worked; zero withdraws the entry.
    pub hours: Hours,
    /// Where the work was done, if not where the entry says.
    pub host_id: Option<Uuid>,
    /// Day of the work, if not the one that the entry says.
    pub worked_on: Option<Day>,
    /// When the work began, if not when the entry says; with `endedAt`.
    pub started_at: Option<ClockTime>,
    /// When it ended.
    pub ended_at: Option<ClockTime>,
    /// Kind of work, if not the one that the entry says.
    pub kind_of_work: Option<ShortText>,
    /// Why the entry is corrected.
    pub reason: ShortText,
    /// Why a coordinator writes after the time for it is over.
    #[serde(rename = "override")]
    pub overriding: Option<Override>,
}

/// An entry of the register, current or superseded.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = psu_entries)]
#[serde(rename_all = "camelCase")]
pub struct PsuEntryView {
    /// Id.
    pub id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Participation in which the work was done.
    pub participation_id: Uuid,
    /// Who worked.
    pub person_id: Uuid,
    /// Where the work was done.
    pub host_id: Option<Uuid>,
    /// Day of the work.
    pub worked_on: Day,
    /// Hours worked; zero in an entry that was withdrawn.
    #[diesel(column_name = minutes)]
    pub hours: Hours,
    /// When the work began; null where only its hours are known.
    pub started_at: Option<ClockTime>,
    /// When it ended, breaks included.
    pub ended_at: Option<ClockTime>,
    /// Kind of work.
    pub kind_of_work: Option<ShortText>,
    /// Entry that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// When it was corrected itself.
    pub superseded_at: Option<DateTime<Utc>>,
    /// Why it corrects the other one.
    pub correction_reason: Option<ShortText>,
    /// When it was recorded.
    #[serde(serialize_with = "instant_to_json")]
    pub recorded_at: DateTime<Utc>,
}

/// An entry is never changed, so it has no version.
impl View for PsuEntryView {}
