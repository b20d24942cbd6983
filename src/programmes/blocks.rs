//! Blocks: the parts of an edition, such as activation (socially useful work)
//! and integration (classes, counselling), with their hours and themes.

use std::collections::BTreeSet;

use actix_web::{get, post, put};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::BLOCK_FIXED;
use super::editions::expect_edition;
use super::warnings::PlannedHours;
use crate::platform::body::{Body, PathId, same_id};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateBlock, GetBlock, ListBlocks, ListThemes, UpdateBlock};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Hours, LongText, Percent, ShortText, count_between, text_enum};
use crate::schema::{blocks, themes};

text_enum! {
    /// What a block is.
    pub enum BlockKind {
        /// Socially useful work (Polish: aktywizacja, prace społecznie użyteczne).
        Activation = "activation",
        /// Counselling, workshops, support groups (Polish: integracja).
        Integration = "integration",
        /// Vocational active integration.
        Vocational = "vocational",
        /// Educational active integration.
        Educational = "educational",
        /// Social active integration.
        Social = "social",
        /// Health-related active integration.
        Health = "health",
        /// Anything else.
        Other = "other",
    }
}

text_enum! {
    /// Who runs a block.
    pub enum ProviderKind {
        /// The institution itself.
        Own = "own",
        /// The labour office.
        LabourOffice = "labourOffice",
        /// A contractor chosen for it.
        Contractor = "contractor",
        /// Another partner.
        Partner = "partner",
    }
}

text_enum! {
    /// In what form a block is held.
    pub enum BlockForm {
        /// In a group.
        Group = "group",
        /// One to one.
        Individual = "individual",
        /// Both.
        Mixed = "mixed",
    }
}

/// A block, as created or replaced.
#[derive(Debug, Deserialize, Insertable, AsChangeset, ToSchema)]
#[diesel(table_name = blocks, treat_none_as_null = true)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "kind": "integration", "name": "Warsztaty kompetencji społecznych", "providerKind": "contractor",
    "providerPartnerId": examples::PARTNER, "form": "group", "facilitatorProfessions": ["psycholog", "doradca zawodowy"],
    "plannedHours": "80.00", "weeklyHours": "10.00", "themes": ["komunikacja interpersonalna", "asertywność"], "themesExhaustive": true
}))]
pub struct BlockBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion, skip_update)]
    pub id: Option<Uuid>,
    /// What it is; never changes.
    #[diesel(skip_update)]
    pub kind: BlockKind,
    /// Name, unique within the edition.
    pub name: ShortText,
    /// Who runs it.
    pub provider_kind: Option<ProviderKind>,
    /// Partner that runs it.
    pub provider_partner_id: Option<Uuid>,
    /// In what form it is held.
    pub form: Option<BlockForm>,
    /// Professions of those who lead it.
    #[serde(default, deserialize_with = "count_between::<0, 20, _, _>")]
    #[schema(max_items = 20)]
    pub facilitator_professions: Vec<ShortText>,
    /// Planned hours of the whole edition for one participant.
    #[diesel(column_name = planned_minutes)]
    pub planned_hours: Option<Hours>,
    /// Planned hours of a week for one participant.
    #[diesel(column_name = weekly_minutes)]
    pub weekly_hours: Option<Hours>,
    /// Share of the hours of the block that completion asks for, beside the share of all classes of the edition: of its
    /// classes, or of the planned hours of socially useful work. Not together with `completionHours`.
    pub completion_attendance_percent: Option<Percent>,
    /// Hours of the block that completion asks for.
    #[diesel(column_name = completion_minutes)]
    pub completion_hours: Option<Hours>,
    /// Themes; new ones enter the catalogue.
    #[serde(default, deserialize_with = "count_between::<0, 100, _, _>")]
    #[schema(max_items = 100)]
    pub themes: Vec<ShortText>,
    /// Whether the list of themes is complete.
    #[serde(default = "exhaustive")]
    #[schema(default = true)]
    pub themes_exhaustive: bool,
    /// Where it is held.
    pub venue: Option<ShortText>,
    /// What it is about; no personal data.
    pub description: Option<LongText>,
}

