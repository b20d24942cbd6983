//! What came of a programme: self-assessment and observation sheets on
//! versioned templates, jobs, declarations and what the labour office decided.
//!
//! Source: art. 62a(7)(3) of the Act of 20 April 2004 (expected effects with
//! measures that let individual effects be assessed), art. 62b(2) (what the
//! labour office may do afterwards), annex 8 of MRPiPS-01 (jobs), guidelines of
//! the European Social Fund (social progress).
//!
//! Records are never overwritten: a correction supersedes. Phases, windows and
//! gains are computed from dates and scores, never typed in.

mod declarations;
mod effect_results;
mod employment_checks;
mod employment_spells;
pub mod figures;
mod follow_ups;
pub mod intake;
mod onward_referrals;
mod post_decisions;
mod progress_assessments;
mod scale;
mod scoring;
mod sheet_completeness;
mod sheet_templates;
mod sheets;
mod statistics;
mod subjects;

pub use employment_spells::{EmploymentKind, EmploymentSource, EmploymentSpellBody, latest_job, record_job};
pub use post_decisions::{PostDecisionBody, PostDecisionKind, current_decision, latest_decision, record_decision};

use crate::platform::problem::{Constraint, catalogue};
use crate::platform::resealing::SealedTable;
use crate::platform::routes::ServiceConfig;
use crate::problems;

