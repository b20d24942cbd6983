//! Bulk intake: plan, look, commit exactly that plan.

mod attendance;
mod beside_single_calls;
mod files;
mod hours;
mod kinds;
mod named;

use pai::platform::policy::Role;
use pai::platform::types::{Day, Sex, fictitious_pesel};
use serde_json::{Value, json};

use crate::canary::{dump, spellings};
use crate::support::scene::Scene;
use crate::support::{Api, TestApp};
use named::{commit, rows};

const CSV: &str = "text/csv";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const NDJSON: &str = "application/x-ndjson";

/// The number of a woman born in 1984 who does not exist.
fn pesel(number: u16) -> String {
    fictitious_pesel(Day::from_ymd(1984, 3, 14).expect("a day"), Sex::Female, number).expose().to_owned()
}

fn worker(app: &TestApp) -> Api {
    app.api(Role::SocialWorker).with("Pai-Purpose", "recruitment")
}

/// Plans a file of a kind in CSV; answers the import.
#[track_caller]
fn plan(api: &Api, kind: &str, text: &str) -> Value {
    api.upload(&format!("/imports?kind={kind}"), CSV, text.as_bytes()).expect(201)
}

fn path(import: &Value, rest: &str) -> String {
    format!("/imports/{}{rest}", import["id"].as_str().expect("an id"))
}

/// Created, changed, unchanged, conflict, error.
fn counts(import: &Value) -> [i64; 5] {
    ["created", "changed", "unchanged", "conflict", "error"].map(|name| import["counts"][name].as_i64().expect("a count"))
}

/// Column and code of what was found in a row.
fn found(row: &Value) -> (&str, &str) {
    let finding = &row["findings"][0];
    (finding["column"].as_str().unwrap_or_default(), finding["code"].as_str().unwrap_or_default())
}

fn people(app: &TestApp) -> i64 {
    Scene::of(app).number("SELECT count(*) FROM people")
}

#[test]
fn a_list_is_planned_looked_at_and_committed_once() {
    let app = TestApp::start();
    let api = worker(&app);
    let text = format!(
        "\u{feff}Imiona;Nazwisko;PESEL;Powód braku danych;Płeć;Rok urodzenia;Kontakt;Numer własny\r\n\
         Anna;Żółkiewska;{};;;;600 000 000;L/1\r\n\
         Jan;\"Bezpeselny; junior\";;PESEL w trakcie ustalania;M;1979;;L/2\r\n",
        pesel(1)
    );
    let import = plan(&api, "people", &text);
    assert_eq!((counts(&import), &import["state"], &import["version"]), ([2, 0, 0, 0, 0], &json!("planned"), &json!(1)));
    assert_eq!(people(&app), 0, "a plan does nothing");
    let planned = rows(&api, &import);
    assert_eq!(
        (&planned[0]["row"], &planned[0]["outcome"], &planned[0]["recordId"]),
        (&json!(2), &json!("created"), &json!(null))
    );

    api.post(&path(&import, "/commit"), &json!({})).refused(428, "platform.precondition_required");
    commit(&api, &import, &json!({ "planHash": "0" })).refused(409, "imports.plan_differs");
    api.with("If-Match", "\"1\"").post(&path(&import, "/commit?dryRun=true"), &json!({})).expect(200);
    assert_eq!(people(&app), 0, "a rehearsal leaves nothing");
    let keyed = api.with("Idempotency-Key", "once");
    let committed = commit(&keyed, &import, &json!({ "planHash": import["planHash"] })).expect(200);
    assert_eq!((&committed["state"], &committed["rowsDone"], &committed["version"]), (&json!("committed"), &json!(2), &json!(2)));
    let again = commit(&keyed, &import, &json!({ "planHash": import["planHash"] }));
    assert_eq!((again.status, again.header("idempotent-replayed")), (200, "true"));
    commit(&api, &import, &json!({})).refused(412, "platform.precondition_failed");
    api.with("If-Match", "\"2\"").post(&path(&import, "/commit"), &json!({})).refused(409, "imports.not_planned");
    assert_eq!((people(&app), Scene::of(&app).events("person.recorded")), (2, 2));

    let recorded = rows(&api, &import);
    let of = |row: &Value| api.get(&format!("/people/{}/identity", row["recordId"].as_str().expect("an id"))).expect(200);
    let (first, second) = (of(&recorded[0]), of(&recorded[1]));
    assert_eq!(
        (&first["surname"], &first["pesel"], &first["localReference"]),
        (&json!("Żółkiewska"), &json!(pesel(1)), &json!("L/1"))
    );
    assert_eq!(
        (&second["surname"], &second["missingReason"]),
        (&json!("Bezpeselny; junior"), &json!("PESEL w trakcie ustalania"))
    );
    let person = api.get(&format!("/people/{}", recorded[0]["recordId"].as_str().expect("an id"))).expect(200);
    assert_eq!((&person["sex"], &person["birthYear"]), (&json!("female"), &json!(1984)), "from the number");

    let repeated = plan(&api, "people", &text);
    assert_eq!(counts(&repeated), [0, 0, 2, 0, 0], "the same file again changes nothing");
    commit(&api, &repeated, &json!({})).expect(200);
    assert_eq!(people(&app), 2);
}

