//! What somebody says a second time, or what a second record says of the same: recorded once, and the first is named.

use std::thread;

use crate::duplicates::merge;
use crate::support::reserve::Reserve;
use crate::support::{Answer, Api, TestApp, build};
use pai::platform::policy::Role;
use pai::platform::types::{Sex, fictitious_pesel};
use serde_json::{Value, json};
use uuid::Uuid;

fn worker(app: &TestApp) -> Api {
    app.api(Role::SocialWorker).with("Pai-Purpose", "recruitment")
}

fn pesel(serial: u16) -> String {
    fictitious_pesel("1984-02-05".parse().expect("a day"), Sex::Female, serial).expose().to_owned()
}

fn named(api: &Api, identity: &Value) -> Uuid {
    api.post("/people", &json!({ "sex": "female", "identity": identity })).id().parse().expect("an id")
}

fn found(api: &Api, criterion: &Value) -> Vec<String> {
    let hits = api.post("/people/search", criterion).expect(200);
    let items = hits["items"].as_array().expect("hits").clone();
    items.iter().map(|hit| hit["personId"].as_str().expect("an id").to_owned()).collect()
}

fn pointer(answer: &Value) -> &Value {
    &answer["errors"][0]["pointer"]
}

#[test]
fn the_former_pesel_of_a_merged_person_finds_the_survivor_and_is_nobody_elses() {
    let app = TestApp::start();
    let api = worker(&app);
    let passport = json!({ "kind": "passport", "number": "AB 7654321" });
    let duplicate = named(
        &api,
        &json!({ "givenNames": "Anna", "surname": "Podwójna", "pesel": pesel(7), "document": passport, "localReference": "L/7" }),
    );
    let survivor = named(&api, &json!({ "givenNames": "Anna", "surname": "Podwójna", "pesel": pesel(8) }));
    merge(&app.api(Role::Coordinator), duplicate, survivor, &json!({})).expect(200);

    for criterion in [json!({ "pesel": pesel(7) }), json!({ "document": passport }), json!({ "pesel": pesel(8) })] {
        assert_eq!(found(&api, &criterion), [survivor.to_string()], "{criterion}");
    }
    let other = build::person(&app);
    for (field, value, code) in [
        ("pesel", json!(pesel(7)), "people.pesel_taken"),
        ("document", passport, "people.document_taken"),
        ("localReference", json!("l / 7"), "people.local_reference_taken"),
    ] {
        let mut identity = json!({ "givenNames": "Ewa", "surname": "Inna", "missingReason": "w trakcie ustalania" });
        identity[field] = value;
        let answer = api.post("/people", &json!({ "sex": "female", "identity": identity }));
        assert_eq!(pointer(&answer.refused(409, code)), &json!(format!("/identity/{field}")));
        // As of anybody who has a number, a search for a purpose tells whose it is, and the refusal does not.
        assert!(!answer.text.contains(&survivor.to_string()), "{}", answer.text);
        let refused = api.put(&format!("/people/{other}/identity"), "\"0\"", &identity).refused(409, code);
        assert_eq!(pointer(&refused), &json!(format!("/{field}")));
    }
    // The survivor may have it again; the other town knows nothing of all this.
    let own = json!({ "givenNames": "Anna", "surname": "Podwójna", "pesel": pesel(7) });
    api.put(&format!("/people/{survivor}/identity"), "\"1\"", &own).expect(200);
    assert_eq!(found(&api, &json!({ "pesel": pesel(7) })), [survivor.to_string()]);
    let elsewhere = app.other_api(Role::SocialWorker).with("Pai-Purpose", "recruitment");
    assert_eq!(found(&elsewhere, &json!({ "pesel": pesel(7) })), [""; 0]);
    named(&elsewhere, &own);
}

