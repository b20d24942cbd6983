//! Pairs of means: before and after, a line between them.

use super::{WIDTH, counted, greatest, label, line, number, text, tick_step, ticks};
use crate::reports::document::{Chart, ChartRow};

const LEFT: f64 = 230.0;
const RIGHT: f64 = 46.0;
const TOP: f64 = 34.0;
const ROW: f64 = 40.0;
const DOT: f64 = 6.5;

/// The first two numbers of each row on one scale.
pub fn pairs(chart: &Chart) -> (f64, String) {
    let numbers = || chart.rows.iter().flat_map(|row| [number(row, 0), number(row, 1)]);
    // Of no rows there is an empty scale.
    let least = numbers().reduce(f64::min).unwrap_or_default().floor();
    let most = greatest(numbers(), least + 1.0).ceil();
    let step = tick_step(most - least, 8.0);
    let across = |number: f64| LEFT + (number - least) / (most - least) * (WIDTH - LEFT - RIGHT);
    let bottom = TOP + counted(chart.rows.len()) * ROW;
    let grid = ticks(least, most, step).map(|tick| {
        line((across(tick), TOP), (across(tick), bottom), "grid")
            + &text((across(tick), bottom + 17.0), "middle", "tick", &format!("{tick:.0}"))
    });
    let of = |(place, row): (usize, &ChartRow)| {
        let middle = TOP + (counted(place) + 0.5) * ROW;
        let (before, after) = (across(number(row, 0)), across(number(row, 1)));
        // Each number stands on the outer side of its dot.
        let left = |x: f64, place: usize| text((x - DOT - 5.0, middle + 4.5), "end", "", &told(row, place));
        let right = |x: f64, place: usize| text((x + DOT + 5.0, middle + 4.5), "start", "", &told(row, place));
        let words = if before <= after { left(before, 0) + &right(after, 1) } else { right(before, 0) + &left(after, 1) };
        label(LEFT - 50.0, middle, &row.label, 26)
            + &line((before, middle), (after, middle), "span")
            + &dot((after, middle), "after")
            + &dot((before, middle), "before")
            + &words
    };
    let marks = grid.chain(chart.rows.iter().enumerate().map(of)).collect::<String>() + &legend();
    (bottom + 26.0, marks)
}

fn told(row: &ChartRow, place: usize) -> String {
    row.values.get(place).copied().flatten().map(crate::reports::amount::Amount::plain_polish).unwrap_or_default()
}

fn dot((x, y): (f64, f64), class: &str) -> String {
    format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{DOT:.1}\" class=\"{class}\"/>")
}

fn legend() -> String {
    let place = |x: f64, class: &str, words: &str| dot((x, 14.0), class) + &text((x + 14.0, 18.5), "start", "", words);
    place(LEFT + 8.0, "before", "przed programem") + &place(LEFT + 170.0, "after", "po programie")
}
