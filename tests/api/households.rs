//! Households and their family assistants: counted apart from people, with a limit of families at a time.

use crate::support::scene::{Scene, TEN_A_WEEK};
use crate::support::{Api, TestApp, build};
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

fn household(api: &Api) -> String {
    api.post("/households", &json!({})).id()
}

fn assign(api: &Api, household: &str, more: &Value) -> crate::support::Answer {
    let mut body = json!({ "assistant": "AR-1", "from": "2020-11-02" });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    api.post(&format!("/households/{household}/assistants"), &body)
}

fn figure(api: &Api, edition: Uuid, definition: &str) -> (Value, String) {
    let figures = api.get(&format!("/editions/{edition}/figures")).expect(200);
    let figure = figures["figures"].as_array().expect("figures").iter().find(|one| one["definitionId"] == definition);
    let figure = figure.unwrap_or_else(|| panic!("{definition}"));
    (figure["value"].clone(), figure["status"].as_str().unwrap_or_default().to_owned())
}

fn state_households(api: &Api, edition: Uuid, completeness: &str) {
    let statement =
        json!({ "kind": "households", "completeness": completeness, "statedBy": "koordynator", "statedOn": "2021-03-01" });
    let participations =
        json!({ "kind": "participations", "completeness": "complete", "statedBy": "koordynator", "statedOn": "2021-03-01" });
    let body = json!({ "statements": [statement, participations] });
    api.post(&format!("/editions/{edition}/collection-statements"), &body).expect(201);
}

/// Somebody who takes part in an edition from 2 November to 31 December 2020.
fn someone_taking_part(app: &TestApp) -> (Uuid, Uuid) {
    let mut scene = Scene::of(app);
    let edition = scene.edition(TEN_A_WEEK);
    let person = scene.person();
    scene.participation(edition, person);
    (edition.id, person)
}

#[test]
fn an_assistant_belongs_to_the_family_from_day_to_day() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let family = household(&api);
    let first = assign(&api, &family, &json!({ "to": "2020-12-31" })).id();
    let conflict = assign(&api, &family, &json!({ "from": "2020-12-31" })).refused(409, "people.assistant_overlap");
    assert_eq!(conflict["errors"][0]["pointer"], "/from");
    assign(&api, &family, &json!({ "from": "2021-01-01" })).expect(201);
    // Another assistant may work with the family at the same time.
    assign(&api, &family, &json!({ "assistant": "AR-2" })).expect(201);
    let correction = json!({ "to": "2020-11-30", "supersedesId": first });
    assign(&api, &family, &correction).refused(422, "people.correction_reason");
    let mut correction = correction;
    correction["correctionReason"] = json!("Zmiana asystenta");
    assign(&api, &family, &correction).expect(201);
    assign(&api, &family, &correction).refused(409, "platform.already_superseded");
    assign(&api, &household(&api), &correction).refused(422, "platform.reference_not_found");
    assign(&api, &family, &json!({ "to": "2020-11-01", "assistant": "AR-3" })).refused(422, "people.period_reversed");
    let all =
        |query: &str| api.get(&format!("/households/{family}/assistants{query}")).expect(200)["items"].as_array().map(Vec::len);
    assert_eq!((all(""), all("?includeSuperseded=true")), (Some(3), Some(4)));
    let assisted = |query: &str| api.get(&format!("/households?{query}")).expect(200)["items"].as_array().map(Vec::len);
    assert_eq!(
        (assisted("assistant=AR-1&assistedOn=2020-12-15"), assisted("assistant=AR-1&assistedOn=2021-01-15")),
        (Some(0), Some(1))
    );
}

#[test]
fn one_family_too_many_needs_a_reason() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    for _ in 0..14 {
        assign(&api, &household(&api), &json!({ "to": "2020-12-31" })).expect(201);
    }
    let fifteenth = household(&api);
    assign(&api, &fifteenth, &json!({ "to": "2020-11-30" })).expect(201);
    // The fifteenth once more is no further family, and after it there is room.
    assign(&api, &fifteenth, &json!({ "from": "2020-12-01", "to": "2020-12-10" })).expect(201);
    assign(&api, &household(&api), &json!({ "from": "2020-12-11", "to": "2020-12-31" })).expect(201);
    let refused = assign(&api, &household(&api), &json!({ "to": "2020-11-02" })).refused(409, "people.too_many_families");
    assert_eq!((&refused["limit"], &refused["families"], &refused["on"]), (&json!(15), &json!(16), &json!("2020-11-02")));
    assert!(refused["source"].as_str().is_some_and(|source| source.contains("art. 15 ust. 4")), "{refused}");
    // By the first wording of the Act there were twenty, up to the end of 2014.
    for _ in 0..20 {
        assign(&api, &household(&api), &json!({ "from": "2014-03-01", "to": "2014-12-31" })).expect(201);
    }
    let late = json!({ "from": "2014-12-31", "to": "2014-12-31" });
    let late = assign(&api, &household(&api), &late).refused(409, "people.too_many_families");
    assert_eq!((&late["limit"], &late["families"], &late["on"]), (&json!(20), &json!(21), &json!("2014-12-31")));
    assert_eq!(refused["errors"][0]["pointer"], "/assistant");
    assign(&api, &household(&api), &json!({ "assistant": "AR-2" })).expect(201);
    let overriding = json!({ "override": { "reason": "Zastępstwo za chorego" } });
    let overridden = assign(&api, &household(&api), &overriding).expect(201);
    assert_eq!(overridden["overrideReason"], "Zastępstwo za chorego");
    let id = overridden["id"].as_str().expect("an id");
    let audited = app.api(Role::Auditor).get(&format!("/audit-entries?recordId={id}")).expect(200).to_string();
    assert!(audited.contains("Zastępstwo za chorego"), "the register names the reason");
}

