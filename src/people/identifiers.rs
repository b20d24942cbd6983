//! Whose an identifier is: of whoever has it now, or else of the person whose duplicate had it.
//!
//! Who has it now is found through keyed hashes. The identities of duplicates that a merge kept are few, and are opened and
//! compared in memory.

use diesel::prelude::*;
use uuid::Uuid;

use super::identity::{DocumentBody, IdentityBody, LocalReference, normal_reference};
use super::merged::{Whose, open_former};
use super::sealed_identity::{DOCUMENT, LOCAL_REFERENCE, PESEL, Plain};
use super::{DOCUMENT_TAKEN, LOCAL_REFERENCE_TAKEN, PESEL_TAKEN};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::secrets::INDEX_LEN;
use crate::platform::types::Pesel;
use crate::schema::person_identities;

/// What belongs to one person of the tenant.
#[derive(Clone, Copy)]
pub(super) enum Identifier<'i> {
    Pesel(&'i Pesel),
    Document(&'i DocumentBody),
    Reference(&'i LocalReference),
}

impl<'i> Identifier<'i> {
    /// Those of an identity.
    fn all(identity: &'i IdentityBody) -> impl Iterator<Item = Self> {
        let pesel = identity.pesel.as_ref().map(Self::Pesel);
        let document = identity.document.as_ref().map(Self::Document);
        let reference = identity.local_reference.as_ref().map(Self::Reference);
        [pesel, document, reference].into_iter().flatten()
    }

    /// The values that the index may have for it, one for each key in use.
    fn candidates(self, tx: &Tx) -> Vec<[u8; INDEX_LEN]> {
        let index = tx.safe().index.for_tenant(tx.tenant());
        match self {
            Self::Pesel(pesel) => index.candidates(PESEL, pesel.expose()),
            Self::Document(document) => index.candidates(DOCUMENT, &document.normalised()),
            Self::Reference(reference) => index.candidates(LOCAL_REFERENCE, &normal_reference(reference)),
        }
    }

    /// Whoever has it now.
    fn owners(self, tx: &mut Tx) -> Result<Vec<Uuid>, Problem> {
        let wanted = as_bytes(&self.candidates(tx));
        let rows = person_identities::table.filter(own(tx, person_identities::tenant_id)).select(person_identities::person_id);
        Ok(match self {
            Self::Pesel(_) => rows.filter(person_identities::pesel_index.eq_any(wanted)).load(tx.conn)?,
            Self::Document(_) => rows.filter(person_identities::document_index.eq_any(wanted)).load(tx.conn)?,
            Self::Reference(_) => rows.filter(person_identities::local_reference_index.eq_any(wanted)).load(tx.conn)?,
        })
    }

    /// Whether an identity has it.
    pub(super) fn is_of(self, identity: &IdentityBody) -> bool {
        match self {
            Self::Pesel(pesel) => identity.pesel.as_ref() == Some(pesel),
            Self::Document(wanted) => {
                identity.document.as_ref().is_some_and(|document| document.normalised() == wanted.normalised())
            }
            Self::Reference(wanted) => {
                let reference = identity.local_reference.as_ref();
                reference.is_some_and(|reference| normal_reference(reference) == normal_reference(wanted))
            }
        }
    }

    /// The refusal where somebody else has it.
    fn taken(self, pointer: &str) -> Problem {
        match self {
            Self::Pesel(_) => PESEL_TAKEN.at(format!("{pointer}/pesel")),
            Self::Document(_) => DOCUMENT_TAKEN.at(format!("{pointer}/document")),
            Self::Reference(_) => LOCAL_REFERENCE_TAKEN.at(format!("{pointer}/localReference")),
        }
    }
}

/// Whose PESEL this is within the tenant; where nobody has it, whose duplicate had it.
pub fn find_by_pesel(tx: &mut Tx, pesel: &Pesel) -> Result<Vec<Uuid>, Problem> {
    find(tx, Identifier::Pesel(pesel))
}

/// Whose document this is within the tenant; where nobody has it, whose duplicate had it.
pub fn find_by_document(tx: &mut Tx, document: &DocumentBody) -> Result<Vec<Uuid>, Problem> {
    find(tx, Identifier::Document(document))
}

fn find(tx: &mut Tx, identifier: Identifier) -> Result<Vec<Uuid>, Problem> {
    let owners = identifier.owners(tx)?;
    if owners.is_empty() { survivors(tx, identifier) } else { Ok(owners) }
}

/// The people whose duplicates had it.
fn survivors(tx: &mut Tx, identifier: Identifier) -> Result<Vec<Uuid>, Problem> {
    let former = open_former(tx, Whose::Anybody)?.into_iter().filter(|former| identifier.is_of(&former.identity));
    let mut survivors: Vec<Uuid> = former.map(|former| former.survivor).collect();
    survivors.sort_unstable();
    survivors.dedup();
    Ok(survivors)
}

/// Refuses identifiers of somebody else; answers those that the person does not have yet.
///
/// # Errors
/// `people.pesel_taken`, `people.document_taken` or `people.local_reference_taken` where it stands in the body.
pub(super) fn expect_free<'p>(tx: &mut Tx, plain: Plain<'p>) -> Result<Vec<Identifier<'p>>, Problem> {
    let mut new = Vec::new();
    wait_for_equals(tx, plain.identity)?;
    for identifier in Identifier::all(plain.identity) {
        let owners = identifier.owners(tx)?;
        if owners.iter().any(|owner| *owner != plain.person) {
            return Err(identifier.taken(plain.pointer));
        }
        if owners.is_empty() {
            new.push(identifier);
        }
    }
    refuse_former(tx, plain, &new)?;
    Ok(new)
}

/// Refuses identifiers that a duplicate of somebody else had.
///
/// To be asked again after the row is there: until then a merge of whoever has an identifier may be under way, for whose end
/// the row waits.
///
/// # Errors
/// As [`expect_free`].
pub(super) fn refuse_former(tx: &mut Tx, plain: Plain, new: &[Identifier]) -> Result<(), Problem> {
    if new.is_empty() {
        return Ok(());
    }
    // Of one's own nothing is asked: a rehearsed merge has just sealed one as nobody opens it.
    let former = open_former(tx, Whose::Others(plain.person))?;
    let of_another = |identifier: &&Identifier| former.iter().any(|former| identifier.is_of(&former.identity));
    new.iter().find(of_another).map_or(Ok(()), |identifier| Err(identifier.taken(plain.pointer)))
}

/// While an index key is exchanged, two services may write the same number under different keys,
/// where the unique constraints see no equals: who writes it waits for the other's end, then looks.
fn wait_for_equals(tx: &mut Tx, identity: &IdentityBody) -> Result<(), Problem> {
    for identifier in Identifier::all(identity) {
        let mut candidates = identifier.candidates(tx);
        if candidates.len() < 2 {
            continue;
        }
        // In one order, so that no two wait for each other.
        candidates.sort_unstable();
        for candidate in &candidates {
            tx.wait_for_holder(candidate)?;
        }
    }
    Ok(())
}

pub(super) fn as_bytes(candidates: &[[u8; INDEX_LEN]]) -> Vec<Vec<u8>> {
    candidates.iter().map(|candidate| candidate.to_vec()).collect()
}
