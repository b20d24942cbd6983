//! Traces: what a collector gets, what it never gets, and that a dead one harms nobody.

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::json;

use super::collector::{Collector, Span};
use super::{service, within_patience};
use crate::support::program::DataDir;
use crate::support::{Api, TestApp};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";
/// The server kind of the protocol.
const SERVER: u64 = 2;

#[test]
fn a_sampled_request_is_one_trace_without_what_it_is_about() {
    let (app, dir, collector) = (TestApp::start(), DataDir::new(), Collector::start());
    let mut service = service(&app, &dir, &[("PAI__OTEL__ENDPOINT", &collector.address), ("PAI__OTEL__SAMPLE_RATIO", "0")]);
    let api = Api::sign_in(&service.address, &app.town.clients["coordinator"]);
    let request = "0190b0c0-1111-7222-8333-444455556666";
    let sampled = api.with("traceparent", &format!("00-{TRACE}-{CALLER}-01")).with("X-Request-Id", request);
    let answer = sampled.post("/hosts", &json!({ "name": "Kanarkowo" }));
    let id = answer.id();
    sampled
        .with("X-Request-Id", "0190b0c0-1111-7222-8333-444455556667")
        .get(&format!("/hosts/{id}?canary=Kanarkowo"))
        .expect(400);
    // The caller's decision comes first, in both directions; a trace that begins here is drawn by lot.
    let unsampled = "5bf92f3577b34da6a3ce929d0e0e4736";
    let passed_on = api.with("traceparent", &format!("00-{unsampled}-{CALLER}-00")).get("/hosts");
    assert!(passed_on.header("traceparent").starts_with(&format!("00-{unsampled}-")), "{passed_on:?}");
    assert!(passed_on.header("traceparent").ends_with("-00"));
    api.get("/hosts").expect(200);
    assert_eq!(service.ask_to_stop("TERM"), Some(0), "what waits is sent before the end");

    let spans = collector.spans();
    assert!(spans.iter().all(|span| span.trace == TRACE), "{spans:#?}");
    let root = spans.iter().find(|span| span.attributes.get("request.id").is_some_and(|id| id == request)).expect("the request");
    assert_eq!((root.name.as_str(), root.kind, root.parent.as_str()), ("POST /api/v1/hosts", SERVER, CALLER));
    for (name, value) in [
        ("http.request.method", "POST"),
        ("http.route", "/api/v1/hosts"),
        ("http.response.status_code", "201"),
        ("tenant.id", &app.town.id.to_string()),
    ] {
        assert_eq!(root.attributes.get(name).map(String::as_str), Some(value), "{name}: {root:#?}");
    }
    assert_eq!(answer.header("traceparent"), format!("00-{TRACE}-{}-01", root.id), "the answer names the span of the service");
    let below: Vec<&str> = spans.iter().filter(|span| span.parent == root.id).map(|span| span.name.as_str()).collect();
    assert!(below.contains(&"transaction") && below.contains(&"wait for a connection"), "{spans:#?}");
    let refused: Vec<&Span> = spans.iter().filter(|span| span.name == "GET /api/v1/hosts/{id}").collect();
    assert_eq!(refused.len(), 1, "by its template: {spans:#?}");
    let bytes = collector.bytes();
    for never in ["Kanarkowo", "canary", id.as_str(), "Bearer"] {
        assert!(!bytes.windows(never.len()).any(|window| window == never.as_bytes()), "{never} was sent");
    }
}

#[test]
fn work_beside_the_requests_leaves_no_traces() {
    let (app, dir, collector) = (TestApp::start(), DataDir::new(), Collector::start());
    let mut service = service(&app, &dir, &[("PAI__OTEL__ENDPOINT", &collector.address)]);
    let api = Api::sign_in(&service.address, &app.town.clients["coordinator"]);
    api.get("/hosts").expect(200);
    assert_eq!(service.ask_to_stop("TERM"), Some(0));
    let spans = collector.spans();
    assert!(spans.iter().any(|span| span.name == "wait for a connection"), "{spans:#?}");
    let orphans: Vec<&Span> = spans.iter().filter(|span| span.parent.is_empty() && span.kind != SERVER).collect();
    assert!(orphans.is_empty(), "{orphans:#?}");
}

#[test]
fn a_collector_that_never_answers_costs_neither_time_nor_memory() {
    let (app, dir) = (TestApp::start(), DataDir::new());
    // Takes connections, because the kernel does, and says nothing.
    let mute = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let endpoint = format!("http://{}", mute.local_addr().expect("address"));
    let mut service = service(&app, &dir, &[("PAI__OTEL__ENDPOINT", &endpoint)]);
    let api = Api::sign_in(&service.address, &app.town.clients["coordinator"]);
    let resident = |service: &crate::support::program::Service| -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", service.process())).expect("the process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.trim().trim_end_matches("kB").trim().parse().expect("a number")
    };
    let ask = |count: u32| {
        let began = Instant::now();
        (0..count).for_each(|_| drop(api.get("/hosts").expect(200)));
        began.elapsed()
    };
    // More than the queue holds, three spans a request.
    let first = ask(2_000);
    let before = resident(&service);
    let second = ask(2_000);
    let grown = resident(&service).saturating_sub(before);
    println!("2,000 requests: {first:?} while the queue fills, {second:?} once it is full; {grown} kB more");
    assert!(grown < 8_192, "{grown} kB more for spans that nobody takes");
    assert!(second < first * 3 + Duration::from_secs(1), "{first:?} before, {second:?} with a full queue");
    let began = Instant::now();
    assert_eq!(service.ask_to_stop("TERM"), Some(0));
    assert!(began.elapsed() < Duration::from_secs(15), "a mute collector does not hold the end up for long");
    within_patience("the log is written", || dir.file("log").exists());
}
