//! Figures of a measurement and of a series of them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::case::Case;
use crate::client::Answers;

/// One side in one round.
pub struct Measurement {
    pub count: usize,
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// Processor time of the server's processes per request.
    pub cpu_us: f64,
    /// Processor time of the load generator per request.
    pub generator_us: f64,
}

impl Measurement {
    /// From what the callers saw and the processor time of the server and of the generator meanwhile.
    pub fn new(answers: Answers, cpu_us: f64, generator_us: f64) -> Self {
        let mut sorted = answers.latencies;
        sorted.sort_unstable();
        let count = sorted.len().max(1);
        let percentile = |percent: usize| {
            sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).map_or(f64::NAN, Duration::as_secs_f64)
                * 1e3
        };
        Self {
            count,
            per_second: sorted.len() as f64 / answers.length.as_secs_f64(),
            p50_ms: percentile(50),
            p99_ms: percentile(99),
            cpu_us: cpu_us / count as f64,
            generator_us: generator_us / count as f64,
        }
    }
}

/// All rounds of one server in one case.
pub struct Side {
    pub name: String,
    pub measured: Vec<Measurement>,
    pub round_trips: Option<f64>,
}

impl Side {
    pub fn of(&self, figure: impl Fn(&Measurement) -> f64) -> Spread {
        Spread::of(self.measured.iter().map(figure))
    }

    fn per_second(&self) -> impl Iterator<Item = f64> {
        self.measured.iter().map(|measured| measured.per_second)
    }
}

/// All rounds of one case.
pub struct Series {
    pub case: &'static Case,
    /// Transactions a second.
    pub pgbench: Vec<f64>,
    pub pgbench_connections: usize,
    pub pgbench_round_trips: Option<usize>,
    pub sides: Vec<Side>,
}

impl Series {
    pub fn new(case: &'static Case) -> Self {
        Self { case, pgbench: Vec::new(), pgbench_connections: case.connections, pgbench_round_trips: None, sides: Vec::new() }
    }

    /// The side of that name, made when it is first asked for.
    pub fn side(&mut self, name: &str) -> &mut Side {
        let place = self.sides.iter().position(|side| side.name == name).unwrap_or_else(|| {
            self.sides.push(Side { name: name.to_owned(), measured: Vec::new(), round_trips: None });
            self.sides.len() - 1
        });
        &mut self.sides[place]
    }

    pub fn find(&self, name: &str) -> Option<&Side> {
        self.sides.iter().find(|side| side.name == name)
    }

    /// Requests of a side ÷ transactions of pgbench, round by round.
    pub fn to_pgbench(&self, side: &Side) -> Option<Spread> {
        let ratios = side.per_second().zip(&self.pgbench).map(|(side, pgbench)| side / pgbench);
        (!self.pgbench.is_empty()).then(|| Spread::of(ratios))
    }

    /// Requests of one side ÷ requests of another, round by round.
    pub fn between(&self, one: &str, other: &str) -> Option<Spread> {
        let ratios = self.find(one)?.per_second().zip(self.find(other)?.per_second()).map(|(one, other)| one / other);
        Some(Spread::of(ratios))
    }

    pub fn json(&self) -> Value {
        let sides = self.sides.iter().map(|side| {
            json!({
                "name": side.name, "roundTrips": side.round_trips,
                "requestsPerSecond": side.of(|one| one.per_second).json(),
                "ratioToPgbench": self.to_pgbench(side).map(Spread::json),
                "p50Ms": side.of(|one| one.p50_ms).json(), "p99Ms": side.of(|one| one.p99_ms).json(),
                "cpuUs": side.of(|one| one.cpu_us).json(), "generatorCpuUs": side.of(|one| one.generator_us).json(),
            })
        });
        json!({
            "case": self.case.name, "connections": self.case.connections,
            "pgbench": { "connections": self.pgbench_connections, "roundTrips": self.pgbench_round_trips,
                         "transactionsPerSecond": Spread::of(self.pgbench.iter().copied()).json() },
            "sides": sides.collect::<Vec<_>>(),
        })
    }
}

/// Median, lowest and highest.
#[derive(Clone, Copy)]
pub struct Spread {
    pub median: f64,
    pub low: f64,
    pub high: f64,
}

impl Spread {
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = values.collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        let median = f64::midpoint(at(sorted.len().saturating_sub(1) / 2), at(sorted.len() / 2));
        Self { median, low: at(0), high: at(sorted.len().saturating_sub(1)) }
    }

    /// `0.95 (0.90–1.01)`
    pub fn shown(self, places: usize) -> String {
        format!("{:.places$} ({:.places$}–{:.places$})", self.median, self.low, self.high)
    }

    pub fn json(self) -> Value {
        json!({ "median": self.median, "low": self.low, "high": self.high })
    }
}
