//! Sessions of a block.

use crate::support::TestApp;
use crate::support::scene::{Limits, Scene};
use pai::platform::policy::Role;
use serde_json::json;

#[test]
fn a_session_is_recorded_for_the_edition_of_its_block() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let api = app.api(Role::SocialWorker);
    let body = json!({
        "blockId": edition.block, "heldOn": "2020-11-10", "startsAt": "09:00", "hours": "3", "form": "group", "theme": "Asertywność"
    });
    let made = api.post("/sessions", &body);
    let view = made.expect(201);
    assert_eq!(made.header("location"), format!("/api/v1/sessions/{}", view["id"].as_str().expect("id")));
    assert_eq!((&view["editionId"], &view["hours"]), (&json!(edition.id), &json!("3.00")));
    assert_eq!((&view["rosterLimited"], &view["attendanceVersion"]), (&json!(false), &json!(0)));
    assert_eq!(api.get(&format!("/sessions/{}", view["id"].as_str().expect("id"))).expect(200), view);
    for (query, found) in [
        (format!("editionId={}", edition.id), 1),
        (format!("blockId={}&from=2020-11-10&to=2020-11-10", edition.block), 1),
        ("from=2020-11-11".to_owned(), 0),
        ("to=2020-11-09".to_owned(), 0),
        (format!("editionId={}", edition.block), 0),
    ] {
        let list = api.get(&format!("/sessions?{query}")).expect(200);
        assert_eq!(list["items"].as_array().map(Vec::len), Some(found), "{query}");
    }
    let other = app.other_api(Role::Coordinator);
    other.get(&format!("/sessions/{}", view["id"].as_str().expect("id"))).refused(404, "platform.not_found");
    let foreign = other.post("/sessions", &body).refused(422, "platform.reference_not_found");
    assert_eq!(foreign["errors"][0]["pointer"], "/blockId");
}

#[test]
fn a_session_outside_the_edition_or_without_hours_is_refused() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let api = app.api(Role::Coordinator);
    let session =
        |held_on: &str, hours: &str| json!({ "blockId": edition.block, "heldOn": held_on, "hours": hours, "form": "group" });
    for held_on in ["2020-11-01", "2021-01-01"] {
        let refused = api.post("/sessions", &session(held_on, "1")).refused(422, "participation.outside_edition");
        assert_eq!(refused["errors"][0]["pointer"], "/heldOn");
        assert_eq!((&refused["startsOn"], &refused["endsOn"]), (&json!("2020-11-02"), &json!("2020-12-31")));
    }
    let refused = api.post("/sessions", &session("2020-11-10", "0")).refused(422, "platform.invalid_body");
    assert_eq!(refused["errors"][0]["pointer"], "/hours");
}

#[test]
fn a_roster_names_people_who_take_part_on_the_day() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let elsewhere = scene.edition(Limits::default());
    let people = scene.participants(edition, 4);
    let stranger = scene.participants(elsewhere, 1)[0];
    scene.end(people[1], "2020-11-09");
    scene.suspend(people[2], "2020-11-10", "2020-11-12");
    let api = app.api(Role::Coordinator);
    let session = |form: &str, roster: serde_json::Value| json!({ "blockId": edition.block, "heldOn": "2020-11-10", "hours": "1", "form": form, "participationIds": roster });
    let made = api.post("/sessions", &session("individual", json!([people[0]]))).expect(201);
    assert_eq!(made["rosterLimited"], true);
    for absent in [people[1], people[2], stranger] {
        let refused =
            api.post("/sessions", &session("group", json!([people[0], absent]))).refused(422, "participation.not_taking_part");
        assert_eq!(refused["errors"].as_array().map(Vec::len), Some(1));
        assert_eq!(refused["errors"][0]["pointer"], "/participationIds/1");
    }
    for roster in [json!(null), json!([people[0], people[3]])] {
        let refused = api.post("/sessions", &session("individual", roster)).refused(422, "participation.individual_session");
        assert_eq!(refused["errors"][0]["pointer"], "/participationIds");
    }
    let twice = api.post("/sessions", &session("group", json!([people[0], people[0]]))).refused(422, "platform.invalid_body");
    assert_eq!(twice["errors"][0]["pointer"], "/participationIds/1");
}

#[test]
fn a_contractor_sees_and_records_own_sessions_only() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let (leader, stranger) = (scene.contractor(), scene.contractor());
    let session = |partner: serde_json::Value| json!({ "blockId": edition.block, "heldOn": "2020-11-10", "hours": "1", "form": "group", "facilitatorPartnerId": partner });
    let hidden = app.api(Role::Coordinator).post("/sessions", &session(json!(stranger))).id();
    // The scope of a client is remembered for a while, so the narrowing has to stand before its first call.
    let api = scene.facilitator_of(leader);
    for partner in [json!(stranger), json!(null)] {
        let refused = api.post("/sessions", &session(partner)).refused(422, "platform.reference_not_found");
        assert_eq!(refused["errors"][0]["pointer"], "/facilitatorPartnerId");
    }
    let mine = api.post("/sessions", &session(json!(leader))).id();
    assert_eq!(api.get("/sessions").expect(200)["items"].as_array().map(Vec::len), Some(1));
    api.get(&format!("/sessions/{mine}/attendance")).expect(200);
    for path in [format!("/sessions/{hidden}"), format!("/sessions/{hidden}/attendance")] {
        api.get(&path).refused(404, "platform.not_found");
    }
    let sheet = json!({ "rows": [] }).to_string();
    api.send("PUT", &format!("/sessions/{hidden}/attendance"), Some(sheet)).refused(404, "platform.not_found");
}

#[test]
fn a_facilitator_without_a_contractor_sees_no_session() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let session = json!({ "blockId": edition.block, "heldOn": "2020-11-10", "hours": "1", "form": "group" });
    app.api(Role::Coordinator).post("/sessions", &session).expect(201);
    let api = app.api(Role::Facilitator);
    assert_eq!(api.get("/sessions").expect(200)["items"], json!([]));
    api.post("/sessions", &session).refused(422, "platform.reference_not_found");
}
