//! Which past moments can be asked about, by whom, and what is refused rather than guessed.

use chrono::TimeDelta;
use pai::platform::policy::Role;
use serde_json::json;

use crate::support::TestApp;
use crate::support::database::{TestDatabase, rows};
use crate::support::replay::Replay;

#[test]
fn a_moment_that_is_not_settled_and_one_before_changes_were_kept_are_refused() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2020-09-01");
    let edition = replay.edition("I", "2020-10-05", "2020-12-04", 5);
    let asked = |as_of: &str| replay.api.get(&format!("/editions/{edition}/figures?asOf={as_of}"));
    for as_of in ["2026-06-15T10:00:00Z", "2026-06-15T09:59:59Z", "2026-06-15", "2030-01-01"] {
        asked(as_of).refused(400, "platform.invalid_parameter");
    }
    asked("wczoraj").refused(400, "platform.invalid_parameter");
    asked("2026-06-14").refused(404, "platform.not_found");
    app.clock.advance(TimeDelta::seconds(5));
    asked("2026-06-15T10:00:01Z").expect(200);
    let mut superuser = pai::platform::migrations::connect(&app.superuser_url).expect("connection");
    let kept = "INSERT INTO version_starts VALUES ('2026-06-15T10:00:02Z')";
    diesel::connection::SimpleConnection::batch_execute(&mut superuser, kept).expect("a start");
    let refused = asked("2026-06-15T10:00:01Z").refused(400, "platform.invalid_parameter");
    assert_eq!(refused["errors"][0]["pointer"], "asOf");
    asked("2026-06-15T10:00:02Z").expect(200);
}

#[test]
fn an_age_that_a_changed_identity_told_is_refused_and_never_guessed() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2020-09-01");
    let edition = replay.edition("I", "2020-10-05", "2020-12-04", 5);
    let api = &replay.api;
    let identity =
        |day: &str| json!({ "givenNames": "Anna", "surname": "Nowak", "birthDate": day, "missingReason": "w trakcie" });
    // Somebody who turns 30 in the year of the edition: only the date tells the band.
    let person = api.post("/people", &json!({ "sex": "female", "birthYear": 1990, "identity": identity("1990-11-20") })).id();
    replay.admit_person(&edition, &person, "2020-10-05");
    replay.state(&edition, &["participations"], "complete", "2020-12-05");
    app.clock.advance(TimeDelta::seconds(5));
    let path = format!("/editions/{edition}/figures/M-06/breakdown?by=age");
    let then = format!("{path}&asOf=2026-06-15T10:00:01Z");
    let before = api.get(&then).expect(200)["groups"].clone();
    assert_eq!(before[0]["value"], 1, "{before:#}");
    let worker = api.with("Pai-Purpose", "kontrola");
    let etag = worker.get(&format!("/people/{person}/identity")).header("etag").to_owned();
    worker.put(&format!("/people/{person}/identity"), &etag, &identity("1990-01-20")).expect(200);
    app.clock.advance(TimeDelta::seconds(5));
    api.get(&then).refused(409, "people.past_birth_unknown");
    let now = api.get(&path).expect(200)["groups"].clone();
    assert_ne!(now[0]["key"], before[0]["key"]);
    api.get(&format!("{path}&asOf=2026-06-15T10:00:06Z")).expect(200);
}

#[test]
fn what_another_town_kept_is_no_answer_of_ours() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2020-09-01");
    let edition = replay.edition("I", "2020-10-05", "2020-12-04", 5);
    let person = replay.person("female");
    let stay = replay.admit_person(&edition, &person, "2020-10-05");
    app.clock.advance(TimeDelta::seconds(5));
    replay.end(&stay, "health", "2020-11-01");
    app.clock.advance(TimeDelta::seconds(5));
    let ours = replay.api.get("/figures?asOf=2026-06-15T10:00:01Z").expect(200);
    let drop_outs = ours["figures"].as_array().expect("figures").iter().find(|one| one["definitionId"] == "M-12");
    assert!(drop_outs.is_some(), "{ours:#}");
    let others = app.other_api(Role::Coordinator);
    others.get(&format!("/editions/{edition}/figures?asOf=2026-06-15T10:00:01Z")).refused(404, "platform.not_found");
    let theirs = others.get("/figures/M-06/records?asOf=2026-06-15T10:00:01Z").expect(200);
    assert_eq!(theirs["items"], json!([]));
}

