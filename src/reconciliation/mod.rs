//! Reconciliation of a month of socially useful work between two institutions, such as a social-assistance centre and the
//! labour office that refunds a part of the benefits (Polish: uzgodnienie miesiąca).
//!
//! Each side states its month: people by pseudonym, hours, benefit and refund. The comparison names only who is missing,
//! who is extra and what differs. A protocol with a number, signed off by both sides about the same two statements, closes
//! the month. Pseudonyms are made from the PESEL with a key that only these two institutions have, so that the same
//! person has another pseudonym with every other recipient.
//!
//! Legal source: art. 73a(5) of the Act of 20 April 2004 and section 3(1)(6) of the regulation of 21 December 2017 (refund
//! by monthly settlements, as agreed). It settles nothing itself and pays nobody.

mod comparison;
mod from_settlements;
mod pair;
mod protocols;
mod statements;

use crate::platform::problem::{Constraint, catalogue};
use crate::platform::routes::ServiceConfig;
use crate::problems;

problems! {
    NOT_A_SIDE = "reconciliation.not_a_side", 403,
        pl: "Ten klient nie działa za stronę uzgodnienia", en: "This client does not act for a side of the reconciliation",
        fix_pl: "Rola pup_officer uzgadnia tylko jako klient urzędu pracy; za ośrodek działa jego koordynator.",
        fix_en: "The role pup_officer reconciles as a client of the labour office only; a centre is acted for by its coordinator.";
    OWN_INSTITUTION = "reconciliation.own_institution", 422,
        pl: "Instytucja nie uzgadnia sama ze sobą", en: "An institution does not reconcile with itself",
        fix_pl: "Podaj instytucję drugiej strony.", fix_en: "Give the institution of the other side.";
    KEY_UNKNOWN = "reconciliation.key_unknown", 422,
        pl: "Nieznany klucz pary", en: "Unknown key of the pair",
        fix_pl: "Pobierz obecny klucz (POST /reconciliation-keys) i podaj jego keyId.",
        fix_en: "Ask for the current key (POST /reconciliation-keys) and give its keyId.";
    KEY_DIFFERS = "reconciliation.key_differs", 409,
        pl: "Druga strona użyła innego klucza", en: "The other side has used another key",
        fix_pl: "Pobierz klucz {keyId} i oblicz nim pseudonimy.", fix_en: "Ask for the key {keyId} and make the pseudonyms with it.";
    KEY_EXCHANGED = "reconciliation.key_exchanged", 409,
        pl: "Zestawienia mają różne klucze", en: "The statements have different keys",
        fix_pl: "Klucz wymieniono: strona, której zestawienie nie ma klucza {keyId}, składa je jeszcze raz z tym kluczem.",
        fix_en: "The key was exchanged: the side whose statement has not the key {keyId} makes it again with that key.";
    LINES_AND_KEY = "reconciliation.lines_and_key", 422,
        pl: "Wiersze i klucz podaje się razem", en: "Lines and key come together",
        fix_pl: "Podaj lines razem z keyId albo żadne z nich: wtedy zestawienie powstaje z zatwierdzonych rozliczeń.",
        fix_en: "Give lines together with keyId, or neither: then the statement is made from approved settlements.";
    PSEUDONYM_REPEATED = "reconciliation.pseudonym_repeated", 422,
        pl: "Pseudonim występuje dwa razy", en: "A pseudonym occurs twice",
        fix_pl: "Podaj jeden wiersz na osobę.", fix_en: "Give one line for each person.";
    TOO_MUCH = "reconciliation.too_much", 422,
        pl: "Suma zestawienia jest za duża", en: "The statement adds up to too much",
        fix_pl: "Podziel zestawienie.", fix_en: "Split the statement.";
    REASON_NEEDED = "reconciliation.reason_needed", 409,
        pl: "Zestawienie tego miesiąca już jest", en: "There is a statement of this month already",
        fix_pl: "Podaj correctionReason, aby zastąpić zestawienie.", fix_en: "Give correctionReason to replace it.";
    NOTHING_TO_CORRECT = "reconciliation.nothing_to_correct", 422,
        pl: "Nie ma zestawienia, które można poprawić", en: "There is no statement to correct",
        fix_pl: "Pomiń correctionReason.", fix_en: "Leave correctionReason out.";
    MONTH_CLOSED = "reconciliation.month_closed", 409,
        pl: "Miesiąc jest zamknięty", en: "The month is closed",
        fix_pl: "Obie strony podpisały protokół nr {number}: różnice rozlicza się w następnym miesiącu.",
        fix_en: "Both sides have signed protocol no. {number}: differences are settled in the next month.";
    STATEMENT_MISSING = "reconciliation.statement_missing", 409,
        pl: "Brakuje zestawienia jednej ze stron", en: "A side has not made its statement",
        fix_pl: "Podpis wymaga zestawień obu stron.", fix_en: "Signing needs the statements of both sides.";
    DIFFERENCES_LEFT = "reconciliation.differences_left", 409,
        pl: "Zestawienia się różnią", en: "The statements differ",
        fix_pl: "Różnic jest {differences}: wyjaśnij je albo podaj acceptanceReason.",
        fix_en: "There are {differences} differences: clear them up, or give acceptanceReason.";
    NO_DIFFERENCES = "reconciliation.no_differences", 422,
        pl: "Nie ma różnic, które można przyjąć", en: "There is no difference to accept",
        fix_pl: "Pomiń acceptanceReason.", fix_en: "Leave acceptanceReason out.";
    ALREADY_SIGNED = "reconciliation.already_signed", 409,
        pl: "Ta strona już podpisała te zestawienia", en: "This side has signed these statements already",
        fix_pl: "Protokół czeka na podpis drugiej strony.", fix_en: "The protocol waits for the other side.";
    MONTH_NOT_OVER = "reconciliation.month_not_over", 422,
        pl: "Miesiąc jeszcze trwa", en: "The month is not over yet",
        fix_pl: "Podpisz po ostatnim dniu miesiąca.", fix_en: "Sign after the last day of the month.";
}

/// Constraints of this slice and the codes they mean.
pub const CONSTRAINTS: &[Constraint] = &[
    ("month_statements_institution_fkey", &catalogue::REFERENCE_NOT_FOUND, "/institutionId"),
    ("month_statements_sides_check", &OWN_INSTITUTION, "/institutionId"),
    ("month_statements_current_key", &REASON_NEEDED, "/correctionReason"),
    ("reconciliation_protocols_institution_fkey", &catalogue::REFERENCE_NOT_FOUND, "/institutionId"),
    ("reconciliation_protocols_sides_check", &OWN_INSTITUTION, "/institutionId"),
    ("reconciliation_protocols_current_key", &ALREADY_SIGNED, ""),
];

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    pair::routes(config);
    statements::routes(config);
    comparison::routes(config);
    protocols::routes(config);
}
