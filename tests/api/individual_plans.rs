//! Written plans: what each kind must say, revisions, contacts, the fact a contract proves, and what stays sealed.

use crate::support::scene::Scene;
use crate::support::{Api, NOBODY, TestApp, build, taking_part};
use pai::platform::policy::Role;
use pai::platform::types::{Sex, fictitious_pesel};
use serde_json::{Value, json};
use uuid::Uuid;

const WORDS: &str = "Terapia uzależnień w poradni";

fn contract(person: Uuid, more: &Value) -> Value {
    let mut body = json!({
        "personId": person, "kind": "socialContract", "contractForm": "lifeSituation", "signedOn": "2020-11-02",
        "from": "2020-11-02", "to": "2021-01-31", "author": "socialWorker",
        "parts": {
            "goals": ["Utrzymanie mieszkania"],
            "actions": [{ "by": "client", "what": WORDS }, { "by": "centre", "what": "Praca socjalna" }]
        }
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}

/// A revision of that contract.
fn revision(more: &Value) -> Value {
    let mut body = contract(NOBODY, more);
    for gone in ["personId", "kind", "contractForm"] {
        body.as_object_mut().expect("an object").remove(gone);
    }
    body
}

fn action_plan(person: Uuid, edition: Uuid) -> Value {
    json!({
        "personId": person, "kind": "individualActionPlan", "editionId": edition, "signedOn": "2015-01-01", "from": "2015-01-01",
        "to": "2015-06-30", "author": "clientAdviser",
        "parts": {
            "actions": [{ "by": "labourOffice", "what": "Poradnictwo" }, { "by": "client", "what": "Poszukiwanie pracy" }],
            "contacts": [{ "form": "visit", "count": 3 }], "endConditions": "Podjęcie pracy"
        }
    })
}

fn pointers(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().into_iter().flatten().filter_map(|error| error["pointer"].as_str()).collect()
}

fn content(api: &Api, plan: &str, query: &str) -> Value {
    api.with("Pai-Purpose", "case work").get(&format!("/individual-plans/{plan}/parts{query}")).expect(200)
}

fn contract_facts(api: &Api, person: Uuid, query: &str) -> Vec<Value> {
    let facts = api.get(&format!("/people/{person}/facts?kind=socialContract{query}")).expect(200);
    facts["items"].as_array().cloned().unwrap_or_default()
}

#[test]
fn a_contract_is_read_without_its_words_and_with_them_for_a_purpose_only() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let person = build::person(&app);
    let plan = api.post("/individual-plans", &contract(person, &json!({}))).id();
    let path = format!("/individual-plans/{plan}");

    let read = api.get(&path).expect(200);
    assert_eq!((&read["kind"], &read["revision"]), (&json!("socialContract"), &json!(1)));
    let listed = api.get(&format!("/individual-plans?personId={person}&effectiveOn=2020-12-01"));
    for text in [read.to_string(), listed.text.clone()] {
        assert!(!text.contains(WORDS), "{text}");
    }
    assert_eq!(listed.expect(200)["items"].as_array().map(Vec::len), Some(1));
    let outside = api.get(&format!("/individual-plans?personId={person}&effectiveOn=2021-02-01")).expect(200);
    assert_eq!(outside["items"], json!([]));

    api.get(&format!("{path}/parts")).refused(400, "platform.purpose_required");
    assert_eq!(content(&api, &plan, "")["parts"]["actions"][0]["what"], WORDS);
    app.api(Role::FamilyAssistant)
        .with("Pai-Purpose", "case work")
        .get(&format!("{path}/parts"))
        .refused(403, "platform.forbidden");
    let register = app.api(Role::Auditor).get(&format!("/audit-entries?recordId={plan}&limit=200")).expect(200);
    let entries = register["items"].as_array().expect("entries");
    let seen = entries.iter().find(|entry| entry["operation"] == "get_individual_plan_parts").expect("an entry");
    assert_eq!(seen["purpose"], "case work");

    // Nothing of it stands in the clear in any row.
    let mut scene = Scene::of(&app);
    let clear = "SELECT count(*) FROM individual_plan_revisions WHERE position('Terapia'::bytea IN parts) > 0";
    assert_eq!(scene.number(clear), 0);
    assert_eq!(scene.number("SELECT count(*) FROM individual_plan_revisions WHERE length(parts) > 100"), 1);
}

#[test]
fn each_kind_is_asked_for_the_parts_of_its_law() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let person = build::person(&app);
    let bare = api.post("/individual-plans", &contract(person, &json!({ "parts": {} })));
    let bare = bare.refused(422, "participation.plan_part_missing");
    assert_eq!(pointers(&bare), ["/parts/goals", "/parts/actions", "/parts/actions"]);

    let plan = contract(person, &json!({ "kind": "individualActionPlan", "contractForm": null, "to": null }));
    let lacking = api.post("/individual-plans", &plan).refused(422, "participation.plan_part_missing");
    assert_eq!(pointers(&lacking), ["/parts/actions", "/parts/contacts", "/parts/endConditions", "/to"]);

    for (more, code, pointer) in [
        (json!({ "contractForm": null }), "participation.plan_contract", "/contractForm"),
        (json!({ "kind": "selfRelianceProgramme" }), "participation.plan_contract", "/contractForm"),
        (
            json!({ "kind": "selfRelianceProgramme", "contractForm": null, "recordFact": true }),
            "participation.plan_contract",
            "/recordFact",
        ),
        (json!({ "to": "2020-11-01" }), "participation.inverted_period", "/to"),
        (json!({ "personId": NOBODY }), "platform.reference_not_found", "/personId"),
        (json!({ "personId": NOBODY, "recordFact": true }), "platform.reference_not_found", "/personId"),
        (json!({ "editionId": NOBODY }), "platform.reference_not_found", "/editionId"),
        (json!({ "participationId": NOBODY }), "platform.reference_not_found", "/participationId"),
        (json!({ "factId": NOBODY }), "platform.reference_not_found", "/factId"),
    ] {
        let refused = api.post("/individual-plans", &contract(person, &more)).refused(422, code);
        assert_eq!(pointers(&refused), [pointer], "{more}");
    }
    assert_eq!(api.get("/individual-plans").expect(200)["items"], json!([]));
}

