//! Exchange of a town with labour offices: messages of the kinds that the law knows, with what follows from them.
//! What the law tells to two receivers goes to each in an exchange of its own; what was sent discharges the duty to tell it.
//!
//! A message is a `draft`, then `sent`, `received`, `accepted`, `acceptedInPart` or `refused`, and `settled`. It is
//! about people record by record; both sides know them by a subject id, and names with PESEL stand only in the lists
//! for which the law demands them. What an accepted record means for the town's own data is a proposal, which a person
//! confirms, or a rule that the town switched on.
//!
//! Legal source: art. 33(7)–(8), 62a(7) and (12), 62b(2) and 73a(5) of the Act of 20 April 2004; sections 2, 3 and 5
//! of the regulation of 21 December 2017 (Dz.U. 2017 poz. 2447). It compares no figures with the other side and
//! writes no files.

mod answering;
mod carrying_out;
mod coming_back;
mod consequences;
mod content;
mod copies;
mod corrections;
mod deadlines;
mod discharging;
mod exchange_deadlines;
mod exchange_links;
mod exchange_subjects;
mod in_force;
mod kinds;
mod lifecycle;
mod listing;
mod messages;
mod parties;
mod payload;
mod proposals;
mod reading;
mod refund_decisions;
mod repetition;
mod resolving;
mod same_people;
mod sealed;
mod sending;
mod shared_editions;
pub mod standing;
mod steps;
mod subjects;
mod tellings;
mod told_anew;
mod words;
mod writing;
mod xml;

pub use xml::XML;

pub use sealed::{SEALED, SEALED_FOR_INSTITUTIONS};

use crate::platform::problem::{Constraint, catalogue};
use crate::platform::routes::ServiceConfig;
use crate::problems;

