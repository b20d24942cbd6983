//! Which duties to inform a message discharges: those about the same event of the same person, towards whom it reaches.

use uuid::Uuid;

use crate::participation::{DutyKind, Notice, Recipient, Sent, take_back, tell};
use crate::platform::db::Tx;
use crate::platform::problem::Problem;
use crate::platform::types::Day;

use super::corrections::corrected_by;
use super::exchange_links::{ExchangeLinkView, receiver_of};
use super::kinds::MessageReceiver;
use super::payload::MessagePayload;
use super::reading::{MessageView, payload_of, records_of};
use super::resolving::people_of;
use super::steps::MessageStepBody;
use super::words::{AbsenceKind, NoticeKind, ReportedEnd};

/// What a record tells of.
pub(super) struct Told {
    /// Position of the record.
    pub position: usize,
    /// Of what an office has to be informed.
    pub duty: DutyKind,
    /// First and last day of that.
    pub days: (Day, Day),
}

/// What a message tells of, as far as the law makes telling it a duty.
pub(super) fn told_by(payload: &MessagePayload) -> Vec<Told> {
    match payload {
        MessagePayload::Incident(content) => {
            let of = |happened| match happened {
                NoticeKind::NotReported => DutyKind::NotReported,
                NoticeKind::NotTakenUp => DutyKind::NotTakenUp,
                NoticeKind::LeftPlace => DutyKind::LeftPlace,
                NoticeKind::Discipline => DutyKind::Discipline,
            };
            let records = content.records.iter().enumerate();
            records
                .map(|(at, one)| Told { position: at, duty: of(one.happened), days: (one.occurred_on, one.occurred_on) })
                .collect()
        }
        MessagePayload::AbsenceOrRefusal(content) => {
            let of = |absence| match absence {
                AbsenceKind::Absence => DutyKind::Absence,
                AbsenceKind::Refusal => DutyKind::Refusal,
            };
            let records = content.records.iter().enumerate();
            records.map(|(at, one)| Told { position: at, duty: of(one.absence), days: (one.from, one.to) }).collect()
        }
        MessagePayload::ParticipationEnd(content) => {
            let of = |outcome| match outcome {
                ReportedEnd::RefusedUnjustified => Some(DutyKind::Refusal),
                ReportedEnd::InterruptedOwnFault => Some(DutyKind::Interruption),
                ReportedEnd::Completed | ReportedEnd::Employed | ReportedEnd::OtherReason => None,
            };
            let records = content.records.iter().enumerate();
            records
                .filter_map(|(at, one)| Some(Told { position: at, duty: of(one.outcome)?, days: (one.ended_on, one.ended_on) }))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// What a message of the town tells of its people; `records` are its records with their subjects, in their order.
pub(super) fn notices_of(
    tx: &mut Tx,
    link: &ExchangeLinkView,
    payload: &MessagePayload,
    records: &[(Uuid, Uuid)],
) -> Result<Vec<Notice>, Problem> {
    let told = told_by(payload);
    let Some(edition) = payload.edition_id().filter(|_| !told.is_empty()) else { return Ok(Vec::new()) };
    let people = people_of(tx, link, &records.iter().map(|(_, subject)| *subject).collect::<Vec<_>>())?;
    let notice = |told: Told| {
        let (record, subject) = records.get(told.position)?;
        let person = *people.get(subject)?;
        Some(Notice { record: *record, edition, person, duty: told.duty, days: told.days })
    };
    Ok(told.into_iter().filter_map(notice).collect())
}

/// Whom a message reaches.
const fn recipients(receiver: MessageReceiver) -> &'static [Recipient] {
    match receiver {
        MessageReceiver::LabourOffice => &Recipient::AT_LABOUR_OFFICE,
        MessageReceiver::MunicipalCentre => &[Recipient::WelfareCentre],
        MessageReceiver::Town => &[],
    }
}

/// Discharges the duties that a message of the town fulfils by being sent; what its correction leaves out has to be told again.
pub(super) fn discharge(
    tx: &mut Tx,
    link: &ExchangeLinkView,
    message: &MessageView,
    step: &MessageStepBody,
) -> Result<(), Problem> {
    if message.sender_id != link.town_id {
        return Ok(());
    }
    let payload = payload_of(tx, message)?;
    if payload.edition_id().is_none() {
        return Ok(());
    }
    let records: Vec<(Uuid, Uuid)> = records_of(tx, message.id)?.into_iter().map(|one| (one.id, one.subject_id)).collect();
    let notices = notices_of(tx, link, &payload, &records)?;
    let on = step.day(tx)?;
    let corrected = corrected_by(tx, message)?;
    if !corrected.is_empty() {
        take_back(tx, &corrected, message.id, on, &notices)?;
    }
    let recipients = recipients(receiver_of(tx, link)?);
    let sent = Sent { message: message.id, on, letter_number: step.letter_number.as_ref(), recipients };
    tell(tx, sent, &notices)
}
