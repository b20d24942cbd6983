//! Which record a row of an import is about, and where it is read.

use pai::platform::policy::Role;
use serde_json::{Value, json};

use super::{CSV, counts, found, path, pesel, plan, worker};
use crate::support::{Answer, Api, TestApp};

/// Rows of a committed import whose records are opened.
const ROWS_OPENED: usize = 20;

/// Kinds whose rows are opened: by `commit`, which the tests of each of them go through.
const OPENED: [&str; 8] =
    ["people", "personFacts", "applications", "attendance", "psuEntries", "sheets", "employmentSpells", "sessions"];

/// The rows of a plan; whatever is said of them is said in whole.
#[track_caller]
pub(super) fn rows(api: &Api, import: &Value) -> Vec<Value> {
    let rows = api.get(&path(import, "/rows?limit=200")).expect(200)["items"].as_array().expect("rows").clone();
    for hint in rows.iter().flat_map(|row| row["findings"].as_array().expect("findings")).map(|finding| &finding["hint"]) {
        assert!(!hint.as_str().expect("a hint").contains(['{', '}']), "{hint}");
    }
    rows
}

/// Commits a plan, whatever its kind; once it is done every row opens the record that it names.
#[track_caller]
pub(super) fn commit(api: &Api, import: &Value, body: &Value) -> Answer {
    let answer = api.with("If-Match", "\"1\"").post(&path(import, "/commit"), body);
    if answer.status == 200 && answer.header("idempotent-replayed").is_empty() {
        let done = ["created", "changed", "unchanged"];
        for row in rows(api, import).iter().take(ROWS_OPENED) {
            assert_eq!(row["recordId"].is_string(), row["recordPath"].is_string(), "{row}");
            assert!(row["recordId"].is_string() || !done.contains(&row["outcome"].as_str().expect("an outcome")), "{row}");
            if row["recordPath"].is_string() {
                opened(api, row);
            }
        }
    }
    answer
}

/// Opens the record that a row names.
#[track_caller]
fn opened(api: &Api, row: &Value) -> Value {
    let address = row["recordPath"].as_str().expect("an address").strip_prefix("/api/v1").expect("an address of the service");
    let record = api.get(address).expect(200);
    assert!(record.to_string().contains(row["recordId"].as_str().expect("an id")), "{row}: {record}");
    record
}

#[test]
fn every_kind_of_import_has_its_rows_opened() {
    let app = TestApp::start();
    let known = worker(&app).get("/import-kinds").expect(200);
    let mut known: Vec<&str> =
        known["items"].as_array().expect("kinds").iter().map(|kind| kind["name"].as_str().expect("a name")).collect();
    let mut opened = OPENED.to_vec();
    known.sort_unstable();
    opened.sort_unstable();
    assert_eq!(known, opened);
}

