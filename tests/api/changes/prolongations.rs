//! A planned end is put off: within the edition, the places and the limit of months.

use pai::platform::policy::Role;
use serde_json::{Value, json};

use super::{classes, steps};
use crate::support::reserve::Reserve;
use crate::support::{Answer, TestApp, build};

fn prolong(run: &Reserve, participation: &str, until: &str) -> Answer {
    let body = json!({ "effectiveOn": "2020-11-20", "plannedEndOn": until, "reason": "Dokończenie warsztatów" });
    run.api.post(&format!("/participations/{participation}/prolongations"), &body)
}

/// Somebody who takes part from 2 to 30 November, in an edition with this many places.
fn shorter(app: &TestApp, run: &Reserve) -> String {
    let person = build::person(app);
    let body = json!({ "editionId": run.edition, "personId": person, "startsOn": "2020-11-02", "plannedEndOn": "2020-11-30" });
    run.api.post("/participations", &body).id()
}

#[test]
fn a_prolongation_keeps_the_end_before_and_expects_the_participant_at_later_classes() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 0, false);
    run.revise(2, "2020-11-02").expect(201);
    let id = shorter(&app, &run);
    let late = &classes(&run, &["2020-12-08"])[0];
    let expected = || run.api.get(&format!("/sessions/{late}/attendance")).expect(200)["expected"].clone();
    assert!(!expected().as_array().expect("ids").contains(&json!(id)));
    let refused = prolong(&run, &id, "2020-11-30").refused(422, "participation.not_prolonged");
    assert_eq!(refused["plannedEndOn"], "2020-11-30");
    prolong(&run, &id, "2021-01-01").refused(422, "participation.outside_edition");
    let made = prolong(&run, &id, "2020-12-31").expect(201);
    assert_eq!((&made["formerEndOn"], &made["plannedEndOn"]), (&json!("2020-11-30"), &json!("2020-12-31")));
    assert!(expected().as_array().expect("ids").contains(&json!(id)));
    let read = run.api.get(&format!("/participations/{id}")).expect(200);
    assert_eq!((&read["plannedEndOn"], &read["prolongations"]), (&json!("2020-12-31"), &json!([made])));
    assert_eq!(steps(&run.api, &id), ["admitted", "prolonged"]);
    run.api.post(&format!("/participations/{id}/end"), &json!({ "reason": "employed", "effectiveOn": "2020-12-04" })).expect(200);
    prolong(&run, &id, "2020-12-31").refused(409, "participation.already_ended");
    let foreign = app.other_api(Role::Coordinator);
    let body = json!({ "effectiveOn": "2020-11-20", "plannedEndOn": "2020-12-31", "reason": "x" });
    foreign.post(&format!("/participations/{id}/prolongations"), &body).refused(404, "platform.not_found");
}

#[test]
fn places_and_months_hold_as_on_admission_and_can_be_overridden() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 0, false);
    run.revise(2, "2020-11-02").expect(201);
    let id = shorter(&app, &run);
    // From December on the place belongs to somebody else.
    let next = build::person(&app);
    run.api.post("/participations", &json!({ "editionId": run.edition, "personId": next, "startsOn": "2020-12-01" })).expect(201);
    let full = prolong(&run, &id, "2020-12-31").refused(409, "participation.no_free_seat");
    assert_eq!((&full["day"], &full["taken"]), (&json!("2020-12-01"), &json!(2)));
    let body = json!({
        "effectiveOn": "2020-11-20", "plannedEndOn": "2020-12-31", "reason": "Warsztaty", "override": { "reason": "Zgoda kierownika" }
    });
    let made = run.api.post(&format!("/participations/{id}/prolongations"), &body).expect(201);
    assert_eq!(made["overrideReason"], "Zgoda kierownika");
}

#[test]
fn six_months_in_total_bound_a_prolongation() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 3, 0, false);
    run.revise(4, "2020-11-02").expect(201);
    let person = build::person(&app);
    for (from, to) in [("2019-01-01", "2019-02-28"), ("2019-05-01", "2019-06-30"), ("2020-01-01", "2020-01-31")] {
        let edition = build::edition(&app, from, to, 5);
        run.api.post("/participations", &json!({ "editionId": edition, "personId": person, "startsOn": from })).expect(201);
    }
    let body = json!({ "editionId": run.edition, "personId": person, "startsOn": "2020-11-02", "plannedEndOn": "2020-11-30" });
    let id = run.api.post("/participations", &body).id();
    // Five months were before; with November alone it is less than six, to the end of the year nearly seven.
    let refused: Value = prolong(&run, &id, "2020-12-31").refused(422, "participation.cumulative_limit");
    assert_eq!((&refused["already"], &refused["limit"]), (&json!("5.000000"), &json!(6)));
    prolong(&run, &id, "2020-12-01").expect(201);
}

#[test]
fn one_of_many_who_want_the_last_free_days_gets_them() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 0, false);
    run.revise(5, "2020-11-02").expect(201);
    let shorter: Vec<String> = (0..4).map(|_| shorter(&app, &run)).collect();
    // From December on there are two places, and one is taken.
    run.revise(2, "2020-12-01").expect(201);
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let running: Vec<_> = shorter.iter().map(|id| scope.spawn(|| prolong(&run, id, "2020-12-31").status)).collect();
        running.into_iter().map(|thread| thread.join().expect("answered")).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
}
