//! Entries of the register that a settlement adds up, each with the price of its day.

use diesel::prelude::*;
use uuid::Uuid;

use super::reckoning::{LineKey, PricedEntry};
use crate::participation::{SETTLEMENT_NO_MINIMUM, SETTLEMENT_NO_RATE, SETTLEMENT_NO_REFUND, SETTLEMENT_RATE_TOO_LOW};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{Day, Hours, Month, ShortText};
use crate::programmes::benefit_rates::{BenefitRates, Unpriced};
use crate::schema::{editions, psu_approved_entries, psu_entries};

/// What is settled: the entries of a month under an agreement, or of one of its editions.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// Agreement.
    pub agreement: Uuid,
    /// Edition; none for all of the agreement.
    pub edition: Option<Uuid>,
    /// Month of the work.
    pub month: Month,
    /// Whether only approved entries count.
    pub approved_only: bool,
}

#[derive(Queryable)]
struct Row {
    id: Uuid,
    person: Uuid,
    worked_on: Day,
    kind_of_work: Option<ShortText>,
    hours: Hours,
}

/// Reads the entries that hold now, with their prices.
///
/// # Errors
/// A refusal that names the first day of work without a price.
pub fn priced_entries(tx: &mut Tx, scope: Scope, rates: &BenefitRates) -> Result<Vec<PricedEntry>, Problem> {
    let editions = match scope.edition {
        Some(edition) => vec![edition],
        None => editions::table
            .filter(own(tx, editions::tenant_id))
            .filter(editions::agreement_id.eq(scope.agreement))
            .select(editions::id)
            .load(tx.conn)?,
    };
    let mut query = psu_entries::table
        .filter(own(tx, psu_entries::tenant_id))
        .filter(psu_entries::edition_id.eq_any(editions))
        .filter(psu_entries::superseded_at.is_null())
        .filter(psu_entries::worked_on.between(scope.month.first_day(), scope.month.last_day()))
        .filter(psu_entries::minutes.gt(0))
        .into_boxed();
    if scope.approved_only {
        let approved =
            psu_approved_entries::table.filter(own(tx, psu_approved_entries::tenant_id)).select(psu_approved_entries::entry_id);
        query = query.filter(psu_entries::id.eq_any(approved));
    }
    let rows: Vec<Row> = query
        .order((psu_entries::worked_on, psu_entries::id))
        .select((
            psu_entries::id,
            psu_entries::person_id,
            psu_entries::worked_on,
            psu_entries::kind_of_work,
            psu_entries::minutes,
        ))
        .load(tx.conn)?;
    rows.into_iter()
        .map(|row| {
            let price = rates.price(row.worked_on, row.kind_of_work.as_ref()).map_err(|reason| refusal(&row, &reason))?;
            Ok(PricedEntry { id: row.id, key: LineKey { person: row.person, price }, hours: row.hours })
        })
        .collect()
}

fn refusal(row: &Row, reason: &Unpriced) -> Problem {
    let problem = match reason {
        Unpriced::NoMinimum => SETTLEMENT_NO_MINIMUM.problem(),
        Unpriced::NotAgreed => SETTLEMENT_NO_RATE.problem(),
        Unpriced::NoRefund => SETTLEMENT_NO_REFUND.problem(),
        Unpriced::BelowMinimum { agreed, minimum } => SETTLEMENT_RATE_TOO_LOW
            .problem()
            .with("agreed", agreed.to_string())
            .with("minimum", minimum.hourly_rate.to_string())
            .with("minimumFrom", minimum.from.to_string())
            .with("legalSource", minimum.legal_source.as_str()),
    };
    let kind = row.kind_of_work.as_ref().map_or("", ShortText::as_str);
    problem.with("workedOn", row.worked_on.to_string()).with("kindOfWork", kind).with("psuEntryId", row.id.to_string())
}
