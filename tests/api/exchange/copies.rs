//! What the law tells to the labour office and to the centre reaches both, each by a copy in an exchange of its own.

use pai::platform::policy::Role;
use serde_json::{Value, json};

use super::left_out::correcting;
use super::{Exchange, Office, act, items, path, send, subjects};
use crate::support::{TestApp, build};

/// The centre of the town, as an institution of its own, with an exchange under the same agreement.
fn centre_of(app: &TestApp, exchange: &Exchange) -> (Office, String) {
    let centre = Office::registered(app, "MOPS Próbny", "municipalCentre");
    let agreement = exchange.town.get(&format!("/editions/{}", exchange.run.edition)).expect(200)["agreementId"].clone();
    let body = json!({ "officeId": centre.id, "agreementId": agreement, "validFrom": "2020-07-22" });
    exchange.town.post("/exchange-links", &body).refused(422, "exchange.not_a_labour_office");
    build::enter(app, &format!("UPDATE institutions SET parent_id = '{}' WHERE id = '{}'", app.town.id, centre.id));
    let link = exchange.town.post("/exchange-links", &body).id();
    (centre, link)
}

fn share(exchange: &Exchange, link: &str) {
    let body = json!({ "editionId": exchange.run.edition });
    exchange.town.post(&format!("/exchange-links/{link}/shared-editions"), &body).expect(201);
}

#[test]
fn an_incident_is_told_to_both_in_one_act() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let (centre, link) = centre_of(&app, &exchange);
    let desk = centre.api(Role::Coordinator);
    exchange.incident(0, "2020-11-10");
    // The centre answers, and tells nothing that an office knows.
    let mut told = exchange.body("statusChange", "X.1", "2020-11-06", &json!({ "records": [] }));
    told["linkId"] = json!(link);
    desk.post("/messages", &told).refused(422, "exchange.wrong_direction");
    // An edition that is not shown to the centre is not told to it.
    send(&exchange.town, &exchange.told_incident("DP.1", &[0], "2020-11-10"));
    assert_eq!(items(desk, "/messages"), Vec::<Value>::new());
    assert_eq!(exchange.duty(0, "welfareCentre")["dischargedOn"], json!(null));

    share(&exchange, &link);
    exchange.incident(0, "2020-11-16");
    let told = send(&exchange.town, &exchange.told_incident("DP.2", &[0], "2020-11-16"));
    let [copy] = items(desk, "/messages").try_into().expect("one message");
    assert_eq!((&copy["kind"], &copy["senderReference"], &copy["state"]), (&json!("incident"), &json!("DP.2"), &json!("sent")));
    // The centre is told no id that it cannot open.
    assert_eq!((&copy["correlationId"], &copy["copyOfId"]), (&copy["id"], &json!(null)));
    let detail = desk.get(&path(&copy["id"])).expect(200);
    assert!(!detail.to_string().contains(told["id"].as_str().expect("an id")), "{detail}");
    let own = items(&exchange.town, &format!("/messages?linkId={link}"));
    assert_eq!((&own[0]["copyOfId"], &own[0]["id"]), (&told["id"], &copy["id"]));
    // Each receiver knows the person by a name of its own.
    let office = exchange.office.officer();
    let known = subjects(&office.get(&path(&told["id"])).expect(200));
    assert_eq!(known.len(), 1);
    assert_ne!(known, subjects(&desk.get(&path(&copy["id"])).expect(200)));
    office.get(&path(&copy["id"])).refused(404, "platform.not_found");
    desk.get(&path(&told["id"])).refused(404, "platform.not_found");
    let duties = items(&exchange.town, &format!("/information-duties?editionId={}", exchange.run.edition));
    let of_the_16th: Vec<&Value> = duties.iter().filter(|duty| duty["occurredOn"] == "2020-11-16").collect();
    let by =
        |recipient: &str| of_the_16th.iter().find(|duty| duty["recipient"] == recipient).expect("a duty")["messageId"].clone();
    assert_eq!((of_the_16th.len(), by("starost"), by("welfareCentre")), (2, told["id"].clone(), copy["id"].clone()));
    // Sent once, it is copied once.
    act(&exchange.town, &told["id"], "dispatch", "2020-11-16").refused(409, "exchange.step_not_allowed");
    assert_eq!(items(desk, "/messages").len(), 1);
}

