//! What is left of weeks, months and totals while the rows of a file are looked at one after the other.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use diesel::prelude::*;
use uuid::Uuid;

use super::PsuRow;
use crate::participation::psu::agreement_total::worked_in_total;
use crate::participation::psu::ledger::{Terms, whole_week, worked_in_month};
use crate::participation::psu::rules::Balance;
use crate::participation::psu::views::PsuEntryView;
use crate::participation::{PSU_MONTHLY_CAP, PSU_TOTAL_HOURS, PSU_WEEKLY_LIMIT};
use crate::platform::db::{Tx, own};
use crate::platform::imports::Finding;
use crate::platform::problem::{Definition, Problem, catalogue};
use crate::platform::types::{Hours, IsoWeek, Month};
use crate::schema::psu_weeks;

/// Balances as the rows before have left them.
#[derive(Default)]
pub struct Limits {
    weeks: HashMap<(Uuid, IsoWeek), Balance>,
    months: HashMap<(Uuid, Uuid, Month), Balance>,
    totals: HashMap<Uuid, Balance>,
}

impl Limits {
    /// Takes the hours of a row in place of those of the entry that it corrects; gives them back only where the row fits.
    ///
    /// # Errors
    /// Only when the store fails.
    pub fn exchange(&mut self, tx: &mut Tx, row: &PsuRow, corrected: &PsuEntryView) -> Result<Option<Finding>, Problem> {
        self.give_back(tx, row, corrected, -1)?;
        let refused = self.take(tx, row)?;
        if refused.is_some() {
            self.give_back(tx, row, corrected, 1)?;
        }
        Ok(refused)
    }

    fn give_back(&mut self, tx: &mut Tx, row: &PsuRow, entry: &PsuEntryView, sign: i64) -> Result<(), Problem> {
        let Some(terms) = row.terms.get() else { return Ok(()) };
        let (week, month) = (IsoWeek::of(entry.worked_on), Month::of(entry.worked_on));
        let balances = [
            Some(week_of(&mut self.weeks, tx, terms, week)?),
            month_of(&mut self.months, tx, terms, month)?,
            total_of(&mut self.totals, tx, terms)?,
        ];
        for balance in balances.into_iter().flatten() {
            balance.used = sum(i64::from(balance.used.minutes()) + sign * i64::from(entry.hours.minutes()))?;
        }
        Ok(())
    }

    /// Takes the hours of a row, or answers why they do not fit and what is left.
    ///
    /// # Errors
    /// Only when the store fails.
    pub fn take(&mut self, tx: &mut Tx, row: &PsuRow) -> Result<Option<Finding>, Problem> {
        let Some(terms) = row.terms.get() else { return Ok(None) };
        let (week, month) = (IsoWeek::of(row.worked_on), Month::of(row.worked_on));
        let asked = [
            Some((week_of(&mut self.weeks, tx, terms, week)?, &PSU_WEEKLY_LIMIT, format!("W tygodniu {week}"))),
            month_of(&mut self.months, tx, terms, month)?
                .map(|balance| (balance, &PSU_MONTHLY_CAP, format!("W miesiącu {month}"))),
            total_of(&mut self.totals, tx, terms)?.map(|balance| (balance, &PSU_TOTAL_HOURS, "Z porozumienia".to_owned())),
        ];
        let full = asked.iter().flatten().find(|(balance, ..)| !balance.has_room_for(row.hours.minutes()));
        if let Some((balance, definition, period)) = full {
            return Ok(Some(refusal(definition, period, **balance)));
        }
        for (balance, ..) in asked.into_iter().flatten() {
            balance.used = sum(i64::from(balance.used.minutes()) + i64::from(row.hours.minutes()))?;
        }
        Ok(None)
    }
}

fn refusal(definition: &'static Definition, period: &str, balance: Balance) -> Finding {
    let hint = format!("{period} pozostało {} h z {} h, z wcześniejszymi wierszami pliku.", balance.remaining(), balance.limit);
    Finding::because(Some("hours"), definition, &hint)
}

fn sum(minutes: i64) -> Result<Hours, Problem> {
    let hours = i32::try_from(minutes).ok().and_then(|minutes| Hours::from_minutes(minutes).ok());
    hours.ok_or_else(|| catalogue::INTERNAL.problem().because("hours of a ledger out of range"))
}

/// The week of a person; the tighter one of the limits met so far holds.
fn week_of<'w>(
    weeks: &'w mut HashMap<(Uuid, IsoWeek), Balance>,
    tx: &mut Tx,
    terms: &Terms,
    week: IsoWeek,
) -> Result<&'w mut Balance, Problem> {
    let limit = terms.weekly_limit().unwrap_or_else(whole_week);
    let balance = match weeks.entry((terms.person_id, week)) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(unknown) => {
            let stored: Option<(Hours, Hours)> = psu_weeks::table
                .filter(own(tx, psu_weeks::tenant_id))
                .filter(psu_weeks::person_id.eq(terms.person_id))
                .filter(psu_weeks::week_on.eq(week))
                .select((psu_weeks::used_minutes, psu_weeks::limit_minutes))
                .first(tx.conn)
                .optional()?;
            unknown.insert(stored.map_or(Balance::empty(limit), |(used, limit)| Balance { used, limit }))
        }
    };
    balance.limit = balance.limit.min(limit);
    Ok(balance)
}

/// The month of a person under the agreement, where it sets a cap.
fn month_of<'m>(
    months: &'m mut HashMap<(Uuid, Uuid, Month), Balance>,
    tx: &mut Tx,
    terms: &Terms,
    month: Month,
) -> Result<Option<&'m mut Balance>, Problem> {
    let Some(limit) = terms.monthly_cap else { return Ok(None) };
    Ok(Some(match months.entry((terms.person_id, terms.agreement_id, month)) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(unknown) => unknown.insert(Balance { used: sum(worked_in_month(tx, terms, month)?)?, limit }),
    }))
}

/// The agreement, where it sets hours in total.
fn total_of<'t>(totals: &'t mut HashMap<Uuid, Balance>, tx: &mut Tx, terms: &Terms) -> Result<Option<&'t mut Balance>, Problem> {
    let Some(limit) = terms.total_hours else { return Ok(None) };
    Ok(Some(match totals.entry(terms.agreement_id) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(unknown) => unknown.insert(Balance { used: sum(worked_in_total(tx, terms)?)?, limit }),
    }))
}
