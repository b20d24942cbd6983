//! The days that a weekly pattern gives, without SQL and HTTP.

use chrono::{Datelike, Weekday as Chrono};
use thiserror::Error;

use crate::participation::sessions::times::{LESSON_MINUTES, Length, Slot};
use crate::platform::public_holidays::{PublicHolidayView, holiday, is_working_day};
use crate::platform::types::{Day, Hours, text_enum};

/// Sessions of one pattern.
pub const MOST_SESSIONS: usize = 500;

text_enum! {
    /// A day of the week.
    pub enum WeekDay {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
}

text_enum! {
    /// What becomes of a session that falls on a public holiday.
    pub enum OnHoliday {
        /// It is held all the same.
        Keep = "keep",
        /// It is not held; its hours are told as dropped.
        Drop = "drop",
        /// It is held on the next day from Monday to Friday that is no holiday.
        MoveToNextWorkingDay = "moveToNextWorkingDay",
        /// It is held on the Friday of that week; dropped where that is a holiday too, or over.
        MoveToFriday = "moveToFriday",
    }
}

text_enum! {
    /// What became of a day of the pattern.
    pub enum DayOutcome {
        /// A session on the day itself.
        Held = "held",
        /// A session on another day.
        Moved = "moved",
        /// No session.
        Dropped = "dropped",
    }
}

impl WeekDay {
    fn falls_on(self, day: Day) -> bool {
        let wanted = match self {
            Self::Monday => Chrono::Mon,
            Self::Tuesday => Chrono::Tue,
            Self::Wednesday => Chrono::Wed,
            Self::Thursday => Chrono::Thu,
            Self::Friday => Chrono::Fri,
            Self::Saturday => Chrono::Sat,
            Self::Sunday => Chrono::Sun,
        };
        day.date().weekday() == wanted
    }
}

/// What is held on a day of each week.
#[derive(Clone, Copy, Debug)]
pub struct Weekly {
    /// The day.
    pub weekday: WeekDay,
    /// When.
    pub slot: Slot,
    /// How much is taught.
    pub length: Length,
}

/// A weekly pattern.
#[derive(Clone, Debug)]
pub struct Terms {
    /// What is held each week.
    pub weekly: Vec<Weekly>,
    /// First day.
    pub from: Day,
    /// Last day of the pattern.
    pub to: Day,
    /// Last day on which a moved session may be held: that of the edition.
    pub last: Day,
    /// How much is taught in the whole; then the pattern ends before its last day.
    pub total: Option<Hours>,
    /// What becomes of holidays.
    pub on_holiday: OnHoliday,
}

/// A day of the pattern, and what becomes of it.
#[derive(Clone, Copy, Debug)]
pub struct PatternDay {
    /// The day by the pattern.
    pub planned_on: Day,
    /// The day on which it is held; none where it is dropped.
    pub held_on: Option<Day>,
    /// When.
    pub slot: Slot,
    /// How much is taught.
    pub length: Length,
    /// The holiday on the day by the pattern.
    pub holiday: Option<PublicHolidayView>,
}

impl PatternDay {
    /// What became of the day.
    pub fn outcome(&self) -> DayOutcome {
        match self.held_on {
            None => DayOutcome::Dropped,
            Some(day) if day == self.planned_on => DayOutcome::Held,
            Some(_) => DayOutcome::Moved,
        }
    }
}

/// Why a pattern gives no sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PatternFault {
    /// More than a pattern may have.
    #[error("too many sessions")]
    TooMany,
    /// Nothing at all.
    #[error("no day of the pattern can be held")]
    Nothing,
    /// The period ends before the hours are reached.
    #[error("only some of the hours fit into the period")]
    TooShort(Hours),
    /// Two sessions of the pattern at once.
    #[error("two sessions of the pattern meet")]
    Meets(Day),
    /// What is left for the last session is no whole lesson hour.
    #[error("the hours that are left are no whole lesson hours")]
    BrokenLesson,
}

