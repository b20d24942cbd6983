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

/// What takes places, and how many there are.
#[derive(Debug, Clone, Copy)]
pub struct Occupancy<'o> {
    /// The days for which places are taken or promised.
    pub taken: &'o [Period],
    /// The plan.
    pub plan: &'o [PlanRevision],
}

impl Occupancy<'_> {
    /// How many places are free on every day of a period.
    fn free(self, wanted: Period) -> i32 {
        scarcest_day(wanted, self.taken, self.plan).map_or(0, |scarcest| (scarcest.places - scarcest.taken).max(0))
    }
}

/// From which days on something has set places free, and how many: each day of `wanted` from which to its end more are free than
/// before, with how many more of those that are not named with an earlier day.
pub fn set_free(wanted: Period, before: Occupancy, after: Occupancy) -> Vec<(Day, usize)> {
    // What is free to the end gets more only where a revision takes effect or somebody has left.
    let left = after.taken.iter().filter_map(|stay| stay.to().plus_days(1).ok());
    let mut days: Vec<Day> = left.chain(after.plan.iter().map(|revision| revision.effective_on)).collect();
    days.retain(|day| wanted.contains(*day));
    days.push(wanted.from());
    days.sort_unstable();
    days.dedup();
    let mut named = 0;
    let more_from = |day: Day| {
        let to_the_end = Period::new(day, wanted.to()).ok()?;
        let more = after.free(to_the_end) - before.free(to_the_end) - named;
        let so_many = usize::try_from(more).ok().filter(|more| *more > 0)?;
        named += more;
        Some((day, so_many))
    };
    days.into_iter().filter_map(more_from).collect()
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

    #[test]
    fn places_are_set_free_from_the_first_day_from_which_they_are_to_the_end() {
        let start = day("2020-10-15");
        let wanted = period("2020-11-01", "2020-12-14");
        let whole = period("2020-10-15", "2020-12-14");
        let november = period("2020-11-01", "2020-11-30");
        let three = || vec![revision(1, start, 3)];
        let dip = || vec![revision(1, start, 3), revision(2, day("2020-11-20"), 3), revision(3, day("2020-11-01"), 1)];
        for (before, after, expected) in [
            // Somebody left; two more places; nothing.
            ((vec![whole; 3], three()), (vec![whole; 2], three()), vec![("2020-11-01", 1)]),
            ((vec![whole], vec![revision(1, start, 1)]), (vec![whole], three()), vec![("2020-11-01", 2)]),
            ((vec![whole], three()), (vec![whole], three()), vec![]),
            // Fewer places until the twentieth: two promised seats are free from then on.
            ((vec![whole; 3], three()), (vec![whole], dip()), vec![("2020-11-20", 2)]),
            // A place that ends with November was free afterwards already.
            ((vec![whole, whole, november], three()), (vec![whole, whole], three()), vec![("2020-11-01", 1)]),
            // More take part than there are places, until one of them leaves.
            ((vec![whole, whole, whole, whole], three()), (vec![whole, whole, november], three()), vec![("2020-12-01", 1)]),
            // The plan comes back to what it was: the seats are free from before that day.
            (
                (vec![whole], vec![revision(1, start, 3), revision(2, day("2020-12-01"), 1)]),
                (vec![whole], vec![revision(1, start, 3), revision(2, day("2020-12-01"), 1), revision(3, day("2020-12-01"), 3)]),
                vec![("2020-11-01", 2)],
            ),
            // In steps.
            (
                (vec![], vec![revision(1, start, 0)]),
                (vec![], vec![revision(1, start, 0), revision(2, day("2020-11-10"), 1), revision(3, day("2020-11-20"), 3)]),
                vec![("2020-11-10", 1), ("2020-11-20", 2)],
            ),
        ] {
            let [was, is] = [&before, &after].map(|(taken, plan)| Occupancy { taken, plan });
            let expected: Vec<(Day, usize)> = expected.into_iter().map(|(on, more): (&str, usize)| (day(on), more)).collect();
            assert_eq!(set_free(wanted, was, is), expected, "{before:?} {after:?}");
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
        fn as_many_as_were_set_free_fit_and_no_more_than_before_is_left(
            wanted in stay(), before in prop::collection::vec(stay(), 0..6), after in prop::collection::vec(stay(), 0..6),
            plan in plan(), revised in plan(),
        ) {
            let was = Occupancy { taken: &before, plan: &plan };
            let mut taken = after.clone();
            for (day, more) in set_free(wanted, was, Occupancy { taken: &after, plan: &revised }) {
                let seat = Period::new(day, wanted.to()).expect("in order");
                for _ in 0..more {
                    prop_assert_eq!(first_full_day(seat, &taken, &revised), None);
                    taken.push(seat);
                }
            }
            let mut from = Some(wanted.from());
            while let Some(day) = from {
                let seat = Period::new(day, wanted.to()).expect("in order");
                let left = Occupancy { taken: &taken, plan: &revised }.free(seat);
                prop_assert!(left <= was.free(seat));
                from = day.plus_days(1).ok().filter(|day| wanted.contains(*day));
            }
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
