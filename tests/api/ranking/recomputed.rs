//! A ranking computed again by code that knows nothing of the program: only `docs/RANKING.md` and the published inputs.

mod ages;

use super::{Recruitment, id};
use crate::support::TestApp;
use aws_lc_rs::digest;
use chrono::{Datelike, Months, NaiveDate};
use diesel::connection::SimpleConnection;
use pai::platform::migrations::connect;
use serde_json::{Value, json};
use std::cmp::Reverse;

fn sha256(text: &str) -> String {
    let bytes = digest::digest(&digest::SHA256, text.as_bytes());
    bytes.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The canonical form: members in the order of their names, no spaces.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            let members: Vec<String> = names.iter().map(|name| format!("\"{name}\":{}", canonical(&members[*name]))).collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// Hundredths of points.
fn hundredths(text: &str) -> i64 {
    text.replace('.', "").parse().expect("points with two places")
}

/// What is known of a kind on the day: the fact that began last, unless its evidence has expired or another contradicts it.
fn known<'v>(candidate: &'v Value, kind: &str, on: NaiveDate) -> Option<&'v str> {
    let holds = |fact: &&Value| {
        text(fact, "kind") == kind && day(text(fact, "from")) <= on && fact["to"].as_str().is_none_or(|to| on <= day(to))
    };
    let facts: Vec<&Value> = list(candidate, "facts").iter().filter(holds).collect();
    let began = facts.iter().map(|fact| text(fact, "from")).max()?;
    let fresh =
        |fact: &&&Value| text(fact, "from") == began && fact["expiresOn"].as_str().is_none_or(|expires| on <= day(expires));
    let mut values: Vec<&str> = facts.iter().filter(fresh).map(|fact| text(fact, "value")).collect();
    values.dedup();
    match values.as_slice() {
        [value] if *value != "refused" => Some(value),
        _ => None,
    }
}

/// Whether a condition is met; none where that is not known.
fn met(condition: &Value, candidate: &Value, on: NaiveDate) -> Option<bool> {
    let is = |kind, wanted: &str| known(candidate, kind, on).map(|value| value == wanted);
    match text(condition, "rule") {
        "registeredUnemployed" => is("registeredUnemployed", "true"),
        "noBenefitRight" => is("benefitRight", "false"),
        "usesSocialAssistance" => is("socialAssistance", "true"),
        "disability" => is("disability", "true"),
        "residence" => known(candidate, "residence", on)
            .map(|value| list(condition, "places").iter().any(|place| Some(value) == place.as_str())),
        "unemployedForMonths" => known(candidate, "unemployedSince", on)
            .map(|since| day(since) + Months::new(ages::months_asked(condition, candidate)) <= on),
        "ageBetween" => ages::within(&condition["age"], candidate),
        "registeredMonthsWithin" => ages::registered_long_enough(condition, candidate, on),
        other => panic!("{other} is not used by these rules"),
    }
}

fn points(criterion: &Value, candidate: &Value, on: NaiveDate) -> i64 {
    let most = hundredths(text(criterion, "points"));
    let all_or_none = |met: bool| if met { most } else { 0 };
    match text(criterion, "source") {
        "condition" => all_or_none(met(criterion, candidate, on) == Some(true)),
        "sex" => all_or_none(criterion["sex"] == candidate["sex"]),
        "ageAtLeast" => all_or_none(
            (candidate["ageYears"].as_i64())
                .or_else(|| Some(i64::from(on.year()) - candidate["birthYear"].as_i64()?))
                .is_some_and(|age| age >= criterion["years"].as_i64().expect("years")),
        ),
        _ => list(candidate, "manualPoints")
            .iter()
            .find(|given| given["criterion"] == criterion["code"])
            .map_or(0, |given| hundredths(text(given, "points")).min(most)),
    }
}

fn total(rules: &Value, candidate: &Value, on: NaiveDate) -> i64 {
    let of_group = |group: &Value| {
        list(rules, "criteria")
            .iter()
            .filter(|criterion| criterion["group"] == *group)
            .map(|one| points(one, candidate, on))
            .sum::<i64>()
    };
    let groups = list(rules, "groups").iter().map(|group| of_group(&group["code"]).min(hundredths(text(group, "maxPoints"))));
    of_group(&Value::Null) + groups.sum::<i64>()
}

