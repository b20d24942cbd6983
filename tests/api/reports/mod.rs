//! Final reports: drawn up from the figures, approved for good, the same bytes for ever.

mod formats;
mod scenarios;

use pai::platform::policy::Role;
use pai::platform::secrets::digest_hex;
use serde_json::{Value, json};

use crate::scenarios::lubin;
use crate::support::replay::Replay;
use crate::support::{Answer, Api, NOBODY, TestApp};

/// Every format of a report.
pub const FORMATS: [&str; 5] =
    ["format=html", "format=pdf", "format=xlsx", "format=csv&dialect=excelPl", "format=csv&dialect=rfc4180"];

pub fn draft(api: &Api, edition: &str) -> String {
    let body = json!({ "editionId": edition, "notes": [{ "heading": "Wnioski", "text": "Pierwszy wiersz\n=drugi wiersz" }] });
    api.post("/reports", &body).id()
}

pub fn approve(api: &Api, report: &str, body: &Value) -> Answer {
    let etag = api.get(&format!("/reports/{report}")).header("etag").to_owned();
    api.with("If-Match", &etag).post(&format!("/reports/{report}/approval"), body)
}

/// The edition of nine places, entered and over.
fn edition_of(app: &TestApp) -> (Replay, String) {
    let replay = Replay::programme(app, "PAI-2019", "2020-10-01");
    let edition = lubin::enter(&replay);
    (replay, edition)
}

fn all_bytes(api: &Api, report: &str) -> Vec<Vec<u8>> {
    let files = FORMATS.iter().map(|format| {
        let answer = api.get(&format!("/reports/{report}/file?{format}"));
        assert_eq!(answer.status, 200, "{format}: {}", answer.text);
        answer.bytes
    });
    files.chain([api.get(&format!("/reports/{report}/document")).bytes]).collect()
}

/// Somebody is found to have had a job within three months after all.
fn another_job(replay: &Replay, edition: &str) {
    let participations = replay.api.get(&format!("/participations?editionId={edition}")).expect(200);
    let person = &participations["items"][0]["personId"];
    let job = json!({ "personId": person, "startsOn": "2020-12-10", "kind": "unknown", "source": "labourOffice" });
    replay.api.post("/employment-spells", &job).expect(201);
}

#[test]
fn an_approved_report_comes_back_to_the_byte_whatever_is_recorded_later() {
    let app = TestApp::start();
    let (replay, edition) = edition_of(&app);
    let api = &replay.api;
    let report = draft(api, &edition);
    let approved = approve(api, &report, &json!({ "effectiveOn": "2020-12-18" })).expect(200);
    assert_eq!((&approved["state"], &approved["approvedOn"]), (&json!("approved"), &json!("2020-12-18")));
    let before = all_bytes(api, &report);
    assert_eq!(approved["documentSha256"], json!(digest_hex(before.last().expect("the document"))));
    let files = api.get(&format!("/reports/{report}/files")).expect(200);
    let files = files["items"].as_array().expect("items").clone();
    assert_eq!(files.len(), FORMATS.len());
    for bytes in &before[..FORMATS.len()] {
        let of_file = |file: &&Value| file["sha256"] == json!(digest_hex(bytes)) && file["bytes"] == json!(bytes.len());
        assert!(files.iter().any(|file| of_file(&file)), "a file without its hash");
    }
    assert!(api.get(&format!("/reports/{report}/differences")).expect(200)["differences"].as_array().expect("none").is_empty());

    another_job(&replay, &edition);
    app.clock.advance(chrono::TimeDelta::days(40));
    let api = &app.api(Role::Coordinator);
    assert_eq!(all_bytes(api, &report), before, "the same bytes for ever");
    let changed = api.get(&format!("/reports/{report}/differences")).expect(200);
    let during = changed["differences"].as_array().expect("differences").iter().find(|one| one["definitionId"] == "M-21.during");
    let during = during.expect("the job that was found out");
    assert_eq!((&during["reported"]["value"], &during["now"]["value"]), (&json!(2), &json!(3)));
    assert!(changed["unchanged"].as_i64().expect("a count") > 100);

    // What was found out makes a new report that says which it replaces.
    let body = json!({ "editionId": edition });
    assert_eq!(api.post("/reports", &body).refused(409, "reports.exists")["reportId"], json!(report));
    let body = json!({ "editionId": edition, "replacesId": report });
    api.post("/reports", &body).refused(422, "reports.replacement_incomplete");
    let body = json!({ "editionId": edition, "replacesId": NOBODY, "replacementReason": "Nowe dane" });
    api.post("/reports", &body).refused(422, "platform.reference_not_found");
    let body = json!({ "editionId": edition, "replacesId": report, "replacementReason": "Nowe dane" });
    let second = api.post("/reports", &body).id();
    approve(api, &second, &json!({ "effectiveOn": "2021-01-20" })).expect(200);
    let document = api.get(&format!("/reports/{second}/document")).expect(200);
    assert_eq!(
        document["replaces"],
        json!({ "id": report, "number": 1, "reason": "Nowe dane" }),
        "number {}",
        document["number"]
    );
    assert_eq!(document["number"], 2);
    assert_eq!(all_bytes(api, &report), before);
    api.post("/reports", &body).refused(409, "reports.not_in_force");
}

