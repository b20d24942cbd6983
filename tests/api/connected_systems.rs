//! How each calling system gets on.

use pai::platform::policy::Role;
use serde_json::{Value, json};

use crate::support::{Api, TestApp};

fn system(api: &Api, id: &str, query: &str) -> Value {
    let page = api.get(&format!("/connected-systems?limit=200{query}")).expect(200);
    let systems = page["items"].as_array().expect("systems").clone();
    systems.into_iter().find(|system| system["id"] == id).expect("the system")
}

#[test]
fn calls_refusals_and_the_last_call_of_each_client_are_told() {
    let app = TestApp::start();
    let administrator = app.api(Role::Administrator);
    let worker = app.town.clients[Role::SocialWorker.as_str()].0.to_string();
    let silent = system(&administrator, &worker, "");
    assert_eq!((&silent["calls"], &silent["lastCallAt"], &silent["errorRate"]), (&json!(0), &Value::Null, &Value::Null));
    let api = app.api(Role::SocialWorker);
    for _ in 0..6 {
        api.get("/people").expect(200);
    }
    api.get("/audit-entries").refused(403, "platform.forbidden");
    api.get("/people?limit=0").refused(400, "platform.invalid_parameter");
    let seen = system(&administrator, &worker, "&days=1");
    assert_eq!((&seen["calls"], &seen["refusedCalls"], &seen["failedCalls"]), (&json!(8), &json!(2), &json!(0)));
    assert_eq!((&seen["errorRate"], &seen["role"]), (&json!("0.250000"), &json!("social_worker")));
    assert!(seen["lastCallAt"].as_str().is_some_and(|at| at.starts_with("2026-06-15T10:00:00")), "{seen}");
    let names = app.other_api(Role::Administrator).get("/connected-systems?limit=200").expect(200).to_string();
    assert!(!names.contains(&worker), "another town's systems");
    app.api(Role::SocialWorker).get("/connected-systems").refused(403, "platform.forbidden");
    for days in ["0", "91", "x"] {
        administrator.get(&format!("/connected-systems?days={days}")).refused(400, "platform.invalid_parameter");
    }
}

#[test]
fn overdue_duties_stand_beside_the_system_of_the_labour_office() {
    let app = TestApp::start_with_demo();
    let administrator = app.api(Role::Administrator);
    let officer = app.town.clients[Role::PupOfficer.as_str()].0.to_string();
    let duties = app.api(Role::Coordinator).with("Accept", "application/x-ndjson").get("/information-duties");
    let overdue = duties.text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let overdue = overdue.filter(|duty| duty["recipient"] == "labourOffice" && duty["state"] == "overdue").count();
    assert_eq!(system(&administrator, &officer, "")["overdueDuties"], json!(overdue));
    let worker = app.town.clients[Role::SocialWorker.as_str()].0.to_string();
    assert_eq!(system(&administrator, &worker, "")["overdueDuties"], Value::Null);
}
