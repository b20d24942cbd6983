//! Merging beside writers: whatever is written about the duplicate meanwhile is there afterwards, or was refused.

use crate::duplicates::{Twice, another_fact, entry, fact, items, merge, sheet, template, twice};
use crate::support::scene::{Scene, TEN_A_WEEK};
use crate::support::{Answer, TestApp, build};
use pai::platform::policy::Role;
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

/// Calls until the merge is done and a few times more, so that the refusals are seen too.
fn call_until(done: &AtomicBool, call: impl Fn(usize) -> Answer) -> Vec<u16> {
    let mut statuses = Vec::new();
    let mut after = 0;
    for number in 0..400 {
        after += usize::from(done.load(Ordering::SeqCst));
        statuses.push(call(number).status);
        if after > 3 {
            break;
        }
    }
    statuses
}

fn written(statuses: &[u16]) -> i64 {
    i64::try_from(statuses.iter().filter(|status| **status == 201).count()).expect("few")
}

#[test]
fn whatever_is_written_meanwhile_is_moved_along_or_refused() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let template = template(&api);
    let days: Vec<String> = (2..30).map(|day| format!("2020-11-{day:02}")).collect();
    for round in 0..4 {
        let Twice { duplicate, survivor } = twice(&mut scene);
        let participation = scene.participation(edition, duplicate);
        let done = AtomicBool::new(false);
        let (facts, entries, sheets) = std::thread::scope(|scope| {
            let facts = scope.spawn(|| call_until(&done, |number| another_fact(&api, duplicate, "primary", number)));
            let entries =
                scope.spawn(|| call_until(&done, |number| entry(&api, participation, &days[number % days.len()], "0.25")));
            let sheets = scope.spawn(|| call_until(&done, |_| sheet(&api, participation, &template)));
            std::thread::sleep(std::time::Duration::from_millis(60 + 30 * round));
            let merging = (0..50).map(|_| merge(&api, duplicate, survivor, &json!({}))).find(|answer| answer.status != 503);
            done.store(true, Ordering::SeqCst);
            merging.expect("a merge in time").expect(200);
            (facts.join().expect("facts"), entries.join().expect("entries"), sheets.join().expect("sheets"))
        });
        for (what, statuses, allowed) in [
            ("facts", &facts, [201, 410, 404, 503]),
            ("entries", &entries, [201, 422, 503, 503]),
            ("sheets", &sheets, [201, 409, 503, 503]),
        ] {
            assert!(statuses.iter().all(|status| allowed.contains(status)), "{what}: {statuses:?}");
            assert!(written(statuses) > 0, "{what}: {statuses:?}");
        }
        assert!(facts.contains(&410), "{facts:?}");
        assert_eq!(scene.number(&format!("SELECT count(*) FROM person_facts WHERE person_id = '{survivor}'")), written(&facts));
        assert_eq!(scene.number(&format!("SELECT count(*) FROM psu_entries WHERE person_id = '{survivor}'")), written(&entries));
        assert_eq!(
            scene.number(&format!("SELECT count(*) FROM sheets WHERE participation_id = '{participation}'")),
            written(&sheets)
        );
        let minutes = format!("SELECT coalesce(sum(used_minutes), 0) FROM psu_weeks WHERE person_id = '{survivor}'");
        assert_eq!(scene.number(&minutes), written(&entries) * 15, "the ledger holds every quarter of an hour once");
        let keys = format!(
            "SELECT count(DISTINCT substring(remarks FROM 2 FOR 4)) FROM sheets WHERE participation_id = '{participation}'"
        );
        assert_eq!(scene.number(&keys), 1, "every remark is sealed for the survivor");
    }
}

#[test]
fn two_merges_into_each_other_are_one() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    for _ in 0..4 {
        let [one, other] = <[Uuid; 2]>::try_from(build::people(&app, 2)).expect("two");
        fact(&api, one, "none").expect(201);
        fact(&api, other, "tertiary").expect(201);
        let mut statuses: Vec<u16> = std::thread::scope(|scope| {
            let calls = [(one, other), (other, one)].map(|(from, to)| {
                let api = &api;
                scope.spawn(move || merge(api, from, to, &json!({})).status)
            });
            calls.into_iter().map(|call| call.join().expect("a thread")).collect()
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 410]);
        let left =
            [one, other].into_iter().find(|person| api.get(&format!("/people/{person}")).status == 200).expect("one is left");
        assert_eq!(items(&api, &format!("/people/{left}/facts")).len(), 2);
    }
}

