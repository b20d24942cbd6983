//! Which counted records belong to a group of a breakdown, so that each group can be opened by itself.

use uuid::Uuid;

use super::facts::Facts;
use super::figure::{PSU, Record, RecordKind};
use crate::platform::types::{IsoWeek, Month, Period, text_enum};

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
    }
}

impl GroupedBy {
    /// The breakdown of that name, where its groups can be opened.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|by| by.as_str() == name)
    }

    /// Whether a record belongs to the group of that key.
    ///
    /// A participation belongs to every week and month that it touches, because that is what it counts in below the line.
    pub fn holds(self, facts: &Facts, record: &Record, key: &str) -> bool {
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
        }
    }
}

fn is_id(id: Option<Uuid>, key: &str) -> bool {
    id.is_some() && id == key.parse().ok()
}

fn is_activation(facts: &Facts, block: Uuid) -> bool {
    facts.blocks.iter().any(|one| one.id == block && one.is_activation())
}
