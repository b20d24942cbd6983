//! Attendance from files: the form of the sign-in sheet, and rows of many sessions.

use pai::platform::policy::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{commit, counts, found, plan, rows};
use crate::support::scene::{Edition, Limits, Scene};
use crate::support::{Api, TestApp};

fn coordinator(app: &TestApp) -> Api {
    app.api(Role::Coordinator).with("Pai-Purpose", "participation")
}

fn session(api: &Api, edition: Edition, held_on: &str) -> String {
    api.post("/sessions", &json!({ "blockId": edition.block, "heldOn": held_on, "hours": "3", "form": "group" })).id()
}

/// The form of a session as text, without its mark.
fn form(api: &Api, session: &str) -> String {
    let answer = api.get(&format!("/sessions/{session}/sign-in-sheet/file"));
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8"), "{}", answer.text);
    answer.text.trim_start_matches('\u{feff}').to_owned()
}

/// The form with a column of every row filled in, by the place of the row.
fn filled(form: &str, head: &str, value: impl Fn(usize) -> String) -> String {
    let mut lines = form.lines();
    let heads = lines.next().expect("a head");
    let column = heads.split(';').position(|known| known == head).expect("a column");
    let filled = lines.enumerate().map(|(place, line)| {
        let mut cells: Vec<String> = line.split(';').map(str::to_owned).collect();
        cells[column] = value(place);
        cells.join(";")
    });
    std::iter::once(heads.to_owned()).chain(filled).collect::<Vec<_>>().join("\r\n")
}

fn code(form: &str, row: usize) -> String {
    form.lines().nth(row + 1).and_then(|line| line.split(';').next()).expect("a code").to_owned()
}

fn sheet(api: &Api, session: &str) -> Value {
    api.get(&format!("/sessions/{session}/attendance")).expect(200)
}

