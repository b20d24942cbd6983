//! The timetable: groups, clashes, moving and cancelling.

use std::collections::BTreeMap;

use crate::support::scene::{Edition, Limits, Scene};
use crate::support::{Answer, Api, TestApp};
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

fn session(edition: Edition, changes: &Value) -> Value {
    let mut body =
        json!({ "blockId": edition.block, "heldOn": "2020-11-10", "startsAt": "09:00", "hours": "2", "form": "group" });
    for (name, value) in changes.as_object().expect("changes") {
        body[name] = value.clone();
    }
    body
}

fn group(api: &Api, edition: Edition, name: &str) -> String {
    api.post(&format!("/editions/{}/groups", edition.id), &json!({ "name": name })).id()
}

fn join(api: &Api, group: &str, participation: Uuid, from: &str, to: Option<&str>) -> Answer {
    api.post(&format!("/groups/{group}/members"), &json!({ "participationId": participation, "from": from, "to": to }))
}

fn expected(api: &Api, session: &str) -> Value {
    api.get(&format!("/sessions/{session}/attendance")).expect(200)["expected"].clone()
}

#[test]
fn a_group_has_one_name_in_its_edition_and_members_from_its_edition() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let (edition, elsewhere) = (scene.edition(Limits::default()), scene.edition(Limits::default()));
    let (inside, outside) = (scene.participants(edition, 1)[0], scene.participants(elsewhere, 1)[0]);
    let api = app.api(Role::Coordinator);
    let made = group(&api, edition, "A");
    let again = api.post(&format!("/editions/{}/groups", edition.id), &json!({ "name": "A" }));
    again.refused(409, "participation.group_exists");
    group(&api, elsewhere, "A");
    let refused = join(&api, &made, outside, "2020-11-02", None).refused(422, "participation.not_in_edition");
    assert_eq!(refused["errors"][0]["pointer"], "/participationId");
    let refused = join(&api, &made, inside, "2020-11-01", None).refused(422, "participation.outside_participation");
    assert_eq!((&refused["errors"][0]["pointer"], &refused["startsOn"]), (&json!("/from"), &json!("2020-11-02")));
    join(&api, &made, inside, "2020-11-05", Some("2020-11-04")).refused(422, "participation.inverted_period");
    let member = join(&api, &made, inside, "2020-11-02", None).id();
    join(&api, &made, inside, "2020-12-01", None).refused(409, "participation.already_member");
    api.post(&format!("/group-members/{member}/end"), &json!({ "to": "2020-11-30" })).expect(201);
    join(&api, &made, inside, "2020-12-01", None).expect(201);
    for (day, count) in [("2020-11-01", 0), ("2020-11-30", 1), ("2020-12-01", 1)] {
        let list = api.get(&format!("/groups/{made}/members?effectiveOn={day}")).expect(200);
        assert_eq!(list["items"].as_array().map(Vec::len), Some(count), "{day}");
    }
    let other = app.other_api(Role::Coordinator);
    other.get(&format!("/groups/{made}")).refused(404, "platform.not_found");
    other.post(&format!("/editions/{}/groups", edition.id), &json!({ "name": "B" })).refused(404, "platform.not_found");
}

#[test]
fn those_who_belong_to_the_group_on_the_day_are_expected() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let people = scene.participants(edition, 4);
    let api = app.api(Role::Coordinator);
    let made = group(&api, edition, "A");
    join(&api, &made, people[0], "2020-11-02", None).expect(201);
    join(&api, &made, people[1], "2020-11-11", None).expect(201);
    let leaving = join(&api, &made, people[2], "2020-11-02", None).id();
    let held = api.post("/sessions", &session(edition, &json!({ "groupId": made }))).id();
    assert_eq!(expected(&api, &held), json!([people[0], people[2]]));
    api.post(&format!("/group-members/{leaving}/end"), &json!({ "to": "2020-11-09" })).expect(201);
    assert_eq!(expected(&api, &held), json!([people[0]]));
    let sheet = json!({ "rows": [{ "participationId": people[0], "status": "present" }] }).to_string();
    api.send("PUT", &format!("/sessions/{held}/attendance"), Some(sheet)).expect(200);
    let both = json!({ "groupId": made, "participationIds": [people[0]], "startsAt": "14:00" });
    api.post("/sessions", &session(edition, &both)).refused(422, "participation.session_audience");
    let alien = json!({ "groupId": edition.block, "startsAt": "14:00" });
    api.post("/sessions", &session(edition, &alien)).refused(422, "platform.reference_not_found");
}

