//! Periods of days, both ends included.

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Day, InvalidValue, IsoWeek, Month, MonthsAndDays, add_months_clipped};

/// A period from one day to another, both included; it has at least one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, try_from = "PeriodBody")]
pub struct Period {
    /// First day.
    from: Day,
    /// Last day, not before the first.
    to: Day,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PeriodBody {
    from: Day,
    to: Day,
}

impl TryFrom<PeriodBody> for Period {
    type Error = InvalidValue;

    fn try_from(body: PeriodBody) -> Result<Self, InvalidValue> {
        Self::new(body.from, body.to)
    }
}

impl Period {
    /// The period between the two days.
    ///
    /// # Errors
    /// When the last day is before the first.
    pub fn new(from: Day, to: Day) -> Result<Self, InvalidValue> {
        if from <= to {
            Ok(Self { from, to })
        } else {
            Err(InvalidValue::new("nie może kończyć się przed początkiem", "must not end before it starts"))
        }
    }

    /// The first day.
    pub const fn from(self) -> Day {
        self.from
    }

    /// The last day.
    pub const fn to(self) -> Day {
        self.to
    }

    /// The number of days, both ends counted.
    pub fn days(self) -> i64 {
        (self.to.date() - self.from.date()).num_days() + 1
    }

    /// Whether the day lies in the period.
    pub fn contains(self, day: Day) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// Whether the other period lies wholly in this one.
    pub fn encloses(self, other: Self) -> bool {
        self.contains(other.from) && self.contains(other.to)
    }

    /// Whether the two periods share a day.
    pub fn overlaps(self, other: Self) -> bool {
        self.intersection(other).is_some()
    }

