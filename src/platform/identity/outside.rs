//! Access tokens of an outside issuer: any that publishes its keys by `OpenID` Connect discovery.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::jwk::SignatureAlgorithm;
use super::jws::{Members, Unverified};
use super::key_source::{KeySource, find};
use super::{Holder, Identity, Origin, Refusal, Stated};
use crate::platform::clock::Clock;
use crate::platform::config::OutsideIssuer as Settings;
use crate::platform::tokens::{MAX_TTL, TokenError, Validity};

/// Types of a JWT access token, in lower case. **Source**: RFC 9068 section 2.1; many issuers still write plain `JWT`.
const ACCESS_TOKEN_TYPES: &[&str] = &["at+jwt", "application/at+jwt", "jwt"];
/// Claims of ID tokens and log-out tokens, which may be signed with the same key for the same audience.
const CLAIMS_OF_OTHER_TOKENS: &[&str] = &["nonce", "at_hash", "c_hash", "s_hash", "events"];
/// Ties a token to a key or certificate that the caller would have to prove; that proof is not asked for here.
const CONFIRMATION: &str = "cnf";
/// Longest subject. **Source**: `OpenID` Connect Core, section 2.
const LONGEST_SUBJECT: usize = 255;
/// Longest end user or purpose. **Units**: characters, as in the headers.
const LONGEST_STATED: usize = 200;
/// Most audiences of a token that are looked at.
const MOST_AUDIENCES: usize = 50;

/// An identity provider whose access tokens are accepted.
pub(super) struct OutsideIssuer {
    issuer: Arc<str>,
    settings: Settings,
    keys: Arc<KeySource>,
}

impl OutsideIssuer {
    /// An issuer as the settings name it; it is asked for its keys later.
    ///
    /// # Errors
    /// As the addresses that may be fetched.
    pub(super) fn new(settings: &Settings, clock: Clock) -> Result<Self, String> {
        let kept = TimeDelta::hours(i64::from(settings.keys_kept_h));
        let keys = Arc::new(KeySource::new(&settings.issuer, kept, clock)?);
        Ok(Self { issuer: Arc::from(settings.issuer.as_str()), settings: settings.clone(), keys })
    }

    pub(super) fn name(&self) -> &str {
        &self.issuer
    }

    /// Whether what a key set has verified still counts; fetches the keys anew in the background from time to time.
    pub(super) fn still_stands(&self, generation: u64) -> bool {
        self.keys.keep_fresh();
        self.keys.generation() == Some(generation)
    }

    /// Asks for the keys ahead of the first token.
    pub(super) fn prepare(&self) {
        self.keys.keep_fresh();
    }

    /// Verifies a token; asks the issuer when the token names a key that is not known.
    ///
    /// # Errors
    /// [`Refusal::Token`] naming what is wrong, [`Refusal::NoKeys`] while the issuer's keys are not known.
    pub(super) async fn verify(&self, token: &str, origin: usize, now: DateTime<Utc>) -> Result<Identity, Refusal> {
        let parts = Unverified::parse(token)?;
        self.keys.keep_fresh();
        match self.verify_with_known(&parts, origin, now) {
            Err(Refusal::Token(TokenError::UnknownKey) | Refusal::NoKeys) => {
                self.keys.refresh().await;
                self.verify_with_known(&parts, origin, now)
            }
            outcome => outcome,
        }
    }

    fn verify_with_known(&self, parts: &Unverified<'_>, origin: usize, now: DateTime<Utc>) -> Result<Identity, Refusal> {
        let (kid, algorithm) = self.check_header(&parts.header)?;
        // Judged before the keys are looked for: a token that is refused anyway is no reason to ask the issuer.
        let (subject, validity) = self.check_claims(&parts.claims)?;
        validity.check(now)?;
        let (generation, keys) = self.keys.keys().ok_or(Refusal::NoKeys)?;
        let key = find(&keys, kid, algorithm).ok_or(TokenError::UnknownKey)?;
        if !key.verifies(parts.message, parts.signature) {
            return Err(TokenError::Signature.into());
        }
        // Only of a token that the issuer signed, because the answer names a setting.
        let stated = self.stated(&parts.claims)?;
        let holder = Arc::new(Holder { issuer: Arc::clone(&self.issuer), subject: subject.to_owned() });
        Ok(Identity { holder, stated, validity, origin: Origin::Outside { issuer: origin, generation } })
    }

