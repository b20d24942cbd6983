//! The figures as Markdown for people and as JSON for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::figures::{Measurement, Series, Side, Spread};
use crate::options::Options;
use crate::startup::Startup;

/// Everything that was measured.
pub struct Report {
    options: Options,
    pub cases: Vec<Series>,
    /// Cases on little and on all data, with the rows of the little.
    pub size: Vec<(Series, u64)>,
    pub startup: Option<Startup>,
    /// Start on the data that was measured.
    pub restart_with_data: Option<std::time::Duration>,
    /// Resident memory of the service in MB.
    pub memory_idle: Option<f64>,
    pub memory_loaded: Option<f64>,
    pub memory_peak: Option<f64>,
    /// Resident memory of all processes of another stack in MB, after the load.
    pub peer_memory: Vec<(String, f64)>,
}

impl Report {
    pub fn new(options: &Options) -> Self {
        Self {
            options: options.clone(),
            cases: Vec::new(),
            size: Vec::new(),
            startup: None,
            restart_with_data: None,
            memory_idle: None,
            memory_loaded: None,
            memory_peak: None,
            peer_memory: Vec::new(),
        }
    }

    /// Tables for `benches/README.md`.
    pub fn markdown(&self) -> String {
        let Options { rows, rounds, seconds, .. } = &self.options;
        let mut text = format!(
            "{}; {rows} rows of attendance, {} entries; {rounds} rounds of {seconds} s; median (lowest–highest).\n\n",
            machine(),
            rows / 2
        );
        self.own_table(&mut text);
        self.peer_tables(&mut text);
        self.size_table(&mut text);
        self.other_figures(&mut text);
        text
    }

    fn own_table(&self, text: &mut String) {
        if self.cases.is_empty() {
            return;
        }
        line(
            text,
            "| case | connections | requests/s | ÷ pgbench | p50 / p99, ms | CPU/request, µs | round trips, of pgbench | generator, µs |",
        );
        line(text, "|---|---|---|---|---|---|---|---|");
        for series in &self.cases {
            for side in series.sides.iter().filter(|side| side.name.starts_with("service")) {
                let variant =
                    side.name.strip_prefix("service with ").map(|settings| format!(", `{settings}`")).unwrap_or_default();
                let ratio = series.to_pgbench(side).map_or("–".to_owned(), |ratio| ratio.shown(2));
                let best =
                    if series.case.against_best { format!(" (pgbench {})", series.pgbench_connections) } else { String::new() };
                let trips = series.pgbench_round_trips.map_or("–".to_owned(), |trips| trips.to_string());
                line(
                    text,
                    &format!(
                        "| {}{variant} | {}{best} | {} | {ratio} | {:.2} / {:.2} | {} | {:.2}, {trips} | {:.1} |",
                        series.case.title,
                        series.case.connections,
                        side.of(|one| one.per_second).shown(0),
                        side.of(|one| one.p50_ms).median,
                        side.of(|one| one.p99_ms).median,
                        side.of(|one| one.cpu_us).shown(0),
                        side.round_trips.unwrap_or(f64::NAN),
                        side.of(|one| one.generator_us).median,
                    ),
                );
            }
        }
    }

    /// First how many times the service is as fast, then what the others do.
    fn peer_tables(&self, text: &mut String) {
        let peers: Vec<&str> = self.peer_memory.iter().map(|(name, _)| name.as_str()).collect();
        let compared: Vec<&Series> = self.cases.iter().filter(|series| series.case.for_peers).collect();
        if peers.is_empty() || compared.is_empty() {
            return;
        }
        line(text, &format!("\n| service ÷ | {} |", peers.join(" | ")));
        line(text, &format!("|---|{}", "---|".repeat(peers.len())));
        for series in &compared {
            let ratios =
                peers.iter().map(|peer| series.between("service", peer).map_or("–".to_owned(), |ratio| ratio.shown(1)));
            line(text, &format!("| {} | {} |", series.case.title, ratios.collect::<Vec<_>>().join(" | ")));
        }
        line(text, &format!("\n| requests/s; p99, ms; CPU/request, µs; round trips | {} |", peers.join(" | ")));
        line(text, &format!("|---|{}", "---|".repeat(peers.len())));
        for series in &compared {
            let cells = peers.iter().map(|peer| series.find(peer).map_or("–".to_owned(), peer_cell));
            line(text, &format!("| {} | {} |", series.case.title, cells.collect::<Vec<_>>().join(" | ")));
        }
        let memory: Vec<String> = self.peer_memory.iter().map(|(_, memory)| format!("{memory:.0} MB")).collect();
        line(text, &format!("| memory after the load | {} |", memory.join(" | ")));
    }

