//! Calling systems: one role in one institution each.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use thiserror::Error;
use utoipa::ToSchema;
use uuid::Uuid;

pub use super::client_keys::MOST_KEYS;
use super::client_keys::{PublicKeyMembers, usable};
use super::stored_role::StoredRole;
use super::{ALREADY_REVOKED, KEYS_OF_OUTSIDE, LAST_ADMINISTRATOR, OUTSIDE_SUBJECT, UNKNOWN_ISSUER};
use crate::platform::body::{Body, PathId};
use crate::platform::client_secrets::{hash_secret, new_client_secret};
use crate::platform::clock::new_id;
use crate::platform::db::{Tx, own};
use crate::platform::identity::BUILT_IN;
use crate::platform::identity::jwk::Jwk;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateClient, GetClient, ListClients, RevokeClient, Role};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{AssistantCode, LongText, Nip, Regon, ShortText, Teryt, count_between};
use crate::schema::{clients, institutions};

/// Why an operator's command could not make a client.
#[derive(Debug, Error)]
pub enum CreateError {
    /// The institution is unknown.
    #[error("no institution has this id")]
    NoInstitution,
    /// The store.
    #[error("the database refused: {0}")]
    Store(#[from] diesel::result::Error),
    /// No secret could be made.
    #[error("no secret could be made: {0}")]
    Secret(String),
}

/// Credentials of a new client, shown once.
pub struct Credentials {
    /// `client_id` at the token endpoint.
    pub client_id: Uuid,
    /// `client_secret`; kept as a hash only.
    pub client_secret: SecretString,
}

/// An institution that an operator registers together with its first client.
pub struct FirstInstitution<'a> {
    /// Id, or a new one.
    pub id: Option<Uuid>,
    /// Kind, as in the API.
    pub kind: &'a str,
    /// Name.
    pub name: &'a ShortText,
    /// TERYT code of its area.
    pub teryt: Option<&'a Teryt>,
    /// REGON number.
    pub regon: Option<&'a Regon>,
    /// NIP number.
    pub nip: Option<&'a Nip>,
}

/// Registers an institution as the owner of the database, before any client exists that could.
///
/// # Errors
/// [`CreateError::Store`].
pub fn register_institution(owner: &mut PgConnection, first: &FirstInstitution, now: DateTime<Utc>) -> Result<Uuid, CreateError> {
    let id = first.id.unwrap_or_else(|| new_id(now));
    diesel::insert_into(institutions::table)
        .values((
            institutions::id.eq(id),
            institutions::kind.eq(first.kind),
            institutions::name.eq(first.name),
            institutions::teryt.eq(first.teryt),
            institutions::regon.eq(first.regon),
            institutions::nip.eq(first.nip),
            institutions::recorded_at.eq(now),
        ))
        .execute(owner)?;
    Ok(id)
}

/// How a client that an operator makes proves who it is.
pub enum Proof<'a> {
    /// A secret, made here.
    Secret,
    /// Signatures with the private keys of these.
    Keys(&'a [Jwk]),
    /// Tokens of an outside issuer for this subject.
    Outside {
        /// Issuer.
        issuer: &'a ShortText,
        /// Subject there.
        subject: &'a ShortText,
    },
}

/// A client that an operator makes.
pub struct OperatorClient<'a> {
    /// Institution that it acts for.
    pub tenant: Uuid,
    /// Id, or a new one.
    pub id: Option<Uuid>,
    /// Name of the calling system.
    pub name: &'a ShortText,
    /// What it may do.
    pub role: Role,
    /// How it proves who it is.
    pub proof: Proof<'a>,
}

/// Makes a client with a secret as the owner of the database.
///
/// # Errors
/// [`CreateError`].
pub fn create_as_operator(
    owner: &mut PgConnection,
    tenant: Uuid,
    id: Option<Uuid>,
    name: &ShortText,
    role: Role,
    now: DateTime<Utc>,
) -> Result<Credentials, CreateError> {
    let client = OperatorClient { tenant, id, name, role, proof: Proof::Secret };
    let (client_id, secret) = insert_as_operator(owner, &client, now)?;
    let client_secret = secret.ok_or_else(|| CreateError::Secret("none was made".to_owned()))?;
    Ok(Credentials { client_id, client_secret })
}

