//! The contract: complete, consistent with the policy table, and what the service answers.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::support::DOCUMENT;
use pai::platform::policy::{Access, RULES, Role};
use regex::Regex;
use serde_json::Value;

use crate::support::TestApp;
use crate::support::bless::{compare, ratchet};
use crate::support::contract::{MISSING, Operation, operations};
use crate::support::json_schema::{differences, resolve};

/// Operations of the policy table whose handlers have not landed; to be emptied.
const PENDING: &[&str] = &[];
/// Operations that need no token, and so no row of the policy table.
const OPEN: &[&str] = &["list_errors", "get_error", "get_exchange_schema"];
/// Segments that name one thing or one act; every other is a plural.
const SINGULAR: &[&str] = &[
    "acceptance",
    "adoption",
    "answer",
    "approval",
    "attendance",
    "attendance-list",
    "breakdown",
    "cancellation",
    "certificate",
    "change-preview",
    "closure",
    "commit",
    "comparison",
    "completion",
    "correction",
    "decision",
    "discharge",
    "dispatch",
    "document",
    "end",
    "file",
    "history",
    "identity",
    "merge",
    "participation-history",
    "payroll-list",
    "plan-comparison",
    "psu-ledger",
    "psu-time-card",
    "publication",
    "receipt",
    "refund-claim",
    "refusal",
    "rescheduling",
    "revocation",
    "sample",
    "search",
    "settlement",
    "sign-in-sheet",
    "substitution",
    "substitution-plan",
    "support-summary",
    "verification",
    "waiting-list",
    "withdrawal",
];
/// Catalogues of the program itself, whose length it knows: not paged.
const CATALOGUES: &[&str] = &["list_definitions", "list_errors", "list_import_kinds"];

pub fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("pattern")
}

#[test]
fn the_committed_contract_is_the_generated_one() {
    let text = serde_json::to_string_pretty(&*DOCUMENT).expect("text");
    compare("openapi/openapi.json", &format!("{text}\n"));
}

#[test]
fn every_rule_has_one_operation_and_every_operation_one_rule() {
    let operations = operations();
    let mut ids: Vec<&str> = operations.iter().map(|operation| operation.id).collect();
    ids.sort_unstable();
    assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "operationIds are unique: {ids:?}");
    let unruled: Vec<&str> =
        operations.iter().filter(|operation| operation.rule().is_none()).map(|operation| operation.id).collect();
    assert_eq!(unruled, OPEN, "operations that are not in the policy table");
    let missing = RULES.iter().map(|rule| rule.operation).filter(|operation| !ids.contains(operation)).map(str::to_owned);
    ratchet("rules without an operation", PENDING, missing);
    for operation in &operations {
        let writes = operation.rule().is_some_and(|rule| rule.access.writes());
        let reveals = operation.rule().is_some_and(|rule| rule.access == Access::Reveal);
        let fitting = match operation.method.as_str() {
            "GET" => !writes,
            // A look-up by an identifier is a POST, so that the identifier is in no URL.
            "POST" => writes || reveals,
            "PUT" | "PATCH" | "DELETE" => writes,
            _ => false,
        };
        assert!(fitting, "{} is a {}", operation.id, operation.method);
    }
}

#[test]
fn every_operation_says_what_it_is() {
    let tags: BTreeSet<&str> = DOCUMENT["tags"].as_array().into_iter().flatten().filter_map(|tag| tag["name"].as_str()).collect();
    let mut used = BTreeSet::new();
    for operation in operations() {
        let Operation { id, value, .. } = operation;
        for member in ["summary", "description"] {
            assert!(value[member].as_str().is_some_and(|text| text.len() > 10), "{id}: {member} is too short");
        }
        let summary = value["summary"].as_str().unwrap_or_default();
        assert!(summary.len() <= 120 && !summary.contains('\n'), "{id}: a summary is one short line: {summary}");
        assert_eq!(value["tags"], serde_json::json!([operation.segment()]), "{id}: the tag is the first segment");
        assert!(tags.contains(operation.segment()), "{id}: the tag {} is not described", operation.segment());
        used.insert(operation.segment());
    }
    assert_eq!(tags, used, "tags described and tags used");
}

