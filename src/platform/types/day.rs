//! Calendar days.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, Months, NaiveDate};
use diesel::sql_types::Date;

use super::{InvalidValue, StringSchema, json_from_text, json_to_text, stored_as};

const FIRST_YEAR: i32 = 1900;
const LAST_YEAR: i32 = 2200;

/// A calendar day of the years 1900 to 2200.
///
/// The bounds keep every later sum of dates, weeks and months far from the
/// end of the calendar, so that none of them can fail. Legal days are days of
/// Europe/Warsaw.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = Date)]
pub struct Day(NaiveDate);

impl Day {
    /// The last day that can be recorded; an end that is not set lies there for questions about time.
    pub const LAST: Self = match NaiveDate::from_ymd_opt(LAST_YEAR, 12, 31) {
        Some(day) => Self(day),
        None => Self(NaiveDate::MIN),
    };

    /// The day of the given year, month and day of the month.
    ///
    /// # Errors
    /// When there is no such day or its year is out of bounds.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Result<Self, InvalidValue> {
        NaiveDate::from_ymd_opt(year, month, day).ok_or_else(not_a_day).and_then(Self::try_from)
    }

    /// The day as a date of the calendar library.
    pub const fn date(self) -> NaiveDate {
        self.0
    }

    /// The day this many days later.
    ///
    /// # Errors
    /// When that day is after the year 2200.
    pub fn plus_days(self, days: u32) -> Result<Self, InvalidValue> {
        self.0.checked_add_days(Days::new(u64::from(days))).ok_or_else(not_a_day).and_then(Self::try_from)
    }

    /// The day this many days earlier.
    ///
    /// # Errors
    /// When that day is before the first that is known.
    pub fn minus_days(self, days: u32) -> Result<Self, InvalidValue> {
        self.0.checked_sub_days(Days::new(u64::from(days))).ok_or_else(not_a_day).and_then(Self::try_from)
    }

    /// The same day of the month this many months later, or the last day of a shorter month.
    ///
    /// # Errors
    /// When that day is after the year 2200.
    pub fn plus_months(self, months: u32) -> Result<Self, InvalidValue> {
        Self::try_from(add_months_clipped(self.0, months))
    }
}

/// The same day of the month `months` later, or the last day of a shorter month.
///
/// 30 June and three months give 30 September; 31 August and six months the
/// last day of February. Beyond the end of the calendar the result stays there.
pub fn add_months_clipped(date: NaiveDate, months: u32) -> NaiveDate {
    date.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX)
}

fn not_a_day() -> InvalidValue {
    InvalidValue::new(
        "musi być dniem kalendarza od 1900-01-01 do 2200-12-31 w zapisie RRRR-MM-DD",
        "must be a calendar day from 1900-01-01 to 2200-12-31, written YYYY-MM-DD",
    )
}

impl TryFrom<NaiveDate> for Day {
    type Error = InvalidValue;

    fn try_from(date: NaiveDate) -> Result<Self, InvalidValue> {
        if (FIRST_YEAR..=LAST_YEAR).contains(&date.year()) { Ok(Self(date)) } else { Err(not_a_day()) }
    }
}

impl From<Day> for NaiveDate {
    fn from(day: Day) -> Self {
        day.0
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl FromStr for Day {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
            return Err(not_a_day());
        };
        let number = |digits: &[&u8]| {
            digits.iter().try_fold(0_u32, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(*digit - b'0')))
        };
        let year = number(&[y1, y2, y3, y4]).and_then(|year| i32::try_from(year).ok());
        match (year, number(&[m1, m2]), number(&[d1, d2])) {
            (Some(year), Some(month), Some(day)) => Self::from_ymd(year, month, day),
            _ => Err(not_a_day()),
        }
    }
}

json_from_text!(
    Day,
    StringSchema {
        description: "Calendar day (Europe/Warsaw) of the years 1900 to 2200, `YYYY-MM-DD`.".into(),
        pattern: "^(19[0-9]{2}|2[01][0-9]{2}|2200)-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$".into(),
        min_length: 10,
        max_length: 10,
        format: Some("date"),
        example: "2020-10-15",
    }
);
json_to_text!(Day);
stored_as!(Day, Date, NaiveDate);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn only_strict_days_within_the_bounds_are_read() {
        for (text, valid) in [
            ("1900-01-01", true),
            ("2200-12-31", true),
            ("2020-02-29", true),
            ("1899-12-31", false),
            ("2201-01-01", false),
            ("2021-02-29", false),
            ("2020-2-3", false),
            ("20-02-2020", false),
            ("2020-02-03 ", false),
            ("+020-02-03", false),
            ("2020-02-03T00:00:00Z", false),
            ("02020-02-3", false),
            ("", false),
        ] {
            assert_eq!(text.parse::<Day>().is_ok(), valid, "{text:?}");
        }
    }

    #[test]
    fn adding_months_keeps_the_day_or_clips_to_the_end_of_the_month() {
        for (from, months, to) in [
            ("2020-06-30", 3, "2020-09-30"),
            ("2020-08-31", 1, "2020-09-30"),
            ("2020-08-31", 6, "2021-02-28"),
            ("2019-12-31", 2, "2020-02-29"),
            ("2020-12-14", 6, "2021-06-14"),
            ("2020-10-15", 0, "2020-10-15"),
        ] {
            assert_eq!(day(from).plus_months(months), Ok(day(to)), "{from} + {months}");
        }
        assert_eq!(add_months_clipped(day("2020-06-30").date(), u32::MAX), NaiveDate::MAX);
        assert_eq!(day("2020-06-30").plus_days(28), Ok(day("2020-07-28")));
        assert!(day("2200-12-31").plus_days(1).is_err());
        assert!(day("2020-06-30").plus_days(u32::MAX).is_err());
    }

    proptest! {
        #[test]
        fn a_day_reads_back(offset in 0..109_938_u32) {
            let sample = day("1900-01-01").plus_days(offset).expect("in range");
            prop_assert_eq!(sample.to_string().parse(), Ok(sample));
            let json = serde_json::to_string(&sample).expect("serializes");
            prop_assert_eq!(serde_json::from_str::<Day>(&json).ok(), Some(sample));
        }
    }
}
