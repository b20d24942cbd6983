//! Contacts held under a plan, and its evaluations; append-only.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::parts::ContactForm;
use super::sealed::{self, NOTE};
use super::{find_plan, first_day, lock_plan};
use crate::participation::{PLAN_EVENT_BEFORE, PLAN_EVENT_PARTS};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListIndividualPlanEvents, RecordIndividualPlanEvent};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText, text_enum};
use crate::schema::individual_plan_events;

text_enum! {
    /// What happened under a plan.
    pub enum PlanEventKind {
        /// Somebody was in contact with the person.
        Contact = "contact",
        /// The plan was evaluated (parts IIA and IIB of a social contract).
        Evaluation = "evaluation",
    }
}

text_enum! {
    /// What an evaluation found.
    pub enum EvaluationResult {
        /// The goals were reached.
        Achieved = "achieved",
        /// Some were.
        PartlyAchieved = "partlyAchieved",
        /// None was.
        NotAchieved = "notAchieved",
        /// The plan has to be changed.
        ToBeChanged = "toBeChanged",
    }
}

/// A contact or an evaluation, as recorded.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = individual_plan_events)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "kind": "contact", "occurredOn": "2026-06-12", "form": "visit" }))]
pub struct IndividualPlanEventBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// What happened.
    pub kind: PlanEventKind,
    /// When it happened.
    pub occurred_on: Day,
    /// How; only and always of a contact.
    pub form: Option<ContactForm>,
    /// What was found; only and always of an evaluation.
    pub result: Option<EvaluationResult>,
    /// Remarks; encrypted under the person's key.
    #[diesel(skip_insertion)]
    pub note: Option<LongText>,
}

/// A contact or an evaluation.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = individual_plan_events)]
#[serde(rename_all = "camelCase")]
pub struct IndividualPlanEventView {
    /// Id.
    pub id: Uuid,
    /// Plan.
    pub plan_id: Uuid,
    /// What happened.
    pub kind: PlanEventKind,
    /// When it happened.
    pub occurred_on: Day,
    /// How.
    pub form: Option<ContactForm>,
    /// What was found.
    pub result: Option<EvaluationResult>,
    /// Whether there is a note; it is read with the parts of the plan.
    #[diesel(select_expression = individual_plan_events::note.is_not_null(), select_expression_type = diesel::dsl::IsNotNull<individual_plan_events::note>)]
    pub has_note: bool,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl View for IndividualPlanEventView {}

/// The note of a contact or an evaluation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NoteView {
    /// The event.
    pub event_id: Uuid,
    /// When it happened.
    pub occurred_on: Day,
    /// The note.
    pub note: LongText,
}

/// Records a contact held under a plan, or an evaluation of it.
#[utoipa::path(tag = "individual-plans", params(("id" = Uuid, Path, description = "Plan")), request_body = IndividualPlanEventBody,
    responses((status = 201, body = IndividualPlanEventView, description = "The event")))]
#[post("/individual-plans/{id}/events")]
async fn record_individual_plan_event(
    permit: Permit<RecordIndividualPlanEvent>,
    plan: PathId,
    body: Body<IndividualPlanEventBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("individual_plan_event", [id, plan.0]);
            // Held until the note is there: it is sealed for whoever the person is in the end.
            let plan = lock_plan(tx, plan.0)?;
            let is_contact = body.kind == PlanEventKind::Contact;
            for (pointer, given, wanted) in
                [("/form", body.form.is_some(), is_contact), ("/result", body.result.is_some(), !is_contact)]
            {
                if given != wanted {
                    return Err(PLAN_EVENT_PARTS.at(pointer));
                }
            }
            tx.expect_past(body.occurred_on, "/occurredOn")?;
            let first = first_day(tx, plan.id)?;
            if body.occurred_on < first {
                return Err(PLAN_EVENT_BEFORE.at("/occurredOn").with("from", first.to_string()));
            }
            let note = body.note.as_ref().map(|note| sealed::seal(tx, plan.person_id, NOTE, note)).transpose()?;
            let view = diesel::insert_into(individual_plan_events::table)
                .values((
                    body,
                    individual_plan_events::id.eq(id),
                    individual_plan_events::plan_id.eq(plan.id),
                    individual_plan_events::note.eq(note),
                ))
                .returning(IndividualPlanEventView::as_returning())
                .get_result(tx.conn)?;
            let data = json!({ "planId": plan.id, "eventId": id, "kind": body.kind, "occurredOn": body.occurred_on });
            tx.announce("individual_plan", plan.id, "individual_plan.event_recorded", data);
            Ok(Written::created(format!("/individual-plans/{}/events", plan.id), view))
        })
        .await
}

/// Lists the contacts held under a plan and its evaluations, without their notes.
#[utoipa::path(tag = "individual-plans", params(("id" = Uuid, Path, description = "Plan"), PageQuery),
    responses((status = 200, body = Page<IndividualPlanEventView>, description = "A page of events")))]
#[get("/individual-plans/{id}/events")]
async fn list_individual_plan_events(permit: Permit<ListIndividualPlanEvents>, plan: PathId) -> Result<Reply, Problem> {
    permit.list(|event: &IndividualPlanEventView| event.id, move |tx, window| select_events(tx, plan.0, window)).await
}

fn select_events(tx: &mut Tx, plan: Uuid, window: Window) -> Result<Vec<IndividualPlanEventView>, Problem> {
    find_plan(tx, plan)?;
    Ok(individual_plan_events::table
        .filter(own(tx, individual_plan_events::tenant_id))
        .filter(individual_plan_events::plan_id.eq(plan))
        .filter(individual_plan_events::id.gt(window.after))
        .order(individual_plan_events::id)
        .limit(window.rows())
        .select(IndividualPlanEventView::as_select())
        .load(tx.conn)?)
}

/// The last contact up to a day.
pub(super) fn last_contact(tx: &mut Tx, plan: Uuid, until: Day) -> Result<Option<Day>, Problem> {
    Ok(individual_plan_events::table
        .filter(own(tx, individual_plan_events::tenant_id))
        .filter(individual_plan_events::plan_id.eq(plan))
        .filter(individual_plan_events::kind.eq(PlanEventKind::Contact))
        .filter(individual_plan_events::occurred_on.le(until))
        .order(individual_plan_events::occurred_on.desc())
        .select(individual_plan_events::occurred_on)
        .first(tx.conn)
        .optional()?)
}

/// The notes of a plan, opened; those of somebody whose data were erased are left out.
pub(super) fn open_notes(tx: &mut Tx, plan: Uuid, person: Uuid) -> Result<Vec<NoteView>, Problem> {
    let rows: Vec<(Uuid, Day, Option<Vec<u8>>)> = individual_plan_events::table
        .filter(own(tx, individual_plan_events::tenant_id))
        .filter(individual_plan_events::plan_id.eq(plan))
        .filter(individual_plan_events::note.is_not_null())
        .order(individual_plan_events::id)
        .select((individual_plan_events::id, individual_plan_events::occurred_on, individual_plan_events::note))
        .load(tx.conn)?;
    let mut notes = Vec::with_capacity(rows.len());
    for (event_id, occurred_on, note) in rows {
        if let Some(note) = note.map(|note| sealed::open(tx, person, NOTE, &note)).transpose()?.flatten() {
            notes.push(NoteView { event_id, occurred_on, note });
        }
    }
    Ok(notes)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_individual_plan_event).service(list_individual_plan_events);
}
