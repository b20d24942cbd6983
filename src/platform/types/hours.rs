//! Hours of sessions and of socially useful work.

use std::fmt;
use std::str::FromStr;

use diesel::sql_types::Integer;
use rust_decimal::Decimal;

use super::{InvalidValue, StringSchema, json_from_text, json_to_text, stored_as};

const STEP_MINUTES: i32 = 15;
const MAX_HOURS: i32 = 100_000;
const MAX_MINUTES: i32 = MAX_HOURS * 60;

/// A length of time in quarters of an hour.
///
/// **Units**: minutes in the database, decimal hours with two places (`"2.00"`) in JSON.
///
/// **Limits**: 0 to 100,000 hours, in steps of 15 minutes.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = Integer)]
pub struct Hours(i32);

impl Hours {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// The length of the given minutes.
    ///
    /// # Errors
    /// When they are negative, too many or no multiple of 15.
    pub fn from_minutes(minutes: i32) -> Result<Self, InvalidValue> {
        if (0..=MAX_MINUTES).contains(&minutes) && minutes % STEP_MINUTES == 0 { Ok(Self(minutes)) } else { Err(not_hours()) }
    }

    /// The length in minutes.
    pub const fn minutes(self) -> i32 {
        self.0
    }

    /// The length in decimal hours, exactly.
    pub fn decimal(self) -> Decimal {
        // Hundredths of an hour: a quarter is 25 of them.
        Decimal::new(i64::from(self.0 / STEP_MINUTES) * 25, 2)
    }

    /// The sum, or none above the limit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(|minutes| Self::from_minutes(minutes).ok())
    }

    /// The difference, or none below zero.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).and_then(|minutes| Self::from_minutes(minutes).ok())
    }

    /// The sum of all, or none above the limit.
    pub fn checked_sum(hours: impl IntoIterator<Item = Self>) -> Option<Self> {
        hours.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

fn not_hours() -> InvalidValue {
    InvalidValue::new(
        "musi być liczbą godzin od \"0.00\" do \"100000.00\" co do kwadransa, na przykład \"2\", \"2.5\" lub \"2.75\"",
        "must be hours from \"0.00\" to \"100000.00\" in quarters, such as \"2\", \"2.5\" or \"2.75\"",
    )
}

impl TryFrom<i32> for Hours {
    type Error = InvalidValue;

    fn try_from(minutes: i32) -> Result<Self, InvalidValue> {
        Self::from_minutes(minutes)
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{:02}", self.0 / 60, self.0 % 60 / STEP_MINUTES * 25)
    }
}

impl FromStr for Hours {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let (whole, quarters) = match text.split_once('.') {
            None => (text, 0),
            Some((whole, "0" | "00")) => (whole, 0),
            Some((whole, "25")) => (whole, 1),
            Some((whole, "5" | "50")) => (whole, 2),
            Some((whole, "75")) => (whole, 3),
            Some(_) => return Err(not_hours()),
        };
        let canonical = whole.bytes().all(|byte| byte.is_ascii_digit())
            && (1..=6).contains(&whole.len())
            && (whole.len() == 1 || !whole.starts_with('0'));
        if !canonical {
            return Err(not_hours());
        }
        let hours: i32 = whole.parse().map_err(|_| not_hours())?;
        Self::from_minutes(hours * 60 + quarters * STEP_MINUTES)
    }
}

json_from_text!(
    Hours,
    StringSchema {
        description: "Hours as a decimal string in quarters of an hour, 0 to 100000; answers always have two places.".into(),
        pattern: r"^(100000(\.00?)?|(0|[1-9][0-9]{0,4})(\.(00?|25|50?|75))?)$".into(),
        min_length: 1,
        max_length: 9,
        format: Some("decimal"),
        example: "2.00",
    }
);
json_to_text!(Hours);
stored_as!(Hours, Integer, i32);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quarters_of_an_hour_are_read() {
        for (text, minutes) in [
            ("0", Some(0)),
            ("2", Some(120)),
            ("2.0", Some(120)),
            ("2.00", Some(120)),
            ("2.5", Some(150)),
            ("2.50", Some(150)),
            ("0.25", Some(15)),
            ("9.75", Some(585)),
            ("100000", Some(6_000_000)),
            ("100000.00", Some(6_000_000)),
            ("100000.25", None),
            ("999999", None),
            ("2.", None),
            (".5", None),
            ("2.05", None),
            ("2.500", None),
            ("2,5", None),
            ("-1", None),
            ("+1", None),
            ("02", None),
            ("1e1", None),
            (" 2", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<Hours>().ok().map(Hours::minutes), minutes, "{text:?}");
        }
        assert!(serde_json::from_str::<Hours>("2").is_err());
        assert!(serde_json::from_str::<Hours>("2.0").is_err());
    }

    #[test]
    fn minutes_outside_the_grid_or_the_limits_are_refused() {
        for minutes in [-15, 1, 14, 6_000_015, i32::MIN, i32::MAX] {
            assert!(Hours::from_minutes(minutes).is_err(), "{minutes}");
        }
    }

    #[test]
    fn sums_stay_within_the_limits() {
        let hours = |text: &str| text.parse::<Hours>().expect("hours");
        assert_eq!(hours("7.75").checked_add(hours("2.25")), Some(hours("10")));
        assert_eq!(hours("100000").checked_add(hours("0.25")), None);
        assert_eq!(hours("1").checked_sub(hours("1.25")), None);
        assert_eq!(Hours::checked_sum([hours("1.25"); 8]), Some(hours("10")));
    }

    proptest! {
        #[test]
        fn hours_read_back(quarters in 0..=400_000_i32) {
            let hours = Hours::from_minutes(quarters * 15).expect("in range");
            prop_assert_eq!(hours.to_string().parse(), Ok(hours));
            prop_assert_eq!(hours.decimal() * Decimal::from(60), Decimal::from(hours.minutes()));
            prop_assert_eq!(hours.decimal().to_string().parse(), Ok(hours));
        }

        #[test]
        fn taking_away_what_was_added_changes_nothing(a in 0..200_000_i32, b in 0..200_000_i32) {
            let (a, b) = (Hours::from_minutes(a * 15).expect("ok"), Hours::from_minutes(b * 15).expect("ok"));
            prop_assert_eq!(a.checked_add(b).and_then(|sum| sum.checked_sub(b)), Some(a));
        }
    }
}
