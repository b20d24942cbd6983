//! Speed of the service beside `pgbench` with the same SQL on the same fresh cluster; see README.md.

#![expect(clippy::cast_precision_loss, reason = "figures for people need no more than 52 bits")]

mod client;
mod measure;
mod pgbench;
mod seed;
mod service;

use std::error::Error;
use std::time::Duration;

use clap::Parser;

use client::Load;
use measure::{Series, Table};
use service::Service;

/// What goes wrong ends the run with its message.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Measures the hot endpoints beside pgbench, in one interleaved series
#[derive(Parser)]
struct Options {
    /// Entries of the register to seed
    #[arg(long, default_value_t = 200_000)]
    rows: u32,
    /// Rounds; each measures every side once
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Length of one measurement in seconds
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Connections of each side
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Given by cargo; without meaning here
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Outcome<()> {
    let options = Options::parse();
    let mut service = Service::start()?;
    let seeded = seed::fill(&service, options.rows)?;
    let token = service.token(&seeded)?;
    let length = Duration::from_secs(options.seconds);
    let load = Load { address: service.address.clone(), token, seeded, connections: options.connections, length };
    let trips = [service.round_trips(|| load.once(true))?, service.round_trips(|| load.once(false))?];

    let (mut write, mut read) = (Series::default(), Series::default());
    for round in 0..options.rounds {
        eprintln!("round {} of {}", round + 1, options.rounds);
        // Both sides in each round, so that whatever else the machine does meets both alike.
        for (series, is_write) in [(&mut write, true), (&mut read, false)] {
            series.peer.push(pgbench::run(&service, &load, is_write)?);
            let before = service.cpu_ticks()?;
            let answers = load.run(is_write)?;
            series.cpu.push((service.cpu_ticks()? - before) as f64 * Service::tick_us()? / answers.count() as f64);
            series.service.push(answers);
        }
    }
    let memory = service.memory_mb()?;
    Table { options: (options.rows, options.connections, options.seconds), memory }
        .print(&[("POST /psu-entries", &write, trips[0]), ("GET /psu-entries/{id}", &read, trips[1])]);
    service.stop()
}
