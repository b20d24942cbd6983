//! Facts about what an edition was to bring and what it led to, as figures count them.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use uuid::Uuid;

use super::budget_facts::{BudgetRow, budgets};
use super::facts::Facts;
use crate::people::{KnownFact, PersonFactKind, known_facts_of};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::programmes::EffectTarget;
use crate::schema::{effect_results, onward_referrals, progress_assessments};

/// Kinds of fact that the structure of participants is told by, and their table for the European Social Fund.
const TRAITS: &[PersonFactKind] = &[
    PersonFactKind::Education,
    PersonFactKind::EmploymentStatus,
    PersonFactKind::Disability,
    PersonFactKind::LongTermUnemployed,
    PersonFactKind::RevitalisationArea,
    PersonFactKind::Residence,
    PersonFactKind::HouseholdSituation,
    PersonFactKind::Citizenship,
    PersonFactKind::Urbanisation,
    PersonFactKind::MinorityOrMigrant,
    PersonFactKind::Homelessness,
    PersonFactKind::OtherDisadvantage,
];

/// A current result of an expected effect.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = effect_results)]
pub struct EffectResult {
    pub id: Uuid,
    pub edition_id: Uuid,
    pub effect_code: String,
    pub result: Option<EffectTarget>,
    pub finding: Option<String>,
    pub assessed_on: NaiveDate,
}

/// A current onward referral.
#[derive(Debug, Clone)]
pub struct Referral {
    pub id: Uuid,
    pub edition_id: Uuid,
    pub participation_id: Uuid,
    pub destination: String,
    pub referred_on: NaiveDate,
    pub take_up: String,
}

/// A current assessment of a social area.
#[derive(Debug, Clone)]
pub struct Progress {
    pub id: Uuid,
    pub edition_id: Uuid,
    pub participation_id: Uuid,
    pub area: String,
    pub change: String,
    pub assessed_on: NaiveDate,
}

/// What an edition was to bring, what it led to, and who its people are.
#[derive(Debug, Clone, Default)]
pub struct Outcomes {
    /// Their current results.
    pub results: Vec<EffectResult>,
    /// Current onward referrals.
    pub referrals: Vec<Referral>,
    /// Current assessments of social areas.
    pub progress: Vec<Progress>,
    /// Planned money.
    pub planned: Vec<BudgetRow>,
    /// Money spent.
    pub spent: Vec<BudgetRow>,
    /// Facts about people by which the structure is told.
    pub traits: HashMap<Uuid, Vec<KnownFact>>,
}

/// Reads what belongs to the editions and people of some facts.
pub(super) fn outcomes(tx: &mut Tx, facts: &Facts, people: &[Uuid]) -> Result<Outcomes, Problem> {
    let editions: Vec<Uuid> = facts.editions.iter().map(|edition| edition.id).collect();
    let mut traits: HashMap<Uuid, Vec<KnownFact>> = HashMap::new();
    for (person, fact) in known_facts_of(tx, people, TRAITS)? {
        traits.entry(person).or_default().push(fact);
    }
    let (referrals, progress) = referrals_and_progress(tx, &editions)?;
    let (planned, spent) = budgets(tx, &editions, facts.as_of.day)?;
    Ok(Outcomes {
        results: effect_results::table
            .filter(own(tx, effect_results::tenant_id))
            .filter(effect_results::edition_id.eq_any(&editions))
            .filter(effect_results::superseded_at.is_null())
            .order(effect_results::id)
            .select(EffectResult::as_select())
            .load(tx.conn)?,
        referrals,
        progress,
        planned,
        spent,
        traits,
    })
}

/// What was found out about a participation: id, edition, participation, what it is about, what was found, when.
type Finding = (Uuid, Uuid, Uuid, String, String, NaiveDate);

/// The current onward referrals of some editions and the current assessments of social areas, each by its id.
fn referrals_and_progress(tx: &mut Tx, editions: &[Uuid]) -> Result<(Vec<Referral>, Vec<Progress>), Problem> {
    let referrals = onward_referrals::table
        .filter(own(tx, onward_referrals::tenant_id))
        .filter(onward_referrals::edition_id.eq_any(editions))
        .filter(onward_referrals::superseded_at.is_null())
        .select((
            true.into_sql::<Bool>(),
            (
                onward_referrals::id,
                onward_referrals::edition_id,
                onward_referrals::participation_id,
                onward_referrals::destination,
                onward_referrals::take_up,
                onward_referrals::referred_on,
            ),
        ));
    let progress = progress_assessments::table
        .filter(own(tx, progress_assessments::tenant_id))
        .filter(progress_assessments::edition_id.eq_any(editions))
        .filter(progress_assessments::superseded_at.is_null())
        .select((
            false.into_sql::<Bool>(),
            (
                progress_assessments::id,
                progress_assessments::edition_id,
                progress_assessments::participation_id,
                progress_assessments::area,
                progress_assessments::change,
                progress_assessments::assessed_on,
            ),
        ));
    let mut rows: Vec<(bool, Finding)> = referrals.union_all(progress).load(tx.conn)?;
    rows.sort_by_key(|(_, finding)| finding.0);
    let (mut referrals, mut progress) = (Vec::new(), Vec::new());
    for (is_referral, (id, edition_id, participation_id, about, found, on)) in rows {
        if is_referral {
            referrals.push(Referral { id, edition_id, participation_id, destination: about, referred_on: on, take_up: found });
        } else {
            progress.push(Progress { id, edition_id, participation_id, area: about, change: found, assessed_on: on });
        }
    }
    Ok((referrals, progress))
}
