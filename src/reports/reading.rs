//! Reports, their documents and their files.

use actix_web::body::BoxBody;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder, get};
use diesel::prelude::*;
use uuid::Uuid;

use super::document::FinalReport;
use super::formats::{file_name, html, media_of, write};
use super::views::{ReportFileQuery, ReportFileView, ReportFilter, ReportFormat, ReportState, ReportView};
use crate::platform::body::{Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::listing::CsvDialect;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{GetReport, GetReportDocument, GetReportFile, ListReportFiles, ListReports};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{FileReply, Reply};
use crate::platform::routes::ServiceConfig;
use crate::schema::{report_files, reports};

/// Lists reports of editions.
#[utoipa::path(tag = "reports", params(ReportFilter, PageQuery),
    responses((status = 200, body = Page<ReportView>, description = "A page of reports")))]
#[get("/reports")]
async fn list_reports(permit: Permit<ListReports>, filter: Filter<ReportFilter>) -> Result<Reply, Problem> {
    permit.list(|report: &ReportView| report.id, move |tx, window| select_reports(tx, &filter.0, window)).await
}

/// Reads a report without its document.
#[utoipa::path(tag = "reports", params(("id" = Uuid, Path, description = "Report")),
    responses((status = 200, body = ReportView, description = "The report")))]
#[get("/reports/{id}")]
async fn get_report(permit: Permit<GetReport>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_report(tx, id.0)).await
}

/// Answers the document of a report, byte by byte as it was drawn up or approved.
///
/// `documentSha256` of an approved report is the SHA-256 of these bytes. Every format is written from this document.
#[utoipa::path(tag = "reports", params(("id" = Uuid, Path, description = "Report")),
    responses((status = 200, body = FinalReport, description = "The document")))]
#[get("/reports/{id}/document")]
async fn get_report_document(permit: Permit<GetReportDocument>, id: PathId) -> Result<FileReply, Problem> {
    permit
        .read_file(move |tx| {
            Ok(FileReply { media: "application/json", name: format!("report-{}.json", id.0), content: stored(tx, id.0)? })
        })
        .await
}

/// Answers a report as a page, a document for print, a workbook or CSV.
///
/// Of an approved report these are the bytes that were written at its approval, the same for ever.
#[utoipa::path(tag = "reports", params(("id" = Uuid, Path, description = "Report"), ReportFileQuery),
    responses((status = 200, description = "The file", content(
        (Vec<u8> = "text/html"), (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (Vec<u8> = "text/csv")))))]
#[get("/reports/{id}/file")]
async fn get_report_file(permit: Permit<GetReportFile>, id: PathId, query: Filter<ReportFileQuery>) -> Result<Shown, Problem> {
    let format = query.0.format.unwrap_or(ReportFormat::Html);
    let dialect = (format == ReportFormat::Csv).then(|| query.0.dialect.unwrap_or_default());
    let file = permit
        .read_file(move |tx| {
            let report = find_report(tx, id.0)?;
            let content = match report.state {
                ReportState::Approved => kept(tx, id.0, format, dialect)?,
                ReportState::Draft | ReportState::Withdrawn => write(&read_document(tx, id.0)?, format, dialect)?,
            };
            Ok(FileReply { media: media_of(format), name: file_name(&report, format), content })
        })
        .await?;
    Ok(Shown { file, is_page: format == ReportFormat::Html })
}

/// Lists the files of an approved report with the hashes of their bytes.
#[utoipa::path(tag = "reports", params(("id" = Uuid, Path, description = "Report"), PageQuery),
    responses((status = 200, body = Page<ReportFileView>, description = "A page of files")))]
#[get("/reports/{id}/files")]
async fn list_report_files(permit: Permit<ListReportFiles>, id: PathId) -> Result<Reply, Problem> {
    permit.list(|file: &ReportFileView| file.id, move |tx, window| select_files(tx, id.0, window)).await
}

/// A file, or a page that a browser shows under a policy that lets it load and run nothing.
struct Shown {
    file: FileReply,
    is_page: bool,
}

impl Responder for Shown {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = self.file.respond_to(request);
        if self.is_page {
            let headers = response.headers_mut();
            let policy = format!("{}; frame-ancestors 'none'", html::policy());
            if let Ok(policy) = HeaderValue::from_str(&policy) {
                headers.insert(CONTENT_SECURITY_POLICY, policy);
            }
            headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
        }
        response
    }
}

fn select_reports(tx: &mut Tx, filter: &ReportFilter, window: Window) -> Result<Vec<ReportView>, Problem> {
    let mut query = reports::table.filter(own(tx, reports::tenant_id)).filter(reports::id.gt(window.after)).into_boxed();
    if let Some(edition) = filter.edition_id {
        query = query.filter(reports::edition_id.eq(edition));
    }
    if let Some(state) = filter.state {
        query = query.filter(reports::state.eq(state));
    }
    Ok(query.order(reports::id).limit(window.rows()).select(ReportView::as_select()).load(tx.conn)?)
}

/// Reads a report.
pub(super) fn find_report(tx: &mut Tx, id: Uuid) -> Result<ReportView, Problem> {
    Ok(reports::table
        .filter(own(tx, reports::tenant_id))
        .filter(reports::id.eq(id))
        .select(ReportView::as_select())
        .first(tx.conn)?)
}

/// The stored bytes of a document.
fn stored(tx: &mut Tx, id: Uuid) -> Result<Vec<u8>, Problem> {
    Ok(reports::table.filter(own(tx, reports::tenant_id)).filter(reports::id.eq(id)).select(reports::document).first(tx.conn)?)
}

/// Reads a document.
pub(super) fn read_document(tx: &mut Tx, id: Uuid) -> Result<FinalReport, Problem> {
    serde_json::from_slice(&stored(tx, id)?).map_err(|error| catalogue::INTERNAL.problem().because(error))
}

/// The bytes that were kept of a format.
fn kept(tx: &mut Tx, report: Uuid, format: ReportFormat, dialect: Option<CsvDialect>) -> Result<Vec<u8>, Problem> {
    Ok(report_files::table
        .filter(own(tx, report_files::tenant_id))
        .filter(report_files::report_id.eq(report))
        .filter(report_files::format.eq(format))
        .filter(report_files::dialect.is_not_distinct_from(dialect))
        .select(report_files::content)
        .first(tx.conn)?)
}

fn select_files(tx: &mut Tx, report: Uuid, window: Window) -> Result<Vec<ReportFileView>, Problem> {
    type Row = (Uuid, ReportFormat, Option<CsvDialect>, String, i32);
    find_report(tx, report)?;
    let rows: Vec<Row> = report_files::table
        .filter(own(tx, report_files::tenant_id))
        .filter(report_files::report_id.eq(report))
        .filter(report_files::id.gt(window.after))
        .order(report_files::id)
        .limit(window.rows())
        .select((
            report_files::id,
            report_files::format,
            report_files::dialect,
            report_files::sha256,
            diesel::dsl::sql::<diesel::sql_types::Integer>("octet_length(content)"),
        ))
        .load(tx.conn)?;
    let view = |(id, format, dialect, sha256, bytes): Row| ReportFileView { id, format, dialect, sha256, bytes };
    Ok(rows.into_iter().map(view).collect())
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_reports)
        .service(get_report)
        .service(get_report_document)
        .service(get_report_file)
        .service(list_report_files);
}
