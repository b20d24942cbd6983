//! M-13 and M-14: attendance, hours delivered and hours received.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use uuid::Uuid;

use super::groups::minutes_by;
use crate::outcomes::figures::definition::{Definition, FactKind, Measure};
use crate::outcomes::figures::definitions::{
    ATTENDANCE_RATE, ATTENDANCE_RATE_EXCLUDING_EXCUSED, DELIVERY_HOURS, HOURS_PER_PARTICIPANT_WEEK, LESSON_HOURS, PERSON_HOURS,
};
use crate::outcomes::figures::facts::{Attendance, Facts, Participation, PsuEntry, Session};
use crate::outcomes::figures::figure::{Figure, Group, Number, PSU, Part, Record, RecordKind, ratio_group, whole};
use crate::outcomes::figures::verdict::{NoteCode, Verdict};
use crate::platform::types::{IsoWeek, Month};

pub fn figures(facts: &Facts) -> Vec<Figure> {
    let held = Held::of(facts);
    let mut figures = vec![
        attendance_rate(&held, &ATTENDANCE_RATE, |_| true),
        attendance_rate(&held, &ATTENDANCE_RATE_EXCLUDING_EXCUSED, |row| row.status != "excused"),
        delivery_hours(&held),
        lesson_hours(&held),
        person_hours(&held),
        hours_per_participant_week(&held),
    ];
    figures.extend(super::blocks::figures(&held));
    figures
}

/// Held sessions with their sheets.
pub(super) struct Held<'f> {
    pub facts: &'f Facts,
    sessions: HashMap<Uuid, &'f Session>,
    participations: HashMap<Uuid, &'f Participation>,
    blocks: HashMap<Uuid, &'f str>,
    /// Sessions whose sheet is missing, and people that a sheet forgot.
    gaps: (i64, i64),
}

impl<'f> Held<'f> {
    fn of(facts: &'f Facts) -> Self {
        Self {
            facts,
            sessions: facts.sessions.iter().map(|session| (session.id, session)).collect(),
            participations: facts.participations_by_id(),
            blocks: facts.blocks.iter().map(|block| (block.id, block.name.as_str())).collect(),
            gaps: gaps(facts),
        }
    }

    /// Rows of sheets with their sessions; those of sessions yet to come are none.
    pub fn rows(&self) -> impl Iterator<Item = (&'f Attendance, &'f Session)> {
        self.facts.attendance.iter().filter_map(|row| self.sessions.get(&row.session_id).map(|session| (row, *session)))
    }

    pub fn record(&self, row: &Attendance, session: &Session) -> Record {
        let record = Record::new(RecordKind::Attendance, row.id)
            .edition(session.edition_id)
            .block(session.block_id)
            .participation(row.participation_id)
            .on(session.held_on);
        match self.participations.get(&row.participation_id) {
            Some(participation) => record.person(participation.person_id),
            None => record,
        }
    }

    /// Groups by block carry its name; the blocks of all editions of a programme differ by id.
    pub fn named(&self, mut groups: Vec<Group>) -> Vec<Group> {
        for group in &mut groups {
            let name = group.key.parse().ok().and_then(|id: Uuid| self.blocks.get(&id));
            group.label = name.map(|name| (*name).to_owned());
        }
        groups
    }

    /// Notes the sheets that are missing: nobody has said that those sessions were held.
    fn noting_sheets(&self, verdict: Verdict) -> Verdict {
        verdict.noting(NoteCode::SessionsWithoutSheet, self.gaps.0)
    }

    /// Notes the sheets that are missing, and the people that a sheet forgot.
    pub fn noting_gaps(&self, verdict: Verdict) -> Verdict {
        self.noting_sheets(verdict).noting(NoteCode::ExpectedWithoutEntry, self.gaps.1)
    }
}

/// A session as a counted record.
pub fn held_session(session: &Session) -> Record {
    Record::new(RecordKind::Session, session.id)
        .edition(session.edition_id)
        .block(session.block_id)
        .on(session.held_on)
        .adding(in_minutes(session.minutes))
}

