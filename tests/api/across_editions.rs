//! Across editions: what somebody has taken part in, six months in total, and the yes or no about other towns.

use crate::support::database::names;
use crate::support::{Api, TestApp, build};
use diesel::connection::SimpleConnection;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use pai::platform::types::{Sex, fictitious_pesel};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

fn admit(api: &Api, edition: Uuid, person: Uuid, from: &str) -> crate::support::Answer {
    api.post("/participations", &json!({ "editionId": edition, "personId": person, "startsOn": from }))
}

#[test]
fn months_used_and_left_are_seen_before_an_admission() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let person = build::person(&app);
    for (from, to) in [("2015-05-01", "2015-06-30"), ("2015-07-28", "2015-09-27"), ("2016-01-01", "2016-02-14")] {
        admit(&api, build::edition(&app, from, to, 10), person, from).expect(201);
    }
    let fourth = build::edition(&app, "2016-05-01", "2016-06-30", 10);
    let history = api.get(&format!("/people/{person}/participation-history?editionId={fourth}")).expect(200);
    assert_eq!(history["participations"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        history["groups"],
        json!([{
            "cumulativeGroup": "PAI", "participations": 3, "editions": 3, "repeats": 2, "used": { "months": 5, "days": 14 },
            "usedMonths": "5.466667", "limitMonths": 6, "leftMonths": "0.533333"
        }])
    );
    let prospect = &history["prospect"];
    assert_eq!((&prospect["monthsAfter"], &prospect["exceedsLimit"]), (&json!("7.466667"), &json!(true)));
    let refused = admit(&api, fourth, person, "2016-05-01").refused(422, "participation.cumulative_limit");
    assert_eq!(refused["already"], history["groups"][0]["usedMonths"]);
    // Sixteen days fit: 14 + 16 are a month of thirty days, and six months are allowed.
    let short = format!("/people/{person}/participation-history?editionId={fourth}&startsOn=2016-06-15");
    let short = api.get(&short).expect(200)["prospect"].clone();
    assert_eq!((&short["monthsAfter"], &short["exceedsLimit"]), (&json!("6.000000"), &json!(false)));
    admit(&api, fourth, person, "2016-06-15").expect(201);
    app.other_api(Role::Coordinator).get(&format!("/people/{person}/participation-history")).refused(404, "platform.not_found");
}

#[test]
fn nobody_takes_part_twice_at_a_time_in_whatever_edition() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let person = build::person(&app);
    let (one, other) = (build::edition(&app, "2020-10-15", "2020-12-14", 9), build::edition(&app, "2020-12-01", "2021-01-31", 9));
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let running: Vec<_> = [(one, "2020-11-02"), (other, "2020-12-01")]
            .into_iter()
            .cycle()
            .take(8)
            .map(|(edition, from)| {
                let api = api.clone();
                scope.spawn(move || admit(&api, edition, person, from).status)
            })
            .collect();
        running.into_iter().map(|thread| thread.join().expect("answered")).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|status| matches!(status, 201 | 409)), "{answers:?}");
    let prospect = api.get(&format!("/people/{person}/participation-history?editionId={other}&startsOn=2020-12-10")).expect(200);
    assert_eq!(prospect["prospect"]["overlappingParticipationIds"].as_array().map(Vec::len), Some(1));
    admit(&api, other, person, "2020-12-10").refused(409, "participation.overlap");
    // Past the rules of the service, the database refuses it too.
    let (tenant, client) = (app.town.id, app.town.clients["coordinator"].0);
    let sql = format!(
        "SET app.tenant = '{tenant}'; SET app.client = '{client}'; SET app.now = '2026-06-15T10:00:00Z';
         INSERT INTO participations (id, edition_id, person_id, starts_on, planned_end_on, state, cumulative_group)
         SELECT gen_random_uuid(), e.id, p.person_id, p.starts_on, p.planned_end_on, 'active', 'PAI'
           FROM participations p, editions e WHERE e.id <> p.edition_id"
    );
    let mut superuser = connect(&app.superuser_url).expect("superuser connection");
    let refused = superuser.batch_execute(&sql).expect_err("an overlap").to_string();
    assert!(refused.contains("participations_group_overlap_excl"), "{refused}");
}

/// Somebody of a town with a PESEL.
fn known(api: &Api, number: u16) -> Uuid {
    let birth = "1980-05-14".parse().expect("a day");
    let pesel = fictitious_pesel(birth, Sex::Female, number).expose().to_owned();
    let identity = json!({ "givenNames": "Anna", "surname": "Przykładowa", "pesel": pesel });
    api.post("/people", &json!({ "sex": "unknown", "identity": identity })).id().parse().expect("an id")
}

