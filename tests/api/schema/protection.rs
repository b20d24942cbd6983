//! The tenant boundary inside the database.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use pai::platform::migrations::{DatabaseError, check};

use crate::support::database::{TABLES, TENANT_TABLES, TestDatabase, names, rows};

const TOWN: &str = "11111111-1111-7111-8111-111111111111";
const OTHER_TOWN: &str = "22222222-2222-7222-8222-222222222222";

/// What the start-up check finds.
fn findings(url: &str) -> Vec<String> {
    match check(url) {
        Ok(()) => Vec::new(),
        Err(DatabaseError::Unsafe(findings)) => findings,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn the_service_refuses_a_database_that_would_not_keep_tenants_apart() {
    let database = TestDatabase::migrated("unsafe");
    let service = &database.urls.service;
    assert_eq!(findings(service), Vec::<String>::new(), "the database as migrated is safe");
    let found = findings(&database.urls.superuser);
    assert!(found.iter().any(|finding| finding.ends_with("is a superuser")), "{found:?}");
    let found = findings(&database.urls.owner);
    assert!(found.iter().any(|finding| finding.ends_with("bypasses row-level security")), "{found:?}");
    assert!(found.iter().any(|finding| finding.ends_with("owns table hosts")), "{found:?}");
    let conn = &mut database.superuser();
    for (change, undo, expected) in [
        (
            "ALTER TABLE hosts NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE hosts FORCE ROW LEVEL SECURITY",
            "table hosts lacks forced row-level security or its policy",
        ),
        (
            "ALTER TABLE people DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE people ENABLE ROW LEVEL SECURITY",
            "table people lacks forced row-level security or its policy",
        ),
        (
            "CREATE POLICY too_wide ON people USING (true)",
            "DROP POLICY too_wide ON people",
            "policy too_wide of table people does not compare the tenant",
        ),
        (
            "CREATE POLICY too_wide ON people FOR INSERT WITH CHECK (true)",
            "DROP POLICY too_wide ON people",
            "policy too_wide of table people does not compare the tenant",
        ),
        (
            "CREATE TABLE loose (tenant_id uuid, id uuid, CONSTRAINT loose_pkey PRIMARY KEY (tenant_id, id))",
            "DROP TABLE loose",
            "table loose lacks forced row-level security or its policy",
        ),
        (
            "CREATE TABLE loose (tenant_id uuid, id uuid, CONSTRAINT loose_pkey PRIMARY KEY (id))",
            "DROP TABLE loose",
            "table loose has a primary key that does not begin with the tenant",
        ),
        (
            "CREATE UNIQUE INDEX loose_key ON hosts (id); CREATE TABLE loose (id uuid, CONSTRAINT loose_host_fkey FOREIGN KEY (id) REFERENCES hosts (id))",
            "DROP TABLE loose; DROP INDEX loose_key",
            "foreign key loose_host_fkey of table loose does not carry the tenant",
        ),
    ] {
        conn.batch_execute(change).expect(change);
        let found = findings(service);
        assert!(found.iter().any(|finding| finding == expected), "{change}: {found:?}");
        conn.batch_execute(undo).expect(undo);
    }
    conn.batch_execute("ALTER TABLE people DISABLE ROW LEVEL SECURITY; DROP POLICY tenant_boundary ON people").expect("drop");
    assert_eq!(findings(service), ["table people lacks forced row-level security or its policy"]);
}

#[test]
fn the_service_refuses_an_outdated_schema() {
    let database = TestDatabase::migrated("outdated");
    database
        .superuser()
        .batch_execute(
            "DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)",
        )
        .expect("one migration forgotten");
    assert!(matches!(check(&database.urls.service), Err(DatabaseError::Outdated(1))));
}

/// Rows that are seen only with the row that they belong to: the table, its reference, and the other table.
const SEEN_WITH: &[(&str, &str, &str)] =
    &[("message_records", "message_id", "messages"), ("message_steps", "message_id", "messages")];

/// Drops what would refuse made-up rows, then puts one row of each town into every tenant table.
fn fill(conn: &mut PgConnection, tables: &[String]) {
    let refusing = "SELECT ARRAY[conrelid::regclass::text, conname::text] AS row FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'x') AND conrelid <> 0";
    for constraint in rows(conn, refusing) {
        conn.batch_execute(&format!("ALTER TABLE {} DROP CONSTRAINT {}", constraint[0], constraint[1])).expect("drop constraint");
    }
    for table in tables {
        let needed = format!(
            "SELECT ARRAY[attname::text, format_type(atttypid, -1)] AS row FROM pg_attribute
              WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped AND attnotnull AND attname <> 'tenant_id' ORDER BY attnum"
        );
        let columns = rows(conn, &needed);
        let list = columns.iter().map(|column| column[0].as_str()).collect::<Vec<_>>().join(", ");
        let values = columns.iter().map(|column| made_up(&column[1])).collect::<Vec<_>>().join(", ");
        for town in [TOWN, OTHER_TOWN] {
            let insert = format!("INSERT INTO {table} (tenant_id, {list}) VALUES ('{town}', {values})");
            conn.batch_execute(&insert).expect(&insert);
        }
    }
    for (table, reference, other) in SEEN_WITH {
        let tie = format!("UPDATE {table} t SET {reference} = o.id FROM {other} o WHERE o.tenant_id = t.tenant_id");
        conn.batch_execute(&tie).expect(&tie);
    }
}

fn made_up(sql_type: &str) -> &'static str {
    match sql_type {
        "uuid" => "gen_random_uuid()",
        "text" => "gen_random_uuid()::text",
        "integer" | "smallint" | "bigint" | "numeric" => "1",
        "timestamp with time zone" => "now()",
        "date" => "CURRENT_DATE",
        "boolean" => "false",
        "bytea" => "'\\x00'",
        "json" | "jsonb" => "'{}'",
        "time without time zone" => "'08:00'",
        array if array.ends_with("[]") => "'{}'",
        other => panic!("no made-up value for {other}"),
    }
}

#[test]
fn without_a_stated_tenant_every_question_is_an_error_and_with_one_only_its_rows_are_there() {
    let database = TestDatabase::migrated("boundary");
    let superuser = &mut database.superuser();
    let tables = names(superuser, TENANT_TABLES);
    assert!(tables.len() > 30, "{tables:?}");
    fill(superuser, &tables);
    let conn = &mut database.service();
    let count = |conn: &mut PgConnection, table: &str| diesel::sql_query(format!("SELECT FROM {table}")).execute(conn);
    for table in &tables {
        assert!(count(conn, table).is_err(), "{table} answers without a tenant");
    }
    // A transaction's setting leaves an empty text behind, which must be as loud.
    conn.batch_execute(&format!("BEGIN; SET LOCAL app.tenant = '{TOWN}'; COMMIT")).expect("a transaction");
    for table in &tables {
        assert!(count(conn, table).is_err(), "{table} answers after the tenant's transaction");
    }
    conn.batch_execute(&format!("SET app.tenant = '{TOWN}'")).expect("a tenant");
    for table in &tables {
        let seen = names(
            conn,
            &format!("SELECT DISTINCT ARRAY[tenant_id::text] AS row FROM {table} WHERE tenant_id::text NOT LIKE '00000000%'"),
        );
        assert_eq!(seen, [TOWN], "{table}");
        let theirs = format!("INSERT INTO {table} SELECT * FROM {table} WHERE tenant_id = '{TOWN}'");
        let theirs = theirs.replace("SELECT *", &everything_but_the_tenant(superuser, table));
        let refused = conn.batch_execute(&theirs).expect_err("a row of another town");
        // Seats and what rows said before are kept by triggers alone.
        let by_triggers = ["session_seats", "row_versions"].contains(&table.as_str());
        let expected = if by_triggers { format!("permission denied for table {table}") } else { "row-level security".to_owned() };
        assert!(refused.to_string().contains(&expected), "{table}: {refused}");
    }
}

/// A select list that copies a row into the other town.
fn everything_but_the_tenant(conn: &mut PgConnection, table: &str) -> String {
    let columns = format!(
        "SELECT ARRAY[CASE WHEN attname = 'tenant_id' THEN '''{OTHER_TOWN}''::uuid' ELSE quote_ident(attname) END] AS row
           FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    );
    format!("SELECT {}", names(conn, &columns).join(", "))
}

#[test]
fn a_row_cannot_refer_to_another_town() {
    let database = TestDatabase::migrated("references");
    let superuser = &mut database.superuser();
    let pairs = "SELECT ARRAY[k.conname::text, string_agg(a.attname || '=' || b.attname, ',' ORDER BY position)] AS row FROM pg_constraint k
         CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY pair (from_number, to_number, position)
         JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = from_number
         JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = to_number
         WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
           AND EXISTS (SELECT 1 FROM pg_attribute t WHERE t.attrelid = k.confrelid AND t.attname = 'tenant_id')
         GROUP BY k.oid, k.conname";
    for pair in rows(superuser, pairs) {
        // Built-in regimes belong to the nil tenant; a CHECK allows that one besides the row's own.
        let carried = pair[1].starts_with("tenant_id=tenant_id") || pair[0] == "agreements_regime_fkey";
        assert!(carried, "{} pairs {}", pair[0], pair[1]);
    }
    superuser
        .batch_execute(&format!(
            "SET app.now = '2026-01-01T00:00:00Z'; SET app.client = '{TOWN}';
             INSERT INTO institutions (id, kind, name) VALUES ('{TOWN}', 'municipalCentre', 'A'), ('{OTHER_TOWN}', 'municipalCentre', 'B');
             INSERT INTO partners (tenant_id, id, kind, name) VALUES ('{OTHER_TOWN}', '{OTHER_TOWN}', 'host', 'B')"
        ))
        .expect("two towns");
    let conn = &mut database.service();
    conn.batch_execute(&format!("SET app.tenant = '{TOWN}'; SET app.client = '{TOWN}'; SET app.now = '2026-01-01T00:00:00Z'"))
        .expect("settings");
    let refused = conn
        .batch_execute(&format!("INSERT INTO hosts (id, name, partner_id) VALUES ('{TOWN}', 'A', '{OTHER_TOWN}')"))
        .expect_err("a partner of another town");
    assert!(refused.to_string().contains("hosts_partner_fkey"), "{refused}");
    conn.batch_execute(&format!("INSERT INTO hosts (id, name) VALUES ('{TOWN}', 'A')")).expect("a host of its own");
    let refused = conn
        .batch_execute(&format!("UPDATE hosts SET partner_id = '{OTHER_TOWN}' WHERE id = '{TOWN}'"))
        .expect_err("a partner of another town");
    assert!(refused.to_string().contains("hosts_partner_fkey"), "{refused}");
}

#[test]
fn the_service_may_change_no_record_of_what_happened() {
    let database = TestDatabase::migrated("rights");
    let conn = &mut database.superuser();
    let rights = |conn: &mut PgConnection, right: &str| {
        let held = format!("{TABLES} LIMIT 1000");
        names(conn, &held)
            .into_iter()
            .filter(|table| {
                let column =
                    if right == "DELETE" || right == "TRUNCATE" { "has_table_privilege" } else { "has_any_column_privilege" };
                names(conn, &format!("SELECT ARRAY[{column}('pai_service', '{table}', '{right}')::text] AS row")) == ["true"]
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(rights(conn, "TRUNCATE"), Vec::<String>::new());
    assert_eq!(rights(conn, "REFERENCES"), Vec::<String>::new());
    // An expired answer, and the hosts named for an edition, are no facts that count.
    assert_eq!(rights(conn, "DELETE"), ["edition_hosts", "idempotency_keys", "used_assertions"]);
    let changeable = rights(conn, "UPDATE");
    for table in changeable.iter().filter(|table| table.ends_with("_events") || *table == "audit_entries") {
        let columns = names(
            conn,
            &format!(
                "SELECT ARRAY[attname::text] AS row FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0
                  AND has_column_privilege('pai_service', attrelid, attnum, 'UPDATE')"
            ),
        );
        assert_eq!((table.as_str(), columns), ("outbox_events", vec!["delivered_at".to_owned()]));
    }
}
