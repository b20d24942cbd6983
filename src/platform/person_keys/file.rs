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
use crate::platform::sealing::{Kind, OVERHEAD, Place, TenantKeys, key_id_of};

const MAGIC: &[u8; 8] = b"PAIPK\0\0\x01";
const HEADER_LEN: usize = MAGIC.len() + GENERATION_LEN;
const GENERATION_LEN: usize = 16;
const RECORD_LEN: usize = 1 + 16 + 4 + KEY_LEN + OVERHEAD;

/// How long another process's destruction may go unnoticed.
const RECHECK_AFTER: Duration = Duration::from_secs(1);

mod many;

#[derive(Clone)]
pub(super) enum Entry {
    /// The keys of the person, the newest last; more than one only while they are being exchanged.
    Live(Vec<PersonKey>),
    Destroyed,
}

/// What a stretch of the file holds.
#[derive(Default)]
struct Found {
    records: Vec<(Uuid, Option<PersonKey>)>,
    /// How many could not be read.
    damaged: usize,
    /// Bytes up to the end of the last complete record.
    length: usize,
}

/// What of the file is in memory.
#[derive(Default)]
struct Loaded {
    /// Changes with every rewrite; an inode number would be used again.
    generation: Option<[u8; GENERATION_LEN]>,
    /// End of the last complete record that was read.
    offset: u64,
    entries: HashMap<Uuid, Entry>,
    /// Records that could not be read; nothing is written to such a file.
    damaged: usize,
}

/// The key file of one tenant with its content in memory.
///
/// Whoever reads or writes the file has the turn; memory is locked only to take in the result, so
/// that nobody who asks for a known key waits for a disk.
pub(super) struct TenantFile {
    tenant: Uuid,
    path: PathBuf,
    lock_path: PathBuf,
    turn: Mutex<()>,
    loaded: RwLock<Loaded>,
    checked_at: Mutex<Option<Instant>>,
}

impl TenantFile {
    pub(super) fn new(dir: &Path, tenant: Uuid) -> Self {
        let path = dir.join(format!("{tenant}.{PERSON_KEYS_EXTENSION}"));
        let lock_path = path.with_extension("lock");
        Self { tenant, lock_path, path, turn: Mutex::default(), loaded: RwLock::default(), checked_at: Mutex::default() }
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
        match entry {
            Some(entry) => newest(&entry),
            // Nobody can say whether one of the records that cannot be read was this person's.
            None => self.sound().map(|()| None),
        }
    }

    /// The key of this id, which another process may just have made.
    pub(super) fn find(&self, keys: &TenantKeys, person: Uuid, id: KeyId) -> Result<Option<PersonKey>, PersonKeyError> {
        let newest = self.get(keys, person)?;
        if newest.is_none() || newest.as_ref().is_some_and(|key| key.id() == id) {
            return Ok(newest);
        }
        let earlier = self.held(person, id);
        if earlier.is_none() && self.has_changed()? {
            self.refresh(keys)?;
            return Ok(self.held(person, id).or(newest));
        }
        // A value of no key of the person then fails to open under the newest.
        Ok(earlier.or(newest))
    }

    fn held(&self, person: Uuid, id: KeyId) -> Option<PersonKey> {
        match self.read().entries.get(&person) {
            Some(Entry::Live(keys)) => keys.iter().find(|key| key.id() == id).cloned(),
            _ => None,
        }
    }

    pub(super) fn get_or_create(&self, keys: &TenantKeys, person: Uuid) -> Result<PersonKey, PersonKeyError> {
        if let Some(key) = self.get(keys, person)? {
            return Ok(key);
        }
        self.change(keys, || {
            // Another process may have made the key meanwhile.
            if let Some(entry) = self.read().entries.get(&person) {
                return newest(entry)?.ok_or_else(|| damaged(&self.path, "a person without a key"));
            }
            let key = PersonKey::random()?;
            self.append(&self.record(keys, person, Some(&key))?, vec![(person, key.clone())])?;
            Ok(key)
        })
    }

    /// Writes the file anew under the current tenant key after a change, unless that says there is none.
    pub(super) fn rewrite(
        &self,
        keys: &TenantKeys,
        change: impl FnOnce(&mut HashMap<Uuid, Entry>) -> bool,
    ) -> Result<(), PersonKeyError> {
        self.change(keys, || {
            let mut entries = self.entries();
            if !change(&mut entries) {
                return Ok(());
            }
            let generation = random_bytes()?;
            let mut content = Zeroizing::new(header(&generation));
            for (person, entry) in &entries {
                match entry {
                    Entry::Live(held) => {
                        for key in held {
                            content.extend(self.record(keys, *person, Some(key))?);
                        }
                    }
                    Entry::Destroyed => content.extend(self.record(keys, *person, None)?),
                }
            }
            replace_file(&self.path, &content).map_err(|e| io_error(&self.path, e))?;
            *self.write() = Loaded { generation: Some(generation), offset: content.len() as u64, entries, damaged: 0 };
            Ok(())
        })
    }

