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
fn open_messages_and_overdue_duties_stand_beside_the_systems_of_their_side() {
    let app = TestApp::start_with_demo();
    let administrator = app.api(Role::Administrator);
    let coordinator = app.api(Role::Coordinator);
    let all = |path: &str| -> Vec<Value> {
        let list = coordinator.with("Accept", "application/x-ndjson").get(path);
        assert_eq!(list.status, 200, "{}", list.text);
        list.text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let overdue: Vec<Value> = all("/information-duties").into_iter().filter(|duty| duty["state"] == "overdue").collect();
    // A message to the office reaches the starost, too.
    let to_office = overdue.iter().filter(|duty| duty["recipient"] != "welfareCentre").count();
    assert!(overdue.iter().any(|duty| duty["recipient"] == "starost"), "the demonstration owes the starost something");
    let late = coordinator.get("/exchange-deadlines?mine=true&state=overdue").expect(200);
    let late = late["deadlines"].as_array().expect("deadlines").len();
    let (incoming, outgoing) = (all("/messages?box=incoming"), all("/messages?box=outgoing"));
    let standing = |messages: &[Value], states: &[&str]| {
        messages.iter().filter(|message| states.iter().any(|state| message["state"] == *state)).count()
    };
    let unanswered = ["sent", "received"];
    let with_the_sender = ["draft", "accepted", "acceptedInPart", "refused"];

    let officer = system(&administrator, &app.town.clients[Role::PupOfficer.as_str()].0.to_string(), "");
    let worker = system(&administrator, &app.town.clients[Role::SocialWorker.as_str()].0.to_string(), "");
    assert_eq!(officer["overdueDuties"], json!(to_office));
    assert_eq!(worker["overdueDuties"], json!(overdue.len() + late));
    assert_eq!(worker["answersOwed"], json!(standing(&incoming, &unanswered)));
    assert_eq!(officer["answersOwed"], json!(standing(&outgoing, &unanswered)));
    assert_eq!(worker["openMessages"], json!(standing(&incoming, &unanswered) + standing(&outgoing, &with_the_sender)));
    assert_eq!(officer["openMessages"], json!(standing(&outgoing, &unanswered) + standing(&incoming, &with_the_sender)));
    assert!(worker["openMessages"].as_i64() > Some(0), "the demonstration has some: {worker}");
}
