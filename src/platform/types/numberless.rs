//! Free text in which no PESEL stands.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use diesel::deserialize::{self, FromSql};
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::{InvalidValue, Text, deserialize_free_text, holds_pesel};

/// A line of up to 200 characters in which no PESEL stands.
pub type NumberlessLine = Numberless<200>;

/// Text of up to 4,000 characters in which no PESEL stands.
pub type NumberlessText = Numberless<4000>;

/// Free text about a person's case that may be read without the person's identity, so a PESEL in it is refused.
///
/// What was stored is read as it is; how a PESEL is recognised may have changed since.
///
/// **Limits**: 1 to `MAX` characters, as [`Text`]. A name cannot be recognised, so the contract asks for none.
#[derive(Clone, PartialEq, Eq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct Numberless<const MAX: usize>(Text<1, MAX>);

impl<const MAX: usize> Numberless<MAX> {
    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl<const MAX: usize> fmt::Debug for Numberless<MAX> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl<const MAX: usize> FromStr for Numberless<MAX> {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let text: Text<1, MAX> = text.parse()?;
        if holds_pesel(text.as_str()) {
            return Err(InvalidValue::new(
                "zawiera PESEL, dla którego miejsce jest tylko w danych osobowych",
                "holds a PESEL, which has its place in the person's identity only",
            ));
        }
        Ok(Self(text))
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Numberless<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_free_text(deserializer).map(Self)
    }
}

impl<const MAX: usize> Serialize for Numberless<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<const MAX: usize> utoipa::PartialSchema for Numberless<MAX> {
    fn schema() -> RefOr<Schema> {
        let mut schema = <Text<1, MAX> as utoipa::PartialSchema>::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            let form = object.description.take().unwrap_or_default();
            object.description = Some(format!("{form} A PESEL in it is refused; names have no place in it."));
        }
        schema
    }
}

impl<const MAX: usize> utoipa::ToSchema for Numberless<MAX> {
    fn name() -> Cow<'static, str> {
        match MAX {
            200 => "NumberlessLine".into(),
            4000 => "NumberlessText".into(),
            _ => format!("NumberlessTo{MAX}").into(),
        }
    }
}

impl<const MAX: usize> ToSql<diesel::sql_types::Text, Pg> for Numberless<MAX> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <str as ToSql<diesel::sql_types::Text, Pg>>::to_sql(self.as_str(), out)
    }
}

impl<const MAX: usize> FromSql<diesel::sql_types::Text, Pg> for Numberless<MAX> {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(std::str::from_utf8(bytes.as_bytes())?.parse()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pesel_is_refused_wherever_it_stands() {
        for (text, taken) in [
            ("Udział w warsztatach", true),
            ("telefon 600 100 200", true),
            ("44051401359", false),
            ("Kontakt z osobą o numerze 44051401359, w środę", false),
            ("  ", false),
        ] {
            assert_eq!(text.parse::<NumberlessText>().is_ok(), taken, "{text}");
        }
        assert_eq!(format!("{:?}", "tajne".parse::<NumberlessLine>().expect("a line")), "Text(5 characters)");
    }
}
