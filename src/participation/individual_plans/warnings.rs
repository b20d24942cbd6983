//! What a plan leaves to be desired on a day: shown, never refused, because plans were kept that way.

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::types::{Day, Period};
use crate::programmes::ActionPlanTerms;

/// A warning about a plan; `code` says which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "code")]
pub enum IndividualPlanWarning {
    /// The next contact was due and is not on file.
    #[serde(rename = "participation.plan_contact_overdue", rename_all = "camelCase")]
    ContactOverdue {
        /// Last contact, or the first day of the plan where there was none.
        last_contact_on: Day,
        /// Day by which the next one was due.
        due_on: Day,
    },
    /// The plan lasts longer than the regime lets it for the person's help profile.
    #[serde(rename = "participation.plan_too_long", rename_all = "camelCase")]
    TooLong {
        /// The help profile.
        #[schema(max_length = 3)]
        help_profile: String,
        /// Days of the plan, both ends counted.
        #[schema(minimum = 1, maximum = 120_000)]
        days: i64,
        /// Most days by the regime.
        #[schema(minimum = 1, maximum = 3660)]
        limit_days: u32,
    },
}

/// What is known of an action plan on a day.
#[derive(Debug, Clone, Copy)]
pub struct ActionPlanFacts<'a> {
    /// First day of the plan.
    pub from: Day,
    /// Last day of the plan, ended early or as planned.
    pub to: Option<Day>,
    /// Last contact up to the day.
    pub last_contact_on: Option<Day>,
    /// Help profile on the first day of the plan, where it is known.
    pub help_profile: Option<&'a str>,
}

/// Every warning about an action plan on a day under the terms of its regime.
pub fn warnings(terms: &ActionPlanTerms, plan: ActionPlanFacts<'_>, on: Day) -> Vec<IndividualPlanWarning> {
    [contact_overdue(terms, plan, on), too_long(terms, plan)].into_iter().flatten().collect()
}

fn contact_overdue(terms: &ActionPlanTerms, plan: ActionPlanFacts<'_>, on: Day) -> Option<IndividualPlanWarning> {
    // After the end of a plan nobody is expected any more.
    let asked = plan.to.map_or(on, |to| to.min(on));
    let last_contact_on = plan.last_contact_on.unwrap_or(plan.from).max(plan.from);
    let due_on = last_contact_on.plus_days(terms.contact_every_days).ok()?;
    (due_on < asked).then_some(IndividualPlanWarning::ContactOverdue { last_contact_on, due_on })
}

fn too_long(terms: &ActionPlanTerms, plan: ActionPlanFacts<'_>) -> Option<IndividualPlanWarning> {
    let help_profile = plan.help_profile?;
    let limit_days = terms.longest_for(help_profile)?;
    let days = Period::new(plan.from, plan.to?).ok()?.days();
    let help_profile = help_profile.to_owned();
    (days > i64::from(limit_days)).then_some(IndividualPlanWarning::TooLong { help_profile, days, limit_days })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn terms() -> ActionPlanTerms {
        let days = json!({ "profileI": 180, "profileII": 540, "profileIII": 720 });
        serde_json::from_value(json!({ "contactEveryDays": 60, "longestDays": days })).expect("terms")
    }

    #[test]
    fn a_contact_is_overdue_after_its_day_and_not_on_it() {
        for (last, to, on, overdue) in [
            (None, None, "2015-03-02", None),
            (None, None, "2015-03-03", Some(("2015-01-01", "2015-03-02"))),
            (Some("2015-02-20"), None, "2015-03-03", None),
            (Some("2015-02-20"), None, "2015-04-22", Some(("2015-02-20", "2015-04-21"))),
            // A contact before the plan does not count, and after its end none is due.
            (Some("2014-12-20"), None, "2015-03-02", None),
            (None, Some("2015-02-28"), "2015-12-31", None),
        ] {
            let plan =
                ActionPlanFacts { from: day("2015-01-01"), to: to.map(day), last_contact_on: last.map(day), help_profile: None };
            let expected =
                overdue.map(|(last, due)| IndividualPlanWarning::ContactOverdue { last_contact_on: day(last), due_on: day(due) });
            assert_eq!(warnings(&terms(), plan, day(on)), expected.into_iter().collect::<Vec<_>>(), "{last:?} {to:?} {on}");
        }
    }

    #[test]
    fn the_limit_goes_by_the_help_profile() {
        for (profile, to, limit) in [
            (Some("I"), "2015-06-29", None),
            (Some("I"), "2015-06-30", Some(180)),
            (Some("II"), "2015-06-30", None),
            (None, "2020-06-30", None),
        ] {
            let plan = ActionPlanFacts {
                from: day("2015-01-01"),
                to: Some(day(to)),
                last_contact_on: Some(day(to)),
                help_profile: profile,
            };
            let found = warnings(&terms(), plan, day("2015-01-02"));
            let found = found.iter().find_map(|warning| match warning {
                IndividualPlanWarning::TooLong { limit_days, days, .. } => Some((*limit_days, *days)),
                IndividualPlanWarning::ContactOverdue { .. } => None,
            });
            assert_eq!(found, limit.map(|limit| (limit, 181)), "{profile:?} {to}");
        }
    }
}
