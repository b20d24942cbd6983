//! The words of codes in a Polish report: states, notes, units, what groups differ by and how they are called.

use crate::outcomes::figures::definition::Unit;
use crate::outcomes::figures::verdict::{NoteCode, Status};
use crate::platform::types::Day;

/// A day as Polish offices write it.
pub fn polish_day(day: Day) -> String {
    day.date().format("%d.%m.%Y").to_string()
}

/// Why a figure has a value, or none; nothing where it is known for good.
pub fn status(status: Status) -> Option<&'static str> {
    match status {
        Status::Ok => None,
        Status::Provisional => Some("wartość może się jeszcze zmienić albo opiera się na danych niepełnych"),
        Status::Undefined => Some("nieokreślone: nie ma do czego odnieść wartości"),
        Status::NotCollected => Some("brak danych: nie zebrano ich albo nikt nie stwierdził, że są kompletne"),
        Status::NotApplicable => Some("nie dotyczy tej edycji"),
        Status::Suppressed => Some("nie podano: mówiłoby zbyt wiele o pojedynczych osobach"),
    }
}

/// What stands in the place of a value that is not there.
pub fn no_value(status: Status) -> &'static str {
    match status {
        Status::Ok | Status::Provisional | Status::NotCollected => "brak danych",
        Status::Undefined => "nieokreślone",
        Status::NotApplicable => "nie dotyczy",
        Status::Suppressed => "nie podano",
    }
}

/// Something to know about a figure.
pub fn note(code: NoteCode) -> &'static str {
    match code {
        NoteCode::PastPlannedEnd => "udziały po planowanym końcu, których końca nie zapisano",
        NoteCode::SessionsWithoutSheet => "odbyte zajęcia bez listy obecności; nie policzono ich",
        NoteCode::ExpectedWithoutEntry => "osoby oczekiwane na zajęciach, których lista nie wymienia; nie policzono ich",
        NoteCode::JobLengthUnknown => "osoby, o których długości pracy nic nie wiadomo",
        NoteCode::FollowUpNotCollected => "osoby, których po programie nie zapytano",
        NoteCode::TooEarly => "udziały, które nie trwały jeszcze tyle, na ile patrzy wskaźnik; nie policzono ich",
        NoteCode::BlocksWithoutPlan => "bloki bez planowanych godzin; ich godzin nie policzono",
        NoteCode::NotSettled => "wpisy, których nie ma zatwierdzone rozliczenie; policzono je po stawkach obowiązujących",
        NoteCode::WithoutRate => "wpisy z dni bez stawki; nie policzono ich",
        NoteCode::SharedLines => "pozycje rozliczeń wspólne z innymi edycjami; policzono godziny tej edycji",
        NoteCode::NothingScheduled => "udziały bez zajęć, choć edycja wymaga obecności",
    }
}

/// A unit.
pub fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Person => "osoby",
        Unit::Application => "zgłoszenia",
        Unit::Participation => "udziały",
        Unit::Place => "miejsca",
        Unit::Ratio => "stosunek",
        Unit::Hour => "godziny",
        Unit::LessonHour => "godziny lekcyjne (45 minut)",
        Unit::HourPerWeek => "godziny na uczestnika i tydzień",
        Unit::PersonWeek => "osobotygodnie",
        Unit::PersonMonth => "osobomiesiące",
        Unit::Zloty => "zł",
        Unit::CompetenceBySource => "kompetencje według źródła",
        Unit::Day => "dni",
        Unit::Declaration => "deklaracje",
        Unit::Decision => "decyzje",
        Unit::Household => "gospodarstwa domowe",
        Unit::SheetPair => "pary arkuszy",
        Unit::Effect => "efekty",
        Unit::Referral => "skierowania",
    }
}

/// What groups differ by.
pub fn by(code: &str) -> &str {
    find(DIMENSIONS, code).unwrap_or(code)
}

/// A group by its key; none where the key is no known word.
pub fn group(by: &str, key: &str) -> Option<String> {
    let of_dimension = OF_DIMENSIONS.iter().find(|(dimension, word, _)| *dimension == by && *word == key);
    if let Some((_, _, words)) = of_dimension {
        return Some((*words).to_owned());
    }
    match by {
        "isoWeek" => key.split_once("-W").map(|(year, week)| format!("tydzień {} z {year} r.", week.trim_start_matches('0'))),
        "month" => key.split_once('-').map(|(year, month)| format!("{month}.{year}")),
        "chainDepth" => Some(format!("zastępstwo {key}. w kolejności")),
        "sourceAndKind" => {
            let (source, kind) = key.split_once('-')?;
            Some(format!("{}: {}", find(WORDS, source)?, find(WORDS, kind)?))
        }
        _ => find(WORDS, key).map(str::to_owned),
    }
}

/// By whom a competence was rated, and when, as the end of a group's key says.
pub fn rating(part: &str) -> &str {
    find(RATINGS, part).unwrap_or(part)
}

