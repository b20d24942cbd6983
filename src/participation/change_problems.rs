//! Codes of the problems of changes, incidents, duties to inform, support and early warnings.

use crate::problems;

problems! {
    SESSION_KNOWN = "participation.session_known", 409,
        pl: "Te zajęcia są już zapisane inaczej", en: "This session is recorded otherwise already",
        fix_pl: "Przełóż je przez POST /sessions/{sessionId}/rescheduling albo odwołaj i zapisz na nowo.",
        fix_en: "Move it with POST /sessions/{sessionId}/rescheduling, or cancel it and record it anew.";
    NOT_PROLONGED = "participation.not_prolonged", 422,
        pl: "Nowy koniec nie jest późniejszy od planowanego", en: "The new end is not later than the planned one",
        fix_pl: "Podaj dzień późniejszy niż {plannedEndOn}; wcześniejszy koniec zapisuje end_participation.",
        fix_en: "Give a day later than {plannedEndOn}; an earlier end is recorded by end_participation.";
    NOT_A_MEMBER = "participation.not_a_member", 409,
        pl: "Ta osoba nie należy w dniu {day} do opuszczanej grupy", en: "On {day} this person does not belong to the group that is left",
        fix_pl: "Podaj grupę i dzień istniejącego członkostwa albo dołącz osobę przez POST /groups/{id}/members.",
        fix_en: "Give group and day of a membership that there is, or let the person join with POST /groups/{id}/members.";
    GROUP_MOVE_BEFORE = "participation.group_move_before", 422,
        pl: "W tym dniu członkostwo dopiero się zaczyna", en: "The membership only begins on that day",
        fix_pl: "Podaj dzień późniejszy niż {from}.", fix_en: "Give a day later than {from}.";
    NOT_ASSIGNED = "participation.not_assigned", 409,
        pl: "Ta osoba nie jest w dniu {day} przypisana do opuszczanego stanowiska", en: "On {day} this person is not assigned to the post that is left",
        fix_pl: "Podaj stanowisko i dzień istniejącego przypisania.", fix_en: "Give post and day of an assignment that there is.";
    POST_MOVE_BEFORE = "participation.post_move_before", 422,
        pl: "W tym dniu przypisanie dopiero się zaczyna", en: "The assignment only begins on that day",
        fix_pl: "Podaj dzień późniejszy niż {from}.", fix_en: "Give a day later than {from}.";
    INCIDENT_RECORDED = "participation.incident_recorded", 409,
        pl: "To zdarzenie jest już zapisane", en: "This incident is recorded already",
        fix_pl: "Odczytaj zdarzenia uczestnictwa; błędnie zapisane można wycofać.",
        fix_en: "Read the incidents of the participation; one recorded by mistake can be withdrawn.";
    INCIDENT_KNOWN_BEFORE = "participation.incident_known_before", 422,
        pl: "Nikt nie wie o zdarzeniu, zanim nastąpi", en: "Nobody knows of an incident before it happens",
        fix_pl: "Podaj dzień nie wcześniejszy niż dzień zdarzenia i powzięcia wiadomości.",
        fix_en: "Give a day that is not before the incident and the day on which it became known.";
    INCIDENT_ATTENDANCE = "participation.incident_attendance", 422,
        pl: "Ten wiersz listy nie mówi o tej nieobecności", en: "This row of a sheet does not tell of this absence",
        fix_pl: "Podaj wiersz z dnia zdarzenia o statusie excused lub unexcused, tylko przy rodzaju absence.",
        fix_en: "Name a row of the day of the incident with the status excused or unexcused, with the kind absence only.";
    INCIDENT_WITHDRAWN = "participation.incident_withdrawn", 409,
        pl: "Zdarzenie jest już wycofane", en: "The incident is withdrawn already",
        fix_pl: "Zapisz je na nowo, jeśli jednak nastąpiło.", fix_en: "Record it anew if it did happen.";
    DUTY_DISCHARGED = "participation.duty_discharged", 409,
        pl: "Obowiązek wykonano już inaczej ({dischargedOn})", en: "The duty was discharged in another way already ({dischargedOn})",
        fix_pl: "Odczytaj obowiązek, aby zobaczyć, jak.", fix_en: "Read the duty to see how.";
    DUTY_WITHDRAWN = "participation.duty_withdrawn", 409,
        pl: "Obowiązek odpadł wraz ze zdarzeniem", en: "The duty was withdrawn with its incident",
        fix_pl: "Nic nie trzeba robić.", fix_en: "Nothing is to be done.";
    MORE_IDS_THAN_DUTIES = "participation.more_ids_than_duties", 422,
        pl: "dutyIds jest więcej niż powstających obowiązków", en: "There are more dutyIds than duties that arise",
        fix_pl: "Podaj najwyżej {duties} id: obowiązek nie powstaje drugi raz wobec urzędu, który już poinformowano.",
        fix_en: "Give {duties} ids at most: no duty arises again towards an office that was told already.";
    DUTY_NOT_YET = "participation.duty_not_yet", 422,
        pl: "Obowiązek wtedy jeszcze nie powstał", en: "The duty had not arisen by then",
        fix_pl: "Podaj dzień od {arisenOn}.", fix_en: "Give a day from {arisenOn} on.";
    END_NOT_CORRECTABLE = "participation.end_not_correctable", 409,
        pl: "To uczestnictwo nie skończyło się przed czasem", en: "This participation has not ended before its time",
        fix_pl: "Uczestnictwo ma stan {state}; sprostować można tylko wcześniejsze zakończenie.",
        fix_en: "The participation stands at {state}; only an early end can be corrected.";
    SEAT_TAKEN_OVER = "participation.seat_taken_over", 409,
        pl: "Miejsce przejęła już inna osoba", en: "Somebody else has taken the seat over",
        fix_pl: "Uczestnictwo {participationId} trwa na tym miejscu; zmiana planu miejsc albo nowe przyjęcie wymaga decyzji.",
        fix_en: "The participation {participationId} has that seat; a revision of the plan or another admission is a decision of its own.";
    SEAT_ACCEPTED = "participation.seat_accepted", 409,
        pl: "Propozycję tego miejsca ktoś już przyjął", en: "Somebody has accepted the offer of this seat",
        fix_pl: "Propozycja {offerId} jest przyjęta, choćby inne miejsca były wolne; odrzuć sprostowanie albo najpierw wycofaj propozycję.",
        fix_en: "The offer {offerId} is accepted, whatever other seats are free; decline the correction, or take the offer back first.";
    SUPPORT_TYPE_EXISTS = "participation.support_type_exists", 409,
        pl: "Katalog ma już rodzaj wsparcia o tym kodzie", en: "The catalogue has a kind of support of this code already",
        fix_pl: "Użyj istniejącego albo podaj inny kod.", fix_en: "Use the one that there is, or give another code.";
    SUPPORT_PROVIDER = "participation.support_provider", 422,
        pl: "Wsparcia udziela jeden podmiot", en: "One body provides the support",
        fix_pl: "Podaj providerPartnerId albo provider.", fix_en: "Give providerPartnerId or provider.";
    SUPPORT_CORRECTION = "participation.support_correction", 422,
        pl: "Korekta i jej przyczyna idą w parze", en: "A correction and its reason go together",
        fix_pl: "Podaj supersedesId razem z correctionReason albo pomiń oba.",
        fix_en: "Give supersedesId together with correctionReason or leave both out.";
    SUPPORT_RESULT = "participation.support_result", 422,
        pl: "Wynik mają kursy, a zaświadczenie kursy ukończone", en: "Courses have a result, and finished ones a certificate",
        fix_pl: "Podaj result tylko przy kursie, a certificateNumber tylko z wynikiem passed lub completed.",
        fix_en: "Give result with a course only, and certificateNumber with the result passed or completed only.";
    SUPPORT_PLAN_EVENT = "participation.support_plan_event", 422,
        pl: "Po tym zdarzeniu planu nie wybrano tego wsparcia", en: "This support was not chosen after that event of a plan",
        fix_pl: "Podaj planEventId tylko przy kursie i zdarzenie nie późniejsze niż jego pierwszy dzień.",
        fix_en: "Give planEventId with a course only, and an event that is not after its first day.";
    SUPPORT_COST_REPEATED = "participation.support_cost_repeated", 422,
        pl: "To źródło finansowania podano dwa razy", en: "This source of financing is given twice",
        fix_pl: "Podaj każde źródło raz, z jego łączną kwotą.", fix_en: "Give each source once, with its whole amount.";
    SUPPORT_COST_NEGATIVE = "participation.support_cost_negative", 422,
        pl: "Koszt nie może być ujemny", en: "A cost must not be negative",
        fix_pl: "Podaj kwotę nieujemną.", fix_en: "Give an amount that is not negative.";
    SUPPORT_CANCELLED = "participation.support_cancelled", 409,
        pl: "To wsparcie jest odwołane", en: "This support is cancelled",
        fix_pl: "Zapisz nowe wsparcie.", fix_en: "Record new support.";
    WARNING_PARAMETER = "participation.warning_parameter", 422,
        pl: "Ta reguła ma inne parametry", en: "This rule has other parameters",
        fix_pl: "Podaj parametr {parameter} albo go pomiń: każda reguła ma własne i potrzebuje wszystkich.",
        fix_en: "Give the parameter {parameter}, or leave it out: each rule has its own and needs all of them.";
}
