//! What a caller sees of an appeal against a ranking, and of what was decided about it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::inputs::GivenPoints;
use super::rows::RankedRow;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::reply::View;
use crate::platform::types::{Day, Stored, text_enum};
use crate::recruitment::Reason;
use crate::recruitment::eligibility::Exception;
use crate::schema::{ranking_appeal_decisions, ranking_appeals};

text_enum! {
    /// What was decided about an appeal against a ranking.
    pub enum AppealOutcome {
        /// The candidate is right: a protocol takes the place of the one appealed against.
        Upheld = "upheld",
        /// The candidate stands where the protocol says.
        Dismissed = "dismissed",
    }
}

/// An appeal as it is kept.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = ranking_appeals)]
#[serde(rename_all = "camelCase")]
pub struct Appeal {
    /// Id.
    pub id: Uuid,
    /// The protocol appealed against.
    pub protocol_id: Uuid,
    /// Application of the candidate.
    pub application_id: Uuid,
    /// Day of the appeal.
    pub lodged_on: Day,
    /// Why.
    pub reason: Reason,
    /// Why the deadline was restored for it; null for one in time.
    pub restoration_reason: Option<Reason>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Client that recorded it.
    pub recorded_by: Uuid,
}

impl Appeal {
    /// Reads an appeal.
    pub(super) fn find(tx: &mut Tx, id: Uuid) -> Result<Self, Problem> {
        Ok(ranking_appeals::table
            .filter(own(tx, ranking_appeals::tenant_id))
            .filter(ranking_appeals::id.eq(id))
            .select(Self::as_select())
            .first(tx.conn)?)
    }
}

/// What was decided about an appeal.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = ranking_appeal_decisions)]
#[serde(rename_all = "camelCase")]
#[schema(as = RankingAppealDecisionView)]
pub struct Ruling {
    #[serde(skip)]
    appeal_id: Uuid,
    /// What was decided.
    pub outcome: AppealOutcome,
    /// Day of the decision.
    pub decided_on: Day,
    /// Why.
    pub reason: Reason,
    /// Conditions that are not asked of the candidate after all.
    #[schema(value_type = Vec<Exception>, max_items = 20)]
    pub exceptions: Stored<Vec<Exception>>,
    /// Points that were put right.
    #[schema(value_type = Vec<GivenPoints>, max_items = 60)]
    pub points: Stored<Vec<GivenPoints>>,
    /// Where the candidate stood in the protocol that the decision goes on from; none in decisions of before it was kept.
    #[serde(rename = "before")]
    #[schema(value_type = Option<RankedRow>)]
    pub stood_before: Option<Stored<RankedRow>>,
    /// Where the candidate stands when the document is computed again, and why.
    #[schema(value_type = RankedRow)]
    pub found: Stored<RankedRow>,
    /// Why the appeal was upheld although its candidate stands lower than before.
    pub override_reason: Option<Reason>,
    /// The protocol that an upheld appeal led to; it awaits its adoption as any other.
    pub new_protocol_id: Option<Uuid>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Client that recorded it.
    pub recorded_by: Uuid,
}

impl Ruling {
    /// The decisions about appeals, by the appeal.
    pub(super) fn of(tx: &mut Tx, appeals: &[Uuid]) -> Result<HashMap<Uuid, Self>, Problem> {
        let rows: Vec<Self> = ranking_appeal_decisions::table
            .filter(own(tx, ranking_appeal_decisions::tenant_id))
            .filter(ranking_appeal_decisions::appeal_id.eq_any(appeals))
            .select(Self::as_select())
            .load(tx.conn)?;
        Ok(rows.into_iter().map(|ruling| (ruling.appeal_id, ruling)).collect())
    }
}

/// An appeal against a ranking.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RankingAppealView {
    /// The appeal.
    #[serde(flatten)]
    pub appeal: Appeal,
    /// What was decided about it; none before.
    pub decision: Option<Ruling>,
}

impl View for RankingAppealView {}

impl RankingAppealView {
    /// Reads an appeal with its decision.
    pub(super) fn read(tx: &mut Tx, id: Uuid) -> Result<Self, Problem> {
        let appeal = Appeal::find(tx, id)?;
        let decision = Ruling::of(tx, &[id])?.remove(&id);
        Ok(Self { appeal, decision })
    }

    /// Appeals with their decisions, in the order given.
    pub(super) fn with_decisions(tx: &mut Tx, appeals: Vec<Appeal>) -> Result<Vec<Self>, Problem> {
        let ids: Vec<Uuid> = appeals.iter().map(|appeal| appeal.id).collect();
        let mut decisions = Ruling::of(tx, &ids)?;
        Ok(appeals.into_iter().map(|appeal| Self { decision: decisions.remove(&appeal.id), appeal }).collect())
    }
}
