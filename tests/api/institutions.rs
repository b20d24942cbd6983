//! Institutions, partners and clients.

use crate::support::build::enter;
use crate::support::contract::MISSING;
use crate::support::{Api, TestApp, test_moment};
use chrono::TimeDelta;
use pai::platform::clock::Clock;
use pai::platform::config::OutsideIssuer;
use pai::platform::identity::jwk::SignatureAlgorithm;
use pai::platform::policy::Role;
use serde_json::{Value, json};

#[test]
fn an_institution_is_registered_and_each_changes_only_its_own() {
    let app = TestApp::start();
    let api = app.api(Role::Administrator);
    let office = api.post(
        "/institutions",
        &json!({ "kind": "labourOffice", "name": "PUP", "teryt": "1013", "regon": "123456785", "nip": "8567346215" }),
    );
    let id = office.id();
    assert_eq!(office.header("location"), format!("/api/v1/institutions/{id}"));
    // Reference data: the other town sees it too, but neither may change it.
    let seen = app.other_api(Role::Coordinator).get(&format!("/institutions/{id}")).expect(200);
    assert_eq!((&seen["teryt"], &seen["parentId"]), (&json!("1013"), &json!(null)));
    let path = format!("/institutions/{id}");
    api.put(&path, "\"1\"", &json!({ "kind": "other", "name": "x" })).refused(403, "institutions.not_own");

    let own = format!("/institutions/{}", app.town.id);
    let body = json!({ "kind": "municipalCentre", "name": "MOPS Nowe", "teryt": "1013011", "parentId": id });
    let changed = api.put(&own, "\"1\"", &body);
    assert_eq!(changed.expect(200)["name"], "MOPS Nowe");
    assert_eq!(changed.header("etag"), "\"2\"");
    api.put(&own, "\"1\"", &body).refused(412, "platform.precondition_failed");
    let items = |query: &str| api.get(&format!("/institutions{query}")).expect(200)["items"].as_array().map(Vec::len);
    assert_eq!(items(""), Some(3));
    assert_eq!(items("?kind=labourOffice"), Some(1));
    assert_eq!(items("?teryt=1013011"), Some(1));
}

#[test]
fn wrong_institutions_are_refused_at_the_field() {
    let app = TestApp::start();
    let api = app.api(Role::Administrator);
    let post = |body| api.post("/institutions", &body);
    post(json!({ "kind": "other", "name": "A", "regon": "123456785" })).expect(201);
    let taken = post(json!({ "kind": "other", "name": "B", "regon": "123456785" })).refused(409, "institutions.regon_taken");
    assert_eq!(taken["errors"][0]["pointer"], "/regon");
    let wrong = post(json!({ "kind": "other", "name": "B", "regon": "123456784" })).refused(422, "platform.invalid_body");
    assert_eq!(wrong["errors"][0]["pointer"], "/regon");
    let parent = json!({ "kind": "other", "name": "B", "parentId": "01900000-0000-7000-8000-0000000000ff" });
    let unknown = post(parent).refused(422, "platform.reference_not_found");
    assert_eq!(unknown["errors"][0]["pointer"], "/parentId");
    app.api(Role::Coordinator).post("/institutions", &json!({ "kind": "other", "name": "B" })).refused(403, "platform.forbidden");
}

#[test]
fn partners_belong_to_the_own_institution() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let path = format!("/institutions/{}/partners", app.town.id);
    let body = json!({ "kind": "contractor", "name": "Warsztat" });
    let partner = api.post(&path, &body).id();
    api.post(&path, &body).refused(409, "institutions.name_taken");
    let unknown = json!({ "kind": "labourOffice", "name": "PUP", "institutionId": "01900000-0000-7000-8000-0000000000ff" });
    api.post(&path, &unknown).refused(422, "platform.reference_not_found");
    assert_eq!(api.get(&path).expect(200)["items"][0]["id"], json!(partner));
    let other = app.other_api(Role::Coordinator);
    other.get(&path).refused(404, "platform.not_found");
    other.post(&path, &body).refused(404, "platform.not_found");
    let elsewhere = other.post("/hosts", &json!({ "name": "Biblioteka", "partnerId": partner }));
    elsewhere.refused(422, "platform.reference_not_found");
}

#[test]
fn a_host_has_at_least_one_position() {
    let app = TestApp::start();
    let refused = app.api(Role::Coordinator).post("/hosts", &json!({ "name": "Biblioteka", "positions": 0 }));
    assert_eq!(refused.refused(422, "platform.invalid_body")["errors"][0]["pointer"], "/positions");
}

fn sign_in(app: &TestApp, made: &serde_json::Value) -> Api {
    let text = |name: &str| made[name].as_str().expect("text").to_owned();
    Api::sign_in(&app.address, &(text("id").parse().expect("an id"), text("clientSecret")))
}