#[test]
fn the_plan_of_needs_reaches_both_and_a_correction_follows_its_copy() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let (centre, _) = centre_of(&app, &exchange);
    let desk = centre.api(Role::Coordinator);
    let need = |hours: &str| {
        json!({
            "year": 2021, "eligiblePeople": 12,
            "needs": [{ "kindOfWork": "porządkowe", "place": "park", "hostName": "Zieleń", "forCarers": false, "positions": 4, "hours": hours }],
        })
    };
    let plan = send(&exchange.town, &exchange.body("psuPlan", "DP.1", "2021-01-20", &need("1600.00")));
    let mut correction = exchange.body("psuPlan", "DP.1/1", "2021-01-22", &need("1500.00"));
    correction["correctsId"] = plan["id"].clone();
    correction["correctionReason"] = json!("Pomyłka w godzinach");
    send(&exchange.town, &correction);
    let copies = items(desk, "/messages");
    assert_eq!(copies.len(), 2);
    let corrected = copies.iter().find(|copy| copy["senderReference"] == "DP.1").expect("the first");
    let correcting = copies.iter().find(|copy| copy["senderReference"] == "DP.1/1").expect("the correction");
    assert_eq!(correcting["correctsId"], corrected["id"]);
    assert_eq!(desk.get(&path(&correcting["id"])).expect(200)["payload"]["needs"][0]["hours"], "1500.00");
}

#[test]
fn a_copy_is_corrected_by_correcting_its_original() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let (centre, link) = centre_of(&app, &exchange);
    share(&exchange, &link);
    let desk = centre.api(Role::Coordinator);
    let (town, officer) = (&exchange.town, exchange.office.officer());
    let told = send(town, &exchange.told_incident("DP.1", &[0, 1], "2020-11-10"));
    let [copy] = items(desk, "/messages").try_into().expect("one message");
    let mut of_copy = correcting(exchange.told_incident("DP.1/C", &[0], "2020-11-10"), &copy);
    of_copy["linkId"] = json!(link);
    let refused = town.post("/messages", &of_copy).refused(422, "exchange.copy_not_correctable");
    assert_eq!((&refused["errors"][0]["pointer"], &refused["originalId"]), (&json!("/correctsId"), &told["id"]));

    let first = send(town, &correcting(exchange.told_incident("DP.1/1", &[0], "2020-11-10"), &told));
    let second = send(town, &correcting(exchange.told_incident("DP.1/2", &[1], "2020-11-10"), &first));
    for (reader, links) in [(officer, &exchange.link), (desk, &link)] {
        let chain = items(reader, &format!("/messages?linkId={links}"));
        let by = |reference: &str| chain.iter().find(|one| one["senderReference"] == reference).expect("a message").clone();
        let (original, one, two) = (by("DP.1"), by("DP.1/1"), by("DP.1/2"));
        assert_eq!((&one["correctsId"], &two["correctsId"]), (&original["id"], &one["id"]));
        for message in [&original, &one, &two] {
            assert_eq!(message["correlationId"], original["id"]);
            for name in ["id", "correctsId", "correlationId", "copyOfId"] {
                if !message[name].is_null() {
                    reader.get(&path(&message[name])).expect(200);
                }
            }
        }
    }
    assert_eq!(second["correlationId"], told["id"]);
}

#[test]
fn of_two_drafts_of_a_correction_the_one_that_is_sent_first_counts() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let (centre, link) = centre_of(&app, &exchange);
    share(&exchange, &link);
    let town = &exchange.town;
    let told = send(town, &exchange.told_incident("DP.1", &[0, 1], "2020-11-10"));
    let forgotten = town.post("/messages", &correcting(exchange.told_incident("DP.1/1", &[0], "2020-11-10"), &told)).expect(201);
    let sent = send(town, &correcting(exchange.told_incident("DP.1/2", &[1], "2020-11-10"), &told));
    act(town, &forgotten["id"], "dispatch", "2020-11-12").refused(409, "exchange.already_corrected");
    act(town, &forgotten["id"], "cancellation", "2020-11-12").expect(200);
    assert_eq!(town.get(&path(&told["id"])).expect(200)["correctedById"], sent["id"]);
    assert_eq!(items(centre.api(Role::Coordinator), "/messages").len(), 2);
    let late = correcting(exchange.told_incident("DP.1/3", &[0], "2020-11-10"), &told);
    town.post("/messages", &late).refused(409, "exchange.already_corrected");
}

