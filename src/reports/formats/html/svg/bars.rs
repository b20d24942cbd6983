//! Lying bars: the funnel of recruitment, and what came of the plan in per cent.

use super::{WIDTH, bar, counted, greatest, label, line, number, text, tick_step, ticks};
use crate::outcomes::figures::verdict::Status;
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
pub fn funnel(chart: &Chart) -> (f64, String) {
    const LEFT: f64 = 150.0;
    let most = greatest(chart.rows.iter().map(|row| number(row, 0)), 1.0);
    let room = WIDTH - LEFT - WORDS;
    let marks = chart.rows.iter().enumerate().map(|(place, row)| {
        let middle = counted(place) * ROW + ROW / 2.0;
        let width = number(row, 0) / most * room;
        label(LEFT - 10.0, middle, &row.label, 20)
            + &bar((LEFT, middle - BAR / 2.0), (room, BAR), "back")
            + &bar((LEFT, middle - BAR / 2.0), (width, BAR), "bar")
            + &text((LEFT + room + 8.0, middle + 4.5), "start", "", &words(chart, row))
    });
    (counted(chart.rows.len()) * ROW, marks.collect())
}

/// Shares of the plan, with a mark where all of it is reached.
pub fn shares(chart: &Chart) -> (f64, String) {
    const LEFT: f64 = 260.0;
    const ALL: f64 = 100.0;
    let most = greatest(chart.rows.iter().map(|row| number(row, 0) * ALL), ALL) * 1.02;
    let room = WIDTH - LEFT - WORDS;
    let bottom = counted(chart.rows.len()) * ROW + 4.0;
    let at = |share: f64| LEFT + share / most * room;
    let grid = ticks(0.0, most, tick_step(most, 6.0)).map(|share| {
        line((at(share), 0.0), (at(share), bottom), "grid")
            + &text((at(share), bottom + 16.0), "middle", "tick", &format!("{share:.0}\u{a0}%"))
    });
    let rows = chart.rows.iter().enumerate().map(|(place, row)| {
        let middle = counted(place) * ROW + ROW / 2.0;
        let share = number(row, 0) * ALL;
        label(LEFT - 10.0, middle, &row.label, 34)
            + &bar((LEFT, middle - BAR / 2.0), (at(share) - LEFT, BAR), "bar")
            + &text((at(share).max(at(ALL)) + 8.0, middle + 4.5), "start", "", &words(chart, row))
    });
    let marks = grid.chain(rows).collect::<String>() + &line((at(ALL), 0.0), (at(ALL), bottom), "plan");
    (bottom + 24.0, marks)
}
