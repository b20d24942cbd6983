//! Outside issuers: their keys come and go, they fail, and what their tokens state binds the call.

use std::sync::Arc;

use chrono::TimeDelta;
use pai::platform::policy::Role;
use serde_json::{Value, json};

use super::{bearing, moment, register, trusting};
use crate::support::issuer::{TestIssuer, TestKey};
use crate::support::{Answer, TestApp};

fn call(app: &TestApp, token: &str) -> Answer {
    bearing(app, token).get("/institutions")
}

#[test]
fn registered_subjects_of_an_outside_issuer_are_let_in_with_the_scope_of_their_row() {
    let keys = [TestKey::rsa("r"), TestKey::ec("e"), TestKey::ed("d")];
    let issuer = TestIssuer::start(keys.to_vec());
    let app = trusting(&[&issuer]);
    let now = moment().timestamp();
    for (number, key) in keys.iter().enumerate() {
        let subject = format!("system-{number}");
        let token = key.access_token(&issuer.claims(&subject, now));
        call(&app, &token).refused(401, "platform.unauthenticated");
        register(&app, &issuer, &subject, Role::Statistician);
        call(&app, &token).expect(200);
        bearing(&app, &token).get("/people").refused(403, "platform.forbidden");
    }
    let mut claims = issuer.claims("system-0", now);
    claims["aud"] = json!(["account", "pai"]);
    claims["role"] = json!("administrator");
    claims["typ"] = json!("Bearer");
    let token = keys[0].access_token(&claims);
    call(&app, &token).expect(200);
    bearing(&app, &token).get("/clients").refused(403, "platform.forbidden");
    // Without the optional times, too.
    let bare = json!({ "iss": issuer.url, "sub": "system-0", "aud": "pai", "exp": now + 60 });
    call(&app, &keys[2].access_token(&bare)).expect(200);
    app.clock.advance(TimeDelta::seconds(91));
    call(&app, &keys[2].access_token(&bare)).refused(401, "platform.unauthenticated");
    assert_eq!(issuer.behaviour().key_sets_asked, 1);
}

#[test]
fn new_keys_are_found_and_withdrawn_ones_stop_counting_without_a_restart() {
    let (old, new) = (TestKey::rsa("2025"), TestKey::ed("2026"));
    let issuer = TestIssuer::start(vec![Arc::clone(&old)]);
    let app = trusting(&[&issuer]);
    register(&app, &issuer, "worker", Role::Coordinator);
    let claims = |app: &TestApp| issuer.claims("worker", app.clock.now().timestamp());
    let of_old = old.access_token(&claims(&app));
    call(&app, &of_old).expect(200);
    issuer.behaviour().keys = vec![Arc::clone(&new), Arc::clone(&old)];
    app.clock.advance(TimeDelta::seconds(60));
    call(&app, &new.access_token(&claims(&app))).expect(200);
    call(&app, &of_old).expect(200);
    issuer.behaviour().keys = vec![Arc::clone(&new)];
    app.clock.advance(TimeDelta::minutes(5));
    // The first call after five minutes starts a fetch; soon after, the withdrawn key counts no longer.
    let refused = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        call(&app, &of_old).status == 401
    });
    assert!(refused, "a token of a withdrawn key is still accepted");
    call(&app, &new.access_token(&claims(&app))).expect(200);
    // Another key under the same id is another key.
    let impostor = TestKey::ed("2026");
    issuer.behaviour().keys = vec![Arc::clone(&impostor)];
    app.clock.advance(TimeDelta::minutes(5));
    let accepted = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        call(&app, &impostor.access_token(&claims(&app))).status == 200
    });
    assert!(accepted, "a key that was replaced under its id is not found");
    call(&app, &new.access_token(&claims(&app))).refused(401, "platform.unauthenticated");
}

#[test]
fn a_flood_of_unknown_keys_asks_the_issuer_once_a_minute_at_most() {
    let key = TestKey::ed("known");
    let issuer = TestIssuer::start(vec![Arc::clone(&key)]);
    let app = trusting(&[&issuer]);
    register(&app, &issuer, "worker", Role::Coordinator);
    let claims = issuer.claims("worker", moment().timestamp());
    let flood = |minute: usize| {
        std::thread::scope(|scope| {
            for caller in 0..8 {
                let (app, claims, key) = (&app, &claims, &key);
                scope.spawn(move || {
                    for number in 0..25 {
                        let kid = format!("{minute}-{caller}-{number}");
                        let header = json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": kid });
                        let token = key.token(&header.to_string(), &claims.to_string());
                        call(app, &token).refused(401, "platform.unauthenticated");
                    }
                });
            }
        });
    };
    for minute in 0..3 {
        flood(minute);
        let asked = issuer.behaviour().key_sets_asked;
        assert!(usize::try_from(asked).expect("few") <= minute + 1, "asked {asked} times in minute {minute}");
        call(&app, &key.access_token(&claims)).expect(200);
        app.clock.advance(TimeDelta::seconds(60));
    }
    assert_eq!(issuer.behaviour().key_sets_asked, 3, "600 tokens with unknown keys in three minutes");
}

