//! From settings to a running service, and the acts of an operator that need no running one.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use secrecy::ExposeSecret;
use thiserror::Error;

use crate::app::{self, Shared};
use crate::participation::psu::fast::Register;
use crate::people::lost_keys;
use crate::platform::audit::lag::SealLag;
use crate::platform::audit::sealer::Sealer;
use crate::platform::caller::Gate;
use crate::platform::clock::Clock;
use crate::platform::config::Settings;
use crate::platform::embedded::{Cluster, DATABASE, EmbeddedError, Role};
use crate::platform::identity::Issuers;
use crate::platform::keys::{FILE_NAME as KEY_RING_FILE, KeyError, KeyRing};
use crate::platform::live_keys::LiveKeys;
use crate::platform::migrations::{self, DatabaseError};
use crate::platform::network::TrustedProxies;
use crate::platform::oauth::TokenEndpoint;
use crate::platform::permit::Exporter;
use crate::platform::person_keys::{FilePersonKeys, PersonKeyError};
use crate::platform::remembered::Remembered;
use crate::platform::secret_checks::SecretChecks;
use crate::platform::sign_in::SignIns;
use crate::platform::tokens::TokenIssuer;

/// A service that is just starting can be reached within this time.
const JOIN_PATIENCE: Duration = Duration::from_secs(20);

/// Why the service did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The embedded database.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The key ring.
    #[error("keys: {0}")]
    Keys(#[from] KeyError),
    /// The keys of people.
    #[error("person keys: {0}")]
    PersonKeys(#[from] PersonKeyError),
    /// The connection pool.
    #[error("cannot connect to the database: {0}")]
    Pool(#[from] r2d2::Error),
    /// The data directory, the listener.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
    /// An outside issuer of the settings.
    #[error("configuration: {0}")]
    Issuers(String),
    /// No owner's URL.
    #[error("database.owner_url is needed for this; see config/base.toml")]
    NoOwner,
}

/// How to reach the database, and the embedded one while it runs.
pub struct Database {
    /// As the login role.
    pub service_url: String,
    /// As the owner, where known.
    pub owner_url: Option<String>,
    /// Present when this process runs the embedded database.
    pub cluster: Option<Cluster>,
}

/// Finds the database of the settings, starting the embedded one where none runs.
///
/// # Errors
/// [`StartError::Embedded`] with what to do about it.
pub fn open_database(settings: &Settings) -> Result<Database, StartError> {
    if !settings.embedded() {
        let owner = settings.database.owner_url.expose_secret();
        return Ok(Database {
            service_url: settings.database.url.expose_secret().to_owned(),
            owner_url: (!owner.is_empty()).then(|| owner.to_owned()),
            cluster: None,
        });
    }
    make_private_dir(&settings.data_dir)?;
    let programs = Some(settings.database.programs_dir.as_path()).filter(|path| !path.as_os_str().is_empty());
    let cluster = Cluster::start(&settings.data_dir, programs)?;
    Ok(Database {
        service_url: cluster.url(Role::Service, DATABASE),
        owner_url: Some(cluster.url(Role::Owner, DATABASE)),
        cluster: Some(cluster),
    })
}

/// As [`open_database`], but joins a service that already runs on the data directory.
///
/// # Errors
/// As [`open_database`].
pub fn join_database(settings: &Settings) -> Result<Database, StartError> {
    if !settings.embedded() {
        return open_database(settings);
    }
    // A service that is just starting holds the lock before it can be reached.
    let deadline = Instant::now() + JOIN_PATIENCE;
    loop {
        if let Ok(attached) = Cluster::attach(&settings.data_dir) {
            return Ok(Database {
                service_url: attached.url(Role::Service, DATABASE),
                owner_url: Some(attached.url(Role::Owner, DATABASE)),
                cluster: None,
            });
        }
        match open_database(settings) {
            Err(StartError::Embedded(EmbeddedError::Locked(_))) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(100));
            }
            outcome => return outcome,
        }
    }
}

/// Migrates where the owner is known, then checks what the service will stand on.
///
/// # Errors
/// [`StartError::Database`].
pub fn prepare_database(database: &Database) -> Result<(), StartError> {
    if let Some(owner_url) = &database.owner_url {
        migrations::migrate(owner_url)?;
    }
    migrations::check(&database.service_url)?;
    Ok(())
}

