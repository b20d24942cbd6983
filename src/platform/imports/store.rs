//! Imports as they are stored: figures in the clear, rows and plan sealed.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::planning::{ImportOutcome, PlannedRow};
use super::table::{ImportFormat, Table, unwritten};
use super::views::{ImportState, ImportView};
use super::{BEING_COMMITTED, CANCELLED, NOT_PLANNED};
use crate::platform::db::{Db, Tx, own};
use crate::platform::in_turn::lock_number;
use crate::platform::paging::Window;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::secrets::digest_hex;
use crate::platform::types::ShortText;
use crate::schema::imports;

/// What the plan is sealed as: it opens only in its own row.
pub(super) fn sealed_as(id: Uuid) -> String {
    format!("import {id}")
}

/// The rows of a file with what is planned for each.
#[derive(Serialize, Deserialize)]
pub(super) struct Plan {
    pub table: Table,
    pub rows: Vec<PlannedRow>,
}

#[derive(Insertable)]
#[diesel(table_name = imports)]
struct NewImport<'a> {
    id: Uuid,
    kind: &'a str,
    format: ImportFormat,
    state: ImportState,
    plan: Vec<u8>,
    plan_hash: String,
    rows_created: i32,
    rows_changed: i32,
    rows_unchanged: i32,
    rows_conflict: i32,
    rows_error: i32,
}

diesel::define_sql_function! {
    /// Tells others how far a commit is; see the migration.
    fn note_import_progress(tenant: SqlUuid, import: SqlUuid, done: Integer);
}

diesel::define_sql_function! {
    /// Whether somebody holds the lock of a commit; see the migration.
    fn import_lock_is_held(number: BigInt) -> Bool;
}

diesel::define_sql_function! {
    /// Drops old imports of all tenants; see the migration.
    fn forget_imports(before: Timestamptz) -> BigInt;
}

/// Drops the imports that are older than `before`, with their files and plans; answers how many there were.
///
/// # Errors
/// When the store fails.
pub fn forget_before(conn: &mut PgConnection, before: DateTime<Utc>) -> Result<i64, Problem> {
    Ok(diesel::select(forget_imports(before)).get_result(conn)?)
}

pub(super) fn insert_import(tx: &mut Tx, id: Uuid, kind: &str, plan: &Plan) -> Result<ImportView, Problem> {
    let bytes = serde_json::to_vec(plan).map_err(unwritten)?;
    // A plain hash could be found by trying: a file may hold one number.
    let plan_hash = tx.safe().index.for_tenant(tx.tenant()).of("import plan", &digest_hex(&bytes));
    let count = |outcome| {
        let rows = plan.rows.iter().filter(|row| row.outcome == outcome).count();
        i32::try_from(rows).unwrap_or(i32::MAX)
    };
    let new = NewImport {
        id,
        kind,
        format: plan.table.format,
        state: ImportState::Planned,
        plan: sealed(tx, id, &bytes)?,
        plan_hash: digest_hex(&plan_hash),
        rows_created: count(ImportOutcome::Created),
        rows_changed: count(ImportOutcome::Changed),
        rows_unchanged: count(ImportOutcome::Unchanged),
        rows_conflict: count(ImportOutcome::Conflict),
        rows_error: count(ImportOutcome::Faulty),
    };
    Ok(diesel::insert_into(imports::table).values(new).returning(ImportView::as_returning()).get_result(tx.conn)?)
}

fn sealed(tx: &Tx, id: Uuid, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    tx.safe().vault.seal_payload(tx.tenant(), &sealed_as(id), bytes).map_err(unwritten)
}

/// An import of the tenant, or 404.
pub(super) fn get_import(tx: &mut Tx, id: Uuid) -> Result<ImportView, Problem> {
    let import = imports::table
        .filter(own(tx, imports::tenant_id))
        .filter(imports::id.eq(id))
        .select(ImportView::as_select())
        .first(tx.conn)?;
    with_progress(tx, import)
}

pub(super) fn select_imports(tx: &mut Tx, window: Window) -> Result<Vec<ImportView>, Problem> {
    let page: Vec<ImportView> = imports::table
        .filter(own(tx, imports::tenant_id))
        .filter(imports::id.gt(window.after))
        .order(imports::id)
        .limit(window.rows())
        .select(ImportView::as_select())
        .load(tx.conn)?;
    page.into_iter().map(|import| with_progress(tx, import)).collect()
}

