//! The access register: every write and every reveal leaves exactly one row, or does not happen.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use pai::platform::clock::new_id;
use pai::platform::migrations::connect;
use pai::platform::policy::{Access, Role};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::bless::ratchet;
use crate::support::contract::{Operation, PURPOSE};
use crate::support::database::{contents, rows};
use crate::support::world::{exercise, writes_and_reveals};
use crate::support::{Answer, TestApp, test_moment};

/// Writes and reveals that no test carries out yet; to be emptied.
const NOT_EXERCISED: &[&str] = &[];

const END_USER: &str = "jan.kowalski";

#[test]
fn every_write_and_every_reveal_leaves_one_row_and_without_the_log_does_not_happen() {
    let mut done = Vec::new();
    exercise(&mut |app, operation, api, path, body| {
        let mut superuser = connect(&app.superuser_url).expect("superuser");
        let api = api.with("Pai-On-Behalf-Of", END_USER);
        superuser.batch_execute("REVOKE INSERT ON audit_entries FROM pai_service").expect("revoke");
        let before = contents(&mut superuser);
        let unlogged = operation.send(&api, path, body);
        let after = contents(&mut superuser);
        superuser.batch_execute("GRANT INSERT ON audit_entries TO pai_service").expect("grant");
        assert_eq!(before, after, "{}: data changed without a row in the log", operation.id);
        assert!(unlogged.status >= 400, "{}: answered without a row in the log: {}", operation.id, unlogged.text);

        let request = new_id(test_moment());
        let answer = operation.send(&api.with("X-Request-Id", &request.to_string()), path, body);
        let logged = entries(app, request);
        if answer.status >= 300 {
            assert_eq!(logged, Vec::<Vec<String>>::new(), "{}: a refusal is no access", operation.id);
            return answer;
        }
        unlogged.refused(503, "platform.unavailable");
        assert_eq!(personal_words(&answer.text, &unlogged.text, path), Vec::<String>::new(), "{}", operation.id);
        assert_eq!(logged.len(), 1, "{}", operation.id);
        check_row(operation, &answer, &logged[0]);
        done.push(operation.id.to_owned());
        answer
    });
    let open = writes_and_reveals().into_iter().map(|operation| operation.id.to_owned()).filter(|id| !done.contains(id));
    ratchet("writes and reveals that nothing exercises", NOT_EXERCISED, open);
}