#[test]
fn a_draft_is_approved_once_and_only_as_it_was_seen() {
    let app = TestApp::start();
    let (replay, edition) = edition_of(&app);
    let api = &replay.api;
    let first = draft(api, &edition);
    let again = json!({ "editionId": edition });
    assert_eq!(api.post("/reports", &again).refused(409, "reports.draft_open")["reportId"], json!(first));
    // A draft can be looked at in every format, and says that it is one.
    assert!(api.get(&format!("/reports/{first}/file")).text.contains("szkic"));
    assert_eq!(all_bytes(api, &first), all_bytes(api, &first));
    assert_eq!(api.get(&format!("/reports/{first}/files")).expect(200)["items"], json!([]));

    let day = json!({ "effectiveOn": "2020-12-18" });
    api.post(&format!("/reports/{first}/approval"), &day).refused(428, "platform.precondition_required");
    let stale = api.with("If-Match", "\"7\"");
    stale.post(&format!("/reports/{first}/approval"), &day).refused(412, "platform.precondition_failed");
    approve(api, &first, &json!({ "effectiveOn": "2020-12-13" })).refused(409, "reports.edition_not_over");
    approve(api, &first, &json!({ "effectiveOn": "2026-06-16" })).refused(422, "platform.in_future");

    another_job(&replay, &edition);
    assert!(approve(api, &first, &day).refused(409, "reports.outdated")["differences"].as_i64().expect("a count") > 0);
    let withdrawn = api.get(&format!("/reports/{first}"));
    let withdrawing = api.with("If-Match", withdrawn.header("etag"));
    withdrawing.post(&format!("/reports/{first}/withdrawal"), &json!({ "reason": "Nowe dane" })).expect(200);
    approve(api, &first, &day).refused(409, "reports.not_draft");

    let second = draft(api, &edition);
    assert_eq!(api.get(&format!("/reports/{second}")).expect(200)["number"], 2, "a number is not given twice");
    let read = api.get(&format!("/reports/{second}/document")).expect(200);
    let participations = api.get(&format!("/participations?editionId={edition}")).expect(200);
    let person = &participations["items"][1]["personId"];
    let job = json!({ "personId": person, "startsOn": "2020-12-11", "kind": "unknown", "source": "labourOffice" });
    api.post("/employment-spells", &job).expect(201);
    let as_drafted = json!({ "effectiveOn": "2020-12-18", "evenIfChanged": true });
    approve(api, &second, &as_drafted).expect(200);
    let mut kept = api.get(&format!("/reports/{second}/document")).expect(200);
    kept["approvedOn"] = Value::Null;
    assert_eq!(kept, read, "what was approved is what was seen");
    approve(api, &second, &as_drafted).refused(409, "reports.not_draft");
}

#[test]
fn two_approvals_at_once_leave_one_set_of_files() {
    let app = TestApp::start();
    let (replay, edition) = edition_of(&app);
    let report = draft(&replay.api, &edition);
    let outcomes: Vec<u16> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..4)
            .map(|_| {
                let api = replay.api.with("If-Match", "\"1\"");
                let path = format!("/reports/{report}/approval");
                scope.spawn(move || api.post(&path, &json!({ "effectiveOn": "2020-12-18" })).status)
            })
            .collect();
        calls.into_iter().map(|call| call.join().expect("a call")).collect()
    });
    assert_eq!(outcomes.iter().filter(|status| **status == 200).count(), 1, "{outcomes:?}");
    let files = replay.api.get(&format!("/reports/{report}/files")).expect(200);
    assert_eq!(files["items"].as_array().map(Vec::len), Some(FORMATS.len()));
}

