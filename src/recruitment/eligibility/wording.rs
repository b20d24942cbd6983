//! Assessments in the words of people, Polish and English. Codes say the same to machines.

use std::fmt::Write as _;

use super::ages::Age;
use super::citations::cited;
use super::counterfactual::Need;
use super::evaluation::{Cause, Finding, FindingOutcome, Outcome, TotalWanted, Wanted};
use super::numbers::{day, length, months, periods, value, years};
use super::periods::Measured;
use super::staleness::{StaleBecause, StaleReason};
use super::vocabulary::{answer, kind, question, rule, source};
use crate::people::{KnownFact, PersonFactKind};
use crate::platform::problem::Locale;
use crate::platform::types::Day;
use crate::programmes::{AgeLimits, Severity};

/// One of two texts.
pub(in crate::recruitment) fn choose<'t>(locale: Locale, polish: &'t str, english: &'t str) -> &'t str {
    match locale {
        Locale::Polish => polish,
        Locale::English => english,
    }
}

/// What all conditions came to, upon an appeal where it was lodged on a day.
pub(super) fn summary(locale: Locale, outcome: Outcome, on: Day, appealed_on: Option<Day>) -> String {
    let text = match outcome {
        Outcome::Eligible => choose(locale, "Wszystkie warunki są spełnione", "All conditions are met"),
        Outcome::EligibleByException => choose(
            locale,
            "Warunki są spełnione dzięki uzasadnionemu wyjątkowi",
            "The conditions are met by an exception with a reason",
        ),
        Outcome::Undetermined => choose(
            locale,
            "Nie można jeszcze rozstrzygnąć: danych brakuje albo są niepewne",
            "Cannot be decided yet: facts are missing or uncertain",
        ),
        Outcome::Ineligible => choose(locale, "Nie wszystkie warunki są spełnione", "Not all conditions are met"),
    };
    let mut text = format!("{text} ({} {}).", choose(locale, "stan na dzień", "as of"), day(locale, on));
    if let Some(lodged) = appealed_on {
        let what = choose(locale, "Ocena po odwołaniu z dnia", "Assessed upon the appeal of");
        let _ = write!(text, " {what} {}.", day(locale, lodged));
    }
    text
}

/// Why a condition came to what it did: rule, legal source, fact, its source and date.
pub(super) fn explanation(locale: Locale, finding: &Finding, facts: &[&KnownFact]) -> String {
    let outcome = match finding.outcome {
        FindingOutcome::Met => choose(locale, "Warunek spełniony", "Met"),
        FindingOutcome::NotMet => choose(locale, "Warunek niespełniony", "Not met"),
        FindingOutcome::Excused => choose(locale, "Warunek niespełniony, uznano wyjątek", "Not met, but excepted"),
        FindingOutcome::Undetermined => choose(locale, "Nie można rozstrzygnąć", "Undecided"),
    };
    let law = cited(locale, finding.legal_source.as_str());
    let mut text = format!("{outcome}: {} ({law}).", rule(locale, finding.rule));
    if let Some(cause) = because(locale, finding) {
        let _ = write!(text, " {cause}.");
    }
    if let Some(limits) = finding.wanted.age {
        let _ = write!(text, " {}: {}.", choose(locale, "Wymagane", "Required"), ages(locale, limits));
    }
    if let Some(values) = required(locale, finding) {
        let _ = write!(text, " {values}.");
    }
    if let Some(latest) = finding.wanted.latest {
        let what = choose(locale, "Wymagany początek: najpóźniej", "Required beginning: no later than");
        let _ = write!(text, " {what} {}.", day(locale, latest));
    }
    if let Some(age) = finding.age {
        let _ = write!(text, " {}.", age_told(locale, age));
    }
    if let (Some(measured), Some(wanted)) = (&finding.measured, finding.wanted.total) {
        text.push_str(&counted(locale, measured, wanted));
    }
    for fact in facts {
        let _ = write!(text, " {}.", statement(locale, fact));
    }
    if let Some(reason) = &finding.exception_reason {
        let what = choose(locale, "Uzasadnienie wyjątku", "Reason of the exception");
        let _ = write!(text, " {what}: {}.", reason.as_str().trim_end_matches('.'));
    }
    if finding.severity == Severity::Warning {
        let what = choose(locale, "To ostrzeżenie nie wpływa na wynik.", "This is a warning and does not count.");
        let _ = write!(text, " {what}");
    }
    text
}