#[test]
fn each_row_says_what_it_changes_what_it_contradicts_and_what_is_wrong() {
    let app = TestApp::start();
    let api = worker(&app);
    let first = plan(
        &api,
        "people",
        &format!(
            "Imiona,Nazwisko,PESEL,Rok urodzenia,Numer własny,Powód braku danych\n\
             Anna,Pierwsza,{},1984,A,\nBeata,Druga,{},1984,B,\nCelina,Trzecia,,1970,,brak\n",
            pesel(1),
            pesel(2)
        ),
    );
    commit(&api, &first, &json!({})).expect(200);
    let text = format!(
        "givenNames;surname;pesel;birthYear;birthDate;localReference;missingReason;contact\n\
         Anna;Nowonazwana;{one};;;a;;tel. 1\n\
         Zofia;Zupełnieinna;{one};;;;;\n\
         Beata;Druga;{two};1985;;;;\n\
         Beata;Druga;{two};;;A;;\n\
         Celina;TRZECIA;;1970;;;brak;\n\
         Celina;Trzecia;;1971;;;brak;\n\
         Dorota;Czwarta;12345678901;;;;;\n\
         Ewa;Piąta;4051401359;;;;;\n\
         Felicja;;;;;;;\n\
         Grażyna;Szósta;{three};;1990-01-01;;;\n\
         Halina;Siódma;{three};;;;;\n\
         Iza;Ósma;;1899;31.02.1990;;brak;\n\
         ;;;;;B;;\n\
         Ola;Nadmiarowa;;;;X;brak;;dalej\n",
        one = pesel(1),
        two = pesel(2),
        three = pesel(3),
    );
    let import = plan(&api, "people", &text);
    let rows = rows(&api, &import);
    let seen: Vec<(&str, (&str, &str))> =
        rows.iter().map(|row| (row["outcome"].as_str().expect("an outcome"), found(row))).collect();
    // Rows 2 and 3 name one number, so the second of them is refused before it is compared.
    let expected = [
        ("changed", ("", "")),
        ("error", ("pesel", "imports.row_repeated")),
        ("conflict", ("birthYear", "people.import_contradicts")),
        ("error", ("pesel", "imports.row_repeated")),
        ("conflict", ("surname", "people.import_possibly_known")),
        ("error", ("surname", "imports.row_repeated")),
        ("error", ("pesel", "imports.value_invalid")),
        ("error", ("pesel", "imports.value_invalid")),
        ("error", ("missingReason", "people.identity_incomplete")),
        ("created", ("birthDate", "people.import_pesel_differs")),
        ("error", ("pesel", "imports.row_repeated")),
        ("error", ("birthYear", "imports.value_invalid")),
        ("unchanged", ("", "")),
        ("error", ("", "imports.row_too_long")),
    ];
    assert_eq!(seen, expected);
    assert_eq!(rows[0]["changes"], json!(["surname", "contact"]));
    assert!(rows[11]["findings"].to_string().contains("Takiego dnia nie ma w kalendarzu."), "{}", rows[11]);
    assert!(rows[7]["findings"][0]["hint"].as_str().expect("a hint").contains("zgubił zero"));
    let only = api.get(&path(&import, "/rows?outcome=conflict&limit=1")).expect(200);
    let next = api.get(&path(
        &import,
        &format!("/rows?outcome=conflict&limit=1&cursor={}", only["nextCursor"].as_str().expect("a cursor")),
    ));
    assert_eq!((&only["items"][0]["row"], &next.expect(200)["items"][0]["row"]), (&json!(4), &json!(6)));
    let said = rows.iter().map(Value::to_string).collect::<String>();
    for value in [pesel(1).as_str(), "Zupełnieinna", "12345678901"] {
        assert!(!said.contains(value), "rows do not repeat what stood in them");
    }

    commit(&api, &import, &json!({})).refused(409, "imports.faulty_rows");
    commit(&api, &import, &json!({ "leaveOutFaulty": true })).expect(200);
    let anna = api.post("/people/search", &json!({ "pesel": pesel(1) })).expect(200);
    assert_eq!(anna["items"][0]["surname"], "Nowonazwana");
    assert_eq!(people(&app), 4);

    let other_names = format!("Imiona;Nazwisko;PESEL;Numer własny\nZofia;Inna;{};\nBeata;Druga;{};A\n", pesel(1), pesel(2));
    let import = plan(&api, "people", &other_names);
    let codes: Vec<String> = self::rows(&api, &import).iter().map(|row| found(row).1.to_owned()).collect();
    assert_eq!(codes, ["people.import_other_name", "people.import_two_people"]);
}

