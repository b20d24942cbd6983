//! M-09 to M-12: who completed, who dropped out, and how long people stayed.

use std::collections::{HashMap, HashSet};

use chrono::Days;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::groups::by_word;
use super::participation::records;
use crate::outcomes::figures::definition::{Definition, FactKind};
use crate::outcomes::figures::definitions::{
    COMPLETED_INCLUSIVE, COMPLETED_STRICT, DROP_OUTS, RATE_INCLUSIVE, RATE_STRICT, RETENTION_DAY_30, RETENTION_END,
};
use crate::outcomes::figures::facts::{Facts, Participation};
use crate::outcomes::figures::figure::{Figure, Part, whole};
use crate::outcomes::figures::verdict::{NoteCode, Status, Verdict};
use crate::platform::types::Percent;
use crate::programmes::PositiveExit;

const EARLY_END_REASONS: &[&str] = &[
    "employed",
    "education",
    "refusedUnjustified",
    "interruptedOwnFault",
    "interruptedJustified",
    "health",
    "moved",
    "lostStatus",
    "died",
    "other",
];
/// Days after the first one until the thirtieth.
const TO_DAY_30: Days = Days::new(29);

pub fn figures(facts: &Facts) -> Vec<Figure> {
    let strict = strict_completers(facts);
    let inclusive: Vec<&Participation> = facts
        .participations
        .iter()
        .filter(|row| strict.iter().any(|done| done.id == row.id) || is_positive(facts, row))
        .collect();
    let all: Vec<&Participation> = facts.participations.iter().collect();
    let whole = || Part::count(records(&all));
    let rate = |definition: &'static Definition, part: &[&Participation]| {
        echo(facts, Figure::ratio(definition, completion_verdict(facts, definition), Part::count(records(part)), whole()))
    };
    vec![
        echo(facts, Figure::count(&COMPLETED_STRICT, completion_verdict(facts, &COMPLETED_STRICT), records(&strict))),
        echo(facts, Figure::count(&COMPLETED_INCLUSIVE, completion_verdict(facts, &COMPLETED_INCLUSIVE), records(&inclusive))),
        rate(&RATE_STRICT, &strict),
        rate(&RATE_INCLUSIVE, &inclusive),
        drop_outs(facts),
        retention_day_30(facts),
        retention_end(facts, &all),
    ]
}

fn echo(facts: &Facts, figure: Figure) -> Figure {
    let percent =
        facts.rule(|edition| edition.completion_attendance_percent.map_or("none".to_owned(), |share| share.to_string()));
    let exits =
        facts.rule(|edition| edition.regime.positive_exits.iter().map(|exit| exit.as_str()).collect::<Vec<_>>().join("+"));
    let figure = figure.with("attendancePercent", percent);
    if figure.parameters.get("completion").is_some_and(|rule| rule == "inclusive") {
        return figure.with("positiveExits", exits);
    }
    figure
}

/// Verdict of a count of completions: it needs attendance only where an edition asks for it.
pub fn completion_verdict(facts: &Facts, definition: &'static Definition) -> Verdict {
    let mut kinds = definition.kinds.to_vec();
    let asks = |id: Uuid| facts.edition(id).is_some_and(|edition| edition.completion_attendance_percent.is_some());
    let mut nothing_to_attend = 0;
    if facts.editions.iter().any(|edition| asks(edition.id)) {
        kinds.push(FactKind::Attendance);
        let scheduled = scheduled(facts);
        let completed = facts.participations.iter().filter(|row| row.is_completed() && asks(row.edition_id));
        nothing_to_attend = completed.filter(|row| !scheduled.contains_key(&row.id)).count();
    }
    let overdue = overdue(facts);
    facts
        .verdict_of(definition, &kinds)
        .noting(NoteCode::PastPlannedEnd, overdue)
        .at_worst(ends_known(facts))
        .noting(NoteCode::NothingScheduled, whole(nothing_to_attend))
}

/// Unknown where participations are past their planned end and no end of any is on file.
fn ends_known(facts: &Facts) -> Status {
    let none_ended = facts.participations.iter().all(|row| row.ended_on.is_none());
    if overdue(facts) > 0 && none_ended { Status::NotCollected } else { Status::Ok }
}

