//! What the labour office decided after the programme (art. 62b(2)).

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::DECISION_BEFORE_PARTICIPATION;
use super::subjects::{get_subject, latest, supersede};
use crate::platform::body::{Body, Filter};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListPostDecisions, RecordPostDecision};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText, text_enum};
use crate::schema::post_decisions;

text_enum! {
    /// What the labour office does after the programme.
    ///
    /// Source: art. 62b(2) of the Act of 20 April 2004.
    pub enum PostDecisionKind {
        /// Refers to the programme again.
        Repeat = "repeat",
        /// Refers to supported employment (Polish: zatrudnienie wspierane).
        SupportedEmployment = "supportedEmployment",
        /// Refers to a social co-operative founded by legal persons.
        SocialCooperative = "socialCooperative",
        /// Sets the profile of help anew and adapts the individual plan (Polish: IPD).
        ReprofileIpd = "reprofileIpd",
        /// Anything else.
        Other = "other",
        /// Nothing.
        None = "none",
    }
}

/// A decision after the programme, as recorded or replaced.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = post_decisions)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "participationId": crate::platform::examples::PARTICIPATION, "kind": "repeat", "decidedOn": "2026-06-12"
}))]
pub struct PostDecisionBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Participation after which it was decided.
    pub participation_id: Uuid,
    /// What was decided.
    pub kind: PostDecisionKind,
    /// Day of the decision, not before the first day of the participation.
    pub decided_on: Day,
    /// Remarks; no personal data.
    pub note: Option<LongText>,
    /// Decision that this one replaces.
    pub supersedes_id: Option<Uuid>,
}

/// A decision after the programme.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = post_decisions)]
#[serde(rename_all = "camelCase")]
pub struct PostDecisionView {
    /// Id.
    pub id: Uuid,
    /// Edition of the participation.
    pub edition_id: Uuid,
    /// Participation after which it was decided.
    pub participation_id: Uuid,
    /// What was decided.
    pub kind: PostDecisionKind,
    /// Day of the decision.
    pub decided_on: Day,
    /// Remarks.
    pub note: Option<LongText>,
    /// Decision that this one replaces.
    pub supersedes_id: Option<Uuid>,
    /// When another took its place.
    pub superseded_at: Option<chrono::DateTime<chrono::Utc>>,
}

impl View for PostDecisionView {}

/// Which decisions to list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct PostDecisionFilter {
    /// Decisions of this edition.
    pub edition_id: Option<Uuid>,
    /// Decisions of this participation.
    pub participation_id: Option<Uuid>,
    /// Also those that were replaced.
    #[serde(default)]
    pub include_superseded: bool,
}

/// Records what the labour office decided after the programme, or replaces a decision.
///
/// A participation has one current decision.
#[utoipa::path(tag = "post-decisions", request_body = PostDecisionBody,
    responses((status = 201, body = PostDecisionView, description = "The decision")))]
#[post("/post-decisions")]
async fn record_post_decision(permit: Permit<RecordPostDecision>, body: Body<PostDecisionBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let view = record_decision(tx, body)?;
            tx.touch("post_decision", body.supersedes_id.into_iter().chain([view.id]));
            Ok(Written::created(format!("/post-decisions?participationId={}", body.participation_id), view))
        })
        .await
}

/// Lists the decisions after the programme.
#[utoipa::path(tag = "post-decisions", params(PostDecisionFilter, PageQuery),
    responses((status = 200, body = Page<PostDecisionView>, description = "A page of decisions")))]
#[get("/post-decisions")]
async fn list_post_decisions(permit: Permit<ListPostDecisions>, filter: Filter<PostDecisionFilter>) -> Result<Reply, Problem> {
    permit.list(|decision: &PostDecisionView| decision.id, move |tx, window| select_post_decisions(tx, window, &filter.0)).await
}

/// Records what the labour office decided after the programme, or replaces a decision.
///
/// # Errors
/// Those of `record_post_decision`.
pub fn record_decision(tx: &mut Tx, body: &PostDecisionBody) -> Result<PostDecisionView, Problem> {
    let id = tx.id_or_new(body.id);
    let subject = get_subject(tx, body.participation_id)?;
    if body.decided_on.date() < subject.starts_on {
        return Err(DECISION_BEFORE_PARTICIPATION.at("/decidedOn").with("startsOn", subject.starts_on.to_string()));
    }
    if let Some(earlier) = body.supersedes_id {
        supersede!(tx, post_decisions, participation_id, earlier, body.participation_id);
    }
    insert_post_decision(tx, id, subject.edition_id, body)
}

/// The decision that stands in the place of one today.
///
/// # Errors
/// When the store fails.
pub fn latest_decision(tx: &mut Tx, decision: Uuid) -> Result<Uuid, Problem> {
    latest!(tx, post_decisions, decision)
}

/// The current decision after a participation with its day, held.
///
/// # Errors
/// When the store fails.
pub fn current_decision(tx: &mut Tx, participation: Uuid) -> Result<Option<(Uuid, Day)>, Problem> {
    Ok(post_decisions::table
        .filter(own(tx, post_decisions::tenant_id))
        .filter(post_decisions::participation_id.eq(participation))
        .filter(post_decisions::superseded_at.is_null())
        .select((post_decisions::id, post_decisions::decided_on))
        .for_update()
        .first(tx.conn)
        .optional()?)
}

fn insert_post_decision(tx: &mut Tx, id: Uuid, edition: Uuid, body: &PostDecisionBody) -> Result<PostDecisionView, Problem> {
    Ok(diesel::insert_into(post_decisions::table)
        .values((body, post_decisions::id.eq(id), post_decisions::edition_id.eq(edition)))
        .returning(PostDecisionView::as_returning())
        .get_result(tx.conn)?)
}

fn select_post_decisions(tx: &mut Tx, window: Window, filter: &PostDecisionFilter) -> Result<Vec<PostDecisionView>, Problem> {
    let mut query =
        post_decisions::table.filter(own(tx, post_decisions::tenant_id)).filter(post_decisions::id.gt(window.after)).into_boxed();
    if let Some(edition) = filter.edition_id {
        query = query.filter(post_decisions::edition_id.eq(edition));
    }
    if let Some(participation) = filter.participation_id {
        query = query.filter(post_decisions::participation_id.eq(participation));
    }
    if !filter.include_superseded {
        query = query.filter(post_decisions::superseded_at.is_null());
    }
    Ok(query.order(post_decisions::id).limit(window.rows()).select(PostDecisionView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_post_decision).service(list_post_decisions);
}
