//! Applications of candidates and their history.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::dsl::{auto_type, exists};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::decisions::{Basis, Decision, WithdrawalReason};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateApplication, GetApplication, ListApplicationEvents, ListApplications};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::types::{DatePrecision, Day, LongText, text_enum};
use crate::programmes::facts::expect_open;
use crate::schema::{application_events, applications, participations};

text_enum! {
    /// Where an application stands.
    pub enum ApplicationState {
        /// Received, not decided.
        Applied = "applied",
        /// Gets a place.
        Selected = "selected",
        /// Waits for a place.
        Reserve = "reserve",
        /// Gets no place.
        Rejected = "rejected",
        /// Taken back before a place was given.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// How an application came in.
    pub enum Channel {
        /// At the office.
        Counter = "counter",
        /// Through the labour office.
        LabourOffice = "labourOffice",
        /// Through a social worker.
        SocialWorker = "socialWorker",
        /// Electronically.
        Electronic = "electronic",
        /// By post.
        Post = "post",
        /// Otherwise.
        Other = "other",
    }
}

/// An application of a person to an edition.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = applications)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "editionId": crate::platform::examples::RECRUITING_EDITION,
    "personId": crate::platform::examples::NEWCOMER,
    "receivedOn": "2026-05-11",
    "channel": "counter"
}))]
pub struct ApplicationBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Edition applied to.
    pub edition_id: Uuid,
    /// Who applies.
    pub person_id: Uuid,
    /// Day of receipt.
    pub received_on: Day,
    /// How exactly the day is known.
    #[serde(default)]
    pub received_precision: DatePrecision,
    /// How it came in.
    pub channel: Option<Channel>,
}

/// An application and where it stands.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = applications)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationView {
    /// Id.
    pub id: Uuid,
    /// Edition applied to.
    pub edition_id: Uuid,
    /// Who applies.
    pub person_id: Uuid,
    /// Day of receipt.
    pub received_on: Day,
    /// How exactly the day is known.
    pub received_precision: DatePrecision,
    /// How it came in.
    pub channel: Option<Channel>,
    /// Where it stands.
    pub state: ApplicationState,
    /// Latest decision; it stays when the application is withdrawn.
    pub decision: Option<Decision>,
    /// Day from which the decision holds.
    pub decided_on: Option<Day>,
    /// Position on the reserve list.
    #[schema(minimum = 1, maximum = 100_000)]
    pub reserve_position: Option<i32>,
    /// Day of the withdrawal.
    pub withdrawn_on: Option<Day>,
    /// Why it was withdrawn.
    pub withdrawal_reason: Option<WithdrawalReason>,
    /// Whether a participation came of it, running or ended.
    #[diesel(select_expression = placed())]
    pub placed: bool,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for ApplicationView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

#[auto_type]
fn placed() -> _ {
    exists(
        participations::table
            .filter(participations::tenant_id.eq(applications::tenant_id))
            .filter(participations::application_id.eq(applications::id.nullable())),
    )
}

text_enum! {
    /// A step of an application.
    pub enum ApplicationStep {
        /// Received.
        Applied = "applied",
        /// Given a place.
        Selected = "selected",
        /// Put on the reserve list.
        Reserve = "reserve",
        /// Given no place.
        Rejected = "rejected",
        /// Taken back.
        Withdrawn = "withdrawn",
    }
}

/// A step of an application.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = application_events)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationEventView {
    /// Id.
    pub id: Uuid,
    /// What happened.
    pub kind: ApplicationStep,
    /// Day from which it holds.
    pub effective_on: Day,
    /// Basis of a decision.
    pub basis: Option<Basis>,
    /// Assessment of eligibility that a decision rests on.
    pub assessment_id: Option<Uuid>,
    /// Reason of a decision, or the word of the reason of a withdrawal.
    pub reason: Option<LongText>,
    /// Remarks.
    pub note: Option<LongText>,
    /// Position on the reserve list that a decision gave.
    #[schema(minimum = 1, maximum = 100_000)]
    pub reserve_position: Option<i32>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Client that recorded it.
    pub recorded_by: Uuid,
}

/// Filters of applications.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ApplicationFilter {
    /// Only applications to this edition.
    pub edition_id: Option<Uuid>,
    /// Only applications of this person.
    pub person_id: Option<Uuid>,
    /// Only applications that stand so.
    #[param(inline)]
    pub state: Option<ApplicationState>,
}

