//! `pai keys`: what keys there are, exchanging them, and looking after the keys of people.

mod check;
mod rotation;
mod uses;

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use diesel::PgConnection;
use serde_json::json;
use thiserror::Error;

use super::{CliError, Common, output};
use crate::platform::config::Settings;
use crate::platform::keys::{KeyError, KeyId, KeyRing, Purpose};
use crate::platform::migrations::connect;
use crate::platform::person_keys::{FilePersonKeys, PersonKeyError};
use crate::platform::resealing::ResealError;
use crate::startup::{Database, StartError, join_database, load_ring, prepare_database};

#[derive(Args, Debug)]
pub(super) struct Keys {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the keys by id, with what still needs them; shows no key
    List(Plain),
    /// Exchange a key for a new one while the service runs
    ///
    /// Running services take a new key over within seconds, without a restart
    /// and without a failed request. A new key is first made known to all of
    /// them, then used, then what was made with the one before is made again,
    /// and at last that one is removed. Cut off in the middle, the same command
    /// goes on where it stopped.
    ///
    /// With the ring in the setting keys.ring, the command does one step at a
    /// time and prints the ring for the next: roll it out to all services, and
    /// run it again.
    #[command(verbatim_doc_comment)]
    Rotate(Rotate),
    /// Remove earlier keys that nothing needs any more
    ///
    /// `rotate` does so by itself, except for token-signing: an earlier key
    /// verifies the tokens it signed until the last has expired.
    #[command(verbatim_doc_comment)]
    Retire(Retire),
    /// Look for damaged key files, keys of nobody, and people without a key
    ///
    /// Exits with 1 when anything is found.
    #[command(verbatim_doc_comment)]
    Check(Check),
}

#[derive(Args, Debug)]
struct Plain {
    #[command(flatten)]
    common: Common,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
struct Rotate {
    /// Which keys
    what: What,
    #[command(flatten)]
    plain: Plain,
    /// Most rows to go through in a second, to spare the database
    #[arg(long, value_name = "COUNT", default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..))]
    rows_per_second: u32,
}

#[derive(Args, Debug)]
struct Retire {
    /// Which keys
    what: What,
    #[command(flatten)]
    plain: Plain,
    /// The earlier signing keys have leaked: refuse their tokens at once
    #[arg(long)]
    leaked: bool,
}

#[derive(Args, Debug)]
struct Check {
    #[command(flatten)]
    plain: Plain,
    /// Remove the keys of nobody; safe beside a running service
    #[arg(long)]
    repair: bool,
}

/// What can be exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Key-encryption key: wraps the keys of people, seals stored answers
    Encryption,
    /// Masters of the blind indexes that find a PESEL or document again
    BlindIndex,
    /// Index across all institutions, for "takes part elsewhere?"
    ParticipationIndex,
    /// Signatures of access tokens
    TokenSigning,
    /// Seals of the access register
    AuditSeal,
    /// The keys of all people, with everything sealed under them
    PersonKeys,
}

impl What {
    /// Its list in the ring.
    const fn purpose(self) -> Option<Purpose> {
        match self {
            Self::Encryption => Some(Purpose::Encryption),
            Self::BlindIndex => Some(Purpose::BlindIndex),
            Self::ParticipationIndex => Some(Purpose::ParticipationIndex),
            Self::TokenSigning => Some(Purpose::TokenSigning),
            Self::AuditSeal => Some(Purpose::AuditSeal),
            Self::PersonKeys => None,
        }
    }
}

/// Why a command about keys failed.
#[derive(Debug, Error)]
pub enum KeysError {
    /// The key ring.
    #[error("keys: {0}")]
    Ring(#[from] KeyError),
    /// The keys of people.
    #[error("person keys: {0}")]
    People(#[from] PersonKeyError),
    /// Something could not be sealed again.
    #[error("stopped, nothing is lost: {0}")]
    Reseal(#[from] ResealError),
    /// The database.
    #[error("the database refused a statement: {0}")]
    Query(#[from] diesel::result::Error),
    /// Somebody else is at it.
    #[error("another rotation is under way")]
    Busy,
    /// Running services still have another ring.
    #[error("running service(s) {0} work with another ring; nothing is lost: see to them, then run the same command again")]
    Readers(String),
    /// What was made with an earlier key is still there.
    #[error("key {0} is still needed: {1}; `pai keys rotate` finishes an exchange")]
    Needed(KeyId, String),
    /// Something was made with an earlier key faster than it could be made again.
    #[error("rows under an earlier key are still coming in; is a service of an older release running?")]
    StillComing,
}

/// Everything a command about keys works on.
struct Desk {
    settings: Settings,
    owner: PgConnection,
    database: Database,
}

impl Desk {
    fn open(common: &Common) -> Result<Self, CliError> {
        let settings = common.settings()?;
        let database = join_database(&settings)?;
        prepare_database(&database)?;
        let owner = connect(database.owner_url.as_deref().ok_or(StartError::NoOwner)?)?;
        Ok(Self { settings, owner, database })
    }

    fn people(&self, ring: KeyRing) -> Result<FilePersonKeys, KeysError> {
        Ok(FilePersonKeys::open(&self.settings.data_dir, Arc::new(ring))?)
    }

    fn close(self) -> Result<(), CliError> {
        drop(self.owner);
        self.database.cluster.map_or(Ok(()), |cluster| Ok(cluster.stop()?))
    }
}

pub(super) fn run(keys: &Keys) -> Result<ExitCode, CliError> {
    let plain = match &keys.command {
        Command::List(plain) => plain,
        Command::Rotate(rotate) => &rotate.plain,
        Command::Retire(retire) => &retire.plain,
        Command::Check(check) => &check.plain,
    };
    let mut desk = Desk::open(&plain.common)?;
    let outcome = match &keys.command {
        Command::List(plain) => list(&mut desk, plain.json).map(|text| (text, ExitCode::SUCCESS)),
        Command::Rotate(rotate) => rotation::rotate(&mut desk, rotate).map(|text| (text, ExitCode::SUCCESS)),
        Command::Retire(retire) => rotation::retire(&mut desk, retire).map(|text| (text, ExitCode::SUCCESS)),
        Command::Check(check) => check::check(&mut desk, check),
    };
    desk.close()?;
    let (text, code) = outcome?;
    output::print(&text)?;
    Ok(code)
}

fn list(desk: &mut Desk, as_json: bool) -> Result<String, KeysError> {
    let ring = load_ring(&desk.settings)?;
    let people = desk.people(load_ring(&desk.settings)?)?;
    let (mut text, mut rows) = (String::new(), Vec::new());
    for purpose in Purpose::ALL {
        for (place, key) in ring.list(purpose).iter().enumerate() {
            let state = if key.is_prepared() {
                "prepared"
            } else if place == 0 {
                "active"
            } else {
                "earlier"
            };
            let needed_by = uses::of(&mut desk.owner, &people, purpose, key.id())?;
            let since = key.since().map(|since| since.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{:<20} {} {state:<9} {:<21} {needed_by}",
                purpose.as_str(),
                key.id(),
                since.as_deref().unwrap_or("since the beginning"),
            );
            rows.push(json!({ "purpose": purpose.as_str(), "id": key.id().to_string(), "state": state, "since": since,
                "neededBy": needed_by.count }));
        }
    }
    Ok(if as_json { format!("{:#}\n", json!({ "ring": ring.fingerprint(), "keys": rows })) } else { text })
}
