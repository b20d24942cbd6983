//! Which counted records belong to a group of a breakdown, so that each group can be opened by itself.

use std::collections::HashSet;

use uuid::Uuid;

use super::definition::{Definition, FactKind};
use super::definitions::find;
use super::facts::{Application, Facts};
use super::figure::{Figure, PSU, Record, RecordKind};
use super::metrics::ages::age_word;
use super::metrics::recruitment::{channel, decision, reaching, reason};
use crate::platform::types::{IsoWeek, Month, Period, Sex, text_enum};

text_enum! {
    /// Breakdown whose groups can be opened.
    pub enum GroupedBy {
        /// Blocks, and hours of socially useful work as `psu`.
        Block = "block",
        /// ISO weeks, such as `2026-W23`.
        IsoWeek = "isoWeek",
        /// Calendar months, such as `2026-06`.
        Month = "month",
        /// Participations.
        Participation = "participation",
        /// How applications came in.
        Channel = "channel",
        /// The latest decisions about applications.
        Decision = "decision",
        /// Why candidates were rejected or withdrew.
        Reason = "reason",
        /// How far candidates came.
        Stage = "stage",
        /// Sex of candidates.
        Sex = "sex",
        /// Age of candidates on the first day of the edition.
        AgeBand = "ageBand",
        /// Sources of money of budgets.
        Source = "source",
        /// Expected effects by their code.
        Effect = "effect",
    }
}

impl GroupedBy {
    /// The breakdown of that name, where its groups can be opened.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|by| by.as_str() == name)
    }

    /// Whether the groups of a figure can be opened so: those of candidates only where it counts applications, and those of
    /// money not where hours are paid, because who pays a benefit in the end pays part of each hour.
    pub fn opens(self, figure: &Figure) -> bool {
        let of_applications = || figure.records(false).iter().all(|record| record.kind == RecordKind::Application);
        match self {
            Self::Source => !figure.definition.kinds.contains(&FactKind::PsuHours),
            _ => !self.is_of_candidates() || of_applications(),
        }
    }

    /// The figure that an expected effect of that code is measured by: its records are those of the group.
    pub(super) fn measure(self, facts: &Facts, key: &str) -> Option<&'static Definition> {
        let mut effects = facts.editions.iter().flat_map(|edition| &edition.expected_effects);
        let effect = effects.find(|effect| self == Self::Effect && effect.code.as_str() == key)?;
        find(effect.definition_id.as_ref()?.as_str())
    }

    fn is_of_candidates(self) -> bool {
        matches!(self, Self::Channel | Self::Decision | Self::Reason | Self::Stage | Self::Sex | Self::AgeBand)
    }

    /// Keeps the records that belong to the group of that key.
    pub fn retain(self, facts: &Facts, records: &mut Vec<Record>, key: &str) {
        if self.is_of_candidates() {
            let members = self.candidates(facts, key);
            records.retain(|record| members.contains(&record.id));
        } else {
            records.retain(|record| self.holds(facts, record, key));
        }
    }

    /// Whether a record belongs to the group of that key.
    ///
    /// A participation belongs to every week and month that it touches, because that is what it counts in below the line.
    fn holds(self, facts: &Facts, record: &Record, key: &str) -> bool {
        let touched = |touches: &dyn Fn(Period) -> bool| {
            let participation = facts.participations.iter().find(|row| row.id == record.id);
            participation.and_then(|row| row.period_until(facts.as_of.day)).is_some_and(touches)
        };
        let is_participation = record.kind == RecordKind::Participation;
        match self {
            Self::Block if key == PSU => {
                record.kind == RecordKind::PsuEntry || (record.kind == RecordKind::Block && is_activation(facts, record.id))
            }
            Self::Block => is_id(record.block_id, key),
            Self::Participation if is_participation => is_id(Some(record.id), key),
            Self::Participation => is_id(record.participation_id, key),
            Self::IsoWeek if is_participation => touched(&|days| days.weeks_touched().any(|week| week.to_string() == key)),
            Self::IsoWeek => record.on.is_some_and(|day| IsoWeek::of(day).to_string() == key),
            Self::Month if is_participation => touched(&|days| days.months_touched().any(|month| month.to_string() == key)),
            Self::Month => record.on.is_some_and(|day| Month::of(day).to_string() == key),
            Self::Channel | Self::Decision | Self::Reason | Self::Stage | Self::Sex | Self::AgeBand => false,
            Self::Source => {
                let mut lines = facts.outcomes.planned.iter().chain(&facts.outcomes.spent);
                lines.any(|line| line.id == record.id && line.source == key)
            }
            Self::Effect => facts.outcomes.results.iter().any(|result| result.id == record.id && result.effect_code == key),
        }
    }
}

impl GroupedBy {
    /// The applications that belong to the group of that key.
    pub(super) fn candidates(self, facts: &Facts, key: &str) -> HashSet<Uuid> {
        if self == Self::Stage {
            return reaching(facts, key);
        }
        let is_of_group = |application: &&Application| self.word_of(facts, application) == key;
        facts.applications.iter().filter(is_of_group).map(|application| application.id).collect()
    }

    /// The key of the group that an application belongs to; by stage it may belong to several.
    pub(super) fn word_of(self, facts: &Facts, application: &Application) -> String {
        match self {
            Self::Channel => channel(application).to_owned(),
            Self::Decision => decision(application).to_owned(),
            Self::Reason => reason(application).to_owned(),
            Self::Sex => facts.sexes.get(&application.person_id).copied().unwrap_or(Sex::Unknown).to_string(),
            _ => age_word(facts, application.edition_id, application.person_id).to_owned(),
        }
    }
}

fn is_id(id: Option<Uuid>, key: &str) -> bool {
    id.is_some() && id == key.parse().ok()
}

fn is_activation(facts: &Facts, block: Uuid) -> bool {
    facts.blocks.iter().any(|one| one.id == block && one.is_activation())
}
