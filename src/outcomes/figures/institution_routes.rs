//! Figures over all editions of a centre, or over those of a year.

use actix_web::get;
use serde::Deserialize;
use utoipa::IntoParams;

use super::figure::Record;
use super::loading::institution_facts;
use super::record_groups::GroupedBy;
use super::routes::{FiguresFilter, RatioPart, RecordsFilter, defined, figure_of, records_in, view};
use super::views::FiguresView;
use crate::platform::body::{Filter, PathId};
use crate::platform::hint::Hint;
use crate::platform::paging::{Page, PageQuery};
use crate::platform::past::AsOfFilter;
use crate::platform::permit::{Permit, invalid_parameter};
use crate::platform::policy::{GetFigures, ListFigureRecords};
use crate::platform::problem::Problem;
use crate::platform::reply::Reply;
use crate::platform::routes::ServiceConfig;

const FIRST_YEAR: i32 = 1990;
const LAST_YEAR: i32 = 2200;

/// Which editions are counted over.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct YearFilter {
    /// Editions whose first day lies in this year; all editions unless given.
    #[param(minimum = 1990, maximum = 2200)]
    pub year: Option<i32>,
    /// Only the figure of this definition.
    #[param(max_length = 100)]
    pub definition_id: Option<String>,
}

/// Which records of a figure are wanted.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct YearRecordsFilter {
    /// Editions whose first day lies in this year; all editions unless given.
    #[param(minimum = 1990, maximum = 2200)]
    pub year: Option<i32>,
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

/// Refuses a year in which no edition can have begun.
pub(super) fn within_years(year: Option<i32>) -> Result<(), Problem> {
    match year {
        Some(year) if !(FIRST_YEAR..=LAST_YEAR).contains(&year) => {
            Err(invalid_parameter("year", Hint::whole_number(FIRST_YEAR, LAST_YEAR)))
        }
        _ => Ok(()),
    }
}

/// Reads the figures of the whole centre, or of a year.
///
/// Counted over the editions of all programmes, or over those whose first day lies in the year; an edition belongs to one
/// year, so that years add up. What holds of one edition or one programme only is left out. To who sees no people, numbers
/// of recruitment are `suppressed` where those of one of the editions are.
#[utoipa::path(tag = "figures", params(YearFilter, AsOfFilter,
        ("If-None-Match" = Option<String>, Header, description = "ETag of an earlier answer", max_length = 1000)),
    responses((status = 200, body = FiguresView, description = "The figures"), (status = 304, description = "Nothing has changed")))]
#[get("/figures")]
async fn get_figures(
    permit: Permit<GetFigures>,
    filter: Filter<YearFilter>,
    as_of: Filter<AsOfFilter>,
) -> Result<Reply, Problem> {
    within_years(filter.0.year)?;
    permit
        .read_remembered(as_of.0, move |tx| {
            let facts = institution_facts(tx, filter.0.year)?;
            view(&facts, &FiguresFilter { definition_id: filter.0.definition_id.clone() }, "", tx.caller.role)
        })
        .await
}

/// Lists exactly the records that a figure of the whole centre, or of a year, counts.
#[utoipa::path(tag = "figures", params(
        ("definitionId" = String, Path, description = "Definition", max_length = 100, example = "M-06"), YearRecordsFilter, AsOfFilter, PageQuery),
    responses((status = 200, body = Page<Record>, description = "A page of records")))]
#[get("/figures/{definitionId}/records")]
async fn list_figure_records(
    permit: Permit<ListFigureRecords>,
    definition: PathId<String>,
    filter: Filter<YearRecordsFilter>,
    as_of: Filter<AsOfFilter>,
) -> Result<Reply, Problem> {
    let YearRecordsFilter { year, role, by, group } = filter.0;
    within_years(year)?;
    let wanted = RecordsFilter { role, by, group };
    permit
        .list(
            |record: &Record| record.id,
            move |tx, window| {
                let definition = defined(&definition.0)?;
                let facts = tx.as_known(as_of.0, |tx| institution_facts(tx, year))?;
                records_in(&facts, &figure_of(&facts, definition)?, &wanted, window)
            },
        )
        .await
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_figures).service(list_figure_records);
}
