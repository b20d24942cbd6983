//! The history of a programme: its editions side by side, who came again, and what all of them came to together.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use actix_web::get;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Cover, cell, issuer};
use crate::outcomes::figures::definition::Definition;
use crate::outcomes::figures::definitions::{
    BENEFIT, CANDIDATES, COMPLETED_INCLUSIVE, COMPLETED_STRICT, COST_SPENT, DROP_OUTS, EVER_STARTED, JOBS_OFFICIAL, NEW_PEOPLE,
    PERSON_HOURS, PLACES_LATEST, REPEATERS, REPLACEMENTS,
};
use crate::outcomes::figures::facts::Facts;
use crate::outcomes::figures::figure::{Figure, Number};
use crate::outcomes::figures::loading::{edition_facts, programme_facts};
use crate::outcomes::figures::verdict::Status;
use crate::outcomes::figures::withholding::figures_for;
use crate::platform::body::{Filter, PathId};
use crate::platform::db::Tx;
use crate::platform::listing::{Cell, FileQuery, Listing, ListingColumn};
use crate::platform::past::AsOfFilter;
use crate::platform::permit::Permit;
use crate::platform::policy::{GetProgrammeHistory, GetProgrammeHistoryFile, Role};
use crate::platform::problem::Problem;
use crate::platform::reply::{FileReply, Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, ShortText};

/// Figures that the history tells, by column.
static TOLD: [&Definition; 13] = [
    &PLACES_LATEST,
    &CANDIDATES,
    &EVER_STARTED,
    &NEW_PEOPLE,
    &REPEATERS,
    &REPLACEMENTS,
    &COMPLETED_STRICT,
    &COMPLETED_INCLUSIVE,
    &DROP_OUTS,
    &JOBS_OFFICIAL,
    &PERSON_HOURS,
    &BENEFIT,
    &COST_SPENT,
];

/// A figure of the history.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryFigureView {
    /// Its definition.
    #[schema(max_length = 100)]
    pub definition_id: &'static str,
    /// Value; `null` is never zero.
    pub value: Option<Number>,
    /// Why there is a value, or none; `notApplicable` where the figure does not exist over several editions.
    pub status: Status,
    /// Where the counted records are listed.
    #[schema(max_length = 300)]
    pub records: String,
}

/// People whom an edition shares with an earlier one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SharedPeopleView {
    /// The earlier edition.
    pub edition_id: Uuid,
    /// People who started in both.
    #[schema(minimum = 0, maximum = 1_000_000, format = "int32")]
    pub people: usize,
}

/// An edition of the programme.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEditionView {
    /// The edition.
    pub edition_id: Uuid,
    /// Its name.
    pub name: Option<ShortText>,
    /// First day.
    pub starts_on: Day,
    /// Last day.
    pub ends_on: Day,
    /// Days strictly between the end of the edition before and the first day; `null` for the first, 0 where they touch or overlap.
    #[schema(minimum = 0, maximum = 100_000)]
    pub gap_days: Option<i64>,
    /// People who started, each once.
    #[schema(minimum = 0, maximum = 1_000_000, format = "int32")]
    pub people: usize,
    /// People whom it shares with each earlier edition.
    #[schema(max_items = 1_000)]
    pub shared: Vec<SharedPeopleView>,
    /// Its figures.
    #[schema(max_items = 20)]
    pub figures: Vec<HistoryFigureView>,
}

/// The history of a programme.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProgrammeHistoryView {
    /// The programme.
    pub programme_id: Uuid,
    /// The moment that it answers for.
    pub as_of: DateTime<Utc>,
    /// The editions by their first day.
    #[schema(max_items = 1_000)]
    pub editions: Vec<HistoryEditionView>,
    /// Participations of all editions.
    #[schema(minimum = 0, maximum = 1_000_000, format = "int32")]
    pub enrolments: usize,
    /// People of all editions, each once.
    #[schema(minimum = 0, maximum = 1_000_000, format = "int32")]
    pub people: usize,
    /// People of two editions or more.
    #[schema(minimum = 0, maximum = 1_000_000, format = "int32")]
    pub repeaters: usize,
    /// The figures of all editions together; people of two editions are not counted twice where people are counted.
    #[schema(max_items = 20)]
    pub figures: Vec<HistoryFigureView>,
}

impl View for ProgrammeHistoryView {}

/// Reads the history of a programme: its editions side by side, with who came again and the gaps between them.
#[utoipa::path(tag = "programmes", params(("id" = Uuid, Path, description = "Programme"), AsOfFilter),
    responses((status = 200, body = ProgrammeHistoryView, description = "The history")))]
#[get("/programmes/{id}/history")]
async fn get_programme_history(
    permit: Permit<GetProgrammeHistory>,
    id: PathId,
    as_of: Filter<AsOfFilter>,
) -> Result<Reply, Problem> {
    permit.read(move |tx| tx.as_known(as_of.0, |tx| history(tx, id.0))).await
}

