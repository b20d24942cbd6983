//! M-21: who took up a job, when, and whether it lasted.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use chrono::NaiveDate;
use uuid::Uuid;

use super::job_phases::{Employed, Evidence, FollowUp, Jobs, Lasting, Phase, records, together};
use crate::outcomes::figures::completeness::Standing;
use crate::outcomes::figures::definition::{Definition, FactKind};
use crate::outcomes::figures::definitions::{
    JOBS_3_MONTHS, JOBS_3_MONTHS_PERSON, JOBS_4_WEEKS, JOBS_4_WEEKS_PERSON, JOBS_6_MONTHS, JOBS_6_MONTHS_PERSON,
    JOBS_AT_RECRUITMENT, JOBS_DURING, JOBS_OFFICIAL, JOBS_QUALIFYING, JOBS_TOTAL, JOBS_UNKNOWN,
};
use crate::outcomes::figures::facts::{CollectionState, Facts, Participation};
use crate::outcomes::figures::figure::{Figure, RecordKind, whole};
use crate::outcomes::figures::verdict::{NoteCode, Status, Verdict};
use crate::programmes::facts::EditionFacts;

pub fn figures(facts: &Facts) -> Vec<Figure> {
    let jobs = Jobs::of(facts);
    let person_clock = |definition, window| after_person(&jobs, definition, window);
    vec![
        until_end(&jobs, &JOBS_AT_RECRUITMENT, Phase::AtRecruitment),
        during(&jobs),
        after(&jobs, &JOBS_4_WEEKS, FollowUp::FourWeeks),
        within_3_months(&jobs),
        within_6_months(&jobs),
        person_clock(&JOBS_4_WEEKS_PERSON, FollowUp::FourWeeks),
        person_clock(&JOBS_3_MONTHS_PERSON, FollowUp::ThreeMonths),
        person_clock(&JOBS_6_MONTHS_PERSON, FollowUp::SixMonths),
        total(&jobs),
        qualifying(&jobs),
        official(&jobs),
        unknown(&jobs),
    ]
}

/// Jobs from the start of a participation to the end of the edition.
pub fn during(jobs: &Jobs) -> Figure {
    until_end(jobs, &JOBS_DURING, Phase::During)
}

/// Jobs within 3 months after the edition.
pub fn within_3_months(jobs: &Jobs) -> Figure {
    after(jobs, &JOBS_3_MONTHS, FollowUp::ThreeMonths)
}

/// Jobs within 6 months after the edition.
pub fn within_6_months(jobs: &Jobs) -> Figure {
    after(jobs, &JOBS_6_MONTHS, FollowUp::SixMonths)
}

/// Distinct people with a job of any phase.
pub fn total(jobs: &Jobs) -> Figure {
    let employed = all_phases(jobs);
    let verdict = through(jobs, &JOBS_TOTAL, FollowUp::SixMonths, employed.len());
    Figure::count(&JOBS_TOTAL, verdict, records(&employed))
}

/// Jobs that count for the official statistics.
pub fn official(jobs: &Jobs) -> Figure {
    let employed = together(jobs.employed(Phase::During), jobs.employed(Phase::AfterProgramme(FollowUp::ThreeMonths)));
    lasting(jobs, &JOBS_OFFICIAL, FollowUp::ThreeMonths, employed)
}

fn qualifying(jobs: &Jobs) -> Figure {
    lasting(jobs, &JOBS_QUALIFYING, FollowUp::SixMonths, all_phases(jobs))
}

fn all_phases(jobs: &Jobs) -> Employed {
    let inside = together(jobs.employed(Phase::AtRecruitment), jobs.employed(Phase::During));
    together(inside, jobs.employed(Phase::AfterProgramme(FollowUp::SixMonths)))
}

