//! What each definition counts, and by whose rule, in Polish; the table of definitions says it in English.

use std::borrow::Cow;

use super::definitions::{ACT, ANNEX_8, ASSISTANTS, BUDGET, EFFECTS, ESF, MONEY_OF_PSU, PRACTICE, PSU, PSU_AGREEMENT, SOCIAL};

/// What a definition counts.
pub fn description(id: &str) -> Option<Cow<'static, str>> {
    let until_the_end = before_the_end(id).or_else(|| of_hours(id)).or_else(|| of_sheets(id));
    let told = until_the_end.or_else(|| of_jobs(id)).or_else(|| of_people(id));
    told.map(Cow::Borrowed).or_else(|| rate(id).map(Cow::Owned))
}

/// By whose rule it counts.
pub fn source(english: &str) -> Option<&'static str> {
    let sources = [
        (PRACTICE, "Sprawozdania ośrodków z ich programów"),
        (ACT, "Ustawa z dnia 20 kwietnia 2004 r., art. 62a–62c"),
        (PSU, "Ustawa z dnia 20 kwietnia 2004 r., art. 73a ust. 1"),
        (MONEY_OF_PSU, "Ustawa z dnia 20 kwietnia 2004 r., art. 73a ust. 3–5"),
        (
            PSU_AGREEMENT,
            "Rozporządzenie z dnia 21 grudnia 2017 r. w sprawie prac społecznie użytecznych, § 3 ust. 1 pkt 2; porozumienie",
        ),
        (EFFECTS, "Ustawa z dnia 20 kwietnia 2004 r., art. 62a ust. 7 pkt 3"),
        (ESF, "Rozporządzenie (UE) nr 1304/2013, załącznik I; rozporządzenie (UE) 2021/1057, załącznik I"),
        (
            ASSISTANTS,
            "Ustawa z dnia 9 czerwca 2011 r. o wspieraniu rodziny i systemie pieczy zastępczej, art. 12–15; sprawozdania z projektów",
        ),
        (SOCIAL, "Wytyczne o efektywności społecznej i zatrudnieniowej projektów Europejskiego Funduszu Społecznego, 2014–2020"),
        (BUDGET, "Ustawa z dnia 20 kwietnia 2004 r., art. 62a ust. 7 pkt 4 i art. 62c"),
        (ANNEX_8, "MRPiPS-01, załącznik 8"),
    ];
    sources.into_iter().find(|(of, _)| *of == english).map(|(_, polish)| polish)
}

