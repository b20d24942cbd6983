//! A job that the office tells of, from the message to the replacement, and its variants: twice, late, out of order, in part.

use serde_json::{Value, json};

use super::{Exchange, act, answer, items, path, send, subjects};
use crate::support::TestApp;

/// People of the reserve list become known to both sides by the list of those who may be referred.
fn introduce_waiting(exchange: &Exchange) -> Vec<Value> {
    let sent = send(&exchange.town, &exchange.eligible_list("DP.2.2020"));
    subjects(&exchange.office.officer().get(&path(&sent["id"])).expect(200))
}

#[test]
fn a_job_told_by_the_office_ends_the_participation_and_the_seat_goes_to_who_is_referred() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 2);
    let officer = exchange.office.officer();
    let taking_part = exchange.introduce();
    let waiting = introduce_waiting(&exchange);

    let told = send(officer, &exchange.status_change("CAZ.1.2020", &taking_part[0], "2020-11-06"));
    let [proposal] = exchange.accept(&told, "2020-11-06").try_into().expect("one proposal");
    assert_eq!((&proposal["kind"], &proposal["state"]), (&json!("endParticipation"), &json!("open")));
    assert_eq!(proposal["participationId"], json!(exchange.run.participations[0]));
    // A proposal changes nothing by itself.
    assert_eq!(exchange.participation(0)["state"], "active");
    assert!(exchange.run.offers().is_empty());

    let confirmed = exchange.confirm(&proposal, &json!({ "decidedOn": "2020-11-06" })).expect(200);
    assert_eq!((&confirmed["state"], &confirmed["byRule"]), (&json!("confirmed"), &json!(false)));
    let ended = exchange.participation(0);
    assert_eq!(
        (&ended["state"], &ended["endReason"], &ended["endedOn"]),
        (&json!("exited"), &json!("employed"), &json!("2020-11-06"))
    );
    let [offer] = exchange.run.open().try_into().expect("one offer");
    assert_eq!((&offer["id"], &offer["applicationId"]), (&confirmed["offerId"], &json!(exchange.run.waiting[0])));
    exchange.confirm(&proposal, &json!({ "decidedOn": "2020-11-06" })).refused(409, "exchange.proposal_closed");

    exchange.run.accept(&offer, "2020-11-07").expect(200);
    let referral = json!({
        "editionId": exchange.run.edition,
        "records": [{ "subject": { "subjectId": waiting[0] }, "referredTo": "programme", "from": "2020-11-09", "to": "2020-12-31" }],
    });
    let referral = send(officer, &exchange.body("referral", "CAZ.2.2020", "2020-11-08", &referral));
    let [admission] = exchange.accept(&referral, "2020-11-08").try_into().expect("one proposal");
    let admitted = exchange.confirm(&admission, &json!({ "decidedOn": "2020-11-09" })).expect(200);
    let replacement =
        exchange.town.get(&format!("/participations/{}", admitted["resultId"].as_str().expect("an id"))).expect(200);
    assert_eq!(replacement["replacesId"], json!(exchange.run.participations[0]));
    assert_eq!((&replacement["startsOn"], &replacement["plannedEndOn"]), (&json!("2020-11-09"), &json!("2020-12-31")));

    let job = json!({ "from": "2020-11-06", "confirmedThrough": "2020-12-05", "kind": "employmentContract" });
    let verified = json!({
        "editionId": exchange.run.edition,
        "records": [{ "subject": { "subjectId": taking_part[0] }, "result": "employed", "job": job }],
    });
    let verified = send(officer, &exchange.body("employmentVerification", "CAZ.3.2020", "2021-01-15", &verified));
    let [job] = exchange.accept(&verified, "2021-01-16").try_into().expect("one proposal");
    exchange.confirm(&job, &json!({ "decidedOn": "2021-01-16" })).expect(200);
    let spells = items(&exchange.town, &format!("/employment-spells?personId={}", exchange.people[0]));
    assert_eq!(spells.len(), 1);
    assert_eq!((&spells[0]["startsOn"], &spells[0]["verifiedOn"]), (&json!("2020-11-06"), &json!("2020-12-05")));
    assert_eq!(spells[0]["source"], "labourOffice");
}