fn until_end(jobs: &Jobs, definition: &'static Definition, phase: Phase) -> Figure {
    let employed = jobs.employed(phase);
    let first_day = |edition: &EditionFacts| {
        let applied = jobs.facts.applications.iter().filter(|row| row.edition_id == edition.id).map(|row| row.received_on);
        applied.min().filter(|_| phase == Phase::AtRecruitment).unwrap_or(edition.starts_on.date())
    };
    let time = |edition: &EditionFacts| first_day(edition)..=edition.ends_on.date();
    let verdict = known_through(jobs, definition, &time, employed.len());
    Figure::count(definition, verdict, records(&employed))
}

fn after(jobs: &Jobs, definition: &'static Definition, window: FollowUp) -> Figure {
    let employed = jobs.employed(Phase::AfterProgramme(window));
    let verdict = known_through(jobs, definition, &|edition| afterwards(edition, window), employed.len());
    Figure::count(definition, verdict, records(&employed)).with("until", last_days(jobs, window))
}

/// The days of a window after the edition.
fn afterwards(edition: &EditionFacts, window: FollowUp) -> RangeInclusive<NaiveDate> {
    let end = edition.ends_on.date();
    end.succ_opt().unwrap_or(NaiveDate::MAX)..=window.last_day(end)
}

fn last_days(jobs: &Jobs, window: FollowUp) -> String {
    jobs.facts.rule(|edition| window.last_day(edition.ends_on.date()))
}

fn after_person(jobs: &Jobs, definition: &'static Definition, window: FollowUp) -> Figure {
    let employed = jobs.employed(Phase::AfterPerson(window));
    let from_first_to_last_exit = |edition: &EditionFacts| {
        let of_edition = jobs.facts.participations.iter().filter(|row| row.edition_id == edition.id);
        let exits: BTreeSet<NaiveDate> = of_edition.map(Participation::last_day).collect();
        let exit = |day: Option<&NaiveDate>| day.copied().unwrap_or(edition.ends_on.date());
        exit(exits.first())..=window.last_day(exit(exits.last()))
    };
    let verdict = known_through(jobs, definition, &from_first_to_last_exit, employed.len());
    Figure::count(definition, verdict, records(&employed))
}

/// How employment stands in an edition through a day.
///
/// Nobody can state what has not happened yet: a statement is complete up to its own day only.
fn standing(facts: &Facts, edition: &EditionFacts, through: NaiveDate) -> Standing {
    match facts.statement(edition.id, FactKind::Employment) {
        Some(statement) => match statement.completeness {
            CollectionState::Complete if statement.stated_on.date() >= through => Standing::Complete,
            CollectionState::Complete | CollectionState::Partial => Standing::Partial,
            CollectionState::NotCollected => Standing::Missing,
        },
        None => Standing::Missing,
    }
}

/// Whether employment is stated as complete for the time of a phase, as far as it has passed.
///
/// While the time runs, a statement made in it knows what has happened so far; before it begins, nothing can have happened.
/// Once it is over, only a statement from its last day or later knows all.
fn is_known_so_far(facts: &Facts, edition: &EditionFacts, time: &RangeInclusive<NaiveDate>) -> bool {
    let statement = facts.statement(edition.id, FactKind::Employment);
    let complete = statement.filter(|statement| statement.completeness == CollectionState::Complete);
    let today = facts.as_of.day;
    complete.map(|statement| statement.stated_on.date()).is_some_and(|stated_on| {
        let is_open = *time.end() >= today;
        stated_on >= *time.end() || (is_open && (stated_on >= *time.start() || *time.start() > today))
    })
}

/// The verdict of a phase that is known through the last day of its time.
///
/// Where the statement does not reach to that day and nothing is on file, the number is unknown; it is a zero that may still
/// grow while the time runs and all of it is known so far.
fn known_through(
    jobs: &Jobs,
    definition: &'static Definition,
    time: &dyn Fn(&EditionFacts) -> RangeInclusive<NaiveDate>,
    evidence: usize,
) -> Verdict {
    let facts = jobs.facts;
    let standings = facts.editions.iter().map(|edition| standing(facts, edition, *time(edition).end())).collect();
    let known_so_far = || facts.editions.iter().all(|edition| is_known_so_far(facts, edition, &time(edition)));
    let employment = match facts.joined(standings, definition.measure) {
        Status::Provisional if evidence == 0 && !known_so_far() => Status::NotCollected,
        status => status,
    };
    let closed = facts.editions.iter().all(|edition| *time(edition).end() < facts.as_of.day);
    others(facts, definition).at_worst(employment).within(closed)
}

