//! Rules, facts, sources and answers as people call them, in Polish and English.

use super::wording::choose;
use crate::people::{FactSource, PersonFactKind};
use crate::platform::problem::Locale;
use crate::programmes::EligibilityRule;

/// A condition.
pub(in crate::recruitment) fn rule(locale: Locale, rule: EligibilityRule) -> &'static str {
    use EligibilityRule as Rule;
    let (polish, english) = match rule {
        Rule::RegisteredUnemployed => {
            ("rejestracja jako osoba bezrobotna w powiatowym urzędzie pracy", "registered as unemployed at the labour office")
        }
        Rule::NoBenefitRight => ("brak prawa do zasiłku dla bezrobotnych", "no right to unemployment benefit"),
        Rule::UsesSocialAssistance => ("korzystanie z pomocy społecznej", "use of social assistance"),
        Rule::HelpProfileThree => ("III profil pomocy", "help profile III"),
        Rule::LongTermUnemployed => ("długotrwałe bezrobocie", "long-term unemployment"),
        Rule::UnemployedForMonths => {
            ("nieprzerwane bezrobocie przez wymagany czas", "unemployment without a break for the time required")
        }
        Rule::RegisteredMonthsWithin => {
            ("długotrwałe pozostawanie w rejestrze urzędu pracy", "a long time in the register of the labour office")
        }
        Rule::Residence => ("zamieszkanie na obszarze programu", "residence in the area of the programme"),
        Rule::RevitalisationArea => ("zamieszkanie na obszarze rewitalizacji", "residence in the revitalisation area"),
        Rule::Disability => ("niepełnosprawność", "disability"),
        Rule::CaringDuties => ("opieka nad dzieckiem lub osobą zależną", "care of a child or a dependent person"),
        Rule::WorkingAge => ("wiek aktywności zawodowej", "working age"),
        Rule::AgeBetween => ("wiek", "age"),
        Rule::SocialContract => ("zawarty kontrakt socjalny", "social contract"),
        Rule::EmploymentStatus => ("wymagany status na rynku pracy", "required status on the labour market"),
        Rule::Education => ("wymagane wykształcenie", "required education"),
        Rule::SpecialSituation => ("szczególna sytuacja na rynku pracy", "special situation on the labour market"),
    };
    choose(locale, polish, english)
}

/// A kind of fact.
pub(in crate::recruitment) fn kind(locale: Locale, kind: PersonFactKind) -> &'static str {
    use PersonFactKind as Kind;
    let (polish, english) = match kind {
        Kind::RegisteredUnemployed => ("rejestracja jako osoba bezrobotna", "registered as unemployed"),
        Kind::UnemployedSince => ("początek nieprzerwanego bezrobocia", "beginning of unemployment without a break"),
        Kind::BenefitRight => ("prawo do zasiłku dla bezrobotnych", "right to unemployment benefit"),
        Kind::SocialAssistance => ("korzystanie z pomocy społecznej", "use of social assistance"),
        Kind::HelpProfile => ("profil pomocy", "help profile"),
        Kind::LongTermUnemployed => ("długotrwałe bezrobocie", "long-term unemployment"),
        Kind::Disability => ("niepełnosprawność", "disability"),
        Kind::RevitalisationArea => ("zamieszkanie na obszarze rewitalizacji", "residence in the revitalisation area"),
        Kind::CaringDuties => ("opieka nad dzieckiem lub osobą zależną", "care of a child or a dependent person"),
        Kind::WorkingAge => ("wiek aktywności zawodowej", "working age"),
        Kind::Education => ("wykształcenie", "education"),
        Kind::EmploymentStatus => ("status na rynku pracy", "status on the labour market"),
        Kind::SpecialSituation => ("szczególna sytuacja na rynku pracy", "special situation on the labour market"),
        Kind::SocialContract => ("kontrakt socjalny", "social contract"),
        Kind::Residence => ("miejsce zamieszkania (TERC)", "place of residence (TERC)"),
        Kind::Internship => ("staż lub przygotowanie zawodowe dorosłych", "internship or adult vocational preparation"),
        Kind::HouseholdSituation => ("sytuacja gospodarstwa domowego", "situation of the household"),
        Kind::Citizenship => ("obywatelstwo", "citizenship"),
        Kind::Urbanisation => ("stopień urbanizacji miejsca zamieszkania", "degree of urbanisation of the residence"),
        Kind::MinorityOrMigrant => ("mniejszość, migrant lub obce pochodzenie", "minority, migrant or foreign background"),
        Kind::Homelessness => ("bezdomność lub wykluczenie mieszkaniowe", "homelessness or housing exclusion"),
        Kind::OtherDisadvantage => ("inna niekorzystna sytuacja społeczna", "other disadvantage"),
    };
    choose(locale, polish, english)
}

