//! What has to be so when a draft is sent: what it tells has happened, and what it corrects is the last word.

use super::discharging::told_by;
use super::exchange_links::{ExchangeLinkView, find_link};
use super::kinds::MessageKind;
use super::listing::name_own_people;
use super::payload::MessagePayload;
use super::reading::{MessageView, correction_of, find_message, lock_message, payload_of, records_of};
use super::refund_decisions::expect_undecided;
use super::same_people::{Named, who_is_who};
use super::shared_editions::shared_by;
use super::{ALREADY_CORRECTED, COPY_NOT_CORRECTABLE, DRAFT_OVERTAKEN, PERIOD_INVERTED, SENT_BEFORE_EVENT};
use crate::participation::DUTY_NOT_YET;
use crate::platform::db::Tx;
use crate::platform::problem::Problem;
use crate::platform::types::Day;

/// Refuses what a draft cannot be sent for, and names the people of a list; the draft is held.
///
/// # Errors
/// `exchange.not_in_force`, `participation.duty_not_yet`, `exchange.sent_before_event`, `exchange.already_corrected`,
/// `exchange.period_inverted`, `exchange.copy_not_correctable`, `exchange.claim_decided`, `exchange.draft_overtaken`.
pub(super) fn make_ready(tx: &mut Tx, draft: &MessageView, on: Day) -> Result<(), Problem> {
    let link = find_link(tx, draft.link_id)?;
    let payload = payload_of(tx, draft)?;
    if let Some(corrected) = draft.corrects_id {
        let corrected = find_message(tx, corrected)?;
        if let Some(original) = corrected.copy_of_id {
            return Err(COPY_NOT_CORRECTABLE.problem().with("originalId", original.to_string()));
        }
        if correction_of(tx, corrected.id)?.is_some() {
            return Err(ALREADY_CORRECTED.problem());
        }
        if corrected.sent_on.is_some_and(|sent| on < sent) {
            return Err(PERIOD_INVERTED.at("/effectiveOn"));
        }
    } else {
        // What comes to somebody after the exchange has ended does not come, save for what settles its own days.
        let settles_own_days = link.is_settled_by(&payload, edition_end(tx, &link, &payload)?);
        link.expect_taken(draft.effective_on, settles_own_days)?;
        link.expect_taken(on, settles_own_days)?;
    }
    if let Some(claim) = payload.answers() {
        // Of two decisions that are sent at once, the second waits here and then finds the first.
        lock_message(tx, claim)?;
        expect_undecided(tx, claim, draft.corrects_id)?;
    }
    expect_happened(tx, &link, (draft, &payload), on)?;
    expect_nobody_twice(tx, &link, (draft, &payload))?;
    name_own_people(tx, &link, draft)
}

/// Since a merge, two subjects may be one person.
fn expect_nobody_twice(
    tx: &mut Tx,
    link: &ExchangeLinkView,
    (draft, payload): (&MessageView, &MessagePayload),
) -> Result<(), Problem> {
    let records = records_of(tx, draft.id)?;
    let named: Vec<Named> = records.iter().map(|record| (record.subject_id, &[][..])).collect();
    let who = who_is_who(tx, link, payload, &named)?;
    let place = match payload.expect_each_once(draft.kind.names_each_once(), &who) {
        Ok(()) => return Ok(()),
        Err(problem) => problem.fields.iter().find_map(|field| field.pointer.split('/').nth(3)?.parse::<i32>().ok()),
    };
    Err(DRAFT_OVERTAKEN.problem().with("position", place))
}

/// Refuses to tell of something on a day before it: of an event, of a month, of the effects of an edition.
fn expect_happened(
    tx: &mut Tx,
    link: &ExchangeLinkView,
    (draft, payload): (&MessageView, &MessagePayload),
    on: Day,
) -> Result<(), Problem> {
    if let Some(event) = told_by(payload).iter().map(|told| told.days.0).filter(|event| *event > on).max() {
        return Err(DUTY_NOT_YET.at("/effectiveOn").with("arisenOn", event.to_string()));
    }
    let mut days: Vec<Day> = payload.days_told().into_iter().map(|(_, day)| day).collect();
    days.extend((!draft.kind.tells_ahead()).then_some(draft.effective_on));
    days.extend(payload.month_ends_on());
    if draft.kind == MessageKind::FinalReport {
        days.extend(edition_end(tx, link, payload)?);
    }
    match days.into_iter().max() {
        Some(day) if day > on => Err(SENT_BEFORE_EVENT.at("/effectiveOn").with("day", day.to_string())),
        _ => Ok(()),
    }
}

fn edition_end(tx: &mut Tx, link: &ExchangeLinkView, payload: &MessagePayload) -> Result<Option<Day>, Problem> {
    let Some(edition) = payload.edition_id() else { return Ok(None) };
    Ok(shared_by(tx, link.id)?.into_iter().find(|shared| shared.edition_id == edition).map(|shared| shared.ends_on))
}