#[test]
fn an_import_agrees_with_the_search_about_a_former_pesel() {
    let app = TestApp::start();
    let api = worker(&app);
    let duplicate = named(&api, &json!({ "givenNames": "Anna", "surname": "Podwójna", "pesel": pesel(7) }));
    let survivor = named(&api, &json!({ "givenNames": "Anna", "surname": "Podwójna", "pesel": pesel(8) }));
    merge(&app.api(Role::Coordinator), duplicate, survivor, &json!({})).expect(200);
    named(
        &api,
        &json!({ "givenNames": "Ewa", "surname": "Inna", "localReference": "L/9", "missingReason": "w trakcie ustalania" }),
    );

    let rows = |kind: &str, text: &str| -> Vec<Value> {
        let import = api.upload(&format!("/imports?kind={kind}"), "text/csv", text.as_bytes()).expect(201)["id"].clone();
        let path = format!("/imports/{}/rows", import.as_str().expect("an id"));
        api.get(&path).expect(200)["items"].as_array().expect("rows").clone()
    };
    let head = "Imiona;Nazwisko;PESEL;Numer własny";
    let of_another = rows("people", &format!("{head}\nEwa;Inna;{};L/9\n", pesel(7)));
    assert_eq!(
        (&of_another[0]["outcome"], &of_another[0]["findings"][0]["code"], &of_another[0]["findings"][0]["column"]),
        (&json!("conflict"), &json!("people.import_two_people"), &json!("pesel"))
    );
    let head = "PESEL;Rodzaj faktu;Wartość;Od dnia;Źródło";
    let fact = rows("personFacts", &format!("{head}\n{};prawo do zasiłku;nie;2019-06-01;PUP\n", pesel(7)));
    assert_eq!(fact[0]["outcome"], "created", "{}", fact[0]);
}

#[test]
fn a_number_is_not_taken_while_its_owner_is_merged() {
    let app = TestApp::start();
    let api = worker(&app);
    let coordinator = app.api(Role::Coordinator);
    for round in 0..4_u16 {
        let duplicate = named(&api, &json!({ "givenNames": "Anna", "surname": "Podwójna", "pesel": pesel(100 + round) }));
        let survivor = named(&api, &json!({ "givenNames": "Anna", "surname": "Podwójna", "pesel": pesel(200 + round) }));
        let identity = json!({ "givenNames": "Ewa", "surname": "Inna", "pesel": pesel(100 + round) });
        let body = json!({ "sex": "female", "identity": identity });
        let taken: Vec<Answer> = thread::scope(|scope| {
            let merging = scope.spawn(|| {
                (0..50).map(|_| merge(&coordinator, duplicate, survivor, &json!({}))).find(|answer| answer.status != 503)
            });
            let taking: Vec<_> = (0..3).map(|_| scope.spawn(|| api.post("/people", &body))).collect();
            merging.join().expect("answered").expect("in time").expect(200);
            taking.into_iter().map(|taking| taking.join().expect("answered")).collect()
        });
        assert!(
            taken.iter().all(|answer| [409, 503].contains(&answer.status)),
            "{:?}",
            taken.iter().map(|one| one.status).collect::<Vec<_>>()
        );
        assert_eq!(found(&api, &json!({ "pesel": pesel(100 + round) })), [survivor.to_string()]);
    }
}

#[test]
fn a_merge_is_repeated_after_the_survivor_was_merged_on() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let [first, second, third] = <[Uuid; 3]>::try_from(build::people(&app, 3)).expect("three");
    let done = merge(&api, first, second, &json!({})).expect(200);
    merge(&api, second, third, &json!({})).expect(200);
    let again = merge(&api, first, second, &json!({})).expect(200);
    assert_eq!((&again["recordedAt"], &again["mergedInto"]), (&done["recordedAt"], &json!(third)));
    // As the first did, also with the version that the first was asked for with.
    let versioned = merge(&api.with("If-Match", "\"1\""), first, second, &json!({})).expect(200);
    assert_eq!(versioned["recordedAt"], done["recordedAt"]);
    // Nobody asked for these: the one who was merged on, somebody else, and another duplicate of the same person.
    let other = build::person(&app);
    merge(&api, other, third, &json!({})).expect(200);
    let beside = build::person(&app);
    for into in [third, beside, other] {
        let refused = merge(&api, first, into, &json!({})).refused(410, "people.merged");
        assert_eq!(refused["mergedInto"], json!(third), "{into}");
    }
}

#[test]
fn the_same_fact_of_the_same_source_is_recorded_once() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let path = format!("/people/{}/facts", build::person(&app));
    let fact = |more: &Value| {
        let mut fact = json!({ "kind": "benefitRight", "value": "false", "from": "2020-06-01", "source": "PUP", "evidence": "Zaświadczenie" });
        for (name, value) in more.as_object().expect("fields") {
            fact[name] = value.clone();
        }
        fact
    };
    let first = api.post(&path, &fact(&json!({}))).id();
    assert_eq!(api.post(&path, &fact(&json!({}))).refused(409, "people.fact_recorded_already")["factId"], json!(first));
    // The same source in other letters is no other one.
    for source in ["pup", "Pup"] {
        let again = api.post(&path, &fact(&json!({ "source": source }))).refused(409, "people.fact_recorded_already");
        assert_eq!(again["factId"], json!(first), "{source}");
    }
    // Another source may say the same, or contradict; another evidence is another record.
    for other in [json!({ "source": "OPS" }), json!({ "source": "OPS", "value": "true" }), json!({ "evidence": "Decyzja" })] {
        api.post(&path, &fact(&other)).expect(201);
    }
    let correcting = json!({ "supersedesId": first, "correctionReason": "Ponownie sprawdzono" });
    api.post(&path, &fact(&correcting)).expect(201);
    let body = fact(&json!({ "from": "2020-09-01" }));
    let at_once: Vec<u16> = thread::scope(|scope| {
        let calls: Vec<_> = (0..4).map(|_| scope.spawn(|| api.post(&path, &body).status)).collect();
        calls.into_iter().map(|call| call.join().expect("answered")).collect()
    });
    assert_eq!(at_once.iter().filter(|status| **status == 201).count(), 1, "{at_once:?}");
}

