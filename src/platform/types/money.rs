//! Amounts of money.

use std::fmt;
use std::str::FromStr;

use diesel::sql_types::Numeric;
use rust_decimal::{Decimal, RoundingStrategy};

use super::{InvalidValue, StringSchema, json_from_text, json_to_text, stored_as};

/// An amount in złoty with exactly two decimal places.
///
/// **Units**: zł; `NUMERIC(12,2)` in the database, a decimal string (`"696.00"`) in JSON.
///
/// **Limits**: less than ten thousand million either way; negative amounts are corrections.
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
#[diesel(sql_type = Numeric)]
pub struct Money(Decimal);

/// 9,999,999,999.99, the greatest amount of `NUMERIC(12,2)`, in grosze.
const MAX_GROSZE: i64 = 999_999_999_999;

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// The amount rounded to grosze, half of a grosz away from zero; none outside the limits.
    pub fn half_up(amount: Decimal) -> Option<Self> {
        let mut rounded = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        rounded.rescale(2);
        if rounded.abs() > Decimal::new(MAX_GROSZE, 2) || rounded.scale() != 2 {
            return None;
        }
        // Minus zero would be written with its sign.
        Some(if rounded.is_zero() { Self::ZERO } else { Self(rounded) })
    }

    /// The amount as a decimal.
    pub const fn decimal(self) -> Decimal {
        self.0
    }

    /// Whether the amount is below zero.
    pub fn is_negative(self) -> bool {
        self < Self::ZERO
    }

    /// The sum, or none outside the limits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(Self::half_up)
    }

    /// The difference, or none outside the limits.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).and_then(Self::half_up)
    }

    /// The sum of all, or none outside the limits.
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

fn not_money() -> InvalidValue {
    InvalidValue::new(
        "musi być kwotą o najwyżej 10 cyfrach przed kropką i 2 po niej, na przykład \"696.00\"",
        "must be an amount with at most 10 digits before and 2 after the point, such as \"696.00\"",
    )
}

impl TryFrom<Decimal> for Money {
    type Error = InvalidValue;

    /// Takes the amount as it is: one that would have to be rounded is refused.
    fn try_from(amount: Decimal) -> Result<Self, InvalidValue> {
        Self::half_up(amount).filter(|money| money.0 == amount).ok_or_else(not_money)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.2}", self.0)
    }
}

impl FromStr for Money {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        plain_decimal(unsigned, 10, 2).ok_or_else(not_money)?;
        let amount: Decimal = text.parse().map_err(|_| not_money())?;
        Self::try_from(amount)
    }
}

/// The number, if it is written in plain digits: no sign, exponent, separator or leading zero.
pub(super) fn plain_decimal(text: &str, max_whole: usize, max_places: usize) -> Option<Decimal> {
    let (whole, places) = match text.split_once('.') {
        Some((whole, places)) if !places.is_empty() => (whole, places),
        Some(_) => return None,
        None => (text, ""),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = digits(whole)
        && digits(places)
        && (1..=max_whole).contains(&whole.len())
        && places.len() <= max_places
        && (whole.len() == 1 || !whole.starts_with('0'));
    if canonical { text.parse().ok() } else { None }
}

json_from_text!(
    Money,
    StringSchema {
        description: "Amount in zł as a decimal string with up to two places; answers always have two.".into(),
        pattern: r"^-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,2})?$".into(),
        min_length: 1,
        max_length: 14,
        format: Some("decimal"),
        example: "696.00",
    }
);
json_to_text!(Money);
stored_as!(Money, Numeric, Decimal);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_read_without_rounding_and_written_with_two_places() {
        for (text, written) in [
            ("696", Some("696.00")),
            ("696.4", Some("696.40")),
            ("0.01", Some("0.01")),
            ("-417.60", Some("-417.60")),
            ("-0.00", Some("0.00")),
            ("9999999999.99", Some("9999999999.99")),
            ("10000000000", None),
            ("0.001", None),
            ("1.000", None),
            ("1.", None),
            (".1", None),
            ("00.10", None),
            ("1,50", None),
            ("1_000", None),
            ("1e3", None),
            ("+1", None),
            ("--1", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<Money>().ok().map(|money| money.to_string()).as_deref(), written, "{text:?}");
        }
        assert!(serde_json::from_str::<Money>("696.00").is_err());
    }

    #[test]
    fn half_a_grosz_is_rounded_away_from_zero() {
        for (amount, rounded) in [("1.004", "1.00"), ("1.005", "1.01"), ("-1.005", "-1.01"), ("-0.001", "0.00")] {
            let amount: Decimal = amount.parse().expect("a decimal");
            assert_eq!(Money::half_up(amount).map(|money| money.to_string()).as_deref(), Some(rounded));
        }
        assert_eq!(Money::half_up(Decimal::MAX), None);
        assert_eq!(Money::half_up("9999999999.995".parse().expect("a decimal")), None);
    }

    proptest! {
        #[test]
        fn an_amount_reads_back(grosze in -MAX_GROSZE..=MAX_GROSZE) {
            let money = Money::try_from(Decimal::new(grosze, 2)).expect("in range");
            prop_assert_eq!(money.to_string().parse(), Ok(money));
        }

        #[test]
        fn adding_and_taking_away_is_exact(a in -MAX_GROSZE / 2..MAX_GROSZE / 2, b in -MAX_GROSZE / 2..MAX_GROSZE / 2) {
            let money = |grosze| Money::try_from(Decimal::new(grosze, 2)).expect("in range");
            let sum = money(a).checked_add(money(b));
            prop_assert_eq!(sum, Some(money(a + b)));
            prop_assert_eq!(sum.and_then(|sum| sum.checked_sub(money(b))), Some(money(a)));
        }
    }
}
