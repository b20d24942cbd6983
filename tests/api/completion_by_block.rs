//! Completion by the minimums of blocks: what each asks, what is reached, and who follows the rule.

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::changes::{ask_for_share, sheet};
use crate::support::TestApp;
use crate::support::reserve::Reserve;

/// A block of the edition, and what it asks for.
struct Block {
    id: String,
    body: Value,
}

impl Block {
    fn of(run: &Reserve, body: Value) -> Self {
        Self { id: run.api.post(&format!("/editions/{}/blocks", run.edition), &body).id(), body }
    }

    /// Lets it ask for something else.
    fn ask(&mut self, run: &Reserve, field: &str, value: Value) {
        for known in ["completionAttendancePercent", "completionHours"] {
            self.body[known] = Value::Null;
        }
        self.body[field] = value;
        let path = format!("/blocks/{}", self.id);
        run.api.put(&path, run.api.get(&path).header("etag"), &self.body).expect(200);
    }
}

fn classes_of(run: &Reserve, block: &Block, days: &[&str]) -> Vec<String> {
    let session = |day: &&str| {
        let body = json!({ "blockId": block.id, "heldOn": day, "hours": "5.00", "form": "group" });
        run.api.post("/sessions", &body).id()
    };
    days.iter().map(session).collect()
}

fn work(run: &Reserve, participant: usize, day: &str, hours: &str) {
    let body = json!({ "participationId": run.participations[participant], "workedOn": day, "hours": hours });
    run.api.post("/psu-entries", &body).expect(201);
}

fn standing(run: &Reserve, participant: usize, on: &str) -> Value {
    run.api.get(&format!("/participations/{}/completion?effectiveOn={on}", run.participations[participant])).expect(200)
}

/// The condition of a block, or what there is of it.
fn of_block<'s>(standing: &'s Value, block: &Block) -> &'s Value {
    let conditions = standing["conditions"].as_array().into_iter().flatten();
    conditions.into_iter().find(|one| one["block"]["blockId"] == json!(block.id)).unwrap_or(&Value::Null)
}

fn state_collected(run: &Reserve) {
    let complete =
        |kind: &str| json!({ "kind": kind, "completeness": "complete", "statedBy": "koordynator", "statedOn": "2021-01-04" });
    let statements = json!({ "statements": [complete("participations"), complete("attendance"), complete("psuHours")] });
    run.api.post(&format!("/editions/{}/collection-statements", run.edition), &statements).expect(201);
}

fn strict(run: &Reserve, query: &str) -> Value {
    let figures = run.api.get(&format!("/editions/{}/figures{query}", run.edition)).expect(200);
    let found = figures["figures"].as_array().into_iter().flatten().find(|figure| figure["definitionId"] == "M-09");
    found.expect("M-09").clone()
}

fn complete_all(run: &Reserve) {
    for participant in &run.participations {
        let body = json!({ "reason": "completed", "effectiveOn": "2020-12-31" });
        run.api.post(&format!("/participations/{participant}/end"), &body).expect(200);
    }
}

