//! Who has applied to an edition before: one application of a person counts, and a later one follows one that was withdrawn.

use diesel::prelude::*;
use uuid::Uuid;

use super::applications::{ApplicationBody, ApplicationState, placed};
use super::{ALREADY_APPLIED, OUT_OF_ORDER, PLACED};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::Day;
use crate::schema::applications;

/// Notes on the application that somebody withdrew that a later one follows; answers it.
///
/// Whoever comes with the same application meanwhile waits for this, finds none and meets the one that counts, which the
/// store refuses by its constraint.
///
/// # Errors
/// `recruitment.already_applied` with the `applicationId` that counts, `recruitment.out_of_order` at `/receivedOn` where
/// the application was received before the withdrawal, `recruitment.placed`.
pub(super) fn take_up_again(tx: &mut Tx, id: Uuid, body: &ApplicationBody) -> Result<Option<Uuid>, Problem> {
    type Row = (Uuid, ApplicationState, Option<Day>, bool);
    let counting: Option<Row> = applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::duplicate_of_id.is_null())
        .filter(applications::applied_again.eq(false))
        .filter(applications::edition_id.eq(body.edition_id))
        .filter(applications::person_id.eq(body.person_id))
        .select((applications::id, applications::state, applications::withdrawn_on, placed()))
        .for_update()
        .first(tx.conn)
        .optional()?;
    let Some((former, state, withdrawn_on, placed)) = counting else { return Ok(None) };
    if former == id {
        // The id is taken: the store says so.
        return Ok(None);
    }
    if state != ApplicationState::Withdrawn {
        return Err(ALREADY_APPLIED.at("/personId").with("applicationId", former.to_string()));
    }
    if placed {
        return Err(PLACED.problem());
    }
    if let Some(earliest) = withdrawn_on.filter(|day| body.received_on < *day) {
        return Err(OUT_OF_ORDER.at("/receivedOn").with("earliest", earliest.to_string()));
    }
    mark_applied_again(tx, &[former])?;
    Ok(Some(former))
}

/// Notes that somebody applied again after these applications.
pub(super) fn mark_applied_again(tx: &mut Tx, former: &[Uuid]) -> Result<(), Problem> {
    if former.is_empty() {
        return Ok(());
    }
    diesel::update(applications::table.filter(own(tx, applications::tenant_id)).filter(applications::id.eq_any(former)))
        .set(applications::applied_again.eq(true))
        .execute(tx.conn)?;
    Ok(())
}
