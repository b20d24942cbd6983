//! Recording answers with the facts that follow, and revealing them.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::answers::{Answer, AnswerFault, answer_faults};
use super::effects::{Effect, EffectOutcome, Statement, contradicted, known_already, statements};
use super::forms::{SurveyFormView, find_form};
use super::sealed_answers::{open, seal};
use crate::people::fact_kinds::PersonFactKind;
use crate::people::facts::{FactBody, insert_facts};
use crate::people::known_facts::known_facts;
use crate::people::people::{find_person, lock_person};
use crate::people::{ANSWER_MISSING, ANSWER_REPEATED, ANSWER_UNFIT, QUESTION_UNKNOWN};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{GetSurveyResponse, ListSurveyResponses, RecordSurveyResponse};
use crate::platform::problem::{Definition, Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::types::{Day, Stored, count_between, text_enum};
use crate::schema::survey_responses;

text_enum! {
    /// Where the answers come from.
    pub enum AnsweredBy {
        /// The person filled in the form.
        Applicant = "applicant",
        /// A worker asked and wrote down.
        Interview = "interview",
        /// Taken from documents that were shown.
        Documents = "documents",
        /// Anything else.
        Other = "other",
    }
}

/// An answered form.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "formId": crate::platform::examples::SURVEY_FORM, "answeredOn": "2026-06-12", "by": "interview",
    "answers": [
        { "question": "registered", "value": "true" }, { "question": "registeredSince", "value": "2025-01-10" },
        { "question": "expectations", "value": "nowy zawód" }
    ]
}))]
pub struct SurveyResponseBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Version of the form.
    pub form_id: Uuid,
    /// Day on which it was answered.
    pub answered_on: Day,
    /// Application of the person that it belongs to.
    pub application_id: Option<Uuid>,
    /// Where the answers come from.
    pub by: AnsweredBy,
    /// The answers, each question at most once; what was not answered is left out.
    #[serde(deserialize_with = "count_between::<0, 60, _, _>")]
    #[schema(max_items = 60)]
    pub answers: Vec<Answer>,
}

/// An answered form, without the answers.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = survey_responses)]
#[serde(rename_all = "camelCase")]
pub struct SurveyResponseView {
    /// Id.
    pub id: Uuid,
    /// Person.
    pub person_id: Uuid,
    /// Version of the form.
    pub form_id: Uuid,
    /// Application that it belongs to.
    pub application_id: Option<Uuid>,
    /// Day on which it was answered.
    pub answered_on: Day,
    /// Where the answers come from.
    #[diesel(column_name = answered_by)]
    pub by: AnsweredBy,
    /// What came of the answers that give facts.
    #[schema(value_type = Vec<Effect>, max_items = 60)]
    pub effects: Stored<Vec<Effect>>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl View for SurveyResponseView {}

/// An answered form with the answers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SurveyAnswersView {
    /// The answered form.
    pub response: SurveyResponseView,
    /// The answers; none once the person's data were erased.
    #[schema(max_items = 60)]
    pub answers: Option<Vec<Answer>>,
}

impl View for SurveyAnswersView {}

/// Records an answered form, and the facts that follow.
///
/// The answers must fit the form. Each that gives a fact records it, with the
/// form as its source and the day of answering as its evidence, unless it is
/// known: then nothing is recorded (`unchanged`). A missing answer gives no
/// fact. Answers are encrypted under the key of the person; this operation
/// does not answer them.
#[utoipa::path(tag = "people", params(("id" = Uuid, Path, description = "Person")), request_body = SurveyResponseBody,
    responses((status = 201, body = SurveyResponseView, description = "The answered form")))]
#[post("/people/{id}/survey-responses")]
async fn record_survey_response(
    permit: Permit<RecordSurveyResponse>,
    person: PathId,
    body: Body<SurveyResponseBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("survey_response", [id, person.0]);
            let view = record(tx, id, person.0, body)?;
            let data = json!({ "personId": person.0, "surveyResponseId": id });
            tx.announce("person", person.0, "survey_response.recorded", data);
            for effect in view.effects.0.iter().filter(|effect| effect.outcome == EffectOutcome::Recorded) {
                let data = json!({ "personId": person.0, "factId": effect.fact_id });
                tx.announce("person", person.0, "person_fact.recorded", data);
            }
            Ok(Written::created(format!("/survey-responses/{id}"), view))
        })
        .await
}

/// Lists the forms that a person has answered, without the answers.
#[utoipa::path(tag = "people", params(("id" = Uuid, Path, description = "Person"), PageQuery),
    responses((status = 200, body = Page<SurveyResponseView>, description = "A page of answered forms")))]
#[get("/people/{id}/survey-responses")]
async fn list_survey_responses(permit: Permit<ListSurveyResponses>, person: PathId) -> Result<Reply, Problem> {
    permit
        .list(
            |response: &SurveyResponseView| response.id,
            move |tx, window| {
                find_person(tx, person.0)?;
                select_responses(tx, person.0, window)
            },
        )
        .await
}

/// Reveals the answers of a form.
#[utoipa::path(tag = "survey-responses", params(("id" = Uuid, Path, description = "Answered form")),
    responses((status = 200, body = SurveyAnswersView, description = "The answers")))]
