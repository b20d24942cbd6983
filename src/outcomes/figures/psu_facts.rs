//! Facts about socially useful work, as figures count them.

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use crate::platform::types::ShortText;
use crate::schema::{psu_entries, psu_months, psu_weeks};

/// A current entry of the register of socially useful work.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = psu_entries)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct PsuEntry {
    pub id: Uuid,
    pub edition_id: Uuid,
    pub participation_id: Uuid,
    pub person_id: Uuid,
    pub worked_on: NaiveDate,
    pub minutes: i32,
    pub kind_of_work: Option<ShortText>,
}

/// What a person worked in an ISO week, over all hosts and editions.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = psu_weeks)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct PsuWeek {
    pub person_id: Uuid,
    pub week_on: NaiveDate,
    pub used_minutes: i32,
    pub limit_minutes: i32,
}

/// What a person worked in a month under an agreement that sets a cap.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = psu_months)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct PsuMonth {
    pub person_id: Uuid,
    pub agreement_id: Uuid,
    pub month_on: NaiveDate,
    pub used_minutes: i32,
}
