//! Settings: built-in defaults, then a file, then the environment. Unknown names are refused.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use config::{Config, ConfigError, Environment, File, FileFormat};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

use super::identity::check_issuer;
use super::identity::jwk::SignatureAlgorithm;
use super::telemetry::LogFormat;

const BASE: &str = include_str!("../../config/base.toml");

/// All settings; each is explained in `config/base.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/base.toml explains each setting, once")]
pub struct Settings {
    pub data_dir: PathBuf,
    pub server: Server,
    pub database: Database,
    pub tokens: Tokens,
    pub issuers: BTreeMap<String, OutsideIssuer>,
    pub keys: Keys,
    pub idempotency: Idempotency,
    pub imports: Imports,
    pub log: Log,
    pub audit: Audit,
    pub readiness: Readiness,
    pub otel: Otel,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/base.toml explains each setting, once")]
pub struct Server {
    pub listen: String,
    pub public_url: String,
    pub workers: usize,
    pub drain_delay_ms: u64,
    pub drain_limit_s: u64,
    #[serde(deserialize_with = "addresses")]
    pub trusted_proxies: Vec<IpAddr>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/base.toml explains each setting, once")]
pub struct Database {
    pub url: SecretString,
    pub owner_url: SecretString,
    pub pool_size: u32,
    pub writers: usize,
    pub readers: usize,
    pub remembered_mb: u64,
    pub compare_remembered: bool,
    pub programs_dir: PathBuf,
    pub reserve_mb: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/base.toml explains each setting, once")]
pub struct Tokens {
    pub issuer: String,
    pub audience: String,
    pub life_s: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/base.toml explains each setting, once")]
pub struct OutsideIssuer {
    pub issuer: String,
    pub audience: String,
    #[serde(default = "every_algorithm", deserialize_with = "algorithms")]
    pub algorithms: Vec<SignatureAlgorithm>,
    #[serde(default)]
    pub on_behalf_of_claim: String,
    #[serde(default)]
    pub purpose_claim: String,
    #[serde(default = "one_day")]
    pub keys_kept_h: u32,
}

/// Addresses separated by commas.
fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| part.parse().map_err(|_| serde::de::Error::custom(format!("{part:?} is not an IP address")))).collect()
}

fn every_algorithm() -> Vec<SignatureAlgorithm> {
    SignatureAlgorithm::ALL.to_vec()
}

fn one_day() -> u32 {
    24
}

/// A list in a file, names separated by commas in the environment.
fn algorithms<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SignatureAlgorithm>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Names {
        List(Vec<String>),
        Text(String),
    }
    let names = match Names::deserialize(deserializer)? {
        Names::List(names) => names,
        Names::Text(text) => text.split(',').map(|name| name.trim().to_owned()).collect(),
    };
    let known = |name: &String| {
        SignatureAlgorithm::named(name).ok_or_else(|| serde::de::Error::custom(format!("{name:?} is not RS256, ES256 or EdDSA")))
    };
    names.iter().map(known).collect()
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/base.toml explains each setting, once")]
pub struct Keys {
    pub ring: SecretString,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/base.toml explains each setting, once")]
pub struct Idempotency {
    pub expiry_h: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/base.toml explains each setting, once")]
pub struct Imports {
    pub expiry_h: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/base.toml explains each setting, once")]
pub struct Log {
    pub filter: String,
    pub format: LogFormat,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/base.toml explains each setting, once")]
pub struct Audit {
    pub seal_interval_ms: u64,
    pub anchor_interval_s: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/base.toml explains each setting, once")]
pub struct Readiness {
    pub seal_lag_s: u64,
    pub outbox_lag_s: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/base.toml explains each setting, once")]
pub struct Otel {
    pub endpoint: String,
    pub sample_ratio: f64,
}

impl Settings {
    /// Reads the settings.
    ///
    /// # Errors
    /// Names the setting that is unknown or out of range.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut builder = Config::builder().add_source(File::from_str(BASE, FileFormat::Toml));
        if let Some(file) = file {
            builder = builder.add_source(File::from(file).format(FileFormat::Toml));
        }
        let settings: Self = builder
            .add_source(Environment::with_prefix("PAI").prefix_separator("__").separator("__").try_parsing(true))
            .build()?
            .try_deserialize()?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let refuse = |text: &str| Err(ConfigError::Message(text.to_owned()));
        if !(1..=256).contains(&self.database.pool_size) {
            return refuse("database.pool_size must be 1 to 256");
        }
        if self.database.writers > 16 || self.database.readers > 16 {
            return refuse("database.writers and database.readers must be 0 to 16");
        }
        if self.database.remembered_mb > 1024 {
            return refuse("database.remembered_mb must be 0 to 1024");
        }
        if !(60..=86_400).contains(&self.tokens.life_s) {
            return refuse("tokens.life_s must be 60 to 86400");
        }
        if self.tokens.issuer.is_empty() || self.tokens.audience.is_empty() {
            return refuse("tokens.issuer and tokens.audience must not be empty");
        }
        for (name, outside) in &self.issuers {
            if let Err(why) = check_issuer(&outside.issuer) {
                return refuse(&format!("issuers.{name}.issuer {why}"));
            }
            if outside.audience.is_empty() || outside.algorithms.is_empty() {
                return refuse(&format!("issuers.{name}.audience and issuers.{name}.algorithms must not be empty"));
            }
            if !(1..=168).contains(&outside.keys_kept_h) {
                return refuse(&format!("issuers.{name}.keys_kept_h must be 1 to 168"));
            }
            let same = |other: &OutsideIssuer| other.issuer == outside.issuer;
            if self.tokens.issuer == outside.issuer || self.issuers.values().filter(|other| same(other)).count() > 1 {
                return refuse(&format!("issuers.{name}.issuer is the issuer of others too"));
            }
        }
        if self.idempotency.expiry_h == 0 {
            return refuse("idempotency.expiry_h must be at least 1");
        }
        if self.imports.expiry_h == 0 {
            return refuse("imports.expiry_h must be at least 1");
        }
        let public_url = &self.server.public_url;
        if !(public_url.is_empty() || public_url.starts_with("https://") || public_url.starts_with("http://")) {
            return refuse("server.public_url must be empty or begin with https:// or http://");
        }
        if self.server.workers > 1024 {
            return refuse("server.workers must be 0 to 1024");
        }
        if self.database.url.expose_secret().is_empty() && !self.database.owner_url.expose_secret().is_empty() {
            return refuse("database.owner_url is set but database.url is not");
        }
        if !(100..=60_000).contains(&self.audit.seal_interval_ms) {
            return refuse("audit.seal_interval_ms must be 100 to 60000");
        }
        if self.audit.anchor_interval_s > 3600 {
            return refuse("audit.anchor_interval_s must be 0 to 3600");
        }
        if !(0.0..=1.0).contains(&self.otel.sample_ratio) {
            return refuse("otel.sample_ratio must be 0 to 1");
        }
        if !self.otel.endpoint.is_empty() && !self.otel.endpoint.starts_with("http://") {
            return refuse("otel.endpoint must be empty or begin with http://");
        }
        Ok(())
    }

    /// Whether the database is the embedded one.
    pub fn embedded(&self) -> bool {
        self.database.url.expose_secret().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_settings_are_complete_and_valid() {
        let settings: Settings = Config::builder()
            .add_source(File::from_str(BASE, FileFormat::Toml))
            .build()
            .and_then(Config::try_deserialize)
            .expect("base.toml");
        settings.check().expect("defaults are in range");
        assert!(settings.embedded());
    }

    #[test]
    fn an_unknown_setting_is_refused_by_name() {
        let refused = Config::builder()
            .add_source(File::from_str(BASE, FileFormat::Toml))
            .add_source(File::from_str("[server]\nlisten_on = \"x\"", FileFormat::Toml))
            .build()
            .and_then(Config::try_deserialize::<Settings>)
            .expect_err("unknown");
        assert!(refused.to_string().contains("listen_on"));
    }
}
