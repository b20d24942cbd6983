//! Where participants are referred on.

use crate::support::{NOBODY, TestApp, taking_part};
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

fn referral(participation: Uuid, other: &Value) -> Value {
    let mut body = json!({ "participationId": participation, "destination": "integrationClub", "referredOn": "2020-12-10" });
    for (field, value) in other.as_object().expect("fields") {
        body[field] = value.clone();
    }
    body
}

#[test]
fn the_answer_whether_it_was_taken_up_replaces_the_referral() {
    let app = TestApp::start();
    let who = taking_part(&app, "2020-10-15", "2020-12-14");
    let api = app.api(Role::SocialWorker);
    let first = api.post("/onward-referrals", &referral(who.participation, &json!({})));
    assert_eq!(first.expect(201)["takeUp"], "unknown", "nobody knows yet");
    api.post("/onward-referrals", &referral(who.participation, &json!({}))).refused(409, "outcomes.referral_exists");
    let taken = json!({ "takeUp": "takenUp", "takenUpOn": "2020-12-20", "supersedesId": first.id() });
    api.post("/onward-referrals", &referral(who.participation, &taken)).expect(201);
    api.post("/onward-referrals", &referral(who.participation, &taken)).refused(409, "platform.already_superseded");
    api.post("/onward-referrals", &referral(who.participation, &json!({ "destination": "training" }))).expect(201);
    let list = |more: &str| api.get(&format!("/onward-referrals?editionId={}{more}", who.edition)).expect(200)["items"].clone();
    assert_eq!(list("").as_array().map(Vec::len), Some(2));
    assert_eq!(list("&includeSuperseded=true").as_array().map(Vec::len), Some(3));
}

#[test]
fn a_referral_that_cannot_be_is_refused() {
    let app = TestApp::start();
    let who = taking_part(&app, "2020-10-15", "2020-12-14");
    let api = app.api(Role::SocialWorker);
    for (other, code, pointer) in [
        (json!({ "participationId": NOBODY }), "platform.reference_not_found", "/participationId"),
        (json!({ "partnerId": NOBODY }), "platform.reference_not_found", "/partnerId"),
        (json!({ "takenUpOn": "2020-12-20" }), "outcomes.take_up_mismatch", "/takenUpOn"),
        (json!({ "takeUp": "takenUp", "takenUpOn": "2020-12-09" }), "outcomes.take_up_mismatch", "/takenUpOn"),
        (json!({ "referredOn": "2030-01-01" }), "platform.in_future", "/referredOn"),
        (json!({ "takeUp": "takenUp", "takenUpOn": "2030-01-01" }), "platform.in_future", "/takenUpOn"),
        (json!({ "supersedesId": NOBODY }), "platform.reference_not_found", "/supersedesId"),
    ] {
        let refused = api.post("/onward-referrals", &referral(who.participation, &other)).refused(422, code);
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    let other = app.other_api(Role::Coordinator);
    other.post("/onward-referrals", &referral(who.participation, &json!({}))).refused(422, "platform.reference_not_found");
    assert_eq!(other.get("/onward-referrals").expect(200)["items"], json!([]));
    app.api(Role::Facilitator).get("/onward-referrals").refused(403, "platform.forbidden");
}