#[test]
fn assistants_assigned_at_once_are_counted_one_after_the_other() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    for number in 0..14 {
        // However the code is written, it is one assistant.
        let code = if number % 2 == 0 { "AR-1" } else { "ar-1" };
        assign(&api, &household(&api), &json!({ "assistant": code })).expect(201);
    }
    let families: Vec<String> = (0..4).map(|_| household(&api)).collect();
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let calls: Vec<_> = families.iter().map(|family| scope.spawn(|| assign(&api, family, &json!({})).status)).collect();
        calls.into_iter().map(|call| call.join().expect("a thread")).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
}

#[test]
fn an_assistant_is_the_same_in_upper_and_lower_case() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let family = household(&api);
    let assigned = assign(&api, &family, &json!({ "assistant": "ar8de2" })).expect(201);
    assert_eq!(assigned["assistant"], "AR8DE2");
    assign(&api, &family, &json!({ "assistant": "Ar8De2", "from": "2021-01-01" })).refused(409, "people.assistant_overlap");
    for code in ["AR8DE2", "ar8de2"] {
        let found = api.get(&format!("/households?assistant={code}")).expect(200);
        assert_eq!(found["items"][0]["id"], json!(family), "{code}");
    }
}

#[test]
fn households_are_counted_apart_from_people() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let (edition, person) = someone_taking_part(&app);
    let figures =
        || ["M-06", "M-28.households", "M-28.households_with_assistant"].map(|definition| figure(&api, edition, definition).0);
    assert_eq!(figure(&api, edition, "M-28.households"), (Value::Null, "notCollected".to_owned()));
    state_households(&api, edition, "complete");
    assert_eq!(figures(), [json!(1), json!(0), json!(0)], "a known zero");

    let family = household(&api);
    let member = |person: Uuid, from: &str, to: Option<&str>| {
        let body = json!({ "personId": person, "from": from, "to": to });
        api.post(&format!("/households/{family}/members"), &body).expect(201);
    };
    member(person, "2020-12-31", None);
    // Somebody of the family who takes no part makes no second household.
    member(build::person(&app), "2020-01-01", None);
    assert_eq!(figures(), [json!(1), json!(1), json!(0)]);
    assign(&api, &family, &json!({ "editionId": edition, "to": "2020-11-30" })).expect(201);
    assign(&api, &family, &json!({ "editionId": edition, "from": "2020-12-01" })).expect(201);
    let further = household(&api);
    assign(&api, &further, &json!({ "editionId": edition, "assistant": "AR-2" })).expect(201);
    // Not yet begun, and of no edition.
    assign(&api, &household(&api), &json!({ "editionId": edition, "from": "2030-01-01" })).expect(201);
    assign(&api, &household(&api), &json!({})).expect(201);
    assert_eq!(figures(), [json!(1), json!(1), json!(2)]);
    let records = api.get(&format!("/editions/{edition}/figures/M-28.households_with_assistant/records")).expect(200);
    let mut counted: Vec<&str> =
        records["items"].as_array().expect("records").iter().filter_map(|one| one["id"].as_str()).collect();
    counted.sort_unstable();
    let mut expected = [family.as_str(), further.as_str()];
    expected.sort_unstable();
    assert_eq!(counted, expected);
    assert_eq!(api.get(&format!("/households?editionId={edition}")).expect(200)["items"].as_array().map(Vec::len), Some(3));
}

#[test]
fn who_left_the_household_before_is_not_counted_in_it() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let (edition, person) = someone_taking_part(&app);
    state_households(&api, edition, "partial");
    let family = household(&api);
    let body = json!({ "personId": person, "from": "2020-01-01", "to": "2020-11-01" });
    let stay = api.post(&format!("/households/{family}/members"), &body).id();
    assert_eq!(figure(&api, edition, "M-28.households"), (json!(0), "provisional".to_owned()));
    let mut correction = body;
    correction["to"] = json!("2020-11-02");
    correction["supersedesId"] = json!(stay);
    correction["correctionReason"] = json!("Wyprowadzka dzień później");
    api.post(&format!("/households/{family}/members"), &correction).expect(201);
    assert_eq!(figure(&api, edition, "M-28.households").0, json!(1));
}
