//! Whom a correction names no more, whom it never named, and who is named twice.

use serde_json::{Value, json};

use super::{Exchange, act, answer, path, send};
use crate::duplicates::merge;
use crate::support::{Api, TestApp};

impl Exchange {
    /// The office tells of changes of status, one record for each subject.
    pub fn changes(&self, reference: &str, on: &str, records: &[(&Value, &str, &str)]) -> Value {
        let records: Vec<Value> = records
            .iter()
            .map(|(subject, change, since)| json!({ "subject": { "subjectId": subject }, "change": change, "since": since }))
            .collect();
        self.body("statusChange", reference, on, &json!({ "records": records }))
    }
}

/// As the correction of a message.
pub fn correcting(mut body: Value, corrected: &Value) -> Value {
    body["correctsId"] = corrected["id"].clone();
    body["correctionReason"] = json!("Pomyłka co do osoby");
    body
}

/// Kind and state of proposals.
fn told(proposals: &[Value]) -> Vec<(&str, &str)> {
    proposals.iter().map(|one| (one["kind"].as_str().expect("a kind"), one["state"].as_str().expect("a state"))).collect()
}

fn pointer(problem: &Value) -> &Value {
    &problem["errors"][0]["pointer"]
}

#[test]
fn whom_a_correction_leaves_out_is_not_ended_any_more() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let officer = exchange.office.officer();
    let [wrong, right] = exchange.introduce().try_into().expect("two subjects");
    let first = send(officer, &exchange.changes("CAZ.1", "2020-11-06", &[(&wrong, "jobTaken", "2020-11-06")]));
    let [open] = exchange.accept(&first, "2020-11-06").try_into().expect("one proposal");
    let body = exchange.changes("CAZ.1/1", "2020-11-06", &[(&right, "jobTaken", "2020-11-06")]);
    let correction = send(officer, &correcting(body, &first));

    // A correction that the town refuses changes nothing.
    let path = format!("/messages/{}/answer?dryRun=true", correction["id"].as_str().expect("an id"));
    let etag = exchange.town.get(&super::path(&correction["id"])).header("etag").to_owned();
    let refusal = json!({ "step": { "effectiveOn": "2020-11-09" }, "accepted": false, "rejectCode": "other" });
    exchange.town.with("If-Match", &etag).post(&path, &refusal).expect(200);

    let made = exchange.accept(&correction, "2020-11-09");
    assert_eq!(told(&made), [("endParticipation", "open")], "only of whom it names");
    let before = exchange.town.get(&format!("/message-proposals/{}", open["id"].as_str().expect("an id"))).expect(200);
    assert_eq!((&before["state"], &before["supersededById"]), (&json!("superseded"), &correction["id"]));
    exchange.confirm(&open, &json!({ "decidedOn": "2020-11-09" })).refused(409, "exchange.proposal_closed");
    exchange.confirm(&made[0], &json!({ "decidedOn": "2020-11-09" })).expect(200);
    assert_eq!(
        (exchange.participation(0)["state"].as_str(), exchange.participation(1)["state"].as_str()),
        (Some("active"), Some("exited"))
    );
}

#[test]
fn an_end_that_a_correction_leaves_out_is_for_a_person_to_take_back() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 1);
    let officer = exchange.office.officer();
    let [wrong, right] = exchange.introduce().try_into().expect("two subjects");
    let both = [(&wrong, "statusLost", "2020-11-06"), (&right, "jobTaken", "2020-11-06")];
    let first = send(officer, &exchange.changes("CAZ.1", "2020-11-06", &both));
    for end in exchange.accept(&first, "2020-11-06") {
        exchange.confirm(&end, &json!({ "decidedOn": "2020-11-06", "offerSeat": false })).expect(200);
    }
    let body = exchange.changes("CAZ.1/1", "2020-11-06", &[(&right, "jobTaken", "2020-11-06")]);
    let correction = send(officer, &correcting(body, &first));
    let made = exchange.accept(&correction, "2020-11-09");
    assert_eq!(told(&made), [("takeBackEnd", "open")]);
    let back = &made[0];
    assert_eq!(
        (&back["participationId"], &back["personId"], &back["recordId"], &back["messageId"], &back["effectiveOn"]),
        (
            &json!(exchange.run.participations[0]),
            &json!(exchange.people[0]),
            &json!(null),
            &correction["id"],
            &json!("2020-11-06")
        )
    );
    assert_eq!(exchange.participation(0)["state"], "exited", "a person confirms it");
    // Corrected once more in the same way, it is one proposal still.
    let body = exchange.changes("CAZ.1/2", "2020-11-06", &[(&right, "jobTaken", "2020-11-06")]);
    let again = send(officer, &correcting(body, &correction));
    let [again] = exchange.accept(&again, "2020-11-09").try_into().expect("one proposal");
    assert_eq!(told(&exchange.proposals("state=open")), [("takeBackEnd", "open")]);
    exchange.confirm(&again, &json!({ "decidedOn": "2020-11-09" })).expect(200);
    assert_eq!((&exchange.participation(0)["state"], &exchange.participation(1)["state"]), (&json!("active"), &json!("exited")));
}