/// How many sheets are missing, and how many people a sheet forgot.
fn gaps(facts: &Facts) -> (i64, i64) {
    let filled: HashSet<(Uuid, Uuid)> = facts.attendance.iter().map(|row| (row.session_id, row.participation_id)).collect();
    let with_sheet: HashSet<Uuid> = filled.iter().map(|(session, _)| *session).collect();
    let (mut missing, mut forgotten) = (0, 0);
    for session in &facts.sessions {
        let expected = expected_at(facts, session);
        if with_sheet.contains(&session.id) {
            forgotten += expected.iter().filter(|id| !filled.contains(&(session.id, **id))).count();
        } else if !expected.is_empty() {
            missing += 1;
        }
    }
    (missing, whole(forgotten))
}

fn expected_at(facts: &Facts, session: &Session) -> Vec<Uuid> {
    let rests = |id: Uuid| {
        facts.suspensions.iter().any(|rest| rest.participation_id == id && (rest.from_on..=rest.to_on).contains(&session.held_on))
    };
    let on_roster = |id: Uuid| {
        !session.roster_limited || facts.roster.iter().any(|row| row.session_id == session.id && row.participation_id == id)
    };
    facts
        .participations
        .iter()
        .filter(|row| row.edition_id == session.edition_id && row.covers(session.held_on))
        .map(|row| row.id)
        .filter(|id| on_roster(*id) && !rests(*id))
        .collect()
}

fn attendance_rate(held: &Held, definition: &'static Definition, counts: fn(&Attendance) -> bool) -> Figure {
    let mut scheduled: BTreeMap<Uuid, (i64, i64)> = BTreeMap::new();
    let mut months: BTreeMap<Month, (i64, i64)> = BTreeMap::new();
    let (mut above, mut below) = (Vec::new(), Vec::new());
    for (row, session) in held.rows().filter(|(row, _)| counts(row)) {
        for sum in [scheduled.entry(session.block_id).or_default(), months.entry(Month::of(session.held_on)).or_default()] {
            sum.0 += i64::from(row.minutes);
            sum.1 += i64::from(session.minutes);
        }
        let record = held.record(row, session);
        if row.minutes > 0 {
            above.push(record.clone().adding(in_minutes(row.minutes)));
        }
        below.push(record.adding(in_minutes(session.minutes)));
    }
    let (attended, all) = scheduled.values().fold((0, 0), |sum, block| (sum.0 + block.0, sum.1 + block.1));
    let group = |key: String, (attended, all): (i64, i64)| ratio_group(key, Number::Minutes(attended), Number::Minutes(all));
    let blocks = scheduled.into_iter().map(|(block, sums)| group(block.to_string(), sums)).collect();
    let months = months.into_iter().map(|(month, sums)| group(month.to_string(), sums)).collect();
    let verdict = held.noting_gaps(held.facts.verdict(definition));
    let part = Part::sum(Number::Minutes(attended), above);
    Figure::ratio(definition, verdict, part, Part::sum(Number::Minutes(all), below))
        .by("block", held.named(blocks))
        .by("month", months)
}

fn delivery_hours(held: &Held) -> Figure {
    let sessions = &held.facts.sessions;
    let records = sessions.iter().map(held_session).collect();
    let total = sessions.iter().map(|session| i64::from(session.minutes)).sum();
    let verdict = held.noting_sheets(held.facts.verdict(&DELIVERY_HOURS));
    Figure::sum(&DELIVERY_HOURS, verdict, Part::sum(Number::Minutes(total), records))
        .by("block", held.named(minutes_by(sessions.iter().map(|session| (session.block_id, session.minutes)))))
        .by("form", minutes_by(sessions.iter().map(|session| (session.form.as_str(), session.minutes))))
        .by("isoWeek", minutes_by(sessions.iter().map(|session| (IsoWeek::of(session.held_on), session.minutes))))
        .by("month", minutes_by(sessions.iter().map(|session| (Month::of(session.held_on), session.minutes))))
}

/// Lesson hours, where the length of a session was agreed in them.
fn lesson_hours(held: &Held) -> Figure {
    let agreed = || held.facts.sessions.iter().filter_map(|session| Some((session, session.lesson_hours?)));
    let number = |lessons: i32| Number::Whole(i64::from(lessons));
    let records = agreed().map(|(session, lessons)| held_session(session).adding(number(lessons))).collect();
    let mut blocks: BTreeMap<Uuid, i64> = BTreeMap::new();
    for (session, lessons) in agreed() {
        *blocks.entry(session.block_id).or_default() += i64::from(lessons);
    }
    let total = blocks.values().sum();
    let groups = blocks.into_iter().map(|(block, lessons)| Group::new(block.to_string(), Number::Whole(lessons))).collect();
    let verdict = held.noting_sheets(held.facts.verdict(&LESSON_HOURS));
    Figure::sum(&LESSON_HOURS, verdict, Part::sum(Number::Whole(total), records)).by("block", held.named(groups))
}

