//! M-23: who came again, after how long, and for how long in total.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::groups::by_key;
use super::participation::records;
use crate::outcomes::figures::definition::{Definition, Scope};
use crate::outcomes::figures::definitions::{
    CUMULATIVE_MONTHS, DISTINCT_PEOPLE, ENROLMENTS, GAP_DAYS, NEW_BY_EDITION, NEW_PEOPLE, ONLY_IN_EDITION, OVER_LIMIT, REPEATERS,
};
use crate::outcomes::figures::facts::{Facts, Participation, period};
use crate::outcomes::figures::figure::{Figure, Group, Number, Part, Record, RecordKind, whole};
use crate::outcomes::figures::verdict::{Status, Verdict};
use crate::platform::types::{MonthsAndDays, Period};

pub fn figures(facts: &Facts) -> Vec<Figure> {
    if facts.scope == Scope::Edition {
        return of_edition(facts);
    }
    let all: Vec<&Participation> = facts.participations.iter().collect();
    let editions_of = editions_of_people(facts);
    let people = |counts: &dyn Fn(&BTreeSet<usize>) -> bool| -> Vec<Uuid> {
        editions_of.iter().filter(|(_, editions)| counts(editions)).map(|(person, _)| *person).collect()
    };
    vec![
        Figure::count(&ENROLMENTS, facts.verdict(&ENROLMENTS), records(&all)),
        count(facts, &DISTINCT_PEOPLE, people(&|_| true)),
        count(facts, &REPEATERS, people(&|editions| editions.len() > 1)),
        count(facts, &NEW_BY_EDITION, people(&|_| true))
            .by("edition", by_edition(facts, editions_of.values().filter_map(BTreeSet::first).copied())),
        count(facts, &ONLY_IN_EDITION, people(&|editions| editions.len() == 1)).by(
            "edition",
            by_edition(facts, editions_of.values().filter(|editions| editions.len() == 1).filter_map(BTreeSet::first).copied()),
        ),
        gap_days(facts),
        cumulative_months(facts),
        over_limit(facts),
    ]
}

fn count(facts: &Facts, definition: &'static Definition, people: Vec<Uuid>) -> Figure {
    let records = people.into_iter().map(|id| Record::new(RecordKind::Person, id).person(id)).collect();
    Figure::count(definition, facts.verdict(definition), records)
}

/// In which editions, by their order in time, each person started.
fn editions_of_people(facts: &Facts) -> BTreeMap<Uuid, BTreeSet<usize>> {
    let mut editions: BTreeMap<Uuid, BTreeSet<usize>> = BTreeMap::new();
    for row in &facts.participations {
        if let Some(at) = facts.editions.iter().position(|edition| edition.id == row.edition_id) {
            editions.entry(row.person_id).or_default().insert(at);
        }
    }
    editions
}

fn by_edition(facts: &Facts, places: impl Iterator<Item = usize>) -> Vec<Group> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for place in places {
        *counts.entry(place).or_default() += 1;
    }
    let group = |(at, edition): (usize, &crate::programmes::facts::EditionFacts)| {
        let group = Group::new(edition.id.to_string(), Number::count(counts.get(&at).copied().unwrap_or_default()));
        match facts.edition_names.get(&edition.id) {
            Some(name) => group.named(name.clone()),
            None => group,
        }
    };
    facts.editions.iter().enumerate().map(group).collect()
}

fn of_edition(facts: &Facts) -> Vec<Figure> {
    let ids: BTreeSet<Uuid> = facts.editions.iter().map(|edition| edition.id).collect();
    let people = Facts::first_of_each(&facts.participations, |row| row.person_id);
    let came_before = |row: &&&Participation| {
        facts.in_programme.iter().any(|earlier| {
            earlier.person_id == row.person_id && !ids.contains(&earlier.edition_id) && earlier.starts_on < row.starts_on
        })
    };
    let again: Vec<&Participation> = people.iter().filter(came_before).copied().collect();
    let new: Vec<&Participation> = people.iter().filter(|row| !came_before(row)).copied().collect();
    let person = |rows: Vec<&Participation>| rows.into_iter().map(|row| row.person_id).collect();
    vec![count(facts, &REPEATERS, person(again)), count(facts, &NEW_PEOPLE, person(new))]
}

