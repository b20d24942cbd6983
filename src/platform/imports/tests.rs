//! Files of every dialect, whole and broken.

use std::collections::HashMap;
use std::io::{Cursor, Write as _};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;

use super::annotated::{annotate, sample};
use super::cells::{Cells, day, decimal};
use super::csv_file::{guarded, unguarded};
use super::kind::{CellKind, Column};
use super::planning::{ImportOutcome, PlannedRow};
use super::rows::Collected;
use super::slips::{self, NOT_CALCULATED};
use super::table::{Dialect, ImportFormat, MOST_CELL_CHARACTERS, MOST_COLUMNS, MOST_ROWS, Row, Table};
use super::{csv_file, ndjson_file, xlsx_file};
use crate::platform::problem::Problem;

const COLUMNS: &[Column] = &[
    Column { name: "surname", label: "Nazwisko", holds: CellKind::Text, required: true, meaning: "", example: "Wzorcowa" },
    Column { name: "hours", label: "Godziny", holds: CellKind::Decimal, required: false, meaning: "", example: "1,5" },
];

fn cells(table: &Table) -> Vec<Vec<&str>> {
    table.rows.iter().map(|row| row.cells.iter().map(String::as_str).collect()).collect()
}

fn code<T>(outcome: Result<T, Problem>) -> &'static str {
    outcome.err().map_or("none", |problem| problem.code())
}

fn workbook(rows: &[Vec<String>]) -> Vec<u8> {
    xlsx_file::write(rows.iter().map(|row| row.iter().map(String::as_str).collect())).expect("a workbook")
}

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a part");
        zip.write_all(content).expect("content");
    }
    zip.finish().expect("an archive").into_inner()
}

#[test]
fn both_dialects_of_csv_are_read_alike() {
    let expected = [vec!["Żak; Łoś", "1,50"], vec!["O\"Hara", "2"]];
    for (text, separator, marked) in [
        ("\u{feff}Nazwisko;Godziny\r\n\"Żak; Łoś\";1,50\r\n\"O\"\"Hara\";2\r\n", b';', true),
        ("Nazwisko,Godziny\n\"Żak; Łoś\",\"1,50\"\n\"O\"\"Hara\",2", b',', false),
        ("sep=;\r\nNazwisko;Godziny\r\n\"Żak; Łoś\";1,50\r\n\"O\"\"Hara\";2", b';', false),
        ("sep=\t\r\nNazwisko\tGodziny\r\n\"Żak; Łoś\"\t1,50\r\n\"O\"\"Hara\"\t2", b'\t', false),
        ("\r\n\r\nNazwisko\tGodziny\r\n\"Żak; Łoś\"\t1,50\r\n\r\n;;\r\n\"O\"\"Hara\"\t2\r\n\t\r\n", b'\t', false),
    ] {
        let table = csv_file::read(text.as_bytes(), None);
        if text.contains(";;") {
            // A row of separators of another dialect is a row with one cell.
            assert_eq!(cells(&table.expect("a table")).len(), 3);
            continue;
        }
        let table = table.expect("a table");
        assert_eq!((table.dialect.separator, table.dialect.marked), (separator, marked), "{text}");
        assert_eq!(table.header, ["Nazwisko", "Godziny"]);
        assert_eq!(cells(&table), expected, "{text}");
    }
}

#[test]
fn rows_have_the_numbers_of_the_file() {
    let lines = |table: Table| table.rows.iter().map(|row| row.line).collect::<Vec<_>>();
    assert_eq!(lines(csv_file::read(b"a;b\n1;2\n\n3;4\n", None).expect("a table")), [2, 4]);
    assert_eq!(lines(csv_file::read(b"sep=;\na;b\n1;2\n", None).expect("a table")), [3]);
    assert_eq!(lines(ndjson_file::read(b"\n{\"a\":1}\n\n{\"b\":true,\"a\":null}", None).expect("a table")), [2, 4]);
    let rows = [vec!["a".to_owned()], vec![String::new()], vec!["1".to_owned()]];
    assert_eq!(lines(xlsx_file::read(&workbook(&rows)).expect("a table")), [3]);
}

