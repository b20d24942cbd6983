//! The identity as it is stored: each value encrypted under the person's key,
//! identifiers found again through keyed hashes.

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use super::identifiers::{Identifier, as_bytes, expect_free, refuse_former};
use super::identity::{IdentityBody, LocalReference, normal_reference};
use super::merged::{Whose, open_former};
use super::similarity::Profile;
use super::unreadable::{Unreadable, unreadable};
use super::{DOCUMENT_TAKEN, IDENTITY_ERASED, IDENTITY_INCOMPLETE, IDENTITY_UNREADABLE, LOCAL_REFERENCE_TAKEN, PESEL_TAKEN};
use crate::platform::db::{Tx, own};
use crate::platform::person_keys::PersonKeyError;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::secrets::{SecretError, TenantIndex};
use crate::platform::types::{Day, Pesel, Sex, ShortText};
use crate::schema::{people, person_identities};

/// Name of the PESEL among the sealed fields and the blind indexes.
pub(super) const PESEL: &str = "pesel";
/// Name of the document among the sealed fields and the blind indexes.
pub(super) const DOCUMENT: &str = "document";
/// Name of the office's reference among the sealed fields and the blind indexes.
pub(super) const LOCAL_REFERENCE: &str = "local_reference";
const GIVEN_NAMES: &str = "given_names";
const SURNAME: &str = "surname";
const BIRTH_DATE: &str = "birth_date";
const ADDRESS: &str = "address";
const CONTACT: &str = "contact";

/// An identity in the clear, on its way into the store.
#[derive(Clone, Copy)]
pub struct Plain<'a> {
    /// Whose it is.
    pub person: Uuid,
    /// What it says.
    pub identity: &'a IdentityBody,
    /// Where it stands in the body, for the pointers of refusals.
    pub pointer: &'a str,
}

/// The row, encrypted.
#[derive(Insertable, AsChangeset, Queryable, Selectable)]
#[diesel(table_name = person_identities, treat_none_as_null = true)]
pub(super) struct SealedIdentity {
    given_names: Option<Vec<u8>>,
    surname: Option<Vec<u8>>,
    pesel: Option<Vec<u8>>,
    pesel_index: Option<Vec<u8>>,
    participation_index: Option<Vec<u8>>,
    blind_index_key: Option<Vec<u8>>,
    participation_index_key: Option<Vec<u8>>,
    document: Option<Vec<u8>>,
    document_index: Option<Vec<u8>>,
    birth_date: Option<Vec<u8>>,
    address: Option<Vec<u8>>,
    contact: Option<Vec<u8>>,
    local_reference: Option<Vec<u8>>,
    local_reference_index: Option<Vec<u8>>,
    missing_reason: Option<ShortText>,
}

/// Stores the first identity of a person.
pub fn insert_identity(tx: &mut Tx, plain: Plain) -> Result<(), Problem> {
    let new = check(tx, plain)?;
    let sealed = seal(tx, plain)?;
    diesel::insert_into(person_identities::table)
        .values((sealed, person_identities::person_id.eq(plain.person)))
        .execute(tx.conn)
        .map_err(|error| pointed(error, plain.pointer))?;
    refuse_former(tx, plain, &new)
}

/// Replaces the identity of a person.
pub fn change_identity(tx: &mut Tx, plain: Plain) -> Result<(), Problem> {
    let new = check(tx, plain)?;
    let sealed = seal(tx, plain)?;
    let row = person_identities::table
        .filter(own(tx, person_identities::tenant_id))
        .filter(person_identities::person_id.eq(plain.person));
    diesel::update(row).set(sealed).execute(tx.conn).map_err(|error| pointed(error, plain.pointer))?;
    refuse_former(tx, plain, &new)
}

/// Version of a person's identity, locked; nothing where none is recorded.
pub fn locked_version(tx: &mut Tx, person: Uuid) -> Result<Option<i32>, Problem> {
    Ok(person_identities::table
        .filter(own(tx, person_identities::tenant_id))
        .filter(person_identities::person_id.eq(person))
        .select(person_identities::row_version)
        .for_update()
        .first(tx.conn)
        .optional()?)
}

/// A person's identity in the clear, with its version; nothing where none is recorded or it was erased.
pub fn open_identity(tx: &mut Tx, person: Uuid) -> Result<Option<(IdentityBody, i32)>, Problem> {
    let row: Option<(SealedIdentity, i32)> = person_identities::table
        .filter(own(tx, person_identities::tenant_id))
        .filter(person_identities::person_id.eq(person))
        .select((SealedIdentity::as_select(), person_identities::row_version))
        .first(tx.conn)
        .optional()?;
    let Some((row, version)) = row else { return Ok(None) };
    match open(tx, person, row) {
        Ok(identity) => Ok(Some((identity, version))),
        Err(Unreadable::Erased) => Ok(None),
        Err(Unreadable::Broken(cause)) => Err(unreadable(tx, person, &cause)),
        Err(Unreadable::Failed(cause)) => Err(catalogue::INTERNAL.problem().because(cause)),
    }
}

