//! What stays owed after a refusal, from when terms run, and what is settled after the end of an exchange.

use serde_json::{Value, json};

use super::copies::end;
use super::{Exchange, act, answer, send};
use crate::support::{Api, TestApp, build};

impl Exchange {
    /// What the two agreed on about deadlines.
    fn agree(&self, terms: &Value) {
        let path = format!("/exchange-links/{}", self.link);
        let etag = self.town.get(&path).header("etag").to_owned();
        self.town.put(&path, &etag, &json!({ "validFrom": "2020-07-22", "terms": terms })).expect(200);
    }

    /// The claim for November.
    fn claim(&self, reference: &str, on: &str) -> Value {
        let claim = json!({ "month": "2020-11", "settlementNumber": "1", "people": 1, "hours": "10.00", "benefits": "81.00", "refund": "48.60" });
        self.body("refundClaim", reference, on, &claim)
    }

    /// The office refuses a message.
    fn refused_by_office(&self, message: &Value, on: &str) {
        let refusal = json!({ "step": { "effectiveOn": on }, "accepted": false, "rejectCode": "wrongPeriod" });
        answer(self.office.officer(), &message["id"], &refusal).expect(200);
    }
}

/// Last day, state and message of the deadlines of a kind.
fn owed(api: &Api, kind: &str, on: &str) -> Vec<(String, String, Value)> {
    let all = api.get(&format!("/exchange-deadlines?effectiveOn={on}")).expect(200);
    let all = all["deadlines"].as_array().expect("deadlines").clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of_kind = all.into_iter().filter(|one| one["kind"] == kind);
    let mut owed: Vec<_> = of_kind.map(|one| (text(&one["dueOn"]), text(&one["state"]), one["messageId"].clone())).collect();
    owed.sort_by_key(by_message);
    owed
}

/// Ids of one moment come in any order.
fn by_message(one: &(String, String, Value)) -> String {
    one.2.to_string()
}

fn all(mut owed: Vec<(String, String, Value)>) -> Vec<(String, String, Value)> {
    owed.sort_by_key(by_message);
    owed
}

fn is(due: &str, state: &str, message: &Value) -> (String, String, Value) {
    (due.to_owned(), state.to_owned(), message.clone())
}

#[test]
fn a_refused_incident_is_owed_until_the_same_event_of_the_same_person_is_told() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let town = &exchange.town;
    let told = |on: &str| owed(town, "incident", on);
    let refused = send(town, &exchange.told_incident("DP.1", &[0], "2020-11-10"));
    exchange.refused_by_office(&refused, "2020-11-10");
    let late = is("2020-11-12", "overdue", &refused["id"]);
    assert_eq!(told("2020-11-13"), std::slice::from_ref(&late));
    // Of somebody else, and of another day: neither tells what was refused.
    let other = send(town, &exchange.told_incident("DP.2", &[1], "2020-11-10"));
    let of_other = is("2020-11-12", "met", &other["id"]);
    assert_eq!(told("2020-11-13"), all(vec![late.clone(), of_other]));
    let mut another_day = exchange.told_incident("DP.3", &[0], "2020-11-10");
    another_day["payload"]["records"][0]["occurredOn"] = json!("2020-11-09");
    send(town, &another_day);
    assert_eq!(told("2020-11-13").iter().filter(|one| **one == late).count(), 1);
    // The office refuses the person once more, though it takes the rest.
    let both = send(town, &exchange.told_incident("DP.4", &[1, 0], "2020-11-10"));
    let in_part = json!({
        "step": { "effectiveOn": "2020-11-11" }, "accepted": true, "refused": [{ "position": 1, "rejectCode": "wrongPeriod" }],
    });
    answer(exchange.office.officer(), &both["id"], &in_part).expect(200);
    assert_eq!(told("2020-11-13").iter().filter(|one| **one == late).count(), 1);
    send(town, &exchange.told_incident("DP.5", &[0], "2020-11-10"));
    assert!(!told("2020-11-13").contains(&late));
}

