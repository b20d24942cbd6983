//! What was done over a soft rule in some editions, by whatever kind of act.

use chrono::NaiveDate;
use diesel::prelude::*;
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

/// Edition, record, day, reason and rules of an act.
type Row = (Uuid, Uuid, Day, Option<LongText>, Option<Vec<ShortText>>);

impl SoftRuleOverride {
    fn of(by: OverriddenBy, (edition_id, record, on, reason, rules): Row) -> Option<Self> {
        let is_of_participation = matches!(by, OverriddenBy::Admission | OverriddenBy::Prolongation);
        Some(Self {
            by,
            edition_id,
            participation_id: is_of_participation.then_some(record),
            application_id: (by == OverriddenBy::Decision).then_some(record),
            on,
            reason: reason?,
            rules,
        })
    }
}

/// The overrides in some editions that hold on a day: of admissions, then of prolongations, decisions and the plan.
pub(super) fn overrides_of(tx: &mut Tx, editions: &[Uuid], on: NaiveDate) -> Result<Vec<SoftRuleOverride>, Problem> {
    let mut all = Vec::new();
    for (by, rows) in [
        (OverriddenBy::Admission, of_admissions(tx, editions)?),
        (OverriddenBy::Prolongation, of_prolongations(tx, editions)?),
        (OverriddenBy::Decision, of_decisions(tx, editions)?),
        (OverriddenBy::PlanRevision, of_plans(tx, editions)?),
    ] {
        all.extend(rows.into_iter().filter_map(|row| SoftRuleOverride::of(by, row)));
    }
    all.retain(|one| one.on.date() <= on);
    Ok(all)
}

fn of_admissions(tx: &mut Tx, editions: &[Uuid]) -> Result<Vec<Row>, Problem> {
    Ok(participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::edition_id.eq_any(editions))
        .filter(participations::override_reason.is_not_null())
        .order(participations::id)
        .select((
            participations::edition_id,
            participations::id,
            participations::starts_on,
            participations::override_reason,
            participations::override_rules,
        ))
        .load(tx.conn)?)
}

fn of_prolongations(tx: &mut Tx, editions: &[Uuid]) -> Result<Vec<Row>, Problem> {
    let of = participations::tenant_id.eq(prolongations::tenant_id).and(participations::id.eq(prolongations::participation_id));
    Ok(prolongations::table
        .inner_join(participations::table.on(of))
        .filter(own(tx, prolongations::tenant_id))
        .filter(participations::edition_id.eq_any(editions))
        .filter(prolongations::override_reason.is_not_null())
        .order(prolongations::id)
        .select((
            participations::edition_id,
            prolongations::participation_id,
            prolongations::effective_on,
            prolongations::override_reason,
            prolongations::override_rules,
        ))
        .load(tx.conn)?)
}

fn of_decisions(tx: &mut Tx, editions: &[Uuid]) -> Result<Vec<Row>, Problem> {
    let of =
        applications::tenant_id.eq(application_events::tenant_id).and(applications::id.eq(application_events::application_id));
    Ok(application_events::table
        .inner_join(applications::table.on(of))
        .filter(own(tx, application_events::tenant_id))
        .filter(applications::edition_id.eq_any(editions))
        .filter(application_events::override_reason.is_not_null())
        .order(application_events::id)
        .select((
            applications::edition_id,
            application_events::application_id,
            application_events::effective_on,
            application_events::override_reason,
            application_events::override_rules,
        ))
        .load(tx.conn)?)
}

fn of_plans(tx: &mut Tx, editions: &[Uuid]) -> Result<Vec<Row>, Problem> {
    Ok(plan_revisions::table
        .filter(own(tx, plan_revisions::tenant_id))
        .filter(plan_revisions::edition_id.eq_any(editions))
        .filter(plan_revisions::override_reason.is_not_null())
        .order(plan_revisions::id)
        .select((
            plan_revisions::edition_id,
            plan_revisions::id,
            plan_revisions::effective_on,
            plan_revisions::override_reason,
            plan_revisions::override_rules,
        ))
        .load(tx.conn)?)
}
