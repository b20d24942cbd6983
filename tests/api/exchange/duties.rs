//! Duties to inform an office: a message about the same event discharges them, and opens them again when it does not count.

use serde_json::{Value, json};

use super::left_out::correcting;
use super::{Exchange, act, answer, items, path, send};
use crate::support::TestApp;

impl Exchange {
    /// Somebody left the place of work.
    pub fn incident(&self, place: usize, on: &str) -> Value {
        let body = json!({ "kind": "leftPlace", "occurredOn": on, "reportedBy": "centre" });
        self.town.post(&format!("/participations/{}/incidents", self.run.participations[place]), &body).expect(201)
    }

    /// The town's words about it to the office.
    pub fn told_incident(&self, reference: &str, who: &[usize], on: &str) -> Value {
        let records: Vec<Value> = who
            .iter()
            .map(|place| json!({ "subject": { "personId": self.people[*place] }, "happened": "leftPlace", "occurredOn": on }))
            .collect();
        self.body("incident", reference, on, &json!({ "editionId": self.run.edition, "records": records }))
    }

    /// The duty of that participation towards an office.
    pub fn duty(&self, place: usize, recipient: &str) -> Value {
        let all = items(&self.town, &format!("/information-duties?editionId={}&limit=200", self.run.edition));
        all.into_iter()
            .find(|duty| duty["participationId"] == json!(self.run.participations[place]) && duty["recipient"] == recipient)
            .expect("a duty")
    }

    fn is_open(&self, place: usize) -> bool {
        self.duty(place, "starost")["dischargedOn"].is_null()
    }
}

#[test]
fn sending_and_not_writing_discharges_the_duty_and_is_named_there() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    exchange.incident(0, "2020-11-10");
    exchange.incident(1, "2020-11-10");
    let draft = exchange.town.post("/messages", &exchange.told_incident("DP.1", &[0], "2020-11-10")).expect(201);
    assert!(exchange.is_open(0), "a draft tells nobody");
    act(&exchange.town, &draft["id"], "dispatch", "2020-11-12").expect(200);
    let duty = exchange.duty(0, "starost");
    assert_eq!(
        (&duty["dischargedOn"], &duty["channel"], &duty["messageId"], &duty["letterNumber"]),
        (&json!("2020-11-12"), &json!("message"), &draft["id"], &json!("UPP-1/2020"))
    );
    assert!(exchange.is_open(1), "nobody was told of the other person");
    // The centre was not told: it has no exchange here.
    assert_eq!(exchange.duty(0, "welfareCentre")["dischargedOn"], json!(null));
    let id = exchange.duty(1, "starost")["id"].as_str().expect("an id").to_owned();
    let by_hand = json!({ "effectiveOn": "2020-11-12", "channel": "message" });
    let etag = exchange.town.get(&format!("/information-duties/{id}")).header("etag").to_owned();
    let town = exchange.town.with("If-Match", &etag);
    let refused = town.post(&format!("/information-duties/{id}/discharge"), &by_hand).refused(422, "platform.invalid_field");
    assert_eq!(refused["errors"][0]["pointer"], "/channel", "only a message itself says so");
}

#[test]
fn an_incident_that_is_entered_after_it_was_told_is_no_open_duty() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let told = send(&exchange.town, &exchange.told_incident("DP.1", &[0], "2020-11-10"));
    exchange.incident(0, "2020-11-10");
    assert_eq!(exchange.duty(0, "starost")["messageId"], told["id"]);
    // The same happened again on another day: of that nobody was told.
    exchange.incident(0, "2020-11-16");
    let duties = items(&exchange.town, &format!("/information-duties?editionId={}", exchange.run.edition));
    let of_starost = duties.iter().filter(|duty| duty["recipient"] == "starost" && duty["dischargedOn"].is_null());
    assert_eq!(of_starost.map(|duty| &duty["occurredOn"]).collect::<Vec<_>>(), [&json!("2020-11-16")]);
}

#[test]
fn what_the_office_refuses_has_to_be_told_again() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let officer = exchange.office.officer();
    exchange.incident(0, "2020-11-10");
    exchange.incident(1, "2020-11-10");
    let told = send(&exchange.town, &exchange.told_incident("DP.1", &[0, 1], "2020-11-10"));
    assert!(!exchange.is_open(0) && !exchange.is_open(1));
    let in_part = json!({
        "step": { "effectiveOn": "2020-11-13" }, "accepted": true, "refused": [{ "position": 1, "rejectCode": "unknownPerson" }],
    });
    answer(officer, &told["id"], &in_part).expect(200);
    assert!(!exchange.is_open(0), "what was accepted stays told");
    let duty = exchange.duty(1, "starost");
    assert_eq!(
        (&duty["dischargedOn"], &duty["messageId"], &duty["reopenedOn"], &duty["reopenedById"]),
        (&json!(null), &json!(null), &json!("2020-11-13"), &told["id"])
    );
    let again = send(&exchange.town, &exchange.told_incident("DP.2", &[1], "2020-11-10"));
    assert_eq!(exchange.duty(1, "starost")["messageId"], again["id"]);
}

