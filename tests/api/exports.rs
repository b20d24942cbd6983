//! Lists as files: the same records as in the pages, in one snapshot, with what a reader can check them by.

use std::io::Cursor;
use std::sync::atomic::{AtomicBool, Ordering};

use calamine::{Data, Reader as _, Xlsx};
use diesel::RunQueryDsl as _;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use serde_json::{Value, json};

use crate::support::contract::{Operation, PURPOSE, operations};
use crate::support::{Answer, Api, TestApp};

const NDJSON: &str = "application/x-ndjson";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Lists that another call changes.
const CHANGING: [&str; 2] = ["list_audit_entries", "list_connected_systems"];

/// Records of all pages.
fn all_pages(api: &Api, path: &str) -> Vec<Value> {
    let (mut records, mut cursor) = (Vec::new(), String::new());
    loop {
        let sign = if path.contains('?') { '&' } else { '?' };
        let page = api.get(&format!("{path}{sign}limit=200{cursor}")).expect(200);
        records.extend(page["items"].as_array().expect("items").iter().cloned());
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return records,
        }
    }
}

fn rows_of(answer: &Answer) -> usize {
    answer.header("pai-row-count").parse().unwrap_or_else(|_| panic!("a number of rows: {}", answer.text))
}

fn lines(answer: &Answer) -> Vec<Value> {
    answer.text.lines().map(|line| serde_json::from_str(line).expect("JSON in each line")).collect()
}

fn csv_rows(answer: &Answer, separator: u8) -> Vec<Vec<String>> {
    let text = answer.text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

fn sheet(answer: &Answer, name: usize) -> Vec<Vec<Data>> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes.clone())).expect("a workbook");
    let range = workbook.worksheet_range_at(name).expect("a sheet").expect("a readable one");
    range.rows().map(<[Data]>::to_vec).collect()
}

/// The hash that the answer states, compared with its bytes.
fn check_hash(answer: &Answer, what: &str) {
    use base64::Engine as _;
    let hash = pai::platform::secrets::digest(&answer.bytes);
    let stated = format!("sha-256=:{}:", base64::engine::general_purpose::STANDARD.encode(hash));
    assert_eq!(answer.header("repr-digest"), stated, "{what}");
    assert_eq!(answer.header("content-length"), answer.bytes.len().to_string(), "{what}");
}

fn lists() -> Vec<Operation> {
    let pages = |operation: &Operation| operation.parameters("query").iter().any(|parameter| parameter["name"] == "cursor");
    operations().into_iter().filter(pages).collect()
}

#[test]
fn every_list_comes_as_a_file_of_each_form_with_the_records_of_its_pages() {
    let app = TestApp::start_with_demo();
    let (mut filled, mut seen) = (0, 0);
    for operation in lists() {
        let id = operation.id;
        let api = app.api(operation.allowed_role()).with("Pai-Purpose", PURPOSE);
        let (path, query) = (operation.example_path(), operation.required_query());
        let path = if query.is_empty() { path } else { format!("{path}?{query}") };
        // The access register grows with every file that is taken from it, and so do the calls of a client.
        let records = if CHANGING.contains(&id) { Vec::new() } else { all_pages(&api, &path) };
        let file = |media: &str| {
            let answer = api.with("Accept", media).get(&path);
            assert_eq!(answer.status, 200, "{id} as {media}: {}", answer.text.chars().take(300).collect::<String>());
            assert!(answer.header("content-type").starts_with(media), "{id}: {}", answer.header("content-type"));
            check_hash(&answer, id);
            answer
        };
        let (ndjson, csv, xlsx) = (file(NDJSON), file("text/csv"), file(XLSX));
        seen += 1;
        if CHANGING.contains(&id) {
            let grown = rows_of(&xlsx) > rows_of(&csv) && rows_of(&csv) > rows_of(&ndjson);
            assert_eq!(grown, id == "list_audit_entries", "each file leaves a row");
            continue;
        }
        assert_eq!(lines(&ndjson), records, "{id}");
        let rows = csv_rows(&csv, b';');
        assert_eq!((rows.len(), rows_of(&csv)), (records.len() + 1, records.len()), "{id}");
        let cells = sheet(&xlsx, 0);
        assert_eq!((cells.len(), rows_of(&xlsx)), (records.len() + 1, records.len()), "{id}");
        let heads: Vec<String> = cells[0].iter().map(ToString::to_string).collect();
        assert_eq!(heads, rows[0], "{id}");
        let id_column = heads.iter().position(|head| head == "id");
        if let Some(column) = id_column {
            for (record, row) in records.iter().zip(&rows[1..]) {
                assert_eq!(record["id"].as_str(), Some(row[column].as_str()), "{id}");
            }
        }
        // Every member of a record has its column.
        for member in records.iter().filter_map(Value::as_object).flat_map(|record| record.iter()) {
            let (name, value) = member;
            let has_column = heads.iter().any(|head| head.split('.').next() == Some(name));
            assert!(has_column || value.is_null(), "{id}: {name} has no column in {heads:?}");
        }
        filled += usize::from(!records.is_empty());
    }
    assert!(seen > 70 && filled > 40, "{filled} of {seen} lists had records");
}

