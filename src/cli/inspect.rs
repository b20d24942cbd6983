//! `pai check-config` and `pai healthcheck`: look, change nothing.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::address::{bind, reachable_text};
use super::{CliError, Listening, output};
use crate::platform::config::{OutsideIssuer, Settings};
use crate::platform::embedded::Cluster;
use crate::platform::migrations;

/// A service that needs longer than this is not healthy.
const PATIENCE: Duration = Duration::from_secs(5);

/// Prints the settings and what they would lead to.
pub(super) fn check_config(listening: &Listening) -> Result<ExitCode, CliError> {
    let settings = listening.settings()?;
    output::print(&listing(&settings))?;
    let (text, obstacle) = outlook(&settings);
    output::print(&text)?;
    obstacle.map_or(Ok(ExitCode::SUCCESS), |obstacle| Err(CliError::WouldNotStart(obstacle)))
}

fn secret(value: &SecretString) -> &'static str {
    if value.expose_secret().is_empty() { "\"\"" } else { "(set, not shown)" }
}

/// The settings in force, as in the settings file.
fn listing(settings: &Settings) -> String {
    let Settings { data_dir, server, database, tokens, issuers, keys, idempotency, imports, log, audit, readiness, otel } =
        settings;
    format!(
        "data_dir = \"{}\"

[server]
listen = {:?}
public_url = {:?}
workers = {}
drain_delay_ms = {}
drain_limit_s = {}
trusted_proxies = {:?}

[database]
url = {}
owner_url = {}
pool_size = {}
writers = {}
readers = {}
remembered_mb = {}
compare_remembered = {}
programs_dir = \"{}\"
reserve_mb = {}

[tokens]
issuer = {:?}
audience = {:?}
life_s = {}
{}
[keys]
ring = {}

[idempotency]
expiry_h = {}

[imports]
expiry_h = {}

[log]
filter = {:?}
format = {:?}

[audit]
seal_interval_ms = {}
anchor_interval_s = {}

[readiness]
seal_lag_s = {}
outbox_lag_s = {}

[otel]
endpoint = {:?}
sample_ratio = {:?}

",
        data_dir.display(),
        server.listen,
        server.public_url,
        server.workers,
        server.drain_delay_ms,
        server.drain_limit_s,
        server.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
        secret(&database.url),
        secret(&database.owner_url),
        database.pool_size,
        database.writers,
        database.readers,
        database.remembered_mb,
        database.compare_remembered,
        database.programs_dir.display(),
        database.reserve_mb,
        tokens.issuer,
        tokens.audience,
        tokens.life_s,
        issuers.iter().map(outside_issuer).collect::<String>(),
        secret(&keys.ring),
        idempotency.expiry_h,
        imports.expiry_h,
        log.filter,
        format!("{:?}", log.format).to_lowercase(),
        audit.seal_interval_ms,
        audit.anchor_interval_s,
        readiness.seal_lag_s,
        readiness.outbox_lag_s,
        otel.endpoint,
        otel.sample_ratio,
    )
}

fn outside_issuer((name, outside): (&String, &OutsideIssuer)) -> String {
    format!(
        "
[issuers.{name}]
issuer = {:?}
audience = {:?}
algorithms = {:?}
on_behalf_of_claim = {:?}
purpose_claim = {:?}
keys_kept_h = {}
",
        outside.issuer,
        outside.audience,
        outside.algorithms.iter().map(|algorithm| algorithm.as_str()).collect::<Vec<_>>(),
        outside.on_behalf_of_claim,
        outside.purpose_claim,
        outside.keys_kept_h,
    )
}

/// What `pai serve` would do, and what would keep it from starting.
fn outlook(settings: &Settings) -> (String, Option<String>) {
    let mut text = String::from("# pai serve would\n");
    let mut obstacle = None;
    let mut note = |line: &str, outcome: Result<String, String>| match outcome {
        Ok(what) => {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "# - {line} {what}");
        }
        Err(why) => {
            let _ = writeln!(text, "# - fail to {line}: {why}");
            obstacle.get_or_insert(why);
        }
    };
    note("listen on", bind(&settings.server.listen).map(|_| settings.server.listen.clone()).map_err(|error| error.to_string()));
    note("use", database(settings));
    note("keep", Ok(keys(settings)));
    note(
        "log",
        tracing_subscriber::EnvFilter::try_new(&settings.log.filter)
            .map_err(|error| error.to_string())
            .map(|_| format!("to standard error with the filter {:?}", settings.log.filter)),
    );
    (text, obstacle)
}

fn database(settings: &Settings) -> Result<String, String> {
    let dir = settings.data_dir.display();
    if settings.embedded() {
        let programs = Some(settings.database.programs_dir.as_path()).filter(|path| !path.as_os_str().is_empty());
        let programs = Cluster::programs(&settings.data_dir, programs).map_err(|error| error.to_string())?;
        let state = if Cluster::attach(&settings.data_dir).is_ok() {
            return Err(format!("a service already runs on {dir}"));
        } else if settings.data_dir.join("postgres").exists() {
            "its existing"
        } else {
            "a new"
        };
        return Ok(format!("{state} embedded PostgreSQL below {dir} with the programs in {}", programs.display()));
    }
    let owner_url = settings.database.owner_url.expose_secret();
    match migrations::check(settings.database.url.expose_secret()) {
        Ok(()) => Ok("the external PostgreSQL of database.url, whose schema is up to date and safe".to_owned()),
        Err(migrations::DatabaseError::Outdated(count)) if !owner_url.is_empty() => {
            Ok(format!("the external PostgreSQL of database.url, after {count} migration(s) as database.owner_url"))
        }
        Err(error) => Err(error.to_string()),
    }
}

fn keys(settings: &Settings) -> String {
    if !settings.keys.ring.expose_secret().is_empty() {
        return "the keys of the setting keys.ring".to_owned();
    }
    let path = settings.data_dir.join("keys.json");
    let state = if path.exists() { "existing" } else { "new" };
    format!("{state} keys in {}", path.display())
}

/// Asks the service of the settings for its readiness.
pub(super) fn healthcheck(listening: &Listening) -> Result<ExitCode, CliError> {
    let address = reachable_text(&listening.settings()?.server.listen)?;
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).proxy(None).timeout_global(Some(PATIENCE)).build().into();
    let answer = agent.get(format!("http://{address}/health/ready")).call();
    match answer.map_err(|error| CliError::NoAnswer(address, Box::new(error)))?.status().as_u16() {
        200 => {
            output::print("ready\n")?;
            Ok(ExitCode::SUCCESS)
        }
        _ => Err(CliError::NotReady(address)),
    }
}
