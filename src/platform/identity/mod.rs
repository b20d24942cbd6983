//! Who a token speaks of: tokens of the built-in issuer and of outside ones, verified once and remembered.

pub(crate) mod assertion;
mod fetch;
pub mod jwk;
mod jws;
mod key_source;
mod outside;
mod verified;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use self::fetch::check_issuer;
use self::outside::OutsideIssuer;
use self::verified::VerifiedTokens;
use super::clock::Clock;
use super::config::OutsideIssuer as OutsideIssuerSettings;
use super::keys::{KeyError, KeyList};
use super::problem::{Problem, catalogue};
use super::secrets::digest;
use super::tokens::{TokenError, TokenIssuer, Validity};

/// Issuer of the clients that the service itself keeps.
pub const BUILT_IN: &str = "built-in";
/// Longest token that is looked at; those of outside issuers carry claims of their own. **Units**: bytes.
const LONGEST_TOKEN: usize = 8192;
/// Verified tokens remembered at a time.
const REMEMBERED: usize = 4096;
/// What a caller is told to wait when the keys of its issuer are not known. **Units**: seconds.
const RETRY_WITHOUT_KEYS: u32 = 10;

/// Whom a token names: an issuer and, there, a subject.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Holder {
    /// [`BUILT_IN`] or the `iss` of an outside issuer.
    pub issuer: Arc<str>,
    /// Subject at that issuer.
    pub subject: String,
}

/// What a token itself says about the call, for the access register.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Stated {
    /// End user on whose behalf the client calls.
    pub on_behalf_of: Option<String>,
    /// Purpose of the access.
    pub purpose: Option<String>,
}

/// What vouches for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    BuiltIn,
    /// An outside issuer, by its place, and the number of the key set that verified the token.
    Outside {
        issuer: usize,
        generation: u64,
    },
}

/// What a verified token says.
#[derive(Debug)]
pub(crate) struct Identity {
    pub holder: Arc<Holder>,
    pub stated: Stated,
    validity: Validity,
    origin: Origin,
}

/// Why a token is not accepted.
enum Refusal {
    Token(TokenError),
    /// The issuer's keys are not known, so nothing can be said about the token.
    NoKeys,
    /// A claim of a good token that the settings name for the access register is no text for it.
    Claim(String),
}

impl From<TokenError> for Refusal {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Token(error) => catalogue::UNAUTHENTICATED.problem().because(error),
            Refusal::Claim(name) => catalogue::INVALID_CLAIM.problem().with("claim", name),
            Refusal::NoKeys => catalogue::UNAVAILABLE
                .problem()
                .retry_after(RETRY_WITHOUT_KEYS)
                .because("the keys of the token's issuer are not known"),
        }
    }
}

/// Every issuer whose tokens are accepted.
pub struct Issuers {
    /// The built-in issuer.
    pub built_in: TokenIssuer,
    outside: Vec<OutsideIssuer>,
    verified: VerifiedTokens,
}

impl Issuers {
    /// The built-in issuer and those of the settings.
    ///
    /// # Errors
    /// Names the setting that is not usable.
    pub fn new(built_in: TokenIssuer, outside: &BTreeMap<String, OutsideIssuerSettings>, clock: &Clock) -> Result<Self, String> {
        let outside = outside
            .iter()
            .map(|(name, settings)| {
                OutsideIssuer::new(settings, clock.clone()).map_err(|why| format!("issuers.{name}.issuer {why}"))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { built_in, outside, verified: VerifiedTokens::new(REMEMBERED) })
    }

    /// The outside issuers of the settings, by the names that their tokens bear.
    pub fn outside_names(&self) -> Vec<&str> {
        self.outside.iter().map(OutsideIssuer::name).collect()
    }

    /// Asks the outside issuers for their keys in the background, so that the first token does not wait for them.
    pub fn prepare(&self) {
        self.outside.iter().for_each(OutsideIssuer::prepare);
    }

    /// Takes the signing keys of a changed ring for the built-in issuer.
    ///
    /// # Errors
    /// As [`TokenIssuer::renew`].
    pub fn renew(&self, keys: &KeyList) -> Result<(), KeyError> {
        self.built_in.renew(keys)?;
        self.verified.forget_all();
        Ok(())
    }

    /// The identity behind a token.
    ///
    /// # Errors
    /// `platform.unauthenticated`; `platform.unavailable` while the keys of an outside issuer are not known.
    pub(crate) async fn identify(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Identity>, Problem> {
        if token.len() > LONGEST_TOKEN {
            return Err(Refusal::Token(TokenError::TooLong).into());
        }
        let key = digest(token.as_bytes());
        if let Some(identity) = self.verified.find(&key)
            && self.still_stands(&identity)
        {
            identity.validity.check(now).map_err(Refusal::Token)?;
            return Ok(identity);
        }
        let identity = Arc::new(self.verify(token, now).await?);
        self.verified.keep(key, Arc::clone(&identity));
        Ok(identity)
    }

    fn still_stands(&self, identity: &Identity) -> bool {
        match identity.origin {
            Origin::BuiltIn => true,
            Origin::Outside { issuer, generation } => self.outside[issuer].still_stands(generation),
        }
    }

    /// Lets the one issuer that the token names judge it, with keys of its own alone.
    async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Identity, Refusal> {
        let claimed = if self.outside.is_empty() { None } else { jws::claimed_issuer(token) };
        let outside = self.outside.iter().enumerate().find(|(_, issuer)| claimed.as_deref() == Some(issuer.name()));
        if let Some((place, issuer)) = outside {
            return issuer.verify(token, place, now).await;
        }
        let claims = self.built_in.verify(token, now)?;
        let holder = Arc::new(Holder { issuer: Arc::from(BUILT_IN), subject: claims.client.to_string() });
        Ok(Identity { holder, stated: Stated::default(), validity: claims.validity(), origin: Origin::BuiltIn })
    }
}
