//! What an outside issuer publishes: its discovery document and its key set.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;
use ureq::Agent;
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig};

use super::jwk::{Jwk, PublicKey};

/// Longest time for one document, from the name look-up to its last byte.
const PATIENCE: Duration = Duration::from_secs(4);
/// Longest time to connect.
const CONNECT_PATIENCE: Duration = Duration::from_secs(2);
/// Longest document. **Units**: bytes.
const LONGEST: u64 = 256 * 1024;
/// Most keys of an issuer that are looked at.
const MOST_KEYS: usize = 100;

/// Why the keys of an issuer could not be fetched.
#[derive(Debug, Error)]
pub(super) enum FetchError {
    /// Nobody answered, so nothing was asked of the issuer either.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// The answer is not what it has to be.
    #[error("{0}")]
    Answer(String),
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// Refuses an address that no issuer can have.
///
/// # Errors
/// Says what is wrong: it is https, or http on this machine, without user and fragment.
pub fn check_issuer(url: &str) -> Result<(), String> {
    check_url(url, is_local(url))
}

/// Fetches the keys of one issuer.
pub(super) struct Fetcher {
    issuer: String,
    is_local: bool,
    agent: Agent,
}

impl Fetcher {
    /// A fetcher for an issuer.
    ///
    /// # Errors
    /// As [`check_issuer`].
    pub(super) fn new(issuer: &str) -> Result<Self, String> {
        check_issuer(issuer)?;
        let is_local = is_local(issuer);
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .build();
        let mut config = Agent::config_builder()
            .tls_config(tls)
            .https_only(!is_local)
            // Keys come from the address that the operator or the issuer named, from nowhere else.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_PATIENCE))
            .timeout_global(Some(PATIENCE))
            .max_idle_connections(0)
            .user_agent(concat!("pai/", env!("CARGO_PKG_VERSION")));
        if is_local {
            config = config.proxy(None);
        }
        Ok(Self { issuer: issuer.to_owned(), is_local, agent: config.build().into() })
    }

    /// Fetches the discovery document and the keys that it points to. Blocks for at most eight seconds.
    ///
    /// # Errors
    /// [`FetchError`]; a set without a single usable key is one too.
    pub(super) fn fetch(&self) -> Result<Vec<PublicKey>, FetchError> {
        let address = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let discovery: Discovery = self.get(&address)?;
        if discovery.issuer != self.issuer {
            return Err(FetchError::Answer(format!("its discovery document is of another issuer: {:?}", discovery.issuer)));
        }
        check_url(&discovery.jwks_uri, self.is_local).map_err(|why| FetchError::Answer(format!("jwks_uri {why}")))?;
        let set: KeySet = self.get(&discovery.jwks_uri)?;
        // Keys for encryption and of other kinds stand in the same set.
        let usable = |key: Value| serde_json::from_value::<Jwk>(key).ok().and_then(|key| PublicKey::of(&key).ok());
        let keys: Vec<_> = set.keys.into_iter().take(MOST_KEYS).filter_map(usable).filter(|key| key.kid.is_some()).collect();
        if keys.is_empty() { Err(FetchError::Answer("its key set holds no usable key with an id".to_owned())) } else { Ok(keys) }
    }

    fn get<T: DeserializeOwned>(&self, address: &str) -> Result<T, FetchError> {
        let answer = |why: String| FetchError::Answer(format!("{address}: {why}"));
        let mut response = self.agent.get(address).header("Accept", "application/json").call().map_err(|error| match error {
            ureq::Error::Io(_) | ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => {
                FetchError::Unreachable(format!("{address}: {error}"))
            }
            other => answer(other.to_string()),
        })?;
        if response.status() != 200 {
            return Err(answer(format!("answers {}", response.status())));
        }
        let bytes = response.body_mut().with_config().limit(LONGEST).read_to_vec().map_err(|error| answer(error.to_string()))?;
        serde_json::from_slice(&bytes).map_err(|error| answer(format!("not as expected: {error}")))
    }
}

/// Whether an address is of this very machine.
fn is_local(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Refuses an address that anybody on the way could answer for.
fn check_url(url: &str, may_be_local: bool) -> Result<(), String> {
    let uri: Uri = url.parse().map_err(|error| format!("is not an address: {error}"))?;
    let authority = uri.authority().ok_or("is not an absolute address")?;
    if authority.as_str().contains('@') || url.contains(['#', ' ']) {
        return Err("must not hold a user or a fragment".to_owned());
    }
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if may_be_local && is_local(url) => Ok(()),
        _ => Err("must begin with https:// (http:// only on this machine)".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_prove_who_answers_are_asked() {
        for good in [
            "https://login.example",
            "https://login.example:8443/realms/x",
            "http://127.0.0.1:9/x",
            "http://[::1]:9",
            "http://localhost",
        ] {
            assert!(Fetcher::new(good).is_ok(), "{good}");
        }
        for bad in [
            "http://login.example",
            "http://127.0.0.1.example",
            "http://localhost.example",
            "https://user@login.example",
            "https://login.example/#x",
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
            "login.example",
            "/keys",
            "",
        ] {
            assert!(Fetcher::new(bad).is_err(), "{bad}");
        }
        // A remote issuer cannot point into this machine in clear text.
        assert!(check_url("http://127.0.0.1/keys", false).is_err());
    }
}
