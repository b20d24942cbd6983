//! Recruitment of an edition: who applied, and what was decided.
//!
//! An application is `applied`, then `selected`, on the `reserve` list or
//! `rejected` by a decision, which rests on an assessment of `eligibility` or
//! is attested by a worker, and may be `withdrawn`. Every step stays readable as an event with the day from which it holds. Placing a
//! candidate is not done here: admission belongs to participation, and a placed
//! candidate keeps the decision under which the place was given.
//!
//! Legal source: agreement of the municipality and the labour office on the
//! criteria of selection (art. 62a(7) of the Act of 20 April 2004).

mod applications;
mod decisions;
mod declaration_texts;
mod eligibility;
mod participation_declarations;

use utoipa_actix_web::service_config::ServiceConfig;

use crate::platform::problem::{Constraint, catalogue};
use crate::platform::types::Text;
use crate::problems;

pub use applications::ApplicationState;
pub use eligibility::rests_on_assessment;

/// Why a worker decides or departs from a rule: at least three characters, so that a single letter does not pass for a reason.
pub type Reason = Text<3, 4000>;

problems! {
    ALREADY_APPLIED = "recruitment.already_applied", 409,
        pl: "Ta osoba złożyła już zgłoszenie do tej edycji", en: "This person has already applied to this edition",
        fix_pl: "Użyj istniejącego zgłoszenia.", fix_en: "Use the existing application.";
    WITHDRAWN = "recruitment.withdrawn", 409,
        pl: "Zgłoszenie jest wycofane", en: "The application is withdrawn",
        fix_pl: "Wycofanie jest ostateczne; historia pokazuje, kiedy nastąpiło.",
        fix_en: "A withdrawal is final; the history shows when it was.";
    PLACED = "recruitment.placed", 409,
        pl: "Kandydat ma już miejsce w edycji", en: "The candidate already has a place in the edition",
        fix_pl: "Zakończ uczestnictwo zamiast zmieniać zgłoszenie.",
        fix_en: "End the participation instead of changing the application.";
    RESERVE_POSITION_TAKEN = "recruitment.reserve_position_taken", 409,
        pl: "To miejsce na liście rezerwowej jest zajęte", en: "This position on the reserve list is taken",
        fix_pl: "Pomiń reservePosition, aby dostać następne wolne miejsce.",
        fix_en: "Leave reservePosition out to get the next free position.";
    NO_RESERVE = "recruitment.position_without_reserve", 422,
        pl: "Miejsce na liście rezerwowej ma tylko decyzja reserve", en: "Only the decision reserve has a position on the reserve list",
        fix_pl: "Usuń reservePosition albo wybierz decyzję reserve.", fix_en: "Remove reservePosition or decide reserve.";
    NOT_ELIGIBLE = "recruitment.not_eligible", 422,
        pl: "Ocena kwalifikowalności nie jest pozytywna", en: "The assessment of eligibility is not positive",
        fix_pl: "Oceń ponownie (wynik: {outcome}) albo zapisz decyzję poświadczoną, bez assessmentId.",
        fix_en: "Assess anew (outcome: {outcome}), or record an attested decision, without assessmentId.";
    ASSESSMENT_STALE = "recruitment.assessment_stale", 409,
        pl: "Ocena kwalifikowalności jest nieaktualna", en: "The assessment of eligibility is stale",
        fix_pl: "Oceń ponownie; ocena pokazuje, co się zmieniło.", fix_en: "Assess anew; the assessment shows what has changed.";
    BASIS_CONTRADICTS = "recruitment.basis_contradicts", 422,
        pl: "Podstawa decyzji i ocena nie pasują do siebie", en: "The basis of the decision and the assessment do not fit",
        fix_pl: "Podaj assessmentId wtedy i tylko wtedy, gdy basis to assessed.",
        fix_en: "Give assessmentId if, and only if, basis is assessed.";
    EXCEPTION_NOT_POSSIBLE = "recruitment.exception_not_possible", 422,
        pl: "Ten wyjątek nie jest możliwy", en: "This exception is not possible",
        fix_pl: "Wyjątek dotyczy warunku reżimu o wadze overridable, który nie jest spełniony; każdy podaj raz.",
        fix_en: "Exceptions are for overridable conditions of the regime that are not met; name each once.";
    TEXT_VERSION_EXISTS = "recruitment.text_version_exists", 409,
        pl: "Ta wersja tekstu już istnieje", en: "This version of the text exists already",
        fix_pl: "Teksty są niezmienne: nadaj nowy numer wersji.", fix_en: "Texts never change: give it a new version number.";
    DECLARATION_CORRECTION = "recruitment.declaration_correction", 422,
        pl: "Korekta i jej przyczyna idą w parze", en: "A correction and its reason go together",
        fix_pl: "Podaj supersedesId razem z correctionReason albo pomiń oba.",
        fix_en: "Give supersedesId together with correctionReason or leave both out.";
    OUT_OF_ORDER = "recruitment.out_of_order", 422,
        pl: "Dzień poprzedza wcześniejszy krok zgłoszenia", en: "The day is before an earlier step of the application",
        fix_pl: "Podaj dzień nie wcześniejszy niż {earliest}.", fix_en: "Give a day that is not before {earliest}.";
}

/// Constraints of this slice and the codes they mean.
pub const CONSTRAINTS: &[Constraint] = &[
    ("application_events_assessment_fkey", &catalogue::REFERENCE_NOT_FOUND, "/assessmentId"),
    ("applications_edition_fkey", &catalogue::REFERENCE_NOT_FOUND, "/editionId"),
    ("applications_person_fkey", &catalogue::REFERENCE_NOT_FOUND, "/personId"),
    ("applications_person_key", &ALREADY_APPLIED, "/personId"),
    ("applications_reserve_position_check", &catalogue::INVALID_FIELD, "/reservePosition"),
    ("declaration_texts_code_key", &TEXT_VERSION_EXISTS, "/version"),
    ("participation_declarations_person_fkey", &catalogue::REFERENCE_NOT_FOUND, "/personId"),
    ("participation_declarations_edition_fkey", &catalogue::REFERENCE_NOT_FOUND, "/editionId"),
    ("participation_declarations_text_fkey", &catalogue::REFERENCE_NOT_FOUND, "/textId"),
    ("participation_declarations_supersedes_fkey", &catalogue::REFERENCE_NOT_FOUND, "/supersedesId"),
    ("participation_declarations_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("participation_declarations_correction_check", &DECLARATION_CORRECTION, "/correctionReason"),
    ("applications_reserve_position_key", &RESERVE_POSITION_TAKEN, "/reservePosition"),
];

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    applications::routes(config);
    decisions::routes(config);
    eligibility::routes(config);
    declaration_texts::routes(config);
    participation_declarations::routes(config);
}