/// The import with no progress where no commit is under way: a service that was killed could not take back what it had told.
fn with_progress(tx: &mut Tx, import: ImportView) -> Result<ImportView, Problem> {
    if import.state != ImportState::Planned || import.rows_done == 0 {
        return Ok(import);
    }
    let number = lock_number(&words_of(tx.tenant().as_bytes(), import.id.as_bytes()));
    let is_under_way: bool = diesel::select(import_lock_is_held(number)).get_result(tx.conn)?;
    Ok(if is_under_way { import } else { ImportView { rows_done: 0, ..import } })
}

/// Rows and plan of an import; one that was cancelled has none any more.
pub(super) fn open_plan(tx: &mut Tx, id: Uuid) -> Result<Option<Plan>, Problem> {
    let sealed: Option<Vec<u8>> =
        imports::table.filter(own(tx, imports::tenant_id)).filter(imports::id.eq(id)).select(imports::plan).first(tx.conn)?;
    let Some(sealed) = sealed else { return Ok(None) };
    let bytes = tx.safe().vault.open_payload(tx.tenant(), &sealed_as(id), &sealed).map_err(unwritten)?;
    // The cause would show what was read.
    let plan =
        serde_json::from_slice(&bytes).map_err(|_| catalogue::INTERNAL.problem().because("a stored plan cannot be read"))?;
    Ok(Some(plan))
}

/// Keeps a second commit of the same import out until this one ends; rehearsals do not mind each other.
pub(super) fn take_the_commit(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    let town = tx.tenant();
    if tx.is_alone_with(&words_of(town.as_bytes(), id.as_bytes()))? {
        Ok(())
    } else {
        Err(BEING_COMMITTED.problem().retry_after(1))
    }
}

/// What a commit is known by to its lock.
fn words_of<'w>(town: &'w [u8], import: &'w [u8]) -> [&'w [u8]; 3] {
    [b"commit", town, import]
}

/// Refuses to go on with an import that is not planned any more, as others may have made it meanwhile.
pub(super) fn still_planned(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    match get_import(tx, id)?.state {
        ImportState::Planned => Ok(()),
        _ => Err(CANCELLED.problem()),
    }
}

/// Tells others how far a commit is, where a connection is free for it.
pub(super) fn tell_progress(db: &Db, tenant: Uuid, id: Uuid, done: usize) {
    let done = i32::try_from(done).unwrap_or(i32::MAX);
    let _ = db.at_once_if_free(|conn| diesel::select(note_import_progress(tenant, id, done)).execute(conn));
}

/// Tells others that nothing of a commit is done, because it was refused.
pub(super) fn take_progress_back(db: &Db, tenant: Uuid, id: Uuid) {
    let _ = db.at_once(|conn| diesel::select(note_import_progress(tenant, id, 0)).execute(conn));
}

/// How an import ends.
pub(super) enum End<'a> {
    /// Carried out: the plan with the records of its rows.
    Committed(&'a Plan),
    /// Given up, for a reason.
    Cancelled(Option<&'a ShortText>),
}

/// Ends an import that is still planned: a commit leaves the plan with its records, a cancellation nothing.
pub(super) fn end_import(tx: &mut Tx, import: &ImportView, end: &End) -> Result<ImportView, Problem> {
    let (state, plan, done, reason) = match end {
        End::Committed(plan) => {
            let bytes = serde_json::to_vec(plan).map_err(unwritten)?;
            let done = import.counts.created + import.counts.changed;
            (ImportState::Committed, Some(sealed(tx, import.id, &bytes)?), done, None)
        }
        End::Cancelled(reason) => (ImportState::Cancelled, None, 0, *reason),
    };
    let planned = imports::table
        .filter(own(tx, imports::tenant_id))
        .filter(imports::id.eq(import.id))
        .filter(imports::state.eq(ImportState::Planned));
    diesel::update(planned)
        .set((
            imports::state.eq(state),
            imports::plan.eq(plan),
            imports::rows_done.eq(done),
            imports::ended_at.eq(tx.now()),
            imports::cancellation_reason.eq(reason),
        ))
        .returning(ImportView::as_returning())
        .get_result(tx.conn)
        .optional()?
        .ok_or_else(|| CANCELLED.problem())
}

/// Refuses an import that was committed or cancelled.
pub(super) fn expect_planned(import: &ImportView) -> Result<(), Problem> {
    match import.state {
        ImportState::Planned => Ok(()),
        ended => Err(NOT_PLANNED.problem().with("state", ended.as_str())),
    }
}
