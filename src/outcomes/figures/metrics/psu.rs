//! M-15: hours of socially useful work and the weekly limit.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::groups::minutes_by;
use super::hours::psu_record;
use super::participation::{record as participation_record, records};
use crate::outcomes::figures::definition::Definition;
use crate::outcomes::figures::definitions::{
    PSU_HOURS, PSU_MONTH_CAP_USE, PSU_MONTHS_AT_CAP, PSU_MONTHS_OVER_CAP, PSU_UTILISATION, PSU_WEEKS_AT_LIMIT,
    PSU_WEEKS_OVER_LIMIT,
};
use crate::outcomes::figures::facts::{Facts, Participation, PsuEntry, PsuWeek};
use crate::outcomes::figures::figure::{Figure, Number, Part, Record, ratio_group};
use crate::outcomes::figures::verdict::Status;
use crate::platform::types::{IsoWeek, Month};

pub fn figures(facts: &Facts) -> Vec<Figure> {
    vec![
        utilisation(facts),
        weeks(facts, &PSU_WEEKS_AT_LIMIT, |week| week.used_minutes == week.limit_minutes),
        weeks(facts, &PSU_WEEKS_OVER_LIMIT, |week| week.used_minutes > week.limit_minutes),
        month_cap_use(facts),
        months(facts, &PSU_MONTHS_AT_CAP, |used, cap| used == cap),
        months(facts, &PSU_MONTHS_OVER_CAP, |used, cap| used > cap),
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

/// Hours by the monthly cap; a person has one cap under an agreement in a month, however many participations touch it.
fn month_cap_use(facts: &Facts) -> Figure {
    let mut verdict = facts.verdict(&PSU_MONTH_CAP_USE);
    let mut counted: BTreeSet<(Uuid, Uuid, Month)> = BTreeSet::new();
    let mut by_month: BTreeMap<Month, (i64, i64)> = BTreeMap::new();
    let mut below = Vec::new();
    for row in &facts.participations {
        let Some((agreement, cap)) = cap_of(facts, row.edition_id) else {
            // Without a cap there is nothing to use up.
            verdict = verdict.at_worst(Status::NotApplicable);
            continue;
        };
        let mut possible = 0;
        for month in row.period_until(facts.as_of.day).into_iter().flat_map(crate::platform::types::Period::months_touched) {
            if counted.insert((row.person_id, agreement, month)) {
                by_month.entry(month).or_default().1 += cap;
                possible += cap;
            }
        }
        below.push(Record { amount: Some(Number::Minutes(possible)), ..participation_record(row) });
    }
    for entry in &facts.psu_entries {
        by_month.entry(Month::of(entry.worked_on)).or_default().0 += i64::from(entry.minutes);
    }
    let possible = by_month.values().map(|(_, possible)| possible).sum();
    let months = by_month
        .iter()
        .map(|(month, (used, possible))| ratio_group(month.to_string(), Number::Minutes(*used), Number::Minutes(*possible)))
        .collect();
    let caps = facts.rule(|edition| edition.monthly_cap.map_or("none".to_owned(), |cap| cap.to_string()));
    let whole = Part::sum(Number::Minutes(possible), below);
    Figure::ratio(&PSU_MONTH_CAP_USE, verdict, worked(facts), whole).by("month", months).with("monthlyCap", caps)
}

/// The agreement of an edition with its monthly cap in minutes.
fn cap_of(facts: &Facts, edition: Uuid) -> Option<(Uuid, i64)> {
    let edition = facts.edition(edition)?;
    Some((edition.agreement_id, i64::from(edition.monthly_cap?.minutes())))
}

/// Months of a person under an agreement with a cap; a record is the last entry of the month.
fn months(facts: &Facts, definition: &'static Definition, counts: fn(i64, i64) -> bool) -> Figure {
    let mut verdict = facts.verdict(definition);
    if facts.editions.iter().all(|edition| edition.monthly_cap.is_none()) {
        verdict = verdict.at_worst(Status::NotApplicable);
    }
    let caps: BTreeMap<Uuid, i64> = facts.editions.iter().filter_map(|edition| cap_of(facts, edition.id)).collect();
    let mut last: BTreeMap<(Uuid, Uuid, Month), &PsuEntry> = BTreeMap::new();
    for entry in facts.psu_entries.iter().filter(|entry| entry.minutes > 0) {
        let Some((agreement, _)) = cap_of(facts, entry.edition_id) else { continue };
        let kept = last.entry((entry.person_id, agreement, Month::of(entry.worked_on))).or_insert(entry);
        if (entry.worked_on, entry.id) > (kept.worked_on, kept.id) {
            *kept = entry;
        }
    }
    let records = facts
        .psu_months
        .iter()
        .filter(|month| caps.get(&month.agreement_id).is_some_and(|cap| counts(i64::from(month.used_minutes), *cap)))
        .filter_map(|month| last.get(&(month.person_id, month.agreement_id, Month::of(month.month_on))))
        .map(|entry| Record { amount: None, ..psu_record(entry) })
        .collect();
    Figure::count(definition, verdict, records)
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
