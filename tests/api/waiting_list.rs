//! The reserve list of a day: who waited then, who has left it, and why somebody is passed.

use crate::support::reserve::Reserve;
use crate::support::{TestApp, build};
use serde_json::{Value, json};

/// Who stands on the list of a day, at which position, with their order, and why they are passed since when.
fn told(run: &Reserve, on: &str) -> Vec<(usize, Value, Value, Value, Value)> {
    let list = run.list(on);
    let candidates = list["candidates"].as_array().expect("a list").clone();
    let place = |one: &Value| run.waiting.iter().position(|application| one["applicationId"] == json!(application));
    let row = |one: &Value| {
        let [position, order, passed, since] = ["position", "order", "passed", "since"].map(|name| one[name].clone());
        (place(one).expect("somebody who waits"), position, order, passed, since)
    };
    candidates.iter().map(row).collect()
}

fn waits(place: usize, position: i32, order: i32) -> (usize, Value, Value, Value, Value) {
    (place, json!(position), json!(order), Value::Null, Value::Null)
}

fn left(place: usize, position: i32, reason: &str, since: &str) -> (usize, Value, Value, Value, Value) {
    (place, json!(position), Value::Null, json!(reason), json!(since))
}

#[test]
fn who_was_selected_or_rejected_waited_until_then_and_is_passed_since() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 2, 3, false);
    run.decide(&run.waiting[0], "selected", "2020-11-10").expect(200);
    run.decide(&run.waiting[1], "rejected", "2020-11-12").expect(200);
    assert_eq!(told(&run, "2020-11-09"), [waits(0, 1, 1), waits(1, 2, 2), waits(2, 3, 3)]);
    let selected = left(0, 1, "selected", "2020-11-10");
    assert_eq!(told(&run, "2020-11-11"), [selected.clone(), waits(1, 2, 1), waits(2, 3, 2)]);
    let rejected = left(1, 2, "rejected", "2020-11-12");
    assert_eq!(told(&run, "2020-11-12"), [selected, rejected.clone(), waits(2, 3, 1)]);

    // The offer to the third says why the two before were passed; one of the seats is kept for the first.
    run.end(0, "2020-11-13").expect(200);
    run.end(1, "2020-11-13").expect(200);
    let offer = run.fill("2020-11-14")["offers"][0].clone();
    assert_eq!(offer["applicationId"], json!(run.waiting[2]));
    let explained = run.explained(&offer, "pl");
    let passed: Vec<(&Value, &Value)> =
        explained["grounds"]["passed"].as_array().expect("grounds").iter().map(|one| (&one["reason"], &one["since"])).collect();
    assert_eq!(passed, [(&json!("selected"), &json!("2020-11-10")), (&json!("rejected"), &json!("2020-11-12"))]);
    let words = explained["explanation"].as_str().expect("text");
    assert!(words.contains("pozycja 1 – zakwalifikowany (10.11.2020); pozycja 2 – odrzucony (12.11.2020)."), "{words}");

    // Who was rejected and comes to the list again is on it from that day.
    run.decide(&run.waiting[1], "reserve", "2020-11-20").expect(200);
    assert_eq!(told(&run, "2020-11-12").last(), Some(&left(1, 4, "listedLater", "2020-11-20")));
    assert_eq!(told(&run, "2020-11-20").last(), Some(&waits(1, 4, 1)));
    // Who withdrew was selected until then.
    run.withdraw_application(&run.waiting[0], "2020-11-18").expect(200);
    assert_eq!(told(&run, "2020-11-17")[0], left(0, 1, "selected", "2020-11-10"));
    assert_eq!(told(&run, "2020-11-18")[0], left(0, 1, "withdrawn", "2020-11-18"));
    assert_eq!(told(&run, "2020-11-09")[0], waits(0, 1, 1));
}

#[test]
fn a_place_on_the_list_is_that_of_the_day() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 3, false);
    run.decide(&run.waiting[0], "reserve", "2020-11-20").expect(200);
    assert_eq!(told(&run, "2020-11-19"), [waits(0, 1, 1), waits(1, 2, 2), waits(2, 3, 3)]);
    assert_eq!(told(&run, "2020-11-20"), [waits(1, 2, 1), waits(2, 3, 2), waits(0, 4, 3)]);
    // An offer goes by the list of its day.
    run.end(0, "2020-11-13").expect(200);
    assert_eq!(run.fill("2020-11-14")["offers"][0]["applicationId"], json!(run.waiting[0]));
}

#[test]
fn nothing_is_decided_for_a_day_to_come_so_that_todays_list_is_everybodys() {
    let app = TestApp::start();
    let mut run = Reserve::of(&app, 1, 1, false);
    run.edition = build::edition(&app, "2026-06-01", "2026-08-31", 1);
    run.waiting = build::people(&app, 2).into_iter().map(|person| run.apply(person)).collect();
    for application in &run.waiting {
        run.decide(application, "reserve", "2026-06-01").expect(200);
    }
    for decision in ["selected", "rejected", "reserve"] {
        let ahead = run.decide(&run.waiting[0], decision, "2026-06-16").refused(422, "platform.in_future");
        assert_eq!((&ahead["errors"][0]["pointer"], &ahead["today"]), (&json!("/effectiveOn"), &json!("2026-06-15")));
    }
    assert_eq!(told(&run, "2026-06-15"), [waits(0, 1, 1), waits(1, 2, 2)]);
    assert_eq!(run.fill("2026-06-15")["offers"][0]["applicationId"], json!(run.waiting[0]));
}
