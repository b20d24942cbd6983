//! Pure counting rules: facts in, figures with their records out.

pub mod ages;
mod blocks;
mod competences;
mod completion;
mod employment;
pub mod employment_rates;
mod groups;
mod hours;
mod households;
mod job_phases;
mod money;
mod next_steps;
mod participation;
mod places;
mod psu;
mod re_participation;
mod recruitment;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use super::definition::Scope;
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
        employment::figures,
        employment_rates::figures,
        re_participation::figures,
        next_steps::figures,
        households::figures,
    ];
    let in_scope = |figure: &Figure| figure.definition.scope == Scope::Both || figure.definition.scope == facts.scope;
    groups.into_iter().flat_map(|group| group(facts)).filter(in_scope).collect()
}
