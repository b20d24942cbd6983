//! `pai serve`: from nothing to ready, and back without losing a request.

use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::Args;
use secrecy::ExposeSecret as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::address::{bind, reachable};
use super::{CliError, Listening, output};
use crate::app::{self, Shared};
use crate::demo::{self, Demo};
use crate::platform::calls::note_calls;
use crate::platform::clock::Clock;
use crate::platform::config::Settings;
use crate::platform::embedded::Cluster;
use crate::platform::housekeeping::{forget_expired_answers, forget_expired_imports, watch_outbox};
use crate::platform::key_watch::KeyWatch;
use crate::platform::traces::Traces;
use crate::platform::{client_secrets, swagger_ui, telemetry};
use crate::startup::{self, StartError, make_private_dir, open_database, prepare_database, share};

/// How often what has expired is thrown away.
const HOUSEKEEPING: Duration = Duration::from_hours(1);
/// How often the outbox is looked at.
const OUTBOX_WATCH: Duration = Duration::from_secs(15);
/// How often calls of clients are noted.
const CALLS: Duration = Duration::from_secs(30);
/// How often the metrics are condensed.
const METRICS: Duration = Duration::from_secs(5);
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
    let mut settings = serve.listening.settings()?;
    let traces = Traces::of(&settings.otel).map_err(CliError::Traces)?;
    telemetry::start_logging(&settings.log.filter, settings.log.format, traces.as_ref());
    // First of all, because nothing should be made or migrated for a service that cannot answer.
    let listener = bind(&settings.server.listen)?;
    let address = reachable(listener.local_addr().map_err(|error| CliError::Io("the listening address", error))?);
    if settings.server.public_url.is_empty() {
        // Port 0 and "every address" name no place to call.
        settings.server.public_url = format!("http://{address}");
    }
    let database = open_database(&settings)?;
    prepare_database(&database)?;
    make_private_dir(&settings.data_dir)?;
    let clock = Clock::system();
    let demo =
        if serve.demo { demo::prepare(&settings.data_dir, database.owner_url.as_deref(), &clock)? } else { Demo::NotAsked };
    let mut shared = share(&settings, &database.service_url, clock.clone())?;
    if let Err(error) = startup::report_lost_keys(&settings, &database) {
        tracing::error!(%error, "nobody knows whether person keys are lost; see `pai keys check`");
    }
    let sealing = start_sealer(&settings, &database.service_url, clock, &shared)?;
    if let Some(calendar) = demo.calendar() {
        let mut document = app::document();
        calendar.move_examples(&mut document);
        shared = shared.showing(&document);
    }
    if database.cluster.is_some() {
        let reserve = settings.database.reserve_mb.saturating_mul(1 << 20);
        shared.db().room.watch(&settings.data_dir, reserve).map_err(|error| CliError::Io("the watch over the disk", error))?;
    }
    client_secrets::prepare();
    swagger_ui::prepare().map_err(|error| CliError::Io("a thread for Swagger UI", error))?;
    let service = Running { settings, shared, address, cluster: database.cluster, sealing };
    actix_web::rt::System::new().block_on(service.until_stopped(listener, demo))?;
    if let Some(traces) = traces {
        traces.stop();
    }
    Ok(ExitCode::SUCCESS)
}

/// Seals once, so that a restored database is at home before anybody writes; then beside the requests.
fn start_sealer(settings: &Settings, service_url: &str, clock: Clock, shared: &Shared) -> Result<Sealing, CliError> {
    shared.seal_lag.expect_sealer();
    let mut sealer = startup::sealer(settings, service_url, clock, shared.seal_lag.clone())?;
    if let Err(error) = sealer.pass() {
        // Readiness tells when this lasts.
        tracing::error!(%error, "access register not sealed");
    }
    let interval = Duration::from_millis(settings.audit.seal_interval_ms);
    let (stop, stop_asked) = mpsc::channel();
    let thread = thread::Builder::new().name("audit-sealer".to_owned()).spawn(move || sealer.run(interval, &stop_asked));
    Ok(Sealing { stop, thread: thread.map_err(|error| CliError::Io("the sealer", error))? })
}

