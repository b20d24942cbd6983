//! Until when a ranking may be appealed against: days of its rules, from the day on which its result was announced.

use chrono::TimeDelta;
use pai::platform::policy::Role;
use serde_json::{Value, json};

use super::{Recruitment, id, rules};
use crate::support::{Answer, Api, TestApp};

/// An adopted ranking of one place, by rules with these days for appeals, and the reserve list behind the one who was selected.
fn ranked(app: &TestApp, days: Option<i32>) -> (Recruitment, Value, Vec<String>) {
    let recruitment = Recruitment::of(app, 1);
    let mut with_days = rules();
    with_days["appealDays"] = json!(days);
    let stated = recruitment.coordinator.post(&format!("/editions/{}/scoring-rules", recruitment.edition), &with_days);
    assert_eq!(stated.expect(201)["appealDays"], json!(days));
    recruitment.candidate("female", 1990, "2020-10-01", &[]);
    let waiting = (0..4).map(|_| recruitment.candidate("male", 1990, "2020-10-01", &[])).collect();
    let protocol = recruitment.rank(&json!({ "effectiveOn": "2020-10-08" }));
    recruitment.adopt(&protocol, "2020-10-09").expect(200);
    (recruitment, protocol, waiting)
}

fn announce(api: &Api, protocol: &Value, body: &Value) -> Answer {
    api.post(&format!("/ranking-protocols/{}/announcements", id(protocol)), body)
}

fn lodge(api: &Api, protocol: &Value, application: &str, on: &str, more: &Value) -> Answer {
    let mut body = json!({ "applicationId": application, "lodgedOn": on, "reason": "Nie uwzględniono rozmowy" });
    for (name, value) in more.as_object().expect("fields") {
        body[name] = value.clone();
    }
    api.post(&format!("/ranking-protocols/{}/appeals", id(protocol)), &body)
}

/// Standing, days and last day of the appeals against a protocol.
fn term(recruitment: &Recruitment, protocol: &Value) -> Value {
    let read = &recruitment.read(protocol, "")["appeals"];
    json!([read["standing"], read["days"], read["lastDay"]])
}

#[test]
fn a_late_appeal_is_refused_with_the_last_day_unless_a_coordinator_restores_the_deadline() {
    let app = TestApp::start();
    let (recruitment, protocol, waiting) = ranked(&app, Some(5));
    let (worker, coordinator) = (&recruitment.api, &recruitment.coordinator);
    assert_eq!(term(&recruitment, &protocol), json!(["notAnnounced", 5, null]), "the days do not run yet");
    lodge(worker, &protocol, &waiting[0], "2020-12-01", &json!({})).expect(201);
    // Five days after Monday are a Saturday, so Monday is the last day.
    let announced = announce(worker, &protocol, &json!({ "announcedOn": "2020-10-12" })).expect(201);
    assert_eq!(announced["appeals"]["lastDay"], "2020-10-19");
    assert_eq!(term(&recruitment, &protocol), json!(["over", 5, "2020-10-19"]));

    let in_time = json!({ "restoration": { "reason": "Na wszelki wypadek" } });
    for api in [worker, coordinator] {
        let refused =
            lodge(api, &protocol, &waiting[1], "2020-10-19", &in_time).refused(422, "recruitment.restoration_not_needed");
        assert_eq!(refused["errors"][0]["pointer"], "/restoration", "there is nothing to restore");
    }
    let taken = lodge(worker, &protocol, &waiting[1], "2020-10-19", &json!({})).expect(201);
    assert_eq!(taken["restorationReason"], Value::Null);
    let restored = json!({ "restoration": { "reason": "Pobyt w szpitalu do 20 października" } });
    for (api, more) in [(worker, json!({})), (worker, restored.clone()), (coordinator, json!({}))] {
        let late = lodge(api, &protocol, &waiting[2], "2020-10-20", &more).refused(409, "recruitment.ranking_appeal_late");
        let fault = &late["errors"][0];
        assert_eq!(fault["pointer"], "/lodgedOn", "{late}");
        assert_eq!((&late["lastDay"], &late["mayRestore"]), (&json!("2020-10-19"), &json!("coordinator")), "{late}");
    }
    let taken = lodge(coordinator, &protocol, &waiting[2], "2020-10-20", &restored).expect(201);
    assert_eq!(taken["restorationReason"], restored["restoration"]["reason"]);
    let audited = app.api(Role::Auditor).get("/audit-entries?operation=lodge_ranking_appeal&order=newest").expect(200);
    assert_eq!(audited["items"][0]["overrideReason"], restored["restoration"]["reason"], "{}", audited["items"][0]);
}

