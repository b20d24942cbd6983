//! Which sheets an edition has, and whose are still to be filled in.
//!
//! A sheet before is expected of everybody who has started, a sheet after of
//! everybody whose participation has ended; sheets on the way and later are
//! counted, because nobody has to fill them in.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::get;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::sheets::{ObserverRole, Rater, SheetMoment};
use crate::platform::body::{Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::permit::Permit;
use crate::platform::policy::GetSheetCompleteness;
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::schema::{editions, participations, sheets};

/// Which sheets are looked at.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct SheetCompletenessFilter {
    /// Only sheets on this version of a template.
    pub template_id: Option<Uuid>,
}

/// Sheets of one moment and rater.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SheetCompletenessRow)]
pub struct RowView {
    /// Moment of the participation.
    pub moment: SheetMoment,
    /// Who rates; observers of any role count as one.
    pub rater: Rater,
    /// Participations of which a sheet is expected by now; `null` where none has to be filled in.
    #[schema(minimum = 0, maximum = 1_000_000, format = "int32")]
    pub expected: Option<usize>,
    /// Participations of which there is one.
    #[schema(minimum = 0, maximum = 1_000_000, format = "int32")]
    pub recorded: usize,
    /// Participations of which one is expected and missing.
    #[schema(max_items = 100_000)]
    pub missing: Vec<Uuid>,
}

/// The completeness of the sheets of an edition.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SheetCompletenessView {
    /// The edition.
    pub edition_id: Uuid,
    /// One row for each moment and rater.
    #[schema(max_items = 8)]
    pub rows: Vec<RowView>,
    /// Participations with both a sheet before and one after of the same rater, template version and role of the
    /// observer: those of which a gain can be told.
    pub matched: MatchedView,
}

/// Participations with a matched pair, by who rates.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MatchedSheets)]
pub struct MatchedView {
    /// By self-assessments.
    #[serde(rename = "self")]
    #[schema(minimum = 0, maximum = 1_000_000, format = "int32")]
    pub own: usize,
    /// By observations.
    #[schema(minimum = 0, maximum = 1_000_000, format = "int32")]
    pub observer: usize,
}

impl View for SheetCompletenessView {}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sheets)]
struct Filled {
    participation_id: Uuid,
    template_id: Uuid,
    rater: Rater,
    observer_role: Option<ObserverRole>,
    moment: SheetMoment,
}

/// A participation, and whether it has ended by the day.
#[derive(Debug, Clone, Copy)]
struct Stay {
    id: Uuid,
    has_ended: bool,
}

/// Reads how complete the sheets of an edition are.
///
/// Sheets before are expected of all who have started, sheets after of all whose participation has ended, of each rater.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"), SheetCompletenessFilter),
    responses((status = 200, body = SheetCompletenessView, description = "The completeness")))]
#[get("/editions/{id}/sheet-completeness")]
async fn get_sheet_completeness(
    permit: Permit<GetSheetCompleteness>,
    id: PathId,
    filter: Filter<SheetCompletenessFilter>,
) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let stays = stays(tx, id.0)?;
            let filled = filled(tx, id.0, filter.0.template_id)?;
            Ok(completeness(id.0, &stays, &filled))
        })
        .await
}

fn stays(tx: &mut Tx, edition: Uuid) -> Result<Vec<Stay>, Problem> {
    let edition: Uuid = editions::table
        .filter(own(tx, editions::tenant_id))
        .filter(editions::id.eq(edition))
        .select(editions::id)
        .first(tx.conn)?;
    let today = tx.today();
    let rows: Vec<(Uuid, Option<NaiveDate>)> = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::edition_id.eq(edition))
        .filter(participations::starts_on.le(today))
        .order(participations::id)
        .select((participations::id, participations::ended_on))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(id, ended)| Stay { id, has_ended: ended.is_some_and(|day| day <= today) }).collect())
}

fn filled(tx: &mut Tx, edition: Uuid, template: Option<Uuid>) -> Result<Vec<Filled>, Problem> {
    let mut query = sheets::table
        .filter(own(tx, sheets::tenant_id))
        .filter(sheets::edition_id.eq(edition))
        .filter(sheets::superseded_at.is_null())
        .into_boxed();
    if let Some(template) = template {
        query = query.filter(sheets::template_id.eq(template));
    }
    Ok(query.select(Filled::as_select()).load(tx.conn)?)
}

