//! Drafts: a month settled for the first time, or corrected.

use actix_web::post;
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::reckoning::{is_nothing, reckon};
use super::register::{Scope, priced_entries};
use super::store::{Draft, chain, counted_lines, find_settlement, insert_draft};
use super::views::{SettlementBody, SettlementCorrectionBody, SettlementState, SettlementView};
use crate::participation::{
    NOTHING_TO_CORRECT, SETTLEMENT_DRAFT_OPEN, SETTLEMENT_EXISTS, SETTLEMENT_NOT_APPROVED, SETTLEMENT_SCOPE,
};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::permit::Permit;
use crate::platform::policy::{CorrectSettlement, CreateSettlement};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::Day;
use crate::programmes::benefit_rates::lock_benefit_rates;
use crate::schema::{editions, settlements};

/// Settles a month: makes a draft from the register as it stands.
///
/// Each person has a line for each rate of the month: the rate follows the day
/// of the work, so a month in which the minimum or the agreed rate changes has
/// two. Nothing is settled twice: a month that is settled for a whole agreement
/// is not settled for one of its editions besides. Work on a day without a
/// rate, or at one below the minimum of that day, is refused by name of the day.
#[utoipa::path(tag = "settlements", request_body = SettlementBody,
    responses((status = 201, body = SettlementView, description = "The draft")))]
#[post("/settlements")]
async fn create_settlement(permit: Permit<CreateSettlement>, body: Body<SettlementBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("settlement", [id]);
            let first = Day::try_from(body.month.first_day()).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
            tx.expect_past(first, "/month")?;
            let (scope, pointer) = scope_of(tx, body)?;
            let rates = lock_benefit_rates(tx, scope.agreement).map_err(|problem| unknown_at(problem, pointer))?;
            refuse_second(tx, scope)?;
            let lines = reckon(&priced_entries(tx, scope, &rates)?, &[])?;
            let draft = Draft { id, scope, number: 1, corrects: None, lines: &lines };
            let view = insert_draft(tx, &draft)?;
            announce(tx, "settlement.drafted", &view);
            Ok(Written::created(format!("/settlements/{id}"), view))
        })
        .await
}

/// Corrects an approved settlement: drafts what differs since then.
///
/// The draft holds, for each person and rate, what should be settled now less
/// what was approved before; numbers below zero are taken back. Give the id of
/// the settlement or of any of its corrections.
#[utoipa::path(tag = "settlements", request_body = SettlementCorrectionBody, params(("id" = Uuid, Path, description = "Settlement")),
    responses((status = 201, body = SettlementView, description = "The draft of the correction")))]
#[post("/settlements/{id}/corrections")]
async fn correct_settlement(
    permit: Permit<CorrectSettlement>,
    id: PathId,
    body: Body<SettlementCorrectionBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let new_id = tx.id_or_new(body.id);
            tx.touch("settlement", [id.0, new_id]);
            let settled = find_settlement(tx, id.0)?;
            let scope = settled.scope();
            let rates = lock_benefit_rates(tx, scope.agreement)?;
            // Only under the lock it is certain what was approved.
            let chain = chain(tx, settled.base())?;
            expect_correctable(&chain)?;
            let lines = reckon(&priced_entries(tx, scope, &rates)?, &counted_lines(tx, &approved(&chain))?)?;
            if is_nothing(&lines) {
                return Err(NOTHING_TO_CORRECT.problem());
            }
            let number = chain.iter().map(|one| one.number).max().unwrap_or_default() + 1;
            let draft = Draft { id: new_id, scope, number, corrects: Some((settled.base(), &body.reason)), lines: &lines };
            let view = insert_draft(tx, &draft)?;
            announce(tx, "settlement.correction_drafted", &view);
            Ok(Written::created(format!("/settlements/{new_id}"), view))
        })
        .await
}

/// The settlements of a chain that were approved.
pub(super) fn approved(chain: &[SettlementView]) -> Vec<Uuid> {
    chain.iter().filter(|one| one.state == SettlementState::Approved).map(|one| one.id).collect()
}

fn expect_correctable(chain: &[SettlementView]) -> Result<(), Problem> {
    if let Some(open) = chain.iter().find(|one| one.state == SettlementState::Draft) {
        let definition = if open.number == 1 { &SETTLEMENT_NOT_APPROVED } else { &SETTLEMENT_DRAFT_OPEN };
        return Err(definition.problem().with("settlementId", open.id.to_string()));
    }
    let first = chain.first().is_some_and(|first| first.state == SettlementState::Approved);
    if first { Ok(()) } else { Err(SETTLEMENT_NOT_APPROVED.problem()) }
}

/// What is to be settled, and where the body says so.
fn scope_of(tx: &mut Tx, body: &SettlementBody) -> Result<(Scope, &'static str), Problem> {
    let scope = |agreement, edition| Scope { agreement, edition, month: body.month, approved_only: body.approved_only };
    match (body.agreement_id, body.edition_id) {
        (Some(agreement), None) => Ok((scope(agreement, None), "/agreementId")),
        (None, Some(edition)) => {
            let agreement: Option<Uuid> = editions::table
                .filter(own(tx, editions::tenant_id))
                .filter(editions::id.eq(edition))
                .select(editions::agreement_id)
                .first(tx.conn)
                .optional()?;
            let agreement = agreement.ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at("/editionId"))?;
            Ok((scope(agreement, Some(edition)), "/editionId"))
        }
        (Some(_), Some(_)) => Err(SETTLEMENT_SCOPE.at("/editionId")),
        (None, None) => Err(SETTLEMENT_SCOPE.at("/agreementId")),
    }
}

/// A record that a body refers to and that is not there is a fault of the body.
fn unknown_at(problem: Problem, pointer: &'static str) -> Problem {
    if std::ptr::eq(problem.definition, &raw const catalogue::NOT_FOUND) {
        catalogue::REFERENCE_NOT_FOUND.at(pointer)
    } else {
        problem
    }
}

/// Refuses what would settle entries twice; the lock on the agreement keeps others from doing so at the same moment.
fn refuse_second(tx: &mut Tx, scope: Scope) -> Result<(), Problem> {
    let mut query = settlements::table
        .filter(own(tx, settlements::tenant_id))
        .filter(settlements::agreement_id.eq(scope.agreement))
        .filter(settlements::month_on.eq(scope.month))
        .filter(settlements::corrects_id.is_null())
        .filter(settlements::state.ne(SettlementState::Withdrawn))
        .into_boxed();
    if let Some(edition) = scope.edition {
        query = query.filter(settlements::edition_id.is_null().or(settlements::edition_id.eq(edition)));
    }
    let earlier: Option<Uuid> = query.order(settlements::id).select(settlements::id).first(tx.conn).optional()?;
    match earlier {
        None => Ok(()),
        Some(earlier) => Err(SETTLEMENT_EXISTS.at("/month").with("settlementId", earlier.to_string())),
    }
}

/// Tells other systems.
pub(super) fn announce(tx: &mut Tx, kind: &'static str, settlement: &SettlementView) {
    let data = json!({
        "settlementId": settlement.id, "agreementId": settlement.agreement_id, "editionId": settlement.edition_id,
        "month": settlement.month, "correctsId": settlement.corrects_id,
    });
    tx.announce("settlement", settlement.base(), kind, data);
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_settlement).service(correct_settlement);
}
