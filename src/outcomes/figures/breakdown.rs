//! Any figure by who its people are: sex, age, education, status, disability, area.
//!
//! A figure is not counted anew for each group, because a rule may look at
//! everybody (who replaced whom, who was first): its records are shared out by
//! the person of each, so that groups always add up to the figure.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::definition::Measure;
use super::facts::Facts;
use super::figure::{Figure, Group, Number, Part, Record, ratio_group};
use super::metrics::ages::age_band;
use super::metrics::structure::{UNKNOWN, value_on};
use super::verdict::Status;
use crate::people::PersonFactKind;
use crate::platform::reply::View;
use crate::platform::types::{Day, Sex, text_enum};

text_enum! {
    /// By what the people of a figure are told apart.
    pub enum Dimension {
        /// Sex as in the register.
        Sex = "sex",
        /// Age band on the first day of the edition.
        Age = "age",
        /// Education at entry.
        Education = "education",
        /// Status on the labour market at entry.
        StatusAtEntry = "statusAtEntry",
        /// Disability at entry.
        Disability = "disability",
        /// Long-term unemployment at entry.
        LongTermUnemployed = "longTermUnemployed",
        /// Whether the person lived in an area of revitalisation at entry.
        RevitalisationArea = "revitalisationArea",
        /// Territorial unit of residence at entry (TERC code).
        Residence = "residence",
    }
}

/// A figure by groups of its people.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FigureBreakdownView {
    /// Definition of the figure.
    #[schema(max_length = 100)]
    pub definition_id: &'static str,
    /// Version of the definition.
    #[schema(minimum = 1, maximum = 1_000)]
    pub definition_version: u32,
    /// By what its people are told apart.
    pub by: Dimension,
    /// The moment that it answers for.
    pub as_of: DateTime<Utc>,
    /// Why the whole figure has a value, or none; `notApplicable` where it does not count people.
    pub status: Status,
    /// Value of the whole figure.
    pub value: Option<Number>,
    /// The groups, `unknown` last; those of counts add up to the figure.
    #[schema(max_items = 10_000)]
    pub groups: Vec<Group>,
}

impl View for FigureBreakdownView {}

impl FigureBreakdownView {
    /// The breakdown of a figure.
    pub fn of(facts: &Facts, figure: &Figure, by: Dimension) -> Self {
        let groups = groups(facts, figure, by);
        let status = if groups.is_none() { Status::NotApplicable } else { figure.verdict.status };
        Self {
            definition_id: figure.definition.id,
            definition_version: figure.definition.version,
            by,
            as_of: facts.as_of.at,
            status,
            value: figure.value,
            groups: groups.unwrap_or_default(),
        }
    }
}

/// The groups of a figure; none where its records are not of people, or do not make up its amounts.
fn groups(facts: &Facts, figure: &Figure, by: Dimension) -> Option<Vec<Group>> {
    if !figure.verdict.status.shows_value() {
        return Some(Vec::new());
    }
    let entries = entries(facts);
    let above = shared_out(facts, &entries, figure.numerator.as_ref()?, figure.definition.measure, by)?;
    let below = match (&figure.denominator, figure.definition.measure) {
        (Some(part), Measure::Ratio) => Some(shared_out(facts, &entries, part, Measure::Ratio, by)?),
        (None, Measure::Count | Measure::Sum) => None,
        _ => return None,
    };
    let mut keys: Vec<&String> = above.keys().chain(below.iter().flat_map(BTreeMap::keys)).collect();
    // The unknown come last, whatever the words before them.
    keys.sort_by_key(|key| (key.as_str() == UNKNOWN, key.as_str()));
    keys.dedup();
    let nothing =
        if above.values().any(|amount| matches!(amount, Number::Minutes(_))) { Number::Minutes(0) } else { Number::Whole(0) };
    let group = |key: &String| {
        let part = above.get(key).copied().unwrap_or(nothing);
        match &below {
            Some(below) => ratio_group(key.clone(), part, below.get(key).copied().unwrap_or(Number::Whole(0))),
            None => Group::new(key.clone(), part),
        }
    };
    let has_unknown = keys.iter().any(|key| key.as_str() == UNKNOWN);
    let status = figure.verdict.status.max(if has_unknown { Status::Provisional } else { Status::Ok });
    // Where some are unknown, the others are at least as many as shown.
    let standing = |group: Group| {
        let worst = group.status.max(status);
        group.standing(worst)
    };
    Some(keys.into_iter().map(|key| standing(group(key))).collect())
}

/// The amounts of a part by the groups of its people.
fn shared_out(
    facts: &Facts,
    entries: &HashMap<Uuid, Entry>,
    part: &Part,
    measure: Measure,
    by: Dimension,
) -> Option<BTreeMap<String, Number>> {
    let is_counted = part.records.iter().all(|record| record.amount.is_none());
    if is_counted && (measure == Measure::Sum || part.amount != Number::count(part.records.len())) {
        return None;
    }
    let mut amounts: BTreeMap<String, Number> = BTreeMap::new();
    for record in &part.records {
        let key = group_of(facts, entries, record, by)?;
        let amount = if is_counted { Number::Whole(1) } else { record.amount? };
        let sum = match amounts.get(&key) {
            None => amount,
            Some(before) => added(*before, amount)?,
        };
        amounts.insert(key, sum);
    }
    Some(amounts)
}

