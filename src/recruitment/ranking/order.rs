//! The ranking itself: documents in, rows with their reasons out. Pure: no store, no time, no language.

use std::cmp::Ordering;
use std::fmt::Write as _;

use chrono::Datelike;
use uuid::Uuid;

use super::inputs::{RankedCandidate, RankingInputs};
use super::rows::{Behind, ConditionFound, FactUsed, GroupPoints, RankedRow, RankingList, Scored, TieValue};
use super::rules::{ScoringContent, ScoringCriterion, ScoringSource, TieBreaker, TieRule};
use crate::people::{KnownFact, PersonFactKind};
use crate::platform::secrets::digest;
use crate::platform::types::{Day, Points, Sex};
use crate::programmes::EligibilityCriterion;
use crate::recruitment::decisions::RejectionReason;
use crate::recruitment::eligibility::{
    Candidate, Cause, FindingOutcome, Outcome, Rules, Wanted, conclude, evaluate, judge, judge_facts,
};

/// Comes after everything that is known.
const UNKNOWN: i64 = i64::MAX;

/// A candidate with its place in the order.
struct Entry<'i> {
    candidate: &'i RankedCandidate,
    row: RankedRow,
    keys: Vec<i64>,
    lot: [u8; 32],
}

/// Scoring rules made ready for many candidates.
struct Scale<'i> {
    rules: &'i ScoringContent,
    /// The condition of each criterion with what it asks for, by the place of the criterion.
    wanted: Vec<Option<(EligibilityCriterion, Wanted)>>,
    since: Wanted,
    on: Day,
}

/// Ranks the candidates: those on the lists first, in their order, then the rejected and the undetermined.
pub fn rank(inputs: &RankingInputs) -> Vec<RankedRow> {
    let scale = Scale::of(inputs);
    let (mut ranked, mut apart): (Vec<Entry>, Vec<Entry>) = inputs
        .candidates
        .iter()
        .map(|candidate| scale.enter(inputs, candidate))
        .partition(|entry| entry.row.list == RankingList::Reserve);
    ranked.sort_unstable_by(compare);
    cut(&mut ranked, inputs);
    explain_order(&mut ranked, &scale);
    apart.sort_unstable_by_key(|entry| (entry.row.list, entry.candidate.application_id));
    ranked.into_iter().chain(apart).map(|entry| entry.row).collect()
}

/// What is asked of whoever it may be.
fn of_nobody(inputs: &RankingInputs) -> Rules<'_> {
    Rules { criteria: &inputs.conditions, home: inputs.home.as_ref(), candidate: Candidate::UNKNOWN }
}

/// More points first, then the tie-breakers in their order, then the lot.
fn compare(left: &Entry, right: &Entry) -> Ordering {
    right
        .row
        .points
        .cmp(&left.row.points)
        .then_with(|| left.keys.cmp(&right.keys))
        .then_with(|| left.lot.cmp(&right.lot))
        .then_with(|| left.candidate.application_id.cmp(&right.candidate.application_id))
}

/// Cuts the order into the basic list, the reserve list and those for whom there is no room.
fn cut(ranked: &mut [Entry], inputs: &RankingInputs) {
    let reserve_ends = inputs.reserve_places.map(|reserve| inputs.places.saturating_add(reserve));
    for (rank, entry) in (1..).zip(ranked) {
        entry.row.rank = Some(rank);
        if rank <= inputs.places {
            entry.row.list = RankingList::Basic;
        } else if reserve_ends.is_some_and(|end| rank > end) {
            entry.row.list = RankingList::Rejected;
            entry.row.rejection_reason = Some(RejectionReason::NoPlaces);
        }
    }
}

/// Notes for everybody but the first by what the one before is ahead.
fn explain_order(ranked: &mut [Entry], scale: &Scale) {
    for at in 1..ranked.len() {
        let (before, entry) = (&ranked[at - 1], &ranked[at]);
        let behind = if before.row.points == entry.row.points {
            let differing = before.keys.iter().zip(&entry.keys).position(|(before, own)| before != own);
            // Without a difference it was the lot, which stands last.
            let element = differing.unwrap_or(entry.row.tie_breakers.len() - 1);
            Behind {
                application_id: before.candidate.application_id,
                tie_breaker: Some(scale.breaker(element)),
                own: entry.row.tie_breakers[element].value.clone(),
                before: before.row.tie_breakers[element].value.clone(),
            }
        } else {
            Behind {
                application_id: before.candidate.application_id,
                tie_breaker: None,
                own: Some(entry.row.points.to_string()),
                before: Some(before.row.points.to_string()),
            }
        };
        ranked[at].row.behind = Some(behind);
    }
}

