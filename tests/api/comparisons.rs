//! An edition beside its plan, and figures beside each other.

use crate::support::replay::Replay;
use crate::support::{Api, TestApp};
use pai::platform::policy::Role;
use serde_json::{Value, json};

fn get(api: &Api, link: &Value) -> Value {
    api.get(link.as_str().expect("a path").strip_prefix("/api/v1").expect("the base path")).expect(200)
}

fn row<'v>(comparison: &'v Value, subject: &str, key: &str) -> &'v Value {
    let rows = comparison["rows"].as_array().expect("rows").iter();
    rows.clone()
        .find(|row| row["subject"] == subject && row["key"] == key)
        .unwrap_or_else(|| panic!("{subject} {key}: {comparison:#}"))
}

/// An edition of an agreement with effects, whose plan grew, with hours, money and results.
fn planned(app: &TestApp) -> (Replay, String, [String; 2]) {
    let mut replay = Replay::programme(app, "PAI-2019", "2020-09-01");
    let regime = replay.api.get(&format!("/agreements/{}", replay.agreement)).expect(200)["regimeId"].clone();
    let effects = json!([
        { "code": "contacts", "text": "Kontakty z pracodawcami", "measure": "liczba kontaktów", "target": "12" },
        { "code": "completion", "text": "Ukończenie", "measure": "odsetek", "target": "0.5", "definitionId": "M-11.strict" },
        { "code": "bonds", "text": "Więzi społeczne" }
    ]);
    let body = json!({ "kind": "implementation", "signedOn": "2020-09-01", "regimeId": regime, "expectedEffects": effects });
    replay.agreement = replay.api.post("/agreements", &body).id();
    let edition = replay.edition("I", "2020-10-05", "2020-12-04", 4);
    let blocks = [("activation", "PSU", "60"), ("integration", "Warsztaty", "20")]
        .map(|(kind, name, hours)| replay.block(&edition, &json!({ "kind": kind, "name": name, "plannedHours": hours })));
    let revision = json!({ "effectiveOn": "2020-11-02", "places": 5, "plannedCost": "10000.00", "reason": "Aneks" });
    replay.api.post(&format!("/editions/{edition}/plan-revisions"), &revision).expect(201);
    let stays: Vec<String> = (0..4).map(|_| replay.admit_person(&edition, &replay.person("female"), "2020-10-05")).collect();
    for stay in &stays {
        let work = json!({ "participationId": stay, "workedOn": "2020-10-06", "hours": "2" });
        replay.api.post("/psu-entries", &work).expect(201);
    }
    let session = json!({ "blockId": blocks[1], "heldOn": "2020-10-07", "form": "group", "hours": "3" });
    let session = replay.api.post("/sessions", &session).id();
    let rows: Vec<Value> = stays.iter().map(|stay| json!({ "participationId": stay, "status": "present" })).collect();
    let sheet = json!({ "rows": rows }).to_string();
    replay.api.send("PUT", &format!("/sessions/{session}/attendance"), Some(sheet)).expect(200);
    for (stay, reason, last) in [
        (0, "completed", "2020-12-04"),
        (1, "completed", "2020-12-04"),
        (2, "completed", "2020-12-04"),
        (3, "health", "2020-11-10"),
    ] {
        replay.end(&stays[stay], reason, last);
    }
    let result =
        json!({ "editionId": edition, "effectCode": "contacts", "result": "9", "assessedOn": "2020-12-04", "basis": "Arkusze" });
    replay.api.post("/effect-results", &result).expect(201);
    for (source, planned, spent) in [("FP", "6000.00", Some("4500.00")), ("FP_RESERVE", "1000.00", None)] {
        let line = json!({ "editionId": edition, "source": source, "kind": "cash", "purpose": "całość", "planned": planned });
        replay.api.post("/budget-lines", &line).expect(201);
        if let Some(amount) = spent {
            let spent = json!({ "editionId": edition, "source": source, "kind": "cash", "purpose": "trener", "spentOn": "2020-11-30", "amount": amount });
            replay.api.post("/expenditures", &spent).expect(201);
        }
    }
    replay.state(&edition, &["participations", "attendance", "psuHours", "money"], "complete", "2021-01-10");
    (replay, edition, blocks)
}