/// Texts of an answer that stand in a refusal too.
fn personal_words(answer: &str, refusal: &str, allowed: &str) -> Vec<String> {
    fn texts(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::String(text) if text.chars().count() >= 4 => found.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
            Value::Object(members) => members.values().for_each(|member| texts(member, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    texts(&serde_json::from_str(answer).unwrap_or_else(|_| json!([answer])), &mut found);
    let (refusal, allowed) = (refusal.to_lowercase(), allowed.to_lowercase());
    found.retain(|text| refusal.contains(&text.to_lowercase()) && !allowed.contains(&text.to_lowercase()));
    found
}

/// The rows of one request.
fn entries(app: &TestApp, request: Uuid) -> Vec<Vec<String>> {
    let mut superuser = connect(&app.superuser_url).expect("superuser");
    rows(
        &mut superuser,
        &format!(
            "SELECT ARRAY[a.operation, a.role, coalesce(a.purpose, ''), coalesce(a.on_behalf_of, ''), a.record_kind, a.record_ids::text,
                          a.fields::text, a.reveals_identity::text, a.dry_run::text, c.role] AS row
               FROM audit_entries a JOIN clients c ON c.tenant_id = a.tenant_id AND c.id = a.client_id
              WHERE a.request_id = '{request}'"
        ),
    )
}

fn check_row(operation: &Operation, answer: &Answer, row: &[String]) {
    let rule = operation.rule().expect("a rule");
    let [name, acting_as, purpose, end_user, kind, ids, fields, reveals, dry_run, scope] = row else { panic!("{row:?}") };
    assert_eq!(name, operation.id);
    assert_eq!(acting_as, scope, "{}", operation.id);
    assert_eq!((purpose.as_str(), end_user.as_str()), (PURPOSE, END_USER), "{}", operation.id);
    assert!(!kind.is_empty(), "{}", operation.id);
    assert_eq!(reveals, &rule.access.reveals_identity().to_string(), "{}", operation.id);
    assert_eq!(dry_run, "false", "{}", operation.id);
    // A file has no id.
    let body: Value = serde_json::from_str(&answer.text).unwrap_or_default();
    if let Some(id) = body["id"].as_str() {
        assert!(ids.contains(id) || operation.names_a_resource(), "{}: the row names {ids}, the answer is {id}", operation.id);
    }
    // A search that finds nobody reveals nothing, yet somebody asked.
    assert!(ids != "{}" || operation.id == "search_people", "{}: the row names no record", operation.id);
    if operation.file().is_some() {
        assert!(fields.contains("surname"), "{}: the row names the columns {fields}", operation.id);
    } else if rule.access != Access::Reveal {
        let sent = operation.example().and_then(Value::as_object).expect("a body");
        for field in sent.keys() {
            assert!(fields.contains(field.as_str()), "{}: the row names {fields}, sent was {field}", operation.id);
        }
    }
}

#[test]
fn a_rehearsal_is_logged_and_a_plain_reading_is_not() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let request = new_id(test_moment());
    let seen = api.with("X-Request-Id", &request.to_string());
    seen.post("/hosts?dryRun=true", &json!({ "name": "Biblioteka" })).expect(200);
    let logged = entries(&app, request);
    assert_eq!(logged.len(), 1);
    assert_eq!(logged[0][8], "true");
    let request = new_id(test_moment());
    api.with("X-Request-Id", &request.to_string()).get("/hosts").expect(200);
    assert_eq!(entries(&app, request), Vec::<Vec<String>>::new());
}

#[test]
fn the_register_is_read_by_time_call_and_caller_from_either_end() {
    let app = TestApp::start();
    let hosts: Vec<String> = (1..=3)
        .map(|number| {
            app.clock.advance(TimeDelta::days(1));
            app.api(Role::Coordinator).post("/hosts", &json!({ "name": format!("Biblioteka {number}") })).id()
        })
        .collect();
    let [coordinator, auditor] = [Role::Coordinator, Role::Auditor].map(|role| app.api(role));
    let found = auditor.with("Pai-Purpose", "kontrola").post("/people/search", &json!({ "surname": "Nowak" }));
    assert_eq!(found.status, 403, "an auditor looks for nobody");
    coordinator.with("Pai-Purpose", "recruitment").post("/people/search", &json!({ "surname": "Nowak" })).expect(200);
    let client = app.town.clients["coordinator"].0;
    let read = |query: &str| -> Vec<String> {
        let page = auditor.get(&format!("/audit-entries?{query}")).expect(200);
        let items = page["items"].as_array().expect("items").iter();
        items.map(|entry| entry["recordIds"][0].as_str().unwrap_or("search").to_owned()).collect()
    };
    let [first, second, third] = [0, 1, 2].map(|number| hosts[number].as_str());
    for (query, expected) in [
        ("operation=create_host".to_owned(), vec![first, second, third]),
        ("operation=create_host&order=newest".to_owned(), vec![third, second, first]),
        ("operation=create_host&from=2026-06-17".to_owned(), vec![second, third]),
        ("operation=create_host&to=2026-06-17".to_owned(), vec![first, second]),
        ("from=2026-06-17&to=2026-06-17".to_owned(), vec![second]),
        ("operation=create_host&from=2026-06-17T10:00:00.001Z".to_owned(), vec![third]),
        ("operation=create_host&to=2026-06-17T10:00:00Z".to_owned(), vec![first, second]),
        (format!("clientId={client}&revealsIdentity=true"), vec!["search"]),
        (format!("clientId={client}&revealsIdentity=false"), vec![first, second, third]),
        (format!("recordId={second}&order=newest"), vec![second]),
        ("operation=create_person".to_owned(), vec![]),
    ] {
        assert_eq!(read(&query), expected, "{query}");
    }
    let page = auditor.get("/audit-entries?operation=create_host&order=newest&limit=2").expect(200);
    let cursor = page["nextCursor"].as_str().expect("a next page");
    assert_eq!(read(&format!("operation=create_host&order=newest&limit=2&cursor={cursor}")), vec![first]);
    auditor.get(&format!("/audit-entries?operation=create_host&cursor={cursor}")).refused(400, "platform.invalid_parameter");
    let refused = auditor.get("/audit-entries?from=yesterday").refused(400, "platform.invalid_parameter");
    assert_eq!(refused["errors"][0]["pointer"], "from");
    assert!(refused["errors"][0]["message"].as_str().is_some_and(|message| message.contains("musi być dniem")), "{refused}");
}

#[test]
fn the_auditor_reads_the_register_of_the_own_town_only() {
    let app = TestApp::start();
    let role = Role::Auditor;
    let id = app.api(Role::Coordinator).post("/hosts", &json!({ "name": "Biblioteka" })).id();
    let path = format!("/audit-entries?recordId={id}");
    let entry = app.api(role).get(&path).expect(200)["items"][0].clone();
    assert_eq!(
        (&entry["operation"], &entry["recordIds"], &entry["fields"]),
        (&json!("create_host"), &json!([id]), &json!(["name"]))
    );
    assert_eq!(app.other_api(role).get(&path).expect(200)["items"], json!([]));
}
