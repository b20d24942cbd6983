//! Calling systems: one role in one institution each.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use uuid::Uuid;

use crate::platform::caller::BUILT_IN;
use crate::platform::client_secrets::{hash_secret, new_client_secret};
use crate::platform::clock::new_id;
use crate::platform::policy::Role;
use crate::platform::types::{Nip, Regon, ShortText, Teryt};
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

/// Makes a client of the built-in issuer as the owner of the database; for the operator's command line.
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
    let secret = new_client_secret().map_err(|error| CreateError::Secret(error.to_string()))?;
    let hash = hash_secret(&secret).map_err(|error| CreateError::Secret(error.to_string()))?;
    let known: i64 = institutions::table.filter(institutions::id.eq(tenant)).count().get_result(owner)?;
    if known == 0 {
        return Err(CreateError::NoInstitution);
    }
    let id = id.unwrap_or_else(|| new_id(now));
    owner.batch_execute(&format!("SET app.tenant = '{tenant}'"))?;
    diesel::insert_into(clients::table)
        .values((
            clients::tenant_id.eq(tenant),
            clients::id.eq(id),
            clients::name.eq(name),
            clients::role.eq(role.as_str()),
            clients::issuer.eq(BUILT_IN),
            clients::subject.eq(id.to_string()),
            clients::secret_hash.eq(hash),
            clients::recorded_at.eq(now),
        ))
        .execute(owner)?;
    debug_assert!(!secret.expose_secret().is_empty());
    Ok(Credentials { client_id: id, client_secret: secret })
}
