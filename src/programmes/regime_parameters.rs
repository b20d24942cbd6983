//! The rules of a regime as typed parameters; what they mean is code of the slices that apply them.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use super::absence_terms::AbsenceTerms;
use super::action_plan_terms::ActionPlanTerms;
use super::eligibility_criteria::{CriterionError, EligibilityCriterion, EligibilityRule, check_criteria};
use crate::platform::hint::Hint;
use crate::platform::types::{Code, Hours, Percent, text_enum};

text_enum! {
    /// The day from which the time after a programme is counted.
    pub enum FollowUpClock {
        /// The last day of the edition.
        Programme = "programme",
        /// The last day of the person's own participation.
        Person = "person",
    }
}

text_enum! {
    /// An early end that the inclusive count of completions adds to those who reached the planned end.
    pub enum PositiveExit {
        /// Took up a job.
        Employed = "employed",
        /// Took up education.
        Education = "education",
    }
}

/// The parameters of a regime; a rule that is `null` does not exist under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegimeParameters {
    /// Length of an edition in calendar months; another length is a warning.
    #[schema(minimum = 1, maximum = 120)]
    pub length_months: Option<u32>,
    /// Longest participation in total, over all editions of the group; can be overridden with a reason.
    #[schema(minimum = 1, maximum = 120)]
    pub cumulative_limit_months: Option<u32>,
    /// Participations in editions of regimes with the same group count together and exclude each other in time.
    pub cumulative_group: Option<Code>,
    /// Most hours of socially useful work of a person in an ISO week; never exceeded.
    pub psu_weekly_limit: Option<Hours>,
    /// Fewest hours of integration in a week; fewer are a warning.
    pub integration_weekly_minimum: Option<Hours>,
    /// Highest share of the minimum benefit that the labour office refunds.
    pub refund_percent_cap: Option<Percent>,
    /// The same for work done for carers of disabled persons.
    pub refund_percent_cap_carers: Option<Percent>,
    /// Who may take part: every condition is met, each stated at most once.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub eligibility: Vec<EligibilityCriterion>,
    /// Whether an admission needs a decision that rests on a current assessment of eligibility; can be overridden with a reason.
    #[serde(default)]
    pub admission_on_assessment: bool,
    /// Days, both ends counted, from which on a job qualifies as an outcome.
    #[schema(minimum = 1, maximum = 366)]
    pub job_min_days: u32,
    /// From which day the time after the programme is counted.
    pub follow_up_clock: FollowUpClock,
    /// Early ends that the inclusive count of completions adds.
    #[serde(default)]
    #[schema(max_items = 2)]
    pub positive_exits: Vec<PositiveExit>,
    /// What holds for individual action plans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_plan: Option<ActionPlanTerms>,
    /// What holds for absences; without it there is no time limit for excuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absence: Option<AbsenceTerms>,
    /// Most hours of socially useful work and classes of a person in a day; more are a warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daily_limit: Option<Hours>,
}

