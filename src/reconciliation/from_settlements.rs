//! One's own month by its approved settlements.

use std::collections::BTreeMap;

use diesel::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::TOO_MUCH;
use super::pair::Pseudonym;
use super::statements::{Content, Line, MonthLineBody, StatementSource};
use crate::people::pesels_of;
use crate::platform::db::{Tx, own};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::secrets::PairKey;
use crate::platform::types::{HourChange, Hours, Money, Month};
use crate::schema::{agreements, settlement_lines, settlements};

/// State of a settlement that counts.
const APPROVED: &str = "approved";

/// What is settled for a person, over a settlement and its corrections.
#[derive(Default)]
struct Settled {
    minutes: i32,
    benefit: Decimal,
    refund: Decimal,
}

/// What approved settlements of the month under agreements with the institution add up to, person by person; people for
/// whom corrections have left nothing are not in it.
pub(super) fn settled_month(tx: &mut Tx, institution: Uuid, month: Month, key: &PairKey) -> Result<Content, Problem> {
    let with_them = agreements::table
        .filter(own(tx, agreements::tenant_id))
        .filter(agreements::institution_id.eq(institution))
        .select(agreements::id);
    let approved: Vec<Uuid> = settlements::table
        .filter(own(tx, settlements::tenant_id))
        .filter(settlements::agreement_id.eq_any(with_them))
        .filter(settlements::month_on.eq(month))
        .filter(settlements::state.eq(APPROVED))
        .select(settlements::id)
        .load(tx.conn)?;
    let rows: Vec<(Uuid, HourChange, Money, Money)> = settlement_lines::table
        .filter(own(tx, settlement_lines::tenant_id))
        .filter(settlement_lines::settlement_id.eq_any(approved))
        .select((settlement_lines::person_id, settlement_lines::minutes, settlement_lines::benefit, settlement_lines::refund))
        .load(tx.conn)?;
    let mut people: BTreeMap<Uuid, Settled> = BTreeMap::new();
    for (person, hours, benefit, refund) in rows {
        let settled = people.entry(person).or_default();
        settled.minutes += hours.minutes();
        settled.benefit += benefit.decimal();
        settled.refund += refund.decimal();
    }
    people.retain(|_, settled| settled.minutes != 0 || !settled.benefit.is_zero() || !settled.refund.is_zero());
    let ids: Vec<Uuid> = people.keys().copied().collect();
    let pesels = pesels_of(tx, &ids)?;
    let (mut lines, mut left_out) = (Vec::with_capacity(people.len()), Vec::new());
    for (person, settled) in people {
        let Some(pesel) = pesels.get(&person) else {
            left_out.push(person);
            continue;
        };
        let too_much = || TOO_MUCH.problem();
        let body = MonthLineBody {
            pseudonym: Pseudonym::of(key, pesel),
            hours: Hours::from_minutes(settled.minutes).map_err(|error| catalogue::INTERNAL.problem().because(error))?,
            benefit: Money::half_up(settled.benefit).ok_or_else(too_much)?,
            refund: Money::half_up(settled.refund).ok_or_else(too_much)?,
        };
        lines.push(Line { person: Some(person), body });
    }
    Ok(Content { source: StatementSource::Settlements, key_id: key.id.to_string(), lines, left_out })
}
