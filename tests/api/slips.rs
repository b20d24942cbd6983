//! Slips of people who enter papers: days to come, the same thing twice, and words that tell what is missing.

use crate::duplicates::merge;
use crate::support::reserve::Reserve;
use crate::support::{Api, TestApp, build};
use pai::platform::policy::Role;
use pai::platform::types::{Sex, fictitious_pesel};
use serde_json::{Value, json};
use uuid::Uuid;

/// The year of the service's clock, and the day after its day.
const THIS_YEAR: i32 = 2026;
const TOMORROW: &str = "2026-06-16";

fn pointed_at(problem: &Value) -> &Value {
    &problem["errors"][0]["pointer"]
}

fn pesel_of(day: &str) -> String {
    fictitious_pesel(day.parse().expect("a day"), Sex::Female, 1).expose().to_owned()
}

#[test]
fn nobody_is_born_after_today() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker).with("Pai-Purpose", "recruitment");
    let reason = "PESEL w trakcie ustalania";
    for (body, pointer) in [
        (json!({ "sex": "female", "birthYear": THIS_YEAR + 1 }), "/birthYear"),
        (json!({ "sex": "female", "identity": { "birthDate": TOMORROW, "missingReason": reason } }), "/identity/birthDate"),
        (json!({ "sex": "female", "identity": { "pesel": pesel_of(TOMORROW), "missingReason": reason } }), "/identity/pesel"),
    ] {
        let refused = api.post("/people", &body).refused(422, "platform.in_future");
        assert_eq!(pointed_at(&refused), &json!(pointer));
    }
    let person = api.post("/people", &json!({ "sex": "female", "birthYear": THIS_YEAR })).expect(201);
    let path = format!("/people/{}", person["id"].as_str().expect("an id"));
    let later = json!({ "sex": "female", "birthYear": THIS_YEAR + 1 });
    let refused = api.put(&path, api.get(&path).header("etag"), &later).refused(422, "platform.in_future");
    assert_eq!(pointed_at(&refused), &json!("/birthYear"));
    let later = json!({ "birthDate": TOMORROW, "missingReason": reason });
    let refused = api.put(&format!("{path}/identity"), "\"0\"", &later).refused(422, "platform.in_future");
    assert_eq!(pointed_at(&refused), &json!("/birthDate"));
}

#[test]
fn a_row_of_somebody_born_after_today_is_not_taken() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker).with("Pai-Purpose", "recruitment");
    let text = format!(
        "Imiona;Nazwisko;PESEL;Rok urodzenia;Data urodzenia;Powód braku danych\n\
         Anna;Pierwsza;;{};;brak numeru\nBeata;Druga;;;{TOMORROW};brak numeru\nCelina;Trzecia;{};;;\nDanuta;Czwarta;;{THIS_YEAR};;brak numeru\n",
        THIS_YEAR + 1,
        pesel_of(TOMORROW)
    );
    let import = api.upload("/imports?kind=people", "text/csv", text.as_bytes()).expect(201);
    let rows = api.get(&format!("/imports/{}/rows?limit=200", import["id"].as_str().expect("an id"))).expect(200);
    let told: Vec<(&Value, &Value, &Value)> = rows["items"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (&row["outcome"], &row["findings"][0]["column"], &row["findings"][0]["code"]))
        .collect();
    let (error, later) = (json!("error"), json!("platform.in_future"));
    let [year, date, pesel] = ["birthYear", "birthDate", "pesel"].map(|column| json!(column));
    assert_eq!(told[..3], [(&error, &year, &later), (&error, &date, &later), (&error, &pesel, &later)]);
    assert_eq!(told[3].0, "created");
}

#[test]
fn a_suspension_ends_with_the_participation() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 0, false);
    let path = format!("/participations/{}", run.participations[0]);
    for (from, to) in [("2020-11-04", "2020-11-06"), ("2020-11-16", "2020-11-30"), ("2020-12-02", "2020-12-04")] {
        let body = json!({ "from": from, "to": to, "reason": "care" });
        run.api.post(&format!("{path}/suspensions"), &body).expect(201);
    }
    let rests = || {
        let read = run.api.get(&path).expect(200);
        let days = |rest: &Value| (rest["from"].clone(), rest["to"].clone());
        read["suspensions"].as_array().expect("suspensions").iter().map(days).collect::<Vec<_>>()
    };
    assert_eq!(rests().len(), 3);
    run.end(0, "2020-11-20").expect(200);
    assert_eq!(rests(), [(json!("2020-11-04"), json!("2020-11-06")), (json!("2020-11-16"), json!("2020-11-20"))]);
}

