//! Early warning: what in an edition needs somebody's attention, by rules that say why.
//!
//! No score and no guess: each warning names its rule with its version and
//! parameters, the records that triggered it, and the reason in words. It reads
//! and decides nothing.

mod rules;
mod situation;
mod warning_rules;

use actix_web::get;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::completion::day_or_today;
use crate::platform::body::{Filter, PathId};
use crate::platform::permit::Permit;
use crate::platform::policy::GetEarlyWarnings;
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, IsoWeek};
use crate::programmes::facts::get_edition_facts;
use rules::{Finding, WarningFactKind, findings};
use situation::situation;
use warning_rules::{EarlyWarningCode, WarningParameters, WarningRuleView, WarningSeverity, rules_on};

/// Of which day is asked.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct WarningFilter {
    /// How the edition stands on this day; today when left out.
    #[param(inline, example = "2026-06-15")]
    effective_on: Option<Day>,
}

/// A warning, with everything that it rests on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EarlyWarningView {
    /// Rule.
    pub code: EarlyWarningCode,
    /// Version of the rule that was applied.
    pub rule_id: Uuid,
    /// Its number.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub rule_version: i32,
    /// Its parameters.
    pub parameters: WarningParameters,
    /// How grave it is.
    pub severity: WarningSeverity,
    /// Whom it is about; none where it is about the edition.
    pub participation_id: Option<Uuid>,
    /// Weeks that it concerns.
    #[schema(max_items = 1000)]
    pub weeks: Vec<IsoWeek>,
    /// Of what kind the records behind it are.
    pub fact_kind: WarningFactKind,
    /// The records that triggered it; none where it rests on what is not there.
    #[schema(max_items = 10_000)]
    pub fact_ids: Vec<Uuid>,
    /// Why, in Polish.
    #[schema(max_length = 2000)]
    pub reason_pl: String,
    /// Why, in English.
    #[schema(max_length = 2000)]
    pub reason_en: String,
}

/// The warnings about an edition on a day, and the rules that were applied.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EarlyWarningsView {
    /// Edition.
    pub edition_id: Uuid,
    /// The day.
    pub effective_on: Day,
    /// The rules in force on the day; those that are switched off are left out.
    #[schema(max_items = 20)]
    pub rules: Vec<WarningRuleView>,
    /// What they found: the gravest first, then by rule.
    #[schema(max_items = 10_000)]
    pub warnings: Vec<EarlyWarningView>,
}

impl View for EarlyWarningsView {}

/// Warns of what in an edition needs somebody's attention, with the rule and the reason.
///
/// By transparent rules with parameters of the town: absences in a row, low
/// attendance, a share of hours at risk or out of reach, weeks without socially
/// useful work, short weeks of integration, evidence that expires, empty places,
/// overdue duties. Only who takes part on the day is looked at.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"), WarningFilter),
    responses((status = 200, body = EarlyWarningsView, description = "The warnings")))]
#[get("/editions/{id}/early-warnings")]
async fn get_early_warnings(
    permit: Permit<GetEarlyWarnings>,
    id: PathId,
    filter: Filter<WarningFilter>,
) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let on = day_or_today(tx, filter.0.effective_on)?;
            let edition = get_edition_facts(tx, id.0)?;
            let situation = situation(tx, &edition, on)?;
            let rules = rules_on(tx, on)?;
            let mut warnings: Vec<EarlyWarningView> = rules
                .iter()
                .flat_map(|rule| findings(&situation, rule).into_iter().map(|finding| warning(rule, finding)))
                .collect();
            warnings.sort_by_key(|warning| (warning.severity, warning.code, warning.participation_id));
            Ok(EarlyWarningsView { edition_id: edition.id, effective_on: on, rules, warnings })
        })
        .await
}

fn warning(rule: &WarningRuleView, finding: Finding) -> EarlyWarningView {
    EarlyWarningView {
        code: rule.code,
        rule_id: rule.id,
        rule_version: rule.version,
        parameters: rule.parameters,
        severity: rule.severity,
        participation_id: finding.participation,
        weeks: finding.weeks,
        fact_kind: finding.kind,
        fact_ids: finding.facts,
        reason_pl: finding.reason_pl,
        reason_en: finding.reason_en,
    }
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_early_warnings);
    warning_rules::routes(config);
}
