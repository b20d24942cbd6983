//! Points that a worker gives by a criterion that no fact decides.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::inputs::GivenPoints;
use super::rules::ScoringSource;
use super::scoring_rules::current_rules;
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery};
use crate::platform::permit::Permit;
use crate::platform::policy::{GiveManualPoints, ListManualPoints};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Code, Day, Points};
use crate::recruitment::applications::{ApplicationStep, get_view};
use crate::recruitment::decisions::lock_application;
use crate::recruitment::steps::check_order;
use crate::recruitment::{NOT_MANUAL, Reason, TOO_MANY_POINTS};
use crate::schema::manual_points;

/// Points by a manual criterion.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = manual_points)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "criterion": "motivation", "points": "3.5", "reason": "Rozmowa: chce wrócić do pracy", "givenOn": "2026-06-12" }))]
pub struct ManualPointsBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Code of a manual criterion of the scoring rules that hold.
    pub criterion: Code,
    /// Points, up to those of the criterion.
    pub points: Points,
    /// Why; no names.
    pub reason: Reason,
    /// Day on which they were given.
    pub given_on: Day,
}

impl From<GivenPoints> for ManualPointsBody {
    fn from(given: GivenPoints) -> Self {
        let GivenPoints { criterion, points, reason, given_on } = given;
        Self { id: None, criterion, points, reason, given_on }
    }
}

/// Points by a manual criterion.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = manual_points)]
#[serde(rename_all = "camelCase")]
pub struct ManualPointsView {
    /// Id.
    pub id: Uuid,
    /// The application.
    pub application_id: Uuid,
    /// Code of the criterion.
    pub criterion: Code,
    /// Points.
    pub points: Points,
    /// Why.
    pub reason: Reason,
    /// Day on which they were given.
    pub given_on: Day,
    /// When a later entry by the same criterion took its place.
    pub superseded_at: Option<DateTime<Utc>>,
    /// When they were recorded.
    pub recorded_at: DateTime<Utc>,
    /// Client that recorded them.
    pub recorded_by: Uuid,
}

impl View for ManualPointsView {}

/// Gives an application points by a manual criterion.
///
/// A later entry by the same criterion takes the place of the earlier one, which
/// stays readable. A ranking counts what was given up to its day.
#[utoipa::path(tag = "applications", request_body = ManualPointsBody, params(("id" = Uuid, Path, description = "Application")),
    responses((status = 201, body = ManualPointsView, description = "The points")))]
#[post("/applications/{id}/manual-points")]
async fn give_manual_points(
    permit: Permit<GiveManualPoints>,
    application: PathId,
    body: Body<ManualPointsBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("manual_points", [id, application.0]);
            let view = give(tx, id, application.0, body)?;
            Ok(Written::created(format!("/applications/{}/manual-points", application.0), view))
        })
        .await
}

/// Lists the points that workers gave an application, also those that later ones replaced.
#[utoipa::path(tag = "applications", params(("id" = Uuid, Path, description = "Application"), PageQuery),
    responses((status = 200, body = Page<ManualPointsView>, description = "A page of points")))]
#[get("/applications/{id}/manual-points")]
async fn list_manual_points(permit: Permit<ListManualPoints>, application: PathId) -> Result<Reply, Problem> {
    permit
        .list(
            |points: &ManualPointsView| points.id,
            move |tx, window| {
                get_view(tx, application.0)?;
                Ok(manual_points::table
                    .filter(own(tx, manual_points::tenant_id))
                    .filter(manual_points::application_id.eq(application.0))
                    .filter(manual_points::id.gt(window.after))
                    .order(manual_points::id)
                    .limit(window.rows())
                    .select(ManualPointsView::as_select())
                    .load(tx.conn)?)
            },
        )
        .await
}

fn give(tx: &mut Tx, id: Uuid, application: Uuid, body: &ManualPointsBody) -> Result<ManualPointsView, Problem> {
    let standing = lock_application(tx, application)?;
    // Points are noted as documents are: until the application is withdrawn.
    check_order(standing.state, false, ApplicationStep::Documents)?;
    tx.expect_past(body.given_on, "/givenOn")?;
    let rules = current_rules(tx, standing.edition_id)?;
    let criterion = rules.as_ref().and_then(|rules| rules.content.0.criterion(&body.criterion));
    let Some(criterion) = criterion.filter(|criterion| criterion.source == ScoringSource::Manual) else {
        return Err(NOT_MANUAL.at("/criterion"));
    };
    if body.points > criterion.points {
        return Err(TOO_MANY_POINTS.at("/points").with("most", criterion.points.to_string()));
    }
    replace(tx, id, application, body)
}

/// Records points in the place of those that the same criterion gave before.
pub(super) fn replace(tx: &mut Tx, id: Uuid, application: Uuid, body: &ManualPointsBody) -> Result<ManualPointsView, Problem> {
    let same = manual_points::table
        .filter(own(tx, manual_points::tenant_id))
        .filter(manual_points::application_id.eq(application))
        .filter(manual_points::criterion.eq(&body.criterion))
        .filter(manual_points::superseded_at.is_null());
    diesel::update(same).set(manual_points::superseded_at.eq(tx.now())).execute(tx.conn)?;
    Ok(diesel::insert_into(manual_points::table)
        .values((body, manual_points::id.eq(id), manual_points::application_id.eq(application)))
        .returning(ManualPointsView::as_returning())
        .get_result(tx.conn)?)
}

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(give_manual_points).service(list_manual_points);
}
