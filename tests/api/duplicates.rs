//! The same person twice: found without a name leaving the service, merged with nothing lost, and told afterwards.

use crate::support::scene::{Edition, Scene, TEN_A_WEEK};
use crate::support::{Answer, Api, NOBODY, TestApp, build};
use pai::platform::policy::Role;
use pai::platform::types::{Sex, fictitious_pesel};
use serde_json::{Value, json};
use uuid::Uuid;

fn pesel(day: &str, serial: u16) -> String {
    fictitious_pesel(day.parse().expect("a day"), Sex::Female, serial).expose().to_owned()
}

fn named(api: &Api, identity: &Value) -> Uuid {
    let identity = json!({ "sex": "female", "identity": identity });
    api.post("/people", &identity).id().parse().expect("an id")
}

fn search(api: &Api, about: Option<Uuid>) -> Value {
    api.with("Pai-Purpose", "data quality").post("/people/duplicate-searches", &json!({ "personId": about })).expect(200)
}

pub fn merge(api: &Api, duplicate: Uuid, into: Uuid, more: &Value) -> Answer {
    let mut body = json!({ "into": into, "reason": "Ta sama osoba" });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    api.post(&format!("/people/{duplicate}/merge"), &body)
}

pub fn items(api: &Api, path: &str) -> Vec<Value> {
    api.get(path).expect(200)["items"].as_array().cloned().unwrap_or_default()
}

pub fn fact(api: &Api, person: Uuid, value: &str) -> Answer {
    let body = json!({ "kind": "education", "value": value, "from": "2010-06-20", "source": "oświadczenie" });
    api.post(&format!("/people/{person}/facts"), &body)
}

/// A fact like no other of the same number and value.
pub fn another_fact(api: &Api, person: Uuid, value: &str, number: usize) -> Answer {
    let from = format!("{}-{:02}-{:02}", 1950 + number / 336, 1 + number / 28 % 12, 1 + number % 28);
    let body = json!({ "kind": "education", "value": value, "from": from, "source": "oświadczenie" });
    api.post(&format!("/people/{person}/facts"), &body)
}

#[test]
fn whoever_was_entered_twice_is_found_and_no_name_is_told() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let anna = json!({ "givenNames": "Anna Maria", "surname": "Żółkiewska", "pesel": pesel("1984-02-29", 1) });
    let anna = named(&api, &anna);
    let passport = json!({ "kind": "passport", "number": "AB 1234567" });
    let typo =
        named(&api, &json!({ "givenNames": "Anna", "surname": "Zolkeiwska", "document": passport, "birthDate": "1984-02-29" }));
    let married = named(
        &api,
        &json!({ "givenNames": "Anna", "surname": "Nowak", "birthDate": "1984-02-29", "missingReason": "bez dowodu" }),
    );
    // Somebody else, and somebody of whom nothing is known.
    named(&api, &json!({ "givenNames": "Barbara", "surname": "Wilk", "pesel": pesel("1984-02-29", 77) }));
    build::person(&app);

    let answer = api.with("Pai-Purpose", "data quality").post("/people/duplicate-searches", &json!({}));
    for word in ["Anna", "lkiewska", "Nowak", "1234567", &pesel("1984-02-29", 1)] {
        assert!(!answer.text.contains(word), "{word}: {}", answer.text);
    }
    let found = answer.expect(200);
    assert_eq!((&found["compared"], &found["truncated"]), (&json!(4), &json!(false)));
    let pairs: Vec<(&Value, &Value, &Value)> = found["items"]
        .as_array()
        .expect("pairs")
        .iter()
        .map(|pair| (&pair["personId"], &pair["otherId"], &pair["reasons"]))
        .collect();
    assert_eq!(pairs.len(), 3, "{found}");
    let of = |first: Uuid, second: Uuid| {
        let (first, second) = (json!(first.min(second)), json!(first.max(second)));
        pairs.iter().find(|pair| *pair.0 == first && *pair.1 == second).map(|pair| pair.2.clone()).expect("the pair")
    };
    assert_eq!(of(anna, typo), json!(["similarNames", "sameBirthDate", "otherDocument"]));
    assert_eq!(of(anna, married), json!(["surnameChanged", "sameBirthDate", "noDocument"]));

    let about = search(&api, Some(anna));
    assert_eq!(about["items"].as_array().map(Vec::len), Some(2));
    api.post("/people/duplicate-searches", &json!({})).refused(400, "platform.purpose_required");
    let unknown = json!({ "personId": NOBODY });
    api.with("Pai-Purpose", "x").post("/people/duplicate-searches", &unknown).refused(422, "platform.reference_not_found");
    let register = app.api(Role::Auditor).get(&format!("/audit-entries?recordId={typo}&limit=200")).expect(200);
    let seen =
        register["items"].as_array().expect("entries").iter().filter(|entry| entry["operation"] == "search_duplicates").count();
    assert_eq!(seen, 2, "each search that showed the person is registered");
    assert_eq!(search(&app.other_api(Role::SocialWorker), None)["compared"], 0);
}

