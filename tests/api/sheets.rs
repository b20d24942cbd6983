//! Filled self-assessment and observation sheets.

use crate::sheet_templates::template;
use crate::support::scene::Scene;
use crate::support::{TakingPart, TestApp, taking_part};
use diesel::prelude::*;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use serde_json::{Value, json};

struct Setting {
    app: TestApp,
    who: TakingPart,
    template: String,
}

impl Setting {
    fn start() -> Self {
        let app = TestApp::start();
        let who = taking_part(&app, "2020-10-15", "2020-12-14");
        let template = app.api(Role::Coordinator).post("/sheet-templates", &template()).id();
        Self { app, who, template }
    }

    /// A sheet with these fields instead of the usual ones.
    fn sheet(&self, other: &Value) -> Value {
        let mut sheet = json!({
            "participationId": self.who.participation, "templateId": self.template,
            "rater": "self", "moment": "before", "filledOn": "2020-10-16",
            "scores": [
                { "competence": "jobSearch", "score": "2.50" },
                { "competence": "teamwork", "item": "listening", "score": "3" },
                { "competence": "teamwork", "item": "helping", "score": "4" }
            ]
        });
        for (field, value) in other.as_object().expect("fields") {
            sheet[field] = value.clone();
        }
        sheet
    }
}

#[test]
fn a_sheet_is_recorded_and_read() {
    let setting = Setting::start();
    let api = setting.app.api(Role::SocialWorker);
    let made = api.post("/sheets", &setting.sheet(&json!({ "remarks": "Leczy się z powodu depresji" })));
    let id = made.id();
    assert_eq!(made.header("location"), format!("/api/v1/sheets/{id}"));
    let read = api.get(&format!("/sheets/{id}"));
    let sheet = read.expect(200);
    assert_eq!(sheet["editionId"], json!(setting.who.edition), "the edition follows from the participation");
    assert_eq!(sheet["scores"][0], json!({ "competence": "jobSearch", "item": null, "score": "2.5" }));
    assert_eq!(sheet["hasRemarks"], true);
    assert_eq!(sheet["observerRole"], Value::Null);
    assert!(!read.text.contains("depresji") && !made.text.contains("depresji"));

    let others = [
        json!({ "moment": "after", "filledOn": "2020-12-14" }),
        json!({ "rater": "observer", "observerRole": "social_worker" }),
        json!({ "rater": "observer", "observerRole": "family_assistant" }),
        json!({ "moment": "mid", "filledOn": "2020-11-10" }),
        json!({ "moment": "mid", "filledOn": "2020-11-20" }),
    ];
    for other in &others {
        api.post("/sheets", &setting.sheet(other)).expect(201);
    }
    for (filter, count) in [
        (format!("participationId={}", setting.who.participation), 6),
        (format!("editionId={}&moment=mid", setting.who.edition), 2),
        (format!("templateId={}&moment=after", setting.template), 1),
        (format!("editionId={}", setting.who.person), 0),
    ] {
        let list = api.get(&format!("/sheets?{filter}")).expect(200);
        assert_eq!(list["items"].as_array().map(Vec::len), Some(count), "{filter}");
    }
}

#[test]
fn remarks_are_encrypted_at_rest() {
    #[derive(QueryableByName)]
    struct Stored {
        #[diesel(sql_type = diesel::sql_types::Text)]
        remarks: String,
    }
    let setting = Setting::start();
    let api = setting.app.api(Role::SocialWorker);
    api.post("/sheets", &setting.sheet(&json!({ "remarks": "Leczy się" }))).expect(201);
    let mut superuser = connect(&setting.app.superuser_url).expect("superuser connection");
    let stored: Stored = diesel::sql_query("SELECT encode(remarks, 'escape') AS remarks FROM sheets")
        .get_result(&mut superuser)
        .expect("the sheet");
    assert!(!stored.remarks.is_empty() && !stored.remarks.contains("Leczy"));
}

