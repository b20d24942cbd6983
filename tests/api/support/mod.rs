//! A running service per test: its own database, cloned from a migrated
//! template, under the real login role, over real HTTP on a free port.

pub mod bless;
pub mod build;
pub mod cluster;
pub mod contract;
pub mod database;
mod demonstration;
pub mod dice;
mod http;
pub mod issuer;
pub mod json_schema;
mod leftovers;
pub mod program;
pub mod replay;
pub mod reserve;
pub mod scene;
pub mod statements;
mod taking_part;
pub mod world;

use chrono::{DateTime, TimeZone, Utc};
use pai::app::Shared;
use pai::demo;
use pai::institutions::clients::{FirstInstitution, create_as_operator, register_institution};
use pai::platform::clock::Clock;
use pai::platform::config::Settings;
use pai::platform::examples;
use pai::platform::keys::KeyRing;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use pai::platform::room::Room;
use pai::platform::types::ShortText;
use secrecy::ExposeSecret;
use serde_json::Value;
use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use uuid::{Uuid, uuid};

pub use http::{Answer, Api};
pub use taking_part::{TakingPart, taking_part};

/// The OpenAPI document.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(pai::app::document);

/// An id as the service gives them, which no record has.
pub const NOBODY: Uuid = uuid!("01900000-0000-7000-8000-000000000000");

/// The moment at which tests stand: long after the programmes they enter.
pub fn test_moment() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 6, 15, 10, 0, 0).single().expect("a moment")
}

/// A service of its own for one test.
pub struct TestApp {
    pub address: String,
    pub clock: Clock,
    pub town: Town,
    pub other_town: Town,
    pub owner_url: String,
    pub service_url: String,
    pub superuser_url: String,
    /// Whether the service finds room on the disk of its database.
    pub room: Room,
    server: actix_web::dev::ServerHandle,
    thread: Option<std::thread::JoinHandle<()>>,
    database: String,
    data_dir: std::path::PathBuf,
    settings: Settings,
    replicas: Vec<Serving>,
}

/// A running server and its thread.
type Serving = (actix_web::dev::ServerHandle, std::thread::JoinHandle<()>);

fn serve(shared: Shared, listener: TcpListener, settings: Settings) -> Serving {
    let (sender, receiver) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = pai::app::serve(shared, listener, &settings).expect("server");
            sender.send(server.handle()).expect("handle");
            server.await.expect("server ends well");
        });
    });
    (receiver.recv().expect("server handle"), thread)
}

/// Settings of a small service that keeps its files in a directory.
fn test_settings(data_dir: &std::path::Path) -> Settings {
    let mut settings = Settings::load(None).expect("settings");
    data_dir.clone_into(&mut settings.data_dir);
    settings.database.pool_size = 4;
    // Whatever a test writes past the service, figures must not be remembered wrongly because of what the service writes.
    settings.database.compare_remembered = true;
    settings.server.workers = 1;
    settings
}

/// What keeps the tenants of a service apart, beside the predicates of its queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowSecurity {
    /// As it is served: a role that row-level security holds.
    Forced,
    /// A role past it, which the service's own check at start would refuse.
    Bypassed,
}

