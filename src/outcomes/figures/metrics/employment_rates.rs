//! M-22: people with a job by a denominator that the id names.

use super::completion::{completion_verdict, strict_completers};
use super::employment::{during, official, total, within_3_months, within_6_months};
use super::job_phases::Jobs;
use super::participation::{initial_starters, records};
use super::recruitment::candidate_records;
use crate::outcomes::figures::definition::{Definition, Measure};
use crate::outcomes::figures::definitions::{CANDIDATES, COMPLETED_STRICT, EMPLOYMENT_RATES, EVER_STARTED};
use crate::outcomes::figures::facts::{Facts, Participation};
use crate::outcomes::figures::figure::{Figure, Part, Record};
use crate::outcomes::figures::verdict::{Status, Verdict};

/// Whom the people with a job are divided by, in the order of the definitions.
#[derive(Debug, Clone, Copy)]
pub enum Denominator {
    /// People who ever started.
    EverStarted,
    /// People who started initially.
    InitialStarters,
    /// People who completed, strictly.
    StrictCompleters,
    /// People who applied.
    Candidates,
}

impl Denominator {
    /// Every denominator.
    pub const ALL: [Self; 4] = [Self::EverStarted, Self::InitialStarters, Self::StrictCompleters, Self::Candidates];

    fn people(self, facts: &Facts) -> Vec<Record> {
        let distinct = |rows: Vec<&Participation>| records(&Facts::first_of_each(rows, |row| row.person_id));
        match self {
            Self::EverStarted => distinct(facts.participations.iter().collect()),
            Self::InitialStarters => distinct(initial_starters(facts)),
            Self::StrictCompleters => distinct(strict_completers(facts)),
            Self::Candidates => candidate_records(facts),
        }
    }

    fn verdict(self, facts: &Facts) -> Verdict {
        match self {
            Self::EverStarted | Self::InitialStarters => facts.verdict(&EVER_STARTED),
            Self::StrictCompleters => completion_verdict(facts, &COMPLETED_STRICT),
            Self::Candidates => facts.collected(&CANDIDATES, CANDIDATES.kinds),
        }
    }
}

/// The rates of every phase and denominator.
pub fn figures(facts: &Facts) -> Vec<Figure> {
    let jobs = Jobs::of(facts);
    let phases = [during(&jobs), official(&jobs), total(&jobs), within_3_months(&jobs), within_6_months(&jobs)];
    phases
        .iter()
        .zip(EMPLOYMENT_RATES)
        .flat_map(|(phase, definitions)| {
            Denominator::ALL
                .into_iter()
                .zip(definitions)
                .map(|(denominator, definition)| rate(facts, definition, phase, denominator))
        })
        .collect()
}

fn rate(facts: &Facts, definition: &'static Definition, phase: &Figure, denominator: Denominator) -> Figure {
    // A ratio over several editions needs every fact in each of them.
    let parts = facts.collected(definition, definition.kinds);
    let parts = if definition.measure == Measure::Ratio && parts.status == Status::NotCollected {
        parts
    } else {
        Verdict::of(Status::Ok)
    };
    let verdict = phase.verdict.clone().and(denominator.verdict(facts)).and(parts);
    let part = phase.numerator.clone().unwrap_or_else(|| Part::count(Vec::new()));
    let mut figure = Figure::ratio(definition, verdict, part, Part::count(denominator.people(facts)));
    for (name, value) in &phase.parameters {
        figure.parameters.entry(name).or_insert_with(|| value.clone());
    }
    figure
}
