//! Facts about households, as figures count them.

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use crate::platform::types::Period;
use crate::schema::{household_assistants, household_members};

/// When a person lived in a household.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = household_members)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct HouseholdStay {
    pub household_id: Uuid,
    pub person_id: Uuid,
    pub valid_from_on: NaiveDate,
    pub valid_to_on: Option<NaiveDate>,
}

impl HouseholdStay {
    /// Whether the person lived there on a day of the period.
    pub fn touches(&self, days: Period) -> bool {
        self.valid_from_on <= days.to().date() && self.valid_to_on.is_none_or(|to| days.from().date() <= to)
    }
}

/// The work of a family assistant with a household.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = household_assistants)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct Assistance {
    pub household_id: Uuid,
    pub edition_id: Option<Uuid>,
    pub valid_from_on: NaiveDate,
}