#[test]
fn a_refused_list_is_owed_until_everybody_on_it_is_listed() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 2);
    let town = &exchange.town;
    let both = exchange.eligible_list("DP.1");
    let of = |place: usize, reference: &str| {
        let mut list = both.clone();
        list["senderReference"] = json!(reference);
        list["payload"]["records"] = json!([both["payload"]["records"][place]]);
        send(town, &list)["id"].clone()
    };
    let told = || owed(town, "eligibleList", "2020-10-28");
    let refused = send(town, &both);
    exchange.refused_by_office(&refused, "2020-10-20");
    let late = is("2020-10-27", "overdue", &refused["id"]);
    let first = of(0, "DP.2");
    assert_eq!(told(), all(vec![late, is("2020-10-27", "met", &first)]));
    let second = of(1, "DP.3");
    assert_eq!(told(), all(vec![is("2020-10-27", "met", &first), is("2020-10-27", "met", &second)]));
}

#[test]
fn what_was_told_already_is_owed_by_nobody_whether_refused_at_once_or_record_by_record() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let answers = [
        json!({ "accepted": false, "rejectCode": "duplicate" }),
        json!({ "accepted": true, "refused": [{ "position": 0, "rejectCode": "duplicate" }] }),
    ];
    for (place, mut answered) in answers.into_iter().enumerate() {
        let told = send(&exchange.town, &exchange.told_incident(&format!("DP.{place}"), &[place], "2020-11-10"));
        answered["step"] = json!({ "effectiveOn": "2020-11-10" });
        assert_eq!(answer(exchange.office.officer(), &told["id"], &answered).expect(200)["state"], "refused");
        let owed = owed(&exchange.town, "incident", "2020-11-13");
        assert!(owed.contains(&is("2020-11-12", "met", &told["id"])), "{owed:?}");
    }
}

#[test]
fn a_claim_is_due_from_the_end_of_its_month_whatever_day_it_states() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let (town, officer) = (&exchange.town, exchange.office.officer());
    exchange.agree(&json!([{ "kind": "refundClaim", "workingDays": 5 }, { "kind": "refundDecision", "workingDays": 3 }]));
    let edition = exchange.run.edition;
    build::enter(&app, &format!("INSERT INTO settlements (id, agreement_id, month_on, number, state, people_count, line_count, minutes, benefit, refund,
        municipal_share, approved_on, document, document_sha256)
        SELECT '01980000-0000-7000-8000-0000000000e1', agreement_id, '2020-11-01', 1, 'approved', 1, 1, 600, 81.00, 48.60, 32.40, '2020-12-01', '{{}}', repeat('0', 64)
          FROM editions WHERE id = '{edition}'"));
    let told = |api: &Api| owed(api, "refundClaim", "2020-12-20");
    assert_eq!(told(town), [is("2020-12-07", "overdue", &json!(null))]);
    let draft = town.post("/messages", &exchange.claim("RC.1", "2020-12-18")).expect(201);
    assert_eq!(draft["dueOn"], "2020-12-07");
    assert_eq!(told(town), [is("2020-12-07", "overdue", &draft["id"])], "a draft changes nothing");
    act(town, &draft["id"], "dispatch", "2020-12-18").expect(200);
    let late = [is("2020-12-07", "metLate", &draft["id"])];
    assert_eq!((told(town), told(officer)), (late.to_vec(), late.to_vec()));
    // The decision is due from the day on which the claim was sent.
    let decision = json!({ "claimMessageId": draft["id"], "decision": "granted", "granted": "48.60", "decidedOn": "2020-12-30" });
    let decision = officer.post("/messages", &exchange.body("refundDecision", "CAZ.1", "2020-12-30", &decision)).expect(201);
    assert_eq!(decision["dueOn"], "2020-12-23");
}

