//! People, their identities, facts and households.

use crate::support::database::rows;
use crate::support::{Api, TestApp};
use chrono::TimeDelta;
use pai::platform::clock::legal_day;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use pai::platform::types::{Day, Sex, fictitious_pesel};
use serde_json::{Value, json};
use std::thread;

fn pesel(serial: u16) -> String {
    let born = Day::from_ymd(1984, 5, 17).expect("a day");
    fictitious_pesel(born, Sex::Female, serial).expose().to_owned()
}

#[test]
fn a_year_of_birth_out_of_bounds_is_refused_with_its_bounds_in_the_callers_language() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    for year in [json!(1000), json!(2201), json!(100_000), json!("1984")] {
        let body = json!({ "sex": "female", "birthYear": year });
        let polish = api.post("/people", &body).refused(422, "platform.invalid_body")["errors"][0].clone();
        assert_eq!((&polish["pointer"], &polish["code"]), (&json!("/birthYear"), &json!("platform.invalid_field")));
        assert_eq!(polish["message"], "Niepoprawna wartość pola: musi być liczbą całkowitą od 1900 do 2200");
        let english = api.with("Accept-Language", "en").post("/people", &body).refused(422, "platform.invalid_body");
        assert_eq!(english["errors"][0]["message"], "Invalid field value: must be a whole number from 1900 to 2200");
    }
    assert_eq!(api.post("/people", &json!({ "sex": "female", "birthYear": null })).status, 201);
}

#[test]
fn a_purpose_is_kept_as_it_reads() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let search = json!({ "surname": "Nowak" });
    for (sent, kept) in
        [("pomoc%20spo%C5%82eczna", "pomoc społeczna"), ("50% czynszu", "50% czynszu"), ("%C5", "%C5"), ("%0A", "%0A")]
    {
        let stated = api.with("Pai-Purpose", sent).with("Pai-On-Behalf-Of", "%C5%BBak");
        stated.post("/people/search", &search).expect(200);
        let entries = app.api(Role::Auditor).get("/audit-entries?operation=search_people&order=newest&limit=1").expect(200);
        let entry = &entries["items"][0];
        assert_eq!((&entry["purpose"], &entry["onBehalfOf"]), (&json!(kept), &json!("Żak")));
    }
    for refused in ["osoba 44051401359", "%34%34051401359", "x".repeat(201).as_str()] {
        let refused = api.with("Pai-Purpose", refused).post("/people/search", &search).refused(400, "platform.invalid_header");
        assert_eq!(refused["errors"][0]["pointer"], "Pai-Purpose");
    }
}

fn person(api: &Api) -> String {
    api.post("/people", &json!({ "sex": "female", "birthYear": 1984 })).id()
}

fn worker(app: &TestApp) -> Api {
    app.api(Role::SocialWorker).with("Pai-Purpose", "recruitment")
}

fn identity(serial: u16) -> Value {
    json!({ "givenNames": "Anna Maria", "surname": "Żółcińska", "pesel": pesel(serial), "birthDate": "1984-05-17",
            "address": "ul. Próbna 1, 00-000 Testowo", "contact": "+48 600 000 000" })
}

