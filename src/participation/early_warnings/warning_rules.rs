//! The rules of early warning as data: which, with which parameters, from which day and how grave.
//!
//! What a rule means is code (`rules.rs`); what it looks for is data. The
//! built-in rules belong to the nil tenant. A town enters its own version of a
//! rule, or switches one off, from a day on; a version is never changed.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::participation::WARNING_PARAMETER;
use crate::platform::body::{Body, Filter};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateWarningRule, ListWarningRules};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Hours, LongText, Percent, Stored, between, text_enum};
use crate::schema::warning_rules;

/// Tenant of the built-in rules.
const BUILT_IN: Uuid = Uuid::nil();

text_enum! {
    /// A rule of early warning.
    pub enum EarlyWarningCode {
        /// The last classes of somebody were missed without an excuse: at least `count`.
        ConsecutiveAbsences = "consecutiveAbsences",
        /// Attendance so far is below `percent`, after at least `count` sheets.
        LowAttendance = "lowAttendance",
        /// The edition's share of hours, or the minimum of a block, can be reached, but at most `hours` may still be missed.
        MinimumAtRisk = "minimumAtRisk",
        /// The edition's share of hours, or the minimum of a block, cannot be reached any more.
        MinimumUnreachable = "minimumUnreachable",
        /// The last `count` full weeks of somebody have no hours of socially useful work.
        WeekWithoutPsu = "weekWithoutPsu",
        /// A week has fewer hours of integration than `hours`, or than the regime asks for where that is left out.
        ShortIntegrationWeek = "shortIntegrationWeek",
        /// The evidence of a fact about somebody expires while they take part, within `days`.
        FactExpiring = "factExpiring",
        /// A place of the plan has had no participant for `days`.
        EmptySeat = "emptySeat",
        /// A duty to inform is overdue.
        DutyOverdue = "dutyOverdue",
        /// The evidence of an excuse from classes was not shown in time.
        ExcuseOverdue = "excuseOverdue",
    }
}

text_enum! {
    /// How grave a warning is.
    pub enum WarningSeverity {
        /// Somebody has to act now.
        Alarm = "alarm",
        /// Somebody should look.
        Warning = "warning",
        /// Good to know.
        Notice = "notice",
    }
}

/// What a rule looks for; each rule has its own of these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WarningParameters {
    /// A number of classes, sheets or weeks.
    #[serde(default, deserialize_with = "between::<1, 50, _, _>", skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 50)]
    pub count: Option<i32>,
    /// A share of hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<Percent>,
    /// Hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// Calendar days.
    #[serde(default, deserialize_with = "between::<1, 366, _, _>", skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 366)]
    pub days: Option<i32>,
}

/// Whether a rule has a parameter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Always,
    Maybe,
    Never,
}

impl EarlyWarningCode {
    /// Whether the rule has `count`, `percent`, `hours` and `days`.
    const fn wanted(self) -> [Wanted; 4] {
        use Wanted::{Always, Maybe, Never};
        match self {
            Self::ConsecutiveAbsences | Self::WeekWithoutPsu => [Always, Never, Never, Never],
            Self::LowAttendance => [Always, Always, Never, Never],
            Self::MinimumAtRisk => [Never, Never, Always, Never],
            Self::ShortIntegrationWeek => [Never, Never, Maybe, Never],
            Self::FactExpiring | Self::EmptySeat => [Never, Never, Never, Always],
            Self::MinimumUnreachable | Self::DutyOverdue | Self::ExcuseOverdue => [Never, Never, Never, Never],
        }
    }
}

impl WarningParameters {
    /// The first parameter that the rule lacks or does not have.
    fn fault(&self, code: EarlyWarningCode) -> Option<&'static str> {
        let given = [self.count.is_some(), self.percent.is_some(), self.hours.is_some(), self.days.is_some()];
        let faulty = |(wanted, given): (Wanted, bool)| match wanted {
            Wanted::Always => !given,
            Wanted::Maybe => false,
            Wanted::Never => given,
        };
        let place = code.wanted().into_iter().zip(given).position(faulty)?;
        ["count", "percent", "hours", "days"].get(place).copied()
    }
}

/// A version of a rule, as entered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "code": "consecutiveAbsences", "from": "2026-06-01", "active": true, "severity": "warning", "parameters": { "count": 3 },
    "basis": "Ustalenie zespołu z maja"
}))]
pub struct WarningRuleBody {
    /// Which rule.
    pub code: EarlyWarningCode,
    /// First day on which this version holds.
    pub from: Day,
    /// Whether the rule warns at all.
    pub active: bool,
    /// How grave its warnings are.
    pub severity: WarningSeverity,
    /// What it looks for.
    pub parameters: WarningParameters,
    /// What it rests on.
    pub basis: LongText,
}

#[derive(Insertable)]
#[diesel(table_name = warning_rules)]
struct NewRule<'a> {
    id: Uuid,
    code: EarlyWarningCode,
    version: i32,
    valid_from_on: Day,
    is_active: bool,
    severity: WarningSeverity,
    parameters: Stored<WarningParameters>,
    basis: &'a LongText,
}

