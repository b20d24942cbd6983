//! The catalogue of forms: no official one exists, so a town keeps its own.

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::questions::{Question, QuestionFault, question_faults};
use crate::people::fact_kinds::FactSource;
use crate::people::{FORM_CODE_REPEATED, FORM_QUESTION};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateSurveyForm, GetSurveyForm, ListSurveyForms};
use crate::platform::problem::{Definition, Problem};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Code, ShortText, Stored, between, text_enum};
use crate::schema::survey_forms;

/// Most questions of a form.
const MOST_QUESTIONS: usize = 60;

text_enum! {
    /// What a form is filled in for.
    pub enum FormKind {
        /// A survey (Polish: ankieta).
        Survey = "survey",
        /// A social worker's interview at home (Polish: rodzinny wywiad środowiskowy).
        Interview = "interview",
        /// A diagnosis of needs (Polish: diagnoza potrzeb).
        NeedsDiagnosis = "needsDiagnosis",
    }
}

impl FormKind {
    /// How the facts that its answers give came to be known.
    pub fn fact_source(self) -> FactSource {
        match self {
            Self::Survey => FactSource::Survey,
            Self::Interview => FactSource::Interview,
            Self::NeedsDiagnosis => FactSource::NeedsDiagnosis,
        }
    }
}

/// A version of a form, as created; it is never changed.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = survey_forms)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "code": "ankieta-rekrutacyjna", "version": 2, "kind": "survey", "title": "Ankieta rekrutacyjna",
    "questions": [
        { "code": "registered", "text": "Czy jest Pan/Pani osobą zarejestrowaną w urzędzie pracy?", "kind": "yesNo", "required": true,
          "givesFact": { "kind": "registeredUnemployed", "sinceQuestion": "registeredSince" } },
        { "code": "registeredSince", "text": "Od kiedy?", "kind": "date" },
        { "code": "school", "text": "Jakie ma Pan/Pani wykształcenie?", "kind": "choice",
          "choices": [{ "code": "vocational", "text": "zawodowe" }, { "code": "other", "text": "inne" }],
          "givesFact": { "kind": "education", "values": [{ "answer": "vocational", "value": "basicVocational" }] } },
        { "code": "expectations", "text": "Czego oczekuje Pan/Pani od programu?", "kind": "text" }
    ]
}))]
pub struct SurveyFormBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Code that all versions of the form share.
    pub code: Code,
    /// Number of the version.
    #[serde(deserialize_with = "between::<1, 1_000_000, _, _>")]
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub version: i32,
    /// What it is filled in for.
    pub kind: FormKind,
    /// What it is called.
    pub title: ShortText,
    /// Its questions, in their order.
    #[schema(value_type = Vec<Question>, min_items = 1, max_items = 60)]
    pub questions: Stored<Vec<Question>>,
}

/// A version of a form.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = survey_forms)]
#[serde(rename_all = "camelCase")]
pub struct SurveyFormView {
    /// Id.
    pub id: Uuid,
    /// Code that all versions of the form share.
    pub code: Code,
    /// Number of the version.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub version: i32,
    /// What it is filled in for.
    pub kind: FormKind,
    /// What it is called.
    pub title: ShortText,
    /// Its questions, in their order.
    #[schema(value_type = Vec<Question>, min_items = 1, max_items = 60)]
    pub questions: Stored<Vec<Question>>,
}

// The number of a version is content here; an immutable resource has no ETag.
impl View for SurveyFormView {}

/// Creates a version of a form.
///
/// Forms are immutable: a change is a version of its own. A question may say
/// which fact its answer gives; recording a response then records the fact too.
#[utoipa::path(tag = "survey-forms", request_body = SurveyFormBody,
    responses((status = 201, body = SurveyFormView, description = "The form")))]
