//! The conditions of a regime against the facts about a person, on one day. Pure: no store, no language.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::ages::{self, Age, Candidate, months_asked};
use super::periods::{Measured, Timeline};
use crate::people::{KnownFact, PersonFactKind, REFUSED};
use crate::platform::types::{Code, Day, Period, ShortText, Teryt, add_months_clipped, text_enum};
use crate::programmes::{AgeLimits, EligibilityCriterion, EligibilityRule, Severity};
use crate::recruitment::Reason;

text_enum! {
    /// What a condition comes to. Ordered: of alternatives the best counts.
    pub enum FindingOutcome {
        /// The facts speak against it.
        NotMet = "notMet",
        /// The facts do not tell.
        Undetermined = "undetermined",
        /// Not met, and excepted with a reason.
        Excused = "excused",
        /// The facts speak for it.
        Met = "met",
    }
}

text_enum! {
    /// What all conditions together come to. Ordered as the worst condition decides.
    pub enum Outcome {
        /// A condition is not met.
        Ineligible = "ineligible",
        /// Nothing speaks against it, but something is not known.
        Undetermined = "undetermined",
        /// All conditions are met, but for some that were excepted with a reason.
        EligibleByException = "eligibleByException",
        /// All conditions are met.
        Eligible = "eligible",
    }
}

text_enum! {
    /// Why a condition comes to what it does.
    pub enum Cause {
        /// Facts say so.
        Known = "known",
        /// No fact is on file for the day.
        Missing = "missing",
        /// The evidence had expired by the day.
        Expired = "expired",
        /// Facts of the same beginning contradict each other; one of them is to be corrected.
        Contradictory = "contradictory",
        /// The person refused to answer.
        Refused = "refused",
        /// The place is named too broadly to tell.
        Imprecise = "imprecise",
        /// The date of birth, or the sex where the limits depend on it, is not known exactly enough.
        AgeUnknown = "ageUnknown",
        /// The condition means the territory of the centre, which the centre has not entered.
        TerritoryUnknown = "territoryUnknown",
    }
}

/// The conditions, with what they refer to.
#[derive(Debug, Clone, Copy)]
pub(in crate::recruitment) struct Rules<'r> {
    /// As the regime states them.
    pub criteria: &'r [EligibilityCriterion],
    /// Territorial unit of the centre.
    pub home: Option<&'r Teryt>,
    /// Age and sex of the candidate.
    pub candidate: Candidate,
}

/// A condition that is not asked of this candidate, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Exception {
    /// The condition; it has to be overridable under the regime, and not met.
    pub rule: EligibilityRule,
    /// Why; no names.
    pub reason: Reason,
}

/// Months that are counted together within the last months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TotalWanted {
    /// Calendar months, of which more are needed.
    #[schema(minimum = 1, maximum = 120)]
    pub months: u32,
    /// The last calendar months, to the day itself.
    #[schema(minimum = 1, maximum = 120)]
    pub within_months: u32,
    /// Whether exactly these months suffice.
    pub at_least: bool,
}

/// What would meet a condition on the day: a fact, facts over time, or an age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Wanted {
    /// Kind of the fact; none where the identity decides.
    pub kind: Option<PersonFactKind>,
    /// One of these values; of a place, this one or one within it.
    #[schema(value_type = Vec<ShortText>, max_items = 20)]
    pub one_of: Vec<String>,
    /// Of a day: this one or an earlier one.
    pub latest: Option<Day>,
    /// How long the fact is to have held, all periods together.
    pub total: Option<TotalWanted>,
    /// The limits of age.
    pub age: Option<AgeLimits>,
}

/// What one condition comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::recruitment) struct Finding {
    pub rule: EligibilityRule,
    pub alternative_group: Option<Code>,
    pub severity: Severity,
    pub legal_source: ShortText,
    pub outcome: FindingOutcome,
    pub cause: Cause,
    /// The facts that say so, or that do not suffice.
    pub fact_ids: Vec<Uuid>,
    pub wanted: Wanted,
    /// The age on the day, where the condition asks for it; never a date of birth.
    pub age: Option<Age>,
    /// What was counted within the last months, where the condition asks for it.
    pub measured: Option<Measured>,
    pub exception_reason: Option<Reason>,
}

/// Most facts that a finding names; more of one day say nothing more.
const MOST_FACTS: usize = 50;

