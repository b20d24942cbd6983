//! What callers see of definitions and figures.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::definition::{Definition, FactKind, Measure, Scope, Unit};
use super::facts::{CollectionState, Facts};
use super::figure::{Breakdown, Figure, Number};
use super::override_facts::SoftRuleOverride;
use super::polish;
use super::record_groups::GroupedBy;
use super::verdict::{Note, Status};
use super::withholding::Discretion;
use crate::platform::problem::Locale;
use crate::platform::reply::View;
use crate::platform::types::{Day, ShortText};
use crate::programmes::warnings::EditionWarning;

/// A definition of a figure.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DefinitionView {
    /// Number of the metric, with variant and denominator.
    #[schema(max_length = 100)]
    pub id: &'static str,
    /// Version of the counting rule.
    #[schema(minimum = 1, maximum = 1_000)]
    pub version: u32,
    /// Name in Polish.
    #[schema(max_length = 200)]
    pub name_pl: &'static str,
    /// Name in English.
    #[schema(max_length = 200)]
    pub name_en: &'static str,
    /// Language of the description and the source, by `Accept-Language`.
    #[schema(max_length = 2, example = "pl")]
    pub language: &'static str,
    /// What is counted.
    #[schema(max_length = 1_000)]
    pub description: Cow<'static, str>,
    /// Unit of the value.
    pub unit: Unit,
    /// How the value comes from the records.
    pub measure: Measure,
    /// Over what it can be counted.
    pub scope: Scope,
    /// Kinds of fact that must have been collected.
    #[schema(max_items = 10)]
    pub kinds: &'static [FactKind],
    /// Act and article, form or practice.
    #[schema(max_length = 500)]
    pub source: &'static str,
    /// Counting rules that do not depend on the edition.
    #[schema(value_type = BTreeMap<String, ShortText>)]
    pub parameters: BTreeMap<&'static str, &'static str>,
}

impl DefinitionView {
    /// A definition in a language.
    pub fn of(locale: Locale, definition: &Definition) -> Self {
        let polish = locale == Locale::Polish;
        let description = polish.then(|| polish::description(definition.id)).flatten();
        let source = polish.then(|| polish::source(definition.source)).flatten();
        Self {
            language: locale.tag(),
            id: definition.id,
            version: definition.version,
            name_pl: definition.name_pl,
            name_en: definition.name_en,
            description: description.unwrap_or(Cow::Borrowed(definition.description)),
            unit: definition.unit,
            measure: definition.measure,
            scope: definition.scope,
            kinds: definition.kinds,
            source: source.unwrap_or(definition.source),
            parameters: definition.parameters.iter().copied().collect(),
        }
    }
}

impl View for DefinitionView {}

/// All definitions, in the order of their numbers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DefinitionsView {
    /// The definitions.
    #[schema(max_items = 200)]
    pub items: Vec<DefinitionView>,
}

impl View for DefinitionsView {}

/// How completely a kind of fact that a figure needs was collected.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FactCompleteness {
    /// The edition.
    pub edition_id: Uuid,
    /// The kind of fact.
    pub kind: FactKind,
    /// What was stated; `null` where nobody stated anything.
    pub statement: Option<CollectionState>,
    /// Who stated it.
    pub stated_by: Option<ShortText>,
    /// When.
    pub stated_on: Option<Day>,
    /// Rows on file; `null` where it would tell who sees no people of a handful of candidates.
    #[schema(minimum = 0, maximum = 1_000_000_000, format = "int32")]
    pub recorded: Option<usize>,
}

/// Over whom or what a figure is counted.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PopulationView {
    /// In words.
    #[schema(max_length = 500)]
    pub text: String,
    /// The programme; `null` for editions of all programmes.
    pub programme_id: Option<Uuid>,
    /// The year in which the editions began, where they were chosen by it.
    #[schema(minimum = 1990, maximum = 2200)]
    pub year: Option<i32>,
    /// The editions.
    #[schema(max_items = 1_000)]
    pub edition_ids: Vec<Uuid>,
}

/// A figure.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FigureView {
    /// Its definition.
    #[schema(max_length = 100)]
    pub definition_id: &'static str,
    /// Version of the definition.
    #[schema(minimum = 1, maximum = 1_000)]
    pub definition_version: u32,
    /// Value; `null` is never zero.
    pub value: Option<Number>,
    /// Part above the line, or the count.
    pub numerator: Option<Number>,
    /// Part below the line.
    pub denominator: Option<Number>,
    /// Unit of the value.
    pub unit: Unit,
    /// Why there is a value, or none.
    pub status: Status,
    /// Whether the time that the figure looks at is over.
    pub window_closed: bool,
    /// The moment that it answers for.
    pub as_of: DateTime<Utc>,
    /// Over whom or what it is counted.
    pub population: PopulationView,
    /// How completely its facts were collected.
    #[schema(max_items = 10_000)]
    pub completeness: Vec<FactCompleteness>,
    /// Counting rules.
    #[schema(value_type = BTreeMap<String, ShortText>)]
    pub parameters: BTreeMap<&'static str, String>,
    /// What to know besides.
    #[schema(max_items = 20)]
    pub notes: Vec<Note>,
    /// Groups.
    #[schema(max_items = 10)]
    pub breakdowns: Vec<Breakdown>,
    /// Where the counted records are listed.
    #[schema(max_length = 300)]
    pub records: String,
}

