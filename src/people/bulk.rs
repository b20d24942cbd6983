//! Identities of many people at once: found, opened and stored in few statements.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::upsert::{excluded, on_constraint};
use uuid::Uuid;

use super::identity::{IdentityBody, LocalReference, normal_reference};
use super::people::{NewPersonBody, PersonView};
use super::sealed_identity::{LOCAL_REFERENCE, PESEL, Plain, SealedIdentity, open, refused, seal_with};
use super::unreadable::{Unreadable, unreadable};
use crate::platform::db::{Tx, own};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::secrets::INDEX_LEN;
use crate::platform::types::{Pesel, Sex};
use crate::schema::{people, person_identities};

/// How long an exchange of an index key takes, about. **Units**: seconds.
const EXCHANGE: u32 = 60;

/// What is known of somebody, with the versions of both records.
pub(super) struct Known {
    pub person: PersonView,
    /// Nothing where it was erased.
    pub identity: Option<IdentityBody>,
    pub identity_version: i32,
}

/// Somebody to be recorded.
pub(super) struct Newcomer<'a> {
    pub id: Uuid,
    pub person: NewPersonBody,
    pub identity: &'a IdentityBody,
}

/// Where each index value, under whichever key, comes from.
fn wanted(
    texts: impl Iterator<Item = Option<String>>,
    index_of: impl Fn(&str) -> Vec<[u8; INDEX_LEN]>,
) -> HashMap<Vec<u8>, Vec<usize>> {
    let mut wanted: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
    for (place, text) in texts.enumerate() {
        for candidate in text.map(|text| index_of(&text)).unwrap_or_default() {
            wanted.entry(candidate.to_vec()).or_default().push(place);
        }
    }
    wanted
}

fn placed(count: usize, wanted: &HashMap<Vec<u8>, Vec<usize>>, found: Vec<(Option<Vec<u8>>, Uuid)>) -> Vec<Option<Uuid>> {
    let mut owners = vec![None; count];
    for (index, person) in found {
        for place in index.and_then(|index| wanted.get(&index)).into_iter().flatten() {
            owners[*place] = Some(person);
        }
    }
    owners
}

/// Whose PESEL each of these is within the tenant, in their order.
///
/// # Errors
/// When the store fails.
pub fn owners_by_pesel(tx: &mut Tx, pesels: &[Option<&Pesel>]) -> Result<Vec<Option<Uuid>>, Problem> {
    let index = tx.safe().index.for_tenant(tx.tenant());
    let texts = pesels.iter().map(|pesel| pesel.map(|pesel| pesel.expose().to_owned()));
    let wanted = wanted(texts, |text| index.candidates(PESEL, text));
    let found = person_identities::table
        .filter(own(tx, person_identities::tenant_id))
        .filter(person_identities::pesel_index.eq_any(wanted.keys()))
        .select((person_identities::pesel_index, person_identities::person_id))
        .load(tx.conn)?;
    Ok(placed(pesels.len(), &wanted, found))
}

/// Whose local reference each of these is within the tenant, in their order.
///
/// # Errors
/// When the store fails.
pub fn owners_by_reference(tx: &mut Tx, references: &[Option<&LocalReference>]) -> Result<Vec<Option<Uuid>>, Problem> {
    let index = tx.safe().index.for_tenant(tx.tenant());
    let texts = references.iter().map(|reference| reference.map(normal_reference));
    let wanted = wanted(texts, |text| index.candidates(LOCAL_REFERENCE, text));
    let found = person_identities::table
        .filter(own(tx, person_identities::tenant_id))
        .filter(person_identities::local_reference_index.eq_any(wanted.keys()))
        .select((person_identities::local_reference_index, person_identities::person_id))
        .load(tx.conn)?;
    Ok(placed(references.len(), &wanted, found))
}

