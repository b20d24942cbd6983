//! Standing columns: attendance by week, in per cent.

use super::{WIDTH, bar, counted, line, number, text};
use crate::outcomes::figures::definition::Unit;
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
pub fn columns(chart: &Chart) -> (f64, String) {
    let up = |share: f64| BOTTOM - share * (BOTTOM - TOP);
    let count = chart.rows.len().max(1);
    let room = (WIDTH - LEFT - RIGHT) / counted(count);
    let width = (room * 0.68).min(WIDEST);
    // Where columns are narrow, only some of them are labelled; the table has all.
    let every = (1..count).find(|every| counted(*every) * room >= LABEL).unwrap_or(count);
    let grid = [0.0, 0.25, 0.5, 0.75, 1.0].map(|share: f64| {
        line((LEFT, up(share)), (WIDTH - RIGHT, up(share)), if share > 0.0 { "grid" } else { "axis" })
            + &text((LEFT - 8.0, up(share) + 4.0), "end", "tick", &format!("{:.0}\u{a0}%", share * 100.0))
    });
    let of = |(place, row): (usize, &ChartRow)| {
        let middle = LEFT + (counted(place) + 0.5) * room;
        let share = number(row, SHARE);
        let column = bar((middle - width / 2.0, up(share)), (width, BOTTOM - up(share)), "bar");
        if place % every == 0 { column + &labels(row, middle, up(share)) } else { column }
    };
    (HEIGHT, grid.concat() + &chart.rows.iter().enumerate().map(of).collect::<String>())
}

/// The share above a column, the week below it.
fn labels(row: &ChartRow, middle: f64, top: f64) -> String {
    let share = row.values.get(SHARE).copied().flatten().map(|share| share.spelled(Unit::Ratio)).unwrap_or_default();
    let (year, week) = row.key.split_once("-W").unwrap_or(("", &row.key));
    text((middle, top - 6.0), "middle", "", &share)
        + &text((middle, BOTTOM + 16.0), "middle", "tick", &format!("tydz. {}", week.trim_start_matches('0')))
        + &text((middle, BOTTOM + 30.0), "middle", "tick", year)
}