fn added(one: Number, other: Number) -> Option<Number> {
    match (one, other) {
        (Number::Whole(one), Number::Whole(other)) => one.checked_add(other).map(Number::Whole),
        (Number::Minutes(one), Number::Minutes(other)) => one.checked_add(other).map(Number::Minutes),
        (Number::Money(one), Number::Money(other)) => one.checked_add(other).map(Number::Money),
        _ => None,
    }
}

/// When and into which edition somebody came.
struct Entry {
    on: NaiveDate,
    edition: Uuid,
}

/// The first entry of each person: the start of the first participation, else the day of the first application.
fn entries(facts: &Facts) -> HashMap<Uuid, Entry> {
    let mut entries: HashMap<Uuid, Entry> = HashMap::new();
    let mut rows: Vec<_> =
        facts.participations.iter().map(|row| (row.starts_on, row.id, row.edition_id, row.person_id)).collect();
    rows.sort_unstable();
    let mut asked: Vec<_> =
        facts.applications.iter().map(|row| (row.received_on, row.id, row.edition_id, row.person_id)).collect();
    asked.sort_unstable();
    for (on, _, edition, person) in rows.into_iter().chain(asked) {
        entries.entry(person).or_insert(Entry { on, edition });
    }
    entries
}

/// The group of a record's person; none for a record of nobody.
fn group_of(facts: &Facts, entries: &HashMap<Uuid, Entry>, record: &Record, by: Dimension) -> Option<String> {
    let person = record.person_id?;
    let fact = |kind: PersonFactKind| {
        let entry = entries.get(&person)?;
        value_on(facts, person, kind, Day::try_from(entry.on).ok()?).map(str::to_owned)
    };
    let told = match by {
        Dimension::Sex => facts.sexes.get(&person).filter(|sex| **sex != Sex::Unknown).map(|sex| sex.as_str().to_owned()),
        Dimension::Age => age_at_entry(facts, entries, person).map(str::to_owned),
        Dimension::Education => fact(PersonFactKind::Education),
        Dimension::StatusAtEntry => fact(PersonFactKind::EmploymentStatus),
        Dimension::Disability => fact(PersonFactKind::Disability),
        Dimension::LongTermUnemployed => fact(PersonFactKind::LongTermUnemployed),
        Dimension::RevitalisationArea => fact(PersonFactKind::RevitalisationArea),
        Dimension::Residence => fact(PersonFactKind::Residence),
    };
    Some(told.unwrap_or_else(|| UNKNOWN.to_owned()))
}

fn age_at_entry(facts: &Facts, entries: &HashMap<Uuid, Entry>, person: Uuid) -> Option<&'static str> {
    let edition = facts.edition(entries.get(&person)?.edition)?;
    age_band(*facts.births.get(&person)?, edition.starts_on.date())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcomes::figures::metrics::fixture::{facts, id, participation};

    fn keys(view: &FigureBreakdownView) -> Vec<(String, serde_json::Value, &'static str)> {
        let value = |group: &Group| serde_json::to_value(group.value).expect("a number");
        view.groups.iter().map(|group| (group.key.clone(), value(group), group.status.as_str())).collect()
    }

    #[test]
    fn counts_and_rates_are_shared_out_by_person_and_add_up() {
        let mut facts = facts().complete();
        facts.participations = (1..=5).map(participation).collect();
        for left in &mut facts.participations[3..] {
            left.state = "exited".to_owned();
            left.end_reason = Some("health".to_owned());
            left.end_polarity = Some("neutral".to_owned());
            left.ended_on = Some("2020-11-20".parse().expect("a day"));
        }
        facts.sexes([(1, Sex::Female), (2, Sex::Female), (3, Sex::Male), (4, Sex::Male), (5, Sex::Female)]);
        let by_sex = |facts: &Facts, definition: &str| FigureBreakdownView::of(facts, &facts.figure(definition), Dimension::Sex);
        let started = keys(&by_sex(&facts, "M-06"));
        assert_eq!(started, [("female".to_owned(), 3.into(), "ok"), ("male".to_owned(), 2.into(), "ok")]);
        let rates = keys(&by_sex(&facts, "M-11.strict"));
        assert_eq!(rates, [("female".to_owned(), "0.666667".into(), "ok"), ("male".to_owned(), "0.500000".into(), "ok")]);
        facts.sexes.remove(&id(5));
        let some = keys(&by_sex(&facts, "M-06"));
        assert_eq!(some[0], ("female".to_owned(), 2.into(), "provisional"));
        assert_eq!(some[2], ("unknown".to_owned(), 1.into(), "provisional"));
    }

    #[test]
    fn what_does_not_count_people_has_no_groups() {
        let mut facts = facts().complete();
        facts.participations = vec![participation(1)];
        for definition in ["M-04.latest", "M-06.of_planned_places", "M-08.seat_fill"] {
            let view = FigureBreakdownView::of(&facts, &facts.figure(definition), Dimension::Sex);
            assert_eq!((view.status, view.groups.len()), (Status::NotApplicable, 0), "{definition}");
        }
    }
}
