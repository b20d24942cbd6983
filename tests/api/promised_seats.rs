//! What is promised is kept: for those who were selected, for as long as an answer may come, and no longer.

use crate::support::database::names;
use crate::support::reserve::Reserve;
use crate::support::{Api, TestApp, build};
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// The day of the service's clock.
const TODAY: &str = "2026-06-15";

const OPEN: &str = "SELECT ARRAY[id::text] AS row FROM offers WHERE state = 'open'";

fn pointed_at(problem: &Value) -> &Value {
    &problem["errors"][0]["pointer"]
}

fn state(run: &Reserve, offer: &Value) -> Value {
    run.explained(offer, "pl")["state"].clone()
}

/// A further candidate, who is selected.
fn selected(app: &TestApp, run: &Reserve) -> String {
    let application = run.apply(build::person(app));
    run.decide(&application, "selected", "2020-10-20").expect(200);
    application
}

/// An edition of one free place, and somebody who waits for it.
fn one_waiting(app: &TestApp, api: &Api, starts_on: &str, ends_on: &str) -> (Uuid, String) {
    let edition = build::edition(app, starts_on, ends_on, 1);
    let body = json!({ "editionId": edition, "personId": build::person(app), "receivedOn": "2020-10-01" });
    let application = api.post("/applications", &body).id();
    let decision = json!({ "decision": "reserve", "effectiveOn": "2020-10-05", "reason": "Kryteria porozumienia" });
    api.post(&format!("/applications/{application}/decisions"), &decision).expect(200);
    (edition, application)
}

#[test]
fn nobody_of_the_reserve_list_goes_before_somebody_who_was_selected() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 3, 2, false);
    run.end(0, "2020-11-13").expect(200);
    let promised = selected(&app, &run);
    let of_reserve = json!({ "applicationId": run.waiting[0] });
    let unapplied = json!({ "editionId": run.edition, "personId": build::person(&app) });
    for who in [&of_reserve, &unapplied] {
        let kept = run.admit(who, "2020-11-16").refused(409, "participation.seat_kept");
        assert_eq!(
            (&kept["applicationIds"], &kept["day"], &kept["places"]),
            (&json!([promised]), &json!("2020-11-16"), &json!(3)),
            "{kept}"
        );
    }
    // Who was selected goes in, whoever else was.
    let later = run.apply(build::person(&app));
    run.decide(&later, "selected", "2020-11-10").expect(200);
    run.admit(&json!({ "applicationId": promised }), "2020-11-16").expect(201);

    run.end(1, "2020-11-13").expect(200);
    let departing = json!({ "applicationId": run.waiting[0], "override": { "reason": "Zgoda kierownika" } });
    let admitted = run.admit(&departing, "2020-11-16").expect(201);
    assert_eq!(admitted["overrideReason"], "Zgoda kierownika");
    run.admit(&json!({ "applicationId": later }), "2020-11-16").refused(409, "participation.no_free_seat");
}

#[test]
fn a_successor_does_not_take_a_kept_seat_either() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 1, false);
    let promised = selected(&app, &run);
    let path = format!("/participations/{}/substitution", run.participations[0]);
    let end = json!({ "reason": "employed", "effectiveOn": "2020-11-13" });
    let successor = json!({ "applicationId": run.waiting[0], "effectiveOn": "2020-11-16", "end": end });
    let kept = run.api.post(&path, &successor).refused(409, "participation.seat_kept");
    assert_eq!(kept["applicationIds"], json!([promised]));
    let successor = json!({ "applicationId": promised, "effectiveOn": "2020-11-16", "end": end });
    run.api.post(&path, &successor).expect(201);
}

