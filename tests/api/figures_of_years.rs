//! Figures of the whole centre, of a year, and of groups of people.

use crate::support::TestApp;
use crate::support::replay::Replay;
use pai::platform::policy::Role;
use serde_json::{Value, json};

/// Two programmes with an edition each, of 2019 and 2020; one person of three takes part in both.
fn centre(app: &TestApp) -> (Replay, Vec<String>) {
    let replay = Replay::programme(app, "PAI-2019", "2019-01-01");
    let first = replay.edition("2019", "2019-10-15", "2019-12-14", 5);
    let other = Replay::programme(app, "PAI-2019", "2020-01-01");
    let second = other.edition("2020", "2020-03-02", "2020-05-01", 5);
    let people: Vec<String> = ["female", "male", "female"].iter().map(|sex| replay.person(sex)).collect();
    for (replay, edition, people, starts_on, last) in
        [(&replay, &first, &people[..2], "2019-10-15", "2019-12-14"), (&other, &second, &people[1..], "2020-03-02", "2020-05-01")]
    {
        for person in people {
            let stay = replay.admit_person(edition, person, starts_on);
            replay.end(&stay, "completed", last);
        }
        replay.state(edition, &["participations"], "complete", "2020-06-15");
    }
    (replay, people)
}

fn figure(answer: &Value, definition: &str) -> Value {
    let figures = answer["figures"].as_array().expect("figures").iter();
    figures.clone().find(|figure| figure["definitionId"] == definition).cloned().unwrap_or(Value::Null)
}

#[test]
fn years_add_up_to_the_centre() {
    let app = TestApp::start();
    let (replay, _) = centre(&app);
    let started = |query: &str| figure(&replay.api.get(&format!("/figures{query}")).expect(200), "M-06");
    for (query, value, year) in [("", 4, Value::Null), ("?year=2019", 2, json!(2019)), ("?year=2020", 2, json!(2020))] {
        let figure = started(query);
        assert_eq!((&figure["value"], &figure["status"]), (&json!(value), &json!("ok")), "{query}");
        assert_eq!(figure["population"]["year"], year);
        assert_eq!(figure["population"]["programmeId"], Value::Null);
        let records = figure["records"].as_str().expect("a path").strip_prefix("/api/v1").expect("the base path").to_owned();
        assert_eq!(replay.api.get(&records).expect(200)["items"].as_array().map(Vec::len), Some(value), "{records}");
    }
    assert_eq!(started("?year=2021")["status"], "notCollected");
    let of_none = replay.api.get("/figures?year=2021").expect(200);
    let rules = of_none["figures"]
        .as_array()
        .expect("figures")
        .iter()
        .flat_map(|figure| figure["parameters"].as_object().expect("parameters").values());
    assert!(rules.into_iter().all(|rule| rule != ""), "no rule is echoed without an edition");
    let all = replay.api.get("/figures").expect(200);
    assert_eq!(figure(&all, "M-23.gap_days"), Value::Null, "what holds of one programme only is left out");
    assert_eq!(figure(&all, "M-27.structure")["value"], 3, "distinct people");
    replay.api.get("/figures?year=1066").refused(400, "platform.invalid_parameter");
    let others = app.other_api(Role::Coordinator).get("/figures").expect(200);
    assert_eq!(figure(&others, "M-06")["value"], Value::Null);
}

#[test]
fn groups_of_a_year_are_opened_within_the_year() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2019-01-01");
    let blocks: Vec<String> = [("2019", "2019-10-15", "2019-12-14"), ("2020", "2020-03-02", "2020-05-01")]
        .into_iter()
        .map(|(name, starts_on, ends_on)| {
            let edition = replay.edition(name, starts_on, ends_on, 5);
            replay.block(&edition, &json!({ "kind": "integration", "name": "Warsztaty", "plannedHours": "30" }))
        })
        .collect();
    for (query, opened) in [("?year=2019", &blocks[..1]), ("?year=2020", &blocks[1..]), ("", &blocks[..])] {
        let planned = figure(&replay.api.get(&format!("/figures{query}")).expect(200), "M-14.planned_hours");
        let groups = planned["breakdowns"][0]["groups"].as_array().expect("groups");
        assert_eq!(groups.len(), opened.len(), "{query}");
        for group in groups {
            let link = group["records"].as_str().expect("a path").strip_prefix("/api/v1").expect("the base path");
            let records = replay.api.get(link).expect(200)["items"].clone();
            assert_eq!(records.as_array().map(Vec::len), Some(1), "{link}");
            assert_eq!((&records[0]["id"], &records[0]["amount"]), (&group["key"], &json!("30.00")), "{link}");
            assert!(opened.iter().any(|block| group["key"] == block.as_str()), "{link}");
        }
    }
    replay.api.get("/figures/M-14.planned_hours/records?by=block").refused(400, "platform.invalid_parameter");
    replay.api.get("/figures/M-06/records?by=block&group=psu").refused(400, "platform.invalid_parameter");
}

#[test]
fn a_figure_is_told_by_groups_of_its_people() {
    let app = TestApp::start();
    let (replay, people) = centre(&app);
    let fact = |person: &str, value: &str, from: &str| {
        let body = json!({ "kind": "education", "value": value, "from": from, "source": "Oświadczenie" });
        replay.api.post(&format!("/people/{person}/facts"), &body).expect(201);
    };
    fact(&people[0], "primary", "2010-01-01");
    fact(&people[1], "basicVocational", "2012-01-01");
    fact(&people[2], "tertiary", "2020-04-01");
    let groups = |definition: &str, query: &str| {
        let view = replay.api.get(&format!("/figures/{definition}/breakdown?{query}")).expect(200);
        let groups = view["groups"].as_array().expect("groups").clone();
        let told = groups.iter().map(|group| (group["key"].as_str().expect("a key").to_owned(), group["value"].clone()));
        Value::Object(told.collect())
    };
    assert_eq!(groups("M-06", "by=sex"), json!({ "female": 2, "male": 2 }));
    assert_eq!(groups("M-06", ""), groups("M-06", "by=sex"), "by sex unless asked otherwise");
    assert_eq!(groups("M-06", "by=sex&year=2020"), json!({ "female": 1, "male": 1 }));
    assert_eq!(groups("M-11.strict", "by=sex"), json!({ "female": "1.000000", "male": "1.000000" }));
    let by_education = groups("M-06", "by=education");
    assert_eq!(
        by_education,
        json!({ "basicVocational": 2, "primary": 1, "unknown": 1 }),
        "a later fact says nothing of the entry"
    );
    let none = replay.api.get("/figures/M-08.seat_fill/breakdown").expect(200);
    assert_eq!((&none["status"], &none["groups"]), (&json!("notApplicable"), &json!([])));
    replay.api.get("/figures/M-99/breakdown").refused(404, "platform.not_found");
    app.api(Role::Statistician).get("/figures/M-06/breakdown").refused(403, "platform.forbidden");
    let programme = format!("/programmes/{}/figures/M-06/breakdown?by=sex", replay.programme);
    assert_eq!(replay.api.get(&programme).expect(200)["groups"].as_array().map(Vec::len), Some(2));
    app.other_api(Role::Coordinator).get(&programme).refused(404, "platform.not_found");
}