/// What to ask, and whom, to learn a fact.
pub(super) fn question(locale: Locale, kind: PersonFactKind) -> &'static str {
    use PersonFactKind as Kind;
    let (polish, english) = match kind {
        Kind::RegisteredUnemployed => (
            "Czy osoba jest zarejestrowana jako bezrobotna? (zaświadczenie lub dane urzędu pracy)",
            "Is the person registered as unemployed? (certificate or data of the labour office)",
        ),
        Kind::UnemployedSince => (
            "Od kiedy osoba nieprzerwanie pozostaje bez pracy? (urząd pracy albo oświadczenie)",
            "Since when has the person been unemployed without a break? (labour office or declaration)",
        ),
        Kind::BenefitRight => (
            "Czy osoba ma prawo do zasiłku dla bezrobotnych? (zaświadczenie lub dane urzędu pracy)",
            "Has the person a right to unemployment benefit? (certificate or data of the labour office)",
        ),
        Kind::SocialAssistance => (
            "Czy osoba korzysta z pomocy społecznej? (decyzja lub dane ośrodka)",
            "Does the person use social assistance? (decision or data of the centre)",
        ),
        Kind::HelpProfile => ("Jaki profil pomocy ustalił urząd pracy?", "Which help profile has the labour office set?"),
        Kind::LongTermUnemployed => (
            "Czy osoba jest długotrwale bezrobotna? (zaświadczenie urzędu pracy)",
            "Is the person long-term unemployed? (certificate of the labour office)",
        ),
        Kind::Disability => ("Czy osoba ma orzeczenie o niepełnosprawności?", "Has the person a certificate of disability?"),
        Kind::RevitalisationArea => (
            "Czy osoba mieszka na obszarze rewitalizacji? (adres i uchwała gminy)",
            "Does the person live in the revitalisation area? (address and resolution of the municipality)",
        ),
        Kind::CaringDuties => (
            "Czy osoba opiekuje się dzieckiem lub osobą zależną? (wywiad środowiskowy)",
            "Does the person care for a child or a dependent person? (social worker's interview)",
        ),
        Kind::WorkingAge => ("Czy osoba jest w wieku aktywności zawodowej?", "Is the person of working age?"),
        Kind::Education => ("Jakie wykształcenie ma osoba?", "Which education has the person completed?"),
        Kind::EmploymentStatus => ("Jaki status na rynku pracy ma osoba?", "What is the person's status on the labour market?"),
        Kind::SpecialSituation => (
            "Czy osoba jest w szczególnej sytuacji na rynku pracy? Jeżeli w żadnej, zapisz odpowiedź „żadna”.",
            "Is the person in a special situation on the labour market? If in none, record the answer “none”.",
        ),
        Kind::SocialContract => ("Czy zawarto z osobą kontrakt socjalny?", "Has a social contract been made with the person?"),
        Kind::Internship => (
            "Kiedy osoba odbywała staż lub przygotowanie zawodowe dorosłych? (dane urzędu pracy)",
            "When was the person on an internship or adult vocational preparation? (data of the labour office)",
        ),
        Kind::Residence => {
            ("W jakiej gminie mieszka osoba? (kod TERC)", "In which municipality does the person live? (TERC code)")
        }
        Kind::HouseholdSituation
        | Kind::Citizenship
        | Kind::Urbanisation
        | Kind::MinorityOrMigrant
        | Kind::Homelessness
        | Kind::OtherDisadvantage => question_of_funds(kind),
    };
    choose(locale, polish, english)
}