#[test]
fn another_encoding_is_read_where_it_is_stated_and_refused_where_not() {
    let (encoded, _, _) = encoding_rs::WINDOWS_1250.encode("Nazwisko\nŻółć\n");
    assert_eq!(code(csv_file::read(&encoded, None)), "imports.file_encoding");
    assert_eq!(code(csv_file::read(&encoded, Some("klingon"))), "imports.file_encoding");
    assert_eq!(cells(&csv_file::read(&encoded, Some("windows-1250")).expect("a table")), [["Żółć"]]);
    let utf_16: Vec<u8> = "\u{feff}Nazwisko\nŻółć\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(cells(&csv_file::read(&utf_16, None).expect("a table")), [["Żółć"]]);
}

#[test]
fn broken_and_excessive_files_are_refused() {
    let long = "x".repeat(MOST_CELL_CHARACTERS + 1);
    let many = format!("a\n{}", "x\n".repeat(MOST_ROWS + 1));
    let wide = format!("a{}\nx\n", ";b".repeat(MOST_COLUMNS));
    for (text, expected) in [
        ("", "imports.file_empty"),
        ("a;b\n", "imports.file_empty"),
        ("a\n\n ;\t\n", "imports.file_empty"),
        ("\u{feff}", "imports.file_empty"),
        ("\u{feff}\r\n\r\n", "imports.file_empty"),
        ("a\n\"b\n", "imports.quote_open"),
        ("a;b\n\"x;1\ny;2\n\"z;3\n", "imports.quote_open"),
        ("a;b\n\"x\" y;1\n", "imports.quote_open"),
        ("a\nb\0\n", "imports.file_broken"),
        (&format!("a\n{long}\n"), "imports.file_too_large"),
        (&many, "imports.file_too_large"),
        (&wide, "imports.file_too_large"),
    ] {
        assert_eq!(code(csv_file::read(text.as_bytes(), None)), expected, "{}", &text[..text.len().min(40)]);
    }
    for text in ["{", "[]", "{\"a\":[1]}", "1", "{\"a\":1}{\"a\":2}", "null", "{\"a\":1,\"a\":2}", "{\"a\":\"\0\"}"] {
        assert_eq!(code(ndjson_file::read(text.as_bytes(), None)), "imports.file_broken", "{text}");
    }
    assert_eq!(code(ndjson_file::read(b"{\"a\":null}\n", None)), "imports.file_empty");
    for bytes in [&b""[..], b"PK\x03\x04", b"no archive", &archive(&[("a.txt", b"a")]), &archive(&[("xl/workbook.xml", b"<a")])] {
        assert_eq!(code(xlsx_file::read(bytes)), "imports.file_broken");
    }
    let whole = workbook(&[vec!["a".to_owned()], vec!["b".to_owned()]]);
    for length in (0..whole.len()).step_by(97) {
        assert_eq!(code(xlsx_file::read(&whole[..length])), "imports.file_broken", "cut off after {length} bytes");
    }
}

#[test]
fn a_refusal_says_which_limit_or_which_line() {
    let said = |text: &str, name: &str| {
        let problem = csv_file::read(text.as_bytes(), None).expect_err("refused");
        problem.extras.get(name).cloned()
    };
    assert_eq!(said(&format!("a\n{}\n", "x".repeat(1 << 20)), "limit"), Some("cellCharacters".into()));
    assert_eq!(said(&format!("a\n{}", "x\n".repeat(MOST_ROWS + 1)), "limit"), Some("rows".into()));
    assert_eq!(said("sep=;\na;b\n1;2\n\"x;1\ny;2\n\"z;3\n", "line"), Some(4.into()));
}

