//! M-04: planned places.

use crate::outcomes::figures::definition::Definition;
use crate::outcomes::figures::definitions::{PLACES_FIRST, PLACES_LATEST};
use crate::outcomes::figures::facts::Facts;
use crate::outcomes::figures::figure::{Figure, Number, Part, Record, RecordKind};
use crate::outcomes::figures::verdict::{Status, Verdict};
use crate::platform::types::Day;
use crate::programmes::facts::{PlanRevision, plan_on};

pub fn figures(facts: &Facts) -> Vec<Figure> {
    let first = |plan: &[PlanRevision]| plan.iter().min_by_key(|revision| revision.number).cloned();
    vec![
        places(facts, &PLACES_FIRST, &first),
        planned(facts).map_or_else(
            || Figure::none(&PLACES_LATEST, Verdict::of(Status::NotCollected)),
            |part| Figure::sum(&PLACES_LATEST, Verdict::of(Status::Ok), part),
        ),
    ]
}

/// Some records by the places of the revision that holds on the day of the figures; without a plan nothing is known.
pub fn of_planned(facts: &Facts, definition: &'static Definition, verdict: Verdict, records: Vec<Record>) -> Figure {
    match planned(facts) {
        Some(places) => Figure::ratio(definition, verdict, Part::count(records), places),
        None => Figure::none(definition, Verdict::of(Status::NotCollected)),
    }
}

/// Places of the revision that holds on the day of the figures, or none without a plan.
fn planned(facts: &Facts) -> Option<Part> {
    let day = Day::try_from(facts.as_of.day).ok()?;
    sum(facts, &|plan| plan_on(plan, day).cloned())
}

fn places(facts: &Facts, definition: &'static Definition, pick: &dyn Fn(&[PlanRevision]) -> Option<PlanRevision>) -> Figure {
    match sum(facts, pick) {
        Some(part) => Figure::sum(definition, Verdict::of(Status::Ok), part),
        None => Figure::none(definition, Verdict::of(Status::NotCollected)),
    }
}

fn sum(facts: &Facts, pick: &dyn Fn(&[PlanRevision]) -> Option<PlanRevision>) -> Option<Part> {
    let mut places = 0;
    let mut records = Vec::new();
    for edition in &facts.editions {
        let revision = pick(&edition.plan)?;
        places += i64::from(revision.places);
        records.extend(revision.id.map(|id| {
            Record::new(RecordKind::PlanRevision, id)
                .edition(edition.id)
                .on(revision.effective_on.date())
                .adding(Number::Whole(i64::from(revision.places)))
        }));
    }
    (!facts.editions.is_empty()).then(|| Part::sum(Number::Whole(places), records))
}
