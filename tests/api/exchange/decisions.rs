//! Decisions after the programme that the office tells, and corrects; and admissions that cannot be any more.

use serde_json::{Value, json};

use super::left_out::correcting;
use super::{Exchange, act, answer, items, path, send, subjects};
use crate::support::{TestApp, build};

fn decided(exchange: &Exchange, reference: &str, subject: &Value, decision: &str, on: &str) -> Value {
    let record = json!({ "subject": { "subjectId": subject }, "decision": decision, "decidedOn": on });
    exchange.body("postDecision", reference, "2021-02-01", &json!({ "editionId": exchange.run.edition, "records": [record] }))
}

#[test]
fn a_corrected_decision_takes_the_place_of_the_first() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let officer = exchange.office.officer();
    let [subject] = exchange.introduce().try_into().expect("a subject");
    let list = |more: &str| items(&exchange.town, &format!("/post-decisions?editionId={}{more}", exchange.run.edition));
    let first = send(officer, &decided(&exchange, "CAZ.1", &subject, "supportedEmployment", "2021-01-10"));
    let [open] = exchange.accept(&first, "2021-02-01").try_into().expect("one proposal");
    let recorded = exchange.confirm(&open, &json!({ "decidedOn": "2021-02-01" })).expect(200)["resultId"].clone();

    let second = send(officer, &correcting(decided(&exchange, "CAZ.1/1", &subject, "none", "2021-01-11"), &first));
    let [open] = exchange.accept(&second, "2021-02-02").try_into().expect("one proposal");
    let corrected = exchange.confirm(&open, &json!({ "decidedOn": "2021-02-02" })).expect(200)["resultId"].clone();
    let [current] = list("").try_into().expect("one current decision");
    assert_eq!(
        (&current["id"], &current["kind"], &current["decidedOn"], &current["supersedesId"]),
        (&corrected, &json!("none"), &json!("2021-01-11"), &recorded)
    );
    let all = list("&includeSuperseded=true");
    assert_eq!((all.len(), &all[0]["id"], &all[0]["kind"]), (2, &recorded, &json!("supportedEmployment")));

    // A correction that nobody confirmed is passed over, and so is what the town has replaced by hand.
    let third = send(officer, &correcting(decided(&exchange, "CAZ.1/2", &subject, "other", "2021-01-12"), &second));
    exchange.accept(&third, "2021-02-03");
    let by_hand = json!({
        "participationId": exchange.run.participations[0], "kind": "repeat", "decidedOn": "2021-01-13", "supersedesId": corrected,
    });
    let by_hand = exchange.town.post("/post-decisions", &by_hand).expect(201)["id"].clone();
    let fourth = send(officer, &correcting(decided(&exchange, "CAZ.1/3", &subject, "reprofileIpd", "2021-01-14"), &third));
    let [open] = exchange.accept(&fourth, "2021-02-04").try_into().expect("one proposal");
    exchange.confirm(&open, &json!({ "decidedOn": "2021-02-04" })).expect(200);
    let [current] = list("").try_into().expect("one current decision");
    assert_eq!((&current["kind"], &current["supersedesId"]), (&json!("reprofileIpd"), &by_hand));
    assert_eq!(list("&includeSuperseded=true").len(), 4);
}

#[test]
fn a_job_is_corrected_though_a_correction_before_was_not_confirmed() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let officer = exchange.office.officer();
    let [subject] = exchange.introduce().try_into().expect("a subject");
    let verified = |reference: &str, from: &str| {
        let job = json!({ "from": from, "confirmedThrough": "2020-12-05", "kind": "employmentContract" });
        let record = json!({ "subject": { "subjectId": subject }, "result": "employed", "job": job });
        exchange.body(
            "employmentVerification",
            reference,
            "2021-01-15",
            &json!({ "editionId": exchange.run.edition, "records": [record] }),
        )
    };
    let first = send(officer, &verified("CAZ.1", "2020-11-06"));
    let [open] = exchange.accept(&first, "2021-01-15").try_into().expect("one proposal");
    exchange.confirm(&open, &json!({ "decidedOn": "2021-01-15" })).expect(200);
    let second = send(officer, &correcting(verified("CAZ.1/1", "2020-11-09"), &first));
    exchange.accept(&second, "2021-01-18");
    let third = send(officer, &correcting(verified("CAZ.1/2", "2020-11-10"), &second));
    let [open] = exchange.accept(&third, "2021-01-19").try_into().expect("one proposal");
    exchange.confirm(&open, &json!({ "decidedOn": "2021-01-19" })).expect(200);
    let spells = items(&exchange.town, &format!("/employment-spells?personId={}", exchange.people[0]));
    assert_eq!((spells.len(), &spells[0]["startsOn"]), (1, &json!("2020-11-10")));
}

