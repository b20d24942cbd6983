//! MOPS Lubin, 2020: nine places, two replacements, three jobs.

use crate::support::replay::Replay;
use serde_json::{Value, json};

pub const EDITION: (&str, &str, u32) = ("2020-10-15", "2020-12-14", 9);
/// Day on which the town told what came of it: before any time of follow-up was over.
const TOLD_ON: &str = "2020-12-18";

/// Enters the edition and gives its id.
pub fn enter(replay: &Replay) -> String {
    let (starts_on, ends_on, places) = EDITION;
    let edition = replay.edition("2020", starts_on, ends_on, places);
    replay.block(&edition, &json!({ "kind": "activation", "name": "Prace społecznie użyteczne", "weeklyHours": "10" }));
    replay.block(
        &edition,
        &json!({ "kind": "integration", "name": "Warsztaty kompetencji", "plannedHours": "85", "form": "group" }),
    );
    let people: Vec<String> = (0..20).map(|number| replay.person(if number < 15 { "female" } else { "male" })).collect();
    let applications: Vec<String> = people.iter().map(|person| replay.application(&edition, person, "2020-09-21")).collect();
    replay.withdraw(&applications[19], "employed", "2020-10-08");
    for (number, application) in applications[..19].iter().enumerate() {
        replay.decide(application, if number < 9 { "selected" } else { "reserve" }, "2020-10-12");
    }
    let mut places: Vec<String> = applications[..9].iter().map(|application| replay.admit(application, starts_on)).collect();
    let first = replay.substitute(&places[2], "employed", "2020-11-06", &applications[9], "2020-11-09");
    let second = replay.substitute(&places[6], "employed", "2020-11-20", &applications[10], "2020-11-23");
    (places[2], places[6]) = (first, second);
    for (person, starts_on) in [(2, "2020-11-06"), (6, "2020-11-20")] {
        let job = json!({ "personId": people[person], "startsOn": starts_on, "kind": "unknown", "source": "publication" });
        replay.api.post("/employment-spells", &job).expect(201);
    }
    for participation in &places {
        replay.end(participation, "completed", ends_on);
    }
    sheets(replay, &places);
    replay.state(&edition, &["applications", "participations", "employment", "sheets"], "complete", TOLD_ON);
    edition
}

/// The scores are free choices of the replay: each of the four competences gains.
fn sheets(replay: &Replay, places: &[String]) {
    let competences = ["jobSearch", "workSkills", "teamwork", "motivation"];
    let named: Vec<Value> = competences.iter().map(|code| json!({ "code": code, "name": code })).collect();
    let template = json!({ "code": "competences", "version": 1, "name": "Arkusz", "competences": named,
        "scale": { "min": "1", "max": "5", "step": "1", "higherIsBetter": true } });
    let template = replay.api.post("/sheet-templates", &template).id();
    for participation in &places[..5] {
        for (rater, role) in [("self", Value::Null), ("observer", json!("social_worker"))] {
            for (moment, score, day) in [("before", "2", "2020-10-20"), ("after", "4", "2020-12-14")] {
                let scores: Vec<Value> = competences.iter().map(|code| json!({ "competence": code, "score": score })).collect();
                let sheet = json!({ "participationId": participation, "templateId": template, "rater": rater, "observerRole": role,
                    "moment": moment, "filledOn": day, "scores": scores });
                replay.api.post("/sheets", &sheet).expect(201);
            }
        }
    }
}

/// What the town published, and what follows from it.
pub fn expected() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("M-01", json!(20), "ok"),
        ("M-02", json!(1), "ok"),
        ("M-03.selected", json!(9), "ok"),
        ("M-03.reserve", json!(10), "ok"),
        ("M-03.never_placed", json!(8), "ok"),
        ("M-04.latest", json!(9), "ok"),
        ("M-05", json!(9), "ok"),
        ("M-05.of_planned_places", json!("1.000000"), "ok"),
        ("M-06", json!(11), "ok"),
        ("M-06.of_planned_places", json!("1.222222"), "ok"),
        ("M-07", json!(2), "ok"),
        ("M-08.peak", json!(9), "ok"),
        ("M-09", json!(9), "ok"),
        ("M-10", json!(11), "ok"),
        ("M-12", json!(0), "ok"),
        ("M-13.attendance_rate", Value::Null, "notCollected"),
        ("M-15.psu_hours", Value::Null, "notCollected"),
        ("M-17.competence_gain", json!(8), "ok"),
        ("M-21.at_recruitment", json!(1), "ok"),
        ("M-21.during", json!(2), "ok"),
        ("M-21.total", json!(3), "provisional"),
        ("M-21.within_3_months", Value::Null, "notCollected"),
        ("M-21.official", Value::Null, "notCollected"),
        ("M-22.during.of_ever_started", json!("0.181818"), "ok"),
        ("M-22.during.of_initial_starters", json!("0.222222"), "ok"),
        ("M-22.total.of_candidates", json!("0.150000"), "provisional"),
        ("M-24.declarations", Value::Null, "notCollected"),
    ]
}
