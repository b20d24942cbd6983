//! How exactly a date is known.

use super::text_enum;

text_enum! {
    /// How exactly a stored date is known.
    pub enum DatePrecision {
        /// The source names the day.
        Day = "day",
        /// The source names the month; the day is its first.
        Month = "month",
        /// The source names the year; the day is its first.
        Year = "year",
        /// No source names it; it follows from another date.
        Derived = "derived",
    }
}

impl Default for DatePrecision {
    /// A date that is given without more is meant to the day.
    fn default() -> Self {
        Self::Day
    }
}
