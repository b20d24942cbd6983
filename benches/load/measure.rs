//! Figures of a series and how they are shown.

use std::time::Duration;

/// Latencies of one measurement.
pub struct Answers {
    sorted: Vec<Duration>,
    length: Duration,
}

impl Answers {
    pub fn new(mut latencies: Vec<Duration>, length: Duration) -> Self {
        latencies.sort_unstable();
        Self { sorted: latencies, length }
    }

    pub fn count(&self) -> usize {
        self.sorted.len().max(1)
    }

    fn per_second(&self) -> f64 {
        self.sorted.len() as f64 / self.length.as_secs_f64()
    }

    fn percentile_ms(&self, percent: usize) -> f64 {
        let index = (self.sorted.len() * percent / 100).min(self.sorted.len().saturating_sub(1));
        self.sorted.get(index).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
    }
}

/// All rounds of one endpoint and its peer.
#[derive(Default)]
pub struct Series {
    /// Transactions a second of pgbench.
    pub peer: Vec<f64>,
    pub service: Vec<Answers>,
    /// Processor time of the service per request, in microseconds.
    pub cpu: Vec<f64>,
}

/// Median, lowest and highest.
fn spread(values: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    (at(sorted.len() / 2), at(0), at(sorted.len().saturating_sub(1)))
}

fn shown(values: impl Iterator<Item = f64>, places: usize) -> String {
    let (median, low, high) = spread(values);
    format!("{median:.places$} ({low:.places$} to {high:.places$})")
}

/// How the run was made.
pub struct Table {
    /// Rows, connections, seconds.
    pub options: (u32, usize, u64),
    pub memory: f64,
}

impl Table {
    /// Prints one column of figures for each endpoint.
    pub fn print(&self, endpoints: &[(&str, &Series, usize)]) {
        let (rows, connections, seconds) = self.options;
        println!("{}", machine());
        println!("{rows} entries, {connections} connections, {seconds} s a measurement; median (lowest to highest)\n");
        for (name, series, round_trips) in endpoints {
            let ratios = series.service.iter().zip(&series.peer).map(|(service, peer)| service.per_second() / peer);
            println!("{name}");
            println!("  service, requests/s      {}", shown(series.service.iter().map(Answers::per_second), 0));
            println!("  pgbench, transactions/s  {}", shown(series.peer.iter().copied(), 0));
            println!("  ratio                    {}", shown(ratios, 2));
            println!("  latency p50, ms          {}", shown(series.service.iter().map(|answers| answers.percentile_ms(50)), 2));
            println!("  latency p99, ms          {}", shown(series.service.iter().map(|answers| answers.percentile_ms(99)), 2));
            println!("  service CPU/request, µs  {}", shown(series.cpu.iter().copied(), 1));
            println!("  round trips/request      {round_trips}\n");
        }
        println!("service memory after the load: {:.0} MB", self.memory);
    }
}

fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |name| name.trim_start_matches([' ', '\t', ':']));
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{cores} × {model}, load average {}", load.trim())
}
