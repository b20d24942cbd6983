//! Versions of the texts that people sign when they join an edition (Polish: deklaracja uczestnictwa).
//!
//! Each version is stored once and never changed; who signed it refers to it.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateDeclarationText, GetDeclarationText, ListDeclarationTexts};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::secrets::digest_hex;
use crate::platform::types::{Code, Text, between};
use crate::schema::declaration_texts;

/// The words of a declaration: up to 20,000 characters.
pub type DeclarationWords = Text<1, 20_000>;

/// A version of a text, as recorded.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = declaration_texts)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "code": "deklaracja-uczestnictwa", "version": 2,
    "text": "Deklaruję udział w programie i oświadczam, że zapoznałem(-am) się z jego regulaminem."
}))]
pub struct DeclarationTextBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Code of the text; all its versions share it.
    pub code: Code,
    /// Version.
    #[serde(deserialize_with = "between::<1, 1_000_000, _, _>")]
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub version: i32,
    /// The words as they are signed, with blanks in the place of personal data.
    #[diesel(column_name = content)]
    pub text: DeclarationWords,
}

/// A version of a text.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = declaration_texts)]
#[serde(rename_all = "camelCase")]
pub struct DeclarationTextView {
    /// Id.
    pub id: Uuid,
    /// Code of the text.
    pub code: Code,
    /// Version.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub version: i32,
    /// The words.
    #[diesel(column_name = content)]
    pub text: DeclarationWords,
    /// SHA-256 of the words in UTF-8, in hexadecimal digits, to compare with the template of the paper.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl View for DeclarationTextView {}

/// Which texts.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct DeclarationTextFilter {
    /// Versions of this text.
    #[param(inline)]
    code: Option<Code>,
}

/// Records a version of a text that people sign.
///
/// A version is never changed: a changed text is a new version.
#[utoipa::path(tag = "declaration-texts", request_body = DeclarationTextBody,
    responses((status = 201, body = DeclarationTextView, description = "The version")))]
#[post("/declaration-texts")]
async fn create_declaration_text(
    permit: Permit<CreateDeclarationText>,
    body: Body<DeclarationTextBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("declaration_text", [id]);
            let view = diesel::insert_into(declaration_texts::table)
                .values((
                    body,
                    declaration_texts::id.eq(id),
                    declaration_texts::sha256.eq(digest_hex(body.text.as_str().as_bytes())),
                ))
                .returning(DeclarationTextView::as_returning())
                .get_result(tx.conn)?;
            Ok(Written::created(format!("/declaration-texts/{id}"), view))
        })
        .await
}

/// Lists the texts that people sign, in all versions.
#[utoipa::path(tag = "declaration-texts", params(DeclarationTextFilter, PageQuery),
    responses((status = 200, body = Page<DeclarationTextView>, description = "A page of versions")))]
#[get("/declaration-texts")]
async fn list_declaration_texts(
    permit: Permit<ListDeclarationTexts>,
    filter: Filter<DeclarationTextFilter>,
) -> Result<Reply, Problem> {
    permit.list(|text: &DeclarationTextView| text.id, move |tx, window| select_texts(tx, &filter.0, window)).await
}

/// Reads a version of a text that people sign.
#[utoipa::path(tag = "declaration-texts", params(("id" = Uuid, Path, description = "Version of a text")),
    responses((status = 200, body = DeclarationTextView, description = "The version")))]
#[get("/declaration-texts/{id}")]
async fn get_declaration_text(permit: Permit<GetDeclarationText>, id: PathId) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            Ok(declaration_texts::table
                .filter(own(tx, declaration_texts::tenant_id))
                .filter(declaration_texts::id.eq(id.0))
                .select(DeclarationTextView::as_select())
                .first(tx.conn)?)
        })
        .await
}

fn select_texts(tx: &mut Tx, filter: &DeclarationTextFilter, window: Window) -> Result<Vec<DeclarationTextView>, Problem> {
    let mut query = declaration_texts::table
        .filter(own(tx, declaration_texts::tenant_id))
        .filter(declaration_texts::id.gt(window.after))
        .into_boxed();
    if let Some(code) = &filter.code {
        query = query.filter(declaration_texts::code.eq(code));
    }
    Ok(query.order(declaration_texts::id).limit(window.rows()).select(DeclarationTextView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_declaration_text).service(list_declaration_texts).service(get_declaration_text);
}
