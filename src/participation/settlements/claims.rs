//! The claim of an approved settlement for the refund of the labour office (Polish: wniosek o refundację).
//!
//! It names nobody: hours and refund of each minimum and share, and the
//! control totals, which are those of the settlement and of its payroll list.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::get;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::cover;
use super::payroll::find_approved;
use super::reckoning::{Amounts, sum};
use super::store::all_lines;
use super::views::{AmountsView, SettlementLineView, SettlementView};
use crate::platform::body::{Filter, PathId};
use crate::platform::db::Tx;
use crate::platform::listing::{Cell, FileQuery, Listing, ListingColumn};
use crate::platform::permit::Permit;
use crate::platform::policy::{GetRefundClaim, GetRefundClaimFile};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{FileReply, Reply, View};
use crate::platform::routes::ServiceConfig;
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
    /// Number among the settlement and its corrections; the settlement itself is 1.
    #[schema(minimum = 1, maximum = 100_000)]
    pub number: i32,
    /// Day of the approval.
    pub approved_on: Option<Day>,
    /// SHA-256 of the document that was approved, in hexadecimal digits.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub document_sha256: Option<String>,
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
    permit.read(move |tx| claim(tx, id.0).map(|(_, claim)| claim)).await
}

/// Answers the refund claim of an approved settlement as a CSV file, a workbook or a document for print and signature.
///
/// All hold the same rows, and the control totals in the last one.
#[utoipa::path(tag = "settlements", params(("id" = Uuid, Path, description = "Settlement"), FileQuery),
    responses((status = 200, description = "The claim", content((String = "text/csv"), (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/settlements/{id}/refund-claim/file")]
async fn get_refund_claim_file(
    permit: Permit<GetRefundClaimFile>,
    id: PathId,
    query: Filter<FileQuery>,
) -> Result<FileReply, Problem> {
    permit
        .read_file(move |tx| {
            let (settlement, claim) = claim(tx, id.0)?;
            let name = format!("wniosek-o-refundacje-{}-{}", claim.month, id.0);
            listing(tx, &settlement, &claim)?.file(&name, query.0)
        })
        .await
}

/// What lines must share to stand in one row of a claim.
type RowKey = (Day, Day, bool, Money, Percent);

/// The claim with its settlement; every format is made from it.
fn claim(tx: &mut Tx, id: Uuid) -> Result<(SettlementView, RefundClaimView), Problem> {
    let settlement = find_approved(tx, id)?;
    let mut by_rate: BTreeMap<RowKey, Vec<SettlementLineView>> = BTreeMap::new();
    for line in all_lines(tx, id)? {
        let key = (line.from, line.to, line.for_carers, line.minimum_rate, line.refund_percent);
        by_rate.entry(key).or_default().push(line);
    }
    let rows = by_rate.into_iter().map(|(key, lines)| row(key, &lines)).collect::<Result<_, _>>()?;
    let claim = RefundClaimView {
        settlement_id: id,
        agreement_id: settlement.agreement_id,
        month: settlement.month,
        number: settlement.number,
        approved_on: settlement.approved_on,
        document_sha256: settlement.document_sha256.clone(),
        rows,
        totals: AmountsView::from(&settlement),
    };
    Ok((settlement, claim))
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

const COLUMNS: [ListingColumn; 10] = [
    ListingColumn::new("Od", 12.0, "Pierwszy dzień miesiąca, w którym obowiązują stawki"),
    ListingColumn::new("Do", 12.0, "Ostatni dzień miesiąca, w którym obowiązują stawki"),
    ListingColumn::new("Na rzecz opiekunów", 13.0, "Czy prace wykonano na rzecz opiekunów osób niepełnosprawnych"),
    ListingColumn::new("Stawka minimalna (zł)", 12.0, "Minimalne świadczenie za godzinę, od którego liczy się refundację"),
    ListingColumn::new("Refundacja (%)", 12.0, "Część świadczenia minimalnego, którą refunduje starosta"),
    ListingColumn::new("Liczba osób", 9.0, "Różne osoby wiersza; w ostatnim wierszu różne osoby całego rozliczenia"),
    ListingColumn::new("Godziny", 11.0, "Godziny zegarowe prac społecznie użytecznych"),
    ListingColumn::new("Świadczenia (zł)", 14.0, "Suma świadczeń, z których każde zaokrąglono do grosza"),
    ListingColumn::new("Do refundacji (zł)", 14.0, "Suma refundacji, z których każdą zaokrąglono do grosza"),
    ListingColumn::new("Udział gminy (zł)", 14.0, "Świadczenia pomniejszone o refundację"),
];

fn listing(tx: &mut Tx, settlement: &SettlementView, claim: &RefundClaimView) -> Result<Listing, Problem> {
    let titles = ("Wniosek o refundację świadczeń", "Wniosek o refundację");
    let mut listing = cover::of_settlement(tx, settlement, titles, COLUMNS.to_vec())?;
    listing.signatures = cover::CLAIMANTS.to_vec();
    listing.rows = claim
        .rows
        .iter()
        .map(|row| {
            vec![
                row.from.into(),
                row.to.into(),
                Cell::text(if row.for_carers { "tak" } else { "nie" }),
                row.minimum_rate.into(),
                row.refund_percent.into(),
                row.people.into(),
                row.hours.into(),
                row.benefit.into(),
                row.refund.into(),
                row.municipal_share.into(),
            ]
        })
        .collect();
    let AmountsView { people, hours, benefit, refund, municipal_share } = claim.totals;
    let mut totals = vec![Cell::Empty; 5];
    totals[0] = Cell::text("Razem");
    totals.extend([people.into(), hours.into(), benefit.into(), refund.into(), municipal_share.into()]);
    listing.totals = Some(totals);
    Ok(listing)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_refund_claim_file).service(get_refund_claim);
}
