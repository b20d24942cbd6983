//! M-17 and M-18: gain of competences on matched pairs, and the size of its effect.

use super::matching::{SheetPair, over_time, records, scores};
use crate::outcomes::figures::definition::Definition;
use crate::outcomes::figures::definitions::{COMPETENCE_GAIN, COMPETENCE_GAIN_AT_MID, COMPETENCE_GAIN_KEPT, EFFECT_SIZE};
use crate::outcomes::figures::facts::{Facts, Template};
use crate::outcomes::figures::figure::{Figure, Group, Number, Part, whole};
use crate::outcomes::figures::pairs::{Gain, PairedEffect, ScorePairs};
use crate::outcomes::figures::verdict::{Status, Verdict};
use crate::outcomes::statistics::{effect_size, signed_rank};

const AFTER: &str = "after";

pub fn figures(facts: &Facts) -> Vec<Figure> {
    vec![
        competence_gain(facts, &COMPETENCE_GAIN, AFTER),
        competence_gain(facts, &COMPETENCE_GAIN_AT_MID, "mid"),
        competence_gain(facts, &COMPETENCE_GAIN_KEPT, "followUp"),
        effect_sizes(facts),
    ]
}

/// The scores of a competence of a template by one source, at the start and later.
struct Compared<'f> {
    template: &'f Template,
    key: String,
    name: &'f str,
    scores: ScorePairs,
}

impl Compared<'_> {
    /// The differences, with what is better above zero.
    fn gains(&self) -> Vec<i64> {
        let direction = if self.template.scale.0.higher_is_better { 1 } else { -1 };
        self.scores.differences().into_iter().map(|difference| difference * direction).collect()
    }
}

/// The pairs of all templates and sources, and their competences with at least one pair.
fn compared<'f>(facts: &'f Facts, later: &str) -> (Vec<SheetPair<'f>>, Vec<Compared<'f>>) {
    let (mut all, mut compared) = (Vec::new(), Vec::new());
    for template in &facts.templates {
        for (source, pairs) in over_time(facts, template, later) {
            for competence in &template.competences.0 {
                let scores = scores(&pairs, &competence.code);
                if scores.pairs.is_empty() {
                    continue;
                }
                let key = format!("{}@{}/{}/{source}", template.code, template.version, competence.code);
                compared.push(Compared { template, key, name: &competence.name, scores });
            }
            all.extend(pairs);
        }
    }
    (all, compared)
}

/// Without a single matched pair there is nothing to compare.
fn verdict(facts: &Facts, definition: &'static Definition, compared: usize) -> Verdict {
    let verdict = facts.verdict(definition);
    if compared == 0 { verdict.at_worst(Status::Undefined) } else { verdict }
}

fn competence_gain(facts: &Facts, definition: &'static Definition, later: &str) -> Figure {
    let (pairs, compared) = compared(facts, later);
    let verdict = verdict(facts, definition, compared.len());
    let better = compared.iter().filter(|one| one.gains().iter().sum::<i64>() > 0).count();
    let groups: Vec<Group> = compared.iter().filter_map(gain_group).collect();
    let part = Part::sum(Number::count(better), records(facts, &pairs).into_values().collect());
    Figure::of(definition, verdict, part, Part::sum(Number::count(groups.len()), Vec::new())).by("competence", groups)
}

fn gain_group(one: &Compared) -> Option<Group> {
    let gains = one.gains();
    let count = |wanted: fn(i64) -> bool| whole(gains.iter().filter(|gain| wanted(**gain)).count());
    let (improved, same, worse) = (count(|gain| gain > 0), count(|gain| gain == 0), count(|gain| gain < 0));
    let gain = Gain {
        pairs: one.scores.count(),
        mean_before: one.scores.mean(|(before, _)| *before)?,
        mean_after: one.scores.mean(|(_, after)| *after)?,
        improved,
        same,
        worse,
        improved_share: one.scores.share(improved)?,
        same_share: one.scores.share(same)?,
        worse_share: one.scores.share(worse)?,
    };
    let difference = one.scores.mean(|(before, after)| after - before)?;
    let mut group = Group::new(one.key.clone(), Number::Places(difference)).named(one.name);
    group.gain = Some(gain);
    Some(group)
}

/// How large the gains are against their spread; groups tell each, the figure how many have one.
fn effect_sizes(facts: &Facts) -> Figure {
    let (pairs, compared) = compared(facts, AFTER);
    let groups: Vec<Group> = compared.iter().map(effect_group).collect();
    let verdict = verdict(facts, &EFFECT_SIZE, compared.len());
    let measured = groups.iter().filter(|group| group.value.is_some()).count();
    let part = Part::sum(Number::count(measured), records(facts, &pairs).into_values().collect());
    Figure::of(&EFFECT_SIZE, verdict, part, Part::sum(Number::count(groups.len()), Vec::new())).by("competence", groups)
}

fn effect_group(one: &Compared) -> Group {
    let gains = one.gains();
    let mut group = Group::new(one.key.clone(), Number::Whole(0)).named(one.name);
    let Some(size) = effect_size(&gains) else { return group.standing(Status::Undefined) };
    group.value = Some(Number::Places(size.dz));
    group.effect =
        Some(PairedEffect { pairs: one.scores.count(), hedges: size.hedges, signed_rank: signed_rank(&gains).map(Into::into) });
    group
}
