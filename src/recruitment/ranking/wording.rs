//! Rows in the words of people, Polish and English. The codes of a row say the same to machines.

use std::fmt::Write as _;

use super::rows::{Behind, ConditionFound, FactUsed, GroupPoints, RankedRow, RankingList, Scored, TieValue};
use super::rules::{ScoringContent, ScoringCriterion, ScoringSource, TieRule};
use crate::people::PersonFactKind;
use crate::platform::problem::Locale;
use crate::platform::types::{Code, Points};
use crate::recruitment::decisions::RejectionReason;
use crate::recruitment::eligibility::{Cause, FindingOutcome, answer, choose, day, kind, rule, source, value};

/// A row, one sentence for each of its parts.
pub(super) fn explain(locale: Locale, row: &RankedRow, rules: &ScoringContent) -> Vec<String> {
    let mut text = vec![standing(locale, row)];
    let blocking = row.conditions.iter().filter(|found| found.outcome < FindingOutcome::Excused);
    text.extend(blocking.map(|found| condition(locale, found)));
    text.extend(row.criteria.iter().map(|scored| criterion(locale, scored, rules)));
    text.extend(row.groups.iter().filter(|group| group.counted < group.points).map(|group| cap(locale, group)));
    if row.rank.is_some() {
        text.extend(row.tie_breakers.iter().map(|value| tie(locale, value, rules)));
    }
    text.extend(row.behind.as_ref().map(|behind| order(locale, behind, rules)));
    text
}

/// Points as people write them: without places that say nothing, with a comma in Polish.
fn number(locale: Locale, points: Points) -> String {
    let (whole, hundredths) = (points.hundredths() / 100, points.hundredths() % 100);
    if hundredths == 0 {
        return whole.to_string();
    }
    let places = format!("{hundredths:02}");
    format!("{whole}{}{}", choose(locale, ",", "."), places.trim_end_matches('0'))
}

/// What decides between equal points, as a row keeps it: points, a day, a year or the lot.
fn told(locale: Locale, rule: Option<TieRule>, kept: Option<&str>) -> String {
    let Some(kept) = kept else { return choose(locale, "nieznane", "unknown").to_owned() };
    match rule {
        None | Some(TieRule::MorePointsIn) => {
            kept.parse().map_or_else(|_| kept.to_owned(), |points: Points| number(locale, points))
        }
        Some(_) => value(locale, kept),
    }
}

fn standing(locale: Locale, row: &RankedRow) -> String {
    let list = match (row.list, row.rejection_reason) {
        (RankingList::Basic, _) => choose(locale, "Lista podstawowa", "Basic list"),
        (RankingList::Reserve, _) => choose(locale, "Lista rezerwowa", "Reserve list"),
        (RankingList::Undetermined, _) => choose(
            locale,
            "Nie można rozstrzygnąć: brakuje danych o warunkach",
            "Cannot be told: facts about conditions are missing",
        ),
        (RankingList::Rejected, Some(RejectionReason::NotEligible)) => {
            choose(locale, "Nie spełnia warunków udziału", "Does not meet the conditions")
        }
        (RankingList::Rejected, Some(RejectionReason::TooFewPoints)) => {
            choose(locale, "Mniej punktów, niż wymagają zasady", "Fewer points than the rules ask for")
        }
        (RankingList::Rejected, _) => {
            choose(locale, "Brak miejsca także na liście rezerwowej", "No room, on the reserve list either")
        }
    };
    let points = choose(locale, "punkty", "points");
    match row.rank {
        Some(rank) => {
            let position = choose(locale, "pozycja", "position");
            format!("{list}: {position} {rank}, {points}: {}.", number(locale, row.points))
        }
        None => format!("{list}; {points}: {}.", number(locale, row.points)),
    }
}

fn condition(locale: Locale, found: &ConditionFound) -> String {
    let what = match found.outcome {
        FindingOutcome::NotMet => choose(locale, "Niespełniony warunek", "Condition not met"),
        _ => choose(locale, "Nierozstrzygnięty warunek", "Condition undetermined"),
    };
    format!("{what}: {}{}.", rule(locale, found.rule), because(locale, found.cause))
}

/// Why something is not known; nothing where it is.
fn because(locale: Locale, cause: Cause) -> String {
    let text = match cause {
        Cause::Known => return String::new(),
        Cause::Missing => choose(locale, "brak danych", "nothing is on file"),
        Cause::Expired => choose(locale, "dowód stracił ważność", "the evidence had expired"),
        Cause::Contradictory => choose(locale, "dane są sprzeczne", "the facts contradict each other"),
        Cause::Refused => choose(locale, "odmówiono odpowiedzi", "the answer was refused"),
        Cause::Imprecise => choose(locale, "dane są zbyt ogólne", "the fact is too broad to tell"),
        Cause::AgeUnknown => choose(locale, "wiek nie jest znany dość dokładnie", "the age is not known exactly enough"),
        Cause::TerritoryUnknown => choose(locale, "nieznany kod TERC ośrodka", "the centre has not entered its TERC code"),
    };
    format!(" ({text})")
}

