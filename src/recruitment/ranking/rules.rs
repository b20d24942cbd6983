//! Scoring rules: what gives points, and what decides between equal points. A closed vocabulary; no store.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::hint::Hint;
use crate::platform::problem::Locale;
use crate::platform::types::{Code, Points, Sex, ShortText, Teryt, between, count_between, text_enum};
use crate::programmes::{CriterionError, EligibilityCriterion, EligibilityRule, Severity, check_criteria};

text_enum! {
    /// On what the points of a criterion rest.
    pub enum ScoringSource {
        /// A condition over the facts about the person; it gives all points or none.
        Condition = "condition",
        /// The sex on record.
        Sex = "sex",
        /// The age in completed years on the day; where only the year of birth is known, the year of the day less that year.
        AgeAtLeast = "ageAtLeast",
        /// A worker gives points up to the number stated, with a reason.
        Manual = "manual",
    }
}

text_enum! {
    /// What decides between equal points.
    pub enum TieRule {
        /// Who applied earlier.
        ReceivedEarlier = "receivedEarlier",
        /// Who has been unemployed longer, by the fact `unemployedSince`; unknown comes last.
        UnemployedLonger = "unemployedLonger",
        /// Who has more points by `criterion`.
        MorePointsIn = "morePointsIn",
        /// Who was born in an earlier year; unknown comes last.
        Older = "older",
        /// Who was born in a later year; unknown comes last.
        Younger = "younger",
        /// The lot: the smaller SHA-256 of edition and application. It always comes last, named or not.
        Lot = "lot",
    }
}

/// A criterion that gives points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScoringCriterion {
    /// Code, unique within the rules.
    pub code: Code,
    /// Label in Polish.
    pub label_pl: ShortText,
    /// Label in English.
    pub label_en: ShortText,
    /// Points that it gives; of a manual criterion, the most.
    pub points: Points,
    /// Group whose points together have a maximum.
    pub group: Option<Code>,
    /// On what the points rest.
    pub source: ScoringSource,
    /// The condition; only and always with the source `condition`.
    pub rule: Option<EligibilityRule>,
    /// Values of the fact of which one is needed; only and always with the rules `employmentStatus`, `education` and `specialSituation`.
    #[serde(default, deserialize_with = "count_between::<0, 20, _, _>")]
    #[schema(max_items = 20)]
    pub values: Vec<ShortText>,
    /// Calendar months; only and always with the rule `unemployedForMonths`.
    #[serde(default, deserialize_with = "between::<1, 120, _, _>")]
    #[schema(minimum = 1, maximum = 120)]
    pub months: Option<u32>,
    /// Territorial units (TERC); only with the rule `residence`, by default that of the centre.
    #[serde(default, deserialize_with = "count_between::<0, 20, _, _>")]
    #[schema(max_items = 20)]
    pub places: Vec<Teryt>,
    /// Only and always with the source `sex`.
    pub sex: Option<Sex>,
    /// Only and always with the source `ageAtLeast`.
    #[serde(default, deserialize_with = "between::<1, 120, _, _>")]
    #[schema(minimum = 1, maximum = 120)]
    pub years: Option<u32>,
}

/// A group of criteria whose points together have a maximum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScoringGroup {
    /// Code that its criteria name.
    pub code: Code,
    /// Most points of the group.
    pub max_points: Points,
}

/// What decides between equal points; those before it in the list decide first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TieBreaker {
    /// The rule.
    pub rule: TieRule,
    /// Code of a criterion; only and always with `morePointsIn`.
    pub criterion: Option<Code>,
}

