//! What is left of an edition from a day on: sessions and hours by block, and hours of socially useful work.

use std::collections::BTreeSet;

use diesel::prelude::*;
use uuid::Uuid;

use super::views::BlockLeftView;
use crate::participation::sessions::SessionForm;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{Day, Hours, IsoWeek, Month, Period, ShortText};
use crate::programmes::BlockKind;
use crate::schema::{blocks, sessions};

/// What is left of each block of an edition from a day on.
pub(super) fn blocks_left(tx: &mut Tx, edition: Uuid, from: Day) -> Result<Vec<BlockLeftView>, Problem> {
    type Block = (Uuid, BlockKind, ShortText, Option<Hours>);
    let of_edition: Vec<Block> = blocks::table
        .filter(own(tx, blocks::tenant_id))
        .filter(blocks::edition_id.eq(edition))
        .order(blocks::id)
        .select((blocks::id, blocks::kind, blocks::name, blocks::planned_minutes))
        .load(tx.conn)?;
    let held: Vec<(Uuid, Day, Hours)> = sessions::table
        .filter(own(tx, sessions::tenant_id))
        .filter(sessions::edition_id.eq(edition))
        .filter(sessions::form.eq(SessionForm::Group))
        .filter(sessions::roster_limited.eq(false))
        .filter(sessions::cancelled_on.is_null())
        .select((sessions::block_id, sessions::held_on, sessions::minutes))
        .load(tx.conn)?;
    let left = |(id, kind, name, planned): Block| {
        let of_block = || held.iter().filter(|(block, _, _)| *block == id);
        let minutes = |wanted: bool| -> i64 {
            of_block().filter(|(_, day, _)| (*day >= from) == wanted).map(|(_, _, hours)| i64::from(hours.minutes())).sum()
        };
        BlockLeftView {
            block_id: id,
            kind,
            name,
            scheduled_sessions: of_block().filter(|(_, day, _)| *day >= from).count(),
            scheduled_hours: whole_hours(minutes(true)),
            planned_hours_left: planned.map(|planned| whole_hours(i64::from(planned.minutes()) - minutes(false))),
        }
    };
    Ok(of_edition.into_iter().map(left).collect())
}

/// Minutes as hours, none below zero.
fn whole_hours(minutes: i64) -> Hours {
    i32::try_from(minutes.max(0)).ok().and_then(|minutes| Hours::from_minutes(minutes).ok()).unwrap_or(Hours::ZERO)
}

/// The limits of socially useful work and what a person has used of them.
pub(in crate::participation) struct Limits<'a> {
    /// Hours in an ISO week.
    pub weekly: Option<Hours>,
    /// Hours in a calendar month.
    pub monthly: Option<Hours>,
    /// Hours used in a week.
    pub used_in_week: &'a dyn Fn(IsoWeek) -> Hours,
    /// Hours used in a month.
    pub used_in_month: &'a dyn Fn(Month) -> Hours,
}

/// Most hours of socially useful work that fit into some days; nothing where neither week nor month has a limit.
///
/// Weeks and months overlap like the steps of a staircase, so filling each
/// common part in order as far as both allow gives the most in total.
pub(in crate::participation) fn possible_hours(days: Period, limits: &Limits) -> Option<Hours> {
    possible_hours_on(&[days], limits)
}

/// As [`possible_hours`], on the days of several periods that follow one another.
pub(in crate::participation) fn possible_hours_on(days: &[Period], limits: &Limits) -> Option<Hours> {
    if limits.weekly.is_none() && limits.monthly.is_none() {
        return None;
    }
    let room =
        |limit: Option<Hours>, used: Hours| limit.map_or(i64::MAX, |limit| i64::from((limit.minutes() - used.minutes()).max(0)));
    let months: BTreeSet<Month> = days.iter().flat_map(|period| period.months_touched()).collect();
    let weeks: BTreeSet<IsoWeek> = days.iter().flat_map(|period| period.weeks_touched()).collect();
    let mut months: Vec<(Month, i64)> =
        months.into_iter().map(|month| (month, room(limits.monthly, (limits.used_in_month)(month)))).collect();
    let mut total = 0_i64;
    for week in weeks {
        let mut left = room(limits.weekly, (limits.used_in_week)(week));
        for (month, of_month) in &mut months {
            let common = month.first_day() <= week.sunday() && week.monday() <= month.last_day();
            if common && days.iter().any(|period| shares_a_day(*period, week, *month)) {
                // Without a weekly limit the month's room is used up in its first week.
                let taken = left.min(*of_month);
                left -= taken;
                *of_month -= taken;
                total += taken;
            }
        }
    }
    Some(whole_hours(total))
}

/// Whether a week and a month have a common day among the given ones.
fn shares_a_day(days: Period, week: IsoWeek, month: Month) -> bool {
    let from = week.monday().max(month.first_day()).max(days.from().date());
    let to = week.sunday().min(month.last_day()).min(days.to().date());
    from <= to
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: &str, to: &str) -> Period {
        Period::new(from.parse().expect("a day"), to.parse().expect("a day")).expect("in order")
    }

    fn hours(text: &str) -> Hours {
        text.parse().expect("hours")
    }

    fn possible(days: Period, weekly: Option<&str>, monthly: Option<&str>, used_on: &str, used: &str) -> Option<Hours> {
        let day: Day = used_on.parse().expect("a day");
        let of = |hit: bool| if hit { hours(used) } else { Hours::ZERO };
        possible_hours(
            days,
            &Limits {
                weekly: weekly.map(hours),
                monthly: monthly.map(hours),
                used_in_week: &|week| of(week.contains(day)),
                used_in_month: &|month| of(month.contains(day)),
            },
        )
    }

    #[test]
    fn weeks_and_months_limit_together() {
        // Monday 9 November to Monday 14 December 2020: six weeks.
        let days = period("2020-11-09", "2020-12-14");
        for (weekly, monthly, used_on, used, expected) in [
            (Some("10.00"), None, "2020-12-20", "0.00", Some("60.00")),
            (Some("10.00"), None, "2020-11-12", "4.00", Some("56.00")),
            (Some("10.00"), None, "2020-11-12", "12.00", Some("50.00")),
            (Some("10.00"), Some("20.00"), "2020-10-01", "0.00", Some("40.00")),
            (None, Some("20.00"), "2020-11-12", "5.00", Some("35.00")),
            (Some("10.00"), Some("200.00"), "2020-10-01", "0.00", Some("60.00")),
            (None, None, "2020-11-12", "4.00", None),
        ] {
            assert_eq!(possible(days, weekly, monthly, used_on, used), expected.map(hours), "{weekly:?} {monthly:?} {used}");
        }
        // The week of 30 November lies in both months: what November does not take, December does.
        let week = period("2020-11-30", "2020-12-06");
        assert_eq!(possible(week, Some("10.00"), Some("4.00"), "2020-10-01", "0.00"), Some(hours("8.00")));
    }

    #[test]
    fn a_week_that_is_broken_by_days_of_rest_has_its_hours_once() {
        let limits = Limits {
            weekly: Some(hours("10.00")),
            monthly: None,
            used_in_week: &|_| Hours::ZERO,
            used_in_month: &|_| Hours::ZERO,
        };
        for (days, expected) in [
            (vec![period("2020-11-09", "2020-11-10"), period("2020-11-13", "2020-11-20")], "20.00"),
            (vec![period("2020-11-09", "2020-11-13"), period("2020-11-23", "2020-11-27")], "20.00"),
            (vec![], "0.00"),
        ] {
            assert_eq!(possible_hours_on(&days, &limits), Some(hours(expected)), "{days:?}");
        }
    }
}
