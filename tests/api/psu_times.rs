//! Clock times of socially useful work, absences from it, and days that do not go together.

use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::scene::{Limits, Scene};
use crate::support::{Answer, Api, TestApp};

fn timed(participation: Uuid, day: &str, hours: &str, from: &str, to: &str) -> Value {
    json!({ "participationId": participation, "workedOn": day, "hours": hours, "startedAt": from, "endedAt": to })
}

fn work(api: &Api, body: &Value) -> Answer {
    api.post("/psu-entries", body)
}

#[test]
fn nobody_works_at_two_places_at_once() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let (first, second) = (scene.edition(Limits::default()), scene.edition(Limits::default()));
    let person = scene.person();
    let (here, there) = (scene.participation(first, person), scene.participation(second, person));
    let other = scene.participants(first, 1)[0];
    let api = app.api(Role::Coordinator);
    let made = work(&api, &timed(here, "2020-11-10", "4", "08:00", "12:00")).expect(201);
    assert_eq!((&made["startedAt"], &made["endedAt"]), (&json!("08:00"), &json!("12:00")));
    assert_eq!(api.get(&format!("/psu-entries/{}", made["id"].as_str().expect("an id"))).expect(200), made);
    assert_eq!(api.get("/psu-entries").expect(200)["items"][0], made);
    let refused = work(&api, &timed(there, "2020-11-10", "1", "11:45", "13:00")).refused(409, "participation.psu_clash");
    assert_eq!(
        (&refused["clashOf"], &refused["psuEntryId"], &refused["from"], &refused["to"]),
        (&json!("psuEntry"), &made["id"], &json!("08:00"), &json!("12:00"))
    );
    work(&api, &timed(there, "2020-11-10", "1", "12:00", "13:00")).expect(201);
    work(&api, &timed(other, "2020-11-10", "1", "11:45", "13:00")).expect(201);
    work(&api, &timed(there, "2020-11-11", "1", "11:45", "13:00")).expect(201);
    work(&api, &json!({ "participationId": there, "workedOn": "2020-11-10", "hours": "1" })).expect(201);

    for (hours, from, to) in [("4", "14:00", "17:45"), ("1", "15:00", "15:00"), ("1", "16:00", "15:00")] {
        let refused = work(&api, &timed(here, "2020-11-10", hours, from, to)).refused(422, "participation.psu_times");
        assert_eq!(refused["errors"][0]["pointer"], "/endedAt");
    }
    let half = json!({ "participationId": here, "workedOn": "2020-11-10", "hours": "1", "startedAt": "15:00" });
    work(&api, &half).refused(422, "participation.psu_times");
    // A correction keeps the times while its hours fit into them.
    let path = format!("/psu-entries/{}/correction", made["id"].as_str().expect("an id"));
    api.post(&path, &json!({ "hours": "4.25", "reason": "pomyłka" })).refused(422, "participation.psu_times");
    let moved = json!({ "hours": "4", "startedAt": "12:30", "endedAt": "16:30", "reason": "pomyłka" });
    api.post(&path, &moved).refused(409, "participation.psu_clash");
    let less = api.post(&path, &json!({ "hours": "3", "reason": "pomyłka" })).expect(201);
    assert_eq!((&less["startedAt"], &less["hours"]), (&json!("08:00"), &json!("3.00")));
    let path = format!("/psu-entries/{}/correction", less["id"].as_str().expect("an id"));
    let none = api.post(&path, &json!({ "hours": "0", "reason": "pomyłka" })).expect(201);
    assert_eq!(none["startedAt"], json!(null));
    work(&api, &timed(there, "2020-11-10", "1", "08:00", "09:00")).expect(201);
}

#[test]
fn of_entries_of_the_same_time_one_is_recorded() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let editions = [scene.edition(Limits::default()), scene.edition(Limits::default())];
    let person = scene.person();
    let participations = editions.map(|edition| scene.participation(edition, person));
    let api = app.api(Role::Coordinator);
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..8)
            .map(|number: usize| {
                let (api, body) = (&api, timed(participations[number % 2], "2020-11-10", "2", "08:00", "10:00"));
                scope.spawn(move || api.post_patiently(&format!("timed-{number}"), "/psu-entries", &body).status)
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().expect("a caller")).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(scene.number("SELECT sum(used_minutes) FROM psu_weeks"), 120);
}