/// Ten thousand people as lists bring them, the last of them the first once more with another spelling and no number.
fn ten_thousand(api: &Api, twice: usize) {
    let (surnames, endings) =
        (["Now", "Kowal", "Wilk", "Lis", "Sow", "Kos", "Dud", "Szpak"], ["ska", "czyk", "ak", "owicz", "ek", "ik", "ko"]);
    let given = ["Anna", "Maria", "Ewa", "Zofia", "Irena", "Alina", "Teresa", "Renata", "Beata", "Olga", "Wanda"];
    let row = |number: u16, of: u16| {
        let of_names = usize::from(of);
        let born = format!("19{:02}-{:02}-{:02}", 50 + of % 50, of % 12 + 1, of % 28 + 1);
        let letter = char::from(b'a' + u8::try_from(of % 23).expect("a letter"));
        let name = |twin: &str| format!("{}{letter}{twin}{}", surnames[of_names % 8], endings[of_names % 7]);
        let (surname, number_of) = if number == of { (name(""), pesel(&born, of * 5 % 997)) } else { (name("z"), String::new()) };
        format!(
            "{surname};{};{number_of};{born};LISTA/{number};{}\n",
            given[of_names % 11],
            if number == of { "" } else { "bez numeru" }
        )
    };
    let first_twin = 10_000 - u16::try_from(twice).expect("few");
    let rows: Vec<String> =
        (0..10_000).map(|number| row(number, if number < first_twin { number } else { number - first_twin })).collect();
    for part in rows.chunks(2_000) {
        let text = format!("Nazwisko;Imiona;PESEL;Data urodzenia;Numer własny;Powód braku danych\n{}", part.concat());
        let import = api.upload("/imports?kind=people", "text/csv", text.as_bytes()).expect(201);
        assert_eq!(import["counts"]["created"], part.len(), "{}", import["counts"]);
        let commit = format!("/imports/{}/commit", import["id"].as_str().expect("an id"));
        api.with("If-Match", "\"1\"").post(&commit, &json!({})).expect(200);
    }
}

#[test]
fn ten_thousand_people_are_compared_within_the_deadline() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let twice = 30;
    ten_thousand(&api.with("Pai-Purpose", "recruitment"), twice);
    let began = std::time::Instant::now();
    let found = search(&api, None);
    let took = began.elapsed();
    println!("10,000 people compared in {took:?}");
    assert_eq!((&found["compared"], &found["truncated"]), (&json!(10_000), &json!(false)));
    let planted = |pair: &&Value| {
        let reasons = pair["reasons"].to_string();
        reasons.contains("similarNames") && reasons.contains("sameBirthDate")
    };
    assert_eq!(found["items"].as_array().map(|pairs| pairs.iter().filter(planted).count()), Some(twice));
    // That of every call; the service gives up at it.
    assert!(took < std::time::Duration::from_secs(4), "{took:?}");
}

/// Somebody recorded twice.
pub struct Twice {
    pub duplicate: Uuid,
    pub survivor: Uuid,
}

pub fn twice(scene: &mut Scene) -> Twice {
    let (survivor, duplicate) = (scene.person(), scene.person());
    Twice { duplicate, survivor }
}

pub fn entry(api: &Api, participation: Uuid, day: &str, hours: &str) -> Answer {
    api.post("/psu-entries", &json!({ "participationId": participation, "workedOn": day, "hours": hours }))
}

