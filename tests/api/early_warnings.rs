//! Early warning: rules with parameters of the town, and the facts and reasons of each warning.

use pai::platform::policy::Role;
use serde_json::{Value, json};

use crate::changes::{ask_for_share, classes, sheet};
use crate::support::reserve::Reserve;
use crate::support::{Answer, TestApp};

fn warnings(run: &Reserve, on: &str) -> Value {
    run.api.get(&format!("/editions/{}/early-warnings?effectiveOn={on}", run.edition)).expect(200)
}

fn of<'w>(warnings: &'w Value, code: &str) -> Vec<&'w Value> {
    warnings["warnings"].as_array().into_iter().flatten().filter(|warning| warning["code"] == code).collect()
}

fn set_rule(run: &Reserve, code: &str, more: &Value) -> Answer {
    let mut body =
        json!({ "code": code, "from": "2020-11-01", "active": true, "severity": "notice", "parameters": {}, "basis": "Zespół" });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    run.api.post("/warning-rules", &body)
}

/// Three participants: the first misses two classes of four, the second the latest, the third comes always.
fn scene(app: &TestApp) -> (Reserve, Vec<String>) {
    let run = Reserve::of(app, 3, 0, false);
    ask_for_share(&run, "60.00");
    let held = classes(&run, &["2020-11-03", "2020-11-10", "2020-11-17", "2020-11-24", "2020-12-01", "2020-12-08"]);
    let who: Vec<&str> = run.participations.iter().map(String::as_str).collect();
    sheet(&run, &held[0], &who);
    sheet(&run, &held[1], &who[1..]);
    sheet(&run, &held[2], &who[2..]);
    (run, held)
}

#[test]
fn a_warning_names_its_rule_its_facts_and_its_reason() {
    let app = TestApp::start();
    let (run, held) = scene(&app);
    let warned = warnings(&run, "2020-11-18");
    let absences = of(&warned, "consecutiveAbsences");
    assert_eq!(absences.len(), 1);
    let warning = absences[0];
    assert_eq!((&warning["participationId"], &warning["severity"]), (&json!(run.participations[0]), &json!("alarm")));
    assert_eq!((&warning["ruleVersion"], &warning["parameters"]), (&json!(1), &json!({ "count": 2 })));
    let row = |session: &str| {
        let rows = run.api.get(&format!("/sessions/{session}/attendance")).expect(200)["rows"].clone();
        let own =
            rows.as_array().into_iter().flatten().find(|row| row["participationId"] == json!(run.participations[0])).cloned();
        own.expect("a row")["id"].clone()
    };
    assert_eq!(warning["factIds"], json!([row(&held[1]), row(&held[2])]));
    assert_eq!(warning["reasonPl"], "Nieobecności nieusprawiedliwione z rzędu: 2, od 2020-11-10.");
    assert_eq!(warning["reasonEn"], "Absences in a row without an excuse: 2, since 2020-11-10.");
    // Of 30 hours 18 are asked for: 13 of the 15 ahead by the first, who has attended 5.
    let at_risk: Vec<&Value> = of(&warned, "minimumAtRisk").iter().map(|warning| &warning["participationId"]).collect();
    assert_eq!(at_risk, [&json!(run.participations[0])]);
    assert_eq!(of(&warned, "lowAttendance").len(), 2);
    assert_eq!(of(&warned, "minimumUnreachable").len(), 0);
    // On the day before nobody had missed two.
    assert_eq!(of(&warnings(&run, "2020-11-16"), "consecutiveAbsences").len(), 0);
    app.other_api(Role::Coordinator).get(&format!("/editions/{}/early-warnings", run.edition)).refused(404, "platform.not_found");
}

