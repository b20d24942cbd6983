//! The same cells in every format.

use chrono::DateTime;

use super::*;

fn listing() -> Listing {
    Listing {
        title: "Lista wypłat".to_owned(),
        sheet: "Lista wypłat",
        issuer: Some("Miejski Ośrodek Pomocy Społecznej".to_owned()),
        facts: vec![("Miesiąc".to_owned(), "11.2020".to_owned())],
        columns: vec![
            ListingColumn::new("Osoba", 20.0, "Nazwisko"),
            ListingColumn::new("Dzień", 10.0, "Dzień pracy"),
            ListingColumn::new("Kwota (zł)", 10.0, "Świadczenie"),
            ListingColumn::new("Podpis", 10.0, "Pokwitowanie").only(Medium::Paper),
        ],
        rows: vec![
            vec![Cell::text("Żak; Łoś"), Cell::Day("2020-11-03".parse().expect("a day")), amount("-17.40")],
            vec![Cell::text("=1+1"), Cell::Empty, amount("656.40")],
            vec![Cell::text("O'Hara, \"Ann\"")],
        ],
        totals: Some(vec![Cell::text("Razem"), Cell::Empty, amount("639.00")]),
        signatures: vec!["główny księgowy"],
        source: "Rozliczenie 1".to_owned(),
        made_at: DateTime::UNIX_EPOCH,
    }
}

fn amount(text: &str) -> Cell {
    Cell::Money(text.parse().expect("an amount"))
}

fn file(query: FileQuery) -> FileReply {
    listing().file("lista", query).expect("a file")
}

fn csv_as(dialect: Option<CsvDialect>) -> String {
    String::from_utf8(file(FileQuery { format: None, dialect }).content).expect("UTF-8")
}

#[test]
fn a_polish_spreadsheet_gets_its_separators_and_mark() {
    let wanted = "\u{feff}Osoba;Dzień;Kwota (zł)\r\n\"Żak; Łoś\";2020-11-03;-17,40\r\n'=1+1;;656,40\r\n\
        \"O'Hara, \"\"Ann\"\"\";;\r\nRazem;;639,00\r\n";
    assert_eq!(csv_as(None), wanted);
}

#[test]
fn other_programs_get_rfc_4180() {
    let wanted = "Osoba,Dzień,Kwota (zł)\r\nŻak; Łoś,2020-11-03,-17.40\r\n'=1+1,,656.40\r\n\
        \"O'Hara, \"\"Ann\"\"\",,\r\nRazem,,639.00\r\n";
    assert_eq!(csv_as(Some(CsvDialect::Rfc4180)), wanted);
}

#[test]
fn a_column_to_sign_in_stands_on_paper_alone() {
    let listing = listing();
    let heads = |medium| listing.columns(medium).map(|(_, column)| column.head.to_string()).collect::<Vec<_>>();
    assert_eq!(heads(Medium::File), ["Osoba", "Dzień", "Kwota (zł)"]);
    assert_eq!(heads(Medium::Paper), ["Osoba", "Dzień", "Kwota (zł)", "Podpis"]);
    assert_eq!([0, 1, 2, 3].map(|place| listing.holds_figures(place)), [false, false, true, false]);
}

#[test]
fn a_format_has_its_media_type_and_ending_and_always_the_same_bytes() {
    for (format, media, ending, begins) in [
        (ListingFormat::Csv, "text/csv; charset=utf-8", "csv", &b"\xef\xbb\xbf"[..]),
        (ListingFormat::Xlsx, Workbook::MEDIA_TYPE, "xlsx", b"PK"),
        (ListingFormat::Pdf, "application/pdf", "pdf", b"%PDF-1.7"),
    ] {
        let query = FileQuery { format: Some(format), dialect: None };
        let made = file(query);
        assert_eq!((made.media, made.name), (media, format!("lista.{ending}")));
        assert!(made.content.starts_with(begins), "{format}");
        assert_eq!(made.content, file(query).content, "{format}");
    }
}
