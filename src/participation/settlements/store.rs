//! Settlements and their lines as rows.

use std::collections::BTreeMap;

use diesel::prelude::*;
use uuid::Uuid;

use super::reckoning::{Line, LineKey, OutOfRange, totals};
use super::register::Scope;
use super::views::{SettlementLineView, SettlementState, SettlementView};
use crate::platform::clock::new_id;
use crate::platform::db::{Tx, own};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{HourChange, LongText, Money, Percent, ShortText};
use crate::programmes::benefit_rates::Price;
use crate::schema::{settlement_lines, settlements};

/// Lines that one statement inserts; PostgreSQL takes 65,535 values at a time.
const AT_ONCE: usize = 1000;

impl From<OutOfRange> for Problem {
    fn from(error: OutOfRange) -> Self {
        catalogue::INTERNAL.problem().because(error)
    }
}

/// A settlement to be inserted.
pub struct Draft<'a> {
    /// Id.
    pub id: Uuid,
    /// What is settled.
    pub scope: Scope,
    /// Number in the chain of corrections.
    pub number: i32,
    /// What it corrects, and why.
    pub corrects: Option<(Uuid, &'a LongText)>,
    /// Its lines.
    pub lines: &'a [Line],
}

#[derive(Insertable)]
#[diesel(table_name = settlement_lines)]
struct NewLine<'a> {
    id: Uuid,
    settlement_id: Uuid,
    number: i32,
    person_id: Uuid,
    from_on: crate::platform::types::Day,
    to_on: crate::platform::types::Day,
    kind_of_work: Option<&'a ShortText>,
    for_carers: bool,
    minutes: HourChange,
    hourly_rate: Money,
    minimum_rate: Money,
    refund_percent: Percent,
    benefit: Money,
    refund: Money,
    municipal_share: Money,
    entry_ids: Vec<Uuid>,
    entry_minutes: Vec<i32>,
}

/// Inserts a draft with its lines and control totals.
pub fn insert_draft(tx: &mut Tx, draft: &Draft) -> Result<SettlementView, Problem> {
    let Draft { id, scope, number, corrects, lines } = *draft;
    let control = totals(lines)?;
    let count = |number: usize| i32::try_from(number).map_err(|error| catalogue::INTERNAL.problem().because(error));
    let view = diesel::insert_into(settlements::table)
        .values((
            (
                settlements::id.eq(id),
                settlements::agreement_id.eq(scope.agreement),
                settlements::edition_id.eq(scope.edition),
                settlements::month_on.eq(scope.month),
                settlements::approved_only.eq(scope.approved_only),
                settlements::number.eq(number),
                settlements::corrects_id.eq(corrects.map(|(corrected, _)| corrected)),
                settlements::correction_reason.eq(corrects.map(|(_, reason)| reason)),
                settlements::state.eq(SettlementState::Draft),
            ),
            settlements::people_count.eq(count(control.people)?),
            settlements::line_count.eq(count(lines.len())?),
            settlements::minutes.eq(control.amounts.hours),
            settlements::benefit.eq(control.amounts.benefit),
            settlements::refund.eq(control.amounts.refund),
            settlements::municipal_share.eq(control.amounts.municipal_share),
        ))
        .returning(SettlementView::as_returning())
        .get_result(tx.conn)?;
    insert_lines(tx, id, lines)?;
    Ok(view)
}

fn insert_lines(tx: &mut Tx, settlement: Uuid, lines: &[Line]) -> Result<(), Problem> {
    let mut ids: Vec<Uuid> = lines.iter().map(|_| new_id(tx.now())).collect();
    // Pages follow the ids, and so the numbers.
    ids.sort_unstable();
    let rows: Vec<NewLine> =
        lines.iter().zip(ids).zip(1..).map(|((line, id), number)| new_line(settlement, id, number, line)).collect();
    for some in rows.chunks(AT_ONCE) {
        diesel::insert_into(settlement_lines::table).values(some).execute(tx.conn)?;
    }
    Ok(())
}

fn new_line(settlement_id: Uuid, id: Uuid, number: i32, line: &Line) -> NewLine<'_> {
    let Price { from, to, ref kind_of_work, for_carers, hourly_rate, minimum_rate, refund_percent } = line.key.price;
    NewLine {
        id,
        settlement_id,
        number,
        person_id: line.key.person,
        from_on: from,
        to_on: to,
        kind_of_work: kind_of_work.as_ref(),
        for_carers,
        minutes: line.amounts.hours,
        hourly_rate,
        minimum_rate,
        refund_percent,
        benefit: line.amounts.benefit,
        refund: line.amounts.refund,
        municipal_share: line.amounts.municipal_share,
        entry_ids: line.entries.keys().copied().collect(),
        entry_minutes: line.entries.values().copied().collect(),
    }
}

/// Reads a settlement.
pub fn find_settlement(tx: &mut Tx, id: Uuid) -> Result<SettlementView, Problem> {
    Ok(settlements::table
        .filter(own(tx, settlements::tenant_id))
        .filter(settlements::id.eq(id))
        .select(SettlementView::as_select())
        .first(tx.conn)?)
}

/// All lines of a settlement, in the order of their numbers.
pub fn all_lines(tx: &mut Tx, settlement: Uuid) -> Result<Vec<SettlementLineView>, Problem> {
    Ok(settlement_lines::table
        .filter(own(tx, settlement_lines::tenant_id))
        .filter(settlement_lines::settlement_id.eq(settlement))
        .order(settlement_lines::number)
        .select(SettlementLineView::as_select())
        .load(tx.conn)?)
}

/// The lines of settlements, with the entries that they add up.
pub fn counted_lines(tx: &mut Tx, of: &[Uuid]) -> Result<Vec<Line>, Problem> {
    let rows: Vec<(SettlementLineView, Vec<Uuid>, Vec<i32>)> = settlement_lines::table
        .filter(own(tx, settlement_lines::tenant_id))
        .filter(settlement_lines::settlement_id.eq_any(of))
        .order(settlement_lines::id)
        .select((SettlementLineView::as_select(), settlement_lines::entry_ids, settlement_lines::entry_minutes))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(view, ids, minutes)| counted(view, ids.into_iter().zip(minutes).collect())).collect())
}

fn counted(view: SettlementLineView, entries: BTreeMap<Uuid, i32>) -> Line {
    let amounts = view.amounts();
    let price = Price {
        from: view.from,
        to: view.to,
        kind_of_work: view.kind_of_work,
        for_carers: view.for_carers,
        hourly_rate: view.hourly_rate,
        minimum_rate: view.minimum_rate,
        refund_percent: view.refund_percent,
    };
    Line { key: LineKey { person: view.person_id, price }, amounts, entries }
}

/// The approved settlements of a chain, and the highest number given in it.
pub fn chain(tx: &mut Tx, base: Uuid) -> Result<Vec<SettlementView>, Problem> {
    Ok(settlements::table
        .filter(own(tx, settlements::tenant_id))
        .filter(settlements::id.eq(base).or(settlements::corrects_id.eq(base)))
        .order(settlements::number)
        .select(SettlementView::as_select())
        .load(tx.conn)?)
}
