//! What has to be so when a draft is sent: what it tells has happened, and what it corrects is the last word.

use super::discharging::told_by;
use super::exchange_links::{ExchangeLinkView, find_link};
use super::kinds::MessageKind;
use super::listing::name_own_people;
use super::payload::MessagePayload;
use super::reading::{MessageView, correction_of, find_message, payload_of, records_of};
use super::same_people::{Named, who_is_who};
use super::shared_editions::shared_by;
use super::{ALREADY_CORRECTED, COPY_NOT_CORRECTABLE, DRAFT_OVERTAKEN, SENT_BEFORE_EVENT};
use crate::participation::DUTY_NOT_YET;
use crate::platform::db::Tx;
use crate::platform::problem::Problem;
use crate::platform::types::Day;

/// Refuses what a draft cannot be sent for, and names the people of a list; the draft is held.
///
/// # Errors
/// `exchange.not_in_force`, `participation.duty_not_yet`, `exchange.sent_before_event`, `exchange.already_corrected`,
/// `exchange.copy_not_correctable`, `exchange.draft_overtaken`.
pub(super) fn make_ready(tx: &mut Tx, draft: &MessageView, on: Day) -> Result<(), Problem> {
    let link = find_link(tx, draft.link_id)?;
    if let Some(corrected) = draft.corrects_id {
        if let Some(original) = find_message(tx, corrected)?.copy_of_id {
            return Err(COPY_NOT_CORRECTABLE.problem().with("originalId", original.to_string()));
        }
        if correction_of(tx, corrected)?.is_some() {
            return Err(ALREADY_CORRECTED.problem());
        }
    } else {
        // What comes to somebody after the exchange has ended does not come, whatever day it tells of.
        link.expect_in_force(draft.effective_on, "/effectiveOn")?;
        link.expect_in_force(on, "/effectiveOn")?;
    }
    let payload = payload_of(tx, draft)?;
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
