//! Bodies: an object is an object at every depth.

use crate::support::DOCUMENT;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::contract::{MISSING, PURPOSE, operations};
use crate::support::json_schema::resolve;

/// Pointers to every object that a body can hold below itself, with the body changed so that an array stands there.
fn arrays_in_place_of_objects(schema: &Value, body: &Value, at: &str, found: &mut Vec<(String, Value)>, whole: &Value) {
    let schema = resolve(&DOCUMENT, schema);
    for alternative in
        ["oneOf", "anyOf", "allOf"].into_iter().flat_map(|keyword| schema[keyword].as_array().into_iter().flatten())
    {
        arrays_in_place_of_objects(alternative, body, at, found, whole);
    }
    if schema["properties"].is_object() {
        let mut changed = whole.clone();
        let values = body.as_object().map_or_else(|| json!([]), |members| members.values().cloned().collect());
        if let Some(place) = place(&mut changed, at) {
            *place = values;
            found.push((at.to_owned(), changed));
        }
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        arrays_in_place_of_objects(member, &body[name], &format!("{at}/{name}"), found, whole);
    }
    if schema["items"].is_object() {
        arrays_in_place_of_objects(&schema["items"], &body[0], &format!("{at}/0"), found, whole);
    }
}

/// The value at a pointer; what is not there yet is made.
fn place<'v>(body: &'v mut Value, pointer: &str) -> Option<&'v mut Value> {
    pointer.split('/').skip(1).try_fold(body, |value, name| {
        if name.parse::<usize>().is_ok() {
            if value.get(0).is_none() {
                *value = json!([null]);
            }
            value.get_mut(0)
        } else {
            if !value.is_object() {
                *value = json!({});
            }
            value.as_object_mut().map(|members| members.entry(name).or_insert(Value::Null))
        }
    })
}

#[test]
fn an_array_is_no_object_at_any_depth() {
    let app = TestApp::start();
    let mut tried = 0;
    for operation in operations() {
        let (Some(schema), Some(example)) = (operation.body_schema(), operation.example()) else { continue };
        let mut bodies = Vec::new();
        arrays_in_place_of_objects(schema, example, "", &mut bodies, example);
        let api = app.api(operation.allowed_role()).with("Pai-Purpose", PURPOSE).with("If-Match", "\"1\"");
        // A payload is read by the kind of its message, once the exchange is found; tests of messages try it.
        bodies.retain(|(pointer, _)| operation.id != "create_message" || !pointer.starts_with("/payload"));
        for (pointer, body) in bodies {
            let answer = api.send(&operation.method, &operation.path_with(MISSING), Some(body.to_string()));
            let refused = answer.refused(422, "platform.invalid_body");
            assert_eq!(refused["errors"][0]["pointer"], pointer, "{}: {body} {}", operation.id, answer.text);
            tried += 1;
        }
    }
    assert!(tried > operations().iter().filter(|operation| operation.body_schema().is_some()).count(), "nested ones too");
}
