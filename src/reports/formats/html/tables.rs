//! The tables of the page.

use super::marks::{each, escaped, plain, records, value};
use crate::outcomes::figures::definition::Unit;
use crate::outcomes::figures::verdict::Status;
use crate::reports::document::{
    Chart, ChartRow, Control, DefinitionLine, EventLine, OverrideLine, PlanLine, PlanRevisionLine, ReportBreakdown, ReportFigure,
    ReportGroup, Section,
};
use crate::reports::formats::heading::remarks;
use crate::reports::wording::{polish_day, unit};

/// A column: its head, and whether it holds numbers.
type Head<'h> = (&'h str, bool);

/// A table under its caption. Whoever uses the keyboard can reach it to scroll it sideways on a narrow screen.
fn table(caption: &str, heads: &[Head], rows: &str) -> String {
    let heads = each(heads, |(head, number)| {
        format!("<th scope=\"col\"{}>{}</th>", if *number { " class=\"n\"" } else { "" }, escaped(head))
    });
    let caption = escaped(caption);
    format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"Tabela: {caption}\" tabindex=\"0\"><table><caption>{caption}</caption>\
         <thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
}

fn row(head: &str, cells: &[(String, bool)]) -> String {
    let cells = each(cells, |(cell, number)| format!("<td{}>{cell}</td>", if *number { " class=\"n\"" } else { "" }));
    format!("<tr><th scope=\"row\">{head}</th>{cells}</tr>")
}

/// What was planned beside what came of it.
pub fn plan(lines: &[PlanLine]) -> String {
    let rows = each(lines, |line| {
        let cells = [
            (value(line.planned, line.unit, line.status), true),
            (value(line.actual, line.unit, line.status), true),
            (value(line.ratio, Unit::Ratio, line.status), true),
            (records(&line.records, &line.label), false),
        ];
        row(&escaped(&line.label), &cells)
    });
    let heads = [("Co zaplanowano", false), ("Plan", true), ("Wykonanie", true), ("Wykonanie planu", true), ("Rekordy", false)];
    table("Plan i wykonanie", &heads, &rows)
}

/// Revisions of the plan.
pub fn revisions(lines: &[PlanRevisionLine]) -> String {
    let rows = each(lines, |line| {
        let cost = line.planned_cost.map(|cost| value(Some(cost), Unit::Zloty, Status::Ok)).unwrap_or_default();
        let cells = [
            (polish_day(line.effective_on), false),
            (line.places.to_string(), true),
            (cost, true),
            (line.reason.as_deref().map(escaped).unwrap_or_default(), false),
        ];
        row(&line.number.to_string(), &cells)
    });
    let heads = [("Wersja", false), ("Od dnia", false), ("Miejsca", true), ("Koszt", true), ("Powód", false)];
    table("Wersje planu", &heads, &rows)
}

/// The figures of a section, and below them their groups.
pub fn figures(section: &Section) -> String {
    let rows = each(&section.figures, |figure| {
        let name = format!("{} <span class=\"id\">{}</span>", escaped(&figure.name), escaped(&figure.definition_id));
        let remarks = remarks(figure);
        let remarks = match remarks.as_slice() {
            [] => String::new(),
            [one] => escaped(one),
            several => format!("<ul class=\"notes\">{}</ul>", each(several, |remark| format!("<li>{}</li>", escaped(remark)))),
        };
        let parts = if figure.denominator.is_some() {
            format!("{} / {}", plain(figure.numerator), plain(figure.denominator))
        } else {
            String::new()
        };
        let cells = [
            (value(figure.value, figure.unit, figure.status), true),
            (escaped(unit(figure.unit)), false),
            (parts, true),
            (remarks, false),
            (records(&figure.records, &figure.name), false),
        ];
        row(&name, &cells)
    });
    let heads = [
        ("Wskaźnik", false),
        ("Wartość", true),
        ("Jednostka", false),
        ("Licznik / mianownik", true),
        ("Uwagi", false),
        ("Rekordy", false),
    ];
    format!("{}{}", table(&format!("Wskaźniki: {}", section.title), &heads, &rows), breakdowns(section))
}