#[test]
fn a_new_client_signs_in_with_the_secret_that_is_shown_once() {
    let app = TestApp::start();
    let api = app.api(Role::Administrator);
    let host = app.api(Role::Coordinator).post("/hosts", &json!({ "name": "Biblioteka" })).id();
    app.api(Role::Coordinator).post("/hosts", &json!({ "name": "Muzeum" })).expect(201);
    let keyed = api.with("Idempotency-Key", "client");
    let body = json!({ "name": "Biblioteka", "role": "host_supervisor", "hostId": host });
    let made = keyed.post("/clients", &body).expect(201);
    let again = keyed.post("/clients", &body);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.expect(201), made);
    let supervisor = sign_in(&app, &made);
    assert_eq!(supervisor.get("/hosts").expect(200)["items"].as_array().map(Vec::len), Some(1));

    let unscoped = api.post("/clients", &json!({ "name": "Bez miejsca", "role": "host_supervisor" })).expect(201);
    assert_eq!(sign_in(&app, &unscoped).get("/hosts").expect(200)["items"], json!([]));

    let path = format!("/clients/{}", made["id"].as_str().expect("an id"));
    let read = app.api(Role::Auditor).get(&path);
    assert_eq!(read.expect(200)["hostId"], json!(host));
    assert!(!read.text.contains("argon2") && read.expect(200).get("clientSecret").is_none());
    assert!(!api.get("/clients").text.contains("argon2"));
    app.other_api(Role::Administrator).get(&path).refused(404, "platform.not_found");
}

/// An issuer of the settings; nobody answers there, which nobody needs to know here.
const ISSUER: &str = "https://idp.example";

#[test]
fn clients_with_a_wrong_scope_or_issuer_are_refused() {
    let app = TestApp::start_with(Clock::fixed(test_moment()), |settings| {
        let town = OutsideIssuer {
            issuer: ISSUER.to_owned(),
            audience: "pai".to_owned(),
            algorithms: SignatureAlgorithm::ALL.to_vec(),
            on_behalf_of_claim: String::new(),
            purpose_claim: String::new(),
            keys_kept_h: 24,
        };
        settings.issuers.insert("town".to_owned(), town);
    });
    let api = app.api(Role::Administrator);
    let host = app.api(Role::Coordinator).post("/hosts", &json!({ "name": "Biblioteka" })).id();
    let post = |body| api.post("/clients", &body);
    post(json!({ "name": "x", "role": "coordinator", "hostId": host })).refused(422, "institutions.scope_mismatch");
    let unknown = json!({ "name": "x", "role": "facilitator", "facilitatorPartnerId": "01900000-0000-7000-8000-0000000000ff" });
    post(unknown).refused(422, "platform.reference_not_found");
    let stranger = json!({ "name": "x", "role": "auditor", "issuer": "https://stranger.example", "subject": "svc-1" });
    let refused = post(stranger).refused(422, "institutions.unknown_issuer");
    assert_eq!((&refused["errors"][0]["pointer"], &refused["issuers"]), (&json!("/issuer"), &json!(ISSUER)));
    let outside = json!({ "name": "x", "role": "auditor", "issuer": ISSUER, "subject": "svc-1" });
    let made = post(outside.clone()).expect(201);
    assert_eq!((&made["issuer"], &made["clientSecret"]), (&json!(ISSUER), &json!(null)));
    let elsewhere = app.other_api(Role::Administrator);
    elsewhere.post("/clients", &outside).refused(409, "institutions.subject_taken");
    let client = made["id"].as_str().expect("an id");
    api.post(&format!("/clients/{client}/revocation"), &json!({})).expect(200);
    elsewhere.post("/clients", &outside).expect(201);
    post(outside).refused(409, "institutions.subject_taken");
    for (body, pointer) in [
        (json!({ "name": "x", "role": "auditor", "issuer": "https://idp.example" }), "/subject"),
        (json!({ "name": "x", "role": "auditor", "subject": "svc" }), "/issuer"),
        (json!({ "name": "x", "role": "auditor", "issuer": "built-in", "subject": "svc" }), "/issuer"),
    ] {
        assert_eq!(post(body).refused(422, "institutions.outside_subject")["errors"][0]["pointer"], pointer);
    }
}