#[test]
fn lesson_hours_and_breaks_are_told_apart_from_what_is_taught() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let api = app.api(Role::Coordinator);
    let view =
        api.post("/sessions", &session(edition, &json!({ "hours": null, "lessonHours": 4, "endsAt": "12:30" }))).expect(201);
    assert_eq!((&view["hours"], &view["lessonHours"], &view["endsAt"]), (&json!("3.00"), &json!(4), &json!("12:30")));
    let view = api.post("/sessions", &session(edition, &json!({ "startsAt": "13:00", "hours": "1.25" }))).expect(201);
    assert_eq!((&view["hours"], &view["lessonHours"], &view["endsAt"]), (&json!("1.25"), &json!(null), &json!("14:15")));
    for (changes, pointer) in [
        (json!({ "lessonHours": 2 }), "/hours"),
        (json!({ "hours": null }), "/hours"),
        (json!({ "hours": null, "lessonHours": 33 }), "/lessonHours"),
        (json!({ "endsAt": "10:59" }), "/endsAt"),
        (json!({ "startsAt": "23:00" }), "/startsAt"),
        (json!({ "startsAt": null, "endsAt": "11:00" }), "/endsAt"),
    ] {
        let refused = api.post("/sessions", &session(edition, &changes)).expect(422);
        let known = ["platform.invalid_body", "participation.session_times"].map(|code| json!(code));
        assert!(known.contains(&refused["code"]), "{changes}: {refused}");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{changes}");
    }
}

#[test]
fn a_leader_a_room_a_group_and_a_participant_are_at_one_session_at_a_time() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let (edition, elsewhere) = (scene.edition(Limits::default()), scene.edition(Limits::default()));
    let people = scene.participants(edition, 3);
    let api = app.api(Role::Coordinator);
    let (one, two) = (group(&api, edition, "A"), group(&api, edition, "B"));
    join(&api, &one, people[0], "2020-11-02", None).expect(201);
    let standing = json!({ "groupId": one, "facilitator": "PS-1", "venue": "Szkoła", "room": "2" });
    let standing = api.post("/sessions", &session(edition, &standing)).id();
    let meets = |edition: Edition, changes: Value, kind: &str| {
        let refused = api.post("/sessions", &session(edition, &changes)).refused(409, "participation.session_clash");
        let told = [&refused["clashOf"], &refused["sessionId"], &refused["on"], &refused["startsAt"], &refused["endsAt"]];
        assert_eq!(told, [&json!(kind), &json!(standing), &json!("2020-11-10"), &json!("09:00"), &json!("11:00")], "{changes}");
        refused
    };
    meets(elsewhere, json!({ "facilitator": "PS-1", "startsAt": "10:45" }), "facilitator");
    meets(elsewhere, json!({ "venue": "szkoła", "room": "2", "startsAt": "08:00" }), "room");
    meets(edition, json!({ "groupId": one }), "group");
    let individual = json!({ "form": "individual", "participationIds": [people[0]], "hours": "0.25", "startsAt": "10:45" });
    assert_eq!(meets(edition, individual, "participant")["participationId"], json!(people[0]));
    // Whoever is free, may come; the end of one session is not within it.
    for changes in [
        json!({ "groupId": two, "facilitator": "PS-2", "venue": "Szkoła", "room": "3" }),
        json!({ "form": "individual", "participationIds": [people[1]] }),
        json!({ "groupId": one, "facilitator": "PS-1", "venue": "Szkoła", "room": "2", "startsAt": "11:00" }),
        json!({ "groupId": one, "facilitator": "PS-1", "venue": "Szkoła", "room": "2", "startsAt": null }),
    ] {
        api.post("/sessions", &session(edition, &changes)).expect(201);
    }
    api.post("/sessions", &session(elsewhere, &json!({ "venue": "Dom kultury", "room": "2" }))).expect(201);
    // For all means for everybody of the edition.
    api.post("/sessions", &session(edition, &json!({}))).refused(409, "participation.session_clash");
}