#[test]
fn the_database_itself_refuses_to_change_what_was_approved() {
    use diesel::connection::SimpleConnection as _;
    let app = TestApp::start();
    let (replay, edition) = edition_of(&app);
    let report = draft(&replay.api, &edition);
    approve(&replay.api, &report, &json!({ "effectiveOn": "2020-12-18" })).expect(200);
    let mut owner = pai::platform::migrations::connect(&app.owner_url).expect("owner");
    owner.batch_execute(&format!("SET app.tenant = '{}'", app.town.id)).expect("tenant");
    for statement in [
        "UPDATE reports SET document = '\\x00'",
        "UPDATE reports SET state = 'withdrawn'",
        "UPDATE report_files SET content = '\\x00'",
        "DELETE FROM report_files",
    ] {
        let refused = owner.batch_execute(statement).expect_err(statement).to_string();
        assert!(refused.contains("never changes"), "{statement}: {refused}");
    }
}

/// All that a report tells, without the addresses of records, which name the moment.
fn told(document: &Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.remove("records");
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut told = document.clone();
    for own in ["id", "number", "asOf", "replaces"] {
        told.as_object_mut().expect("a document").remove(own);
    }
    strip(&mut told);
    told
}

#[test]
fn a_report_drawn_up_later_as_of_the_moment_of_an_earlier_one_tells_the_same() {
    let app = TestApp::start();
    let (replay, edition) = edition_of(&app);
    let api = &replay.api;
    let event = |text: &str| json!({ "kind": "meeting", "occurredOn": "2020-11-12", "note": text });
    api.post(&format!("/editions/{edition}/events"), &event("Spotkanie z pracodawcami")).expect(201);
    app.clock.advance(chrono::TimeDelta::seconds(5));
    let first = draft(api, &edition);
    let of_first = api.get(&format!("/reports/{first}/document")).expect(200);
    approve(api, &first, &json!({ "effectiveOn": "2020-12-18" })).expect(200);

    app.clock.advance(chrono::TimeDelta::days(40));
    let api = &app.api(Role::Coordinator);
    let replay = Replay { api: app.api(Role::Coordinator), ..replay };
    another_job(&replay, &edition);
    api.post(&format!("/editions/{edition}/events"), &event("Wpisane po sprawozdaniu")).expect(201);
    app.clock.advance(chrono::TimeDelta::seconds(5));
    let body = |as_of: &Value| {
        json!({ "editionId": edition, "asOf": as_of, "replacesId": first, "replacementReason": "Wersja dla urzędu",
            "notes": [{ "heading": "Wnioski", "text": "Pierwszy wiersz\n=drugi wiersz" }] })
    };
    let second = api.post("/reports", &body(&of_first["asOf"])).id();
    let of_second = api.get(&format!("/reports/{second}/document")).expect(200);
    assert_eq!(of_second["asOf"], of_first["asOf"]);
    assert_eq!(told(&of_second), told(&of_first));
    assert!(of_second.to_string().contains("/records?asOf="), "the records are those of that moment");
    let changed = api.get(&format!("/reports/{second}/differences")).expect(200);
    assert!(changed["differences"].as_array().is_some_and(|all| all.iter().any(|one| one["definitionId"] == "M-21.during")));
    // It is the state of then that is approved, which has to be said.
    approve(api, &second, &json!({ "effectiveOn": "2021-01-20" })).refused(409, "reports.outdated");
    approve(api, &second, &json!({ "effectiveOn": "2021-01-20", "evenIfChanged": true })).expect(200);

    let third = |as_of: &str| {
        let mut body = body(&json!(as_of));
        body["replacesId"] = json!(second);
        api.post("/reports", &body)
    };
    // Not settled yet, not come yet, and before anything was known of the edition.
    for moment in [&app.clock.now().to_rfc3339(), "2200-01-01", "2020-01-01"] {
        let refused = third(moment).refused(422, "platform.invalid_body");
        assert_eq!(refused["errors"][0]["pointer"], "/asOf", "{moment}");
    }
}

#[test]
fn a_report_of_an_edition_that_goes_on_stays_a_draft() {
    let app = TestApp::start();
    let replay = Replay::programme(&app, "PAI-2019", "2026-05-01");
    let edition = replay.edition("2026", "2026-06-01", "2026-07-31", 5);
    let report = draft(&replay.api, &edition);
    approve(&replay.api, &report, &json!({ "effectiveOn": "2026-06-15" })).refused(409, "reports.edition_not_over");
    let page = replay.api.get(&format!("/reports/{report}/file")).text;
    assert!(page.contains("Nie ma czego pokazać"), "an empty chart says why");
    let body = json!({ "editionId": NOBODY });
    let refused = replay.api.post("/reports", &body).refused(422, "platform.reference_not_found");
    assert_eq!(refused["errors"][0]["pointer"], "/editionId");
    let body = json!({ "editionId": edition, "notes": [{ "heading": "Numer", "text": "Osoba 44051401359" }] });
    replay.api.post("/reports", &body).refused(422, "platform.pesel_in_text");
}

