//! M-24: what participants declared, and what the labour office decided.

use super::groups::by_word;
use crate::outcomes::figures::definitions::{DECLARATIONS, POST_DECISIONS};
use crate::outcomes::figures::facts::Facts;
use crate::outcomes::figures::figure::{Figure, Record, RecordKind};

const DECLARATION_KINDS: &[&str] = &["psuAfter", "jobSearch", "training", "nextEdition", "integrationClub", "other"];
const DECISION_KINDS: &[&str] = &["repeat", "supportedEmployment", "socialCooperative", "reprofileIpd", "other", "none"];

pub fn figures(facts: &Facts) -> Vec<Figure> {
    let by_id = facts.participations_by_id();
    let person = |record: Record, participation| match by_id.get(&participation) {
        Some(row) => record.participation(row.id).person(row.person_id).edition(row.edition_id),
        None => record.participation(participation),
    };
    let declared = facts
        .declarations
        .iter()
        .map(|row| person(Record::new(RecordKind::Declaration, row.id).on(row.declared_on), row.participation_id))
        .collect();
    let decided = facts
        .post_decisions
        .iter()
        .map(|row| person(Record::new(RecordKind::PostDecision, row.id).on(row.decided_on), row.participation_id))
        .collect();
    vec![
        Figure::count(&DECLARATIONS, facts.verdict(&DECLARATIONS), declared)
            .by("kind", by_word(DECLARATION_KINDS, facts.declarations.iter().map(|row| row.kind.as_str()))),
        Figure::count(&POST_DECISIONS, facts.verdict(&POST_DECISIONS), decided)
            .by("kind", by_word(DECISION_KINDS, facts.post_decisions.iter().map(|row| row.kind.as_str()))),
    ]
}
