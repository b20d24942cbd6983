//! What has happened is told when it has happened; what is planned may be told before.

use serde_json::{Value, json};

use super::{Exchange, act, items, send};
use crate::support::TestApp;

/// A day that has not come.
const AHEAD: &str = "2190-01-15";

/// Of each kind a message with one day that lies ahead: who sends it, its payload, and where the day stands; none where it may.
fn ahead(exchange: &Exchange, subject: &Value, claim: &Value) -> Vec<(&'static str, bool, Value, Option<&'static str>)> {
    let of = |mut record: Value| {
        record["subject"] = json!({ "subjectId": subject });
        json!({ "editionId": exchange.run.edition, "records": [record] })
    };
    let job = json!({ "from": "2020-11-06", "to": AHEAD, "confirmedThrough": "2020-12-05", "kind": "employmentContract" });
    let mut confirmed = job.clone();
    confirmed["confirmedThrough"] = json!(AHEAD);
    let claimed = json!({ "month": "2190-01", "settlementNumber": "1", "people": 1, "hours": "1.00", "benefits": "1.00", "refund": "1.00" });
    let named = json!({ "givenNames": "Zofia", "surname": "Próbna", "residence": "Próbne", "document": { "kind": "passport", "number": "ZZ0000001" } });
    let listed =
        json!({ "month": "2190-01", "records": [{ "subject": { "identity": named }, "outcome": "referred", "on": AHEAD }] });
    let need = json!({ "kindOfWork": "porządkowe", "place": "park", "hostName": "Zieleń", "forCarers": false, "positions": 4, "hours": "1600.00" });
    let absent = |absence: &str, from: &str, to: &str| of(json!({ "absence": absence, "from": from, "to": to }));
    vec![
        ("incident", true, of(json!({ "happened": "leftPlace", "occurredOn": AHEAD })), Some("/payload/records/0/occurredOn")),
        ("absenceOrRefusal", true, absent("absence", AHEAD, AHEAD), Some("/payload/records/0/from")),
        ("absenceOrRefusal", true, absent("refusal", "2020-11-13", AHEAD), Some("/payload/records/0/to")),
        ("absenceOrRefusal", true, absent("absence", "2020-11-13", AHEAD), None),
        ("participationEnd", true, of(json!({ "endedOn": AHEAD, "outcome": "completed" })), Some("/payload/records/0/endedOn")),
        (
            "participationStart",
            true,
            of(json!({ "startsOn": AHEAD, "plannedEndOn": AHEAD })),
            Some("/payload/records/0/startsOn"),
        ),
        ("participationStart", true, of(json!({ "startsOn": "2020-11-02", "plannedEndOn": AHEAD })), None),
        (
            "employmentVerification",
            false,
            of(json!({ "result": "employed", "job": confirmed })),
            Some("/payload/records/0/job/confirmedThrough"),
        ),
        ("employmentVerification", false, of(json!({ "result": "employed", "job": job })), None),
        (
            "postDecision",
            false,
            of(json!({ "decision": "supportedEmployment", "decidedOn": AHEAD })),
            Some("/payload/records/0/decidedOn"),
        ),
        ("referredOrRefused", false, listed, Some("/payload/records/0/on")),
        ("refundClaim", true, claimed, Some("/payload/month")),
        (
            "refundDecision",
            false,
            json!({ "claimMessageId": claim, "decision": "granted", "granted": "1.00", "decidedOn": AHEAD }),
            Some("/payload/decidedOn"),
        ),
        ("referral", false, of(json!({ "referredTo": "programme", "from": AHEAD, "to": AHEAD })), None),
        (
            "statusChange",
            false,
            json!({ "records": [{ "subject": { "subjectId": subject }, "change": "moved", "since": AHEAD }] }),
            None,
        ),
        ("psuPlan", true, json!({ "year": 2190, "eligiblePeople": 12, "needs": [need] }), None),
    ]
}