#[test]
fn a_longer_stay_does_not_take_a_kept_seat() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 0, false);
    run.end(0, "2020-11-06").expect(200);
    let stay = json!({ "editionId": run.edition, "personId": build::person(&app), "plannedEndOn": "2020-11-30" });
    let stay = run.admit(&stay, "2020-11-09").id();
    let promised = run.apply(build::person(&app));
    run.decide(&promised, "selected", "2020-12-01").expect(200);
    let longer = json!({ "effectiveOn": "2020-11-20", "plannedEndOn": "2020-12-31", "reason": "Dokończenie warsztatów" });
    let path = format!("/participations/{stay}/prolongations");
    let kept = run.api.post(&path, &longer).refused(409, "participation.seat_kept");
    assert_eq!(kept["applicationIds"], json!([promised]));
    run.admit(&json!({ "applicationId": promised }), "2020-12-01").expect(201);
}

#[test]
fn the_time_to_answer_begins_when_the_offer_is_recorded() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let (edition, _) = one_waiting(&app, &api, "2026-06-01", "2026-08-31");
    let path = format!("/editions/{edition}");
    let change = json!({
        "name": "I", "startsOn": "2026-06-01", "endsOn": "2026-08-31", "automaticOffers": true, "offerAnswerDays": 2
    });
    api.put(&path, api.get(&path).header("etag"), &change).expect(200);
    let body = json!({ "editionId": edition, "personId": build::person(&app), "startsOn": "2026-06-01" });
    let leaving = api.post("/participations", &body).id();
    let end = json!({ "reason": "employed", "effectiveOn": "2026-06-10" });
    let ended = api.post(&format!("/participations/{leaving}/end"), &end).expect(200);
    let offer = format!("/offers/{}", ended["nextOfferId"].as_str().expect("an offer"));
    let read = api.get(&offer).expect(200);
    assert_eq!((&read["offeredOn"], &read["expiresOn"]), (&json!("2026-06-10"), &json!("2026-06-17")));
    let list = api.get(&format!("{path}/waiting-list?effectiveOn={TODAY}")).expect(200);
    assert_eq!(list["candidates"][0]["passed"], "hasOffer");
    api.post(&format!("{offer}/acceptance"), &json!({ "effectiveOn": TODAY })).expect(200);
}

#[test]
fn the_time_to_answer_of_a_past_edition_is_that_of_its_papers() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 1, false);
    run.end(0, "2020-11-13").expect(200);
    assert_eq!(run.fill("2020-11-14")["offers"][0]["expiresOn"], "2020-11-17");
}

#[test]
fn what_was_not_answered_in_time_is_neither_taken_back_nor_counted() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 2, 3, false);
    run.end(0, "2020-11-13").expect(200);
    let offer = run.fill("2020-11-14")["offers"][0].clone();
    let [last, after] = ["2020-11-17", "2020-11-18"].map(|on| run.list(on));
    let standing = |list: &Value| (list["candidates"][0]["passed"].clone(), list["seats"]["offered"].clone());
    assert_eq!(standing(&last), (json!("hasOffer"), json!(1)));
    assert_eq!(standing(&after), (json!("didNotAnswer"), json!(0)));
    assert_eq!((&after["candidates"][0]["since"], &after["candidates"][1]["turn"]), (&json!("2020-11-17"), &json!(1)));
    assert_eq!(state(&run, &offer), "open", "reading changes nothing");

    // A smaller plan: the seat was free by then, and nothing is to be taken back.
    run.revise(1, "2020-11-20").expect(201);
    assert_eq!(state(&run, &offer), "expired");
    assert_eq!(run.list("2020-11-20")["candidates"][0]["passed"], "didNotAnswer");
}

#[test]
fn a_seat_whose_answer_is_overdue_is_given_to_somebody_else_and_to_nobody_twice() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 2, false);
    run.end(0, "2020-11-13").expect(200);
    let offer = run.fill("2020-11-14")["offers"][0].clone();
    let second = json!({ "applicationId": run.waiting[1] });
    run.admit(&second, "2020-11-17").refused(409, "participation.seat_offered");
    run.admit(&second, "2020-11-18").expect(201);
    assert_eq!(state(&run, &offer), "expired");
    run.accept(&offer, "2020-11-16").refused(409, "recruitment.offer_closed");
}

