//! What the rules of early warning look at: an edition as it stands on a day.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use uuid::Uuid;

use crate::participation::attendance::{OverdueExcuse, overdue_excuses};
use crate::participation::class_register::ClassRegister;
use crate::participation::completion::Progress;
use crate::participation::duties::information_duties::{DutyRecord, overdue_duties};
use crate::participation::participations::Stay;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{Day, Hours, IsoWeek};
use crate::programmes::facts::{EditionFacts, PlanRevision};
use crate::programmes::{BlockKind, Completeness, FactKind, current_statements};
use crate::schema::{blocks, person_facts, psu_entries};

/// A fact about a participant whose evidence expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expiring {
    pub person: Uuid,
    pub fact: Uuid,
    pub expires_on: Day,
}

/// An edition as it stands on a day.
#[derive(Debug)]
pub(super) struct Situation {
    pub on: Day,
    pub starts_on: Day,
    pub ends_on: Day,
    pub register: ClassRegister,
    /// What the edition asks for completion.
    pub progress: Progress,
    /// The regime's hours of integration in a week.
    pub weekly_minimum: Option<Hours>,
    /// Blocks of integration.
    pub integration: HashSet<Uuid>,
    /// Whether hours of socially useful work are planned and collected.
    pub expects_psu: bool,
    /// Weeks with hours of socially useful work, by participation.
    pub worked: HashSet<(Uuid, IsoWeek)>,
    /// Facts without a later one of their kind.
    pub expiring: Vec<Expiring>,
    pub plan: Vec<PlanRevision>,
    pub overdue: Vec<DutyRecord>,
    /// Excuses from classes whose evidence was not shown in time.
    pub excuses: Vec<OverdueExcuse>,
}

impl Situation {
    /// Participations that run on the day.
    pub(super) fn running(&self) -> impl Iterator<Item = &Stay> {
        self.register.stays.iter().filter(|stay| stay.covers(self.on))
    }
}

/// Reads an edition as it stands on a day.
pub(super) fn situation(tx: &mut Tx, edition: &EditionFacts, on: Day) -> Result<Situation, Problem> {
    let register = ClassRegister::of_edition(tx, edition.id)?;
    let of_edition: Vec<(Uuid, BlockKind)> = blocks::table
        .filter(own(tx, blocks::tenant_id))
        .filter(blocks::edition_id.eq(edition.id))
        .select((blocks::id, blocks::kind))
        .load(tx.conn)?;
    let of_kind = |kind: BlockKind| of_edition.iter().filter(move |(_, of)| *of == kind).map(|(id, _)| *id);
    let statements = current_statements(tx, edition.id)?;
    let uncollected = statements
        .iter()
        .any(|statement| statement.kind == FactKind::PsuHours && statement.completeness == Completeness::NotCollected);
    let people: Vec<Uuid> = register.stays.iter().filter(|stay| stay.covers(on)).map(|stay| stay.person_id).collect();
    Ok(Situation {
        on,
        starts_on: edition.starts_on,
        ends_on: edition.ends_on,
        progress: Progress::of_edition(tx, edition, &register)?,
        weekly_minimum: edition.regime.integration_weekly_minimum,
        integration: of_kind(BlockKind::Integration).collect(),
        expects_psu: of_kind(BlockKind::Activation).next().is_some() && !uncollected,
        worked: worked(tx, edition.id)?,
        expiring: expiring(tx, &people)?,
        plan: edition.plan.clone(),
        overdue: overdue_duties(tx, edition.id, on)?,
        excuses: overdue_excuses(tx, edition.id, on)?,
        register,
    })
}

fn worked(tx: &mut Tx, edition: Uuid) -> Result<HashSet<(Uuid, IsoWeek)>, Problem> {
    let rows: Vec<(Uuid, Day)> = psu_entries::table
        .filter(own(tx, psu_entries::tenant_id))
        .filter(psu_entries::edition_id.eq(edition))
        .filter(psu_entries::superseded_at.is_null())
        .filter(psu_entries::minutes.gt(0))
        .select((psu_entries::participation_id, psu_entries::worked_on))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(who, day)| (who, IsoWeek::of(day))).collect())
}

/// Of each kind of fact the evidence that lasts longest, where it expires at all.
fn expiring(tx: &mut Tx, people: &[Uuid]) -> Result<Vec<Expiring>, Problem> {
    type Row = (Uuid, Uuid, String, Option<Day>);
    let rows: Vec<Row> = person_facts::table
        .filter(own(tx, person_facts::tenant_id))
        .filter(person_facts::person_id.eq_any(people))
        .filter(person_facts::superseded_at.is_null())
        .filter(person_facts::withdrawn_on.is_null())
        .order(person_facts::id)
        .select((person_facts::person_id, person_facts::id, person_facts::kind, person_facts::expires_on))
        .load(tx.conn)?;
    let mut longest: HashMap<(Uuid, String), (Uuid, Option<Day>)> = HashMap::new();
    for (person, fact, kind, expires_on) in rows {
        let kept = longest.entry((person, kind)).or_insert((fact, expires_on));
        let lasts_longer = match (kept.1, expires_on) {
            (Some(_), None) => true,
            (Some(known), Some(other)) => other > known,
            (None, _) => false,
        };
        if lasts_longer {
            *kept = (fact, expires_on);
        }
    }
    let mut expiring: Vec<Expiring> = longest
        .into_iter()
        .filter_map(|((person, _), (fact, expires_on))| Some(Expiring { person, fact, expires_on: expires_on? }))
        .collect();
    expiring.sort_by_key(|one| (one.expires_on, one.fact));
    Ok(expiring)
}
