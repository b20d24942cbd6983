//! Attendance sheets.

use crate::support::scene::{Limits, Scene};
use crate::support::{Api, TestApp};
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

fn session(api: &Api, block: Uuid, roster: Option<&[Uuid]>) -> String {
    let body = json!({ "blockId": block, "heldOn": "2020-11-10", "hours": "3", "form": "group", "participationIds": roster });
    api.post("/sessions", &body).id()
}

fn all_present(people: &[Uuid]) -> Value {
    json!({ "rows": people.iter().map(|id| json!({ "participationId": id, "status": "present" })).collect::<Vec<_>>() })
}

fn put_first(api: &Api, path: &str, body: &Value) -> crate::support::Answer {
    api.send("PUT", path, Some(body.to_string()))
}

#[test]
fn the_sheet_of_fifteen_people_is_recorded_in_one_call() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let people = scene.participants(edition, 15);
    let api = app.api(Role::Coordinator);
    let path = format!("/sessions/{}/attendance", session(&api, edition.block, None));
    let empty = api.get(&path);
    assert_eq!(empty.header("etag"), "\"0\"");
    let view = empty.expect(200);
    assert_eq!((&view["recorded"], &view["rows"]), (&json!(false), &json!([])));
    assert_eq!(view["expected"].as_array().map(Vec::len), Some(15));

    let recorded = put_first(&api, &path, &all_present(&people));
    assert_eq!(recorded.header("etag"), "\"1\"");
    let view = recorded.expect(200);
    assert_eq!((&view["recorded"], &view["version"]), (&json!(true), &json!(1)));
    assert!(view["rows"].as_array().expect("rows").iter().all(|row| row["hours"] == "3.00"));
    assert_eq!(api.get(&path).expect(200), view);
    assert_eq!(scene.events("attendance.recorded"), 1);
    app.other_api(Role::Coordinator).get(&path).refused(404, "platform.not_found");
    put_first(&app.other_api(Role::Coordinator), &path, &all_present(&people)).refused(404, "platform.not_found");
}

#[test]
fn a_correction_supersedes_the_rows_that_differ() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let people = scene.participants(edition, 3);
    let api = app.api(Role::Coordinator);
    let path = format!("/sessions/{}/attendance", session(&api, edition.block, None));
    let first = put_first(&api, &path, &all_present(&people)).expect(200);
    let mut changed = all_present(&people);
    changed["rows"][1] = json!({ "participationId": people[1], "status": "leftEarly", "hours": "1.5" });
    changed["rows"][2] = json!({ "participationId": people[2], "status": "excused", "reasonClass": "health" });

    put_first(&api, &path, &changed).refused(428, "platform.precondition_required");
    let refused = api.put(&path, "\"1\"", &changed).refused(422, "participation.correction_reason");
    assert_eq!(refused["errors"][0]["pointer"], "/correctionReason");
    changed["correctionReason"] = json!("pomyłka przy wpisie");
    api.put(&path, "\"0\"", &changed).refused(412, "platform.precondition_failed");
    let second = api.put(&path, "\"1\"", &changed);
    assert_eq!(second.header("etag"), "\"2\"");
    let view = second.expect(200);
    assert_eq!(view["rows"][0]["id"], first["rows"][0]["id"]);
    assert_eq!(view["rows"][1]["supersedesId"], first["rows"][1]["id"]);
    assert_eq!((&view["rows"][1]["hours"], &view["rows"][2]["hours"]), (&json!("1.50"), &json!("0.00")));
    assert_eq!(view["rows"][2]["correctionReason"], "pomyłka przy wpisie");
    assert_eq!(api.get(&path).expect(200)["rows"], view["rows"]);
    let history = api.get(&format!("{path}?includeSuperseded=true")).expect(200);
    assert_eq!(history["rows"].as_array().map(Vec::len), Some(5));
    api.put(&path, "\"1\"", &changed).refused(412, "platform.precondition_failed");
}

#[test]
fn a_sheet_that_is_not_whole_or_not_right_is_refused() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let elsewhere = scene.edition(Limits::default());
    let people = scene.participants(edition, 3);
    let stranger = scene.participants(elsewhere, 1)[0];
    let api = app.api(Role::Coordinator);
    let path = format!("/sessions/{}/attendance", session(&api, edition.block, None));
    let refused = put_first(&api, &path, &all_present(&people[..1])).refused(422, "participation.sheet_incomplete");
    assert_eq!(refused["missing"], json!(people[1..]));
    let rows = json!({ "rows": [
        { "participationId": people[0], "status": "present", "hours": "3.25" },
        { "participationId": people[1], "status": "late" },
        { "participationId": people[2], "status": "unexcused", "hours": "1" },
        { "participationId": people[0], "status": "present" },
        { "participationId": stranger, "status": "present" },
    ] });
    let refused = put_first(&api, &path, &rows).refused(422, "participation.sheet_row");
    let pointers: Vec<_> = refused["errors"].as_array().expect("errors").iter().map(|error| error["pointer"].clone()).collect();
    assert_eq!(
        pointers,
        ["/rows/0/hours", "/rows/1/hours", "/rows/2/hours", "/rows/3/participationId", "/rows/4/participationId"]
    );
    assert_eq!(refused["errors"][4]["code"], "participation.not_taking_part");
    assert_eq!(api.get(&path).expect(200)["version"], 0);
}

#[test]
fn only_people_who_take_part_on_the_day_are_expected() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let people = scene.participants(edition, 5);
    let api = app.api(Role::Coordinator);
    let named = format!("/sessions/{}/attendance", session(&api, edition.block, Some(&people[..2])));
    scene.end(people[1], "2020-11-09");
    scene.end(people[2], "2020-11-10");
    scene.suspend(people[3], "2020-11-09", "2020-11-10");
    scene.suspend(people[4], "2020-11-11", "2020-11-12");
    let path = format!("/sessions/{}/attendance", session(&api, edition.block, None));
    assert_eq!(api.get(&path).expect(200)["expected"], json!([people[0], people[2], people[4]]));
    assert_eq!(api.get(&named).expect(200)["expected"], json!([people[0]]));
    put_first(&api, &named, &all_present(&people[..1])).expect(200);
}

#[test]
fn of_two_sheets_at_the_same_moment_one_is_recorded() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let people = scene.participants(edition, 10);
    let api = app.api(Role::Coordinator);
    let path = format!("/sessions/{}/attendance", session(&api, edition.block, None));
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let callers: Vec<_> =
            (0..6).map(|_| scope.spawn(|| put_first(&api.clone(), &path, &all_present(&people)).status)).collect();
        callers.into_iter().map(|caller| caller.join().expect("a caller")).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 428).count(), 5, "{statuses:?}");
    assert_eq!(scene.number("SELECT count(*) FROM attendance"), 10);
}
