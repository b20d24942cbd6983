//! Deadlines: by the calendar, by the agreement, immediately; met, met late, due and overdue.

use serde_json::{Value, json};

use super::{Exchange, act, items, send};
use crate::support::{Api, TestApp};

fn deadlines(api: &Api, query: &str) -> Vec<Value> {
    api.get(&format!("/exchange-deadlines?{query}")).expect(200)["deadlines"].as_array().expect("deadlines").clone()
}

/// Kind, period, last day and how it stands.
fn told(deadlines: &[Value]) -> Vec<(&str, &str, &str, &str)> {
    deadlines
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap_or_default();
            (text("kind"), text("periodOn"), text("dueOn"), text("state"))
        })
        .collect()
}

#[test]
fn the_calendar_tells_what_each_side_owes_and_when() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let officer = exchange.office.officer();
    let subject = &exchange.introduce()[0];
    let list = |month: &str, reference: &str, on: &str| {
        let record = json!({
            "subject": { "identity": { "givenNames": "Zofia", "surname": "Próbna", "residence": "Próbne",
                "document": { "kind": "passport", "number": "ZZ0000001" } } },
            "outcome": "referred", "on": format!("{month}-12"),
        });
        send(officer, &exchange.body("referredOrRefused", reference, on, &json!({ "month": month, "records": [record] })))
    };
    let november = list("2020-11", "CAZ.1", "2020-12-10");
    assert_eq!(november["dueOn"], "2020-12-10");
    // 10 January 2021 is a Sunday.
    assert_eq!(list("2020-12", "CAZ.2", "2021-01-12")["dueOn"], "2021-01-11");

    let office = deadlines(officer, "effectiveOn=2021-02-01&mine=true");
    assert_eq!(
        told(&office),
        [
            ("referredOrRefused", "2020-07-01", "2020-08-10", "overdue"),
            ("referredOrRefused", "2020-08-01", "2020-09-10", "overdue"),
            ("referredOrRefused", "2020-09-01", "2020-10-12", "overdue"),
            ("referredOrRefused", "2020-10-01", "2020-11-10", "overdue"),
            ("referredOrRefused", "2020-11-01", "2020-12-10", "met"),
            ("referredOrRefused", "2020-12-01", "2021-01-11", "metLate"),
            ("referredOrRefused", "2021-01-01", "2021-02-10", "due"),
        ]
    );
    // 31 January 2021 is a Sunday; three months after the end of the edition are counted later.
    let town = deadlines(&exchange.town, "effectiveOn=2021-02-01&mine=true");
    assert_eq!(told(&town), [("psuPlan", "2021-01-01", "2021-02-01", "due")]);
    assert_eq!(told(&deadlines(&exchange.town, "effectiveOn=2021-02-02&mine=true&state=overdue")).len(), 1);

    let march = deadlines(officer, "effectiveOn=2021-03-10&mine=true&state=due");
    assert_eq!(told(&march)[0], ("referredOrRefused", "2021-02-01", "2021-03-10", "due"));
    assert_eq!(told(&march)[1], ("employmentVerification", "", "2021-03-31", "due"));
    let verified = json!({
        "editionId": exchange.run.edition, "records": [{ "subject": { "subjectId": subject }, "result": "notEmployed" }],
    });
    send(officer, &exchange.body("employmentVerification", "CAZ.3", "2021-03-30", &verified));
    let april = deadlines(officer, "effectiveOn=2021-04-01&mine=true&state=met");
    assert!(told(&april).contains(&("employmentVerification", "", "2021-03-31", "met")));
}

