//! Figures and reports are of one moment, however many statements they take and whatever is recorded meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::PgConnection;
use diesel::connection::SimpleConnection as _;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::database::rows;
use crate::support::scene::{Edition, Limits, Scene};
use crate::support::{Api, TestApp};

/// Two hours a week: an hour of everybody in each week, and another one that reaches the limit.
const LIMITS: Limits = Limits { weekly: Some("2.00"), monthly: None };
const MONDAYS: [&str; 8] =
    ["2020-11-02", "2020-11-09", "2020-11-16", "2020-11-23", "2020-11-30", "2020-12-07", "2020-12-14", "2020-12-21"];
const PEOPLE: usize = 4;
/// Entries and weeks are changed together, so that these agree at every moment: hours, and weeks at the limit.
const HOURS: &str = "M-15.psu_hours";
const FULL_WEEKS: &str = "M-15.weeks_at_limit";

/// Somebody has worked an hour in each week.
fn begun(app: &TestApp) -> (Edition, Vec<Uuid>) {
    let mut scene = Scene::of(app);
    let edition = scene.edition(LIMITS);
    let participants = scene.participants(edition, PEOPLE);
    let api = app.api(Role::Coordinator);
    let kinds = ["applications", "participations", "psuHours"];
    let statement = |kind| json!({ "kind": kind, "completeness": "complete", "statedBy": "MOPS", "statedOn": "2021-01-04" });
    let statements = json!({ "statements": kinds.map(statement) });
    let stated = api.post(&format!("/editions/{}/collection-statements", edition.id), &statements);
    assert!(stated.status < 300, "{}", stated.text);
    for participation in &participants {
        for monday in MONDAYS {
            another_hour(&api, participation, monday);
        }
    }
    (edition, participants)
}

fn another_hour(api: &Api, participation: &Uuid, day: &str) {
    api.post("/psu-entries", &json!({ "participationId": participation, "workedOn": day, "hours": "1.00" })).expect(201);
}

/// Hours beyond the first of each week, and full weeks, by what `figures` are told.
fn told(figures: &[Value]) -> (i64, i64) {
    let value = |id: &str| &figures.iter().find(|figure| figure["definitionId"] == id).expect(id)["value"];
    let hours: f64 = value(HOURS).as_str().expect("hours").parse().expect("a number");
    let beyond = hours - f64::from(u32::try_from(PEOPLE * MONDAYS.len()).expect("few"));
    #[expect(clippy::cast_possible_truncation, reason = "whole hours")]
    (beyond as i64, value(FULL_WEEKS).as_i64().expect("a count"))
}

fn figures_at(api: &Api, path: &str) -> (i64, i64) {
    told(api.get(path).expect(200)["figures"].as_array().expect("figures"))
}

/// Waits until somebody waits for a lock.
fn somebody_waits(conn: &mut PgConnection) {
    let waiting = "SELECT ARRAY[count(*)::text] AS row FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let began = Instant::now();
    while rows(conn, waiting)[0][0] == "0" {
        assert!(began.elapsed() < Duration::from_secs(10), "nobody waits");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Does `work` while another hour is recorded after `work` has read the entries and before it reads the weeks.
fn interrupted<T: Send>(app: &TestApp, participation: &Uuid, day: &str, work: impl FnOnce() -> T + Send) -> T {
    let mut gate = connect(&app.superuser_url).expect("a connection");
    let mut watch = connect(&app.superuser_url).expect("a connection");
    let api = app.api(Role::Coordinator);
    // Sheets are read between the two.
    gate.batch_execute("BEGIN; LOCK TABLE sheets IN ACCESS EXCLUSIVE MODE").expect("a gate");
    std::thread::scope(|scope| {
        let working = scope.spawn(work);
        somebody_waits(&mut watch);
        another_hour(&api, participation, day);
        gate.batch_execute("COMMIT").expect("the gate opens");
        working.join().expect("the work")
    })
}

#[test]
fn figures_that_are_interrupted_go_on_with_the_moment_that_they_began_at() {
    let app = TestApp::start();
    let (edition, participants) = begun(&app);
    let api = app.api(Role::Coordinator);
    let path = format!("/editions/{}", edition.id);
    let reads = [format!("{path}/figures"), "/figures?year=2020".to_owned(), "/figures".to_owned()];
    for (place, read) in reads.iter().enumerate() {
        let (beyond, full) = interrupted(&app, &participants[0], MONDAYS[place], || figures_at(&api, read));
        assert_eq!(beyond, full, "{read}");
    }
    // The records of a figure, and a comparison of two.
    let records = format!("{path}/figures/{HOURS}/records?limit=200");
    let listed = interrupted(&app, &participants[1], MONDAYS[0], || api.get(&records).expect(200));
    let listed = listed["items"].as_array().map_or(0, Vec::len);
    assert_eq!(listed, PEOPLE * MONDAYS.len() + reads.len(), "the hour that came meanwhile is not among them");
}

#[test]
fn a_report_that_is_interrupted_tells_one_moment() {
    let app = TestApp::start();
    let (edition, participants) = begun(&app);
    let api = app.api(Role::Coordinator);
    let body = json!({ "editionId": edition.id });
    let report = interrupted(&app, &participants[0], MONDAYS[0], || api.post("/reports", &body).id());
    let document = api.get(&format!("/reports/{report}/document")).expect(200);
    let sections = document["sections"].as_array().expect("sections").iter();
    let figures: Vec<Value> = sections.flat_map(|section| section["figures"].as_array().expect("figures").clone()).collect();
    let (beyond, full) = told(&figures);
    assert_eq!((beyond, full), (0, 0), "nothing of what came after the report began");
    let changed = api.get(&format!("/reports/{report}/differences")).expect(200);
    let changed: Vec<&Value> =
        changed["differences"].as_array().expect("differences").iter().map(|one| &one["definitionId"]).collect();
    assert!(changed.contains(&&json!(HOURS)) && changed.contains(&&json!(FULL_WEEKS)), "{changed:?}");
}

#[test]
fn no_read_ever_finds_half_of_what_was_recorded_together() {
    let app = TestApp::start();
    let (edition, participants) = begun(&app);
    let path = format!("/editions/{}/figures", edition.id);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reading: Vec<_> = (0..3)
            .map(|_| {
                let (api, path, done) = (app.api(Role::Coordinator), path.clone(), &done);
                scope.spawn(move || {
                    let mut found = Vec::new();
                    while !done.load(Ordering::Relaxed) {
                        found.push(figures_at(&api, &path));
                    }
                    found
                })
            })
            .collect();
        let api = app.api(Role::Coordinator);
        for monday in MONDAYS {
            for participation in &participants {
                another_hour(&api, participation, monday);
            }
        }
        done.store(true, Ordering::Relaxed);
        let found: Vec<(i64, i64)> = reading.into_iter().flat_map(|reader| reader.join().expect("a reader")).collect();
        let torn: Vec<_> = found.iter().filter(|(beyond, full)| beyond != full).collect();
        assert!(torn.is_empty(), "{} of {}: {torn:?}", torn.len(), found.len());
        let under_way = found.iter().filter(|(_, full)| (1..32).contains(full)).count();
        assert!(under_way > 0, "{} reads, none while something was recorded", found.len());
    });
    assert_eq!(figures_at(&app.api(Role::Coordinator), &path), (32, 32));
}
