//! Secrets of machine clients: made here, shown once, stored only as an argon2id hash.

use std::sync::{LazyLock, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

use super::keys::{KeyError, random_bytes};

/// Marks a client secret, so that scanners find one that leaked into a repository.
pub const PREFIX: &str = "pai_";

/// Memory of one hash. **Units**: KiB. **Source**: OWASP Password Storage Cheat Sheet, argon2id.
const MEMORY_KIB: u32 = 19_456;
/// Passes over the memory. **Source**: as [`MEMORY_KIB`].
const PASSES: u32 = 2;
/// Lanes. **Source**: as [`MEMORY_KIB`].
const LANES: u32 = 1;

/// A secret could not be hashed.
#[derive(Debug, thiserror::Error)]
#[error("the client secret could not be hashed")]
pub struct HashError;

/// What an unknown client's secret is compared with, so that the answer takes as long as for a
/// known one.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| new_client_secret().ok().and_then(|s| hash_secret(&s).ok()));

/// Makes a client secret of 256 random bits with the prefix `pai_`.
///
/// # Errors
/// [`KeyError::Random`] when the system has no randomness.
pub fn new_client_secret() -> Result<SecretString, KeyError> {
    let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(random_bytes()?);
    let mut secret = String::with_capacity(PREFIX.len() + 43);
    secret.push_str(PREFIX);
    URL_SAFE_NO_PAD.encode_string(bytes.as_slice(), &mut secret);
    Ok(SecretString::from(secret))
}

/// The memory of one hash at a time.
///
/// It is kept and used again: an allocator holds on to what each of many threads once gave back, which soon is a gigabyte.
#[derive(Default)]
pub struct Memory(Vec<Block>);

impl Memory {
    fn of(&mut self, params: &Params) -> &mut [Block] {
        let blocks = params.block_count();
        if self.0.len() < blocks {
            self.0.resize(blocks, Block::new());
        }
        &mut self.0[..blocks]
    }
}

/// The memory in which new secrets are hashed, one after the other.
static OF_NEW: Mutex<Memory> = Mutex::new(Memory(Vec::new()));

/// Hashes a client secret to a PHC string with a random salt.
///
/// **Limits**: takes 19 MiB and noticeable time, and waits for other new secrets; run it off the event loop.
///
/// # Errors
/// [`HashError`] when memory or randomness is missing.
pub fn hash_secret(secret: &SecretString) -> Result<String, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(Params::DEFAULT_OUTPUT_LEN)).map_err(|_| HashError)?;
    let salt = Salt::new(&random_bytes::<{ Salt::RECOMMENDED_LENGTH }>().map_err(|_| HashError)?).map_err(|_| HashError)?;
    let mut hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(|_| HashError)?,
        salt: Some(salt),
        hash: None,
    };
    let mut memory = OF_NEW.lock().unwrap_or_else(PoisonError::into_inner);
    hash.hash = Some(output(secret, &hash, params, &mut memory).ok_or(HashError)?);
    Ok(hash.to_string())
}

/// Whether the secret matches the stored hash; `None` stands for an unknown client and takes the
/// same time to refuse.
///
/// **Limits**: takes 19 MiB and noticeable time; run it off the event loop.
pub fn verify_secret(secret: &SecretString, stored: Option<&str>, memory: &mut Memory) -> bool {
    let known = stored.and_then(|hash| PasswordHash::new(hash).ok());
    if let Some(hash) = known {
        return matches(secret, &hash, memory);
    }
    if stored.is_some() {
        tracing::error!("a stored client secret is not a PHC string");
    }
    if let Some(hash) = NOBODY.as_deref().and_then(|h| PasswordHash::new(h).ok()) {
        matches(secret, &hash, memory);
    }
    false
}

/// Makes the comparison value for unknown clients, so that the first one does not wait for it.
pub fn prepare() {
    LazyLock::force(&NOBODY);
    // Most services make no client for months.
    *OF_NEW.lock().unwrap_or_else(PoisonError::into_inner) = Memory::default();
}

/// Compares in constant time: the output type of the hash does.
fn matches(secret: &SecretString, hash: &PasswordHash, memory: &mut Memory) -> bool {
    let Ok(params) = Params::try_from(hash) else { return false };
    hash.hash.is_some() && output(secret, hash, params, memory) == hash.hash
}

/// The secret hashed as `like` says.
fn output(secret: &SecretString, like: &PasswordHash, params: Params, memory: &mut Memory) -> Option<Output> {
    let algorithm = Algorithm::try_from(like.algorithm.as_str()).ok()?;
    let version = like.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let blocks = memory.of(&params);
    let mut out = [0; Output::MAX_LENGTH];
    let out = out.get_mut(..length)?;
    Argon2::new(algorithm, version, params)
        .hash_password_into_with_memory(secret.expose_secret().as_bytes(), like.salt.as_ref()?, out, blocks)
        .ok()?;
    Output::new(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_matches_only_its_own_hash() {
        let secret = new_client_secret().expect("randomness");
        let other = new_client_secret().expect("randomness");
        let stored = hash_secret(&secret).expect("hash");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let mut memory = Memory::default();
        let mut matches = |secret: &SecretString| verify_secret(secret, Some(&stored), &mut memory);
        assert!(matches(&secret));
        assert!(!matches(&other));
        assert!(!matches(&SecretString::from("")));
        assert!(matches(&secret), "memory that was used before changes nothing");
        assert_ne!(stored, hash_secret(&secret).expect("hash"));
    }

    #[test]
    fn the_library_agrees_about_a_hash() {
        use argon2::password_hash::PasswordVerifier as _;
        let secret = new_client_secret().expect("randomness");
        let stored = hash_secret(&secret).expect("hash");
        let matches = |secret: &[u8]| Argon2::default().verify_password(secret, stored.as_str()).is_ok();
        assert!(matches(secret.expose_secret().as_bytes()) && !matches(b"another"));
    }

    #[test]
    fn unknown_clients_and_damaged_hashes_are_refused() {
        prepare();
        let secret = new_client_secret().expect("randomness");
        for stored in [None, Some("not a hash"), Some("$argon2id$v=19$m=19456,t=2,p=1")] {
            assert!(!verify_secret(&secret, stored, &mut Memory::default()), "{stored:?}");
        }
    }

    #[test]
    fn secrets_are_long_marked_and_not_printed() {
        let secret = new_client_secret().expect("randomness");
        let text = secret.expose_secret();
        assert!(text.starts_with(PREFIX) && text.len() == PREFIX.len() + 43);
        assert!(!format!("{secret:?}").contains(&text[PREFIX.len()..]));
    }
}