/// Why a condition cannot be told.
fn because(locale: Locale, finding: &Finding) -> Option<String> {
    let cause = match finding.cause {
        Cause::Known => return None,
        Cause::Missing if finding.measured.is_some() => {
            return Some(choose(locale, "Nie wszystkie okresy są znane", "Not all periods are known").to_owned());
        }
        Cause::AgeUnknown => {
            let missing = match Lacking::of(finding) {
                Lacking::Birth => choose(locale, "brakuje daty urodzenia", "the date of birth is missing"),
                Lacking::Sex => choose(
                    locale,
                    "brakuje płci, od której zależy granica wieku",
                    "the sex, on which the limit depends, is missing",
                ),
            };
            let what = choose(locale, "Wiek nie jest znany dość dokładnie", "The age is not known exactly enough");
            return Some(format!("{what} ({missing})"));
        }
        Cause::TerritoryUnknown => {
            let what = choose(locale, "Ośrodek nie podał swojego kodu TERC", "The centre has not entered its TERC code");
            return Some(what.to_owned());
        }
        Cause::Missing => choose(locale, "Brak danych na ten dzień", "No fact is on file for the day"),
        Cause::Expired => choose(locale, "Dowód stracił ważność", "The evidence had expired"),
        Cause::Contradictory => choose(locale, "Dane są sprzeczne", "The facts contradict each other"),
        Cause::Refused => choose(locale, "Odmówiono odpowiedzi", "The answer was refused"),
        Cause::Imprecise => choose(locale, "Dane są zbyt ogólne", "The fact is too broad to tell"),
    };
    finding.wanted.kind.map(|about| format!("{cause}: {}", kind(locale, about)))
}

/// What has to be on file before an age can be judged.
enum Lacking {
    Birth,
    Sex,
}

impl Lacking {
    /// Without a birth nothing else is asked for yet; with one, the sex may decide between two limits.
    fn of(finding: &Finding) -> Self {
        let is_exact = finding.age.is_some_and(|age| age.least == age.greatest);
        if is_exact { Self::Sex } else { Self::Birth }
    }
}

/// The values that a condition asks for, where its name does not say them.
fn required(locale: Locale, finding: &Finding) -> Option<String> {
    let about = finding.wanted.kind?;
    let values = finding.wanted.one_of.as_slice();
    if values.is_empty() || values.iter().any(|value| matches!(value.as_str(), "true" | "false" | "III")) {
        return None;
    }
    let or = choose(locale, " lub ", " or ");
    if about == PersonFactKind::Residence {
        let what = choose(locale, "Wymagany kod TERC: zaczynający się od", "Required TERC code: one that begins with");
        let codes: Vec<&str> = values.iter().map(String::as_str).collect();
        return Some(format!("{what} {}", codes.join(or)));
    }
    let told: Vec<&str> = values.iter().map(|value| answer(locale, about, value.as_str())).collect();
    Some(format!("{}: {}", choose(locale, "Wymagane", "Required"), told.join(or)))
}

/// The age on the day.
fn age_told(locale: Locale, age: Age) -> String {
    let number = |years: i32| u32::try_from(years).unwrap_or_default();
    let what = choose(locale, "Wiek w tym dniu", "Age on the day");
    let greatest = years(locale, number(age.greatest));
    if age.least == age.greatest {
        return format!("{what}: {greatest}");
    }
    format!("{what}: {} {} {greatest}", age.least, choose(locale, "albo", "or"))
}

/// Limits of age in completed years.
fn ages(locale: Locale, limits: AgeLimits) -> String {
    let completed = choose(locale, "ukończone", "completed");
    let mut text = match (limits.min, limits.max) {
        (Some(min), Some(max)) => {
            let (from, to) = (choose(locale, "wiek od", "age from"), choose(locale, "do", "to"));
            format!("{from} {min} {to} {}", choose(locale, &format!("{max} lat"), &years(locale, max)))
        }
        (Some(min), None) => format!("{completed} {}", years(locale, min)),
        (None, max) => {
            let max = max.unwrap_or_default();
            format!("{} {}", choose(locale, "wiek najwyżej", "age at most"), years(locale, max))
        }
    };
    if let Some(max) = limits.max_women {
        let women = choose(locale, "kobiety – najwyżej", "women at most");
        let _ = write!(text, " ({women} {})", years(locale, max));
    }
    text
}

