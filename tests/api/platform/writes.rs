//! Writes: versions, rehearsals and repeated calls.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use serde_json::{Value, json};

use crate::support::database::{contents, names};
use crate::support::{Api, TestApp};

fn host(name: &str) -> Value {
    json!({ "name": name })
}

fn count(api: &Api) -> usize {
    api.get("/hosts").expect(200)["items"].as_array().map_or(0, Vec::len)
}

#[test]
fn a_change_needs_the_current_version() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let id = api.post("/hosts", &host("Biblioteka")).id();
    let path = format!("/hosts/{id}");
    let put = |api: &Api| api.send("PUT", &path, Some(host("Muzeum").to_string()));
    put(&api).refused(428, "platform.precondition_required");
    put(&api.with("If-Match", "*")).refused(428, "platform.precondition_required");
    for malformed in ["1", "{}", "\"1", "\"1\", \"2\"", "W/1", ""] {
        let problem = put(&api.with("If-Match", malformed)).refused(400, "platform.invalid_header");
        assert_eq!(problem["errors"][0]["pointer"], "If-Match", "{malformed}");
    }
    for stale in ["\"2\"", "\"0\"", "\"x\"", "\"\"", "W/\"1\""] {
        let problem = put(&api.with("If-Match", stale)).refused(412, "platform.precondition_failed");
        assert_eq!(problem["currentVersion"], 1, "{stale}");
    }
    put(&api.with("If-Match", "\"1\"")).expect(200);
    put(&api.with("If-Match", "\"1\"")).refused(412, "platform.precondition_failed");
    assert_eq!(api.get(&path).header("etag"), "\"2\"");
}

#[test]
fn a_version_of_what_has_none_is_refused() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    for tag in ["\"1\"", "\"x\""] {
        let conditional = api.with("If-Match", tag);
        conditional.post("/hosts", &host("Biblioteka")).refused(412, "platform.nothing_to_match");
        conditional.post("/hosts?dryRun=true", &host("Biblioteka")).refused(412, "platform.nothing_to_match");
    }
    api.with("If-Match", "*").post("/hosts", &host("Biblioteka")).refused(428, "platform.precondition_required");
    assert_eq!(count(&api), 0);
    api.post("/hosts", &host("Biblioteka")).expect(201);
}

#[test]
fn of_eight_changes_of_one_version_one_succeeds() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let path = format!("/hosts/{}", api.post("/hosts", &host("Biblioteka")).id());
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..8)
            .map(|index| {
                scope.spawn({
                    let (api, path) = (api.clone(), path.clone());
                    move || api.put(&path, "\"1\"", &host(&format!("Host {index}"))).status
                })
            })
            .collect();
        calls.into_iter().map(|call| call.join().expect("a thread")).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200], vec![412; 7]].concat());
}

#[test]
fn a_rehearsal_leaves_nothing_but_its_row_in_the_log() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let id = api.post("/hosts", &host("Biblioteka")).id();
    let mut superuser = connect(&app.superuser_url).expect("superuser");
    let before = contents(&mut superuser);
    let keyed = api.with("Idempotency-Key", "rehearsed");
    let made = keyed.post("/hosts?dryRun=true", &host("Muzeum"));
    assert_eq!(made.expect(200)["name"], "Muzeum");
    let changed = api.put(&format!("/hosts/{id}?dryRun=true"), "\"1\"", &host("Muzeum")).expect(200);
    assert_eq!(changed["version"], 2);
    api.post("/hosts?dryRun=true", &host("Biblioteka")).refused(409, "institutions.name_taken");
    api.put(&format!("/hosts/{id}?dryRun=true"), "\"7\"", &host("Muzeum")).refused(412, "platform.precondition_failed");
    let after = contents(&mut superuser);
    let changed: Vec<&str> =
        before.iter().zip(&after).filter(|(before, after)| before != after).map(|(_, after)| after[0].as_str()).collect();
    assert_eq!(changed, ["audit_entries"]);
    let logged = names(&mut superuser, "SELECT ARRAY[operation] AS row FROM audit_entries WHERE dry_run ORDER BY operation");
    assert_eq!(logged, ["create_host", "update_host"]);
    // The key is not spent by a rehearsal.
    keyed.post("/hosts", &host("Teatr")).id();
    api.post("/hosts?dryRun=maybe", &host("Muzeum")).refused(400, "platform.invalid_parameter");
}

