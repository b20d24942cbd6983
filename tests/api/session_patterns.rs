//! Sessions from a weekly pattern, and the days off that it knows.

use crate::support::TestApp;
use crate::support::scene::{Edition, Limits, Scene};
use pai::platform::policy::Role;
use serde_json::{Value, json};

/// Wednesdays and Fridays from 4 to 20 November 2020; Independence Day is a Wednesday.
fn pattern(edition: Edition, changes: &Value) -> Value {
    let mut body = json!({
        "blockId": edition.block, "form": "group", "from": "2020-11-02", "to": "2020-11-20", "onHoliday": "drop",
        "weekdays": [
            { "weekday": "wednesday", "startsAt": "09:00", "hours": "3" },
            { "weekday": "friday", "startsAt": "10:00", "lessonHours": 2, "endsAt": "11:45" },
        ],
        "themes": ["asertywność", "budżet domowy"], "facilitator": "PS-1",
    });
    for (name, value) in changes.as_object().expect("changes") {
        body[name] = value.clone();
    }
    body
}

#[test]
fn days_off_are_computed_and_named_with_their_act() {
    let app = TestApp::start();
    let api = app.api(Role::Statistician);
    let year = api.get("/public-holidays?year=2025").expect(200);
    let days = year["days"].as_array().expect("days");
    assert_eq!(days.len(), 14);
    let eve = days.iter().find(|day| day["day"] == "2025-12-24").expect("Christmas Eve");
    assert_eq!((&eve["namePl"], &eve["nameEn"]), (&json!("Wigilia Bożego Narodzenia"), &json!("Christmas Eve")));
    assert!(eve["source"].as_str().is_some_and(|source| source.contains("poz. 1965")));
    for wrong in ["1990", "2201"] {
        api.get(&format!("/public-holidays?year={wrong}")).refused(400, "platform.invalid_parameter");
    }
    app.anonymous().get("/public-holidays?year=2025").refused(401, "platform.unauthenticated");
}

#[test]
fn a_pattern_makes_its_sessions_and_tells_what_became_of_each_day() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    scene.participants(edition, 2);
    let api = app.api(Role::SocialWorker);
    let path = format!("/editions/{}/session-patterns", edition.id);
    let made = api.with("Idempotency-Key", "pattern").post(&path, &pattern(edition, &json!({})));
    let view = made.expect(201);
    let days = view["outcome"]["days"].as_array().expect("days");
    let told: Vec<_> = days.iter().map(|day| json!([day["plannedOn"], day["outcome"], day["hours"], day["theme"]])).collect();
    assert_eq!(
        json!(told),
        json!([
            ["2020-11-04", "held", "3.00", "asertywność"],
            ["2020-11-06", "held", "1.50", "budżet domowy"],
            ["2020-11-11", "dropped", "3.00", null],
            ["2020-11-13", "held", "1.50", "asertywność"],
            ["2020-11-18", "held", "3.00", "budżet domowy"],
            ["2020-11-20", "held", "1.50", "asertywność"],
        ])
    );
    assert_eq!(days[2]["holiday"]["nameEn"], "Independence Day");
    let sums = &view["outcome"]["sums"];
    assert_eq!((&sums["sessions"], &sums["hours"], &sums["droppedHours"]), (&json!(5), &json!("10.50"), &json!("3.00")));
    assert_eq!((&sums["scheduledHours"], &sums["plannedHours"]), (&json!("10.50"), &json!(null)));
    let id = view["id"].as_str().expect("an id");
    assert_eq!(made.header("location"), format!("/api/v1/session-patterns/{id}"));
    assert_eq!(api.get(&format!("/session-patterns/{id}")).expect(200), view);
    assert_eq!(app.other_api(Role::Coordinator).get(&format!("/session-patterns/{id}")).status, 404);
    let session = days[1]["sessionId"].as_str().expect("a session");
    let session = api.get(&format!("/sessions/{session}")).expect(200);
    assert_eq!((&session["patternId"], &session["lessonHours"], &session["endsAt"]), (&json!(id), &json!(2), &json!("11:45")));
    // Once, however often it is sent.
    let again = api.with("Idempotency-Key", "pattern").post(&path, &pattern(edition, &json!({})));
    assert_eq!((again.expect(201)["id"].as_str(), again.header("idempotent-replayed")), (Some(id), "true"));
    assert_eq!(scene.number("SELECT count(*) FROM sessions"), 5);
}

#[test]
fn a_pattern_is_all_or_nothing_and_a_rehearsal_is_nothing() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let api = app.api(Role::Coordinator);
    let path = format!("/editions/{}/session-patterns", edition.id);
    let planned = api.post(&format!("{path}?dryRun=true"), &pattern(edition, &json!({}))).expect(200);
    assert_eq!(planned["outcome"]["sums"]["sessions"], 5);
    assert_eq!(scene.number("SELECT count(*) FROM sessions"), 0);
    let standing =
        json!({ "blockId": edition.block, "heldOn": "2020-11-18", "startsAt": "11:00", "hours": "1", "form": "group" });
    let standing = api.post("/sessions", &standing).id();
    let refused = api.post(&path, &pattern(edition, &json!({}))).refused(409, "participation.session_clash");
    assert_eq!((&refused["sessionId"], &refused["on"]), (&json!(standing), &json!("2020-11-18")));
    assert_eq!(scene.number("SELECT count(*) FROM sessions"), 1);
    assert_eq!(scene.number("SELECT count(*) FROM session_patterns"), 0);
}

#[test]
fn hours_are_reached_exactly_or_the_pattern_is_refused() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let api = app.api(Role::Coordinator);
    let path = format!("/editions/{}/session-patterns?dryRun=true", edition.id);
    let weekly = json!([{ "weekday": "wednesday", "startsAt": "09:00", "hours": "3" }]);
    let made = api.post(&path, &pattern(edition, &json!({ "weekdays": weekly, "totalHours": "4" }))).expect(200);
    let lengths: Vec<_> = made["outcome"]["days"]
        .as_array()
        .expect("days")
        .iter()
        .map(|day| json!([day["outcome"], day["hours"], day["endsAt"]]))
        .collect();
    let wanted = json!([["held", "3.00", "12:00"], ["dropped", "1.00", "10:00"], ["held", "1.00", "10:00"]]);
    assert_eq!(json!(lengths), wanted);
    for (changes, status, code, told) in [
        (json!({ "totalHours": "100" }), 422, "participation.pattern_too_short", Some(("fittingHours", "10.50"))),
        (json!({ "onHoliday": "moveToFriday" }), 422, "participation.pattern_meets", Some(("on", "2020-11-13"))),
        (json!({ "from": "2020-11-07", "to": "2020-11-08" }), 422, "participation.pattern_sessions", None),
        (json!({ "from": "2020-11-01" }), 422, "participation.outside_edition", None),
        (json!({ "from": "2020-11-12", "to": "2020-11-11" }), 422, "participation.inverted_period", None),
        (json!({ "form": "individual" }), 422, "participation.individual_session", None),
        (json!({ "groupId": edition.block }), 422, "platform.reference_not_found", None),
    ] {
        let mut changes = changes;
        if code.ends_with("pattern_meets") {
            changes["weekdays"] = json!([
                { "weekday": "wednesday", "startsAt": "09:00", "hours": "3" },
                { "weekday": "friday", "startsAt": "10:00", "hours": "1" },
            ]);
        }
        let refused = api.post(&path, &pattern(edition, &changes)).refused(status, code);
        if let Some((name, value)) = told {
            assert_eq!(refused[name], value, "{changes}");
        }
    }
}