#[test]
fn each_block_says_what_it_asks_and_what_is_reached_and_the_figures_follow() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 3, 1, false);
    ask_for_share(&run, "50.00");
    let workshops =
        Block::of(&run, json!({ "kind": "integration", "name": "Warsztaty", "completionAttendancePercent": "60.00" }));
    let group = Block::of(&run, json!({ "kind": "social", "name": "Grupa wsparcia" }));
    let psu = Block::of(
        &run,
        json!({ "kind": "activation", "name": "PSU", "plannedHours": "20", "completionAttendancePercent": "75" }),
    );
    let of_workshops = classes_of(&run, &workshops, &["2020-11-03", "2020-11-10", "2020-12-08"]);
    let of_group = classes_of(&run, &group, &["2020-11-04", "2020-11-11", "2020-11-18"]);
    let who: Vec<&str> = run.participations.iter().map(String::as_str).collect();
    // The first comes to everything, the second to the group alone, the third to everything and works too little.
    sheet(&run, &of_workshops[0], &[who[0], who[2]]);
    sheet(&run, &of_workshops[1], &[who[0], who[2]]);
    for session in &of_group {
        sheet(&run, session, &who);
    }
    for participant in [0, 1] {
        work(&run, participant, "2020-11-05", "8.00");
        work(&run, participant, "2020-11-12", "7.00");
    }
    work(&run, 2, "2020-11-05", "8.00");

    let on = "2020-11-30";
    let second = standing(&run, 1, on);
    assert_eq!(
        second["verdict"], "outOfReach",
        "two of three workshops are missed, and all in all the half is attended: {second:#}"
    );
    let condition = of_block(&second, &workshops);
    assert_eq!((&condition["code"], &condition["state"]), (&json!("blockMinimum"), &json!("notMet")));
    assert_eq!(
        condition["block"],
        json!({
            "blockId": workshops.id, "kind": "integration", "name": "Warsztaty", "askedPercent": "60.00", "askedHours": "9.00",
            "recordedHours": "10.00", "reachedHours": "0.00", "aheadHours": "5.00", "hoursNeeded": "9.00", "reachable": false
        })
    );
    assert_eq!(
        condition["reasonPl"],
        "Warsztaty: 0.00 h, wymagane 9.00 h (60.00 % zajęć bloku). Nawet pełna obecność na pozostałych 5.00 h nie wystarczy."
    );
    let third = standing(&run, 2, on);
    let condition = of_block(&third, &psu);
    assert_eq!((&third["verdict"], &condition["state"]), (&json!("atRisk"), &json!("open")), "{third:#}");
    // Five ISO weeks are touched from 30 November to 31 December, with ten hours each.
    assert_eq!(
        (&condition["block"]["askedHours"], &condition["block"]["reachedHours"], &condition["block"]["aheadHours"]),
        (&json!("15.00"), &json!("8.00"), &json!("50.00"))
    );
    assert_eq!(of_block(&third, &group), &Value::Null, "a block that asks for nothing is no condition");

    let warned = run.api.get(&format!("/editions/{}/early-warnings?effectiveOn={on}", run.edition)).expect(200);
    let unreachable: Vec<&Value> =
        warned["warnings"].as_array().into_iter().flatten().filter(|one| one["code"] == "minimumUnreachable").collect();
    assert_eq!(unreachable.len(), 1, "{warned:#}");
    assert_eq!(unreachable[0]["participationId"], json!(who[1]));
    assert!(unreachable[0]["reasonPl"].as_str().is_some_and(|text| text.contains("60.00 % (Warsztaty)")), "{warned:#}");

    // A replacement is asked for the same.
    let plan = |from: &str| run.api.get(&format!("/participations/{}/substitution-plan?effectiveOn={from}", who[1])).expect(200);
    let planned = plan("2020-12-01");
    let left = |block: &Block| -> Value {
        let all = planned["blockMinimums"].as_array().into_iter().flatten();
        all.into_iter().find(|one| one["blockId"] == json!(block.id)).cloned().unwrap_or_default()
    };
    assert_eq!((&left(&workshops)["hoursNeeded"], &left(&workshops)["reachable"]), (&json!("3.00"), &json!(true)));
    assert_eq!((&left(&psu)["hoursNeeded"], &left(&psu)["reachable"]), (&json!("15.00"), &Value::Null));
    assert_eq!(planned["candidates"][0]["psuMinimumReachable"], true);
    assert_eq!(plan("2020-12-28")["candidates"][0]["psuMinimumReachable"], false, "ten hours of the last week are left");

    sheet(&run, &of_workshops[2], &who);
    complete_all(&run);
    state_collected(&run);
    let after = "2021-01-04";
    assert_eq!([0, 1, 2].map(|one| standing(&run, one, after)["verdict"].clone()), ["completed", "notCompleted", "notCompleted"]);
    let figure = strict(&run, "");
    assert_eq!((&figure["value"], &figure["status"]), (&json!(1), &json!("ok")));
    let minimums = &figure["parameters"]["blockMinimums"];
    assert_eq!(minimums, "Warsztaty: 60.00 %; PSU: 75.00 %", "the rule is echoed: {figure:#}");
}

#[test]
fn a_minimum_of_work_needs_hours_that_are_collected() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 0, false);
    Block::of(&run, json!({ "kind": "activation", "name": "PSU", "completionHours": "4.00" }));
    work(&run, 0, "2020-11-05", "4.00");
    complete_all(&run);
    let complete =
        json!({ "kind": "participations", "completeness": "complete", "statedBy": "koordynator", "statedOn": "2021-01-04" });
    let path = format!("/editions/{}/collection-statements", run.edition);
    run.api.post(&path, &json!({ "statements": [complete] })).expect(201);
    assert_eq!(strict(&run, "")["status"], "notCollected", "nobody stated whether hours of work were collected");
    state_collected(&run);
    assert_eq!((&strict(&run, "")["value"], &strict(&run, "")["status"]), (&json!(1), &json!("ok")));
}

