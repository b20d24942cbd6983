//! The end of a draft: approved for good, or withdrawn.

use actix_web::{get, post};
use diesel::prelude::*;
use uuid::Uuid;

use super::drafting::{announce, approved};
use super::reckoning::reckon;
use super::register::priced_entries;
use super::store::{all_lines, chain, counted_lines, find_settlement};
use super::views::{
    AmountsView, SettlementApprovalBody, SettlementDocument, SettlementState, SettlementView, SettlementWithdrawalBody,
};
use crate::participation::{INVERTED, SETTLEMENT_NOT_APPROVED, SETTLEMENT_NOT_DRAFT, SETTLEMENT_OUTDATED};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::permit::Permit;
use crate::platform::policy::{ApproveSettlement, GetSettlementDocument, WithdrawSettlement};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{FileReply, Reply, Written, to_json};
use crate::platform::routes::ServiceConfig;
use crate::platform::secrets::digest_hex;
use crate::platform::types::Day;
use crate::programmes::benefit_rates::lock_benefit_rates;
use crate::schema::settlements;

/// Approves a draft: it never changes any more.
///
/// The register and the rates are looked at once more. Where they give other
/// lines than the draft has, it is refused: withdraw it and draft again.
#[utoipa::path(tag = "settlements", request_body = SettlementApprovalBody, params(("id" = Uuid, Path, description = "Settlement")),
    responses((status = 200, body = SettlementView, description = "The approved settlement")))]
#[post("/settlements/{id}/approval")]
async fn approve_settlement(
    permit: Permit<ApproveSettlement>,
    id: PathId,
    body: Body<SettlementApprovalBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("settlement", [id.0]);
            let draft = lock_draft(tx, id.0)?;
            tx.expect_past(body.effective_on, "/effectiveOn")?;
            if body.effective_on.date() < draft.month.first_day() {
                return Err(INVERTED.at("/effectiveOn"));
            }
            expect_current(tx, &draft)?;
            let document = to_json(&document_of(tx, &draft, body.effective_on)?)?;
            let view: SettlementView =
                diesel::update(settlements::table.filter(own(tx, settlements::tenant_id)).filter(settlements::id.eq(id.0)))
                    .set((
                        settlements::state.eq(SettlementState::Approved),
                        settlements::approved_on.eq(body.effective_on),
                        settlements::document_sha256.eq(digest_hex(&document)),
                        settlements::document.eq(document),
                    ))
                    .returning(SettlementView::as_returning())
                    .get_result(tx.conn)?;
            announce(tx, "settlement.approved", &view);
            Ok(Written::changed(view))
        })
        .await
}

/// Withdraws a draft, with the reason; the month can then be drafted again.
#[utoipa::path(tag = "settlements", request_body = SettlementWithdrawalBody, params(("id" = Uuid, Path, description = "Settlement")),
    responses((status = 200, body = SettlementView, description = "The withdrawn draft")))]
#[post("/settlements/{id}/withdrawal")]
async fn withdraw_settlement(
    permit: Permit<WithdrawSettlement>,
    id: PathId,
    body: Body<SettlementWithdrawalBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("settlement", [id.0]);
            lock_draft(tx, id.0)?;
            let view: SettlementView =
                diesel::update(settlements::table.filter(own(tx, settlements::tenant_id)).filter(settlements::id.eq(id.0)))
                    .set((settlements::state.eq(SettlementState::Withdrawn), settlements::withdrawal_reason.eq(&body.reason)))
                    .returning(SettlementView::as_returning())
                    .get_result(tx.conn)?;
            announce(tx, "settlement.withdrawn", &view);
            Ok(Written::changed(view))
        })
        .await
}

/// Answers the document of an approved settlement, byte by byte as it was approved.
///
/// `documentSha256` of the settlement is the SHA-256 of these bytes.
#[utoipa::path(tag = "settlements", params(("id" = Uuid, Path, description = "Settlement")),
    responses((status = 200, body = SettlementDocument, description = "The document")))]
#[get("/settlements/{id}/document")]
async fn get_settlement_document(permit: Permit<GetSettlementDocument>, id: PathId) -> Result<FileReply, Problem> {
    permit
        .read_file(move |tx| {
            let content: Option<Vec<u8>> = settlements::table
                .filter(own(tx, settlements::tenant_id))
                .filter(settlements::id.eq(id.0))
                .select(settlements::document)
                .first(tx.conn)?;
            let content = content.ok_or_else(|| SETTLEMENT_NOT_APPROVED.problem())?;
            Ok(FileReply { media: "application/json", name: format!("settlement-{}.json", id.0), content })
        })
        .await
}

/// The draft, locked; that of a caller who has seen another version is refused.
fn lock_draft(tx: &mut Tx, id: Uuid) -> Result<SettlementView, Problem> {
    // The agreement first, in the order in which drafts are made.
    let agreement = find_settlement(tx, id)?.agreement_id;
    lock_benefit_rates(tx, agreement)?;
    let settlement: SettlementView = settlements::table
        .filter(own(tx, settlements::tenant_id))
        .filter(settlements::id.eq(id))
        .select(SettlementView::as_select())
        .for_update()
        .first(tx.conn)?;
    tx.expect_version(settlement.row_version)?;
    match settlement.state {
        SettlementState::Draft => Ok(settlement),
        other => Err(SETTLEMENT_NOT_DRAFT.problem().with("state", other.as_str())),
    }
}

/// Refuses a draft that the register or the rates have overtaken.
fn expect_current(tx: &mut Tx, draft: &SettlementView) -> Result<(), Problem> {
    let scope = draft.scope();
    let rates = lock_benefit_rates(tx, scope.agreement)?;
    let before = approved(&chain(tx, draft.base())?);
    let wanted = reckon(&priced_entries(tx, scope, &rates)?, &counted_lines(tx, &before)?)?;
    let mut drafted = counted_lines(tx, &[draft.id])?;
    drafted.sort_by(|one, other| one.key.cmp(&other.key));
    if drafted == wanted { Ok(()) } else { Err(SETTLEMENT_OUTDATED.problem()) }
}

fn document_of(tx: &mut Tx, draft: &SettlementView, approved_on: Day) -> Result<SettlementDocument, Problem> {
    let lines = all_lines(tx, draft.id)?;
    if usize::try_from(draft.lines) != Ok(lines.len()) {
        return Err(catalogue::INTERNAL.problem().because("a settlement has lost lines"));
    }
    Ok(SettlementDocument {
        id: draft.id,
        agreement_id: draft.agreement_id,
        edition_id: draft.edition_id,
        month: draft.month,
        approved_only: draft.approved_only,
        number: draft.number,
        corrects_id: draft.corrects_id,
        approved_on,
        totals: AmountsView::from(draft),
        lines,
    })
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(approve_settlement).service(withdraw_settlement).service(get_settlement_document);
}
