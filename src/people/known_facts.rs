//! Facts about a person as other slices decide on them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::fact_kinds::{FactSource, PersonFactKind};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{Code, Day, Sex, ShortText};
use crate::schema::{people, person_facts};

/// A fact about a person as it was known: what, from when to when, who says so, on what evidence.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Serialize, Deserialize, ToSchema)]
#[diesel(table_name = person_facts)]
#[serde(rename_all = "camelCase")]
pub struct KnownFact {
    /// Id of the fact.
    pub id: Uuid,
    /// What it is about.
    pub kind: PersonFactKind,
    /// Value.
    pub value: ShortText,
    /// First day on which it was true.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Last day on which it was true; open where it still is.
    #[diesel(column_name = valid_to_on)]
    pub to: Option<Day>,
    /// Who says so.
    pub source: ShortText,
    /// How it came to be known.
    pub source_kind: Option<FactSource>,
    /// Code of the survey form.
    pub survey_code: Option<Code>,
    /// Version of the survey form.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub survey_version: Option<i32>,
    /// What proves it.
    pub evidence: Option<ShortText>,
    /// Day of the evidence.
    pub evidence_on: Option<Day>,
    /// Last day on which the evidence may be relied upon.
    pub expires_on: Option<Day>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl KnownFact {
    /// Whether it was true on a day.
    pub fn holds_on(&self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// Whether its evidence may be relied upon on a day.
    pub fn is_fresh_on(&self, day: Day) -> bool {
        self.expires_on.is_none_or(|expires| day <= expires)
    }
}

/// The facts of some kinds about a person that no correction has replaced, oldest first.
///
/// # Errors
/// When the store fails.
pub fn known_facts(tx: &mut Tx, person: Uuid, kinds: &[PersonFactKind]) -> Result<Vec<KnownFact>, Problem> {
    Ok(person_facts::table
        .filter(own(tx, person_facts::tenant_id))
        .filter(person_facts::person_id.eq(person))
        .filter(person_facts::kind.eq_any(kinds))
        .filter(person_facts::superseded_at.is_null())
        .order((person_facts::valid_from_on, person_facts::id))
        .select(KnownFact::as_select())
        .load(tx.conn)?)
}

/// What other slices may know of a person besides facts and identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct Characteristics {
    /// The person.
    pub person: Uuid,
    /// Sex as in the register.
    pub sex: Sex,
    /// Year of birth.
    pub birth_year: Option<i16>,
}

/// Sex and year of birth of people.
///
/// # Errors
/// When the store fails.
pub fn characteristics_of(tx: &mut Tx, persons: &[Uuid]) -> Result<Vec<Characteristics>, Problem> {
    Ok(people::table
        .filter(own(tx, people::tenant_id))
        .filter(people::id.eq_any(persons))
        .select((people::id, people::sex, people::birth_year))
        .load(tx.conn)?)
}

/// As [`known_facts`], of many people in one query; each fact with its person.
///
/// # Errors
/// When the store fails.
pub fn known_facts_of(tx: &mut Tx, persons: &[Uuid], kinds: &[PersonFactKind]) -> Result<Vec<(Uuid, KnownFact)>, Problem> {
    Ok(person_facts::table
        .filter(own(tx, person_facts::tenant_id))
        .filter(person_facts::person_id.eq_any(persons))
        .filter(person_facts::kind.eq_any(kinds))
        .filter(person_facts::superseded_at.is_null())
        .order((person_facts::person_id, person_facts::valid_from_on, person_facts::id))
        .select((person_facts::person_id, KnownFact::as_select()))
        .load(tx.conn)?)
}
