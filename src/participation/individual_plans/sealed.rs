//! What plans say about a person, sealed under the person's key.

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::participation::PERSON_ERASED;
use crate::platform::db::Tx;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::resealing::SealedTable;
use crate::platform::secrets::SecretError;

/// Name under which the parts of a revision are sealed.
pub const PARTS: &str = "individual_plan.parts";
/// Name under which the note of an event is sealed.
pub const NOTE: &str = "individual_plan.note";

/// Tables of plans with sealed columns.
pub const SEALED: &[SealedTable] = &[
    SealedTable {
        table: "individual_plan_revisions",
        id: "id",
        person: "p.person_id",
        joins: "JOIN individual_plans p ON p.tenant_id = t.tenant_id AND p.id = t.plan_id",
        columns: &[("parts", PARTS)],
        erase: "UPDATE individual_plan_revisions SET parts = NULL",
    },
    SealedTable {
        table: "individual_plan_events",
        id: "id",
        person: "p.person_id",
        joins: "JOIN individual_plans p ON p.tenant_id = t.tenant_id AND p.id = t.plan_id",
        columns: &[("note", NOTE)],
        erase: "UPDATE individual_plan_events SET note = NULL",
    },
];

/// Seals a part of a plan.
pub fn seal<T: Serialize>(tx: &Tx, person: Uuid, name: &str, part: &T) -> Result<Vec<u8>, Problem> {
    let json = serde_json::to_vec(part).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    let vault = &tx.safe().vault;
    // No key is made for a person in a rehearsal, where the store stays as it is.
    let sealed = if tx.is_rehearsal() {
        vault.seal_payload(tx.tenant(), name, &json)
    } else {
        vault.seal(tx.tenant(), person, name, &json)
    };
    sealed.map_err(refused)
}

/// Opens a part of a plan; nothing where the person's key was destroyed.
pub fn open<T: DeserializeOwned>(tx: &Tx, person: Uuid, name: &str, sealed: &[u8]) -> Result<Option<T>, Problem> {
    match tx.safe().vault.open(tx.tenant(), person, name, sealed) {
        Ok(json) => serde_json::from_slice(&json).map(Some).map_err(|error| catalogue::INTERNAL.problem().because(error)),
        Err(SecretError::Destroyed) => Ok(None),
        Err(other) => Err(catalogue::INTERNAL.problem().because(other)),
    }
}

fn refused(error: SecretError) -> Problem {
    match error {
        // Nothing can be kept about somebody whose data were erased.
        SecretError::Destroyed => PERSON_ERASED.problem(),
        other => catalogue::INTERNAL.problem().because(other),
    }
}
