//! The same message under its reference, in another spelling, is the first one; what says something else is another.

use serde_json::{Value, json};

use super::{Exchange, send};
use crate::support::TestApp;

/// A message with something changed at a place of its JSON.
fn with(body: &Value, pointer: &str, value: Value) -> Value {
    let mut body = body.clone();
    let (object, member) = pointer.rsplit_once('/').expect("a place");
    body.pointer_mut(object).expect("an object")[member] = value;
    body
}

#[test]
fn what_is_left_out_and_what_is_null_are_the_same_message() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let town = &exchange.town;
    let subjects = exchange.introduce();
    let (subject, record) = ("/payload/records/0/subject", "/payload/records/0");
    let absent =
        json!({ "subject": { "personId": exchange.people[0] }, "absence": "absence", "from": "2020-11-12", "to": "2020-11-13" });
    let body = exchange.body(
        "absenceOrRefusal",
        "DP.2",
        "2020-11-13",
        &json!({ "editionId": exchange.run.edition, "records": [absent] }),
    );
    let first = send(town, &body);
    for same in [
        with(&body, "/schemaVersion", json!(1)),
        with(&body, "/correctsId", json!(null)),
        with(&body, "/correlationId", first["id"].clone()),
        with(&body, "/linkId", json!(exchange.link.to_uppercase())),
        with(&body, &format!("{record}/excused"), json!(null)),
        with(&body, &format!("{subject}/identity"), json!(null)),
        with(&body, subject, json!({ "subjectId": subjects[0] })),
        with(&body, subject, json!({ "personId": exchange.people[0].to_uppercase(), "subjectId": null })),
    ] {
        assert_eq!(town.post("/messages", &same).expect(201)["id"], first["id"], "{same}");
    }
    for other in [
        with(&body, "/purpose", json!("inny cel")),
        with(&body, "/effectiveOn", json!("2020-11-14")),
        with(&body, &format!("{record}/excused"), json!(false)),
        with(&body, &format!("{record}/to"), json!("2020-11-14")),
        with(&body, subject, json!({ "personId": exchange.people[1] })),
        with(&body, subject, json!({ "subjectId": subjects[1] })),
        with(&body, "/correlationId", json!(crate::support::NOBODY)),
    ] {
        let refused = town.post("/messages", &other).refused(409, "exchange.reference_taken");
        assert_eq!(refused["errors"][0]["pointer"], "/senderReference", "{other}");
    }
}

#[test]
fn numbers_and_documents_are_compared_by_what_they_mean() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let claim = json!({ "month": "2020-11", "settlementNumber": "1", "people": 1, "hours": "10.00", "benefits": "81.00", "refund": "1.00" });
    let claim = exchange.body("refundClaim", "RC.1", "2020-12-05", &claim);
    let first = exchange.town.post("/messages", &claim).expect(201);
    let spelled = with(&with(&claim, "/payload/refund", json!("1")), "/payload/hours", json!("10"));
    assert_eq!(exchange.town.post("/messages", &spelled).expect(201)["id"], first["id"]);
    exchange.town.post("/messages", &with(&claim, "/payload/refund", json!("1.01"))).refused(409, "exchange.reference_taken");

    let officer = exchange.office.officer();
    let named = json!({ "givenNames": "Zofia", "surname": "Próbna", "residence": "Próbne", "document": { "kind": "passport", "number": "ZZ0000001" } });
    let record = json!({ "subject": { "identity": named }, "outcome": "referred", "on": "2020-11-12" });
    let list = exchange.body("referredOrRefused", "CAZ.1", "2020-12-08", &json!({ "month": "2020-11", "records": [record] }));
    let first = officer.post("/messages", &list).expect(201);
    let identity = "/payload/records/0/subject/identity";
    for same in [
        with(&list, &format!("{identity}/document/number"), json!("zz 0000001")),
        with(&list, &format!("{identity}/pesel"), json!(null)),
    ] {
        assert_eq!(officer.post("/messages", &same).expect(201)["id"], first["id"], "{same}");
    }
    let other = with(&list, &format!("{identity}/surname"), json!("Inna"));
    officer.post("/messages", &other).refused(409, "exchange.reference_taken");
}
