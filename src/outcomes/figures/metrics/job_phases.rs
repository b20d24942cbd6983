//! In which phase of an edition somebody took up a job, computed from dates.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, NaiveDate};
use uuid::Uuid;

use super::participation;
use crate::outcomes::figures::facts::{Application, Check, Facts, Participation, Spell};
use crate::outcomes::figures::figure::{Record, RecordKind};
use crate::platform::types::add_months_clipped;
use crate::programmes::FollowUpClock;
use crate::programmes::facts::EditionFacts;

/// The time of an edition in which a job started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// From the application to the start.
    AtRecruitment,
    /// From the start to the end of the edition.
    During,
    /// After the end of the edition.
    AfterProgramme(FollowUp),
    /// From the last day of the participation.
    AfterPerson(FollowUp),
}

/// How long after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FollowUp {
    /// 28 days (ESF: result on leaving).
    FourWeeks,
    /// Same day of the third month (MRPiPS-01, annex 8).
    ThreeMonths,
    /// Same day of the sixth month (ESF: longer-term result).
    SixMonths,
}

impl FollowUp {
    const ALL: [Self; 3] = [Self::FourWeeks, Self::ThreeMonths, Self::SixMonths];

    /// The last day of the window that begins after `day`.
    pub fn last_day(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::FourWeeks => day.checked_add_days(Days::new(28)).unwrap_or(NaiveDate::MAX),
            Self::ThreeMonths => add_months_clipped(day, 3),
            Self::SixMonths => add_months_clipped(day, 6),
        }
    }

    /// Name of the window among the answers on whether somebody works.
    pub fn check_window(self) -> &'static str {
        match self {
            Self::FourWeeks => "within4Weeks",
            Self::ThreeMonths => "within3Months",
            Self::SixMonths => "within6Months",
        }
    }
}

/// How long a job lasted against what the regime asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// Long enough.
    Enough,
    /// Too short.
    TooShort,
    /// Not known.
    Unknown,
}

/// Why somebody counts as employed.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The job, or what else says so.
    pub record: Record,
    /// How long the job lasted.
    pub lasting: Lasting,
}

/// People employed in a phase, with every evidence, the job before what else says so.
pub type Employed = BTreeMap<Uuid, Vec<Evidence>>;

/// The facts about jobs, arranged for look-up.
pub struct Jobs<'f> {
    /// All facts.
    pub facts: &'f Facts,
    spells: HashMap<Uuid, Vec<&'f Spell>>,
    newest: HashMap<(Uuid, &'f str), &'f Check>,
}

impl<'f> Jobs<'f> {
    /// Arranges the facts; the newest answer of a window counts.
    pub fn of(facts: &'f Facts) -> Self {
        let mut spells: HashMap<Uuid, Vec<&Spell>> = HashMap::new();
        for spell in &facts.spells {
            spells.entry(spell.person_id).or_default().push(spell);
        }
        for list in spells.values_mut() {
            list.sort_by_key(|spell| (spell.starts_on, spell.id));
        }
        let mut newest: HashMap<(Uuid, &str), &Check> = HashMap::new();
        for check in facts.checks.iter().filter(|check| check.checked_on <= facts.as_of.day) {
            let kept = newest.entry((check.participation_id, check.time_window.as_str())).or_insert(check);
            if (check.checked_on, check.recorded_at, check.id) > (kept.checked_on, kept.recorded_at, kept.id) {
                *kept = check;
            }
        }
        Self { facts, spells, newest }
    }

    /// Whether an answer says that somebody did not work up to a day: one about that window or a longer one, given after the
    /// day. An earlier one says nothing of the rest.
    pub fn is_denied(&self, participation: Uuid, window: FollowUp, last_day: NaiveDate) -> bool {
        let mut windows = FollowUp::ALL.into_iter().filter(|longer| *longer >= window);
        windows.any(|window| {
            let newest = self.newest.get(&(participation, window.check_window()));
            newest.is_some_and(|check| check.result == "notEmployed" && check.checked_on > last_day)
        })
    }

