//! Files of every format, and the rows of each kind.

use calamine::{Data, Reader as _, Xlsx};
use diesel::connection::SimpleConnection as _;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use std::io::Cursor;

use super::{CSV, NDJSON, XLSX, commit, counts, found, path, pesel, plan, rows, worker};
use crate::support::scene::Scene;
use crate::support::{TestApp, build, database};

#[test]
fn the_same_list_gives_the_same_plan_in_every_format() {
    let app = TestApp::start();
    let api = worker(&app);
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, head) in (0..).zip(["Nazwisko", "PESEL", "Imiona", "Data urodzenia"]) {
        sheet.write_string(0, column, head).expect("a head");
    }
    sheet.write_string(1, 0, "Pierwsza").expect("a cell");
    // As a spreadsheet keeps a number that was typed in.
    sheet.write_number(1, 1, pesel(1).parse::<f64>().expect("a number")).expect("a cell");
    sheet.write_string(1, 2, "=Anna").expect("a cell");
    sheet.write_string(1, 3, "14.03.1984").expect("a cell");
    let xlsx = workbook.save_to_buffer().expect("a workbook");
    let csv = format!("Nazwisko;PESEL;Imiona;Data urodzenia\r\nPierwsza;{};\"=Anna\";14.03.1984\r\n", pesel(1));
    let ndjson =
        json!({ "surname": "Pierwsza", "pesel": pesel(1), "givenNames": "=Anna", "birthDate": "1984-03-14" }).to_string();
    let (windows, _, _) = encoding_rs::WINDOWS_1250.encode(&csv);
    let mut imports = Vec::new();
    for (media, content) in
        [(CSV, csv.as_bytes()), ("text/csv; charset=windows-1250", &windows), (XLSX, &xlsx), (NDJSON, ndjson.as_bytes())]
    {
        let import = api.upload("/imports?kind=people", media, content).expect(201);
        assert_eq!(counts(&import), [1, 0, 0, 0, 0], "{media}");
        imports.push(import);
    }
    let annotated = api.get(&path(&imports[0], "/file"));
    assert_eq!((annotated.status, annotated.header("content-type"), annotated.header("cache-control")), (200, CSV, "no-store"));
    assert!(annotated.text.contains(";'=Anna;"), "no formula goes back: {}", annotated.text);
    assert!(annotated.text.contains(";nowy;"), "{}", annotated.text);
    let again = api.upload("/imports?kind=people", CSV, &annotated.bytes).expect(201);
    assert_eq!(counts(&again), [1, 0, 0, 0, 0], "what goes back can be sent again");

    let annotated = api.with("Accept", XLSX).get(&path(&imports[2], "/file"));
    let mut sheet: Xlsx<_> = Xlsx::new(Cursor::new(annotated.bytes)).expect("a workbook");
    let range = sheet.worksheet_range("Import").expect("a sheet");
    let row: Vec<&Data> = range.rows().nth(1).expect("a row").iter().collect();
    assert_eq!((row[1], row[2]), (&Data::String(pesel(1)), &Data::String("=Anna".to_owned())));
    let annotated = api.get(&path(&imports[3], "/file"));
    let line: Value = serde_json::from_str(annotated.text.lines().next().expect("a line")).expect("JSON");
    assert_eq!((&line["pesel"], &line["Wynik"]), (&json!(pesel(1)), &json!("nowy")));
    commit(&api, &imports[1], &json!({})).expect(200);
    commit(&api, &imports[3], &json!({})).refused(409, "imports.base_changed");
}

