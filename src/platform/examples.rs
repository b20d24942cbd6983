//! Ids of the demonstration data, so that every example of the contract can be executed against it.

use chrono::NaiveDate;

/// The day on which the examples stand; the demonstration moves them with its data to the day of loading.
pub const TODAY: NaiveDate = match NaiveDate::from_ymd_opt(2026, 6, 15) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// The first town's social-assistance centre.
pub const INSTITUTION: &str = "01900000-0000-7000-8000-000000000001";
/// The second town's social-assistance centre.
pub const OTHER_INSTITUTION: &str = "01900000-0000-7000-8000-000000000002";
/// The labour office of both.
pub const LABOUR_OFFICE: &str = "01900000-0000-7000-8000-000000000003";
/// A contractor of integration classes.
pub const PARTNER: &str = "01900000-0000-7000-8000-000000000011";
/// A host of socially useful work.
pub const HOST: &str = "01900000-0000-7000-8000-000000000012";
/// The client whose token an administrator may revoke.
pub const CLIENT: &str = "01900000-0000-7000-8000-000000000013";
/// Somebody who takes part in the running edition.
pub const PERSON: &str = "01900000-0000-7000-8000-000000000021";
/// Somebody known, who has not applied anywhere.
pub const NEWCOMER: &str = "01900000-0000-7000-8000-000000000022";
/// A household.
pub const HOUSEHOLD: &str = "01900000-0000-7000-8000-000000000023";
/// A fact about the person.
pub const FACT: &str = "01900000-0000-7000-8000-000000000024";
/// A survey form.
pub const SURVEY_FORM: &str = "01900000-0000-7000-8000-000000000025";
/// The person's answers to it.
pub const SURVEY_RESPONSE: &str = "01900000-0000-7000-8000-000000000026";
/// The regime of 2019, built in.
pub const REGIME: &str = "01900000-0000-7000-8000-00000000f002";
/// A programme.
pub const PROGRAMME: &str = "01900000-0000-7000-8000-000000000031";
/// Its agreement.
pub const AGREEMENT: &str = "01900000-0000-7000-8000-000000000032";
/// The running edition.
pub const EDITION: &str = "01900000-0000-7000-8000-000000000033";
/// The edition that is recruiting.
pub const RECRUITING_EDITION: &str = "01900000-0000-7000-8000-000000000034";
/// An edition of a programme of its own that is over and still to be closed.
pub const EDITION_TO_CLOSE: &str = "01900000-0000-7000-8000-000000000036";
/// The integration block of the running edition.
pub const BLOCK: &str = "01900000-0000-7000-8000-000000000035";
/// An application to the recruiting edition that awaits its decision.
pub const APPLICATION: &str = "01900000-0000-7000-8000-000000000041";
/// An application on the reserve list of the running edition.
pub const RESERVE_APPLICATION: &str = "01900000-0000-7000-8000-000000000042";
/// An assessment of the eligibility of the applicant who awaits the decision.
pub const ASSESSMENT: &str = "01900000-0000-7000-8000-000000000046";
/// A ranking protocol of the running edition that awaits its adoption.
pub const RANKING_PROTOCOL: &str = "01900000-0000-7000-8000-000000000047";
/// A late application to the running edition, ranked in that protocol.
pub const RANKED_APPLICATION: &str = "01900000-0000-7000-8000-000000000048";
/// An adopted ranking protocol of the running edition.
pub const ADOPTED_PROTOCOL: &str = "01900000-0000-7000-8000-0000000000b1";
/// An appeal against it that awaits its decision.
pub const RANKING_APPEAL: &str = "01900000-0000-7000-8000-0000000000b2";
/// An application ranked in it that has not appealed.
pub const UNAPPEALED_APPLICATION: &str = "01900000-0000-7000-8000-0000000000b3";
/// An offer of a seat in the running edition that awaits its answer.
pub const OFFER: &str = "01900000-0000-7000-8000-000000000049";
/// A participation in the running edition.
pub const PARTICIPATION: &str = "01900000-0000-7000-8000-000000000043";
/// A session of the running edition whose sheet is still open.
pub const SESSION: &str = "01900000-0000-7000-8000-000000000044";
/// Another group of the running edition.
pub const OTHER_GROUP: &str = "01900000-0000-7000-8000-000000000075";
/// A group of the running edition.
pub const GROUP: &str = "01900000-0000-7000-8000-000000000071";
/// The participation's membership in that group.
pub const GROUP_MEMBER: &str = "01900000-0000-7000-8000-000000000072";
/// A weekly pattern of the group's sessions.
pub const SESSION_PATTERN: &str = "01900000-0000-7000-8000-000000000073";
/// The calendar of the group.
pub const CALENDAR_FEED: &str = "01900000-0000-7000-8000-000000000074";
/// An entry of the register of socially useful work.
pub const PSU_ENTRY: &str = "01900000-0000-7000-8000-000000000045";
/// Days of absence from socially useful work.
pub const PSU_ABSENCE: &str = "01900000-0000-7000-8000-0000000000a1";
/// A template of competence sheets.
pub const SHEET_TEMPLATE: &str = "01900000-0000-7000-8000-000000000051";
/// A filled sheet.
pub const SHEET: &str = "01900000-0000-7000-8000-000000000052";

