//! Migrations beside running requests: first expand, then contract.

use crate::support::TestApp;
use diesel::connection::SimpleConnection;
use diesel_migrations::FileBasedMigrations;
use pai::platform::clock::new_id;
use pai::platform::migrations::{apply, connect};
use pai::platform::policy::Role;
use serde_json::json;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Long enough that a migration that waits for it in the queue would be felt.
const LONG_READ: Duration = Duration::from_millis(1500);
/// What a migration may make others wait, with what a busy machine adds.
const STALL: Duration = Duration::from_millis(900);

fn source(dir: &Path, steps: &[(&str, &str)]) -> FileBasedMigrations {
    for (name, sql) in steps {
        let step = dir.join(name);
        std::fs::create_dir_all(&step).expect("a directory");
        std::fs::write(step.join("up.sql"), sql).expect("up");
        std::fs::write(step.join("down.sql"), "SELECT 1;").expect("down");
    }
    FileBasedMigrations::from_path(dir).expect("migrations")
}

/// Calls until told to stop; answers how many calls there were and the longest.
fn call_on(stop: &AtomicBool, call: impl Fn() -> u16) -> (usize, Duration, Vec<u16>) {
    let (mut count, mut longest, mut failed) = (0, Duration::ZERO, Vec::new());
    while !stop.load(Ordering::Acquire) {
        let began = Instant::now();
        let status = call();
        (count, longest) = (count + 1, longest.max(began.elapsed()));
        if status >= 300 {
            failed.push(status);
        }
    }
    (count, longest, failed)
}

#[test]
fn a_migration_lets_running_requests_pass_and_none_fails() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let host = api.post("/hosts", &json!({ "name": "Biblioteka" })).id();
    let dir = std::env::temp_dir().join(format!("pai-migrations-{}", std::process::id()));
    let expand = source(&dir.join("expand"), &[("2099-01-01-000001_expand", "ALTER TABLE hosts ADD COLUMN opened_on date;")]);
    let contract = source(&dir.join("contract"), &[("2099-01-01-000002_contract", "ALTER TABLE hosts DROP COLUMN opened_on;")]);
    let stop = AtomicBool::new(false);
    let reading = || api.get(&format!("/hosts/{host}")).status;
    let outcomes = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2).map(|_| scope.spawn(|| call_on(&stop, reading))).collect();
        let writer = scope.spawn(|| call_on(&stop, || api.post("/hosts", &json!({ "name": new_id(app.clock.now()) })).status));
        let owner = app.owner_url.as_str();
        for step in [expand, contract] {
            // A report that reads the table for a while: the migration meets it.
            let mut report = connect(&app.superuser_url).expect("superuser");
            report.batch_execute("BEGIN; SELECT count(*) FROM hosts").expect("a long read");
            let migrating = scope.spawn(move || apply(owner, step));
            std::thread::sleep(LONG_READ);
            report.batch_execute("COMMIT").expect("its end");
            assert_eq!(migrating.join().expect("a thread").expect("applied"), 1);
        }
        stop.store(true, Ordering::Release);
        readers.into_iter().chain([writer]).map(|caller| caller.join().expect("a caller")).collect::<Vec<_>>()
    });
    let _ = std::fs::remove_dir_all(dir);
    for (count, longest, failed) in outcomes {
        println!("{count} requests, the longest {} ms, failed {failed:?}", longest.as_millis());
        assert!(failed.is_empty() && count > 10, "{failed:?}");
        assert!(longest < STALL, "a request waited {longest:?}");
    }
}
