//! Refusals of what is entered about attendance and hours: late, twice, at the same time, or of days of absence.

use crate::problems;

problems! {
    ATTENDANCE_AT_WORK = "participation.attendance_at_work", 409,
        pl: "W czasie zajęć zapisana jest praca tej osoby", en: "Work of the person is recorded at the time of the classes",
        fix_pl: "Sprawdź, gdzie osoba była: popraw obecność albo skoryguj wpis pracy (clashes podaje, który i w jakich godzinach).",
        fix_en: "Find out where the person was: correct the row, or the entry of work (clashes says which one and at what time).";
    ENTRY_WINDOW_CLOSED = "participation.entry_window_closed", 409,
        pl: "Czas na ten zapis minął {until}", en: "The time for this entry was over on {until}",
        fix_pl: "Poproś kogoś, kto jeszcze może ({mayStill}); koordynator może podać override z powodem.",
        fix_en: "Ask somebody who still may ({mayStill}); a coordinator may send override with a reason.";
    ENTRY_WINDOW_CORRECTION = "participation.entry_window_correction", 422,
        pl: "Uzasadnienie należy do korekty", en: "A reason belongs to a correction",
        fix_pl: "Podaj supersedesId i correctionReason razem albo żadne.", fix_en: "Give supersedesId and correctionReason together, or neither.";
    ENTRY_WINDOW_EXISTS = "participation.entry_window_exists", 409,
        pl: "Dla tej roli jest już termin obowiązujący od tego dnia", en: "There is a limit for this role from that day already",
        fix_pl: "Skoryguj go (supersedesId) albo podaj inny dzień.", fix_en: "Correct it (supersedesId), or give another day.";
    PSU_ABSENCE_OVERLAP = "participation.psu_absence_overlap", 409,
        pl: "W części tych dni nieobecność jest już zapisana", en: "On some of these days an absence is recorded already",
        fix_pl: "Podaj tylko dni bez zapisanej nieobecności.", fix_en: "Give only days without a recorded absence.";
    PSU_ABSENCE_REASON = "participation.psu_absence_reason", 422,
        pl: "Powód należy tylko do nieobecności usprawiedliwionej", en: "A reason belongs to an excused absence only",
        fix_pl: "Pomiń reasonClass albo podaj kind: excused.", fix_en: "Leave reasonClass out, or give kind: excused.";
    PSU_ABSENCE_WITHDRAWN = "participation.psu_absence_withdrawn", 409,
        pl: "Ta nieobecność jest już wycofana", en: "The absence is withdrawn already",
        fix_pl: "Zapisz nową nieobecność.", fix_en: "Record a new absence.";
    PSU_ABSENT = "participation.psu_absent", 409,
        pl: "W dniu {workedOn} zapisano nieobecność tej osoby w pracy", en: "On {workedOn} the person was absent from the work",
        fix_pl: "Za dzień nieobecności nie ma godzin: popraw dzień albo wycofaj nieobecność (GET /psu-absences, potem POST …/withdrawal).",
        fix_en: "A day of absence has no hours: correct the day, or withdraw the absence (GET /psu-absences, then POST …/withdrawal).";
    PSU_CLASH = "participation.psu_clash", 409,
        pl: "W tym czasie jest już inna praca lub zajęcia tej osoby", en: "The person has other work or classes at that time",
        fix_pl: "Popraw czas pracy; clashOf mówi, co się pokrywa (psuEntry lub session), a from i to, w jakich godzinach.",
        fix_en: "Correct the times; clashOf says what stands in the way (psuEntry or session), from and to at what time.";
    PSU_ENTRY_RECORDED = "participation.psu_entry_recorded", 409,
        pl: "Za ten dzień w tym miejscu zapisano już inne godziny", en: "Other hours are recorded of this day at this host already",
        fix_pl: "Skoryguj istniejący wpis (GET /psu-entries, potem POST …/correction).",
        fix_en: "Correct the entry that there is (GET /psu-entries, then POST …/correction).";
    PSU_HOURS_IN_ABSENCE = "participation.psu_hours_in_absence", 409,
        pl: "W tych dniach są już zapisane godziny pracy", en: "Hours of work stand on these days already",
        fix_pl: "Skoryguj najpierw te wpisy (psuEntryIds) do zera albo podaj inne dni.",
        fix_en: "First correct these entries (psuEntryIds) to zero, or give other days.";
    PSU_TIMES = "participation.psu_times", 422,
        pl: "Czas pracy nie jest spójny", en: "The times of the work do not agree",
        fix_pl: "Podaj startedAt i endedAt razem, tego samego dnia, tak aby mieściły się w nich godziny.",
        fix_en: "Give startedAt and endedAt together, on the same day, with room for the hours.";
    SHEET_ROW_OF_ANOTHER = "participation.sheet_row_of_another", 409,
        pl: "Ten identyfikator ma już wiersz innych zajęć albo innej osoby", en: "This id is that of a row of another session or another person",
        fix_pl: "Popraw identyfikator albo wskazanie wiersza.", fix_en: "Correct the id, or which row is meant.";
    SHEET_CHANGED = "participation.sheet_changed", 409,
        pl: "Lista zmieniła się od pobrania formularza", en: "The sheet has changed since the form was downloaded",
        fix_pl: "Pobierz formularz ponownie i przenieś do niego poprawkę.",
        fix_en: "Download the form again and carry the correction over.";
}
