//! Rules of recruitment that hold whichever way somebody comes: by merge, by protocol, by offer, by appeal or directly.

use crate::duplicates::merge;
use crate::eligibility::Candidate;
use crate::support::database::names;
use crate::support::reserve::Reserve;
use crate::support::{Answer, Api, TestApp, build};
use pai::platform::examples;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// A day after that of the service's clock, and after the end of every edition here.
const FAR_AHEAD: &str = "2062-01-01";
/// The day of the service's clock.
const TODAY: &str = "2026-06-15";
const TOMORROW: &str = "2026-06-16";

/// Live offers of applications that count no more.
const OFFERED_TO_DROPPED: &str = "SELECT ARRAY[o.id::text] AS row FROM offers o JOIN applications a ON a.id = o.application_id
    WHERE a.duplicate_of_id IS NOT NULL AND (o.state = 'open' OR (o.state = 'accepted' AND o.participation_id IS NULL))";

fn reserve(api: &Api, edition: Uuid, person: Uuid) -> String {
    let body = json!({ "editionId": edition, "personId": person, "receivedOn": "2020-10-01" });
    let application = api.post("/applications", &body).id();
    decide(api, &application, "reserve", "2020-10-05").expect(200);
    application
}

fn decide(api: &Api, application: &str, decision: &str, on: &str) -> Answer {
    let body = json!({ "decision": decision, "effectiveOn": on, "reason": "Kryteria porozumienia" });
    api.post(&format!("/applications/{application}/decisions"), &body)
}

fn pointed_at(problem: &Value) -> &Value {
    &problem["errors"][0]["pointer"]
}

#[test]
fn no_seat_is_offered_to_an_application_that_a_merge_gives_up() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 100);
    for _ in 0..12 {
        let [duplicate, survivor] = <[Uuid; 2]>::try_from(build::people(&app, 2)).expect("two");
        let given_up = reserve(&api, edition, duplicate);
        reserve(&api, edition, survivor);
        let (merged, filled) = std::thread::scope(|scope| {
            let merging = scope.spawn(|| merge(&api, duplicate, survivor, &json!({ "dropApplicationIds": [given_up] })).status);
            let filling =
                scope.spawn(|| api.post(&format!("/editions/{edition}/offers"), &json!({ "effectiveOn": "2020-10-20" })).status);
            (merging.join().expect("answered"), filling.join().expect("answered"))
        });
        assert!([200, 422].contains(&merged) && filled == 200, "{merged} {filled}");
        let mut conn = connect(&app.superuser_url).expect("superuser connection");
        assert_eq!(names(&mut conn, OFFERED_TO_DROPPED), [""; 0]);
    }
}

#[test]
fn whoever_takes_part_is_placed_though_the_application_was_recorded_later() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 2, 1, false);
    run.revise(3, "2020-11-02").expect(201);
    let admitted = run.api.get(&format!("/participations/{}", run.participations[0])).expect(200);
    let person = admitted["personId"].as_str().expect("a person").parse().expect("an id");
    let late = run.apply(person);
    let read = || run.api.get(&format!("/applications/{late}")).expect(200);
    assert_eq!((&read()["placed"], &read()["state"]), (&json!(true), &json!("applied")));
    run.decide(&late, "rejected", "2020-11-01").refused(409, "recruitment.placed");
    run.decide(&late, "selected", "2020-11-01").expect(200);
    let seats = run.list("2020-11-10")["seats"].clone();
    assert_eq!((&seats["places"], &seats["occupied"], &seats["awaiting"]), (&json!(3), &json!(2), &json!(0)), "{seats}");
    assert_eq!(run.fill("2020-11-10")["offers"].as_array().map(Vec::len), Some(1), "the third place is free");
}