fn criterion(locale: Locale, scored: &Scored, rules: &ScoringContent) -> String {
    let known = rules.criterion(&scored.criterion);
    let label = known.map_or(scored.criterion.as_str(), |criterion| criterion.label(locale));
    let most = known.map(|criterion| number(locale, criterion.points)).unwrap_or_default();
    let (points, of) = (choose(locale, "punkty", "points"), choose(locale, "z", "of"));
    let mut text = format!("{label}: {points} {} {of} {most}{}", number(locale, scored.points), because(locale, scored.cause));
    text.push_str(&basis(locale, scored, known));
    text.push('.');
    text
}

/// On what the points rest: facts with their source and date, the register, or a worker's reason.
fn basis(locale: Locale, scored: &Scored, criterion: Option<&ScoringCriterion>) -> String {
    if let Some(reason) = &scored.reason {
        return format!("; {}: {}", choose(locale, "uzasadnienie", "reason"), reason.as_str().trim_end_matches('.'));
    }
    match criterion.map(|criterion| criterion.source) {
        Some(ScoringSource::Sex) => format!("; {}", choose(locale, "według płci w rejestrze", "by the sex on record")),
        Some(ScoringSource::AgeAtLeast) => format!("; {}", choose(locale, "według wieku", "by the age")),
        _ => scored.facts.iter().fold(String::new(), |text, fact| text + "; " + &statement(locale, fact)),
    }
}

fn statement(locale: Locale, fact: &FactUsed) -> String {
    let mut text = format!("{}: {}", kind(locale, fact.kind), value(locale, answer(locale, fact.kind, fact.value.as_str())));
    // What began on a day says so itself.
    if fact.kind != PersonFactKind::UnemployedSince {
        let _ = write!(text, ", {} {}", choose(locale, "od", "from"), day(locale, fact.from));
    }
    let _ = write!(text, "; {}: {}", choose(locale, "źródło", "source"), fact.source.as_str());
    if let Some(known) = fact.source_kind {
        let _ = write!(text, " ({})", source(locale, known));
    }
    if let Some(dated) = fact.evidence_on {
        let _ = write!(text, " {} {}", choose(locale, "z dnia", "of"), day(locale, dated));
    }
    text
}

fn cap(locale: Locale, group: &GroupPoints) -> String {
    let what = choose(locale, "Grupa", "Group");
    let counted = choose(locale, "liczy się najwyżej", "no more counts than");
    format!("{what} {}: {}; {counted} {}.", group.group, number(locale, group.points), number(locale, group.counted))
}

fn tie(locale: Locale, tie: &TieValue, rules: &ScoringContent) -> String {
    let element = element(locale, tie.rule, tie.criterion.as_ref(), rules);
    format!("{element}: {}.", told(locale, Some(tie.rule), tie.value.as_deref()))
}

fn element(locale: Locale, rule: TieRule, criterion: Option<&Code>, rules: &ScoringContent) -> String {
    let text = match rule {
        TieRule::ReceivedEarlier => choose(locale, "Wcześniejsze zgłoszenie", "Earlier application"),
        TieRule::UnemployedLonger => choose(locale, "Dłużej bez pracy", "Unemployed longer"),
        TieRule::MorePointsIn => choose(locale, "Więcej punktów w kryterium", "More points by the criterion"),
        TieRule::Older => choose(locale, "Starszy wiek", "Older"),
        TieRule::Younger => choose(locale, "Młodszy wiek", "Younger"),
        TieRule::Lot => choose(locale, "Los", "Lot"),
    };
    let criterion = criterion.and_then(|code| rules.criterion(code));
    criterion.map_or_else(|| text.to_owned(), |criterion| format!("{text} ({})", criterion.label(locale)))
}

fn order(locale: Locale, behind: &Behind, rules: &ScoringContent) -> String {
    let element = match &behind.tie_breaker {
        None => choose(locale, "Punkty", "Points").to_owned(),
        Some(breaker) => element(locale, breaker.rule, breaker.criterion.as_ref(), rules),
    };
    let rule = behind.tie_breaker.as_ref().map(|breaker| breaker.rule);
    let (own, before) = (told(locale, rule, behind.own.as_deref()), told(locale, rule, behind.before.as_deref()));
    let text = choose(locale, "Za poprzednią osobą, bo rozstrzyga", "Behind the one before, which is decided by");
    format!("{text}: {element} ({own}; {} {before}).", choose(locale, "poprzednia osoba:", "the one before:"))
}
