//! What an operator does to the key files: wrap anew, exchange, inspect, remove strays.

use std::collections::HashSet;

use uuid::Uuid;

use crate::platform::keys::KeyId;

use super::{Entry, FilePersonKeys, PersonKeyError};

/// What an inspection found in the key file of one tenant.
#[derive(Debug)]
pub struct FileReport {
    /// Tenant.
    pub tenant: Uuid,
    /// People with a key.
    pub live: HashSet<Uuid>,
    /// People whose key was destroyed.
    pub destroyed: HashSet<Uuid>,
    /// People with more than one key, because an exchange was not finished.
    pub in_exchange: usize,
    /// What is wrong with the file as a whole, or with some of its records.
    pub damage: Option<PersonKeyError>,
}

impl FilePersonKeys {
    /// Wraps all keys anew under the current key-encryption key, after which an earlier one may
    /// leave the ring; the person keys and what they seal stay as they are.
    ///
    /// # Errors
    /// [`PersonKeyError`] when a file cannot be rewritten; the others are done or untouched.
    pub fn rewrap(&self) -> Result<(), PersonKeyError> {
        for tenant in self.stored_tenants()? {
            self.file(tenant).rewrite(&self.keys(), |_| true)?;
        }
        Ok(())
    }

    /// Gives everybody of a tenant a new key beside the one in use; answers to how many.
    ///
    /// Whoever was given one by an exchange that was not finished gets no third.
    ///
    /// # Errors
    /// [`PersonKeyError`]; then nobody got one.
    pub fn begin_exchange(&self, tenant: Uuid) -> Result<usize, PersonKeyError> {
        self.file(tenant).add_fresh(&self.keys())
    }

    /// Forgets all keys of a tenant but the newest of each person.
    ///
    /// # Errors
    /// [`PersonKeyError`]; then all keys are still there.
    pub fn end_exchange(&self, tenant: Uuid) -> Result<(), PersonKeyError> {
        self.file(tenant).rewrite(&self.keys(), |entries| {
            let mut changed = false;
            for entry in entries.values_mut() {
                if let Entry::Live(keys) = entry {
                    let spare = keys.len().saturating_sub(1);
                    keys.drain(..spare);
                    changed |= spare > 0;
                }
            }
            changed
        })
    }

    /// Removes the keys of people who do not exist; the caller keeps them from coming into being.
    ///
    /// # Errors
    /// [`PersonKeyError`]; then all keys are still there.
    pub fn remove(&self, tenant: Uuid, people: &[Uuid]) -> Result<(), PersonKeyError> {
        self.file(tenant).rewrite(&self.keys(), |entries| {
            let before = entries.len();
            entries.retain(|person, entry| !(matches!(entry, Entry::Live(_)) && people.contains(person)));
            entries.len() < before
        })
    }

    /// How many keys are wrapped under a key-encryption key.
    ///
    /// # Errors
    /// [`PersonKeyError::Io`] when a file cannot be read.
    pub fn wrapped_under(&self, id: KeyId) -> Result<usize, PersonKeyError> {
        self.stored_tenants()?.into_iter().map(|tenant| self.file(tenant).wrapped_under(id)).sum()
    }

    /// Tenants with a key file.
    ///
    /// # Errors
    /// [`PersonKeyError::Io`] when the directory cannot be read.
    pub fn tenants(&self) -> Result<Vec<Uuid>, PersonKeyError> {
        self.stored_tenants()
    }

    /// Looks at the key file of a tenant as it is now.
    pub fn inspect(&self, tenant: Uuid) -> FileReport {
        let file = self.file(tenant);
        let damage = file.refresh(&self.keys()).and_then(|()| file.sound()).err();
        let (mut live, mut destroyed, mut in_exchange) = (HashSet::new(), HashSet::new(), 0);
        for (person, entry) in file.entries() {
            match entry {
                Entry::Live(keys) => {
                    in_exchange += usize::from(keys.len() > 1);
                    live.insert(person);
                }
                Entry::Destroyed => {
                    destroyed.insert(person);
                }
            }
        }
        FileReport { tenant, live, destroyed, in_exchange, damage }
    }
}