/// Criteria, groups and tie-breakers of one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScoringContent {
    /// What gives points.
    #[serde(deserialize_with = "count_between::<1, 60, _, _>")]
    #[schema(min_items = 1, max_items = 60)]
    pub criteria: Vec<ScoringCriterion>,
    /// Groups with a maximum.
    #[serde(default, deserialize_with = "count_between::<0, 20, _, _>")]
    #[schema(max_items = 20)]
    pub groups: Vec<ScoringGroup>,
    /// What decides between equal points, in this order.
    #[serde(default, deserialize_with = "count_between::<0, 10, _, _>")]
    #[schema(max_items = 10)]
    pub tie_breakers: Vec<TieBreaker>,
    /// Fewer points lead to rejection.
    pub minimum_points: Option<Points>,
}

/// Why scoring rules contradict themselves, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RulesError {
    pub pointer: String,
    pub hint: Hint,
}

impl ScoringCriterion {
    /// The condition that it asks for, as the rules of a regime would state it.
    pub(super) fn condition(&self) -> Option<EligibilityCriterion> {
        Some(EligibilityCriterion {
            rule: self.rule?,
            // Points refuse nobody.
            severity: Severity::Warning,
            legal_source: self.label_pl.clone(),
            alternative_group: None,
            values: self.values.clone(),
            months: self.months,
            young: None,
            within_months: None,
            at_least: false,
            age: None,
            places: self.places.clone(),
        })
    }

    /// Its label.
    pub(super) fn label(&self, locale: Locale) -> &str {
        match locale {
            Locale::Polish => self.label_pl.as_str(),
            Locale::English => self.label_en.as_str(),
        }
    }

    /// The parameters that its source does not fit.
    fn faults(&self) -> Vec<(&'static str, Hint)> {
        use ScoringSource as Source;
        let of_condition = self.rule.is_some() == (self.source == Source::Condition);
        let of_sex = self.sex.is_some() == (self.source == Source::Sex) && self.sex != Some(Sex::Unknown);
        let of_age = self.years.is_some() == (self.source == Source::AgeAtLeast);
        let checks = [
            (self.points != Points::ZERO, "points", "musi być więcej niż 0", "must be more than 0"),
            (
                of_condition,
                "rule",
                "należy do źródła condition i tylko do niego",
                "belongs to the source condition, and only to it",
            ),
            (
                of_sex,
                "sex",
                "female albo male należy do źródła sex i tylko do niego",
                "female or male belongs to the source sex, and only to it",
            ),
            (of_age, "years", "należy do źródła ageAtLeast i tylko do niego", "belongs to the source ageAtLeast, and only to it"),
        ];
        let wrong = checks.into_iter().filter(|(fits, ..)| !fits);
        let mut faults: Vec<_> = wrong.map(|(_, field, pl, en)| (field, Hint::new(pl, en))).collect();
        // What a condition may have is known only where it is clear that it is one.
        if of_condition {
            faults.extend(self.fault_of_condition());
        }
        faults
    }

    fn fault_of_condition(&self) -> Option<(&'static str, Hint)> {
        let fault = |field: &'static str, pl: &'static str, en: &'static str| Some((field, Hint::new(pl, en)));
        let Some(condition) = self.condition() else {
            let is_bare = self.values.is_empty() && self.months.is_none() && self.places.is_empty();
            if is_bare {
                return None;
            }
            return fault(
                "values",
                "values, months i places należą do źródła condition",
                "values, months and places belong to the source condition",
            );
        };
        match check_criteria(&[condition]) {
            Ok(()) | Err(CriterionError::Group) => None,
            Err(CriterionError::Values) => fault("values", "nie są wartościami tej reguły", "are not those of the rule"),
            Err(CriterionError::Months) => fault(
                "months",
                "należą do reguły unemployedForMonths i tylko do niej",
                "belong to the rule unemployedForMonths, and only to it",
            ),
            Err(CriterionError::Age) => fault(
                "rule",
                "ageBetween nie daje punktów: użyj źródła ageAtLeast",
                "ageBetween gives no points: use the source ageAtLeast",
            ),
            Err(CriterionError::Places) => fault("places", "należą do reguły residence", "belong to the rule residence"),
        }
    }
}

