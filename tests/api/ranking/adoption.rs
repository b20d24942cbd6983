//! A commission adopts a protocol: its rows become decisions, all of them or none.

use super::{Recruitment, id};
use crate::support::statements::{count, counted};
use crate::support::{TestApp, build};
use pai::platform::policy::Role;
use serde_json::{Value, json};

#[test]
fn adoption_writes_every_decision_of_the_protocol_at_once() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 1);
    let worker_chose = recruitment.candidate("male", 1990, "2020-09-20", &[]);
    let decision = json!({ "decision": "reserve", "effectiveOn": "2020-09-25", "reason": "Kryteria porozumienia" });
    recruitment.api.post(&format!("/applications/{worker_chose}/decisions"), &decision).expect(200);
    let first = recruitment.candidate("female", 1960, "2020-10-01", &[]);
    let second = recruitment.candidate("female", 1990, "2020-10-01", &[]);
    let third = recruitment.candidate("male", 1990, "2020-10-01", &[]);
    let entitled = recruitment.candidate("male", 1990, "2020-10-01", &[("benefitRight", "true")]);
    let unknown = recruitment.candidate("male", 1990, "2020-10-01", &[("benefitRight", "")]);
    let assessment = json!({ "effectiveOn": "2020-10-02" });
    let assessment = recruitment.api.post(&format!("/applications/{first}/eligibility-assessments"), &assessment).id();
    let protocol = recruitment.rank(&json!({ "effectiveOn": "2020-10-08" }));
    assert_eq!(protocol["rows"].as_array().map(Vec::len), Some(5), "who was decided about is not ranked");
    let early = recruitment.adopt(&protocol, "2020-10-07").refused(422, "recruitment.out_of_order");
    assert_eq!((&early["earliest"], &early["errors"][0]["pointer"]), (&json!("2020-10-08"), &json!("/adoptedOn")));
    let adopted = recruitment.adopt(&protocol, "2020-10-09").expect(200);
    assert_eq!((&adopted["adoption"]["commissionMembers"], &adopted["rowsSha256"]), (&json!(3), &protocol["rowsSha256"]));
    let stands = |application: &str| {
        let application = recruitment.application(application);
        ["state", "reservePosition", "rejectionReason", "decidedOn"].map(|name| application[name].clone())
    };
    assert_eq!(stands(&worker_chose), [json!("reserve"), json!(1), Value::Null, json!("2020-09-25")]);
    assert_eq!(stands(&first), [json!("selected"), Value::Null, Value::Null, json!("2020-10-09")]);
    assert_eq!(stands(&second), [json!("reserve"), json!(2), Value::Null, json!("2020-10-09")]);
    assert_eq!(stands(&third), [json!("reserve"), json!(3), Value::Null, json!("2020-10-09")]);
    assert_eq!(stands(&entitled), [json!("rejected"), Value::Null, json!("notEligible"), json!("2020-10-09")]);
    assert_eq!(stands(&unknown), [json!("applied"), Value::Null, Value::Null, Value::Null]);
    let last = |application: &str, kind: &str| {
        let history = recruitment.api.get(&format!("/applications/{application}/events")).expect(200);
        let steps = history["items"].as_array().expect("steps");
        let step = steps.iter().rev().find(|step| step["kind"] == kind).expect("the step");
        ["basis", "assessmentId", "rankingProtocolId"].map(|name| step[name].clone())
    };
    assert_eq!(last(&first, "selected"), [json!("assessed"), json!(assessment), json!(id(&protocol))]);
    assert_eq!(last(&second, "reserve"), [json!("ranked"), Value::Null, json!(id(&protocol))]);
    assert_eq!(last(&second, "ranked"), [Value::Null, Value::Null, json!(id(&protocol))]);
    recruitment.adopt(&protocol, "2020-10-10").refused(409, "recruitment.protocol_already_adopted");
    // More are selected than there are places; who waits moves up on the strength of the protocol.
    let more = json!({ "decision": "selected", "effectiveOn": "2020-10-12", "reason": "Więcej miejsc", "rankingProtocolId": id(&protocol) });
    recruitment.api.post(&format!("/applications/{second}/decisions"), &more).expect(200);
}

