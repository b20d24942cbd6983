//! Many senders at once: no message is lost and none is there twice.

use std::collections::HashSet;

use serde_json::Value;

use super::{Exchange, act, items, path};
use crate::support::TestApp;

const THREADS: usize = 6;
const EACH: usize = 5;

#[test]
fn messages_sent_by_many_at_once_are_each_there_once() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 2, 0);
    let subjects = exchange.introduce();
    let officer = exchange.office.officer();
    let ids: Vec<Vec<String>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (exchange, subjects) = (&exchange, &subjects);
                scope.spawn(move || {
                    // Everybody sends the same messages, in different orders.
                    let order = (0..EACH).map(|step| (step * 2 + thread) % EACH);
                    order
                        .map(|number| {
                            let body = exchange.status_change(&format!("CAZ.{number}"), &subjects[number % 2], "2020-11-06");
                            let written = officer.post_patiently(&format!("k-{thread}-{number}"), "/messages", &body).id();
                            let sent = act(officer, &Value::from(written.clone()), "dispatch", "2020-11-06").status;
                            assert!([200, 409, 412, 503].contains(&sent), "{sent}");
                            written
                        })
                        .collect()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("a sender")).collect()
    });
    let distinct: HashSet<&String> = ids.iter().flatten().collect();
    assert_eq!(distinct.len(), EACH, "each reference is one message");
    for id in distinct {
        let id = Value::from(id.as_str());
        // A machine too busy to send has left a draft.
        if officer.get(&path(&id)).expect(200)["state"] == "draft" {
            act(officer, &id, "dispatch", "2020-11-06").expect(200);
        }
        let sent = items(officer, &format!("{}/steps", path(&id)));
        assert_eq!(sent.len(), 1, "sent once");
    }
    assert_eq!(items(&exchange.town, "/messages?box=incoming&limit=200").len(), EACH);
}

#[test]
fn somebody_of_whom_many_messages_tell_at_once_is_one_subject() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let subjects: HashSet<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let exchange = &exchange;
                scope.spawn(move || {
                    let record = serde_json::json!({
                        "subject": { "personId": exchange.people[0] }, "startsOn": "2020-11-02", "plannedEndOn": "2020-12-31",
                    });
                    let payload = serde_json::json!({ "editionId": exchange.run.edition, "records": [record] });
                    let body = exchange.body("participationStart", &format!("DP.{thread}"), "2020-11-02", &payload);
                    let written = exchange.town.post_patiently(&format!("k-{thread}"), "/messages", &body).expect(201);
                    written["records"][0]["subjectId"].as_str().expect("an id").to_owned()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("a sender")).collect()
    });
    assert_eq!(subjects.len(), 1);
}
