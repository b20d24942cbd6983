//! Charts as drawings: pure functions from rows to marks; nothing depends on the clock, on fonts or on the screen. The page and
//! the paper draw the same marks.

mod bars;
mod columns;
mod pairs;
mod steps;

use crate::platform::drawing::{Anchor, Drawing, Look, Mark, Place};
use crate::reports::document::{Chart, ChartCode, ChartRow};

/// Width of every drawing, in its own units.
const WIDTH: f64 = 720.0;

/// A chart as a drawing.
pub fn drawing(chart: &Chart) -> Drawing {
    let (height, marks) = match chart.code {
        ChartCode::Funnel => bars::funnel(chart),
        ChartCode::PlanAndActual => bars::shares(chart),
        ChartCode::Seats => steps::steps(chart),
        ChartCode::Attendance => columns::columns(chart),
        ChartCode::Competences => pairs::pairs(chart),
    };
    Drawing { width: WIDTH, height, marks }
}

/// A number of a row for drawing; nought where there is none.
fn number(row: &ChartRow, place: usize) -> f64 {
    row.values.get(place).copied().flatten().map(crate::reports::amount::Amount::drawn).unwrap_or_default()
}

/// The greatest of some numbers, and at least `least`.
fn greatest(numbers: impl Iterator<Item = f64>, least: f64) -> f64 {
    numbers.fold(least, f64::max)
}

/// A count of rows or a place among them as a number to draw with; no chart has more than thousands.
fn counted(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn text(at: Place, anchor: Anchor, words: impl Into<String>) -> Mark {
    Mark::Text { at, anchor, is_tick: false, words: words.into() }
}

fn tick(at: Place, anchor: Anchor, words: impl Into<String>) -> Mark {
    Mark::Text { at, anchor, is_tick: true, words: words.into() }
}

fn line(from: Place, to: Place, look: Look) -> Mark {
    Mark::Line { from, to, look }
}

fn bar(at: Place, size: (f64, f64), look: Look) -> Mark {
    Mark::Bar { at, size, look }
}

/// A label of at most two lines before `x`, its middle at `y`; the table below has all of its words.
fn label(x: f64, y: f64, words: &str, most: usize) -> Vec<Mark> {
    let lines = broken(words, most);
    match lines.as_slice() {
        [one] => vec![text((x, y + 4.5), Anchor::End, one)],
        [first, second, ..] => vec![text((x, y - 3.0), Anchor::End, first), text((x, y + 12.0), Anchor::End, second)],
        [] => Vec::new(),
    }
}

/// Breaks words into at most two lines; what is left over is cut off with an ellipsis.
fn broken(words: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words.split_whitespace() {
        let filled = lines.last().map_or(0, |line| line.chars().count());
        if filled > 0 && filled + 1 + word.chars().count() > most {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    let is_cut = lines.len() > 2;
    lines.truncate(2);
    for line in &mut lines {
        if line.chars().count() > most {
            *line = line.chars().take(most.saturating_sub(1)).chain(['…']).collect();
        }
    }
    if let Some(last) = lines.last_mut().filter(|last| is_cut && !last.ends_with('…')) {
        last.push('…');
    }
    lines
}

/// A step between ticks that gives at most `most` of them: 1, 2 or 5 times a power of ten.
fn tick_step(range: f64, most: f64) -> f64 {
    let mut step = 1.0;
    for factor in [2.0, 2.5, 2.0].iter().cycle().take(24) {
        if range / step <= most {
            return step;
        }
        step *= factor;
    }
    step
}

/// Ticks from a number up to another.
fn ticks(from: f64, to: f64, step: f64) -> impl Iterator<Item = f64> {
    (0_u32..200).map(move |place| from + f64::from(place) * step).take_while(move |tick| *tick <= to + step / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_two_lines_at_most_and_lose_nothing_silently() {
        assert_eq!(broken("Motywacja do zmian", 30), ["Motywacja do zmian"]);
        assert_eq!(broken("Motywacja do zmian – samoocena", 20), ["Motywacja do zmian –", "samoocena"]);
        assert_eq!(broken("jeden dwa trzy cztery pięć sześć", 10), ["jeden dwa", "trzy…"]);
        assert_eq!(broken("Konstantynopolitańczykowianeczka", 12), ["Konstantyno…"]);
    }

    #[test]
    fn ticks_are_round_and_few() {
        for (range, most, step) in [(9.0, 6.0, 2.0), (4.0, 6.0, 1.0), (23.0, 6.0, 5.0), (118.0, 6.0, 20.0), (700.0, 6.0, 200.0)] {
            assert!((tick_step(range, most) - step).abs() < 1e-9, "{range}");
        }
        assert_eq!(ticks(0.0, 10.0, 5.0).collect::<Vec<_>>().len(), 3);
    }
}