#[test]
fn other_systems_hear_of_people_by_their_ids_only() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator).with("Pai-Purpose", "recruitment");
    let identity = json!({ "givenNames": "Zofia", "surname": "Niewidoczna", "missingReason": "w trakcie" });
    let person = api.post("/people", &json!({ "sex": "female", "identity": identity })).id();
    let path = format!("/people/{person}");
    api.put(&path, "\"1\"", &json!({ "sex": "female", "birthYear": 1970 })).expect(200);
    api.put(&format!("{path}/identity"), "\"1\"", &identity).expect(200);
    let fact = json!({ "kind": "education", "value": "basicVocational", "from": "2003-06-20", "source": "oświadczenie" });
    let fact = api.post(&format!("{path}/facts"), &fact).id();
    let household = api.post("/households", &json!({ "note": "tajne" })).id();
    let member = api.post(&format!("/households/{household}/members"), &json!({ "personId": person, "from": "2019-05-01" })).id();
    api.post("/people?dryRun=true", &json!({ "sex": "female" })).expect(200);
    let mut conn = connect(&app.superuser_url).expect("superuser connection");
    let events = rows(
        &mut conn,
        "SELECT ARRAY[type, aggregate_kind, aggregate_id::text, sequence::text, data::text] AS row FROM outbox_events ORDER BY id",
    );
    let events: Vec<Value> = events
        .into_iter()
        .map(|event| json!([event[0], event[1], event[2], event[3], serde_json::from_str::<Value>(&event[4]).expect("JSON")]))
        .collect();
    let event = |kind: &str, of: &str, id: &str, number: u8, data: Value| json!([kind, of, id, number.to_string(), data]);
    assert_eq!(
        events,
        [
            event("person.recorded", "person", &person, 1, json!({ "personId": person })),
            event("person.changed", "person", &person, 2, json!({ "personId": person })),
            event("person.identity_changed", "person", &person, 3, json!({ "personId": person })),
            event("person_fact.recorded", "person", &person, 4, json!({ "factId": fact, "personId": person })),
            event("household.recorded", "household", &household, 1, json!({ "householdId": household })),
            event(
                "household_member.recorded",
                "household",
                &household,
                2,
                json!({ "memberId": member, "personId": person, "householdId": household })
            ),
        ]
    );
}

#[test]
fn a_person_is_known_by_id_and_the_identity_only_for_a_purpose() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let made = api.post("/people", &json!({ "sex": "female", "birthYear": 1984, "identity": identity(1) }));
    assert_eq!(made.expect(201)["warnings"], json!([]));
    let id = made.id();
    let path = format!("/people/{id}");
    for answer in [&made, &api.get(&path), &api.get("/people")] {
        assert!(!answer.text.contains(&pesel(1)) && !answer.text.contains("Żółcińska"));
    }
    api.get(&format!("{path}/identity")).refused(400, "platform.purpose_required");
    let revealed = worker(&app).get(&format!("{path}/identity"));
    let view = revealed.expect(200);
    assert_eq!((&view["pesel"], &view["surname"]), (&json!(pesel(1)), &json!("Żółcińska")));
    assert_eq!((&view["birthDate"], &view["document"]), (&json!("1984-05-17"), &json!(null)));
    assert_eq!(revealed.header("etag"), "\"1\"");
    assert_eq!(revealed.header("cache-control"), "no-store");

    let changed = api.put(&path, "\"1\"", &json!({ "sex": "unknown", "note": "Kontakt przez asystenta" })).expect(200);
    assert_eq!((&changed["birthYear"], &changed["version"]), (&json!(null), &json!(2)));
    let audit = app.api(Role::Auditor).get(&format!("/audit-entries?recordId={id}")).expect(200);
    let reveals: Vec<_> = audit["items"].as_array().expect("items").iter().filter(|row| row["revealsIdentity"] == true).collect();
    assert_eq!(reveals.len(), 1);
    assert_eq!((&reveals[0]["operation"], &reveals[0]["purpose"]), (&json!("get_person_identity"), &json!("recruitment")));

    let other = app.other_api(Role::SocialWorker).with("Pai-Purpose", "recruitment");
    other.get(&path).refused(404, "platform.not_found");
    other.get(&format!("{path}/identity")).refused(404, "platform.not_found");
    other.put(&path, "\"2\"", &json!({ "sex": "male" })).refused(404, "platform.not_found");
}

