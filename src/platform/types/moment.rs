//! A bound of time as callers write it: a whole legal day, or an instant.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::{Day, InvalidValue, StringSchema, json_from_text, json_to_text};
use crate::platform::clock::{end_of_legal_day, start_of_legal_day};

/// A legal day, or an instant with its offset.
///
/// **Limits**: days from 1900-01-01 to 2200-12-31; instants to the nanosecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The whole day in Europe/Warsaw.
    Day(Day),
    /// An instant.
    At(DateTime<Utc>),
}

impl Moment {
    /// The first instant that belongs to it.
    pub fn first(self) -> DateTime<Utc> {
        match self {
            Self::Day(day) => start_of_legal_day(day.date()),
            Self::At(at) => at,
        }
    }

    /// The first instant after it; the store knows no shorter time than a microsecond.
    pub fn end(self) -> DateTime<Utc> {
        match self {
            Self::Day(day) => end_of_legal_day(day.date()),
            Self::At(at) => at.checked_add_signed(TimeDelta::microseconds(1)).unwrap_or(at),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(formatter),
            Self::At(at) => formatter.pad(&at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        }
    }
}

impl FromStr for Moment {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let refused = || {
            InvalidValue::new(
                "musi być dniem (2020-11-02) albo chwilą w RFC 3339 (2020-11-02T08:00:00Z)",
                "must be a day (2020-11-02) or an instant in RFC 3339 (2020-11-02T08:00:00Z)",
            )
        };
        if text.len() == 10 {
            return text.parse().map(Self::Day).map_err(|_| refused());
        }
        let is_written_as_published = text.as_bytes().get(10) == Some(&b'T') && !text.ends_with('z') && text.len() <= MOST;
        let at = DateTime::parse_from_rfc3339(text).ok().filter(|_| is_written_as_published);
        at.map(|at| Self::At(at.to_utc())).ok_or_else(refused)
    }
}

/// Longest instant: nanoseconds and an offset.
const MOST: usize = 35;

json_from_text!(
    Moment,
    StringSchema {
        description: "A legal day (Europe/Warsaw), or an instant in RFC 3339.".into(),
        pattern: r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2}))?$".into(),
        min_length: 10,
        max_length: MOST,
        format: None,
        example: "2020-11-02",
    }
);
json_to_text!(Moment);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_legal_one_and_an_instant_is_itself() {
        for (text, first, end) in [
            ("2020-11-02", "2020-11-01T23:00:00Z", "2020-11-02T23:00:00Z"),
            ("2020-10-25", "2020-10-24T22:00:00Z", "2020-10-25T23:00:00Z"),
            ("2020-11-02T08:00:00+01:00", "2020-11-02T07:00:00Z", "2020-11-02T07:00:00.000001Z"),
        ] {
            let moment: Moment = text.parse().expect("valid");
            let written = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
            assert_eq!((written(moment.first()), written(moment.end())), (first.to_owned(), end.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in ["", "2020-11-31", "2020-11-02T08:00:00", "2020-11-02 08:00:00Z", "2020-11-02T08:00:00z", "20201102", "jutro"]
        {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