/// What is known of a kind on a day.
pub(super) enum Known<'f> {
    Missing,
    Expired(Vec<&'f KnownFact>),
    Contradictory(Vec<&'f KnownFact>),
    Says(&'f KnownFact),
}

/// What a condition was found to be.
pub(in crate::recruitment) struct Judged<'f> {
    pub outcome: FindingOutcome,
    pub cause: Cause,
    pub deciding: Vec<&'f KnownFact>,
    age: Option<Age>,
    measured: Option<Measured>,
}

/// Compares every condition with the facts of a day.
pub(in crate::recruitment) fn evaluate(rules: Rules, facts: &[KnownFact], exceptions: &[Exception], on: Day) -> Vec<Finding> {
    rules.criteria.iter().map(|criterion| evaluate_one(criterion, rules, facts, exceptions, on)).collect()
}

fn evaluate_one(
    criterion: &EligibilityCriterion,
    rules: Rules,
    facts: &[KnownFact],
    exceptions: &[Exception],
    on: Day,
) -> Finding {
    let wanted = Wanted::of(criterion, rules, on);
    let judged = judge(criterion, &wanted, rules, facts, on);
    let exception = exceptions
        .iter()
        .find(|exception| exception.rule == criterion.rule)
        .filter(|_| judged.outcome == FindingOutcome::NotMet && criterion.severity == Severity::Overridable);
    Finding {
        rule: criterion.rule,
        alternative_group: criterion.alternative_group.clone(),
        severity: criterion.severity,
        legal_source: criterion.legal_source.clone(),
        outcome: if exception.is_some() { FindingOutcome::Excused } else { judged.outcome },
        cause: judged.cause,
        fact_ids: judged.deciding.iter().take(MOST_FACTS).map(|fact| fact.id).collect(),
        wanted,
        age: judged.age,
        measured: judged.measured,
        exception_reason: exception.map(|exception| exception.reason.clone()),
    }
}

/// Adds from which day a time that does not suffice would, if the present period goes on.
pub(super) fn foresee(findings: &mut [Finding], facts: &[KnownFact], on: Day) {
    for finding in findings {
        if let (Some(measured), Some(wanted)) = (&mut finding.measured, finding.wanted.total) {
            measured.reached_on = Timeline::of_registration(facts).reached_on(wanted, on);
        }
    }
}

/// What the conditions come to together: the worst of them, where alternatives count as the best of them.
pub(in crate::recruitment) fn conclude(findings: &[Finding]) -> Outcome {
    let worst = clauses(findings).iter().map(|clause| standing(clause)).min();
    match worst.unwrap_or(FindingOutcome::Met) {
        FindingOutcome::NotMet => Outcome::Ineligible,
        FindingOutcome::Undetermined => Outcome::Undetermined,
        FindingOutcome::Excused => Outcome::EligibleByException,
        FindingOutcome::Met => Outcome::Eligible,
    }
}

/// The conditions that count, alternatives together; warnings do not.
pub(super) fn clauses(findings: &[Finding]) -> Vec<Vec<&Finding>> {
    let mut clauses: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings.iter().filter(|finding| finding.severity != Severity::Warning) {
        let group = finding.alternative_group.as_ref();
        match clauses.iter_mut().find(|clause| group.is_some() && clause[0].alternative_group.as_ref() == group) {
            Some(clause) => clause.push(finding),
            None => clauses.push(vec![finding]),
        }
    }
    clauses
}

/// The best of alternatives.
pub(super) fn standing(clause: &[&Finding]) -> FindingOutcome {
    clause.iter().map(|finding| finding.outcome).max().unwrap_or(FindingOutcome::Met)
}

impl Wanted {
    /// The fact that a condition asks for on a day.
    pub(in crate::recruitment) fn of(criterion: &EligibilityCriterion, rules: Rules, on: Day) -> Self {
        let home = rules.home;
        let one_of = match criterion.rule {
            EligibilityRule::UnemployedForMonths | EligibilityRule::AgeBetween => Vec::new(),
            EligibilityRule::NoBenefitRight => vec!["false".to_owned()],
            EligibilityRule::HelpProfileThree => vec!["III".to_owned()],
            EligibilityRule::EmploymentStatus | EligibilityRule::Education | EligibilityRule::SpecialSituation => {
                criterion.values.iter().map(|value| value.as_str().to_owned()).collect()
            }
            EligibilityRule::Residence if criterion.places.is_empty() => home.map(Teryt::to_string).into_iter().collect(),
            EligibilityRule::Residence => criterion.places.iter().map(Teryt::to_string).collect(),
            EligibilityRule::RegisteredUnemployed
            | EligibilityRule::RegisteredMonthsWithin
            | EligibilityRule::UsesSocialAssistance
            | EligibilityRule::LongTermUnemployed
            | EligibilityRule::RevitalisationArea
            | EligibilityRule::Disability
            | EligibilityRule::CaringDuties
            | EligibilityRule::WorkingAge
            | EligibilityRule::SocialContract => vec!["true".to_owned()],
        };
        let total = criterion.within_months.zip(criterion.months);
        let total = total.map(|(within_months, months)| TotalWanted { months, within_months, at_least: criterion.at_least });
        let unbroken = criterion.months.filter(|_| total.is_none());
        let asked = unbroken.map(|months| unbroken_months(criterion, months, rules.candidate.age_on(on)));
        let latest = asked.and_then(|months| latest_beginning(on, *months.first()?));
        Self { kind: criterion.rule.fact_kind(), one_of, latest, total, age: criterion.age }
    }

    /// Whether a value is what is wanted.
    fn compare(&self, value: &str) -> (FindingOutcome, Cause) {
        let decided = |met: bool| (if met { FindingOutcome::Met } else { FindingOutcome::NotMet }, Cause::Known);
        match self.kind {
            _ if value == REFUSED => (FindingOutcome::Undetermined, Cause::Refused),
            Some(PersonFactKind::UnemployedSince) => decided(value.parse().is_ok_and(|since| Some(since) <= self.latest)),
            Some(PersonFactKind::Residence) => self.compare_place(value),
            _ => decided(self.one_of.iter().any(|wanted| wanted == value)),
        }
    }

    /// A code of TERC begins with the codes of the units that it lies in.
    fn compare_place(&self, value: &str) -> (FindingOutcome, Cause) {
        if self.one_of.iter().any(|place| value.starts_with(place.as_str())) {
            (FindingOutcome::Met, Cause::Known)
        } else if self.one_of.iter().any(|place| place.starts_with(value)) {
            (FindingOutcome::Undetermined, Cause::Imprecise)
        } else {
            (FindingOutcome::NotMet, Cause::Known)
        }
    }
}

/// The last day that lies at least so many calendar months before `on`.
///
/// Whoever has been unemployed since then has been so for more than these months, the day `on` itself counted.
fn latest_beginning(on: Day, months: u32) -> Option<Day> {
    let earliest = on.date().checked_sub_months(chrono::Months::new(months))?;
    // The end of a shorter month stands for several days of a longer one.
    let days = earliest.iter_days().take_while(|day| add_months_clipped(*day, months) <= on.date());
    days.last().and_then(|day| Day::try_from(day).ok())
}

/// The months that a condition asks for, the most first where the age leaves it open.
fn unbroken_months(criterion: &EligibilityCriterion, months: u32, age: Option<Age>) -> Vec<u32> {
    criterion.young.map_or_else(|| vec![months], |young| months_asked(months, young, age))
}

/// What the facts of a day, and the candidate's age, say about a condition, why, and which of them say so.
pub(in crate::recruitment) fn judge<'f>(
    criterion: &EligibilityCriterion,
    wanted: &Wanted,
    rules: Rules,
    facts: &'f [KnownFact],
    on: Day,
) -> Judged<'f> {
    let age = rules.candidate.age_on(on);
    if let Some(limits) = wanted.age {
        let (outcome, cause) = ages::judge(limits, age);
        return Judged { outcome, cause, deciding: Vec::new(), age, measured: None };
    }
    if let Some(total) = wanted.total {
        let timeline = Timeline::of_registration(facts);
        let (outcome, cause) = timeline.judge(total, on);
        let measured = timeline.measure(total, on);
        let within = measured.as_ref().map(|measured| measured.within);
        let concerned = |fact: &&KnownFact| criterion.rule.fact_kinds().any(|kind| kind == fact.kind) && touches(fact, within);
        return Judged { outcome, cause, deciding: facts.iter().filter(concerned).collect(), age: None, measured };
    }
    let (outcome, cause, deciding) = judge_facts(wanted, facts, on);
    let Some(young) = criterion.young else { return Judged { outcome, cause, deciding, age: None, measured: None } };
    let months = months_asked(criterion.months.unwrap_or(young.months), young, age);
    // Where the age leaves the months open, both must come to the same.
    let agrees = |months: &u32| {
        let other = Wanted { latest: latest_beginning(on, *months), ..wanted.clone() };
        judge_facts(&other, facts, on).0 == outcome
    };
    if months.iter().all(agrees) {
        return Judged { outcome, cause, deciding, age, measured: None };
    }
    Judged { outcome: FindingOutcome::Undetermined, cause: Cause::AgeUnknown, deciding, age, measured: None }
}