#[test]
fn a_pesel_is_refused_in_every_text_of_a_plan() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let person = build::person(&app);
    let pesel = fictitious_pesel("1984-02-29".parse().expect("a day"), Sex::Female, 7);
    let text = format!("Kontakt z osobą {}", pesel.expose());
    let action = json!([{ "by": "client", "what": text }, { "by": "centre", "what": "Praca socjalna" }]);
    for (parts, pointer) in [
        (json!({ "goals": [text], "actions": [] }), "/parts/goals/0"),
        (json!({ "needs": [text] }), "/parts/needs/0"),
        (json!({ "goals": ["Cel"], "actions": action }), "/parts/actions/0/what"),
        (json!({ "endConditions": text }), "/parts/endConditions"),
    ] {
        let refused = api.post("/individual-plans", &contract(person, &json!({ "parts": parts })));
        assert!(!refused.text.contains(pesel.expose()), "{}", refused.text);
        assert_eq!(pointers(&refused.refused(422, "platform.pesel_in_text")), [pointer]);
    }
    let plan = api.post("/individual-plans", &contract(person, &json!({}))).id();
    let event = json!({ "kind": "contact", "form": "visit", "occurredOn": "2020-11-03", "note": text });
    api.post(&format!("/individual-plans/{plan}/events"), &event).refused(422, "platform.pesel_in_text");
}

#[test]
fn a_changed_plan_is_a_new_revision_and_the_old_one_stays_readable() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let person = build::person(&app);
    let plan = api.post("/individual-plans", &contract(person, &json!({}))).id();
    let path = format!("/individual-plans/{plan}/revisions");
    let mut change = revision(&json!({ "reason": "Nowy cel", "from": "2020-12-01", "to": "2021-03-31" }));
    change["parts"]["goals"] = json!(["Podjęcie pracy"]);
    let changed = api.with("If-Match", "\"1\"").post(&path, &change);
    assert_eq!(changed.header("etag"), "\"2\"");
    assert_eq!(changed.expect(200)["current"]["to"], "2021-03-31");
    api.with("If-Match", "\"1\"").post(&path, &change).refused(412, "platform.precondition_failed");

    let history = api.get(&format!("/individual-plans/{plan}")).expect(200);
    let reasons: Vec<&Value> = history["revisions"].as_array().expect("revisions").iter().map(|one| &one["reason"]).collect();
    assert_eq!(reasons, [&Value::Null, &json!("Nowy cel")]);
    assert_eq!(content(&api, &plan, "")["parts"]["goals"], json!(["Podjęcie pracy"]));
    assert_eq!(content(&api, &plan, "?revision=1")["parts"]["goals"], json!(["Utrzymanie mieszkania"]));
    api.with("Pai-Purpose", "x").get(&format!("/individual-plans/{plan}/parts?revision=3")).refused(404, "platform.not_found");
}

