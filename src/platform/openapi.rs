//! The contract: what utoipa reads off the handlers, completed from the policy
//! table, so that what holds for all operations is written once.

use std::collections::{HashMap, HashSet};

use actix_web::ResponseError;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::examples::id_in;
use super::export;
use super::policy::{Access, Role, Rule, rule};
use super::problem::{Locale, Problem, catalogue, render};

/// What exists only once somebody has approved it; until then its reading contradicts the state.
const OF_WHAT_WAS_APPROVED: &[&str] = &["/payroll-list", "/refund-claim", "/settlements/{id}/document"];

/// Answers that any operation can give, by status; the text is the description in the document.
const PROBLEMS: &[(u16, &str)] = &[
    (400, "The request cannot be read, or has an unknown or invalid parameter or header."),
    (401, "No valid access token."),
    (403, "The role does not allow this operation."),
    (404, "No such resource within the client's scope."),
    (405, "The method is not allowed; see Allow."),
    (406, "No answer in the format asked for."),
    (409, "Contradicts the current state."),
    (410, "The person was a duplicate; `mergedInto` says whose."),
    (412, "The resource has changed meanwhile."),
    (413, "The body is too large."),
    (415, "The body is not JSON."),
    (422, "Understood, but not acceptable; errors point to the fields."),
    (428, "If-Match is required."),
    (429, "Too many requests; see Retry-After."),
    (500, "Internal error; the request id finds it in the log."),
    (503, "Unavailable for the moment; see Retry-After."),
];

/// Printable ASCII that neither begins nor ends with a space, which HTTP would cut off.
const FREE_TEXT: &str = "^[!-~]([ -~]*[!-~])?$";
/// Id of the request in examples of problems.
const EXAMPLE_REQUEST: u128 = 0x0190_0000_0000_7000_8000_0000_0000_00aa;
/// Longest page for people.
const PAGE_LENGTH: u32 = 1 << 20;
/// No file is longer, sent or answered; where a kind of file has a lower limit, it is stated beside it.
const FILE_LENGTH: u32 = 1 << 30;
/// Longest name of a member of an object whose members are data.
const MEMBER_NAME_LENGTH: u32 = 100;

/// Completes the document that utoipa made.
pub fn complete(document: &utoipa::openapi::OpenApi) -> Value {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    for (path, method, operation) in operations_mut(&mut document) {
        complete_operation(&path, &method, operation);
        export::document_files(operation);
        object(&mut operation["responses"]).values_mut().for_each(bound_files);
    }
    let components = object(&mut document["components"]);
    components.insert("responses".to_owned(), responses());
    components.insert("headers".to_owned(), headers());
    components.insert(
        "securitySchemes".to_owned(),
        json!({ "clientCredentials": {
            "type": "oauth2",
            "description": "Credentials of a client of this service; the token, a JWT used as RFC8725 asks, is sent as Authorization: Bearer. It expires after an hour by default; a new one is asked for, not refreshed.",
            "flows": { "clientCredentials": { "tokenUrl": "/oauth/token", "scopes": {} } },
        } }),
    );
    bound(&mut document);
    drop_unused(&mut document);
    document
}

/// Drops schemas that nothing refers to: utoipa writes the members of a generic page out in full.
fn drop_unused(document: &mut Value) {
    let text = document.to_string();
    let named = text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next());
    let named: HashSet<&str> = named.collect();
    object(&mut document["components"]["schemas"]).retain(|name, _| named.contains(name.as_str()));
}

/// Query parameters that each operation knows.
pub fn query_parameters(document: &Value) -> HashMap<String, HashSet<String>> {
    let mut known: HashMap<String, HashSet<String>> = HashMap::new();
    for (_, _, operation) in operations(document) {
        let names = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "query")
            .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned));
        known.entry(operation["operationId"].as_str().unwrap_or_default().to_owned()).or_default().extend(names);
    }
    known
}

/// Names the values of a parameter that only the program as a whole knows.
pub fn enumerate_parameter<const N: usize>(document: &mut Value, operations: [&str; N], name: &str, values: &[&str]) {
    let items = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    let all = items.filter_map(Value::as_object_mut).flat_map(|item| item.values_mut());
    for operation in all.filter(|operation| operations.iter().any(|id| operation["operationId"] == *id)) {
        for parameter in operation["parameters"].as_array_mut().into_iter().flatten().filter(|one| one["name"] == name) {
            parameter["schema"]["enum"] = json!(values);
        }
    }
}

