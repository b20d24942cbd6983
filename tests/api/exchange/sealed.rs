//! What is sealed of messages: names go with the key of their person, and everything follows an exchange of keys.

use std::sync::Arc;

use pai::app::SEALED_FOR_INSTITUTIONS;
use pai::platform::keys::{Purpose, RingEdit};
use pai::platform::live_keys::Safe;
use pai::platform::migrations::connect;
use pai::platform::person_keys::FilePersonKeys;
use pai::platform::resealing::{Pace, PayloadTable, in_batches};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Exchange, act, answer, path, send, subjects};
use crate::duplicates::merge;
use crate::support::{Api, TestApp};

/// The keys of the service, as its operator has them.
fn keys(app: &TestApp) -> (Safe, Arc<FilePersonKeys>) {
    let ring = Arc::new(app.key_ring());
    let people = Arc::new(FilePersonKeys::open(app.data_dir(), Arc::clone(&ring)).expect("the keys of people"));
    (Safe::new(ring, Arc::clone(&people) as Arc<_>), people)
}

/// Destroys the keys of people of the town; answers a service that has not read them.
fn erase(app: &mut TestApp, people: &[Uuid]) -> String {
    let (safe, _) = keys(app);
    for person in people {
        safe.vault.destroy(app.town.id, *person).expect("destroyed");
    }
    app.start_replica()
}

/// Whom a message names: people, and subjects whose data were erased.
fn named(api: &Api, message: &Value) -> (usize, Vec<Value>) {
    let list = api.with("Pai-Purpose", "weryfikacja").get(&format!("{}/subjects", path(&message["id"]))).expect(200);
    let list_of = |name: &str| list[name].as_array().expect("a list").clone();
    (list_of("people").len(), list_of("erasedSubjectIds"))
}

/// A list of the month by the office.
fn office_list(exchange: &Exchange, reference: &str, subject: &Value) -> Value {
    let record = json!({ "subject": subject, "outcome": "refused", "on": "2020-11-12" });
    exchange.body("referredOrRefused", reference, "2020-12-08", &json!({ "month": "2020-11", "records": [record] }))
}

#[test]
fn whom_the_town_named_nobody_is_told_of_after_the_erasure() {
    let mut app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 2);
    let (town, officer) = (&exchange.town, exchange.office.officer());
    let list = send(town, &exchange.eligible_list("DP.1"));
    let [erased, kept] = subjects(&officer.get(&path(&list["id"])).expect(200)).try_into().expect("two subjects");
    // The office names one of them again, as it knows them: by what the town has told.
    let back = send(officer, &office_list(&exchange, "CAZ.1", &json!({ "subjectId": erased })));
    assert_eq!((named(officer, &list), named(officer, &back)), ((2, vec![]), (1, vec![])));

    let again = erase(&mut app, &[exchange.run.people[0]]);
    let (town, officer) = (town.at(&again), officer.at(&again));
    for api in [&town, &officer] {
        assert_eq!((named(api, &list), named(api, &back)), ((1, vec![erased.clone()]), (0, vec![erased.clone()])));
    }
    officer.post("/messages", &office_list(&exchange, "CAZ.2", &json!({ "subjectId": kept }))).expect(201);
    let refused = officer.post("/messages", &office_list(&exchange, "CAZ.3", &json!({ "subjectId": erased })));
    refused.refused(422, "exchange.identity_incomplete");
}

#[test]
fn whom_a_merge_takes_along_is_named_on_and_erased_with_the_survivor() {
    let mut app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 2);
    let (town, officer) = (&exchange.town, exchange.office.officer());
    let list = send(town, &exchange.eligible_list("DP.1"));
    let [merged, _] = subjects(&officer.get(&path(&list["id"])).expect(200)).try_into().expect("two subjects");
    let survivor =
        town.post("/people", &json!({ "sex": "female" })).expect(201)["id"].as_str().expect("an id").parse().expect("an id");
    merge(town, exchange.run.people[0], survivor, &json!({})).expect(200);
    assert_eq!((named(town, &list), named(officer, &list)), ((2, vec![]), (2, vec![])));

    let again = erase(&mut app, &[survivor]);
    assert_eq!(named(&officer.at(&again), &list), (1, vec![merged]));
}

#[test]
fn whom_the_office_named_it_keeps_and_the_town_is_not_told() {
    let mut app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 1);
    let (town, officer) = (&exchange.town, exchange.office.officer());
    exchange.eligible_list("DP.1");
    let identity = json!({
        "givenNames": "Zofia", "surname": "Niewidoczna", "residence": "Próbne",
        "document": { "kind": "passport", "number": "ZZ0000000" },
    });
    let list = send(officer, &office_list(&exchange, "CAZ.1", &json!({ "identity": identity })));
    answer(town, &list["id"], &json!({ "step": { "effectiveOn": "2020-12-09" }, "accepted": true })).expect(200);
    let answered = town.get(&path(&list["id"])).expect(200);
    assert_eq!(answered["records"][0]["personId"], json!(exchange.run.people[0]), "the town found out who it is");
    assert_eq!(named(town, &list), (1, vec![]));

    let again = erase(&mut app, &exchange.run.people);
    assert_eq!(named(&town.at(&again), &list), (0, subjects(&answered)));
    assert_eq!(named(&officer.at(&again), &list), (1, vec![]));
}

