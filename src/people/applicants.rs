//! How old somebody is and of which sex, as far as conditions of a programme ask.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use super::births::{Birth, birth_dates};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::Sex;
use crate::schema::people;

/// Sex and birth of a person: the date of the identity or of the PESEL, or else the year of the record.
///
/// # Errors
/// `platform.not_found` when the tenant has no such person; `platform.internal` when an identity cannot be read.
pub fn sex_and_birth(tx: &mut Tx, person: Uuid) -> Result<(Sex, Option<Birth>), Problem> {
    let (sex, year): (Sex, Option<i16>) = people::table
        .filter(own(tx, people::tenant_id))
        .filter(people::id.eq(person))
        .select((people::sex, people::birth_year))
        .first(tx.conn)?;
    let dates: HashMap<Uuid, NaiveDate> = birth_dates(tx, &[person])?;
    let by_year = year.map(|year| Birth::In(i32::from(year)));
    Ok((sex, dates.get(&person).copied().map(Birth::On).or(by_year)))
}
