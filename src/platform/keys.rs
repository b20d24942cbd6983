//! The key ring: every long-lived secret of a deployment, kept outside the database.
//!
//! Each purpose has a list of keys with ids; the first is used for new work, the later ones only
//! for what was made before a rotation. The ring is a file in the data directory or one
//! configuration value, so a stolen database or dump holds nothing that opens it.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::Ed25519KeyPair;
use aws_lc_rs::{hkdf, rand};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use serde::Deserialize;
use uuid::Uuid;

use super::private_files::{create_private_dir, open_private, replace_file};

/// Length of every symmetric key of the ring. **Units**: bytes.
pub const KEY_LEN: usize = 32;

/// The key file below the data directory.
pub const FILE_NAME: &str = "keys.json";
/// Directory of the person key files below the data directory.
pub(crate) const PERSON_KEYS_DIR: &str = "person-keys";
/// File name ending of a person key file.
pub(crate) const PERSON_KEYS_EXTENSION: &str = "keys";

/// Why a key ring could not be loaded or made; never carries key material.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file system refused an operation.
    #[error("key file {path}: {source}")]
    Io {
        /// File or directory concerned.
        path: PathBuf,
        /// Cause given by the operating system.
        source: io::Error,
    },
    /// The key file can be read by others than its owner.
    #[error("key file {path} has mode {mode:03o}; only its owner may have access (chmod 600)")]
    Exposed {
        /// File concerned.
        path: PathBuf,
        /// Permission bits found.
        mode: u32,
    },
    /// The key file is gone although person keys wrapped under it exist.
    #[error("{path} is missing but person keys exist; restore it, new keys would not open them")]
    Lost {
        /// File that is missing.
        path: PathBuf,
    },
    /// The content is not a valid key ring.
    #[error("key ring is not valid: {0}")]
    Malformed(String),
    /// The random generator of the system failed.
    #[error("no randomness is available")]
    Random,
}

/// Identifies one key of a list; eight hexadecimal digits in text, four bytes in ciphertext.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(u32);

impl KeyId {
    /// Makes a random id.
    ///
    /// # Errors
    /// [`KeyError::Random`] when the system has no randomness.
    pub fn random() -> Result<Self, KeyError> {
        Ok(Self(u32::from_be_bytes(random_bytes()?)))
    }

    /// Reads an id as it is stored in front of a ciphertext.
    pub const fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(u32::from_be_bytes(bytes))
    }

    /// The id as it is stored in front of a ciphertext.
    pub const fn to_bytes(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }

    fn parse(text: &str) -> Option<Self> {
        let hex = text.len() == 8 && text.bytes().all(|b| b.is_ascii_hexdigit());
        hex.then(|| u32::from_str_radix(text, 16).ok()).flatten().map(Self)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// One key of the ring.
pub struct RingKey {
    id: KeyId,
    bytes: SecretSlice<u8>,
}

impl RingKey {
    /// Id by which stored data names this key.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The secret itself: 32 bytes, or a PKCS#8 document for a signing key.
    pub fn expose(&self) -> &[u8] {
        self.bytes.expose_secret()
    }
}

impl fmt::Debug for RingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RingKey({}, [redacted])", self.id)
    }
}

/// The keys of one purpose, the current one first; never empty.
#[derive(Debug)]
pub struct KeyList {
    current: RingKey,
    earlier: Vec<RingKey>,
}

impl KeyList {
    /// The key for new work.
    pub const fn current(&self) -> &RingKey {
        &self.current
    }

    /// The key with this id, current or earlier.
    pub fn find(&self, id: KeyId) -> Option<&RingKey> {
        self.iter().find(|key| key.id == id)
    }

    /// All keys, the current one first.
    pub fn iter(&self) -> impl Iterator<Item = &RingKey> {
        std::iter::once(&self.current).chain(&self.earlier)
    }
}