/// Shows the one refusal of its status, which another slice than the platform gives.
pub fn show_refusal(document: &mut Value, problem: &Problem) {
    document["components"]["responses"][problem.status_code().as_u16().to_string()]["content"]["application/problem+json"]["example"] =
        example_of(problem);
}

/// Every operation as path, method and description.
pub fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    document["paths"].as_object().into_iter().flatten().flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// Whether a path is one of those that a template of the contract stands for.
pub fn path_matches(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len() && template.iter().zip(&path).all(|(part, given)| part.starts_with('{') || part == given)
}

fn operations_mut(document: &mut Value) -> impl Iterator<Item = (String, String, &mut Value)> {
    document["paths"].as_object_mut().into_iter().flatten().flat_map(|(path, item)| {
        let path = path.clone();
        item.as_object_mut().into_iter().flatten().map(move |(method, operation)| (path.clone(), method.clone(), operation))
    })
}

fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = json!({});
    }
    match value {
        Value::Object(map) => map,
        _ => unreachable!("made an object above"),
    }
}

fn complete_operation(path: &str, method: &str, operation: &mut Value) {
    let operation_id = operation["operationId"].as_str().unwrap_or_default().to_owned();
    let rule = rule(&operation_id);
    split_summary(operation);
    let has_body = operation.get("requestBody").is_some();
    let mut parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    for parameter in &mut parameters {
        // A sample of a type is no example of a filter: pages to try an operation would send it.
        object(&mut parameter["schema"]).remove("examples");
        if parameter["in"] == "path"
            && parameter["name"] == "id"
            && let Some(id) = id_in(path)
        {
            parameter["example"] = json!(id);
        }
    }
    let mut statuses: Vec<u16> = vec![400, 405, 406, 500, 503];
    let names_record =
        |parameter: &Value| parameter["in"] == "query" && parameter["name"].as_str().is_some_and(|name| name.ends_with("Id"));
    if path.contains('{') || parameters.iter().any(names_record) {
        statuses.push(404);
    }
    if path.starts_with("/api/v1/people/{") {
        statuses.push(410);
    }
    if has_body {
        statuses.extend([413, 415, 422]);
    }
    if let Some(rule) = rule {
        statuses.extend([401, 403, 429]);
        operation["security"] = json!([{ "clientCredentials": [] }]);
        operation["x-permission"] = json!(rule.operation);
        operation["x-roles"] = rule.admitted().map(Role::as_str).collect();
        let roles = rule.admitted().map(|role| format!("`{}`", role.as_str())).collect::<Vec<_>>().join(", ");
        let description = operation["description"].as_str().unwrap_or_default();
        operation["description"] = json!(format!("{description}\n\n**Roles**: {roles}.").trim());
        parameters.extend(common_parameters(rule));
        if rule.access.writes() {
            statuses.extend([404, 409, 412]);
            document_dry_run(operation);
        }
        if matches!(rule.access, Access::Change | Access::ChangeIdentity | Access::Put) {
            statuses.push(428);
        }
    } else {
        operation["security"] = json!([]);
    }
    if method == "put" {
        statuses.push(404);
    }
    if method == "get" && OF_WHAT_WAS_APPROVED.iter().any(|segment| path.contains(segment)) {
        statuses.push(409);
    }
    let pages = parameters.iter().any(|parameter| parameter["name"] == "cursor");
    operation["parameters"] = Value::Array(parameters);
    for (status, response) in object(&mut operation["responses"]) {
        response["headers"] = success_headers(status, rule, pages);
    }
    if let Some(body) = operation.get_mut("requestBody") {
        bound_files(body);
    }
    for status in statuses {
        let reference = json!({ "$ref": format!("#/components/responses/{status}") });
        object(&mut operation["responses"]).entry(status.to_string()).or_insert(reference);
    }
}

/// Gives files, which have no schema of their own, the length that none exceeds.
fn bound_files(body: &mut Value) {
    for (media, content) in body.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten() {
        content["schema"] = match media.as_str() {
            "application/json" => continue,
            "text/html" => json!({ "type": "string", "maxLength": PAGE_LENGTH }),
            media if media.starts_with("text/") || media.ends_with("json") => {
                json!({ "type": "string", "maxLength": FILE_LENGTH })
            }
            _ => json!({ "type": "string", "format": "binary", "maxLength": FILE_LENGTH }),
        };
    }
}

