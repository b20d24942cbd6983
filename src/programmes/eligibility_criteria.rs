//! Conditions of eligibility as a regime states them: a closed vocabulary of rules with typed parameters.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use crate::people::PersonFactKind;
use crate::platform::hint::Hint;
use crate::platform::types::{Code, Sex, ShortText, Teryt, between, count_between, text_enum};

text_enum! {
    /// What happens when a rule is not met.
    pub enum Severity {
        /// The act is refused.
        Hard = "hard",
        /// The act is refused unless a worker overrides the rule and says why.
        Overridable = "overridable",
        /// The act is done, and a warning shown.
        Warning = "warning",
    }
}

text_enum! {
    /// A condition that a participant meets at the start.
    pub enum EligibilityRule {
        /// Registered as unemployed at the labour office.
        RegisteredUnemployed = "registeredUnemployed",
        /// Without the right to unemployment benefit.
        NoBenefitRight = "noBenefitRight",
        /// Uses social assistance.
        UsesSocialAssistance = "usesSocialAssistance",
        /// Help profile III (Polish: III profil pomocy).
        HelpProfileThree = "helpProfileIII",
        /// Unemployed for long, by the measure of the regime's law.
        LongTermUnemployed = "longTermUnemployed",
        /// Unemployed without a break for more than `months` calendar months, the day itself counted; of the `young` for other months.
        UnemployedForMonths = "unemployedForMonths",
        /// In the register of the labour office for more than `months` within the last `withinMonths` calendar months, periods together, internships left out. Whole calendar months of each unbroken period count, and its days beyond as thirtieths of a month.
        RegisteredMonthsWithin = "registeredMonthsWithin",
        /// Lives in one of `places`; in the territorial unit of the centre where the regime names none.
        Residence = "residence",
        /// Lives in the area of revitalisation.
        RevitalisationArea = "revitalisationArea",
        /// Has a disability.
        Disability = "disability",
        /// Cares for a child or a dependent person.
        CaringDuties = "caringDuties",
        /// Is of working age, as a fact says.
        WorkingAge = "workingAge",
        /// Is of an age that `age` names, by the date of birth.
        AgeBetween = "ageBetween",
        /// Has a social contract (Polish: kontrakt socjalny).
        SocialContract = "socialContract",
        /// Has one of the statuses on the labour market that `values` names, the employed and farmers among them where a project takes them.
        EmploymentStatus = "employmentStatus",
        /// Has completed one of the kinds of education that `values` names.
        Education = "education",
        /// Is in one of the special situations that `values` names.
        SpecialSituation = "specialSituation",
    }
}

/// Limits of age in completed years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgeLimits {
    /// Least number of completed years.
    #[serde(default, deserialize_with = "between::<0, 120, _, _>")]
    #[schema(minimum = 0, maximum = 120)]
    pub min: Option<u32>,
    /// Greatest number of completed years: 64 for somebody who must not have reached 65.
    #[serde(default, deserialize_with = "between::<0, 120, _, _>")]
    #[schema(minimum = 0, maximum = 120)]
    pub max: Option<u32>,
    /// Greatest number for women, where the law differs.
    #[serde(default, deserialize_with = "between::<0, 120, _, _>")]
    #[schema(minimum = 0, maximum = 120)]
    pub max_women: Option<u32>,
}

impl AgeLimits {
    /// Whether they hold somebody of so many completed years.
    pub fn hold(self, years: i32, sex: Sex) -> bool {
        let max = if sex == Sex::Female { self.max_women.or(self.max) } else { self.max };
        let at_least = |limit: u32| i64::from(years) >= i64::from(limit);
        self.min.is_none_or(at_least) && max.is_none_or(|limit| i64::from(years) <= i64::from(limit))
    }

    /// Whether somebody of so many completed years is past the upper limit, which nobody comes back from.
    pub fn are_past(self, years: i32, sex: Sex) -> bool {
        let upper = Self { min: None, ..self };
        !upper.hold(years, sex)
    }

    /// Whether there is a limit, and an age within each.
    fn is_in_order(self) -> bool {
        let reached = |max: Option<u32>| max.is_none_or(|max| self.min.is_none_or(|min| min <= max));
        let limited = self.min.is_some() || self.max.is_some();
        limited && reached(self.max) && reached(self.max_women) && (self.max_women.is_none() || self.max.is_some())
    }
}

/// Fewer or more months of unemployment of those below an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct YoungMonths {
    /// Who has not completed so many years on the day.
    #[serde(deserialize_with = "between::<1, 120, _, _>")]
    #[schema(minimum = 1, maximum = 120)]
    pub below_age: u32,
    /// Calendar months in the place of `months`.
    #[serde(deserialize_with = "between::<1, 120, _, _>")]
    #[schema(minimum = 1, maximum = 120)]
    pub months: u32,
}

