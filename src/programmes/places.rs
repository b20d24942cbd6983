//! The places of an edition: how many its plan has on each day, and on which day they are full.
//!
//! Everything that gives somebody a place counts here: an admission, a
//! substitution and an offer to somebody on the reserve list.

use crate::platform::types::{Day, Period};
use crate::programmes::facts::{PlanRevision, plan_on};

/// How full an edition is on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayCount {
    /// The day.
    pub day: Day,
    /// Places of the plan in force on the day.
    pub places: i32,
    /// How many are taken.
    pub taken: i32,
}

/// The first day of `wanted` on which one more would take more than the planned places.
///
/// `taken` are the days for which places are taken or promised: of a
/// participation until its end, or its planned end while it runs, suspended
/// days among them. Without a plan there is nothing to exceed.
pub fn first_full_day(wanted: Period, taken: &[Period], plan: &[PlanRevision]) -> Option<DayCount> {
    counts(wanted, taken, plan).into_iter().find(|count| count.taken >= count.places)
}

/// The first day of `wanted` on which more places are taken than a plan has, though fewer by another were not: what `cut` takes away.
pub fn first_cut_day(wanted: Period, taken: &[Period], plan: &[PlanRevision], cut: &[PlanRevision]) -> Option<DayCount> {
    let is_cut = |count: &DayCount| plan_on(plan, count.day).is_none_or(|before| count.places < before.places);
    counts(wanted, taken, cut).into_iter().find(|count| count.taken > count.places && is_cut(count))
}

/// The first of the days of `wanted` on which the fewest places are free; none without a plan.
pub fn scarcest_day(wanted: Period, taken: &[Period], plan: &[PlanRevision]) -> Option<DayCount> {
    counts(wanted, taken, plan).into_iter().min_by_key(|count| (count.places - count.taken, count.day))
}

/// The days on which places can get scarcer, in order, with what is taken.
fn counts(wanted: Period, taken: &[Period], plan: &[PlanRevision]) -> Vec<DayCount> {
    // Only where somebody starts or a revision takes effect, so no other day can be the first full one.
    let mut days: Vec<Day> = taken
        .iter()
        .map(|stay| stay.from())
        .chain(plan.iter().map(|revision| revision.effective_on))
        .filter(|day| wanted.contains(*day))
        .chain([wanted.from()])
        .collect();
    days.sort_unstable();
    days.dedup();
    days.into_iter()
        .filter_map(|day| {
            let places = plan_on(plan, day)?.places;
            let taken = i32::try_from(taken.iter().filter(|stay| stay.contains(day)).count()).unwrap_or(i32::MAX);
            Some(DayCount { day, places, taken })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn period(from: &str, to: &str) -> Period {
        Period::new(day(from), day(to)).expect("in order")
    }

    fn revision(number: i32, effective_on: Day, places: i32) -> PlanRevision {
        PlanRevision { id: None, number, effective_on, places, planned_cost: None }
    }

    #[test]
    fn the_first_full_day_is_named() {
        let start = day("2020-10-15");
        let wanted = period("2020-10-20", "2020-12-14");
        let nobody = period("2020-10-15", "2020-10-19");
        let late = period("2020-11-23", "2020-12-14");
        for (taken, plan, full) in [
            (vec![], vec![revision(1, start, 1)], None),
            (vec![], vec![revision(1, start, 0)], Some(("2020-10-20", 0, 0))),
            (vec![nobody], vec![revision(1, start, 1)], None),
            (vec![nobody, late], vec![revision(1, start, 1)], Some(("2020-11-23", 1, 1))),
            (vec![late], vec![revision(1, start, 1), revision(2, day("2020-11-23"), 2)], None),
            (vec![], vec![revision(1, start, 1), revision(2, day("2020-12-01"), 0)], Some(("2020-12-01", 0, 0))),
            (vec![late, late], vec![revision(1, start, 1)], Some(("2020-11-23", 1, 2))),
            (vec![late], vec![], None),
        ] {
            let expected = full.map(|(on, places, taken)| DayCount { day: day(on), places, taken });
            assert_eq!(first_full_day(wanted, &taken, &plan), expected, "{taken:?} {plan:?}");
        }
    }

    #[test]
    fn places_are_cut_where_a_revision_has_fewer_than_there_are_people() {
        let start = day("2020-10-15");
        let wanted = period("2020-11-01", "2020-12-14");
        let whole = period("2020-10-15", "2020-12-14");
        let late = period("2020-11-23", "2020-12-14");
        let plan = [revision(1, start, 2)];
        for (taken, places, cut) in [
            (vec![whole, whole], 1, Some(("2020-11-01", 1, 2))),
            (vec![whole, late], 1, Some(("2020-11-23", 1, 2))),
            (vec![whole], 1, None),
            (vec![whole, whole, whole], 2, None),
            (vec![whole, whole, whole], 3, None),
        ] {
            let revised = [plan[0].clone(), revision(2, day("2020-11-01"), places)];
            let expected = cut.map(|(on, places, taken)| DayCount { day: day(on), places, taken });
            assert_eq!(first_cut_day(wanted, &taken, &plan, &revised), expected, "{taken:?} {places}");
        }
    }

    fn stay() -> impl Strategy<Value = Period> {
        (0..60_u32, 0..60_u32).prop_map(|(from, length)| {
            let from = day("2020-10-01").plus_days(from).expect("in range");
            Period::new(from, from.plus_days(length).expect("in range")).expect("in order")
        })
    }

    fn plan() -> impl Strategy<Value = Vec<PlanRevision>> {
        prop::collection::vec((0..120_u32, 0..6_i32), 0..4).prop_map(|revisions| {
            (1..)
                .zip(revisions)
                .map(|(number, (offset, places))| {
                    revision(number, day("2020-10-01").plus_days(offset).expect("in range"), places)
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn looking_at_every_day_finds_the_same_first_full_day(
            wanted in stay(), taken in prop::collection::vec(stay(), 0..8), plan in plan(),
        ) {
            let expected = (0..).map_while(|offset| wanted.from().plus_days(offset).ok().filter(|day| wanted.contains(*day)))
                .find_map(|day| {
                    let places = plan_on(&plan, day)?.places;
                    let taken = i32::try_from(taken.iter().filter(|stay| stay.contains(day)).count()).expect("few");
                    (taken >= places).then_some(DayCount { day, places, taken })
                });
            prop_assert_eq!(first_full_day(wanted, &taken, &plan), expected);
        }

        #[test]
        fn admitting_without_a_breach_never_takes_more_than_the_places(stays in prop::collection::vec(stay(), 0..12), places in 0..4_i32) {
            let plan = [revision(1, day("2020-10-01"), places)];
            let mut taken: Vec<Period> = Vec::new();
            for wanted in stays {
                if first_full_day(wanted, &taken, &plan).is_none() {
                    taken.push(wanted);
                }
            }
            for offset in 0..120 {
                let day = day("2020-10-01").plus_days(offset).expect("in range");
                let present = i32::try_from(taken.iter().filter(|stay| stay.contains(day)).count()).expect("few");
                prop_assert!(present <= places);
            }
        }
    }
}