pub fn template(api: &Api) -> String {
    let scale = json!({ "min": "1", "max": "5", "step": "1", "higherIsBetter": true, "labels": [] });
    let body = json!({ "code": "c", "version": 1, "name": "Arkusz", "scale": scale, "competences": [{ "code": "work", "name": "Praca" }] });
    api.post("/sheet-templates", &body).id()
}

pub fn sheet(api: &Api, participation: Uuid, template: &str) -> Answer {
    api.post(
        "/sheets",
        &json!({
            "participationId": participation, "templateId": template, "rater": "self", "moment": "mid", "filledOn": "2020-11-20",
            "scores": [{ "competence": "work", "score": "3" }], "remarks": "Uwaga o zdrowiu"
        }),
    )
}

/// Everything that can hang on a person who takes part.
fn everything(api: &Api, edition: Edition, person: Uuid, participation: Uuid) -> String {
    fact(api, person, "primary").expect(201);
    entry(api, participation, "2020-11-03", "4.00").expect(201);
    let template = template(api);
    sheet(api, participation, &template).expect(201);
    let job = json!({ "personId": person, "startsOn": "2021-01-10", "kind": "employmentContract", "source": "labourOffice" });
    api.post("/employment-spells", &job).expect(201);
    let declaration = json!({ "participationId": participation, "kind": "jobSearch", "declaredOn": "2020-12-30" });
    api.post("/declarations", &declaration).expect(201);
    let household = api.post("/households", &json!({})).id();
    api.post(&format!("/households/{household}/members"), &json!({ "personId": person, "from": "2020-01-01" })).expect(201);
    let text = api.post("/declaration-texts", &json!({ "code": "d", "version": 1, "text": "Deklaruję udział." })).id();
    let signed = json!({ "personId": person, "editionId": edition.id, "textId": text, "signedOn": "2020-10-20", "signed": true });
    api.post("/participation-declarations", &signed).expect(201);
    let plan = json!({
        "personId": person, "kind": "socialContract", "contractForm": "unemployed", "participationId": participation,
        "signedOn": "2020-11-02", "from": "2020-11-02", "author": "socialWorker", "recordFact": true,
        "parts": { "goals": ["Praca"], "actions": [{ "by": "client", "what": "Kurs" }, { "by": "centre", "what": "Wsparcie" }] }
    });
    let plan = api.post("/individual-plans", &plan).id();
    let evaluation = json!({ "kind": "evaluation", "occurredOn": "2020-12-01", "result": "achieved", "note": "Ukończony kurs" });
    api.post(&format!("/individual-plans/{plan}/events"), &evaluation).expect(201);
    plan
}