#[test]
fn a_correction_that_leaves_somebody_out_opens_the_duty_again() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    exchange.incident(0, "2020-11-10");
    exchange.incident(1, "2020-11-10");
    let told = send(&exchange.town, &exchange.told_incident("DP.1", &[0, 1], "2020-11-10"));
    let mut correction = exchange.told_incident("DP.1/1", &[0], "2020-11-10");
    correction["correctsId"] = told["id"].clone();
    correction["correctionReason"] = json!("Niewłaściwa osoba");
    let correction = send(&exchange.town, &correction);
    assert!(!exchange.is_open(0), "the correction repeats it");
    let duty = exchange.duty(1, "starost");
    assert_eq!((&duty["dischargedOn"], &duty["reopenedById"]), (&json!(null), &correction["id"]));
    assert_eq!(exchange.town.get(&path(&told["id"])).expect(200)["correctedById"], correction["id"]);
}

/// Withdraws an incident as one that was recorded by mistake.
fn withdraw(exchange: &Exchange, incident: &Value, on: &str) {
    let path = format!("/incidents/{}/withdrawal", incident["id"].as_str().expect("an id"));
    exchange.town.post(&path, &json!({ "reason": "mistake", "effectiveOn": on })).expect(200);
}

fn refuse(exchange: &Exchange, message: &Value, on: &str) {
    let refusal = json!({ "step": { "effectiveOn": on }, "accepted": false, "rejectCode": "unknownPerson" });
    answer(exchange.office.officer(), &message["id"], &refusal).expect(200);
}

fn of_starost(exchange: &Exchange) -> Vec<Value> {
    let all = items(&exchange.town, &format!("/information-duties?editionId={}&limit=200", exchange.run.edition));
    all.into_iter().filter(|duty| duty["recipient"] == "starost").collect()
}

#[test]
fn a_refusal_opens_no_duty_of_an_incident_that_was_withdrawn() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let incident = exchange.incident(0, "2020-11-10");
    let told = send(&exchange.town, &exchange.told_incident("DP.1", &[0], "2020-11-10"));
    withdraw(&exchange, &incident, "2020-11-12");
    refuse(&exchange, &told, "2020-11-13");
    let [duty] = of_starost(&exchange).try_into().expect("one duty");
    assert_eq!(
        (&duty["state"], &duty["withdrawnOn"], &duty["dischargedOn"]),
        (&json!("withdrawn"), &json!("2020-11-12"), &json!(null))
    );
    // It happened after all: then the starost is to be told, and nothing stands in the way.
    let again = exchange.incident(0, "2020-11-10");
    let recipients: Vec<&Value> = again["duties"].as_array().expect("duties").iter().map(|duty| &duty["recipient"]).collect();
    assert_eq!(recipients, [&json!("starost"), &json!("welfareCentre")]);
    let once_more = send(&exchange.town, &exchange.told_incident("DP.2", &[0], "2020-11-10"));
    let open: Vec<Value> = of_starost(&exchange).into_iter().filter(|duty| duty["incidentId"] == again["id"]).collect();
    assert_eq!((open.len(), &open[0]["messageId"]), (1, &once_more["id"]));
}

#[test]
fn a_refusal_opens_the_duty_of_the_incident_that_was_recorded_anew() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let incident = exchange.incident(0, "2020-11-10");
    let told = send(&exchange.town, &exchange.told_incident("DP.1", &[0], "2020-11-10"));
    withdraw(&exchange, &incident, "2020-11-12");
    // The starost was told of it already.
    let again = exchange.incident(0, "2020-11-10");
    assert_eq!(again["duties"].as_array().map(Vec::len), Some(1));
    refuse(&exchange, &told, "2020-11-13");
    let [duty] = of_starost(&exchange).try_into().expect("one duty");
    assert_eq!(
        (&duty["incidentId"], &duty["withdrawnOn"], &duty["reopenedOn"]),
        (&again["id"], &json!(null), &json!("2020-11-13"))
    );
    // And it goes with that incident.
    withdraw(&exchange, &again, "2020-11-16");
    assert_eq!(of_starost(&exchange)[0]["state"], "withdrawn");
}

#[test]
fn a_correction_that_is_refused_leaves_told_what_was_told() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    exchange.incident(0, "2020-11-10");
    exchange.incident(1, "2020-11-10");
    let told = |place: usize| exchange.duty(place, "starost")["messageId"].clone();
    let correct = |reference: &str, who: usize, corrected: &Value| {
        send(&exchange.town, &correcting(exchange.told_incident(reference, &[who], "2020-11-10"), corrected))
    };
    let first = send(&exchange.town, &exchange.told_incident("DP.1", &[0], "2020-11-10"));
    let second = correct("DP.1/1", 1, &first);
    assert_eq!((told(0), told(1)), (json!(null), second["id"].clone()));
    refuse(&exchange, &second, "2020-11-13");
    assert_eq!((told(0), told(1)), (first["id"].clone(), json!(null)));
    assert_eq!(exchange.duty(0, "starost")["dischargedOn"], "2020-11-10", "it was told in time");
    // Refused behind a further correction, it is for the answer to that one.
    let third = correct("DP.1/2", 1, &second);
    let fourth = correct("DP.1/3", 1, &third);
    refuse(&exchange, &third, "2020-11-16");
    assert_eq!((told(0), told(1)), (json!(null), fourth["id"].clone()));
    refuse(&exchange, &fourth, "2020-11-17");
    assert_eq!((told(0), told(1)), (first["id"].clone(), json!(null)));
}
