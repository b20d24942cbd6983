//! The catalogue of errors: complete, in two languages, and as the source has it.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::DOCUMENT;
use regex::Regex;

use crate::contract::pattern;
use crate::support::TestApp;
use crate::support::json_schema::differences;

/// Every code that stands in a `problems!` list of the source.
fn codes_in_source() -> BTreeMap<String, u64> {
    fn collect(directory: &std::path::Path, found: &mut BTreeMap<String, u64>, listed: &Regex) {
        for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                collect(&entry.path(), found, listed);
            }
            let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
            for code in listed.captures_iter(&text) {
                let status = code[2].parse().expect("a status");
                assert_eq!(found.insert(code[1].to_owned(), status), None, "{} is listed twice", &code[1]);
            }
        }
    }
    let mut found = BTreeMap::new();
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    collect(&source, &mut found, &pattern(r#"(?m)^ +[A-Z0-9_]+ = "([^"]+)",\s*([0-9]{3}),\s+pl:"#));
    found
}

#[test]
fn the_catalogue_explains_every_error_code_in_two_languages() {
    let app = TestApp::start();
    let well_formed = pattern("^[a-z]+\\.[a-z0-9_]+$");
    let served = app.anonymous().get("/errors").expect(200);
    let items = served["items"].as_array().expect("items");
    let mut known = BTreeMap::new();
    for item in items {
        let code = item["code"].as_str().expect("a code");
        assert!(well_formed.is_match(code), "{code}");
        assert_eq!(known.insert(code.to_owned(), item["status"].as_u64().expect("a status")), None, "{code} is served twice");
        for text in ["title", "fix"] {
            let (polish, english) = (&item["polish"][text], &item["english"][text]);
            assert!(
                polish.as_str().is_some_and(|text| text.len() > 5) && english.as_str().is_some_and(|text| text.len() > 5),
                "{item}"
            );
            assert_ne!(polish, english, "{code} is not translated");
        }
        assert!(!item["english"]["title"].as_str().unwrap_or_default().ends_with('.'), "{code}: a title has no full stop");
    }
    let source = codes_in_source();
    let differing: Vec<_> = known
        .iter()
        .filter(|entry| source.get(entry.0) != Some(entry.1))
        .chain(source.iter().filter(|entry| !known.contains_key(entry.0)))
        .collect();
    assert!(differing.is_empty(), "codes served and codes in the source differ in {differing:?}");
    let one = app.anonymous().with("Accept-Language", "en").get("/errors/platform.not_found").expect(200);
    assert_eq!(one["title"], one["english"]["title"]);
    app.anonymous().get("/errors/platform.nothing").refused(404, "platform.not_found");
    let schemas = DOCUMENT["components"]["schemas"].as_object().expect("schemas");
    let list = app.anonymous().get("/errors").expect(200);
    assert_eq!(differences(&DOCUMENT, &schemas["ErrorsView"], &list, ""), Vec::<String>::new());
}

/// Told in rows with words of their own, and so by their titles only.
const OF_OTHER_WORDS: [&str; 3] = ["PSU_MONTHLY_CAP", "PSU_TOTAL_HOURS", "PSU_WEEKLY_LIMIT"];

/// Every file of the source with its text.
fn sources() -> Vec<(String, String)> {
    fn collect(directory: &std::path::Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                collect(&entry.path(), found);
            } else if let Ok(text) = std::fs::read_to_string(entry.path()) {
                found.push((entry.path().display().to_string(), text));
            }
        }
    }
    let mut found = Vec::new();
    collect(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

/// A row of a file is told a text of the catalogue as it is, or that of a problem whose places are filled.
#[test]
fn no_row_of_a_file_is_told_a_text_with_a_place_to_fill() {
    let text = r#""((?:[^"\\]|\\.)*)""#;
    let listed =
        pattern(&format!(r#"(?m)^ +([A-Z0-9_]+) = "[^"]+",\s*[0-9]{{3}},\s+pl: {text},\s*en: {text},\s*fix_pl: {text}"#));
    let sources = sources();
    let (mut titles, mut fixes) = (BTreeSet::new(), BTreeSet::new());
    for entry in sources.iter().flat_map(|(_, text)| listed.captures_iter(text)) {
        titles.extend(entry[2].contains('{').then(|| entry[1].to_owned()));
        fixes.extend(entry[4].contains('{').then(|| entry[1].to_owned()));
    }
    assert!(titles.contains("PSU_ABSENT") && fixes.contains("OUTSIDE_PERIOD") && fixes.len() > 50, "{titles:?}");
    let (named, other_words) = (pattern(r"&(?:[a-z_]+::)*([A-Z][A-Z0-9_]+)\b"), pattern(r"Finding::because\([^;]*$"));
    let (mut seen, mut told, mut faults) = (BTreeSet::new(), 0, Vec::new());
    let of_rows = sources
        .iter()
        .filter(|(path, text)| text.contains("Finding") && (text.contains("imports::") || path.contains("/platform/imports/")));
    for (path, text) in of_rows {
        for definition in named.captures_iter(text) {
            let (name, at) = (&definition[1], definition.get(0).expect("the whole").start());
            told += 1;
            let is_of_other_words = OF_OTHER_WORDS.contains(&name) || other_words.is_match(&text[..at]);
            seen.extend(OF_OTHER_WORDS.contains(&name).then(|| name.to_owned()));
            if titles.contains(name) || (fixes.contains(name) && !is_of_other_words) {
                faults.push(format!("{path}: {name}"));
            }
        }
        let unnamed = pattern(r"(?:Finding::new|\.refuse)\([^;]*\.definition").is_match(text);
        faults.extend(unnamed.then(|| format!("{path}: the definition of a problem, without what fills it")));
    }
    assert!(told > 40, "{told}");
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), OF_OTHER_WORDS);
    assert_eq!(faults, Vec::<String>::new());
}
