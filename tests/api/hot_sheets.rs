//! A first sheet goes by two statements where it can: it must leave behind what the plain way leaves behind.

use pai::platform::clock::Clock;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use regex::Regex;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::database::rows;
use crate::support::scene::{Edition, Scene, TEN_A_WEEK};
use crate::support::statements::{count, counted};
use crate::support::{Answer, Api, NOBODY, TestApp, test_moment};

/// A town with fifteen people, of whom the last rests and the one before has left.
struct Stage {
    app: TestApp,
    api: Api,
    edition: Edition,
    people: Vec<Uuid>,
}

impl Stage {
    fn set(app: TestApp) -> Self {
        let mut scene = Scene::of(&app);
        let edition = scene.edition(TEN_A_WEEK);
        let people = scene.participants(edition, 15);
        scene.suspend(people[14], "2020-11-09", "2020-11-13");
        scene.end(people[13], "2020-11-06");
        drop(scene);
        let api = app.api(Role::Coordinator);
        Self { app, api, edition, people }
    }

    /// A session of two hours on a day on which thirteen take part.
    fn session(&self, number: u128, roster: Option<&[usize]>) -> String {
        let id = Uuid::from_u128(0x0190_0000_0000_7000_a000_0000_0000_0000 + number);
        let mut body = json!({ "id": id, "blockId": self.edition.block, "heldOn": "2020-11-10", "hours": "2", "form": "group" });
        if let Some(roster) = roster {
            body["participationIds"] = roster.iter().map(|person| json!(self.people[*person])).collect();
        }
        self.api.post("/sessions", &body).id()
    }

    /// A sheet in which these people stand, in this order.
    fn sheet(&self, people: impl IntoIterator<Item = usize>) -> Value {
        let row = |person| match person % 5 {
            3 => json!({ "participationId": self.people[person], "status": "late", "hours": "1.25" }),
            4 => json!({ "participationId": self.people[person], "status": "excused", "reasonClass": "care" }),
            _ => json!({ "participationId": self.people[person], "status": "present" }),
        };
        json!({ "rows": people.into_iter().map(row).collect::<Vec<_>>() })
    }

    /// Everything that sheets left behind.
    fn left_behind(&self) -> String {
        let mut superuser = connect(&self.app.superuser_url).expect("superuser");
        let queries = [
            "SELECT ARRAY[row(id, attendance_version)::text] AS row FROM sessions ORDER BY id",
            "SELECT ARRAY[row(session_id, edition_id, participation_id, status, minutes, reason_class, supersedes_id IS NULL,
                    superseded_at, correction_reason, recorded_at, recorded_by)::text] AS row FROM attendance
              ORDER BY session_id, participation_id, supersedes_id NULLS FIRST",
            "SELECT ARRAY[row(operation, client_id, role, on_behalf_of, purpose, record_kind, record_ids, fields, reveals_identity,
                    dry_run, override_reason, recorded_at)::text] AS row
               FROM audit_entries WHERE operation = 'record_attendance' ORDER BY record_ids, on_behalf_of, fields, dry_run",
            "SELECT ARRAY[row(aggregate_kind, aggregate_id, sequence, type, schema_version, data, recorded_at, delivered_at)::text] AS row
               FROM outbox_events WHERE type = 'attendance.recorded' ORDER BY aggregate_id, sequence",
            "SELECT ARRAY[row(key, length(request_hash), status, location, etag, length(body) > 100, recorded_at)::text] AS row
               FROM idempotency_keys ORDER BY key",
        ];
        queries.iter().flat_map(|query| rows(&mut superuser, query)).flatten().collect::<Vec<_>>().join("\n")
    }
}

fn put(api: &Api, session: &str, query: &str, sheet: &Value) -> Answer {
    api.send("PUT", &format!("/sessions/{session}/attendance{query}"), Some(sheet.to_string()))
}

/// A text in which ids are told apart, but not named: the two databases do not share them.
fn without_ids(text: &str) -> String {
    let id = Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").expect("a pattern");
    let mut met: Vec<String> = Vec::new();
    let number = |found: &regex::Captures| {
        let place = met.iter().position(|known| *known == found[0]).unwrap_or_else(|| {
            met.push(found[0].to_owned());
            met.len() - 1
        });
        format!("#{place}")
    };
    id.replace_all(text, number).into_owned()
}

