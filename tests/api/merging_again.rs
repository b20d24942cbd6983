//! A merge repeated, a merge and the queue, and what is asked about a duplicate while it goes.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::duplicates::{another_fact, merge};
use crate::support::database::until_so_many_wait;
use crate::support::reserve::Reserve;
use crate::support::{TestApp, build};
use diesel::connection::SimpleConnection as _;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use pai::platform::types::{Sex, fictitious_pesel};
use serde_json::{Value, json};
use uuid::Uuid;

#[test]
fn a_merge_is_repeated_only_as_it_was_asked_for() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 9);
    let [survivor, duplicate] = <[Uuid; 2]>::try_from(build::people(&app, 2)).expect("two");
    let [kept, dropped] = [survivor, duplicate].map(|person| {
        api.post("/applications", &json!({ "editionId": edition, "personId": person, "receivedOn": "2020-10-01" })).id()
    });
    let asked = json!({ "dropApplicationIds": [dropped] });
    let first = merge(&api, duplicate, survivor, &asked).expect(200);
    assert_eq!(merge(&api, duplicate, survivor, &asked).expect(200)["recordedAt"], first["recordedAt"]);
    for (more, pointer) in [
        (json!({ "dropApplicationIds": [kept] }), "/dropApplicationIds"),
        (json!({}), "/dropApplicationIds"),
        (json!({ "dropApplicationIds": [dropped], "identity": "duplicate" }), "/identity"),
        (json!({ "dropApplicationIds": [dropped], "discardOtherIdentity": true }), "/discardOtherIdentity"),
        (json!({ "dropApplicationIds": [dropped], "dropMembershipIds": [kept] }), "/dropMembershipIds"),
        (json!({ "dropApplicationIds": [dropped], "reason": "Inny powód" }), "/reason"),
    ] {
        let refused = merge(&api, duplicate, survivor, &more).refused(409, "people.merged_otherwise");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{more}");
    }
}

#[test]
fn a_merge_leaves_the_past_of_the_queue_as_it_was() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 2, false);
    run.end(0, "2020-11-13").expect(200);
    let offered = run.fill("2020-11-14");
    let offer = offered["offers"][0]["id"].as_str().expect("an offer");
    let refusal = json!({ "effectiveOn": "2020-11-16", "reason": "other" });
    run.api.post(&format!("/offers/{offer}/refusal"), &refusal).expect(200);
    let survivor = run.people[1];
    let days = ["2020-11-10", "2020-11-14", "2020-11-20", "2026-06-14"];
    let before = days.map(|day| run.list(day));
    merge(&run.api, run.people[0], survivor, &json!({ "dropApplicationIds": [run.waiting[0]] })).expect(200);
    let given_up = run.api.get(&format!("/applications/{}", run.waiting[0])).expect(200);
    // The day of the service's clock: up to the merge it waited, was offered a seat and refused.
    assert_eq!((&given_up["state"], &given_up["withdrawnOn"]), (&json!("withdrawn"), &json!("2026-06-15")));
    assert_eq!(days.map(|day| run.list(day)), before);
    let steps = run.api.get(&format!("/applications/{}/events", run.waiting[0])).expect(200);
    let last = steps["items"].as_array().and_then(|steps| steps.last()).expect("a step").clone();
    assert_eq!((&last["kind"], &last["effectiveOn"]), (&json!("withdrawn"), &json!("2026-06-15")));
}

#[test]
fn the_list_of_a_day_is_changed_by_withdrawals_from_their_own_day_on() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 3, false);
    run.end(0, "2020-11-13").expect(200);
    let told = |day: &str| -> Vec<(Value, Value, Value)> {
        let list = run.list(day);
        let candidates = list["candidates"].as_array().expect("a list").clone();
        candidates.iter().map(|one| (one["order"].clone(), one["passed"].clone(), one["since"].clone())).collect()
    };
    let waits = |order: i32| (json!(order), Value::Null, Value::Null);
    let passed = |reason: &str, since: &str| (Value::Null, json!(reason), json!(since));
    run.withdraw_application(&run.waiting[1], "2020-11-18").expect(200);
    for day in ["2020-11-12", "2020-11-16", "2020-11-17"] {
        assert_eq!(told(day), [waits(1), waits(2), waits(3)], "{day}");
    }
    assert_eq!(told("2020-11-18"), [waits(1), passed("withdrawn", "2020-11-18"), waits(2)]);
    // An offer that a withdrawal takes back was there until then, and goes to nobody who has left by now.
    run.fill("2020-11-16");
    run.withdraw_application(&run.waiting[0], "2020-11-17").expect(200);
    assert_eq!(told("2020-11-16")[0], passed("hasOffer", "2020-11-16"));
    assert_eq!(told("2020-11-17")[0], passed("withdrawn", "2020-11-17"));
    let open: Vec<Value> = run.open().iter().map(|offer| offer["applicationId"].clone()).collect();
    assert_eq!(open, [json!(run.waiting[2])]);
}

