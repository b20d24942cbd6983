//! What a message must fit: direction, exchange, payload, people, and PESEL only where the law lists it.

use serde_json::{Value, json};

use super::{Exchange, Office, act, answer, path, send};
use crate::support::database::names;
use crate::support::{TestApp, build};
use pai::platform::migrations::connect;
use pai::platform::types::{Day, Sex, fictitious_pesel};

fn pesel(number: u16) -> String {
    let born: Day = "1980-05-04".parse().expect("a day");
    fictitious_pesel(born, Sex::Female, number).expose().to_owned()
}

/// A list of the month that names somebody.
fn list(exchange: &Exchange, reference: &str, identity: &Value) -> Value {
    let record = json!({ "subject": { "identity": identity }, "outcome": "refused", "on": "2020-11-12" });
    exchange.body("referredOrRefused", reference, "2020-12-08", &json!({ "month": "2020-11", "records": [record] }))
}

#[test]
fn names_and_pesel_stand_in_the_lists_that_demand_them_and_nowhere_else() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let officer = exchange.office.officer();
    let (surname, number) = ("Niewidoczna", pesel(7));
    let identity = json!({ "givenNames": "Zofia", "surname": surname, "residence": "Próbne", "pesel": number });
    let known = exchange
        .town
        .post(
            "/people",
            &json!({
                "sex": "female",
                "identity": { "givenNames": "Zofia", "surname": surname, "pesel": number, "address": "Próbne" },
            }),
        )
        .id();
    let sent = send(officer, &list(&exchange, "CAZ.1", &identity));
    assert!(!sent.to_string().contains(&number) && !sent.to_string().contains(surname));

    exchange.town.get(&format!("{}/subjects", path(&sent["id"]))).refused(400, "platform.purpose_required");
    let named = exchange.town.with("Pai-Purpose", "weryfikacja").get(&format!("{}/subjects", path(&sent["id"]))).expect(200);
    assert_eq!(named["people"][0]["identity"]["pesel"], json!(number));
    // The town finds by the PESEL who it is.
    answer(&exchange.town, &sent["id"], &json!({ "step": { "effectiveOn": "2020-12-09" }, "accepted": true })).expect(200);
    let seen = exchange.town.get(&path(&sent["id"])).expect(200);
    assert_eq!(seen["records"][0]["personId"], json!(known));

    let stored = names(&mut connect(&app.superuser_url).expect("superuser"), "SELECT ARRAY[t::text] AS row FROM (
        SELECT m::text AS t FROM messages m UNION ALL SELECT r::text FROM message_records r UNION ALL SELECT s::text FROM message_steps s
        UNION ALL SELECT a::text FROM audit_entries a UNION ALL SELECT o::text FROM outbox_events o) rows");
    assert!(stored.iter().all(|row| !row.contains(&number) && !row.contains(surname)));

    // Elsewhere the law lists no identity, and free text refuses a PESEL.
    let record = json!({ "subject": { "identity": identity }, "change": "moved", "since": "2020-11-06" });
    let moved = exchange.body("statusChange", "CAZ.2", "2020-11-06", &json!({ "records": [record] }));
    let refused = officer.post("/messages", &moved).refused(422, "exchange.identity_not_allowed");
    assert_eq!(refused["errors"][0]["pointer"], "/payload/records/0/subject/identity");
    let mut with_pesel = list(&exchange, "CAZ.3", &identity);
    with_pesel["payload"]["records"][0]["subject"]["identity"]["residence"] = json!(format!("u {number}"));
    let refused = officer.post("/messages", &with_pesel).refused(422, "platform.pesel_in_text");
    assert_eq!(refused["errors"][0]["pointer"], "/payload/records/0/subject/identity/residence");
    let without = json!({ "givenNames": "Zofia", "surname": surname, "residence": "Próbne" });
    officer.post("/messages", &list(&exchange, "CAZ.4", &without)).refused(422, "exchange.identity_incomplete");
}

#[test]
fn a_list_of_the_town_waits_until_everybody_on_it_is_known() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let records = json!([{ "subject": { "personId": exchange.people[0] } }]);
    let body = exchange.body("eligibleList", "DP.1", "2020-11-02", &json!({ "eligibleOn": "2020-11-02", "records": records }));
    let refused = exchange.town.post("/messages", &body).refused(422, "exchange.identity_incomplete");
    assert_eq!(refused["errors"][0]["pointer"], "/payload/records/0/subject/personId");
    assert!(super::items(&exchange.town, "/messages").is_empty());
}