problems! {
    NOT_AN_OFFICE = "exchange.not_a_labour_office", 422,
        pl: "Ta instytucja nie jest urzędem pracy ani własnym ośrodkiem", en: "This institution is neither a labour office nor the own centre",
        fix_pl: "Podaj id instytucji rodzaju labourOffice albo municipalCentre, której parentId jest własną instytucją.",
        fix_en: "Give the id of an institution of the kind labourOffice, or of a municipalCentre whose parentId is the own institution.";
    AGREEMENT_OF_ANOTHER = "exchange.agreement_of_another_office", 422,
        pl: "Porozumienie nie jest zawarte z tym urzędem", en: "The agreement is not one with this office",
        fix_pl: "Wskaż porozumienie, którego institutionId jest tym urzędem.", fix_en: "Name an agreement whose institutionId is this office.";
    BY_A_PERSON = "exchange.confirmed_by_person_only", 422,
        pl: "Sprostowanie zakończenia potwierdza osoba", en: "The correction of an end is for a person to confirm",
        fix_pl: "Usuń changeEnd i takeBackEnd z confirmedByRule.", fix_en: "Remove changeEnd and takeBackEnd from confirmedByRule.";
    LINK_EXISTS = "exchange.link_exists", 409,
        pl: "Wymiana na podstawie tego porozumienia już istnieje", en: "There is an exchange on the ground of this agreement already",
        fix_pl: "Zmień istniejącą.", fix_en: "Change the existing one.";
    TERM_NOT_AGREED = "exchange.term_not_agreed", 422,
        pl: "Termin tego rodzaju wiadomości nie zależy od porozumienia", en: "The deadline of this kind of message is not for an agreement to set",
        fix_pl: "Podaj każdy rodzaj o terminie byAgreement najwyżej raz; termin nieobecności i odmów z porozumienia wpisz przez POST /duty-terms.",
        fix_en: "Give each kind with the deadline byAgreement once at most; what the agreement says of absences and refusals is entered at POST /duty-terms.";
    EDITION_OF_ANOTHER = "exchange.edition_of_another_agreement", 422,
        pl: "Edycja nie należy do porozumienia tej wymiany", en: "The edition is not one under the agreement of this exchange",
        fix_pl: "Wskaż edycję tego porozumienia.", fix_en: "Name an edition under that agreement.";
    NOT_IN_FORCE = "exchange.not_in_force", 422,
        pl: "W tym dniu wymiana nie obowiązuje", en: "The exchange is not in force on that day",
        fix_pl: "Wymiana obowiązuje od {validFrom} do {validTo}.", fix_en: "The exchange is in force from {validFrom} to {validTo}.";
    WRONG_DIRECTION = "exchange.wrong_direction", 422,
        pl: "Wiadomość tego rodzaju wysyła druga strona", en: "A message of this kind is for the other side to send",
        fix_pl: "Kierunki podaje GET /message-kinds.", fix_en: "GET /message-kinds names the directions.";
    WRONG_RECEIVER = "exchange.wrong_receiver", 422,
        pl: "Tej instytucji nie przekazuje się wiadomości tego rodzaju", en: "A message of this kind is none for this institution",
        fix_pl: "Odbiorców podaje GET /message-kinds.", fix_en: "GET /message-kinds names the receivers.";
    REVOKES_NOTHING = "exchange.revokes_nothing", 422,
        pl: "Odwołać można tylko to, co przekazano wcześniej", en: "Only what was told before can be taken back",
        fix_pl: "Podaj w correctsId wiadomość, która mówiła o tej osobie i którą ten zapis odwołuje.",
        fix_en: "Name in correctsId the message that told of this person and that this record takes back.";
    PERSON_TWICE = "exchange.person_twice", 422,
        pl: "Ta sama osoba występuje w dwóch zapisach, które się wykluczają lub powtarzają", en: "The same person stands in two records that exclude or repeat each other",
        fix_pl: "Zostaw jeden z zapisów; odbiorca odmawia drugiego z kodem duplicate.",
        fix_en: "Leave one of the records; a receiver refuses the other one with the code duplicate.";
    SENT_BEFORE_EVENT = "exchange.sent_before_event", 422,
        pl: "W tym dniu jeszcze nie było tego, o czym mówi wiadomość", en: "What the message tells had not happened on that day",
        fix_pl: "Podaj dzień wysłania nie wcześniejszy niż {day}.", fix_en: "Give a day of sending that is not before {day}.";
    DRAFT_OVERTAKEN = "exchange.draft_overtaken", 409,
        pl: "Szkic nie odpowiada już temu, co wiadomo o osobach", en: "The draft does not fit what is known of people any more",
        fix_pl: "Odrzuć szkic i napisz go od nowa: po połączeniu kart osoba z zapisu {position} występuje dwa razy albo brakuje danych, których wymaga lista.",
        fix_en: "Discard the draft and write it anew: since a merge the person of record {position} stands in it twice, or data that the list needs are missing.";
    COPY_NOT_CORRECTABLE = "exchange.copy_not_correctable", 422,
        pl: "Kopii się nie prostuje", en: "A copy is not corrected",
        fix_pl: "Sprostuj wiadomość {originalId}; sprostowanie trafi do obu odbiorców.",
        fix_en: "Correct the message {originalId}; the correction goes to both receivers.";
    SCHEMA_VERSION = "exchange.schema_version", 422,
        pl: "Nieznana wersja schematu wiadomości", en: "Unknown version of the schema of the message",
        fix_pl: "Użyj wersji {version}.", fix_en: "Use version {version}.";
    REFERENCE_TAKEN = "exchange.reference_taken", 409,
        pl: "Pod tym numerem nadawcy jest już inna wiadomość", en: "There is another message under this reference of the sender",
        fix_pl: "Nadaj nowej wiadomości inny numer; sprostowanie wskazuje poprawianą wiadomość w correctsId.",
        fix_en: "Give a new message another reference; a correction names the corrected message in correctsId.";
    NOT_CORRECTABLE = "exchange.not_correctable", 422,
        pl: "Tej wiadomości nie można tak sprostować", en: "This message cannot be corrected so",
        fix_pl: "Sprostowanie poprawia własną, wysłaną wiadomość tego samego rodzaju i tej samej wymiany.",
        fix_en: "A correction is about an own message that was sent, of the same kind and exchange.";
    ALREADY_CORRECTED = "exchange.already_corrected", 409,
        pl: "Ta wiadomość ma już sprostowanie", en: "This message has a correction already",
        fix_pl: "Sprostuj ostatnie sprostowanie.", fix_en: "Correct the latest correction.";
    CORRECTION_INCOMPLETE = "exchange.correction_incomplete", 422,
        pl: "Sprostowanie wymaga correctsId i correctionReason", en: "A correction needs correctsId and correctionReason",
        fix_pl: "Podaj oba albo żadne.", fix_en: "Give both or neither.";
    PERIOD_INVERTED = "exchange.period_inverted", 422,
        pl: "Dzień nie pasuje do okresu", en: "The day does not fit its period",
        fix_pl: "Popraw wskazany dzień.", fix_en: "Correct the day that is pointed at.";
    JOB_CONTRADICTS = "exchange.job_contradicts_result", 422,
        pl: "job podaje się wtedy i tylko wtedy, gdy result to employed", en: "job is given where, and only where, result is employed",
        fix_pl: "Uzupełnij albo usuń job.", fix_en: "Add or remove job.";
    SUBJECT_UNCLEAR = "exchange.subject_unclear", 422,
        pl: "Nie wiadomo, kogo dotyczy zapis", en: "It is not clear whom the record is about",
        fix_pl: "Podaj dokładnie jedno z: personId, subjectId, identity.", fix_en: "Give exactly one of personId, subjectId, identity.";
    IDENTITY_NOT_ALLOWED = "exchange.identity_not_allowed", 422,
        pl: "Prawo nie przewiduje danych osobowych w tej wiadomości", en: "The law lists no identity in this message",
        fix_pl: "Wskaż osobę przez subjectId albo personId.", fix_en: "Name the person by subjectId or personId.";
    IDENTITY_INCOMPLETE = "exchange.identity_incomplete", 422,
        pl: "Brakuje danych, których wymaga lista", en: "Data that the list needs are missing",
        fix_pl: "Uzupełnij imiona, nazwisko, miejsce zamieszkania lub pobytu oraz PESEL albo dokument.",
        fix_en: "Add names, surname, place of residence or stay, and PESEL or document.";
    STEP_NOT_ALLOWED = "exchange.step_not_allowed", 409,
        pl: "Ten krok nie może teraz nastąpić", en: "This step cannot follow now",
        fix_pl: "Wiadomość ma stan {state}.", fix_en: "The message stands at {state}.";
    OTHER_SIDE = "exchange.other_side", 409,
        pl: "Ten krok należy do drugiej strony", en: "This step is for the other side",
        fix_pl: "Nadawca wysyła, odrzuca szkic i zamyka sprawę, odbiorca potwierdza odbiór i odpowiada.",
        fix_en: "The sender sends, discards a draft and settles; the receiver receives and answers.";
    ANSWER_CONTRADICTS = "exchange.answer_contradicts", 422,
        pl: "Odpowiedź jest sprzeczna", en: "The answer contradicts itself",
        fix_pl: "Odmowa całości wymaga rejectCode i nie wymienia zapisów; odmowa części wymienia każdy zapis raz, według position. proposalIds nie może być więcej niż propozycji, które wynikają z wiadomości.",
        fix_en: "A refusal of the whole needs rejectCode and names no records; a refusal of a part names each record once, by its position. There are no more proposalIds than proposals that follow.";
    SUBJECT_UNKNOWN = "exchange.subject_not_linked", 422,
        pl: "Nie wskazano, która z własnych osób to jest", en: "It is not stated which of one's own people this is",
        fix_pl: "Wskaż osobę w POST /exchange-subjects albo odmów zapisu z kodem unknownPerson.",
        fix_en: "Name the person at POST /exchange-subjects, or refuse the record with the code unknownPerson.";
    SUBJECT_LINKED = "exchange.subject_already_linked", 409,
        pl: "Tę osobę już wskazano", en: "The person of this subject is named already",
        fix_pl: "Wskazania nie można zmienić.", fix_en: "It cannot be changed.";
    PROPOSAL_CLOSED = "exchange.proposal_closed", 409,
        pl: "Propozycja nie jest już otwarta", en: "The proposal is no longer open",
        fix_pl: "Propozycja ma stan {state}.", fix_en: "The proposal stands at {state}.";
    CORRECTION_AWAITED = "exchange.correction_awaits_answer", 409,
        pl: "Wiadomość, z której to wynika, ma sprostowanie bez odpowiedzi", en: "The message that this follows from has a correction without an answer",
        fix_pl: "Odpowiedz najpierw na sprostowanie {correctionId}.", fix_en: "Answer the correction {correctionId} first.";
    DECISION_NOT_LATER = "exchange.decision_not_later", 409,
        pl: "Zapisana jest już decyzja z tego samego lub późniejszego dnia", en: "A decision of the same or a later day is recorded already",
        fix_pl: "Odrzuć propozycję albo zastąp decyzję {decisionId} przez POST /post-decisions z supersedesId.",
        fix_en: "Decline the proposal, or replace the decision {decisionId} at POST /post-decisions with supersedesId.";
    GRANTED_CONTRADICTS = "exchange.granted_contradicts_decision", 422,
        pl: "Przyznana kwota nie odpowiada rozstrzygnięciu", en: "The amount that is granted does not fit the decision",
        fix_pl: "Wniosek jest na {claimed}: granted to cała kwota, grantedInPart więcej niż 0 i mniej niż ona, refused to 0.",
        fix_en: "The claim is for {claimed}: granted is the whole of it, grantedInPart more than 0 and less than it, refused is 0.";
    CLAIM_DECIDED = "exchange.claim_decided", 409,
        pl: "Ten wniosek jest już rozstrzygnięty", en: "This claim is decided already",
        fix_pl: "Sprostuj rozstrzygnięcie {decisionId}: podaj je w correctsId.",
        fix_en: "Correct the decision {decisionId}: name it in correctsId.";
    REPLACES_SELF = "exchange.replaces_self", 422,
        pl: "Nikt nie zajmuje miejsca po sobie", en: "Nobody takes the own place",
        fix_pl: "Podaj w replacesSubjectId osobę, która zwolniła miejsce.", fix_en: "Name in replacesSubjectId the person who left the place.";
    NOTHING_TO_ADMIT = "exchange.accepted_on_without_admission", 422,
        pl: "acceptedOn dotyczy tylko przyjęcia, a offerSeat tylko zakończenia udziału", en: "acceptedOn is only for an admission, and offerSeat only for an end",
        fix_pl: "Usuń to pole.", fix_en: "Remove the field.";
}