    /// The days that the two periods share.
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.to.min(other.to)).ok()
    }

    /// The ISO weeks with at least one day in the period, in order.
    pub fn weeks_touched(self) -> impl Iterator<Item = IsoWeek> {
        let last = IsoWeek::of(self.to);
        std::iter::successors(Some(IsoWeek::of(self.from)), |week| Some(week.next())).take_while(move |week| *week <= last)
    }

    /// The calendar months with at least one day in the period, in order.
    pub fn months_touched(self) -> impl Iterator<Item = Month> {
        let last = Month::of(self.to);
        std::iter::successors(Some(Month::of(self.from)), |month| Some(month.next())).take_while(move |month| *month <= last)
    }

    /// The length in whole calendar months, counted from the first day, and leftover days.
    ///
    /// A month is complete on the day before the same day of the next month,
    /// or before the last day of a month that has no such day.
    pub fn calendar_months(self) -> MonthsAndDays {
        let (from, end) = (self.from.date(), self.day_after());
        let month_index = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month());
        // Bounded by the years of a day, so the difference fits; the last month may be incomplete.
        let begun = u32::try_from(month_index(end) - month_index(from)).unwrap_or_default();
        let months = if add_months_clipped(from, begun) <= end { begun } else { begun.saturating_sub(1) };
        let leftover = (end - add_months_clipped(from, months)).num_days();
        MonthsAndDays { months, days: u32::try_from(leftover).unwrap_or_default() }
    }

    /// Whether the period is exactly this many calendar months long.
    pub fn is_exactly_months(self, months: u32) -> bool {
        self.calendar_months() == MonthsAndDays { months, days: 0 }
    }

    fn day_after(self) -> NaiveDate {
        self.to.date().checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn period(from: &str, to: &str) -> Period {
        Period::new(from.parse().expect("a day"), to.parse().expect("a day")).expect("in order")
    }

    #[test]
    fn a_length_is_whole_calendar_months_and_leftover_days() {
        for (from, to, months, days) in [
            ("2020-10-15", "2020-12-14", 2, 0),
            ("2015-05-01", "2015-06-30", 2, 0),
            ("2015-07-28", "2015-09-27", 2, 0),
            ("2018-05-07", "2018-06-29", 1, 23),
            ("2021-01-01", "2021-02-28", 2, 0),
            ("2020-01-01", "2020-02-29", 2, 0),
            ("2021-01-31", "2021-02-27", 1, 0),
            ("2021-01-31", "2021-02-28", 1, 1),
            ("2020-11-09", "2020-11-09", 0, 1),
            ("2020-11-01", "2020-11-30", 1, 0),
            ("1900-01-01", "2200-12-31", 3612, 0),
        ] {
            let length = period(from, to).calendar_months();
            assert_eq!(length, MonthsAndDays { months, days }, "{from} to {to}");
            assert_eq!(period(from, to).is_exactly_months(months), days == 0);
        }
    }

    #[test]
    fn both_ends_are_counted() {
        assert_eq!(period("2018-05-07", "2018-06-29").days(), 54);
        assert_eq!(period("2020-11-09", "2020-11-09").days(), 1);
        assert!(Period::new("2020-11-10".parse().expect("a day"), "2020-11-09".parse().expect("a day")).is_err());
    }

    #[test]
    fn periods_that_share_one_day_overlap() {
        let first = period("2020-01-01", "2020-01-31");
        for (from, to, shared) in [
            ("2020-01-31", "2020-03-01", Some(period("2020-01-31", "2020-01-31"))),
            ("2020-02-01", "2020-03-01", None),
            ("2019-01-01", "2021-01-01", Some(first)),
            ("2020-01-10", "2020-01-11", Some(period("2020-01-10", "2020-01-11"))),
        ] {
            let other = period(from, to);
            assert_eq!(first.intersection(other), shared);
            assert_eq!(other.overlaps(first), shared.is_some());
            assert_eq!(first.encloses(other), shared == Some(other));
        }
    }

    #[test]
    fn weeks_and_months_are_touched_by_a_single_day() {
        let weeks: Vec<_> = period("2020-12-27", "2021-01-04").weeks_touched().map(|week| week.to_string()).collect();
        assert_eq!(weeks, ["2020-W52", "2020-W53", "2021-W01"]);
        let months: Vec<_> = period("2020-11-30", "2021-01-01").months_touched().map(|month| month.to_string()).collect();
        assert_eq!(months, ["2020-11", "2020-12", "2021-01"]);
    }

    #[test]
    fn json_is_strict_and_ordered() {
        let read = |json: &str| serde_json::from_str::<Period>(json).map_err(|error| error.to_string());
        let valid = r#"{"from":"2020-10-15","to":"2020-12-14"}"#;
        assert_eq!(read(valid), Ok(period("2020-10-15", "2020-12-14")));
        assert_eq!(serde_json::to_string(&period("2020-10-15", "2020-12-14")).ok().as_deref(), Some(valid));
        assert!(read(r#"{"from":"2020-10-15","to":"2020-10-14"}"#).is_err());
        assert!(read(r#"{"from":"2020-10-15"}"#).is_err());
        assert!(read(r#"{"from":"2020-10-15","to":"2020-12-14","until":1}"#).is_err());
    }

    fn any_day() -> impl Strategy<Value = Day> {
        (0..109_938_u32).prop_map(|offset| Day::from_ymd(1900, 1, 1).and_then(|first| first.plus_days(offset)).expect("in range"))
    }

    proptest! {
        #[test]
        fn months_and_leftover_days_lead_to_the_end(a in any_day(), b in any_day()) {
            let period = Period::new(a.min(b), a.max(b)).expect("in order");
            let length = period.calendar_months();
            let reached = add_months_clipped(period.from().date(), length.months) + Days::new(u64::from(length.days));
            prop_assert_eq!(reached, period.day_after());
            prop_assert!(add_months_clipped(period.from().date(), length.months + 1) > period.day_after());
            prop_assert!(length.days <= 31);
        }

        #[test]
        fn a_period_of_n_months_is_exactly_n_months(from in any_day(), months in 1..600_u32) {
            let end = add_months_clipped(from.date(), months) - Days::new(1);
            if let Ok(to) = Day::try_from(end) {
                prop_assert!(Period::new(from, to).expect("in order").is_exactly_months(months));
            }
        }

        #[test]
        fn each_day_lies_in_exactly_one_touched_week(from in any_day(), length in 0..400_u32) {
            if let Ok(to) = from.plus_days(length) {
                let period = Period::new(from, to).expect("in order");
                let weeks: Vec<_> = period.weeks_touched().collect();
                prop_assert!(weeks.windows(2).all(|pair| pair[0].next() == pair[1]));
                let first = weeks.first().map(|week| week.contains(from));
                let last = weeks.last().map(|week| week.contains(to));
                prop_assert_eq!((first, last), (Some(true), Some(true)));
            }
        }
    }
}
