//! M-05 to M-08: who started, who replaced whom, and how full the places were.

use std::collections::{BTreeSet, HashMap};

use chrono::{Days, NaiveDate};
use uuid::Uuid;

use super::groups::{by_key, by_sex};
use super::places::of_planned;
use crate::outcomes::figures::definition::Definition;
use crate::outcomes::figures::definitions::{
    EVER_STARTED, EVER_STARTED_OF_PLACES, INITIAL_STARTERS, INITIAL_STARTERS_OF_PLACES, PEAK, REPLACEMENTS, SEAT_FILL,
};
use crate::outcomes::figures::facts::{Facts, Participation, period};
use crate::outcomes::figures::figure::{Figure, Number, Part, Record, RecordKind};
use crate::platform::types::Day;

pub fn figures(facts: &Facts) -> Vec<Figure> {
    let initial = initial_starters(facts);
    let all: Vec<&Participation> = facts.participations.iter().collect();
    vec![
        count(facts, &INITIAL_STARTERS, &initial),
        of_places(facts, &INITIAL_STARTERS_OF_PLACES, &initial),
        count(facts, &EVER_STARTED, &all).by("sex", by_sex(facts, all.iter().map(|row| row.person_id))),
        of_places(facts, &EVER_STARTED_OF_PLACES, &all),
        replacements(facts),
        peak(facts),
        seat_fill(facts),
    ]
}

/// A participation as a counted record.
pub fn record(participation: &Participation) -> Record {
    Record::new(RecordKind::Participation, participation.id)
        .edition(participation.edition_id)
        .person(participation.person_id)
        .participation(participation.id)
        .on(participation.starts_on)
}

/// Participations as counted records.
pub fn records(participations: &[&Participation]) -> Vec<Record> {
    participations.iter().copied().map(record).collect()
}

fn count(facts: &Facts, definition: &'static Definition, participations: &[&Participation]) -> Figure {
    Figure::count(definition, facts.verdict(definition), records(participations))
}

/// Participations that replace nobody and started on the first day, or before the first replacement; of a person
/// who left and came back, the first stay.
pub fn initial_starters(facts: &Facts) -> Vec<&Participation> {
    let mut starters = Vec::new();
    for edition in &facts.editions {
        let of_edition = || facts.participations.iter().filter(|row| row.edition_id == edition.id);
        let first_start = of_edition().map(|row| row.starts_on).min();
        let first_replacement = of_edition().filter(|row| row.replaces_id.is_some()).map(|row| row.starts_on).min();
        let first_stay =
            |row: &Participation| !of_edition().any(|other| other.person_id == row.person_id && other.starts_on < row.starts_on);
        starters.extend(of_edition().filter(|row| {
            row.replaces_id.is_none()
                && first_stay(row)
                && (Some(row.starts_on) == first_start || first_replacement.is_none_or(|day| row.starts_on < day))
        }));
    }
    starters
}

fn of_places(facts: &Facts, definition: &'static Definition, participations: &[&Participation]) -> Figure {
    of_planned(facts, definition, facts.verdict(definition), records(participations))
}

fn replacements(facts: &Facts) -> Figure {
    let replaced: HashMap<Uuid, Option<Uuid>> = facts.participations.iter().map(|row| (row.id, row.replaces_id)).collect();
    let rows: Vec<&Participation> = facts.participations.iter().filter(|row| row.replaces_id.is_some()).collect();
    let depth = |row: &Participation| {
        let mut depth = 0;
        let mut before = row.replaces_id;
        // The bound only guards against a ring, which the store cannot hold.
        while let Some(id) = before.filter(|_| depth < replaced.len()) {
            depth += 1;
            before = replaced.get(&id).copied().flatten();
        }
        depth
    };
    let depths = by_key(rows.iter().map(|row| depth(row)));
    count(facts, &REPLACEMENTS, &rows).by("chainDepth", depths)
}

fn peak(facts: &Facts) -> Figure {
    // The number changes upwards only on a day on which somebody starts.
    let mut best: (usize, Option<NaiveDate>) = (0, None);
    let starts: BTreeSet<NaiveDate> = facts.participations.iter().map(|row| row.starts_on).collect();
    for day in starts {
        let present = facts.participations.iter().filter(|row| row.covers(day)).count();
        if present > best.0 {
            best = (present, Some(day));
        }
    }
    let present: Vec<&Participation> =
        best.1.map(|day| facts.participations.iter().filter(|row| row.covers(day)).collect()).unwrap_or_default();
    let figure = count(facts, &PEAK, &present);
    match best.1 {
        Some(day) => figure.with("firstPeakOn", day),
        None => figure,
    }
}

fn seat_fill(facts: &Facts) -> Figure {
    let mut filled = 0;
    let mut planned_days = 0;
    for edition in &facts.editions {
        let Some(days) = period(edition.starts_on.date(), edition.ends_on.date().min(facts.as_of.day)) else { continue };
        let of_edition = facts.participations.iter().filter(|row| row.edition_id == edition.id);
        filled += of_edition
            .filter_map(|row| row.period_until(facts.as_of.day))
            .filter_map(|present| present.intersection(days))
            .map(crate::platform::types::Period::days)
            .sum::<i64>();
        planned_days += (0..days.days())
            .filter_map(|offset| days.from().date().checked_add_days(Days::new(u64::try_from(offset).ok()?)))
            .filter_map(|day| edition.places_on(Day::try_from(day).ok()?))
            .map(i64::from)
            .sum::<i64>();
    }
    let all: Vec<&Participation> = facts.participations.iter().collect();
    let part = Part::sum(Number::Whole(filled), records(&all));
    Figure::ratio(&SEAT_FILL, facts.verdict(&SEAT_FILL), part, Part::sum(Number::Whole(planned_days), Vec::new()))
}
