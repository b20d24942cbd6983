//! The same messages as XML: by a published schema that an outside judge knows, and with nothing else let in.

mod attacks;
mod kinds;
mod spelling;

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::DOCUMENT;
use pai::platform::policy::Role;
use serde_json::{Value, json};

use super::{Exchange, path, send};
use crate::support::bless::compare;
use crate::support::{Answer, Api, TestApp};

/// The schema as it is published.
pub fn schema(app: &TestApp) -> String {
    let answer = app.anonymous().get("/exchange-schemas/1");
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/xml"), "{}", answer.text);
    answer.text
}

/// Whether a document is one of the schema, as libxml2 judges.
pub fn judged(schema: &str, document: &str) -> Result<(), String> {
    static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let file = std::env::temp_dir().join(format!("pai-schema-{}-{number}.xsd", std::process::id()));
    std::fs::write(&file, schema).expect("a file");
    let mut judge = Command::new("xmllint");
    judge.args(["--nonet", "--noout", "--schema"]).arg(&file).arg("-");
    judge.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut judge = judge.spawn().expect("xmllint, which `script/bootstrap --checks` installs");
    judge.stdin.take().expect("its input").write_all(document.as_bytes()).expect("it reads");
    let verdict = judge.wait_with_output().expect("it ends");
    std::fs::remove_file(file).expect("the file");
    if verdict.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&verdict.stderr).into_owned()) }
}

/// Posts XML and asks for XML.
pub fn post_xml(by: &Api, path: &str, document: &str) -> Answer {
    by.with("Accept", "application/xml").upload(path, "application/xml; charset=utf-8", document.as_bytes())
}

/// Reads as XML.
pub fn get_xml(by: &Api, path: &str) -> Answer {
    by.with("Accept", "application/xml").get(path)
}

#[test]
fn the_schema_is_published_to_everybody_and_kept_in_the_tree() {
    let app = TestApp::start();
    compare("openapi/exchange-1.xsd", &schema(&app));
    app.anonymous().get("/exchange-schemas/2").refused(404, "platform.not_found");
    app.anonymous().get("/exchange-schemas/x").refused(404, "platform.not_found");
    // Whoever asks for JSON gets JSON, as before, and other resources have no XML.
    let api = app.api(Role::Coordinator);
    assert_eq!(api.get("/messages").header("content-type"), "application/json");
    assert_eq!(api.with("Accept", "application/xml;q=0.5, */*").get("/messages").header("content-type"), "application/json");
    get_xml(&api, "/people").refused(406, "platform.not_acceptable");
    api.upload("/hosts", "application/xml", b"<host/>").refused(415, "platform.unsupported_media_type");
}

#[test]
fn the_steps_of_a_message_are_a_list_in_xml_too() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let start = json!({ "subject": { "personId": exchange.people[0] }, "startsOn": "2020-11-02", "plannedEndOn": "2020-12-31" });
    let payload = json!({ "editionId": exchange.run.edition, "records": [start] });
    let sent = send(&exchange.town, &exchange.body("participationStart", "DP.1", "2020-11-02", &payload));
    let steps = format!("{}/steps", path(&sent["id"]));
    let list = get_xml(&exchange.town, &steps);
    assert_eq!((list.status, list.header("content-type")), (200, "application/xml"), "{}", list.text);
    judged(&schema(&app), &list.text).unwrap_or_else(|why| panic!("{why}"));
    let json = exchange.town.get(&steps).expect(200)["items"][0].clone();
    let record = list.text.split_once("<messageStep>").and_then(|(_, rest)| rest.split_once("</messageStep>")).expect("a step").0;
    assert_eq!(
        spelling::leaves_of_xml(&format!("<messageStep>{record}</messageStep>")),
        spelling::leaves_of_json("messageStep", &json)
    );
    // A list as XML is whole, and the contract says so where it offers one.
    get_xml(&exchange.town, &format!("{steps}?limit=1")).refused(400, "platform.invalid_parameter");
    let operations: Vec<&Value> =
        DOCUMENT["paths"].as_object().expect("paths").values().filter_map(|item| item.get("get")).collect();
    for id in ["list_messages", "list_message_steps"] {
        let operation = operations.iter().find(|operation| operation["operationId"] == id).expect("an operation");
        let said = operation["description"].as_str().expect("a description");
        assert!(said.contains("application/xml") && said.contains("`limit`"), "{id}: {said}");
        assert!(operation["responses"].get("400").is_some());
    }
}
