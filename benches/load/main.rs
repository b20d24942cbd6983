//! Speed of the service beside `pgbench` with the same SQL, and beside the same endpoints in other stacks; see README.md.

#![expect(clippy::cast_precision_loss, reason = "figures for people need no more than 52 bits")]

mod batch;
mod case;
mod client;
mod database;
mod figures;
mod gate;
mod options;
mod peers;
mod pgbench;
mod process;
mod report;
mod request;
mod seed;
mod service;
mod smoke;
mod startup;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use case::{CASES, Case};
use clap::Parser as _;
use client::Server;
use database::Database;
use figures::{Measurement, Series};
use options::Options;
use report::Report;
use request::Requests;
use service::Service;

/// What goes wrong ends the run with its message.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Length of the calls that warm up, and of those whose round trips are counted.
const WARM_UP: Duration = Duration::from_millis(400);

/// Tells what is being done; the figures go to the standard output.
fn progress(text: &str) {
    eprintln!("bench: {text}");
}

/// A directory that goes with everything in it, also after a failure.
struct Scratch(PathBuf);

impl Scratch {
    fn make(parent: Option<&Path>) -> Outcome<Self> {
        let parent = parent.map_or_else(std::env::temp_dir, Path::to_path_buf);
        let directory = parent.join(format!("pai-bench-{}", std::process::id()));
        std::fs::create_dir_all(&directory)?;
        Ok(Self(directory))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is left to whoever reads the message.
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            progress(&format!("{} remains: {error}", self.0.display()));
        }
    }
}

fn main() -> Outcome<()> {
    let options = Options::parse().settled();
    let scratch = Scratch::make(options.dir.as_deref())?;
    let mut report = Report::new(&options);
    if options.wants("startup") {
        report.startup = startup::measure(&scratch.0, options.rounds)?;
    }
    if options.needs_data() {
        measure(&options, &scratch.0, &mut report)?;
    }
    println!("{}", report.markdown());
    if let Some(file) = &options.json {
        std::fs::write(file, serde_json::to_vec_pretty(&report.json())?)?;
    }
    if options.gate { gate::check(&report) } else { Ok(()) }
}

/// Seeds, starts everybody, and lets them take turns in every case.
fn measure(options: &Options, scratch: &Path, report: &mut Report) -> Outcome<()> {
    let data = scratch.join("data");
    seed::check_room(scratch, options.rows)?;
    let (service, database, town) = prepare(&data, options)?;
    report.restart_with_data = Some(service.ready_after);
    report.memory_idle = Some(service.process.memory_mb()?);
    let variant = Service::variant(&database, &data, &scratch.join("variant"), &options.service_setting)?;
    let requests = Requests::new(&service.address, &town)?;
    let mut servers = vec![service.server("service")];
    servers.extend(variant.as_ref().map(|variant| variant.server(&options.variant_name())));
    let peers = if options.peers { peers::start(&database, &service.address, &town)? } else { Vec::new() };
    for peer in &peers {
        smoke::compare(&requests, &service.address, &peer.server)?;
        servers.push(peer.server.clone());
    }
    for case in CASES.iter().filter(|case| options.wants(case.name)) {
        let taking_part: Vec<&Server> = servers.iter().filter(|server| case.is_for(server)).collect();
        report.cases.push(run_case(case, options, &database, &requests, &taking_part)?);
    }
    report.memory_loaded = Some(service.process.memory_mb()?);
    report.memory_peak = Some(service.process.memory_peak_mb()?);
    report.peer_memory =
        peers.iter().map(|peer| Ok((peer.server.name.clone(), peer.server.process.memory_mb()?))).collect::<Outcome<_>>()?;
    drop(peers);
    if options.wants("size") {
        report.size = compare_sizes(options, scratch, &requests, &service)?;
    }
    variant.map_or(Ok(()), Service::stop)?;
    service.stop()
}

/// A started service whose database holds the data; started once more, for its time with data and for more connections.
fn prepare(data: &Path, options: &Options) -> Outcome<(Service, Database, seed::Town)> {
    let service = Service::start(data, &[])?;
    let database = Database::attach(data)?;
    let town = seed::fill(&database, options)?;
    // pgbench comes with as many connections as callers; the peers and both services stay within the rest.
    database.superuser()?.set("max_connections", "300")?;
    service.stop()?;
    let service = Service::start(data, &[])?;
    Ok((service, Database::attach(data)?, town))
}

/// All rounds of one case: in each round everybody is measured once, so that whatever else the machine does meets all alike.
fn run_case(
    case: &'static Case,
    options: &Options,
    database: &Database,
    requests: &Requests,
    servers: &[&Server],
) -> Outcome<Series> {
    progress(&format!("{}: counting round trips", case.name));
    database.superuser()?.checkpoint()?;
    let mut series = Series::new(case);
    for server in servers {
        requests.run(case, server, WARM_UP)?;
        let trips = database.statements(|| requests.run(case, server, WARM_UP))?;
        series.side(&server.name).round_trips = Some(trips);
    }
    let pgbench = pgbench::Script::of(case, requests.town(), options)?;
    if let Some(script) = &pgbench {
        series.pgbench_round_trips = Some(script.round_trips());
        series.pgbench_connections = script.best_connections(database, options)?;
    }
    for round in 0..options.rounds {
        progress(&format!("{}: round {} of {}", case.name, round + 1, options.rounds));
        if let Some(script) = &pgbench {
            series.pgbench.push(script.run(database, series.pgbench_connections, options.length())?);
        }
        // Nobody is always the first after pgbench.
        for place in 0..servers.len() {
            let server = servers[(place + round as usize) % servers.len()];
            let measured = requests.run(case, server, options.length())?;
            series.side(&server.name).measured.push(measured);
        }
    }
    Ok(series)
}

/// The same cases on a second service with little data, in turns with the one with all of it.
fn compare_sizes(options: &Options, scratch: &Path, requests: &Requests, large: &Service) -> Outcome<Vec<(Series, u64)>> {
    let mut small_options = options.clone();
    small_options.rows = options.small_rows;
    progress(&format!("size: a second service with {} rows", small_options.rows));
    let (small, database, town) = prepare(&scratch.join("small"), &small_options)?;
    let small_requests = Requests::new(&small.address, &town)?;
    let (small_server, large_server) = (small.server("small"), large.server("service"));
    let mut all = Vec::new();
    for case in CASES.iter().filter(|case| case.compares_sizes) {
        progress(&format!("size: {}", case.name));
        let mut series = Series::new(case);
        database.superuser()?.checkpoint()?;
        for round in 0..=options.rounds {
            for (requests, server) in [(requests, &large_server), (&small_requests, &small_server)] {
                let measured: Measurement = requests.run(case, server, options.length())?;
                // The first round warms caches and connections.
                if round > 0 {
                    series.side(&server.name).measured.push(measured);
                }
            }
        }
        all.push((series, small_options.rows));
    }
    small.stop()?;
    Ok(all)
}
