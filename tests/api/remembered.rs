//! Figures are remembered for as long as their town writes nothing, and no moment longer.

use chrono::TimeDelta;
use diesel::PgConnection;
use diesel::connection::SimpleConnection as _;
use pai::platform::clock::Clock;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::database::rows;
use crate::support::scene::{Edition, Scene, TEN_A_WEEK};
use crate::support::statements::{count, counted};
use crate::support::{Answer, Api, TestApp, test_moment};

/// A service that does not compute beside what it remembers, so that its statements can be counted.
fn remembering() -> TestApp {
    count();
    TestApp::start_with(Clock::fixed(test_moment()), |settings| settings.database.compare_remembered = false)
}

/// An answer, and the statements it took.
fn sent(app: &TestApp, ask: impl FnOnce() -> Answer) -> (usize, Value) {
    let before = counted(&app.service_url);
    let answer = ask();
    let body = answer.expect(200);
    (counted(&app.service_url) - before, body)
}

/// A town with an edition and fifteen people.
fn town(app: &TestApp) -> (Edition, Vec<Uuid>, Api, String) {
    let mut scene = Scene::of(app);
    let edition = scene.edition(TEN_A_WEEK);
    let participants = scene.participants(edition, 15);
    (edition, participants, app.api(Role::Coordinator), format!("/editions/{}/figures", edition.id))
}

fn entry(participation: Uuid, hours: &str) -> Value {
    json!({ "participationId": participation, "workedOn": "2020-11-10", "hours": hours })
}

/// States that all hours of work are on file, so that they have a sum.
fn state_hours(api: &Api, edition: Edition) {
    let hours = json!({ "kind": "psuHours", "completeness": "complete", "statedBy": "kierownik", "statedOn": "2021-01-15" });
    api.post(&format!("/editions/{}/collection-statements", edition.id), &json!({ "statements": [hours] })).expect(201);
}

/// The hours worked in an edition.
fn hours(figures: &Value) -> Value {
    let all = figures["figures"].as_array().expect("figures");
    let worked = all.iter().find(|figure| figure["definitionId"] == "M-15.psu_hours").expect("hours of work");
    worked["value"].clone()
}

/// What it takes to compute the figures of an edition, and to ask before whether that is needed.
fn is_computed(statements: usize) -> bool {
    (20..=28).contains(&statements)
}

#[test]
fn an_unchanged_town_is_asked_for_with_one_statement() {
    let app = remembering();
    let (edition, participants, api, path) = town(&app);
    state_hours(&api, edition);
    let (anew, first) = sent(&app, || api.get(&path));
    assert!(is_computed(anew), "{anew} statements");
    app.clock.advance(TimeDelta::seconds(3));
    let (again, second) = sent(&app, || api.get(&path));
    assert_eq!(again, 1);
    assert_eq!((&first["asOf"], &second["asOf"]), (&json!("2026-06-15T10:00:00Z"), &json!("2026-06-15T10:00:03Z")));
    assert_eq!(second.to_string().replace("10:00:03Z", "10:00:00Z"), first.to_string());
    let tag = api.get(&path).header("etag").to_owned();
    assert_eq!(api.with("If-None-Match", &tag).get(&path).status, 304);

    for (worked, total) in [("1", "1.00"), ("2.5", "3.50"), ("0.25", "3.75")] {
        api.post("/psu-entries", &entry(participants[0], worked)).expect(201);
        let (anew, figures) = sent(&app, || api.get(&path));
        assert!(is_computed(anew), "{anew} statements after a write");
        assert_eq!(hours(&figures), json!(total));
        assert_eq!(sent(&app, || api.get(&path)), (1, figures));
    }
    assert_eq!(api.with("If-None-Match", &tag).get(&path).status, 200);
    // A minute later it is computed anew, whatever the store says.
    app.clock.advance(TimeDelta::seconds(60));
    assert!(is_computed(sent(&app, || api.get(&path)).0));
}