#[test]
fn a_moment_waits_for_what_began_before_it() {
    use diesel::connection::SimpleConnection as _;
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2020-09-01");
    let edition = replay.edition("I", "2020-10-05", "2020-12-04", 5);
    app.clock.advance(TimeDelta::seconds(120));
    let asked = |as_of: &str| replay.api.get(&format!("/editions/{edition}/figures?asOf={as_of}"));
    asked("2026-06-15T10:01:58Z").expect(200);
    // Somebody is still writing what may bear an earlier moment.
    let mut writing = pai::platform::migrations::connect(&app.service_url).expect("a connection");
    writing.batch_execute("BEGIN; SELECT 1").expect("a transaction");
    let refused = asked("2026-06-15T10:01:58Z");
    refused.refused(503, "platform.unavailable");
    assert_eq!(refused.header("retry-after"), "1");
    asked("2026-06-15T10:00:30Z").expect(200);
    writing.batch_execute("COMMIT").expect("the end");
    asked("2026-06-15T10:01:58Z").expect(200);
}

#[test]
fn every_kept_table_is_answered_with_all_of_its_columns() {
    let database = TestDatabase::migrated("past");
    let columns = |schema: &str| {
        let query = format!(
            "SELECT ARRAY[c.table_name::text, c.column_name::text] AS row FROM information_schema.columns c
              WHERE c.table_schema = '{schema}' AND c.table_name IN
                    (SELECT v.table_name FROM information_schema.views v WHERE v.table_schema = 'past') ORDER BY 1"
        );
        rows(&mut database.superuser(), &query)
    };
    let kept = columns("past");
    assert!(kept.len() > 200, "the views were not found: {kept:?}");
    assert_eq!(kept, columns("public"));
}

#[test]
fn a_merge_closes_no_past_whichever_identity_stays() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2014", "2017-01-01");
    let edition = replay.edition("I", "2017-03-01", "2017-04-30", 9);
    let api = &replay.api;
    let identity = |day: &str| json!({ "givenNames": "Jan", "surname": "Nowak", "birthDate": day, "missingReason": "w trakcie" });
    // All turn 35 in the year of the edition, the duplicates after its first day.
    let person = |day: Option<&str>| {
        let mut body = json!({ "sex": "male", "birthYear": 1982 });
        if let Some(day) = day {
            body["identity"] = identity(day);
        }
        api.post("/people", &body).id()
    };
    let (young, old) = ("1982-04-05", "1982-01-20");
    let pairs = [(Some(young), Some(old)), (Some(young), None), (Some(young), Some(old)), (None, Some(young))];
    let choices = ["survivor", "survivor", "duplicate", "survivor"];
    let pairs = pairs.map(|(duplicate, survivor)| (person(duplicate), person(survivor)));
    for (duplicate, _) in &pairs {
        replay.admit_person(&edition, duplicate, "2017-03-01");
    }
    let kept = person(Some(young));
    replay.admit_person(&edition, &kept, "2017-03-01");
    replay.state(&edition, &["participations"], "complete", "2017-05-05");
    app.clock.advance(TimeDelta::seconds(5));
    let paths = [
        format!("/editions/{edition}/figures/M-06/breakdown?by=age&"),
        format!("/editions/{edition}/figures?"),
        format!("/programmes/{}/esf-participants?", replay.programme),
        "/figures?".to_owned(),
    ];
    let then = |path: &str| api.get(&format!("{path}asOf=2026-06-15T10:00:01Z"));
    let answers = || paths.clone().map(|path| then(&path).expect(200));
    let before = answers();
    assert_eq!(before[0]["groups"][0]["value"], 4, "{:#}", before[0]);
    let merge = |duplicate: &str, into: &str, choice: &str| {
        let etag = api.get(&format!("/people/{duplicate}")).header("etag").to_owned();
        let body = json!({ "into": into, "reason": "Ta sama osoba", "identity": choice });
        api.with("If-Match", &etag).post(&format!("/people/{duplicate}/merge"), &body).expect(200);
        app.clock.advance(TimeDelta::seconds(5));
    };
    for ((duplicate, survivor), choice) in pairs.iter().zip(choices) {
        merge(duplicate, survivor, choice);
    }
    assert_eq!(answers(), before, "every identity is found where its merge left it");
    // Merged once more, into somebody with an identity of his own.
    merge(&pairs[1].1, &person(Some(old)), "survivor");
    assert_eq!(answers(), before);
    // What is corrected by hand is lost, for ages alone.
    let worker = api.with("Pai-Purpose", "kontrola");
    let etag = worker.get(&format!("/people/{kept}/identity")).header("etag").to_owned();
    worker.put(&format!("/people/{kept}/identity"), &etag, &identity(old)).expect(200);
    app.clock.advance(TimeDelta::seconds(5));
    then(&paths[0]).refused(409, "people.past_birth_unknown");
    then(&paths[1]).refused(409, "people.past_birth_unknown");
    then(&format!("{}definitionId=M-25.cost_spent&", paths[1])).expect(200);
    then(&format!("/programmes/{}/history?", replay.programme)).expect(200);
}
