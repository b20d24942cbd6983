//! The operations that answer annex 8 of the statistics of labour offices.

use actix_web::get;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::annex_8::{Annex8, Annex8Row, Counted, annex_8};
use super::{Cover, cell, issuer};
use crate::outcomes::figures::figure::{Number, Record};
use crate::outcomes::figures::institution_routes::within_years;
use crate::outcomes::figures::verdict::{Note, Status};
use crate::platform::body::{Filter, PathId};
use crate::platform::db::Tx;
use crate::platform::listing::{Cell, FileQuery, Listing, ListingColumn};
use crate::platform::paging::{Page, PageQuery};
use crate::platform::past::AsOfFilter;
use crate::platform::permit::Permit;
use crate::platform::policy::{GetAnnex8, GetAnnex8File, ListAnnex8Records};
use crate::platform::problem::Problem;
use crate::platform::reply::{FileReply, Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::text_enum;

text_enum! {
    /// Whom of a row the records are of.
    pub enum RecordsOf {
        /// Everybody.
        All = "all",
        /// Women.
        Women = "women",
    }
}

/// Which records of the annex are wanted.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct Annex8RecordsFilter {
    /// Row of the annex; `started` unless given.
    #[param(inline)]
    pub row: Option<Annex8Row>,
    /// Whom of the row; everybody unless given.
    #[param(inline)]
    pub of: Option<RecordsOf>,
}

/// A row of the annex.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Annex8RowView {
    /// Which.
    pub row: Annex8Row,
    /// What it counts, in Polish.
    #[schema(max_length = 300)]
    pub name_pl: &'static str,
    /// People; `null` is never zero.
    pub people: Option<Number>,
    /// Women among them ("w tym").
    pub women: Option<Number>,
    /// Why there is a number, or none.
    pub status: Status,
    /// As the status of all; `provisional` where nobody recorded the sex of some.
    pub women_status: Status,
    /// Whether the time that the row looks at is over.
    pub window_closed: bool,
    /// What to know besides.
    #[schema(max_items = 20)]
    pub notes: Vec<Note>,
    /// Where the counted records are listed.
    #[schema(max_length = 300)]
    pub records: String,
    /// Where those of women are listed.
    #[schema(max_length = 300)]
    pub women_records: String,
}

/// Annex 8 of the statistics of labour offices.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Annex8View {
    /// The year.
    #[schema(minimum = 1990, maximum = 2200)]
    pub year: i32,
    /// Form and part.
    #[schema(max_length = 100)]
    pub source: &'static str,
    /// The moment that it answers for.
    pub as_of: DateTime<Utc>,
    /// Editions that touch the year.
    #[schema(max_items = 1_000)]
    pub edition_ids: Vec<Uuid>,
    /// The rows.
    #[schema(max_items = 4)]
    pub rows: Vec<Annex8RowView>,
}

impl View for Annex8View {}

impl Annex8View {
    fn of(annex: &Annex8, year: i32) -> Self {
        Self {
            year,
            source: "MRPiPS-01, annex 8",
            as_of: annex.facts.as_of.at,
            edition_ids: annex.facts.editions.iter().map(|edition| edition.id).collect(),
            rows: annex.rows.iter().map(|counted| row(annex, year, counted)).collect(),
        }
    }
}

fn row(annex: &Annex8, year: i32, counted: &Counted) -> Annex8RowView {
    let status = counted.verdict.status;
    let number = |records: &[Record]| Some(Number::count(records.len())).filter(|_| status.shows_value());
    let records = annex.facts.address(&format!("/yearly-tables/{year}/records"));
    let joint = if records.contains('?') { '&' } else { '?' };
    let records = format!("{records}{joint}row={}", counted.row);
    Annex8RowView {
        row: counted.row,
        name_pl: counted.row.title(),
        people: number(&counted.records),
        women: number(&counted.women),
        status,
        women_status: if counted.unknown > 0 { status.max(Status::Provisional) } else { status },
        window_closed: counted.verdict.window_closed,
        notes: counted.verdict.notes.clone(),
        women_records: format!("{records}&of={}", RecordsOf::Women),
        records,
    }
}

fn counted(tx: &mut Tx, year: i32, as_of: AsOfFilter) -> Result<Annex8, Problem> {
    within_years(Some(year))?;
    tx.as_known(as_of, |tx| annex_8(tx, year))
}

