//! Many at once on the seats of one edition: none is promised or taken twice, and none stays empty while somebody waits.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::database::names;
use crate::support::dice::Dice;
use crate::support::reserve::Reserve;
use crate::support::{TestApp, build};
use pai::platform::migrations::connect;
use serde_json::{Value, json};

const THREADS: usize = 8;
const STEPS: usize = 30;
const PLACES: usize = 4;
const WAITING: usize = 24;
/// Statuses of an act that came, of one that came too late, and of one that is told to come back.
const EXPECTED: &[u16] = &[200, 201, 409, 412, 422, 503];

/// On which day more is taken and promised than the plan has; the plan only grows, from the first day on.
const OVER_PLAN: &str = "SELECT ARRAY[d::date::text, taken::text, places::text] AS row FROM
    generate_series('2020-11-02'::date, '2020-12-31'::date, '1 day') d,
    LATERAL (SELECT places FROM plan_revisions ORDER BY number DESC LIMIT 1) plan,
    LATERAL (SELECT (SELECT count(*) FROM participations WHERE d BETWEEN starts_on AND coalesce(ended_on, planned_end_on))
                  + (SELECT count(*) FROM offers WHERE d >= seat_from_on AND (state = 'open' OR (state = 'accepted' AND participation_id IS NULL)))
                 AS taken) held
    WHERE taken > places";
const TWO_OFFERS: &str = "SELECT ARRAY[application_id::text] AS row FROM offers
    WHERE state = 'open' OR (state = 'accepted' AND participation_id IS NULL) GROUP BY application_id HAVING count(*) > 1";

/// One act of a thread; answers its status.
fn step(run: &Reserve, dice: &mut Dice) -> u16 {
    let day = format!("2020-11-{:02}", 3 + dice.below(16));
    // On a crowded machine a list, too, may be told to come back: then there is nothing to act on.
    let items = |path: &str| -> Vec<Value> {
        let answer: Value = serde_json::from_str(&run.api.get(path).text).unwrap_or_default();
        answer["items"].as_array().cloned().unwrap_or_default()
    };
    let is_live =
        |offer: &Value| offer["state"] == "open" || (offer["state"] == "accepted" && offer["participationId"].is_null());
    let mut live = items(&format!("/editions/{}/offers?limit=200", run.edition));
    live.retain(is_live);
    let running = || items(&format!("/participations?editionId={}&state=active&limit=200", run.edition));
    match (dice.below(9), dice.any_of(&live)) {
        (0 | 1, _) => match dice.any_of(&running()) {
            Some(one) => {
                let path = format!("/participations/{}/end", one["id"].as_str().expect("an id"));
                run.api.post(&path, &json!({ "reason": "employed", "effectiveOn": day })).status
            }
            None => 200,
        },
        (2, Some(offer)) => run.refuse(offer, &day).status,
        (3, Some(offer)) => run.accept(offer, offer["offeredOn"].as_str().expect("a day")).status,
        (4 | 5, Some(offer)) => {
            let accepted = (offer["state"] == "open").then(|| offer["offeredOn"].clone());
            run.admit(&json!({ "offerId": offer["id"], "acceptedOn": accepted }), &day).status
        }
        (6, _) => run.withdraw_application(&run.waiting[dice.below(WAITING)], &day).status,
        (7, _) => run.admit(&json!({ "applicationId": run.waiting[dice.below(WAITING)] }), &day).status,
        // The plan only grows.
        (8, _) if dice.below(4) == 0 => run.revise(PLACES + 4, "2020-11-02").status,
        _ => run.api.post(&format!("/editions/{}/offers", run.edition), &json!({ "effectiveOn": day })).status,
    }
}

#[test]
fn no_seat_is_promised_twice_and_none_stays_empty_while_somebody_waits() {
    let app = TestApp::start();
    let run = Reserve::of(&app, PLACES, WAITING, true);
    let done = AtomicBool::new(false);
    let mut wrong: Vec<u16> = Vec::new();
    std::thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut conn = connect(&app.superuser_url).expect("superuser connection");
            let mut looks = 0;
            while !done.load(Ordering::Relaxed) {
                assert_eq!(names(&mut conn, OVER_PLAN), [""; 0]);
                assert_eq!(names(&mut conn, TWO_OFFERS), [""; 0]);
                looks += 1;
            }
            looks
        });
        let acting: Vec<_> = (0..THREADS)
            .map(|thread| {
                let run = &run;
                scope.spawn(move || {
                    let mut dice = Dice(u64::try_from(thread).expect("few") + 1);
                    (0..STEPS).map(|_| step(run, &mut dice)).filter(|status| !EXPECTED.contains(status)).collect::<Vec<_>>()
                })
            })
            .collect();
        let answered: Vec<_> = acting.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        // Before anything can fail: the watcher looks until it is told.
        done.store(true, Ordering::Relaxed);
        wrong.extend(answered.into_iter().flat_map(|statuses| statuses.expect("a thread")));
        assert!(watching.join().expect("the watcher") > 0, "it was looked at meanwhile");
    });
    assert_eq!(wrong, [0; 0], "answers that no rule explains");
    let mut conn = connect(&app.superuser_url).expect("superuser connection");
    assert_eq!(names(&mut conn, OVER_PLAN), [""; 0]);
    // When the dust has settled, one call leaves no seat empty while somebody waits for it.
    for person in build::people(&app, 2) {
        let application = run.apply(person);
        run.decide(&application, "reserve", "2020-11-19").expect(200);
    }
    run.fill("2020-11-20");
    let list = run.list("2020-11-20");
    let waits = list["candidates"].as_array().expect("candidates").iter().any(|one| !one["turn"].is_null());
    let seats = &list["seats"];
    let number = |name: &str| seats[name].as_i64().expect("a number");
    let free = number("places") - number("occupied") - number("offered") - number("awaiting");
    assert!(free == 0 || (free > 0 && !waits), "{free} free while somebody waits: {list}");
    assert_eq!(names(&mut conn, OVER_PLAN), [""; 0]);
    let ended: usize = names(&mut conn, "SELECT ARRAY[id::text] AS row FROM offers WHERE state <> 'open'").len();
    assert!(ended > 5, "the hammer did something: {ended}");
}
