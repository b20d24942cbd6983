//! Money of editions, as figures count it.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable};
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

/// The current lines of the budgets of some editions, and what was spent on them up to a day; each by its id.
pub(super) fn budgets(tx: &mut Tx, editions: &[Uuid], until: NaiveDate) -> Result<(Vec<BudgetRow>, Vec<BudgetRow>), Problem> {
    let planned = budget_lines::table
        .filter(own(tx, budget_lines::tenant_id))
        .filter(budget_lines::edition_id.eq_any(editions))
        .filter(budget_lines::superseded_at.is_null())
        .select((
            budget_lines::id,
            budget_lines::edition_id,
            budget_lines::source,
            budget_lines::kind,
            budget_lines::planned,
            None::<NaiveDate>.into_sql::<Nullable<Date>>(),
        ));
    let spent = expenditures::table
        .filter(own(tx, expenditures::tenant_id))
        .filter(expenditures::edition_id.eq_any(editions))
        .filter(expenditures::superseded_at.is_null())
        .filter(expenditures::spent_on.le(until))
        .select((
            expenditures::id,
            expenditures::edition_id,
            expenditures::source,
            expenditures::kind,
            expenditures::amount,
            expenditures::spent_on.nullable(),
        ));
    let mut rows: Vec<BudgetRow> = planned.union_all(spent).load(tx.conn)?;
    rows.sort_by_key(|row| row.id);
    Ok(rows.into_iter().partition(|row| row.spent_on.is_none()))
}
