//! Encryption of personal data at rest and the blind indexes that find it again.
//!
//! Envelope: key-encryption key (ring) → tenant key (derived) → person key (key store). Destroying
//! a person key makes every value sealed for that person unreadable, in old backups too.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::{digest, hmac};
use metrics::counter;
use secrecy::zeroize::Zeroizing;
use uuid::Uuid;

use super::keys::{KEY_LEN, KeyId, KeyList, KeyRing, derive_for_tenant};
use super::person_keys::{PersonKeyError, PersonKeys};
use super::sealing::{Kind, Place, TenantKeys, key_id_of};

pub use super::sealing::SealError;

/// Length of a blind index value. **Units**: bytes.
pub const INDEX_LEN: usize = 32;

/// Counts looks at people whose key is lost or damaged.
pub const UNREADABLE: &str = "people_unreadable_total";

/// Why a secret could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The person's key was destroyed (erasure); the value is gone for good.
    #[error("the person's key was destroyed")]
    Destroyed,
    /// The key store has no key of this person.
    #[error("the key store has no key of this person")]
    NoKey,
    /// The value is damaged, foreign, or of an unknown key.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The key store failed.
    #[error(transparent)]
    Store(PersonKeyError),
}

impl From<PersonKeyError> for SecretError {
    fn from(error: PersonKeyError) -> Self {
        match error {
            PersonKeyError::Destroyed => Self::Destroyed,
            other => Self::Store(other),
        }
    }
}

/// Seals and opens personal data and stored answers.
pub struct Vault {
    tenants: TenantKeys,
    people: Arc<dyn PersonKeys>,
    reported: Mutex<HashSet<Uuid>>,
}

impl Vault {
    /// Combines the key ring with a store of person keys.
    pub fn new(ring: Arc<KeyRing>, people: Arc<dyn PersonKeys>) -> Self {
        Self { tenants: TenantKeys::new(ring), people, reported: Mutex::default() }
    }

    /// Seals one field of a person, making the person's key on first use.
    ///
    /// # Errors
    /// [`SecretError::Destroyed`] after erasure, [`SecretError::Store`] when the key store fails.
    pub fn seal(&self, tenant: Uuid, person: Uuid, field: &str, plaintext: &[u8]) -> Result<Vec<u8>, SecretError> {
        let key = self.people.get_or_create(tenant, person)?;
        Ok(key.sealing_key()?.seal(&person_field(tenant, person, field), plaintext)?)
    }

    /// Makes the keys of many people with one wait for the disk, so that sealing for each of them has none.
    ///
    /// # Errors
    /// As [`Vault::seal`]; then nobody got one.
    pub fn make_keys(&self, tenant: Uuid, people: &[Uuid]) -> Result<(), SecretError> {
        Ok(self.people.create_all(tenant, people)?)
    }

    /// Opens one field of a person.
    ///
    /// # Errors
    /// [`SecretError::Destroyed`] after erasure, [`SecretError::NoKey`] when the store never had
    /// or lost the key, [`SecretError::Seal`] when the value does not belong here.
    pub fn open(&self, tenant: Uuid, person: Uuid, field: &str, sealed: &[u8]) -> Result<Vec<u8>, SecretError> {
        let id = key_id_of(sealed)?;
        let key = self.people.find(tenant, person, id)?.ok_or(SecretError::NoKey)?;
        Ok(key.sealing_key()?.open(&person_field(tenant, person, field), sealed)?)
    }

