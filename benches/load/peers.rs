//! The same endpoints in other stacks, from `benches/peers`: installed once, started, stopped.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use pai::platform::config::Settings;
use pai::platform::embedded::{DATABASE, Role};

use crate::client::Server;
use crate::database::Database;
use crate::process::Process;
use crate::seed::Town;
use crate::service::{answers, free_address};
use crate::{Outcome, progress};

/// Longest time that a start may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Another stack: its directory, how it is installed and how it is started there.
struct Stack {
    name: &'static str,
    lock: &'static str,
    install: &'static str,
    run: &'static str,
}

const STACKS: [Stack; 3] = [
    Stack {
        name: "fastify",
        lock: "package-lock.json",
        install: "npm ci --omit=dev --no-audit --no-fund --loglevel=error",
        run: "exec node server.js",
    },
    Stack {
        name: "fastapi",
        lock: "requirements.txt",
        install: PYTHON,
        run: "exec venv/bin/uvicorn main:app --host 127.0.0.1 --port $PORT --workers $WORKERS --log-level warning --no-access-log",
    },
    Stack {
        name: "drf",
        lock: "requirements.txt",
        install: PYTHON,
        run: "exec venv/bin/gunicorn project:application --bind 127.0.0.1:$PORT --workers $WORKERS --threads $POOL --keep-alive 75 --log-level warning",
    },
];
const PYTHON: &str = "python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt";

/// A running peer.
pub struct Peer {
    child: Child,
    pub server: Server,
}

/// Installs what is not installed yet and starts all.
pub fn start(database: &Database, service: &str, town: &Town) -> Outcome<Vec<Peer>> {
    STACKS.iter().map(|stack| stack.start(&stack.install()?, database, service, town)).collect()
}

impl Stack {
    fn source(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(self.name)
    }

    /// Copies it to the cache, with its packages as the lock file names them; answers where it is.
    fn install(&self) -> Outcome<PathBuf> {
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home).unwrap_or_else(std::env::temp_dir);
        let lock = std::fs::read(self.source().join(self.lock))?;
        let target =
            cache.join("pai-bench-peers").join(format!("{}-{}", self.name, &pai::platform::secrets::digest_hex(&lock)[..12]));
        std::fs::create_dir_all(&target)?;
        for entry in std::fs::read_dir(self.source())? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                std::fs::copy(entry.path(), target.join(entry.file_name()))?;
            }
        }
        let done = target.join(".installed");
        if !done.exists() {
            progress(&format!("installing {}", self.name));
            let status = Command::new("sh").args(["-c", self.install]).current_dir(&target).stdout(Stdio::null()).status()?;
            if !status.success() {
                return Err(format!("{} could not be installed", self.name).into());
            }
            std::fs::write(done, [])?;
        }
        Ok(target)
    }

    /// As many processes as processors, together with as many connections as the service has.
    fn start(&self, place: &Path, database: &Database, service: &str, town: &Town) -> Outcome<Peer> {
        let address = free_address()?;
        let port = address.rsplit(':').next().unwrap_or_default();
        let workers = std::thread::available_parallelism()?.get();
        let pool = usize::try_from(Settings::load(None)?.database.pool_size)?.div_ceil(workers);
        let child = Command::new("sh")
            .args(["-c", self.run])
            .current_dir(place)
            .env("PORT", port)
            .env("WORKERS", workers.to_string())
            .env("POOL", pool.to_string())
            .env("PGHOST", database.socket_directory())
            .env("PGUSER", Role::Service.name())
            .env("PGDATABASE", DATABASE)
            .env("JWKS", format!("http://{service}/oauth/jwks.json"))
            .env("CURSOR_KEY", &town.secret)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdout(Stdio::null())
            .spawn()?;
        let process = Process { id: child.id(), with_descendants: true };
        let server = Server { name: self.name.to_owned(), address, process, is_peer: true };
        let mut peer = Peer { child, server };
        let began = Instant::now();
        while !answers(&peer.server.address, "/health/ready") {
            if peer.child.try_wait()?.is_some() || began.elapsed() > PATIENCE {
                return Err(format!("{} did not become ready", self.name).into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        progress(&format!("{} is ready with {workers} processes of {pool} connections", self.name));
        Ok(peer)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // All three end their workers when they are asked to end themselves.
        let _ = self.server.process.terminate();
        let _ = self.child.wait();
    }
}
