//! Exact fractions and means, rounded once and only when they are shown.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};

use super::{StringSchema, json_to_text};

const PLACES: u32 = 6;
const SCALE: i128 = 1_000_000;

/// An exact fraction of two whole numbers; two fractions of the same value are equal.
#[derive(Debug, Clone, Copy)]
pub struct Ratio {
    numerator: i64,
    denominator: i64,
}

impl Ratio {
    /// The fraction, or none when the denominator is zero: such a figure is undefined.
    pub const fn new(numerator: i64, denominator: i64) -> Option<Self> {
        if denominator == 0 { None } else { Some(Self { numerator, denominator }) }
    }

    /// A fraction of thirty, the days of a month in sums of participation.
    pub(super) const fn in_thirtieths(numerator: i64) -> Self {
        Self { numerator, denominator: 30 }
    }

    /// The counted part, as it was given.
    pub const fn numerator(self) -> i64 {
        self.numerator
    }

    /// The whole, as it was given; never zero.
    pub const fn denominator(self) -> i64 {
        self.denominator
    }

    /// The value rounded to six places, half away from zero.
    pub fn rounded(self) -> SixPlaces {
        let (numerator, denominator) = (i128::from(self.numerator), i128::from(self.denominator));
        // One rounding on whole numbers: half of the denominator is added before the division cuts off.
        let magnitude = (2 * numerator.abs() * SCALE + denominator.abs()) / (2 * denominator.abs());
        let sign = numerator.signum() * denominator.signum();
        SixPlaces(Decimal::from_i128_with_scale(sign * magnitude, PLACES))
    }
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        i128::from(self.numerator) * i128::from(other.denominator) == i128::from(other.numerator) * i128::from(self.denominator)
    }
}

impl Eq for Ratio {}

/// A number with six decimal places, as figures are shown.
///
/// **Units**: those of the figure; a decimal string (`"0.181818"`) in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SixPlaces(Decimal);

impl SixPlaces {
    /// The number rounded to six places, half away from zero.
    pub fn half_up(number: Decimal) -> Self {
        let rounded = number.round_dp_with_strategy(PLACES, RoundingStrategy::MidpointAwayFromZero);
        // Minus zero would be written with its sign.
        Self(if rounded.is_zero() { Decimal::ZERO } else { rounded })
    }

    /// The number as a decimal.
    pub const fn decimal(self) -> Decimal {
        self.0
    }
}

impl fmt::Display for SixPlaces {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.6}", self.0)
    }
}

json_to_text!(SixPlaces);

impl utoipa::PartialSchema for SixPlaces {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        StringSchema {
            description: "Number with six decimal places, rounded half away from zero.".into(),
            pattern: r"^-?[0-9]{1,29}\.[0-9]{6}$".into(),
            min_length: 8,
            max_length: 37,
            format: Some("decimal"),
            example: "0.181818",
        }
        .build()
        .into()
    }
}

impl utoipa::ToSchema for SixPlaces {}

/// The arithmetic mean, or none for no numbers or numbers too great to be added.
pub fn mean(numbers: &[Decimal]) -> Option<SixPlaces> {
    let sum = numbers.iter().try_fold(Decimal::ZERO, |sum, number| sum.checked_add(*number))?;
    let count = Decimal::from(numbers.len());
    sum.checked_div(count).map(SixPlaces::half_up)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fractions_are_rounded_half_away_from_zero() {
        for (numerator, denominator, text) in [
            (2, 11, "0.181818"),
            (11, 9, "1.222222"),
            (2, 3, "0.666667"),
            (1, 1, "1.000000"),
            (0, 7, "0.000000"),
            (1, 2_000_000, "0.000001"),
            (-1, 2_000_000, "-0.000001"),
            (-1, 2_000_001, "0.000000"),
            (1, -3, "-0.333333"),
            (-1, -3, "0.333333"),
            (i64::MAX, 1, "9223372036854775807.000000"),
            (i64::MIN, -1, "9223372036854775808.000000"),
            (i64::MIN, i64::MIN, "1.000000"),
        ] {
            let ratio = Ratio::new(numerator, denominator).expect("defined");
            assert_eq!(ratio.rounded().to_string(), text, "{numerator}/{denominator}");
        }
        assert!(Ratio::new(1, 0).is_none());
    }

    #[test]
    fn fractions_of_equal_value_are_equal() {
        assert_eq!(Ratio::new(1, 2), Ratio::new(-2, -4));
        assert_ne!(Ratio::new(1, 2), Ratio::new(1, -2));
    }

    #[test]
    fn a_mean_is_exact_until_it_is_shown() {
        let mean_of = |scores: &[&str]| {
            let scores: Vec<Decimal> = scores.iter().map(|score| score.parse().expect("a decimal")).collect();
            mean(&scores).map(|mean| mean.to_string())
        };
        assert_eq!(mean_of(&["1", "2", "2"]).as_deref(), Some("1.666667"));
        assert_eq!(mean_of(&["3.5"]).as_deref(), Some("3.500000"));
        assert_eq!(mean_of(&["-1", "1"]).as_deref(), Some("0.000000"));
        assert_eq!(mean_of(&["0.1", "0.2"]).as_deref(), Some("0.150000"));
        assert_eq!(mean_of(&[]), None);
        assert_eq!(mean(&[Decimal::MAX, Decimal::MAX]), None);
    }

    proptest! {
        #[test]
        fn the_rounded_value_is_within_half_a_millionth(numerator: i64, denominator: i64) {
            let Some(ratio) = Ratio::new(numerator, denominator) else { return Ok(()) };
            let text = ratio.rounded().to_string();
            let scaled: i128 = text.replace('.', "").parse().expect("digits");
            let error = scaled * i128::from(denominator) - i128::from(numerator) * SCALE;
            prop_assert!(2 * error.abs() <= i128::from(denominator).abs());
            prop_assert_eq!(text.split_once('.').map(|(_, places)| places.len()), Some(6));
        }

        #[test]
        fn a_mean_of_whole_numbers_is_their_ratio(scores in prop::collection::vec(-1000..1000_i64, 1..50)) {
            let decimals: Vec<Decimal> = scores.iter().copied().map(Decimal::from).collect();
            let ratio = Ratio::new(scores.iter().sum(), i64::try_from(scores.len()).expect("few"));
            prop_assert_eq!(mean(&decimals), ratio.map(Ratio::rounded));
        }
    }
}
