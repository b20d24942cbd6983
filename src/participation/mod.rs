//! Participation: who took part in an edition, from when to when, in whose
//! place, and what was done there.
//!
//! A participation is `active`, then `completed` (its planned end was reached)
//! or `exited` (it ended before, with a reason). Admission and substitution
//! are one call each, because each is one act. Rules go by the days on which
//! things happened, never by the day of entry, so that past programmes can be
//! entered.
//!
//! Legal source: art. 62a–62b of the Act of 20 April 2004 (at most six months
//! in total, art. 62b(2)(1)). Jobs, sheets and declarations are outcomes and
//! stand to the right of this slice.

mod admission;
mod admit;
pub mod attendance;
pub mod calendar;
pub mod change_problems;
mod changes;
mod class_register;
mod closure;
mod completion;
mod duties;
mod early_warnings;
pub mod elsewhere;
mod end_corrections;
mod ending;
pub mod entry_problems;
mod entry_windows;
mod groups;
pub mod history;
mod individual_plans;
mod papers;
pub mod participations;
mod post_assignments;
pub mod psu;
mod seat_rule;
mod session_patterns;
mod sessions;
pub mod settlements;
mod substitution;
mod substitution_plan;
mod support;
mod suspensions;

pub use change_problems::DUTY_NOT_YET;
use change_problems::{
    DUTY_DISCHARGED, DUTY_WITHDRAWN, END_NOT_CORRECTABLE, GROUP_MOVE_BEFORE, INCIDENT_ATTENDANCE, INCIDENT_KNOWN_BEFORE,
    INCIDENT_RECORDED, INCIDENT_WITHDRAWN, MORE_IDS_THAN_DUTIES, NOT_A_MEMBER, NOT_ASSIGNED, NOT_PROLONGED, POST_MOVE_BEFORE,
    SEAT_ACCEPTED, SEAT_TAKEN_OVER, SUPPORT_CANCELLED, SUPPORT_CORRECTION, SUPPORT_COST_NEGATIVE, SUPPORT_COST_REPEATED,
    SUPPORT_PLAN_EVENT, SUPPORT_PROVIDER, SUPPORT_RESULT, SUPPORT_TYPE_EXISTS, WARNING_PARAMETER,
};
pub use duties::duty_terms::Recipient;
pub use individual_plans::SEALED;
pub use sessions::intake::SessionIntake;

use entry_problems::{
    ATTENDANCE_AT_WORK, ENTRY_WINDOW_CLOSED, ENTRY_WINDOW_CORRECTION, ENTRY_WINDOW_EXISTS, PSU_ABSENCE_OVERLAP,
    PSU_ABSENCE_REASON, PSU_ABSENCE_WITHDRAWN, PSU_ABSENT, PSU_CLASH, PSU_ENTRY_RECORDED, PSU_HOURS_IN_ABSENCE, PSU_TIMES,
    SHEET_CHANGED, SHEET_ROW_OF_ANOTHER,
};

pub use admit::{AdmissionBody, admit_by};
pub use duties::{DutyKind, Notice, Sent, due_on, duties_due_on, notice_due_on, refuse_told, take_back, tell};
pub use end_corrections::{change_end, take_back_end};
pub use ending::{EndBody, EndReason, end_with_offer};

use crate::platform::problem::{Constraint, catalogue};
use crate::platform::routes::ServiceConfig;
use crate::problems;