#[test]
fn nobody_is_told_that_a_day_to_come_has_happened() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let subject = &exchange.introduce()[0];
    let claim = json!({ "month": "2020-11", "settlementNumber": "0", "people": 1, "hours": "10.00", "benefits": "81.00", "refund": "48.60" });
    let claim = send(&exchange.town, &exchange.body("refundClaim", "RC.0", "2020-12-05", &claim))["id"].clone();
    for (place, (kind, by_town, payload, refused_at)) in ahead(&exchange, subject, &claim).into_iter().enumerate() {
        let sender = if by_town { &exchange.town } else { exchange.office.officer() };
        let body = exchange.body(kind, &format!("A.{place}"), "2021-01-15", &payload);
        let answer = sender.post("/messages", &body);
        match refused_at {
            None => assert_eq!(answer.status, 201, "{kind}: {}", answer.text),
            Some(pointer) => assert_eq!(answer.refused(422, "platform.in_future")["errors"][0]["pointer"], pointer, "{kind}"),
        }
    }
    // So it is with the day of the message itself.
    let mut late = exchange.told_incident("A.90", &[0], "2020-11-10");
    late["effectiveOn"] = json!(AHEAD);
    assert_eq!(exchange.town.post("/messages", &late).refused(422, "platform.in_future")["errors"][0]["pointer"], "/effectiveOn");
    assert!(items(&exchange.town, "/information-duties").is_empty());
}

#[test]
fn a_duty_is_not_met_before_its_event() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let draft = exchange.town.post("/messages", &exchange.told_incident("DP.1", &[0], "2020-11-10")).expect(201);
    let refused = act(&exchange.town, &draft["id"], "dispatch", "2020-11-09").refused(422, "participation.duty_not_yet");
    assert_eq!((&refused["errors"][0]["pointer"], &refused["arisenOn"]), (&json!("/effectiveOn"), &json!("2020-11-10")));
    act(&exchange.town, &draft["id"], "dispatch", "2020-11-10").expect(200);
    // What is no duty to inform has to have happened too.
    let of = |record: Value| json!({ "editionId": exchange.run.edition, "records": [record] });
    let person = &exchange.people[0];
    let end = of(json!({ "subject": { "personId": person }, "endedOn": "2020-12-31", "outcome": "completed" }));
    let draft = exchange.town.post("/messages", &exchange.body("participationEnd", "DP.2", "2020-12-31", &end)).expect(201);
    let refused = act(&exchange.town, &draft["id"], "dispatch", "2020-12-30").refused(422, "exchange.sent_before_event");
    assert_eq!((&refused["errors"][0]["pointer"], &refused["day"]), (&json!("/effectiveOn"), &json!("2020-12-31")));
    let start = of(json!({ "subject": { "personId": person }, "startsOn": "2020-11-02", "plannedEndOn": "2020-12-31" }));
    send(&exchange.town, &exchange.body("participationStart", "DP.3", "2020-11-02", &start));
}

#[test]
fn an_absence_that_goes_on_is_told_but_meets_no_duty_of_a_day_to_come() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let absent = |on: &str| {
        let body = json!({ "kind": "absence", "occurredOn": on, "reportedBy": "centre" });
        exchange.town.post(&format!("/participations/{}/incidents", exchange.run.participations[0]), &body).expect(201)
    };
    let record = json!({ "subject": { "personId": exchange.people[0] }, "absence": "absence", "from": "2020-11-12", "to": "2020-11-20", "excused": true });
    let payload = json!({ "editionId": exchange.run.edition, "records": [record] });
    let told = send(&exchange.town, &exchange.body("absenceOrRefusal", "DP.1", "2020-11-12", &payload));
    let of_duties = |incident: Value| -> Vec<Value> {
        incident["duties"].as_array().expect("duties").iter().map(|duty| duty["messageId"].clone()).collect()
    };
    assert_eq!(of_duties(absent("2020-11-12")), [told["id"].clone(), told["id"].clone()]);
    assert_eq!(of_duties(absent("2020-11-16")), [json!(null), json!(null)]);
}