/// What records of the European Social Fund ask besides.
fn question_of_funds(kind: PersonFactKind) -> (&'static str, &'static str) {
    use PersonFactKind as Kind;
    match kind {
        Kind::HouseholdSituation => (
            "Czy w gospodarstwie domowym ktoś dorosły pracuje i czy są dzieci na utrzymaniu? (oświadczenie)",
            "Does an adult of the household work, and are there dependent children? (declaration)",
        ),
        Kind::Citizenship => ("Jakie obywatelstwo ma osoba? (oświadczenie)", "Which citizenship has the person? (declaration)"),
        Kind::Urbanisation => (
            "Jaki stopień urbanizacji (DEGURBA) ma gmina zamieszkania? (wykaz Eurostatu)",
            "Which degree of urbanisation (DEGURBA) has the municipality of residence? (list of Eurostat)",
        ),
        Kind::MinorityOrMigrant => (
            "Czy osoba należy do mniejszości, jest migrantem lub obcego pochodzenia? (oświadczenie, można odmówić)",
            "Is the person of a minority, a migrant or of foreign background? (declaration, may be refused)",
        ),
        Kind::Homelessness => (
            "Czy osoba jest bezdomna lub wykluczona z dostępu do mieszkania? (oświadczenie lub dane ośrodka)",
            "Is the person homeless or excluded from housing? (declaration or data of the centre)",
        ),
        _ => (
            "Czy osoba jest w innej niekorzystnej sytuacji społecznej? (oświadczenie, można odmówić)",
            "Is the person disadvantaged in another way? (declaration, may be refused)",
        ),
    }
}

/// How a fact came to be known.
pub(in crate::recruitment) fn source(locale: Locale, source: FactSource) -> &'static str {
    let (polish, english) = match source {
        FactSource::Applicant => ("oświadczenie kandydata", "the applicant's word"),
        FactSource::Interview => ("wywiad środowiskowy", "social worker's interview"),
        FactSource::Survey => ("ankieta", "survey form"),
        FactSource::NeedsDiagnosis => ("diagnoza potrzeb", "diagnosis of needs"),
        FactSource::LabourOffice => ("urząd pracy", "labour office"),
        FactSource::Other => ("inne", "other"),
    };
    choose(locale, polish, english)
}

/// A value of a fact; days, codes and profiles are what they are.
pub(in crate::recruitment) fn answer(locale: Locale, kind: PersonFactKind, value: &str) -> &str {
    let words = match (kind, value) {
        (_, "true") => Some(("tak", "yes")),
        (_, "false") => Some(("nie", "no")),
        (_, "refused") => Some(("odmowa odpowiedzi", "refused to answer")),
        (PersonFactKind::Education, value) => education(value),
        (PersonFactKind::EmploymentStatus, value) => employment_status(value),
        (PersonFactKind::SpecialSituation, value) => special_situation(value),
        (PersonFactKind::HouseholdSituation, value) => household(value),
        (PersonFactKind::Citizenship, value) => citizenship(value),
        (PersonFactKind::Urbanisation, value) => urbanisation(value),
        _ => None,
    };
    words.map_or(value, |(polish, english)| choose(locale, polish, english))
}

