//! Yearly plans of needs of socially useful work.

use pai::platform::policy::Role;
use serde_json::{Value, json};

use crate::support::{NOBODY, TestApp};

fn plan(year: i32, submitted: &str, reason: Option<&str>) -> Value {
    json!({ "year": year, "submittedOn": submitted, "eligiblePeople": 12, "reason": reason, "lines": [
        { "kindOfWork": "porządkowe", "place": "zieleń", "places": 4, "hours": "1600" },
        { "kindOfWork": "opieka", "place": "w domach opiekunów", "forCarers": true, "places": 2, "hours": "400.5" },
    ] })
}

#[test]
fn a_plan_is_summed_up_and_one_after_january_is_late() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let first = api.post("/needs-plans", &plan(2026, "2026-01-31", None)).expect(201);
    assert_eq!((&first["places"], &first["hours"], &first["late"]), (&json!(6), &json!("2000.50"), &json!(false)));
    let late = api.post("/needs-plans", &plan(2025, "2025-02-01", None)).expect(201);
    assert_eq!((&late["late"], &late["revision"]), (&json!(true), &json!(1)));
    api.post("/needs-plans", &plan(2027, "2026-06-16", None)).refused(422, "platform.in_future");
    let read = api.get(&format!("/needs-plans/{}", late["id"].as_str().expect("an id"))).expect(200);
    assert_eq!(read, late);
}

#[test]
fn a_change_of_a_plan_is_a_revision_with_its_reason() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    api.post("/needs-plans", &plan(2026, "2026-01-20", Some("zmiana"))).refused(422, "programmes.plan_reason");
    api.post("/needs-plans", &plan(2026, "2026-01-20", None)).expect(201);
    api.post("/needs-plans", &plan(2026, "2026-03-20", None)).refused(422, "programmes.plan_revised");
    let second = api.post("/needs-plans", &plan(2026, "2026-03-20", Some("nowe miejsca"))).expect(201);
    assert_eq!((&second["revision"], &second["late"]), (&json!(2), &json!(false)));
    let listed = api.get("/needs-plans?year=2026").expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(2));
    let mut foreign = plan(2024, "2024-01-20", None);
    foreign["lines"][1]["hostId"] = json!(NOBODY);
    let refused = api.post("/needs-plans", &foreign).refused(422, "platform.reference_not_found");
    assert_eq!(refused["errors"][0]["pointer"], "/lines/1/hostId");
}
