//! Filled self-assessment and observation sheets.
//!
//! Remarks are free text about a person's state, so they are sealed under the
//! person's key and never answered by the operations of this file.

use actix_web::{get, post};
use diesel::dsl::{exists, select};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::scale::{ScaleNumber, stored_as_json};
use super::scoring::{RaterFault, ScoreFault, bounds, check_rater, is_in_order, only_observer_role, score_faults};
use super::sheet_templates::{SheetTemplateView, find_sheet_template};
use super::subjects::{Subject, complete_correction, get_subject, supersede};
use super::{
    COMPETENCE_NOT_SCORED, COMPETENCE_UNKNOWN, NOT_OWN_OBSERVATION, OBSERVER_ROLE_MISMATCH, SCORE_OFF_SCALE, SCORE_REPEATED,
    SHEET_BEFORE_PARTICIPATION,
};
use crate::people::people_in_sight;
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{GetSheet, ListSheets, RecordSheet, Role};
use crate::platform::problem::{Definition, Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::secrets::SecretError;
use crate::platform::types::{Code, Day, LongText, text_enum};
use crate::schema::{blocks, participations, sessions, sheets};

/// Field name under which remarks are sealed.
pub(super) const REMARKS: &str = "sheet.remarks";

text_enum! {
    /// Who rates.
    pub enum Rater {
        /// The participant.
        Own = "self",
        /// Somebody who works with the participant.
        Observer = "observer",
    }
}

text_enum! {
    /// What the observer is to the participant.
    pub enum ObserverRole {
        /// Social worker (Polish: pracownik socjalny).
        SocialWorker = "social_worker",
        /// Family assistant (Polish: asystent rodziny).
        FamilyAssistant = "family_assistant",
        /// Leader of classes.
        Facilitator = "facilitator",
    }
}

text_enum! {
    /// At which moment of the participation a sheet is filled in.
    pub enum SheetMoment {
        /// At the start.
        Before = "before",
        /// On the way.
        Mid = "mid",
        /// At the end.
        After = "after",
        /// Some time after the end.
        FollowUp = "followUp",
    }
}

/// A score of a competence, or of one of its items.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "a score is what the caller sends for a competence")]
pub struct Score {
    /// Code of the competence.
    pub competence: Code,
    /// Code of the item; none where the competence is scored as a whole.
    pub item: Option<Code>,
    /// Score on the scale of the template.
    pub score: ScaleNumber,
}

/// The scores of a sheet.
#[derive(Debug, Clone, Deserialize, Serialize, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Jsonb)]
#[serde(transparent)]
pub struct Scores(pub Vec<Score>);

stored_as_json!(Scores);

/// A filled sheet, as recorded or corrected.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = sheets)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "participationId": crate::platform::examples::PARTICIPATION, "templateId": crate::platform::examples::SHEET_TEMPLATE,
    "rater": "observer", "observerRole": "social_worker", "moment": "mid", "filledOn": "2026-05-29",
    "scores": [
        { "competence": "jobSearch", "score": "3" }, { "competence": "workSkills", "score": "3" },
        { "competence": "teamwork", "score": "4" }, { "competence": "motivation", "score": "4" }
    ]
}))]
pub struct SheetBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Participation that the sheet is about.
    pub participation_id: Uuid,
    /// Version of the template that is filled in.
    pub template_id: Uuid,
    /// Who rates.
    pub rater: Rater,
    /// What the observer is; given if and only if an observer rates.
    pub observer_role: Option<ObserverRole>,
    /// Moment of the participation.
    pub moment: SheetMoment,
    /// Day on which the sheet was filled in.
    pub filled_on: Day,
    /// One score for each competence, or one for each of its items.
    #[schema(value_type = Vec<Score>, min_items = 1, max_items = 900)]
    pub scores: Scores,
    /// Remarks; encrypted under the person's key and not answered.
    #[diesel(skip_insertion)]
    pub remarks: Option<LongText>,
    /// Sheet that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// Why it is corrected; given with `supersedesId`.
    pub correction_reason: Option<LongText>,
}

/// A filled sheet.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = sheets)]
#[serde(rename_all = "camelCase")]
pub struct SheetView {
    /// Id.
    pub id: Uuid,
    /// Edition of the participation.
    pub edition_id: Uuid,
    /// Participation that the sheet is about.
    pub participation_id: Uuid,
    /// Version of the template that is filled in.
    pub template_id: Uuid,
    /// Who rates.
    pub rater: Rater,
    /// What the observer is.
    pub observer_role: Option<ObserverRole>,
    /// Moment of the participation.
    pub moment: SheetMoment,
    /// Day on which the sheet was filled in.
    pub filled_on: Day,
    /// The scores.
    #[schema(value_type = Vec<Score>, max_items = 900)]
    pub scores: Scores,
    /// Whether there are remarks.
    #[diesel(select_expression = sheets::remarks.is_not_null(), select_expression_type = diesel::dsl::IsNotNull<sheets::remarks>)]
    pub has_remarks: bool,
    /// Sheet that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// When a correction took its place.
    pub superseded_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Why the earlier sheet was corrected.
    pub correction_reason: Option<LongText>,
}

