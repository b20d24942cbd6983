//! What each side sees: a labour office its own messages over all its towns, a stranger nothing.

use pai::platform::policy::Role;
use serde_json::{Value, json};

use super::{Exchange, Office, act, answer, items, path};
use crate::support::{Answer, Api, TestApp};

/// Every way to an exchange and its messages.
fn all_of(exchange: &Exchange, message: &Value) -> Vec<String> {
    let message = path(message);
    let link = format!("/exchange-links/{}", exchange.link);
    vec![message.clone(), format!("{message}/steps"), format!("{message}/subjects"), link]
}

fn is_absent(answer: &Answer) {
    answer.refused(404, "platform.not_found");
}

#[test]
fn a_stranger_sees_nothing_and_can_do_nothing() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    exchange.introduce();
    let told = items(&exchange.town, "/messages").remove(0);
    let stranger = Office::of(&app, "PUP Obcy");
    let other = app.other_api(Role::Coordinator);
    // An officer's client of the town itself is no labour office.
    let of_town = app.api(Role::PupOfficer);
    for api in [stranger.officer(), stranger.api(Role::Coordinator), &other, &of_town] {
        let api = api.with("Pai-Purpose", "curiosity");
        for way in all_of(&exchange, &told["id"]) {
            is_absent(&api.get(&way));
        }
        for list in ["/messages", "/exchange-links", "/shared-editions"] {
            assert!(items(&api, list).is_empty(), "{list}");
        }
        assert_eq!(api.get("/exchange-deadlines").expect(200)["deadlines"], json!([]));
        let step = json!({ "effectiveOn": "2020-11-03" });
        let api = api.with("If-Match", "\"2\"");
        is_absent(&api.post(&format!("{}/receipt", path(&told["id"])), &step));
        is_absent(&api.post(&format!("{}/answer", path(&told["id"])), &json!({ "step": step, "accepted": true })));
        let body = exchange.body("statusChange", "X.1", "2020-11-06", &json!({ "records": [] }));
        assert_eq!(api.post("/messages", &body).refused(422, "platform.reference_not_found")["errors"][0]["pointer"], "/linkId");
    }
    assert_eq!(exchange.town.get(&path(&told["id"])).expect(200)["state"], "sent");
}

#[test]
fn a_draft_is_its_senders_alone() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let subject = &exchange.introduce()[0];
    let officer = exchange.office.officer();
    let draft = officer.post("/messages", &exchange.status_change("CAZ.1", subject, "2020-11-06")).expect(201);
    is_absent(&exchange.town.get(&path(&draft["id"])));
    is_absent(&exchange.town.get(&format!("{}/steps", path(&draft["id"]))));
    assert_eq!(items(&exchange.town, "/messages?box=incoming"), Vec::<Value>::new());
    assert_eq!(
        exchange
            .town
            .get("/exchange-deadlines?effectiveOn=2020-11-09")
            .text
            .matches(draft["id"].as_str().expect("an id"))
            .count(),
        0
    );
    act(officer, &draft["id"], "dispatch", "2020-11-06").expect(200);
    assert_eq!(items(&exchange.town, "/messages?box=incoming").len(), 1);
}

#[test]
fn an_office_works_with_two_towns_that_see_nothing_of_each_other() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    exchange.introduce();
    let officer = exchange.office.officer();
    // The other town opens an exchange with the same office.
    let other: Api = app.other_api(Role::Coordinator);
    let agreement = json!({
        "kind": "cooperation", "signedOn": "2020-07-22", "regimeId": pai::platform::examples::REGIME, "institutionId": exchange.office.id,
    });
    let agreement = other.post("/agreements", &agreement).id();
    let link = json!({ "officeId": exchange.office.id, "agreementId": agreement, "validFrom": "2020-07-22" });
    let link = other.post("/exchange-links", &link).id();
    let plan = json!({
        "year": 2021, "eligiblePeople": 12,
        "needs": [{ "kindOfWork": "porządkowe", "place": "park", "hostName": "Zieleń", "forCarers": false, "positions": 4, "hours": "1600.00" }],
    });
    let plan = json!({
        "linkId": link, "kind": "psuPlan", "senderReference": "DP.1.2020", "purpose": "plan potrzeb", "effectiveOn": "2021-01-20", "payload": plan,
    });
    // The same reference as the first town's message: references are each sender's own.
    let plan = other.post("/messages", &plan).expect(201);
    act(&other, &plan["id"], "dispatch", "2021-01-20").expect(200);

    let seen = items(officer, "/messages?box=incoming");
    assert_eq!(seen.len(), 2);
    assert_ne!(seen[0]["townId"], seen[1]["townId"]);
    assert_eq!(items(officer, "/exchange-links").len(), 2);
    assert_eq!(items(&other, "/messages").len(), 1);
    assert_eq!(items(&exchange.town, "/messages").len(), 1);
    is_absent(&exchange.town.get(&path(&plan["id"])));
    let accepted =
        answer(officer, &plan["id"], &json!({ "step": { "effectiveOn": "2021-01-21" }, "accepted": true })).expect(200);
    assert_eq!((&accepted["state"], &accepted["proposals"]), (&json!("accepted"), &json!([])));
    // A message of one exchange is none of the other's.
    let first = items(officer, &format!("/messages?linkId={}", exchange.link)).remove(0);
    let mut reply = exchange.body(
        "statusChange",
        "CAZ.1",
        "2021-01-22",
        &json!({ "records": [
        { "subject": { "subjectId": crate::support::NOBODY }, "change": "moved", "since": "2021-01-22" }
    ] }),
    );
    reply["linkId"] = json!(link);
    reply["correlationId"] = first["id"].clone();
    assert_eq!(
        officer.post("/messages", &reply).refused(422, "platform.reference_not_found")["errors"][0]["pointer"],
        "/correlationId"
    );
    let subject = officer.get(&path(&first["id"])).expect(200)["records"][0]["subjectId"].clone();
    reply["correlationId"] = Value::Null;
    reply["payload"]["records"][0]["subject"]["subjectId"] = subject;
    let refused = officer.post("/messages", &reply).refused(422, "platform.reference_not_found");
    assert_eq!(refused["errors"][0]["pointer"], "/payload/records/0/subject/subjectId");
}
