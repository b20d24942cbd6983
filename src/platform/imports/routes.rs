//! Planning a file, looking at the plan, committing it or giving it up.

use std::time::Instant;

use actix_web::web::{Bytes, Data};
use actix_web::{get, post};
use serde_json::json;
use uuid::Uuid;

use super::annotated::{annotate, sample};
use super::kinds::{Kinds, Registered};
use super::planning::ImportOutcome;
use super::store::{
    End, Plan, end_import, expect_planned, get_import as find_import, insert_import, open_plan, select_imports, still_planned,
    take_progress_back, take_the_commit, tell_progress,
};
use super::table::{ImportFormat, Table};
use super::upload::Upload;
use super::views::{
    ImportCancellationBody, ImportCommitBody, ImportKindsView, ImportQuery, ImportRowFilter, ImportRowView, ImportView,
    SampleQuery,
};
use super::{FAULTY_ROWS, PLAN_DIFFERS};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::Tx;
use crate::platform::deadline::DEADLINE_OF_THOUSANDS;
use crate::platform::hint::Hint;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{
    CancelImport, CommitImport, GetImport, GetImportFile, GetImportSample, ListImportKinds, ListImportRows, ListImports,
    PlanImport,
};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{FileReply, Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::secrets::digest;

/// A file as it was read, with the kind that it is meant as.
struct Sent {
    kind: Registered,
    id: Option<Uuid>,
    table: Table,
}

/// Lists the kinds of import, their columns and the limits of files.
#[utoipa::path(tag = "import-kinds", responses((status = 200, body = ImportKindsView, description = "The kinds")))]
#[get("/import-kinds")]
async fn list_import_kinds(permit: Permit<ListImportKinds>, kinds: Data<Kinds>) -> Result<Reply, Problem> {
    let _ = permit;
    Reply::ok(&ImportKindsView::of(kinds.0))
}

/// Answers a sample file of a kind, with one made-up row.
///
/// CSV comes as Polish spreadsheets read and write it: semicolons, decimal commas, a byte order mark.
#[utoipa::path(tag = "import-kinds",
    params(("kind" = String, Path, description = "Kind", example = "people", max_length = 40), SampleQuery),
    responses((status = 200, description = "The file", content(
        (String = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (String = "application/x-ndjson")))))]
#[get("/import-kinds/{kind}/sample")]
async fn get_import_sample(
    permit: Permit<GetImportSample>,
    kinds: Data<Kinds>,
    kind: PathId<String>,
    query: Filter<SampleQuery>,
) -> Result<FileReply, Problem> {
    let _ = permit;
    let kind = kinds.find(&kind.0).ok_or_else(|| catalogue::NOT_FOUND.problem())?;
    let format = query.0.format.unwrap_or(ImportFormat::Csv);
    Ok(FileReply { media: format.media(), name: format!("{}.{format}", kind.name), content: sample(format, kind.columns)? })
}

/// Plans a file: says of every row what it would do, and does nothing.
///
/// The body is the file, its Content-Type the format: CSV (comma, semicolon or tab; UTF-8, or another encoding that
/// `charset` names), XLSX (the first sheet) or NDJSON. The first row holds the heads. A file has at most 8 MiB and
/// 20 000 rows. Look at `counts` and at the rows, then commit exactly this plan. Plans and their files are forgotten
/// after the time that the operator publishes (14 days by default).
#[utoipa::path(tag = "imports", params(ImportQuery),
    request_body(description = "The file", content(
        (String = "text/csv", example = json!("Imiona;Nazwisko;Powód braku danych;Rok urodzenia\r\nAnna;Wpisana;PESEL w trakcie ustalania;1984\r\n")),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (String = "application/x-ndjson", example = json!("{\"givenNames\":\"Anna\",\"surname\":\"Wpisana\",\"missingReason\":\"PESEL w trakcie ustalania\"}\n")))),
    responses((status = 201, body = ImportView, description = "The plan")))]
#[post("/imports")]
async fn plan_import(
    permit: Permit<PlanImport>,
    kinds: Data<Kinds>,
    query: Filter<ImportQuery>,
    upload: Upload,
) -> Result<Reply, Problem> {
    let kind = kinds.find(&query.0.kind).ok_or_else(|| unknown_kind(**kinds))?;
    kind.admit(permit.caller().role)?;
    let raw = Bytes::copy_from_slice(&digest(&[kind.name.as_bytes(), upload.bytes()].join(&0)));
    let read = actix_web::web::block(move || upload.table().and_then(|table| table.check(kind.columns).map(|()| table)));
    let table = read.await.map_err(|error| catalogue::INTERNAL.problem().because(error))??;
    let fields = table.fields(kind.columns);
    let sent = Body { value: Sent { kind, id: query.0.id, table }, raw, fields };
    permit
        .taking_up_to(DEADLINE_OF_THOUSANDS)
        .write(sent, |tx, sent| {
            let id = tx.id_or_new(sent.id);
            tx.touch("import", [id]);
            let rows = (sent.kind.plan)(tx, &sent.table)?;
            let known: Vec<Uuid> = rows.iter().filter_map(|row| row.record).collect();
            if !known.is_empty() {
                // A plan tells who is known and what differs: the register names them as after a search.
                tx.touch(sent.kind.record, known);
            }
            let import = insert_import(tx, id, sent.kind.name, &Plan { table: sent.table.clone(), rows })?;
            Ok(Written::created(format!("/imports/{id}"), import))
        })
        .await
}

