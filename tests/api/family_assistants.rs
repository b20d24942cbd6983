//! What the client of a family assistant sees: the families of that assistant, and without a code none.

use std::collections::BTreeSet;

use crate::sheet_templates::template;
use crate::support::contract::{MISSING, operations};
use crate::support::scene::{Scene, TEN_A_WEEK};
use crate::support::{Api, TestApp, build};
use pai::platform::policy::{FOR_FAMILIES, Role};
use serde_json::{Value, json};
use uuid::Uuid;

/// A family with one member, of whom something of every kind is on file.
struct Family {
    household: String,
    person: Uuid,
    participation: Uuid,
    plan: String,
}

fn family(api: &Api, scene: &mut Scene, assistant: &str) -> Family {
    let person = scene.person();
    let edition = scene.edition(TEN_A_WEEK);
    let participation = scene.participation(edition, person);
    let household = api.post("/households", &json!({})).id();
    let member = json!({ "personId": person, "from": "2020-01-01" });
    api.post(&format!("/households/{household}/members"), &member).expect(201);
    let assigned = json!({ "assistant": assistant, "from": "2020-01-01" });
    api.post(&format!("/households/{household}/assistants"), &assigned).expect(201);
    let fact = json!({ "kind": "education", "value": "primary", "from": "2010-06-20", "source": "oświadczenie" });
    api.post(&format!("/people/{person}/facts"), &fact).expect(201);
    let plan = json!({
        "personId": person, "kind": "socialContract", "contractForm": "lifeSituation", "signedOn": "2020-11-02",
        "from": "2020-11-02", "author": "socialWorker",
        "parts": { "goals": ["Cel"], "actions": [{ "by": "client", "what": "A" }, { "by": "centre", "what": "B" }] }
    });
    let plan = api.post("/individual-plans", &plan).id();
    Family { household, person, participation, plan }
}

/// The ids that a list shows.
fn listed(api: &Api, path: &str) -> BTreeSet<String> {
    let page = api.get(path).expect(200);
    let ids = page["items"].as_array().into_iter().flatten().filter_map(|item| item["id"].as_str().map(str::to_owned));
    ids.collect()
}

#[test]
fn an_assistant_sees_the_own_families_and_nobody_else() {
    let app = TestApp::start();
    let worker = app.api(Role::SocialWorker);
    let mut scene = Scene::of(&app);
    let (own, other) = (family(&worker, &mut scene, "AR-1"), family(&worker, &mut scene, "AR-2"));
    let api = scene.assistant("AR-1");

    for (path, wanted) in [
        ("/people", own.person.to_string()),
        ("/households", own.household.clone()),
        ("/participations", own.participation.to_string()),
        ("/individual-plans", own.plan.clone()),
    ] {
        assert_eq!(listed(&api, path), [wanted].into(), "{path}");
    }
    let hidden = [
        ("/households?assistant=AR-2", &other.person),
        ("/participations?personId=", &other.person),
        ("/individual-plans?personId=", &other.person),
    ];
    for (path, person) in hidden {
        let path = if path.ends_with('=') { format!("{path}{person}") } else { path.to_owned() };
        assert_eq!(listed(&api, &path), BTreeSet::new(), "{path}");
    }
    let single = |family: &Family| {
        let Family { household, person, participation, plan } = family;
        [
            format!("/people/{person}"),
            format!("/people/{person}/facts"),
            format!("/people/{person}/merges"),
            format!("/people/{person}/survey-responses"),
            format!("/people/{person}/participation-history"),
            format!("/households/{household}"),
            format!("/households/{household}/assistants"),
            format!("/participations/{participation}"),
            format!("/participations/{participation}/events"),
            format!("/individual-plans/{plan}"),
            format!("/individual-plans/{plan}/events"),
        ]
    };
    for (seen, unseen) in single(&own).iter().zip(single(&other)) {
        api.get(seen).expect(200);
        let missing = api.get(&unseen).refused(404, "platform.not_found");
        assert!(!missing.to_string().contains("mergedInto"), "{unseen}");
    }

    let contact = json!({ "kind": "contact", "form": "visit", "occurredOn": "2020-11-20" });
    api.post(&format!("/individual-plans/{}/events", own.plan), &contact).expect(201);
    api.post(&format!("/individual-plans/{}/events", other.plan), &contact).refused(404, "platform.not_found");
    // Nobody out of sight is brought into it, and no family is taken over.
    let taken = json!({ "personId": other.person, "from": "2021-01-01" });
    let path = format!("/households/{}/members", own.household);
    api.post(&path, &taken).refused(422, "platform.reference_not_found");
    let member = json!({ "personId": own.person, "from": "2019-01-01", "to": "2019-06-30" });
    api.post(&path, &member).expect(201);
    api.post(&format!("/households/{}/members", other.household), &member).refused(404, "platform.not_found");
    let assignment = json!({ "assistant": "AR-1", "from": "2021-01-01" });
    api.post(&format!("/households/{}/assistants", other.household), &assignment).refused(403, "platform.forbidden");
}

