//! Scales of competence sheets.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::types::{InvalidValue, ShortText, StringSchema, json_from_text, json_to_text};

const WHOLE_DIGITS: usize = 4;
const PLACES: usize = 3;

/// A number of a scale: a bound, a step or a score.
///
/// **Limits**: -9999.999 to 9999.999 with three decimal places; equal numbers are written alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScaleNumber(Decimal);

impl ScaleNumber {
    /// The number as a decimal.
    pub const fn decimal(self) -> Decimal {
        self.0
    }
}

impl fmt::Display for ScaleNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl FromStr for ScaleNumber {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let invalid = || {
            InvalidValue::new(
                "musi być liczbą w tekście o najwyżej 4 cyfrach i 3 miejscach po kropce, na przykład \"3\" lub \"-0.5\"",
                "must be a decimal string of up to 4 digits and 3 decimal places, such as \"3\" or \"-0.5\"",
            )
        };
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, places) = unsigned.split_once('.').map_or((unsigned, None), |(whole, places)| (whole, Some(places)));
        let digits = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        let valid = digits(whole, WHOLE_DIGITS)
            && (whole.len() == 1 || !whole.starts_with('0'))
            && places.is_none_or(|places| digits(places, PLACES));
        let number = valid.then(|| text.parse::<Decimal>().ok()).flatten().ok_or_else(invalid)?;
        // Minus zero would be another text for the same number.
        Ok(Self(if number.is_zero() { Decimal::ZERO } else { number.normalize() }))
    }
}

json_from_text!(
    ScaleNumber,
    StringSchema {
        description: "Number of a scale as a decimal string of up to 4 digits and 3 decimal places.".into(),
        pattern: r"^-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?$".into(),
        min_length: 1,
        max_length: 9,
        format: Some("decimal"),
        example: "3",
    }
);
json_to_text!(ScaleNumber);

/// What a number of the scale is called.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScaleLabel {
    /// Number of the scale.
    pub value: ScaleNumber,
    /// What it means.
    pub label: ShortText,
}

/// The scale of a sheet: from `min` to `max` in equal steps.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Deserialize,
    Serialize,
    ToSchema,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Jsonb)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scale {
    /// Lowest score.
    pub min: ScaleNumber,
    /// Highest score.
    pub max: ScaleNumber,
    /// Distance between two scores; divides the range.
    pub step: ScaleNumber,
    /// What the scores are called.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub labels: Vec<ScaleLabel>,
    /// Whether a higher score is the better one.
    pub higher_is_better: bool,
}

impl Scale {
    /// Whether the steps go up exactly from the lowest to the highest score.
    pub fn is_graduated(&self) -> bool {
        self.min < self.max
            && self.step.decimal() > Decimal::ZERO
            && ((self.max.decimal() - self.min.decimal()) % self.step.decimal()).is_zero()
    }

    /// Whether a graduated scale has this score.
    pub fn holds(&self, score: ScaleNumber) -> bool {
        (self.min..=self.max).contains(&score) && ((score.decimal() - self.min.decimal()) % self.step.decimal()).is_zero()
    }
}

/// Maps a serialisable type onto a JSONB column.
macro_rules! stored_as_json {
    ($type:ty) => {
        impl diesel::serialize::ToSql<diesel::sql_types::Jsonb, diesel::pg::Pg> for $type {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>) -> diesel::serialize::Result {
                let value = serde_json::to_value(self)?;
                <serde_json::Value as diesel::serialize::ToSql<diesel::sql_types::Jsonb, diesel::pg::Pg>>::to_sql(
                    &value,
                    &mut out.reborrow(),
                )
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::Jsonb, diesel::pg::Pg> for $type {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                let value =
                    <serde_json::Value as diesel::deserialize::FromSql<diesel::sql_types::Jsonb, diesel::pg::Pg>>::from_sql(
                        bytes,
                    )?;
                Ok(serde_json::from_value(value)?)
            }
        }
    };
}
pub(super) use stored_as_json;

stored_as_json!(Scale);

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(in crate::outcomes) fn scale(min: &str, max: &str, step: &str) -> Scale {
        let number = |text: &str| text.parse().expect("a number of a scale");
        Scale { min: number(min), max: number(max), step: number(step), labels: Vec::new(), higher_is_better: true }
    }

    #[test]
    fn numbers_are_bounded_and_written_alike() {
        for (text, written) in [
            ("3", Some("3")),
            ("3.50", Some("3.5")),
            ("0.000", Some("0")),
            ("-0", Some("0")),
            ("-9999.999", Some("-9999.999")),
            ("10000", None),
            ("1.0001", None),
            ("03", None),
            (".5", None),
            ("5.", None),
            ("+5", None),
            ("--5", None),
            ("1e3", None),
            ("1_0", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<ScaleNumber>().ok().map(|number| number.to_string()).as_deref(), written, "{text:?}");
        }
    }

    #[test]
    fn steps_must_lead_from_the_lowest_to_the_highest_score() {
        for (min, max, step, graduated) in [
            ("0", "3", "1", true),
            ("1", "10", "1", true),
            ("1", "5", "0.5", true),
            ("-2", "2", "0.1", true),
            ("1", "5", "3", false),
            ("1", "5", "8", false),
            ("1", "5", "0", false),
            ("1", "5", "-1", false),
            ("5", "5", "1", false),
            ("5", "1", "1", false),
        ] {
            assert_eq!(scale(min, max, step).is_graduated(), graduated, "{min} to {max} by {step}");
        }
    }

    #[test]
    fn a_score_stands_on_a_step() {
        for (score, held) in [("1", true), ("5", true), ("2.5", true), ("2.25", false), ("0.5", false), ("5.5", false)] {
            assert_eq!(scale("1", "5", "0.5").holds(score.parse().expect("a number")), held, "{score}");
        }
    }

    proptest! {
        #[test]
        fn every_step_of_a_scale_is_a_score_and_nothing_between(min in -100..100_i64, steps in 1..50_i64, step in 2..500_i64, at in 0..50_i64) {
            let number = |thousandths: i64| ScaleNumber(Decimal::new(thousandths, 3).normalize());
            let (low, by) = (min * 10, step);
            let scale = Scale {
                min: number(low), max: number(low + steps * by), step: number(by), labels: Vec::new(), higher_is_better: true,
            };
            prop_assert!(scale.is_graduated());
            prop_assert_eq!(scale.holds(number(low + at * by)), at <= steps);
            prop_assert!(!scale.holds(number(low + at * by + 1)));
        }
    }
}