impl View for SheetView {}

/// Which sheets to list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct SheetFilter {
    /// Sheets of this participation.
    pub participation_id: Option<Uuid>,
    /// Sheets of this edition.
    pub edition_id: Option<Uuid>,
    /// Sheets on this version of a template.
    pub template_id: Option<Uuid>,
    /// Sheets of this moment.
    #[param(inline)]
    pub moment: Option<SheetMoment>,
    /// Also those that were corrected.
    #[serde(default)]
    pub include_superseded: bool,
}

/// Records a filled sheet, or a correction of one.
///
/// Each competence of the template is scored once, as a whole or by all its items.
/// One rater fills in one sheet `before` and one `after`; another one is a correction.
/// Family assistants and facilitators record their own observations only.
#[utoipa::path(tag = "sheets", request_body = SheetBody,
    responses((status = 201, body = SheetView, description = "The sheet")))]
#[post("/sheets")]
async fn record_sheet(permit: Permit<RecordSheet>, body: Body<SheetBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("sheet", body.supersedes_id.into_iter().chain([id]));
            tx.expect_past(body.filled_on, "/filledOn")?;
            check_rater(tx.caller.role, body.rater, body.observer_role).map_err(refuse_rater)?;
            complete_correction(body.supersedes_id, body.correction_reason.as_ref())?;
            let subject = get_subject(tx, body.participation_id)?;
            stay_in_scope(tx, subject.edition_id)?;
            let template =
                find_sheet_template(tx, body.template_id)?.ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at("/templateId"))?;
            check_sheet(&template, &subject, body)?;
            if let Some(earlier) = body.supersedes_id {
                stay_with_own(tx, earlier)?;
                supersede!(tx, sheets, participation_id, earlier, body.participation_id);
            }
            let view = insert_sheet(tx, id, &subject, body)?;
            let data = json!({ "sheetId": id, "participationId": body.participation_id, "editionId": subject.edition_id,
                "moment": body.moment, "filledOn": body.filled_on, "supersedesId": body.supersedes_id });
            tx.announce("participation", body.participation_id, "sheet.recorded", data);
            Ok(Written::created(format!("/sheets/{id}"), view))
        })
        .await
}

/// Lists the sheets.
#[utoipa::path(tag = "sheets", params(SheetFilter, PageQuery),
    responses((status = 200, body = Page<SheetView>, description = "A page of sheets")))]
#[get("/sheets")]
async fn list_sheets(permit: Permit<ListSheets>, filter: Filter<SheetFilter>) -> Result<Reply, Problem> {
    permit.list(|sheet: &SheetView| sheet.id, move |tx, window| select_sheets(tx, window, &filter.0)).await
}

/// Reads a sheet.
#[utoipa::path(tag = "sheets", params(("id" = Uuid, Path, description = "Sheet")),
    responses((status = 200, body = SheetView, description = "The sheet")))]
#[get("/sheets/{id}")]
async fn get_sheet(permit: Permit<GetSheet>, id: PathId) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let in_sight = sheets_in_sight(tx)?;
            Ok(in_sight.filter(sheets::id.eq(id.0)).select(SheetView::as_select()).first(tx.conn)?)
        })
        .await
}

fn refuse_rater(fault: RaterFault) -> Problem {
    match fault {
        RaterFault::RoleMismatch => OBSERVER_ROLE_MISMATCH.at("/observerRole"),
        RaterFault::NotOwn => NOT_OWN_OBSERVATION.at("/observerRole"),
    }
}

fn check_sheet(template: &SheetTemplateView, subject: &Subject, body: &SheetBody) -> Result<(), Problem> {
    if !is_in_order(body.moment, body.filled_on.date(), subject.starts_on) {
        return Err(SHEET_BEFORE_PARTICIPATION.at("/filledOn").with("startsOn", subject.starts_on.to_string()));
    }
    refuse_scores(&score_faults(&template.scale, &template.competences.0, &body.scores.0), template)
}

/// One problem for all faults; its code is that of the first.
fn refuse_scores(faults: &[ScoreFault], template: &SheetTemplateView) -> Result<(), Problem> {
    let Some(first) = faults.first() else { return Ok(()) };
    let mut problem = fault_at(first).0.problem();
    let mut missing = Vec::new();
    for fault in faults {
        let (definition, pointer) = fault_at(fault);
        problem = problem.and(pointer, definition, Some(fault.hint()));
        if let ScoreFault::Missing { competence } = fault {
            missing.push(competence.as_str());
        }
    }
    if !missing.is_empty() {
        problem = problem.with("missing", missing.join(", "));
    }
    if faults.iter().any(|fault| matches!(fault, ScoreFault::OffScale { .. })) {
        problem = bounds(&template.scale).iter().fold(problem, |problem, (name, number)| problem.with(name, number.to_string()));
    }
    Err(problem)
}