#[test]
fn what_disagrees_with_the_pesel_is_a_warning_and_what_is_missing_needs_a_reason() {
    let app = TestApp::start();
    let api = worker(&app);
    let mut odd = identity(2);
    odd["birthDate"] = json!("1985-05-17");
    let made = api.post("/people", &json!({ "sex": "male", "birthYear": 1986, "identity": odd })).expect(201);
    let codes: Vec<_> = made["warnings"].as_array().expect("warnings").iter().map(|warning| warning["code"].clone()).collect();
    assert_eq!(codes, [json!("peselBirthDate"), json!("peselBirthYear"), json!("peselSex"), json!("birthDateBirthYear")]);

    let nameless = json!({ "sex": "female", "identity": { "surname": "Bez" } });
    let refused = api.post("/people", &nameless).refused(422, "people.identity_incomplete");
    assert_eq!(refused["errors"][0]["pointer"], "/identity/missingReason");
    let explained = json!({ "sex": "female", "identity": { "missingReason": "publikacja nie podaje nazwisk" } });
    let id = api.post("/people", &explained).id();
    assert_eq!(api.get(&format!("/people/{id}/identity")).expect(200)["surname"], json!(null));
    let broken = json!({ "sex": "female", "identity": { "pesel": "84051700000" } });
    let answer = api.post("/people", &broken);
    assert_eq!(answer.refused(422, "platform.invalid_body")["errors"][0]["pointer"], "/identity/pesel");
    assert!(!answer.text.contains("84051700000"));
    let year = api.post("/people", &json!({ "sex": "female", "birthYear": 1799 })).refused(422, "platform.invalid_body");
    assert_eq!(year["errors"][0]["pointer"], "/birthYear");
}

#[test]
fn the_identity_tells_a_year_of_birth_that_nobody_gave() {
    let app = TestApp::start();
    let api = worker(&app);
    let year = |id: &str| {
        let person = api.get(&format!("/people/{id}")).expect(200);
        (person["birthYear"].clone(), person["version"].clone())
    };
    let mut by_number = identity(11);
    by_number["birthDate"] = json!(null);
    let made = api.post("/people", &json!({ "sex": "female", "identity": by_number })).expect(201);
    assert_eq!((&made["birthYear"], &made["warnings"]), (&json!(1984), &json!([])));
    let by_date = json!({ "surname": "Bez", "birthDate": "1971-02-03", "missingReason": "brak" });
    assert_eq!(api.post("/people", &json!({ "sex": "male", "identity": by_date })).expect(201)["birthYear"], 1971);
    let stated = api.post("/people", &json!({ "sex": "female", "birthYear": 1980, "identity": identity(12) })).expect(201);
    assert_eq!(stated["birthYear"], 1980, "what somebody says stays, with a warning");

    let without = api.post("/people", &json!({ "sex": "female" })).id();
    let path = format!("/people/{without}/identity");
    api.put(&path, "\"0\"", &identity(13)).expect(200);
    assert_eq!(year(&without), (json!(1984), json!(2)));
    let said = api.post("/people", &json!({ "sex": "female", "birthYear": 1980 })).id();
    let warned = api.put(&format!("/people/{said}/identity"), "\"0\"", &identity(14)).expect(200);
    assert_eq!((year(&said), &warned["warnings"][0]["code"]), ((json!(1980), json!(1)), &json!("peselBirthYear")));
}

#[test]
fn an_identity_is_added_replaced_and_protected_from_lost_updates() {
    let app = TestApp::start();
    let api = worker(&app);
    let id = person(&api);
    let path = format!("/people/{id}/identity");
    api.get(&path).refused(404, "platform.not_found");
    api.with("Content-Type", "application/json")
        .send("PUT", &path, Some(identity(3).to_string()))
        .refused(428, "platform.precondition_required");
    api.put(&path, "\"1\"", &identity(3)).refused(412, "platform.precondition_failed");
    let first = api.put(&path, "\"0\"", &identity(3));
    assert_eq!(first.expect(200)["version"], 1);
    api.put(&path, "\"0\"", &identity(3)).refused(412, "platform.precondition_failed");
    let document = json!({ "givenNames": "Anna", "surname": "Nowa", "document": { "kind": "passport", "number": "AB 123-456" } });
    let second = api.put(&path, "\"1\"", &document);
    assert_eq!(second.header("etag"), "\"2\"");
    assert_eq!(second.expect(200)["pesel"], json!(null));
    let found = api.post("/people/search", &json!({ "document": { "kind": "passport", "number": "ab123456" } })).expect(200);
    assert_eq!(found["items"][0]["personId"], json!(id));
    api.put(&format!("{path}?dryRun=true"), "\"2\"", &identity(4)).expect(200);
    assert_eq!(api.get(&path).expect(200)["surname"], "Nowa");
    // A rehearsal records neither a person nor anything else that a later call would meet.
    let rehearsed = json!({ "id": "01900000-0000-7000-8000-0000000000fe", "sex": "female", "identity": identity(4) });
    api.post("/people?dryRun=true", &rehearsed).expect(200);
    assert_eq!(api.post("/people/search", &json!({ "pesel": pesel(4) })).expect(200)["items"], json!([]));
    api.post("/people", &rehearsed).expect(201);
    let other = app.other_api(Role::SocialWorker).with("Pai-Purpose", "recruitment");
    other.put(&path, "\"2\"", &identity(3)).refused(404, "platform.not_found");
}