#[test]
fn many_are_changed_at_once_each_in_its_own_way() {
    let app = TestApp::start();
    let api = worker(&app);
    let head = "Imiona;Nazwisko;PESEL;Rok urodzenia;Płeć;Adres;Kontakt;Numer własny;Powód braku danych\n";
    let first = plan(
        &api,
        "people",
        &format!(
            "{head}Anna;Pierwsza;{};;;Adres 1;tel. 1;;\nBeata;Druga;;;;;tel. 2;B/2;brak\nCelina;Trzecia;;1970;;;;C/3;brak\nDora;Czwarta;;;;;;D/4;brak\n",
            pesel(1)
        ),
    );
    commit(&api, &first, &json!({})).expect(200);
    let changed = format!(
        "{head}Anna;Nowa;{};;;;tel. 11;;\nBeata;Druga;{};;;Adres 2;;b/2;\n;;;;kobieta;;;C/3;\nDora;Czwarta;;1981;K;;;D/4;\n",
        pesel(1),
        pesel(2)
    );
    let import = plan(&api, "people", &changed);
    let planned = rows(&api, &import);
    let columns: Vec<&Value> = planned.iter().map(|row| &row["changes"]).collect();
    assert_eq!(
        columns,
        [
            &json!(["surname", "contact"]),
            &json!(["pesel", "address", "missingReason", "birthYear"]),
            &json!(["sex"]),
            &json!(["sex", "birthYear"])
        ]
    );
    commit(&api, &import, &json!({})).expect(200);
    let id = |row: usize| planned[row]["recordId"].as_str().expect("an id");
    let identity = |row| api.get(&format!("/people/{}/identity", id(row))).expect(200);
    let said = |identity: &Value| {
        ["surname", "pesel", "address", "contact", "localReference", "missingReason"].map(|name| identity[name].clone())
    };
    assert_eq!(json!(said(&identity(0))), json!(["Nowa", pesel(1), "Adres 1", "tel. 11", null, null]));
    assert_eq!(json!(said(&identity(1))), json!(["Druga", pesel(2), "Adres 2", "tel. 2", "B/2", null]));
    assert_eq!(json!(said(&identity(2))), json!(["Trzecia", null, null, null, "C/3", "brak"]));
    let versions: Vec<Value> = (0..4).map(|row| identity(row)["version"].clone()).collect();
    assert_eq!(versions, [2, 2, 1, 1], "whose identity stays keeps its version");
    let person = |row| api.get(&format!("/people/{}", id(row))).expect(200);
    let known: Vec<Value> =
        (0..4).map(|row| json!([person(row)["sex"], person(row)["birthYear"], person(row)["version"]])).collect();
    assert_eq!(known[2..], [json!(["female", 1970, 2]), json!(["female", 1981, 2])]);
    assert_eq!((&known[0][2], &known[1]), (&json!(1), &json!(["unknown", 1984, 2])), "the number tells the year");
    assert_eq!(Scene::of(&app).events("person.changed"), 4);
    let found = api.post("/people/search", &json!({ "pesel": pesel(2) })).expect(200);
    assert_eq!(found["items"][0]["surname"], "Druga");
    assert_eq!(counts(&plan(&api, "people", &changed)), [0, 0, 4, 0, 0]);
}

