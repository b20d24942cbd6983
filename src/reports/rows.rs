//! A report as rows of typed cells: what CSV and the workbook write.

use super::amount::Amount;
use super::document::{Chart, FinalReport, PlanLine, ReportFigure, ReportGroup, TextLine};
use super::wording::{no_value, unit as unit_words};
use crate::outcomes::figures::definition::Unit;
use crate::outcomes::figures::verdict::Status;
use crate::platform::listing::{Cell, ListingColumn};
use crate::platform::types::{Money, SixPlaces};

/// The columns of all rows.
pub static COLUMNS: [ListingColumn; 15] = [
    ListingColumn::new("Część", 18.0, "Część sprawozdania."),
    ListingColumn::new("Wskaźnik", 24.0, "Numer definicji; zob. arkusz Definicje."),
    ListingColumn::new("Wersja", 8.0, "Wersja definicji."),
    ListingColumn::new("Nazwa", 40.0, "Nazwa wskaźnika, wykresu, zdarzenia albo uwagi."),
    ListingColumn::new("Podział", 18.0, "Czym różnią się grupy; puste dla całości."),
    ListingColumn::new("Grupa", 24.0, "Klucz grupy albo wiersza wykresu."),
    ListingColumn::new("Nazwa grupy", 34.0, "Nazwa grupy albo wiersza wykresu."),
    ListingColumn::new("Szczegół", 18.0, "Co jest podane; puste dla samej wartości."),
    ListingColumn::new("Wartość", 14.0, "Liczba dokładna; puste znaczy nieznane, nigdy zero."),
    ListingColumn::new("Zapis", 20.0, "Wartość tak, jak stoi na stronie i na papierze; tekst uwagi albo zdarzenia."),
    ListingColumn::new("Jednostka", 20.0, "Jednostka wartości; stosunek 0,5 to 50 %."),
    ListingColumn::new("Licznik", 12.0, "Część nad kreską albo liczba."),
    ListingColumn::new("Mianownik", 12.0, "Część pod kreską."),
    ListingColumn::new(
        "Stan",
        16.0,
        "Dlaczego jest wartość albo jej nie ma: ok, provisional, undefined, notCollected, notApplicable, suppressed.",
    ),
    ListingColumn::new("Rekordy", 40.0, "Ścieżka listy policzonych rekordów."),
];

/// A row before it becomes cells.
#[derive(Clone, Debug, Default)]
struct Row {
    part: String,
    definition: String,
    version: Option<u32>,
    name: String,
    by: String,
    key: String,
    label: String,
    detail: String,
    value: Option<Amount>,
    text: String,
    unit: Option<Unit>,
    numerator: Option<Amount>,
    denominator: Option<Amount>,
    status: Option<Status>,
    records: String,
}

/// A number as a typed cell; nothing where it is not known.
pub fn cell(amount: Option<Amount>, unit: Option<Unit>) -> Cell {
    match (amount, unit) {
        (None, _) => Cell::Empty,
        (Some(Amount::Whole(number)), _) => Cell::Whole(number),
        (Some(amount), _) if amount.is_fraction() => Cell::Exact(SixPlaces::half_up(amount.decimal()).decimal()),
        (Some(amount), Some(Unit::Zloty)) => Money::try_from(amount.decimal()).map_or_else(|_| Cell::text(amount), Cell::Money),
        (Some(amount), _) => Cell::Decimal(amount.decimal()),
    }
}

/// A value as readers see it, in words where there is none.
pub fn spelled(value: Option<Amount>, unit: Unit, status: Status) -> String {
    value.map_or_else(|| no_value(status).to_owned(), |value| value.spelled(unit))
}

impl Row {
    fn cells(self) -> Vec<Cell> {
        vec![
            Cell::text(self.part),
            Cell::text(self.definition),
            self.version.map_or(Cell::Empty, |version| Cell::Whole(version.into())),
            Cell::text(self.name),
            Cell::text(self.by),
            Cell::text(self.key),
            Cell::text(self.label),
            Cell::text(self.detail),
            cell(self.value, self.unit),
            Cell::text(self.text),
            self.unit.map_or(Cell::Empty, |unit| Cell::text(unit_words(unit))),
            cell(self.numerator, None),
            cell(self.denominator, None),
            self.status.map_or(Cell::Empty, Cell::text),
            Cell::text(self.records),
        ]
    }
}

/// Every row of a report, in its order.
pub fn all(report: &FinalReport) -> Vec<Vec<Cell>> {
    let mut rows = figures(report);
    rows.extend(plan(report));
    rows.extend(charts(report));
    rows.extend(texts(report));
    rows
}

/// The figures with their groups.
pub fn figures(report: &FinalReport) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    for section in &report.sections {
        for figure in &section.figures {
            rows.extend(of_figure(&section.title, figure).into_iter().map(Row::cells));
        }
    }
    rows
}

