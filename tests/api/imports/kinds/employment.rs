//! Jobs from the files of several systems, each found again by its own id.

use pai::platform::policy::Role;
use serde_json::{Value, json};

use super::{commit, counts, found, plan, rows, worker};
use crate::support::scene::Scene;
use crate::support::{Api, TestApp, build};

const HEAD: &str = "system;externalId;personId;startsOn;endsOn;kind;weeklyHours;source\n";

fn take_in(api: &Api, text: &str, expected: [i64; 5]) -> Value {
    let import = plan(api, "employmentSpells", &format!("{HEAD}{text}"));
    assert_eq!(counts(&import), expected, "{:?}", rows(api, &import));
    commit(api, &import, &json!({})).expect(200);
    import
}

fn jobs(api: &Api, query: &str) -> Vec<Value> {
    api.get(&format!("/employment-spells?limit=200{query}")).expect(200)["items"].as_array().expect("jobs").clone()
}

#[test]
fn a_job_is_found_again_by_the_ids_of_two_systems_and_corrected_by_either() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let (person, other) = (scene.person(), scene.person());
    let api = worker(&app);
    let text =
        format!("syriusz;Z/1;{person};06.11.2020;;umowa o pracę;40;PUP\nsyriusz;Z/2;{other};2020-12-01;;zlecenie;;uczestnik\n");
    take_in(&api, &text, [2, 0, 0, 0, 0]);
    assert_eq!(scene.events("employment.recorded"), 2);
    take_in(&api, &text, [0, 0, 2, 0, 0]);
    // Another system knows the same job by another id: nothing is recorded twice.
    take_in(&api, &format!("zus;A-77;{person};2020-11-06;;umowa o pracę;40;PUP\n"), [0, 1, 0, 0, 0]);
    assert_eq!(jobs(&api, "").len(), 2);
    let first = jobs(&api, &format!("&personId={person}"))[0]["id"].as_str().expect("an id").to_owned();
    let names = api.get(&format!("/external-ids?recordId={first}")).expect(200);
    let names: Vec<_> = names["items"].as_array().expect("ids").iter().map(|name| name["externalId"].clone()).collect();
    assert_eq!(names, ["Z/1", "A-77"]);
    // What the second one tells anew is a correction, which takes both ids over.
    let corrected =
        take_in(&api, &format!("zus;A-77;{person};2020-11-06;2021-03-31;umowa o pracę;20;rejestr\n"), [0, 1, 0, 0, 0]);
    let all = jobs(&api, &format!("&personId={person}&includeSuperseded=true"));
    assert_eq!(all.len(), 2);
    let row = &rows(&api, &corrected)[0];
    assert_eq!((&row["outcome"], &row["recordId"]), (&json!("changed"), &all[1]["id"]), "the correction that holds now");
    assert_eq!((&all[1]["supersedesId"], &all[1]["endsOn"]), (&json!(first), &json!("2021-03-31")));
    assert_eq!((&all[1]["weeklyHours"], &all[1]["correctionReason"]), (&json!("20.00"), &json!("Zmiana w systemie źródłowym")));
    let now = api.get("/external-ids?system=syriusz&externalId=Z/1").expect(200);
    assert_eq!(now["items"][0]["recordId"], all[1]["id"]);
    // A blank cell says nothing.
    take_in(&api, &format!("syriusz;Z/1;{person};2020-11-06;;umowa o pracę;;rejestr\n"), [0, 0, 1, 0, 0]);
    let theirs = app.other_api(Role::Coordinator).get("/external-ids").expect(200);
    assert_eq!(theirs["items"], json!([]));
}

#[test]
fn rows_that_contradict_or_lack_something_are_named() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let (person, other) = (scene.person(), scene.person());
    let api = worker(&app);
    take_in(&api, &format!("syriusz;Z/1;{person};2020-11-06;;umowa o pracę;;PUP\n"), [1, 0, 0, 0, 0]);
    let text = format!(
        "syriusz;Z/1;{other};2020-11-06;;umowa o pracę;;PUP\n;Z/9;{other};2020-11-06;;inne;;PUP\n\
         syriusz;Z/3;{other};2020-11-06;2020-11-05;inne;;PUP\nsyriusz;Z/4;{other};2020-11-06;;inne;200;PUP\n\
         syriusz;Z/5;;2020-11-06;;inne;;PUP\nzły system;Z/6;{other};2020-11-06;;inne;;PUP\n\
         ;;{other};2021-01-01;;inne;;PUP\n;;{other};2021-01-01;;inne;;uczestnik\n"
    );
    let import = plan(&api, "employmentSpells", &format!("{HEAD}{text}"));
    let rows = rows(&api, &import);
    let outcomes: Vec<_> = rows.iter().map(|row| (row["outcome"].as_str().expect("an outcome"), found(row))).collect();
    assert_eq!(
        outcomes,
        [
            ("conflict", ("externalId", "outcomes.spell_of_other_person")),
            ("error", ("system", "imports.value_missing")),
            ("error", ("endsOn", "outcomes.spell_ends_before_start")),
            ("error", ("weeklyHours", "imports.value_invalid")),
            ("error", ("pesel", "imports.value_missing")),
            ("error", ("system", "imports.value_invalid")),
            ("created", ("", "")),
            ("error", ("", "imports.row_repeated")),
        ]
    );
}

#[test]
fn a_job_that_was_corrected_meanwhile_refuses_the_plan() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let person = scene.person();
    let api = worker(&app);
    take_in(&api, &format!("syriusz;Z/1;{person};2020-11-06;;umowa o pracę;;PUP\n"), [1, 0, 0, 0, 0]);
    let change =
        plan(&api, "employmentSpells", &format!("{HEAD}syriusz;Z/1;{person};2020-11-06;2021-01-31;umowa o pracę;;PUP\n"));
    assert_eq!(counts(&change), [0, 1, 0, 0, 0]);
    let first = jobs(&api, "")[0]["id"].clone();
    let correction = json!({ "personId": person, "startsOn": "2020-11-06", "endsOn": "2020-12-31", "kind": "employmentContract",
        "source": "employer", "supersedesId": first, "correctionReason": "Świadectwo pracy" });
    api.post("/employment-spells", &correction).expect(201);
    commit(&api, &change, &json!({})).refused(409, "imports.base_changed");
    assert_eq!(jobs(&api, "").len(), 1);
}

#[test]
fn a_row_of_a_job_that_was_verified_on_a_day_to_come_is_faulty() {
    let app = TestApp::start();
    let api = worker(&app);
    let person = build::person(&app);
    let row = |day: &str| format!("{person};2026-05-04;umowa o pracę;PUP;{day}\n");
    let text = format!("Identyfikator osoby;Początek zatrudnienia;Rodzaj;Źródło;Sprawdzono dnia\n{}", row("2026-06-16"));
    let ahead = plan(&api, "employmentSpells", &text);
    assert_eq!(found(&rows(&api, &ahead)[0]), ("verifiedOn", "platform.in_future"));
    assert_eq!(counts(&plan(&api, "employmentSpells", &text.replace("06-16", "06-15"))), [1, 0, 0, 0, 0]);
}