fn ask(api: &Api, person: Uuid, from: &str, to: &str) -> crate::support::Answer {
    let body =
        json!({ "period": { "from": from, "to": to }, "purpose": "rekrutacja do edycji", "legalBasis": "art. 62b ust. 2 pkt 1" });
    api.post(&format!("/people/{person}/participation-elsewhere-checks"), &body)
}

/// An edition of the other town from 2 November to 31 December 2020, in which somebody takes part.
fn takes_part_in_other_town(app: &TestApp, person: Uuid) {
    let api = app.other_api(Role::Coordinator);
    let programme = api.post("/programmes", &json!({ "name": "PAI", "kind": "pai" })).id();
    let agreement = json!({ "kind": "implementation", "signedOn": "2020-07-22", "regimeId": pai::platform::examples::REGIME });
    let agreement = api.post("/agreements", &agreement).id();
    let edition = json!({
        "programmeId": programme, "agreementId": agreement, "name": "Tajna nazwa edycji", "startsOn": "2020-11-02",
        "endsOn": "2020-12-31", "places": 9
    });
    let edition: Uuid = api.post("/editions", &edition).id().parse().expect("an id");
    admit(&api, edition, person, "2020-11-02").expect(201);
}

#[test]
fn another_town_is_asked_for_yes_or_no_only() {
    let app = TestApp::start();
    let (api, other) = (app.api(Role::SocialWorker), app.other_api(Role::SocialWorker));
    let (here, there) = (known(&api, 41), known(&other, 41));
    takes_part_in_other_town(&app, there);
    for (from, to, takes_part) in [
        ("2020-12-31", "2021-02-28", true),
        ("2021-01-01", "2021-02-28", false),
        ("2020-10-01", "2020-11-01", false),
        ("2020-10-01", "2020-11-02", true),
    ] {
        let began = std::time::Instant::now();
        let answer = ask(&api, here, from, to);
        assert!(began.elapsed() >= Duration::from_millis(250), "every answer takes the same time");
        let check = answer.expect(201);
        assert_eq!((&check["takesPart"], &check["unknownBecause"]), (&json!(takes_part), &Value::Null), "{from} to {to}");
        for told in [there.to_string(), app.other_town.id.to_string(), "2020-11-02T".to_owned(), "Tajna".to_owned()] {
            assert!(!answer.text.contains(&told), "{told}: {}", answer.text);
        }
        let mut members: Vec<&str> = check.as_object().expect("an object").keys().map(String::as_str).collect();
        members.sort_unstable();
        let expected =
            ["from", "id", "legalBasis", "personId", "purpose", "recordedAt", "recordedBy", "takesPart", "to", "unknownBecause"];
        assert_eq!(members, expected);
    }
    // The fifth question about one person within a day is refused, whatever it asks.
    ask(&api, here, "2020-12-31", "2021-02-28").refused(409, "participation.asked_too_often");
    let kept = api.get(&format!("/people/{here}/participation-elsewhere-checks")).expect(200);
    assert_eq!(kept["items"].as_array().map(Vec::len), Some(4));
    assert_eq!(kept["items"][0]["purpose"], "rekrutacja do edycji");
    // The other town learns nothing of the question, and its own participations are none elsewhere.
    let its_own = other.get(&format!("/people/{there}/participation-elsewhere-checks")).expect(200);
    assert_eq!(its_own["items"], json!([]));
    assert_eq!(ask(&other, there, "2020-12-01", "2020-12-31").expect(201)["takesPart"], false);
    let audited = app.api(Role::Auditor).get(&format!("/audit-entries?recordId={here}&limit=200")).expect(200);
    let rows = audited["items"].as_array().expect("rows").iter().filter(|row| row["operation"] == "check_elsewhere");
    let purposes: Vec<&Value> = rows.map(|row| &row["purpose"]).collect();
    assert_eq!(purposes, [&json!("rekrutacja do edycji"); 4]);
}

/// Merges a duplicate into somebody of a town, who keeps the own identity.
fn merge(api: &Api, duplicate: Uuid, into: Uuid, more: &Value) {
    let mut body = json!({ "into": into, "reason": "Ta sama osoba" });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    api.post(&format!("/people/{duplicate}/merge"), &body).expect(200);
}

