//! The claim of an approved settlement for the refund of the labour office (Polish: wniosek o refundację).
//!
//! It names nobody: hours and refund of each minimum and share, and the
//! control totals, which are those of the settlement and of its payroll list.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::get;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::payroll::find_approved;
use super::reckoning::{Amounts, sum};
use super::store::all_lines;
use super::views::{AmountsView, SettlementLineView};
use crate::platform::body::{Filter, PathId};
use crate::platform::csv_table::{Cell, CsvQuery, write_csv};
use crate::platform::db::Tx;
use crate::platform::permit::Permit;
use crate::platform::policy::{GetRefundClaim, GetRefundClaimFile};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{FileReply, Reply, View};
use crate::platform::types::{Day, HourChange, Money, Month, Percent};

/// Hours at one minimum and share.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefundClaimRowView {
    /// First day of the month at these rates.
    pub from: Day,
    /// Last day of the month at these rates.
    pub to: Day,
    /// Whether the work was done for carers of disabled persons.
    pub for_carers: bool,
    /// Minimum per hour, in zł.
    pub minimum_rate: Money,
    /// Share of the minimum that is refunded.
    pub refund_percent: Percent,
    /// People.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub people: i32,
    /// Hours.
    pub hours: HourChange,
    /// Benefits, in zł.
    pub benefit: Money,
    /// Refund, in zł: the sum of the lines, each rounded by itself.
    pub refund: Money,
    /// What the municipality pays itself, in zł.
    pub municipal_share: Money,
}

/// The claim.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefundClaimView {
    /// Settlement.
    pub settlement_id: Uuid,
    /// Agreement under which it is claimed.
    pub agreement_id: Uuid,
    /// Month of the work.
    pub month: Month,
    /// Day of the approval.
    pub approved_on: Option<Day>,
    /// The rows, by minimum and share.
    #[schema(max_items = 1000)]
    pub rows: Vec<RefundClaimRowView>,
    /// Control totals, those of the settlement.
    pub totals: AmountsView,
}

impl View for RefundClaimView {}

/// Reads the refund claim of an approved settlement.
#[utoipa::path(tag = "settlements", params(("id" = Uuid, Path, description = "Settlement")),
    responses((status = 200, body = RefundClaimView, description = "The claim")))]
#[get("/settlements/{id}/refund-claim")]
async fn get_refund_claim(permit: Permit<GetRefundClaim>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| claim(tx, id.0)).await
}

/// Answers the refund claim of an approved settlement as a CSV file.
///
/// The last row holds the control totals.
#[utoipa::path(tag = "settlements", params(("id" = Uuid, Path, description = "Settlement"), CsvQuery),
    responses((status = 200, description = "The claim", content((String = "text/csv")))))]
#[get("/settlements/{id}/refund-claim/file")]
async fn get_refund_claim_file(
    permit: Permit<GetRefundClaimFile>,
    id: PathId,
    query: Filter<CsvQuery>,
) -> Result<FileReply, Problem> {
    permit
        .read_file(move |tx| {
            let claim = claim(tx, id.0)?;
            let content = write_csv(query.0.dialect.unwrap_or_default(), &HEADS, rows(&claim))?;
            let name = format!("wniosek-o-refundacje-{}-{}.csv", claim.month, id.0);
            Ok(FileReply { media: "text/csv; charset=utf-8", name, content })
        })
        .await
}

/// What lines must share to stand in one row of a claim.
type RowKey = (Day, Day, bool, Money, Percent);

fn claim(tx: &mut Tx, id: Uuid) -> Result<RefundClaimView, Problem> {
    let settlement = find_approved(tx, id)?;
    let mut by_rate: BTreeMap<RowKey, Vec<SettlementLineView>> = BTreeMap::new();
    for line in all_lines(tx, id)? {
        let key = (line.from, line.to, line.for_carers, line.minimum_rate, line.refund_percent);
        by_rate.entry(key).or_default().push(line);
    }
    let rows = by_rate.into_iter().map(|(key, lines)| row(key, &lines)).collect::<Result<_, _>>()?;
    Ok(RefundClaimView {
        settlement_id: id,
        agreement_id: settlement.agreement_id,
        month: settlement.month,
        approved_on: settlement.approved_on,
        rows,
        totals: AmountsView::from(&settlement),
    })
}

fn row(
    (from, to, for_carers, minimum_rate, refund_percent): RowKey,
    lines: &[SettlementLineView],
) -> Result<RefundClaimRowView, Problem> {
    let people: BTreeSet<Uuid> = lines.iter().map(|line| line.person_id).collect();
    let people = i32::try_from(people.len()).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    let Amounts { hours, benefit, refund, municipal_share } = sum(lines.iter().map(SettlementLineView::amounts))?;
    Ok(RefundClaimRowView { from, to, for_carers, minimum_rate, refund_percent, people, hours, benefit, refund, municipal_share })
}

const HEADS: [&str; 10] = [
    "Od",
    "Do",
    "Na rzecz opiekunów",
    "Stawka minimalna (zł)",
    "Refundacja (%)",
    "Liczba osób",
    "Godziny",
    "Świadczenia (zł)",
    "Do refundacji (zł)",
    "Udział gminy (zł)",
];

fn rows(claim: &RefundClaimView) -> Vec<Vec<Cell>> {
    let mut rows: Vec<Vec<Cell>> = claim
        .rows
        .iter()
        .map(|row| {
            vec![
                Cell::text(row.from),
                Cell::text(row.to),
                Cell::text(if row.for_carers { "tak" } else { "nie" }),
                Cell::number(row.minimum_rate),
                Cell::number(row.refund_percent),
                Cell::number(row.people),
                Cell::number(row.hours),
                Cell::number(row.benefit),
                Cell::number(row.refund),
                Cell::number(row.municipal_share),
            ]
        })
        .collect();
    let AmountsView { people, hours, benefit, refund, municipal_share } = claim.totals;
    let nothing = || Cell::text("");
    rows.push(vec![
        Cell::text("Razem"),
        nothing(),
        nothing(),
        nothing(),
        nothing(),
        Cell::number(people),
        Cell::number(hours),
        Cell::number(benefit),
        Cell::number(refund),
        Cell::number(municipal_share),
    ]);
    rows
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_refund_claim_file).service(get_refund_claim);
}