/// Tries again while the service asks to come later; whom a refusal says that somebody was merged into, if it does.
fn patiently(call: impl Fn() -> Answer) -> Result<(), Uuid> {
    let answer = (0..50).map(|_| call()).find(|answer| answer.status != 503).expect("an answer in time");
    if answer.status == 200 {
        return Ok(());
    }
    let gone = answer.refused(410, "people.merged");
    Err(gone["mergedInto"].as_str().expect("an id").parse().expect("an id"))
}

#[test]
fn a_chain_of_merges_at_once_ends_with_one_person_who_has_everything() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let mut scene = Scene::of(&app);
    let edition = scene.edition(TEN_A_WEEK);
    let days: Vec<String> = (2..30).map(|day| format!("2020-11-{day:02}")).collect();
    for round in 0..4 {
        let [first, second, third] = [scene.person(), scene.person(), scene.person()];
        let participation = scene.participation(edition, first);
        let about = [first, second, third];
        let done = AtomicBool::new(false);
        let (facts, entries, searches) = std::thread::scope(|scope| {
            let facts = [(first, "primary"), (second, "none"), (third, "tertiary")].map(|(person, value)| {
                scope.spawn({
                    let (api, done) = (&api, &done);
                    move || call_until(done, |number| another_fact(api, person, value, number))
                })
            });
            let entries =
                scope.spawn(|| call_until(&done, |number| entry(&api, participation, &days[number % days.len()], "0.25")));
            let searches = scope.spawn(|| {
                let stated = api.with("Pai-Purpose", "data quality");
                call_until(&done, |number| stated.post("/people/duplicate-searches", &json!({ "personId": about[number % 3] })))
            });
            std::thread::sleep(std::time::Duration::from_millis(40 + 30 * round));
            let calls = [(first, second), (second, third)].map(|(from, to)| {
                let api = &api;
                scope.spawn(move || (from, patiently(|| merge(api, from, to, &json!({})))))
            });
            let mut left = Vec::new();
            for call in calls {
                let (from, merged) = call.join().expect("a merge");
                // Whom the first was to be merged into was gone already: the refusal says who took that place.
                left.extend(merged.err().map(|into| (from, into)));
            }
            for (from, into) in left {
                assert_eq!(into, third, "the one who is left");
                patiently(|| merge(&api, from, into, &json!({}))).expect("nobody else merges");
            }
            done.store(true, Ordering::SeqCst);
            let facts = facts.map(|thread| thread.join().expect("facts"));
            (facts, entries.join().expect("entries"), searches.join().expect("searches"))
        });
        for statuses in &facts {
            assert!(statuses.iter().all(|status| [201, 410, 404, 503].contains(status)), "facts: {statuses:?}");
        }
        assert!(entries.iter().all(|status| [201, 422, 503].contains(status)), "entries: {entries:?}");
        assert!(searches.iter().all(|status| [200, 410, 429, 503].contains(status)), "searches: {searches:?}");
        for gone in [first, second] {
            assert_eq!(api.get(&format!("/people/{gone}")).refused(410, "people.merged")["mergedInto"], json!(third));
        }
        let of_third = |table: &str| format!("SELECT count(*) FROM {table} WHERE person_id = '{third}'");
        assert_eq!(scene.number(&of_third("person_facts")), facts.iter().map(|statuses| written(statuses)).sum::<i64>());
        assert_eq!(scene.number(&of_third("psu_entries")), written(&entries));
        let minutes = format!("SELECT coalesce(sum(used_minutes), 0) FROM psu_weeks WHERE person_id = '{third}'");
        assert_eq!(scene.number(&minutes), written(&entries) * 15, "the ledger holds every quarter of an hour once");
        assert_eq!(items(&api, &format!("/people/{third}/merges")).len(), 2);
    }
}
