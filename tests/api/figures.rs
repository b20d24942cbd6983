//! Figures: programmes replayed through the API, and every number with its records.

use crate::scenarios::{aleksandrow, lubin};
use crate::support::TestApp;
use crate::support::replay::{Replay, groups};
use pai::platform::policy::Role;
use serde_json::{Value, json};

#[test]
fn an_edition_with_replacements_gives_the_published_numbers() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2020-10-01");
    let edition = lubin::enter(&replay);
    let path = format!("/editions/{edition}");
    replay.expect(&path, &lubin::expected());
    assert_eq!(groups(&replay.figure(&path, "M-01"), "sex"), json!({ "female": 15, "male": 5, "unknown": 0 }));
    let gains = replay.figure(&path, "M-17.competence_gain");
    for group in gains["breakdowns"][0]["groups"].as_array().expect("groups") {
        assert_eq!((&group["value"], &group["gain"]["pairs"]), (&json!("2.000000"), &json!(5)), "{group}");
    }
    let warnings = replay.api.get(&format!("{path}/figures")).expect(200)["warnings"].clone();
    assert_eq!(warnings.as_array().map(Vec::len), Some(1), "{warnings}");
    assert_eq!(warnings[0]["weeklyAverage"], "9.75");
    let rate = replay.figure(&path, "M-22.during.of_ever_started");
    assert_eq!((&rate["numerator"], &rate["denominator"]), (&json!(2), &json!(11)));
    let below = replay.api.get(&format!("{path}/figures/M-22.during.of_ever_started/records?role=denominator")).expect(200);
    assert_eq!(below["items"].as_array().map(Vec::len), Some(11));
    let page = replay.api.get(&format!("{path}/figures/M-06/records?limit=6"));
    assert!(page.header("link").contains("rel=\"next\""));
}

/// The hours of all records of a figure.
fn added_up(replay: &Replay, path: &str, definition: &str) -> String {
    let (mut hundredths, mut cursor) = (0, String::new());
    loop {
        let page = replay.api.get(&format!("{path}/figures/{definition}/records?limit=200{cursor}")).expect(200);
        for record in page["items"].as_array().expect("items") {
            let amount = record["amount"].as_str().expect("an amount");
            hundredths += amount.replace('.', "").parse::<u32>().expect("hours with two places");
        }
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return format!("{}.{:02}", hundredths / 100, hundredths % 100),
        }
    }
}

#[test]
fn two_editions_of_one_programme_give_the_published_numbers() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2014", "2015-04-01");
    let (editions, people) = aleksandrow::enter(&replay);
    let [first, second] = [&editions[0], &editions[1]];
    replay.expect(&format!("/editions/{first}"), &aleksandrow::expected_of_edition(0, 10));
    replay.expect(&format!("/editions/{second}"), &aleksandrow::expected_of_edition(8, 2));
    let path = format!("/programmes/{}", replay.programme);
    replay.expect(&path, &aleksandrow::expected_of_programme());
    let months = groups(&replay.figure(&path, "M-23.cumulative_months"), "months");
    assert_eq!(months, json!({ "2.000000": 4, "4.000000": 8 }));
    let only = groups(&replay.figure(&path, "M-23.only_in_edition"), "edition");
    assert_eq!(only, json!({ first.as_str(): 2, second.as_str(): 2 }));
    assert_eq!(groups(&replay.figure(&path, "M-24.declarations"), "kind")["psuAfter"], 2);
    for definition in ["M-14.person_hours", "M-14.delivery_hours", "M-15.psu_hours"] {
        let path = format!("/editions/{first}");
        assert_eq!(replay.figure(&path, definition)["value"], added_up(&replay, &path, definition), "{definition}");
    }
    let week = "2015-W19";
    let of_edition = format!("/editions/{first}");
    assert_eq!(groups(&replay.figure(&of_edition, "M-14.person_hours"), "isoWeek")[week], "200.00");
    assert_eq!(groups(&replay.figure(&of_edition, "M-14.delivery_hours"), "isoWeek")[week], "19.00");
    assert_eq!(groups(&replay.figure(&of_edition, "M-14.hours_per_participant_week"), "isoWeek")[week], "20.000000");
    assert_eq!(replay.figure(&of_edition, "M-15.weeks_at_limit")["value"], 10);
    let sex = groups(&replay.figure(&of_edition, "M-06"), "sex");
    assert_eq!(sex, json!({ "female": null, "male": null, "unknown": 10 }));
    let third = replay.edition("III", "2015-11-01", "2015-12-31", 10);
    replay.admit_person(&third, &people[0], "2015-11-01");
    let fourth = replay.edition("IV", "2016-02-01", "2016-03-31", 10);
    let body = json!({ "editionId": fourth, "personId": people[0], "startsOn": "2016-02-01" });
    replay.api.post("/participations", &body).refused(422, "participation.cumulative_limit");
}

#[test]
fn unchanged_figures_need_not_be_sent_again() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2020-10-01");
    let edition = replay.edition("2020", "2020-10-15", "2020-12-14", 9);
    let path = format!("/editions/{edition}/figures");
    let first = replay.api.get(&path);
    first.expect(200);
    app.clock.advance(chrono::TimeDelta::seconds(5));
    let known = replay.api.with("If-None-Match", first.header("etag"));
    assert_eq!(known.get(&path).status, 304);
    replay.state(&edition, &["participations"], "complete", "2021-01-15");
    assert_eq!(known.get(&path).expect(200)["figures"][0]["asOf"], "2026-06-15T10:00:05Z");
}

