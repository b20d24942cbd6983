//! Authenticated encryption bound to its place, and the tenant keys derived from the ring.
//!
//! Sealed form: version (1 byte), key id (4), nonce (12), ciphertext, tag (16). The place (tenant,
//! person, name) is associated data: a value copied into another row does not open.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use uuid::Uuid;

use super::keys::{KEY_LEN, KeyId, KeyRing, derive_for_tenant};

const VERSION: u8 = 1;
const HEADER_LEN: usize = 1 + 4 + NONCE_LEN;
const TAG_LEN: usize = 16;

/// Bytes that sealing adds to a plaintext.
pub(crate) const OVERHEAD: usize = HEADER_LEN + TAG_LEN;

/// Why something could not be sealed or opened; deliberately says little about a forgery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not the form of a sealed value, or made by an unknown version.
    #[error("not a sealed value")]
    Malformed,
    /// Sealed under a key that is not in the ring, or of another person key.
    #[error("sealed under unknown key {0}")]
    UnknownKey(KeyId),
    /// Changed, or taken from another tenant, person or field.
    #[error("sealed value does not authenticate")]
    NotAuthentic,
    /// The cipher or the random generator failed.
    #[error("sealing failed")]
    Failed,
}

/// What kind of thing is sealed; keeps values of different kinds from being exchanged.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// A field of a person.
    PersonField = 1,
    /// A stored answer or message of a tenant.
    Payload = 2,
    /// A person key in the key store.
    PersonKey = 3,
    /// The mark of a destroyed person key.
    Destroyed = 4,
}

/// The place a sealed value belongs to.
pub(crate) struct Place<'a> {
    pub kind: Kind,
    pub tenant: Uuid,
    pub person: Uuid,
    pub name: &'a [u8],
}

impl Place<'_> {
    fn associated_data(&self, key: KeyId) -> Vec<u8> {
        let mut data = Vec::with_capacity(38 + self.name.len());
        data.extend([VERSION, self.kind as u8]);
        data.extend(self.tenant.as_bytes());
        data.extend(self.person.as_bytes());
        data.extend(key.to_bytes());
        // Last, because it alone varies in length.
        data.extend(self.name);
        data
    }
}

/// A key ready for sealing, with the id that is written in front of every value.
pub(crate) struct SealingKey {
    id: KeyId,
    key: RandomizedNonceKey,
}

impl SealingKey {
    pub(crate) fn new(id: KeyId, bytes: &[u8; KEY_LEN]) -> Result<Self, SealError> {
        let key = RandomizedNonceKey::new(&AES_256_GCM_SIV, bytes).map_err(|_| SealError::Failed)?;
        Ok(Self { id, key })
    }

    pub(crate) fn seal(&self, place: &Place<'_>, plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut sealed = Vec::with_capacity(plaintext.len() + OVERHEAD);
        sealed.push(VERSION);
        sealed.extend(self.id.to_bytes());
        sealed.extend([0; NONCE_LEN]);
        sealed.extend(plaintext);
        let aad = Aad::from(place.associated_data(self.id));
        let (nonce, tag) = self.key.seal_in_place_separate_tag(aad, &mut sealed[HEADER_LEN..]).map_err(|_| SealError::Failed)?;
        sealed[5..HEADER_LEN].copy_from_slice(nonce.as_ref());
        sealed.extend(tag.as_ref());
        Ok(sealed)
    }

    pub(crate) fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let id = key_id_of(sealed)?;
        if id != self.id {
            return Err(SealError::UnknownKey(id));
        }
        let (header, body) = sealed.split_at(HEADER_LEN);
        let nonce = Nonce::try_assume_unique_for_key(&header[5..]).map_err(|_| SealError::Malformed)?;
        let mut buffer = body.to_vec();
        let aad = Aad::from(place.associated_data(id));
        let length = self.key.open_in_place(nonce, aad, &mut buffer).map_err(|_| SealError::NotAuthentic)?.len();
        buffer.truncate(length);
        Ok(buffer)
    }
}

/// The id of the key a value was sealed under.
pub(crate) fn key_id_of(sealed: &[u8]) -> Result<KeyId, SealError> {
    match sealed {
        [VERSION, a, b, c, d, rest @ ..] if rest.len() >= NONCE_LEN + TAG_LEN => Ok(KeyId::from_bytes([*a, *b, *c, *d])),
        _ => Err(SealError::Malformed),
    }
}

/// The tenant keys, derived on first use from the key-encryption keys of the ring.
pub(crate) struct TenantKeys {
    ring: Arc<KeyRing>,
    derived: RwLock<HashMap<(KeyId, Uuid), Arc<SealingKey>>>,
}

impl TenantKeys {
    pub(crate) fn new(ring: Arc<KeyRing>) -> Self {
        Self { ring, derived: RwLock::default() }
    }

    pub(crate) fn current(&self, tenant: Uuid) -> Result<Arc<SealingKey>, SealError> {
        self.get(self.ring.encryption.current().id(), tenant)
    }

    /// The key that opens this sealed value of the tenant.
    pub(crate) fn for_sealed(&self, tenant: Uuid, sealed: &[u8]) -> Result<Arc<SealingKey>, SealError> {
        self.get(key_id_of(sealed)?, tenant)
    }

    fn get(&self, id: KeyId, tenant: Uuid) -> Result<Arc<SealingKey>, SealError> {
        let known = self.derived.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = known.get(&(id, tenant)) {
            return Ok(Arc::clone(key));
        }
        drop(known);
        let master = self.ring.encryption.find(id);
        let master = master.ok_or(SealError::UnknownKey(id))?;
        let bytes = derive_for_tenant(master, "tenant key", tenant);
        let key = Arc::new(SealingKey::new(id, &bytes)?);
        self.derived.write().unwrap_or_else(PoisonError::into_inner).insert((id, tenant), Arc::clone(&key));
        Ok(key)
    }
}
