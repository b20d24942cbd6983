//! Minimums of the benefit by the day of work, and what agreements agree on above them.

use pai::platform::policy::Role;
use serde_json::{Value, json};

use crate::support::replay::Replay;
use crate::support::{Answer, Api, TestApp};

/// The minimum that holds for work on a day.
fn on(api: &Api, day: &str) -> Value {
    let found = api.get(&format!("/minimum-rates?effectiveOn={day}")).expect(200);
    let items = found["items"].as_array().expect("items");
    assert!(items.len() <= 1, "{found}");
    items.first().cloned().unwrap_or_default()
}

fn rate(from: &str, amount: &str) -> Value {
    json!({ "from": from, "hourlyRate": amount, "standing": "verified", "legalSource": "obwieszczenie" })
}

#[test]
fn the_minimum_of_every_year_is_known_with_its_source() {
    let app = TestApp::start();
    let api = app.api(Role::Statistician);
    for (day, amount, standing) in [
        ("2005-11-01", "6.00", "verified"),
        ("2008-06-01", "6.50", "verified"),
        ("2014-05-31", "8.00", "interpreted"),
        ("2014-06-01", "8.10", "verified"),
        ("2018-05-31", "8.10", "verified"),
        ("2018-06-01", "8.30", "verified"),
        ("2019-06-01", "8.50", "interpreted"),
        ("2020-10-15", "8.70", "verified"),
        ("2022-05-31", "9.00", "verified"),
        ("2023-06-01", "10.90", "verified"),
        ("2025-05-31", "12.20", "interpreted"),
        ("2025-06-01", "12.20", "disputed"),
    ] {
        let found = on(&api, day);
        assert_eq!((&found["hourlyRate"], &found["standing"]), (&json!(amount), &json!(standing)), "{day}");
        assert!(found["legalSource"].as_str().is_some_and(|source| source.contains("73a(3)")), "{found}");
        assert_eq!(found["builtIn"], true);
    }
    assert_eq!(on(&api, "2005-10-31"), Value::Null, "nobody was paid before the law");
    let all = api.get("/minimum-rates?limit=200").expect(200);
    let days: Vec<&str> = all["items"].as_array().expect("items").iter().filter_map(|rate| rate["from"].as_str()).collect();
    assert!(days.len() >= 18 && days.iter().skip(1).all(|day| day.ends_with("-06-01")), "{days:?}");
}

#[test]
fn a_towns_own_rate_takes_the_place_of_a_built_in_one_in_that_town_only() {
    let app = TestApp::start();
    let api = app.api(Role::Administrator);
    let own = api.post("/minimum-rates", &rate("2025-06-01", "12.70")).id();
    api.post("/minimum-rates", &rate("2026-06-01", "13.00")).expect(201);
    for (day, amount) in [("2025-05-31", "12.20"), ("2025-06-01", "12.70"), ("2026-05-31", "12.70"), ("2026-06-01", "13.00")] {
        assert_eq!(on(&api, day)["hourlyRate"], amount, "{day}");
    }
    let other = app.other_api(Role::Administrator);
    assert_eq!(on(&other, "2026-06-01")["hourlyRate"], "12.20");
    other.get(&format!("/minimum-rates/{own}")).refused(404, "platform.not_found");
    api.post("/minimum-rates", &rate("2025-06-01", "12.80")).refused(409, "programmes.rate_exists");
    api.post("/minimum-rates", &rate("2027-06-01", "0")).refused(422, "programmes.rate_zero");
    app.api(Role::Coordinator).post("/minimum-rates", &rate("2027-06-01", "14")).refused(403, "platform.forbidden");
}

#[test]
fn a_rate_is_never_changed_but_superseded_with_its_reason() {
    let app = TestApp::start();
    let api = app.api(Role::Administrator);
    let first = api.post("/minimum-rates", &rate("2026-06-01", "13.00")).id();
    let mut correction = rate("2026-06-01", "13.10");
    correction["supersedesId"] = json!(first);
    api.post("/minimum-rates", &correction).refused(422, "programmes.rate_correction");
    correction["correctionReason"] = json!("Pomyłka w odpisie");
    let second = api.post("/minimum-rates", &correction).id();
    api.post("/minimum-rates", &correction).refused(409, "platform.already_superseded");
    assert_eq!(on(&api, "2026-06-15")["id"], json!(second));
    let before = api.get(&format!("/minimum-rates/{first}")).expect(200);
    assert_eq!((&before["hourlyRate"], before["supersededAt"].is_string()), (&json!("13.00"), true));
    let built_in = on(&api, "2020-10-15")["id"].clone();
    correction["supersedesId"] = built_in;
    api.post("/minimum-rates", &correction).refused(422, "platform.reference_not_found");
}

fn agree(replay: &Replay, body: &Value) -> Answer {
    replay.api.post(&format!("/agreements/{}/rates", replay.agreement), body)
}

