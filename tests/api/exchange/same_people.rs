//! The same person twice in one message: by the same identity in other words, by two names of one's own, since a merge.

use serde_json::{Value, json};

use super::{Exchange, act, path, send, subjects};
use crate::duplicates::merge;
use crate::support::{Answer, TestApp};
use pai::platform::types::{Day, Sex, fictitious_pesel};

fn twice(answer: &Answer, at: &str) {
    assert_eq!(answer.refused(422, "exchange.person_twice")["errors"][0]["pointer"], at);
}

/// The month's list of an office that keeps no people here.
fn list(exchange: &Exchange, records: &[Value]) -> Value {
    exchange.body("referredOrRefused", "CAZ.1", "2020-12-08", &json!({ "month": "2020-11", "records": records }))
}

fn named(identifier: (&str, Value), surname: &str) -> Value {
    let mut identity = json!({ "givenNames": "Zofia", "surname": surname, "residence": "Próbne" });
    identity[identifier.0] = identifier.1;
    json!({ "identity": identity })
}

#[test]
fn an_identity_stands_once_however_it_is_spelled() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let officer = exchange.office.officer();
    let born: Day = "1980-05-04".parse().expect("a day");
    let pesel = |number: u16| json!(fictitious_pesel(born, Sex::Female, number).expose());
    let passport = |number: &str| json!({ "kind": "passport", "number": number });
    let record = |subject: Value, outcome: &str, on: &str| json!({ "subject": subject, "outcome": outcome, "on": on });
    for (one, other) in [
        (named(("pesel", pesel(7)), "Pierwsza"), named(("pesel", pesel(7)), "Druga")),
        (named(("document", passport("ZZ 0000001")), "Próbna"), named(("document", passport("zz-0000001")), "Próbna")),
    ] {
        let same = [record(one.clone(), "referred", "2020-11-12"), record(other.clone(), "referred", "2020-11-12")];
        twice(&officer.post("/messages", &list(&exchange, &same)), "/payload/records/1");
        // What neither repeats nor contradicts is told of one person as of one by an id.
        let two = [record(one, "referred", "2020-11-12"), record(other, "refused", "2020-11-20")];
        officer.with("Idempotency-Key", "two-events").post("/messages?dryRun=true", &list(&exchange, &two)).expect(200);
    }
    let three = [
        record(named(("pesel", pesel(8)), "A"), "referred", "2020-11-12"),
        record(named(("pesel", pesel(9)), "A"), "referred", "2020-11-12"),
        record(named(("pesel", pesel(8)), "A"), "referred", "2020-11-12"),
    ];
    twice(&officer.post("/messages", &list(&exchange, &three)), "/payload/records/2");
    // Known by an earlier list, and named in words again.
    let first = send(officer, &list(&exchange, &three[..1]));
    let known = json!({ "subjectId": subjects(&first)[0] });
    let mut again = list(
        &exchange,
        &[record(known, "refused", "2020-11-20"), record(named(("pesel", pesel(8)), "A"), "refused", "2020-11-20")],
    );
    again["senderReference"] = json!("CAZ.2");
    twice(&officer.post("/messages", &again), "/payload/records/1");
}

#[test]
fn whom_a_town_names_by_id_and_in_words_stands_once() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 1);
    let mut body = exchange.eligible_list("DP.1");
    let in_words = named(("document", json!({ "kind": "passport", "number": "zz0000000" })), "Inna");
    body["payload"]["records"].as_array_mut().expect("records").push(json!({ "subject": in_words }));
    twice(&exchange.town.post("/messages", &body), "/payload/records/1/subject");
}

/// Two subjects of one person: the participant, and a duplicate whom the office was told of before the merge.
fn two_subjects(exchange: &Exchange) -> (Value, Value, Value) {
    let [first, _] = exchange.introduce().try_into().expect("two subjects");
    let double = exchange.town.post("/people", &json!({ "sex": "female" })).expect(201)["id"].clone();
    let started = json!({ "subject": { "personId": double }, "startsOn": "2020-11-02", "plannedEndOn": "2020-12-31" });
    let payload = json!({ "editionId": exchange.run.edition, "records": [started] });
    let sent = send(&exchange.town, &exchange.body("participationStart", "DP.9", "2020-11-02", &payload));
    let other = subjects(&exchange.office.officer().get(&path(&sent["id"])).expect(200)).remove(0);
    (first, other, double)
}

