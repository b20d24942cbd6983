//! Shares in per cent.

use std::fmt;
use std::str::FromStr;

use diesel::sql_types::Numeric;
use rust_decimal::Decimal;

use super::money::plain_decimal;
use super::{InvalidValue, StringSchema, json_from_text, json_to_text, stored_as};

/// A share of a whole, such as the refund of a benefit.
///
/// **Units**: per cent; `NUMERIC(5,2)` in the database, a decimal string (`"60.00"`) in JSON.
///
/// **Limits**: 0 to 100 with two decimal places.
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
pub struct Percent(Decimal);

impl Percent {
    /// The share in per cent.
    pub const fn decimal(self) -> Decimal {
        self.0
    }

    /// This share of an amount, unrounded; none when the amount is too great to be multiplied.
    pub fn of(self, amount: Decimal) -> Option<Decimal> {
        amount.checked_mul(self.0)?.checked_div(Decimal::ONE_HUNDRED)
    }
}

fn not_percent() -> InvalidValue {
    InvalidValue::new(
        "musi być procentem od \"0.00\" do \"100.00\" o najwyżej 2 miejscach po kropce",
        "must be per cent from \"0.00\" to \"100.00\" with at most 2 decimal places",
    )
}

impl TryFrom<Decimal> for Percent {
    type Error = InvalidValue;

    fn try_from(share: Decimal) -> Result<Self, InvalidValue> {
        let share = share.normalize();
        if (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&share) && share.scale() <= 2 {
            Ok(Self(share))
        } else {
            Err(not_percent())
        }
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.2}", self.0)
    }
}

impl FromStr for Percent {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        plain_decimal(text, 3, 2).ok_or_else(not_percent).and_then(Self::try_from)
    }
}

json_from_text!(
    Percent,
    StringSchema {
        description: "Per cent as a decimal string, 0 to 100 with up to two places; answers always have two.".into(),
        pattern: r"^(100(\.00?)?|(0|[1-9][0-9]?)(\.[0-9]{1,2})?)$".into(),
        min_length: 1,
        max_length: 6,
        format: Some("decimal"),
        example: "60.00",
    }
);
json_to_text!(Percent);
stored_as!(Percent, Numeric, Decimal);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shares_are_bounded() {
        for (text, written) in [
            ("0", Some("0.00")),
            ("60", Some("60.00")),
            ("99.9", Some("99.90")),
            ("100.00", Some("100.00")),
            ("100.01", None),
            ("101", None),
            ("-1", None),
            ("60.000", None),
            ("60%", None),
        ] {
            assert_eq!(text.parse::<Percent>().ok().map(|share| share.to_string()).as_deref(), written, "{text}");
        }
    }

    #[test]
    fn a_share_of_an_amount_is_exact() {
        let share: Percent = "60".parse().expect("valid");
        assert_eq!(share.of(Decimal::new(69_600, 2)), Some(Decimal::new(41_760, 2)));
        assert_eq!(share.of(Decimal::MAX), None);
    }

    proptest! {
        #[test]
        fn a_share_reads_back(hundredths in 0..=10_000_i64) {
            let share = Percent::try_from(Decimal::new(hundredths, 2)).expect("in range");
            prop_assert_eq!(share.to_string().parse(), Ok(share));
        }
    }
}
