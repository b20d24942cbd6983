//! What the value types share: their error, their JSON form, their schema and their column.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::str::FromStr;

use crate::platform::hint::Hint;
use serde::de::{Deserializer, Error, Visitor};
use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, SchemaFormat, Type};

/// A value that is not one of the type's; its text says in both languages what is expected and never repeats the input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidValue(pub Hint);

impl InvalidValue {
    /// An error with an explanation in Polish and in English, neither of which may contain the refused value.
    pub fn new(pl: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self(Hint::new(pl, en))
    }
}

/// The part of an `OpenAPI` schema that differs between string-valued types.
pub(crate) struct StringSchema {
    pub(crate) description: Cow<'static, str>,
    pub(crate) pattern: Cow<'static, str>,
    pub(crate) min_length: usize,
    pub(crate) max_length: usize,
    pub(crate) format: Option<&'static str>,
    pub(crate) example: &'static str,
}

impl StringSchema {
    pub(crate) fn build(self) -> Object {
        let format = self.format.map(|name| match name {
            "date" => SchemaFormat::KnownFormat(KnownFormat::Date),
            other => SchemaFormat::Custom(other.to_owned()),
        });
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(format)
            .description(Some(self.description))
            .pattern(Some(self.pattern))
            .min_length(Some(self.min_length))
            .max_length(Some(self.max_length))
            .examples([self.example])
            .build()
    }
}

/// Reads a string and parses it, without ever quoting the input in an error.
///
/// # Errors
/// When the input is no string or the type refuses it.
pub(crate) fn deserialize_text<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_str(TextVisitor(PhantomData)).map_err(unquoted)
}

/// As [`deserialize_text`], for what somebody wrote in words: the body of a request refuses a PESEL in it.
///
/// # Errors
/// As [`deserialize_text`].
pub(crate) fn deserialize_free_text<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_string(TextVisitor(PhantomData)).map_err(unquoted)
}

/// Deserializers quote a value of another type ("invalid type: integer `9001…`"),
/// which would carry a national number into an answer and a log.
fn unquoted<E: Error>(error: E) -> E {
    if error.to_string().starts_with("invalid type") {
        E::custom(Hint::of_deserializer("invalid type, expected a string"))
    } else {
        error
    }
}

struct TextVisitor<T>(PhantomData<T>);

impl<T: FromStr<Err: Display>> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// Lets a `FromStr` type be read from JSON and described by a [`StringSchema`].
macro_rules! json_from_text {
    ($type:ty, $schema:expr) => {
        $crate::platform::types::json_from_text!($type, $schema, deserialize_text);
    };
    // What somebody chose freely is read by `deserialize_free_text`.
    ($type:ty, $schema:expr, $read:ident) => {
        impl TryFrom<String> for $type {
            type Error = $crate::platform::types::InvalidValue;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::platform::types::$read(deserializer)
            }
        }

        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $schema.build().into()
            }
        }

        impl utoipa::ToSchema for $type {}
    };
}
pub(crate) use json_from_text;

/// Lets a `Display` type be written to JSON as that text.
macro_rules! json_to_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                // Not `collect_str`, which looks for characters to escape in every piece that `Display` writes.
                serializer.serialize_str(&self.to_string())
            }
        }
    };
}
pub(crate) use json_to_text;

/// Maps a newtype onto the column type of the one value it wraps, checked by its `TryFrom`.
macro_rules! stored_as {
    ($type:ty, $sql:ty, $inner:ty) => {
        impl diesel::serialize::ToSql<$sql, diesel::pg::Pg> for $type {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>) -> diesel::serialize::Result {
                <$inner as diesel::serialize::ToSql<$sql, diesel::pg::Pg>>::to_sql(&self.0, out)
            }
        }

        impl diesel::deserialize::FromSql<$sql, diesel::pg::Pg> for $type {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                let inner = <$inner as diesel::deserialize::FromSql<$sql, diesel::pg::Pg>>::from_sql(bytes)?;
                Ok(<$type>::try_from(inner)?)
            }
        }
    };
}
pub(crate) use stored_as;