#[test]
fn a_revoked_client_is_refused_at_once_and_for_good() {
    let app = TestApp::start();
    let api = app.api(Role::Administrator);
    let made = api.post("/clients", &json!({ "name": "Stary system", "role": "coordinator" })).expect(201);
    let revoked = sign_in(&app, &made);
    revoked.get("/hosts").expect(200);
    let path = format!("/clients/{}/revocation", made["id"].as_str().expect("an id"));
    app.other_api(Role::Administrator).post(&path, &json!({})).refused(404, "platform.not_found");
    let answer = api.post(&path, &json!({ "reason": "Koniec umowy" })).expect(200);
    assert_eq!(answer["revocationReason"], "Koniec umowy");
    assert!(answer["revokedAt"].is_string());
    api.post(&path, &json!({})).refused(409, "institutions.already_revoked");
    revoked.get("/hosts").refused(401, "platform.unauthenticated");
    app.clock.advance(TimeDelta::seconds(59));
    revoked.get("/hosts").refused(401, "platform.unauthenticated");
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        made["id"].as_str().expect("an id"),
        made["clientSecret"].as_str().expect("a secret")
    );
    let anonymous = app.anonymous().with("Content-Type", "application/x-www-form-urlencoded");
    anonymous.send("POST", "/oauth/token", Some(form)).expect(401);
}

#[test]
fn the_last_administrator_cannot_be_revoked() {
    let app = TestApp::start();
    let api = app.api(Role::Administrator);
    let own = format!("/clients/{}/revocation", app.town.clients["administrator"].0);
    let refused = |api: &Api| api.post(&own, &json!({})).refused(409, "institutions.last_administrator");
    refused(&api);
    api.post(&format!("{own}?dryRun=true"), &json!({})).refused(409, "institutions.last_administrator");
    // One that is revoked itself is no administrator any more.
    let second = api.post("/clients", &json!({ "name": "Drugi", "role": "administrator" })).expect(201);
    let second_path = format!("/clients/{}/revocation", second["id"].as_str().expect("an id"));
    let second = sign_in(&app, &second);
    second.post(&second_path, &json!({})).expect(200);
    refused(&api);
    api.get("/hosts").expect(200);
}

#[test]
fn two_administrators_cannot_revoke_each_other_at_once() {
    let app = TestApp::start();
    for _ in 0..5 {
        let api = app.api(Role::Administrator);
        let first = api.post("/clients", &json!({ "name": "Pierwszy", "role": "administrator" })).expect(201);
        let second = api.post("/clients", &json!({ "name": "Drugi", "role": "administrator" })).expect(201);
        let path = |client: &Value| format!("/clients/{}/revocation", client["id"].as_str().expect("an id"));
        let (by_first, by_second) = (sign_in(&app, &first), sign_in(&app, &second));
        enter(&app, &format!("UPDATE clients SET revoked_at = app_now() WHERE id = '{}'", app.town.clients["administrator"].0));
        let statuses = std::thread::scope(|scope| {
            let one = scope.spawn(|| by_first.post(&path(&second), &json!({})).status);
            let other = scope.spawn(|| by_second.post(&path(&first), &json!({})).status);
            [one.join().expect("an answer"), other.join().expect("an answer")]
        });
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        enter(
            &app,
            &format!(
                "UPDATE clients SET revoked_at = NULL, revocation_reason = NULL WHERE id = '{}'",
                app.town.clients["administrator"].0
            ),
        );
        let last = if statuses[0] == 200 { &first } else { &second };
        api.post(&path(last), &json!({})).expect(200);
    }
}

#[test]
fn nobody_chooses_the_id_of_a_client() {
    let app = TestApp::start();
    // Whether it is free, one's own or another town's: the answer is the same.
    for id in [MISSING.to_owned(), app.town.clients["auditor"].0.to_string(), app.other_town.clients["auditor"].0.to_string()] {
        let body = json!({ "id": id, "name": "x", "role": "auditor" });
        let refused = app.api(Role::Administrator).post("/clients", &body).refused(422, "platform.invalid_body");
        assert_eq!(refused["errors"][0]["code"], "platform.unknown_field");
    }
}

#[test]
fn guessing_a_secret_is_slowed_down_for_that_client_only() {
    let app = TestApp::start();
    let anonymous = app.anonymous().with("Content-Type", "application/x-www-form-urlencoded");
    let (client, secret) = &app.town.clients["coordinator"];
    let form = |secret: &str| Some(format!("grant_type=client_credentials&client_id={client}&client_secret={secret}"));
    for _ in 0..10 {
        anonymous.send("POST", "/oauth/token", form("guess")).expect(401);
    }
    let refused = anonymous.send("POST", "/oauth/token", form(secret));
    refused.refused(429, "platform.too_many_requests");
    assert_eq!(refused.header("retry-after"), "6");
    app.api(Role::Auditor).get("/institutions").expect(200);
    app.clock.advance(TimeDelta::seconds(6));
    anonymous.send("POST", "/oauth/token", form(secret)).expect(200);
}