/// The values that a person's PESEL, and those of the person's duplicates, may have in the deployment-wide index; nothing where
/// no PESEL is on file or it was erased.
///
/// Only for the audited question whether the person takes part in another town.
///
/// # Errors
/// `people.identity_unreadable` when the person's key is lost or damaged, or when the store fails.
pub fn participation_candidates(tx: &mut Tx, person: Uuid) -> Result<Option<Vec<Vec<u8>>>, Problem> {
    let sealed: Option<Option<Vec<u8>>> = person_identities::table
        .filter(own(tx, person_identities::tenant_id))
        .filter(person_identities::person_id.eq(person))
        .select(person_identities::pesel)
        .first(tx.conn)
        .optional()?;
    let own = match open_text::<Pesel>(tx, person, PESEL, sealed.flatten()) {
        Ok(pesel) => pesel,
        Err(Unreadable::Erased) => return Ok(None),
        Err(Unreadable::Broken(cause)) => return Err(unreadable(tx, person, &cause)),
        Err(Unreadable::Failed(cause)) => return Err(catalogue::INTERNAL.problem().because(cause)),
    };
    let former = open_former(tx, Whose::Only(person))?.into_iter().filter_map(|former| former.identity.pesel);
    let values = |pesel: Pesel| as_bytes(&tx.safe().index.participation_candidates(pesel.expose()));
    let values: Vec<Vec<u8>> = own.into_iter().chain(former).flat_map(values).collect();
    Ok((!values.is_empty()).then_some(values))
}

/// The names of a tenant's people, as far as they can be read.
pub struct Register {
    /// Everybody with a surname.
    pub names: Vec<(Uuid, Names)>,
    /// How many more there are whose key is lost or damaged.
    pub unreadable: u32,
}

/// The names of everybody in the tenant, for a comparison in memory; the erased are left out.
pub fn open_names(tx: &mut Tx) -> Result<Register, Problem> {
    let rows: Vec<SealedNames> = person_identities::table
        .filter(own(tx, person_identities::tenant_id))
        .filter(person_identities::surname.is_not_null())
        .order(person_identities::person_id)
        .select((person_identities::person_id, person_identities::surname, person_identities::given_names))
        .load(tx.conn)?;
    open_rows(tx, rows)
}

/// The names of some people in the clear; who is erased, or whom nobody can read, is left out.
///
/// # Errors
/// When the store or the keys fail.
pub fn names_of(tx: &mut Tx, people: &[Uuid]) -> Result<Vec<(Uuid, Names)>, Problem> {
    let rows: Vec<SealedNames> = person_identities::table
        .filter(own(tx, person_identities::tenant_id))
        .filter(person_identities::person_id.eq_any(people))
        .select((person_identities::person_id, person_identities::surname, person_identities::given_names))
        .load(tx.conn)?;
    Ok(open_rows(tx, rows)?.names)
}

/// A person, the sealed surname and the sealed given names.
type SealedNames = (Uuid, Option<Vec<u8>>, Option<Vec<u8>>);

fn open_rows(tx: &Tx, rows: Vec<SealedNames>) -> Result<Register, Problem> {
    let mut register = Register { names: Vec::with_capacity(rows.len()), unreadable: 0 };
    for (person, surname, given_names) in rows {
        let opened = open_text(tx, person, SURNAME, surname)
            .and_then(|surname| Ok(Names { surname, given_names: open_text(tx, person, GIVEN_NAMES, given_names)? }));
        match opened {
            Ok(opened) => register.names.push((person, opened)),
            Err(Unreadable::Erased) => {}
            Err(Unreadable::Broken(cause)) => {
                tx.safe().vault.report_unreadable(tx.tenant(), person, &cause);
                register.unreadable += 1;
            }
            Err(Unreadable::Failed(cause)) => return Err(catalogue::INTERNAL.problem().because(cause)),
        }
    }
    Ok(register)
}

