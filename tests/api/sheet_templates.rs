//! Templates of self-assessment and observation sheets.

use crate::support::TestApp;
use pai::platform::policy::Role;
use serde_json::{Value, json};

/// A template with a competence scored as a whole and one scored by its items.
pub fn template() -> Value {
    json!({
        "code": "competences", "version": 1, "name": "Arkusz kompetencji",
        "scale": { "min": "1", "max": "5", "step": "0.5", "higherIsBetter": true, "labels": [{ "value": "1.0", "label": "wcale" }] },
        "competences": [
            { "code": "jobSearch", "name": "Poszukiwanie pracy" },
            { "code": "teamwork", "name": "Współpraca", "items": [
                { "code": "listening", "text": "Słucha innych" }, { "code": "helping", "text": "Pomaga innym" }
            ] }
        ]
    })
}

fn changed(pointer: &str, value: Value) -> Value {
    let mut template = template();
    *template.pointer_mut(pointer).expect("a part of the template") = value;
    template
}

#[test]
fn a_template_is_created_in_versions_and_never_changed() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let made = api.post("/sheet-templates", &template());
    let id = made.id();
    assert_eq!(made.header("location"), format!("/api/v1/sheet-templates/{id}"));
    assert_eq!(made.header("etag"), "", "an immutable resource has no version of its own");
    let read = app.api(Role::Facilitator).get(&format!("/sheet-templates/{id}")).expect(200);
    assert_eq!(read["version"], 1);
    assert_eq!(read["scale"]["labels"][0]["value"], "1", "numbers of a scale are written alike");
    assert_eq!(read["competences"][0]["items"], json!([]));
    assert_eq!(read["competences"][1]["items"][1]["code"], "helping");
    let repeated = api.post("/sheet-templates", &template()).refused(409, "outcomes.template_version_exists");
    assert_eq!(repeated["errors"][0]["pointer"], "/version");
    api.post("/sheet-templates", &changed("/version", json!(2))).expect(201);
    assert_eq!(api.get("/sheet-templates").expect(200)["items"].as_array().map(Vec::len), Some(2));
    let put = api.put(&format!("/sheet-templates/{id}"), "\"1\"", &template());
    put.refused(405, "platform.method_not_allowed");
}

#[test]
fn a_template_that_cannot_be_filled_in_is_refused() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    for (pointer, value, at, code) in [
        ("/scale/step", json!("3"), "/scale", "outcomes.scale_invalid"),
        ("/scale/step", json!("0"), "/scale", "outcomes.scale_invalid"),
        ("/scale/max", json!("1"), "/scale", "outcomes.scale_invalid"),
        ("/scale/labels/0/value", json!("1.2"), "/scale/labels/0/value", "outcomes.scale_invalid"),
        ("/competences/1/code", json!("jobSearch"), "/competences/1/code", "outcomes.code_repeated"),
        ("/competences/1/items/1/code", json!("listening"), "/competences/1/items/1/code", "outcomes.code_repeated"),
        ("/competences", json!([]), "/competences", "platform.invalid_field"),
        ("/version", json!(0), "/version", "platform.invalid_field"),
        ("/scale/min", json!("1.0001"), "/scale/min", "platform.invalid_body"),
        ("/scale/min", json!(1), "/scale/min", "platform.invalid_body"),
    ] {
        let refused = api.post("/sheet-templates", &changed(pointer, value)).refused(422, code);
        assert_eq!(refused["errors"][0]["pointer"], at, "{refused}");
    }
    assert_eq!(api.get("/sheet-templates").expect(200)["items"], json!([]));
}

#[test]
fn another_town_knows_nothing_of_a_template() {
    let app = TestApp::start();
    let id = app.api(Role::Coordinator).post("/sheet-templates", &template()).id();
    let other = app.other_api(Role::Coordinator);
    other.get(&format!("/sheet-templates/{id}")).refused(404, "platform.not_found");
    assert_eq!(other.get("/sheet-templates").expect(200)["items"], json!([]));
    other.post("/sheet-templates", &template()).expect(201);
}
