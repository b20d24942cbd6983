//! M-27: who the participants are, at entry.

use uuid::Uuid;

use super::ages::by_age;
use super::groups::{by_sex, by_word};
use super::participation::records;
use crate::outcomes::figures::definitions::PARTICIPANT_STRUCTURE;
use crate::outcomes::figures::facts::{Facts, Participation};
use crate::outcomes::figures::figure::{Figure, Group};
use crate::outcomes::figures::verdict::Status;
use crate::people::PersonFactKind;
use crate::platform::types::Day;

/// The group of those of whom nothing is on file.
pub const UNKNOWN: &str = "unknown";
/// What the groups of the structure differ by, and the kind of fact behind it.
const BY_FACTS: &[(&str, PersonFactKind)] = &[
    ("education", PersonFactKind::Education),
    ("statusAtEntry", PersonFactKind::EmploymentStatus),
    ("disability", PersonFactKind::Disability),
    ("longTermUnemployed", PersonFactKind::LongTermUnemployed),
    ("revitalisationArea", PersonFactKind::RevitalisationArea),
];

/// The structure of the participants.
pub fn figures(facts: &Facts) -> Vec<Figure> {
    let people = Facts::first_of_each(&facts.participations, |row| row.person_id);
    let figure = Figure::count(&PARTICIPANT_STRUCTURE, facts.verdict(&PARTICIPANT_STRUCTURE), records(&people))
        .by("sex", by_sex(facts, people.iter().map(|row| row.person_id)))
        .by("age", by_age(facts, people.iter().map(|row| (row.edition_id, row.person_id))));
    let by_fact = |figure: Figure, (by, kind): &(&'static str, PersonFactKind)| figure.by(by, by_fact(facts, &people, *kind));
    vec![BY_FACTS.iter().fold(figure, by_fact)]
}

/// Counts people by what a fact said of them on the first day of their participation.
fn by_fact(facts: &Facts, people: &[&Participation], kind: PersonFactKind) -> Vec<Group> {
    let values: Vec<&str> = people.iter().map(|row| value_at_entry(facts, row, kind).unwrap_or(UNKNOWN)).collect();
    let status = match values.iter().filter(|value| **value == UNKNOWN).count() {
        0 => Status::Ok,
        unknown if unknown == values.len() => Status::NotCollected,
        _ => Status::Provisional,
    };
    let words: Vec<&'static str> = kind.words().unwrap_or_default().iter().copied().chain([UNKNOWN]).collect();
    let standing = |group: Group| if group.key == UNKNOWN { group } else { group.standing(status) };
    by_word(&words, values.into_iter()).into_iter().map(standing).collect()
}

/// The value of a fact on the first day of a participation.
fn value_at_entry<'f>(facts: &'f Facts, row: &Participation, kind: PersonFactKind) -> Option<&'f str> {
    value_on(facts, row.person_id, kind, Day::try_from(row.starts_on).ok()?)
}

/// The value of a fact on a day; of several the one that began last, none where those differ.
pub fn value_on(facts: &Facts, person: Uuid, kind: PersonFactKind, day: Day) -> Option<&str> {
    let known = facts.outcomes.traits.get(&person)?;
    let holding = || known.iter().filter(|fact| fact.kind == kind && fact.holds_on(day));
    let newest = holding().map(|fact| fact.from).max()?;
    let mut values = holding().filter(|fact| fact.from == newest).map(|fact| fact.value.as_str());
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}