problems! {
    SCALE_INVALID = "outcomes.scale_invalid", 422,
        pl: "Skala jest niepoprawna", en: "The scale is not valid",
        fix_pl: "min musi być mniejsze od max, a step dodatni i dzielący przedział bez reszty; etykiety stoją na stopniach skali.",
        fix_en: "min must be below max, and step positive and a divisor of the range; labels stand on steps of the scale.";
    CODE_REPEATED = "outcomes.code_repeated", 422,
        pl: "Kod powtarza się w szablonie", en: "The code is repeated within the template",
        fix_pl: "Nadaj każdej kompetencji, każdemu jej pytaniu i każdej etykiecie inny kod lub wartość.",
        fix_en: "Give every competence, every item of it and every label another code or value.";
    TEMPLATE_VERSION_EXISTS = "outcomes.template_version_exists", 409,
        pl: "Ta wersja szablonu już istnieje", en: "This version of the template already exists",
        fix_pl: "Szablony są niezmienne: zapisz zmianę jako następną wersję.",
        fix_en: "Templates are immutable: record the change as the next version.";
    COMPETENCE_UNKNOWN = "outcomes.competence_unknown", 422,
        pl: "Szablon nie zna tego kodu", en: "The template does not know this code",
        fix_pl: "Użyj kodów kompetencji i pytań z szablonu.", fix_en: "Use the codes of competences and items of the template.";
    SCORE_OFF_SCALE = "outcomes.score_off_scale", 422,
        pl: "Ocena nie leży na skali", en: "The score is not on the scale",
        fix_pl: "Dozwolone są wartości od {min} do {max} co {step}.", fix_en: "Values from {min} to {max} in steps of {step} are allowed.";
    SCORE_REPEATED = "outcomes.score_repeated", 422,
        pl: "Kompetencja jest oceniona dwukrotnie", en: "The competence is scored twice",
        fix_pl: "Podaj dla kompetencji jedną ocenę albo po jednej ocenie każdego jej pytania.",
        fix_en: "Give one score for the competence, or one score for each of its items.";
    COMPETENCE_NOT_SCORED = "outcomes.competence_not_scored", 422,
        pl: "Brakuje ocen kompetencji", en: "Competences lack their scores",
        fix_pl: "Uzupełnij oceny: {missing}.", fix_en: "Add the scores of: {missing}.";
    OBSERVER_ROLE_MISMATCH = "outcomes.observer_role_mismatch", 422,
        pl: "Rola obserwatora nie pasuje do oceniającego", en: "The observer's role does not fit the rater",
        fix_pl: "Podaj observerRole wtedy i tylko wtedy, gdy rater to observer.",
        fix_en: "Give observerRole if and only if rater is observer.";
    NOT_OWN_OBSERVATION = "outcomes.not_own_observation", 403,
        pl: "Ta rola zapisuje tylko własne arkusze obserwacji", en: "This role records only its own observation sheets",
        fix_pl: "Zapisz arkusz z rater observer i observerRole własnej roli.",
        fix_en: "Record the sheet with rater observer and the observerRole of the own role.";
    SHEET_BEFORE_PARTICIPATION = "outcomes.sheet_before_participation", 422,
        pl: "Arkusz końcowy jest wcześniejszy niż początek udziału", en: "The sheet of the end is earlier than the start of participation",
        fix_pl: "Udział zaczął się {startsOn}: popraw filledOn albo moment.",
        fix_en: "The participation started on {startsOn}: correct filledOn or moment.";
    SHEET_EXISTS = "outcomes.sheet_exists", 409,
        pl: "Taki arkusz już istnieje", en: "Such a sheet already exists",
        fix_pl: "Skoryguj istniejący arkusz: podaj supersedesId i correctionReason.",
        fix_en: "Correct the existing sheet: give supersedesId and correctionReason.";
    CORRECTION_INCOMPLETE = "outcomes.correction_incomplete", 422,
        pl: "Korekta jest niepełna", en: "The correction is incomplete",
        fix_pl: "Podaj razem supersedesId i correctionReason albo żadne z nich.",
        fix_en: "Give supersedesId and correctionReason together, or neither.";
    SPELL_ENDS_BEFORE_START = "outcomes.spell_ends_before_start", 422,
        pl: "Zatrudnienie kończy się przed początkiem", en: "The job ends before it starts",
        fix_pl: "Popraw startsOn lub endsOn.", fix_en: "Correct startsOn or endsOn.";
    JOB_RECORDED_ALREADY = "outcomes.job_recorded_already", 409,
        pl: "To zatrudnienie już zapisano", en: "This job is recorded already",
        fix_pl: "Zatrudnienie jest zapisane jako {employmentSpellId}; zmiany podaj z supersedesId i correctionReason, a drugie takie samo zatrudnienie z innym evidence.",
        fix_en: "The job is recorded as {employmentSpellId}; give changes with supersedesId and correctionReason, and a second job like it with other evidence.";
    SPELL_OF_OTHER_PERSON = "outcomes.spell_of_other_person", 409,
        pl: "Ten identyfikator nosi zatrudnienie innej osoby", en: "This id belongs to a job of somebody else",
        fix_pl: "Sprawdź osobę i identyfikator w systemie źródłowym.", fix_en: "Check person and id in the system that the file comes from.";
    CHECK_BEFORE_WINDOW = "outcomes.check_before_window", 422,
        pl: "Okres, o który pytano, jeszcze się nie zaczął", en: "The time that the answer is about had not begun",
        fix_pl: "Okres zaczyna się {from}: popraw checkedOn, window albo koniec udziału.",
        fix_en: "That time begins on {from}: correct checkedOn, window or the end of the participation.";
    EFFECT_UNKNOWN = "outcomes.effect_unknown", 422,
        pl: "Porozumienie nie zna tego efektu", en: "The agreement does not know this effect",
        fix_pl: "Użyj kodu z expectedEffects porozumienia, na którym opiera się edycja.",
        fix_en: "Use a code of the expectedEffects of the agreement that the edition hangs on.";
    EFFECT_NEEDS_NUMBER = "outcomes.effect_needs_number", 422,
        pl: "Efekt z celem ma wynik liczbowy", en: "An effect with a target has a number for its result",
        fix_pl: "Podaj result w jednostce miary, bez finding.", fix_en: "Give result in the unit of the measure, without finding.";
    EFFECT_IS_QUALITATIVE = "outcomes.effect_is_qualitative", 422,
        pl: "Efekt jakościowy nie ma wyniku liczbowego", en: "A qualitative effect has no number",
        fix_pl: "Podaj finding, bez result; cel liczbowy zapisuje się w porozumieniu.",
        fix_en: "Give finding, without result; a target belongs into the agreement.";
    EFFECT_MEASURED_BY_FIGURE = "outcomes.effect_measured_by_figure", 422,
        pl: "Wynikiem tego efektu jest wskaźnik", en: "A figure is the result of this effect",
        fix_pl: "Porozumienie wskazuje definicję wskaźnika; niczego nie trzeba zapisywać.",
        fix_en: "The agreement names the definition of a figure; there is nothing to record.";
    EFFECT_RESULT_EXISTS = "outcomes.effect_result_exists", 409,
        pl: "Wynik tego efektu jest już zapisany", en: "The result of this effect is already recorded",
        fix_pl: "Skoryguj istniejący wynik: podaj supersedesId i correctionReason.",
        fix_en: "Correct the existing result: give supersedesId and correctionReason.";
    REFERRAL_EXISTS = "outcomes.referral_exists", 409,
        pl: "Takie skierowanie już istnieje", en: "Such a referral already exists",
        fix_pl: "Zastąp istniejące skierowanie: podaj supersedesId.", fix_en: "Replace the existing referral: give supersedesId.";
    TAKE_UP_MISMATCH = "outcomes.take_up_mismatch", 422,
        pl: "Dzień skorzystania nie pasuje do skierowania", en: "The day of the take-up does not fit the referral",
        fix_pl: "Podaj takenUpOn tylko z takeUp takenUp, nie wcześniej niż referredOn.",
        fix_en: "Give takenUpOn only with takeUp takenUp, not before referredOn.";
    SHEET_OF_OTHER = "outcomes.sheet_of_other", 409,
        pl: "Ten identyfikator nosi arkusz innego uczestnictwa", en: "This id belongs to a sheet of another participation",
        fix_pl: "Sprawdź uczestnictwo i identyfikator w systemie źródłowym.",
        fix_en: "Check participation and id in the system that the file comes from.";
    PROGRESS_EXISTS = "outcomes.progress_exists", 409,
        pl: "Ten obszar jest już oceniony", en: "This area is already assessed",
        fix_pl: "Zastąp istniejącą ocenę: podaj supersedesId.", fix_en: "Replace the existing assessment: give supersedesId.";
    PROGRESS_BEFORE_PARTICIPATION = "outcomes.progress_before_participation", 422,
        pl: "Ocena jest wcześniejsza niż początek udziału", en: "The assessment is earlier than the start of participation",
        fix_pl: "Udział zaczął się {startsOn}: popraw assessedOn.", fix_en: "The participation started on {startsOn}: correct assessedOn.";
    DECLARATION_EXISTS = "outcomes.declaration_exists", 409,
        pl: "Taka deklaracja już istnieje", en: "Such a declaration already exists",
        fix_pl: "Zastąp istniejącą deklarację: podaj supersedesId.", fix_en: "Replace the existing declaration: give supersedesId.";
    POST_DECISION_EXISTS = "outcomes.post_decision_exists", 409,
        pl: "Decyzja po programie jest już zapisana", en: "The decision after the programme is already recorded",
        fix_pl: "Zastąp istniejącą decyzję: podaj supersedesId.", fix_en: "Replace the existing decision: give supersedesId.";
    DECISION_BEFORE_PARTICIPATION = "outcomes.decision_before_participation", 422,
        pl: "Decyzja jest wcześniejsza niż początek udziału", en: "The decision is earlier than the start of participation",
        fix_pl: "Udział zaczął się {startsOn}: popraw decidedOn.", fix_en: "The participation started on {startsOn}: correct decidedOn.";
}

