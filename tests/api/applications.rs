//! Applications: receipt, decisions, the reserve list and withdrawals.

use crate::support::{Api, NOBODY, TestApp, build};
use pai::platform::policy::Role;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

fn edition(app: &TestApp) -> Uuid {
    build::edition(app, "2020-10-15", "2020-12-14", 9)
}

fn apply(api: &Api, edition: Uuid, person: Uuid) -> String {
    api.post("/applications", &json!({ "editionId": edition, "personId": person, "receivedOn": "2020-10-01" })).id()
}

fn decision(decision: &str, on: &str) -> Value {
    json!({ "decision": decision, "effectiveOn": on, "reason": "Kryteria porozumienia" })
}

#[test]
fn a_later_decision_replaces_the_earlier_one_and_the_history_keeps_both() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let id = apply(&api, edition(&app), build::person(&app));
    let decisions = format!("/applications/{id}/decisions");
    let reserve = api.post(&decisions, &decision("reserve", "2020-10-05")).expect(200);
    assert_eq!((&reserve["state"], &reserve["reservePosition"], &reserve["version"]), (&json!("reserve"), &json!(1), &json!(2)));
    api.with("If-Match", "\"1\"")
        .post(&decisions, &decision("selected", "2020-10-12"))
        .refused(412, "platform.precondition_failed");
    let selected = api.with("If-Match", "\"2\"").post(&decisions, &decision("selected", "2020-10-12")).expect(200);
    assert_eq!(selected["state"], "selected");
    assert_eq!(selected["decidedOn"], "2020-10-12");
    assert_eq!(selected["reservePosition"], json!(null));
    assert_eq!(selected["placed"], false);
    let withdrawn = api
        .post(&format!("/applications/{id}/withdrawal"), &json!({ "reason": "employed", "effectiveOn": "2020-10-14" }))
        .expect(200);
    assert_eq!(withdrawn["state"], "withdrawn");
    assert_eq!(withdrawn["withdrawalReason"], "employed");
    assert_eq!(withdrawn["decision"], "selected");
    api.post(&decisions, &decision("selected", "2020-10-15")).refused(409, "recruitment.withdrawn");
    let history = api.get(&format!("/applications/{id}/events")).expect(200);
    let kinds: BTreeSet<&str> =
        history["items"].as_array().expect("items").iter().filter_map(|step| step["kind"].as_str()).collect();
    assert_eq!(kinds, BTreeSet::from(["applied", "reserve", "selected", "withdrawn"]));
    let of_state = |state: &str| api.get(&format!("/applications?state={state}")).expect(200)["items"].as_array().map(Vec::len);
    assert_eq!((of_state("withdrawn"), of_state("selected")), (Some(1), Some(0)));
}

#[test]
fn what_contradicts_the_application_is_refused_with_the_field() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let (edition, person) = (edition(&app), build::person(&app));
    let id = apply(&api, edition, person);
    let pointer = |problem: &Value| problem["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned();
    let body = |edition: Uuid, person: Uuid| json!({ "editionId": edition, "personId": person, "receivedOn": "2020-10-01" });
    api.post("/applications", &body(edition, person)).refused(409, "recruitment.already_applied");
    let unknown = api.post("/applications", &body(edition, NOBODY)).refused(422, "platform.reference_not_found");
    assert_eq!(pointer(&unknown), "/personId");
    let unknown = api.post("/applications", &body(NOBODY, person)).refused(422, "platform.reference_not_found");
    assert_eq!(pointer(&unknown), "/editionId");
    let decisions = format!("/applications/{id}/decisions");
    let early = api.post(&decisions, &decision("selected", "2020-09-30")).refused(422, "recruitment.out_of_order");
    assert_eq!((early["earliest"].as_str(), pointer(&early)), (Some("2020-10-01"), "/effectiveOn".to_owned()));
    let short = api.post(&decisions, &json!({ "decision": "selected", "effectiveOn": "2020-10-05", "reason": "ok" }));
    assert_eq!(pointer(&short.refused(422, "platform.invalid_body")), "/reason");
    let at = |kind: &str, position: i32| json!({ "decision": kind, "effectiveOn": "2020-10-05", "reason": "Kryteria", "reservePosition": position });
    api.post(&decisions, &at("selected", 1)).refused(422, "recruitment.position_without_reserve");
    assert_eq!(api.post(&decisions, &at("reserve", 0)).expect(422)["errors"][0]["pointer"], "/reservePosition");
    api.post(&decisions, &at("reserve", 4)).expect(200);
    let other = apply(&api, edition, build::person(&app));
    api.post(&format!("/applications/{other}/decisions"), &at("reserve", 4)).refused(409, "recruitment.reserve_position_taken");
    let foreign = app.other_api(Role::Coordinator);
    foreign.get(&format!("/applications/{id}")).refused(404, "platform.not_found");
    foreign.get(&format!("/applications/{id}/events")).refused(404, "platform.not_found");
    foreign.post(&decisions, &decision("rejected", "2020-10-06")).refused(404, "platform.not_found");
    foreign
        .post(&format!("/applications/{id}/withdrawal"), &json!({ "reason": "other", "effectiveOn": "2020-10-06" }))
        .refused(404, "platform.not_found");
}

