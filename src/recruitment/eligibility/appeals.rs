//! Appeals: the facts that an assessment was made on, looked at again under the rules that held.

use actix_web::post;
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::ages::Candidate;
use super::assessments::{Appeal, Assessment, Inputs, conclude_and_keep, explained, find_assessment};
use super::evaluation::{Exception, Outcome};
use super::views::AssessmentView;
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::permit::Permit;
use crate::platform::policy::AppealEligibility;
use crate::platform::problem::{Locale, Problem};
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, count_between};
use crate::recruitment::applications::{ApplicationStep, get_view};
use crate::recruitment::decisions::lock_application;
use crate::recruitment::steps::check_order;
use crate::recruitment::{APPEAL_WITHOUT_LOSS, APPEALED_ALREADY, OUT_OF_ORDER, Reason};
use crate::schema::eligibility_assessments;

/// An appeal against an assessment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "lodgedOn": "2026-06-12", "reason": "Kandydat nie zgadza się z oceną" }))]
pub struct AppealBody {
    /// Id of the new assessment, chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Day of the appeal.
    pub lodged_on: Day,
    /// Why; no names.
    pub reason: Reason,
    /// Overridable conditions that are not asked of this candidate after all, each with its reason.
    #[serde(default, deserialize_with = "count_between::<0, 20, _, _>")]
    #[schema(max_items = 20)]
    pub exceptions: Vec<Exception>,
}

/// Assesses anew upon an appeal.
///
/// The same day, the same facts and the same rules as in the assessment
/// appealed against, whatever has been recorded since; only exceptions can be
/// granted that were not. New facts call for a new assessment instead. The
/// answer is an assessment of its own; the first one stays as it is. There is one
/// appeal against each assessment, and none against a positive one.
#[utoipa::path(tag = "eligibility-assessments", request_body = AppealBody, params(("id" = Uuid, Path, description = "Assessment")),
    responses((status = 201, body = AssessmentView, description = "The assessment upon the appeal")))]
#[post("/eligibility-assessments/{id}/appeals")]
async fn appeal_eligibility(
    permit: Permit<AppealEligibility>,
    appealed: PathId,
    locale: Locale,
    body: Body<AppealBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("eligibility_assessment", [id, appealed.0]);
            let assessment = appeal(tx, id, appealed.0, body)?;
            Ok(Written::created(format!("/eligibility-assessments/{id}"), explained(tx, assessment, locale, None)?))
        })
        .await
}

fn appeal(tx: &mut Tx, id: Uuid, appealed: Uuid, body: &AppealBody) -> Result<Assessment, Problem> {
    let first = find_assessment(tx, appealed)?;
    tx.expect_past(body.lodged_on, "/lodgedOn")?;
    check_appeal(tx, &first)?;
    if body.lodged_on < first.effective_on {
        return Err(OUT_OF_ORDER.at("/lodgedOn").with("earliest", first.effective_on.to_string()));
    }
    let application = first.application_id;
    let inputs = Inputs {
        application,
        effective_on: first.effective_on,
        regime: first.regime_id,
        criteria: first.criteria.0,
        home: first.home_teryt,
        facts: first.facts.0,
        candidate: Candidate::frozen(first.findings.0.iter().find_map(|finding| finding.age)),
        exceptions: &body.exceptions,
        appeal: Some(Appeal {
            of: appealed,
            lodged_on: body.lodged_on,
            reason: body.reason.as_str(),
            qualifies_from: first.qualifies_from,
        }),
    };
    let assessment = conclude_and_keep(tx, id, inputs)?;
    tx.announce(
        "application",
        application,
        "application.assessed",
        json!({ "applicationId": application, "assessmentId": id, "effectiveOn": first.effective_on, "appealOfId": appealed }),
    );
    Ok(assessment)
}

/// Whether an assessment can be appealed against: once, by whoever lost, and while the application may be assessed.
///
/// The lock of the application lets one of several appeals through.
fn check_appeal(tx: &mut Tx, first: &Assessment) -> Result<(), Problem> {
    let application = lock_application(tx, first.application_id)?;
    let placed = get_view(tx, first.application_id)?.placed;
    check_order(application.state, placed, ApplicationStep::Assessed)?;
    if matches!(first.outcome, Outcome::Eligible | Outcome::EligibleByException) {
        return Err(APPEAL_WITHOUT_LOSS.problem());
    }
    let earlier: Option<Uuid> = eligibility_assessments::table
        .filter(own(tx, eligibility_assessments::tenant_id))
        .filter(eligibility_assessments::application_id.eq(first.application_id))
        .filter(eligibility_assessments::appeal_of_id.eq(first.id))
        .select(eligibility_assessments::id)
        .first(tx.conn)
        .optional()?;
    earlier.map_or(Ok(()), |id| Err(APPEALED_ALREADY.problem().with("assessmentId", id.to_string())))
}

/// Adds the route.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(appeal_eligibility);
}