/// The lot of an application: nobody can draw it again by making another protocol.
fn lot(edition: Uuid, application: Uuid) -> [u8; 32] {
    digest(format!("{edition}:{application}").as_bytes())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl<'i> Scale<'i> {
    fn of(inputs: &'i RankingInputs) -> Self {
        let wanted = |criterion: &ScoringCriterion| {
            let condition = criterion.condition()?;
            let wanted = Wanted::of(&condition, of_nobody(inputs), inputs.effective_on);
            Some((condition, wanted))
        };
        Self {
            rules: &inputs.rules,
            wanted: inputs.rules.criteria.iter().map(wanted).collect(),
            since: Wanted {
                kind: Some(PersonFactKind::UnemployedSince),
                one_of: Vec::new(),
                latest: None,
                total: None,
                age: None,
            },
            on: inputs.effective_on,
        }
    }

    /// The tie-breakers that are looked at before the lot.
    fn breakers(&self) -> impl Iterator<Item = &'i TieBreaker> {
        self.rules.tie_breakers.iter().filter(|breaker| breaker.rule != TieRule::Lot)
    }

    fn breaker(&self, at: usize) -> TieBreaker {
        self.breakers().nth(at).cloned().unwrap_or(TieBreaker { rule: TieRule::Lot, criterion: None })
    }

    fn enter(&self, inputs: &RankingInputs, candidate: &'i RankedCandidate) -> Entry<'i> {
        let rules = Rules { candidate: candidate.of_age(), ..of_nobody(inputs) };
        let findings = evaluate(rules, &candidate.facts, &candidate.exceptions, self.on);
        let eligibility = conclude(&findings);
        let criteria: Vec<Scored> = (self.rules.criteria.iter().zip(&self.wanted))
            .map(|(criterion, wanted)| self.score(criterion, wanted.as_ref(), rules, candidate))
            .collect();
        let groups = self.group_points(&criteria);
        let points = self.total(&criteria, &groups);
        let (list, rejection_reason) = self.list(eligibility, points);
        let lot = lot(inputs.edition_id, candidate.application_id);
        let (keys, mut tie_breakers) = self.ties(candidate, &criteria);
        tie_breakers.push(TieValue { rule: TieRule::Lot, criterion: None, value: Some(hexadecimal(&lot)) });
        let conditions = findings
            .into_iter()
            .map(|finding| ConditionFound {
                rule: finding.rule,
                outcome: finding.outcome,
                cause: finding.cause,
                fact_ids: finding.fact_ids,
            })
            .collect();
        let row = RankedRow {
            application_id: candidate.application_id,
            list,
            rank: None,
            points,
            rejection_reason,
            eligibility,
            conditions,
            criteria,
            groups,
            tie_breakers,
            behind: None,
        };
        Entry { candidate, row, keys, lot }
    }

    /// Who may stand in the order waits on the reserve list until the lists are cut.
    fn list(&self, eligibility: Outcome, points: Points) -> (RankingList, Option<RejectionReason>) {
        match eligibility {
            Outcome::Undetermined => (RankingList::Undetermined, None),
            Outcome::Ineligible => (RankingList::Rejected, Some(RejectionReason::NotEligible)),
            Outcome::Eligible | Outcome::EligibleByException => match self.rules.minimum_points {
                Some(minimum) if points < minimum => (RankingList::Rejected, Some(RejectionReason::TooFewPoints)),
                _ => (RankingList::Reserve, None),
            },
        }
    }

    fn score(
        &self,
        criterion: &ScoringCriterion,
        wanted: Option<&(EligibilityCriterion, Wanted)>,
        rules: Rules,
        candidate: &RankedCandidate,
    ) -> Scored {
        let mut scored = Scored {
            criterion: criterion.code.clone(),
            points: Points::ZERO,
            cause: Cause::Known,
            facts: Vec::new(),
            reason: None,
        };
        let met = match criterion.source {
            ScoringSource::Condition => {
                let Some((condition, wanted)) = wanted else { return scored };
                let judged = judge(condition, wanted, rules, &candidate.facts, self.on);
                scored.cause = judged.cause;
                scored.facts = judged.deciding.into_iter().map(FactUsed::of).collect();
                judged.outcome == FindingOutcome::Met
            }
            ScoringSource::Sex => {
                scored.cause = if candidate.sex == Sex::Unknown { Cause::Missing } else { Cause::Known };
                criterion.sex == Some(candidate.sex)
            }
            ScoringSource::AgeAtLeast => {
                let by_year = candidate.birth_year.map(|year| self.on.date().year() - i32::from(year));
                let age = candidate.age_years.or(by_year);
                scored.cause = if age.is_some() { Cause::Known } else { Cause::Missing };
                let years = criterion.years.and_then(|years| i32::try_from(years).ok());
                age.zip(years).is_some_and(|(age, years)| age >= years)
            }
            ScoringSource::Manual => {
                match candidate.manual_points.iter().find(|given| given.criterion == criterion.code) {
                    Some(given) => {
                        scored.points = given.points.min(criterion.points);
                        scored.reason = Some(given.reason.clone());
                    }
                    None => scored.cause = Cause::Missing,
                }
                return scored;
            }
        };
        if met {
            scored.points = criterion.points;
        }
        scored
    }

    fn group_points(&self, criteria: &[Scored]) -> Vec<GroupPoints> {
        let groups = self.rules.groups.iter();
        groups
            .map(|group| {
                let members =
                    self.rules.criteria.iter().zip(criteria).filter(|(rule, _)| rule.group.as_ref() == Some(&group.code));
                let points = members.fold(Points::ZERO, |sum, (_, scored)| sum.plus(scored.points));
                GroupPoints { group: group.code.clone(), points, counted: points.min(group.max_points) }
            })
            .collect()
    }

    fn total(&self, criteria: &[Scored], groups: &[GroupPoints]) -> Points {
        let alone =
            self.rules.criteria.iter().zip(criteria).filter(|(rule, _)| rule.group.is_none()).map(|(_, scored)| scored.points);
        alone.chain(groups.iter().map(|group| group.counted)).fold(Points::ZERO, Points::plus)
    }

    /// The value of each tie-breaker before the lot, once to be compared (the smaller is ahead) and once to be shown.
    fn ties(&self, candidate: &RankedCandidate, criteria: &[Scored]) -> (Vec<i64>, Vec<TieValue>) {
        let values = self.breakers().map(|breaker| {
            let (key, value) = self.tie(breaker, candidate, criteria);
            (key, TieValue { rule: breaker.rule, criterion: breaker.criterion.clone(), value })
        });
        values.unzip()
    }

    fn tie(&self, breaker: &TieBreaker, candidate: &RankedCandidate, criteria: &[Scored]) -> (i64, Option<String>) {
        let of_day = |day: Day| (i64::from(day.date().num_days_from_ce()), Some(day.to_string()));
        let of_year = |sign: i64| match candidate.birth_year {
            Some(year) => (i64::from(year) * sign, Some(year.to_string())),
            None => (UNKNOWN, None),
        };
        match breaker.rule {
            TieRule::ReceivedEarlier => of_day(candidate.received_on),
            TieRule::UnemployedLonger => self.unemployed_since(candidate).map_or((UNKNOWN, None), of_day),
            TieRule::MorePointsIn => {
                let points = criteria.iter().find(|scored| Some(&scored.criterion) == breaker.criterion.as_ref());
                let points = points.map_or(Points::ZERO, |scored| scored.points);
                (-i64::from(points.hundredths()), Some(points.to_string()))
            }
            TieRule::Older => of_year(1),
            TieRule::Younger => of_year(-1),
            TieRule::Lot => (0, None),
        }
    }

    fn unemployed_since(&self, candidate: &RankedCandidate) -> Option<Day> {
        match judge_facts(&self.since, &candidate.facts, self.on) {
            (_, Cause::Known, facts) => facts.first()?.value.as_str().parse().ok(),
            _ => None,
        }
    }
}

impl FactUsed {
    fn of(fact: &KnownFact) -> Self {
        Self {
            id: fact.id,
            kind: fact.kind,
            value: fact.value.clone(),
            from: fact.from,
            source: fact.source.clone(),
            source_kind: fact.source_kind,
            evidence_on: fact.evidence_on,
        }
    }
}
