//! Pure counting rules: facts in, figures with their records out.

pub mod ages;
mod attainment;
mod blocks;
mod competences;
pub(super) mod completion;
pub(super) mod employment;
pub mod employment_rates;
mod groups;
mod hours;
mod households;
pub mod job_phases;
mod matching;
mod money;
mod next_steps;
pub(super) mod participation;
mod places;
mod psu;
mod rater_agreement;
mod re_participation;
pub mod recruitment;
mod social_progress;
pub mod structure;
mod unit_costs;

#[cfg(test)]
pub(super) mod fixture;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::definition::Scope;
use super::definitions::all;
use super::facts::Facts;
use super::figure::Figure;

/// Every figure that the scope has, in the order of the definitions.
pub fn figures(facts: &Facts) -> Vec<Figure> {
    let groups = [
        recruitment::figures,
        places::figures,
        participation::figures,
        completion::figures,
        hours::figures,
        psu::figures,
        money::figures,
        competences::figures,
        rater_agreement::figures,
        employment::figures,
        employment_rates::figures,
        re_participation::figures,
        next_steps::figures,
        social_progress::figures,
        structure::figures,
        unit_costs::figures,
        households::figures,
    ];
    // What is told of a programme only does not hold for editions of several.
    let own_scope = facts.programme_id.map(|_| facts.scope);
    let in_scope = |figure: &Figure| figure.definition.scope == Scope::Both || Some(figure.definition.scope) == own_scope;
    let counted: Vec<Figure> = groups.into_iter().flat_map(|group| group(facts)).collect();
    // An agreement may name any other figure as the measure of an effect.
    let attained = attainment::figures(facts, &counted);
    let mut figures: Vec<Figure> = counted.into_iter().chain(attained).filter(in_scope).collect();
    let place: HashMap<&str, usize> = all().enumerate().map(|(place, definition)| (definition.id, place)).collect();
    figures.sort_by_key(|figure| place.get(figure.definition.id).copied());
    figures
}
