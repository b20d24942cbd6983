//! Clients that sign in with a signature (`private_key_jwt`).

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use chrono::TimeDelta;
use pai::platform::policy::Role;
use serde_json::{Value, json};

use super::{bearing, behind_a_proxy, moment};
use crate::support::issuer::{TestKey, b64};
use crate::support::{Answer, Api, TestApp};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Signs in at a service with an assertion.
fn sign_in(base: &str, assertion: &str, more: &str) -> Answer {
    let form = format!("grant_type=client_credentials&client_assertion_type={TYPE}&client_assertion={assertion}{more}");
    Api::anonymous(base).with("Content-Type", "application/x-www-form-urlencoded").send("POST", "/oauth/token", Some(form))
}

fn claims(client: &str, id: &str) -> Value {
    let now = moment().timestamp();
    json!({ "iss": client, "sub": client, "aud": "pai", "iat": now, "exp": now + 300, "jti": id })
}

fn assertion(key: &TestKey, claims: &Value) -> String {
    key.token(&json!({ "alg": key.algorithm(), "kid": key.kid, "typ": "JWT" }).to_string(), &claims.to_string())
}

fn create(app: &TestApp, keys: &[&TestKey]) -> String {
    let keys: Vec<Value> = keys.iter().map(|key| key.jwk()).collect();
    let made =
        app.api(Role::Administrator).post("/clients", &json!({ "name": "Poczta", "role": "coordinator", "publicKeys": keys }));
    assert_eq!(made.expect(201)["clientSecret"], json!(null));
    made.id()
}

#[test]
fn a_client_signs_in_with_each_kind_of_key_and_each_assertion_works_once() {
    let mut app = TestApp::start();
    let keys = [TestKey::rsa("r"), TestKey::ec("e"), TestKey::ed("d")];
    let client = create(&app, &keys.each_ref().map(Arc::as_ref));
    let replica = app.start_replica();
    for key in &keys {
        let text = assertion(key, &claims(&client, &key.kid));
        let token = sign_in(&app.address, &text, &format!("&client_id={client}")).expect(200);
        bearing(&app, token["access_token"].as_str().expect("a token")).get("/editions").expect(200);
        assert_eq!(sign_in(&app.address, &text, "").expect(401)["error"], "invalid_client", "a replay");
        assert_eq!(sign_in(&replica, &text, "").expect(401)["error"], "invalid_client", "a replay at another replica");
        // The same id signed anew is the same assertion.
        sign_in(&replica, &assertion(key, &claims(&client, &key.kid)), "").expect(401);
    }
    // A service that starts anew knows what was used, too.
    let restarted = app.start_replica();
    sign_in(&restarted, &assertion(&keys[0], &claims(&client, &keys[0].kid)), "").expect(401);
    let at_the_endpoint = {
        let mut claims = claims(&client, "by address");
        claims["aud"] = json!(["http://127.0.0.1:8080/oauth/token"]);
        assertion(&keys[0], &claims)
    };
    sign_in(&restarted, &at_the_endpoint, "").expect(200);
    // What has expired is forgotten, when nothing could accept it any more.
    app.clock.advance(TimeDelta::minutes(11));
    let now = app.clock.now().timestamp();
    let mut later = claims(&client, "later");
    later["iat"] = json!(now);
    later["exp"] = json!(now + 60);
    sign_in(&app.address, &assertion(&keys[1], &later), "").expect(200);
    sign_in(&app.address, &assertion(&keys[0], &claims(&client, "r")), "").expect(401);
}

#[test]
fn of_many_uses_at_once_of_one_assertion_one_succeeds() {
    let mut app = TestApp::start();
    let key = TestKey::ed("d");
    let client = create(&app, &[&key]);
    let addresses = [app.address.clone(), app.start_replica()];
    let text = assertion(&key, &claims(&client, "race"));
    let successes = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..8)
            .map(|number| (&addresses[number % 2], &text))
            .map(|(base, text)| scope.spawn(|| sign_in(base, text, "").status))
            .collect();
        tries.into_iter().map(|handle| handle.join().expect("an answer")).filter(|status| *status == 200).count()
    });
    assert_eq!(successes, 1);
}

