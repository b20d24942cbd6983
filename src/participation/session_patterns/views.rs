//! What a weekly pattern gave.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::SessionPatternBody;
use super::plan::DayOutcome;
use crate::platform::public_holidays::PublicHolidayView;
use crate::platform::reply::View;
use crate::platform::types::{ClockTime, Day, Hours, ShortText};
use crate::schema::session_patterns;

/// A day of the pattern, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PatternDayView {
    /// The day by the pattern.
    pub planned_on: Day,
    /// The day on which it is held; `null` where it is dropped.
    pub held_on: Option<Day>,
    /// What became of it.
    pub outcome: DayOutcome,
    /// The public holiday on the day by the pattern.
    pub holiday: Option<PublicHolidayView>,
    /// When it begins.
    pub starts_at: ClockTime,
    /// When it ends.
    pub ends_at: ClockTime,
    /// How much is taught, or is dropped.
    pub hours: Hours,
    /// The same in lesson hours, where it was agreed in them.
    #[schema(minimum = 1, maximum = 32)]
    pub lesson_hours: Option<i32>,
    /// Theme.
    pub theme: Option<ShortText>,
    /// The session; `null` where it is dropped.
    pub session_id: Option<Uuid>,
}

/// Hours of a pattern.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PatternSumsView {
    /// Sessions that were made.
    #[schema(minimum = 1, maximum = 500)]
    pub sessions: usize,
    /// Hours of them.
    pub hours: Hours,
    /// Those of them that were moved from public holidays.
    pub moved_hours: Hours,
    /// Hours that were dropped for public holidays, beside them.
    pub dropped_hours: Hours,
    /// Hours that the same people have in the block, these included: sessions for all, for the group, or with the first person named.
    pub scheduled_hours: Hours,
    /// Hours that the block plans for a participant; `null` where it plans none.
    pub planned_hours: Option<Hours>,
    /// Planned hours that are not scheduled yet.
    pub hours_to_schedule: Option<Hours>,
    /// Scheduled hours beyond the planned ones.
    pub hours_over_plan: Option<Hours>,
}

impl PatternSumsView {
    /// Adds up; none beyond what can be counted.
    pub fn of(days: &[PatternDayView], before: &[Hours], planned: Option<Hours>) -> Option<Self> {
        let sum = |wanted: &[DayOutcome]| {
            Hours::checked_sum(days.iter().filter(|day| wanted.contains(&day.outcome)).map(|day| day.hours))
        };
        let hours = sum(&[DayOutcome::Held, DayOutcome::Moved])?;
        let scheduled = Hours::checked_sum(before.iter().copied())?.checked_add(hours)?;
        Some(Self {
            sessions: days.iter().filter(|day| day.session_id.is_some()).count(),
            hours,
            moved_hours: sum(&[DayOutcome::Moved])?,
            dropped_hours: sum(&[DayOutcome::Dropped])?,
            scheduled_hours: scheduled,
            planned_hours: planned,
            hours_to_schedule: planned.map(|planned| planned.checked_sub(scheduled).unwrap_or(Hours::ZERO)),
            hours_over_plan: planned.map(|planned| scheduled.checked_sub(planned).unwrap_or(Hours::ZERO)),
        })
    }
}

/// What became of a pattern when its sessions were made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PatternOutcomeView {
    /// Every day of the pattern, in its order.
    #[schema(max_items = 501)]
    pub days: Vec<PatternDayView>,
    /// Sums of hours.
    pub sums: PatternSumsView,
}

/// A weekly pattern with its sessions.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = session_patterns)]
#[serde(rename_all = "camelCase")]
pub struct SessionPatternView {
    /// Id.
    pub id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Block.
    pub block_id: Uuid,
    /// The pattern as it was sent.
    #[schema(value_type = SessionPatternBody)]
    pub terms: Value,
    /// What became of it; later changes stand with the sessions.
    #[schema(value_type = PatternOutcomeView)]
    pub outcome: Value,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl View for SessionPatternView {}