/// Makes a client as the owner of the database, for the operator's command line; answers its id and its secret, if it has one.
///
/// # Errors
/// [`CreateError`].
pub fn insert_as_operator(
    owner: &mut PgConnection,
    client: &OperatorClient,
    now: DateTime<Utc>,
) -> Result<(Uuid, Option<SecretString>), CreateError> {
    let id = client.id.unwrap_or_else(|| new_id(now));
    let (own_subject, none) = (id.to_string(), &[][..]);
    let (issuer, subject, keys) = match &client.proof {
        Proof::Secret => (BUILT_IN, own_subject.as_str(), none),
        Proof::Keys(keys) => (BUILT_IN, own_subject.as_str(), *keys),
        Proof::Outside { issuer, subject } => (issuer.as_str(), subject.as_str(), none),
    };
    let failed = |error: &dyn std::fmt::Display| CreateError::Secret(error.to_string());
    let secret = matches!(client.proof, Proof::Secret).then(new_client_secret).transpose().map_err(|error| failed(&error))?;
    let hash = secret.as_ref().map(hash_secret).transpose().map_err(|error| failed(&error))?;
    let known: i64 = institutions::table.filter(institutions::id.eq(client.tenant)).count().get_result(owner)?;
    if known == 0 {
        return Err(CreateError::NoInstitution);
    }
    owner.batch_execute(&format!("SET app.tenant = '{}'", client.tenant))?;
    diesel::insert_into(clients::table)
        .values((
            clients::tenant_id.eq(client.tenant),
            clients::id.eq(id),
            clients::name.eq(client.name),
            clients::role.eq(client.role.as_str()),
            clients::issuer.eq(issuer),
            clients::subject.eq(subject),
            clients::secret_hash.eq(hash),
            clients::public_keys.eq(serde_json::to_value(keys).map_err(|error| failed(&error))?),
            clients::recorded_at.eq(now),
        ))
        .execute(owner)?;
    Ok((id, secret))
}

/// A client, as registered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "name": "System dziedzinowy OPS", "role": "coordinator" }))]
pub struct ClientBody {
    /// Name of the calling system.
    pub name: ShortText,
    /// What it may do.
    pub role: Role,
    /// The one host of a `host_supervisor`; without it such a client sees no hours at all.
    pub host_id: Option<Uuid>,
    /// The contractor whose classes a `facilitator` leads; without it such a client sees no classes.
    pub facilitator_partner_id: Option<Uuid>,
    /// The assistant with whose families a `family_assistant` works; without it such a client sees no family at all.
    pub assistant: Option<AssistantCode>,
    /// Outside issuer (`iss`) of its tokens; left out, this service issues them and makes a secret.
    pub issuer: Option<ShortText>,
    /// Subject (`sub`) of its tokens at the outside issuer.
    pub subject: Option<ShortText>,
    /// Public keys with which it signs its assertions (`private_key_jwt`); with them it gets no secret.
    #[serde(default, deserialize_with = "count_between::<0, MOST_KEYS, _, _>")]
    #[schema(max_items = 5)]
    pub public_keys: Vec<PublicKeyMembers>,
}

/// A client; its secret is not kept and cannot be read.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = clients)]
#[serde(rename_all = "camelCase")]
pub struct ClientView {
    /// Id; `client_id` at the token endpoint.
    pub id: Uuid,
    /// Name of the calling system.
    pub name: ShortText,
    /// What it may do.
    #[diesel(deserialize_as = StoredRole)]
    pub role: Role,
    /// The one host of a `host_supervisor`.
    pub host_id: Option<Uuid>,
    /// The contractor of a `facilitator`.
    pub facilitator_partner_id: Option<Uuid>,
    /// The assistant to whose families a `family_assistant` is narrowed.
    pub assistant: Option<AssistantCode>,
    /// Who issues its tokens: `built-in` or an outside issuer.
    pub issuer: ShortText,
    /// Subject of its tokens.
    pub subject: ShortText,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Why it was revoked.
    pub revocation_reason: Option<LongText>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for ClientView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

/// A new client with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientCreatedView {
    /// The client.
    #[serde(flatten)]
    pub client: ClientView,
    /// `client_secret` at the token endpoint; `null` for a client with keys of its own or of an outside issuer.
    #[serde(serialize_with = "show_once")]
    #[schema(value_type = Option<String>, max_length = 100)]
    pub client_secret: Option<SecretString>,
}

