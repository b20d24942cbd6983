//! What the service itself needs to know of a payload: whom it is about, of which edition and month, and whether it contradicts itself.

use uuid::Uuid;

use super::payload::MessagePayload;
use super::subjects::SubjectBody;
use super::words::VerificationResult;
use super::{JOB_CONTRADICTS, PERIOD_INVERTED};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{Day, Money};

macro_rules! each_with_records {
    ($payload:expr, $content:ident => $answer:expr, $otherwise:expr) => {
        match $payload {
            Self::EligibleList($content) => $answer,
            Self::Referral($content) => $answer,
            Self::ReferredOrRefused($content) => $answer,
            Self::Incident($content) => $answer,
            Self::AbsenceOrRefusal($content) => $answer,
            Self::StatusChange($content) => $answer,
            Self::ParticipationStart($content) => $answer,
            Self::ParticipationEnd($content) => $answer,
            Self::ParticipantReplacement($content) => $answer,
            Self::EmploymentVerification($content) => $answer,
            Self::PostDecision($content) => $answer,
            Self::PsuPlan(_) | Self::RefundClaim(_) | Self::RefundDecision(_) | Self::FinalReport(_) => $otherwise,
        }
    };
}

impl MessagePayload {
    /// Whom the records are about, in their order.
    pub(super) fn subjects_mut(&mut self) -> Vec<&mut SubjectBody> {
        each_with_records!(self, content => content.records.iter_mut().map(|record| &mut record.subject).collect(), Vec::new())
    }

    /// Subjects of earlier messages that it names besides, with where it does.
    pub(super) fn named_besides(&self) -> Vec<(String, Uuid)> {
        let Self::ParticipantReplacement(content) = self else { return Vec::new() };
        let named = content.records.iter().enumerate();
        named.map(|(place, record)| (format!("/payload/records/{place}/replacesSubjectId"), record.replaces_subject_id)).collect()
    }

    /// The edition that it is about.
    pub(super) const fn edition_id(&self) -> Option<Uuid> {
        match self {
            Self::Referral(content) => Some(content.edition_id),
            Self::Incident(content) => Some(content.edition_id),
            Self::AbsenceOrRefusal(content) => Some(content.edition_id),
            Self::ParticipationStart(content) => Some(content.edition_id),
            Self::ParticipationEnd(content) => Some(content.edition_id),
            Self::ParticipantReplacement(content) => Some(content.edition_id),
            Self::EmploymentVerification(content) => Some(content.edition_id),
            Self::PostDecision(content) => Some(content.edition_id),
            Self::FinalReport(content) => Some(content.edition_id),
            _ => None,
        }
    }

    /// The first day of the month or year that it is about.
    pub(super) fn period_on(&self) -> Option<Day> {
        match self {
            Self::PsuPlan(content) => Day::from_ymd(content.year, 1, 1).ok(),
            Self::ReferredOrRefused(content) => Day::try_from(content.month.first_day()).ok(),
            Self::RefundClaim(content) => Day::try_from(content.month.first_day()).ok(),
            _ => None,
        }
    }

    /// The message that it answers by its content.
    pub(super) const fn answers(&self) -> Option<Uuid> {
        if let Self::RefundDecision(content) = self { Some(content.claim_message_id) } else { None }
    }

    /// Refuses what contradicts itself.
    pub(super) fn check(&self) -> Result<(), Problem> {
        match self {
            Self::Referral(content) => in_order(content.records.iter().map(|one| (one.from, one.to)), "to"),
            Self::AbsenceOrRefusal(content) => in_order(content.records.iter().map(|one| (one.from, one.to)), "to"),
            Self::ParticipationStart(content) => {
                in_order(content.records.iter().map(|one| (one.starts_on, one.planned_end_on)), "plannedEndOn")
            }
            Self::ReferredOrRefused(content) => match content.records.iter().position(|one| !content.month.contains(one.on)) {
                Some(place) => Err(PERIOD_INVERTED.at(format!("/payload/records/{place}/on"))),
                None => Ok(()),
            },
            Self::EmploymentVerification(content) => {
                for (place, record) in content.records.iter().enumerate() {
                    let at = format!("/payload/records/{place}/job");
                    match (&record.job, record.result) {
                        (Some(job), VerificationResult::Employed) => {
                            if job.confirmed_through < job.from {
                                return Err(PERIOD_INVERTED.at(format!("{at}/confirmedThrough")));
                            }
                            if job.to.is_some_and(|to| to < job.confirmed_through) {
                                return Err(PERIOD_INVERTED.at(format!("{at}/to")));
                            }
                        }
                        (None, VerificationResult::NotEmployed) => {}
                        _ => return Err(JOB_CONTRADICTS.at(at)),
                    }
                }
                Ok(())
            }
            Self::RefundClaim(content) => not_negative(&[("benefits", content.benefits), ("refund", content.refund)]),
            Self::RefundDecision(content) => not_negative(&[("granted", content.granted)]),
            Self::FinalReport(content) => not_negative(&[("benefits", content.benefits), ("refund", content.refund)]),
            _ => Ok(()),
        }
    }
}

fn in_order(periods: impl Iterator<Item = (Day, Day)>, last: &str) -> Result<(), Problem> {
    for (place, (from, to)) in periods.enumerate() {
        if to < from {
            return Err(PERIOD_INVERTED.at(format!("/payload/records/{place}/{last}")));
        }
    }
    Ok(())
}

fn not_negative(amounts: &[(&str, Money)]) -> Result<(), Problem> {
    match amounts.iter().find(|(_, amount)| amount.is_negative()) {
        Some((name, _)) => Err(catalogue::INVALID_BODY.at(format!("/payload/{name}"))),
        None => Ok(()),
    }
}
