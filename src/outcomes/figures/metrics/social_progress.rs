//! M-24: onward referrals and social effectiveness.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::groups::by_word;
use super::job_phases::FollowUp;
use super::participation::records;
use crate::outcomes::figures::definitions::{ONWARD_REFERRALS, SOCIAL_PROGRESS};
use crate::outcomes::figures::effect_facts::Progress;
use crate::outcomes::figures::facts::{Facts, Participation};
use crate::outcomes::figures::figure::{Figure, Part, Record, RecordKind, whole};
use crate::outcomes::figures::verdict::{NoteCode, Status};

const DESTINATIONS: &[&str] = &[
    "integrationClub",
    "integrationCentre",
    "socialAssistance",
    "labourOffice",
    "training",
    "socialCooperative",
    "supportedEmployment",
    "nonGovernmental",
    "other",
];
const TAKE_UPS: &[&str] = &["takenUp", "notTakenUp", "unknown"];
const AREAS: &[&str] =
    &["learning", "motivation", "confidence", "problemSolving", "volunteering", "health", "addictions", "functioning"];
const BETTER: &str = "better";

pub fn figures(facts: &Facts) -> Vec<Figure> {
    let by_id = facts.participations_by_id();
    vec![referrals(facts, &by_id), social_effectiveness(facts, &by_id)]
}

/// Nobody states that all referrals are on file: without one nothing is known, with some there are at least these.
fn referrals(facts: &Facts, by_id: &HashMap<Uuid, &Participation>) -> Figure {
    let rows = &facts.outcomes.referrals;
    let verdict = facts.verdict(&ONWARD_REFERRALS);
    let verdict = verdict.at_worst(if rows.is_empty() { Status::NotCollected } else { Status::Provisional });
    let records = rows
        .iter()
        .map(|row| of(by_id, Record::new(RecordKind::OnwardReferral, row.id).on(row.referred_on), row.participation_id))
        .collect();
    Figure::count(&ONWARD_REFERRALS, verdict, records)
        .by("destination", by_word(DESTINATIONS, rows.iter().map(|row| row.destination.as_str())))
        .by("takeUp", by_word(TAKE_UPS, rows.iter().map(|row| row.take_up.as_str())))
}

fn of(by_id: &HashMap<Uuid, &Participation>, record: Record, participation: Uuid) -> Record {
    match by_id.get(&participation) {
        Some(row) => record.participation(row.id).person(row.person_id).edition(row.edition_id),
        None => record.participation(participation),
    }
}

/// People with progress in any area, by people who have left.
///
/// Of whom no assessment up to three months after leaving is on file nothing is known, which is not "no progress".
fn social_effectiveness(facts: &Facts, by_id: &HashMap<Uuid, &Participation>) -> Figure {
    let in_time = |row: &Progress| {
        let left = by_id.get(&row.participation_id).and_then(|stay| stay.ended_on);
        left.is_some_and(|day| row.assessed_on <= FollowUp::ThreeMonths.last_day(day))
    };
    let assessed: Vec<&Progress> = facts.outcomes.progress.iter().filter(|row| in_time(row)).collect();
    let mut better: BTreeMap<Uuid, Record> = BTreeMap::new();
    for row in assessed.iter().filter(|row| row.change == BETTER) {
        if let Some(stay) = by_id.get(&row.participation_id) {
            let record = Record::new(RecordKind::SocialProgress, row.id).on(row.assessed_on);
            better.entry(stay.person_id).or_insert_with(|| of(by_id, record, stay.id));
        }
    }
    let left = facts.participations.iter().filter(|row| row.ended_on.is_some_and(|day| day <= facts.as_of.day));
    let left = Facts::first_of_each(left, |row| row.person_id);
    let known: std::collections::BTreeSet<Uuid> =
        assessed.iter().filter_map(|row| by_id.get(&row.participation_id)).map(|row| row.person_id).collect();
    let unknown = left.iter().filter(|row| !known.contains(&row.person_id)).count();
    let verdict = facts.verdict(&SOCIAL_PROGRESS).noting(NoteCode::FollowUpNotCollected, whole(unknown));
    let verdict = if known.is_empty() && !left.is_empty() { verdict.at_worst(Status::NotCollected) } else { verdict };
    let areas = assessed.iter().filter(|row| row.change == BETTER).map(|row| row.area.as_str());
    let part = Part::count(better.into_values().collect());
    Figure::ratio(&SOCIAL_PROGRESS, verdict, part, Part::count(records(&left))).by("area", by_word(AREAS, areas))
}
