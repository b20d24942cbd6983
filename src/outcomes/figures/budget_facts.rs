//! Money of editions, as figures count it.

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::Money;
use crate::schema::{budget_lines, expenditures};

/// A current line of a budget, or money spent.
#[derive(Debug, Clone, Queryable)]
pub struct BudgetRow {
    /// Id.
    pub id: Uuid,
    /// The edition.
    pub edition_id: Uuid,
    /// Where the money comes from.
    pub source: String,
    /// In what form.
    pub kind: String,
    /// How much, in zł.
    pub amount: Money,
    /// When it was spent; none of a plan.
    pub spent_on: Option<NaiveDate>,
}

/// The current lines of the budgets of some editions.
pub(super) fn planned(tx: &mut Tx, editions: &[Uuid]) -> Result<Vec<BudgetRow>, Problem> {
    let rows: Vec<(Uuid, Uuid, String, String, Money)> = budget_lines::table
        .filter(own(tx, budget_lines::tenant_id))
        .filter(budget_lines::edition_id.eq_any(editions))
        .filter(budget_lines::superseded_at.is_null())
        .order(budget_lines::id)
        .select((budget_lines::id, budget_lines::edition_id, budget_lines::source, budget_lines::kind, budget_lines::planned))
        .load(tx.conn)?;
    let row = |(id, edition_id, source, kind, amount)| BudgetRow { id, edition_id, source, kind, amount, spent_on: None };
    Ok(rows.into_iter().map(row).collect())
}

/// What was spent on some editions up to a day.
pub(super) fn spent(tx: &mut Tx, editions: &[Uuid], until: NaiveDate) -> Result<Vec<BudgetRow>, Problem> {
    Ok(expenditures::table
        .filter(own(tx, expenditures::tenant_id))
        .filter(expenditures::edition_id.eq_any(editions))
        .filter(expenditures::superseded_at.is_null())
        .filter(expenditures::spent_on.le(until))
        .order(expenditures::id)
        .select((
            expenditures::id,
            expenditures::edition_id,
            expenditures::source,
            expenditures::kind,
            expenditures::amount,
            expenditures::spent_on.nullable(),
        ))
        .load(tx.conn)?)
}