#[test]
fn only_of_whom_it_was_told_a_change_is_taken_back() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let officer = exchange.office.officer();
    let [named, other] = exchange.introduce().try_into().expect("two subjects");
    let first = send(officer, &exchange.changes("CAZ.1", "2020-11-06", &[(&named, "jobTaken", "2020-11-06")]));
    let both = [(&named, "revoked", "2020-11-06"), (&other, "revoked", "2020-11-06")];
    let refused = officer.post("/messages", &correcting(exchange.changes("CAZ.1/1", "2020-11-06", &both), &first));
    assert_eq!(pointer(&refused.refused(422, "exchange.revokes_nothing")), "/payload/records/1/subject");
    let one = exchange.changes("CAZ.1/1", "2020-11-06", &both[..1]);
    let correction = send(officer, &correcting(one, &first));
    // Further on in the chain, who was named at its beginning was named before.
    let again = exchange.changes("CAZ.1/2", "2020-11-06", &both[..1]);
    officer.post("/messages", &correcting(again, &correction)).expect(201);
}

#[test]
fn somebody_stands_once_in_a_message_from_which_something_follows() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let (town, officer) = (&exchange.town, exchange.office.officer());
    let [first, second] = exchange.introduce().try_into().expect("two subjects");
    let refused = |by: &Api, body: &Value, at: &str| {
        assert_eq!(pointer(&by.post("/messages", body).refused(422, "exchange.person_twice")), at);
    };
    let five = ["jobTaken", "moved", "statusLost", "benefitRightGained", "jobTaken"].map(|change| (&first, change, "2020-11-06"));
    refused(officer, &exchange.changes("CAZ.1", "2020-11-06", &five), "/payload/records/1/subject");
    let edition = &exchange.run.edition;
    let of = |records: Value| json!({ "editionId": edition, "records": records });
    let about = |subject: &Value, more: Value| {
        let mut record = more;
        record["subject"] = json!({ "subjectId": subject });
        record
    };
    let referred = |to: &str| about(&second, json!({ "referredTo": to, "from": "2020-11-09", "to": "2020-12-31" }));
    let referrals = of(json!([referred("activation"), referred("integration")]));
    refused(officer, &exchange.body("referral", "CAZ.2", "2020-11-06", &referrals), "/payload/records/1/subject");
    let decided = |decision: &str| about(&first, json!({ "decision": decision, "decidedOn": "2021-01-10" }));
    let decisions = of(json!([decided("supportedEmployment"), decided("none")]));
    refused(officer, &exchange.body("postDecision", "CAZ.3", "2021-01-11", &decisions), "/payload/records/1/subject");
    let job = json!({ "from": "2020-11-06", "confirmedThrough": "2020-12-05", "kind": "employmentContract" });
    let verified = of(json!([
        about(&first, json!({ "result": "employed", "job": job })),
        about(&first, json!({ "result": "notEmployed" }))
    ]));
    refused(officer, &exchange.body("employmentVerification", "CAZ.4", "2021-01-15", &verified), "/payload/records/1/subject");
    // By whatever name the sender calls the person.
    let ended = |subject: Value, outcome: &str| json!({ "subject": subject, "endedOn": "2020-11-20", "outcome": outcome });
    let ends = of(json!([
        ended(json!({ "personId": exchange.people[0] }), "employed"),
        ended(json!({ "subjectId": first }), "completed")
    ]));
    refused(town, &exchange.body("participationEnd", "DP.2", "2020-11-20", &ends), "/payload/records/1/subject");
    // Several events of one person are several records; the same event, or one that contradicts it, is not.
    let absent = |from: &str, excused: bool| {
        about(&first, json!({ "absence": "absence", "from": from, "to": "2020-11-13", "excused": excused }))
    };
    let overlapping = of(json!([absent("2020-11-12", true), absent("2020-11-13", false)]));
    refused(town, &exchange.body("absenceOrRefusal", "DP.3", "2020-11-13", &overlapping), "/payload/records/1");
    let left = |on: &str| about(&first, json!({ "happened": "leftPlace", "occurredOn": on }));
    let twice = of(json!([left("2020-11-10"), left("2020-11-12"), left("2020-11-10")]));
    refused(town, &exchange.body("incident", "DP.4", "2020-11-12", &twice), "/payload/records/2");
    let two_days = of(json!([left("2020-11-10"), left("2020-11-12")]));
    town.post("/messages", &exchange.body("incident", "DP.5", "2020-11-12", &two_days)).expect(201);
}

