//! The catalogue of messages: what the law lets a town and a labour office tell each other, in which direction, by when.

use actix_web::get;
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::permit::Permit;
use crate::platform::policy::GetMessageKinds;
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::text_enum;

text_enum! {
    /// What a message is about.
    pub enum MessageKind {
        /// Yearly plan of needs of socially useful work.
        PsuPlan = "psuPlan",
        /// List of people who may be referred.
        EligibleList = "eligibleList",
        /// Referral to the programme or to socially useful work.
        Referral = "referral",
        /// Monthly list of who was referred or refused.
        ReferredOrRefused = "referredOrRefused",
        /// Somebody did not report, did not take up work, left it or broke order.
        Incident = "incident",
        /// Somebody was absent or refused.
        AbsenceOrRefusal = "absenceOrRefusal",
        /// A job, the loss of the status, a right to the benefit, a move.
        StatusChange = "statusChange",
        /// Somebody began to take part.
        ParticipationStart = "participationStart",
        /// Somebody's participation ended.
        ParticipationEnd = "participationEnd",
        /// Somebody took the place of another.
        ParticipantReplacement = "participantReplacement",
        /// Whether somebody works, from when to when.
        EmploymentVerification = "employmentVerification",
        /// What the office decided after the programme.
        PostDecision = "postDecision",
        /// Claim for the refund of a month.
        RefundClaim = "refundClaim",
        /// Decision about such a claim.
        RefundDecision = "refundDecision",
        /// Effects, hours and money of an edition.
        FinalReport = "finalReport",
    }
}

text_enum! {
    /// Who sends messages of a kind.
    pub enum MessageDirection {
        /// From the town to the labour office.
        ToOffice = "toOffice",
        /// From the labour office to the town.
        ToTown = "toTown",
    }
}

text_enum! {
    /// Whom messages of a kind reach.
    pub enum MessageReceiver {
        /// The labour office, which is the starost's.
        LabourOffice = "labourOffice",
        /// The social-assistance centre.
        MunicipalCentre = "municipalCentre",
        /// The town of the exchange.
        Town = "town",
    }
}

text_enum! {
    /// How the last day for a message is found.
    pub enum DeadlineRule {
        /// 31 January of the year that it is about.
        ThirtyFirstOfJanuary = "thirtyFirstOfJanuary",
        /// The tenth of the month after the one that it is about.
        TenthOfNextMonth = "tenthOfNextMonth",
        /// Immediately, as the terms of the duties to inform read it.
        Immediately = "immediately",
        /// As the terms of the duties to inform say for what is told: those of the agreement first.
        DutyTerm = "dutyTerm",
        /// As the agreement says; none where it says nothing.
        ByAgreement = "byAgreement",
        /// Three months after the end of the edition.
        ThreeMonthsAfterEnd = "threeMonthsAfterEnd",
        /// The law names none.
        None = "none",
    }
}

impl MessageKind {
    /// Who sends it.
    pub const fn direction(self) -> MessageDirection {
        match self {
            Self::Referral
            | Self::ReferredOrRefused
            | Self::StatusChange
            | Self::EmploymentVerification
            | Self::PostDecision
            | Self::RefundDecision => MessageDirection::ToTown,
            _ => MessageDirection::ToOffice,
        }
    }