#[test]
fn nothing_is_decided_before_the_participation_or_before_the_claim() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let (town, officer) = (&exchange.town, exchange.office.officer());
    let [subject] = exchange.introduce().try_into().expect("a subject");
    for on in ["1990-01-10", "2020-11-01"] {
        let refused = officer.post("/messages", &decided(&exchange, "CAZ.1", &subject, "none", on));
        assert_eq!(refused.refused(422, "exchange.period_inverted")["errors"][0]["pointer"], "/payload/records/0/decidedOn");
        let by_hand = json!({ "participationId": exchange.run.participations[0], "kind": "none", "decidedOn": on });
        let refused = town.post("/post-decisions", &by_hand).refused(422, "outcomes.decision_before_participation");
        assert_eq!((&refused["errors"][0]["pointer"], &refused["startsOn"]), (&json!("/decidedOn"), &json!("2020-11-02")));
    }
    let claim = json!({ "month": "2020-11", "settlementNumber": "1", "people": 1, "hours": "10.00", "benefits": "81.00", "refund": "48.60" });
    let claim = send(town, &exchange.body("refundClaim", "RC.1", "2020-12-05", &claim))["id"].clone();
    let granted = |on: &str| {
        let payload = json!({ "claimMessageId": claim, "decision": "granted", "granted": "48.60", "decidedOn": on });
        exchange.body("refundDecision", "CAZ.2", "2020-12-10", &payload)
    };
    let refused = officer.post("/messages", &granted("2020-12-04")).refused(422, "exchange.period_inverted");
    assert_eq!(refused["errors"][0]["pointer"], "/payload/decidedOn");
    officer.post("/messages", &granted("2020-12-05")).expect(201);
}

#[test]
fn a_refused_admission_points_at_what_the_confirmation_has() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 1);
    let officer = exchange.office.officer();
    let sent = send(&exchange.town, &exchange.eligible_list("DP.2"));
    let waiting = subjects(&officer.get(&path(&sent["id"])).expect(200));
    let referred =
        json!({ "subject": { "subjectId": waiting[0] }, "referredTo": "programme", "from": "2020-11-09", "to": "2020-12-31" });
    let referral =
        exchange.body("referral", "CAZ.1", "2020-11-09", &json!({ "editionId": exchange.run.edition, "records": [referred] }));
    let written = officer.post("/messages", &referral).expect(201);
    act(officer, &written["id"], "dispatch", "2020-11-09").expect(200);
    let [open] = exchange.accept(&written, "2020-11-09").try_into().expect("one proposal");
    // Meanwhile the person was admitted by hand.
    let by_hand = json!({
        "editionId": exchange.run.edition, "personId": exchange.run.people[0], "override": { "reason": "Dodatkowe miejsce" },
    });
    exchange.run.admit(&by_hand, "2020-11-09").expect(201);
    let refused = exchange.confirm(&open, &json!({ "decidedOn": "2020-11-10" })).refused(409, "participation.overlap");
    assert_eq!(refused["errors"][0]["pointer"], "/effectiveOn");
}

/// Decisions of one day about several people.
fn decided_about(exchange: &Exchange, reference: &str, about: &[(&Value, &str)], on: &str) -> Value {
    let record = |(subject, decision): &(&Value, &str)| json!({ "subject": { "subjectId": subject }, "decision": decision, "decidedOn": on });
    let records: Vec<Value> = about.iter().map(record).collect();
    exchange.body("postDecision", reference, "2021-02-01", &json!({ "editionId": exchange.run.edition, "records": records }))
}

#[test]
fn a_later_decision_takes_the_place_of_an_earlier_and_one_of_the_same_day_waits() {
    let app = TestApp::start();
    let exchange = Exchange::confirming(&app, (2, 0), &["recordPostDecision"]);
    let officer = exchange.office.officer();
    let [subject, other] = exchange.introduce().try_into().expect("two subjects");
    let states = |proposals: &[Value]| proposals.iter().map(|one| one["state"].clone()).collect::<Vec<_>>();
    let first = send(officer, &decided(&exchange, "CAZ.1", &subject, "repeat", "2021-01-10"));
    let [first] = exchange.accept(&first, "2021-02-01").try_into().expect("one proposal");
    let second = send(officer, &decided(&exchange, "CAZ.2", &subject, "socialCooperative", "2021-01-15"));
    let [second] = exchange.accept(&second, "2021-02-01").try_into().expect("one proposal");
    assert_eq!((&first["state"], &second["state"]), (&json!("confirmed"), &json!("confirmed")));
    let list = |participation: usize| {
        items(&exchange.town, &format!("/post-decisions?participationId={}", exchange.run.participations[participation]))
    };
    let [current] = list(0).try_into().expect("one current decision");
    assert_eq!(
        (&current["id"], &current["kind"], &current["supersedesId"]),
        (&second["resultId"], &json!("socialCooperative"), &first["resultId"])
    );
    // Of the same day another one: which of them holds is for a person to say, and nobody else waits for that.
    let third = decided_about(&exchange, "CAZ.3", &[(&subject, "none"), (&other, "repeat")], "2021-01-15");
    let third = exchange.accept(&send(officer, &third), "2021-02-01");
    assert_eq!(states(&third), [json!("open"), json!("confirmed")]);
    assert_eq!((list(0)[0]["id"].clone(), list(1)[0]["id"].clone()), (current["id"].clone(), third[1]["resultId"].clone()));
    let refused = exchange.confirm(&third[0], &json!({ "decidedOn": "2021-02-01" })).refused(409, "exchange.decision_not_later");
    assert_eq!((&refused["decisionId"], &refused["decidedOn"]), (&current["id"], &json!("2021-01-15")));
}