#[test]
fn a_row_names_what_it_found_changes_contradicts_or_made() {
    let app = TestApp::start();
    let api = worker(&app);
    let head = "Imiona;Nazwisko;PESEL;Rok urodzenia;Kontakt;Numer własny\n";
    let known = format!(
        "Anna;Nowak;{};;;L/1\nEwa;Lis;{};;;L/2\nIda;Kos;{};1984;;L/3\nOla;Wilk;{};;;L/4\nZoja;Sowa;{};;;L/5\n",
        pesel(1),
        pesel(2),
        pesel(3),
        pesel(4),
        pesel(5)
    );
    let first = plan(&api, "people", &format!("{head}{known}"));
    let before = rows(&api, &first);
    assert!(before.iter().all(|row| row["recordId"].is_null() && row["recordPath"].is_null()), "nobody is recorded yet");
    commit(&api, &first, &json!({})).expect(200);
    let made: Vec<Value> = rows(&api, &first).iter().map(|row| row["recordId"].clone()).collect();

    let text = format!(
        "{head}Anna;Nowak;{};;;L/1\nEwa;Lis;{};;600 100 200;L/2\nIda;Kos;{};1990;;L/3\nOla;Wilk;{};;;L/5\nJan;Nowy;{};;;L/9\n",
        pesel(1),
        pesel(2),
        pesel(3),
        pesel(4),
        pesel(6)
    );
    let import = plan(&api, "people", &text);
    assert_eq!(counts(&import), [1, 1, 1, 2, 0]);
    let planned = rows(&api, &import);
    let named: Vec<_> =
        planned.iter().map(|row| (row["outcome"].as_str().expect("an outcome"), row["recordId"].clone())).collect();
    assert_eq!(
        named,
        [
            ("unchanged", made[0].clone()),
            ("changed", made[1].clone()),
            ("conflict", made[2].clone()),
            ("conflict", made[3].clone()),
            ("created", Value::Null),
        ],
        "of two people whom one row names, the one of the PESEL"
    );
    for row in &planned[..4] {
        assert_eq!(opened(&api, row)["id"], row["recordId"]);
    }
    // An auditor may read people, so the rows name them; nothing of the file is told.
    let audited = rows(&app.api(Role::Auditor), &import);
    assert_eq!(audited, planned);
    assert!(!audited.iter().any(|row| row.to_string().contains("600 100 200")));

    let file = api.get(&path(&import, "/file"));
    let lines: Vec<&str> = file.text.lines().collect();
    assert!(lines[0].trim_start_matches('\u{feff}').ends_with("Identyfikator zapisu;Adres zapisu"), "{}", lines[0]);
    assert!(lines[3].ends_with(&format!("/api/v1/people/{}", made[2].as_str().expect("an id"))), "{}", lines[3]);
    commit(&api, &import, &json!({ "leaveOutFaulty": true })).expect(200);
    let created = &rows(&api, &import)[4];
    assert_eq!(opened(&api, created)["id"], created["recordId"]);
    let annotated = api.get(&path(&import, "/file")).text;
    assert!(annotated.contains(&format!("/api/v1/people/{}", created["recordId"].as_str().expect("an id"))));
    // The annotated file comes again as it is.
    let again = api.upload("/imports?kind=people", CSV, annotated.as_bytes()).expect(201);
    assert_eq!(counts(&again), [0, 0, 3, 2, 0]);
}

#[test]
fn whoever_is_likely_on_file_is_told_with_the_row_and_can_be_recorded() {
    let app = TestApp::start();
    let api = worker(&app);
    let identity = json!({ "givenNames": "Anna Maria", "surname": "Żółkiewska", "pesel": pesel(1) });
    api.post("/people", &json!({ "sex": "female", "identity": identity })).expect(201);
    let head = "Imiona;Nazwisko;Numer własny;Rok urodzenia;Powód braku danych\n";
    let rest = "PESEL w trakcie ustalania\n";
    let text = format!(
        "{head}Żółkiewska;Anna;;;{rest}Anna Maria;Zolkiewska;L/1;;{rest}Maria Anna;Żółkiewska;;;{rest}\
         Żółkiewska Ewa;Anna;L/2;1951;{rest}Jan;Nowy;;;{rest}"
    );
    let import = plan(&api, "people", &text);
    let planned = rows(&api, &import);
    let seen: Vec<_> = planned.iter().map(|row| (row["outcome"].as_str().expect("an outcome"), found(row))).collect();
    assert_eq!(
        seen,
        [
            ("created", ("surname", "people.import_likely_known")),
            ("created", ("surname", "people.import_likely_known")),
            // Nothing but the name tells who it is, in whatever order.
            ("conflict", ("surname", "people.import_possibly_known")),
            ("created", ("", "")),
            ("created", ("", "")),
        ]
    );
    commit(&api, &import, &json!({ "leaveOutFaulty": true })).expect(200);
    assert_eq!(counts(&plan(&api, "people", &text))[..4], [0, 0, 2, 3]);
}