#[test]
fn a_merge_tells_of_a_promised_seat_that_the_one_person_cannot_take() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 1, false);
    run.end(0, "2020-11-13").expect(200);
    let offer = run.fill("2020-11-14")["offers"][0].clone();
    run.accept(&offer, "2020-11-16").expect(200);
    let [bystander, survivor] = <[Uuid; 2]>::try_from(build::people(&app, 2)).expect("two");
    let elsewhere = build::edition(&app, "2020-12-01", "2021-01-31", 5);
    let body = json!({ "editionId": elsewhere, "personId": survivor, "startsOn": "2020-12-01" });
    let other = run.api.post("/participations", &body).id();
    let api = app.api(Role::SocialWorker);
    assert_eq!(merge(&api, bystander, run.people[0], &json!({})).expect(200)["warnings"], json!([]));
    let warnings = json!([{
        "code": "recruitment.offer_unusable", "offerId": offer["id"], "applicationId": run.waiting[0],
        "editionId": run.edition, "overlappingParticipationIds": [other], "exceedsLimit": false
    }]);
    assert_eq!(merge(&api, run.people[0], survivor, &json!({})).expect(200)["warnings"], warnings);
    run.admit(&json!({ "offerId": offer["id"] }), "2020-11-23").refused(409, "participation.overlap");
}

/// Members of one household for two people while one of them is merged into the other; answers the statuses.
fn members_and_a_merge(api: &Api, [kept, duplicate]: [Uuid; 2]) -> [u16; 3] {
    let household = api.post("/households", &json!({})).id();
    let path = format!("/households/{household}/members");
    let member = |person: Uuid| api.post(&path, &json!({ "personId": person, "from": "2020-01-01" })).status;
    std::thread::scope(|scope| {
        let adding = [kept, duplicate].map(|person| scope.spawn(move || member(person)));
        let merging = scope.spawn(|| merge(api, duplicate, kept, &json!({})).status);
        let [one, other] = adding.map(|thread| thread.join().expect("answered"));
        [one, other, merging.join().expect("answered")]
    })
}

#[test]
fn members_of_a_household_and_a_merge_of_them_do_not_wait_for_each_other() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    for round in 0..40 {
        let pair = <[Uuid; 2]>::try_from(build::people(&app, 2)).expect("two");
        if round % 2 == 0 {
            // What the merge moves then meets what is being added.
            let household = api.post("/households", &json!({})).id();
            let body = json!({ "personId": pair[1], "from": "2019-01-01" });
            api.post(&format!("/households/{household}/members"), &body).expect(201);
        }
        let statuses = members_and_a_merge(&api, pair);
        let [kept, duplicate, merged] = statuses;
        assert!(
            [201, 409].contains(&kept) && [201, 409, 410, 422].contains(&duplicate) && [200, 422, 409].contains(&merged),
            "round {round}: {statuses:?}"
        );
    }
}

#[test]
fn what_is_missing_of_an_assessment_is_told() {
    let app = TestApp::start();
    let regime = json!({
        "code": "TOWN", "version": 1, "namePl": "Program", "nameEn": "Programme", "legalSource": "Uchwała",
        "parameters": { "jobMinDays": 30, "followUpClock": "programme", "admissionOnAssessment": true,
            "eligibility": [{ "rule": "registeredUnemployed", "severity": "hard", "legalSource": "§ 2" }] }
    });
    let regime = app.api(Role::Coordinator).post("/regimes", &regime).id();
    let run = Reserve::under(&app, &regime, 0, 2, false);
    run.revise(2, "2020-11-02").expect(201);
    let fact = json!({
        "kind": "registeredUnemployed", "value": "true", "from": "2019-01-01", "source": "PUP", "expiresOn": "2020-11-10"
    });
    run.api.post(&format!("/people/{}/facts", run.people[1]), &fact).expect(201);
    let path = format!("/applications/{}/eligibility-assessments", run.waiting[1]);
    let assessment = run.api.post(&path, &json!({ "effectiveOn": "2020-10-30" })).id();
    let decision = json!({ "decision": "reserve", "effectiveOn": "2020-10-30", "reason": "Ocena", "assessmentId": assessment });
    run.api.post(&format!("/applications/{}/decisions", run.waiting[1]), &decision).expect(200);
    for (who, word) in [
        (json!({ "editionId": run.edition, "personId": build::person(&app) }), "none"),
        (json!({ "applicationId": run.waiting[0] }), "attested"),
        (json!({ "applicationId": run.waiting[1] }), "stale"),
    ] {
        let refused = run.admit(&who, "2020-11-16").refused(409, "participation.not_assessed");
        assert_eq!(refused["assessment"], word);
    }
    run.admit(&json!({ "applicationId": run.waiting[1] }), "2020-11-09").expect(201);
}
