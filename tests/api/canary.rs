//! Nothing that says who somebody is stands in the database in the clear.

use crate::support::TestApp;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use diesel::prelude::*;
use diesel::sql_types::Text;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use pai::platform::types::{Day, Sex, fictitious_pesel};
use serde_json::json;
use std::fmt::Write as _;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Every row of every table as JSON, where `bytea` is hexadecimal.
pub fn dump(url: &str) -> String {
    let mut conn = connect(url).expect("superuser connection");
    let tables: Vec<Line> =
        diesel::sql_query("SELECT format('%I', tablename) AS line FROM pg_tables WHERE schemaname = 'public'")
            .load(&mut conn)
            .expect("tables");
    let mut text = String::new();
    for table in tables {
        let rows = diesel::sql_query(format!("SELECT row_to_json(t)::text AS line FROM {} t", table.line));
        for row in rows.load::<Line>(&mut conn).expect("rows") {
            let _ = writeln!(text, "{}", row.line);
        }
    }
    text
}

/// The value as it could stand somewhere: plain, hexadecimal, base64 at each of its three alignments.
pub fn spellings(value: &str) -> Vec<String> {
    let mut spellings = vec![value.to_owned(), value.to_lowercase()];
    let hex = value.bytes().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    spellings.push(hex);
    for shift in 0..3 {
        let shifted: Vec<u8> = std::iter::repeat_n(b' ', shift).chain(value.bytes()).collect();
        // The first and last group mix with what stands around the value.
        let inner = |text: String| text[if shift == 0 { 0 } else { 4 }..text.len() / 4 * 4 - 4].to_owned();
        for encoded in [inner(STANDARD_NO_PAD.encode(&shifted)), inner(URL_SAFE_NO_PAD.encode(&shifted))] {
            spellings.push(encoded.bytes().fold(String::new(), |text, byte| text + &format!("{byte:02x}")));
            spellings.push(encoded);
        }
    }
    spellings
}

#[test]
fn a_value_within_encoded_text_is_noticed() {
    for before in ["", "a", "ab", "abc", "abcd"] {
        let text = format!("{before}Kanarkowsky,");
        let hex = text.bytes().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        for stored in [text.clone(), hex, STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
            assert!(spellings("Kanarkowsky").iter().any(|spelling| stored.contains(spelling)), "{stored}");
        }
    }
}

#[test]
fn no_identity_stands_in_the_database_in_the_clear() {
    let app = TestApp::start();
    let api = app.api(Role::SocialWorker).with("Pai-Purpose", "recruitment");
    let pesel = fictitious_pesel(Day::from_ymd(1979, 11, 23).expect("a day"), Sex::Male, 4321).expose().to_owned();
    let (surname, document, contact) = ("Kanarkowsky-Testowy", "QXZ987654", "kanarek@przyklad.example");
    let identity = json!({ "givenNames": "Kanaryslaw", "surname": surname, "pesel": pesel, "birthDate": "1979-11-23",
        "document": { "kind": "identityCard", "number": document }, "address": "ul. Kanarkowa 17", "contact": contact });
    let body = json!({ "sex": "male", "birthYear": 1979, "note": "dozwolonynapis", "identity": identity });
    let id = api.with("Idempotency-Key", "one").post("/people", &body).id();
    let path = format!("/people/{id}/identity");
    api.with("Idempotency-Key", "two").put(&path, "\"1\"", &identity).expect(200);
    api.get(&path).expect(200);
    api.post("/people/search", &json!({ "pesel": pesel })).expect(200);
    api.post("/people/search", &json!({ "surname": surname })).expect(200);
    api.post("/people", &body).refused(409, "people.pesel_taken");

    let dump = dump(&app.superuser_url);
    assert!(dump.contains("dozwolonynapis"), "the dump is read");
    for canary in [pesel.as_str(), surname, "Kanaryslaw", document, contact, "Kanarkowa 17", "1979-11-23"] {
        for spelling in spellings(canary) {
            assert!(!dump.contains(&spelling), "{canary} is stored as {spelling}");
        }
    }
}