/// The days of a pattern in their order.
///
/// The last session is shortened to the hours that are left of the total.
///
/// # Errors
/// [`PatternFault`].
pub fn plan(terms: &Terms) -> Result<Vec<PatternDay>, PatternFault> {
    let mut weekly = terms.weekly.clone();
    weekly.sort_by_key(|weekly| weekly.slot.starts_at);
    let mut planned: Vec<PatternDay> = Vec::new();
    let mut taught = Hours::ZERO;
    let mut day = terms.from;
    while day <= terms.to && terms.total.is_none_or(|total| taught < total) {
        for weekly in weekly.iter().filter(|weekly| weekly.weekday.falls_on(day)) {
            let left = terms.total.and_then(|total| total.checked_sub(taught)).unwrap_or(weekly.length.hours);
            if left == Hours::ZERO {
                break;
            }
            let (slot, length) = shortened(weekly, left)?;
            let holiday = holiday(day);
            let held_on = if holiday.is_some() { terms.instead_of(day) } else { Some(day) };
            if held_on.is_some() {
                taught = taught.checked_add(length.hours).ok_or(PatternFault::TooMany)?;
            }
            planned.push(PatternDay { planned_on: day, held_on, slot, length, holiday });
            if planned.len() > MOST_SESSIONS {
                return Err(PatternFault::TooMany);
            }
        }
        let Ok(next) = day.plus_days(1) else { break };
        day = next;
    }
    if terms.total.is_some_and(|total| taught < total) {
        return Err(PatternFault::TooShort(taught));
    }
    if taught == Hours::ZERO {
        return Err(PatternFault::Nothing);
    }
    match first_meeting(&planned) {
        Some(day) => Err(PatternFault::Meets(day)),
        None => Ok(planned),
    }
}

impl Terms {
    /// The day on which a session is held in place of a holiday; none where it is dropped.
    fn instead_of(&self, day: Day) -> Option<Day> {
        let instead = match self.on_holiday {
            OnHoliday::Keep => Some(day),
            OnHoliday::Drop => None,
            OnHoliday::MoveToNextWorkingDay => {
                let mut next = day.plus_days(1).ok()?;
                while !is_working_day(next) {
                    next = next.plus_days(1).ok()?;
                }
                Some(next)
            }
            OnHoliday::MoveToFriday => {
                let wait = 4_u32.checked_sub(day.date().weekday().num_days_from_monday()).filter(|wait| *wait > 0)?;
                day.plus_days(wait).ok().filter(|friday| is_working_day(*friday))
            }
        };
        instead.filter(|day| *day <= self.last)
    }
}

/// The session as it is, or as long as there are hours left.
fn shortened(weekly: &Weekly, left: Hours) -> Result<(Slot, Length), PatternFault> {
    if left >= weekly.length.hours {
        return Ok((weekly.slot, weekly.length));
    }
    let lesson_hours = match weekly.length.lesson_hours {
        None => None,
        Some(_) if left.minutes() % LESSON_MINUTES == 0 => Some(left.minutes() / LESSON_MINUTES),
        Some(_) => return Err(PatternFault::BrokenLesson),
    };
    let slot = Slot::of(Some(weekly.slot.starts_at), None, left).ok().flatten().unwrap_or(weekly.slot);
    Ok((slot, Length { hours: left, lesson_hours }))
}