/// Participations past their planned end whose end nobody recorded.
fn overdue(facts: &Facts) -> i64 {
    whole(facts.participations.iter().filter(|row| row.ended_on.is_none() && row.planned_end_on < facts.as_of.day).count())
}

/// Scheduled and attended minutes by participation; none where no edition asks for them.
fn scheduled(facts: &Facts) -> HashMap<Uuid, (i64, i64)> {
    if facts.editions.iter().all(|edition| edition.completion_attendance_percent.is_none()) {
        return HashMap::new();
    }
    let length: HashMap<Uuid, i32> = facts.sessions.iter().map(|session| (session.id, session.minutes)).collect();
    let mut minutes: HashMap<Uuid, (i64, i64)> = HashMap::new();
    for row in &facts.attendance {
        let Some(scheduled) = length.get(&row.session_id) else { continue };
        let sum = minutes.entry(row.participation_id).or_default();
        sum.0 += i64::from(*scheduled);
        sum.1 += i64::from(row.minutes);
    }
    minutes
}

/// Completed participations with the attendance that their edition asks for.
pub fn strict_completers(facts: &Facts) -> Vec<&Participation> {
    let scheduled = scheduled(facts);
    let attended_enough = |row: &Participation, share: Percent| {
        let (scheduled, attended) = scheduled.get(&row.id).copied().unwrap_or_default();
        Decimal::from(attended) * Decimal::ONE_HUNDRED >= share.decimal() * Decimal::from(scheduled)
    };
    facts
        .participations
        .iter()
        .filter(|row| row.is_completed())
        .filter(|row| {
            let asked = facts.edition(row.edition_id).and_then(|edition| edition.completion_attendance_percent);
            asked.is_none_or(|share| attended_enough(row, share))
        })
        .collect()
}

/// Whether it ended early in a way that the regime counts as positive.
fn is_positive(facts: &Facts, row: &Participation) -> bool {
    let exits: HashSet<&str> = facts
        .edition(row.edition_id)
        .map(|edition| edition.regime.positive_exits.iter().map(|exit: &PositiveExit| exit.as_str()).collect())
        .unwrap_or_default();
    row.ended_on.is_some() && row.end_reason.as_deref().is_some_and(|reason| exits.contains(reason))
}

fn drop_outs(facts: &Facts) -> Figure {
    let left: Vec<&Participation> = facts
        .participations
        .iter()
        .filter(|row| row.ended_on.is_some() && !row.is_completed() && !is_positive(facts, row))
        .filter(|row| row.end_polarity.as_deref() != Some("positive"))
        .collect();
    let reasons = by_word(EARLY_END_REASONS, left.iter().filter_map(|row| row.end_reason.as_deref()));
    let verdict = facts.verdict(&DROP_OUTS).noting(NoteCode::PastPlannedEnd, overdue(facts)).at_worst(ends_known(facts));
    Figure::count(&DROP_OUTS, verdict, records(&left)).by("reason", reasons)
}

fn retention_day_30(facts: &Facts) -> Figure {
    let mut planned = Vec::new();
    let mut too_early = 0;
    for row in &facts.participations {
        match row.starts_on.checked_add_days(TO_DAY_30) {
            Some(day) if day > row.planned_end_on.max(row.last_day()) => {}
            Some(day) if day > facts.as_of.day => too_early += 1,
            Some(_) => planned.push(row),
            None => {}
        }
    }
    let stayed: Vec<&Participation> = planned
        .iter()
        .copied()
        .filter(|row| row.starts_on.checked_add_days(TO_DAY_30).is_some_and(|day| row.ended_on.is_none_or(|end| end >= day)))
        .collect();
    let verdict = facts.verdict(&RETENTION_DAY_30).noting(NoteCode::TooEarly, too_early);
    Figure::ratio(&RETENTION_DAY_30, verdict, Part::count(records(&stayed)), Part::count(records(&planned)))
}

fn retention_end(facts: &Facts, all: &[&Participation]) -> Figure {
    let stayed: Vec<&Participation> = all
        .iter()
        .copied()
        .filter(|row| row.is_completed() || row.ended_on.is_some_and(|end| end >= row.planned_end_on))
        .collect();
    let verdict = facts.verdict(&RETENTION_END).noting(NoteCode::PastPlannedEnd, overdue(facts)).at_worst(ends_known(facts));
    Figure::ratio(&RETENTION_END, verdict, Part::count(records(&stayed)), Part::count(records(all)))
}
