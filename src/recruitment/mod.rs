//! Recruitment of an edition: who applied, and what was decided.
//!
//! An application is `applied`, then `selected`, on the `reserve` list or
//! `rejected` by a decision, and may be `withdrawn`; `steps` says what may follow
//! what. A decision rests on an assessment of `eligibility`, follows a protocol
//! of `ranking`, or is attested by a worker. Every step stays readable as an
//! event with the day from which it holds. Placing a candidate is not done here:
//! admission belongs to participation, and a placed candidate keeps the decision
//! under which the place was given. A seat that becomes free goes down the
//! reserve list as `offers`.
//!
//! Legal source: agreement of the municipality and the labour office on the
//! criteria of selection (art. 62a(7) of the Act of 20 April 2004).

mod applications;
mod applying_again;
mod decisions;
mod declaration_texts;
mod documents;
mod eligibility;
pub mod intake;
pub mod offers;
mod participation_declarations;
pub mod ranking;
mod receipt;
mod referral_cells;
mod steps;

use crate::platform::problem::{Constraint, catalogue};
use crate::platform::routes::ServiceConfig;
use crate::problems;

pub use applications::ApplicationState;
pub use eligibility::{Lacking, lacking_assessment, who_rests_on_assessment};

pub use crate::platform::overriding::{Override, Reason};