#[test]
fn eight_calls_with_one_key_happen_once_and_are_answered_alike() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator).with("Idempotency-Key", "one-key");
    let answers: Vec<_> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn({
                    let api = api.clone();
                    move || api.post("/hosts", &host("Biblioteka"))
                })
            })
            .collect();
        calls.into_iter().map(|call| call.join().expect("a thread")).collect()
    });
    let first: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    for answer in &answers {
        if answer.status == 201 {
            assert_eq!(
                (&answer.text, answer.header("location"), answer.header("etag")),
                (&first[0].text, first[0].header("location"), "\"1\"")
            );
        } else {
            answer.refused(409, "platform.request_in_progress");
            assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
        }
    }
    assert_eq!(first.iter().filter(|answer| answer.header("idempotent-replayed").is_empty()).count(), 1, "one call did the work");
    assert_eq!(count(&api), 1);
    let mut superuser = connect(&app.superuser_url).expect("superuser");
    let logged = names(&mut superuser, "SELECT ARRAY[count(*)::text] AS row FROM audit_entries");
    assert_eq!(logged, ["1"], "the work and its row happened once");
}

#[test]
fn a_second_caller_waits_a_moment_and_is_then_told_to_come_back() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator).with("Idempotency-Key", "held");
    let client = app.town.clients[Role::Coordinator.as_str()].0;
    let mut holder = connect(&app.superuser_url).expect("superuser");
    holder
        .batch_execute(&format!(
            "BEGIN; SET LOCAL app.tenant = '{}'; SET LOCAL app.client = '{client}'; SET LOCAL app.now = '2026-06-15T10:00:00Z';
             INSERT INTO idempotency_keys (key, request_hash) VALUES ('held', '\\x00')",
            app.town.id
        ))
        .expect("a first caller that is still at work");
    let answer = api.post("/hosts", &host("Biblioteka"));
    answer.refused(409, "platform.request_in_progress");
    assert_eq!(answer.header("retry-after"), "1");
    holder.batch_execute("ROLLBACK").expect("the first caller fails");
    api.post("/hosts", &host("Biblioteka")).id();
}

#[test]
fn a_key_belongs_to_one_request_of_one_client() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator).with("Idempotency-Key", "key");
    let id = api.post("/hosts", &host("Biblioteka")).id();
    api.post("/hosts", &host("Muzeum")).refused(422, "platform.idempotency_key_reused");
    api.put(&format!("/hosts/{id}"), "\"1\"", &host("Biblioteka")).refused(422, "platform.idempotency_key_reused");
    // The same key of another client and of another town is another key.
    let colleague = app.api(Role::Administrator).with("Idempotency-Key", "key").post("/hosts", &host("Teatr"));
    assert_ne!(colleague.id(), id);
    let other = app.other_api(Role::Coordinator).with("Idempotency-Key", "key").post("/hosts", &host("Biblioteka"));
    assert_ne!(other.id(), id);
    // A refused call does not spend its key.
    let again = api.with("Idempotency-Key", "second");
    again.post("/hosts", &host("Biblioteka")).refused(409, "institutions.name_taken");
    again.post("/hosts", &host("Kino")).id();
    // A repeated change is answered as before, although the version has moved on.
    let change = api.with("Idempotency-Key", "change");
    let changed = change.put(&format!("/hosts/{id}"), "\"1\"", &host("Mediateka"));
    let repeated = change.put(&format!("/hosts/{id}"), "\"1\"", &host("Mediateka"));
    assert_eq!((changed.expect(200), changed.header("etag")), (repeated.expect(200), repeated.header("etag")));
    assert_eq!(repeated.header("idempotent-replayed"), "true");
}

#[test]
fn a_stored_answer_is_unreadable_in_the_database_and_expires() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator).with("Idempotency-Key", "key");
    let name = "Biblioteka Szyfrowana";
    api.post("/hosts", &host(name)).id();
    let mut superuser = connect(&app.superuser_url).expect("superuser");
    let readable =
        format!("SELECT ARRAY[key] AS row FROM idempotency_keys WHERE position(convert_to('{name}', 'UTF8') IN body) > 0");
    assert_eq!(names(&mut superuser, &readable), Vec::<String>::new());
    let mut service = connect(&app.service_url).expect("service");
    let forget = |service: &mut diesel::PgConnection, before: &chrono::DateTime<chrono::Utc>| {
        names(service, &format!("SELECT ARRAY[forget_idempotency_keys('{}')::text] AS row", before.to_rfc3339())).remove(0)
    };
    assert_eq!(forget(&mut service, &app.clock.now()), "0", "an answer of this moment is kept");
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!(forget(&mut service, &app.clock.now()), "1");
    api.post("/hosts", &host("Muzeum")).id();
}
