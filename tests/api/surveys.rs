//! Forms, the answers of people to them, the facts that follow, and facts that are taken back.

use crate::support::database::rows;
use crate::support::{Answer, Api, NOBODY, TestApp, build};
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use pai::platform::types::{Sex, fictitious_pesel};
use serde_json::{Value, json};
use uuid::Uuid;

/// A form that asks for the facts of recruitment.
fn form(kind: &str, version: i32) -> Value {
    json!({
        "code": "rekrutacja", "version": version, "kind": kind, "title": "Ankieta rekrutacyjna",
        "questions": [
            { "code": "registered", "text": "Czy jest Pan/Pani w rejestrze urzędu pracy?", "kind": "yesNo", "required": true,
              "givesFact": { "kind": "registeredUnemployed", "sinceQuestion": "registeredSince" } },
            { "code": "registeredSince", "text": "Od kiedy?", "kind": "date" },
            { "code": "school", "text": "Wykształcenie?", "kind": "choice",
              "choices": [{ "code": "vocational", "text": "zawodowe" }, { "code": "other", "text": "inne" }],
              "givesFact": { "kind": "education", "values": [{ "answer": "vocational", "value": "basicVocational" }] } },
            { "code": "workless", "text": "Od kiedy bez pracy?", "kind": "date", "givesFact": { "kind": "unemployedSince" } },
            { "code": "children", "text": "Ile dzieci?", "kind": "number" },
            { "code": "hopes", "text": "Czego Pan/Pani oczekuje?", "kind": "text" }
        ]
    })
}

struct Respondent {
    person: Uuid,
    form: String,
    api: Api,
}

impl Respondent {
    fn of(app: &TestApp, kind: &str) -> Self {
        let form = app.api(Role::Coordinator).post("/survey-forms", &form(kind, 1)).id();
        Self { person: build::person(app), form, api: app.api(Role::SocialWorker) }
    }

    fn answer(&self, on: &str, answers: &Value) -> Answer {
        self.send(&json!({ "formId": self.form, "answeredOn": on, "by": "applicant", "answers": answers }))
    }

    fn send(&self, body: &Value) -> Answer {
        self.api.post(&format!("/people/{}/survey-responses", self.person), body)
    }

    fn facts(&self, query: &str) -> Vec<Value> {
        let page = self.api.get(&format!("/people/{}/facts{query}", self.person)).expect(200);
        page["items"].as_array().expect("facts").clone()
    }
}

fn said(question: &str, value: &str) -> Value {
    json!({ "question": question, "value": value })
}

#[test]
fn answers_give_facts_with_their_form_and_what_is_known_is_not_doubled() {
    let app = TestApp::start();
    let respondent = Respondent::of(&app, "survey");
    let answers = json!([
        said("registered", "true"),
        said("registeredSince", "2019-05-02"),
        said("school", "vocational"),
        said("children", "2")
    ]);
    let first = respondent.answer("2020-09-20", &answers).expect(201);
    assert!(first.get("answers").is_none(), "answers are not repeated: {first}");
    let outcomes = |response: &Value| -> Vec<String> {
        let effects = response["effects"].as_array().expect("effects");
        effects
            .iter()
            .map(|effect| {
                format!("{} {}", effect["kind"].as_str().unwrap_or_default(), effect["outcome"].as_str().unwrap_or_default())
            })
            .collect()
    };
    assert_eq!(outcomes(&first), ["registeredUnemployed recorded", "education recorded"]);
    let facts = respondent.facts("");
    assert_eq!(facts.len(), 2, "the number gives no fact, a missing answer neither");
    let registered = facts.iter().find(|fact| fact["kind"] == "registeredUnemployed").expect("the fact");
    for (name, value) in [
        ("value", json!("true")),
        ("from", json!("2019-05-02")),
        ("to", Value::Null),
        ("source", json!("Ankieta rekrutacyjna")),
        ("sourceKind", json!("survey")),
        ("surveyCode", json!("rekrutacja")),
        ("surveyVersion", json!(1)),
        ("evidenceOn", json!("2020-09-20")),
    ] {
        assert_eq!(registered[name], value, "{name}");
    }
    assert_eq!(facts.iter().find(|fact| fact["kind"] == "education").expect("the fact")["from"], "2020-09-20");

    let again = respondent.answer("2020-09-25", &answers).expect(201);
    assert_eq!(outcomes(&again), ["registeredUnemployed unchanged", "education unchanged"]);
    assert_eq!(again["effects"][0]["factId"], registered["id"]);
    assert_eq!(respondent.facts("").len(), 2);

    let otherwise = respondent.answer("2020-10-01", &json!([said("registered", "false"), said("school", "other")])).expect(201);
    assert_eq!(outcomes(&otherwise), ["registeredUnemployed recorded"], "the choice 'other' means no fact");
    assert_eq!(otherwise["effects"][0]["contradicts"], json!([registered["id"]]));
    let listed = respondent.api.get(&format!("/people/{}/survey-responses", respondent.person)).expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(3));
    assert_eq!(listed["items"][0], first);
}

