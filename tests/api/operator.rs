//! The operator's side: the real program on a data directory of its own.

use crate::support::issuer::TestKey;
use crate::support::program::{DataDir, Service, assert_gone, output, pai, stderr};
use crate::support::{Api, TestApp};
use diesel::connection::SimpleConnection as _;
use pai::platform::migrations::connect;
use serde_json::{Value, json};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;

fn credentials(json: &Value) -> (Uuid, String) {
    let id = json["clientId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    (id, json["clientSecret"].as_str().expect("a secret").to_owned())
}

#[test]
fn an_acknowledged_write_survives_a_kill_and_a_stop_leaves_no_process() {
    let dir = DataDir::new();
    let mut service = Service::embedded(&dir, &[]);
    assert_eq!((dir.rows("clients"), dir.rows("institutions")), (0, 0), "a new service knows nobody");
    assert!(!dir.file("demo-credentials.json").exists());
    assert_eq!(fs::metadata(&dir.0).expect("the directory").permissions().mode() & 0o007, 0, "it is closed to others");

    let create = ["client", "create", "--json", "--name", "Town hall", "--role", "coordinator"];
    let first = [&create[..], &["--institution-name", "OPS Próbne", "--institution-kind", "municipalCentre"]].concat();
    let made = output(&mut pai(&first, Some(&dir.0)));
    assert!(made.status.success(), "{}", stderr(&made));
    let made: Value = serde_json::from_slice(&made.stdout).expect("JSON");
    assert_eq!(made["role"], "coordinator");
    let api = Api::sign_in(&service.address, &credentials(&made)).with("Idempotency-Key", "before-the-kill");
    let host = api.post("/hosts", &json!({ "name": "Biblioteka" })).id();
    let postgres = dir.postgres();
    service.kill();
    assert_gone(postgres);

    let mut service = Service::embedded(&dir, &[]);
    let api = Api::sign_in(&service.address, &credentials(&made)).with("Idempotency-Key", "before-the-kill");
    assert_eq!(api.get(&format!("/hosts/{host}")).expect(200)["name"], "Biblioteka");
    assert_eq!(api.post("/hosts", &json!({ "name": "Biblioteka" })).id(), host, "a repeated call is still recognised");
    let listen = service.address.strip_prefix("http://").expect("an address").to_owned();
    assert!(output(&mut pai(&["healthcheck", "--listen", &listen], None)).status.success());
    let postgres = dir.postgres();
    assert_eq!(service.ask_to_stop("TERM"), Some(0));
    assert!(!Path::new(&format!("/proc/{postgres}")).exists(), "PostgreSQL ended before the service");
    assert!(!dir.file("postgres/postmaster.pid").exists(), "and in good order");
    assert_eq!(output(&mut pai(&["healthcheck", "--listen", &listen], None)).status.code(), Some(1));
}

#[test]
fn clients_are_made_without_a_running_service_too() {
    let dir = DataDir::new();
    let create = |more: &[&str]| {
        output(&mut pai(&[&["client", "create", "--json", "--name", "x", "--role", "auditor"], more].concat(), Some(&dir.0)))
    };
    let first = create(&["--institution-name", "OPS", "--institution-kind", "municipalCentre", "--teryt", "0000000"]);
    assert_eq!(first.status.code(), Some(2), "{}", stderr(&first));
    let first = create(&["--institution-name", "OPS", "--institution-kind", "municipalCentre"]);
    let tenant = serde_json::from_slice::<Value>(&first.stdout).expect("JSON")["tenant"].as_str().expect("an id").to_owned();
    let second = create(&["--tenant", &tenant]);
    assert_eq!(serde_json::from_slice::<Value>(&second.stdout).expect("JSON")["tenant"], tenant.as_str());
    let stranger = create(&["--tenant", "01900000-0000-7000-8000-0000000000ff"]);
    assert_eq!(stranger.status.code(), Some(1));
    assert_eq!(stderr(&stranger), "pai: no institution has this id\n");
    let neither = create(&[]);
    assert_eq!(neither.status.code(), Some(2), "{}", stderr(&neither));
    let up_to_date = output(&mut pai(&["migrate"], Some(&dir.0)));
    assert_eq!(String::from_utf8_lossy(&up_to_date.stdout), "the schema is up to date\n");
}

#[test]
fn an_address_in_use_is_named_before_anything_is_made() {
    let dir = DataDir::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("its address").to_string();
    let refused = output(&mut pai(&["serve", "--listen", "127.0.0.1:1", "--listen", &address], Some(&dir.0)));
    assert_eq!(refused.status.code(), Some(1));
    let expected = format!("pai: {address} is in use by another program; choose another address with --listen\n");
    assert_eq!(stderr(&refused), expected, "the last --listen counts");
    assert!(!dir.0.exists());
    let checked = output(&mut pai(&["check-config", "--listen", &address], Some(&dir.0)));
    assert_eq!(checked.status.code(), Some(1));
    assert!(!dir.0.exists(), "a check makes nothing");
}

#[test]
fn a_setting_is_refused_by_name_and_a_secret_is_not_shown() {
    let unknown = output(pai(&["check-config"], None).env("PAI__SERVER__LISTEN_ON", "x"));
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("listen_on") && stderr(&unknown).lines().count() == 1, "{}", stderr(&unknown));
    let url = "postgresql://pai_service:s3cret-word@127.0.0.1:1/pai";
    let shown = output(pai(&["check-config", "--listen", "127.0.0.1:0"], None).env("PAI__DATABASE__URL", url));
    let text = String::from_utf8_lossy(&shown.stdout).into_owned() + &stderr(&shown);
    assert!(text.contains("url = (set, not shown)") && !text.contains("s3cret-word"), "{text}");
    assert_eq!(shown.status.code(), Some(1), "nothing answers at that URL");
}

