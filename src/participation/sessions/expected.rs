//! Who is expected at a session: all who take part on its day, those of them who belong to its group, or those who are named.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable};
use uuid::Uuid;

use super::SessionBody;
use crate::participation::NOT_TAKING_PART;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::Day;
use crate::schema::{participations, session_roster, suspensions};

diesel::define_sql_function! {
    /// The first argument, or the second where that is null.
    #[sql_name = "coalesce"]
    fn day_or(day: Nullable<Date>, other: Date) -> Date;
}

/// Whether rows that are read may change before the end of the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// They may.
    Loose,
    /// They stay: none of the participations ends or begins to rest meanwhile.
    Locked,
}

/// Participations of an edition that cover the day and do not rest on it, in the order of their ids.
pub fn taking_part(tx: &mut Tx, edition: Uuid, day: Day, hold: Hold) -> Result<Vec<Uuid>, Problem> {
    let covering = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::edition_id.eq(edition))
        .filter(participations::starts_on.le(day))
        .filter(day_or(participations::ended_on, participations::planned_end_on).ge(day))
        .order(participations::id)
        .select(participations::id);
    let covering: Vec<Uuid> = match hold {
        Hold::Loose => covering.load(tx.conn)?,
        Hold::Locked => covering.for_key_share().load(tx.conn)?,
    };
    // A statement of its own after the locks, so that it sees the suspensions that were committed while it waited.
    let resting: Vec<Uuid> = suspensions::table
        .filter(own(tx, suspensions::tenant_id))
        .filter(suspensions::participation_id.eq_any(&covering))
        .filter(suspensions::from_on.le(day).and(suspensions::to_on.ge(day)))
        .select(suspensions::participation_id)
        .load(tx.conn)?;
    let resting: HashSet<Uuid> = resting.into_iter().collect();
    Ok(covering.into_iter().filter(|participation| !resting.contains(participation)).collect())
}

/// Who is named for a session that is neither for all nor for a group.
pub fn roster_of(tx: &mut Tx, session: Uuid) -> Result<Vec<Uuid>, Problem> {
    Ok(session_roster::table
        .filter(own(tx, session_roster::tenant_id))
        .filter(session_roster::session_id.eq(session))
        .select(session_roster::participation_id)
        .load(tx.conn)?)
}

/// Refuses named people who do not take part on the day of the session.
pub(super) fn check_roster(tx: &mut Tx, edition: Uuid, body: &SessionBody) -> Result<(), Problem> {
    let Some(roster) = &body.participation_ids else { return Ok(()) };
    expect_taking_part(tx, edition, body.held_on, roster)
}

/// Refuses people who do not take part on the day; the problem points to them in `participationIds`.
pub fn expect_taking_part(tx: &mut Tx, edition: Uuid, day: Day, roster: &[Uuid]) -> Result<(), Problem> {
    let present = taking_part(tx, edition, day, Hold::Locked)?;
    let strangers = (0..roster.len()).filter(|&place| !present.contains(&roster[place]));
    let pointers: Vec<String> = strangers.map(|place| format!("/participationIds/{place}")).collect();
    if pointers.is_empty() {
        return Ok(());
    }
    Err(pointers.into_iter().fold(NOT_TAKING_PART.problem(), |problem, pointer| problem.and(pointer, &NOT_TAKING_PART, None)))
}
