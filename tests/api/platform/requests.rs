//! Requests as an attacker or a broken client sends them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use pai::platform::body::BODY_LIMIT;
use pai::platform::policy::Role;
use serde_json::json;

use crate::support::TestApp;

/// Sends bytes as they are; answers what comes back until the service closes or falls silent.
fn raw(app: &TestApp, head: &str, body: &[u8], wait: Duration) -> String {
    let mut stream = TcpStream::connect(app.address.trim_start_matches("http://")).expect("a connection");
    stream.set_read_timeout(Some(wait)).expect("a timeout");
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).expect("sent");
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    while let Ok(length) = stream.read(&mut part) {
        answer.extend_from_slice(&part[..length]);
        let text = String::from_utf8_lossy(&answer);
        let complete = text.split_once("\r\n\r\n").is_some_and(|(_, body)| body.ends_with('}'));
        if length == 0 || complete {
            break;
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn post_head(app: &TestApp, length: usize) -> String {
    format!(
        "POST /api/v1/hosts HTTP/1.1\r\nHost: pai\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n",
        app.token(Role::Coordinator)
    )
}

#[test]
fn a_body_that_is_too_large_or_no_json_is_refused() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let long = format!("{{\"name\": \"{}\"}}", "x".repeat(BODY_LIMIT));
    api.send("POST", "/hosts", Some(long)).refused(413, "platform.payload_too_large");
    let host = json!({ "name": "Biblioteka" }).to_string();
    for media in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json", "multipart/form-data"] {
        api.with("Content-Type", media)
            .send("POST", "/hosts", Some(host.clone()))
            .refused(415, "platform.unsupported_media_type");
    }
    for media in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
        api.with("Content-Type", media).send("POST", "/hosts?dryRun=true", Some(host.clone())).expect(200);
    }
    for broken in [
        "",
        " ",
        "{",
        "{\"name\": \"x\",}",
        "{'name': 'x'}",
        "{\"name\": \"x\"} {}",
        "NaN",
        "{\"name\": \"\\ud800\"}",
        "\u{feff}{\"name\": \"x\"}",
    ] {
        let answer = api.send("POST", "/hosts", Some(broken.to_owned()));
        answer.refused(400, "platform.not_parseable");
    }
    for (wrong, pointer) in [
        ("[]", ""),
        ("null", ""),
        ("\"x\"", ""),
        ("{\"name\": 5}", "/name"),
        ("{\"name\": null}", "/name"),
        ("{\"name\": \"\"}", "/name"),
        ("{\"name\": \"a\\u0000b\"}", "/name"),
        ("{\"name\": \"x\", \"positions\": 1e99}", "/positions"),
        ("{\"name\": \"x\", \"positions\": 99999999999999999999}", "/positions"),
        ("{\"name\": \"x\", \"id\": \"1\"}", "/id"),
        ("{\"name\": \"x\", \"tenantId\": \"1\"}", "/tenantId"),
        ("{\"name\": \"x\", \"__proto__\": {}}", "/__proto__"),
        ("{\"name\": \"x\", \"name\": \"y\"}", "/name"),
    ] {
        let problem = api.send("POST", "/hosts", Some(wrong.to_owned())).refused(422, "platform.invalid_body");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{wrong}: {problem}");
    }
    assert_eq!(api.get("/hosts").expect(200)["items"], json!([]));
}

#[test]
fn a_deeply_nested_body_is_refused_and_the_service_lives_on() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    for (open, close) in [("[", "]"), ("{\"name\":", "}")] {
        for depth in [200, 100_000] {
            let body = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let answer = api.send("POST", "/hosts", Some(body));
            assert!(matches!(answer.status, 400 | 422), "{} {}", answer.status, answer.text);
        }
    }
    app.anonymous().get("/health/ready").expect(200);
}

#[test]
fn bytes_that_are_no_utf_8_are_refused() {
    let app = TestApp::start();
    for body in [&b"{\"name\": \"\xff\xfe\"}"[..], b"{\"name\": \"\xc3\"}", b"\xff\xfe{\x00}\x00"] {
        let answer = raw(&app, &post_head(&app, body.len()), body, Duration::from_secs(3));
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("platform.not_parseable"), "{answer}");
    }
    let query = "GET /api/v1/hosts?limit=%ff%fe HTTP/1.1\r\nHost: pai\r\n";
    let head = format!("{query}Authorization: Bearer {}\r\n\r\n", app.token(Role::Coordinator));
    let answer = raw(&app, &head, b"", Duration::from_secs(3));
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let purpose = "GET /api/v1/hosts HTTP/1.1\r\nHost: pai\r\nPai-Purpose: ";
    let mut request = purpose.as_bytes().to_vec();
    request.extend_from_slice(b"\xb1\xb2\r\n");
    request.extend_from_slice(format!("Authorization: Bearer {}\r\n\r\n", app.token(Role::Coordinator)).as_bytes());
    let answer = raw(&app, "", &request, Duration::from_secs(3));
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[test]
fn a_body_that_does_not_arrive_ends_the_call() {
    let app = TestApp::start();
    let started = Instant::now();
    let answer = raw(&app, &post_head(&app, 1000), b"{\"name\":", Duration::from_secs(12));
    assert!(answer.starts_with("HTTP/1.1 408") || answer.starts_with("HTTP/1.1 400"), "{answer:?}");
    assert!(answer.contains("application/problem+json"), "{answer}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    app.anonymous().get("/health/ready").expect(200);
}

#[test]
fn headers_are_bounded_and_checked() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    for (name, value) in [
        ("Pai-Purpose", "x".repeat(201)),
        ("Pai-On-Behalf-Of", "x".repeat(201)),
        ("Pai-Purpose", String::new()),
        ("Pai-On-Behalf-Of", " ".to_owned()),
        ("Pai-Purpose", "tab\tstop".to_owned()),
        ("If-None-Match", "x".repeat(1001)),
        ("Idempotency-Key", "x".repeat(129)),
        ("Idempotency-Key", "with space".to_owned()),
        ("Idempotency-Key", String::new()),
    ] {
        let problem = api.with(name, &value).post("/hosts", &json!({ "name": "x" })).refused(400, "platform.invalid_header");
        assert_eq!(problem["errors"][0]["pointer"], name, "{problem}");
    }
    assert_eq!(api.get("/hosts").expect(200)["items"], json!([]));
}