/// Whether a fact held on one of some days.
fn touches(fact: &KnownFact, days: Option<Period>) -> bool {
    days.is_some_and(|days| fact.from <= days.to() && fact.to.is_none_or(|to| days.from() <= to))
}

/// What the facts of a day say about what is wanted, why, and which of them say so.
pub(in crate::recruitment) fn judge_facts<'f>(
    wanted: &Wanted,
    facts: &'f [KnownFact],
    on: Day,
) -> (FindingOutcome, Cause, Vec<&'f KnownFact>) {
    let Some(kind) = wanted.kind else { return (FindingOutcome::Undetermined, Cause::Missing, Vec::new()) };
    if kind == PersonFactKind::Residence && wanted.one_of.is_empty() {
        return (FindingOutcome::Undetermined, Cause::TerritoryUnknown, Vec::new());
    }
    if kind.holds_several() {
        return judge_several(wanted, kind, facts, on);
    }
    match known_on(facts, kind, on) {
        Known::Missing => (FindingOutcome::Undetermined, Cause::Missing, Vec::new()),
        Known::Expired(facts) => (FindingOutcome::Undetermined, Cause::Expired, facts),
        Known::Contradictory(facts) => (FindingOutcome::Undetermined, Cause::Contradictory, facts),
        Known::Says(fact) => {
            let (outcome, cause) = wanted.compare(fact.value.as_str());
            (outcome, cause, vec![fact])
        }
    }
}