#[test]
fn the_form_of_a_session_is_filled_in_and_sent_back() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    scene.set_parameter(edition, "absence", r#"{"excuseDays": 7}"#);
    scene.participants(edition, 4);
    let api = coordinator(&app);
    let session = session(&api, edition, "2020-11-10");
    let empty = form(&api, &session);
    assert_eq!(counts(&plan(&api, "attendance", &empty)), [0, 0, 0, 0, 4], "nothing is filled in");
    let statuses = ["obecny", "spóźniona", "usprawiedliwiony", "NN"];
    let text = filled(&empty, "Obecność", |row| statuses[row].to_owned());
    let text = filled(&text, "Godziny", |row| if row == 1 { "2,25".to_owned() } else { String::new() });
    let text = filled(&text, "Powód", |row| if row == 2 { "rozmowa o pracę".to_owned() } else { String::new() });
    let import = plan(&api, "attendance", &text);
    assert_eq!(counts(&import), [4, 0, 0, 0, 0], "{:?}", rows(&api, &import));
    assert_eq!(sheet(&api, &session)["recorded"], json!(false), "a plan does nothing");
    commit(&api, &import, &json!({})).expect(200);
    let recorded = sheet(&api, &session);
    assert_eq!(recorded["version"], json!(1));
    let mut said: Vec<(&str, &str)> = recorded["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (row["status"].as_str().expect("a status"), row["hours"].as_str().expect("hours")))
        .collect();
    said.sort_unstable();
    assert_eq!(said, [("excused", "0.00"), ("late", "2.25"), ("present", "3.00"), ("unexcused", "0.00")]);
    assert_eq!(scene.number("SELECT count(*) FROM attendance WHERE excuse_due_on = '2020-11-17'"), 2);
    assert_eq!(scene.events("attendance.recorded"), 1);

    // Sent once more, and as it is downloaded now, it changes nothing.
    assert_eq!(counts(&plan(&api, "attendance", &text)), [0, 0, 4, 0, 0]);
    let now = form(&api, &session);
    assert!(now.contains("rozmowa o pracę") && now.contains("2,25"), "{now}");
    assert_eq!(counts(&plan(&api, "attendance", &now)), [0, 0, 4, 0, 0]);
    let other = app.other_api(Role::Coordinator).with("Pai-Purpose", "participation");
    other.get(&format!("/sessions/{session}/sign-in-sheet/file")).refused(404, "platform.not_found");
    app.api(Role::Coordinator).get(&format!("/sessions/{session}/sign-in-sheet/file")).refused(400, "platform.purpose_required");
}

#[test]
fn a_correction_needs_a_reason_and_the_sheet_as_it_was_downloaded() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    scene.participants(edition, 3);
    let api = coordinator(&app);
    let session = session(&api, edition, "2020-11-10");
    let first = filled(&form(&api, &session), "Obecność", |_| "obecny".to_owned());
    commit(&api, &plan(&api, "attendance", &first), &json!({})).expect(200);

    let downloaded = form(&api, &session);
    let one = filled(&downloaded, "Obecność", |row| if row == 0 { "nn".to_owned() } else { "obecny".to_owned() });
    let one = filled(&one, "Godziny", |row| if row == 0 { String::new() } else { "3".to_owned() });
    let planned = rows(&api, &plan(&api, "attendance", &one));
    let outcome =
        |rows: &[Value]| rows.iter().map(|row| row["outcome"].as_str().expect("an outcome").to_owned()).collect::<Vec<_>>();
    assert_eq!(outcome(&planned), ["error", "unchanged", "unchanged"]);
    assert_eq!(found(&planned[0]), ("correctionReason", "participation.correction_reason"));
    let one = filled(&one, "Uzasadnienie korekty", |_| "pomyłka".to_owned());
    let import = plan(&api, "attendance", &one);
    assert_eq!(counts(&import), [0, 1, 2, 0, 0]);
    assert_eq!(rows(&api, &import)[0]["changes"], json!(["status", "hours"]));
    // The other plan rests on the row that this one supersedes.
    let twin = plan(&api, "attendance", &one);
    commit(&api, &import, &json!({})).expect(200);
    commit(&api, &twin, &json!({})).refused(409, "imports.base_changed");
    assert_eq!(sheet(&api, &session)["version"], json!(2));
    let history = api.get(&format!("/sessions/{session}/attendance?includeSuperseded=true")).expect(200);
    let corrected =
        history["rows"].as_array().expect("rows").iter().find(|row| row["supersedesId"] != json!(null)).expect("a row");
    assert_eq!((&corrected["status"], &corrected["correctionReason"]), (&json!("unexcused"), &json!("pomyłka")));

    // A form from before the correction does not undo it.
    let old = filled(&downloaded, "Uzasadnienie korekty", |_| "stary formularz".to_owned());
    let planned = rows(&api, &plan(&api, "attendance", &old));
    assert_eq!(outcome(&planned), ["conflict", "unchanged", "unchanged"]);
    assert_eq!(found(&planned[0]), ("sheetVersion", "participation.sheet_changed"));
}