#[test]
fn paths_are_kebab_case_plurals_without_a_trailing_slash() {
    let kebab = pattern("^[a-z]+(-[a-z]+)*$");
    let mut singular = BTreeSet::new();
    for operation in operations() {
        let path = operation.path.strip_prefix("/api/v1/").unwrap_or_else(|| panic!("{} is below the base path", operation.path));
        assert!(!path.ends_with('/'), "{path}");
        for segment in path.split('/').filter(|segment| !segment.starts_with('{')) {
            assert!(kebab.is_match(segment), "{path}: {segment}");
            if !segment.ends_with('s') && segment != "people" {
                singular.insert(segment.to_owned());
            }
        }
    }
    ratchet("singular segments", SINGULAR, singular);
}

/// Names of the members of every object.
fn names<'d>(schema: &'d Value, found: &mut Vec<&'d str>) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Object(properties)) = map.get("properties") {
                found.extend(properties.keys().map(String::as_str));
            }
            map.iter().filter(|(key, _)| !key.starts_with("example")).for_each(|(_, value)| names(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| names(value, found)),
        _ => {}
    }
}

#[test]
fn json_and_query_names_are_camel_case() {
    let camel = pattern("^[a-z][a-zA-Z0-9]*$");
    let mut found = Vec::new();
    names(&DOCUMENT, &mut found);
    let wrong: BTreeSet<&str> = found.into_iter().filter(|name| !camel.is_match(name)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    for operation in operations() {
        for parameter in [operation.parameters("query"), operation.parameters("path")].concat() {
            assert!(camel.is_match(parameter["name"].as_str().unwrap_or_default()), "{}: {}", operation.id, parameter["name"]);
        }
    }
}

#[test]
fn every_operation_names_its_answers() {
    for operation in operations() {
        let id = operation.id;
        let responses = operation.value["responses"].as_object().expect("responses");
        // A part of a file (206) is as little JSON as the file.
        let good: Vec<&String> = responses.keys().filter(|status| status.starts_with('2') && *status != "206").collect();
        assert!(!good.is_empty(), "{id}: no success");
        for status in good {
            let schema = responses[status].pointer("/content/application~1json/schema");
            let has_body = schema.is_some_and(|schema| !schema.is_null());
            assert!(has_body || operation.answers_files(), "{id}: {status} has no body");
        }
        let mut needed = vec!["400", "405", "406", "500", "503"];
        if let Some(rule) = operation.rule() {
            needed.extend(["401", "403", "429"]);
            if rule.access.writes() {
                needed.extend(["409", "412"]);
                assert!(responses.contains_key("200"), "{id}: a rehearsal answers 200");
            }
            if matches!(rule.access, Access::Change | Access::ChangeIdentity | Access::Put) {
                needed.push("428");
            }
        }
        if operation.path.contains('{') {
            needed.push("404");
        }
        if operation.body_schema().is_some() {
            needed.extend(["413", "415", "422"]);
        }
        for status in needed {
            let response = responses.get(status).unwrap_or_else(|| panic!("{id} does not name {status}"));
            let content = resolve(&DOCUMENT, response).pointer("/content/application~1problem+json/schema");
            assert!(content.is_some(), "{id}: {status} is no problem document");
        }
    }
}

#[test]
fn every_body_has_an_example_that_its_own_schema_accepts() {
    let mut wrong = Vec::new();
    for operation in operations() {
        let with_body = matches!(operation.method.as_str(), "POST" | "PUT" | "PATCH");
        let Some(schema) = operation.body_schema() else {
            if with_body && operation.file().is_none() {
                wrong.push(format!("{}: no JSON body is described", operation.id));
            }
            continue;
        };
        if operation.value["requestBody"]["required"] != true {
            wrong.push(format!("{}: the body is not required", operation.id));
        }
        if schema["additionalProperties"] != false {
            wrong.push(format!("{}: the schema does not say that unknown fields are refused", operation.id));
        }
        match operation.example() {
            None => wrong.push(format!("{}: the body has no example", operation.id)),
            Some(example) => wrong.extend(differences(&DOCUMENT, schema, example, operation.id)),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_object_of_a_body_takes_unknown_fields() {
    fn open_objects(schema: &Value, at: &str, seen: &mut HashSet<String>, found: &mut Vec<String>) {
        if let Some(name) = schema["$ref"].as_str() {
            if seen.insert(name.to_owned()) {
                open_objects(resolve(&DOCUMENT, schema), name, seen, found);
            }
            return;
        }
        if schema["properties"].is_object() && schema["additionalProperties"] != false {
            found.push(at.to_owned());
        }
        match schema {
            Value::Object(map) => map.iter().for_each(|(key, part)| open_objects(part, &format!("{at}.{key}"), seen, found)),
            Value::Array(parts) => parts.iter().for_each(|part| open_objects(part, at, seen, found)),
            _ => {}
        }
    }
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    for operation in operations() {
        if let Some(schema) = operation.value.pointer("/requestBody/content/application~1json/schema") {
            open_objects(schema, operation.id, &mut seen, &mut found);
        }
    }
    assert!(seen.len() > 50, "the bodies were not walked: {seen:?}");
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_parameter_is_bounded_described_and_has_a_valid_example() {
    let mut wrong = Vec::new();
    for operation in operations() {
        for parameter in ["query", "path", "header"].into_iter().flat_map(|place| operation.parameters(place)) {
            let name = format!("{} {}", operation.id, parameter["name"]);
            if parameter["description"].as_str().is_none_or(str::is_empty) {
                wrong.push(format!("{name} is not described"));
            }
            if !is_bounded(&parameter["schema"]) {
                wrong.push(format!("{name} is not bounded: {}", parameter["schema"]));
            }
            for example in [parameter.get("example"), parameter.pointer("/schema/example"), parameter.pointer("/schema/default")]
                .into_iter()
                .flatten()
            {
                wrong.extend(differences(&DOCUMENT, &parameter["schema"], example, &name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_string_number_and_list_of_the_contract_is_bounded() {
    let mut wrong = BTreeMap::new();
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().into_iter().flatten() {
        unbounded(schema, name, &mut wrong);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn unbounded(schema: &Value, at: &str, found: &mut BTreeMap<String, Value>) {
    if !is_bounded(schema) {
        found.insert(at.to_owned(), schema.clone());
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        unbounded(property, &format!("{at}.{name}"), found);
    }
    for keyword in ["items", "additionalProperties"] {
        if schema[keyword].is_object() {
            unbounded(&schema[keyword], &format!("{at}.{keyword}"), found);
        }
    }
    for keyword in ["allOf", "anyOf", "oneOf", "prefixItems"] {
        for (index, part) in schema[keyword].as_array().into_iter().flatten().enumerate() {
            unbounded(part, &format!("{at}.{index}"), found);
        }
    }
}

fn is_bounded(schema: &Value) -> bool {
    let is = |wanted: &str| match &schema["type"] {
        Value::Array(kinds) => kinds.contains(&Value::from(wanted)),
        kind => kind == wanted,
    };
    let has = |keyword: &str| !schema[keyword].is_null();
    let word = has("enum") || has("const");
    (!is("string") || word || has("maxLength"))
        && (!(is("integer") || is("number")) || word || (has("minimum") && has("maximum")))
        && (!is("array") || has("maxItems"))
}

#[test]
fn lists_page_alike() {
    for operation in operations() {
        let schema =
            operation.value.pointer("/responses/200/content/application~1json/schema").map(|schema| resolve(&DOCUMENT, schema));
        let Some(properties) = schema.and_then(|schema| schema["properties"].as_object()) else { continue };
        if !operation.id.starts_with("list_") || CATALOGUES.contains(&operation.id) {
            continue;
        }
        assert!(properties.contains_key("items") && properties.contains_key("nextCursor"), "{}: no page", operation.id);
        let names: Vec<&str> = operation.parameters("query").iter().filter_map(|parameter| parameter["name"].as_str()).collect();
        assert!(names.contains(&"limit") && names.contains(&"cursor"), "{}: {names:?}", operation.id);
    }
}

#[test]
fn the_service_serves_its_contract_and_a_page_to_try_it() {
    let app = TestApp::start();
    let anonymous = app.anonymous();
    assert_eq!(anonymous.get("/openapi.json").expect(200), *DOCUMENT);
    let page = anonymous.get("/swagger-ui/");
    assert_eq!(page.status, 200);
    assert!(page.text.contains("swagger-ui"), "{}", page.text);
    assert!(page.header("content-security-policy").contains("default-src 'self'"));
    for part in ["swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"] {
        assert_eq!(anonymous.get(&format!("/swagger-ui/{part}")).status, 200, "{part}");
    }
    assert!(anonymous.get("/swagger-ui/swagger-initializer.js").text.contains("/openapi.json"));
}

#[test]
fn unknown_paths_methods_and_parameters_are_refused() {
    let app = TestApp::start();
    let anonymous = app.anonymous();
    anonymous.get("/unknown-things").refused(404, "platform.not_found");
    anonymous.get("//etc/passwd").refused(404, "platform.not_found");
    let all = operations();
    let mut methods: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in all.iter().map(|operation| operation.path_with(MISSING)) {
        // `/people/search` is no person whose id is "search".
        let literal = all.iter().any(|operation| operation.path == path);
        let taking = all.iter().filter(|operation| operation.path == path || !literal && operation.takes(&path));
        let taking = taking.map(|operation| operation.method.clone());
        methods.insert(path.clone(), taking.collect());
    }
    for (path, allowed) in &methods {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if allowed.contains(method) {
                continue;
            }
            let answer = anonymous.send(method, path, None);
            answer.refused(405, "platform.method_not_allowed");
            let named: BTreeSet<String> = answer.header("allow").split(", ").map(str::to_owned).collect();
            assert_eq!(&named, allowed, "{method} {path}");
        }
    }
}

#[test]
fn an_unknown_parameter_is_refused_and_the_nearest_is_named() {
    let app = TestApp::start();
    let apis: BTreeMap<Role, _> = Role::ALL.into_iter().map(|role| (role, app.api(role))).collect();
    for operation in operations() {
        let Some(rule) = operation.rule() else { continue };
        let api = &apis[&rule.roles[0]];
        let Some(known) = operation.parameters("query").iter().find_map(|parameter| parameter["name"].as_str()) else {
            let body = operation.body_schema().map(|_| "{}".to_owned());
            api.send(&operation.method, &format!("{}?surely=1", operation.path_with(MISSING)), body)
                .refused(400, "platform.unknown_parameter");
            continue;
        };
        let path = format!("{}?{known}x=1", operation.path_with(MISSING));
        let refused = api.send(&operation.method, &path, Some("{}".to_owned())).refused(400, "platform.unknown_parameter");
        let message = refused["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains(&format!("'{known}'")), "{}: {message}", operation.id);
        assert_eq!(refused["errors"][0]["pointer"], format!("{known}x"), "{}", operation.id);
    }
}

#[test]
fn what_is_repeated_of_a_request_keeps_to_its_lengths() {
    let app = TestApp::start();
    let api = app.api(Role::Auditor);
    let refused = api.get(&format!("/audit-entries?{}=1", "%C5%BC".repeat(600))).refused(400, "platform.unknown_parameter");
    assert_eq!(refused["errors"][0]["pointer"], "ż".repeat(500));
    let missing = api.get(&format!("/people/{}", "a".repeat(3000))).refused(404, "platform.not_found");
    assert_eq!(missing["instance"].as_str().map(str::len), Some(2000));
}
