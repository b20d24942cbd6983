//! Offers: a free seat goes down the reserve list, one offer at a time, and says why to whom.

use crate::support::TestApp;
use crate::support::build;
use crate::support::reserve::Reserve;
use pai::platform::policy::Role;
use serde_json::{Value, json};

/// Why candidates before the chosen one were passed.
fn passed(explained: &Value) -> Vec<(i64, &str)> {
    let passed = explained["grounds"]["passed"].as_array().expect("grounds");
    passed.iter().map(|one| (one["position"].as_i64().expect("a position"), one["reason"].as_str().expect("a reason"))).collect()
}

#[test]
fn a_job_frees_a_seat_that_goes_down_the_list_until_somebody_takes_it() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 3, 3, true);
    run.end(0, "2020-11-13").expect(200);
    let [first] = run.open().try_into().expect("one offer");
    assert_eq!((&first["applicationId"], &first["cause"]), (&json!(run.waiting[0]), &json!("participationEnded")));
    assert_eq!(first["freedByParticipationId"], json!(run.participations[0]));
    let days = (&first["offeredOn"], &first["seatFrom"], &first["expiresOn"]);
    assert_eq!(days, (&json!("2020-11-13"), &json!("2020-11-14"), &json!("2020-11-16")));

    let refused = run.refuse(&first, "2020-11-15").expect(200);
    assert_eq!((&refused["state"], &refused["refusalReason"]), (&json!("refused"), &json!("notInterested")));
    let [second] = run.open().try_into().expect("one offer");
    assert_eq!((&second["id"], &second["applicationId"]), (&refused["nextOfferId"], &json!(run.waiting[1])));
    assert_eq!((&second["cause"], &second["freedByOfferId"]), (&json!("offerRefused"), &first["id"]));
    run.refuse(&first, "2020-11-15").refused(409, "recruitment.offer_closed");

    // The seat is promised: nobody else gets it, unless somebody says why.
    run.admit(&json!({ "applicationId": run.waiting[2] }), "2020-11-16").refused(409, "participation.seat_offered");
    let accepted = run.accept(&second, "2020-11-16").expect(200);
    assert_eq!((&accepted["state"], &accepted["answeredOn"]), (&json!("accepted"), &json!("2020-11-16")));
    run.admit(&json!({ "applicationId": run.waiting[2] }), "2020-11-16").refused(409, "participation.seat_offered");
    let admitted = run.admit(&json!({ "offerId": second["id"] }), "2020-11-16").expect(201);
    assert_eq!(admitted["applicationId"], json!(run.waiting[1]));
    assert_eq!(run.explained(&second, "pl")["participationId"], admitted["id"]);
    run.admit(&json!({ "applicationId": run.waiting[2] }), "2020-11-16").refused(409, "participation.no_free_seat");
    assert_eq!(run.fill("2020-11-16")["offers"], json!([]));
    assert_eq!(run.offers().len(), 2, "a seat makes one offer at a time");
}

#[test]
fn an_offer_says_why_to_this_candidate_in_both_languages() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 2, 4, true);
    run.withdraw_application(&run.waiting[0], "2020-11-05").expect(200);
    run.end(0, "2020-11-13").expect(200);
    let [first] = run.open().try_into().expect("one offer");
    run.end(1, "2020-11-13").expect(200);
    let second = run.open().pop().expect("a second offer");
    let polish = run.explained(&second, "pl");
    assert_eq!(passed(&polish), [(1, "withdrawn"), (2, "hasOffer")]);
    assert_eq!(polish["grounds"]["position"], 3);
    assert_eq!(
        polish["grounds"]["seats"],
        json!({ "day": "2020-11-14", "places": 2, "occupied": 0, "offered": 1, "awaiting": 0 })
    );
    let english = run.explained(&second, "en");
    assert_eq!(polish["grounds"], english["grounds"]);
    assert_eq!(
        polish["explanation"],
        "Miejsce jest wolne od 14.11.2020: uczestnik zakończył udział przed terminem. W dniu 14.11.2020, gdy wolnych jest najmniej: \
         miejsc 2, zajętych 0, zaoferowanych 1, dla zakwalifikowanych i jeszcze nieprzyjętych 0, wolnych 1. Kandydat znajduje się na liście \
         rezerwowej na pozycji 3. Wcześniej stali: pozycja 1 – zgłoszenie wycofane (05.11.2020); pozycja 2 – ma już ofertę (13.11.2020)."
    );
    let english = english["explanation"].as_str().expect("text");
    assert!(english.starts_with("A seat is free from 2020-11-14: a participant left before the planned end."), "{english}");
    assert!(
        english.ends_with("position 1 – withdrew the application (2020-11-05); position 2 – has an offer already (2020-11-13).")
    );
    // The grounds are those of the day: a later refusal does not change them.
    run.refuse(&first, "2020-11-14").expect(200);
    assert_eq!(run.explained(&second, "pl")["explanation"], polish["explanation"]);
}