/// What duplicates are told by, of everybody in the tenant, for a comparison in memory; the erased, and whom nobody can read, are left out.
pub fn open_profiles(tx: &mut Tx) -> Result<Vec<Profile>, Problem> {
    type Row = (Uuid, Option<i16>, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>, bool);
    let of = people::tenant_id.eq(person_identities::tenant_id).and(people::id.eq(person_identities::person_id));
    let rows: Vec<Row> = person_identities::table
        .inner_join(people::table.on(of))
        .filter(own(tx, person_identities::tenant_id))
        .order(person_identities::person_id)
        .select((
            person_identities::person_id,
            people::birth_year,
            person_identities::surname,
            person_identities::given_names,
            person_identities::birth_date,
            person_identities::pesel,
            person_identities::document.is_not_null(),
        ))
        .load(tx.conn)?;
    let mut profiles = Vec::with_capacity(rows.len());
    for (person, birth_year, surname, given_names, birth_date, pesel, has_document) in rows {
        let opened = (|| {
            let surname: Option<ShortText> = open_text(tx, person, SURNAME, surname)?;
            let given_names: Option<ShortText> = open_text(tx, person, GIVEN_NAMES, given_names)?;
            let birth_date: Option<Day> = open_text(tx, person, BIRTH_DATE, birth_date)?;
            let pesel: Option<Pesel> = open_text(tx, person, PESEL, pesel)?;
            let birth_date = birth_date.map(Day::date).or(pesel.as_ref().map(Pesel::birth_date));
            let names = (surname.as_ref().map_or("", ShortText::as_str), given_names.as_ref().map_or("", ShortText::as_str));
            Ok(Profile::new(person, names, (birth_date, birth_year), pesel.as_ref().map(Pesel::expose))
                .with_document(has_document))
        })();
        match opened {
            Ok(profile) => profiles.push(profile),
            Err(Unreadable::Erased) => {}
            Err(Unreadable::Broken(cause)) => tx.safe().vault.report_unreadable(tx.tenant(), person, &cause),
            Err(Unreadable::Failed(cause)) => return Err(catalogue::INTERNAL.problem().because(cause)),
        }
    }
    Ok(profiles)
}

/// The sealed columns that tell a date of birth: the date itself, and the PESEL.
pub type SealedBirth = (Option<Vec<u8>>, Option<Vec<u8>>);
/// A person with sex, year of birth and what the identity holds of the date.
pub type KnownBirth = (Uuid, Sex, Option<i16>, Option<SealedBirth>);

/// Sex and year of birth of some people, with what their identities hold of the date, still sealed.
pub fn with_sealed_birth(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<KnownBirth>, Problem> {
    let identity = person_identities::tenant_id.eq(people::tenant_id).and(person_identities::person_id.eq(people::id));
    Ok(people::table
        .left_join(person_identities::table.on(identity))
        .filter(own(tx, people::tenant_id))
        .filter(people::id.eq_any(ids))
        .select((
            people::id,
            people::sex,
            people::birth_year,
            (person_identities::birth_date, person_identities::pesel).nullable(),
        ))
        .load(tx.conn)?)
}

/// A date of birth, by itself or from the PESEL; none where neither is recorded or the identity was erased.
pub fn open_birth_date(tx: &Tx, person: Uuid, (date, pesel): SealedBirth) -> Result<Option<NaiveDate>, Problem> {
    let opened = match date {
        Some(_) => open_text(tx, person, BIRTH_DATE, date).map(|day: Option<Day>| day.map(Day::date)),
        None => open_text(tx, person, PESEL, pesel).map(|pesel: Option<Pesel>| pesel.map(|pesel| pesel.birth_date())),
    };
    match opened {
        Ok(date) => Ok(date),
        Err(Unreadable::Erased) => Ok(None),
        Err(Unreadable::Broken(cause)) => {
            tx.safe().vault.report_unreadable(tx.tenant(), person, &cause);
            Ok(None)
        }
        Err(Unreadable::Failed(cause)) => Err(catalogue::INTERNAL.problem().because(cause)),
    }
}

/// Somebody's names in the clear.
pub struct Names {
    /// Surname.
    pub surname: Option<ShortText>,
    /// Given names.
    pub given_names: Option<ShortText>,
}

/// What can be refused before a key of the person is made; answers the identifiers that the person did not have before.
fn check<'p>(tx: &mut Tx, plain: Plain<'p>) -> Result<Vec<Identifier<'p>>, Problem> {
    let Plain { identity, pointer, .. } = plain;
    if !identity.is_complete() && identity.missing_reason.is_none() {
        return Err(IDENTITY_INCOMPLETE.at(format!("{pointer}/missingReason")));
    }
    expect_free(tx, plain)
}

/// The constraints know where a field stands in an identity, not where the identity stands in the body.
fn pointed(error: diesel::result::Error, pointer: &str) -> Problem {
    let problem = Problem::from(error);
    match problem.constraint.as_deref() {
        Some("person_identities_pesel_key") => PESEL_TAKEN.at(format!("{pointer}/pesel")),
        Some("person_identities_document_key") => DOCUMENT_TAKEN.at(format!("{pointer}/document")),
        Some("person_identities_local_reference_key") => LOCAL_REFERENCE_TAKEN.at(format!("{pointer}/localReference")),
        _ => problem,
    }
}