#[test]
fn a_change_of_the_group_or_of_a_participation_meets_the_timetable_too() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let people = scene.participants(edition, 2);
    let api = app.api(Role::Coordinator);
    let (one, two) = (group(&api, edition, "A"), group(&api, edition, "B"));
    join(&api, &one, people[0], "2020-11-02", None).expect(201);
    let first = api.post("/sessions", &session(edition, &json!({ "groupId": one }))).id();
    let second = api.post("/sessions", &session(edition, &json!({ "groupId": two, "startsAt": "10:00" }))).id();
    let refused = join(&api, &two, people[0], "2020-11-02", None).refused(409, "participation.session_clash");
    assert_eq!((&refused["clashOf"], &refused["sessionId"]), (&json!("participant"), &json!(first)));
    let seats = |scene: &mut Scene, session: &str| {
        scene.number(&format!("SELECT count(*) FROM session_seats WHERE session_id = '{session}'"))
    };
    assert_eq!((seats(&mut scene, &first), seats(&mut scene, &second)), (1, 0), "a refusal leaves nothing behind");
    let member = join(&api, &two, people[0], "2020-11-02", Some("2020-11-09")).id();
    let end = format!("/group-members/{member}/end");
    api.post(&end, &json!({ "to": "2020-11-10" })).refused(409, "participation.session_clash");
    // An early end frees the time.
    scene.end(people[0], "2020-11-09");
    assert_eq!(seats(&mut scene, &first), 0);
    api.post(&end, &json!({ "to": "2020-11-10" })).expect(201);
    // Who is admitted has a seat at what is for all.
    let all = api.post("/sessions", &session(edition, &json!({ "heldOn": "2020-11-12" }))).id();
    assert_eq!(seats(&mut scene, &all), 1);
    let person = scene.person();
    scene.participation(edition, person);
    assert_eq!(seats(&mut scene, &all), 2);
}

#[test]
fn of_sixteen_who_want_the_same_hour_one_gets_it() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let editions: Vec<Edition> = (0..4).map(|_| scene.edition(Limits::default())).collect();
    let people: Vec<Uuid> = editions.iter().map(|edition| scene.participants(*edition, 3)[0]).collect();
    let api = app.api(Role::Coordinator);
    for (round, kind) in ["facilitator", "room", "participant"].into_iter().enumerate() {
        let day = format!("2020-11-{}", 16 + round);
        let want = |number: usize| {
            let edition = if kind == "participant" { editions[0] } else { editions[number % 4] };
            let minute = format!("09:{:02}", number * 3);
            let mut changes =
                json!({ "heldOn": day, "startsAt": minute, "form": "individual", "participationIds": [people[number % 4]] });
            match kind {
                "facilitator" => changes["facilitator"] = json!("PS-1"),
                "room" => changes["room"] = json!("2"),
                _ => changes["participationIds"] = json!([people[0]]),
            }
            // Four editions have one participant each who could come; only what is asked for may clash.
            session(edition, &changes)
        };
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16)
                .map(|number| {
                    let (api, body) = (api.clone(), want(number));
                    scope.spawn(move || {
                        loop {
                            let answer = api.post("/sessions", &body);
                            if answer.status != 503 {
                                return answer;
                            }
                        }
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("an answer")).collect()
        });
        let mut by_status: BTreeMap<u16, Vec<Value>> = BTreeMap::new();
        for answer in &answers {
            by_status.entry(answer.status).or_default().push(serde_json::from_str(&answer.text).expect("JSON"));
        }
        let winner = &by_status[&201];
        assert_eq!((winner.len(), by_status[&409].len()), (1, 15), "{kind}: {:?}", by_status.keys());
        for refused in &by_status[&409] {
            assert_eq!(
                (&refused["code"], &refused["sessionId"]),
                (&json!("participation.session_clash"), &winner[0]["id"]),
                "{kind}"
            );
        }
    }
}