fn unknown_kind(kinds: Kinds) -> Problem {
    let names = kinds.names();
    let hint = Hint::one_of(names.split(", "));
    catalogue::INVALID_PARAMETER.problem().and("kind", &catalogue::INVALID_PARAMETER, Some(hint))
}

/// Lists imports.
#[utoipa::path(tag = "imports", params(PageQuery), responses((status = 200, body = Page<ImportView>, description = "A page of imports")))]
#[get("/imports")]
async fn list_imports(permit: Permit<ListImports>) -> Result<Reply, Problem> {
    permit.list(|import: &ImportView| import.id, select_imports).await
}

/// Reads an import: its state, what its rows do, and how far a commit under way is.
#[utoipa::path(tag = "imports", params(("id" = Uuid, Path, description = "Import")),
    responses((status = 200, body = ImportView, description = "The import")))]
#[get("/imports/{id}")]
async fn get_import(permit: Permit<GetImport>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_import(tx, id.0)).await
}

/// Lists what becomes of the rows of an import, without their values, and which record each row is about.
#[utoipa::path(tag = "imports", params(("id" = Uuid, Path, description = "Import"), ImportRowFilter, PageQuery),
    responses((status = 200, body = Page<ImportRowView>, description = "A page of rows")))]
#[get("/imports/{id}/rows")]
async fn list_import_rows(
    permit: Permit<ListImportRows>,
    kinds: Data<Kinds>,
    id: PathId,
    filter: Filter<ImportRowFilter>,
) -> Result<Reply, Problem> {
    permit.list(place_of, move |tx, window| select_rows(tx, **kinds, id.0, window, filter.0.outcome)).await
}

/// Rows have no ids; their numbers order them as ids would.
fn place_of(row: &ImportRowView) -> Uuid {
    place(row.row)
}

fn place(line: u32) -> Uuid {
    Uuid::from_u128(u128::from(line))
}

fn select_rows(
    tx: &mut Tx,
    kinds: Kinds,
    id: Uuid,
    window: Window,
    outcome: Option<ImportOutcome>,
) -> Result<Vec<ImportRowView>, Problem> {
    let Some(plan) = open_plan(tx, id)? else { return Ok(Vec::new()) };
    let import = find_import(tx, id)?;
    let mut rows = plan.rows;
    rows.retain(|row| outcome.is_none_or(|outcome| row.outcome == outcome) && place(row.line) > window.after);
    rows.truncate(usize::try_from(window.rows()).unwrap_or_default());
    let addresses = kind_of(kinds, &import)?.locate(tx, &mut rows)?;
    Ok(rows.into_iter().map(|row| ImportRowView::of(row, &addresses)).collect())
}

/// Answers the file that was sent, with what becomes of each row beside it.
#[utoipa::path(tag = "imports", params(("id" = Uuid, Path, description = "Import")),
    responses((status = 200, description = "The file in its own format", content(
        (String = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (String = "application/x-ndjson")))))]
#[get("/imports/{id}/file")]
async fn get_import_file(permit: Permit<GetImportFile>, kinds: Data<Kinds>, id: PathId) -> Result<FileReply, Problem> {
    permit
        .reveal_file(move |tx| {
            tx.touch("import", [id.0]);
            let import = find_import(tx, id.0)?;
            let kind = kind_of(**kinds, &import)?;
            kind.admit(tx.caller.role)?;
            let mut plan = open_plan(tx, id.0)?.ok_or_else(|| catalogue::NOT_FOUND.problem())?;
            let addresses = kind.locate(tx, &mut plan.rows)?;
            let records: Vec<Uuid> = plan.rows.iter().filter_map(|row| row.record).collect();
            if !records.is_empty() {
                tx.touch(kind.record, records);
            }
            let content = annotate(&plan.table, (&plan.rows, &addresses), kind.columns)?;
            let format = plan.table.format;
            Ok(FileReply { media: format.media(), name: format!("{}.{format}", import.id), content })
        })
        .await
}