#[test]
fn a_report_names_nobody_and_tells_no_scores_of_a_handful() {
    let app = TestApp::start();
    let (replay, edition) = edition_of(&app);
    let identity = json!({ "givenNames": "Żaneta", "surname": "Wymyślona-Łęcka", "missingReason": "dane pokazowe" });
    let person = replay.api.post("/people", &json!({ "sex": "female", "identity": identity })).expect(201);
    let person = person["person"]["id"].as_str().or(person["id"].as_str()).expect("an id").to_owned();
    replay.application(&edition, &person, "2020-09-22");
    let gain = |report: &Value| {
        let sections = report["sections"].as_array().expect("sections").clone();
        let figures = sections.iter().flat_map(|section| section["figures"].as_array().expect("figures").clone());
        let mut gains = figures.filter(|figure| figure["definitionId"] == "M-17.competence_gain");
        gains.next().expect("the gain")["breakdowns"][0]["groups"][0].clone()
    };
    let report = draft(&replay.api, &edition);
    let document = replay.api.get(&format!("/reports/{report}/document"));
    assert_eq!(gain(&document.expect(200))["value"], "2.000000", "five pairs are enough");
    let participations = replay.api.get(&format!("/participations?editionId={edition}&limit=200")).expect(200);
    let ids: Vec<String> = participations["items"]
        .as_array()
        .expect("items")
        .iter()
        .flat_map(|row| ["id", "personId"].map(|name| row[name].as_str().expect("an id").to_owned()))
        .chain([person])
        .collect();
    assert!(ids.len() > 20);
    for format in ["format=html", "format=csv"] {
        let file = replay.api.get(&format!("/reports/{report}/file?{format}")).text;
        assert!(!file.contains("Wymyślona") && !file.contains("Żaneta"));
        assert!(ids.iter().all(|id| !file.contains(id) && !document.text.contains(id)), "an id of a person or participation");
    }

    // Of five pairs one is taken back: its sheet is corrected to another moment.
    let sheets = replay.api.get(&format!("/sheets?editionId={edition}&limit=200")).expect(200);
    let after = sheets["items"].as_array().expect("sheets").iter().find(|sheet| sheet["moment"] == "after").expect("one").clone();
    let correction = json!({ "participationId": after["participationId"], "templateId": after["templateId"], "rater": after["rater"],
        "observerRole": after["observerRole"], "moment": "mid", "filledOn": after["filledOn"], "scores": after["scores"],
        "supersedesId": after["id"], "correctionReason": "Arkusz w połowie programu" });
    replay.api.post("/sheets", &correction).expect(201);
    let etag = replay.api.get(&format!("/reports/{report}")).header("etag").to_owned();
    let withdrawal = json!({ "reason": "Korekta arkusza" });
    replay.api.with("If-Match", &etag).post(&format!("/reports/{report}/withdrawal"), &withdrawal).expect(200);
    let report = draft(&replay.api, &edition);
    let document = app.api(Role::Auditor).get(&format!("/reports/{report}/document")).expect(200);
    let of_four: Vec<Value> = {
        let sections = document["sections"].as_array().expect("sections").clone();
        let figures = sections.iter().flat_map(|section| section["figures"].as_array().expect("figures").clone());
        let gain = figures.into_iter().find(|figure| figure["definitionId"] == "M-17.competence_gain").expect("the gain");
        let groups = gain["breakdowns"][0]["groups"].as_array().expect("groups").clone();
        groups.into_iter().filter(|group| group["status"] == "suppressed").collect()
    };
    assert_eq!(of_four.len(), 4, "the four competences of the rater who lost a pair");
    for group in of_four {
        assert_eq!((&group["value"], &group["details"]), (&Value::Null, &json!([])));
    }
}

#[test]
fn of_several_drafts_at_once_there_is_one() {
    let app = TestApp::start();
    let (replay, edition) = edition_of(&app);
    let api = &replay.api;
    let body = json!({ "editionId": edition });
    for round in 0..3 {
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let calls: Vec<_> = (0..4).map(|_| scope.spawn(|| api.post("/reports", &body))).collect();
            calls.into_iter().map(|call| call.join().expect("an answer")).collect()
        });
        let made: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert_eq!(made.len(), 1, "round {round}: {:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
        let report = made[0].expect(201)["id"].clone();
        for refused in answers.iter().filter(|answer| answer.status != 201) {
            assert_eq!(refused.refused(409, "reports.draft_open")["reportId"], report);
        }
        let path = format!("/reports/{}", report.as_str().expect("an id"));
        let etag = api.get(&path).header("etag").to_owned();
        api.with("If-Match", &etag).post(&format!("{path}/withdrawal"), &json!({ "reason": "Powtórka" })).expect(200);
    }
}
