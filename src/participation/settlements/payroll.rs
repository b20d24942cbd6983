//! The payroll list of an approved settlement (Polish: lista wypłat): who is paid how much, by name.

use std::collections::{BTreeSet, HashMap};

use actix_web::get;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::cover;
use super::store::{all_lines, find_settlement};
use super::views::{AmountsView, SettlementLineView, SettlementState, SettlementView};
use crate::participation::SETTLEMENT_NOT_APPROVED;
use crate::people::{Names, names_of};
use crate::platform::body::{Filter, PathId};
use crate::platform::db::Tx;
use crate::platform::listing::{Cell, FileQuery, Listing, ListingColumn, Medium};
use crate::platform::permit::Permit;
use crate::platform::policy::{GetPayrollFile, GetPayrollList};
use crate::platform::problem::Problem;
use crate::platform::reply::{FileReply, Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, HourChange, Money, Month, ShortText};

/// A line of the list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PayrollRowView {
    /// Number of the line.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub number: i32,
    /// Who is paid.
    pub person_id: Uuid,
    /// Surname; `null` where it is not recorded, erased or cannot be read.
    pub surname: Option<ShortText>,
    /// Given names; `null` likewise.
    pub given_names: Option<ShortText>,
    /// First day at this rate.
    pub from: Day,
    /// Last day at this rate.
    pub to: Day,
    /// Hours.
    pub hours: HourChange,
    /// Benefit per hour, in zł.
    pub hourly_rate: Money,
    /// Benefit, in zł.
    pub benefit: Money,
}

/// The payroll list of a settlement.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PayrollView {
    /// Settlement.
    pub settlement_id: Uuid,
    /// Month of the work.
    pub month: Month,
    /// Number among the settlement and its corrections; the settlement itself is 1.
    #[schema(minimum = 1, maximum = 100_000)]
    pub number: i32,
    /// Day of the approval.
    pub approved_on: Option<Day>,
    /// SHA-256 of the document that was approved, in hexadecimal digits.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub document_sha256: Option<String>,
    /// The lines.
    #[schema(max_items = 1_000_000)]
    pub rows: Vec<PayrollRowView>,
    /// Control totals, those of the settlement.
    pub totals: AmountsView,
}

impl View for PayrollView {}

/// Reveals the payroll list of an approved settlement.
#[utoipa::path(tag = "settlements", params(("id" = Uuid, Path, description = "Settlement")),
    responses((status = 200, body = PayrollView, description = "The list")))]
#[get("/settlements/{id}/payroll-list")]
async fn get_payroll_list(permit: Permit<GetPayrollList>, id: PathId) -> Result<Reply, Problem> {
    permit.reveal(move |tx| payroll(tx, id.0).map(|(_, list)| list)).await
}

