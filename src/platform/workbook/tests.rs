//! What a foreign reader finds in a workbook.

use std::io::{Cursor, Read as _};

use calamine::{Data, Reader as _, Xlsx};
use chrono::DateTime;
use proptest::prelude::*;

use super::*;

fn workbook(rows: Vec<Vec<Cell>>, totals: Option<Vec<Cell>>) -> Workbook {
    let columns =
        vec![SheetColumn::new("Pierwsza", 20.0), SheetColumn::new("Druga", 9.5), SheetColumn::to_fill_in("Trzecia", 9.0)];
    Workbook {
        title: "Lista wypłat".to_owned(),
        company: Some("Ośrodek".to_owned()),
        made_at: "2020-12-04T10:20:30Z".parse().expect("a moment"),
        sheets: vec![Sheet { name: "Lista", columns, rows, totals }],
    }
}

fn read(bytes: &[u8]) -> calamine::Range<Data> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.to_vec())).expect("a workbook");
    book.worksheet_range("Lista").expect("the sheet")
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut text = String::new();
    archive.by_name(name).expect("the part").read_to_string(&mut text).expect("text");
    text
}

fn money(text: &str) -> Cell {
    Cell::Money(text.parse().expect("an amount"))
}

#[test]
fn cells_keep_their_types() {
    let day = "2024-02-29".parse().expect("a day");
    let rows = vec![
        vec![Cell::text("Żak"), money("-9999999999.99"), Cell::Empty],
        vec![Cell::Day(day), Cell::Percent("55.55".parse().expect("per cent")), Cell::text("007")],
        vec![Cell::Whole(12), Cell::Decimal("2.25".parse().expect("a number"))],
    ];
    let bytes = workbook(rows, Some(vec![Cell::text("Razem"), money("54.38")])).to_xlsx().expect("a workbook");
    let sheet = read(&bytes);
    let at = |line, place| sheet.get_value((line, place)).cloned().unwrap_or(Data::Empty);
    let text = |text: &str| Data::String(text.to_owned());
    assert_eq!([at(0, 0), at(0, 1), at(0, 2)], ["Pierwsza", "Druga", "Trzecia"].map(text));
    assert_eq!([at(1, 0), at(1, 1), at(1, 2)], [text("Żak"), Data::Float(-9_999_999_999.99), Data::Empty]);
    let Data::DateTime(moment) = at(2, 0) else { panic!("{:?} is no day", at(2, 0)) };
    assert_eq!(moment.to_ymd_hms_milli(), (2024, 2, 29, 0, 0, 0, 0));
    assert_eq!([at(2, 1), at(2, 2)], [Data::Float(0.5555), text("007")]);
    assert_eq!([at(3, 0), at(3, 1)], [Data::Float(12.0), Data::Float(2.25)]);
    assert_eq!([at(4, 0), at(4, 1)], [text("Razem"), Data::Float(54.38)]);
}

#[test]
fn heads_stay_in_sight_and_columns_have_their_width() {
    let bytes = workbook(vec![vec![money("1.00")]], None).to_xlsx().expect("a workbook");
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains(r#"<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>"#), "{sheet}");
    assert!(
        sheet.contains(r#"<col min="1" max="1" width="20.7109375""#) && sheet.contains(r#"<col min="2" max="2" width="10.2"#),
        "{sheet}"
    );
    assert!(
        part(&bytes, "xl/styles.xml").contains(r##"formatCode="#,##0.00""##)
            || part(&bytes, "xl/styles.xml").contains(r#"numFmtId="4""#)
    );
}

#[test]
fn the_same_workbook_gives_the_same_bytes_and_is_dated_by_its_data() {
    let made = workbook(vec![vec![Cell::text("a"), money("1.00")]], None);
    let bytes = made.to_xlsx().expect("a workbook");
    assert_eq!(bytes, made.to_xlsx().expect("a workbook"));
    let properties = part(&bytes, "docProps/core.xml");
    assert_eq!(properties.matches("2020-12-04T10:20:30Z").count(), 2, "{properties}");
    assert!(properties.contains("<dc:title>Lista wypłat</dc:title>"), "{properties}");
    let later = Workbook { made_at: DateTime::UNIX_EPOCH, ..made };
    assert_ne!(bytes, later.to_xlsx().expect("a workbook"));
}

#[test]
fn what_looks_like_a_formula_is_marked_as_text() {
    let bytes = workbook(vec![vec![Cell::text("=HYPERLINK(\"http://x\")"), Cell::text("+48 600"), Cell::text("zwykły")]], None);
    let bytes = bytes.to_xlsx().expect("a workbook");
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(!sheet.contains("<f>"), "{sheet}");
    assert!(part(&bytes, "xl/styles.xml").contains(r#"quotePrefix="1""#));
    assert_eq!(read(&bytes).get_value((1, 0)), Some(&Data::String("=HYPERLINK(\"http://x\")".to_owned())));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_written_reads_back(
        text in "[=+@'-]?\\PC{0,80}",
        grosze in -999_999_999_999_i64..=999_999_999_999,
        days in 0_u32..100_000,
    ) {
        let amount = Decimal::new(grosze, 2);
        let day = crate::platform::types::Day::from_ymd(1900, 3, 1).and_then(|first| first.plus_days(days)).expect("a day");
        let cells = vec![Cell::text(&text), Cell::Money(amount.try_into().expect("an amount")), Cell::Day(day)];
        let bytes = workbook(vec![cells], None).to_xlsx().expect("a workbook");
        prop_assert!(!part(&bytes, "xl/worksheets/sheet1.xml").contains("<f>"));
        let sheet = read(&bytes);
        let told = sheet.get_value((1, 0)).map(ToString::to_string).unwrap_or_default();
        prop_assert_eq!(told, text);
        let Some(Data::Float(number)) = sheet.get_value((1, 1)) else { panic!("no amount") };
        prop_assert_eq!(number.to_string().parse::<Decimal>().expect("a number").normalize(), amount.normalize());
        let Some(Data::DateTime(moment)) = sheet.get_value((1, 2)) else { panic!("no day") };
        let (year, month, of_month, ..) = moment.to_ymd_hms_milli();
        prop_assert_eq!(format!("{year:04}-{month:02}-{of_month:02}"), day.to_string());
    }
}