/// A warning about an edition.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FigureWarning)]
pub struct WarningView {
    /// The edition.
    pub edition_id: Uuid,
    /// The warning.
    #[serde(flatten)]
    pub warning: EditionWarning,
}

/// The figures of an edition, a programme or the whole centre.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FiguresView {
    /// The edition; `null` for several.
    pub edition_id: Option<Uuid>,
    /// The programme; `null` for editions of all programmes.
    pub programme_id: Option<Uuid>,
    /// The moment that they answer for.
    pub as_of: DateTime<Utc>,
    /// The figures.
    #[schema(max_items = 200)]
    pub figures: Vec<FigureView>,
    /// Warnings about the editions.
    #[schema(max_items = 1_000)]
    pub warnings: Vec<WarningView>,
    /// Admissions, prolongations, decisions and revisions of the plan over a soft rule; who sees no people is told of revisions only.
    #[schema(max_items = 100_000)]
    pub overrides: Vec<SoftRuleOverride>,
}

impl FiguresView {
    /// The view of some figures for a moment; `path` is that of the edition or programme.
    pub fn of(facts: &Facts, figures: &[Figure], path: &str, discretion: &Discretion, as_of: DateTime<Utc>) -> Self {
        let edition_id = facts.editions.first().filter(|_| facts.scope == Scope::Edition).map(|edition| edition.id);
        Self {
            edition_id,
            programme_id: facts.programme_id,
            as_of,
            figures: figures.iter().map(|figure| figure_view(facts, figure, path, discretion, as_of)).collect(),
            warnings: facts
                .warnings
                .iter()
                .map(|(edition_id, warning)| WarningView { edition_id: *edition_id, warning: warning.clone() })
                .collect(),
            overrides: discretion.overrides(facts),
        }
    }
}

fn figure_view(facts: &Facts, figure: &Figure, path: &str, discretion: &Discretion, as_of: DateTime<Utc>) -> FigureView {
    let definition = figure.definition;
    let over = match (facts.programme_id, facts.year, facts.scope) {
        (None, None, _) => "all editions of the centre",
        (None, Some(_), _) => "the editions of the centre whose first day lies in the year",
        (Some(_), _, Scope::Programme) => "all editions of the programme",
        _ => "the edition",
    };
    let records = facts.address(&format!("{path}/figures/{}/records", definition.id));
    FigureView {
        definition_id: definition.id,
        definition_version: definition.version,
        value: figure.value,
        numerator: figure.numerator.as_ref().map(|part| part.amount),
        denominator: figure.denominator.as_ref().map(|part| part.amount),
        unit: definition.unit,
        status: figure.verdict.status,
        window_closed: figure.verdict.window_closed,
        as_of,
        population: PopulationView {
            text: format!("{} Counted over {over}.", definition.description),
            programme_id: facts.programme_id,
            year: facts.year,
            edition_ids: facts.editions.iter().map(|edition| edition.id).collect(),
        },
        completeness: completeness(facts, definition, discretion),
        parameters: figure.parameters.clone(),
        notes: figure.verdict.notes.clone(),
        breakdowns: figure.breakdowns.iter().map(|breakdown| opened(figure, breakdown, &records)).collect(),
        records,
    }
}

/// A breakdown that says where the records of each group are listed.
fn opened(figure: &Figure, breakdown: &Breakdown, records: &str) -> Breakdown {
    let mut opened = breakdown.clone();
    if let Some(by) = GroupedBy::named(breakdown.by).filter(|by| by.opens(figure)) {
        for group in &mut opened.groups {
            group.records = Some(of_group(records, by, &group.key));
        }
    }
    opened
}

/// Where the records of a group are listed, of a figure whose records are listed at `records`.
pub(super) fn of_group(records: &str, by: GroupedBy, key: &str) -> String {
    // The records of a year or of a past moment are told apart by it already.
    let separator = if records.contains('?') { '&' } else { '?' };
    format!("{records}{separator}by={by}&group={key}")
}

fn completeness(facts: &Facts, definition: &Definition, discretion: &Discretion) -> Vec<FactCompleteness> {
    let of = |edition_id: Uuid, kind: FactKind| {
        let statement = facts.statement(edition_id, kind);
        FactCompleteness {
            edition_id,
            kind,
            statement: statement.map(|statement| statement.completeness),
            stated_by: statement.map(|statement| statement.stated_by.clone()),
            stated_on: statement.map(|statement| statement.stated_on),
            recorded: discretion.recorded(facts, edition_id, kind),
        }
    };
    facts.editions.iter().flat_map(|edition| definition.kinds.iter().map(move |kind| of(edition.id, *kind))).collect()
}