impl View for ClientCreatedView {
    fn version(&self) -> Option<i32> {
        self.client.version()
    }
}

/// The one place where a client's secret leaves the service.
#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
fn show_once<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(ExposeSecret::expose_secret).serialize(serializer)
}

/// Why a client is revoked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "reason": "Koniec umowy z dostawcą systemu" }))]
pub struct RevocationBody {
    /// Reason; no personal data.
    pub reason: Option<LongText>,
}

/// Registers a calling system.
///
/// Without keys of its own and an outside issuer the answer carries `clientSecret`, once: it is
/// kept only as a hash. A repeated call with the same Idempotency-Key shows it
/// again for as long as answers are kept.
#[utoipa::path(tag = "clients", request_body = ClientBody,
    responses((status = 201, body = ClientCreatedView, description = "The client and its secret")))]
#[post("/clients")]
async fn create_client(permit: Permit<CreateClient>, body: Body<ClientBody>) -> Result<Reply, Problem> {
    let service = permit.service();
    permit
        .write(body, move |tx, body| {
            // Client ids are unique over all institutions: one chosen by the caller would tell whether another has it.
            let id = tx.id_or_new(None);
            tx.touch("client", [id]);
            let (client, client_secret) = insert_client(tx, id, body, &service.gate.issuers.outside_names())?;
            Ok(Written::created(format!("/clients/{id}"), ClientCreatedView { client, client_secret }))
        })
        .await
}

/// Lists the clients of the institution, the revoked ones too.
#[utoipa::path(tag = "clients", params(PageQuery), responses((status = 200, body = Page<ClientView>, description = "A page of clients")))]
#[get("/clients")]
async fn list_clients(permit: Permit<ListClients>) -> Result<Reply, Problem> {
    permit.list(|client: &ClientView| client.id, select_clients).await
}

/// Reads a client, without its secret.
#[utoipa::path(tag = "clients", params(("id" = Uuid, Path, description = "Client")),
    responses((status = 200, body = ClientView, description = "The client")))]
#[get("/clients/{id}")]
async fn get_client(permit: Permit<GetClient>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_client(tx, id.0)).await
}

/// Revokes a client for good.
///
/// It gets no new token at once, and the process that takes the call refuses
/// the tokens that it holds from then on, others within 20 seconds. The last
/// administrator of an institution cannot be revoked.
#[utoipa::path(tag = "clients", params(("id" = Uuid, Path, description = "Client")), request_body = RevocationBody,
    responses((status = 200, body = ClientView, description = "The revoked client")))]
#[post("/clients/{id}/revocation")]
async fn revoke_client(permit: Permit<RevokeClient>, id: PathId, body: Body<RevocationBody>) -> Result<Reply, Problem> {
    let service = permit.service();
    let reply = permit
        .write(body, move |tx, body| {
            tx.touch("client", [id.0]);
            let administrators = lock_administrators(tx)?;
            let (current, revoked_at) = lock_client(tx, id.0)?;
            tx.expect_version(current)?;
            if revoked_at.is_some() {
                return Err(ALREADY_REVOKED.problem());
            }
            if administrators == [id.0] {
                return Err(LAST_ADMINISTRATOR.problem());
            }
            Ok(Written::changed(revoke(tx, id.0, body)?))
        })
        .await?;
    service.gate.forget(id.0);
    Ok(reply)
}

