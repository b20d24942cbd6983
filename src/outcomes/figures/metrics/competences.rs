//! M-17: gain of competences on matched pairs.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::outcomes::figures::definitions::COMPETENCE_GAIN;
use crate::outcomes::figures::facts::{Facts, Sheet, Template};
use crate::outcomes::figures::figure::{Figure, Gain, Group, Number, Part, Record, RecordKind, whole};
use crate::outcomes::figures::verdict::Status;
use crate::platform::types::mean;

pub fn figures(facts: &Facts) -> Vec<Figure> {
    vec![competence_gain(facts)]
}

/// The sheet before and the one after of one participation, rater and role.
struct Pair<'f> {
    before: &'f Sheet,
    after: &'f Sheet,
}

/// The sheet before and the one after, as far as they are there.
type Sides<'f> = [Option<&'f Sheet>; 2];

/// Pairs of a template by source; a pair needs the same rater and the same role of the observer.
fn pairs<'f>(facts: &'f Facts, template: &Template) -> BTreeMap<&'f str, Vec<Pair<'f>>> {
    let mut sheets: BTreeMap<(Uuid, &str, Option<&str>), Sides> = BTreeMap::new();
    for sheet in facts.sheets.iter().filter(|sheet| sheet.template_id == template.id) {
        let side = match sheet.moment.as_str() {
            "before" => 0,
            "after" => 1,
            _ => continue,
        };
        let key = (sheet.participation_id, sheet.rater.as_str(), sheet.observer_role.as_deref());
        sheets.entry(key).or_default()[side] = Some(sheet);
    }
    let mut pairs: BTreeMap<&str, Vec<Pair>> = BTreeMap::new();
    for ((_, rater, _), sides) in sheets {
        if let [Some(before), Some(after)] = sides {
            pairs.entry(rater).or_default().push(Pair { before, after });
        }
    }
    pairs
}

/// The score of a competence: as a whole, or the mean of its items; exact, as a sum and a count.
fn score(sheet: &Sheet, competence: &str) -> Option<Decimal> {
    let scores: Vec<Decimal> =
        sheet.scores.0.iter().filter(|score| score.competence == competence).map(|score| score.score).collect();
    let sum = scores.iter().try_fold(Decimal::ZERO, |sum, score| sum.checked_add(*score))?;
    sum.checked_div(Decimal::from(scores.len()))
}

fn competence_gain(facts: &Facts) -> Figure {
    let mut groups = Vec::new();
    let mut counted: BTreeMap<Uuid, Record> = BTreeMap::new();
    let mut gained = 0;
    for template in &facts.templates {
        for (source, pairs) in pairs(facts, template) {
            for pair in &pairs {
                for sheet in [pair.before, pair.after] {
                    counted.insert(sheet.id, record(facts, sheet));
                }
            }
            for competence in &template.competences.0 {
                let scores: Vec<(Decimal, Decimal)> = pairs
                    .iter()
                    .filter_map(|pair| Some((score(pair.before, &competence.code)?, score(pair.after, &competence.code)?)))
                    .collect();
                let Some((group, better)) = group(template, source, &competence.code, &scores) else { continue };
                groups.push(group.named(competence.name.clone()));
                gained += i64::from(better);
            }
        }
    }
    let compared = whole(groups.len());
    let verdict = facts.verdict(&COMPETENCE_GAIN);
    // Without a single matched pair there is nothing to have gained.
    let verdict = if compared == 0 { verdict.at_worst(Status::Undefined) } else { verdict };
    let part = Part::sum(Number::Whole(gained), counted.into_values().collect());
    Figure::of(&COMPETENCE_GAIN, verdict, part, Part::sum(Number::Whole(compared), Vec::new())).by("competence", groups)
}

fn record(facts: &Facts, sheet: &Sheet) -> Record {
    let record = Record::new(RecordKind::Sheet, sheet.id)
        .edition(sheet.edition_id)
        .participation(sheet.participation_id)
        .on(sheet.filled_on);
    match facts.participations.iter().find(|row| row.id == sheet.participation_id) {
        Some(participation) => record.person(participation.person_id),
        None => record,
    }
}

/// The group of a competence and source, and whether its mean got better.
fn group(template: &Template, source: &str, competence: &str, scores: &[(Decimal, Decimal)]) -> Option<(Group, bool)> {
    let direction = if template.scale.0.higher_is_better { Decimal::ONE } else { Decimal::NEGATIVE_ONE };
    let before: Vec<Decimal> = scores.iter().map(|(before, _)| *before).collect();
    let after: Vec<Decimal> = scores.iter().map(|(_, after)| *after).collect();
    let differences: Vec<Decimal> = scores.iter().map(|(before, after)| after - before).collect();
    let difference = mean(&differences)?;
    let side = |sign: fn(Decimal) -> bool| whole(differences.iter().filter(|by| sign(**by * direction)).count());
    let gain = Gain {
        pairs: whole(scores.len()),
        mean_before: mean(&before)?,
        mean_after: mean(&after)?,
        improved: side(|by| by > Decimal::ZERO),
        same: side(|by| by.is_zero()),
        worse: side(|by| by < Decimal::ZERO),
    };
    let key = format!("{}@{}/{competence}/{source}", template.code, template.version);
    let mut group = Group::new(key, Number::Places(difference));
    group.gain = Some(gain);
    Some((group, differences.iter().sum::<Decimal>() * direction > Decimal::ZERO))
}
