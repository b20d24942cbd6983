//! Papers: what is printed is what is recorded, by name, for a stated purpose.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use lopdf::Document;
use pai::platform::policy::Role;
use serde_json::{Value, json};

use crate::support::replay::Replay;
use crate::support::scene::{Edition, Limits, Scene};
use crate::support::{Answer, Api, TestApp};

/// The text of a paper, page by page, with its lines joined by spaces.
pub fn text(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/pdf");
    let document = Document::load_mem(&answer.bytes).expect("a PDF");
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    document.extract_text(&pages).expect("text").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The rows of a sheet of a workbook, the heads being the first.
pub fn sheet(answer: &Answer, name: &str) -> Vec<Vec<Data>> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes.clone())).expect("a workbook");
    workbook.worksheet_range(name).expect("the sheet").rows().map(<[Data]>::to_vec).collect()
}

struct Class {
    coordinator: Api,
    reader: Api,
    edition: Edition,
    participations: Vec<String>,
}

const NAMES: [(&str, &str); 3] = [("Żaneta", "Śliwińska"), ("Łukasz", "Ćwiąkała"), ("Ewa", "Dąbacka")];

/// Three people with names who take part.
fn class(app: &TestApp) -> Class {
    let mut scene = Scene::of(app);
    let edition = scene.edition(Limits::default());
    let coordinator = app.api(Role::Coordinator);
    let participations = NAMES.map(|(given, surname)| {
        let identity = json!({ "givenNames": given, "surname": surname, "missingReason": "w trakcie ustalania" });
        let person = coordinator.post("/people", &json!({ "sex": "unknown", "identity": identity })).id();
        let body = json!({ "editionId": edition.id, "personId": person, "startsOn": "2020-11-02" });
        coordinator.post("/participations", &body).id()
    });
    let reader = app.api(Role::Coordinator).with("Pai-Purpose", "participation");
    Class { coordinator, reader, edition, participations: participations.to_vec() }
}

fn session(class: &Class, held_on: &str, theme: &str) -> String {
    let body = json!({ "blockId": class.edition.block, "heldOn": held_on, "hours": "3", "startsAt": "09:00", "form": "group",
        "theme": theme, "venue": "Klub Integracji", "facilitatorProfession": "psycholog" });
    class.coordinator.post("/sessions", &body).id()
}

fn attend(class: &Class, session: &str, statuses: [Value; 3]) {
    let row = |(participation, status): (&String, Value)| {
        let mut row = status;
        row["participationId"] = json!(participation);
        row
    };
    let rows: Vec<Value> = class.participations.iter().zip(statuses).map(row).collect();
    class
        .coordinator
        .send("PUT", &format!("/sessions/{session}/attendance"), Some(json!({ "rows": rows }).to_string()))
        .expect(200);
}

fn present() -> Value {
    json!({ "status": "present" })
}

#[test]
fn a_sign_in_sheet_names_who_is_expected_in_the_order_of_names() {
    let app = TestApp::start();
    let class = class(&app);
    let id = session(&class, "2020-11-10", "Asertywność");
    let path = format!("/sessions/{id}/sign-in-sheet");
    class.coordinator.get(&path).refused(400, "platform.purpose_required");
    class.reader.with("Accept", "text/html").get(&path).refused(406, "platform.not_acceptable");
    let answer = class.reader.with("Accept", "application/pdf").get(&path);
    assert!(answer.header("content-disposition").contains(&format!("lista-obecnosci-2020-11-10-{id}.pdf")));
    let sheet = text(&answer);
    for expected in [
        "Lista obecności na zajęciach",
        "Asertywność",
        "10.11.2020 (wtorek)",
        "09:00–12:00, 3,00 godz.",
        "Klub Integracji",
        "psycholog",
    ] {
        assert!(sheet.contains(expected), "{expected}: {sheet}");
    }
    let places: Vec<usize> =
        ["Ćwiąkała Łukasz", "Dąbacka Ewa", "Śliwińska Żaneta"].iter().map(|name| sheet.find(name).expect("a name")).collect();
    assert!(places.is_sorted(), "{sheet}");

    // A code is the same on every print and differs between the rows.
    assert_eq!(sheet.split("Stan zapisów").next(), text(&class.reader.get(&path)).split("Stan zapisów").next());
    let register = app.api(Role::Auditor).get("/audit-entries?operation=print_sign_in_sheet").expect(200);
    let row = register["items"].as_array().expect("items").last().expect("a row").clone();
    assert_eq!((&row["revealsIdentity"], &row["purpose"]), (&json!(true), &json!("participation")));
    assert_eq!(row["recordIds"].as_array().map(Vec::len), Some(4), "the session and three people");
    app.other_api(Role::Coordinator).with("Pai-Purpose", "participation").get(&path).refused(404, "platform.not_found");
}

