//! The service under load: the real program with its embedded database.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pai::platform::embedded::Role;

use crate::client::Server;
use crate::database::Database;
use crate::process::Process;
use crate::{Outcome, progress};

/// Longest time that a start may take; crash recovery is not expected.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running service.
pub struct Service {
    child: Child,
    /// `host:port`.
    pub address: String,
    pub process: Process,
    /// From the start of the program to the first good answer.
    pub ready_after: Duration,
}

impl Service {
    /// Starts the program on a data directory, fresh or not, and waits for its first good answer.
    pub fn start(data: &Path, settings: &[(String, String)]) -> Outcome<Self> {
        let address = free_address()?;
        let began = Instant::now();
        let child = Command::new(env!("CARGO_BIN_EXE_pai"))
            .args(["serve", "--listen", &address, "--data-dir"])
            .arg(data)
            .env("PAI__LOG__FILTER", "warn")
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::null())
            .spawn()?;
        let process = Process { id: child.id(), with_descendants: false };
        let mut service = Self { child, address, process, ready_after: Duration::ZERO };
        while !answers(&service.address, "/health/ready") {
            if let Some(status) = service.child.try_wait()? {
                return Err(format!("the service ended: {status}; its log says why").into());
            }
            if began.elapsed() > PATIENCE {
                return Err("the service did not become ready".into());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        service.ready_after = began.elapsed();
        Ok(service)
    }

    /// A second service with other settings on the same database, or none where no setting is given.
    pub fn variant(database: &Database, of: &Path, data: &Path, settings: &[(String, String)]) -> Outcome<Option<Self>> {
        if settings.is_empty() {
            return Ok(None);
        }
        // The same keys, so that a token of one is good at the other.
        let ring = STANDARD.encode(std::fs::read(of.join("keys.json"))?);
        let mut all = vec![("PAI__DATABASE__URL".to_owned(), database.url(Role::Service)), ("PAI__KEYS__RING".to_owned(), ring)];
        all.extend_from_slice(settings);
        Self::start(data, &all).map(Some)
    }

    /// Itself as somebody who answers.
    pub fn server(&self, name: &str) -> Server {
        Server { name: name.to_owned(), address: self.address.clone(), process: self.process, is_peer: false }
    }

    /// Stops it in good order.
    pub fn stop(mut self) -> Outcome<()> {
        self.process.terminate()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Only after a failure; the embedded database ends with the service, in its own time.
        if matches!(self.child.try_wait(), Ok(None)) {
            progress("stopping a service after a failure");
            let _ = self.process.terminate();
            let _ = self.child.wait();
        }
    }
}

/// An address that was free a moment ago.
pub fn free_address() -> Outcome<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

/// Whether a GET is answered with 200.
pub fn answers(address: &str, path: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")?;
        let mut status = [0_u8; 12];
        stream.read_exact(&mut status)?;
        Ok(&status == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}