/// Which of these people the tenant has.
///
/// # Errors
/// When the store fails.
pub fn known_people(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Uuid>, Problem> {
    Ok(people::table.filter(own(tx, people::tenant_id)).filter(people::id.eq_any(ids)).select(people::id).load(tx.conn)?)
}

/// These people with their identities.
pub(super) fn open_many(tx: &mut Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, Known>, Problem> {
    let persons: Vec<PersonView> = people::table
        .filter(own(tx, people::tenant_id))
        .filter(people::id.eq_any(ids))
        .select(PersonView::as_select())
        .load(tx.conn)?;
    let rows: Vec<(Uuid, i32, SealedIdentity)> = person_identities::table
        .filter(own(tx, person_identities::tenant_id))
        .filter(person_identities::person_id.eq_any(ids))
        .select((person_identities::person_id, person_identities::row_version, SealedIdentity::as_select()))
        .load(tx.conn)?;
    let mut sealed: HashMap<Uuid, (i32, SealedIdentity)> =
        rows.into_iter().map(|(id, version, row)| (id, (version, row))).collect();
    let mut known = HashMap::with_capacity(persons.len());
    for person in persons {
        let Some((identity_version, row)) = sealed.remove(&person.id) else { continue };
        let identity = match open(tx, person.id, row) {
            Ok(identity) => Some(identity),
            Err(Unreadable::Erased) => None,
            Err(Unreadable::Broken(cause)) => return Err(unreadable(tx, person.id, &cause)),
            Err(Unreadable::Failed(cause)) => return Err(catalogue::INTERNAL.problem().because(cause)),
        };
        known.insert(person.id, Known { person, identity, identity_version });
    }
    Ok(known)
}

/// PESEL numbers of these people, of those who have one.
///
/// # Errors
/// When an identity cannot be read.
pub fn pesels_of(tx: &mut Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, Pesel>, Problem> {
    let known = open_many(tx, ids)?;
    Ok(known.into_iter().filter_map(|(id, known)| Some((id, known.identity?.pesel?))).collect())
}

/// Records people with their identities; who they are has been compared with everybody else before.
pub(super) fn insert_many(tx: &mut Tx, newcomers: &[Newcomer]) -> Result<(), Problem> {
    let (safe, tenant) = (tx.safe(), tx.tenant());
    let index = safe.index.for_tenant(tenant);
    // Meanwhile the unique constraints do not see equals under another key, and a lock for each number would be too many.
    if index.candidates(PESEL, "").len() > 1 {
        let cause = "an index key is being exchanged, during which nobody is recorded in bulk";
        return Err(catalogue::UNAVAILABLE.problem().retry_after(EXCHANGE).because(cause));
    }
    if !tx.is_rehearsal() {
        let ids: Vec<Uuid> = newcomers.iter().map(|newcomer| newcomer.id).collect();
        safe.vault.make_keys(tenant, &ids).map_err(refused)?;
    }
    let persons =
        newcomers.iter().map(|Newcomer { id, person, .. }| (person, people::id.eq(id), people::birth_year.eq(person.year())));
    let persons: Vec<_> = persons.collect();
    diesel::insert_into(people::table).values(persons).execute(tx.conn)?;
    let mut identities = Vec::with_capacity(newcomers.len());
    for newcomer in newcomers {
        let plain = Plain { person: newcomer.id, identity: newcomer.identity, pointer: "" };
        identities.push((seal_with(tx, &index, plain)?, person_identities::person_id.eq(newcomer.id)));
    }
    diesel::insert_into(person_identities::table).values(identities).execute(tx.conn)?;
    Ok(())
}

/// What is added to a person besides the identity.
#[derive(Clone, Copy)]
pub(super) struct Additions {
    pub sex: Option<Sex>,
    pub birth_year: Option<i16>,
}

/// Keeps others from changing these people and their identities until the transaction ends.
pub(super) fn lock_many(tx: &mut Tx, ids: &[Uuid]) -> Result<(), Problem> {
    // Always in the same order: of two who want the same people one waits.
    people::table
        .filter(own(tx, people::tenant_id))
        .filter(people::id.eq_any(ids))
        .order(people::id)
        .select(people::id)
        .for_update()
        .execute(tx.conn)?;
    Ok(())
}

/// Adds the same to all of these people.
pub(super) fn complete_many(tx: &mut Tx, ids: &[Uuid], additions: Additions) -> Result<(), Problem> {
    let Additions { sex, birth_year } = additions;
    if sex.is_some() || birth_year.is_some() {
        diesel::update(people::table.filter(own(tx, people::tenant_id)).filter(people::id.eq_any(ids)))
            .set((sex.map(|sex| people::sex.eq(sex)), birth_year.map(|year| people::birth_year.eq(year))))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Stores changes that leave every identifier as it was: nobody else can have what these people have already.
pub(super) fn store_many(tx: &mut Tx, identities: &[Plain]) -> Result<(), Problem> {
    use person_identities::{
        address, birth_date, blind_index_key, contact, document, document_index, given_names, local_reference,
        local_reference_index, missing_reason, participation_index, participation_index_key, person_id, pesel, pesel_index,
        surname,
    };
    if identities.is_empty() {
        return Ok(());
    }
    let index = tx.safe().index.for_tenant(tx.tenant());
    let mut sealed = Vec::with_capacity(identities.len());
    for plain in identities {
        sealed.push((seal_with(tx, &index, *plain)?, person_id.eq(plain.person)));
    }
    // The rows are there and locked; a conflict with them is how one statement changes each in its own way.
    diesel::insert_into(person_identities::table)
        .values(sealed)
        .on_conflict(on_constraint("person_identities_pkey"))
        .do_update()
        .set((
            given_names.eq(excluded(given_names)),
            surname.eq(excluded(surname)),
            pesel.eq(excluded(pesel)),
            pesel_index.eq(excluded(pesel_index)),
            participation_index.eq(excluded(participation_index)),
            blind_index_key.eq(excluded(blind_index_key)),
            participation_index_key.eq(excluded(participation_index_key)),
            document.eq(excluded(document)),
            document_index.eq(excluded(document_index)),
            birth_date.eq(excluded(birth_date)),
            address.eq(excluded(address)),
            contact.eq(excluded(contact)),
            local_reference.eq(excluded(local_reference)),
            local_reference_index.eq(excluded(local_reference_index)),
            missing_reason.eq(excluded(missing_reason)),
        ))
        .execute(tx.conn)?;
    Ok(())
}
