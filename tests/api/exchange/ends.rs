//! Corrections of what has already ended a participation.

use serde_json::{Value, json};

use super::{Exchange, act, path, send, subjects};
use crate::support::TestApp;

/// A job that was told, confirmed and corrected; answers the proposal of the correction.
fn corrected(exchange: &Exchange, change: &str, since: &str) -> Value {
    let officer = exchange.office.officer();
    let subject = &exchange.introduce()[0];
    let first = send(officer, &exchange.status_change("CAZ.1", subject, "2020-11-06"));
    let [end] = exchange.accept(&first, "2020-11-06").try_into().expect("one proposal");
    exchange.confirm(&end, &json!({ "decidedOn": "2020-11-06" })).expect(200);
    assert_eq!(exchange.participation(0)["state"], "exited");
    let mut correction = exchange.status_change("CAZ.1/1", subject, since);
    correction["payload"]["records"][0]["change"] = json!(change);
    correction["correctsId"] = first["id"].clone();
    correction["correctionReason"] = json!("Pomyłka co do osoby");
    // It is told on the 9th, whatever day it tells of.
    let written = officer.post("/messages", &correction).expect(201);
    act(officer, &written["id"], "dispatch", "2020-11-09").expect(200);
    let correction = officer.get(&path(&written["id"])).expect(200);
    let [proposal] = exchange.accept(&correction, "2020-11-09").try_into().expect("one proposal");
    assert_eq!(proposal["state"], "open", "a person confirms it");
    proposal
}

#[test]
fn an_end_by_mistake_is_taken_back_with_the_offer_of_the_seat() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 1);
    let proposal = corrected(&exchange, "revoked", "2020-11-06");
    assert_eq!(proposal["kind"], "takeBackEnd");
    assert_eq!(exchange.run.open().len(), 1, "a proposal changes nothing");
    exchange.confirm(&proposal, &json!({ "decidedOn": "2020-11-09" })).expect(200);
    let stays = exchange.participation(0);
    assert_eq!((&stays["state"], &stays["endedOn"], &stays["endReason"]), (&json!("active"), &json!(null), &json!(null)));
    let offers = exchange.run.offers();
    assert_eq!((offers.len(), &offers[0]["state"], &offers[0]["withdrawalReason"]), (1, &json!("withdrawn"), &json!("mistake")));
    // The candidate has lost nothing: once the person has a job indeed, the seat goes to the same candidate.
    let officer = exchange.office.officer();
    let subject = subjects(&officer.get(&path(&proposal["messageId"])).expect(200))[0].clone();
    let job = send(officer, &exchange.status_change("CAZ.2", &subject, "2020-11-13"));
    let [end] = exchange.accept(&job, "2020-11-13").try_into().expect("one proposal");
    exchange.confirm(&end, &json!({ "decidedOn": "2020-11-13" })).expect(200);
    let [offer] = exchange.run.open().try_into().expect("one offer");
    assert_eq!((&offer["applicationId"], &offer["freedByOfferId"]), (&json!(exchange.run.waiting[0]), &offers[0]["id"]));
}

#[test]
fn a_seat_that_was_promised_meanwhile_is_not_taken_back() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 1);
    let proposal = corrected(&exchange, "revoked", "2020-11-06");
    let [offer] = exchange.run.open().try_into().expect("one offer");
    exchange.run.accept(&offer, "2020-11-09").expect(200);
    let refused = exchange.confirm(&proposal, &json!({ "decidedOn": "2020-11-09" }));
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert_eq!(exchange.participation(0)["state"], "exited");
    assert_eq!(exchange.proposals("state=open").len(), 1, "it stays open for the two offices to settle");
    exchange.run.admit(&json!({ "offerId": offer["id"] }), "2020-11-10").expect(201);
    exchange.confirm(&proposal, &json!({ "decidedOn": "2020-11-10" })).refused(409, "participation.seat_taken_over");
}