/// What was counted within the last months, and how.
fn counted(locale: Locale, measured: &Measured, wanted: TotalWanted) -> String {
    let told = |all| periods(locale, all);
    let within = super::numbers::period(locale, measured.within);
    let mut text = if measured.periods.is_empty() {
        format!(" {} {within}.", choose(locale, "Brak zaliczonych okresów w czasie", "No periods count within the time"))
    } else {
        let (what, sum) = (choose(locale, "Zaliczone okresy", "Periods that count"), choose(locale, "łącznie", "together"));
        let time = choose(locale, "w czasie", "within the time");
        format!(" {what}: {}; {sum} {} {time} {within}.", told(&measured.periods), length(locale, measured.total))
    };
    let _ = write!(text, " {}: {}.", choose(locale, "Wymagane", "Required"), total(locale, wanted));
    if !measured.unclear.is_empty() {
        let what = choose(locale, "Nie wiadomo, jak było", "It is not known how it was");
        let _ = write!(text, " {what} {}.", told(&measured.unclear));
    }
    if let Some(reached) = measured.reached_on {
        let what = choose(
            locale,
            "Jeżeli obecny okres potrwa, warunek będzie spełniony od",
            "If the present period goes on, the condition will be met from",
        );
        let _ = write!(text, " {what} {}.", day(locale, reached));
    }
    text.push_str(choose(
        locale,
        " Liczą się pełne miesiące kalendarzowe każdego nieprzerwanego okresu, a pozostałe dni się sumuje: 30 dni to miesiąc. Okresów stażu i przygotowania zawodowego się nie wlicza.",
        " Whole calendar months of each unbroken period count, and the days beyond are added up: 30 days are a month. Internships and vocational preparation are left out.",
    ));
    text
}

/// A time within the last months.
fn total(locale: Locale, wanted: TotalWanted) -> String {
    let more = if wanted.at_least { choose(locale, "co najmniej", "at least") } else { choose(locale, "ponad", "more than") };
    let (enough, within) = (months(locale, wanted.months), wanted.within_months);
    match locale {
        Locale::Polish => format!("{more} {enough} w rejestrze w okresie ostatnich {within} miesięcy"),
        Locale::English => format!("{more} {enough} in the register within the last {}", months(locale, within)),
    }
}

