//! Zero or unknown: how completely each kind of fact was collected, and what a figure may say on it.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::definition::{Definition, FactKind, Measure};
use super::facts::{Block, CollectionState, Facts};
use super::verdict::{Status, Verdict};
use crate::programmes::facts::EditionFacts;

/// How a kind of fact stands in an edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The edition has nothing of the kind.
    NotApplicable,
    /// What is not on file did not happen.
    Complete,
    /// What is on file happened.
    Partial,
    /// Nothing is known.
    Missing,
}

impl Facts {
    /// How many rows of a kind are on file for an edition.
    pub fn recorded(&self, edition: Uuid, kind: FactKind) -> usize {
        self.on_file(edition, kind).count()
    }

    /// Whether any row of a kind is on file for an edition; cheaper than to count them.
    fn is_on_file(&self, edition: Uuid, kind: FactKind) -> bool {
        self.on_file(edition, kind).next().is_some()
    }

    /// The rows of a kind that are on file for an edition.
    fn on_file(&self, edition: Uuid, kind: FactKind) -> Box<dyn Iterator<Item = ()> + '_> {
        fn of<'f>(edition: Uuid, ids: impl Iterator<Item = Uuid> + 'f) -> Box<dyn Iterator<Item = ()> + 'f> {
            Box::new(ids.filter(move |id| *id == edition).map(drop))
        }
        match kind {
            FactKind::Applications => of(edition, self.applications.iter().map(|row| row.edition_id)),
            FactKind::Participations => of(edition, self.participations.iter().map(|row| row.edition_id)),
            FactKind::Attendance => {
                let sessions: BTreeSet<Uuid> =
                    self.sessions.iter().filter(|session| session.edition_id == edition).map(|session| session.id).collect();
                Box::new(self.attendance.iter().filter(move |row| sessions.contains(&row.session_id)).map(drop))
            }
            FactKind::PsuHours => of(edition, self.psu_entries.iter().map(|row| row.edition_id)),
            FactKind::Sheets => of(edition, self.sheets.iter().map(|row| row.edition_id)),
            FactKind::Employment => {
                let applicants = self.applications.iter().map(|row| (row.edition_id, row.person_id));
                let participants = self.participations.iter().map(|row| (row.edition_id, row.person_id));
                let people: BTreeSet<Uuid> =
                    applicants.chain(participants).filter(|(id, _)| *id == edition).map(|(_, person)| person).collect();
                let spells = self.spells.iter().filter(move |spell| people.contains(&spell.person_id)).map(drop);
                Box::new(spells.chain(of(edition, self.checks.iter().map(|row| row.edition_id))))
            }
            FactKind::Declarations => of(edition, self.declarations.iter().map(|row| row.edition_id)),
            FactKind::Decisions => of(edition, self.post_decisions.iter().map(|row| row.edition_id)),
            FactKind::Households => {
                let participants = self.participations.iter().filter(|row| row.edition_id == edition);
                let people: BTreeSet<Uuid> = participants.map(|row| row.person_id).collect();
                let stays = self.household_stays.iter().filter(move |stay| people.contains(&stay.person_id)).map(drop);
                Box::new(stays.chain(of(edition, self.assistances.iter().filter_map(|row| row.edition_id))))
            }
            FactKind::Money => of(edition, self.outcomes.spent.iter().map(|row| row.edition_id)),
        }
    }

    fn applies(&self, edition: Uuid, kind: FactKind) -> bool {
        let is_activation = |block: &&Block| block.kind == "activation";
        let mut blocks = self.blocks.iter().filter(|block| block.edition_id == edition).peekable();
        if blocks.peek().is_none() || self.is_on_file(edition, kind) {
            return true;
        }
        match kind {
            FactKind::PsuHours => blocks.any(|block| is_activation(&block)),
            FactKind::Attendance => {
                blocks.any(|block| !is_activation(&block)) || self.sessions.iter().any(|session| session.edition_id == edition)
            }
            _ => true,
        }
    }

    /// How a kind of fact stands in an edition.
    ///
    /// A partial statement with nothing on file says nothing. An admission is an act of this
    /// service, so participations on file are known in part even where nobody states anything.
    pub fn standing(&self, edition: Uuid, kind: FactKind) -> Standing {
        if !self.applies(edition, kind) {
            return Standing::NotApplicable;
        }
        let recorded = self.is_on_file(edition, kind);
        match self.statement(edition, kind).map(|statement| statement.completeness) {
            Some(CollectionState::Complete) => Standing::Complete,
            Some(CollectionState::Partial) if recorded => Standing::Partial,
            None if recorded && kind == FactKind::Participations => Standing::Partial,
            _ => Standing::Missing,
        }
    }

    /// The editions that a kind of fact can be expected of: those under way, and any with rows on file.
    fn expected_editions(&self, kind: FactKind) -> impl Iterator<Item = &EditionFacts> {
        self.editions.iter().filter(move |edition| {
            self.editions.len() == 1 || edition.starts_on.date() <= self.as_of.day || self.is_on_file(edition.id, kind)
        })
    }

    /// What a definition can say by the collection of its facts, its time aside.
    pub fn collected(&self, definition: &Definition, kinds: &[FactKind]) -> Verdict {
        let statuses: Vec<Status> = kinds
            .iter()
            .map(|kind| {
                let standings = self.expected_editions(*kind).map(|edition| self.standing(edition.id, *kind));
                self.joined(standings.collect(), definition.measure)
            })
            .collect();
        let applicable = statuses.iter().copied().filter(|status| *status != Status::NotApplicable).max();
        match (applicable, statuses.is_empty()) {
            (Some(status), _) => Verdict::of(status),
            (None, true) => Verdict::of(Status::Ok),
            (None, false) => Verdict::of(Status::NotApplicable),
        }
    }

    /// Joins editions: a count over several holds what was collected; a ratio needs all of them,
    /// or its parts would be of different editions.
    pub fn joined(&self, standings: Vec<Standing>, measure: Measure) -> Status {
        let standings: Vec<Standing> = standings.into_iter().filter(|standing| *standing != Standing::NotApplicable).collect();
        let any = |standing| standings.contains(&standing);
        match (any(Standing::Missing), any(Standing::Partial), any(Standing::Complete)) {
            (false, false, false) if self.editions.is_empty() => Status::NotCollected,
            (false, false, false) => Status::NotApplicable,
            (false, false, true) => Status::Ok,
            (false, true, _) => Status::Provisional,
            (true, partial, complete) if (partial || complete) && measure != Measure::Ratio => Status::Provisional,
            (true, _, _) => Status::NotCollected,
        }
    }

    /// Whether an edition is over.
    pub fn is_over(&self, edition: &EditionFacts) -> bool {
        self.as_of.day > edition.ends_on.date() || edition.closed_on.is_some_and(|closed| closed.date() <= self.as_of.day)
    }

    /// What a definition can say: collected, and provisional while an edition runs.
    pub fn verdict(&self, definition: &Definition) -> Verdict {
        self.verdict_of(definition, definition.kinds)
    }

    /// As [`Self::verdict`], with the facts that the edition asks for besides.
    pub fn verdict_of(&self, definition: &Definition, kinds: &[FactKind]) -> Verdict {
        self.collected(definition, kinds).within(self.editions.iter().all(|edition| self.is_over(edition)))
    }
}
