//! How long somebody may take part in total, over all editions whose regimes count together.

use crate::platform::types::{MonthsAndDays, Period};
use crate::programmes::RegimeParameters;

/// Participations that would together be too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong {
    /// Length of the other participations.
    pub already: MonthsAndDays,
    /// Length of the wanted one.
    pub this: MonthsAndDays,
    /// The limit.
    pub limit_months: u32,
}

/// The limit of months that holds for participations under a regime; none where nothing counts together.
pub fn limit_of(regime: &RegimeParameters) -> Option<u32> {
    regime.cumulative_limit_months.filter(|_| regime.cumulative_group.is_some())
}

/// Length of participations together.
pub fn together(periods: &[Period]) -> MonthsAndDays {
    periods.iter().map(|period| period.calendar_months()).sum()
}

/// Whether all participations of a person in the group, with the wanted one, exceed the limit.
///
/// **Units**: whole calendar months per participation, leftover days as thirtieths of a month; exactly the limit is allowed.
/// **Source**: art. 62b(2)(1) of the Act of 20 April 2004, for regimes of that law.
pub fn too_long(wanted: Period, others: &[Period], limit_months: Option<u32>) -> Option<TooLong> {
    let limit_months = limit_months?;
    let (already, this) = (together(others), wanted.calendar_months());
    already.plus(this).exceeds(limit_months).then_some(TooLong { already, this, limit_months })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::types::Day;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn period(from: &str, to: &str) -> Period {
        Period::new(day(from), day(to)).expect("in order")
    }

    #[test]
    fn three_editions_of_two_months_are_allowed_and_a_fourth_is_not() {
        let editions = [
            period("2015-05-01", "2015-06-30"),
            period("2015-07-28", "2015-09-27"),
            period("2016-01-01", "2016-02-29"),
            period("2016-05-01", "2016-06-30"),
        ];
        assert_eq!(too_long(editions[2], &editions[..2], Some(6)), None);
        assert_eq!(too_long(editions[3], &editions[..3], None), None);
        assert_eq!(
            too_long(editions[3], &editions[..3], Some(6)),
            Some(TooLong {
                already: MonthsAndDays { months: 6, days: 0 },
                this: MonthsAndDays { months: 2, days: 0 },
                limit_months: 6
            })
        );
    }
}
