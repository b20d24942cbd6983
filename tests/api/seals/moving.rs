//! A register that moves: dumped, and restored into a cluster whose transactions are numbered anew.

use std::path::{Path, PathBuf};
use std::process::Command;

use diesel::connection::SimpleConnection as _;
use pai::platform::audit::sealer::Pass;
use pai::platform::embedded::{Cluster, DATABASE, Role};
use pai::platform::migrations::connect;

use super::{Register, append, holds};
use crate::support::program::DataDir;

/// A program that belongs to the server's.
fn program(name: &str) -> PathBuf {
    let beside = Cluster::programs(Path::new("/nonexistent"), None).expect("PostgreSQL programs").join(name);
    if beside.exists() { beside } else { PathBuf::from(name) }
}

fn run(command: &mut Command) {
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_restored_register_holds_and_goes_on_though_transaction_numbers_begin_anew() {
    let register = Register::new("moving");
    let conn = &mut register.database.superuser();
    // As if this cluster had seen a million transactions more than the next one.
    conn.batch_execute(
        "ALTER TABLE audit_entries ALTER COLUMN position SET DEFAULT (pg_current_xact_id()::text::bigint + 1000000);
         INSERT INTO audit_homes (number, home, shift) VALUES (1, audit_home(), 1000000)",
    )
    .expect("an old cluster");
    append(conn, 0..10);
    assert_eq!(register.sealer().pass().expect("a pass"), Pass::Sealed(10));
    append(conn, 10..14);
    let dump = register.dir.file("dump.sql");
    run(Command::new(program("pg_dump")).args(["--format=plain", "--file"]).arg(&dump).arg(&register.database.urls.owner));

    let dir = DataDir::new();
    std::fs::create_dir_all(&dir.0).expect("a directory");
    let cluster = Cluster::start(&dir.0, None).expect("another cluster");
    let (superuser, owner) = (cluster.url(Role::Superuser, DATABASE), cluster.url(Role::Owner, DATABASE));
    run(Command::new(program("psql"))
        .args(["--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--file"])
        .arg(&dump)
        .arg(&superuser));
    let report = register.verify_at(&owner);
    holds(&report, 10, 4);
    assert!(report.moved, "{}", report.to_text());

    let conn = &mut connect(&superuser).expect("superuser");
    // Somebody writes before the sealer has come: its transactions have low numbers.
    append(conn, 14..15);
    let mut sealer = register.sealer_of(&cluster.url(Role::Service, DATABASE));
    assert_eq!(sealer.pass().expect("a pass"), Pass::Sealed(5), "what came along unsealed, and the new row");
    append(conn, 15..18);
    assert_eq!(sealer.pass().expect("a pass"), Pass::Sealed(3));
    assert_eq!(sealer.pass().expect("a pass"), Pass::Sealed(0));
    let report = register.verify_at(&owner);
    holds(&report, 18, 0);
    assert!(!report.moved);
    conn.batch_execute("DELETE FROM audit_entries WHERE position = (SELECT min(position) FROM audit_entries)").expect("deleted");
    assert!(!register.verify_at(&owner).holds(), "tampering is found in the new home too");
}

#[test]
fn an_older_database_in_place_of_the_present_one_is_found() {
    let register = Register::new("older");
    let conn = &mut register.database.superuser();
    append(conn, 0..10);
    register.sealer().pass().expect("a pass");
    let dump = register.dir.file("dump.sql");
    let url = &register.database.urls;
    run(Command::new(program("pg_dump"))
        .args(["--format=plain", "--clean", "--if-exists", "--file"])
        .arg(&dump)
        .arg(&url.superuser));
    append(conn, 10..20);
    register.sealer().pass().expect("a pass");
    holds(&register.verify(), 20, 0);
    run(Command::new(program("psql"))
        .args(["--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--file"])
        .arg(&dump)
        .arg(&url.superuser));
    let report = register.verify();
    assert_eq!(report.to_json()["findings"], serde_json::json!([{ "kind": "chainCutOff", "anchored": 2, "number": 1 }]));
}