#[test]
fn candidates_decided_at_the_same_moment_get_different_reserve_positions() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = edition(&app);
    let applications: Vec<String> = build::people(&app, 8).into_iter().map(|person| apply(&api, edition, person)).collect();
    let positions: BTreeSet<i64> = std::thread::scope(|scope| {
        let running: Vec<_> = applications
            .iter()
            .map(|id| {
                let api = api.clone();
                scope.spawn(move || {
                    let answer = api.post(&format!("/applications/{id}/decisions"), &decision("reserve", "2020-10-05"));
                    answer.expect(200)["reservePosition"].as_i64().expect("a position")
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().expect("decided")).collect()
    });
    assert_eq!(positions, (1..=8).collect());
}

/// An edition that recruited in a time.
fn recruiting(app: &TestApp, recruitment: &Value) -> Uuid {
    let edition = edition(app);
    let api = app.api(Role::Coordinator);
    let current = api.get(&format!("/editions/{edition}"));
    let change = json!({ "name": "I", "startsOn": "2020-10-15", "endsOn": "2020-12-14", "recruitment": recruitment });
    api.put(&format!("/editions/{edition}"), current.header("etag"), &change).expect(200);
    edition
}

#[test]
fn an_application_tells_whether_it_was_received_outside_the_recruitment() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let april = recruiting(&app, &json!({ "from": "2020-09-01", "to": "2020-09-01", "precision": "month" }));
    for (received, precision, outside) in [
        ("2020-09-30", "day", false),
        ("2020-10-01", "day", true),
        ("2020-10-01", "month", true),
        ("2020-10-01", "year", false),
        ("2020-10-01", "derived", false),
    ] {
        let body = json!({
            "editionId": april, "personId": build::person(&app), "receivedOn": received, "receivedPrecision": precision
        });
        let taken = api.post("/applications", &body).expect(201);
        assert_eq!(taken["outsideRecruitment"], outside, "{received} {precision}");
    }
}

#[test]
fn an_edition_is_recruited_from_the_list_of_the_labour_office() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let office = json!({ "kind": "labourOffice", "name": "Powiatowy Urząd Pracy" });
    let office = app.api(Role::Administrator).post("/institutions", &office).id();
    let edition = edition(&app);
    let apply = |institution: &str| {
        let referral = json!({ "institutionId": institution, "referredOn": "2020-09-28", "number": "PUP.5510.7.2020" });
        let body = json!({ "editionId": edition, "personId": build::person(&app), "receivedOn": "2020-10-01", "channel": "labourOffice", "referral": referral });
        api.post("/applications", &body)
    };
    for institution in [app.town.id, NOBODY] {
        let refused = apply(&institution.to_string()).refused(422, "recruitment.not_a_labour_office");
        assert_eq!(refused["errors"][0]["pointer"], "/referral/institutionId");
    }
    let referred = apply(&office).expect(201);
    let named = ["referralInstitutionId", "referredOn", "referralNumber"].map(|name| referred[name].clone());
    assert_eq!(named, [json!(office), json!("2020-09-28"), json!("PUP.5510.7.2020")]);
    apply_without_referral(&api, edition, build::person(&app));
    let list = api.get(&format!("/applications?editionId={edition}&referralInstitutionId={office}")).expect(200);
    assert_eq!(
        list["items"].as_array().map(|items| items.iter().map(|item| item["id"].clone()).collect()),
        Some(vec![referred["id"].clone()])
    );
}