#[test]
fn a_final_report_has_one_last_day_from_the_end_of_the_edition() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    exchange.agree(&json!([{ "kind": "finalReport", "workingDays": 20 }]));
    let report = json!({
        "editionId": exchange.run.edition, "started": 1, "completed": 1, "psuHours": "80.00", "integrationHours": "40.00",
        "benefits": "810.00", "refund": "486.00", "effects": [],
    });
    let draft = exchange.town.post("/messages", &exchange.body("finalReport", "DP.9", "2021-01-15", &report)).expect(201);
    assert_eq!(draft["dueOn"], "2021-02-01");
    act(&exchange.town, &draft["id"], "dispatch", "2021-02-03").expect(200);
    assert_eq!(owed(&exchange.town, "finalReport", "2021-02-10"), [is("2021-02-01", "metLate", &draft["id"])]);
    // What was agreed on later does not make it later still.
    exchange.agree(&json!([{ "kind": "finalReport", "workingDays": 5 }]));
    assert_eq!(owed(&exchange.town, "finalReport", "2021-02-10"), [is("2021-02-01", "metLate", &draft["id"])]);
}

#[test]
fn a_month_ahead_is_counted_by_the_last_day_that_is_shown() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let last = |on: &str| owed(exchange.office.officer(), "referredOrRefused", on).into_iter().map(|one| one.0).max();
    // 10 October 2020 is a Saturday.
    assert_eq!(last("2020-09-11").as_deref(), Some("2020-09-10"));
    assert_eq!(last("2020-09-12").as_deref(), Some("2020-10-12"));
}

#[test]
fn what_lies_within_an_exchange_is_settled_after_its_end_and_nothing_else_is_demanded() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let (town, officer) = (&exchange.town, exchange.office.officer());
    let subject = &exchange.introduce()[0];
    let verified = json!({
        "editionId": exchange.run.edition, "records": [{ "subject": { "subjectId": subject }, "result": "notEmployed" }],
    });
    let verified = exchange.body("employmentVerification", "CAZ.1", "2021-03-02", &verified);
    let list = |month: &str, on: &str| {
        let named = json!({ "givenNames": "Zofia", "surname": "Próbna", "residence": "Próbne", "document": { "kind": "passport", "number": "ZZ0000001" } });
        let record = json!({ "subject": { "identity": named }, "outcome": "referred", "on": format!("{month}-12") });
        exchange.body("referredOrRefused", &format!("CAZ.{month}"), on, &json!({ "month": month, "records": [record] }))
    };
    let demanded = |kind: &str, on: &str| owed(officer, kind, on).into_iter().map(|one| (one.0, one.1)).collect::<Vec<_>>();
    let last_list = |on: &str| owed(officer, "referredOrRefused", on).into_iter().map(|one| one.0).max();
    // The edition ends after the exchange: of its end nothing can be told.
    end(&exchange, &exchange.link, "2020-12-15");
    assert!(demanded("employmentVerification", "2021-03-10").is_empty());
    officer.post("/messages", &verified).refused(422, "exchange.not_in_force");

    end(&exchange, &exchange.link, "2020-12-31");
    assert_eq!(demanded("employmentVerification", "2021-03-10"), [("2021-03-31".to_owned(), "due".to_owned())]);
    send(officer, &verified);
    assert_eq!(demanded("employmentVerification", "2021-04-01"), [("2021-03-31".to_owned(), "met".to_owned())]);
    assert_eq!(last_list("2021-02-20").as_deref(), Some("2021-01-11"), "the list of December is the last");
    send(officer, &list("2020-12", "2021-01-08"));
    officer.post("/messages", &list("2021-01", "2021-02-08")).refused(422, "exchange.not_in_force");
    let claim = send(town, &exchange.claim("RC.1", "2021-01-05"))["id"].clone();
    let decision = json!({ "claimMessageId": claim, "decision": "granted", "granted": "48.60", "decidedOn": "2021-01-20" });
    send(officer, &exchange.body("refundDecision", "CAZ.9", "2021-01-20", &decision));
    let mut next = exchange.claim("RC.2", "2021-02-05");
    next["payload"]["month"] = json!("2021-01");
    town.post("/messages", &next).refused(422, "exchange.not_in_force");
    let late = town.post("/messages", &exchange.told_incident("DP.9", &[0], "2020-12-30")).expect(201);
    act(town, &late["id"], "dispatch", "2021-01-04").refused(422, "exchange.not_in_force");
}
