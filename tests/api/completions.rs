//! Who completes an edition, who does not, and why.

use pai::platform::policy::Role;
use serde_json::{Value, json};

use crate::changes::{ask_for_share, classes, sheet};
use crate::papers::text;
use crate::support::TestApp;
use crate::support::reserve::Reserve;

fn standing(run: &Reserve, who: usize, on: &str) -> Value {
    run.api.get(&format!("/participations/{}/completion?effectiveOn={on}", run.participations[who])).expect(200)
}

fn condition<'s>(standing: &'s Value, code: &str) -> &'s Value {
    standing["conditions"].as_array().into_iter().flatten().find(|one| one["code"] == code).unwrap_or(&Value::Null)
}

#[test]
fn the_rule_is_answered_with_its_reasons_and_agrees_with_the_figures() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 4, 0, false);
    ask_for_share(&run, "60.00");
    let held = classes(&run, &["2020-11-03", "2020-11-10", "2020-11-17", "2020-12-01", "2020-12-08"]);
    let who: Vec<&str> = run.participations.iter().map(String::as_str).collect();
    // The first comes always, the second to the last three, the third never, the fourth leaves for a job.
    for (session, came) in held.iter().zip([&who[..1], &who[..1], &who[..2], &who[..2], &who[..2]]).take(3) {
        sheet(&run, session, came);
    }
    let on = "2020-11-20";
    for (participant, verdict, state) in [(0, "onTrack", "met"), (1, "atRisk", "open"), (2, "outOfReach", "notMet")] {
        let standing = standing(&run, participant, on);
        assert_eq!((&standing["verdict"], &condition(&standing, "attendanceShare")["state"]), (&json!(verdict), &json!(state)));
    }
    let second = standing(&run, 1, on);
    let share = condition(&second, "attendanceShare");
    assert_eq!(
        (&share["attendance"]["hoursNeeded"], &share["attendance"]["hoursThatMayBeMissed"]),
        (&json!("10.00"), &json!("0.00"))
    );
    assert_eq!(
        share["reasonPl"],
        "Obecność 5.00 h z 15.00 h zajęć; wymagane 60.00 %. Z 10.00 h przed uczestnikiem trzeba 10.00 h; można opuścić 0.00 h."
    );
    assert!(share["reasonEn"].as_str().is_some_and(|text| text.contains("5.00 of 15.00 hours")));
    // Before anything was held everybody was on track.
    assert_eq!(standing(&run, 2, "2020-11-02")["verdict"], "onTrack");
    run.end(3, "2020-11-25").expect(200);
    for (session, came) in held.iter().zip([&who[..1], &who[..1], &who[..2], &who[..2], &who[..2]]).skip(3) {
        sheet(&run, session, came);
    }
    assert_eq!(standing(&run, 0, "2021-01-04")["verdict"], "awaitsEnd");
    for participant in &who[..3] {
        let body = json!({ "reason": "completed", "effectiveOn": "2020-12-31" });
        run.api.post(&format!("/participations/{participant}/end"), &body).expect(200);
    }
    let list = |query: &str| {
        let page = run.api.get(&format!("/editions/{}/completions?effectiveOn=2021-01-04{query}", run.edition)).expect(200);
        page["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|one| one["verdict"].as_str().expect("a word").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(list(""), ["completed", "completed", "notCompleted", "notCompleted"]);
    assert_eq!(list("&verdict=completed").len(), 2);
    let complete =
        |kind: &str| json!({ "kind": kind, "completeness": "complete", "statedBy": "koordynator", "statedOn": "2021-01-04" });
    let statements = json!({ "statements": [complete("participations"), complete("attendance")] });
    run.api.post(&format!("/editions/{}/collection-statements", run.edition), &statements).expect(201);
    let figures = run.api.get(&format!("/editions/{}/figures", run.edition)).expect(200);
    let strict = figures["figures"].as_array().into_iter().flatten().find(|figure| figure["definitionId"] == "M-09");
    assert_eq!(strict.map(|figure| &figure["value"]), Some(&json!(2)), "the same people as the figure counts");
}

#[test]
fn without_a_share_the_planned_end_decides() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 2, 0, false);
    run.end(1, "2020-11-20").expect(200);
    let running = standing(&run, 0, "2020-11-30");
    assert_eq!((&running["verdict"], running["conditions"].as_array().map(Vec::len)), (&json!("onTrack"), Some(1)));
    let ended = standing(&run, 1, "2020-11-30");
    assert_eq!((&ended["verdict"], &condition(&ended, "plannedEnd")["state"]), (&json!("notCompleted"), &json!("notMet")));
    assert_eq!(
        condition(&ended, "plannedEnd")["reasonEn"],
        "The participation ended on 2020-11-20, before its planned end (2020-12-31)."
    );
    let foreign = app.other_api(Role::Coordinator);
    foreign.get(&format!("/participations/{}/completion", run.participations[0])).refused(404, "platform.not_found");
    foreign.get(&format!("/editions/{}/completions", run.edition)).refused(404, "platform.not_found");
}

#[test]
fn a_certificate_attests_completion_to_those_alone_who_completed() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 2, 0, false);
    ask_for_share(&run, "80.00");
    let held = classes(&run, &["2020-11-03", "2020-11-10"]);
    for session in &held {
        sheet(&run, session, &[&run.participations[0]]);
    }
    run.api.post(&format!("/editions/{}/closure", run.edition), &json!({ "effectiveOn": "2020-12-31" })).expect(200);
    let reader = run.api.with("Pai-Purpose", "participation");
    for (who, verdict, attested, not) in [
        (0, "completed", "ukończyła/ukończył program", "uczestniczyła/uczestniczył"),
        (1, "notCompleted", "uczestniczyła/uczestniczył w programie", "ukończył"),
    ] {
        assert_eq!(standing(&run, who, "2026-06-15")["verdict"], verdict);
        let paper = text(&reader.get(&format!("/participations/{}/certificate", run.participations[who])));
        assert!(paper.contains(attested) && !paper.contains(not), "{paper}");
    }
}
