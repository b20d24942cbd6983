//! Late entry: until when which role may write what happened on a day.

use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::scene::{Limits, Scene, TEN_A_WEEK};
use crate::support::statements::{count, counted};
use crate::support::{Answer, Api, TestApp};

fn limit(app: &TestApp, subject: &str, role: &str, from: &str, days: Option<i32>) -> Value {
    let body = json!({ "subject": subject, "role": role, "from": from, "days": days, "legalSource": "zarządzenie kierownika" });
    app.api(Role::Administrator).post("/entry-windows", &body).expect(201)
}

fn present(people: &[Uuid]) -> Value {
    json!({ "rows": people.iter().map(|id| json!({ "participationId": id, "status": "present" })).collect::<Vec<_>>() })
}

fn record(api: &Api, session: &str, sheet: &Value) -> Answer {
    api.send("PUT", &format!("/sessions/{session}/attendance"), Some(sheet.to_string()))
}

#[test]
fn attendance_is_entered_in_the_time_of_the_role_or_by_a_coordinator_with_a_reason() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let people = scene.participants(edition, 2);
    let coordinator = app.api(Role::Coordinator);
    let worker = app.api(Role::SocialWorker);
    let session = |held_on: &str| {
        let body = json!({ "blockId": edition.block, "heldOn": held_on, "hours": "3", "form": "group" });
        coordinator.post("/sessions", &body).id()
    };
    let (before, after) = (session("2020-11-10"), session("2020-11-17"));
    limit(&app, "attendance", "social_worker", "2020-11-16", Some(14));
    limit(&app, "attendance", "coordinator", "2020-11-16", Some(60));
    record(&worker, &before, &present(&people)).expect(200);
    let refused = record(&worker, &after, &present(&people)).refused(409, "participation.entry_window_closed");
    assert_eq!(
        (&refused["until"], &refused["mayStill"], &refused["mayOverride"]),
        (&json!("2020-12-01"), &json!("facilitator"), &json!("coordinator"))
    );
    let mut overriding = present(&people);
    overriding["override"] = json!({ "reason": "Lista znaleziona w segregatorze" });
    record(&worker, &after, &overriding).refused(409, "participation.entry_window_closed");
    record(&coordinator, &after, &present(&people)).refused(409, "participation.entry_window_closed");
    assert_eq!(record(&coordinator, &after, &overriding).header("etag"), "\"1\"");
    let register = app.api(Role::Auditor).get("/audit-entries?operation=record_attendance").expect(200);
    let last = register["items"].as_array().expect("items").last().expect("a row").clone();
    assert_eq!(last["overrideReason"], "Lista znaleziona w segregatorze");
    // A correction is a late entry too.
    let mut corrected = present(&people);
    corrected["rows"][0] = json!({ "participationId": people[0], "status": "unexcused" });
    corrected["correctionReason"] = json!("pomyłka");
    let path = format!("/sessions/{after}/attendance");
    worker.put(&path, "\"1\"", &corrected).refused(409, "participation.entry_window_closed");
    corrected["override"] = json!({ "reason": "Kontrola" });
    coordinator.put(&path, "\"1\"", &corrected).expect(200);
}

#[test]
fn hours_are_entered_and_corrected_in_the_time_of_the_role() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let participation = scene.participants(edition, 1)[0];
    let host = scene.host();
    let (coordinator, supervisor) = (app.api(Role::Coordinator), scene.supervisor_of(host));
    let entry = |day: &str| json!({ "participationId": participation, "hostId": host, "workedOn": day, "hours": "1" });
    let early = supervisor.post("/psu-entries", &entry("2020-11-17")).id();
    limit(&app, "psuHours", "host_supervisor", "2020-11-16", Some(7));
    let refused = supervisor.post("/psu-entries", &entry("2020-11-18")).refused(409, "participation.entry_window_closed");
    assert_eq!(refused["errors"][0]["pointer"], "/workedOn");
    supervisor.post("/psu-entries", &entry("2020-11-12")).expect(201);
    coordinator.post("/psu-entries", &entry("2020-11-18")).expect(201);
    let correction = |hours: &str| json!({ "hours": hours, "reason": "pomyłka" });
    let path = format!("/psu-entries/{early}/correction");
    supervisor.post(&path, &correction("2")).refused(409, "participation.entry_window_closed");
    // Hours are not moved out of a closed day either.
    let mut moved = correction("1");
    moved["workedOn"] = json!("2020-11-12");
    supervisor.post(&path, &moved).refused(409, "participation.entry_window_closed");
    coordinator.post(&path, &correction("2")).expect(201);
    assert_eq!(scene.number("SELECT sum(used_minutes) FROM psu_weeks"), 240);
}