/// A step to be appended to the history.
#[derive(Debug, Insertable)]
#[diesel(table_name = application_events)]
pub(super) struct NewStep<'a> {
    pub application_id: Uuid,
    pub kind: ApplicationStep,
    pub effective_on: Day,
    pub basis: Option<Basis>,
    pub assessment_id: Option<Uuid>,
    pub reason: Option<&'a str>,
    pub note: Option<&'a str>,
    pub reserve_position: Option<i32>,
}

/// Records that a person applied to an edition.
///
/// A person has one application per edition; what happens to it is decided by `decide_application`.
#[utoipa::path(tag = "applications", request_body = ApplicationBody, responses((status = 201, body = ApplicationView, description = "The application")))]
#[post("/applications")]
async fn create_application(permit: Permit<CreateApplication>, body: Body<ApplicationBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("application", [id]);
            tx.expect_past(body.received_on, "/receivedOn")?;
            expect_open(tx, body.edition_id, body.received_on, "/receivedOn")?;
            insert_application(tx, id, body)?;
            tx.announce(
                "application",
                id,
                "application.received",
                json!({ "applicationId": id, "editionId": body.edition_id, "receivedOn": body.received_on }),
            );
            Ok(Written::created(format!("/applications/{id}"), get_view(tx, id)?))
        })
        .await
}

/// Lists applications.
#[utoipa::path(tag = "applications", params(ApplicationFilter, PageQuery),
    responses((status = 200, body = Page<ApplicationView>, description = "A page of applications")))]
#[get("/applications")]
async fn list_applications(permit: Permit<ListApplications>, filter: Filter<ApplicationFilter>) -> Result<Reply, Problem> {
    permit.list(|application: &ApplicationView| application.id, move |tx, window| select_page(tx, window, filter.0)).await
}

/// Reads an application.
#[utoipa::path(tag = "applications", params(("id" = Uuid, Path, description = "Application")),
    responses((status = 200, body = ApplicationView, description = "The application")))]
#[get("/applications/{id}")]
async fn get_application(permit: Permit<GetApplication>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| get_view(tx, id.0)).await
}

/// Lists the steps of an application.
///
/// The history keeps every decision, also those that a later one replaced.
#[utoipa::path(tag = "applications", params(("id" = Uuid, Path, description = "Application"), PageQuery),
    responses((status = 200, body = Page<ApplicationEventView>, description = "A page of its history")))]
#[get("/applications/{id}/events")]
async fn list_application_events(permit: Permit<ListApplicationEvents>, id: PathId) -> Result<Reply, Problem> {
    permit
        .list(
            |event: &ApplicationEventView| event.id,
            move |tx, window| {
                get_view(tx, id.0)?;
                Ok(application_events::table
                    .filter(own(tx, application_events::tenant_id))
                    .filter(application_events::application_id.eq(id.0))
                    .filter(application_events::id.gt(window.after))
                    .order(application_events::id)
                    .limit(window.rows())
                    .select(ApplicationEventView::as_select())
                    .load(tx.conn)?)
            },
        )
        .await
}

fn insert_application(tx: &mut Tx, id: Uuid, body: &ApplicationBody) -> Result<(), Problem> {
    diesel::insert_into(applications::table)
        .values((body, applications::id.eq(id), applications::state.eq(ApplicationState::Applied)))
        .execute(tx.conn)?;
    append_step(
        tx,
        &NewStep {
            application_id: id,
            kind: ApplicationStep::Applied,
            effective_on: body.received_on,
            basis: None,
            assessment_id: None,
            reason: None,
            note: None,
            reserve_position: None,
        },
    )
}

pub(super) fn append_step(tx: &mut Tx, step: &NewStep) -> Result<(), Problem> {
    let id = tx.id_or_new(None);
    diesel::insert_into(application_events::table).values((step, application_events::id.eq(id))).execute(tx.conn)?;
    Ok(())
}

pub(super) fn get_view(tx: &mut Tx, id: Uuid) -> Result<ApplicationView, Problem> {
    Ok(applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::id.eq(id))
        .select(ApplicationView::as_select())
        .first(tx.conn)?)
}

fn select_page(tx: &mut Tx, window: Window, filter: ApplicationFilter) -> Result<Vec<ApplicationView>, Problem> {
    let mut query =
        applications::table.filter(own(tx, applications::tenant_id)).filter(applications::id.gt(window.after)).into_boxed();
    if let Some(edition) = filter.edition_id {
        query = query.filter(applications::edition_id.eq(edition));
    }
    if let Some(person) = filter.person_id {
        query = query.filter(applications::person_id.eq(person));
    }
    if let Some(state) = filter.state {
        query = query.filter(applications::state.eq(state));
    }
    Ok(query.order(applications::id).limit(window.rows()).select(ApplicationView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_application).service(list_applications).service(get_application).service(list_application_events);
}