pub(super) fn fault_at(fault: &ScoreFault) -> (&'static Definition, String) {
    match fault {
        ScoreFault::UnknownCompetence { score } => (&COMPETENCE_UNKNOWN, format!("/scores/{score}/competence")),
        ScoreFault::UnknownItem { score } => (&COMPETENCE_UNKNOWN, format!("/scores/{score}/item")),
        ScoreFault::OffScale { score, .. } => (&SCORE_OFF_SCALE, format!("/scores/{score}/score")),
        ScoreFault::Repeated { score, .. } => (&SCORE_REPEATED, format!("/scores/{score}")),
        ScoreFault::Missing { .. } => (&COMPETENCE_NOT_SCORED, "/scores".to_owned()),
    }
}

/// Refuses a facilitator the people of editions in which the contractor leads nothing.
fn stay_in_scope(tx: &mut Tx, edition: Uuid) -> Result<(), Problem> {
    if tx.caller.role != Role::Facilitator {
        return Ok(());
    }
    let hidden = || catalogue::REFERENCE_NOT_FOUND.at("/participationId");
    let partner = tx.caller.facilitator.ok_or_else(hidden)?;
    let block = blocks::table
        .filter(own(tx, blocks::tenant_id))
        .filter(blocks::edition_id.eq(edition))
        .filter(blocks::provider_partner_id.eq(partner));
    let session = sessions::table
        .filter(own(tx, sessions::tenant_id))
        .filter(sessions::edition_id.eq(edition))
        .filter(sessions::facilitator_partner_id.eq(partner));
    let leads: bool = select(exists(block).or(exists(session))).get_result(tx.conn)?;
    if leads { Ok(()) } else { Err(hidden()) }
}

/// Refuses a client that records only its own observations the correction of another's.
fn stay_with_own(tx: &mut Tx, earlier: Uuid) -> Result<(), Problem> {
    let Some(role) = only_observer_role(tx.caller.role) else { return Ok(()) };
    let sheet =
        sheets::table.filter(own(tx, sheets::tenant_id)).filter(sheets::id.eq(earlier)).filter(sheets::observer_role.eq(role));
    let is_own: bool = select(exists(sheet)).get_result(tx.conn)?;
    if is_own { Ok(()) } else { Err(catalogue::REFERENCE_NOT_FOUND.at("/supersedesId")) }
}

fn insert_sheet(tx: &mut Tx, id: Uuid, subject: &Subject, body: &SheetBody) -> Result<SheetView, Problem> {
    let remarks = body.remarks.as_ref().map(|remarks| seal_remarks(tx, subject.person_id, remarks)).transpose()?;
    Ok(diesel::insert_into(sheets::table)
        .values((body, sheets::id.eq(id), sheets::edition_id.eq(subject.edition_id), sheets::remarks.eq(remarks)))
        .returning(SheetView::as_returning())
        .get_result(tx.conn)?)
}

fn seal_remarks(tx: &Tx, person: Uuid, remarks: &LongText) -> Result<Vec<u8>, Problem> {
    tx.safe().vault.seal(tx.tenant(), person, REMARKS, remarks.as_str().as_bytes()).map_err(|error| match error {
        // Nothing can be kept about somebody whose data were erased.
        SecretError::Destroyed => catalogue::CONFLICT.at("/remarks"),
        error @ (SecretError::NoKey | SecretError::Seal(_) | SecretError::Store(_)) => {
            catalogue::INTERNAL.problem().because(error)
        }
    })
}

/// The sheets of people whom the caller may see.
fn sheets_in_sight(tx: &mut Tx) -> Result<sheets::BoxedQuery<'static, diesel::pg::Pg>, Problem> {
    let query = sheets::table.filter(own(tx, sheets::tenant_id)).into_boxed();
    let Some(in_sight) = people_in_sight(tx)? else { return Ok(query) };
    let theirs = participations::table.filter(own(tx, participations::tenant_id)).select(participations::id);
    let theirs: Vec<Uuid> = theirs.filter(participations::person_id.eq_any(in_sight)).load(tx.conn)?;
    Ok(query.filter(sheets::participation_id.eq_any(theirs)))
}

fn select_sheets(tx: &mut Tx, window: Window, filter: &SheetFilter) -> Result<Vec<SheetView>, Problem> {
    let mut query = sheets_in_sight(tx)?.filter(sheets::id.gt(window.after));
    if let Some(participation) = filter.participation_id {
        query = query.filter(sheets::participation_id.eq(participation));
    }
    if let Some(edition) = filter.edition_id {
        query = query.filter(sheets::edition_id.eq(edition));
    }
    if let Some(template) = filter.template_id {
        query = query.filter(sheets::template_id.eq(template));
    }
    if let Some(moment) = filter.moment {
        query = query.filter(sheets::moment.eq(moment));
    }
    if !filter.include_superseded {
        query = query.filter(sheets::superseded_at.is_null());
    }
    Ok(query.order(sheets::id).limit(window.rows()).select(SheetView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_sheet).service(list_sheets).service(get_sheet);
}