impl ScoringContent {
    /// The criterion of a code.
    pub(super) fn criterion(&self, code: &Code) -> Option<&ScoringCriterion> {
        self.criteria.iter().find(|criterion| criterion.code == *code)
    }

    /// Everything that the types of the rules cannot say and that is wrong, in the order of the document.
    pub(super) fn faults(&self) -> Vec<RulesError> {
        let criteria = self.criteria.iter().enumerate().flat_map(|(at, _)| self.faults_of_criterion(at));
        let groups = (0..self.groups.len()).filter_map(|at| self.fault_of_group(at));
        let breakers = (0..self.tie_breakers.len()).filter_map(|at| self.fault_of_breaker(at));
        criteria.chain(groups).chain(breakers).collect()
    }

    fn faults_of_criterion(&self, at: usize) -> Vec<RulesError> {
        let criterion = &self.criteria[at];
        let mut faults = Vec::new();
        if self.criteria[..at].iter().any(|earlier| earlier.code == criterion.code) {
            faults.push(("code", Hint::new("użyto dwa razy", "is used twice")));
        }
        faults.extend(criterion.faults());
        if criterion.group.as_ref().is_some_and(|code| self.groups.iter().all(|group| group.code != *code)) {
            faults.push(("group", Hint::new("nie ma takiej grupy", "is not among the groups")));
        }
        let located = |(field, hint)| RulesError { pointer: format!("/criteria/{at}/{field}"), hint };
        faults.into_iter().map(located).collect()
    }

    fn fault_of_group(&self, at: usize) -> Option<RulesError> {
        let code = &self.groups[at].code;
        let hint = if self.groups[..at].iter().any(|earlier| earlier.code == *code) {
            Hint::new("użyto dwa razy", "is used twice")
        } else if self.criteria.iter().all(|criterion| criterion.group.as_ref() != Some(code)) {
            Hint::new("nie wymienia jej żadne kryterium", "no criterion names it")
        } else {
            return None;
        };
        Some(RulesError { pointer: format!("/groups/{at}/code"), hint })
    }