/// utoipa takes the first paragraph as the summary; a one-paragraph comment serves as both.
fn split_summary(operation: &mut Value) {
    let summary = operation["summary"].as_str().unwrap_or_default().trim_end_matches('.').to_owned();
    if operation.get("description").is_none_or(Value::is_null) {
        operation["description"] = json!(format!("{summary}."));
    }
    operation["summary"] = json!(summary);
}

fn text_header(name: &str, required: bool, description: &str, example: &str, max_length: u32, pattern: &str) -> Value {
    json!({ "name": name, "in": "header", "required": required, "description": description, "example": example,
            "schema": { "type": "string", "minLength": 1, "maxLength": max_length, "pattern": pattern } })
}

fn common_parameters(rule: &Rule) -> Vec<Value> {
    let mut parameters = vec![];
    if rule.access.writes() {
        let mut key = text_header(
            "Idempotency-Key",
            false,
            "Makes the write happen once: the same key with the same request gets the first answer again. Kept for the time that the operator publishes (48 hours by default).",
            "",
            128,
            "^[!-~]+$",
        );
        // No example: a key that every reader of the page shares would be spent at once.
        object(&mut key).remove("example");
        parameters.push(key);
        parameters.push(json!({ "name": "dryRun", "in": "query", "required": false, "example": true,
            "description": "Does everything, answers 200 with the would-be result, and keeps nothing but the audit row.",
            "schema": { "type": "boolean", "default": false } }));
    }
    match rule.access {
        Access::Change | Access::ChangeIdentity => parameters.push(text_header(
            "If-Match",
            true,
            "The ETag of the version that is changed.",
            "\"1\"",
            64,
            "^\"[!#-~]*\"$",
        )),
        Access::Put => parameters.push(text_header(
            "If-Match",
            false,
            "The ETag of the version that is replaced; not needed where nothing has been recorded yet.",
            "\"0\"",
            64,
            "^\"[!#-~]*\"$",
        )),
        Access::Add => {
            let mut tag = text_header(
                "If-Match",
                false,
                "Optional: refuses the act when the resource has another version.",
                "",
                64,
                "^\"[!#-~]*\"$",
            );
            object(&mut tag).remove("example");
            parameters.push(tag);
        }
        Access::Read | Access::Reveal => {}
    }
    let mut purpose = text_header(
        "Pai-Purpose",
        rule.access.reveals_identity(),
        "Purpose of the access, for the access register (art. 33(8) of the Act of 20 April 2004). ASCII; other letters percent-encoded in UTF-8.",
        "recruitment",
        200,
        FREE_TEXT,
    );
    if !rule.access.reveals_identity() {
        object(&mut purpose).remove("example");
    }
    parameters.push(purpose);
    let mut behalf = text_header(
        "Pai-On-Behalf-Of",
        false,
        "End user on whose behalf the system calls, for the access register: an account or a number, rather than a name. ASCII; other letters percent-encoded in UTF-8. Must not contradict a claim of the token.",
        "",
        200,
        FREE_TEXT,
    );
    object(&mut behalf).remove("example");
    parameters.push(behalf);
    parameters
}

/// A created resource answers 201; its rehearsal 200 with the same body.
fn document_dry_run(operation: &mut Value) {
    let responses = object(&mut operation["responses"]);
    if let Some(created) = responses.get("201").cloned() {
        let mut rehearsed = created;
        rehearsed["description"] = json!("What would be created (dryRun).");
        responses.entry("200".to_owned()).or_insert(rehearsed);
    }
}

fn header_reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

fn success_headers(status: &str, rule: Option<&Rule>, pages: bool) -> Value {
    let mut names = vec!["API-Version", "X-Request-Id", "traceparent", "Cache-Control"];
    if status == "201" {
        names.push("Location");
    }
    if rule.is_some_and(|rule| rule.access.writes()) {
        names.push("Idempotent-Replayed");
    }
    names.push(if pages { "Link" } else { "ETag" });
    Value::Object(names.into_iter().map(|name| (name.to_owned(), header_reference(name))).collect())
}

fn headers() -> Value {
    let mut headers = common_headers();
    object(&mut headers).extend(export::headers().map(|(name, header)| (name.to_owned(), header)));
    headers
}

