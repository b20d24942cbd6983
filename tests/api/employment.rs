//! Jobs of people and checks on whether they work.

use crate::support::{NOBODY, TestApp, build, taking_part};
use diesel::prelude::*;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

const UNKNOWN: &str = "01900000-0000-7000-8000-0000000000ff";

fn job(person: Uuid, other: &Value) -> Value {
    let mut job = json!({ "personId": person, "startsOn": "2020-11-06", "kind": "employmentContract", "source": "labourOffice" });
    for (field, value) in other.as_object().expect("fields") {
        job[field] = value.clone();
    }
    job
}

fn count(list: &Value) -> usize {
    list["items"].as_array().expect("a list").len()
}

#[test]
fn jobs_belong_to_a_person_and_may_overlap() {
    let app = TestApp::start();
    let who = taking_part(&app, "2020-10-15", "2020-12-14");
    let elsewhere = taking_part(&app, "2021-03-01", "2021-04-30");
    let api = app.api(Role::SocialWorker);
    let made = api.post("/employment-spells", &job(who.person, &json!({ "employerClass": "small", "verifiedOn": "2020-11-10" })));
    let first = made.expect(201);
    assert_eq!(made.header("location"), format!("/api/v1/employment-spells?personId={}", who.person));
    assert_eq!(first["startsPrecision"], "day");
    assert_eq!(first["endsOn"], Value::Null);
    let second = job(who.person, &json!({ "startsOn": "2020-11-01", "startsPrecision": "month", "kind": "civilLawContract" }));
    api.post("/employment-spells", &second).expect(201);
    api.post("/employment-spells", &job(elsewhere.person, &json!({}))).expect(201);
    for (filter, jobs) in [
        (format!("personId={}", who.person), 2),
        (format!("editionId={}", who.edition), 2),
        (format!("editionId={}", elsewhere.edition), 1),
        (format!("editionId={UNKNOWN}"), 0),
        ("limit=200".to_owned(), 3),
    ] {
        assert_eq!(count(&api.get(&format!("/employment-spells?{filter}")).expect(200)), jobs, "{filter}");
    }
    assert_eq!(app.other_api(Role::Coordinator).get("/employment-spells").expect(200)["items"], json!([]));
}

#[test]
fn a_candidate_with_a_job_is_found_by_the_edition() {
    let app = TestApp::start();
    let (edition, candidate) = (taking_part(&app, "2020-10-15", "2020-12-14"), taking_part(&app, "2021-03-01", "2021-04-30"));
    let api = app.api(Role::SocialWorker);
    api.post("/employment-spells", &job(candidate.person, &json!({ "startsOn": "2020-10-10" }))).expect(201);
    let list = || api.get(&format!("/employment-spells?editionId={}", edition.edition)).expect(200);
    assert_eq!(count(&list()), 0);
    let mut superuser = connect(&app.superuser_url).expect("superuser connection");
    let (client, _) = app.town.clients["coordinator"];
    diesel::sql_query(format!(
        "INSERT INTO applications (tenant_id, id, edition_id, person_id, received_on, received_precision, state, recorded_at, recorded_by)
         VALUES ('{}', '{}', '{}', '{}', '2020-09-01', 'day', 'applied', now(), '{client}')",
        app.town.id, candidate.participation, edition.edition, candidate.person
    ))
    .execute(&mut superuser)
    .expect("an application");
    assert_eq!(count(&list()), 1);
}

#[test]
fn a_job_is_corrected_by_another_record() {
    let app = TestApp::start();
    let who = taking_part(&app, "2020-10-15", "2020-12-14");
    let api = app.api(Role::SocialWorker);
    let first = api.post("/employment-spells", &job(who.person, &json!({}))).id();
    let correction =
        job(who.person, &json!({ "endsOn": "2020-12-05", "supersedesId": first, "correctionReason": "Praca się skończyła" }));
    let threads: Vec<_> = (0..6)
        .map(|_| {
            let (api, correction) = (api.clone(), correction.clone());
            std::thread::spawn(move || api.post("/employment-spells", &correction).status)
        })
        .collect();
    let statuses: Vec<u16> = threads.into_iter().map(|thread| thread.join().expect("an answer")).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 5, "{statuses:?}");
    api.post("/employment-spells", &correction).refused(409, "platform.already_superseded");
    let current = api.get("/employment-spells").expect(200);
    assert_eq!(count(&current), 1);
    assert_eq!(current["items"][0]["endsOn"], "2020-12-05");
    assert_eq!(count(&api.get("/employment-spells?includeSuperseded=true").expect(200)), 2);
}

