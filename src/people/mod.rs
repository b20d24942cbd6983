//! People, what was true of them, and their households.
//!
//! A person is known everywhere by id only. Names, PESEL, document, address
//! and contact have this one home (`identity`), encrypted under a key of the
//! person, and are answered only by operations that need a purpose and leave a
//! row in the access register (art. 33(8) of the Act of 20 April 2004). Facts
//! such as the registration as unemployed or the help profile (art. 33(2b))
//! are dated and never overwritten. Households are counted apart from people.
//!
//! It decides nobody's eligibility and knows no programme.

mod births;
mod fact_kinds;
mod facts;
mod households;
mod identity;
mod known_facts;
pub mod lost_keys;
#[expect(clippy::module_inception, reason = "named after its path, /people, as every file is")]
mod people;
mod pesel_comparison;
pub mod reindexing;
mod sealed_identity;
pub mod search;

pub use births::{Birth, Portrait, portraits};
pub use fact_kinds::{FactSource, PersonFactKind, REFUSED};
pub use known_facts::{KnownFact, known_facts};

use utoipa_actix_web::service_config::ServiceConfig;

use crate::platform::problem::{Constraint, catalogue};
use crate::platform::resealing::SealedTable;
use crate::problems;

problems! {
    PESEL_TAKEN = "people.pesel_taken", 409,
        pl: "Osoba o tym numerze PESEL jest już zapisana", en: "A person with this PESEL is already recorded",
        fix_pl: "Znajdź ją przez POST /people/search, podając cel.", fix_en: "Find the person with POST /people/search, stating the purpose.";
    DOCUMENT_TAKEN = "people.document_taken", 409,
        pl: "Osoba z tym dokumentem jest już zapisana", en: "A person with this document is already recorded",
        fix_pl: "Znajdź ją przez POST /people/search, podając cel.", fix_en: "Find the person with POST /people/search, stating the purpose.";
    IDENTITY_INCOMPLETE = "people.identity_incomplete", 422,
        pl: "Niepełne dane osobowe bez podania przyczyny", en: "The identity is incomplete and no reason is given",
        fix_pl: "Podaj imiona, nazwisko i PESEL lub dokument albo missingReason.",
        fix_en: "Give givenNames, surname and pesel or document, or else missingReason.";
    IDENTITY_ERASED = "people.identity_erased", 409,
        pl: "Dane osobowe tej osoby zostały usunięte", en: "This person's identity has been erased",
        fix_pl: "Utwórz nową osobę.", fix_en: "Create a new person.";
    IDENTITY_UNREADABLE = "people.identity_unreadable", 503,
        pl: "Danych osobowych tej osoby nie można odczytać", en: "This person's identity cannot be read",
        fix_pl: "Klucz tej osoby zaginął lub jest uszkodzony: podaj administratorowi requestId. Ponowienie pomoże dopiero po odtworzeniu klucza.",
        fix_en: "The person's key is lost or damaged: give the operator the requestId. Repeating helps only when the key is restored.";
    SEARCH_CRITERIA = "people.search_criteria", 422,
        pl: "Szukać można na jeden sposób naraz", en: "A search goes by one thing at a time",
        fix_pl: "Podaj pesel albo document, albo surname (i opcjonalnie givenNames).",
        fix_en: "Give pesel, or document, or surname (and optionally givenNames).";
    FACT_VALUE = "people.fact_value", 422,
        pl: "Wartość nie pasuje do rodzaju faktu", en: "The value does not fit the kind of fact",
        fix_pl: "Dozwolone wartości: {allowed}.", fix_en: "Allowed values: {allowed}.";
    PERIOD_REVERSED = "people.period_reversed", 422,
        pl: "Okres kończy się przed początkiem", en: "The period ends before it starts",
        fix_pl: "Popraw from lub to.", fix_en: "Correct from or to.";
    EXPIRED_BEFORE = "people.expired_before", 422,
        pl: "Dowód traci ważność przed początkiem faktu", en: "The evidence expires before the fact begins",
        fix_pl: "Popraw from lub expiresOn.", fix_en: "Correct from or expiresOn.";
    SURVEY_FORM = "people.survey_form", 422,
        pl: "Kod i wersja ankiety należą do źródła survey", en: "Code and version of a survey form belong to the source survey",
        fix_pl: "Podaj surveyCode i surveyVersion wtedy i tylko wtedy, gdy sourceKind to survey.",
        fix_en: "Give surveyCode and surveyVersion if, and only if, sourceKind is survey.";
    CORRECTION_REASON = "people.correction_reason", 422,
        pl: "Korekta i jej przyczyna idą w parze", en: "A correction and its reason go together",
        fix_pl: "Podaj supersedesId razem z correctionReason albo pomiń oba.",
        fix_en: "Give supersedesId together with correctionReason or leave both out.";
    HOUSEHOLD_OVERLAP = "people.household_overlap", 409,
        pl: "Osoba należy w tym czasie do innego gospodarstwa domowego", en: "The person belongs to a household at that time already",
        fix_pl: "Skoryguj poprzednią przynależność (supersedesId) lub zmień okres.",
        fix_en: "Correct the earlier membership (supersedesId) or change the period.";
}

/// Tables of this slice with sealed columns; each column's field is named after it.
pub const SEALED: &[SealedTable] = &[SealedTable {
    table: "person_identities",
    id: "person_id",
    person: "t.person_id",
    joins: "",
    columns: &[
        ("given_names", "given_names"),
        ("surname", "surname"),
        ("pesel", "pesel"),
        ("document", "document"),
        ("birth_date", "birth_date"),
        ("address", "address"),
        ("contact", "contact"),
    ],
    erase: "DELETE FROM person_identities",
}];

/// Constraints of this slice and the codes they mean.
pub const CONSTRAINTS: &[Constraint] = &[
    ("people_birth_year_check", &catalogue::INVALID_BODY, "/birthYear"),
    ("person_identities_person_fkey", &catalogue::NOT_FOUND, ""),
    ("person_identities_pesel_key", &PESEL_TAKEN, "/pesel"),
    ("person_identities_document_key", &DOCUMENT_TAKEN, "/document"),
    ("person_identities_missing_check", &IDENTITY_INCOMPLETE, "/missingReason"),
    ("person_facts_person_fkey", &catalogue::NOT_FOUND, ""),
    ("person_facts_supersedes_fkey", &catalogue::REFERENCE_NOT_FOUND, "/supersedesId"),
    ("person_facts_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("person_facts_correction_check", &CORRECTION_REASON, "/correctionReason"),
    ("person_facts_period_check", &PERIOD_REVERSED, "/to"),
    ("person_facts_expiry_check", &EXPIRED_BEFORE, "/expiresOn"),
    ("person_facts_survey_check", &SURVEY_FORM, "/surveyCode"),
    ("person_facts_survey_version_check", &catalogue::INVALID_FIELD, "/surveyVersion"),
    ("household_members_household_fkey", &catalogue::NOT_FOUND, ""),
    ("household_members_person_fkey", &catalogue::REFERENCE_NOT_FOUND, "/personId"),
    ("household_members_supersedes_fkey", &catalogue::REFERENCE_NOT_FOUND, "/supersedesId"),
    ("household_members_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("household_members_correction_check", &CORRECTION_REASON, "/correctionReason"),
    ("household_members_period_check", &PERIOD_REVERSED, "/to"),
    ("household_members_overlap_excl", &HOUSEHOLD_OVERLAP, "/personId"),
];

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    // Before people, whose {id} would take the word "search".
    search::routes(config);
    people::routes(config);
    identity::routes(config);
    facts::routes(config);
    households::routes(config);
}
