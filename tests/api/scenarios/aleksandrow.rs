//! OPS Aleksandrów Łódzki with PUP Zgierz, 2015: two editions of one programme.

use crate::support::replay::Replay;
use serde_json::{Value, json};

const EDITIONS: [(&str, &str, &str); 2] = [("I", "2015-05-01", "2015-06-30"), ("II", "2015-07-28", "2015-09-27")];
const KINDS: &[&str] = &["participations", "employment", "declarations", "attendance", "psuHours"];
/// A full week of each edition, on its Monday.
const FULL_WEEK: &str = "2015-05-04";

/// Enters both editions and gives their ids and the people.
pub fn enter(replay: &Replay) -> (Vec<String>, Vec<String>) {
    let people: Vec<String> = (0..12).map(|_| replay.person("unknown")).collect();
    let again: Vec<usize> = (0..8).chain(10..12).collect();
    let mut editions = Vec::new();
    for ((name, starts_on, ends_on), numbers) in EDITIONS.into_iter().zip([(0..10).collect(), again]) {
        let edition = replay.edition(name, starts_on, ends_on, 10);
        replay.block(&edition, &json!({ "kind": "activation", "name": "Prace społecznie użyteczne", "weeklyHours": "10" }));
        let block =
            replay.block(&edition, &json!({ "kind": "integration", "name": "Warsztaty i konsultacje", "weeklyHours": "10" }));
        let places: Vec<String> =
            numbers.iter().map(|number: &usize| replay.admit_person(&edition, &people[*number], starts_on)).collect();
        if name == "I" {
            full_week(replay, &block, &places);
        } else {
            for participation in &places[..2] {
                let declared = json!({ "participationId": participation, "kind": "psuAfter", "declaredOn": ends_on });
                replay.api.post("/declarations", &declared).expect(201);
            }
        }
        for participation in &places {
            replay.end(participation, "completed", ends_on);
        }
        replay.state(&edition, KINDS, "complete", "2015-10-15");
        editions.push(edition);
    }
    (editions, people)
}

/// Ten hours of work, nine of a group workshop and one of consultation for each.
fn full_week(replay: &Replay, block: &str, places: &[String]) {
    for participation in places {
        let entry = json!({ "participationId": participation, "workedOn": FULL_WEEK, "hours": "8" });
        replay.api.post("/psu-entries", &entry).expect(201);
        let entry = json!({ "participationId": participation, "workedOn": "2015-05-05", "hours": "2" });
        replay.api.post("/psu-entries", &entry).expect(201);
        let session = json!({ "blockId": block, "heldOn": "2015-05-06", "hours": "1", "form": "individual", "participationIds": [participation] });
        sheet(replay, &session, std::slice::from_ref(participation));
    }
    sheet(replay, &json!({ "blockId": block, "heldOn": "2015-05-07", "hours": "9", "form": "group" }), places);
}

fn sheet(replay: &Replay, session: &Value, places: &[String]) {
    let session = replay.api.post("/sessions", session).id();
    let rows: Vec<Value> = places.iter().map(|id| json!({ "participationId": id, "status": "present" })).collect();
    replay.api.send("PUT", &format!("/sessions/{session}/attendance"), Some(json!({ "rows": rows }).to_string())).expect(200);
}

/// What the town published of an edition, and what follows from it.
pub fn expected_of_edition(again: u64, new: u64) -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("M-01", Value::Null, "notCollected"),
        ("M-06", json!(10), "ok"),
        ("M-06.of_planned_places", json!("1.000000"), "ok"),
        ("M-09", json!(10), "ok"),
        ("M-11.strict", json!("1.000000"), "ok"),
        ("M-21.during", json!(0), "ok"),
        ("M-23.repeaters", json!(again), "ok"),
        ("M-23.new", json!(new), "ok"),
    ]
}

/// What the town published of the programme, and what follows from it.
pub fn expected_of_programme() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("M-09", json!(20), "ok"),
        ("M-21.during", json!(0), "ok"),
        ("M-23.enrolments", json!(20), "ok"),
        ("M-23.distinct_people", json!(12), "ok"),
        ("M-23.repeaters", json!(8), "ok"),
        ("M-23.gap_days", json!(27), "ok"),
        ("M-23.over_limit", json!(0), "ok"),
        ("M-24.declarations", json!(2), "ok"),
    ]
}
