//! Admission, ends, suspensions and the closing of an edition.

use crate::support::{Api, NOBODY, TestApp, build};
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

fn admission(edition: Uuid, person: Uuid, starts_on: &str) -> Value {
    json!({ "editionId": edition, "personId": person, "startsOn": starts_on })
}

fn end(api: &Api, id: &str, reason: &str, on: &str) -> crate::support::Answer {
    api.post(&format!("/participations/{id}/end"), &json!({ "reason": reason, "effectiveOn": on }))
}

#[test]
fn only_one_of_sixteen_gets_the_last_place() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 3);
    for person in build::people(&app, 2) {
        api.post("/participations", &admission(edition, person, "2020-10-15")).expect(201);
    }
    let people = build::people(&app, 16);
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let running: Vec<_> = people
            .iter()
            .map(|person| {
                let api = api.clone();
                scope.spawn(move || {
                    let answer = api.post("/participations", &admission(edition, *person, "2020-11-02"));
                    if answer.status != 201 {
                        let full = answer.refused(409, "participation.no_free_seat");
                        assert_eq!((&full["places"], &full["taken"], &full["day"]), (&json!(3), &json!(3), &json!("2020-11-02")));
                    }
                    answer.status
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().expect("answered")).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1);
    let last = build::person(&app);
    let mut over_plan = admission(edition, last, "2020-11-02");
    over_plan["override"] = json!({ "reason": "Miejsce uzgodnione z urzędem pracy" });
    let admitted = api.post("/participations", &over_plan).expect(201);
    assert_eq!(admitted["overrideReason"], "Miejsce uzgodnione z urzędem pracy");
    let present = api.get(&format!("/participations?editionId={edition}&activeOn=2020-11-02")).expect(200);
    assert_eq!(present["items"].as_array().map(Vec::len), Some(4));
}

#[test]
fn six_months_in_total_are_allowed_and_more_only_with_a_reason() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let person = build::person(&app);
    for (from, to) in [("2015-05-01", "2015-06-30"), ("2015-07-28", "2015-09-27"), ("2016-01-01", "2016-02-29")] {
        let edition = build::edition(&app, from, to, 10);
        let id = api.post("/participations", &admission(edition, person, from)).id();
        assert_eq!(end(&api, &id, "completed", to).expect(200)["endPolarity"], "positive");
    }
    let fourth = build::edition(&app, "2016-05-01", "2016-06-30", 10);
    let mut body = admission(fourth, person, "2016-05-01");
    let refused = api.post("/participations", &body).refused(422, "participation.cumulative_limit");
    assert_eq!((&refused["already"], &refused["this"], &refused["limit"]), (&json!("6.000000"), &json!("2.000000"), &json!(6)));
    body["override"] = json!({ "reason": "Decyzja kierownika ośrodka" });
    let admitted = api.post("/participations", &body).expect(201);
    assert_eq!(admitted["overrideReason"], "Decyzja kierownika ośrodka");
    let id = admitted["id"].as_str().expect("an id");
    let audit = app.api(Role::Auditor).get(&format!("/audit-entries?recordId={id}")).expect(200);
    assert_eq!(audit["items"][0]["overrideReason"], "Decyzja kierownika ośrodka");
}

#[test]
fn an_admission_that_contradicts_its_edition_or_application_is_refused() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 9);
    let person = build::person(&app);
    let post = |body: Value| api.post("/participations", &body);
    let refused_at = |problem: &Value| problem["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned();
    let early = post(admission(edition, person, "2020-10-14")).refused(422, "participation.outside_edition");
    assert_eq!(refused_at(&early), "/startsOn");
    let mut long = admission(edition, person, "2020-10-15");
    long["plannedEndOn"] = json!("2020-12-15");
    assert_eq!(refused_at(&post(long).refused(422, "participation.outside_edition")), "/plannedEndOn");
    post(json!({ "editionId": edition, "startsOn": "2020-10-15" })).refused(422, "participation.who_and_where");
    let unknown = post(admission(edition, NOBODY, "2020-10-15")).refused(422, "platform.reference_not_found");
    assert_eq!(refused_at(&unknown), "/personId");
    let application = json!({ "editionId": edition, "personId": person, "receivedOn": "2020-10-01" });
    let application = api.post("/applications", &application).id();
    let by_application = json!({ "applicationId": application, "startsOn": "2020-10-15", "seat": 4 });
    post(by_application.clone()).refused(409, "participation.not_selected");
    // The application counts also where the body does not name it.
    post(admission(edition, person, "2020-10-15")).refused(409, "participation.not_selected");
    let decision = json!({ "decision": "selected", "effectiveOn": "2020-10-12", "reason": "Kryteria porozumienia" });
    api.post(&format!("/applications/{application}/decisions"), &decision).expect(200);
    let admitted = post(by_application).expect(201);
    assert_eq!((&admitted["applicationId"], &admitted["seat"]), (&json!(application), &json!(4)));
    assert_eq!(admitted["plannedEndOn"], "2020-12-14");
    post(admission(edition, person, "2020-11-02")).refused(409, "participation.overlap");
    assert_eq!(api.get(&format!("/applications/{application}")).expect(200)["placed"], true);
    let withdrawal = json!({ "reason": "refused", "effectiveOn": "2020-10-16" });
    api.post(&format!("/applications/{application}/withdrawal"), &withdrawal).refused(409, "recruitment.placed");
    let id = admitted["id"].as_str().expect("an id");
    let foreign = app.other_api(Role::Coordinator);
    foreign.get(&format!("/participations/{id}")).refused(404, "platform.not_found");
    foreign.get(&format!("/participations/{id}/events")).refused(404, "platform.not_found");
    end(&foreign, id, "moved", "2020-11-02").refused(404, "platform.not_found");
    let theirs = foreign.post("/participations", &admission(edition, person, "2020-10-15"));
    assert_eq!(refused_at(&theirs.refused(422, "platform.reference_not_found")), "/editionId");
}

