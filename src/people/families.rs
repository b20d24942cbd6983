//! What a family assistant's client sees: the households that the assistant works with today, and who lives in them today.
//!
//! A client of that role is narrowed to the assistant whom its row names, and without a name sees nobody; every other role
//! sees all of the centre. Everything about a person is read after `expect_person` or with a filter by [`people_in_sight`],
//! so that somebody out of sight is not there (404).

use diesel::prelude::*;
use uuid::Uuid;

use crate::platform::db::{Tx, own};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{Day, Period};
use crate::schema::{household_assistants, household_members};

/// The households to which the caller is narrowed; nothing where it is not.
///
/// # Errors
/// When the store fails.
pub fn households_in_sight(tx: &mut Tx) -> Result<Option<Vec<Uuid>>, Problem> {
    if !tx.caller.is_narrowed_to_families() {
        return Ok(None);
    }
    let Some(assistant) = tx.caller.assistant.clone() else { return Ok(Some(Vec::new())) };
    let today = legal_today(tx)?;
    let households = household_assistants::table
        .filter(own(tx, household_assistants::tenant_id))
        .filter(household_assistants::assistant.eq(assistant))
        .filter(household_assistants::superseded_at.is_null())
        .filter(household_assistants::valid_from_on.le(today))
        .filter(household_assistants::valid_to_on.is_null().or(household_assistants::valid_to_on.ge(today)))
        .select(household_assistants::household_id)
        .distinct();
    Ok(Some(households.load(tx.conn)?))
}

/// The people to whom the caller is narrowed; nothing where it is not. An assistant has a few tens of them.
///
/// # Errors
/// When the store fails.
pub fn people_in_sight(tx: &mut Tx) -> Result<Option<Vec<Uuid>>, Problem> {
    let Some(households) = households_in_sight(tx)? else { return Ok(None) };
    let today = legal_today(tx)?;
    let people = household_members::table
        .filter(own(tx, household_members::tenant_id))
        .filter(household_members::household_id.eq_any(households))
        .filter(household_members::superseded_at.is_null())
        .filter(household_members::valid_from_on.le(today))
        .filter(household_members::valid_to_on.is_null().or(household_members::valid_to_on.ge(today)))
        .select(household_members::person_id)
        .distinct();
    Ok(Some(people.load(tx.conn)?))
}

/// The days on which the caller's assistant has worked with a household, today at the latest; nothing where the caller is not
/// narrowed.
///
/// # Errors
/// When the store fails.
pub(super) fn days_in_sight(tx: &mut Tx, household: Uuid) -> Result<Option<Vec<Period>>, Problem> {
    if !tx.caller.is_narrowed_to_families() {
        return Ok(None);
    }
    let Some(assistant) = tx.caller.assistant.clone() else { return Ok(Some(Vec::new())) };
    let today = legal_today(tx)?;
    let assigned: Vec<(Day, Option<Day>)> = household_assistants::table
        .filter(own(tx, household_assistants::tenant_id))
        .filter(household_assistants::household_id.eq(household))
        .filter(household_assistants::assistant.eq(assistant))
        .filter(household_assistants::superseded_at.is_null())
        .select((household_assistants::valid_from_on, household_assistants::valid_to_on))
        .load(tx.conn)?;
    let until_today = |(from, to): (Day, Option<Day>)| Period::new(from, to.map_or(today, |to| to.min(today))).ok();
    Ok(Some(assigned.into_iter().filter_map(until_today).collect()))
}

/// Answers 404 for what is asked about a person out of the caller's sight.
///
/// # Errors
/// `platform.not_found`.
pub fn expect_in_sight(tx: &mut Tx, person: Uuid) -> Result<(), Problem> {
    seen(people_in_sight(tx)?.as_deref(), person)
}

/// Answers 404 for a household out of the caller's sight.
pub(super) fn expect_household_in_sight(tx: &mut Tx, household: Uuid) -> Result<(), Problem> {
    seen(households_in_sight(tx)?.as_deref(), household)
}

fn seen(in_sight: Option<&[Uuid]>, wanted: Uuid) -> Result<(), Problem> {
    if in_sight.is_none_or(|ids| ids.contains(&wanted)) { Ok(()) } else { Err(catalogue::NOT_FOUND.problem()) }
}

fn legal_today(tx: &Tx) -> Result<Day, Problem> {
    Day::try_from(tx.today()).map_err(|error| catalogue::INTERNAL.problem().because(error))
}