fn education(value: &str) -> Option<(&'static str, &'static str)> {
    Some(match value {
        "none" => ("brak", "none"),
        "primary" => ("podstawowe", "primary"),
        "lowerSecondary" => ("gimnazjalne", "lower secondary"),
        "basicVocational" => ("zasadnicze zawodowe", "basic vocational"),
        "generalSecondary" => ("średnie ogólnokształcące", "general secondary"),
        "vocationalSecondary" => ("średnie zawodowe", "vocational secondary"),
        "postSecondary" => ("policealne", "post-secondary"),
        "tertiary" => ("wyższe", "tertiary"),
        _ => return None,
    })
}

fn employment_status(value: &str) -> Option<(&'static str, &'static str)> {
    Some(match value {
        "unemployed" => ("osoba bezrobotna", "unemployed"),
        "inactive" => ("osoba bierna zawodowo", "inactive"),
        "inactiveInEducation" => ("osoba bierna zawodowo, ucząca się", "inactive, in education"),
        "employed" => ("osoba zatrudniona", "employed"),
        "selfEmployed" => ("osoba prowadząca działalność na własny rachunek", "self-employed"),
        "farmer" => ("rolnik", "farmer"),
        _ => return None,
    })
}

fn special_situation(value: &str) -> Option<(&'static str, &'static str)> {
    Some(match value {
        "under30" => ("wiek poniżej 30. roku życia", "under 30"),
        "over50" => ("wiek powyżej 50. roku życia", "over 50"),
        "longTermUnemployed" => ("długotrwałe bezrobocie", "long-term unemployed"),
        "socialAssistance" => ("korzystanie z pomocy społecznej", "uses social assistance"),
        "childUnder6" => ("dziecko w wieku do 6. roku życia", "child under 6"),
        "disabledChildUnder18" => ("dziecko niepełnosprawne w wieku do 18. roku życia", "disabled child under 18"),
        "disabled" => ("niepełnosprawność", "disabled"),
        "none" => ("żadna", "none"),
        _ => return None,
    })
}

fn household(value: &str) -> Option<(&'static str, &'static str)> {
    Some(match value {
        "jobless" => ("nikt dorosły nie pracuje, bez dzieci na utrzymaniu", "no adult works, no dependent children"),
        "joblessWithChildren" => ("nikt dorosły nie pracuje, dzieci na utrzymaniu", "no adult works, dependent children"),
        "joblessSingleAdultWithChildren" => {
            ("jedna osoba dorosła, która nie pracuje, i dzieci na utrzymaniu", "one adult without work, dependent children")
        }
        "singleAdultWithChildren" => {
            ("jedna pracująca osoba dorosła i dzieci na utrzymaniu", "one working adult, dependent children")
        }
        "none" => ("żadna z wymienionych", "none of these"),
        _ => return None,
    })
}

fn citizenship(value: &str) -> Option<(&'static str, &'static str)> {
    Some(match value {
        "polish" => ("polskie", "Polish"),
        "otherEu" => ("innego kraju Unii Europejskiej", "of another country of the European Union"),
        "thirdCountry" => ("spoza Unii Europejskiej lub bezpaństwowiec", "outside the European Union, or stateless"),
        _ => return None,
    })
}

fn urbanisation(value: &str) -> Option<(&'static str, &'static str)> {
    Some(match value {
        "cities" => ("miasta (1)", "cities (1)"),
        "townsAndSuburbs" => ("miasta mniejsze i przedmieścia (2)", "towns and suburbs (2)"),
        "rural" => ("obszary wiejskie (3)", "rural areas (3)"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_fact_has_a_name_in_both_languages() {
        for kind in PersonFactKind::ALL.iter().copied().filter(|kind| *kind != PersonFactKind::HelpProfile) {
            for word in kind.words().unwrap_or_default() {
                let polish = answer(Locale::Polish, kind, word);
                assert_ne!(polish, *word, "{kind} {word}");
                let english = answer(Locale::English, kind, word);
                assert_ne!(english, polish, "{kind} {word}");
            }
        }
    }
}
