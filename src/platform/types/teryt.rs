//! TERYT, the register of territorial units, in its TERC part.

use std::fmt;
use std::str::FromStr;

use diesel::sql_types::Text;

use super::{InvalidValue, StringSchema, json_from_text, json_to_text, stored_as, text_enum};

text_enum! {
    /// Level of a territorial unit.
    pub enum TerytLevel {
        /// Voivodeship (województwo).
        Voivodeship = "voivodeship",
        /// County (powiat), also a city with county rights.
        County = "county",
        /// Municipality (gmina) or a part of it.
        Gmina = "gmina",
    }
}

/// A TERC code: 2 digits of a voivodeship, 4 of a county or 7 of a gmina with its kind.
///
/// **Limits**: only the form is checked; whether the unit exists is a matter of
/// the register, which changes every year.
///
/// **Source**: Regulation of the Council of Ministers of 15 December 1998 on the territorial register.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = Text)]
pub struct Teryt(String);

impl Teryt {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Which kind of unit the code names.
    pub fn level(&self) -> TerytLevel {
        match self.0.len() {
            2 => TerytLevel::Voivodeship,
            4 => TerytLevel::County,
            _ => TerytLevel::Gmina,
        }
    }

    /// Whether the other unit is this one or lies within it.
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }
}

impl fmt::Display for Teryt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for Teryt {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let bytes = text.as_bytes();
        if !matches!(bytes.len(), 2 | 4 | 7) || !bytes.iter().all(u8::is_ascii_digit) {
            return Err(InvalidValue::new("musi mieć 2, 4 albo 7 cyfr", "must be 2, 4 or 7 digits"));
        }
        let pair = |index| text.get(index..index + 2);
        let voivodeship: u8 = pair(0).and_then(|digits| digits.parse().ok()).unwrap_or(0);
        if !(2..=32).contains(&voivodeship) || !voivodeship.is_multiple_of(2) {
            return Err(InvalidValue::new(
                "musi zaczynać się od województwa: liczby parzystej od 02 do 32",
                "must start with a voivodeship: an even number from 02 to 32",
            ));
        }
        if pair(2) == Some("00") || pair(4) == Some("00") {
            return Err(InvalidValue::new("nie może mieć 00 jako powiatu ani gminy", "must not have 00 as county or gmina"));
        }
        if bytes.get(6).is_some_and(|kind| !b"1234589".contains(kind)) {
            return Err(InvalidValue::new(
                "musi kończyć się rodzajem gminy: 1, 2, 3, 4, 5, 8 albo 9",
                "must end with a kind of gmina: 1, 2, 3, 4, 5, 8 or 9",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

json_from_text!(
    Teryt,
    StringSchema {
        description: "TERC code of a territorial unit: 2 digits (voivodeship), 4 (county) or 7 (gmina with its kind).".into(),
        pattern: "^(0[2468]|[12][02468]|3[02])((0[1-9]|[1-9][0-9])((0[1-9]|[1-9][0-9])[1-589])?)?$".into(),
        min_length: 2,
        max_length: 7,
        format: None,
        example: "1013011",
    }
);
json_to_text!(Teryt);
stored_as!(Teryt, Text, String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_each_level_is_known() {
        for (text, level) in [
            ("10", Some(TerytLevel::Voivodeship)),
            ("32", Some(TerytLevel::Voivodeship)),
            ("1013", Some(TerytLevel::County)),
            ("1465", Some(TerytLevel::County)),
            ("1013011", Some(TerytLevel::Gmina)),
            ("1465108", Some(TerytLevel::Gmina)),
            ("00", None),
            ("03", None),
            ("34", None),
            ("1000", None),
            ("1013001", None),
            ("1013016", None),
            ("1013010", None),
            ("101", None),
            ("101301", None),
            ("10130111", None),
            ("1013 01", None),
        ] {
            assert_eq!(text.parse::<Teryt>().ok().map(|teryt| teryt.level()), level, "{text}");
        }
    }

    #[test]
    fn a_county_contains_its_gminas() {
        let parse = |text: &str| text.parse::<Teryt>().expect("valid");
        assert!(parse("1013").contains(&parse("1013011")));
        assert!(parse("1013").contains(&parse("1013")));
        assert!(!parse("1013011").contains(&parse("1013")));
        assert!(!parse("1013").contains(&parse("1020043")));
    }
}