/// Ends an exchange.
pub fn end(exchange: &Exchange, link: &str, on: &str) {
    let path = format!("/exchange-links/{link}");
    let etag = exchange.town.get(&path).header("etag").to_owned();
    exchange.town.put(&path, &etag, &json!({ "validFrom": "2020-07-22", "validTo": on })).expect(200);
}

#[test]
fn an_exchange_that_has_ended_takes_no_news_but_corrections() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let officer = exchange.office.officer();
    let subject = &exchange.introduce()[0];
    end(&exchange, &exchange.link, "2020-11-20");
    let first = officer.post("/messages", &exchange.status_change("CAZ.1", subject, "2020-11-19")).expect(201);
    // What it tells of lies before the end; the town would have it after.
    let refused = act(officer, &first["id"], "dispatch", "2020-11-23").refused(422, "exchange.not_in_force");
    assert_eq!((&refused["errors"][0]["pointer"], &refused["validTo"]), (&json!("/effectiveOn"), &json!("2020-11-20")));
    act(officer, &first["id"], "dispatch", "2020-11-20").expect(200);
    officer.post("/messages", &exchange.status_change("CAZ.2", subject, "2020-11-23")).refused(422, "exchange.not_in_force");
    let mut correction = correcting(exchange.status_change("CAZ.1/1", subject, "2020-11-18"), &first);
    correction["effectiveOn"] = json!("2020-11-23");
    let correction = send(officer, &correction);
    let [open] = exchange.accept(&correction, "2020-11-24").try_into().expect("one proposal");
    assert_eq!(open["effectiveOn"], "2020-11-18");
}

#[test]
fn a_correction_reaches_the_centre_though_its_exchange_has_ended() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let (centre, link) = centre_of(&app, &exchange);
    share(&exchange, &link);
    let (town, desk) = (&exchange.town, centre.api(Role::Coordinator));
    exchange.incident(0, "2020-11-10");
    exchange.incident(1, "2020-11-10");
    let told = send(town, &exchange.told_incident("DP.1", &[0], "2020-11-10"));
    let [copy] = items(desk, "/messages").try_into().expect("one message");
    end(&exchange, &link, "2020-11-12");
    let mut correction = correcting(exchange.told_incident("DP.1/1", &[1], "2020-11-10"), &told);
    correction["effectiveOn"] = json!("2020-11-16");
    let correction = send(town, &correction);
    let copies = items(desk, "/messages");
    let corrected = copies.iter().find(|one| one["senderReference"] == "DP.1/1").expect("the correction");
    assert_eq!((copies.len(), &corrected["correctsId"], &corrected["sentOn"]), (2, &copy["id"], &json!("2020-11-16")));
    assert_eq!(exchange.duty(0, "welfareCentre")["dischargedOn"], json!(null));
    assert_eq!(exchange.duty(1, "welfareCentre")["messageId"], corrected["id"]);
    // So does the next one; what is no correction does not.
    let mut next = correcting(exchange.told_incident("DP.1/2", &[0, 1], "2020-11-10"), &correction);
    next["effectiveOn"] = json!("2020-11-16");
    send(town, &next);
    assert_eq!(items(desk, "/messages").len(), 3);
    send(town, &exchange.told_incident("DP.2", &[0], "2020-11-11"));
    let late = town.post("/messages", &exchange.told_incident("DP.3", &[1], "2020-11-11")).expect(201);
    act(town, &late["id"], "dispatch", "2020-11-13").expect(200);
    let references: Vec<Value> = items(desk, "/messages").iter().map(|one| one["senderReference"].clone()).collect();
    assert_eq!(references, [json!("DP.1"), json!("DP.1/1"), json!("DP.1/2"), json!("DP.2")]);
}

#[test]
fn a_correction_is_not_sent_before_what_it_corrects() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let town = &exchange.town;
    let first = town.post("/messages", &exchange.told_incident("DP.1", &[0], "2020-11-10")).expect(201);
    act(town, &first["id"], "dispatch", "2020-11-20").expect(200);
    let correction =
        town.post("/messages", &correcting(exchange.told_incident("DP.1/1", &[0], "2020-11-10"), &first)).expect(201);
    let refused = act(town, &correction["id"], "dispatch", "2020-11-19").refused(422, "exchange.period_inverted");
    assert_eq!(refused["errors"][0]["pointer"], "/effectiveOn");
    act(town, &correction["id"], "dispatch", "2020-11-20").expect(200);
}