#[test]
fn a_session_is_moved_and_cancelled_with_its_history() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let people = scene.participants(edition, 1);
    let api = app.api(Role::Coordinator);
    let made = group(&api, edition, "A");
    join(&api, &made, people[0], "2020-11-02", None).expect(201);
    let body = session(edition, &json!({ "groupId": made, "facilitator": "PS-1", "endsAt": "11:30" }));
    let id = api.post("/sessions", &body).id();
    let (moving, cancelling) = (format!("/sessions/{id}/rescheduling"), format!("/sessions/{id}/cancellation"));
    let to = json!({ "heldOn": "2020-11-12", "startsAt": "15:00", "room": "3", "reason": "remont", "effectiveOn": "2020-11-09" });
    api.post(&moving, &to).refused(428, "platform.precondition_required");
    api.with("If-Match", "\"2\"").post(&moving, &to).refused(412, "platform.precondition_failed");
    let first = api.with("If-Match", "\"1\"");
    let moved = first.post(&moving, &to);
    let view = moved.expect(200);
    assert_eq!((moved.header("etag"), &view["heldOn"], &view["endsAt"]), ("\"2\"", &json!("2020-11-12"), &json!("17:30")));
    assert_eq!((&view["room"], &view["facilitator"], &view["scheduleVersion"]), (&json!("3"), &json!("PS-1"), &json!(2)));
    // The old hour is free, the new one taken.
    let other = api.post("/sessions", &body).id();
    let taken = session(edition, &json!({ "groupId": made, "heldOn": "2020-11-12", "startsAt": "16:00" }));
    assert_eq!(api.post("/sessions", &taken).refused(409, "participation.session_clash")["sessionId"], json!(id));
    let back = json!({ "heldOn": "2020-11-10", "startsAt": "09:00", "reason": "x", "effectiveOn": "2020-11-09" });
    let second = api.with("If-Match", "\"2\"");
    assert_eq!(second.post(&moving, &back).refused(409, "participation.session_clash")["sessionId"], json!(other));
    let outside = json!({ "heldOn": "2021-01-02", "reason": "x", "effectiveOn": "2020-11-09" });
    second.post(&moving, &outside).refused(422, "participation.outside_edition");
    let ahead = json!({ "reason": "venue", "effectiveOn": "2190-01-01" });
    second.post(&cancelling, &ahead).refused(422, "platform.in_future");
    let cancelled = second.post(&cancelling, &json!({ "reason": "venue", "effectiveOn": "2020-11-11" })).expect(200);
    assert_eq!((&cancelled["cancelledOn"], &cancelled["cancellationReason"]), (&json!("2020-11-11"), &json!("venue")));
    api.post("/sessions", &taken).expect(201);
    let third = api.with("If-Match", "\"3\"");
    third.post(&moving, &back).refused(409, "participation.session_cancelled");
    let sheet = json!({ "rows": [{ "participationId": people[0], "status": "present" }] }).to_string();
    let refused = api.send("PUT", &format!("/sessions/{id}/attendance"), Some(sheet.clone()));
    refused.refused(409, "participation.session_cancelled");
    let changes = api.get(&format!("/sessions/{id}/changes")).expect(200)["items"].clone();
    let told: Vec<_> = changes
        .as_array()
        .expect("changes")
        .iter()
        .map(|change| {
            [
                change["kind"].clone(),
                change["scheduleVersion"].clone(),
                change["before"]["heldOn"].clone(),
                change["reason"].clone(),
            ]
        })
        .collect();
    assert_eq!(json!(told), json!([["rescheduled", 2, "2020-11-10", "remont"], ["cancelled", 3, "2020-11-12", "venue"]]));
    // What has a sheet was held.
    api.send("PUT", &format!("/sessions/{other}/attendance"), Some(sheet)).expect(200);
    first.post(&format!("/sessions/{other}/rescheduling"), &to).refused(409, "participation.session_held");
    first
        .post(&format!("/sessions/{other}/cancellation"), &json!({ "reason": "venue", "effectiveOn": "2020-11-11" }))
        .refused(409, "participation.session_held");
    assert_eq!((scene.events("session.rescheduled"), scene.events("session.cancelled")), (1, 1));
}

