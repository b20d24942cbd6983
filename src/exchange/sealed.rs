//! Payloads and identities as they are stored: payloads under the key of the sender, each for its own row; whom a town names
//! under the key of that person, so that the copy goes with the person's data.

use serde::Serialize;
use uuid::Uuid;

use super::kinds::MessageKind;
use super::payload::MessagePayload;
use super::reading::{MessageView, StoredRecord};
use super::subjects::SubjectIdentity;
use crate::platform::db::Tx;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::resealing::{PayloadTable, SealedTable};
use crate::platform::secrets::{SecretError, digest};

/// What the identity of a record is sealed as under the key of its person.
const IDENTITY: &str = "message identity";

/// What is sealed under keys of people.
pub const SEALED: &[SealedTable] = &[SealedTable {
    table: "message_records",
    id: "id",
    person: "t.person_id",
    joins: "JOIN people p ON p.tenant_id = t.tenant_id AND p.id = t.person_id",
    columns: &[("identity", IDENTITY)],
    erase: "UPDATE message_records SET identity = NULL",
}];

/// What is sealed under keys of senders.
pub const SEALED_FOR_INSTITUTIONS: &[PayloadTable] = &[
    PayloadTable {
        table: "messages",
        column: "payload",
        owner: "t.sender_tenant_id",
        joins: "",
        only: "true",
        sealed_as: payload_of,
    },
    PayloadTable {
        table: "messages",
        column: "digest",
        owner: "t.sender_tenant_id",
        joins: "",
        only: "true",
        sealed_as: digest_of,
    },
    PayloadTable {
        table: "message_records",
        column: "identity",
        owner: "m.sender_tenant_id",
        joins: "JOIN messages m ON m.tenant_id = t.tenant_id AND m.id = t.message_id",
        only: "t.person_id IS NULL",
        sealed_as: identity_of,
    },
];

/// What the payload of a message is sealed as.
fn payload_of(message: Uuid) -> String {
    format!("message {message}")
}

/// What the digest of a message is sealed as.
fn digest_of(message: Uuid) -> String {
    format!("message digest {message}")
}

/// What the identity of a record is sealed as under the key of the sender.
fn identity_of(record: Uuid) -> String {
    format!("message record {record}")
}

fn unsealed(error: impl std::fmt::Display) -> Problem {
    catalogue::INTERNAL.problem().because(error)
}

fn written(content: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(content).map_err(unsealed)
}

pub(super) fn seal_payload(tx: &Tx, sender: Uuid, message: Uuid, payload: &MessagePayload) -> Result<Vec<u8>, Problem> {
    tx.safe().vault.seal_payload(sender, &payload_of(message), &written(payload)?).map_err(unsealed)
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

/// The digest of a text, as it is stored: whoever has it could try numbers out, so it is sealed.
pub(super) fn seal_digest(tx: &Tx, message: Uuid, text: &str) -> Result<Vec<u8>, Problem> {
    tx.safe().vault.seal_payload(tx.tenant(), &digest_of(message), &digest(text.as_bytes())).map_err(unsealed)
}

/// Whether an own message was written as this text; none of before digests were sealed was.
pub(super) fn is_digest_of(tx: &Tx, message: Uuid, sealed: Option<&[u8]>, text: &str) -> Result<bool, Problem> {
    let Some(sealed) = sealed else { return Ok(false) };
    let stored = tx.safe().vault.open_payload(tx.tenant(), &digest_of(message), sealed).map_err(unsealed)?;
    Ok(stored == digest(text.as_bytes()))
}

/// Under whose key an identity is.
#[derive(Clone, Copy, Debug)]
pub(super) enum KeyOf {
    /// One of the people of a town.
    Person {
        /// The town.
        town: Uuid,
        /// The person.
        person: Uuid,
    },
    /// The sender, who keeps no people here.
    Sender(Uuid),
}

pub(super) fn seal_identity(tx: &Tx, key: KeyOf, record: Uuid, identity: &SubjectIdentity) -> Result<Vec<u8>, Problem> {
    let json = written(identity)?;
    let vault = &tx.safe().vault;
    match key {
        KeyOf::Person { town, person } => vault.seal(town, person, IDENTITY, &json),
        KeyOf::Sender(sender) => vault.seal_payload(sender, &identity_of(record), &json),
    }
    .map_err(unsealed)
}

/// Whom a record names; none where it names nobody, or the person's key was destroyed.
pub(super) fn open_identity(tx: &Tx, message: &MessageView, record: &StoredRecord) -> Result<Option<SubjectIdentity>, Problem> {
    let key = match record.person_id {
        Some(person) => KeyOf::Person { town: message.town_id, person },
        None => KeyOf::Sender(message.sender_id),
    };
    record.identity.as_ref().map_or(Ok(None), |sealed| open_under(tx, key, record.id, sealed))
}

/// An identity under a key; none where that key was destroyed.
pub(super) fn open_under(tx: &Tx, key: KeyOf, record: Uuid, sealed: &[u8]) -> Result<Option<SubjectIdentity>, Problem> {
    let vault = &tx.safe().vault;
    let opened = match key {
        KeyOf::Person { town, person } => vault.open(town, person, IDENTITY, sealed),
        KeyOf::Sender(sender) => vault.open_payload(sender, &identity_of(record), sealed),
    };
    let json = match opened {
        Err(SecretError::Destroyed) => return Ok(None),
        opened => opened.map_err(unsealed)?,
    };
    // The cause would show what was read.
    serde_json::from_slice(&json).map(Some).map_err(|_| unsealed("a stored identity cannot be read"))
}
