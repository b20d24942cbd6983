//! M-19: how self-assessment and observation agree.

use super::matching::{across_raters, records, scores};
use crate::outcomes::figures::definitions::RATER_AGREEMENT;
use crate::outcomes::figures::facts::Facts;
use crate::outcomes::figures::figure::{Figure, Group, Number, Part};
use crate::outcomes::figures::pairs::{Agreement, ScorePairs};
use crate::outcomes::figures::verdict::Status;
use crate::outcomes::statistics::correlation;

pub fn figures(facts: &Facts) -> Vec<Figure> {
    let (mut all, mut groups) = (Vec::new(), Vec::new());
    for template in &facts.templates {
        for ((moment, role), pairs) in across_raters(facts, template) {
            for competence in &template.competences.0 {
                let key = format!("{}@{}/{}/{moment}/{role}", template.code, template.version, competence.code);
                let group = group(key, &scores(&pairs, &competence.code));
                groups.extend(group.map(|group| group.named(competence.name.clone())));
            }
            all.extend(pairs);
        }
    }
    let verdict = facts.verdict(&RATER_AGREEMENT);
    let verdict = if all.is_empty() { verdict.at_worst(Status::Undefined) } else { verdict };
    let part = Part::sum(Number::count(all.len()), records(facts, &all).into_values().collect());
    vec![Figure::sum(&RATER_AGREEMENT, verdict, part).by("competence", groups)]
}

/// The observation is the first score of a pair, so that a difference is self less observer.
fn group(key: String, scores: &ScorePairs) -> Option<Group> {
    let mut group = Group::new(key, Number::Places(scores.mean(|(observer, own)| own - observer)?));
    group.agreement = Some(Agreement {
        pairs: scores.count(),
        mean_self: scores.mean(|(_, own)| *own)?,
        mean_observer: scores.mean(|(observer, _)| *observer)?,
        same: scores.differing(|difference| difference == 0),
        correlation: correlation(&scores.pairs),
    });
    Some(group)
}
