//! The arithmetic of the hour ledger, without SQL and HTTP.

use crate::platform::types::Hours;

/// What a ledger row of a week or a month holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Hours used.
    pub used: Hours,
    /// Most hours that may be used.
    pub limit: Hours,
}

impl Balance {
    /// A row without any hours.
    pub const fn empty(limit: Hours) -> Self {
        Self { used: Hours::ZERO, limit }
    }

    /// Hours that may still be used; none where a tighter limit came after the hours.
    pub fn remaining(self) -> Hours {
        self.limit.checked_sub(self.used).unwrap_or(Hours::ZERO)
    }

    /// Whether this many more minutes fit; giving hours back always does.
    pub fn has_room_for(self, more_minutes: i32) -> bool {
        more_minutes <= self.remaining().minutes()
    }
}

/// By how much the hours of one week or month change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move<P> {
    /// The week or month.
    pub period: P,
    /// Hours of the entry in this period until now.
    pub before: Hours,
    /// Hours of the entry in this period from now on.
    pub after: Hours,
}

impl<P> Move<P> {
    /// Minutes taken from the limit; below zero when hours are given back.
    pub fn minutes(&self) -> i32 {
        self.after.minutes() - self.before.minutes()
    }
}

/// What an entry, or the correction of one, changes: one period, or two in the order in which their rows are locked.
///
/// The order is the same for all callers, so that two corrections in opposite directions never wait for each other.
pub fn moves<P: Ord + Copy>(old: Option<(P, Hours)>, new: (P, Hours)) -> Vec<Move<P>> {
    let (period, after) = new;
    match old {
        None => vec![Move { period, before: Hours::ZERO, after }],
        Some((same, before)) if same == period => vec![Move { period, before, after }],
        Some((left, before)) => {
            let mut both = vec![Move { period: left, before, after: Hours::ZERO }, Move { period, before: Hours::ZERO, after }];
            both.sort_by_key(|change| change.period);
            both
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::platform::types::{Day, IsoWeek, Month};

    fn hours(quarters: i32) -> Hours {
        Hours::from_minutes(quarters * 15).expect("in range")
    }

    fn day(offset: u32) -> Day {
        Day::from_ymd(2020, 10, 15).and_then(|first| first.plus_days(offset)).expect("a day")
    }

    #[test]
    fn what_remains_is_never_below_zero() {
        for (used, limit, remaining) in [(0, 40, 40), (39, 40, 1), (40, 40, 0), (60, 40, 0)] {
            let balance = Balance { used: hours(used), limit: hours(limit) };
            assert_eq!(balance.remaining(), hours(remaining));
            assert!(balance.has_room_for(remaining * 15));
            assert!(!balance.has_room_for(remaining * 15 + 15));
            assert!(balance.has_room_for(-15));
        }
    }

    #[test]
    fn a_correction_moves_hours_between_weeks_in_one_order() {
        let (early, late) = (IsoWeek::of(day(0)), IsoWeek::of(day(7)));
        let there = moves(Some((early, hours(8))), (late, hours(12)));
        let back = moves(Some((late, hours(8))), (early, hours(12)));
        assert_eq!(there.iter().map(Move::minutes).collect::<Vec<_>>(), [-120, 180]);
        assert_eq!(back.iter().map(Move::minutes).collect::<Vec<_>>(), [180, -120]);
        assert!([there, back].iter().all(|pair| pair[0].period == early && pair[1].period == late));
        assert_eq!(moves(Some((early, hours(8))), (early, hours(4)))[0].minutes(), -60);
    }

    /// An entry, or a correction of the entry at a place.
    #[derive(Clone, Debug)]
    enum Act {
        Record { day: u32, quarters: i32 },
        Correct { place: usize, day: u32, quarters: i32 },
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let act = prop_oneof![
            (0..30_u32, 1..50_i32).prop_map(|(day, quarters)| Act::Record { day, quarters }),
            (0..20_usize, 0..30_u32, 0..50_i32).prop_map(|(place, day, quarters)| Act::Correct { place, day, quarters }),
        ];
        proptest::collection::vec(act, 1..60)
    }

    /// Applies the moves as the ledger does: all of them, or none.
    fn book<P: Ord + Copy>(ledger: &mut BTreeMap<P, Balance>, changes: &[Move<P>], limit: Hours) -> bool {
        let mut next = ledger.clone();
        for change in changes {
            let balance = next.entry(change.period).or_insert(Balance::empty(limit));
            if !balance.has_room_for(change.minutes()) {
                return false;
            }
            balance.used = Hours::from_minutes(balance.used.minutes() + change.minutes()).expect("never below zero");
        }
        *ledger = next;
        true
    }

    fn sums<P: Ord + Copy>(entries: &[(Day, Hours)], period: impl Fn(Day) -> P) -> BTreeMap<P, i32> {
        entries.iter().fold(BTreeMap::new(), |mut sums, (day, hours)| {
            *sums.entry(period(*day)).or_default() += hours.minutes();
            sums
        })
    }

    fn agree<P: Ord + Copy>(ledger: &BTreeMap<P, Balance>, sums: &BTreeMap<P, i32>) -> bool {
        ledger.iter().all(|(period, balance)| {
            balance.used <= balance.limit && balance.used.minutes() == sums.get(period).copied().unwrap_or_default()
        }) && sums.keys().all(|period| ledger.contains_key(period))
    }

    proptest! {
        #[test]
        fn the_ledger_is_the_sum_of_the_entries_and_never_above_its_limit(acts in acts(), weekly in 1..80_i32, monthly in 1..160_i32) {
            let (weekly, monthly) = (hours(weekly), hours(monthly));
            let (mut weeks, mut months) = (BTreeMap::new(), BTreeMap::new());
            let mut entries: Vec<(Day, Hours)> = Vec::new();
            for act in acts {
                let (old, new) = match act {
                    Act::Record { day: offset, quarters } => (None, (day(offset), hours(quarters))),
                    Act::Correct { place, day: offset, quarters } if place < entries.len() =>
                        (Some(place), (day(offset), hours(quarters))),
                    Act::Correct { .. } => continue,
                };
                let before = old.map(|place| entries[place]);
                let by_week = moves(before.map(|(day, hours)| (IsoWeek::of(day), hours)), (IsoWeek::of(new.0), new.1));
                let by_month = moves(before.map(|(day, hours)| (Month::of(day), hours)), (Month::of(new.0), new.1));
                let (mut next_weeks, mut next_months) = (weeks.clone(), months.clone());
                if book(&mut next_weeks, &by_week, weekly) && book(&mut next_months, &by_month, monthly) {
                    (weeks, months) = (next_weeks, next_months);
                    match old {
                        Some(place) => entries[place] = new,
                        None => entries.push(new),
                    }
                }
                prop_assert!(agree(&weeks, &sums(&entries, IsoWeek::of)));
                prop_assert!(agree(&months, &sums(&entries, Month::of)));
            }
        }

        #[test]
        fn a_correction_changes_the_total_by_its_difference(old_day in 0..40_u32, new_day in 0..40_u32, old in 1..60_i32, new in 0..60_i32) {
            let changes = moves(Some((IsoWeek::of(day(old_day)), hours(old))), (IsoWeek::of(day(new_day)), hours(new)));
            prop_assert_eq!(changes.iter().map(Move::minutes).sum::<i32>(), (new - old) * 15);
            prop_assert!(changes.windows(2).all(|pair| pair[0].period < pair[1].period));
        }
    }
}
