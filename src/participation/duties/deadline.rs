//! By when an office has to be informed: so many working days after the day on which the duty arises.

use crate::platform::public_holidays::{is_working_day, moved_on};
use crate::platform::types::{Day, InvalidValue};

/// The last day in time.
///
/// Zero working days are the same working day: where it is none, the next one.
///
/// # Errors
/// When that day is after the year 2200.
pub fn due_on(arisen_on: Day, working_days: u32) -> Result<Day, InvalidValue> {
    if working_days == 0 {
        return moved_on(arisen_on);
    }
    let mut day = arisen_on;
    let mut left = working_days;
    while left > 0 {
        day = day.plus_days(1)?;
        left -= u32::from(is_working_day(day));
    }
    Ok(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn sundays_and_feasts_do_not_count() {
        for (arisen, days, due) in [
            ("2020-11-09", 0, "2020-11-09"),
            ("2020-11-09", 1, "2020-11-10"),
            // The eleventh is Independence Day.
            ("2020-11-10", 1, "2020-11-12"),
            ("2020-11-11", 0, "2020-11-12"),
            ("2020-11-13", 1, "2020-11-16"),
            ("2020-11-14", 0, "2020-11-16"),
            ("2020-11-14", 1, "2020-11-16"),
            ("2020-11-06", 7, "2020-11-18"),
            // Christmas Eve is a day off since 2025.
            ("2024-12-23", 1, "2024-12-24"),
            ("2025-12-23", 1, "2025-12-29"),
        ] {
            assert_eq!(due_on(day(arisen), days), Ok(day(due)), "{arisen} and {days}");
        }
    }

    proptest! {
        #[test]
        fn so_many_working_days_lie_between(ordinal in 0..20_000_u32, days in 0..61_u32) {
            let arisen = day("1995-01-02").plus_days(ordinal).expect("in range");
            let due = due_on(arisen, days).expect("in range");
            prop_assert!(is_working_day(due) && due >= arisen);
            let between = (1..=u32::try_from((due.date() - arisen.date()).num_days()).expect("later"))
                .filter(|offset| is_working_day(arisen.plus_days(*offset).expect("in range")))
                .count();
            let counted = u32::try_from(between).expect("a number");
            prop_assert!(counted == days || (days == 0 && counted == 1 && !is_working_day(arisen)));
        }
    }
}
