//! The last day for a message.

use crate::participation::due_on;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::public_holidays::moved_on;
use crate::platform::types::{Day, Month};

/// Day of January until which a plan of needs is sent (section 2(1) of the regulation of 21 December 2017).
const PLAN_DAY: u32 = 31;
/// Day of the next month until which the office tells who was referred or refused (section 5(1)).
const LIST_DAY: u32 = 10;
/// Months after the end of an edition within which employment is verified (annex 8 of MRPiPS-01).
const VERIFICATION_MONTHS: u32 = 3;

/// Until when the plan of a year is due; `year` is its first day.
pub(super) fn plan_due(year: Day) -> Result<Day, Problem> {
    year.plus_days(PLAN_DAY - 1).and_then(moved_on).map_err(outside)
}

/// Until when the list of a month is due; `month` is its first day.
pub(super) fn list_due(month: Day) -> Result<Day, Problem> {
    let next = Day::try_from(Month::of(month).next().first_day()).map_err(outside)?;
    next.plus_days(LIST_DAY - 1).and_then(moved_on).map_err(outside)
}

/// Until when employment after an edition is verified.
pub(super) fn verification_due(ended_on: Day) -> Result<Day, Problem> {
    ended_on.plus_months(VERIFICATION_MONTHS).and_then(moved_on).map_err(outside)
}

/// So many working days after a day.
pub(super) fn working_days_after(on: Day, working_days: i32) -> Result<Day, Problem> {
    due_on(on, u32::try_from(working_days).unwrap_or_default()).map_err(outside)
}

fn outside(error: impl std::fmt::Display) -> Problem {
    catalogue::INTERNAL.problem().because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn terms_that_end_on_a_day_off_end_on_the_next_working_day() {
        for (due, expected) in [
            (plan_due(day("2020-01-01")), "2020-01-31"),
            // 31 January 2021 is a Sunday, that of 2026 a Saturday.
            (plan_due(day("2021-01-01")), "2021-02-01"),
            (plan_due(day("2026-01-01")), "2026-02-02"),
            (list_due(day("2020-11-01")), "2020-12-10"),
            // 10 April 2023 is Easter Monday.
            (list_due(day("2023-03-01")), "2023-04-11"),
            (list_due(day("2020-12-01")), "2021-01-11"),
            (verification_due(day("2020-12-14")), "2021-03-15"),
            (verification_due(day("2020-11-30")), "2021-03-01"),
            (working_days_after(day("2020-11-10"), 1), "2020-11-12"),
        ] {
            assert_eq!(due.ok(), Some(day(expected)));
        }
    }
}
