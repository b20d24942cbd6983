//! The contract as tests read it: every operation with what is needed to call it.

use std::collections::HashSet;

use crate::support::DOCUMENT;
use pai::platform::examples::id_in;
use pai::platform::openapi;
use pai::platform::policy::{self, Access, Role, Rule};
use serde_json::Value;

use super::http::{Answer, Api};
use super::json_schema::resolve;

/// An operation of the document.
#[derive(Clone)]
pub struct Operation {
    pub path: &'static str,
    pub method: String,
    pub id: &'static str,
    pub value: &'static Value,
}

/// Every operation of the document.
pub fn operations() -> Vec<Operation> {
    openapi::operations(&DOCUMENT)
        .map(|(path, method, value)| Operation {
            path,
            method: method.to_uppercase(),
            id: value["operationId"].as_str().expect("an operationId"),
            value,
        })
        .collect()
}

/// Word lists of the contract, each sorted.
pub fn enumerations() -> HashSet<Vec<String>> {
    fn collect(value: &Value, found: &mut HashSet<Vec<String>>) {
        match value {
            Value::Object(map) => {
                if let Some(words) = map.get("enum").and_then(Value::as_array) {
                    let mut words: Vec<String> = words.iter().filter_map(Value::as_str).map(str::to_owned).collect();
                    words.sort_unstable();
                    found.insert(words);
                }
                map.values().for_each(|value| collect(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| collect(value, found)),
            _ => {}
        }
    }
    let mut found = HashSet::new();
    collect(&DOCUMENT, &mut found);
    found
}

impl Operation {
    /// The row of the policy table; none where the operation needs no token.
    pub fn rule(&self) -> Option<&'static Rule> {
        policy::rule(self.id)
    }

    /// The parameters of the operation in a place such as `query`.
    pub fn parameters(&self, place: &str) -> Vec<&'static Value> {
        self.value["parameters"].as_array().into_iter().flatten().filter(|parameter| parameter["in"] == place).collect()
    }

    /// The schema of the JSON body.
    pub fn body_schema(&self) -> Option<&'static Value> {
        let schema = self.value.pointer("/requestBody/content/application~1json/schema")?;
        Some(resolve(&DOCUMENT, schema))
    }

    /// Media type and example of a body that is a file.
    pub fn file(&self) -> Option<(&'static str, &'static Value)> {
        let content = self.value.pointer("/requestBody/content")?.as_object()?;
        let mut files = content.iter().filter(|(media, _)| *media != "application/json");
        files.find_map(|(media, content)| Some((media.as_str(), content.get("example")?)))
    }

    /// Whether the answer is a file, in one of several formats.
    pub fn answers_files(&self) -> bool {
        let content = self.value.pointer("/responses/200/content").and_then(Value::as_object);
        let is_file = content.is_some_and(|formats| !formats.is_empty() && !formats.contains_key("application/json"));
        is_file
            && (self.id.starts_with("print_")
                || matches!(
                    self.id,
                    "get_import_file"
                        | "get_import_sample"
                        | "get_annex_8_file"
                        | "get_esf_participants_file"
                        | "get_exchange_schema"
                        | "get_payroll_file"
                        | "get_programme_history_file"
                        | "get_refund_claim_file"
                        | "get_report_file"
                        | "get_sign_in_sheet_file"
                ))
    }

    /// A body as it is sent: a file as it stands, all else as JSON.
    pub fn text_of(&self, body: &Value) -> String {
        body.as_str().filter(|_| self.file().is_some()).map_or_else(|| body.to_string(), str::to_owned)
    }

    /// The example of the body.
    pub fn example(&self) -> Option<&'static Value> {
        if let Some((_, example)) = self.file() {
            return Some(example);
        }
        let media = self.value.pointer("/requestBody/content/application~1json")?;
        let schema = self.body_schema()?;
        [media.get("example"), schema.get("example"), schema.pointer("/examples/0")].into_iter().flatten().next()
    }

    /// Whether the path names a resource by its id.
    pub fn names_a_resource(&self) -> bool {
        self.path.contains("{id}")
    }

    /// First segment below the base path.
    pub fn segment(&self) -> &'static str {
        self.path.trim_start_matches("/api/v1/").split('/').next().unwrap_or_default()
    }

    /// Whether a request for this path is for the operation.
    pub fn takes(&self, path: &str) -> bool {
        let (template, path): (Vec<&str>, Vec<&str>) = (self.path.split('/').collect(), path.split('/').collect());
        template.len() == path.len() && template.iter().zip(&path).all(|(part, given)| part.starts_with('{') || part == given)
    }

    /// The path with the example's ids.
    pub fn example_path(&self) -> String {
        self.path_with(id_in(self.path).unwrap_or(MISSING))
    }

    /// The path with an id of one's own; further parameters take their examples.
    pub fn path_with(&self, id: &str) -> String {
        let path = self.path.replace("{id}", id);
        self.parameters("path").iter().fold(path, |path, parameter| {
            let name = parameter["name"].as_str().unwrap_or_default();
            let example = parameter.get("example").or_else(|| parameter.pointer("/schema/example"));
            // A year is a number, all else is text.
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            path.replace(&format!("{{{name}}}"), &example.map_or_else(|| MISSING.to_owned(), text))
        })
    }

    /// Query parameters that must be given, with their examples.
    pub fn required_query(&self) -> String {
        let pairs = self.parameters("query").into_iter().filter(|parameter| parameter["required"] == true).map(|parameter| {
            let example = [parameter.get("example"), parameter.pointer("/schema/example")].into_iter().flatten().next();
            let example =
                example.map_or_else(String::new, |value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            format!("{}={example}", parameter["name"].as_str().unwrap_or_default())
        });
        pairs.collect::<Vec<_>>().join("&")
    }

    /// The caller with the headers that the operation needs; the version is the current one.
    pub fn conditional(&self, api: &Api, path: &str) -> Api {
        let api = api.with("Pai-Purpose", PURPOSE);
        let api = self.file().map_or_else(|| api.clone(), |(media, _)| api.with("Content-Type", media));
        if !matches!(self.rule().map(|rule| rule.access), Some(Access::Change | Access::ChangeIdentity | Access::Put)) {
            return api;
        }
        let current = api.get(path);
        let etag = if current.header("etag").is_empty() { "\"1\"" } else { current.header("etag") };
        api.with("If-Match", etag)
    }

    /// Sends the operation, with the query parameters that it needs.
    pub fn send(&self, api: &Api, path: &str, body: Option<&Value>) -> Answer {
        let query = self.required_query();
        let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        api.send(&self.method, &target, body.map(|body| self.text_of(body)))
    }

    /// Rehearses the operation with the example of the contract on a resource of one's own choice.
    pub fn rehearse(&self, api: &Api, path: &str) -> Answer {
        let mut query = self.required_query();
        if self.rule().is_some_and(|rule| rule.access.writes()) {
            query = if query.is_empty() { "dryRun=true".to_owned() } else { format!("{query}&dryRun=true") };
        }
        let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        let example = || self.text_of(self.example().unwrap_or(&serde_json::json!({})));
        let body = (self.body_schema().is_some() || self.file().is_some()).then(example);
        self.conditional(api, path).send(&self.method, &target, body)
    }

    /// A role that may call.
    pub fn allowed_role(&self) -> Role {
        // The coordinator where possible: the others may be narrowed to a part of the tenant.
        let roles = self.rule().expect("an operation with roles").roles;
        *roles.iter().find(|role| **role == Role::Coordinator).unwrap_or(&roles[0])
    }
}

/// An id that nothing has.
pub const MISSING: &str = "01900000-0000-7000-8000-00000000ffff";
/// What tests state as their purpose.
pub const PURPOSE: &str = "recruitment";