#[test]
fn limits_are_corrected_and_lifted_from_a_day_on() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let participation = scene.participants(edition, 1)[0];
    let worker = app.api(Role::SocialWorker);
    let entry =
        |day: &str| worker.post("/psu-entries", &json!({ "participationId": participation, "workedOn": day, "hours": "1" }));
    let first = limit(&app, "psuHours", "social_worker", "2020-11-02", Some(30));
    limit(&app, "psuHours", "social_worker", "2020-11-16", None);
    entry("2020-11-10").refused(409, "participation.entry_window_closed");
    entry("2020-11-16").expect(201);
    let administrator = app.api(Role::Administrator);
    let mut body = json!({ "subject": "psuHours", "role": "social_worker", "from": "2020-11-02", "days": 3660, "legalSource": "sprostowanie" });
    administrator.post("/entry-windows", &body).refused(409, "participation.entry_window_exists");
    body["supersedesId"] = first["id"].clone();
    administrator.post("/entry-windows", &body).refused(422, "participation.entry_window_correction");
    body["correctionReason"] = json!("pomyłka w liczbie dni");
    let second = administrator.post("/entry-windows", &body).expect(201);
    administrator.post("/entry-windows", &body).refused(409, "platform.already_superseded");
    entry("2020-11-10").expect(201);
    let ids = |query: &str| {
        let page = worker.get(&format!("/entry-windows?{query}")).expect(200);
        page["items"].as_array().expect("items").iter().map(|limit| limit["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids("subject=psuHours").len(), 2);
    assert!(ids("subject=psuHours").contains(&second["id"]));
    assert_eq!(ids("includeSuperseded=true").len(), 3);
    assert_eq!(ids("subject=attendance"), Vec::<Value>::new());
    body["days"] = json!(3661);
    body["from"] = json!("2021-01-01");
    body["supersedesId"] = json!(null);
    body["correctionReason"] = json!(null);
    administrator.post("/entry-windows", &body).refused(422, "platform.invalid_field");
    assert_eq!(app.other_api(Role::SocialWorker).get("/entry-windows").expect(200)["items"], json!([]));
}

#[test]
fn limits_cost_no_round_trip() {
    count();
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let people = scene.participants(edition, 15);
    let api = app.api(Role::Coordinator);
    for subject in ["attendance", "psuHours"] {
        limit(&app, subject, "coordinator", "2020-11-02", Some(3660));
    }
    let body = json!({ "blockId": edition.block, "heldOn": "2020-11-10", "hours": "3", "form": "group" });
    let sessions: Vec<String> = (0..4).map(|_| api.post("/sessions", &body).id()).collect();
    for (number, session) in sessions.iter().enumerate() {
        let before = counted(&app.service_url);
        record(&api.with("Idempotency-Key", &format!("sheet-{number}")), session, &present(&people)).expect(200);
        assert_eq!(counted(&app.service_url) - before, 2, "a sheet");
        let entry = json!({ "participationId": people[0], "workedOn": "2020-11-10", "hours": "0.25" });
        let before = counted(&app.service_url);
        api.with("Idempotency-Key", &format!("entry-{number}")).post("/psu-entries", &entry).expect(201);
        let sent = counted(&app.service_url) - before;
        assert!(number == 0 || sent == 1, "an entry: {sent}");
    }
}
