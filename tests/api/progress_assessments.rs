//! Progress in social areas, and the social effectiveness of an edition.

use crate::support::TestApp;
use crate::support::replay::{Replay, groups};
use pai::platform::policy::Role;
use serde_json::{Value, json};

fn assessment(participation: &str, other: &Value) -> Value {
    let mut body = json!({ "participationId": participation, "area": "motivation", "change": "better", "assessedOn": "2020-12-20",
        "source": "socialWorker" });
    for (field, value) in other.as_object().expect("fields") {
        body[field] = value.clone();
    }
    body
}

/// An edition of people who have left, with their participations.
fn edition(app: &TestApp, people: usize) -> (Replay, String, Vec<String>) {
    let replay = Replay::programme(app, "PAI-2019", "2020-10-01");
    let edition = replay.edition("I", "2020-10-15", "2020-12-14", 9);
    let stays = (0..people).map(|_| {
        let person = replay.person("male");
        let stay = replay.admit_person(&edition, &person, "2020-10-15");
        replay.end(&stay, "completed", "2020-12-14");
        stay
    });
    let stays = stays.collect();
    replay.state(&edition, &["participations"], "complete", "2021-01-15");
    (replay, edition, stays)
}

#[test]
fn social_effectiveness_counts_people_with_progress_in_time() {
    let app = TestApp::start();
    let (replay, edition, stays) = edition(&app, 4);
    let path = format!("/editions/{edition}");
    assert_eq!(replay.figure(&path, "M-24.social_progress")["status"], "notCollected");
    let record =
        |stay: usize, other: Value| replay.api.post("/progress-assessments", &assessment(&stays[stay], &other)).expect(201);
    record(0, json!({}));
    record(0, json!({ "area": "confidence" }));
    record(1, json!({ "change": "same" }));
    record(2, json!({ "assessedOn": "2021-03-15" }));
    let figure = replay.figure(&path, "M-24.social_progress");
    assert_eq!((&figure["numerator"], &figure["denominator"], &figure["value"]), (&json!(1), &json!(4), &json!("0.250000")));
    assert_eq!(figure["status"], "provisional", "of two nothing is known in time: {figure}");
    assert_eq!(figure["notes"], json!([{ "code": "followUpNotCollected", "count": 2 }]));
    assert_eq!(groups(&figure, "area")["confidence"], 1);
    record(2, json!({ "area": "health", "assessedOn": "2021-03-14" }));
    record(3, json!({ "change": "worse" }));
    let figure = replay.figure(&path, "M-24.social_progress");
    assert_eq!((&figure["value"], &figure["status"]), (&json!("0.500000"), &json!("ok")));
    let records = replay.api.get(&format!("{path}/figures/M-24.social_progress/records")).expect(200);
    assert_eq!(records["items"].as_array().map(Vec::len), Some(2), "one of each person");
}

#[test]
fn an_area_has_one_current_assessment() {
    let app = TestApp::start();
    let (replay, edition, stays) = edition(&app, 1);
    let api = &replay.api;
    let first = api.post("/progress-assessments", &assessment(&stays[0], &json!({}))).id();
    api.post("/progress-assessments", &assessment(&stays[0], &json!({}))).refused(409, "outcomes.progress_exists");
    let next = assessment(&stays[0], &json!({ "change": "worse", "supersedesId": first }));
    api.post("/progress-assessments", &next).expect(201);
    api.post("/progress-assessments", &next).refused(409, "platform.already_superseded");
    let early =
        api.post("/progress-assessments", &assessment(&stays[0], &json!({ "area": "health", "assessedOn": "2020-10-14" })));
    assert_eq!(early.refused(422, "outcomes.progress_before_participation")["errors"][0]["pointer"], "/assessedOn");
    let ahead =
        api.post("/progress-assessments", &assessment(&stays[0], &json!({ "area": "health", "assessedOn": "2030-01-01" })));
    ahead.refused(422, "platform.in_future");
    let list = |more: &str| api.get(&format!("/progress-assessments?editionId={edition}{more}")).expect(200)["items"].clone();
    assert_eq!(list("")[0]["change"], "worse");
    assert_eq!(list("&includeSuperseded=true").as_array().map(Vec::len), Some(2));
    let other = app.other_api(Role::Coordinator);
    other.post("/progress-assessments", &assessment(&stays[0], &json!({}))).refused(422, "platform.reference_not_found");
    assert_eq!(other.get("/progress-assessments").expect(200)["items"], json!([]));
}
