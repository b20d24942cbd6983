//! M-28: households of participants, and those with a family assistant; counted apart from people.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::outcomes::figures::definitions::{HOUSEHOLDS_OF_PARTICIPANTS, HOUSEHOLDS_WITH_ASSISTANT};
use crate::outcomes::figures::facts::Facts;
use crate::outcomes::figures::figure::{Figure, Record, RecordKind};

pub fn figures(facts: &Facts) -> Vec<Figure> {
    vec![
        Figure::count(&HOUSEHOLDS_OF_PARTICIPANTS, facts.verdict(&HOUSEHOLDS_OF_PARTICIPANTS), of_participants(facts)),
        Figure::count(&HOUSEHOLDS_WITH_ASSISTANT, facts.verdict(&HOUSEHOLDS_WITH_ASSISTANT), with_assistant(facts)),
    ]
}

/// Households of participants on a day of their participation, each by the first who lived there.
fn of_participants(facts: &Facts) -> Vec<Record> {
    let mut households: BTreeMap<Uuid, Record> = BTreeMap::new();
    for participation in &facts.participations {
        let Some(taking_part) = participation.period_until(facts.as_of.day) else { continue };
        let stays = facts.household_stays.iter().filter(|stay| stay.person_id == participation.person_id);
        for stay in stays.filter(|stay| stay.touches(taking_part)) {
            households.entry(stay.household_id).or_insert_with(|| {
                Record::new(RecordKind::Household, stay.household_id)
                    .edition(participation.edition_id)
                    .person(participation.person_id)
                    .participation(participation.id)
            });
        }
    }
    households.into_values().collect()
}

/// Households with which an assistant has begun to work, each by its first assignment.
fn with_assistant(facts: &Facts) -> Vec<Record> {
    let mut households: BTreeMap<Uuid, Record> = BTreeMap::new();
    for assignment in facts.assistances.iter().filter(|assignment| assignment.valid_from_on <= facts.as_of.day) {
        let Some(edition) = assignment.edition_id else { continue };
        households.entry(assignment.household_id).or_insert_with(|| {
            Record::new(RecordKind::Household, assignment.household_id).edition(edition).on(assignment.valid_from_on)
        });
    }
    households.into_values().collect()
}
