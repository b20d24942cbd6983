//! How a side of the exchange gets on: what waits for it, and what it has not sent by its last day.

use diesel::prelude::*;

use super::exchange_deadlines::{ExchangeDeadlineState, deadlines_of};
use super::exchange_links::all_links;
use super::lifecycle::MessageState::{self, Accepted, AcceptedInPart, Draft, Received, Refused, Sent};
use super::parties::visible_messages;
use crate::platform::db::Tx;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::Day;
use crate::schema::messages;

/// What waits for a side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Messages whose next step is for the side: to be sent, to be answered, or whose answer is to be noted.
    pub open_messages: i64,
    /// Of these, messages to be answered.
    pub answers_owed: i64,
    /// Messages that it should have sent by today: plans, lists, notices, monthly claims, verifications, reports.
    pub overdue: i64,
}

/// What waits for the caller's institution, and what waits for those on the other side of its exchanges.
///
/// # Errors
/// Those of the store.
pub fn standing(tx: &mut Tx) -> Result<(Standing, Standing), Problem> {
    let me = tx.tenant();
    let (mut own, mut other) = (Standing::default(), Standing::default());
    let counted: Vec<(uuid::Uuid, MessageState, i64)> = visible_messages!(tx)
        .group_by((messages::sender_tenant_id, messages::state))
        .select((messages::sender_tenant_id, messages::state, diesel::dsl::count_star()))
        .load(tx.conn)?;
    for (sender, state, count) in counted {
        let (sending, receiving) = if sender == me { (&mut own, &mut other) } else { (&mut other, &mut own) };
        match state {
            Draft | Accepted | AcceptedInPart | Refused => sending.open_messages += count,
            Sent | Received => {
                receiving.open_messages += count;
                receiving.answers_owed += count;
            }
            MessageState::Discarded | MessageState::Settled => {}
        }
    }
    let today = Day::try_from(tx.today()).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    for link in all_links(tx)? {
        for deadline in deadlines_of(tx, &link, today)? {
            if deadline.state == ExchangeDeadlineState::Overdue {
                let side = if deadline.sender_id == me { &mut own } else { &mut other };
                side.overdue += 1;
            }
        }
    }
    Ok((own, other))
}