fn common_headers() -> Value {
    let text =
        |description: &str, max: u32| json!({ "description": description, "schema": { "type": "string", "maxLength": max } });
    let always = |description: &str, max: u32| {
        let mut header = text(description, max);
        header["required"] = json!(true);
        header
    };
    json!({
        "API-Version": always("Version of the contract.", 20),
        "X-Request-Id": always("Id of the request; the caller's own where it sent a UUID.", 36),
        "traceparent": always("W3C trace context.", 55),
        "Cache-Control": always("`no-store`: what concerns people is kept in no cache.", 100),
        "Location": always("Path of the new resource.", 2000),
        "Content-Language": always("Language of the texts, `pl` or `en`, by Accept-Language.", 2),
        "Idempotent-Replayed": text("`true` where this is the stored first answer to the same Idempotency-Key.", 5),
        "ETag": text("Version of a single mutable resource, for If-Match; of figures, a hash, for If-None-Match.", 100),
        "Link": text("Next page of a list, `rel=\"next\"`; not on the last one.", 4000),
        "Retry-After": json!({ "description": "Seconds to wait before a repeated call.", "schema": { "type": "integer", "format": "int32", "minimum": 0, "maximum": 3600 } }),
        "RateLimit": text("State of the quota that is used up: calls left (r), seconds until the next is allowed (t).", 100),
        "RateLimit-Policy": text("The quota: calls (q) in a window of seconds (w).", 100),
        "Allow": text("Methods that are allowed.", 100),
        "WWW-Authenticate": text("Scheme of authentication.", 200),
    })
}

/// What such a refusal looks like, in English.
fn problem_example(status: u16) -> Value {
    let Some(definition) = catalogue::PROBLEMS.iter().find(|definition| definition.status == status) else {
        return Value::Null;
    };
    let gaps = [("roles", json!("coordinator")), ("currentVersion", json!(2))];
    let problem = gaps
        .into_iter()
        .filter(|(name, _)| definition.fix_en.contains(&format!("{{{name}}}")))
        .fold(definition.problem(), |problem, (name, value)| problem.with(name, value));
    example_of(&problem)
}

fn example_of(problem: &Problem) -> Value {
    json!(render(problem, Locale::English, "/api/v1/hosts", Uuid::from_u128(EXAMPLE_REQUEST)))
}

fn responses() -> Value {
    PROBLEMS
        .iter()
        .map(|(status, description)| {
            let mut names = vec!["API-Version", "X-Request-Id", "traceparent", "Cache-Control", "Content-Language"];
            match status {
                401 => names.push("WWW-Authenticate"),
                405 => names.push("Allow"),
                429 => names.extend(["Retry-After", "RateLimit", "RateLimit-Policy"]),
                409 | 503 => names.push("Retry-After"),
                _ => {}
            }
            let headers: Map<String, Value> = names.into_iter().map(|name| (name.to_owned(), header_reference(name))).collect();
            let response = json!({ "description": description, "headers": headers,
                "content": { "application/problem+json": {
                    "schema": { "$ref": "#/components/schemas/Problem" }, "example": problem_example(*status) } } });
            (status.to_string(), response)
        })
        .collect::<Map<String, Value>>()
        .into()
}

/// Gives strings with a fixed form their length and counters their end, which a generated schema leaves out.
fn bound(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map
                .get("type")
                .is_some_and(|kind| kind == "string" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("string"))))
            {
                let length = match map.get("format").and_then(Value::as_str) {
                    Some("uuid") => Some(36),
                    Some("date") => Some(10),
                    Some("date-time") => Some(40),
                    _ => None,
                };
                if let Some(length) = length {
                    map.entry("maxLength".to_owned()).or_insert(json!(length));
                }
            }
            if map.get("type").is_some_and(|kind| kind == "integer") && !map.contains_key("format") {
                let is_small = map.get("maximum").and_then(Value::as_i64).is_some_and(|end| end <= i64::from(i32::MAX));
                map.insert("format".to_owned(), json!(if is_small { "int32" } else { "int64" }));
            }
            let end = match map.get("format").and_then(Value::as_str) {
                Some("int32") => Some(i64::from(i32::MAX)),
                // Beyond this, JavaScript and many a JSON library lose the last digits.
                Some("int64") => Some((1 << 53) - 1),
                _ => None,
            };
            if let Some(end) = end.filter(|_| map.contains_key("minimum")) {
                map.entry("maximum".to_owned()).or_insert(json!(end));
            }
            if let Some(Value::Object(names)) = map.get_mut("propertyNames") {
                names.entry("maxLength".to_owned()).or_insert(json!(MEMBER_NAME_LENGTH));
            }
            map.values_mut().for_each(bound);
        }
        Value::Array(items) => items.iter_mut().for_each(bound),
        _ => {}
    }
}