#[test]
fn an_issuer_that_is_down_stops_nothing_and_its_keys_count_for_a_bounded_time() {
    let key = TestKey::ec("e");
    let issuer = TestIssuer::start(vec![Arc::clone(&key)]);
    issuer.behaviour().is_down = true;
    let app = trusting(&[&issuer]);
    register(&app, &issuer, "worker", Role::Coordinator);
    let token = |app: &TestApp| key.access_token(&issuer.claims("worker", app.clock.now().timestamp()));
    let unknown = call(&app, &token(&app));
    unknown.refused(503, "platform.unavailable");
    assert_eq!(unknown.header("retry-after"), "10");
    issuer.behaviour().is_down = false;
    app.clock.advance(TimeDelta::seconds(60));
    call(&app, &token(&app)).expect(200);
    issuer.behaviour().is_down = true;
    app.clock.advance(TimeDelta::hours(23));
    call(&app, &token(&app)).expect(200);
    app.clock.advance(TimeDelta::hours(1));
    call(&app, &token(&app)).refused(503, "platform.unavailable");
    app.api(Role::Coordinator).get("/institutions").expect(200);
}

#[test]
fn keys_come_from_nowhere_but_the_address_that_the_issuer_names() {
    let key = TestKey::ed("d");
    let issuer = TestIssuer::start(vec![Arc::clone(&key)]);
    issuer.behaviour().redirects = true;
    let app = trusting(&[&issuer]);
    register(&app, &issuer, "worker", Role::Coordinator);
    let token = |app: &TestApp| key.access_token(&issuer.claims("worker", app.clock.now().timestamp()));
    call(&app, &token(&app)).refused(503, "platform.unavailable");
    issuer.behaviour().redirects = false;
    issuer.behaviour().claims_to_be = Some("https://other.example".to_owned());
    app.clock.advance(TimeDelta::seconds(60));
    call(&app, &token(&app)).refused(503, "platform.unavailable");
    issuer.behaviour().claims_to_be = None;
    app.clock.advance(TimeDelta::seconds(60));
    call(&app, &token(&app)).expect(200);
}

#[test]
fn what_a_token_states_binds_the_headers_and_lands_in_the_register() {
    let key = TestKey::ed("d");
    let issuer = TestIssuer::start(vec![Arc::clone(&key)]);
    let app = trusting(&[&issuer]);
    register(&app, &issuer, "worker", Role::Coordinator);
    let mut claims = issuer.claims("worker", moment().timestamp());
    claims["preferred_username"] = json!("Łucja Żak");
    claims["purpose"] = json!("recruitment");
    let api = bearing(&app, &key.access_token(&claims));
    // The token states the purpose, so a search for people needs no header.
    let search = json!({ "surname": "Nowak" });
    api.post("/people/search", &search).expect(200);
    api.with("Pai-On-Behalf-Of", "%C5%81ucja%20%C5%BBak")
        .with("Pai-Purpose", "recruitment")
        .post("/people/search", &search)
        .expect(200);
    for (header, value) in [("Pai-On-Behalf-Of", "Somebody else"), ("Pai-Purpose", "curiosity")] {
        let refused = api.with(header, value).post("/people/search", &search);
        assert_eq!(refused.refused(403, "platform.contradicts_token")["header"], header);
    }
    let entries = app.api(Role::Auditor).get("/audit-entries").expect(200);
    let searches: Vec<&Value> =
        entries["items"].as_array().expect("items").iter().filter(|entry| entry["operation"] == "search_people").collect();
    assert_eq!(searches.len(), 2);
    for entry in searches {
        assert_eq!((&entry["onBehalfOf"], &entry["purpose"]), (&json!("Łucja Żak"), &json!("recruitment")));
    }
    for unusable in [json!(["recruitment"]), json!("x".repeat(201)), json!(7)] {
        claims["purpose"] = unusable;
        let refused = bearing(&app, &key.access_token(&claims)).get("/institutions");
        assert_eq!(refused.header("www-authenticate"), "Bearer realm=\"pai\", error=\"invalid_token\"");
        assert_eq!(refused.refused(401, "platform.invalid_claim")["claim"], "purpose");
    }
    // Without the claim the header speaks, and without both a search is refused.
    claims["purpose"] = json!("");
    let api = bearing(&app, &key.access_token(&claims));
    api.post("/people/search", &search).refused(400, "platform.purpose_required");
    api.with("Pai-Purpose", "recruitment").post("/people/search", &search).expect(200);
}