#[test]
fn a_seat_that_was_promised_is_not_taken_back_though_others_are_free() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 1);
    let proposal = corrected(&exchange, "revoked", "2020-11-06");
    let [offer] = exchange.run.open().try_into().expect("one offer");
    exchange.run.accept(&offer, "2020-11-09").expect(200);
    exchange.run.revise(4, "2020-11-03").expect(201);
    let refused = exchange.confirm(&proposal, &json!({ "decidedOn": "2020-11-09" })).refused(409, "participation.seat_accepted");
    assert_eq!(refused["offerId"], offer["id"]);
    let later = json!({ "decidedOn": "2020-11-09" });
    let successor = exchange.run.admit(&json!({ "offerId": offer["id"] }), "2020-11-10").expect(201);
    assert_eq!(successor["replacesId"], json!(exchange.run.participations[0]));
    let refused = exchange.confirm(&proposal, &later).refused(409, "participation.seat_taken_over");
    assert_eq!(refused["participationId"], successor["id"]);
    assert_eq!(exchange.participation(0)["state"], "exited", "nobody replaces somebody who takes part");
}

#[test]
fn an_acceptance_that_was_taken_back_leaves_the_seat() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 1);
    let proposal = corrected(&exchange, "revoked", "2020-11-06");
    let [offer] = exchange.run.open().try_into().expect("one offer");
    exchange.run.accept(&offer, "2020-11-09").expect(200);
    exchange.run.act(&offer, "withdrawal", &json!({ "reason": "didNotCome", "effectiveOn": "2020-11-10" })).expect(200);
    exchange.confirm(&proposal, &json!({ "decidedOn": "2020-11-10" })).expect(200);
    assert_eq!(exchange.participation(0)["state"], "active");
}

#[test]
fn a_later_end_than_was_told_keeps_the_seat_until_then() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 1);
    let proposal = corrected(&exchange, "jobTaken", "2020-11-20");
    assert_eq!(proposal["kind"], "changeEnd");
    exchange.confirm(&proposal, &json!({ "decidedOn": "2020-11-09" })).expect(200);
    let ended = exchange.participation(0);
    assert_eq!((&ended["state"], &ended["endedOn"]), (&json!("exited"), &json!("2020-11-20")));
    let states: Vec<Value> = exchange.run.offers().iter().map(|offer| offer["state"].clone()).collect();
    assert_eq!(states.iter().filter(|state| *state == "open").count(), 1, "{states:?}");
    assert_eq!(states.iter().filter(|state| *state == "withdrawn").count(), 1, "{states:?}");
    assert_eq!(exchange.run.open()[0]["seatFrom"], "2020-11-21");
}

#[test]
fn a_town_lets_no_rule_correct_an_end() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let path = format!("/exchange-links/{}", exchange.link);
    let etag = exchange.town.get(&path).header("etag").to_owned();
    let body = json!({ "validFrom": "2020-07-22", "confirmedByRule": ["endParticipation", "takeBackEnd"] });
    let refused = exchange.town.put(&path, &etag, &body).refused(422, "exchange.confirmed_by_person_only");
    assert_eq!(refused["errors"][0]["pointer"], "/confirmedByRule/1");
}

#[test]
fn nobody_takes_part_again_in_an_edition_that_is_closed() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let back = corrected(&exchange, "revoked", "2020-11-06");
    let closure = format!("/editions/{}/closure", exchange.run.edition);
    exchange.run.end(1, "2020-11-30").expect(200);
    exchange.town.post(&closure, &json!({ "effectiveOn": "2020-12-04" })).expect(200);
    let refused = exchange.confirm(&back, &json!({ "decidedOn": "2020-12-07" })).refused(409, "participation.edition_closed");
    assert_eq!(refused["closedOn"], "2020-12-04");
    assert_eq!(exchange.participation(0)["state"], "exited");
    assert_eq!(exchange.proposals("state=open").len(), 1, "it is for a person to decline");
}

#[test]
fn an_end_is_changed_until_the_closing_of_the_edition_only() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let later = corrected(&exchange, "jobTaken", "2020-12-07");
    exchange.run.end(1, "2020-11-30").expect(200);
    let closure = format!("/editions/{}/closure", exchange.run.edition);
    exchange.town.post(&closure, &json!({ "effectiveOn": "2020-12-04" })).expect(200);
    let refused = exchange.confirm(&later, &json!({ "decidedOn": "2020-12-07" })).refused(409, "participation.edition_closed");
    assert_eq!(refused["errors"][0]["pointer"], "/effectiveOn");
    exchange.confirm(&later, &json!({ "decidedOn": "2020-12-07", "effectiveOn": "2020-12-04" })).expect(200);
    assert_eq!(exchange.participation(0)["endedOn"], "2020-12-04");
}
