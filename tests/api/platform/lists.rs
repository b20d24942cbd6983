//! Paging.

use pai::platform::policy::Role;
use serde_json::{Value, json};

use crate::support::{Api, TestApp};

fn hosts(api: &Api, number: usize) {
    for index in 0..number {
        api.post("/hosts", &json!({ "name": format!("Host {index}") })).id();
    }
}

fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().expect("items").iter().filter_map(|item| item["id"].as_str()).collect()
}

#[test]
fn pages_hold_every_record_once_in_a_stable_order() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    hosts(&api, 7);
    let whole = api.get("/hosts").expect(200);
    assert!(whole.get("nextCursor").is_none(), "{whole}");
    let mut collected = Vec::new();
    let mut path = "/hosts?limit=3".to_owned();
    loop {
        let answer = api.get(&path);
        let page = answer.expect(200);
        collected.extend(ids(&page).into_iter().map(str::to_owned));
        let Some(cursor) = page["nextCursor"].as_str() else {
            assert!(answer.header("link").is_empty());
            break;
        };
        let link = answer.header("link");
        assert!(link.contains(cursor) && link.ends_with("rel=\"next\""), "{link}");
        path = link.trim_start_matches('<').split('>').next().expect("a link").to_owned();
    }
    assert_eq!(collected, ids(&whole));
}

#[test]
fn a_cursor_belongs_to_its_list_its_filter_and_its_caller() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    hosts(&api, 3);
    let page = api.get("/hosts?limit=1").expect(200);
    let cursor = page["nextCursor"].as_str().expect("a cursor");
    api.get(&format!("/hosts?limit=2&cursor={cursor}")).expect(200);
    let refused = |api: &Api, path: &str| {
        let problem = api.get(path).refused(400, "platform.invalid_parameter");
        assert_eq!(problem["errors"][0]["pointer"], "cursor", "{path}: {problem}");
    };
    refused(&app.api(Role::Administrator), &format!("/hosts?cursor={cursor}"));
    refused(&app.other_api(Role::Coordinator), &format!("/hosts?cursor={cursor}"));
    refused(&app.api(Role::Auditor), &format!("/audit-entries?cursor={cursor}"));
    let log = app.api(Role::Auditor).get("/audit-entries?limit=1").expect(200);
    let of_the_log = log["nextCursor"].as_str().expect("a cursor");
    refused(
        &app.api(Role::Auditor),
        &format!("/audit-entries?cursor={of_the_log}&recordId=01900000-0000-7000-8000-00000000ffff"),
    );
    // Every single changed character, and anything that is no cursor at all.
    for index in 0..cursor.len() {
        let other = if &cursor[index..=index] == "A" { "B" } else { "A" };
        let tampered = format!("{}{other}{}", &cursor[..index], &cursor[index + 1..]);
        let answer = api.get(&format!("/hosts?cursor={tampered}"));
        // The last character of base64 carries bits that stand for nothing.
        assert!(answer.status == 400 || index + 1 == cursor.len(), "{tampered}: {}", answer.text);
    }
    for nothing in ["", "x", "%00", "null", &"A".repeat(5000)] {
        refused(&api, &format!("/hosts?cursor={nothing}"));
    }
}

#[test]
fn the_length_of_a_page_is_bounded() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    for limit in ["0", "-1", "201", "1.5", "many", "", "99999999999999999999", "1%00"] {
        let problem = api.get(&format!("/hosts?limit={limit}")).refused(400, "platform.invalid_parameter");
        assert_eq!(problem["errors"][0]["pointer"], "limit", "{limit}: {problem}");
    }
    for limit in ["1", "200"] {
        api.get(&format!("/hosts?limit={limit}")).expect(200);
    }
    let twice = api.get("/hosts?limit=1&limit=200").refused(400, "platform.invalid_parameter");
    assert_eq!(twice["errors"][0]["pointer"], "limit");
}
