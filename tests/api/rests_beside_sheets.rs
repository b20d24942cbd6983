//! A suspension beside a sheet of one of its days: whichever is second is refused, also where both are sent at once.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use serde_json::json;
use uuid::Uuid;

use crate::support::database::rows;
use crate::support::scene::{Limits, Scene};
use crate::support::{Answer, Api, TestApp};

/// People who were there on a day on which they rested.
const PRESENT_AT_REST: &str =
    "SELECT count(*) FROM attendance a JOIN sessions s ON s.tenant_id = a.tenant_id AND s.id = a.session_id
      JOIN suspensions r ON r.tenant_id = a.tenant_id AND r.participation_id = a.participation_id
     WHERE a.superseded_at IS NULL AND s.held_on BETWEEN r.from_on AND r.to_on";

fn session(api: &Api, block: Uuid, held_on: &str) -> String {
    api.post("/sessions", &json!({ "blockId": block, "heldOn": held_on, "hours": "2", "form": "group" })).id()
}

/// Sends the sheet of a session at which one person was.
fn send(api: &Api, session: &str, participation: Uuid) -> Answer {
    let sheet = json!({ "rows": [{ "participationId": participation, "status": "present" }] });
    api.send("PUT", &format!("/sessions/{session}/attendance"), Some(sheet.to_string()))
}

/// Plans a file with the sheet of a session at which one person was.
fn planned(api: &Api, session: &str, participation: Uuid) -> String {
    let text = format!("sessionId;participationId;status\r\n{session};{participation};present\r\n");
    api.upload("/imports?kind=attendance", "text/csv", text.as_bytes()).id()
}

fn commit(api: &Api, import: &str) -> Answer {
    api.with("If-Match", "\"1\"").post(&format!("/imports/{import}/commit"), &json!({}))
}

/// What `work` is answered while a suspension of a day is being recorded, which is committed once `work` waits for it.
fn beside_a_suspension(app: &TestApp, participation: Uuid, day: &str, work: impl FnOnce() -> Answer + Send) -> Answer {
    let mut resting = connect(&app.superuser_url).expect("a connection");
    let mut watch = connect(&app.superuser_url).expect("a connection");
    let (town, client) = (app.town.id, app.town.clients["coordinator"].0);
    let suspension = format!(
        "SET app.tenant = '{town}'; SET app.client = '{client}'; SET app.now = '2020-11-20T08:00:00Z';
         BEGIN; SELECT FROM participations WHERE id = '{participation}' FOR UPDATE;
         INSERT INTO suspensions (id, participation_id, from_on, to_on, reason)
         VALUES (gen_random_uuid(), '{participation}', '{day}', '{day}', 'care')"
    );
    resting.batch_execute(&suspension).expect("a suspension");
    std::thread::scope(|scope| {
        let working = scope.spawn(work);
        let waiting = "SELECT ARRAY[count(*)::text] AS row FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let began = Instant::now();
        while rows(&mut watch, waiting)[0][0] == "0" {
            assert!(began.elapsed() < Duration::from_secs(10), "nobody waits");
            std::thread::sleep(Duration::from_millis(5));
        }
        resting.batch_execute("COMMIT").expect("committed");
        working.join().expect("an answer")
    })
}

#[test]
fn a_sheet_that_waits_for_a_suspension_expects_nobody_who_rests() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let participation = scene.participants(edition, 1)[0];
    let api = app.api(Role::Coordinator).with("Pai-Purpose", "participation");
    let sent = session(&api, edition.block, "2020-11-10");
    beside_a_suspension(&app, participation, "2020-11-10", || send(&api, &sent, participation))
        .refused(422, "participation.sheet_row");
    let in_a_file = session(&api, edition.block, "2020-11-12");
    let import = planned(&api, &in_a_file, participation);
    let answer = beside_a_suspension(&app, participation, "2020-11-12", || commit(&api, &import));
    assert!(answer.status >= 400, "{}", answer.text);
    assert_eq!(scene.number(PRESENT_AT_REST), 0);
}

#[test]
fn presence_and_a_rest_of_the_same_day_sent_at_once_never_both_hold() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let participation = scene.participants(edition, 1)[0];
    let api = app.api(Role::Coordinator).with("Pai-Purpose", "participation");
    for number in 3..19 {
        let day = format!("2020-11-{number:02}");
        let session = session(&api, edition.block, &day);
        let import = (number % 3 == 0).then(|| planned(&api, &session, participation));
        let rest = json!({ "from": day, "to": day, "reason": "care" });
        let statuses = std::thread::scope(|scope| {
            let sheet = scope.spawn(|| match &import {
                Some(import) => commit(&api, import).status,
                None => send(&api, &session, participation).status,
            });
            let resting = scope.spawn(|| api.post(&format!("/participations/{participation}/suspensions"), &rest).status);
            (sheet.join().expect("an answer"), resting.join().expect("an answer"))
        });
        assert!(matches!(statuses, (200, 409) | (409 | 422, 201)), "{day}: {statuses:?}");
    }
    assert_eq!(scene.number(PRESENT_AT_REST), 0);
}