#[test]
fn an_edition_is_compared_with_the_revision_that_is_asked_for() {
    let app = TestApp::start();
    let (replay, edition, blocks) = planned(&app);
    let path = format!("/editions/{edition}/plan-comparison");
    let last = replay.api.get(&path).expect(200);
    assert_eq!((&last["plan"]["number"], &last["plan"]["places"]), (&json!(2), &json!(5)));
    let first = replay.api.get(&format!("{path}?revision=1")).expect(200);
    assert_eq!(replay.api.get(&format!("{path}?on=2020-10-20")).expect(200)["plan"], first["plan"]);
    for (comparison, subject, key, planned, actual, difference, attainment) in [
        (&last, "people", "everStarted", json!(5), json!(4), json!(-1), json!("0.800000")),
        (&first, "people", "everStarted", json!(4), json!(4), json!(0), json!("1.000000")),
        (&last, "people", "completed", json!(5), json!(3), json!(-2), json!("0.600000")),
        (&last, "deliveredHours", blocks[1].as_str(), json!("20.00"), json!("3.00"), json!("-17.00"), json!("0.150000")),
        (&last, "personHours", blocks[1].as_str(), json!("100.00"), json!("12.00"), json!("-88.00"), json!("0.120000")),
        (&first, "personHours", blocks[1].as_str(), json!("80.00"), json!("12.00"), json!("-68.00"), json!("0.150000")),
        (&last, "personHours", "psu", json!("300.00"), json!("8.00"), json!("-292.00"), json!("0.026667")),
        (&last, "money", "all", json!("10000.00"), json!("4500.00"), json!("-5500.00"), json!("0.450000")),
        (&first, "money", "all", Value::Null, json!("4500.00"), Value::Null, Value::Null),
        (&last, "money", "FP", json!("6000.00"), json!("4500.00"), json!("-1500.00"), json!("0.750000")),
        (&last, "money", "FP_RESERVE", json!("1000.00"), json!("0.00"), json!("-1000.00"), json!("0.000000")),
        (&last, "effect", "contacts", json!("12.000000"), json!("9.000000"), json!("-3.000000"), json!("0.750000")),
        (&last, "effect", "completion", json!("0.500000"), json!("0.750000"), json!("0.250000"), json!("1.500000")),
        (&last, "effect", "bonds", Value::Null, Value::Null, Value::Null, Value::Null),
    ] {
        let row = row(comparison, subject, key);
        let told = [&row["planned"], &row["actual"], &row["difference"], &row["attainment"]];
        assert_eq!(told, [&planned, &actual, &difference, &attainment], "{row:#}");
    }
    for query in ["?revision=3", "?revision=0", "?revision=1&on=2020-10-20"] {
        replay.api.get(&format!("{path}{query}")).refused(400, "platform.invalid_parameter");
    }
    app.other_api(Role::Coordinator).get(&path).refused(404, "platform.not_found");
}

#[test]
fn each_row_of_the_comparison_opens_its_records() {
    let app = TestApp::start();
    let (replay, edition, blocks) = planned(&app);
    let comparison = replay.api.get(&format!("/editions/{edition}/plan-comparison")).expect(200);
    for (subject, key, count) in [
        ("people", "everStarted", 4),
        ("deliveredHours", blocks[1].as_str(), 1),
        ("personHours", blocks[1].as_str(), 4),
        ("personHours", "psu", 4),
        ("money", "all", 1),
        ("money", "FP", 1),
        ("money", "FP_RESERVE", 0),
        ("effect", "contacts", 1),
        ("effect", "completion", 3),
    ] {
        let row = row(&comparison, subject, key);
        let records = get(&replay.api, &row["records"]);
        assert_eq!(records["items"].as_array().map(Vec::len), Some(count), "{row:#} {records:#}");
        get(&replay.api, &row["plannedRecords"]);
    }
    let budget = get(&replay.api, &row(&comparison, "money", "FP_RESERVE")["plannedRecords"]);
    assert_eq!(budget["items"][0]["amount"], "1000.00");
    // Who pays a benefit in the end pays a part of each hour: there the records are not told apart.
    let benefit = replay.figure(&format!("/editions/{edition}"), "M-16.benefit");
    let by_source = benefit["breakdowns"].as_array().expect("breakdowns").iter().find(|one| one["by"] == "source");
    assert_eq!(by_source.expect("sources")["groups"][0]["records"], Value::Null);
    replay
        .api
        .get(&format!("/editions/{edition}/figures/M-16.benefit/records?by=source&group=labourFund"))
        .refused(400, "platform.invalid_parameter");
}

