//! The sign-in sheet of a session (Polish: lista obecności na zajęciach): who is expected, with room to sign.

use actix_web::get;

use super::{Heading, ROOM_TO_SIGN, blank, fact, named, polish_day, polish_hours, printed, row_code, weekday};
use crate::participation::attendance::expected_at;
use crate::participation::sessions::{SessionView, find_session};
use crate::platform::body::PathId;
use crate::platform::paper::{Block, Column, Orientation, Table};
use crate::platform::permit::Permit;
use crate::platform::policy::PrintSignInSheet;
use crate::platform::problem::Problem;
use crate::platform::reply::FileReply;
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Code, ShortText};

/// Prints the sheet that those expected at a session sign.
///
/// Each row has a code of its own, by which what was written on paper is recorded later.
#[utoipa::path(tag = "sessions", params(("id" = Uuid, Path, description = "Session")),
    responses((status = 200, description = "The sheet", content((Vec<u8> = "application/pdf")))))]
#[get("/sessions/{id}/sign-in-sheet")]
async fn print_sign_in_sheet(permit: Permit<PrintSignInSheet>, id: PathId) -> Result<FileReply, Problem> {
    permit
        .reveal_file(move |tx| {
            tx.touch("session", [id.0]);
            let session = find_session(tx, id.0)?;
            let expected = expected_at(tx, &session)?;
            let rows = named(tx, &expected)?;
            let mut paper = blank(tx, "Lista obecności na zajęciach", Orientation::Portrait)?;
            let mut facts = Heading::of(tx, session.edition_id)?.facts();
            facts.extend(about(&session));
            paper.blocks.push(Block::Facts(facts));
            paper.blocks.push(Block::Table(Table {
                columns: columns(),
                rows: rows
                    .into_iter()
                    .enumerate()
                    .map(|(place, row)| vec![(place + 1).to_string(), row_code(session.id, row.participation), row.name])
                    .collect(),
                total: None,
                row_height: ROOM_TO_SIGN,
            }));
            paper.blocks.push(Block::Signatures(vec!["prowadzący zajęcia".to_owned(), "koordynator".to_owned()]));
            printed(format!("lista-obecnosci-{}-{}.pdf", session.held_on, session.id), &paper)
        })
        .await
}

/// The columns; a code of the widest letters stands in one line.
fn columns() -> Vec<Column> {
    vec![
        Column::figures("Lp.", 0.5),
        Column::words("Kod", 1.5),
        Column::words("Nazwisko i imię", 3.2),
        Column::words("Podpis", 2.6),
        Column::words("Uwagi (spóźnienie, wyjście)", 2.0),
    ]
}

/// What the sheet says about its session.
fn about(session: &SessionView) -> Vec<(String, String)> {
    let day = format!("{} ({})", polish_day(session.held_on), weekday(session.held_on));
    let time = match (session.starts_at, session.ends_at) {
        (Some(from), Some(to)) => format!("{from}–{to}, {} godz.", polish_hours(session.hours)),
        _ => format!("{} godz.", polish_hours(session.hours)),
    };
    let place = [&session.venue, &session.room].into_iter().flatten().map(ShortText::as_str).collect::<Vec<_>>().join(", ");
    let profession = session.facilitator_profession.as_ref().map(ShortText::as_str);
    let code = session.facilitator.as_ref().map(Code::as_str);
    let leader = [profession, code].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let theme = session.theme.as_ref().map_or("", |theme| theme.as_str());
    [("Temat", theme), ("Dzień", &day), ("Czas", &time), ("Miejsce", &place), ("Prowadzący", &leader)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| fact(name, value))
        .collect()
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(print_sign_in_sheet);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::paper::Paper;

    #[test]
    fn a_code_of_the_widest_letters_stands_in_one_line() {
        let code = "WMWMWWWW";
        let table = Table {
            columns: columns(),
            rows: vec![vec!["1".to_owned(), code.to_owned()]],
            total: None,
            row_height: ROOM_TO_SIGN,
        };
        let paper = Paper {
            title: "Lista".to_owned(),
            issuer: Vec::new(),
            source: String::new(),
            made_at: chrono::DateTime::UNIX_EPOCH,
            orientation: Orientation::Portrait,
            blocks: vec![Block::Table(table)],
        };
        let document = lopdf::Document::load_mem(&paper.to_pdf().expect("a paper")).expect("a PDF");
        let text = document.extract_text(&[1]).expect("text");
        assert!(text.contains(code), "{text}");
    }
}
