//! M-01 to M-03: who applied, who left before the start, and what was decided.

use std::collections::HashSet;

use uuid::Uuid;

use super::groups::{by_sex, by_word};
use crate::outcomes::figures::definition::{Definition, Scope};
use crate::outcomes::figures::definitions::{
    CANDIDATES, NEVER_PLACED, RECRUITMENT_EXITS, REJECTED, RESERVE, SELECTED, SELECTION_RATE, UNDECIDED,
};
use crate::outcomes::figures::facts::{Application, Facts};
use crate::outcomes::figures::figure::{Figure, Part, Record, RecordKind};

const WITHDRAWAL_REASONS: &[&str] = &["employed", "refused", "ineligible", "health", "noContact", "other"];
const DECISIONS: &[&str] = &["selected", "reserve", "rejected", "undecided", "withdrawnUndecided"];

pub fn figures(facts: &Facts) -> Vec<Figure> {
    vec![
        candidates(facts),
        exits(facts),
        decided(facts, &SELECTED, "selected"),
        decided(facts, &RESERVE, "reserve"),
        decided(facts, &REJECTED, "rejected"),
        decided(facts, &UNDECIDED, "undecided"),
        selection_rate(facts),
        never_placed(facts),
    ]
}

/// One application of each person, the first recorded.
pub fn candidate_records(facts: &Facts) -> Vec<Record> {
    Facts::first_of_each(&facts.applications, |application| application.person_id).into_iter().map(record).collect()
}

/// Recruitment ends before the edition does, so a running edition does not make its figures provisional.
fn count(facts: &Facts, definition: &'static Definition, applications: &[&Application]) -> Figure {
    let records = applications.iter().copied().map(record).collect();
    Figure::count(definition, facts.collected(definition, definition.kinds), records)
}

fn record(application: &Application) -> Record {
    Record::new(RecordKind::Application, application.id)
        .edition(application.edition_id)
        .person(application.person_id)
        .on(application.received_on)
}

fn candidates(facts: &Facts) -> Figure {
    let records = candidate_records(facts);
    let people: Vec<Uuid> = records.iter().filter_map(|record| record.person_id).collect();
    let figure = Figure::count(&CANDIDATES, facts.collected(&CANDIDATES, CANDIDATES.kinds), records)
        .by("sex", by_sex(facts, people.into_iter()));
    if facts.scope == Scope::Programme {
        // A person may be selected in one edition and rejected in another.
        return figure;
    }
    figure.by("decision", by_word(DECISIONS, facts.applications.iter().map(decision)))
}

fn decision(application: &Application) -> &str {
    match application.decision.as_deref() {
        Some(decision) => decision,
        None if application.is_withdrawn() => "withdrawnUndecided",
        None => "undecided",
    }
}

fn started(facts: &Facts) -> HashSet<(Uuid, Uuid)> {
    facts.participations.iter().map(|participation| (participation.edition_id, participation.person_id)).collect()
}

fn exits(facts: &Facts) -> Figure {
    let left_before_start = |application: &&Application| {
        application.withdrawn_on.is_some_and(|left| {
            !facts.participations.iter().any(|participation| {
                participation.edition_id == application.edition_id
                    && participation.person_id == application.person_id
                    && participation.starts_on <= left
            })
        })
    };
    let left: Vec<&Application> = facts.applications.iter().filter(left_before_start).collect();
    let reasons = by_word(WITHDRAWAL_REASONS, left.iter().filter_map(|application| application.withdrawal_reason.as_deref()));
    count(facts, &RECRUITMENT_EXITS, &left).by("reason", reasons)
}

fn with_decision<'f>(facts: &'f Facts, word: &str) -> Vec<&'f Application> {
    facts.applications.iter().filter(|application| decision(application) == word).collect()
}

fn decided(facts: &Facts, definition: &'static Definition, word: &str) -> Figure {
    count(facts, definition, &with_decision(facts, word))
}

fn selection_rate(facts: &Facts) -> Figure {
    let selected = with_decision(facts, "selected").into_iter().map(record).collect();
    let verdict = facts.collected(&SELECTION_RATE, SELECTION_RATE.kinds);
    Figure::ratio(&SELECTION_RATE, verdict, Part::count(selected), Part::count(candidate_records(facts)))
}

fn never_placed(facts: &Facts) -> Figure {
    let started = started(facts);
    let waiting: Vec<&Application> = with_decision(facts, "reserve")
        .into_iter()
        .filter(|application| !application.is_withdrawn())
        .filter(|application| !started.contains(&(application.edition_id, application.person_id)))
        .collect();
    let records = waiting.iter().copied().map(record).collect();
    // Somebody on the list can still be placed until the edition is over.
    Figure::count(&NEVER_PLACED, facts.verdict(&NEVER_PLACED), records)
}
