//! Public keys of clients that sign in with a signature instead of a secret.

use std::collections::HashSet;

use actix_web::{get, put};
use diesel::prelude::*;
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::clients::lock_client;
use super::{ALREADY_REVOKED, KEY_NOT_USABLE, KEYS_OF_OUTSIDE};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::hint::Hint;
use crate::platform::identity::BUILT_IN;
use crate::platform::identity::jwk::{Jwk, PublicKey};
use crate::platform::permit::Permit;
use crate::platform::policy::{GetClientKeys, SetClientKeys};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Text, count_between};
use crate::schema::clients;

/// Most keys of a client: the one in use, the next, and some of further machines.
pub const MOST_KEYS: usize = 5;

/// A public key as a JSON Web Key (RFC 7517): RSA, EC on P-256 or OKP on Ed25519.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicKeyMembers {
    /// Kind: `RSA`, `EC` or `OKP`.
    pub kty: Text<2, 3>,
    /// Id of the key, one of its own among the keys of the client.
    pub kid: Text<1, 100>,
    /// Algorithm: `RS256`, `ES256` or `EdDSA`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alg: Option<Text<1, 10>>,
    /// `sig`.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub use_: Option<Text<1, 3>>,
    /// Curve of an EC or OKP key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crv: Option<Text<1, 10>>,
    /// Modulus of an RSA key, base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<Text<1, 1400>>,
    /// Exponent of an RSA key, base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub e: Option<Text<1, 12>>,
    /// First coordinate of an EC key or the OKP key itself, base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<Text<1, 50>>,
    /// Second coordinate of an EC key, base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<Text<1, 50>>,
    /// Refused whatever it holds.
    #[serde(
        default,
        skip_serializing,
        alias = "p",
        alias = "q",
        alias = "dp",
        alias = "dq",
        alias = "qi",
        alias = "oth",
        alias = "k"
    )]
    #[schema(ignore)]
    pub d: NoPrivatePart,
}

/// Stands where a private or secret key has its private members: who sends one is told so.
#[derive(Debug, Default)]
pub struct NoPrivatePart;

impl<'de> Deserialize<'de> for NoPrivatePart {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom(Hint::new(
            "jest częścią prywatną klucza: nie wolno jej wysyłać; wytwórz nową parę i podaj tylko część publiczną",
            "is the private part of the key and must never be sent: make a new pair and give its public part only",
        )))
    }
}

/// The keys of a client, as replaced.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "2026-06", "alg": "EdDSA", "use": "sig",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] }))]
pub struct ClientKeysBody {
    /// The keys; during a change of keys both the old and the new one.
    #[serde(deserialize_with = "count_between::<1, MOST_KEYS, _, _>")]
    #[schema(min_items = 1, max_items = 5)]
    pub keys: Vec<PublicKeyMembers>,
}

/// The keys of a client.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientKeysView {
    /// The keys; empty where the client has a secret or an outside issuer.
    #[schema(max_items = 5)]
    pub keys: Vec<PublicKeyMembers>,
    /// Version of the client, as in the ETag.
    #[schema(minimum = 1)]
    pub version: i32,
}

impl View for ClientKeysView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

/// Reads the public keys of a client.
#[utoipa::path(tag = "clients", params(("id" = Uuid, Path, description = "Client")),
    responses((status = 200, body = ClientKeysView, description = "The keys")))]
#[get("/clients/{id}/public-keys")]
async fn get_client_keys(permit: Permit<GetClientKeys>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| view_keys(tx, id.0)).await
}

/// Replaces the public keys of a client.
///
/// From then on it signs in with assertions signed by one of them (`private_key_jwt`) and no
/// longer with a secret. A removed key is refused at once; tokens that it has got stay valid until
/// they expire. The keys are part of the client: If-Match names the version of the client.
#[utoipa::path(tag = "clients", request_body = ClientKeysBody, params(("id" = Uuid, Path, description = "Client")),
    responses((status = 200, body = ClientKeysView, description = "The keys as they are now")))]
#[put("/clients/{id}/public-keys")]
async fn set_client_keys(permit: Permit<SetClientKeys>, id: PathId, body: Body<ClientKeysBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("client", [id.0]);
            let (current, revoked_at) = lock_client(tx, id.0)?;
            tx.expect_version(current)?;
            if revoked_at.is_some() {
                return Err(ALREADY_REVOKED.problem());
            }
            replace_keys(tx, id.0, &body.keys)?;
            Ok(Written::changed(view_keys(tx, id.0)?))
        })
        .await
}

fn replace_keys(tx: &mut Tx, client: Uuid, keys: &[PublicKeyMembers]) -> Result<(), Problem> {
    let keys = usable(keys, "/keys")?;
    let own_client = clients::table.filter(own(tx, clients::tenant_id)).filter(clients::id.eq(client));
    let changed = diesel::update(own_client.filter(clients::issuer.eq(BUILT_IN)))
        .set((clients::public_keys.eq(keys), clients::secret_hash.eq(None::<String>)))
        .execute(tx.conn)?;
    if changed == 0 { Err(KEYS_OF_OUTSIDE.problem()) } else { Ok(()) }
}

/// The keys as they are stored, after a look at each of them.
pub(super) fn usable(keys: &[PublicKeyMembers], pointer: &str) -> Result<Value, Problem> {
    let mut ids = HashSet::new();
    for (place, key) in keys.iter().enumerate() {
        let at = |hint: Hint| KEY_NOT_USABLE.problem().and(format!("{pointer}/{place}"), &KEY_NOT_USABLE, Some(hint));
        let jwk: Jwk = serde_json::to_value(key)
            .and_then(serde_json::from_value)
            .map_err(|_| at(Hint::new("nie jest kluczem", "is not a key")))?;
        PublicKey::of(&jwk).map_err(|error| at(error.hint()))?;
        if !ids.insert(key.kid.as_str()) {
            return Err(at(Hint::new("ma kid innego klucza", "has the kid of another key")));
        }
    }
    stored(keys)
}

fn stored(keys: &[PublicKeyMembers]) -> Result<Value, Problem> {
    serde_json::to_value(keys).map_err(|error| catalogue::INTERNAL.problem().because(error))
}

fn view_keys(tx: &mut Tx, client: Uuid) -> Result<ClientKeysView, Problem> {
    let (keys, version): (Value, i32) = clients::table
        .filter(own(tx, clients::tenant_id))
        .filter(clients::id.eq(client))
        .select((clients::public_keys, clients::row_version))
        .first(tx.conn)?;
    let keys = serde_json::from_value(keys).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    Ok(ClientKeysView { keys, version })
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_client_keys).service(set_client_keys);
}
