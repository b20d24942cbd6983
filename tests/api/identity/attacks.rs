//! Tokens that nobody may be let in with, over HTTP, for the built-in issuer and for outside ones.

use std::sync::Arc;

use chrono::TimeDelta;
use pai::platform::policy::Role;
use serde_json::{Value, json};

use super::forge::Forge;
use super::{bearing, moment, register, trusting};
use crate::support::issuer::{TestIssuer, TestKey};
use crate::support::{Answer, TestApp};

/// Fewest attacks that are tried on each kind of key.
const FEWEST: usize = 150;

/// What everybody without a valid token is told, apart from the id of the request.
fn refusal(answer: &Answer, name: &str) -> Value {
    assert_eq!(answer.status, 401, "{name}: {}", answer.text);
    let error = if name == "no token" { "" } else { ", error=\"invalid_token\"" };
    assert_eq!(answer.header("www-authenticate"), format!("Bearer realm=\"pai\"{error}"), "{name}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{name}");
    let mut body: Value = serde_json::from_str(&answer.text).expect("JSON");
    body.as_object_mut().expect("an object").remove("requestId").expect("an id");
    body
}

fn try_all(app: &TestApp, forge: &Forge) -> usize {
    bearing(app, &forge.good()).get("/institutions").expect(200);
    let anonymous = app.anonymous().with("Accept-Language", "en");
    let expected = refusal(&anonymous.get("/institutions"), "no token");
    let attacks = forge.attacks();
    assert!(attacks.len() >= FEWEST, "only {} attacks", attacks.len());
    for (name, authorization) in &attacks {
        let name = format!("{} {name}", forge.key.algorithm());
        let answer = anonymous.with("Authorization", authorization).get("/institutions");
        assert_eq!(refusal(&answer, &name), expected, "{name}");
    }
    // Nothing of all that has spoilt the good token.
    bearing(app, &forge.good()).get("/institutions").expect(200);
    attacks.len()
}

#[test]
fn every_attack_on_a_token_of_the_built_in_issuer_is_refused() {
    let issuer = TestIssuer::start(vec![TestKey::ed("outside")]);
    let app = trusting(&[&issuer]);
    let ring = app.key_ring();
    let current = ring.token_signing.current();
    let key = TestKey::of_service(&current.id().to_string(), current.expose());
    let now = moment().timestamp();
    let client = app.town.clients["coordinator"].0;
    let header = json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": key.kid });
    let claims = json!({ "iss": "pai", "sub": client, "client_id": client, "aud": "pai", "iat": now, "nbf": now, "exp": now + 600,
        "jti": "01900000-0000-7000-8000-00000000aaaa" });
    let count = try_all(&app, &Forge { key, header, claims, now });
    println!("{count} attacks on the built-in issuer refused");
}

#[test]
fn every_attack_on_a_token_of_an_outside_issuer_is_refused() {
    let keys = vec![TestKey::rsa("r"), TestKey::ec("e"), TestKey::ed("d")];
    let issuer = TestIssuer::start(keys.clone());
    let app = trusting(&[&issuer]);
    register(&app, &issuer, "worker", Role::Coordinator);
    let now = moment().timestamp();
    for key in keys {
        for typ in ["at+jwt", "JWT"] {
            let header = json!({ "alg": key.algorithm(), "typ": typ, "kid": key.kid });
            let claims = issuer.claims("worker", now);
            let count = try_all(&app, &Forge { key: Arc::clone(&key), header, claims, now });
            println!("{count} attacks on an outside issuer with {} and {typ} refused", key.algorithm());
        }
    }
    assert!(
        issuer.behaviour().key_sets_asked <= 2,
        "the attacks made the service ask {} times",
        issuer.behaviour().key_sets_asked
    );
}

#[test]
fn no_issuer_speaks_for_another() {
    let (own, theirs) = (TestKey::ed("same"), TestKey::ed("same"));
    let (first, second) = (TestIssuer::start(vec![Arc::clone(&own)]), TestIssuer::start(vec![Arc::clone(&theirs)]));
    let app = trusting(&[&first, &second]);
    register(&app, &first, "worker", Role::Coordinator);
    let now = moment().timestamp();
    bearing(&app, &own.access_token(&first.claims("worker", now))).get("/institutions").expect(200);
    let ring = app.key_ring();
    let current = ring.token_signing.current();
    let (built_in, kid) = (TestKey::of_service("same", current.expose()), current.id().to_string());
    let client = app.town.clients["coordinator"].0;
    let built_in_claims = json!({ "iss": "pai", "sub": client, "client_id": client, "aud": "pai", "iat": now, "nbf": now,
        "exp": now + 600, "jti": client });
    let with_kid = |key: &TestKey, claims: &Value| {
        key.token(&json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": kid }).to_string(), &claims.to_string())
    };
    let mut of_client = first.claims(&client.to_string(), now);
    let attacks = [
        ("subject of a client of the first at the second", theirs.access_token(&second.claims("worker", now))),
        ("first issuer, key of the second", theirs.access_token(&first.claims("worker", now))),
        ("first issuer, key of the built-in", built_in.access_token(&first.claims("worker", now))),
        ("first issuer, key and kid of the built-in", with_kid(&built_in, &first.claims("worker", now))),
        ("built-in issuer, key of the first", own.access_token(&built_in_claims)),
        ("built-in issuer and kid, key of the first", with_kid(&own, &built_in_claims)),
        ("built-in issuer, own key under the kid of the first", built_in.access_token(&built_in_claims)),
        ("id of a built-in client as subject of the first", own.access_token(&of_client)),
        ("the same, with everything that a built-in token holds", {
            of_client["client_id"] = json!(client);
            own.access_token(&of_client)
        }),
    ];
    for (name, token) in attacks {
        refusal(&bearing(&app, &token).get("/institutions"), name);
    }
}

#[test]
fn two_authorization_headers_are_none() {
    let app = TestApp::start();
    let token = app.token(Role::Coordinator);
    let request = format!(
        "GET /api/v1/institutions HTTP/1.1\r\nHost: pai\r\nAuthorization: Bearer {token}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    let raw = request.replace("\r\nAuthorization: Bearer ", "\r\nAuthorization: Bearer \u{105}");
    for text in [request, raw] {
        let mut stream = std::net::TcpStream::connect(app.address.trim_start_matches("http://")).expect("a connection");
        std::io::Write::write_all(&mut stream, text.as_bytes()).expect("sent");
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    }
}

#[test]
fn a_revoked_client_of_an_outside_issuer_is_refused_within_a_minute() {
    let key = TestKey::ec("e");
    let issuer = TestIssuer::start(vec![Arc::clone(&key)]);
    let app = trusting(&[&issuer]);
    let id = register(&app, &issuer, "worker", Role::Coordinator);
    let api = bearing(&app, &key.access_token(&issuer.claims("worker", moment().timestamp())));
    api.get("/institutions").expect(200);
    app.api(Role::Administrator).post(&format!("/clients/{id}/revocation"), &json!({})).expect(200);
    app.clock.advance(TimeDelta::seconds(30));
    refusal(&api.get("/institutions"), "revoked");
}
