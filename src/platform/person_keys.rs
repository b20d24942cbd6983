//! The store of person keys, apart from the database so that erasure reaches old backups of it.
//!
//! The file store keeps one file per tenant: a header with a random generation, then records of
//! fixed length that are appended and made durable before a key is used. Destroying a key writes
//! the file anew without it. Several processes may share the directory if its file system supports
//! locks; a key destroyed by one is forgotten by the others within a second of their next use.
//! Blocks freed by a rewrite are not overwritten, but hold only keys wrapped under the tenant key.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use secrecy::zeroize::Zeroizing;
use uuid::Uuid;

use super::keys::{KEY_LEN, KeyError, KeyId, KeyRing, PERSON_KEYS_DIR, PERSON_KEYS_EXTENSION, random_bytes};
use super::private_files::create_private_dir;
use super::sealing::{SealError, SealingKey, TenantKeys};

mod file;
mod upkeep;
use file::{Entry, TenantFile};
pub use upkeep::FileReport;

/// Why a person key is not available.
#[derive(Debug, thiserror::Error)]
pub enum PersonKeyError {
    /// The key was destroyed; no new one is made for the same person.
    #[error("the person's key was destroyed")]
    Destroyed,
    /// The file system refused an operation.
    #[error("person key file {path}: {source}")]
    Io {
        /// File or directory concerned.
        path: PathBuf,
        /// Cause given by the operating system.
        source: io::Error,
    },
    /// A file does not have the form it was written in.
    #[error("person key file {path} is damaged: {reason}")]
    Damaged {
        /// File concerned.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The system has no randomness.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A key could not be wrapped.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// The key under which one person's data is sealed.
#[derive(Clone)]
pub struct PersonKey {
    id: KeyId,
    bytes: Arc<Zeroizing<[u8; KEY_LEN]>>,
}

impl PersonKey {
    /// Makes a random key.
    ///
    /// # Errors
    /// [`KeyError::Random`] when the system has no randomness.
    pub fn random() -> Result<Self, KeyError> {
        Ok(Self::new(KeyId::random()?, Zeroizing::new(random_bytes()?)))
    }

    /// Takes a key that a store kept.
    pub fn new(id: KeyId, bytes: Zeroizing<[u8; KEY_LEN]>) -> Self {
        Self { id, bytes: Arc::new(bytes) }
    }

    /// Id that is written in front of every value sealed with this key.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The key itself, for a store that wraps it.
    pub fn expose(&self) -> &[u8; KEY_LEN] {
        &self.bytes
    }

    pub(crate) fn sealing_key(&self) -> Result<SealingKey, SealError> {
        SealingKey::new(self.id, &self.bytes)
    }
}

impl fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonKey({}, [redacted])", self.id)
    }
}

/// Where person keys live.
pub trait PersonKeys: Send + Sync {
    /// The person's key, if one was made.
    ///
    /// # Errors
    /// [`PersonKeyError::Destroyed`] after erasure, others when the store fails.
    fn get(&self, tenant: Uuid, person: Uuid) -> Result<Option<PersonKey>, PersonKeyError>;

    /// The person's key of this id; while keys are being exchanged a person has two.
    ///
    /// # Errors
    /// As [`PersonKeys::get`].
    fn find(&self, tenant: Uuid, person: Uuid, id: KeyId) -> Result<Option<PersonKey>, PersonKeyError>;

    /// The person's key, made durable before it is returned for the first time.
    ///
    /// # Errors
    /// [`PersonKeyError::Destroyed`] after erasure, others when the store fails.
    fn get_or_create(&self, tenant: Uuid, person: Uuid) -> Result<PersonKey, PersonKeyError>;

    /// As [`PersonKeys::get_or_create`] for many people at once, made durable together; whoever has a key keeps it.
    ///
    /// # Errors
    /// As [`PersonKeys::get_or_create`]; then nobody got one.
    fn create_all(&self, tenant: Uuid, people: &[Uuid]) -> Result<(), PersonKeyError>;

    /// Destroys the person's key for good; doing so again changes nothing.
    ///
    /// # Errors
    /// When the store fails; the key may then still exist.
    fn destroy(&self, tenant: Uuid, person: Uuid) -> Result<(), PersonKeyError>;
}