#[test]
fn the_same_job_is_recorded_once() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let person = build::person(&app);
    let job = |more: &Value| {
        let mut job =
            json!({ "personId": person, "startsOn": "2020-11-06", "kind": "employmentContract", "source": "labourOffice" });
        for (name, value) in more.as_object().expect("fields") {
            job[name] = value.clone();
        }
        api.post("/employment-spells", &job)
    };
    let first = job(&json!({})).id();
    for again in [json!({}), json!({ "verifiedOn": "2020-11-10" })] {
        assert_eq!(job(&again).refused(409, "outcomes.job_recorded_already")["employmentSpellId"], json!(first), "{again}");
    }
    for other in [json!({ "evidence": "Druga umowa" }), json!({ "weeklyHours": "20.00" }), json!({ "source": "participant" })] {
        job(&other).expect(201);
    }
    let ended = json!({ "endsOn": "2020-12-31", "supersedesId": first, "correctionReason": "Umowa rozwiązana" });
    let ended = job(&ended).id();
    let again = job(&json!({ "endsOn": "2020-12-31" })).refused(409, "outcomes.job_recorded_already");
    assert_eq!(again["employmentSpellId"], json!(ended));
}

#[test]
fn the_same_decision_is_recorded_once() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 1, 2, false);
    let application = run.apply(build::person(&app));
    let rejected = |reason: &str, on: &str| {
        let body = json!({ "decision": "rejected", "effectiveOn": on, "reason": reason, "rejectionReason": "notEligible" });
        run.api.post(&format!("/applications/{application}/decisions"), &body)
    };
    rejected("Nie spełnia warunków", "2020-10-20").expect(200);
    rejected("Nie spełnia warunków", "2020-10-20").refused(409, "recruitment.decided_already");
    let steps = |application: &str| {
        let steps = run.api.get(&format!("/applications/{application}/events")).expect(200);
        steps["items"].as_array().expect("steps").len()
    };
    assert_eq!(steps(&application), 2, "received and rejected");
    // A decision may be decided anew, with another reason or of another day.
    rejected("Brak zaświadczenia", "2020-10-20").expect(200);
    rejected("Brak zaświadczenia", "2020-10-21").expect(200);
    // Nobody loses the place on the list by a call that was sent again.
    run.decide(&run.waiting[0], "reserve", "2020-10-20").refused(409, "recruitment.decided_already");
    assert_eq!(run.list("2020-11-02")["candidates"][0]["applicationId"], json!(run.waiting[0]));
}

#[test]
fn who_was_selected_and_takes_part_is_listed_apart() {
    let app = TestApp::start();
    let run = Reserve::of(&app, 2, 1, false);
    run.end(0, "2020-11-13").expect(200);
    let [taking_part, awaiting] = [(), ()].map(|()| run.apply(build::person(&app)));
    for application in [&taking_part, &awaiting] {
        run.decide(application, "selected", "2020-10-20").expect(200);
    }
    run.admit(&json!({ "applicationId": taking_part }), "2020-11-16").expect(201);
    let listed = |filter: &str| {
        let list = run.api.get(&format!("/applications?editionId={}&{filter}", run.edition)).expect(200);
        let mut ids: Vec<String> =
            list["items"].as_array().expect("a list").iter().map(|one| one["id"].as_str().expect("an id").to_owned()).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(listed("state=selected"), [awaiting.as_str()]);
    assert_eq!(listed("state=selected&placed=true"), [taking_part.as_str()]);
    assert_eq!(listed("placed=true"), [taking_part]);
    let mut others = vec![awaiting, run.waiting[0].clone()];
    others.sort_unstable();
    assert_eq!(listed("placed=false"), others);
}