#[test]
fn without_a_code_no_family_is_seen() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let worker = app.api(Role::SocialWorker);
    let Family { household, person, participation, plan } = family(&worker, &mut scene, "AR-1");
    let api = app.api(Role::FamilyAssistant);
    for path in ["/people", "/households", "/participations", "/individual-plans"] {
        assert_ne!(listed(&worker, path), BTreeSet::new(), "{path}: there is something to hide");
        assert_eq!(listed(&api, path), BTreeSet::new(), "{path}");
    }
    for path in [
        format!("/people/{person}"),
        format!("/people/{person}/facts"),
        format!("/households/{household}"),
        format!("/participations/{participation}"),
        format!("/individual-plans/{plan}"),
    ] {
        api.get(&path).refused(404, "platform.not_found");
    }
    api.get("/applications").refused(403, "platform.families_only");
    api.get("/editions").expect(200);
}

#[test]
fn an_assistant_observes_the_people_of_the_own_families_only() {
    let app = TestApp::start();
    let worker = app.api(Role::SocialWorker);
    let mut scene = Scene::of(&app);
    let (own, other) = (family(&worker, &mut scene, "AR-1"), family(&worker, &mut scene, "AR-2"));
    let template = app.api(Role::Coordinator).post("/sheet-templates", &template()).id();
    let observed = |family: &Family, by: &str| {
        json!({
            "participationId": family.participation, "templateId": template, "rater": "observer", "observerRole": by,
            "moment": "before", "filledOn": "2020-10-16",
            "scores": [
                { "competence": "jobSearch", "score": "3" },
                { "competence": "teamwork", "item": "listening", "score": "3" },
                { "competence": "teamwork", "item": "helping", "score": "4" }
            ]
        })
    };
    let [of_own, of_other] = [&own, &other].map(|family| worker.post("/sheets", &observed(family, "social_worker")).id());
    let api = scene.assistant("AR-1");
    let made = api.post("/sheets", &observed(&own, "family_assistant")).id();
    assert_eq!(listed(&api, "/sheets"), [of_own.clone(), made].into());
    api.get(&format!("/sheets/{of_own}")).expect(200);
    api.get(&format!("/sheets/{of_other}")).refused(404, "platform.not_found");
    let hidden = api.post("/sheets", &observed(&other, "family_assistant")).refused(422, "platform.reference_not_found");
    assert_eq!(hidden["errors"][0]["pointer"], "/participationId");
}

#[test]
fn sight_ends_with_the_assignment_and_with_the_household() {
    let app = TestApp::start();
    let worker = app.api(Role::SocialWorker);
    let mut scene = Scene::of(&app);
    let Family { household, person, .. } = family(&worker, &mut scene, "ar-1");
    let moved = build::person(&app);
    let stay = json!({ "personId": moved, "from": "2019-01-01", "to": "2019-12-31" });
    worker.post(&format!("/households/{household}/members"), &stay).expect(201);
    let api = scene.assistant("AR-1");
    assert_eq!(listed(&api, "/people"), [person.to_string()].into(), "who moved out is not seen");

    let path = format!("/households/{household}/assistants");
    let assigned = worker.get(&path).expect(200)["items"][0]["id"].clone();
    let ended = json!({ "assistant": "AR-1", "from": "2020-01-01", "to": "2020-12-31",
        "supersedesId": assigned, "correctionReason": "Koniec pracy z rodziną" });
    worker.post(&path, &ended).expect(201);
    assert_eq!(listed(&api, "/people"), BTreeSet::new());
    assert_eq!(listed(&api, "/households"), BTreeSet::new());
    api.get(&format!("/people/{person}")).refused(404, "platform.not_found");
    // What becomes of somebody unseen is not told, either.
    worker.post(&format!("/people/{person}/merge"), &json!({ "into": moved, "reason": "Ta sama osoba" })).expect(200);
    api.get(&format!("/people/{person}")).refused(404, "platform.not_found");
    worker.get(&format!("/people/{person}")).refused(410, "people.merged");
}

