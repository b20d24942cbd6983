//! The records of a key file: one key, or the mark of a destroyed one, each sealed for its place.

use secrecy::zeroize::Zeroizing;
use uuid::Uuid;

use super::TenantFile;
use crate::platform::keys::{KEY_LEN, KeyId};
use crate::platform::person_keys::{PersonKey, PersonKeyError, damaged};
use crate::platform::sealing::{Kind, OVERHEAD, Place, TenantKeys};

/// All records are equally long.
pub(super) const RECORD_LEN: usize = 1 + 16 + 4 + KEY_LEN + OVERHEAD;

/// What a stretch of the file holds.
#[derive(Default)]
pub(super) struct Found {
    pub(super) records: Vec<(Uuid, Option<PersonKey>)>,
    /// Those that could not be read, as they stand in the file.
    pub(super) damaged: Vec<Vec<u8>>,
    /// Bytes up to the end of the last complete record.
    pub(super) length: usize,
}

impl TenantFile {
    /// Every record that can be read, so that one that cannot harms nobody else.
    pub(super) fn parse_records(&self, keys: &TenantKeys, bytes: &[u8]) -> Found {
        let mut found = Found::default();
        for record in bytes.chunks_exact(RECORD_LEN) {
            // A crash can leave a length without content; that record was never used.
            if bytes[found.length..].iter().all(|byte| *byte == 0) {
                break;
            }
            match self.parse_record(keys, record) {
                Ok(entry) => found.records.push(entry),
                Err(error) => {
                    let number = found.length / RECORD_LEN;
                    let person = person_of(record);
                    tracing::error!(%error, record = number, ?person, "a person key cannot be read; see `pai keys check`");
                    found.damaged.push(record.to_vec());
                }
            }
            found.length += RECORD_LEN;
        }
        found
    }

    /// The key of a record, or nothing for the mark of a destroyed one.
    fn parse_record(&self, keys: &TenantKeys, record: &[u8]) -> Result<(Uuid, Option<PersonKey>), PersonKeyError> {
        let not_opened = |e: &dyn std::fmt::Display| damaged(&self.path, &e.to_string());
        let (name, wrapped) = record.split_at(RECORD_LEN - KEY_LEN - OVERHEAD);
        let kind = match name[0] {
            1 => Kind::PersonKey,
            2 => Kind::Destroyed,
            _ => return Err(damaged(&self.path, "unknown kind of record")),
        };
        let person = Uuid::from_slice(&name[1..17]).map_err(|e| not_opened(&e))?;
        let bytes = keys
            .for_sealed(self.tenant, wrapped)
            .and_then(|key| key.open(&self.place(kind, person, name), wrapped))
            .map(Zeroizing::new)
            .map_err(|e| not_opened(&e))?;
        if matches!(kind, Kind::Destroyed) {
            return Ok((person, None));
        }
        let mut id = [0; 4];
        id.copy_from_slice(&name[17..21]);
        let mut key = Zeroizing::new([0; KEY_LEN]);
        key.copy_from_slice(&bytes);
        Ok((person, Some(PersonKey::new(KeyId::from_bytes(id), key))))
    }

    pub(super) fn record(&self, keys: &TenantKeys, person: Uuid, key: Option<&PersonKey>) -> Result<Vec<u8>, PersonKeyError> {
        // The mark of a destroyed key seals zeros, so that all records are equally long.
        let (number, kind, id, key) = match key {
            Some(key) => (1, Kind::PersonKey, key.id().to_bytes(), key.expose()),
            None => (2, Kind::Destroyed, [0; 4], &[0; KEY_LEN]),
        };
        let mut record = Vec::with_capacity(RECORD_LEN);
        record.push(number);
        record.extend(person.as_bytes());
        record.extend(id);
        let wrapped = keys.current(self.tenant)?.seal(&self.place(kind, person, &record), key)?;
        record.extend(wrapped);
        Ok(record)
    }

    fn place<'a>(&self, kind: Kind, person: Uuid, name: &'a [u8]) -> Place<'a> {
        Place { kind, tenant: self.tenant, person, name }
    }
}

/// Whom a record names; wrong where just these bytes are damaged.
pub(super) fn person_of(record: &[u8]) -> Option<Uuid> {
    Uuid::from_slice(record.get(1..17)?).ok()
}

/// The id of its key; wrong where just these bytes are damaged.
pub(super) fn key_of(record: &[u8]) -> Option<KeyId> {
    record.get(17..)?.first_chunk().copied().map(KeyId::from_bytes)
}
