//! JSON and XML of the same thing, compared leaf by leaf; written apart from the service's own spelling.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

/// The element of one of several values.
fn one_of(member: &str) -> &'static str {
    match member {
        "effects" => "effect",
        "erasedSubjectIds" => "erasedSubjectId",
        "needs" => "need",
        "people" => "person",
        "proposalIds" => "proposalId",
        "proposals" => "proposal",
        "records" | "refused" => "record",
        other => panic!("no element for one of {other}"),
    }
}

/// The document of an element for some JSON.
pub fn to_xml(root: &str, value: &Value) -> String {
    let body = element(root, value);
    body.replacen(&format!("<{root}>"), &format!("<{root} xmlns=\"urn:pai:exchange:1\">"), 1)
}

fn element(name: &str, value: &Value) -> String {
    let inner = match value {
        Value::Object(members) => {
            let kind = members.get("kind").and_then(Value::as_str);
            members
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| match (name.as_str(), kind) {
                    ("payload", Some(kind)) => format!("<payload>{}</payload>", element(kind, value)),
                    _ => element(name, value),
                })
                .collect::<String>()
        }
        Value::Array(items) => items.iter().map(|item| element(one_of(name), item)).collect(),
        Value::String(text) => text.replace('&', "&amp;").replace('<', "&lt;").replace(']', "&#x5D;"),
        other => other.to_string(),
    };
    format!("<{name}>{inner}</{name}>")
}

/// What stands where in some JSON; `null` stands nowhere.
pub fn leaves_of_json(root: &str, value: &Value) -> BTreeMap<String, String> {
    fn walk(path: &str, value: &Value, leaves: &mut BTreeMap<String, String>) {
        match value {
            Value::Null => {}
            Value::Object(members) => {
                let kind = members.get("kind").and_then(Value::as_str);
                for (name, value) in members {
                    match (name.as_str(), kind) {
                        ("payload", Some(kind)) => walk(&format!("{path}/payload/{kind}"), value, leaves),
                        _ => walk(&format!("{path}/{name}"), value, leaves),
                    }
                }
            }
            Value::Array(items) => {
                let element = one_of(path.rsplit('/').next().expect("a name"));
                items.iter().enumerate().for_each(|(place, item)| walk(&format!("{path}/{element}[{place}]"), item, leaves));
            }
            Value::String(text) => {
                leaves.insert(path.to_owned(), text.clone());
            }
            other => {
                leaves.insert(path.to_owned(), other.to_string());
            }
        }
    }
    let mut leaves = BTreeMap::new();
    walk(&format!("/{root}"), value, &mut leaves);
    leaves
}

/// What stands where in a document.
pub fn leaves_of_xml(document: &str) -> BTreeMap<String, String> {
    const SEVERAL: [&str; 7] = ["effect", "erasedSubjectId", "need", "person", "proposalId", "proposal", "record"];
    let mut reader = Reader::from_str(document);
    let (mut leaves, mut path) = (BTreeMap::new(), Vec::<String>::new());
    // For each open element how many of a name it has had, and whether it holds others.
    let (mut counts, mut text) = (vec![BTreeMap::<String, usize>::new()], String::new());
    let mut holds_others = vec![false];
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(start) => {
                let name = start.local_name().into_inner().to_owned();
                *holds_others.last_mut().expect("an element") = true;
                let place = counts.last_mut().expect("an element").entry(name.clone()).or_default();
                path.push(if SEVERAL.contains(&name.as_str()) { format!("{name}[{place}]") } else { name });
                *place += 1;
                counts.push(BTreeMap::new());
                holds_others.push(false);
                text.clear();
            }
            Event::End(_) => {
                let at = format!("/{}", path.join("/"));
                path.pop();
                counts.pop();
                let several =
                    ["effects", "erasedSubjectIds", "needs", "people", "proposalIds", "proposals", "records", "refused"];
                let is_empty_list = text.trim().is_empty() && several.iter().any(|name| at.ends_with(&format!("/{name}")));
                if !holds_others.pop().expect("an element") && !is_empty_list {
                    leaves.insert(at, text.clone());
                }
                text.clear();
            }
            Event::Text(part) => text.push_str(&part.xml10_content()),
            Event::GeneralRef(reference) => text.push(match reference.into_inner().as_ref() {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "#13" => '\r',
                other => panic!("{other}"),
            }),
            Event::Eof => return leaves,
            _ => {}
        }
    }
}