#[test]
fn nobody_works_at_the_time_of_the_own_classes() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let (first, second) = (scene.edition(Limits::default()), scene.edition(Limits::default()));
    let person = scene.person();
    let (here, there) = (scene.participation(first, person), scene.participation(second, person));
    let host = scene.host();
    let api = app.api(Role::Coordinator);
    let session = json!({ "blockId": first.block, "heldOn": "2020-11-10", "startsAt": "09:00", "hours": "3", "form": "group" });
    let session = api.post("/sessions", &session).id();
    for body in [timed(here, "2020-11-10", "1", "08:15", "09:15"), timed(there, "2020-11-10", "1", "11:00", "13:00")] {
        let refused = work(&api, &body).refused(409, "participation.psu_clash");
        assert_eq!(
            (&refused["clashOf"], &refused["sessionId"], &refused["from"], &refused["to"]),
            (&json!("session"), &json!(session), &json!("09:00"), &json!("12:00"))
        );
    }
    let mut of_host = timed(here, "2020-11-10", "1", "11:00", "12:00");
    of_host["hostId"] = json!(host);
    let refused = work(&scene.supervisor_of(host), &of_host).refused(409, "participation.psu_clash");
    assert_eq!((&refused["clashOf"], &refused["sessionId"]), (&json!("session"), &json!(null)), "not the supervisor's to see");
    work(&api, &timed(there, "2020-11-10", "1", "12:00", "13:00")).expect(201);
    // Whoever was not at the classes could have worked.
    let sheet = json!({ "rows": [{ "participationId": here, "status": "unexcused" }] });
    api.send("PUT", &format!("/sessions/{session}/attendance"), Some(sheet.to_string())).expect(200);
    work(&api, &timed(there, "2020-11-10", "1", "11:00", "12:00")).expect(201);
}

#[test]
fn nobody_is_recorded_at_classes_at_the_time_of_the_own_work() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let (first, second) = (scene.edition(Limits::default()), scene.edition(Limits::default()));
    let person = scene.person();
    let (here, there) = (scene.participation(first, person), scene.participation(second, person));
    let other = scene.participants(first, 1)[0];
    let contractor = scene.contractor();
    let facilitator = scene.facilitator_of(contractor);
    let api = app.api(Role::Coordinator);
    // The work comes first: nothing is planned at its time yet.
    let entry = work(&api, &timed(there, "2020-11-10", "2", "11:00", "13:00")).id();
    let session = json!({ "blockId": first.block, "heldOn": "2020-11-10", "startsAt": "09:00", "hours": "3", "form": "group",
        "facilitatorPartnerId": contractor });
    let session = api.post("/sessions", &session).id();
    let path = format!("/sessions/{session}/attendance");
    let rows = |status: &str| {
        json!([
            { "participationId": other, "status": "present" },
            { "participationId": here, "status": status },
        ])
    };
    let sheet = |api: &Api, body: Value| api.send("PUT", &path, Some(body.to_string()));
    let refused = sheet(&api, json!({ "rows": rows("present") })).refused(409, "participation.attendance_at_work");
    assert_eq!(
        (&refused["errors"][0]["pointer"], &refused["errors"][0]["code"], refused["errors"].as_array().map(Vec::len)),
        (&json!("/rows/1/participationId"), &json!("participation.attendance_at_work"), Some(1))
    );
    let named = json!([{ "participationId": here, "psuEntryId": entry, "from": "11:00", "to": "13:00" }]);
    assert_eq!(refused["clashes"], named);
    let untold = sheet(&facilitator, json!({ "rows": rows("present") })).refused(409, "participation.attendance_at_work");
    assert_eq!((&untold["errors"][0]["pointer"], &untold["clashes"]), (&json!("/rows/1/participationId"), &Value::Null));
    assert_eq!(scene.number("SELECT count(*) FROM attendance"), 0, "a refused sheet leaves nothing behind");
    // Whoever missed the classes may have worked; a correction to present is refused all the same.
    sheet(&api, json!({ "rows": rows("unexcused") })).expect(200);
    let second_version = api.with("If-Match", "\"1\"");
    let corrected = json!({ "rows": rows("present"), "correctionReason": "pomyłka" });
    second_version.send("PUT", &path, Some(corrected.to_string())).refused(409, "participation.attendance_at_work");
    // Once the entry is corrected the classes may stand, and then the entry may not come back.
    let correction = format!("/psu-entries/{entry}/correction");
    let moved =
        api.post(&correction, &json!({ "hours": "1", "startedAt": "12:00", "endedAt": "13:00", "reason": "pomyłka" })).id();
    second_version.send("PUT", &path, Some(corrected.to_string())).expect(200);
    let back = json!({ "hours": "2", "startedAt": "11:00", "endedAt": "13:00", "reason": "pomyłka" });
    api.post(&format!("/psu-entries/{moved}/correction"), &back).refused(409, "participation.psu_clash");
}

