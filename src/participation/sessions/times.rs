//! How long a session takes and when it ends, without SQL and HTTP.

use thiserror::Error;

use crate::platform::hint::Hint;
use crate::platform::types::{ClockTime, Hours};

/// Minutes of a lesson hour (Polish: godzina lekcyjna). **Units**: minutes.
pub const LESSON_MINUTES: i32 = 45;
/// No session lasts longer than its day. **Units**: minutes.
const MINUTES_OF_A_DAY: i32 = 24 * 60;

/// How much is taught, without breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// In clock hours.
    pub hours: Hours,
    /// In lesson hours, where it was agreed in them.
    pub lesson_hours: Option<i32>,
}

/// From when to when on its day, breaks included; the end is not within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// When it begins.
    pub starts_at: ClockTime,
    /// When it ends.
    pub ends_at: ClockTime,
}

/// Why length or times are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TimesFault {
    /// Neither clock hours nor lesson hours, or both.
    #[error("give either hours or lessonHours")]
    OneLength,
    /// No time at all, or more than a day.
    #[error("must be more than zero and at most 24 hours")]
    Length,
    /// Lesson hours of which none fits a day.
    #[error("must be a whole number from 1 to 32")]
    LessonHours,
    /// An end without a start.
    #[error("needs startsAt")]
    EndAlone,
    /// An end before everything is taught.
    #[error("must leave room for the hours after startsAt")]
    EndTooEarly,
    /// An end on the next day.
    #[error("the session must end by 23:59 of its day")]
    PastMidnight,
}

impl TimesFault {
    /// The field that is wrong.
    pub fn field(self) -> &'static str {
        match self {
            Self::OneLength | Self::Length => "hours",
            Self::LessonHours => "lessonHours",
            Self::EndAlone | Self::EndTooEarly => "endsAt",
            Self::PastMidnight => "startsAt",
        }
    }

    /// The same in both languages.
    pub fn hint(self) -> Hint {
        let pl = match self {
            Self::OneLength => "podaj hours albo lessonHours",
            Self::Length => "musi być więcej niż zero i najwyżej 24 godziny",
            Self::LessonHours => "musi być liczbą całkowitą od 1 do 32",
            Self::EndAlone => "wymaga startsAt",
            Self::EndTooEarly => "musi zostawiać po startsAt czas na wszystkie godziny",
            Self::PastMidnight => "zajęcia muszą kończyć się do 23:59 swojego dnia",
        };
        Hint::new(pl, self.to_string())
    }
}

impl Length {
    /// The length that a body states in one of the two units.
    ///
    /// # Errors
    /// [`TimesFault`] where it states none, both, or an impossible one.
    pub fn of(hours: Option<Hours>, lesson_hours: Option<i32>) -> Result<Self, TimesFault> {
        let lessons_of_a_day = 1..=MINUTES_OF_A_DAY / LESSON_MINUTES;
        if lesson_hours.is_some_and(|count| !lessons_of_a_day.contains(&count)) {
            return Err(TimesFault::LessonHours);
        }
        match (hours, lesson_hours) {
            (Some(hours), None) if hours > Hours::ZERO && hours.minutes() <= MINUTES_OF_A_DAY => {
                Ok(Self { hours, lesson_hours: None })
            }
            (Some(_), None) => Err(TimesFault::Length),
            (None, Some(count)) => {
                let hours = Hours::from_minutes(count * LESSON_MINUTES).map_err(|_| TimesFault::LessonHours)?;
                Ok(Self { hours, lesson_hours: Some(count) })
            }
            (None, None) | (Some(_), Some(_)) => Err(TimesFault::OneLength),
        }
    }
}

/// The time of day at so many minutes after midnight; none on the next day.
fn at_minute(minute: i32) -> Option<ClockTime> {
    let minute = u32::try_from(minute).ok()?;
    chrono::NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).and_then(|time| time.try_into().ok())
}

