//! The attendance list of a month (Polish: miesięczna lista obecności): everybody's hours, session by session.

use std::collections::{BTreeSet, HashMap};

use actix_web::get;
use diesel::prelude::*;
use uuid::Uuid;

use super::monthly::{MonthQuery, month_of, monthly};
use super::{Heading, Named, blank, named, polish_hours, printed, whole};
use crate::participation::attendance::AttendanceStatus;
use crate::platform::body::{Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::listing::{Cell, ListingColumn};
use crate::platform::paper::{Block, Column, Orientation, Table};
use crate::platform::permit::Permit;
use crate::platform::policy::PrintAttendanceList;
use crate::platform::problem::Problem;
use crate::platform::reply::FileReply;
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Hours, Month};
use crate::schema::{attendance, sessions};

/// Sessions beside one another; further ones follow below.
const ACROSS: usize = 14;
const TITLE: &str = "Miesięczna lista obecności";
const LEGEND: &str = "Liczba – godziny obecności; U – nieobecność usprawiedliwiona; N – nieusprawiedliwiona; \
    puste – osoby nie oczekiwano. Wykazano tylko zajęcia, których lista jest zapisana.";

/// A recorded row of a sheet.
#[derive(Debug, Queryable)]
struct Mark {
    session: Uuid,
    held_on: Day,
    participation: Uuid,
    status: AttendanceStatus,
    hours: Hours,
}

