//! Hosts of socially useful work.

use crate::support::TestApp;
use pai::platform::policy::Role;
use serde_json::json;

#[test]
fn a_host_is_registered_read_and_changed() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let made = api.post("/hosts", &json!({ "name": "Żłobek Miejski", "positions": 2 }));
    let id = made.id();
    assert_eq!(made.header("location"), format!("/api/v1/hosts/{id}"));
    assert_eq!(made.header("etag"), "\"1\"");
    assert_eq!(api.get(&format!("/hosts/{id}")).expect(200)["positions"], 2);
    let changed = api.put(&format!("/hosts/{id}"), "\"1\"", &json!({ "name": "Żłobek Miejski nr 1" }));
    assert_eq!(changed.expect(200)["positions"], json!(null));
    assert_eq!(changed.header("etag"), "\"2\"");
    api.put(&format!("/hosts/{id}"), "\"1\"", &json!({ "name": "x" })).refused(412, "platform.precondition_failed");
    assert_eq!(api.get("/hosts").expect(200)["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_repeated_call_with_the_same_key_happens_once() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator).with("Idempotency-Key", "first");
    let first = api.post("/hosts", &json!({ "name": "Biblioteka" }));
    let second = api.post("/hosts", &json!({ "name": "Biblioteka" }));
    assert_eq!(first.id(), second.id());
    assert_eq!(second.header("idempotent-replayed"), "true");
    api.post("/hosts", &json!({ "name": "Muzeum" })).refused(422, "platform.idempotency_key_reused");
}

#[test]
fn another_town_sees_nothing_of_it() {
    let app = TestApp::start();
    let id = app.api(Role::Coordinator).post("/hosts", &json!({ "name": "Biblioteka" })).id();
    let other = app.other_api(Role::Coordinator);
    let foreign = other.get(&format!("/hosts/{id}")).refused(404, "platform.not_found");
    let missing = other.get("/hosts/01900000-0000-7000-8000-0000000000ff").refused(404, "platform.not_found");
    assert_eq!(foreign["title"], missing["title"]);
    assert_eq!(other.get("/hosts").expect(200)["items"], json!([]));
}
