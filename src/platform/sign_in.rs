//! How a client of the built-in issuer proves who it is: with its secret or with a signature.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::hmac;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::caller::{ClientRow, find_client};
use super::clock::Clock;
use super::db::{Db, Tx, own};
use super::identity::BUILT_IN;
use super::identity::assertion::{Assertion, AssertionError};
use super::identity::jwk::Jwk;
use super::keys::{KeyError, random_bytes};
use super::problem::{Problem, catalogue};
use super::rate_limit::{Quota, RateLimit};
use super::secret_checks::SecretChecks;
use crate::schema::{clients, used_assertions};

/// Wrong secrets for one client from one address: enough for a typing person, too few to guess.
const OF_CLIENT: Quota = Quota { name: "sign-in", limit: 10, window: TimeDelta::minutes(1) };
/// Failed sign-ins from one address, whoever is named: each costs the work of a password hash.
const OF_ADDRESS: Quota = Quota { name: "sign-in-address", limit: 120, window: TimeDelta::minutes(1) };
/// Clients whose secret is known to be right, remembered at a time.
const REMEMBERED: usize = 10_000;

/// Counts failed sign-ins and recognises clients that have signed in before.
///
/// The limits count per client and address, so nobody can lock a client out from elsewhere. Where an attacker shares
/// the client's address, as behind a proxy, a secret that was right before passes without being counted.
pub struct SignIns {
    of_client: RateLimit<(Uuid, IpAddr)>,
    of_address: RateLimit<IpAddr>,
    known: KnownSecrets,
    checks: SecretChecks,
}

impl SignIns {
    /// Nothing counted, nobody known.
    ///
    /// # Errors
    /// [`KeyError::Random`] when the system has no randomness.
    pub fn new(clock: &Clock, checks: SecretChecks) -> Result<Self, KeyError> {
        Ok(Self {
            checks,
            of_client: RateLimit::new(OF_CLIENT, clock.clone()),
            of_address: RateLimit::new(OF_ADDRESS, clock.clone()),
            known: KnownSecrets::new()?,
        })
    }

    /// The client with this secret, if it is right.
    ///
    /// # Errors
    /// `platform.too_many_requests`; `platform.unavailable` when too many sign in at the same moment.
    pub(crate) async fn with_secret(
        &self,
        db: &Db,
        client: Uuid,
        secret: SecretString,
        address: IpAddr,
    ) -> Result<Option<Uuid>, Problem> {
        if self.known.might_be(client, &secret) {
            let found = self.if_right(db, client, secret).await?;
            if found.is_none() {
                self.known.forget(client);
                self.count(client, address)?;
            }
            return Ok(found);
        }
        self.count(client, address)?;
        let found = self.if_right(db, client, secret).await;
        match &found {
            Ok(Some(_)) => self.forget(client, address),
            Ok(None) => {}
            // Nobody knows whether it was right.
            Err(_) => {
                self.of_client.take_back(&(client, address));
                self.of_address.take_back(&address);
            }
        }
        found
    }

    /// As [`Self::with_secret`], uncounted. A place for the comparison comes before a thread of the store.
    async fn if_right(&self, db: &Db, client: Uuid, secret: SecretString) -> Result<Option<Uuid>, Problem> {
        let place = if self.known.might_be(client, &secret) { None } else { Some(self.checks.place().await?) };
        let row = db.without_tenant(move |conn| find_client(conn, BUILT_IN, &client.to_string())).await?;
        let stored = row.as_ref().and_then(|row| row.secret_hash.clone());
        if !self.known.is(client, &secret, stored.as_deref()) {
            let place = match place {
                Some(place) => place,
                None => self.checks.place().await?,
            };
            // Compared for unknown clients too, so that the time taken says nothing.
            if !self.checks.matches(&place, secret.clone(), stored.clone()).await? {
                return Ok(None);
            }
        }
        let Some(ClientRow { caller, revoked_at: None, .. }) = row else { return Ok(None) };
        if let Some(hash) = stored {
            self.known.remember(client, &secret, hash);
        }
        Ok(Some(caller.client))
    }

