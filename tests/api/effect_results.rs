//! What came of the expected effects of an agreement, and how far they are reached.

use crate::support::replay::{Replay, groups};
use crate::support::{NOBODY, TestApp};
use pai::platform::policy::Role;
use serde_json::{Value, json};

/// An edition of one participant who completed, under an agreement that expects these effects.
fn edition(app: &TestApp, effects: &Value) -> (Replay, String) {
    let mut replay = Replay::programme(app, "PAI-2019", "2020-10-01");
    let regime = replay.api.get(&format!("/agreements/{}", replay.agreement)).expect(200)["regimeId"].clone();
    let body = json!({ "kind": "implementation", "signedOn": "2020-10-01", "regimeId": regime, "expectedEffects": effects });
    replay.agreement = replay.api.post("/agreements", &body).id();
    let edition = replay.edition("I", "2020-10-15", "2020-12-14", 2);
    let person = replay.person("female");
    let stay = replay.admit_person(&edition, &person, "2020-10-15");
    replay.end(&stay, "completed", "2020-12-14");
    replay.state(&edition, &["participations"], "complete", "2021-01-15");
    (replay, edition)
}

fn result(edition: &str, code: &str, other: &Value) -> Value {
    let mut body = json!({ "editionId": edition, "effectCode": code, "assessedOn": "2020-12-20", "basis": "Arkusze" });
    for (field, value) in other.as_object().expect("fields") {
        body[field] = value.clone();
    }
    body
}

fn effects() -> Value {
    json!([
        { "code": "contacts", "text": "kontakty z pracodawcami", "measure": "liczba kontaktów", "target": "4" },
        { "code": "attendance", "text": "regularny udział", "target": "10" },
        { "code": "completion", "text": "ukończenie", "target": "0.5", "definitionId": "M-11.strict" },
        { "code": "bonds", "text": "więzi społeczne" }
    ])
}

#[test]
fn attainment_may_exceed_the_target_and_words_have_none() {
    let app = TestApp::start();
    let (replay, edition) = edition(&app, &effects());
    let path = format!("/editions/{edition}");
    let before = replay.figure(&path, "M-20.target_attainment");
    assert_eq!((&before["numerator"], &before["denominator"], &before["status"]), (&json!(1), &json!(1), &json!("provisional")));
    assert_eq!(replay.figure(&path, "M-20.qualitative")["status"], "notCollected");
    replay.api.post("/effect-results", &result(&edition, "contacts", &json!({ "result": "9" }))).expect(201);
    replay.api.post("/effect-results", &result(&edition, "attendance", &json!({ "result": "7.5" }))).expect(201);
    replay.api.post("/effect-results", &result(&edition, "bonds", &json!({ "finding": "partlyReached" }))).expect(201);
    let figure = replay.figure(&path, "M-20.target_attainment");
    let expected = json!({ "contacts": "2.250000", "attendance": "0.750000", "completion": "2.000000" });
    assert_eq!(groups(&figure, "effect"), expected);
    assert_eq!((&figure["value"], &figure["denominator"], &figure["status"]), (&json!(2), &json!(3), &json!("ok")));
    let words = replay.figure(&path, "M-20.qualitative");
    assert_eq!((&words["value"], &words["status"]), (&json!(1), &json!("ok")));
    assert_eq!(groups(&words, "finding"), json!({ "reached": 0, "partlyReached": 1, "notReached": 0 }));
}

#[test]
fn an_effect_is_measured_by_a_figure_that_an_edition_has() {
    let app = TestApp::start();
    let (replay, _) = edition(&app, &effects());
    let path = format!("/agreements/{}", replay.agreement);
    let agreement = replay.api.get(&path);
    let regime = agreement.expect(200)["regimeId"].clone();
    let body = |definition: &str| {
        json!({ "kind": "implementation", "signedOn": "2020-09-01", "regimeId": regime, "expectedEffects": [
            { "code": "a", "text": "a", "target": "1" }, { "code": "b", "text": "b", "target": "1", "definitionId": definition }] })
    };
    // One that nobody has, one of programmes alone, one of how far effects are reached.
    for unknown in ["M-99", "m-11.strict", "M-23.enrolments", "M-20.target_attainment"] {
        let refused = replay.api.post("/agreements", &body(unknown)).refused(422, "platform.reference_not_found");
        assert_eq!(refused["errors"][0]["pointer"], "/expectedEffects/1/definitionId", "{unknown}");
    }
    let etag = agreement.header("etag").to_owned();
    replay.api.put(&path, &etag, &body("M-99")).refused(422, "platform.reference_not_found");
    replay.api.put(&path, &etag, &body("M-11.strict")).expect(200);
}