/// The kind of an import; an earlier version of the program may have known more of them.
fn kind_of(kinds: Kinds, import: &ImportView) -> Result<Registered, Problem> {
    kinds.find(&import.kind).ok_or_else(|| catalogue::INTERNAL.problem().because("an import of an unknown kind"))
}

/// Commits a plan: all its rows in one transaction, or none.
///
/// The rows are planned once more in that transaction, and where anything comes out differently than planned, the
/// answer names those rows and nothing is recorded. Meanwhile `rowsDone` of the import tells how far it is, and a
/// cancellation undoes it. A service that is stopped half-way leaves the plan as it was.
#[utoipa::path(tag = "imports", params(("id" = Uuid, Path, description = "Import")), request_body = ImportCommitBody,
    responses((status = 200, body = ImportView, description = "The committed import")))]
#[post("/imports/{id}/commit")]
async fn commit_import(
    permit: Permit<CommitImport>,
    kinds: Data<Kinds>,
    id: PathId,
    body: Body<ImportCommitBody>,
) -> Result<Reply, Problem> {
    let (db, tenant) = (permit.service().db.clone(), permit.caller().tenant);
    let telling = db.clone();
    let tell = move |done| tell_progress(&telling, tenant, id.0, done);
    let outcome =
        permit.taking_up_to(DEADLINE_OF_THOUSANDS).write(body, move |tx, body| commit(tx, **kinds, id.0, body, &tell)).await;
    if outcome.is_err() {
        let _ = actix_web::web::block(move || take_progress_back(&db, tenant, id.0)).await;
    }
    outcome
}

fn commit(
    tx: &mut Tx,
    kinds: Kinds,
    id: Uuid,
    body: &ImportCommitBody,
    tell: &dyn Fn(usize),
) -> Result<Written<ImportView>, Problem> {
    tx.touch("import", [id]);
    let import = find_import(tx, id)?;
    let kind = kind_of(kinds, &import)?;
    kind.admit(tx.caller.role)?;
    tx.expect_version(import.row_version)?;
    expect_planned(&import)?;
    if body.plan_hash.as_ref().is_some_and(|hash| hash.as_str() != import.plan_hash) {
        return Err(PLAN_DIFFERS.at("/planHash"));
    }
    let faulty = import.counts.conflict + import.counts.error;
    if faulty > 0 && !body.leave_out_faulty {
        return Err(FAULTY_ROWS.problem().with("faulty", faulty));
    }
    take_the_commit(tx, id)?;
    if !tx.is_rehearsal() {
        // What a file says anew is compared with what is there, also with what another file has said just now; of single calls
        // those wait that tell of the same people.
        let town = tx.tenant();
        tx.wait_in_turn(&[b"import", town.as_bytes()])?;
        // A service that was killed half-way could not take back what it had told.
        tell(0);
    }
    let mut plan = open_plan(tx, id)?.ok_or_else(|| catalogue::NOT_FOUND.problem())?;
    let Plan { table, rows } = &mut plan;
    let began = Instant::now();
    let mut step = |tx: &mut Tx, done: usize| {
        if began.elapsed() > DEADLINE_OF_THOUSANDS {
            return Err(catalogue::UNAVAILABLE.problem().retry_after(30).because("an import took too long"));
        }
        if !tx.is_rehearsal() {
            tell(done);
        }
        still_planned(tx, id)
    };
    let records = (kind.carry_out)(tx, table, rows, &mut step)?;
    let committed = end_import(tx, &import, &End::Committed(&plan))?;
    if !records.is_empty() {
        tx.touch(kind.record, records);
    }
    tx.announce("import", id, "import.committed", json!({ "importId": id, "kind": kind.name }));
    Ok(Written::changed(committed))
}

/// Gives an import up; its rows are removed at once.
///
/// One that is just being committed is undone as a whole.
#[utoipa::path(tag = "imports", params(("id" = Uuid, Path, description = "Import")), request_body = ImportCancellationBody,
    responses((status = 200, body = ImportView, description = "The cancelled import")))]
#[post("/imports/{id}/cancellation")]
async fn cancel_import(permit: Permit<CancelImport>, id: PathId, body: Body<ImportCancellationBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("import", [id.0]);
            let import = find_import(tx, id.0)?;
            tx.expect_version(import.row_version)?;
            expect_planned(&import)?;
            let cancelled = end_import(tx, &import, &End::Cancelled(body.reason.as_ref()))?;
            tx.announce("import", id.0, "import.cancelled", json!({ "importId": id.0 }));
            Ok(Written::changed(cancelled))
        })
        .await
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_import_kinds).service(get_import_sample).service(plan_import).service(list_imports);
    config.service(list_import_rows).service(get_import_file).service(commit_import).service(cancel_import).service(get_import);
}
