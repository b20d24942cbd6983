//! Somebody moves to another group, or to a post at another host, from a day on; what was before stays on file.

use pai::platform::policy::Role;
use serde_json::json;

use super::{preview, steps};
use crate::support::TestApp;
use crate::support::scene::{Limits, Scene};

#[test]
fn a_move_of_group_ends_one_membership_and_begins_the_other() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let who = scene.participants(edition, 1)[0].to_string();
    let api = app.api(Role::Coordinator);
    let group = |name: &str| api.post(&format!("/editions/{}/groups", edition.id), &json!({ "name": name })).id();
    let (first, second) = (group("A"), group("B"));
    let session = |group: &str, day: &str| {
        let body = json!({ "blockId": edition.block, "heldOn": day, "startsAt": "09:00", "hours": "2", "form": "group", "groupId": group });
        api.post("/sessions", &body).id()
    };
    let (left, joined) = (session(&first, "2020-11-24"), session(&second, "2020-11-25"));
    let member = json!({ "participationId": who, "from": "2020-11-02", "to": "2020-12-18" });
    api.post(&format!("/groups/{first}/members"), &member).expect(201);
    let body = |on: &str| json!({ "fromGroupId": first, "groupId": second, "effectiveOn": on });
    let path = format!("/participations/{who}/group-moves");
    api.post(&path, &body("2020-12-19")).refused(409, "participation.not_a_member");
    api.post(&path, &body("2020-11-02")).refused(422, "participation.group_move_before");
    api.post(&path, &body("2021-01-01")).refused(422, "participation.outside_participation");
    let query = format!("change=groupMove&effectiveOn=2020-11-16&fromGroupId={first}&groupId={second}");
    let effect = preview(&api, &who, &query);
    assert_eq!(effect["obstacles"], json!([]));
    assert_eq!(
        (&effect["classes"]["lost"][0]["sessionId"], &effect["classes"]["gained"][0]["sessionId"]),
        (&json!(left), &json!(joined))
    );
    let moved = api.post(&path, &body("2020-11-16")).expect(201);
    assert_eq!((&moved["left"]["to"], &moved["joined"]["from"]), (&json!("2020-11-15"), &json!("2020-11-16")));
    assert_eq!(moved["joined"]["to"], "2020-12-18");
    for (session, expected) in [(&left, json!([])), (&joined, json!([who]))] {
        assert_eq!(api.get(&format!("/sessions/{session}/attendance")).expect(200)["expected"], expected);
    }
    assert_eq!(steps(&api, &who), ["groupMoved"]);
    api.post(&path, &body("2020-11-20")).refused(409, "participation.not_a_member");
}

#[test]
fn a_move_into_a_group_that_meets_at_the_time_of_another_class_is_refused() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let who = scene.participants(edition, 1)[0].to_string();
    let api = app.api(Role::Coordinator);
    let group = |name: &str| api.post(&format!("/editions/{}/groups", edition.id), &json!({ "name": name })).id();
    let (first, second) = (group("A"), group("B"));
    api.post(&format!("/groups/{first}/members"), &json!({ "participationId": who, "from": "2020-11-02" })).expect(201);
    let at = |more: serde_json::Value| {
        let mut body =
            json!({ "blockId": edition.block, "heldOn": "2020-11-25", "startsAt": "09:00", "hours": "2", "form": "group" });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("members").clone());
        api.post("/sessions", &body).id()
    };
    let own = at(json!({ "participationIds": [who] }));
    at(json!({ "groupId": second }));
    let seen = api.get(&format!(
        "/participations/{who}/change-preview?change=groupMove&effectiveOn=2020-11-16&fromGroupId={first}&groupId={second}"
    ));
    let seen = seen.expect(200);
    assert_eq!(seen["obstacles"][0]["code"], "participation.session_clash", "told before: {seen}");
    let clash =
        json!([{ "sessionId": seen["classes"]["gained"][0]["sessionId"], "otherSessionId": own, "heldOn": "2020-11-25" }]);
    assert_eq!(seen["clashes"], clash);
    let body = json!({ "fromGroupId": first, "groupId": second, "effectiveOn": "2020-11-16" });
    let refused = api.post(&format!("/participations/{who}/group-moves"), &body).refused(409, "participation.session_clash");
    assert_eq!(refused["sessionId"], json!(own));
    let members = api.get(&format!("/groups/{first}/members")).expect(200);
    assert_eq!(members["items"][0]["to"], json!(null), "the membership is as it was");
}

#[test]
fn a_move_of_post_ends_the_assignment_and_frees_its_place() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let people = scene.participants(edition, 2);
    let (near, far) = (scene.host(), scene.host());
    let api = app.api(Role::Coordinator);
    let administrator = app.api(Role::Administrator);
    let post = |host: uuid::Uuid| {
        let body = json!({ "kindOfWork": "porządkowe", "places": 1, "from": "2020-01-01" });
        administrator.post(&format!("/hosts/{host}/posts"), &body).id()
    };
    let (first, second) = (post(near), post(far));
    let assign = |who: usize, post: &str, from: &str| {
        let body = json!({ "postId": post, "from": from, "to": "2020-12-31", "instructed": true });
        api.post(&format!("/participations/{}/post-assignments", people[who]), &body)
    };
    assign(0, &first, "2020-11-02").expect(201);
    assign(1, &first, "2020-11-16").refused(409, "participation.post_full");
    let path = format!("/participations/{}/post-moves", people[0]);
    let body =
        |from: &str, to: &str, on: &str| json!({ "fromPostId": from, "postId": to, "effectiveOn": on, "instructed": true });
    api.post(&path, &body(&second, &first, "2020-11-16")).refused(409, "participation.not_assigned");
    api.post(&path, &body(&first, &second, "2020-11-02")).refused(422, "participation.post_move_before");
    let moved = api.post(&path, &body(&first, &second, "2020-11-16")).expect(201);
    assert_eq!((&moved["left"]["endedOn"], &moved["left"]["to"]), (&json!("2020-11-15"), &json!("2020-12-31")));
    assert_eq!((&moved["takenUp"]["from"], &moved["takenUp"]["to"]), (&json!("2020-11-16"), &json!("2020-12-31")));
    assign(1, &first, "2020-11-16").expect(201);
    let listed = api.get(&format!("/participations/{}/post-assignments", people[0])).expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(2), "the former one stays on file");
    // Back again is another assignment, where there is a place.
    api.post(&path, &body(&second, &first, "2020-11-23")).refused(409, "participation.post_full");
    let query = format!("change=postMove&effectiveOn=2020-11-23&fromPostId={second}&postId={first}");
    let obstacles = &preview(&api, &people[0].to_string(), &query)["obstacles"];
    assert_eq!(obstacles[0]["code"], "participation.post_full");
    assert_eq!(steps(&api, &people[0].to_string()), ["postMoved"]);
}
