//! What comes after the first time: applying again, ranking again, a seat that is free again, and an edition that is moved.

use crate::ranking::Recruitment;
use crate::support::reserve::Reserve;
use crate::support::{Api, TestApp, build};
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

fn apply(api: &Api, edition: Uuid, person: Uuid, on: &str) -> crate::support::Answer {
    api.post("/applications", &json!({ "editionId": edition, "personId": person, "receivedOn": on }))
}

fn pointers(refused: &Value) -> Vec<&str> {
    refused["errors"].as_array().into_iter().flatten().filter_map(|error| error["pointer"].as_str()).collect()
}

#[test]
fn who_withdrew_applies_again_and_is_counted_once() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 9);
    let person = build::person(&app);
    let first = apply(&api, edition, person, "2020-10-01").id();
    let twice = apply(&api, edition, person, "2020-10-02").refused(409, "recruitment.already_applied");
    assert_eq!((pointers(&twice), &twice["applicationId"]), (vec!["/personId"], &json!(first)));
    let withdraw = |id: &str, on: &str| {
        let body = json!({ "reason": "noContact", "effectiveOn": on });
        api.post(&format!("/applications/{id}/withdrawal"), &body).expect(200)
    };
    withdraw(&first, "2020-10-05");
    let early = apply(&api, edition, person, "2020-10-04").refused(422, "recruitment.out_of_order");
    assert_eq!((pointers(&early), &early["earliest"]), (vec!["/receivedOn"], &json!("2020-10-05")));
    let second = apply(&api, edition, person, "2020-10-05").expect(201);
    assert_eq!((&second["formerApplicationId"], &second["state"]), (&json!(first), &json!("applied")));
    let second = second["id"].as_str().expect("an id").to_owned();
    let read = |id: &str| api.get(&format!("/applications/{id}")).expect(200);
    assert_eq!((&read(&first)["appliedAgain"], &read(&first)["state"]), (&json!(true), &json!("withdrawn")));
    let twice = apply(&api, edition, person, "2020-10-06").refused(409, "recruitment.already_applied");
    assert_eq!(twice["applicationId"], json!(second), "the one that counts");

    // A third time; then the place goes to the last application, and only to that.
    withdraw(&second, "2020-10-07");
    let third = apply(&api, edition, person, "2020-10-08").id();
    let decision = json!({ "decision": "selected", "effectiveOn": "2020-10-10", "reason": "Kryteria porozumienia" });
    api.post(&format!("/applications/{third}/decisions"), &decision).expect(200);
    let admitted = api.post("/participations", &json!({ "applicationId": third, "startsOn": "2020-10-15" })).expect(201);
    assert_eq!(admitted["applicationId"], json!(third));
    assert_eq!([&first, &second, &third].map(|id| read(id)["placed"] == true), [false, false, true]);
    let listed = api.get(&format!("/applications?personId={person}")).expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(3), "all of them stay visible");

    let statement = json!({ "kind": "applications", "completeness": "complete", "statedBy": "MOPS", "statedOn": "2020-12-15" });
    api.post(&format!("/editions/{edition}/collection-statements"), &json!({ "statements": [statement] })).expect(201);
    let value = |definition: &str| {
        let figures = api.get(&format!("/editions/{edition}/figures?definitionId={definition}")).expect(200);
        figures["figures"][0]["value"].clone()
    };
    assert_eq!((value("M-01"), value("M-02")), (json!(1), json!(0)), "one candidate, who was not lost");
    let records = api.get(&format!("/editions/{edition}/figures/M-01/records")).expect(200);
    assert_eq!(records["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn two_who_apply_again_at_once_leave_one_application_that_counts() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 9);
    let person = build::person(&app);
    let first = apply(&api, edition, person, "2020-10-01").id();
    let body = json!({ "reason": "noContact", "effectiveOn": "2020-10-02" });
    api.post(&format!("/applications/{first}/withdrawal"), &body).expect(200);
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..6).map(|_| scope.spawn(|| apply(&api, edition, person, "2020-10-03").status)).collect();
        callers.into_iter().map(|caller| caller.join().expect("a caller")).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
}

#[test]
fn a_second_ranking_has_only_the_places_that_are_left_or_says_so() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 3);
    for number in 0..3 {
        recruitment.candidate("female", 1970 + number, "2020-10-01", &[]);
    }
    let first = recruitment.rank(&json!({ "effectiveOn": "2020-10-05" }));
    assert_eq!((&first["places"], &first["counts"]["basic"], &first["warnings"]), (&json!(3), &json!(3), &json!([])));
    recruitment.adopt(&first, "2020-10-06").expect(200);
    let late = recruitment.candidate("female", 1980, "2020-10-07", &[]);
    let second = recruitment.rank(&json!({ "effectiveOn": "2020-10-08" }));
    assert_eq!((&second["places"], &second["counts"]["basic"], &second["counts"]["reserve"]), (&json!(0), &json!(0), &json!(1)));
    assert_eq!(second["seats"], json!({ "day": "2020-10-15", "places": 3, "occupied": 0, "offered": 0, "awaiting": 3 }));
    // One of the three withdraws: one place is left.
    let withdrawn = first["rows"][1]["applicationId"].as_str().expect("an id").to_owned();
    let body = json!({ "reason": "noContact", "effectiveOn": "2020-10-09" });
    recruitment.api.post(&format!("/applications/{withdrawn}/withdrawal"), &body).expect(200);
    let third = recruitment.rank(&json!({ "effectiveOn": "2020-10-09" }));
    assert_eq!((&third["places"], &third["rows"][0]["list"]), (&json!(1), &json!("basic")));
    assert_eq!(third["rows"][0]["applicationId"], json!(late));
    // More places can be stated, and are told.
    let more = recruitment.rank(&json!({ "effectiveOn": "2020-10-09", "places": 2 }));
    assert_eq!(more["warnings"], json!([{ "code": "recruitment.more_places_than_free", "places": 2, "free": 1 }]));
}

