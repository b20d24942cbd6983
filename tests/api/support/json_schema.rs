//! Whether a JSON value is what a schema of the contract says.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use chrono::{DateTime, NaiveDate};
use regex::Regex;
use serde_json::Value;
use uuid::Uuid;

static PATTERNS: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);

/// What a reference of the document points to.
pub fn resolve<'d>(document: &'d Value, mut schema: &'d Value) -> &'d Value {
    while let Some(reference) = schema["$ref"].as_str() {
        schema = document.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference} leads nowhere"));
    }
    schema
}

/// Every way in which the value differs from the schema; a keyword that is not checked here is a failure itself.
pub fn differences(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let schema = resolve(document, schema);
    let mut found = Vec::new();
    let Some(keywords) = schema.as_object() else {
        return if schema == &Value::Bool(false) { vec![format!("{at}: nothing is allowed here")] } else { found };
    };
    for (keyword, expected) in keywords {
        let wrong = match keyword.as_str() {
            "type" => !one_or_many(expected).any(|kind| has_type(value, kind.as_str().unwrap_or_default())),
            "enum" => !expected.as_array().is_some_and(|words| words.contains(value)),
            "const" => expected != value,
            "minimum" => value.as_f64() < expected.as_f64() && value.is_number(),
            "maximum" => value.as_f64() > expected.as_f64() && value.is_number(),
            "minLength" => {
                value.as_str().is_some_and(|text| (text.chars().count() as u64) < expected.as_u64().unwrap_or_default())
            }
            "maxLength" => value.as_str().is_some_and(|text| text.chars().count() as u64 > expected.as_u64().unwrap_or(u64::MAX)),
            "minItems" => value.as_array().is_some_and(|items| (items.len() as u64) < expected.as_u64().unwrap_or_default()),
            "maxItems" => value.as_array().is_some_and(|items| items.len() as u64 > expected.as_u64().unwrap_or(u64::MAX)),
            "uniqueItems" => value.as_array().is_some_and(|items| (1..items.len()).any(|end| items[..end].contains(&items[end]))),
            "pattern" => value.as_str().is_some_and(|text| !matches(expected.as_str().unwrap_or_default(), text)),
            "format" => value.as_str().is_some_and(|text| !has_format(text, expected.as_str().unwrap_or_default())),
            "properties" | "required" | "additionalProperties" | "propertyNames" => {
                found.extend(object_differences(document, schema, keyword, value, at));
                false
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    found.extend(differences(document, expected, item, &format!("{at}/{index}")));
                }
                false
            }
            "prefixItems" => {
                for (index, (item, schema)) in
                    value.as_array().into_iter().flatten().zip(expected.as_array().into_iter().flatten()).enumerate()
                {
                    found.extend(differences(document, schema, item, &format!("{at}/{index}")));
                }
                false
            }
            "allOf" => {
                found.extend(one_or_many(expected).flat_map(|part| differences(document, part, value, at)));
                false
            }
            "anyOf" => !one_or_many(expected).any(|part| differences(document, part, value, at).is_empty()),
            "oneOf" => one_or_many(expected).filter(|part| differences(document, part, value, at).is_empty()).count() != 1,
            "title" | "description" | "example" | "examples" | "default" | "deprecated" | "readOnly" | "writeOnly"
            | "contentMediaType" => false,
            extension => !extension.starts_with("x-"),
        };
        if wrong {
            found.push(format!("{at}: {value} against {keyword} {expected}"));
        }
    }
    found
}

fn object_differences(document: &Value, schema: &Value, keyword: &str, value: &Value, at: &str) -> Vec<String> {
    let Some(members) = value.as_object() else { return Vec::new() };
    let known = schema["properties"].as_object();
    let expected = &schema[keyword];
    match keyword {
        "properties" => members
            .iter()
            .filter_map(|(name, member)| Some((name, member, known?.get(name)?)))
            .flat_map(|(name, member, schema)| differences(document, schema, member, &format!("{at}/{name}")))
            .collect(),
        "required" => one_or_many(expected)
            .filter_map(Value::as_str)
            .filter(|name| !members.contains_key(*name))
            .map(|name| format!("{at}: {name} is missing"))
            .collect(),
        "additionalProperties" => members
            .iter()
            .filter(|(name, _)| !known.is_some_and(|known| known.contains_key(*name)))
            .flat_map(|(name, member)| differences(document, expected, member, &format!("{at}/{name}")))
            .collect(),
        _ => members
            .keys()
            .flat_map(|name| differences(document, expected, &Value::from(name.as_str()), &format!("{at}/{name}")))
            .collect(),
    }
}

fn one_or_many(value: &Value) -> std::slice::Iter<'_, Value> {
    match value {
        Value::Array(items) => items.iter(),
        single => std::slice::from_ref(single).iter(),
    }
}

fn has_type(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    let mut patterns = PATTERNS.lock().unwrap_or_else(PoisonError::into_inner);
    let pattern =
        patterns.entry(pattern.to_owned()).or_insert_with(|| Regex::new(pattern).unwrap_or_else(|error| panic!("{error}")));
    pattern.is_match(text)
}

fn has_format(text: &str, format: &str) -> bool {
    match format {
        "uuid" => Uuid::parse_str(text).is_ok(),
        "date" => text.parse::<NaiveDate>().is_ok(),
        "date-time" => DateTime::parse_from_rfc3339(text).is_ok(),
        "decimal" => text.parse::<rust_decimal::Decimal>().is_ok(),
        "uri" | "uri-reference" => !text.contains(' '),
        _ => true,
    }
}

#[test]
fn the_validator_finds_what_a_schema_refuses() {
    let schema = serde_json::json!({ "type": "object", "required": ["a"], "additionalProperties": false,
        "properties": { "a": { "type": ["integer", "null"], "minimum": 1 }, "b": { "type": "string", "maxLength": 2, "pattern": "^[a-z]+$" } } });
    let wrong = |value: Value| differences(&Value::Null, &schema, &value, "").len();
    assert_eq!(wrong(serde_json::json!({ "a": 1, "b": "xy" })), 0);
    assert_eq!(wrong(serde_json::json!({ "a": null })), 0);
    assert_eq!(wrong(serde_json::json!({ "a": 0 })), 1);
    assert_eq!(wrong(serde_json::json!({ "b": "xyz" })), 2);
    assert_eq!(wrong(serde_json::json!({ "a": 1, "c": 1 })), 1);
    assert_eq!(wrong(serde_json::json!({ "a": 1, "b": "X" })), 1);
    assert_eq!(wrong(serde_json::json!([])), 1);
}
