//! Steps over time: taken places beside planned ones.

use chrono::{Datelike as _, NaiveDate};

use super::{WIDTH, greatest, line, number, text, tick_step, ticks};
use crate::reports::document::Chart;

const LEFT: f64 = 40.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 270.0;
const HEIGHT: f64 = 300.0;
/// Least room between two days on the axis.
const APART: f64 = 74.0;

/// Both numbers as steps, from the first day to the end of the last.
pub fn steps(chart: &Chart) -> (f64, String) {
    let days: Vec<NaiveDate> = chart.rows.iter().filter_map(|row| row.key.parse().ok()).collect();
    let (Some(first), Some(last)) = (days.first().copied(), days.last().copied()) else { return (HEIGHT, String::new()) };
    let length = |day: NaiveDate| f64::from(i32::try_from((day - first).num_days()).unwrap_or(i32::MAX));
    let whole = length(last) + 1.0;
    let across = |days: f64| LEFT + days / whole * (WIDTH - LEFT - RIGHT);
    let most = greatest(chart.rows.iter().flat_map(|row| [number(row, 0), number(row, 1)]), 1.0);
    let step = tick_step(most, 6.0);
    // Some room above, so that no line runs along the edge.
    let top = (most * 1.08 / step).ceil() * step;
    let up = |number: f64| BOTTOM - number / top * (BOTTOM - TOP);

    let grid = ticks(0.0, top, step).map(|tick| {
        line((LEFT, up(tick)), (WIDTH - RIGHT, up(tick)), "grid")
            + &text((LEFT - 8.0, up(tick) + 4.0), "end", "tick", &format!("{tick:.0}"))
    });
    let curve = |place: usize| {
        let mut path = String::new();
        for (row, day) in chart.rows.iter().zip(&days) {
            let (x, y) = (across(length(*day)), up(number(row, place)));
            let step = if path.is_empty() { format!("M{x:.1} {y:.1}") } else { format!("H{x:.1}V{y:.1}") };
            path.push_str(&step);
        }
        path + &format!("H{:.1}", across(whole))
    };
    let taken = curve(0);
    let area = format!("<path d=\"{taken}V{BOTTOM:.1}H{LEFT:.1}Z\" class=\"area\"/>");
    let marks = format!(
        "{}{area}<path d=\"{}\" class=\"plan\"/><path d=\"{taken}\" class=\"taken\"/>{}{}{}",
        grid.collect::<String>(),
        curve(1),
        line((LEFT, BOTTOM), (WIDTH - RIGHT, BOTTOM), "axis"),
        axis(first, last, &|day| across(length(day))),
        legend(chart)
    );
    (HEIGHT, marks)
}

/// The first day and the first of each month, as far as they do not touch.
fn axis(first: NaiveDate, last: NaiveDate, across: &dyn Fn(NaiveDate) -> f64) -> String {
    let months = first.iter_days().skip(1).take_while(|day| *day <= last).filter(|day| day.day() == 1);
    let mut marks = String::new();
    let mut before = f64::NEG_INFINITY;
    for day in [first].into_iter().chain(months) {
        let x = across(day);
        // The last label would stand out of the drawing.
        if x - before < APART || x > WIDTH - RIGHT - 30.0 {
            continue;
        }
        before = x;
        let anchor = if day == first { "start" } else { "middle" };
        let words = day.format("%d.%m.%Y").to_string();
        marks += &(line((x, BOTTOM), (x, BOTTOM + 5.0), "axis") + &text((x, BOTTOM + 19.0), anchor, "tick", &words));
    }
    marks
}

fn legend(chart: &Chart) -> String {
    let names: Vec<&str> = chart.columns.iter().map(|column| column.head.as_str()).collect();
    let place =
        |x: f64, class: &str, words: &str| line((x, 14.0), (x + 30.0, 14.0), class) + &text((x + 38.0, 18.5), "start", "", words);
    match names.as_slice() {
        [taken, planned, ..] => place(LEFT, "taken", taken) + &place(LEFT + 190.0, "plan", planned),
        _ => String::new(),
    }
}
