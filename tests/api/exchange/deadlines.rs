//! Deadlines: by the calendar, by the agreement, immediately; met, met late, due and overdue.

use serde_json::{Value, json};

use super::left_out::correcting;
use super::{Exchange, act, answer, items, send};
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

/// The office's list of a month, with one stranger.
fn list(exchange: &Exchange, month: &str, reference: &str, on: &str) -> Value {
    let named = json!({ "givenNames": "Zofia", "surname": "Próbna", "residence": "Próbne", "document": { "kind": "passport", "number": "ZZ0000001" } });
    let record = json!({ "subject": { "identity": named }, "outcome": "referred", "on": format!("{month}-12") });
    exchange.body("referredOrRefused", reference, on, &json!({ "month": month, "records": [record] }))
}

/// Month, state and day of the lists of two months, as they stand on a day.
fn of_lists(exchange: &Exchange, on: &str) -> Vec<(String, String, Value)> {
    let all = deadlines(exchange.office.officer(), &format!("effectiveOn={on}&mine=true"));
    let lists = all.into_iter().filter(|one| one["kind"] == "referredOrRefused");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let told = lists.map(|one| (text(&one["periodOn"]), text(&one["state"]), one["sentOn"].clone()));
    told.filter(|one| ["2020-10-01", "2020-11-01"].contains(&one.0.as_str())).collect()
}

#[test]
fn a_list_that_is_corrected_to_another_month_meets_that_month() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let officer = exchange.office.officer();
    let stands = |on: &str, october: (&str, Value), november: (&str, Value)| {
        let expected = [("2020-10-01", october), ("2020-11-01", november)];
        let expected: Vec<_> =
            expected.into_iter().map(|(month, (state, sent))| (month.to_owned(), state.to_owned(), sent)).collect();
        assert_eq!(of_lists(&exchange, on), expected, "{on}");
    };
    // Of the wrong month, and corrected in time for the right one.
    let wrong = send(officer, &list(&exchange, "2020-10", "CAZ.1", "2020-12-09"));
    stands("2020-12-09", ("metLate", json!("2020-12-09")), ("due", json!(null)));
    let right = send(officer, &correcting(list(&exchange, "2020-11", "CAZ.1/1", "2020-12-10"), &wrong));
    stands("2020-12-11", ("overdue", json!(null)), ("met", json!("2020-12-10")));
    // A correction of the same month, too late for it, leaves it met in time.
    let again = send(officer, &correcting(list(&exchange, "2020-11", "CAZ.1/2", "2020-12-18"), &right));
    stands("2020-12-31", ("overdue", json!(null)), ("met", json!("2020-12-10")));
    // What the town refuses corrects nothing.
    let moved = send(officer, &correcting(list(&exchange, "2020-10", "CAZ.1/3", "2020-12-21"), &again));
    stands("2020-12-22", ("metLate", json!("2020-12-21")), ("overdue", json!(null)));
    let refusal = json!({ "step": { "effectiveOn": "2020-12-23" }, "accepted": false, "rejectCode": "wrongPeriod" });
    answer(&exchange.town, &moved["id"], &refusal).expect(200);
    stands("2020-12-23", ("overdue", json!(null)), ("met", json!("2020-12-10")));
    stands("2020-12-22", ("metLate", json!("2020-12-21")), ("overdue", json!(null)));
}

#[test]
fn a_list_that_was_refused_as_a_whole_meets_nothing() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let officer = exchange.office.officer();
    let november = |on: &str| of_lists(&exchange, on).into_iter().find(|one| one.0 == "2020-11-01").map(|one| (one.1, one.2));
    let first = send(officer, &list(&exchange, "2020-11", "CAZ.1", "2020-12-09"));
    assert_eq!(november("2020-12-10"), Some(("met".to_owned(), json!("2020-12-09"))));
    let refusal = json!({ "step": { "effectiveOn": "2020-12-11" }, "accepted": false, "rejectCode": "incomplete" });
    answer(&exchange.town, &first["id"], &refusal).expect(200);
    act(officer, &first["id"], "settlement", "2020-12-11").expect(200);
    assert_eq!(november("2020-12-11"), Some(("overdue".to_owned(), json!(null))));
    send(officer, &list(&exchange, "2020-11", "CAZ.2", "2020-12-14"));
    assert_eq!(november("2020-12-14"), Some(("metLate".to_owned(), json!("2020-12-14"))));
}

#[test]
fn a_list_of_the_town_that_was_refused_is_owed_until_it_is_sent_again() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 1);
    let town = &exchange.town;
    let of_lists = |on: &str| {
        let all = deadlines(town, &format!("effectiveOn={on}&mine=true"));
        let lists = all.into_iter().filter(|one| one["kind"] == "eligibleList");
        lists.map(|one| (one["messageId"].clone(), one["state"].as_str().expect("a state").to_owned())).collect::<Vec<_>>()
    };
    let first = send(town, &exchange.eligible_list("DP.1"));
    assert_eq!(of_lists("2020-10-28"), [(first["id"].clone(), "met".to_owned())]);
    let refusal = json!({ "step": { "effectiveOn": "2020-10-22" }, "accepted": false, "rejectCode": "incomplete" });
    answer(exchange.office.officer(), &first["id"], &refusal).expect(200);
    assert_eq!(of_lists("2020-10-28"), [(first["id"].clone(), "overdue".to_owned())]);
    let second = town.post("/messages", &exchange.eligible_list("DP.2")).expect(201);
    act(town, &second["id"], "dispatch", "2020-10-26").expect(200);
    assert_eq!(of_lists("2020-10-28"), [(second["id"].clone(), "met".to_owned())]);
}