#[test]
fn what_has_changed_since_is_ranked_again_first() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 1);
    let gone = recruitment.candidate("female", 1960, "2020-10-01", &[]);
    let stays = recruitment.candidate("male", 1960, "2020-10-01", &[]);
    let protocol = recruitment.rank(&json!({ "effectiveOn": "2020-10-08" }));
    let leaving = json!({ "reason": "employed", "effectiveOn": "2020-10-08" });
    recruitment.api.post(&format!("/applications/{gone}/withdrawal"), &leaving).expect(200);
    let refused = recruitment.adopt(&protocol, "2020-10-09").refused(409, "recruitment.protocol_overtaken");
    assert_eq!(refused["applications"], 1);
    assert_eq!(recruitment.application(&stays)["state"], "applied", "all or nothing");
    let again = recruitment.rank(&json!({ "effectiveOn": "2020-10-08" }));
    recruitment.adopt(&again, "2020-10-09").expect(200);
    assert_eq!(recruitment.application(&stays)["state"], "selected");
}

#[test]
fn a_later_protocol_moves_the_decided_only_with_a_reason_and_never_takes_a_place_back() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 1);
    let chosen = recruitment.candidate("female", 1960, "2020-10-01", &[]);
    let waiting = recruitment.candidate("male", 1960, "2020-10-01", &[]);
    recruitment.adopt(&recruitment.rank(&json!({ "effectiveOn": "2020-10-08" })), "2020-10-08").expect(200);
    let better = recruitment.candidate("female", 1990, "2020-10-09", &[("unemployedSince", "2016-01-01")]);
    let plain = recruitment.rank(&json!({ "effectiveOn": "2020-10-10" }));
    assert_eq!(plain["rows"].as_array().map(Vec::len), Some(1), "only who is undecided");
    let reopened = json!({ "effectiveOn": "2020-10-10", "places": 0, "reopen": { "reason": "Uzupełniono rekrutację" } });
    let reopened = recruitment.rank(&reopened);
    let ids: Vec<&str> =
        reopened["rows"].as_array().expect("rows").iter().filter_map(|row| row["applicationId"].as_str()).collect();
    assert_eq!(ids, [better.as_str(), &waiting], "a place that was promised is not at stake");
    assert_eq!(reopened["reopeningReason"], "Uzupełniono rekrutację");
    recruitment.adopt(&reopened, "2020-10-10").expect(200);
    let position = |application: &str| recruitment.application(application)["reservePosition"].clone();
    assert_eq!((position(&better), position(&waiting)), (json!(1), json!(2)));
    assert_eq!(recruitment.application(&chosen)["state"], "selected");
    recruitment.adopt(&plain, "2020-10-10").refused(409, "recruitment.protocol_overtaken");
}

#[test]
fn whoever_has_an_offer_waits_for_its_answer_whatever_a_later_protocol_says() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 2);
    for born in [1960, 1961] {
        recruitment.candidate("female", born, "2020-10-01", &[]);
    }
    let first = recruitment.rank(&json!({ "effectiveOn": "2020-10-08", "places": 1 }));
    recruitment.adopt(&first, "2020-10-08").expect(200);
    let seats = json!({ "effectiveOn": "2020-10-09" });
    let filled = recruitment.api.post(&format!("/editions/{}/offers", recruitment.edition), &seats).expect(200);
    let offer = filled["offers"][0]["id"].as_str().expect("an offer for the second place");
    for (places, taken) in [(1, false), (0, true)] {
        let reopened = json!({ "effectiveOn": "2020-10-10", "places": places, "reopen": { "reason": "Uzupełniono rekrutację" } });
        let adopted = recruitment.adopt(&recruitment.rank(&reopened), "2020-10-10");
        if taken {
            adopted.expect(200);
        } else {
            assert_eq!(adopted.refused(409, "recruitment.has_offer")["offerId"], offer);
        }
    }
}

