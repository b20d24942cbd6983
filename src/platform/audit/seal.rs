//! A link of the chain: which rows it binds, and the keyed hash over it and the link before.

use aws_lc_rs::hmac;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::platform::keys::RingKey;
use crate::schema::audit_seals;

/// How a row becomes a digest; see `audit_entry_digest` in the migration.
pub(super) const FORM: i16 = 1;
/// Length of a digest and of a link's keyed hash. **Units**: bytes.
pub(super) const HASH_LEN: usize = 32;
/// What stands before the first link.
pub(super) const BEFORE_THE_FIRST: [u8; HASH_LEN] = [0; HASH_LEN];

/// A keyed hash over a link, or the digest of a row.
pub(super) type Hash = [u8; HASH_LEN];

/// A link as it is stored; every column but `mac` is under the keyed hash.
#[derive(Clone, Debug, PartialEq, Insertable, QueryableByName)]
#[diesel(table_name = audit_seals)]
pub(super) struct Seal {
    pub number: i64,
    pub form: i16,
    pub key_id: Vec<u8>,
    pub sealed_at: DateTime<Utc>,
    pub home: String,
    pub shift: i64,
    pub reach: i64,
    pub running: Vec<i64>,
    pub tenant_ids: Vec<Uuid>,
    pub entry_ids: Vec<Uuid>,
    pub digests: Vec<u8>,
    pub mac: Vec<u8>,
}

impl Seal {
    /// The keyed hash of this link after `previous`, whatever `mac` holds.
    pub fn expected_mac(&self, key: &RingKey, previous: &[u8]) -> Hash {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key.expose()));
        context.update(b"pai audit seal\0");
        context.update(&self.form.to_be_bytes());
        context.update(&self.number.to_be_bytes());
        context.update(&self.sealed_at.timestamp_micros().to_be_bytes());
        context.update(&self.shift.to_be_bytes());
        context.update(&self.reach.to_be_bytes());
        context.update(&(self.running.len() as u64).to_be_bytes());
        self.running.iter().for_each(|position| context.update(&position.to_be_bytes()));
        // Each part of free length is preceded by it, so that no byte can pass from one to the next.
        for part in [previous, &self.key_id, self.home.as_bytes(), &self.digests] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        for ids in [&self.tenant_ids, &self.entry_ids] {
            context.update(&(ids.len() as u64).to_be_bytes());
            for id in ids {
                context.update(id.as_bytes());
            }
        }
        let mut mac = [0; HASH_LEN];
        mac.copy_from_slice(context.sign().as_ref());
        mac
    }

    /// Tenant, row and digest of everything that the link binds; fewer where its lists differ in length.
    pub fn entries(&self) -> impl Iterator<Item = (Uuid, Uuid, Hash)> + '_ {
        let (digests, _) = self.digests.as_chunks::<HASH_LEN>();
        self.tenant_ids.iter().zip(&self.entry_ids).zip(digests).map(|((tenant, entry), digest)| (*tenant, *entry, *digest))
    }

    /// Whether the three lists are of one length.
    pub fn is_even(&self) -> bool {
        self.tenant_ids.len() == self.entry_ids.len() && self.digests.len() == self.entry_ids.len() * HASH_LEN
    }
}

/// A hash in lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
