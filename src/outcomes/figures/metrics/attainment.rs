//! M-20: how far the expected effects of the agreement are reached.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use uuid::Uuid;

use super::groups::by_word;
use crate::outcomes::figures::definition::Scope;
use crate::outcomes::figures::definitions::{QUALITATIVE_EFFECTS, TARGET_ATTAINMENT};
use crate::outcomes::figures::effect_facts::EffectResult;
use crate::outcomes::figures::facts::Facts;
use crate::outcomes::figures::figure::{Figure, Group, Number, Part, Record, RecordKind};
use crate::outcomes::figures::verdict::{Status, Verdict};
use crate::platform::types::SixPlaces;
use crate::programmes::ExpectedEffect;

const MINUTES_PER_HOUR: i64 = 60;
const FINDINGS: &[&str] = &["reached", "partlyReached", "notReached"];

/// Both figures of an edition; an edition hangs on one agreement, so there are none over several.
pub fn figures(facts: &Facts, counted: &[Figure]) -> Vec<Figure> {
    let Some(edition) = facts.editions.first().filter(|_| facts.scope == Scope::Edition) else { return Vec::new() };
    let effects = &edition.expected_effects[..];
    let attained: Vec<Attained> = effects.iter().filter_map(|effect| attained(facts, counted, edition.id, effect)).collect();
    vec![attainment(&attained, facts), qualitative(facts, effects)]
}

/// A result against its target.
struct Attained {
    group: Group,
    is_reached: bool,
    /// The result, or what the figure that measures the effect counts.
    records: Vec<Record>,
}

/// None for a qualitative effect, which has no target.
fn attained(facts: &Facts, counted: &[Figure], edition: Uuid, effect: &ExpectedEffect) -> Option<Attained> {
    let target = effect.target?.decimal();
    let row = facts.outcomes.results.iter().find(|row| row.edition_id == edition && row.effect_code == effect.code.as_str());
    let (result, status) = match (&effect.definition_id, row.and_then(|row| row.result)) {
        (Some(definition), _) => by_figure(counted, definition.as_str()),
        (None, Some(result)) => (Some(Fraction::whole(result.decimal())), Status::Ok),
        (None, None) => (None, Status::NotCollected),
    };
    let mut group = Group::new(effect.code.as_str(), Number::Whole(0)).named(effect.text.as_str());
    let share = result.filter(|_| target > Decimal::ZERO).and_then(|result| result.by(target));
    group.numerator = result.and_then(Fraction::rounded).map(Number::Places);
    group.value = share.and_then(Fraction::rounded).map(Number::Places);
    let undefined = result.is_some() && group.value.is_none();
    let mut group = group.standing(if undefined { Status::Undefined } else { status });
    // The plan is known whatever came of it.
    group.denominator = Some(Number::Places(SixPlaces::half_up(target)));
    let is_reached = group.value.is_some() && share.is_some_and(|share| share.above >= share.below);
    let records = match (&effect.definition_id, row) {
        (Some(definition), _) => measuring(counted, definition.as_str()).map_or(&[][..], |figure| figure.records(false)).to_vec(),
        (None, row) => row.map(record).into_iter().collect(),
    };
    Some(Attained { group, is_reached, records })
}

/// A number that is not rounded yet.
#[derive(Debug, Clone, Copy)]
struct Fraction {
    above: Decimal,
    /// Above zero.
    below: Decimal,
}

impl Fraction {
    fn whole(number: Decimal) -> Self {
        Self { above: number, below: Decimal::ONE }
    }

    fn by(self, target: Decimal) -> Option<Self> {
        Some(Self { below: self.below.checked_mul(target)?, ..self })
    }

    fn rounded(self) -> Option<SixPlaces> {
        self.above.checked_div(self.below).map(SixPlaces::half_up)
    }
}

fn measuring<'f>(counted: &'f [Figure], definition: &str) -> Option<&'f Figure> {
    counted.iter().find(|figure| figure.definition.id == definition)
}

