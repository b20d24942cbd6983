//! A file beside single calls that tell the same: recorded once, whoever comes first.

use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{commit, pesel, plan, worker};
use crate::duplicates::merge;
use crate::support::database::until_so_many_wait;
use crate::support::scene::Scene;
use crate::support::{Api, TestApp, build};

/// Commits a plan while somebody records the same of three of its people; answers the statuses.
fn at_once(api: &Api, import: &Value, calls: &[(String, Value)], after: Duration) -> (u16, Vec<u16>) {
    thread::scope(|scope| {
        let single = scope.spawn(move || {
            thread::sleep(after);
            calls.iter().map(|(path, body)| api.post(path, body).status).collect::<Vec<_>>()
        });
        let committed = commit(api, import, &json!({})).status;
        (committed, single.join().expect("answered"))
    })
}

#[test]
fn what_a_file_and_single_calls_tell_at_once_is_recorded_once() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator).with("Pai-Purpose", "recruitment");
    let people = build::people(&app, 60);
    let told: Vec<Uuid> = [59, 30, 0].map(|place| people[place]).to_vec();
    let (mut committed, mut refused) = (0, 0);
    for round in 1..=8_u64 {
        let day = format!("2020-03-{round:02}");
        let row_each = |rest: String| people.iter().map(|person| format!("{person};{rest}\n")).collect::<Vec<_>>().concat();
        let facts = row_each(format!("prawo do zasiłku;nie;{day};PUP"));
        let jobs = row_each(format!("{day};umowa o pracę;PUP"));
        let facts = format!("Identyfikator osoby;Rodzaj faktu;Wartość;Od dnia;Źródło\n{facts}");
        let jobs = format!("Identyfikator osoby;Początek zatrudnienia;Rodzaj;Źródło\n{jobs}");
        let fact = json!({ "kind": "benefitRight", "value": "false", "from": day, "source": "pup" });
        let job = |person: &Uuid| json!({ "personId": person, "startsOn": day, "kind": "employmentContract", "source": "labourOffice" });
        for (kind, text, calls) in [
            (
                "personFacts",
                facts,
                told.iter().map(|person| (format!("/people/{person}/facts"), fact.clone())).collect::<Vec<_>>(),
            ),
            ("employmentSpells", jobs, told.iter().map(|person| ("/employment-spells".to_owned(), job(person))).collect()),
        ] {
            let import = plan(&api, kind, &text);
            let (file, single) = at_once(&api, &import, &calls, Duration::from_millis(6 * (round - 1)));
            assert!([200, 409, 503].contains(&file), "{kind}: {file}");
            assert!(single.iter().all(|status| [201, 409, 503].contains(status)), "{kind}: {single:?}");
            // Where the file was first, whoever came later is told what stands already, and the other way round.
            assert!(file != 200 || !single.contains(&201), "{kind}: {file} beside {single:?}");
            committed += usize::from(file == 200);
            refused += usize::from(file == 409);
        }
    }
    assert!(committed + refused > 8, "{committed} committed and {refused} refused");
    let mut scene = Scene::of(&app);
    for (table, day) in [("person_facts", "valid_from_on"), ("employment_spells", "starts_on")] {
        let most =
            format!("SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM {table} GROUP BY person_id, {day}) AS told");
        assert_eq!(scene.number(&most), 1, "{table}");
    }
}

#[test]
fn a_file_beside_the_merge_of_somebody_in_it_is_about_the_survivor() {
    let app = TestApp::start();
    let api = worker(&app);
    let identity = json!({ "givenNames": "Anna", "surname": "Wzorcowa", "pesel": pesel(7) });
    let mut duplicate: Uuid = api.post("/people", &json!({ "sex": "female", "identity": identity })).id().parse().expect("an id");
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 9);
    for (kind, table, text) in [
        (
            "personFacts",
            "person_facts",
            format!("PESEL;Rodzaj faktu;Wartość;Od dnia;Źródło\n{};prawo do zasiłku;nie;2020-03-01;PUP\n", pesel(7)),
        ),
        (
            "employmentSpells",
            "employment_spells",
            format!("PESEL;Początek zatrudnienia;Rodzaj;Źródło\n{};2020-03-01;umowa o pracę;PUP\n", pesel(7)),
        ),
        ("applications", "applications", format!("Edycja;PESEL;Data wpływu\n{edition};{};2020-10-01\n", pesel(7))),
    ] {
        let survivor = build::person(&app);
        let import = plan(&api, kind, &text);
        let [mut gate, mut watch] = [(); 2].map(|()| connect(&app.superuser_url).expect("superuser connection"));
        // The merge has moved everything but is not over when the file is compared.
        gate.batch_execute("BEGIN; LOCK TABLE merged_people IN SHARE MODE").expect("a gate");
        let (merging, file) = thread::scope(|scope| {
            let merging = scope.spawn(|| merge(&app.api(Role::Coordinator), duplicate, survivor, &json!({})));
            until_so_many_wait(&mut watch, 1);
            let file = scope.spawn(|| commit(&api, &import, &json!({})));
            until_so_many_wait(&mut watch, 2);
            gate.batch_execute("COMMIT").expect("the gate opens");
            (merging.join().expect("an answer"), file.join().expect("an answer"))
        });
        merging.expect(200);
        file.expect(200);
        let about = format!("SELECT count(*) FROM {table} WHERE person_id = '{survivor}'");
        assert_eq!(Scene::of(&app).number(&about), 1, "{kind}");
        duplicate = survivor;
    }
}