/// Prints who came to the sessions of an edition in a month, or answers it as a workbook.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"), MonthQuery),
    responses((status = 200, description = "The list", content((Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/editions/{id}/attendance-list")]
async fn print_attendance_list(
    permit: Permit<PrintAttendanceList>,
    id: PathId,
    query: Filter<MonthQuery>,
) -> Result<FileReply, Problem> {
    permit
        .reveal_file(move |tx| {
            tx.touch("edition", [id.0]);
            let month = query.0.month;
            let mut facts = Heading::of(tx, id.0)?.facts();
            facts.push(month_of(month));
            let marks = marks(tx, id.0, month)?;
            let participations: Vec<Uuid> =
                marks.iter().map(|mark| mark.participation).collect::<BTreeSet<_>>().into_iter().collect();
            let people = named(tx, &participations)?;
            let mut paper = blank(tx, TITLE, Orientation::Landscape)?;
            let name = format!("lista-obecnosci-{month}-{}", id.0);
            if query.0.is_workbook() {
                let (columns, rows, totals) = grid(&marks, &people)?;
                return monthly(&name, &paper, facts, columns, rows, totals);
            }
            paper.blocks.push(Block::Facts(facts));
            paper.blocks.push(Block::Text(LEGEND.to_owned()));
            paper.blocks.extend(tables(&marks, &people)?);
            paper.blocks.push(Block::Signatures(vec!["koordynator".to_owned(), "kierownik".to_owned()]));
            printed(format!("{name}.pdf"), &paper)
        })
        .await
}

fn marks(tx: &mut Tx, edition: Uuid, month: Month) -> Result<Vec<Mark>, Problem> {
    Ok(attendance::table
        .inner_join(
            sessions::table.on(sessions::tenant_id.eq(attendance::tenant_id).and(sessions::id.eq(attendance::session_id))),
        )
        .filter(own(tx, attendance::tenant_id))
        .filter(attendance::edition_id.eq(edition))
        .filter(attendance::superseded_at.is_null())
        .filter(sessions::held_on.between(month.first_day(), month.last_day()))
        .order((sessions::held_on, sessions::starts_at, sessions::id))
        .select((sessions::id, sessions::held_on, attendance::participation_id, attendance::status, attendance::minutes))
        .load(tx.conn)?)
}

/// The sessions of some marks in their order.
fn sessions_of(marks: &[Mark]) -> Vec<(Uuid, Day)> {
    let mut held: Vec<(Uuid, Day)> = Vec::new();
    for mark in marks {
        if held.last().is_none_or(|(session, _)| *session != mark.session) {
            held.push((mark.session, mark.held_on));
        }
    }
    held
}

type Grid = (Vec<ListingColumn>, Vec<Vec<Cell>>, Vec<Cell>);

/// The same for a workbook: all sessions beside one another, with everybody's sum and that of each session.
fn grid(marks: &[Mark], people: &[Named]) -> Result<Grid, Problem> {
    let held = sessions_of(marks);
    let by_cell: HashMap<(Uuid, Uuid), &Mark> = marks.iter().map(|mark| ((mark.participation, mark.session), mark)).collect();
    let sum =
        |counts: &dyn Fn(&Mark) -> bool| whole(marks.iter().filter(|mark| counts(mark)).map(|mark| mark.hours)).map(Cell::from);
    let mut columns = vec![ListingColumn::new("Nazwisko i imię", 30.0, "Uczestnik; w ostatnim wierszu suma godzin obecności")];
    columns.extend(held.iter().map(|(_, day)| ListingColumn::headed(day.date().format("%d.%m").to_string(), 8.0, LEGEND)));
    columns.push(ListingColumn::new("Razem", 10.0, "Godziny obecności uczestnika w miesiącu"));
    let row = |person: &Named| {
        let own = |(session, _): &(Uuid, Day)| match by_cell.get(&(person.participation, *session)) {
            Some(mark) if matches!(mark.status, AttendanceStatus::Excused | AttendanceStatus::Unexcused) => {
                Cell::text(shown(mark))
            }
            Some(mark) => mark.hours.into(),
            None => Cell::Empty,
        };
        let mut cells = vec![Cell::text(&person.name)];
        cells.extend(held.iter().map(own));
        cells.push(sum(&|mark| mark.participation == person.participation)?);
        Ok(cells)
    };
    let rows = people.iter().map(row).collect::<Result<_, Problem>>()?;
    let mut totals = vec![Cell::text("Razem osobogodzin")];
    for (session, _) in &held {
        totals.push(sum(&|mark| mark.session == *session)?);
    }
    totals.push(sum(&|_| true)?);
    Ok((columns, rows, totals))
}

/// The sessions in rows of tables, and at last everybody's sum.
fn tables(marks: &[Mark], people: &[Named]) -> Result<Vec<Block>, Problem> {
    let held = sessions_of(marks);
    let by_cell: HashMap<(Uuid, Uuid), &Mark> = marks.iter().map(|mark| ((mark.participation, mark.session), mark)).collect();
    let total = |person: &Named| {
        let own = marks.iter().filter(|mark| mark.participation == person.participation).map(|mark| mark.hours);
        Ok(vec![person.name.clone(), polish_hours(whole(own)?)])
    };
    let sheets = held.chunks(ACROSS).map(|across| {
        let mut columns = vec![Column::words("Nazwisko i imię", 4.0)];
        columns.extend(across.iter().map(|(_, day)| Column::figures(day.date().format("%d.%m").to_string(), 1.0)));
        let cells = |person: &Named| {
            let mark =
                |session: &Uuid| by_cell.get(&(person.participation, *session)).map_or_else(String::new, |mark| shown(mark));
            std::iter::once(person.name.clone()).chain(across.iter().map(|(session, _)| mark(session))).collect()
        };
        Block::Table(Table { columns, rows: people.iter().map(cells).collect(), total: None, row_height: 0.0 })
    });
    let sums = Table {
        columns: vec![Column::words("Nazwisko i imię", 4.0), Column::figures("Godziny obecności w miesiącu", 2.0)],
        rows: people.iter().map(total).collect::<Result<_, Problem>>()?,
        total: Some(vec!["Razem osobogodzin".to_owned(), polish_hours(whole(marks.iter().map(|mark| mark.hours))?)]),
        row_height: 0.0,
    };
    Ok(sheets.chain([Block::Heading("Suma godzin".to_owned()), Block::Table(sums)]).collect())
}

fn shown(mark: &Mark) -> String {
    match mark.status {
        AttendanceStatus::Excused => "U".to_owned(),
        AttendanceStatus::Unexcused => "N".to_owned(),
        AttendanceStatus::Present | AttendanceStatus::Late | AttendanceStatus::LeftEarly => polish_hours(mark.hours),
    }
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(print_attendance_list);
}
