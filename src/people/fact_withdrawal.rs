//! Taking back a fact that was wrong and that nothing replaces.

use actix_web::post;
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::facts::FactView;
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::permit::Permit;
use crate::platform::policy::WithdrawPersonFact;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Text};
use crate::schema::person_facts;

/// The withdrawal of a fact.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "effectiveOn": "2026-06-12", "reason": "Zaświadczenie dotyczyło innej osoby" }))]
pub struct FactWithdrawalBody {
    /// Day on which the fact was found to be wrong; today unless given.
    pub effective_on: Option<Day>,
    /// Why it was wrong; no names and no PESEL.
    pub reason: Text<3, 4000>,
}

/// Withdraws a fact: it was wrong, and nothing takes its place.
///
/// It stays readable with the reason (`includeSuperseded`), counts nowhere from
/// now on, and assessments that rest on it become stale. Where something else
/// is true instead, record a correction.
#[utoipa::path(tag = "people",
    params(
        ("id" = Uuid, Path, description = "Person"),
        ("factId" = Uuid, Path, description = "Fact", example = json!(crate::platform::examples::FACT))
    ),
    request_body = FactWithdrawalBody, responses((status = 200, body = FactView, description = "The fact, withdrawn")))]
#[post("/people/{id}/facts/{factId}/withdrawal")]
async fn withdraw_person_fact(
    permit: Permit<WithdrawPersonFact>,
    path: PathId<(Uuid, Uuid)>,
    body: Body<FactWithdrawalBody>,
) -> Result<Reply, Problem> {
    let PathId((person, fact)) = path;
    permit
        .write(body, move |tx, body| {
            tx.touch("person_fact", [fact, person]);
            let view = withdraw(tx, person, fact, body)?;
            tx.announce("person", person, "person_fact.withdrawn", json!({ "personId": person, "factId": fact }));
            Ok(Written::changed(view))
        })
        .await
}

fn withdraw(tx: &mut Tx, person: Uuid, id: Uuid, body: &FactWithdrawalBody) -> Result<FactView, Problem> {
    if let Some(view) = withdraw_facts(tx, person, &[id], body.effective_on, body.reason.as_str())?.pop() {
        return Ok(view);
    }
    let fact = person_facts::table
        .filter(own(tx, person_facts::tenant_id))
        .filter(person_facts::person_id.eq(person))
        .filter(person_facts::id.eq(id));
    let known: i64 = fact.count().get_result(tx.conn)?;
    Err(if known == 0 { catalogue::NOT_FOUND.problem() } else { catalogue::ALREADY_SUPERSEDED.problem() })
}

/// Withdraws those of some facts that nothing has replaced or taken back yet, today unless another day is given.
///
/// # Errors
/// When the store fails.
pub(super) fn withdraw_facts(
    tx: &mut Tx,
    person: Uuid,
    ids: &[Uuid],
    on: Option<Day>,
    reason: &str,
) -> Result<Vec<FactView>, Problem> {
    let withdrawn_on = match on {
        Some(day) => day,
        None => Day::try_from(tx.today()).map_err(|error| catalogue::INTERNAL.problem().because(error))?,
    };
    let facts = person_facts::table
        .filter(own(tx, person_facts::tenant_id))
        .filter(person_facts::person_id.eq(person))
        .filter(person_facts::id.eq_any(ids))
        .filter(person_facts::superseded_at.is_null());
    Ok(diesel::update(facts)
        .set((
            person_facts::superseded_at.eq(tx.now()),
            person_facts::withdrawn_on.eq(withdrawn_on),
            person_facts::withdrawal_reason.eq(reason),
        ))
        .returning(FactView::as_returning())
        .get_results(tx.conn)?)
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(withdraw_person_fact);
}
