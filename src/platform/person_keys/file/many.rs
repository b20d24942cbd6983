//! Keys of many people, made durable with one wait for the disk.

use secrecy::zeroize::Zeroizing;
use uuid::Uuid;

use super::{Entry, TenantFile, newest};
use crate::platform::person_keys::{PersonKey, PersonKeyError};
use crate::platform::sealing::TenantKeys;

impl TenantFile {
    /// Gives one more key to everybody who has just one; answers to how many.
    pub(in crate::platform::person_keys) fn add_fresh(&self, keys: &TenantKeys) -> Result<usize, PersonKeyError> {
        self.change(keys, || {
            let has_one = |entry: &Entry| matches!(entry, Entry::Live(held) if held.len() == 1);
            let people: Vec<Uuid> = self.read().entries.iter().filter(|(_, entry)| has_one(entry)).map(|(id, _)| *id).collect();
            self.append_fresh(keys, &people)
        })
    }

    /// Makes a key for each of these who has none, all durable with one wait for the disk.
    pub(in crate::platform::person_keys) fn create_all(&self, keys: &TenantKeys, people: &[Uuid]) -> Result<(), PersonKeyError> {
        self.change(keys, || {
            let mut without = Vec::new();
            {
                let loaded = self.read();
                for person in people {
                    match loaded.entries.get(person) {
                        None => without.push(*person),
                        Some(entry) => drop(newest(entry)?),
                    }
                }
            }
            // Somebody named twice gets one key.
            without.sort_unstable();
            without.dedup();
            self.append_fresh(keys, &without).map(drop)
        })
    }

    fn append_fresh(&self, keys: &TenantKeys, people: &[Uuid]) -> Result<usize, PersonKeyError> {
        let (mut records, mut fresh) = (Zeroizing::new(Vec::new()), Vec::with_capacity(people.len()));
        for person in people {
            let key = PersonKey::random()?;
            records.extend(self.record(keys, *person, Some(&key))?);
            fresh.push((*person, key));
        }
        let count = fresh.len();
        if count > 0 {
            self.append(&records, fresh)?;
        }
        Ok(count)
    }
}
