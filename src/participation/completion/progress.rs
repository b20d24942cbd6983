//! How far a participant has come by the rule of the edition: classes from the register, socially useful work from the ledger.
//!
//! Work is not scheduled: what lies ahead of it are the hours that the limits of week and month leave on the days to come.

use std::collections::HashMap;

use diesel::prelude::*;
use uuid::Uuid;

use super::rule::{ConditionState, Outlook, outlook};
use crate::participation::class_register::{ClassRegister, Schedule, Tally};
use crate::participation::participations::Stay;
use crate::participation::substitution_plan::candidates::{Used, used_in_months, used_in_weeks};
use crate::participation::substitution_plan::remaining::{Limits, possible_hours_on};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{Day, Hours, IsoWeek, Month, Period};
use crate::programmes::completion_rule::{AskedMinimum, CompletionRule, Measure, completion_rule};
use crate::programmes::facts::EditionFacts;
use crate::schema::psu_entries;

/// Minutes of a day: the most that anybody can work where nothing else limits it.
const MINUTES_OF_A_DAY: i64 = 24 * 60;

/// How far beyond the last day of anybody hours are looked up.
const DAYS_OF_A_PROLONGATION: u32 = 366;

/// A minimum and how it stands.
#[derive(Debug, Clone)]
pub struct MinimumOutlook {
    /// What is asked.
    pub asked: AskedMinimum,
    /// How it stands.
    pub outlook: Outlook,
}

impl MinimumOutlook {
    /// How the condition stands.
    ///
    /// Work has no schedule that it could keep up with, so its hours are open until they are reached.
    pub fn state(&self) -> ConditionState {
        match (self.asked.measure, self.outlook.state()) {
            (Measure::Work, ConditionState::MetSoFar) => ConditionState::Open,
            (_, state) => state,
        }
    }
}

/// Hours of socially useful work of the people of an edition, with what limits them.
#[derive(Debug, Default)]
struct WorkRegister {
    entries: HashMap<Uuid, Vec<(Day, i64)>>,
    weeks: Used<IsoWeek>,
    months: Used<Month>,
    weekly: Option<Hours>,
    monthly: Option<Hours>,
}

/// The rule of an edition with what it is judged on beside the class register.
#[derive(Debug, Default)]
pub struct Progress {
    /// What is asked.
    pub rule: CompletionRule,
    work: WorkRegister,
}

/// A day of which is asked, and from which day on work may still be done.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// What is held or worked later lies ahead.
    pub on: Day,
    /// First day of work ahead; none where nothing is ahead any more.
    pub works_from: Option<Day>,
}

impl Moment {
    /// How it stands with a participant on a day: on the day itself work may still be done, unless the participation has ended.
    pub fn of(stay: &Stay, on: Day) -> Self {
        let has_ended = stay.ended_on.is_some_and(|ended_on| ended_on <= on);
        Self { on, works_from: (!has_ended).then_some(on) }
    }
}

impl Progress {
    /// Reads the rule of an edition; hours of work only where it asks for them.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of_edition(tx: &mut Tx, edition: &EditionFacts, register: &ClassRegister) -> Result<Self, Problem> {
        let rule = completion_rule(tx, edition.id, edition.completion_attendance_percent)?;
        let work = if rule.asks_for_work() { WorkRegister::load(tx, edition, register)? } else { WorkRegister::default() };
        Ok(Self { rule, work })
    }

    /// How each minimum stands for somebody with this schedule.
    pub fn outlooks(&self, register: &ClassRegister, schedule: &Schedule, moment: Moment) -> Vec<MinimumOutlook> {
        let stands = |asked: &AskedMinimum| {
            let tally = match asked.measure {
                Measure::Classes => register.tally(schedule, moment.on),
                Measure::ClassesOf(block) => register.tally_of(schedule, moment.on, |class| class.block_id == block),
                Measure::Work => {
                    let person = register.stays.iter().find(|stay| stay.id == schedule.participation).map(|stay| stay.person_id);
                    self.work.tally(schedule, person, moment)
                }
            };
            MinimumOutlook { asked: asked.clone(), outlook: outlook(asked.minimum, tally) }
        };
        self.rule.minimums.iter().map(stands).collect()
    }
}

/// Whether what is on file meets the rule.
pub fn is_met(rule: &CompletionRule, outlooks: &[MinimumOutlook]) -> bool {
    let reached = |measure: Measure| outlooks.iter().find(|one| one.asked.measure == measure).map(|one| one.outlook.reached());
    rule.is_met(|measure| reached(measure).unwrap_or_default())
}