#[test]
fn everything_of_the_duplicate_is_read_under_the_survivor() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let mut scene = Scene::of(&app);
    let (edition, earlier) = (scene.edition(TEN_A_WEEK), scene.edition(TEN_A_WEEK));
    let Twice { duplicate, survivor } = twice(&mut scene);
    let participation = scene.participation(edition, duplicate);
    let plan = everything(&api, edition, duplicate, participation);
    fact(&api, survivor, "tertiary").expect(201);
    let application = json!({ "editionId": earlier.id, "personId": duplicate, "receivedOn": "2020-10-05" });
    let application = api.post("/applications", &application).id();

    let rehearsed =
        api.post(&format!("/people/{duplicate}/merge?dryRun=true"), &json!({ "into": survivor, "reason": "Ta sama osoba" }));
    assert_eq!(rehearsed.expect(200)["mergedInto"], json!(survivor));
    api.get(&format!("/people/{duplicate}")).expect(200);

    let merged = merge(&api, duplicate, survivor, &json!({})).expect(200);
    assert_eq!(
        merged["moved"],
        json!({
            "applications": 1, "employment_spells": 1, "household_members": 1, "individual_plans": 1, "participation_declarations": 1,
            "participations": 1, "person_facts": 2, "psu_entries": 1
        })
    );
    for path in ["", "/facts", "/merges"] {
        let gone = api.get(&format!("/people/{duplicate}{path}")).refused(410, "people.merged");
        assert_eq!(gone["mergedInto"], json!(survivor), "{path}");
    }
    // Contradicting facts are both there, and everything else stands under the one id.
    let mut education: Vec<String> = items(&api, &format!("/people/{survivor}/facts?kind=education"))
        .iter()
        .filter_map(|fact| fact["value"].as_str().map(str::to_owned))
        .collect();
    education.sort_unstable();
    assert_eq!(education, ["primary", "tertiary"]);
    for path in
        ["participations", "employment-spells", "individual-plans", "participation-declarations", "households", "applications"]
    {
        assert_eq!(items(&api, &format!("/{path}?personId={survivor}")).len(), 1, "{path}");
    }
    assert_eq!(api.get(&format!("/applications/{application}")).expect(200)["personId"], json!(survivor));
    // What was sealed for the duplicate opens for the survivor.
    let parts = api.with("Pai-Purpose", "case work").get(&format!("/individual-plans/{plan}/parts")).expect(200);
    assert_eq!((&parts["parts"]["goals"][0], &parts["notes"][0]["note"]), (&json!("Praca"), &json!("Ukończony kurs")));
    let sealed = "SELECT count(*) FROM sheets s JOIN individual_plan_revisions r ON substring(r.parts FROM 2 FOR 4) = substring(s.remarks FROM 2 FOR 4)";
    assert_eq!(scene.number(sealed), 1, "remarks and plan are under the same key of one person");
    // The hours go on in one ledger.
    entry(&api, participation, "2020-11-04", "6.25").refused(422, "participation.psu_weekly_limit");
    entry(&api, participation, "2020-11-04", "6.00").expect(201);
    let of_nobody =
        "SELECT (SELECT count(*) FROM psu_weeks WHERE person_id = '{id}') + (SELECT count(*) FROM people WHERE id = '{id}')";
    assert_eq!(scene.number(&of_nobody.replace("{id}", &duplicate.to_string())), 0);
    assert_eq!(scene.events("person.merged"), 2);
    let trail = items(&api, &format!("/people/{survivor}/merges"));
    assert_eq!((trail.len(), &trail[0]["reason"], &trail[0]["personId"]), (1, &json!("Ta sama osoba"), &json!(duplicate)));
}

#[test]
fn no_table_with_a_person_is_forgotten() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    // What the merge goes through by itself: columns of this name, and the few that it handles one by one.
    let elsewhere = "SELECT count(*) FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[2]
         WHERE k.contype = 'f' AND k.confrelid = 'people'::regclass AND a.attname <> 'person_id' AND k.conname <> 'merged_people_into_fkey'";
    assert_eq!(scene.number(elsewhere), 0, "a reference to people under another name: teach it to merge_people");
    let sealed: Vec<&str> = pai::app::SEALED.iter().flat_map(|tables| tables.iter()).map(|table| table.table).collect();
    assert_eq!(
        sealed,
        [
            "person_identities",
            "merged_people",
            "survey_responses",
            "individual_plan_revisions",
            "individual_plan_events",
            "sheets",
            "message_records"
        ],
        "a new sealed table: teach it to merge_people"
    );
}

#[test]
fn a_merge_is_done_once_and_followed_along_a_chain() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let [first, second, third] = <[Uuid; 3]>::try_from(build::people(&app, 3)).expect("three");
    fact(&api, first, "none").expect(201);
    merge(&api, first, first, &json!({})).refused(422, "people.merge_same");
    merge(&api, first, NOBODY, &json!({})).refused(422, "platform.reference_not_found");
    merge(&api, NOBODY, first, &json!({})).refused(404, "platform.not_found");
    let done = merge(&api, first, second, &json!({})).expect(200);
    assert_eq!(merge(&api, first, second, &json!({})).expect(200), done, "again it answers what was done");
    merge(&api, first, third, &json!({})).refused(410, "people.merged");
    merge(&api, third, first, &json!({})).refused(410, "people.merged");
    merge(&api, second, third, &json!({})).expect(200);
    for gone in [first, second] {
        assert_eq!(api.get(&format!("/people/{gone}")).refused(410, "people.merged")["mergedInto"], json!(third));
        api.post("/people", &json!({ "id": gone, "sex": "female" })).refused(409, "platform.id_taken");
        fact(&api, gone, "tertiary").refused(410, "people.merged");
    }
    assert_eq!(items(&api, &format!("/people/{third}/facts")).len(), 1);
    assert_eq!(items(&api, &format!("/people/{third}/merges")).len(), 2);
    app.other_api(Role::SocialWorker).get(&format!("/people/{first}")).refused(404, "platform.not_found");
    app.api(Role::FamilyAssistant)
        .post(&format!("/people/{third}/merge"), &json!({ "into": first, "reason": "x" }))
        .refused(403, "platform.forbidden");
}

