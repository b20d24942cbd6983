//! The end of a plan.

use actix_web::post;
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{IndividualPlanView, find_plan, first_day, lock_plan};
use crate::participation::{PLAN_ENDED, PLAN_ENDS_BEFORE};
use crate::people::end_social_contract;
use crate::platform::body::{Body, PathId};
use crate::platform::db::own;
use crate::platform::permit::Permit;
use crate::platform::policy::EndIndividualPlan;
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, text_enum};
use crate::schema::individual_plans;

text_enum! {
    /// Why a plan ended.
    pub enum PlanEndReason {
        /// Its goals were reached.
        Achieved = "achieved",
        /// Its time was over.
        Expired = "expired",
        /// It was not kept.
        NotKept = "notKept",
        /// Another plan took its place.
        Replaced = "replaced",
        /// The person moved away.
        Moved = "moved",
        /// Anything else.
        Other = "other",
    }
}

/// The end of a plan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "endedOn": "2026-06-12", "reason": "achieved" }))]
pub struct PlanEndBody {
    /// Last day.
    pub ended_on: Day,
    /// Why.
    pub reason: PlanEndReason,
}

/// Ends a plan; the fact that a social contract proves ends with it.
#[utoipa::path(tag = "individual-plans", params(("id" = Uuid, Path, description = "Plan")), request_body = PlanEndBody,
    responses((status = 200, body = IndividualPlanView, description = "The plan as it is now")))]
#[post("/individual-plans/{id}/end")]
async fn end_individual_plan(permit: Permit<EndIndividualPlan>, id: PathId, body: Body<PlanEndBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("individual_plan", [id.0]);
            let plan = lock_plan(tx, id.0)?;
            tx.expect_version(plan.row_version)?;
            if plan.ended_on.is_some() {
                return Err(PLAN_ENDED.problem());
            }
            let first = first_day(tx, plan.id)?;
            if body.ended_on < first {
                return Err(PLAN_ENDS_BEFORE.at("/endedOn").with("from", first.to_string()));
            }
            let fact = plan.fact_id.map(|fact| end_social_contract(tx, fact, body.ended_on)).transpose()?;
            let row = individual_plans::table.filter(own(tx, individual_plans::tenant_id)).filter(individual_plans::id.eq(id.0));
            diesel::update(row)
                .set((
                    individual_plans::ended_on.eq(body.ended_on),
                    individual_plans::end_reason.eq(body.reason),
                    individual_plans::fact_id.eq(fact),
                ))
                .execute(tx.conn)?;
            let data = json!({ "planId": plan.id, "personId": plan.person_id, "endedOn": body.ended_on });
            tx.announce("individual_plan", plan.id, "individual_plan.ended", data);
            Ok(Written::changed(find_plan(tx, id.0)?))
        })
        .await
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(end_individual_plan);
}
