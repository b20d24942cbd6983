//! Budgets of editions: planned and spent by source and kind, and what it comes to for one person.

use crate::support::replay::{Replay, groups};
use crate::support::{NOBODY, TestApp};
use pai::platform::policy::Role;
use serde_json::{Value, json};

fn line(edition: &str, source: &str, kind: &str, planned: &str) -> Value {
    json!({ "editionId": edition, "source": source, "kind": kind, "purpose": "całość", "planned": planned })
}

fn spent(edition: &str, source: &str, kind: &str, amount: &str) -> Value {
    json!({ "editionId": edition, "source": source, "kind": kind, "purpose": "trener", "spentOn": "2020-12-01", "amount": amount })
}

/// An edition of three people, one of whom left early.
fn edition(app: &TestApp) -> (Replay, String) {
    let replay = Replay::programme(app, "PAI-2019", "2020-10-01");
    let edition = replay.edition("I", "2020-10-15", "2020-12-14", 5);
    for (reason, last) in [("completed", "2020-12-14"), ("completed", "2020-12-14"), ("health", "2020-11-20")] {
        let person = replay.person("female");
        let stay = replay.admit_person(&edition, &person, "2020-10-15");
        replay.end(&stay, reason, last);
    }
    (replay, edition)
}

#[test]
fn money_is_told_by_source_and_kind_with_shares_and_unit_costs() {
    let app = TestApp::start();
    let (replay, edition) = edition(&app);
    let path = format!("/editions/{edition}");
    assert_eq!(replay.figure(&path, "M-25.cost_planned")["status"], "notCollected");
    assert_eq!(replay.figure(&path, "M-25.cost_spent")["status"], "notCollected", "null is not 0");
    for (source, kind, planned) in [("ESF", "cash", "8950.00"), ("OWN", "benefits", "1050.00")] {
        replay.api.post("/budget-lines", &line(&edition, source, kind, planned)).expect(201);
    }
    for (source, kind, amount) in [("ESF", "cash", "5000.00"), ("ESF", "cash", "2000.00"), ("OWN", "benefits", "1000.00")] {
        replay.api.post("/expenditures", &spent(&edition, source, kind, amount)).expect(201);
    }
    replay.state(&edition, &["participations", "money"], "complete", "2021-03-01");
    let planned = replay.figure(&path, "M-25.cost_planned");
    assert_eq!((&planned["value"], &planned["status"]), (&json!("10000.00"), &json!("ok")));
    let own =
        planned["breakdowns"][0]["groups"].as_array().and_then(|all| all.iter().find(|group| group["key"] == "OWN").cloned());
    assert_eq!(own.expect("own contribution")["share"], "0.105000");
    let total = replay.figure(&path, "M-25.cost_spent");
    assert_eq!((&total["value"], &total["status"]), (&json!("8000.00"), &json!("ok")));
    assert_eq!(groups(&total, "sourceAndKind"), json!({ "ESF-cash": "7000.00", "OWN-benefits": "1000.00" }));
    assert_eq!(replay.figure(&path, "M-25.cost_spent_of_planned")["value"], "0.800000");
    let each = replay.figure(&path, "M-26.cost_per_participant");
    assert_eq!((&each["value"], &each["denominator"]), (&json!("2666.67"), &json!(3)));
    assert_eq!(groups(&each, "source"), json!({ "ESF": "2333.33", "OWN": "333.33" }));
    assert_eq!(replay.figure(&path, "M-26.cost_per_completer")["value"], "4000.00");
    replay.state(&edition, &["employment"], "complete", "2021-07-01");
    let of_nobody = replay.figure(&path, "M-26.cost_per_qualifying_job");
    assert_eq!((&of_nobody["value"], &of_nobody["status"]), (&Value::Null, &json!("undefined")), "nobody is employed");
    let records = replay.api.get(&format!("{path}/figures/M-25.cost_spent/records")).expect(200);
    assert_eq!(records["items"].as_array().map(Vec::len), Some(3));
}

#[test]
fn lines_and_expenditures_are_corrected_with_a_reason() {
    let app = TestApp::start();
    let (replay, edition) = edition(&app);
    let api = &replay.api;
    let first = api.post("/budget-lines", &line(&edition, "FP", "cash", "100.00")).id();
    api.post("/budget-lines", &line(&edition, "FP", "cash", "100.00")).refused(409, "programmes.budget_line_exists");
    let mut next = line(&edition, "FP", "cash", "120.00");
    next["supersedesId"] = json!(first);
    let refused = api.post("/budget-lines", &next).refused(422, "programmes.budget_correction");
    assert_eq!(refused["errors"][0]["pointer"], "/correctionReason");
    next["correctionReason"] = json!("Aneks nr 1");
    api.post("/budget-lines", &next).expect(201);
    api.post("/budget-lines", &next).refused(409, "platform.already_superseded");
    let wrong = api.post("/expenditures", &spent(&edition, "FP", "cash", "90.00")).id();
    let mut right = spent(&edition, "FP", "cash", "80.00");
    (right["supersedesId"], right["correctionReason"]) = (json!(wrong), json!("Zwrot"));
    api.post("/expenditures", &right).expect(201);
    for (path, current, all) in [("/budget-lines", 1, 2), ("/expenditures", 1, 2)] {
        let count = |more: &str| {
            let list = api.get(&format!("{path}?editionId={edition}{more}")).expect(200);
            list["items"].as_array().map_or(0, Vec::len)
        };
        assert_eq!((count(""), count("&includeSuperseded=true")), (current, all), "{path}");
    }
    assert_eq!(replay.figure(&format!("/editions/{edition}"), "M-25.cost_planned")["value"], "120.00");
}

#[test]
fn money_that_cannot_be_is_refused() {
    let app = TestApp::start();
    let (replay, edition) = edition(&app);
    let nobody = NOBODY.to_string();
    let ahead = json!({ "editionId": edition, "source": "FP", "kind": "cash", "purpose": "x", "spentOn": "2030-01-01", "amount": "1.00" });
    for (path, body, code, pointer) in [
        ("/budget-lines", line(&edition, "FP", "cash", "-1.00"), "platform.invalid_field", "/planned"),
        ("/budget-lines", line(&nobody, "FP", "cash", "1.00"), "platform.reference_not_found", "/editionId"),
        ("/expenditures", spent(&edition, "FP", "cash", "-1.00"), "platform.invalid_field", "/amount"),
        ("/expenditures", spent(&nobody, "FP", "cash", "1.00"), "platform.reference_not_found", "/editionId"),
        ("/expenditures", ahead, "platform.in_future", "/spentOn"),
    ] {
        let refused = replay.api.post(path, &body).refused(422, code);
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{path}: {refused}");
    }
    let other = app.other_api(Role::Coordinator);
    other.post("/budget-lines", &line(&edition, "FP", "cash", "1.00")).refused(422, "platform.reference_not_found");
    other.post("/expenditures", &spent(&edition, "FP", "cash", "1.00")).refused(422, "platform.reference_not_found");
    app.api(Role::SocialWorker).post("/expenditures", &spent(&edition, "FP", "cash", "1.00")).refused(403, "platform.forbidden");
}
