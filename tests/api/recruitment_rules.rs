//! Rules of recruitment that hold whichever way somebody comes: by merge, by protocol, by offer, by appeal or directly.

use crate::duplicates::merge;
use crate::eligibility::Candidate;
use crate::support::database::names;
use crate::support::reserve::Reserve;
use crate::support::{Answer, Api, TestApp, build};
use pai::platform::examples;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// A day after that of the service's clock, and after the end of every edition here.
const FAR_AHEAD: &str = "2062-01-01";
/// The day of the service's clock.
const TODAY: &str = "2026-06-15";
const TOMORROW: &str = "2026-06-16";

/// Live offers of applications that count no more.
const OFFERED_TO_DROPPED: &str = "SELECT ARRAY[o.id::text] AS row FROM offers o JOIN applications a ON a.id = o.application_id
    WHERE a.duplicate_of_id IS NOT NULL AND (o.state = 'open' OR (o.state = 'accepted' AND o.participation_id IS NULL))";

fn reserve(api: &Api, edition: Uuid, person: Uuid) -> String {
    let body = json!({ "editionId": edition, "personId": person, "receivedOn": "2020-10-01" });
    let application = api.post("/applications", &body).id();
    decide(api, &application, "reserve", "2020-10-05").expect(200);
    application
}

fn decide(api: &Api, application: &str, decision: &str, on: &str) -> Answer {
    let body = json!({ "decision": decision, "effectiveOn": on, "reason": "Kryteria porozumienia" });
    api.post(&format!("/applications/{application}/decisions"), &body)
}

fn pointed_at(problem: &Value) -> &Value {
    &problem["errors"][0]["pointer"]
}

#[test]
fn no_seat_is_offered_to_an_application_that_a_merge_gives_up() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 100);
    for _ in 0..12 {
        let [duplicate, survivor] = <[Uuid; 2]>::try_from(build::people(&app, 2)).expect("two");
        let given_up = reserve(&api, edition, duplicate);
        reserve(&api, edition, survivor);
        let (merged, filled) = std::thread::scope(|scope| {
            let merging = scope.spawn(|| merge(&api, duplicate, survivor, &json!({ "dropApplicationIds": [given_up] })).status);
            let filling =
                scope.spawn(|| api.post(&format!("/editions/{edition}/offers"), &json!({ "effectiveOn": "2020-10-20" })).status);
            (merging.join().expect("answered"), filling.join().expect("answered"))
        });
        assert!([200, 422].contains(&merged) && filled == 200, "{merged} {filled}");
        let mut conn = connect(&app.superuser_url).expect("superuser connection");
        assert_eq!(names(&mut conn, OFFERED_TO_DROPPED), [""; 0]);
    }
}

#[test]
fn whoever_takes_part_is_placed_though_the_application_was_recorded_later() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 2, 1, false);
    run.revise(3, "2020-11-02").expect(201);
    let admitted = run.api.get(&format!("/participations/{}", run.participations[0])).expect(200);
    let person = admitted["personId"].as_str().expect("a person").parse().expect("an id");
    let late = run.apply(person);
    let read = || run.api.get(&format!("/applications/{late}")).expect(200);
    assert_eq!((&read()["placed"], &read()["state"]), (&json!(true), &json!("applied")));
    run.decide(&late, "rejected", "2020-11-01").refused(409, "recruitment.placed");
    run.decide(&late, "selected", "2020-11-01").expect(200);
    let seats = run.list("2020-11-10")["seats"].clone();
    assert_eq!((&seats["places"], &seats["occupied"], &seats["awaiting"]), (&json!(3), &json!(2), &json!(0)), "{seats}");
    assert_eq!(run.fill("2020-11-10")["offers"].as_array().map(Vec::len), Some(1), "the third place is free");
}

