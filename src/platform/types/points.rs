//! Points of a ranking.

use std::fmt;
use std::str::FromStr;

use diesel::sql_types::Integer;

use super::{InvalidValue, StringSchema, json_from_text, json_to_text, stored_as};

const STEP: i32 = 50;
const MAX_POINTS: i32 = 100_000;

/// Points in halves; added exactly, because no floating-point number takes part.
///
/// **Units**: hundredths of a point in the database, decimal points with two places (`"15.00"`) in JSON.
///
/// **Limits**: 0 to 100,000 points, in steps of one half.
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
pub struct Points(i32);

impl Points {
    /// None at all.
    pub const ZERO: Self = Self(0);

    /// So many hundredths of a point.
    ///
    /// # Errors
    /// When they are negative, too many or no multiple of 50.
    pub fn from_hundredths(hundredths: i32) -> Result<Self, InvalidValue> {
        let allowed = (0..=MAX_POINTS * 100).contains(&hundredths) && hundredths % STEP == 0;
        if allowed { Ok(Self(hundredths)) } else { Err(not_points()) }
    }

    /// Hundredths of a point.
    pub const fn hundredths(self) -> i32 {
        self.0
    }

    /// The sum; the most that can be stored where it would be more.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0).min(MAX_POINTS * 100))
    }
}

fn not_points() -> InvalidValue {
    InvalidValue::new("must be points from \"0.00\" to \"100000.00\" in halves, such as \"15\" or \"0.5\"")
}

impl TryFrom<i32> for Points {
    type Error = InvalidValue;

    fn try_from(hundredths: i32) -> Result<Self, InvalidValue> {
        Self::from_hundredths(hundredths)
    }
}

impl fmt::Display for Points {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl FromStr for Points {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let (whole, half) = match text.split_once('.') {
            None => (text, 0),
            Some((whole, "0" | "00")) => (whole, 0),
            Some((whole, "5" | "50")) => (whole, STEP),
            Some(_) => return Err(not_points()),
        };
        let canonical = whole.bytes().all(|byte| byte.is_ascii_digit())
            && (1..=6).contains(&whole.len())
            && (whole.len() == 1 || !whole.starts_with('0'));
        if !canonical {
            return Err(not_points());
        }
        let points: i32 = whole.parse().map_err(|_| not_points())?;
        Self::from_hundredths(points * 100 + half)
    }
}

json_from_text!(
    Points,
    StringSchema {
        description: "Points as a decimal string in halves, 0 to 100000; answers always have two places.".into(),
        pattern: r"^(100000(\.00?)?|(0|[1-9][0-9]{0,4})(\.(00?|50?))?)$".into(),
        min_length: 1,
        max_length: 9,
        format: Some("decimal"),
        example: "15.00",
    }
);
json_to_text!(Points);
stored_as!(Points, Integer, i32);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_are_read_and_nothing_else() {
        for (text, hundredths) in [
            ("0", Some(0)),
            ("15", Some(1_500)),
            ("0.5", Some(50)),
            ("0.50", Some(50)),
            ("100000", Some(10_000_000)),
            ("100000.5", None),
            ("0.25", None),
            ("15.", None),
            (".5", None),
            ("015", None),
            ("-1", None),
            ("1e1", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<Points>().ok().map(Points::hundredths), hundredths, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn points_read_back(halves in 0..=200_000_i32) {
            let points = Points::from_hundredths(halves * 50).expect("in range");
            prop_assert_eq!(points.to_string().parse(), Ok(points));
        }
    }
}