#[test]
fn who_is_known_by_name_only_is_compared_with_the_recorded_and_with_the_file() {
    let app = TestApp::start();
    let api = worker(&app);
    let head = "Imiona;Nazwisko;Rok urodzenia;PESEL;Powód braku danych\n";
    commit(&api, &plan(&api, "people", &format!("{head}Jan;Bezref;1983;;brak\n")), &json!({})).expect(200);
    let text = format!(
        "{head}Jan;Bezref;1990;;brak\nEwa;Dwukrotna;1970;;brak\newa;DWUKROTNA;;;brak\nAnna;Numerowana;;;brak\nAnna;Numerowana;;{};\n",
        pesel(5)
    );
    let planned = rows(&api, &plan(&api, "people", &text));
    let seen: Vec<(&str, &str)> =
        planned.iter().map(|row| (row["outcome"].as_str().expect("an outcome"), found(row).1)).collect();
    let expected = [
        ("conflict", "people.import_possibly_known"),
        ("created", ""),
        ("error", "imports.row_repeated"),
        ("conflict", "people.import_possibly_known"),
        ("created", ""),
    ];
    assert_eq!(seen, expected);
    let hint = |row: usize| planned[row]["findings"][0]["hint"].as_str().expect("a hint").to_owned();
    assert!(hint(2).contains("w wierszu 3") && hint(3).contains("Inny wiersz tego pliku"), "{} {}", hint(2), hint(3));
}

#[test]
fn an_import_does_not_undo_a_merge() {
    let app = TestApp::start();
    let api = worker(&app);
    let head = "Imiona;Nazwisko;PESEL;Numer własny;Powód braku danych;Kontakt\n";
    let of_duplicate = format!("{head}Anna;Podwójna;;L/7;brak;\n");
    let import = plan(&api, "people", &of_duplicate);
    commit(&api, &import, &json!({})).expect(200);
    let duplicate = rows(&api, &import)[0]["recordId"].as_str().expect("an id").to_owned();
    let identity = json!({ "givenNames": "Anna", "surname": "Podwójna", "pesel": pesel(8) });
    let survivor = api.post("/people", &json!({ "sex": "female", "identity": identity })).id();
    let body = json!({ "into": survivor, "reason": "Ta sama osoba", "identity": "survivor" });
    let coordinator = app.api(Role::Coordinator).with("Pai-Purpose", "recruitment").with("If-Match", "\"1\"");
    coordinator.post(&format!("/people/{duplicate}/merge"), &body).expect(200);

    let again = plan(&api, "people", &of_duplicate);
    let row = rows(&api, &again)[0].clone();
    assert_eq!((&row["outcome"], &row["recordId"]), (&json!("unchanged"), &json!(survivor)));
    let more = rows(&api, &plan(&api, "people", &format!("{head}Anna;Podwójna;;l / 7;brak;tel. 1\n")))[0].clone();
    assert_eq!(
        (&more["outcome"], &more["recordId"], found(&more)),
        (&json!("conflict"), &json!(survivor), ("contact", "people.import_merged"))
    );
    commit(&api, &again, &json!({})).expect(200);
    assert_eq!(people(&app), 1);
}

#[test]
fn a_number_in_the_words_of_a_row_is_refused_as_everywhere() {
    let app = TestApp::start();
    let api = worker(&app);
    let number = pesel(9);
    let columns = ["givenNames", "surname", "address", "contact", "localReference", "missingReason"];
    let row = |at: usize| -> String {
        let cells = (0..columns.len()).map(|place| if place == at { format!("a {number}") } else { format!("tekst{at}") });
        cells.collect::<Vec<_>>().join(";") + "\n"
    };
    let text: String = (0..columns.len()).map(row).collect();
    let planned = rows(&api, &plan(&api, "people", &format!("{}\n{text}", columns.join(";"))));
    let seen: Vec<(&str, &str)> = planned.iter().map(found).collect();
    assert_eq!(seen, columns.map(|column| (column, "platform.pesel_in_text")));
}

