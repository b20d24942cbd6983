//! What the work of some editions has come to: what was approved, and what the register adds to it or takes from it.
//!
//! Approved settlements are told line by line, as they were rounded. All else is told entry by entry: each adds what its
//! line would grow by, so that the entries of a line add up to its rounded amount, to the grosz.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::prelude::*;
use uuid::Uuid;

use super::reckoning::{Amounts, LineKey, OutOfRange};
use super::views::{SettlementLineView, SettlementState};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{Day, HourChange, Month, ShortText};
use crate::programmes::benefit_rates::{AgreementTerms, BenefitRates, Price, benefit_rates};
use crate::schema::{psu_entries, settlement_lines, settlements};

/// An entry of the register that holds.
#[derive(Clone, Debug)]
pub struct WorkedEntry {
    /// Entry.
    pub id: Uuid,
    /// Its edition.
    pub edition: Uuid,
    /// Who worked.
    pub person: Uuid,
    /// Day of the work.
    pub on: Day,
    /// Kind of the work.
    pub kind_of_work: Option<ShortText>,
    /// Minutes.
    pub minutes: i32,
}

/// An edition under an agreement.
#[derive(Clone, Copy, Debug)]
pub struct UnderAgreement {
    /// Edition.
    pub edition: Uuid,
    /// Its agreement.
    pub agreement: Uuid,
    /// What the agreement itself says of money.
    pub terms: AgreementTerms,
}

/// What a movement of the account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A line of an approved settlement.
    Line(Uuid),
    /// An entry that is not settled, or no longer as it was, or one of a line that other editions share.
    Entry(Uuid),
}

/// Something that money is due for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// What it is.
    pub origin: Origin,
    /// Whether it was approved.
    pub is_settled: bool,
    /// Edition of the work.
    pub edition: Uuid,
    /// Who worked.
    pub person: Uuid,
    /// Month of the work.
    pub month: Month,
    /// What it comes to.
    pub amounts: Amounts,
}

/// The account of some editions.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// What has moved it.
    pub movements: Vec<Movement>,
    /// Entries of days without a price; they are in no amount.
    pub without_price: Vec<Uuid>,
    /// Settled lines that hold hours of other editions too; only the hours of these editions count, at the line's price.
    pub shared_lines: usize,
}

/// Whose hours are settled together: those of an agreement, or of one of its editions where that is settled by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct LineOf {
    agreement: Uuid,
    edition: Option<Uuid>,
    key: LineKey,
}

/// What was approved for one line, by all settlements of its chain.
#[derive(Default)]
struct Settled {
    lines: Vec<(Uuid, Amounts)>,
    /// Minutes that each entry counts.
    entries: BTreeMap<Uuid, i32>,
}

#[derive(Queryable)]
struct ApprovedLine {
    agreement: Uuid,
    edition: Option<Uuid>,
    line: SettlementLineView,
    entry_ids: Vec<Uuid>,
    entry_minutes: Vec<i32>,
}

/// Draws up the account of some editions.
///
/// # Errors
/// When the store fails, or an amount is out of range.
pub fn account_of(tx: &mut Tx, editions: &[UnderAgreement], entries: &[WorkedEntry]) -> Result<Account, Problem> {
    let approved = approved_lines(tx, editions)?;
    if approved.is_empty() && entries.is_empty() {
        return Ok(Account::default());
    }
    let edition_of = editions_of_entries(tx, editions, &approved, entries)?;
    let terms: BTreeMap<Uuid, AgreementTerms> = editions.iter().map(|one| (one.agreement, one.terms)).collect();
    let rates = benefit_rates(tx, &terms)?;
    let agreements = editions.iter().map(|one| (one.edition, one.agreement)).collect();
    Ok(draw_up(approved, entries, &Known { edition_of, agreements, rates })?)
}