/// A fact with its dates, its source and its evidence.
fn statement(locale: Locale, fact: &KnownFact) -> String {
    let told = value(locale, answer(locale, fact.kind, fact.value.as_str()));
    let mut text = format!("{}: {told}", capitalised(kind(locale, fact.kind)));
    // What began on a day says so itself.
    if fact.kind != PersonFactKind::UnemployedSince {
        let _ = write!(text, ", {} {}", choose(locale, "od", "from"), day(locale, fact.from));
        if let Some(to) = fact.to {
            let _ = write!(text, " {} {}", choose(locale, "do", "to"), day(locale, to));
        }
    }
    let _ = write!(text, "; {}: {}", choose(locale, "źródło", "source"), fact.source.as_str());
    if let Some(known) = fact.source_kind {
        let _ = write!(text, " ({})", source(locale, known));
    }
    if let Some(evidence) = &fact.evidence {
        let _ = write!(text, "; {}: {}", choose(locale, "dowód", "evidence"), evidence.as_str());
    }
    if let Some(dated) = fact.evidence_on {
        let _ = write!(text, " {} {}", choose(locale, "z dnia", "of"), day(locale, dated));
    }
    if let Some(expires) = fact.expires_on {
        let _ = write!(text, "; {} {}", choose(locale, "dowód ważny do", "evidence valid until"), day(locale, expires));
    }
    text
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What to ask or obtain so that a condition can be told; none where it is known.
pub(super) fn ask(locale: Locale, finding: &Finding) -> Option<String> {
    let asked = finding.wanted.kind.map(|about| question(locale, about)).unwrap_or_default();
    let text = match finding.cause {
        Cause::Known => return None,
        Cause::Missing if finding.measured.is_some() => {
            let unclear = finding.measured.as_ref().map(|measured| periods(locale, &measured.unclear)).unwrap_or_default();
            let (what, how) = (
                choose(
                    locale,
                    "Ustal w urzędzie pracy, czy osoba była zarejestrowana",
                    "Ask the labour office whether the person was registered",
                ),
                choose(locale, "Zapisz też okresy bez rejestracji.", "Record times without registration too."),
            );
            format!("{what} {unclear}. {how}")
        }
        Cause::Missing | Cause::Refused => asked.to_owned(),
        Cause::Expired => format!("{} {asked}", choose(locale, "Uzyskaj aktualny dowód.", "Obtain new evidence.")),
        Cause::Contradictory => {
            let what = choose(
                locale,
                "Sprawdź u źródła i skoryguj albo wycofaj jeden z faktów.",
                "Check at the source, and correct or withdraw one of the facts.",
            );
            format!("{what} {asked}")
        }
        Cause::Imprecise => {
            choose(locale, "Podaj kod TERC gminy zamieszkania.", "Give the TERC code of the municipality of residence.")
                .to_owned()
        }
        Cause::AgeUnknown => match Lacking::of(finding) {
            Lacking::Birth => choose(
                locale,
                "Uzupełnij w danych osobowych datę urodzenia lub numer PESEL.",
                "Complete the date of birth or the PESEL in the identity.",
            ),
            Lacking::Sex => choose(locale, "Uzupełnij płeć w danych osoby.", "Complete the sex of the person."),
        }
        .to_owned(),
        Cause::TerritoryUnknown => {
            choose(locale, "Uzupełnij kod TERC w danych instytucji.", "Enter the TERC code in the record of the institution.")
                .to_owned()
        }
    };
    Some(text)
}

/// What would have to be true: any of the alternatives.
fn need(locale: Locale, need: &Need) -> String {
    // What never comes true again is no way in, unless it is all there is to name.
    let lost = need.is_out_of_reach();
    let any_of = need.any_of.iter().filter(|change| lost || !change.out_of_reach).map(|change| {
        let article = rule(locale, change.rule);
        match (change.wanted.age, wanted(locale, &change.wanted)) {
            (Some(limits), _) => ages(locale, limits),
            (None, Some(wanted)) => format!("{article} ({wanted})"),
            (None, None) => article.to_owned(),
        }
    });
    any_of.collect::<Vec<_>>().join(choose(locale, " albo ", " or "))
}

/// What is wanted beyond what the condition says itself.
fn wanted(locale: Locale, wanted: &Wanted) -> Option<String> {
    if let Some(time) = wanted.total {
        return Some(total(locale, time));
    }
    if let Some(latest) = wanted.latest {
        return Some(format!("{} {}", choose(locale, "najpóźniej od", "since no later than"), day(locale, latest)));
    }
    let about = wanted.kind?;
    let told = |value: &String| answer(locale, about, value).to_owned();
    match wanted.one_of.as_slice() {
        [] => Some(choose(locale, "kod TERC ośrodka nie jest znany", "the TERC code of the centre is not known").to_owned()),
        // The name of the condition says it.
        [one] if matches!(one.as_str(), "true" | "false" | "III") => None,
        all => Some(all.iter().map(told).collect::<Vec<_>>().join(choose(locale, " lub ", " or "))),
    }
}

/// What stands in the way altogether, and from which day it will not.
pub(super) fn way_in(locale: Locale, needs: &[Need], qualifies_from: Option<Day>, exception_possible: bool) -> String {
    let (past, open): (Vec<&Need>, Vec<&Need>) = needs.iter().partition(|need| need.is_out_of_reach());
    if !past.is_empty() {
        return out_of_reach(locale, &past, exception_possible);
    }
    let told: Vec<String> = open.into_iter().map(|one| need(locale, one)).collect();
    let list = match told.as_slice() {
        [one] => one.clone(),
        all => all.iter().enumerate().map(|(at, one)| format!("{}) {one}", at + 1)).collect::<Vec<_>>().join("; "),
    };
    let polish = if told.len() > 1 { "Do spełnienia pozostają" } else { "Do spełnienia pozostaje" };
    let mut text = format!("{}: {list}.", choose(locale, polish, "Still to be met"));
    if let Some(first) = qualifies_from {
        // Of a birthday the month is told and no more: the first of the month after it.
        let by_age = needs.iter().flat_map(|need| &need.any_of).any(|change| change.wanted.age.is_some());
        let (polish, english) = if by_age { ("najpóźniej od", "no later than") } else { ("od", "from") };
        let known =
            choose(locale, "Według zapisanych faktów warunki będą spełnione", "By the facts on file the conditions will be met");
        let _ = write!(text, " {known} {} {}.", choose(locale, polish, english), day(locale, first));
    }
    if exception_possible {
        let _ = write!(text, " {}", by_exception(locale));
    }
    text
}

/// That a limit of age has been passed, so that neither facts nor time help.
fn out_of_reach(locale: Locale, lost: &[&Need], exception_possible: bool) -> String {
    let limits = lost.iter().map(|one| need(locale, one)).collect::<Vec<_>>().join("; ");
    let (polish, english) = (
        "Górna granica wieku jest przekroczona: żadna zmiana faktów ani upływ czasu nie pomoże",
        "The upper limit of age has been passed: neither other facts nor time can help",
    );
    let mut text = format!("{} ({limits}).", choose(locale, polish, english));
    if exception_possible {
        let _ = write!(text, " {}", by_exception(locale));
    }
    text
}

fn by_exception(locale: Locale) -> &'static str {
    choose(locale, "Możliwy jest wyjątek z uzasadnieniem.", "An exception with a reason is possible.")
}