#[test]
fn a_participation_ends_once_within_its_days_and_after_its_last_fact() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 9);
    let person = build::person(&app);
    let id = api.post("/participations", &admission(edition, person, "2020-10-15")).id();
    end(&api, &id, "completed", "2020-12-13").refused(422, "participation.completed_early");
    end(&api, &id, "employed", "2020-12-15").refused(422, "participation.outside_participation");
    let suspensions = format!("/participations/{id}/suspensions");
    let rest = |from: &str, to: &str| json!({ "from": from, "to": to, "reason": "health" });
    api.post(&suspensions, &rest("2020-10-26", "2020-10-30")).expect(201);
    api.post(&suspensions, &rest("2020-10-30", "2020-11-01")).refused(409, "participation.suspension_overlap");
    api.post(&suspensions, &rest("2020-11-02", "2020-11-01")).refused(422, "participation.inverted_period");
    api.post(&suspensions, &rest("2020-10-14", "2020-10-15")).refused(422, "participation.outside_participation");
    let entry = NOBODY;
    build::enter(
        &app,
        &format!(
            "INSERT INTO psu_entries (id, edition_id, participation_id, person_id, worked_on, minutes)
             VALUES ('{entry}', '{edition}', '{id}', '{person}', '2020-11-09', 120)"
        ),
    );
    api.post(&suspensions, &rest("2020-11-09", "2020-11-09")).refused(409, "participation.facts_in_suspension");
    let later = end(&api, &id, "employed", "2020-11-06").refused(409, "participation.facts_after_end");
    assert_eq!((&later["psuEntries"], &later["attendance"]), (&json!(1), &json!(0)));
    let ended = end(&api, &id, "interruptedOwnFault", "2020-11-09").expect(200);
    assert_eq!(
        (&ended["state"], &ended["endPolarity"], &ended["ownFault"]),
        (&json!("exited"), &json!("negative"), &json!(true))
    );
    end(&api, &id, "employed", "2020-11-09").refused(409, "participation.already_ended");
    let read = api.get(&format!("/participations/{id}")).expect(200);
    assert_eq!(read["suspensions"].as_array().map(Vec::len), Some(1));
    assert_eq!((&read["replacedById"], &read["endedOn"]), (&json!(null), &json!("2020-11-09")));
    let history = api.get(&format!("/participations/{id}/events")).expect(200);
    assert_eq!(history["items"].as_array().map(Vec::len), Some(3));
    // Days after the end are free for the same person again.
    api.post("/participations", &admission(edition, person, "2020-11-10")).expect(201);
}

#[test]
fn closing_an_edition_completes_those_who_stayed() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 9);
    let people = build::people(&app, 3);
    let ids: Vec<String> = people
        .iter()
        .take(2)
        .map(|person| api.post("/participations", &admission(edition, *person, "2020-10-15")).id())
        .collect();
    end(&api, &ids[1], "health", "2020-11-20").expect(200);
    let closure = format!("/editions/{edition}/closure");
    let early = api.post(&closure, &json!({ "effectiveOn": "2020-12-01" })).refused(409, "participation.still_running");
    assert_eq!(early["participationIds"], json!([ids[0]]));
    app.other_api(Role::Coordinator).post(&closure, &json!({ "effectiveOn": "2020-12-14" })).refused(404, "platform.not_found");
    let closed = api.post(&closure, &json!({ "effectiveOn": "2020-12-14" })).expect(200);
    assert_eq!((&closed["closedOn"], &closed["completedParticipationIds"]), (&json!("2020-12-14"), &json!([ids[0]])));
    let completed = api.get(&format!("/participations/{}", ids[0])).expect(200);
    assert_eq!((&completed["state"], &completed["endedOn"]), (&json!("completed"), &json!("2020-12-14")));
    assert_eq!(api.get(&format!("/participations/{}", ids[1])).expect(200)["state"], "exited");
    api.post(&closure, &json!({ "effectiveOn": "2020-12-14" })).refused(409, "participation.edition_already_closed");
    let deserted = build::edition(&app, "2021-10-15", "2021-12-14", 9);
    api.post(&format!("/editions/{deserted}/closure"), &json!({ "effectiveOn": "2021-11-01" })).expect(200);
    let late = api.post("/participations", &admission(deserted, people[2], "2021-10-15"));
    assert_eq!(late.refused(409, "participation.edition_closed")["closedOn"], "2021-11-01");
}