#[test]
fn the_same_message_twice_changes_nothing() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 1);
    let officer = exchange.office.officer();
    let subject = &exchange.introduce()[0];
    let body = exchange.status_change("CAZ.1.2020", subject, "2020-11-06");
    let told = send(officer, &body);
    let [proposal] = exchange.accept(&told, "2020-11-06").try_into().expect("one proposal");
    exchange.confirm(&proposal, &json!({ "decidedOn": "2020-11-06" })).expect(200);

    let again = officer.post("/messages", &body).expect(201);
    assert_eq!((&again["id"], &again["state"]), (&told["id"], &json!("accepted")));
    act(officer, &told["id"], "dispatch", "2020-11-06").refused(409, "exchange.step_not_allowed");
    answer(&exchange.town, &told["id"], &json!({ "step": { "effectiveOn": "2020-11-07" }, "accepted": true }))
        .refused(409, "exchange.step_not_allowed");
    assert_eq!(exchange.proposals("").len(), 1);
    assert_eq!(exchange.run.offers().len(), 1);
    // Another content under the same reference is another message, and says so.
    let other = exchange.status_change("CAZ.1.2020", subject, "2020-11-07");
    assert_eq!(
        officer.post("/messages", &other).refused(409, "exchange.reference_taken")["errors"][0]["pointer"],
        "/senderReference"
    );
    // Told again under another reference, it finds nobody to end.
    let retold = send(officer, &exchange.status_change("CAZ.9.2020", subject, "2020-11-06"));
    assert!(exchange.accept(&retold, "2020-11-09").is_empty());
}

#[test]
fn what_comes_late_does_not_undo_later_news() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 1);
    let officer = exchange.office.officer();
    let subject = &exchange.introduce()[0];
    let later = send(officer, &exchange.status_change("CAZ.2.2020", subject, "2020-11-20"));
    let earlier = send(officer, &exchange.status_change("CAZ.1.2020", subject, "2020-11-06"));
    let [of_later] = exchange.accept(&later, "2020-11-20").try_into().expect("one proposal");
    let [of_earlier] = exchange.accept(&earlier, "2020-11-20").try_into().expect("one proposal");
    assert_eq!((&of_earlier["state"], &of_earlier["supersededById"]), (&json!("superseded"), &later["id"]));
    exchange.confirm(&of_earlier, &json!({ "decidedOn": "2020-11-20" })).refused(409, "exchange.proposal_closed");
    exchange.confirm(&of_later, &json!({ "decidedOn": "2020-11-20" })).expect(200);
    assert_eq!(exchange.participation(0)["endedOn"], "2020-11-20");
}

#[test]
fn later_news_and_corrections_take_the_place_of_what_is_open() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 1);
    let officer = exchange.office.officer();
    let subject = &exchange.introduce()[0];
    let first = send(officer, &exchange.status_change("CAZ.1.2020", subject, "2020-11-16"));
    let [open] = exchange.accept(&first, "2020-11-16").try_into().expect("one proposal");

    // The day was wrong: the correction tells an earlier one, and still takes the place.
    let mut correction = exchange.status_change("CAZ.1.2020/1", subject, "2020-11-09");
    correction["correctsId"] = first["id"].clone();
    officer.post("/messages", &correction).refused(422, "exchange.correction_incomplete");
    correction["correctionReason"] = json!("Błędny dzień");
    correction["effectiveOn"] = json!("2020-11-16");
    let correction = send(officer, &correction);
    assert_eq!(correction["correlationId"], first["correlationId"]);
    assert_eq!(exchange.town.get(&path(&first["id"])).expect(200)["correctedById"], correction["id"]);
    let [corrected] = exchange.accept(&correction, "2020-11-17").try_into().expect("one proposal");
    assert_eq!(corrected["state"], "open");
    let open = exchange.proposals(&format!("messageId={}", open["messageId"].as_str().expect("an id"))).remove(0);
    assert_eq!((&open["state"], &open["supersededById"]), (&json!("superseded"), &correction["id"]));
    exchange.confirm(&corrected, &json!({ "decidedOn": "2020-11-17" })).expect(200);
    assert_eq!(exchange.participation(0)["endedOn"], "2020-11-09");

    let mut second = exchange.status_change("CAZ.1.2020/2", subject, "2020-11-10");
    second["correctsId"] = first["id"].clone();
    second["correctionReason"] = json!("Jeszcze raz");
    officer.post("/messages", &second).refused(409, "exchange.already_corrected");
}

#[test]
fn a_correction_that_is_answered_before_what_it_corrects_stands() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 1);
    let officer = exchange.office.officer();
    let subject = &exchange.introduce()[0];
    let first = send(officer, &exchange.status_change("CAZ.1.2020", subject, "2020-11-16"));
    let mut correction = exchange.status_change("CAZ.1.2020/1", subject, "2020-11-09");
    correction["correctsId"] = first["id"].clone();
    correction["correctionReason"] = json!("Błędny dzień");
    correction["effectiveOn"] = json!("2020-11-16");
    let correction = send(officer, &correction);
    let [standing] = exchange.accept(&correction, "2020-11-17").try_into().expect("one proposal");
    let [overtaken] = exchange.accept(&first, "2020-11-18").try_into().expect("one proposal");
    assert_eq!((&standing["state"], &overtaken["state"]), (&json!("open"), &json!("superseded")));
    assert_eq!(overtaken["supersededById"], correction["id"]);
}