/// The verdict of the other facts that a definition needs.
fn others(facts: &Facts, definition: &'static Definition) -> Verdict {
    let kinds: Vec<FactKind> = definition.kinds.iter().copied().filter(|kind| *kind != FactKind::Employment).collect();
    facts.collected(definition, &kinds)
}

/// The verdict of a figure that joins the edition itself and the time after it: known through the end of the
/// edition it has a value, which is provisional while the time after is not known.
fn through(jobs: &Jobs, definition: &'static Definition, window: FollowUp, evidence: usize) -> Verdict {
    let inside = known_through(jobs, definition, &|edition| edition.starts_on.date()..=edition.ends_on.date(), evidence);
    let followed_up = known_through(jobs, definition, &|edition| afterwards(edition, window), 1);
    if !inside.status.shows_value() {
        return inside;
    }
    let facts = jobs.facts;
    let followed = |edition: &EditionFacts| {
        let last = window.last_day(edition.ends_on.date());
        standing(facts, edition, last) == Standing::Complete
    };
    let unfollowed = facts.editions.iter().filter(|edition| !followed(edition)).count();
    inside.and(followed_up).noting(NoteCode::FollowUpNotCollected, whole(unfollowed))
}

/// People whose job lasted long enough; where no length is known at all, so is the number.
fn lasting(jobs: &Jobs, definition: &'static Definition, window: FollowUp, employed: Employed) -> Figure {
    let verdict = through(jobs, definition, window, employed.len());
    let mut long_enough = Employed::new();
    let mut unknown = 0;
    for (person, mut evidence) in employed {
        if evidence.iter().any(|one| one.lasting == Lasting::Enough) {
            evidence.retain(|one| one.lasting == Lasting::Enough);
            long_enough.insert(person, evidence);
            continue;
        }
        // What else says that somebody works adds nothing to jobs of known length.
        let is_job = |one: &Evidence| one.record.kind == RecordKind::EmploymentSpell;
        let has_job = evidence.iter().any(is_job);
        unknown += i64::from(evidence.iter().any(|one| one.lasting == Lasting::Unknown && (!has_job || is_job(one))));
    }
    let verdict = verdict.noting(NoteCode::JobLengthUnknown, unknown);
    let verdict = if unknown > 0 && long_enough.is_empty() { verdict.at_worst(Status::NotCollected) } else { verdict };
    Figure::count(definition, verdict, records(&long_enough))
        .with("jobMinDays", jobs.facts.rule(|edition| edition.regime.job_min_days))
        .with("until", last_days(jobs, window))
}

/// Participants of whom nothing is known for the official window, in the editions where that is not stated.
fn unknown(jobs: &Jobs) -> Figure {
    let facts = jobs.facts;
    let window = FollowUp::ThreeMonths;
    let employed = together(jobs.employed(Phase::During), jobs.employed(Phase::AfterProgramme(window)));
    let employed: BTreeSet<Uuid> = employed.into_keys().collect();
    let rows = facts.participations.iter().filter(|row| {
        let is_known = facts.edition(row.edition_id).is_some_and(|edition| {
            let last = window.last_day(edition.ends_on.date());
            standing(facts, edition, last) == Standing::Complete || jobs.is_denied(row.id, window, last)
        });
        !is_known && !employed.contains(&row.person_id)
    });
    let people = Facts::first_of_each(rows, |row| row.person_id);
    let closed = facts.editions.iter().all(|edition| window.last_day(edition.ends_on.date()) < facts.as_of.day);
    let verdict = facts.collected(&JOBS_UNKNOWN, JOBS_UNKNOWN.kinds).within(closed);
    let figure = Figure::count(&JOBS_UNKNOWN, verdict, super::participation::records(&people));
    figure.with("participants", whole(facts.participations.len()))
}
