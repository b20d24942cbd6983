//! Payloads and identities as they are stored: sealed under the key of the sender, each for its own row.

use serde::Serialize;
use uuid::Uuid;

use super::kinds::MessageKind;
use super::payload::MessagePayload;
use super::subjects::SubjectIdentity;
use crate::platform::db::Tx;
use crate::platform::problem::{Problem, catalogue};

/// What the payload of a message is sealed as.
pub(super) fn payload_of(message: Uuid) -> String {
    format!("message {message}")
}

/// What the identity of a record is sealed as.
pub(super) fn identity_of(record: Uuid) -> String {
    format!("message record {record}")
}

fn unsealed(error: impl std::fmt::Display) -> Problem {
    catalogue::INTERNAL.problem().because(error)
}

fn seal(tx: &Tx, sender: Uuid, name: &str, content: &impl Serialize) -> Result<Vec<u8>, Problem> {
    let json = serde_json::to_vec(content).map_err(unsealed)?;
    tx.safe().vault.seal_payload(sender, name, &json).map_err(unsealed)
}

pub(super) fn seal_payload(tx: &Tx, sender: Uuid, message: Uuid, payload: &MessagePayload) -> Result<Vec<u8>, Problem> {
    seal(tx, sender, &payload_of(message), payload)
}

pub(super) fn open_payload(
    tx: &Tx,
    sender: Uuid,
    message: Uuid,
    (kind, sealed): (MessageKind, &[u8]),
) -> Result<MessagePayload, Problem> {
    let json = tx.safe().vault.open_payload(sender, &payload_of(message), sealed).map_err(unsealed)?;
    // What was stored is of its type; the refusal would speak of a body that nobody sent.
    MessagePayload::read(kind, json).map_err(|problem| unsealed(format!("a stored message: {}", problem.code())))
}

pub(super) fn seal_identity(tx: &Tx, sender: Uuid, record: Uuid, identity: &SubjectIdentity) -> Result<Vec<u8>, Problem> {
    seal(tx, sender, &identity_of(record), identity)
}

pub(super) fn open_identity(tx: &Tx, sender: Uuid, record: Uuid, sealed: &[u8]) -> Result<SubjectIdentity, Problem> {
    let json = tx.safe().vault.open_payload(sender, &identity_of(record), sealed).map_err(unsealed)?;
    // The cause would show what was read.
    serde_json::from_slice(&json).map_err(|_| unsealed("a stored identity cannot be read"))
}
