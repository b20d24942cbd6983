//! What the contract says of operations that take and answer XML.

use serde_json::{Value, json};

use super::{Dialect, JSON, MEDIA_TYPE};

/// Longest document that is taken. **Units**: bytes.
const LONGEST_TAKEN: usize = crate::platform::body::BODY_LIMIT;
/// Longest document that is answered. **Units**: bytes.
const LONGEST_ANSWERED: usize = 1 << 30;

/// The type of the contract that a reference names.
fn named(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

/// The type that an operation takes.
pub(super) fn taken(operation: &Value) -> Option<&str> {
    named(&operation["requestBody"]["content"][JSON]["schema"])
}

/// The type that an operation answers when it succeeds.
pub(super) fn answered(operation: &Value) -> Option<&str> {
    ["201", "200"].iter().find_map(|status| named(&operation["responses"][status]["content"][JSON]["schema"]))
}

/// The type of the records of an operation that answers pages.
pub(super) fn listed<'d>(document: &'d Value, operation: &'d Value) -> Option<&'d str> {
    let page = &document["components"]["schemas"][answered(operation)?];
    named(&page["properties"]["items"]["items"])
}

/// Adds XML to the operations of a dialect.
pub fn document_xml(document: &mut Value, dialect: &Dialect) {
    let version = dialect.version;
    let items = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    for operation in items.filter_map(Value::as_object_mut).flat_map(|item| item.values_mut()) {
        if !dialect.operations.iter().any(|id| operation["operationId"] == *id) {
            continue;
        }
        if let Some(content) = operation["requestBody"]["content"].as_object_mut() {
            content.insert(MEDIA_TYPE.to_owned(), json!({ "schema": { "type": "string", "maxLength": LONGEST_TAKEN } }));
        }
        for status in ["200", "201", "206"] {
            let Some(content) = operation["responses"][status]["content"].as_object_mut() else { continue };
            content.insert(MEDIA_TYPE.to_owned(), json!({ "schema": { "type": "string", "maxLength": LONGEST_ANSWERED } }));
        }
        let description = operation["description"].as_str().unwrap_or_default();
        operation["description"] = json!(format!(
            "{description}\n\n**As XML**: `application/xml`, by the schema at `/api/v1/exchange-schemas/{version}`; refusals stay problem documents whose pointers name the same fields."
        ));
    }
}
