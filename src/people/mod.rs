//! People, what was true of them, and their households.
//!
//! A person is known everywhere by id only. Names, PESEL, document, address
//! and contact have this one home (`identity`), encrypted under a key of the
//! person, and are answered only by operations that need a purpose and leave a
//! row in the access register (art. 33(8) of the Act of 20 April 2004). Facts
//! such as the registration as unemployed or the help profile (art. 33(2b))
//! are dated and never overwritten. Households are counted apart from people.
//! Somebody who was recorded twice is found and merged.
//!
//! It decides nobody's eligibility and knows no programme.

mod births;
mod bulk;
mod contract_facts;
pub mod duplicates;
mod fact_kinds;
mod fact_withdrawal;
mod facts;
pub mod facts_intake;
mod families;
mod family_limit;
mod household_assistants;
mod households;
mod identifiers;
mod identity;
pub mod intake;
mod known_facts;
pub mod lost_keys;
pub mod merged;
pub mod merging;
mod named;
#[expect(clippy::module_inception, reason = "named after its path, /people, as every file is")]
mod people;
mod pesel_comparison;
pub mod reindexing;
mod sealed_identity;
pub mod search;
mod similarity;
mod surveys;
mod unreadable;

pub use births::{Birth, Portrait, past_birth_unknown, portraits};
pub use bulk::{known_people, owners_by_pesel, owners_by_reference, pesels_of};
pub use contract_facts::{end_social_contract, proves_social_contract, record_social_contract, revise_social_contract};
pub use fact_kinds::{FactSource, PersonFactKind, REFUSED};
pub use families::{expect_in_sight, people_in_sight};
pub use identifiers::{find_by_document, find_by_pesel};
pub use identity::{DocumentBody, IdentityBody, LocalReference, identity_of_person};
pub use known_facts::{Characteristics, KnownFact, characteristics_of, known_facts, known_facts_of};
pub use named::{Named, PERSON_ID, PERSON_PESEL, PERSON_REFERENCE, find_named, hold_named};
pub use people::{expect_person, hold_person};
pub use sealed_identity::{Names, names_of, participation_candidates};

use crate::platform::problem::{Constraint, catalogue};
use crate::platform::resealing::SealedTable;
use crate::platform::routes::ServiceConfig;
use crate::problems;

