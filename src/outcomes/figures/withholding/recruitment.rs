//! Which numbers of recruitment are told to who sees no people.
//!
//! In each edition the numbers are told in a fixed order, each unless a handful could be put together from it and those before;
//! who started is known from the figures of participation and is subtracted as well. Decisions share out the candidates, so
//! that after the first that is withheld the others and what follows from them are too, even where they are nought: noughts
//! would say what the handfuls add up to. Jobs taken up during recruitment come last, and go with them. Over several editions a
//! number is told where each of them tells it, so that it adds nothing to what they tell.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::Datelike as _;
use uuid::Uuid;

use super::telling::{Telling, is_few};
use super::{withhold_figure, withhold_group};
use crate::outcomes::figures::definition::Definition;
use crate::outcomes::figures::definitions::{
    CANDIDATES, CANDIDATES_OF_PLACES, JOBS_AT_RECRUITMENT, JOBS_QUALIFYING, JOBS_TOTAL, NEVER_PLACED, PLACED, RECRUITMENT_EXITS,
    REJECTED, RESERVE, SELECTED, SELECTED_OF_PLACES, SELECTION_RATE, UNDECIDED,
};
use crate::outcomes::figures::facts::{Application, Facts};
use crate::outcomes::figures::figure::{Breakdown, Figure};
use crate::outcomes::figures::metrics::job_phases::{Jobs, Phase};
use crate::outcomes::figures::record_groups::GroupedBy;
use crate::programmes::facts::EditionFacts;

/// Applications that are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cell {
    /// A group of candidates.
    Group(GroupedBy, &'static str),
    /// Those who are still on the reserve list.
    Waiting,
    /// Those who withdrew before the start.
    Withdrawn,
    /// Those of people who took up a job while they were recruited.
    Employed,
}

const APPLIED: Cell = Cell::Group(GroupedBy::Stage, "applied");
const STARTED: Cell = Cell::Group(GroupedBy::Stage, "started");
const SELECTION: Cell = Cell::Group(GroupedBy::Decision, "selected");
const REJECTION: Cell = Cell::Group(GroupedBy::Decision, "rejected");

impl Cell {
    /// Whether it is a decision or follows from one: a part of what the decisions share out.
    fn is_part(self) -> bool {
        !matches!(self, Self::Group(GroupedBy::Stage, _))
    }
}

/// The figures that count applications.
static COUNTED: [(&Definition, Cell); 8] = [
    (&CANDIDATES, APPLIED),
    (&PLACED, STARTED),
    (&SELECTED, SELECTION),
    (&RESERVE, Cell::Group(GroupedBy::Decision, "reserve")),
    (&REJECTED, REJECTION),
    (&UNDECIDED, Cell::Group(GroupedBy::Decision, "undecided")),
    (&NEVER_PLACED, Cell::Waiting),
    (&RECRUITMENT_EXITS, Cell::Withdrawn),
];

/// The numbers in the order in which they are told: what is asked for most goes first.
const ORDER: [Cell; 13] = [
    APPLIED,
    STARTED,
    SELECTION,
    Cell::Group(GroupedBy::Stage, "selected"),
    Cell::Group(GroupedBy::Stage, "decided"),
    Cell::Group(GroupedBy::Decision, "reserve"),
    REJECTION,
    Cell::Group(GroupedBy::Decision, "undecided"),
    Cell::Group(GroupedBy::Decision, "withdrawnUndecided"),
    Cell::Waiting,
    Cell::Withdrawn,
    Cell::Group(GroupedBy::Stage, "completed"),
    Cell::Employed,
];

/// By what the applications of every figure are shared out.
const SHARED_BY: [GroupedBy; 3] = [GroupedBy::Sex, GroupedBy::AgeBand, GroupedBy::Channel];

/// What is told of the recruitment of some editions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    totals: BTreeSet<Cell>,
    /// Which are told by which groups as well.
    shares: BTreeSet<(Cell, GroupedBy)>,
    /// Editions whose number of candidates is not told.
    untold: BTreeSet<Uuid>,
}

impl Told {
    /// What is told of the editions of some facts.
    pub(super) fn of(facts: &Facts, figures: &[Figure]) -> Self {
        let members: BTreeMap<Cell, HashSet<Uuid>> =
            ORDER.into_iter().map(|cell| (cell, members(facts, figures, cell))).collect();
        let of_each = facts.editions.iter().map(|edition| Edition::of(facts, &members, edition.id).told());
        let mut told = of_each.reduce(Self::both).unwrap_or_default();
        for repeated in repeated(facts) {
            told.hide_repeated(facts, &repeated);
        }
        if has_employed_twice(facts) {
            told.totals.remove(&Cell::Employed);
        }
        told
    }

