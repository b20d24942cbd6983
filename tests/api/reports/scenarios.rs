//! The published numbers of the replayed programmes, in their reports.

use serde_json::{Value, json};

use super::{approve, draft};
use crate::scenarios::{aleksandrow, lubin};
use crate::support::TestApp;
use crate::support::replay::Replay;

fn figures(document: &Value) -> Vec<Value> {
    let sections = document["sections"].as_array().expect("sections").iter();
    sections.flat_map(|section| section["figures"].as_array().expect("figures").clone()).collect()
}

/// Value and status of each figure, and that its link opens the records that it counts.
#[track_caller]
fn holds(replay: &Replay, document: &Value, expected: &[(&str, Value, &str)]) {
    let figures = figures(document);
    for (definition, value, status) in expected {
        let figure = figures.iter().find(|figure| figure["definitionId"] == *definition).expect(definition);
        assert_eq!((&figure["value"], &figure["status"]), (value, &json!(status)), "{definition}");
    }
    for figure in &figures {
        let link = figure["records"].as_str().expect("a link").trim_start_matches("/api/v1");
        let records = replay.api.get(&format!("{link}?limit=200"));
        assert_eq!(records.status, 200, "{link}: {}", records.text);
        let is_count = figure["value"].is_i64() && figure["denominator"].is_null();
        let measure = replay.api.get(&format!("/metric-definitions/{}", figure["definitionId"].as_str().expect("an id")));
        if is_count && measure.expect(200)["measure"] == "count" {
            let items = records.expect(200)["items"].as_array().map(Vec::len);
            assert_eq!(json!(items), figure["value"], "{link}");
        }
    }
}

#[test]
fn a_report_of_an_edition_with_replacements_has_the_published_numbers() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2020-10-01");
    let edition = lubin::enter(&replay);
    let report = draft(&replay.api, &edition);
    approve(&replay.api, &report, &json!({ "effectiveOn": "2020-12-18" })).expect(200);
    let document = replay.api.get(&format!("/reports/{report}/document")).expect(200);
    holds(&replay, &document, &lubin::expected());
    // Every figure of the edition is in the report, once.
    let told = replay.api.get(&format!("/editions/{edition}/figures")).expect(200);
    let mut wanted: Vec<&str> =
        told["figures"].as_array().expect("all").iter().filter_map(|one| one["definitionId"].as_str()).collect();
    let reported = figures(&document);
    let mut found: Vec<&str> = reported.iter().filter_map(|one| one["definitionId"].as_str()).collect();
    wanted.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, wanted);

    let chart = |code: &str| {
        let charts = document["charts"].as_array().expect("charts");
        charts.iter().find(|chart| chart["code"] == code).expect(code).clone()
    };
    let column = |code: &str, place: usize| -> Vec<Value> {
        chart(code)["rows"].as_array().expect("rows").iter().map(|row| row["values"][place].clone()).collect()
    };
    assert_eq!(column("funnel", 0), [20, 19, 11, 11, 9].map(|count| json!(count)));
    let seats: Vec<(Value, Value)> = chart("seats")["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (row["key"].clone(), row["values"][0].clone()))
        .collect();
    let expected =
        [("2020-10-15", 9), ("2020-11-07", 8), ("2020-11-09", 9), ("2020-11-21", 8), ("2020-11-23", 9), ("2020-12-14", 9)];
    assert_eq!(seats, expected.map(|(day, taken)| (json!(day), json!(taken))));
    assert!(column("seats", 1).iter().all(|places| *places == json!(9)));
    assert_eq!(column("competences", 0).len(), 8, "four competences by two sources");
    assert!(column("competences", 2).iter().all(|gain| *gain == json!("2.000000")));
    assert_eq!(chart("attendance")["rows"], json!([]), "nothing was collected, so nothing is drawn");
    assert!(chart("attendance")["summary"].as_str().expect("words").contains("brak danych"));
    let plan = document["planAndActual"].as_array().expect("lines").clone();
    let ever = plan.iter().find(|line| line["definitionId"] == "M-06.of_planned_places").expect("the line");
    assert_eq!((&ever["planned"], &ever["actual"], &ever["ratio"]), (&json!(9), &json!(11), &json!("1.222222")));
    assert_eq!(document["warnings"].as_array().map(Vec::len), Some(1));
    assert!(document["warnings"][0]["text"].as_str().expect("words").contains("9,75"));
    let page = replay.api.get(&format!("/reports/{report}/file")).text;
    for words in ["<data value=\"0.181818\">18,2\u{a0}%</data>", "<data value=\"1.222222\">122,2\u{a0}%</data>"] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn reports_of_two_editions_have_the_published_numbers() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2014", "2015-04-01");
    let (editions, _) = aleksandrow::enter(&replay);
    for (edition, numbers) in editions.iter().zip([(0, 10), (8, 2)]) {
        let report = draft(&replay.api, edition);
        let document = replay.api.get(&format!("/reports/{report}/document")).expect(200);
        holds(&replay, &document, &aleksandrow::expected_of_edition(numbers.0, numbers.1));
        let controls = document["controls"].as_array().expect("controls");
        assert!(controls.iter().all(|control| control["agrees"] == true), "{controls:#?}");
        if numbers.0 == 0 {
            assert!(controls.len() >= 4, "hours of sessions and of work by block, week and month: {controls:#?}");
            let weeks = document["charts"].as_array().expect("charts").iter().find(|chart| chart["code"] == "attendance");
            let week = weeks.expect("the weeks")["rows"][0].clone();
            assert_eq!((&week["key"], &week["values"][0]), (&json!("2015-W19"), &json!("100.00")), "9 + 1 hours of ten people");
        }
    }
}
