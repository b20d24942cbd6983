//! A database that keeps requests waiting, or hangs up.

use crate::support::{Answer, TestApp};
use diesel::connection::SimpleConnection;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use serde_json::json;
use std::time::{Duration, Instant};

/// Three times as many callers as the service has connections in a test.
const CALLERS: usize = 12;

fn is_told_to_come_back(answer: &Answer) -> bool {
    answer.status == 503 && answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0)
}

#[test]
fn who_finds_no_free_connection_is_told_so_at_once() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    api.get("/hosts").expect(200);
    let mut holder = connect(&app.superuser_url).expect("superuser");
    holder.batch_execute("BEGIN; LOCK TABLE hosts IN ACCESS EXCLUSIVE MODE").expect("a lock");
    let began = Instant::now();
    let answers: Vec<(Answer, Duration)> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS).map(|_| scope.spawn(|| (api.get("/hosts"), began.elapsed()))).collect();
        std::thread::sleep(Duration::from_millis(100));
        assert!(app.anonymous().get("/health/live").status == 200 && began.elapsed() < Duration::from_millis(600));
        callers.into_iter().map(|caller| caller.join().expect("a caller")).collect()
    });
    assert!(answers.iter().all(|(answer, _)| is_told_to_come_back(answer)), "{answers:?}");
    // Four wait for the lock until its limit of a second; queued behind one another, twelve would wait three.
    let longest = answers.iter().map(|(_, took)| *took).max().unwrap_or_default();
    assert!(longest < Duration::from_millis(2500), "{longest:?}");
    holder.batch_execute("ROLLBACK").expect("its end");
    api.get("/hosts").expect(200);
}

#[test]
fn a_lost_connection_is_a_passing_failure_and_is_replaced() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let host = json!({ "name": "Biblioteka" });
    api.get("/hosts").expect(200);
    let mut superuser = connect(&app.superuser_url).expect("superuser");
    let hang_up =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'pai_service'";
    superuser.batch_execute(hang_up).expect("all connections end");
    let keyed = api.with("Idempotency-Key", "while-it-was-gone");
    let answers: Vec<Answer> = (0..CALLERS).map(|_| keyed.post("/hosts", &host)).collect();
    assert!(answers.iter().all(|answer| answer.status == 201 || is_told_to_come_back(answer)), "{answers:?}");
    assert!(answers.last().is_some_and(|answer| answer.status == 201), "{answers:?}");
    assert_eq!(api.get("/hosts").expect(200)["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_is_given_up_at_the_deadline_leaves_nothing_behind() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let mut superuser = connect(&app.superuser_url).expect("superuser");
    // No statement is long enough for its own limit; together they pass the deadline of the request.
    superuser
        .batch_execute(
            "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2.2); RETURN NEW; END $$;
             CREATE TRIGGER linger BEFORE INSERT ON hosts FOR EACH ROW EXECUTE FUNCTION linger();
             CREATE TRIGGER linger BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION linger()",
        )
        .expect("a slow store");
    let keyed = api.with("Idempotency-Key", "slow");
    let answer = keyed.post("/hosts", &json!({ "name": "Biblioteka" }));
    assert!(is_told_to_come_back(&answer), "{answer:?}");
    std::thread::sleep(Duration::from_millis(1500));
    superuser.batch_execute("DROP FUNCTION linger CASCADE").expect("a store as ever");
    assert_eq!(api.get("/hosts").expect(200)["items"], json!([]));
    keyed.post("/hosts", &json!({ "name": "Biblioteka" })).expect(201);
}