    /// Editions whose number of candidates is not told.
    pub(super) fn untold(&self) -> &BTreeSet<Uuid> {
        &self.untold
    }

    /// Withholds from the figures what is not told.
    pub(super) fn withhold(&self, figures: &mut [Figure]) {
        for figure in figures {
            let cell = COUNTED.iter().find(|(definition, _)| definition.id == figure.definition.id).map(|(_, cell)| *cell);
            if !made_of(figure.definition).into_iter().chain(cell).all(|cell| self.totals.contains(&cell)) {
                withhold_figure(figure);
            } else if let Some(cell) = cell {
                figure.breakdowns.iter_mut().for_each(|breakdown| self.withhold_groups(cell, breakdown));
            }
        }
    }

    fn withhold_groups(&self, cell: Cell, breakdown: &mut Breakdown) {
        let by = GroupedBy::named(breakdown.by);
        let is_told = |key: &str| match by {
            Some(by @ (GroupedBy::Decision | GroupedBy::Stage)) => {
                self.totals.iter().any(|told| matches!(told, Cell::Group(one, word) if *one == by && *word == key))
            }
            Some(by) => self.shares.contains(&(cell, by)),
            None => false,
        };
        breakdown.groups.iter_mut().filter(|group| !is_told(&group.key)).for_each(withhold_group);
    }

    fn both(mut self, other: Self) -> Self {
        self.totals.retain(|cell| other.totals.contains(cell));
        self.shares.retain(|share| other.shares.contains(share));
        self.untold.extend(other.untold);
        self
    }

    /// Candidates of several editions are counted once, so their number tells how many came again.
    fn hide_repeated(&mut self, facts: &Facts, repeated: &[&Application]) {
        let has_few = |by: GroupedBy| {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for application in repeated {
                *counts.entry(by.word_of(facts, application)).or_default() += 1;
            }
            counts.into_values().any(is_few)
        };
        if is_few(repeated.len()) {
            self.totals.remove(&APPLIED);
        }
        let is_told = self.totals.contains(&APPLIED);
        self.shares.retain(|(cell, by)| *cell != APPLIED || (is_told && !has_few(*by)));
    }
}

/// The other numbers of recruitment that a figure can be taken apart into.
fn made_of(definition: &Definition) -> Vec<Cell> {
    let is = |other: &Definition| definition.id == other.id;
    let tells_jobs = is(&JOBS_AT_RECRUITMENT) || is(&JOBS_QUALIFYING) || is(&JOBS_TOTAL);
    if tells_jobs || definition.id.starts_with("M-22.total.") {
        // Who works of the participants is told exactly, so that the others are what is left.
        vec![APPLIED, Cell::Employed]
    } else if is(&CANDIDATES_OF_PLACES) || definition.id.ends_with(".of_candidates") {
        vec![APPLIED]
    } else if is(&SELECTION_RATE) {
        vec![APPLIED, SELECTION]
    } else if is(&SELECTED_OF_PLACES) {
        vec![SELECTION]
    } else {
        Vec::new()
    }
}

/// The applications of a cell.
fn members(facts: &Facts, figures: &[Figure], cell: Cell) -> HashSet<Uuid> {
    let counted = |definition: &Definition| {
        let figure = figures.iter().find(|figure| figure.definition.id == definition.id);
        figure.map(|figure| figure.records(false).iter().map(|record| record.id).collect()).unwrap_or_default()
    };
    match cell {
        Cell::Group(by, key) => by.candidates(facts, key),
        Cell::Waiting => counted(&NEVER_PLACED),
        Cell::Withdrawn => counted(&RECRUITMENT_EXITS),
        Cell::Employed => employed(facts),
    }
}

/// By edition and person, who took up a job while they were recruited.
fn employed_at_recruitment(facts: &Facts) -> BTreeSet<(Option<Uuid>, Uuid)> {
    let employed = Jobs::of(facts).employed(Phase::AtRecruitment);
    employed.iter().flat_map(|(person, list)| list.iter().map(|one| (one.record.edition_id, *person))).collect()
}

