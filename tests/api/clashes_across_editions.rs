//! Nobody can have to be at two classes at once, whichever editions of a town they belong to.

use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::duplicates::{Twice, merge, twice};
use crate::support::scene::{Edition, Limits, Scene};
use crate::support::{Answer, Api, TestApp};

fn class(edition: Edition, from: &str, participation: Option<Uuid>) -> Value {
    let mut body = json!({ "blockId": edition.block, "heldOn": "2020-11-10", "startsAt": from, "hours": "3", "form": "group" });
    if let Some(participation) = participation {
        body["participationIds"] = json!([participation]);
    }
    body
}

fn plan(api: &Api, body: &Value) -> Answer {
    api.post("/sessions", body)
}

/// Two editions, one person in both, and somebody else in each.
fn two_editions(scene: &mut Scene) -> ([Edition; 2], [Uuid; 2]) {
    let editions = [scene.edition(Limits::default()), scene.edition(Limits::default())];
    let person = scene.person();
    let stays = editions.map(|edition| scene.participation(edition, person));
    for edition in editions {
        scene.participants(edition, 1);
    }
    (editions, stays)
}

#[test]
fn classes_of_two_editions_clash_where_they_expect_the_same_person() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let ([one, two], [here, there]) = two_editions(&mut scene);
    let api = app.api(Role::Coordinator);
    let first = plan(&api, &class(one, "09:00", None)).id();
    let refused = plan(&api, &class(two, "11:00", None)).refused(409, "participation.session_clash");
    assert_eq!(
        (&refused["clashOf"], &refused["sessionId"], &refused["participationId"], &refused["startsAt"]),
        (&json!("participant"), &json!(first), &json!(here), &json!("09:00"))
    );
    plan(&api, &class(two, "11:00", Some(there))).refused(409, "participation.session_clash");
    let others = scene.participants(two, 1)[0];
    plan(&api, &class(two, "08:30", Some(others))).expect(201);
    let second = plan(&api, &class(two, "12:00", None)).expect(201);
    // Moving it into the time of the other edition's class is refused, too.
    let path = format!("/sessions/{}/rescheduling", second["id"].as_str().expect("an id"));
    let back = json!({ "heldOn": "2020-11-10", "startsAt": "10:00", "reason": "sala", "effectiveOn": "2020-11-09" });
    let moved = api.with("If-Match", "\"1\"").post(&path, &back).refused(409, "participation.session_clash");
    assert_eq!(moved["sessionId"], json!(first));

    // Who joins a group whose classes are at that time is refused, and the preview of a move would say so.
    let group = api.post(&format!("/editions/{}/groups", two.id), &json!({ "name": "A" })).id();
    let mut of_group = class(two, "09:00", None);
    of_group["groupId"] = json!(group);
    plan(&api, &of_group).expect(201);
    let joining = json!({ "participationId": there, "from": "2020-11-02" });
    let refused = api.post(&format!("/groups/{group}/members"), &joining).refused(409, "participation.session_clash");
    assert_eq!((&refused["clashOf"], &refused["sessionId"]), (&json!("participant"), &json!(first)));

    // A cancelled class frees the time.
    let cancelling = json!({ "reason": "venue", "effectiveOn": "2020-11-09" });
    api.with("If-Match", "\"1\"").post(&format!("/sessions/{first}/cancellation"), &cancelling).expect(200);
    api.post(&format!("/groups/{group}/members"), &joining).expect(201);
}

#[test]
fn a_contractor_is_not_told_of_classes_that_others_lead() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let ([one, two], [_, there]) = two_editions(&mut scene);
    let contractor = scene.contractor();
    let facilitator = scene.facilitator_of(contractor);
    plan(&app.api(Role::Coordinator), &class(one, "09:00", None)).expect(201);
    let mut body = class(two, "10:00", Some(there));
    body["facilitatorPartnerId"] = json!(contractor);
    let refused = plan(&facilitator, &body).refused(409, "participation.session_clash");
    assert_eq!(refused["clashOf"], "participant");
    for unread in ["sessionId", "participationId", "startsAt", "endsAt"] {
        assert_eq!(refused[unread], Value::Null, "{unread} is not the contractor's to know");
    }
}

#[test]
fn whoever_would_have_to_be_at_two_places_is_not_admitted() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let (one, two) = (scene.edition(Limits::default()), scene.edition(Limits::default()));
    let person = scene.person();
    scene.participation(one, person);
    let api = app.api(Role::Coordinator);
    plan(&api, &class(one, "09:00", None)).expect(201);
    plan(&api, &class(two, "11:00", None)).expect(201);
    let admission = json!({ "editionId": two.id, "personId": person, "startsOn": "2020-11-02",
        "override": { "reason": "Decyzja kierownika" } });
    api.post("/participations", &admission).refused(409, "participation.session_clash");
    let seats = format!(
        "SELECT count(*) FROM session_seats t JOIN participations p ON p.id = t.participation_id WHERE p.edition_id = '{}'",
        two.id
    );
    assert_eq!(scene.number(&seats), 0, "a refusal leaves nothing behind");
    let later = json!({ "editionId": two.id, "personId": person, "startsOn": "2020-11-11",
        "override": { "reason": "Decyzja kierownika" } });
    api.post("/participations", &later).expect(201);
}