#[test]
fn applications_find_edition_and_person_by_what_a_list_knows() {
    let app = TestApp::start();
    let api = worker(&app);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 9);
    let list = plan(
        &api,
        "people",
        &format!("Imiona;Nazwisko;PESEL;Numer własny\nAnna;Pierwsza;{};A 1\nBeata;Druga;{};B1\n", pesel(1), pesel(2)),
    );
    commit(&api, &list, &json!({})).expect(200);
    let person = rows(&api, &list)[1]["recordId"].as_str().expect("an id").to_owned();
    let text = format!(
        "Edycja;PESEL;Numer własny;Identyfikator osoby;Data wpływu;Sposób złożenia\n\
         i;{one};;;01.10.2020;PUP\n\
         {edition};;;{person};2020-10-02;Osobiście\n\
         I;;a1;;2020-10-01;\n\
         II;{one};;;2020-10-01;\n\
         I;{three};;;2020-10-01;\n\
         I;;;;2020-10-01;\n\
         I;{one};B1;;2020-10-01;\n\
         I;{two};;;2020-13-01;gołębiem\n",
        one = pesel(1),
        two = pesel(2),
        three = pesel(3),
    );
    let import = plan(&api, "applications", &text);
    let planned = rows(&api, &import);
    let seen: Vec<(&str, &str)> = planned.iter().map(found).collect();
    assert_eq!(
        seen,
        [
            ("", ""),
            ("", ""),
            ("", "imports.row_repeated"),
            ("edition", "platform.reference_not_found"),
            ("pesel", "platform.reference_not_found"),
            ("pesel", "imports.value_missing"),
            ("pesel", "people.import_two_people"),
            ("receivedOn", "imports.value_invalid"),
        ]
    );
    let hint = planned[2]["findings"][0]["hint"].as_str().expect("a hint");
    assert!(hint.ends_with("Zapis jest już w wierszu 2."), "{hint}");
    let hint = planned[3]["findings"][0]["hint"].as_str().expect("a hint");
    assert!(hint.contains("Nie ma edycji o tej nazwie"), "{hint}");
    commit(&api, &import, &json!({ "leaveOutFaulty": true })).expect(200);
    let recorded = api.get(&format!("/applications?editionId={edition}")).expect(200);
    let mut channels: Vec<&str> =
        recorded["items"].as_array().expect("items").iter().filter_map(|item| item["channel"].as_str()).collect();
    channels.sort_unstable();
    assert_eq!(channels, ["counter", "labourOffice"]);
    assert_eq!(Scene::of(&app).number("SELECT count(*) FROM application_events WHERE kind = 'applied'"), 2);
    let again = format!("Edycja;PESEL;Data wpływu\nI;{};2020-10-01\nI;{};2020-10-09\n", pesel(1), pesel(2));
    let import = plan(&api, "applications", &again);
    assert_eq!(counts(&import), [0, 0, 1, 1, 0]);
    assert_eq!(found(&rows(&api, &import)[1]), ("receivedOn", "recruitment.already_applied"));
    let other = format!("Edycja;PESEL;Data wpływu;Sposób złożenia\nI;{};2020-10-01;poczta\n", pesel(1));
    assert_eq!(found(&rows(&api, &plan(&api, "applications", &other))[0]), ("channel", "recruitment.already_applied"));
}

#[test]
fn who_withdrew_is_taken_from_a_list_again() {
    let app = TestApp::start();
    let api = worker(&app);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 9);
    let list = plan(&api, "people", &format!("Imiona;Nazwisko;PESEL\nAnna;Pierwsza;{}\n", pesel(1)));
    commit(&api, &list, &json!({})).expect(200);
    let file = |day: &str| format!("Edycja;PESEL;Data wpływu\nI;{};{day}\n", pesel(1));
    let first = plan(&api, "applications", &file("2020-10-01"));
    commit(&api, &first, &json!({})).expect(200);
    let former = rows(&api, &first)[0]["recordId"].as_str().expect("an id").to_owned();
    let leaving = json!({ "reason": "noContact", "effectiveOn": "2020-10-05" });
    api.post(&format!("/applications/{former}/withdrawal"), &leaving).expect(200);
    let early = plan(&api, "applications", &file("2020-10-04"));
    assert_eq!(found(&rows(&api, &early)[0]), ("receivedOn", "recruitment.already_applied"));
    let again = plan(&api, "applications", &file("2020-10-06"));
    assert_eq!(counts(&again), [1, 0, 0, 0, 0]);
    commit(&api, &again, &json!({})).expect(200);
    let later = rows(&api, &again)[0]["recordId"].as_str().expect("an id").to_owned();
    let read = |id: &str| api.get(&format!("/applications/{id}")).expect(200);
    assert_eq!((&read(&later)["formerApplicationId"], &read(&former)["appliedAgain"]), (&json!(former), &json!(true)));
    assert_eq!(counts(&plan(&api, "applications", &file("2020-10-06"))), [0, 0, 1, 0, 0]);
    assert_eq!(read(&later)["editionId"], json!(edition));
}