/// The applications of those people.
fn employed(facts: &Facts) -> HashSet<Uuid> {
    let employed = employed_at_recruitment(facts);
    let is_of = |row: &&Application| employed.contains(&(Some(row.edition_id), row.person_id));
    facts.applications.iter().filter(is_of).map(|application| application.id).collect()
}

/// Whether several editions together tell less than each by itself: people are counted once.
fn has_employed_twice(facts: &Facts) -> bool {
    let mut seen = HashSet::new();
    employed_at_recruitment(facts).into_iter().any(|(_, person)| !seen.insert(person))
}

/// The applications of people who had applied before, over all editions and, of the whole centre, over what else can be
/// asked for: its programmes and years.
fn repeated(facts: &Facts) -> Vec<Vec<&Application>> {
    let mut repeated = vec![repeated_among(facts, |application, _| Some(application.id.to_string()))];
    if facts.programme_id.is_none() && facts.year.is_none() {
        repeated.push(repeated_among(facts, |_, edition| edition.map(|edition| edition.programme_id.to_string())));
        repeated.push(repeated_among(facts, |_, edition| edition.map(|edition| edition.starts_on.date().year().to_string())));
    }
    repeated
}

/// The first applications within each part that are not the first of all.
fn repeated_among(facts: &Facts, part: impl Fn(&Application, Option<&EditionFacts>) -> Option<String>) -> Vec<&Application> {
    let first: HashSet<Uuid> = Facts::first_of_each(&facts.applications, |application| application.person_id)
        .into_iter()
        .map(|application| application.id)
        .collect();
    let mut seen = HashSet::new();
    let of_part = facts
        .applications
        .iter()
        .filter(|application| seen.insert((part(application, facts.edition(application.edition_id)), application.person_id)));
    of_part.filter(|application| !first.contains(&application.id)).collect()
}

/// The applications of an edition, and to which cells each belongs.
struct Edition<'f> {
    id: Uuid,
    facts: &'f Facts,
    applications: Vec<&'f Application>,
    members: &'f BTreeMap<Cell, HashSet<Uuid>>,
}

impl<'f> Edition<'f> {
    fn of(facts: &'f Facts, members: &'f BTreeMap<Cell, HashSet<Uuid>>, id: Uuid) -> Self {
        let applications = facts.applications.iter().filter(|application| application.edition_id == id).collect();
        Self { id, facts, applications, members }
    }

    fn told(&self) -> Told {
        let totals = self.in_order(&ORDER, |_| Some(()), |_| true);
        let mut shares = BTreeSet::new();
        for by in SHARED_BY {
            let word = |application: &Application| Some(by.word_of(self.facts, application));
            let order = COUNTED.map(|(_, cell)| cell);
            shares.extend(self.in_order(&order, word, |cell| totals.contains(&cell)).into_iter().map(|cell| (cell, by)));
        }
        let reason = |application: &Application| Some(GroupedBy::Reason.word_of(self.facts, application));
        let has_reasons = [REJECTION, Cell::Withdrawn].into_iter().filter(|cell| totals.contains(cell));
        let by_reason = has_reasons.filter(|cell| Telling::of(self.applications.len()).tell(&self.classes(*cell, reason)));
        shares.extend(by_reason.map(|cell| (cell, GroupedBy::Reason)));
        let untold = (!totals.contains(&APPLIED)).then_some(self.id);
        Told { totals, shares, untold: untold.into_iter().collect() }
    }

    /// The cells that are told, by the classes of their applications, in an order.
    fn in_order<C: Ord>(
        &self,
        order: &[Cell],
        class: impl Fn(&Application) -> Option<C>,
        is_open: impl Fn(Cell) -> bool,
    ) -> BTreeSet<Cell> {
        let mut telling = Telling::of(self.applications.len()).knowing(&self.classes(STARTED, &class));
        let mut told = BTreeSet::new();
        let mut parts_end = false;
        for cell in order {
            let is_after = cell.is_part() && parts_end;
            if !is_after && is_open(*cell) && telling.tell(&self.classes(*cell, &class)) {
                told.insert(*cell);
            } else {
                parts_end |= cell.is_part();
            }
        }
        told
    }

    /// The class of each application that belongs to a cell.
    fn classes<C>(&self, cell: Cell, class: impl Fn(&Application) -> Option<C>) -> Vec<Option<C>> {
        let members = &self.members[&cell];
        let of = |application: &&Application| class(application).filter(|_| members.contains(&application.id));
        self.applications.iter().map(of).collect()
    }
}