fn completeness(edition_id: Uuid, stays: &[Stay], filled: &[Filled]) -> SheetCompletenessView {
    let row = |moment: SheetMoment, rater: Rater| {
        let there: BTreeSet<Uuid> = filled
            .iter()
            .filter(|sheet| sheet.moment == moment && sheet.rater == rater)
            .map(|sheet| sheet.participation_id)
            .collect();
        let expected: Option<Vec<Uuid>> = match moment {
            SheetMoment::Before => Some(stays.iter().map(|stay| stay.id).collect()),
            SheetMoment::After => Some(stays.iter().filter(|stay| stay.has_ended).map(|stay| stay.id).collect()),
            SheetMoment::Mid | SheetMoment::FollowUp => None,
        };
        RowView {
            moment,
            rater,
            expected: expected.as_ref().map(Vec::len),
            recorded: there.len(),
            missing: expected.into_iter().flatten().filter(|id| !there.contains(id)).collect(),
        }
    };
    let rows = SheetMoment::ALL.iter().flat_map(|moment| Rater::ALL.iter().map(|rater| row(*moment, *rater))).collect();
    let matched = MatchedView { own: matched(filled, Rater::Own), observer: matched(filled, Rater::Observer) };
    SheetCompletenessView { edition_id, rows, matched }
}

/// Participations with a sheet before and one after of the same template version, rater and role.
fn matched(filled: &[Filled], rater: Rater) -> usize {
    let mut sides: BTreeMap<(Uuid, Uuid, Option<&str>), [bool; 2]> = BTreeMap::new();
    for sheet in filled.iter().filter(|sheet| sheet.rater == rater) {
        let key = (sheet.participation_id, sheet.template_id, sheet.observer_role.map(ObserverRole::as_str));
        let both = sides.entry(key).or_default();
        both[0] |= sheet.moment == SheetMoment::Before;
        both[1] |= sheet.moment == SheetMoment::After;
    }
    let paired = sides.into_iter().filter(|(_, both)| *both == [true, true]).map(|((participation, ..), _)| participation);
    paired.collect::<BTreeSet<_>>().len()
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_sheet_completeness);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_after_is_expected_of_who_has_left_and_pairs_need_one_observer() {
        let id = Uuid::from_u128;
        let stays =
            [Stay { id: id(1), has_ended: true }, Stay { id: id(2), has_ended: true }, Stay { id: id(3), has_ended: false }];
        let sheet = |participation: u128, rater: Rater, role: Option<ObserverRole>, moment: SheetMoment| Filled {
            participation_id: id(participation),
            template_id: id(9),
            rater,
            observer_role: role,
            moment,
        };
        let (worker, assistant) = (Some(ObserverRole::SocialWorker), Some(ObserverRole::FamilyAssistant));
        let view = completeness(
            id(100),
            &stays,
            &[
                sheet(1, Rater::Own, None, SheetMoment::Before),
                sheet(1, Rater::Own, None, SheetMoment::After),
                sheet(3, Rater::Own, None, SheetMoment::Before),
                sheet(1, Rater::Observer, worker, SheetMoment::Before),
                sheet(1, Rater::Observer, assistant, SheetMoment::After),
                sheet(2, Rater::Own, None, SheetMoment::Mid),
            ],
        );
        let row = |moment, rater| view.rows.iter().find(|row| row.moment == moment && row.rater == rater).expect("a row");
        let before = row(SheetMoment::Before, Rater::Own);
        assert_eq!((before.expected, before.recorded, &before.missing[..]), (Some(3), 2, &[id(2)][..]));
        let after = row(SheetMoment::After, Rater::Own);
        assert_eq!((after.expected, after.recorded, &after.missing[..]), (Some(2), 1, &[id(2)][..]));
        assert_eq!((row(SheetMoment::Mid, Rater::Own).expected, row(SheetMoment::Mid, Rater::Own).recorded), (None, 1));
        assert_eq!((view.matched.own, view.matched.observer), (1, 0), "a worker before and an assistant after are no pair");
    }
}
