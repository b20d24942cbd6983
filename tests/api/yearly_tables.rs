//! The yearly table of labour offices, the participant table of a project, and the history of a programme.

use crate::support::replay::Replay;
use crate::support::{Api, TestApp};
use pai::platform::policy::Role;
use serde_json::{Value, json};

/// Two editions over the turn of the year: five people in the first, of whom two come again with two others.
struct Programme {
    replay: Replay,
    editions: [String; 2],
    people: Vec<String>,
}

fn programme(app: &TestApp) -> Programme {
    let replay = Replay::programme(app, "PAI-2019", "2020-09-01");
    let first = replay.edition("I", "2020-10-15", "2020-12-14", 5);
    let second = replay.edition("II", "2020-12-28", "2021-02-27", 5);
    let people: Vec<String> =
        ["female", "female", "male", "female", "unknown", "male", "female"].iter().map(|sex| replay.person(sex)).collect();
    for (place, reason, last) in [
        (0, "completed", "2020-12-14"),
        (1, "completed", "2020-12-14"),
        (2, "employed", "2020-11-20"),
        (3, "health", "2020-11-10"),
        (4, "completed", "2020-12-14"),
    ] {
        let stay = replay.admit_person(&first, &people[place], "2020-10-15");
        replay.end(&stay, reason, last);
    }
    for place in [0, 2, 5, 6] {
        let stay = replay.admit_person(&second, &people[place], "2020-12-28");
        replay.end(&stay, "completed", "2021-02-27");
    }
    let job = |person: &str, from: &str, to: Value| {
        let body = json!({ "personId": person, "startsOn": from, "endsOn": to, "kind": "employmentContract",
            "source": "labourOffice", "verifiedOn": "2021-04-01" });
        replay.api.post("/employment-spells", &body).expect(201);
    };
    job(&people[2], "2020-11-21", json!("2020-12-25"));
    job(&people[1], "2021-01-04", Value::Null);
    // Twenty days are too short for the table.
    job(&people[4], "2021-01-04", json!("2021-01-23"));
    for edition in [&first, &second] {
        replay.state(edition, &["participations", "employment"], "complete", "2021-10-01");
    }
    Programme { replay, editions: [first, second], people }
}

fn items(api: &Api, link: &Value) -> Vec<Value> {
    let path = link.as_str().expect("a path").strip_prefix("/api/v1").expect("the base path");
    api.get(path).expect(200)["items"].as_array().cloned().expect("items")
}

#[test]
fn the_annex_counts_each_person_once_and_opens_its_records() {
    let app = TestApp::start();
    let Programme { replay, people, .. } = programme(&app);
    let api = &replay.api;
    // An esf project is none of the programmes that the annex is about.
    let project = Replay::of(&app, &json!({ "name": "Projekt", "kind": "esfProject" }), "PAI-2019", "2020-09-01");
    let other = project.edition("P", "2020-10-15", "2020-12-14", 5);
    project.admit_person(&other, &project.person("female"), "2020-10-15");
    for (year, expected) in [
        (2020, json!([["started", 7, 4], ["finished", 3, 2], ["continued", 4, 2], ["employed", 2, 1]])),
        (2021, json!([["started", 0, 0], ["finished", 4, 2], ["continued", 0, 0], ["employed", 0, 0]])),
    ] {
        let table = api.get(&format!("/yearly-tables/{year}")).expect(200);
        let rows = table["rows"].as_array().expect("rows");
        let told: Vec<Value> = rows.iter().map(|row| json!([row["row"], row["people"], row["women"]])).collect();
        assert_eq!(json!(told), expected, "{year}: {table:#}");
        for row in rows {
            assert_eq!(json!(items(api, &row["records"]).len()), row["people"], "{year} {row:#}");
            assert_eq!(json!(items(api, &row["womenRecords"]).len()), row["women"], "{year} {row:#}");
        }
    }
    let table = api.get("/yearly-tables/2020").expect(200);
    assert_eq!(table["rows"][0]["womenStatus"], "provisional", "the sex of somebody is not on file");
    let employed: Vec<Value> = items(api, &table["rows"][3]["records"]).iter().map(|record| record["personId"].clone()).collect();
    assert!(employed.contains(&json!(people[1])) && employed.contains(&json!(people[2])), "{employed:?}");
    let none = api.get("/yearly-tables/2015").expect(200);
    assert_eq!((&none["rows"][0]["people"], &none["rows"][0]["status"]), (&Value::Null, &json!("notCollected")));
    api.get("/yearly-tables/1066").refused(400, "platform.invalid_parameter");
    let theirs = app.other_api(Role::Coordinator).get("/yearly-tables/2020").expect(200);
    assert_eq!(theirs["rows"][0]["people"], Value::Null);
}