#[test]
fn a_contractor_is_not_told_of_sessions_that_others_lead() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let (mine, others) = (scene.contractor(), scene.contractor());
    let standing = session(edition, &json!({ "facilitatorPartnerId": others, "room": "2" }));
    let hidden = app.api(Role::Coordinator).post("/sessions", &standing).id();
    let api = scene.facilitator_of(mine);
    let wanted = session(edition, &json!({ "facilitatorPartnerId": mine, "room": "2" }));
    let refused = api.post("/sessions", &wanted).refused(409, "participation.session_clash");
    assert_eq!((&refused["sessionId"], &refused["startsAt"]), (&json!(null), &json!(null)));
    let cancelling = json!({ "reason": "venue", "effectiveOn": "2020-11-11" });
    let first = api.with("If-Match", "\"1\"");
    first.post(&format!("/sessions/{hidden}/cancellation"), &cancelling).refused(404, "platform.not_found");
    api.get(&format!("/sessions/{hidden}/changes")).refused(404, "platform.not_found");
}

#[test]
fn a_cancelled_session_counts_in_no_figure() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    scene.participants(edition, 2);
    let api = app.api(Role::Coordinator);
    let statement =
        json!({ "kind": "attendance", "completeness": "complete", "statedBy": "koordynator", "statedOn": "2021-01-10" });
    let statements = format!("/editions/{}/collection-statements", edition.id);
    api.post(&statements, &json!({ "statements": [statement] })).expect(201);
    let hours = || {
        let figures = api.get(&format!("/editions/{}/figures", edition.id)).expect(200);
        let all = figures["figures"].as_array().or_else(|| figures["items"].as_array()).expect("figures").clone();
        let figure = all.iter().find(|figure| figure["definitionId"].as_str().is_some_and(|id| id.ends_with("delivery_hours")));
        figure.expect("the figure")["value"].clone()
    };
    api.post("/sessions", &session(edition, &json!({}))).expect(201);
    let before = hours();
    let id = api.post("/sessions", &session(edition, &json!({ "startsAt": "12:00" }))).id();
    assert_ne!(hours(), before);
    let cancelling = json!({ "reason": "mistake", "effectiveOn": "2020-11-09" });
    api.with("If-Match", "\"1\"").post(&format!("/sessions/{id}/cancellation"), &cancelling).expect(200);
    assert_eq!(hours(), before);
    let expected = expected(&api, &id);
    let rows: Vec<Value> =
        expected.as_array().expect("people").iter().map(|id| json!({ "participationId": id, "status": "present" })).collect();
    let sheet = json!({ "rows": rows }).to_string();
    api.send("PUT", &format!("/sessions/{id}/attendance"), Some(sheet)).refused(409, "participation.session_cancelled");
}

#[test]
fn a_consultation_is_moved_only_to_a_day_on_which_its_person_takes_part() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let person = scene.participants(edition, 1)[0];
    let api = app.api(Role::Coordinator);
    let id = api.post("/sessions", &session(edition, &json!({ "form": "individual", "participationIds": [person] }))).id();
    scene.end(person, "2020-11-12");
    let moving = |day: &str| json!({ "heldOn": day, "reason": "x", "effectiveOn": "2020-11-09" });
    let path = format!("/sessions/{id}/rescheduling");
    let first = api.with("If-Match", "\"1\"");
    let refused = first.post(&path, &moving("2020-11-13")).refused(422, "participation.not_taking_part");
    assert_eq!(refused["errors"][0]["pointer"], "/heldOn");
    first.post(&path, &moving("2020-11-12")).expect(200);
}
