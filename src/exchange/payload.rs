//! What messages say: one type for each kind, with what the law lists and nothing else.
//!
//! No payload holds a reason of health: an absence is told with its days and whether it was excused, an end with what
//! the office decides by.

use actix_web::web::Bytes;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::kinds::MessageKind;
use super::subjects::SubjectBody;
use super::words::{
    AbsenceKind, ClaimDecision, NoticeKind, ReferralOutcome, ReferredTo, ReportedEnd, StatusChangeKind, VerificationResult,
};
use crate::outcomes::{EmploymentKind, PostDecisionKind};
use crate::platform::body::parse;
use crate::platform::problem::Problem;
use crate::platform::types::{Code, Day, Hours, Money, Month, ShortText, between, count_between};
use crate::programmes::EffectTarget;

/// Most records of one message.
pub const MOST_RECORDS: usize = 1000;

macro_rules! records {
    ($(#[$doc:meta])* $payload:ident { $($(#[$field_doc:meta])* $field:ident: $field_type:ty,)* } of
     $(#[$record_doc:meta])* $record:ident { $($(#[$own_doc:meta])* $own:ident: $own_type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $payload {
            $($(#[$field_doc])* pub $field: $field_type,)*
            /// One record for each person, or for each event where one person may have had several.
            #[serde(deserialize_with = "count_between::<1, MOST_RECORDS, _, _>")]
            #[schema(min_items = 1, max_items = 1000)]
            pub records: Vec<$record>,
        }
        $(#[$record_doc])*
        #[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $record {
            /// Whom it is about.
            pub subject: SubjectBody,
            $($(#[$own_doc])* pub $own: $own_type,)*
        }
    };
}

/// A place of work that is needed.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NeededWork {
    /// Kind of work.
    pub kind_of_work: ShortText,
    /// Place of work.
    pub place: ShortText,
    /// Body where it is done.
    pub host_name: ShortText,
    /// Whether it is done for carers of disabled people.
    pub for_carers: bool,
    /// Number of places.
    #[serde(deserialize_with = "between::<1, 100_000, _, _>")]
    #[schema(minimum = 1, maximum = 100_000)]
    pub positions: i32,
    /// Hours in total.
    pub hours: Hours,
}

/// Yearly plan of needs (section 2 of the regulation of 21 December 2017).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PsuPlan {
    /// Year of the plan.
    #[serde(deserialize_with = "between::<1990, 2200, _, _>")]
    #[schema(minimum = 1990, maximum = 2200)]
    pub year: i32,
    /// Number of people who may be referred.
    #[serde(deserialize_with = "between::<0, 1_000_000, _, _>")]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub eligible_people: i32,
    /// Work that is needed.
    #[serde(deserialize_with = "count_between::<1, 1000, _, _>")]
    #[schema(min_items = 1, max_items = 1000)]
    pub needs: Vec<NeededWork>,
}

records! {
    /// People who may be referred (section 3(3) and (4)); surname, names, residence and PESEL or document come from the people of the town.
    EligibleList {
        /// Day as of which the list holds.
        eligible_on: Day,
    } of
    /// Somebody who may be referred.
    EligibleRecord {}
}

records! {
    /// Referrals (art. 62a(2) and 73a(1)).
    ReferralNotice {
        /// Edition, one that the town shares.
        edition_id: Uuid,
    } of
    /// Somebody who is referred.
    ReferralRecord {
        /// To what.
        referred_to: ReferredTo,
        /// First day.
        from: Day,
        /// Last day.
        to: Day,
        /// Host of the work.
        host_name: Option<ShortText>,
    }
}

records! {
    /// Who was referred or refused in a month (section 5(1)).
    ReferredOrRefused {
        /// The month.
        month: Month,
    } of
    /// Somebody of the list.
    ReferredOrRefusedRecord {
        /// What came of it.
        outcome: ReferralOutcome,
        /// Day of it.
        on: Day,
    }
}

records! {
    /// Incidents (section 5(2)).
    IncidentNotice {
        /// Agreement under which the work is done; the one of the exchange.
        edition_id: Uuid,
    } of
    /// An incident.
    NoticeRecord {
        /// What happened.
        happened: NoticeKind,
        /// When.
        occurred_on: Day,
        /// Host of the work.
        host_name: Option<ShortText>,
    }
}

records! {
    /// Absences and refusals (section 3(1)(5)).
    AbsenceOrRefusal {
        /// Edition.
        edition_id: Uuid,
    } of
    /// An absence or a refusal.
    AbsenceRecord {
        /// Which of them.
        absence: AbsenceKind,
        /// First day.
        from: Day,
        /// Last day.
        to: Day,
        /// Whether it was excused; none while that is open.
        excused: Option<bool>,
    }
}

records! {
    /// Changes of the status (art. 33(7)).
    StatusChange {} of
    /// A change.
    StatusChangeRecord {
        /// What changed.
        change: StatusChangeKind,
        /// Since when.
        since: Day,
    }
}

records! {
    /// Who began to take part.
    ParticipationStart {
        /// Edition.
        edition_id: Uuid,
    } of
    /// Somebody who began.
    StartRecord {
        /// First day.
        starts_on: Day,
        /// Planned last day.
        planned_end_on: Day,
    }
}

records! {
    /// Whose participation ended.
    ParticipationEnd {
        /// Edition.
        edition_id: Uuid,
    } of
    /// Somebody whose participation ended.
    EndRecord {
        /// Last day.
        ended_on: Day,
        /// How it ended.
        outcome: ReportedEnd,
    }
}

records! {
    /// Who took whose place.
    ParticipantReplacement {
        /// Edition.
        edition_id: Uuid,
    } of
    /// Somebody who took the place of another.
    ReplacementRecord {
        /// Whose place it is, a subject of an earlier message.
        replaces_subject_id: Uuid,
        /// First day.
        starts_on: Day,
    }
}

/// A job, as far as the office knows it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VerifiedJob {
    /// First day.
    pub from: Day,
    /// Last day; none while it lasts or where it is not known.
    pub to: Option<Day>,
    /// Day through which it is known to have lasted.
    pub confirmed_through: Day,
    /// Kind of work.
    pub kind: EmploymentKind,
}

records! {
    /// Whether people work (annex 8 of MRPiPS-01).
    EmploymentVerification {
        /// Edition.
        edition_id: Uuid,
    } of
    /// What is known of somebody.
    VerificationRecord {
        /// Whether the person works or worked.
        result: VerificationResult,
        /// The job; given where, and only where, the result is `employed`.
        job: Option<VerifiedJob>,
    }
}

records! {
    /// What the office decided after the programme (art. 62b(2)).
    PostDecisionNotice {
        /// Edition.
        edition_id: Uuid,
    } of
    /// A decision.
    PostDecisionRecord {
        /// What was decided.
        decision: PostDecisionKind,
        /// Day of the decision.
        decided_on: Day,
    }
}

/// Claim for the refund of a month (art. 73a(5)).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefundClaimNotice {
    /// The month.
    pub month: Month,
    /// Number of the settlement.
    pub settlement_number: ShortText,
    /// Number of people.
    #[serde(deserialize_with = "between::<0, 100_000, _, _>")]
    #[schema(minimum = 0, maximum = 100_000)]
    pub people: i32,
    /// Hours of socially useful work.
    pub hours: Hours,
    /// Benefits paid, in zł.
    pub benefits: Money,
    /// Refund that is claimed, in zł.
    pub refund: Money,
}

/// Decision about a claim.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefundDecision {
    /// The message with the claim.
    pub claim_message_id: Uuid,
    /// What was decided.
    pub decision: ClaimDecision,
    /// Refund that is granted, in zł.
    pub granted: Money,
    /// Day of the decision.
    pub decided_on: Day,
}