/// Tables of this slice with sealed columns.
pub const SEALED: &[SealedTable] = &[SealedTable {
    table: "sheets",
    id: "id",
    person: "p.person_id",
    joins: "JOIN participations p ON p.tenant_id = t.tenant_id AND p.id = t.participation_id",
    columns: &[("remarks", sheets::REMARKS)],
    erase: "UPDATE sheets SET remarks = NULL",
}];

/// Constraints of this slice and the codes they mean.
pub const CONSTRAINTS: &[Constraint] = &[
    ("sheet_templates_code_key", &TEMPLATE_VERSION_EXISTS, "/version"),
    ("sheet_templates_version_check", &catalogue::INVALID_FIELD, "/version"),
    ("sheets_participation_fkey", &catalogue::REFERENCE_NOT_FOUND, "/participationId"),
    ("sheets_template_fkey", &catalogue::REFERENCE_NOT_FOUND, "/templateId"),
    ("sheets_supersedes_fkey", &catalogue::REFERENCE_NOT_FOUND, "/supersedesId"),
    ("sheets_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("sheets_rater_check", &OBSERVER_ROLE_MISMATCH, "/observerRole"),
    ("sheets_correction_check", &CORRECTION_INCOMPLETE, "/correctionReason"),
    ("sheets_current_key", &SHEET_EXISTS, ""),
    ("employment_spells_person_fkey", &catalogue::REFERENCE_NOT_FOUND, "/personId"),
    ("employment_spells_supersedes_fkey", &catalogue::REFERENCE_NOT_FOUND, "/supersedesId"),
    ("employment_spells_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("employment_spells_period_check", &SPELL_ENDS_BEFORE_START, "/endsOn"),
    ("employment_spells_correction_check", &CORRECTION_INCOMPLETE, "/correctionReason"),
    ("employment_spells_weekly_minutes_check", &catalogue::INVALID_FIELD, "/weeklyHours"),
    ("effect_results_edition_fkey", &catalogue::REFERENCE_NOT_FOUND, "/editionId"),
    ("effect_results_supersedes_fkey", &catalogue::REFERENCE_NOT_FOUND, "/supersedesId"),
    ("effect_results_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("effect_results_kind_check", &EFFECT_NEEDS_NUMBER, "/result"),
    ("effect_results_correction_check", &CORRECTION_INCOMPLETE, "/correctionReason"),
    ("effect_results_current_key", &EFFECT_RESULT_EXISTS, "/effectCode"),
    ("onward_referrals_participation_fkey", &catalogue::REFERENCE_NOT_FOUND, "/participationId"),
    ("onward_referrals_partner_fkey", &catalogue::REFERENCE_NOT_FOUND, "/partnerId"),
    ("onward_referrals_supersedes_fkey", &catalogue::REFERENCE_NOT_FOUND, "/supersedesId"),
    ("onward_referrals_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("onward_referrals_taken_up_on_check", &TAKE_UP_MISMATCH, "/takenUpOn"),
    ("onward_referrals_current_key", &REFERRAL_EXISTS, "/destination"),
    ("progress_assessments_participation_fkey", &catalogue::REFERENCE_NOT_FOUND, "/participationId"),
    ("progress_assessments_supersedes_fkey", &catalogue::REFERENCE_NOT_FOUND, "/supersedesId"),
    ("progress_assessments_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("progress_assessments_current_key", &PROGRESS_EXISTS, "/area"),
    ("employment_checks_participation_fkey", &catalogue::REFERENCE_NOT_FOUND, "/participationId"),
    ("declarations_participation_fkey", &catalogue::REFERENCE_NOT_FOUND, "/participationId"),
    ("declarations_supersedes_fkey", &catalogue::REFERENCE_NOT_FOUND, "/supersedesId"),
    ("declarations_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("declarations_current_key", &DECLARATION_EXISTS, "/kind"),
    ("post_decisions_participation_fkey", &catalogue::REFERENCE_NOT_FOUND, "/participationId"),
    ("post_decisions_supersedes_fkey", &catalogue::REFERENCE_NOT_FOUND, "/supersedesId"),
    ("post_decisions_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("post_decisions_current_key", &POST_DECISION_EXISTS, ""),
];

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    sheet_templates::routes(config);
    sheets::routes(config);
    sheet_completeness::routes(config);
    effect_results::routes(config);
    employment_spells::routes(config);
    employment_checks::routes(config);
    follow_ups::routes(config);
    declarations::routes(config);
    post_decisions::routes(config);
    onward_referrals::routes(config);
    progress_assessments::routes(config);
    figures::routes(config);
}