/// Why parameters contradict themselves or leave their limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ParametersError {
    /// A number of months outside 1 to 120.
    #[error("must be 1 to 120 months")]
    Months(&'static str),
    /// A limit over several editions without the group of the editions.
    #[error("is needed where cumulativeLimitMonths is set")]
    GroupMissing,
    /// Weekly hours outside a week.
    #[error("must be more than 0 and at most 168 hours")]
    WeeklyHours(&'static str),
    /// A number of days outside 1 to 366.
    #[error("must be 1 to 366 days")]
    JobMinDays,
    /// Days of individual action plans out of bounds.
    #[error("must be 1 to 366 days between contacts and 1 to 3660 days in all")]
    ActionPlan,
    /// Days for excuses out of bounds, or a reason twice.
    #[error("must be 0 to 366 days, and each reason once")]
    Absence,
    /// Daily hours outside a day.
    #[error("must be more than 0 and at most 24 hours")]
    DailyLimit,
    /// A condition that contradicts itself or another.
    #[error(transparent)]
    Criterion(#[from] CriterionError),
    /// A condition or exit twice.
    #[error("must not have the same value twice")]
    Repeated(&'static str),
}

impl ParametersError {
    /// The same in both languages.
    pub fn hint(self) -> Hint {
        let pl = match self {
            Self::Months(_) => "musi być od 1 do 120 miesięcy",
            Self::GroupMissing => "jest potrzebne, gdy podano cumulativeLimitMonths",
            Self::WeeklyHours(_) => "musi być więcej niż 0 i najwyżej 168 godzin",
            Self::JobMinDays => "musi być od 1 do 366 dni",
            Self::ActionPlan => "musi być od 1 do 366 dni między kontaktami i od 1 do 3660 dni łącznie",
            Self::Absence => "musi być od 0 do 366 dni, a każdy powód raz",
            Self::DailyLimit => "musi być więcej niż 0 i najwyżej 24 godziny",
            Self::Criterion(error) => return error.hint(),
            Self::Repeated(_) => "nie może mieć tej samej wartości dwa razy",
        };
        Hint::new(pl, self.to_string())
    }

    /// The name of the parameter at fault.
    pub fn parameter(self) -> &'static str {
        match self {
            Self::Months(name) | Self::WeeklyHours(name) | Self::Repeated(name) => name,
            Self::GroupMissing => "cumulativeGroup",
            Self::JobMinDays => "jobMinDays",
            Self::ActionPlan => "actionPlan",
            Self::Absence => "absence",
            Self::DailyLimit => "dailyLimit",
            Self::Criterion(_) => "eligibility",
        }
    }
}

const MONTHS: std::ops::RangeInclusive<u32> = 1..=120;
const JOB_DAYS: std::ops::RangeInclusive<u32> = 1..=366;
const DAY_MINUTES: i32 = 24 * 60;
const WEEK_MINUTES: i32 = 7 * DAY_MINUTES;

impl RegimeParameters {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// [`ParametersError`] with the first fault.
    pub fn check(&self) -> Result<(), ParametersError> {
        for (name, months) in [("lengthMonths", self.length_months), ("cumulativeLimitMonths", self.cumulative_limit_months)] {
            if months.is_some_and(|months| !MONTHS.contains(&months)) {
                return Err(ParametersError::Months(name));
            }
        }
        if self.cumulative_limit_months.is_some() && self.cumulative_group.is_none() {
            return Err(ParametersError::GroupMissing);
        }
        let weekly = [("psuWeeklyLimit", self.psu_weekly_limit), ("integrationWeeklyMinimum", self.integration_weekly_minimum)];
        for (name, hours) in weekly {
            if hours.is_some_and(|hours| !(1..=WEEK_MINUTES).contains(&hours.minutes())) {
                return Err(ParametersError::WeeklyHours(name));
            }
        }
        if !JOB_DAYS.contains(&self.job_min_days) {
            return Err(ParametersError::JobMinDays);
        }
        if self.action_plan.is_some_and(|terms| !terms.is_within_limits()) {
            return Err(ParametersError::ActionPlan);
        }
        if self.absence.as_ref().is_some_and(|terms| !terms.is_within_limits()) {
            return Err(ParametersError::Absence);
        }
        if self.daily_limit.is_some_and(|hours| !(1..=DAY_MINUTES).contains(&hours.minutes())) {
            return Err(ParametersError::DailyLimit);
        }
        if has_repetition(self.eligibility.iter().map(|criterion| criterion.rule)) {
            return Err(ParametersError::Repeated("eligibility"));
        }
        check_criteria(&self.eligibility)?;
        if has_repetition(self.positive_exits.iter().copied()) {
            return Err(ParametersError::Repeated("positiveExits"));
        }
        Ok(())
    }

    /// Whether eligibility asks for a help profile.
    pub fn requires_help_profile(&self) -> bool {
        self.eligibility.iter().any(|criterion| criterion.rule == EligibilityRule::HelpProfileThree)
    }
}

fn has_repetition<T: Ord>(values: impl Iterator<Item = T>) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    let mut values = values;
    values.any(|value| !seen.insert(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parameters(changes: &serde_json::Value) -> RegimeParameters {
        let mut document = json!({ "jobMinDays": 30, "followUpClock": "programme" });
        for (name, value) in changes.as_object().expect("an object") {
            document[name] = value.clone();
        }
        serde_json::from_value(document).expect("parameters")
    }

    #[test]
    fn parameters_within_their_limits_are_taken() {
        for changes in [
            json!({}),
            json!({ "lengthMonths": 2, "cumulativeLimitMonths": 6, "cumulativeGroup": "PAI" }),
            json!({ "cumulativeGroup": "PAI" }),
            json!({ "absence": { "excuseDays": 0, "withoutEvidence": ["jobInterview"] }, "dailyLimit": "24" }),
            json!({ "psuWeeklyLimit": "168", "integrationWeeklyMinimum": "0.25", "positiveExits": ["education", "employed"] }),
        ] {
            assert_eq!(parameters(&changes).check(), Ok(()), "{changes}");
        }
    }

    #[test]
    fn parameters_that_no_rule_could_follow_are_refused() {
        let criterion = json!({ "rule": "residence", "severity": "hard", "legalSource": "§ 2" });
        let with_months = json!({ "rule": "residence", "severity": "hard", "legalSource": "§ 2", "months": 12 });
        for (changes, parameter) in [
            (json!({ "lengthMonths": 0 }), "lengthMonths"),
            (json!({ "cumulativeLimitMonths": 121, "cumulativeGroup": "PAI" }), "cumulativeLimitMonths"),
            (json!({ "cumulativeLimitMonths": 6 }), "cumulativeGroup"),
            (json!({ "psuWeeklyLimit": "0" }), "psuWeeklyLimit"),
            (json!({ "integrationWeeklyMinimum": "168.25" }), "integrationWeeklyMinimum"),
            (json!({ "jobMinDays": 0 }), "jobMinDays"),
            (json!({ "jobMinDays": 367 }), "jobMinDays"),
            (
                json!({ "actionPlan": { "contactEveryDays": 0, "longestDays": { "profileI": 1, "profileII": 1, "profileIII": 1 } } }),
                "actionPlan",
            ),
            (json!({ "absence": { "excuseDays": 367 } }), "absence"),
            (json!({ "absence": { "excuseDays": 7, "withoutEvidence": ["care", "care"] } }), "absence"),
            (json!({ "dailyLimit": "24.25" }), "dailyLimit"),
            (json!({ "eligibility": [criterion, criterion] }), "eligibility"),
            (json!({ "eligibility": [with_months] }), "eligibility"),
            (json!({ "positiveExits": ["employed", "employed"] }), "positiveExits"),
        ] {
            let error = parameters(&changes).check().expect_err("must be refused");
            assert_eq!(error.parameter(), parameter, "{changes}");
        }
    }
}
