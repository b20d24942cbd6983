//! What an act frees is offered from the first day from which it is free, and to nobody twice.

use crate::support::reserve::Reserve;
use crate::support::{TestApp, build};
use pai::platform::policy::Role;
use serde_json::{Value, json};

/// To whom the open offers are, from which day, and what freed the seats.
fn open(run: &Reserve) -> Vec<(usize, String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let told = |offer: &Value| {
        let place = run.waiting.iter().position(|application| offer["applicationId"] == json!(application));
        (place.expect("somebody who waits"), text(&offer["seatFrom"]), text(&offer["cause"]))
    };
    run.open().iter().map(told).collect()
}

/// As many offers as the seats that are free from a day would make by hand.
fn left_free(run: &Reserve, on: &str, from: &str) -> usize {
    let path = format!("/editions/{}/offers?dryRun=true", run.edition);
    let filled = run.api.post(&path, &json!({ "effectiveOn": on, "seatFrom": from })).expect(200);
    filled["offers"].as_array().expect("offers").len()
}

fn offer(place: usize, from: &str, cause: &str) -> (usize, String, String) {
    (place, from.to_owned(), cause.to_owned())
}

#[test]
fn seats_that_a_revision_leaves_free_from_a_later_day_are_offered_from_then() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 4, true);
    run.revise(3, "2020-11-10").expect(201);
    assert_eq!(open(&run), [offer(0, "2020-11-10", "planRevised"), offer(1, "2020-11-10", "planRevised")]);
    let first = run.open();
    run.revise(3, "2020-11-12").expect(201);
    assert_eq!(run.offers().len(), 2, "nothing is free that was not");
    run.revise(1, "2020-11-10").expect(201);
    let again = [offer(0, "2020-11-12", "offerWithdrawn"), offer(1, "2020-11-12", "offerWithdrawn")];
    assert_eq!(open(&run), again);
    for offer in &first {
        assert_eq!(run.explained(offer, "pl")["withdrawalReason"], "placesReduced");
    }
    let followed: Vec<Value> = run.open().iter().map(|offer| offer["freedByOfferId"].clone()).collect();
    assert!(first.iter().all(|offer| followed.contains(&offer["id"])), "{followed:?}");
    assert_eq!(["2020-11-10", "2020-11-12"].map(|from| left_free(&run, "2020-11-10", from)), [0, 0]);
}

#[test]
fn fewer_places_for_a_time_leave_the_seats_of_later_whichever_is_entered_first() {
    let app = TestApp::start();
    for order in [[(2, "2020-11-12"), (3, "2020-11-13")], [(3, "2020-11-13"), (2, "2020-11-12")]] {
        let run = Reserve::of(&app, 3, 2, true);
        run.end(0, "2020-11-10").expect(200);
        assert_eq!(open(&run), [offer(0, "2020-11-11", "participationEnded")]);
        for (places, on) in order {
            run.revise(places, on).expect(201);
        }
        let [(place, from, _)] = open(&run).try_into().expect("one offer");
        assert_eq!((place, from.as_str()), (0, "2020-11-13"), "{order:?}");
        assert_eq!(left_free(&run, "2020-11-12", "2020-11-13"), 0);
    }
}

#[test]
fn a_plan_in_steps_offers_each_seat_from_its_own_step() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 4, true);
    run.revise(2, "2020-11-20").expect(201);
    run.revise(4, "2020-11-22").expect(201);
    let steps =
        [offer(0, "2020-11-20", "planRevised"), offer(1, "2020-11-22", "planRevised"), offer(2, "2020-11-22", "planRevised")];
    assert_eq!(open(&run), steps);
    // The place of the twentieth goes: its offer was made before the later ones, and the seat comes back with them.
    run.revise(1, "2020-11-20").expect(201);
    let mut later = open(&run);
    later.sort();
    let later: Vec<(usize, &str)> = later.iter().map(|(place, from, _)| (*place, from.as_str())).collect();
    assert_eq!(later, [0, 1, 2].map(|place| (place, "2020-11-22")));
    assert_eq!(left_free(&run, "2020-11-20", "2020-11-22"), 0);
}

#[test]
fn a_place_that_comes_back_on_a_day_ahead_is_offered_from_the_first_day_on() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2026-07-01", "2026-10-31", 1);
    let path = format!("/editions/{edition}");
    let change = json!({ "name": "I", "startsOn": "2026-07-01", "endsOn": "2026-10-31", "automaticOffers": true });
    api.put(&path, api.get(&path).header("etag"), &change).expect(200);
    let run = Reserve { api, edition, participations: Vec::new(), waiting: Vec::new(), people: Vec::new() };
    let waiting = run.apply(build::person(&app));
    run.decide(&waiting, "reserve", "2020-10-20").expect(200);
    run.revise(0, "2026-09-01").expect(201);
    assert_eq!(run.offers(), Vec::<Value>::new(), "no seat lasts to the end");
    run.revise(1, "2026-09-01").expect(201);
    let [offer] = run.open().try_into().expect("one offer");
    assert_eq!((&offer["seatFrom"], &offer["offeredOn"]), (&json!("2026-07-01"), &json!("2026-06-15")));
}

#[test]
fn a_refused_seat_that_somebody_has_meanwhile_goes_on_from_the_day_after() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 2, false);
    run.end(0, "2020-11-13").expect(200);
    let first = run.fill("2020-11-14")["offers"][0].clone();
    let departing = json!({ "reason": "Zgoda kierownika" });
    let until = json!({
        "editionId": run.edition, "personId": build::person(&app), "plannedEndOn": "2020-11-30", "override": departing
    });
    run.admit(&until, "2020-11-16").expect(201);
    let refused = run.refuse(&first, "2020-11-15").expect(200);
    assert_eq!(open(&run), [offer(1, "2020-12-01", "offerRefused")]);
    assert_eq!(run.open()[0]["id"], refused["nextOfferId"]);
}

#[test]
fn the_seat_of_an_offer_that_expired_goes_on_with_the_next_act_where_the_edition_offers_by_itself() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 2, 4, true);
    run.end(0, "2020-11-09").expect(200);
    assert_eq!(open(&run), [offer(0, "2020-11-10", "participationEnded")]);
    run.end(1, "2020-11-20").expect(200);
    assert_eq!(open(&run), [offer(1, "2020-11-21", "participationEnded"), offer(2, "2020-11-21", "offerExpired")]);
    // Once: what has been followed makes no further offer.
    run.revise(2, "2020-11-21").expect(201);
    assert_eq!(run.open().len(), 2);
}
