//! Access tokens of the built-in issuer: Ed25519-signed JWTs for machine clients (RFC 9068).
//!
//! A token says who the client is and nothing about its rights, which stay in the client's row.
//! Everything is strict: what this issuer would not write itself is refused.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, crypto, encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keys::{KeyError, KeyList, RingKey, random_bytes};

/// Longest token that is looked at. **Units**: bytes.
pub const MAX_TOKEN_LEN: usize = 4096;
/// Longest life of a token. **Units**: seconds.
pub const MAX_TTL: Duration = Duration::from_hours(24);
/// Difference of clocks that is forgiven. **Units**: seconds.
const LEEWAY: i64 = 30;
/// Type of a JWT access token. **Source**: RFC 9068 section 2.1.
const TOKEN_TYPE: &str = "at+jwt";
const ALGORITHM: &str = "EdDSA";

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Longer than [`MAX_TOKEN_LEN`].
    #[error("token is too long")]
    TooLong,
    /// Not three parts of unpadded base64url.
    #[error("token is malformed")]
    Malformed,
    /// The header misses a member, repeats one or has one that is not used here.
    #[error("token header is not acceptable")]
    Header,
    /// Not the one algorithm that is allowed.
    #[error("token algorithm is not allowed")]
    Algorithm,
    /// Not an access token.
    #[error("token type is not at+jwt")]
    Type,
    /// The key id is not one of this issuer.
    #[error("token key is unknown")]
    UnknownKey,
    /// The signature does not belong to header, payload and key.
    #[error("token signature is not valid")]
    Signature,
    /// A claim is missing, repeated, of the wrong type or not used here.
    #[error("token claims are not acceptable")]
    Claims,
    /// Made by another issuer.
    #[error("token issuer is not accepted")]
    Issuer,
    /// Made for another service.
    #[error("token audience is not accepted")]
    Audience,
    /// No subject, or one that no client can have.
    #[error("token has no usable sub")]
    Subject,
    /// No end of validity.
    #[error("token has no exp")]
    NoExpiry,
    /// It would count for longer than [`MAX_TTL`].
    #[error("token expires more than 24 hours ahead")]
    TooFar,
    /// Its time is over.
    #[error("token has expired")]
    Expired,
    /// Its time has not come, or it claims to be made in the future.
    #[error("token is not valid yet")]
    NotYetValid,
}

/// Why a token could not be made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The asked life is zero or longer than [`MAX_TTL`].
    #[error("token life is out of range")]
    Ttl,
    /// The system has no randomness.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The signing key does not sign.
    #[error("token could not be signed")]
    Signing,
}

/// What a verified token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims {
    /// The client that the token was issued to (`sub`).
    pub client: Uuid,
    /// Id of the token (`jti`).
    pub token_id: Uuid,
    /// Time of issue. **Units**: seconds since 1970.
    pub issued_at: i64,
    /// First moment of validity. **Units**: seconds since 1970.
    pub not_before: i64,
    /// End of validity. **Units**: seconds since 1970.
    pub expires_at: i64,
}

impl Claims {
    /// When the token counts.
    pub fn validity(&self) -> Validity {
        Validity { not_before: self.not_before.max(self.issued_at), expires_at: self.expires_at, longest: MAX_TTL }
    }
}

/// When a token counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// First moment. **Units**: seconds since 1970.
    pub not_before: i64,
    /// End. **Units**: seconds since 1970.
    pub expires_at: i64,
    /// How far ahead the end may lie.
    pub longest: Duration,
}

impl Validity {
    /// Checks against the given clock with a leeway of 30 seconds.
    ///
    /// # Errors
    /// [`TokenError::Expired`], [`TokenError::NotYetValid`], or [`TokenError::TooFar`].
    pub fn check(&self, now: DateTime<Utc>) -> Result<(), TokenError> {
        let now = now.timestamp();
        if self.expires_at.saturating_add(LEEWAY) <= now {
            return Err(TokenError::Expired);
        }
        let latest_begin = now.saturating_add(LEEWAY);
        if self.not_before > latest_begin {
            return Err(TokenError::NotYetValid);
        }
        let longest = i64::try_from(self.longest.as_secs()).unwrap_or(i64::MAX);
        if self.expires_at > latest_begin.saturating_add(longest) { Err(TokenError::TooFar) } else { Ok(()) }
    }
}

/// The only header members an own token has; `jku`, `jwk`, `x5u`, `crit` and all others are refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnHeader {
    alg: String,
    typ: String,
    kid: String,
}

/// The claims as they are written; the derived reader refuses repeated and unknown members.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnClaims {
    iss: String,
    sub: Uuid,
    /// Equal to `sub` here; RFC 9068 requires both.
    client_id: Uuid,
    aud: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: Uuid,
}

struct SigningKey {
    kid: String,
    signing: EncodingKey,
    verifying: DecodingKey,
    public: String,
}

/// Makes and verifies the access tokens of this deployment.
pub struct TokenIssuer {
    issuer: String,
    audience: String,
    /// The current key first.
    keys: RwLock<Arc<[SigningKey]>>,
}

