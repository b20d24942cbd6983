//! What is withheld from who reads figures without working with the people.
//!
//! A mean over a handful of pairs tells nearly what somebody scored, and a handful of candidates can be told apart. Counts of
//! participants stay exact for the statistics of the centre; publication is another matter.

mod recruitment;
mod telling;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use uuid::Uuid;

use super::definition::FactKind;
use super::facts::Facts;
use super::figure::{Figure, Group};
use super::metrics::figures;
use super::override_facts::SoftRuleOverride;
use super::verdict::Status;
use crate::platform::policy::Role;
use recruitment::Told;
use telling::{FEWEST, is_few};

/// What somebody may read beside the figures.
#[derive(Debug)]
pub struct Discretion {
    sees_people: bool,
    /// Editions whose number of candidates is withheld.
    untold: BTreeSet<Uuid>,
}

impl Discretion {
    /// Of whoever works with the people: nothing is withheld.
    pub fn none() -> Self {
        Self { sees_people: true, untold: BTreeSet::new() }
    }

    /// How many rows of a kind are on file for an edition.
    pub fn recorded(&self, facts: &Facts, edition: Uuid, kind: FactKind) -> Option<usize> {
        let is_withheld = kind == FactKind::Applications && self.untold.contains(&edition);
        (!is_withheld).then(|| facts.recorded(edition, kind))
    }

    /// The acts over a soft rule; those about single people only for who sees people.
    pub fn overrides(&self, facts: &Facts) -> Vec<SoftRuleOverride> {
        let concerns_nobody = |act: &&SoftRuleOverride| act.participation_id.is_none() && act.application_id.is_none();
        facts.overrides.iter().filter(|act| self.sees_people || concerns_nobody(act)).cloned().collect()
    }
}

/// Every figure that the scope has, as a reader may know them, and what to withhold beside them.
pub fn figures_for(reader: Role, facts: &Facts) -> (Vec<Figure>, Discretion) {
    let mut counted = figures(facts);
    if reader.sees_people() {
        return (counted, Discretion::none());
    }
    withhold_scores(&mut counted);
    let told = Told::of(facts, &counted);
    told.withhold(&mut counted);
    withhold_attainment(facts, &mut counted);
    let untold = told.untold().clone();
    (counted, Discretion { sees_people: false, untold })
}

/// A number of people as a reader may know it; none of a handful.
pub fn people_for(reader: Role, people: usize) -> Option<usize> {
    Some(people).filter(|people| reader.sees_people() || !is_few(*people))
}

/// Withholds what groups tell of the scores of fewer than five pairs.
pub fn withhold_scores(figures: &mut [Figure]) {
    for group in figures.iter_mut().flat_map(|figure| &mut figure.breakdowns).flat_map(|breakdown| &mut breakdown.groups) {
        if pairs(group).is_some_and(|pairs| usize::try_from(pairs).is_ok_and(|pairs| pairs < FEWEST)) {
            withhold_group(group);
        }
    }
}

/// The pairs whose scores a group tells of; none for groups that count.
fn pairs(group: &Group) -> Option<i64> {
    let by_gain = group.gain.as_ref().map(|gain| gain.pairs);
    let by_effect = group.effect.as_ref().map(|effect| effect.pairs);
    by_gain.or(by_effect).or(group.agreement.as_ref().map(|agreement| agreement.pairs))
}

/// Withholds how far an effect is reached that is measured by a withheld figure, and how many are.
fn withhold_attainment(facts: &Facts, figures: &mut [Figure]) {
    let is_withheld = |figure: &&Figure| figure.verdict.status == Status::Suppressed;
    let withheld: BTreeSet<&str> = figures.iter().filter(is_withheld).map(|figure| figure.definition.id).collect();
    let effects = facts.editions.iter().flat_map(|edition| &edition.expected_effects);
    let measured = effects.filter(|effect| effect.definition_id.as_ref().is_some_and(|id| withheld.contains(id.as_str())));
    let codes: BTreeSet<&str> = measured.map(|effect| effect.code.as_str()).collect();
    for figure in figures {
        let effects = figure.breakdowns.iter_mut().filter(|breakdown| breakdown.by == "effect");
        let groups = effects.flat_map(|breakdown| &mut breakdown.groups).filter(|group| codes.contains(group.key.as_str()));
        if groups.map(withhold_group).count() > 0 {
            hide(figure);
        }
    }
}

fn withhold_figure(figure: &mut Figure) {
    if hide(figure) {
        figure.breakdowns.iter_mut().flat_map(|breakdown| &mut breakdown.groups).for_each(withhold_group);
    }
}

/// Takes the value and its parts away; where they are not known, they stay so.
fn hide(figure: &mut Figure) -> bool {
    let is_told = figure.numerator.is_some();
    if is_told {
        figure.verdict.status = Status::Suppressed;
        (figure.value, figure.numerator, figure.denominator) = (None, None, None);
        figure.verdict.notes.clear();
    }
    is_told
}

fn withhold_group(group: &mut Group) {
    if group.status.shows_value() || group.numerator.is_some() {
        *group = group.clone().standing(Status::Suppressed);
    }
}