#[test]
fn the_comparison_of_a_past_moment_knows_the_plan_of_then() {
    let app = TestApp::start();
    let (replay, edition, _) = planned(&app);
    let path = format!("/editions/{edition}/plan-comparison");
    let before = replay.api.get(&path).expect(200);
    app.clock.advance(chrono::TimeDelta::seconds(10));
    let revision = json!({ "effectiveOn": "2020-11-20", "places": 9, "plannedCost": "20000.00", "reason": "Aneks 2" });
    replay.api.post(&format!("/editions/{edition}/plan-revisions"), &revision).expect(201);
    let line = json!({ "editionId": edition, "source": "ESF", "kind": "cash", "purpose": "całość", "planned": "5.00" });
    replay.api.post("/budget-lines", &line).expect(201);
    let now = replay.api.get(&path).expect(200);
    assert_eq!(now["plan"]["places"], 9);
    assert!(now["rows"].as_array().map(Vec::len) > before["rows"].as_array().map(Vec::len));
    let then = replay.api.get(&format!("{path}?asOf=2026-06-15T10:00:05Z")).expect(200);
    assert_eq!(then["plan"], before["plan"]);
    let numbers = |comparison: &Value| -> Vec<Value> {
        let rows = comparison["rows"].as_array().expect("rows").iter();
        rows.map(|row| json!([row["key"], row["planned"], row["actual"], row["status"]])).collect()
    };
    assert_eq!(numbers(&then), numbers(&before));
}

/// Editions with so many people, of whom so many complete.
fn editions(app: &TestApp, sizes: &[(usize, usize)]) -> Replay {
    let replay = Replay::programme(app, "PAI-2019", "2018-01-01");
    for (place, (people, completed)) in sizes.iter().enumerate() {
        let year = 2018 + place;
        let (from, to) = (format!("{year}-03-05"), format!("{year}-05-04"));
        let edition = replay.edition(&year.to_string(), &from, &to, 30);
        for number in 0..*people {
            let stay = replay.admit_person(&edition, &replay.person("female"), &from);
            let (reason, last) =
                if number < *completed { ("completed", to.clone()) } else { ("health", format!("{year}-04-04")) };
            replay.end(&stay, reason, &last);
        }
        replay.state(&edition, &["participations"], "complete", &format!("{year}-06-15"));
    }
    replay
}

#[test]
fn shares_are_compared_with_their_intervals_and_few_people_are_not_judged() {
    let app = TestApp::start();
    let replay = editions(&app, &[(12, 12), (12, 4), (3, 0), (10, 7)]);
    let comparison = replay.api.get(&format!("/figures/M-11.strict/comparison?programmeId={}", replay.programme)).expect(200);
    let rows = comparison["rows"].as_array().expect("rows");
    let told: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!([row["value"], row["guard"], row["interval"]["low"], row["interval"]["high"], row["change"]["distinguishable"]])
        })
        .collect();
    // Intervals of Wilson as statistical programs tell them: 12 of 12, 4 of 12, 0 of 3, 7 of 10.
    let expected = json!([
        ["1.000000", "ok", "0.757506", "1.000000", null],
        ["0.333333", "ok", "0.138120", "0.609378", true],
        ["0.000000", "tooFew", "0.000000", "0.561497", null],
        ["0.700000", "ok", "0.396778", "0.892209", null],
    ]);
    assert_eq!(json!(told), expected, "{comparison:#}");
    assert_eq!(rows[1]["change"]["difference"], "-0.666667");
    assert_eq!(rows[1]["change"]["since"], rows[0]["key"]);
    for row in rows {
        assert_eq!(json!(get(&replay.api, &row["records"])["items"].as_array().map(Vec::len)), row["numerator"], "{row:#}");
    }
    let years = replay.api.get("/figures/M-11.strict/comparison?between=years").expect(200);
    let values = |of: &Value| of["rows"].as_array().expect("rows").iter().map(|row| row["value"].clone()).collect::<Vec<_>>();
    assert_eq!(values(&years), values(&comparison));
    assert_eq!(years["rows"][0]["key"], "2018");
    let counts = replay.api.get("/figures/M-06/comparison").expect(200);
    assert_eq!((&counts["rows"][1]["guard"], &counts["rows"][2]["change"]["difference"]), (&json!("notAShare"), &json!(-9)));
    // More than were planned is no share of anybody.
    let over = replay.api.get("/figures/M-06.of_planned_places/comparison").expect(200);
    assert_eq!(over["rows"][0]["interval"], Value::Null);
    replay
        .api
        .get("/figures/M-06/comparison?between=years&programmeId=01900000-0000-7000-8000-000000000001")
        .refused(400, "platform.invalid_parameter");
    replay.api.get("/figures/M-99/comparison").refused(404, "platform.not_found");
    assert_eq!(app.other_api(Role::Coordinator).get("/figures/M-06/comparison").expect(200)["rows"], json!([]));
}