#[test]
fn a_first_sheet_is_whole_and_codes_belong_to_their_sheet() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let (edition, elsewhere) = (scene.edition(Limits::default()), scene.edition(Limits::default()));
    let people = scene.participants(edition, 3);
    scene.participants(elsewhere, 1);
    let api = coordinator(&app);
    let (mine, other) = (session(&api, edition, "2020-11-10"), session(&api, elsewhere, "2020-11-10"));
    let (own, foreign) = (form(&api, &mine), form(&api, &other));
    let head = "Kod;Identyfikator zajęć;Identyfikator uczestnictwa;Obecność\r\n";
    let codes: Vec<String> = (0..3).map(|row| code(&own, row)).collect();
    let outcome = |text: &str| {
        let planned = rows(&api, &plan(&api, "attendance", &format!("{head}{text}")));
        planned
            .iter()
            .map(|row| {
                let (column, code) = found(row);
                (row["outcome"].as_str().expect("an outcome").to_owned(), column.to_owned(), code.to_owned())
            })
            .collect::<Vec<_>>()
    };
    let error = |column: &str, code: &str| ("error".to_owned(), column.to_owned(), code.to_owned());
    let created = || ("created".to_owned(), String::new(), String::new());
    let incomplete = || error("", "participation.sheet_incomplete");

    let whole = codes.iter().map(|code| format!("{code};;;obecny\r\n")).collect::<Vec<_>>().concat();
    assert_eq!(outcome(&whole), [created(), created(), created()]);
    assert_eq!(outcome(&format!("{};;;obecny\r\n{};;;obecny\r\n", codes[0], codes[1])), [incomplete(), incomplete()]);
    // One wrong row spoils the sheet, of which nothing is taken.
    let wrong = format!("{};;;obecny\r\n{};;;obecny\r\n{};;;spóźniony\r\n", codes[0], codes[1], codes[2]);
    assert_eq!(outcome(&wrong), [incomplete(), incomplete(), error("hours", "participation.sheet_row")]);

    // A code of another edition's sheet is not on this one; alone, it is that other sheet.
    let stray = code(&foreign, 0);
    assert_eq!(outcome(&format!("{stray};{mine};;obecny\r\n")), [error("rowCode", "platform.reference_not_found")]);
    assert_eq!(outcome(&format!("{stray};;;obecny\r\n")), [created()]);
    assert_eq!(outcome("ZZZZZZZZ;;;obecny\r\n"), [error("rowCode", "platform.reference_not_found")]);
    assert_eq!(outcome(";;;obecny\r\n"), [error("rowCode", "imports.value_missing")]);

    // By session and participation, however the codes are typed; each row once.
    let named =
        format!("{};;;obecny\r\n;{mine};{};obecna\r\n;{mine};{};+\r\n", code(&own, 0).to_lowercase(), people[1], people[2]);
    let planned = rows(&api, &plan(&api, "attendance", &format!("{head}{named}")));
    let of_first = planned.iter().filter(|row| row["outcome"] == "created").count();
    // Names are missing here, so the first row of the form may be any of the three.
    assert!(of_first == 3 || planned.iter().any(|row| found(row).1 == "imports.row_repeated"), "{planned:?}");
}

#[test]
fn a_code_of_another_town_looks_like_an_unknown_one() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let people = scene.participants(edition, 1);
    let api = coordinator(&app);
    let session = session(&api, edition, "2020-11-10");
    let code = code(&form(&api, &session), 0);
    let other = app.other_api(Role::Coordinator).with("Pai-Purpose", "participation");
    let head = "Kod;Identyfikator zajęć;Identyfikator uczestnictwa;Obecność\r\n";
    let said = |row: &str| {
        let planned = rows(&other, &plan(&other, "attendance", &format!("{head}{row}\r\n")));
        let mut planned = planned[0].clone();
        planned["id"] = json!(null);
        planned
    };
    let nobody = Uuid::from_u128(7);
    assert_eq!(said(&format!("{code};;;obecny")), said("ZZZZZZZZ;;;obecny"));
    assert_eq!(said(&format!("{code};{session};;obecny")), said(&format!("ZZZZZZZZ;{nobody};;obecny")));
    assert_eq!(said(&format!(";{session};{};obecny", people[0])), said(&format!(";{nobody};{nobody};obecny")));
    assert_eq!(found(&said(&format!("{code};;;obecny"))), ("rowCode", "platform.reference_not_found"));
}

#[test]
fn late_rows_and_rows_of_the_future_are_refused() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    scene.participants(edition, 1);
    let worker = app.api(Role::SocialWorker).with("Pai-Purpose", "participation");
    let session = session(&coordinator(&app), edition, "2020-11-10");
    let limit = json!({ "subject": "attendance", "role": "social_worker", "from": "2020-11-01", "days": 7, "legalSource": "zarządzenie" });
    app.api(Role::Administrator).post("/entry-windows", &limit).expect(201);
    let text = filled(&form(&worker, &session), "Obecność", |_| "obecny".to_owned());
    let late = rows(&worker, &plan(&worker, "attendance", &text));
    assert_eq!(found(&late[0]), ("rowCode", "participation.entry_window_closed"));
    let api = coordinator(&app);
    assert_eq!(counts(&plan(&api, "attendance", &text)), [1, 0, 0, 0, 0], "a coordinator has no limit");
    api.with("If-Match", "\"1\"")
        .post(&format!("/sessions/{session}/cancellation"), &json!({ "reason": "weather", "effectiveOn": "2020-11-09" }))
        .expect(200);
    let cancelled = rows(&api, &plan(&api, "attendance", &text));
    assert_eq!(found(&cancelled[0]), ("rowCode", "participation.session_cancelled"));
}

