//! What the contract says of lists as files.

use serde_json::{Map, Value, json};

use super::forms::Form;
use crate::platform::listing::CsvDialect;

/// Headers that only files have.
const OF_FILES: [&str; 5] = ["Repr-Digest", "Pai-Row-Count", "Pai-Control-Totals", "Content-Disposition", "Accept-Ranges"];

/// Said of every list.
const ALSO_AS_FILE: &str = "**As a file**: with `Accept: text/csv`, `application/x-ndjson` or that of a workbook all pages of this filter come as one file, read in one snapshot. Headers tell rows, control totals and SHA-256; `Range` goes on where a download broke off.";

/// Adds the files to an operation that answers pages.
pub(in crate::platform) fn document_files(operation: &mut Value) {
    let parameters = operation["parameters"].as_array_mut();
    let Some(parameters) = parameters.filter(|all| all.iter().any(|parameter| parameter["name"] == "cursor")) else { return };
    let dialects: Vec<&str> = CsvDialect::ALL.iter().map(|dialect| dialect.as_str()).collect();
    parameters.push(json!({ "name": "dialect", "in": "query", "required": false,
        "description": "Dialect of a CSV file: semicolons and decimal commas for Polish spreadsheets (when left out), or RFC 4180. Other forms have none.",
        "schema": { "type": "string", "enum": dialects } }));
    let description = operation["description"].as_str().unwrap_or_default();
    operation["description"] = json!(format!("{description}\n\n{ALSO_AS_FILE}").trim());
    let page = &mut operation["responses"]["200"];
    let headers = page["headers"].as_object_mut();
    if let Some(headers) = headers {
        headers.extend(["ETag"].into_iter().chain(OF_FILES).map(|name| (name.to_owned(), reference(name))));
    }
    let files: Map<String, Value> = Form::MEDIA.into_iter().map(|(media, _)| (media.to_owned(), json!({}))).collect();
    if let Some(content) = page["content"].as_object_mut() {
        content.extend(files.clone());
    }
    let mut part = page.clone();
    part["description"] = json!("The part of the file that `Range` asks for.");
    part["content"] = Value::Object(files);
    if let Some(headers) = part["headers"].as_object_mut() {
        headers.remove("Link");
        headers.insert("Content-Range".to_owned(), reference("Content-Range"));
    }
    operation["responses"]["206"] = part;
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

/// The headers that files have, described.
pub(in crate::platform) fn headers() -> [(&'static str, Value); 6] {
    let text =
        |description: &str, max: u32| json!({ "description": description, "schema": { "type": "string", "maxLength": max } });
    [
        ("Repr-Digest", text("SHA-256 of the whole file (RFC 9530).", 100)),
        (
            "Pai-Row-Count",
            json!({ "description": "Rows of the whole file, without the head.",
                "schema": { "type": "integer", "format": "int32", "minimum": 0, "maximum": super::MOST_ROWS } }),
        ),
        (
            "Pai-Control-Totals",
            text(
                "Sums of the columns of hours and amounts over the whole file: a JSON object of decimal strings by the heads of the columns.",
                4000,
            ),
        ),
        ("Content-Disposition", text("Name of the file.", 200)),
        ("Accept-Ranges", text("`bytes`: parts can be asked for.", 10)),
        ("Content-Range", text("Which part of the file this is.", 100)),
    ]
}
