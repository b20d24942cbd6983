//! Days on which a participation rests.

use actix_web::post;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::ending::count_facts;
use super::participations::{NewStep, ParticipationStep, Stay, append_step, lock_participation};
use super::{FACTS_IN_SUSPENSION, INVERTED, OUTSIDE_PARTICIPATION};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::permit::Permit;
use crate::platform::policy::SuspendParticipation;
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, text_enum};
use crate::schema::suspensions;

text_enum! {
    /// Why a participation rests.
    pub enum SuspensionReason {
        /// For reasons of health.
        Health = "health",
        /// Care of a child or a relative.
        Care = "care",
        /// Another reason.
        Other = "other",
    }
}

/// Days on which a participation is to rest.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = suspensions)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "from": "2026-06-08", "to": "2026-06-12", "reason": "care" }))]
pub struct SuspensionBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// First day of rest.
    #[serde(rename = "from")]
    pub from_on: Day,
    /// Last day of rest.
    #[serde(rename = "to")]
    pub to_on: Day,
    /// Why it rests.
    pub reason: SuspensionReason,
}

/// Days on which a participation rests.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = suspensions)]
#[serde(rename_all = "camelCase")]
pub struct SuspensionView {
    /// Id.
    pub id: Uuid,
    /// Participation that rests.
    pub participation_id: Uuid,
    /// First day of rest.
    #[serde(rename = "from")]
    pub from_on: Day,
    /// Last day of rest.
    #[serde(rename = "to")]
    pub to_on: Day,
    /// Why it rests.
    pub reason: SuspensionReason,
}

impl View for SuspensionView {}

impl SuspensionView {
    /// The days of it that are within a participation that ended on a day; nothing where it would have begun later.
    fn until(self, ended_on: Option<Day>) -> Option<Self> {
        let last = ended_on.map_or(self.to_on, |ended| ended.min(self.to_on));
        (self.from_on <= last).then_some(Self { to_on: last, ..self })
    }
}

/// When a participation rested, by first day: nobody rests from what has ended.
pub(super) fn suspensions_of(tx: &mut Tx, participation: Uuid, ended_on: Option<Day>) -> Result<Vec<SuspensionView>, Problem> {
    let recorded: Vec<SuspensionView> = suspensions::table
        .filter(own(tx, suspensions::tenant_id))
        .filter(suspensions::participation_id.eq(participation))
        .order(suspensions::from_on)
        .select(SuspensionView::as_select())
        .load(tx.conn)?;
    Ok(recorded.into_iter().filter_map(|suspension| suspension.until(ended_on)).collect())
}

/// Why a suspension is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum SuspensionError {
    #[error("it ends before it starts")]
    Inverted,
    #[error("the first day is outside the participation")]
    StartOutside,
    #[error("the last day is outside the participation")]
    EndOutside,
}

/// Whether a participation can rest on those days.
pub(super) fn check_suspension(stay: &Stay, from: Day, to: Day) -> Result<(), SuspensionError> {
    if to < from {
        Err(SuspensionError::Inverted)
    } else if !stay.covers(from) {
        Err(SuspensionError::StartOutside)
    } else if !stay.covers(to) {
        Err(SuspensionError::EndOutside)
    } else {
        Ok(())
    }
}

pub(super) fn refusal(error: SuspensionError, stay: &Stay) -> Problem {
    let outside = |pointer: &str| {
        OUTSIDE_PARTICIPATION.at(pointer).with("startsOn", stay.starts_on.to_string()).with("lastOn", stay.last_on().to_string())
    };
    match error {
        SuspensionError::Inverted => INVERTED.at("/to"),
        SuspensionError::StartOutside => outside("/from"),
        SuspensionError::EndOutside => outside("/to"),
    }
}

/// Suspends a participation for some days.
///
/// On those days nobody expects attendance and no hours may be logged. The
/// suspensions of a participation are part of `get_participation`. One that lasts
/// beyond the end that the participation comes to ends with it.
#[utoipa::path(tag = "participations", request_body = SuspensionBody, params(("id" = Uuid, Path, description = "Participation")),
    responses((status = 201, body = SuspensionView, description = "The suspension")))]
#[post("/participations/{id}/suspensions")]
async fn suspend_participation(
    permit: Permit<SuspendParticipation>,
    id: PathId,
    body: Body<SuspensionBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("participation", [id.0]);
            let stay = lock_participation(tx, id.0)?;
            tx.expect_version(stay.row_version)?;
            let view = suspend(tx, &stay, body)?;
            Ok(Written::created(format!("/participations/{}", id.0), view))
        })
        .await
}

fn suspend(tx: &mut Tx, stay: &Stay, body: &SuspensionBody) -> Result<SuspensionView, Problem> {
    check_suspension(stay, body.from_on, body.to_on).map_err(|error| refusal(error, stay))?;
    let within = count_facts(tx, stay.id, body.from_on, Some((body.from_on, body.to_on)))?;
    if within.any() {
        return Err(within.describe(FACTS_IN_SUSPENSION.at("/from")));
    }
    let id = tx.id_or_new(body.id);
    let view = diesel::insert_into(suspensions::table)
        .values((body, suspensions::id.eq(id), suspensions::participation_id.eq(stay.id)))
        .returning(SuspensionView::as_returning())
        .get_result(tx.conn)?;
    append_step(
        tx,
        &NewStep {
            participation_id: stay.id,
            kind: ParticipationStep::Suspended,
            effective_on: body.from_on,
            reason: Some(body.reason.as_str()),
            note: None,
        },
    )?;
    Ok(view)
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(suspend_participation);
}
