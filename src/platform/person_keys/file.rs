//! The key file of one tenant.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use secrecy::zeroize::Zeroizing;
use uuid::Uuid;

use super::{PersonKey, PersonKeyError, damaged, io_error};
use crate::platform::keys::{KEY_LEN, KeyId, PERSON_KEYS_EXTENSION, random_bytes};
use crate::platform::private_files::{open_private, replace_file};
use crate::platform::sealing::{Kind, OVERHEAD, Place, TenantKeys};

const MAGIC: &[u8; 8] = b"PAIPK\0\0\x01";
const HEADER_LEN: usize = MAGIC.len() + GENERATION_LEN;
const GENERATION_LEN: usize = 16;
const RECORD_LEN: usize = 1 + 16 + 4 + KEY_LEN + OVERHEAD;

/// How long another process's destruction may go unnoticed.
const RECHECK_AFTER: Duration = Duration::from_secs(1);

#[derive(Clone)]
enum Entry {
    Live(PersonKey),
    Destroyed,
}

/// What of the file is in memory.
#[derive(Default)]
struct Loaded {
    /// Changes with every rewrite; an inode number would be used again.
    generation: Option<[u8; GENERATION_LEN]>,
    /// End of the last complete record that was read.
    offset: u64,
    entries: HashMap<Uuid, Entry>,
}

/// The key file of one tenant with its content in memory.
pub(super) struct TenantFile {
    tenant: Uuid,
    path: PathBuf,
    lock_path: PathBuf,
    loaded: RwLock<Loaded>,
    checked_at: Mutex<Option<Instant>>,
}

impl TenantFile {
    pub(super) fn new(dir: &Path, tenant: Uuid) -> Self {
        let path = dir.join(format!("{tenant}.{PERSON_KEYS_EXTENSION}"));
        Self { tenant, lock_path: path.with_extension("lock"), path, loaded: RwLock::default(), checked_at: Mutex::default() }
    }

    pub(super) fn get(&self, keys: &TenantKeys, person: Uuid) -> Result<Option<PersonKey>, PersonKeyError> {
        let known = self.read().entries.get(&person).cloned();
        let entry = match known {
            // Erasure is final, and a fresh answer needs no file.
            Some(Entry::Destroyed) => known,
            Some(Entry::Live(_)) if self.is_fresh() => known,
            _ => {
                if self.has_changed()? {
                    self.refresh(keys)?;
                }
                self.read().entries.get(&person).cloned()
            }
        };
        live(entry)
    }

    pub(super) fn get_or_create(&self, keys: &TenantKeys, person: Uuid) -> Result<PersonKey, PersonKeyError> {
        if let Some(key) = self.get(keys, person)? {
            return Ok(key);
        }
        let mut loaded = self.write();
        let _lock = self.lock_exclusively()?;
        self.read_new_records(&mut loaded, keys)?;
        // Another process may have made the key meanwhile.
        if let Some(key) = live(loaded.entries.get(&person).cloned())? {
            return Ok(key);
        }
        let key = PersonKey::random()?;
        let entry = Entry::Live(key.clone());
        let record = self.record(keys, person, &entry)?;
        self.append(&mut loaded, &record)?;
        loaded.entries.insert(person, entry);
        Ok(key)
    }

    /// Writes the file anew under the current tenant key, without the key of `destroyed`.
    pub(super) fn rewrite(&self, keys: &TenantKeys, destroyed: Option<Uuid>) -> Result<(), PersonKeyError> {
        let mut loaded = self.write();
        let _lock = self.lock_exclusively()?;
        self.read_new_records(&mut loaded, keys)?;
        let mut entries = loaded.entries.clone();
        if let Some(person) = destroyed {
            let before = entries.insert(person, Entry::Destroyed);
            if matches!(before, Some(Entry::Destroyed)) {
                return Ok(());
            }
        }
        let generation = random_bytes()?;
        let mut content = Zeroizing::new(header(&generation));
        for (person, entry) in &entries {
            content.extend(self.record(keys, *person, entry)?);
        }
        replace_file(&self.path, &content).map_err(|e| io_error(&self.path, e))?;
        *loaded = Loaded { generation: Some(generation), offset: content.len() as u64, entries };
        Ok(())
    }

    /// Reads what other processes wrote.
    pub(super) fn refresh(&self, keys: &TenantKeys) -> Result<(), PersonKeyError> {
        let mut loaded = self.write();
        let lock = open_private(&self.lock_path).map_err(|e| io_error(&self.lock_path, e))?;
        lock.lock_shared().map_err(|e| io_error(&self.lock_path, e))?;
        self.read_new_records(&mut loaded, keys)
    }

    /// Whether the file differs from memory; without a lock, a change under way is found next time.
    fn has_changed(&self) -> Result<bool, PersonKeyError> {
        let loaded = self.read();
        let now = match self.open_file().map_err(|e| io_error(&self.path, e))? {
            Some((file, generation)) => {
                let length = file.metadata().map_err(|e| io_error(&self.path, e))?.len();
                (Some(generation), length)
            }
            None => (None, 0),
        };
        *self.checked_at() = Some(Instant::now());
        Ok(now != (loaded.generation, loaded.offset))
    }

    fn is_fresh(&self) -> bool {
        self.checked_at().is_some_and(|at| at.elapsed() < RECHECK_AFTER)
    }