#[test]
fn classes_and_work_of_the_same_moment_exclude_each_other() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let editions: Vec<_> = (0..16).map(|_| scene.edition(Limits::default())).collect();
    let people: Vec<Uuid> = editions.iter().map(|edition| scene.participants(*edition, 1)[0]).collect();
    let api = app.api(Role::Coordinator);
    // Sheets of groups go the short way, those with a roster the plain one.
    let session = |(number, participation): (usize, &Uuid)| {
        let mut body = json!({ "blockId": editions[number].block, "heldOn": "2020-11-10", "startsAt": "09:00", "hours": "2", "form": "group" });
        if number % 2 == 1 {
            body["participationIds"] = json!([participation]);
        }
        api.post("/sessions", &body).id()
    };
    let sessions: Vec<String> = people.iter().enumerate().map(session).collect();
    // Without seats the look-up before finds nothing, so that the triggers alone stand between the two.
    let unseated = "SET session_replication_role = replica; DELETE FROM session_seats";
    let mut superuser = pai::platform::migrations::connect(&app.superuser_url).expect("a connection");
    diesel::connection::SimpleConnection::batch_execute(&mut superuser, unseated).expect("no seats");
    let both: Vec<(u16, u16)> = people
        .iter()
        .zip(&sessions)
        .map(|(participation, session)| {
            let entry = timed(*participation, "2020-11-10", "1", "10:00", "11:00");
            let sheet = json!({ "rows": [{ "participationId": participation, "status": "present" }] }).to_string();
            let path = format!("/sessions/{session}/attendance");
            std::thread::scope(|scope| {
                let working = scope.spawn(|| api.post_patiently(&format!("w-{participation}"), "/psu-entries", &entry).status);
                let attending = scope.spawn(|| {
                    loop {
                        let status = api.send("PUT", &path, Some(sheet.clone())).status;
                        if status != 503 {
                            return status;
                        }
                    }
                });
                (working.join().expect("an answer"), attending.join().expect("an answer"))
            })
        })
        .collect();
    assert!(both.iter().all(|both| matches!(both, (201, 409) | (409, 200))), "{both:?}");
    let contradictions = "SELECT count(*) FROM psu_entries e JOIN attendance a ON a.participation_id = e.participation_id";
    assert_eq!(scene.number(contradictions), 0);
}

#[test]
fn no_hours_stand_on_a_day_of_absence_and_so_none_are_paid() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let participation = scene.participants(edition, 1)[0];
    let api = app.api(Role::Coordinator);
    let entry = |day: &str| json!({ "participationId": participation, "workedOn": day, "hours": "2" });
    let ill = |from: &str, to: &str| {
        let body =
            json!({ "participationId": participation, "from": from, "to": to, "kind": "excused", "reasonClass": "health" });
        api.post("/psu-absences", &body)
    };
    api.post(&format!("/agreements/{}/rates", edition.agreement), &json!({ "from": "2010-01-01", "refundPercent": "60" }))
        .expect(201);
    work(&api, &entry("2020-11-09")).expect(201);
    let worked = work(&api, &entry("2020-11-12")).id();
    let refused = ill("2020-11-11", "2020-11-13").refused(409, "participation.psu_hours_in_absence");
    assert_eq!(refused["psuEntryIds"], json!([worked]));
    api.post(&format!("/psu-entries/{worked}/correction"), &json!({ "hours": "0", "reason": "choroba" })).expect(201);
    let absence = ill("2020-11-11", "2020-11-13").expect(201);
    ill("2020-11-13", "2020-11-14").refused(409, "participation.psu_absence_overlap");
    for day in ["2020-11-11", "2020-11-12", "2020-11-13"] {
        let refused = work(&api, &entry(day)).refused(409, "participation.psu_absent");
        assert_eq!(refused["errors"][0]["pointer"], "/workedOn");
    }
    let other = work(&api, &entry("2020-11-16")).id();
    let moved = json!({ "hours": "2", "workedOn": "2020-11-12", "reason": "pomyłka" });
    api.post(&format!("/psu-entries/{other}/correction"), &moved).refused(409, "participation.psu_absent");

    let settled = api.post("/settlements", &json!({ "editionId": edition.id, "month": "2020-11" })).expect(201);
    assert_eq!(settled["hours"], "4.00", "two days of work, none of the illness");
    assert_eq!(scene.number("SELECT coalesce(sum(minutes), 0) FROM psu_entries WHERE superseded_at IS NULL AND worked_on BETWEEN '2020-11-11' AND '2020-11-13'"), 0);

    let id = absence["id"].as_str().expect("an id");
    let withdrawal = json!({ "effectiveOn": "2020-11-20", "reason": "Pomyłka w osobie" });
    let withdrawn = api.post(&format!("/psu-absences/{id}/withdrawal"), &withdrawal).expect(200);
    assert_eq!(withdrawn["withdrawnOn"], "2020-11-20");
    api.post(&format!("/psu-absences/{id}/withdrawal"), &withdrawal).refused(409, "participation.psu_absence_withdrawn");
    work(&api, &entry("2020-11-12")).expect(201);
    let count = |query: &str| api.get(&format!("/psu-absences?{query}")).expect(200)["items"].as_array().map(Vec::len);
    assert_eq!((count(""), count("includeWithdrawn=true")), (Some(0), Some(1)));
    let foreign = app.other_api(Role::Coordinator);
    foreign.post(&format!("/psu-absences/{id}/withdrawal"), &withdrawal).refused(404, "platform.not_found");
    assert_eq!((scene.events("psu_absence.recorded"), scene.events("psu_absence.withdrawn")), (1, 1));
}

