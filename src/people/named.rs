//! Whom a row of a file is about: somebody known, by id, PESEL or the office's own number.

use std::collections::{BTreeSet, HashSet};

use uuid::Uuid;

use super::identifiers::Identifier;
use super::merged::{Whose, open_former};
use super::people::hold_people;
use super::{IMPORT_TWO_PEOPLE, LocalReference, known_people, owners_by_pesel, owners_by_reference};
use crate::platform::db::Tx;
use crate::platform::imports::{CellKind, Cells, Column, Finding, VALUE_MISSING};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::Pesel;

/// Column of the id; a row needs one of these three.
pub const PERSON_ID: Column = Column::new(
    "personId",
    "Identyfikator osoby",
    CellKind::Text,
    "Identyfikator osoby w usłudze; albo PESEL, albo numer własny.",
    "",
);
/// Column of the PESEL.
pub const PERSON_PESEL: Column = Column::new("pesel", "PESEL", CellKind::Pesel, "Numer PESEL osoby już zapisanej.", "");
/// Column of the office's own number.
pub const PERSON_REFERENCE: Column =
    Column::new("localReference", "Numer własny", CellKind::Text, "Numer własny osoby już zapisanej.", "LISTA/1/2026");

/// Merges for which a file waits, one after the other.
const MOST_MERGES: usize = 20;

/// What a row says of whom it is about.
pub struct Named {
    person: Option<Uuid>,
    pesel: Option<Pesel>,
    reference: Option<LocalReference>,
}

impl Named {
    /// Reads the columns; at least one must be filled in.
    pub fn read(cells: &mut Cells) -> Self {
        if [PERSON_ID, PERSON_PESEL, PERSON_REFERENCE].iter().all(|column| cells.raw(column.name).is_none()) {
            cells.refuse("pesel", &VALUE_MISSING);
        }
        Self { person: cells.text("personId"), pesel: cells.pesel("pesel"), reference: cells.words("localReference") }
    }
}

fn not_found(column: &str) -> Finding {
    Finding::new(Some(column), &catalogue::REFERENCE_NOT_FOUND)
}

/// Holds everybody whom rows are about, as a single record does that must not repeat.
///
/// Whom a merge took away while this waited for it is sought once more.
///
/// # Errors
/// `platform.unavailable` when that takes too long.
pub fn hold_named(tx: &mut Tx, rows: &[&Named]) -> Result<(), Problem> {
    for _ in 0..MOST_MERGES {
        let people: BTreeSet<Uuid> = find_named(tx, rows)?.into_iter().flatten().collect();
        if hold_people(tx, &people)? {
            return Ok(());
        }
    }
    Err(catalogue::UNAVAILABLE.problem().retry_after(1).because("people were merged again and again while a file was committed"))
}

/// Who each row is about; all that it says must mean the same person. An identifier that nobody has any more, but a duplicate
/// had whose identity a merge kept, means the person who stayed.
///
/// # Errors
/// Only when the store fails.
pub fn find_named(tx: &mut Tx, rows: &[&Named]) -> Result<Vec<Result<Uuid, Finding>>, Problem> {
    let pesels: Vec<_> = rows.iter().map(|row| row.pesel.as_ref()).collect();
    let references: Vec<_> = rows.iter().map(|row| row.reference.as_ref()).collect();
    let ids: Vec<Uuid> = rows.iter().filter_map(|row| row.person).collect();
    let by_pesel = owners_by_pesel(tx, &pesels)?;
    let by_reference = owners_by_reference(tx, &references)?;
    let is_unknown = |asked: bool, owner: &Option<Uuid>| asked && owner.is_none();
    let any_unknown = pesels.iter().zip(&by_pesel).any(|(asked, owner)| is_unknown(asked.is_some(), owner))
        || references.iter().zip(&by_reference).any(|(asked, owner)| is_unknown(asked.is_some(), owner));
    let former = if any_unknown { open_former(tx, Whose::Anybody)? } else { Vec::new() };
    let survivor = |wanted: Identifier| former.iter().find(|former| wanted.is_of(&former.identity)).map(|former| former.survivor);
    let known: HashSet<Uuid> = known_people(tx, &ids)?.into_iter().collect();
    let of_row = |((row, by_pesel), by_reference): ((&&Named, Option<Uuid>), Option<Uuid>)| {
        let named = [
            row.person.map(|person| Some(person).filter(|person| known.contains(person)).ok_or("personId")),
            row.pesel.as_ref().map(|pesel| by_pesel.or_else(|| survivor(Identifier::Pesel(pesel))).ok_or("pesel")),
            row.reference
                .as_ref()
                .map(|reference| by_reference.or_else(|| survivor(Identifier::Reference(reference))).ok_or("localReference")),
        ];
        let mut named = named.into_iter().flatten();
        let first = named.next().unwrap_or(Err("pesel")).map_err(not_found)?;
        match named.find(|other| *other != Ok(first)) {
            None => Ok(first),
            Some(Err(column)) => Err(not_found(column)),
            Some(Ok(_)) => Err(Finding::new(Some("pesel"), &IMPORT_TWO_PEOPLE)),
        }
    };
    Ok(rows.iter().zip(by_pesel).zip(by_reference).map(of_row).collect())
}