/// Messages of the town about two subjects, with where the second is pointed at.
fn about_both(exchange: &Exchange, one: &Value, other: &Value) -> [(&'static str, Value, &'static str); 4] {
    let of = |record: &Value| {
        let records: Vec<Value> = [one, other]
            .into_iter()
            .map(|subject| {
                let mut record = record.clone();
                record["subject"] = json!({ "subjectId": subject });
                record
            })
            .collect();
        json!({ "editionId": exchange.run.edition, "records": records })
    };
    [
        (
            "participationStart",
            of(&json!({ "startsOn": "2020-11-02", "plannedEndOn": "2020-12-31" })),
            "/payload/records/1/subject",
        ),
        ("participationEnd", of(&json!({ "endedOn": "2020-11-20", "outcome": "completed" })), "/payload/records/1/subject"),
        ("incident", of(&json!({ "happened": "leftPlace", "occurredOn": "2020-11-10" })), "/payload/records/1"),
        (
            "absenceOrRefusal",
            of(&json!({ "absence": "absence", "from": "2020-11-10", "to": "2020-11-12" })),
            "/payload/records/1",
        ),
    ]
}

#[test]
fn two_subjects_of_one_person_stand_once_since_the_merge() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let town = &exchange.town;
    let (one, other, double) = two_subjects(&exchange);
    let messages = about_both(&exchange, &one, &other);
    let drafts: Vec<Value> = messages
        .iter()
        .map(|(kind, payload, _)| {
            town.post("/messages", &exchange.body(kind, &format!("DP.{kind}"), "2020-11-20", payload)).expect(201)
        })
        .collect();
    let id = |value: &Value| value.as_str().expect("an id").parse().expect("an id");
    merge(town, id(&double), exchange.people[0].parse().expect("an id"), &json!({})).expect(200);
    for ((kind, payload, at), draft) in messages.iter().zip(drafts) {
        twice(&town.post("/messages", &exchange.body(kind, &format!("DP.{kind}.2"), "2020-11-20", payload)), at);
        let refused = act(town, &draft["id"], "dispatch", "2020-11-20").refused(409, "exchange.draft_overtaken");
        assert_eq!(refused["position"], 1, "{kind}");
    }
    // By the id of the person as well.
    let ended = |subject: Value| json!({ "subject": subject, "endedOn": "2020-11-20", "outcome": "completed" });
    let records = [ended(json!({ "subjectId": other })), ended(json!({ "personId": exchange.people[0] }))];
    let payload = json!({ "editionId": exchange.run.edition, "records": records });
    twice(
        &town.post("/messages", &exchange.body("participationEnd", "DP.8", "2020-11-20", &payload)),
        "/payload/records/1/subject",
    );
}

#[test]
fn nobody_takes_the_own_place() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let town = &exchange.town;
    let (one, other, double) = two_subjects(&exchange);
    let replaced = |reference: &str, by: &Value, whom: &Value| {
        let record = json!({ "subject": { "subjectId": by }, "replacesSubjectId": whom, "startsOn": "2020-11-20" });
        let payload = json!({ "editionId": exchange.run.edition, "records": [record] });
        exchange.body("participantReplacement", reference, "2020-11-20", &payload)
    };
    let refused = |body: &Value| {
        let refused = town.post("/messages", body).refused(422, "exchange.replaces_self");
        assert_eq!(refused["errors"][0]["pointer"], "/payload/records/0/replacesSubjectId");
    };
    refused(&replaced("DP.1", &one, &one));
    town.post("/messages?dryRun=true", &replaced("DP.2", &other, &one)).expect(200);
    let id = |value: &Value| value.as_str().expect("an id").parse().expect("an id");
    merge(town, id(&double), exchange.people[0].parse().expect("an id"), &json!({})).expect(200);
    refused(&replaced("DP.3", &other, &one));
}