#[test]
fn a_message_fits_its_exchange_its_direction_and_its_schema() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let (town, officer) = (&exchange.town, exchange.office.officer());
    let subject = &exchange.introduce()[0];
    let good = exchange.status_change("CAZ.1", subject, "2020-11-06");
    town.post("/messages", &good).refused(422, "exchange.wrong_direction");
    for (field, value, code, pointer) in [
        ("linkId", json!(crate::support::NOBODY), "platform.reference_not_found", "/linkId"),
        ("schemaVersion", json!(2), "exchange.schema_version", "/schemaVersion"),
        ("effectiveOn", json!("2019-11-06"), "exchange.not_in_force", "/effectiveOn"),
        ("correlationId", json!(crate::support::NOBODY), "platform.reference_not_found", "/correlationId"),
        ("senderReference", json!(""), "platform.invalid_body", "/senderReference"),
    ] {
        let mut body = good.clone();
        body[field] = value;
        assert_eq!(officer.post("/messages", &body).refused(422, code)["errors"][0]["pointer"], pointer);
    }
    for (pointer, value, code, at) in [
        ("/payload/records", json!([]), "platform.invalid_body", "/payload/records"),
        ("/payload/records/0/since", json!("2020-11-31"), "platform.invalid_body", "/payload/records/0/since"),
        ("/payload/records/0/change", json!("sick"), "platform.invalid_body", "/payload/records/0/change"),
        ("/payload/records/0/subject", json!({}), "exchange.subject_unclear", "/payload/records/0/subject"),
        (
            "/payload/records/0/subject/subjectId",
            json!(crate::support::NOBODY),
            "platform.reference_not_found",
            "/payload/records/0/subject/subjectId",
        ),
    ] {
        let mut body = good.clone();
        *body.pointer_mut(pointer).expect("a place") = value;
        assert_eq!(officer.post("/messages", &body).refused(422, code)["errors"][0]["pointer"], at);
    }
    // What the law does not list is no part of the payload.
    let mut more = good.clone();
    more["payload"]["records"][0]["reason"] = json!("choroba");
    let refused = officer.post("/messages", &more).refused(422, "platform.invalid_body");
    assert_eq!(refused["errors"][0]["pointer"], "/payload/records/0/reason");
    let job =
        json!({ "editionId": exchange.run.edition, "records": [{ "subject": { "subjectId": subject }, "result": "employed" }] });
    let refused = officer.post("/messages", &exchange.body("employmentVerification", "CAZ.2", "2021-01-15", &job));
    assert_eq!(refused.refused(422, "exchange.job_contradicts_result")["errors"][0]["pointer"], "/payload/records/0/job");
    assert!(super::items(officer, "/messages?box=outgoing").is_empty());
}

#[test]
fn an_exchange_rests_on_an_agreement_with_that_office() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let other = Office::of(&app, "PUP Inny");
    let link = exchange.town.get(&format!("/exchange-links/{}", exchange.link)).expect(200);
    let body = |office: Value| json!({ "officeId": office, "agreementId": link["agreementId"], "validFrom": "2020-07-22" });
    exchange.town.post("/exchange-links", &body(json!(other.id))).refused(422, "exchange.agreement_of_another_office");
    exchange.town.post("/exchange-links", &body(json!(app.other_town.id))).refused(422, "exchange.not_a_labour_office");
    exchange.town.post("/exchange-links", &body(link["officeId"].clone())).refused(409, "exchange.link_exists");
    let edition = build::edition(&app, "2020-11-02", "2020-12-31", 1);
    exchange
        .town
        .post(&format!("/exchange-links/{}/shared-editions", exchange.link), &json!({ "editionId": edition }))
        .refused(422, "exchange.edition_of_another_agreement");
    // An edition that is not shared is no edition that messages can be about.
    let start = json!({ "subject": { "personId": exchange.people[0] }, "startsOn": "2020-11-02", "plannedEndOn": "2020-12-31" });
    let body = exchange.body("participationStart", "DP.1", "2020-11-02", &json!({ "editionId": edition, "records": [start] }));
    let refused = exchange.town.post("/messages", &body).refused(422, "platform.reference_not_found");
    assert_eq!(refused["errors"][0]["pointer"], "/payload/editionId");
}

#[test]
fn a_draft_can_be_discarded_and_a_sent_message_cannot() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let start = json!({ "subject": { "personId": exchange.people[0] }, "startsOn": "2020-11-02", "plannedEndOn": "2020-12-31" });
    let payload = json!({ "editionId": exchange.run.edition, "records": [start] });
    let draft = exchange.town.post("/messages", &exchange.body("participationStart", "DP.1", "2020-11-02", &payload)).expect(201);
    let stale = exchange.town.with("If-Match", "\"7\"");
    let body = json!({ "effectiveOn": "2020-11-02" });
    stale.post(&format!("{}/dispatch", path(&draft["id"])), &body).refused(412, "platform.precondition_failed");
    act(&exchange.town, &draft["id"], "dispatch", "2030-11-02").refused(422, "platform.in_future");
    act(&exchange.town, &draft["id"], "cancellation", "2020-11-02").expect(200);
    act(&exchange.town, &draft["id"], "dispatch", "2020-11-02").refused(409, "exchange.step_not_allowed");
    let sent = send(&exchange.town, &exchange.body("participationStart", "DP.2", "2020-11-02", &payload));
    act(&exchange.town, &sent["id"], "cancellation", "2020-11-02").refused(409, "exchange.step_not_allowed");
    act(exchange.office.officer(), &sent["id"], "receipt", "2020-11-01").refused(422, "exchange.period_inverted");
    assert_eq!(act(exchange.office.officer(), &sent["id"], "receipt", "2020-11-03").expect(200)["state"], "received");
}
