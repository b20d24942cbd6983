//! `private_key_jwt`: a client proves who it is with a signature instead of a secret (RFC 7523).

use chrono::{DateTime, Utc};
use serde_json::Value;
use thiserror::Error;
use uuid::Uuid;

use super::jwk::{Jwk, PublicKey, SignatureAlgorithm};
use super::jws::{Members, Unverified};
use crate::platform::secrets::digest;

/// Longest life of an assertion. **Units**: seconds.
const LONGEST_LIFE: i64 = 300;
/// Difference of clocks that is forgiven. **Units**: seconds.
const LEEWAY: i64 = 30;
/// Longest assertion that is looked at. **Units**: bytes.
const LONGEST: usize = 4096;
/// Longest id of an assertion. **Units**: bytes.
const LONGEST_ID: usize = 255;
/// Types of an assertion, in lower case. Access and ID tokens of the same keys are none.
const TYPES: &[&str] = &["jwt", "client-authentication+jwt"];

/// Why an assertion is refused; the caller is told only that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("client assertion: {0}")]
pub(crate) struct AssertionError(&'static str);

impl AssertionError {
    /// The request names another client than the assertion.
    pub(crate) const OTHER_CLIENT: Self = Self("of another client than client_id");
}

/// An assertion of acceptable form and content, whose signature is still to be checked.
pub(crate) struct Assertion<'t> {
    parts: Unverified<'t>,
    algorithm: SignatureAlgorithm,
    kid: Option<String>,
    /// Client that it claims to be of.
    pub client: Uuid,
    /// SHA-256 of its id, by which it is known to be used.
    pub id_digest: [u8; 32],
    /// From when on every replica would refuse it as expired, also one whose clock is minutes late.
    pub forgotten_at: DateTime<Utc>,
}

impl<'t> Assertion<'t> {
    /// Reads an assertion that is meant for one of these audiences.
    ///
    /// # Errors
    /// [`AssertionError`] naming the first thing that is wrong.
    pub(crate) fn read(text: &'t str, audiences: &[String], now: DateTime<Utc>) -> Result<Self, AssertionError> {
        if text.len() > LONGEST {
            return Err(AssertionError("too long"));
        }
        let parts = Unverified::parse(text).map_err(|_| AssertionError("malformed"))?;
        let name = |members: &Members, name| {
            members.text(name).map(|text| text.map(str::to_owned)).map_err(|()| AssertionError("type of a member"))
        };
        let algorithm =
            name(&parts.header, "alg")?.as_deref().and_then(SignatureAlgorithm::named).ok_or(AssertionError("alg"))?;
        let kid = name(&parts.header, "kid")?;
        if name(&parts.header, "typ")?.is_some_and(|typ| !TYPES.contains(&typ.to_ascii_lowercase().as_str())) {
            return Err(AssertionError("typ"));
        }
        let subject = name(&parts.claims, "sub")?.ok_or(AssertionError("sub"))?;
        if name(&parts.claims, "iss")?.as_ref() != Some(&subject) {
            return Err(AssertionError("iss differs from sub"));
        }
        let client = Uuid::parse_str(&subject).map_err(|_| AssertionError("sub"))?;
        if !is_meant_for(parts.claims.get("aud"), audiences) {
            return Err(AssertionError("aud"));
        }
        let id = name(&parts.claims, "jti")?.filter(|id| (1..=LONGEST_ID).contains(&id.len())).ok_or(AssertionError("jti"))?;
        let forgotten_at = check_times(&parts.claims, now)?;
        Ok(Self { algorithm, kid, client, id_digest: digest(id.as_bytes()), forgotten_at, parts })
    }

    /// Whether one of the client's keys has signed it.
    pub(crate) fn is_signed_by(&self, keys: &[Jwk]) -> bool {
        let named = |key: &&Jwk| self.kid.is_none() || key.kid == self.kid;
        let keys = keys.iter().filter(named).filter_map(|key| PublicKey::of(key).ok());
        let mut keys = keys.filter(|key| key.algorithm == self.algorithm);
        keys.any(|key| key.verifies(self.parts.message, self.parts.signature))
    }
}

/// One audience and no other: who else received the assertion could use it here.
fn is_meant_for(audience: Option<&Value>, audiences: &[String]) -> bool {
    let named = match audience {
        Some(Value::String(one)) => one,
        Some(Value::Array(list)) => match list.as_slice() {
            [Value::String(one)] => one,
            _ => return false,
        },
        _ => return false,
    };
    audiences.contains(named)
}

fn check_times(claims: &Members, now: DateTime<Utc>) -> Result<DateTime<Utc>, AssertionError> {
    let seconds = now.timestamp();
    let time = |name| claims.whole_number(name).map_err(|()| AssertionError("type of a time"));
    let end = time("exp")?.ok_or(AssertionError("exp"))?;
    if end.saturating_add(LEEWAY) <= seconds {
        return Err(AssertionError("expired"));
    }
    if end > seconds.saturating_add(LONGEST_LIFE + LEEWAY) {
        return Err(AssertionError("exp is too far ahead"));
    }
    let begins = time("nbf")?.into_iter().chain(time("iat")?);
    if begins.max().is_some_and(|begin| begin > seconds.saturating_add(LEEWAY)) {
        return Err(AssertionError("not valid yet"));
    }
    DateTime::from_timestamp(end + LEEWAY + LONGEST_LIFE, 0).ok_or(AssertionError("exp"))
}
