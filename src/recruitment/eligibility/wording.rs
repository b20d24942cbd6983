//! Assessments in the words of people, Polish and English. Codes say the same to machines.

use std::fmt::Write as _;

use super::counterfactual::Need;
use super::evaluation::{Cause, Finding, FindingOutcome, Outcome, Wanted};
use super::staleness::{StaleBecause, StaleReason};
use super::vocabulary::{answer, kind, question, rule, source};
use crate::people::KnownFact;
use crate::platform::problem::Locale;
use crate::platform::types::Day;

/// One of two texts.
pub(in crate::recruitment) fn choose<'t>(locale: Locale, polish: &'t str, english: &'t str) -> &'t str {
    match locale {
        Locale::Polish => polish,
        Locale::English => english,
    }
}

/// What all conditions came to.
pub(super) fn summary(locale: Locale, outcome: Outcome, on: Day) -> String {
    let text = match outcome {
        Outcome::Eligible => choose(locale, "Spełnia wszystkie warunki", "Meets all conditions"),
        Outcome::EligibleByException => {
            choose(locale, "Spełnia warunki z uzasadnionym wyjątkiem", "Meets the conditions, with an exception for a reason")
        }
        Outcome::Undetermined => {
            choose(locale, "Nie można jeszcze rozstrzygnąć: brakuje danych", "Cannot be told yet: facts are missing")
        }
        Outcome::Ineligible => choose(locale, "Nie spełnia warunków", "Does not meet the conditions"),
    };
    format!("{text} ({} {on}).", choose(locale, "na dzień", "on"))
}

/// Why a condition came to what it did: rule, legal source, fact, its source and date.
pub(super) fn explanation(locale: Locale, finding: &Finding, facts: &[&KnownFact]) -> String {
    let outcome = match finding.outcome {
        FindingOutcome::Met => choose(locale, "Spełniony", "Met"),
        FindingOutcome::NotMet => choose(locale, "Niespełniony", "Not met"),
        FindingOutcome::Excused => choose(locale, "Niespełniony, z wyjątkiem", "Not met, with an exception"),
        FindingOutcome::Undetermined => choose(locale, "Nierozstrzygnięty", "Undetermined"),
    };
    let mut text = format!("{outcome}: {} ({}).", rule(locale, finding.rule), finding.legal_source.as_str());
    let kind = kind(locale, finding.wanted.kind);
    let cause = match finding.cause {
        Cause::Known => None,
        Cause::Missing => Some(choose(locale, "Brak danych na ten dzień", "No fact is on file for the day")),
        Cause::Expired => Some(choose(locale, "Dowód stracił ważność", "The evidence had expired")),
        Cause::Contradictory => Some(choose(locale, "Dane są sprzeczne", "The facts contradict each other")),
        Cause::Refused => Some(choose(locale, "Odmówiono odpowiedzi", "The answer was refused")),
        Cause::Imprecise => Some(choose(locale, "Dane są zbyt ogólne", "The fact is too broad to tell")),
        Cause::TerritoryUnknown => {
            Some(choose(locale, "Ośrodek nie podał swojego kodu TERC", "The centre has not entered its TERC code"))
        }
    };
    if let Some(cause) = cause {
        let _ = write!(text, " {cause}: {kind}.");
    }
    for fact in facts {
        let _ = write!(text, " {}.", statement(locale, fact));
    }
    if let Some(reason) = &finding.exception_reason {
        let _ = write!(text, " {}: {}.", choose(locale, "Wyjątek", "Exception"), reason.as_str().trim_end_matches('.'));
    }
    text
}

