//! A `PostgreSQL` of the service's own: found, initialised, started, watched and stopped.
//!
//! One command must bring the service up on a bare machine, so the service runs the database as
//! its child: on a unix socket, without TCP, below the data directory. A service started by root
//! gives the database to an unprivileged user. If the service is killed, the kernel tells the
//! database to shut down (see `launch`); if the database dies, it is started again (see
//! `supervisor`). Larger installations set a database URL and use none of this.

mod binaries;
mod error;
mod launch;
mod layout;
mod provision;
mod supervisor;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use diesel::{Connection, PgConnection};

use binaries::Binaries;
pub use error::EmbeddedError;
use error::io;
use launch::Launcher;
use layout::{Layout, PORT, User};
pub use supervisor::Status;
use supervisor::{Board, Supervisor};

/// Bootstrap superuser of the cluster; used only to prepare roles and databases.
pub const SUPERUSER: &str = "postgres";
/// Role that owns and migrates the database.
pub const OWNER_ROLE: &str = "pai_owner";
/// Role under which requests are served; subject to row-level security.
pub const SERVICE_ROLE: &str = "pai_service";
/// Database of the service.
pub const DATABASE: &str = "pai";
/// Database that exists in every cluster, to connect to before or beside the service's own.
pub const MAINTENANCE_DATABASE: &str = "postgres";

/// A service that holds the lock is reachable within this time, unless it is recovering.
const ATTACH_PATIENCE: Duration = Duration::from_secs(10);
const ATTACH_POLL: Duration = Duration::from_millis(100);

/// Whom a connection acts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The bootstrap superuser.
    Superuser,
    /// Owner of the database: migrations, backups, backfills.
    Owner,
    /// The ordinary login of the running service.
    Service,
}

impl Role {
    /// Name of the role in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Superuser => SUPERUSER,
            Self::Owner => OWNER_ROLE,
            Self::Service => SERVICE_ROLE,
        }
    }
}

/// A program of `PostgreSQL` such as `pg_dump`, of the version of the database below `data_dir` if there is one.
///
/// # Errors
/// [`EmbeddedError::NoBinaries`] or [`EmbeddedError::VersionMismatch`].
pub fn client_program(binaries: Option<&Path>, data_dir: &Path, name: &str) -> Result<PathBuf, EmbeddedError> {
    Ok(Binaries::find(binaries, &data_dir.join(layout::DATA))?.program(name))
}

/// A running embedded database that somebody else supervises.
#[derive(Debug, Clone)]
pub struct Attached {
    run: PathBuf,
}

impl Attached {
    /// A libpq URL over the unix socket.
    pub fn url(&self, role: Role, database: &str) -> String {
        // Neither encryption nor Kerberos makes sense on a local socket, and asking for the
        // latter loads a library that trips over itself at process end.
        format!(
            "postgresql://{}@{}:{PORT}/{}?gssencmode=disable&sslmode=disable",
            role.name(),
            percent_encoded(self.run.as_os_str().as_bytes()),
            percent_encoded(database.as_bytes()),
        )
    }

    /// Makes sure that a database exists with the service's roles and rights.
    ///
    /// Repeating it changes nothing.
    ///
    /// # Errors
    /// When the cluster refuses a connection or a statement.
    pub fn ensure_database(&self, name: &str) -> Result<(), EmbeddedError> {
        let mut conn = PgConnection::establish(&self.url(Role::Superuser, MAINTENANCE_DATABASE))?;
        provision::roles(&mut conn)?;
        provision::database(&mut conn, name)?;
        let mut conn = PgConnection::establish(&self.url(Role::Superuser, name))?;
        Ok(provision::contents(&mut conn)?)
    }
}

/// An embedded `PostgreSQL` that this process started and supervises.
///
/// May be started from any thread and kept anywhere: the server belongs to a supervisor thread
/// that lives exactly as long as this value. Dropping it stops the server and waits for that.
#[derive(Debug)]
pub struct Cluster {
    endpoint: Attached,
    board: Board,
    supervision: Option<(Sender<()>, JoinHandle<()>)>,
    /// Declared last, so that the lock outlives the server.
    _lock: File,
}

