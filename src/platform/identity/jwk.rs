//! Public keys as JSON Web Keys (RFC 7517), each for one algorithm only.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
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
/// Encodings of the points of Ed25519 whose order divides eight, without the sign bit: under such a key anybody can sign.
/// **Source**: RFC 7748, section 6.1 and RFC 8032, section 5.1 (the canonical ones and those beyond the prime).
const SMALL_ORDER: [[u8; COORDINATE]; 7] = [
    near_the_end(0x00, 0x00, 0x00),
    near_the_end(0x01, 0x00, 0x00),
    near_the_end(0xec, 0xff, 0x7f),
    near_the_end(0xed, 0xff, 0x7f),
    near_the_end(0xee, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05,
        0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa,
        0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

/// A number near zero or near the prime, whose bytes in between are all the same.
const fn near_the_end(first: u8, between: u8, last: u8) -> [u8; COORDINATE] {
    let mut number = [between; COORDINATE];
    number[0] = first;
    number[COORDINATE - 1] = last;
    number
}

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
    /// A key under which others can sign, or nobody.
    #[error(
        "is weak: an RSA key needs 2048 bits, an odd modulus and an odd exponent from 3 on, another a point of its curve of full order"
    )]
    Weak,
}

impl JwkError {
    /// The same in both languages.
    pub fn hint(self) -> Hint {
        let pl = match self {
            Self::Kind => "musi być kluczem RSA, EC na P-256 albo OKP na Ed25519",
            Self::Use => "jest do innego użycia lub algorytmu",
            Self::Member => "ma pole, którego brakuje, które nie jest zapisane w base64url albo ma złą długość",
            Self::Weak => {
                "jest słaby: klucz RSA potrzebuje 2048 bitów, nieparzystego modułu i nieparzystego wykładnika od 3, inny punktu swojej krzywej o pełnym rzędzie"
            }
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
            ("OKP", Some("Ed25519")) => (SignatureAlgorithm::EdDsa, ed25519(jwk)?),
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
    if modulus.len() > *MODULUS.end() || modulus.first().is_none_or(|byte| *byte == 0) {
        return Err(JwkError::Member);
    }
    let exponent = bytes(jwk.e.as_deref(), 1..=EXPONENT)?;
    let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
    let is_short = modulus.len() < *MODULUS.start() || (modulus.len() == *MODULUS.start() && modulus[0] < 0x80);
    let (leading, last) = exponent.split_at(exponent.len() - 1);
    let is_one = leading.iter().all(|byte| *byte == 0) && last == [1];
    if is_short || !is_odd(modulus) || !is_odd(&exponent) || is_one {
        return Err(JwkError::Weak);
    }
    Ok(DecodingKey::from_rsa_raw_components(modulus, &exponent))
}

fn ed25519(jwk: &Jwk) -> Result<DecodingKey, JwkError> {
    let key = bytes(jwk.x.as_deref(), COORDINATE..=COORDINATE)?;
    let mut height = key.clone();
    if let Some(last) = height.last_mut() {
        // The sign of the other coordinate.
        *last &= 0x7f;
    }
    if SMALL_ORDER.iter().any(|point| height == point) {
        return Err(JwkError::Weak);
    }
    Ok(DecodingKey::from_ed_der(&key))
}

fn p256(jwk: &Jwk) -> Result<DecodingKey, JwkError> {
    // An uncompressed point: the marker, then both coordinates.
    let mut point = vec![4];
    point.extend(bytes(jwk.x.as_deref(), COORDINATE..=COORDINATE)?);
    point.extend(bytes(jwk.y.as_deref(), COORDINATE..=COORDINATE)?);
    // Parsing checks that the curve has this point.
    ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point).map_err(|_| JwkError::Weak)?;
    Ok(DecodingKey::from_ec_der(&point))
}