#[test]
fn a_pesel_belongs_to_one_person_of_the_town() {
    let app = TestApp::start();
    let api = worker(&app);
    let body = json!({ "sex": "female", "identity": identity(5) });
    let calls: Vec<_> = (0..4)
        .map(|_| {
            let (api, body) = (api.clone(), body.clone());
            thread::spawn(move || api.post("/people", &body))
        })
        .collect();
    let answers: Vec<_> = calls.into_iter().map(|call| call.join().expect("a call")).collect();
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(made.len(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(answer.refused(409, "people.pesel_taken")["errors"][0]["pointer"], "/identity/pesel");
        assert!(!answer.text.contains(&made[0].id()) && !answer.text.contains(&pesel(5)));
    }
    let someone = person(&api);
    let refused = api.put(&format!("/people/{someone}/identity"), "\"0\"", &identity(5)).refused(409, "people.pesel_taken");
    assert_eq!(refused["errors"][0]["pointer"], "/pesel");
    // The other town keeps a record of its own, and learns nothing of this one.
    let other = app.other_api(Role::SocialWorker).with("Pai-Purpose", "recruitment");
    assert_eq!(other.post("/people/search", &json!({ "pesel": pesel(5) })).expect(200)["items"], json!([]));
    other.post("/people", &body).expect(201);
}

#[test]
fn people_are_found_by_pesel_and_by_the_beginning_of_a_name() {
    let app = TestApp::start();
    let api = worker(&app);
    let id = api.post("/people", &json!({ "sex": "female", "birthYear": 1984, "identity": identity(6) })).id();
    let search = |body: Value| api.post("/people/search", &body).expect(200)["items"].as_array().map(Vec::len);
    let hit = api.post("/people/search", &json!({ "pesel": pesel(6) }));
    assert_eq!(hit.expect(200)["items"][0]["personId"], json!(id));
    assert!(!hit.text.contains(&pesel(6)));
    assert_eq!(search(json!({ "pesel": pesel(7) })), Some(0));
    assert_eq!(search(json!({ "surname": "zolc" })), Some(1));
    assert_eq!(search(json!({ "surname": "ŻÓŁC", "givenNames": "maria" })), Some(1));
    assert_eq!(search(json!({ "surname": "ŻÓŁC", "givenNames": "Ewa" })), Some(0));
    assert_eq!(search(json!({ "surname": "cińska" })), Some(0));
    for body in [json!({}), json!({ "givenNames": "Anna" }), json!({ "surname": "Żół", "pesel": pesel(6) })] {
        api.post("/people/search", &body).refused(422, "people.search_criteria");
    }
    let read = api.get("/people/search");
    read.refused(405, "platform.method_not_allowed");
    assert_eq!(read.header("allow"), "POST");
    app.api(Role::Auditor).with("Pai-Purpose", "audit").post("/people/search", &json!({})).refused(403, "platform.forbidden");
    let audit = app.api(Role::Auditor).get(&format!("/audit-entries?recordId={id}")).expect(200);
    assert!(audit["items"].as_array().expect("items").iter().any(|row| row["operation"] == "search_people"));
}

#[test]
fn a_client_searches_no_more_than_sixty_times_a_minute() {
    let app = TestApp::start();
    let api = worker(&app);
    let search = || api.post("/people/search", &json!({ "pesel": pesel(8) }));
    for _ in 0..60 {
        search().expect(200);
    }
    let refused = search();
    refused.refused(429, "platform.too_many_requests");
    assert_eq!(refused.header("retry-after"), "1");
    let coordinator = app.api(Role::Coordinator).with("Pai-Purpose", "recruitment");
    coordinator.post("/people/search", &json!({ "pesel": pesel(8) })).expect(200);
    app.clock.advance(TimeDelta::seconds(1));
    search().expect(200);
}

#[test]
fn facts_are_dated_and_corrected_by_newer_facts() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let id = person(&api);
    let path = format!("/people/{id}/facts");
    let fact = |kind: &str, value: &str, from: &str, to: Value| json!({ "kind": kind, "value": value, "from": from, "to": to, "source": "PUP" });
    let profile = api.post(&path, &fact("helpProfile", "II", "2015-01-01", json!("2015-06-30"))).id();
    api.post(&path, &fact("helpProfile", "III", "2015-07-01", Value::Null)).expect(201);
    api.post(&path, &fact("registeredUnemployed", "true", "2014-03-02", Value::Null)).expect(201);
    let values = |query: &str| -> Vec<String> {
        let page = api.get(&format!("{path}{query}")).expect(200);
        let items = page["items"].as_array().expect("items");
        let mut values: Vec<_> = items.iter().map(|fact| fact["value"].as_str().expect("text").to_owned()).collect();
        // The clock stands still, so ids of one moment have no order.
        values.sort_unstable();
        values
    };
    assert_eq!(values("?kind=helpProfile&effectiveOn=2015-06-30"), ["II"]);
    assert_eq!(values("?kind=helpProfile&effectiveOn=2015-07-01"), ["III"]);
    assert_eq!(values("?effectiveOn=2014-12-31"), ["true"]);

    let mut correction = fact("helpProfile", "I", "2015-01-01", json!("2015-06-30"));
    correction["supersedesId"] = json!(profile);
    api.post(&path, &correction).refused(422, "people.correction_reason");
    correction["correctionReason"] = json!("Pomyłka w zaświadczeniu");
    let stranger = person(&api);
    let elsewhere = api.post(&format!("/people/{stranger}/facts"), &correction).refused(422, "platform.reference_not_found");
    assert_eq!(elsewhere["errors"][0]["pointer"], "/supersedesId");
    let calls: Vec<_> = (0..3)
        .map(|_| {
            let (api, path, correction) = (api.clone(), path.clone(), correction.clone());
            thread::spawn(move || api.post(&path, &correction))
        })
        .collect();
    let answers: Vec<_> = calls.into_iter().map(|call| call.join().expect("a call")).collect();
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    answers.iter().filter(|answer| answer.status != 201).for_each(|answer| {
        answer.refused(409, "platform.already_superseded");
    });
    assert_eq!(values("?kind=helpProfile"), ["I", "III"]);
    assert_eq!(values("?kind=helpProfile&includeSuperseded=true"), ["I", "II", "III"]);

    let wrong = api.post(&path, &fact("helpProfile", "3", "2015-01-01", Value::Null)).refused(422, "people.fact_value");
    assert_eq!((&wrong["errors"][0]["pointer"], &wrong["allowed"]), (&json!("/value"), &json!("I, II, III")));
    api.post(&path, &fact("helpProfile", "I", "2015-01-02", json!("2015-01-01"))).refused(422, "people.period_reversed");
    let other = app.other_api(Role::SocialWorker);
    other.get(&path).refused(404, "platform.not_found");
    other.post(&path, &fact("helpProfile", "I", "2015-01-01", Value::Null)).refused(404, "platform.not_found");
}

