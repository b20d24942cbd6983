//! PESEL, the national identification number.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

use super::{Day, InvalidValue, Sex, StringSchema, json_from_text};

const WEIGHTS: [u32; 10] = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3];

/// A valid PESEL number: eleven digits, a calendar date and a matching check digit.
///
/// It has neither `Display` nor `Serialize` nor a column type, so that it can
/// be shown or stored in the clear only through [`Pesel::expose`].
///
/// **Source**: Act of 24 September 2010 on population registration, art. 15.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pesel(String);

impl Pesel {
    /// The eleven digits, for encryption, for a blind index and for lists that the law wants them in.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The date of birth that the number encodes.
    pub fn birth_date(&self) -> NaiveDate {
        // Parsing has made sure of the date; the fallback is never taken.
        encoded_date(self.0.as_bytes()).unwrap_or_default()
    }

    /// The sex that the number encodes, never [`Sex::Unknown`].
    pub fn sex(&self) -> Sex {
        if digit(self.0.as_bytes(), 9).is_multiple_of(2) { Sex::Female } else { Sex::Male }
    }
}

impl fmt::Debug for Pesel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Pesel(…)")
    }
}

impl FromStr for Pesel {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let bytes = text.as_bytes();
        if bytes.len() != 11 || !bytes.iter().all(u8::is_ascii_digit) {
            return Err(InvalidValue::new("musi mieć 11 cyfr", "must be 11 digits"));
        }
        if check_digit(bytes) != digit(bytes, 10) {
            return Err(InvalidValue::new("ma błędną cyfrę kontrolną", "has a wrong check digit"));
        }
        if encoded_date(bytes).is_none() {
            return Err(InvalidValue::new("nie zawiera daty z kalendarza", "does not contain a calendar date"));
        }
        Ok(Self(text.to_owned()))
    }
}

json_from_text!(
    Pesel,
    StringSchema {
        description: "PESEL number: 11 digits with a date of birth and a check digit.".into(),
        pattern: "^[0-9]{11}$".into(),
        min_length: 11,
        max_length: 11,
        format: None,
        example: "44051401359",
    }
);

fn digit(bytes: &[u8], index: usize) -> u32 {
    bytes.get(index).map_or(0, |byte| u32::from(byte - b'0'))
}

fn check_digit(bytes: &[u8]) -> u32 {
    let sum: u32 = WEIGHTS.iter().enumerate().map(|(index, weight)| weight * digit(bytes, index)).sum();
    (10 - sum % 10) % 10
}

fn encoded_date(bytes: &[u8]) -> Option<NaiveDate> {
    let pair = |index| digit(bytes, index) * 10 + digit(bytes, index + 1);
    let (year, month, day) = (pair(0), pair(2), pair(4));
    // The century hides in the month: 1900 as it is, then 20 more for each century, 80 for 1800.
    let century = [1900, 2000, 2100, 2200, 1800].get((month / 20) as usize)?;
    NaiveDate::from_ymd_opt(i32::try_from(century + year).ok()?, month % 20, day)
}

/// A number with a valid check digit that belongs to nobody known, for tests, demo data and trials.
///
/// **Limits**: 5,000 different serials per day and sex; a greater serial starts
/// again. An unknown sex is encoded as female, since the number knows only two.
pub fn fictitious_pesel(birth: Day, sex: Sex, serial: u16) -> Pesel {
    let birth = birth.date();
    let century_months = match birth.year() {
        ..1900 => 80,
        1900..2000 => 0,
        2000..2100 => 20,
        2100..2200 => 40,
        2200.. => 60,
    };
    let sex_digit = serial / 1000 % 5 * 2 + u16::from(sex == Sex::Male);
    let ten = format!(
        "{:02}{:02}{:02}{:03}{sex_digit}",
        birth.year().rem_euclid(100),
        birth.month() + century_months,
        birth.day(),
        serial % 1000,
    );
    let check = check_digit(ten.as_bytes());
    Pesel(format!("{ten}{check}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a date")
    }

    #[test]
    fn the_century_is_read_from_the_month() {
        for (year, month) in [(1900, "01"), (2000, "21"), (2100, "41"), (2200, "61"), (1800, "81")] {
            let ten = format!("05{month}310001");
            let text = format!("{ten}{}", check_digit(ten.as_bytes()));
            let pesel: Pesel = text.parse().expect("valid");
            assert_eq!(pesel.birth_date(), date(year + 5, 1, 31), "{month}");
            assert_eq!(pesel.sex(), Sex::Male);
        }
    }

    #[test]
    fn broken_numbers_are_refused() {
        for (text, pl, en) in [
            ("", "musi mieć 11 cyfr", "must be 11 digits"),
            ("9001010000", "musi mieć 11 cyfr", "must be 11 digits"),
            ("900101000090", "musi mieć 11 cyfr", "must be 11 digits"),
            ("9001010000٩", "musi mieć 11 cyfr", "must be 11 digits"),
            ("90010100008", "ma błędną cyfrę kontrolną", "has a wrong check digit"),
            ("90130100004", "nie zawiera daty z kalendarza", "does not contain a calendar date"),
            ("90023000000", "nie zawiera daty z kalendarza", "does not contain a calendar date"),
            ("00000000000", "nie zawiera daty z kalendarza", "does not contain a calendar date"),
        ] {
            assert_eq!(text.parse::<Pesel>(), Err(InvalidValue::new(pl, en)), "{text}");
        }
    }

    #[test]
    fn the_published_sample_number_is_read() {
        let pesel: Pesel = "44051401359".parse().expect("valid");
        assert_eq!((pesel.birth_date(), pesel.sex()), (date(1944, 5, 14), Sex::Male));
    }

    #[test]
    fn neither_debug_nor_an_error_shows_the_number() {
        let pesel: Pesel = "90010100009".parse().expect("valid");
        assert_eq!(format!("{pesel:?}"), "Pesel(…)");
        for json in ["\"90010100008\"", "90010100009", "-90010100009", "9.0010100007e10"] {
            let error = serde_json::from_str::<Pesel>(json).expect_err("refused").to_string();
            assert!(!error.contains("9001") && !error.contains("9.0"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn a_fictitious_number_encodes_what_it_was_made_of(
            offset in 0..109_938_i64, male: bool, serial: u16,
        ) {
            let birth = Day::try_from(date(1900, 1, 1) + chrono::TimeDelta::days(offset)).expect("in range");
            let sex = if male { Sex::Male } else { Sex::Female };
            let pesel = fictitious_pesel(birth, sex, serial);
            prop_assert_eq!(pesel.expose().parse::<Pesel>(), Ok(pesel.clone()));
            prop_assert_eq!(pesel.birth_date(), birth.date());
            prop_assert_eq!(pesel.sex(), sex);
        }

        #[test]
        fn one_wrong_digit_is_always_noticed(serial: u16, place in 0..11_usize, shift in 1..10_u8) {
            let birth = Day::try_from(date(1975, 6, 15)).expect("in range");
            let mut digits = fictitious_pesel(birth, Sex::Female, serial).expose().as_bytes().to_vec();
            digits[place] = (digits[place] - b'0' + shift) % 10 + b'0';
            let text = String::from_utf8(digits).expect("digits");
            prop_assert!(text.parse::<Pesel>().is_err());
        }

        #[test]
        fn any_text_is_answered_without_panic(text in "\\PC{0,14}|[0-9]{11}") {
            let _ = text.parse::<Pesel>();
        }
    }
}