fn breakdowns(section: &Section) -> String {
    let of = |figure: &ReportFigure| each(&figure.breakdowns, |breakdown| groups(figure, breakdown));
    let all = each(&section.figures, of);
    if all.is_empty() {
        return String::new();
    }
    format!("<h3>Wskaźniki w podziale: {}</h3><dl class=\"groups\">{all}</dl>", escaped(&section.title))
}

fn groups(figure: &ReportFigure, breakdown: &ReportBreakdown) -> String {
    let group = |group: &ReportGroup| {
        let details = each(&group.details, |detail| {
            format!("; {} <data value=\"{}\">{}</data>", escaped(&detail.label), detail.value, detail.value.plain_polish())
        });
        let name = match &group.records {
            Some(path) => format!("<a href=\"{}\">{}</a>", escaped(path), escaped(&group.label)),
            None => escaped(&group.label),
        };
        format!("<li>{name}: {}{details}</li>", value(group.value, group.unit, group.status))
    };
    format!(
        "<div><dt>{}: {}</dt><dd><ul>{}</ul></dd></div>",
        escaped(&figure.name),
        escaped(&breakdown.label),
        each(&breakdown.groups, group)
    )
}

/// The data of a chart.
pub fn chart_data(chart: &Chart) -> String {
    let cells = |line: &ChartRow| {
        let pairs = chart.columns.iter().zip(&line.values);
        pairs.map(|(column, number)| (value(*number, column.unit, Status::NotCollected), true)).collect::<Vec<_>>()
    };
    let rows = each(&chart.rows, |line| row(&escaped(&line.label), &cells(line)));
    let heads: Vec<Head> = [(chart.head.as_str(), false)]
        .into_iter()
        .chain(chart.columns.iter().map(|column| (column.head.as_str(), true)))
        .collect();
    table(&format!("Dane wykresu: {}", chart.title), &heads, &rows)
}

/// What happened.
pub fn events(lines: &[EventLine]) -> String {
    let rows = each(lines, |line| row(&escaped(&line.when), &[(escaped(&line.what), false), (escaped(&line.text), false)]));
    table("Zdarzenia według dni", &[("Kiedy", false), ("Co", false), ("Opis", false)], &rows)
}

/// Reasons of admissions over a rule.
pub fn overrides(lines: &[OverrideLine]) -> String {
    let rows = each(lines, |line| row(&escaped(&line.reason), &[(line.count.to_string(), true)]));
    table("Powody przyjęć mimo reguły", &[("Powód", false), ("Liczba", true)], &rows)
}

/// Sums that must agree.
pub fn controls(lines: &[Control]) -> String {
    let rows = each(lines, |line| {
        let cells = [
            (value(Some(line.whole), line.unit, Status::Ok), true),
            (value(Some(line.sum), line.unit, Status::Ok), true),
            (if line.agrees { "tak" } else { "nie" }.to_owned(), false),
        ];
        row(&escaped(&line.label), &cells)
    });
    let heads = [("Co się porównuje", false), ("Całość", true), ("Suma części", true), ("Zgodne", false)];
    table("Sumy, które muszą się zgadzać", &heads, &rows)
}

/// What each figure counts.
pub fn definitions(lines: &[DefinitionLine]) -> String {
    let rows = each(lines, |line| {
        let cells = [
            (line.version.to_string(), true),
            (escaped(&line.name), false),
            (escaped(&line.description), false),
            (escaped(&line.source), false),
        ];
        row(&escaped(&line.id), &cells)
    });
    let heads = [("Wskaźnik", false), ("Wersja", true), ("Nazwa", false), ("Co liczy", false), ("Podstawa", false)];
    table("Definicje wskaźników", &heads, &rows)
}