fn of_figure(part: &str, figure: &ReportFigure) -> Vec<Row> {
    let head = Row {
        part: part.to_owned(),
        definition: figure.definition_id.clone(),
        version: Some(figure.definition_version),
        name: figure.name.clone(),
        ..Row::default()
    };
    let mut rows = vec![Row {
        value: figure.value,
        text: spelled(figure.value, figure.unit, figure.status),
        unit: Some(figure.unit),
        numerator: figure.numerator,
        denominator: figure.denominator,
        status: Some(figure.status),
        records: figure.records.clone(),
        ..head.clone()
    }];
    rows.extend(figure.notes.iter().map(|note| Row {
        detail: note.code.to_string(),
        value: Some(Amount::Whole(note.count)),
        text: note.text.clone(),
        ..head.clone()
    }));
    for breakdown in &figure.breakdowns {
        let head = Row { by: breakdown.label.clone(), ..head.clone() };
        rows.extend(breakdown.groups.iter().flat_map(|group| of_group(&head, group)));
    }
    rows
}

fn of_group(head: &Row, group: &ReportGroup) -> Vec<Row> {
    let head = Row { key: group.key.clone(), label: group.label.clone(), ..head.clone() };
    let mut rows = vec![Row {
        value: group.value,
        text: spelled(group.value, group.unit, group.status),
        unit: Some(group.unit),
        numerator: group.numerator,
        denominator: group.denominator,
        status: Some(group.status),
        records: group.records.clone().unwrap_or_default(),
        ..head.clone()
    }];
    rows.extend(group.details.iter().map(|detail| Row {
        detail: detail.label.clone(),
        value: Some(detail.value),
        text: detail.value.plain_polish(),
        ..head.clone()
    }));
    rows
}

/// What was planned beside what came of it.
pub fn plan(report: &FinalReport) -> Vec<Vec<Cell>> {
    report.plan_and_actual.iter().flat_map(of_plan).map(Row::cells).collect()
}

fn of_plan(line: &PlanLine) -> [Row; 3] {
    let row = |detail: &str, value: Option<Amount>, unit: Unit| Row {
        part: "Plan i wykonanie".to_owned(),
        definition: line.definition_id.clone(),
        name: line.label.clone(),
        detail: detail.to_owned(),
        value,
        text: spelled(value, unit, line.status),
        unit: Some(unit),
        status: Some(line.status),
        records: line.records.clone(),
        ..Row::default()
    };
    [
        row("plan", line.planned, line.unit),
        row("wykonanie", line.actual, line.unit),
        row("wykonanie do planu", line.ratio, Unit::Ratio),
    ]
}

/// The data of the charts.
pub fn charts(report: &FinalReport) -> Vec<Vec<Cell>> {
    report.charts.iter().flat_map(of_chart).map(Row::cells).collect()
}

fn of_chart(chart: &Chart) -> Vec<Row> {
    let head = Row { part: "Wykresy".to_owned(), name: chart.title.clone(), ..Row::default() };
    let mut rows = vec![Row { detail: "opis".to_owned(), text: chart.summary.clone(), ..head.clone() }];
    for row in &chart.rows {
        rows.extend(chart.columns.iter().zip(&row.values).map(|(column, value)| Row {
            by: chart.head.clone(),
            key: row.key.clone(),
            label: row.label.clone(),
            detail: column.head.clone(),
            value: *value,
            text: spelled(*value, column.unit, Status::NotCollected),
            unit: Some(column.unit),
            ..head.clone()
        }));
    }
    rows
}

/// Revisions of the plan, events, warnings, overrides and notes.
pub fn texts(report: &FinalReport) -> Vec<Vec<Cell>> {
    let row = |part: &str, name: &str, label: String, text: &str| Row {
        part: part.to_owned(),
        name: name.to_owned(),
        label,
        text: text.to_owned(),
        ..Row::default()
    };
    let named = |part: &'static str| move |line: &TextLine| row(part, &line.heading, String::new(), &line.text);
    let revisions = report.plan_revisions.iter().map(|revision| Row {
        part: "Wersje planu".to_owned(),
        name: format!("wersja {}", revision.number),
        label: super::wording::polish_day(revision.effective_on),
        value: Some(Amount::Whole(revision.places.into())),
        unit: Some(Unit::Place),
        numerator: revision.planned_cost,
        text: revision.reason.clone().unwrap_or_default(),
        ..Row::default()
    });
    let events = report.events.iter().map(|event| row("Zdarzenia", &event.what, event.when.clone(), &event.text));
    let overrides = report.overrides.iter().map(|one| Row {
        part: "Odstępstwa przy przyjęciu".to_owned(),
        value: Some(Amount::Whole(one.count)),
        text: one.reason.clone(),
        ..Row::default()
    });
    let warnings = report.warnings.iter().map(named("Ostrzeżenia"));
    let notes = report.notes.iter().map(named("Uwagi"));
    revisions.chain(events).chain(warnings).chain(overrides).chain(notes).map(Row::cells).collect()
}
