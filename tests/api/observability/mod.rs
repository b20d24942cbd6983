//! What an operator sees of a running service: traces, metrics, readiness, and the work beside the requests.

mod collector;
mod traces;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use pai::platform::config::Settings;
use pai::platform::housekeeping::forget_expired_answers;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use regex::Regex;
use serde_json::{Value, json};

use crate::support::database::names;
use crate::support::program::{DataDir, Service, assert_gone, pai};
use crate::support::{Api, TestApp};

/// Far more than anything here needs.
const PATIENCE: Duration = Duration::from_secs(30);

/// The real program on a test's database.
fn service(app: &TestApp, dir: &DataDir, settings: &[(&str, &str)]) -> Service {
    fs::create_dir_all(&dir.0).expect("a data directory");
    let mut command = pai(&["serve", "--listen", "127.0.0.1:0"], Some(&dir.0));
    command.env("PAI__DATABASE__URL", &app.service_url).envs(settings.iter().copied());
    Service::start(&mut command, &dir.file("log"))
}

#[track_caller]
fn within_patience(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn readiness(api: &Api) -> (u16, Value) {
    let answer = api.get("/health/ready");
    (answer.status, serde_json::from_str(&answer.text).expect("JSON"))
}

#[test]
fn a_service_whose_register_is_not_sealed_is_not_ready_until_it_is() {
    let (app, dir) = (TestApp::start(), DataDir::new());
    let service = service(&app, &dir, &[("PAI__READINESS__SEAL_LAG_S", "1"), ("PAI__AUDIT__SEAL_INTERVAL_MS", "100")]);
    let api = Api::anonymous(&service.address);
    assert_eq!(readiness(&api).0, 200);
    let mut holder = connect(&app.superuser_url).expect("superuser");
    holder.batch_execute("SELECT pg_advisory_lock(7241620418)").expect("the lock of the sealers");
    within_patience("not ready while nothing is sealed", || readiness(&api).0 == 503);
    let expected = json!({ "status": "notReady", "accepting": true, "database": true, "sealing": false, "delivering": true });
    assert_eq!(readiness(&api).1, expected, "the check that failed is named");
    let metrics = api.get("/metrics").text;
    let lag =
        Regex::new(r"(?m)^audit_seal_lag_seconds (\S+)$").expect("pattern").captures(&metrics).expect("the lag")[1].to_owned();
    assert!(lag.parse::<f64>().is_ok_and(|lag| lag > 1.0), "{lag}");
    api.get("/health/live").expect(200);
    drop(holder);
    within_patience("ready again", || readiness(&api).0 == 200);
}

#[test]
fn an_event_that_waits_too_long_counts_where_somebody_delivers() {
    let (app, dirs) = (TestApp::start(), [DataDir::new(), DataDir::new()]);
    app.api(Role::Coordinator).post("/hosts", &json!({ "name": "Biblioteka" })).expect(201);
    let mut superuser = connect(&app.superuser_url).expect("superuser");
    superuser
        .batch_execute(&format!(
            "INSERT INTO outbox_events (tenant_id, id, aggregate_kind, aggregate_id, sequence, type, data, recorded_at)
             SELECT '{}', gen_random_uuid(), 'host', gen_random_uuid(), 1, 'host.created', '{{}}', now() - i * interval '1 hour' FROM generate_series(1, 3) i",
            app.town.id
        ))
        .expect("events that wait");
    let waiting: i32 = names(&mut superuser, "SELECT ARRAY[count(*)::text] AS row FROM outbox_events WHERE delivered_at IS NULL")
        [0]
    .parse()
    .expect("a count");
    let careless = service(&app, &dirs[0], &[]);
    let careful = service(&app, &dirs[1], &[("PAI__READINESS__OUTBOX_LAG_S", "3600")]);
    let api = Api::anonymous(&careful.address);
    within_patience("not ready while events wait for three hours", || readiness(&api).0 == 503);
    assert_eq!(readiness(&api).1["delivering"], false);
    assert_eq!(readiness(&Api::anonymous(&careless.address)).0, 200, "by default nobody is expected to deliver");
    let metrics = api.get("/metrics").text;
    assert!(metrics.contains(&format!("\noutbox_waiting_events {waiting}\n")), "{metrics}");
    let oldest =
        Regex::new(r"(?m)^outbox_oldest_seconds (\S+)$").expect("pattern").captures(&metrics).expect("the age")[1].to_owned();
    assert!(oldest.parse::<f64>().is_ok_and(|age| age >= 3.0 * 3600.0), "{oldest}");
}

/// Every source file.
fn sources() -> Vec<String> {
    fn collect(directory: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(directory).expect("a directory").flatten() {
            if entry.path().is_dir() {
                collect(&entry.path(), found);
            } else {
                found.push(fs::read_to_string(entry.path()).unwrap_or_default());
            }
        }
    }
    let mut found = Vec::new();
    collect(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut found);
    found
}

#[test]
fn counters_that_alerts_use_begin_with_zero() {
    let (app, dir) = (TestApp::start(), DataDir::new());
    let service = service(&app, &dir, &[]);
    let metrics = Api::anonymous(&service.address).get("/metrics").text;
    let manual = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/OPERATIONS.md")).expect("the manual");
    let alarmed = Regex::new(r"increase\(([a-z_]+_total)").expect("pattern");
    let alarmed: Vec<&str> = alarmed.captures_iter(&manual).map(|name| name.get(1).expect("a name").as_str()).collect();
    assert!(alarmed.len() >= 4, "{alarmed:?}");
    for name in alarmed {
        assert!(Regex::new(&format!(r"(?m)^{name}(\{{.*\}})? 0$")).expect("pattern").is_match(&metrics), "{name} is not there");
    }
    let quota = Regex::new(r#"const \w+: Quota = Quota \{ name: "([a-z-]+)""#).expect("pattern");
    let source = sources().concat();
    let limits: Vec<&str> = quota.captures_iter(&source).map(|name| name.get(1).expect("a name").as_str()).collect();
    assert!(limits.len() >= 5, "{limits:?}");
    for limit in limits {
        assert!(metrics.contains(&format!("rate_limit_refusals_total{{limit=\"{limit}\"}} 0")), "{limit}");
    }
    let named = |kind: &str| -> Vec<String> {
        let line = Regex::new(&format!(r"(?m)^# {kind} ([a-z_]+) ")).expect("pattern");
        line.captures_iter(&metrics).map(|name| name[1].to_owned()).collect()
    };
    let without: Vec<String> = named("TYPE").into_iter().filter(|name| !named("HELP").contains(name)).collect();
    assert!(without.is_empty(), "{without:?} are not described");
}

#[test]
fn every_metric_is_in_the_manual_and_no_caller_can_make_up_labels() {
    let (app, dir) = (TestApp::start(), DataDir::new());
    let service = service(&app, &dir, &[]);
    let api = Api::sign_in(&service.address, &app.town.clients["coordinator"]);
    api.post("/hosts", &json!({ "name": "Biblioteka" })).expect(201);
    // A decent client refuses to send these.
    for number in 0..5 {
        let host = service.address.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).expect("a connection");
        let request = format!("INVENTED{number} /api/v1/hosts HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        stream.read_to_end(&mut Vec::new()).expect("answered");
    }
    let (id, _) = &app.town.clients["auditor"];
    for _ in 0..200 {
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret=wrong");
        if api.with("Content-Type", "application/x-www-form-urlencoded").send("POST", "/oauth/token", Some(form)).status == 429 {
            break;
        }
    }
    within_patience("the row is sealed", || api.get("/metrics").text.contains("audit_entries_sealed_total 1"));
    let metrics = api.get("/metrics").text;
    assert!(!metrics.contains("INVENTED") && metrics.contains("method=\"other\""), "{metrics}");
    let manual = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/OPERATIONS.md")).expect("the manual");
    let documented = Regex::new(r"(?m)^\| `([a-z_]+)").expect("pattern");
    let documented: Vec<&str> = documented.captures_iter(&manual).map(|name| name.get(1).expect("a name").as_str()).collect();
    let shown = Regex::new(r"(?m)^# TYPE ([a-z_]+) ").expect("pattern");
    let shown: Vec<&str> = shown.captures_iter(&metrics).map(|name| name.get(1).expect("a name").as_str()).collect();
    for name in &shown {
        assert!(documented.contains(name), "{name} is not in docs/OPERATIONS.md");
    }
    for name in [
        "audit_entries_sealed_total",
        "audit_seal_lag_seconds",
        "build_info",
        "database_connections_in_use",
        "database_pool_wait_seconds",
        "http_request_duration_seconds",
        "http_requests_total",
        "outbox_oldest_seconds",
        "outbox_waiting_events",
        "rate_limit_refusals_total",
    ] {
        assert!(shown.contains(&name), "{name} is not shown:\n{metrics}");
    }
}

#[test]
fn expired_answers_are_dropped_again_and_again() {
    let app = TestApp::start();
    let mut superuser = connect(&app.superuser_url).expect("superuser");
    let mut expired = |key: &str| {
        superuser
            .batch_execute(&format!(
                "INSERT INTO idempotency_keys (tenant_id, client_id, key, request_hash, recorded_at)
                 VALUES ('{0}', '{0}', '{key}', '', '2026-06-13T09:00:00Z'), ('{0}', '{0}', '{key} young', '', '2026-06-13T11:00:00Z')",
                app.town.id
            ))
            .expect("answers");
    };
    expired("first");
    let mut observer = connect(&app.superuser_url).expect("superuser");
    let mut kept = || names(&mut observer, "SELECT ARRAY[key] AS row FROM idempotency_keys ORDER BY key");
    let mut settings = Settings::load(None).expect("settings");
    settings.data_dir = DataDir::new().0.clone();
    let dir = DataDir(settings.data_dir.clone());
    let shared = pai::startup::share(&settings, &app.service_url, app.clock.clone()).expect("shared state");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let cleaning = forget_expired_answers(shared.db().clone(), 48, Duration::from_millis(50));
            tokio::select! { () = cleaning => {}, _ = stopped => {} }
        });
    });
    within_patience("dropped at the start", || kept() == ["first young"]);
    expired("second");
    within_patience("dropped in a later round", || kept() == ["first young", "second young"]);
    drop(stop);
    running.join().expect("it ends");
    drop(dir);
}

#[test]
fn a_second_signal_ends_the_service_at_once() {
    let dir = DataDir::new();
    let log = dir.0.with_extension("log");
    let mut command = pai(&["serve", "--listen", "127.0.0.1:0"], Some(&dir.0));
    let mut service = Service::start(command.env("PAI__SERVER__DRAIN_DELAY_MS", "600000"), &log);
    fs::remove_file(&log).expect("the log");
    let (api, postgres) = (Api::anonymous(&service.address), dir.postgres());
    service.signal("TERM");
    within_patience("draining after the first", || readiness(&api).0 == 503);
    api.get("/health/live").expect(200);
    let began = Instant::now();
    assert_eq!(service.ask_to_stop("TERM"), Some(130), "what a shell says of a program that was interrupted");
    assert!(began.elapsed() < PATIENCE);
    assert_gone(postgres);
    let leftovers = Command::new("sh").args(["-c", &format!("kill -0 {postgres}")]).status();
    assert!(leftovers.is_ok_and(|status| !status.success()), "no process is left");
}
