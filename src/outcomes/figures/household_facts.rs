//! Facts about households, as figures count them.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Uuid as SqlUuid};
use uuid::Uuid;

use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::Period;
use crate::schema::{household_assistants, household_members};

/// When a person lived in a household.
#[derive(Debug, Clone)]
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
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "columns, documented in the schema")]
pub struct Assistance {
    pub household_id: Uuid,
    pub edition_id: Option<Uuid>,
    pub valid_from_on: NaiveDate,
}

#[derive(Queryable)]
struct Row {
    id: Uuid,
    household_id: Uuid,
    /// Who lived there; none of the work of an assistant.
    person_id: Option<Uuid>,
    edition_id: Option<Uuid>,
    valid_from_on: NaiveDate,
    valid_to_on: Option<NaiveDate>,
}

/// Where some people lived, and the work of family assistants under some editions; each by its first day.
pub(super) fn households(
    tx: &mut Tx,
    people: &[Uuid],
    editions: &[Uuid],
) -> Result<(Vec<HouseholdStay>, Vec<Assistance>), Problem> {
    let stays = household_members::table
        .filter(own(tx, household_members::tenant_id))
        .filter(household_members::person_id.eq_any(people))
        .filter(household_members::superseded_at.is_null())
        .select((
            household_members::id,
            household_members::household_id,
            household_members::person_id.nullable(),
            None::<Uuid>.into_sql::<Nullable<SqlUuid>>(),
            household_members::valid_from_on,
            household_members::valid_to_on,
        ));
    let assistances = household_assistants::table
        .filter(own(tx, household_assistants::tenant_id))
        .filter(household_assistants::edition_id.eq_any(editions))
        .filter(household_assistants::superseded_at.is_null())
        .select((
            household_assistants::id,
            household_assistants::household_id,
            None::<Uuid>.into_sql::<Nullable<SqlUuid>>(),
            household_assistants::edition_id,
            household_assistants::valid_from_on,
            household_assistants::valid_to_on,
        ));
    let mut rows: Vec<Row> = stays.union_all(assistances).load(tx.conn)?;
    rows.sort_by_key(|row| (row.valid_from_on, row.id));
    let (mut stays, mut assistances) = (Vec::new(), Vec::new());
    for Row { household_id, person_id, edition_id, valid_from_on, valid_to_on, .. } in rows {
        match person_id {
            Some(person_id) => stays.push(HouseholdStay { household_id, person_id, valid_from_on, valid_to_on }),
            None => assistances.push(Assistance { household_id, edition_id, valid_from_on }),
        }
    }
    Ok((stays, assistances))
}
