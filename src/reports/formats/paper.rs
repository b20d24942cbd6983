//! A report on paper: the same tables and charts as on the page.

use super::charts::drawing;
use super::heading::{dated, facts, in_short, parts, remarks, source, title, value};
use crate::outcomes::figures::definition::Unit;
use crate::outcomes::figures::verdict::Status;
use crate::platform::paper::{Block, Column, Orientation, Paper, Table};
use crate::reports::document::{Chart, FinalReport, PlanLine, ReportBreakdown, ReportFigure, ReportGroup, Section, TextLine};
use crate::reports::rows::spelled;
use crate::reports::sections::SectionCode;
use crate::reports::wording::polish_day;

/// Who signs a final report.
const SIGNATURES: [&str; 3] = ["sporządził", "główny księgowy", "kierownik jednostki"];

/// The report for print.
pub fn paper(report: &FinalReport) -> Paper {
    let mut blocks = vec![Block::Facts(facts(report)), Block::Heading("W skrócie".to_owned())];
    blocks.push(Block::Facts(in_short(report).map(|figure| (figure.name.clone(), value(figure))).collect()));
    blocks.push(Block::Heading("Plan i wykonanie".to_owned()));
    blocks.push(plan(&report.plan_and_actual));
    blocks.extend(charts(report, SectionCode::Plan));
    if !report.plan_revisions.is_empty() {
        blocks.push(revisions(report));
    }
    for section in &report.sections {
        blocks.extend(of_section(report, section));
    }
    blocks.extend(events(report));
    blocks.extend(texts("Ostrzeżenia", &report.warnings));
    if !report.overrides.is_empty() {
        blocks.push(Block::Heading("Odstępstwa przy przyjęciu".to_owned()));
        let row = |one: &crate::reports::document::OverrideLine| vec![one.reason.clone(), one.count.to_string()];
        let columns = vec![Column::words("Powód", 6.0), Column::figures("Liczba", 1.0)];
        blocks.push(table(columns, report.overrides.iter().map(row).collect()));
    }
    blocks.extend(texts("Uwagi", &report.notes));
    blocks.push(Block::Signatures(SIGNATURES.map(str::to_owned).into()));
    Paper {
        title: title(report),
        issuer: report.edition.institution.iter().cloned().collect(),
        source: source(report),
        made_at: dated(report),
        orientation: Orientation::Portrait,
        blocks,
    }
}

fn table(columns: Vec<Column>, rows: Vec<Vec<String>>) -> Block {
    Block::Table(Table { columns, rows, total: None, row_height: 0.0 })
}

fn plan(lines: &[PlanLine]) -> Block {
    let row = |line: &PlanLine| {
        vec![
            line.label.clone(),
            spelled(line.planned, line.unit, line.status),
            spelled(line.actual, line.unit, line.status),
            spelled(line.ratio, Unit::Ratio, line.status),
        ]
    };
    let columns = vec![
        Column::words("Co zaplanowano", 4.0),
        Column::figures("Plan", 1.5),
        Column::figures("Wykonanie", 1.5),
        Column::figures("Wykonanie planu", 1.5),
    ];
    table(columns, lines.iter().map(row).collect())
}

fn revisions(report: &FinalReport) -> Block {
    let row = |line: &crate::reports::document::PlanRevisionLine| {
        vec![
            line.number.to_string(),
            polish_day(line.effective_on),
            line.places.to_string(),
            line.planned_cost.map(|cost| cost.spelled(Unit::Zloty)).unwrap_or_default(),
            line.reason.clone().unwrap_or_default(),
        ]
    };
    let columns = vec![
        Column::figures("Wersja planu", 1.0),
        Column::words("Od dnia", 1.2),
        Column::figures("Miejsca", 1.0),
        Column::figures("Koszt", 1.4),
        Column::words("Powód", 4.0),
    ];
    table(columns, report.plan_revisions.iter().map(row).collect())
}

fn of_section(report: &FinalReport, section: &Section) -> Vec<Block> {
    let row = |figure: &ReportFigure| {
        vec![format!("{} ({})", figure.name, figure.definition_id), value(figure), parts(figure), remarks(figure).join("; ")]
    };
    let columns = vec![
        Column::words("Wskaźnik", 4.0),
        Column::figures("Wartość", 1.8),
        Column::figures("Licznik / mianownik", 1.8),
        Column::words("Uwagi", 3.0),
    ];
    let mut blocks = vec![Block::Heading(section.title.clone()), table(columns, section.figures.iter().map(row).collect())];
    for figure in &section.figures {
        blocks.extend(figure.breakdowns.iter().map(|breakdown| groups(figure, breakdown)));
    }
    // The chart of the plan stands beside the comparison above.
    if section.code != SectionCode::Plan {
        blocks.extend(charts(report, section.code));
    }
    blocks
}

/// A breakdown as one line of text: most have few groups.
fn groups(figure: &ReportFigure, breakdown: &ReportBreakdown) -> Block {
    let told = |group: &ReportGroup| {
        let details = group.details.iter().map(|detail| format!("{} {}", detail.label, detail.value.plain_polish()));
        let details: Vec<String> = details.collect();
        let besides = if details.is_empty() { String::new() } else { format!(" ({})", details.join(", ")) };
        format!("{}: {}{besides}", group.label, spelled(group.value, group.unit, group.status))
    };
    let all: Vec<String> = breakdown.groups.iter().map(told).collect();
    Block::Text(format!("{}, {}: {}", figure.name, breakdown.label, all.join("; ")))
}

fn charts(report: &FinalReport, section: SectionCode) -> Vec<Block> {
    report.charts.iter().filter(|chart| chart.section == section).flat_map(chart).collect()
}

fn chart(chart: &Chart) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(chart.title.clone())];
    if !chart.rows.is_empty() {
        blocks.push(Block::Drawing(drawing(chart), chart.summary.clone()));
    }
    blocks.push(Block::Text(chart.summary.clone()));
    if !chart.rows.is_empty() {
        let heads = chart.columns.iter().map(|column| Column::figures(column.head.clone(), 1.5));
        let columns = [Column::words(chart.head.clone(), 3.0)].into_iter().chain(heads).collect();
        let cells = |row: &crate::reports::document::ChartRow| {
            let numbers = chart.columns.iter().zip(&row.values);
            let numbers = numbers.map(|(column, value)| spelled(*value, column.unit, Status::NotCollected));
            [row.label.clone()].into_iter().chain(numbers).collect()
        };
        blocks.push(table(columns, chart.rows.iter().map(cells).collect()));
    }
    blocks
}

fn events(report: &FinalReport) -> Vec<Block> {
    if report.events.is_empty() {
        return Vec::new();
    }
    let row = |event: &crate::reports::document::EventLine| vec![event.when.clone(), event.what.clone(), event.text.clone()];
    let columns = vec![Column::words("Kiedy", 1.5), Column::words("Co", 2.5), Column::words("Opis", 6.0)];
    vec![Block::Heading("Zdarzenia".to_owned()), table(columns, report.events.iter().map(row).collect())]
}

fn texts(heading: &str, lines: &[TextLine]) -> Vec<Block> {
    if lines.is_empty() {
        return Vec::new();
    }
    let told = lines.iter().map(|line| Block::Text(format!("{}. {}", line.heading, line.text)));
    [Block::Heading(heading.to_owned())].into_iter().chain(told).collect()
}