pub(super) fn seal(tx: &Tx, plain: Plain) -> Result<SealedIdentity, Problem> {
    seal_with(tx, &tx.safe().index.for_tenant(tx.tenant()), plain)
}

/// As [`seal`], with the index of the tenant at hand.
pub(super) fn seal_with(tx: &Tx, index: &TenantIndex, plain: Plain) -> Result<SealedIdentity, Problem> {
    let identity = plain.identity;
    let safe = tx.safe();
    let sealed = |field: &str, text: Option<&str>| -> Result<Option<Vec<u8>>, Problem> {
        let seal = |text: &str| {
            if tx.is_rehearsal() {
                // No key is made for a person that will not be there.
                safe.vault.seal_payload(tx.tenant(), field, text.as_bytes())
            } else {
                safe.vault.seal(tx.tenant(), plain.person, field, text.as_bytes())
            }
        };
        text.map(seal).transpose().map_err(refused)
    };
    let pesel = identity.pesel.as_ref().map(Pesel::expose);
    let document = identity.document.as_ref().map(serde_json::to_string).transpose();
    let document = document.map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    let reference = identity.local_reference.as_ref();
    let has_index = pesel.is_some() || document.is_some() || reference.is_some();
    let (blind_index_key, participation_index_key) = safe.index.key_ids();
    Ok(SealedIdentity {
        given_names: sealed(GIVEN_NAMES, identity.given_names.as_ref().map(ShortText::as_str))?,
        surname: sealed(SURNAME, identity.surname.as_ref().map(ShortText::as_str))?,
        pesel: sealed(PESEL, pesel)?,
        pesel_index: pesel.map(|pesel| index.of(PESEL, pesel).to_vec()),
        participation_index: pesel.map(|pesel| safe.index.participation_index(pesel).to_vec()),
        blind_index_key: has_index.then(|| blind_index_key.to_bytes().to_vec()),
        participation_index_key: pesel.map(|_| participation_index_key.to_bytes().to_vec()),
        document: sealed(DOCUMENT, document.as_deref())?,
        document_index: identity.document.as_ref().map(|document| index.of(DOCUMENT, &document.normalised()).to_vec()),
        birth_date: sealed(BIRTH_DATE, identity.birth_date.map(|date| date.to_string()).as_deref())?,
        address: sealed(ADDRESS, identity.address.as_ref().map(ShortText::as_str))?,
        contact: sealed(CONTACT, identity.contact.as_ref().map(ShortText::as_str))?,
        local_reference: sealed(LOCAL_REFERENCE, reference.map(LocalReference::as_str))?,
        local_reference_index: reference.map(|reference| index.of(LOCAL_REFERENCE, &normal_reference(reference)).to_vec()),
        missing_reason: identity.missing_reason.clone(),
    })
}

pub(super) fn refused(error: SecretError) -> Problem {
    match error {
        SecretError::Destroyed => IDENTITY_ERASED.problem(),
        SecretError::Store(PersonKeyError::Damaged { .. }) => IDENTITY_UNREADABLE.problem().because(error),
        other => catalogue::INTERNAL.problem().because(other),
    }
}

pub(super) fn open(tx: &Tx, person: Uuid, row: SealedIdentity) -> Result<IdentityBody, Unreadable> {
    let document = open_bytes(tx, person, DOCUMENT, row.document)?
        .map(|json| serde_json::from_slice(&json))
        .transpose()
        .map_err(|_| Unreadable::Broken("a document is not of its type".to_owned()))?;
    Ok(IdentityBody {
        given_names: open_text(tx, person, GIVEN_NAMES, row.given_names)?,
        surname: open_text(tx, person, SURNAME, row.surname)?,
        pesel: open_text(tx, person, PESEL, row.pesel)?,
        document,
        birth_date: open_text(tx, person, BIRTH_DATE, row.birth_date)?,
        address: open_text(tx, person, ADDRESS, row.address)?,
        contact: open_text(tx, person, CONTACT, row.contact)?,
        local_reference: open_text(tx, person, LOCAL_REFERENCE, row.local_reference)?,
        missing_reason: row.missing_reason,
    })
}

fn open_bytes(tx: &Tx, person: Uuid, field: &str, sealed: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, Unreadable> {
    Ok(sealed.map(|sealed| tx.safe().vault.open(tx.tenant(), person, field, &sealed)).transpose()?)
}

fn open_text<T: std::str::FromStr>(tx: &Tx, person: Uuid, field: &str, sealed: Option<Vec<u8>>) -> Result<Option<T>, Unreadable> {
    let Some(bytes) = open_bytes(tx, person, field, sealed)? else { return Ok(None) };
    let parsed = std::str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok());
    parsed.map(Some).ok_or_else(|| Unreadable::Broken(format!("a stored {field} is not of its type")))
}