/// Adds hosts past the API: thousands of them would take a minute.
fn many_hosts(app: &TestApp, count: usize) {
    let mut owner = connect(&app.superuser_url).expect("a connection");
    let insert = format!(
        "INSERT INTO hosts (tenant_id, id, name, recorded_at, recorded_by) SELECT '{}', \
         ('01900000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, 'Miejsce ' || n, now(), '{}' FROM generate_series(1, {count}) n",
        app.town.id,
        app.town.clients[Role::Coordinator.as_str()].0,
    );
    diesel::sql_query(insert).execute(&mut owner).expect("hosts");
}

#[test]
fn a_file_is_one_snapshot_over_many_pages() {
    let app = TestApp::start();
    many_hosts(&app, 5000);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut owner = connect(&app.superuser_url).expect("a connection");
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) && number < 4000 {
                number += 1;
                // One before the first page and one behind the last, at once.
                let pair = format!(
                    "INSERT INTO hosts (tenant_id, id, name, recorded_at, recorded_by) SELECT '{}', (p || lpad(to_hex({number}), 12, '0'))::uuid, p || {number}, now(), '{}' \
                     FROM (VALUES ('01900000-0000-7000-8000-'), ('01900000-0000-7000-a000-')) AS pair (p)",
                    app.town.id, app.town.clients[Role::Coordinator.as_str()].0,
                );
                diesel::sql_query(pair).execute(&mut owner).expect("a pair");
            }
        });
        let api = app.api(Role::Coordinator).with("Accept", NDJSON);
        let mut counts = Vec::new();
        for _ in 0..6 {
            let answer = api.get("/hosts");
            assert_eq!(answer.status, 200, "{}", answer.text.chars().take(300).collect::<String>());
            let rows = lines(&answer);
            assert_eq!(rows.len(), rows_of(&answer));
            counts.push(rows.len());
        }
        stop.store(true, Ordering::Relaxed);
        assert!(counts.iter().all(|count| count % 2 == 0), "a pair was torn: {counts:?}");
        assert!(counts.windows(2).any(|pair| pair[0] < pair[1]), "nobody wrote meanwhile: {counts:?}");
    });
}

#[test]
fn a_broken_download_goes_on_where_it_stopped() {
    let app = TestApp::start();
    // Beyond what is kept in memory.
    many_hosts(&app, 20_000);
    for (media, path) in [(NDJSON, "/hosts"), ("text/csv", "/hosts?dialect=rfc4180"), (XLSX, "/hosts")] {
        let api = app.api(Role::Coordinator).with("Accept", media);
        let whole = api.get(path);
        assert_eq!((whole.status, rows_of(&whole)), (200, 20_000), "{media}");
        let (etag, length) = (whole.header("etag").to_owned(), whole.bytes.len());
        let half = length / 2;
        let rest = api.with("Range", &format!("bytes={half}-")).with("If-Range", &etag).get(path);
        assert_eq!(rest.status, 206, "{media}");
        assert_eq!(rest.header("content-range"), format!("bytes {half}-{}/{length}", length - 1));
        assert!(rest.bytes == whole.bytes[half..], "{media}: the rest is another");
        assert_eq!(rest.header("repr-digest"), whole.header("repr-digest"));
    }
    let api = app.api(Role::Coordinator);
    let before = api.with("Accept", NDJSON).get("/hosts");
    api.post("/hosts", &json!({ "name": "Dopisane" })).expect(201);
    let after = api.with("Accept", NDJSON).with("Range", "bytes=10-").with("If-Range", before.header("etag")).get("/hosts");
    assert_eq!((after.status, rows_of(&after)), (200, 20_001), "what has changed is sent as a whole");
    let left: Vec<_> = std::fs::read_dir(app.data_dir().join("exports")).expect("the directory").collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn nothing_in_a_file_becomes_a_formula() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    let names = ["=1+1", "+48", "-2", "@SUM(A1)", "=HYPERLINK(\"http://x\")", "zwykłe; miejsce", "\"w cudzysłowie\""];
    for name in names {
        api.post("/hosts", &json!({ "name": name })).expect(201);
    }
    for (dialect, separator) in [("excelPl", b';'), ("rfc4180", b',')] {
        let answer = api.with("Accept", "text/csv").get(&format!("/hosts?dialect={dialect}"));
        assert_eq!(answer.text.starts_with('\u{feff}'), dialect == "excelPl");
        let rows = csv_rows(&answer, separator);
        let column = rows[0].iter().position(|head| head == "name").expect("names");
        for (row, name) in rows[1..].iter().zip(names) {
            let cell = &row[column];
            assert!(cell == name || *cell == format!("'{name}"), "{cell}");
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
        }
    }
    let rows = sheet(&api.with("Accept", XLSX).get("/hosts"), 0);
    let column = rows[0].iter().position(|head| *head == "name").expect("names");
    for (row, name) in rows[1..].iter().zip(names) {
        assert_eq!(row[column], Data::String(name.to_owned()));
    }
}

