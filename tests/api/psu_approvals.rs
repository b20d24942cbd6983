//! Entries approved by who supervises the work, and posts at which it is done.

use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::scene::{Scene, TEN_A_WEEK};
use crate::support::{Answer, Api, TestApp};

fn work(api: &Api, participation: Uuid, host: Uuid, day: &str) -> String {
    let body = json!({ "participationId": participation, "hostId": host, "workedOn": day, "hours": "2" });
    api.post("/psu-entries", &body).id()
}

fn approve(api: &Api, entries: &[&str], day: &str) -> Answer {
    api.post("/psu-approvals", &json!({ "entryIds": entries, "effectiveOn": day }))
}

fn count(page: &Value) -> usize {
    page["items"].as_array().expect("items").len()
}

#[test]
fn a_supervisor_approves_the_entries_of_the_own_host_and_no_others() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let participation = scene.participants(edition, 1)[0];
    let (mine, other) = (scene.host(), scene.host());
    let api = app.api(Role::Coordinator);
    let here = work(&api, participation, mine, "2020-11-03");
    let there = work(&api, participation, other, "2020-11-04");
    let supervisor = scene.supervisor_of(mine);
    approve(&supervisor, &[&there], "2020-11-06").refused(422, "platform.reference_not_found");
    let mixed = approve(&supervisor, &[&here, &there], "2020-11-06").refused(422, "platform.reference_not_found");
    assert_eq!(mixed["errors"][0]["pointer"], "/entryIds/1");
    approve(&api, &[&here, &there], "2020-11-06").refused(422, "participation.approval_of_one_host");
    approve(&supervisor, &[&here], "2020-11-02").refused(422, "participation.inverted_period");
    let approved = approve(&supervisor, &[&here], "2020-11-06").expect(201);
    assert_eq!((&approved["hostId"], &approved["entries"]), (&json!(mine), &json!(1)));
    approve(&api, &[&here], "2020-11-06").refused(409, "participation.psu_entry_approved");
    approve(&api, &[&there, &there], "2020-11-06").refused(409, "participation.psu_entry_approved");
    approve(&api, &[&there], "2020-11-06").expect(201);
    assert_eq!(count(&supervisor.get("/psu-approvals").expect(200)), 1);
    assert_eq!(count(&api.get("/psu-approvals").expect(200)), 2);
    assert_eq!(count(&api.get(&format!("/psu-approvals?entryId={here}")).expect(200)), 1);
    assert_eq!(count(&supervisor.get(&format!("/psu-approvals?entryId={there}")).expect(200)), 0);
}

#[test]
fn a_settlement_of_approved_entries_takes_the_others_in_when_they_are_approved() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let participation = scene.participants(edition, 1)[0];
    let host = scene.host();
    let api = app.api(Role::Coordinator);
    api.post(&format!("/agreements/{}/rates", edition.agreement), &json!({ "from": "2020-01-01", "refundPercent": "60" }))
        .expect(201);
    let (first, second) = (work(&api, participation, host, "2020-11-03"), work(&api, participation, host, "2020-11-04"));
    approve(&api, &[&first], "2020-11-06").expect(201);
    let body = json!({ "editionId": edition.id, "month": "2020-11", "approvedOnly": true });
    let drafted = api.post("/settlements", &body).expect(201);
    assert_eq!((&drafted["hours"], &drafted["approvedOnly"]), (&json!("2.00"), &json!(true)));
    let path = format!("/settlements/{}", drafted["id"].as_str().expect("an id"));
    let approval = json!({ "effectiveOn": "2020-12-04" });
    api.with("If-Match", "\"1\"").post(&format!("{path}/approval"), &approval).expect(200);
    let reason = json!({ "reason": "Zatwierdzone później" });
    api.post(&format!("{path}/corrections"), &reason).refused(409, "participation.nothing_to_correct");
    let corrected = json!({ "hours": "3", "reason": "korekta" });
    let third = api.post(&format!("/psu-entries/{second}/correction"), &corrected).id();
    approve(&api, &[&second], "2020-11-09").refused(409, "platform.already_superseded");
    approve(&api, &[&third], "2020-11-09").expect(201);
    assert_eq!(api.post(&format!("{path}/corrections"), &reason).expect(201)["hours"], "3.00");
}

#[test]
fn a_post_never_has_more_people_than_places() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let participations = scene.participants(edition, 4);
    let host = scene.host();
    let api = app.api(Role::Coordinator);
    let post = json!({ "kindOfWork": "porządkowe", "places": 2, "from": "2020-11-01", "to": "2020-12-31" });
    let post = api.post(&format!("/hosts/{host}/posts"), &post).id();
    let assign = |participation: Uuid, from: &str, to: &str| {
        let body = json!({ "postId": post, "from": from, "to": to, "instructed": true });
        api.post(&format!("/participations/{participation}/post-assignments"), &body)
    };
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let callers: Vec<_> = participations
            .iter()
            .map(|participation| scope.spawn(|| assign(*participation, "2020-11-09", "2020-11-20").status))
            .collect();
        callers.into_iter().map(|caller| caller.join().expect("a caller")).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 2, "{statuses:?}");
    let late = participations.iter().zip(&statuses).find(|(_, status)| **status != 201).map(|(one, _)| *one).expect("one");
    let full = assign(late, "2020-11-02", "2020-11-13").refused(409, "participation.post_full");
    assert_eq!((&full["day"], &full["places"]), (&json!("2020-11-09"), &json!(2)));
    assign(late, "2020-11-21", "2020-12-31").expect(201);
    assign(late, "2020-12-01", "2020-12-02").refused(409, "participation.post_assigned");
    assign(late, "2020-12-01", "2021-01-01").refused(422, "participation.outside_participation");
    let early = participations.iter().zip(&statuses).find(|(_, status)| **status == 201).map(|(one, _)| *one).expect("one");
    // Who leaves earlier frees the place.
    scene.end(early, "2020-11-11");
    assign(late, "2020-11-12", "2020-11-20").expect(201);
    let listed = api.get(&format!("/participations/{late}/post-assignments")).expect(200);
    assert_eq!(count(&listed), 2);
    assert_eq!(count(&scene.supervisor_of(host).get(&format!("/hosts/{host}/posts")).expect(200)), 1);
}