/// A file that awaits being committed.
pub const IMPORT: &str = "01900000-0000-7000-8000-000000000061";
/// A version of the text that people sign when they join.
pub const DECLARATION_TEXT: &str = "01900000-0000-7000-8000-000000000063";
/// An individual action plan of somebody who takes part in the running edition.
pub const INDIVIDUAL_PLAN: &str = "01900000-0000-7000-8000-000000000062";

/// A built-in minimum of the benefit for socially useful work.
pub const MINIMUM_RATE: &str = "01900000-0000-7000-8000-00000000e013";
/// A yearly plan of needs.
pub const NEEDS_PLAN: &str = "01900000-0000-7000-8000-000000000093";
/// A post of socially useful work at the host.
pub const HOST_POST: &str = "01900000-0000-7000-8000-000000000094";
/// A post of socially useful work at the other host.
pub const OTHER_POST: &str = "01900000-0000-7000-8000-000000000095";
/// An incident of the participation.
pub const INCIDENT: &str = "01900000-0000-7000-8000-000000000096";
/// Support that the participant had.
pub const SUPPORT_ITEM: &str = "01900000-0000-7000-8000-000000000097";
/// A duty to inform that came of the incident.
pub const INFORMATION_DUTY: &str = "01900000-0000-7000-8000-000000000098";
/// A participation in the running edition that is planned to end before the edition does.
pub const SHORTER_PARTICIPATION: &str = "01900000-0000-7000-8000-000000000099";
/// A drafted settlement of a month.
pub const SETTLEMENT: &str = "01900000-0000-7000-8000-000000000091";
/// An approved one that a correction of the register has overtaken.
pub const APPROVED_SETTLEMENT: &str = "01900000-0000-7000-8000-000000000092";
/// An approved final report of the edition that is over.
pub const REPORT: &str = "01900000-0000-7000-8000-0000000000d1";
/// A draft that is to replace it.
pub const REPORT_DRAFT: &str = "01900000-0000-7000-8000-0000000000d2";

/// What the town states of a month.
pub const MONTH_STATEMENT: &str = "01900000-0000-7000-8000-0000000000b1";
/// The town's signature under the protocol of a month.
pub const RECONCILIATION_PROTOCOL: &str = "01900000-0000-7000-8000-0000000000b2";
/// An agreement on socially useful work, on the ground of which nothing is exchanged yet.
pub const OTHER_AGREEMENT: &str = "01900000-0000-7000-8000-0000000000c8";
/// The exchange of the first town with the labour office.
pub const EXCHANGE_LINK: &str = "01900000-0000-7000-8000-0000000000c1";
/// A list of the month that the office sent and the town has not answered.
pub const MESSAGE: &str = "01900000-0000-7000-8000-0000000000c2";
/// A draft of the town's.
pub const MESSAGE_DRAFT: &str = "01900000-0000-7000-8000-0000000000c3";
/// A message of the town's that the office answered.
pub const MESSAGE_ANSWERED: &str = "01900000-0000-7000-8000-0000000000c4";
/// Somebody whom that list names and the town has not found yet.
pub const EXCHANGE_SUBJECT: &str = "01900000-0000-7000-8000-0000000000c6";
/// What follows from a change of status.
pub const MESSAGE_PROPOSAL: &str = "01900000-0000-7000-8000-0000000000c7";
/// A change of status that the office sent and the town accepted.
pub const MESSAGE_ACCEPTED: &str = "01900000-0000-7000-8000-0000000000c5";

