//! What a caller sees of an assessment: every finding with its facts, and the same in words.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::ages::Age;
use super::assessments::Assessment;
use super::counterfactual::{Need, exception_possible, needs};
use super::evaluation::{Cause, Finding, FindingOutcome, Outcome, Wanted};
use super::periods::Measured;
use super::staleness::{StaleBecause, StaleReason};
use super::wording;
use crate::people::{KnownFact, PersonFactKind};
use crate::platform::problem::Locale;
use crate::platform::reply::View;
use crate::platform::types::{Code, Day, LongText, ShortText};
use crate::programmes::{EligibilityRule, Severity};
use crate::recruitment::Reason;
use crate::schema::eligibility_assessments;

/// What one condition came to, and why.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FindingView {
    /// The condition.
    pub rule: EligibilityRule,
    /// Conditions with the same code are alternatives.
    pub alternative_group: Option<Code>,
    /// What happens when it is not met; a warning does not count.
    pub severity: Severity,
    /// Act and article, or rules of the programme.
    pub legal_source: ShortText,
    /// What it came to.
    pub outcome: FindingOutcome,
    /// Why.
    pub cause: Cause,
    /// The facts that say so, or that do not suffice.
    #[schema(max_items = 50)]
    pub facts: Vec<KnownFact>,
    /// What meets the condition.
    pub wanted: Wanted,
    /// The age on the day, where the condition asks for it; the date of birth is not kept.
    pub age: Option<Age>,
    /// What was counted within the last months, where the condition asks for it.
    pub measured: Option<Measured>,
    /// Why it is not asked of this candidate.
    pub exception_reason: Option<Reason>,
    /// The same in words.
    #[schema(max_length = 100_000)]
    pub explanation: String,
    /// What to ask, where it cannot be told.
    #[schema(max_length = 2000)]
    pub ask: Option<String>,
}

/// What would have to be true, or from which day, for the person to qualify.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CounterfactualView {
    /// What stands in the way; each has to change.
    #[schema(max_items = 20)]
    pub needs: Vec<Need>,
    /// First later day on which the facts on file meet all conditions, the first of a month where an age decides; none where they never do.
    pub qualifies_from: Option<Day>,
    /// Whether exceptions with a reason would do.
    pub exception_possible: bool,
    /// Whether no change of facts and no waiting can help, because a limit of age has been passed for good.
    pub out_of_reach: bool,
    /// The same in words.
    #[schema(max_length = 100_000)]
    pub explanation: String,
}

/// One reason why an assessment is stale.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StaleView {
    /// Why.
    pub reason: StaleReason,
    /// The fact.
    pub fact_id: Option<Uuid>,
    /// Its kind.
    pub kind: Option<PersonFactKind>,
    /// First day on which it is so; none where it only became known later.
    pub from: Option<Day>,
    /// The same in words.
    #[schema(max_length = 1000)]
    pub explanation: String,
}

/// Whether an assessment may still be relied upon.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CurrencyView {
    /// The day asked for.
    pub on: Day,
    /// Whether it should be made anew; it is not wrong for that.
    pub stale: bool,
    /// Why.
    #[schema(max_items = 200)]
    pub because: Vec<StaleView>,
    /// The same in words.
    #[schema(max_length = 1000)]
    pub explanation: String,
}

/// An appeal against an assessment.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppealView {
    /// The assessment appealed against.
    pub of_id: Uuid,
    /// Day of the appeal.
    pub lodged_on: Day,
    /// Why.
    pub reason: LongText,
}

/// An assessment of eligibility, explained.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AssessmentView {
    /// Id.
    pub id: Uuid,
    /// The application.
    pub application_id: Uuid,
    /// The day on which the conditions were looked at.
    pub effective_on: Day,
    /// The regime whose conditions they are.
    pub regime_id: Uuid,
    /// What all conditions came to.
    pub outcome: Outcome,
    /// Every condition.
    #[schema(max_items = 20)]
    pub findings: Vec<FindingView>,
    /// What would have to be different; none where the person is eligible.
    pub counterfactual: Option<CounterfactualView>,
    /// Whether it may still be relied upon.
    pub currency: CurrencyView,
    /// The appeal that it answers.
    pub appeal: Option<AppealView>,
    /// The outcome in words.
    #[schema(max_length = 1000)]
    pub summary: String,
    /// Language of the words, by Accept-Language: `pl` or `en`.
    #[schema(min_length = 2, max_length = 2, pattern = "^(pl|en)$")]
    pub language: &'static str,
    /// When it was made.
    pub recorded_at: DateTime<Utc>,
    /// Client that made it.
    pub recorded_by: Uuid,
}

