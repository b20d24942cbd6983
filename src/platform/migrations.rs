//! Brings the schema up to date, and refuses a database that would not protect tenants.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use thiserror::Error;

/// The migrations, part of the program.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");
/// Serialises migrating processes; the number has no meaning beyond being ours.
const LOCK: &str = "SELECT pg_advisory_lock(7241620417)";

/// Longest time that a migration keeps requests waiting behind it for a table.
const LOCK_PATIENCE: Duration = Duration::from_millis(100);
/// How long the requests that waited are let through before the next attempt.
const PAUSE: Duration = Duration::from_millis(400);
/// After this a table is not just busy.
const PATIENCE: Duration = Duration::from_mins(5);

/// Why the database was refused.
#[derive(Debug, Error)]
pub enum DatabaseError {
    /// No connection.
    #[error("cannot connect to the database: {0}")]
    Connection(#[from] ConnectionError),
    /// A query failed.
    #[error("the database refused a statement: {0}")]
    Query(#[from] diesel::result::Error),
    /// A migration failed; what it had begun is rolled back.
    #[error("a migration failed: {0}")]
    Migration(Box<dyn std::error::Error + Send + Sync>),
    /// The schema is older than the program.
    #[error("the schema lacks {0} migration(s); run `pai migrate` or set database.owner_url")]
    Outdated(usize),
    /// The database would not protect tenants from each other.
    #[error("the database is not safe to serve from:\n  {}", .0.join("\n  "))]
    Unsafe(Vec<String>),
}

/// Connects once.
///
/// # Errors
/// [`DatabaseError::Connection`].
pub fn connect(url: &str) -> Result<PgConnection, DatabaseError> {
    Ok(PgConnection::establish(url)?)
}

/// Applies what is missing, one process at a time; answers how many.
///
/// # Errors
/// [`DatabaseError::Migration`].
pub fn migrate(owner_url: &str) -> Result<usize, DatabaseError> {
    apply(owner_url, MIGRATIONS)
}

/// Applies the migrations of a source without standing in the way of running requests; answers how many.
///
/// A migration that waits for a table stalls every request that comes after it, so it gives up
/// soon, lets the others pass and tries again. Each migration is one transaction: what has been
/// applied stays.
///
/// # Errors
/// [`DatabaseError::Migration`], also when a table stays busy for minutes.
pub fn apply(owner_url: &str, source: impl MigrationSource<Pg>) -> Result<usize, DatabaseError> {
    alone(owner_url, |conn| {
        conn.batch_execute(&format!("SET lock_timeout = '{}ms'", LOCK_PATIENCE.as_millis()))?;
        let pending = conn.pending_migrations(source).map_err(DatabaseError::Migration)?;
        let deadline = Instant::now() + PATIENCE;
        let Some((last, others)) = pending.split_last() else { return Ok(0) };
        // The log keeps its order: the last commit makes all durable, and so does whoever writes into a new table before.
        conn.batch_execute("SET synchronous_commit = off")?;
        others.iter().try_for_each(|migration| run(conn, migration, deadline))?;
        conn.batch_execute("SET synchronous_commit = on")?;
        run(conn, last, deadline)?;
        Ok(pending.len())
    })
}

fn run(conn: &mut PgConnection, migration: &dyn Migration<Pg>, deadline: Instant) -> Result<(), DatabaseError> {
    loop {
        match conn.run_migration(migration) {
            Ok(_) => return Ok(()),
            Err(error) if error.to_string().contains("lock timeout") && Instant::now() < deadline => {
                tracing::info!("a table is busy; the migration lets others pass and tries again");
                std::thread::sleep(PAUSE);
            }
            Err(error) => return Err(DatabaseError::Migration(error)),
        }
    }
}

/// Undoes the newest `count` migrations with the data of their tables, one process at a time; answers how many there were.
///
/// # Errors
/// [`DatabaseError::Migration`].
pub fn revert(owner_url: &str, count: u32) -> Result<usize, DatabaseError> {
    alone(owner_url, |conn| {
        let mut undone = 0;
        while undone < count as usize && !conn.applied_migrations().map_err(DatabaseError::Migration)?.is_empty() {
            conn.revert_last_migration(MIGRATIONS).map_err(DatabaseError::Migration)?;
            undone += 1;
        }
        Ok(undone)
    })
}

/// Runs `work` while no other process migrates this database.
fn alone<T>(owner_url: &str, work: impl FnOnce(&mut PgConnection) -> Result<T, DatabaseError>) -> Result<T, DatabaseError> {
    let mut conn = connect(owner_url)?;
    conn.batch_execute("SET TIME ZONE 'UTC'; SET app.now = '2000-01-01T00:00:00Z'")?;
    conn.batch_execute(LOCK)?;
    // The lock ends with the connection, whatever the outcome.
    work(&mut conn)
}

/// Whether the database holds tables of ours already.
///
/// # Errors
/// [`DatabaseError`] when it cannot be asked.
pub fn has_tables(owner_url: &str) -> Result<bool, DatabaseError> {
    let found = diesel::dsl::sql::<diesel::sql_types::Bool>(
        "EXISTS (SELECT FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace)",
    );
    Ok(diesel::select(found).get_result(&mut connect(owner_url)?)?)
}

mod applied {
    diesel::table! {
        /// Applied migrations, kept by diesel.
        __diesel_schema_migrations (version) {
            version -> Text,
        }
    }
}
use applied::__diesel_schema_migrations;

/// How many migrations the schema lacks; asked as the service, which may only read the list.
fn pending(conn: &mut PgConnection) -> Result<usize, DatabaseError> {
    let known = MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(DatabaseError::Migration)?;
    let begun = diesel::dsl::sql::<diesel::sql_types::Bool>("to_regclass('public.__diesel_schema_migrations') IS NOT NULL");
    if !diesel::select(begun).get_result::<bool>(conn)? {
        return Ok(known.len());
    }
    let applied: Vec<String> = __diesel_schema_migrations::table.select(__diesel_schema_migrations::version).load(conn)?;
    Ok(known.iter().filter(|migration| !applied.contains(&migration.name().version().to_string())).count())
}

diesel::define_sql_function! {
    /// What makes the database unsafe; see the migration.
    fn unsafe_for_tenants() -> Array<Text>;
}

/// Refuses an outdated schema and a database whose roles or tables would not keep tenants apart.
///
/// # Errors
/// [`DatabaseError::Outdated`] or [`DatabaseError::Unsafe`] with every finding.
pub fn check(service_url: &str) -> Result<(), DatabaseError> {
    let mut conn = connect(service_url)?;
    match pending(&mut conn)? {
        0 => {}
        missing => return Err(DatabaseError::Outdated(missing)),
    }
    let findings: Vec<String> = diesel::select(unsafe_for_tenants()).get_result(&mut conn)?;
    if findings.is_empty() { Ok(()) } else { Err(DatabaseError::Unsafe(findings)) }
}
