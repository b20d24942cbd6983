//! Figures: programmes replayed through the API, and every number with its records.

use crate::scenarios::{aleksandrow, lubin};
use crate::support::TestApp;
use crate::support::replay::{Replay, groups};
use pai::platform::policy::Role;
use serde_json::json;

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
    replay.api.get("/definitions/M-99").refused(404, "platform.not_found");
    replay.api.get(&format!("/editions/{edition}/figures?definitionId=M-99")).refused(400, "platform.invalid_parameter");
    let known = replay.api.get("/definitions").expect(200)["items"].as_array().map(Vec::len);
    assert!(known.is_some_and(|known| known > 60));
}
