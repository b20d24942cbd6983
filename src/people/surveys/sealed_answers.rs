//! Answers as they are stored: one document, encrypted under the key of the person.

use uuid::Uuid;

use super::answers::Answer;
use crate::people::IDENTITY_ERASED;
use crate::platform::db::Tx;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::secrets::SecretError;

/// Field name under which answers are sealed.
pub(in crate::people) const ANSWERS: &str = "survey.answers";

/// Seals the answers of a person.
pub(super) fn seal(tx: &Tx, person: Uuid, answers: &[Answer]) -> Result<Vec<u8>, Problem> {
    let document = serde_json::to_vec(answers).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    let vault = &tx.safe().vault;
    let sealed = if tx.is_rehearsal() {
        // No key is made for what will not be there.
        vault.seal_payload(tx.tenant(), ANSWERS, &document)
    } else {
        vault.seal(tx.tenant(), person, ANSWERS, &document)
    };
    sealed.map_err(|error| match error {
        // Nothing can be kept about somebody whose data were erased.
        SecretError::Destroyed => IDENTITY_ERASED.problem(),
        other => catalogue::INTERNAL.problem().because(other),
    })
}

/// The answers in the clear; nothing where they were erased with the person's key.
pub(super) fn open(tx: &Tx, person: Uuid, sealed: Option<&[u8]>) -> Result<Option<Vec<Answer>>, Problem> {
    let Some(sealed) = sealed else { return Ok(None) };
    match tx.safe().vault.open(tx.tenant(), person, ANSWERS, sealed) {
        Ok(document) => {
            let broken = |_| catalogue::INTERNAL.problem().because("stored answers are not of their type");
            serde_json::from_slice(&document).map(Some).map_err(broken)
        }
        Err(SecretError::Destroyed) => Ok(None),
        Err(error) => Err(catalogue::INTERNAL.problem().because(error)),
    }
}