#[test]
fn assertions_that_prove_nothing_are_refused() {
    let app = behind_a_proxy();
    let (key, other) = (TestKey::ec("e"), TestKey::ec("e"));
    let client = create(&app, &[&key]);
    let stranger = create(&app, &[&other]);
    let good = claims(&client, "good");
    let now = moment().timestamp();
    let with = |member: &str, value: Value| {
        let mut claims = good.clone();
        claims[member] = value;
        assertion(&key, &claims)
    };
    let headed = |header: Value| key.token(&header.to_string(), &good.to_string());
    let mut attacks = vec![
        ("key of another client", assertion(&other, &good)),
        ("none", format!("{}.{}.", b64(r#"{"alg":"none"}"#), b64(good.to_string()))),
        ("HS256", headed(json!({ "alg": "HS256", "kid": "e" }))),
        ("unknown kid", headed(json!({ "alg": "ES256", "kid": "x" }))),
        ("an access token's type", headed(json!({ "alg": "ES256", "kid": "e", "typ": "at+jwt" }))),
        ("own key in the header", other.token(&json!({ "alg": "ES256", "jwk": other.jwk() }).to_string(), &good.to_string())),
        ("crit", headed(json!({ "alg": "ES256", "kid": "e", "crit": ["exp"] }))),
        ("iss of another", with("iss", json!(stranger))),
        ("sub of another", with("sub", json!(stranger))),
        ("aud of another", with("aud", json!("https://other.example/oauth/token"))),
        ("aud of two", with("aud", json!(["pai", "https://other.example"]))),
        ("aud empty", with("aud", json!([]))),
        ("exp past", with("exp", json!(now - 31))),
        ("exp far ahead", with("exp", json!(now + 331))),
        ("exp text", with("exp", json!((now + 60).to_string()))),
        ("nbf ahead", with("nbf", json!(now + 60))),
        ("iat ahead", with("iat", json!(now + 60))),
        ("jti empty", with("jti", json!(""))),
        ("jti a number", with("jti", json!(1))),
        ("jti long", with("jti", json!("x".repeat(256)))),
    ];
    for member in ["iss", "sub", "aud", "exp", "jti"] {
        let mut without = good.clone();
        without.as_object_mut().expect("an object").remove(member);
        attacks.push((member, assertion(&key, &without)));
    }
    for (name, text) in attacks {
        // From an address of its own each, so that the assertion is judged and not how often one was wrong.
        let refused = from_anywhere(&app, &text);
        assert_eq!(refused.expect(401)["error"], "invalid_client", "{name}");
    }
    from_anywhere(&app, &assertion(&key, &good)).expect(200);
    let both = sign_in(&app.address, &assertion(&key, &claims(&client, "both")), "&client_secret=x");
    assert_eq!(both.expect(400)["error"], "invalid_request");
    sign_in(&app.address, &assertion(&key, &claims(&client, "other id")), &format!("&client_id={stranger}")).expect(401);
}

/// Signs in from an address that nobody else calls from.
fn from_anywhere(app: &TestApp, assertion: &str) -> Answer {
    static NUMBER: AtomicU8 = AtomicU8::new(0);
    let form = format!("grant_type=client_credentials&client_assertion_type={TYPE}&client_assertion={assertion}");
    let anonymous = app.anonymous().with("Content-Type", "application/x-www-form-urlencoded");
    let anonymous = anonymous.with("X-Forwarded-For", &format!("192.0.2.{}", NUMBER.fetch_add(1, Ordering::Relaxed)));
    anonymous.send("POST", "/oauth/token", Some(form))
}

#[test]
fn keys_are_changed_through_the_api_and_replace_a_secret() {
    let app = TestApp::start();
    let api = app.api(Role::Administrator);
    let made = api.post("/clients", &json!({ "name": "Poczta", "role": "auditor" }));
    let (client, secret) = (made.id(), made.expect(201)["clientSecret"].as_str().expect("a secret").to_owned());
    let path = format!("/clients/{client}/public-keys");
    assert_eq!(api.get(&path).expect(200)["keys"], json!([]));
    let (old, new) = (TestKey::ed("old"), TestKey::rsa("new"));
    let put = |etag: &str, keys: Vec<Value>| api.put(&path, etag, &json!({ "keys": keys }));
    let version = put("\"1\"", vec![old.jwk()]);
    version.expect(200);
    put("\"1\"", vec![new.jwk()]).refused(412, "platform.precondition_failed");
    let form = format!("grant_type=client_credentials&client_id={client}&client_secret={secret}");
    let anonymous = app.anonymous().with("Content-Type", "application/x-www-form-urlencoded");
    anonymous.send("POST", "/oauth/token", Some(form)).expect(401);
    sign_in(&app.address, &assertion(&old, &claims(&client, "1")), "").expect(200);
    let version = put(version.header("etag"), vec![old.jwk(), new.jwk()]);
    version.expect(200);
    sign_in(&app.address, &assertion(&old, &claims(&client, "2")), "").expect(200);
    sign_in(&app.address, &assertion(&new, &claims(&client, "3")), "").expect(200);
    let version = put(version.header("etag"), vec![new.jwk()]);
    version.expect(200);
    sign_in(&app.address, &assertion(&old, &claims(&client, "4")), "").expect(401);
    sign_in(&app.address, &assertion(&new, &claims(&client, "5")), "").expect(200);
    assert_eq!(api.get(&path).expect(200)["keys"], json!([new.jwk()]));

    let etag = version.header("etag");
    let mut private = new.jwk();
    private["d"] = json!("AAAA");
    let mut for_encryption = new.jwk();
    for_encryption["use"] = json!("enc");
    let mut other_algorithm = new.jwk();
    other_algorithm["alg"] = json!("PS256");
    let refused = put(etag, vec![private]).refused(422, "platform.invalid_body");
    assert_eq!(
        (&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]),
        (&json!("/keys/0/d"), &json!("platform.invalid_field"))
    );
    assert!(refused["errors"][0]["message"].as_str().is_some_and(|message| message.contains("częścią prywatną")), "{refused}");
    put(etag, vec![]).refused(422, "platform.invalid_body");
    let mut weak = new.jwk();
    weak["n"] = json!(b64([0xc1; 128]));
    let short = put(etag, vec![weak.clone()]).refused(422, "institutions.key_not_usable");
    assert!(short["errors"][0]["message"].as_str().is_some_and(|message| message.contains("2048")), "{short}");
    for unusable in [vec![for_encryption], vec![other_algorithm], vec![weak], vec![new.jwk(), TestKey::ed("new").jwk()]] {
        put(etag, unusable).refused(422, "institutions.key_not_usable");
    }
    let body =
        json!({ "name": "x", "role": "auditor", "issuer": "https://idp.example", "subject": "s", "publicKeys": [new.jwk()] });
    api.post("/clients", &body).refused(422, "institutions.keys_of_outside");
    app.other_api(Role::Administrator).get(&path).refused(404, "platform.not_found");

    api.post(&format!("/clients/{client}/revocation"), &json!({})).expect(200);
    sign_in(&app.address, &assertion(&new, &claims(&client, "6")), "").expect(401);
}

#[test]
fn the_service_describes_its_issuer_and_publishes_its_keys() {
    let app = TestApp::start();
    let metadata = app.anonymous().get("/.well-known/oauth-authorization-server");
    let metadata = metadata.expect(200);
    assert_eq!(metadata["issuer"], "pai");
    assert_eq!(metadata["token_endpoint"], "http://127.0.0.1:8080/oauth/token");
    assert!(metadata["token_endpoint_auth_methods_supported"].as_array().expect("methods").contains(&json!("private_key_jwt")));
    let keys = app.anonymous().get("/oauth/jwks.json").expect(200);
    let token = app.token(Role::Auditor);
    let (message, signature) = token.rsplit_once('.').expect("parts");
    let key = serde_json::from_value(keys["keys"][0].clone()).expect("a key");
    let key = pai::platform::identity::jwk::PublicKey::of(&key).expect("usable");
    assert!(key.verifies(message, signature), "others can verify our tokens");
}

#[test]
fn forged_assertions_do_not_lock_the_client_that_they_name_out() {
    let app = behind_a_proxy();
    let (key, forger) = (TestKey::ed("e"), TestKey::ed("e"));
    let client = create(&app, &[&key]);
    let send = |address: &str, assertion: &str| {
        let form = format!("grant_type=client_credentials&client_assertion_type={TYPE}&client_assertion={assertion}");
        let anonymous = app.anonymous().with("Content-Type", "application/x-www-form-urlencoded");
        anonymous.with("X-Forwarded-For", address).send("POST", "/oauth/token", Some(form))
    };
    for number in 0..119 {
        send("203.0.113.1", &assertion(&forger, &claims(&client, &format!("forged {number}")))).expect(401);
    }
    send("203.0.113.1", &assertion(&key, &claims(&client, "from the same address"))).expect(200);
    send("203.0.113.1", &assertion(&forger, &claims(&client, "forged"))).expect(401);
    let limited = send("203.0.113.1", &assertion(&forger, &claims(&client, "one too many")));
    limited.refused(429, "platform.too_many_requests");
    assert!(limited.header("ratelimit-policy").starts_with("\"sign-in-address\""));
    send("203.0.113.2", &assertion(&key, &claims(&client, "from elsewhere"))).expect(200);
}