#[test]
fn a_file_and_a_sheet_of_the_same_moment_do_not_mix() {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let people = scene.participants(edition, 8);
    let api = coordinator(&app);
    let absent =
        json!({ "rows": people.iter().map(|id| json!({ "participationId": id, "status": "unexcused" })).collect::<Vec<_>>() });
    for day in ["2020-11-09", "2020-11-10", "2020-11-12", "2020-11-13"] {
        let session = session(&api, edition, day);
        let import = plan(&api, "attendance", &filled(&form(&api, &session), "Obecność", |_| "obecny".to_owned()));
        let path = format!("/sessions/{session}/attendance");
        let statuses = std::thread::scope(|scope| {
            let committing = scope.spawn(|| commit(&api, &import, &json!({})).status);
            let sending = scope.spawn(|| api.send("PUT", &path, Some(absent.to_string())).status);
            (committing.join().expect("an answer"), sending.join().expect("an answer"))
        });
        let wanted = match statuses {
            (200, 428) => "present",
            (409, 200) => "unexcused",
            other => panic!("{other:?}"),
        };
        let sheet = sheet(&api, &session);
        let rows = sheet["rows"].as_array().expect("rows");
        assert_eq!((sheet["version"].as_i64(), rows.len()), (Some(1), 8));
        assert!(rows.iter().all(|row| row["status"] == wanted), "{sheet}");
    }
}

/// Plans and commits the sheets of sessions of one edition, all at once.
fn sheets_together(sessions: usize, people: usize) {
    let app = TestApp::start();
    let mut scene = Scene::of(&app);
    let edition = scene.edition(Limits::default());
    let people = scene.participants(edition, people);
    let tenant = app.town.id;
    let made = format!(
        "INSERT INTO sessions (tenant_id, id, edition_id, block_id, held_on, minutes, form, roster_limited)
         SELECT '{tenant}', gen_random_uuid(), '{}', '{}', '2020-11-02'::date + (n % 50)::integer, 180, 'group', false
           FROM generate_series(1, {sessions}) AS n",
        edition.id, edition.block
    );
    crate::support::build::enter(&app, &made);
    let mut superuser = pai::platform::migrations::connect(&app.superuser_url).expect("superuser");
    let ids = crate::support::database::names(&mut superuser, "SELECT ARRAY[id::text] AS row FROM sessions ORDER BY id");
    let api = coordinator(&app);
    let row = |session: &String, person: &Uuid| format!(";{session};{person};obecny\r\n");
    let text: String = ids.iter().flat_map(|session| people.iter().map(move |person| row(session, person))).collect();
    let import = plan(&api, "attendance", &format!("Kod;Identyfikator zajęć;Identyfikator uczestnictwa;Obecność\r\n{text}"));
    let all = i64::try_from(sessions * people.len()).expect("a count");
    assert_eq!(counts(&import), [all, 0, 0, 0, 0]);
    commit(&api, &import, &json!({})).expect(200);
    assert_eq!(scene.number("SELECT count(*) FROM attendance"), all);
    assert_eq!(scene.number("SELECT count(*) FROM sessions WHERE attendance_version = 0"), 0);
}

#[test]
fn five_hundred_rows_are_recorded_together() {
    sheets_together(25, 20);
}

#[test]
fn five_thousand_rows_are_recorded_together() {
    sheets_together(250, 20);
}
