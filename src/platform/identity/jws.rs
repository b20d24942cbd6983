//! Compact signed tokens, taken apart strictly: nothing is believed before the signature is checked.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::platform::tokens::TokenError;

/// Header members that name or carry a key, change what is signed, or announce another form of token.
///
/// Keys come from the issuer's key set alone, so that a token cannot bring its own.
const REFUSED: &[&str] = &["jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc", "cty", "epk", "url"];

/// The members of a JSON object of which none is given twice.
#[derive(Debug)]
pub(super) struct Members(Map<String, Value>);

impl Members {
    /// A member as text; an error where it is of another type.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, ()> {
        self.0.get(name).map(|value| value.as_str().ok_or(())).transpose()
    }

    /// A member as a whole number; an error where it is of another type, such as text or a fraction.
    pub(super) fn whole_number(&self, name: &str) -> Result<Option<i64>, ()> {
        self.0.get(name).map(|value| value.as_i64().ok_or(())).transpose()
    }

    /// A member as it was sent.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Whether one of these members is there.
    pub(super) fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.0.contains_key(*name))
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Unique;
        impl<'de> Visitor<'de> for Unique {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("an object without repeated members")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member is repeated"));
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Unique)
    }
}

/// A token whose signature has not been looked at yet.
pub(super) struct Unverified<'t> {
    pub(super) header: Members,
    pub(super) claims: Members,
    /// What is signed: header and payload as they were sent.
    pub(super) message: &'t str,
    /// Signature in base64url.
    pub(super) signature: &'t str,
}

impl<'t> Unverified<'t> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`TokenError`] for anything but three parts of unpadded base64url, the first two of them JSON objects
    /// without repeated members, and for a header that asks for more than a plain signature.
    pub(super) fn parse(token: &'t str) -> Result<Self, TokenError> {
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(TokenError::Malformed)?;
        if payload.contains('.') {
            return Err(TokenError::Malformed);
        }
        let header = members(header, TokenError::Header)?;
        if header.has_any(REFUSED) {
            return Err(TokenError::Header);
        }
        Ok(Self { header, claims: members(payload, TokenError::Claims)?, message, signature })
    }
}

fn members(part: &str, refused: TokenError) -> Result<Members, TokenError> {
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)?;
    serde_json::from_slice(&json).map_err(|_| refused)
}

/// The issuer that a token claims to be of, to be believed by nobody.
pub(super) fn claimed_issuer(token: &str) -> Option<String> {
    let (_, rest) = token.split_once('.')?;
    let (payload, _) = rest.split_once('.')?;
    members(payload, TokenError::Claims).ok()?.text("iss").ok().flatten().map(str::to_owned)
}
