//! Facts about what an edition was to bring and what it led to, as figures count them.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use super::budget_facts::{BudgetRow, planned, spent};
use super::facts::Facts;
use crate::people::{KnownFact, PersonFactKind, known_facts_of};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::programmes::{EffectTarget, ExpectedEffect, expected_effects_of_agreements};
use crate::schema::{effect_results, onward_referrals, progress_assessments};

/// Kinds of fact that the structure of participants is told by.
const TRAITS: &[PersonFactKind] = &[
    PersonFactKind::Education,
    PersonFactKind::EmploymentStatus,
    PersonFactKind::Disability,
    PersonFactKind::LongTermUnemployed,
    PersonFactKind::RevitalisationArea,
    PersonFactKind::Residence,
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
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = onward_referrals)]
pub struct Referral {
    pub id: Uuid,
    pub edition_id: Uuid,
    pub participation_id: Uuid,
    pub destination: String,
    pub referred_on: NaiveDate,
    pub take_up: String,
}

/// A current assessment of a social area.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = progress_assessments)]
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
    /// Expected effects by agreement.
    pub expected: HashMap<Uuid, Vec<ExpectedEffect>>,
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
    let agreements: Vec<Uuid> = facts.editions.iter().map(|edition| edition.agreement_id).collect();
    let mut traits: HashMap<Uuid, Vec<KnownFact>> = HashMap::new();
    for (person, fact) in known_facts_of(tx, people, TRAITS)? {
        traits.entry(person).or_default().push(fact);
    }
    Ok(Outcomes {
        expected: expected_effects_of_agreements(tx, &agreements)?,
        results: effect_results::table
            .filter(own(tx, effect_results::tenant_id))
            .filter(effect_results::edition_id.eq_any(&editions))
            .filter(effect_results::superseded_at.is_null())
            .order(effect_results::id)
            .select(EffectResult::as_select())
            .load(tx.conn)?,
        referrals: onward_referrals::table
            .filter(own(tx, onward_referrals::tenant_id))
            .filter(onward_referrals::edition_id.eq_any(&editions))
            .filter(onward_referrals::superseded_at.is_null())
            .order(onward_referrals::id)
            .select(Referral::as_select())
            .load(tx.conn)?,
        progress: progress_assessments::table
            .filter(own(tx, progress_assessments::tenant_id))
            .filter(progress_assessments::edition_id.eq_any(&editions))
            .filter(progress_assessments::superseded_at.is_null())
            .order(progress_assessments::id)
            .select(Progress::as_select())
            .load(tx.conn)?,
        planned: planned(tx, &editions)?,
        spent: spent(tx, &editions, facts.as_of.day)?,
        traits,
    })
}