#[test]
fn the_number_of_a_merged_duplicate_is_asked_by_and_found() {
    let app = TestApp::start();
    let (api, other) = (app.api(Role::Coordinator), app.other_api(Role::Coordinator));
    // The town that asks knew the number from a duplicate, whose survivor was merged on.
    takes_part_in_other_town(&app, known(&other, 51));
    let [first, second, third] = [51, 52, 53].map(|number| known(&api, number));
    merge(&api, first, second, &json!({}));
    merge(&api, second, third, &json!({}));
    assert_eq!(ask(&api, third, "2020-12-01", "2020-12-31").expect(201)["takesPart"], true);
    assert_eq!(ask(&api, third, "2021-01-01", "2021-01-31").expect(201)["takesPart"], false);
    // Of an identity that was discarded nothing is known any more.
    takes_part_in_other_town(&app, known(&other, 54));
    let [discarded, kept] = [54, 55].map(|number| known(&api, number));
    merge(&api, discarded, kept, &json!({ "discardOtherIdentity": true }));
    assert_eq!(ask(&api, kept, "2020-12-01", "2020-12-31").expect(201)["takesPart"], false);

    // The town that is asked has merged, and kept either identity.
    for (number, choice) in [(61, "survivor"), (63, "duplicate")] {
        let [duplicate, survivor] = [number, number + 1].map(|number| known(&other, number));
        takes_part_in_other_town(&app, duplicate);
        merge(&other, duplicate, survivor, &json!({ "identity": choice }));
        for number in [number, number + 1] {
            let asked = known(&api, number);
            assert_eq!(ask(&api, asked, "2020-12-01", "2020-12-31").expect(201)["takesPart"], true, "{number}, {choice}");
            assert_eq!(ask(&api, asked, "2021-01-01", "2021-01-31").expect(201)["takesPart"], false, "{number}, {choice}");
        }
    }
    // A merge makes nobody take part elsewhere by their own participation.
    assert_eq!(ask(&other, known(&other, 70), "2020-12-01", "2020-12-31").expect(201)["takesPart"], false);
}

#[test]
fn who_cannot_be_told_apart_is_unknown_and_not_absent() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let nameless = build::person(&app);
    let check = ask(&api, nameless, "2020-11-02", "2020-12-31").expect(201);
    assert_eq!((&check["takesPart"], &check["unknownBecause"]), (&Value::Null, &json!("noIdentifier")));
    let path = format!("/people/{}/participation-elsewhere-checks", known(&api, 42));
    let body = |period: Value, purpose: &str| json!({ "period": period, "purpose": purpose, "legalBasis": "art. 62b" });
    let days = json!({ "from": "2020-11-02", "to": "2020-12-31" });
    let rehearsed = api.post(&format!("{path}?dryRun=true"), &body(days.clone(), "próba")).expect(200);
    assert_eq!(rehearsed["unknownBecause"], "rehearsal", "a rehearsal leaves no record, so it asks nobody");
    let long = json!({ "from": "2019-01-01", "to": "2020-12-31" });
    api.post(&path, &body(long, "próba")).refused(422, "participation.period_too_long");
    let refused = api.post(&path, &body(days, "osoba 44051401359")).refused(422, "platform.pesel_in_text");
    assert_eq!(refused["errors"][0]["pointer"], "/purpose");
    assert_eq!(api.get(&path).expect(200)["items"], json!([]));
}

#[test]
fn a_client_that_asks_too_often_is_told_to_come_back() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let people = build::people(&app, 16);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let running: Vec<_> = people
            .iter()
            .map(|person| {
                let api = api.clone();
                scope.spawn(move || (0..4).map(|_| ask(&api, *person, "2020-11-02", "2020-12-31").status).collect::<Vec<_>>())
            })
            .collect();
        running.into_iter().flat_map(|thread| thread.join().expect("answered")).collect()
    });
    let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(201), count(429)), (60, 4), "{statuses:?}");
    // Another client has a quota of its own.
    ask(&app.api(Role::Coordinator), build::person(&app), "2020-11-02", "2020-12-31").expect(201);
}

#[test]
fn the_database_answers_only_about_people_of_the_asking_town() {
    let app = TestApp::start();
    let there = known(&app.other_api(Role::SocialWorker), 43);
    takes_part_in_other_town(&app, there);
    let api = app.api(Role::SocialWorker);
    let (same, stranger) = (known(&api, 43), known(&api, 44));
    let mut superuser = connect(&app.superuser_url).expect("superuser connection");
    let index = "SELECT ARRAY[encode(participation_index, 'hex')] AS row FROM person_identities";
    let index = names(&mut superuser, &format!("{index} WHERE person_id = '{there}'")).remove(0);
    let mut service = connect(&app.service_url).expect("service connection");
    let mut told = |person: Uuid| {
        let sql = format!(
            "SET app.tenant = '{}'; DO $$ BEGIN
               IF takes_part_elsewhere('{person}', ARRAY[decode('{index}', 'hex')], '2020-11-02', '2020-12-31') THEN RAISE 'told'; END IF;
             END $$",
            app.town.id
        );
        service.batch_execute(&sql).is_err_and(|error| error.to_string().contains("told"))
    };
    assert!(told(same), "the question works at all");
    assert!(!told(stranger), "another's value is not asked with a person of one's own");
    assert!(!told(there), "somebody of another town cannot be asked about");
    // Behind the row-level security of the asking town the same rows are not there.
    let theirs = format!("SELECT ARRAY[id::text] AS row FROM people WHERE id = '{there}'");
    assert_eq!(names(&mut service, &theirs), [""; 0]);
}