#[test]
fn the_annex_is_a_file_in_both_dialects_a_workbook_and_a_paper() {
    let app = TestApp::start();
    let Programme { replay, .. } = programme(&app);
    let file = |query: &str| replay.api.get(&format!("/yearly-tables/2020/file{query}"));
    let polish = file("");
    assert_eq!(polish.header("content-type"), "text/csv; charset=utf-8");
    let first = "1;\"Osoby, które rozpoczęły udział w roku\";7;4;provisional";
    let lines: Vec<&str> = polish.text.lines().collect();
    assert!(lines.iter().any(|line| line.replace('"', "") == first.replace('"', "")), "{}", polish.text);
    let standard = file("?dialect=rfc4180");
    assert!(standard.text.lines().any(|line| line.ends_with(",7,4,provisional")), "{}", standard.text);
    for (format, start) in [("xlsx", &b"PK"[..]), ("pdf", b"%PDF")] {
        let answer = file(&format!("?format={format}"));
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.bytes.starts_with(start), "{format}");
    }
    let unknown = replay.api.get("/yearly-tables/2015/file").text;
    assert!(unknown.lines().any(|line| line.contains(";.;.;notCollected")), "nothing known is no zero: {unknown}");
}

#[test]
fn the_participant_table_has_each_person_once_with_the_last_exit() {
    let app = TestApp::start();
    let Programme { replay, people, .. } = programme(&app);
    let path = format!("/programmes/{}/esf-participants", replay.programme);
    let table = replay.api.get(&format!("{path}?limit=200")).expect(200);
    let rows = table["items"].as_array().expect("items");
    assert_eq!(rows.len(), 7);
    let of = |place: usize| rows.iter().find(|row| row["personId"] == json!(people[place])).expect("a participant");
    let again = of(0);
    assert_eq!((&again["startsOn"], &again["endedOn"]), (&json!("2020-10-15"), &json!("2021-02-27")));
    assert_eq!(again["participationIds"].as_array().map(Vec::len), Some(2));
    for (place, planned, weeks, months) in [
        (0, "yes", "no", "no"),
        // The job began within four weeks after 14 December.
        (1, "yes", "yes", "yes"),
        // Who left for a job and came again is asked about the second exit.
        (2, "yes", "no", "no"),
        (3, "no", "no", "no"),
        (4, "yes", "yes", "yes"),
    ] {
        let row = of(place);
        let told = (&row["endedAsPlanned"], &row["employedWithin4Weeks"], &row["employedWithin6Months"]);
        assert_eq!(told, (&json!(planned), &json!(weeks), &json!(months)), "{place}: {row:#}");
    }
    assert_eq!(of(3)["endReason"], "health");
    let page = replay.api.get(&format!("{path}?limit=3")).expect(200);
    assert_eq!(page["items"].as_array().map(Vec::len), Some(3));
    let file = replay.api.get(&format!("{path}/file")).text;
    assert_eq!(file.lines().filter(|line| line.contains(";2020-") || line.contains(".2020;")).count(), 7, "{file}");
    app.other_api(Role::Coordinator).get(&path).refused(404, "platform.not_found");
}