/// The running sealer; dropping `stop` asks it to end.
struct Sealing {
    stop: mpsc::Sender<()>,
    thread: thread::JoinHandle<()>,
}

impl Sealing {
    /// Lets it seal a last time.
    fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!("the sealer ended unexpectedly");
        }
    }
}

struct Running {
    settings: Settings,
    shared: Shared,
    address: SocketAddr,
    cluster: Option<Cluster>,
    sealing: Sealing,
}

impl Running {
    async fn until_stopped(self, listener: TcpListener, demo: Demo) -> Result<(), CliError> {
        let mut stop = StopSignals::new().map_err(|error| CliError::Io("signals", error))?;
        let ring_file = self.settings.keys.ring.expose_secret().is_empty().then_some(self.settings.data_dir.as_path());
        let mut watch = KeyWatch::new(self.shared.service(), ring_file).map_err(StartError::from)?;
        let instance = watch.instance();
        // Reported before the first request, so that no rotation overlooks this service.
        watch.look().await;
        let watching_keys = actix_web::rt::spawn(watch.run());
        let server =
            app::serve(self.shared.clone(), listener, &self.settings).map_err(|error| CliError::Io("the HTTP server", error))?;
        let handle = server.handle();
        let mut server = actix_web::rt::spawn(server);
        let db = self.shared.db().clone();
        let forgetting =
            actix_web::rt::spawn(forget_expired_answers(db.clone(), self.settings.idempotency.expiry_h, HOUSEKEEPING));
        // The examples of the contract speak of an import of the demonstration.
        let keeps_imports = matches!(demo, Demo::Load(_) | Demo::Loaded(..));
        let expiry_h = self.settings.imports.expiry_h;
        let forgetting_imports =
            (!keeps_imports).then(|| actix_web::rt::spawn(forget_expired_imports(db.clone(), expiry_h, HOUSEKEEPING)));
        let watching_outbox = actix_web::rt::spawn(watch_outbox(db, self.shared.outbox.clone(), OUTBOX_WATCH));
        let noting_calls = actix_web::rt::spawn(note_calls(self.shared.service(), CALLS));
        let condensing_metrics = actix_web::rt::spawn(telemetry::condense_metrics(METRICS));
        let outcome = tokio::select! {
            () = stop.next() => Ok(()),
            ended = &mut server => Err(CliError::Io("the HTTP server", ended.map_err(std::io::Error::other).and_then(|end| end).err()
                .unwrap_or_else(|| std::io::Error::other("ended by itself")))),
            failed = self.become_ready(demo) => failed,
        };
        self.shared.readiness.set(false);
        tracing::info!("draining");
        let delay = Duration::from_millis(self.settings.server.drain_delay_ms);
        let service = self.shared.service();
        let Self { cluster, sealing, .. } = self;
        let stopped = outcome.is_ok();
        let in_good_order = async move {
            if stopped {
                // Load balancers notice first; only then are connections refused.
                tokio::time::sleep(delay).await;
            }
            handle.stop(true).await;
            forgetting.abort();
            if let Some(forgetting) = forgetting_imports {
                forgetting.abort();
            }
            watching_outbox.abort();
            condensing_metrics.abort();
            noting_calls.abort();
            if let Err(problem) = service.calls.note(&service.db).await {
                tracing::warn!(cause = ?problem.cause, "the last calls of clients could not be noted");
            }
            watching_keys.abort();
            KeyWatch::end(&service, instance).await;
            let rest = move || {
                sealing.stop();
                cluster.map_or(Ok(()), Cluster::stop)
            };
            actix_web::web::block(rest).await.map_err(std::io::Error::other)
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
