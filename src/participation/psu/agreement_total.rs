//! Hours in total of an agreement (regulation of 21 December 2017, section 3(1)(2)), over all its people and editions.
//!
//! One row for each agreement that sets them. It is changed by the statement
//! that checks its limit, so entries under one such agreement follow one another.

use diesel::prelude::*;

use super::ledger::{Terms, with_balance};
use super::rules::{Balance, Move};
use crate::participation::PSU_TOTAL_HOURS;
use crate::platform::db::{Tx, own};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::Hours;
use crate::schema::{editions, psu_entries, psu_totals};

/// The most that hours can be: the limit of a row under an agreement that no longer sets a total.
fn boundless() -> Hours {
    Hours::from_minutes(100_000 * 60).unwrap_or_default()
}

/// Books an entry, or the correction of one, on the hours in total.
pub(super) fn book_total(tx: &mut Tx, terms: &Terms, change: Move<()>) -> Result<(), Problem> {
    if change.minutes() <= 0 {
        // Without a total there is no row, and nothing to give back to.
        return give_back(tx, terms, change);
    }
    if terms.total_hours.is_none() && !terms.total_is_kept {
        return Ok(());
    }
    let total = terms.total_hours.unwrap_or_else(boundless);
    if take(tx, terms, change, total)? {
        return Ok(());
    }
    open(tx, terms, change, total)?;
    if take(tx, terms, change, total)? { Ok(()) } else { Err(refuse(tx, terms, change, total)?) }
}

/// Takes hours from a total that has a row and room in it.
fn take(tx: &mut Tx, terms: &Terms, change: Move<()>, total: Hours) -> Result<bool, Problem> {
    let minutes = change.minutes();
    let row = psu_totals::table
        .filter(own(tx, psu_totals::tenant_id))
        .filter(psu_totals::agreement_id.eq(terms.agreement_id))
        .filter((psu_totals::used_minutes + minutes).le(total));
    let taken = diesel::update(row)
        .set((psu_totals::used_minutes.eq(psu_totals::used_minutes + minutes), psu_totals::limit_minutes.eq(total)))
        .execute(tx.conn)?;
    Ok(taken == 1)
}

/// Hours under the agreement that stand in the register.
pub(super) fn worked_in_total(tx: &mut Tx, terms: &Terms) -> Result<i64, Problem> {
    let under_agreement = editions::table
        .filter(own(tx, editions::tenant_id))
        .filter(editions::agreement_id.eq(terms.agreement_id))
        .select(editions::id);
    let worked: Option<i64> = psu_entries::table
        .filter(own(tx, psu_entries::tenant_id))
        .filter(psu_entries::superseded_at.is_null())
        .filter(psu_entries::edition_id.eq_any(under_agreement))
        .select(diesel::dsl::sum(psu_entries::minutes))
        .first(tx.conn)?;
    Ok(worked.unwrap_or_default())
}

/// Makes the row with the hours that were worked before the agreement set a total.
fn open(tx: &mut Tx, terms: &Terms, change: Move<()>, total: Hours) -> Result<(), Problem> {
    let worked = worked_in_total(tx, terms)?;
    // An entry that is being corrected is superseded already, so its hours are added back before they are moved.
    let used = i32::try_from(worked)
        .ok()
        .and_then(|worked| Hours::from_minutes(worked.checked_add(change.before.minutes())?).ok())
        .ok_or_else(|| catalogue::INTERNAL.problem().because("hours of an agreement out of range"))?;
    diesel::insert_into(psu_totals::table)
        .values((
            psu_totals::agreement_id.eq(terms.agreement_id),
            psu_totals::used_minutes.eq(used),
            psu_totals::limit_minutes.eq(total.max(used)),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    Ok(())
}

fn give_back(tx: &mut Tx, terms: &Terms, change: Move<()>) -> Result<(), Problem> {
    let row = psu_totals::table.filter(own(tx, psu_totals::tenant_id)).filter(psu_totals::agreement_id.eq(terms.agreement_id));
    diesel::update(row).set(psu_totals::used_minutes.eq(psu_totals::used_minutes + change.minutes())).execute(tx.conn)?;
    Ok(())
}

/// The refusal with what remains and until when.
fn refuse(tx: &mut Tx, terms: &Terms, change: Move<()>, total: Hours) -> Result<Problem, Problem> {
    let used: Hours = psu_totals::table
        .filter(own(tx, psu_totals::tenant_id))
        .filter(psu_totals::agreement_id.eq(terms.agreement_id))
        .select(psu_totals::used_minutes)
        .for_update()
        .first(tx.conn)?;
    let problem = with_balance(PSU_TOTAL_HOURS.at("/hours"), Balance { used, limit: total }, change.minutes())?;
    let ends_on = terms.agreement_ends_on.map_or_else(|| "—".to_owned(), |day| day.to_string());
    Ok(problem.with("agreementId", terms.agreement_id.to_string()).with("agreementEndsOn", ends_on))
}
