//! M-15: hours of socially useful work and the weekly limit.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::groups::minutes_by;
use super::hours::psu_record;
use super::participation::records;
use crate::outcomes::figures::definition::Definition;
use crate::outcomes::figures::definitions::{PSU_HOURS, PSU_UTILISATION, PSU_WEEKS_AT_LIMIT, PSU_WEEKS_OVER_LIMIT};
use crate::outcomes::figures::facts::{Facts, Participation, PsuEntry, PsuWeek};
use crate::outcomes::figures::figure::{Figure, Number, Part, Record};
use crate::outcomes::figures::verdict::Status;
use crate::platform::types::{IsoWeek, Month};

pub fn figures(facts: &Facts) -> Vec<Figure> {
    vec![
        utilisation(facts),
        weeks(facts, &PSU_WEEKS_AT_LIMIT, |week| week.used_minutes == week.limit_minutes),
        weeks(facts, &PSU_WEEKS_OVER_LIMIT, |week| week.used_minutes > week.limit_minutes),
        hours(facts),
    ]
}

fn worked(facts: &Facts) -> Part {
    let minutes = facts.psu_entries.iter().map(|entry| i64::from(entry.minutes)).sum();
    Part::sum(Number::Minutes(minutes), facts.psu_entries.iter().map(psu_record).collect())
}

fn hours(facts: &Facts) -> Figure {
    let entries = &facts.psu_entries;
    Figure::sum(&PSU_HOURS, facts.verdict(&PSU_HOURS), worked(facts))
        .by("participation", minutes_by(entries.iter().map(|entry| (entry.participation_id, entry.minutes))))
        .by("isoWeek", minutes_by(entries.iter().map(|entry| (IsoWeek::of(entry.worked_on), entry.minutes))))
        .by("month", minutes_by(entries.iter().map(|entry| (Month::of(entry.worked_on), entry.minutes))))
}

fn utilisation(facts: &Facts) -> Figure {
    let mut verdict = facts.verdict(&PSU_UTILISATION);
    let mut possible = 0;
    for row in &facts.participations {
        let limit = facts.edition(row.edition_id).and_then(|edition| edition.regime.psu_weekly_limit);
        let Some(limit) = limit else {
            // Without a limit there is nothing to use up.
            verdict = verdict.at_worst(Status::NotApplicable);
            continue;
        };
        let weeks = row.period_until(facts.as_of.day).map_or(0, |days| days.weeks_touched().count());
        possible += i64::from(limit.minutes()) * i64::try_from(weeks).unwrap_or(i64::MAX);
    }
    let all: Vec<&Participation> = facts.participations.iter().collect();
    let whole = Part::sum(Number::Minutes(possible), records(&all));
    let limits = facts.rule(|edition| edition.regime.psu_weekly_limit.map_or("none".to_owned(), |limit| limit.to_string()));
    Figure::ratio(&PSU_UTILISATION, verdict, worked(facts), whole).with("weeklyLimit", limits)
}

fn weeks(facts: &Facts, definition: &'static Definition, counts: fn(&PsuWeek) -> bool) -> Figure {
    let mut last: BTreeMap<(Uuid, IsoWeek), &PsuEntry> = BTreeMap::new();
    for entry in facts.psu_entries.iter().filter(|entry| entry.minutes > 0) {
        let kept = last.entry((entry.person_id, IsoWeek::of(entry.worked_on))).or_insert(entry);
        if (entry.worked_on, entry.id) > (kept.worked_on, kept.id) {
            *kept = entry;
        }
    }
    let records = facts
        .psu_weeks
        .iter()
        .filter(|week| counts(week))
        .filter_map(|week| last.get(&(week.person_id, IsoWeek::of(week.week_on))))
        .map(|entry| Record { amount: None, ..psu_record(entry) })
        .collect();
    Figure::count(definition, facts.verdict(definition), records)
}
