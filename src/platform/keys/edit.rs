//! Changing a key ring step by step: prepare, activate, retire.
//!
//! A key is *prepared* first: every reader knows it and none writes with it. It is *activated* only
//! when all readers know it, and the one before stays as an *earlier* key until nothing needs it.

use std::path::Path;

use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::{FILE_NAME, KEY_LEN, KeyError, KeyId, KeyList, KeyRing, io_error, malformed, random_bytes};
use crate::platform::private_files::{open_private, replace_file};

/// What a list of keys is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Key-encryption keys.
    Encryption,
    /// Masters of the blind indexes of the tenants.
    BlindIndex,
    /// The deployment-wide index.
    ParticipationIndex,
    /// Signatures of access tokens.
    TokenSigning,
    /// Seals of the access register.
    AuditSeal,
}

impl Purpose {
    /// All purposes, in the order of the key file.
    pub const ALL: [Self; 5] =
        [Self::Encryption, Self::BlindIndex, Self::ParticipationIndex, Self::TokenSigning, Self::AuditSeal];

    /// Its name in the key file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Encryption => "encryption",
            Self::BlindIndex => "blind_index",
            Self::ParticipationIndex => "participation_index",
            Self::TokenSigning => "token_signing",
            Self::AuditSeal => "audit_seal",
        }
    }

    /// A new random key in base64.
    pub(super) fn fresh_key(self) -> Result<Zeroizing<String>, KeyError> {
        if self == Self::TokenSigning {
            let pair = Ed25519KeyPair::generate().map_err(|_| KeyError::Random)?;
            let pkcs8 = pair.to_pkcs8().map_err(|_| KeyError::Random)?;
            return Ok(Zeroizing::new(STANDARD.encode(pkcs8.as_ref())));
        }
        let key: Zeroizing<[u8; KEY_LEN]> = Zeroizing::new(random_bytes()?);
        Ok(Zeroizing::new(STANDARD.encode(key.as_slice())))
    }
}

impl KeyRing {
    /// The keys of one purpose.
    pub const fn list(&self, purpose: Purpose) -> &KeyList {
        match purpose {
            Purpose::Encryption => &self.encryption,
            Purpose::BlindIndex => &self.blind_index,
            Purpose::ParticipationIndex => &self.participation_index,
            Purpose::TokenSigning => &self.token_signing,
            Purpose::AuditSeal => &self.audit_seal,
        }
    }
}

/// A key ring that is being changed.
pub struct RingEdit {
    ring: Value,
}

impl RingEdit {
    /// Takes the text of a valid key file.
    ///
    /// # Errors
    /// [`KeyError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        KeyRing::parse(text)?;
        Ok(Self { ring: serde_json::from_str(text).map_err(|_| malformed("not JSON"))? })
    }

    /// Reads the key file of a data directory.
    ///
    /// # Errors
    /// As [`KeyRing::load`].
    pub fn load(data_dir: &Path) -> Result<Self, KeyError> {
        let path = data_dir.join(FILE_NAME);
        KeyRing::load(&path)?;
        let text = Zeroizing::new(std::fs::read_to_string(&path).map_err(|e| io_error(&path, e))?);
        Self::parse(&text)
    }

    /// Takes a ring from one configuration value.
    ///
    /// # Errors
    /// As [`KeyRing::from_base64`].
    pub fn from_base64(value: &SecretString) -> Result<Self, KeyError> {
        let bytes = STANDARD.decode(value.expose_secret().trim()).map(Zeroizing::new).map_err(|_| malformed("not base64"))?;
        Self::parse(std::str::from_utf8(&bytes).map_err(|_| malformed("not UTF-8"))?)
    }

    /// Puts the ring in place of the key file of a data directory.
    ///
    /// # Errors
    /// [`KeyError::Io`].
    pub fn save(&self, data_dir: &Path) -> Result<(), KeyError> {
        let (path, lock_path) = (data_dir.join(FILE_NAME), data_dir.join("keys.lock"));
        let lock = open_private(&lock_path).map_err(|e| io_error(&lock_path, e))?;
        lock.lock().map_err(|e| io_error(&lock_path, e))?;
        replace_file(&path, self.text().as_bytes()).map_err(|e| io_error(&path, e))
    }

    /// The ring as it is now.
    ///
    /// # Errors
    /// [`KeyError::Malformed`]; not for a ring that was changed by this type only.
    pub fn ring(&self) -> Result<KeyRing, KeyError> {
        KeyRing::parse(&self.text())
    }

    /// The ring as one configuration value.
    pub fn base64(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(self.text().as_bytes()))
    }

    /// Adds a fresh key that everybody is to know before it is used.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn prepare(&mut self, purpose: Purpose, now: DateTime<Utc>) -> Result<KeyId, KeyError> {
        let id = KeyId::random()?;
        let key = purpose.fresh_key()?;
        let entry = json!({ "id": id.to_string(), "key": key.as_str(), "prepared": true, "since": moment(now) });
        self.list(purpose).push(entry);
        Ok(id)
    }

    /// Makes the prepared key the one for new work; the one before becomes an earlier key.
    pub fn activate(&mut self, purpose: Purpose, now: DateTime<Utc>) {
        let list = self.list(purpose);
        let Some(place) = list.iter().position(|key| key["prepared"] == true) else { return };
        let mut key = list.remove(place);
        if let Some(key) = key.as_object_mut() {
            key.remove("prepared");
            key.insert("since".to_owned(), moment(now));
        }
        if let Some(before) = list.first_mut().and_then(Value::as_object_mut) {
            before.insert("since".to_owned(), moment(now));
        }
        list.insert(0, key);
    }

    /// Removes an earlier key.
    pub fn retire(&mut self, purpose: Purpose, id: KeyId) {
        let mut place = 0;
        self.list(purpose).retain(|key| {
            place += 1;
            place == 1 || key["id"] != id.to_string().as_str()
        });
    }

    /// Asks running services to look at the person keys anew.
    pub fn raise_generation(&mut self) {
        let raised = self.ring["generation"].as_u64().unwrap_or_default() + 1;
        self.ring["generation"] = json!(raised);
    }

    fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{:#}\n", self.ring))
    }

    fn list(&mut self, purpose: Purpose) -> &mut Vec<Value> {
        let list = &mut self.ring[purpose.as_str()];
        if !list.is_array() {
            *list = json!([]);
        }
        list.as_array_mut().expect("made a list above")
    }
}

fn moment(now: DateTime<Utc>) -> Value {
    json!(now.to_rfc3339_opts(SecondsFormat::Secs, true))
}
