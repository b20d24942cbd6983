//! The command line of the operator: what can be asked, and what each answer costs.

mod address;
mod audit;
mod backup;
mod client;
mod exchange_folder;
mod inspect;
mod keys;
mod output;
mod schema;
mod serve;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use config::ConfigError;
use thiserror::Error;

use crate::demo::DemoError;
use crate::institutions::clients::CreateError;
use crate::platform::audit::verify::VerifyError;
use crate::platform::config::Settings;
use crate::platform::embedded::EmbeddedError;
use crate::platform::migrations::DatabaseError;
use crate::startup::StartError;

/// Participation service for activation-and-integration programmes
///
/// pai is a REST/JSON service in which social-assistance centres keep their
/// activation-and-integration programmes (Polish: Program Aktywizacja i
/// Integracja): recruitment, participation, hours of socially useful work,
/// outcomes.
///
/// To look at it:       pai serve --demo
/// To run it:           pai serve --data-dir /var/lib/pai
/// First client:        pai client create --institution-name "MOPS Przykładowo"
///                          --institution-kind municipalCentre
///                          --role administrator --name "Town hall"
///
/// Every setting stands, with its default, in config/base.toml; `pai
/// check-config` shows those in force.
#[derive(Debug, Parser)]
#[command(name = "pai", version, args_override_self = true, verbatim_doc_comment, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service until it is told to stop
    ///
    /// Starts a PostgreSQL of its own below the data directory unless
    /// database.url is set, brings the schema up to date and answers HTTP.
    /// SIGTERM or Ctrl-C stops it in good order; a second signal at once.
    #[command(verbatim_doc_comment)]
    Serve(serve::Serve),
    /// Write the database and its keys to a new directory, also while the service runs
    ///
    /// Needs `pg_dump`, and the owner of an external database.
    #[command(verbatim_doc_comment)]
    Backup(backup::Backup),
    /// Fill an empty installation from what `pai backup` wrote
    Restore(backup::Restore),
    /// Bring the database schema up to date
    ///
    /// `pai serve` does so by itself wherever it knows the owner of the
    /// database; an installation with an external PostgreSQL may prefer to run
    /// this before it replaces the program.
    #[command(verbatim_doc_comment)]
    Migrate(schema::Migrate),
    /// Print the OpenAPI document
    Openapi,
    /// Manage the systems that may call the service
    Client(Box<client::Client>),
    /// Exchange files with a running service through a folder
    ///
    /// For systems that speak only files. Below the folder, `in` holds what is
    /// to be sent: imports/<kind>/*.csv|xlsx|ndjson is planned and committed
    /// when every row fits, month-statements/*.json and messages/*.json are
    /// posted, and lists/*.csv-list|xlsx-list|ndjson-list ask for the list
    /// whose path they hold. `out` gets receipts, lists, and imports with a
    /// remark beside each row; the files themselves go to `done` or `refused`.
    /// Write a file under another ending (.tmp, .part) and rename it when it
    /// is complete. Contents are sent once, however often this is stopped.
    #[command(verbatim_doc_comment)]
    ExchangeFolder(exchange_folder::ExchangeFolder),
    /// Check the access register
    Audit(audit::Audit),
    /// List, exchange and check the keys
    Keys(keys::Keys),
    /// Print the settings in force and what `pai serve` would do with them
    ///
    /// Changes nothing and shows no secret. Exits with 1 when `pai serve`
    /// would not start.
    #[command(verbatim_doc_comment)]
    CheckConfig(Listening),
    /// Ask a running service whether it is ready; exit code 0 means yes
    Healthcheck(Listening),
}

/// Options of every command that needs the settings.
#[derive(Args, Clone, Debug)]
struct Common {
    /// File of settings in TOML; see config/base.toml for the names
    #[arg(long, value_name = "FILE", env = "PAI_CONFIG")]
    config: Option<PathBuf>,
    /// Directory of the embedded database and the keys [setting: `data_dir`]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

/// Options of a command about a service that listens.
#[derive(Args, Clone, Debug)]
struct Listening {
    #[command(flatten)]
    common: Common,
    /// Address and port of the service [setting: server.listen]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
}

impl Listening {
    fn settings(&self) -> Result<Settings, CliError> {
        let mut settings = self.common.settings()?;
        if let Some(listen) = &self.listen {
            settings.server.listen.clone_from(listen);
        }
        Ok(settings)
    }
}

impl Common {
    /// The settings: defaults, file, environment, then these options.
    fn settings(&self) -> Result<Settings, CliError> {
        let mut settings = Settings::load(self.config.as_deref())?;
        if let Some(dir) = &self.data_dir {
            settings.data_dir.clone_from(dir);
        }
        Ok(settings)
    }
}

/// Why a command failed, in one line for the operator.
#[derive(Debug, Error)]
pub enum CliError {
    /// A setting.
    #[error("configuration: {0}")]
    Config(#[from] ConfigError),
    /// The service could not be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The embedded database.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// A client could not be made.
    #[error(transparent)]
    Create(#[from] CreateError),
    /// A client of an issuer that the settings do not name.
    #[error("institutions.unknown_issuer: the settings name no issuer {0:?}; add a section [issuers.…] first")]
    UnknownIssuer(String),
    /// The file of a client's public key.
    #[error("{0}: {1}")]
    PublicKey(String, String),
    /// A backup.
    #[error("backup: {0}")]
    Backup(#[from] backup::BackupError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] keys::KeysError),
    /// The demonstration data.
    #[error("demonstration data: {0}")]
    Demo(#[from] DemoError),
    /// The access register cannot be read.
    #[error("access register: {0}")]
    Verify(#[from] VerifyError),
    /// A file or directory of an exchange.
    #[error("{0}: {1}")]
    Folder(String, std::io::Error),
    /// Traces cannot be sent.
    #[error("otel: {0}")]
    Traces(String),
    /// The address is taken.
    #[error("{0} is in use by another program; choose another address with --listen")]
    AddressInUse(String),
    /// The address cannot be used.
    #[error("cannot listen on {0}: {1}")]
    Listen(String, std::io::Error),
    /// The service does not answer.
    #[error("the service at {0} does not answer: {1}")]
    NoAnswer(SocketAddr, Box<ureq::Error>),
    /// The service answers that it is not ready.
    #[error("the service at {0} is not ready")]
    NotReady(SocketAddr),
    /// The server or the process failed.
    #[error("{0}: {1}")]
    Io(&'static str, std::io::Error),
    /// What was found by a check has been printed.
    #[error("`pai serve` would not start: {0}")]
    WouldNotStart(String),
}

impl CliError {
    /// 2 for what the operator typed or configured, 1 for what failed.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(if matches!(self, Self::Config(_) | Self::PublicKey(..)) { 2 } else { 1 })
    }
}

/// Does what the command line asks.
///
/// # Errors
/// [`CliError`], to be shown as one line.
pub fn run(cli: Cli) -> Result<ExitCode, CliError> {
    match cli.command {
        Command::Serve(serve) => serve::run(&serve),
        Command::Backup(backup) => backup::back_up(&backup),
        Command::Restore(restore) => backup::restore(&restore),
        Command::Migrate(migrate) => schema::run(&migrate),
        Command::Openapi => output::openapi(),
        Command::Client(client) => client::run(&client),
        Command::ExchangeFolder(asked) => exchange_folder::run(&asked),
        Command::Audit(audit) => audit::run(&audit),
        Command::Keys(keys) => keys::run(&keys),
        Command::CheckConfig(listening) => inspect::check_config(&listening),
        Command::Healthcheck(listening) => inspect::healthcheck(&listening),
    }
}