#[test]
fn a_plan_whose_base_has_changed_is_refused_with_the_rows() {
    let app = TestApp::start();
    let api = worker(&app);
    let head = "Imiona;Nazwisko;PESEL;Kontakt\n";
    let first = plan(&api, "people", &format!("{head}Anna;Pierwsza;{};\n", pesel(1)));
    commit(&api, &first, &json!({})).expect(200);
    let import = plan(&api, "people", &format!("{head}Anna;Pierwsza;{};tel. 1\nBeata;Druga;{};\n", pesel(1), pesel(2)));
    assert_eq!(counts(&import), [1, 1, 0, 0, 0]);
    let identity = json!({ "givenNames": "Beata", "surname": "Druga", "pesel": pesel(2) });
    api.post("/people", &json!({ "sex": "female", "identity": identity })).id();
    let refused = commit(&api, &import, &json!({})).refused(409, "imports.base_changed");
    assert_eq!(refused["rows"], json!([3]));
    let person = rows(&api, &import)[0]["recordId"].as_str().expect("an id").to_owned();
    api.put(&format!("/people/{person}"), "\"1\"", &json!({ "sex": "female", "birthYear": 1984 })).expect(200);
    let refused = commit(&api, &import, &json!({})).refused(409, "imports.base_changed");
    assert_eq!((&refused["rows"], &refused["differing"]), (&json!([2, 3]), &json!(2)));
    assert_eq!(people(&app), 2, "nothing of a refused plan is recorded");
    let standing = api.get(&path(&import, "")).expect(200);
    assert_eq!((&standing["state"], &standing["rowsDone"]), (&json!("planned"), &json!(0)));
}

#[test]
fn a_cancelled_import_leaves_nothing_and_cannot_be_committed() {
    let app = TestApp::start();
    let api = worker(&app);
    let import = plan(&api, "people", "Imiona;Nazwisko;Powód braku danych\nAnna;Pierwsza;brak\n");
    let cancelled = api.post(&path(&import, "/cancellation"), &json!({ "reason": "Zły plik" })).expect(200);
    assert_eq!((&cancelled["state"], &cancelled["cancellationReason"]), (&json!("cancelled"), &json!("Zły plik")));
    commit(&api, &import, &json!({})).refused(412, "platform.precondition_failed");
    api.with("If-Match", "\"2\"").post(&path(&import, "/commit"), &json!({})).refused(409, "imports.not_planned");
    api.post(&path(&import, "/cancellation"), &json!({})).refused(409, "imports.not_planned");
    assert_eq!(rows(&api, &import), Vec::<Value>::new());
    api.get(&path(&import, "/file")).refused(404, "platform.not_found");
    assert_eq!(Scene::of(&app).number("SELECT count(*) FROM imports WHERE plan IS NOT NULL"), 0);
}

