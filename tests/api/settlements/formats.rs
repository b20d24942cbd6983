//! The payroll list and the refund claim as JSON, CSV, workbook and paper: the same rows, the same totals.

use calamine::Data;
use serde_json::{Value, json};

use super::{Stage, amounts, approve};
use crate::papers::{sheet, text};
use crate::support::{Answer, Api, TestApp};

/// A number as every format tells it: without the zeros that spreadsheets leave out.
fn number(text: &str) -> String {
    let text = text.replace(',', ".");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn cell(data: &Data) -> String {
    match data {
        Data::Float(float) => number(&float.to_string()),
        Data::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        other => other.to_string(),
    }
}

/// Rows of a file as texts, heads first; `figures` from that column on are numbers.
fn csv_rows(answer: &Answer, separator: char, figures: usize) -> Vec<Vec<String>> {
    let rows = answer.text.trim_start_matches('\u{feff}').lines().enumerate();
    let row = |(line, row): (usize, &str)| {
        let told = |(place, cell): (usize, &str)| match cell.strip_prefix("'=") {
            Some(formula) => format!("={formula}"),
            None if line > 0 && place >= figures => number(cell),
            None => cell.to_owned(),
        };
        row.split(separator).enumerate().map(told).collect()
    };
    rows.map(row).collect()
}

fn xlsx_rows(answer: &Answer, name: &str) -> Vec<Vec<String>> {
    let rows = sheet(answer, name);
    let heads = rows[0].clone();
    let told = |(head, data): (&Data, &Data)| match data {
        // Spreadsheets keep a share of one and show it as per cent.
        Data::Float(share) if head.to_string().ends_with("(%)") => number(&(share * 100.0).to_string()),
        data => cell(data),
    };
    rows.iter().map(|row| heads.iter().zip(row).map(told).collect()).collect()
}

/// What the JSON says, in the order of the columns.
fn json_rows(list: &Value, columns: &[&str], totals: &[&str]) -> Vec<Vec<String>> {
    let words = |value: &Value| match value {
        Value::Null => String::new(),
        Value::Bool(yes) => if *yes { "tak" } else { "nie" }.to_owned(),
        Value::Number(count) => count.to_string(),
        Value::String(text) if text.parse::<f64>().is_ok() => number(text),
        other => other.as_str().expect("a text").to_owned(),
    };
    let rows = list["rows"].as_array().expect("rows").iter();
    let mut all: Vec<Vec<String>> = rows.map(|row| columns.iter().map(|name| words(&row[name])).collect()).collect();
    let told = |name: &&str| match *name {
        "" => String::new(),
        "Razem" => "Razem".to_owned(),
        name => words(&list["totals"][name]),
    };
    all.push(totals.iter().map(told).collect());
    all
}

struct Document<'a> {
    path: String,
    sheet: &'a str,
    columns: &'a [&'a str],
    totals: &'a [&'a str],
    /// Columns from here on are figures.
    figures: usize,
}

/// Reads all formats back and compares them with the JSON; answers the text of the paper.
fn the_same_everywhere(api: &Api, document: &Document) -> String {
    let Document { path, sheet, columns, totals, figures } = document;
    let file = |query: &str| api.get(&format!("{path}/file?{query}"));
    let told = api.get(path).expect(200);
    let expected = json_rows(&told, columns, totals);
    for (query, separator) in [("dialect=excelPl", ';'), ("format=csv", ';'), ("format=csv&dialect=rfc4180", ',')] {
        assert_eq!(csv_rows(&file(query), separator, *figures)[1..], expected, "{query}");
    }
    let workbook = file("format=xlsx");
    let rows = xlsx_rows(&workbook, sheet);
    assert_eq!(rows[1..], expected);
    assert_eq!(rows[0], csv_rows(&file("dialect=excelPl"), ';', 99)[0], "the heads");
    let about = xlsx_rows(&workbook, "Opis");
    for head in &rows[0] {
        assert!(about.iter().any(|row| row[0] == *head && !row[1].is_empty()), "{head} is not explained");
    }
    let hash = told["documentSha256"].as_str().expect("a hash");
    assert!(about.iter().any(|row| row[1] == hash));
    let paper = file("format=pdf");
    assert_eq!(paper.bytes, file("format=pdf").bytes, "the same list gives the same bytes");
    assert_eq!(workbook.bytes, file("format=xlsx").bytes);
    let paper = text(&paper);
    assert!(paper.contains(&format!("SHA-256 dokumentu {hash}")) && paper.contains("strona 1 z 1"), "{paper}");
    paper
}

fn polish(text: &Value) -> String {
    text.as_str().expect("a number").replace('.', ",")
}

