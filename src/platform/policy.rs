//! Who may do what: one table, operation by role.
//!
//! The name of an operation is at once the name of its handler, its
//! `operationId`, its row in the audit log and its row in the access matrix.

mod families;
mod role;

pub use families::FOR_FAMILIES;
pub use role::Role;

/// What an operation does to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reads facts without identities.
    Read,
    /// Reads identities: needs a purpose and leaves an audit row.
    Reveal,
    /// Adds facts: takes an Idempotency-Key and dryRun.
    Add,
    /// Changes an existing resource: as `Add`, and needs If-Match.
    Change,
    /// As `Add`; If-Match is needed only where there is something to replace.
    Put,
    /// As `Change`, and the answer carries identities.
    ChangeIdentity,
}

impl Access {
    /// Whether the operation writes.
    pub fn writes(self) -> bool {
        !matches!(self, Self::Read | Self::Reveal)
    }

    /// Whether the answer carries identities.
    pub fn reveals_identity(self) -> bool {
        matches!(self, Self::Reveal | Self::ChangeIdentity)
    }
}

/// An operation of the API, as a type that a handler asks for in its signature.
pub trait Operation: 'static {
    /// Its row of the table.
    const RULE: &'static Rule;
}

/// A row of the table.
#[derive(Debug)]
pub struct Rule {
    /// Handler, `operationId` and audit name.
    pub operation: &'static str,
    /// What it does to the store.
    pub access: Access,
    /// Who may.
    pub roles: &'static [Role],
}