/// M-01 to M-15: recruitment, places, participation, completion, hours.
fn before_the_end(id: &str) -> Option<&'static str> {
    Some(match id {
        "M-01" => "Osoby, które złożyły zgłoszenie, każda raz.",
        "M-01.of_planned_places" => "Kandydaci do miejsc obowiązującego planu.",
        "M-02" => "Zgłoszenia wycofane, zanim osoba rozpoczęła udział.",
        "M-03.selected" => "Zgłoszenia, których ostatnią decyzją jest zakwalifikowanie.",
        "M-03.reserve" => "Zgłoszenia, których ostatnią decyzją jest lista rezerwowa.",
        "M-03.rejected" => "Zgłoszenia, których ostatnią decyzją jest odmowa.",
        "M-03.undecided" => "Zgłoszenia ani rozstrzygnięte, ani wycofane.",
        "M-03.selection_rate" => "Zgłoszenia zakwalifikowane do kandydatów.",
        "M-03.selected_of_planned_places" => "Zgłoszenia zakwalifikowane do miejsc obowiązującego planu.",
        "M-03.placed" => "Zgłoszenia osób, które rozpoczęły udział w edycji.",
        "M-03.never_placed" => "Zgłoszenia z listy rezerwowej, niewycofane, których osoby nigdy nie rozpoczęły udziału.",
        "M-04.first" => "Miejsca pierwszej wersji planu.",
        "M-04.latest" => "Miejsca obowiązującej wersji planu.",
        "M-05" => "Udziały, które nikogo nie zastępują i zaczęły się pierwszego dnia edycji albo przed pierwszym zastępstwem.",
        "M-05.of_planned_places" => "Rozpoczynający do miejsc obowiązującego planu.",
        "M-06" => "Udziały, które się rozpoczęły.",
        "M-06.of_planned_places" => "Udziały, które się rozpoczęły, do miejsc obowiązującego planu.",
        "M-07" => "Udziały w miejsce kogoś, kto odszedł; pierwszy na danym miejscu ma głębokość łańcucha 1.",
        "M-08.peak" => "Najwięcej udziałów jednego dnia.",
        "M-08.seat_fill" => "Dni udziału w czasie edycji do iloczynu miejsc planowanych i dni.",
        "M-09" => "Udziały, które dotrwały do planowanego końca, z frekwencją, jakiej wymaga edycja.",
        "M-10" => "Jak ukończone, a ponadto wcześniejsze wyjścia, które zasady programu uznają za pozytywne.",
        "M-11.strict" => "Ukończone do objętych programem.",
        "M-11.inclusive" => "Ukończone wraz z wyjściami pozytywnymi do objętych programem.",
        "M-12" => "Wcześniejsze wyjścia, które nie są pozytywne.",
        "M-12.retention_day_30" => "Udziały, które trwały do 30. dnia, do planowanych co najmniej na tyle.",
        "M-12.retention_end" => "Udziały, które dotrwały do planowanego końca, bez względu na frekwencję, do objętych programem.",
        "M-13.attendance_rate" => "Godziny obecności do godzin zaplanowanych w czasie udziału.",
        "M-13.attendance_rate_excluding_excused" => "Godziny obecności do godzin zaplanowanych bez usprawiedliwionych.",
        "M-14.delivery_hours" => "Godziny odbytych zajęć, każde raz, bez względu na liczbę obecnych.",
        "M-14.person_hours" => "Godziny obecności i prac społecznie użytecznych wszystkich uczestników.",
        "M-14.hours_per_participant_week" => "Osobogodziny do tygodni ISO z co najmniej jednym dniem udziału.",
        "M-15.psu_utilisation" => "Godziny przepracowane do iloczynu limitu tygodniowego i tygodni ISO z dniem udziału.",
        "M-15.weeks_at_limit" => {
            "Tygodnie ISO jednej osoby, u wszystkich organizatorów i we wszystkich edycjach, równe limitowi; \
             zapisem jest ostatni wpis tygodnia."
        }
        "M-15.weeks_over_limit" => "Tygodnie ISO jednej osoby ponad limit tygodniowy; baza ich nie przyjmuje.",
        "M-15.psu_hours" => "Godziny z ewidencji.",
        _ => return None,
    })
}

/// M-17 to M-20: sheets of competences, and the effects that the agreement expects.
fn of_sheets(id: &str) -> Option<&'static str> {
    Some(match id {
        "M-17.competence_gain" => {
            "Kompetencje wersji arkusza, osobno dla każdego źródła, których średnia po jest lepsza niż przed, do tych z parami. \
             Parę tworzą jeden udział, arkusz, oceniający i rola obserwatora."
        }
        "M-17.competence_gain_at_mid" => "Jak M-17.competence_gain, od arkusza przed do najnowszego arkusza w trakcie.",
        "M-17.competence_gain_at_follow_up" => {
            "Jak M-17.competence_gain, od arkusza przed do najnowszego arkusza jakiś czas po zakończeniu."
        }
        "M-18.effect_size" => {
            "Kompetencje wersji arkusza, osobno dla każdego źródła, z wielkością efektu, do tych z parami. Grupy podają dz Cohena \
             (średni przyrost do odchylenia standardowego przyrostów), jego poprawkę Hedgesa i dokładny test rangowanych znaków; dz \
             jest nieokreślone dla jednej pary i tam, gdzie wszystkie przyrosty są jednakowe."
        }
        "M-19.rater_agreement" => {
            "Pary samooceny i obserwacji jednego udziału, wersji arkusza i momentu. Grupy podają średnią samooceny pomniejszonej o \
             obserwację i, od 5 par, korelację, według kompetencji, momentu i roli obserwatora."
        }
        "M-20.target_attainment" => {
            "Oczekiwane efekty porozumienia, których cel osiągnięto, do tych z celem i wynikiem. Grupy podają wynik do celu, także \
             powyżej 1; wynikiem jest zapisany, a bez niego wskaźnik wymieniony w porozumieniu."
        }
        "M-20.qualitative" => {
            "Oczekiwane efekty, dla których zapisano ustalenie słowne, według ustalenia; nie mają stopnia realizacji."
        }
        _ => return None,
    })
}