#[post("/survey-forms")]
async fn create_survey_form(permit: Permit<CreateSurveyForm>, body: Body<SurveyFormBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("survey_form", [id]);
            refuse(&body.questions.0)?;
            Ok(Written::created(format!("/survey-forms/{id}"), insert_form(tx, id, body)?))
        })
        .await
}

/// Lists the forms in all their versions.
#[utoipa::path(tag = "survey-forms", params(PageQuery),
    responses((status = 200, body = Page<SurveyFormView>, description = "A page of forms")))]
#[get("/survey-forms")]
async fn list_survey_forms(permit: Permit<ListSurveyForms>) -> Result<Reply, Problem> {
    permit.list(|form: &SurveyFormView| form.id, select_forms).await
}

/// Reads a version of a form.
#[utoipa::path(tag = "survey-forms", params(("id" = Uuid, Path, description = "Form")),
    responses((status = 200, body = SurveyFormView, description = "The form")))]
#[get("/survey-forms/{id}")]
async fn get_survey_form(permit: Permit<GetSurveyForm>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_form(tx, id.0)).await
}

/// One problem for all faults; its code is that of the first.
fn refuse(questions: &[Question]) -> Result<(), Problem> {
    if !(1..=MOST_QUESTIONS).contains(&questions.len()) {
        return Err(FORM_QUESTION.at("/questions"));
    }
    let problem = question_faults(questions).iter().fold(None, |problem: Option<Problem>, fault| {
        let (definition, pointer) = fault_at(fault);
        let problem = problem.unwrap_or_else(|| definition.problem());
        Some(problem.and(pointer, definition, Some(fault.hint())))
    });
    problem.map_or(Ok(()), Err)
}

fn fault_at(fault: &QuestionFault) -> (&'static Definition, String) {
    use QuestionFault as Fault;
    match fault {
        Fault::Repeated { question } => (&FORM_CODE_REPEATED, format!("/questions/{question}/code")),
        Fault::ChoiceRepeated { question, choice } => {
            (&FORM_CODE_REPEATED, format!("/questions/{question}/choices/{choice}/code"))
        }
        Fault::Choices { question } => (&FORM_QUESTION, format!("/questions/{question}/choices")),
        Fault::Fact { question } => (&FORM_QUESTION, format!("/questions/{question}/givesFact/kind")),
        Fault::Meaning { question, value } => (&FORM_QUESTION, format!("/questions/{question}/givesFact/values/{value}/answer")),
        Fault::Value { question, value, .. } => (&FORM_QUESTION, format!("/questions/{question}/givesFact/values/{value}/value")),
        Fault::Unmeant { question, .. } => (&FORM_QUESTION, format!("/questions/{question}/givesFact/values")),
        Fault::Since { question } => (&FORM_QUESTION, format!("/questions/{question}/givesFact/sinceQuestion")),
    }
}

fn insert_form(tx: &mut Tx, id: Uuid, body: &SurveyFormBody) -> Result<SurveyFormView, Problem> {
    Ok(diesel::insert_into(survey_forms::table)
        .values((body, survey_forms::id.eq(id)))
        .returning(SurveyFormView::as_returning())
        .get_result(tx.conn)?)
}

fn select_forms(tx: &mut Tx, window: Window) -> Result<Vec<SurveyFormView>, Problem> {
    Ok(survey_forms::table
        .filter(own(tx, survey_forms::tenant_id))
        .filter(survey_forms::id.gt(window.after))
        .order(survey_forms::id)
        .limit(window.rows())
        .select(SurveyFormView::as_select())
        .load(tx.conn)?)
}

/// A form of the tenant, or 404.
pub(super) fn find_form(tx: &mut Tx, id: Uuid) -> Result<SurveyFormView, Problem> {
    Ok(survey_forms::table
        .filter(own(tx, survey_forms::tenant_id))
        .filter(survey_forms::id.eq(id))
        .select(SurveyFormView::as_select())
        .first(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_survey_form).service(list_survey_forms).service(get_survey_form);
}
