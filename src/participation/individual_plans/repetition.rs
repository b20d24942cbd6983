//! The same plan again: what was signed with a person is recorded once.

use diesel::prelude::*;
use uuid::Uuid;

use super::IndividualPlanBody;
use super::parts::PlanParts;
use super::sealed::{PARTS, open};
use crate::participation::PLAN_RECORDED_ALREADY;
use crate::people::hold_person;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::schema::{individual_plan_revisions, individual_plans};

/// Refuses a plan that says the same as one was first recorded with, of the same day, days and author.
///
/// # Errors
/// `participation.plan_recorded_already` with its `planId`.
pub(super) fn refuse_repetition(
    tx: &mut Tx,
    (edition, fact): (Option<Uuid>, Option<Uuid>),
    body: &IndividualPlanBody,
) -> Result<(), Problem> {
    // Of two calls that say the same the second finds what the first recorded.
    hold_person(tx, body.person_id)?;
    let of = individual_plan_revisions::tenant_id
        .eq(individual_plans::tenant_id)
        .and(individual_plan_revisions::plan_id.eq(individual_plans::id));
    let alike: Vec<(Uuid, Option<Vec<u8>>)> = individual_plans::table
        .inner_join(individual_plan_revisions::table.on(of))
        .filter(own(tx, individual_plans::tenant_id))
        .filter(individual_plans::person_id.eq(body.person_id))
        .filter(individual_plans::kind.eq(body.kind))
        .filter(individual_plans::contract_form.is_not_distinct_from(body.contract_form))
        .filter(individual_plans::edition_id.is_not_distinct_from(edition))
        .filter(individual_plans::participation_id.is_not_distinct_from(body.participation_id))
        .filter(individual_plans::fact_id.is_not_distinct_from(fact))
        .filter(individual_plan_revisions::number.eq(1))
        .filter(individual_plan_revisions::signed_on.eq(body.signed_on))
        .filter(individual_plan_revisions::valid_from_on.eq(body.from))
        .filter(individual_plan_revisions::valid_to_on.is_not_distinct_from(body.to))
        .filter(individual_plan_revisions::author.eq(body.author))
        .order(individual_plans::id)
        .select((individual_plans::id, individual_plan_revisions::parts))
        .load(tx.conn)?;
    for (plan, sealed) in alike {
        let parts: Option<PlanParts> = sealed.map(|sealed| open(tx, body.person_id, PARTS, &sealed)).transpose()?.flatten();
        if parts.as_ref() == Some(&body.parts) {
            return Err(PLAN_RECORDED_ALREADY.problem().with("planId", plan.to_string()));
        }
    }
    Ok(())
}
