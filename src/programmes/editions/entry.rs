//! What is said of an edition when it is entered, and when it is changed.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::examples;
use crate::platform::types::{DatePrecision, Day, LongText, Money, Percent, ShortText, between, count_between, text_enum};
use crate::programmes::collection_statements::StatementBody;
use crate::schema::editions;

text_enum! {
    /// How an edition chooses among its candidates.
    pub enum Selection {
        /// Social workers select candidates one by one.
        ByWorkers = "byWorkers",
        /// A place, or one on the reserve list, follows a ranking protocol; anything else needs a reason.
        ByRanking = "byRanking",
    }
}

impl Default for Selection {
    /// As it is usual.
    fn default() -> Self {
        Self::ByWorkers
    }
}

/// When candidates are recruited.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset, ToSchema)]
#[diesel(table_name = editions, treat_none_as_null = true)]
#[serde(rename_all = "camelCase", deny_unknown_fields, from = "RecruitmentBody")]
pub struct Recruitment {
    /// First day.
    #[diesel(column_name = recruitment_from_on)]
    pub from: Option<Day>,
    /// Last day.
    #[diesel(column_name = recruitment_to_on)]
    pub to: Option<Day>,
    /// How exactly both are known; `day` unless stated otherwise.
    #[diesel(column_name = recruitment_precision)]
    pub precision: Option<DatePrecision>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecruitmentBody {
    from: Option<Day>,
    to: Option<Day>,
    precision: Option<DatePrecision>,
}

impl From<RecruitmentBody> for Recruitment {
    fn from(body: RecruitmentBody) -> Self {
        let precision = (body.from.is_some() || body.to.is_some()).then(|| body.precision.unwrap_or_default());
        Self { from: body.from, to: body.to, precision }
    }
}

/// An edition, as entered.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = editions)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "programmeId": examples::PROGRAMME, "agreementId": examples::AGREEMENT, "name": "Edycja III",
    "startsOn": "2026-09-01", "endsOn": "2026-10-31", "plannedMonths": 2, "places": 10, "plannedCost": "5600.00",
    "recruitment": { "from": "2026-08-01", "to": "2026-08-20" },
    "hostIds": [examples::HOST], "hostsExhaustive": true
}))]
pub struct EditionBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Programme that it is a run of.
    pub programme_id: Uuid,
    /// Agreement on which its rules hang.
    pub agreement_id: Uuid,
    /// Name, unique within the programme.
    pub name: ShortText,
    /// First day.
    pub starts_on: Day,
    /// How exactly the first day is known.
    #[serde(default)]
    pub starts_precision: DatePrecision,
    /// Last day.
    pub ends_on: Day,
    /// How exactly the last day is known.
    #[serde(default)]
    pub ends_precision: DatePrecision,
    /// Planned length in months, as the source states it.
    #[serde(default, deserialize_with = "between::<1, 120, _, _>")]
    #[schema(minimum = 1, maximum = 120)]
    pub planned_months: Option<i32>,
    /// Planned places: the first revision of the plan.
    #[diesel(skip_insertion)]
    #[serde(deserialize_with = "between::<0, 100_000, _, _>")]
    #[schema(minimum = 0, maximum = 100_000)]
    pub places: i32,
    /// Why so many.
    #[diesel(skip_insertion)]
    pub places_reason: Option<LongText>,
    /// Planned cost in zł.
    #[diesel(skip_insertion)]
    pub planned_cost: Option<Money>,
    /// When candidates are recruited.
    #[serde(default)]
    #[diesel(embed)]
    pub recruitment: Recruitment,
    /// How it chooses among its candidates.
    #[serde(default)]
    pub selection: Selection,
    /// Attendance from which a participation counts as completed; `null` means reaching the planned end.
    pub completion_attendance_percent: Option<Percent>,
    /// Whether a seat that an early end or a revision of the plan frees is offered to the reserve list at once.
    #[serde(default)]
    pub automatic_offers: bool,
    /// Calendar days for the answer to an offer of a seat; the day of the offer is not counted.
    #[serde(default = "three_days", deserialize_with = "between::<1, 60, _, _>")]
    #[schema(minimum = 1, maximum = 60, default = 3)]
    pub offer_answer_days: i32,
    /// Words of the source that it is entered from.
    pub source_text: Option<LongText>,
    /// Whether the dates are a reading of the source, not its letter.
    #[serde(default)]
    pub interpreted: bool,
    /// What is stated about the completeness of its data, each kind at most once.
    #[diesel(skip_insertion)]
    #[serde(default, deserialize_with = "count_between::<0, 20, _, _>")]
    #[schema(max_items = 20)]
    pub collection_statements: Vec<StatementBody>,
    /// Hosts of socially useful work.
    #[diesel(skip_insertion)]
    #[serde(default, deserialize_with = "count_between::<0, 500, _, _>")]
    #[schema(max_items = 500)]
    pub host_ids: Vec<Uuid>,
    /// Whether the list of hosts is complete.
    #[serde(default = "exhaustive")]
    #[schema(default = true)]
    pub hosts_exhaustive: bool,
}

/// Time to think it over and to ask at home, without leaving a seat empty for a week.
fn three_days() -> i32 {
    3
}

fn exhaustive() -> bool {
    true
}

/// An edition, as changed: without its plan and hosts, which have operations of their own.
#[derive(Debug, Deserialize, AsChangeset, ToSchema)]
#[diesel(table_name = editions, treat_none_as_null = true)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "name": "Edycja I", "startsOn": "2026-05-01", "endsOn": "2026-06-30", "plannedMonths": 2,
    "recruitment": { "from": "2026-04-01", "to": "2026-04-20" }
}))]
pub struct EditionChange {
    /// Id of the path.
    #[diesel(skip_update)]
    pub id: Option<Uuid>,
    /// Name, unique within the programme.
    pub name: ShortText,
    /// First day.
    pub starts_on: Day,
    /// How exactly the first day is known.
    #[serde(default)]
    pub starts_precision: DatePrecision,
    /// Last day.
    pub ends_on: Day,
    /// How exactly the last day is known.
    #[serde(default)]
    pub ends_precision: DatePrecision,
    /// Planned length in months, as the source states it.
    #[serde(default, deserialize_with = "between::<1, 120, _, _>")]
    #[schema(minimum = 1, maximum = 120)]
    pub planned_months: Option<i32>,
    /// When candidates are recruited.
    #[serde(default)]
    #[diesel(embed)]
    pub recruitment: Recruitment,
    /// How it chooses among its candidates.
    #[serde(default)]
    pub selection: Selection,
    /// Attendance from which a participation counts as completed; `null` means reaching the planned end.
    pub completion_attendance_percent: Option<Percent>,
    /// Whether a seat that an early end or a revision of the plan frees is offered to the reserve list at once.
    #[serde(default)]
    pub automatic_offers: bool,
    /// Calendar days for the answer to an offer of a seat; the day of the offer is not counted.
    #[serde(default = "three_days", deserialize_with = "between::<1, 60, _, _>")]
    #[schema(minimum = 1, maximum = 60, default = 3)]
    pub offer_answer_days: i32,
    /// Words of the source that it was entered from.
    pub source_text: Option<LongText>,
    /// Whether the dates are a reading of the source, not its letter.
    #[serde(default)]
    pub interpreted: bool,
}
