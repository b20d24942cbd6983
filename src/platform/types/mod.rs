//! The words of the domain as types: a value that exists is a valid value.
//!
//! Every type is parsed once, at the edge (JSON, query, database row), and is
//! correct from then on. The text of an [`InvalidValue`] never repeats the
//! input, because the input may be personal data.
//!
//! JSON holds decimals, hours and dates as strings; no floating-point number
//! takes part in any figure. What is said about a type in its schema (length,
//! pattern) is exactly what is checked, save for what a pattern cannot say
//! (check digits, the calendar).

mod scalar;
mod text_enum;

mod assistant_code;
mod bounded;
mod clock_time;
mod code;
mod day;
mod folding;
mod full_time;
mod hour_change;
mod hours;
mod instant;
mod iso_week;
mod moment;
mod money;
mod month;
mod months_and_days;
mod nip;
mod percent;
mod period;
mod pesel;
mod pesel_in_text;
mod points;
mod precision;
mod ratio;
mod regon;
mod sex;
mod shown_digits;
mod stored;
mod teryt;
#[cfg(test)]
mod tests;
mod text;

pub use assistant_code::AssistantCode;
pub use bounded::{Whole, between, count_between};
pub use clock_time::ClockTime;
pub use code::Code;
pub use day::{Day, add_months_clipped};
pub use folding::folded;
pub use full_time::FullTime;
pub use hour_change::HourChange;
pub use hours::Hours;
pub use iso_week::IsoWeek;
pub use moment::Moment;
pub use money::Money;
pub use month::Month;
pub use months_and_days::MonthsAndDays;
pub use nip::Nip;
pub use percent::Percent;
pub use period::Period;
pub use pesel::{Pesel, fictitious_pesel};
pub use pesel_in_text::{PESEL_IN_TEXT, holds_pesel, holds_whole_pesel};
pub use points::Points;
pub use precision::DatePrecision;
pub use ratio::{Ratio, SixPlaces, mean};
pub use regon::Regon;
pub use scalar::InvalidValue;
pub use sex::Sex;
pub use stored::Stored;
pub use teryt::{Teryt, TerytLevel};
pub use text::{LongText, ShortText, Text};

pub(crate) use instant::instant_to_json;
pub(crate) use scalar::{StringSchema, json_from_text, json_to_text, stored_as};
pub(crate) use text_enum::{text_enum, vocabulary_schema};

// The expansion of `text_enum!` reaches these from any slice.
pub(crate) use scalar::{deserialize_free_text, deserialize_text};
