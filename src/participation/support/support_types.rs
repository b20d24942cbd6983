//! The catalogue of kinds of support: the built-in ones and a town's own.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::participation::SUPPORT_TYPE_EXISTS;
use crate::platform::body::Body;
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateSupportType, ListSupportTypes};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Code, ShortText};
use crate::schema::support_types;

/// Tenant of the built-in types.
const BUILT_IN: Uuid = Uuid::nil();

/// A kind of support, as entered.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = support_types)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "code": "debtCounselling", "namePl": "Poradnictwo oddłużeniowe", "nameEn": "Debt counselling", "course": false }))]
pub struct SupportTypeBody {
    /// Code by which items name it; no other type of the town or built in has it.
    pub code: Code,
    /// Name in Polish.
    pub name_pl: ShortText,
    /// Name in English.
    pub name_en: ShortText,
    /// Whether it has a result and may have a certificate.
    #[diesel(column_name = is_course)]
    pub course: bool,
}

/// A kind of support.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = support_types)]
#[serde(rename_all = "camelCase")]
pub struct SupportTypeView {
    /// Id.
    pub id: Uuid,
    /// Whether the service brings it along; all others are the tenant's own.
    #[diesel(
        select_expression = support_types::tenant_id.eq(BUILT_IN),
        select_expression_type = diesel::dsl::Eq<support_types::tenant_id, Uuid>
    )]
    pub built_in: bool,
    /// Code by which items name it.
    pub code: Code,
    /// Name in Polish.
    pub name_pl: ShortText,
    /// Name in English.
    pub name_en: ShortText,
    /// Whether it has a result and may have a certificate.
    #[diesel(column_name = is_course)]
    pub course: bool,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl View for SupportTypeView {}

/// Adds a kind of support to the town's catalogue.
#[utoipa::path(tag = "support-types", request_body = SupportTypeBody,
    responses((status = 201, body = SupportTypeView, description = "The type")))]
#[post("/support-types")]
async fn create_support_type(permit: Permit<CreateSupportType>, body: Body<SupportTypeBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(None);
            tx.touch("supportType", [id]);
            if find_type(tx, &body.code)?.is_some() {
                return Err(SUPPORT_TYPE_EXISTS.at("/code"));
            }
            let view: SupportTypeView = diesel::insert_into(support_types::table)
                .values((body, support_types::id.eq(id)))
                .returning(SupportTypeView::as_returning())
                .get_result(tx.conn)?;
            Ok(Written::created("/support-types", view))
        })
        .await
}

/// Lists the kinds of support: the built-in ones and the town's own.
#[utoipa::path(tag = "support-types", params(PageQuery),
    responses((status = 200, body = Page<SupportTypeView>, description = "A page of types")))]
#[get("/support-types")]
async fn list_support_types(permit: Permit<ListSupportTypes>) -> Result<Reply, Problem> {
    permit.list(|kind: &SupportTypeView| kind.id, select_types).await
}

fn select_types(tx: &mut Tx, window: Window) -> Result<Vec<SupportTypeView>, Problem> {
    Ok(support_types::table
        .filter(own(tx, support_types::tenant_id).or(support_types::tenant_id.eq(BUILT_IN)))
        .filter(support_types::id.gt(window.after))
        .order(support_types::id)
        .limit(window.rows())
        .select(SupportTypeView::as_select())
        .load(tx.conn)?)
}

/// The type of a code, built in or of the town.
pub(super) fn find_type(tx: &mut Tx, code: &Code) -> Result<Option<SupportTypeView>, Problem> {
    Ok(support_types::table
        .filter(own(tx, support_types::tenant_id).or(support_types::tenant_id.eq(BUILT_IN)))
        .filter(support_types::code.eq(code))
        .select(SupportTypeView::as_select())
        .first(tx.conn)
        .optional()?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_support_type).service(list_support_types);
}
