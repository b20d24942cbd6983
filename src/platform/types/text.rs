//! Free text with bounds.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use diesel::deserialize::{self, FromSql};
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::{InvalidValue, StringSchema, deserialize_free_text};

/// Text of up to 200 characters, such as a name or a title.
pub type ShortText = Text<1, 200>;

/// Text of up to 4,000 characters, such as a reason or a description.
pub type LongText = Text<1, 4000>;

/// Free text between `MIN` and `MAX` characters, without spaces around it.
///
/// `Debug` shows only the length and there is no `Display`, because free text
/// is where personal data turn up. In the body of a request it must not hold a
/// PESEL; what was stored before is still read.
///
/// **Limits**: the upper bound holds for the text as it was sent, the lower
/// bound for what remains without the spaces around it. Control characters
/// other than line feed and tab are refused (the database cannot store NUL, and
/// the others break lists and exports).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, given away.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl<const MIN: usize, const MAX: usize> AsRef<str> for Text<MIN, MAX> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Debug for Text<MIN, MAX> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Text({} characters)", self.0.chars().count())
    }
}

impl<const MIN: usize, const MAX: usize> FromStr for Text<MIN, MAX> {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let trimmed = text.trim();
        // The bytes are looked at first, so that counting never walks through an endless text.
        let too_long = text.len() > MAX.saturating_mul(4) || text.chars().count() > MAX;
        if too_long || trimmed.chars().count() < MIN {
            return Err(InvalidValue::new(
                format!("musi mieć od {MIN} do {MAX} znaków"),
                format!("must have {MIN} to {MAX} characters"),
            ));
        }
        if text.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\t')) {
            return Err(InvalidValue::new(
                "nie może zawierać znaków sterujących innych niż nowy wiersz i tabulator",
                "must not contain control characters other than line feed and tab",
            ));
        }
        Ok(Self(trimmed.to_owned()))
    }
}

impl<const MIN: usize, const MAX: usize> TryFrom<String> for Text<MIN, MAX> {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        text.parse()
    }
}

impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Text<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_free_text(deserializer)
    }
}

impl<const MIN: usize, const MAX: usize> Serialize for Text<MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Allowed characters; then, at least one that is no white space.
const ALLOWED: &str = r"[^\u0000-\u0008\u000B-\u001F\u007F-\u009F]";
const SPACE: &str = r"[\t\n \u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]";
const VISIBLE: &str = r"[^\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]";

impl<const MIN: usize, const MAX: usize> utoipa::PartialSchema for Text<MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        let pattern = match MIN {
            0 => format!("^{ALLOWED}*$"),
            1 => format!("^{SPACE}*{VISIBLE}{ALLOWED}*$"),
            // What remains without the spaces around it has its first and its last visible character.
            _ => format!("^{SPACE}*{VISIBLE}{ALLOWED}{{{},}}{VISIBLE}{SPACE}*$", MIN - 2),
        };
        StringSchema {
            description: Cow::Owned(format!(
                "Text of {MIN} to {MAX} characters; spaces around it are cut off; \
                 no control characters other than line feed and tab."
            )),
            pattern: pattern.into(),
            min_length: MIN,
            max_length: MAX,
            format: None,
            example: "Tekst",
        }
        .build()
        .into()
    }
}

impl<const MIN: usize, const MAX: usize> utoipa::ToSchema for Text<MIN, MAX> {
    // The default name leaves the bounds out, and two lengths would share one component.
    fn name() -> Cow<'static, str> {
        match (MIN, MAX) {
            (1, 200) => "ShortText".into(),
            (1, 4000) => "LongText".into(),
            _ => format!("Text{MIN}To{MAX}").into(),
        }
    }
}

impl<const MIN: usize, const MAX: usize> ToSql<diesel::sql_types::Text, Pg> for Text<MIN, MAX> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <str as ToSql<diesel::sql_types::Text, Pg>>::to_sql(&self.0, out)
    }
}

impl<const MIN: usize, const MAX: usize> FromSql<diesel::sql_types::Text, Pg> for Text<MIN, MAX> {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(std::str::from_utf8(bytes.as_bytes())?.parse()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Tiny = Text<1, 5>;
    type Optional = Text<0, 5>;

    #[derive(Deserialize, utoipa::ToSchema)]
    #[expect(dead_code, reason = "only the schema is looked at")]
    struct Body {
        title: ShortText,
        reason: Option<LongText>,
        tiny: Tiny,
    }

    #[test]
    fn characters_are_counted_and_control_characters_refused() {
        for (text, parsed) in [
            ("a", Some("a")),
            ("  a ", Some("a")),
            ("żółwi", Some("żółwi")),
            ("a\nb\tc", Some("a\nb\tc")),
            ("", None),
            ("   ", None),
            ("\u{3000}", None),
            ("abcdef", None),
            ("abcde ", None),
            ("a\0b", None),
            ("a\r\nb", None),
            ("a\u{85}", None),
            ("a\u{7f}", None),
        ] {
            assert_eq!(text.parse::<Tiny>().ok().as_ref().map(Text::as_str), parsed, "{text:?}");
        }
        assert_eq!(" ".parse::<Optional>().ok().map(Text::into_string), Some(String::new()));
    }

    #[test]
    fn the_schema_takes_what_is_taken_and_nothing_else() {
        let schema = serde_json::to_value(<Text<3, 20> as utoipa::PartialSchema>::schema()).expect("serializes");
        let pattern = regex::Regex::new(schema["pattern"].as_str().expect("a pattern")).expect("a regular expression");
        for text in ["abc", "a c", " abc ", "a\u{3000}c", "ab", " ab ", "a  ", "\u{2009}\u{2007}\u{2028}a", "a\n\tb", "ą ć"] {
            let bounded = (3..=20).contains(&text.chars().count()) && pattern.is_match(text);
            assert_eq!(bounded, text.parse::<Text<3, 20>>().is_ok(), "{text:?}");
        }
    }

    #[test]
    fn debug_does_not_show_the_text() {
        let text: ShortText = "Anna Nowak".parse().expect("valid");
        assert_eq!(format!("{text:?}"), "Text(10 characters)");
    }

    #[test]
    fn each_length_is_a_component_of_its_own() {
        let mut schemas = Vec::new();
        <Body as utoipa::ToSchema>::schemas(&mut schemas);
        let names: Vec<_> = schemas.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["ShortText", "LongText", "Text1To5"]);
        let body = serde_json::to_value(<Body as utoipa::PartialSchema>::schema()).expect("serializes");
        assert_eq!(body["properties"]["tiny"]["$ref"], "#/components/schemas/Text1To5");
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_is_trimmed_bounded_and_stable(text in "\\PC{0,8}|\\s*\\w*\\s*|.{0,8}") {
            if let Ok(parsed) = text.parse::<Tiny>() {
                let length = parsed.as_str().chars().count();
                prop_assert!((1..=5).contains(&length));
                prop_assert_eq!(parsed.as_str().trim(), parsed.as_str());
                prop_assert!(!parsed.as_str().contains('\0'));
                prop_assert_eq!(parsed.as_str().parse::<Tiny>(), Ok(parsed.clone()));
            }
        }
    }
}
