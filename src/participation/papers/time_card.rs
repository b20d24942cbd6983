//! The time card of socially useful work (Polish: karta ewidencji czasu pracy): a person's entries of a month by week.

use actix_web::get;
use chrono::{Datelike as _, IsoWeek};
use diesel::prelude::*;
use uuid::Uuid;

use super::monthly::{MonthQuery, month_of, monthly};
use super::{Heading, ROOM_TO_SIGN, blank, fact, named, polish_day, polish_hours, printed, weekday, whole};
use crate::participation::participations::get_view;
use crate::platform::body::{Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::listing::{Cell, ListingColumn};
use crate::platform::paper::{Block, Column, Orientation, Table};
use crate::platform::permit::Permit;
use crate::platform::policy::PrintPsuTimeCard;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::FileReply;
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Hours, Month};
use crate::schema::{hosts, psu_entries};

/// An entry in force.
#[derive(Debug, Queryable)]
struct Worked {
    on: Day,
    hours: Hours,
    kind: Option<String>,
    host: Option<String>,
}

/// Prints what somebody worked in a month, day by day, with the sum of each week and of the month.
///
/// A week that belongs to two months stands on both cards with its part in each. As a workbook the card has a row for each
/// entry with its week, and the sum of the month.
#[utoipa::path(tag = "participations", params(("id" = Uuid, Path, description = "Participation"), MonthQuery),
    responses((status = 200, description = "The card", content((Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/participations/{id}/psu-time-card")]
async fn print_psu_time_card(
    permit: Permit<PrintPsuTimeCard>,
    id: PathId,
    query: Filter<MonthQuery>,
) -> Result<FileReply, Problem> {
    permit
        .reveal_file(move |tx| {
            tx.touch("participation", [id.0]);
            let month = query.0.month;
            let participation = get_view(tx, id.0)?;
            let worked = worked(tx, id.0, month)?;
            let person = named(tx, &[id.0])?.pop().ok_or_else(|| catalogue::NOT_FOUND.problem())?;
            let mut facts = Heading::of(tx, participation.edition_id)?.facts();
            facts.push(fact("Nazwisko i imię", &person.name));
            facts.push(month_of(month));
            let mut paper = blank(tx, "Karta czasu prac społecznie użytecznych", Orientation::Portrait)?;
            let name = format!("karta-psu-{month}-{}", id.0);
            if query.0.is_workbook() {
                let totals = vec![
                    Cell::text("Razem"),
                    Cell::Empty,
                    Cell::Empty,
                    Cell::Empty,
                    whole(worked.iter().map(|one| one.hours))?.into(),
                ];
                return monthly(&name, &paper, facts, COLUMNS.to_vec(), worked.iter().map(cells).collect(), totals);
            }
            paper.blocks.push(Block::Facts(facts));
            paper.blocks.push(Block::Table(table(&worked)?));
            let signing = ["uczestnik", "opiekun w miejscu wykonywania prac", "przyjął w ośrodku"];
            paper.blocks.push(Block::Signatures(signing.map(ToOwned::to_owned).to_vec()));
            printed(format!("{name}.pdf"), &paper)
        })
        .await
}

const COLUMNS: [ListingColumn; 5] = [
    ListingColumn::new("Dzień", 12.0, "Dzień pracy"),
    ListingColumn::new("Tydzień ISO", 12.0, "Tydzień od poniedziałku do niedzieli, dla którego liczy się limit godzin"),
    ListingColumn::new("Miejsce pracy", 34.0, "U kogo praca była wykonywana"),
    ListingColumn::new("Rodzaj pracy", 26.0, "Rodzaj pracy z wpisu"),
    ListingColumn::new("Godziny", 10.0, "Godziny zegarowe wpisu, który obowiązuje; wpisy skorygowane są pominięte"),
];

fn cells(entry: &Worked) -> Vec<Cell> {
    let words = |text: &Option<String>| text.as_ref().map_or(Cell::Empty, Cell::text);
    let week = crate::platform::types::IsoWeek::of(entry.on.date());
    vec![entry.on.into(), Cell::text(week), words(&entry.host), words(&entry.kind), entry.hours.into()]
}

fn worked(tx: &mut Tx, participation: Uuid, month: Month) -> Result<Vec<Worked>, Problem> {
    Ok(psu_entries::table
        .left_join(
            hosts::table.on(hosts::tenant_id.eq(psu_entries::tenant_id).and(psu_entries::host_id.eq(hosts::id.nullable()))),
        )
        .filter(own(tx, psu_entries::tenant_id))
        .filter(psu_entries::participation_id.eq(participation))
        .filter(psu_entries::superseded_at.is_null())
        .filter(psu_entries::minutes.gt(0))
        .filter(psu_entries::worked_on.between(month.first_day(), month.last_day()))
        .order((psu_entries::worked_on, psu_entries::id))
        .select((psu_entries::worked_on, psu_entries::minutes, psu_entries::kind_of_work, hosts::name.nullable()))
        .load(tx.conn)?)
}

fn table(worked: &[Worked]) -> Result<Table, Problem> {
    let mut rows = Vec::new();
    for week in worked.chunk_by(|one, next| week_of(one) == week_of(next)) {
        rows.extend(week.iter().map(|entry| {
            vec![
                format!("{}, {}", polish_day(entry.on), weekday(entry.on)),
                entry.host.clone().unwrap_or_default(),
                entry.kind.clone().unwrap_or_default(),
                polish_hours(entry.hours),
            ]
        }));
        let number = week.first().map_or(0, |entry| week_of(entry).week());
        rows.push(vec![format!("Razem tydzień {number:02}"), String::new(), String::new(), sum(week)?]);
    }
    Ok(Table {
        columns: vec![
            Column::words("Dzień", 2.2),
            Column::words("Miejsce pracy", 2.6),
            Column::words("Rodzaj pracy", 2.2),
            Column::figures("Godziny", 0.9),
            Column::words("Podpis", 1.8),
        ],
        rows,
        total: Some(vec!["Razem w miesiącu".to_owned(), String::new(), String::new(), sum(worked)?]),
        row_height: ROOM_TO_SIGN * 0.75,
    })
}

fn week_of(entry: &Worked) -> IsoWeek {
    entry.on.date().iso_week()
}

fn sum(worked: &[Worked]) -> Result<String, Problem> {
    Ok(polish_hours(whole(worked.iter().map(|entry| entry.hours))?))
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(print_psu_time_card);
}