impl View for AssessmentView {}

/// An assessment in a list.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = eligibility_assessments)]
#[serde(rename_all = "camelCase")]
pub struct AssessmentBriefView {
    /// Id.
    pub id: Uuid,
    /// The day on which the conditions were looked at.
    pub effective_on: Day,
    /// The regime whose conditions they are.
    pub regime_id: Uuid,
    /// What all conditions came to.
    pub outcome: Outcome,
    /// First later day on which the facts met all conditions.
    #[diesel(column_name = qualifies_from_on)]
    pub qualifies_from: Option<Day>,
    /// The assessment that it answers an appeal against.
    pub appeal_of_id: Option<Uuid>,
    /// When it was made.
    pub recorded_at: DateTime<Utc>,
    /// Client that made it.
    pub recorded_by: Uuid,
}

impl AssessmentView {
    /// An assessment in words, with what makes it stale on a day.
    pub(super) fn of(locale: Locale, assessment: Assessment, stale: Vec<StaleBecause>, on: Day) -> Self {
        let counterfactual = matches!(assessment.outcome, Outcome::Ineligible | Outcome::Undetermined).then(|| {
            let needs = needs(&assessment.findings.0);
            let exception_possible = exception_possible(&assessment.findings.0);
            let explanation = wording::way_in(locale, &needs, assessment.qualifies_from, exception_possible);
            CounterfactualView {
                out_of_reach: needs.iter().any(Need::is_out_of_reach),
                needs,
                qualifies_from: assessment.qualifies_from,
                exception_possible,
                explanation,
            }
        });
        let appeal = match (assessment.appeal_of_id, assessment.appealed_on, assessment.appeal_reason) {
            (Some(of_id), Some(lodged_on), Some(reason)) => Some(AppealView { of_id, lodged_on, reason }),
            _ => None,
        };
        let facts = assessment.facts.0;
        Self {
            id: assessment.id,
            application_id: assessment.application_id,
            effective_on: assessment.effective_on,
            regime_id: assessment.regime_id,
            outcome: assessment.outcome,
            findings: assessment.findings.0.into_iter().map(|finding| FindingView::of(locale, finding, &facts)).collect(),
            counterfactual,
            currency: CurrencyView::of(locale, stale, on),
            appeal,
            summary: wording::summary(locale, assessment.outcome, assessment.effective_on, assessment.appealed_on),
            language: locale.tag(),
            recorded_at: assessment.recorded_at,
            recorded_by: assessment.recorded_by,
        }
    }
}

impl FindingView {
    fn of(locale: Locale, finding: Finding, all: &[KnownFact]) -> Self {
        let facts: Vec<&KnownFact> = all.iter().filter(|fact| finding.fact_ids.contains(&fact.id)).collect();
        let explanation = wording::explanation(locale, &finding, &facts);
        let ask = wording::ask(locale, &finding);
        Self {
            facts: facts.into_iter().cloned().collect(),
            explanation,
            ask,
            rule: finding.rule,
            alternative_group: finding.alternative_group,
            severity: finding.severity,
            legal_source: finding.legal_source,
            outcome: finding.outcome,
            cause: finding.cause,
            wanted: finding.wanted,
            age: finding.age,
            measured: finding.measured,
            exception_reason: finding.exception_reason,
        }
    }
}

impl CurrencyView {
    fn of(locale: Locale, stale: Vec<StaleBecause>, on: Day) -> Self {
        let because = |reason: StaleBecause| StaleView {
            explanation: wording::stale(locale, &reason),
            reason: reason.reason,
            fact_id: reason.fact_id,
            kind: reason.kind,
            from: reason.from,
        };
        Self {
            on,
            stale: !stale.is_empty(),
            explanation: wording::currency(locale, &stale, on),
            because: stale.into_iter().map(because).collect(),
        }
    }
}
