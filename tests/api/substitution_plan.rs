//! The plan of a substitution: who could take a place over, and what would be left for them.

use crate::support::reserve::Reserve;
use crate::support::{TestApp, build};
use pai::platform::policy::Role;
use serde_json::{Value, json};

fn plan(run: &Reserve, participation: usize, on: &str) -> Value {
    let path = format!("/participations/{}/substitution-plan?effectiveOn={on}", run.participations[participation]);
    run.api.get(&path).expect(200)
}

/// A block of classes, planned and partly entered, and one of socially useful work.
fn enter_blocks(run: &Reserve) -> (String, String) {
    let path = format!("/editions/{}/blocks", run.edition);
    let integration = json!({ "kind": "integration", "name": "Warsztaty", "plannedHours": "80.00" });
    let integration = run.api.post(&path, &integration).id();
    let activation = run.api.post(&path, &json!({ "kind": "activation", "name": "Prace", "plannedHours": "80.00" })).id();
    for (day, hours) in [("2020-11-03", "5.00"), ("2020-11-10", "5.00"), ("2020-12-01", "4.00"), ("2020-12-08", "2.25")] {
        let session = json!({ "blockId": integration, "heldOn": day, "hours": hours, "form": "group" });
        run.api.post("/sessions", &session).expect(201);
    }
    // A consultation of one participant is nothing for the replacement.
    let alone = json!({
        "blockId": integration, "heldOn": "2020-12-09", "hours": "1.00", "form": "individual", "participationIds": [run.participations[0]]
    });
    run.api.post("/sessions", &alone).expect(201);
    (integration, activation)
}

#[test]
fn what_is_left_from_the_day_on() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 2, 2, false);
    let (integration, activation) = enter_blocks(&run);
    let path = format!("/editions/{}", run.edition);
    let change = json!({ "name": "I", "startsOn": "2020-11-02", "endsOn": "2020-12-31", "completionAttendancePercent": "80.00" });
    run.api.put(&path, run.api.get(&path).header("etag"), &change).expect(200);
    let planned = plan(&run, 0, "2020-11-30");
    assert_eq!(
        planned["blocks"],
        json!([
            { "blockId": integration, "kind": "integration", "name": "Warsztaty", "scheduledSessions": 2, "scheduledHours": "6.25",
              "plannedHoursLeft": "70.00" },
            { "blockId": activation, "kind": "activation", "name": "Prace", "scheduledSessions": 0, "scheduledHours": "0.00",
              "plannedHoursLeft": "80.00" },
        ])
    );
    assert_eq!(
        planned["completion"],
        json!({ "attendancePercent": "80.00", "hoursNeeded": "5.00", "hoursThatMayBeMissed": "1.25", "reachable": true })
    );
    let effect = json!({ "seatDays": 32, "seatDaysLost": null, "persons": 1, "personHours": "6.25" });
    assert_eq!((&planned["effect"], &planned["mustEndBefore"]), (&effect, &json!("2020-11-30")));
    // Where nothing is left to attend nothing can be missed, as the figures count it.
    assert_eq!(plan(&run, 0, "2020-12-09")["completion"]["hoursNeeded"], "0.00");
    assert_eq!(plan(&run, 0, "2020-12-09")["completion"]["reachable"], true);
    // Five ISO weeks are touched: 30 November to 31 December.
    let possible: Vec<&Value> =
        planned["candidates"].as_array().expect("candidates").iter().map(|one| &one["psuHoursPossible"]).collect();
    assert_eq!(possible, [&json!("50.00"); 2]);
    run.end(0, "2020-11-25").expect(200);
    assert_eq!(plan(&run, 0, "2020-11-30")["effect"]["seatDaysLost"], 4);
}

