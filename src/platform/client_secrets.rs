//! Secrets of machine clients: made here, shown once, stored only as an argon2id hash.

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
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

/// Hashes a client secret to a PHC string with a random salt.
///
/// **Limits**: takes 19 MiB and noticeable time; run it off the event loop.
///
/// # Errors
/// [`HashError`] when memory or randomness is missing.
pub fn hash_secret(secret: &SecretString) -> Result<String, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| HashError)?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password(secret.expose_secret().as_bytes())
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(|_| HashError)
}

/// Whether the secret matches the stored hash; `None` stands for an unknown client and takes the
/// same time to refuse.
///
/// **Limits**: takes 19 MiB and noticeable time; run it off the event loop.
pub fn verify_secret(secret: &SecretString, stored: Option<&str>) -> bool {
    let known = stored.and_then(|hash| PasswordHash::new(hash).ok());
    if let Some(hash) = known {
        return matches(secret, &hash);
    }
    if stored.is_some() {
        tracing::error!("a stored client secret is not a PHC string");
    }
    if let Some(hash) = NOBODY.as_deref().and_then(|h| PasswordHash::new(h).ok()) {
        matches(secret, &hash);
    }
    false
}

/// Makes the comparison value for unknown clients, so that the first one does not wait for it.
pub fn prepare() {
    LazyLock::force(&NOBODY);
}

/// Compares in constant time: the output type of the hash does.
fn matches(secret: &SecretString, hash: &PasswordHash) -> bool {
    Argon2::default().verify_password(secret.expose_secret().as_bytes(), hash).is_ok()
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
        assert!(verify_secret(&secret, Some(&stored)));
        assert!(!verify_secret(&other, Some(&stored)));
        assert!(!verify_secret(&SecretString::from(""), Some(&stored)));
        assert_ne!(stored, hash_secret(&secret).expect("hash"));
    }

    #[test]
    fn unknown_clients_and_damaged_hashes_are_refused() {
        prepare();
        let secret = new_client_secret().expect("randomness");
        assert!(!verify_secret(&secret, None));
        assert!(!verify_secret(&secret, Some("not a hash")));
        assert!(!verify_secret(&secret, Some("$argon2id$v=19$m=19456,t=2,p=1")));
    }

    #[test]
    fn secrets_are_long_marked_and_not_printed() {
        let secret = new_client_secret().expect("randomness");
        let text = secret.expose_secret();
        assert!(text.starts_with(PREFIX) && text.len() == PREFIX.len() + 43);
        assert!(!format!("{secret:?}").contains(&text[PREFIX.len()..]));
    }
}