#[test]
fn the_identity_is_chosen_and_the_other_one_kept_or_discarded() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker);
    let revealing = api.with("Pai-Purpose", "data quality");
    let numbered = json!({ "givenNames": "Anna", "surname": "Nowak", "pesel": pesel("1984-02-29", 1) });
    let document = json!({ "kind": "passport", "number": "AB 1234567" });
    let foreign = json!({ "givenNames": "Anna", "surname": "Nowack", "document": document });
    let identity = |person: Uuid| revealing.get(&format!("/people/{person}/identity")).expect(200);
    let former = |person: Uuid| revealing.get(&format!("/people/{person}/former-identities")).expect(200)["items"].clone();

    let (survivor, duplicate) = (named(&api, &foreign), named(&api, &numbered));
    merge(&api, duplicate, survivor, &json!({ "identity": "duplicate" })).expect(200);
    assert_eq!((&identity(survivor)["surname"], &identity(survivor)["pesel"]), (&json!("Nowak"), &numbered["pesel"]));
    assert_eq!(
        (&former(survivor)[0]["identity"]["surname"], &former(survivor)[0]["personId"]),
        (&json!("Nowack"), &json!(duplicate))
    );
    let found = revealing.post("/people/search", &json!({ "pesel": numbered["pesel"] })).expect(200);
    assert_eq!(found["items"][0]["personId"], json!(survivor));

    // The passport still tells who it is: whoever is recorded without it is another record, which is merged and discarded.
    api.post("/people", &json!({ "sex": "female", "identity": foreign })).refused(409, "people.document_taken");
    let found = revealing.post("/people/search", &json!({ "document": document })).expect(200);
    assert_eq!(found["items"][0]["personId"], json!(survivor));
    let again = named(&api, &json!({ "givenNames": "Anna", "surname": "Nowack", "missingReason": "paszport okazano później" }));
    merge(&api, again, survivor, &json!({ "discardOtherIdentity": true })).expect(200);
    assert_eq!(identity(survivor)["surname"], "Nowak");
    assert_eq!(former(survivor).as_array().map(Vec::len), Some(1));

    // Somebody without an identity gets that of the duplicate; a kept one goes along.
    let unnamed = build::person(&app);
    merge(&api, survivor, unnamed, &json!({})).expect(200);
    assert_eq!(identity(unnamed)["pesel"], numbered["pesel"]);
    assert_eq!(former(unnamed)[0]["identity"]["surname"], "Nowack");
    let register = app.api(Role::Auditor).get(&format!("/audit-entries?recordId={unnamed}&limit=200")).expect(200).to_string();
    assert!(register.contains("get_former_identities") && register.contains("merge_person"), "{register}");
    assert!(!register.contains("Nowac"), "names stay out of the register");
}

