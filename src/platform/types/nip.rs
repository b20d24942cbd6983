//! NIP, the tax identification number.

use std::fmt;
use std::str::FromStr;

use diesel::sql_types::Text;

use super::{InvalidValue, StringSchema, json_from_text, json_to_text, stored_as};

const WEIGHTS: [u32; 9] = [6, 5, 7, 2, 3, 4, 5, 6, 7];

/// A valid NIP number: ten digits without separators, the last a check digit.
///
/// **Source**: Act of 13 October 1995 on the registration and identification of taxpayers.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = Text)]
pub struct Nip(String);

impl Nip {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Nip {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for Nip {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || !bytes.iter().all(u8::is_ascii_digit) {
            return Err(InvalidValue::new("musi mieć 10 cyfr", "must be 10 digits"));
        }
        let sum: u32 = bytes.iter().zip(WEIGHTS).map(|(byte, weight)| weight * u32::from(byte - b'0')).sum();
        // A remainder of 10 fits no digit: such numbers are not issued. Nor are ten zeros.
        let checks = bytes.last().is_some_and(|byte| u32::from(byte - b'0') == sum % 11);
        if !checks || sum == 0 {
            return Err(InvalidValue::new("ma błędną cyfrę kontrolną", "has a wrong check digit"));
        }
        Ok(Self(text.to_owned()))
    }
}

json_from_text!(
    Nip,
    StringSchema {
        description: "NIP number: 10 digits without separators, the last a check digit.".into(),
        pattern: "^[0-9]{10}$".into(),
        min_length: 10,
        max_length: 10,
        format: None,
        example: "8567346215",
    }
);
json_to_text!(Nip);
stored_as!(Nip, Text, String);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_check_digit_decides() {
        for (text, valid) in [
            ("8567346215", true),
            ("8567346216", false),
            ("0000000000", false),
            ("856-734-62-15", false),
            ("PL8567346215", false),
            ("856734621", false),
        ] {
            assert_eq!(text.parse::<Nip>().is_ok(), valid, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_stem_has_at_most_one_check_digit(stem in 0..1_000_000_000_u32) {
            let valid = (0..10).filter(|check| format!("{stem:09}{check}").parse::<Nip>().is_ok()).count();
            prop_assert!(valid <= 1);
        }
    }
}