/// M-14 to M-16: hours by the plan, the monthly cap, money.
fn of_hours(id: &str) -> Option<&'static str> {
    Some(match id {
        "M-14.lesson_hours" => {
            "Godziny lekcyjne (45 minut) odbytych zajęć, których długość w nich ustalono; te same zajęcia w godzinach zegarowych \
             podaje M-14.delivery_hours."
        }
        "M-14.planned_hours" => "Planowane godziny zegarowe bloków, każdego w jednym przebiegu, czyli dla jednego uczestnika.",
        "M-14.planned_person_hours" => "Planowane godziny zegarowe bloków razy miejsca obowiązującego planu.",
        "M-14.delivered_of_planned" => {
            "Godziny odbytych zajęć do planowanych godzin jednego przebiegu ich bloków; ponad jeden, gdy prowadzi się kilka grup \
             albo pojedynczych uczestników. Prac społecznie użytecznych nie prowadzi się na zajęciach i są pominięte."
        }
        "M-14.received_of_planned" => {
            "Godziny obecności do planowanych osobogodzin ich bloków oraz godziny prac społecznie użytecznych do planowanych w \
             blokach aktywizacji."
        }
        "M-15.month_cap_use" => {
            "Godziny przepracowane do iloczynu miesięcznego limitu porozumienia i miesięcy kalendarzowych osoby z dniem udziału."
        }
        "M-15.months_at_cap" => {
            "Miesiące jednej osoby w ramach porozumienia, u wszystkich organizatorów i we wszystkich edycjach, równe limitowi; \
             zapisem jest ostatni wpis miesiąca."
        }
        "M-15.months_over_cap" => {
            "Miesiące jednej osoby w ramach porozumienia ponad limit; są tylko tam, gdzie limit ustalono albo obniżono po pracy."
        }
        "M-16.benefit" => {
            "Świadczenia za prace społecznie użyteczne: wiersze zatwierdzonych rozliczeń i to, czym różni się od nich ewidencja; \
             każdy wiersz osoby i stawki zaokrąglony do grosza. Wpis nierozliczony dodaje to, o ile rośnie jego wiersz."
        }
        "M-16.refund" => "Co urząd pracy refunduje ze świadczenia minimalnego, liczone jak M-16.benefit.",
        "M-16.municipal_share" => "Świadczenia pomniejszone o refundację.",
        _ => return None,
    })
}

/// M-21: who took up work, and when.
fn of_jobs(id: &str) -> Option<&'static str> {
    Some(match id {
        "M-21.at_recruitment" => {
            "Osoby, których praca zaczęła się w dniu zgłoszenia lub później, a przed udziałem; jeżeli nie wzięły udziału, do \
             pierwszego dnia edycji albo do odmowy; oraz zgłoszenia wycofane z powodu pracy."
        }
        "M-21.during" => {
            "Osoby, których praca zaczęła się od początku udziału do końca edycji albo których udział zakończył się z powodu pracy."
        }
        "M-21.within_4_weeks" => "Uczestnicy, których praca zaczęła się w ciągu 28 dni po końcu edycji.",
        "M-21.within_3_months" => "Uczestnicy, których praca zaczęła się w ciągu 3 miesięcy po końcu edycji.",
        "M-21.within_6_months" => "Uczestnicy, których praca zaczęła się w ciągu 6 miesięcy po końcu edycji.",
        "M-21.within_4_weeks.person_clock" => {
            "Uczestnicy, których praca zaczęła się od ich ostatniego dnia do 28 dni po nim albo których udział zakończył się z \
             powodu pracy."
        }
        "M-21.within_3_months.person_clock" => {
            "Uczestnicy, których praca zaczęła się od ich ostatniego dnia do 3 miesięcy po nim albo których udział zakończył się \
             z powodu pracy."
        }
        "M-21.within_6_months.person_clock" => {
            "Uczestnicy, których praca zaczęła się od ich ostatniego dnia do 6 miesięcy po nim albo których udział zakończył się \
             z powodu pracy."
        }
        "M-21.total" => "Różne osoby, które podjęły pracę na etapie rekrutacji, w trakcie programu albo do 6 miesięcy po nim.",
        "M-21.qualifying" => {
            "Osoby z M-21.total, których praca trwała co najmniej tyle dni, ile wymagają zasady, licząc oba końce."
        }
        "M-21.official" => {
            "Uczestnicy, którzy w trakcie programu lub do 3 miesięcy po nim podjęli pracę na co najmniej tyle dni, ile wymagają zasady."
        }
        "M-21.unknown" => {
            "Uczestnicy, o których nie wiadomo nic o pracy w trakcie programu lub do 3 miesięcy po nim ani nie ma odpowiedzi za ten czas."
        }
        _ => return None,
    })
}