/// A fact with its dates, its source and its evidence.
fn statement(locale: Locale, fact: &KnownFact) -> String {
    let kind_of = kind(locale, fact.kind);
    let mut text = capitalised(kind_of);
    let _ = write!(text, ": {}, {} {}", answer(locale, fact.kind, fact.value.as_str()), choose(locale, "od", "from"), fact.from);
    if let Some(to) = fact.to {
        let _ = write!(text, " {} {to}", choose(locale, "do", "to"));
    }
    let _ = write!(text, "; {}: {}", choose(locale, "źródło", "source"), fact.source.as_str());
    if let Some(known) = fact.source_kind {
        let _ = write!(text, " ({})", source(locale, known));
    }
    if let Some(evidence) = &fact.evidence {
        let _ = write!(text, "; {}: {}", choose(locale, "dowód", "evidence"), evidence.as_str());
    }
    if let Some(day) = fact.evidence_on {
        let _ = write!(text, " {} {day}", choose(locale, "z dnia", "of"));
    }
    if let Some(day) = fact.expires_on {
        let _ = write!(text, "; {} {day}", choose(locale, "ważny do", "valid until"));
    }
    text
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What to ask or obtain so that a condition can be told; none where it is known.
pub(super) fn ask(locale: Locale, finding: &Finding) -> Option<String> {
    let question = question(locale, finding.wanted.kind);
    let text = match finding.cause {
        Cause::Known => return None,
        Cause::Missing | Cause::Refused => question.to_owned(),
        Cause::Expired => format!("{} {question}", choose(locale, "Uzyskaj aktualny dowód.", "Obtain new evidence.")),
        Cause::Contradictory => {
            let what = choose(
                locale,
                "Sprawdź u źródła i skoryguj jeden z faktów.",
                "Check at the source and correct one of the facts.",
            );
            format!("{what} {question}")
        }
        Cause::Imprecise => {
            choose(locale, "Podaj kod TERC gminy zamieszkania.", "Give the TERC code of the municipality of residence.")
                .to_owned()
        }
        Cause::TerritoryUnknown => {
            choose(locale, "Uzupełnij kod TERC w danych instytucji.", "Enter the TERC code in the record of the institution.")
                .to_owned()
        }
    };
    Some(text)
}

/// What would have to be true.
pub(super) fn need(locale: Locale, need: &Need) -> String {
    let any_of = need.any_of.iter().map(|change| {
        let article = rule(locale, change.rule);
        format!("{article} – {}", wanted(locale, &change.wanted))
    });
    capitalised(&any_of.collect::<Vec<_>>().join(choose(locale, "; albo ", "; or ")))
}

fn wanted(locale: Locale, wanted: &Wanted) -> String {
    let kind_of = kind(locale, wanted.kind);
    if let Some(latest) = wanted.latest {
        return format!("{kind_of}: {latest} {}", choose(locale, "lub wcześniej", "or earlier"));
    }
    let answers: Vec<&str> = wanted.one_of.iter().map(|value| answer(locale, wanted.kind, value)).collect();
    if answers.is_empty() {
        return choose(locale, "kod TERC ośrodka nie jest znany", "the TERC code of the centre is not known").to_owned();
    }
    format!("{kind_of}: {}", answers.join(choose(locale, " lub ", " or ")))
}

/// What stands in the way altogether, and from which day it will not.
pub(super) fn way_in(locale: Locale, needs: &[Need], qualifies_from: Option<Day>, exception_possible: bool) -> String {
    let list: Vec<String> = needs.iter().map(|one| need(locale, one)).collect();
    let mut text = format!("{} {}.", choose(locale, "Musiałoby być prawdą:", "It would have to be true:"), list.join(". "));
    if let Some(day) = qualifies_from {
        let what = choose(
            locale,
            "Według znanych faktów warunki będą spełnione od",
            "By the facts on file the conditions will be met from",
        );
        let _ = write!(text, " {what} {day}.");
    }
    if exception_possible {
        let what = choose(locale, "Możliwy jest wyjątek z uzasadnieniem.", "An exception with a reason is possible.");
        let _ = write!(text, " {what}");
    }
    text
}

/// Why an assessment is stale.
pub(super) fn stale(locale: Locale, because: &StaleBecause) -> String {
    let what = match because.reason {
        StaleReason::FactExpired => {
            choose(locale, "Dowód, na którym oparto ocenę, stracił ważność", "Evidence that it rests on has expired")
        }
        StaleReason::FactEnded => choose(locale, "Stan, na którym oparto ocenę, ustał", "A fact that it rests on has ended"),
        StaleReason::FactCorrected => {
            choose(locale, "Fakt, na którym oparto ocenę, skorygowano", "A fact that it rests on has been corrected")
        }
        StaleReason::FactAdded => {
            choose(locale, "Zapisano fakt, którego ocena nie zna", "A fact has been recorded that it does not know")
        }
        StaleReason::FactBegan => {
            choose(locale, "Zaczął obowiązywać inny, znany wcześniej fakt", "Another fact, known before, has begun")
        }
        StaleReason::DayReached => choose(
            locale,
            "Nadszedł dzień, od którego warunki są spełnione",
            "The day has come from which the conditions are met",
        ),
    };
    match because.from {
        Some(day) => format!("{what} ({} {day}).", choose(locale, "od", "from")),
        None => format!("{what}."),
    }
}

/// Whether an assessment may still be relied upon.
pub(super) fn currency(locale: Locale, is_stale: bool, on: Day) -> String {
    let text = if is_stale {
        choose(locale, "Ocena była prawidłowa, ale wymaga ponowienia", "The assessment was right, but is to be made anew")
    } else {
        choose(locale, "Ocena jest aktualna", "The assessment is current")
    };
    format!("{text} ({} {on}).", choose(locale, "na dzień", "on"))
}