#[test]
fn a_block_asks_for_one_thing_that_can_be_counted() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 0, false);
    let path = format!("/editions/{}/blocks", run.edition);
    let block = |changes: Value| {
        let mut body = json!({ "kind": "integration", "name": "Warsztaty" });
        body.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
        run.api.post(&path, &body)
    };
    let both =
        block(json!({ "completionHours": "4", "completionAttendancePercent": "50" })).refused(422, "programmes.completion_twice");
    assert_eq!(both["errors"][0]["pointer"], "/completionHours");
    block(json!({ "completionHours": "0" })).refused(422, "programmes.hours_zero");
    let above = block(json!({ "completionAttendancePercent": "100.01" })).expect(422);
    assert_eq!(above["errors"][0]["pointer"], "/completionAttendancePercent");
    let of_nothing = json!({ "kind": "activation", "name": "PSU", "completionAttendancePercent": "50" });
    let refused = block(of_nothing).refused(422, "programmes.completion_base");
    assert_eq!(refused["errors"][0]["pointer"], "/completionAttendancePercent");
    block(json!({ "kind": "activation", "name": "PSU", "completionHours": "40" })).expect(201);
    let second = json!({ "kind": "activation", "name": "PSU zimą", "completionHours": "10" });
    block(second).refused(409, "programmes.completion_of_work");
    block(json!({ "kind": "activation", "name": "PSU zimą" })).expect(201);
}

#[test]
fn figures_of_then_follow_the_minimum_of_then() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 0, false);
    let mut block = Block::of(&run, json!({ "kind": "integration", "name": "Warsztaty" }));
    let held = classes_of(&run, &block, &["2020-11-03", "2020-11-10"]);
    sheet(&run, &held[0], &[&run.participations[0]]);
    sheet(&run, &held[1], &[]);
    complete_all(&run);
    state_collected(&run);
    app.clock.advance(TimeDelta::seconds(5));
    block.ask(&run, "completionAttendancePercent", json!("80.00"));
    app.clock.advance(TimeDelta::seconds(5));
    block.ask(&run, "completionHours", json!("5.00"));
    app.clock.advance(TimeDelta::seconds(5));
    let told = |query: &str| strict(&run, query)["value"].clone();
    assert_eq!(told("?asOf=2026-06-15T10:00:02Z"), 1, "nothing was asked of the block");
    assert_eq!(told("?asOf=2026-06-15T10:00:07Z"), 0, "half of the classes are less than 80 %");
    assert_eq!(told(""), 1, "five hours are asked for");
}

/// Whatever is asked of blocks and in total: those whom the standings call completed are those whom the figure counts.
#[test]
fn the_figure_counts_exactly_those_whose_standing_is_completed() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 5, 0, false);
    let mut blocks = [
        Block::of(&run, json!({ "kind": "integration", "name": "Warsztaty" })),
        Block::of(&run, json!({ "kind": "social", "name": "Grupa" })),
        Block::of(&run, json!({ "kind": "activation", "name": "PSU", "plannedHours": "20" })),
    ];
    let mut runner = TestRunner::deterministic();
    let mut draw = |below: usize| (0..below).new_tree(&mut runner).expect("a number").current();
    for (block, days) in
        blocks.iter().zip([["2020-11-03", "2020-11-10", "2020-11-17"], ["2020-11-04", "2020-11-12", "2020-11-19"]])
    {
        for session in classes_of(&run, block, &days) {
            let came: Vec<&str> = run.participations.iter().map(String::as_str).filter(|_| draw(3) > 0).collect();
            sheet(&run, &session, &came);
        }
    }
    for participant in 0..run.participations.len() {
        for day in ["2020-11-05", "2020-11-13"] {
            let hours = draw(5) * 2;
            if hours > 0 {
                work(&run, participant, day, &hours.to_string());
            }
        }
    }
    complete_all(&run);
    state_collected(&run);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..24 {
        for block in &mut blocks {
            match draw(3) {
                0 => block.ask(&run, "completionAttendancePercent", Value::Null),
                1 => block.ask(&run, "completionAttendancePercent", json!(format!("{}.33", draw(100)))),
                _ => block.ask(&run, "completionHours", json!((1 + draw(16)).to_string())),
            }
        }
        let standings =
            run.api.get(&format!("/editions/{}/completions?effectiveOn=2021-01-04&verdict=completed", run.edition)).expect(200);
        let standing: Vec<&Value> =
            standings["items"].as_array().into_iter().flatten().map(|one| &one["participationId"]).collect();
        let counted = run.api.get(&format!("/editions/{}/figures/M-09/records", run.edition)).expect(200);
        let mut counted: Vec<&Value> = counted["items"].as_array().into_iter().flatten().map(|one| &one["id"]).collect();
        counted.sort_by_key(|id| id.as_str());
        assert_eq!(standing, counted, "{:?}", blocks.iter().map(|block| &block.body).collect::<Vec<_>>());
        seen.insert(standing.len());
    }
    assert!(seen.len() > 2, "the rules tell people apart: {seen:?}");
}