#[test]
fn what_is_not_answered_in_time_expires_by_the_day_given() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 2, 3, false);
    run.end(0, "2020-11-13").expect(200);
    assert_eq!(run.offers(), Vec::<Value>::new(), "nothing is offered unless the edition does so by itself");
    let filled = run.fill("2020-11-16");
    let [offer] = filled["offers"].as_array().expect("offers").clone().try_into().expect("one offer");
    assert_eq!(
        (&offer["cause"], &offer["freedByParticipationId"]),
        (&json!("participationEnded"), &json!(run.participations[0]))
    );
    assert_eq!(filled["seats"]["offered"], 1);
    assert_eq!(run.fill("2020-11-19")["offers"], json!([]), "the last day for an answer is not over");
    let late = run.accept(&offer, "2020-11-20").refused(409, "recruitment.offer_expired");
    assert_eq!(late["expiresOn"], "2020-11-19");
    let overdue = format!("/editions/{}/offers?overdueOn=", run.edition);
    assert_eq!(run.api.get(&format!("{overdue}2020-11-19")).expect(200)["items"], json!([]));
    assert_eq!(run.api.get(&format!("{overdue}2020-11-20")).expect(200)["items"][0]["id"], offer["id"]);
    let filled = run.fill("2020-11-20");
    assert_eq!(filled["expiredOfferIds"], json!([offer["id"]]));
    let next = &filled["offers"][0];
    assert_eq!((&next["cause"], &next["freedByOfferId"]), (&json!("offerExpired"), &offer["id"]));
    assert_eq!((&next["applicationId"], &next["seatFrom"]), (&json!(run.waiting[1]), &json!("2020-11-20")));
    assert_eq!(passed(&run.explained(next, "pl")), [(1, "didNotAnswer")]);
    assert_eq!(run.fill("2020-11-20")["offers"], json!([]), "filling again does nothing");
    run.accept(next, "2020-11-19").refused(422, "recruitment.out_of_order");
}

#[test]
fn who_is_passed_and_why() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 6, false);
    // The second takes part elsewhere at the time, the third has used five months up, the last was put on the list later.
    let elsewhere = build::edition(&app, "2020-12-01", "2021-01-31", 5);
    let body = |edition, person, from: &str| json!({ "editionId": edition, "personId": person, "startsOn": from });
    run.api.post("/participations", &body(elsewhere, run.people[1], "2020-12-01")).expect(201);
    let before = build::edition(&app, "2020-01-01", "2020-05-31", 5);
    run.api.post("/participations", &body(before, run.people[2], "2020-01-01")).expect(201);
    let late = run.apply(build::person(&app));
    run.decide(&late, "reserve", "2020-11-25").expect(200);
    run.end(0, "2020-11-13").expect(200);
    let first = run.fill("2020-11-14")["offers"][0].clone();
    run.refuse(&first, "2020-11-14").expect(200);
    let [next] = run.open().try_into().expect("one offer");
    assert_eq!(next["applicationId"], json!(run.waiting[3]));
    assert_eq!(passed(&run.explained(&next, "pl")), [(1, "refused"), (2, "takesPart"), (3, "wouldExceedMonths")]);
    let list = run.list("2020-11-14");
    let standing: Vec<(i64, &Value, &Value)> = list["candidates"]
        .as_array()
        .expect("candidates")
        .iter()
        .map(|one| (one["position"].as_i64().expect("a position"), &one["order"], &one["passed"]))
        .collect();
    let (none, one, two) = (&Value::Null, &json!(1), &json!(2));
    assert_eq!(
        standing,
        [
            (1, none, &json!("refused")),
            (2, none, &json!("takesPart")),
            (3, none, &json!("wouldExceedMonths")),
            (4, none, &json!("hasOffer")),
            (5, one, none),
            (6, two, none),
            (7, none, &json!("listedLater")),
        ]
    );
    // Months of seats left: from December on the third would stay within the six.
    assert_eq!(run.list("2020-12-02")["candidates"][2]["passed"], Value::Null);
    // A later decision gives a new turn.
    run.decide(&run.waiting[0], "reserve", "2020-11-16").expect(200);
    let again = run.list("2020-11-16");
    let again =
        again["candidates"].as_array().expect("candidates").iter().find(|one| one["applicationId"] == json!(run.waiting[0]));
    assert_eq!(again.expect("the first")["passed"], Value::Null);
}

