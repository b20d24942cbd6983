//! Lying bars: the funnel of recruitment, and what came of the plan in per cent.

use super::{WIDTH, bar, counted, greatest, label, line, number, text, tick, tick_step, ticks};
use crate::outcomes::figures::verdict::Status;
use crate::platform::drawing::{Anchor, Look, Mark};
use crate::reports::document::{Chart, ChartRow};
use crate::reports::rows::spelled;

const ROW: f64 = 38.0;
const BAR: f64 = 22.0;
/// Room for the words beside a bar.
const WORDS: f64 = 90.0;

fn words(chart: &Chart, row: &ChartRow) -> String {
    let value = row.values.first().copied().flatten();
    chart.columns.first().map(|column| spelled(value, column.unit, Status::NotCollected)).unwrap_or_default()
}

/// How many came at least so far, stage below stage.
pub fn funnel(chart: &Chart) -> (f64, Vec<Mark>) {
    const LEFT: f64 = 150.0;
    let most = greatest(chart.rows.iter().map(|row| number(row, 0)), 1.0);
    let room = WIDTH - LEFT - WORDS;
    let mut marks = Vec::new();
    for (place, row) in chart.rows.iter().enumerate() {
        let middle = counted(place) * ROW + ROW / 2.0;
        let width = number(row, 0) / most * room;
        marks.extend(label(LEFT - 10.0, middle, &row.label, 20));
        marks.push(bar((LEFT, middle - BAR / 2.0), (room, BAR), Look::Back));
        marks.push(bar((LEFT, middle - BAR / 2.0), (width, BAR), Look::Bar));
        marks.push(text((LEFT + room + 8.0, middle + 4.5), Anchor::Start, words(chart, row)));
    }
    (counted(chart.rows.len()) * ROW, marks)
}

/// Shares of the plan, with a mark where all of it is reached.
pub fn shares(chart: &Chart) -> (f64, Vec<Mark>) {
    const LEFT: f64 = 260.0;
    const ALL: f64 = 100.0;
    let most = greatest(chart.rows.iter().map(|row| number(row, 0) * ALL), ALL) * 1.02;
    let room = WIDTH - LEFT - WORDS;
    let bottom = counted(chart.rows.len()) * ROW + 4.0;
    let at = |share: f64| LEFT + share / most * room;
    let mut marks = Vec::new();
    for share in ticks(0.0, most, tick_step(most, 6.0)) {
        marks.push(line((at(share), 0.0), (at(share), bottom), Look::Grid));
        marks.push(tick((at(share), bottom + 16.0), Anchor::Middle, format!("{share:.0}\u{a0}%")));
    }
    for (place, row) in chart.rows.iter().enumerate() {
        let middle = counted(place) * ROW + ROW / 2.0;
        let share = number(row, 0) * ALL;
        marks.extend(label(LEFT - 10.0, middle, &row.label, 34));
        marks.push(bar((LEFT, middle - BAR / 2.0), (at(share) - LEFT, BAR), Look::Bar));
        marks.push(text((at(share).max(at(ALL)) + 8.0, middle + 4.5), Anchor::Start, words(chart, row)));
    }
    marks.push(line((at(ALL), 0.0), (at(ALL), bottom), Look::Plan));
    (bottom + 24.0, marks)
}
