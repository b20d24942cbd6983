//! What the service itself needs to know of a payload: whom it is about, of which edition and month, what has to have
//! happened, and whether it contradicts itself.

use uuid::Uuid;

use super::payload::MessagePayload;
use super::same_people::WhoIsWho;
use super::subjects::SubjectBody;
use super::words::{AbsenceKind, VerificationResult};
use super::{JOB_CONTRADICTS, PERIOD_INVERTED, PERSON_TWICE, REPLACES_SELF};
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

    /// The last day of the month that it is about: before that the month is not over.
    pub(super) fn month_ends_on(&self) -> Option<Day> {
        match self {
            Self::ReferredOrRefused(content) => Day::try_from(content.month.last_day()).ok(),
            Self::RefundClaim(content) => Day::try_from(content.month.last_day()).ok(),
            _ => None,
        }
    }

    /// Days of what it tells as having happened, with where they stand; what is planned is not among them.
    pub(super) fn days_told(&self) -> Vec<(String, Day)> {
        fn each<R>(records: &[R], name: &str, day: impl Fn(&R) -> Option<Day>) -> Vec<(String, Day)> {
            let told = records.iter().enumerate();
            told.filter_map(|(place, one)| Some((format!("/payload/records/{place}/{name}"), day(one)?))).collect()
        }
        match self {
            Self::Incident(content) => each(&content.records, "occurredOn", |one| Some(one.occurred_on)),
            Self::AbsenceOrRefusal(content) => {
                let mut days = each(&content.records, "from", |one| Some(one.from));
                // An absence may go on; nobody refuses beforehand.
                days.extend(each(&content.records, "to", |one| (one.absence == AbsenceKind::Refusal).then_some(one.to)));
                days
            }
            Self::ParticipationStart(content) => each(&content.records, "startsOn", |one| Some(one.starts_on)),
            Self::ParticipationEnd(content) => each(&content.records, "endedOn", |one| Some(one.ended_on)),
            Self::ParticipantReplacement(content) => each(&content.records, "startsOn", |one| Some(one.starts_on)),
            Self::ReferredOrRefused(content) => each(&content.records, "on", |one| Some(one.on)),
            Self::EmploymentVerification(content) => {
                each(&content.records, "job/confirmedThrough", |one| one.job.as_ref().map(|job| job.confirmed_through))
            }
            Self::PostDecision(content) => each(&content.records, "decidedOn", |one| Some(one.decided_on)),
            Self::RefundClaim(content) => Day::try_from(content.month.first_day())
                .ok()
                .map(|first| ("/payload/month".to_owned(), first))
                .into_iter()
                .collect(),
            Self::RefundDecision(content) => vec![("/payload/decidedOn".to_owned(), content.decided_on)],
            Self::PsuPlan(_) | Self::EligibleList(_) | Self::Referral(_) | Self::StatusChange(_) | Self::FinalReport(_) => {
                Vec::new()
            }
        }
    }

    /// Refuses two records about one person that contradict each other, or say the same.
    ///
    /// # Errors
    /// `exchange.person_twice` at the second, `exchange.replaces_self` at who takes the own place.
    pub(super) fn expect_each_once(&self, names_each_once: bool, who: &WhoIsWho) -> Result<(), Problem> {
        if names_each_once && let Some(place) = second(&who.records, |_, _| true) {
            return Err(PERSON_TWICE.at(format!("/payload/records/{place}/subject")));
        }
        let again = match self {
            Self::Incident(content) => again(&who.records, &content.records, |one, other| {
                (one.happened, one.occurred_on) == (other.happened, other.occurred_on)
            }),
            Self::AbsenceOrRefusal(content) => again(&who.records, &content.records, |one, other| {
                one.absence == other.absence && one.from <= other.to && other.from <= one.to
            }),
            Self::ReferredOrRefused(content) => {
                again(&who.records, &content.records, |one, other| (one.outcome, one.on) == (other.outcome, other.on))
            }
            Self::ParticipantReplacement(_) => {
                if let Some(place) = (0..who.besides.len()).find(|place| who.records.get(*place) == who.besides.get(*place)) {
                    return Err(REPLACES_SELF.at(format!("/payload/records/{place}/replacesSubjectId")));
                }
                second(&who.besides, |_, _| true)
            }
            _ => None,
        };
        again.map_or(Ok(()), |place| Err(PERSON_TWICE.at(format!("/payload/records/{place}"))))
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

/// The place of the first record about somebody of whom an earlier one says what is alike.
fn second(who: &[Uuid], alike: impl Fn(usize, usize) -> bool) -> Option<usize> {
    (0..who.len()).find(|place| (0..*place).any(|earlier| who[earlier] == who[*place] && alike(earlier, *place)))
}

/// As [`second`], by what the records say.
fn again<R>(who: &[Uuid], records: &[R], alike: impl Fn(&R, &R) -> bool) -> Option<usize> {
    second(who, |earlier, place| records.get(earlier).zip(records.get(place)).is_some_and(|(one, other)| alike(one, other)))
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
