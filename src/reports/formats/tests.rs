//! The page and its drawings, from a report made by hand.

use chrono::DateTime;
use uuid::Uuid;

use super::*;
use crate::outcomes::figures::definition::Unit;
use crate::outcomes::figures::verdict::Status;
use crate::platform::drawing::{Drawing, Mark};
use crate::platform::paper::Block;
use crate::reports::amount::Amount;
use crate::reports::document::{Chart, ChartCode, ChartColumn, ChartRow, EditionHead, ReportFigure, Section, TextLine};
use crate::reports::sections::SectionCode;

fn row(key: &str, values: &[i64]) -> ChartRow {
    let values = values.iter().map(|number| Some(Amount::Whole(*number))).collect();
    ChartRow { key: key.to_owned(), label: key.to_owned(), values }
}

fn chart(code: ChartCode, rows: Vec<ChartRow>) -> Chart {
    let columns = ["Pierwsza", "Druga", "Trzecia"].map(|head| ChartColumn { head: head.to_owned(), unit: Unit::Person });
    Chart {
        code,
        section: SectionCode::Recruitment,
        title: "Wykres <próbny>".to_owned(),
        summary: "Opis & \"słowa\"".to_owned(),
        head: "Wiersz".to_owned(),
        columns: columns.into(),
        rows,
    }
}

fn report(charts: Vec<Chart>) -> FinalReport {
    let day = |text: &str| text.parse().expect("a day");
    let figure = ReportFigure {
        definition_id: "M-01".to_owned(),
        definition_version: 1,
        name: "Kandydaci".to_owned(),
        unit: Unit::Person,
        value: None,
        numerator: None,
        denominator: None,
        status: Status::NotCollected,
        explanation: Some("brak danych".to_owned()),
        notes: Vec::new(),
        breakdowns: Vec::new(),
        records: "/api/v1/editions/x/figures/M-01/records".to_owned(),
    };
    FinalReport {
        form: "pai.final-report/1".to_owned(),
        id: Uuid::nil(),
        number: 1,
        replaces: None,
        as_of: DateTime::UNIX_EPOCH,
        approved_on: None,
        edition: EditionHead {
            institution: Some("Ośrodek".to_owned()),
            programme_id: Uuid::nil(),
            programme: "PAI".to_owned(),
            edition_id: Uuid::nil(),
            edition: "I".to_owned(),
            starts_on: day("2020-10-15"),
            ends_on: day("2020-12-14"),
            closed_on: None,
            agreement: None,
            agreement_signed_on: day("2020-10-01"),
            regime: "Reżim".to_owned(),
            regime_code: "R".to_owned(),
            regime_version: 1,
        },
        plan_revisions: Vec::new(),
        plan_and_actual: Vec::new(),
        sections: vec![Section { code: SectionCode::Recruitment, title: "Rekrutacja".to_owned(), figures: vec![figure] }],
        charts,
        events: Vec::new(),
        warnings: Vec::new(),
        overrides: Vec::new(),
        notes: vec![TextLine { heading: "<script>alert(1)</script>".to_owned(), text: "\"><img src=x>\n=1+1".to_owned() }],
        controls: Vec::new(),
        definitions: Vec::new(),
    }
}

/// Every kind of chart, with none, one and many rows.
fn of_every_size() -> Vec<Chart> {
    let days = ["2020-10-15", "2020-11-06", "2020-11-09", "2020-12-14"].map(|day| row(day, &[9, 9])).to_vec();
    let weeks = |count: i64| (1..=count).map(|week| row(&format!("2020-W{week:02}"), &[week, 10, 0])).collect::<Vec<_>>();
    ChartCode::ALL
        .iter()
        .flat_map(|code| {
            let many = if *code == ChartCode::Seats { days.clone() } else { weeks(52) };
            [Vec::new(), many[..1].to_vec(), many].map(|rows| chart(*code, rows))
        })
        .collect()
}

#[test]
fn nothing_that_was_typed_becomes_markup() {
    let page = html::page(&report(vec![chart(ChartCode::Funnel, vec![row("<b>", &[1])])]));
    for typed in ["<script>", "<img", "<próbny>", "<b>"] {
        assert!(!page.contains(typed), "{typed}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains("&quot;&gt;&lt;img src=x&gt;"));
    assert!(page.contains("Opis &amp; &quot;słowa&quot;"));
    assert!(!page.contains("src=\"") && !page.contains("http:") && !page.contains("https:"), "nothing comes from elsewhere");
    assert!(!page.contains("style=\"") && !page.contains(" on"), "no style and no handler of a single element");
}

#[test]
fn a_chart_of_any_size_keeps_its_marks_within_the_drawing() {
    for one in of_every_size() {
        let rows = one.rows.len();
        let drawing = charts::drawing(&one);
        let places = |mark: &Mark| match mark {
            Mark::Text { at, .. } => vec![*at],
            Mark::Line { from, to, .. } => vec![*from, *to],
            Mark::Bar { at, size, .. } => vec![*at, (at.0 + size.0, at.1 + size.1)],
            Mark::Dot { at, radius, .. } => vec![(at.0 - radius, at.1 - radius), (at.0 + radius, at.1 + radius)],
            Mark::Path { points, .. } => points.clone(),
        };
        let is_within = |(x, y): &(f64, f64)| (-1.0..=721.0).contains(x) && (-1.0..=drawing.height + 1.0).contains(y);
        let outside: Vec<(f64, f64)> = drawing.marks.iter().flat_map(places).filter(|place| !is_within(place)).collect();
        assert!(outside.is_empty(), "{:?} with {rows} rows: {outside:?}", one.code);
        assert!(rows == 0 || drawing.marks.len() > rows, "{:?} with {rows} rows is drawn", one.code);
    }
}

#[test]
fn the_page_and_the_paper_draw_the_same_marks() {
    let shown = report(of_every_size().into_iter().filter(|one| one.rows.len() > 1).collect());
    let page = html::page(&shown);
    let drawn: Vec<Drawing> = paper::paper(&shown)
        .blocks
        .into_iter()
        .filter_map(|block| if let Block::Drawing(drawing, _) = block { Some(drawing) } else { None })
        .collect();
    // The sections of the report have the charts of recruitment, which all are made to be.
    assert_eq!(drawn.len(), ChartCode::ALL.len());
    for (chart, drawing) in shown.charts.iter().zip(&drawn) {
        assert_eq!(*drawing, charts::drawing(chart));
    }
    let elements: usize = ["<text ", "<line ", "<rect ", "<circle ", "<path "].iter().map(|tag| page.matches(tag).count()).sum();
    assert_eq!(elements, drawn.iter().map(|drawing| drawing.marks.len()).sum::<usize>());
}

#[test]
fn every_format_of_one_document_is_always_the_same() {
    let one = report(of_every_size());
    for (format, dialect) in ALL_FILES {
        let bytes = write(&one, *format, *dialect).expect("a file");
        assert_eq!(bytes, write(&one, *format, *dialect).expect("a file"), "{format}");
        // What is stored is JSON, so that must lose nothing either.
        let stored = serde_json::to_vec(&one).expect("JSON");
        let read: FinalReport = serde_json::from_slice(&stored).expect("the document");
        assert_eq!(serde_json::to_vec(&read).expect("JSON"), stored);
        assert_eq!(bytes, write(&read, *format, *dialect).expect("a file"), "{format} of what was stored");
    }
}
