//! A town with one resource of each kind, made from the examples of the contract.

use std::collections::BTreeSet;

use pai::platform::examples::PATH_IDS;
use serde_json::Value;

use super::TestApp;
use super::contract::{Operation, operations};

/// Creates what the examples refer to, in whatever order they need each other.
pub fn populate(app: &TestApp) {
    let creates: Vec<Operation> = operations().into_iter().filter(|operation| is_create(operation)).collect();
    let mut done = BTreeSet::new();
    loop {
        let before = done.len();
        for operation in &creates {
            if !done.contains(operation.id) && create(app, operation) {
                done.insert(operation.id);
            }
        }
        if done.len() == before {
            return;
        }
    }
}

fn is_create(operation: &Operation) -> bool {
    operation.method == "POST" && operation.path.trim_start_matches("/api/v1/") == operation.segment()
}

fn create(app: &TestApp, operation: &Operation) -> bool {
    let Some(Value::Object(mut body)) = operation.example().cloned() else { return false };
    if let Some((_, id)) = PATH_IDS.iter().find(|(segment, _)| *segment == operation.segment()) {
        body.insert("id".to_owned(), Value::from(*id));
    }
    let api = app.api(operation.allowed_role());
    api.post(operation.path, &Value::Object(body)).status == 201
}