/// Of a kind with several values one that fits suffices; an expired one leaves it open.
fn judge_several<'f>(
    wanted: &Wanted,
    kind: PersonFactKind,
    facts: &'f [KnownFact],
    on: Day,
) -> (FindingOutcome, Cause, Vec<&'f KnownFact>) {
    let (fresh, expired): (Vec<&KnownFact>, Vec<&KnownFact>) = holding(facts, kind, on).partition(|fact| fact.is_fresh_on(on));
    let fits = |fact: &&KnownFact| wanted.compare(fact.value.as_str()).0 == FindingOutcome::Met;
    if let Some(fact) = fresh.iter().copied().find(fits) {
        return (FindingOutcome::Met, Cause::Known, vec![fact]);
    }
    if expired.is_empty() && fresh.is_empty() {
        return (FindingOutcome::Undetermined, Cause::Missing, Vec::new());
    }
    if expired.iter().any(fits) || fresh.is_empty() {
        return (FindingOutcome::Undetermined, Cause::Expired, expired);
    }
    (FindingOutcome::NotMet, Cause::Known, fresh)
}

fn holding(facts: &[KnownFact], kind: PersonFactKind, on: Day) -> impl Iterator<Item = &KnownFact> {
    facts.iter().filter(move |fact| fact.kind == kind && fact.holds_on(on))
}

/// Of the facts that hold on a day those that began last count: they replace earlier ones that were left open.
pub(super) fn known_on(facts: &[KnownFact], kind: PersonFactKind, on: Day) -> Known<'_> {
    let Some(began) = holding(facts, kind, on).map(|fact| fact.from).max() else { return Known::Missing };
    let (fresh, expired): (Vec<&KnownFact>, Vec<&KnownFact>) =
        holding(facts, kind, on).filter(|fact| fact.from == began).partition(|fact| fact.is_fresh_on(on));
    // The evidence that lasts longest; without an end, the newest.
    let best = fresh.iter().copied().max_by_key(|fact| (fact.expires_on.is_none(), fact.expires_on, fact.recorded_at, fact.id));
    match best {
        None => Known::Expired(expired),
        Some(best) if fresh.iter().any(|fact| fact.value != best.value) => Known::Contradictory(fresh),
        Some(best) => Known::Says(best),
    }
}
