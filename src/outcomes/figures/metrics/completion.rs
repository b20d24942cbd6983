//! M-09 to M-12: who completed, who dropped out, and how long people stayed.

use std::collections::{HashMap, HashSet};

use chrono::Days;
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
use crate::programmes::PositiveExit;
use crate::programmes::completion_rule::{AskedMinimum, CompletionRule, Measure, Minimum, Reached};

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
    let minimums = facts.rule(|edition| block_minimums(&facts.completion_rule(edition)));
    let mut figure = figure.with("attendancePercent", percent);
    if !minimums.is_empty() {
        figure = figure.with("blockMinimums", minimums);
    }
    if figure.parameters.get("completion").is_some_and(|rule| rule == "inclusive") {
        return figure.with("positiveExits", exits);
    }
    figure
}

/// What the blocks of an edition ask for, in words; nothing where none does.
fn block_minimums(rule: &CompletionRule) -> String {
    let words = |asked: &AskedMinimum| {
        let name = asked.block.as_ref()?.name.as_str();
        Some(match (asked.percent, asked.minimum) {
            (Some(share), _) | (None, Minimum::Share(share)) => format!("{name}: {share} %"),
            (None, Minimum::Hours(hours)) => format!("{name}: {hours} h"),
        })
    };
    rule.minimums.iter().filter_map(words).collect::<Vec<_>>().join("; ")
}

/// Verdict of a count of completions: it needs attendance, and hours of work, only where an edition asks for them.
pub fn completion_verdict(facts: &Facts, definition: &'static Definition) -> Verdict {
    let mut kinds = definition.kinds.to_vec();
    let rules = rules(facts);
    let mut nothing_to_attend = 0;
    if rules.values().any(CompletionRule::asks_for_classes) {
        kinds.push(FactKind::Attendance);
        let minutes = Minutes::of(facts, &rules);
        let asks = |row: &&Participation| rules.get(&row.edition_id).is_some_and(CompletionRule::asks_for_classes);
        let unscheduled = |row: &&Participation| minutes.reached(row.id, Measure::Classes).recorded == 0;
        nothing_to_attend = facts.participations.iter().filter(|row| row.is_completed()).filter(asks).filter(unscheduled).count();
    }
    if rules.values().any(CompletionRule::asks_for_work) {
        kinds.push(FactKind::PsuHours);
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

/// Minutes of each participation by what is counted; none where no edition asks for any.
struct Minutes(HashMap<(Uuid, Measure), Reached>);

impl Minutes {
    fn of(facts: &Facts, rules: &Rules) -> Self {
        let mut minutes: HashMap<(Uuid, Measure), Reached> = HashMap::new();
        let mut add = |participation: Uuid, measure: Measure, recorded: i32, attended: i32| {
            let sum = minutes.entry((participation, measure)).or_default();
            sum.recorded += i64::from(recorded);
            sum.attended += i64::from(attended);
        };
        if rules.values().any(CompletionRule::asks_for_classes) {
            let sessions: HashMap<Uuid, (i32, Uuid)> =
                facts.sessions.iter().map(|session| (session.id, (session.minutes, session.block_id))).collect();
            for row in &facts.attendance {
                let Some((scheduled, block)) = sessions.get(&row.session_id) else { continue };
                add(row.participation_id, Measure::Classes, *scheduled, row.minutes);
                add(row.participation_id, Measure::ClassesOf(*block), *scheduled, row.minutes);
            }
        }
        if rules.values().any(CompletionRule::asks_for_work) {
            for entry in facts.psu_entries.iter().filter(|entry| entry.worked_on <= facts.as_of.day) {
                add(entry.participation_id, Measure::Work, entry.minutes, entry.minutes);
            }
        }
        Self(minutes)
    }

    fn reached(&self, participation: Uuid, measure: Measure) -> Reached {
        self.0.get(&(participation, measure)).copied().unwrap_or_default()
    }
}

/// What each edition asks for completion.
type Rules = HashMap<Uuid, CompletionRule>;

fn rules(facts: &Facts) -> Rules {
    facts.editions.iter().map(|edition| (edition.id, facts.completion_rule(edition))).collect()
}

/// Completed participations that meet everything that their edition asks for.
pub fn strict_completers(facts: &Facts) -> Vec<&Participation> {
    let rules = rules(facts);
    let minutes = Minutes::of(facts, &rules);
    let meets = |row: &Participation, rule: &CompletionRule| rule.is_met(|measure| minutes.reached(row.id, measure));
    facts
        .participations
        .iter()
        .filter(|row| row.is_completed() && rules.get(&row.edition_id).is_none_or(|rule| meets(row, rule)))
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
