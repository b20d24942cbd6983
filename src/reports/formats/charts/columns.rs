//! Standing columns: attendance by week, in per cent.

use super::{WIDTH, bar, counted, line, number, text, tick};
use crate::outcomes::figures::definition::Unit;
use crate::platform::drawing::{Anchor, Look, Mark};
use crate::reports::document::{Chart, ChartRow};

const LEFT: f64 = 52.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 230.0;
const HEIGHT: f64 = 262.0;
const WIDEST: f64 = 54.0;
/// Room that a label needs.
const LABEL: f64 = 58.0;
/// Column of the share.
const SHARE: usize = 2;

/// The share of each row.
pub fn columns(chart: &Chart) -> (f64, Vec<Mark>) {
    let up = |share: f64| BOTTOM - share * (BOTTOM - TOP);
    let count = chart.rows.len().max(1);
    let room = (WIDTH - LEFT - RIGHT) / counted(count);
    let width = (room * 0.68).min(WIDEST);
    // Where columns are narrow, only some of them are labelled; the table has all.
    let every = (1..count).find(|every| counted(*every) * room >= LABEL).unwrap_or(count);
    let mut marks = Vec::new();
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let look = if share > 0.0 { Look::Grid } else { Look::Axis };
        marks.push(line((LEFT, up(share)), (WIDTH - RIGHT, up(share)), look));
        marks.push(tick((LEFT - 8.0, up(share) + 4.0), Anchor::End, format!("{:.0}\u{a0}%", share * 100.0)));
    }
    for (place, row) in chart.rows.iter().enumerate() {
        let middle = LEFT + (counted(place) + 0.5) * room;
        let share = number(row, SHARE);
        marks.push(bar((middle - width / 2.0, up(share)), (width, BOTTOM - up(share)), Look::Bar));
        if place % every == 0 {
            marks.extend(labels(row, middle, up(share)));
        }
    }
    (HEIGHT, marks)
}

/// The share above a column, the week below it.
fn labels(row: &ChartRow, middle: f64, top: f64) -> [Mark; 3] {
    let share = row.values.get(SHARE).copied().flatten().map(|share| share.spelled(Unit::Ratio)).unwrap_or_default();
    let (year, week) = row.key.split_once("-W").unwrap_or(("", &row.key));
    [
        text((middle, top - 6.0), Anchor::Middle, share),
        tick((middle, BOTTOM + 16.0), Anchor::Middle, format!("tydz. {}", week.trim_start_matches('0'))),
        tick((middle, BOTTOM + 30.0), Anchor::Middle, year),
    ]
}
