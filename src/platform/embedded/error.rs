//! What can go wrong between an empty directory and a running database.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;

/// Why the embedded `PostgreSQL` could not be started, reached or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// No usable server programs on this machine.
    #[error(
        "no PostgreSQL server programs found (looked in {searched}); \
         install them, for example `apt-get install postgresql-15` on Debian, \
         `apt-get install postgresql` on Ubuntu, `dnf install postgresql-server` on Fedora, \
         or set the database URL of a PostgreSQL that runs elsewhere"
    )]
    NoBinaries {
        /// The places that were searched.
        searched: String,
    },
    /// The data were written by a major version that is not installed.
    #[error(
        "the data in {data} were written by PostgreSQL {wanted}, but only {found} is installed; \
         install postgresql-{wanted}, or convert the data with pg_upgrade"
    )]
    VersionMismatch {
        /// The data directory.
        data: PathBuf,
        /// Major version that wrote the data.
        wanted: u32,
        /// Versions that are installed.
        found: String,
    },
    /// Another service holds the data directory.
    #[error(
        "{0} is in use by another running service (lock file postgres.lock); stop that one first, or choose another data directory"
    )]
    Locked(PathBuf),
    /// A unix socket address has room for few bytes.
    #[error(
        "the socket path {path} has {length} bytes, and a unix socket allows {limit}; choose a data directory with a shorter path"
    )]
    SocketPathTooLong {
        /// Full path of the socket.
        path: PathBuf,
        /// Its length in bytes.
        length: usize,
        /// The longest that is accepted.
        limit: usize,
    },
    /// The unprivileged user of the database cannot enter a directory.
    #[error(
        "the database runs as user id {uid}, which cannot enter {path}; choose a data directory outside of it, for example under /var/lib"
    )]
    Unreachable {
        /// The first directory on the way that refuses.
        path: PathBuf,
        /// User id of the database process.
        uid: u32,
    },
    /// The service is root and the machine has no unprivileged user to drop to.
    #[error("PostgreSQL refuses to run as root, and neither a user `postgres` nor `nobody` exists")]
    NoUser,
    /// A helper program could not be run.
    #[error("cannot run `{program}`: {source} (setpriv and sync belong to the packages util-linux and coreutils)")]
    Tool {
        /// The program.
        program: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// `initdb` failed.
    #[error("initdb failed ({status}): {output}")]
    Initdb {
        /// How it ended.
        status: ExitStatus,
        /// What it printed.
        output: String,
    },
    /// The server ended before it was ready.
    #[error("PostgreSQL ended during its start ({status}); the end of its log: {log}")]
    Exited {
        /// How it ended.
        status: ExitStatus,
        /// Last lines of the log.
        log: String,
    },
    /// The server runs but accepts no connection.
    #[error("PostgreSQL was not ready after {seconds} s; the end of its log: {log}")]
    NotReady {
        /// How long it was waited for.
        seconds: u64,
        /// Last lines of the log.
        log: String,
    },
    /// A stop was asked for while the server was starting.
    #[error("the database is being stopped")]
    Stopping,
    /// No service runs on this data directory.
    #[error("no service runs on {0}")]
    NotRunning(PathBuf),
    /// Somebody else's service runs on this data directory.
    #[error("the database of {0} belongs to another user; run this command as root or as the user of the service")]
    NotPermitted(PathBuf),
    /// A file operation failed.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The supervisor thread is gone.
    #[error("the database supervisor ended unexpectedly")]
    SupervisorLost,
    /// A connection as the bootstrap superuser failed.
    #[error("cannot connect to the embedded database: {0}")]
    Connect(#[from] diesel::ConnectionError),
    /// Roles or database could not be made.
    #[error("cannot prepare the embedded database: {0}")]
    Provision(#[from] diesel::result::Error),
}

/// Adds the action and the path to an I/O error.
pub(super) fn io<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> EmbeddedError + 'a {
    move |source| EmbeddedError::Io { action, path: path.to_path_buf(), source }
}
