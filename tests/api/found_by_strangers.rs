//! What people who had not seen the code found in it; each of these once answered otherwise.

use crate::support::{TestApp, build};
use diesel::connection::SimpleConnection;
use pai::platform::clock::legal_day;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use serde_json::json;

fn figure(app: &TestApp, edition: &str, definition: &str) -> serde_json::Value {
    app.api(Role::Coordinator).get(&format!("/editions/{edition}/figures?definitionId={definition}")).expect(200)["figures"][0]
        .clone()
}

#[test]
fn places_that_grow_while_recruiting_hold_on_the_first_day() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2016-03-01", "2016-08-31", 1).to_string();
    for (day, places) in [("2016-02-10", 2), ("2016-02-20", 3)] {
        let revision = json!({ "effectiveOn": day, "places": places, "reason": "Zwiększona alokacja" });
        api.post(&format!("/editions/{edition}/plan-revisions"), &revision).expect(201);
    }
    let late = json!({ "effectiveOn": "2016-09-01", "places": 9, "reason": "Za późno" });
    api.post(&format!("/editions/{edition}/plan-revisions"), &late).refused(422, "programmes.after_the_edition");
    for person in build::people(&app, 3) {
        api.post("/participations", &json!({ "editionId": edition, "personId": person, "startsOn": "2016-03-01" })).expect(201);
    }
    assert_eq!(figure(&app, &edition, "M-04.first")["value"], 1);
    assert_eq!(figure(&app, &edition, "M-04.latest")["value"], 3);
    let fourth = json!({ "editionId": edition, "personId": build::person(&app), "startsOn": "2016-03-01" });
    let refused = api.with("Accept-Language", "en").post("/participations", &fourth).refused(409, "participation.no_free_seat");
    assert_eq!(refused["title"], "All places (3) are taken on 2016-03-01");
}

#[test]
fn nobody_replaces_themselves() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 2);
    let person = build::person(&app);
    let admission = json!({ "editionId": edition, "personId": person, "startsOn": "2020-10-15" });
    let participation = api.post("/participations", &admission).id();
    let itself =
        json!({ "personId": person, "effectiveOn": "2020-11-09", "end": { "reason": "employed", "effectiveOn": "2020-11-06" } });
    api.post(&format!("/participations/{participation}/substitution"), &itself).refused(409, "participation.replaces_self");
    assert_eq!(api.get(&format!("/participations/{participation}")).expect(200)["state"], "active");
}

#[test]
fn who_finished_is_unknown_until_an_end_is_recorded() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2018-03-01", "2018-04-30", 2).to_string();
    let participations: Vec<String> = build::people(&app, 2)
        .into_iter()
        .map(|person| {
            api.post("/participations", &json!({ "editionId": edition, "personId": person, "startsOn": "2018-03-01" })).id()
        })
        .collect();
    let statement = json!({ "statements": [{ "kind": "participations", "completeness": "complete", "statedBy": "OPS", "statedOn": "2018-05-10" }] });
    api.post(&format!("/editions/{edition}/collection-statements"), &statement).expect(201);
    assert_eq!(figure(&app, &edition, "M-06")["value"], 2);
    for definition in ["M-09", "M-10", "M-12", "M-11.strict"] {
        let unknown = figure(&app, &edition, definition);
        assert_eq!((&unknown["value"], &unknown["status"]), (&json!(null), &json!("notCollected")), "{definition}");
    }
    for participation in participations {
        let end = json!({ "reason": "completed", "effectiveOn": "2018-04-30" });
        api.post(&format!("/participations/{participation}/end"), &end).expect(200);
    }
    assert_eq!(figure(&app, &edition, "M-09")["value"], 2);
}

#[test]
fn a_row_locked_by_somebody_else_is_a_matter_of_time_not_a_failure() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 2);
    let mut other = connect(&app.superuser_url).expect("superuser connection");
    other.batch_execute(&format!("BEGIN; SELECT 1 FROM editions WHERE id = '{edition}' FOR UPDATE")).expect("a lock");
    let revision = json!({ "effectiveOn": "2020-10-15", "places": 3, "reason": "Zmiana" });
    let refused = api.post(&format!("/editions/{edition}/plan-revisions"), &revision);
    refused.refused(503, "platform.unavailable");
    assert_eq!(refused.header("retry-after"), "1");
    other.batch_execute("ROLLBACK").expect("the lock goes");
    api.post(&format!("/editions/{edition}/plan-revisions"), &revision).expect(201);
}

#[test]
fn a_body_is_an_object_in_plain_json() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    api.post("/households", &json!([null, "arr"])).refused(422, "platform.invalid_body");
    let encoded = api.with("Content-Encoding", "br").post("/households", &json!({}));
    encoded.refused(415, "platform.unsupported_media_type");
}

#[test]
fn an_answer_repeats_no_pesel_that_stood_in_the_path() {
    let app = TestApp::start();
    let refused = app.api(Role::Coordinator).get("/people/44051401359");
    assert!(!refused.text.contains("44051401359"), "{}", refused.text);
    let filter = app.api(Role::Coordinator).get("/psu-entries?from=2018-05");
    assert_eq!(filter.refused(400, "platform.invalid_parameter")["errors"][0]["pointer"], "from");
}