/// All keys of a deployment.
#[derive(Debug)]
pub struct KeyRing {
    /// AES-256-GCM-SIV key-encryption keys from which tenant keys are derived.
    pub encryption: KeyList,
    /// Masters of the per-tenant blind indexes.
    pub blind_index: KeyList,
    /// Keys of the deployment-wide "takes part elsewhere?" index.
    pub participation_index: KeyList,
    /// Ed25519 keys (PKCS#8) of the built-in token issuer.
    pub token_signing: KeyList,
    /// HMAC keys of the audit sealer.
    pub audit_seal: KeyList,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RingText {
    encryption: Vec<KeyText>,
    blind_index: Vec<KeyText>,
    participation_index: Vec<KeyText>,
    token_signing: Vec<KeyText>,
    audit_seal: Vec<KeyText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyText {
    id: String,
    key: SecretString,
}

impl KeyRing {
    /// Loads `<data_dir>/keys.json`, making it with fresh keys on the first start.
    ///
    /// Several processes may start at once on one directory; all end with the same ring.
    ///
    /// # Errors
    /// [`KeyError`] when the file is exposed to others, damaged, lost, or cannot be written.
    pub fn load_or_create(data_dir: &Path) -> Result<Self, KeyError> {
        create_private_dir(data_dir).map_err(|e| io_error(data_dir, e))?;
        let path = data_dir.join(FILE_NAME);
        // A lock beside the file, not on it: the rename below replaces the file.
        let lock_path = data_dir.join("keys.lock");
        let lock = open_private(&lock_path).map_err(|e| io_error(&lock_path, e))?;
        lock.lock().map_err(|e| io_error(&lock_path, e))?;
        let exists = path.try_exists().map_err(|e| io_error(&path, e))?;
        if !exists {
            let people = data_dir.join(PERSON_KEYS_DIR);
            if holds_person_keys(&people).map_err(|e| io_error(&people, e))? {
                return Err(KeyError::Lost { path });
            }
            replace_file(&path, Self::generate_text()?.as_bytes()).map_err(|e| io_error(&path, e))?;
        }
        Self::load(&path)
    }

    /// Loads a key file that must exist.
    ///
    /// # Errors
    /// [`KeyError`] when the file is missing, exposed to others or damaged.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let file = File::open(path).map_err(|e| io_error(path, e))?;
        // Asked of the open file, so that it cannot be exchanged between check and reading.
        let mode = file.metadata().map_err(|e| io_error(path, e))?.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed { path: path.to_owned(), mode });
        }
        let text = Zeroizing::new(io::read_to_string(file).map_err(|e| io_error(path, e))?);
        Self::parse(&text)
    }

    /// Reads a ring from one configuration value: the key file's content in base64.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] when it is not base64 or not a key ring.
    pub fn from_base64(value: &SecretString) -> Result<Self, KeyError> {
        let bytes = STANDARD.decode(value.expose_secret().trim()).map(Zeroizing::new).map_err(|_| malformed("not base64"))?;
        Self::parse(std::str::from_utf8(&bytes).map_err(|_| malformed("not UTF-8"))?)
    }

    /// Reads a ring from the text of a key file.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] naming the place, never the content.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        // The parser's own message may quote a value, which is a key here.
        let ring: RingText =
            serde_json::from_str(text).map_err(|e| KeyError::Malformed(format!("line {} column {}", e.line(), e.column())))?;
        Ok(Self {
            encryption: symmetric("encryption", ring.encryption)?,
            blind_index: symmetric("blind_index", ring.blind_index)?,
            participation_index: symmetric("participation_index", ring.participation_index)?,
            token_signing: signing("token_signing", ring.token_signing)?,
            audit_seal: symmetric("audit_seal", ring.audit_seal)?,
        })
    }

    /// Makes the text of a key file with fresh random keys.
    ///
    /// # Errors
    /// [`KeyError::Random`] when the system has no randomness.
    pub fn generate_text() -> Result<Zeroizing<String>, KeyError> {
        let mut text = Zeroizing::new(String::from("{\n"));
        for purpose in ["encryption", "blind_index", "participation_index", "audit_seal"] {
            let key: Zeroizing<[u8; KEY_LEN]> = Zeroizing::new(random_bytes()?);
            push_entry(&mut text, purpose, key.as_slice())?;
            text.push_str(",\n");
        }
        let pair = Ed25519KeyPair::generate().map_err(|_| KeyError::Random)?;
        let pkcs8 = pair.to_pkcs8().map_err(|_| KeyError::Random)?;
        push_entry(&mut text, "token_signing", pkcs8.as_ref())?;
        text.push_str("\n}\n");
        Ok(text)
    }
}