#[test]
fn candidates_come_in_the_order_of_the_list_with_what_speaks_against_them() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 4, true);
    let before = build::edition(&app, "2020-01-01", "2020-05-14", 5);
    let admit = |edition, person, from: &str| {
        let body = json!({ "editionId": edition, "personId": person, "startsOn": from });
        run.api.post("/participations", &body).id()
    };
    let worked = admit(before, run.people[0], "2020-01-01");
    let elsewhere = build::edition(&app, "2020-12-14", "2021-01-31", 5);
    admit(elsewhere, run.people[1], "2020-12-14");
    run.withdraw_application(&run.waiting[2], "2020-11-05").expect(200);
    let planned = plan(&run, 0, "2020-11-09");
    let told: Vec<(&Value, &Value, &Value, &Value)> = planned["candidates"]
        .as_array()
        .expect("candidates")
        .iter()
        .map(|one| (&one["applicationId"], &one["used"], &one["monthsAfter"], &one["warnings"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!(run.waiting[0]), &json!({ "months": 4, "days": 14 }), &json!("6.233333"), &json!(["wouldExceedMonths"])),
            (&json!(run.waiting[1]), &json!({ "months": 1, "days": 18 }), &json!("3.366667"), &json!(["takesPart"])),
            (&json!(run.waiting[3]), &json!({ "months": 0, "days": 0 }), &json!("1.766667"), &json!([])),
        ]
    );
    // Hours that somebody has worked in a week are not possible twice.
    let entry = json!({ "participationId": worked, "workedOn": "2020-05-14", "hours": "4.00" });
    run.api.post("/psu-entries", &entry).expect(201);
    assert_eq!(plan(&run, 0, "2020-11-09")["candidates"][0]["psuHoursPossible"], "80.00");
    // An offer shows until its answer is late; an answer in time, recorded later, takes it up.
    run.end(0, "2020-11-08").expect(200);
    let late = plan(&run, 0, "2020-11-16");
    assert_eq!(late["candidates"][2]["warnings"], json!(["didNotAnswer"]));
    let planned = plan(&run, 0, "2020-11-11");
    let offered = &planned["candidates"][2];
    assert_eq!((&offered["applicationId"], &offered["warnings"]), (&json!(run.waiting[3]), &json!(["hasOffer"])));
    let taking = json!({ "offerId": offered["offerId"], "acceptedOn": "2020-11-11", "effectiveOn": "2020-11-16" });
    run.api.post(&format!("/participations/{}/substitution", run.participations[0]), &taking).expect(201);
    let replaced = plan(&run, 0, "2020-11-16");
    assert_eq!((&replaced["obstacle"], &replaced["candidates"]), (&json!("alreadyReplaced"), &json!([])));
}

#[test]
fn a_plan_says_why_nobody_can_replace_a_participant() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 2, 1, false);
    assert_eq!(plan(&run, 0, "2021-01-01")["obstacle"], "outsideEdition");
    assert_eq!(plan(&run, 0, "2020-11-01")["obstacle"], "outsideEdition");
    // Nobody leaves before the first day, so the place is not free on it; on the next day it may be.
    let path = format!("/participations/{}/substitution?dryRun=true", run.participations[0]);
    let substitution = |on: &str, last: &str| json!({ "applicationId": run.waiting[0], "effectiveOn": on, "end": { "reason": "employed", "effectiveOn": last } });
    assert_eq!(plan(&run, 0, "2020-11-02")["obstacle"], "notFreeYet");
    let refused = run.api.post(&path, &substitution("2020-11-02", "2020-11-01"));
    refused.refused(422, "participation.outside_participation");
    assert_eq!(plan(&run, 0, "2020-11-03")["obstacle"], Value::Null);
    run.api.post(&path, &substitution("2020-11-03", "2020-11-02")).expect(200);
    run.end(0, "2020-11-13").expect(200);
    assert_eq!(plan(&run, 0, "2020-11-13")["obstacle"], "notFreeYet");
    assert_eq!(plan(&run, 0, "2020-11-14")["obstacle"], Value::Null);
    let completed = json!({ "reason": "completed", "effectiveOn": "2020-12-31" });
    run.api.post(&format!("/participations/{}/end", run.participations[1]), &completed).expect(200);
    assert_eq!(plan(&run, 1, "2020-12-31")["obstacle"], "completed");
    let path = format!("/participations/{}/substitution-plan?effectiveOn=2020-11-14", run.participations[0]);
    app.other_api(Role::Coordinator).get(&path).refused(404, "platform.not_found");
    run.api.get(&path.replace("?effectiveOn=2020-11-14", "")).refused(400, "platform.invalid_parameter");
}

