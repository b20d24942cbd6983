//! What support costs, and the sums of an edition by type and source.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use actix_web::get;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::item::{SupportCost, SupportItemRecord, SupportItemView};
use crate::participation::{SUPPORT_COST_NEGATIVE, SUPPORT_COST_REPEATED};
use crate::platform::body::PathId;
use crate::platform::db::{Tx, own};
use crate::platform::permit::Permit;
use crate::platform::policy::GetSupportSummary;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Code, Hours, Money};
use crate::programmes::FinancingSource;
use crate::programmes::facts::get_edition_facts;
use crate::schema::{support_item_costs, support_items};

/// Support of one type in an edition.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SupportOfTypeView {
    /// Kind of support, by its code.
    #[serde(rename = "type")]
    pub type_code: Code,
    /// How many items.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub items: usize,
    /// How many participants had it.
    #[schema(minimum = 1, maximum = 100_000)]
    pub participants: usize,
    /// Hours of the items that count in hours.
    pub hours: Hours,
    /// Items that are not counted in hours.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub items_without_hours: usize,
    /// What they cost, by source.
    #[schema(max_items = 5)]
    pub costs: Vec<SupportCost>,
    /// The sum, in zł.
    pub total_cost: Money,
}

/// Support of an edition, by type and by source; cancelled and corrected items do not count.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SupportSummaryView {
    /// Edition.
    pub edition_id: Uuid,
    /// By type, in the order of their codes.
    #[schema(max_items = 1000)]
    pub types: Vec<SupportOfTypeView>,
    /// By source, over all types.
    #[schema(max_items = 5)]
    pub costs: Vec<SupportCost>,
    /// The sum, in zł.
    pub total_cost: Money,
}

impl View for SupportSummaryView {}

/// Sums the support of an edition by type and by source of financing.
///
/// Cancelled items and those that a correction has replaced do not count.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition")),
    responses((status = 200, body = SupportSummaryView, description = "The sums")))]
#[get("/editions/{id}/support-summary")]
async fn get_support_summary(permit: Permit<GetSupportSummary>, id: PathId) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            get_edition_facts(tx, id.0)?;
            let records: Vec<SupportItemRecord> = support_items::table
                .filter(own(tx, support_items::tenant_id))
                .filter(support_items::edition_id.eq(id.0))
                .filter(support_items::superseded_at.is_null())
                .filter(support_items::cancelled_on.is_null())
                .order(support_items::id)
                .select(SupportItemRecord::as_select())
                .load(tx.conn)?;
            let items = with_costs(tx, records)?;
            let mut by_type: BTreeMap<&Code, Vec<&SupportItemView>> = BTreeMap::new();
            for item in &items {
                by_type.entry(&item.record.type_code).or_default().push(item);
            }
            let costs = by_source(items.iter())?;
            Ok(SupportSummaryView {
                edition_id: id.0,
                types: by_type.into_iter().map(|(code, items)| of_type(code, &items)).collect::<Result<_, _>>()?,
                total_cost: total(&costs)?,
                costs,
            })
        })
        .await
}

fn of_type(code: &Code, items: &[&SupportItemView]) -> Result<SupportOfTypeView, Problem> {
    let participants: BTreeSet<Uuid> = items.iter().map(|item| item.record.participation_id).collect();
    let hours = Hours::checked_sum(items.iter().filter_map(|item| item.record.hours));
    let costs = by_source(items.iter().copied())?;
    Ok(SupportOfTypeView {
        type_code: code.clone(),
        items: items.len(),
        participants: participants.len(),
        hours: hours.ok_or_else(too_much)?,
        items_without_hours: items.iter().filter(|item| item.record.hours.is_none()).count(),
        total_cost: total(&costs)?,
        costs,
    })
}

/// Costs of items, summed by source.
fn by_source<'i>(items: impl Iterator<Item = &'i SupportItemView>) -> Result<Vec<SupportCost>, Problem> {
    let mut sums: BTreeMap<FinancingSource, Money> = BTreeMap::new();
    for cost in items.flat_map(|item| &item.costs) {
        let sum = sums.entry(cost.source).or_default();
        *sum = sum.checked_add(cost.amount).ok_or_else(too_much)?;
    }
    Ok(sums.into_iter().map(|(source, amount)| SupportCost { source, amount }).collect())
}

fn total(costs: &[SupportCost]) -> Result<Money, Problem> {
    Money::checked_sum(costs.iter().map(|cost| cost.amount)).ok_or_else(too_much)
}

fn too_much() -> Problem {
    catalogue::INTERNAL.problem().because("a sum that cannot be held")
}

/// Stores what an item costs: no source twice, nothing below zero.
pub(super) fn insert_costs(tx: &mut Tx, item: Uuid, costs: &[SupportCost]) -> Result<(), Problem> {
    let mut seen = BTreeSet::new();
    for (place, cost) in costs.iter().enumerate() {
        if !seen.insert(cost.source) {
            return Err(SUPPORT_COST_REPEATED.at(format!("/costs/{place}/source")));
        }
        if cost.amount.is_negative() {
            return Err(SUPPORT_COST_NEGATIVE.at(format!("/costs/{place}/amount")));
        }
    }
    let rows: Vec<_> = costs
        .iter()
        .map(|cost| {
            (
                support_item_costs::item_id.eq(item),
                support_item_costs::source.eq(cost.source),
                support_item_costs::amount.eq(cost.amount),
            )
        })
        .collect();
    diesel::insert_into(support_item_costs::table).values(rows).execute(tx.conn)?;
    Ok(())
}

/// Items with their costs, read together.
pub(super) fn with_costs(tx: &mut Tx, records: Vec<SupportItemRecord>) -> Result<Vec<SupportItemView>, Problem> {
    let ids: Vec<Uuid> = records.iter().map(|record| record.id).collect();
    let rows: Vec<(Uuid, FinancingSource, Money)> = support_item_costs::table
        .filter(own(tx, support_item_costs::tenant_id))
        .filter(support_item_costs::item_id.eq_any(ids))
        .order((support_item_costs::item_id, support_item_costs::source))
        .select((support_item_costs::item_id, support_item_costs::source, support_item_costs::amount))
        .load(tx.conn)?;
    let mut costs: HashMap<Uuid, Vec<SupportCost>> = HashMap::new();
    for (item, source, amount) in rows {
        costs.entry(item).or_default().push(SupportCost { source, amount });
    }
    let view = |record: SupportItemRecord| {
        let costs = costs.remove(&record.id).unwrap_or_default();
        Ok(SupportItemView { total_cost: total(&costs)?, record, costs })
    };
    records.into_iter().map(view).collect()
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_support_summary);
}
