//! What holds for every call, whatever it is about.

mod bodies;
mod downloads;
mod lists;
mod requests;
mod writes;

use pai::platform::policy::Role;
use serde_json::json;

use crate::support::TestApp;

#[test]
fn a_refusal_is_a_problem_in_the_language_of_the_caller() {
    let app = TestApp::start();
    let anonymous = app.anonymous();
    let language = |wanted: &str| {
        let answer = anonymous.with("Accept-Language", wanted).get("/hosts");
        let problem = answer.refused(401, "platform.unauthenticated");
        (answer.header("content-language").to_owned(), problem["title"].as_str().unwrap_or_default().to_owned())
    };
    let polish =
        anonymous.get("/hosts").refused(401, "platform.unauthenticated")["title"].as_str().unwrap_or_default().to_owned();
    assert_eq!(language("en"), ("en".to_owned(), "No valid access token".to_owned()));
    for wanted in ["pl", "de", "en;q=0.2, pl;q=0.9", "*", ";;;", "en;q=NaN"] {
        assert_eq!(language(wanted), ("pl".to_owned(), polish.clone()), "{wanted}");
    }
    assert_eq!(language("en-GB, pl;q=0.5").0, "en");

    let answer = anonymous.with("Accept-Language", "en").get("/hosts/x?y=1");
    let problem = answer.refused(401, "platform.unauthenticated");
    assert_eq!(problem["instance"], "/api/v1/hosts/x");
    assert_eq!(problem["requestId"], answer.header("x-request-id"));
    assert_eq!(problem["status"], 401);
    assert_eq!(answer.header("cache-control"), "no-store");
    let explained = anonymous.get(problem["type"].as_str().expect("a type")).expect(200);
    assert_eq!(explained["code"], "platform.unauthenticated");
}

#[test]
fn every_answer_carries_the_request_id_the_trace_and_the_security_headers() {
    let app = TestApp::start();
    let anonymous = app.anonymous();
    let wanted = "0190b0c0-1111-7222-8333-444455556666";
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let echoed = anonymous.with("X-Request-Id", wanted).with("traceparent", trace).get("/health/live");
    assert_eq!((echoed.header("x-request-id"), echoed.header("traceparent")), (wanted, trace));
    for forged in ["1; DROP TABLE hosts", "<script>", ""] {
        let answer = anonymous.with("X-Request-Id", forged).with("traceparent", forged).get("/health/live");
        let id = answer.header("x-request-id");
        assert!(uuid::Uuid::parse_str(id).is_ok(), "{forged} became {id}");
        assert!(answer.header("traceparent").contains(&id.replace('-', "")), "a trace begins with the request");
    }
    let coordinator = app.api(Role::Coordinator);
    for answer in [
        coordinator.get("/hosts"),
        anonymous.get("/hosts"),
        anonymous.get("/nothing"),
        anonymous.send("DELETE", "/hosts", None),
        anonymous.get("/openapi.json"),
        anonymous.get("/metrics"),
        anonymous.get("/swagger-ui/"),
        coordinator.post("/hosts", &json!({})),
    ] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{answer:?}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{answer:?}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{answer:?}");
        assert!(answer.header("strict-transport-security").contains("max-age="), "{answer:?}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{answer:?}");
        assert_eq!(answer.header("api-version"), env!("CARGO_PKG_VERSION"), "{answer:?}");
        assert!(answer.header("server").is_empty(), "{answer:?}");
    }
    assert_eq!(coordinator.get("/hosts").header("cache-control"), "no-store");
}

#[test]
fn readiness_follows_the_database_and_metrics_count_calls() {
    let app = TestApp::start();
    let anonymous = app.anonymous();
    assert_eq!(anonymous.get("/health/live").expect(200)["status"], "live");
    assert_eq!(
        anonymous.get("/health/ready").expect(200),
        json!({ "status": "ready", "accepting": true, "database": true, "sealing": true, "delivering": true })
    );
    anonymous.get("/hosts").refused(401, "platform.unauthenticated");
    let metrics = anonymous.get("/metrics");
    assert_eq!(metrics.status, 200);
    assert!(metrics.header("content-type").starts_with("text/plain"), "{metrics:?}");
    for expected in [
        "http_requests_total",
        "http_request_duration_seconds_bucket",
        "route=\"/api/v1/hosts\"",
        "status=\"401\"",
        "database_connections",
    ] {
        assert!(metrics.text.contains(expected), "{expected} is missing in\n{}", metrics.text);
    }
    // A path that no route takes must not become a label of its own.
    anonymous.get("/no-such-thing-anywhere").refused(404, "platform.not_found");
    assert!(!anonymous.get("/metrics").text.contains("no-such-thing-anywhere"));
}

#[test]
fn what_is_answered_can_be_asked_for_and_nothing_else() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    for fine in [
        "application/json",
        "*/*",
        "application/*;q=0.5",
        "text/html, application/json;q=0.1",
        "application/problem+json, */*;q=0.1",
    ] {
        assert_eq!(api.with("Accept", fine).get("/hosts").status, 200, "{fine}");
    }
    for other in ["text/html", "application/xml", "image/*", "application/json;q=0"] {
        api.with("Accept", other).get("/hosts").refused(406, "platform.not_acceptable");
    }
    assert_eq!(api.with("Accept", "text/*").get("/hosts").status, 200, "a list is a file too");
    let host = json!({ "name": "Biblioteka w Próbnej" });
    let host = api.post("/hosts", &host).expect(201)["id"].as_str().expect("an id").to_owned();
    api.with("Accept", "text/*").get(&format!("/hosts/{host}")).refused(406, "platform.not_acceptable");
    // Pages and plain text outside the contract answer whoever asks.
    assert_eq!(app.anonymous().with("Accept", "text/html").get("/swagger-ui/").status, 200);
    assert_eq!(app.anonymous().with("Accept", "text/plain").get("/metrics").status, 200);
}