#[test]
fn two_changes_at_once_are_one_change_and_one_refusal() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let person = build::person(&app);
    let plan = api.post("/individual-plans", &contract(person, &json!({}))).id();
    let end = json!({ "endedOn": "2020-12-31", "reason": "achieved" });
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| api.with("If-Match", "\"1\"").post(&format!("/individual-plans/{plan}/end"), &end).status))
            .collect();
        calls.into_iter().map(|call| call.join().expect("a thread")).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412]);
}

#[test]
fn a_contract_proves_a_fact_and_the_fact_ends_with_it() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let person = build::person(&app);
    let plan = api.post("/individual-plans", &contract(person, &json!({ "recordFact": true }))).expect(201);
    let facts = contract_facts(&api, person, "");
    assert_eq!(facts.len(), 1);
    assert_eq!(facts[0]["id"], plan["factId"]);
    assert_eq!(
        (&facts[0]["value"], &facts[0]["from"], &facts[0]["to"]),
        (&json!("true"), &json!("2020-11-02"), &json!("2021-01-31"))
    );
    assert_eq!((&facts[0]["evidence"], &facts[0]["evidenceOn"]), (&json!("Kontrakt socjalny"), &json!("2020-11-02")));
    // The same contract again is no other one; a second paper names the fact that is there.
    let again = api.post("/individual-plans", &contract(person, &json!({ "recordFact": true })));
    let refusal = again.refused(409, "people.fact_recorded_already");
    assert_eq!(refusal["factId"], plan["factId"]);

    let end = json!({ "endedOn": "2020-12-15", "reason": "notKept" });
    let path = format!("/individual-plans/{}/end", plan["id"].as_str().expect("an id"));
    let early = json!({ "endedOn": "2020-11-01", "reason": "notKept" });
    api.with("If-Match", "\"1\"").post(&path, &early).refused(422, "participation.plan_ends_before");
    let ended = api.with("If-Match", "\"1\"").post(&path, &end).expect(200);
    assert_eq!((&ended["endedOn"], &ended["endReason"]), (&json!("2020-12-15"), &json!("notKept")));
    api.with("If-Match", "\"2\"").post(&path, &end).refused(409, "participation.plan_ended");
    let facts = contract_facts(&api, person, "");
    assert_eq!((facts.len(), &facts[0]["to"], &facts[0]["id"]), (1, &json!("2020-12-15"), &ended["factId"]));
    assert_eq!(contract_facts(&api, person, "&includeSuperseded=true").len(), 2);

    // A fact that is there already is referred to, and only one's own.
    let known = json!({ "kind": "socialContract", "value": "true", "from": "2021-03-01", "source": "OPS" });
    let known = api.post(&format!("/people/{person}/facts"), &known).id();
    let second = contract(person, &json!({ "factId": known, "from": "2021-03-01", "to": "2021-05-31" }));
    assert_eq!(api.post("/individual-plans", &second).expect(201)["factId"], json!(known));
    let stranger = contract(build::person(&app), &json!({ "factId": known }));
    api.post("/individual-plans", &stranger).refused(422, "platform.reference_not_found");
    assert_eq!(contract_facts(&api, person, "").len(), 2);
}

