//! Calendars for other programs, behind addresses that nobody can guess.

use std::collections::BTreeMap;

use crate::support::scene::{Limits, Scene};
use crate::support::{Answer, Api, TestApp};
use chrono::{DateTime, TimeDelta, Utc};
use pai::platform::clock::Clock;
use pai::platform::policy::Role;
use serde_json::{Value, json};

fn app() -> TestApp {
    TestApp::start_at(Clock::fixed("2020-11-09T08:00:00Z".parse::<DateTime<Utc>>().expect("a moment")))
}

/// The path of a new calendar's address.
fn subscribe(api: &Api, of: &Value) -> (String, String) {
    let made = api.post("/calendar-feeds", of);
    let url = made.expect(201)["calendarUrl"].as_str().expect("an address").to_owned();
    (made.id(), url[url.find("/calendar/").expect("its path")..].to_owned())
}

/// The events of a calendar: properties with their values, as a reader unfolds them.
fn events(answer: &Answer) -> Vec<BTreeMap<String, String>> {
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/calendar; charset=utf-8"));
    assert!(answer.text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{}", answer.text);
    let unfolded = answer.text.replace("\r\n ", "");
    let mut events = Vec::new();
    for line in unfolded.split("\r\n") {
        match line {
            "BEGIN:VEVENT" => events.push(BTreeMap::new()),
            line => {
                if let (Some(event), Some((name, value))) = (events.last_mut(), line.split_once(':')) {
                    event.insert(name.to_owned(), value.to_owned());
                }
            }
        }
    }
    events.sort_by_key(|event: &BTreeMap<String, String>| event.get("DTSTART").cloned());
    events
}

#[test]
fn a_calendar_follows_its_sessions_and_tells_nothing_personal() {
    let app = app();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let people = scene.participants(edition, 2);
    let api = app.api(Role::Coordinator);
    let group = api.post(&format!("/editions/{}/groups", edition.id), &json!({ "name": "A" })).id();
    let member = json!({ "participationId": people[0], "from": "2020-11-02", "to": "2020-11-20" });
    api.post(&format!("/groups/{group}/members"), &member).expect(201);
    let session = |body: Value| {
        let mut whole =
            json!({ "blockId": edition.block, "hours": "2", "form": "group", "startsAt": "09:00", "facilitator": "PS-1" });
        whole.as_object_mut().expect("a body").extend(body.as_object().expect("a body").clone());
        api.post("/sessions", &whole).id()
    };
    let moved = session(
        json!({ "heldOn": "2020-11-10", "groupId": group, "theme": "Asertywność, cz. 1; wstęp do długiej serii zajęć o rozmowie z urzędem i z pracodawcą" }),
    );
    let cancelled = session(json!({ "heldOn": "2020-11-12", "groupId": group, "theme": "Budżet" }));
    let late = session(json!({ "heldOn": "2020-11-24", "groupId": group }));
    let alone =
        session(json!({ "heldOn": "2020-11-16", "form": "individual", "participationIds": [people[0]], "theme": "oddłużanie" }));
    let all = session(json!({ "heldOn": "2020-11-17", "startsAt": null }));
    let (_, of_group) = subscribe(&api, &json!({ "groupId": group }));
    let (_, of_leader) = subscribe(&api, &json!({ "facilitator": "PS-1" }));
    let (_, of_person) = subscribe(&api, &json!({ "participationId": people[0] }));
    let reader = app.anonymous();
    let uids = |path: &str| events(&reader.get(path)).iter().map(|event| event["UID"].clone()).collect::<Vec<_>>();
    assert_eq!(uids(&of_leader).len(), 5);
    let shown = uids(&of_group);
    assert!(shown.contains(&late) && shown.contains(&all) && !shown.contains(&alone) && shown.len() == 4);
    let shown = uids(&of_person);
    assert!(shown.contains(&alone) && shown.contains(&all) && !shown.contains(&late) && shown.len() == 4);

    app.clock.advance(TimeDelta::hours(1));
    let first = api.with("If-Match", "\"1\"");
    let to = json!({ "startsAt": "13:00", "reason": "x", "effectiveOn": "2020-11-09" });
    first.post(&format!("/sessions/{moved}/rescheduling"), &to).expect(200);
    let cancelling = json!({ "reason": "venue", "effectiveOn": "2020-11-09" });
    first.post(&format!("/sessions/{cancelled}/cancellation"), &cancelling).expect(200);
    let answer = reader.get(&of_person);
    assert_eq!(answer.header("cache-control"), "private, no-store");
    assert_eq!(answer.header("etag"), "");
    let by_id: BTreeMap<String, BTreeMap<String, String>> =
        events(&answer).into_iter().map(|event| (event["UID"].clone(), event)).collect();
    let told = |id: &str, name: &str| by_id[id].get(name).cloned().unwrap_or_default();
    assert_eq!((told(&moved, "SEQUENCE"), told(&moved, "DTSTART")), ("1".to_owned(), "20201110T120000Z".to_owned()));
    assert_eq!(
        (told(&moved, "DTEND"), told(&moved, "LAST-MODIFIED")),
        ("20201110T140000Z".to_owned(), "20201109T090000Z".to_owned())
    );
    assert!(told(&moved, "SUMMARY").starts_with("Asertywność\\, cz. 1\\; wstęp"));
    assert_eq!((told(&cancelled, "STATUS"), told(&cancelled, "SEQUENCE")), ("CANCELLED".to_owned(), "1".to_owned()));
    assert_eq!(told(&alone, "SUMMARY"), "Konsultacja indywidualna");
    assert_eq!(by_id[&all].get("DTSTART;VALUE=DATE").map(String::as_str), Some("20201117"));
    for private in [people[0].to_string().as_str(), "PS-1", "oddłużanie", &group] {
        assert!(!answer.text.contains(private), "{private}");
    }
}

#[test]
fn an_address_is_shown_once_and_a_wrong_or_revoked_one_is_like_none() {
    let app = app();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let api = app.api(Role::Coordinator);
    let group = api.post(&format!("/editions/{}/groups", edition.id), &json!({ "name": "A" })).id();
    let of_group = json!({ "groupId": group });
    let (id, path) = subscribe(&api, &of_group);
    for shown in [api.get(&format!("/calendar-feeds/{id}")), api.get("/calendar-feeds")] {
        shown.expect(200);
        assert!(!shown.text.contains("calendarUrl") && !shown.text.contains(&path[10..40]));
    }
    let keyed = api.with("Idempotency-Key", "feed");
    let (first, again) = (keyed.post("/calendar-feeds", &of_group), keyed.post("/calendar-feeds", &of_group));
    assert_eq!((first.expect(201), again.header("idempotent-replayed")), (again.expect(201), "true"));
    for (body, code) in [
        (json!({}), "participation.feed_subject"),
        (json!({ "groupId": group, "facilitator": "PS-1" }), "participation.feed_subject"),
        (json!({ "groupId": edition.id }), "platform.reference_not_found"),
        (json!({ "participationId": edition.id }), "platform.reference_not_found"),
    ] {
        api.post("/calendar-feeds", &body).refused(422, code);
    }
    let reader = app.anonymous();
    reader.get(&path).expect(200);
    assert_eq!(reader.send("HEAD", &path, None).status, 200);
    // The town of the address is part of what has to fit.
    let (_, of_other) = {
        let other = app.other_api(Role::Coordinator);
        subscribe(&other, &json!({ "facilitator": "PS-1" }))
    };
    let mixed = format!("{}{}", &of_other[..31], &path[31..]);
    let wrong = format!("{}{}", &path[..60], if path.as_bytes()[60] == b'A' { "B" } else { "A" }) + &path[61..];
    let revoke = format!("/calendar-feeds/{id}/revocation");
    let revoked = api.post(&revoke, &json!({ "reason": "zmiana prowadzącego" })).expect(200);
    assert_eq!(revoked["revokedAt"], "2020-11-09T08:00:00Z");
    api.post(&revoke, &json!({ "reason": "x" })).refused(409, "participation.feed_revoked");
    for absent in [path.as_str(), &mixed, &wrong, "/calendar/abc.ics", "/calendar/.ics"] {
        reader.get(absent).refused(404, "platform.not_found");
    }
    app.other_api(Role::Coordinator).post(&revoke, &json!({ "reason": "x" })).refused(404, "platform.not_found");
}

#[test]
fn every_reading_is_on_record_and_limited_and_ends_with_its_client() {
    let app = app();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let person = scene.participants(edition, 1)[0];
    let api = app.api(Role::SocialWorker);
    let (id, path) = subscribe(&api, &json!({ "participationId": person }));
    let (_, of_leader) = subscribe(&api, &json!({ "facilitator": "PS-1" }));
    let reader = app.anonymous();
    for _ in 0..60 {
        assert_eq!(reader.get(&path).status, 200);
    }
    let refused = reader.get(&path);
    refused.refused(429, "platform.too_many_requests");
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(reader.get(&of_leader).status, 200, "another calendar has its own limit");
    let rows = scene.number(&format!(
        "SELECT count(*) FROM audit_entries WHERE operation = 'read_calendar' AND record_ids = ARRAY['{id}', '{person}']::uuid[] AND role = 'social_worker'"
    ));
    assert_eq!(rows, 60);
    while reader.get(&of_leader).status == 200 {}
    let administrator = app.api(Role::Administrator);
    let client = app.town.clients["social_worker"].0;
    app.clock.advance(TimeDelta::hours(2));
    let administrator_again = app.api(Role::Administrator);
    drop(administrator);
    administrator_again.post(&format!("/clients/{client}/revocation"), &json!({ "reason": "x" })).expect(200);
    reader.get(&path).refused(404, "platform.not_found");
}