/// Constraints of this slice and the codes they mean.
pub const CONSTRAINTS: &[Constraint] = &[
    ("exchange_links_agreement_key", &LINK_EXISTS, "/agreementId"),
    ("exchange_links_agreement_fkey", &catalogue::REFERENCE_NOT_FOUND, "/agreementId"),
    ("exchange_links_parties_check", &NOT_AN_OFFICE, "/officeId"),
    ("exchange_links_period_check", &PERIOD_INVERTED, "/validTo"),
    ("messages_corrects_key", &ALREADY_CORRECTED, "/correctsId"),
    ("messages_reference_key", &REFERENCE_TAKEN, "/senderReference"),
    ("exchange_subjects_subject_key", &SUBJECT_LINKED, "/subjectId"),
    ("exchange_subjects_person_fkey", &catalogue::REFERENCE_NOT_FOUND, "/personId"),
    // Who was merged meanwhile is found under the new id by a second attempt.
    ("message_proposals_person_fkey", &catalogue::UNAVAILABLE, ""),
];

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    kinds::routes(config);
    exchange_links::routes(config);
    shared_editions::routes(config);
    exchange_subjects::routes(config);
    messages::routes(config);
    steps::routes(config);
    answering::routes(config);
    proposals::routes(config);
    exchange_deadlines::routes(config);
    xml::routes(config);
}