fn approved_lines(tx: &mut Tx, editions: &[UnderAgreement]) -> Result<Vec<ApprovedLine>, Problem> {
    let ids: Vec<Uuid> = editions.iter().map(|one| one.edition).collect();
    let agreements: Vec<Uuid> = editions.iter().map(|one| one.agreement).collect();
    let settlement =
        settlements::tenant_id.eq(settlement_lines::tenant_id).and(settlements::id.eq(settlement_lines::settlement_id));
    Ok(settlement_lines::table
        .inner_join(settlements::table.on(settlement))
        .filter(own(tx, settlement_lines::tenant_id))
        .filter(settlements::agreement_id.eq_any(agreements))
        .filter(settlements::edition_id.is_null().or(settlements::edition_id.eq_any(ids)))
        .filter(settlements::state.eq(SettlementState::Approved))
        .order(settlement_lines::id)
        .select((
            settlements::agreement_id,
            settlements::edition_id,
            SettlementLineView::as_select(),
            settlement_lines::entry_ids,
            settlement_lines::entry_minutes,
        ))
        .load(tx.conn)?)
}

/// The editions of all entries that count or were counted, of these editions only.
fn editions_of_entries(
    tx: &mut Tx,
    editions: &[UnderAgreement],
    approved: &[ApprovedLine],
    entries: &[WorkedEntry],
) -> Result<HashMap<Uuid, Uuid>, Problem> {
    let mut known: HashMap<Uuid, Uuid> = entries.iter().map(|entry| (entry.id, entry.edition)).collect();
    for line in approved {
        let edition = line.edition;
        known.extend(line.entry_ids.iter().filter_map(|entry| Some((*entry, edition?))));
    }
    let counted = approved.iter().flat_map(|line| &line.entry_ids);
    let unknown: BTreeSet<Uuid> = counted.filter(|entry| !known.contains_key(*entry)).copied().collect();
    if !unknown.is_empty() {
        let ids: Vec<Uuid> = editions.iter().map(|one| one.edition).collect();
        let more: Vec<(Uuid, Uuid)> = psu_entries::table
            .filter(own(tx, psu_entries::tenant_id))
            .filter(psu_entries::id.eq_any(unknown))
            .filter(psu_entries::edition_id.eq_any(ids))
            .select((psu_entries::id, psu_entries::edition_id))
            .load(tx.conn)?;
        known.extend(more);
    }
    Ok(known)
}

/// What an account is drawn up by.
struct Known {
    /// Editions of entries; those of other editions are not in it.
    edition_of: HashMap<Uuid, Uuid>,
    /// Agreements of the editions.
    agreements: HashMap<Uuid, Uuid>,
    /// Rates of the agreements.
    rates: BTreeMap<Uuid, BenefitRates>,
}

fn draw_up(approved: Vec<ApprovedLine>, entries: &[WorkedEntry], known: &Known) -> Result<Account, OutOfRange> {
    let mut account = Account::default();
    let together: BTreeSet<(Uuid, Month)> =
        approved.iter().filter(|line| line.edition.is_none()).map(|line| (line.agreement, Month::of(line.line.from))).collect();
    let mut settled: BTreeMap<LineOf, Settled> = BTreeMap::new();
    for ApprovedLine { agreement, edition, line, entry_ids, entry_minutes } in approved {
        let (id, amounts) = (line.id, line.amounts());
        let of = settled.entry(LineOf { agreement, edition, key: key_of(line) }).or_default();
        of.lines.push((id, amounts));
        for (entry, minutes) in entry_ids.into_iter().zip(entry_minutes) {
            *of.entries.entry(entry).or_default() += minutes;
        }
    }
    let mut now: BTreeMap<LineOf, BTreeMap<Uuid, i32>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.minutes > 0) {
        let Some(agreement) = known.agreements.get(&entry.edition).copied() else { continue };
        let price = known.rates.get(&agreement).and_then(|rates| rates.price(entry.on, entry.kind_of_work.as_ref()).ok());
        let Some(price) = price else {
            account.without_price.push(entry.id);
            continue;
        };
        let edition = (!together.contains(&(agreement, Month::of(entry.on)))).then_some(entry.edition);
        let of = LineOf { agreement, edition, key: LineKey { person: entry.person, price } };
        *now.entry(of).or_default().entry(entry.id).or_default() += entry.minutes;
    }
    let all: BTreeSet<LineOf> = now.keys().chain(settled.keys()).cloned().collect();
    for of in all {
        let before = settled.remove(&of).unwrap_or_default();
        account.add(&of.key, before, now.remove(&of).unwrap_or_default(), &known.edition_of)?;
    }
    account.movements = joined(std::mem::take(&mut account.movements))?;
    Ok(account)
}