    /// Whom it reaches: a copy each, in an exchange of its own.
    pub const fn receivers(self) -> &'static [MessageReceiver] {
        match (self, self.direction()) {
            // Section 2(1) and section 5(2) name both.
            (Self::PsuPlan | Self::Incident, _) => &[MessageReceiver::LabourOffice, MessageReceiver::MunicipalCentre],
            (_, MessageDirection::ToOffice) => &[MessageReceiver::LabourOffice],
            (_, MessageDirection::ToTown) => &[MessageReceiver::Town],
        }
    }

    /// How its last day is found.
    pub const fn deadline(self) -> DeadlineRule {
        match self {
            Self::PsuPlan => DeadlineRule::ThirtyFirstOfJanuary,
            Self::ReferredOrRefused => DeadlineRule::TenthOfNextMonth,
            Self::Incident => DeadlineRule::Immediately,
            // The agreement sets it as a term of the duty, so that message and duty have one.
            Self::AbsenceOrRefusal => DeadlineRule::DutyTerm,
            Self::EligibleList | Self::RefundClaim | Self::RefundDecision | Self::FinalReport => DeadlineRule::ByAgreement,
            Self::EmploymentVerification => DeadlineRule::ThreeMonthsAfterEnd,
            _ => DeadlineRule::None,
        }
    }

    /// What allows or demands it.
    pub const fn legal_basis(self) -> &'static str {
        match self {
            Self::PsuPlan => "§ 2 rozporządzenia z 21.12.2017 (Dz.U. 2017 poz. 2447)",
            Self::EligibleList => "§ 3 ust. 3 i 4 rozporządzenia z 21.12.2017 (Dz.U. 2017 poz. 2447)",
            Self::Referral => "art. 62a ust. 2 i art. 73a ust. 1 ustawy z 20.04.2004 o promocji zatrudnienia",
            Self::ReferredOrRefused => "§ 5 ust. 1 rozporządzenia z 21.12.2017 (Dz.U. 2017 poz. 2447)",
            Self::Incident => "§ 5 ust. 2 rozporządzenia z 21.12.2017 (Dz.U. 2017 poz. 2447)",
            Self::AbsenceOrRefusal => "§ 3 ust. 1 pkt 5 rozporządzenia z 21.12.2017 (Dz.U. 2017 poz. 2447)",
            Self::StatusChange => "art. 33 ust. 7 ustawy z 20.04.2004 o promocji zatrudnienia",
            Self::ParticipationStart | Self::ParticipationEnd | Self::ParticipantReplacement => {
                "art. 62a ust. 7 i 12 ustawy z 20.04.2004 o promocji zatrudnienia"
            }
            Self::EmploymentVerification => "sprawozdanie MRPiPS-01, załącznik 8",
            Self::PostDecision => "art. 62b ust. 2 ustawy z 20.04.2004 o promocji zatrudnienia",
            Self::RefundClaim | Self::RefundDecision => {
                "art. 73a ust. 5 ustawy z 20.04.2004 o promocji zatrudnienia; § 3 ust. 1 pkt 6 rozporządzenia z 21.12.2017"
            }
            Self::FinalReport => "art. 62a ust. 7 pkt 3 i 5 ustawy z 20.04.2004 o promocji zatrudnienia",
        }
    }

    /// The schema in which it is written now; older ones stay readable.
    pub const fn schema_version(self) -> i32 {
        match self {
            Self::PsuPlan
            | Self::EligibleList
            | Self::Referral
            | Self::ReferredOrRefused
            | Self::Incident
            | Self::AbsenceOrRefusal
            | Self::StatusChange
            | Self::ParticipationStart
            | Self::ParticipationEnd
            | Self::ParticipantReplacement
            | Self::EmploymentVerification
            | Self::PostDecision
            | Self::RefundClaim
            | Self::RefundDecision
            | Self::FinalReport => 1,
        }
    }

    /// Whether it may tell of a day that has not come: a plan, a list of who may be referred, a referral, and a change of
    /// status that is known beforehand. Everything else is told once it has happened.
    pub const fn tells_ahead(self) -> bool {
        matches!(self, Self::PsuPlan | Self::EligibleList | Self::Referral | Self::StatusChange)
    }

    /// Whether somebody stands in one record of it only: what would follow from two could not both be done.
    pub const fn names_each_once(self) -> bool {
        !matches!(self, Self::Incident | Self::AbsenceOrRefusal | Self::ReferredOrRefused)
    }

    /// Whether the law lists names, residence and PESEL among its content.
    pub const fn names_people(self) -> bool {
        matches!(self, Self::EligibleList | Self::ReferredOrRefused)
    }
}

/// A kind of message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageKindView {
    /// The kind.
    pub kind: MessageKind,
    /// Who sends it.
    pub direction: MessageDirection,
    /// Whom it reaches; where there are two, each gets a copy in its own exchange.
    #[schema(max_items = 2)]
    pub receivers: &'static [MessageReceiver],
    /// How its last day is found.
    pub deadline: DeadlineRule,
    /// What allows or demands it.
    #[schema(max_length = 200)]
    pub legal_basis: &'static str,
    /// Version of the schema of its payload.
    #[schema(minimum = 1, maximum = 1000)]
    pub schema_version: i32,
    /// Whether it carries names, residence and PESEL or document, because the law lists them.
    pub names_people: bool,
}

/// The catalogue of messages.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageKindsView {
    /// Every kind.
    #[schema(max_items = 100)]
    pub kinds: Vec<MessageKindView>,
}

impl View for MessageKindsView {}

/// Answers the catalogue of messages: direction, legal basis, deadline and version of each kind.
///
/// The schema of each payload is the one of its name in this contract.
#[utoipa::path(tag = "message-kinds", responses((status = 200, body = MessageKindsView, description = "The catalogue")))]
#[get("/message-kinds")]
async fn get_message_kinds(permit: Permit<GetMessageKinds>) -> Result<Reply, Problem> {
    let view = |kind: &MessageKind| MessageKindView {
        kind: *kind,
        direction: kind.direction(),
        receivers: kind.receivers(),
        deadline: kind.deadline(),
        legal_basis: kind.legal_basis(),
        schema_version: kind.schema_version(),
        names_people: kind.names_people(),
    };
    permit.read(move |_| Ok(MessageKindsView { kinds: MessageKind::ALL.iter().map(view).collect() })).await
}

/// Adds the route.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(get_message_kinds);
}
