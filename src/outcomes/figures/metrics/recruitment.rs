//! M-01 to M-03: who applied, who left before the start, what was decided, and how it compares with the plan.

use std::collections::HashSet;

use uuid::Uuid;

use super::ages::by_age;
use super::completion::strict_completers;
use super::groups::{by_sex, by_word};
use super::places::of_planned;
use crate::outcomes::figures::definition::{Definition, Scope};
use crate::outcomes::figures::definitions::{
    CANDIDATES, CANDIDATES_OF_PLACES, NEVER_PLACED, PLACED, RECRUITMENT_EXITS, REJECTED, RESERVE, SELECTED, SELECTED_OF_PLACES,
    SELECTION_RATE, UNDECIDED,
};
use crate::outcomes::figures::facts::{Application, Facts, Participation};
use crate::outcomes::figures::figure::{Figure, Group, Number, Part, Record, RecordKind};

const WITHDRAWAL_REASONS: &[&str] = &["employed", "refused", "ineligible", "health", "noContact", "other"];
const REJECTION_REASONS: &[&str] = &["notEligible", "incompleteDocuments", "tooFewPoints", "noPlaces", "late", "other", UNKNOWN];
const DECISIONS: &[&str] = &["selected", "reserve", "rejected", "undecided", "withdrawnUndecided"];
const CHANNELS: &[&str] = &["counter", "labourOffice", "socialWorker", "electronic", "post", "other", UNKNOWN];
const UNKNOWN: &str = "unknown";

/// The figures of recruitment.
pub fn figures(facts: &Facts) -> Vec<Figure> {
    vec![
        candidates(facts),
        of_places(facts, &CANDIDATES_OF_PLACES, candidate_records(facts)),
        exits(facts),
        decided(facts, &SELECTED, "selected"),
        decided(facts, &RESERVE, "reserve"),
        rejected(facts),
        decided(facts, &UNDECIDED, "undecided"),
        selection_rate(facts),
        of_places(facts, &SELECTED_OF_PLACES, with_decision(facts, "selected").into_iter().map(record).collect()),
        placed(facts),
        never_placed(facts),
    ]
}

/// One application of each person, the first recorded.
fn first_applications(facts: &Facts) -> Vec<&Application> {
    Facts::first_of_each(&facts.applications, |application| application.person_id)
}

/// The records of [`CANDIDATES`].
pub fn candidate_records(facts: &Facts) -> Vec<Record> {
    first_applications(facts).into_iter().map(record).collect()
}

/// Recruitment ends before the edition does, so a running edition does not make its figures provisional.
fn count(facts: &Facts, definition: &'static Definition, applications: &[&Application]) -> Figure {
    let records = applications.iter().copied().map(record).collect();
    structured(facts, Figure::count(definition, facts.collected(definition, definition.kinds), records), applications)
}

/// With the structure of those counted: sex, age on the first day of the edition, and the way in.
fn structured(facts: &Facts, figure: Figure, applications: &[&Application]) -> Figure {
    let rows = || applications.iter().copied();
    figure
        .by("sex", by_sex(facts, rows().map(|application| application.person_id)))
        .by("ageBand", by_age(facts, rows().map(|application| (application.edition_id, application.person_id))))
        .by("channel", by_word(CHANNELS, rows().map(channel)))
}

fn record(application: &Application) -> Record {
    Record::new(RecordKind::Application, application.id)
        .edition(application.edition_id)
        .person(application.person_id)
        .on(application.received_on)
}

fn candidates(facts: &Facts) -> Figure {
    let applications = first_applications(facts);
    let figure = count(facts, &CANDIDATES, &applications);
    if facts.scope == Scope::Programme {
        // A person may be selected in one edition and rejected in another.
        return figure;
    }
    figure.by("decision", by_word(DECISIONS, facts.applications.iter().map(decision))).by("stage", funnel(facts))
}

/// How many candidates came at least as far as each stage.
///
/// Who was placed without a recorded decision, as in programmes of the past, came through those before as well.
fn funnel(facts: &Facts) -> Vec<Group> {
    let way = Way::of(facts);
    let count = |stage| facts.applications.iter().filter(|application| way.reached(stage, application)).count();
    STAGES.iter().map(|stage| Group::new(*stage, Number::count(count(*stage)))).collect()
}