#[test]
fn an_absence_lies_within_the_participation_and_only_an_excuse_has_a_reason() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let participation = scene.participants(edition, 1)[0];
    let api = app.api(Role::SocialWorker);
    let absent = |from: &str, to: &str, kind: &str, reason: Option<&str>| {
        let body = json!({ "participationId": participation, "from": from, "to": to, "kind": kind, "reasonClass": reason });
        api.post("/psu-absences", &body)
    };
    absent("2020-11-12", "2020-11-11", "excused", None).refused(422, "participation.inverted_period");
    absent("2020-11-01", "2020-11-11", "excused", None).refused(422, "participation.outside_participation");
    absent("2020-12-30", "2021-01-01", "refused", None).refused(422, "participation.outside_participation");
    absent("2020-11-12", "2020-11-12", "unexcused", Some("health")).refused(422, "participation.psu_absence_reason");
    absent("2020-11-12", "2020-11-12", "refused", None).expect(201);
    let foreign = json!({ "participationId": participation, "from": "2020-11-20", "to": "2020-11-20", "kind": "unexcused" });
    app.other_api(Role::Coordinator).post("/psu-absences", &foreign).refused(422, "platform.reference_not_found");
}

#[test]
fn an_absence_and_an_entry_of_the_same_moment_exclude_each_other() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let people = scene.participants(edition, 12);
    let api = app.api(Role::Coordinator);
    let both: Vec<(u16, u16)> = people
        .iter()
        .map(|participation| {
            let entry = json!({ "participationId": participation, "workedOn": "2020-11-12", "hours": "1" });
            let absence =
                json!({ "participationId": participation, "from": "2020-11-12", "to": "2020-11-12", "kind": "unexcused" });
            std::thread::scope(|scope| {
                let working = scope.spawn(|| api.post_patiently(&format!("w-{participation}"), "/psu-entries", &entry).status);
                let absent = scope.spawn(|| api.post_patiently(&format!("a-{participation}"), "/psu-absences", &absence).status);
                (working.join().expect("an answer"), absent.join().expect("an answer"))
            })
        })
        .collect();
    assert!(both.iter().all(|both| matches!(both, (201, 409) | (409, 201))), "{both:?}");
    let contradictions = "SELECT count(*) FROM psu_entries e JOIN psu_absences a ON a.participation_id = e.participation_id
        AND e.worked_on BETWEEN a.from_on AND a.to_on";
    assert_eq!(scene.number(contradictions), 0);
}

#[test]
fn days_that_do_not_go_together_are_told() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    scene.set_parameter(edition, "dailyLimit", "\"8.00\"");
    let people = scene.participants(edition, 2);
    let api = app.api(Role::Coordinator);
    let session = json!({ "blockId": edition.block, "heldOn": "2020-11-10", "startsAt": "09:00", "hours": "3", "form": "group" });
    let session = api.post("/sessions", &session).id();
    for person in &people {
        work(&api, &json!({ "participationId": person, "workedOn": "2020-11-10", "hours": "5.25" })).expect(201);
    }
    let sheet = json!({ "rows": [
        { "participationId": people[0], "status": "present" },
        { "participationId": people[1], "status": "excused", "reasonClass": "health" },
    ] });
    api.send("PUT", &format!("/sessions/{session}/attendance"), Some(sheet.to_string())).expect(200);
    let path = format!("/editions/{}/psu-day-checks", edition.id);
    let found = api.get(&format!("{path}?from=2020-11-01&to=2020-11-30")).expect(200);
    assert_eq!(found["limitHours"], "8.00");
    let kinds: Vec<(&str, &str, &str)> = found["days"]
        .as_array()
        .expect("days")
        .iter()
        .map(|day| {
            let text = |name: &str| day[name].as_str().expect("text");
            (text("kind"), text("psuHours"), text("classHours"))
        })
        .collect();
    assert_eq!(kinds, [("tooLong", "5.25", "3.00"), ("workedWhileIll", "5.25", "0.00")]);
    assert_eq!(api.get(&format!("{path}?from=2020-11-11&to=2020-11-30")).expect(200)["days"], json!([]));
    api.get(&format!("{path}?from=2020-11-01&to=2020-12-02")).refused(400, "platform.invalid_parameter");
    app.other_api(Role::Coordinator).get(&format!("{path}?from=2020-11-01&to=2020-11-30")).refused(404, "platform.not_found");
}