/// One condition of eligibility.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EligibilityCriterion {
    /// The condition.
    pub rule: EligibilityRule,
    /// What happens when it is not met.
    pub severity: Severity,
    /// Act and article, or rules of the programme.
    pub legal_source: ShortText,
    /// Conditions with the same code are alternatives: it is enough to meet one of them.
    pub alternative_group: Option<Code>,
    /// Values of the fact of which one is needed; only and always with `employmentStatus`, `education` and `specialSituation`.
    #[serde(default, deserialize_with = "count_between::<0, 20, _, _>")]
    #[schema(max_items = 20)]
    pub values: Vec<ShortText>,
    /// Calendar months, of which more are needed; only and always with `unemployedForMonths` and `registeredMonthsWithin`.
    #[serde(default, deserialize_with = "between::<1, 120, _, _>")]
    #[schema(minimum = 1, maximum = 120)]
    pub months: Option<u32>,
    /// Months of those below an age; only with `unemployedForMonths`.
    pub young: Option<YoungMonths>,
    /// The last calendar months, within which `months` are counted and which are not fewer; only and always with `registeredMonthsWithin`.
    #[serde(default, deserialize_with = "between::<1, 120, _, _>")]
    #[schema(minimum = 1, maximum = 120)]
    pub within_months: Option<u32>,
    /// Whether exactly `months` suffice; only with `registeredMonthsWithin`.
    #[serde(default)]
    pub at_least: bool,
    /// Limits of age; only and always with `ageBetween`.
    pub age: Option<AgeLimits>,
    /// Territorial units (TERC); only with `residence`.
    #[serde(default, deserialize_with = "count_between::<0, 20, _, _>")]
    #[schema(max_items = 20)]
    pub places: Vec<Teryt>,
}

/// Why a condition contradicts itself or another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CriterionError {
    /// Values that the kind of fact does not have, too many or none.
    #[error(
        "employmentStatus, education and specialSituation need values that their kind of fact has; no other condition has values"
    )]
    Values,
    /// Months without a use, or none where they are needed.
    #[error(
        "unemployedForMonths and registeredMonthsWithin need months, the latter no more than its withinMonths; young goes with the former, withinMonths and atLeast with the latter"
    )]
    Months,
    /// Limits of age without a use, none where they are needed, or without an age between them.
    #[error("ageBetween needs age, with min not above max and maxWomen beside max; no other condition has it")]
    Age,
    /// Places of a condition that asks for none.
    #[error("only residence has places")]
    Places,
    /// Alternatives of different severities.
    #[error("the conditions of an alternativeGroup must be of the same severity")]
    Group,
}

impl CriterionError {
    /// The same in both languages.
    pub fn hint(self) -> Hint {
        let pl = match self {
            Self::Values => {
                "employmentStatus, education i specialSituation potrzebują wartości ze słownika swojego faktu; inne warunki nie mają wartości"
            }
            Self::Months => {
                "unemployedForMonths i registeredMonthsWithin potrzebują months, ten drugi nie więcej niż withinMonths; young ma tylko pierwszy, withinMonths i atLeast tylko drugi"
            }
            Self::Age => "ageBetween potrzebuje age, z min nie większym niż max i maxWomen obok max; inne warunki go nie mają",
            Self::Places => "tylko residence ma places",
            Self::Group => "warunki jednej alternativeGroup muszą mieć tę samą wagę",
        };
        Hint::new(pl, self.to_string())
    }
}

impl EligibilityRule {
    /// The kind of fact that decides it; none where the identity does.
    pub fn fact_kind(self) -> Option<PersonFactKind> {
        Some(match self {
            Self::AgeBetween => return None,
            Self::RegisteredUnemployed | Self::RegisteredMonthsWithin => PersonFactKind::RegisteredUnemployed,
            Self::NoBenefitRight => PersonFactKind::BenefitRight,
            Self::UsesSocialAssistance => PersonFactKind::SocialAssistance,
            Self::HelpProfileThree => PersonFactKind::HelpProfile,
            Self::LongTermUnemployed => PersonFactKind::LongTermUnemployed,
            Self::UnemployedForMonths => PersonFactKind::UnemployedSince,
            Self::Residence => PersonFactKind::Residence,
            Self::RevitalisationArea => PersonFactKind::RevitalisationArea,
            Self::Disability => PersonFactKind::Disability,
            Self::CaringDuties => PersonFactKind::CaringDuties,
            Self::WorkingAge => PersonFactKind::WorkingAge,
            Self::SocialContract => PersonFactKind::SocialContract,
            Self::EmploymentStatus => PersonFactKind::EmploymentStatus,
            Self::Education => PersonFactKind::Education,
            Self::SpecialSituation => PersonFactKind::SpecialSituation,
        })
    }

    /// All kinds of facts that it looks at.
    pub fn fact_kinds(self) -> impl Iterator<Item = PersonFactKind> {
        let left_out = (self == Self::RegisteredMonthsWithin).then_some(PersonFactKind::Internship);
        self.fact_kind().into_iter().chain(left_out)
    }

    fn has_values(self) -> bool {
        matches!(self, Self::EmploymentStatus | Self::Education | Self::SpecialSituation)
    }
}