#[test]
fn a_quotation_mark_within_a_cell_is_a_sign_like_others() {
    let table = csv_file::read(b"a;b\nrura 5\";6\"\nO\"Hara;\"\"\"x\"\"\"\n", None).expect("a table");
    assert_eq!(cells(&table), [["rura 5\"", "6\""], ["O\"Hara", "\"x\""]]);
}

#[test]
fn what_grows_when_it_is_unpacked_is_refused_before_it_is_read() {
    let zeros = vec![b' '; 33 << 20];
    let bomb = archive(&[("xl/worksheets/sheet1.xml", &zeros), ("xl/sharedStrings.xml", &zeros)]);
    assert!(bomb.len() < 1 << 20, "it is small as it comes");
    assert_eq!(code(xlsx_file::read(&bomb)), "imports.file_too_large");
    let parts: Vec<(String, &[u8])> = (0..501).map(|number| (format!("{number}"), &b""[..])).collect();
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, content)| (name.as_str(), *content)).collect();
    assert_eq!(code(xlsx_file::read(&archive(&parts))), "imports.file_too_large");
}

/// A workbook with one sheet of one's own making; its cells of the style 1 are days, of 2 times.
fn sheet(rows: &str, strings: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    archive(&[
        (
            "_rels/.rels",
            format!(r#"<Relationships xmlns="{package}"><Relationship Id="r" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#)
                .as_bytes(),
        ),
        (
            "xl/workbook.xml",
            format!(r#"<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>"#)
                .as_bytes(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(r#"<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{office}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="r3" Type="{office}/styles" Target="styles.xml"/></Relationships>"#)
                .as_bytes(),
        ),
        (
            "xl/styles.xml",
            format!(r#"<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="20"/></cellXfs></styleSheet>"#)
                .as_bytes(),
        ),
        ("xl/sharedStrings.xml", format!(r#"<sst xmlns="{main}">{strings}</sst>"#).as_bytes()),
        ("xl/worksheets/sheet1.xml", format!(r#"<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>"#).as_bytes()),
    ])
}

#[test]
fn numbers_of_a_sheet_keep_their_digits_and_far_corners_cost_nothing() {
    let table = xlsx_file::read(&sheet(
        r#"<row r="1"><c r="A1" t="inlineStr"><is><t>Nazwisko</t></is></c><c r="B1" t="s"><v>0</v></c></row>
           <row r="2"><c r="A2"><v>85010112345</v></c><c r="B2"><v>1.5</v></c></row>
           <row r="1048576"><c r="A1048576"><f>1+1</f><v>2</v></c></row>"#,
        "<si><t>Godziny</t></si>",
    ))
    .expect("a table");
    assert_eq!(table.header, ["Nazwisko", "Godziny"]);
    assert_eq!(cells(&table), [vec!["85010112345", "1.5"], vec!["2"]]);
    assert_eq!(table.rows[1].line, 1_048_576);
    let corner = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="XFD2"><v>1</v></c></row>"#;
    assert_eq!(code(xlsx_file::read(&sheet(corner, ""))), "imports.file_too_large");
    // One long text, meant by many cells.
    let text = "x".repeat(MOST_CELL_CHARACTERS);
    let row =
        |line: usize| format!(r#"<row r="{line}"><c r="A{line}" t="s"><v>0</v></c><c r="B{line}" t="s"><v>0</v></c></row>"#);
    let rows: String = (1..6_000).map(row).collect();
    assert_eq!(code(xlsx_file::read(&sheet(&rows, &format!("<si><t>{text}</t></si>")))), "imports.file_too_large");
}

#[test]
fn what_a_sheet_calculates_is_read_as_it_is_shown() {
    for (cell, expected) in [
        (r#"<c r="A2" s="1"><v>46153</v></c>"#, "2026-05-11"),
        (r#"<c r="A2" s="2"><v>0.354166666666667</v></c>"#, "08:30"),
        (r#"<c r="A2"><v>46153</v></c>"#, "46153"),
        (r#"<c r="A2"><f>0.1+0.2</f><v>0.30000000000000004</v></c>"#, "0.3"),
        (r#"<c r="A2"><v>656.39999999999998</v></c>"#, "656.4"),
        (r#"<c r="A2"><v>2211012345</v></c>"#, "2211012345"),
        (r#"<c r="A2"><v>8.5010112345E10</v></c>"#, "85010112345"),
        (r#"<c r="A2"><v>12345678901234567890</v></c>"#, "1.2345678901234567E+19"),
        (r#"<c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c>"#, "#DIV/0!"),
        (r#"<c r="A2"><f>B1</f></c>"#, NOT_CALCULATED),
        (r#"<c r="A2" t="str"><f>B1&amp;"a"</f><v>wynik</v></c>"#, "wynik"),
        (r#"<c r="A2" t="b"><v>1</v></c>"#, "true"),
    ] {
        let rows = format!(r#"<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row><row r="2">{cell}</row>"#);
        assert_eq!(cells(&xlsx_file::read(&sheet(&rows, "")).expect("a table")), [[expected]], "{cell}");
    }
    let blank = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2" t="str"><f>""</f><v></v></c></row>"#;
    assert_eq!(code(xlsx_file::read(&sheet(blank, ""))), "imports.file_empty", "a formula may mean a blank cell");
}

#[test]
fn what_a_spreadsheet_spoiled_is_refused_with_what_to_do() {
    for text in ["#N/D!", "#N/A", "#REF!", "#DZIEL/0!", "#NAZWA?", "#####", "Err:502", "Błąd:502", NOT_CALCULATED, "8,50101E+10"]
    {
        assert!(slips::anywhere(text).is_some(), "{text}");
    }
    for text in ["", "#", "#1", "# ważne!", "E+", "E+1", "ul. Zmyślona 1E+2", "A/12", "Err:", "-"] {
        assert!(slips::anywhere(text).is_none(), "{text}");
    }
    for (holds, text, is_known) in [
        (CellKind::Pesel, "211012345", true),
        (CellKind::Pesel, "2211012345", true),
        (CellKind::Pesel, "12345678901", false),
        (CellKind::Day, "46153", true),
        (CellKind::Day, "2026", false),
        (CellKind::Text, "46153", false),
    ] {
        assert_eq!(slips::within(holds, text).is_some(), is_known, "{text}");
    }
    let mut cells = Cells::new(COLUMNS, vec!["#N/D!", "1,5"]);
    assert_eq!(cells.raw("surname"), None);
    assert!(cells.decimal("hours").is_some());
    assert_eq!(cells.into_findings().len(), 1, "one remark for one cell");
}

#[test]
fn heads_are_found_without_regard_to_case_and_diacritics_and_others_refused() {
    let check = |text: &str| csv_file::read(text.as_bytes(), None).and_then(|table| table.check(COLUMNS));
    for (text, expected) in [
        ("NAZWISKO;godziny\na;1\n", "none"),
        ("surname*;Wynik;Uwagi\na;nowy;\n", "none"),
        ("Nazwisko;Godzin\na;1\n", "imports.column_unknown"),
        ("Nazwisko;;Godziny\na;;1\n", "none"),
        ("Nazwisko;;Godziny\na;b;1\n", "imports.column_unknown"),
        ("Nazwisko;surname\na;b\n", "imports.column_repeated"),
        ("Godziny;Wynik\n1;\n", "imports.column_missing"),
    ] {
        assert_eq!(code(check(text)), expected, "{text}");
    }
    let refused = check("Kowalska;Anna\nNowak;Jan\n").expect_err("no heads");
    assert!(!format!("{refused:?}").contains("Kowalska"), "a first row of data is not repeated");
}

#[test]
fn days_and_decimals_are_read_as_they_are_written_here() {
    for (text, read) in
        [("2026-05-11", true), ("11.05.2026", true), ("31.02.2026", false), ("1.5.2026", false), ("05/11/2026", false)]
    {
        assert_eq!(day(text).is_some(), read, "{text}");
    }
    for (text, read) in [
        ("1 234,50", Some("1234.50")),
        ("1234.50", Some("1234.50")),
        ("-0,5", Some("-0.5")),
        ("1.234,50", None),
        ("1e3", None),
        ("", None),
    ] {
        assert_eq!(decimal(text).map(|number| number.to_string()).as_deref(), read, "{text}");
    }
}

#[test]
fn the_sample_of_every_format_is_a_file_of_the_kind() {
    for format in ImportFormat::ALL {
        let bytes = sample(*format, COLUMNS).expect("a sample");
        let table = read(*format, &bytes);
        table.check(COLUMNS).expect("its own heads");
        assert_eq!(table.values(COLUMNS, &table.rows[0]), ["Wzorcowa", "1,5"]);
    }
    assert!(sample(ImportFormat::Csv, COLUMNS).expect("a sample").starts_with("\u{feff}Nazwisko;Godziny\r\n".as_bytes()));
}

fn read(format: ImportFormat, bytes: &[u8]) -> Table {
    match format {
        ImportFormat::Csv => csv_file::read(bytes, None),
        ImportFormat::Xlsx => xlsx_file::read(bytes),
        ImportFormat::Ndjson => ndjson_file::read(bytes, None),
    }
    .expect("a table")
}

fn planned(line: u32) -> PlannedRow {
    PlannedRow { line, outcome: ImportOutcome::Created, record: None, base: None, changes: Vec::new(), findings: Vec::new() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_goes_back_is_what_came_with_the_plan_beside_it(
        rows in prop::collection::vec(prop::collection::vec("[ =+\\-@'a-zA-Zżółć0-9;,\"\n\t]{0,12}x", 2), 1..8),
        separator in prop::sample::select(vec![b';', b',', b'\t']),
        format in prop::sample::select(ImportFormat::ALL.to_vec()),
    ) {
        let mut collected = Collected::default();
        collected.take(1, vec!["Nazwisko".to_owned(), "Godziny".to_owned()]).expect("a head");
        for (line, row) in (2..).zip(&rows) {
            collected.take(line, row.clone()).expect("a row");
        }
        let table = collected.into_table(format, Dialect { separator, marked: separator == b';' }).expect("a table");
        let plan: Vec<PlannedRow> = table.rows.iter().map(|row| planned(row.line)).collect();
        let back = read(format, &annotate(&table, (&plan, &HashMap::new()), COLUMNS).expect("a file"));
        prop_assert!(back.header.iter().any(|head| head == "Wynik"));
        let values = |row: &Row| table.header.iter().map(|head| {
            let place = back.header.iter().position(|known| known == head).expect("a head that came");
            row.cells.get(place).cloned().unwrap_or_default()
        }).collect::<Vec<_>>();
        prop_assert_eq!(back.rows.iter().map(values).collect::<Vec<_>>(), rows);
        // And once more: the annotation of the first round goes.
        let again = read(format, &annotate(&back, (&plan, &HashMap::new()), COLUMNS).expect("a file"));
        prop_assert_eq!(again.header, back.header);
    }

    #[test]
    fn no_cell_goes_back_as_a_formula(cell in "[=+\\-@\t\r'a]{0,4}[a-z]{0,3}") {
        let written = guarded(&cell);
        prop_assert!(!written.starts_with(['=', '+', '-', '@', '\t', '\r']));
        prop_assert_eq!(unguarded(&written), cell);
    }

    #[test]
    fn no_bytes_bring_a_reader_down(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = (csv_file::read(&bytes, None), ndjson_file::read(&bytes, None), xlsx_file::read(&bytes));
    }
}
