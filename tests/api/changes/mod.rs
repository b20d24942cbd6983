//! Changes of a running participation, and their effect before they are made.

mod moves;
mod preview;
mod prolongations;

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::reserve::Reserve;

/// A block of classes in the edition, with sessions of five hours on these days; answers the sessions.
pub fn classes(run: &Reserve, days: &[&str]) -> Vec<String> {
    let block = json!({ "kind": "integration", "name": "Warsztaty" });
    let block = run.api.post(&format!("/editions/{}/blocks", run.edition), &block).id();
    let session = |day: &&str| {
        let body = json!({ "blockId": block, "heldOn": day, "hours": "5.00", "form": "group" });
        run.api.post("/sessions", &body).id()
    };
    days.iter().map(session).collect()
}

/// Records the sheet of a session: who came, everybody else missed it without an excuse.
pub fn sheet(run: &Reserve, session: &str, came: &[&str]) {
    let path = format!("/sessions/{session}/attendance");
    let expected = run.api.get(&path).expect(200)["expected"].clone();
    let row = |who: &Value| {
        let present = came.contains(&who.as_str().expect("an id"));
        json!({ "participationId": who, "status": if present { "present" } else { "unexcused" } })
    };
    let rows: Vec<Value> = expected.as_array().expect("ids").iter().map(row).collect();
    run.api.send("PUT", &path, Some(json!({ "rows": rows }).to_string())).expect(200);
}

/// Lets the edition ask for a share of hours.
pub fn ask_for_share(run: &Reserve, share: &str) {
    let path = format!("/editions/{}", run.edition);
    let change = json!({ "name": "I", "startsOn": "2020-11-02", "endsOn": "2020-12-31", "completionAttendancePercent": share });
    run.api.put(&path, run.api.get(&path).header("etag"), &change).expect(200);
}

/// The preview of a change.
pub fn preview(api: &Api, participation: &str, query: &str) -> Value {
    api.get(&format!("/participations/{participation}/change-preview?{query}")).expect(200)
}

/// Kinds of the steps of a participation.
pub fn steps(api: &Api, participation: &str) -> Vec<String> {
    let events = api.get(&format!("/participations/{participation}/events")).expect(200);
    events["items"].as_array().into_iter().flatten().filter_map(|event| event["kind"].as_str().map(str::to_owned)).collect()
}