/// Person keys in files of a directory that the processes of a deployment share.
pub struct FilePersonKeys {
    dir: PathBuf,
    keys: RwLock<Arc<TenantKeys>>,
    tenants: RwLock<HashMap<Uuid, Arc<TenantFile>>>,
}

impl FilePersonKeys {
    /// Opens `<data_dir>/person-keys` and loads every key.
    ///
    /// A damaged file is logged and harms only those whose keys stand in it: what can be read of
    /// it is used, nothing is written to it.
    ///
    /// # Errors
    /// [`PersonKeyError`] when the directory cannot be read.
    pub fn open(data_dir: &Path, ring: Arc<KeyRing>) -> Result<Self, PersonKeyError> {
        let dir = data_dir.join(PERSON_KEYS_DIR);
        create_private_dir(&dir).map_err(|e| io_error(&dir, e))?;
        let store = Self { keys: RwLock::new(Arc::new(TenantKeys::new(ring))), tenants: RwLock::default(), dir };
        store.refresh_all()?;
        Ok(store)
    }

    /// Goes on with a changed ring, and looks at every file anew.
    ///
    /// # Errors
    /// As [`FilePersonKeys::open`].
    pub fn renew(&self, ring: Arc<KeyRing>) -> Result<(), PersonKeyError> {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(TenantKeys::new(ring));
        self.refresh_all()
    }

    fn refresh_all(&self) -> Result<(), PersonKeyError> {
        for tenant in self.stored_tenants()? {
            if let Err(error) = self.file(tenant).refresh(&self.keys()) {
                tracing::error!(%error, %tenant, "the person keys of a tenant cannot be read; see `pai keys check`");
            }
        }
        Ok(())
    }

    fn keys(&self) -> Arc<TenantKeys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn stored_tenants(&self) -> Result<Vec<Uuid>, PersonKeyError> {
        let mut tenants = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(|e| io_error(&self.dir, e))? {
            let path = entry.map_err(|e| io_error(&self.dir, e))?.path();
            if path.extension() != Some(OsStr::new(PERSON_KEYS_EXTENSION)) {
                continue;
            }
            let name = path.file_stem().and_then(OsStr::to_str);
            if let Some(tenant) = name.and_then(|name| Uuid::try_parse(name).ok()) {
                tenants.push(tenant);
            } else {
                tracing::error!(path = %path.display(), "a file among the person keys is not named after a tenant");
            }
        }
        Ok(tenants)
    }

    fn file(&self, tenant: Uuid) -> Arc<TenantFile> {
        let known = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = known.get(&tenant) {
            return Arc::clone(file);
        }
        drop(known);
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        let file = tenants.entry(tenant).or_insert_with(|| Arc::new(TenantFile::new(&self.dir, tenant)));
        Arc::clone(file)
    }
}

impl PersonKeys for FilePersonKeys {
    fn get(&self, tenant: Uuid, person: Uuid) -> Result<Option<PersonKey>, PersonKeyError> {
        self.file(tenant).get(&self.keys(), person)
    }

    fn find(&self, tenant: Uuid, person: Uuid, id: KeyId) -> Result<Option<PersonKey>, PersonKeyError> {
        self.file(tenant).find(&self.keys(), person, id)
    }

    fn get_or_create(&self, tenant: Uuid, person: Uuid) -> Result<PersonKey, PersonKeyError> {
        self.file(tenant).get_or_create(&self.keys(), person)
    }

    fn create_all(&self, tenant: Uuid, people: &[Uuid]) -> Result<(), PersonKeyError> {
        self.file(tenant).create_all(&self.keys(), people)
    }

    fn destroy(&self, tenant: Uuid, person: Uuid) -> Result<(), PersonKeyError> {
        self.file(tenant)
            .rewrite(&self.keys(), |entries| !matches!(entries.insert(person, Entry::Destroyed), Some(Entry::Destroyed)))
    }
}

fn io_error(path: &Path, source: io::Error) -> PersonKeyError {
    PersonKeyError::Io { path: path.to_owned(), source }
}

fn damaged(path: &Path, reason: &str) -> PersonKeyError {
    PersonKeyError::Damaged { path: path.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests;
