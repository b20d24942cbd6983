//! What lies between two numbers of figures, with its sign.

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::figure::{Number, divide};
use super::number_schema::{MOST, number_schema};
use crate::platform::types::SixPlaces;

const MINUTES_PER_HOUR: i64 = 60;

/// A difference, written as the numbers that it lies between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// Of whole numbers.
    Whole(i64),
    /// Of decimal numbers, with so many places.
    Decimal(Decimal, u32),
}

impl Difference {
    /// What `number` has more than `other`; none for numbers of different kinds.
    pub fn between(number: Number, other: Number) -> Option<Self> {
        match (number, other) {
            (Number::Whole(more), Number::Whole(less)) => more.checked_sub(less).map(Self::Whole),
            (Number::Minutes(more), Number::Minutes(less)) => {
                let minutes = Decimal::from(more.checked_sub(less)?);
                Some(Self::Decimal(minutes / Decimal::from(MINUTES_PER_HOUR), 2))
            }
            (Number::Money(more), Number::Money(less)) => Some(Self::Decimal(more.decimal().checked_sub(less.decimal())?, 2)),
            (Number::Places(more), Number::Places(less)) => Some(Self::Decimal(more.decimal().checked_sub(less.decimal())?, 6)),
            _ => None,
        }
    }
}

/// A number by another of its kind, with six places; none of nothing.
pub fn attainment(number: Number, of: Number) -> Option<SixPlaces> {
    let quotient = |above: Decimal, below: Decimal| above.checked_div(below).map(SixPlaces::half_up);
    match (number, of) {
        (Number::Money(above), Number::Money(below)) => quotient(above.decimal(), below.decimal()),
        (Number::Places(above), Number::Places(below)) => quotient(above.decimal(), below.decimal()),
        (Number::Whole(_), Number::Whole(_)) | (Number::Minutes(_), Number::Minutes(_)) => match divide(number, of)? {
            Number::Places(share) => Some(share),
            _ => None,
        },
        _ => None,
    }
}

impl Serialize for Difference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Whole(number) => serializer.serialize_i64(*number),
            Self::Decimal(number, places) => {
                let mut number = number.round_dp(*places);
                // Nothing is not less than nothing.
                if number.is_zero() {
                    number = Decimal::ZERO;
                }
                number.rescale(*places);
                serializer.collect_str(&number)
            }
        }
    }
}

impl PartialSchema for Difference {
    fn schema() -> RefOr<Schema> {
        number_schema(-MOST, "A difference: a whole number, or a decimal string.")
    }
}

impl ToSchema for Difference {}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(number: Number, other: Number) -> Option<String> {
        Difference::between(number, other).map(|difference| serde_json::to_string(&difference).expect("JSON"))
    }

    #[test]
    fn a_difference_is_written_as_its_numbers_with_its_sign() {
        let money = |text: &str| Number::Money(text.parse().expect("an amount"));
        for (number, other, text) in [
            (Number::Whole(9), Number::Whole(11), "-2"),
            (Number::Minutes(45), Number::Minutes(60), "\"-0.25\""),
            (Number::Minutes(90), Number::Minutes(15), "\"1.25\""),
            (money("8000.00"), money("10000.50"), "\"-2000.50\""),
            (money("5.00"), money("5.00"), "\"0.00\""),
        ] {
            assert_eq!(written(number, other).as_deref(), Some(text));
        }
        assert_eq!(written(Number::Whole(1), Number::Minutes(1)), None);
    }

    #[test]
    fn an_attainment_of_nothing_is_not_defined() {
        let share = |number, of| attainment(number, of).map(|share| share.to_string());
        assert_eq!(share(Number::Whole(11), Number::Whole(9)).as_deref(), Some("1.222222"));
        assert_eq!(share(Number::Minutes(30), Number::Minutes(60)).as_deref(), Some("0.500000"));
        assert_eq!(share(Number::Whole(11), Number::Whole(0)), None);
    }
}