    fn size_table(&self, text: &mut String) {
        let Some((_, small)) = self.size.first() else { return };
        line(
            text,
            &format!("\n| {} rows beside {small} | cost of a request ÷ | CPU/request of the service ÷ |", self.options.rows),
        );
        line(text, "|---|---|---|");
        for (series, _) in &self.size {
            // Requests of the small one in the time of one of the large one.
            let cost = series.between("small", "service").map_or("–".to_owned(), |ratio| ratio.shown(2));
            let cpu = |name: &str| series.find(name).map_or(f64::NAN, |side| side.of(|one| one.cpu_us).median);
            line(text, &format!("| {} | {cost} | {:.2} |", series.case.title, cpu("service") / cpu("small")));
        }
    }

    fn other_figures(&self, text: &mut String) {
        if let Some(Startup { nothing, existing }) = &self.startup {
            line(text, &format!("\nNothing → first answer: {} s; existing data: {} s.", nothing.shown(2), existing.shown(2)));
        }
        if let Some(time) = self.restart_with_data {
            line(text, &format!("Start on the data measured: {:.2} s.", time.as_secs_f64()));
        }
        if let (Some(idle), Some(loaded), Some(peak)) = (self.memory_idle, self.memory_loaded, self.memory_peak) {
            line(
                text,
                &format!("Memory of the service: idle {idle:.0} MB, after the load {loaded:.0} MB, at most {peak:.0} MB."),
            );
        }
    }

    pub fn json(&self) -> Value {
        json!({
            "machine": machine(), "rows": self.options.rows, "rounds": self.options.rounds, "seconds": self.options.seconds,
            "cases": self.cases.iter().map(Series::json).collect::<Vec<_>>(),
            "peers": self.cases.iter().flat_map(|series| self.peer_memory.iter().filter_map(|(peer, _)| {
                Some(json!({ "case": series.case.name, "peer": peer, "serviceToPeer": series.between("service", peer)?.json() }))
            })).collect::<Vec<_>>(),
            "peerMemoryMb": self.peer_memory.iter().map(|(name, memory)| (name.clone(), json!(memory))).collect::<serde_json::Map<_, _>>(),
            "size": self.size.iter().map(|(series, small)| json!({
                "case": series.case.name, "smallRows": small, "cost": series.between("small", "service").map(Spread::json),
            })).collect::<Vec<_>>(),
            "startup": self.startup.as_ref().map(|startup| json!({ "nothingS": startup.nothing.json(), "existingS": startup.existing.json() })),
            "restartWithDataS": self.restart_with_data.map(|time| time.as_secs_f64()),
            "memoryMb": { "idle": self.memory_idle, "loaded": self.memory_loaded, "peak": self.memory_peak },
        })
    }
}

fn peer_cell(side: &Side) -> String {
    let median = |figure: fn(&Measurement) -> f64| side.of(figure).median;
    format!(
        "{:.0}; {:.0}; {:.0}; {:.1}",
        median(|one| one.per_second),
        median(|one| one.p99_ms),
        median(|one| one.cpu_us),
        side.round_trips.unwrap_or(f64::NAN)
    )
}

fn line(text: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}

/// Processors and how busy they are, without a name.
fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mhz = cpu.lines().find_map(|line| line.strip_prefix("cpu MHz")?.split(':').nth(1)?.trim().parse::<f64>().ok());
    let speed = mhz.map_or(String::new(), |mhz| format!(" at {:.1} GHz", mhz / 1000.0));
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').nth(2).unwrap_or("unknown");
    format!("{cores} processors{speed}, load of the last 15 minutes {load} (with the run itself)")
}
