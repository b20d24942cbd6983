//! Templates of self-assessment and observation sheets (Polish: arkusze
//! samooceny i obserwacji): no official one exists, so a town keeps its own.

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::scale::{Scale, stored_as_json};
use super::scoring::{TemplateFault, template_faults};
use super::{CODE_REPEATED, SCALE_INVALID};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateSheetTemplate, GetSheetTemplate, ListSheetTemplates};
use crate::platform::problem::{Definition, Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Code, ShortText};
use crate::schema::sheet_templates;

/// A question of a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CompetenceItem {
    /// Code, unique within the competence.
    pub code: Code,
    /// What is asked.
    pub text: ShortText,
}

/// A competence that a sheet looks at, as a whole or by its items.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Competence {
    /// Code, unique within the template.
    pub code: Code,
    /// What it is called.
    pub name: ShortText,
    /// Its questions; without any, it is scored as a whole.
    #[serde(default)]
    #[schema(max_items = 30)]
    pub items: Vec<CompetenceItem>,
}

/// The competences of a template, in their order.
#[derive(Debug, Clone, Deserialize, Serialize, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Jsonb)]
#[serde(transparent)]
pub struct Competences(pub Vec<Competence>);

stored_as_json!(Competences);

/// A version of a template, as created; it is never changed.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = sheet_templates)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "code": "competences", "version": 2, "name": "Arkusz kompetencji",
    "scale": {
        "min": "1", "max": "5", "step": "1", "higherIsBetter": true,
        "labels": [{ "value": "1", "label": "wcale" }, { "value": "5", "label": "w pełni" }]
    },
    "competences": [
        { "code": "jobSearch", "name": "Poszukiwanie pracy" },
        { "code": "teamwork", "name": "Współpraca", "items": [{ "code": "listening", "text": "Słucha innych" }] }
    ]
}))]
pub struct SheetTemplateBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Code that all versions of the template share.
    pub code: Code,
    /// Number of the version; gains are compared only within one.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: i32,
    /// What the template is called.
    pub name: ShortText,
    /// Scale of all scores.
    pub scale: Scale,
    /// What is looked at.
    #[schema(value_type = Vec<Competence>, min_items = 1, max_items = 30)]
    pub competences: Competences,
}

/// A version of a template.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = sheet_templates)]
#[serde(rename_all = "camelCase")]
pub struct SheetTemplateView {
    /// Id.
    pub id: Uuid,
    /// Code that all versions of the template share.
    pub code: Code,
    /// Number of the version.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: i32,
    /// What the template is called.
    pub name: ShortText,
    /// Scale of all scores.
    pub scale: Scale,
    /// What is looked at.
    #[schema(value_type = Vec<Competence>, min_items = 1, max_items = 30)]
    pub competences: Competences,
}

// The number of a version is content here; an immutable resource has no ETag.
impl View for SheetTemplateView {}

/// Creates a version of a sheet template.
///
/// Templates are immutable: a change is a version of its own, and gains are compared only within one version.
#[utoipa::path(tag = "sheet-templates", request_body = SheetTemplateBody,
    responses((status = 201, body = SheetTemplateView, description = "The template")))]
#[post("/sheet-templates")]
async fn create_sheet_template(permit: Permit<CreateSheetTemplate>, body: Body<SheetTemplateBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("sheet_template", [id]);
            refuse(&template_faults(&body.scale, &body.competences.0))?;
            let view = insert_sheet_template(tx, id, body)?;
            Ok(Written::created(format!("/sheet-templates/{id}"), view))
        })
        .await
}

/// Lists the sheet templates in all their versions.
#[utoipa::path(tag = "sheet-templates", params(PageQuery),
    responses((status = 200, body = Page<SheetTemplateView>, description = "A page of templates")))]
#[get("/sheet-templates")]
async fn list_sheet_templates(permit: Permit<ListSheetTemplates>) -> Result<Reply, Problem> {
    permit.list(|template: &SheetTemplateView| template.id, select_sheet_templates).await
}

/// Reads a version of a sheet template.
#[utoipa::path(tag = "sheet-templates", params(("id" = Uuid, Path, description = "Template")),
    responses((status = 200, body = SheetTemplateView, description = "The template")))]
#[get("/sheet-templates/{id}")]
async fn get_sheet_template(permit: Permit<GetSheetTemplate>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_sheet_template(tx, id.0)?.ok_or_else(|| catalogue::NOT_FOUND.problem())).await
}

/// One problem for all faults; its code is that of the first.
fn refuse(faults: &[TemplateFault]) -> Result<(), Problem> {
    let problem = faults.iter().fold(None, |problem: Option<Problem>, fault| {
        let (definition, pointer) = fault_at(fault);
        let problem = problem.unwrap_or_else(|| definition.problem());
        Some(problem.and(pointer, definition, Some(fault.hint())))
    });
    problem.map_or(Ok(()), Err)
}

fn fault_at(fault: &TemplateFault) -> (&'static Definition, String) {
    match fault {
        TemplateFault::Ungraduated => (&SCALE_INVALID, "/scale".to_owned()),
        TemplateFault::LabelOffScale { label } => (&SCALE_INVALID, format!("/scale/labels/{label}/value")),
        TemplateFault::LabelRepeated { label } => (&CODE_REPEATED, format!("/scale/labels/{label}/value")),
        TemplateFault::CompetenceRepeated { competence } => (&CODE_REPEATED, format!("/competences/{competence}/code")),
        TemplateFault::ItemRepeated { competence, item } => {
            (&CODE_REPEATED, format!("/competences/{competence}/items/{item}/code"))
        }
        TemplateFault::Empty => (&catalogue::INVALID_FIELD, "/competences".to_owned()),
        TemplateFault::TooMany { pointer, .. } => (&catalogue::INVALID_FIELD, pointer.clone()),
    }
}

fn insert_sheet_template(tx: &mut Tx, id: Uuid, body: &SheetTemplateBody) -> Result<SheetTemplateView, Problem> {
    Ok(diesel::insert_into(sheet_templates::table)
        .values((body, sheet_templates::id.eq(id)))
        .returning(SheetTemplateView::as_returning())
        .get_result(tx.conn)?)
}

fn select_sheet_templates(tx: &mut Tx, window: Window) -> Result<Vec<SheetTemplateView>, Problem> {
    Ok(sheet_templates::table
        .filter(own(tx, sheet_templates::tenant_id))
        .filter(sheet_templates::id.gt(window.after))
        .order(sheet_templates::id)
        .limit(window.rows())
        .select(SheetTemplateView::as_select())
        .load(tx.conn)?)
}

pub(super) fn find_sheet_template(tx: &mut Tx, id: Uuid) -> Result<Option<SheetTemplateView>, Problem> {
    Ok(sheet_templates::table
        .filter(own(tx, sheet_templates::tenant_id))
        .filter(sheet_templates::id.eq(id))
        .select(SheetTemplateView::as_select())
        .first(tx.conn)
        .optional()?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_sheet_template).service(list_sheet_templates).service(get_sheet_template);
}