/// Why an assessment is stale.
pub(super) fn stale(locale: Locale, because: &StaleBecause) -> String {
    let (polish, english) = match because.reason {
        StaleReason::FactExpired => ("Dowód, na którym oparto ocenę, stracił ważność", "Evidence that it rests on has expired"),
        StaleReason::FactEnded => ("Stan, na którym oparto ocenę, ustał", "A fact that it rests on has ended"),
        StaleReason::FactCorrected => {
            ("Fakt, na którym oparto ocenę, skorygowano albo wycofano", "A fact that it rests on has been corrected or withdrawn")
        }
        StaleReason::FactAdded => {
            ("Zapisano fakt, którego przy ocenie nie znano", "A fact has been recorded that was not known to it")
        }
        StaleReason::FactBegan => {
            ("Nastąpił stan, który w dniu oceny był dopiero zapowiedziany", "A fact has begun that lay ahead on its day")
        }
        StaleReason::TimePassed => (
            "Z upływem czasu warunek wieku albo okresu w rejestrze przestał być spełniony",
            "With time the condition of age, or of time in the register, has ceased to be met",
        ),
        StaleReason::DayReached => {
            ("Nadszedł dzień, od którego warunki są spełnione", "The day has come from which the conditions are met")
        }
    };
    let mut text = choose(locale, polish, english).to_owned();
    if let Some(from) = because.from {
        let _ = write!(text, " ({} {})", choose(locale, "od", "from"), day(locale, from));
    }
    if let Some(about) = because.kind {
        let _ = write!(text, ": {}", kind(locale, about));
    }
    text + "."
}

/// Whether an assessment may still be relied upon.
pub(super) fn currency(locale: Locale, stale: &[StaleBecause], on: Day) -> String {
    let text = if stale.iter().any(|because| because.reason == StaleReason::FactCorrected) {
        choose(
            locale,
            "Ocena opierała się na fakcie, który okazał się błędny: trzeba ją powtórzyć",
            "The assessment rested on a fact that turned out to be wrong: it is to be made anew",
        )
    } else if !stale.is_empty() {
        choose(
            locale,
            "Ocena była prawidłowa w swoim dniu, ale trzeba ją powtórzyć",
            "The assessment was right on its day, but is to be made anew",
        )
    } else {
        choose(locale, "Ocena jest aktualna", "The assessment is current")
    };
    format!("{text} ({} {}).", choose(locale, "stan na dzień", "as of"), day(locale, on))
}
