//! Numbers of a report: exact as figures tell them, and as Polish offices spell them.

use std::fmt;

use rust_decimal::prelude::ToPrimitive as _;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use crate::outcomes::figures::definition::Unit;
use crate::outcomes::figures::figure::Number;
use crate::platform::types::Money;

/// Decimal places of hours and amounts of money.
const HUNDREDTHS: u32 = 2;
/// Decimal places of shares and means.
const MILLIONTHS: u32 = 6;
const MINUTES_PER_HOUR: i64 = 60;
/// Between the thousands, and between a number and its unit: no line is broken there.
const NO_BREAK: char = '\u{a0}';

/// A number of a report, written as the operations on figures write it: a whole number, or a decimal string with two
/// places (hours, zł) or six (shares, means).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// A whole number.
    Whole(i64),
    /// A number with that many places.
    Exact(Decimal),
}

impl Amount {
    /// Hours from minutes.
    pub fn hours(minutes: i64) -> Self {
        Self::Exact(Decimal::new(minutes * 100 / MINUTES_PER_HOUR, HUNDREDTHS))
    }

    /// Whether it has the places of a share or mean.
    pub fn is_fraction(self) -> bool {
        matches!(self, Self::Exact(number) if number.scale() == MILLIONTHS)
    }

    /// The number as a decimal.
    pub fn decimal(self) -> Decimal {
        match self {
            Self::Whole(number) => Decimal::from(number),
            Self::Exact(number) => number,
        }
    }

    /// The number for drawing, where the last digits do not matter.
    pub fn drawn(self) -> f64 {
        self.decimal().to_f64().unwrap_or_default()
    }

    /// As a Polish reader expects it: a decimal comma, thousands apart, shares in per cent, with the unit.
    pub fn spelled(self, unit: Unit) -> String {
        match (self, unit) {
            (Self::Exact(share), Unit::Ratio) => {
                format!("{}{NO_BREAK}%", in_polish(share.saturating_mul(Decimal::ONE_HUNDRED), 1))
            }
            (_, Unit::Zloty) => format!("{}{NO_BREAK}zł", in_polish(self.decimal(), HUNDREDTHS)),
            (_, Unit::Hour | Unit::HourPerWeek) => format!("{}{NO_BREAK}godz.", in_polish(self.decimal(), HUNDREDTHS)),
            _ => self.plain_polish(),
        }
    }

    /// As a Polish reader expects it, without a unit.
    pub fn plain_polish(self) -> String {
        match self {
            Self::Whole(number) => in_polish(Decimal::from(number), 0),
            Self::Exact(number) => in_polish(number, HUNDREDTHS),
        }
    }
}

/// Rounded half away from zero, with a decimal comma and thousands apart.
fn in_polish(number: Decimal, places: u32) -> String {
    let mut rounded = number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(places);
    let digits = rounded.abs().to_string();
    let (whole, part) = digits.split_once('.').map_or((digits.as_str(), None), |(whole, part)| (whole, Some(part)));
    let mut spelled = String::new();
    if rounded < Decimal::ZERO {
        spelled.push('−');
    }
    for (place, digit) in whole.char_indices() {
        // Four digits stay together, as Polish typography has it.
        if place > 0 && whole.len() > 4 && (whole.len() - place).is_multiple_of(3) {
            spelled.push(NO_BREAK);
        }
        spelled.push(digit);
    }
    if let Some(part) = part {
        spelled.push(',');
        spelled.push_str(part);
    }
    spelled
}

fn with_places(mut number: Decimal, places: u32) -> Amount {
    number.rescale(places);
    Amount::Exact(number)
}

impl From<Number> for Amount {
    fn from(number: Number) -> Self {
        match number {
            Number::Whole(whole) => Self::Whole(whole),
            Number::Minutes(minutes) => Self::hours(minutes),
            Number::Places(places) => with_places(places.decimal(), MILLIONTHS),
            Number::Money(amount) => amount.into(),
        }
    }
}

impl From<Money> for Amount {
    fn from(amount: Money) -> Self {
        with_places(amount.decimal(), HUNDREDTHS)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(number) => write!(formatter, "{number}"),
            Self::Exact(number) => write!(formatter, "{number}"),
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Whole(number) => serializer.serialize_i64(*number),
            Self::Exact(number) => serializer.collect_str(number),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Whole(i64),
            Exact(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Whole(number) => Ok(Self::Whole(number)),
            // The places that are written are kept, noughts too.
            Written::Exact(text) => text.parse().map(Self::Exact).map_err(serde::de::Error::custom),
        }
    }
}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        Number::schema()
    }
}

impl ToSchema for Amount {}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(json: &str) -> Amount {
        serde_json::from_str(json).expect("an amount")
    }

    #[test]
    fn numbers_are_spelled_as_in_polish_offices() {
        for (json, unit, spelled) in [
            ("20", Unit::Person, "20"),
            ("12345", Unit::Person, "12 345"),
            ("\"0.181818\"", Unit::Ratio, "18,2 %"),
            ("\"1.222222\"", Unit::Ratio, "122,2 %"),
            ("\"-0.125000\"", Unit::CompetenceBySource, "−0,13"),
            ("\"1234.50\"", Unit::Zloty, "1234,50 zł"),
            ("\"1234567.50\"", Unit::Zloty, "1 234 567,50 zł"),
            ("\"80.25\"", Unit::Hour, "80,25 godz."),
            ("\"19.500000\"", Unit::HourPerWeek, "19,50 godz."),
            ("\"-0.000001\"", Unit::Ratio, "0,0 %"),
        ] {
            assert_eq!(amount(json).spelled(unit).replace(NO_BREAK, " "), spelled, "{json}");
        }
    }

    #[test]
    fn numbers_come_back_as_they_were_written() {
        for json in ["0", "20", "-3", "\"0.00\"", "\"80.00\"", "\"0.500000\"", "\"-1.250000\""] {
            assert_eq!(serde_json::to_string(&amount(json)).expect("JSON"), json);
        }
        for number in [
            Number::Whole(7),
            Number::Minutes(4815),
            Number::Places(crate::platform::types::SixPlaces::half_up(Decimal::new(5, 1))),
            Number::Money(Money::ZERO),
        ] {
            assert_eq!(
                serde_json::to_value(Amount::from(number)).expect("JSON"),
                serde_json::to_value(number).expect("JSON"),
                "as the figures have it"
            );
        }
    }
}
