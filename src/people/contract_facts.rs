//! The fact that somebody has a social contract, as the contract itself proves it.
//!
//! From when to when somebody has a contract stands among the facts only; the
//! contract refers to the fact, so that the two can never differ.

use diesel::prelude::*;
use uuid::Uuid;

use super::fact_kinds::{FactSource, PersonFactKind};
use super::facts::{FactBody, insert_facts, refuse_repetition};
use super::people::hold_person;
use crate::platform::db::{Tx, own};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{Day, InvalidValue, Period, ShortText};
use crate::schema::person_facts;

/// What a written contract says about the fact.
const HAS_CONTRACT: &str = "true";
/// Who says so, and by what.
const SOURCE: &str = "Ośrodek pomocy społecznej";
const EVIDENCE: &str = "Kontrakt socjalny";
/// Why the fact ends earlier than the contract said.
const ENDED: &str = "Kontrakt socjalny zakończono wcześniej";
/// Why the fact has other days than the contract said at first.
const REVISED: &str = "Kontrakt socjalny zmieniono";

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = person_facts)]
struct ContractFact {
    person_id: Uuid,
    kind: PersonFactKind,
    value: ShortText,
    valid_from_on: Day,
    valid_to_on: Option<Day>,
    source: ShortText,
    source_kind: Option<FactSource>,
    evidence: Option<ShortText>,
    evidence_on: Option<Day>,
    supersedes_id: Option<Uuid>,
    correction_reason: Option<ShortText>,
}

/// Records that a person has a social contract, with the contract as evidence; answers the id of the fact.
///
/// # Errors
/// `people.fact_recorded_already` where such a contract of the same days stands already, and when the store fails.
pub fn record_social_contract(tx: &mut Tx, person: Uuid, signed_on: Day, from: Day, to: Option<Day>) -> Result<Uuid, Problem> {
    let fact = FactBody {
        id: None,
        kind: PersonFactKind::SocialContract,
        value: word(HAS_CONTRACT)?,
        from,
        to,
        source: word(SOURCE)?,
        source_kind: Some(FactSource::Other),
        survey_code: None,
        survey_version: None,
        evidence: Some(word(EVIDENCE)?),
        evidence_on: Some(signed_on),
        expires_on: None,
        supersedes_id: None,
        correction_reason: None,
    };
    // Of two calls that say the same the second finds what the first recorded.
    hold_person(tx, person)?;
    refuse_repetition(tx, person, &fact)?;
    let id = tx.id_or_new(None);
    insert_facts(tx, person, &[(id, fact)])?;
    Ok(id)
}

/// Whether a current fact says that the person has a social contract.
///
/// # Errors
/// When the store fails.
pub fn proves_social_contract(tx: &mut Tx, person: Uuid, fact: Uuid) -> Result<bool, Problem> {
    let found = current(tx, fact)?;
    Ok(found.is_some_and(|found| found.person_id == person && found.value.as_str() == HAS_CONTRACT))
}

/// Lets the fact end with a contract that ended earlier; answers the fact that holds now.
///
/// A fact that ends no later, or that somebody has corrected meanwhile, stays as it is.
///
/// # Errors
/// When the store fails.
pub fn end_social_contract(tx: &mut Tx, id: Uuid, ended_on: Day) -> Result<Uuid, Problem> {
    let Some(fact) = current(tx, id)? else { return Ok(id) };
    let is_shortened = Period::new(fact.valid_from_on, ended_on).is_ok() && fact.valid_to_on.is_none_or(|to| ended_on < to);
    if !is_shortened {
        return Ok(id);
    }
    let shorter = ContractFact { valid_to_on: Some(ended_on), correction_reason: Some(word(ENDED)?), ..fact };
    supersede(tx, id, shorter)
}

/// Lets the fact last as long as the contract does after a revision; answers the fact that holds now.
///
/// It begins with the revision only where that begins earlier: until then the contract held as signed before. A fact that
/// somebody has corrected meanwhile stays as it is.
///
/// # Errors
/// When the store fails.
pub fn revise_social_contract(tx: &mut Tx, id: Uuid, signed_on: Day, from: Day, to: Option<Day>) -> Result<Uuid, Problem> {
    let Some(fact) = current(tx, id)? else { return Ok(id) };
    let from = from.min(fact.valid_from_on);
    if (fact.valid_from_on, fact.valid_to_on) == (from, to) {
        return Ok(id);
    }
    let revised = ContractFact {
        valid_from_on: from,
        valid_to_on: to,
        evidence_on: Some(signed_on),
        correction_reason: Some(word(REVISED)?),
        ..fact
    };
    supersede(tx, id, revised)
}

fn supersede(tx: &mut Tx, id: Uuid, other: ContractFact) -> Result<Uuid, Problem> {
    let now = tx.now();
    diesel::update(person_facts::table.filter(own(tx, person_facts::tenant_id)).filter(person_facts::id.eq(id)))
        .set(person_facts::superseded_at.eq(now))
        .execute(tx.conn)?;
    insert(tx, &ContractFact { supersedes_id: Some(id), ..other })
}

fn current(tx: &mut Tx, id: Uuid) -> Result<Option<ContractFact>, Problem> {
    Ok(person_facts::table
        .filter(own(tx, person_facts::tenant_id))
        .filter(person_facts::id.eq(id))
        .filter(person_facts::kind.eq(PersonFactKind::SocialContract))
        .filter(person_facts::superseded_at.is_null())
        .select(ContractFact::as_select())
        .for_update()
        .first(tx.conn)
        .optional()?)
}

fn insert(tx: &mut Tx, fact: &ContractFact) -> Result<Uuid, Problem> {
    let id = tx.id_or_new(None);
    diesel::insert_into(person_facts::table).values((fact, person_facts::id.eq(id))).execute(tx.conn)?;
    Ok(id)
}

fn word(text: &str) -> Result<ShortText, Problem> {
    text.parse().map_err(|error: InvalidValue| catalogue::INTERNAL.problem().because(error))
}