fn exhaustive() -> bool {
    true
}

/// A block.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = blocks)]
#[serde(rename_all = "camelCase")]
pub struct BlockView {
    /// Id.
    pub id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// What it is.
    pub kind: BlockKind,
    /// Name.
    pub name: ShortText,
    /// Who runs it.
    pub provider_kind: Option<ProviderKind>,
    /// Partner that runs it.
    pub provider_partner_id: Option<Uuid>,
    /// In what form it is held.
    pub form: Option<BlockForm>,
    /// Professions of those who lead it.
    #[schema(max_items = 20)]
    pub facilitator_professions: Vec<ShortText>,
    /// Planned hours of the whole edition for one participant.
    #[diesel(column_name = planned_minutes)]
    pub planned_hours: Option<Hours>,
    /// Planned hours of a week for one participant.
    #[diesel(column_name = weekly_minutes)]
    pub weekly_hours: Option<Hours>,
    /// Share of the hours of the block that completion asks for.
    pub completion_attendance_percent: Option<Percent>,
    /// Hours of the block that completion asks for.
    #[diesel(column_name = completion_minutes)]
    pub completion_hours: Option<Hours>,
    /// Themes.
    #[schema(max_items = 100)]
    pub themes: Vec<ShortText>,
    /// Whether the list of themes is complete.
    pub themes_exhaustive: bool,
    /// Where it is held.
    pub venue: Option<ShortText>,
    /// What it is about.
    pub description: Option<LongText>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for BlockView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

/// A theme of the catalogue.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = themes)]
#[serde(rename_all = "camelCase")]
pub struct ThemeView {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: ShortText,
}

/// Adds a block to an edition.
#[utoipa::path(tag = "editions", request_body = BlockBody, params(("id" = Uuid, Path, description = "Edition")), responses((status = 201, body = BlockView, description = "The block")))]
#[post("/editions/{id}/blocks")]
async fn create_block(permit: Permit<CreateBlock>, id: PathId, body: Body<BlockBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let block = tx.id_or_new(body.id);
            tx.touch("block", [block]);
            expect_edition(tx, id.0)?;
            add_themes(tx, &body.themes)?;
            let view = insert_block(tx, id.0, block, body)?;
            Ok(Written::created(format!("/blocks/{block}"), view))
        })
        .await
}

/// Lists the blocks of an edition.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"), PageQuery), responses((status = 200, body = Page<BlockView>, description = "A page of blocks")))]
#[get("/editions/{id}/blocks")]
async fn list_blocks(permit: Permit<ListBlocks>, id: PathId) -> Result<Reply, Problem> {
    permit.list(|block: &BlockView| block.id, move |tx, window| select_blocks(tx, id.0, window)).await
}

/// Reads a block.
#[utoipa::path(tag = "blocks", params(("id" = Uuid, Path, description = "Block")), responses((status = 200, body = BlockView, description = "The block")))]
#[get("/blocks/{id}")]
async fn get_block(permit: Permit<GetBlock>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_block(tx, id.0)).await
}

/// Replaces what is known of a block.
///
/// Its kind has to be the one that it has, because hours were counted by it.
#[utoipa::path(tag = "blocks", request_body = BlockBody, params(("id" = Uuid, Path, description = "Block")), responses((status = 200, body = BlockView, description = "The block as it is now")))]
#[put("/blocks/{id}")]
async fn update_block(permit: Permit<UpdateBlock>, id: PathId, body: Body<BlockBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("block", [id.0]);
            let (current, kind) = lock_block(tx, id.0)?;
            tx.expect_version(current)?;
            same_id(id.0, body.id)?;
            if body.kind != kind {
                return Err(BLOCK_FIXED.at("/kind"));
            }
            add_themes(tx, &body.themes)?;
            Ok(Written::changed(change_block(tx, id.0, body)?))
        })
        .await
}