#[test]
fn a_duplicate_that_goes_is_gone_and_never_unknown() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    for round in 0..4_u16 {
        let pesel = fictitious_pesel("1984-02-29".parse().expect("a day"), Sex::Female, 300 + round);
        let identity = json!({ "givenNames": "Anna", "surname": "Wzorcowa", "pesel": pesel.expose() });
        let duplicate: Uuid = api.post("/people", &json!({ "sex": "female", "identity": identity })).id().parse().expect("an id");
        let survivor = build::person(&app);
        let done = AtomicBool::new(false);
        let until_done = |call: &dyn Fn() -> u16| {
            let mut statuses = Vec::new();
            while !done.load(Ordering::SeqCst) || statuses.last() != Some(&410) {
                statuses.push(call());
                assert!(statuses.len() < 5000, "{:?}", statuses.last());
            }
            statuses
        };
        let reading = api.with("Pai-Purpose", "data quality");
        let statuses: Vec<Vec<u16>> = std::thread::scope(|scope| {
            let facts = scope.spawn(|| {
                let number = AtomicUsize::new(0);
                until_done(&|| another_fact(&api, duplicate, "primary", number.fetch_add(1, Ordering::SeqCst)).status)
            });
            let reads = scope.spawn(|| until_done(&|| reading.get(&format!("/people/{duplicate}/identity")).status));
            let ledgers =
                scope.spawn(|| until_done(&|| api.get(&format!("/psu-ledger?personId={duplicate}&week=2020-W46")).status));
            std::thread::sleep(std::time::Duration::from_millis(50));
            let merged = (0..50).map(|_| merge(&api, duplicate, survivor, &json!({}))).find(|answer| answer.status != 503);
            done.store(true, Ordering::SeqCst);
            merged.expect("a merge in time").expect(200);
            [facts, reads, ledgers].into_iter().map(|thread| thread.join().expect("answered")).collect()
        });
        for answered in statuses {
            assert!(answered.iter().all(|status| [200, 201, 410, 503].contains(status)), "{answered:?}");
        }
    }
}

#[test]
fn an_offer_is_taken_up_beside_the_merge_of_its_candidate() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 1, false);
    run.end(0, "2020-11-13").expect(200);
    let offer = run.fill("2020-11-14")["offers"][0].clone();
    let survivor = build::person(&app);
    let [mut gate, mut watch] = [(); 2].map(|()| connect(&app.superuser_url).expect("superuser connection"));
    // The merge gets the lock of the edition before the admission does.
    let edition = format!("BEGIN; SELECT FROM editions WHERE id = '{}' FOR NO KEY UPDATE", run.edition);
    gate.batch_execute(&edition).expect("a gate");
    let (merged, admitted) = std::thread::scope(|scope| {
        let merging = scope.spawn(|| merge(&run.api, run.people[0], survivor, &json!({})));
        until_so_many_wait(&mut watch, 1);
        let admitting = scope.spawn(|| run.admit(&json!({ "offerId": offer["id"], "acceptedOn": "2020-11-14" }), "2020-11-16"));
        until_so_many_wait(&mut watch, 2);
        gate.batch_execute("COMMIT").expect("the gate opens");
        (merging.join().expect("an answer"), admitting.join().expect("an answer"))
    });
    merged.expect(200);
    assert_eq!(admitted.expect(201)["personId"], json!(survivor));
}

#[test]
fn a_merge_says_that_an_application_with_an_offer_cannot_be_given_up() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 2, false);
    run.end(0, "2020-11-13").expect(200);
    let offer = run.fill("2020-11-14")["offers"][0].clone();
    let dropping = json!({ "dropApplicationIds": [run.waiting[0]] });
    let refused = merge(&run.api, run.people[0], run.people[1], &dropping).refused(422, "people.merge_drop");
    assert_eq!(refused["offerIds"], json!([offer["id"]]));
    assert_eq!(refused["errors"][0]["pointer"], "/dropApplicationIds/0");
    assert!(refused["errors"][0].to_string().contains("najpierw zapisz odmowę albo ją cofnij"), "{refused}");
    run.refuse(&offer, "2020-11-15").expect(200);
    // The next offer is that of the other application, which stays.
    merge(&run.api, run.people[0], run.people[1], &dropping).expect(200);
}
