//! Follow-up answers on whether somebody works: they tell a known "no" from "nobody asked".

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::CHECK_BEFORE_WINDOW;
use super::employment_spells::EmploymentSource;
use super::subjects::{Subject, get_subject};
use crate::platform::body::{Body, Filter};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListEmploymentChecks, RecordEmploymentCheck};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, text_enum};
use crate::schema::employment_checks;

text_enum! {
    /// Which time a check asks about.
    pub enum CheckWindow {
        /// While taking part.
        During = "during",
        /// Within 4 weeks after the participation.
        Within4Weeks = "within4Weeks",
        /// Within 3 months after the participation.
        Within3Months = "within3Months",
        /// Within 6 months after the participation.
        Within6Months = "within6Months",
    }
}

text_enum! {
    /// What a check found.
    pub enum CheckResult {
        /// The person works or worked.
        Employed = "employed",
        /// The person did not work.
        NotEmployed = "notEmployed",
        /// It could not be found out.
        Unknown = "unknown",
    }
}

/// A check, as recorded.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = employment_checks)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "participationId": crate::platform::examples::PARTICIPATION, "window": "during", "result": "notEmployed",
    "checkedOn": "2026-06-01", "source": "labourOffice"
}))]
pub struct EmploymentCheckBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Participation that the check is about.
    pub participation_id: Uuid,
    /// Time that it asks about.
    #[serde(rename = "window")]
    pub time_window: CheckWindow,
    /// What it found.
    pub result: CheckResult,
    /// Day of the check; not before the time that it asks about, which begins with the participation (`during`) or on its last day.
    pub checked_on: Day,
    /// Who answered.
    pub source: EmploymentSource,
}

/// A check.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = employment_checks)]
#[serde(rename_all = "camelCase")]
pub struct EmploymentCheckView {
    /// Id.
    pub id: Uuid,
    /// Edition of the participation.
    pub edition_id: Uuid,
    /// Participation that the check is about.
    pub participation_id: Uuid,
    /// Time that it asks about.
    #[serde(rename = "window")]
    pub time_window: CheckWindow,
    /// What it found.
    pub result: CheckResult,
    /// Day of the check.
    pub checked_on: Day,
    /// Who answered.
    pub source: EmploymentSource,
}

impl View for EmploymentCheckView {}

/// Which checks to list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct EmploymentCheckFilter {
    /// Checks of this edition.
    pub edition_id: Option<Uuid>,
    /// Checks of this participation.
    pub participation_id: Option<Uuid>,
}

/// Records an answer on whether a participant works.
///
/// The newest check of a window counts, so a wrong one is put right by another.
#[utoipa::path(tag = "employment-checks", request_body = EmploymentCheckBody,
    responses((status = 201, body = EmploymentCheckView, description = "The check")))]
#[post("/employment-checks")]
async fn record_employment_check(
    permit: Permit<RecordEmploymentCheck>,
    body: Body<EmploymentCheckBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("employment_check", [id]);
            tx.expect_past(body.checked_on, "/checkedOn")?;
            let subject = get_subject(tx, body.participation_id)?;
            expect_begun(&subject, body)?;
            let view = insert_employment_check(tx, id, subject.edition_id, body)?;
            Ok(Written::created(format!("/employment-checks?participationId={}", body.participation_id), view))
        })
        .await
}

/// Lists the checks.
#[utoipa::path(tag = "employment-checks", params(EmploymentCheckFilter, PageQuery),
    responses((status = 200, body = Page<EmploymentCheckView>, description = "A page of checks")))]
#[get("/employment-checks")]
async fn list_employment_checks(
    permit: Permit<ListEmploymentChecks>,
    filter: Filter<EmploymentCheckFilter>,
) -> Result<Reply, Problem> {
    permit.list(|check: &EmploymentCheckView| check.id, move |tx, window| select_employment_checks(tx, window, &filter.0)).await
}

/// Refuses an answer about a time that had not begun when it was given.
fn expect_begun(subject: &Subject, body: &EmploymentCheckBody) -> Result<(), Problem> {
    let from = match body.time_window {
        CheckWindow::During => subject.starts_on,
        _ => subject.ended_on.unwrap_or(subject.planned_end_on),
    };
    if body.checked_on.date() >= from {
        return Ok(());
    }
    Err(CHECK_BEFORE_WINDOW.at("/checkedOn").with("from", from.to_string()))
}

fn insert_employment_check(
    tx: &mut Tx,
    id: Uuid,
    edition: Uuid,
    body: &EmploymentCheckBody,
) -> Result<EmploymentCheckView, Problem> {
    Ok(diesel::insert_into(employment_checks::table)
        .values((body, employment_checks::id.eq(id), employment_checks::edition_id.eq(edition)))
        .returning(EmploymentCheckView::as_returning())
        .get_result(tx.conn)?)
}

fn select_employment_checks(
    tx: &mut Tx,
    window: Window,
    filter: &EmploymentCheckFilter,
) -> Result<Vec<EmploymentCheckView>, Problem> {
    let mut query = employment_checks::table
        .filter(own(tx, employment_checks::tenant_id))
        .filter(employment_checks::id.gt(window.after))
        .into_boxed();
    if let Some(edition) = filter.edition_id {
        query = query.filter(employment_checks::edition_id.eq(edition));
    }
    if let Some(participation) = filter.participation_id {
        query = query.filter(employment_checks::participation_id.eq(participation));
    }
    Ok(query.order(employment_checks::id).limit(window.rows()).select(EmploymentCheckView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_employment_check).service(list_employment_checks);
}