#[test]
fn nothing_is_decided_for_a_day_to_come_or_after_the_closing_of_an_edition() {
    let app = TestApp::start();
    let recruitment = crate::ranking::Recruitment::of(&app, 1);
    recruitment.candidate("male", 1960, "2020-10-01", &[]);
    let protocol = recruitment.rank(&json!({ "effectiveOn": "2020-10-08" }));
    for ahead in [TOMORROW, FAR_AHEAD] {
        let late = recruitment.adopt(&protocol, ahead).refused(422, "platform.in_future");
        assert_eq!((pointed_at(&late), &late["today"]), (&json!("/adoptedOn"), &json!(TODAY)));
    }
    let edition = recruitment.edition;
    recruitment.coordinator.post(&format!("/editions/{edition}/closure"), &json!({ "effectiveOn": "2020-12-01" })).expect(200);
    let closed = recruitment.adopt(&protocol, "2020-12-02").refused(409, "programmes.edition_closed");
    assert_eq!((pointed_at(&closed), &closed["closedOn"]), (&json!("/adoptedOn"), &json!("2020-12-01")));
    let ranking =
        |on: &str| recruitment.api.post(&format!("/editions/{edition}/ranking-protocols"), &json!({ "effectiveOn": on }));
    let closed = ranking("2020-12-02").refused(409, "programmes.edition_closed");
    assert_eq!(pointed_at(&closed), &json!("/effectiveOn"));
    ranking("2020-12-01").expect(201);
    recruitment.adopt(&protocol, "2020-12-01").expect(200);
}

#[test]
fn a_wrong_year_ends_no_offer_and_decides_nothing() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    // It begins after today and ends in the autumn.
    let edition = build::edition(&app, "2026-07-01", "2026-10-31", 1);
    let [first, second] = <[Uuid; 2]>::try_from(build::people(&app, 2)).expect("two");
    let [first, second] = [first, second].map(|person| reserve(&api, edition, person));
    let offers = format!("/editions/{edition}/offers");
    let fill = |on: &str| api.post(&offers, &json!({ "effectiveOn": on }));
    let offer = fill(TODAY).expect(200)["offers"][0].clone();
    assert_eq!(offer["applicationId"], json!(first));
    let late = fill(FAR_AHEAD).refused(422, "recruitment.after_edition");
    assert_eq!((pointed_at(&late), &late["latest"]), (&json!("/effectiveOn"), &json!("2026-10-31")));
    assert_eq!(fill("2026-10-31").expect(200)["expiredOfferIds"], json!([]), "nothing expires before its time");
    let offer = offer["id"].as_str().expect("an id");
    assert_eq!(api.get(&format!("/offers/{offer}")).expect(200)["state"], "open");

    for ahead in [TOMORROW, FAR_AHEAD] {
        let late = decide(&api, &second, "selected", ahead).refused(422, "platform.in_future");
        assert_eq!((pointed_at(&late), &late["today"]), (&json!("/effectiveOn"), &json!(TODAY)));
    }
    let leaving = |on: &str| json!({ "reason": "noContact", "effectiveOn": on });
    let withdrawal = format!("/applications/{second}/withdrawal");
    // A withdrawal is final: a slip in its day could not be undone.
    for ahead in [FAR_AHEAD, "2026-10-31", TOMORROW] {
        let late = api.post(&withdrawal, &leaving(ahead)).refused(422, "platform.in_future");
        assert_eq!(pointed_at(&late), &json!("/effectiveOn"));
    }
    let withdrawn = api.post(&withdrawal, &leaving(TODAY)).expect(200);
    assert_eq!((&withdrawn["state"], &withdrawn["withdrawnOn"]), (&json!("withdrawn"), &json!(TODAY)));
}