    fn check_header<'h>(&self, header: &'h Members) -> Result<(&'h str, SignatureAlgorithm), TokenError> {
        let text = |name| header.text(name).ok().flatten().ok_or(TokenError::Header);
        let algorithm = SignatureAlgorithm::named(text("alg")?).ok_or(TokenError::Algorithm)?;
        if !self.settings.algorithms.contains(&algorithm) {
            return Err(TokenError::Algorithm);
        }
        if !ACCESS_TOKEN_TYPES.contains(&text("typ")?.to_ascii_lowercase().as_str()) {
            return Err(TokenError::Type);
        }
        Ok((text("kid")?, algorithm))
    }

    fn check_claims<'c>(&self, claims: &'c Members) -> Result<(&'c str, Validity), TokenError> {
        let text = |name| claims.text(name).map_err(|()| TokenError::Claims);
        let time = |name| claims.whole_number(name).map_err(|()| TokenError::Claims);
        if text("iss")?.ok_or(TokenError::Claims)? != &*self.issuer {
            return Err(TokenError::Issuer);
        }
        self.check_audience(claims.get("aud").ok_or(TokenError::Claims)?)?;
        let other_use =
            |name, expected: &str| text(name).map(|use_| use_.is_some_and(|use_| !use_.eq_ignore_ascii_case(expected)));
        // Keycloak and Cognito say in the payload which of their tokens it is.
        if claims.has_any(CLAIMS_OF_OTHER_TOKENS) || other_use("typ", "Bearer")? || other_use("token_use", "access")? {
            return Err(TokenError::Type);
        }
        if claims.has_any(&[CONFIRMATION]) {
            return Err(TokenError::Claims);
        }
        // The store of clients holds no control characters, so none of its subjects has one.
        let acceptable =
            |subject: &&str| (1..=LONGEST_SUBJECT).contains(&subject.len()) && !subject.chars().any(char::is_control);
        let subject = text("sub")?.filter(acceptable).ok_or(TokenError::Subject)?;
        let expires_at = time("exp")?.filter(|end| *end > 0).ok_or(TokenError::NoExpiry)?;
        let (issued_at, not_before) = (time("iat")?, time("nbf")?);
        let begins = issued_at.into_iter().chain(not_before).max();
        if begins.is_some_and(|begin| begin < 0 || begin >= expires_at) || issued_at.is_some_and(|at| at < 0) {
            return Err(TokenError::Claims);
        }
        Ok((subject, Validity { not_before: begins.unwrap_or(0), expires_at, longest: MAX_TTL }))
    }

    /// The audience is this service, alone or among others; anything but text in a list is refused.
    fn check_audience(&self, audience: &Value) -> Result<(), TokenError> {
        let named = match audience {
            Value::String(one) => vec![one.as_str()],
            Value::Array(several) if several.len() <= MOST_AUDIENCES => {
                several.iter().map(Value::as_str).collect::<Option<_>>().ok_or(TokenError::Claims)?
            }
            _ => return Err(TokenError::Claims),
        };
        if named.contains(&self.settings.audience.as_str()) { Ok(()) } else { Err(TokenError::Audience) }
    }

    fn stated(&self, claims: &Members) -> Result<Stated, Refusal> {
        let read = |name: &str| {
            let refused = || Refusal::Claim(name.to_owned());
            let text = if name.is_empty() { None } else { claims.text(name).map_err(|()| refused())? };
            let text = text.map(str::trim).filter(|text| !text.is_empty());
            let acceptable = |text: &str| text.chars().count() <= LONGEST_STATED && !text.chars().any(char::is_control);
            if text.is_some_and(|text| !acceptable(text)) { Err(refused()) } else { Ok(text.map(str::to_owned)) }
        };
        Ok(Stated { on_behalf_of: read(&self.settings.on_behalf_of_claim)?, purpose: read(&self.settings.purpose_claim)? })
    }
}