/// The values of the tie-breakers, the smaller one ahead, and the lot at last.
fn ties(inputs: &Value, candidate: &Value, on: NaiveDate) -> (Vec<i64>, String) {
    let rules = &inputs["rules"];
    let number = |text: &str| i64::from(day(text).num_days_from_ce());
    let of = |breaker: &Value| match text(breaker, "rule") {
        "receivedEarlier" => number(text(candidate, "receivedOn")),
        "unemployedLonger" => known(candidate, "unemployedSince", on).map_or(i64::MAX, number),
        "morePointsIn" => {
            let criterion = list(rules, "criteria").iter().find(|criterion| criterion["code"] == breaker["criterion"]);
            -points(criterion.expect("a criterion"), candidate, on)
        }
        other => panic!("{other} is not used by these rules"),
    };
    let lot = sha256(&format!("{}:{}", text(inputs, "editionId"), text(candidate, "applicationId")));
    (list(rules, "tieBreakers").iter().map(of).collect(), lot)
}

/// Application, list, rank and points of every row, in the order of the protocol.
fn computed(inputs: &Value) -> Vec<Value> {
    let on = day(text(inputs, "effectiveOn"));
    let mut ranked = Vec::new();
    let mut apart = Vec::new();
    for candidate in list(inputs, "candidates") {
        let conditions: Vec<Option<bool>> = list(inputs, "conditions").iter().map(|one| met(one, candidate, on)).collect();
        let (application, points) = (text(candidate, "applicationId"), total(&inputs["rules"], candidate, on));
        if conditions.contains(&Some(false)) {
            apart.push(("rejected", application, points));
        } else if conditions.contains(&None) {
            apart.push(("undetermined", application, points));
        } else {
            ranked.push((Reverse(points), ties(inputs, candidate, on), application));
        }
    }
    ranked.sort();
    apart.sort_unstable();
    let places = usize::try_from(inputs["places"].as_u64().expect("places")).expect("places");
    let shown = |points: i64| format!("{}.{:02}", points / 100, points % 100);
    let ranked = ranked.iter().enumerate().map(|(at, (Reverse(points), _, application))| {
        let list = if at < places { "basic" } else { "reserve" };
        json!([application, list, at + 1, shown(*points)])
    });
    let apart = apart.iter().map(|(list, application, points)| json!([application, list, Value::Null, shown(*points)]));
    ranked.chain(apart).collect()
}

/// Forty candidates of all kinds, without a pattern but always the same.
fn crowd(recruitment: &Recruitment) {
    for number in 0..40_u32 {
        let dice = |sides: u32| number.wrapping_mul(2_654_435_761).rotate_left(sides) % sides;
        let since = format!("{}-0{}-01", 2015 + dice(6), 1 + dice(9));
        let mut facts = vec![];
        if dice(5) > 0 {
            facts.push(("unemployedSince", since.as_str()));
        }
        facts.push(("disability", ["true", "false", "refused"][usize::try_from(dice(3)).expect("a place")]));
        facts.push(("residence", ["1013032", "1013011"][usize::try_from(dice(2)).expect("a place")]));
        facts.push(("benefitRight", ["false", "false", "false", "true", ""][usize::try_from(number % 5).expect("a place")]));
        let sex = ["female", "male"][usize::try_from(dice(2)).expect("a place")];
        let received = format!("2020-09-{:02}", 1 + dice(4));
        let born = 1955 + i32::try_from(dice(30)).expect("a year");
        let application = recruitment.candidate(sex, born, &received, &facts);
        if dice(4) == 0 {
            let points = json!({ "criterion": "motivation", "points": "2.5", "reason": "Rozmowa", "givenOn": "2020-10-02" });
            recruitment.api.post(&format!("/applications/{application}/manual-points"), &points).expect(201);
        }
    }
}

