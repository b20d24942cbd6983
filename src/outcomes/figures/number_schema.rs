//! How the contract describes a number of a figure, and a difference of two.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, SchemaType, Type};

/// Most that a whole number says, and least that a difference does with its sign turned.
pub(super) const MOST: i64 = 1_000_000_000_000;
/// A decimal string: hours and money with two places, everything else with six.
const DECIMAL: &str = r"^-?[0-9]{1,29}\.([0-9]{2}|[0-9]{6})$";
/// Characters of the longest of them.
const LONGEST: usize = 37;

/// A whole number from `least` to [`MOST`], or a decimal string.
pub(super) fn number_schema(least: i64, description: &str) -> RefOr<Schema> {
    let integer = ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::Integer))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(least))
        .maximum(Some(MOST))
        .build();
    let decimal =
        ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).pattern(Some(DECIMAL)).max_length(Some(LONGEST)).build();
    OneOfBuilder::new().item(integer).item(decimal).description(Some(description)).into()
}
