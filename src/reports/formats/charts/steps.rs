//! Steps over time: taken places beside planned ones.

use chrono::{Datelike as _, NaiveDate};

use super::{WIDTH, greatest, line, number, text, tick, tick_step, ticks};
use crate::platform::drawing::{Anchor, Look, Mark, Place};
use crate::reports::document::Chart;

const LEFT: f64 = 40.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 270.0;
const HEIGHT: f64 = 300.0;
/// Least room between two days on the axis.
const APART: f64 = 74.0;

/// Both numbers as steps, from the first day to the end of the last.
pub fn steps(chart: &Chart) -> (f64, Vec<Mark>) {
    let days: Vec<NaiveDate> = chart.rows.iter().filter_map(|row| row.key.parse().ok()).collect();
    let (Some(first), Some(last)) = (days.first().copied(), days.last().copied()) else { return (HEIGHT, Vec::new()) };
    let length = |day: NaiveDate| f64::from(i32::try_from((day - first).num_days()).unwrap_or(i32::MAX));
    let whole = length(last) + 1.0;
    let across = |days: f64| LEFT + days / whole * (WIDTH - LEFT - RIGHT);
    let most = greatest(chart.rows.iter().flat_map(|row| [number(row, 0), number(row, 1)]), 1.0);
    let step = tick_step(most, 6.0);
    // Some room above, so that no line runs along the edge.
    let top = (most * 1.08 / step).ceil() * step;
    let up = |number: f64| BOTTOM - number / top * (BOTTOM - TOP);
    let curve = |place: usize| {
        let steps = chart.rows.iter().zip(&days).map(|(row, day)| (across(length(*day)), up(number(row, place))));
        stepped(steps, across(whole))
    };

    let taken = curve(0);
    let below = [(across(whole), BOTTOM), (LEFT, BOTTOM)];
    let mut marks = vec![Mark::Path { points: taken.iter().copied().chain(below).collect(), look: Look::Area }];
    for value in ticks(0.0, top, step) {
        marks.push(line((LEFT, up(value)), (WIDTH - RIGHT, up(value)), Look::Grid));
        marks.push(tick((LEFT - 8.0, up(value) + 4.0), Anchor::End, format!("{value:.0}")));
    }
    marks.push(Mark::Path { points: taken, look: Look::Taken });
    marks.push(Mark::Path { points: curve(1), look: Look::Plan });
    marks.push(line((LEFT, BOTTOM), (WIDTH - RIGHT, BOTTOM), Look::Axis));
    marks.extend(axis(first, last, &|day| across(length(day))));
    marks.extend(legend(chart));
    (HEIGHT, marks)
}

/// The corners of a curve that keeps each height until the next.
fn stepped(steps: impl Iterator<Item = Place>, end: f64) -> Vec<Place> {
    let mut points: Vec<Place> = Vec::new();
    for (x, y) in steps {
        points.extend(points.last().map(|(_, before)| (x, *before)));
        points.push((x, y));
    }
    points.extend(points.last().map(|(_, last)| (end, *last)));
    points
}

/// The first day and the first of each month, as far as they do not touch.
fn axis(first: NaiveDate, last: NaiveDate, across: &dyn Fn(NaiveDate) -> f64) -> Vec<Mark> {
    let months = first.iter_days().skip(1).take_while(|day| *day <= last).filter(|day| day.day() == 1);
    let mut marks = Vec::new();
    let mut before = f64::NEG_INFINITY;
    for day in [first].into_iter().chain(months) {
        let x = across(day);
        // The last label would stand out of the drawing.
        if x - before < APART || x > WIDTH - RIGHT - 30.0 {
            continue;
        }
        before = x;
        let anchor = if day == first { Anchor::Start } else { Anchor::Middle };
        marks.push(line((x, BOTTOM), (x, BOTTOM + 5.0), Look::Axis));
        marks.push(tick((x, BOTTOM + 19.0), anchor, day.format("%d.%m.%Y").to_string()));
    }
    marks
}

fn legend(chart: &Chart) -> Vec<Mark> {
    let place =
        |x: f64, look: Look, words: &str| [line((x, 14.0), (x + 30.0, 14.0), look), text((x + 38.0, 18.5), Anchor::Start, words)];
    match chart.columns.as_slice() {
        [taken, planned, ..] => [place(LEFT, Look::Taken, &taken.head), place(LEFT + 190.0, Look::Plan, &planned.head)]
            .into_iter()
            .flatten()
            .collect(),
        _ => Vec::new(),
    }
}