#[test]
fn every_setting_is_shown() {
    let shown = output(&mut pai(&["check-config", "--listen", "127.0.0.1:0"], Some(&DataDir::new().0)));
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    let base = include_str!("../../config/base.toml");
    let names = |text: &str| -> Vec<String> {
        let mut section = String::new();
        let mut names = Vec::new();
        for line in text.lines() {
            if let Some(name) = line.strip_prefix('[') {
                section = name.trim_end_matches(']').to_owned();
            } else if let Some((name, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
                names.push(format!("{section}.{name}"));
            }
        }
        names
    };
    assert!(names(base).len() > 25);
    assert_eq!(names(&text), names(base), "{text}");
}

#[test]
fn the_description_of_the_token_endpoint_names_the_address_that_is_bound() {
    let dirs = [DataDir::new(), DataDir::new()];
    let described = |service: &Service| -> Value {
        let answer = Api::anonymous(&service.address).get("/.well-known/oauth-authorization-server");
        serde_json::from_str(&answer.text).expect("JSON")
    };
    let service = Service::embedded(&dirs[0], &[]);
    assert_eq!(described(&service)["token_endpoint"], format!("{}/oauth/token", service.address));
    drop(service);
    let mut serve = pai(&["serve", "--listen", "0.0.0.0:0"], Some(&dirs[1].0));
    let public =
        Service::start(serve.env("PAI__SERVER__PUBLIC_URL", "https://pai.town.example/"), &dirs[1].0.with_extension("log"));
    assert_eq!(described(&public)["token_endpoint"], "https://pai.town.example/oauth/token");
    drop(public);
    fs::remove_file(dirs[1].0.with_extension("log")).expect("the log");
}

#[test]
fn identity_providers_are_named_in_the_environment() {
    let check = |more: &[(&str, &str)]| {
        let mut command = pai(&["check-config", "--listen", "127.0.0.1:0"], None);
        command
            .env("PAI__ISSUERS__TOWN__ISSUER", "https://login.example/realms/office")
            .env("PAI__ISSUERS__TOWN__AUDIENCE", "pai");
        output(command.envs(more.iter().copied()))
    };
    let shown = check(&[("PAI__ISSUERS__TOWN__ALGORITHMS", "RS256, ES256"), ("PAI__ISSUERS__TOWN__PURPOSE_CLAIM", "purpose")]);
    let text = String::from_utf8_lossy(&shown.stdout);
    for line in [
        "[issuers.town]",
        "issuer = \"https://login.example/realms/office\"",
        "algorithms = [\"RS256\", \"ES256\"]",
        "purpose_claim = \"purpose\"",
        "keys_kept_h = 24",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    for (name, value, hint) in [
        ("PAI__ISSUERS__TOWN__ISSUER", "http://login.example", "https"),
        ("PAI__ISSUERS__TOWN__ISSUER", "pai", "issuers.town.issuer"),
        ("PAI__ISSUERS__TOWN__ALGORITHMS", "HS256", "HS256"),
        ("PAI__ISSUERS__TOWN__AUDIENCE", "", "issuers.town.audience"),
        ("PAI__ISSUERS__TOWN__AUDIENCES", "pai", "audiences"),
    ] {
        let refused = check(&[(name, value)]);
        assert_eq!(refused.status.code(), Some(2), "{name}={value}");
        assert!(stderr(&refused).contains(hint), "{}", stderr(&refused));
    }
}

#[test]
fn the_operator_makes_clients_with_keys_and_of_outside_issuers() {
    let dir = DataDir::new();
    let create = |more: &[&str]| {
        let common = ["client", "create", "--json", "--name", "x", "--role", "auditor", "--institution-kind", "municipalCentre"];
        output(&mut pai(&[&common[..], more].concat(), Some(&dir.0)))
    };
    let file = std::env::temp_dir().join(format!("pai-key-{}.jwk", std::process::id()));
    fs::write(&file, TestKey::ed("k").jwk().to_string()).expect("a file");
    let path = file.to_str().expect("a path");
    let with_key = create(&["--institution-name", "OPS", "--public-key", path]);
    assert!(with_key.status.success(), "{}", stderr(&with_key));
    assert_eq!(serde_json::from_slice::<Value>(&with_key.stdout).expect("JSON")["clientSecret"], Value::Null);
    let outside = ["--institution-name", "MOPS", "--issuer", "https://login.example", "--subject", "s"];
    let refused = create(&outside);
    assert!(refused.status.code() == Some(1) && stderr(&refused).contains("institutions.unknown_issuer"), "{}", stderr(&refused));
    let common = ["client", "create", "--json", "--name", "x", "--role", "auditor", "--institution-kind", "municipalCentre"];
    let mut known = pai(&[&common[..], &outside].concat(), Some(&dir.0));
    known.env("PAI__ISSUERS__TOWN__ISSUER", "https://login.example").env("PAI__ISSUERS__TOWN__AUDIENCE", "pai");
    let outside = output(&mut known);
    assert!(outside.status.success(), "{}", stderr(&outside));
    fs::write(&file, "{\"kty\": \"oct\", \"k\": \"AAAA\"}").expect("a file");
    assert_eq!(create(&["--institution-name", "GOPS", "--public-key", path]).status.code(), Some(2));
    fs::remove_file(&file).expect("removed");
    let both =
        create(&["--institution-name", "GOPS", "--public-key", path, "--issuer", "https://login.example", "--subject", "s"]);
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn the_printed_contract_is_the_one_that_is_served() {
    let printed = output(&mut pai(&["openapi"], None));
    assert!(printed.status.success() && printed.stdout.ends_with(b"}\n"));
    assert_eq!(serde_json::from_slice::<Value>(&printed.stdout).expect("JSON"), *crate::support::DOCUMENT);
    assert_eq!(printed.stdout, output(&mut pai(&["openapi"], None)).stdout);
}

#[test]
fn a_database_role_that_would_not_keep_tenants_apart_is_refused() {
    let app = TestApp::start();
    let dir = DataDir::new();
    fs::DirBuilder::new().mode(0o700).create(&dir.0).expect("a data directory");
    let role = format!("pai_bypass_{}", std::process::id());
    let mut superuser = connect(&app.superuser_url).expect("superuser");
    superuser.batch_execute(&format!("CREATE ROLE {role} LOGIN BYPASSRLS; GRANT pai_service TO {role}")).expect("a role");
    let bypassing = app.service_url.replace("pai_service@", &format!("{role}@"));
    for (url, finding) in [
        (&app.superuser_url, "is a superuser"),
        (&app.owner_url, "owns table people"),
        (&bypassing, "bypasses row-level security"),
    ] {
        for command in ["serve", "check-config"] {
            let refused = output(pai(&[command, "--listen", "127.0.0.1:0"], Some(&dir.0)).env("PAI__DATABASE__URL", url));
            assert_eq!(refused.status.code(), Some(1), "{command} as {url}");
            assert!(stderr(&refused).contains(finding), "{}", stderr(&refused));
        }
    }
    superuser.batch_execute(&format!("REVOKE pai_service FROM {role}; DROP ROLE {role}")).expect("no role");
    let mut served = pai(&["serve", "--listen", "127.0.0.1:0"], Some(&dir.0));
    let mut service = Service::start(served.env("PAI__DATABASE__URL", &app.service_url), &dir.file("log"));
    Api::anonymous(&service.address).get("/health/ready").expect(200);
    assert!(!dir.file("postgres").exists(), "no database of its own");
    assert_eq!(service.ask_to_stop("INT"), Some(0));
}

#[test]
fn a_second_signal_ends_a_long_drain_at_once() {
    let dir = DataDir::new();
    fs::create_dir_all(&dir.0).expect("a directory");
    let log = dir.0.with_extension("log");
    let mut command = pai(&["serve", "--listen", "127.0.0.1:0"], Some(&dir.0));
    let mut service = Service::start(command.env("PAI__SERVER__DRAIN_DELAY_MS", "60000"), &log);
    fs::remove_file(log).expect("the log");
    let anonymous = Api::anonymous(&service.address);
    assert_eq!(anonymous.get("/health/ready").status, 200);
    let postgres = dir.postgres();
    service.signal("TERM");
    let asked = Instant::now();
    while anonymous.get("/health/ready").status != 503 {
        assert!(asked.elapsed() < Duration::from_secs(10), "readiness tells of the drain");
    }
    assert_eq!(anonymous.get("/health/live").status, 200, "what comes while it drains is answered");
    let asked = Instant::now();
    assert_eq!(service.ask_to_stop("INT"), Some(130));
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert_gone(postgres);
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let dir = DataDir::new();
    fs::create_dir_all(&dir.0).expect("a directory");
    fs::write(dir.file("occupied"), "").expect("a file");
    let below_a_file = dir.file("occupied/data");
    let refused = output(&mut pai(&["serve", "--listen", "127.0.0.1:0"], Some(&below_a_file)));
    assert!(!refused.status.success());
    assert!(stderr(&refused).contains("occupied/data"), "{}", stderr(&refused));
}

#[test]
fn a_log_that_cannot_be_written_stops_nobody() {
    let dir = DataDir::new();
    let full = Path::new("/dev/full");
    let mut service = Service::start(&mut pai(&["serve", "--listen", "127.0.0.1:0"], Some(&dir.0)), full);
    let anonymous = Api::anonymous(&service.address);
    for _ in 0..4 {
        assert_eq!(anonymous.get("/health/ready").status, 200);
    }
    assert_eq!(service.ask_to_stop("TERM"), Some(0));
}

/// Memory of a process that is not swapped out. **Units**: MB.
fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("a running process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("kB") / 1000
}

#[test]
fn a_flood_of_wrong_secrets_does_not_fill_the_memory() {
    let dir = DataDir::new();
    let log = dir.0.with_extension("log");
    let mut command = pai(&["serve", "--listen", "127.0.0.1:0"], Some(&dir.0));
    let service = Service::start(command.env("PAI__SERVER__WORKERS", "4").env("PAI__DATABASE__POOL_SIZE", "16"), &log);
    let before = resident(service.process());
    std::thread::scope(|scope| {
        for thread in 0..30 {
            let service = &service;
            scope.spawn(move || {
                let api = Api::anonymous(&service.address).with("Content-Type", "application/x-www-form-urlencoded");
                for number in 0..4 {
                    let client = Uuid::from_u64_pair(thread + 1, number);
                    let form = format!("grant_type=client_credentials&client_id={client}&client_secret=guess");
                    let answer = api.send("POST", "/oauth/token", Some(form));
                    assert!(matches!(answer.status, 401 | 503), "{}", answer.text);
                }
            });
        }
    });
    let after = resident(service.process());
    // Two comparisons at a time keep 19 MiB each; the rest are the threads that were started meanwhile.
    assert!(after < before + 90, "{before} MB before, {after} MB after");
    drop(service);
    fs::remove_file(log).expect("the log");
}
