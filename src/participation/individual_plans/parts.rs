//! What a written plan says, and which parts a plan of each kind must have by its law.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::hint::Hint;
use crate::platform::types::{Day, LongText, between, count_between, text_enum};

text_enum! {
    /// Kind of a written plan with one person.
    pub enum IndividualPlanKind {
        /// Social contract (Polish: kontrakt socjalny; Act of 12 March 2004 on social assistance, art. 108).
        SocialContract = "socialContract",
        /// Individual action plan of the labour office (Polish: indywidualny plan działania, IPD; Act of 20 April 2004, art. 34a).
        IndividualActionPlan = "individualActionPlan",
        /// Individual help plan (Polish: indywidualny plan pomocy).
        IndividualHelpPlan = "individualHelpPlan",
        /// Individual programme of becoming self-reliant (Polish: indywidualny program usamodzielnienia).
        SelfRelianceProgramme = "selfRelianceProgramme",
        /// Individual programme of social employment (Polish: indywidualny program zatrudnienia socjalnego, IPZS; Act of 13 June 2003).
        SocialEmploymentProgramme = "socialEmploymentProgramme",
    }
}

text_enum! {
    /// Form of a social contract (regulation of 8 November 2010, Dz.U. 2010 nr 218 poz. 1439).
    pub enum ContractForm {
        /// Parts IA and IIA: to overcome a difficult life situation.
        LifeSituation = "lifeSituation",
        /// Parts IB and IIB: an unemployed person.
        Unemployed = "unemployed",
    }
}

text_enum! {
    /// Who does something.
    pub enum Actor {
        /// The person.
        Client = "client",
        /// The social-assistance centre.
        Centre = "centre",
        /// The labour office.
        LabourOffice = "labourOffice",
        /// Somebody else.
        Other = "other",
    }
}

text_enum! {
    /// How somebody is or was in contact.
    pub enum ContactForm {
        /// At the office.
        Visit = "visit",
        /// At the person's home.
        Home = "home",
        /// By telephone.
        Telephone = "telephone",
        /// By electronic means.
        Electronic = "electronic",
        /// By letter.
        Letter = "letter",
        /// In another way.
        Other = "other",
    }
}

/// What somebody is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanAction {
    /// Who.
    pub by: Actor,
    /// What.
    pub what: LongText,
    /// From when.
    pub from: Option<Day>,
    /// Until when.
    pub to: Option<Day>,
}

/// Contacts that are planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlannedContact {
    /// How.
    pub form: ContactForm,
    /// How many.
    #[serde(default, deserialize_with = "between::<1, 1000, _, _>")]
    #[schema(minimum = 1, maximum = 1000)]
    pub count: Option<i32>,
    /// On which days, where they are set.
    #[serde(default, deserialize_with = "count_between::<0, 100, _, _>")]
    #[schema(max_items = 100)]
    pub on: Vec<Day>,
}

/// What a plan says; no names and no identifiers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanParts {
    /// What the person needs.
    #[serde(default, deserialize_with = "count_between::<0, 50, _, _>")]
    #[schema(max_items = 50)]
    pub needs: Vec<LongText>,
    /// What is to be reached.
    #[serde(default, deserialize_with = "count_between::<0, 50, _, _>")]
    #[schema(max_items = 50)]
    pub goals: Vec<LongText>,
    /// Who does what, from when to when.
    #[serde(default, deserialize_with = "count_between::<0, 100, _, _>")]
    #[schema(max_items = 100)]
    pub actions: Vec<PlanAction>,
    /// Contacts that are planned.
    #[serde(default, deserialize_with = "count_between::<0, 50, _, _>")]
    #[schema(max_items = 50)]
    pub contacts: Vec<PlannedContact>,
    /// On what conditions the plan ends.
    pub end_conditions: Option<LongText>,
}

/// A part that the law wants in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What the person needs.
    Needs,
    /// What is to be reached.
    Goals,
    /// What somebody does.
    ActionsOf(Actor),
    /// Planned contacts.
    Contacts,
    /// Conditions of the end.
    EndConditions,
    /// The last day.
    LastDay,
}