#[test]
fn a_result_fits_its_effect() {
    let app = TestApp::start();
    let (replay, edition) = edition(&app, &effects());
    let nobody = NOBODY.to_string();
    for (code, other, refusal, pointer) in [
        ("unknown", json!({ "result": "1" }), "outcomes.effect_unknown", "/effectCode"),
        ("contacts", json!({ "finding": "reached" }), "outcomes.effect_needs_number", "/result"),
        ("contacts", json!({ "result": "1", "finding": "reached" }), "outcomes.effect_needs_number", "/finding"),
        ("bonds", json!({ "result": "1" }), "outcomes.effect_is_qualitative", "/result"),
        ("bonds", json!({}), "outcomes.effect_is_qualitative", "/finding"),
        ("completion", json!({ "result": "1" }), "outcomes.effect_measured_by_figure", "/effectCode"),
        ("contacts", json!({ "result": "1", "editionId": nobody }), "platform.reference_not_found", "/editionId"),
        ("contacts", json!({ "result": "1", "assessedOn": "2030-01-01" }), "platform.in_future", "/assessedOn"),
        ("contacts", json!({ "result": "1", "correctionReason": "x" }), "outcomes.correction_incomplete", "/supersedesId"),
        ("contacts", json!({ "result": "1", "basis": "44051401359" }), "platform.pesel_in_text", "/basis"),
    ] {
        let refused = replay.api.post("/effect-results", &result(&edition, code, &other)).refused(422, refusal);
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    let foreign =
        app.other_api(Role::Coordinator).post("/effect-results", &result(&edition, "contacts", &json!({ "result": "1" })));
    foreign.refused(422, "platform.reference_not_found");
}

#[test]
fn a_result_is_corrected_by_another() {
    let app = TestApp::start();
    let (replay, edition) = edition(&app, &effects());
    let first = replay.api.post("/effect-results", &result(&edition, "contacts", &json!({ "result": "9" }))).id();
    let again = result(&edition, "contacts", &json!({ "result": "3" }));
    replay.api.post("/effect-results", &again).refused(409, "outcomes.effect_result_exists");
    let correction =
        result(&edition, "contacts", &json!({ "result": "3", "supersedesId": first, "correctionReason": "Pomylono kartę" }));
    replay.api.post("/effect-results", &correction).expect(201);
    replay.api.post("/effect-results", &correction).refused(409, "platform.already_superseded");
    let list = |more: &str| {
        let answer = replay.api.get(&format!("/effect-results?editionId={edition}{more}")).expect(200);
        answer["items"].as_array().map_or(0, Vec::len)
    };
    assert_eq!((list(""), list("&includeSuperseded=true")), (1, 2));
    let figure = replay.figure(&format!("/editions/{edition}"), "M-20.target_attainment");
    assert_eq!(groups(&figure, "effect")["contacts"], "0.750000");
}

#[test]
fn a_plan_without_a_result_is_told_and_a_measuring_figure_opens() {
    let app = TestApp::start();
    let (replay, edition) = edition(&app, &effects());
    let api = &replay.api;
    api.post("/effect-results", &result(&edition, "attendance", &json!({ "result": "12" }))).expect(201);
    let path = format!("/editions/{edition}");
    let records = |query: &str| {
        api.get(&format!("{path}/figures/M-20.target_attainment/records?{query}")).expect(200)["items"].as_array().map(Vec::len)
    };
    assert_eq!(records("by=effect&group=completion"), Some(1), "the participation that was completed");
    assert_eq!(records("by=effect&group=completion&role=denominator"), Some(1));
    assert_eq!(records("by=effect&group=contacts"), Some(0));
    assert_eq!(records(""), Some(2), "a result and a participation");
    let report = api.post("/reports", &json!({ "editionId": edition })).id();
    let document = api.get(&format!("/reports/{report}/document")).expect(200);
    let lines = document["planAndActual"].as_array().expect("lines");
    let contacts = lines.iter().find(|line| line["label"] == "Efekt: kontakty z pracodawcami").expect("a line");
    assert_eq!((&contacts["planned"], &contacts["actual"]), (&json!("4.000000"), &Value::Null));
    let page = api.get(&format!("/reports/{report}/file")).text;
    let line = page.split("Efekt: kontakty z pracodawcami</th>").nth(1).expect("a row");
    assert!(line[..line.find("</tr>").expect("an end")].contains("4,00"), "{line:.300}");
    let rows = api.get(&format!("{path}/plan-comparison")).expect(200)["rows"].as_array().expect("rows").clone();
    let told = rows.iter().find(|row| row["key"] == "completion").expect("a row");
    assert_eq!(told["attainment"], "2.000000");
}
