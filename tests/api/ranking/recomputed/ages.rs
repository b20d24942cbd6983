//! Conditions of age and time in a ranking: as an assessment decides them, and computed again from the published inputs.

use super::{computed, known, list, text};
use crate::eligibility::regime;
use crate::support::{Api, TestApp};
use chrono::{Months, NaiveDate};
use pai::platform::policy::Role;
use serde_json::{Value, json};

fn number(value: &Value) -> u32 {
    u32::try_from(value.as_u64().expect("a number")).expect("a small number")
}

/// Whether the completed years are within limits; none where they are not known.
pub(super) fn within(limits: &Value, candidate: &Value) -> Option<bool> {
    let age = candidate["ageYears"].as_i64()?;
    let max = if candidate["sex"] == "female" {
        limits["maxWomen"].as_i64().or(limits["max"].as_i64())
    } else {
        limits["max"].as_i64()
    };
    Some(limits["min"].as_i64().is_none_or(|min| age >= min) && max.is_none_or(|max| age <= max))
}

/// The months of unemployment that a condition asks of somebody.
pub(super) fn months_asked(condition: &Value, candidate: &Value) -> u32 {
    let young = &condition["young"];
    let is_young = candidate["ageYears"].as_u64().zip(young["belowAge"].as_u64()).is_some_and(|(age, below)| age < below);
    number(if is_young { &young["months"] } else { &condition["months"] })
}

/// Whether the months in the register suffice, looked at day by day.
pub(super) fn registered_long_enough(condition: &Value, candidate: &Value, on: NaiveDate) -> Option<bool> {
    let begins = on - Months::new(number(&condition["withinMonths"]));
    let days: Vec<(NaiveDate, Option<bool>)> = (begins.iter_days().skip(1).take_while(|day| *day <= on))
        .map(|day| {
            let interned = known(candidate, "internship", day) == Some("true");
            (day, known(candidate, "registeredUnemployed", day).map(|registered| registered == "true" && !interned))
        })
        .collect();
    let thirtieths = |counts: &dyn Fn(Option<bool>) -> bool| -> u32 {
        let stretches = days.chunk_by(|(_, one), (_, other)| counts(*one) == counts(*other));
        stretches.filter(|stretch| counts(stretch[0].1)).map(|stretch| length(stretch[0].0, stretch[stretch.len() - 1].0)).sum()
    };
    let wanted = number(&condition["months"]) * 30;
    if thirtieths(&|said| said == Some(true)) > wanted {
        return Some(true);
    }
    if thirtieths(&|said| said != Some(false)) > wanted { None } else { Some(false) }
}

/// Whole months and days beyond, in thirtieths of a month.
fn length(from: NaiveDate, to: NaiveDate) -> u32 {
    let end = to.succ_opt().expect("a day");
    let months = (0..1200_u32).take_while(|months| from + Months::new(months + 1) <= end).count();
    let months = u32::try_from(months).expect("months");
    months * 30 + u32::try_from((end - (from + Months::new(months))).num_days()).expect("days")
}

/// An edition of projects: age with another limit for women, shorter unemployment of the young, time in the register.
fn edition(app: &TestApp, coordinator: &Api) -> String {
    let conditions = json!([
        { "rule": "ageBetween", "severity": "hard", "legalSource": "regulamin § 2", "age": { "min": 18, "max": 64, "maxWomen": 59 } },
        { "rule": "unemployedForMonths", "severity": "hard", "legalSource": "regulamin § 3", "months": 12, "young": { "belowAge": 25, "months": 6 } },
        { "rule": "registeredMonthsWithin", "severity": "hard", "legalSource": "art. 2 ust. 1 pkt 5", "months": 6, "withinMonths": 24 }
    ]);
    let programme = coordinator.post("/programmes", &json!({ "name": "PAI", "kind": "pai" })).id();
    let agreement = json!({ "kind": "implementation", "signedOn": "2020-07-22", "regimeId": regime(app, &conditions) });
    let agreement = coordinator.post("/agreements", &agreement).id();
    let edition = json!({
        "programmeId": programme, "agreementId": agreement, "name": "I", "startsOn": "2020-10-15", "endsOn": "2020-12-14", "places": 2
    });
    let edition = coordinator.post("/editions", &edition).id();
    let rules = json!({ "legalSource": "Regulamin § 5", "content": {
        "criteria": [{ "code": "over50", "labelPl": "Wiek 50+", "labelEn": "Aged 50 or over", "points": "10", "source": "ageAtLeast", "years": 50 }],
        "groups": [], "tieBreakers": [{ "rule": "receivedEarlier" }]
    } });
    coordinator.post(&format!("/editions/{edition}/scoring-rules"), &rules).expect(201);
    edition
}

