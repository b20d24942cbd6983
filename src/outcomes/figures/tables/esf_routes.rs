//! The operations that answer the participant table of a project of the European Social Fund.

use actix_web::get;

use super::esf_participants::{EsfParticipantView, participants};
use super::{Cover, NO_INFORMATION, issuer};
use crate::outcomes::figures::loading::programme_facts;
use crate::platform::body::{Filter, PathId};
use crate::platform::listing::{Cell, FileQuery, ListingColumn};
use crate::platform::paging::{Page, PageQuery};
use crate::platform::past::AsOfFilter;
use crate::platform::permit::Permit;
use crate::platform::policy::{GetEsfParticipantsFile, ListEsfParticipants};
use crate::platform::problem::Problem;
use crate::platform::reply::{FileReply, Reply};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Sex};

/// Lists the participants of a project as the participant table of the European Social Fund asks for them.
///
/// Somebody who came again is one participant: the first start, the final exit. Results are those within four weeks and six
/// months after the exit; `unknown` and `notCollected` are neither yes nor no. Nobody is named here: identities are revealed by their own operation.
#[utoipa::path(tag = "programmes", params(("id" = Uuid, Path, description = "Programme"), AsOfFilter, PageQuery),
    responses((status = 200, body = Page<EsfParticipantView>, description = "A page of participants")))]
#[get("/programmes/{id}/esf-participants")]
async fn list_esf_participants(
    permit: Permit<ListEsfParticipants>,
    id: PathId,
    as_of: Filter<AsOfFilter>,
) -> Result<Reply, Problem> {
    permit
        .list(
            |row: &EsfParticipantView| row.person_id,
            move |tx, window| {
                let facts = tx.as_known(as_of.0, |tx| programme_facts(tx, id.0))?;
                facts.expect_births()?;
                let mut rows = participants(&facts);
                rows.retain(|row| row.person_id > window.after);
                rows.truncate(usize::try_from(window.rows()).unwrap_or(usize::MAX));
                Ok(rows)
            },
        )
        .await
}