#[test]
fn a_person_confirms_a_later_decision_in_place_of_the_one_by_hand() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let [subject] = exchange.introduce().try_into().expect("a subject");
    let by_hand = json!({ "participationId": exchange.run.participations[0], "kind": "other", "decidedOn": "2021-01-10" });
    let by_hand = exchange.town.post("/post-decisions", &by_hand).expect(201)["id"].clone();
    let told = send(exchange.office.officer(), &decided(&exchange, "CAZ.1", &subject, "none", "2021-01-11"));
    let [open] = exchange.accept(&told, "2021-02-01").try_into().expect("one proposal");
    exchange.confirm(&open, &json!({ "decidedOn": "2021-02-01" })).expect(200);
    let [current] = items(&exchange.town, "/post-decisions").try_into().expect("one current decision");
    assert_eq!((&current["kind"], &current["supersedesId"]), (&json!("none"), &by_hand));
}

#[test]
fn an_act_that_a_constraint_refuses_leaves_its_proposal_open_and_the_message_accepted() {
    let app = TestApp::start();
    let exchange = Exchange::confirming(&app, (1, 1), &["admit"]);
    let officer = exchange.office.officer();
    let sent = send(&exchange.town, &exchange.eligible_list("DP.2"));
    let waiting = subjects(&officer.get(&path(&sent["id"])).expect(200));
    let elsewhere = build::edition(&app, "2020-11-02", "2020-12-31", 1);
    let stay = json!({ "editionId": elsewhere, "personId": exchange.run.people[0], "startsOn": "2020-11-02" });
    exchange.town.post("/participations", &stay).expect(201);
    let referred =
        json!({ "subject": { "subjectId": waiting[0] }, "referredTo": "programme", "from": "2020-11-09", "to": "2020-12-31" });
    let referral =
        exchange.body("referral", "CAZ.1", "2020-11-09", &json!({ "editionId": exchange.run.edition, "records": [referred] }));
    let [open] = exchange.accept(&send(officer, &referral), "2020-11-09").try_into().expect("one proposal");
    assert_eq!(open["state"], "open");
    exchange.confirm(&open, &json!({ "decidedOn": "2020-11-10" })).refused(409, "participation.overlap");
}

#[test]
fn what_is_granted_fits_the_claim_and_a_claim_is_decided_once() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let (town, officer) = (&exchange.town, exchange.office.officer());
    let claim = json!({ "month": "2020-11", "settlementNumber": "1", "people": 1, "hours": "10.00", "benefits": "81.00", "refund": "48.60" });
    let claim = send(town, &exchange.body("refundClaim", "RC.1", "2020-12-05", &claim))["id"].clone();
    let decision = |reference: &str, decision: &str, granted: &str| {
        let payload = json!({ "claimMessageId": claim, "decision": decision, "granted": granted, "decidedOn": "2020-12-09" });
        exchange.body("refundDecision", reference, "2020-12-10", &payload)
    };
    for (kind, granted) in [
        ("granted", "48.59"),
        ("granted", "999"),
        ("granted", "0"),
        ("grantedInPart", "48.60"),
        ("grantedInPart", "0"),
        ("refused", "0.01"),
    ] {
        let refused = officer.post("/messages", &decision("CAZ.0", kind, granted));
        let refused = refused.refused(422, "exchange.granted_contradicts_decision");
        assert_eq!((&refused["errors"][0]["pointer"], &refused["claimed"]), (&json!("/payload/granted"), &json!("48.60")));
    }
    let forgotten = officer.post("/messages", &decision("CAZ.1", "refused", "0")).expect(201);
    let first = send(officer, &decision("CAZ.2", "grantedInPart", "48.59"));
    let refused = officer.post("/messages", &decision("CAZ.3", "granted", "48.6")).refused(409, "exchange.claim_decided");
    assert_eq!(refused["decisionId"], first["id"]);
    act(officer, &forgotten["id"], "dispatch", "2020-12-10").refused(409, "exchange.claim_decided");
    // A correction decides anew, and what the town refuses was no decision.
    let corrected = send(officer, &correcting(decision("CAZ.2/1", "granted", "48.60"), &first));
    let refused = officer.post("/messages", &decision("CAZ.3", "refused", "0")).refused(409, "exchange.claim_decided");
    assert_eq!(refused["decisionId"], corrected["id"]);
    let refusal = json!({ "step": { "effectiveOn": "2020-12-14" }, "accepted": false, "rejectCode": "other" });
    answer(town, &corrected["id"], &refusal).expect(200);
    officer.post("/messages", &decision("CAZ.3", "refused", "0")).refused(409, "exchange.claim_decided");
    answer(town, &first["id"], &refusal).expect(200);
    send(officer, &decision("CAZ.3", "refused", "0"));
}
