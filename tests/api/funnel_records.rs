//! Every number of the figures of recruitment can be opened: by its group, and as the applications themselves.

use crate::support::{TestApp, build};
use pai::platform::policy::Role;
use serde_json::{Value, json};

#[test]
fn every_cell_of_the_funnel_opens_to_its_applications() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 9);
    let apply = |channel: Value| {
        let body =
            json!({ "editionId": edition, "personId": build::person(&app), "receivedOn": "2020-10-01", "channel": channel });
        api.post("/applications", &body).id()
    };
    let decide = |application: &str, decision: &str, reason: Value| {
        let body = json!({ "decision": decision, "effectiveOn": "2020-10-05", "reason": "Kryteria", "rejectionReason": reason });
        api.post(&format!("/applications/{application}/decisions"), &body).expect(200);
    };
    for (channel, reason) in [("post", "late"), ("post", "notEligible"), ("counter", "late")] {
        decide(&apply(json!(channel)), "rejected", json!(reason));
    }
    for channel in [json!("counter"), json!("electronic"), Value::Null] {
        decide(&apply(channel), "selected", Value::Null);
    }
    let leaving = apply(json!("post"));
    let withdrawal = json!({ "reason": "employed", "effectiveOn": "2020-10-05" });
    api.post(&format!("/applications/{leaving}/withdrawal"), &withdrawal).expect(200);
    let again = api.get(&format!("/applications/{leaving}")).expect(200)["personId"].clone();
    let again = json!({ "editionId": edition, "personId": again, "receivedOn": "2020-10-06", "channel": "counter" });
    api.post("/applications", &again).expect(201);
    let gone = apply(json!("post"));
    api.post(&format!("/applications/{gone}/withdrawal"), &withdrawal).expect(200);
    let kinds = ["applications", "participants"]
        .map(|kind| json!({ "kind": kind, "completeness": "complete", "statedBy": "koordynator", "statedOn": "2021-01-10" }));
    api.post(&format!("/editions/{edition}/collection-statements"), &json!({ "statements": [kinds[0]] })).expect(201);

    let figures = api.get(&format!("/editions/{edition}/figures")).expect(200);
    let count = |path: &str| api.get(path).expect(200)["items"].as_array().map(Vec::len).unwrap_or_default();
    let (mut opened, mut listed) = (0, 0);
    let as_list = |definition: &str, by: &str, key: &str| {
        let base = format!("/applications?editionId={edition}&counting=true&limit=200");
        let decided = if definition == "M-03.rejected" { "&decision=rejected" } else { "" };
        match by {
            "channel" if ["M-01", "M-03.rejected"].contains(&definition) && key != "unknown" => {
                Some(format!("{base}{decided}&channel={key}"))
            }
            "reason" if definition == "M-03.rejected" && key != "unknown" => {
                Some(format!("{base}{decided}&rejectionReason={key}"))
            }
            "reason" if definition == "M-02" => Some(format!("{base}&state=withdrawn&withdrawalReason={key}")),
            "decision" if !key.contains("ndecided") => Some(format!("{base}&decision={key}")),
            _ => None,
        }
    };
    for figure in figures["figures"].as_array().expect("figures") {
        let definition = figure["definitionId"].as_str().expect("an id");
        if !["M-01", "M-02", "M-03.rejected", "M-03.selected"].contains(&definition) {
            continue;
        }
        for breakdown in figure["breakdowns"].as_array().expect("breakdowns") {
            let by = breakdown["by"].as_str().expect("a word");
            for group in breakdown["groups"].as_array().expect("groups") {
                let (key, value) = (group["key"].as_str().expect("a key"), group["value"].as_u64());
                let Some(value) = value.and_then(|value| usize::try_from(value).ok()) else { continue };
                let records = group["records"].as_str().unwrap_or_else(|| panic!("{definition} {by} {key} cannot be opened"));
                assert_eq!(count(records.trim_start_matches("/api/v1")), value, "{definition} {by} {key}");
                opened += value;
                if let Some(path) = as_list(definition, by, key) {
                    assert_eq!(count(&path), value, "{path}");
                    listed += value;
                }
            }
        }
    }
    assert!(opened > 30 && listed > 15, "{opened} {listed}");
    assert_eq!(count(&format!("/applications?editionId={edition}&counting=false")), 1, "who applied again");
}
