//! What the contract says of each field, the service enforces: a value outside is refused at its place, never an internal error.

use std::collections::BTreeMap;

use crate::support::DOCUMENT;
use pai::platform::policy::Role;
use serde_json::{Map, Value, json};

use crate::support::contract::{Operation, operations};
use crate::support::json_schema::{differences, resolve};
use crate::support::{Api, TestApp};

/// Values that a field hardly takes; those that its schema allows are sorted out later.
fn outside(schema: &Value, good: Option<&Value>) -> Vec<Value> {
    let schema = resolve(&DOCUMENT, schema);
    for keyword in ["oneOf", "anyOf", "allOf"] {
        // A reference that may be null: what the reference refuses, unless it is null.
        if let Some(part) = schema[keyword].as_array().and_then(|parts| parts.iter().find(|part| part["type"] != "null")) {
            return if schema[keyword].as_array().map_or(0, Vec::len) > 2 { vec![] } else { outside(part, good) };
        }
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        kind => kind.as_str().into_iter().collect(),
    };
    let mut wrong = Vec::new();
    if kinds.contains(&"integer") {
        wrong.extend(schema["minimum"].as_i64().map(|minimum| json!(minimum - 1)));
        wrong.extend(schema["maximum"].as_i64().map(|maximum| json!(maximum + 1)));
        wrong.extend([json!(1.5), json!("1"), json!(true)]);
    }
    if kinds.contains(&"string") {
        wrong.extend(schema["maxLength"].as_u64().map(|most| json!("x".repeat(usize::try_from(most).expect("a length") + 1))));
        wrong.extend([json!(5), json!(["x"]), json!({}), json!("\u{0}")]);
        if schema["enum"].is_array() || schema["format"].is_string() || schema["pattern"].is_string() {
            wrong.extend([json!(""), json!("no such word"), json!("2026-13-45")]);
        }
    }
    if kinds.contains(&"boolean") {
        wrong.extend([json!("true"), json!(1)]);
    }
    if kinds.contains(&"array") {
        wrong.extend([json!({}), json!("x")]);
        let item = good.and_then(|good| good.get(0)).cloned();
        if let (Some(item), Some(most @ ..=2000)) = (item, schema["maxItems"].as_u64()) {
            wrong.push(Value::Array(vec![item; usize::try_from(most).expect("a number") + 1]));
        }
    }
    if kinds.contains(&"object") {
        wrong.extend([json!([]), json!("x"), json!({ "noSuchField": 1 })]);
    }
    wrong
}

/// Whether the messages are Polish throughout; the names of fields and words of vocabularies are what they are.
fn is_polish(problem: &Value) -> bool {
    const ENGLISH: &[&str] = &[
        "must",
        "has",
        "is",
        "be",
        "the",
        "with",
        "from",
        "of",
        "expected",
        "invalid",
        "did",
        "you",
        "mean",
        "than",
        "digit",
        "digits",
        "characters",
        "string",
        "failed",
        "found",
        "list",
        "object",
        "number",
        "required",
        "given",
        "twice",
    ];
    problem["errors"].as_array().into_iter().flatten().all(|error| {
        let message = error["message"].as_str().unwrap_or_default();
        // A vocabulary ends the message.
        let said = message.split("jednym z:").next().unwrap_or_default();
        said.split(|sign: char| !sign.is_alphabetic()).all(|word| !ENGLISH.contains(&word.to_lowercase().as_str()))
    })
}

/// Sends the example with one field changed; answers what is wrong with the refusal.
fn refusal(operation: &Operation, api: &Api, body: &Map<String, Value>, field: &str, wrong: &Value) -> Option<String> {
    let mut body = body.clone();
    body.insert(field.to_owned(), wrong.clone());
    let query = operation.required_query();
    let joint = if query.is_empty() { String::new() } else { format!("&{query}") };
    let target = if operation.rule().is_some_and(|rule| rule.access.writes()) {
        format!("{}?dryRun=true{joint}", operation.example_path())
    } else {
        operation.example_path()
    };
    let answer = api.send(&operation.method, &target, Some(Value::Object(body).to_string()));
    let problem: Value = serde_json::from_str(&answer.text).unwrap_or(Value::Null);
    let at = format!("/{field}");
    let pointed =
        problem["errors"].as_array().into_iter().flatten().any(|error| {
            error["pointer"].as_str().is_some_and(|pointer| pointer == at || pointer.starts_with(&format!("{at}/")))
        });
    let shown: String = wrong.to_string().chars().take(60).collect();
    let said: String = answer.text.chars().take(300).collect();
    if answer.status == 422 && pointed && is_polish(&problem) {
        None
    } else {
        Some(format!("{} {field} = {shown}: {} {said}", operation.id, answer.status))
    }
}

#[test]
fn a_value_outside_the_contract_is_refused_where_it_stands() {
    let app = TestApp::start_with_demo();
    let mut apis: BTreeMap<Role, Api> = BTreeMap::new();
    let mut failed = Vec::new();
    for operation in operations() {
        let (Some(schema), Some(Value::Object(body))) = (operation.body_schema(), operation.example()) else { continue };
        let role = operation.allowed_role();
        let api = apis.entry(role).or_insert_with(|| app.api(role)).clone();
        let api = operation.conditional(&api, &operation.example_path());
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let mut wrong = outside(property, body.get(field));
            wrong.retain(|wrong| !differences(&DOCUMENT, property, wrong, "").is_empty());
            for wrong in wrong {
                failed.extend(refusal(&operation, &api, body, field, &wrong));
            }
        }
        for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let mut body = body.clone();
            body.remove(required);
            let answer = api.send(&operation.method, &operation.example_path(), Some(Value::Object(body).to_string()));
            let problem: Value = serde_json::from_str(&answer.text).unwrap_or(Value::Null);
            if answer.status != 422 || problem["errors"][0]["pointer"] != format!("/{required}") || !is_polish(&problem) {
                failed.push(format!("{} without {required}: {}", operation.id, answer.text));
            }
        }
    }
    assert!(failed.is_empty(), "{} differences\n{}", failed.len(), failed.join("\n"));
}