#[test]
fn facts_can_be_read_as_they_were_known_on_a_day() {
    let app = TestApp::start();
    let path = format!("/people/{}/facts", person(&app.api(Role::SocialWorker)));
    let first = legal_day(app.clock.now());
    let profile = json!({ "kind": "helpProfile", "value": "II", "from": "2015-01-01", "source": "PUP" });
    let wrong = app.api(Role::SocialWorker).post(&path, &profile).id();
    app.clock.advance(TimeDelta::days(2));
    // Tokens have expired meanwhile.
    let api = app.api(Role::SocialWorker);
    let correction = json!({
        "kind": "helpProfile", "value": "III", "from": "2015-01-01", "source": "PUP", "supersedesId": wrong, "correctionReason": "Pomyłka"
    });
    api.post(&path, &correction).expect(201);
    let known = |query: &str| -> Vec<String> {
        let page = api.get(&format!("{path}?effectiveOn=2015-06-01{query}")).expect(200);
        let items = page["items"].as_array().expect("items").clone();
        items.iter().map(|fact| fact["value"].as_str().expect("text").to_owned()).collect()
    };
    let before = first.pred_opt().expect("a day");
    assert_eq!(known(&format!("&knownOn={before}")), [""; 0]);
    assert_eq!(known(&format!("&knownOn={first}")), ["II"]);
    assert_eq!(known(&format!("&knownOn={}", legal_day(app.clock.now()))), ["III"]);
    assert_eq!(known(""), ["III"]);
    assert_eq!(known(&format!("&knownOn={first}&includeSuperseded=true")), ["II"]);
}