#[test]
fn interviews_and_diagnoses_are_sources_of_their_own() {
    let app = TestApp::start();
    for kind in ["interview", "needsDiagnosis"] {
        let coordinator = app.api(Role::Coordinator);
        let mut form = form(kind, 1);
        form["code"] = json!(kind);
        let respondent = Respondent {
            person: build::person(&app),
            form: coordinator.post("/survey-forms", &form).id(),
            api: app.api(Role::SocialWorker),
        };
        respondent.answer("2020-09-20", &json!([said("registered", "true")])).expect(201);
        let fact = &respondent.facts("")[0];
        assert_eq!((&fact["sourceKind"], &fact["surveyCode"]), (&json!(kind), &json!(kind)));
    }
}

#[test]
fn answers_that_do_not_fit_are_refused_with_a_pointer_each() {
    let app = TestApp::start();
    let respondent = Respondent::of(&app, "survey");
    let pesel = fictitious_pesel("1980-01-02".parse().expect("a day"), Sex::Female, 7);
    let problem = respondent
        .answer(
            "2020-09-20",
            &json!([
                said("registeredSince", "2020-09-21"),
                said("school", "tertiary"),
                said("children", "dwoje"),
                said("hopes", &format!("PESEL {}", pesel.expose())),
                said("hobby", "szachy"),
                said("school", "other")
            ]),
        )
        .refused(422, "people.answer_unfit");
    let pointers: Vec<(&str, &str)> = problem["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| (error["pointer"].as_str().unwrap_or_default(), error["code"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(
        pointers,
        [
            ("/answers/0/value", "people.answer_unfit"),
            ("/answers/1/value", "people.answer_unfit"),
            ("/answers/2/value", "people.answer_unfit"),
            ("/answers/3/value", "platform.pesel_in_text"),
            ("/answers/4/question", "people.question_unknown"),
            ("/answers/5/question", "people.answer_repeated"),
            ("/answers", "people.answer_missing"),
        ]
    );
    assert!(!problem.to_string().contains(pesel.expose()), "the refusal does not repeat it");
    assert_eq!(respondent.facts("").len(), 0);
    let mut unknown = json!({ "formId": NOBODY, "answeredOn": "2020-09-20", "by": "applicant", "answers": [] });
    assert_eq!(respondent.send(&unknown).refused(422, "platform.reference_not_found")["errors"][0]["pointer"], "/formId");
    unknown["formId"] = json!(respondent.form);
    unknown["answers"] = json!([said("registered", "true")]);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 9);
    let apply = |person: Uuid| {
        let body = json!({ "editionId": edition, "personId": person, "receivedOn": "2020-09-01" });
        respondent.api.post("/applications", &body).id()
    };
    unknown["applicationId"] = json!(apply(build::person(&app)));
    let problem = respondent.send(&unknown).refused(422, "platform.reference_not_found");
    assert_eq!(problem["errors"][0]["pointer"], "/applicationId", "an application of somebody else");
    assert_eq!(respondent.facts("").len(), 0, "the facts went with the refusal");
    unknown["applicationId"] = json!(apply(respondent.person));
    respondent.send(&unknown).expect(201);
}