impl TokenIssuer {
    /// Takes the signing keys of the ring; tokens of earlier keys stay valid until they expire.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] when a key is not an Ed25519 key.
    pub fn new(issuer: &str, audience: &str, keys: &KeyList) -> Result<Self, KeyError> {
        Ok(Self { issuer: issuer.to_owned(), audience: audience.to_owned(), keys: RwLock::new(signing_keys(keys)?) })
    }

    /// Takes the keys of a changed ring; the first signs, all verify.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] when a key is not an Ed25519 key.
    pub fn renew(&self, keys: &KeyList) -> Result<(), KeyError> {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = signing_keys(keys)?;
        Ok(())
    }

    fn keys(&self) -> Arc<[SigningKey]> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes a token for a client.
    ///
    /// **Limits**: `ttl` is between one second and 24 hours.
    ///
    /// # Errors
    /// [`IssueError`] when the life is out of range or signing fails.
    pub fn issue(&self, client: Uuid, now: DateTime<Utc>, ttl: Duration) -> Result<String, IssueError> {
        if ttl < Duration::from_secs(1) || ttl > MAX_TTL {
            return Err(IssueError::Ttl);
        }
        let life = i64::try_from(ttl.as_secs()).map_err(|_| IssueError::Ttl)?;
        let keys = self.keys();
        let key = keys.first().ok_or(IssueError::Signing)?;
        let now = now.timestamp();
        let claims = OwnClaims {
            iss: self.issuer.clone(),
            sub: client,
            client_id: client,
            aud: self.audience.clone(),
            iat: now,
            nbf: now,
            exp: now.saturating_add(life),
            jti: uuid::Builder::from_random_bytes(random_bytes()?).into_uuid(),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = Some(key.kid.clone());
        encode(&header, &claims, &key.signing).map_err(|_| IssueError::Signing)
    }

    /// Verifies a token against the given clock.
    ///
    /// # Errors
    /// [`TokenError`] naming the first thing that is wrong.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenError> {
        if token.len() > MAX_TOKEN_LEN {
            return Err(TokenError::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(TokenError::Malformed)?;
        if payload.contains('.') {
            return Err(TokenError::Malformed);
        }
        let keys = self.keys();
        let key = key_for(&keys, &parse_part(header, TokenError::Header)?)?;
        // The fixed algorithm: the header's was only compared with it.
        match crypto::verify(signature, message.as_bytes(), &key.verifying, Algorithm::EdDSA) {
            Ok(true) => {}
            _ => return Err(TokenError::Signature),
        }
        let claims = self.check_claims(&parse_part(payload, TokenError::Claims)?)?;
        claims.validity().check(now)?;
        Ok(claims)
    }

    /// The public keys as a JSON Web Key Set.
    pub fn jwks(&self) -> serde_json::Value {
        let keys: Vec<_> = self
            .keys()
            .iter()
            .map(|key| {
                serde_json::json!({
                    "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": ALGORITHM,
                    "kid": key.kid, "x": key.public,
                })
            })
            .collect();
        serde_json::json!({ "keys": keys })
    }

    fn check_claims(&self, claims: &OwnClaims) -> Result<Claims, TokenError> {
        if claims.iss != self.issuer {
            return Err(TokenError::Issuer);
        }
        if claims.aud != self.audience {
            return Err(TokenError::Audience);
        }
        let longest = i64::try_from(MAX_TTL.as_secs()).unwrap_or(i64::MAX);
        let ordered = claims.iat >= 0 && claims.exp > claims.iat && claims.exp > claims.nbf;
        if !ordered || claims.exp - claims.iat > longest || claims.sub != claims.client_id {
            return Err(TokenError::Claims);
        }
        Ok(Claims {
            client: claims.sub,
            token_id: claims.jti,
            issued_at: claims.iat,
            not_before: claims.nbf,
            expires_at: claims.exp,
        })
    }
}

fn signing_keys(keys: &KeyList) -> Result<Arc<[SigningKey]>, KeyError> {
    keys.iter().map(signing_key).collect()
}

fn key_for<'k>(keys: &'k [SigningKey], header: &OwnHeader) -> Result<&'k SigningKey, TokenError> {
    if header.alg != ALGORITHM {
        return Err(TokenError::Algorithm);
    }
    if header.typ != TOKEN_TYPE {
        return Err(TokenError::Type);
    }
    let key = keys.iter().find(|key| key.kid == header.kid);
    key.ok_or(TokenError::UnknownKey)
}

fn signing_key(key: &RingKey) -> Result<SigningKey, KeyError> {
    let pair =
        Ed25519KeyPair::from_pkcs8(key.expose()).map_err(|_| KeyError::Malformed(format!("token signing key {}", key.id())))?;
    Ok(SigningKey {
        kid: key.id().to_string(),
        signing: EncodingKey::from_ed_der(key.expose()),
        verifying: DecodingKey::from_ed_der(pair.public_key().as_ref()),
        public: URL_SAFE_NO_PAD.encode(pair.public_key()),
    })
}

fn parse_part<T: DeserializeOwned>(part: &str, refused: TokenError) -> Result<T, TokenError> {
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)?;
    // The reader would also take an array of the members in order.
    if json.first() != Some(&b'{') {
        return Err(refused);
    }
    serde_json::from_slice(&json).map_err(|_| refused)
}

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod tests;
