//! The effect of a change before it is made: one shape for all of them.

use pai::platform::clock::Clock;
use pai::platform::policy::Role;
use serde_json::{Value, json};

use super::{ask_for_share, classes, preview, sheet};
use crate::support::TestApp;
use crate::support::reserve::Reserve;

fn days(classes: &Value) -> Vec<&str> {
    classes.as_array().into_iter().flatten().filter_map(|class| class["heldOn"].as_str()).collect()
}

/// Two who take part, two who wait, and six classes of five hours: one missed, one attended, four ahead.
fn scene(app: &TestApp) -> Reserve {
    let run = Reserve::of(app, 2, 2, false);
    ask_for_share(&run, "70.00");
    let held = classes(&run, &["2020-11-03", "2020-11-10", "2020-11-17", "2020-11-24", "2020-12-01", "2020-12-08"]);
    sheet(&run, &held[0], &[]);
    let everybody: Vec<&str> = run.participations.iter().map(String::as_str).collect();
    sheet(&run, &held[1], &everybody);
    run
}

#[test]
fn a_suspension_shows_the_classes_lost_and_whether_the_minimum_can_still_be_reached() {
    let app = TestApp::start();
    let run = scene(&app);
    let who = &run.participations[0];
    // Of 30 hours 21 are asked for; 5 are attended and 20 ahead, so 4 may be missed.
    let effect = preview(&run.api, who, "change=suspension&effectiveOn=2020-11-16&until=2020-11-22");
    assert_eq!(days(&effect["classes"]["lost"]), ["2020-11-17"]);
    assert_eq!((&effect["classes"]["lostHours"], &effect["plan"]["personHours"]), (&json!("5.00"), &json!("-5.00")));
    let before = json!({
        "attendancePercent": "70.00", "recordedHours": "10.00", "attendedHours": "5.00", "aheadHours": "20.00",
        "unrecordedHours": "20.00", "hoursNeeded": "16.00", "hoursThatMayBeMissed": "4.00", "reachable": true
    });
    assert_eq!(effect["completion"]["before"], before);
    // Of the 25 hours that remain 17.5 are asked for: 12.5 of the 15 ahead.
    let after = &effect["completion"]["after"];
    assert_eq!(
        (&after["hoursNeeded"], &after["hoursThatMayBeMissed"], &after["reachable"]),
        (&json!("12.50"), &json!("2.50"), &json!(true))
    );
    assert_eq!((&effect["obstacles"], &effect["warnings"], &effect["freedSeat"]), (&json!([]), &json!([]), &Value::Null));
    // Seven weeks of ten hours are left, and one of them is the week of rest.
    let psu = |effect: &Value| (effect["psu"]["before"].clone(), effect["psu"]["after"].clone());
    assert_eq!(psu(&effect), (json!("70.00"), json!("60.00")));
    let all = preview(&run.api, who, "change=suspension&effectiveOn=2020-11-16&until=2020-12-31");
    let codes: Vec<&Value> = all["warnings"].as_array().into_iter().flatten().map(|warning| &warning["code"]).collect();
    assert_eq!(codes, [&json!("minimumOutOfReach"), &json!("noClassAhead")]);
    // What it shows is what the change does.
    let body = json!({ "from": "2020-11-16", "to": "2020-11-20", "reason": "care" });
    run.api.post(&format!("/participations/{who}/suspensions"), &body).expect(201);
    let again = preview(&run.api, who, "change=suspension&effectiveOn=2020-11-18&until=2020-11-24");
    assert_eq!(again["obstacles"][0]["code"], "participation.suspension_overlap");
    assert_eq!(again["completion"]["before"]["hoursNeeded"], "12.50");
}

#[test]
fn an_end_shows_the_freed_place_whose_turn_it_is_and_the_duties() {
    let app = TestApp::start();
    let run = scene(&app);
    let who = &run.participations[0];
    let effect = preview(&run.api, who, "change=end&effectiveOn=2020-11-30&reason=interruptedOwnFault");
    assert_eq!(days(&effect["classes"]["lost"]), ["2020-12-01", "2020-12-08"]);
    assert_eq!((&effect["lastOn"], &effect["plan"]["seatDays"]), (&json!("2020-11-30"), &json!(-31)));
    let seat =
        json!({ "from": "2020-12-01", "to": "2020-12-31", "offeredAutomatically": false, "nextApplicationId": run.waiting[0] });
    assert_eq!(effect["freedSeat"], seat);
    assert_eq!(effect["warnings"][0]["code"], "endsEarly");
    let duty = &effect["duties"][0];
    // Seven working days after a Monday.
    assert_eq!(
        (&duty["duty"], &duty["recipient"], &duty["dueOn"]),
        (&json!("interruption"), &json!("labourOffice"), &json!("2020-12-09"))
    );
    assert_eq!(preview(&run.api, who, "change=end&effectiveOn=2020-11-30&reason=employed")["duties"], json!([]));
    let early = preview(&run.api, who, "change=end&effectiveOn=2020-11-05&reason=employed");
    assert_eq!(early["obstacles"][0]["code"], "participation.facts_after_end");
    let completed = preview(&run.api, who, "change=end&effectiveOn=2020-11-30&reason=completed");
    assert_eq!(completed["obstacles"][0]["code"], "participation.completed_early");
}

