//! A simple picture of an edition: places, stays, rests and hours, without a database.

use super::state_machine::Command;

/// Days of the edition, counted from its first one, which is a Monday.
pub const DAYS: u32 = 56;
/// Quarters of an hour that a week allows.
pub const WEEK: u32 = 40;

/// How a participation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Active,
    Completed,
    Exited,
}

/// One participation.
#[derive(Clone, Debug)]
pub struct Stay {
    pub person: usize,
    pub from: u32,
    pub planned_end: u32,
    pub ended: Option<u32>,
    pub state: State,
    replaced: bool,
    rests: Vec<(u32, u32)>,
}

impl Stay {
    fn last(&self) -> u32 {
        self.ended.unwrap_or(self.planned_end)
    }

    fn covers(&self, day: u32) -> bool {
        (self.from..=self.last()).contains(&day)
    }
}

/// One entry of hours.
#[derive(Clone, Debug)]
pub struct Entry {
    stay: usize,
    day: u32,
    quarters: u32,
    superseded: bool,
}

/// The edition.
#[derive(Clone, Debug)]
pub struct Model {
    places: usize,
    closed: Option<u32>,
    pub stays: Vec<Stay>,
    pub entries: Vec<Entry>,
}

/// Whether a command succeeds, or the code of its refusal.
pub type Verdict = Result<(), &'static str>;

impl Model {
    /// An edition with so many places, and nobody in it.
    pub fn new(places: usize) -> Self {
        Self { places, closed: None, stays: Vec::new(), entries: Vec::new() }
    }

    /// Does what a command says, or says why not.
    pub fn step(&mut self, command: &Command) -> Verdict {
        match *command {
            Command::Admit { person, from, length } => self.admit(person, from, (from + length).min(DAYS - 1)),
            Command::End { stay, on, completed } => self.end(stay, on, if completed { State::Completed } else { State::Exited }),
            Command::Substitute { stay, person, on } => self.substitute(stay, person, on),
            Command::Suspend { stay, from, length } => self.suspend(stay, from, from + length),
            Command::Record { stay, day, quarters } => self.record(stay, day, quarters),
            Command::Correct { entry, quarters } => self.correct(entry, quarters),
            Command::Close { on } => self.close(on),
        }
    }

    /// Quarters that count for a person in a week.
    pub fn used(&self, person: usize, week: u32) -> u32 {
        self.held()
            .filter(|(stay, entry)| self.stays[*stay].person == person && entry.day / 7 == week)
            .map(|(_, e)| e.quarters)
            .sum()
    }

    fn held(&self) -> impl Iterator<Item = (usize, &Entry)> {
        self.entries.iter().filter(|entry| !entry.superseded && entry.quarters > 0).map(|entry| (entry.stay, entry))
    }

    fn admit(&mut self, person: usize, from: u32, to: u32) -> Verdict {
        if self.closed.is_some_and(|closed| closed < to) {
            return Err("participation.edition_closed");
        }
        if self.stays.iter().any(|stay| stay.person == person && stay.from <= to && from <= stay.last()) {
            return Err("participation.overlap");
        }
        if (from..=to).any(|day| self.stays.iter().filter(|stay| stay.covers(day)).count() >= self.places) {
            return Err("participation.no_free_seat");
        }
        let stay = Stay { person, from, planned_end: to, ended: None, state: State::Active, replaced: false, rests: Vec::new() };
        self.stays.push(stay);
        Ok(())
    }

    fn end(&mut self, stay: usize, on: u32, state: State) -> Verdict {
        let leaving = &self.stays[stay];
        if leaving.state != State::Active {
            return Err("participation.already_ended");
        }
        if !leaving.covers(on) {
            return Err("participation.outside_participation");
        }
        if state == State::Completed && on < leaving.planned_end {
            return Err("participation.completed_early");
        }
        if self.held().any(|(of, entry)| of == stay && entry.day > on) {
            return Err("participation.facts_after_end");
        }
        (self.stays[stay].ended, self.stays[stay].state) = (Some(on), state);
        Ok(())
    }

    /// The call ends a running participation on the day before; all or nothing.
    fn substitute(&mut self, stay: usize, person: usize, on: u32) -> Verdict {
        let leaving = &self.stays[stay];
        if leaving.replaced {
            return Err("participation.already_replaced");
        }
        if leaving.state == State::Completed {
            return Err("participation.completed_not_replaced");
        }
        if leaving.state == State::Exited && on <= leaving.last() {
            return Err("participation.replacement_too_early");
        }
        if leaving.person == person {
            return Err("participation.replaces_self");
        }
        let before = self.clone();
        let outcome = if leaving.state == State::Active { self.end(stay, on - 1, State::Exited) } else { Ok(()) };
        let outcome = outcome.and_then(|()| self.admit(person, on, DAYS - 1));
        match outcome {
            Ok(()) => self.stays[stay].replaced = true,
            Err(_) => *self = before,
        }
        outcome
    }

    fn suspend(&mut self, stay: usize, from: u32, to: u32) -> Verdict {
        let resting = &self.stays[stay];
        if !resting.covers(from) || !resting.covers(to) {
            return Err("participation.outside_participation");
        }
        if self.held().any(|(of, entry)| of == stay && (from..=to).contains(&entry.day)) {
            return Err("participation.facts_in_suspension");
        }
        if resting.rests.iter().any(|(start, end)| *start <= to && from <= *end) {
            return Err("participation.suspension_overlap");
        }
        self.stays[stay].rests.push((from, to));
        Ok(())
    }

    fn record(&mut self, stay: usize, day: u32, quarters: u32) -> Verdict {
        self.check_hours(stay, day, 0, quarters)?;
        self.entries.push(Entry { stay, day, quarters, superseded: false });
        Ok(())
    }

    fn correct(&mut self, entry: usize, quarters: u32) -> Verdict {
        let Entry { stay, day, quarters: old, superseded } = self.entries[entry].clone();
        if superseded {
            return Err("platform.already_superseded");
        }
        self.check_hours(stay, day, old, quarters)?;
        self.entries[entry].superseded = true;
        self.entries.push(Entry { stay, day, quarters, superseded: false });
        Ok(())
    }

    fn check_hours(&self, stay: usize, day: u32, old: u32, new: u32) -> Verdict {
        let worked = &self.stays[stay];
        if new > 0 && !worked.covers(day) {
            return Err("participation.outside_period");
        }
        if new > old && self.used(worked.person, day / 7) - old + new > WEEK {
            return Err("participation.psu_weekly_limit");
        }
        if new > 0 && worked.rests.iter().any(|(from, to)| (*from..=*to).contains(&day)) {
            return Err("participation.outside_period");
        }
        Ok(())
    }

    fn close(&mut self, on: u32) -> Verdict {
        if self.closed.is_some() {
            return Err("participation.edition_already_closed");
        }
        if self.stays.iter().any(|stay| stay.last() > on) {
            return Err("participation.still_running");
        }
        for stay in self.stays.iter_mut().filter(|stay| stay.state == State::Active) {
            (stay.ended, stay.state) = (Some(stay.planned_end), State::Completed);
        }
        self.closed = Some(on);
        Ok(())
    }
}
