//! The certificate of participation (Polish: zaświadczenie o udziale): what somebody took part in and for how long.

use actix_web::get;
use diesel::prelude::*;
use uuid::Uuid;

use super::{Heading, blank, fact, named, polish_day, polish_hours, printed, whole};
use crate::participation::completion::{day_or_today, has_completed};
use crate::participation::participations::{ParticipationState, ParticipationView, get_view};
use crate::platform::body::PathId;
use crate::platform::db::{Tx, own};
use crate::platform::paper::{Block, Column, Orientation, Table};
use crate::platform::permit::Permit;
use crate::platform::policy::PrintCertificate;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::FileReply;
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Hours};
use crate::schema::{attendance, psu_entries, sessions};

/// Prints a certificate of participation; of one that goes on, as it stands today.
///
/// It attests completion only where `get_completion_standing` says `completed`, and participation otherwise.
/// It lists the themes at whose sessions the person was, with the hours received, and the hours of socially useful work.
#[utoipa::path(tag = "participations", params(("id" = Uuid, Path, description = "Participation")),
    responses((status = 200, description = "The certificate", content((Vec<u8> = "application/pdf")))))]
#[get("/participations/{id}/certificate")]
async fn print_certificate(permit: Permit<PrintCertificate>, id: PathId) -> Result<FileReply, Problem> {
    permit
        .reveal_file(move |tx| {
            tx.touch("participation", [id.0]);
            let participation = get_view(tx, id.0)?;
            let person = named(tx, &[id.0])?.pop().ok_or_else(|| catalogue::NOT_FOUND.problem())?;
            let heading = Heading::of(tx, participation.edition_id)?;
            let has_completed = has_completed(tx, &participation)?;
            let today = day_or_today(tx, None)?;
            let themes = themes(tx, id.0)?;
            let mut paper = blank(tx, "Zaświadczenie o udziale w programie", Orientation::Portrait)?;
            paper.blocks.push(Block::Text("Zaświadcza się, że".to_owned()));
            paper.blocks.push(Block::Heading(person.name));
            paper.blocks.push(Block::Text(statement(&heading, &participation, has_completed, today)));
            let received = whole(themes.iter().map(|(_, hours)| *hours))?;
            let mut facts = vec![fact("Zajęcia", &format!("{} godz.", polish_hours(received)))];
            facts.push(fact("Prace społecznie użyteczne", &format!("{} godz.", polish_hours(worked(tx, id.0)?))));
            paper.blocks.push(Block::Facts(facts));
            if !themes.is_empty() {
                paper.blocks.push(Block::Table(Table {
                    columns: vec![Column::words("Temat zajęć", 5.0), Column::figures("Godziny", 1.0)],
                    rows: themes
                        .into_iter()
                        .map(|(theme, hours)| vec![theme.unwrap_or_else(|| "bez tematu".to_owned()), polish_hours(hours)])
                        .collect(),
                    total: Some(vec!["Razem".to_owned(), polish_hours(received)]),
                    row_height: 0.0,
                }));
            }
            paper.blocks.push(Block::Signatures(vec!["miejscowość i data".to_owned(), "kierownik ośrodka".to_owned()]));
            printed(format!("zaswiadczenie-{}.pdf", id.0), &paper)
        })
        .await
}

fn statement(heading: &Heading, participation: &ParticipationView, has_completed: bool, today: Day) -> String {
    let name = format!("„{}”, edycja „{}”", heading.programme, heading.edition);
    let from = polish_day(participation.starts_on);
    let last = participation.ended_on.unwrap_or(participation.planned_end_on);
    let to = polish_day(last);
    if has_completed {
        format!("ukończyła/ukończył program {name}, od {from} do {to}.")
    } else if participation.state == ParticipationState::Active && today <= last {
        format!("bierze udział w programie {name}, od {from}; planowany koniec: {to}.")
    } else {
        format!("uczestniczyła/uczestniczył w programie {name}, od {from} do {to}.")
    }
}

/// The themes of the sessions that somebody was at, with the hours received.
fn themes(tx: &mut Tx, participation: Uuid) -> Result<Vec<(Option<String>, Hours)>, Problem> {
    let rows: Vec<(Option<String>, Hours)> = attendance::table
        .inner_join(
            sessions::table.on(sessions::tenant_id.eq(attendance::tenant_id).and(sessions::id.eq(attendance::session_id))),
        )
        .filter(own(tx, attendance::tenant_id))
        .filter(attendance::participation_id.eq(participation))
        .filter(attendance::superseded_at.is_null())
        .filter(attendance::minutes.gt(0))
        .order((sessions::held_on, sessions::id))
        .select((sessions::theme, attendance::minutes))
        .load(tx.conn)?;
    let mut themes: Vec<(Option<String>, Hours)> = Vec::new();
    for (theme, hours) in rows {
        match themes.iter_mut().find(|(known, _)| *known == theme) {
            Some((_, sum)) => *sum = whole([*sum, hours])?,
            None => themes.push((theme, hours)),
        }
    }
    Ok(themes)
}

fn worked(tx: &mut Tx, participation: Uuid) -> Result<Hours, Problem> {
    let hours: Vec<Hours> = psu_entries::table
        .filter(own(tx, psu_entries::tenant_id))
        .filter(psu_entries::participation_id.eq(participation))
        .filter(psu_entries::superseded_at.is_null())
        .select(psu_entries::minutes)
        .load(tx.conn)?;
    whole(hours)
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(print_certificate);
}