impl Slot {
    /// The slot of a session; none where it has no times. Without an end it takes as long as is taught.
    ///
    /// # Errors
    /// [`TimesFault`].
    pub fn of(starts_at: Option<ClockTime>, ends_at: Option<ClockTime>, hours: Hours) -> Result<Option<Self>, TimesFault> {
        let Some(starts_at) = starts_at else {
            return if ends_at.is_some() { Err(TimesFault::EndAlone) } else { Ok(None) };
        };
        let earliest = starts_at.minutes_of_day() + hours.minutes();
        let ends_at = match ends_at {
            None => at_minute(earliest).ok_or(TimesFault::PastMidnight)?,
            Some(ends_at) if ends_at.minutes_of_day() >= earliest => ends_at,
            Some(_) => return Err(TimesFault::EndTooEarly),
        };
        Ok(Some(Self { starts_at, ends_at }))
    }

    /// The slot of the same length that begins at another time.
    ///
    /// # Errors
    /// [`TimesFault::PastMidnight`].
    pub fn moved_to(self, starts_at: ClockTime) -> Result<Self, TimesFault> {
        let length = self.ends_at.minutes_of_day() - self.starts_at.minutes_of_day();
        let ends_at = at_minute(starts_at.minutes_of_day() + length).ok_or(TimesFault::PastMidnight)?;
        Ok(Self { starts_at, ends_at })
    }

    /// Whether the two share a moment on the same day.
    pub fn meets(self, other: Self) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn time(text: &str) -> ClockTime {
        text.parse().expect("a time")
    }

    fn hours(text: &str) -> Hours {
        text.parse().expect("hours")
    }

    #[test]
    fn a_length_is_stated_in_one_unit() {
        for (clock, lessons, settled) in [
            (Some("3"), None, Ok("3")),
            (None, Some(2), Ok("1.5")),
            (None, Some(32), Ok("24")),
            (Some("24.25"), None, Err(TimesFault::Length)),
            (Some("0"), None, Err(TimesFault::Length)),
            (None, Some(0), Err(TimesFault::LessonHours)),
            (None, Some(33), Err(TimesFault::LessonHours)),
            (None, None, Err(TimesFault::OneLength)),
            (Some("1.5"), Some(2), Err(TimesFault::OneLength)),
        ] {
            let length = Length::of(clock.map(hours), lessons);
            assert_eq!(length.map(|length| length.hours), settled.map(hours), "{clock:?} {lessons:?}");
        }
    }

    #[test]
    fn a_session_ends_on_its_day_after_all_is_taught() {
        let slot = |starts: Option<&str>, ends: Option<&str>, length: &str| {
            Slot::of(starts.map(time), ends.map(time), hours(length)).map(|slot| slot.map(|slot| slot.ends_at.to_string()))
        };
        assert_eq!(slot(None, None, "3"), Ok(None));
        assert_eq!(slot(Some("09:00"), None, "3.25"), Ok(Some("12:15".to_owned())));
        assert_eq!(slot(Some("09:00"), Some("12:45"), "3"), Ok(Some("12:45".to_owned())));
        assert_eq!(slot(Some("09:00"), Some("11:59"), "3"), Err(TimesFault::EndTooEarly));
        assert_eq!(slot(Some("22:00"), None, "2"), Err(TimesFault::PastMidnight));
        assert_eq!(slot(None, Some("12:00"), "2"), Err(TimesFault::EndAlone));
    }

    proptest! {
        #[test]
        fn slots_meet_exactly_when_they_share_a_minute(a in 0..1438_i32, b in 0..1438_i32, long in 1..400_i32, other in 1..400_i32) {
            let slot = |from: i32, length: i32| {
                let to = (from + length).min(1439);
                Slot { starts_at: at_minute(from).expect("a time"), ends_at: at_minute(to).expect("a time") }
            };
            let (one, two) = (slot(a, long), slot(b, other));
            let minutes = |slot: Slot| slot.starts_at.minutes_of_day()..slot.ends_at.minutes_of_day();
            prop_assert_eq!(one.meets(two), minutes(one).any(|minute| minutes(two).contains(&minute)));
            prop_assert_eq!(one.meets(two), two.meets(one));
        }
    }
}