#[test]
fn what_funds_ask_is_told_as_of_the_first_day_and_what_nobody_asked_is_no_no() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2020-09-01");
    let edition = replay.edition("I", "2020-10-15", "2020-12-14", 5);
    let [asked, not_asked] = ["female", "male"].map(|sex| {
        let person = replay.person(sex);
        replay.admit_person(&edition, &person, "2020-10-15");
        person
    });
    let fact = |kind: &str, value: &str, from: &str| {
        let body =
            json!({ "kind": kind, "value": value, "from": from, "source": "Formularz uczestnika", "sourceKind": "applicant" });
        replay.api.post(&format!("/people/{asked}/facts"), &body)
    };
    for (kind, value) in [
        ("householdSituation", "joblessWithChildren"),
        ("citizenship", "thirdCountry"),
        ("urbanisation", "rural"),
        ("minorityOrMigrant", "refused"),
        ("homelessness", "false"),
        ("otherDisadvantage", "true"),
    ] {
        fact(kind, value, "2020-10-01").expect(201);
    }
    // What became of it later was not so on the first day.
    fact("householdSituation", "none", "2020-11-01").expect(201);
    fact("citizenship", "PL", "2020-10-01").refused(422, "people.fact_value");
    let path = format!("/programmes/{}/esf-participants", replay.programme);
    let table = replay.api.get(&path).expect(200);
    let told = |person: &str| {
        let row = table["items"].as_array().expect("items").iter().find(|row| row["personId"] == person).expect("a participant");
        ["householdSituation", "citizenship", "urbanisation", "minorityOrMigrant", "homelessness", "otherDisadvantage"]
            .map(|name| row[name].as_str().expect("a word").to_owned())
    };
    assert_eq!(told(&asked), ["joblessWithChildren", "thirdCountry", "rural", "refused", "false", "true"]);
    assert_eq!(told(&not_asked), ["notCollected"; 6]);
    let file = replay.api.get(&format!("{path}/file?dialect=rfc4180")).text;
    let line = |person: &str| file.lines().find(|line| line.contains(person)).expect("a line").to_owned();
    assert!(line(&asked).contains(",rural,joblessWithChildren,thirdCountry,refused,false,true,"), "{file}");
    assert!(!line(&not_asked).contains("false") && line(&not_asked).matches("notCollected").count() >= 6, "{file}");
}

#[test]
fn the_results_after_an_exit_are_unknown_until_somebody_knows() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2020-09-01");
    let edition = replay.edition("I", "2020-10-15", "2020-12-14", 5);
    let person = replay.person("female");
    let stay = replay.admit_person(&edition, &person, "2020-10-15");
    let path = format!("/programmes/{}/esf-participants", replay.programme);
    let told = || {
        let row = replay.api.get(&path).expect(200)["items"][0].clone();
        json!([row["endedAsPlanned"], row["employedWithin4Weeks"], row["employedWithin6Months"]])
    };
    assert_eq!(told(), json!(["unknown", "unknown", "unknown"]));
    replay.end(&stay, "completed", "2020-12-14");
    assert_eq!(told(), json!(["yes", "unknown", "unknown"]));
    // A statement of spring knows the four weeks, and not the six months.
    replay.state(&edition, &["employment"], "complete", "2021-03-01");
    assert_eq!(told(), json!(["yes", "no", "unknown"]));
}

#[test]
fn the_history_tells_who_came_again_and_the_gap() {
    let app = TestApp::start();
    let Programme { replay, editions, .. } = programme(&app);
    let path = format!("/programmes/{}/history", replay.programme);
    let history = replay.api.get(&path).expect(200);
    assert_eq!((&history["enrolments"], &history["people"], &history["repeaters"]), (&json!(9), &json!(7), &json!(2)));
    let [first, second] = [&history["editions"][0], &history["editions"][1]];
    assert_eq!((&first["gapDays"], &second["gapDays"]), (&Value::Null, &json!(13)));
    assert_eq!((&first["people"], &second["people"]), (&json!(5), &json!(4)));
    assert_eq!(second["shared"], json!([{ "editionId": editions[0], "people": 2 }]));
    let figure = |of: &Value, id: &str| {
        of["figures"].as_array().expect("figures").iter().find(|one| one["definitionId"] == id).cloned().expect("a figure")
    };
    for (id, one, other, all) in [
        ("M-06", json!(5), json!(4), json!(9)),
        ("M-09", json!(3), json!(4), json!(7)),
        ("M-23.repeaters", json!(0), json!(2), json!(2)),
        ("M-23.new", json!(5), json!(2), Value::Null),
        ("M-25.cost_spent", Value::Null, Value::Null, Value::Null),
    ] {
        let told = [first, second, &history].map(|of| figure(of, id)["value"].clone());
        assert_eq!(told, [one, other, all], "{id}");
    }
    assert_eq!(items(&replay.api, &figure(second, "M-23.repeaters")["records"]).len(), 2);
    let file = replay.api.get(&format!("{path}/file?dialect=rfc4180")).text;
    let line = |start: &str| file.lines().find(|line| line.starts_with(start)).unwrap_or_default().to_owned();
    assert!(line("II,").starts_with("II,2020-12-28,2021-02-27,13,4,5,"), "{file}");
    assert!(line("Razem,").starts_with("Razem,,,,7,"), "{file}");
    assert!(line("II,").contains(",."), "what is not known is a point: {file}");
    assert!(replay.api.get(&format!("{path}/file?format=xlsx")).bytes.starts_with(b"PK"));
}