#[test]
fn an_answer_in_time_counts_though_it_is_recorded_with_a_later_admission() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 1, false);
    run.end(0, "2020-11-13").expect(200);
    let offer = run.fill("2020-11-14")["offers"][0].clone();
    let taking = json!({ "offerId": offer["id"], "acceptedOn": "2020-11-17" });
    let early = run.admit(&taking, "2020-11-16").refused(422, "recruitment.before_offer");
    assert_eq!((pointed_at(&early), &early["earliest"]), (&json!("/startsOn"), &json!("2020-11-17")));
    let early = run.admit(&json!({ "offerId": offer["id"], "acceptedOn": "2020-11-14" }), "2020-11-13");
    assert_eq!(early.refused(422, "recruitment.before_offer")["earliest"], "2020-11-14");
    run.admit(&taking, "2020-11-23").expect(201);
}

/// One thing that a caller does to an edition.
type Act = fn(&Reserve);

#[test]
fn other_acts_of_a_later_day_find_the_offer_expired() {
    let app = TestApp::start();
    let acts: [(&str, Act); 3] = [
        ("a decision", |run| drop(run.decide(&run.waiting[0], "selected", "2020-11-18").expect(200))),
        ("a withdrawal", |run| drop(run.withdraw_application(&run.waiting[0], "2020-11-18").expect(200))),
        ("a closing", |run| {
            let path = format!("/editions/{}/closure", run.edition);
            drop(run.api.post(&path, &json!({ "effectiveOn": "2020-11-18" })).expect(200));
        }),
    ];
    for (name, act) in acts {
        let run = Reserve::of(&app, 1, 1, false);
        run.end(0, "2020-11-13").expect(200);
        let offer = run.fill("2020-11-14")["offers"][0].clone();
        act(&run);
        assert_eq!(state(&run, &offer), "expired", "{name}");
    }
}

#[test]
fn a_closed_edition_offers_nothing_and_takes_no_answer_of_a_later_day() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 2, false);
    run.end(0, "2020-11-13").expect(200);
    run.api.post(&format!("/editions/{}/closure", run.edition), &json!({ "effectiveOn": "2020-11-30" })).expect(200);
    let offers = format!("/editions/{}/offers", run.edition);
    for day in ["2020-11-30", "2020-12-01"] {
        let refused = run.api.post(&offers, &json!({ "effectiveOn": day })).refused(409, "programmes.edition_closed");
        assert_eq!((pointed_at(&refused), &refused["closedOn"]), (&json!("/effectiveOn"), &json!("2020-11-30")));
    }
    // Papers of before the closing: an offer and answers that were all over by then.
    let late = run.fill("2020-11-27")["offers"][0].clone();
    assert_eq!(late["expiresOn"], "2020-11-30");
    for answer in [run.accept(&late, "2020-12-01"), run.refuse(&late, "2020-12-01")] {
        let refused = answer.refused(409, "programmes.edition_closed");
        assert_eq!(pointed_at(&refused), &json!("/effectiveOn"));
    }
    let taking = json!({ "offerId": late["id"], "acceptedOn": "2020-12-01", "plannedEndOn": "2020-11-30" });
    run.admit(&taking, "2020-11-30").refused(409, "programmes.edition_closed");
    run.accept(&late, "2020-11-29").expect(200);
}

#[test]
fn a_closing_and_an_offer_at_once_leave_none_open() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    for _ in 0..12 {
        let (edition, _) = one_waiting(&app, &api, "2020-10-15", "2020-12-14");
        let act = |what: &str| api.post(&format!("/editions/{edition}/{what}"), &json!({ "effectiveOn": "2020-11-30" })).status;
        let (closed, offered) = std::thread::scope(|scope| {
            let closing = scope.spawn(|| act("closure"));
            let offering = scope.spawn(|| act("offers"));
            (closing.join().expect("answered"), offering.join().expect("answered"))
        });
        assert!(closed == 200 && [200, 409].contains(&offered), "{closed} {offered}");
        let mut conn = connect(&app.superuser_url).expect("superuser connection");
        assert_eq!(names(&mut conn, OPEN), [""; 0]);
    }
}
