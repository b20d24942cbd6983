//! One document, five files: JSON, page, paper, workbook and CSV tell the same.

use std::collections::BTreeMap;

use calamine::{Data, DataType as _};
use regex::Regex;
use serde_json::Value;

use super::FORMATS;
use crate::papers::{sheet, text};
use crate::support::{Answer, Api, TestApp};
use pai::platform::examples;
use pai::platform::policy::Role;

/// A line of a report: which figure, which group, which detail.
type Place = (String, String, String);

/// A number without the zeros that spreadsheets leave out.
fn number(text: &str) -> String {
    let text = text.replace(',', ".");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn told(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => number(text),
        other => other.to_string(),
    }
}

/// Every number of the document, by its place.
fn of_document(document: &Value) -> BTreeMap<Place, String> {
    let mut numbers = BTreeMap::new();
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let word = |value: &Value| value.as_str().expect("a word").to_owned();
    for figure in list(&document["sections"]).iter().flat_map(|section| list(&section["figures"])) {
        let id = word(&figure["definitionId"]);
        numbers.insert((id.clone(), String::new(), String::new()), told(&figure["value"]));
        for breakdown in list(&figure["breakdowns"]) {
            for group in list(&breakdown["groups"]) {
                let key = format!("{}/{}", word(&breakdown["label"]), word(&group["key"]));
                numbers.insert((id.clone(), key.clone(), String::new()), told(&group["value"]));
                for detail in list(&group["details"]) {
                    numbers.insert((id.clone(), key.clone(), word(&detail["label"])), told(&detail["value"]));
                }
            }
        }
    }
    numbers
}

/// Every number of rows with these columns: figure, breakdown, group, detail, value.
fn of_rows(rows: impl Iterator<Item = [String; 5]>) -> BTreeMap<Place, String> {
    let place = |[figure, by, key, detail, value]: [String; 5]| {
        let group = if key.is_empty() { String::new() } else { format!("{by}/{key}") };
        ((figure, group, detail), number(&value))
    };
    rows.map(place).collect()
}

/// Which columns hold figure, breakdown, group, detail and value.
const PLACES: [usize; 5] = [1, 4, 5, 7, 8];

fn csv_rows(answer: &Answer, separator: u8) -> Vec<Vec<String>> {
    let bytes = answer.text.trim_start_matches('\u{feff}').as_bytes();
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).has_headers(false).from_reader(bytes);
    reader.records().map(|record| record.expect("a row").iter().map(str::to_owned).collect()).collect()
}

fn workbook_rows(answer: &Answer, name: &str) -> Vec<Vec<Data>> {
    sheet(answer, name)
}

/// Notes stand beside the value of their figure, not among the numbers of groups.
fn is_note(row: &[String]) -> bool {
    row[5].is_empty() && !row[7].is_empty()
}

fn file(api: &Api, format: &str) -> Answer {
    let answer = api.get(&format!("/reports/{}/file?{format}", examples::REPORT));
    assert_eq!(answer.status, 200, "{format}: {}", answer.text);
    answer
}

#[test]
fn every_format_of_a_report_tells_the_same_numbers() {
    let app = TestApp::start_with_demo();
    let api = app.api(Role::Coordinator);
    let document = api.get(&format!("/reports/{}/document", examples::REPORT)).expect(200);
    let expected = of_document(&document);
    assert!(expected.len() > 300, "{}", expected.len());

    // CSV in both dialects.
    let mut spellings = Vec::new();
    for (format, separator) in [(FORMATS[3], b';'), (FORMATS[4], b',')] {
        let rows = csv_rows(&file(&api, format), separator);
        let of_figures = rows[1..].iter().filter(|row| row[1].starts_with("M-") && row[0] != "Plan i wykonanie" && !is_note(row));
        let found = of_rows(of_figures.map(|row| PLACES.map(|place| row[place].clone())));
        assert_eq!(found, expected, "{format}");
        spellings.push(rows.iter().map(|row| row[9].clone()).collect::<Vec<_>>());
    }
    assert_eq!(spellings[0], spellings[1], "as readers see it, whatever the dialect");

    // The workbook: typed cells.
    let workbook = file(&api, FORMATS[2]);
    let rows = workbook_rows(&workbook, "Wskaźniki");
    let texts: Vec<Vec<String>> = rows[1..].iter().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    let typed = rows[1..].iter().filter(|row| !row[8].is_empty());
    assert!(
        typed.clone().count() > 200 && typed.clone().all(|row| matches!(row[8], Data::Float(_) | Data::Int(_))),
        "numbers are numbers"
    );
    let found = of_rows(texts.iter().filter(|row| !is_note(row)).map(|row| PLACES.map(|place| row[place].clone())));
    assert_eq!(found, expected);
    let definitions = workbook_rows(&workbook, "Definicje");
    for row in &rows[1..] {
        assert!(
            definitions.iter().any(|definition| definition[0] == row[1] && !definition[3].is_empty()),
            "{:?} is not defined",
            row[1]
        );
    }
    let controls = workbook_rows(&workbook, "Sumy kontrolne");
    assert!(controls.len() > 10);
    for row in controls[1..].iter().filter(|row| !row[4].is_empty()) {
        assert_eq!((&row[2], &row[4]), (&row[3], &Data::String("tak".to_owned())), "{row:?}");
    }

    // The page: exact numbers beside what readers see.
    let page = file(&api, FORMATS[0]).text;
    of_page(&page, &document);
    // The paper: what readers see.
    let paper = text(&file(&api, FORMATS[1]));
    let of_paper: Vec<String> =
        spellings[0][1..].iter().filter(|words| words.chars().any(|one| one.is_ascii_digit())).cloned().collect();
    let squeezed = |text: &str| text.split(|one: char| one.is_whitespace() || one == '\u{a0}').collect::<String>();
    let paper = squeezed(&paper);
    let missing: Vec<&String> = of_paper.iter().filter(|words| !paper.contains(&squeezed(words))).collect();
    assert!(missing.is_empty(), "not on paper: {missing:#?}");
}