/// What the plan of a day says of each candidate, and what the substitution itself answers.
fn refused(run: &Reserve, on: &str, more: &Value) -> Vec<(Vec<String>, String)> {
    let planned = plan(run, 0, on);
    let one = |candidate: &Value| {
        let told = candidate["refusedBy"].as_array().expect("codes").iter().map(|code| code.as_str().expect("a code").to_owned());
        let mut body = json!({ "applicationId": candidate["applicationId"], "effectiveOn": on });
        for (name, value) in more.as_object().expect("fields") {
            body[name] = value.clone();
        }
        let path = format!("/participations/{}/substitution?dryRun=true", run.participations[0]);
        let answer = run.api.post(&path, &body);
        let code = if answer.status == 200 {
            String::new()
        } else {
            answer.expect(answer.status)["code"].as_str().expect("a code").to_owned()
        };
        (told.collect(), code)
    };
    planned["candidates"].as_array().expect("candidates").iter().map(one).collect()
}

#[test]
fn the_plan_refuses_whom_the_substitution_refuses() {
    let app = TestApp::start();
    let end = json!({ "end": { "reason": "employed", "effectiveOn": "2020-11-13" } });
    let told = |code: &str| (vec![code.to_owned()], code.to_owned());
    let free = || (Vec::new(), String::new());

    // Nothing stands in the way; the seat of the one who leaves counts as free.
    let run = Reserve::of(&app, 1, 2, false);
    assert_eq!(refused(&run, "2020-11-16", &end), [free(), free()]);
    // Kept for somebody who was selected.
    let promised = run.apply(build::person(&app));
    run.decide(&promised, "selected", "2020-10-20").expect(200);
    assert_eq!(refused(&run, "2020-11-16", &end), [told("participation.seat_kept"), told("participation.seat_kept")]);

    // Offered to the first of the list, so not to the second.
    let run = Reserve::of(&app, 1, 2, false);
    run.end(0, "2020-11-13").expect(200);
    run.fill("2020-11-16");
    let [first, second] = <[_; 2]>::try_from(refused(&run, "2020-11-17", &json!({}))).expect("two");
    // The offer has to be answered; nothing else is asked.
    assert_eq!(first, (Vec::new(), "recruitment.offer_unanswered".to_owned()));
    assert_eq!(second, told("participation.seat_offered"));

    // Takes part elsewhere at the time, has used the months up, or the plan has no place left.
    let run = Reserve::of(&app, 1, 3, false);
    let admit = |edition, person, from: &str| {
        run.api.post("/participations", &json!({ "editionId": edition, "personId": person, "startsOn": from })).expect(201)
    };
    admit(build::edition(&app, "2020-12-01", "2021-01-31", 5), run.people[0], "2020-12-01");
    admit(build::edition(&app, "2020-01-01", "2020-05-31", 5), run.people[1], "2020-01-01");
    let expected = [told("participation.overlap"), told("participation.cumulative_limit"), free()];
    assert_eq!(refused(&run, "2020-11-16", &end), expected);
    run.revise(0, "2020-11-16").expect(201);
    let full = refused(&run, "2020-11-16", &end);
    assert!(full.iter().all(|(codes, _)| codes.contains(&"participation.no_free_seat".to_owned())), "{full:?}");
    assert_eq!(full[2], told("participation.no_free_seat"));
}

#[test]
fn an_offer_of_a_day_to_come_refuses_in_the_plan_as_in_the_act() {
    let app = TestApp::start();
    let mut run = Reserve::of(&app, 1, 1, false);
    run.edition = build::edition(&app, "2026-06-01", "2026-08-31", 1);
    run.participations =
        vec![run.admit(&json!({ "editionId": run.edition, "personId": build::person(&app) }), "2026-06-01").id()];
    run.waiting = vec![run.apply(build::person(&app))];
    run.decide(&run.waiting[0], "reserve", "2026-06-01").expect(200);
    run.end(0, "2026-06-12").expect(200);
    let ahead = run.fill("2026-06-22")["offers"][0].clone();
    let today = json!({ "acceptedOn": "2026-06-15" });
    let told = |code: &str| vec![(vec![code.to_owned()], code.to_owned())];
    assert_eq!(refused(&run, "2026-06-25", &today), told("recruitment.out_of_order"));
    // One of today can be accepted today, for whatever day.
    run.act(&ahead, "withdrawal", &json!({ "reason": "mistake", "effectiveOn": "2026-06-15" })).expect(200);
    run.fill("2026-06-15");
    assert_eq!(refused(&run, "2026-06-25", &today), [(Vec::new(), String::new())]);
}
