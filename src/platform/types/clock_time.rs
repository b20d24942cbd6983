//! Times of day.

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveTime, Timelike};
use diesel::sql_types::Time;

use super::{InvalidValue, StringSchema, json_from_text, json_to_text, stored_as};

/// A time of day to the minute, on the clocks of Europe/Warsaw.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = Time)]
pub struct ClockTime(NaiveTime);

impl ClockTime {
    /// The time as a time of the calendar library.
    pub const fn time(self) -> NaiveTime {
        self.0
    }

    /// Minutes since midnight, 0 to 1,439.
    pub fn minutes_of_day(self) -> i32 {
        // At most 23 × 60 + 59.
        i32::try_from(self.0.hour() * 60 + self.0.minute()).unwrap_or_default()
    }
}

fn not_a_time() -> InvalidValue {
    InvalidValue::new("musi być godziną od 00:00 do 23:59 w zapisie GG:MM", "must be a time from 00:00 to 23:59, written HH:MM")
}

impl TryFrom<NaiveTime> for ClockTime {
    type Error = InvalidValue;

    fn try_from(time: NaiveTime) -> Result<Self, InvalidValue> {
        if time.second() == 0 && time.nanosecond() == 0 { Ok(Self(time)) } else { Err(not_a_time()) }
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

impl FromStr for ClockTime {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let [h1, h2, b':', m1, m2] = text.as_bytes() else {
            return Err(not_a_time());
        };
        if ![h1, h2, m1, m2].into_iter().all(u8::is_ascii_digit) {
            return Err(not_a_time());
        }
        let number = |tens: u8, ones: u8| u32::from(tens - b'0') * 10 + u32::from(ones - b'0');
        NaiveTime::from_hms_opt(number(*h1, *h2), number(*m1, *m2), 0).map(Self).ok_or_else(not_a_time)
    }
}

json_from_text!(
    ClockTime,
    StringSchema {
        description: "Time of day on the clocks of Europe/Warsaw, `HH:MM`.".into(),
        pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$".into(),
        min_length: 5,
        max_length: 5,
        format: None,
        example: "08:30",
    }
);
json_to_text!(ClockTime);
stored_as!(ClockTime, Time, NaiveTime);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_hours_and_minutes_are_read() {
        for (text, minutes) in [
            ("00:00", Some(0)),
            ("08:30", Some(510)),
            ("23:59", Some(1439)),
            ("24:00", None),
            ("12:60", None),
            ("8:30", None),
            ("08:30:00", None),
            ("-8:30", None),
        ] {
            assert_eq!(text.parse::<ClockTime>().ok().map(ClockTime::minutes_of_day), minutes, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_time_reads_back(hour in 0..24_u32, minute in 0..60_u32) {
            let text = format!("{hour:02}:{minute:02}");
            prop_assert_eq!(text.parse::<ClockTime>().map(|time| time.to_string()), Ok(text));
        }
    }
}