#[test]
fn of_classes_of_two_editions_planned_at_the_same_moment_one_stands() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let (editions, stays) = two_editions(&mut scene);
    let api = app.api(Role::Coordinator);
    for (round, day) in ["2020-11-16", "2020-11-17", "2020-11-18"].into_iter().enumerate() {
        let mut statuses: Vec<u16> = std::thread::scope(|scope| {
            let callers: Vec<_> = (0..8)
                .map(|number: usize| {
                    let mut body = class(editions[number % 2], "09:00", Some(stays[number % 2]));
                    body["heldOn"] = json!(day);
                    let api = &api;
                    scope.spawn(move || api.post_patiently(&format!("class-{round}-{number}"), "/sessions", &body).status)
                })
                .collect();
            callers.into_iter().map(|caller| caller.join().expect("a caller")).collect()
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    }
}

/// What was planned before the rule stays, and does not keep anybody from ending a participation.
#[test]
fn seats_that_clashed_before_stay_until_the_class_is_moved() {
    use diesel::connection::SimpleConnection as _;
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let ([one, two], [here, there]) = two_editions(&mut scene);
    let api = app.api(Role::Coordinator);
    plan(&api, &class(one, "09:00", None)).expect(201);
    let second = plan(&api, &class(two, "12:00", None)).id();
    // As the migration leaves what it finds.
    let mut superuser = pai::platform::migrations::connect(&app.superuser_url).expect("connection");
    let clashing = format!(
        "SET session_replication_role = replica;
         UPDATE sessions SET starts_at = '10:00', ends_at = '13:00' WHERE id = '{second}';
         UPDATE session_seats SET starts_at = '10:00', ends_at = '13:00', clashed_before = participation_id = '{there}' WHERE session_id = '{second}'"
    );
    superuser.batch_execute(&clashing).expect("a clash");
    for stay in [here, there] {
        let body = json!({ "reason": "employed", "effectiveOn": "2020-11-20" });
        api.post(&format!("/participations/{stay}/end"), &body).expect(200);
    }
    assert_eq!(scene.number("SELECT count(*) FROM session_seats WHERE clashed_before"), 1);
    let moving = json!({ "heldOn": "2020-11-10", "startsAt": "10:30", "reason": "sala", "effectiveOn": "2020-11-09" });
    api.with("If-Match", "\"1\"")
        .post(&format!("/sessions/{second}/rescheduling"), &moving)
        .refused(409, "participation.session_clash");
    let moving = json!({ "heldOn": "2020-11-10", "startsAt": "13:00", "reason": "sala", "effectiveOn": "2020-11-09" });
    api.with("If-Match", "\"1\"").post(&format!("/sessions/{second}/rescheduling"), &moving).expect(200);
    assert_eq!(scene.number("SELECT count(*) FROM session_seats WHERE clashed_before"), 0);
}

/// Two records of one person are merged only once what they say of one moment goes together.
#[test]
fn records_that_would_be_at_two_places_are_not_merged() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let [one, two] = [scene.edition(Limits::default()), scene.edition(Limits::default())];
    let Twice { duplicate, survivor } = twice(&mut scene);
    let (here, there) = (scene.participation(one, duplicate), scene.participation(two, survivor));
    let api = app.api(Role::Coordinator);
    let first = plan(&api, &class(one, "09:00", None)).id();
    let second = plan(&api, &class(two, "11:00", None)).id();
    merge(&api, duplicate, survivor, &json!({})).refused(409, "participation.session_clash");
    let cancelling = json!({ "reason": "venue", "effectiveOn": "2020-11-09" });
    api.with("If-Match", "\"1\"").post(&format!("/sessions/{second}/cancellation"), &cancelling).expect(200);

    let work =
        json!({ "participationId": there, "workedOn": "2020-11-10", "hours": "1", "startedAt": "10:00", "endedAt": "11:00" });
    let entry = api.post("/psu-entries", &work).id();
    let sheet = json!({ "rows": [{ "participationId": here, "status": "present" }] }).to_string();
    api.send("PUT", &format!("/sessions/{first}/attendance"), Some(sheet)).expect(200);
    merge(&api, duplicate, survivor, &json!({})).refused(409, "participation.attendance_at_work");
    let correction = json!({ "hours": "1", "startedAt": "13:00", "endedAt": "14:00", "reason": "pomyłka" });
    api.post(&format!("/psu-entries/{entry}/correction"), &correction).expect(201);
    merge(&api, duplicate, survivor, &json!({})).expect(200);
    let seats = format!("SELECT count(*) FROM session_seats WHERE session_id = '{first}' AND person_id = '{survivor}'");
    assert_eq!((scene.number(&seats), scene.number("SELECT count(*) FROM session_seats")), (1, 1));
}
