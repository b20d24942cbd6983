//! Versions of an edition's scoring rules.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::rules::{RulesError, ScoringContent};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListScoringRules, SetScoringRules};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{ShortText, Stored, between};
use crate::programmes::facts::{get_edition_facts, lock_edition};
use crate::recruitment::SCORING_RULES;
use crate::schema::scoring_rules;

/// Scoring rules, as stated.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "legalSource": "Regulamin rekrutacji § 5",
    "appealDays": 14,
    "content": {
        "criteria": [
            { "code": "women", "labelPl": "Kobiety", "labelEn": "Women", "points": "15", "source": "sex", "sex": "female" },
            { "code": "over12", "labelPl": "Bez pracy ponad 12 miesięcy", "labelEn": "Unemployed for over 12 months", "points": "10",
              "group": "length", "source": "condition", "rule": "unemployedForMonths", "months": 12 },
            { "code": "over24", "labelPl": "Bez pracy ponad 24 miesiące", "labelEn": "Unemployed for over 24 months", "points": "15",
              "group": "length", "source": "condition", "rule": "unemployedForMonths", "months": 24 },
            { "code": "over50", "labelPl": "Wiek 50+", "labelEn": "Aged 50 or over", "points": "10", "source": "ageAtLeast", "years": 50 },
            { "code": "disabled", "labelPl": "Niepełnosprawność", "labelEn": "Disability", "points": "5", "source": "condition", "rule": "disability" },
            { "code": "motivation", "labelPl": "Motywacja", "labelEn": "Motivation", "points": "5", "source": "manual" }
        ],
        "groups": [{ "code": "length", "maxPoints": "15" }],
        "tieBreakers": [{ "rule": "unemployedLonger" }, { "rule": "receivedEarlier" }]
    }
}))]
pub struct ScoringRulesBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Rules of recruitment or agreement that state them.
    pub legal_source: ShortText,
    /// Criteria, groups and tie-breakers.
    pub content: ScoringContent,
    /// Days after the announcement of a result within which it may be appealed against; left out, there is no deadline.
    #[serde(default, deserialize_with = "between::<1, 366, _, _>")]
    #[schema(minimum = 1, maximum = 366)]
    pub appeal_days: Option<i32>,
}

/// A version of an edition's scoring rules.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = scoring_rules)]
#[serde(rename_all = "camelCase")]
pub struct ScoringRulesView {
    /// Id.
    pub id: Uuid,
    /// The edition.
    pub edition_id: Uuid,
    /// Version within the edition, from 1; the last one holds.
    #[schema(minimum = 1)]
    pub version: i32,
    /// Rules of recruitment or agreement that state them.
    pub legal_source: ShortText,
    /// Criteria, groups and tie-breakers.
    #[schema(value_type = ScoringContent)]
    pub content: Stored<ScoringContent>,
    /// Days after the announcement of a result within which it may be appealed against; null sets no deadline.
    #[schema(minimum = 1, maximum = 366)]
    pub appeal_days: Option<i32>,
    /// When they were stated.
    pub recorded_at: DateTime<Utc>,
    /// Client that stated them.
    pub recorded_by: Uuid,
}

impl View for ScoringRulesView {}

/// States the scoring rules of an edition, or a new version of them.
///
/// A version never changes, so that a ranking made by it stays explained. The
/// last version holds for the next ranking.
#[utoipa::path(tag = "editions", request_body = ScoringRulesBody, params(("id" = Uuid, Path, description = "Edition")),
    responses((status = 201, body = ScoringRulesView, description = "The version")))]
#[post("/editions/{id}/scoring-rules")]
async fn set_scoring_rules(
    permit: Permit<SetScoringRules>,
    edition: PathId,
    body: Body<ScoringRulesBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("scoring_rules", [id, edition.0]);
            // The lock keeps two versions from taking the same number.
            lock_edition(tx, edition.0)?;
            refuse(body.content.faults())?;
            let view = insert_version(tx, id, edition.0, body)?;
            Ok(Written::created(format!("/editions/{}/scoring-rules", edition.0), view))
        })
        .await
}

/// Lists the versions of an edition's scoring rules.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"), PageQuery),
    responses((status = 200, body = Page<ScoringRulesView>, description = "A page of versions")))]
#[get("/editions/{id}/scoring-rules")]
async fn list_scoring_rules(permit: Permit<ListScoringRules>, edition: PathId) -> Result<Reply, Problem> {
    permit.list(|rules: &ScoringRulesView| rules.id, move |tx, window| select_page(tx, edition.0, window)).await
}

/// Names all faults at once, so that nobody has to send the rules once for each.
fn refuse(faults: Vec<RulesError>) -> Result<(), Problem> {
    if faults.is_empty() {
        return Ok(());
    }
    let problem = SCORING_RULES.problem();
    Err(faults
        .into_iter()
        .fold(problem, |problem, fault| problem.and(format!("/content{}", fault.pointer), &SCORING_RULES, Some(fault.hint))))
}

fn insert_version(tx: &mut Tx, id: Uuid, edition: Uuid, body: &ScoringRulesBody) -> Result<ScoringRulesView, Problem> {
    let last: Option<i32> = scoring_rules::table
        .filter(own(tx, scoring_rules::tenant_id))
        .filter(scoring_rules::edition_id.eq(edition))
        .select(max(scoring_rules::version))
        .first(tx.conn)?;
    Ok(diesel::insert_into(scoring_rules::table)
        .values((
            scoring_rules::id.eq(id),
            scoring_rules::edition_id.eq(edition),
            scoring_rules::version.eq(last.unwrap_or(0) + 1),
            scoring_rules::legal_source.eq(&body.legal_source),
            scoring_rules::content.eq(Stored(body.content.clone())),
            scoring_rules::appeal_days.eq(body.appeal_days),
        ))
        .returning(ScoringRulesView::as_returning())
        .get_result(tx.conn)?)
}

fn select_page(tx: &mut Tx, edition: Uuid, window: Window) -> Result<Vec<ScoringRulesView>, Problem> {
    get_edition_facts(tx, edition)?;
    Ok(scoring_rules::table
        .filter(own(tx, scoring_rules::tenant_id))
        .filter(scoring_rules::edition_id.eq(edition))
        .filter(scoring_rules::id.gt(window.after))
        .order(scoring_rules::id)
        .limit(window.rows())
        .select(ScoringRulesView::as_select())
        .load(tx.conn)?)
}

/// The scoring rules that hold in an edition: the last version.
pub(super) fn current_rules(tx: &mut Tx, edition: Uuid) -> Result<Option<ScoringRulesView>, Problem> {
    Ok(scoring_rules::table
        .filter(own(tx, scoring_rules::tenant_id))
        .filter(scoring_rules::edition_id.eq(edition))
        .order(scoring_rules::version.desc())
        .select(ScoringRulesView::as_select())
        .first(tx.conn)
        .optional()?)
}

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(set_scoring_rules).service(list_scoring_rules);
}