#[test]
fn a_regime_that_asks_for_an_assessment_offers_to_nobody_without_one() {
    let app = TestApp::start();
    let regime = json!({
        "code": "TOWN", "version": 1, "namePl": "Program", "nameEn": "Programme", "legalSource": "Uchwała",
        "parameters": { "jobMinDays": 30, "followUpClock": "programme", "admissionOnAssessment": true,
            "eligibility": [{ "rule": "registeredUnemployed", "severity": "hard", "legalSource": "§ 2" }] }
    });
    let regime = app.api(Role::Coordinator).post("/regimes", &regime).id();
    let run = Reserve::under(&app, &regime, 0, 2, false);
    run.revise(1, "2020-11-02").expect(201);
    assert_eq!(run.fill("2020-11-02")["offers"], json!([]));
    let fact = json!({ "kind": "registeredUnemployed", "value": "true", "from": "2019-01-01", "source": "PUP" });
    run.api.post(&format!("/people/{}/facts", run.people[1]), &fact).expect(201);
    let assessment = run
        .api
        .post(&format!("/applications/{}/eligibility-assessments", run.waiting[1]), &json!({ "effectiveOn": "2020-10-30" }));
    let decision =
        json!({ "decision": "reserve", "effectiveOn": "2020-10-30", "reason": "Ocena", "assessmentId": assessment.id() });
    run.api.post(&format!("/applications/{}/decisions", run.waiting[1]), &decision).expect(200);
    let offer = run.fill("2020-11-02")["offers"][0].clone();
    assert_eq!((&offer["applicationId"], &offer["cause"]), (&json!(run.waiting[1]), &json!("planRevised")));
    assert_eq!(passed(&run.explained(&offer, "pl")), [(1, "notAssessed")]);
}

#[test]
fn places_that_a_revision_adds_are_offered_and_those_that_it_takes_away_are_taken_back() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 2, 4, true);
    let revision = run.revise(4, "2020-11-10").id();
    let [first, second] = run.open().try_into().expect("two offers");
    for (offer, application) in [(&first, &run.waiting[0]), (&second, &run.waiting[1])] {
        assert_eq!((&offer["applicationId"], &offer["freedByRevisionId"]), (&json!(application), &json!(revision)));
        assert_eq!((&offer["cause"], &offer["seatFrom"]), (&json!("planRevised"), &json!("2020-11-10")));
    }
    run.revise(3, "2020-11-12").expect(201);
    let [left] = run.open().try_into().expect("one offer");
    assert_eq!(left["id"], first["id"]);
    assert_eq!(run.explained(&second, "pl")["withdrawalReason"], "placesReduced");
    // Whose seat was taken away keeps the turn.
    run.revise(4, "2020-11-13").expect(201);
    assert_eq!(run.open().pop().expect("an offer")["applicationId"], json!(run.waiting[1]));
}