fn apply_without_referral(api: &Api, edition: Uuid, person: Uuid) {
    assert_eq!(api.get(&format!("/applications/{}", apply(api, edition, person))).expect(200)["referredOn"], Value::Null);
}

#[test]
fn the_checklist_says_what_is_asked_for_and_what_has_come() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let id = apply(&api, edition(&app), build::person(&app));
    let path = format!("/applications/{id}/documents");
    let asked = api.post(&path, &json!({ "kind": "diagnosis" })).expect(201);
    assert_eq!((&asked["receivedOn"], &asked["supersededAt"]), (&Value::Null, &Value::Null));
    api.post(&path, &json!({ "kind": "diagnosis", "receivedOn": "2020-10-03", "note": "kopia" })).expect(201);
    let labelled = |label: &str| json!({ "kind": "other", "label": label, "receivedOn": "2020-10-04" });
    api.post(&path, &labelled("Zgoda opiekuna")).expect(201);
    api.post(&path, &labelled("Świadectwo pracy")).expect(201);
    for body in [json!({ "kind": "other" }), json!({ "kind": "diagnosis", "label": "x" })] {
        assert_eq!(api.post(&path, &body).refused(422, "recruitment.document_label")["errors"][0]["pointer"], "/label");
    }
    let current = api.get(&path).expect(200);
    let received: Vec<&Value> = current["items"].as_array().expect("items").iter().map(|item| &item["receivedOn"]).collect();
    assert_eq!(received, ["2020-10-03", "2020-10-04", "2020-10-04"]);
    let all = api.get(&format!("{path}?includeSuperseded=true")).expect(200);
    assert_eq!(all["items"].as_array().map(Vec::len), Some(4));
    let history = api.get(&format!("/applications/{id}/events")).expect(200);
    let steps: Vec<(&Value, &Value)> =
        history["items"].as_array().expect("items").iter().map(|step| (&step["kind"], &step["note"])).collect();
    assert!(steps.contains(&(&json!("documents"), &json!("diagnosis"))), "{history}");
    app.other_api(Role::SocialWorker).get(&path).refused(404, "platform.not_found");
}

#[test]
fn a_step_that_may_not_follow_is_refused_with_those_that_may() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let edition = edition(&app);
    let id = apply(&api, edition, build::person(&app));
    let decide = |id: &str, body: &Value| api.post(&format!("/applications/{id}/decisions"), body);
    let withdraw = |id: &str| {
        api.post(&format!("/applications/{id}/withdrawal"), &json!({ "reason": "refused", "effectiveOn": "2020-10-14" }))
    };
    let mut rejection = decision("rejected", "2020-10-05");
    rejection["rejectionReason"] = json!("incompleteDocuments");
    assert_eq!(decide(&id, &rejection).expect(200)["rejectionReason"], "incompleteDocuments");
    let refused = withdraw(&id).refused(409, "recruitment.step_not_allowed");
    assert_eq!(refused["allowedSteps"], "documents, assessed, ranked, selected, reserve, rejected");
    assert_eq!(decide(&id, &decision("selected", "2020-10-06")).expect(200)["rejectionReason"], Value::Null);
    let admission = json!({ "applicationId": id, "startsOn": "2020-10-15" });
    api.post("/participations", &admission).expect(201);
    let placed = decide(&id, &decision("reserve", "2020-10-16")).refused(409, "recruitment.placed");
    assert_eq!(placed["allowedSteps"], "documents, assessed, selected");
    api.post(&format!("/applications/{id}/documents"), &json!({ "kind": "consentClauses", "receivedOn": "2020-10-16" }))
        .expect(201);
    let other = apply(&api, edition, build::person(&app));
    withdraw(&other).expect(200);
    let refused = api.post(&format!("/applications/{other}/documents"), &json!({ "kind": "diagnosis" }));
    assert_eq!(refused.refused(409, "recruitment.withdrawn")["allowedSteps"], "");
}