/// The value of a figure of the edition; unknown definitions and those of another scope are not there.
fn by_figure(counted: &[Figure], definition: &str) -> (Option<Fraction>, Status) {
    let Some(figure) = measuring(counted, definition) else { return (None, Status::NotApplicable) };
    let value = figure.value.map(|value| match value {
        Number::Minutes(minutes) => Fraction { above: minutes.into(), below: MINUTES_PER_HOUR.into() },
        Number::Places(places) => parts(figure).unwrap_or_else(|| Fraction::whole(places.decimal())),
        Number::Whole(_) | Number::Money(_) => Fraction::whole(decimal(value)),
    });
    (value, figure.verdict.status)
}

/// The parts of a ratio, where its value is one by the other.
fn parts(figure: &Figure) -> Option<Fraction> {
    let (above, below) = (decimal(figure.numerator.as_ref()?.amount), decimal(figure.denominator.as_ref()?.amount));
    let fraction = Some(Fraction { above, below }).filter(|fraction| fraction.below > Decimal::ZERO)?;
    fraction.rounded().is_some_and(|rounded| figure.value == Some(Number::Places(rounded))).then_some(fraction)
}

fn decimal(number: Number) -> Decimal {
    match number {
        Number::Whole(number) | Number::Minutes(number) => number.into(),
        Number::Places(places) => places.decimal(),
        Number::Money(amount) => amount.decimal(),
    }
}

fn attainment(attained: &[Attained], facts: &Facts) -> Figure {
    let measured: Vec<&Attained> = attained.iter().filter(|one| one.group.value.is_some()).collect();
    let worst = measured.iter().map(|one| one.group.status).max();
    let verdict = match (attained.is_empty(), worst) {
        (true, _) => Verdict::of(Status::NotApplicable),
        (false, None) => Verdict::of(Status::NotCollected),
        // What is known of some says nothing of the others.
        (false, Some(_)) if measured.len() < attained.len() => Verdict::of(Status::Provisional),
        (false, Some(worst)) => Verdict::of(worst),
    };
    let verdict = verdict.within(facts.editions.iter().all(|edition| facts.is_over(edition)));
    let reached: Vec<&&Attained> = measured.iter().filter(|one| one.is_reached).collect();
    let above = records_of(reached.iter().map(|one| **one));
    let below = records_of(measured.iter().copied());
    let part = Part::sum(Number::count(reached.len()), above);
    let mut figure = Figure::of(&TARGET_ATTAINMENT, verdict, part, Part::sum(Number::count(measured.len()), below));
    figure.by_own("effect", attained.iter().map(|one| one.group.clone()).collect());
    figure
}

/// What stands behind some effects, each record once: one figure may measure several.
fn records_of<'a>(effects: impl Iterator<Item = &'a Attained>) -> Vec<Record> {
    let by_id: BTreeMap<Uuid, Record> =
        effects.flat_map(|one| &one.records).map(|record| (record.id, Record { amount: None, ..record.clone() })).collect();
    by_id.into_values().collect()
}

fn qualitative(facts: &Facts, effects: &[ExpectedEffect]) -> Figure {
    let expected = effects.iter().filter(|effect| effect.target.is_none() && effect.definition_id.is_none());
    let expected: Vec<&str> = expected.map(|effect| effect.code.as_str()).collect();
    let found: Vec<&EffectResult> = facts
        .outcomes
        .results
        .iter()
        .filter(|row| row.finding.is_some() && expected.contains(&row.effect_code.as_str()))
        .collect();
    let verdict = Verdict::of(match (expected.len(), found.len()) {
        (0, _) => Status::NotApplicable,
        (_, 0) => Status::NotCollected,
        (all, some) if some < all => Status::Provisional,
        _ => Status::Ok,
    });
    let words = by_word(FINDINGS, found.iter().filter_map(|row| row.finding.as_deref()));
    let part = Part::count(found.iter().map(|row| record(row)).collect());
    Figure::sum(&QUALITATIVE_EFFECTS, verdict, part).with("expected", expected.len()).by("finding", words)
}

fn record(row: &EffectResult) -> Record {
    Record::new(RecordKind::EffectResult, row.id).edition(row.edition_id).on(row.assessed_on)
}
