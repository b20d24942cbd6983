//! The operations on definitions and figures.

use actix_web::get;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::definition::Definition;
use super::definitions::{all, find};
use super::facts::Facts;
use super::figure::{Figure, Record};
use super::loading::{edition_facts, programme_facts};
use super::metrics::figures;
use super::record_groups::GroupedBy;
use super::views::{DefinitionView, DefinitionsView, FiguresView};
use super::withholding::figures_for;
use super::{breakdown_routes, comparison, institution_routes, plan_comparison, tables};
use crate::platform::body::{Filter, PathId};
use crate::platform::db::Tx;
use crate::platform::hint::Hint;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::past::AsOfFilter;
use crate::platform::permit::{Permit, invalid_parameter};
use crate::platform::policy::{
    GetDefinition, GetEditionFigures, GetProgrammeFigures, ListDefinitions, ListEditionFigureRecords, ListProgrammeFigureRecords,
    Role,
};
use crate::platform::problem::{Locale, Problem, catalogue};
use crate::platform::reply::Reply;
use crate::platform::routes::ServiceConfig;
use crate::platform::timeless::Timeless;
use crate::platform::types::text_enum;

/// Which figures are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct FiguresFilter {
    /// Only the figure of this definition.
    #[param(max_length = 100)]
    pub definition_id: Option<String>,
}

text_enum! {
    /// Part of a figure.
    pub enum RatioPart {
        /// What the figure counts; the part above the line.
        Numerator = "numerator",
        /// The part below the line.
        Denominator = "denominator",
    }
}

/// Which records of a figure are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct RecordsFilter {
    /// Part of the figure; `numerator` unless given.
    #[param(inline)]
    pub role: Option<RatioPart>,
    /// Breakdown of the figure whose `group` is wanted; both or neither.
    #[param(inline)]
    pub by: Option<GroupedBy>,
    /// Key of the group, as in the breakdown.
    #[param(max_length = 64, pattern = "^[A-Za-z0-9_.-]+$")]
    pub group: Option<String>,
}

impl RecordsFilter {
    /// The wanted group of the figure.
    fn group_of(&self, figure: &Figure) -> Result<Option<(GroupedBy, &str)>, Problem> {
        let (by, key) = match (self.by, self.group.as_deref()) {
            (None, None) => return Ok(None),
            (Some(by), Some(key)) => (by, key),
            (Some(_), None) => return Err(invalid_parameter("group", Hint::new("podaj razem z by", "give it together with by"))),
            (None, Some(_)) => {
                return Err(invalid_parameter("by", Hint::new("podaj razem z group", "give it together with group")));
            }
        };
        if by.opens(figure) && figure.breakdowns.iter().any(|breakdown| breakdown.by == by.as_str()) {
            return Ok(Some((by, key)));
        }
        Err(invalid_parameter("by", Hint::new("tej wielkości tak nie podzielono", "the figure is not broken down in this way")))
    }
}

/// Lists the definitions of all figures.
///
/// A changed counting rule is a new version of its definition. Names are given
/// in Polish and English, everything else by `Accept-Language`.
#[utoipa::path(tag = "metric-definitions", responses((status = 200, body = DefinitionsView, description = "The definitions")))]
#[get("/metric-definitions")]
async fn list_definitions(permit: Permit<ListDefinitions>, locale: Locale) -> Result<Reply, Problem> {
    let tell = move |definition| DefinitionView::of(locale, definition);
    permit.read(move |_| Ok(DefinitionsView { items: all().map(tell).collect() })).await
}

/// Reads the definition of a figure.
#[utoipa::path(tag = "metric-definitions", params(("id" = String, Path, description = "Definition", max_length = 100, example = "M-06")),
    responses((status = 200, body = DefinitionView, description = "The definition")))]
#[get("/metric-definitions/{id}")]
async fn get_definition(permit: Permit<GetDefinition>, id: PathId<String>, locale: Locale) -> Result<Reply, Problem> {
    permit.read(move |_| defined(&id.0).map(|definition| DefinitionView::of(locale, definition))).await
}

/// Reads the figures of an edition.
///
/// Each figure names its definition, its parts, how completely its facts were collected and where the records that it
/// counts are listed. A value that was not collected is `null`, never zero. `If-None-Match` with the `ETag` of an
/// earlier answer gives 304 while nothing but the moment has changed. To who sees no people, numbers of recruitment from
/// which one to four candidates could be told are `suppressed`.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"), FiguresFilter, AsOfFilter,
        ("If-None-Match" = Option<String>, Header, description = "ETag of an earlier answer", max_length = 1000)),
    responses((status = 200, body = FiguresView, description = "The figures"), (status = 304, description = "Nothing has changed")))]
#[get("/editions/{id}/figures")]
async fn get_edition_figures(
    permit: Permit<GetEditionFigures>,
    id: PathId,
    filter: Filter<FiguresFilter>,
    as_of: Filter<AsOfFilter>,
) -> Result<Reply, Problem> {
    let path = format!("/editions/{}", id.0);
    permit.read_remembered(as_of.0, move |tx| view(&edition_facts(tx, id.0)?, &filter.0, &path, tx.caller.role)).await
}

/// Reads the figures of all editions of a programme together, and those of re-participation.
///
/// To who sees no people, numbers of recruitment are `suppressed` where those of one of the editions are.
#[utoipa::path(tag = "programmes", params(("id" = Uuid, Path, description = "Programme"), FiguresFilter, AsOfFilter,
        ("If-None-Match" = Option<String>, Header, description = "ETag of an earlier answer", max_length = 1000)),
    responses((status = 200, body = FiguresView, description = "The figures"), (status = 304, description = "Nothing has changed")))]