#[test]
fn two_subjects_who_turn_out_to_be_one_person_are_answered_one_by_one() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let officer = exchange.office.officer();
    let [first, _] = exchange.introduce().try_into().expect("two subjects");
    let double = exchange.town.post("/people", &json!({ "sex": "female" })).expect(201)["id"].clone();
    let started = json!({ "subject": { "personId": double }, "startsOn": "2020-11-02", "plannedEndOn": "2020-12-31" });
    let payload = json!({ "editionId": exchange.run.edition, "records": [started] });
    let sent = send(&exchange.town, &exchange.body("participationStart", "DP.9", "2020-11-02", &payload));
    let other = super::subjects(&officer.get(&path(&sent["id"])).expect(200)).remove(0);
    let both = [(&first, "jobTaken", "2020-11-06"), (&other, "statusLost", "2020-11-09")];
    let told = send(officer, &exchange.changes("CAZ.1", "2020-11-09", &both));
    let id = |value: &Value| value.as_str().expect("an id").parse().expect("an id");
    merge(&exchange.town, id(&double), exchange.people[0].parse().expect("an id"), &json!({})).expect(200);

    let all = json!({ "step": { "effectiveOn": "2020-11-09" }, "accepted": true });
    let refused = answer(&exchange.town, &told["id"], &all).refused(422, "exchange.person_twice");
    assert_eq!(pointer(&refused), "/refused/1");
    let one = json!({
        "step": { "effectiveOn": "2020-11-09" }, "accepted": true, "refused": [{ "position": 0, "rejectCode": "duplicate" }],
    });
    let answered = answer(&exchange.town, &told["id"], &one).expect(200);
    let made = answered["proposals"].as_array().expect("proposals");
    assert_eq!((made.len(), &made[0]["effectiveOn"]), (1, &json!("2020-11-09")));
}

#[test]
fn ids_that_are_chosen_for_what_follows_are_used_or_refused() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let officer = exchange.office.officer();
    let known = exchange.introduce();
    let chosen = ["019a0000-0000-7000-8000-000000000001", "019a0000-0000-7000-8000-000000000002"];
    let accepted = |ids: &[&str]| json!({ "step": { "effectiveOn": "2020-11-06" }, "accepted": true, "proposalIds": ids });
    let told = send(officer, &exchange.changes("CAZ.1", "2020-11-06", &[(&known[0], "jobTaken", "2020-11-06")]));
    let refused = answer(&exchange.town, &told["id"], &accepted(&chosen)).refused(422, "exchange.answer_contradicts");
    assert_eq!(pointer(&refused), "/proposalIds/1");
    let answered = answer(&exchange.town, &told["id"], &accepted(&chosen[..1])).expect(200);
    assert_eq!(answered["proposals"][0]["id"], json!(chosen[0]));
    let next = send(officer, &exchange.changes("CAZ.2", "2020-11-06", &[(&known[1], "jobTaken", "2020-11-06")]));
    let refused = answer(&exchange.town, &next["id"], &accepted(&chosen[..1])).refused(409, "platform.id_taken");
    assert_eq!(pointer(&refused), "/proposalIds/0");
    // An office has nothing that follows.
    let of_town = send(&exchange.town, &exchange.told_incident("DP.7", &[0], "2020-11-10"));
    let refused = answer(
        officer,
        &of_town["id"],
        &json!({ "step": { "effectiveOn": "2020-11-12" }, "accepted": true, "proposalIds": chosen }),
    );
    assert_eq!(pointer(&refused.refused(422, "exchange.answer_contradicts")), "/proposalIds/0");
    // Nor has a message that is refused.
    let third = send(officer, &exchange.changes("CAZ.3", "2020-11-06", &[(&known[1], "moved", "2020-11-06")]));
    let refusal =
        json!({ "step": { "effectiveOn": "2020-11-09" }, "accepted": false, "rejectCode": "other", "proposalIds": [chosen[1]] });
    let refused = answer(&exchange.town, &third["id"], &refusal).refused(422, "exchange.answer_contradicts");
    assert_eq!(pointer(&refused), "/proposalIds/0");
    act(officer, &third["id"], "settlement", "2020-11-09").refused(409, "exchange.step_not_allowed");
}
