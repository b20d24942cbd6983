//! Protocols that take the place of others upon an appeal, and what of them becomes decisions.
//!
//! Such a protocol ranks everybody whom the one before ranked. About those who
//! were promised a place since, or left, it decides nothing; of the others only
//! what has changed is decided anew. On the reserve list it stands where the one
//! before stood; whoever waits behind it is moved down where it grew.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use uuid::Uuid;

use super::adoption::{Adopted, NewDecision, Now};
use super::rows::RankingList;
use super::views::Protocol;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::recruitment::PROTOCOL_REPLACED;
use crate::recruitment::applications::{ApplicationState, ApplicationStep, placed};
use crate::recruitment::decisions::Decision;
use crate::recruitment::steps::may_follow;
use crate::schema::{applications, ranking_adoptions, ranking_protocols, ranking_rows};

/// The protocol that was made in the place of one.
pub(super) fn replacement_of(tx: &mut Tx, protocol: Uuid) -> Result<Option<Uuid>, Problem> {
    Ok(ranking_protocols::table
        .filter(own(tx, ranking_protocols::tenant_id))
        .filter(ranking_protocols::replaces_id.eq(protocol))
        .select(ranking_protocols::id)
        .first(tx.conn)
        .optional()?)
}

/// The last protocol that was made in the place of one; it itself where none was.
pub(super) fn latest_of(tx: &mut Tx, protocol: Uuid) -> Result<Protocol, Problem> {
    let mut latest = protocol;
    // Each replaces an earlier one, so that the chain ends.
    while let Some(next) = replacement_of(tx, latest)? {
        latest = next;
    }
    Protocol::find(tx, latest)
}

/// Number of the protocol that one takes the place of.
pub(super) fn replaced_number(tx: &mut Tx, protocol: Uuid) -> Result<Option<i32>, Problem> {
    let Some(replaced) = Protocol::find(tx, protocol)?.replaces_id else { return Ok(None) };
    Ok(Some(
        ranking_protocols::table
            .filter(own(tx, ranking_protocols::tenant_id))
            .filter(ranking_protocols::id.eq(replaced))
            .select(ranking_protocols::number)
            .first(tx.conn)?,
    ))
}

/// Refuses a protocol that another has taken the place of.
///
/// # Errors
/// `recruitment.protocol_replaced` with the `protocolId` of the other.
pub(super) fn refuse_replaced(tx: &mut Tx, protocol: Uuid) -> Result<(), Problem> {
    match replacement_of(tx, protocol)? {
        Some(other) => Err(PROTOCOL_REPLACED.problem().with("protocolId", other.to_string())),
        None => Ok(()),
    }
}

/// Whether an adopted protocol has taken the place of one.
pub(super) fn is_outdated(tx: &mut Tx, protocol: Uuid) -> Result<bool, Problem> {
    let mut at = protocol;
    while let Some(next) = replacement_of(tx, at)? {
        let adopted: Option<Uuid> = ranking_adoptions::table
            .filter(own(tx, ranking_adoptions::tenant_id))
            .filter(ranking_adoptions::protocol_id.eq(next))
            .select(ranking_adoptions::protocol_id)
            .first(tx.conn)
            .optional()?;
        if adopted.is_some() {
            return Ok(true);
        }
        at = next;
    }
    Ok(false)
}

/// How many who have been selected stand below the basic list of a protocol.
pub(super) fn promised_below_the_line(tx: &mut Tx, protocol: Uuid) -> Result<i64, Problem> {
    let of = applications::tenant_id.eq(ranking_rows::tenant_id).and(applications::id.eq(ranking_rows::application_id));
    Ok(ranking_rows::table
        .inner_join(applications::table.on(of))
        .filter(own(tx, ranking_rows::tenant_id))
        .filter(ranking_rows::protocol_id.eq(protocol))
        .filter(ranking_rows::list.ne(RankingList::Basic))
        .filter(applications::state.eq(ApplicationState::Selected))
        .count()
        .get_result(tx.conn)?)
}