    /// People employed in a phase of the editions that `of` picks.
    pub fn employed(&self, phase: Phase) -> Employed {
        let mut employed = Employed::new();
        for edition in &self.facts.editions {
            match phase {
                Phase::AtRecruitment => self.at_recruitment(edition, &mut employed),
                Phase::During => self.during(edition, &mut employed),
                Phase::AfterProgramme(window) => self.after_programme(edition, window, &mut employed),
                Phase::AfterPerson(window) => self.after_person(edition, window, &mut employed),
            }
        }
        employed
    }

    fn participations(&self, edition: Uuid) -> impl Iterator<Item = &'f Participation> {
        self.facts.participations.iter().filter(move |row| row.edition_id == edition)
    }

    fn spells_in(&self, person: Uuid, counts: impl Fn(NaiveDate) -> bool) -> impl Iterator<Item = &'f Spell> {
        self.spells.get(&person).into_iter().flatten().copied().filter(move |spell| counts(spell.starts_on))
    }

    fn at_recruitment(&self, edition: &EditionFacts, employed: &mut Employed) {
        for application in self.facts.applications.iter().filter(|row| row.edition_id == edition.id) {
            let start = self
                .participations(edition.id)
                .filter(|row| row.person_id == application.person_id)
                .map(|row| row.starts_on)
                .min();
            // Who never took part was recruited until the edition began, or until a rejection.
            let until = application.rejected_on().map_or(edition.starts_on.date(), |day| day.min(edition.starts_on.date()));
            let in_time = |day: NaiveDate| day >= application.received_on && start.map_or(day <= until, |start| day < start);
            let list: Vec<Evidence> = self
                .spells_in(application.person_id, in_time)
                .map(|spell| self.by_spell(edition, spell, None))
                .chain(application.left_for_job().then(|| by_withdrawal(application)))
                .collect();
            add(employed, application.person_id, list);
        }
    }

    fn during(&self, edition: &EditionFacts, employed: &mut Employed) {
        for row in self.participations(edition.id) {
            let in_time = |day: NaiveDate| (row.starts_on..=edition.ends_on.date()).contains(&day);
            let list: Vec<Evidence> = self
                .spells_in(row.person_id, in_time)
                .map(|spell| self.by_spell(edition, spell, Some(row)))
                .chain(row.left_for_job().then(|| Evidence { record: participation::record(row), lasting: Lasting::Unknown }))
                .chain(self.by_check(row, "during", row.last_day(), in_time))
                .chain(self.answered(edition, row, in_time))
                .collect();
            add(employed, row.person_id, list);
        }
    }

    fn after_programme(&self, edition: &EditionFacts, window: FollowUp, employed: &mut Employed) {
        let end = edition.ends_on.date();
        let mut before = Employed::new();
        self.during(edition, &mut before);
        self.at_recruitment(edition, &mut before);
        for row in self.participations(edition.id) {
            let in_time = |day: NaiveDate| day > end && day <= window.last_day(end);
            // An answer about somebody who already had a job confirms that job; it is no new one.
            let is_new = !before.contains_key(&row.person_id);
            let answered = is_new.then(|| self.answered(edition, row, in_time)).into_iter().flatten();
            let list: Vec<Evidence> = self
                .spells_in(row.person_id, in_time)
                .map(|spell| self.by_spell(edition, spell, Some(row)))
                .chain(answered)
                .collect();
            add(employed, row.person_id, list);
        }
    }

    fn after_person(&self, edition: &EditionFacts, window: FollowUp, employed: &mut Employed) {
        for row in self.participations(edition.id) {
            let Some(last) = row.ended_on else { continue };
            let in_time = |day: NaiveDate| day >= last && day <= window.last_day(last);
            let evidence: Vec<Evidence> = self
                .spells_in(row.person_id, in_time)
                .map(|spell| self.by_spell(edition, spell, Some(row)))
                .chain(row.left_for_job().then(|| Evidence { record: participation::record(row), lasting: Lasting::Unknown }))
                .chain(self.answered(edition, row, in_time))
                .collect();
            add(employed, row.person_id, evidence);
        }
    }

    /// Answers about the time after it that somebody works, where the day by which they prove it counts.
    fn answered(&self, edition: &EditionFacts, row: &'f Participation, counts: impl Fn(NaiveDate) -> bool) -> Vec<Evidence> {
        let exit = match edition.regime.follow_up_clock {
            FollowUpClock::Programme => edition.ends_on.date(),
            FollowUpClock::Person => row.last_day(),
        };
        let answer = |window: FollowUp| self.by_check(row, window.check_window(), window.last_day(exit), &counts);
        FollowUp::ALL.into_iter().filter_map(answer).collect()
    }

    /// An answer proves a job by the day on which it was given, and by the end of the time that it asks about if it came later.
    fn by_check(
        &self,
        row: &Participation,
        window: &str,
        last_day: NaiveDate,
        counts: impl Fn(NaiveDate) -> bool,
    ) -> Option<Evidence> {
        let check = self.newest.get(&(row.id, window)).filter(|check| check.result == "employed")?;
        if !counts(check.checked_on.min(last_day)) {
            return None;
        }
        let record = Record::new(RecordKind::EmploymentCheck, check.id)
            .edition(row.edition_id)
            .person(row.person_id)
            .participation(row.id)
            .on(check.checked_on);
        Some(Evidence { record, lasting: Lasting::Unknown })
    }

    fn by_spell(&self, edition: &EditionFacts, spell: &Spell, row: Option<&Participation>) -> Evidence {
        let record =
            Record::new(RecordKind::EmploymentSpell, spell.id).edition(edition.id).person(spell.person_id).on(spell.starts_on);
        let record = match row {
            Some(row) => record.participation(row.id),
            None => record,
        };
        Evidence { record, lasting: self.lasting(spell, edition.regime.job_min_days, row) }
    }

    /// A job without an end lasted at least to the day on which somebody verified it or answered "employed".
    fn lasting(&self, spell: &Spell, min_days: u32, row: Option<&Participation>) -> Lasting {
        let needed = spell.starts_on.checked_add_days(Days::new(u64::from(min_days.saturating_sub(1)))).unwrap_or(NaiveDate::MAX);
        if let Some(end) = spell.ends_on.filter(|end| *end <= self.facts.as_of.day) {
            return if end >= needed { Lasting::Enough } else { Lasting::TooShort };
        }
        let answered = row.into_iter().flat_map(|row| {
            self.newest
                .iter()
                .filter(|((id, _), _)| *id == row.id)
                .map(|(_, check)| check)
                .filter(|check| check.result == "employed")
        });
        let known_to = answered.map(|check| check.checked_on).chain(spell.verified_on).max();
        if needed <= self.facts.as_of.day && known_to.is_some_and(|day| day >= needed) {
            Lasting::Enough
        } else {
            Lasting::Unknown
        }
    }
}

fn by_withdrawal(application: &Application) -> Evidence {
    let record =
        Record::new(RecordKind::Application, application.id).edition(application.edition_id).person(application.person_id);
    let record = match application.withdrawn_on {
        Some(day) => record.on(day),
        None => record,
    };
    Evidence { record, lasting: Lasting::Unknown }
}

fn add(employed: &mut Employed, person: Uuid, evidence: Vec<Evidence>) {
    if !evidence.is_empty() {
        employed.entry(person).or_default().extend(evidence);
    }
}

/// Both phases together.
pub fn together(mut one: Employed, other: Employed) -> Employed {
    for (person, evidence) in other {
        add(&mut one, person, evidence);
    }
    one
}

/// One record of each person, the first evidence.
pub fn records(employed: &Employed) -> Vec<Record> {
    employed.values().filter_map(|evidence| evidence.first()).map(|evidence| evidence.record.clone()).collect()
}
