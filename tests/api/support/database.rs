//! The catalogue of a migrated database.

use diesel::prelude::*;
use diesel::sql_types::{Array, Text};
use pai::platform::migrations::connect;

use super::cluster::{Urls, clone_template, drop_database};

/// A migrated database of its own, removed at the end.
pub struct TestDatabase {
    pub name: String,
    pub urls: Urls,
}

impl TestDatabase {
    /// Clones the migrated template.
    pub fn migrated(name: &str) -> Self {
        let name = format!("checked_{name}");
        Self { urls: clone_template(&name), name }
    }

    /// A database with roles and rights, but no table.
    pub fn empty(name: &str) -> Self {
        let name = format!("checked_{name}");
        Self { urls: super::cluster::empty_database(&name), name }
    }

    /// A connection past all rights.
    pub fn superuser(&self) -> PgConnection {
        connect(&self.urls.superuser).expect("superuser connection")
    }

    /// A connection as the service has it.
    pub fn service(&self) -> PgConnection {
        connect(&self.urls.service).expect("service connection")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        drop_database(&self.name);
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Array<Text>)]
    row: Vec<String>,
}

/// Rows of text; `query` selects one `text[]` named `row`.
#[track_caller]
pub fn rows(conn: &mut PgConnection, query: &str) -> Vec<Vec<String>> {
    let rows: Vec<Row> = diesel::sql_query(query).load(conn).unwrap_or_else(|error| panic!("{error}\n{query}"));
    rows.into_iter().map(|row| row.row).collect()
}

/// Waits until so many statements on the database wait for a lock.
#[track_caller]
pub fn until_so_many_wait(conn: &mut PgConnection, so_many: i64) {
    let waiting = "SELECT ARRAY[count(*)::text] AS row FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    for _ in 0..5_000 {
        if rows(conn, waiting)[0][0] == so_many.to_string() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    panic!("not {so_many} wait for a lock");
}

/// First fields of [`rows`].
#[track_caller]
pub fn names(conn: &mut PgConnection, query: &str) -> Vec<String> {
    rows(conn, query).into_iter().filter_map(|row| row.into_iter().next()).collect()
}

/// The service's own tables.
pub const TABLES: &str =
    "SELECT ARRAY[relname::text] AS row FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
     AND relname NOT LIKE '\\_\\_%' ORDER BY relname";

/// The tables of tenants.
pub const TENANT_TABLES: &str = "SELECT ARRAY[c.relname::text] AS row FROM pg_class c
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
     WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname";

/// Every row of every table as one text each, to see that nothing has changed.
pub fn contents(conn: &mut PgConnection) -> Vec<Vec<String>> {
    names(conn, TABLES)
        .iter()
        .map(|table| {
            let query = format!("SELECT ARRAY['{table}', count(*)::text, coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '')] AS row FROM {table} t");
            rows(conn, &query).remove(0)
        })
        .collect()
}