/// Attended hours and hours of socially useful work, with their records.
fn received(held: &Held) -> Part {
    let attended = held.rows().filter(|(row, _)| row.minutes > 0);
    let (mut minutes, mut records) = (0, Vec::new());
    for (row, session) in attended {
        minutes += i64::from(row.minutes);
        records.push(held.record(row, session).adding(in_minutes(row.minutes)));
    }
    for entry in &held.facts.psu_entries {
        minutes += i64::from(entry.minutes);
        records.push(psu_record(entry));
    }
    Part::sum(Number::Minutes(minutes), records)
}

/// An entry of the register as a counted record.
pub fn psu_record(entry: &PsuEntry) -> Record {
    Record::new(RecordKind::PsuEntry, entry.id)
        .edition(entry.edition_id)
        .person(entry.person_id)
        .participation(entry.participation_id)
        .on(entry.worked_on)
        .adding(in_minutes(entry.minutes))
}

pub(super) fn in_minutes(minutes: i32) -> Number {
    Number::Minutes(i64::from(minutes))
}

/// Minutes received, by the day on which they were.
fn minutes_by_day<'h>(held: &'h Held) -> impl Iterator<Item = (NaiveDate, i32)> + 'h {
    let attended = held.rows().map(|(row, session)| (session.held_on, row.minutes));
    attended.chain(held.facts.psu_entries.iter().map(|entry| (entry.worked_on, entry.minutes)))
}

fn minutes_by_week<'h>(held: &'h Held) -> impl Iterator<Item = (IsoWeek, i32)> + 'h {
    minutes_by_day(held).map(|(day, minutes)| (IsoWeek::of(day), minutes))
}

fn person_hours(held: &Held) -> Figure {
    let verdict = held.noting_gaps(held.facts.verdict(&PERSON_HOURS));
    let status_of = |kind| {
        let standings = held.facts.editions.iter().map(|edition| held.facts.standing(edition.id, kind)).collect();
        held.facts.joined(standings, Measure::Sum)
    };
    let (attendance, psu) = (status_of(FactKind::Attendance), status_of(FactKind::PsuHours));
    let attended = minutes_by(held.rows().map(|(row, session)| (session.block_id, row.minutes)));
    let mut blocks: Vec<Group> = held.named(attended).into_iter().map(|group| group.standing(attendance)).collect();
    let worked = held.facts.psu_entries.iter().map(|entry| i64::from(entry.minutes)).sum();
    blocks.push(Group::new(PSU, Number::Minutes(worked)).standing(psu));
    let months = minutes_by_day(held).map(|(day, minutes)| (Month::of(day), minutes));
    let mut figure = Figure::sum(&PERSON_HOURS, verdict, received(held))
        .by("isoWeek", minutes_by(minutes_by_week(held)))
        .by("month", minutes_by(months));
    // Collected hours of one kind are known even where the other kind, and so the sum, is not.
    figure.by_own("block", blocks);
    figure
}

fn hours_per_participant_week(held: &Held) -> Figure {
    let mut participants: BTreeMap<IsoWeek, i64> = BTreeMap::new();
    for row in &held.facts.participations {
        for week in row.period_until(held.facts.as_of.day).into_iter().flat_map(crate::platform::types::Period::weeks_touched) {
            *participants.entry(week).or_default() += 1;
        }
    }
    let mut minutes: BTreeMap<IsoWeek, i64> = BTreeMap::new();
    for (week, worked) in minutes_by_week(held) {
        *minutes.entry(week).or_default() += i64::from(worked);
    }
    let weeks = participants
        .iter()
        .map(|(week, count)| {
            let worked = minutes.get(week).copied().unwrap_or_default();
            ratio_group(week.to_string(), Number::Minutes(worked), Number::Whole(*count))
        })
        .collect();
    let verdict = held.noting_gaps(held.facts.verdict(&HOURS_PER_PARTICIPANT_WEEK));
    let all: Vec<&Participation> = held.facts.participations.iter().collect();
    let whole = Part::sum(Number::Whole(participants.values().sum()), super::participation::records(&all));
    Figure::ratio(&HOURS_PER_PARTICIPANT_WEEK, verdict, received(held), whole).by("isoWeek", weeks)
}