#[test]
fn an_agreed_rate_below_the_minimum_of_any_of_its_days_is_refused() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2014", "2018-04-20");
    let refused = agree(&replay, &json!({ "from": "2018-05-07", "to": "2018-06-29", "hourlyRate": "8.10" }))
        .refused(422, "programmes.rate_below_minimum");
    assert_eq!((&refused["minimum"], &refused["minimumFrom"]), (&json!("8.30"), &json!("2018-06-01")));
    assert!(refused["legalSource"].as_str().is_some_and(|source| source.contains("73a(3)")), "{refused}");
    let early = agree(&replay, &json!({ "from": "2018-05-07", "to": "2018-05-31", "hourlyRate": "8.09" }));
    assert_eq!(early.refused(422, "programmes.rate_below_minimum")["minimumFrom"], "2014-06-01");
    agree(&replay, &json!({ "from": "2018-05-07", "to": "2018-05-31", "hourlyRate": "8.10" })).expect(201);
    agree(&replay, &json!({ "from": "2018-06-01", "to": "2018-06-29", "hourlyRate": "8.30" })).expect(201);
    // Without an end it would meet every minimum that is known.
    agree(&replay, &json!({ "from": "2018-07-01", "hourlyRate": "8.30" })).refused(422, "programmes.rate_below_minimum");
    agree(&replay, &json!({ "from": "2018-07-01" })).expect(201);
    let listed = replay.api.get(&format!("/agreements/{}/rates?effectiveOn=2018-06-10", replay.agreement)).expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["items"][0]["hourlyRate"], "8.30");
}

#[test]
fn one_kind_of_work_has_one_rate_at_a_time_however_it_is_spelled() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2020-09-01");
    let first = agree(&replay, &json!({ "kindOfWork": "porządkowe", "from": "2020-10-01", "to": "2020-12-31" })).id();
    let same = json!({ "kindOfWork": "PORZADKOWE", "from": "2020-12-31" });
    agree(&replay, &same).refused(409, "programmes.rate_overlap");
    agree(&replay, &json!({ "from": "2020-10-01" })).expect(201);
    agree(&replay, &json!({ "kindOfWork": "porządkowe", "from": "2021-01-01", "to": "2020-12-31" }))
        .refused(422, "programmes.period_reversed");
    let shorter = json!({ "kindOfWork": "porządkowe", "from": "2020-10-01", "to": "2020-11-30", "supersedesId": first, "correctionReason": "Aneks" });
    agree(&replay, &shorter).expect(201);
    agree(&replay, &same).expect(201);
    let all = replay.api.get(&format!("/agreements/{}/rates?includeSuperseded=true", replay.agreement)).expect(200);
    assert_eq!(all["items"].as_array().map(Vec::len), Some(4));
    app.other_api(Role::Coordinator).get(&format!("/agreements/{}/rates", replay.agreement)).refused(404, "platform.not_found");
}

#[test]
fn a_refund_above_sixty_is_for_carers_and_says_what_it_rests_on() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2020-09-01");
    let rate = |kind: &str, carers: bool, percent: &str, basis: Value| json!({ "kindOfWork": kind, "forCarers": carers, "from": "2020-10-01", "refundPercent": percent, "refundBasis": basis });
    let over = agree(&replay, &rate("a", false, "60.01", json!("§ 3"))).refused(422, "programmes.refund_over_cap");
    assert_eq!(over["cap"], "60.00");
    agree(&replay, &rate("a", false, "60", Value::Null)).expect(201);
    agree(&replay, &rate("b", true, "100", Value::Null)).refused(422, "programmes.refund_basis_missing");
    agree(&replay, &rate("b", true, "100", json!("prace na rzecz opiekunów, § 3 ust. 1"))).expect(201);
}

#[test]
fn the_benefit_of_an_agreement_reaches_the_minimum_of_its_whole_period() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let regimes = api.get("/regimes").expect(200)["items"].clone();
    let regime =
        regimes.as_array().and_then(|all| all.iter().find(|one| one["code"] == "PAI-2014")).expect("a regime")["id"].clone();
    let agreement = |benefit: &str, to: Value| {
        let body =
            json!({ "kind": "psu", "regimeId": regime, "periodFrom": "2018-05-07", "periodTo": to, "hourlyBenefit": benefit });
        api.post("/agreements", &body)
    };
    let refused = agreement("8.10", json!("2018-06-29")).refused(422, "programmes.rate_below_minimum");
    assert_eq!((&refused["minimumFrom"], &refused["errors"][0]["pointer"]), (&json!("2018-06-01"), &json!("/hourlyBenefit")));
    agreement("8.30", json!("2018-06-29")).expect(201);
    agreement("8.09", Value::Null).refused(422, "programmes.rate_below_minimum");
    agreement("8.10", Value::Null).expect(201);
}
