//! One PostgreSQL for the whole run, and a migrated template to clone.

use super::leftovers;
use diesel::connection::SimpleConnection;
use pai::platform::embedded::{Cluster, MAINTENANCE_DATABASE, Role};
use pai::platform::migrations::{connect, migrate};
use std::sync::{Mutex, OnceLock};

const TEMPLATE: &str = "template_migrated";

static CLUSTER: OnceLock<Cluster> = OnceLock::new();
/// Cloning takes an exclusive hold of the template.
static CLONING: Mutex<()> = Mutex::new(());

/// How to reach a database in each role.
pub struct Urls {
    pub owner: String,
    pub service: String,
    pub superuser: String,
}

fn cluster() -> &'static Cluster {
    CLUSTER.get_or_init(|| {
        leftovers::sweep();
        let data_dir = std::env::temp_dir().join(format!("pai-tests-{}", std::process::id()));
        std::fs::create_dir_all(&data_dir).expect("a directory for the test cluster");
        let cluster = Cluster::start(&data_dir, None).expect("PostgreSQL for the tests");
        cluster.endpoint().ensure_database(TEMPLATE).expect("template database");
        migrate(&cluster.url(Role::Owner, TEMPLATE)).expect("migrations apply");
        cluster
    })
}

fn administer(sql: &str) {
    let mut conn = connect(&cluster().url(Role::Superuser, MAINTENANCE_DATABASE)).expect("maintenance connection");
    conn.batch_execute(sql).expect("administration of the test cluster");
}

/// A fresh database with the whole schema.
pub fn clone_template(name: &str) -> Urls {
    clone_of(TEMPLATE, name)
}

/// A fresh database that holds what another does, to which nobody is connected.
pub fn clone_of(template: &str, name: &str) -> Urls {
    let cluster = cluster();
    let _held = CLONING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    administer(&format!("CREATE DATABASE {name} TEMPLATE {template} OWNER pai_owner"));
    administer(&format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO pai_service"));
    urls(cluster, name)
}

/// A fresh database without the schema.
pub fn empty_database(name: &str) -> Urls {
    let cluster = cluster();
    cluster.endpoint().ensure_database(name).expect("an empty database");
    urls(cluster, name)
}

fn urls(cluster: &Cluster, name: &str) -> Urls {
    Urls {
        owner: cluster.url(Role::Owner, name),
        service: cluster.url(Role::Service, name),
        superuser: cluster.url(Role::Superuser, name),
    }
}

/// The service's access as a role that row-level security does not hold, made for tests alone.
pub fn past_row_security(urls: &Urls) -> String {
    static MADE: std::sync::Once = std::sync::Once::new();
    MADE.call_once(|| {
        administer(
            "CREATE ROLE pai_unwalled LOGIN BYPASSRLS IN ROLE pai_service;
             ALTER ROLE pai_unwalled SET statement_timeout = '4s';
             ALTER ROLE pai_unwalled SET lock_timeout = '1s';
             ALTER ROLE pai_unwalled SET deadlock_timeout = '200ms';",
        );
    });
    urls.service.replace("pai_service@", "pai_unwalled@")
}

/// Lets nobody connect to a database any more, so that it can be cloned.
pub fn close_database(name: &str) {
    administer(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
    administer(&format!("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'"));
}

/// Removes a test's database.
pub fn drop_database(name: &str) {
    administer(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
}
