//! Typed documents inside a row.

use std::io::Write as _;

use diesel::deserialize::{self, FromSql};
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Json, Jsonb};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What PostgreSQL puts before the text of a `jsonb` value on the wire.
const JSONB_VERSION: u8 = 1;

/// A value kept as one JSON document in a `JSONB` column, in the form it has in the API.
///
/// For parts that are read and replaced together with their row and never
/// searched; what is counted or referred to gets a table.
#[derive(
    Debug,
    Clone,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = Jsonb)]
#[serde(transparent)]
pub struct Stored<T>(pub T);

impl<T: Serialize + std::fmt::Debug> ToSql<Jsonb, Pg> for Stored<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&[JSONB_VERSION])?;
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}

impl<T: DeserializeOwned> FromSql<Jsonb, Pg> for Stored<T> {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        match bytes.as_bytes().split_first() {
            Some((&JSONB_VERSION, document)) => Ok(Self(serde_json::from_slice(document)?)),
            _ => Err("a JSONB value of an unknown version".into()),
        }
    }
}

impl<T: DeserializeOwned> FromSql<Json, Pg> for Stored<T> {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_slice(bytes.as_bytes())?))
    }
}