macro_rules! operations {
    ($($(#[$doc:meta])* $permit:ident $operation:literal $access:ident $roles:ident;)*) => {
        $(
            #[doc = concat!("Permission for `", $operation, "`.")]
            pub struct $permit;
            impl Operation for $permit {
                const RULE: &'static Rule = &Rule { operation: $operation, access: Access::$access, roles: $roles };
            }
        )*
        /// The whole table.
        pub static RULES: &[&Rule] = &[$($permit::RULE),*];
    };
}

use Role::{
    Administrator, Auditor, Coordinator, Facilitator, FamilyAssistant, HostSupervisor, PupOfficer, SocialWorker, Statistician,
};

const EVERYONE: &[Role] = &Role::ALL;
const ADMINISTRATOR: &[Role] = &[Administrator];
const ADMINISTRATOR_AUDITOR: &[Role] = &[Administrator, Auditor];
const AUDITOR: &[Role] = &[Auditor];
const MANAGERS: &[Role] = &[Administrator, Coordinator];
const COORDINATOR: &[Role] = &[Coordinator];
const CASEWORKERS: &[Role] = &[Coordinator, SocialWorker];
const FAMILY_WORKERS: &[Role] = &[Coordinator, SocialWorker, FamilyAssistant];
const OBSERVERS: &[Role] = &[Coordinator, SocialWorker, FamilyAssistant, Facilitator];
const CLASS_LEADERS: &[Role] = &[Coordinator, SocialWorker, Facilitator];
const CLASS_READERS: &[Role] = &[Coordinator, SocialWorker, FamilyAssistant, Facilitator, Auditor];
const HOUR_LOGGERS: &[Role] = &[Coordinator, SocialWorker, HostSupervisor];
const HOUR_READERS: &[Role] = &[Coordinator, SocialWorker, FamilyAssistant, HostSupervisor, Auditor];
const CASE_READERS: &[Role] = &[Coordinator, SocialWorker, FamilyAssistant, Auditor];
const SETTLEMENT_READERS: &[Role] = &[Coordinator, SocialWorker, Auditor];
const SYSTEM_READERS: &[Role] = &[Administrator, Coordinator, Auditor];
const SIDES: &[Role] = &[Coordinator, PupOfficer];
const SIDE_READERS: &[Role] = &[Coordinator, PupOfficer, Auditor];
const EXCHANGERS: &[Role] = &[Coordinator, SocialWorker, PupOfficer];
const EXCHANGE_READERS: &[Role] = &[Coordinator, SocialWorker, PupOfficer, Auditor];
const PLAN_READERS: &[Role] =
    &[Administrator, Coordinator, SocialWorker, FamilyAssistant, HostSupervisor, Facilitator, Auditor, Statistician];
const PARTNER_READERS: &[Role] = &[Administrator, Coordinator, SocialWorker, FamilyAssistant, PupOfficer, Auditor];
const LIST_READERS: &[Role] = &[Coordinator, SocialWorker, FamilyAssistant, Auditor, Statistician];
const FIGURE_READERS: &[Role] = &[Administrator, Coordinator, SocialWorker, FamilyAssistant, Auditor, Statistician];

operations! {
    // institutions
    CreateInstitution       "create_institution"         Add     ADMINISTRATOR;
    ListInstitutions        "list_institutions"          Read    EVERYONE;
    GetInstitution          "get_institution"            Read    EVERYONE;
    UpdateInstitution       "update_institution"         Change  ADMINISTRATOR;
    CreatePartner           "create_partner"             Add     MANAGERS;
    ListPartners            "list_partners"              Read    PARTNER_READERS;
    CreateHost              "create_host"                Add     MANAGERS;
    ListHosts               "list_hosts"                 Read    PLAN_READERS;
    GetHost                 "get_host"                   Read    PLAN_READERS;
    UpdateHost              "update_host"                Change  MANAGERS;
    RecordHostPost          "record_host_post"           Add     MANAGERS;
    ListHostPosts           "list_host_posts"            Read    PLAN_READERS;
    CreateClient            "create_client"              Add     ADMINISTRATOR;
    ListClients             "list_clients"               Read    ADMINISTRATOR_AUDITOR;
    GetClient               "get_client"                 Read    ADMINISTRATOR_AUDITOR;
    RevokeClient            "revoke_client"              Add     ADMINISTRATOR;
    GetClientKeys           "get_client_keys"            Read    ADMINISTRATOR_AUDITOR;
    SetClientKeys           "set_client_keys"            Change  ADMINISTRATOR;
    // people
    CreatePerson            "create_person"              Add     CASEWORKERS;
    ListPeople              "list_people"                Read    CASE_READERS;
    GetPerson               "get_person"                 Read    CASE_READERS;
    UpdatePerson            "update_person"              Change  CASEWORKERS;
    GetPersonIdentity       "get_person_identity"        Reveal  CASEWORKERS;
    UpdatePersonIdentity    "update_person_identity"     ChangeIdentity CASEWORKERS;
    SearchPeople            "search_people"              Reveal  CASEWORKERS;
    RecordPersonFact        "record_person_fact"         Add     CASEWORKERS;
    ListPersonFacts         "list_person_facts"          Read    CASE_READERS;
    WithdrawPersonFact      "withdraw_person_fact"       Add     CASEWORKERS;
    CreateSurveyForm        "create_survey_form"         Add     COORDINATOR;
    ListSurveyForms         "list_survey_forms"          Read    CASE_READERS;
    GetSurveyForm           "get_survey_form"            Read    CASE_READERS;
    RecordSurveyResponse    "record_survey_response"     Add     CASEWORKERS;
    ListSurveyResponses     "list_survey_responses"      Read    CASE_READERS;
    GetSurveyResponse       "get_survey_response"        Reveal  CASEWORKERS;
    CreateHousehold         "create_household"           Add     CASEWORKERS;
    ListHouseholds          "list_households"            Read    CASE_READERS;
    GetHousehold            "get_household"              Read    CASE_READERS;
    AddHouseholdMember      "add_household_member"       Add     FAMILY_WORKERS;
    SearchDuplicates        "search_duplicates"          Reveal  CASEWORKERS;
    MergePerson             "merge_person"               Add     CASEWORKERS;
    ListMerges              "list_merges"                Read    CASE_READERS;
    GetFormerIdentities    "get_former_identities"     Reveal  CASEWORKERS;
    AssignHouseholdAssistant "assign_household_assistant" Add    CASEWORKERS;
    ListHouseholdAssistants "list_household_assistants"  Read    CASE_READERS;
    // programmes
    ListRegimes             "list_regimes"               Read    EVERYONE;
    GetRegime               "get_regime"                 Read    EVERYONE;
    CreateRegime            "create_regime"              Add     MANAGERS;
    CreateProgramme         "create_programme"           Add     COORDINATOR;
    ListProgrammes          "list_programmes"            Read    PLAN_READERS;
    GetProgramme            "get_programme"              Read    PLAN_READERS;
    UpdateProgramme         "update_programme"           Change  COORDINATOR;
    CreateAgreement         "create_agreement"           Add     COORDINATOR;
    ListAgreements          "list_agreements"            Read    PLAN_READERS;
    GetAgreement            "get_agreement"              Read    PLAN_READERS;
    UpdateAgreement         "update_agreement"           Change  COORDINATOR;
    RecordAgreementRate     "record_agreement_rate"      Add     COORDINATOR;
    ListAgreementRates      "list_agreement_rates"       Read    PLAN_READERS;
    RecordNeedsPlan         "record_needs_plan"          Add     COORDINATOR;
    ListNeedsPlans          "list_needs_plans"           Read    PLAN_READERS;
    GetNeedsPlan            "get_needs_plan"             Read    PLAN_READERS;
    CreateMinimumRate       "create_minimum_rate"        Add     ADMINISTRATOR;
    ListMinimumRates        "list_minimum_rates"         Read    EVERYONE;
    GetMinimumRate          "get_minimum_rate"           Read    EVERYONE;
    CreateEdition           "create_edition"             Add     COORDINATOR;
    ListEditions            "list_editions"              Read    PLAN_READERS;
    GetEdition              "get_edition"                Read    PLAN_READERS;
    UpdateEdition           "update_edition"             Change  COORDINATOR;
    CloseEdition            "close_edition"              Add     COORDINATOR;
    RevisePlan              "revise_plan"                Add     COORDINATOR;
    ListPlanRevisions       "list_plan_revisions"        Read    PLAN_READERS;
    CreateBlock             "create_block"               Add     COORDINATOR;
    ListBlocks              "list_blocks"                Read    PLAN_READERS;
    GetBlock                "get_block"                  Read    PLAN_READERS;
    UpdateBlock             "update_block"               Change  COORDINATOR;
    ListThemes              "list_themes"                Read    PLAN_READERS;
    AddEditionPartner       "add_edition_partner"        Add     COORDINATOR;
    ListEditionPartners     "list_edition_partners"      Read    PLAN_READERS;
    SetEditionHosts         "set_edition_hosts"          Change  COORDINATOR;
    GetEditionHosts         "get_edition_hosts"          Read    PLAN_READERS;
    RecordEditionEvent      "record_edition_event"       Add     CASEWORKERS;
    ListEditionEvents       "list_edition_events"        Read    PLAN_READERS;
    StateCollection         "state_collection"           Add     COORDINATOR;
    ListCollectionStatements "list_collection_statements" Read   FIGURE_READERS;
    RecordBudgetLine        "record_budget_line"         Add     COORDINATOR;
    ListBudgetLines         "list_budget_lines"          Read    SETTLEMENT_READERS;
    RecordExpenditure       "record_expenditure"         Add     COORDINATOR;
    ListExpenditures        "list_expenditures"          Read    SETTLEMENT_READERS;
    RecordStaffPost         "record_staff_post"          Add     COORDINATOR;
    ListStaffPosts          "list_staff_posts"           Read    PLAN_READERS;
    GetFullTimeEquivalents  "get_full_time_equivalents"  Read    PLAN_READERS;
    // recruitment
    CreateApplication       "create_application"         Add     CASEWORKERS;
    ListApplications        "list_applications"          Read    CASE_READERS;
    GetApplication          "get_application"            Read    CASE_READERS;
    DecideApplication       "decide_application"         Add     CASEWORKERS;
    WithdrawApplication     "withdraw_application"       Add     CASEWORKERS;
    ListApplicationEvents   "list_application_events"    Read    CASE_READERS;
    RecordApplicationDocument "record_application_document" Add  CASEWORKERS;
    ListApplicationDocuments "list_application_documents" Read   CASE_READERS;
    SetScoringRules         "set_scoring_rules"          Add     CASEWORKERS;
    ListScoringRules        "list_scoring_rules"         Read    CASE_READERS;
    GiveManualPoints        "give_manual_points"         Add     CASEWORKERS;
    ListManualPoints        "list_manual_points"         Read    CASE_READERS;
    RankApplications        "rank_applications"          Add     CASEWORKERS;
    ListRankingProtocols    "list_ranking_protocols"     Read    CASE_READERS;
    GetRankingProtocol      "get_ranking_protocol"       Read    CASE_READERS;
    ListRankingRows         "list_ranking_rows"          Read    CASE_READERS;
    GetRankingRow           "get_ranking_row"            Read    CASE_READERS;
    GetRankingInputs        "get_ranking_inputs"         Read    CASE_READERS;
    VerifyRanking           "verify_ranking"             Read    CASE_READERS;
    PublishRanking          "publish_ranking"            Read    LIST_READERS;
    AdoptRanking            "adopt_ranking"              Add     CASEWORKERS;
    AnnounceRanking         "announce_ranking"           Add     CASEWORKERS;
    LodgeRankingAppeal      "lodge_ranking_appeal"       Add     CASEWORKERS;
    ListRankingAppeals      "list_ranking_appeals"       Read    CASE_READERS;
    GetRankingAppeal        "get_ranking_appeal"         Read    CASE_READERS;
    DecideRankingAppeal     "decide_ranking_appeal"      Add     CASEWORKERS;
    AssessEligibility       "assess_eligibility"         Add     CASEWORKERS;
    ListEligibilityAssessments "list_eligibility_assessments" Read CASE_READERS;
    GetEligibilityAssessment "get_eligibility_assessment" Read   CASE_READERS;
    AppealEligibility       "appeal_eligibility"         Add     CASEWORKERS;
    FillSeats               "fill_seats"                 Add     CASEWORKERS;
    ListOffers              "list_offers"                Read    CASE_READERS;
    GetOffer                "get_offer"                  Read    CASE_READERS;
    AcceptOffer             "accept_offer"               Add     CASEWORKERS;
    RefuseOffer             "refuse_offer"               Add     CASEWORKERS;
    WithdrawOffer           "withdraw_offer"             Add     CASEWORKERS;
    GetWaitingList          "get_waiting_list"           Read    CASE_READERS;
    CreateDeclarationText   "create_declaration_text"    Add     COORDINATOR;
    ListDeclarationTexts    "list_declaration_texts"     Read    CASE_READERS;
    GetDeclarationText      "get_declaration_text"       Read    CASE_READERS;
    RecordParticipationDeclaration "record_participation_declaration" Add CASEWORKERS;
    ListParticipationDeclarations "list_participation_declarations" Read CASE_READERS;
    // participation
    AdmitParticipant        "admit_participant"          Add     CASEWORKERS;
    ListParticipations      "list_participations"        Read    CASE_READERS;
    GetParticipation        "get_participation"          Read    CASE_READERS;
    EndParticipation        "end_participation"          Add     CASEWORKERS;
    GetSubstitutionPlan     "get_substitution_plan"      Read    CASE_READERS;
    GetParticipationHistory "get_participation_history"  Read    CASE_READERS;
    CheckElsewhere          "check_elsewhere"            Add     CASEWORKERS;
    ListElsewhereChecks     "list_elsewhere_checks"      Read    CASE_READERS;
    SuspendParticipation    "suspend_participation"      Add     CASEWORKERS;
    SubstituteParticipant   "substitute_participant"     Add     CASEWORKERS;
    ListParticipationEvents "list_participation_events"  Read    CASE_READERS;
    GetPublicHolidays       "get_public_holidays"        Read    EVERYONE;
    CreateGroup             "create_group"               Add     CASEWORKERS;
    ListGroups              "list_groups"                Read    CASE_READERS;
    GetGroup                "get_group"                  Read    CASE_READERS;
    AddGroupMember          "add_group_member"           Add     CASEWORKERS;
    ListGroupMembers        "list_group_members"         Read    CASE_READERS;
    EndGroupMember          "end_group_member"           Add     CASEWORKERS;
    GenerateSessions        "generate_sessions"          Add     CASEWORKERS;
    GetSessionPattern       "get_session_pattern"        Read    CASE_READERS;
    CreateSession           "create_session"             Add     CLASS_LEADERS;
    ListSessions            "list_sessions"              Read    CLASS_READERS;
    GetSession              "get_session"                Read    CLASS_READERS;
    RescheduleSession       "reschedule_session"         Change  CLASS_LEADERS;
    CancelSession           "cancel_session"             Change  CLASS_LEADERS;
    ListSessionChanges      "list_session_changes"       Read    CLASS_READERS;
    CreateCalendarFeed      "create_calendar_feed"       Add     CASEWORKERS;
    ListCalendarFeeds       "list_calendar_feeds"        Read    CASE_READERS;
    GetCalendarFeed         "get_calendar_feed"          Read    CASE_READERS;
    RevokeCalendarFeed      "revoke_calendar_feed"       Add     CASEWORKERS;
    GetAttendance           "get_attendance"             Read    CLASS_READERS;
    RecordAttendance        "record_attendance"          Put     CLASS_LEADERS;
    ListAbsences            "list_absences"              Read    CASE_READERS;
    CreateEntryWindow       "create_entry_window"        Add     ADMINISTRATOR;
    ListEntryWindows        "list_entry_windows"         Read    PLAN_READERS;
    RecordPsuEntry          "record_psu_entry"           Add     HOUR_LOGGERS;
    ListPsuEntries          "list_psu_entries"           Read    HOUR_READERS;
    GetPsuEntry             "get_psu_entry"              Read    HOUR_READERS;
    CorrectPsuEntry         "correct_psu_entry"          Add     HOUR_LOGGERS;
    RecordPsuAbsence        "record_psu_absence"         Add     CASEWORKERS;
    ListPsuAbsences         "list_psu_absences"          Read    CASE_READERS;
    WithdrawPsuAbsence      "withdraw_psu_absence"       Add     CASEWORKERS;
    GetPsuDayChecks         "get_psu_day_checks"         Read    CASE_READERS;
    GetPsuLedger            "get_psu_ledger"             Read    CASE_READERS;
    ApprovePsuEntries       "approve_psu_entries"        Add     HOUR_LOGGERS;
    ListPsuApprovals        "list_psu_approvals"         Read    HOUR_READERS;
    AssignPost              "assign_post"                Add     CASEWORKERS;
    ListPostAssignments     "list_post_assignments"      Read    CASE_READERS;
    GetChangePreview        "get_change_preview"         Read    CASE_READERS;
    ProlongParticipation    "prolong_participation"      Add     CASEWORKERS;
    MoveToGroup             "move_to_group"              Add     CASEWORKERS;
    MoveToPost              "move_to_post"               Add     CASEWORKERS;
    GetCompletionStanding   "get_completion_standing"    Read    CASE_READERS;
    ListCompletionStandings "list_completion_standings"  Read    CASE_READERS;
    RecordIncident          "record_incident"            Add     HOUR_LOGGERS;
    ListIncidents           "list_incidents"             Read    CASE_READERS;
    GetIncident             "get_incident"               Read    CASE_READERS;
    WithdrawIncident        "withdraw_incident"          Add     CASEWORKERS;
    ListInformationDuties   "list_information_duties"    Read    CASE_READERS;
    GetInformationDuty      "get_information_duty"       Read    CASE_READERS;
    DischargeInformationDuty "discharge_information_duty" Add    CASEWORKERS;
    CreateDutyTerm          "create_duty_term"           Add     COORDINATOR;
    ListDutyTerms           "list_duty_terms"            Read    CASE_READERS;
    CreateSupportType       "create_support_type"        Add     COORDINATOR;
    ListSupportTypes        "list_support_types"         Read    CASE_READERS;
    RecordSupportItem       "record_support_item"        Add     CASEWORKERS;
    ListSupportItems        "list_support_items"         Read    CASE_READERS;
    ListEditionSupportItems "list_edition_support_items" Read    CASE_READERS;
    GetSupportItem          "get_support_item"           Read    CASE_READERS;
    CancelSupportItem       "cancel_support_item"        Add     CASEWORKERS;
    GetSupportSummary       "get_support_summary"        Read    CASE_READERS;
    GetEarlyWarnings        "get_early_warnings"         Read    CASE_READERS;
    CreateWarningRule       "create_warning_rule"        Add     COORDINATOR;
    ListWarningRules        "list_warning_rules"         Read    CASE_READERS;
    CreateSettlement        "create_settlement"          Add     COORDINATOR;
    ListSettlements         "list_settlements"           Read    SETTLEMENT_READERS;
    GetSettlement           "get_settlement"             Read    SETTLEMENT_READERS;
    ListSettlementLines     "list_settlement_lines"      Read    SETTLEMENT_READERS;
    ListSettlementLineEntries "list_settlement_line_entries" Read SETTLEMENT_READERS;
    ApproveSettlement       "approve_settlement"         Change  COORDINATOR;
    WithdrawSettlement      "withdraw_settlement"        Change  COORDINATOR;
    CorrectSettlement       "correct_settlement"         Add     COORDINATOR;
    GetSettlementDocument   "get_settlement_document"    Read    SETTLEMENT_READERS;
    PrintSignInSheet        "print_sign_in_sheet"        Reveal  CASEWORKERS;
    GetSignInSheetFile      "get_sign_in_sheet_file"     Reveal  CASEWORKERS;
    PrintAttendanceList     "print_attendance_list"      Reveal  CASEWORKERS;
    PrintPsuTimeCard        "print_psu_time_card"        Reveal  CASEWORKERS;
    PrintCertificate        "print_certificate"          Reveal  CASEWORKERS;
    GetPayrollList          "get_payroll_list"           Reveal  CASEWORKERS;
    GetPayrollFile          "get_payroll_file"           Reveal  CASEWORKERS;
    GetRefundClaim          "get_refund_claim"           Read    SETTLEMENT_READERS;
    GetRefundClaimFile      "get_refund_claim_file"      Read    SETTLEMENT_READERS;
    CreateIndividualPlan    "create_individual_plan"     Add     CASEWORKERS;
    ListIndividualPlans     "list_individual_plans"      Read    CASE_READERS;
    GetIndividualPlan       "get_individual_plan"        Read    CASE_READERS;
    GetIndividualPlanParts "get_individual_plan_parts" Reveal CASEWORKERS;
    ReviseIndividualPlan    "revise_individual_plan"     Add     CASEWORKERS;
    RecordIndividualPlanEvent "record_individual_plan_event" Add FAMILY_WORKERS;
    ListIndividualPlanEvents "list_individual_plan_events" Read  CASE_READERS;
    EndIndividualPlan       "end_individual_plan"        Add     CASEWORKERS;
    // outcomes
    CreateSheetTemplate     "create_sheet_template"      Add     COORDINATOR;
    ListSheetTemplates      "list_sheet_templates"       Read    CLASS_READERS;
    GetSheetTemplate        "get_sheet_template"         Read    CLASS_READERS;
    RecordSheet             "record_sheet"               Add     OBSERVERS;
    ListSheets              "list_sheets"                Read    CASE_READERS;
    GetSheet                "get_sheet"                  Read    CASE_READERS;
    GetSheetCompleteness    "get_sheet_completeness"     Read    CASE_READERS;
    RecordEffectResult      "record_effect_result"       Add     CASEWORKERS;
    ListEffectResults       "list_effect_results"        Read    FIGURE_READERS;
    RecordEmploymentSpell   "record_employment_spell"    Add     CASEWORKERS;
    ListEmploymentSpells    "list_employment_spells"     Read    CASE_READERS;
    RecordEmploymentCheck   "record_employment_check"    Add     CASEWORKERS;
    ListEmploymentChecks    "list_employment_checks"     Read    CASE_READERS;
    ListFollowUps           "list_follow_ups"            Read    CASE_READERS;
    RecordDeclaration       "record_declaration"         Add     CASEWORKERS;
    ListDeclarations        "list_declarations"          Read    CASE_READERS;
    RecordPostDecision      "record_post_decision"       Add     CASEWORKERS;
    ListPostDecisions       "list_post_decisions"        Read    CASE_READERS;
    RecordOnwardReferral    "record_onward_referral"     Add     CASEWORKERS;
    ListOnwardReferrals     "list_onward_referrals"      Read    CASE_READERS;
    RecordProgressAssessment    "record_progress_assessment"     Add     CASEWORKERS;
    ListProgressAssessments      "list_progress_assessments"       Read    CASE_READERS;
    ListDefinitions         "list_definitions"           Read    EVERYONE;
    GetDefinition           "get_definition"             Read    EVERYONE;
    GetEditionFigures       "get_edition_figures"        Read    FIGURE_READERS;
    ListEditionFigureRecords "list_edition_figure_records" Read  CASE_READERS;
    GetProgrammeFigures     "get_programme_figures"      Read    FIGURE_READERS;
    ListProgrammeFigureRecords "list_programme_figure_records" Read CASE_READERS;
    GetFigures              "get_figures"                Read    FIGURE_READERS;
    ListFigureRecords       "list_figure_records"        Read    CASE_READERS;
    GetEditionFigureBreakdown "get_edition_figure_breakdown" Read CASE_READERS;
    GetProgrammeFigureBreakdown "get_programme_figure_breakdown" Read CASE_READERS;
    GetFigureBreakdown      "get_figure_breakdown"       Read    CASE_READERS;
    GetPlanComparison       "get_plan_comparison"        Read    FIGURE_READERS;
    GetFigureComparison     "get_figure_comparison"      Read    FIGURE_READERS;
    GetAnnex8               "get_annex_8"                Read    FIGURE_READERS;
    GetAnnex8File           "get_annex_8_file"           Read    FIGURE_READERS;
    ListAnnex8Records       "list_annex_8_records"       Read    CASE_READERS;
    GetProgrammeHistory     "get_programme_history"      Read    FIGURE_READERS;
    GetProgrammeHistoryFile "get_programme_history_file" Read    FIGURE_READERS;
    ListEsfParticipants     "list_esf_participants"      Read    CASE_READERS;
    GetEsfParticipantsFile  "get_esf_participants_file"  Read    CASE_READERS;
    ListConnectedSystems    "list_connected_systems"     Read    SYSTEM_READERS;
    // reconciliation
    IssueReconciliationKey  "issue_reconciliation_key"   Add     SIDES;
    PostMonthStatement      "post_month_statement"       Add     SIDES;
    ListMonthStatements     "list_month_statements"      Read    SIDE_READERS;
    GetMonthStatement       "get_month_statement"        Read    SIDE_READERS;
    ListMonthStatementLines "list_month_statement_lines" Read    SIDE_READERS;
    GetReconciliation       "get_reconciliation"         Read    SIDE_READERS;
    SignReconciliation      "sign_reconciliation"        Add     SIDES;
    ListReconciliationProtocols "list_reconciliation_protocols" Read SIDE_READERS;
    GetReconciliationProtocol "get_reconciliation_protocol" Read SIDE_READERS;
    // exchange with labour offices
    CreateExchangeLink      "create_exchange_link"       Add     COORDINATOR;
    ListExchangeLinks       "list_exchange_links"        Read    EXCHANGE_READERS;
    GetExchangeLink         "get_exchange_link"          Read    EXCHANGE_READERS;
    UpdateExchangeLink      "update_exchange_link"       Change  COORDINATOR;
    ShareEdition            "share_edition"              Add     COORDINATOR;
    ListSharedEditions      "list_shared_editions"       Read    EXCHANGE_READERS;
    GetMessageKinds         "get_message_kinds"          Read    EVERYONE;
    CreateMessage           "create_message"             Add     EXCHANGERS;
    ListMessages            "list_messages"              Read    EXCHANGE_READERS;
    GetMessage              "get_message"                Read    EXCHANGE_READERS;
    GetMessageSubjects      "get_message_subjects"       Reveal  EXCHANGERS;
    ListMessageSteps        "list_message_steps"         Read    EXCHANGE_READERS;
    SendMessage             "send_message"               Add     EXCHANGERS;
    DiscardMessage          "discard_message"            Add     EXCHANGERS;
    ReceiveMessage          "receive_message"            Add     EXCHANGERS;
    AnswerMessage           "answer_message"             Add     EXCHANGERS;
    SettleMessage           "settle_message"             Add     EXCHANGERS;
    LinkExchangeSubject     "link_exchange_subject"      Add     CASEWORKERS;
    ListMessageProposals    "list_message_proposals"     Read    SETTLEMENT_READERS;
    GetMessageProposal      "get_message_proposal"       Read    SETTLEMENT_READERS;
    ConfirmMessageProposal  "confirm_message_proposal"   Add     CASEWORKERS;
    DeclineMessageProposal  "decline_message_proposal"   Add     CASEWORKERS;
    GetExchangeDeadlines    "get_exchange_deadlines"     Read    EXCHANGE_READERS;
    // reports
    CreateReport            "create_report"              Add     COORDINATOR;
    ListReports             "list_reports"               Read    FIGURE_READERS;
    GetReport               "get_report"                 Read    FIGURE_READERS;
    GetReportDocument       "get_report_document"        Read    FIGURE_READERS;
    GetReportFile           "get_report_file"            Read    FIGURE_READERS;
    ListReportFiles         "list_report_files"          Read    FIGURE_READERS;
    GetReportDifferences    "get_report_differences"     Read    FIGURE_READERS;
    ApproveReport           "approve_report"             Change  COORDINATOR;
    WithdrawReport          "withdraw_report"            Change  COORDINATOR;
    // bulk intake; a kind asks for the role of its own operation besides
    ListImportKinds         "list_import_kinds"          Read    EVERYONE;
    GetImportSample         "get_import_sample"          Read    EVERYONE;
    PlanImport              "plan_import"                Add     CASEWORKERS;
    ListImports             "list_imports"               Read    CASE_READERS;
    GetImport               "get_import"                 Read    CASE_READERS;
    ListImportRows          "list_import_rows"           Read    CASE_READERS;
    GetImportFile           "get_import_file"            Reveal  CASEWORKERS;
    CommitImport            "commit_import"              Change  CASEWORKERS;
    CancelImport            "cancel_import"              Add     CASEWORKERS;
    ListExternalIds         "list_external_ids"          Read    CASE_READERS;
    // the record of it all
    ListAuditEntries        "list_audit_entries"         Read    AUDITOR;
}

/// Reading a calendar by its address: no operation of the contract, because no client signs in for it.
pub static READ_CALENDAR: Rule = Rule { operation: "read_calendar", access: Access::Read, roles: &[] };

/// The row of an operation.
pub fn rule(operation: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.operation == operation)
}