#[test]
fn a_town_sets_its_own_parameters_from_a_day_on() {
    let app = TestApp::start();
    let (run, _) = scene(&app);
    set_rule(&run, "consecutiveAbsences", &json!({ "parameters": { "days": 3 } }))
        .refused(422, "participation.warning_parameter");
    let missing = set_rule(&run, "consecutiveAbsences", &json!({})).refused(422, "participation.warning_parameter");
    assert_eq!(missing["errors"][0]["pointer"], "/parameters/count");
    let version = |more: &Value| set_rule(&run, "consecutiveAbsences", more).expect(201)["version"].clone();
    assert_eq!(version(&json!({ "from": "2020-11-18", "parameters": { "count": 1 } })), 1);
    assert_eq!(version(&json!({ "from": "2020-11-20", "parameters": { "count": 1 }, "active": false })), 2);
    let found = |on: &str| of(&warnings(&run, on), "consecutiveAbsences").len();
    // The built-in rule, then the town's first version, then none.
    assert_eq!((found("2020-11-17"), found("2020-11-18"), found("2020-11-20")), (1, 2, 0));
    let applied = warnings(&run, "2020-11-18");
    assert_eq!(of(&applied, "consecutiveAbsences")[0]["severity"], "notice");
    let switched_off = warnings(&run, "2020-11-20");
    assert!(switched_off["rules"].as_array().expect("rules").iter().all(|rule| rule["code"] != "consecutiveAbsences"));
    let foreign = app.other_api(Role::Coordinator).get("/warning-rules?code=consecutiveAbsences").expect(200);
    assert_eq!(foreign["items"].as_array().map(Vec::len), Some(1), "another town has the built-in one");
}

#[test]
fn weeks_seats_papers_and_duties_are_watched() {
    let app = TestApp::start();
    let (run, _) = scene(&app);
    let activation = json!({ "kind": "activation", "name": "Prace" });
    run.api.post(&format!("/editions/{}/blocks", run.edition), &activation).expect(201);
    for who in &run.participations[..2] {
        let entry = json!({ "participationId": who, "workedOn": "2020-11-12", "hours": "4.00" });
        run.api.post("/psu-entries", &entry).expect(201);
    }
    let warned = warnings(&run, "2020-11-18");
    let idle = of(&warned, "weekWithoutPsu");
    assert_eq!(idle.len(), 1);
    assert_eq!(
        (&idle[0]["participationId"], &idle[0]["weeks"]),
        (&json!(run.participations[2]), &json!(["2020-W45", "2020-W46"]))
    );
    // Five hours a week where the regime asks for ten.
    assert_eq!(of(&warned, "shortIntegrationWeek")[0]["weeks"], json!(["2020-W45", "2020-W46", "2020-W47"]));
    assert_eq!(of(&warned, "emptySeat").len(), 0);
    run.api
        .post(
            &format!("/participations/{}/end", run.participations[1]),
            &json!({ "reason": "refusedUnjustified", "effectiveOn": "2020-11-18" }),
        )
        .expect(200);
    let later = warnings(&run, "2020-11-30");
    let empty = of(&later, "emptySeat");
    assert_eq!((empty.len(), &empty[0]["factIds"]), (1, &json!([run.participations[1]])));
    let overdue = of(&later, "dutyOverdue");
    assert_eq!((overdue.len(), &overdue[0]["factKind"]), (2, &json!("informationDuty")));
    assert!(overdue[0]["reasonPl"].as_str().is_some_and(|reason| reason.contains("2020-11-27")));
    assert_eq!(of(&warnings(&run, "2020-11-27"), "dutyOverdue").len(), 0, "its last day is in time");
    // Nobody collects hours of work: then their lack says nothing.
    let statement =
        json!({ "kind": "psuHours", "completeness": "notCollected", "statedBy": "koordynator", "statedOn": "2020-11-30" });
    run.api.post(&format!("/editions/{}/collection-statements", run.edition), &json!({ "statements": [statement] })).expect(201);
    assert_eq!(of(&warnings(&run, "2020-11-18"), "weekWithoutPsu").len(), 0);
}

#[test]
fn evidence_that_expires_is_noticed_unless_there_is_later_one() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 0, false);
    let person = run.api.get(&format!("/participations/{}", run.participations[0])).expect(200)["personId"].clone();
    let person = person.as_str().expect("an id");
    let fact = |from: &str, expires: &str| {
        let body = json!({ "kind": "registeredUnemployed", "value": "true", "from": from, "source": "urząd pracy", "expiresOn": expires });
        run.api.post(&format!("/people/{person}/facts"), &body).id()
    };
    let certificate = fact("2020-10-01", "2020-11-25");
    let warned = warnings(&run, "2020-11-18");
    let expiring = of(&warned, "factExpiring");
    assert_eq!((expiring.len(), &expiring[0]["factIds"]), (1, &json!([certificate])));
    assert!(!expiring[0].to_string().contains("registeredUnemployed"), "the warning does not say what it is about");
    assert_eq!(of(&warnings(&run, "2020-11-10"), "factExpiring").len(), 0);
    fact("2020-11-16", "2021-06-30");
    assert_eq!(of(&warnings(&run, "2020-11-18"), "factExpiring").len(), 0);
}
