//! Calendar months, on which settlements are made.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, NaiveDate};
use diesel::sql_types::Date;

use super::{Day, InvalidValue, StringSchema, add_months_clipped, json_from_text, json_to_text, stored_as};

/// A calendar month.
///
/// **Units**: `2020-11` in JSON, the date of its first day in the database.
///
/// **Limits**: months of the years 1900 to 2200.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = Date)]
pub struct Month(NaiveDate);

impl Month {
    /// The month in which the day lies.
    pub fn of(day: impl Into<NaiveDate>) -> Self {
        let day = day.into();
        Self(day.with_day(1).unwrap_or(day))
    }

    /// The first day.
    pub const fn first_day(self) -> NaiveDate {
        self.0
    }

    /// The last day.
    pub fn last_day(self) -> NaiveDate {
        add_months_clipped(self.0, 1).checked_sub_days(Days::new(1)).unwrap_or(self.0)
    }

    /// The month after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(add_months_clipped(self.0, 1))
    }

    /// Whether the day lies in the month.
    pub fn contains(self, day: impl Into<NaiveDate>) -> bool {
        Self::of(day) == self
    }
}

fn not_a_month() -> InvalidValue {
    InvalidValue::new(
        "musi być miesiącem z lat 1900–2200 w zapisie RRRR-MM",
        "must be a month of the years 1900 to 2200, written YYYY-MM",
    )
}

impl TryFrom<NaiveDate> for Month {
    type Error = InvalidValue;

    /// Takes the first day of a month and no other day.
    fn try_from(first_day: NaiveDate) -> Result<Self, InvalidValue> {
        if first_day.day() == 1 {
            Ok(Self(first_day))
        } else {
            Err(InvalidValue::new("musi być pierwszym dniem miesiąca", "must be the first day of a month"))
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl FromStr for Month {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        // A month is written like the days in it, without the day.
        format!("{text}-01").parse::<Day>().map(|first| Self(first.date())).map_err(|_| not_a_month())
    }
}

json_from_text!(
    Month,
    StringSchema {
        description: "Calendar month of the years 1900 to 2200, `YYYY-MM`.".into(),
        pattern: "^(19[0-9]{2}|2[01][0-9]{2}|2200)-(0[1-9]|1[0-2])$".into(),
        min_length: 7,
        max_length: 7,
        format: None,
        example: "2020-11",
    }
);
json_to_text!(Month);
stored_as!(Month, Date, NaiveDate);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_month_knows_its_days() {
        for (text, first, last, next) in [
            ("2020-11", "2020-11-01", "2020-11-30", "2020-12"),
            ("2020-02", "2020-02-01", "2020-02-29", "2020-03"),
            ("2021-12", "2021-12-01", "2021-12-31", "2022-01"),
        ] {
            let month: Month = text.parse().expect("a month");
            assert_eq!(month.first_day().to_string(), first);
            assert_eq!(month.last_day().to_string(), last);
            assert_eq!(month.next().to_string(), next);
        }
    }

    #[test]
    fn months_that_do_not_exist_are_refused() {
        for text in ["2020-00", "2020-13", "2020-1", "20-11", "2020-11-01", "1899-12", "2201-01", ""] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn each_day_lies_in_its_month(offset in 0..109_938_u32) {
            let day = Day::from_ymd(1900, 1, 1).and_then(|first| first.plus_days(offset)).expect("in range");
            let month = Month::of(day);
            prop_assert!(month.first_day() <= day.date() && day.date() <= month.last_day());
            prop_assert!(month.contains(day) && !month.next().contains(day));
            prop_assert_eq!(month.to_string().parse(), Ok(month));
            prop_assert_eq!(Month::try_from(month.first_day()), Ok(month));
        }
    }
}
