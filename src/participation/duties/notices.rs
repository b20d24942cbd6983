//! Of what offices were told by messages: each notice discharges the duties about the same event, whichever is there first.
//!
//! The database joins the two (`discharge_told_duties`), also where the office that refuses a message is another tenant.

use diesel::prelude::*;
use diesel::sql_types::{Date, Uuid as SqlUuid};
use serde_json::json;
use uuid::Uuid;

use super::duty_terms::{DutyKind, Recipient};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{Day, ShortText};
use crate::schema::{duty_notices, information_duties, participations};

/// What a record of a message tells an office.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The record.
    pub record: Uuid,
    /// Edition.
    pub edition: Uuid,
    /// Whom it is about.
    pub person: Uuid,
    /// Of what it tells.
    pub duty: DutyKind,
    /// First and last day of that.
    pub days: (Day, Day),
}

/// A message that was sent.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'m> {
    /// The message.
    pub message: Uuid,
    /// Day on which it was sent.
    pub on: Day,
    /// Number of its letter.
    pub letter_number: Option<&'m ShortText>,
    /// Whom it reaches.
    pub recipients: &'m [Recipient],
}

diesel::define_sql_function! {
    /// Takes back what a message told, as far as its receiver refused it; see the migration.
    fn revoke_refused_notices(town: SqlUuid, message: SqlUuid, refused_on: Date);
}

diesel::define_sql_function! {
    /// Gives back what a correction took back that was refused as a whole; see the migration.
    fn restore_notices(town: SqlUuid, message: SqlUuid);
}

/// Notes what a message tells, and discharges the duties to tell it: with the day, the message and its letter.
///
/// # Errors
/// When the store fails.
pub fn tell(tx: &mut Tx, sent: Sent, notices: &[Notice]) -> Result<(), Problem> {
    hold(tx, notices.iter().map(|notice| (notice.edition, notice.person)).collect())?;
    let mut rows = Vec::new();
    for notice in notices {
        for recipient in notice.duty.recipients().iter().filter(|recipient| sent.recipients.contains(recipient)) {
            rows.push((
                (duty_notices::id.eq(tx.id_or_new(None)), duty_notices::message_id.eq(sent.message)),
                (duty_notices::record_id.eq(notice.record), duty_notices::edition_id.eq(notice.edition)),
                (duty_notices::person_id.eq(notice.person), duty_notices::duty.eq(notice.duty)),
                (duty_notices::recipient.eq(*recipient), duty_notices::told_on.eq(sent.on)),
                (duty_notices::from_on.eq(notice.days.0), duty_notices::to_on.eq(notice.days.1)),
                duty_notices::letter_number.eq(sent.letter_number),
            ));
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    diesel::insert_into(duty_notices::table).values(rows).execute(tx.conn)?;
    let discharged: Vec<(Uuid, Uuid)> = information_duties::table
        .filter(own(tx, information_duties::tenant_id))
        .filter(information_duties::message_id.eq(sent.message))
        .order(information_duties::id)
        .select((information_duties::id, information_duties::participation_id))
        .load(tx.conn)?;
    for (duty, participation) in discharged {
        tx.touch_too([duty]);
        let data =
            json!({ "dutyId": duty, "participationId": participation, "dischargedOn": sent.on, "messageId": sent.message });
        tx.announce("participation", participation, "participation.duty_discharged", data);
    }
    Ok(())
}

/// The last day in time of the recorded duties to tell what a message tells; none where none is recorded.
///
/// # Errors
/// When the store fails.
pub fn duties_due_on(tx: &mut Tx, notice: &Notice) -> Result<Option<Day>, Problem> {
    let of_participation = participations::tenant_id
        .eq(information_duties::tenant_id)
        .and(participations::id.eq(information_duties::participation_id));
    Ok(information_duties::table
        .inner_join(participations::table.on(of_participation))
        .filter(own(tx, information_duties::tenant_id))
        .filter(information_duties::edition_id.eq(notice.edition))
        .filter(participations::person_id.eq(notice.person))
        .filter(information_duties::duty.eq(notice.duty))
        .filter(information_duties::occurred_on.between(notice.days.0, notice.days.1))
        .filter(information_duties::withdrawn_on.is_null())
        .select(diesel::dsl::min(information_duties::due_on))
        .first(tx.conn)?)
}

/// Takes back what messages told and their latest correction does not repeat: those duties are open again.
///
/// # Errors
/// When the store fails.
pub fn take_back(tx: &mut Tx, corrected: &[Uuid], correction: Uuid, on: Day, repeated: &[Notice]) -> Result<(), Problem> {
    let told: Vec<(Uuid, Uuid, Uuid, DutyKind, Day, Day)> = duty_notices::table
        .filter(own(tx, duty_notices::tenant_id))
        .filter(duty_notices::message_id.eq_any(corrected))
        .filter(duty_notices::revoked_on.is_null())
        .order(duty_notices::id)
        .select((
            duty_notices::id,
            duty_notices::edition_id,
            duty_notices::person_id,
            duty_notices::duty,
            duty_notices::from_on,
            duty_notices::to_on,
        ))
        .load(tx.conn)?;
    hold(tx, told.iter().map(|(_, edition, person, ..)| (*edition, *person)).collect())?;
    let is_repeated = |(_, edition, person, duty, from, to): &(Uuid, Uuid, Uuid, DutyKind, Day, Day)| {
        repeated.iter().any(|one| (one.edition, one.person, one.duty, one.days) == (*edition, *person, *duty, (*from, *to)))
    };
    let left_out: Vec<Uuid> = told.iter().filter(|one| !is_repeated(one)).map(|one| one.0).collect();
    let rows = duty_notices::table.filter(own(tx, duty_notices::tenant_id)).filter(duty_notices::id.eq_any(left_out));
    diesel::update(rows).set((duty_notices::revoked_on.eq(on), duty_notices::revoked_by_id.eq(correction))).execute(tx.conn)?;
    Ok(())
}

/// Takes back what a message of a town told, as far as its receiver, whose transaction this is, refused it; what a correction
/// took back that is refused as a whole is told again.
///
/// # Errors
/// When the store fails.
pub fn refuse_told(tx: &mut Tx, town: Uuid, message: Uuid, on: Day) -> Result<(), Problem> {
    diesel::select(revoke_refused_notices(town, message, on)).execute(tx.conn)?;
    diesel::select(restore_notices(town, message)).execute(tx.conn)?;
    Ok(())
}

/// Holds what these people take part in: a duty that arises meanwhile waits, and then finds what was told.
fn hold(tx: &mut Tx, mut about: Vec<(Uuid, Uuid)>) -> Result<(), Problem> {
    about.sort_unstable();
    about.dedup();
    let (editions, people): (Vec<Uuid>, Vec<Uuid>) = about.into_iter().unzip();
    let _: Vec<Uuid> = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::edition_id.eq_any(editions))
        .filter(participations::person_id.eq_any(people))
        .order(participations::id)
        .select(participations::id)
        .for_update()
        .load(tx.conn)?;
    Ok(())
}
