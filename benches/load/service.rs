//! The service under load: the real program with its embedded database.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use pai::platform::embedded::{Attached, Cluster, DATABASE, Role};
use pai::platform::migrations::connect;

use crate::Outcome;
use crate::seed::Seeded;

/// A running service on a fresh data directory.
pub struct Service {
    child: Child,
    directory: PathBuf,
    /// `host:port`.
    pub address: String,
    database: Attached,
}

impl Service {
    /// Starts the program and waits until it is ready.
    pub fn start() -> Outcome<Self> {
        let directory = std::env::temp_dir().join(format!("pai-bench-{}", std::process::id()));
        let mut child = Command::new(env!("CARGO_BIN_EXE_pai"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(&directory)
            .env("PAI__LOG__FILTER", "warn")
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().ok_or("no output")?;
        let address = BufReader::new(out)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                Some(line.trim().strip_prefix("OpenAPI")?.trim().strip_prefix("http://")?.split('/').next()?.to_owned())
            })
            .ok_or("the service did not start; its log says why")?;
        let database = Cluster::attach(&directory)?;
        Ok(Self { child, directory, address, database })
    }

    /// A libpq URL of the service's database.
    pub fn url(&self, role: Role) -> String {
        self.database.url(role, DATABASE)
    }

    /// Gets an access token.
    pub fn token(&self, seeded: &Seeded) -> Outcome<String> {
        let id = seeded.client.to_string();
        let form = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &seeded.secret)];
        let answer: serde_json::Value =
            ureq::post(format!("http://{}/oauth/token", self.address)).send_form(form)?.body_mut().read_json()?;
        Ok(answer["access_token"].as_str().ok_or("no token")?.to_owned())
    }

    /// How many statements PostgreSQL is sent by one call, counted in its log.
    pub fn round_trips(&self, call: impl Fn() -> Outcome<()>) -> Outcome<usize> {
        // The first call on a connection also prepares; the pool's are all prepared by some calls.
        for _ in 0..64 {
            call()?;
        }
        let mut superuser = connect(&self.url(Role::Superuser))?;
        let log = self.directory.join("postgres.log");
        let logging = |superuser: &mut diesel::PgConnection, what: &str| {
            superuser.batch_execute(&format!("ALTER SYSTEM SET log_statement = '{what}'"))?;
            superuser.batch_execute("SELECT pg_reload_conf()")
        };
        logging(&mut superuser, "all")?;
        std::thread::sleep(Duration::from_millis(500));
        let before = statements(&std::fs::read_to_string(&log)?);
        call()?;
        std::thread::sleep(Duration::from_millis(200));
        let sent = statements(&std::fs::read_to_string(&log)?) - before;
        logging(&mut superuser, "none")?;
        std::thread::sleep(Duration::from_millis(500));
        Ok(sent)
    }

    fn stat(&self) -> Outcome<String> {
        Ok(std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?)
    }

    /// Processor time of the service so far, user and system, in clock ticks.
    pub fn cpu_ticks(&self) -> Outcome<u64> {
        let stat = self.stat()?;
        // Counted from behind the name, which may hold blanks: utime is field 14, stime 15.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let field = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok()).ok_or("no processor time");
        Ok(field(11)? + field(12)?)
    }

    /// Length of a clock tick in microseconds.
    pub fn tick_us() -> Outcome<f64> {
        let output = Command::new("getconf").arg("CLK_TCK").output()?;
        Ok(1e6 / String::from_utf8_lossy(&output.stdout).trim().parse::<f64>()?)
    }

    /// Resident memory of the service in MB.
    pub fn memory_mb(&self) -> Outcome<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no memory")?;
        Ok(line.trim().trim_end_matches(" kB").trim().parse::<f64>()? / 1024.0)
    }

    /// Stops it in good order and removes its data.
    pub fn stop(&mut self) -> Outcome<()> {
        Command::new("sh").args(["-c", &format!("kill -TERM {}", self.child.id())]).status()?;
        self.child.wait()?;
        std::fs::remove_dir_all(&self.directory)?;
        Ok(())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Only after a failure: stopped otherwise.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Each message that a client sends is logged as one of these.
fn statements(log: &str) -> usize {
    log.lines().filter(|line| line.contains("LOG:  statement:") || line.contains("LOG:  execute ")).count()
}