#[test]
fn messages_follow_an_exchange_of_keys_and_are_told_from_repetitions_after_it() {
    let mut app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 1);
    let officer = exchange.office.officer();
    let body = exchange.eligible_list("DP.1");
    let list = send(&exchange.town, &body);
    let told = send(officer, &exchange.status_change("CAZ.1", &exchange.introduce()[0], "2020-11-06"));

    let former = [Purpose::Encryption, Purpose::BlindIndex].map(|purpose| (purpose, app.key_ring().list(purpose).current().id()));
    let mut ring = RingEdit::load(app.data_dir()).expect("the ring");
    for (purpose, _) in former {
        ring.prepare(purpose, app.clock.now()).expect("a key");
        ring.activate(purpose, app.clock.now());
    }
    ring.save(app.data_dir()).expect("saved");
    let (safe, people) = keys(&app);
    let mut owner = connect(&app.owner_url).expect("owner");
    let mut under_former =
        || -> Vec<i64> { tables().map(|table| table.count_under(&mut owner, former[0].1).expect("a count")).collect() };
    assert!(under_former().iter().sum::<i64>() >= 5, "two messages with digests, and more");
    let mut conn = connect(&app.owner_url).expect("owner");
    for institution in [app.town.id, exchange.office.id] {
        for table in tables() {
            let batch = |conn: &mut _, after, limit| table.reseal(conn, &safe, institution, after, limit);
            in_batches(&mut conn, institution, Pace { rows_per_second: 10_000 }, batch).expect("sealed again");
        }
    }
    assert_eq!(under_former().iter().sum::<i64>(), 0);
    people.rewrap().expect("wrapped anew");
    for (purpose, key) in former {
        ring.retire(purpose, key);
    }
    ring.save(app.data_dir()).expect("saved");

    let again = app.start_replica();
    let (town, officer) = (exchange.town.at(&again), officer.at(&again));
    assert_eq!(officer.get(&path(&told["id"])).expect(200), told);
    assert_eq!(named(&officer, &list), (1, vec![]));
    assert_eq!(town.post("/messages", &body).expect(201)["id"], list["id"], "the same once more");
    let mut other = body;
    other["purpose"] = json!("w innym celu");
    town.post("/messages", &other).refused(409, "exchange.reference_taken");
}

/// Tables with values under keys of institutions.
fn tables() -> impl Iterator<Item = &'static PayloadTable> {
    SEALED_FOR_INSTITUTIONS.iter().flat_map(|tables| tables.iter())
}

#[test]
fn a_draft_names_people_as_they_are_when_it_is_sent() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 2);
    let (town, officer) = (&exchange.town, exchange.office.officer());
    let draft = town.post("/messages", &exchange.eligible_list("DP.1")).expect(201);
    let purpose = town.with("Pai-Purpose", "eligible list");
    let number = "ZZ7777777";
    let survivor = purpose
        .post(
            "/people",
            &json!({
                "sex": "female",
                "identity": { "givenNames": "Zofia", "surname": "Prawdziwa", "address": "ul. Nowa 2, 00-000 Próbne",
                    "document": { "kind": "passport", "number": number } },
            }),
        )
        .id();
    let into = survivor.parse().expect("an id");
    merge(town, exchange.run.people[0], into, &json!({ "identity": "survivor", "discardOtherIdentity": true })).expect(200);

    let names = |by: &Api| {
        let list = by.with("Pai-Purpose", "weryfikacja").get(&format!("{}/subjects", path(&draft["id"]))).expect(200);
        let people = list["people"].as_array().expect("people").clone();
        people.iter().map(|one| one["identity"]["surname"].as_str().expect("a surname").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(town), ["Prawdziwa", "Niewidoczna"], "a draft names whom it would name");
    act(town, &draft["id"], "dispatch", "2020-11-02").expect(200);
    assert_eq!(names(officer), ["Prawdziwa", "Niewidoczna"]);
    // What was sent stays as it was told.
    let path = format!("/people/{survivor}/identity");
    let etag = purpose.get(&path).header("etag").to_owned();
    let married = json!({ "givenNames": "Zofia", "surname": "Zamężna", "address": "ul. Nowa 2, 00-000 Próbne",
        "document": { "kind": "passport", "number": number } });
    purpose.put(&path, &etag, &married).expect(200);
    assert_eq!(names(officer), ["Prawdziwa", "Niewidoczna"]);
}

#[test]
fn a_draft_that_names_one_person_twice_after_a_merge_is_not_sent() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 2);
    let town = &exchange.town;
    let draft = town.post("/messages", &exchange.eligible_list("DP.1")).expect(201);
    let [one, other] = exchange.run.people[..] else { panic!("two people") };
    let given_up = json!({ "identity": "survivor", "dropApplicationIds": [exchange.run.waiting[0]] });
    let merged = merge(town, one, other, &given_up);
    assert_eq!(merged.status, 200, "{}", merged.text);
    let refused = act(town, &draft["id"], "dispatch", "2020-11-02").refused(409, "exchange.draft_overtaken");
    assert_eq!(refused["position"], 1);
}
