//! Which sheets belong together: the same participation and template version, and either the same rater at two moments
//! or two raters at the same moment.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use uuid::Uuid;

use crate::outcomes::figures::facts::{Facts, Sheet, Template};
use crate::outcomes::figures::figure::{Record, RecordKind};
use crate::outcomes::figures::pairs::ScorePairs;

/// Scores have three decimal places at most.
const THOUSANDTHS: i64 = 1_000;
const BEFORE: &str = "before";
const OWN: &str = "self";

/// Two sheets that belong together.
#[derive(Debug, Clone, Copy)]
pub struct SheetPair<'f> {
    pub first: &'f Sheet,
    pub second: &'f Sheet,
}

/// The newest sheet of each key; of some moments there may be several.
fn newest<'f, K: Ord>(sheets: impl Iterator<Item = &'f Sheet>, key: impl Fn(&'f Sheet) -> K) -> BTreeMap<K, &'f Sheet> {
    let mut newest: BTreeMap<K, &Sheet> = BTreeMap::new();
    for sheet in sheets {
        let kept = newest.entry(key(sheet)).or_insert(sheet);
        if (sheet.filled_on, sheet.id) > (kept.filled_on, kept.id) {
            *kept = sheet;
        }
    }
    newest
}

/// The sheet before and the newest of a later moment, by source; a pair needs the same rater and role of the observer.
pub fn over_time<'f>(facts: &'f Facts, template: &Template, later: &str) -> BTreeMap<&'f str, Vec<SheetPair<'f>>> {
    let of_template = || facts.sheets.iter().filter(|sheet| sheet.template_id == template.id);
    let rater = |sheet: &'f Sheet| (sheet.participation_id, sheet.rater.as_str(), sheet.observer_role.as_deref());
    let before = newest(of_template().filter(|sheet| sheet.moment == BEFORE), rater);
    let later = newest(of_template().filter(|sheet| sheet.moment == later), rater);
    let mut pairs: BTreeMap<&str, Vec<SheetPair>> = BTreeMap::new();
    for (key, first) in before {
        if let Some(second) = later.get(&key) {
            pairs.entry(key.1).or_default().push(SheetPair { first, second });
        }
    }
    pairs
}

/// Observation and self-assessment of one participation and moment, by moment and role of the observer.
pub fn across_raters<'f>(facts: &'f Facts, template: &Template) -> BTreeMap<(&'f str, &'f str), Vec<SheetPair<'f>>> {
    let of_template = || facts.sheets.iter().filter(|sheet| sheet.template_id == template.id);
    let own = newest(of_template().filter(|sheet| sheet.rater == OWN), |sheet| (sheet.participation_id, sheet.moment.as_str()));
    let observed = newest(of_template().filter(|sheet| sheet.rater != OWN), |sheet| {
        (sheet.participation_id, sheet.moment.as_str(), sheet.observer_role.as_deref().unwrap_or_default())
    });
    let mut pairs: BTreeMap<(&str, &str), Vec<SheetPair>> = BTreeMap::new();
    for ((participation, moment, role), first) in observed {
        if let Some(second) = own.get(&(participation, moment)) {
            pairs.entry((moment, role)).or_default().push(SheetPair { first, second });
        }
    }
    pairs
}

/// The score of a competence on a sheet: as a whole, or the mean of its items; as a sum and how many make it up.
fn score(sheet: &Sheet, competence: &str) -> Option<(i64, i64)> {
    let scores = sheet.scores.0.iter().filter(|score| score.competence == competence);
    let (mut sum, mut items) = (Decimal::ZERO, 0);
    for one in scores {
        sum = sum.checked_add(one.score)?;
        items += 1;
    }
    Some((sum.checked_mul(Decimal::from(THOUSANDTHS))?.to_i64()?, items)).filter(|(_, items)| *items > 0)
}

/// The paired scores of a competence, in a unit in which the mean of every number of items is whole.
pub fn scores(pairs: &[SheetPair], competence: &str) -> ScorePairs {
    let both: Vec<[(i64, i64); 2]> =
        pairs.iter().filter_map(|pair| Some([score(pair.first, competence)?, score(pair.second, competence)?])).collect();
    let items = both.iter().flatten().fold(1, |common, (_, items)| least_common_multiple(common, *items));
    let in_units = |(sum, of): (i64, i64)| sum * (items / of);
    let pairs = both.into_iter().map(|[first, second]| (in_units(first), in_units(second))).collect();
    ScorePairs { unit: THOUSANDTHS * items, pairs }
}

fn least_common_multiple(one: i64, other: i64) -> i64 {
    let (mut greater, mut smaller) = (one, other);
    while smaller != 0 {
        (greater, smaller) = (smaller, greater % smaller);
    }
    one / greater * other
}

/// A sheet as a counted record.
pub fn record(facts: &Facts, sheet: &Sheet) -> Record {
    let record = Record::new(RecordKind::Sheet, sheet.id)
        .edition(sheet.edition_id)
        .participation(sheet.participation_id)
        .on(sheet.filled_on);
    match facts.participations.iter().find(|row| row.id == sheet.participation_id) {
        Some(participation) => record.person(participation.person_id),
        None => record,
    }
}