#[test]
fn whatever_is_not_narrowed_is_closed_to_a_narrowed_assistant() {
    let app = TestApp::start();
    let api = Scene::of(&app).assistant("AR-1");
    let mut open = BTreeSet::new();
    for operation in operations() {
        let Some(rule) = operation.rule().filter(|rule| rule.roles.contains(&Role::FamilyAssistant)) else { continue };
        let body = operation.body_schema().map(|_| "{}".to_owned());
        let answer = api.with("If-Match", "\"1\"").send(&operation.method, &operation.path_with(MISSING), body);
        let refused = answer.status == 403;
        assert_eq!(refused, !FOR_FAMILIES.contains(&rule.operation), "{}: {}", rule.operation, answer.text);
        if refused {
            answer.refused(403, "platform.families_only");
        } else {
            open.insert(rule.operation);
        }
    }
    let named: BTreeSet<&str> = FOR_FAMILIES.iter().copied().collect();
    assert_eq!(open, named, "every name in the list is an operation of the role");
}

#[test]
fn an_administrator_narrows_a_client_by_the_code() {
    let app = TestApp::start();
    let body = json!({ "name": "Aplikacja asystenta", "role": "family_assistant", "assistant": "ar-7" });
    let made = app.api(Role::Administrator).post("/clients", &body).expect(201);
    assert_eq!(made["assistant"], "AR-7");
    let read = app.api(Role::Auditor).get(&format!("/clients/{}", made["id"].as_str().expect("an id"))).expect(200);
    assert_eq!(read["assistant"], json!("AR-7"));
    let plain: Value =
        app.api(Role::Administrator).post("/clients", &json!({ "name": "Inna", "role": "coordinator" })).expect(201);
    assert_eq!(plain["assistant"], Value::Null);
}

#[test]
fn an_assistant_is_not_told_who_lived_there_before_or_comes_later() {
    let app = TestApp::start();
    let worker = app.api(Role::SocialWorker);
    let mut scene = Scene::of(&app);
    let household = worker.post("/households", &json!({})).id();
    let [before, during, now, later, moved] = <[Uuid; 5]>::try_from(build::people(&app, 5)).expect("five");
    let path = format!("/households/{household}/members");
    let add = |person: Uuid, more: &Value| {
        let mut body = json!({ "personId": person, "from": "2020-01-01" });
        for (name, value) in more.as_object().expect("fields") {
            body[name] = value.clone();
        }
        worker.post(&path, &body).id()
    };
    add(before, &json!({ "from": "2015-01-01", "to": "2019-12-31" }));
    add(during, &json!({ "to": "2022-06-30" }));
    add(now, &json!({ "from": "2019-06-01" }));
    // The day of the service's clock is 15 June 2026.
    add(later, &json!({ "from": "2026-06-16" }));
    let wrong = add(moved, &json!({ "from": "2021-01-01" }));
    let correction = json!({ "from": "2016-01-01", "to": "2016-12-31", "supersedesId": wrong, "correctionReason": "Błędny rok" });
    add(moved, &correction);
    let assigned = json!({ "assistant": "AR-1", "from": "2020-01-01" });
    worker.post(&format!("/households/{household}/assistants"), &assigned).expect(201);

    let told = |api: &Api, query: &str| -> BTreeSet<String> {
        let view = api.get(&format!("/households/{household}{query}")).expect(200);
        let members = view["members"].as_array().expect("members").clone();
        members.iter().map(|member| member["personId"].as_str().expect("an id").to_owned()).collect()
    };
    let ids = |people: &[Uuid]| people.iter().map(Uuid::to_string).collect::<BTreeSet<_>>();
    assert_eq!(told(&worker, ""), ids(&[before, during, now, later, moved]));
    let assistant = scene.assistant("AR-1");
    for query in ["", "?includeSuperseded=true"] {
        assert_eq!(told(&assistant, query), ids(&[during, now]), "{query}");
    }
    for person in [before, later, moved] {
        assistant.get(&format!("/people/{person}")).refused(404, "platform.not_found");
    }
}