#[test]
fn an_incident_is_told_at_once_and_an_absence_as_the_agreement_says() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let incident = json!({
        "editionId": exchange.run.edition,
        "records": [{ "subject": { "personId": exchange.people[0] }, "happened": "leftPlace", "occurredOn": "2020-11-10" }],
    });
    let draft = exchange.town.post("/messages", &exchange.body("incident", "DP.1", "2020-11-10", &incident)).expect(201);
    // Independence Day is no working day.
    assert_eq!(draft["dueOn"], "2020-11-12");
    let of_incident = |on: &str| deadlines(&exchange.town, &format!("effectiveOn={on}&mine=true"));
    let state = |on: &str| {
        let all = of_incident(on);
        told(&all).iter().find(|one| one.0 == "incident").map(|one| one.3.to_owned())
    };
    assert_eq!(state("2020-11-12").as_deref(), Some("due"));
    assert_eq!(state("2020-11-13").as_deref(), Some("overdue"));
    act(&exchange.town, &draft["id"], "dispatch", "2020-11-13").expect(200);
    assert_eq!(state("2020-11-13").as_deref(), Some("metLate"));
    // As it stood the day before, it was not sent yet.
    assert_eq!(state("2020-11-12").as_deref(), Some("due"));

    let absence = json!({
        "editionId": exchange.run.edition,
        "records": [{ "subject": { "personId": exchange.people[0] }, "absence": "absence", "from": "2020-11-13", "to": "2020-11-13", "excused": true }],
    });
    let body = exchange.body("absenceOrRefusal", "DP.2", "2020-11-13", &absence);
    // Seven working days where the agreement says nothing; what it says is a term of the duty, and of nothing else.
    assert_eq!(exchange.town.post("/messages", &body).expect(201)["dueOn"], "2020-11-24");
    let path = format!("/exchange-links/{}", exchange.link);
    let etag = exchange.town.get(&path).header("etag").to_owned();
    let terms = json!({ "validFrom": "2020-07-22", "terms": [{ "kind": "absenceOrRefusal", "workingDays": 2 }] });
    let refused = exchange.town.put(&path, &etag, &terms).refused(422, "exchange.term_not_agreed");
    assert_eq!(refused["errors"][0]["pointer"], "/terms/0/kind");
    let agreement = exchange.town.get(&path).expect(200)["agreementId"].clone();
    let term =
        json!({ "duty": "absence", "agreementId": agreement, "from": "2020-11-01", "workingDays": 2, "legalSource": "§ 9" });
    exchange.town.post("/duty-terms", &term).expect(201);
    let body = exchange.body("absenceOrRefusal", "DP.3", "2020-11-13", &absence);
    assert_eq!(exchange.town.post("/messages", &body).expect(201)["dueOn"], "2020-11-17");
    let etag = exchange.town.get(&path).header("etag").to_owned();
    let by_law = json!({ "validFrom": "2020-07-22", "terms": [{ "kind": "psuPlan", "workingDays": 2 }] });
    exchange.town.put(&path, &etag, &by_law).refused(422, "exchange.term_not_agreed");
    assert_eq!(items(exchange.office.officer(), "/exchange-links").len(), 1);
}

#[test]
fn message_and_duty_of_one_absence_have_one_last_day() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let absence = |from: &str| {
        let record = json!({ "subject": { "personId": exchange.people[0] }, "absence": "absence", "from": from, "to": from });
        json!({ "editionId": exchange.run.edition, "records": [record] })
    };
    let duties = |on: &str, known: &str| {
        let body = json!({ "kind": "absence", "occurredOn": on, "knownOn": known, "reportedBy": "facilitator" });
        let path = format!("/participations/{}/incidents", exchange.run.participations[0]);
        exchange.town.post(&path, &body).expect(201)["duties"][0]["dueOn"].clone()
    };
    // Known on the day itself, and known later: the duty runs from then on, and the message with it.
    for (on, known, stated, reference) in
        [("2020-11-09", "2020-11-09", "2020-11-13", "DP.1"), ("2020-11-12", "2020-11-16", "2020-11-12", "DP.2")]
    {
        let due = duties(on, known);
        let written =
            exchange.town.post("/messages", &exchange.body("absenceOrRefusal", reference, stated, &absence(on))).expect(201);
        assert_eq!(written["dueOn"], due, "whatever day the message states");
    }
    let kinds = exchange.town.get("/message-kinds").expect(200);
    let rule = |name: &str| {
        let kinds = kinds["kinds"].as_array().expect("kinds");
        kinds.iter().find(|kind| kind["kind"] == name).expect("a kind")["deadline"].clone()
    };
    assert_eq!((rule("absenceOrRefusal"), rule("incident")), (json!("dutyTerm"), json!("immediately")));
}

#[test]
fn a_report_and_a_verification_before_the_end_meet_no_deadline() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let subject = &exchange.introduce()[0];
    let officer = exchange.office.officer();
    let verified = json!({
        "editionId": exchange.run.edition, "records": [{ "subject": { "subjectId": subject }, "result": "notEmployed" }],
    });
    send(officer, &exchange.body("employmentVerification", "CAZ.1", "2020-12-01", &verified));
    let of = |kind: &str, on: &str| {
        let all = deadlines(officer, &format!("effectiveOn={on}&mine=true"));
        told(&all).into_iter().find(|one| one.0 == kind).map(|one| one.3.to_owned())
    };
    assert_eq!(of("employmentVerification", "2021-04-01").as_deref(), Some("overdue"));
    send(officer, &exchange.body("employmentVerification", "CAZ.2", "2021-01-04", &verified));
    assert_eq!(of("employmentVerification", "2021-04-01").as_deref(), Some("met"));
    let report = json!({
        "editionId": exchange.run.edition, "started": 1, "completed": 1, "psuHours": "80.00", "integrationHours": "40.00",
        "benefits": "810.00", "refund": "486.00", "effects": [],
    });
    let draft = exchange.town.post("/messages", &exchange.body("finalReport", "DP.9", "2020-12-01", &report)).expect(201);
    let refused = act(&exchange.town, &draft["id"], "dispatch", "2020-12-01").refused(422, "exchange.sent_before_event");
    assert_eq!(refused["day"], "2020-12-31");
    act(&exchange.town, &draft["id"], "dispatch", "2021-01-04").expect(200);
}
