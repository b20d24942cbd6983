//! Excuses of absences from classes: evidence, until when it is awaited, and what is overdue.

use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::scene::{Edition, Limits, Scene};
use crate::support::{Answer, Api, TestApp};

fn session(api: &Api, edition: Edition, held_on: &str) -> String {
    api.post("/sessions", &json!({ "blockId": edition.block, "heldOn": held_on, "hours": "3", "form": "group" })).id()
}

fn record(api: &Api, session: &str, sheet: &Value) -> Answer {
    api.send("PUT", &format!("/sessions/{session}/attendance"), Some(sheet.to_string()))
}

/// Participation and standing of the absences on a day.
fn standings(api: &Api, edition: Edition, query: &str) -> Vec<(String, String)> {
    let page = api.get(&format!("/editions/{}/absences?{query}", edition.id)).expect(200);
    let text = |absence: &Value, name: &str| absence[name].as_str().expect(name).to_owned();
    let absences = page["items"].as_array().expect("items").iter();
    absences.map(|absence| (text(absence, "participationId"), text(absence, "standing"))).collect()
}

/// Five absences of one day: awaited evidence, shown evidence, evidence shown too late, a believed reason, no excuse.
fn five(people: &[Uuid]) -> Value {
    json!({ "rows": [
        { "participationId": people[0], "status": "excused", "reasonClass": "health", "evidence": "medicalCertificate" },
        { "participationId": people[1], "status": "excused", "reasonClass": "official", "evidence": "summons", "evidenceShownOn": "2020-11-12" },
        { "participationId": people[2], "status": "excused", "reasonClass": "care", "evidence": "statement", "evidenceShownOn": "2020-11-20" },
        { "participationId": people[3], "status": "excused", "reasonClass": "jobInterview" },
        { "participationId": people[4], "status": "unexcused" },
        { "participationId": people[5], "status": "present" },
    ] })
}

#[test]
fn an_excuse_is_awaited_until_its_day_and_overdue_after_it() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    scene.set_parameter(edition, "absence", r#"{"excuseDays": 7, "withoutEvidence": ["jobInterview"]}"#);
    let people = scene.participants(edition, 6);
    let api = app.api(Role::Coordinator);
    let session = session(&api, edition, "2020-11-10");
    let sheet = record(&api, &session, &five(&people)).expect(200);
    let rows = sheet["rows"].as_array().expect("rows");
    let dues: Vec<&Value> = rows.iter().map(|row| &row["excuseDueOn"]).collect();
    let due = json!("2020-11-17");
    assert_eq!(dues, [&due, &due, &due, &due, &due, &json!(null)]);
    assert_eq!((&rows[1]["evidence"], &rows[1]["evidenceShownOn"]), (&json!("summons"), &json!("2020-11-12")));
    assert_eq!(api.get(&format!("/sessions/{session}/attendance")).expect(200), sheet);

    for (on, wanted) in [
        ("2020-11-11", ["awaited", "awaited", "awaited", "justified", "awaited"]),
        ("2020-11-12", ["awaited", "justified", "awaited", "justified", "awaited"]),
        ("2020-11-17", ["awaited", "justified", "awaited", "justified", "awaited"]),
        ("2020-11-18", ["overdue", "justified", "overdue", "justified", "unexcused"]),
        ("2020-11-20", ["overdue", "justified", "justified", "justified", "unexcused"]),
    ] {
        let all = standings(&api, edition, &format!("on={on}"));
        for (person, wanted) in people.iter().zip(wanted) {
            let found = all.iter().find(|(id, _)| *id == person.to_string()).map(|(_, standing)| standing.as_str());
            assert_eq!(found, Some(wanted), "{on}");
        }
        // The store finds the same by its own predicate, and nobody stands in two lists.
        let mut narrowed: Vec<(String, String)> = ["justified", "awaited", "overdue", "unexcused"]
            .iter()
            .flat_map(|standing| standings(&api, edition, &format!("on={on}&standing={standing}")))
            .collect();
        narrowed.sort_unstable();
        let mut all = all;
        all.sort_unstable();
        assert_eq!(narrowed, all, "{on}");
    }
    let page = api.get(&format!("/editions/{}/absences?participationId={}", edition.id, people[0])).expect(200);
    assert_eq!((&page["items"][0]["missedHours"], &page["items"][0]["standing"]), (&json!("3.00"), &json!("overdue")));
    app.other_api(Role::Coordinator).get(&format!("/editions/{}/absences", edition.id)).refused(404, "platform.not_found");
}

#[test]
fn an_overdue_excuse_becomes_unexcused_by_a_correction() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    scene.set_parameter(edition, "absence", r#"{"excuseDays": 7}"#);
    let people = scene.participants(edition, 6);
    let api = app.api(Role::Coordinator);
    let session = session(&api, edition, "2020-11-10");
    let first = record(&api, &session, &five(&people)).expect(200);
    assert_eq!(standings(&api, edition, "on=2020-12-01&standing=overdue").len(), 2);
    let mut sheet = five(&people);
    sheet["rows"][0] = json!({ "participationId": people[0], "status": "unexcused" });
    sheet["correctionReason"] = json!("Nie okazano zaświadczenia w terminie");
    let second = api.put(&format!("/sessions/{session}/attendance"), "\"1\"", &sheet).expect(200);
    let row = |sheet: &Value| {
        let rows = sheet["rows"].as_array().expect("rows").iter();
        rows.clone().find(|row| row["participationId"] == json!(people[0])).expect("a row").clone()
    };
    assert_eq!(row(&second)["supersedesId"], row(&first)["id"]);
    assert_eq!((&row(&second)["status"], &row(&second)["evidence"]), (&json!("unexcused"), &json!(null)));
    let standing = standings(&api, edition, &format!("on=2020-12-01&participationId={}", people[0]));
    assert_eq!(standing, [(people[0].to_string(), "unexcused".to_owned())]);
}

#[test]
fn evidence_that_fits_no_excuse_is_refused() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let people = scene.participants(edition, 3);
    let api = app.api(Role::Coordinator);
    let session = session(&api, edition, "2020-11-10");
    let rows = json!({ "rows": [
        { "participationId": people[0], "status": "unexcused", "evidence": "summons" },
        { "participationId": people[1], "status": "excused", "evidenceShownOn": "2020-11-12" },
        { "participationId": people[2], "status": "excused", "evidence": "other", "evidenceShownOn": "2026-06-16" },
    ] });
    let refused = record(&api, &session, &rows).refused(422, "participation.sheet_row");
    let found: Vec<(&str, &str)> = refused["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| (error["pointer"].as_str().expect("a pointer"), error["code"].as_str().expect("a code")))
        .collect();
    assert_eq!(
        found,
        [
            ("/rows/0/evidence", "platform.invalid_field"),
            ("/rows/1/evidenceShownOn", "platform.invalid_field"),
            ("/rows/2/evidenceShownOn", "platform.in_future"),
        ]
    );
    // A regime that says nothing sets no time.
    let rows =
        json!({ "rows": people.iter().map(|id| json!({ "participationId": id, "status": "excused" })).collect::<Vec<_>>() });
    let sheet = record(&api, &session, &rows).expect(200);
    assert_eq!(sheet["rows"][0]["excuseDueOn"], json!(null));
    let standing: Vec<String> = standings(&api, edition, "").into_iter().map(|(_, standing)| standing).collect();
    assert_eq!(standing, ["awaited"; 3]);
}
