//! Codes that people choose for rules, definitions, kinds and templates.

use std::fmt;
use std::str::FromStr;

use diesel::sql_types::Text;

use super::{InvalidValue, StringSchema, json_from_text, json_to_text, stored_as};

const MAX_LENGTH: usize = 64;

/// A short machine-readable code: letters, digits, `_`, `.` and `-`, starting with a letter or digit.
///
/// Codes stand in addresses and in logs: in the body of a request they must not hold a PESEL.
///
/// **Limits**: 1 to 64 characters of ASCII; upper and lower case differ.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = Text)]
pub struct Code(String);

impl Code {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for Code {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let bytes = text.as_bytes();
        let valid = bytes.len() <= MAX_LENGTH
            && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(byte));
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidValue::new(
                "musi mieć od 1 do 64 liter bez znaków diakrytycznych, cyfr, '_', '.' lub '-' i zaczynać się od litery lub cyfry",
                "must be 1 to 64 letters, digits, '_', '.' or '-', and start with a letter or digit",
            ))
        }
    }
}

json_from_text!(
    Code,
    StringSchema {
        description: "Code of 1 to 64 letters, digits, `_`, `.` or `-`; upper and lower case differ.".into(),
        pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$".into(),
        min_length: 1,
        max_length: MAX_LENGTH,
        format: None,
        example: "groupCounselling",
    },
    deserialize_free_text
);
json_to_text!(Code);
stored_as!(Code, Text, String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_and_the_length_are_bounded() {
        let longest = "a".repeat(64);
        let too_long = "a".repeat(65);
        for (text, valid) in [
            ("a", true),
            ("7.1.1", true),
            ("M-21_v2", true),
            (longest.as_str(), true),
            (too_long.as_str(), false),
            ("", false),
            (".a", false),
            ("-a", false),
            ("a b", false),
            ("ą", false),
            ("a\0", false),
            ("a\n", false),
        ] {
            assert_eq!(text.parse::<Code>().is_ok(), valid, "{text:?}");
        }
    }
}