/// A tenant with a client of every role.
pub struct Town {
    pub id: Uuid,
    pub clients: HashMap<&'static str, (Uuid, String)>,
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl TestApp {
    /// Starts a service on a fresh database with two towns.
    pub fn start() -> Self {
        Self::start_at(Clock::fixed(test_moment()))
    }

    /// As `start`, with a clock of the test's own.
    pub fn start_at(clock: Clock) -> Self {
        Self::start_with(clock, |_| {})
    }

    /// As `start_at`, with settings of the test's own.
    pub fn start_with(clock: Clock, adjust: impl FnOnce(&mut Settings)) -> Self {
        Self::launch(clock, false, RowSecurity::Forced, adjust)
    }

    /// A service with the demonstration data, on the day that the examples of the contract speak of.
    pub fn start_with_demo() -> Self {
        Self::start_with_demo_behind(RowSecurity::Forced)
    }

    /// As `start_with_demo`, with or without row-level security.
    pub fn start_with_demo_behind(row_security: RowSecurity) -> Self {
        let noon = examples::TODAY.and_hms_opt(12, 0, 0).expect("noon").and_utc();
        Self::launch(Clock::fixed(noon), true, row_security, |_| {})
    }

    fn launch(clock: Clock, with_demo: bool, row_security: RowSecurity, adjust: impl FnOnce(&mut Settings)) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let database = format!("test_{number}");
        let data_dir = std::env::temp_dir().join(format!("pai-test-{}-{number}", std::process::id()));
        let mut urls =
            if with_demo { demonstration::copy(&database, &data_dir, &clock) } else { cluster::clone_template(&database) };
        if row_security == RowSecurity::Bypassed {
            urls.service = cluster::past_row_security(&urls);
        }
        let mut settings = test_settings(&data_dir);
        adjust(&mut settings);
        let mut owner = connect(&urls.owner).expect("owner connection");
        let (town, other_town) = if with_demo {
            let town = |owner: &mut _, id: &str| add_clients(owner, &clock, id.parse().expect("an id"));
            (town(&mut owner, examples::INSTITUTION), town(&mut owner, examples::OTHER_INSTITUTION))
        } else {
            (make_town(&mut owner, &clock, "MOPS Testowo"), make_town(&mut owner, &clock, "OPS Inne"))
        };
        drop(owner);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("address"));
        let kept = settings.clone();
        let shared = pai::startup::share(&settings, &urls.service, clock.clone()).expect("shared state");
        shared.readiness.set(true);
        let room = shared.db().room.clone();
        let (server, thread) = serve(shared, listener, settings);
        Self {
            address,
            clock,
            town,
            other_town,
            owner_url: urls.owner,
            service_url: urls.service,
            superuser_url: urls.superuser,
            room,
            server,
            thread: Some(thread),
            database,
            data_dir,
            settings: kept,
            replicas: Vec::new(),
        }
    }

    /// Starts a further process's worth of service on the same database and keys; answers its address.
    pub fn start_replica(&mut self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("address"));
        let shared = pai::startup::share(&self.settings, &self.service_url, self.clock.clone()).expect("shared state");
        shared.readiness.set(true);
        self.replicas.push(serve(shared, listener, self.settings.clone()));
        address
    }

    /// Where the service keeps its files.
    pub fn data_dir(&self) -> &std::path::Path {
        &self.data_dir
    }

    /// The keys of the service, with which a test signs what nobody else could.
    pub fn key_ring(&self) -> KeyRing {
        KeyRing::load(&self.data_dir.join("keys.json")).expect("the keys of the service")
    }

    /// A caller of the first town in a role.
    pub fn api(&self, role: Role) -> Api {
        Api::sign_in(&self.address, &self.town.clients[role.as_str()])
    }

    /// A token of the first town in a role.
    pub fn token(&self, role: Role) -> String {
        http::token(&self.address, &self.town.clients[role.as_str()])
    }

    /// A caller of the first town that has never called before.
    pub fn fresh_api(&self, role: Role) -> Api {
        let mut owner = connect(&self.owner_url).expect("owner connection");
        let name: ShortText = "fresh".to_owned().try_into().expect("name");
        let made = create_as_operator(&mut owner, self.town.id, None, &name, role, self.clock.now()).expect("client");
        Api::sign_in(&self.address, &(made.client_id, made.client_secret.expose_secret().to_owned()))
    }

    /// A caller of the other town in a role.
    pub fn other_api(&self, role: Role) -> Api {
        Api::sign_in(&self.address, &self.other_town.clients[role.as_str()])
    }

    /// The demonstration's client of the first town in a role: a supervisor of one host, a facilitator of one contractor.
    pub fn narrowed_api(&self, role: Role) -> Api {
        let file = std::fs::read_to_string(self.data_dir.join("demo-credentials.json")).expect("the demonstration's clients");
        let clients: Vec<demo::Credential> = serde_json::from_str(&file).expect("clients");
        let client = clients.into_iter().find(|client| client.tenant == self.town.id && client.role == role.as_str());
        let client = client.expect("a client of every role");
        Api::sign_in(&self.address, &(client.client_id, client.client_secret))
    }

    /// A caller without a token.
    pub fn anonymous(&self) -> Api {
        Api::anonymous(&self.address)
    }
}

fn make_town(owner: &mut diesel::PgConnection, clock: &Clock, name: &str) -> Town {
    let name: ShortText = name.to_owned().try_into().expect("name");
    let first = FirstInstitution { id: None, kind: "municipalCentre", name: &name, teryt: None, regon: None, nip: None };
    let id = register_institution(owner, &first, clock.now()).expect("institution");
    add_clients(owner, clock, id)
}

/// A client of every role for an institution that is there.
fn add_clients(owner: &mut diesel::PgConnection, clock: &Clock, id: Uuid) -> Town {
    let name: ShortText = "Test".to_owned().try_into().expect("name");
    let clients = Role::ALL
        .into_iter()
        .map(|role| {
            let made = create_as_operator(owner, id, None, &name, role, clock.now()).expect("client");
            (role.as_str(), (made.client_id, made.client_secret.expose_secret().to_owned()))
        })
        .collect();
    Town { id, clients }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        for (server, thread) in self.replicas.drain(..) {
            drop(server.stop(false));
            let _ = thread.join();
        }
        let stopping = self.server.stop(false);
        if let Some(thread) = self.thread.take() {
            // The stop command is sent when the future is made; the thread ends with its server.
            drop(stopping);
            let _ = thread.join();
        }
        cluster::drop_database(&self.database);
        let _ = std::fs::remove_dir_all(&self.data_dir);
    }
}
