//! Every kind of message: by the schema, to the same JSON and back, and refused at the same place.

use crate::support::DOCUMENT;
use pai::platform::types::{Day, Sex, fictitious_pesel};
use serde_json::{Value, json};

use super::spelling::{leaves_of_json, leaves_of_xml, to_xml};
use super::{get_xml, judged, post_xml, schema};
use crate::exchange::{Exchange, items, path, send};
use crate::support::{Api, TestApp};

/// Somebody whom a list names; the text has all that XML has to spell otherwise.
fn identity() -> Value {
    let born: Day = "1980-05-04".parse().expect("a day");
    let pesel = fictitious_pesel(born, Sex::Female, 7).expose().to_owned();
    json!({ "givenNames": "Zofia & Anna", "surname": "Zażółć <Gęślą> \"J'aźń\"", "residence": "Próbne ]]> 1\n00-000 Próbne", "pesel": pesel })
}

/// A message of each kind with all its fields, and whether the town sends it.
fn messages(exchange: &Exchange, subjects: &[Value], claim: &Value) -> Vec<(&'static str, bool, Value)> {
    let edition = &exchange.run.edition;
    let about = |place: usize, mut record: Value| {
        record["subject"] = json!({ "subjectId": subjects[place] });
        record
    };
    let of_edition = |records: Vec<Value>| json!({ "editionId": edition, "records": records });
    let need = json!({ "kindOfWork": "porządkowe", "place": "park <wschodni>", "hostName": "Zieleń & Co", "forCarers": true, "positions": 4, "hours": "1600.00" });
    let named = json!({ "subject": { "identity": identity() } });
    let mut listed = named.clone();
    listed["outcome"] = json!("referred");
    listed["on"] = json!("2020-11-12");
    let job = json!({ "from": "2020-11-06", "to": "2020-12-06", "confirmedThrough": "2020-12-05", "kind": "employmentContract" });
    vec![
        ("psuPlan", true, json!({ "year": 2021, "eligiblePeople": 12, "needs": [need.clone(), need] })),
        ("eligibleList", true, json!({ "eligibleOn": "2020-11-20", "records": [named] })),
        (
            "referral",
            false,
            of_edition(vec![about(
                0,
                json!({ "referredTo": "programme", "from": "2020-11-09", "to": "2020-12-31", "hostName": "Zieleń" }),
            )]),
        ),
        ("referredOrRefused", false, json!({ "month": "2020-11", "records": [listed] })),
        (
            "incident",
            true,
            of_edition(vec![about(0, json!({ "happened": "leftPlace", "occurredOn": "2020-11-10", "hostName": "Zieleń" }))]),
        ),
        (
            "absenceOrRefusal",
            true,
            of_edition(vec![
                about(0, json!({ "absence": "absence", "from": "2020-11-13", "to": "2020-11-14", "excused": false })),
                about(1, json!({ "absence": "refusal", "from": "2020-11-13", "to": "2020-11-13" })),
            ]),
        ),
        ("statusChange", false, json!({ "records": [about(1, json!({ "change": "moved", "since": "2020-11-06" }))] })),
        (
            "participationStart",
            true,
            of_edition(vec![about(0, json!({ "startsOn": "2020-11-02", "plannedEndOn": "2020-12-31" }))]),
        ),
        ("participationEnd", true, of_edition(vec![about(0, json!({ "endedOn": "2020-12-31", "outcome": "completed" }))])),
        (
            "participantReplacement",
            true,
            of_edition(vec![about(1, json!({ "replacesSubjectId": subjects[0], "startsOn": "2020-11-20" }))]),
        ),
        (
            "employmentVerification",
            false,
            of_edition(vec![about(0, json!({ "result": "employed", "job": job })), about(1, json!({ "result": "notEmployed" }))]),
        ),
        (
            "postDecision",
            false,
            of_edition(vec![about(0, json!({ "decision": "supportedEmployment", "decidedOn": "2021-01-10" }))]),
        ),
        (
            "refundClaim",
            true,
            json!({ "month": "2020-11", "settlementNumber": "1/2020", "people": 2, "hours": "80.25", "benefits": "810.00", "refund": "486.00" }),
        ),
        (
            "refundDecision",
            false,
            json!({ "claimMessageId": claim, "decision": "grantedInPart", "granted": "40.00", "decidedOn": "2021-01-10" }),
        ),
        (
            "finalReport",
            true,
            json!({
                "editionId": edition, "started": 2, "completed": 1, "psuHours": "80.25", "integrationHours": "40.00", "benefits": "810.00", "refund": "486.00",
                "effects": [{ "code": "E1", "target": "2", "reached": "1.5" }, { "code": "E2" }],
            }),
        ),
    ]
}