/// Checks what the types of the conditions cannot say.
///
/// # Errors
/// [`CriterionError`] with the first fault.
pub fn check_criteria(criteria: &[EligibilityCriterion]) -> Result<(), CriterionError> {
    for criterion in criteria {
        let fits = |value: &ShortText| criterion.rule.fact_kind().is_some_and(|kind| kind.check(value.as_str()).is_ok());
        let fit = criterion.values.iter().all(fits);
        if !fit || criterion.values.is_empty() == criterion.rule.has_values() {
            return Err(CriterionError::Values);
        }
        check_lengths(criterion)?;
        let is_of_age = criterion.rule == EligibilityRule::AgeBetween;
        if criterion.age.is_some() != is_of_age || criterion.age.is_some_and(|age| !age.is_in_order()) {
            return Err(CriterionError::Age);
        }
        if !criterion.places.is_empty() && criterion.rule != EligibilityRule::Residence {
            return Err(CriterionError::Places);
        }
        let alternatives = criteria.iter().filter(|other| other.alternative_group == criterion.alternative_group);
        if criterion.alternative_group.is_some() && alternatives.into_iter().any(|other| other.severity != criterion.severity) {
            return Err(CriterionError::Group);
        }
    }
    Ok(())
}

fn check_lengths(criterion: &EligibilityCriterion) -> Result<(), CriterionError> {
    let unbroken = criterion.rule == EligibilityRule::UnemployedForMonths;
    let together = criterion.rule == EligibilityRule::RegisteredMonthsWithin;
    let has_room = criterion.within_months.is_none_or(|within| criterion.months.is_some_and(|months| months <= within));
    let fits = criterion.months.is_some() == (unbroken || together)
        && criterion.within_months.is_some() == together
        && (criterion.young.is_none() || unbroken)
        && (!criterion.at_least || together)
        && has_room;
    if fits { Ok(()) } else { Err(CriterionError::Months) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn criterion(changes: &Value) -> EligibilityCriterion {
        let mut document = json!({ "rule": "residence", "severity": "hard", "legalSource": "§ 2" });
        for (name, value) in changes.as_object().expect("an object") {
            document[name] = value.clone();
        }
        serde_json::from_value(document).expect("a condition")
    }

    #[test]
    fn a_condition_has_exactly_the_parameters_that_its_rule_needs() {
        for (changes, checked) in [
            (json!({}), Ok(())),
            (json!({ "places": ["1013011"] }), Ok(())),
            (json!({ "places": ["1013011"], "rule": "disability" }), Err(CriterionError::Places)),
            (json!({ "rule": "unemployedForMonths", "months": 12 }), Ok(())),
            (json!({ "rule": "unemployedForMonths" }), Err(CriterionError::Months)),
            (json!({ "months": 12 }), Err(CriterionError::Months)),
            (json!({ "rule": "unemployedForMonths", "months": 12, "young": { "belowAge": 25, "months": 6 } }), Ok(())),
            (json!({ "young": { "belowAge": 25, "months": 6 } }), Err(CriterionError::Months)),
            (json!({ "rule": "registeredMonthsWithin", "months": 12, "withinMonths": 24 }), Ok(())),
            (json!({ "rule": "registeredMonthsWithin", "months": 12, "withinMonths": 24, "atLeast": true }), Ok(())),
            (json!({ "rule": "registeredMonthsWithin", "months": 25, "withinMonths": 24 }), Err(CriterionError::Months)),
            (json!({ "rule": "registeredMonthsWithin", "months": 12 }), Err(CriterionError::Months)),
            (json!({ "rule": "unemployedForMonths", "months": 12, "atLeast": true }), Err(CriterionError::Months)),
            (json!({ "rule": "ageBetween", "age": { "min": 18, "max": 64, "maxWomen": 59 } }), Ok(())),
            (json!({ "rule": "ageBetween" }), Err(CriterionError::Age)),
            (json!({ "rule": "ageBetween", "age": {} }), Err(CriterionError::Age)),
            (json!({ "rule": "ageBetween", "age": { "min": 65, "max": 64 } }), Err(CriterionError::Age)),
            (json!({ "rule": "ageBetween", "age": { "min": 18, "maxWomen": 59 } }), Err(CriterionError::Age)),
            (json!({ "age": { "min": 18 } }), Err(CriterionError::Age)),
            (json!({ "rule": "employmentStatus", "values": ["employed", "farmer"] }), Ok(())),
            (json!({ "rule": "employmentStatus" }), Err(CriterionError::Values)),
            (json!({ "rule": "employmentStatus", "values": ["tertiary"] }), Err(CriterionError::Values)),
            (json!({ "rule": "workingAge", "values": ["true"] }), Err(CriterionError::Values)),
        ] {
            assert_eq!(check_criteria(&[criterion(&changes)]), checked, "{changes}");
        }
    }

    #[test]
    fn alternatives_are_of_one_severity() {
        let first = criterion(&json!({ "alternativeGroup": "need" }));
        let second =
            |severity: &str| criterion(&json!({ "rule": "disability", "severity": severity, "alternativeGroup": "need" }));
        assert_eq!(check_criteria(&[first.clone(), second("hard")]), Ok(()));
        assert_eq!(check_criteria(&[first, second("warning")]), Err(CriterionError::Group));
    }
}