#[test]
fn an_attendance_list_holds_every_row_of_the_month_and_its_sums() {
    let app = TestApp::start();
    let class = class(&app);
    let (first, second, later) =
        (session(&class, "2020-11-10", "A"), session(&class, "2020-11-12", "B"), session(&class, "2020-12-01", "C"));
    attend(&class, &first, [present(), json!({ "status": "late", "hours": "2.25" }), json!({ "status": "unexcused" })]);
    attend(&class, &second, [json!({ "status": "excused", "reasonClass": "health" }), present(), present()]);
    attend(&class, &later, [present(), present(), present()]);
    let list = text(&class.reader.get(&format!("/editions/{}/attendance-list?month=2020-11", class.edition.id)));
    for expected in [
        "Nazwisko i imię 10.11 12.11 Ćwiąkała Łukasz 2,25 3,00 Dąbacka Ewa N 3,00 Śliwińska Żaneta 3,00 U",
        "Ćwiąkała Łukasz 5,25 Dąbacka Ewa 3,00 Śliwińska Żaneta 3,00 Razem osobogodzin 11,25",
    ] {
        assert!(list.contains(expected), "{expected}: {list}");
    }
    let workbook = class.reader.get(&format!("/editions/{}/attendance-list?month=2020-11&format=xlsx", class.edition.id));
    assert!(workbook.header("content-disposition").contains(".xlsx"));
    let rows = sheet(&workbook, "Miesiąc");
    let hours = Data::Float;
    let words = |text: &str| Data::String(text.to_owned());
    assert_eq!(rows[1], [words("Ćwiąkała Łukasz"), hours(2.25), hours(3.0), hours(5.25)]);
    assert_eq!(rows[2], [words("Dąbacka Ewa"), words("N"), hours(3.0), hours(3.0)]);
    assert_eq!(rows[4], [words("Razem osobogodzin"), hours(5.25), hours(6.0), hours(11.25)]);
    assert!(sheet(&workbook, "Opis").iter().any(|row| row[0] == words("Miesiąc") && row[1] == words("11.2020")));
    let empty = text(&class.reader.get(&format!("/editions/{}/attendance-list?month=2021-01", class.edition.id)));
    assert!(empty.contains("Razem osobogodzin 0,00"), "{empty}");
}

#[test]
fn a_time_card_sums_weeks_and_the_month_without_what_was_corrected() {
    let app = TestApp::start();
    let class = class(&app);
    let one = &class.participations[0];
    let work = |day: &str, hours: &str| {
        let body = json!({ "participationId": one, "workedOn": day, "hours": hours, "kindOfWork": "porządkowe" });
        class.coordinator.post("/psu-entries", &body).id()
    };
    let wrong = work("2020-11-09", "4");
    for (day, hours) in [("2020-11-10", "2.5"), ("2020-11-16", "1.25"), ("2020-12-01", "2")] {
        work(day, hours);
    }
    let body = json!({ "hours": "3.00", "reason": "Pomyłka" });
    class.coordinator.post(&format!("/psu-entries/{wrong}/correction"), &body).expect(201);
    let card = text(&class.reader.get(&format!("/participations/{one}/psu-time-card?month=2020-11")));
    for expected in [
        "Śliwińska Żaneta",
        "09.11.2020, poniedziałek porządkowe 3,00 10.11.2020, wtorek porządkowe 2,50 Razem tydzień 46 5,50",
        "16.11.2020, poniedziałek porządkowe 1,25 Razem tydzień 47 1,25 Razem w miesiącu 6,75",
    ] {
        assert!(card.contains(expected), "{expected}: {card}");
    }
    assert!(!card.contains("01.12.2020"), "{card}");
    let workbook = class.reader.get(&format!("/participations/{one}/psu-time-card?month=2020-11&format=xlsx"));
    let rows = sheet(&workbook, "Miesiąc");
    let told: Vec<(String, String)> = rows[1..].iter().map(|row| (row[1].to_string(), row[4].to_string())).collect();
    let expected = [("2020-W46", "3"), ("2020-W46", "2.5"), ("2020-W47", "1.25"), ("", "6.75")];
    assert_eq!(told, expected.map(|(week, hours)| (week.to_owned(), hours.to_owned())));
}

#[test]
fn a_certificate_tells_what_somebody_received() {
    let app = TestApp::start();
    let class = class(&app);
    let (first, second) = (session(&class, "2020-11-10", "Asertywność"), session(&class, "2020-11-12", "Asertywność"));
    attend(&class, &first, [present(), present(), json!({ "status": "unexcused" })]);
    attend(&class, &second, [present(), json!({ "status": "leftEarly", "hours": "1" }), json!({ "status": "unexcused" })]);
    let of = |place: usize| text(&class.reader.get(&format!("/participations/{}/certificate", class.participations[place])));
    let first = of(0);
    assert!(first.contains("Śliwińska Żaneta uczestniczyła/uczestniczył w programie"), "the last day has passed: {first}");
    assert!(first.contains("Asertywność 6,00 Razem 6,00"), "{first}");
    assert!(of(1).contains("Asertywność 4,00 Razem 4,00"));
    let absent = of(2);
    assert!(absent.contains("Zajęcia 0,00 godz.") && !absent.contains("Asertywność"), "{absent}");
    let end = json!({ "reason": "employed", "effectiveOn": "2020-11-20" });
    class.coordinator.post(&format!("/participations/{}/end", class.participations[1]), &end).expect(200);
    let ended = of(1);
    assert!(ended.contains("uczestniczyła/uczestniczył w programie") && ended.contains("od 02.11.2020 do 20.11.2020"), "{ended}");
    let replay = Replay::programme(&app, "PAI-2014", "2026-05-01");
    let edition = replay.edition("II", "2026-06-01", "2026-07-31", 3);
    let running = replay.admit_person(&edition, &replay.person("female"), "2026-06-01");
    let running = text(&class.reader.get(&format!("/participations/{running}/certificate")));
    assert!(running.contains("bierze udział w programie") && running.contains("planowany koniec: 31.07.2026"), "{running}");
}
