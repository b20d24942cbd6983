//! The measure of all: the SQL of the service, sent by `pgbench`; the scripts are in `benches/pgbench`.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use pai::platform::embedded::Role;

use crate::case::{Case, Endpoint};
use crate::database::Database;
use crate::options::Options;
use crate::seed::Town;
use crate::{Outcome, progress};

/// Connections that are tried where pgbench may choose.
const CHOICES: [usize; 5] = [8, 16, 32, 64, 128];

/// How often a measurement is tried that came to nothing, because of a lock or because all its time went into connecting.
const ATTEMPTS: u32 = 5;
const NO_FIGURE: &str = "pgbench says no figure";

/// A script on disk, for as long as this value lives.
pub struct Script {
    file: PathBuf,
    text: String,
    /// Where it may choose its connections.
    chooses: bool,
    connections: usize,
}

impl Script {
    /// The script of a case, where there is SQL to compare with.
    pub fn of(case: &Case, town: &Town, options: &Options) -> Outcome<Option<Self>> {
        let script = match case.endpoint {
            Endpoint::RecordEntry => include_str!("../pgbench/psu-entry.sql"),
            Endpoint::Entry => include_str!("../pgbench/record.sql"),
            Endpoint::Page => include_str!("../pgbench/page.sql"),
            Endpoint::Sheet => include_str!("../pgbench/sheet.sql"),
            Endpoint::Figures => include_str!("../pgbench/figures.sql"),
            // Most of the work is reading, comparing and sealing, or the hash of a secret: no database does that.
            Endpoint::Batch | Endpoint::Token => return Ok(None),
        };
        let begin = include_str!("../pgbench/begin.sql");
        let text = town.fill_in(&script.replace("{begin}", begin));
        let file = options.dir.clone().unwrap_or_else(std::env::temp_dir).join(format!(
            "pai-bench-{}-{}.sql",
            std::process::id(),
            case.name
        ));
        std::fs::write(&file, &text)?;
        Ok(Some(Self { file, text, chooses: case.against_best, connections: case.connections }))
    }

    /// Runs it; answers transactions a second.
    pub fn run(&self, database: &Database, connections: usize, length: Duration) -> Outcome<f64> {
        // The functions wait for a lock for a tenth of a second only; the service has another way then, pgbench has none.
        let is_unlucky = |outcome: &Outcome<f64>| {
            let cause = outcome.as_ref().err().map(ToString::to_string).unwrap_or_default();
            cause.contains("lock timeout") || cause.contains(NO_FIGURE)
        };
        let mut outcome = self.attempt(database, connections, length);
        for _ in 1..ATTEMPTS {
            if is_unlucky(&outcome) {
                progress("pgbench had to wait for too long; once more");
                outcome = self.attempt(database, connections, length);
            }
        }
        outcome
    }

    fn attempt(&self, database: &Database, connections: usize, length: Duration) -> Outcome<f64> {
        let seconds = length.as_secs().to_string();
        let output = Command::new("pgbench")
            .args([
                "-n",
                "-M",
                "prepared",
                "-c",
                &connections.to_string(),
                "-j",
                &connections.min(4).to_string(),
                "-T",
                &seconds,
                "-f",
            ])
            .arg(&self.file)
            .arg(database.url(Role::Service))
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        // A transaction that failed ends only its connection, and pgbench goes on with fewer.
        if !output.status.success() || errors.contains("aborted") {
            return Err(format!("pgbench: {text}{errors}").into());
        }
        let line = text.lines().find_map(|line| line.strip_prefix("tps = ")).ok_or(NO_FIGURE)?;
        Ok(line.split(' ').next().unwrap_or_default().parse()?)
    }

    /// The number of connections with which it is fastest, or the one of the case.
    pub fn best_connections(&self, database: &Database, options: &Options) -> Outcome<usize> {
        if !self.chooses {
            return Ok(self.connections);
        }
        let mut best = (0.0, self.connections);
        for connections in CHOICES {
            let rate = self.run(database, connections, options.length())?;
            if rate > best.0 {
                best = (rate, connections);
            }
        }
        progress(&format!("pgbench is fastest with {} connections", best.1));
        Ok(best.1)
    }

    /// Statements, where all of a pipeline are one.
    pub fn round_trips(&self) -> usize {
        let (mut trips, mut in_pipeline) = (0, false);
        for line in self.text.lines() {
            match line.trim_end() {
                "\\startpipeline" => in_pipeline = true,
                "\\endpipeline" => {
                    in_pipeline = false;
                    trips += 1;
                }
                line if !in_pipeline && (line.ends_with(';') || line.ends_with("\\gset")) => trips += 1,
                _ => {}
            }
        }
        trips
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // It lies beside the data, which is removed too.
        let _ = std::fs::remove_file(&self.file);
    }
}