/// Logs whose person key is lost, as damaged ones are logged when they are read.
///
/// Who knows the owner of the database looks at every tenant, who does not at those with a key file.
///
/// # Errors
/// [`StartError`] when keys or database cannot be read.
pub fn report_lost_keys(settings: &Settings, database: &Database) -> Result<(), StartError> {
    let people = FilePersonKeys::open(&settings.data_dir, Arc::new(load_ring(settings)?))?;
    let mut conn = migrations::connect(database.owner_url.as_ref().unwrap_or(&database.service_url))?;
    let mut tenants = people.tenants()?;
    if database.owner_url.is_some() {
        tenants.extend(lost_keys::tenants_with_sealed_data(&mut conn).map_err(DatabaseError::from)?);
    }
    tenants.sort_unstable();
    tenants.dedup();
    Ok(lost_keys::report(&mut conn, &people, &tenants).map_err(DatabaseError::from)?)
}

/// Reads or makes the keys and joins everything the workers share.
///
/// # Errors
/// Any [`StartError`].
pub fn share(settings: &Settings, service_url: &str, clock: Clock) -> Result<Shared, StartError> {
    make_private_dir(&settings.data_dir)?;
    let ring = Arc::new(load_ring(settings)?);
    let people = Arc::new(FilePersonKeys::open(&settings.data_dir, Arc::clone(&ring))?);
    let issuer = TokenIssuer::new(&settings.tokens.issuer, &settings.tokens.audience, &ring.token_signing)?;
    let keys = Arc::new(LiveKeys::new(Arc::clone(&ring), people));
    let db = app::open_store(service_url, settings.database.pool_size, clock.clone(), keys)?;
    let threads = |whose: &'static str| move |error| StartError::Io(format!("threads of the {whose}"), error);
    let register = Register::open(&db, settings).map_err(threads("register"))?;
    let issuers = Issuers::new(issuer, &settings.issuers, &clock).map_err(StartError::Issuers)?;
    let endpoint = TokenEndpoint::new(
        Duration::from_secs(settings.tokens.life_s),
        &settings.tokens.issuer,
        &public_url(settings),
        TrustedProxies(settings.server.trusted_proxies.clone()),
    );
    let sign_ins = SignIns::new(&clock, SecretChecks::start().map_err(threads("sign-ins"))?)?;
    let exporter = Exporter::within(&settings.data_dir);
    let remembered = Remembered::open(&db, settings).map_err(threads("remembered answers"))?;
    let service = app::service(db, Gate::new(issuers, clock), &ring.token_signing, exporter, remembered);
    Ok(Shared::new(service, endpoint, sign_ins, register).ready_within(&settings.readiness))
}

/// Where callers reach the service, as far as the settings say.
fn public_url(settings: &Settings) -> String {
    let server = &settings.server;
    if server.public_url.is_empty() { format!("http://{}", server.listen) } else { server.public_url.clone() }
}

/// The key ring of the settings, made on the first start.
///
/// # Errors
/// [`KeyError`].
pub fn load_ring(settings: &Settings) -> Result<KeyRing, KeyError> {
    if settings.keys.ring.expose_secret().is_empty() {
        KeyRing::load_or_create(&settings.data_dir)
    } else {
        KeyRing::from_base64(&settings.keys.ring)
    }
}

/// The keys of a deployment that has run before; none are made.
///
/// # Errors
/// [`StartError::Keys`].
pub fn existing_key_ring(settings: &Settings) -> Result<KeyRing, StartError> {
    let file = settings.data_dir.join(KEY_RING_FILE);
    Ok(if settings.keys.ring.expose_secret().is_empty() { KeyRing::load(&file)? } else { load_ring(settings)? })
}

/// The sealer of the access register; `lag` tells the others how far it is.
///
/// # Errors
/// [`StartError::Keys`], [`StartError::Io`] for the anchor file.
pub fn sealer(settings: &Settings, service_url: &str, clock: Clock, lag: SealLag) -> Result<Sealer, StartError> {
    let ring = Arc::new(load_ring(settings)?);
    let interval = Duration::from_secs(settings.audit.anchor_interval_s);
    Sealer::new(service_url, ring, clock, &settings.data_dir, interval, lag)
        .map_err(|error| StartError::Io(settings.data_dir.display().to_string(), error))
}

/// Makes a directory that only its owner can enter, where there is none.
///
/// # Errors
/// [`StartError::Io`] with its path.
pub fn make_private_dir(path: &Path) -> Result<(), StartError> {
    use std::os::unix::fs::DirBuilderExt;
    // Only the directory itself is private: the embedded database's user must pass through the others.
    path.parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path))
        .map_err(|error| StartError::Io(path.display().to_string(), error))
}
