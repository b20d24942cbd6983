//! Settings: built-in defaults, then a file, then the environment. Unknown names are refused.

use std::path::{Path, PathBuf};

use config::{Config, ConfigError, Environment, File, FileFormat};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

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
    pub keys: Keys,
    pub idempotency: Idempotency,
    pub log: Log,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/base.toml explains each setting, once")]
pub struct Server {
    pub listen: String,
    pub workers: usize,
    pub drain_delay_ms: u64,
    pub drain_limit_s: u64,
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
pub struct Log {
    pub filter: String,
    pub format: LogFormat,
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
        if !(60..=86_400).contains(&self.tokens.life_s) {
            return refuse("tokens.life_s must be 60 to 86400");
        }
        if self.tokens.issuer.is_empty() || self.tokens.audience.is_empty() {
            return refuse("tokens.issuer and tokens.audience must not be empty");
        }
        if self.idempotency.expiry_h == 0 {
            return refuse("idempotency.expiry_h must be at least 1");
        }
        if self.server.workers > 1024 {
            return refuse("server.workers must be 0 to 1024");
        }
        if self.database.url.expose_secret().is_empty() && !self.database.owner_url.expose_secret().is_empty() {
            return refuse("database.owner_url is set but database.url is not");
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