/// A claim that a decision can be about.
fn claim(exchange: &Exchange) -> Value {
    let claim = json!({ "month": "2020-10", "settlementNumber": "0/2020", "people": 1, "hours": "10.00", "benefits": "81.00", "refund": "48.60" });
    send(&exchange.town, &exchange.body("refundClaim", "RC.0", "2020-11-05", &claim))["id"].clone()
}

#[test]
fn every_kind_of_message_is_written_and_read_as_xml_by_the_published_schema() {
    let app = TestApp::start();
    let schema = schema(&app);
    let exchange = Exchange::of(&app, 2, 0);
    let subjects = exchange.introduce();
    let claim = claim(&exchange);
    let all = messages(&exchange, &subjects, &claim);
    let known: Vec<&str> = all.iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(json!(known), DOCUMENT["components"]["schemas"]["MessageKind"]["enum"], "every kind of the contract");
    for (place, (kind, by_town, payload)) in all.iter().enumerate() {
        let sender: &Api = if *by_town { &exchange.town } else { exchange.office.officer() };
        let body = exchange.body(kind, &format!("XML.{place}"), "2021-01-15", payload);
        let document = to_xml("newMessage", &body);
        judged(&schema, &document).unwrap_or_else(|why| panic!("{kind}: {why}"));
        let written = post_xml(sender, "/messages", &document);
        assert_eq!((written.status, written.header("content-type")), (201, "application/xml"), "{kind}: {}", written.text);
        judged(&schema, &written.text).unwrap_or_else(|why| panic!("{kind}: {why}"));
        let id = leaves_of_xml(&written.text)["/message/id"].clone();
        assert!(written.header("location").ends_with(&id), "{kind}");

        // The same in JSON is the same message, so nothing was lost or changed on the way.
        let again = sender.post("/messages", &body).expect(201);
        assert_eq!(again["id"], json!(id), "{kind}");
        let (told, spelt) = (sender.get(&format!("/messages/{id}")).expect(200), get_xml(sender, &format!("/messages/{id}")));
        assert_eq!(spelt.text, written.text, "{kind}: read as it was answered");
        assert_eq!(leaves_of_json("message", &told), leaves_of_xml(&spelt.text), "{kind}");
        assert_eq!(spelt.header("etag"), sender.get(&format!("/messages/{id}")).header("etag"), "{kind}");
        assert!(!spelt.text.contains("Zofia"), "{kind}: a message names nobody");
    }
}

#[test]
fn what_is_broken_is_refused_in_xml_where_it_is_in_json() {
    let app = TestApp::start();
    let schema = schema(&app);
    let exchange = Exchange::of(&app, 2, 0);
    let subjects = exchange.introduce();
    let claim = claim(&exchange);
    for (place, (kind, by_town, payload)) in messages(&exchange, &subjects, &claim).into_iter().enumerate() {
        let sender: &Api = if by_town { &exchange.town } else { exchange.office.officer() };
        let good = exchange.body(kind, &format!("XML.{place}"), "2021-01-15", &payload);
        let members: Vec<String> = payload.as_object().expect("an object").keys().cloned().collect();
        for member in members {
            // Each member in turn is missing, no value of its type, and not known.
            let mut missing = good.clone();
            missing["payload"].as_object_mut().expect("an object").remove(&member);
            let mut wrong = good.clone();
            wrong["payload"][&member] =
                if wrong["payload"][&member].is_array() { json!([]) } else { json!("no such thing".repeat(1000)) };
            let mut unknown = good.clone();
            unknown["payload"]["noSuchField"] = json!("x");
            for (way, mut broken) in [missing, wrong, unknown].into_iter().enumerate() {
                broken["senderReference"] = json!(format!("XML.{place}.{member}.{way}"));
                let (in_json, document) = (sender.post("/messages", &broken), to_xml("newMessage", &broken));
                let in_xml = post_xml(sender, "/messages", &document);
                // Several effects of a report may be none.
                if in_json.status == 201 {
                    assert_eq!((in_xml.status, kind, member.as_str()), (201, "finalReport", "effects"));
                    continue;
                }
                let refusals = [&in_json, &in_xml].map(|answer| {
                    let body = answer.expect(422);
                    (body["code"].clone(), body["errors"][0]["pointer"].clone(), body["errors"][0]["code"].clone())
                });
                assert_eq!(refusals[0], refusals[1], "{document}");
                assert!(refusals[1].1.as_str().is_some_and(|pointer| pointer.starts_with("/payload/")), "{document}");
                // The schema says so before anything is sent.
                judged(&schema, &document).expect_err(&document);
            }
        }
    }
    assert_eq!(items(&exchange.town, "/messages?box=outgoing&kind=psuPlan").len(), 0, "nothing was written");
}

