//! Hours of a settlement, which a correction may take back.

use std::fmt;
use std::str::FromStr;

use diesel::sql_types::Integer;
use rust_decimal::Decimal;

use super::{Hours, InvalidValue, StringSchema, json_to_text, stored_as};

/// Most either way: that of [`Hours`].
const MAX_MINUTES: i32 = 100_000 * 60;
const STEP_MINUTES: i32 = 15;

/// A length of time in quarters of an hour, or a difference of two such lengths.
///
/// **Units**: minutes in the database, decimal hours with two places (`"-2.00"`) in JSON.
///
/// **Limits**: 100,000 hours either way, in steps of 15 minutes.
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
pub struct HourChange(i32);

impl HourChange {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// The length of the given minutes.
    ///
    /// # Errors
    /// When they are too many or no multiple of 15.
    pub fn from_minutes(minutes: i32) -> Result<Self, InvalidValue> {
        let allowed = (-MAX_MINUTES..=MAX_MINUTES).contains(&minutes) && minutes % STEP_MINUTES == 0;
        if allowed { Ok(Self(minutes)) } else { Err(not_a_change()) }
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

    /// The sum, or none outside the limits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(|minutes| Self::from_minutes(minutes).ok())
    }

    /// The difference, or none outside the limits.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).and_then(|minutes| Self::from_minutes(minutes).ok())
    }

    /// The sum of all, or none outside the limits.
    pub fn checked_sum(changes: impl IntoIterator<Item = Self>) -> Option<Self> {
        changes.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

impl From<Hours> for HourChange {
    fn from(hours: Hours) -> Self {
        Self(hours.minutes())
    }
}

fn not_a_change() -> InvalidValue {
    InvalidValue::new(
        "musi być liczbą godzin od \"-100000.00\" do \"100000.00\" co do kwadransa",
        "must be hours from \"-100000.00\" to \"100000.00\" in quarters",
    )
}

impl TryFrom<i32> for HourChange {
    type Error = InvalidValue;

    fn try_from(minutes: i32) -> Result<Self, InvalidValue> {
        Self::from_minutes(minutes)
    }
}

impl fmt::Display for HourChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.2}", self.decimal())
    }
}

impl FromStr for HourChange {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let (unsigned, sign) = text.strip_prefix('-').map_or((text, 1), |rest| (rest, -1));
        let hours: Hours = unsigned.parse().map_err(|_| not_a_change())?;
        Self::from_minutes(sign * hours.minutes())
    }
}

impl utoipa::PartialSchema for HourChange {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        StringSchema {
            description: "Hours as a decimal string with two places, in quarters of an hour; below zero where a correction takes them back.".into(),
            pattern: r"^(-?100000\.00|-?(0|[1-9][0-9]{0,4})\.(00|25|50|75))$".into(),
            min_length: 4,
            max_length: 10,
            format: Some("decimal"),
            example: "-2.00",
        }
        .build()
        .into()
    }
}

impl utoipa::ToSchema for HourChange {}

json_to_text!(HourChange);
stored_as!(HourChange, Integer, i32);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn changes_are_written_with_their_sign_and_two_places() {
        for (minutes, written) in [(0, "0.00"), (15, "0.25"), (-15, "-0.25"), (-150, "-2.50"), (4800, "80.00")] {
            let change = HourChange::from_minutes(minutes).expect("in quarters");
            assert_eq!(change.to_string(), written);
        }
        assert!(HourChange::from_minutes(-10).is_err());
        assert!(HourChange::from_minutes(MAX_MINUTES + 15).is_err());
    }

    proptest! {
        #[test]
        fn a_change_reads_back_and_adds_up(a in -20_000..20_000_i32, b in -20_000..20_000_i32) {
            let change = |quarters: i32| HourChange::from_minutes(quarters * 15).expect("in range");
            prop_assert_eq!(change(a).to_string().parse(), Ok(change(a)));
            prop_assert_eq!(change(a).checked_add(change(b)), Some(change(a + b)));
            prop_assert_eq!(change(a).checked_sub(change(b)), Some(change(a - b)));
            prop_assert_eq!(change(a).decimal() * Decimal::new(60, 0), Decimal::from(a * 15));
        }
    }
}