problems! {
    PAST_BIRTH_UNKNOWN = "people.past_birth_unknown", 409,
        pl: "Wieku osób w tej chwili nie da się już ustalić", en: "The age of people at that moment can no longer be told",
        fix_pl: "Po tej chwili zmieniono tożsamość osób, o których wieku rozstrzyga data urodzenia ({people}); podaj późniejszą chwilę.",
        fix_en: "The identity of people whose age follows from their date of birth was changed after that moment ({people}); give a later moment.";
    PESEL_TAKEN = "people.pesel_taken", 409,
        pl: "Osoba o tym numerze PESEL jest już zapisana", en: "A person with this PESEL is already recorded",
        fix_pl: "Znajdź ją przez POST /people/search, podając cel; numer duplikatu, którego zapisy połączono, należy do osoby, która pozostała.",
        fix_en: "Find the person with POST /people/search, stating the purpose; the number of a duplicate that was merged belongs to the person who stayed.";
    DOCUMENT_TAKEN = "people.document_taken", 409,
        pl: "Osoba z tym dokumentem jest już zapisana", en: "A person with this document is already recorded",
        fix_pl: "Znajdź ją przez POST /people/search, podając cel.", fix_en: "Find the person with POST /people/search, stating the purpose.";
    LOCAL_REFERENCE_TAKEN = "people.local_reference_taken", 409,
        pl: "Osoba o tym numerze własnym jest już zapisana", en: "A person with this local reference is already recorded",
        fix_pl: "Numer własny należy do jednej osoby w instytucji; podaj inny albo zaktualizuj tę osobę.",
        fix_en: "A local reference belongs to one person of the institution; give another or update that person.";
    IMPORT_CONTRADICTS = "people.import_contradicts", 409,
        pl: "Wiersz przeczy temu, co o tej osobie zapisano", en: "The row contradicts what is recorded of this person",
        fix_pl: "Sprawdź dokumenty; popraw wiersz albo dane osoby.", fix_en: "Check the papers; correct the row or the person.";
    SOURCES_CONTRADICT = "people.sources_contradict", 409,
        pl: "Inne źródło stwierdza co innego o tym samym dniu", en: "Another source says otherwise of the same day",
        fix_pl: "Oba fakty można zapisać: co z nich wynika, pokaże ocena kwalifikowalności. Sprawdź dokumenty i popraw albo wycofaj błędny.",
        fix_en: "Both facts can be recorded: an assessment of eligibility shows what follows. Check the papers, and correct or withdraw the wrong one.";
    IMPORT_OTHER_NAME = "people.import_other_name", 409,
        pl: "Pod tym identyfikatorem zapisano inne imiona i nazwisko", en: "Other names are recorded under this identifier",
        fix_pl: "To może być inna osoba: sprawdź PESEL lub numer własny.", fix_en: "It may be another person: check PESEL or local reference.";
    IMPORT_TWO_PEOPLE = "people.import_two_people", 409,
        pl: "PESEL i numer własny należą do dwóch różnych osób", en: "PESEL and local reference belong to two different people",
        fix_pl: "Popraw jeden z identyfikatorów.", fix_en: "Correct one of the identifiers.";
    IMPORT_POSSIBLY_KNOWN = "people.import_possibly_known", 409,
        pl: "Osoba o tych imionach i nazwisku jest już zapisana", en: "A person of this name is already recorded",
        fix_pl: "Podaj PESEL albo numer własny, aby było wiadomo, czy to ta sama osoba.",
        fix_en: "Give PESEL or local reference, so that it is known whether it is the same person.";
    IMPORT_LIKELY_KNOWN = "people.import_likely_known", 409,
        pl: "Zapisano już kogoś podobnego, być może tę samą osobę", en: "Somebody alike is recorded already, perhaps the same person",
        fix_pl: "Wiersz można zapisać: sprawdź najpierw POST /people/search, także z nazwiskiem w miejscu imienia; kto jest zapisany dwa razy, pokaże POST /people/duplicate-searches.",
        fix_en: "The row can be recorded: ask POST /people/search first, also with the surname in the place of the given name; who is recorded twice is told by POST /people/duplicate-searches.";
    IMPORT_MERGED = "people.import_merged", 409,
        pl: "Ta osoba była zapisana dwa razy i jej zapisy połączono", en: "This person was recorded twice, and the records were merged",
        fix_pl: "Zapis pozostający wskazuje recordId: wpisz zmianę przy nim, z jego numerem PESEL albo numerem własnym.",
        fix_en: "recordId names the record that stays: enter the change there, with its PESEL or local reference.";
    IMPORT_PESEL_DIFFERS = "people.import_pesel_differs", 422,
        pl: "Płeć lub data urodzenia nie zgadza się z numerem PESEL", en: "Sex or date of birth does not agree with the PESEL",
        fix_pl: "Rejestry zawierają błędy: zapis jest możliwy, ale sprawdź wiersz.", fix_en: "Registers contain errors: it can be recorded, but check the row.";
    IMPORT_YEAR_DIFFERS = "people.import_year_differs", 422,
        pl: "Rok urodzenia nie zgadza się z datą urodzenia", en: "The year of birth does not agree with the date of birth",
        fix_pl: "Zapis jest możliwy, ale jedno z dwóch jest błędne: sprawdź wiersz.",
        fix_en: "It can be recorded, but one of the two is wrong: check the row.";
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
    FACT_RECORDED_ALREADY = "people.fact_recorded_already", 409,
        pl: "Ten fakt z tego źródła już zapisano", en: "This fact is recorded already, by the same source",
        fix_pl: "Fakt jest zapisany jako {factId}; nowy dowód lub inne dni podaj z supersedesId i correctionReason.",
        fix_en: "The fact is recorded as {factId}; give new evidence or other days with supersedesId and correctionReason.";
    FACT_VALUE = "people.fact_value", 422,
        pl: "Wartość nie pasuje do rodzaju faktu", en: "The value does not fit the kind of fact",
        fix_pl: "Dozwolone wartości: {allowed}.", fix_en: "Allowed values: {allowed}.";
    PERIOD_REVERSED = "people.period_reversed", 422,
        pl: "Okres kończy się przed początkiem", en: "The period ends before it starts",
        fix_pl: "Popraw from lub to.", fix_en: "Correct from or to.";
    EXPIRED_BEFORE = "people.expired_before", 422,
        pl: "Dowód traci ważność przed początkiem faktu", en: "The evidence expires before the fact begins",
        fix_pl: "Popraw from lub expiresOn.", fix_en: "Correct from or expiresOn.";
    BEGINS_LATER = "people.unemployed_since_later", 422,
        pl: "Dzień, od którego osoba jest bez pracy, jest późniejszy niż początek faktu", en: "The day since when the person has been out of work is after the beginning of the fact",
        fix_pl: "Fakt obowiązuje od {from}, a osoba ma być bez pracy od {since}: podaj from nie wcześniejsze niż ten dzień.",
        fix_en: "The fact holds from {from}, and says the person has been out of work since {since}: give a from that is not before that day.";
    SURVEY_FORM = "people.survey_form", 422,
        pl: "Kod i wersja formularza nie pasują do źródła", en: "Code and version of the form do not fit the source",
        fix_pl: "Podaj surveyCode i surveyVersion razem: zawsze przy sourceKind survey, a poza nim tylko przy interview i needsDiagnosis.",
        fix_en: "Give surveyCode and surveyVersion together: always with sourceKind survey, otherwise only with interview and needsDiagnosis.";
    FORM_CODE_REPEATED = "people.form_code_repeated", 422,
        pl: "Kod powtarza się w formularzu", en: "The code is repeated within the form",
        fix_pl: "Nadaj każdemu pytaniu i każdej odpowiedzi do wyboru inny kod.", fix_en: "Give every question and every choice another code.";
    FORM_QUESTION = "people.form_question", 422,
        pl: "Pytanie formularza jest niepoprawne", en: "A question of the form is not valid",
        fix_pl: "Popraw wskazane pytanie: odpowiedzi do wyboru, rodzaj faktu albo znaczenie odpowiedzi.",
        fix_en: "Correct the question pointed at: its choices, the kind of fact, or what the answers mean.";
    FORM_VERSION_EXISTS = "people.form_version_exists", 409,
        pl: "Ta wersja formularza już istnieje", en: "This version of the form already exists",
        fix_pl: "Formularze są niezmienne: zapisz zmianę jako następną wersję.",
        fix_en: "Forms are immutable: record the change as the next version.";
    QUESTION_UNKNOWN = "people.question_unknown", 422,
        pl: "Formularz nie ma takiego pytania", en: "The form has no such question",
        fix_pl: "Użyj kodów pytań z formularza.", fix_en: "Use the codes of the questions of the form.";
    ANSWER_REPEATED = "people.answer_repeated", 422,
        pl: "Pytanie ma dwie odpowiedzi", en: "A question is answered twice",
        fix_pl: "Podaj jedną odpowiedź na pytanie.", fix_en: "Give one answer to each question.";
    ANSWER_UNFIT = "people.answer_unfit", 422,
        pl: "Odpowiedź nie pasuje do pytania", en: "The answer does not fit the question",
        fix_pl: "Podaj odpowiedź, jakiej oczekuje pytanie.", fix_en: "Give an answer as the question expects it.";
    ANSWER_MISSING = "people.answer_missing", 422,
        pl: "Brakuje odpowiedzi na pytanie obowiązkowe", en: "A required question is not answered",
        fix_pl: "Uzupełnij odpowiedzi na pytania obowiązkowe.", fix_en: "Answer the required questions.";
    CORRECTION_REASON = "people.correction_reason", 422,
        pl: "Korekta i jej przyczyna idą w parze", en: "A correction and its reason go together",
        fix_pl: "Podaj supersedesId razem z correctionReason albo pomiń oba.",
        fix_en: "Give supersedesId together with correctionReason or leave both out.";
    HOUSEHOLD_OVERLAP = "people.household_overlap", 409,
        pl: "Osoba należy w tym czasie do innego gospodarstwa domowego", en: "The person belongs to a household at that time already",
        fix_pl: "Skoryguj poprzednią przynależność (supersedesId) lub zmień okres.",
        fix_en: "Correct the earlier membership (supersedesId) or change the period.";
    MERGED = "people.merged", 410,
        pl: "Ta osoba okazała się zapisaną już inną osobą", en: "This person turned out to be another one who was recorded already",
        fix_pl: "Wszystko, co jej dotyczyło, jest zapisane pod {mergedInto}.", fix_en: "Everything about this person stands under {mergedInto}.";
    MERGE_SAME = "people.merge_same", 422,
        pl: "Nie można scalić osoby z nią samą", en: "A person cannot be merged into itself",
        fix_pl: "Wskaż w into inną osobę.", fix_en: "Name another person in into.";
    MERGED_OTHERWISE = "people.merged_otherwise", 409,
        pl: "Te osoby scalono już inaczej", en: "The two have been merged already, otherwise",
        fix_pl: "Odczytaj scalenie (/people/{id}/merges osoby, która pozostała); scalenia nie można powtórzyć z innymi wyborami.",
        fix_en: "Read the merge (/people/{id}/merges of the person who stayed); it cannot be repeated with other choices.";
    MERGE_CONFLICT = "people.merge_conflict", 409,
        pl: "Zapisy obu osób wykluczają się", en: "The records of the two exclude each other",
        fix_pl: "conflicts wymienia sprzeczne zapisy: popraw je albo wskaż, z których zrezygnować (dropApplicationIds, dropMembershipIds).",
        fix_en: "conflicts lists the records that exclude each other: correct them, or name those to give up (dropApplicationIds, dropMembershipIds).";
    MERGE_DROP = "people.merge_drop", 422,
        pl: "Z tego zapisu nie można zrezygnować", en: "This record cannot be given up",
        fix_pl: "Wskazuj tylko sprzeczne zapisy tych dwóch osób; zgłoszenie, na którego podstawie przyznano lub zaoferowano miejsce, pozostaje.",
        fix_en: "Name only records of these two that exclude each other; an application by which somebody was admitted, or is offered a seat, stays.";
    TOO_MANY_FAMILIES = "people.too_many_families", 409,
        pl: "Asystent pracowałby naraz z większą liczbą rodzin, niż pozwala ustawa", en: "The assistant would work with more families at a time than the law has in mind",
        fix_pl: "W dniu {on} byłoby {families} rodzin przy granicy {limit} ({source}): wybierz innego asystenta albo podaj override z uzasadnieniem.",
        fix_en: "On {on} there would be {families} families with a limit of {limit} (in Polish: {source}): choose another assistant, or give override with a reason.";
    ASSISTANT_OVERLAP = "people.assistant_overlap", 409,
        pl: "Ten asystent pracuje już w tym czasie z tą rodziną", en: "This assistant works with this household at that time already",
        fix_pl: "Skoryguj wcześniejszy przydział (supersedesId) lub zmień okres.",
        fix_en: "Correct the earlier assignment (supersedesId) or change the period.";
}

