//! What came of the expected effects of an agreement (art. 62a(7)(3)).
//!
//! An effect with a target has a number for its result, a qualitative one a
//! finding in words. How far a target is reached is computed (`M-20`), and may
//! exceed all of it.

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::subjects::{complete_correction, supersede};
use super::{EFFECT_IS_QUALITATIVE, EFFECT_MEASURED_BY_FIGURE, EFFECT_NEEDS_NUMBER, EFFECT_UNKNOWN};
use crate::platform::body::{Body, Filter};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListEffectResults, RecordEffectResult};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Code, Day, LongText, text_enum};
use crate::programmes::{EffectTarget, ExpectedEffect, expected_effects_of_edition};
use crate::schema::effect_results;

text_enum! {
    /// What was found of a qualitative effect.
    pub enum EffectFinding {
        /// It is there.
        Reached = "reached",
        /// It is there in part.
        PartlyReached = "partlyReached",
        /// It is not there.
        NotReached = "notReached",
    }
}

/// A result of an expected effect, as recorded or corrected.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = effect_results)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "editionId": examples::EDITION, "effectCode": "openness", "finding": "partlyReached", "assessedOn": "2026-06-12",
    "basis": "rozmowy podsumowujące w grupie"
}))]
pub struct EffectResultBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Edition in which the effect was expected.
    pub edition_id: Uuid,
    /// Code of the expected effect in the agreement of the edition.
    pub effect_code: Code,
    /// Value reached, in the unit of the measure; given if and only if the effect has a target.
    pub result: Option<EffectTarget>,
    /// What was found; given if and only if the effect has no target.
    pub finding: Option<EffectFinding>,
    /// Day of the assessment.
    pub assessed_on: Day,
    /// How it was found out; no personal data.
    pub basis: LongText,
    /// Result that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// Why it is corrected; given with `supersedesId`.
    pub correction_reason: Option<LongText>,
}

/// A result of an expected effect.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = effect_results)]
#[serde(rename_all = "camelCase")]
pub struct EffectResultView {
    /// Id.
    pub id: Uuid,
    /// Edition in which the effect was expected.
    pub edition_id: Uuid,
    /// Code of the expected effect.
    pub effect_code: Code,
    /// Value reached, in the unit of the measure.
    pub result: Option<EffectTarget>,
    /// What was found.
    pub finding: Option<EffectFinding>,
    /// Day of the assessment.
    pub assessed_on: Day,
    /// How it was found out.
    pub basis: LongText,
    /// Result that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// When a correction took its place.
    pub superseded_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Why the earlier result was corrected.
    pub correction_reason: Option<LongText>,
}

impl View for EffectResultView {}

/// Which results to list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct EffectResultFilter {
    /// Results of this edition.
    pub edition_id: Option<Uuid>,
    /// Also those that were corrected.
    #[serde(default)]
    pub include_superseded: bool,
}

/// Records what came of an expected effect, or corrects it.
///
/// The effect is one of the agreement of the edition. One with a target takes a number, a qualitative one a finding;
/// one that the agreement measures by a figure takes neither, because the figure is its result.
#[utoipa::path(tag = "effect-results", request_body = EffectResultBody,
    responses((status = 201, body = EffectResultView, description = "The result")))]
#[post("/effect-results")]
async fn record_effect_result(permit: Permit<RecordEffectResult>, body: Body<EffectResultBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("effect_result", body.supersedes_id.into_iter().chain([id]));
            tx.expect_past(body.assessed_on, "/assessedOn")?;
            complete_correction(body.supersedes_id, body.correction_reason.as_ref())?;
            let effects = expected_effects_of_edition(tx, body.edition_id)?
                .ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at("/editionId"))?;
            let effect =
                effects.iter().find(|effect| effect.code == body.effect_code).ok_or_else(|| EFFECT_UNKNOWN.at("/effectCode"))?;
            fits(effect, body)?;
            if let Some(earlier) = body.supersedes_id {
                supersede!(tx, effect_results, edition_id, earlier, body.edition_id);
            }
            let view = insert_effect_result(tx, id, body)?;
            Ok(Written::created(format!("/effect-results?editionId={}", body.edition_id), view))
        })
        .await
}

/// Lists what came of expected effects.
#[utoipa::path(tag = "effect-results", params(EffectResultFilter, PageQuery),
    responses((status = 200, body = Page<EffectResultView>, description = "A page of results")))]
#[get("/effect-results")]
async fn list_effect_results(permit: Permit<ListEffectResults>, filter: Filter<EffectResultFilter>) -> Result<Reply, Problem> {
    permit.list(|result: &EffectResultView| result.id, move |tx, window| select_effect_results(tx, window, &filter.0)).await
}

/// Refuses a number of a qualitative effect, and words instead of a number.
fn fits(effect: &ExpectedEffect, body: &EffectResultBody) -> Result<(), Problem> {
    if effect.definition_id.is_some() {
        return Err(EFFECT_MEASURED_BY_FIGURE.at("/effectCode"));
    }
    match (effect.target, body.result, body.finding) {
        (Some(_), Some(_), None) | (None, None, Some(_)) => Ok(()),
        (Some(_), None, _) => Err(EFFECT_NEEDS_NUMBER.at("/result")),
        (Some(_), Some(_), Some(_)) => Err(EFFECT_NEEDS_NUMBER.at("/finding")),
        (None, Some(_), _) => Err(EFFECT_IS_QUALITATIVE.at("/result")),
        (None, None, None) => Err(EFFECT_IS_QUALITATIVE.at("/finding")),
    }
}

fn insert_effect_result(tx: &mut Tx, id: Uuid, body: &EffectResultBody) -> Result<EffectResultView, Problem> {
    Ok(diesel::insert_into(effect_results::table)
        .values((body, effect_results::id.eq(id)))
        .returning(EffectResultView::as_returning())
        .get_result(tx.conn)?)
}

fn select_effect_results(tx: &mut Tx, window: Window, filter: &EffectResultFilter) -> Result<Vec<EffectResultView>, Problem> {
    let mut query =
        effect_results::table.filter(own(tx, effect_results::tenant_id)).filter(effect_results::id.gt(window.after)).into_boxed();
    if let Some(edition) = filter.edition_id {
        query = query.filter(effect_results::edition_id.eq(edition));
    }
    if !filter.include_superseded {
        query = query.filter(effect_results::superseded_at.is_null());
    }
    Ok(query.order(effect_results::id).limit(window.rows()).select(EffectResultView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_effect_result).service(list_effect_results);
}
