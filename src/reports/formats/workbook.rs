//! A report as a workbook: typed cells, the data of the charts, definitions and control totals.

use super::heading::{dated, facts, title};
use crate::platform::listing::Cell;
use crate::platform::workbook::{Sheet, SheetColumn, Workbook};
use crate::reports::document::FinalReport;
use crate::reports::rows::{COLUMNS, cell, charts, figures, plan, texts};
use crate::reports::wording::unit;

/// The sheets of a report.
pub fn workbook(report: &FinalReport) -> Workbook {
    Workbook {
        title: title(report),
        company: report.edition.institution.clone(),
        made_at: dated(report),
        sheets: vec![
            about(report),
            of_rows("Wskaźniki", figures(report)),
            of_rows("Plan i wykonanie", plan(report)),
            of_rows("Wykresy", charts(report)),
            of_rows("Zdarzenia i uwagi", texts(report)),
            definitions(report),
            control_totals(report),
        ],
    }
}

fn of_rows(name: &'static str, rows: Vec<Vec<Cell>>) -> Sheet {
    let columns = COLUMNS.iter().map(|column| SheetColumn::new(&*column.head, column.width.into())).collect();
    Sheet { name, columns, rows, totals: None }
}

/// What the report is, and what the columns of the other sheets mean.
fn about(report: &FinalReport) -> Sheet {
    let told = facts(report).into_iter().map(|(name, value)| vec![Cell::text(name), Cell::text(value)]);
    let meanings = COLUMNS.iter().map(|column| vec![Cell::text(&column.head), Cell::text(column.meaning)]);
    Sheet {
        name: "Opis",
        columns: vec![SheetColumn::new("Pozycja", 30.0), SheetColumn::new("Znaczenie", 90.0)],
        rows: told.chain(meanings).collect(),
        totals: None,
    }
}

fn definitions(report: &FinalReport) -> Sheet {
    let row = |line: &crate::reports::document::DefinitionLine| {
        vec![
            Cell::text(&line.id),
            Cell::Whole(line.version.into()),
            Cell::text(&line.name),
            Cell::text(&line.description),
            Cell::text(&line.source),
            Cell::text(&line.rules),
        ]
    };
    let heads = [("Wskaźnik", 30.0), ("Wersja", 8.0), ("Nazwa", 40.0), ("Co liczy", 80.0), ("Podstawa", 50.0), ("Reguły", 50.0)];
    Sheet {
        name: "Definicje",
        columns: heads.map(|(head, width)| SheetColumn::new(head, width)).into(),
        rows: report.definitions.iter().map(row).collect(),
        totals: None,
    }
}

fn control_totals(report: &FinalReport) -> Sheet {
    let row = |control: &crate::reports::document::Control| {
        vec![
            Cell::text(&control.label),
            Cell::text(unit(control.unit)),
            cell(Some(control.whole), Some(control.unit)),
            cell(Some(control.sum), Some(control.unit)),
            Cell::text(if control.agrees { "tak" } else { "nie" }),
        ]
    };
    let count = |number: usize| Cell::Whole(i64::try_from(number).unwrap_or(i64::MAX));
    let all = report.figures().count();
    let known = report.figures().filter(|figure| figure.value.is_some()).count();
    let counts = [("Wskaźniki ogółem", all), ("Wskaźniki z wartością", known), ("Wskaźniki bez wartości", all - known)];
    let counts = counts.map(|(label, number)| vec![Cell::text(label), Cell::text("wskaźniki"), count(number)]);
    let heads = [("Suma kontrolna", 60.0), ("Jednostka", 20.0), ("Całość", 16.0), ("Suma części", 16.0), ("Zgodne", 10.0)];
    Sheet {
        name: "Sumy kontrolne",
        columns: heads.map(|(head, width)| SheetColumn::new(head, width)).into(),
        rows: report.controls.iter().map(row).chain(counts).collect(),
        totals: None,
    }
}