/// The id that `{id}` has in the examples of a path below the base path.
pub fn id_in(path: &str) -> Option<&'static str> {
    let path = path.trim_start_matches("/api/v1").trim_start_matches('/');
    let segment = path.split('/').next().unwrap_or_default();
    let of = |wanted: &str| PATH_IDS.iter().find(|(known, _)| *known == wanted).map(|(_, id)| *id);
    of(path).or_else(|| of(segment))
}

/// A path, or the first segment of paths, to the id that its `{id}` has in examples.
const PATH_IDS: &[(&str, &str)] = &[
    ("institutions", INSTITUTION),
    ("hosts", HOST),
    ("clients", CLIENT),
    ("people", PERSON),
    ("survey-forms", SURVEY_FORM),
    ("survey-responses", SURVEY_RESPONSE),
    ("households", HOUSEHOLD),
    ("regimes", REGIME),
    ("programmes", PROGRAMME),
    ("agreements", AGREEMENT),
    ("editions/{id}/closure", EDITION_TO_CLOSE),
    ("editions", EDITION),
    ("blocks", BLOCK),
    ("applications", APPLICATION),
    ("eligibility-assessments", ASSESSMENT),
    ("ranking-protocols/{id}/appeals", ADOPTED_PROTOCOL),
    ("ranking-protocols/{id}/announcements", ADOPTED_PROTOCOL),
    ("ranking-protocols", RANKING_PROTOCOL),
    ("ranking-appeals", RANKING_APPEAL),
    ("offers", OFFER),
    ("participations/{id}/prolongations", SHORTER_PARTICIPATION),
    ("participations/{id}/group-moves", SHORTER_PARTICIPATION),
    ("participations/{id}/post-moves", SHORTER_PARTICIPATION),
    ("participations", PARTICIPATION),
    ("incidents", INCIDENT),
    ("information-duties", INFORMATION_DUTY),
    ("support-items", SUPPORT_ITEM),
    ("sessions", SESSION),
    ("groups", GROUP),
    ("group-members", GROUP_MEMBER),
    ("session-patterns", SESSION_PATTERN),
    ("calendar-feeds", CALENDAR_FEED),
    ("psu-entries", PSU_ENTRY),
    ("psu-absences", PSU_ABSENCE),
    ("sheet-templates", SHEET_TEMPLATE),
    ("sheets", SHEET),
    ("exchange-links", EXCHANGE_LINK),
    ("messages/{id}/dispatch", MESSAGE_DRAFT),
    ("messages/{id}/cancellation", MESSAGE_DRAFT),
    ("messages/{id}/settlement", MESSAGE_ANSWERED),
    ("messages", MESSAGE),
    ("message-proposals", MESSAGE_PROPOSAL),
    ("imports", IMPORT),
    ("declaration-texts", DECLARATION_TEXT),
    ("individual-plans", INDIVIDUAL_PLAN),
    ("minimum-rates", MINIMUM_RATE),
    ("needs-plans", NEEDS_PLAN),
    ("settlements/{id}/corrections", APPROVED_SETTLEMENT),
    ("settlements/{id}/document", APPROVED_SETTLEMENT),
    ("settlements/{id}/payroll-list", APPROVED_SETTLEMENT),
    ("settlements/{id}/payroll-list/file", APPROVED_SETTLEMENT),
    ("settlements/{id}/refund-claim", APPROVED_SETTLEMENT),
    ("settlements/{id}/refund-claim/file", APPROVED_SETTLEMENT),
    ("settlements", SETTLEMENT),
    ("month-statements", MONTH_STATEMENT),
    ("reconciliation-protocols", RECONCILIATION_PROTOCOL),
    ("reports/{id}/approval", REPORT_DRAFT),
    ("reports/{id}/withdrawal", REPORT_DRAFT),
    ("reports", REPORT),
];