#[test]
fn answers_are_sealed_and_revealed_for_a_purpose_with_a_row_in_the_register() {
    let app = TestApp::start();
    let respondent = Respondent::of(&app, "survey");
    let answers = json!([said("registered", "true"), said("hopes", "kanarkowa nadzieja")]);
    let rehearsed = json!({ "formId": respondent.form, "answeredOn": "2020-09-20", "by": "interview", "answers": answers });
    let path = format!("/people/{}/survey-responses?dryRun=true", respondent.person);
    respondent.api.post(&path, &rehearsed).expect(200);
    assert_eq!(respondent.facts("").len(), 0, "a rehearsal leaves nothing");
    let keyed = respondent.api.with("Idempotency-Key", "one");
    let send = || keyed.post(&format!("/people/{}/survey-responses", respondent.person), &rehearsed).expect(201);
    let id = send()["id"].as_str().expect("an id").to_owned();
    assert_eq!(send()["id"].as_str(), Some(id.as_str()), "the same key records once");

    let dump = crate::canary::dump(&app.superuser_url);
    for spelling in crate::canary::spellings("kanarkowa nadzieja") {
        assert!(!dump.contains(&spelling), "stored as {spelling}");
    }
    let read = format!("/survey-responses/{id}");
    respondent.api.get(&read).refused(400, "platform.purpose_required");
    let stated = |role: Role| app.api(role).with("Pai-Purpose", "rekrutacja");
    let revealed = stated(Role::Coordinator).get(&read).expect(200);
    assert_eq!((&revealed["answers"], &revealed["response"]["id"]), (&answers, &json!(id)));
    for role in [Role::FamilyAssistant, Role::Auditor, Role::Administrator] {
        stated(role).get(&read).refused(403, "platform.forbidden");
    }
    app.other_api(Role::SocialWorker).with("Pai-Purpose", "rekrutacja").get(&read).refused(404, "platform.not_found");
    let entries = app.api(Role::Auditor).get(&format!("/audit-entries?recordId={id}")).expect(200);
    let entries = entries["items"].as_array().expect("rows").clone();
    let entry = entries.iter().find(|entry| entry["operation"] == "get_survey_response").expect("a row");
    assert_eq!((&entry["purpose"], &entry["revealsIdentity"]), (&json!("rekrutacja"), &json!(true)));
    assert!(entry["recordIds"].as_array().expect("ids").contains(&json!(respondent.person)));
}

#[test]
fn a_corrected_form_takes_back_what_only_the_earlier_one_gave() {
    let app = TestApp::start();
    let respondent = Respondent::of(&app, "survey");
    let answers = json!([said("registered", "true"), said("school", "vocational"), said("workless", "2019-01-10")]);
    let earlier = respondent.answer("2020-09-20", &answers).id();
    let mut body = json!({ "formId": respondent.form, "answeredOn": "2020-09-20", "by": "applicant",
        "answers": [said("registered", "true"), said("workless", "2018-01-10")], "supersedesId": earlier });
    let refused = respondent.send(&body).refused(422, "people.correction_reason");
    assert_eq!(refused["errors"][0]["pointer"], "/correctionReason");
    body["correctionReason"] = json!("Pomylono rok");
    let corrected = respondent.send(&body).expect(201);
    let outcomes: Vec<&str> =
        corrected["effects"].as_array().expect("effects").iter().filter_map(|effect| effect["outcome"].as_str()).collect();
    assert_eq!(outcomes, ["kept", "recorded"], "what both say stays as it was");
    assert_eq!(corrected["effects"][1]["contradicts"], json!([]), "what is taken back contradicts nothing");
    let stands = |query: &str| -> Vec<(Value, Value, Value)> {
        let facts = respondent.facts(query).into_iter();
        facts.map(|fact| (fact["kind"].clone(), fact["value"].clone(), fact["withdrawalReason"].clone())).collect()
    };
    let of = |kind: &str, value: &str, reason: Option<&str>| (json!(kind), json!(value), json!(reason));
    let now = [of("registeredUnemployed", "true", None), of("unemployedSince", "2018-01-10", None)];
    assert_eq!(stands(""), now);
    let taken_back = stands("?includeSuperseded=true").into_iter().filter(|(_, _, reason)| *reason == "Pomylono rok");
    assert_eq!(taken_back.map(|(kind, ..)| kind).collect::<Vec<_>>(), ["education", "unemployedSince"]);
    let again = respondent.send(&body).refused(409, "platform.already_superseded");
    assert_eq!(again["errors"][0]["pointer"], "/supersedesId");
    let somebody_else = Respondent { person: build::person(&app), form: respondent.form.clone(), api: respondent.api.clone() };
    body["supersedesId"] = corrected["id"].clone();
    somebody_else.send(&body).refused(422, "platform.reference_not_found");
    // What was kept from the first form goes with the second.
    body["supersedesId"] = corrected["id"].clone();
    body["answers"] = json!([said("registered", "false"), said("workless", "2018-01-10")]);
    let corrected = respondent.send(&body).expect(201);
    assert_eq!(stands(""), [of("unemployedSince", "2018-01-10", None), of("registeredUnemployed", "false", None)]);
    body["supersedesId"] = corrected["id"].clone();
    // On another day even the same answers are other evidence.
    body["answeredOn"] = json!("2020-09-21");
    let moved = respondent.send(&body).expect(201);
    assert_eq!(moved["effects"][0]["outcome"], "recorded");
    assert_eq!(respondent.facts("").iter().filter(|fact| fact["evidenceOn"] == "2020-09-21").count(), 2);
    assert_eq!(respondent.facts("").len(), 2);
}