    /// Seals a field again under the person's newest key; nothing when it is sealed under that already.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn reseal(&self, tenant: Uuid, person: Uuid, field: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, SecretError> {
        let newest = self.people.get(tenant, person)?.ok_or(SecretError::NoKey)?;
        if key_id_of(sealed)? == newest.id() {
            return Ok(None);
        }
        let plain = Zeroizing::new(self.open(tenant, person, field, sealed)?);
        Ok(Some(newest.sealing_key()?.seal(&person_field(tenant, person, field), &plain)?))
    }

    /// Seals a payload again under the current key.
    ///
    /// # Errors
    /// As [`Vault::open_payload`].
    pub fn reseal_payload(&self, tenant: Uuid, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, SecretError> {
        let plain = Zeroizing::new(self.open_payload(tenant, purpose, sealed)?);
        self.seal_payload(tenant, purpose, &plain)
    }

    /// Tells the operator of a person whose values cannot be read: each time in a counter, once in the log.
    pub fn report_unreadable(&self, tenant: Uuid, person: Uuid, cause: &str) {
        counter!(UNREADABLE).increment(1);
        let is_new = self.reported.lock().unwrap_or_else(PoisonError::into_inner).insert(person);
        if is_new {
            tracing::error!(%tenant, %person, cause, "the data of a person cannot be read; see `pai keys check`");
        }
    }

    /// Destroys the person's key: what was sealed for the person can never be opened again.
    ///
    /// # Errors
    /// [`SecretError::Store`] when the key store fails; the key may then still exist.
    pub fn destroy(&self, tenant: Uuid, person: Uuid) -> Result<(), SecretError> {
        Ok(self.people.destroy(tenant, person)?)
    }

    /// Whether the person's key was destroyed.
    ///
    /// # Errors
    /// [`SecretError::Store`] when the key store fails.
    pub fn is_erased(&self, tenant: Uuid, person: Uuid) -> Result<bool, SecretError> {
        match self.people.get(tenant, person) {
            Ok(_) => Ok(false),
            Err(PersonKeyError::Destroyed) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// Seals data of a tenant that belongs to no single person, such as a stored answer.
    ///
    /// # Errors
    /// [`SecretError::Seal`] when the cipher fails.
    pub fn seal_payload(&self, tenant: Uuid, purpose: &str, bytes: &[u8]) -> Result<Vec<u8>, SecretError> {
        let key = self.tenants.current(tenant)?;
        Ok(key.seal(&payload(tenant, purpose), bytes)?)
    }

    /// Opens data sealed by [`Vault::seal_payload`].
    ///
    /// # Errors
    /// [`SecretError::Seal`] when the value does not belong to this tenant and purpose.
    pub fn open_payload(&self, tenant: Uuid, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, SecretError> {
        let key = self.tenants.for_sealed(tenant, sealed)?;
        Ok(key.open(&payload(tenant, purpose), sealed)?)
    }
}

fn person_field(tenant: Uuid, person: Uuid, field: &str) -> Place<'_> {
    Place { kind: Kind::PersonField, tenant, person, name: field.as_bytes() }
}

fn payload(tenant: Uuid, purpose: &str) -> Place<'_> {
    Place { kind: Kind::Payload, tenant, person: Uuid::nil(), name: purpose.as_bytes() }
}

/// Keyed digests by which equal values are found without being readable.
pub struct BlindIndex {
    ring: Arc<KeyRing>,
    participation: Vec<hmac::Key>,
}

impl BlindIndex {
    /// Takes the index keys of the ring.
    pub fn new(ring: Arc<KeyRing>) -> Self {
        let participation = ring.participation_index.iter().map(|key| hmac::Key::new(hmac::HMAC_SHA256, key.expose())).collect();
        Self { ring, participation }
    }

    /// Ids of the keys that new values of a tenant's and of the deployment's index are made with.
    pub fn key_ids(&self) -> (KeyId, KeyId) {
        (self.ring.blind_index.current().id(), self.ring.participation_index.current().id())
    }

    /// The index of one tenant; values of different tenants cannot be compared.
    pub fn for_tenant(&self, tenant: Uuid) -> TenantIndex {
        TenantIndex { keys: tenant_index_keys(&self.ring.blind_index, tenant) }
    }

    /// The key of two institutions, whichever of them asks; nothing where the ring has no key of this id.
    pub fn for_pair(&self, first: Uuid, second: Uuid, id: Option<&str>) -> Option<PairKey> {
        let masters = &self.ring.blind_index;
        let master = match id {
            None => masters.current(),
            Some(id) => masters.iter().find(|key| key.id().to_string() == id)?,
        };
        let between = derive_for_tenant(master, &format!("reconciliation {first}"), second);
        Some(PairKey { id: master.id(), bytes: between })
    }

    /// Deployment-wide index of a PESEL, only for the audited question "takes part elsewhere?".
    pub fn participation_index(&self, pesel: &str) -> [u8; INDEX_LEN] {
        index_value(&self.participation[0], "pesel", pesel)
    }

    /// The deployment-wide index under every key, the current one first, for looking up while a
    /// rotation is under way.
    pub fn participation_candidates(&self, pesel: &str) -> Vec<[u8; INDEX_LEN]> {
        candidates(&self.participation, "pesel", pesel)
    }
}

/// A key that two institutions share, and nobody else.
pub struct PairKey {
    /// Id of the key of the ring that it is derived from.
    pub id: KeyId,
    bytes: Zeroizing<[u8; KEY_LEN]>,
}

impl PairKey {
    /// The secret itself.
    pub fn expose(&self) -> &[u8] {
        self.bytes.as_slice()
    }
}

/// The blind index of one tenant.
pub struct TenantIndex {
    keys: Vec<hmac::Key>,
}

impl TenantIndex {
    /// Index of a value in its normal form; `kind` keeps equal texts of different kinds apart.
    pub fn of(&self, kind: &str, normalised: &str) -> [u8; INDEX_LEN] {
        index_value(&self.keys[0], kind, normalised)
    }

    /// Index under every key, the current one first, for looking up while a rotation is under way.
    pub fn candidates(&self, kind: &str, normalised: &str) -> Vec<[u8; INDEX_LEN]> {
        candidates(&self.keys, kind, normalised)
    }
}

fn tenant_index_keys(masters: &KeyList, tenant: Uuid) -> Vec<hmac::Key> {
    masters
        .iter()
        .map(|master| derive_for_tenant(master, "blind index", tenant))
        .map(|key| hmac::Key::new(hmac::HMAC_SHA256, key.as_slice()))
        .collect()
}

fn candidates(keys: &[hmac::Key], kind: &str, value: &str) -> Vec<[u8; INDEX_LEN]> {
    keys.iter().map(|k| index_value(k, kind, value)).collect()
}

fn index_value(key: &hmac::Key, kind: &str, value: &str) -> [u8; INDEX_LEN] {
    let mut context = hmac::Context::with_key(key);
    // The length first, so that no kind and value run into another pair.
    context.update(&(kind.len() as u64).to_be_bytes());
    context.update(kind.as_bytes());
    context.update(value.as_bytes());
    let mut index = [0; INDEX_LEN];
    index.copy_from_slice(context.sign().as_ref());
    index
}

/// SHA-256 of some bytes.
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    let mut value = [0; 32];
    value.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    value
}

/// SHA-256 of some bytes in lower-case hexadecimal.
pub fn digest_hex(bytes: &[u8]) -> String {
    hexadecimal(&digest(bytes))
}

/// Bytes in lower-case hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
