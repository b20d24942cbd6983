//! M-16: benefits of socially useful work, what the labour office refunds and what the municipality pays itself.
//!
//! What was approved counts as it was approved. What the register holds besides is counted at the rates of its days, and
//! makes the month provisional until a settlement or a correction holds it too.

use std::collections::BTreeMap;

use crate::outcomes::figures::definition::Definition;
use crate::outcomes::figures::definitions::{BENEFIT, MUNICIPAL_SHARE, REFUND};
use crate::outcomes::figures::facts::Facts;
use crate::outcomes::figures::figure::{Figure, Group, Number, Part, Record, RecordKind, whole};
use crate::outcomes::figures::verdict::{NoteCode, Status, Verdict};
use crate::participation::settlements::account::{Movement, Origin};
use crate::participation::settlements::reckoning::Amounts;
use crate::platform::types::{Money, Month};

pub fn figures(facts: &Facts) -> Vec<Figure> {
    let benefit = amount(facts, &BENEFIT, |amounts| amounts.benefit);
    vec![
        by_source(facts, benefit),
        amount(facts, &REFUND, |amounts| amounts.refund),
        amount(facts, &MUNICIPAL_SHARE, |amounts| amounts.municipal_share),
    ]
}

/// Words for whether an amount was approved.
fn stage(movement: &Movement) -> &'static str {
    if movement.is_settled { "approved" } else { "reckoned" }
}

/// A sum, or none where it is out of range.
fn sum<'m>(movements: impl Iterator<Item = &'m Movement>, of: fn(&Amounts) -> Money) -> Option<Money> {
    Money::checked_sum(movements.map(|movement| of(&movement.amounts)))
}

fn record(movement: &Movement, amount: Money) -> Record {
    let record = match movement.origin {
        Origin::Line(id) => Record::new(RecordKind::SettlementLine, id),
        Origin::Entry(id) => Record::new(RecordKind::PsuEntry, id),
    };
    record.edition(movement.edition).person(movement.person).on(movement.month.first_day()).adding(Number::Money(amount))
}

/// What can be said of money: an approved settlement is known whatever was stated about the register.
fn verdict(facts: &Facts, definition: &'static Definition) -> Verdict {
    let account = &facts.account;
    let mut verdict = facts.verdict(definition);
    if verdict.status == Status::NotCollected && account.movements.iter().any(|movement| movement.is_settled) {
        verdict.status = Status::Provisional;
    }
    let open = account.movements.iter().filter(|movement| !movement.is_settled).count();
    verdict
        .noting(NoteCode::NotSettled, whole(open))
        .noting(NoteCode::WithoutRate, whole(account.without_price.len()))
        .noting(NoteCode::SharedLines, whole(account.shared_lines))
}

fn amount(facts: &Facts, definition: &'static Definition, of: fn(&Amounts) -> Money) -> Figure {
    let movements = &facts.account.movements;
    let verdict = verdict(facts, definition);
    let Some(total) = sum(movements.iter(), of) else {
        return Figure::none(definition, verdict.at_worst(Status::Undefined));
    };
    let records = movements.iter().map(|movement| record(movement, of(&movement.amounts))).collect();
    let mut figure = Figure::sum(definition, verdict, Part::sum(Number::Money(total), records));
    if !figure.verdict.status.shows_value() {
        return figure;
    }
    let mut months: BTreeMap<Month, Vec<&Movement>> = BTreeMap::new();
    for movement in movements {
        months.entry(movement.month).or_default().push(movement);
    }
    let month = |(month, of_month): (&Month, &Vec<&Movement>)| {
        let all_settled = of_month.iter().all(|movement| movement.is_settled);
        let group = Group::new(month.to_string(), Number::Money(sum(of_month.iter().copied(), of)?));
        Some(group.standing(if all_settled { Status::Ok } else { Status::Provisional }))
    };
    figure.by_own("month", months.iter().filter_map(month).collect());
    let stages = [("approved", Status::Ok), ("reckoned", Status::Provisional)].into_iter().filter_map(|(word, status)| {
        let amount = sum(movements.iter().filter(|movement| stage(movement) == word), of)?;
        Some(Group::new(word, Number::Money(amount)).standing(status))
    });
    figure.by_own("stage", stages.collect());
    figure
}

/// What one of those who pay has of an amount.
type Share = fn(&Amounts) -> Money;

/// Who pays a benefit in the end.
fn by_source(facts: &Facts, figure: Figure) -> Figure {
    let movements = &facts.account.movements;
    let sources: [(&str, Share); 2] =
        [("labourFund", |amounts| amounts.refund), ("municipality", |amounts| amounts.municipal_share)];
    let group = |(word, of)| Some(Group::new(word, Number::Money(sum(movements.iter(), of)?)));
    if !figure.verdict.status.shows_value() {
        return figure;
    }
    figure.by("source", sources.into_iter().filter_map(group).collect())
}