/// Answers the participant table of a project as a CSV file, a workbook or a document for print.
#[utoipa::path(tag = "programmes", params(("id" = Uuid, Path, description = "Programme"), FileQuery, AsOfFilter),
    responses((status = 200, description = "The table", content((String = "text/csv"), (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/programmes/{id}/esf-participants/file")]
async fn get_esf_participants_file(
    permit: Permit<GetEsfParticipantsFile>,
    id: PathId,
    query: Filter<FileQuery>,
    as_of: Filter<AsOfFilter>,
) -> Result<FileReply, Problem> {
    permit
        .read_file(move |tx| {
            let facts = tx.as_known(as_of.0, |tx| programme_facts(tx, id.0))?;
            facts.expect_births()?;
            let rows = participants(&facts).iter().map(row).collect();
            let cover = Cover {
                title: "Uczestnicy projektu (EFS)".to_owned(),
                sheet: "Uczestnicy",
                issuer: issuer(tx)?,
                facts: vec![("Program".to_owned(), id.0.to_string())],
                source: format!("Program {}", id.0),
                as_of: facts.as_of.at,
            };
            cover.listing(COLUMNS.to_vec(), rows).file(&format!("uczestnicy-efs-{}", id.0), query.0)
        })
        .await
}

const COLUMNS: [ListingColumn; 21] = [
    ListingColumn::new("Uczestnik", 38.0, "Identyfikator osoby w systemie"),
    ListingColumn::new("Płeć", 10.0, "K – kobieta, M – mężczyzna"),
    ListingColumn::new("Wiek", 8.0, "Ukończone lata w dniu rozpoczęcia udziału"),
    ListingColumn::new("Wykształcenie", 18.0, "W dniu rozpoczęcia udziału"),
    ListingColumn::new("Status na rynku pracy", 20.0, "W dniu rozpoczęcia udziału"),
    ListingColumn::new("Długotrwale bezrobotny", 16.0, "W dniu rozpoczęcia udziału"),
    ListingColumn::new("Niepełnosprawność", 18.0, "W dniu rozpoczęcia udziału; refused – odmowa podania"),
    ListingColumn::new("Gmina (TERC)", 12.0, "Zamieszkanie w dniu rozpoczęcia udziału"),
    ListingColumn::new("DEGURBA", 12.0, "Stopień urbanizacji miejsca zamieszkania w dniu rozpoczęcia udziału"),
    ListingColumn::new("Gospodarstwo domowe", 20.0, "W dniu rozpoczęcia udziału; refused – odmowa podania"),
    ListingColumn::new("Obywatelstwo", 14.0, "W dniu rozpoczęcia udziału; refused – odmowa podania"),
    ListingColumn::new("Mniejszość, migrant", 14.0, "W dniu rozpoczęcia udziału; refused – odmowa podania"),
    ListingColumn::new("Bezdomność", 14.0, "Także wykluczenie mieszkaniowe; w dniu rozpoczęcia udziału"),
    ListingColumn::new("Inna niekorzystna sytuacja", 14.0, "W dniu rozpoczęcia udziału; refused – odmowa podania"),
    ListingColumn::new("Data rozpoczęcia", 14.0, "Pierwszy dzień pierwszego udziału"),
    ListingColumn::new("Pierwsza forma wsparcia", 14.0, "Dzień pierwszych godzin zajęć lub prac"),
    ListingColumn::new("Data zakończenia", 14.0, "Ostatni dzień ostatniego udziału"),
    ListingColumn::new("Zgodnie ze ścieżką", 12.0, "Czy udział zakończył się zgodnie z planem"),
    ListingColumn::new("Powód zakończenia", 18.0, "Powód zakończenia udziału"),
    ListingColumn::new("Praca do 4 tygodni", 12.0, "Zatrudnienie do 4 tygodni po zakończeniu udziału"),
    ListingColumn::new("Praca do 6 miesięcy", 12.0, "Zatrudnienie do 6 miesięcy po zakończeniu udziału"),
];

/// What is told of a trait or a result where it is told in no code of the fund.
const WORDS: [(&str, &str); 7] = [
    ("notCollected", "nie ustalono"),
    ("refused", "odmowa"),
    ("unknown", "nie wiadomo"),
    ("yes", "tak"),
    ("no", "nie"),
    ("true", "tak"),
    ("false", "nie"),
];

fn word(told: &str) -> Cell {
    let known = WORDS.iter().find(|(code, _)| *code == told);
    known.map_or_else(|| Cell::text(told), |(code, polish)| Cell::Word(code, polish))
}

fn row(view: &EsfParticipantView) -> Vec<Cell> {
    let day = |day: Option<Day>| day.map_or(Cell::text(NO_INFORMATION), Cell::Day);
    let sex = match view.sex {
        Sex::Female => "K",
        Sex::Male => "M",
        Sex::Unknown => NO_INFORMATION,
    };
    vec![
        Cell::text(view.person_id),
        Cell::text(sex),
        view.age_at_start.map_or(Cell::text(NO_INFORMATION), Cell::from),
        word(&view.education),
        word(&view.status_at_start),
        word(&view.long_term_unemployed),
        word(&view.disability),
        word(&view.residence),
        word(&view.urbanisation),
        word(&view.household_situation),
        word(&view.citizenship),
        word(&view.minority_or_migrant),
        word(&view.homelessness),
        word(&view.other_disadvantage),
        view.starts_on.into(),
        day(view.first_support_on),
        day(view.ended_on),
        word(view.ended_as_planned.as_str()),
        Cell::text(view.end_reason.as_deref().unwrap_or(NO_INFORMATION)),
        word(view.employed_within_4_weeks.as_str()),
        word(view.employed_within_6_months.as_str()),
    ]
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_esf_participants).service(get_esf_participants_file);
}