#[test]
fn a_cancellation_during_the_commit_undoes_it() {
    let app = TestApp::start();
    let api = worker(&app);
    let row = |number| format!("Anna;Liczna;{}\n", pesel(number));
    let rows: String = (0..3_000).map(row).collect();
    let import = plan(&api, "people", &format!("Imiona;Nazwisko;PESEL\n{rows}"));
    assert_eq!(counts(&import), [3_000, 0, 0, 0, 0]);
    std::thread::scope(|scope| {
        let committing = scope.spawn(|| commit(&api, &import, &json!({})));
        let mut progress = 0;
        for _ in 0..2_000 {
            progress = api.get(&path(&import, "")).expect(200)["rowsDone"].as_i64().expect("rows");
            if progress > 0 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        assert!((1..3_000).contains(&progress), "progress is told while the commit runs: {progress}");
        commit(&api, &import, &json!({})).refused(409, "imports.being_committed");
        api.post(&path(&import, "/cancellation"), &json!({})).expect(200);
        committing.join().expect("an answer").refused(409, "imports.cancelled");
    });
    assert_eq!(people(&app), 0);
}

#[test]
fn a_plan_survives_the_service_and_is_committed_by_another() {
    let mut app = TestApp::start();
    let import = plan(&worker(&app), "people", &format!("Imiona;Nazwisko;PESEL\nAnna;Pierwsza;{}\n", pesel(1)));
    let other = app.start_replica();
    let api = Api::sign_in(&other, &app.town.clients["social_worker"]).with("Pai-Purpose", "recruitment");
    commit(&api, &import, &json!({})).expect(200);
    let hits = worker(&app).post("/people/search", &json!({ "pesel": pesel(1) })).expect(200);
    assert_eq!(hits["items"][0]["surname"], "Pierwsza");
}

#[test]
fn another_town_sees_no_import_and_knows_nobody_of_it() {
    let app = TestApp::start();
    let api = worker(&app);
    let text = format!("Imiona;Nazwisko;PESEL\nAnna;Pierwsza;{}\n", pesel(1));
    let import = plan(&api, "people", &text);
    commit(&api, &import, &json!({})).expect(200);
    let other = app.other_api(Role::SocialWorker).with("Pai-Purpose", "recruitment");
    for rest in ["", "/rows", "/file"] {
        other.get(&path(&import, rest)).refused(404, "platform.not_found");
    }
    commit(&other, &import, &json!({})).refused(404, "platform.not_found");
    other.post(&path(&import, "/cancellation"), &json!({})).refused(404, "platform.not_found");
    assert_eq!(other.get("/imports").expect(200)["items"], json!([]));
    assert_eq!(counts(&plan(&other, "people", &text)), [1, 0, 0, 0, 0]);
}

#[test]
fn nobody_of_a_file_stands_in_the_database_in_the_clear_and_the_register_names_them_once() {
    let app = TestApp::start();
    let api = worker(&app);
    let text = format!(
        "Imiona;Nazwisko;PESEL;Kontakt;Numer własny\nKanaryslawa;Kanarkowska;{};kanarek@przyklad.example;KANAREK/7\nX;Y;1;;\n",
        pesel(77)
    );
    let import = plan(&api, "people", &text);
    commit(&api, &import, &json!({ "leaveOutFaulty": true })).expect(200);
    api.get(&path(&import, "/file")).expect(200);
    let dump = dump(&app.superuser_url);
    for canary in [pesel(77).as_str(), "Kanaryslawa", "Kanarkowska", "kanarek@przyklad", "KANAREK/7"] {
        for spelling in spellings(canary) {
            assert!(!dump.contains(&spelling), "{canary} is stored as {spelling}");
        }
    }
    let person: uuid::Uuid = rows(&api, &import)[0]["recordId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let entries = app.api(Role::Auditor).get(&format!("/audit-entries?recordId={person}")).expect(200);
    let operations: Vec<&str> =
        entries["items"].as_array().expect("entries").iter().filter_map(|entry| entry["operation"].as_str()).collect();
    assert_eq!(operations, ["commit_import", "get_import_file"]);
    let of_person = || app.api(Role::Auditor).get(&format!("/audit-entries?recordId={person}")).expect(200)["items"].clone();
    plan(&api, "people", &text);
    let looked_up = of_person().as_array().expect("entries").iter().filter(|entry| entry["operation"] == "plan_import").count();
    assert_eq!(looked_up, 1, "a plan that recognises somebody is in the register");
    app.api(Role::Auditor).get(&path(&import, "/file")).refused(403, "platform.forbidden");
    let anonymous_purpose = app.api(Role::SocialWorker);
    anonymous_purpose.get(&path(&import, "/file")).refused(400, "platform.purpose_required");
}

#[test]
fn what_is_older_than_published_is_forgotten_with_its_file() {
    let app = TestApp::start();
    let import = plan(&worker(&app), "people", "Imiona;Nazwisko;Powód braku danych\nAnna;Pierwsza;brak\n");
    let mut service = pai::platform::migrations::connect(&app.service_url).expect("a connection");
    let moment = app.clock.now();
    let forget = |conn: &mut _, before| pai::platform::imports::forget_before(conn, before).expect("forgotten");
    assert_eq!(forget(&mut service, moment), 0, "not before its time");
    assert_eq!(forget(&mut service, moment + chrono::TimeDelta::seconds(1)), 1);
    worker(&app).get(&path(&import, "")).refused(404, "platform.not_found");
}