#[test]
fn a_commit_that_somebody_overtakes_names_the_row() {
    let app = TestApp::start();
    let api = worker(&app);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 9);
    let list = plan(&api, "people", &format!("Imiona;Nazwisko;PESEL\nAnna;Pierwsza;{}\nBeata;Druga;{}\n", pesel(1), pesel(2)));
    commit(&api, &list, &json!({})).expect(200);
    let second = rows(&api, &list)[1]["recordId"].as_str().expect("an id").to_owned();
    let file = format!("Edycja;PESEL;Data wpływu\nI;{};2020-10-01\nI;{};2020-10-01\n", pesel(1), pesel(2));
    let import = plan(&api, "applications", &file);
    let (tenant, client) = (app.town.id, app.town.clients["coordinator"].0);
    let mut faster = connect(&app.superuser_url).expect("superuser");
    // Who comes first has not committed yet when the rows are looked at again.
    let overtaken = std::thread::scope(|scope| {
        faster
            .batch_execute(&format!(
                "SET app.tenant = '{tenant}'; SET app.client = '{client}'; SET app.now = '2020-10-02T08:00:00Z'; BEGIN;
                 INSERT INTO applications (id, edition_id, person_id, received_on, received_precision, outside_recruitment, state)
                 VALUES (gen_random_uuid(), '{edition}', '{second}', '2020-10-01', 'day', false, 'applied')"
            ))
            .expect("an application");
        let committing = scope.spawn(|| commit(&api, &import, &json!({})));
        wait_for_a_lock(&app);
        faster.batch_execute("COMMIT").expect("the other is first");
        committing.join().expect("an answer")
    });
    assert_eq!(overtaken.refused(409, "imports.base_changed")["rows"], json!([3]));
    let standing = api.get(&path(&import, "")).expect(200);
    assert_eq!((&standing["state"], &standing["rowsDone"]), (&json!("planned"), &json!(0)));
    assert_eq!(Scene::of(&app).number("SELECT count(*) FROM applications"), 1, "nothing of a refused plan is recorded");
}

