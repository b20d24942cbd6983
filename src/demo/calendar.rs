//! The days of the demonstration.

use chrono::{Datelike as _, Days, NaiveDate};

use crate::platform::examples;
use crate::platform::types::Month;

/// Turns the days that the contract's examples speak of into days around the day of loading.
///
/// Examples and data are moved together, by whole weeks, so that weekdays and
/// ISO weeks stay what they are and every example fits the data.
#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    weeks: i64,
}

impl Calendar {
    /// The calendar in which `today` lies in the week of [`examples::TODAY`].
    pub fn around(today: NaiveDate) -> Self {
        let monday = |day: NaiveDate| day - Days::new(u64::from(day.weekday().num_days_from_monday()));
        Self { weeks: (monday(today) - monday(examples::TODAY)).num_weeks() }
    }

    /// The day that stands for this day of the examples.
    ///
    /// Days before the year of the examples are history, such as a date of birth, and stay.
    pub fn day(self, example: NaiveDate) -> NaiveDate {
        if example.year() < examples::TODAY.year() { example } else { example + chrono::TimeDelta::weeks(self.weeks) }
    }

    /// As [`Calendar::day`], in the examples of a JSON document.
    pub fn move_examples(self, document: &mut serde_json::Value) {
        use serde_json::Value;
        match document {
            Value::Object(fields) => {
                for (name, value) in fields {
                    if name == "example" || name == "examples" { self.move_days(value) } else { self.move_examples(value) }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.move_examples(item)),
            _ => {}
        }
    }

    fn move_days(self, value: &mut serde_json::Value) {
        use serde_json::Value;
        match value {
            Value::String(text) => {
                if text.len() == 10
                    && let Ok(day) = text.parse()
                {
                    *text = self.day(day).to_string();
                } else if text.len() == 7
                    && let Ok(middle) = format!("{text}-15").parse()
                {
                    // The data of a month lie mostly where its middle goes.
                    *text = Month::of(self.day(middle)).to_string();
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.move_days(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.move_days(field)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn days_move_by_whole_weeks_and_history_stays() {
        for (today, example, moved) in [
            ("2026-06-15", "2026-06-12", "2026-06-12"),
            ("2026-06-21", "2026-06-12", "2026-06-12"),
            ("2026-06-22", "2026-06-12", "2026-06-19"),
            ("2027-01-06", "2026-06-15", "2027-01-04"),
            ("2026-02-01", "2026-06-15", "2026-01-26"),
            ("2027-01-06", "2025-12-31", "2025-12-31"),
        ] {
            assert_eq!(Calendar::around(date(today)).day(date(example)), date(moved), "{today}: {example}");
        }
    }

    #[test]
    fn months_follow_their_middle() {
        let mut document = json!({ "example": { "month": "2026-05", "former": "2025-12", "number": "20-2026" } });
        Calendar::around(date("2026-11-23")).move_examples(&mut document);
        assert_eq!(document, json!({ "example": { "month": "2026-10", "former": "2025-12", "number": "20-2026" } }));
    }

    #[test]
    fn only_the_days_of_examples_move() {
        let mut document = json!({ "a": [{ "example": { "on": "2026-06-15", "name": "2026-06-1x" } }], "on": "2026-06-15" });
        Calendar::around(date("2026-06-29")).move_examples(&mut document);
        assert_eq!(document, json!({ "a": [{ "example": { "on": "2026-06-29", "name": "2026-06-1x" } }], "on": "2026-06-15" }));
    }
}