/// Tables of this slice with sealed columns.
pub const SEALED: &[SealedTable] = &[IDENTITIES, FORMER_IDENTITIES, SURVEY_ANSWERS];

const FORMER_IDENTITIES: SealedTable = SealedTable {
    table: "merged_people",
    id: "id",
    person: "t.into_id",
    joins: "",
    columns: &[("former_identity", merged::FORMER_IDENTITY)],
    erase: "UPDATE merged_people SET former_identity = NULL, former_participation_index = NULL, former_participation_index_key = NULL",
};

const SURVEY_ANSWERS: SealedTable = SealedTable {
    table: "survey_responses",
    id: "id",
    person: "t.person_id",
    joins: "",
    columns: &[("answers", surveys::ANSWERS)],
    erase: "UPDATE survey_responses SET answers = NULL",
};

const IDENTITIES: SealedTable = SealedTable {
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
        ("local_reference", "local_reference"),
    ],
    erase: "DELETE FROM person_identities",
};

/// Constraints of this slice and the codes they mean.
pub const CONSTRAINTS: &[Constraint] = &[
    ("people_birth_year_check", &catalogue::INVALID_BODY, "/birthYear"),
    ("person_identities_person_fkey", &catalogue::NOT_FOUND, ""),
    ("person_identities_pesel_key", &PESEL_TAKEN, "/pesel"),
    ("person_identities_document_key", &DOCUMENT_TAKEN, "/document"),
    ("person_identities_local_reference_key", &LOCAL_REFERENCE_TAKEN, "/localReference"),
    ("person_identities_missing_check", &IDENTITY_INCOMPLETE, "/missingReason"),
    ("person_facts_person_fkey", &catalogue::NOT_FOUND, ""),
    ("person_facts_supersedes_fkey", &catalogue::REFERENCE_NOT_FOUND, "/supersedesId"),
    ("person_facts_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("person_facts_correction_check", &CORRECTION_REASON, "/correctionReason"),
    ("person_facts_period_check", &PERIOD_REVERSED, "/to"),
    ("person_facts_expiry_check", &EXPIRED_BEFORE, "/expiresOn"),
    ("person_facts_survey_check", &SURVEY_FORM, "/surveyCode"),
    ("person_facts_survey_version_check", &catalogue::INVALID_FIELD, "/surveyVersion"),
    ("person_facts_withdrawal_check", &catalogue::INVALID_BODY, ""),
    ("survey_responses_person_fkey", &catalogue::NOT_FOUND, ""),
    ("survey_forms_code_key", &FORM_VERSION_EXISTS, "/version"),
    ("survey_forms_version_check", &catalogue::INVALID_FIELD, "/version"),
    ("survey_responses_form_fkey", &catalogue::REFERENCE_NOT_FOUND, "/formId"),
    ("survey_responses_supersedes_fkey", &catalogue::REFERENCE_NOT_FOUND, "/supersedesId"),
    ("survey_responses_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("survey_responses_correction_check", &CORRECTION_REASON, "/correctionReason"),
    ("survey_responses_application_fkey", &catalogue::REFERENCE_NOT_FOUND, "/applicationId"),
    ("household_members_household_fkey", &catalogue::NOT_FOUND, ""),
    ("household_members_person_fkey", &catalogue::REFERENCE_NOT_FOUND, "/personId"),
    ("household_members_supersedes_fkey", &catalogue::REFERENCE_NOT_FOUND, "/supersedesId"),
    ("household_members_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("household_members_correction_check", &CORRECTION_REASON, "/correctionReason"),
    ("household_members_period_check", &PERIOD_REVERSED, "/to"),
    ("household_assistants_edition_fkey", &catalogue::REFERENCE_NOT_FOUND, "/editionId"),
    ("household_assistants_supersedes_fkey", &catalogue::REFERENCE_NOT_FOUND, "/supersedesId"),
    ("household_assistants_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("household_assistants_period_check", &PERIOD_REVERSED, "/to"),
    ("household_assistants_correction_check", &CORRECTION_REASON, "/correctionReason"),
    ("household_assistants_overlap_excl", &ASSISTANT_OVERLAP, "/from"),
    ("household_members_overlap_excl", &HOUSEHOLD_OVERLAP, "/personId"),
];

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    // Before people, whose {id} would take the word "search".
    search::routes(config);
    duplicates::routes(config);
    people::routes(config);
    identity::routes(config);
    merging::routes(config);
    merged::routes(config);
    facts::routes(config);
    fact_withdrawal::routes(config);
    surveys::routes(config);
    households::routes(config);
    household_assistants::routes(config);
}