problems! {
    PLAN_PART_MISSING = "participation.plan_part_missing", 422,
        pl: "Planowi brakuje części wymaganej dla tego rodzaju", en: "The plan lacks a part that its kind must have",
        fix_pl: "Uzupełnij części wskazane w errors.", fix_en: "Add the parts named in errors.";
    PLAN_CONTRACT = "participation.plan_contract", 422,
        pl: "To pole należy do kontraktu socjalnego", en: "This field belongs to a social contract",
        fix_pl: "Podaj contractForm zawsze i tylko przy kontrakcie socjalnym, a factId albo recordFact najwyżej jedno.",
        fix_en: "Give contractForm always and only with a social contract, and one of factId and recordFact at most.";
    PLAN_ENDED = "participation.plan_ended", 409,
        pl: "Plan jest zakończony", en: "The plan has ended",
        fix_pl: "Zapisz nowy plan.", fix_en: "Record a new plan.";
    PLAN_RECORDED_ALREADY = "participation.plan_recorded_already", 409,
        pl: "Ten plan już zapisano", en: "This plan is recorded already",
        fix_pl: "Plan jest zapisany jako {planId}; zmianę zapisz jako jego kolejną wersję.",
        fix_en: "The plan is recorded as {planId}; record a change as its next revision.";
    PLAN_ENDS_BEFORE = "participation.plan_ends_before", 422,
        pl: "Koniec poprzedza początek planu", en: "The end is before the first day of the plan",
        fix_pl: "Podaj dzień nie wcześniejszy niż {from}.", fix_en: "Give a day that is not before {from}.";
    PLAN_EVENT_PARTS = "participation.plan_event_parts", 422,
        pl: "To pole należy do innego rodzaju zdarzenia", en: "This field belongs to another kind of event",
        fix_pl: "Podaj form zawsze i tylko przy contact, a result zawsze i tylko przy evaluation.",
        fix_en: "Give form always and only with contact, and result always and only with evaluation.";
    PLAN_EVENT_BEFORE = "participation.plan_event_before", 422,
        pl: "Zdarzenie poprzedza początek planu", en: "The event is before the first day of the plan",
        fix_pl: "Podaj dzień nie wcześniejszy niż {from}.", fix_en: "Give a day that is not before {from}.";
    PERSON_ERASED = "participation.person_erased", 409,
        pl: "Dane osobowe tej osoby zostały usunięte", en: "This person's identity has been erased",
        fix_pl: "Nie można zapisać treści o tej osobie.", fix_en: "Nothing that describes this person can be recorded.";
    REPLACES_SELF = "participation.replaces_self", 409,
        pl: "Nikt nie zastępuje samego siebie", en: "Nobody can replace themselves",
        fix_pl: "Wskaż inną osobę; powrót tej samej jest zwykłym przyjęciem.",
        fix_en: "Name another person; a return of the same one is an ordinary admission.";
    WHO_AND_WHERE = "participation.who_and_where", 422,
        pl: "Podaj albo zgłoszenie, albo edycję i osobę", en: "Give either an application or an edition and a person",
        fix_pl: "Wyślij applicationId lub offerId albo editionId z personId (przy zastępstwie: applicationId, offerId albo personId).",
        fix_en: "Send applicationId or offerId, or editionId with personId (in a substitution: applicationId, offerId or personId).";
    NOT_SELECTED = "participation.not_selected", 409,
        pl: "Zgłoszenie nie ma na ten dzień decyzji o miejscu ani o rezerwie",
        en: "The application is neither selected nor on the reserve list on that day",
        fix_pl: "Zapisz najpierw decyzję obowiązującą najpóźniej od pierwszego dnia uczestnictwa.",
        fix_en: "First record a decision that holds from the first day of participation at the latest.";
    EDITION_CLOSED = "participation.edition_closed", 409,
        pl: "Edycja jest w tym czasie zamknięta", en: "The edition is closed at that time",
        fix_pl: "Uczestnictwo może trwać najdłużej do dnia zamknięcia ({closedOn}).",
        fix_en: "A participation can last until the day of closing ({closedOn}) at most.";
    OUTSIDE_EDITION = "participation.outside_edition", 422,
        pl: "Dzień wykracza poza edycję", en: "The day is outside the edition",
        fix_pl: "Podaj dni od {startsOn} do {endsOn}.", fix_en: "Give days from {startsOn} to {endsOn}.";
    INVERTED = "participation.inverted_period", 422,
        pl: "Koniec poprzedza początek", en: "The end is before the start",
        fix_pl: "Popraw jeden z dni.", fix_en: "Correct one of the days.";
    OVERLAP = "participation.overlap", 409,
        pl: "Ta osoba uczestniczy już w tym czasie", en: "This person already takes part at that time",
        fix_pl: "Zakończ wcześniejsze uczestnictwo albo wybierz późniejszy dzień.",
        fix_en: "End the earlier participation or choose a later day.";
    NOT_ASSESSED = "participation.not_assessed", 409,
        pl: "Brak aktualnej oceny kwalifikowalności, której wymaga reżim", en: "There is no current assessment of eligibility, which the regime asks for",
        fix_pl: "Oceń kandydata i oprzyj na tym decyzję (assessmentId) albo podaj override z uzasadnieniem; stan oceny: {assessment} (none – brak zgłoszenia, attested – decyzja bez oceny, stale – ocena nieaktualna).",
        fix_en: "Assess the candidate and rest a decision on it (assessmentId), or give an override with a reason; the assessment: {assessment} (none: there is no application, attested: the decision names none, stale: it is out of date).";
    NOT_RANKED = "participation.not_ranked", 409,
        pl: "Edycja wybiera kandydatów według rankingu, a ta osoba nie złożyła zgłoszenia", en: "The edition selects its candidates by ranking, and this person has not applied",
        fix_pl: "Zapisz zgłoszenie i decyzję opartą na protokole albo podaj override z uzasadnieniem.",
        fix_en: "Record the application and a decision that rests on a protocol, or give an override with a reason.";
    NO_FREE_SEAT = "participation.no_free_seat", 409,
        pl: "W dniu {day} wszystkie miejsca ({places}) są zajęte", en: "All places ({places}) are taken on {day}",
        fix_pl: "Zmień plan, wybierz inny dzień albo podaj override z powodem.",
        fix_en: "Revise the plan, choose another day, or send override with a reason.";
    SEAT_OFFERED = "participation.seat_offered", 409,
        pl: "W dniu {day} wolne miejsca są zaoferowane innym", en: "On {day} the free seats are offered to others",
        fix_pl: "Poczekaj na odpowiedź, cofnij ofertę albo podaj override z powodem.",
        fix_en: "Wait for the answer, take the offer back, or send override with a reason.";
    SEAT_KEPT = "participation.seat_kept", 409,
        pl: "W dniu {day} wolne miejsca czekają na zakwalifikowanych kandydatów", en: "On {day} the free seats are kept for candidates who were selected",
        fix_pl: "Przyjmij najpierw zgłoszenia z applicationIds, zmień decyzje o nich albo podaj override z powodem.",
        fix_en: "First admit the applications in applicationIds, decide about them anew, or send override with a reason.";
    SEAT_TAKEN = "participation.seat_taken", 409,
        pl: "To miejsce jest w tym czasie zajęte", en: "This place is taken at that time",
        fix_pl: "Podaj numer wolnego miejsca albo pomiń seat.", fix_en: "Give the number of a free place, or leave seat out.";
    SEAT_OUTSIDE_PLAN = "participation.seat_outside_plan", 422,
        pl: "Plan nie ma miejsca o tym numerze", en: "The plan has no place of this number",
        fix_pl: "Podaj numer od 1 do {places} albo pomiń seat.", fix_en: "Give a number from 1 to {places}, or leave seat out.";
    CUMULATIVE_LIMIT = "participation.cumulative_limit", 422,
        pl: "Łączny czas uczestnictwa przekroczyłby {limit} mies.",
        en: "The participations would together exceed {limit} months",
        fix_pl: "Skróć uczestnictwo albo podaj override z powodem; dotychczas: {already} mies., to: {this} mies.",
        fix_en: "Shorten the participation, or send override with a reason; so far: {already} months, this one: {this} months.";
    PERIOD_TOO_LONG = "participation.period_too_long", 422,
        pl: "Pytanie obejmuje zbyt długi okres", en: "The question is about too long a period",
        fix_pl: "Zapytaj o najwyżej {days} dni.", fix_en: "Ask about {days} days at most.";
    ASKED_TOO_OFTEN = "participation.asked_too_often", 409,
        pl: "O tę osobę pytano już tego dnia zbyt wiele razy", en: "Too many questions were asked about this person within a day",
        fix_pl: "W ciągu 24 godzin można zapytać {limit} razy; wcześniejsze odpowiedzi są na liście.",
        fix_en: "Within 24 hours {limit} questions may be asked; earlier answers are on the list.";
    ALREADY_ENDED = "participation.already_ended", 409,
        pl: "Uczestnictwo jest już zakończone", en: "The participation has already ended",
        fix_pl: "Odczytaj uczestnictwo, aby zobaczyć jego koniec.", fix_en: "Read the participation to see its end.";
    COMPLETED_EARLY = "participation.completed_early", 422,
        pl: "Ukończenie wymaga dotrwania do planowanego końca", en: "Completion needs the planned end to be reached",
        fix_pl: "Podaj powód wcześniejszego wyjścia albo dzień {plannedEndOn}.",
        fix_en: "Give the reason of the early exit or the day {plannedEndOn}.";
    OUTSIDE_PARTICIPATION = "participation.outside_participation", 422,
        pl: "Dzień wykracza poza uczestnictwo", en: "The day is outside the participation",
        fix_pl: "Podaj dzień od {startsOn} do {lastOn}.", fix_en: "Give a day from {startsOn} to {lastOn}.";
    FACTS_AFTER_END = "participation.facts_after_end", 409,
        pl: "Po tym dniu zapisano już godziny lub obecność", en: "Hours or attendance are already recorded after that day",
        fix_pl: "Skoryguj te zapisy ({psuEntries} wpisów PSU, {attendance} obecności) albo podaj późniejszy dzień.",
        fix_en: "Correct those records ({psuEntries} PSU entries, {attendance} of attendance) or give a later day.";
    FACTS_IN_SUSPENSION = "participation.facts_in_suspension", 409,
        pl: "W tym czasie zapisano już godziny lub obecność", en: "Hours or attendance are already recorded in that time",
        fix_pl: "Skoryguj te zapisy ({psuEntries} wpisów PSU, {attendance} obecności) albo podaj inne dni.",
        fix_en: "Correct those records ({psuEntries} PSU entries, {attendance} of attendance) or give other days.";
    SUSPENSION_OVERLAP = "participation.suspension_overlap", 409,
        pl: "Zawieszenie pokrywa się z innym", en: "The suspension overlaps another one",
        fix_pl: "Podaj tylko dni, które nie są jeszcze zawieszone.", fix_en: "Give only days that are not suspended yet.";
    REPLACEMENT_TARGET_ACTIVE = "participation.replacement_target_active", 409,
        pl: "Zastępowany uczestnik nadal uczestniczy", en: "The participant to be replaced still takes part",
        fix_pl: "Podaj end z powodem i ostatnim dniem uczestnictwa.",
        fix_en: "Send end with the reason and the last day of participation.";
    ALREADY_REPLACED = "participation.already_replaced", 409,
        pl: "Ten uczestnik został już zastąpiony", en: "This participant has already been replaced",
        fix_pl: "Zastąp uczestnika, który zajął to miejsce ({replacedById}).",
        fix_en: "Replace the participant who took the place ({replacedById}).";
    COMPLETED_NOT_REPLACED = "participation.completed_not_replaced", 409,
        pl: "Ukończonego uczestnictwa się nie zastępuje", en: "A completed participation is not replaced",
        fix_pl: "Przyjmij osobę bez zastępstwa.", fix_en: "Admit the person without a substitution.";
    REPLACEMENT_TOO_EARLY = "participation.replacement_too_early", 422,
        pl: "Zastępstwo zaczyna się, zanim miejsce się zwolniło", en: "The replacement starts before the place is free",
        fix_pl: "Podaj dzień późniejszy niż {endedOn}.", fix_en: "Give a day later than {endedOn}.";
    EDITION_ALREADY_CLOSED = "participation.edition_already_closed", 409,
        pl: "Edycja jest już zamknięta", en: "The edition is already closed",
        fix_pl: "Odczytaj edycję, aby zobaczyć dzień zamknięcia.", fix_en: "Read the edition to see the day of closing.";
    STILL_RUNNING = "participation.still_running", 409,
        pl: "Po tym dniu ktoś jeszcze uczestniczy", en: "Somebody still takes part after that day",
        fix_pl: "Zakończ te uczestnictwa (participationIds) albo podaj późniejszy dzień.",
        fix_en: "End those participations (participationIds) or give a later day.";
    NOT_TAKING_PART = "participation.not_taking_part", 422,
        pl: "Ta osoba nie uczestniczy w edycji w tym dniu", en: "This person does not take part in the edition on that day",
        fix_pl: "Wskaż uczestnictwa tej edycji, trwające w dniu zajęć i niezawieszone.",
        fix_en: "Name participations of this edition that run on the day and are not suspended.";
    NOT_IN_EDITION = "participation.not_in_edition", 422,
        pl: "Tego uczestnictwa nie ma w edycji grupy", en: "The edition of the group has no such participation",
        fix_pl: "Podaj uczestnictwo z edycji, do której należy grupa.", fix_en: "Name a participation of the edition that the group belongs to.";
    GROUP_EXISTS = "participation.group_exists", 409,
        pl: "Edycja ma już grupę o tej nazwie", en: "The edition has a group of this name already",
        fix_pl: "Użyj istniejącej grupy albo podaj inną nazwę.", fix_en: "Use the group that there is, or give another name.";
    ALREADY_MEMBER = "participation.already_member", 409,
        pl: "Ta osoba należy już w tym czasie do grupy", en: "This person belongs to the group at that time already",
        fix_pl: "Podaj dni, w których jeszcze do niej nie należy.", fix_en: "Give days on which the person does not belong to it yet.";
    SESSION_TIMES = "participation.session_times", 422,
        pl: "Czas zajęć nie jest spójny", en: "The times of the session do not agree",
        fix_pl: "Podaj albo hours, albo lessonHours; endsAt tylko ze startsAt, tego samego dnia i po upływie godzin.",
        fix_en: "Give either hours or lessonHours; endsAt only with startsAt, on the same day and after the hours have passed.";
    SESSION_AUDIENCE = "participation.session_audience", 422,
        pl: "Zajęcia są dla grupy albo dla wskazanych osób", en: "A session is for a group or for the people named",
        fix_pl: "Podaj groupId (tylko w formie group) albo participationIds, nie oba.",
        fix_en: "Give groupId (in the form group only) or participationIds, not both.";
    SESSION_CLASH = "participation.session_clash", 409,
        pl: "Zajęcia pokrywają się z innymi", en: "The session is at the time of another one",
        fix_pl: "Zmień porę, salę, prowadzącego lub skład; clashOf mówi, co się pokrywa, a sessionId, z którymi zajęciami.",
        fix_en: "Change the time, the room, the leader or the people; clashOf says what clashes, and sessionId with which session.";
    SESSION_HELD = "participation.session_held", 409,
        pl: "Zajęcia mają już listę obecności", en: "The session has an attendance sheet already",
        fix_pl: "Popraw listę obecności; odbytych zajęć nie przenosi się ani nie odwołuje.",
        fix_en: "Correct the sheet; what was held is neither moved nor cancelled.";
    SESSION_CANCELLED = "participation.session_cancelled", 409,
        pl: "Zajęcia są odwołane", en: "The session is cancelled",
        fix_pl: "Zaplanuj nowe zajęcia.", fix_en: "Plan a new session.";
    PATTERN_SESSIONS = "participation.pattern_sessions", 422,
        pl: "Ten wzorzec nie daje od 1 do 500 zajęć", en: "The pattern does not give 1 to 500 sessions",
        fix_pl: "Zmień dni tygodnia, okres albo onHoliday.", fix_en: "Change the weekdays, the period or onHoliday.";
    PATTERN_TOO_SHORT = "participation.pattern_too_short", 422,
        pl: "W tym okresie mieści się tylko {fittingHours} h", en: "Only {fittingHours} hours fit into the period",
        fix_pl: "Wydłuż okres, dodaj dni tygodnia albo zmniejsz totalHours.",
        fix_en: "Lengthen the period, add weekdays or lower totalHours.";
    PATTERN_MEETS = "participation.pattern_meets", 422,
        pl: "Dwoje zajęć wzorca wypada w tej samej porze dnia {on}", en: "Two sessions of the pattern are at one time on {on}",
        fix_pl: "Zmień godziny albo onHoliday.", fix_en: "Change the times or onHoliday.";
    FEED_SUBJECT = "participation.feed_subject", 422,
        pl: "Kalendarz dotyczy grupy, prowadzącego albo uczestnictwa", en: "A calendar is of a group, a leader or a participation",
        fix_pl: "Podaj dokładnie jedno z groupId, facilitator i participationId.",
        fix_en: "Give exactly one of groupId, facilitator and participationId.";
    FEED_REVOKED = "participation.feed_revoked", 409,
        pl: "Adres tego kalendarza jest już unieważniony", en: "The address of this calendar is revoked already",
        fix_pl: "Utwórz nowy kalendarz.", fix_en: "Make a new calendar.";
    INDIVIDUAL_SESSION = "participation.individual_session", 422,
        pl: "Konsultacja indywidualna dotyczy dokładnie jednej osoby", en: "An individual consultation is for exactly one person",
        fix_pl: "Podaj w participationIds jedno uczestnictwo.", fix_en: "Give one participation in participationIds.";
    SHEET_INCOMPLETE = "participation.sheet_incomplete", 422,
        pl: "Lista obecności jest niepełna", en: "The attendance sheet is incomplete",
        fix_pl: "Dodaj wiersze brakujących osób: {missing}.", fix_en: "Add rows for those missing: {missing}.";
    SHEET_ROW = "participation.sheet_row", 422,
        pl: "Wiersz listy obecności jest niepoprawny", en: "A row of the attendance sheet is wrong",
        fix_pl: "Popraw wskazane wiersze.", fix_en: "Correct the rows named.";
    CORRECTION_REASON = "participation.correction_reason", 422,
        pl: "Korekta wymaga uzasadnienia", en: "A correction needs a reason",
        fix_pl: "Podaj correctionReason.", fix_en: "Give correctionReason.";
    OUTSIDE_PERIOD = "participation.outside_period", 422,
        pl: "Dzień pracy poza okresem uczestnictwa", en: "The day of work lies outside the participation",
        fix_pl: "Podaj dzień od {startsOn} do {endsOn}, w którym uczestnictwo nie jest zawieszone.",
        fix_en: "Give a day from {startsOn} to {endsOn} on which the participation is not suspended.";
    PSU_WEEKLY_LIMIT = "participation.psu_weekly_limit", 422,
        pl: "Przekroczony tygodniowy limit godzin prac społecznie użytecznych",
        en: "The weekly limit of hours of socially useful work is exceeded",
        fix_pl: "W tygodniu {week} pozostało {remainingHours} h z {limitHours} h.",
        fix_en: "In week {week}, {remainingHours} of {limitHours} hours remain.";
    PSU_MONTHLY_CAP = "participation.psu_monthly_cap", 422,
        pl: "Przekroczony miesięczny wymiar godzin z porozumienia", en: "The agreement's monthly cap of hours is exceeded",
        fix_pl: "W miesiącu {month} pozostało {remainingHours} h z {limitHours} h.",
        fix_en: "In {month}, {remainingHours} of {limitHours} hours remain.";
    PSU_TOTAL_HOURS = "participation.psu_total_hours", 422,
        pl: "Przekroczona łączna liczba godzin z porozumienia", en: "The agreement's hours in total are exceeded",
        fix_pl: "Z {limitHours} h porozumienia pozostało {remainingHours} h, do wykorzystania do {agreementEndsOn}.",
        fix_en: "Of the agreement's {limitHours} hours {remainingHours} remain, to be used by {agreementEndsOn}.";
    PSU_ENTRY_APPROVED = "participation.psu_entry_approved", 409,
        pl: "Wpis jest już zatwierdzony", en: "An entry is approved already",
        fix_pl: "Pomiń wpisy już zatwierdzone; każdy wpis podaj raz.", fix_en: "Leave out entries that are approved; name each entry once.";
    APPROVAL_OF_ONE_HOST = "participation.approval_of_one_host", 422,
        pl: "Zatwierdza się wpisy jednego miejsca pracy", en: "An approval is of entries of one host",
        fix_pl: "Wyślij osobne zatwierdzenie dla każdego miejsca pracy.", fix_en: "Send an approval for each host.";
    POST_CLOSED = "participation.post_closed", 422,
        pl: "Stanowisko nie istnieje we wszystkich tych dniach", en: "The post does not exist on all of these days",
        fix_pl: "Podaj dni, w których stanowisko jest otwarte.", fix_en: "Give days on which the post is open.";
    POST_FULL = "participation.post_full", 409,
        pl: "W dniu {day} wszystkie miejsca stanowiska ({places}) są zajęte", en: "On {day} all places of the post ({places}) are taken",
        fix_pl: "Podaj inne dni albo inne stanowisko.", fix_en: "Give other days or another post.";
    POST_ASSIGNED = "participation.post_assigned", 409,
        pl: "Ta osoba jest w tym czasie przypisana do tego stanowiska", en: "This person is assigned to this post at that time already",
        fix_pl: "Podaj tylko dni bez przypisania.", fix_en: "Give only days without an assignment.";
    SETTLEMENT_SCOPE = "participation.settlement_scope", 422,
        pl: "Rozlicza się całe porozumienie albo jedną edycję", en: "Either a whole agreement or one edition is settled",
        fix_pl: "Podaj agreementId albo editionId.", fix_en: "Give agreementId or editionId.";
    SETTLEMENT_EXISTS = "participation.settlement_exists", 409,
        pl: "Ten miesiąc jest już rozliczony lub rozliczany", en: "This month is settled already, or being settled",
        fix_pl: "Odczytaj rozliczenie {settlementId}: szkic można wycofać, zatwierdzone skorygować.",
        fix_en: "Read settlement {settlementId}: a draft can be withdrawn, an approved one corrected.";
    SETTLEMENT_NO_MINIMUM = "participation.settlement_no_minimum", 409,
        pl: "Dla dnia pracy {workedOn} nie jest znana stawka minimalna", en: "No minimum rate is known for work on {workedOn}",
        fix_pl: "Administrator dodaje stawkę przez POST /minimum-rates.", fix_en: "An administrator enters the rate with POST /minimum-rates.";
    SETTLEMENT_NO_RATE = "participation.settlement_no_rate", 409,
        pl: "Porozumienie nie ustala stawki za pracę w dniu {workedOn}", en: "The agreement sets no rate for work on {workedOn}",
        fix_pl: "Dodaj stawkę dla tego rodzaju prac przez POST /agreements/{id}/rates albo podaj hourlyBenefit porozumienia.",
        fix_en: "Record a rate for this kind of work with POST /agreements/{id}/rates, or give the agreement's hourlyBenefit.";
    SETTLEMENT_NO_REFUND = "participation.settlement_no_refund", 409,
        pl: "Porozumienie nie ustala refundacji za pracę w dniu {workedOn}", en: "The agreement sets no refund for work on {workedOn}",
        fix_pl: "Podaj refundPercent (lub refundPercentCarers) porozumienia albo stawki.",
        fix_en: "Give refundPercent (or refundPercentCarers) of the agreement or of the rate.";
    SETTLEMENT_RATE_TOO_LOW = "participation.settlement_rate_too_low", 409,
        pl: "Stawka {agreed} zł jest niższa od minimum {minimum} zł w dniu pracy {workedOn}",
        en: "The rate of {agreed} zł is below the minimum of {minimum} zł on the day of work {workedOn}",
        fix_pl: "Minimum obowiązuje od {minimumFrom}: uzgodnij wyższą stawkę od tego dnia (POST /agreements/{id}/rates).",
        fix_en: "The minimum holds from {minimumFrom}: agree on a higher rate from that day (POST /agreements/{id}/rates).";
    SETTLEMENT_NOT_DRAFT = "participation.settlement_not_draft", 409,
        pl: "Rozliczenie nie jest szkicem", en: "The settlement is no draft",
        fix_pl: "Zatwierdzone rozliczenie się koryguje (POST /settlements/{id}/corrections).",
        fix_en: "An approved settlement is corrected (POST /settlements/{id}/corrections).";
    SETTLEMENT_NOT_APPROVED = "participation.settlement_not_approved", 409,
        pl: "Rozliczenie nie jest zatwierdzone", en: "The settlement is not approved",
        fix_pl: "Zatwierdź szkic albo wycofaj go i utwórz nowy.", fix_en: "Approve the draft, or withdraw it and make another.";
    SETTLEMENT_OUTDATED = "participation.settlement_outdated", 409,
        pl: "Ewidencja lub stawki zmieniły się od utworzenia szkicu", en: "The register or the rates have changed since the draft",
        fix_pl: "Wycofaj szkic i utwórz go na nowo.", fix_en: "Withdraw the draft and make it anew.";
    SETTLEMENT_DRAFT_OPEN = "participation.settlement_draft_open", 409,
        pl: "Korekta tego rozliczenia czeka już na zatwierdzenie", en: "A correction of this settlement awaits its approval already",
        fix_pl: "Zatwierdź albo wycofaj korektę {settlementId}.", fix_en: "Approve or withdraw correction {settlementId}.";
    NOTHING_TO_CORRECT = "participation.nothing_to_correct", 409,
        pl: "Od zatwierdzenia nic się nie zmieniło", en: "Nothing has changed since the approval",
        fix_pl: "Korekta jest potrzebna dopiero po zmianie w ewidencji lub stawkach.",
        fix_en: "A correction is needed only after the register or the rates have changed.";
}

