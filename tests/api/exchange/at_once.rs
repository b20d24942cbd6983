//! Answers, confirmations and merges that happen at the same time.

use serde_json::json;

use super::left_out::correcting;
use super::{Exchange, act, answer, send};
use crate::duplicates::merge;
use crate::support::{TestApp, build};

/// Declines what is open, so that the next news stands alone.
fn decline_all(exchange: &Exchange) {
    for left in exchange.proposals("state=open") {
        let path = format!("/message-proposals/{}", left["id"].as_str().expect("an id"));
        let etag = exchange.town.get(&path).header("etag").to_owned();
        let declined = json!({ "decidedOn": "2020-11-09", "reason": "Próba" });
        exchange.town.with("If-Match", &etag).post(&format!("{path}/refusal"), &declined).expect(200);
    }
}

#[test]
fn a_confirmation_and_the_answer_to_a_correction_do_not_overtake_each_other() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let officer = exchange.office.officer();
    let [wrong, right] = exchange.introduce().try_into().expect("two subjects");
    let mut orders = [0, 0];
    for round in 0..16 {
        let told = exchange.changes(&format!("CAZ.{round}"), "2020-11-06", &[(&wrong, "jobTaken", "2020-11-06")]);
        let first = send(officer, &told);
        let [open] = exchange.accept(&first, "2020-11-06").try_into().expect("one proposal");
        let body = exchange.changes(&format!("CAZ.{round}/1"), "2020-11-06", &[(&right, "revoked", "2020-11-06")]);
        let body = if round % 2 == 0 {
            exchange.changes(&format!("CAZ.{round}/1"), "2020-11-06", &[(&wrong, "revoked", "2020-11-06")])
        } else {
            let mut other = body;
            other["payload"]["records"][0]["change"] = json!("statusLost");
            other
        };
        let correction = officer.post("/messages", &correcting(body, &first)).expect(201);
        let whole = json!({ "step": { "effectiveOn": "2020-11-09" }, "accepted": true });
        let (confirmed, answered) = std::thread::scope(|scope| {
            let confirmed = scope.spawn(|| {
                // In every third round behind the dispatch of the correction.
                std::thread::sleep(std::time::Duration::from_millis(if round % 3 == 0 { 20 } else { 0 }));
                exchange.confirm(&open, &json!({ "decidedOn": "2020-11-09", "offerSeat": false }))
            });
            let answered = scope.spawn(|| {
                act(officer, &correction["id"], "dispatch", "2020-11-09").expect(200);
                answer(&exchange.town, &correction["id"], &whole)
            });
            (confirmed.join().expect("a caller"), answered.join().expect("a caller").expect(200))
        });
        let made = answered["proposals"].as_array().expect("proposals");
        let back = made.iter().find(|one| one["kind"] == "takeBackEnd");
        let state = exchange.participation(0)["state"].clone();
        if confirmed.status == 200 {
            orders[0] += 1;
            let back = back.expect("what has ended is to be taken back");
            assert_eq!(state, "exited");
            exchange.confirm(back, &json!({ "decidedOn": "2020-11-09" })).expect(200);
        } else {
            orders[1] += 1;
            // Its message is being corrected, or it is of another version, which the caller has not seen, or not open any more.
            assert!(matches!(confirmed.status, 409 | 412), "{}", confirmed.text);
            assert!(back.is_none() && state == "active", "round {round}: {state} {made:?}");
        }
        assert_eq!(exchange.participation(0)["state"], "active", "round {round}");
        decline_all(&exchange);
    }
    println!("confirmed first: {}, answered first: {}", orders[0], orders[1]);
}

#[test]
fn whoever_is_merged_meanwhile_is_found_under_the_new_id() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let officer = exchange.office.officer();
    let [subject] = exchange.introduce().try_into().expect("a subject");
    let mut person: uuid::Uuid = exchange.people[0].parse().expect("an id");
    for round in 0..10 {
        let [survivor] = build::people(&app, 1).try_into().expect("a person");
        let told = exchange.changes(&format!("CAZ.{round}"), "2020-11-06", &[(&subject, "jobTaken", "2020-11-06")]);
        let message = send(officer, &told);
        let whole = json!({ "step": { "effectiveOn": "2020-11-06" }, "accepted": true });
        let (merged, answered) = std::thread::scope(|scope| {
            let merged = scope.spawn(|| merge(&exchange.town.with("Pai-Purpose", "duplicates"), person, survivor, &json!({})));
            let answered = scope.spawn(|| answer(&exchange.town, &message["id"], &whole));
            (merged.join().expect("a caller"), answered.join().expect("a caller"))
        });
        assert!(merged.status == 200, "round {round}: {}", merged.text);
        let answered = answered.expect(200);
        let id = answered["proposals"][0]["id"].as_str().expect("a proposal").to_owned();
        let now = exchange.town.get(&format!("/message-proposals/{id}")).expect(200);
        assert_eq!(now["personId"], json!(survivor), "round {round}");
        person = survivor;
        decline_all(&exchange);
    }
}

#[test]
fn what_the_last_of_several_corrections_leaves_out_has_to_be_told_again() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    exchange.incident(0, "2020-11-10");
    exchange.incident(1, "2020-11-10");
    let told = |place: usize| exchange.duty(place, "starost")["messageId"].clone();
    let first = send(&exchange.town, &exchange.told_incident("DP.1", &[0], "2020-11-10"));
    assert_eq!(told(0), first["id"]);
    let second = send(&exchange.town, &correcting(exchange.told_incident("DP.1/1", &[0, 1], "2020-11-10"), &first));
    assert_eq!(told(1), second["id"]);
    send(&exchange.town, &correcting(exchange.told_incident("DP.1/2", &[1], "2020-11-10"), &second));
    assert_eq!((told(0), exchange.duty(0, "starost")["dischargedOn"].clone()), (json!(null), json!(null)));
    assert!(exchange.duty(1, "starost")["dischargedOn"].is_string());
}

#[test]
fn deadlines_are_told_until_a_year_before_the_end_of_the_calendar() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    for on in ["2200-10-31", "2200-12-31"] {
        let problem = exchange.town.get(&format!("/exchange-deadlines?effectiveOn={on}"));
        problem.refused(400, "platform.invalid_parameter");
    }
    exchange.town.get("/exchange-deadlines?effectiveOn=2199-12-30").expect(200);
}