/// The present versions of applications, and those about which a protocol can still decide.
pub(super) fn as_they_stand(tx: &mut Tx, ids: &[Uuid]) -> Result<(HashMap<Uuid, i32>, HashSet<Uuid>), Problem> {
    let rows: Vec<(Uuid, i32, ApplicationState, bool)> = applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::id.eq_any(ids))
        .select((applications::id, applications::row_version, applications::state, placed()))
        .load(tx.conn)?;
    let open = rows.iter().filter(|(_, _, state, placed)| may_follow(*state, *placed, ApplicationStep::Ranked));
    let open = open.map(|(id, ..)| *id).collect();
    Ok((rows.into_iter().map(|(id, version, ..)| (id, version)).collect(), open))
}

/// The rows of a replacing protocol about which it can still decide.
pub(super) fn still_open(rows: Vec<Adopted>, now: &HashMap<Uuid, Now>) -> Vec<Adopted> {
    let is_open =
        |row: &Adopted| now.get(&row.application).is_some_and(|now| may_follow(now.state, now.placed, ApplicationStep::Ranked));
    rows.into_iter().filter(is_open).collect()
}

/// Where the reserve list of a replacing protocol begins: where the first of those whom it ranks again waits; none where nobody does.
pub(super) fn begins_at(now: &HashMap<Uuid, Now>) -> Option<i32> {
    now.values().filter(|now| now.state == ApplicationState::Reserve).filter_map(|now| now.reserve_position).min()
}

/// Leaves out decisions that change nothing, and adds those about candidates who wait in the way of the list.
///
/// # Errors
/// When the store fails.
pub(super) fn only_changes(
    tx: &mut Tx,
    edition: Uuid,
    decisions: Vec<NewDecision>,
    now: &HashMap<Uuid, Now>,
) -> Result<Vec<NewDecision>, Problem> {
    let ranked: Vec<Uuid> = now.keys().copied().collect();
    let waiting: Vec<(Uuid, Option<i32>)> = applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::edition_id.eq(edition))
        .filter(applications::state.eq(ApplicationState::Reserve))
        .filter(applications::id.ne_all(&ranked))
        .order(applications::reserve_position)
        .select((applications::id, applications::reserve_position))
        .load(tx.conn)?;
    let moved = moved_down(&decisions, waiting);
    let changed = decisions.into_iter().filter(|decided| now.get(&decided.application).is_none_or(|now| now.differs(decided)));
    Ok(changed.chain(moved).collect())
}

/// Those who wait, with their positions in order, moved behind the reserve list where it has grown over them.
fn moved_down(decisions: &[NewDecision], waiting: Vec<(Uuid, Option<i32>)>) -> Vec<NewDecision> {
    let positions = || decisions.iter().filter_map(|decided| decided.reserve_position);
    let Some((first, last)) = positions().min().zip(positions().max()) else { return Vec::new() };
    let behind =
        waiting.into_iter().filter_map(|(id, position)| Some((id, position?))).filter(|(_, position)| *position >= first);
    let free_from = |free: &mut i32, (application, position): (Uuid, i32)| {
        let given = position.max(*free);
        *free = given + 1;
        Some((application, position, given))
    };
    let moved = behind.scan(last + 1, free_from).filter(|(_, position, given)| position != given);
    moved
        .map(|(application, _, given)| NewDecision {
            application,
            decision: Decision::Reserve,
            rank: None,
            rejection_reason: None,
            reserve_position: Some(given),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(number: u128, rank: Option<i32>, position: i32) -> NewDecision {
        NewDecision {
            application: Uuid::from_u128(number),
            decision: Decision::Reserve,
            rank,
            rejection_reason: None,
            reserve_position: Some(position),
        }
    }

    #[test]
    fn whoever_waits_in_front_stays_and_whoever_waits_behind_makes_room() {
        let list = [waits(1, Some(3), 4), waits(2, Some(4), 5), waits(3, Some(5), 6)];
        let waiting = [(10, 2), (11, 6), (12, 7), (13, 20)].map(|(id, at)| (Uuid::from_u128(id), Some(at)));
        let moved: Vec<_> =
            moved_down(&list, waiting.to_vec()).iter().map(|one| (one.application, one.reserve_position)).collect();
        assert_eq!(moved, [(Uuid::from_u128(11), Some(7)), (Uuid::from_u128(12), Some(8))]);
        assert!(moved_down(&[], waiting.to_vec()).is_empty());
    }
}
