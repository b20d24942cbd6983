//! What a change may not make worse: round trips and processor time per request.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::report::Report;
use crate::{Outcome, progress};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Gates {
    /// How many times the committed processor time is still good, because machines differ.
    cpu_factor: f64,
    cases: BTreeMap<String, Gate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Gate {
    /// Most round trips to PostgreSQL per request.
    round_trips: f64,
    /// Processor time of the service per request, in microseconds.
    cpu_us: f64,
}

/// Statements of the service's housekeeping fall into the counted moment, which on a slow machine holds few requests. One
/// more statement for each request is still told from them.
const HOUSEKEEPING: f64 = 0.5;

/// Fails where a measured case exceeds its gate or has none.
pub fn check(report: &Report) -> Outcome<()> {
    let gates: Gates = toml::from_str(include_str!("../gates.toml"))?;
    let mut failed = Vec::new();
    for series in &report.cases {
        let name = series.case.name;
        let (Some(gate), Some(side)) = (gates.cases.get(name), series.find("service")) else {
            failed.push(format!("{name} has no gate"));
            continue;
        };
        let trips = side.round_trips.unwrap_or(f64::NAN);
        // The lowest round: another program on the machine only ever adds.
        let cpu = side.of(|measured| measured.cpu_us).low;
        let limit = gate.cpu_us * gates.cpu_factor;
        progress(&format!(
            "gate {name}: {trips:.2} of {} round trips, {cpu:.0} of {limit:.0} µs ({:.0} × {})",
            gate.round_trips, gate.cpu_us, gates.cpu_factor
        ));
        if trips.is_nan() || trips > gate.round_trips + HOUSEKEEPING {
            failed.push(format!("{name}: {trips:.2} round trips, allowed are {}", gate.round_trips));
        }
        if cpu.is_nan() || cpu > limit {
            failed.push(format!("{name}: {cpu:.0} µs of processor time, allowed are {limit:.0}"));
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("the gate refuses: {}", failed.join("; ")).into()) }
}