fn insert_client(
    tx: &mut Tx,
    id: Uuid,
    body: &ClientBody,
    issuers: &[&str],
) -> Result<(ClientView, Option<SecretString>), Problem> {
    let own_subject = id.to_string();
    let keys = body.public_keys.as_slice();
    let (issuer, subject) = match (&body.issuer, &body.subject) {
        (None, None) => (BUILT_IN, own_subject.as_str()),
        // The built-in issuer names its subjects itself: by the id of the client.
        (Some(issuer), _) if issuer.as_str() == BUILT_IN => return Err(OUTSIDE_SUBJECT.at("/issuer")),
        (Some(_), Some(_)) if !keys.is_empty() => return Err(KEYS_OF_OUTSIDE.at("/publicKeys")),
        (Some(issuer), Some(_)) if !issuers.contains(&issuer.as_str()) => return Err(unknown_issuer(issuers)),
        (Some(issuer), Some(subject)) => (issuer.as_str(), subject.as_str()),
        (Some(_), None) => return Err(OUTSIDE_SUBJECT.at("/subject")),
        (None, Some(_)) => return Err(OUTSIDE_SUBJECT.at("/issuer")),
    };
    let has_secret = issuer == BUILT_IN && keys.is_empty();
    let secret = has_secret.then(new_client_secret).transpose().map_err(internal)?;
    let hash = secret.as_ref().map(hash_secret).transpose().map_err(internal)?;
    let view = diesel::insert_into(clients::table)
        .values((
            clients::id.eq(id),
            clients::name.eq(&body.name),
            clients::role.eq(body.role.as_str()),
            clients::host_id.eq(body.host_id),
            clients::facilitator_partner_id.eq(body.facilitator_partner_id),
            clients::assistant.eq(&body.assistant),
            clients::issuer.eq(issuer),
            clients::subject.eq(subject),
            clients::secret_hash.eq(hash),
            clients::public_keys.eq(usable(keys, "/publicKeys")?),
        ))
        .returning(ClientView::as_returning())
        .get_result(tx.conn)?;
    Ok((view, secret))
}

/// Nobody here could verify the tokens of such an issuer: its client could never call.
fn unknown_issuer(known: &[&str]) -> Problem {
    let named = if known.is_empty() { "–".to_owned() } else { known.join(", ") };
    UNKNOWN_ISSUER.at("/issuer").with("issuers", named)
}

fn internal(error: impl std::fmt::Display) -> Problem {
    catalogue::INTERNAL.problem().because(error)
}

fn select_clients(tx: &mut Tx, window: Window) -> Result<Vec<ClientView>, Problem> {
    Ok(clients::table
        .filter(own(tx, clients::tenant_id))
        .filter(clients::id.gt(window.after))
        .order(clients::id)
        .limit(window.rows())
        .select(ClientView::as_select())
        .load(tx.conn)?)
}

fn find_client(tx: &mut Tx, id: Uuid) -> Result<ClientView, Problem> {
    Ok(clients::table
        .filter(own(tx, clients::tenant_id))
        .filter(clients::id.eq(id))
        .select(ClientView::as_select())
        .first(tx.conn)?)
}

pub(super) fn lock_client(tx: &mut Tx, id: Uuid) -> Result<(i32, Option<DateTime<Utc>>), Problem> {
    Ok(clients::table
        .filter(own(tx, clients::tenant_id))
        .filter(clients::id.eq(id))
        .select((clients::row_version, clients::revoked_at))
        .for_update()
        .first(tx.conn)?)
}

/// The administrators in force, locked so that two of them cannot revoke each other at once.
fn lock_administrators(tx: &mut Tx) -> Result<Vec<Uuid>, Problem> {
    Ok(clients::table
        .filter(own(tx, clients::tenant_id))
        .filter(clients::role.eq(Role::Administrator.as_str()))
        .filter(clients::revoked_at.is_null())
        .order(clients::id)
        .select(clients::id)
        .for_update()
        .load(tx.conn)?)
}

fn revoke(tx: &mut Tx, id: Uuid, body: &RevocationBody) -> Result<ClientView, Problem> {
    Ok(diesel::update(clients::table.filter(own(tx, clients::tenant_id)).filter(clients::id.eq(id)))
        .set((clients::revoked_at.eq(tx.now()), clients::revocation_reason.eq(&body.reason)))
        .returning(ClientView::as_returning())
        .get_result(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_client).service(list_clients).service(get_client).service(revoke_client);
}
