//! Settlements and the rates that they rest on.

use pai::platform::policy::Role;
use serde_json::{Value, json};

use super::{Stage, draft, lines, work};
use crate::support::TestApp;
use crate::support::scene::{Scene, TEN_A_WEEK};

#[test]
fn work_without_a_lawful_rate_is_refused_by_its_day() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let participation = scene.participants(edition, 1)[0].to_string();
    let api = app.api(Role::Coordinator);
    let id = edition.id.to_string();
    work(&api, &participation, "2020-11-02", "2").expect(201);
    let refused = draft(&api, ("editionId", &id), "2020-11").refused(409, "participation.settlement_no_rate");
    assert_eq!((&refused["workedOn"], &refused["kindOfWork"]), (&json!("2020-11-02"), &json!("porządkowe")));
    let rates = format!("/agreements/{}/rates", edition.agreement);
    api.post(&rates, &json!({ "from": "2020-11-01", "to": "2020-12-31", "hourlyRate": "8.75" })).expect(201);
    draft(&api, ("editionId", &id), "2020-11").refused(409, "participation.settlement_no_refund");
    let first = api.get(&rates).expect(200)["items"][0]["id"].clone();
    let with_refund = json!({ "from": "2020-11-01", "to": "2020-12-31", "hourlyRate": "8.75", "refundPercent": "60",
        "supersedesId": first, "correctionReason": "Brak refundacji" });
    api.post(&rates, &with_refund).expect(201);
    let rise = json!({ "from": "2020-11-01", "hourlyRate": "8.80", "standing": "interpreted", "legalSource": "spór" });
    app.api(Role::Administrator).post("/minimum-rates", &rise).expect(201);
    let low = draft(&api, ("editionId", &id), "2020-11").refused(409, "participation.settlement_rate_too_low");
    assert_eq!((&low["agreed"], &low["minimum"], &low["minimumFrom"]), (&json!("8.75"), &json!("8.80"), &json!("2020-11-01")));
    assert!(low["legalSource"].as_str().is_some_and(|source| source == "spór"), "{low}");
}

#[test]
fn work_for_carers_is_refunded_by_its_own_share() {
    let app = TestApp::start();
    let stage = Stage::of(&app, 1);
    let rates = format!("/agreements/{}/rates", stage.edition.agreement);
    let carers = json!({ "kindOfWork": "opieka", "forCarers": true, "from": "2020-11-16", "hourlyRate": "10.00", "to": "2020-12-31",
        "refundPercent": "100", "refundBasis": "§ 3 porozumienia" });
    stage.api.post(&rates, &carers).expect(201);
    stage.work(0, "2020-11-17", "2");
    let body = json!({ "participationId": stage.people[0], "workedOn": "2020-11-18", "hours": "2", "kindOfWork": "Opieka" });
    stage.api.post("/psu-entries", &body).expect(201);
    let id = stage.november().id();
    let mut told: Vec<Value> = lines(&stage.api, &id)
        .iter()
        .map(|line| {
            json!([
                line["from"],
                line["to"],
                line["forCarers"],
                line["hourlyRate"],
                line["refundPercent"],
                line["benefit"],
                line["refund"]
            ])
        })
        .collect();
    told.sort_by_key(Value::to_string);
    assert_eq!(
        told,
        [
            json!(["2020-11-01", "2020-11-30", false, "8.70", "60.00", "17.40", "10.44"]),
            json!(["2020-11-16", "2020-11-30", true, "10.00", "100.00", "20.00", "17.40"]),
        ]
    );
}
