//! The real program as an operator runs it, on a data directory of its own.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use pai::platform::embedded::{Cluster, DATABASE, Role};
use pai::platform::migrations::connect;
use serde_json::Value;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Far more than a start needs, even where many tests start a PostgreSQL at once.
const PATIENCE: Duration = Duration::from_mins(2);

/// A data directory that ends with the test.
pub struct DataDir(pub PathBuf);

impl DataDir {
    /// A new name; nothing is made yet.
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("pai-run-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(name))
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// How many rows a table of the embedded database of a running service has.
    pub fn rows(&self, table: &str) -> i64 {
        let url = Cluster::attach(&self.0).expect("a running service").url(Role::Owner, DATABASE);
        let count = diesel::dsl::sql::<BigInt>(&format!("(SELECT count(*) FROM {table})"));
        diesel::select(count).get_result(&mut connect(&url).expect("owner")).expect("a count")
    }

    /// Process id of the embedded PostgreSQL.
    pub fn postgres(&self) -> u32 {
        let text = fs::read_to_string(self.file("postgres/postmaster.pid")).expect("PostgreSQL runs");
        text.lines().next().and_then(|line| line.parse().ok()).expect("a process id")
    }
}

/// Credentials by tenant and role.
pub type DemoClients = HashMap<(String, String), (Uuid, String)>;

/// Reads what `--demo` wrote.
pub fn demo_clients(dir: &DataDir) -> DemoClients {
    let text = fs::read_to_string(dir.file("demo-credentials.json")).expect("the credentials");
    let list: Vec<Value> = serde_json::from_str(&text).expect("a list");
    let field = |client: &Value, name: &str| client[name].as_str().expect("a text").to_owned();
    list.iter()
        .map(|client| {
            let credentials = (field(client, "clientId").parse().expect("an id"), field(client, "clientSecret"));
            ((field(client, "tenant"), field(client, "role")), credentials)
        })
        .collect()
}

impl Drop for DataDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The program, on a data directory.
pub fn pai(args: &[&str], dir: Option<&Path>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pai"));
    command.args(args);
    if let Some(dir) = dir {
        command.arg("--data-dir").arg(dir);
    }
    command.env("PAI__SERVER__WORKERS", "1").env("PAI__DATABASE__POOL_SIZE", "3").env("PAI__SERVER__DRAIN_DELAY_MS", "100");
    command.stdin(Stdio::null());
    command
}

/// Runs to the end.
pub fn output(command: &mut Command) -> Output {
    command.output().expect("the program runs")
}

/// What it says went wrong.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The running program.
pub struct Service {
    child: Child,
    pub address: String,
    /// What it printed for a person.
    pub printed: String,
}

impl Service {
    /// Starts and waits until it says that it is ready.
    #[track_caller]
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let log_file = File::options().create(true).append(true).open(log).expect("a log file");
        let mut child = command.stdout(Stdio::piped()).stderr(log_file).spawn().expect("the program starts");
        let out = child.stdout.take().expect("its output");
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || BufReader::new(out).lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut service = Self { child, address: String::new(), printed: String::new() };
        let deadline = Instant::now() + PATIENCE;
        while let Ok(line) = lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            service.printed.push_str(&line);
            service.printed.push('\n');
            if let Some(address) = line.trim().strip_prefix("Swagger UI").and_then(|url| url.trim().strip_suffix("/swagger-ui/"))
            {
                address.clone_into(&mut service.address);
                // What belongs to the same message follows at once.
                while let Ok(line) = lines.recv_timeout(Duration::from_millis(200)) {
                    service.printed.push_str(&line);
                    service.printed.push('\n');
                }
                return service;
            }
        }
        panic!("not ready; its log:\n{}", fs::read_to_string(log).unwrap_or_default());
    }

    /// Starts `pai serve` with the embedded database.
    #[track_caller]
    pub fn embedded(dir: &DataDir, more: &[&str]) -> Self {
        let args = [&["serve", "--listen", "127.0.0.1:0"], more].concat();
        let log = dir.0.with_extension("log");
        let service = Self::start(&mut pai(&args, Some(&dir.0)), &log);
        fs::remove_file(log).expect("the log");
        service
    }

    /// Its process id.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal that asks for the end, and waits for it.
    pub fn ask_to_stop(&mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        self.child.wait().expect("it ends").code()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: &str) {
        let sent = Command::new("sh").args(["-c", &format!("kill -{signal} {}", self.child.id())]).status();
        assert!(sent.is_ok_and(|status| status.success()));
    }

    /// As a power cut for the process: it runs not one instruction more.
    pub fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until a process has ended.
pub fn assert_gone(pid: u32) {
    let deadline = Instant::now() + PATIENCE;
    let stat = || fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // A zombie has ended, even if nobody has reaped it yet.
    while stat().rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(" Z")) {
        assert!(Instant::now() < deadline, "process {pid} is still there");
        thread::sleep(Duration::from_millis(20));
    }
}