#[test]
fn what_has_happened_is_not_recorded_for_a_day_to_come() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2026-07-01", "2026-10-31", 1);
    let application = reserve(&api, edition, build::person(&app));
    let fill = json!({ "effectiveOn": TODAY });
    let offer = api.post(&format!("/editions/{edition}/offers"), &fill).expect(200)["offers"][0].clone();
    let offer = offer["id"].as_str().expect("an id");
    let candidate = Candidate::under(&app, examples::REGIME);
    let assessment = candidate.assess("2020-10-10");
    let assessment = assessment["id"].as_str().expect("an id");
    for (path, body, field) in [
        (format!("/offers/{offer}/acceptance"), json!({}), "effectiveOn"),
        (format!("/offers/{offer}/refusal"), json!({ "reason": "notInterested" }), "effectiveOn"),
        (format!("/offers/{offer}/withdrawal"), json!({ "reason": "other" }), "effectiveOn"),
        ("/participations".to_owned(), json!({ "offerId": offer, "startsOn": "2026-07-01" }), "acceptedOn"),
        (format!("/applications/{application}/documents"), json!({ "kind": "applicationForm" }), "receivedOn"),
        (format!("/eligibility-assessments/{assessment}/appeals"), json!({ "reason": "Odwołanie" }), "lodgedOn"),
    ] {
        let with = |day: &str| {
            let mut body = body.clone();
            body[field] = json!(day);
            api.post(&format!("{path}?dryRun=true"), &body)
        };
        let early = with(TOMORROW).refused(422, "platform.in_future");
        assert_eq!(pointed_at(&early), &json!(format!("/{field}")), "{path}");
        with(TODAY).expect(200);
    }
    // An offer that was made for a day to come by mistake is taken back today.
    let ahead = build::edition(&app, "2026-07-01", "2026-10-31", 1);
    reserve(&api, ahead, build::person(&app));
    let filled = api.post(&format!("/editions/{ahead}/offers"), &json!({ "effectiveOn": TOMORROW })).expect(200);
    let mistaken = filled["offers"][0]["id"].as_str().expect("an offer");
    let withdrawal = json!({ "reason": "mistake", "effectiveOn": TODAY });
    let gone = api.post(&format!("/offers/{mistaken}/withdrawal"), &withdrawal).expect(200);
    assert_eq!((&gone["state"], &gone["withdrawnOn"]), (&json!("withdrawn"), &json!(TOMORROW)));
}

#[test]
fn a_seat_that_will_be_free_is_offered_today() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2026-06-01", "2026-08-31", 1);
    let path = format!("/editions/{edition}");
    let change = json!({ "name": "I", "startsOn": "2026-06-01", "endsOn": "2026-08-31", "automaticOffers": true });
    api.put(&path, api.get(&path).header("etag"), &change).expect(200);
    reserve(&api, edition, build::person(&app));
    let body = json!({ "editionId": edition, "personId": build::person(&app), "startsOn": "2026-06-01" });
    let leaving = api.post("/participations", &body).id();
    let end = json!({ "reason": "employed", "effectiveOn": "2026-06-30" });
    api.post(&format!("/participations/{leaving}/end"), &end).expect(200);
    let offer = api.get(&format!("{path}/offers")).expect(200)["items"][0].clone();
    assert_eq!((&offer["offeredOn"], &offer["seatFrom"]), (&json!(TODAY), &json!("2026-07-01")));
    let acceptance = format!("/offers/{}/acceptance", offer["id"].as_str().expect("an offer"));
    api.post(&acceptance, &json!({ "effectiveOn": TODAY })).expect(200);
}

#[test]
fn an_edition_that_ranks_admits_nobody_past_its_list_without_a_reason() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 3);
    let path = format!("/editions/{edition}");
    let change = json!({ "name": "I", "startsOn": "2020-10-15", "endsOn": "2020-12-14", "selection": "byRanking" });
    api.put(&path, api.get(&path).header("etag"), &change).expect(200);
    let [first, second] = <[Uuid; 2]>::try_from(build::people(&app, 2)).expect("two");
    let mut admission = json!({ "editionId": edition, "personId": first, "startsOn": "2020-10-15" });
    api.post("/participations", &admission).refused(409, "participation.not_ranked");
    let overriding = json!({ "reason": "Wpis z dokumentów papierowych" });
    admission["override"] = overriding.clone();
    let admitted = api.post("/participations", &admission).expect(201);
    assert_eq!(admitted["overrideReason"], overriding["reason"]);
    let substitution = format!("/participations/{}/substitution", admitted["id"].as_str().expect("an id"));
    let mut successor = json!({
        "personId": second, "effectiveOn": "2020-11-09", "end": { "reason": "employed", "effectiveOn": "2020-11-06" }
    });
    api.post(&substitution, &successor).refused(409, "participation.not_ranked");
    successor["override"] = overriding;
    api.post(&substitution, &successor).expect(201);
}

