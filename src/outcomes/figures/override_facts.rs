//! What was done over a soft rule in some editions, by whatever kind of act.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{Day, LongText, ShortText, text_enum};
use crate::schema::{application_events, applications, participations, plan_revisions, prolongations};

text_enum! {
    /// Which act departed from a soft rule.
    pub enum OverriddenBy {
        /// Admission of a participant.
        Admission = "admission",
        /// Prolongation of a participation.
        Prolongation = "prolongation",
        /// Decision about an application.
        Decision = "decision",
        /// Revision of the plan.
        PlanRevision = "planRevision",
    }
}

/// An act over a soft rule, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SoftRuleOverride {
    /// Which act.
    pub by: OverriddenBy,
    /// The edition.
    pub edition_id: Uuid,
    /// The participation that was admitted or prolonged.
    pub participation_id: Option<Uuid>,
    /// The application that was decided about.
    pub application_id: Option<Uuid>,
    /// Day from which the act holds.
    pub on: Day,
    /// Why the rule was overridden.
    pub reason: LongText,
    /// Codes of the rules; none in what was recorded before they were named.
    #[schema(max_items = 20)]
    pub rules: Option<Vec<ShortText>>,
}

/// An act as the store tells it.
#[derive(Queryable)]
struct Act {
    by: OverriddenBy,
    id: Uuid,
    edition_id: Uuid,
    /// What was admitted, prolonged, decided about or revised.
    record_id: Uuid,
    on: Day,
    reason: Option<LongText>,
    rules: Option<Vec<ShortText>>,
}

impl SoftRuleOverride {
    fn of(act: Act) -> Option<Self> {
        let is_of_participation = matches!(act.by, OverriddenBy::Admission | OverriddenBy::Prolongation);
        Some(Self {
            by: act.by,
            edition_id: act.edition_id,
            participation_id: is_of_participation.then_some(act.record_id),
            application_id: (act.by == OverriddenBy::Decision).then_some(act.record_id),
            on: act.on,
            reason: act.reason?,
            rules: act.rules,
        })
    }
}

/// The overrides in some editions that hold on a day: of admissions, then of prolongations, decisions and the plan.
pub(super) fn overrides_of(tx: &mut Tx, editions: &[Uuid], on: NaiveDate) -> Result<Vec<SoftRuleOverride>, Problem> {
    let of_admissions = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::edition_id.eq_any(editions))
        .filter(participations::override_reason.is_not_null())
        .select((
            OverriddenBy::Admission.into_sql::<Text>(),
            participations::id,
            participations::edition_id,
            participations::id,
            participations::starts_on,
            participations::override_reason,
            participations::override_rules,
        ));
    let prolonged =
        participations::tenant_id.eq(prolongations::tenant_id).and(participations::id.eq(prolongations::participation_id));
    let of_prolongations = prolongations::table
        .inner_join(participations::table.on(prolonged))
        .filter(own(tx, prolongations::tenant_id))
        .filter(participations::edition_id.eq_any(editions))
        .filter(prolongations::override_reason.is_not_null())
        .select((
            OverriddenBy::Prolongation.into_sql::<Text>(),
            prolongations::id,
            participations::edition_id,
            prolongations::participation_id,
            prolongations::effective_on,
            prolongations::override_reason,
            prolongations::override_rules,
        ));
    let decided =
        applications::tenant_id.eq(application_events::tenant_id).and(applications::id.eq(application_events::application_id));
    let of_decisions = application_events::table
        .inner_join(applications::table.on(decided))
        .filter(own(tx, application_events::tenant_id))
        .filter(applications::edition_id.eq_any(editions))
        .filter(application_events::override_reason.is_not_null())
        .select((
            OverriddenBy::Decision.into_sql::<Text>(),
            application_events::id,
            applications::edition_id,
            application_events::application_id,
            application_events::effective_on,
            application_events::override_reason,
            application_events::override_rules,
        ));
    let of_plans = plan_revisions::table
        .filter(own(tx, plan_revisions::tenant_id))
        .filter(plan_revisions::edition_id.eq_any(editions))
        .filter(plan_revisions::override_reason.is_not_null())
        .select((
            OverriddenBy::PlanRevision.into_sql::<Text>(),
            plan_revisions::id,
            plan_revisions::edition_id,
            plan_revisions::id,
            plan_revisions::effective_on,
            plan_revisions::override_reason,
            plan_revisions::override_rules,
        ));
    let mut acts: Vec<Act> =
        of_admissions.union_all(of_prolongations).union_all(of_decisions).union_all(of_plans).load(tx.conn)?;
    acts.retain(|act| act.on.date() <= on);
    acts.sort_by_key(|act| (act.by, act.id));
    Ok(acts.into_iter().filter_map(SoftRuleOverride::of).collect())
}
