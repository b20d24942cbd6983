//! Recording answers with the facts that follow, and revealing them.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answers::{Answer, AnswerFault, answer_faults};
use super::effects::{Effect, EffectOutcome, Statement, contradicted, known_already, statements};
use super::forms::{SurveyFormView, find_form};
use super::sealed_answers::{open, seal};
use crate::people::fact_kinds::PersonFactKind;
use crate::people::fact_withdrawal::withdraw_facts;
use crate::people::facts::{FactBody, insert_facts};
use crate::people::known_facts::{KnownFact, known_facts};
use crate::people::people::{find_person, lock_person};
use crate::people::{ANSWER_MISSING, ANSWER_REPEATED, ANSWER_UNFIT, CORRECTION_REASON, QUESTION_UNKNOWN};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{GetSurveyResponse, ListSurveyResponses, RecordSurveyResponse};
use crate::platform::problem::{Definition, Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Stored, Text, count_between, text_enum};
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
    /// Answered form of the person that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// Why it is corrected; no names. With `supersedesId` only, and then required.
    pub correction_reason: Option<Text<3, 4000>>,
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
    /// Answered form that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// Why it was corrected.
    #[schema(max_length = 4000)]
    pub correction_reason: Option<String>,
    /// When a correction replaced it.
    pub superseded_at: Option<DateTime<Utc>>,
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
///
/// A correction (`supersedesId`) replaces an answered form as a whole: the facts
/// that only the earlier one gave are withdrawn with the reason, what both say on
/// the same form and day stays, and the rest is recorded as above.
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
            let (view, withdrawn) = record(tx, id, person.0, body)?;
            let data = json!({ "personId": person.0, "surveyResponseId": id });
            tx.announce("person", person.0, "survey_response.recorded", data);
            for effect in view.effects.0.iter().filter(|effect| effect.outcome == EffectOutcome::Recorded) {
                let data = json!({ "personId": person.0, "factId": effect.fact_id });
                tx.announce("person", person.0, "person_fact.recorded", data);
            }
            for fact in withdrawn {
                tx.announce("person", person.0, "person_fact.withdrawn", json!({ "personId": person.0, "factId": fact }));
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

/// The answered form, and the facts that it takes back.
fn record(tx: &mut Tx, id: Uuid, person: Uuid, body: &SurveyResponseBody) -> Result<(SurveyResponseView, Vec<Uuid>), Problem> {
    // Two answers at a time would both miss the facts of the other.
    lock_person(tx, person)?;
    let form = find_form(tx, body.form_id).map_err(|problem| match problem.code() {
        code if code == catalogue::NOT_FOUND.code => catalogue::REFERENCE_NOT_FOUND.at("/formId"),
        _ => problem,
    })?;
    tx.expect_past(body.answered_on, "/answeredOn")?;
    refuse(&answer_faults(&form.questions.0, &body.answers, body.answered_on))?;
    if body.supersedes_id.is_some() != body.correction_reason.is_some() {
        return Err(CORRECTION_REASON.at("/correctionReason"));
    }
    let earlier = body.supersedes_id.map(|earlier| supersede_response(tx, person, earlier)).transpose()?;
    let (effects, withdrawn) = record_facts(tx, person, &form, body, earlier.as_ref())?;
    let sealed = seal(tx, person, &body.answers)?;
    let view = diesel::insert_into(survey_responses::table)
        .values((
            survey_responses::id.eq(id),
            survey_responses::person_id.eq(person),
            survey_responses::form_id.eq(form.id),
            survey_responses::application_id.eq(body.application_id),
            survey_responses::answered_on.eq(body.answered_on),
            survey_responses::answered_by.eq(body.by),
            survey_responses::answers.eq(sealed),
            survey_responses::effects.eq(Stored(effects)),
            survey_responses::supersedes_id.eq(body.supersedes_id),
            survey_responses::correction_reason.eq(body.correction_reason.as_ref().map(Text::as_str)),
        ))
        .returning(SurveyResponseView::as_returning())
        .get_result(tx.conn)?;
    Ok((view, withdrawn))
}

fn supersede_response(tx: &mut Tx, person: Uuid, id: Uuid) -> Result<SurveyResponseView, Problem> {
    let response = survey_responses::table
        .filter(own(tx, survey_responses::tenant_id))
        .filter(survey_responses::person_id.eq(person))
        .filter(survey_responses::id.eq(id));
    let marked = diesel::update(response.filter(survey_responses::superseded_at.is_null()))
        .set(survey_responses::superseded_at.eq(tx.now()))
        .returning(SurveyResponseView::as_returning())
        .get_result(tx.conn)
        .optional()?;
    if let Some(earlier) = marked {
        return Ok(earlier);
    }
    let known: i64 = response.count().get_result(tx.conn)?;
    let definition = if known == 0 { &catalogue::REFERENCE_NOT_FOUND } else { &catalogue::ALREADY_SUPERSEDED };
    Err(definition.at("/supersedesId"))
}

/// What came of the answers, and the facts of the corrected form that are taken back.
fn record_facts(
    tx: &mut Tx,
    person: Uuid,
    form: &SurveyFormView,
    body: &SurveyResponseBody,
    earlier: Option<&SurveyResponseView>,
) -> Result<(Vec<Effect>, Vec<Uuid>), Problem> {
    let stated = statements(&form.questions.0, &body.answers, body.answered_on);
    let given_before: Vec<&Effect> = earlier
        .map_or(&[][..], |earlier| &earlier.effects.0)
        .iter()
        .filter(|effect| effect.outcome != EffectOutcome::Unchanged)
        .collect();
    if stated.is_empty() && given_before.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let kinds: Vec<PersonFactKind> =
        stated.iter().map(|statement| statement.kind).chain(given_before.iter().map(|effect| effect.kind)).collect();
    let (corrected, known): (Vec<KnownFact>, Vec<KnownFact>) = known_facts(tx, person, &kinds)?
        .into_iter()
        .partition(|fact| given_before.iter().any(|effect| effect.fact_id == fact.id));
    // Of another form or day, even the same fact has another source or evidence.
    let is_alike = earlier.is_some_and(|earlier| earlier.form_id == form.id && earlier.answered_on == body.answered_on);
    let (kept, taken_back): (Vec<KnownFact>, Vec<KnownFact>) =
        corrected.into_iter().partition(|fact| is_alike && stated.iter().any(|statement| statement.says(fact)));
    let (mut effects, mut new): (Vec<Effect>, Vec<(Uuid, FactBody)>) = (Vec::new(), Vec::new());
    for statement in stated {
        let twin =
            || new.iter().find(|(_, fact)| fact.kind == statement.kind && fact.value == statement.value).map(|(id, _)| *id);
        let known_id = || known_already(&known, &statement, body.answered_on).map(|fact| fact.id).or_else(twin);
        let (outcome, fact_id) = match (kept.iter().find(|fact| statement.says(fact)), known_id()) {
            (Some(fact), _) => (EffectOutcome::Kept, fact.id),
            (None, Some(id)) => (EffectOutcome::Unchanged, id),
            (None, None) => (EffectOutcome::Recorded, tx.id_or_new(None)),
        };
        effects.push(Effect {
            question: statement.question.clone(),
            kind: statement.kind,
            outcome,
            fact_id,
            contradicts: contradicted(&known, &statement, body.answered_on),
        });
        if outcome == EffectOutcome::Recorded {
            new.push((fact_id, fact(statement, form, body.answered_on)));
        }
    }
    let taken_back: Vec<Uuid> = taken_back.into_iter().map(|fact| fact.id).collect();
    let reason = body.correction_reason.as_ref().map_or("", Text::as_str);
    let withdrawn = withdraw_facts(tx, person, &taken_back, None, reason)?;
    insert_facts(tx, person, &new)?;
    Ok((effects, withdrawn.into_iter().map(|fact| fact.id).collect()))
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
