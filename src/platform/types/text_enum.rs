//! Closed vocabularies that are stored and exchanged as text.

/// Declares an enum whose variants are written as the given text in JSON, in the schema and in a `TEXT` column.
///
/// ```ignore
/// text_enum! {
///     /// What was decided about an application.
///     pub enum DecisionKind {
///         /// Gets a place.
///         Selected = "selected",
///         /// Waits for a place.
///         Reserve = "reserve",
///     }
/// }
/// ```
///
/// Gives `ALL`, `as_str`, `Display`, `FromStr`, serde, diesel and a named
/// component schema whose description holds the doc comments of the variants.
/// The column's CHECK has to list the same words.
macro_rules! text_enum {
    (
        $(#[doc = $doc:expr])*
        $visibility:vis enum $name:ident {
            $( $(#[doc = $variant_doc:expr])* $variant:ident = $text:literal ),+ $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::Text)]
        $visibility enum $name {
            $( $(#[doc = $variant_doc])* $variant, )+
        }

        impl $name {
            /// Every value, in the order of declaration.
            $visibility const ALL: &'static [Self] = &[$( Self::$variant, )+];

            /// The value as it is written in JSON and in the database.
            $visibility const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $text, )+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::platform::types::InvalidValue;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or_else(|| {
                    let words = Self::ALL.iter().map(|value| value.as_str());
                    $crate::platform::types::InvalidValue($crate::platform::hint::Hint::one_of(words))
                })
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::platform::types::InvalidValue;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::platform::types::deserialize_text(deserializer)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $crate::platform::types::vocabulary_schema(
                    concat!($( $doc, "\n", )*),
                    &[$( ($text, concat!($( $variant_doc, )*)), )+],
                )
            }
        }

        impl utoipa::ToSchema for $name {}

        impl diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                <str as diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg>>::to_sql(
                    self.as_str(),
                    out,
                )
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                Ok(std::str::from_utf8(bytes.as_bytes())?.parse::<Self>()?)
            }
        }
    };
}
pub(crate) use text_enum;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

/// The schema of a vocabulary: its words, with what each of them means.
pub(crate) fn vocabulary_schema(doc: &str, words: &[(&'static str, &'static str)]) -> RefOr<Schema> {
    let mut description: Vec<String> = doc.lines().map(|line| line.trim().to_owned()).collect();
    description.push(String::new());
    description.extend(
        words.iter().filter(|(_, meaning)| !meaning.is_empty()).map(|(word, meaning)| format!("* `{word}`: {}", meaning.trim())),
    );
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description.join("\n").trim()))
        .enum_values(Some(words.iter().map(|(word, _)| *word)))
        .examples(words.first().map(|(word, _)| *word))
        .into()
}

#[cfg(test)]
mod tests {
    use diesel::pg::Pg;
    use diesel::sql_types::Text;

    text_enum! {
        /// A colour of the test.
        ///
        /// With a second paragraph.
        pub enum Colour {
            /// Like blood.
            Red = "red",
            /// Like
            /// grass.
            DarkGreen = "darkGreen",
            Blue = "blue",
        }
    }

    fn is_stored<T, S>()
    where
        T: diesel::expression::AsExpression<S> + diesel::deserialize::FromSqlRow<S, Pg> + diesel::serialize::ToSql<S, Pg>,
        S: diesel::sql_types::SqlType + diesel::expression::TypedExpressionType,
    {
    }

    #[derive(serde::Deserialize, utoipa::ToSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the schema is looked at")]
    struct Car {
        colour: Colour,
        second: Option<Colour>,
    }

    #[test]
    fn each_word_reads_back() {
        for &colour in Colour::ALL {
            assert_eq!(colour.as_str().parse(), Ok(colour));
            let json = serde_json::to_string(&colour).expect("serializes");
            assert_eq!(json, format!("\"{colour}\""));
            assert_eq!(serde_json::from_str::<Colour>(&json).ok(), Some(colour));
        }
        is_stored::<Colour, Text>();
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_known_ones_and_not_repeated() {
        for json in ["\"Red\"", "\"secret\"", "\"\""] {
            let error = serde_json::from_str::<Colour>(json).expect_err("refused").to_string();
            assert!(error.starts_with("must be one of: red, darkGreen, blue"), "{error}");
        }
        let error = serde_json::from_str::<Colour>("7").expect_err("refused").to_string();
        assert!(error.starts_with("must be a string"), "{error}");
    }

    #[test]
    fn the_schema_is_a_named_component_with_documented_words() {
        let mut schemas = Vec::new();
        <Car as utoipa::ToSchema>::schemas(&mut schemas);
        assert!(schemas.iter().all(|(name, _)| name == "Colour"));
        let (_, schema) = schemas.first().expect("registered");
        assert_eq!(
            serde_json::to_value(schema).expect("serializes"),
            serde_json::json!({
                "type": "string",
                "description": "A colour of the test.\n\nWith a second paragraph.\n\n* `red`: Like blood.\n* `darkGreen`: Like grass.",
                "enum": ["red", "darkGreen", "blue"],
                "examples": ["red"],
            })
        );
    }
}
