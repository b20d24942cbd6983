//! The sign-in sheet as a table to be filled in and sent back as an import of attendance.

use std::collections::HashMap;

use actix_web::get;
use uuid::Uuid;

use super::{Named, named, row_code};
use crate::participation::attendance::intake::{AttendanceIntake, spelled};
use crate::participation::attendance::{AttendanceRowView, Evidence, current_rows, expected_at};
use crate::participation::sessions::{SessionView, find_session};
use crate::platform::body::{Filter, PathId};
use crate::platform::imports::Kind as _;
use crate::platform::listing::{Cell, CsvQuery, write_csv};
use crate::platform::permit::Permit;
use crate::platform::policy::GetSignInSheetFile;
use crate::platform::problem::Problem;
use crate::platform::reply::FileReply;
use crate::platform::routes::ServiceConfig;
use crate::programmes::ReasonClass;

/// Reveals the sign-in sheet of a session as a CSV file, to be filled in and sent to `/imports?kind=attendance`.
///
/// Its rows have the codes of the printed sheet. Where there is an attendance sheet already, it stands in the file as it
/// is; a row that is changed then needs a reason, and is refused once the sheet has another version.
#[utoipa::path(tag = "sessions", params(("id" = Uuid, Path, description = "Session"), CsvQuery),
    responses((status = 200, description = "The form", content((String = "text/csv")))))]
#[get("/sessions/{id}/sign-in-sheet/file")]
async fn get_sign_in_sheet_file(
    permit: Permit<GetSignInSheetFile>,
    id: PathId,
    query: Filter<CsvQuery>,
) -> Result<FileReply, Problem> {
    permit
        .reveal_file(move |tx| {
            tx.touch("session", [id.0]);
            let session = find_session(tx, id.0)?;
            let expected = expected_at(tx, &session)?;
            let recorded: HashMap<Uuid, AttendanceRowView> =
                current_rows(tx, session.id)?.into_iter().map(|row| (row.participation_id, row)).collect();
            let rows = named(tx, &expected)?
                .into_iter()
                .map(|person| cells(&session, &person, recorded.get(&person.participation)))
                .collect();
            let heads: Vec<&str> = AttendanceIntake::COLUMNS.iter().map(|column| column.label).collect();
            let content = write_csv(query.0.dialect.unwrap_or_default(), &heads, rows)?;
            let name = format!("obecnosc-{}-{}.csv", session.held_on, session.id);
            Ok(FileReply { media: "text/csv; charset=utf-8", name, content })
        })
        .await
}

/// A row of the form, a cell for each column of the import.
fn cells(session: &SessionView, person: &Named, recorded: Option<&AttendanceRowView>) -> Vec<Cell> {
    let word = |name: &str, code: Option<&str>| Cell::text(code.map_or("", |code| spelled(name, code)));
    let cell = |name: &str| match (name, recorded) {
        ("rowCode", _) => Cell::text(row_code(session.id, person.participation)),
        ("sessionId", _) => Cell::text(session.id),
        ("name", _) => Cell::text(&person.name),
        ("sheetVersion", _) => Cell::from(session.attendance_version),
        ("status", Some(row)) => word(name, Some(row.status.as_str())),
        ("hours", Some(row)) => Cell::from(row.hours),
        ("reasonClass", Some(row)) => word(name, row.reason_class.map(ReasonClass::as_str)),
        ("evidence", Some(row)) => word(name, row.evidence.map(Evidence::as_str)),
        ("evidenceShownOn", Some(row)) => Cell::text(row.evidence_shown_on.map_or_else(String::new, |day| day.to_string())),
        _ => Cell::text(""),
    };
    AttendanceIntake::COLUMNS.iter().map(|column| cell(column.name)).collect()
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_sign_in_sheet_file);
}
