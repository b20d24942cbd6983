//! Drafts: a report drawn up from the figures as they stand.

use actix_web::post;
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::composing::{Cover, compose};
use super::document::{Replaced, TextLine};
use super::views::{ReportBody, ReportState, ReportView};
use super::{DRAFT_OPEN, REPLACEMENT_INCOMPLETE, REPORT_EXISTS, REPORT_NOT_IN_FORCE};
use crate::platform::body::Body;
use crate::platform::db::{Tx, own};
use crate::platform::hint::Hint;
use crate::platform::past::AsOfFilter;
use crate::platform::permit::Permit;
use crate::platform::policy::CreateReport;
use crate::platform::problem::{Definition, Problem, catalogue};
use crate::platform::reply::{Reply, Written, to_json};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::LongText;
use crate::programmes::facts::lock_edition;
use crate::schema::reports;

/// Draws up the final report of an edition from the figures of this moment, or as they were known at another (`asOf`).
///
/// The draft is kept as it is: figures with the links that open their records, plan beside what came of it, charts with
/// their data, events, warnings, reasons of admissions over a rule, and notes. It names nobody. An edition has one open
/// draft; where a report is approved already, the new one replaces it and says why.
#[utoipa::path(tag = "reports", request_body = ReportBody,
    responses((status = 201, body = ReportView, description = "The draft")))]
#[post("/reports")]
async fn create_report(permit: Permit<CreateReport>, body: Body<ReportBody>) -> Result<Reply, Problem> {
    // What was known at a past moment does not change any more; the figures of this one are read in one.
    let permit = if body.value.as_of.is_some() { permit } else { permit.seeing_one_moment() };
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("report", [id]);
            lock_edition(tx, body.edition_id).map_err(|problem| unknown_at(problem, "/editionId"))?;
            let earlier = reports_of(tx, body.edition_id)?;
            let replaces = replaced(&earlier, body)?;
            let number = earlier.iter().map(|one| one.number).max().unwrap_or_default() + 1;
            let notes = body
                .notes
                .iter()
                .map(|note| TextLine { heading: note.heading.as_str().to_owned(), text: note.text.as_str().to_owned() });
            let cover = Cover { id, number, replaces, notes: notes.collect() };
            let as_of = AsOfFilter { as_of: body.as_of };
            let document = compose(tx, body.edition_id, as_of, cover).map_err(|problem| refused_at(problem, "/asOf"))?;
            let view: ReportView = diesel::insert_into(reports::table)
                .values((
                    reports::id.eq(id),
                    reports::edition_id.eq(body.edition_id),
                    reports::number.eq(number),
                    reports::replaces_id.eq(body.replaces_id),
                    reports::replacement_reason.eq(&body.replacement_reason),
                    reports::state.eq(ReportState::Draft),
                    reports::as_of.eq(document.as_of),
                    reports::document.eq(to_json(&document)?),
                ))
                .returning(ReportView::as_returning())
                .get_result(tx.conn)?;
            announce(tx, "report.drafted", &view);
            Ok(Written::created(format!("/reports/{id}"), view))
        })
        .await
}

fn reports_of(tx: &mut Tx, edition: Uuid) -> Result<Vec<ReportView>, Problem> {
    Ok(reports::table
        .filter(own(tx, reports::tenant_id))
        .filter(reports::edition_id.eq(edition))
        .order(reports::number)
        .select(ReportView::as_select())
        .load(tx.conn)?)
}

/// What the new report replaces: the one in force, and nothing where there is none.
fn replaced(earlier: &[ReportView], body: &ReportBody) -> Result<Option<Replaced>, Problem> {
    if let Some(open) = earlier.iter().find(|one| one.state == ReportState::Draft) {
        return Err(DRAFT_OPEN.at("/editionId").with("reportId", open.id.to_string()));
    }
    let in_force = earlier.iter().rfind(|one| one.state == ReportState::Approved);
    match (in_force, body.replaces_id, &body.replacement_reason) {
        (_, Some(_), None) => Err(REPLACEMENT_INCOMPLETE.at("/replacementReason")),
        (_, None, Some(_)) => Err(REPLACEMENT_INCOMPLETE.at("/replacesId")),
        (None, None, None) => Ok(None),
        (Some(report), None, None) => Err(REPORT_EXISTS.at("/replacesId").with("reportId", report.id.to_string())),
        (Some(report), Some(id), Some(reason)) if report.id == id => Ok(Some(of(report, reason))),
        // An id that is none of this edition's is told like one that nobody has.
        (_, Some(id), _) if !earlier.iter().any(|one| one.id == id) => Err(catalogue::REFERENCE_NOT_FOUND.at("/replacesId")),
        (_, Some(_), Some(_)) => Err(REPORT_NOT_IN_FORCE.at("/replacesId")),
    }
}

fn of(report: &ReportView, reason: &LongText) -> Replaced {
    Replaced { id: report.id, number: report.number, reason: reason.as_str().to_owned() }
}

/// A record that a body refers to and that is not there is a fault of the body.
fn unknown_at(problem: Problem, pointer: &'static str) -> Problem {
    if std::ptr::eq(problem.definition, &raw const catalogue::NOT_FOUND) {
        catalogue::REFERENCE_NOT_FOUND.at(pointer)
    } else {
        problem
    }
}

/// A moment that cannot be asked about, or that lies before the edition, is a fault of the body.
fn refused_at(problem: Problem, pointer: &'static str) -> Problem {
    let is = |definition: &'static Definition| std::ptr::eq(problem.definition, definition);
    let hint = if is(&catalogue::NOT_FOUND) {
        Some(Hint::new("edycji jeszcze wtedy nie zapisano", "the edition had not been recorded by then"))
    } else if is(&catalogue::INVALID_PARAMETER) {
        problem.fields.into_iter().find_map(|field| field.hint)
    } else {
        return problem;
    };
    catalogue::INVALID_BODY.problem().and(pointer, &catalogue::INVALID_FIELD, hint)
}

/// Tells other systems.
pub(super) fn announce(tx: &mut Tx, kind: &'static str, report: &ReportView) {
    let data = json!({
        "reportId": report.id, "editionId": report.edition_id, "number": report.number, "replacesId": report.replaces_id,
    });
    tx.announce("report", report.id, kind, data);
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_report);
}