/// A version of a rule.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = warning_rules)]
#[serde(rename_all = "camelCase")]
pub struct WarningRuleView {
    /// Id.
    pub id: Uuid,
    /// Whether the service brings it along; all others are the tenant's own.
    #[diesel(
        select_expression = warning_rules::tenant_id.eq(BUILT_IN),
        select_expression_type = diesel::dsl::Eq<warning_rules::tenant_id, Uuid>
    )]
    pub built_in: bool,
    /// Which rule.
    pub code: EarlyWarningCode,
    /// Version of the rule; of one's own, the highest whose day has come holds, else the built-in one.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub version: i32,
    /// First day on which this version holds.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Whether the rule warns at all.
    #[diesel(column_name = is_active)]
    pub active: bool,
    /// How grave its warnings are.
    pub severity: WarningSeverity,
    /// What it looks for.
    #[diesel(deserialize_as = Stored<WarningParameters>)]
    pub parameters: WarningParameters,
    /// What it rests on.
    pub basis: LongText,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl From<Stored<WarningParameters>> for WarningParameters {
    fn from(stored: Stored<WarningParameters>) -> Self {
        stored.0
    }
}

impl View for WarningRuleView {}

/// Which versions.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct WarningRuleFilter {
    /// Only versions of this rule.
    #[param(inline)]
    code: Option<EarlyWarningCode>,
}

/// Enters the town's own version of a rule: other parameters, another severity, or off.
///
/// From its first day on it takes the place of the built-in one, or of the
/// town's earlier one. Each rule has its own parameters and needs all of them.
#[utoipa::path(tag = "warning-rules", request_body = WarningRuleBody,
    responses((status = 201, body = WarningRuleView, description = "The version")))]
#[post("/warning-rules")]
async fn create_warning_rule(permit: Permit<CreateWarningRule>, body: Body<WarningRuleBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            if let Some(name) = body.parameters.fault(body.code) {
                return Err(WARNING_PARAMETER.at(format!("/parameters/{name}")).with("parameter", name));
            }
            let id = tx.id_or_new(None);
            tx.touch("warningRule", [id]);
            let latest: Option<i32> = warning_rules::table
                .filter(own(tx, warning_rules::tenant_id))
                .filter(warning_rules::code.eq(body.code))
                .select(diesel::dsl::max(warning_rules::version))
                .first(tx.conn)?;
            let view: WarningRuleView = diesel::insert_into(warning_rules::table)
                .values(NewRule {
                    id,
                    code: body.code,
                    version: latest.unwrap_or_default() + 1,
                    valid_from_on: body.from,
                    is_active: body.active,
                    severity: body.severity,
                    parameters: Stored(body.parameters),
                    basis: &body.basis,
                })
                .returning(WarningRuleView::as_returning())
                .get_result(tx.conn)?;
            Ok(Written::created("/warning-rules", view))
        })
        .await
}

/// Lists the rules of early warning: the built-in ones and the town's own, with all versions.
#[utoipa::path(tag = "warning-rules", params(WarningRuleFilter, PageQuery),
    responses((status = 200, body = Page<WarningRuleView>, description = "A page of versions")))]
#[get("/warning-rules")]
async fn list_warning_rules(permit: Permit<ListWarningRules>, filter: Filter<WarningRuleFilter>) -> Result<Reply, Problem> {
    permit.list(|rule: &WarningRuleView| rule.id, move |tx, window| select_rules(tx, filter.0, window)).await
}

fn select_rules(tx: &mut Tx, filter: WarningRuleFilter, window: Window) -> Result<Vec<WarningRuleView>, Problem> {
    let mut query = warning_rules::table
        .filter(own(tx, warning_rules::tenant_id).or(warning_rules::tenant_id.eq(BUILT_IN)))
        .filter(warning_rules::id.gt(window.after))
        .into_boxed();
    if let Some(code) = filter.code {
        query = query.filter(warning_rules::code.eq(code));
    }
    Ok(query.order(warning_rules::id).limit(window.rows()).select(WarningRuleView::as_select()).load(tx.conn)?)
}

/// The version of each rule that holds on a day, in the order of the codes; those that are switched off are left out.
pub(super) fn rules_on(tx: &mut Tx, on: Day) -> Result<Vec<WarningRuleView>, Problem> {
    let versions: Vec<WarningRuleView> = warning_rules::table
        .filter(own(tx, warning_rules::tenant_id).or(warning_rules::tenant_id.eq(BUILT_IN)))
        .filter(warning_rules::valid_from_on.le(on))
        .select(WarningRuleView::as_select())
        .load(tx.conn)?;
    let holds = |code: &EarlyWarningCode| {
        versions.iter().filter(|rule| rule.code == *code).max_by_key(|rule| (!rule.built_in, rule.version)).cloned()
    };
    Ok(EarlyWarningCode::ALL.iter().filter_map(holds).filter(|rule| rule.active).collect())
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_warning_rule).service(list_warning_rules);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_rule_has_its_own_parameters_and_needs_them() {
        let parameters = |given: serde_json::Value| -> WarningParameters { serde_json::from_value(given).expect("parameters") };
        for (code, given, fault) in [
            (EarlyWarningCode::ConsecutiveAbsences, json!({ "count": 2 }), None),
            (EarlyWarningCode::ConsecutiveAbsences, json!({}), Some("count")),
            (EarlyWarningCode::ConsecutiveAbsences, json!({ "count": 2, "days": 3 }), Some("days")),
            (EarlyWarningCode::LowAttendance, json!({ "count": 2 }), Some("percent")),
            (EarlyWarningCode::LowAttendance, json!({ "count": 2, "percent": "75.00" }), None),
            (EarlyWarningCode::ShortIntegrationWeek, json!({}), None),
            (EarlyWarningCode::ShortIntegrationWeek, json!({ "hours": "8.00" }), None),
            (EarlyWarningCode::DutyOverdue, json!({ "hours": "8.00" }), Some("hours")),
        ] {
            assert_eq!(parameters(given.clone()).fault(code), fault, "{code} with {given}");
        }
    }
}
