//! What a ranking is made of, read in a few queries however many apply.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use uuid::Uuid;

use super::appeals::granted_of_edition;
use super::inputs::{FORMAT, GivenPoints, RankedCandidate, RankingInputs};
use super::rules::{ScoringContent, ScoringSource, TieRule};
use super::scoring_rules::ScoringRulesView;
use crate::institutions::own_territory;
use crate::people::{Characteristics, PersonFactKind, Portrait, characteristics_of, known_facts_of, portraits};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{Code, Day, Points, Sex};
use crate::programmes::facts::EditionFacts;
use crate::programmes::{EligibilityCriterion, EligibilityRule};
use crate::recruitment::applications::{ApplicationState, ApplicationStep, placed};
use crate::recruitment::eligibility::{Exception, carried_of_edition};
use crate::recruitment::steps::may_follow;
use crate::recruitment::{Reason, TOO_MANY_TO_RANK};
use crate::schema::{applications, manual_points};

/// Most applications that one call ranks, so that it is done within the deadline of a call.
const MOST_RANKED: usize = 20_000;

/// What a protocol is asked to rank.
pub(super) struct Task {
    pub number: i32,
    pub effective_on: Day,
    pub places: i32,
    pub reserve_places: Option<i32>,
    /// Whether those are ranked again who were put on the reserve list or rejected.
    pub reopens: bool,
}

/// An application that is open on the day.
#[derive(Queryable)]
struct OpenApplication {
    id: Uuid,
    person: Uuid,
    version: i32,
    received_on: Day,
    state: ApplicationState,
}

/// Reads everything that a ranking of an edition is made of.
pub(super) fn load(tx: &mut Tx, edition: &EditionFacts, rules: &ScoringRulesView, task: &Task) -> Result<RankingInputs, Problem> {
    let applications = open_applications(tx, edition.id, task)?;
    if applications.len() > MOST_RANKED {
        return Err(TOO_MANY_TO_RANK.problem().with("applications", applications.len()).with("most", MOST_RANKED));
    }
    let persons: Vec<Uuid> = applications.iter().map(|application| application.person).collect();
    let conditions = &edition.regime.eligibility;
    let kinds: Vec<PersonFactKind> = kinds_asked_for(conditions, &rules.content.0).into_iter().collect();
    let mut facts = by_key(known_facts_of(tx, &persons, &kinds)?);
    let known = characteristics_of(tx, &persons)?;
    let known: HashMap<Uuid, Characteristics> = known.into_iter().map(|of_one| (of_one.person, of_one)).collect();
    let asked = Asked::by(conditions, &rules.content.0);
    let ages = if asked.age { ages_of(tx, &persons, task.effective_on)? } else { HashMap::new() };
    let mut points = by_key(points_of_edition(tx, edition.id, task.effective_on)?);
    let carried = carried_of_edition(tx, edition.id)?.into_iter();
    let mut exceptions: HashMap<Uuid, Vec<Exception>> = carried.map(|of_one| (of_one.application, of_one.exceptions.0)).collect();
    for (application, granted) in granted_of_edition(tx, edition.id, task.effective_on)? {
        let known = exceptions.entry(application).or_default();
        let unknown = granted.into_iter().filter(|exception| known.iter().all(|other| other.rule != exception.rule));
        *known = known.iter().cloned().chain(unknown).collect();
    }
    let candidates = applications.into_iter().map(|application| RankedCandidate {
        application_id: application.id,
        application_version: application.version,
        received_on: application.received_on,
        sex: known.get(&application.person).filter(|_| asked.sex).map_or(Sex::Unknown, |of_one| of_one.sex),
        // A year beside an age would tell on which side of the day the birthday lies.
        birth_year: (known.get(&application.person))
            .filter(|of_one| asked.birth_year || (asked.age && !ages.contains_key(&of_one.person)))
            .and_then(|of_one| of_one.birth_year),
        age_years: ages.get(&application.person).copied(),
        facts: facts.remove(&application.person).unwrap_or_default(),
        exceptions: exceptions.remove(&application.id).unwrap_or_default(),
        manual_points: points.remove(&application.id).unwrap_or_default(),
    });
    Ok(RankingInputs {
        format: FORMAT,
        edition_id: edition.id,
        number: task.number,
        replaces_number: None,
        effective_on: task.effective_on,
        places: task.places,
        reserve_places: task.reserve_places,
        rules_version: rules.version,
        rules: rules.content.0.clone(),
        conditions: conditions.clone(),
        home: own_territory(tx)?,
        candidates: candidates.collect(),
    })
}