/// Answers the history of a programme as a CSV file, a workbook or a document for print.
#[utoipa::path(tag = "programmes", params(("id" = Uuid, Path, description = "Programme"), FileQuery, AsOfFilter),
    responses((status = 200, description = "The history", content((String = "text/csv"), (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/programmes/{id}/history/file")]
async fn get_programme_history_file(
    permit: Permit<GetProgrammeHistoryFile>,
    id: PathId,
    query: Filter<FileQuery>,
    as_of: Filter<AsOfFilter>,
) -> Result<FileReply, Problem> {
    permit
        .read_file(move |tx| {
            let view = tx.as_known(as_of.0, |tx| history(tx, id.0))?;
            listing(&view, issuer(tx)?).file(&format!("historia-programu-{}", id.0), query.0)
        })
        .await
}

fn history(tx: &mut Tx, programme: Uuid) -> Result<ProgrammeHistoryView, Problem> {
    let all = programme_facts(tx, programme)?;
    let people = people_of_editions(&all);
    let mut editions: Vec<HistoryEditionView> = Vec::new();
    for edition in &all.editions {
        let facts = edition_facts(tx, edition.id)?;
        let gap = |before: &HistoryEditionView| (edition.starts_on.date() - before.ends_on.date()).num_days() - 1;
        let shared = |before: &HistoryEditionView| SharedPeopleView {
            edition_id: before.edition_id,
            people: people[&edition.id].intersection(&people[&before.edition_id]).count(),
        };
        editions.push(HistoryEditionView {
            edition_id: edition.id,
            name: all.edition_names.get(&edition.id).and_then(|name| name.clone().try_into().ok()),
            starts_on: edition.starts_on,
            ends_on: edition.ends_on,
            gap_days: editions.last().map(|before| gap(before).max(0)),
            people: people[&edition.id].len(),
            shared: editions.iter().map(shared).collect(),
            figures: told(tx.caller.role, &facts, &format!("/editions/{}", edition.id)),
        });
    }
    let mut times: BTreeMap<Uuid, usize> = BTreeMap::new();
    for person in people.values().flatten() {
        *times.entry(*person).or_default() += 1;
    }
    Ok(ProgrammeHistoryView {
        programme_id: programme,
        as_of: all.as_of.at,
        editions,
        enrolments: all.participations.len(),
        people: times.len(),
        repeaters: times.values().filter(|times| **times > 1).count(),
        figures: told(tx.caller.role, &all, &format!("/programmes/{programme}")),
    })
}

/// Who started in each edition.
fn people_of_editions(facts: &Facts) -> HashMap<Uuid, BTreeSet<Uuid>> {
    let mut people: HashMap<Uuid, BTreeSet<Uuid>> = facts.editions.iter().map(|edition| (edition.id, BTreeSet::new())).collect();
    for row in &facts.participations {
        people.entry(row.edition_id).or_default().insert(row.person_id);
    }
    people
}

fn told(reader: Role, facts: &Facts, path: &str) -> Vec<HistoryFigureView> {
    let counted: HashMap<&str, Figure> =
        figures_for(reader, facts).0.into_iter().map(|figure| (figure.definition.id, figure)).collect();
    let figure = |definition: &&'static Definition| {
        let figure = counted.get(definition.id);
        HistoryFigureView {
            definition_id: definition.id,
            value: figure.and_then(|figure| figure.value),
            status: figure.map_or(Status::NotApplicable, |figure| figure.verdict.status),
            records: facts.address(&format!("{path}/figures/{}/records", definition.id)),
        }
    };
    TOLD.iter().map(figure).collect()
}

fn listing(view: &ProgrammeHistoryView, issuer: Option<String>) -> Listing {
    let days = [
        ListingColumn::new("Edycja", 26.0, "Nazwa edycji"),
        ListingColumn::new("Od", 12.0, "Pierwszy dzień"),
        ListingColumn::new("Do", 12.0, "Ostatni dzień"),
        ListingColumn::new("Przerwa", 10.0, "Dni między końcem poprzedniej edycji a początkiem tej"),
        ListingColumn::new("Osoby", 10.0, "Osoby, które rozpoczęły udział, każda raz"),
    ];
    let figures = TOLD.iter().map(|definition| ListingColumn::new(definition.name_pl, 14.0, definition.id));
    let values = |figures: &[HistoryFigureView]| figures.iter().map(|figure| cell(figure.value)).collect::<Vec<_>>();
    let count = |count: usize| Cell::Whole(i64::try_from(count).unwrap_or(i64::MAX));
    let row = |edition: &HistoryEditionView| {
        let name = edition.name.as_ref().map_or(edition.edition_id.to_string(), |name| name.as_str().to_owned());
        let gap = edition.gap_days.map_or(Cell::Empty, Cell::Whole);
        let mut row = vec![Cell::text(name), edition.starts_on.into(), edition.ends_on.into(), gap, count(edition.people)];
        row.extend(values(&edition.figures));
        row
    };
    let mut totals = vec![Cell::text("Razem"), Cell::Empty, Cell::Empty, Cell::Empty, count(view.people)];
    totals.extend(values(&view.figures));
    let open =
        view.editions.iter().flat_map(|edition| edition.figures.iter().filter(|figure| figure.status == Status::Provisional));
    let mut facts =
        vec![("Udziały".to_owned(), view.enrolments.to_string()), ("Osoby powracające".to_owned(), view.repeaters.to_string())];
    facts.push(("Wartości wstępne".to_owned(), open.count().to_string()));
    let cover = Cover {
        title: "Historia programu".to_owned(),
        sheet: "Historia programu",
        issuer,
        facts,
        source: format!("Program {}", view.programme_id),
        as_of: view.as_of,
    };
    let rows = view.editions.iter().map(row).collect();
    Listing { totals: Some(totals), ..cover.listing(days.into_iter().chain(figures).collect(), rows) }
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_programme_history).service(get_programme_history_file);
}
