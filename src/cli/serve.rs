//! `pai serve`: from nothing to ready, and back without losing a request.

use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::Duration;

use chrono::TimeDelta;
use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::address::{bind, reachable};
use super::{CliError, Listening, output};
use crate::app::{self, Shared};
use crate::demo::{self, Demo};
use crate::platform::clock::Clock;
use crate::platform::config::Settings;
use crate::platform::embedded::Cluster;
use crate::platform::{client_secrets, idempotency, telemetry};
use crate::startup::{make_private_dir, open_database, prepare_database, share};

/// How often what has expired is thrown away.
const HOUSEKEEPING: Duration = Duration::from_hours(1);
/// What a shell reports for a program that Ctrl-C ended.
const ENDED_BY_SIGNAL: i32 = 130;

#[derive(Args, Debug)]
pub(super) struct Serve {
    #[command(flatten)]
    listening: Listening,
    /// Fill an empty database with fictitious towns, people and programmes
    ///
    /// Writes the credentials of a client of every role to
    /// demo-credentials.json in the data directory. Does nothing to a database
    /// that holds anything. Never for real people.
    #[arg(long, verbatim_doc_comment)]
    demo: bool,
}

pub(super) fn run(serve: &Serve) -> Result<ExitCode, CliError> {
    let settings = serve.listening.settings()?;
    telemetry::start_logging(&settings.log.filter, settings.log.format);
    // First of all, because nothing should be made or migrated for a service that cannot answer.
    let listener = bind(&settings.server.listen)?;
    let address = reachable(listener.local_addr().map_err(|error| CliError::Io("the listening address", error))?);
    let database = open_database(&settings)?;
    prepare_database(&database)?;
    make_private_dir(&settings.data_dir)?;
    let clock = Clock::system();
    let demo =
        if serve.demo { demo::prepare(&settings.data_dir, database.owner_url.as_deref(), &clock)? } else { Demo::NotAsked };
    let mut shared = share(&settings, &database.service_url, clock)?;
    if let Some(calendar) = demo.calendar() {
        let mut document = app::DOCUMENT.clone();
        calendar.move_examples(&mut document);
        shared = shared.showing(document);
    }
    if database.cluster.is_some() {
        let reserve = settings.database.reserve_mb.saturating_mul(1 << 20);
        shared.db().room.watch(&settings.data_dir, reserve).map_err(|error| CliError::Io("the watch over the disk", error))?;
    }
    client_secrets::prepare();
    let service = Running { settings, shared, address, cluster: database.cluster };
    actix_web::rt::System::new().block_on(service.until_stopped(listener, demo))?;
    Ok(ExitCode::SUCCESS)
}

struct Running {
    settings: Settings,
    shared: Shared,
    address: SocketAddr,
    cluster: Option<Cluster>,
}

impl Running {
    async fn until_stopped(mut self, listener: TcpListener, demo: Demo) -> Result<(), CliError> {
        let mut stop = StopSignals::new().map_err(|error| CliError::Io("signals", error))?;
        let server =
            app::serve(self.shared.clone(), listener, &self.settings).map_err(|error| CliError::Io("the HTTP server", error))?;
        let handle = server.handle();
        let mut server = actix_web::rt::spawn(server);
        let housekeeping = actix_web::rt::spawn(keep_house(self.shared.clone(), self.settings.idempotency.expiry_h));
        let outcome = tokio::select! {
            () = stop.next() => Ok(()),
            ended = &mut server => Err(CliError::Io("the HTTP server", ended.map_err(std::io::Error::other).and_then(|end| end).err()
                .unwrap_or_else(|| std::io::Error::other("ended by itself")))),
            failed = self.become_ready(demo) => failed,
        };
        self.shared.readiness.set(false);
        tracing::info!("draining");
        let delay = Duration::from_millis(self.settings.server.drain_delay_ms);
        let cluster = self.cluster.take();
        let stopped = outcome.is_ok();
        let in_good_order = async move {
            if stopped {
                // Load balancers notice first; only then are connections refused.
                tokio::time::sleep(delay).await;
            }
            handle.stop(true).await;
            housekeeping.abort();
            match cluster {
                Some(cluster) => actix_web::web::block(|| cluster.stop()).await.map_err(std::io::Error::other),
                None => Ok(Ok(())),
            }
        };
        tokio::select! {
            ended = in_good_order => ended.map_err(|error| CliError::Io("the embedded database", error))??,
            // The kernel tells the embedded database of the end of this process; it shuts down by itself.
            () = stop.next() => std::process::exit(ENDED_BY_SIGNAL),
        }
        tracing::info!("stopped");
        outcome
    }

    /// Loads what was asked for, then serves: returns only when that failed.
    async fn become_ready(&self, demo: Demo) -> Result<(), CliError> {
        let loaded = match demo {
            Demo::Load(load) => {
                let base = format!("http://{}", self.address);
                let (done, outcome) = tokio::sync::oneshot::channel();
                // A thread of its own, because it calls this very service.
                std::thread::spawn(move || done.send(load.run(&base)));
                Some(outcome.await.unwrap_or(Err(demo::DemoError::Interrupted))?)
            }
            Demo::Loaded(credentials, _) => Some(credentials),
            Demo::NotEmpty | Demo::NotAsked => None,
        };
        self.shared.readiness.set(true);
        tracing::info!(address = %self.address, "ready");
        // Somebody may have closed the terminal; the service goes on.
        let _ = output::print(&welcome(self.address, loaded.as_ref()));
        std::future::pending().await
    }
}

fn welcome(address: SocketAddr, demo: Option<&demo::Credentials>) -> String {
    let mut text = format!(
        "pai {} is ready\n  Swagger UI  http://{address}/swagger-ui/\n  OpenAPI     http://{address}/openapi.json\n  Tokens      http://{address}/oauth/token\n",
        env!("CARGO_PKG_VERSION")
    );
    if let Some(credentials) = demo {
        text.push_str(&credentials.to_string());
    }
    text
}

/// Drops the stored answers that have expired, by the clock of the service.
async fn keep_house(shared: Shared, expiry_h: u32) {
    loop {
        let before = shared.db().clock.now() - TimeDelta::hours(i64::from(expiry_h));
        match shared.db().without_tenant(move |conn| idempotency::forget_before(conn, before)).await {
            Ok(count) => tracing::info!(count, "expired idempotency keys dropped"),
            Err(problem) => tracing::warn!(cause = ?problem.cause, "expired idempotency keys could not be dropped"),
        }
        tokio::time::sleep(HOUSEKEEPING).await;
    }
}

/// The signals that ask for the end.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