/// M-23 to M-28: who came back, what followed, and households.
fn of_people(id: &str) -> Option<&'static str> {
    Some(match id {
        "M-23.enrolments" => "Udziały, które się rozpoczęły, we wszystkich edycjach.",
        "M-23.distinct_people" => "Osoby, które rozpoczęły udział w co najmniej jednej edycji.",
        "M-23.repeaters" => {
            "Programu: osoby, które rozpoczęły udział w dwóch edycjach lub więcej. Edycji: jej osoby, które rozpoczęły udział w \
             edycji wcześniejszej."
        }
        "M-23.new" => "Osoby edycji, które nie rozpoczęły udziału w żadnej wcześniejszej edycji programu.",
        "M-23.new_by_edition" => "Osoby według pierwszej edycji, w której rozpoczęły udział.",
        "M-23.only_in_edition" => "Osoby, które rozpoczęły udział tylko w jednej edycji, według edycji.",
        "M-23.gap_days" => "Dni pomiędzy kolejnymi edycjami, zsumowane; grupy podają każdą przerwę.",
        "M-23.cumulative_months" => {
            "Osoby według łącznego czasu udziałów w programie: pełne miesiące kalendarzowe każdego, pozostałe dni jako trzydzieste \
             części miesiąca."
        }
        "M-23.over_limit" => "Osoby, których udziały grupy zasad, we wszystkich programach ośrodka, przekraczają limit miesięcy.",
        "M-24.declarations" => "Co uczestnicy zadeklarowali robić dalej.",
        "M-24.post_decisions" => "Co urząd pracy postanowił po programie.",
        "M-24.onward_referrals" => {
            "Dokąd skierowano uczestników dalej i czy z tego skorzystali. Co najmniej tyle: nikt nie stwierdza, że innych nie było."
        }
        "M-24.social_progress" => {
            "Osoby z postępem w co najmniej jednym obszarze społecznym, ocenionym do 3 miesięcy po wyjściu, do osób, które wyszły."
        }
        "M-25.cost_planned" => "Pozycje planowane budżetu, według źródła i formy, z udziałami.",
        "M-25.cost_spent" => "Pieniądze wydane, według źródła i formy, z udziałami.",
        "M-25.cost_spent_of_planned" => "Pieniądze wydane do planowanych pozycji budżetu.",
        "M-26.cost_per_participant" => "Pieniądze wydane na różną osobę, która rozpoczęła udział, co do grosza.",
        "M-26.cost_per_completer" => "Pieniądze wydane na różną osobę, która ukończyła, co do grosza.",
        "M-26.cost_per_qualifying_job" => "Pieniądze wydane na osobę z M-21.official, co do grosza.",
        "M-27.structure" => {
            "Różne osoby, które rozpoczęły udział, według płci, wieku, wykształcenia, statusu na rynku pracy, niepełnosprawności, \
             długotrwałego bezrobocia i obszaru przy wejściu; każdy podział sumuje się do wszystkich."
        }
        "M-28.households" => "Różne gospodarstwa domowe, w których uczestnik mieszkał w którymś dniu udziału.",
        "M-28.households_with_assistant" => {
            "Różne gospodarstwa domowe, z którymi asystent rodziny podjął pracę w ramach edycji, bez względu na to, kto z nich \
             bierze udział."
        }
        _ => return None,
    })
}

/// M-22: rates of employment, one for each phase and denominator.
fn rate(id: &str) -> Option<String> {
    let (phase, by) = id.strip_prefix("M-22.")?.split_once(".of_")?;
    let by = match by {
        "ever_started" => "osób objętych programem",
        "initial_starters" => "rozpoczynających",
        "strict_completers" => "osób, które ukończyły",
        "candidates" => "kandydatów",
        _ => return None,
    };
    Some(format!("Osoby z M-21.{phase} do różnych {by}; liczba osób u góry nie jest zawężona do tych u dołu."))
}

#[cfg(test)]
mod tests {
    use super::super::definitions::all;
    use super::*;

    #[test]
    fn every_definition_is_told_in_polish() {
        let untold = all().filter(|definition| description(definition.id).is_none() || source(definition.source).is_none());
        assert_eq!(untold.map(|definition| definition.id).collect::<Vec<_>>(), [""; 0]);
        assert_eq!((description("M-99"), description("M-22.during.of_nobody"), source("?")), (None, None, None));
    }
}
