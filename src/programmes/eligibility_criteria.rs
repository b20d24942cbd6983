//! Conditions of eligibility as a regime states them: a closed vocabulary of rules with typed parameters.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use crate::people::PersonFactKind;
use crate::platform::hint::Hint;
use crate::platform::types::{Code, ShortText, Teryt, between, count_between, text_enum};

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
        /// Unemployed without a break for more than `months` calendar months, the day itself counted.
        UnemployedForMonths = "unemployedForMonths",
        /// Lives in one of `places`; in the territorial unit of the centre where the regime names none.
        Residence = "residence",
        /// Lives in the area of revitalisation.
        RevitalisationArea = "revitalisationArea",
        /// Has a disability.
        Disability = "disability",
        /// Cares for a child or a dependent person.
        CaringDuties = "caringDuties",
        /// Is of working age.
        WorkingAge = "workingAge",
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
    /// Calendar months; only and always with `unemployedForMonths`.
    #[serde(default, deserialize_with = "between::<1, 120, _, _>")]
    #[schema(minimum = 1, maximum = 120)]
    pub months: Option<u32>,
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
    #[error("unemployedForMonths needs months; no other condition has them")]
    Months,
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
            Self::Months => "unemployedForMonths potrzebuje months; inne warunki ich nie mają",
            Self::Places => "tylko residence ma places",
            Self::Group => "warunki jednej alternativeGroup muszą mieć tę samą wagę",
        };
        Hint::new(pl, self.to_string())
    }
}

impl EligibilityRule {
    /// The kind of fact that decides it.
    pub fn fact_kind(self) -> PersonFactKind {
        match self {
            Self::RegisteredUnemployed => PersonFactKind::RegisteredUnemployed,
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
        }
    }

    fn has_values(self) -> bool {
        matches!(self, Self::EmploymentStatus | Self::Education | Self::SpecialSituation)
    }
}

/// Checks what the types of the conditions cannot say.
///
/// # Errors
/// [`CriterionError`] with the first fault.
pub(super) fn check_criteria(criteria: &[EligibilityCriterion]) -> Result<(), CriterionError> {
    for criterion in criteria {
        let kind = criterion.rule.fact_kind();
        let fit = criterion.values.iter().all(|value| kind.check(value.as_str()).is_ok());
        if !fit || criterion.values.is_empty() == criterion.rule.has_values() {
            return Err(CriterionError::Values);
        }
        if criterion.months.is_some() != (criterion.rule == EligibilityRule::UnemployedForMonths) {
            return Err(CriterionError::Months);
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