#[test]
fn the_end_of_a_participation_names_the_offer_that_it_made() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 2, 1, true);
    let ended = run.end(0, "2020-11-13").expect(200);
    let [offer] = run.open().try_into().expect("one offer");
    assert_eq!((&ended["nextOfferId"], &ended["nextApplicationId"]), (&offer["id"], &json!(run.waiting[0])));
    assert_eq!(ended["state"], "exited");
    let nobody = run.end(1, "2020-11-13").expect(200);
    assert_eq!((&nobody["nextOfferId"], &nobody["nextApplicationId"]), (&Value::Null, &Value::Null), "nobody waits any more");
}

#[test]
fn an_edition_does_not_end_before_a_seat_that_it_offers_nor_go_on_after_its_closing() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 1, true);
    run.end(0, "2020-11-13").expect(200);
    let [offer] = run.open().try_into().expect("one offer");
    let path = format!("/editions/{}", run.edition);
    let change = |ends_on: &str| {
        let version = run.api.get(&path).header("etag").to_owned();
        run.api.put(&path, &version, &json!({ "name": "I", "startsOn": "2020-11-02", "endsOn": ends_on }))
    };
    let refused = change("2020-11-13").refused(409, "programmes.offers_outside");
    assert_eq!((pointers(&refused), &refused["offerIds"]), (vec!["/endsOn"], &json!([offer["id"]])));
    change("2020-11-14").expect(200);
    change("2020-12-31").expect(200);
    let version = run.api.get(&path).header("etag").to_owned();
    run.api.with("If-Match", &version).post(&format!("{path}/closure"), &json!({ "effectiveOn": "2020-11-20" })).expect(200);
    let refused = change("2021-01-31").refused(409, "programmes.edition_closed");
    assert_eq!((pointers(&refused), &refused["closedOn"]), (vec!["/endsOn"], &json!("2020-11-20")));
    // What was planned may stay, and come closer to what was.
    change("2020-12-31").expect(200);
    change("2020-11-20").expect(200);
}

#[test]
fn days_that_nobody_can_mean_are_refused() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 9);
    let agree = |signed: &str| {
        let body = json!({ "kind": "implementation", "signedOn": signed, "regimeId": pai::platform::examples::REGIME });
        api.post("/agreements?dryRun=true", &body)
    };
    for signed in ["1920-07-22", "1989-12-31", "2120-07-22"] {
        let refused = agree(signed).refused(422, "programmes.day_out_of_bounds");
        assert_eq!((pointers(&refused), &refused["earliest"]), (vec!["/signedOn"], &json!("1990-01-01")));
    }
    agree("1990-01-01").expect(200);
    let happen = |on: &str| {
        let body = json!({ "kind": "meeting", "occurredOn": on });
        api.post(&format!("/editions/{edition}/events?dryRun=true"), &body)
    };
    for on in ["1920-10-15", "2010-10-14", "2120-10-15"] {
        assert_eq!(pointers(&happen(on).refused(422, "programmes.day_out_of_bounds")), ["/occurredOn"]);
    }
    happen("2010-10-15").expect(200);
    happen("2021-03-01").expect(200);
}

#[test]
fn scoring_rules_tell_all_their_faults_at_once() {
    let app = TestApp::start();
    let recruitment = Recruitment::of(&app, 1);
    let criterion = |code: &str, points: &str, group: Value| json!({ "code": code, "labelPl": code, "labelEn": code, "points": points, "source": "condition", "rule": "disability", "group": group });
    let body = json!({
        "legalSource": "Regulamin rekrutacji § 5",
        "content": { "criteria": [criterion("a", "0", json!("g")), criterion("a", "5", Value::Null)], "tieBreakers": [{ "rule": "morePointsIn" }] }
    });
    let path = format!("/editions/{}/scoring-rules", recruitment.edition);
    let refused = recruitment.coordinator.post(&path, &body).refused(422, "recruitment.scoring_rules");
    assert_eq!(
        pointers(&refused),
        [
            "/content/criteria/0/points",
            "/content/criteria/0/group",
            "/content/criteria/1/code",
            "/content/tieBreakers/0/criterion"
        ]
    );
}

#[test]
fn nobody_is_unemployed_since_a_day_after_the_fact_began() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let person = build::person(&app);
    let fact = |since: &str| {
        let body = json!({ "kind": "unemployedSince", "value": since, "from": "2020-03-01", "source": "PUP" });
        api.post(&format!("/people/{person}/facts"), &body)
    };
    let refused = fact("2020-03-02").refused(422, "people.unemployed_since_later");
    assert_eq!((pointers(&refused), &refused["since"]), (vec!["/from"], &json!("2020-03-02")));
    fact("2020-03-01").expect(201);
}