/// Lists the catalogue of themes, which grows with the blocks.
#[utoipa::path(tag = "themes", params(PageQuery), responses((status = 200, body = Page<ThemeView>, description = "A page of themes")))]
#[get("/themes")]
async fn list_themes(permit: Permit<ListThemes>) -> Result<Reply, Problem> {
    permit.list(|theme: &ThemeView| theme.id, select_themes).await
}

fn insert_block(tx: &mut Tx, edition: Uuid, id: Uuid, body: &BlockBody) -> Result<BlockView, Problem> {
    Ok(diesel::insert_into(blocks::table)
        .values((body, blocks::id.eq(id), blocks::edition_id.eq(edition)))
        .returning(BlockView::as_returning())
        .get_result(tx.conn)?)
}

fn select_blocks(tx: &mut Tx, edition: Uuid, window: Window) -> Result<Vec<BlockView>, Problem> {
    expect_edition(tx, edition)?;
    Ok(blocks::table
        .filter(own(tx, blocks::tenant_id))
        .filter(blocks::edition_id.eq(edition))
        .filter(blocks::id.gt(window.after))
        .order(blocks::id)
        .limit(window.rows())
        .select(BlockView::as_select())
        .load(tx.conn)?)
}

fn find_block(tx: &mut Tx, id: Uuid) -> Result<BlockView, Problem> {
    Ok(blocks::table
        .filter(own(tx, blocks::tenant_id))
        .filter(blocks::id.eq(id))
        .select(BlockView::as_select())
        .first(tx.conn)?)
}

fn lock_block(tx: &mut Tx, id: Uuid) -> Result<(i32, BlockKind), Problem> {
    Ok(blocks::table
        .filter(own(tx, blocks::tenant_id))
        .filter(blocks::id.eq(id))
        .select((blocks::row_version, blocks::kind))
        .for_update()
        .first(tx.conn)?)
}

fn change_block(tx: &mut Tx, id: Uuid, body: &BlockBody) -> Result<BlockView, Problem> {
    Ok(diesel::update(blocks::table.filter(own(tx, blocks::tenant_id)).filter(blocks::id.eq(id)))
        .set(body)
        .returning(BlockView::as_returning())
        .get_result(tx.conn)?)
}

/// Planned hours of the integration blocks of an edition, for its warnings and figures.
///
/// # Errors
/// When the store fails.
pub fn planned_integration(tx: &mut Tx, edition: Uuid) -> Result<Vec<PlannedHours>, Problem> {
    let rows: Vec<(Option<Hours>, Option<Hours>)> = blocks::table
        .filter(own(tx, blocks::tenant_id))
        .filter(blocks::edition_id.eq(edition))
        .filter(blocks::kind.eq(BlockKind::Integration))
        .order(blocks::id)
        .select((blocks::planned_minutes, blocks::weekly_minutes))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(total, weekly)| PlannedHours { total, weekly }).collect())
}

fn add_themes(tx: &mut Tx, names: &[ShortText]) -> Result<(), Problem> {
    // In one order for all callers, so that two of them cannot wait for each other.
    let names: BTreeSet<&ShortText> = names.iter().collect();
    let rows: Vec<_> = names.into_iter().map(|name| (themes::id.eq(tx.id_or_new(None)), themes::name.eq(name))).collect();
    diesel::insert_into(themes::table).values(rows).on_conflict_do_nothing().execute(tx.conn)?;
    Ok(())
}

fn select_themes(tx: &mut Tx, window: Window) -> Result<Vec<ThemeView>, Problem> {
    Ok(themes::table
        .filter(own(tx, themes::tenant_id))
        .filter(themes::id.gt(window.after))
        .order(themes::id)
        .limit(window.rows())
        .select(ThemeView::as_select())
        .load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_block).service(list_blocks).service(get_block).service(update_block).service(list_themes);
}