#[test]
fn a_sheet_that_does_not_fill_in_its_template_is_refused() {
    let setting = Setting::start();
    let api = setting.app.api(Role::SocialWorker);
    let whole = |number: &str| json!({ "competence": "jobSearch", "score": number });
    let item = |code: &str| json!({ "competence": "teamwork", "item": code, "score": "3" });
    for (scores, code, pointer) in [
        (json!([whole("3"), item("listening")]), "outcomes.competence_not_scored", "/scores"),
        (json!([whole("3.25"), item("listening"), item("helping")]), "outcomes.score_off_scale", "/scores/0/score"),
        (json!([whole("3"), item("listening"), item("listening")]), "outcomes.score_repeated", "/scores/2"),
        (json!([whole("3"), item("listening"), item("humour")]), "outcomes.competence_unknown", "/scores/2/item"),
    ] {
        let refused = api.post("/sheets", &setting.sheet(&json!({ "scores": scores }))).refused(422, code);
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    let off_scale = setting.sheet(&json!({ "scores": [whole("9")] }));
    let refused = api.with("Accept-Language", "en").post("/sheets", &off_scale).refused(422, "outcomes.score_off_scale");
    assert_eq!(refused["detail"], "Values from 1 to 5 in steps of 0.5 are allowed.");
    assert_eq!(refused["missing"], "teamwork", "all faults are told at once");
    let unknown = "01900000-0000-7000-8000-0000000000ff";
    for (other, code, pointer) in [
        (json!({ "moment": "after", "filledOn": "2020-10-14" }), "outcomes.sheet_before_participation", "/filledOn"),
        (json!({ "rater": "observer" }), "outcomes.observer_role_mismatch", "/observerRole"),
        (json!({ "observerRole": "facilitator" }), "outcomes.observer_role_mismatch", "/observerRole"),
        (json!({ "participationId": unknown }), "platform.reference_not_found", "/participationId"),
        (json!({ "templateId": unknown }), "platform.reference_not_found", "/templateId"),
        (json!({ "supersedesId": unknown }), "outcomes.correction_incomplete", "/correctionReason"),
        (json!({ "correctionReason": "Pomyłka" }), "outcomes.correction_incomplete", "/supersedesId"),
        (json!({ "supersedesId": unknown, "correctionReason": "Pomyłka" }), "platform.reference_not_found", "/supersedesId"),
    ] {
        let refused = api.post("/sheets", &setting.sheet(&other)).refused(422, code);
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    assert_eq!(api.get("/sheets").expect(200)["items"], json!([]));
}

#[test]
fn a_second_sheet_of_the_same_moment_is_a_correction() {
    let setting = Setting::start();
    let api = setting.app.api(Role::SocialWorker);
    let first = api.post("/sheets", &setting.sheet(&json!({}))).id();
    api.post("/sheets", &setting.sheet(&json!({}))).refused(409, "outcomes.sheet_exists");
    let correction = json!({ "filledOn": "2020-10-19", "supersedesId": first, "correctionReason": "Pomylono datę" });
    let second = api.post("/sheets", &setting.sheet(&correction)).id();
    let again = api.post("/sheets", &setting.sheet(&correction)).refused(409, "platform.already_superseded");
    assert_eq!(again["errors"][0]["pointer"], "/supersedesId");
    let current = api.get("/sheets").expect(200);
    assert_eq!(current["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(current["items"][0]["id"], json!(second));
    assert_eq!(current["items"][0]["supersedesId"], json!(first));
    let all = api.get("/sheets?includeSuperseded=true").expect(200);
    assert_eq!(all["items"].as_array().map(Vec::len), Some(2));
    let old = api.get(&format!("/sheets/{first}")).expect(200);
    assert!(old["supersededAt"].is_string());
    assert_eq!(old["filledOn"], "2020-10-16", "the earlier sheet stays readable as it was");
}

#[test]
fn of_many_sheets_at_once_one_is_recorded_and_of_many_corrections_one() {
    let setting = Setting::start();
    let api = setting.app.api(Role::SocialWorker);
    let at_once = |sheet: &Value| {
        let threads: Vec<_> = (0..6)
            .map(|_| {
                let (api, sheet) = (api.clone(), sheet.clone());
                std::thread::spawn(move || api.post("/sheets", &sheet).status)
            })
            .collect();
        let mut statuses: Vec<u16> = threads.into_iter().map(|thread| thread.join().expect("an answer")).collect();
        statuses.sort_unstable();
        statuses
    };
    assert_eq!(at_once(&setting.sheet(&json!({}))), [201, 409, 409, 409, 409, 409]);
    let first = api.get("/sheets").expect(200)["items"][0]["id"].clone();
    // Sheets on the way are not limited to one, so that only the superseding itself can refuse.
    let correction = json!({ "moment": "mid", "supersedesId": first, "correctionReason": "Pomylono moment" });
    assert_eq!(at_once(&setting.sheet(&correction)), [201, 409, 409, 409, 409, 409]);
}

#[test]
fn assistants_and_facilitators_record_their_own_observations_only() {
    let setting = Setting::start();
    let observation = |role: &str| setting.sheet(&json!({ "rater": "observer", "observerRole": role }));
    let worker = setting.app.api(Role::SocialWorker);
    let household = worker.post("/households", &json!({})).id();
    let lives = json!({ "personId": setting.who.person, "from": "2020-01-01" });
    worker.post(&format!("/households/{household}/members"), &lives).expect(201);
    let assigned = json!({ "assistant": "AR-1", "from": "2020-01-01" });
    worker.post(&format!("/households/{household}/assistants"), &assigned).expect(201);
    let assistant = Scene::of(&setting.app).assistant("AR-1");
    let of_worker = setting.app.api(Role::SocialWorker).post("/sheets", &observation("social_worker")).id();
    assistant.post("/sheets", &setting.sheet(&json!({}))).refused(403, "outcomes.not_own_observation");
    assistant.post("/sheets", &observation("social_worker")).refused(403, "outcomes.not_own_observation");
    let own = assistant.post("/sheets", &observation("family_assistant")).id();
    let mut correction = observation("family_assistant");
    correction["correctionReason"] = json!("Pomyłka");
    correction["supersedesId"] = json!(of_worker);
    assistant.post("/sheets", &correction).refused(422, "platform.reference_not_found");
    correction["supersedesId"] = json!(own);
    assistant.post("/sheets", &correction).expect(201);
    setting.app.api(Role::Auditor).post("/sheets", &observation("social_worker")).refused(403, "platform.forbidden");
}

#[test]
fn a_facilitator_observes_the_people_of_the_own_classes() {
    let setting = Setting::start();
    setting.app.let_facilitator_lead(setting.who.edition);
    let elsewhere = taking_part(&setting.app, "2021-03-01", "2021-04-30");
    let observation = json!({ "rater": "observer", "observerRole": "facilitator", "filledOn": "2021-03-02" });
    let facilitator = setting.app.api(Role::Facilitator);
    facilitator.post("/sheets", &setting.sheet(&observation)).expect(201);
    let mut foreign = setting.sheet(&observation);
    foreign["participationId"] = json!(elsewhere.participation);
    let refused = facilitator.post("/sheets", &foreign).refused(422, "platform.reference_not_found");
    assert_eq!(refused["errors"][0]["pointer"], "/participationId");
}

#[test]
fn another_town_can_neither_read_nor_add_to_a_sheet() {
    let setting = Setting::start();
    let id = setting.app.api(Role::Coordinator).post("/sheets", &setting.sheet(&json!({}))).id();
    let other = setting.app.other_api(Role::Coordinator);
    other.get(&format!("/sheets/{id}")).refused(404, "platform.not_found");
    assert_eq!(other.get("/sheets").expect(200)["items"], json!([]));
    let refused = other.post("/sheets", &setting.sheet(&json!({}))).refused(422, "platform.reference_not_found");
    assert_eq!(refused["errors"][0]["pointer"], "/participationId");
}