fn push_entry(text: &mut String, purpose: &str, key: &[u8]) -> Result<(), KeyError> {
    let id = KeyId::random()?;
    let encoded = Zeroizing::new(STANDARD.encode(key));
    for part in ["  \"", purpose, "\": [{ \"id\": \"", &id.to_string(), "\", \"key\": \"", &encoded, "\" }]"] {
        text.push_str(part);
    }
    Ok(())
}

fn symmetric(purpose: &str, entries: Vec<KeyText>) -> Result<KeyList, KeyError> {
    key_list(purpose, entries, |bytes| bytes.len() == KEY_LEN)
}

fn signing(purpose: &str, entries: Vec<KeyText>) -> Result<KeyList, KeyError> {
    key_list(purpose, entries, |bytes| Ed25519KeyPair::from_pkcs8(bytes).is_ok())
}

fn key_list(purpose: &str, entries: Vec<KeyText>, is_valid: impl Fn(&[u8]) -> bool) -> Result<KeyList, KeyError> {
    let mut keys: Vec<RingKey> = Vec::with_capacity(entries.len());
    for entry in entries {
        let id = KeyId::parse(&entry.id).ok_or_else(|| malformed(&format!("{purpose}: an id is not 8 hexadecimal digits")))?;
        let bytes = STANDARD
            .decode(entry.key.expose_secret())
            .map(SecretSlice::from)
            .map_err(|_| malformed(&format!("{purpose}: key {id} is not base64")))?;
        if !is_valid(bytes.expose_secret()) {
            return Err(malformed(&format!("{purpose}: key {id} has the wrong form")));
        }
        if keys.iter().any(|key| key.id == id) {
            return Err(malformed(&format!("{purpose}: id {id} occurs twice")));
        }
        keys.push(RingKey { id, bytes });
    }
    let mut keys = keys.into_iter();
    let current = keys.next().ok_or_else(|| malformed(&format!("{purpose}: no key")))?;
    Ok(KeyList { current, earlier: keys.collect() })
}

fn malformed(reason: &str) -> KeyError {
    KeyError::Malformed(reason.to_owned())
}

fn io_error(path: &Path, source: io::Error) -> KeyError {
    KeyError::Io { path: path.to_owned(), source }
}

fn holds_person_keys(dir: &Path) -> io::Result<bool> {
    match fs::read_dir(dir) {
        Ok(entries) => {
            for entry in entries {
                if entry?.path().extension() == Some(OsStr::new(PERSON_KEYS_EXTENSION)) {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

/// Random bytes of the system.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], KeyError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| KeyError::Random)?;
    Ok(bytes)
}

/// Derives the key of one tenant from a deployment-wide key (HKDF-SHA-256).
pub(crate) fn derive_for_tenant(master: &RingKey, label: &str, tenant: Uuid) -> Zeroizing<[u8; KEY_LEN]> {
    let mut key = Zeroizing::new([0; KEY_LEN]);
    // The zero byte ends the label, the tenant has a fixed length: no two contexts coincide.
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"pai key derivation 1")
        .extract(master.expose())
        .expand(&[label.as_bytes(), &[0], tenant.as_bytes()], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(key.as_mut_slice()))
        .expect("one hash length of output is within the limit of HKDF");
    key
}

#[cfg(test)]
pub(crate) mod tests;