const PAYROLL: [&str; 9] = ["number", "surname", "givenNames", "personId", "from", "to", "hours", "hourlyRate", "benefit"];
const CLAIM: [&str; 10] =
    ["from", "to", "forCarers", "minimumRate", "refundPercent", "people", "hours", "benefit", "refund", "municipalShare"];

fn documents(id: &str) -> [Document<'static>; 2] {
    [
        Document {
            path: format!("/settlements/{id}/payroll-list"),
            sheet: "Lista wypłat",
            columns: &PAYROLL,
            totals: &["", "Razem", "", "", "", "", "hours", "", "benefit"],
            figures: 6,
        },
        Document {
            path: format!("/settlements/{id}/refund-claim"),
            sheet: "Wniosek o refundację",
            columns: &CLAIM,
            totals: &["Razem", "", "", "", "", "people", "hours", "benefit", "refund", "municipalShare"],
            figures: 3,
        },
    ]
}

#[test]
fn every_format_of_a_list_holds_the_same_rows_and_totals() {
    let app = TestApp::start();
    let mut stage = Stage::of(&app, 0);
    let api = stage.api.clone();
    for surname in ["Wymyślona", "=Zmyślony", "Żaneta-Łęcka"] {
        let identity = json!({ "givenNames": "Jan", "surname": surname, "missingReason": "dane pokazowe" });
        let person = api.post("/people", &json!({ "sex": "male", "identity": identity })).expect(201);
        let person = person["person"]["id"].as_str().or(person["id"].as_str()).expect("an id").parse().expect("an id");
        let participation = stage.scene.participation(stage.edition, person);
        stage.people.push(participation);
    }
    for (person, day, hours) in
        [(0, "2020-11-02", "4.25"), (1, "2020-11-03", "2"), (2, "2020-11-04", "0.25"), (2, "2020-11-12", "7.5")]
    {
        stage.work(person, day, hours);
    }
    let id = stage.november().id();
    let approved = approve(&api, &id, "2020-12-04").expect(200);
    let named = api.with("Pai-Purpose", "payroll");
    let [payroll, claim] = documents(&id);
    // The name that looks like a formula is told as it is where cells have types, and marked in CSV.
    let csv = named.get(&format!("{}/file", payroll.path));
    assert!(csv.text.contains(";'=Zmyślony;") && !csv.text.contains(";=Zmyślony;"));
    let rows = sheet(&named.get(&format!("{}/file?format=xlsx", payroll.path)), payroll.sheet);
    assert!(rows.iter().any(|row| row[1] == Data::String("=Zmyślony".to_owned())));
    let paper = text(&named.get(&format!("{}/file?format=pdf", payroll.path)));
    for expected in [
        "Lista wypłat świadczeń",
        "Kwituję odbiór",
        "=Zmyślony Jan 01.11.2020 30.11.2020",
        "Rozliczenie nr 1",
        "zatwierdził do wypłaty",
    ] {
        assert!(paper.contains(expected), "{expected}: {paper}");
    }
    assert!(!paper.contains("Identyfikator osoby"), "{paper}");
    let [hours, benefit, refund, share] = amounts(&approved).map(|amount| polish(&json!(amount)));
    assert!(paper.contains(&format!("Razem {hours} {benefit}")), "{paper}");

    the_same_everywhere(&named, &payroll);
    let printed = the_same_everywhere(&api, &claim);
    assert!(printed.contains(&format!("Razem 3 {hours} {benefit} {refund} {share}")), "{printed}");
    assert!(!printed.contains("Wymyślona"), "a claim names nobody");
}

#[test]
fn a_correction_is_handed_out_with_what_it_takes_back() {
    let app = TestApp::start();
    let stage = Stage::of(&app, 2);
    let entry = stage.work(0, "2020-11-02", "4.25");
    stage.work(1, "2020-11-03", "2");
    let id = stage.november().id();
    approve(&stage.api, &id, "2020-12-04").expect(200);
    stage.correct(&entry, "1.5");
    let correction = stage.amend(&id).id();
    let api = stage.api.with("Pai-Purpose", "payroll");
    for document in documents(&correction) {
        api.get(&format!("{}/file?format=pdf", document.path)).refused(409, "participation.settlement_not_approved");
    }
    approve(&stage.api, &correction, "2020-12-07").expect(200);
    for document in documents(&correction) {
        let paper = the_same_everywhere(&api, &document);
        assert!(paper.contains("– korekta") && paper.contains("-2,75") && paper.contains("Korekta ewidencji"), "{paper}");
    }
    let own = app.other_api(pai::platform::policy::Role::Coordinator).with("Pai-Purpose", "payroll");
    own.get(&format!("/settlements/{correction}/payroll-list/file?format=xlsx")).refused(404, "platform.not_found");
}