impl Cluster {
    /// Starts the database below `data_dir` and prepares roles and database.
    ///
    /// `binaries` names the directory of the server programs; without it they are searched for.
    ///
    /// # Errors
    /// See [`EmbeddedError`]; every message says what to do.
    pub fn start(data_dir: &Path, binaries: Option<&Path>) -> Result<Self, EmbeddedError> {
        let layout = Layout::create(data_dir)?;
        let lock = layout.lock()?;
        let launcher =
            Launcher { binaries: Binaries::find(binaries, &layout.data)?, user: User::to_drop_to(&layout.data)?, layout };
        if let Some(user) = launcher.user {
            launcher.layout.let_pass(user)?;
        }
        launcher.check_reachable()?;
        Layout::private_dir(&launcher.layout.run, launcher.user)?;

        let endpoint = Attached { run: launcher.layout.run.clone() };
        let (stop, stop_asked) = mpsc::channel();
        let (report, started) = mpsc::channel();
        let board = Board::new();
        let supervisor = Supervisor { launcher, endpoint: endpoint.clone(), board: board.clone(), stop: stop_asked };
        let thread = thread::Builder::new()
            .name("postgres-supervisor".to_owned())
            .spawn(move || supervisor.run(&report))
            .map_err(io("start the supervisor of", data_dir))?;
        let cluster = Self { endpoint, board, supervision: Some((stop, thread)), _lock: lock };
        started.recv().map_err(|_| EmbeddedError::SupervisorLost)??;
        cluster.endpoint.ensure_database(DATABASE)?;
        Ok(cluster)
    }

    /// The directory of the server programs that [`Cluster::start`] would use.
    ///
    /// # Errors
    /// When none is found, or none that can read the data.
    pub fn programs(data_dir: &Path, binaries: Option<&Path>) -> Result<PathBuf, EmbeddedError> {
        Ok(Binaries::find(binaries, &data_dir.join(layout::DATA))?.program(""))
    }

    /// Reaches the database of a service that is running on `data_dir`.
    ///
    /// Waits a moment for one that is just starting.
    ///
    /// # Errors
    /// [`EmbeddedError::NotRunning`] when nothing runs there: use [`Cluster::start`] then.
    pub fn attach(data_dir: &Path) -> Result<Attached, EmbeddedError> {
        if !data_dir.exists() {
            return Err(EmbeddedError::NotRunning(data_dir.to_path_buf()));
        }
        let layout = Layout::of(data_dir)?;
        let attached = Attached { run: layout.run.clone() };
        // The owner's database exists only when the preparation is done.
        let url = attached.url(Role::Owner, DATABASE);
        let deadline = Instant::now() + ATTACH_PATIENCE;
        loop {
            // Asked first, because libpq reports all these in prose only.
            match UnixStream::connect(layout.socket()).map_err(|e| e.kind()) {
                Err(ErrorKind::PermissionDenied) => {
                    return Err(EmbeddedError::NotPermitted(layout.root));
                }
                Err(_) => return Err(EmbeddedError::NotRunning(layout.root)),
                Ok(_) => {}
            }
            match PgConnection::establish(&url) {
                Ok(_) => return Ok(attached),
                Err(error) if Instant::now() >= deadline => return Err(error.into()),
                Err(_) => thread::sleep(ATTACH_POLL),
            }
        }
    }

    /// The cluster without its supervision, for whoever only needs connections.
    pub fn endpoint(&self) -> &Attached {
        &self.endpoint
    }

    /// A libpq URL over the unix socket.
    pub fn url(&self, role: Role, database: &str) -> String {
        self.endpoint.url(role, database)
    }

    /// What the server is doing.
    pub fn status(&self) -> Status {
        self.board.read()
    }

    /// Whether the server runs.
    pub fn is_alive(&self) -> bool {
        matches!(self.status(), Status::Running { .. })
    }

    /// Shuts the server down, ending open connections, and waits until it is gone.
    ///
    /// # Errors
    /// [`EmbeddedError::SupervisorLost`] when the supervisor itself had failed.
    pub fn stop(mut self) -> Result<(), EmbeddedError> {
        self.end().map_err(|_| EmbeddedError::SupervisorLost)
    }

    fn end(&mut self) -> thread::Result<()> {
        match self.supervision.take() {
            Some((stop, thread)) => {
                // Hanging up is the order to stop.
                drop(stop);
                thread.join()
            }
            None => Ok(()),
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.end().is_err() {
            tracing::error!("the database supervisor ended unexpectedly");
        }
    }
}

/// Everything but letters, digits and `-._~` as `%XX`.
fn percent_encoded(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, &byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}