/// Every kind of sheet that a session may be sent, in turn.
fn send_all(stage: &Stage) -> Vec<Answer> {
    let expected = || 0..13;
    let keyed = stage.api.with("Idempotency-Key", "sheet-1");
    let on_behalf = stage.api.with("Pai-On-Behalf-Of", "pracownik").with("Pai-Purpose", "rozliczenie");
    let (first, second, third) = (stage.session(1, None), stage.session(2, None), stage.session(3, Some(&[1, 2, 5])));
    let reason = |mut sheet: Value| {
        sheet["correctionReason"] = json!("pomyłka");
        sheet
    };
    let api = &stage.api;
    vec![
        put(api, &first, "?dryRun=true", &stage.sheet(expected())),
        put(api, &first, "", &stage.sheet(1..13)),
        put(api, &first, "", &stage.sheet(0..14)),
        put(api, &first, "", &stage.sheet(expected().chain([2]))),
        put(api, &first, "", &json!({ "rows": [{ "participationId": stage.people[0], "status": "late" }] })),
        put(&api.with("If-Match", "\"3\""), &first, "", &stage.sheet(expected())),
        put(&keyed, &first, "", &stage.sheet(expected().rev())),
        put(&keyed, &first, "", &stage.sheet(expected().rev())),
        put(&keyed, &second, "", &stage.sheet(expected())),
        put(api, &first, "", &stage.sheet(expected())),
        put(api, &first, "", &reason(stage.sheet(expected()))),
        put(&api.with("If-Match", "\"1\""), &first, "", &reason(json!({ "rows": present(stage) }))),
        put(&on_behalf, &second, "", &stage.sheet(expected())),
        put(api, &third, "", &stage.sheet([5, 1, 2])),
        put(api, &NOBODY.to_string(), "", &stage.sheet(expected())),
        put(&stage.app.api(Role::Auditor), &third, "", &stage.sheet([1])),
    ]
}

fn present(stage: &Stage) -> Vec<Value> {
    stage.people[..13].iter().map(|id| json!({ "participationId": id, "status": "present" })).collect()
}

#[test]
fn a_first_sheet_at_once_is_what_the_plain_way_records() {
    let at_once = Stage::set(TestApp::start());
    let plain = Stage::set(TestApp::start_with(Clock::fixed(test_moment()), |settings| settings.database.writers = 0));
    let (fast, slow) = (send_all(&at_once), send_all(&plain));
    for (place, (fast, slow)) in fast.iter().zip(&slow).enumerate() {
        assert_eq!(fast.status, slow.status, "{place}: {} but {}", fast.text, slow.text);
        assert_eq!(without_ids(&fast.text), without_ids(&slow.text), "{place}");
        for header in ["location", "etag", "content-type", "idempotent-replayed", "cache-control"] {
            assert_eq!(fast.header(header), slow.header(header), "{place}: {header}");
        }
    }
    let recorded = fast.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(recorded, 6, "a rehearsal, three first sheets, one answer again and one correction");
    assert_eq!(without_ids(&at_once.left_behind()), without_ids(&plain.left_behind()));
}

#[test]
fn a_first_sheet_takes_two_round_trips() {
    count();
    let stage = Stage::set(TestApp::start());
    for number in 1..4 {
        let (session, sheet) = (stage.session(number, None), stage.sheet(0..13));
        let before = counted(&stage.app.service_url);
        put(&stage.api.with("Idempotency-Key", &format!("sheet-{number}")), &session, "", &sheet).expect(200);
        assert_eq!(counted(&stage.app.service_url) - before, 2);
    }
}

#[test]
fn of_first_sheets_that_meet_one_is_recorded() {
    let stage = Stage::set(TestApp::start());
    let sheet = stage.sheet(0..13);
    for number in 1..6 {
        let session = stage.session(number, None);
        let mut statuses: Vec<u16> = std::thread::scope(|scope| {
            let callers: Vec<_> = (0..6).map(|_| scope.spawn(|| put(&stage.api, &session, "", &sheet).status)).collect();
            callers.into_iter().map(|caller| caller.join().expect("a caller")).collect()
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 428, 428, 428, 428, 428]);
    }
    let mut scene = Scene::of(&stage.app);
    assert_eq!(scene.number("SELECT count(*) FROM attendance"), 5 * 13);
    assert_eq!(scene.events("attendance.recorded"), 5);
}

#[test]
fn short_ways_keep_to_the_reserve_of_the_disk() {
    let stage = Stage::set(TestApp::start());
    let session = stage.session(1, None);
    let entry = json!({ "participationId": stage.people[0], "workedOn": "2020-11-10", "hours": "1" });
    let id = stage.api.post("/psu-entries", &entry).id();
    // Nobody has that much room.
    stage.app.room.watch(&std::env::temp_dir(), u64::MAX).expect("the watch over the disk");
    for refused in [stage.api.post("/psu-entries", &entry), put(&stage.api, &session, "", &stage.sheet(0..13))] {
        assert_eq!(refused.expect(503)["code"], "platform.unavailable");
        assert_eq!(refused.header("retry-after"), "30");
    }
    stage.api.get(&format!("/psu-entries/{id}")).expect(200);
    let mut scene = Scene::of(&stage.app);
    assert_eq!((scene.number("SELECT count(*) FROM psu_entries"), scene.number("SELECT count(*) FROM attendance")), (1, 0));
}
