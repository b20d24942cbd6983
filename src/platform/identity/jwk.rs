//! Public keys as JSON Web Keys (RFC 7517), each for one algorithm only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::platform::hint::Hint;

/// Shortest and longest RSA modulus. **Units**: bytes. **Source**: NIST SP 800-131A; the longest bounds the work of a check.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;
/// Length of a coordinate of P-256 and of a public key of Ed25519. **Units**: bytes.
const COORDINATE: usize = 32;
/// Longest RSA exponent. **Units**: bytes.
const EXPONENT: usize = 8;

/// An asymmetric signature that is accepted. There is no way to name another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum SignatureAlgorithm {
    /// RSA PKCS #1 v1.5 with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// `EdDSA` on Ed25519.
    #[serde(rename = "EdDSA", alias = "Ed25519")]
    EdDsa,
}

impl SignatureAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 3] = [Self::Rs256, Self::Es256, Self::EdDsa];

    /// The algorithm of that exact name (RFC 7518, RFC 8037; `Ed25519` is the newer name of RFC 9864).
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            _ => None,
        }
    }

    /// The name in headers and documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// Why a key is not usable; never carries the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum JwkError {
    /// Neither RSA, nor EC on P-256, nor OKP on Ed25519.
    #[error("must be an RSA key, an EC key on P-256 or an OKP key on Ed25519")]
    Kind,
    /// Made for something else than verifying signatures.
    #[error("is for another use or algorithm")]
    Use,
    /// A member is missing, not base64url or of the wrong length.
    #[error("has a member that is missing, not base64url or of the wrong length")]
    Member,
    /// An RSA modulus below 2048 bits.
    #[error("is an RSA key of less than 2048 bits")]
    Short,
}

impl JwkError {
    /// The same in both languages.
    pub fn hint(self) -> Hint {
        let pl = match self {
            Self::Kind => "musi być kluczem RSA, EC na P-256 albo OKP na Ed25519",
            Self::Use => "jest do innego użycia lub algorytmu",
            Self::Member => "ma pole, którego brakuje, które nie jest zapisane w base64url albo ma złą długość",
            Self::Short => "jest kluczem RSA krótszym niż 2048 bitów",
        };
        Hint::new(pl, self.to_string())
    }
}

/// The members of a JSON Web Key that matter here; others are not read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Jwk {
    /// Kind of key: `RSA`, `EC` or `OKP`.
    pub kty: String,
    /// Curve of an EC or OKP key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// Id of the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// Algorithm that the key is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// `sig` for signatures.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub use_: Option<String>,
    /// Modulus of an RSA key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// Exponent of an RSA key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
    /// First coordinate of an EC key; the key on Ed25519.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// Second coordinate of an EC key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
}

/// A key that verifies signatures of its one algorithm.
#[derive(Debug)]
pub struct PublicKey {
    /// Id of the key.
    pub kid: Option<String>,
    /// The one algorithm that it is used with, whatever a token's header says.
    pub algorithm: SignatureAlgorithm,
    key: DecodingKey,
    /// What the key was read from.
    jwk: Jwk,
}

impl PublicKey {
    /// Reads a key.
    ///
    /// # Errors
    /// [`JwkError`] for a key of another kind, for another use, or with members of the wrong form.
    pub fn of(jwk: &Jwk) -> Result<Self, JwkError> {
        let (algorithm, key) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => (SignatureAlgorithm::Rs256, rsa(jwk)?),
            ("EC", Some("P-256")) => (SignatureAlgorithm::Es256, p256(jwk)?),
            ("OKP", Some("Ed25519")) => {
                (SignatureAlgorithm::EdDsa, DecodingKey::from_ed_der(&bytes(jwk.x.as_deref(), COORDINATE..=COORDINATE)?))
            }
            _ => return Err(JwkError::Kind),
        };
        let other_algorithm = jwk.alg.as_deref().is_some_and(|name| SignatureAlgorithm::named(name) != Some(algorithm));
        if other_algorithm || jwk.use_.as_deref().is_some_and(|use_| use_ != "sig") {
            return Err(JwkError::Use);
        }
        Ok(Self { kid: jwk.kid.clone(), algorithm, key, jwk: jwk.clone() })
    }

    /// Whether both are the same key under the same id.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.jwk == other.jwk
    }

    /// Whether the signature (in base64url) is this key's over the message.
    pub fn verifies(&self, message: &str, signature: &str) -> bool {
        let algorithm = match self.algorithm {
            SignatureAlgorithm::Rs256 => Algorithm::RS256,
            SignatureAlgorithm::Es256 => Algorithm::ES256,
            SignatureAlgorithm::EdDsa => Algorithm::EdDSA,
        };
        matches!(crypto::verify(signature, message.as_bytes(), &self.key, algorithm), Ok(true))
    }
}

fn bytes(member: Option<&str>, length: std::ops::RangeInclusive<usize>) -> Result<Vec<u8>, JwkError> {
    let bytes = URL_SAFE_NO_PAD.decode(member.ok_or(JwkError::Member)?).map_err(|_| JwkError::Member)?;
    length.contains(&bytes.len()).then_some(bytes).ok_or(JwkError::Member)
}

fn rsa(jwk: &Jwk) -> Result<DecodingKey, JwkError> {
    // Some libraries write the sign of the number as a leading zero.
    let modulus = bytes(jwk.n.as_deref(), 0..=MODULUS.end() + 1)?;
    let modulus = modulus.strip_prefix(&[0]).unwrap_or(&modulus);
    if !modulus.is_empty() && modulus.len() < *MODULUS.start() {
        return Err(JwkError::Short);
    }
    if !MODULUS.contains(&modulus.len()) || modulus[0] == 0 {
        return Err(JwkError::Member);
    }
    let exponent = bytes(jwk.e.as_deref(), 1..=EXPONENT)?;
    Ok(DecodingKey::from_rsa_raw_components(modulus, &exponent))
}

fn p256(jwk: &Jwk) -> Result<DecodingKey, JwkError> {
    // An uncompressed point: the marker, then both coordinates.
    let mut point = vec![4];
    point.extend(bytes(jwk.x.as_deref(), COORDINATE..=COORDINATE)?);
    point.extend(bytes(jwk.y.as_deref(), COORDINATE..=COORDINATE)?);
    Ok(DecodingKey::from_ec_der(&point))
}
