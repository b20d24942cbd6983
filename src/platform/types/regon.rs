//! REGON, the number of an entity of the national economy.

use std::fmt;
use std::str::FromStr;

use diesel::sql_types::Text;

use super::{InvalidValue, StringSchema, json_from_text, json_to_text, stored_as};

const WEIGHTS_9: [u32; 8] = [8, 9, 2, 3, 4, 5, 6, 7];
const WEIGHTS_14: [u32; 13] = [2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8];

/// A valid REGON number: nine digits, or fourteen for a local unit.
///
/// **Source**: Act of 29 June 1995 on official statistics, art. 42.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = Text)]
pub struct Regon(String);

impl Regon {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Regon {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for Regon {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let bytes = text.as_bytes();
        if !matches!(bytes.len(), 9 | 14) || !bytes.iter().all(u8::is_ascii_digit) {
            return Err(InvalidValue::new("musi mieć 9 albo 14 cyfr", "must be 9 or 14 digits"));
        }
        // The number of a local unit contains the number of the whole entity.
        let whole = checks(bytes, &WEIGHTS_9);
        let local = bytes.len() == 9 || checks(bytes, &WEIGHTS_14);
        // Nothing but zeros satisfies the check digit and belongs to nobody.
        if !(whole && local) || bytes.iter().all(|&byte| byte == b'0') {
            return Err(InvalidValue::new("ma błędną cyfrę kontrolną", "has a wrong check digit"));
        }
        Ok(Self(text.to_owned()))
    }
}

fn checks(bytes: &[u8], weights: &[u32]) -> bool {
    let sum: u32 = bytes.iter().zip(weights).map(|(byte, weight)| weight * u32::from(byte - b'0')).sum();
    bytes.get(weights.len()).is_some_and(|byte| u32::from(byte - b'0') == sum % 11 % 10)
}

json_from_text!(
    Regon,
    StringSchema {
        description: "REGON number: 9 digits, or 14 for a local unit, with check digits.".into(),
        pattern: "^([0-9]{9}|[0-9]{14})$".into(),
        min_length: 9,
        max_length: 14,
        format: None,
        example: "123456785",
    }
);
json_to_text!(Regon);
stored_as!(Regon, Text, String);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn check_digits_decide() {
        for (text, valid) in [
            ("123456785", true),
            ("12345678512347", true),
            ("123456784", false),
            ("12345678512346", false),
            ("12345678412347", false),
            ("000000000", false),
            ("12345678", false),
            ("1234567850", false),
            ("12345678x", false),
            ("123-456-785", false),
        ] {
            assert_eq!(text.parse::<Regon>().is_ok(), valid, "{text}");
        }
    }

    proptest! {
        #[test]
        fn each_stem_has_exactly_one_check_digit(stem in 1..100_000_000_u32) {
            let valid = (0..10).filter(|check| format!("{stem:08}{check}").parse::<Regon>().is_ok()).count();
            prop_assert_eq!(valid, 1);
        }
    }
}
