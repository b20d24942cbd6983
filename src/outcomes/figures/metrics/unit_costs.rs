//! M-25 and M-26: money planned and spent by source and kind, and what it comes to for one person.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::completion::{completion_verdict, strict_completers};
use super::employment::official;
use super::job_phases::Jobs;
use super::participation::records;
use crate::outcomes::figures::budget_facts::BudgetRow;
use crate::outcomes::figures::definition::{Definition, FactKind};
use crate::outcomes::figures::definitions::{
    COMPLETED_STRICT, COST_PER_COMPLETER, COST_PER_JOB, COST_PER_PARTICIPANT, COST_PLANNED, COST_SPENT, COST_SPENT_OF_PLANNED,
    EVER_STARTED,
};
use crate::outcomes::figures::facts::Facts;
use crate::outcomes::figures::figure::{Figure, Group, Number, Part, Record, RecordKind};
use crate::outcomes::figures::verdict::{Status, Verdict};
use crate::platform::types::{Money, SixPlaces};

pub fn figures(facts: &Facts) -> Vec<Figure> {
    let budget = &facts.outcomes;
    let jobs = Jobs::of(facts);
    let started = Facts::first_of_each(&facts.participations, |row| row.person_id);
    let completed = Facts::first_of_each(strict_completers(facts), |row| row.person_id);
    let qualifying = official(&jobs);
    let employed = qualifying.numerator.clone().unwrap_or_else(|| Part::count(Vec::new()));
    vec![
        sum(&COST_PLANNED, planned_verdict(facts), &budget.planned, RecordKind::BudgetLine),
        sum(&COST_SPENT, spent_verdict(facts), &budget.spent, RecordKind::Expenditure),
        spent_of_planned(facts),
        unit_cost(facts, &COST_PER_PARTICIPANT, &facts.verdict(&EVER_STARTED), Part::count(records(&started))),
        unit_cost(facts, &COST_PER_COMPLETER, &completion_verdict(facts, &COMPLETED_STRICT), Part::count(records(&completed))),
        unit_cost(facts, &COST_PER_JOB, &qualifying.verdict, employed),
    ]
}

/// A plan is what stands in it; without a line nobody planned here.
fn planned_verdict(facts: &Facts) -> Verdict {
    Verdict::of(if facts.outcomes.planned.is_empty() { Status::NotCollected } else { Status::Ok })
}

/// Whether all that was spent is on file says the collection statement about money.
fn spent_verdict(facts: &Facts) -> Verdict {
    facts.verdict_of(&COST_SPENT, &[FactKind::Money])
}

fn total(rows: &[BudgetRow]) -> Option<Money> {
    Money::checked_sum(rows.iter().map(|row| row.amount))
}

fn part(rows: &[BudgetRow], amount: Money, kind: RecordKind) -> Part {
    let record = |row: &BudgetRow| {
        let record = Record::new(kind, row.id).edition(row.edition_id).adding(Number::Money(row.amount));
        match row.spent_on {
            Some(day) => record.on(day),
            None => record,
        }
    };
    Part::sum(Number::Money(amount), rows.iter().map(record).collect())
}

fn sum(definition: &'static Definition, verdict: Verdict, rows: &[BudgetRow], kind: RecordKind) -> Figure {
    let Some(amount) = total(rows) else { return Figure::none(definition, verdict.at_worst(Status::Undefined)) };
    Figure::sum(definition, verdict, part(rows, amount, kind))
        .by("source", groups(rows, amount, |row| row.source.clone()))
        .by("kind", groups(rows, amount, |row| row.kind.clone()))
        .by("sourceAndKind", groups(rows, amount, |row| format!("{}-{}", row.source, row.kind)))
}

/// Amounts by a word, each with its share of all.
fn groups(rows: &[BudgetRow], all: Money, word: impl Fn(&BudgetRow) -> String) -> Vec<Group> {
    let mut sums: BTreeMap<String, Money> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(word(row)).or_default();
        // Each is at most the sum of all, which is within the limits.
        *sum = sum.checked_add(row.amount).unwrap_or(*sum);
    }
    let group = |(word, amount): (String, Money)| {
        let mut group = Group::new(word, Number::Money(amount));
        group.share = share(amount, all);
        group
    };
    sums.into_iter().map(group).collect()
}

/// A part of an amount; none of nothing.
fn share(part: Money, all: Money) -> Option<SixPlaces> {
    part.decimal().checked_div(all.decimal()).map(SixPlaces::half_up)
}

fn spent_of_planned(facts: &Facts) -> Figure {
    let (planned, spent) = (total(&facts.outcomes.planned), total(&facts.outcomes.spent));
    let verdict = spent_verdict(facts).and(planned_verdict(facts));
    let (Some(planned), Some(spent)) = (planned, spent) else {
        return Figure::none(&COST_SPENT_OF_PLANNED, verdict.at_worst(Status::Undefined));
    };
    let value = share(spent, planned).map(Number::Places);
    let above = part(&facts.outcomes.spent, spent, RecordKind::Expenditure);
    Figure::quotient(
        &COST_SPENT_OF_PLANNED,
        verdict,
        value,
        above,
        part(&facts.outcomes.planned, planned, RecordKind::BudgetLine),
    )
}

/// What was spent by a number of people, to the grosz; undefined of nobody.
fn unit_cost(facts: &Facts, definition: &'static Definition, of_people: &Verdict, people: Part) -> Figure {
    let verdict = spent_verdict(facts).and(of_people.clone());
    let Some(spent) = total(&facts.outcomes.spent) else {
        return Figure::none(definition, verdict.at_worst(Status::Undefined));
    };
    let count = Decimal::from(people.records.len());
    let each = |amount: Money| amount.decimal().checked_div(count).and_then(Money::half_up).map(Number::Money);
    let value = each(spent);
    let by_source = groups(&facts.outcomes.spent, spent, |row| row.source.clone());
    let by_source: Vec<Group> = by_source
        .into_iter()
        .filter_map(|group| match group.value {
            Some(Number::Money(amount)) => Some(Group::new(group.key, each(amount)?)),
            _ => None,
        })
        .collect();
    let above = part(&facts.outcomes.spent, spent, RecordKind::Expenditure);
    Figure::quotient(definition, verdict, value, above, people).by("source", by_source)
}