impl Part {
    /// Where it stands in the body.
    pub fn pointer(self) -> &'static str {
        match self {
            Self::Needs => "/parts/needs",
            Self::Goals => "/parts/goals",
            Self::ActionsOf(_) => "/parts/actions",
            Self::Contacts => "/parts/contacts",
            Self::EndConditions => "/parts/endConditions",
            Self::LastDay => "/to",
        }
    }

    /// What is missing, in words for the caller.
    pub fn hint(self) -> Hint {
        match self {
            Self::ActionsOf(actor) => {
                let by = match actor {
                    Actor::Client => "osoby (client)",
                    Actor::Centre => "ośrodka (centre)",
                    Actor::LabourOffice => "urzędu pracy (labourOffice)",
                    Actor::Other => "innej strony (other)",
                };
                Hint::new(format!("potrzebuje działania {by}"), format!("needs an action by {actor}"))
            }
            _ => Hint::new("nie może być puste", "must not be empty"),
        }
    }

    fn is_in(self, parts: &PlanParts, last_day: Option<Day>) -> bool {
        match self {
            Self::Needs => !parts.needs.is_empty(),
            Self::Goals => !parts.goals.is_empty(),
            Self::ActionsOf(actor) => parts.actions.iter().any(|action| action.by == actor),
            Self::Contacts => !parts.contacts.is_empty(),
            Self::EndConditions => parts.end_conditions.is_some(),
            Self::LastDay => last_day.is_some(),
        }
    }
}

/// The parts that a plan of a kind must have.
///
/// **Source**: forms of the regulation of 8 November 2010 for the social contract; art. 34a(2) of the Act of 20 April
/// 2004 for the individual action plan; what the other plans are for, where no law names their parts.
const fn wanted(kind: IndividualPlanKind) -> &'static [Part] {
    match kind {
        IndividualPlanKind::SocialContract => &[Part::Goals, Part::ActionsOf(Actor::Client), Part::ActionsOf(Actor::Centre)],
        IndividualPlanKind::IndividualActionPlan => &[
            Part::ActionsOf(Actor::LabourOffice),
            Part::ActionsOf(Actor::Client),
            Part::Contacts,
            Part::EndConditions,
            Part::LastDay,
        ],
        IndividualPlanKind::IndividualHelpPlan => &[Part::Needs, Part::Goals, Part::ActionsOf(Actor::Centre)],
        IndividualPlanKind::SelfRelianceProgramme | IndividualPlanKind::SocialEmploymentProgramme => {
            &[Part::Goals, Part::ActionsOf(Actor::Client)]
        }
    }
}

/// The parts that a plan lacks.
pub fn missing(kind: IndividualPlanKind, parts: &PlanParts, last_day: Option<Day>) -> Vec<Part> {
    wanted(kind).iter().copied().filter(|part| !part.is_in(parts, last_day)).collect()
}

/// Actions that end before they begin, by their place.
pub fn reversed(parts: &PlanParts) -> Option<usize> {
    parts.actions.iter().position(|action| action.from.zip(action.to).is_some_and(|(from, to)| to < from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_kind_asks_for_what_its_law_asks_for() {
        let action = |by: &str| json!({ "by": by, "what": "Spotkanie" });
        let contact = json!([{ "form": "visit", "count": 2 }]);
        for (kind, parts, last_day, lacks) in [
            (IndividualPlanKind::SocialContract, json!({}), None, 3),
            (
                IndividualPlanKind::SocialContract,
                json!({ "goals": ["Praca"], "actions": [action("client"), action("centre")] }),
                None,
                0,
            ),
            (IndividualPlanKind::SocialContract, json!({ "goals": ["Praca"], "actions": [action("client")] }), None, 1),
            (
                IndividualPlanKind::IndividualActionPlan,
                json!({ "actions": [action("labourOffice"), action("client")], "contacts": contact, "endConditions": "Podjęcie pracy" }),
                Some("2026-12-31"),
                0,
            ),
            (
                IndividualPlanKind::IndividualActionPlan,
                json!({ "actions": [action("centre"), action("client")], "contacts": contact, "endConditions": "Podjęcie pracy" }),
                None,
                2,
            ),
            (
                IndividualPlanKind::IndividualHelpPlan,
                json!({ "needs": ["Mieszkanie"], "goals": ["Lokal"], "actions": [action("centre")] }),
                None,
                0,
            ),
            (IndividualPlanKind::SelfRelianceProgramme, json!({ "goals": ["Praca"] }), None, 1),
            (
                IndividualPlanKind::SocialEmploymentProgramme,
                json!({ "goals": ["Praca"], "actions": [action("client")] }),
                None,
                0,
            ),
        ] {
            let parts: PlanParts = serde_json::from_value(parts).expect("parts");
            let last_day = last_day.map(|day| day.parse().expect("a day"));
            assert_eq!(missing(kind, &parts, last_day).len(), lacks, "{kind} {parts:?}");
        }
    }

    #[test]
    fn an_action_that_ends_before_it_begins_is_found() {
        let parts = json!({ "actions": [
            { "by": "client", "what": "Kurs", "from": "2026-02-01", "to": "2026-02-01" },
            { "by": "client", "what": "Staż", "from": "2026-03-01", "to": "2026-02-28" },
        ]});
        let parts: PlanParts = serde_json::from_value(parts).expect("parts");
        assert_eq!(reversed(&parts), Some(1));
    }
}