#[test]
fn an_edition_that_ranks_needs_a_protocol_or_a_reason_and_one_of_workers_does_not() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 1);
    let edition = recruitment.coordinator.get(&format!("/editions/{}", recruitment.edition));
    let etag = edition.header("etag").to_owned();
    let change = json!({ "name": "I", "startsOn": "2020-10-15", "endsOn": "2020-12-14", "selection": "byRanking" });
    let changed = recruitment.coordinator.put(&format!("/editions/{}", recruitment.edition), &etag, &change);
    assert_eq!(changed.expect(200)["selection"], "byRanking");
    let [first, second, third] = [1960, 1990, 1991].map(|born| recruitment.candidate("male", born, "2020-10-01", &[]));
    let decide = |application: &str, more: &Value| {
        let mut body = json!({ "decision": "selected", "effectiveOn": "2020-10-09", "reason": "Kryteria porozumienia" });
        for (name, value) in more.as_object().expect("fields") {
            body[name] = value.clone();
        }
        recruitment.api.post(&format!("/applications/{application}/decisions"), &body)
    };
    let refused = decide(&first, &json!({})).refused(422, "recruitment.ranking_required");
    assert_eq!(refused["errors"][0]["pointer"], "/rankingProtocolId");
    let protocol = recruitment.rank(&json!({ "effectiveOn": "2020-10-08", "places": 1, "reservePlaces": 0 }));
    decide(&first, &json!({ "rankingProtocolId": id(&protocol) })).refused(422, "recruitment.protocol_says_otherwise");
    decide(&third, &json!({ "decision": "rejected", "rejectionReason": "late" })).expect(200);
    decide(&second, &json!({ "rejectionReason": "late" })).refused(422, "recruitment.rejection_reason_without_rejection");
    let overridden = decide(&second, &json!({ "override": { "reason": "Pilna sytuacja rodziny" } })).expect(200);
    assert_eq!(overridden["state"], "selected");
    let history = recruitment.api.get(&format!("/applications/{second}/events")).expect(200);
    let steps = history["items"].as_array().expect("steps");
    assert!(steps.iter().any(|step| step["overrideReason"] == "Pilna sytuacja rodziny"), "{history}");
    let audited = app.api(Role::Auditor).get(&format!("/audit-entries?recordId={second}")).expect(200);
    let reasons = audited["items"].as_array().expect("rows").iter();
    assert!(reasons.into_iter().any(|row| row["overrideReason"] == "Pilna sytuacja rodziny"));
    let other = build::edition(&app, "2020-10-15", "2020-12-14", 1);
    let person = build::person(&app);
    let foreign = json!({ "editionId": other, "personId": person, "receivedOn": "2020-10-01" });
    let foreign = recruitment.api.post("/applications", &foreign).id();
    decide(&foreign, &json!({})).expect(200);
    let unknown = decide(&foreign, &json!({ "rankingProtocolId": id(&protocol) })).refused(422, "platform.reference_not_found");
    assert_eq!(unknown["errors"][0]["pointer"], "/rankingProtocolId");
}

#[test]
fn two_commissions_at_the_same_moment_adopt_once() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 3);
    for born in 1960..1972 {
        recruitment.candidate("male", born, "2020-10-01", &[]);
    }
    let protocols = [(); 4].map(|()| recruitment.rank(&json!({ "effectiveOn": "2020-10-08" })));
    let outcomes: Vec<u16> = std::thread::scope(|scope| {
        let running: Vec<_> =
            protocols.iter().map(|protocol| scope.spawn(|| recruitment.adopt(protocol, "2020-10-09").status)).collect();
        running.into_iter().map(|thread| thread.join().expect("answered")).collect()
    });
    assert_eq!(outcomes.iter().filter(|status| **status == 200).count(), 1, "{outcomes:?}");
    let of_state = |state: &str| {
        let path = format!("/applications?editionId={}&state={state}", recruitment.edition);
        recruitment.api.get(&path).expect(200)["items"].as_array().map(Vec::len)
    };
    assert_eq!((of_state("selected"), of_state("reserve"), of_state("applied")), (Some(3), Some(9), Some(0)));
}

#[test]
fn ranking_and_adopting_many_takes_no_more_statements_than_a_few() {
    count();
    let app = TestApp::start();
    let sent = [3, 30].map(|people| {
        let recruitment = Recruitment::of(&app, 1);
        for number in 0..people {
            recruitment.candidate("male", 1950 + number, "2020-10-01", &[("disability", "true")]);
        }
        let before = counted(&app.service_url);
        let protocol = recruitment.rank(&json!({ "effectiveOn": "2020-10-08" }));
        let ranked = counted(&app.service_url);
        recruitment.adopt(&protocol, "2020-10-09").expect(200);
        (ranked - before, counted(&app.service_url) - ranked)
    });
    println!("statements of a ranking and of its adoption, of 3 and of 30 people: {sent:?}");
    assert_eq!(sent[0], sent[1]);
}