#[test]
fn anybody_can_compute_a_protocol_again_from_its_inputs() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 8);
    crowd(&recruitment);
    let protocol = recruitment.rank(&json!({ "effectiveOn": "2020-10-08" }));
    let kept = recruitment.read(&protocol, "/inputs");
    let document = canonical(&kept["inputs"]);
    assert_eq!((sha256(&document), &kept["sha256"]), (text(&protocol, "inputsSha256").to_owned(), &protocol["inputsSha256"]));
    let named = |row: &Value| json!([row["applicationId"], row["list"], row["rank"], row["points"]]);
    let rows: Vec<Value> = list(&protocol, "rows").iter().map(named).collect();
    assert_eq!(computed(&kept["inputs"]), rows);
    let lists: Vec<&str> = list(&protocol, "rows").iter().map(|row| text(row, "list")).collect();
    for list in ["basic", "reserve", "rejected", "undetermined"] {
        assert!(lists.contains(&list), "{lists:?}");
    }
    // The hash of the rows is that of the rows as listed, without what is added for reading.
    let mut listed = recruitment.read(&protocol, "/rows?limit=200")["items"].clone();
    for row in listed.as_array_mut().expect("rows") {
        for added in ["id", "label", "explanation", "language"] {
            row.as_object_mut().expect("a row").remove(added);
        }
    }
    assert_eq!(sha256(&canonical(&listed)), text(&protocol, "rowsSha256"));
}

#[test]
fn a_verification_finds_what_was_changed_behind_the_service() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 1);
    let [first, second] = [1960, 1990].map(|born| recruitment.candidate("male", born, "2020-10-01", &[]));
    let protocol = recruitment.rank(&json!({ "effectiveOn": "2020-10-08" }));
    let verified = recruitment.read(&protocol, "/verification");
    assert_eq!(
        verified,
        json!({ "protocolId": id(&protocol), "verified": true, "inputsAgree": true, "rowsAgree": true, "rows": 2, "differingApplicationIds": [] })
    );
    let mut superuser = connect(&app.superuser_url).expect("superuser");
    let change = |superuser: &mut diesel::PgConnection, sql: &str| superuser.batch_execute(sql).expect(sql);
    change(&mut superuser, &format!("UPDATE ranking_rows SET points = points + 50 WHERE application_id = '{second}'"));
    let found = recruitment.read(&protocol, "/verification");
    assert_eq!(
        (&found["verified"], &found["inputsAgree"], &found["differingApplicationIds"]),
        (&json!(false), &json!(true), &json!([second]))
    );
    change(&mut superuser, &format!("UPDATE ranking_rows SET points = points - 50 WHERE application_id = '{second}'"));
    change(&mut superuser, "UPDATE ranking_protocols SET inputs = jsonb_set(inputs::jsonb, '{candidates,0,birthYear}', '1991')");
    let found = recruitment.read(&protocol, "/verification");
    assert_eq!((&found["verified"], &found["inputsAgree"], &found["rowsAgree"]), (&json!(false), &json!(false), &json!(false)));
    assert!(list(&found, "differingApplicationIds").contains(&json!(first)), "{found}");
}

#[test]
fn a_protocol_keeps_what_was_known_whatever_is_corrected_later() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 1);
    let application = recruitment.candidate("male", 1990, "2020-10-01", &[("disability", "true")]);
    let protocol = recruitment.rank(&json!({ "effectiveOn": "2020-10-08" }));
    let person = recruitment.application(&application)["personId"].as_str().expect("a person").to_owned();
    let facts = recruitment.api.get(&format!("/people/{person}/facts?kind=disability")).expect(200);
    let correction = json!({
        "kind": "disability", "value": "false", "from": "2015-01-01", "source": "PUP", "supersedesId": facts["items"][0]["id"], "correctionReason": "Pomyłka"
    });
    recruitment.api.post(&format!("/people/{person}/facts"), &correction).expect(201);
    assert_eq!(recruitment.read(&protocol, "/verification")["verified"], true);
    assert_eq!(recruitment.read(&protocol, &format!("/rows/{application}"))["points"], "5.00");
    assert_eq!(recruitment.rank(&json!({ "effectiveOn": "2020-10-08" }))["rows"][0]["points"], "0.00");
}
