//! The operations that answer a figure by groups of its people.

use actix_web::get;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::breakdown::{Dimension, FigureBreakdownView};
use super::facts::Facts;
use super::institution_routes::within_years;
use super::loading::{edition_facts, institution_facts, programme_facts};
use super::routes::{defined, figure_of};
use crate::platform::body::{Filter, PathId};
use crate::platform::past::AsOfFilter;
use crate::platform::permit::Permit;
use crate::platform::policy::{GetEditionFigureBreakdown, GetFigureBreakdown, GetProgrammeFigureBreakdown};
use crate::platform::problem::Problem;
use crate::platform::reply::Reply;
use crate::platform::routes::ServiceConfig;

/// By what a figure is broken down.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct BreakdownFilter {
    /// By what the people of the figure are told apart; `sex` unless given.
    #[param(inline)]
    pub by: Option<Dimension>,
}

/// By what a figure of the centre is broken down, and over which editions.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct YearBreakdownFilter {
    /// By what the people of the figure are told apart; `sex` unless given.
    #[param(inline)]
    pub by: Option<Dimension>,
    /// Editions whose first day lies in this year; all editions unless given.
    #[param(minimum = 1990, maximum = 2200)]
    pub year: Option<i32>,
}

/// Reads a figure of an edition by groups of its people.
///
/// Groups share out the records of the figure, so that they add up to it; of whom nothing is on file at entry, the group
/// is `unknown`. A figure that does not count people is `notApplicable`.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"),
        ("definitionId" = String, Path, description = "Definition", max_length = 100, example = "M-06"), BreakdownFilter, AsOfFilter),
    responses((status = 200, body = FigureBreakdownView, description = "The groups")))]
#[get("/editions/{id}/figures/{definitionId}/breakdown")]
async fn get_edition_figure_breakdown(
    permit: Permit<GetEditionFigureBreakdown>,
    path: PathId<(Uuid, String)>,
    filter: Filter<BreakdownFilter>,
    as_of: Filter<AsOfFilter>,
) -> Result<Reply, Problem> {
    permit.read(move |tx| broken_down(&tx.as_known(as_of.0, |tx| edition_facts(tx, path.0.0))?, &path.0.1, filter.0.by)).await
}

/// Reads a figure of a programme by groups of its people.
///
/// As for an edition; somebody in several editions belongs to the group of the first entry.
#[utoipa::path(tag = "programmes", params(("id" = Uuid, Path, description = "Programme"),
        ("definitionId" = String, Path, description = "Definition", max_length = 100, example = "M-06"), BreakdownFilter, AsOfFilter),
    responses((status = 200, body = FigureBreakdownView, description = "The groups")))]
#[get("/programmes/{id}/figures/{definitionId}/breakdown")]
async fn get_programme_figure_breakdown(
    permit: Permit<GetProgrammeFigureBreakdown>,
    path: PathId<(Uuid, String)>,
    filter: Filter<BreakdownFilter>,
    as_of: Filter<AsOfFilter>,
) -> Result<Reply, Problem> {
    permit.read(move |tx| broken_down(&tx.as_known(as_of.0, |tx| programme_facts(tx, path.0.0))?, &path.0.1, filter.0.by)).await
}

/// Reads a figure of the whole centre, or of a year, by groups of its people.
///
/// As for an edition; somebody in several editions belongs to the group of the first entry.
#[utoipa::path(tag = "figures", params(
        ("definitionId" = String, Path, description = "Definition", max_length = 100, example = "M-06"), YearBreakdownFilter, AsOfFilter),
    responses((status = 200, body = FigureBreakdownView, description = "The groups")))]
#[get("/figures/{definitionId}/breakdown")]
async fn get_figure_breakdown(
    permit: Permit<GetFigureBreakdown>,
    definition: PathId<String>,
    filter: Filter<YearBreakdownFilter>,
    as_of: Filter<AsOfFilter>,
) -> Result<Reply, Problem> {
    within_years(filter.0.year)?;
    let YearBreakdownFilter { by, year } = filter.0;
    permit.read(move |tx| broken_down(&tx.as_known(as_of.0, |tx| institution_facts(tx, year))?, &definition.0, by)).await
}

fn broken_down(facts: &Facts, definition: &str, by: Option<Dimension>) -> Result<FigureBreakdownView, Problem> {
    let figure = figure_of(facts, defined(definition)?)?;
    let by = by.unwrap_or(Dimension::Sex);
    if by == Dimension::Age {
        facts.expect_births()?;
    }
    Ok(FigureBreakdownView::of(facts, &figure, by))
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_edition_figure_breakdown).service(get_programme_figure_breakdown).service(get_figure_breakdown);
}
