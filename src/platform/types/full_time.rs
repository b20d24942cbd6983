//! Shares of full-time posts, and their sums.

use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use diesel::sql_types::Numeric;
use rust_decimal::Decimal;

use super::money::plain_decimal;
use super::{InvalidValue, StringSchema, json_from_text, json_to_text, stored_as};

/// A share of a full-time post (Polish: wymiar etatu), or a sum of such shares.
///
/// **Units**: full-time posts; `NUMERIC(5,2)` in the database, a decimal string (`"0.50"`) in JSON, never rounded.
///
/// **Limits**: 0 to 999.99 with two decimal places.
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
pub struct FullTime(Decimal);

fn not_full_time() -> InvalidValue {
    InvalidValue::new("must be full-time posts from \"0.00\" to \"999.99\" with at most 2 decimal places")
}

impl TryFrom<Decimal> for FullTime {
    type Error = InvalidValue;

    fn try_from(share: Decimal) -> Result<Self, InvalidValue> {
        let share = share.normalize();
        let in_range = share >= Decimal::ZERO && share < Decimal::ONE_THOUSAND && share.scale() <= 2;
        if in_range { Ok(Self(share)) } else { Err(not_full_time()) }
    }
}

impl Sum for FullTime {
    /// **Limits**: a sum may be greater than what can be recorded as one value.
    fn sum<I: Iterator<Item = Self>>(shares: I) -> Self {
        Self(shares.map(|share| share.0).sum())
    }
}

impl fmt::Display for FullTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.2}", self.0)
    }
}

impl FromStr for FullTime {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        plain_decimal(text, 3, 2).ok_or_else(not_full_time).and_then(Self::try_from)
    }
}

json_from_text!(
    FullTime,
    StringSchema {
        description: "Full-time posts as a decimal string with up to two places; answers always have two.".into(),
        pattern: r"^(0|[1-9][0-9]{0,2})(\.[0-9]{1,2})?$".into(),
        min_length: 1,
        max_length: 6,
        format: Some("decimal"),
        example: "0.50",
    }
);
json_to_text!(FullTime);
stored_as!(FullTime, Numeric, Decimal);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact_and_add_up() {
        for (text, written) in
            [("1", Some("1.00")), ("0.5", Some("0.50")), ("0.25", Some("0.25")), ("1000", None), ("-1", None), ("0.125", None)]
        {
            assert_eq!(text.parse::<FullTime>().ok().map(|share| share.to_string()).as_deref(), written, "{text}");
        }
        // A tenth has no exact binary form: ten of them are one post only if nothing is rounded.
        let tenth: FullTime = "0.1".parse().expect("a share");
        assert_eq!(std::iter::repeat_n(tenth, 10).sum::<FullTime>().to_string(), "1.00");
    }
}
