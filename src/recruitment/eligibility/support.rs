//! Which applications rest on an assessment of eligibility that is not stale, of many at once.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use uuid::Uuid;

use super::ages::Candidate;
use super::assessments::{Assessment, ages_shown_to, ask_for_age, assessed, kinds};
use super::staleness::stale_because;
use crate::people::{KnownFact, PersonFactKind, Portrait, known_facts_of, portraits};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{Day, text_enum};
use crate::schema::{application_events, eligibility_assessments};

text_enum! {
    /// Why no current assessment of eligibility stands behind a candidate.
    pub enum Lacking {
        /// There is no application, and so nothing to assess.
        NoApplication = "none",
        /// The latest decision names no assessment.
        NotAssessed = "attested",
        /// The assessment that it names is stale.
        Stale = "stale",
    }
}

/// What the latest decision about somebody lacks of an assessment that is not stale on a day; nothing where it rests on one.
///
/// # Errors
/// When the store fails.
pub fn lacking_assessment(tx: &mut Tx, application: Option<Uuid>, person: Uuid, on: Day) -> Result<Option<Lacking>, Problem> {
    let Some(application) = application else { return Ok(Some(Lacking::NoApplication)) };
    let asked = [(application, person)];
    if !who_rests_on_assessment(tx, &asked, on)?.is_empty() {
        return Ok(None);
    }
    Ok(Some(if decisive(tx, &asked)?.is_empty() { Lacking::NotAssessed } else { Lacking::Stale }))
}

/// The applications whose latest decision rests on an assessment that is not stale on a day, of many with their people in a
/// few statements.
///
/// # Errors
/// When the store fails.
pub fn who_rests_on_assessment(tx: &mut Tx, asked: &[(Uuid, Uuid)], on: Day) -> Result<HashSet<Uuid>, Problem> {
    let mut people: HashMap<Uuid, Uuid> = asked.iter().copied().collect();
    let assessments: Vec<(Assessment, Uuid)> = decisive(tx, asked)?
        .into_iter()
        .filter_map(|assessment| {
            let person = people.remove(&assessment.application_id)?;
            Some((assessment, person))
        })
        .collect();
    let facts = facts_of(tx, &assessments)?;
    let portraits = portraits_of(tx, &assessments)?;
    let mut rest = HashSet::new();
    for (assessment, person) in &assessments {
        let looks_at: HashSet<PersonFactKind> = kinds(&assessment.criteria.0).into_iter().collect();
        let of_person = facts.get(person).into_iter().flatten();
        let known: Vec<KnownFact> = of_person.filter(|fact| looks_at.contains(&fact.kind)).cloned().collect();
        let asks_for_age = ask_for_age(&assessment.criteria.0);
        let portrait = portraits.get(person).filter(|_| asks_for_age);
        let candidate = portrait.map_or(Candidate::UNKNOWN, |known| Candidate::seen(*known, ages_shown_to(tx, assessment)));
        if stale_because(assessed(assessment, candidate), &known, on).is_empty() {
            rest.insert(assessment.application_id);
        }
    }
    Ok(rest)
}

/// The assessments on which the latest decisions about some applications rest.
fn decisive(tx: &mut Tx, asked: &[(Uuid, Uuid)]) -> Result<Vec<Assessment>, Problem> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let latest: Vec<Option<Uuid>> = application_events::table
        .filter(own(tx, application_events::tenant_id))
        .filter(application_events::application_id.eq_any(asked.iter().map(|(application, _)| application)))
        .filter(application_events::basis.is_not_null())
        .distinct_on(application_events::application_id)
        .order((application_events::application_id, application_events::id.desc()))
        .select(application_events::assessment_id)
        .load(tx.conn)?;
    let ids: Vec<Uuid> = latest.into_iter().flatten().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(eligibility_assessments::table
        .filter(own(tx, eligibility_assessments::tenant_id))
        .filter(eligibility_assessments::id.eq_any(ids))
        .select(Assessment::as_select())
        .load(tx.conn)?)
}

/// The facts known now of the kinds that any of the assessments looked at, by person.
fn facts_of(tx: &mut Tx, assessments: &[(Assessment, Uuid)]) -> Result<HashMap<Uuid, Vec<KnownFact>>, Problem> {
    let asked: HashSet<PersonFactKind> = assessments.iter().flat_map(|(assessment, _)| kinds(&assessment.criteria.0)).collect();
    let asked: Vec<PersonFactKind> = asked.into_iter().collect();
    let people: Vec<Uuid> = assessments.iter().map(|(_, person)| *person).collect();
    let mut facts: HashMap<Uuid, Vec<KnownFact>> = HashMap::new();
    if people.is_empty() {
        return Ok(facts);
    }
    for (person, fact) in known_facts_of(tx, &people, &asked)? {
        facts.entry(person).or_default().push(fact);
    }
    Ok(facts)
}

/// Sex and birth of those of whom a condition asks for the age.
fn portraits_of(tx: &mut Tx, assessments: &[(Assessment, Uuid)]) -> Result<HashMap<Uuid, Portrait>, Problem> {
    let of_age = assessments.iter().filter(|(assessment, _)| ask_for_age(&assessment.criteria.0));
    let people: Vec<Uuid> = of_age.map(|(_, person)| *person).collect();
    if people.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(portraits(tx, &people, |_, _| true)?.into_iter().map(|portrait| (portrait.person, portrait)).collect())
}