impl Account {
    /// Adds one line: what was approved of it, then what differs now.
    fn add(
        &mut self,
        key: &LineKey,
        mut before: Settled,
        now: BTreeMap<Uuid, i32>,
        edition_of: &HashMap<Uuid, Uuid>,
    ) -> Result<(), OutOfRange> {
        let edition = before.entries.keys().chain(now.keys()).find_map(|entry| edition_of.get(entry)).copied();
        before.entries.retain(|_, minutes| *minutes != 0);
        let mut ours = before.entries.clone();
        ours.retain(|entry, _| edition_of.contains_key(entry));
        let mut reached = Amounts::default();
        if ours.len() == before.entries.len() {
            for (line, amounts) in before.lines {
                reached = reached.plus(amounts)?;
                self.movements.extend(edition.map(|edition| movement(Origin::Line(line), true, edition, key, amounts)));
            }
        } else if !ours.is_empty() {
            self.shared_lines += before.lines.len();
            reached = self.grow(key, reached, &ours, true, edition_of)?;
        }
        let mut differs = now;
        for (entry, minutes) in ours {
            *differs.entry(entry).or_default() -= minutes;
        }
        differs.retain(|_, minutes| *minutes != 0);
        self.grow(key, reached, &differs, false, edition_of).map(drop)
    }

    /// Adds entries to a line that has reached some amounts: each adds what the line grows by.
    fn grow(
        &mut self,
        key: &LineKey,
        mut reached: Amounts,
        by: &BTreeMap<Uuid, i32>,
        is_settled: bool,
        edition_of: &HashMap<Uuid, Uuid>,
    ) -> Result<Amounts, OutOfRange> {
        for (entry, minutes) in by {
            let Some(edition) = edition_of.get(entry) else { continue };
            let hours =
                HourChange::from_minutes(*minutes).ok().and_then(|more| reached.hours.checked_add(more)).ok_or(OutOfRange)?;
            let next = Amounts::of(hours, &key.price)?;
            self.movements.push(movement(Origin::Entry(*entry), is_settled, *edition, key, next.less(reached)?));
            reached = next;
        }
        Ok(reached)
    }
}

fn movement(origin: Origin, is_settled: bool, edition: Uuid, key: &LineKey, amounts: Amounts) -> Movement {
    Movement { origin, is_settled, edition, person: key.person, month: Month::of(key.price.from), amounts }
}

/// One movement of each origin: an entry whose price was changed gives back the one and takes the other.
fn joined(movements: Vec<Movement>) -> Result<Vec<Movement>, OutOfRange> {
    let mut by_origin: BTreeMap<Origin, Movement> = BTreeMap::new();
    for one in movements {
        match by_origin.get_mut(&one.origin) {
            Some(known) => {
                known.amounts = known.amounts.plus(one.amounts)?;
                known.is_settled &= one.is_settled;
            }
            None => drop(by_origin.insert(one.origin, one)),
        }
    }
    Ok(by_origin.into_values().filter(|one| one.amounts != Amounts::default()).collect())
}

fn key_of(line: SettlementLineView) -> LineKey {
    let SettlementLineView { from, to, kind_of_work, for_carers, hourly_rate, minimum_rate, refund_percent, .. } = line;
    LineKey {
        person: line.person_id,
        price: Price { from, to, kind_of_work, for_carers, hourly_rate, minimum_rate, refund_percent },
    }
}