#[test]
fn rules_without_days_set_no_deadline_and_the_protocol_says_so() {
    let app = TestApp::start();
    let (recruitment, protocol, waiting) = ranked(&app, None);
    assert_eq!(term(&recruitment, &protocol), json!(["noDeadline", null, null]));
    let announced = announce(&recruitment.api, &protocol, &json!({ "announcedOn": "2020-10-09" })).expect(201);
    assert_eq!(announced["appeals"]["standing"], "noDeadline");
    assert_eq!(announced["appeals"]["announcements"][0]["appealsUntil"], Value::Null);
    lodge(&recruitment.api, &protocol, &waiting[0], "2020-12-01", &json!({})).expect(201);
}

#[test]
fn a_day_announced_by_mistake_is_put_right_with_a_reason_and_later_rules_move_nothing() {
    let app = TestApp::start();
    let (recruitment, protocol, waiting) = ranked(&app, Some(5));
    let api = &recruitment.api;
    let early = announce(api, &protocol, &json!({ "announcedOn": "2020-10-08" })).refused(422, "recruitment.out_of_order");
    assert_eq!((&early["errors"][0]["pointer"], &early["earliest"]), (&json!("/announcedOn"), &json!("2020-10-09")));
    announce(api, &protocol, &json!({ "announcedOn": "2026-06-16" })).refused(422, "platform.in_future");
    announce(api, &protocol, &json!({ "announcedOn": "2020-10-12" })).expect(201);
    let again = announce(api, &protocol, &json!({ "announcedOn": "2020-10-13" }));
    let again = again.refused(409, "recruitment.ranking_announced_already");
    assert_eq!((&again["errors"][0]["pointer"], &again["announcedOn"]), (&json!("/correctionReason"), &json!("2020-10-12")));

    let mut longer = rules();
    longer["appealDays"] = json!(30);
    recruitment.coordinator.post(&format!("/editions/{}/scoring-rules", recruitment.edition), &longer).expect(201);
    assert_eq!(term(&recruitment, &protocol), json!(["over", 5, "2020-10-19"]), "the rules that the protocol was made by");
    lodge(api, &protocol, &waiting[0], "2020-10-20", &json!({})).refused(409, "recruitment.ranking_appeal_late");
    app.clock.advance(TimeDelta::seconds(1));
    let corrected = json!({ "announcedOn": "2020-10-15", "correctionReason": "Listę wywieszono trzy dni później" });
    let corrected = announce(api, &protocol, &corrected).expect(201);
    assert_eq!(corrected["appeals"]["lastDay"], "2020-10-20");
    let kept: Vec<&Value> =
        corrected["appeals"]["announcements"].as_array().expect("announcements").iter().map(|one| &one["appealsUntil"]).collect();
    assert_eq!(kept, ["2020-10-19", "2020-10-20"]);
    lodge(api, &protocol, &waiting[0], "2020-10-20", &json!({})).expect(201);
}

#[test]
fn nothing_is_announced_of_what_is_not_adopted_or_belongs_to_another_town() {
    let app = TestApp::start();
    let (recruitment, protocol, _) = ranked(&app, Some(5));
    let draft = recruitment.rank(&json!({ "effectiveOn": "2020-10-09", "places": 0 }));
    let body = json!({ "announcedOn": "2020-10-12" });
    announce(&recruitment.api, &draft, &body).refused(409, "recruitment.protocol_not_adopted");
    announce(&app.other_api(Role::Coordinator), &protocol, &body).refused(404, "platform.not_found");
    let mut wrong = rules();
    for days in [0, 367] {
        wrong["appealDays"] = json!(days);
        let path = format!("/editions/{}/scoring-rules", recruitment.edition);
        assert_eq!(recruitment.coordinator.post(&path, &wrong).status, 422, "{days}");
    }
}

#[test]
fn appeals_are_open_until_the_last_day_has_passed() {
    let app = TestApp::start();
    let (recruitment, protocol, _) = ranked(&app, Some(7));
    announce(&recruitment.api, &protocol, &json!({ "announcedOn": "2026-06-10" })).expect(201);
    assert_eq!(term(&recruitment, &protocol), json!(["open", 7, "2026-06-17"]));
    app.clock.advance(TimeDelta::days(2));
    let path = format!("/ranking-protocols/{}", id(&protocol));
    assert_eq!(app.api(Role::SocialWorker).get(&path).expect(200)["appeals"]["standing"], "open", "the last day counts");
    app.clock.advance(TimeDelta::days(1));
    assert_eq!(app.api(Role::SocialWorker).get(&path).expect(200)["appeals"]["standing"], "over");
}
