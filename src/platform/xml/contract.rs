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

/// The type of the records of an operation that answers pages; the contract names a page after it.
pub(super) fn listed(operation: &Value) -> Option<&str> {
    answered(operation)?.strip_prefix("Page_")
}

/// Adds XML to the operations of a dialect.
pub fn document_xml(document: &mut Value, dialect: &Dialect) {
    let version = dialect.version;
    let items = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    for operation in items.filter_map(Value::as_object_mut).flat_map(|item| item.values_mut()) {
        if !dialect.operations.iter().any(|id| operation["operationId"] == *id) {
            continue;
        }
        let answers = ["200", "201", "206"].map(|status| (format!("/responses/{status}/content"), LONGEST_ANSWERED));
        for (place, longest) in [("/requestBody/content".to_owned(), LONGEST_TAKEN)].into_iter().chain(answers) {
            if let Some(content) = operation.pointer_mut(&place).and_then(Value::as_object_mut) {
                content.insert(MEDIA_TYPE.to_owned(), json!({ "schema": { "type": "string", "maxLength": longest } }));
            }
        }
        let description = operation["description"].as_str().unwrap_or_default();
        let whole = if listed(operation).is_some() {
            " The list comes whole: with it, `limit` and `cursor` are refused (400)."
        } else {
            ""
        };
        operation["description"] = json!(format!(
            "{description}\n\n**As XML**: `application/xml`, by the schema at `/api/v1/exchange-schemas/{version}`; refusals stay problem documents whose pointers name the same fields.{whole}"
        ));
    }
}