#[test]
fn a_seat_of_somebody_selected_is_not_offered_until_that_application_is_withdrawn() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 1, true);
    let selected = run.apply(build::person(&app));
    run.decide(&selected, "selected", "2020-10-20").expect(200);
    run.end(0, "2020-11-13").expect(200);
    assert_eq!(run.open(), Vec::<Value>::new());
    assert_eq!(
        run.fill("2020-11-14")["seats"],
        json!({ "day": "2020-11-14", "places": 1, "occupied": 0, "offered": 0, "awaiting": 1 })
    );
    run.withdraw_application(&selected, "2020-11-17").expect(200);
    let [offer] = run.open().try_into().expect("one offer");
    assert_eq!((&offer["applicationId"], &offer["seatFrom"]), (&json!(run.waiting[0]), &json!("2020-11-17")));
    // While the answer is awaited, the application stays on the reserve list.
    run.decide(&run.waiting[0], "selected", "2020-11-18").refused(409, "recruitment.has_offer");
    run.withdraw_application(&run.waiting[0], "2020-11-18").expect(200);
    assert_eq!(run.explained(&offer, "pl")["withdrawalReason"], "applicationWithdrawn");
}

#[test]
fn an_offer_is_accepted_and_taken_up_in_one_call() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 2, 3, true);
    run.end(0, "2020-11-13").expect(200);
    let [offer] = run.open().try_into().expect("one offer");
    let by_application = json!({ "applicationId": run.waiting[0] });
    let unanswered = run.admit(&by_application, "2020-11-16").refused(409, "recruitment.offer_unanswered");
    assert_eq!(unanswered["offerId"], offer["id"]);
    let late = json!({ "offerId": offer["id"], "acceptedOn": "2020-11-17" });
    run.admit(&late, "2020-11-18").refused(409, "recruitment.offer_expired");
    let admitted = run.admit(&json!({ "offerId": offer["id"], "acceptedOn": "2020-11-16" }), "2020-11-18").expect(201);
    let taken = run.explained(&offer, "pl");
    assert_eq!(
        (&taken["state"], &taken["answeredOn"], &taken["participationId"]),
        (&json!("accepted"), &json!("2020-11-16"), &admitted["id"])
    );
    run.admit(&json!({ "offerId": offer["id"] }), "2020-11-18").refused(409, "participation.overlap");

    // A substitution takes the offer of the leaving participant's seat up.
    run.end(1, "2020-11-20").expect(200);
    let [offer] = run.open().try_into().expect("one offer");
    let path = format!("/participations/{}/substitution", run.participations[1]);
    let other = json!({ "applicationId": run.waiting[2], "effectiveOn": "2020-11-23" });
    run.api.post(&path, &other).refused(409, "participation.seat_offered");
    let taking = json!({ "offerId": offer["id"], "acceptedOn": "2020-11-23", "effectiveOn": "2020-11-23" });
    let replacement = run.api.post(&path, &taking).expect(201);
    assert_eq!(
        (&replacement["replacesId"], &replacement["applicationId"]),
        (&json!(run.participations[1]), &json!(run.waiting[1]))
    );
    let nobodys = json!({ "applicationId": run.waiting[2], "acceptedOn": "2020-11-23" });
    run.admit(&nobodys, "2020-11-23").refused(409, "recruitment.no_offer");
}

#[test]
fn an_offer_can_be_taken_back_and_departed_from_with_a_reason() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 3, true);
    run.end(0, "2020-11-13").expect(200);
    let [mistaken] = run.open().try_into().expect("one offer");
    let withdrawal = |reason: &str, on: &str| json!({ "reason": reason, "effectiveOn": on });
    run.act(&mistaken, "withdrawal", &withdrawal("editionClosed", "2020-11-14"))
        .refused(422, "recruitment.offer_withdrawal_reason");
    run.act(&mistaken, "withdrawal", &withdrawal("mistake", "2020-11-12")).refused(422, "recruitment.out_of_order");
    let with_pesel = json!({ "reason": "other", "effectiveOn": "2020-11-14", "note": "PESEL 44051401359" });
    let pointed = run.act(&mistaken, "withdrawal", &with_pesel).refused(422, "platform.pesel_in_text");
    assert_eq!(pointed["errors"][0]["pointer"], "/note");
    run.act(&mistaken, "withdrawal", &withdrawal("mistake", "2020-11-14")).expect(200);
    assert_eq!(run.open(), Vec::<Value>::new(), "after a mistake nothing follows by itself");
    let again = run.fill("2020-11-14")["offers"][0].clone();
    assert_eq!((&again["applicationId"], &again["cause"]), (&json!(run.waiting[0]), &json!("offerWithdrawn")));
    run.accept(&again, "2020-11-15").expect(200);
    let gone = run.act(&again, "withdrawal", &withdrawal("didNotCome", "2020-11-18")).expect(200);
    let [next] = run.open().try_into().expect("one offer");
    assert_eq!((&gone["nextOfferId"], &next["applicationId"]), (&next["id"], &json!(run.waiting[1])));
    let reason = json!({ "applicationId": run.waiting[2], "override": { "reason": "Uzgodnione z urzędem pracy" } });
    let admitted = run.admit(&reason, "2020-11-18").expect(201);
    assert_eq!(admitted["overrideReason"], "Uzgodnione z urzędem pracy");
    app.other_api(Role::Coordinator)
        .get(&format!("/offers/{}", next["id"].as_str().expect("an id")))
        .refused(404, "platform.not_found");
}

