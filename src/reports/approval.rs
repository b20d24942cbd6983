//! Approval and withdrawal of drafts.

use actix_web::post;
use diesel::prelude::*;
use uuid::Uuid;

use super::differences::differences;
use super::document::FinalReport;
use super::drafting::announce;
use super::formats::{ALL_FILES, write};
use super::reading::{find_report, read_document};
use super::views::{ReportApprovalBody, ReportState, ReportView, ReportWithdrawalBody};
use super::{EDITION_NOT_OVER, NOT_DRAFT, REPORT_OUTDATED};
use crate::platform::body::{Body, PathId};
use crate::platform::clock::{legal_day, new_id};
use crate::platform::db::{Tx, own};
use crate::platform::permit::Permit;
use crate::platform::policy::{ApproveReport, WithdrawReport};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, Written, to_json};
use crate::platform::routes::ServiceConfig;
use crate::platform::secrets::digest_hex;
use crate::platform::types::Day;
use crate::programmes::facts::{EditionFacts, lock_edition};
use crate::schema::{report_files, reports};

/// Approves a draft: the report never changes any more, and every format of it is written once and kept.
///
/// The figures are counted once more. Where they say something else than the draft, it is refused, unless
/// `evenIfChanged` says that the state of the draft is meant: see the differences of the report.
#[utoipa::path(tag = "reports", request_body = ReportApprovalBody, params(("id" = Uuid, Path, description = "Report")),
    responses((status = 200, body = ReportView, description = "The approved report")))]
#[post("/reports/{id}/approval")]
async fn approve_report(permit: Permit<ApproveReport>, id: PathId, body: Body<ReportApprovalBody>) -> Result<Reply, Problem> {
    permit
        .seeing_one_moment()
        .write(body, move |tx, body| {
            tx.touch("report", [id.0]);
            let (draft, edition) = lock_draft(tx, id.0)?;
            tx.expect_past(body.effective_on, "/effectiveOn")?;
            expect_over(&edition, &draft, body.effective_on)?;
            let mut document = read_document(tx, id.0)?;
            if !body.even_if_changed {
                expect_current(tx, &document)?;
            }
            document.approved_on = Some(body.effective_on);
            let view = keep(tx, &document, body.effective_on)?;
            announce(tx, "report.approved", &view);
            Ok(Written::changed(view))
        })
        .await
}

/// Withdraws a draft, with the reason; another can then be drawn up.
#[utoipa::path(tag = "reports", request_body = ReportWithdrawalBody, params(("id" = Uuid, Path, description = "Report")),
    responses((status = 200, body = ReportView, description = "The withdrawn draft")))]
#[post("/reports/{id}/withdrawal")]
async fn withdraw_report(permit: Permit<WithdrawReport>, id: PathId, body: Body<ReportWithdrawalBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("report", [id.0]);
            lock_draft(tx, id.0)?;
            let view: ReportView =
                diesel::update(reports::table.filter(own(tx, reports::tenant_id)).filter(reports::id.eq(id.0)))
                    .set((reports::state.eq(ReportState::Withdrawn), reports::withdrawal_reason.eq(&body.reason)))
                    .returning(ReportView::as_returning())
                    .get_result(tx.conn)?;
            announce(tx, "report.withdrawn", &view);
            Ok(Written::changed(view))
        })
        .await
}

/// The draft with its edition, both locked; that of a caller who has seen another version is refused.
fn lock_draft(tx: &mut Tx, id: Uuid) -> Result<(ReportView, EditionFacts), Problem> {
    // The edition first, in the order in which drafts are made.
    let edition = find_report(tx, id)?.edition_id;
    let edition = lock_edition(tx, edition)?;
    let report: ReportView = reports::table
        .filter(own(tx, reports::tenant_id))
        .filter(reports::id.eq(id))
        .select(ReportView::as_select())
        .for_update()
        .first(tx.conn)?;
    tx.expect_version(report.row_version)?;
    match report.state {
        ReportState::Draft => Ok((report, edition)),
        other => Err(NOT_DRAFT.problem().with("state", other.as_str())),
    }
}

/// What was drawn up or approved while the edition lasted is no final report.
fn expect_over(edition: &EditionFacts, draft: &ReportView, approved_on: Day) -> Result<(), Problem> {
    let end = edition.closed_on.map_or(edition.ends_on, |closed| closed.min(edition.ends_on));
    if approved_on < end || legal_day(draft.as_of) < end.date() {
        return Err(EDITION_NOT_OVER.at("/effectiveOn").with("endsOn", end.to_string()));
    }
    Ok(())
}

/// Refuses a draft whose figures are not those of this moment.
fn expect_current(tx: &mut Tx, document: &FinalReport) -> Result<(), Problem> {
    let changed = differences(tx, document)?.differences.len();
    if changed == 0 { Ok(()) } else { Err(REPORT_OUTDATED.problem().with("differences", changed)) }
}

/// Keeps the document and its files as they are now, for good.
fn keep(tx: &mut Tx, document: &FinalReport, approved_on: Day) -> Result<ReportView, Problem> {
    let bytes = to_json(document)?;
    let view: ReportView = diesel::update(reports::table.filter(own(tx, reports::tenant_id)).filter(reports::id.eq(document.id)))
        .set((
            reports::state.eq(ReportState::Approved),
            reports::approved_on.eq(approved_on),
            reports::document_sha256.eq(digest_hex(&bytes)),
            reports::document.eq(bytes),
        ))
        .returning(ReportView::as_returning())
        .get_result(tx.conn)?;
    for (format, dialect) in ALL_FILES {
        let content = write(document, *format, *dialect)?;
        diesel::insert_into(report_files::table)
            .values((
                report_files::id.eq(new_id(tx.now())),
                report_files::report_id.eq(document.id),
                report_files::format.eq(*format),
                report_files::dialect.eq(*dialect),
                report_files::sha256.eq(digest_hex(&content)),
                report_files::content.eq(content),
            ))
            .execute(tx.conn)?;
    }
    Ok(view)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(approve_report).service(withdraw_report);
}
