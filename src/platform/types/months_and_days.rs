//! How long a participation lasts, summed over editions.

use std::iter::Sum;

use serde::{Deserialize, Serialize};

use super::Ratio;

/// Thirtieths of a month are the exact unit of a sum, since a leftover day counts as one of them.
const DAYS_PER_MONTH: u64 = 30;

/// A length in whole calendar months and leftover days; thirty days count as one month.
///
/// **Units**: months and days, kept apart, because two calendar months are two
/// months however many days they have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MonthsAndDays {
    /// Whole calendar months.
    #[schema(minimum = 0, maximum = 1_000_000, example = 2)]
    pub months: u32,
    /// Days beyond the whole months, each a thirtieth of a month.
    #[schema(minimum = 0, maximum = 1_000_000, example = 0)]
    pub days: u32,
}

impl MonthsAndDays {
    /// Whether the length is more than the given number of months; exactly as long is not more.
    pub fn exceeds(self, limit_months: u32) -> bool {
        self.thirtieths() > u64::from(limit_months) * DAYS_PER_MONTH
    }

    /// The length in months as an exact fraction.
    pub fn total_months(self) -> Ratio {
        let thirtieths = i64::try_from(self.thirtieths()).unwrap_or(i64::MAX);
        Ratio::in_thirtieths(thirtieths)
    }

    /// Both lengths together, months with months and days with days.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { months: self.months.saturating_add(other.months), days: self.days.saturating_add(other.days) }
    }

    fn thirtieths(self) -> u64 {
        u64::from(self.months) * DAYS_PER_MONTH + u64::from(self.days)
    }
}

impl Sum for MonthsAndDays {
    fn sum<I: Iterator<Item = Self>>(lengths: I) -> Self {
        lengths.fold(Self::default(), Self::plus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn length(months: u32, days: u32) -> MonthsAndDays {
        MonthsAndDays { months, days }
    }

    #[test]
    fn exactly_the_limit_is_not_above_it() {
        for (lengths, limit, exceeds) in [
            (vec![length(2, 0); 3], 6, false),
            (vec![length(2, 0); 4], 6, true),
            (vec![length(2, 0), length(2, 0), length(1, 30)], 6, false),
            (vec![length(2, 0), length(2, 0), length(1, 29), length(0, 2)], 6, true),
            (vec![length(1, 23); 3], 6, false),
            (vec![length(0, 181)], 6, true),
            (vec![], 0, false),
            (vec![length(u32::MAX, u32::MAX); 2], u32::MAX, true),
        ] {
            let total: MonthsAndDays = lengths.iter().copied().sum();
            assert_eq!(total.exceeds(limit), exceeds, "{lengths:?}");
        }
    }

    #[test]
    fn the_total_is_a_fraction() {
        assert_eq!(length(1, 23).total_months().rounded().to_string(), "1.766667");
        assert_eq!(length(6, 0).total_months().rounded().to_string(), "6.000000");
    }
}