#[test]
fn people_who_are_counted_twice_make_no_difference_of_two_groups() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2020-01-01");
    let people: Vec<String> = (0..6).map(|_| replay.person("female")).collect();
    for (name, from, to, completed) in [("I", "2020-02-03", "2020-04-02", 6), ("II", "2020-05-04", "2020-07-03", 0)] {
        let edition = replay.edition(name, from, to, 6);
        for (place, person) in people.iter().enumerate() {
            let stay = replay.admit_person(&edition, person, from);
            let (reason, last) = if place < completed { ("completed", to) } else { ("health", "2020-05-20") };
            replay.end(&stay, reason, last);
        }
        replay.state(&edition, &["participations"], "complete", "2020-09-01");
    }
    let comparison = replay.api.get("/figures/M-11.strict/comparison").expect(200);
    let change = &comparison["rows"][1]["change"];
    assert_eq!((&change["peopleInBoth"], &change["distinguishable"]), (&json!(6), &Value::Null), "{comparison:#}");
}

#[test]
fn a_figure_is_broken_down_by_the_residence_and_area_that_held_at_entry() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2020-09-01");
    let edition = replay.edition("I", "2020-10-15", "2020-12-14", 10);
    let people: Vec<String> = (0..6).map(|_| replay.person("female")).collect();
    let fact = |place: usize, kind: &str, value: &str, from: &str, to: Value| {
        let body = json!({ "kind": kind, "value": value, "from": from, "to": to, "source": "oświadczenie" });
        replay.api.post(&format!("/people/{}/facts", people[place]), &body).expect(201);
    };
    for (place, teryt) in [(0, "1013011"), (1, "1013011"), (2, "1013032"), (3, "1013011")] {
        fact(place, "residence", teryt, "2015-01-01", Value::Null);
    }
    // Somebody who moved before the entry counts where they lived then, and whoever moves later stays counted there.
    fact(3, "residence", "1013032", "2020-10-01", Value::Null);
    fact(0, "residence", "1013032", "2020-11-01", Value::Null);
    for (place, area) in [(0, "true"), (1, "false")] {
        fact(place, "revitalisationArea", area, "2015-01-01", Value::Null);
    }
    for person in &people[..5] {
        replay.admit_person(&edition, person, "2020-10-15");
    }
    replay.state(&edition, &["participations"], "complete", "2020-12-20");
    let groups = |by: &str| {
        let answer = replay.api.get(&format!("/editions/{edition}/figures/M-06/breakdown?by={by}")).expect(200);
        let groups = answer["groups"].as_array().expect("groups").iter();
        json!(groups.map(|group| json!([group["key"], group["value"]])).collect::<Vec<_>>())
    };
    assert_eq!(groups("residence"), json!([["1013011", 2], ["1013032", 2], ["unknown", 1]]));
    let area = groups("revitalisationArea");
    let of = |key: &str| area.as_array().and_then(|all| all.iter().find(|one| one[0] == key).map(|one| one[1].clone()));
    assert_eq!((of("true"), of("false"), of("unknown")), (Some(json!(1)), Some(json!(1)), Some(json!(3))), "{area}");
}
