//! Recruitment and substitution of a whole edition: twenty candidates for nine places.

use crate::support::{Api, TestApp, build};
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

struct Run {
    edition: Uuid,
    applications: Vec<String>,
    participations: Vec<String>,
}

/// Twenty apply; the last one takes a job, nine are selected and start, ten wait.
fn recruit(app: &TestApp, api: &Api) -> Run {
    let edition = build::edition(app, "2020-10-15", "2020-12-14", 9);
    let applications: Vec<String> = build::people(app, 20)
        .into_iter()
        .map(|person| {
            api.post("/applications", &json!({ "editionId": edition, "personId": person, "receivedOn": "2020-10-01" })).id()
        })
        .collect();
    let withdrawal = json!({ "reason": "employed", "effectiveOn": "2020-10-08" });
    api.post(&format!("/applications/{}/withdrawal", applications[19]), &withdrawal).expect(200);
    for (place, application) in applications.iter().take(19).enumerate() {
        let decision = if place < 9 { "selected" } else { "reserve" };
        let body = json!({ "decision": decision, "effectiveOn": "2020-10-12", "reason": "Kryteria porozumienia" });
        api.post(&format!("/applications/{application}/decisions"), &body).expect(200);
    }
    let participations = (1..=9)
        .zip(&applications)
        .map(|(seat, application)| {
            api.post("/participations", &json!({ "applicationId": application, "startsOn": "2020-10-15", "seat": seat })).id()
        })
        .collect();
    Run { edition, applications, participations }
}

fn substitution(application: &str, on: &str, left_on: &str) -> Value {
    json!({ "applicationId": application, "effectiveOn": on, "end": { "reason": "employed", "effectiveOn": left_on } })
}

fn count(api: &Api, list: &str) -> usize {
    api.get(list).expect(200)["items"].as_array().map_or(0, Vec::len)
}

#[test]
fn two_replacements_keep_nine_places_taken_to_the_end() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let run = recruit(&app, &api);
    let edition = run.edition;
    let first = api
        .post(
            &format!("/participations/{}/substitution", run.participations[2]),
            &substitution(&run.applications[9], "2020-11-09", "2020-11-06"),
        )
        .expect(201);
    assert_eq!((&first["replacesId"], &first["seat"]), (&json!(run.participations[2]), &json!(3)));
    let second = format!("/participations/{}/substitution", run.participations[6]);
    api.post(&second, &substitution(&run.applications[10], "2020-11-23", "2020-11-20")).expect(201);
    let left = api.get(&format!("/participations/{}", run.participations[2])).expect(200);
    assert_eq!((&left["replacedById"], &left["endedOn"]), (&first["id"], &json!("2020-11-06")));
    for (day, present) in [
        ("2020-10-14", 0),
        ("2020-10-15", 9),
        ("2020-11-06", 9),
        ("2020-11-07", 8),
        ("2020-11-09", 9),
        ("2020-11-22", 8),
        ("2020-12-14", 9),
    ] {
        assert_eq!(count(&api, &format!("/participations?editionId={edition}&activeOn={day}")), present, "{day}");
    }
    let closed = api.post(&format!("/editions/{edition}/closure"), &json!({ "effectiveOn": "2020-12-14" })).expect(200);
    assert_eq!(closed["completedParticipationIds"].as_array().map(Vec::len), Some(9));
    assert_eq!(count(&api, &format!("/participations?editionId={edition}")), 11);
    assert_eq!(count(&api, &format!("/participations?editionId={edition}&state=exited")), 2);
    assert_eq!(count(&api, &format!("/applications?editionId={edition}")), 20);
    let reserve = api.get(&format!("/applications?editionId={edition}&state=reserve")).expect(200);
    let waiting = reserve["items"].as_array().expect("items").iter().filter(|application| application["placed"] == false);
    assert_eq!(waiting.count(), 8);
}

#[test]
fn a_place_is_taken_over_once_and_not_before_it_is_free() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let run = recruit(&app, &api);
    let (next, after_next) = (&run.applications[9], &run.applications[10]);
    let path = format!("/participations/{}/substitution", run.participations[2]);
    let without_end = json!({ "applicationId": next, "effectiveOn": "2020-11-09" });
    api.post(&path, &without_end).refused(409, "participation.replacement_target_active");
    api.post(&path, &substitution(next, "2020-11-06", "2020-11-06")).refused(422, "participation.replacement_too_early");
    let completed = json!({ "applicationId": next, "effectiveOn": "2020-12-14", "end": { "reason": "completed", "effectiveOn": "2020-12-14" } });
    api.post(&path, &completed).refused(409, "participation.completed_not_replaced");
    api.post(&path, &substitution(&run.applications[19], "2020-11-09", "2020-11-06")).refused(409, "participation.not_selected");
    // A refused substitution does not end the leaving participation either.
    assert_eq!(api.get(&format!("/participations/{}", run.participations[2])).expect(200)["state"], "active");
    let elsewhere = build::edition(&app, "2021-10-15", "2021-12-14", 9);
    let application = json!({ "editionId": elsewhere, "personId": build::person(&app), "receivedOn": "2020-10-01" });
    let application = api.post("/applications", &application).id();
    api.post(&path, &substitution(&application, "2020-11-09", "2020-11-06")).refused(422, "platform.reference_not_found");
    app.other_api(Role::SocialWorker)
        .post(&path, &substitution(next, "2020-11-09", "2020-11-06"))
        .refused(404, "platform.not_found");
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let running: Vec<_> = [next, after_next]
            .into_iter()
            .map(|application| {
                let (api, path) = (api.clone(), path.clone());
                scope.spawn(move || api.post(&path, &substitution(application, "2020-11-09", "2020-11-06")).status)
            })
            .collect();
        running.into_iter().map(|thread| thread.join().expect("answered")).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
    let third = json!({ "applicationId": run.applications[11], "effectiveOn": "2020-11-10" });
    api.post(&path, &third).refused(409, "participation.already_replaced");
}
