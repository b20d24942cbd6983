//! The demonstration data: loaded once, by the real program, through its own API.

use crate::support::Api;
use crate::support::program::{DataDir, DemoClients, Service, demo_clients, output, pai, stderr};
use pai::platform::examples;
use pai::platform::policy;
use serde_json::Value;
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

/// Signs each role in once.
struct Callers<'a> {
    service: &'a Service,
    clients: &'a DemoClients,
    apis: HashMap<String, Api>,
}

impl Callers<'_> {
    fn role(&mut self, role: &str) -> Api {
        let api = self.apis.entry(role.to_owned()).or_insert_with(|| {
            let client = &self.clients[&(examples::INSTITUTION.to_owned(), role.to_owned())];
            Api::sign_in(&self.service.address, client).with("Pai-Purpose", "example")
        });
        api.clone()
    }
}

/// The example of a schema, a parameter or a media type.
fn example<'d>(document: &'d Value, part: &'d Value) -> Option<&'d Value> {
    let named = |part: &'d Value| part.get("example").or_else(|| part.get("examples")?.as_array()?.first());
    named(part).or_else(|| {
        let schema = part.get("schema")?;
        let referred = schema.get("$ref").and_then(Value::as_str).and_then(|path| document.pointer(path.trim_start_matches('#')));
        named(referred.unwrap_or(schema))
    })
}

/// The path of an operation with everything that it needs.
fn target(document: &Value, path: &str, operation: &Value) -> String {
    let mut target = path.strip_prefix("/api/v1").unwrap_or(path).to_owned();
    let known = examples::id_in(path).map(str::to_owned);
    let mut query = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().expect("a name");
        let value = || {
            let value = example(document, parameter).unwrap_or_else(|| panic!("{path}: no example of {name}"));
            value.as_str().map_or_else(|| value.to_string(), str::to_owned)
        };
        match parameter["in"].as_str() {
            Some("path") => {
                let value = known.clone().filter(|_| name == "id").unwrap_or_else(value);
                target = target.replace(&format!("{{{name}}}"), &value);
            }
            Some("query") if name == "dryRun" => query.push("dryRun=true".to_owned()),
            // An optional one has an example of its own where one of several is needed.
            Some("query") if parameter["required"] == true || parameter.get("example").is_some() => {
                query.push(format!("{name}={}", value()));
            }
            _ => {}
        }
    }
    if query.is_empty() { target } else { format!("{target}?{}", query.join("&")) }
}

fn needs_version(operation: &Value) -> bool {
    let parameters = operation["parameters"].as_array();
    parameters.into_iter().flatten().any(|parameter| parameter["name"] == "If-Match" && parameter["required"] == true)
}

/// Executes the example of every operation; answers what failed.
fn execute_examples(document: &Value, callers: &mut Callers) -> Vec<String> {
    let mut failed = Vec::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let name = operation["operationId"].as_str().expect("an operation id");
            // What everybody may read without a token has no rule.
            let role = policy::rule(name).and_then(|rule| rule.roles.first()).copied().unwrap_or(policy::Role::Auditor);
            let api = callers.role(role.as_str());
            let target = target(document, path, operation);
            let content = operation["requestBody"]["content"].as_object();
            let sent =
                content.and_then(|content| content.iter().find_map(|(media, part)| Some((media, example(document, part)?))));
            let body = sent.map(|(media, example)| match example.as_str() {
                // A file goes as it stands.
                Some(text) if media != "application/json" => text.to_owned(),
                _ => example.to_string(),
            });
            let api = sent.map_or_else(|| api.clone(), |(media, _)| api.with("Content-Type", media));
            let api = match method.as_str() {
                "post" if needs_version(operation) => api.with("If-Match", "\"1\""),
                "put" => {
                    let current = api.get(target.split('?').next().unwrap_or_default());
                    let etag = current.header("etag").to_owned();
                    if etag.is_empty() || etag == "\"0\"" { api } else { api.with("If-Match", &etag) }
                }
                _ => api,
            };
            // As Swagger UI does: it asks for the very form that is documented.
            for media in operation["responses"]["200"]["content"].as_object().expect("an answer").keys() {
                let answer = api.with("Accept", media).send(&method.to_uppercase(), &target, body.clone());
                if answer.status != 200 {
                    let sent = body.as_deref().unwrap_or_default();
                    failed.push(format!("{name}: {method} {target} as {media} {}\n  {sent}\n  {}", answer.status, answer.text));
                }
            }
        }
    }
    failed
}

#[test]
fn the_demonstration_is_loaded_once_and_every_example_of_the_contract_works_on_it() {
    let dir = DataDir::new();
    let mut service = Service::embedded(&dir, &["--demo"]);
    let file = dir.file("demo-credentials.json");
    assert_eq!(fs::metadata(&file).expect("the credentials").permissions().mode() & 0o777, 0o600);
    assert!(service.printed.contains(&file.display().to_string()));
    let known = demo_clients(&dir);
    for tenant in [examples::INSTITUTION, examples::OTHER_INSTITUTION] {
        for role in policy::Role::ALL {
            let client = &known[&(tenant.to_owned(), role.as_str().to_owned())];
            Api::sign_in(&service.address, client).get("/institutions").expect(200);
        }
    }
    Api::anonymous(&service.address).get("/health/ready").expect(200);

    let document = Api::anonymous(&service.address).get("/openapi.json").expect(200);
    let mut callers = Callers { service: &service, clients: &known, apis: HashMap::new() };
    let failed = execute_examples(&document, &mut callers);
    assert!(failed.is_empty(), "{} examples do not work:\n{}", failed.len(), failed.join("\n"));
    let again = execute_examples(&document, &mut callers);
    assert!(again.is_empty(), "an example works only once:\n{}", again.join("\n"));

    let people = dir.rows("people");
    assert_eq!(service.ask_to_stop("TERM"), Some(0));
    let service = Service::embedded(&dir, &["--demo"]);
    assert!(service.printed.contains(&file.display().to_string()));
    assert_eq!((dir.rows("people"), demo_clients(&dir)), (people, known), "nothing is loaded twice");
    assert_eq!(Api::anonymous(&service.address).get("/openapi.json").expect(200), document, "the examples stay with the data");
}

#[test]
fn a_demonstration_that_ended_half_way_is_not_served() {
    let dir = DataDir::new();
    let create = ["client", "create", "--name", "x", "--role", "auditor", "--institution-name", "OPS"];
    let create = [&create[..], &["--institution-kind", "municipalCentre"]].concat();
    assert!(output(&mut pai(&create, Some(&dir.0))).status.success());
    let service = Service::embedded(&dir, &["--demo"]);
    assert_eq!(dir.rows("institutions"), 1, "a database in use is left alone");
    assert!(!dir.file("demo-credentials.json").exists());
    drop(service);

    fs::write(dir.file("demo-day"), "2026-06-15").expect("as a load leaves it behind");
    let refused = output(&mut pai(&["serve", "--demo", "--listen", "127.0.0.1:0"], Some(&dir.0)));
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("remove the data directory"), "{}", stderr(&refused));
}
