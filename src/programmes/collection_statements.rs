//! Who says how completely a kind of fact was collected for an edition. It
//! decides between a known zero and "not known", so nothing is assumed: without
//! a statement a kind of fact counts as not collected.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::FACT_KIND_REPEATED;
use super::editions::{expect_edition, lock_version};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListCollectionStatements, StateCollection};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText, ShortText, count_between, text_enum};
use crate::schema::collection_statements;

text_enum! {
    /// A kind of fact about an edition.
    pub enum FactKind {
        /// Applications of candidates.
        Applications = "applications",
        /// Participations.
        Participations = "participations",
        /// Attendance at classes.
        Attendance = "attendance",
        /// Hours of socially useful work.
        PsuHours = "psuHours",
        /// Competence sheets.
        Sheets = "sheets",
        /// Employment.
        Employment = "employment",
        /// Declarations of participants.
        Declarations = "declarations",
        /// Decisions about the next step.
        Decisions = "decisions",
        /// Money.
        Money = "money",
        /// Households.
        Households = "households",
    }
}

text_enum! {
    /// How completely a kind of fact was collected.
    pub enum Completeness {
        /// Not at all: its figures are unknown.
        NotCollected = "notCollected",
        /// In part: its figures are lower bounds.
        Partial = "partial",
        /// Completely: a count of zero is a known zero.
        Complete = "complete",
    }
}

/// A statement about one kind of fact.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = collection_statements)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StatementBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Kind of fact.
    pub kind: FactKind,
    /// How completely it was collected.
    pub completeness: Completeness,
    /// Function of the person or name of the body who says so.
    pub stated_by: ShortText,
    /// When it was said.
    pub stated_on: Day,
    /// Remarks; no personal data.
    pub note: Option<LongText>,
}

/// Statements about several kinds of fact at once, each kind at most once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "statements": [
    { "kind": "applications", "completeness": "complete", "statedBy": "koordynator", "statedOn": "2020-12-18" },
    { "kind": "employment", "completeness": "partial", "statedBy": "PUP", "statedOn": "2021-03-15", "note": "bez umów cywilnoprawnych" }
] }))]
pub struct StatementsBody {
    /// The statements.
    #[serde(deserialize_with = "count_between::<1, 20, _, _>")]
    #[schema(min_items = 1, max_items = 20)]
    pub statements: Vec<StatementBody>,
}

/// A statement about one kind of fact.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = collection_statements)]
#[serde(rename_all = "camelCase")]
pub struct StatementView {
    /// Id.
    pub id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Kind of fact.
    pub kind: FactKind,
    /// How completely it was collected.
    pub completeness: Completeness,
    /// Who says so.
    pub stated_by: ShortText,
    /// When it was said.
    pub stated_on: Day,
    /// Remarks.
    pub note: Option<LongText>,
    /// When a later statement took its place; `null` while it holds.
    pub superseded_at: Option<DateTime<Utc>>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// The statements just made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatementsView {
    /// The statements, in the order in which they were sent.
    #[schema(max_items = 20)]
    pub statements: Vec<StatementView>,
}

impl View for StatementsView {}

/// Filter of the list of statements.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct StatementFilter {
    /// Whether to list also those that later ones took the place of.
    #[serde(default)]
    #[param(default = false)]
    pub include_superseded: bool,
}

/// States how completely kinds of fact were collected for an edition.
///
/// A statement takes the place of the earlier one about the same kind, which stays readable.
#[utoipa::path(tag = "editions", request_body = StatementsBody, params(("id" = Uuid, Path, description = "Edition")), responses((status = 201, body = StatementsView, description = "The statements")))]
#[post("/editions/{id}/collection-statements")]
async fn state_collection(permit: Permit<StateCollection>, id: PathId, body: Body<StatementsBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            // The lock makes two calls about the same kind follow each other instead of colliding.
            lock_version(tx, id.0)?;
            check_statements(tx, "/statements", &body.statements)?;
            let statements = state(tx, id.0, &body.statements)?;
            tx.touch("collection_statement", statements.iter().map(|statement| statement.id));
            Ok(Written::created(format!("/editions/{}/collection-statements", id.0), StatementsView { statements }))
        })
        .await
}

/// Lists the statements about an edition's data.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"), StatementFilter, PageQuery), responses((status = 200, body = Page<StatementView>, description = "A page of statements")))]
#[get("/editions/{id}/collection-statements")]
async fn list_collection_statements(
    permit: Permit<ListCollectionStatements>,
    id: PathId,
    filter: Filter<StatementFilter>,
) -> Result<Reply, Problem> {
    permit
        .list(
            |statement: &StatementView| statement.id,
            move |tx, window| select_statements(tx, id.0, filter.0.include_superseded, window),
        )
        .await
}

/// Refuses a list that states one kind twice, since neither statement would be the later one, and what nobody can have said yet.
pub(super) fn check_statements(tx: &Tx, pointer: &str, statements: &[StatementBody]) -> Result<(), Problem> {
    let mut seen = Vec::new();
    for (position, statement) in statements.iter().enumerate() {
        if seen.contains(&statement.kind) {
            return Err(FACT_KIND_REPEATED.at(format!("{pointer}/{position}/kind")));
        }
        seen.push(statement.kind);
        tx.expect_past(statement.stated_on, &format!("{pointer}/{position}/statedOn"))?;
    }
    Ok(())
}

/// Records statements about an edition whose row is locked or new; each takes the place of the one that holds.
pub(super) fn state(tx: &mut Tx, edition: Uuid, statements: &[StatementBody]) -> Result<Vec<StatementView>, Problem> {
    let kinds: Vec<FactKind> = statements.iter().map(|statement| statement.kind).collect();
    diesel::update(
        collection_statements::table
            .filter(own(tx, collection_statements::tenant_id))
            .filter(collection_statements::edition_id.eq(edition))
            .filter(collection_statements::kind.eq_any(kinds))
            .filter(collection_statements::superseded_at.is_null()),
    )
    .set(collection_statements::superseded_at.eq(tx.now()))
    .execute(tx.conn)?;
    let rows: Vec<_> = statements
        .iter()
        .map(|statement| {
            let id = tx.id_or_new(statement.id);
            (statement, collection_statements::id.eq(id), collection_statements::edition_id.eq(edition))
        })
        .collect();
    Ok(diesel::insert_into(collection_statements::table)
        .values(rows)
        .returning(StatementView::as_returning())
        .get_results(tx.conn)?)
}

fn select_statements(
    tx: &mut Tx,
    edition: Uuid,
    include_superseded: bool,
    window: Window,
) -> Result<Vec<StatementView>, Problem> {
    expect_edition(tx, edition)?;
    let mut query = collection_statements::table
        .filter(own(tx, collection_statements::tenant_id))
        .filter(collection_statements::edition_id.eq(edition))
        .filter(collection_statements::id.gt(window.after))
        .into_boxed();
    if !include_superseded {
        query = query.filter(collection_statements::superseded_at.is_null());
    }
    Ok(query.order(collection_statements::id).limit(window.rows()).select(StatementView::as_select()).load(tx.conn)?)
}

/// The statements that hold for an edition, for the figures that consult them.
///
/// # Errors
/// When the store fails.
pub fn current_statements(tx: &mut Tx, edition: Uuid) -> Result<Vec<StatementView>, Problem> {
    Ok(collection_statements::table
        .filter(own(tx, collection_statements::tenant_id))
        .filter(collection_statements::edition_id.eq(edition))
        .filter(collection_statements::superseded_at.is_null())
        .order(collection_statements::id)
        .select(StatementView::as_select())
        .load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(state_collection).service(list_collection_statements);
}