#[test]
fn a_prolongation_shows_whether_an_override_would_do() {
    let app = TestApp::start();
    let run = scene(&app);
    let who = &run.participations[0];
    let ended = json!({ "reason": "employed", "effectiveOn": "2020-11-30" });
    run.api.post(&format!("/participations/{who}/end"), &ended).expect(200);
    let person = crate::support::build::person(&app);
    let body = json!({ "editionId": run.edition, "personId": person, "startsOn": "2020-12-01", "plannedEndOn": "2020-12-15" });
    let shorter = run.api.post("/participations", &body).id();
    let effect = preview(&run.api, &shorter, "change=prolongation&effectiveOn=2020-12-02&until=2020-12-31");
    assert_eq!((&effect["obstacles"], &effect["plan"]["seatDays"]), (&json!([]), &json!(16)));
    run.revise(1, "2020-12-10").expect(201);
    let full = preview(&run.api, &shorter, "change=prolongation&effectiveOn=2020-12-02&until=2020-12-31");
    assert_eq!(
        (&full["obstacles"][0]["code"], &full["obstacles"][0]["overridable"]),
        (&json!("participation.no_free_seat"), &json!(true))
    );
    let over = preview(&run.api, &shorter, "change=prolongation&effectiveOn=2020-12-02&until=2021-01-31");
    assert_eq!(
        (&over["obstacles"][0]["code"], &over["obstacles"][0]["overridable"]),
        (&json!("participation.outside_edition"), &json!(false))
    );
}

#[test]
fn each_change_has_its_own_parameters() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 0, false);
    let path = |query: &str| format!("/participations/{}/change-preview?effectiveOn=2020-11-16&{query}", run.participations[0]);
    for query in
        ["change=suspension", "change=end", "change=end&reason=moved&until=2020-11-20", "change=groupMove", "change=rest"]
    {
        run.api.get(&path(query)).refused(400, "platform.invalid_parameter");
    }
    let nowhere = format!("change=groupMove&fromGroupId={0}&groupId={0}", crate::support::NOBODY);
    let effect = run.api.get(&path(&nowhere)).expect(200);
    assert_eq!(effect["obstacles"][0]["code"], "platform.reference_not_found");
    app.other_api(Role::Coordinator).get(&path("change=end&reason=moved")).refused(404, "platform.not_found");
}

#[test]
fn a_preview_tells_of_completion_what_is_answered_once_the_change_is_made() {
    // A Tuesday: what is possible until a later day of the change counts too.
    let app = TestApp::start_at(Clock::fixed("2020-11-24T09:00:00Z".parse().expect("a moment")));
    let run = Reserve::of(&app, 2, 0, false);
    ask_for_share(&run, "70.00");
    let psu = json!({ "kind": "activation", "name": "PSU", "completionHours": "12.00" });
    run.api.post(&format!("/editions/{}/blocks", run.edition), &psu).expect(201);
    let held = classes(&run, &["2020-11-03", "2020-11-20", "2020-11-27", "2020-12-04"]);
    let everybody: Vec<&str> = run.participations.iter().map(String::as_str).collect();
    sheet(&run, &held[0], &everybody);
    let condition = |who: &str, code: &str, part: &str| -> Value {
        let standing = run.api.get(&format!("/participations/{who}/completion")).expect(200);
        let conditions = standing["conditions"].as_array().into_iter().flatten();
        conditions.into_iter().find(|one| one["code"] == code).map(|one| one[part].clone()).expect("a condition")
    };
    let answered = |who: &str| (condition(who, "attendanceShare", "attendance"), condition(who, "blockMinimum", "block"));
    let told = |effect: &Value, when: &str| (effect["completion"][when].clone(), effect["blockMinimums"][0][when].clone());
    for (who, query, act, body) in [
        (
            everybody[0],
            "change=end&effectiveOn=2020-11-30&reason=employed",
            "end",
            json!({ "reason": "employed", "effectiveOn": "2020-11-30" }),
        ),
        (
            everybody[1],
            "change=suspension&effectiveOn=2020-12-01&until=2020-12-31",
            "suspensions",
            json!({ "from": "2020-12-01", "to": "2020-12-31", "reason": "care" }),
        ),
    ] {
        let effect = preview(&run.api, who, query);
        let before = told(&effect, "before");
        assert_eq!(before, answered(who), "{query}");
        // Six ISO weeks are touched from 24 November to 31 December; one class of five hours has no sheet yet.
        assert_eq!((&before.1["aheadHours"], &before.0["unrecordedHours"]), (&json!("60.00"), &json!("5.00")));
        let after = told(&effect, "after");
        assert_eq!((&after.1["aheadHours"], &after.1["reachable"]), (&json!("20.00"), &json!(true)));
        assert!(run.api.post(&format!("/participations/{who}/{act}"), &body).status < 300, "{query}");
        assert_eq!(after, answered(who), "{query}");
    }
}