/// The applications of candidates who came at least as far as a stage.
pub fn reaching(facts: &Facts, stage: &str) -> HashSet<Uuid> {
    let way = Way::of(facts);
    let came = facts.applications.iter().filter(|application| STAGES.contains(&stage) && way.reached(stage, application));
    came.map(|application| application.id).collect()
}

/// Who started and who completed, in which edition.
struct Way {
    started: HashSet<(Uuid, Uuid)>,
    completed: HashSet<(Uuid, Uuid)>,
}

impl Way {
    fn of(facts: &Facts) -> Self {
        Self { started: started(facts), completed: strict_completers(facts).into_iter().map(of_whom).collect() }
    }

    fn reached(&self, stage: &str, application: &Application) -> bool {
        let whom = (application.edition_id, application.person_id);
        match stage {
            "decided" => self.started.contains(&whom) || application.decision.is_some(),
            "selected" => self.started.contains(&whom) || application.decision.as_deref() == Some("selected"),
            "started" => self.started.contains(&whom),
            "completed" => self.completed.contains(&whom),
            _ => true,
        }
    }
}

/// From the application to the planned end.
const STAGES: &[&str] = &["applied", "decided", "selected", "started", "completed"];

/// How an application came in.
pub fn channel(application: &Application) -> &str {
    application.channel.as_deref().unwrap_or(UNKNOWN)
}

/// Why a candidate withdrew or was rejected; nobody does both.
pub fn reason(application: &Application) -> &str {
    let withdrawn = application.withdrawal_reason.as_deref().filter(|_| application.is_withdrawn());
    withdrawn.or(application.rejection_reason.as_deref()).unwrap_or(UNKNOWN)
}

/// The latest decision, or where an application stands without one.
pub fn decision(application: &Application) -> &str {
    match application.decision.as_deref() {
        Some(decision) => decision,
        None if application.is_withdrawn() => "withdrawnUndecided",
        None => "undecided",
    }
}

fn of_whom(participation: &Participation) -> (Uuid, Uuid) {
    (participation.edition_id, participation.person_id)
}

fn started(facts: &Facts) -> HashSet<(Uuid, Uuid)> {
    facts.participations.iter().map(of_whom).collect()
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
    // Counted by the day of leaving, not by that of the application.
    let records = left.iter().map(|application| {
        let record = record(application);
        application.withdrawn_on.map_or(record.clone(), |left_on| record.on(left_on))
    });
    let verdict = facts.collected(&RECRUITMENT_EXITS, RECRUITMENT_EXITS.kinds);
    let figure = Figure::count(&RECRUITMENT_EXITS, verdict, records.collect());
    structured(facts, figure, &left).by("reason", reasons)
}

fn with_decision<'f>(facts: &'f Facts, word: &str) -> Vec<&'f Application> {
    facts.applications.iter().filter(|application| decision(application) == word).collect()
}

fn decided(facts: &Facts, definition: &'static Definition, word: &str) -> Figure {
    count(facts, definition, &with_decision(facts, word))
}

fn rejected(facts: &Facts) -> Figure {
    let rows = with_decision(facts, "rejected");
    let reasons = rows.iter().map(|application| application.rejection_reason.as_deref().unwrap_or(UNKNOWN));
    count(facts, &REJECTED, &rows).by("reason", by_word(REJECTION_REASONS, reasons))
}

fn selection_rate(facts: &Facts) -> Figure {
    let selected = with_decision(facts, "selected").into_iter().map(record).collect();
    let verdict = facts.collected(&SELECTION_RATE, SELECTION_RATE.kinds);
    Figure::ratio(&SELECTION_RATE, verdict, Part::count(selected), Part::count(candidate_records(facts)))
}

/// Recruitment beside the plan; more are selected than there are places where some are expected to drop out.
fn of_places(facts: &Facts, definition: &'static Definition, records: Vec<Record>) -> Figure {
    of_planned(facts, definition, facts.collected(definition, definition.kinds), records)
}

fn placed(facts: &Facts) -> Figure {
    let started = started(facts);
    let whom = |application: &&Application| started.contains(&(application.edition_id, application.person_id));
    let placed: Vec<&Application> = facts.applications.iter().filter(whom).collect();
    let verdict = facts.verdict(&PLACED);
    structured(facts, Figure::count(&PLACED, verdict, placed.iter().copied().map(record).collect()), &placed)
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
    structured(facts, Figure::count(&NEVER_PLACED, facts.verdict(&NEVER_PLACED), records), &waiting)
}