/// The first day on which two sessions of the pattern share a moment.
fn first_meeting(planned: &[PatternDay]) -> Option<Day> {
    let mut held: Vec<(Day, Slot)> = planned.iter().filter_map(|planned| Some((planned.held_on?, planned.slot))).collect();
    held.sort_by_key(|(day, slot)| (*day, slot.starts_at));
    held.windows(2).find(|pair| pair[0].0 == pair[1].0 && pair[0].1.meets(pair[1].1)).map(|pair| pair[0].0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn hours(text: &str) -> Hours {
        text.parse().expect("hours")
    }

    fn weekly(weekday: WeekDay, starts: &str, length: &str) -> Weekly {
        let length = Length::of(Some(hours(length)), None).expect("a length");
        let slot = Slot::of(Some(starts.parse().expect("a time")), None, length.hours).expect("a slot").expect("times");
        Weekly { weekday, slot, length }
    }

    /// Wednesdays and Fridays of November 2026, where the 11th is a Wednesday.
    fn terms(on_holiday: OnHoliday) -> Terms {
        Terms {
            weekly: vec![weekly(WeekDay::Wednesday, "09:00", "3"), weekly(WeekDay::Friday, "10:00", "2")],
            from: day("2026-11-02"),
            to: day("2026-11-20"),
            last: day("2026-12-31"),
            total: None,
            on_holiday,
        }
    }

    fn held(terms: &Terms) -> Vec<String> {
        let planned = plan(terms).expect("a plan");
        planned.iter().map(|planned| planned.held_on.map_or("-".to_owned(), |day| day.to_string())).collect()
    }

    #[test]
    fn a_holiday_is_kept_dropped_or_moved_as_asked() {
        let eleventh = |on_holiday| held(&terms(on_holiday))[2].clone();
        assert_eq!(held(&terms(OnHoliday::Keep)).len(), 6);
        assert_eq!(eleventh(OnHoliday::Keep), "2026-11-11");
        assert_eq!(eleventh(OnHoliday::Drop), "-");
        assert_eq!(eleventh(OnHoliday::MoveToNextWorkingDay), "2026-11-12");
        // On Friday there is a session from 10:00 already.
        assert_eq!(plan(&terms(OnHoliday::MoveToFriday)).map(|_| ()), Err(PatternFault::Meets(day("2026-11-13"))));
        let mut alone = terms(OnHoliday::MoveToFriday);
        alone.weekly.truncate(1);
        assert_eq!(held(&alone), ["2026-11-04", "2026-11-13", "2026-11-18"]);
    }

    #[test]
    fn a_feast_on_friday_has_no_friday_to_move_to() {
        let friday = Terms {
            weekly: vec![weekly(WeekDay::Friday, "09:00", "2")],
            from: day("2026-12-21"),
            to: day("2026-12-31"),
            last: day("2026-12-31"),
            total: None,
            on_holiday: OnHoliday::MoveToFriday,
        };
        // 25 December is a Friday itself, and its week has no other.
        assert_eq!(plan(&friday).map(|_| ()), Err(PatternFault::Nothing));
        let next = Terms { on_holiday: OnHoliday::MoveToNextWorkingDay, ..friday };
        assert_eq!(held(&next), ["2026-12-28"]);
        assert_eq!(plan(&Terms { last: day("2026-12-27"), ..next }).map(|_| ()), Err(PatternFault::Nothing));
    }

    #[test]
    fn a_total_shortens_the_last_session_or_is_refused() {
        let of = |total: &str| Terms { total: Some(hours(total)), ..terms(OnHoliday::Drop) };
        let lengths = |total: &str| {
            let planned = plan(&of(total)).expect("a plan");
            planned.iter().map(|planned| planned.length.hours.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(lengths("6"), ["3.00", "2.00", "1.00", "1.00"], "the dropped day is told, and its hours follow");
        assert_eq!(lengths("5"), ["3.00", "2.00"]);
        assert_eq!(plan(&of("13")).map(|_| ()), Err(PatternFault::TooShort(hours("12"))));
    }

    proptest! {
        #[test]
        fn hours_held_and_hours_dropped_are_all_the_hours(from in 0..700_u32, length in 1..200_u32, how in 0..4_usize) {
            let from = day("2025-01-01").plus_days(from).expect("a day");
            let to = from.plus_days(length).expect("a day");
            let on_holiday = OnHoliday::ALL[how];
            let weekly = vec![weekly(WeekDay::Monday, "09:00", "3"), weekly(WeekDay::Thursday, "14:00", "1.5")];
            let terms = Terms { weekly, from, to, last: to, total: None, on_holiday };
            let Ok(planned) = plan(&terms) else { return Ok(()) };
            let days = (0..=length).map(|step| from.plus_days(step).expect("a day"));
            let wanted = days.filter(|day| WeekDay::Monday.falls_on(*day) || WeekDay::Thursday.falls_on(*day)).count();
            prop_assert_eq!(planned.len(), wanted);
            for planned in &planned {
                let off = planned.holiday.is_some();
                match planned.outcome() {
                    DayOutcome::Held => prop_assert!(!off || on_holiday == OnHoliday::Keep),
                    DayOutcome::Moved => prop_assert!(off && planned.held_on.is_some_and(|day| is_working_day(day) && day <= to)),
                    DayOutcome::Dropped => prop_assert!(off && on_holiday != OnHoliday::Keep),
                }
            }
        }
    }
}