/// The sheets of some pairs as counted records, each once.
pub fn records<'f>(facts: &Facts, pairs: impl IntoIterator<Item = &'f SheetPair<'f>>) -> BTreeMap<Uuid, Record> {
    pairs.into_iter().flat_map(|pair| [pair.first, pair.second]).map(|sheet| (sheet.id, record(facts, sheet))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::outcomes::figures::definition::FactKind;
    use crate::outcomes::figures::facts::CollectionState;
    use crate::outcomes::figures::figure::Number;
    use crate::outcomes::figures::metrics::fixture::{day, facts, id, participation};
    use crate::platform::types::Stored;

    fn template(higher_is_better: bool) -> Template {
        Template {
            id: id(9),
            code: "competences".to_owned(),
            version: 1,
            name: "Karta kompetencji".to_owned(),
            scale: Stored(serde_json::from_value(json!({ "higherIsBetter": higher_is_better })).expect("a direction")),
            competences: Stored(
                serde_json::from_value(json!([{ "code": "stress", "name": "Stres", "items": [] }])).expect("competences"),
            ),
        }
    }

    fn sheet(number: u128, person: u128, rater: (&str, Option<&str>), moment: (&str, &str), scores: &Value) -> Sheet {
        Sheet {
            id: id(8_000 + number),
            edition_id: id(100),
            participation_id: id(2_000 + person),
            template_id: id(9),
            rater: rater.0.to_owned(),
            observer_role: rater.1.map(str::to_owned),
            moment: moment.0.to_owned(),
            filled_on: day(moment.1),
            scores: Stored(serde_json::from_value(scores.clone()).expect("scores")),
        }
    }

    fn whole(score: &str) -> Value {
        json!([{ "competence": "stress", "item": null, "score": score }])
    }

    const OWN_RATER: (&str, Option<&str>) = ("self", None);

    #[test]
    fn where_less_is_better_a_fall_is_a_gain_and_the_newest_follow_up_counts() {
        let mut facts = facts().state(FactKind::Sheets, CollectionState::Complete, "2021-07-01");
        facts.participations = vec![participation(1), participation(2)];
        facts.templates = vec![template(false)];
        facts.sheets = vec![
            sheet(1, 1, OWN_RATER, ("before", "2020-10-16"), &whole("5")),
            sheet(2, 1, OWN_RATER, ("followUp", "2021-03-01"), &whole("5")),
            sheet(3, 1, OWN_RATER, ("followUp", "2021-06-01"), &whole("2")),
            sheet(4, 2, OWN_RATER, ("before", "2020-10-16"), &whole("4")),
            sheet(5, 2, OWN_RATER, ("followUp", "2021-06-01"), &whole("4")),
        ];
        let figure = facts.figure("M-17.competence_gain_at_follow_up");
        assert_eq!(figure.value, Some(Number::Whole(1)));
        let group = &figure.breakdowns[0].groups[0];
        let gain = group.gain.as_ref().expect("a gain");
        assert_eq!((gain.improved, gain.same, gain.worse), (1, 1, 0));
        assert_eq!(
            serde_json::to_value(group.value).expect("a number"),
            json!("-1.500000"),
            "the difference of the scores as they are"
        );
        assert_eq!(figure.records(false).len(), 4, "the overtaken follow-up is not counted");
    }

    #[test]
    fn means_of_items_stay_exact() {
        let items = |scores: [&str; 3]| {
            let scores = scores.iter().zip(["a", "b", "c"]);
            json!(scores.map(|(score, item)| json!({ "competence": "stress", "item": item, "score": score })).collect::<Vec<_>>())
        };
        let (first, second) = (
            sheet(1, 1, OWN_RATER, ("before", "2020-10-16"), &whole("1")),
            sheet(2, 1, OWN_RATER, ("after", "2020-12-14"), &items(["1", "1", "2"])),
        );
        let pair = [SheetPair { first: &first, second: &second }];
        let scores = scores(&pair, "stress");
        // A third of a point: three items against a whole, in thousandths.
        assert_eq!((scores.unit, &scores.pairs[..]), (3_000, &[(3_000, 4_000)][..]));
        assert_eq!(scores.mean(|(first, second)| second - first).map(|mean| mean.to_string()).as_deref(), Some("0.333333"));
    }

    #[test]
    fn different_observers_are_no_pair() {
        let mut facts = facts();
        facts.sheets = vec![
            sheet(1, 1, ("observer", Some("social_worker")), ("before", "2020-10-16"), &whole("1")),
            sheet(2, 1, ("observer", Some("family_assistant")), ("after", "2020-12-14"), &whole("3")),
            sheet(3, 1, OWN_RATER, ("after", "2020-12-14"), &whole("4")),
        ];
        assert!(over_time(&facts, &template(true), "after").is_empty());
        let agreement = across_raters(&facts, &template(true));
        assert_eq!(agreement.keys().collect::<Vec<_>>(), [&("after", "family_assistant")]);
    }
}