/// Waits until a statement of the service waits for a lock.
fn wait_for_a_lock(app: &TestApp) {
    let mut watcher = connect(&app.superuser_url).expect("superuser");
    let waiting = "SELECT ARRAY[count(*)::text] AS row FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    for _ in 0..5_000 {
        if database::rows(&mut watcher, waiting)[0][0] != "0" {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    panic!("nobody waits for the lock");
}

#[test]
fn broken_files_and_unknown_kinds_are_refused_with_a_reason() {
    let app = TestApp::start();
    let api = worker(&app);
    for (media, content, status, code) in [
        (CSV, &b""[..], 422, "imports.file_empty"),
        (CSV, b"Nazwisko;Wiek\nA;3\n", 422, "imports.column_unknown"),
        (CSV, b"Nazwisko\n\xb9\xea\n", 422, "imports.file_encoding"),
        (CSV, b"Nazwisko\n\"A\n", 422, "imports.quote_open"),
        (CSV, b"\xef\xbb\xbf", 422, "imports.file_empty"),
        (CSV, b"Nazwisko;NAZWISKO\nA;B\n", 422, "imports.column_repeated"),
        (CSV, b"Nazwisko\nA\0\n", 422, "imports.file_broken"),
        (CSV, format!("Nazwisko\n{}", "A".repeat(1 << 20)).as_bytes(), 422, "imports.file_too_large"),
        (XLSX, b"PK\x03\x04", 422, "imports.file_broken"),
        (XLSX, b"Nazwisko\nA\n", 422, "imports.file_broken"),
        (NDJSON, b"{\"surname\":", 422, "imports.file_broken"),
        ("application/pdf", b"%PDF", 415, "imports.unknown_format"),
        ("application/json", b"{}", 415, "imports.unknown_format"),
    ] {
        api.upload("/imports?kind=people", media, content).refused(status, code);
    }
    let unknown = api.upload("/imports?kind=wages", CSV, b"a\n1\n").refused(400, "platform.invalid_parameter");
    assert!(
        unknown["errors"][0]["message"].to_string().contains("people") || unknown.to_string().contains("people, applications")
    );
    api.get("/import-kinds/wages/sample").refused(404, "platform.not_found");
    let large = vec![b'x'; pai::platform::imports::FILE_LIMIT + 1];
    let answer = api.with("Content-Type", CSV).attempt("POST", "/imports?kind=people", Some(large));
    assert!(answer.is_err() || answer.is_ok_and(|answer| answer.status == 413));
    assert_eq!(Scene::of(&app).number("SELECT count(*) FROM imports"), 0);
}

#[test]
fn a_quotation_mark_that_swallows_rows_is_named_with_the_line_where_it_opens() {
    let app = TestApp::start();
    let api = worker(&app);
    for (text, line) in [
        ("Nazwisko;Imiona\nNowak;Anna\n\"Kowal;Ewa\nWilk;Iza\n", 3),
        ("Nazwisko;Imiona\nNowak;\"Anna\" Maria\n", 2),
        // A cell of two lines before it counts as two lines.
        ("Nazwisko;Imiona\n\"No\nwak\";Anna\nKowal;\"Ewa\n", 4),
        ("sep=;\nNazwisko;Imiona\n\"Nowak;Anna\n", 3),
    ] {
        let refused = api.upload("/imports?kind=people", CSV, text.as_bytes()).refused(422, "imports.quote_open");
        assert_eq!(refused["line"], line, "{text}");
        assert!(refused["title"].as_str().is_some_and(|title| title.contains(&format!("w wierszu {line}"))), "{refused}");
        assert!(!refused.to_string().contains("Kowal"), "nothing of the file is repeated");
    }
}

#[test]
fn a_year_that_contradicts_the_date_is_told_as_that() {
    let app = TestApp::start();
    let api = worker(&app);
    let text = "Nazwisko;Imiona;Data urodzenia;Rok urodzenia;Powód braku danych\nNowak;Anna;1984-03-14;1948;bez numeru\n";
    let import = plan(&api, "people", text);
    let [row] = rows(&api, &import).try_into().expect("a row");
    assert_eq!((&row["outcome"], found(&row)), (&json!("created"), ("birthYear", "people.import_year_differs")));
    let told = row["findings"].to_string();
    assert!(told.contains("Rok urodzenia nie zgadza się z datą urodzenia") && !told.contains("PESEL"), "{told}");
}

#[test]
fn the_sample_of_every_kind_and_format_is_taken_in() {
    let app = TestApp::start();
    let api = worker(&app);
    let kinds = api.get("/import-kinds").expect(200);
    assert_eq!(kinds["mostRows"], 20_000);
    for kind in kinds["items"].as_array().expect("kinds") {
        let name = kind["name"].as_str().expect("a name");
        for (format, media) in [("csv", CSV), ("xlsx", XLSX), ("ndjson", NDJSON)] {
            let sample = api.get(&format!("/import-kinds/{name}/sample?format={format}"));
            assert_eq!((sample.status, sample.header("content-type")), (200, media));
            let import = api.upload(&format!("/imports?kind={name}&dryRun=true"), media, &sample.bytes).expect(200);
            // An application needs an edition and a person that are not there.
            let expected = if name == "people" { [1, 0, 0, 0, 0] } else { [0, 0, 0, 0, 1] };
            assert_eq!(counts(&import), expected, "{name} in {format}");
        }
    }
}

#[test]
fn an_unknown_member_is_named_with_its_line() {
    let app = TestApp::start();
    let text = "{\"surname\":\"Pierwsza\",\"missingReason\":\"brak\"}\n{\"surname\":\"Druga\",\"nazwiskoRodowe\":\"X\"}\n";
    let refused = worker(&app).upload("/imports?kind=people", NDJSON, text.as_bytes());
    let problem = refused.refused(422, "imports.member_unknown");
    assert_eq!((&problem["name"], &problem["line"]), (&json!("nazwiskoRodowe"), &json!(2)));
}

#[test]
fn a_referral_comes_in_with_its_office_its_day_and_its_letter() {
    let app = TestApp::start();
    let api = worker(&app);
    let edition = build::edition(&app, "2020-10-15", "2020-12-14", 9);
    let people = build::people(&app, 3);
    let office = json!({ "kind": "labourOffice", "name": "PUP w Przykładowie Dolnym" });
    let office = app.api(Role::Administrator).post("/institutions", &office).id();
    let head = "Edycja;Identyfikator osoby;Data wpływu;Urząd kierujący;Data skierowania;Numer skierowania";
    let text = format!(
        "{head}\nI;{};2020-10-01;pup w przykladowie dolnym;28.09.2020;PUP.5510.7\nI;{};2020-10-01;{office};2020-09-28;\n\
         I;{};2020-10-01;MOPS;2020-09-28;\nI;{};2020-10-01;;;PUP.5510.8\n",
        people[0], people[1], people[2], people[2],
    );
    let import = plan(&api, "applications", &text);
    let planned = rows(&api, &import);
    assert_eq!(counts(&import), [2, 0, 0, 0, 2]);
    assert_eq!(found(&planned[2]), ("referralOffice", "recruitment.not_a_labour_office"));
    assert_eq!(found(&planned[3]), ("referralOffice", "imports.value_missing"));
    commit(&api, &import, &json!({ "leaveOutFaulty": true })).expect(200);
    let recorded = api.get(&format!("/applications?referralInstitutionId={office}&editionId={edition}")).expect(200);
    let first = recorded["items"].as_array().expect("two").iter().find(|one| one["personId"] == json!(people[0])).expect("one");
    assert_eq!((&first["referredOn"], &first["referralNumber"]), (&json!("2020-09-28"), &json!("PUP.5510.7")));
    assert_eq!(recorded["items"].as_array().map(Vec::len), Some(2));
    let again = format!(
        "{head}\nI;{};2020-10-01;{office};2020-09-28;PUP.5510.7\nI;{};2020-10-01;{office};2020-09-29;\n",
        people[0], people[1]
    );
    let import = plan(&api, "applications", &again);
    assert_eq!(counts(&import), [0, 0, 1, 1, 0]);
    assert_eq!(found(&rows(&api, &import)[1]), ("referredOn", "recruitment.already_applied"));
}

#[test]
fn facts_come_in_as_the_labour_office_writes_them() {
    let app = TestApp::start();
    let api = worker(&app);
    let list = plan(&api, "people", &format!("Imiona;Nazwisko;PESEL;Numer własny\nAnna;Pierwsza;{};A 1\n", pesel(1)));
    commit(&api, &list, &json!({})).expect(200);
    let person = rows(&api, &list)[0]["recordId"].as_str().expect("an id").to_owned();
    let head = "PESEL;Numer własny;Rodzaj faktu;Wartość;Od dnia;Źródło;Rodzaj źródła;Data dowodu";
    let text = format!(
        "{head}\n{one};;bezrobotny od;01.03.2019;2019-03-01;PUP;PUP;2020-09-20\n;a1;Prawo do zasiłku;NIE;2019-06-01;PUP;urząd pracy;\n\
         {one};;prawo do zasiłku;tak;2019-06-01;PUP;;\n{two};;prawo do zasiłku;nie;2019-06-01;PUP;;\n\
         {one};;profil pomocy;IV;2019-06-01;PUP;;\n{one};;residence;1465100;2019-06-01;PUP;;\n\
         {one};;bezrobotny od;2019-03-05;2019-03-01;PUP;;\n{one};;staż;nie;2019-06-01;PUP;;2030-01-01\n",
        one = pesel(1),
        two = pesel(2),
    );
    let import = plan(&api, "personFacts", &text);
    let planned = rows(&api, &import);
    let seen: Vec<(&str, &str)> = planned.iter().map(found).collect();
    assert_eq!(
        seen,
        [
            ("", ""),
            ("", ""),
            ("value", "people.import_contradicts"),
            ("pesel", "platform.reference_not_found"),
            ("value", "people.fact_value"),
            ("value", "people.fact_value"),
            ("from", "people.unemployed_since_later"),
            ("evidenceOn", "platform.in_future"),
        ]
    );
    commit(&api, &import, &json!({ "leaveOutFaulty": true })).expect(200);
    let facts = api.get(&format!("/people/{person}/facts")).expect(200);
    let told = |kind: &str| {
        let fact = facts["items"].as_array().expect("facts").iter().find(|fact| fact["kind"] == kind).expect("a fact");
        ["value", "from", "sourceKind", "evidenceOn"].map(|name| fact[name].clone())
    };
    assert_eq!(told("unemployedSince"), ["2019-03-01", "2019-03-01", "labourOffice", "2020-09-20"].map(|text| json!(text)));
    assert_eq!(told("benefitRight")[..3], ["false", "2019-06-01", "labourOffice"].map(|text| json!(text)));
    let again = format!(
        "{head}\n{one};;prawo do zasiłku;nie;2019-06-01;PUP;;\n{one};;bezrobotny od;2019-02-01;2019-03-01;PUP;;\n",
        one = pesel(1)
    );
    let import = plan(&api, "personFacts", &again);
    assert_eq!(counts(&import), [0, 0, 1, 1, 0]);
    assert_eq!(found(&rows(&api, &import)[1]), ("value", "people.import_contradicts"));
}

#[test]
fn one_list_may_hold_what_two_sources_say_of_the_same() {
    let app = TestApp::start();
    let api = worker(&app);
    let list = plan(&api, "people", &format!("Imiona;Nazwisko;PESEL\nAnna;Pierwsza;{}\n", pesel(1)));
    commit(&api, &list, &json!({})).expect(200);
    let row = |value: &str, source: &str| format!("{};prawo do zasiłku;{value};2019-06-01;{source}\n", pesel(1));
    let head = "PESEL;Rodzaj faktu;Wartość;Od dnia;Źródło\n";
    let each = [("nie", "PUP"), ("tak", "Oświadczenie"), ("nie", "OPS"), ("tak", "pup"), ("nie", "pup")];
    let text = [head.to_owned(), each.map(|(value, source)| row(value, source)).concat()].concat();
    let import = plan(&api, "personFacts", &text);
    let planned = rows(&api, &import);
    let seen: Vec<(&str, &str)> = planned.iter().map(found).collect();
    let contradicts = ("value", "people.sources_contradict");
    // A source that says otherwise than before contradicts itself, one that says the same again repeats itself.
    let contradicts_itself = ("value", "people.import_contradicts");
    assert_eq!(seen, [("", ""), contradicts, contradicts, contradicts_itself, ("", "imports.row_repeated")]);
    assert_eq!(counts(&import), [3, 0, 0, 1, 1]);
    commit(&api, &import, &json!({ "leaveOutFaulty": true })).expect(200);
    // The same list again changes nothing; a source does not contradict itself.
    let text = [head, &row("nie", "PUP"), &row("tak", "Oświadczenie"), &row("tak", "OPS"), &row("nie", "Gmina")].concat();
    let again = plan(&api, "personFacts", &text);
    assert_eq!(counts(&again), [1, 0, 2, 1, 0]);
    assert_eq!(found(&rows(&api, &again)[2]), ("value", "people.import_contradicts"));
}

#[test]
fn a_commit_whose_service_was_killed_has_done_nothing() {
    let app = TestApp::start();
    let api = worker(&app);
    let row = |number| format!("Anna;Liczna;{}\n", pesel(number));
    let import = plan(&api, "people", &format!("Imiona;Nazwisko;PESEL\n{}{}", row(1), row(2)));
    // What was told from outside the transaction of the commit stays when its service is gone.
    let note = format!("SELECT note_import_progress('{}', '{}', 2)", app.town.id, import["id"].as_str().expect("an id"));
    build::enter(&app, &note);
    assert_eq!(Scene::of(&app).number("SELECT rows_done FROM imports"), 2);
    assert_eq!(api.get(&path(&import, "")).expect(200)["rowsDone"], 0);
    assert_eq!(api.get("/imports").expect(200)["items"][0]["rowsDone"], 0);
    assert_eq!(commit(&api, &import, &json!({})).expect(200)["rowsDone"], 2);
    assert_eq!(api.get(&path(&import, "")).expect(200)["rowsDone"], 2);
}