    /// Changes the file, alone among all threads and processes and with memory up to date.
    fn change<T>(&self, keys: &TenantKeys, work: impl FnOnce() -> Result<T, PersonKeyError>) -> Result<T, PersonKeyError> {
        let _turn = self.turn();
        let _lock = self.lock_exclusively()?;
        self.read_new_records(keys)?;
        self.sound()?;
        work()
    }

    /// How many records are wrapped under a key-encryption key.
    pub(super) fn wrapped_under(&self, id: KeyId) -> Result<usize, PersonKeyError> {
        let content = std::fs::read(&self.path).map_err(|e| io_error(&self.path, e))?;
        let records = content.get(HEADER_LEN..).unwrap_or_default().chunks_exact(RECORD_LEN);
        Ok(records.filter(|record| key_id_of(&record[RECORD_LEN - KEY_LEN - OVERHEAD..]) == Ok(id)).count())
    }

    /// Everything in memory, for an inspection.
    pub(super) fn entries(&self) -> HashMap<Uuid, Entry> {
        self.read().entries.clone()
    }

    /// Refuses a file with records that cannot be read.
    pub(super) fn sound(&self) -> Result<(), PersonKeyError> {
        refuse_damaged(&self.path, &self.read())
    }

    /// Reads what other processes wrote.
    pub(super) fn refresh(&self, keys: &TenantKeys) -> Result<(), PersonKeyError> {
        let _turn = self.turn();
        let lock = open_private(&self.lock_path).map_err(|e| io_error(&self.lock_path, e))?;
        lock.lock_shared().map_err(|e| io_error(&self.lock_path, e))?;
        self.read_new_records(keys)
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

    /// Brings memory up to the file; the caller has the turn and holds a lock on the file.
    fn read_new_records(&self, keys: &TenantKeys) -> Result<(), PersonKeyError> {
        let io = |e| io_error(&self.path, e);
        let (known, offset) = {
            let loaded = self.read();
            (loaded.generation, loaded.offset)
        };
        let Some((mut file, generation)) = self.open_file().map_err(io)? else {
            // A file that was there must not vanish unnoticed: new keys would hide the loss.
            return match known {
                Some(_) => Err(damaged(&self.path, "it has disappeared")),
                None => Ok(()),
            };
        };
        let start = if known == Some(generation) { offset } else { HEADER_LEN as u64 };
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
        let found = self.parse_records(keys, &bytes);
        let mut loaded = self.write();
        if known != Some(generation) {
            *loaded = Loaded { generation: Some(generation), ..Loaded::default() };
        }
        loaded.offset = start + found.length as u64;
        loaded.damaged += found.damaged;
        for (person, key) in found.records {
            if let Some(key) = key {
                hold(&mut loaded.entries, person, key);
            } else {
                loaded.entries.insert(person, Entry::Destroyed);
            }
        }
        Ok(())
    }

    /// Every record that can be read, so that one that cannot harms nobody else.
    fn parse_records(&self, keys: &TenantKeys, bytes: &[u8]) -> Found {
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
                    tracing::error!(%error, record = number, "a person key cannot be read; see `pai keys check`");
                    found.damaged += 1;
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

    fn record(&self, keys: &TenantKeys, person: Uuid, key: Option<&PersonKey>) -> Result<Vec<u8>, PersonKeyError> {
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

    /// Makes records durable at the end of the file, then holds their keys.
    fn append(&self, records: &[u8], made: Vec<(Uuid, PersonKey)>) -> Result<(), PersonKeyError> {
        let io = |e| io_error(&self.path, e);
        let (known, offset) = {
            let loaded = self.read();
            (loaded.generation, loaded.offset)
        };
        let (generation, offset) = if let Some(generation) = known {
            (generation, offset)
        } else {
            let generation = random_bytes()?;
            replace_file(&self.path, &header(&generation)).map_err(io)?;
            (generation, HEADER_LEN as u64)
        };
        let mut file = OpenOptions::new().write(true).open(&self.path).map_err(io)?;
        if let Err(error) = write_durably(&mut file, offset, records) {
            // After a failed sync the record could look stored without being so.
            let _ = file.set_len(offset);
            return Err(io(error));
        }
        let mut loaded = self.write();
        loaded.generation = Some(generation);
        loaded.offset = offset + records.len() as u64;
        for (person, key) in made {
            hold(&mut loaded.entries, person, key);
        }
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

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn checked_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.checked_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn newest(entry: &Entry) -> Result<Option<PersonKey>, PersonKeyError> {
    match entry {
        Entry::Live(keys) => Ok(keys.last().cloned()),
        Entry::Destroyed => Err(PersonKeyError::Destroyed),
    }
}

/// Adds a key; a destroyed person gets none.
fn hold(entries: &mut HashMap<Uuid, Entry>, person: Uuid, key: PersonKey) {
    match entries.entry(person).or_insert_with(|| Entry::Live(Vec::new())) {
        Entry::Live(keys) => keys.push(key),
        Entry::Destroyed => {}
    }
}

fn refuse_damaged(path: &Path, loaded: &Loaded) -> Result<(), PersonKeyError> {
    match loaded.damaged {
        0 => Ok(()),
        count => Err(damaged(path, &format!("{count} record(s) cannot be read; restore it from a backup"))),
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
    // A greater length is part of what this makes durable.
    file.sync_data()
}
