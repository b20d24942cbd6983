//! ISO weeks, on which the weekly limits are counted.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use diesel::sql_types::Date;

use super::{InvalidValue, StringSchema, json_from_text, json_to_text, stored_as};

/// A week of ISO 8601, from Monday to Sunday.
///
/// **Units**: `2020-W46` in JSON, the date of its Monday in the database.
///
/// **Limits**: weeks of the years 1900 to 2200; the first and the last week may
/// reach into the neighbouring year.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = Date)]
pub struct IsoWeek(NaiveDate);

impl IsoWeek {
    /// The week in which the day lies.
    pub fn of(day: impl Into<NaiveDate>) -> Self {
        let day = day.into();
        let since_monday = u64::from(day.weekday().num_days_from_monday());
        Self(day.checked_sub_days(Days::new(since_monday)).unwrap_or(day))
    }

    /// The first day.
    pub const fn monday(self) -> NaiveDate {
        self.0
    }

    /// The last day.
    pub fn sunday(self) -> NaiveDate {
        self.0.checked_add_days(Days::new(6)).unwrap_or(NaiveDate::MAX)
    }

    /// The week after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.checked_add_days(Days::new(7)).unwrap_or(self.0))
    }

    /// Whether the day lies in the week.
    pub fn contains(self, day: impl Into<NaiveDate>) -> bool {
        Self::of(day) == self
    }
}

fn not_a_week() -> InvalidValue {
    InvalidValue::new(
        "musi być tygodniem ISO z lat 1900–2200, na przykład \"2020-W46\"",
        "must be an ISO week of the years 1900 to 2200, such as \"2020-W46\"",
    )
}

impl TryFrom<NaiveDate> for IsoWeek {
    type Error = InvalidValue;

    /// Takes the Monday of a week and no other day.
    fn try_from(monday: NaiveDate) -> Result<Self, InvalidValue> {
        if monday.weekday() == Weekday::Mon {
            Ok(Self(monday))
        } else {
            Err(InvalidValue::new("musi być poniedziałkiem", "must be a Monday"))
        }
    }
}

impl fmt::Display for IsoWeek {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let week = self.0.iso_week();
        write!(formatter, "{:04}-W{:02}", week.year(), week.week())
    }
}

impl FromStr for IsoWeek {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let (year, week) = text.split_once("-W").ok_or_else(not_a_week)?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if year.len() != 4 || week.len() != 2 || !digits(year) || !digits(week) {
            return Err(not_a_week());
        }
        let year: i32 = year.parse().map_err(|_| not_a_week())?;
        let week: u32 = week.parse().map_err(|_| not_a_week())?;
        if !(1900..=2200).contains(&year) {
            return Err(not_a_week());
        }
        NaiveDate::from_isoywd_opt(year, week, Weekday::Mon).map(Self).ok_or_else(not_a_week)
    }
}

json_from_text!(
    IsoWeek,
    StringSchema {
        description: "ISO week, Monday to Sunday, of the years 1900 to 2200.".into(),
        pattern: "^(19[0-9]{2}|2[01][0-9]{2}|2200)-W(0[1-9]|[1-4][0-9]|5[0-3])$".into(),
        min_length: 8,
        max_length: 8,
        format: None,
        example: "2020-W46",
    }
);
json_to_text!(IsoWeek);
stored_as!(IsoWeek, Date, NaiveDate);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::types::Day;
    use proptest::prelude::*;

    #[test]
    fn a_week_knows_its_days() {
        for (text, monday, sunday) in [
            ("2020-W46", "2020-11-09", "2020-11-15"),
            ("2020-W53", "2020-12-28", "2021-01-03"),
            ("2019-W01", "2018-12-31", "2019-01-06"),
            ("1900-W01", "1900-01-01", "1900-01-07"),
        ] {
            let week: IsoWeek = text.parse().expect("a week");
            assert_eq!(week.monday().to_string(), monday);
            assert_eq!(week.sunday().to_string(), sunday);
            assert_eq!(week.to_string(), text);
        }
    }

    #[test]
    fn weeks_that_do_not_exist_are_refused() {
        for text in
            ["2021-W53", "2020-W00", "2020-W54", "2020-46", "2020W46", "2020-W4", "20-W46", "1899-W01", "2201-W01", "2020-W+1"]
        {
            assert!(text.parse::<IsoWeek>().is_err(), "{text}");
        }
        let tuesday = NaiveDate::from_ymd_opt(2020, 11, 10).expect("a date");
        assert!(IsoWeek::try_from(tuesday).is_err());
    }

    proptest! {
        #[test]
        fn each_day_lies_in_its_week(offset in 0..109_500_u32) {
            let day = Day::from_ymd(1900, 1, 1).and_then(|first| first.plus_days(offset)).expect("in range");
            let week = IsoWeek::of(day);
            prop_assert!(week.monday() <= day.date() && day.date() <= week.sunday());
            prop_assert!(week.contains(day) && !week.next().contains(day));
            prop_assert_eq!(week.to_string().parse(), Ok(week));
            prop_assert_eq!(IsoWeek::try_from(week.monday()), Ok(week));
        }
    }
}
