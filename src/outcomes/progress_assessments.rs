//! Progress of participants in the areas by which projects measure social effectiveness
//! (Polish: efektywność społeczna), within three months after leaving.

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::PROGRESS_BEFORE_PARTICIPATION;
use super::subjects::{get_subject, supersede};
use crate::platform::body::{Body, Filter};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListProgressAssessments, RecordProgressAssessment};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, text_enum};
use crate::schema::progress_assessments;

text_enum! {
    /// Area of social functioning.
    pub enum SocialArea {
        /// Started to learn.
        Learning = "learning",
        /// Motivation to work.
        Motivation = "motivation",
        /// Confidence and independence.
        Confidence = "confidence",
        /// Solving problems as they come.
        ProblemSolving = "problemSolving",
        /// Volunteering.
        Volunteering = "volunteering",
        /// Health.
        Health = "health",
        /// Addictions.
        Addictions = "addictions",
        /// Functioning in general, as others see it.
        Functioning = "functioning",
    }
}

text_enum! {
    /// How it changed from the start of the participation.
    pub enum SocialChange {
        /// It got better.
        Better = "better",
        /// It stayed.
        Same = "same",
        /// It got worse.
        Worse = "worse",
    }
}

text_enum! {
    /// Who or what says so.
    pub enum ProgressSource {
        /// The participant.
        Participant = "participant",
        /// The social worker.
        SocialWorker = "socialWorker",
        /// The family assistant.
        FamilyAssistant = "familyAssistant",
        /// A leader of classes.
        Facilitator = "facilitator",
        /// A certificate or another document.
        Document = "document",
    }
}

/// An assessment of an area, as recorded or replaced.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = progress_assessments)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "participationId": examples::PARTICIPATION, "area": "motivation", "change": "better", "assessedOn": "2026-06-10",
    "source": "socialWorker"
}))]
pub struct ProgressAssessmentBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Participation from whose start the change is told.
    pub participation_id: Uuid,
    /// Area.
    pub area: SocialArea,
    /// How it changed.
    pub change: SocialChange,
    /// Day of the assessment, from the first day of the participation.
    pub assessed_on: Day,
    /// Who or what says so.
    pub source: ProgressSource,
    /// Assessment that this one replaces.
    pub supersedes_id: Option<Uuid>,
}

/// An assessment of an area.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = progress_assessments)]
#[serde(rename_all = "camelCase")]
pub struct ProgressAssessmentView {
    /// Id.
    pub id: Uuid,
    /// Edition of the participation.
    pub edition_id: Uuid,
    /// Participation from whose start the change is told.
    pub participation_id: Uuid,
    /// Area.
    pub area: SocialArea,
    /// How it changed.
    pub change: SocialChange,
    /// Day of the assessment.
    pub assessed_on: Day,
    /// Who or what says so.
    pub source: ProgressSource,
    /// Assessment that this one replaces.
    pub supersedes_id: Option<Uuid>,
    /// When another took its place.
    pub superseded_at: Option<chrono::DateTime<chrono::Utc>>,
}

impl View for ProgressAssessmentView {}

/// Which assessments to list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ProgressAssessmentFilter {
    /// Assessments of this edition.
    pub edition_id: Option<Uuid>,
    /// Assessments of this participation.
    pub participation_id: Option<Uuid>,
    /// Also those that were replaced.
    #[serde(default)]
    pub include_superseded: bool,
}

/// Records how a social area of a participant changed, or replaces an assessment.
///
/// A participation has one current assessment of each area. Social effectiveness (`M-24.social_progress`) counts what
/// was assessed up to three months after leaving.
#[utoipa::path(tag = "progress-assessments", request_body = ProgressAssessmentBody,
    responses((status = 201, body = ProgressAssessmentView, description = "The assessment")))]
#[post("/progress-assessments")]
async fn record_progress_assessment(
    permit: Permit<RecordProgressAssessment>,
    body: Body<ProgressAssessmentBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("progress_assessment", body.supersedes_id.into_iter().chain([id]));
            tx.expect_past(body.assessed_on, "/assessedOn")?;
            let subject = get_subject(tx, body.participation_id)?;
            if body.assessed_on.date() < subject.starts_on {
                return Err(PROGRESS_BEFORE_PARTICIPATION.at("/assessedOn").with("startsOn", subject.starts_on.to_string()));
            }
            if let Some(earlier) = body.supersedes_id {
                supersede!(tx, progress_assessments, participation_id, earlier, body.participation_id);
            }
            let view = insert_progress_assessment(tx, id, subject.edition_id, body)?;
            Ok(Written::created(format!("/progress-assessments?participationId={}", body.participation_id), view))
        })
        .await
}

/// Lists the assessments of social areas.
#[utoipa::path(tag = "progress-assessments", params(ProgressAssessmentFilter, PageQuery),
    responses((status = 200, body = Page<ProgressAssessmentView>, description = "A page of assessments")))]
#[get("/progress-assessments")]
async fn list_progress_assessments(
    permit: Permit<ListProgressAssessments>,
    filter: Filter<ProgressAssessmentFilter>,
) -> Result<Reply, Problem> {
    permit.list(|progress: &ProgressAssessmentView| progress.id, move |tx, window| select_progress(tx, window, &filter.0)).await
}

fn insert_progress_assessment(
    tx: &mut Tx,
    id: Uuid,
    edition: Uuid,
    body: &ProgressAssessmentBody,
) -> Result<ProgressAssessmentView, Problem> {
    Ok(diesel::insert_into(progress_assessments::table)
        .values((body, progress_assessments::id.eq(id), progress_assessments::edition_id.eq(edition)))
        .returning(ProgressAssessmentView::as_returning())
        .get_result(tx.conn)?)
}

fn select_progress(
    tx: &mut Tx,
    window: Window,
    filter: &ProgressAssessmentFilter,
) -> Result<Vec<ProgressAssessmentView>, Problem> {
    let mut query = progress_assessments::table
        .filter(own(tx, progress_assessments::tenant_id))
        .filter(progress_assessments::id.gt(window.after))
        .into_boxed();
    if let Some(edition) = filter.edition_id {
        query = query.filter(progress_assessments::edition_id.eq(edition));
    }
    if let Some(participation) = filter.participation_id {
        query = query.filter(progress_assessments::participation_id.eq(participation));
    }
    if !filter.include_superseded {
        query = query.filter(progress_assessments::superseded_at.is_null());
    }
    Ok(query.order(progress_assessments::id).limit(window.rows()).select(ProgressAssessmentView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_progress_assessment).service(list_progress_assessments);
}