    /// The client that has signed this assertion, if it has done so for the first time.
    ///
    /// # Errors
    /// `platform.too_many_requests`.
    pub(crate) async fn with_assertion(&self, db: &Db, presented: Presented, address: IpAddr) -> Result<Option<Uuid>, Problem> {
        let now = db.clock.now();
        // Before its signature is verified, an assertion says nothing about the client that it names.
        self.of_address.count(address)?;
        let client = match presented.read(now) {
            Ok(assertion) => assertion.client,
            Err(error) => {
                tracing::debug!(%error, "refused");
                return Ok(None);
            }
        };
        let row = db.without_tenant(move |conn| find_client(conn, BUILT_IN, &client.to_string())).await?;
        let Some(ClientRow { caller, revoked_at: None, .. }) = row else { return Ok(None) };
        let proven = db
            .transaction(Arc::new(caller), true, move |tx| {
                let Ok(assertion) = presented.read(now) else { return Ok(false) };
                Ok(assertion.is_signed_by(&public_keys(tx)?) && use_once(tx, &assertion)?)
            })
            .await?;
        if proven {
            self.of_address.take_back(&address);
        }
        Ok(proven.then_some(client))
    }

    /// Counted as failed until it has succeeded, so that many at once are no way around the limit.
    fn count(&self, client: Uuid, address: IpAddr) -> Result<(), Problem> {
        self.of_address.count(address)?;
        self.of_client.count((client, address))
    }

    fn forget(&self, client: Uuid, address: IpAddr) {
        self.of_client.forget(&(client, address));
        self.of_address.take_back(&address);
    }
}

/// An assertion as it was sent to the token endpoint.
pub(crate) struct Presented {
    /// The signed text.
    pub text: String,
    /// The client that the form names besides.
    pub claimed: Option<String>,
    /// For whom it may be meant.
    pub audiences: Vec<String>,
}

impl Presented {
    fn read(&self, now: DateTime<Utc>) -> Result<Assertion<'_>, AssertionError> {
        let assertion = Assertion::read(&self.text, &self.audiences, now)?;
        let claimed = self.claimed.as_deref().map(Uuid::parse_str);
        if claimed.is_some_and(|claimed| claimed != Ok(assertion.client)) {
            Err(AssertionError::OTHER_CLIENT)
        } else {
            Ok(assertion)
        }
    }
}

/// The keys of the client that signs in.
fn public_keys(tx: &mut Tx) -> Result<Vec<Jwk>, Problem> {
    let keys: serde_json::Value = clients::table
        .filter(own(tx, clients::tenant_id))
        .filter(clients::id.eq(tx.caller.client))
        .select(clients::public_keys)
        .first(tx.conn)?;
    serde_json::from_value(keys).map_err(|error| catalogue::INTERNAL.problem().because(error))
}

/// Notes that an assertion was used; not so where it was before, on this replica or another.
fn use_once(tx: &mut Tx, assertion: &Assertion<'_>) -> Result<bool, Problem> {
    let client = tx.caller.client;
    diesel::delete(
        used_assertions::table
            .filter(own(tx, used_assertions::tenant_id))
            .filter(used_assertions::client_id.eq(client))
            .filter(used_assertions::expires_at.le(tx.now())),
    )
    .execute(tx.conn)?;
    let used = diesel::insert_into(used_assertions::table)
        .values((
            used_assertions::id_hash.eq(assertion.id_digest.as_slice()),
            used_assertions::expires_at.eq(assertion.forgotten_at),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    Ok(used == 1)
}

/// Secrets that were right, as keyed hashes that mean nothing outside this process.
struct KnownSecrets {
    key: hmac::Key,
    clients: Mutex<HashMap<Uuid, (hmac::Tag, String)>>,
}

impl KnownSecrets {
    fn new() -> Result<Self, KeyError> {
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, &random_bytes::<32>()?), clients: Mutex::default() })
    }

    fn entry(&self, client: Uuid) -> Option<(hmac::Tag, String)> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).get(&client).cloned()
    }

    /// Whether the secret was right before; the stored hash may have changed since.
    fn might_be(&self, client: Uuid, secret: &SecretString) -> bool {
        let tag =
            |(tag, _): (hmac::Tag, String)| hmac::verify(&self.key, secret.expose_secret().as_bytes(), tag.as_ref()).is_ok();
        self.entry(client).is_some_and(tag)
    }

    /// Whether the secret was right for this very hash.
    fn is(&self, client: Uuid, secret: &SecretString, stored: Option<&str>) -> bool {
        self.might_be(client, secret) && self.entry(client).is_some_and(|(_, hash)| Some(hash.as_str()) == stored)
    }

    fn remember(&self, client: Uuid, secret: &SecretString, hash: String) {
        let tag = hmac::sign(&self.key, secret.expose_secret().as_bytes());
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= REMEMBERED {
            clients.clear();
        }
        clients.insert(client, (tag, hash));
    }

    fn forget(&self, client: Uuid) {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).remove(&client);
    }
}
