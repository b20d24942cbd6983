//! Pairs of means: before and after, a line between them.

use super::{WIDTH, counted, greatest, label, line, number, text, tick, tick_step, ticks};
use crate::platform::drawing::{Anchor, Look, Mark, Place};
use crate::reports::amount::Amount;
use crate::reports::document::{Chart, ChartRow};

const LEFT: f64 = 230.0;
const RIGHT: f64 = 46.0;
const TOP: f64 = 34.0;
const ROW: f64 = 40.0;
const DOT: f64 = 6.5;

/// The first two numbers of each row on one scale.
pub fn pairs(chart: &Chart) -> (f64, Vec<Mark>) {
    let numbers = || chart.rows.iter().flat_map(|row| [number(row, 0), number(row, 1)]);
    // Of no rows there is an empty scale.
    let least = numbers().reduce(f64::min).unwrap_or_default().floor();
    let most = greatest(numbers(), least + 1.0).ceil();
    let step = tick_step(most - least, 8.0);
    let across = |number: f64| LEFT + (number - least) / (most - least) * (WIDTH - LEFT - RIGHT);
    let bottom = TOP + counted(chart.rows.len()) * ROW;
    let mut marks = Vec::new();
    for value in ticks(least, most, step) {
        marks.push(line((across(value), TOP), (across(value), bottom), Look::Grid));
        marks.push(tick((across(value), bottom + 17.0), Anchor::Middle, format!("{value:.0}")));
    }
    for (place, row) in chart.rows.iter().enumerate() {
        let middle = TOP + (counted(place) + 0.5) * ROW;
        marks.extend(label(LEFT - 50.0, middle, &row.label, 26));
        marks.extend(pair(row, middle, &across));
    }
    marks.extend(legend());
    (bottom + 26.0, marks)
}

/// Both dots of a row; each number stands on the outer side of its dot.
fn pair(row: &ChartRow, middle: f64, across: &dyn Fn(f64) -> f64) -> [Mark; 5] {
    let (before, after) = (across(number(row, 0)), across(number(row, 1)));
    let left = |x: f64, place: usize| text((x - DOT - 5.0, middle + 4.5), Anchor::End, told(row, place));
    let right = |x: f64, place: usize| text((x + DOT + 5.0, middle + 4.5), Anchor::Start, told(row, place));
    let [first, second] = if before <= after { [left(before, 0), right(after, 1)] } else { [right(before, 0), left(after, 1)] };
    [
        line((before, middle), (after, middle), Look::Span),
        dot((after, middle), Look::After),
        dot((before, middle), Look::Before),
        first,
        second,
    ]
}

fn told(row: &ChartRow, place: usize) -> String {
    row.values.get(place).copied().flatten().map(Amount::plain_polish).unwrap_or_default()
}

fn dot(at: Place, look: Look) -> Mark {
    Mark::Dot { at, radius: DOT, look }
}

fn legend() -> [Mark; 4] {
    let words = |x: f64, words: &str| text((x + 14.0, 18.5), Anchor::Start, words);
    let (before, after) = (LEFT + 8.0, LEFT + 170.0);
    [
        dot((before, 14.0), Look::Before),
        words(before, "przed programem"),
        dot((after, 14.0), Look::After),
        words(after, "po programie"),
    ]
}
