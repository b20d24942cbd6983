//! The cluster under load: connections to it, and the statements that arrive.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::PgConnection;
use diesel::connection::SimpleConnection as _;
use pai::platform::embedded::{Attached, Cluster, DATABASE, Role};
use pai::platform::migrations::connect;

use crate::Outcome;
use crate::figures::Measurement;

/// The embedded database of a running service.
pub struct Database {
    attached: Attached,
    log: PathBuf,
    socket_directory: PathBuf,
}

impl Database {
    /// Reaches the database of the service that runs on `data`.
    pub fn attach(data: &Path) -> Outcome<Self> {
        Ok(Self {
            attached: Cluster::attach(data)?,
            log: data.join("postgres.log"),
            socket_directory: data.canonicalize()?.join("run"),
        })
    }

    /// A libpq URL.
    pub fn url(&self, role: Role) -> String {
        self.attached.url(role, DATABASE)
    }

    /// Where the socket is, for clients that want no URL.
    pub fn socket_directory(&self) -> &Path {
        &self.socket_directory
    }

    /// A connection of the owner.
    pub fn owner(&self) -> Outcome<PgConnection> {
        Ok(connect(&self.url(Role::Owner))?)
    }

    /// A connection that may do anything.
    pub fn superuser(&self) -> Outcome<Superuser> {
        Ok(Superuser(connect(&self.url(Role::Superuser))?))
    }

    /// How many statements arrive for one request, counted in the log of PostgreSQL.
    pub fn statements(&self, load: impl Fn() -> Outcome<Measurement>) -> Outcome<f64> {
        let mut superuser = self.superuser()?;
        superuser.set("log_statement", "all")?;
        let from = std::fs::metadata(&self.log)?.len();
        let measured = load()?;
        superuser.set("log_statement", "none")?;
        let mut log = File::open(&self.log)?;
        log.seek(SeekFrom::Start(from))?;
        let mut statements = 0_usize;
        for line in BufReader::new(log).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            // Each message that a client sends is logged as one of these; a text of several statements is one.
            let is_own = line.contains("ALTER SYSTEM") || line.contains("pg_reload_conf");
            statements += usize::from(!is_own && (line.contains("LOG:  statement: ") || line.contains("LOG:  execute ")));
        }
        Ok(statements as f64 / measured.count as f64)
    }
}

/// A connection that may do anything.
pub struct Superuser(PgConnection);

impl Superuser {
    /// Changes a setting of the cluster, and waits until everybody has it.
    pub fn set(&mut self, name: &str, value: &str) -> Outcome<()> {
        self.run(&format!("ALTER SYSTEM SET {name} = '{value}'"))?;
        self.reload()
    }

    /// Takes a setting back.
    pub fn reset(&mut self, name: &str) -> Outcome<()> {
        self.run(&format!("ALTER SYSTEM RESET {name}"))?;
        self.reload()
    }

    fn reload(&mut self) -> Outcome<()> {
        self.run("SELECT pg_reload_conf()")?;
        std::thread::sleep(Duration::from_millis(300));
        Ok(())
    }

    /// Writes everything to disk, so that no case pays for the one before.
    pub fn checkpoint(&mut self) -> Outcome<()> {
        self.run("CHECKPOINT")
    }

    pub fn run(&mut self, sql: &str) -> Outcome<()> {
        Ok(self.0.batch_execute(sql)?)
    }
}
