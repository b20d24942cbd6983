//! The vocabularies of payloads.

use crate::platform::types::text_enum;

text_enum! {
    /// What is referred to.
    pub enum ReferredTo {
        /// Socially useful work.
        Activation = "activation",
        /// Integration classes.
        Integration = "integration",
        /// The whole programme.
        Programme = "programme",
    }
}

text_enum! {
    /// What came of calling somebody.
    pub enum ReferralOutcome {
        /// Was referred.
        Referred = "referred",
        /// Refused.
        Refused = "refused",
    }
}

text_enum! {
    /// What happened at work (section 5(2) of the regulation of 21 December 2017).
    pub enum NoticeKind {
        /// Did not report.
        NotReported = "notReported",
        /// Did not take up the work assigned.
        NotTakenUp = "notTakenUp",
        /// Left the place of work.
        LeftPlace = "leftPlace",
        /// Broke order or discipline.
        Discipline = "discipline",
    }
}

text_enum! {
    /// Whether somebody stayed away or refused.
    pub enum AbsenceKind {
        /// Was absent.
        Absence = "absence",
        /// Refused.
        Refusal = "refusal",
    }
}

text_enum! {
    /// What changed about somebody's status.
    pub enum StatusChangeKind {
        /// Took up a job.
        JobTaken = "jobTaken",
        /// Lost the status of an unemployed person.
        StatusLost = "statusLost",
        /// Gained a right to the unemployment benefit.
        BenefitRightGained = "benefitRightGained",
        /// Moved out of the office's area.
        Moved = "moved",
        /// Nothing changed: what was told before is taken back, which only its correction can do.
        Revoked = "revoked",
    }
}

text_enum! {
    /// How a participation ended, as far as the office decides by it (art. 33(4)(3a) and (12) of the Act of 20 April 2004).
    pub enum ReportedEnd {
        /// The planned end was reached.
        Completed = "completed",
        /// Took up a job.
        Employed = "employed",
        /// Refused without good reason.
        RefusedUnjustified = "refusedUnjustified",
        /// Broke off by own fault.
        InterruptedOwnFault = "interruptedOwnFault",
        /// Ended for a reason that the office needs not know.
        OtherReason = "otherReason",
    }
}

text_enum! {
    /// Whether somebody works.
    pub enum VerificationResult {
        /// Works or worked.
        Employed = "employed",
        /// Did not work.
        NotEmployed = "notEmployed",
    }
}

text_enum! {
    /// What was decided about a claim.
    pub enum ClaimDecision {
        /// Granted as claimed.
        Granted = "granted",
        /// Granted in part.
        GrantedInPart = "grantedInPart",
        /// Refused.
        Refused = "refused",
    }
}