problems! {
    ALREADY_APPLIED = "recruitment.already_applied", 409,
        pl: "Ta osoba złożyła już zgłoszenie do tej edycji", en: "This person has already applied to this edition",
        fix_pl: "Użyj istniejącego zgłoszenia.", fix_en: "Use the existing application.";
    WITHDRAWN = "recruitment.withdrawn", 409,
        pl: "Zgłoszenie jest wycofane", en: "The application is withdrawn",
        fix_pl: "Wycofanie jest ostateczne; kandydat może złożyć nowe zgłoszenie do tej edycji.",
        fix_en: "A withdrawal is final; the candidate may apply to this edition again.";
    PLACED = "recruitment.placed", 409,
        pl: "Kandydat ma już miejsce w edycji", en: "The candidate already has a place in the edition",
        fix_pl: "Zakończ uczestnictwo zamiast zmieniać zgłoszenie.",
        fix_en: "End the participation instead of changing the application.";
    STEP_NOT_ALLOWED = "recruitment.step_not_allowed", 409,
        pl: "Ten krok nie może teraz nastąpić", en: "This step cannot follow now",
        fix_pl: "Zgłoszenie ma stan {state}; możliwe kroki: {allowedSteps}.",
        fix_en: "The application stands at {state}; possible steps: {allowedSteps}.";
    NOT_A_LABOUR_OFFICE = "recruitment.not_a_labour_office", 422,
        pl: "Skierować może tylko urząd pracy", en: "Only a labour office can refer",
        fix_pl: "Podaj id instytucji rodzaju labourOffice.", fix_en: "Give the id of an institution of the kind labourOffice.";
    NO_REJECTION = "recruitment.rejection_reason_without_rejection", 422,
        pl: "Klasę powodu odrzucenia ma tylko decyzja rejected", en: "Only the decision rejected has a class of rejection",
        fix_pl: "Usuń rejectionReason albo wybierz decyzję rejected.", fix_en: "Remove rejectionReason, or decide rejected.";
    DOCUMENT_LABEL = "recruitment.document_label", 422,
        pl: "Nazwę ma dokument rodzaju other, i tylko on", en: "A document of the kind other has a label, and no other",
        fix_pl: "Podaj label wtedy i tylko wtedy, gdy kind to other.", fix_en: "Give label if, and only if, kind is other.";
    RANKING_REQUIRED = "recruitment.ranking_required", 422,
        pl: "Edycja wybiera kandydatów według rankingu", en: "The edition selects its candidates by ranking",
        fix_pl: "Podaj przyjęty protokół (rankingProtocolId) albo override z uzasadnieniem.",
        fix_en: "Name an adopted protocol (rankingProtocolId), or give override with a reason.";
    PROTOCOL_SAYS_OTHERWISE = "recruitment.protocol_says_otherwise", 422,
        pl: "Ten protokół nie uzasadnia tej decyzji", en: "This protocol does not support the decision",
        fix_pl: "Protokół musi być przyjęty, a zgłoszenie na jego liście podstawowej lub rezerwowej; inaczej podaj override z uzasadnieniem, bez rankingProtocolId.",
        fix_en: "The protocol has to be adopted, with the application on its basic or reserve list; otherwise give override with a reason, without rankingProtocolId.";
    SCORING_RULES = "recruitment.scoring_rules", 422,
        pl: "Zasady punktacji są sprzeczne", en: "The scoring rules contradict themselves",
        fix_pl: "Popraw wskazane pola.", fix_en: "Correct the fields named.";
    NO_SCORING_RULES = "recruitment.no_scoring_rules", 409,
        pl: "Edycja nie ma zasad punktacji", en: "The edition has no scoring rules",
        fix_pl: "Podaj je w /editions/{id}/scoring-rules.", fix_en: "State them at /editions/{id}/scoring-rules.";
    TOO_MANY_TO_RANK = "recruitment.too_many_to_rank", 422,
        pl: "Za dużo zgłoszeń jak na jeden ranking", en: "Too many applications for one ranking",
        fix_pl: "Otwartych zgłoszeń jest {applications}, a jeden ranking obejmuje najwyżej {most}: wcześniej zapisz decyzje, które nie zależą od rankingu (np. odrzucenia), albo podziel nabór na edycje.",
        fix_en: "{applications} applications are open, and one ranking takes {most} at most: first record the decisions that do not depend on it (rejections, for instance), or divide the recruitment into editions.";
    NOT_MANUAL = "recruitment.not_a_manual_criterion", 422,
        pl: "Nie ma takiego kryterium, w którym punkty przyznaje pracownik", en: "There is no criterion of that code by which workers give points",
        fix_pl: "Podaj kod kryterium o źródle manual z obowiązujących zasad.", fix_en: "Give the code of a criterion with the source manual of the rules that hold.";
    TOO_MANY_POINTS = "recruitment.too_many_points", 422,
        pl: "Więcej punktów, niż daje kryterium", en: "More points than the criterion gives",
        fix_pl: "Podaj najwyżej {most}.", fix_en: "Give {most} at most.";
    ALREADY_ADOPTED = "recruitment.protocol_already_adopted", 409,
        pl: "Protokół jest już przyjęty", en: "The protocol has been adopted already",
        fix_pl: "Nic nie trzeba robić; kolejny ranking to nowy protokół.", fix_en: "Nothing is to be done; another ranking is a new protocol.";
    PROTOCOL_OVERTAKEN = "recruitment.protocol_overtaken", 409,
        pl: "Od sporządzenia protokołu zmieniły się zgłoszenia", en: "Applications have changed since they were ranked",
        fix_pl: "Sporządź nowy protokół (zmienionych zgłoszeń: {applications}).", fix_en: "Make a new protocol ({applications} application(s) changed).";
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
    ASSESSED_INELIGIBLE = "recruitment.assessed_ineligible", 422,
        pl: "Ostatnia ocena mówi, że kandydat nie spełnia warunków", en: "The latest assessment says that the candidate does not meet the conditions",
        fix_pl: "Oceń ponownie albo odwołaj się od oceny {assessmentId} i oprzyj na niej decyzję (assessmentId); inaczej podaj override z uzasadnieniem.",
        fix_en: "Assess anew or appeal against assessment {assessmentId}, and rest the decision on it (assessmentId); otherwise give override with a reason.";
    PLACES_TAKEN = "recruitment.places_taken", 409,
        pl: "Plan ma mniej miejsc, niż zajmują uczestnicy", en: "The plan has fewer places than participants have",
        fix_pl: "Dnia {day} plan ma {places}, a uczestników jest {taken}: zakończ uczestnictwa, podaj więcej miejsc albo override z uzasadnieniem.",
        fix_en: "On {day} the plan has {places}, and there are {taken} participants: end participations, state more places, or give override with a reason.";
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
    OFFER_CLOSED = "recruitment.offer_closed", 409,
        pl: "Oferta nie czeka już na odpowiedź", en: "The offer no longer awaits an answer",
        fix_pl: "Odczytaj ofertę; jej stan to {state}.", fix_en: "Read the offer; its state is {state}.";
    OFFER_EXPIRED = "recruitment.offer_expired", 409,
        pl: "Termin odpowiedzi na ofertę minął", en: "The offer was to be answered earlier",
        fix_pl: "Ostatnim dniem był {expiresOn}; POST /editions/{id}/offers proponuje miejsce następnej osobie.",
        fix_en: "The last day was {expiresOn}; POST /editions/{id}/offers offers the seat to the next candidate.";
    OFFER_UNANSWERED = "recruitment.offer_unanswered", 409,
        pl: "Kandydat ma ofertę, na którą jeszcze nie odpowiedział", en: "The candidate has an offer that is not answered yet",
        fix_pl: "Podaj acceptedOn, dzień przyjęcia oferty {offerId}.", fix_en: "Give acceptedOn, the day on which offer {offerId} was accepted.";
    NO_OFFER = "recruitment.no_offer", 409,
        pl: "Kandydat nie ma takiej oferty albo już ją przyjął", en: "The candidate has no such offer, or has accepted it already",
        fix_pl: "Odczytaj oferty edycji; acceptedOn podaj tylko przy otwartej.",
        fix_en: "Read the offers of the edition; give acceptedOn only with an open one.";
    BEFORE_OFFER = "recruitment.before_offer", 422,
        pl: "Uczestnictwo zaczyna się, zanim miejsce zaoferowano i przyjęto", en: "The participation starts before the seat was offered and accepted",
        fix_pl: "Podaj dzień nie wcześniejszy niż {earliest}.", fix_en: "Give a day that is not before {earliest}.";
    HAS_OFFER = "recruitment.has_offer", 409,
        pl: "Kandydatowi zaoferowano miejsce", en: "A seat is offered to the candidate",
        fix_pl: "Zapisz najpierw odpowiedź na ofertę {offerId} albo ją cofnij.",
        fix_en: "First record the answer to offer {offerId}, or take it back.";
    OFFER_WITHDRAWAL_REASON = "recruitment.offer_withdrawal_reason", 422,
        pl: "Tę przyczynę zapisuje tylko sama usługa", en: "Only the service itself records this reason",
        fix_pl: "Podaj conditionsLost, mistake, didNotCome albo other.", fix_en: "Give conditionsLost, mistake, didNotCome or other.";
    TEXT_VERSION_EXISTS = "recruitment.text_version_exists", 409,
        pl: "Ta wersja tekstu już istnieje", en: "This version of the text exists already",
        fix_pl: "Teksty są niezmienne: nadaj nowy numer wersji.", fix_en: "Texts never change: give it a new version number.";
    DECLARATION_CORRECTION = "recruitment.declaration_correction", 422,
        pl: "Korekta i jej przyczyna idą w parze", en: "A correction and its reason go together",
        fix_pl: "Podaj supersedesId razem z correctionReason albo pomiń oba.",
        fix_en: "Give supersedesId together with correctionReason or leave both out.";
    DECLARED_ALREADY = "recruitment.declared_already", 409,
        pl: "Ta osoba złożyła już tego dnia tę deklarację", en: "The person has made this declaration on that day already",
        fix_pl: "Deklaracja jest zapisana jako {declarationId}; jeżeli trzeba ją poprawić, podaj supersedesId i correctionReason.",
        fix_en: "The declaration is recorded as {declarationId}; to correct it, give supersedesId and correctionReason.";
    AFTER_EDITION = "recruitment.after_edition", 422,
        pl: "Dzień leży w przyszłości, po końcu edycji", en: "The day lies ahead, after the end of the edition",
        fix_pl: "Podaj dzień nie późniejszy niż {latest}.", fix_en: "Give a day that is not after {latest}.";
    APPEALED_ALREADY = "recruitment.appealed_already", 409,
        pl: "Od tej oceny już się odwołano", en: "There is an appeal against this assessment already",
        fix_pl: "Odczytaj ocenę po odwołaniu ({assessmentId}); nowe fakty wymagają nowej oceny.",
        fix_en: "Read the assessment upon the appeal ({assessmentId}); new facts call for a new assessment.";
    APPEAL_WITHOUT_LOSS = "recruitment.appeal_without_loss", 409,
        pl: "Od pozytywnej oceny nie ma odwołania", en: "There is no appeal against a positive assessment",
        fix_pl: "Nic nie trzeba robić; nowe fakty wymagają nowej oceny.", fix_en: "Nothing is to be done; new facts call for a new assessment.";
    RANKING_APPEAL_NOT_POSSIBLE = "recruitment.ranking_appeal_not_possible", 409,
        pl: "Od tego miejsca w protokole nie ma odwołania", en: "There is no appeal against this place in the protocol",
        fix_pl: "Odwołanie przysługuje od przyjętego protokołu temu, kto nie stoi w nim na liście podstawowej (stoi na liście: {list}).",
        fix_en: "An appeal is for an adopted protocol and whoever does not stand on its basic list (stands on: {list}).";
    NOT_ADOPTED = "recruitment.protocol_not_adopted", 409,
        pl: "Protokół nie jest jeszcze przyjęty", en: "The protocol has not been adopted yet",
        fix_pl: "Przyjmij go najpierw: POST /ranking-protocols/{id}/adoption.", fix_en: "Adopt it first: POST /ranking-protocols/{id}/adoption.";
    RANKING_ANNOUNCED_ALREADY = "recruitment.ranking_announced_already", 409,
        pl: "Wynik tego protokołu już ogłoszono", en: "The result of this protocol has been announced already",
        fix_pl: "Ogłoszono go dnia {announcedOn}; inny dzień wymaga correctionReason.",
        fix_en: "It was announced on {announcedOn}; another day needs correctionReason.";
    RANKING_APPEAL_LATE = "recruitment.ranking_appeal_late", 409,
        pl: "Termin na odwołanie od tego rankingu minął", en: "The time for appeals against this ranking is over",
        fix_pl: "Ostatnim dniem był {lastDay}; termin może przywrócić koordynator, podając restoration z uzasadnieniem.",
        fix_en: "The last day was {lastDay}; a coordinator may restore it by giving restoration with a reason.";
    RESTORATION_NOT_NEEDED = "recruitment.restoration_not_needed", 422,
        pl: "Termin na odwołanie nie minął, więc nie ma czego przywracać", en: "The time for appeals is not over, so there is nothing to restore",
        fix_pl: "Usuń restoration: odwołanie z tego dnia jest wniesione w terminie.",
        fix_en: "Remove restoration: an appeal of this day is in time.";
    APPEAL_LOWERS = "recruitment.appeal_lowers", 409,
        pl: "Uwzględnienie odwołania pogorszyłoby miejsce odwołującego się", en: "Upholding the appeal would lower whoever appealed",
        fix_pl: "before i found mówią, gdzie zgłoszenie stało i gdzie by stanęło. Oddal odwołanie albo, jeżeli protokół rażąco narusza prawo lub interes społeczny (art. 139 k.p.a.), podaj override z uzasadnieniem.",
        fix_en: "before and found say where the application stood and where it would stand. Dismiss the appeal or, where the protocol grossly breaks the law or harms the public interest (art. 139 of the Code of Administrative Procedure), give override with a reason.";
    DECIDED_ALREADY = "recruitment.decided_already", 409,
        pl: "Tę decyzję już zapisano", en: "This decision is recorded already",
        fix_pl: "Ostatnia decyzja o zgłoszeniu ({eventId}) jest taka sama; niczego nie trzeba robić, a nowa decyzja ma inny dzień, powód lub podstawę.",
        fix_en: "The latest decision about the application ({eventId}) is the same; nothing is to be done, and a new decision has another day, reason or basis.";
    RANKING_APPEALED_ALREADY = "recruitment.ranking_appealed_already", 409,
        pl: "To zgłoszenie odwołało się już od tego protokołu", en: "There is an appeal of this application against this protocol already",
        fix_pl: "Odczytaj odwołanie {appealId}.", fix_en: "Read appeal {appealId}.";
    RANKING_APPEAL_DECIDED = "recruitment.ranking_appeal_decided", 409,
        pl: "Odwołanie jest już rozpatrzone", en: "The appeal has been decided already",
        fix_pl: "Odczytaj je; nowe fakty wymagają nowego rankingu.", fix_en: "Read it; new facts call for a new ranking.";
    APPEAL_CORRECTIONS = "recruitment.appeal_corrections", 422,
        pl: "Rozstrzygnięcie i poprawki nie pasują do siebie", en: "The outcome and the corrections do not fit",
        fix_pl: "Uwzględnione odwołanie poprawia punkty lub wyjątki tak, że wiersz się zmienia; oddalone niczego nie poprawia.",
        fix_en: "An upheld appeal corrects points or exceptions so that the row changes; a dismissed one corrects nothing.";
    PROTOCOL_REPLACED = "recruitment.protocol_replaced", 409,
        pl: "Ten protokół zastąpiono innym po odwołaniu", en: "Another protocol has taken the place of this one upon an appeal",
        fix_pl: "Przyjmij protokół {protocolId}.", fix_en: "Adopt protocol {protocolId}.";
    OUT_OF_ORDER = "recruitment.out_of_order", 422,
        pl: "Dzień poprzedza wcześniejszy krok zgłoszenia", en: "The day is before an earlier step of the application",
        fix_pl: "Podaj dzień nie wcześniejszy niż {earliest}.", fix_en: "Give a day that is not before {earliest}.";
}

/// Constraints of this slice and the codes they mean.
pub const CONSTRAINTS: &[Constraint] = &[
    ("application_documents_label_check", &DOCUMENT_LABEL, "/label"),
    ("application_events_assessment_fkey", &catalogue::REFERENCE_NOT_FOUND, "/assessmentId"),
    ("applications_edition_fkey", &catalogue::REFERENCE_NOT_FOUND, "/editionId"),
    ("applications_person_fkey", &catalogue::REFERENCE_NOT_FOUND, "/personId"),
    ("applications_of_person_key", &catalogue::ID_TAKEN, "/id"),
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
    documents::routes(config);
    decisions::routes(config);
    ranking::routes(config);
    eligibility::routes(config);
    offers::routes(config);
    declaration_texts::routes(config);
    participation_declarations::routes(config);
}
