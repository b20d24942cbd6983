//! M-14: hours planned, delivered and received, block by block.
//!
//! What a leader delivers and what participants receive are different hours: a session of three hours with ten people is
//! three delivered and thirty received. So each has a plan of its own: one run of the block, and one for each place.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::hours::{Held, held_session, in_minutes, psu_record};
use crate::outcomes::figures::definition::Definition;
use crate::outcomes::figures::definitions::{DELIVERED_OF_PLANNED, PLANNED_HOURS, PLANNED_PERSON_HOURS, RECEIVED_OF_PLANNED};
use crate::outcomes::figures::facts::{Block, Facts};
use crate::outcomes::figures::figure::{Figure, Number, PSU, Part, Record, RecordKind, ratio_group, whole};
use crate::outcomes::figures::metrics::groups::minutes_by;
use crate::outcomes::figures::verdict::{NoteCode, Status, Verdict};
use crate::platform::types::{Day, Hours};
use crate::programmes::facts::plan_on;

pub(super) fn figures(held: &Held) -> Vec<Figure> {
    let plan = Plan::of(held.facts);
    vec![
        planned(held, &plan, &PLANNED_HOURS, |planned| planned.run),
        planned(held, &plan, &PLANNED_PERSON_HOURS, |planned| planned.everybody),
        delivered(held, &plan),
        received(held, &plan),
    ]
}

/// Minutes that are planned for a block.
struct Planned<'f> {
    block: &'f Block,
    /// For one run, which is what one participant gets.
    run: i64,
    /// For all places of the plan that holds.
    everybody: i64,
}

impl Planned<'_> {
    /// Key of its group among received hours: what is worked in the register belongs to no single block.
    fn received_in(&self) -> String {
        if self.block.is_activation() { PSU.to_owned() } else { self.block.id.to_string() }
    }
}

/// The blocks with planned hours.
struct Plan<'f> {
    blocks: Vec<Planned<'f>>,
    /// Blocks without planned hours.
    unplanned: usize,
    /// Editions of whose register all hours are planned.
    work_is_planned: BTreeSet<Uuid>,
}

impl<'f> Plan<'f> {
    fn of(facts: &'f Facts) -> Self {
        let day = Day::try_from(facts.as_of.day).ok();
        let places = |edition: Uuid| {
            let plan = plan_on(&facts.edition(edition)?.plan, day?)?;
            Some(i64::from(plan.places))
        };
        let planned = |block: &'f Block| {
            let run = i64::from(block.planned.map(Hours::minutes)?);
            Some(Planned { block, run, everybody: run * places(block.edition_id)? })
        };
        let blocks: Vec<Planned> = facts.blocks.iter().filter_map(planned).collect();
        let work = |is_planned: bool| {
            let of_work = facts.blocks.iter().filter(move |block| block.is_activation() && block.planned.is_some() == is_planned);
            of_work.map(|block| block.edition_id).collect::<BTreeSet<Uuid>>()
        };
        let work_is_planned = work(true).difference(&work(false)).copied().collect();
        Self { unplanned: facts.blocks.len() - blocks.len(), blocks, work_is_planned }
    }

    /// Without any planned hours nothing is known; without those of some blocks the rest is.
    fn verdict(&self, known: Verdict) -> Verdict {
        if self.blocks.is_empty() {
            return known.at_worst(Status::NotCollected);
        }
        known.noting(NoteCode::BlocksWithoutPlan, whole(self.unplanned))
    }

    fn holds(&self, block: Uuid) -> bool {
        self.blocks.iter().any(|planned| planned.block.id == block && !planned.block.is_activation())
    }
}

fn record(planned: &Planned, minutes: i64) -> Record {
    let Block { id, edition_id, .. } = planned.block;
    Record::new(RecordKind::Block, *id).edition(*edition_id).block(*id).adding(Number::Minutes(minutes))
}

fn planned(held: &Held, plan: &Plan, definition: &'static Definition, minutes: fn(&Planned) -> i64) -> Figure {
    let total = plan.blocks.iter().map(minutes).sum();
    let records = plan.blocks.iter().map(|planned| record(planned, minutes(planned))).collect();
    let groups = minutes_by(plan.blocks.iter().map(|planned| (planned.block.id, minutes(planned))));
    let verdict = plan.verdict(Verdict::of(Status::Ok));
    Figure::sum(definition, verdict, Part::sum(Number::Minutes(total), records)).by("block", held.named(groups))
}

/// Minutes above the line, beside those of the plan, by group and with their records.
#[derive(Default)]
struct Compared {
    sums: BTreeMap<String, (i64, i64)>,
    above: Vec<Record>,
    below: Vec<Record>,
}

impl Compared {
    fn plan(&mut self, key: String, planned: &Planned, minutes: i64) {
        self.sums.entry(key).or_default().1 += minutes;
        self.below.push(record(planned, minutes));
    }

    fn count(&mut self, key: String, minutes: i32, record: Record) {
        self.sums.entry(key).or_default().0 += i64::from(minutes);
        self.above.push(record);
    }

    fn figure(self, held: &Held, definition: &'static Definition, verdict: Verdict) -> Figure {
        let (part, all) = self.sums.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        let group = |(key, (part, all)): (&String, &(i64, i64))| ratio_group(key, Number::Minutes(*part), Number::Minutes(*all));
        let groups = held.named(self.sums.iter().map(group).collect());
        let part = Part::sum(Number::Minutes(part), self.above);
        Figure::ratio(definition, verdict, part, Part::sum(Number::Minutes(all), self.below)).by("block", groups)
    }
}

fn delivered(held: &Held, plan: &Plan) -> Figure {
    let mut compared = Compared::default();
    for planned in plan.blocks.iter().filter(|planned| !planned.block.is_activation()) {
        compared.plan(planned.block.id.to_string(), planned, planned.run);
    }
    for session in held.facts.sessions.iter().filter(|session| plan.holds(session.block_id)) {
        compared.count(session.block_id.to_string(), session.minutes, held_session(session));
    }
    compared.figure(held, &DELIVERED_OF_PLANNED, plan.verdict(held.facts.verdict(&DELIVERED_OF_PLANNED)))
}

fn received(held: &Held, plan: &Plan) -> Figure {
    let mut compared = Compared::default();
    let counts = |planned: &&Planned| !planned.block.is_activation() || plan.work_is_planned.contains(&planned.block.edition_id);
    for planned in plan.blocks.iter().filter(counts) {
        compared.plan(planned.received_in(), planned, planned.everybody);
    }
    for (row, session) in held.rows().filter(|(row, session)| row.minutes > 0 && plan.holds(session.block_id)) {
        let record = held.record(row, session).adding(in_minutes(row.minutes));
        compared.count(session.block_id.to_string(), row.minutes, record);
    }
    for entry in held.facts.psu_entries.iter().filter(|entry| plan.work_is_planned.contains(&entry.edition_id)) {
        compared.count(PSU.to_owned(), entry.minutes, psu_record(entry));
    }
    let verdict = plan.verdict(held.noting_gaps(held.facts.verdict(&RECEIVED_OF_PLANNED)));
    compared.figure(held, &RECEIVED_OF_PLANNED, verdict)
}
