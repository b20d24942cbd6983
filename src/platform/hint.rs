//! What is wrong with a value, or expected of it, for a person: in Polish and in English.
//!
//! A hint never repeats the value, because that may be personal data.

use std::borrow::Cow;
use std::fmt;

use super::problem::Locale;

/// Stands between the two languages where a hint has to pass as one text, such as through serde.
const BETWEEN: &str = " / po polsku: ";

/// The same thing said in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    pl: Cow<'static, str>,
    en: Cow<'static, str>,
}

impl Hint {
    /// A hint in Polish and in English, neither of which may contain the refused value.
    pub fn new(pl: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self { pl: pl.into(), en: en.into() }
    }

    /// The text in the language given.
    pub fn text(&self, locale: Locale) -> &str {
        match locale {
            Locale::Polish => &self.pl,
            Locale::English => &self.en,
        }
    }

    /// A name that was probably meant.
    pub fn did_you_mean(name: &str) -> Self {
        Self::new(format!("czy chodziło o '{name}'?"), format!("did you mean '{name}'?"))
    }

    /// A vocabulary.
    pub fn one_of<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let words = words.collect::<Vec<_>>().join(", ");
        Self::new(format!("musi być jednym z: {words}"), format!("must be one of: {words}"))
    }

    /// A whole number between two bounds, both allowed.
    pub fn whole_number(least: impl fmt::Display, most: impl fmt::Display) -> Self {
        Self::new(
            format!("musi być liczbą całkowitą od {least} do {most}"),
            format!("must be a whole number from {least} to {most}"),
        )
    }

    /// A list with a number of items between two bounds, both allowed.
    pub fn items(least: usize, most: usize) -> Self {
        Self::new(format!("musi mieć od {least} do {most} pozycji"), format!("must have {least} to {most} items"))
    }

    /// Something that must be there.
    pub fn required() -> Self {
        Self::new("jest wymagane", "is required")
    }

    /// Something that may be there only once.
    pub fn twice() -> Self {
        Self::new("podano dwa razy", "is given twice")
    }

    /// What a deserializer said: a hint that passed through it, or its own words.
    ///
    /// Its own words quote the value (`invalid type: string "…"`) and are English only, so they are put into ours.
    pub fn of_deserializer(text: &str) -> Self {
        if let Some((en, pl)) = text.split_once(BETWEEN) {
            return Self::new(pl.to_owned(), en.to_owned());
        }
        if text.contains("UUID") {
            return Self::new("musi być identyfikatorem UUID", "must be a UUID");
        }
        if text.starts_with("unknown variant") {
            return Self::one_of(text.split('`').skip(3).step_by(2));
        }
        if text.contains("true` or `false") {
            return Self::of_expected("a boolean");
        }
        if text.contains("digit found in string") || text.contains("number too") {
            return Self::new(
                "musi być liczbą całkowitą w granicach z kontraktu",
                "must be a whole number within the bounds of the contract",
            );
        }
        Self::of_expected(text.rsplit_once(", expected ").map_or("", |(_, expected)| expected))
    }

    /// The kinds that serde names when it meets another one.
    fn of_expected(expected: &str) -> Self {
        match expected {
            "a string" | "string" | "str" => Self::new("musi być tekstem", "must be a string"),
            "a boolean" => Self::new("musi być wartością true albo false", "must be true or false"),
            "a sequence" => Self::new("musi być listą", "must be a list"),
            "a map" => Self::new("musi być obiektem", "must be an object"),
            "u8" => Self::whole_number(u8::MIN, u8::MAX),
            "u16" => Self::whole_number(u16::MIN, u16::MAX),
            "u32" => Self::whole_number(u32::MIN, u32::MAX),
            "i16" => Self::whole_number(i16::MIN, i16::MAX),
            "i32" => Self::whole_number(i32::MIN, i32::MAX),
            "i64" => Self::whole_number(i64::MIN, i64::MAX),
            // The name of a struct is ours, not the caller's.
            other if other.starts_with("struct ") => Self::of_expected("a map"),
            _ => Self::new("ma inną postać niż w kontrakcie", "has another form than in the contract"),
        }
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{BETWEEN}{}", self.en, self.pl)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_passes_through_a_deserializer_in_both_languages() {
        let hint = Hint::items(1, 5);
        assert_eq!(Hint::of_deserializer(&hint.to_string()), hint);
    }

    #[test]
    fn what_a_deserializer_says_is_put_into_both_languages_without_the_value() {
        for (said, pl, en) in [
            ("invalid type: string \"8501\", expected i16", "od -32768 do 32767", "from -32768 to 32767"),
            ("invalid type: integer `8501`, expected a sequence", "musi być listą", "must be a list"),
            ("invalid type: sequence, expected struct Body", "musi być obiektem", "must be an object"),
            ("UUID parsing failed: invalid character: found `x` at 0", "identyfikatorem UUID", "must be a UUID"),
            ("invalid digit found in string", "liczbą całkowitą", "whole number"),
            ("unknown variant `8501`, expected `a` or `b`", "musi być jednym z: a, b", "must be one of: a, b"),
            ("something of 8501", "inną postać", "another form"),
        ] {
            let hint = Hint::of_deserializer(said);
            assert!(hint.text(Locale::Polish).contains(pl) && hint.text(Locale::English).contains(en), "{said}: {hint}");
            assert!(!hint.to_string().contains("8501"));
        }
    }
}