/// Reads the yearly table of the statistics of labour offices (MRPiPS-01, annex 8).
///
/// People of the programmes of activation and integration of the centre, each once in a row: who started, finished and went on
/// after the year; and of the programmes that ended in the year, who found work during one or within three months after it and
/// kept it for the days that the regime asks for.
#[utoipa::path(tag = "yearly-tables", params(("year" = i32, Path, description = "Year", minimum = 1990, maximum = 2200, example = 2026), AsOfFilter),
    responses((status = 200, body = Annex8View, description = "The table")))]
#[get("/yearly-tables/{year}")]
async fn get_annex_8(permit: Permit<GetAnnex8>, year: PathId<i32>, as_of: Filter<AsOfFilter>) -> Result<Reply, Problem> {
    permit.read(move |tx| counted(tx, year.0, as_of.0).map(|annex| Annex8View::of(&annex, year.0))).await
}

/// Answers the yearly table as a CSV file, a workbook or a document for print.
#[utoipa::path(tag = "yearly-tables", params(("year" = i32, Path, description = "Year", minimum = 1990, maximum = 2200, example = 2026), FileQuery, AsOfFilter),
    responses((status = 200, description = "The table", content((String = "text/csv"), (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/yearly-tables/{year}/file")]
async fn get_annex_8_file(
    permit: Permit<GetAnnex8File>,
    year: PathId<i32>,
    query: Filter<FileQuery>,
    as_of: Filter<AsOfFilter>,
) -> Result<FileReply, Problem> {
    permit
        .read_file(move |tx| {
            let view = Annex8View::of(&counted(tx, year.0, as_of.0)?, year.0);
            listing(&view, issuer(tx)?).file(&format!("mrpips-01-zalacznik-8-{}", year.0), query.0)
        })
        .await
}

fn listing(view: &Annex8View, issuer: Option<String>) -> Listing {
    let columns = vec![
        ListingColumn::new("Lp.", 6.0, "Numer wiersza"),
        ListingColumn::new("Wyszczególnienie", 60.0, "Kogo wiersz liczy; każda osoba raz"),
        ListingColumn::new("Ogółem", 12.0, "Liczba osób"),
        ListingColumn::new("W tym kobiety", 14.0, "Liczba kobiet"),
        ListingColumn::new("Stan danych", 16.0, "ok – dane kompletne; provisional – wstępne; notCollected – nie zebrano"),
    ];
    let rows = view.rows.iter().enumerate().map(|(place, row)| {
        let number = i32::try_from(place + 1).unwrap_or(i32::MAX);
        vec![number.into(), Cell::text(row.name_pl), cell(row.people), cell(row.women), Cell::text(row.women_status)]
    });
    let cover = Cover {
        title: format!("MRPiPS-01, załącznik 8 – Program Aktywizacja i Integracja, rok {}", view.year),
        sheet: "Załącznik 8",
        issuer,
        facts: vec![("Edycje w roku".to_owned(), view.edition_ids.len().to_string())],
        source: format!("Zestawienie roczne {}", view.year),
        as_of: view.as_of,
    };
    cover.listing(columns, rows.collect())
}

/// Lists exactly the records that a row of the yearly table counts, one for each person.
#[utoipa::path(tag = "yearly-tables", params(("year" = i32, Path, description = "Year", minimum = 1990, maximum = 2200, example = 2026),
        Annex8RecordsFilter, AsOfFilter, PageQuery),
    responses((status = 200, body = Page<Record>, description = "A page of records")))]
#[get("/yearly-tables/{year}/records")]
async fn list_annex_8_records(
    permit: Permit<ListAnnex8Records>,
    year: PathId<i32>,
    filter: Filter<Annex8RecordsFilter>,
    as_of: Filter<AsOfFilter>,
) -> Result<Reply, Problem> {
    let Annex8RecordsFilter { row, of } = filter.0;
    permit
        .list(
            |record: &Record| record.id,
            move |tx, window| {
                let annex = counted(tx, year.0, as_of.0)?;
                let wanted = annex.rows.into_iter().find(|counted| counted.row == row.unwrap_or(Annex8Row::Started));
                let mut records = match (wanted, of) {
                    (None, _) => Vec::new(),
                    (Some(counted), Some(RecordsOf::Women)) => counted.women,
                    (Some(counted), _) => counted.records,
                };
                records.sort_by_key(|record| record.id);
                records.retain(|record| record.id > window.after);
                records.truncate(usize::try_from(window.rows()).unwrap_or(usize::MAX));
                Ok(records)
            },
        )
        .await
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_annex_8).service(get_annex_8_file).service(list_annex_8_records);
}