/// Every value of the figures and of their groups stands on the page with its exact number, in the order of the document.
fn of_page(page: &str, document: &Value) {
    let exact = Regex::new(r#"<data value="([^"]+)">([^<]+)</data>"#).expect("pattern");
    let values: Vec<String> = exact.captures_iter(page).map(|found| found[1].to_owned()).collect();
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let mut wanted: Vec<String> = Vec::new();
    let mut note = |value: &Value| match value {
        Value::Null => {}
        Value::String(text) => wanted.push(text.clone()),
        other => wanted.push(other.to_string()),
    };
    for section in list(&document["sections"]) {
        for figure in list(&section["figures"]) {
            note(&figure["value"]);
            if !figure["denominator"].is_null() {
                note(&figure["numerator"]);
                note(&figure["denominator"]);
            }
        }
        for group in
            list(&section["figures"]).iter().flat_map(|figure| list(&figure["breakdowns"])).flat_map(|by| list(&by["groups"]))
        {
            note(&group["value"]);
            for detail in &list(&group["details"]) {
                note(&detail["value"]);
            }
        }
    }
    let mut found = values.iter();
    for value in &wanted {
        assert!(found.any(|one| one == value), "{value} is missing, or out of its order");
    }
    for chart in list(&document["charts"]) {
        let title = chart["title"].as_str().expect("a title");
        assert!(page.contains(&format!("<h3>{title}</h3>")), "{title}");
        if !list(&chart["rows"]).is_empty() {
            assert!(page.contains(&format!(
                "<title id=\"{0}-t\">{title}</title><desc id=\"{0}-d\">",
                chart["code"].as_str().expect("a code")
            )));
            assert!(page.contains(&format!("<caption>Dane wykresu: {title}</caption>")));
        }
        assert!(page.contains(&format!(">{}<", chart["summary"].as_str().expect("words"))), "the words of {title}");
    }
}

#[test]
fn the_page_may_load_and_run_nothing_but_its_own_style() {
    let app = TestApp::start_with_demo();
    let api = app.api(Role::Auditor);
    let page = file(&api, "format=html");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("content-disposition"), "inline");
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    assert!(page.text.contains("<html lang=\"pl\">"));
    for refused in ["<script", "javascript:", "<link", "<img", "<iframe", "@import", "url(", "http://", "https://", " style="] {
        assert!(!page.text.contains(refused), "{refused}");
    }
    // Every id is given once, and every reference to one leads somewhere.
    let ids = Regex::new(r#" id="([^"]+)""#).expect("pattern");
    let ids: Vec<String> = ids.captures_iter(&page.text).map(|found| found[1].to_owned()).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len());
    let references = Regex::new(r##"(?:aria-labelledby="|href="#)([^"]+)""##).expect("pattern");
    for found in references.captures_iter(&page.text) {
        assert!(found[1].split(' ').all(|id| ids.iter().any(|known| known == id)), "{}", &found[1]);
    }
    // Every figure leads to its records.
    let links = page.text.matches("/figures/").count();
    let document = api.get(&format!("/reports/{}/document", examples::REPORT)).expect(200);
    let figures: usize = document["sections"]
        .as_array()
        .expect("sections")
        .iter()
        .map(|section| section["figures"].as_array().map_or(0, Vec::len))
        .sum();
    assert!(links >= figures && figures > 80, "{links} links, {figures} figures");
}

#[test]
fn no_code_stands_where_a_reader_expects_words() {
    let app = TestApp::start_with_demo();
    let api = app.api(Role::Coordinator);
    let document = api.get(&format!("/reports/{}/document", examples::REPORT)).expect(200);
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let mut bare = Vec::new();
    for figure in list(&document["sections"]).iter().flat_map(|section| list(&section["figures"])) {
        for breakdown in list(&figure["breakdowns"]) {
            if breakdown["by"] == breakdown["label"] {
                bare.push(format!("{}", breakdown["by"]));
            }
            for group in list(&breakdown["groups"]) {
                if group["label"] == group["key"] || group["label"].as_str().is_some_and(|label| label.contains('_')) {
                    bare.push(format!("{} {} {}", figure["definitionId"], breakdown["by"], group["key"]));
                }
            }
        }
    }
    assert!(bare.is_empty(), "{bare:#?}");
}