/// What came of an expected effect.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReportedEffect {
    /// Code of the effect in the agreement.
    pub code: Code,
    /// Value that was to be reached.
    pub target: Option<EffectTarget>,
    /// Value that was reached.
    pub reached: Option<EffectTarget>,
}

/// Effects, hours and money of an edition (art. 62a(7)(3) and (5)).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FinalReportContent {
    /// Edition.
    pub edition_id: Uuid,
    /// People who began.
    #[serde(deserialize_with = "between::<0, 100_000, _, _>")]
    #[schema(minimum = 0, maximum = 100_000)]
    pub started: i32,
    /// People who completed.
    #[serde(deserialize_with = "between::<0, 100_000, _, _>")]
    #[schema(minimum = 0, maximum = 100_000)]
    pub completed: i32,
    /// Hours of socially useful work.
    pub psu_hours: Hours,
    /// Hours of integration.
    pub integration_hours: Hours,
    /// Benefits paid, in zł.
    pub benefits: Money,
    /// Refund received, in zł.
    pub refund: Money,
    /// What came of the expected effects.
    #[serde(deserialize_with = "count_between::<0, 100, _, _>")]
    #[schema(max_items = 100)]
    pub effects: Vec<ReportedEffect>,
}

macro_rules! payloads {
    ($($kind:ident($type:ident),)*) => {
        /// What a message says; its kind says which of them it is.
        #[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
        #[serde(untagged)]
        pub enum MessagePayload {
            $(
                #[doc = concat!("Of a message of the kind ", stringify!($kind), ".")]
                $kind($type),
            )*
        }

        impl MessagePayload {
            /// Each kind with the name of its schema in the contract.
            pub(super) fn schemas() -> Vec<(MessageKind, String)> {
                vec![$((MessageKind::$kind, <$type as ToSchema>::name().into_owned()),)*]
            }

            /// Reads what a message of a kind says.
            ///
            /// # Errors
            /// As for any body, with pointers below the payload.
            pub(super) fn read(kind: MessageKind, json: Vec<u8>) -> Result<Self, Problem> {
                let json = Bytes::from(json);
                Ok(match kind {
                    $(MessageKind::$kind => Self::$kind(parse::<$type>(json)?.value),)*
                })
            }
        }
    };
}

payloads! {
    PsuPlan(PsuPlan),
    EligibleList(EligibleList),
    Referral(ReferralNotice),
    ReferredOrRefused(ReferredOrRefused),
    Incident(IncidentNotice),
    AbsenceOrRefusal(AbsenceOrRefusal),
    StatusChange(StatusChange),
    ParticipationStart(ParticipationStart),
    ParticipationEnd(ParticipationEnd),
    ParticipantReplacement(ParticipantReplacement),
    EmploymentVerification(EmploymentVerification),
    PostDecision(PostDecisionNotice),
    RefundClaim(RefundClaimNotice),
    RefundDecision(RefundDecision),
    FinalReport(FinalReportContent),
}