#[get("/programmes/{id}/figures")]
async fn get_programme_figures(
    permit: Permit<GetProgrammeFigures>,
    id: PathId,
    filter: Filter<FiguresFilter>,
    as_of: Filter<AsOfFilter>,
) -> Result<Reply, Problem> {
    let path = format!("/programmes/{}", id.0);
    permit.read_remembered(as_of.0, move |tx| view(&programme_facts(tx, id.0)?, &filter.0, &path, tx.caller.role)).await
}

/// Lists exactly the records that a figure of an edition counts.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"),
        ("definitionId" = String, Path, description = "Definition", max_length = 100, example = "M-06"), RecordsFilter, AsOfFilter, PageQuery),
    responses((status = 200, body = Page<Record>, description = "A page of records")))]
#[get("/editions/{id}/figures/{definitionId}/records")]
async fn list_edition_figure_records(
    permit: Permit<ListEditionFigureRecords>,
    path: PathId<(Uuid, String)>,
    filter: Filter<RecordsFilter>,
    as_of: Filter<AsOfFilter>,
) -> Result<Reply, Problem> {
    let load = move |tx: &mut Tx| tx.as_known(as_of.0, |tx| edition_facts(tx, path.0.0));
    permit.list(|record: &Record| record.id, move |tx, window| counted(&load(tx)?, &path.0.1, &filter.0, window)).await
}

/// Lists exactly the records that a figure of a programme counts.
#[utoipa::path(tag = "programmes", params(("id" = Uuid, Path, description = "Programme"),
        ("definitionId" = String, Path, description = "Definition", max_length = 100, example = "M-06"), RecordsFilter, AsOfFilter, PageQuery),
    responses((status = 200, body = Page<Record>, description = "A page of records")))]
#[get("/programmes/{id}/figures/{definitionId}/records")]
async fn list_programme_figure_records(
    permit: Permit<ListProgrammeFigureRecords>,
    path: PathId<(Uuid, String)>,
    filter: Filter<RecordsFilter>,
    as_of: Filter<AsOfFilter>,
) -> Result<Reply, Problem> {
    let load = move |tx: &mut Tx| tx.as_known(as_of.0, |tx| programme_facts(tx, path.0.0));
    permit.list(|record: &Record| record.id, move |tx, window| counted(&load(tx)?, &path.0.1, &filter.0, window)).await
}

pub(super) fn defined(id: &str) -> Result<&'static Definition, Problem> {
    find(id).ok_or_else(|| catalogue::NOT_FOUND.problem())
}

pub(super) fn view(facts: &Facts, filter: &FiguresFilter, path: &str, reader: Role) -> Result<Timeless, Problem> {
    let (mut figures, discretion) = figures_for(reader, facts);
    if let Some(wanted) = &filter.definition_id {
        figures.retain(|figure| figure.definition.id == wanted);
        if figures.is_empty() {
            let hint = Hint::new("nie jest definicją tego zakresu", "is no definition of this scope");
            return Err(invalid_parameter("definitionId", hint));
        }
    }
    if figures.iter().flat_map(|figure| &figure.breakdowns).any(|breakdown| ["age", "ageBand"].contains(&breakdown.by)) {
        facts.expect_births()?;
    }
    let past = facts.as_of.is_past.then_some(facts.as_of.at);
    Timeless::of(&FiguresView::of(facts, &figures, path, &discretion, Timeless::MOMENT), past)
}

/// The figure of a definition; not there where the scope has none.
pub(super) fn figure_of(facts: &Facts, definition: &Definition) -> Result<Figure, Problem> {
    let mut figures = figures(facts).into_iter();
    figures.find(|figure| figure.definition.id == definition.id).ok_or_else(|| catalogue::NOT_FOUND.problem())
}

fn counted(facts: &Facts, definition: &str, filter: &RecordsFilter, window: Window) -> Result<Vec<Record>, Problem> {
    records_in(facts, &figure_of(facts, defined(definition)?)?, filter, window)
}

/// A page of the records of a figure's part, or of a group of it.
pub(super) fn records_in(facts: &Facts, figure: &Figure, filter: &RecordsFilter, window: Window) -> Result<Vec<Record>, Problem> {
    let group = filter.group_of(figure)?;
    let measure = group.and_then(|(by, key)| by.measure(facts, key)).and_then(|measure| figure_of(facts, measure).ok());
    if let Some(measure) = measure {
        let whole = RecordsFilter { role: filter.role, ..RecordsFilter::default() };
        return records_in(facts, &measure, &whole, window);
    }
    let mut records = figure.records(filter.role == Some(RatioPart::Denominator)).to_vec();
    if let Some((by, key)) = group {
        if by == GroupedBy::AgeBand {
            facts.expect_births()?;
        }
        by.retain(facts, &mut records, key);
    }
    records.sort_by_key(|record| record.id);
    records.retain(|record| record.id > window.after);
    records.truncate(usize::try_from(window.rows()).unwrap_or(usize::MAX));
    Ok(records)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_definitions)
        .service(get_definition)
        .service(get_edition_figures)
        .service(get_programme_figures)
        .service(list_edition_figure_records)
        .service(list_programme_figure_records);
    institution_routes::routes(config);
    breakdown_routes::routes(config);
    plan_comparison::routes(config);
    comparison::routes(config);
    tables::routes(config);
}
