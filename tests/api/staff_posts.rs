//! Posts of a project and their sum on a day; events of a project with place and numbers.

use crate::support::{NOBODY, TestApp, build};
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

struct Project {
    programme: String,
    edition: Uuid,
}

fn project(app: &TestApp) -> Project {
    let edition = build::edition(app, "2020-10-15", "2020-12-14", 9);
    let read = app.api(Role::Coordinator).get(&format!("/editions/{edition}")).expect(200);
    Project { programme: read["programmeId"].as_str().expect("an id").to_owned(), edition }
}

fn post(project: &Project, kind: &str, full_time: &str, from: &str, to: Option<&str>) -> Value {
    json!({ "programmeId": project.programme, "kind": kind, "fullTime": full_time, "from": from, "to": to, "fundingSource": "ESF" })
}

#[test]
fn full_time_equivalents_of_a_day_are_exact() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let project = project(&app);
    for (kind, full_time, from, to) in [
        ("socialWorker", "0.10", "2020-10-01", None),
        ("socialWorker", "0.20", "2020-10-15", Some("2020-11-30")),
        ("coordinator", "1", "2020-10-01", Some("2020-10-31")),
    ] {
        api.post("/staff-posts", &post(&project, kind, full_time, from, to)).expect(201);
    }
    let mut of_edition = post(&project, "familyAssistant", "0.75", "2020-10-15", None);
    of_edition["editionId"] = json!(project.edition);
    api.post("/staff-posts", &of_edition).expect(201);

    let sum = |query: &str| {
        let sum = app.api(Role::Statistician).get(&format!("/staff-posts/full-time-equivalents?{query}")).expect(200);
        (sum["posts"].as_u64(), sum["fullTime"].as_str().map(str::to_owned))
    };
    let programme = format!("programmeId={}", project.programme);
    for (on, posts, full_time) in [
        ("2020-09-30", 0, "0.00"),
        ("2020-10-14", 2, "1.10"),
        ("2020-10-15", 4, "2.05"),
        ("2020-10-31", 4, "2.05"),
        ("2020-11-01", 3, "1.05"),
        ("2020-12-01", 2, "0.85"),
    ] {
        assert_eq!(sum(&format!("{programme}&effectiveOn={on}")), (Some(posts), Some(full_time.to_owned())), "{on}");
    }
    assert_eq!(sum(&format!("editionId={}&effectiveOn=2020-10-15", project.edition)), (Some(1), Some("0.75".to_owned())));
    let by_kind = api.get(&format!("/staff-posts/full-time-equivalents?{programme}&effectiveOn=2020-10-15")).expect(200);
    let of_workers = by_kind["byKind"].as_array().expect("kinds").iter().find(|one| one["kind"] == "socialWorker");
    assert_eq!(of_workers.map(|one| (&one["posts"], &one["fullTime"])), Some((&json!(2), &json!("0.30"))));
    api.get("/staff-posts/full-time-equivalents").refused(400, "platform.invalid_parameter");
}

#[test]
fn the_end_of_a_post_is_a_correction_and_the_earlier_one_stays_readable() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let project = project(&app);
    let first = api.post("/staff-posts", &post(&project, "accountant", "0.25", "2020-10-01", None)).id();
    let mut ended = post(&project, "accountant", "0.25", "2020-10-01", Some("2020-11-15"));
    ended["supersedesId"] = json!(first);
    api.post("/staff-posts", &ended).refused(422, "programmes.post_correction");
    ended["correctionReason"] = json!("Koniec umowy");
    api.post("/staff-posts", &ended).expect(201);
    api.post("/staff-posts", &ended).refused(409, "platform.already_superseded");
    let path = format!("/staff-posts?programmeId={}", project.programme);
    let on = |day: &str| api.get(&format!("{path}&effectiveOn={day}")).expect(200)["items"].as_array().map(Vec::len);
    assert_eq!((on("2020-11-15"), on("2020-11-16")), (Some(1), Some(0)));
    assert_eq!(api.get(&format!("{path}&includeSuperseded=true")).expect(200)["items"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_post_fits_its_project_and_is_at_most_full_time() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let (own, other) = (project(&app), project(&app));
    for (field, value, code) in [
        ("fullTime", json!("0"), "programmes.post_share"),
        ("fullTime", json!("1.01"), "programmes.post_share"),
        ("fullTime", json!("0.125"), "platform.invalid_body"),
        ("to", json!("2020-09-30"), "programmes.period_reversed"),
        ("editionId", json!(other.edition), "programmes.post_of_another_programme"),
        ("editionId", json!(NOBODY), "platform.reference_not_found"),
        ("programmeId", json!(NOBODY), "platform.reference_not_found"),
        ("note", json!("Anna, PESEL 44051401359"), "platform.pesel_in_text"),
    ] {
        let mut body = post(&own, "psychologist", "0.50", "2020-10-01", None);
        body[field] = value.clone();
        let refused = api.post("/staff-posts", &body).refused(422, code);
        assert_eq!(refused["errors"][0]["pointer"], format!("/{field}"), "{value}");
    }
    app.api(Role::SocialWorker)
        .post("/staff-posts", &post(&own, "other", "1", "2020-10-01", None))
        .refused(403, "platform.forbidden");
}

#[test]
fn events_of_a_project_tell_where_they_were_and_how_many_came() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let project = project(&app);
    let path = format!("/editions/{}/events", project.edition);
    for (kind, count) in [("informationMeeting", Some(24)), ("fair", None), ("trip", Some(0)), ("closingMeeting", Some(9))] {
        let event = json!({ "kind": kind, "occurredOn": "2020-10-20", "occurredPrecision": "month", "place": "Dom kultury",
            "participantCount": count, "note": "Zgodnie z planem" });
        let recorded = api.post(&path, &event).expect(201);
        // Not counted is not zero.
        assert_eq!(recorded["participantCount"], json!(count), "{kind}");
        assert_eq!((&recorded["place"], &recorded["occurredPrecision"]), (&json!("Dom kultury"), &json!("month")));
    }
    assert_eq!(api.get(&path).expect(200)["items"].as_array().map(Vec::len), Some(4));
    let wrong = json!({ "kind": "fair", "occurredOn": "2020-10-20", "participantCount": -1 });
    api.post(&path, &wrong).refused(422, "platform.invalid_body");
}