/// What happened in an edition.
pub fn event(kind: &str) -> &str {
    find(EVENTS, kind).unwrap_or(kind)
}

/// What is told of a group besides its value.
pub fn detail(code: &str) -> &str {
    find(DETAILS, code).unwrap_or(code)
}

fn find(words: &'static [(&'static str, &'static str)], code: &str) -> Option<&'static str> {
    words.iter().find(|(known, _)| *known == code).map(|(_, words)| *words)
}

const DIMENSIONS: &[(&str, &str)] = &[
    ("sex", "płeć"),
    ("age", "wiek"),
    ("ageBand", "wiek"),
    ("channel", "droga zgłoszenia"),
    ("decision", "decyzja"),
    ("stage", "etap"),
    ("reason", "powód"),
    ("chainDepth", "kolejność zastępstwa"),
    ("education", "wykształcenie"),
    ("statusAtEntry", "status na rynku pracy"),
    ("disability", "niepełnosprawność"),
    ("longTermUnemployed", "długotrwałe bezrobocie"),
    ("revitalisationArea", "obszar rewitalizacji"),
    ("block", "blok"),
    ("form", "forma zajęć"),
    ("isoWeek", "tydzień"),
    ("month", "miesiąc"),
    ("source", "źródło"),
    ("kind", "rodzaj"),
    ("sourceAndKind", "źródło i rodzaj"),
    ("competence", "kompetencja"),
    ("effect", "efekt"),
    ("finding", "ustalenie"),
    ("destination", "dokąd"),
    ("takeUp", "skorzystanie"),
    ("area", "obszar"),
];

/// Words that mean something else in one dimension than elsewhere.
const OF_DIMENSIONS: &[(&str, &str, &str)] = &[
    ("area", "health", "zdrowie"),
    ("education", "none", "brak"),
    ("statusAtEntry", "employed", "pracujący"),
    ("destination", "other", "inne miejsce"),
    ("decision", "selected", "zakwalifikowani"),
    ("stage", "selected", "zakwalifikowani"),
    ("takeUp", "unknown", "nie wiadomo"),
    ("kind", "training", "szkolenie"),
];

const WORDS: &[(&str, &str)] = &[
    ("unknown", "brak informacji"),
    ("other", "inne"),
    ("none", "żadna"),
    ("true", "tak"),
    ("false", "nie"),
    ("refused", "odmowa"),
    ("female", "kobiety"),
    ("male", "mężczyźni"),
    ("under18", "poniżej 18 lat"),
    ("18-24", "18–24 lata"),
    ("25-29", "25–29 lat"),
    ("30-34", "30–34 lata"),
    ("35-44", "35–44 lata"),
    ("45-49", "45–49 lat"),
    ("50-54", "50–54 lata"),
    ("55-59", "55–59 lat"),
    ("60plus", "60 lat i więcej"),
    ("counter", "w ośrodku"),
    ("labourOffice", "urząd pracy"),
    ("socialWorker", "pracownik socjalny"),
    ("electronic", "elektronicznie"),
    ("post", "pocztą"),
    ("selected", "zakwalifikowani"),
    ("reserve", "lista rezerwowa"),
    ("rejected", "niezakwalifikowani"),
    ("undecided", "bez decyzji"),
    ("withdrawnUndecided", "wycofani przed decyzją"),
    ("applied", "zgłoszenia"),
    ("decided", "z decyzją"),
    ("started", "rozpoczęli"),
    ("completed", "ukończyli"),
    ("approved", "zatwierdzone"),
    ("reckoned", "obliczone, niezatwierdzone"),
    ("employed", "praca"),
    ("ineligible", "niespełnienie warunków"),
    ("health", "zdrowie"),
    ("noContact", "brak kontaktu"),
    ("notEligible", "niespełnienie warunków"),
    ("incompleteDocuments", "niekompletne dokumenty"),
    ("tooFewPoints", "za mało punktów"),
    ("noPlaces", "brak miejsc"),
    ("late", "zgłoszenie po terminie"),
    ("education", "nauka"),
    ("refusedUnjustified", "odmowa bez uzasadnionej przyczyny"),
    ("interruptedOwnFault", "przerwanie z własnej winy"),
    ("interruptedJustified", "przerwanie z uzasadnionej przyczyny"),
    ("moved", "przeprowadzka"),
    ("lostStatus", "utrata statusu"),
    ("died", "zgon"),
    ("primary", "podstawowe"),
    ("lowerSecondary", "gimnazjalne"),
    ("basicVocational", "zasadnicze zawodowe"),
    ("generalSecondary", "średnie ogólnokształcące"),
    ("vocationalSecondary", "średnie zawodowe"),
    ("postSecondary", "policealne"),
    ("tertiary", "wyższe"),
    ("unemployed", "bezrobotni"),
    ("inactive", "bierni zawodowo"),
    ("inactiveInEducation", "bierni zawodowo, uczący się"),
    ("selfEmployed", "samozatrudnieni"),
    ("farmer", "rolnicy"),
    ("group", "grupowa"),
    ("individual", "indywidualna"),
    ("mixed", "mieszana"),
    ("psu", "prace społecznie użyteczne"),
    ("labourFund", "Fundusz Pracy"),
    ("municipality", "gmina"),
    ("FP", "Fundusz Pracy"),
    ("FP_RESERVE", "rezerwa Funduszu Pracy"),
    ("GMINA", "gmina"),
    ("ESF", "Europejski Fundusz Społeczny"),
    ("OWN", "wkład własny"),
    ("cash", "pieniądze"),
    ("benefits", "świadczenia dla uczestników"),
    ("psuAfter", "prace społecznie użyteczne po programie"),
    ("jobSearch", "poszukiwanie pracy"),
    ("training", "szkolenie"),
    ("nextEdition", "następna edycja"),
    ("integrationClub", "klub integracji społecznej"),
    ("integrationCentre", "centrum integracji społecznej"),
    ("socialAssistance", "pomoc społeczna"),
    ("socialCooperative", "spółdzielnia socjalna"),
    ("supportedEmployment", "zatrudnienie wspierane"),
    ("nonGovernmental", "organizacja pozarządowa"),
    ("repeat", "ponowne skierowanie do programu"),
    ("reprofileIpd", "zmiana indywidualnego planu działania"),
    ("takenUp", "skorzystali"),
    ("notTakenUp", "nie skorzystali"),
    ("reached", "osiągnięty"),
    ("partlyReached", "osiągnięty częściowo"),
    ("notReached", "nieosiągnięty"),
    ("learning", "nauka"),
    ("motivation", "motywacja"),
    ("confidence", "pewność siebie"),
    ("problemSolving", "rozwiązywanie problemów"),
    ("volunteering", "wolontariat"),
    ("addictions", "ograniczenie uzależnień"),
    ("functioning", "funkcjonowanie społeczne"),
];

const RATINGS: &[(&str, &str)] = &[
    ("self", "samoocena"),
    ("observer", "obserwacja"),
    ("social_worker", "pracownik socjalny"),
    ("family_assistant", "asystent rodziny"),
    ("facilitator", "prowadzący zajęcia"),
    ("before", "na początku"),
    ("mid", "w połowie"),
    ("after", "na końcu"),
    ("followUp", "po czasie"),
];

const EVENTS: &[(&str, &str)] = &[
    ("planned", "zaplanowano edycję"),
    ("councilOpinion", "opinia rady rynku pracy"),
    ("recruitmentOpened", "rozpoczęcie rekrutacji"),
    ("recruitmentClosed", "zakończenie rekrutacji"),
    ("listSent", "przekazanie listy do urzędu pracy"),
    ("started", "rozpoczęcie edycji"),
    ("monitoring", "monitoring"),
    ("meeting", "spotkanie"),
    ("informationMeeting", "spotkanie informacyjne"),
    ("fair", "targi"),
    ("trip", "wyjazd"),
    ("closingMeeting", "spotkanie podsumowujące"),
    ("report", "sprawozdanie"),
    ("publication", "publikacja"),
    ("followUpReferral", "skierowanie do dalszego wsparcia"),
    ("evaluation", "ewaluacja"),
    ("cancelled", "odwołanie edycji"),
    ("closed", "zamknięcie edycji"),
    ("other", "inne zdarzenie"),
];

const DETAILS: &[(&str, &str)] = &[
    ("pairs", "pary"),
    ("meanBefore", "średnia przed"),
    ("meanAfter", "średnia po"),
    ("improved", "lepiej"),
    ("same", "bez zmian"),
    ("worse", "gorzej"),
    ("sameScore", "ta sama ocena"),
    ("hedges", "z poprawką Hedgesa"),
    ("ranked", "pary różne"),
    ("statistic", "statystyka Wilcoxona"),
    ("pValue", "wartość p (dwustronna)"),
    ("meanSelf", "średnia samoocen"),
    ("meanObserver", "średnia obserwacji"),
    ("correlation", "korelacja"),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_word_is_told_once_and_in_its_dimension() {
        for words in [DIMENSIONS, WORDS, RATINGS, EVENTS, DETAILS] {
            let codes: HashSet<&str> = words.iter().map(|(code, _)| *code).collect();
            assert_eq!(codes.len(), words.len());
        }
        assert_eq!(group("reason", "employed").as_deref(), Some("praca"));
        assert_eq!(group("area", "health").as_deref(), Some("zdrowie"));
        assert_eq!(group("isoWeek", "2026-W06").as_deref(), Some("tydzień 6 z 2026 r."));
        assert_eq!(group("month", "2026-02").as_deref(), Some("02.2026"));
        assert_eq!(group("sourceAndKind", "FP_RESERVE-cash").as_deref(), Some("rezerwa Funduszu Pracy: pieniądze"));
        assert_eq!(group("block", "01900000-0000-7000-8000-000000000035"), None);
    }
}