    /// Brings memory up to the file; the caller holds a lock on it.
    fn read_new_records(&self, loaded: &mut Loaded, keys: &TenantKeys) -> Result<(), PersonKeyError> {
        let io = |e| io_error(&self.path, e);
        let Some((mut file, generation)) = self.open_file().map_err(io)? else {
            // A file that was there must not vanish unnoticed: new keys would hide the loss.
            return match loaded.generation {
                Some(_) => Err(damaged(&self.path, "it has disappeared")),
                None => Ok(()),
            };
        };
        let start = if loaded.generation == Some(generation) { loaded.offset } else { HEADER_LEN as u64 };
        if file.metadata().map_err(io)?.len() < start {
            return Err(damaged(&self.path, "it has become shorter"));
        }
        file.seek(SeekFrom::Start(start)).map_err(io)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        if !bytes.is_empty() {
            // Its writer may have died between writing and syncing; use no key that could be lost.
            file.sync_data().map_err(io)?;
        }
        let (entries, read) = self.parse_records(keys, &bytes)?;
        if loaded.generation != Some(generation) {
            *loaded = Loaded { generation: Some(generation), ..Loaded::default() };
        }
        loaded.entries.extend(entries);
        loaded.offset = start + read as u64;
        Ok(())
    }

    fn parse_records(&self, keys: &TenantKeys, bytes: &[u8]) -> Result<(Vec<(Uuid, Entry)>, usize), PersonKeyError> {
        let mut entries = Vec::with_capacity(bytes.len() / RECORD_LEN);
        let mut read = 0;
        for record in bytes.chunks_exact(RECORD_LEN) {
            // A crash can leave a length without content; that record was never used.
            if bytes[read..].iter().all(|byte| *byte == 0) {
                break;
            }
            entries.push(self.parse_record(keys, record)?);
            read += RECORD_LEN;
        }
        Ok((entries, read))
    }

    fn parse_record(&self, keys: &TenantKeys, record: &[u8]) -> Result<(Uuid, Entry), PersonKeyError> {
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
        let entry = if matches!(kind, Kind::Destroyed) {
            Entry::Destroyed
        } else {
            let mut id = [0; 4];
            id.copy_from_slice(&name[17..21]);
            let mut key = Zeroizing::new([0; KEY_LEN]);
            key.copy_from_slice(&bytes);
            Entry::Live(PersonKey::new(KeyId::from_bytes(id), key))
        };
        Ok((person, entry))
    }

    fn record(&self, keys: &TenantKeys, person: Uuid, entry: &Entry) -> Result<Vec<u8>, PersonKeyError> {
        // The mark of a destroyed key seals zeros, so that all records are equally long.
        let (number, kind, id, key) = match entry {
            Entry::Live(key) => (1, Kind::PersonKey, key.id().to_bytes(), key.expose()),
            Entry::Destroyed => (2, Kind::Destroyed, [0; 4], &[0; KEY_LEN]),
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

    fn append(&self, loaded: &mut Loaded, record: &[u8]) -> Result<(), PersonKeyError> {
        let io = |e| io_error(&self.path, e);
        if loaded.generation.is_none() {
            let generation = random_bytes()?;
            replace_file(&self.path, &header(&generation)).map_err(io)?;
            loaded.generation = Some(generation);
            loaded.offset = HEADER_LEN as u64;
        }
        let mut file = OpenOptions::new().write(true).open(&self.path).map_err(io)?;
        if let Err(error) = write_durably(&mut file, loaded.offset, record) {
            // After a failed sync the record could look stored without being so.
            let _ = file.set_len(loaded.offset);
            return Err(io(error));
        }
        loaded.offset += record.len() as u64;
        Ok(())
    }

    fn open_file(&self) -> io::Result<Option<(File, [u8; GENERATION_LEN])>> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e),
        };
        let mut header = [0; HEADER_LEN];
        file.read_exact(&mut header)?;
        let (magic, rest) = header.split_at(MAGIC.len());
        if magic != MAGIC {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a person key file of this version"));
        }
        let mut generation = [0; GENERATION_LEN];
        generation.copy_from_slice(rest);
        Ok(Some((file, generation)))
    }

    /// Keeps other processes out until the file handle is dropped.
    fn lock_exclusively(&self) -> Result<File, PersonKeyError> {
        let lock = open_private(&self.lock_path).map_err(|e| io_error(&self.lock_path, e))?;
        lock.lock().map_err(|e| io_error(&self.lock_path, e))?;
        Ok(lock)
    }

    // A panic elsewhere leaves these consistent: they change by whole assignments after I/O.
    fn read(&self) -> RwLockReadGuard<'_, Loaded> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Loaded> {
        self.loaded.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn checked_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.checked_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn live(entry: Option<Entry>) -> Result<Option<PersonKey>, PersonKeyError> {
    match entry {
        Some(Entry::Live(key)) => Ok(Some(key)),
        Some(Entry::Destroyed) => Err(PersonKeyError::Destroyed),
        None => Ok(None),
    }
}

fn header(generation: &[u8; GENERATION_LEN]) -> Vec<u8> {
    [MAGIC.as_slice(), generation].concat()
}

fn write_durably(file: &mut File, offset: u64, record: &[u8]) -> io::Result<()> {
    // Cuts off what a crash left behind the last complete record.
    file.set_len(offset)?;
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(record)?;
    file.sync_all()
}