#[test]
fn the_fact_follows_a_revision_of_its_contract_and_keeps_its_trail() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let person = build::person(&app);
    let plan = api.post("/individual-plans", &contract(person, &json!({ "recordFact": true }))).expect(201);
    let path = format!("/individual-plans/{}/revisions", plan["id"].as_str().expect("an id"));
    let revise = |version: u8, more: &Value| {
        let mut body = revision(&json!({ "reason": "Zmiana terminu", "signedOn": "2021-01-20" }));
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        api.with("If-Match", &format!("\"{version}\"")).post(&path, &body)
    };
    let days = |fact: &Value| (fact["from"].clone(), fact["to"].clone(), fact["evidenceOn"].clone());

    // Extended by an annex that holds later: until then the contract held as it was signed.
    let extended = revise(1, &json!({ "from": "2021-01-20", "to": "2021-04-30" })).expect(200);
    let facts = contract_facts(&api, person, "");
    assert_eq!((facts.len(), &facts[0]["id"]), (1, &extended["factId"]));
    assert_eq!(days(&facts[0]), (json!("2020-11-02"), json!("2021-04-30"), json!("2021-01-20")));
    assert_eq!((&facts[0]["supersedesId"], facts[0]["correctionReason"].is_string()), (&plan["factId"], true));
    let trail = contract_facts(&api, person, "&includeSuperseded=true");
    let former = trail.iter().find(|fact| fact["id"] == plan["factId"]).expect("the former fact");
    assert_eq!((trail.len(), &former["to"], former["supersededAt"].is_string()), (2, &json!("2021-01-31"), true));

    // Other words within the same days are no other fact; no end is an open one; a rehearsal changes nothing.
    let reworded = revise(2, &json!({ "from": "2021-02-01", "to": "2021-04-30" })).expect(200);
    assert_eq!(reworded["factId"], extended["factId"]);
    let rehearsed = format!("{path}?dryRun=true");
    api.with("If-Match", "\"3\"")
        .post(&rehearsed, &revision(&json!({ "reason": "Próba", "from": "2021-02-01", "to": "2021-06-30" })))
        .expect(200);
    assert_eq!(contract_facts(&api, person, "")[0]["to"], "2021-04-30");
    revise(3, &json!({ "from": "2020-10-15", "to": null })).expect(200);
    assert_eq!(days(&contract_facts(&api, person, "")[0]), (json!("2020-10-15"), Value::Null, json!("2021-01-20")));

    // What a worker has corrected meanwhile stays as corrected.
    let current = contract_facts(&api, person, "")[0]["id"].clone();
    let corrected = json!({ "kind": "socialContract", "value": "true", "from": "2020-11-10", "to": "2021-02-10", "source": "OPS",
        "supersedesId": current, "correctionReason": "Pomyłka" });
    api.post(&format!("/people/{person}/facts"), &corrected).expect(201);
    revise(4, &json!({ "from": "2021-03-01", "to": "2021-12-31" })).expect(200);
    assert_eq!(contract_facts(&api, person, "")[0]["to"], "2021-02-10");
}

#[test]
fn a_plan_belongs_to_the_persons_own_participation() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let who = taking_part(&app, "2020-10-15", "2020-12-14");
    let own = contract(who.person, &json!({ "participationId": who.participation }));
    assert_eq!(api.post("/individual-plans", &own).expect(201)["editionId"], json!(who.edition));
    let others = contract(build::person(&app), &json!({ "participationId": who.participation }));
    api.post("/individual-plans", &others).refused(422, "platform.reference_not_found");
    let listed = api.get(&format!("/individual-plans?editionId={}", who.edition)).expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn contacts_and_the_length_of_an_action_plan_are_watched_by_the_regime() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let programme = api.post("/programmes", &json!({ "name": "PAI", "kind": "pai" })).id();
    // The built-in regime of 2014 knows action plans and their profiles.
    let agreement =
        json!({ "kind": "implementation", "signedOn": "2015-01-02", "regimeId": "01900000-0000-7000-8000-00000000f001" });
    let agreement = api.post("/agreements", &agreement).id();
    let edition = json!({ "programmeId": programme, "agreementId": agreement, "name": "I",
        "startsOn": "2015-03-01", "endsOn": "2015-04-30", "places": 9 });
    let edition: Uuid = api.post("/editions", &edition).id().parse().expect("an id");
    let person = build::person(&app);
    let profile = json!({ "kind": "helpProfile", "value": "I", "from": "2014-12-01", "source": "PUP" });
    api.post(&format!("/people/{person}/facts"), &profile).expect(201);
    let plan = api.post("/individual-plans", &action_plan(person, edition)).id();
    let warnings = |on: &str| api.get(&format!("/individual-plans/{plan}?effectiveOn={on}")).expect(200)["warnings"].clone();
    let too_long = json!({ "code": "participation.plan_too_long", "helpProfile": "I", "days": 181, "limitDays": 180 });
    assert_eq!(warnings("2015-03-02"), json!([too_long]));
    let overdue = json!({ "code": "participation.plan_contact_overdue", "lastContactOn": "2015-01-01", "dueOn": "2015-03-02" });
    assert_eq!(warnings("2015-03-03"), json!([overdue, too_long]));

    let events = format!("/individual-plans/{plan}/events");
    api.post(&events, &json!({ "kind": "contact", "form": "telephone", "occurredOn": "2015-02-20" })).expect(201);
    assert_eq!(warnings("2015-03-03"), json!([too_long]));
    for (event, code, pointer) in [
        (json!({ "kind": "contact", "occurredOn": "2015-02-21" }), "participation.plan_event_parts", "/form"),
        (json!({ "kind": "evaluation", "occurredOn": "2015-02-21" }), "participation.plan_event_parts", "/result"),
        (
            json!({ "kind": "contact", "form": "visit", "occurredOn": "2014-12-31" }),
            "participation.plan_event_before",
            "/occurredOn",
        ),
    ] {
        assert_eq!(pointers(&api.post(&events, &event).refused(422, code)), [pointer], "{event}");
    }
    let evaluation = json!({ "kind": "evaluation", "result": "achieved", "occurredOn": "2015-06-30", "note": WORDS });
    let recorded = api.post(&events, &evaluation);
    assert!(!recorded.text.contains(WORDS), "{}", recorded.text);
    assert_eq!(recorded.expect(201)["hasNote"], true);
    assert!(!api.get(&events).text.contains(WORDS));
    assert_eq!(content(&api, &plan, "")["notes"][0]["note"], WORDS);
}