/// Constraints of this slice and the codes they mean.
pub const CONSTRAINTS: &[Constraint] = &[
    ("participations_edition_fkey", &catalogue::REFERENCE_NOT_FOUND, "/editionId"),
    ("participations_person_fkey", &catalogue::REFERENCE_NOT_FOUND, "/personId"),
    ("participations_application_fkey", &catalogue::REFERENCE_NOT_FOUND, "/applicationId"),
    ("participations_replaces_key", &ALREADY_REPLACED, ""),
    ("participations_period_check", &INVERTED, "/plannedEndOn"),
    ("participations_seat_check", &catalogue::INVALID_FIELD, "/seat"),
    ("participations_overlap_excl", &OVERLAP, "/startsOn"),
    ("participations_group_overlap_excl", &OVERLAP, "/startsOn"),
    ("elsewhere_checks_person_fkey", &catalogue::NOT_FOUND, ""),
    // Who was merged meanwhile is found under the new id by a second attempt.
    ("duty_notices_person_fkey", &catalogue::UNAVAILABLE, ""),
    ("suspensions_period_check", &INVERTED, "/to"),
    ("suspensions_overlap_excl", &SUSPENSION_OVERLAP, "/from"),
    ("sessions_block_fkey", &catalogue::REFERENCE_NOT_FOUND, "/blockId"),
    ("sessions_facilitator_fkey", &catalogue::REFERENCE_NOT_FOUND, "/facilitatorPartnerId"),
    ("sessions_group_fkey", &catalogue::REFERENCE_NOT_FOUND, "/groupId"),
    ("sessions_group_check", &SESSION_AUDIENCE, "/groupId"),
    ("sessions_held_check", &SESSION_CANCELLED, ""),
    ("sessions_facilitator_excl", &SESSION_CLASH, ""),
    ("sessions_room_excl", &SESSION_CLASH, ""),
    ("sessions_group_excl", &SESSION_CLASH, ""),
    ("sessions_everyone_excl", &SESSION_CLASH, ""),
    ("session_seats_person_excl", &SESSION_CLASH, ""),
    ("edition_groups_name_key", &GROUP_EXISTS, "/name"),
    ("group_members_overlap_excl", &ALREADY_MEMBER, "/from"),
    ("group_members_participation_fkey", &NOT_IN_EDITION, "/participationId"),
    ("group_members_period_check", &INVERTED, "/to"),
    ("calendar_feeds_group_fkey", &catalogue::REFERENCE_NOT_FOUND, "/groupId"),
    ("calendar_feeds_participation_fkey", &catalogue::REFERENCE_NOT_FOUND, "/participationId"),
    ("calendar_feeds_subject_check", &FEED_SUBJECT, ""),
    ("session_roster_participation_fkey", &NOT_TAKING_PART, "/participationIds"),
    ("attendance_participation_fkey", &NOT_TAKING_PART, "/rows"),
    ("attendance_work_excl", &ATTENDANCE_AT_WORK, "/rows"),
    ("attendance_current_key", &catalogue::CONFLICT, ""),
    ("attendance_supersedes_key", &catalogue::ALREADY_SUPERSEDED, ""),
    ("psu_weeks_limit_check", &PSU_WEEKLY_LIMIT, "/hours"),
    ("psu_months_limit_check", &PSU_MONTHLY_CAP, "/hours"),
    ("psu_totals_limit_check", &PSU_TOTAL_HOURS, "/hours"),
    ("psu_entries_participation_fkey", &catalogue::REFERENCE_NOT_FOUND, "/participationId"),
    ("psu_entries_host_fkey", &catalogue::REFERENCE_NOT_FOUND, "/hostId"),
    ("psu_entries_supersedes_key", &catalogue::ALREADY_SUPERSEDED, ""),
    ("psu_entries_person_excl", &PSU_CLASH, "/startedAt"),
    ("psu_entries_classes_excl", &PSU_CLASH, "/startedAt"),
    ("psu_absences_period_check", &INVERTED, "/to"),
    ("psu_absences_reason_check", &PSU_ABSENCE_REASON, "/reasonClass"),
    ("psu_absences_overlap_excl", &PSU_ABSENCE_OVERLAP, "/from"),
    ("entry_windows_supersedes_key", &catalogue::ALREADY_SUPERSEDED, "/supersedesId"),
    ("entry_windows_from_key", &ENTRY_WINDOW_EXISTS, "/from"),
    ("entry_windows_days_check", &catalogue::INVALID_FIELD, "/days"),
    ("psu_approved_entries_pkey", &PSU_ENTRY_APPROVED, "/entryIds"),
    ("post_assignments_period_check", &INVERTED, "/to"),
    ("post_assignments_overlap_excl", &POST_ASSIGNED, "/from"),
    ("duty_terms_agreement_fkey", &catalogue::REFERENCE_NOT_FOUND, "/agreementId"),
    ("duty_terms_version_key", &catalogue::CONFLICT, ""),
    ("incidents_host_fkey", &catalogue::REFERENCE_NOT_FOUND, "/hostId"),
    ("incidents_current_key", &INCIDENT_RECORDED, ""),
    ("incidents_attendance_key", &INCIDENT_RECORDED, "/attendanceId"),
    ("support_types_code_key", &SUPPORT_TYPE_EXISTS, "/code"),
    ("support_items_provider_fkey", &catalogue::REFERENCE_NOT_FOUND, "/providerPartnerId"),
    ("support_items_minutes_check", &catalogue::INVALID_FIELD, "/hours"),
    ("warning_rules_version_key", &catalogue::CONFLICT, ""),
    ("settlements_scope_key", &SETTLEMENT_EXISTS, "/month"),
    ("settlements_draft_key", &SETTLEMENT_DRAFT_OPEN, ""),
    ("individual_plans_person_fkey", &catalogue::REFERENCE_NOT_FOUND, "/personId"),
    ("individual_plans_edition_fkey", &catalogue::REFERENCE_NOT_FOUND, "/editionId"),
    ("individual_plans_participation_fkey", &catalogue::REFERENCE_NOT_FOUND, "/participationId"),
    ("individual_plans_contract_check", &PLAN_CONTRACT, "/contractForm"),
    ("individual_plan_revisions_period_check", &INVERTED, "/to"),
    ("individual_plan_events_parts_check", &PLAN_EVENT_PARTS, "/kind"),
];

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    psu::routes(config);
    attendance::routes(config);
    entry_windows::routes(config);
    admit::routes(config);
    participations::routes(config);
    ending::routes(config);
    suspensions::routes(config);
    substitution::routes(config);
    substitution_plan::routes(config);
    history::routes(config);
    elsewhere::routes(config);
    closure::routes(config);
    sessions::routes(config);
    groups::routes(config);
    session_patterns::routes(config);
    calendar::routes(config);
    individual_plans::routes(config);
    papers::routes(config);
    post_assignments::routes(config);
    changes::routes(config);
    completion::routes(config);
    duties::routes(config);
    support::routes(config);
    early_warnings::routes(config);
    settlements::routes(config);
}