#[test]
fn lists_names_steps_and_answers_are_spelt_by_the_schema_too() {
    let app = TestApp::start();
    let schema = schema(&app);
    let exchange = Exchange::of(&app, 2, 0);
    let subjects = exchange.introduce();
    let officer = exchange.office.officer();
    let valid = |text: &str| judged(&schema, text).unwrap_or_else(|why| panic!("{why}\n{text}"));

    let list = json!({ "month": "2020-11", "records": [{ "subject": { "identity": identity() }, "outcome": "referred", "on": "2020-11-12" }] });
    let list =
        post_xml(officer, "/messages", &to_xml("newMessage", &exchange.body("referredOrRefused", "CAZ.1", "2020-12-08", &list)));
    let list = leaves_of_xml(&list.text)["/message/id"].clone();
    let sent = post_xml(
        officer,
        &format!("/messages/{list}/dispatch"),
        &to_xml("step", &json!({ "effectiveOn": "2020-12-08", "channel": "file" })),
    );
    assert_eq!((sent.status, &leaves_of_xml(&sent.text)["/messageHead/state"]), (200, &"sent".to_owned()), "{}", sent.text);
    valid(&sent.text);

    let names = get_xml(&exchange.town, &format!("/messages/{list}/subjects"));
    names.refused(400, "platform.purpose_required");
    let reader = exchange.town.with("Pai-Purpose", "exchange");
    let names = get_xml(&reader, &format!("/messages/{list}/subjects"));
    valid(&names.text);
    let told = reader.get(&format!("/messages/{list}/subjects")).expect(200);
    assert_eq!(leaves_of_json("subjects", &told), leaves_of_xml(&names.text));
    assert_eq!(
        leaves_of_xml(&names.text)["/subjects/people/person[0]/identity/pesel"],
        identity()["pesel"].as_str().expect("a text")
    );

    let told = send(officer, &exchange.status_change("CAZ.2", &subjects[0], "2020-11-06"));
    let answer = json!({ "step": { "effectiveOn": "2020-11-09", "reference": "MOPS.7" }, "accepted": true, "refused": [] });
    let answered = post_xml(&exchange.town, &format!("{}/answer", path(&told["id"])), &to_xml("answer", &answer));
    valid(&to_xml("answer", &answer));
    valid(&answered.text);
    let leaves = leaves_of_xml(&answered.text);
    assert_eq!((answered.status, leaves["/answeredMessage/state"].as_str()), (200, "accepted"));
    assert_eq!(leaves["/answeredMessage/proposals/proposal[0]/kind"], "endParticipation");

    let file = get_xml(&exchange.town, "/messages?box=incoming");
    assert_eq!(
        (file.status, file.header("pai-row-count"), file.header("content-type")),
        (200, "2", "application/xml"),
        "{}",
        file.text
    );
    valid(&file.text);
    let heads = items(&exchange.town, "/messages?box=incoming");
    let ids: Vec<&str> = file.text.matches("<messageHead>").collect();
    assert_eq!(ids.len(), heads.len());
    for head in &heads {
        let id = head["id"].as_str().expect("an id");
        let record =
            file.text.split("<messageHead>").find(|record| record.contains(&format!("<id>{id}</id>"))).expect("the record");
        let record = format!("<messageHead>{}", record.split_inclusive("</messageHead>").next().expect("its end"));
        assert_eq!(leaves_of_xml(&record), leaves_of_json("messageHead", head));
    }
    get_xml(&exchange.town, "/messages?limit=1").refused(400, "platform.invalid_parameter");
}

#[test]
fn a_repeated_post_in_xml_is_one_message() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let subject = &exchange.introduce()[0];
    let officer = exchange.office.officer().with("Idempotency-Key", "one");
    let document = to_xml("newMessage", &exchange.status_change("CAZ.1", subject, "2020-11-06"));
    let first = post_xml(&officer, "/messages", &document);
    let again = post_xml(&officer, "/messages", &document.replace("><", ">\n  <"));
    assert_eq!((again.status, again.header("idempotent-replayed"), &again.text), (201, "true", &first.text));
    // The key belongs to what is said, not to how it is spelt.
    let in_json = officer.post("/messages", &exchange.status_change("CAZ.1", subject, "2020-11-06"));
    assert_eq!(
        (in_json.expect(201)["id"].as_str(), in_json.header("idempotent-replayed")),
        (Some(leaves_of_xml(&first.text)["/message/id"].as_str()), "true")
    );
    post_xml(&officer, "/messages", &document.replace("2020-11-06", "2020-11-07"))
        .refused(422, "platform.idempotency_key_reused");
}