#[test]
fn two_responses_at_once_record_one_fact() {
    let app = TestApp::start();
    let respondent = Respondent::of(&app, "survey");
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| respondent.answer("2020-09-20", &json!([said("registered", "true")])).expect(201));
        }
    });
    assert_eq!(respondent.facts("").len(), 1);
    let mut superuser = connect(&app.superuser_url).expect("superuser");
    let events =
        rows(&mut superuser, "SELECT ARRAY[count(*)::text] AS row FROM outbox_events WHERE type = 'person_fact.recorded'");
    assert_eq!(events[0][0], "1");
}

#[test]
fn a_form_is_never_changed_and_its_questions_are_checked() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let made = api.post("/survey-forms", &form("survey", 1)).expect(201);
    api.post("/survey-forms", &form("survey", 1)).refused(409, "people.form_version_exists");
    api.post("/survey-forms", &form("survey", 2)).expect(201);
    let read = api.get(&format!("/survey-forms/{}", made["id"].as_str().expect("an id"))).expect(200);
    assert_eq!(read, made);
    assert_eq!(api.get("/survey-forms").expect(200)["items"].as_array().map(Vec::len), Some(2));
    let mut wrong = form("survey", 3);
    wrong["questions"][2]["givesFact"]["values"][0]["value"] = json!("basic");
    wrong["questions"][5]["code"] = json!("children");
    let problem = api.post("/survey-forms", &wrong).refused(422, "people.form_question");
    let pointers: Vec<&str> =
        problem["errors"].as_array().expect("errors").iter().filter_map(|error| error["pointer"].as_str()).collect();
    assert_eq!(pointers, ["/questions/2/givesFact/values/0/value", "/questions/5/code"]);
    wrong["questions"] = json!([]);
    assert_eq!(api.post("/survey-forms", &wrong).refused(422, "people.form_question")["errors"][0]["pointer"], "/questions");
    app.api(Role::SocialWorker).post("/survey-forms", &form("survey", 4)).refused(403, "platform.forbidden");
}

#[test]
fn a_fact_that_was_wrong_is_withdrawn_and_stays_readable() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let person = build::person(&app);
    let body = json!({ "kind": "disability", "value": "true", "from": "2020-01-01", "source": "orzeczenie" });
    let fact = api.post(&format!("/people/{person}/facts"), &body).id();
    let path = format!("/people/{person}/facts/{fact}/withdrawal");
    let reason = json!({ "effectiveOn": "2020-10-02", "reason": "Orzeczenie innej osoby" });
    let pesel = fictitious_pesel("1980-01-02".parse().expect("a day"), Sex::Male, 8);
    let telling = json!({ "reason": format!("Orzeczenie {}", pesel.expose()) });
    assert_eq!(api.post(&path, &telling).refused(422, "platform.pesel_in_text")["errors"][0]["pointer"], "/reason");
    app.other_api(Role::SocialWorker).post(&path, &reason).refused(404, "platform.not_found");
    let of_another = format!("/people/{}/facts/{fact}/withdrawal", build::person(&app));
    api.post(&of_another, &reason).refused(404, "platform.not_found");
    api.post(&format!("{path}?dryRun=true"), &reason).expect(200);
    let withdrawn = api.post(&path, &reason).expect(200);
    assert_eq!(
        (&withdrawn["withdrawnOn"], &withdrawn["withdrawalReason"]),
        (&json!("2020-10-02"), &json!("Orzeczenie innej osoby"))
    );
    api.post(&path, &reason).refused(409, "platform.already_superseded");
    let correction = json!({ "kind": "disability", "value": "false", "from": "2020-01-01", "source": "x", "supersedesId": fact, "correctionReason": "Korekta" });
    api.post(&format!("/people/{person}/facts"), &correction).refused(409, "platform.already_superseded");
    let list = |query: &str| api.get(&format!("/people/{person}/facts{query}")).expect(200)["items"].clone();
    assert_eq!(list(""), json!([]));
    assert_eq!(list("?includeSuperseded=true"), json!([withdrawn]));
    let undated = api.post(&format!("/people/{person}/facts"), &body).id();
    let today = api.post(&format!("/people/{person}/facts/{undated}/withdrawal"), &json!({ "reason": "Pomyłka" })).expect(200);
    assert_eq!(today["withdrawnOn"], "2026-06-15");
}
