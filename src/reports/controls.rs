//! Control totals: parts that must add up to their whole, compared when the report is composed.

use rust_decimal::Decimal;

use super::amount::Amount;
use super::document::{Chart, ChartCode, Control, ReportFigure};
use crate::outcomes::figures::definition::Unit;

/// Figures whose groups are a partition, and by what.
const PARTITIONS: &[(&str, &str, &str)] = &[
    ("M-01", "sex", "Kandydaci według płci"),
    ("M-01", "ageBand", "Kandydaci według wieku"),
    ("M-06", "sex", "Objęci programem według płci"),
    ("M-27.structure", "sex", "Uczestnicy według płci"),
    ("M-27.structure", "age", "Uczestnicy według wieku"),
    ("M-14.delivery_hours", "block", "Godziny prowadzących według bloków"),
    ("M-14.delivery_hours", "isoWeek", "Godziny prowadzących według tygodni"),
    ("M-14.person_hours", "block", "Osobogodziny według bloków"),
    ("M-15.psu_hours", "month", "Godziny prac społecznie użytecznych według miesięcy"),
    ("M-16.benefit", "month", "Świadczenia według miesięcy"),
    ("M-16.benefit", "source", "Świadczenia według źródeł: refundacja i udział gminy"),
    ("M-25.cost_planned", "source", "Koszty planowane według źródeł"),
    ("M-25.cost_spent", "source", "Koszty poniesione według źródeł"),
    ("M-25.cost_spent", "kind", "Koszty poniesione według rodzajów"),
];
const ATTENDANCE_RATE: &str = "M-13.attendance_rate";

/// The control totals of some figures and charts; what has no value has nothing to compare.
pub fn controls(figures: &[ReportFigure], charts: &[Chart]) -> Vec<Control> {
    let partitions = PARTITIONS.iter().filter_map(|(id, by, label)| partition(figures, id, by, label));
    partitions.chain(attendance(figures, charts)).collect()
}

fn control(label: &str, unit: Unit, whole: Amount, sum: Decimal) -> Control {
    let sum = match whole {
        Amount::Whole(_) => i64::try_from(sum).map_or(Amount::Exact(sum), Amount::Whole),
        Amount::Exact(_) => Amount::Exact(sum),
    };
    Control { label: label.to_owned(), unit, whole, sum, agrees: whole.decimal() == sum.decimal() }
}

fn partition(figures: &[ReportFigure], id: &str, by: &str, label: &str) -> Option<Control> {
    let figure = figures.iter().find(|figure| figure.definition_id == id)?;
    let whole = figure.value?;
    let breakdown = figure.breakdowns.iter().find(|breakdown| breakdown.by == by)?;
    // Where the groups of some are not known, only all of them together are.
    let values: Option<Vec<Decimal>> = breakdown.groups.iter().map(|group| group.value.map(Amount::decimal)).collect();
    Some(control(label, figure.unit, whole, values?.into_iter().sum()))
}

/// The weeks of the chart beside both parts of the rate.
fn attendance(figures: &[ReportFigure], charts: &[Chart]) -> Vec<Control> {
    let rate = figures.iter().find(|figure| figure.definition_id == ATTENDANCE_RATE);
    let weeks = charts.iter().find(|chart| chart.code == ChartCode::Attendance && !chart.rows.is_empty());
    let (Some(rate), Some(weeks)) = (rate, weeks) else { return Vec::new() };
    let column =
        |place: usize| weeks.rows.iter().filter_map(move |row| row.values.get(place).copied().flatten()).map(Amount::decimal);
    let parts = [("Godziny obecności według tygodni", rate.numerator, 0), ("Godziny zajęć według tygodni", rate.denominator, 1)];
    let compared =
        |(label, whole, place): (&str, Option<Amount>, usize)| Some(control(label, Unit::Hour, whole?, column(place).sum()));
    parts.into_iter().filter_map(compared).collect()
}
