//! What callers send and see of settlements.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::reckoning::Amounts;
use super::register::Scope;
use crate::platform::examples;
use crate::platform::reply::View;
use crate::platform::types::{Day, HourChange, LongText, Money, Month, Percent, ShortText, text_enum};
use crate::schema::{settlement_lines, settlements};

text_enum! {
    /// How far a settlement is.
    pub enum SettlementState {
        /// Can still be withdrawn and made anew.
        Draft = "draft",
        /// Never changes any more.
        Approved = "approved",
        /// Was given up as a draft.
        Withdrawn = "withdrawn",
    }
}

/// A month to be settled: of a whole agreement, or of one edition.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "editionId": examples::EDITION, "month": "2026-05" }))]
pub struct SettlementBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Agreement with all its editions; instead of `editionId`.
    pub agreement_id: Option<Uuid>,
    /// One edition; instead of `agreementId`.
    pub edition_id: Option<Uuid>,
    /// Calendar month of the work.
    pub month: Month,
    /// Whether only approved entries count; others then do when they are approved, by a correction.
    #[serde(default)]
    pub approved_only: bool,
}

/// An approval.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "effectiveOn": "2026-06-12" }))]
pub struct SettlementApprovalBody {
    /// Day of the approval; not before the month has begun.
    pub effective_on: Day,
}

/// Why a draft is given up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "reason": "Brak wpisów jednego miejsca pracy" }))]
pub struct SettlementWithdrawalBody {
    /// The reason.
    pub reason: LongText,
}

/// A correction of what was approved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "reason": "Korekta wpisu po kontroli listy obecności" }))]
pub struct SettlementCorrectionBody {
    /// Id of the correction, chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Why it is corrected.
    pub reason: LongText,
}

/// Which settlements.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct SettlementFilter {
    /// Under this agreement.
    pub agreement_id: Option<Uuid>,
    /// Of this edition only.
    pub edition_id: Option<Uuid>,
    /// Of this month.
    #[param(inline)]
    pub month: Option<Month>,
    /// In this state.
    #[param(inline)]
    pub state: Option<SettlementState>,
}

/// A settlement with its control totals; in a correction they are differences.
#[derive(Clone, Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = settlements)]
#[serde(rename_all = "camelCase")]
pub struct SettlementView {
    /// Id.
    pub id: Uuid,
    /// Agreement.
    pub agreement_id: Uuid,
    /// Edition; `null` where all editions of the agreement are settled together.
    pub edition_id: Option<Uuid>,
    /// Month of the work.
    #[diesel(column_name = month_on)]
    pub month: Month,
    /// Whether only approved entries count.
    pub approved_only: bool,
    /// Number among the settlement and its corrections; the settlement itself is 1.
    #[schema(minimum = 1, maximum = 100_000)]
    pub number: i32,
    /// Settlement that this one corrects.
    pub corrects_id: Option<Uuid>,
    /// Why it corrects it.
    pub correction_reason: Option<LongText>,
    /// How far it is.
    pub state: SettlementState,
    /// People with a line.
    #[diesel(column_name = people_count)]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub people: i32,
    /// Lines.
    #[diesel(column_name = line_count)]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub lines: i32,
    /// Hours of all lines.
    #[diesel(column_name = minutes)]
    pub hours: HourChange,
    /// Benefits of all lines, in zł.
    pub benefit: Money,
    /// What the labour office refunds, in zł.
    pub refund: Money,
    /// What the municipality pays itself, in zł.
    pub municipal_share: Money,
    /// Day of the approval.
    pub approved_on: Option<Day>,
    /// SHA-256 of the document that was approved, in hexadecimal digits.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub document_sha256: Option<String>,
    /// Why the draft was given up.
    pub withdrawal_reason: Option<LongText>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for SettlementView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

impl SettlementView {
    /// What is settled.
    pub fn scope(&self) -> Scope {
        Scope { agreement: self.agreement_id, edition: self.edition_id, month: self.month, approved_only: self.approved_only }
    }

    /// The settlement with which the chain of corrections begins.
    pub fn base(&self) -> Uuid {
        self.corrects_id.unwrap_or(self.id)
    }
}

/// A person's hours at one rate; in a correction all numbers are differences.
#[derive(Clone, Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = settlement_lines)]
#[serde(rename_all = "camelCase")]
pub struct SettlementLineView {
    /// Id.
    pub id: Uuid,
    /// Number within the settlement, from 1.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub number: i32,
    /// Who worked.
    pub person_id: Uuid,
    /// First day of the month at these rates.
    #[diesel(column_name = from_on)]
    pub from: Day,
    /// Last day of the month at these rates.
    #[diesel(column_name = to_on)]
    pub to: Day,
    /// Kind of work that the rate was agreed for; `null` where it is for all.
    pub kind_of_work: Option<ShortText>,
    /// Whether the work was done for carers of disabled persons.
    pub for_carers: bool,
    /// Hours.
    #[diesel(column_name = minutes)]
    pub hours: HourChange,
    /// Benefit per hour, in zł.
    pub hourly_rate: Money,
    /// Minimum per hour on these days, in zł.
    pub minimum_rate: Money,
    /// Share of the minimum that is refunded.
    pub refund_percent: Percent,
    /// Hours × benefit per hour, rounded half-up.
    pub benefit: Money,
    /// Hours × minimum × share, rounded half-up.
    pub refund: Money,
    /// Benefit less refund.
    pub municipal_share: Money,
}

impl SettlementLineView {
    /// What the line comes to.
    pub fn amounts(&self) -> Amounts {
        Amounts { hours: self.hours, benefit: self.benefit, refund: self.refund, municipal_share: self.municipal_share }
    }
}

/// A settlement as it was approved.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SettlementDocument {
    /// Settlement.
    pub id: Uuid,
    /// Agreement.
    pub agreement_id: Uuid,
    /// Edition; `null` where all editions of the agreement are settled together.
    pub edition_id: Option<Uuid>,
    /// Month of the work.
    pub month: Month,
    /// Whether only approved entries count.
    pub approved_only: bool,
    /// Number among the settlement and its corrections.
    #[schema(minimum = 1, maximum = 100_000)]
    pub number: i32,
    /// Settlement that this one corrects.
    pub corrects_id: Option<Uuid>,
    /// Day of the approval.
    pub approved_on: Day,
    /// Control totals.
    pub totals: AmountsView,
    /// Lines.
    #[schema(max_items = 1_000_000)]
    pub lines: Vec<SettlementLineView>,
}

/// Sums of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AmountsView {
    /// People.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub people: i32,
    /// Hours.
    pub hours: HourChange,
    /// Benefits, in zł.
    pub benefit: Money,
    /// What the labour office refunds, in zł.
    pub refund: Money,
    /// What the municipality pays itself, in zł.
    pub municipal_share: Money,
}

impl From<&SettlementView> for AmountsView {
    fn from(settlement: &SettlementView) -> Self {
        let SettlementView { people, hours, benefit, refund, municipal_share, .. } = *settlement;
        Self { people, hours, benefit, refund, municipal_share }
    }
}