#[test]
fn what_another_replica_writes_is_known_at_once() {
    let mut app = remembering();
    let (edition, participants, api, path) = town(&app);
    state_hours(&api, edition);
    let other = api.at(&app.start_replica());
    for number in 1..=20 {
        let (writer, reader) = if number % 2 == 0 { (&api, &other) } else { (&other, &api) };
        let before = reader.get(&path).expect(200);
        assert_eq!(reader.get(&path).expect(200), before, "remembered");
        writer.post("/psu-entries", &entry(participants[number % 15], "0.25")).expect(201);
        let told = hours(&reader.get(&path).expect(200)).as_str().and_then(|hours| hours.parse::<f64>().ok());
        assert_eq!(told, Some(f64::from(u32::try_from(number).expect("few")) / 4.0), "write {number}");
    }
}

/// A write whose transaction began before others committed, and commits after them.
fn begin_late_write(app: &TestApp, statement: &str) -> PgConnection {
    let mut writer = connect(&app.owner_url).expect("owner");
    let client = app.town.clients["coordinator"].0;
    let audit =
        "INSERT INTO audit_entries (id, operation, role, record_kind, record_ids, fields, reveals_identity, dry_run, request_id)
                 VALUES (gen_random_uuid(), 'late', 'coordinator', 'edition', '{}', '{}', false, false, gen_random_uuid())";
    writer
        .batch_execute(&format!(
            "BEGIN; SET LOCAL app.tenant = '{}'; SET LOCAL app.client = '{client}'; SET LOCAL app.now = '2026-06-15T10:00:00Z';
             {statement}; {audit}",
            app.town.id
        ))
        .expect("a write");
    writer
}

#[test]
fn a_write_that_commits_late_is_not_missed() {
    let app = remembering();
    let (_, participants, api, path) = town(&app);
    let mut late = begin_late_write(
        &app,
        &format!("UPDATE participations SET planned_end_on = '2020-12-20' WHERE id = '{}'", participants[14]),
    );
    // Younger, and committed before.
    api.post("/psu-entries", &entry(participants[0], "1")).expect(201);
    api.get(&path).expect(200);
    assert_eq!(sent(&app, || api.get(&path)).0, 1, "remembered while the write is under way");
    let mut superuser = connect(&app.superuser_url).expect("superuser");
    let mut newest = || rows(&mut superuser, "SELECT ARRAY[max(position)::text] AS row FROM audit_entries");
    let before = newest();
    late.batch_execute("COMMIT").expect("the end of the write");
    assert_eq!(newest(), before, "whoever remembers the newest write would miss this one");
    assert!(is_computed(sent(&app, || api.get(&path)).0), "computed anew");
}

#[test]
fn nobody_is_given_what_another_was_answered() {
    let app = remembering();
    let (_, participants, api, path) = town(&app);
    let other_town = app.other_api(Role::Coordinator);
    let statistician = app.api(Role::Statistician);
    for _ in 0..2 {
        api.get(&path).expect(200);
        other_town.get(&path).refused(404, "platform.not_found");
        app.api(Role::HostSupervisor).get(&path).refused(403, "platform.forbidden");
        statistician.get(&path).expect(200);
    }
    assert_eq!(sent(&app, || api.get(&path)).0, 1);
    assert_eq!(sent(&app, || statistician.get(&path)).0, 1);
    // One figure is another question than all; so is a past moment.
    let one = api.get(&format!("{path}?definitionId=M-15.psu_hours")).expect(200);
    assert_eq!(one["figures"].as_array().map(Vec::len), Some(1));
    // What another town writes changes nothing here.
    other_town.post("/hosts", &json!({ "name": "Zakład" })).expect(201);
    assert_eq!(sent(&app, || api.get(&path)).0, 1);
    api.post("/psu-entries", &entry(participants[0], "1")).expect(201);
    assert!(is_computed(sent(&app, || statistician.get(&path)).0));
}