#[test]
fn a_person_belongs_to_one_household_at_a_time() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let member = person(&api);
    let first = api.post("/households", &json!({ "note": "Pod opieką asystenta" })).id();
    let second = api.post("/households", &json!({})).id();
    let add = |household: &str, body: Value| api.post(&format!("/households/{household}/members"), &body);
    let stay = add(&first, json!({ "personId": member, "from": "2019-01-01" })).id();
    let overlap = add(&second, json!({ "personId": member, "from": "2020-01-01" })).refused(409, "people.household_overlap");
    assert_eq!(overlap["errors"][0]["pointer"], "/personId");
    let ended = json!({ "personId": member, "from": "2019-01-01", "to": "2019-12-31",
                        "supersedesId": stay, "correctionReason": "Wyprowadzka" });
    add(&first, ended.clone()).expect(201);
    add(&first, ended).refused(409, "platform.already_superseded");
    let calls: Vec<_> = (0..3)
        .map(|_| {
            let (api, second, member) = (api.clone(), second.clone(), member.clone());
            thread::spawn(move || {
                api.post(&format!("/households/{second}/members"), &json!({ "personId": member, "from": "2020-01-01" }))
            })
        })
        .collect();
    let answers: Vec<_> = calls.into_iter().map(|call| call.join().expect("a call").status).collect();
    assert_eq!((answers.iter().filter(|status| **status == 201).count(), answers.len()), (1, 3));
    assert!(answers.iter().all(|status| [201, 409].contains(status)));

    let members = api.get(&format!("/households/{first}")).expect(200)["members"].clone();
    assert_eq!((&members[0]["to"], members.as_array().map(Vec::len)), (&json!("2019-12-31"), Some(1)));
    let all = api.get(&format!("/households/{first}?includeSuperseded=true")).expect(200)["members"].clone();
    assert_eq!(all.as_array().map(Vec::len), Some(2));
    let lived_in = api.get(&format!("/households?personId={member}")).expect(200)["items"].clone();
    assert_eq!(lived_in.as_array().map(Vec::len), Some(2));
    let nobody = json!({ "personId": "01900000-0000-7000-8000-0000000000ff", "from": "2020-01-01" });
    add(&second, nobody).refused(422, "platform.reference_not_found");
    let other = app.other_api(Role::SocialWorker);
    other.get(&format!("/households/{first}")).refused(404, "platform.not_found");
    let foreign = other.post("/households", &json!({})).id();
    let stolen = other.post(&format!("/households/{foreign}/members"), &json!({ "personId": member, "from": "2020-01-01" }));
    stolen.refused(422, "platform.reference_not_found");
}

#[test]
fn a_first_identity_without_a_version_is_told_which_one_to_name() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker).with("Pai-Purpose", "intake").with("Accept-Language", "en");
    let person = api.post("/people", &json!({ "sex": "female" })).id();
    let path = format!("/people/{person}/identity");
    api.get(&path).refused(404, "platform.not_found");
    let identity = json!({ "surname": "Próbna", "missingReason": "bez dowodu" });
    let refused = api.send("PUT", &path, Some(identity.to_string())).refused(428, "platform.precondition_required");
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("\"0\"")), "{refused}");
    let refused = api.put(&path, "\"1\"", &identity).refused(412, "platform.precondition_failed");
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("\"0\"")), "{refused}");
    assert_eq!(refused["currentVersion"], 0);
    assert_eq!(api.put(&path, "\"0\"", &identity).expect(200)["version"], 1);
}