#[test]
fn definitions_are_told_in_the_language_asked_for() {
    let app = TestApp::start();
    let api = app.api(Role::Statistician);
    let told = |language: &str, path: &str| api.with("Accept-Language", language).get(path).expect(200);
    for (language, description, source) in [
        ("pl", "Zgłoszenia wycofane, zanim osoba rozpoczęła udział.", "Sprawozdania ośrodków z ich programów"),
        ("en", "Applications withdrawn before the person started.", "Reports of municipal centres on their programmes"),
    ] {
        let one = told(language, "/metric-definitions/M-02");
        assert_eq!(
            (&one["language"], &one["description"], &one["source"]),
            (&json!(language), &json!(description), &json!(source))
        );
        let all = told(language, "/metric-definitions")["items"].clone();
        assert!(all.as_array().into_iter().flatten().any(|definition| *definition == one), "{language}: {one}");
    }
    assert_eq!(api.get("/metric-definitions/M-02").expect(200)["language"], "pl", "Polish unless asked otherwise");
}

#[test]
fn figures_of_others_and_unknown_definitions_are_not_there() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2020-10-01");
    let edition = replay.edition("2020", "2020-10-15", "2020-12-14", 9);
    let other = app.other_api(Role::Coordinator);
    for path in [
        format!("/editions/{edition}/figures"),
        format!("/editions/{edition}/figures/M-06/records"),
        format!("/programmes/{}/figures", replay.programme),
        format!("/programmes/{}/figures/M-06/records", replay.programme),
    ] {
        other.get(&path).refused(404, "platform.not_found");
    }
    replay.api.get(&format!("/editions/{edition}/figures/M-99/records")).refused(404, "platform.not_found");
    replay.api.get("/metric-definitions/M-99").refused(404, "platform.not_found");
    replay.api.get(&format!("/editions/{edition}/figures?definitionId=M-99")).refused(400, "platform.invalid_parameter");
    let known = replay.api.get("/metric-definitions").expect(200)["items"].as_array().map(Vec::len);
    assert!(known.is_some_and(|known| known > 60));
}

#[test]
fn the_funnel_of_recruitment_is_told_by_sex_age_and_channel_and_beside_the_plan() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2020-10-01");
    let edition = replay.edition("2020", "2020-10-15", "2020-12-14", 2);
    let apply = |person: Value, channel: Option<&str>| {
        let person = replay.api.post("/people", &person).id();
        let mut body = json!({ "editionId": edition, "personId": person, "receivedOn": "2020-09-20" });
        if let Some(channel) = channel {
            body["channel"] = json!(channel);
        }
        replay.api.post("/applications", &body).id()
    };
    let placed = apply(json!({ "sex": "female", "birthYear": 1983 }), Some("counter"));
    // The day of birth, not the year alone, says on which side of thirty somebody stands.
    let selected = apply(
        json!({ "sex": "male", "birthYear": 1990, "identity": { "birthDate": "1990-10-16", "missingReason": "w trakcie" } }),
        Some("labourOffice"),
    );
    let waiting = apply(json!({ "sex": "female", "identity": { "pesel": "90101500022", "missingReason": "w trakcie" } }), None);
    let left = apply(json!({ "sex": "female", "birthYear": 1958 }), Some("labourOffice"));
    replay.decide(&placed, "selected", "2020-10-01");
    replay.decide(&selected, "selected", "2020-10-01");
    replay.decide(&waiting, "reserve", "2020-10-01");
    replay.withdraw(&left, "employed", "2020-10-02");
    let participation = replay.admit(&placed, "2020-10-15");
    replay.end(&participation, "completed", "2020-12-14");
    replay.state(&edition, &["applications", "participations"], "complete", "2021-01-15");
    let path = format!("/editions/{edition}");
    let told = |id: &str, by: &str| {
        let mut counted = groups(&replay.figure(&path, id), by);
        counted.as_object_mut().expect("groups").retain(|_, value| value != 0);
        counted
    };
    assert_eq!(told("M-01", "ageBand"), json!({ "25-29": 1, "30-34": 1, "35-44": 1, "60plus": 1 }));
    assert_eq!(told("M-01", "channel"), json!({ "counter": 1, "labourOffice": 2, "unknown": 1 }));
    assert_eq!(told("M-01", "stage"), json!({ "applied": 4, "decided": 3, "selected": 2, "started": 1, "completed": 1 }));
    assert_eq!(told("M-02", "reason"), json!({ "employed": 1 }));
    assert_eq!(told("M-02", "channel"), json!({ "labourOffice": 1 }));
    assert_eq!(told("M-03.selected", "ageBand"), json!({ "25-29": 1, "35-44": 1 }));
    assert_eq!(told("M-03.reserve", "ageBand"), json!({ "30-34": 1 }));
    assert_eq!(told("M-03.placed", "sex"), json!({ "female": 1 }));
    for (id, expected) in [
        ("M-01.of_planned_places", json!("2.000000")),
        ("M-03.selected_of_planned_places", json!("1.000000")),
        ("M-03.placed", json!(1)),
    ] {
        assert_eq!(replay.figure(&path, id)["value"], expected, "{id}");
    }
    let unknown = apply(json!({ "sex": "female" }), Some("post"));
    let band = replay.figure(&path, "M-01")["breakdowns"].clone();
    let bands =
        band.as_array().expect("breakdowns").iter().find(|breakdown| breakdown["by"] == "ageBand").expect("ages")["groups"]
            .clone();
    let of = |key: &str| bands.as_array().expect("groups").iter().find(|group| group["key"] == key).cloned().expect("a group");
    assert_eq!((&of("unknown")["value"], &of("35-44")["status"]), (&json!(1), &json!("provisional")), "{unknown}");
}
