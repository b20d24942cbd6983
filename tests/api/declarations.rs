//! What participants want to do next.

use crate::support::{TestApp, taking_part};
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

fn declaration(participation: Uuid, kind: &str) -> Value {
    json!({ "participationId": participation, "kind": kind, "declaredOn": "2020-12-10" })
}

fn count(list: &Value) -> usize {
    list["items"].as_array().expect("a list").len()
}

#[test]
fn a_participation_has_one_current_declaration_of_a_kind() {
    let app = TestApp::start();
    let who = taking_part(&app, "2020-10-15", "2020-12-14");
    let api = app.api(Role::SocialWorker);
    let threads: Vec<_> = (0..6)
        .map(|_| {
            let api = api.clone();
            std::thread::spawn(move || api.post("/declarations", &declaration(who.participation, "psuAfter")).status)
        })
        .collect();
    let statuses: Vec<u16> = threads.into_iter().map(|thread| thread.join().expect("an answer")).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 5, "{statuses:?}");
    let refused =
        api.post("/declarations", &declaration(who.participation, "psuAfter")).refused(409, "outcomes.declaration_exists");
    assert_eq!(refused["errors"][0]["pointer"], "/kind");
    api.post("/declarations", &declaration(who.participation, "jobSearch")).expect(201);
    assert_eq!(count(&api.get(&format!("/declarations?editionId={}", who.edition)).expect(200)), 2);
}

#[test]
fn a_declaration_is_replaced_by_another_and_stays_readable() {
    let app = TestApp::start();
    let who = taking_part(&app, "2020-10-15", "2020-12-14");
    let elsewhere = taking_part(&app, "2021-03-01", "2021-04-30");
    let api = app.api(Role::SocialWorker);
    let first = api.post("/declarations", &declaration(who.participation, "psuAfter"));
    assert_eq!(first.expect(201)["declaredPrecision"], "day");
    let mut next = declaration(who.participation, "psuAfter");
    next["supersedesId"] = json!(first.id());
    next["declaredPrecision"] = json!("month");
    let mut foreign = next.clone();
    foreign["participationId"] = json!(elsewhere.participation);
    api.post("/declarations", &foreign).refused(422, "platform.reference_not_found");
    api.post("/declarations", &next).expect(201);
    api.post("/declarations", &next).refused(409, "platform.already_superseded");
    let list = |filter: &str| api.get(&format!("/declarations?participationId={}{filter}", who.participation)).expect(200);
    assert_eq!(count(&list("")), 1);
    assert_eq!(list("")["items"][0]["declaredPrecision"], "month");
    assert_eq!(count(&list("&includeSuperseded=true")), 2);
    let other = app.other_api(Role::Coordinator);
    assert_eq!(other.get("/declarations").expect(200)["items"], json!([]));
    other.post("/declarations", &declaration(who.participation, "other")).refused(422, "platform.reference_not_found");
}