#[get("/survey-responses/{id}")]
async fn get_survey_response(permit: Permit<GetSurveyResponse>, id: PathId) -> Result<Reply, Problem> {
    permit
        .reveal(move |tx| {
            let (response, sealed): (SurveyResponseView, Option<Vec<u8>>) = survey_responses::table
                .filter(own(tx, survey_responses::tenant_id))
                .filter(survey_responses::id.eq(id.0))
                .select((SurveyResponseView::as_select(), survey_responses::answers))
                .first(tx.conn)?;
            tx.touch("survey_response", [id.0, response.person_id]);
            let answers = open(tx, response.person_id, sealed.as_deref())?;
            Ok(SurveyAnswersView { response, answers })
        })
        .await
}

fn record(tx: &mut Tx, id: Uuid, person: Uuid, body: &SurveyResponseBody) -> Result<SurveyResponseView, Problem> {
    // Two answers at a time would both miss the facts of the other.
    lock_person(tx, person)?;
    let form = find_form(tx, body.form_id).map_err(|problem| match problem.code() {
        code if code == catalogue::NOT_FOUND.code => catalogue::REFERENCE_NOT_FOUND.at("/formId"),
        _ => problem,
    })?;
    refuse(&answer_faults(&form.questions.0, &body.answers, body.answered_on))?;
    let effects = record_facts(tx, person, &form, body)?;
    let sealed = seal(tx, person, &body.answers)?;
    Ok(diesel::insert_into(survey_responses::table)
        .values((
            survey_responses::id.eq(id),
            survey_responses::person_id.eq(person),
            survey_responses::form_id.eq(form.id),
            survey_responses::application_id.eq(body.application_id),
            survey_responses::answered_on.eq(body.answered_on),
            survey_responses::answered_by.eq(body.by),
            survey_responses::answers.eq(sealed),
            survey_responses::effects.eq(Stored(effects)),
        ))
        .returning(SurveyResponseView::as_returning())
        .get_result(tx.conn)?)
}

fn record_facts(tx: &mut Tx, person: Uuid, form: &SurveyFormView, body: &SurveyResponseBody) -> Result<Vec<Effect>, Problem> {
    let stated = statements(&form.questions.0, &body.answers, body.answered_on);
    if stated.is_empty() {
        return Ok(Vec::new());
    }
    let kinds: Vec<PersonFactKind> = stated.iter().map(|statement| statement.kind).collect();
    let known = known_facts(tx, person, &kinds)?;
    let (mut effects, mut new): (Vec<Effect>, Vec<(Uuid, FactBody)>) = (Vec::new(), Vec::new());
    for statement in stated {
        let twin = new.iter().find(|(_, fact)| fact.kind == statement.kind && fact.value == statement.value);
        let known_id = known_already(&known, &statement, body.answered_on).map(|fact| fact.id).or(twin.map(|(id, _)| *id));
        let fact_id = known_id.unwrap_or_else(|| tx.id_or_new(None));
        effects.push(Effect {
            question: statement.question.clone(),
            kind: statement.kind,
            outcome: if known_id.is_some() { EffectOutcome::Unchanged } else { EffectOutcome::Recorded },
            fact_id,
            contradicts: contradicted(&known, &statement, body.answered_on),
        });
        if known_id.is_none() {
            new.push((fact_id, fact(statement, form, body.answered_on)));
        }
    }
    insert_facts(tx, person, &new)?;
    Ok(effects)
}

/// The fact that a statement becomes.
fn fact(statement: Statement, form: &SurveyFormView, answered_on: Day) -> FactBody {
    FactBody {
        id: None,
        kind: statement.kind,
        value: statement.value,
        from: statement.from,
        to: None,
        source: form.title.clone(),
        source_kind: Some(form.kind.fact_source()),
        survey_code: Some(form.code.clone()),
        survey_version: Some(form.version),
        evidence: None,
        evidence_on: Some(answered_on),
        expires_on: None,
        supersedes_id: None,
        correction_reason: None,
    }
}

/// One problem for all faults; its code is that of the first.
fn refuse(faults: &[AnswerFault]) -> Result<(), Problem> {
    let problem = faults.iter().fold(None, |problem: Option<Problem>, fault| {
        let (definition, pointer) = fault_at(fault);
        let problem = problem.unwrap_or_else(|| definition.problem());
        Some(problem.and(pointer, definition, Some(fault.hint())))
    });
    problem.map_or(Ok(()), Err)
}

fn fault_at(fault: &AnswerFault) -> (&'static Definition, String) {
    match fault {
        AnswerFault::Unknown { answer } => (&QUESTION_UNKNOWN, format!("/answers/{answer}/question")),
        AnswerFault::Repeated { answer } => (&ANSWER_REPEATED, format!("/answers/{answer}/question")),
        AnswerFault::Unfit { answer, .. } => (&ANSWER_UNFIT, format!("/answers/{answer}/value")),
        AnswerFault::Pesel { answer } => (&catalogue::PESEL_IN_TEXT, format!("/answers/{answer}/value")),
        AnswerFault::Missing { .. } => (&ANSWER_MISSING, "/answers".to_owned()),
    }
}

fn select_responses(tx: &mut Tx, person: Uuid, window: Window) -> Result<Vec<SurveyResponseView>, Problem> {
    Ok(survey_responses::table
        .filter(own(tx, survey_responses::tenant_id))
        .filter(survey_responses::person_id.eq(person))
        .filter(survey_responses::id.gt(window.after))
        .order(survey_responses::id)
        .limit(window.rows())
        .select(SurveyResponseView::as_select())
        .load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_survey_response).service(list_survey_responses).service(get_survey_response);
}
