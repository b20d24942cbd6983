//! What the labour office decided after the programme.

use crate::support::{NOBODY, TestApp, taking_part};
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

fn decision(participation: Uuid, kind: &str) -> Value {
    json!({ "participationId": participation, "kind": kind, "decidedOn": "2021-01-15" })
}

#[test]
fn a_participation_has_one_current_decision() {
    let app = TestApp::start();
    let who = taking_part(&app, "2020-10-15", "2020-12-14");
    let api = app.api(Role::SocialWorker);
    let first = api.post("/post-decisions", &decision(who.participation, "none"));
    assert_eq!(first.expect(201)["editionId"], json!(who.edition));
    api.post("/post-decisions", &decision(who.participation, "repeat")).refused(409, "outcomes.post_decision_exists");
    let mut next = decision(who.participation, "repeat");
    next["supersedesId"] = json!(first.id());
    api.post("/post-decisions", &next).expect(201);
    api.post("/post-decisions", &next).refused(409, "platform.already_superseded");
    let list = |filter: &str| api.get(&format!("/post-decisions?editionId={}{filter}", who.edition)).expect(200)["items"].clone();
    assert_eq!(list("").as_array().map(Vec::len), Some(1));
    assert_eq!(list("")[0]["kind"], "repeat");
    assert_eq!(list("&includeSuperseded=true").as_array().map(Vec::len), Some(2));
}

#[test]
fn a_decision_about_nobody_known_is_refused() {
    let app = TestApp::start();
    let who = taking_part(&app, "2020-10-15", "2020-12-14");
    let api = app.api(Role::SocialWorker);
    let refused = api.post("/post-decisions", &decision(NOBODY, "repeat")).refused(422, "platform.reference_not_found");
    assert_eq!(refused["errors"][0]["pointer"], "/participationId");
    api.post("/post-decisions", &decision(who.participation, "promote")).refused(422, "platform.invalid_body");
    let other = app.other_api(Role::Coordinator);
    other.post("/post-decisions", &decision(who.participation, "repeat")).refused(422, "platform.reference_not_found");
    assert_eq!(other.get("/post-decisions").expect(200)["items"], json!([]));
}
