//! Demonstration data: two fictitious towns with a labour office, so that every
//! operation can be tried at once and every example of the contract works.
//!
//! The owner of the database registers the three institutions and an
//! administrator of each; everything else enters through the public API of the
//! running service, as it would from any other system. Dates are relative to
//! the day of loading. It never touches a database that holds an institution.

mod calendar;
mod caller;
mod credentials;
mod deserted;
mod edition;
mod exchange;
mod load;
mod papers;
mod past;
mod people;
mod planned;
mod ranking;
mod reconciled;
mod reported;
mod running;
mod settled;
mod support;
mod timetable;
mod town;
mod work;

use std::io;
use std::path::{Path, PathBuf};

use diesel::{Connection as _, PgConnection, QueryDsl as _, RunQueryDsl as _};
use secrecy::SecretString;
use thiserror::Error;
use uuid::Uuid;

pub use calendar::Calendar;
pub use credentials::{Credential, Credentials};

use crate::institutions::clients::{CreateError, FirstInstitution, create_as_operator, register_institution};
use crate::platform::clock::{Clock, legal_day};
use crate::platform::examples;
use crate::platform::migrations::{DatabaseError, connect};
use crate::platform::policy::Role;
use crate::platform::private_files::replace_file;
use crate::platform::types::{InvalidValue, ShortText};
use crate::schema::institutions;

/// Holds the day of loading, from before the first row; without the credentials it tells of an unfinished load.
const MARKER: &str = "demo-day";
/// Name of the bootstrap clients.
const ADMINISTRATOR: &str = "Demo: administrator";

/// Name of the client that an administrator may revoke.
const FORMER_CLIENT: &str = "Dawny system, do unieważnienia";

/// Why the demonstration data could not be loaded.
#[derive(Debug, Error)]
pub enum DemoError {
    /// The owner of the database is unknown.
    #[error("they need database.owner_url; see config/base.toml")]
    NoOwner,
    /// An earlier load ended half-way.
    #[error("an earlier start with --demo ended before they were complete; remove the data directory {0} and start again")]
    Unfinished(PathBuf),
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A statement.
    #[error("the database refused: {0}")]
    Store(#[from] diesel::result::Error),
    /// An institution or a bootstrap client.
    #[error(transparent)]
    Create(#[from] CreateError),
    /// A file of the data directory.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// The credentials file was changed by hand.
    #[error("{0} is damaged: {1}")]
    Damaged(PathBuf, serde_json::Error),
    /// The service did not answer.
    #[error("{0} failed: {1}")]
    Call(String, Box<ureq::Error>),
    /// The service refused.
    #[error("{call} was answered with {status}: {body}")]
    Refused {
        /// Method and path.
        call: String,
        /// HTTP status.
        status: u16,
        /// The problem.
        body: String,
    },
    /// A built-in value is invalid: a fault of the program.
    #[error(transparent)]
    Value(#[from] InvalidValue),
    /// The loading thread is gone.
    #[error("loading was interrupted")]
    Interrupted,
}

/// What is to be done about demonstration data.
pub enum Demo {
    /// Nothing was asked for.
    NotAsked,
    /// The database holds other data: nothing is loaded.
    NotEmpty,
    /// They are there since an earlier start.
    Loaded(Credentials, Calendar),
    /// The database is empty.
    Load(Load),
}

/// A load that has been prepared: institutions and administrators exist.
pub struct Load {
    data_dir: PathBuf,
    calendar: Calendar,
    administrators: Vec<Administrator>,
}

/// The first client of an institution.
struct Administrator {
    tenant: Uuid,
    client_id: Uuid,
    client_secret: SecretString,
}

/// Institutions of the demonstration: id, kind, name.
const INSTITUTIONS: [(&str, &str, &str); 3] = [
    (examples::INSTITUTION, "municipalCentre", "Miejski Ośrodek Pomocy Społecznej w Przykładowie"),
    (examples::OTHER_INSTITUTION, "municipalCentre", "Ośrodek Pomocy Społecznej w Nowym Wzorowie"),
    (examples::LABOUR_OFFICE, "labourOffice", "Powiatowy Urząd Pracy w Przykładowie"),
];

/// Decides what to do, and makes institutions and administrators in an empty database.
///
/// # Errors
/// [`DemoError`]; an unfinished earlier load is one.
pub fn prepare(data_dir: &Path, owner_url: Option<&str>, clock: &Clock) -> Result<Demo, DemoError> {
    let marker = data_dir.join(MARKER);
    if let Some(credentials) = Credentials::read(data_dir)? {
        let day = std::fs::read_to_string(&marker).map_err(|error| DemoError::File(marker, error))?;
        let day = day.trim().parse().unwrap_or_else(|_| legal_day(clock.now()));
        return Ok(Demo::Loaded(credentials, Calendar::around(day)));
    }
    let mut owner = connect(owner_url.ok_or(DemoError::NoOwner)?)?;
    let empty = institutions::table.count().get_result::<i64>(&mut owner)? == 0;
    match (empty, marker.exists()) {
        (false, true) => return Err(DemoError::Unfinished(data_dir.to_owned())),
        (false, false) => {
            tracing::warn!("the database is not empty, so no demonstration data were loaded");
            return Ok(Demo::NotEmpty);
        }
        (true, _) => {}
    }
    let today = legal_day(clock.now());
    replace_file(&marker, today.to_string().as_bytes()).map_err(|error| DemoError::File(marker, error))?;
    let administrators = owner.transaction(|owner| INSTITUTIONS.iter().map(|row| found(owner, *row, clock)).collect())?;
    Ok(Demo::Load(Load { data_dir: data_dir.to_owned(), calendar: Calendar::around(today), administrators }))
}

fn found(owner: &mut PgConnection, (id, kind, name): (&str, &str, &str), clock: &Clock) -> Result<Administrator, DemoError> {
    let name: ShortText = name.parse()?;
    let id = Uuid::parse_str(id).map_err(|_| InvalidValue::new("musi być identyfikatorem UUID", "must be a UUID"))?;
    let first = FirstInstitution { id: Some(id), kind, name: &name, teryt: None, regon: None, nip: None };
    let tenant = register_institution(owner, &first, clock.now())?;
    let made = create_as_operator(owner, tenant, None, &ADMINISTRATOR.parse()?, Role::Administrator, clock.now())?;
    if id.to_string() == examples::INSTITUTION {
        // Of its fixed id, which the API does not let a caller choose.
        let former = Uuid::parse_str(examples::CLIENT)
            .map_err(|_| InvalidValue::new("musi być identyfikatorem UUID", "must be a UUID"))?;
        create_as_operator(owner, tenant, Some(former), &FORMER_CLIENT.parse()?, Role::Statistician, clock.now())?;
    }
    Ok(Administrator { tenant, client_id: made.client_id, client_secret: made.client_secret })
}

impl Load {
    /// Loads everything through the API of the service at `base`, then writes the credentials file.
    ///
    /// # Errors
    /// [`DemoError`]; the data directory is then marked as unfinished.
    pub fn run(self, base: &str) -> Result<Credentials, DemoError> {
        let clients = load::everything(&self, base)?;
        Credentials::write(&self.data_dir, clients)
    }
}

impl Demo {
    /// The calendar of the data, where there are any.
    pub fn calendar(&self) -> Option<Calendar> {
        match self {
            Self::Loaded(_, calendar) => Some(*calendar),
            Self::Load(load) => Some(load.calendar),
            Self::NotAsked | Self::NotEmpty => None,
        }
    }
}
