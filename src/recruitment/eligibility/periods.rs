//! How long something was so within the last months: stretches of days, measured. Pure.
//!
//! The counting rule. The last M months end on the day itself and begin on the
//! day after the one that lies M calendar months before it. Of every unbroken
//! stretch of days within them the whole calendar months count, and its days
//! beyond as thirtieths of a month, as continuity is not asked for (art. 114 of
//! the Civil Code: such a month has thirty days). The sums of both are compared.

use chrono::Months;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::evaluation::{Cause, FindingOutcome, Known, TotalWanted, known_on};
use crate::people::{KnownFact, PersonFactKind};
use crate::platform::types::{Day, MonthsAndDays, Period};

/// Days of one answer.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: Day,
    /// Open where it goes on.
    to: Option<Day>,
    said: Said,
}

/// What is known of some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// It was so, and counts.
    Counts,
    /// It was not so, or does not count.
    CountsNot,
    /// It cannot be told.
    Open(Cause),
}

/// What was counted within the last months.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    /// The last months, to the day itself.
    pub within: Period,
    /// Unbroken periods that count, cut to these months.
    #[schema(max_items = 200)]
    pub periods: Vec<Period>,
    /// Their length: whole calendar months of each, and days beyond, of which thirty are a month.
    pub total: MonthsAndDays,
    /// Periods of which the facts do not tell.
    #[schema(max_items = 200)]
    pub unclear: Vec<Period>,
    /// First later day on which it suffices if the present period goes on.
    pub reached_on: Option<Day>,
}

/// The answers of facts over time, from the first to the last change.
pub(super) struct Timeline(Vec<Stretch>);

/// Most periods that are listed.
const MOST_PERIODS: usize = 200;

impl Timeline {
    /// When somebody was registered as unemployed; internships, on which one stays registered, do not count.
    ///
    /// Source: art. 2(1)(5) of the Act of 20 April 2004. Where nothing is on file about internships, there was none.
    pub fn of_registration(facts: &[KnownFact]) -> Self {
        let kinds = [PersonFactKind::RegisteredUnemployed, PersonFactKind::Internship];
        let concerned = || facts.iter().filter(|fact| kinds.contains(&fact.kind));
        let next = |day: Option<Day>| day.and_then(|day| day.plus_days(1).ok());
        let mut days: Vec<Day> =
            concerned().flat_map(|fact| [Some(fact.from), next(fact.to), next(fact.expires_on)]).flatten().collect();
        days.sort_unstable();
        days.dedup();
        let stretches = days.iter().enumerate().map(|(at, from)| {
            let to = days.get(at + 1).and_then(|next| next.date().pred_opt()).and_then(|day| Day::try_from(day).ok());
            Stretch { from: *from, to, said: said(facts, *from) }
        });
        Self(stretches.collect())
    }

    /// The days on which an answer changes.
    pub fn changes(&self) -> impl Iterator<Item = Day> {
        self.0.iter().map(|stretch| stretch.from)
    }

    /// Periods within some days that count, and those of which the facts do not tell with the reason of the first.
    fn within(&self, days: Period) -> (Vec<Period>, Vec<Period>, Option<Cause>) {
        let (mut counting, mut unclear, mut cause) = (Vec::new(), Vec::new(), None);
        let first = self.0.first().map_or(days.to(), |stretch| stretch.from);
        let mut open = |from: Day, to: Day, why: Cause, unclear: &mut Vec<Period>| {
            if let Some(part) = Period::new(from, to).ok().and_then(|part| part.intersection(days)) {
                join(unclear, part);
                cause = cause.or(Some(why));
            }
        };
        match first.date().pred_opt().and_then(|day| Day::try_from(day).ok()) {
            _ if self.0.is_empty() => open(days.from(), days.to(), Cause::Missing, &mut unclear),
            Some(before) => open(days.from(), before, Cause::Missing, &mut unclear),
            None => {}
        }
        for stretch in &self.0 {
            let to = stretch.to.unwrap_or(days.to());
            match stretch.said {
                Said::Counts => {
                    if let Some(part) = Period::new(stretch.from, to).ok().and_then(|part| part.intersection(days)) {
                        join(&mut counting, part);
                    }
                }
                Said::Open(why) => open(stretch.from, to, why, &mut unclear),
                Said::CountsNot => {}
            }
        }
        (counting, unclear, cause)
    }

    /// Whether the days that count suffice on a day, or could with those of which the facts do not tell.
    pub fn judge(&self, wanted: TotalWanted, on: Day) -> (FindingOutcome, Cause) {
        let Some(days) = last_months(on, wanted.within_months) else {
            return (FindingOutcome::Undetermined, Cause::Missing);
        };
        let (counting, unclear, cause) = self.within(days);
        if suffices(wanted, total(&counting)) {
            return (FindingOutcome::Met, Cause::Known);
        }
        let mut possible: Vec<Period> = counting.iter().chain(&unclear).copied().collect();
        possible.sort_unstable_by_key(|part| part.from());
        let mut joined = Vec::new();
        for part in possible {
            join(&mut joined, part);
        }
        match cause {
            Some(cause) if suffices(wanted, total(&joined)) => (FindingOutcome::Undetermined, cause),
            _ => (FindingOutcome::NotMet, Cause::Known),
        }
    }

