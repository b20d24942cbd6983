//! The two sides of a reconciliation, and the key that only they have.

use std::fmt;
use std::str::FromStr;

use actix_web::post;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;
use diesel::sql_types::Binary;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{KEY_UNKNOWN, NOT_A_SIDE, OWN_INSTITUTION};
use crate::institutions::is_labour_office;
use crate::platform::body::Body;
use crate::platform::db::Tx;
use crate::platform::permit::Permit;
use crate::platform::policy::{IssueReconciliationKey, Role};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::secrets::{PairKey, hexadecimal};
use crate::platform::types::{InvalidValue, Pesel, StringSchema, Text, json_from_text, json_to_text, stored_as};
use crate::schema::institutions;

/// Id of a key, as the key ring names it.
pub(super) type KeyName = Text<8, 8>;

/// A person, as two institutions know each other's people: HMAC-SHA-256 of the PESEL under the key of the pair.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = Binary)]
pub struct Pseudonym(Vec<u8>);

fn not_a_pseudonym() -> InvalidValue {
    InvalidValue::new("musi mieć 64 małe cyfry szesnastkowe", "must be 64 lower-case hexadecimal digits")
}

impl TryFrom<Vec<u8>> for Pseudonym {
    type Error = InvalidValue;

    fn try_from(bytes: Vec<u8>) -> Result<Self, InvalidValue> {
        if bytes.len() == 32 { Ok(Self(bytes)) } else { Err(not_a_pseudonym()) }
    }
}

impl FromStr for Pseudonym {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let is_hexadecimal = text.len() == 64 && text.bytes().all(|sign| matches!(sign, b'0'..=b'9' | b'a'..=b'f'));
        if !is_hexadecimal {
            return Err(not_a_pseudonym());
        }
        let byte = |place: usize| u8::from_str_radix(&text[place..place + 2], 16).map_err(|_| not_a_pseudonym());
        (0..64).step_by(2).map(byte).collect::<Result<Vec<u8>, _>>().map(Self)
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hexadecimal(&self.0))
    }
}

json_from_text!(
    Pseudonym,
    StringSchema {
        description: "A person, as two institutions know each other's people: HMAC-SHA-256 of the eleven digits of the PESEL under the key of the pair.".into(),
        pattern: "^[0-9a-f]{64}$".into(),
        min_length: 64,
        max_length: 64,
        format: None,
        example: "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0",
    }
);
json_to_text!(Pseudonym);
stored_as!(Pseudonym, Binary, Vec<u8>);

impl Pseudonym {
    /// The pseudonym of a person under a key.
    pub(super) fn of(key: &PairKey, pesel: &Pesel) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose());
        Self(hmac::sign(&key, pesel.expose().as_bytes()).as_ref().to_vec())
    }
}

/// Refuses a client that acts for no side, and an institution that would be both sides.
pub(super) fn expect_sides(tx: &mut Tx, other: Uuid, pointer: &str) -> Result<(), Problem> {
    expect_own_side(tx)?;
    if other == tx.tenant() {
        return Err(OWN_INSTITUTION.at(pointer));
    }
    Ok(())
}

/// Refuses an officer of a labour office who is a client of somebody else's.
pub(super) fn expect_own_side(tx: &mut Tx) -> Result<(), Problem> {
    if tx.caller.role != Role::PupOfficer {
        return Ok(());
    }
    let tenant = tx.tenant();
    if is_labour_office(tx, tenant)? { Ok(()) } else { Err(NOT_A_SIDE.problem()) }
}

/// Lets statements and signatures of the two institutions follow one another, whichever of them calls.
pub(super) fn queue_for_pair(tx: &mut Tx, other: Uuid) -> Result<(), Problem> {
    let (first, second) = in_order(tx.tenant(), other);
    tx.wait_in_turn(&[b"reconciliation", first.as_bytes(), second.as_bytes()])
}

fn in_order(one: Uuid, other: Uuid) -> (Uuid, Uuid) {
    (one.min(other), one.max(other))
}

/// The key of the two institutions with this id, or the current one.
///
/// # Errors
/// `reconciliation.key_unknown` at `/keyId`.
pub(super) fn key_of_pair(tx: &Tx, other: Uuid, id: Option<&str>) -> Result<PairKey, Problem> {
    let (first, second) = in_order(tx.tenant(), other);
    tx.safe().index.for_pair(first, second, id).ok_or_else(|| KEY_UNKNOWN.at("/keyId"))
}

/// Whether pseudonyms can still be made with a key that a statement names: not once it was exchanged and removed.
pub(super) fn is_in_use(tx: &Tx, other: Uuid, id: &str) -> bool {
    let (first, second) = in_order(tx.tenant(), other);
    tx.safe().index.for_pair(first, second, Some(id)).is_some()
}

/// For whom a key is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "institutionId": crate::platform::examples::LABOUR_OFFICE }))]
pub struct ReconciliationKeyBody {
    /// Institution on the other side.
    pub institution_id: Uuid,
    /// An earlier key, as a statement of the other side names it; the current one when left out.
    pub key_id: Option<KeyName>,
}

/// The key of two institutions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReconciliationKeyView {
    /// Institution on the other side.
    pub institution_id: Uuid,
    /// Its id, for statements.
    #[schema(max_length = 8)]
    pub key_id: String,
    /// The key itself, 32 bytes in base64. A secret of these two institutions.
    #[schema(max_length = 44)]
    pub key: String,
    /// How a pseudonym is made with it.
    #[schema(max_length = 200)]
    pub method: &'static str,
}

impl View for ReconciliationKeyView {}

/// Issues the key with which two institutions make pseudonyms of their people.
///
/// Both sides get the same key, and nobody else does. It changes when the operator exchanges the keys of the service;
/// earlier ones can be asked for by their id as long as they are in the ring. A pseudonym is the HMAC-SHA-256 of the
/// eleven digits of a PESEL under this key, in lower-case hexadecimal. Every issue is in the access register.
#[utoipa::path(tag = "reconciliation-keys", request_body = ReconciliationKeyBody,
    responses((status = 200, body = ReconciliationKeyView, description = "The key")))]
#[post("/reconciliation-keys")]
async fn issue_reconciliation_key(
    permit: Permit<IssueReconciliationKey>,
    body: Body<ReconciliationKeyBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            tx.touch("reconciliationKey", [body.institution_id]);
            expect_sides(tx, body.institution_id, "/institutionId")?;
            let known: i64 = institutions::table.filter(institutions::id.eq(body.institution_id)).count().get_result(tx.conn)?;
            if known == 0 {
                return Err(catalogue::REFERENCE_NOT_FOUND.at("/institutionId"));
            }
            let key = key_of_pair(tx, body.institution_id, body.key_id.as_ref().map(AsRef::as_ref))?;
            Ok(Written::changed(ReconciliationKeyView {
                institution_id: body.institution_id,
                key_id: key.id.to_string(),
                key: STANDARD.encode(key.expose()),
                method: "HMAC-SHA-256(key, PESEL), lower-case hexadecimal",
            }))
        })
        .await
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(issue_reconciliation_key);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudonyms_are_read_in_one_spelling_only() {
        let text = "0f".repeat(32);
        let pseudonym: Pseudonym = text.parse().expect("a pseudonym");
        assert_eq!(pseudonym.to_string(), text);
        for wrong in ["", "0f", &"0F".repeat(32), &"0g".repeat(32), &"0f".repeat(33), &"ż".repeat(32)] {
            assert!(wrong.parse::<Pseudonym>().is_err(), "{wrong}");
        }
    }
}