#[test]
fn a_protocol_that_left_somebody_out_is_no_ground_for_a_place() {
    let app = TestApp::start();
    let recruitment = crate::ranking::Recruitment::of(&app, 1);
    let [chosen, left_out] = [1960, 1990].map(|born| recruitment.candidate("male", born, "2020-10-01", &[]));
    let protocol = recruitment.rank(&json!({ "effectiveOn": "2020-10-08", "places": 1, "reservePlaces": 0 }));
    recruitment.adopt(&protocol, "2020-10-09").expect(200);
    let mut body = json!({ "effectiveOn": "2020-10-12", "reason": "Komisja", "rankingProtocolId": protocol["id"] });
    for decision in ["selected", "reserve"] {
        body["decision"] = json!(decision);
        let path = format!("/applications/{left_out}/decisions");
        recruitment.api.post(&path, &body).refused(422, "recruitment.protocol_says_otherwise");
    }
    body["decision"] = json!("selected");
    recruitment.api.post(&format!("/applications/{chosen}/decisions"), &body).expect(200);
}

#[test]
fn an_assessment_is_appealed_against_once_and_only_by_who_lost_and_has_not_left() {
    let app = TestApp::start();
    let lodge = |candidate: &Candidate, assessment: &Value| {
        let path = format!("/eligibility-assessments/{}/appeals", assessment["id"].as_str().expect("an id"));
        candidate.api.post(&path, &json!({ "lodgedOn": "2020-10-12", "reason": "Kandydat nie zgadza się z oceną" }))
    };
    let candidate = Candidate::under(&app, examples::REGIME);
    let unknown = candidate.assess("2020-10-10");
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let lodging: Vec<_> = (0..6).map(|_| scope.spawn(|| lodge(&candidate, &unknown).status)).collect();
        lodging.into_iter().map(|thread| thread.join().expect("answered")).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    lodge(&candidate, &unknown).refused(409, "recruitment.appealed_already");

    for (kind, value) in [("registeredUnemployed", "true"), ("socialAssistance", "true"), ("benefitRight", "false")] {
        candidate.fact(kind, value, &json!({}));
    }
    let positive = candidate.assess("2020-10-10");
    assert_eq!(positive["outcome"], "eligible");
    lodge(&candidate, &positive).refused(409, "recruitment.appeal_without_loss");

    let leaver = Candidate::under(&app, examples::REGIME);
    let unknown = leaver.assess("2020-10-10");
    let leaving = json!({ "reason": "refused", "effectiveOn": "2020-10-11" });
    leaver.api.post(&format!("/applications/{}/withdrawal", leaver.application), &leaving).expect(200);
    lodge(&leaver, &unknown).refused(409, "recruitment.withdrawn");
}

#[test]
fn a_position_on_the_reserve_list_leaves_room_behind_it() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 0, false);
    let [first, second] = <[Uuid; 2]>::try_from(build::people(&app, 2)).expect("two");
    let [first, second] = [first, second].map(|person| run.apply(person));
    let place = |position: i32| {
        let body =
            json!({ "decision": "reserve", "effectiveOn": "2020-10-20", "reason": "Komisja", "reservePosition": position });
        run.api.post(&format!("/applications/{first}/decisions"), &body)
    };
    assert_eq!(pointed_at(&place(50_001).refused(422, "platform.invalid_body")), &json!("/reservePosition"));
    place(50_000).expect(200);
    assert_eq!(run.decide(&second, "reserve", "2020-10-20").expect(200)["reservePosition"], 50_001);
}