#[test]
fn another_day_is_another_question() {
    let app = remembering();
    let (_, _, api, path) = town(&app);
    api.get(&path).expect(200);
    assert_eq!(sent(&app, || api.get(&path)).0, 1);
    // 10:00 in universal time; midnight in Warsaw is at 22:00.
    app.clock.advance(TimeDelta::seconds(12 * 3600 - 10));
    let api = app.fresh_api(Role::Coordinator);
    api.get(&path).expect(200);
    app.clock.advance(TimeDelta::seconds(9));
    assert_eq!(sent(&app, || api.get(&path)).0, 1);
    app.clock.advance(TimeDelta::seconds(1));
    assert!(is_computed(sent(&app, || api.get(&path)).0));
}

#[test]
fn a_past_moment_stays_where_it_is() {
    let app = remembering();
    let (_, _, _, path) = town(&app);
    app.clock.advance(TimeDelta::days(3));
    let api = app.fresh_api(Role::Coordinator);
    let past = format!("{path}?asOf=2026-06-16T10:00:00Z");
    let first = api.get(&past).expect(200);
    app.clock.advance(TimeDelta::seconds(5));
    assert_eq!(api.get(&past).expect(200), first);
}

#[test]
fn figures_can_be_computed_each_time() {
    count();
    let app = TestApp::start_with(Clock::fixed(test_moment()), |settings| settings.database.remembered_mb = 0);
    let (_, _, api, path) = town(&app);
    for _ in 0..3 {
        assert!(is_computed(sent(&app, || api.get(&path)).0));
    }
}

/// The rows that a town's register gives away when two snapshots are compared with it, in a register of 20,000 rows.
#[test]
fn a_long_register_is_not_read_through() {
    let app = TestApp::start();
    let mut superuser = connect(&app.superuser_url).expect("superuser");
    let (town, client) = (app.town.id, app.town.clients["coordinator"].0);
    superuser
        .batch_execute(&format!(
            "SET app.tenant = '{town}'; SET app.client = '{client}'; SET app.now = '2026-06-15T10:00:00Z';
             INSERT INTO audit_entries (id, operation, role, record_kind, record_ids, fields, reveals_identity, dry_run, request_id)
             SELECT gen_random_uuid(), 'long', 'coordinator', 'edition', '{{}}', '{{}}', false, false, gen_random_uuid()
               FROM generate_series(1, 20000);
             ANALYZE audit_entries"
        ))
        .expect("a long register");
    let newest = rows(
        &mut superuser,
        &format!(
            "SELECT ARRAY[(max(position) - shift + 1)::text, shift::text] AS row
               FROM audit_entries, present_snapshot() WHERE tenant_id = '{town}' GROUP BY shift"
        ),
    );
    let (next, shift) = (&newest[0][0], &newest[0][1]);
    // What a connection has read is counted until it ends.
    let mut superuser = connect(&app.superuser_url).expect("superuser");
    superuser.batch_execute("BEGIN").expect("a transaction");
    // A snapshot of all that is there, and one of a time before it.
    let told = format!(
        "SELECT array_agg(known::text) AS row FROM unnest(unchanged_since('{town}', '{{{next}:{next}:, 10:10:}}', '{{{shift}, {shift}}}')) known"
    );
    assert_eq!(rows(&mut superuser, &told), [["true", "false"]]);
    let read = rows(
        &mut superuser,
        "SELECT ARRAY[(t.seq_tup_read + pg_stat_get_xact_tuples_returned('audit_entries_writers_idx'::regclass)
                       + pg_stat_get_xact_tuples_returned('audit_entries_pkey'::regclass))::text] AS row
           FROM pg_stat_xact_user_tables t WHERE t.relname = 'audit_entries'",
    );
    // One row that the older snapshot does not show.
    assert_eq!(read, [["1"]]);
}

#[test]
fn a_remembered_answer_that_holds_no_longer_is_found_by_comparing() {
    let app = TestApp::start();
    let (_, participants, api, path) = town(&app);
    api.get(&path).expect(200);
    // Past the service, and so without a row in the access register.
    Scene::of(&app).end(participants[0], "2020-11-20");
    api.get(&path).refused(500, "platform.internal");
}