    /// What is counted on a day.
    pub fn measure(&self, wanted: TotalWanted, on: Day) -> Option<Measured> {
        let within = last_months(on, wanted.within_months)?;
        let (mut periods, mut unclear, _) = self.within(within);
        let total = total(&periods);
        periods.truncate(MOST_PERIODS);
        unclear.truncate(MOST_PERIODS);
        Some(Measured { within, periods, total, unclear, reached_on: None })
    }

    /// The first day after `on` on which it suffices, if what counts on that day goes on, until it is known to end.
    ///
    /// None where it suffices on the day itself.
    pub fn reached_on(&self, wanted: TotalWanted, on: Day) -> Option<Day> {
        if self.judge(wanted, on).0 == FindingOutcome::Met {
            return None;
        }
        let present = self.0.iter().find(|stretch| stretch.from <= on && stretch.to.is_none_or(|to| on <= to))?;
        if present.said != Said::Counts {
            return None;
        }
        let known: Vec<Stretch> = self.0.iter().take_while(|stretch| stretch.from <= on).copied().collect();
        let later = self.0.iter().find(|stretch| stretch.from > on && stretch.said == Said::CountsNot).map(|ends| ends.from);
        let mut going_on = Self(known);
        if let Some(last) = going_on.0.last_mut() {
            last.to = None;
        }
        let days = (1..=days_of(wanted.within_months)).filter_map(|ahead| on.plus_days(ahead).ok());
        days.take_while(|day| later.is_none_or(|ends| *day < ends))
            .find(|day| going_on.judge(wanted, *day).0 == FindingOutcome::Met)
    }

    /// Later days on which the condition begins to be met.
    pub fn met_from(&self, wanted: TotalWanted, after: Day) -> Vec<Day> {
        let last = self.changes().max().unwrap_or(after).max(after);
        let end = last.plus_days(days_of(wanted.within_months)).unwrap_or(last);
        let mut before = self.judge(wanted, after).0;
        let mut found = Vec::new();
        let days = (1..).map_while(|ahead| after.plus_days(ahead).ok()).take_while(|day| *day <= end);
        for day in days {
            let outcome = self.judge(wanted, day).0;
            if outcome == FindingOutcome::Met && before != FindingOutcome::Met {
                found.push(day);
            }
            before = outcome;
        }
        found
    }
}

/// What the facts say of a day.
fn said(facts: &[KnownFact], day: Day) -> Said {
    let answer = |kind| match known_on(facts, kind, day) {
        Known::Missing => Said::Open(Cause::Missing),
        Known::Expired(_) => Said::Open(Cause::Expired),
        Known::Contradictory(_) => Said::Open(Cause::Contradictory),
        Known::Says(fact) if fact.value.as_str() == "true" => Said::Counts,
        Known::Says(_) => Said::CountsNot,
    };
    match (answer(PersonFactKind::RegisteredUnemployed), answer(PersonFactKind::Internship)) {
        (Said::CountsNot, _) | (_, Said::Counts) => Said::CountsNot,
        (registered, Said::CountsNot | Said::Open(Cause::Missing)) => registered,
        (_, Said::Open(cause)) => Said::Open(cause),
    }
}

/// The last months to a day, the day counted.
pub(super) fn last_months(on: Day, months: u32) -> Option<Period> {
    let before = on.date().checked_sub_months(Months::new(months))?;
    Period::new(Day::try_from(before.succ_opt()?).ok()?, on).ok()
}

/// More days than so many months have.
fn days_of(months: u32) -> u32 {
    (months + 1) * 31
}

/// Adds a period behind others; one that follows the last at once, or shares days with it, becomes one with it.
fn join(periods: &mut Vec<Period>, next: Period) {
    if let Some(last) = periods.last_mut()
        && last.to().plus_days(1).is_ok_and(|follows| next.from() <= follows)
    {
        *last = Period::new(last.from(), last.to().max(next.to())).unwrap_or(*last);
        return;
    }
    periods.push(next);
}

fn total(periods: &[Period]) -> MonthsAndDays {
    periods.iter().map(|period| period.calendar_months()).sum()
}

fn suffices(wanted: TotalWanted, total: MonthsAndDays) -> bool {
    let one_day = MonthsAndDays { months: 0, days: 1 };
    if wanted.at_least { total.plus(one_day).exceeds(wanted.months) } else { total.exceeds(wanted.months) }
}
