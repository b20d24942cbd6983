//! Other support of participants: courses after an individual plan, counselling, help; with results and costs.

use pai::platform::policy::Role;
use serde_json::{Value, json};

use crate::support::scene::{Edition, Limits, Scene};
use crate::support::{Answer, Api, NOBODY, TestApp};

struct Town {
    api: Api,
    edition: Edition,
    who: [String; 2],
    person: String,
}

fn town(app: &TestApp) -> Town {
    let mut scene = Scene::of(app);
    let edition = scene.edition(Limits::default());
    let person = scene.person();
    let who = [scene.participation(edition, person).to_string(), scene.participants(edition, 1)[0].to_string()];
    Town { api: app.api(Role::Coordinator), edition, who, person: person.to_string() }
}

/// A course of three weeks that cost 1 500 zł.
fn course(more: &Value) -> Value {
    let mut body = json!({
        "type": "course", "title": "Opiekun osób starszych", "from": "2020-11-09", "to": "2020-11-27", "hours": "60.00",
        "provider": "Zakład Doskonalenia Zawodowego", "result": "passed", "certificateNumber": "14/2020",
        "costs": [{ "source": "ESF", "amount": "1275.10" }, { "source": "GMINA", "amount": "224.90" }]
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}

impl Town {
    fn record(&self, who: usize, body: &Value) -> Answer {
        self.api.post(&format!("/participations/{}/support-items", self.who[who]), body)
    }

    fn refused(&self, more: &Value, code: &str) -> String {
        self.record(0, &course(more)).refused(422, code)["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned()
    }
}

#[test]
fn a_course_has_its_result_certificate_and_costs_to_the_grosz() {
    let app = TestApp::start();
    let town = town(&app);
    let made = town.record(0, &course(&json!({}))).expect(201);
    assert_eq!((&made["totalCost"], &made["editionId"]), (&json!("1500.00"), &json!(town.edition.id)));
    let id = made["id"].as_str().expect("an id");
    assert_eq!(town.api.get(&format!("/support-items/{id}")).expect(200), made);
    let wrong = "participation.support_result";
    assert_eq!(town.refused(&json!({ "type": "socialWork", "certificateNumber": null }), wrong), "/result");
    assert_eq!(town.refused(&json!({ "result": "interrupted" }), wrong), "/certificateNumber");
    assert_eq!(town.refused(&json!({ "type": "noSuchType" }), "platform.reference_not_found"), "/type");
    assert_eq!(town.refused(&json!({ "to": "2020-11-08" }), "participation.inverted_period"), "/to");
    assert_eq!(
        town.refused(&json!({ "from": "2020-10-01", "to": "2020-11-01" }), "participation.outside_participation"),
        "/from"
    );
    assert_eq!(town.refused(&json!({ "providerPartnerId": NOBODY }), "participation.support_provider"), "/provider");
    let none = json!({ "providerPartnerId": NOBODY, "provider": null });
    assert_eq!(town.refused(&none, "platform.reference_not_found"), "/providerPartnerId");
    let cost = |source: &str, amount: &str| json!({ "source": source, "amount": amount });
    let twice = json!({ "costs": [cost("ESF", "1.00"), cost("ESF", "2.00")] });
    assert_eq!(town.refused(&twice, "participation.support_cost_repeated"), "/costs/1/source");
    let below = json!({ "costs": [cost("ESF", "-1.00")] });
    assert_eq!(town.refused(&below, "participation.support_cost_negative"), "/costs/0/amount");
    let pesel =
        pai::platform::types::fictitious_pesel("1980-01-01".parse().expect("a day"), pai::platform::types::Sex::Female, 1);
    town.record(0, &course(&json!({ "title": format!("Kurs {}", pesel.expose()) }))).refused(422, "platform.pesel_in_text");
    let foreign = app.other_api(Role::Coordinator);
    foreign.get(&format!("/support-items/{id}")).refused(404, "platform.not_found");
    foreign.get(&format!("/editions/{}/support-summary", town.edition.id)).refused(404, "platform.not_found");
}

#[test]
fn a_course_is_chosen_after_something_happened_under_a_plan_of_the_same_person() {
    let app = TestApp::start();
    let town = town(&app);
    let plan = json!({
        "personId": town.person, "kind": "individualActionPlan", "editionId": town.edition.id, "signedOn": "2020-11-02",
        "from": "2020-11-02", "to": "2020-12-31", "author": "clientAdviser",
        "parts": {
            "actions": [{ "by": "labourOffice", "what": "Kurs" }, { "by": "client", "what": "Udział" }],
            "contacts": [{ "form": "visit", "count": 3 }], "endConditions": "Podjęcie pracy"
        }
    });
    let plan = town.api.post("/individual-plans", &plan).id();
    let event = |on: &str| {
        let body = json!({ "kind": "contact", "occurredOn": on, "form": "visit" });
        town.api.post(&format!("/individual-plans/{plan}/events"), &body).id()
    };
    let (before, after) = (event("2020-11-05"), event("2020-11-20"));
    let wrong = "participation.support_plan_event";
    assert_eq!(town.refused(&json!({ "planEventId": after }), wrong), "/planEventId");
    let counselling = json!({ "type": "legalCounselling", "result": null, "certificateNumber": null, "planEventId": before });
    assert_eq!(town.refused(&counselling, wrong), "/planEventId");
    assert_eq!(town.refused(&json!({ "planEventId": NOBODY }), "platform.reference_not_found"), "/planEventId");
    let of_another = town.record(1, &course(&json!({ "planEventId": before })));
    of_another.refused(422, "platform.reference_not_found");
    assert_eq!(town.record(0, &course(&json!({ "planEventId": before }))).expect(201)["planEventId"], json!(before));
}

#[test]
fn the_sums_of_an_edition_count_neither_corrected_nor_cancelled_support() {
    let app = TestApp::start();
    let town = town(&app);
    let summary = || town.api.get(&format!("/editions/{}/support-summary", town.edition.id)).expect(200);
    assert_eq!((&summary()["types"], &summary()["totalCost"]), (&json!([]), &json!("0.00")));
    let first = town.record(0, &course(&json!({}))).id();
    let help = json!({
        "type": "materialHelp", "from": "2020-11-16", "to": "2020-11-16", "costs": [{ "source": "GMINA", "amount": "0.01" }]
    });
    town.record(1, &help).expect(201);
    let cancelled = town.record(1, &course(&json!({ "result": null, "certificateNumber": null }))).id();
    let cancellation = json!({ "effectiveOn": "2020-11-10", "reason": "Odwołany" });
    let path = format!("/support-items/{cancelled}/cancellation");
    assert_eq!(town.api.post(&path, &cancellation).expect(200)["cancelledOn"], "2020-11-10");
    town.api.post(&path, &cancellation).refused(409, "participation.support_cancelled");
    let correction = course(&json!({
        "supersedesId": first, "correctionReason": "Faktura korygująca", "hours": "62.25", "costs": [{ "source": "ESF", "amount": "1300.00" }]
    }));
    town.record(1, &correction).refused(422, "platform.reference_not_found");
    let corrected = town.record(0, &correction).id();
    town.record(0, &correction).refused(409, "platform.already_superseded");
    town.api.post(&format!("/support-items/{first}/cancellation"), &cancellation).refused(409, "platform.already_superseded");
    let ids = |query: &str| {
        let page = town.api.get(&format!("/participations/{}/support-items{query}", town.who[0])).expect(200);
        page["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|item| item["id"].as_str().expect("an id").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(""), std::slice::from_ref(&corrected));
    assert_eq!(ids("?includeSuperseded=true"), [first, corrected]);
    let cost = |source: &str, amount: &str| json!({ "source": source, "amount": amount });
    assert_eq!(
        summary(),
        json!({
            "editionId": town.edition.id, "totalCost": "1300.01", "costs": [cost("GMINA", "0.01"), cost("ESF", "1300.00")],
            "types": [
                { "type": "course", "items": 1, "participants": 1, "hours": "62.25", "itemsWithoutHours": 0,
                  "costs": [cost("ESF", "1300.00")], "totalCost": "1300.00" },
                { "type": "materialHelp", "items": 1, "participants": 1, "hours": "0.00", "itemsWithoutHours": 1,
                  "costs": [cost("GMINA", "0.01")], "totalCost": "0.01" },
            ]
        })
    );
    let of_edition = town.api.get(&format!("/editions/{}/support-items?type=course", town.edition.id)).expect(200);
    assert_eq!(of_edition["items"].as_array().map(Vec::len), Some(2), "what was cancelled stays on the list");
}

#[test]
fn a_town_adds_kinds_of_support_to_the_catalogue() {
    let app = TestApp::start();
    let town = town(&app);
    let kind =
        json!({ "code": "debtCounselling", "namePl": "Poradnictwo oddłużeniowe", "nameEn": "Debt counselling", "course": false });
    town.api.post("/support-types", &kind).expect(201);
    town.api.post("/support-types", &kind).refused(409, "participation.support_type_exists");
    let mut built_in = kind.clone();
    built_in["code"] = json!("course");
    town.api.post("/support-types", &built_in).refused(409, "participation.support_type_exists");
    let mine = json!({ "type": "debtCounselling", "from": "2020-11-16", "to": "2020-11-16", "hours": "1.00" });
    town.record(0, &mine).expect(201);
    let foreign = app.other_api(Role::Coordinator);
    let codes = foreign.get("/support-types").expect(200);
    assert!(codes["items"].as_array().expect("items").iter().all(|kind| kind["builtIn"] == true));
    foreign.post("/support-types", &kind).expect(201);
}