/// The applications of an edition that wait for a decision on a day, in the order of their ids.
fn open_applications(tx: &mut Tx, edition: Uuid, task: &Task) -> Result<Vec<OpenApplication>, Problem> {
    let rows: Vec<OpenApplication> = applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::edition_id.eq(edition))
        .filter(applications::received_on.le(task.effective_on))
        .filter(diesel::dsl::not(placed()))
        .order(applications::id)
        .select((
            applications::id,
            applications::person_id,
            applications::row_version,
            applications::received_on,
            applications::state,
        ))
        .load(tx.conn)?;
    let is_open = |row: &OpenApplication| match row.state {
        ApplicationState::Applied => true,
        state => task.reopens && may_follow(state, false, ApplicationStep::Ranked),
    };
    Ok(rows.into_iter().filter(is_open).collect())
}

/// Points given up to a day that no later entry has replaced, each with its application.
fn points_of_edition(tx: &mut Tx, edition: Uuid, on: Day) -> Result<Vec<(Uuid, GivenPoints)>, Problem> {
    let application =
        applications::tenant_id.eq(manual_points::tenant_id).and(applications::id.eq(manual_points::application_id));
    let rows: Vec<(Uuid, Code, Points, Reason, Day)> = manual_points::table
        .inner_join(applications::table.on(application))
        .filter(own(tx, manual_points::tenant_id))
        .filter(applications::edition_id.eq(edition))
        .filter(manual_points::superseded_at.is_null())
        .filter(manual_points::given_on.le(on))
        .order((manual_points::application_id, manual_points::criterion))
        .select((
            manual_points::application_id,
            manual_points::criterion,
            manual_points::points,
            manual_points::reason,
            manual_points::given_on,
        ))
        .load(tx.conn)?;
    let given =
        |(application, criterion, points, reason, given_on)| (application, GivenPoints { criterion, points, reason, given_on });
    Ok(rows.into_iter().map(given).collect())
}

/// The kinds of facts that conditions, criteria and tie-breakers look at; no other fact is read or kept.
fn kinds_asked_for(conditions: &[EligibilityCriterion], rules: &ScoringContent) -> BTreeSet<PersonFactKind> {
    let of_criteria = rules.criteria.iter().filter_map(|criterion| criterion.rule);
    let of_breakers = rules.tie_breakers.iter().filter(|breaker| breaker.rule == TieRule::UnemployedLonger);
    (conditions.iter().map(|condition| condition.rule))
        .chain(of_criteria)
        .flat_map(EligibilityRule::fact_kinds)
        .chain(of_breakers.map(|_| PersonFactKind::UnemployedSince))
        .collect()
}

/// Completed years on a day of those of whom they are known exactly, as an assessment of eligibility counts them.
fn ages_of(tx: &mut Tx, persons: &[Uuid], on: Day) -> Result<HashMap<Uuid, i32>, Problem> {
    let exact = |Portrait { person, birth, .. }: Portrait| {
        let (least, greatest) = birth?.age_on(on.date());
        (least == greatest).then_some((person, least.max(0)))
    };
    Ok(portraits(tx, persons, |_, _| true)?.into_iter().filter_map(exact).collect())
}

/// What of a person beside the facts the rules look at.
struct Asked {
    sex: bool,
    birth_year: bool,
    age: bool,
}

impl Asked {
    fn by(conditions: &[EligibilityCriterion], rules: &ScoringContent) -> Self {
        let uses = |source| rules.criteria.iter().any(|criterion| criterion.source == source);
        let limits_differ = conditions.iter().any(|condition| condition.age.is_some_and(|limits| limits.max_women.is_some()));
        let of_age = conditions.iter().any(|condition| condition.age.is_some() || condition.young.is_some());
        Self {
            sex: limits_differ || uses(ScoringSource::Sex),
            birth_year: rules.tie_breakers.iter().any(|breaker| matches!(breaker.rule, TieRule::Older | TieRule::Younger)),
            age: of_age || uses(ScoringSource::AgeAtLeast),
        }
    }
}

fn by_key<V>(rows: Vec<(Uuid, V)>) -> HashMap<Uuid, Vec<V>> {
    let mut groups: HashMap<Uuid, Vec<V>> = HashMap::new();
    for (key, value) in rows {
        groups.entry(key).or_default().push(value);
    }
    groups
}