#[test]
fn an_edition_is_closed_while_its_hours_are_written() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    for _ in 0..3 {
        let edition = build::edition(&app, "2019-03-01", "2019-04-30", 1).to_string();
        let admission = json!({ "editionId": edition, "personId": build::person(&app), "startsOn": "2019-03-01" });
        let participation = api.post("/participations", &admission).id();
        let callers: Vec<_> = (0..8)
            .map(|number| {
                let (api, edition, participation) = (api.clone(), edition.clone(), participation.clone());
                std::thread::spawn(move || {
                    if number % 2 == 0 {
                        let entry = json!({ "participationId": participation, "workedOn": "2019-03-11", "hours": "0.25" });
                        return api.post("/psu-entries", &entry).expect(201)["hours"].clone();
                    }
                    let closed = api.post(&format!("/editions/{edition}/closure"), &json!({ "effectiveOn": "2019-04-30" }));
                    assert!([200, 409].contains(&closed.status), "{}", closed.text);
                    json!(closed.status)
                })
            })
            .collect();
        let answers: Vec<_> = callers.into_iter().map(|caller| caller.join().expect("an answer")).collect();
        assert_eq!(answers.iter().filter(|answer| **answer == 200).count(), 1, "{answers:?}");
    }
}

#[test]
fn the_path_of_a_search_has_no_other_methods() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker).with("Pai-Purpose", "recruitment");
    for method in ["GET", "PUT", "DELETE", "OPTIONS"] {
        let refused = api.send(method, "/people/search", Some(json!({ "surname": "Nowak" }).to_string()));
        refused.refused(405, "platform.method_not_allowed");
        assert_eq!(refused.header("allow"), "POST", "{method}");
    }
}

#[test]
fn a_code_holds_no_pesel_either() {
    let app = TestApp::start();
    let number = "44051401359";
    let api = app.api(Role::SocialWorker);
    let household = api.post("/households", &json!({})).id();
    let edition = build::edition(&app, "2019-01-01", "2019-12-31", 1);
    let path = format!("/households/{household}/assistants");
    let assigned = |code: &str| json!({ "assistant": code, "editionId": edition, "from": "2019-01-01" });
    for code in [number.to_owned(), format!("c{number}"), "440514-01359".to_owned()] {
        let refused = api.post(&path, &assigned(&code));
        let said = refused.refused(422, "platform.pesel_in_text");
        assert_eq!((&said["errors"][0]["pointer"], refused.text.contains(number)), (&json!("/assistant"), false), "{code}");
    }
    api.post(&path, &assigned("AR-2019.05-0211011")).expect(201);
    let filtered = api.get(&format!("/households?assistant=c{number}"));
    let said = filtered.refused(400, "platform.invalid_parameter");
    assert_eq!(
        (&said["errors"][0]["pointer"], &said["errors"][0]["code"], filtered.text.contains(number)),
        (&json!("assistant"), &json!("platform.pesel_in_text"), false)
    );
    api.get("/households?assistant=AR-2019.05-0211011").expect(200);
}

#[test]
fn what_has_happened_is_not_dated_ahead() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 2);
    let person = build::person(&app);
    let tomorrow = legal_day(app.clock.now()).succ_opt().expect("a day");
    let admission = json!({ "editionId": edition, "personId": person, "startsOn": "2020-10-15" });
    let participation = app.api(Role::Coordinator).post("/participations", &admission).id();
    let fact = json!({ "kind": "disability", "value": "true", "from": "2020-01-01", "source": "PZON", "evidenceOn": tomorrow });
    let plan = |signed: &str| {
        json!({ "kind": "selfRelianceProgramme", "personId": person, "signedOn": signed, "from": "2020-10-15", "author": "socialWorker",
                "parts": { "goals": ["Praca"], "actions": [{ "by": "client", "what": "Kurs" }] } })
    };
    let kept = api.post("/individual-plans", &plan("2020-10-14")).id();
    let check = json!({ "participationId": participation, "window": "within4Weeks", "result": "notEmployed", "checkedOn": tomorrow, "source": "labourOffice" });
    let template = json!({ "code": "future", "version": 1, "name": "Arkusz", "competences": [{ "code": "one", "name": "Jedna" }],
        "scale": { "min": "1", "max": "5", "step": "1", "higherIsBetter": true, "labels": [] } });
    let template = app.api(Role::Coordinator).post("/sheet-templates", &template).id();
    let sheet = json!({ "participationId": participation, "templateId": template, "rater": "self", "moment": "mid", "filledOn": tomorrow,
        "scores": [{ "competence": "one", "score": "3" }] });
    let statement =
        json!({ "statements": [{ "kind": "employment", "completeness": "complete", "statedBy": "PUP", "statedOn": tomorrow }] });
    for (path, body, pointer) in [
        (format!("/people/{person}/facts"), fact, "/evidenceOn"),
        ("/individual-plans".to_owned(), plan(&tomorrow.to_string()), "/signedOn"),
        (
            format!("/individual-plans/{kept}/events"),
            json!({ "kind": "contact", "occurredOn": tomorrow, "form": "visit" }),
            "/occurredOn",
        ),
        ("/employment-checks".to_owned(), check, "/checkedOn"),
        ("/sheets".to_owned(), sheet, "/filledOn"),
        (format!("/editions/{edition}/collection-statements"), statement, "/statements/0/statedOn"),
    ] {
        let caller =
            if path.ends_with("collection-statements") { app.api(Role::Coordinator) } else { app.api(Role::SocialWorker) };
        let problem = caller.post(&path, &body).refused(422, "platform.in_future");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{path}");
    }
}