/// Reveals the payroll list of an approved settlement as a CSV file, a workbook or a document for print and signature.
///
/// All hold the same rows, and the control totals in the last one.
#[utoipa::path(tag = "settlements", params(("id" = Uuid, Path, description = "Settlement"), FileQuery),
    responses((status = 200, description = "The list", content((String = "text/csv"), (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/settlements/{id}/payroll-list/file")]
async fn get_payroll_file(permit: Permit<GetPayrollFile>, id: PathId, query: Filter<FileQuery>) -> Result<FileReply, Problem> {
    permit
        .reveal_file(move |tx| {
            let (settlement, list) = payroll(tx, id.0)?;
            let name = format!("lista-wyplat-{}-{}", list.month, id.0);
            listing(tx, &settlement, &list)?.file(&name, query.0)
        })
        .await
}

/// The list with its settlement; every format is made from it.
fn payroll(tx: &mut Tx, id: Uuid) -> Result<(SettlementView, PayrollView), Problem> {
    tx.touch("settlement", [id]);
    let settlement = find_approved(tx, id)?;
    let lines = all_lines(tx, id)?;
    let people: Vec<Uuid> = lines.iter().map(|line| line.person_id).collect::<BTreeSet<_>>().into_iter().collect();
    if !people.is_empty() {
        tx.touch("person", people.iter().copied());
    }
    let known: HashMap<Uuid, Names> = names_of(tx, &people)?.into_iter().collect();
    let list = PayrollView {
        settlement_id: id,
        month: settlement.month,
        number: settlement.number,
        approved_on: settlement.approved_on,
        document_sha256: settlement.document_sha256.clone(),
        rows: lines.into_iter().map(|line| row(&line, known.get(&line.person_id))).collect(),
        totals: AmountsView::from(&settlement),
    };
    Ok((settlement, list))
}

fn row(line: &SettlementLineView, names: Option<&Names>) -> PayrollRowView {
    let surname = names.and_then(|names| names.surname.clone());
    let given_names = names.and_then(|names| names.given_names.clone());
    PayrollRowView {
        number: line.number,
        person_id: line.person_id,
        surname,
        given_names,
        from: line.from,
        to: line.to,
        hours: line.hours,
        hourly_rate: line.hourly_rate,
        benefit: line.benefit,
    }
}

/// The settlement, if it was approved: nobody is paid by a draft.
pub(super) fn find_approved(tx: &mut Tx, id: Uuid) -> Result<SettlementView, Problem> {
    let settlement = find_settlement(tx, id)?;
    match settlement.state {
        SettlementState::Approved => Ok(settlement),
        SettlementState::Draft | SettlementState::Withdrawn => Err(SETTLEMENT_NOT_APPROVED.problem()),
    }
}

/// Stands on paper where neither surname nor given names are recorded.
const NO_IDENTITY: &str = "bez danych osobowych";

const COLUMNS: [ListingColumn; 11] = [
    ListingColumn::new("Lp.", 5.0, "Numer wiersza rozliczenia"),
    ListingColumn::new("Nazwisko", 22.0, "Nazwisko uczestnika; puste, gdy go nie zapisano").only(Medium::File),
    ListingColumn::new("Nazwisko", 22.0, "Nazwisko uczestnika").only(Medium::Paper),
    ListingColumn::new("Imiona", 18.0, "Imiona uczestnika; puste, gdy ich nie zapisano"),
    ListingColumn::new("Identyfikator osoby", 38.0, "Identyfikator uczestnika w systemie").only(Medium::File),
    ListingColumn::new("Od", 12.0, "Pierwszy dzień miesiąca, w którym obowiązuje stawka"),
    ListingColumn::new("Do", 12.0, "Ostatni dzień miesiąca, w którym obowiązuje stawka"),
    ListingColumn::new("Godziny", 10.0, "Godziny zegarowe prac społecznie użytecznych; ujemne w korekcie, która je cofa"),
    ListingColumn::new("Stawka za godzinę (zł)", 12.0, "Świadczenie za godzinę, nie niższe niż minimalne w dniu pracy"),
    ListingColumn::new("Świadczenie (zł)", 14.0, "Godziny razy stawka, zaokrąglone do grosza w każdym wierszu"),
    ListingColumn::new("Kwituję odbiór", 20.0, "Podpis osoby, która otrzymała świadczenie").only(Medium::Paper),
];

fn listing(tx: &mut Tx, settlement: &SettlementView, list: &PayrollView) -> Result<Listing, Problem> {
    let name = |name: &Option<ShortText>| name.as_ref().map_or(Cell::Empty, |name| Cell::text(name.as_str()));
    let mut listing = cover::of_settlement(tx, settlement, ("Lista wypłat świadczeń", "Lista wypłat"), COLUMNS.to_vec())?;
    listing.rows = list
        .rows
        .iter()
        .map(|row| {
            vec![
                row.number.into(),
                name(&row.surname),
                if row.surname.is_none() && row.given_names.is_none() { Cell::text(NO_IDENTITY) } else { name(&row.surname) },
                name(&row.given_names),
                Cell::text(row.person_id),
                row.from.into(),
                row.to.into(),
                row.hours.into(),
                row.hourly_rate.into(),
                row.benefit.into(),
            ]
        })
        .collect();
    let mut totals = vec![Cell::Empty; 7];
    totals[1] = Cell::text("Razem");
    totals[2] = Cell::text("Razem");
    totals.extend([list.totals.hours.into(), Cell::Empty, list.totals.benefit.into()]);
    listing.totals = Some(totals);
    Ok(listing)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_payroll_file).service(get_payroll_list);
}