#[test]
fn a_closed_edition_promises_nothing_and_late_papers_can_still_be_entered() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 2, true);
    run.end(0, "2020-11-13").expect(200);
    let [offer] = run.open().try_into().expect("one offer");
    run.accept(&offer, "2020-11-14").expect(200);
    run.api.post(&format!("/editions/{}/closure", run.edition), &json!({ "effectiveOn": "2020-11-30" })).expect(200);
    assert_eq!(run.explained(&offer, "pl")["withdrawalReason"], "editionClosed");
    assert_eq!(run.list("2020-12-01")["seats"], Value::Null, "after the closing there is no seat");
    let late = run.fill("2020-11-20")["offers"][0].clone();
    assert_eq!(late["applicationId"], json!(run.waiting[1]));
    let body = json!({ "offerId": late["id"], "acceptedOn": "2020-11-20", "plannedEndOn": "2020-11-30" });
    run.admit(&body, "2020-11-23").expect(201);
}

#[test]
fn the_days_to_answer_are_the_editions_and_a_seat_lasts_to_its_end() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 2, false);
    let path = format!("/editions/{}", run.edition);
    let current = run.api.get(&path);
    assert_eq!((&current.expect(200)["offerAnswerDays"], &current.expect(200)["automaticOffers"]), (&json!(3), &json!(false)));
    let change =
        json!({ "name": "I", "startsOn": "2020-11-02", "endsOn": "2020-12-31", "automaticOffers": true, "offerAnswerDays": 7 });
    run.api.put(&path, current.header("etag"), &change).expect(200);
    // Somebody who comes for December only takes the seat away from those who would stay: no day may be over the plan.
    let later = build::person(&app);
    run.end(0, "2020-11-13").expect(200);
    let [offer] = run.open().try_into().expect("one offer");
    assert_eq!(offer["expiresOn"], "2020-11-20");
    run.refuse(&offer, "2020-11-14").expect(200);
    let [offer] = run.open().try_into().expect("one offer");
    run.refuse(&offer, "2020-11-14").expect(200);
    let december = json!({ "editionId": run.edition, "personId": later, "startsOn": "2020-12-01" });
    run.api.post("/participations", &december).expect(201);
    run.decide(&run.waiting[0], "reserve", "2020-11-16").expect(200);
    assert_eq!(run.fill("2020-11-16")["offers"], json!([]), "the seat is free only until December");
    assert_eq!(run.list("2020-11-16")["seats"]["day"], "2020-12-01");
}

#[test]
fn nobody_has_a_turn_where_no_seat_is_free() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 2, 3, false);
    let turns = |on: &str| -> Vec<Value> {
        let list = run.list(on);
        let candidates = list["candidates"].as_array().expect("candidates").clone();
        candidates.iter().map(|one| json!([one["order"], one["turn"]])).collect()
    };
    assert_eq!(turns("2020-11-10"), [json!([1, null]), json!([2, null]), json!([3, null])]);
    run.end(0, "2020-11-13").expect(200);
    assert_eq!(turns("2020-11-14"), [json!([1, 1]), json!([2, null]), json!([3, null])]);
    run.fill("2020-11-14");
    assert_eq!(turns("2020-11-14"), [json!([null, null]), json!([1, null]), json!([2, null])], "the seat is promised");
    run.end(1, "2020-11-20").expect(200);
    assert_eq!(turns("2020-11-17"), [json!([null, null]), json!([1, null]), json!([2, null])]);
}
