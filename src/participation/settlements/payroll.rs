//! The payroll list of an approved settlement (Polish: lista wypłat): who is paid how much, by name.

use std::collections::{BTreeSet, HashMap};

use actix_web::get;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::store::{all_lines, find_settlement};
use super::views::{AmountsView, SettlementLineView, SettlementState, SettlementView};
use crate::participation::SETTLEMENT_NOT_APPROVED;
use crate::people::{Names, names_of};
use crate::platform::body::{Filter, PathId};
use crate::platform::csv_table::{Cell, CsvQuery, write_csv};
use crate::platform::db::Tx;
use crate::platform::permit::Permit;
use crate::platform::policy::{GetPayrollFile, GetPayrollList};
use crate::platform::problem::Problem;
use crate::platform::reply::{FileReply, Reply, View};
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
    /// Day of the approval.
    pub approved_on: Option<Day>,
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
    permit.reveal(move |tx| payroll(tx, id.0)).await
}

/// Reveals the payroll list of an approved settlement as a CSV file.
///
/// The last row holds the control totals.
#[utoipa::path(tag = "settlements", params(("id" = Uuid, Path, description = "Settlement"), CsvQuery),
    responses((status = 200, description = "The list", content((String = "text/csv")))))]
#[get("/settlements/{id}/payroll-list/file")]
async fn get_payroll_file(permit: Permit<GetPayrollFile>, id: PathId, query: Filter<CsvQuery>) -> Result<FileReply, Problem> {
    permit
        .reveal_file(move |tx| {
            let list = payroll(tx, id.0)?;
            let content = write_csv(query.0.dialect.unwrap_or_default(), &HEADS, rows(&list))?;
            Ok(FileReply { media: "text/csv; charset=utf-8", name: format!("lista-wyplat-{}-{}.csv", list.month, id.0), content })
        })
        .await
}

fn payroll(tx: &mut Tx, id: Uuid) -> Result<PayrollView, Problem> {
    tx.touch("settlement", [id]);
    let settlement = find_approved(tx, id)?;
    let lines = all_lines(tx, id)?;
    let people: Vec<Uuid> = lines.iter().map(|line| line.person_id).collect::<BTreeSet<_>>().into_iter().collect();
    if !people.is_empty() {
        tx.touch("person", people.iter().copied());
    }
    let known: HashMap<Uuid, Names> = names_of(tx, &people)?.into_iter().collect();
    let rows = lines.into_iter().map(|line| row(&line, known.get(&line.person_id))).collect();
    let totals = AmountsView::from(&settlement);
    Ok(PayrollView { settlement_id: id, month: settlement.month, approved_on: settlement.approved_on, rows, totals })
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

const HEADS: [&str; 9] =
    ["Lp.", "Nazwisko", "Imiona", "Identyfikator osoby", "Od", "Do", "Godziny", "Stawka za godzinę (zł)", "Świadczenie (zł)"];

fn rows(list: &PayrollView) -> Vec<Vec<Cell>> {
    let name = |name: &Option<ShortText>| Cell::text(name.as_ref().map_or("", ShortText::as_str));
    let mut rows: Vec<Vec<Cell>> = list
        .rows
        .iter()
        .map(|row| {
            vec![
                Cell::number(row.number),
                name(&row.surname),
                name(&row.given_names),
                Cell::text(row.person_id),
                Cell::text(row.from),
                Cell::text(row.to),
                Cell::number(row.hours),
                Cell::number(row.hourly_rate),
                Cell::number(row.benefit),
            ]
        })
        .collect();
    let nothing = || Cell::text("");
    let sum = [Cell::number(list.totals.hours), nothing(), Cell::number(list.totals.benefit)];
    let head = [nothing(), Cell::text("Razem"), nothing(), nothing(), nothing(), nothing()];
    rows.push(head.into_iter().chain(sum).collect());
    rows
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_payroll_file).service(get_payroll_list);
}