/// Somebody who applies: born on a day, unemployed since another, registered between two days.
fn candidate(api: &Api, edition: &str, (sex, born): (&str, &str), since: &str, registered: (&str, Option<&str>)) -> String {
    let identity =
        json!({ "givenNames": "Anna", "surname": format!("Rankingowa-{born}"), "birthDate": born, "missingReason": "brak" });
    let person = api.post("/people", &json!({ "sex": sex, "identity": identity })).id();
    let mut facts = vec![
        json!({ "kind": "unemployedSince", "value": since, "from": since, "source": "PUP" }),
        json!({ "kind": "registeredUnemployed", "value": "true", "from": registered.0, "source": "PUP" }),
        json!({ "kind": "registeredUnemployed", "value": "false", "from": "2016-01-01", "source": "PUP" }),
    ];
    if let Some(left) = registered.1 {
        facts.push(json!({ "kind": "registeredUnemployed", "value": "false", "from": left, "source": "PUP" }));
    }
    for fact in facts {
        api.post(&format!("/people/{person}/facts"), &fact).expect(201);
    }
    api.post("/applications", &json!({ "editionId": edition, "personId": person, "receivedOn": "2020-10-01" })).id()
}

#[test]
fn a_ranking_counts_ages_and_months_as_an_assessment_does_and_discloses_no_birth() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let edition = edition(&app, &app.api(Role::Coordinator));
    let long = ("2018-01-01", None);
    let crowd = [
        // Completed years decide, before and after a birthday that lies in the same year.
        (("male", "1955-10-09"), "2019-01-01", long, "eligible"),
        (("male", "1955-10-08"), "2019-01-01", long, "ineligible"),
        (("female", "1960-10-09"), "2019-01-01", long, "eligible"),
        (("female", "1960-10-08"), "2019-01-01", long, "ineligible"),
        (("male", "1970-10-08"), "2019-01-01", long, "eligible"),
        (("male", "1970-10-09"), "2019-01-01", long, "eligible"),
        // Seven months suffice below 25.
        (("male", "1995-10-09"), "2020-03-01", long, "eligible"),
        (("male", "1995-10-08"), "2020-03-01", long, "ineligible"),
        // More than six months in the register, of the last twenty-four.
        (("male", "1980-01-01"), "2019-01-01", ("2019-01-01", Some("2019-07-01")), "ineligible"),
        (("male", "1980-01-02"), "2019-01-01", ("2019-01-01", Some("2019-07-02")), "eligible"),
    ];
    let applications: Vec<(String, &str)> = crowd
        .iter()
        .map(|(born, since, registered, outcome)| (candidate(&api, &edition, *born, since, *registered), *outcome))
        .collect();
    for (application, outcome) in &applications {
        let path = format!("/applications/{application}/eligibility-assessments");
        assert_eq!(api.post(&path, &json!({ "effectiveOn": "2020-10-08" })).expect(201)["outcome"], *outcome);
    }
    let protocol =
        api.post(&format!("/editions/{edition}/ranking-protocols"), &json!({ "effectiveOn": "2020-10-08" })).expect(201);
    let path = format!("/ranking-protocols/{}", text(&protocol, "id"));
    let rows = list(&protocol, "rows");
    for (application, outcome) in &applications {
        let row = rows.iter().find(|row| row["applicationId"] == **application).expect("a row");
        assert!(row["list"] != "undetermined", "{row}");
        assert_eq!(row["list"] == "rejected", *outcome == "ineligible", "{row}");
    }
    let points = |at: usize| rows.iter().find(|row| row["applicationId"] == applications[at].0).expect("a row")["points"].clone();
    assert_eq!((points(4), points(5)), (json!("10.00"), json!("0.00")), "fifty on the day, and the day after");

    let inputs = api.get(&format!("{path}/inputs")).expect(200)["inputs"].clone();
    let named: Vec<Value> =
        rows.iter().map(|row| json!([row["applicationId"], row["list"], row["rank"], row["points"]])).collect();
    assert_eq!(computed(&inputs), named);
    assert_eq!(api.get(&format!("{path}/verification")).expect(200)["verified"], true);
    for ((_, born), ..) in &crowd {
        assert!(!inputs.to_string().contains(born), "no date of birth");
    }
    assert!(list(&inputs, "candidates").iter().all(|one| one["birthYear"].is_null() && one["ageYears"].is_number()));
}