#[test]
fn a_message_is_accepted_in_part_with_a_code_for_each_refused_record() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 3, 0);
    let officer = exchange.office.officer();
    let known = exchange.introduce();
    let records: Vec<Value> = known
        .iter()
        .map(|subject| json!({ "subject": { "subjectId": subject }, "change": "jobTaken", "since": "2020-11-06" }))
        .collect();
    let told = send(officer, &exchange.body("statusChange", "CAZ.1.2020", "2020-11-06", &json!({ "records": records })));
    let in_part = json!({
        "step": { "effectiveOn": "2020-11-09", "reference": "MOPS.7" }, "accepted": true,
        "refused": [{ "position": 1, "rejectCode": "alreadyEnded" }],
    });
    let answered = answer(&exchange.town, &told["id"], &in_part).expect(200);
    assert_eq!((&answered["state"], &answered["receiverReference"]), (&json!("acceptedInPart"), &json!("MOPS.7")));
    assert_eq!(answered["proposals"].as_array().map(Vec::len), Some(2));
    let seen = officer.get(&path(&told["id"])).expect(200);
    let states: Vec<(&Value, &Value)> =
        seen["records"].as_array().expect("records").iter().map(|record| (&record["state"], &record["rejectCode"])).collect();
    let (accepted, refused) = (json!("accepted"), json!("refused"));
    assert_eq!(states, [(&accepted, &Value::Null), (&refused, &json!("alreadyEnded")), (&accepted, &Value::Null)]);
    // The office never learns which of the town's people they are.
    assert!(seen["records"].as_array().expect("records").iter().all(|record| record["personId"].is_null()));
    act(&exchange.town, &told["id"], "settlement", "2020-11-10").refused(409, "exchange.other_side");
    assert_eq!(act(officer, &told["id"], "settlement", "2020-11-10").expect(200)["state"], "settled");
    let steps: Vec<Value> = items(officer, &format!("{}/steps", path(&told["id"])));
    let told: Vec<&str> = steps.iter().map(|step| step["state"].as_str().expect("a state")).collect();
    assert_eq!(told, ["sent", "acceptedInPart", "settled"]);
    assert_eq!((&steps[0]["letterNumber"], &steps[0]["channel"]), (&json!("UPP-1/2020"), &json!("eDelivery")));
}

#[test]
fn a_rule_of_the_town_confirms_where_nothing_stands_in_the_way() {
    let app = TestApp::start();
    let exchange = Exchange::confirming(&app, (2, 1), &["endParticipation"]);
    let officer = exchange.office.officer();
    let known = exchange.introduce();
    // Hours after the end stand in the way of the second.
    let host = exchange.town.post("/hosts", &json!({ "name": "Zieleń", "kindsOfWork": ["porządkowe"], "positions": 2 })).id();
    let entry = json!({
        "participationId": exchange.run.participations[1], "hostId": host, "workedOn": "2020-11-10", "hours": "2.00", "kindOfWork": "porządkowe",
    });
    exchange.town.post("/psu-entries", &entry).expect(201);
    let records: Vec<Value> = known
        .iter()
        .map(|subject| json!({ "subject": { "subjectId": subject }, "change": "jobTaken", "since": "2020-11-06" }))
        .collect();
    let told = send(officer, &exchange.body("statusChange", "CAZ.1.2020", "2020-11-06", &json!({ "records": records })));
    let proposals = exchange.accept(&told, "2020-11-11");
    let states: Vec<(&Value, &Value)> = proposals.iter().map(|one| (&one["state"], &one["byRule"])).collect();
    assert_eq!(states, [(&json!("confirmed"), &json!(true)), (&json!("open"), &json!(false))]);
    assert_eq!(exchange.participation(0)["state"], "exited");
    assert_eq!(exchange.participation(1)["state"], "active");
    assert_eq!(exchange.run.open().len(), 1);
    exchange.confirm(&proposals[1], &json!({ "decidedOn": "2020-11-11" })).refused(409, "participation.facts_after_end");
    exchange.confirm(&proposals[1], &json!({ "decidedOn": "2020-11-11", "effectiveOn": "2020-11-10" })).expect(200);
    assert_eq!(exchange.participation(1)["endedOn"], "2020-11-10");
}