impl WorkRegister {
    fn load(tx: &mut Tx, edition: &EditionFacts, register: &ClassRegister) -> Result<Self, Problem> {
        let rows: Vec<(Uuid, Day, Hours)> = psu_entries::table
            .filter(own(tx, psu_entries::tenant_id))
            .filter(psu_entries::edition_id.eq(edition.id))
            .filter(psu_entries::superseded_at.is_null())
            .select((psu_entries::participation_id, psu_entries::worked_on, psu_entries::minutes))
            .load(tx.conn)?;
        let mut entries: HashMap<Uuid, Vec<(Day, i64)>> = HashMap::new();
        for (participation, day, hours) in rows {
            entries.entry(participation).or_default().push((day, i64::from(hours.minutes())));
        }
        let people: Vec<Uuid> = register.stays.iter().map(|stay| stay.person_id).collect();
        let last = register.stays.iter().map(Stay::last_on).max().unwrap_or(edition.ends_on).max(edition.ends_on);
        // Beyond the last day too, so that a prolongation is judged by what is on file there.
        let days = last.plus_days(DAYS_OF_A_PROLONGATION).and_then(|last| Period::new(edition.starts_on, last)).ok();
        let (weeks, months) = match days {
            Some(days) => (used_in_weeks(tx, &people, days)?, used_in_months(tx, &people, edition.agreement_id, days)?),
            None => Default::default(),
        };
        Ok(Self { entries, weeks, months, weekly: edition.regime.psu_weekly_limit, monthly: edition.monthly_cap })
    }

    fn tally(&self, schedule: &Schedule, person: Option<Uuid>, moment: Moment) -> Tally {
        let entries = self.entries.get(&schedule.participation).map(Vec::as_slice).unwrap_or_default();
        let sum = |wanted: &dyn Fn(Day) -> bool| -> i64 {
            entries.iter().filter(|(day, _)| wanted(*day)).map(|(_, minutes)| minutes).sum()
        };
        let worked = sum(&|day| day <= moment.on);
        // Hours of later days are ahead, so they leave the room that they have taken.
        let less = |used: Option<Hours>, later: i64| {
            let minutes = used.map_or(0, |used| i64::from(used.minutes())) - later;
            i32::try_from(minutes.max(0)).ok().and_then(|minutes| Hours::from_minutes(minutes).ok()).unwrap_or(Hours::ZERO)
        };
        let used_in_week = |week: IsoWeek| {
            let used = person.and_then(|person| self.weeks.get(&(person, week))).copied();
            less(used, sum(&|day| day > moment.on && week.contains(day)))
        };
        let used_in_month = |month: Month| {
            let used = person.and_then(|person| self.months.get(&(person, month))).copied();
            less(used, sum(&|day| day > moment.on && month.contains(day)))
        };
        let periods = moment.works_from.map(|from| schedule.working_periods(from)).unwrap_or_default();
        let limits =
            Limits { weekly: self.weekly, monthly: self.monthly, used_in_week: &used_in_week, used_in_month: &used_in_month };
        let unlimited = periods.iter().map(|days| days.days()).sum::<i64>() * MINUTES_OF_A_DAY;
        let ahead = possible_hours_on(&periods, &limits).map_or(unlimited, |hours| i64::from(hours.minutes()));
        Tally { recorded: worked, attended: worked, ahead, unrecorded: 0 }
    }
}

#[cfg(test)]
impl Progress {
    /// A rule without hours of work on file.
    pub fn by(rule: CompletionRule) -> Self {
        Self { rule, work: WorkRegister::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::participation::class_register::fixture::{day, register};

    fn work(entries: &[(&str, i64)], weekly: Option<&str>) -> WorkRegister {
        let person = Uuid::from_u128(1001);
        let mut work = WorkRegister { weekly: weekly.map(|text| text.parse().expect("hours")), ..WorkRegister::default() };
        for (on, hours) in entries {
            work.entries.entry(Uuid::from_u128(1)).or_default().push((day(on), hours * 60));
            let used = work.weeks.entry((person, IsoWeek::of(day(on)))).or_insert(Hours::ZERO);
            *used = Hours::from_minutes(used.minutes() + i32::try_from(hours * 60).expect("small")).expect("hours");
        }
        work
    }

    #[test]
    fn work_ahead_is_what_the_weeks_to_come_leave() {
        let register = register(&[]);
        let schedule = register.schedule(Uuid::from_u128(1)).expect("known");
        // 2 November to 31 December 2020: nine ISO weeks.
        for (entries, weekly, on, worked, ahead) in [
            (&[][..], Some("10"), "2020-11-02", 0, 90),
            (&[("2020-11-03", 6)], Some("10"), "2020-11-03", 6, 84),
            // What is recorded of a later day lies ahead, and its room with it.
            (&[("2020-11-03", 6), ("2020-11-05", 4)], Some("10"), "2020-11-04", 6, 84),
            (&[("2020-11-03", 6)], Some("10"), "2020-11-09", 6, 80),
            (&[("2020-12-30", 10)], Some("10"), "2020-12-31", 10, 0),
            (&[("2020-12-30", 10)], Some("10"), "2021-01-08", 10, 0),
            (&[], None, "2020-12-31", 0, 24),
        ] {
            let moment = Moment { on: day(on), works_from: Some(day(on)) };
            let tally = work(entries, weekly).tally(schedule, Some(Uuid::from_u128(1001)), moment);
            assert_eq!((tally.attended / 60, tally.ahead / 60), (worked, ahead), "{entries:?} on {on}");
            assert_eq!(tally.recorded, tally.attended);
        }
        let ended = Moment { on: day("2020-11-30"), works_from: None };
        assert_eq!(work(&[], Some("10")).tally(schedule, None, ended).ahead, 0);
    }
}