#[test]
fn two_applications_to_one_edition_are_one_by_choice() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 9);
    let [survivor, duplicate] = <[Uuid; 2]>::try_from(build::people(&app, 2)).expect("two");
    let apply = |person: Uuid| {
        let body = json!({ "editionId": edition, "personId": person, "receivedOn": "2020-10-01" });
        api.post("/applications", &body).id()
    };
    let (kept, dropped) = (apply(survivor), apply(duplicate));
    let statement =
        json!({ "kind": "applications", "completeness": "complete", "statedBy": "koordynator", "statedOn": "2021-01-10" });
    api.post(&format!("/editions/{edition}/collection-statements"), &json!({ "statements": [statement] })).expect(201);
    let figure = |definition: &str| {
        let figures = api.get(&format!("/editions/{edition}/figures")).expect(200);
        let figures = figures["figures"].as_array().expect("figures").clone();
        figures.iter().find(|figure| figure["definitionId"] == definition).expect("the figure")["value"].clone()
    };
    assert_eq!((figure("M-01"), figure("M-03.undecided")), (json!(2), json!(2)));

    let refused = merge(&api, duplicate, survivor, &json!({})).refused(409, "people.merge_conflict");
    let expected = json!([{ "kind": "application", "ofDuplicate": dropped, "ofSurvivor": kept, "detail": edition }]);
    assert_eq!((&refused["conflicts"], &refused["errors"][0]["pointer"]), (&expected, &json!("/dropApplicationIds")));
    let told = refused["errors"][0]["message"].as_str().expect("text");
    assert!(told.ends_with("zgłoszenia do tej samej edycji (application)"), "{told}");
    merge(&api, duplicate, survivor, &json!({ "dropApplicationIds": [kept, dropped] })).refused(409, "people.merge_conflict");
    let foreign =
        merge(&api, duplicate, survivor, &json!({ "dropApplicationIds": [dropped, NOBODY] })).refused(422, "people.merge_drop");
    assert_eq!(foreign["errors"][0]["pointer"], "/dropApplicationIds/1");
    assert_eq!(figure("M-01"), json!(2), "nothing half");

    merge(&api, duplicate, survivor, &json!({ "dropApplicationIds": [dropped] })).expect(200);
    let given_up = api.get(&format!("/applications/{dropped}")).expect(200);
    assert_eq!(
        (&given_up["state"], &given_up["duplicateOfId"], &given_up["personId"]),
        (&json!("withdrawn"), &json!(kept), &json!(survivor))
    );
    let steps = items(&api, &format!("/applications/{dropped}/events"));
    assert_eq!(steps.last().map(|step| (&step["kind"], &step["reason"])), Some((&json!("withdrawn"), &json!("duplicate"))));
    assert_eq!((figure("M-01"), figure("M-03.undecided"), figure("M-02")), (json!(1), json!(1), json!(0)));
    // The one that counts goes on; nobody can apply a third time.
    let decision = json!({ "decision": "selected", "effectiveOn": "2020-10-10", "reason": "Ocena" });
    api.post(&format!("/applications/{kept}/decisions"), &decision).expect(200);
    api.post("/participations", &json!({ "editionId": edition, "personId": survivor, "startsOn": "2020-10-15" })).expect(201);
    let third = json!({ "editionId": edition, "personId": survivor, "receivedOn": "2020-10-02" });
    api.post("/applications", &third).refused(409, "recruitment.already_applied");
}

#[test]
fn what_excludes_each_other_is_refused_and_named() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let mut scene = Scene::of(&app);
    let (one, other) = (scene.edition(TEN_A_WEEK), scene.edition(TEN_A_WEEK));
    let Twice { duplicate, survivor } = twice(&mut scene);
    let [first, second] = [scene.participation(one, duplicate), scene.participation(other, survivor)];
    entry(&api, first, "2020-11-03", "6.00").expect(201);
    let corrected = entry(&api, second, "2020-11-05", "4.25").id();
    let refused = merge(&api, duplicate, survivor, &json!({})).refused(409, "people.merge_conflict");
    assert_eq!(
        refused["conflicts"],
        json!([{ "kind": "psuWeek", "ofDuplicate": null, "ofSurvivor": null, "detail": "2020-W45" }])
    );
    let correction = json!({ "hours": "4.00", "reason": "Pomyłka" });
    let corrected = api.post(&format!("/psu-entries/{corrected}/correction"), &correction);
    assert!(corrected.status < 300, "{}", corrected.text);

    let stay = |person: Uuid, from: &str| {
        let household = api.post("/households", &json!({})).id();
        api.post(&format!("/households/{household}/members"), &json!({ "personId": person, "from": from })).id()
    };
    let (dropped, kept) = (stay(duplicate, "2020-01-01"), stay(survivor, "2020-06-01"));
    let refused = merge(&api, duplicate, survivor, &json!({})).refused(409, "people.merge_conflict");
    assert_eq!(
        refused["conflicts"],
        json!([{ "kind": "membership", "ofDuplicate": dropped, "ofSurvivor": kept, "detail": null }])
    );
    assert_eq!(refused["errors"][0]["pointer"], "/dropMembershipIds");
    let third = scene.participation(one, survivor);
    let refused =
        merge(&api, duplicate, survivor, &json!({ "dropMembershipIds": [dropped] })).refused(409, "people.merge_conflict");
    assert_eq!(
        refused["conflicts"][0],
        json!({ "kind": "participation", "ofDuplicate": first, "ofSurvivor": third, "detail": null })
    );
}