#[test]
fn a_declaration_of_participation_names_the_version_of_its_text() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let who = taking_part(&app, "2020-10-15", "2020-12-14");
    let text = json!({ "code": "deklaracja", "version": 1, "text": "Deklaruję udział." });
    let recorded = api.post("/declaration-texts", &text).expect(201);
    // printf 'Deklaruję udział.' | sha256sum
    assert_eq!(recorded["sha256"], "09a81cd4d125c4eda26156d1cb3e10914c0661ccb4a630eea35f45873a71811f");
    api.post("/declaration-texts", &text).refused(409, "recruitment.text_version_exists");
    let declaration = json!({ "personId": who.person, "editionId": who.edition, "textId": recorded["id"], "signedOn": "2020-10-12", "signed": false });
    let unsigned = api.post("/participation-declarations", &declaration).id();
    let twin = api.post("/participation-declarations", &declaration).refused(409, "recruitment.declared_already");
    assert_eq!(twin["declarationId"], json!(unsigned));
    let mut correction = declaration.clone();
    correction["signed"] = json!(true);
    correction["supersedesId"] = json!(unsigned);
    api.post("/participation-declarations", &correction).refused(422, "recruitment.declaration_correction");
    correction["correctionReason"] = json!("Podpis złożono na miejscu");
    api.post("/participation-declarations", &correction).expect(201);
    api.post("/participation-declarations", &correction).refused(409, "platform.already_superseded");
    // Nor is the corrected one made again, by however many at once; another day is another declaration.
    let again = declaration.clone();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let mut later = again.clone();
        later["signedOn"] = json!("2020-10-13");
        let calls: Vec<_> = [again.clone(), later.clone(), again, later.clone(), later]
            .map(|body| scope.spawn(|| api.post("/participation-declarations", &{ body }).status))
            .into_iter()
            .collect();
        calls.into_iter().map(|call| call.join().expect("a thread")).collect()
    });
    assert_eq!((statuses.iter().filter(|status| **status == 201).count(), statuses.len()), (1, 5), "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
    let path = format!("/participation-declarations?personId={}", who.person);
    let current = api.get(&path).expect(200)["items"].clone();
    assert_eq!((current.as_array().map(Vec::len), &current[0]["signed"]), (Some(2), &json!(true)));
    let all = api.get(&format!("{path}&includeSuperseded=true")).expect(200);
    assert_eq!(all["items"].as_array().map(Vec::len), Some(3));
    for field in ["personId", "editionId", "textId"] {
        let mut wrong = declaration.clone();
        wrong[field] = json!(NOBODY);
        let refused = api.post("/participation-declarations", &wrong).refused(422, "platform.reference_not_found");
        assert_eq!(pointers(&refused), [format!("/{field}")]);
    }
}

#[test]
fn the_same_plan_is_recorded_once() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let person = build::person(&app);
    let sign = |body: &Value| api.post("/individual-plans", body);
    let plan = contract(person, &json!({}));
    let first = sign(&plan).id();
    let again = sign(&plan).refused(409, "participation.plan_recorded_already");
    assert_eq!(again["planId"], json!(first));
    // Also after it was revised; and of many at once one.
    let longer = revision(&json!({ "to": "2021-02-28", "reason": "Dłuższa terapia" }));
    api.with("If-Match", "\"1\"").post(&format!("/individual-plans/{first}/revisions"), &longer).expect(200);
    sign(&plan).refused(409, "participation.plan_recorded_already");
    let other = json!({ "goals": ["Podjęcie pracy"], "actions": plan["parts"]["actions"] });
    for another in [json!({ "signedOn": "2020-11-01" }), json!({ "to": "2021-03-31" }), json!({ "parts": other })] {
        sign(&contract(person, &another)).expect(201);
    }
    let of_another = contract(build::person(&app), &json!({}));
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..4).map(|_| scope.spawn(|| sign(&of_another).status)).collect();
        callers.into_iter().map(|caller| caller.join().expect("answered")).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
}