    fn fault_of_breaker(&self, at: usize) -> Option<RulesError> {
        let (breaker, earlier) = (&self.tie_breakers[at], &self.tie_breakers[..at]);
        let (field, hint) = if breaker.criterion.is_some() != (breaker.rule == TieRule::MorePointsIn) {
            let pl = "należy do reguły morePointsIn i tylko do niej";
            ("criterion", Hint::new(pl, "belongs to the rule morePointsIn, and only to it"))
        } else if breaker.criterion.as_ref().is_some_and(|code| self.criterion(code).is_none()) {
            ("criterion", Hint::new("nie ma takiego kryterium", "is not among the criteria"))
        } else if earlier.contains(breaker) {
            ("rule", Hint::new("użyto dwa razy", "is used twice"))
        } else if earlier.iter().any(|earlier| earlier.rule == TieRule::Lot) {
            ("rule", Hint::new("po losowaniu nic już nie zostaje do rozstrzygnięcia", "the lot leaves nothing to decide"))
        } else {
            return None;
        };
        Some(RulesError { pointer: format!("/tieBreakers/{at}/{field}"), hint })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn criterion(changes: &Value) -> Value {
        let mut criterion =
            json!({ "code": "a", "labelPl": "A", "labelEn": "A", "points": "10", "source": "condition", "rule": "disability" });
        for (name, value) in changes.as_object().expect("an object") {
            criterion[name] = value.clone();
        }
        criterion
    }

    fn pointers(document: Value) -> Vec<String> {
        let content: ScoringContent = serde_json::from_value(document).expect("scoring rules");
        content.faults().into_iter().map(|fault| fault.pointer).collect()
    }

    fn checked(document: Value) -> Result<(), String> {
        let pointers = pointers(document);
        assert!(pointers.len() < 2, "{pointers:?}");
        pointers.into_iter().next().map_or(Ok(()), Err)
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let faulty = json!({
            "criteria": [
                criterion(&json!({ "points": "0", "group": "g" })), criterion(&json!({ "source": "sex", "years": 3 })), criterion(&json!({ "code": "b" }))
            ],
            "groups": [{ "code": "h", "maxPoints": "1" }],
            "tieBreakers": [{ "rule": "morePointsIn", "criterion": "c" }, { "rule": "older" }, { "rule": "older" }],
        });
        let expected = [
            "/criteria/0/points",
            "/criteria/0/group",
            "/criteria/1/code",
            "/criteria/1/rule",
            "/criteria/1/sex",
            "/criteria/1/years",
            "/groups/0/code",
            "/tieBreakers/0/criterion",
            "/tieBreakers/2/rule",
        ];
        assert_eq!(pointers(faulty), expected);
    }

    #[test]
    fn a_criterion_has_exactly_the_parameters_that_its_source_needs() {
        for (changes, pointer) in [
            (json!({}), None),
            (json!({ "points": "0" }), Some("points")),
            (json!({ "rule": null }), Some("rule")),
            (json!({ "source": "manual" }), Some("rule")),
            (json!({ "source": "manual", "rule": null }), None),
            (json!({ "source": "manual", "rule": null, "months": 3 }), Some("values")),
            (json!({ "source": "sex", "rule": null, "sex": "female" }), None),
            (json!({ "source": "sex", "rule": null, "sex": "unknown" }), Some("sex")),
            (json!({ "source": "sex", "rule": null }), Some("sex")),
            (json!({ "source": "ageAtLeast", "rule": null, "years": 50 }), None),
            (json!({ "years": 50 }), Some("years")),
            (json!({ "rule": "unemployedForMonths", "months": 24 }), None),
            (json!({ "rule": "unemployedForMonths" }), Some("months")),
            (json!({ "rule": "education", "values": ["primary"] }), None),
            (json!({ "rule": "education", "values": ["true"] }), Some("values")),
            (json!({ "rule": "residence", "places": ["1013011"] }), None),
            (json!({ "places": ["1013011"] }), Some("places")),
            (json!({ "group": "g" }), Some("group")),
        ] {
            let expected = pointer.map_or(Ok(()), |field| Err(format!("/criteria/0/{field}")));
            assert_eq!(checked(json!({ "criteria": [criterion(&changes)] })), expected, "{changes}");
        }
    }

    #[test]
    fn groups_and_tie_breakers_name_what_is_there() {
        let with = |groups: Value, breakers: Value| {
            checked(json!({ "criteria": [criterion(&json!({ "group": "g" }))], "groups": groups, "tieBreakers": breakers }))
        };
        let group = json!([{ "code": "g", "maxPoints": "15" }]);
        let fault = |pointer: &str| Err(pointer.to_owned());
        assert_eq!(with(group.clone(), json!([])), Ok(()));
        assert_eq!(with(json!([group[0], group[0]]), json!([])), fault("/groups/1/code"));
        assert_eq!(with(json!([group[0], { "code": "h", "maxPoints": "1" }]), json!([])), fault("/groups/1/code"));
        for (breakers, expected) in [
            (json!([{ "rule": "older" }, { "rule": "lot" }]), Ok(())),
            (json!([{ "rule": "morePointsIn", "criterion": "a" }]), Ok(())),
            (json!([{ "rule": "morePointsIn" }]), fault("/tieBreakers/0/criterion")),
            (json!([{ "rule": "morePointsIn", "criterion": "b" }]), fault("/tieBreakers/0/criterion")),
            (json!([{ "rule": "older", "criterion": "a" }]), fault("/tieBreakers/0/criterion")),
            (json!([{ "rule": "older" }, { "rule": "older" }]), fault("/tieBreakers/1/rule")),
            (json!([{ "rule": "lot" }, { "rule": "older" }]), fault("/tieBreakers/1/rule")),
        ] {
            assert_eq!(with(group.clone(), breakers.clone()), expected, "{breakers}");
        }
    }
}