fn gap_days(facts: &Facts) -> Figure {
    let mut editions: Vec<_> = facts.editions.iter().collect();
    editions.sort_by_key(|edition| (edition.starts_on, edition.id));
    let records = editions
        .iter()
        .map(|edition| Record::new(RecordKind::Edition, edition.id).edition(edition.id).on(edition.starts_on.date()))
        .collect();
    let gaps: Vec<(Uuid, i64)> = editions
        .windows(2)
        .map(|pair| {
            let between = (pair[1].starts_on.date() - pair[0].ends_on.date()).num_days() - 1;
            (pair[1].id, between.max(0))
        })
        .collect();
    if gaps.is_empty() {
        return Figure::none(&GAP_DAYS, Verdict::of(Status::NotApplicable));
    }
    let days = gaps.iter().map(|(_, days)| days).sum();
    let groups = gaps
        .into_iter()
        .map(|(id, days)| {
            let group = Group::new(id.to_string(), Number::Whole(days));
            match facts.edition_names.get(&id) {
                Some(name) => group.named(name.clone()),
                None => group,
            }
        })
        .collect();
    Figure::sum(&GAP_DAYS, Verdict::of(Status::Ok), Part::sum(Number::Whole(days), records)).by("beforeEdition", groups)
}

fn length(row: &Participation) -> MonthsAndDays {
    period(row.starts_on, row.last_day()).map(Period::calendar_months).unwrap_or_default()
}

fn lengths<'f>(rows: impl Iterator<Item = &'f Participation>) -> BTreeMap<Uuid, MonthsAndDays> {
    let mut lengths: BTreeMap<Uuid, MonthsAndDays> = BTreeMap::new();
    for row in rows {
        let sum = lengths.entry(row.person_id).or_default();
        *sum = sum.plus(length(row));
    }
    lengths
}

fn cumulative_months(facts: &Facts) -> Figure {
    let lengths = lengths(facts.participations.iter());
    let months = by_key(lengths.values().map(|length| length.total_months().rounded().decimal()));
    // The key is the length itself, with the six places that every fraction has.
    let months = months
        .into_iter()
        .map(|mut group| {
            group.key = group.key.parse().map_or(group.key, |key| crate::platform::types::SixPlaces::half_up(key).to_string());
            group
        })
        .collect();
    count(facts, &CUMULATIVE_MONTHS, lengths.into_keys().collect()).by("months", months)
}

fn over_limit(facts: &Facts) -> Figure {
    let mut over: BTreeSet<Uuid> = BTreeSet::new();
    let mut limits: BTreeSet<u32> = BTreeSet::new();
    for edition in &facts.editions {
        let (Some(limit), Some(group)) = (edition.regime.cumulative_limit_months, &edition.regime.cumulative_group) else {
            continue;
        };
        limits.insert(limit);
        let of_group = facts.in_groups.iter().filter(|row| row.cumulative_group.as_ref() == Some(group));
        let participants: BTreeSet<Uuid> =
            facts.participations.iter().filter(|row| row.edition_id == edition.id).map(|row| row.person_id).collect();
        let longest =
            lengths(of_group).into_iter().filter(|(person, length)| participants.contains(person) && length.exceeds(limit));
        over.extend(longest.map(|(person, _)| person));
    }
    if limits.is_empty() {
        return Figure::none(&OVER_LIMIT, Verdict::of(Status::NotApplicable));
    }
    let limits = limits.into_iter().map(|limit| limit.to_string()).collect::<Vec<_>>().join(", ");
    let figure = count(facts, &OVER_LIMIT, over.into_iter().collect()).with("limitMonths", limits);
    figure.with("people", whole(facts.people().len()))
}