#[test]
fn hours_and_amounts_are_numbers_and_are_added_up() {
    let app = TestApp::start_with_demo();
    let api = app.api(Role::Coordinator);
    let hours = |text: &Value| text.as_str().and_then(|text| text.parse::<f64>().ok()).unwrap_or_default();
    let records = all_pages(&api, "/psu-entries");
    let sum: f64 = records.iter().map(|entry| hours(&entry["hours"])).sum();
    assert!(sum > 0.0);
    let excel = api.with("Accept", "text/csv").get("/psu-entries");
    let totals: Value = serde_json::from_str(excel.header("pai-control-totals")).expect("totals");
    assert!((hours(&totals["hours"]) - sum).abs() < 0.001, "{totals} and {sum}");
    let rows = csv_rows(&excel, b';');
    let column = rows[0].iter().position(|head| head == "hours").expect("hours");
    assert_eq!(rows[1][column], records[0]["hours"].as_str().expect("hours").replace('.', ","));
    let workbook = api.with("Accept", XLSX).get("/psu-entries");
    let cells = sheet(&workbook, 0);
    let numbers = cells[1..].iter().map(|row| match row[column] {
        Data::Float(number) => number,
        ref other => panic!("no number: {other}"),
    });
    assert!((numbers.sum::<f64>() - sum).abs() < 0.001);
    let about = sheet(&workbook, 1);
    let of = |name: &str| about.iter().find(|row| row[0] == name).unwrap_or_else(|| panic!("{name}"))[1].clone();
    assert_eq!(of("Liczba wierszy"), Data::Float(f64::from(u32::try_from(records.len()).expect("few"))));
    assert_eq!(of("Zapytanie").to_string(), "/api/v1/psu-entries");
}

#[test]
fn a_file_shows_what_its_caller_may_see_and_leaves_a_trace() {
    let app = TestApp::start_with_demo();
    let stranger = app.api(Role::Statistician).with("Accept", "text/csv");
    stranger.get("/psu-entries").refused(403, "platform.forbidden");
    let neighbour = app.other_api(Role::Coordinator).with("Accept", NDJSON);
    let ours = all_pages(&app.api(Role::Coordinator), "/people");
    let theirs = lines(&neighbour.get("/people"));
    assert!(!ours.is_empty() && theirs.iter().all(|person| !ours.iter().any(|known| known["id"] == person["id"])));
    let api = app.api(Role::SocialWorker).with("Pai-Purpose", "handing over").with("Accept", "text/csv");
    assert_eq!(api.get("/people").status, 200);
    let register = || lines(&app.api(Role::Auditor).with("Accept", NDJSON).get("/audit-entries"));
    let entries = register();
    let entry = entries.iter().find(|entry| entry["operation"] == "list_people" && entry["purpose"] == "handing over");
    let entry = entry.unwrap_or_else(|| panic!("the file is in the register: {}", entries.len()));
    assert_eq!((&entry["recordKind"], &entry["role"]), (&json!("export"), &json!("social_worker")));
    // A page alone leaves none, as ever.
    app.api(Role::SocialWorker).with("Pai-Purpose", "looking").get("/people").expect(200);
    assert!(register().iter().all(|entry| entry["purpose"] != "looking"));
}

#[test]
fn forms_that_nobody_writes_are_refused() {
    let app = TestApp::start();
    let api = app.api(Role::Coordinator);
    api.with("Accept", "application/pdf").get("/hosts").refused(406, "platform.not_acceptable");
    api.with("Accept", "text/csv").get("/hosts?limit=10").refused(400, "platform.invalid_parameter");
    api.with("Accept", "text/csv").get("/hosts?dialect=tsv").refused(400, "platform.invalid_parameter");
    api.get("/hosts?dialect=tsv").refused(400, "platform.invalid_parameter");
    api.with("Accept", "text/csv")
        .get("/programmes/01900000-0000-7000-8000-00000000ffff")
        .refused(406, "platform.not_acceptable");
    api.with("Accept", "text/csv").post("/hosts", &json!({ "name": "A" })).refused(406, "platform.not_acceptable");
}
