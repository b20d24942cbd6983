//! Roles and databases of the service inside the cluster.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel::{QueryResult, sql_query};

use super::{OWNER_ROLE, SERVICE_ROLE};

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// Makes sure that the owner and the service role exist with exactly these rights.
///
/// The owner bypasses row-level security because it migrates and dumps: under FORCE a backfill
/// by an ordinary owner would silently touch no row. The service never does. Its time limits
/// belong to the role, so that no forgotten session setting can lift them.
pub(super) fn roles(conn: &mut PgConnection) -> QueryResult<()> {
    for role in [OWNER_ROLE, SERVICE_ROLE] {
        if !exists(conn, "pg_roles WHERE rolname", role)? {
            conn.batch_execute(&format!("CREATE ROLE {}", identifier(role)))?;
        }
    }
    let owner = identifier(OWNER_ROLE);
    let service = identifier(SERVICE_ROLE);
    conn.batch_execute(&format!(
        "ALTER ROLE {owner} LOGIN NOSUPERUSER BYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
         ALTER ROLE {service} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
         ALTER ROLE {service} SET lc_messages = 'C';
         ALTER ROLE {service} SET statement_timeout = '4s';
         ALTER ROLE {service} SET lock_timeout = '1s';
         ALTER ROLE {service} SET deadlock_timeout = '200ms';
         ALTER ROLE {service} SET idle_in_transaction_session_timeout = '10s';"
    ))
}

/// Makes sure that a database exists, belongs to the owner and opens to the service only.
pub(super) fn database(conn: &mut PgConnection, name: &str) -> QueryResult<()> {
    let database = identifier(name);
    let owner = identifier(OWNER_ROLE);
    if !exists(conn, "pg_database WHERE datname", name)? {
        conn.batch_execute(&format!("CREATE DATABASE {database} OWNER {owner}"))?;
    }
    conn.batch_execute(&format!(
        "ALTER DATABASE {database} OWNER TO {owner};
         REVOKE ALL ON DATABASE {database} FROM PUBLIC;
         GRANT CONNECT ON DATABASE {database} TO {};",
        identifier(SERVICE_ROLE)
    ))
}

/// Prepares the inside of a database, over a connection to it.
///
/// Without CREATE for everybody, the service cannot put a function or table of its own in the
/// way of ours.
pub(super) fn contents(conn: &mut PgConnection) -> QueryResult<()> {
    conn.batch_execute(&format!(
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC;
         GRANT CREATE, USAGE ON SCHEMA public TO {};
         SET client_min_messages = warning;
         CREATE EXTENSION IF NOT EXISTS btree_gist;",
        identifier(OWNER_ROLE)
    ))
}

fn exists(conn: &mut PgConnection, source: &'static str, name: &str) -> QueryResult<bool> {
    let query = format!("SELECT EXISTS (SELECT FROM {source} = $1) AS found");
    sql_query(query).bind::<Text, _>(name).get_result::<Found>(conn).map(|row| row.found)
}

/// A quoted SQL identifier.
fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