#[test]
fn a_job_that_cannot_be_is_refused() {
    let app = TestApp::start();
    let who = taking_part(&app, "2020-10-15", "2020-12-14");
    let stranger = taking_part(&app, "2021-03-01", "2021-04-30");
    let api = app.api(Role::SocialWorker);
    let other_job = api.post("/employment-spells", &job(stranger.person, &json!({}))).id();
    for (other, code, pointer) in [
        (json!({ "endsOn": "2020-11-05" }), "outcomes.spell_ends_before_start", "/endsOn"),
        (json!({ "personId": UNKNOWN }), "platform.reference_not_found", "/personId"),
        (json!({ "kind": "job" }), "platform.invalid_body", "/kind"),
        (json!({ "phase": "during" }), "platform.invalid_body", "/phase"),
        (json!({ "supersedesId": other_job }), "outcomes.correction_incomplete", "/correctionReason"),
        (json!({ "supersedesId": other_job, "correctionReason": "x" }), "platform.reference_not_found", "/supersedesId"),
    ] {
        let refused = api.post("/employment-spells", &job(who.person, &other)).refused(422, code);
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    let foreign = app.other_api(Role::Coordinator).post("/employment-spells", &job(who.person, &json!({})));
    foreign.refused(422, "platform.reference_not_found");
    app.api(Role::FamilyAssistant).post("/employment-spells", &job(who.person, &json!({}))).refused(403, "platform.forbidden");
}

#[test]
fn other_systems_hear_of_a_job_without_personal_data() {
    #[derive(QueryableByName)]
    struct Event {
        #[diesel(sql_type = diesel::sql_types::Text)]
        data: String,
    }
    let app = TestApp::start();
    let who = taking_part(&app, "2020-10-15", "2020-12-14");
    let api = app.api(Role::SocialWorker);
    let id = api.post("/employment-spells", &job(who.person, &json!({ "evidence": "Umowa z Janem K." }))).id();
    api.post("/employment-spells?dryRun=true", &job(who.person, &json!({}))).expect(200);
    let mut superuser = connect(&app.superuser_url).expect("superuser connection");
    let events: Vec<Event> = diesel::sql_query("SELECT data::text AS data FROM outbox_events WHERE type = 'employment.recorded'")
        .load(&mut superuser)
        .expect("events");
    assert_eq!(events.len(), 1, "a dry run announces nothing");
    assert!(events[0].data.contains(&id) && !events[0].data.contains("Janem"));
}

#[test]
fn checks_tell_a_known_no_from_an_unknown() {
    let app = TestApp::start();
    let who = taking_part(&app, "2020-10-15", "2020-12-14");
    let elsewhere = taking_part(&app, "2021-03-01", "2021-04-30");
    let api = app.api(Role::SocialWorker);
    let check = |participation: Uuid, result: &str| json!({ "participationId": participation, "window": "within3Months", "result": result, "checkedOn": "2021-03-10", "source": "register" });
    let made = api.post("/employment-checks", &check(who.participation, "unknown")).expect(201);
    assert_eq!(made["editionId"], json!(who.edition));
    assert_eq!(made["window"], "within3Months");
    api.post("/employment-checks", &check(who.participation, "notEmployed")).expect(201);
    let mut later = check(elsewhere.participation, "employed");
    later["checkedOn"] = json!("2021-05-10");
    api.post("/employment-checks", &later).expect(201);
    assert_eq!(count(&api.get(&format!("/employment-checks?participationId={}", who.participation)).expect(200)), 2);
    assert_eq!(count(&api.get(&format!("/employment-checks?editionId={}", elsewhere.edition)).expect(200)), 1);
    let unknown = api.post("/employment-checks", &check(NOBODY, "employed")).refused(422, "platform.reference_not_found");
    assert_eq!(unknown["errors"][0]["pointer"], "/participationId");
    let other = app.other_api(Role::Coordinator);
    other.post("/employment-checks", &check(who.participation, "employed")).refused(422, "platform.reference_not_found");
    assert_eq!(other.get("/employment-checks").expect(200)["items"], json!([]));
    api.post("/employment-checks", &check(who.participation, "perhaps")).refused(422, "platform.invalid_body");
}

#[test]
fn a_job_is_verified_today_at_the_latest() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let person = build::person(&app);
    let ahead = api.post("/employment-spells", &job(person, &json!({ "verifiedOn": "2026-06-16" })));
    let ahead = ahead.refused(422, "platform.in_future");
    assert_eq!((&ahead["errors"][0]["pointer"], &ahead["today"]), (&json!("/verifiedOn"), &json!("2026-06-15")));
    api.post("/employment-spells", &job(person, &json!({ "verifiedOn": "2026-06-15" }))).expect(201);
}

#[test]
fn an_answer_comes_after_the_beginning_of_the_time_that_it_is_about() {
    let app = TestApp::start();
    let who = taking_part(&app, "2020-10-15", "2020-12-14");
    let api = app.api(Role::SocialWorker);
    for (window, checked_on, status) in [
        ("during", "2020-10-14", 422),
        ("during", "2020-10-15", 201),
        ("within4Weeks", "1990-01-01", 422),
        ("within4Weeks", "2020-12-13", 422),
        ("within4Weeks", "2020-12-14", 201),
    ] {
        let body = json!({ "participationId": who.participation, "window": window, "result": "employed", "checkedOn": checked_on, "source": "register" });
        let answer = api.post("/employment-checks", &body);
        assert_eq!(answer.status, status, "{window} {checked_on}: {}", answer.text);
        if status == 422 {
            assert_eq!(answer.refused(422, "outcomes.check_before_window")["errors"][0]["pointer"], "/checkedOn");
        }
    }
}
