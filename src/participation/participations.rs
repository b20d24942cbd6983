//! Participations as they are read, and what other files need to know of one.

use actix_web::get;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::changes::prolongation::{ProlongationView, prolongations_of};
use super::ending::{EndReason, Polarity};
use super::suspensions::{SuspensionView, suspensions_of};
use crate::people::{expect_in_sight, people_in_sight};
use crate::platform::body::{Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{GetParticipation, ListParticipationEvents, ListParticipations};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Code, Day, LongText, Period, ShortText, text_enum};
use crate::schema::{participation_events, participations};

text_enum! {
    /// Where a participation stands.
    pub enum ParticipationState {
        /// Runs.
        Active = "active",
        /// Reached its planned end.
        Completed = "completed",
        /// Ended before, with a reason.
        Exited = "exited",
    }
}

text_enum! {
    /// A step of a participation.
    pub enum ParticipationStep {
        /// Began.
        Admitted = "admitted",
        /// Rests for some days.
        Suspended = "suspended",
        /// Lasts longer than planned before.
        Prolonged = "prolonged",
        /// Belongs to another group from then on.
        GroupMoved = "groupMoved",
        /// Works at another post from then on.
        PostMoved = "postMoved",
        /// Ended for a reason other than completion.
        Ended = "ended",
        /// Reached its planned end.
        Completed = "completed",
        /// Ended on another day, or for another reason, than was recorded before.
        EndChanged = "endChanged",
        /// Did not end as was recorded before, and goes on.
        EndTakenBack = "endTakenBack",
    }
}

/// A participation.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = participations)]
#[serde(rename_all = "camelCase")]
pub struct ParticipationView {
    /// Id.
    pub id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Who takes part.
    pub person_id: Uuid,
    /// Application that it came of.
    pub application_id: Option<Uuid>,
    /// Participation whose place was taken over.
    pub replaces_id: Option<Uuid>,
    /// Number of the place.
    #[schema(minimum = 1, maximum = 100_000)]
    pub seat: Option<i32>,
    /// First day.
    pub starts_on: Day,
    /// Planned last day.
    pub planned_end_on: Day,
    /// Last day.
    pub ended_on: Option<Day>,
    /// Where it stands.
    pub state: ParticipationState,
    /// Why it ended.
    pub end_reason: Option<EndReason>,
    /// What the end means for the person.
    pub end_polarity: Option<Polarity>,
    /// Whether the person is at fault for the end; null where that was not said.
    pub own_fault: Option<bool>,
    /// Group of regimes within which participations count together.
    pub cumulative_group: Option<Code>,
    /// Why a soft rule was overridden on admission.
    pub override_reason: Option<LongText>,
    /// Codes of the soft rules that the admission departed from; none in what was recorded before they were named.
    #[schema(max_items = 20)]
    pub override_rules: Option<Vec<ShortText>>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for ParticipationView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

/// A participation with who took its place, when it rested and how it was prolonged.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ParticipationDetailView {
    /// The participation.
    #[serde(flatten)]
    pub participation: ParticipationView,
    /// Participation that took its place over.
    pub replaced_by_id: Option<Uuid>,
    /// When it rested, by first day: until the end of the participation, which may have come while it rested.
    #[schema(max_items = 1000)]
    pub suspensions: Vec<SuspensionView>,
    /// How its planned end was put off, in that order.
    #[schema(max_items = 1000)]
    pub prolongations: Vec<ProlongationView>,
}

impl View for ParticipationDetailView {
    fn version(&self) -> Option<i32> {
        self.participation.version()
    }
}

/// A step of a participation.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = participation_events)]
#[serde(rename_all = "camelCase")]
pub struct ParticipationEventView {
    /// Id.
    pub id: Uuid,
    /// What happened.
    pub kind: ParticipationStep,
    /// Day from which it holds; of an end, the last day.
    pub effective_on: Day,
    /// The word of the reason of an end or a suspension.
    pub reason: Option<LongText>,
    /// Remarks.
    pub note: Option<LongText>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Client that recorded it.
    pub recorded_by: Uuid,
}

/// Filters of participations.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ParticipationFilter {
    /// Only participations in this edition.
    pub edition_id: Option<Uuid>,
    /// Only participations of this person.
    pub person_id: Option<Uuid>,
    /// Only participations that stand so.
    #[param(inline)]
    pub state: Option<ParticipationState>,
    /// Only participations that cover this day: until their end, or their planned end while they run.
    #[param(inline)]
    pub active_on: Option<Day>,
}

/// A step to be appended to the history.
#[derive(Debug, Insertable)]
#[diesel(table_name = participation_events)]
pub(super) struct NewStep<'a> {
    pub participation_id: Uuid,
    pub kind: ParticipationStep,
    pub effective_on: Day,
    pub reason: Option<&'a str>,
    pub note: Option<&'a str>,
}

/// The days and the standing of a participation, as the rules of its files need them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = participations)]
pub struct Stay {
    /// Id.
    pub id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Who takes part.
    pub person_id: Uuid,
    /// Number of the place.
    pub seat: Option<i32>,
    /// First day.
    pub starts_on: Day,
    /// Planned last day.
    pub planned_end_on: Day,
    /// Last day.
    pub ended_on: Option<Day>,
    /// Where it stands.
    pub state: ParticipationState,
    /// Version.
    pub row_version: i32,
}

impl Stay {
    /// That of a participation as callers see it.
    pub(super) fn of(view: &ParticipationView) -> Self {
        let ParticipationView {
            id, edition_id, person_id, seat, starts_on, planned_end_on, ended_on, state, row_version, ..
        } = *view;
        Self { id, edition_id, person_id, seat, starts_on, planned_end_on, ended_on, state, row_version }
    }

    /// The last day: of the end, or as planned while it runs.
    pub fn last_on(&self) -> Day {
        self.ended_on.unwrap_or(self.planned_end_on)
    }

    /// Whether the day belongs to the participation.
    pub fn covers(&self, day: Day) -> bool {
        (self.starts_on..=self.last_on()).contains(&day)
    }
}

/// Lists participations.
#[utoipa::path(tag = "participations", params(ParticipationFilter, PageQuery),
    responses((status = 200, body = Page<ParticipationView>, description = "A page of participations")))]
#[get("/participations")]
async fn list_participations(permit: Permit<ListParticipations>, filter: Filter<ParticipationFilter>) -> Result<Reply, Problem> {
    permit.list(|participation: &ParticipationView| participation.id, move |tx, window| select_page(tx, window, filter.0)).await
}

/// Reads a participation.
///
/// Also says who took the place over, when the participation rested and how it was prolonged.
#[utoipa::path(tag = "participations", params(("id" = Uuid, Path, description = "Participation")),
    responses((status = 200, body = ParticipationDetailView, description = "The participation")))]
#[get("/participations/{id}")]
async fn get_participation(permit: Permit<GetParticipation>, id: PathId) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let participation = get_view(tx, id.0)?;
            let ended_on = participation.ended_on;
            Ok(ParticipationDetailView {
                participation,
                replaced_by_id: find_replacement(tx, id.0)?,
                suspensions: suspensions_of(tx, id.0, ended_on)?,
                prolongations: prolongations_of(tx, id.0)?,
            })
        })
        .await
}

/// Lists the steps of a participation.
#[utoipa::path(tag = "participations", params(("id" = Uuid, Path, description = "Participation"), PageQuery),
    responses((status = 200, body = Page<ParticipationEventView>, description = "A page of its history")))]
#[get("/participations/{id}/events")]
async fn list_participation_events(permit: Permit<ListParticipationEvents>, id: PathId) -> Result<Reply, Problem> {
    permit
        .list(
            |event: &ParticipationEventView| event.id,
            move |tx, window| {
                get_view(tx, id.0)?;
                Ok(participation_events::table
                    .filter(own(tx, participation_events::tenant_id))
                    .filter(participation_events::participation_id.eq(id.0))
                    .filter(participation_events::id.gt(window.after))
                    .order(participation_events::id)
                    .limit(window.rows())
                    .select(ParticipationEventView::as_select())
                    .load(tx.conn)?)
            },
        )
        .await
}

/// Locks a participation until the end of the transaction.
///
/// Whoever adds or ends something by the days of a participation takes this lock
/// first: otherwise hours could be logged while the participation ends before them.
///
/// # Errors
/// `platform.not_found` when the tenant has no such participation.
pub fn lock_participation(tx: &mut Tx, id: Uuid) -> Result<Stay, Problem> {
    Ok(participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::id.eq(id))
        .select(Stay::as_select())
        .for_update()
        .first(tx.conn)?)
}

/// Reads a participation.
///
/// # Errors
/// `platform.not_found` when the tenant has no such participation, or the caller may not see the person.
pub fn get_view(tx: &mut Tx, id: Uuid) -> Result<ParticipationView, Problem> {
    let view: ParticipationView = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::id.eq(id))
        .select(ParticipationView::as_select())
        .first(tx.conn)?;
    expect_in_sight(tx, view.person_id)?;
    Ok(view)
}

pub(super) fn find_replacement(tx: &mut Tx, id: Uuid) -> Result<Option<Uuid>, Problem> {
    Ok(participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::replaces_id.eq(id))
        .select(participations::id)
        .first(tx.conn)
        .optional()?)
}

pub(super) fn append_step(tx: &mut Tx, step: &NewStep) -> Result<(), Problem> {
    let id = tx.id_or_new(None);
    diesel::insert_into(participation_events::table).values((step, participation_events::id.eq(id))).execute(tx.conn)?;
    Ok(())
}

/// A place of an edition that somebody may have, and the days on it.
pub(super) type Seated = (Option<i32>, Period);

/// Places and days of an edition's participations that share a day with `wanted`.
pub(super) fn list_stays_in_edition(tx: &mut Tx, edition: Uuid, wanted: Period) -> Result<Vec<Seated>, Problem> {
    let stays: Vec<Stay> = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::edition_id.eq(edition))
        .filter(participations::starts_on.le(wanted.to()))
        .select(Stay::as_select())
        .load(tx.conn)?;
    let seated = |stay: &Stay| days_of(stay).filter(|days| days.overlaps(wanted)).map(|days| (stay.seat, days));
    Ok(stays.iter().filter_map(seated).collect())
}

/// Days of a person's participations in an edition and in the editions of its group.
pub(super) fn list_stays_of_person(
    tx: &mut Tx,
    person: Uuid,
    edition: Uuid,
    group: Option<&Code>,
) -> Result<PersonStays, Problem> {
    let rows: Vec<(Stay, Option<Code>)> = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::person_id.eq(person))
        .select((Stay::as_select(), participations::cumulative_group))
        .load(tx.conn)?;
    let in_group = |other: &Option<Code>| group.is_some() && other.as_ref() == group;
    Ok(PersonStays {
        of_group: rows.iter().filter(|(_, other)| in_group(other)).filter_map(|(stay, _)| days_of(stay)).collect(),
        excluding: rows
            .iter()
            .filter(|(stay, other)| stay.edition_id == edition || in_group(other))
            .filter_map(|(stay, _)| days_of(stay))
            .collect(),
    })
}

/// Participations of one person, by what they matter for.
#[derive(Debug)]
pub(super) struct PersonStays {
    /// Those that count together with one of the group.
    pub of_group: Vec<Period>,
    /// Those at whose time the person cannot take part again.
    pub excluding: Vec<Period>,
}

fn days_of(stay: &Stay) -> Option<Period> {
    Period::new(stay.starts_on, stay.last_on()).ok()
}

fn select_page(tx: &mut Tx, window: Window, filter: ParticipationFilter) -> Result<Vec<ParticipationView>, Problem> {
    let mut query =
        participations::table.filter(own(tx, participations::tenant_id)).filter(participations::id.gt(window.after)).into_boxed();
    if let Some(in_sight) = people_in_sight(tx)? {
        query = query.filter(participations::person_id.eq_any(in_sight));
    }
    if let Some(edition) = filter.edition_id {
        query = query.filter(participations::edition_id.eq(edition));
    }
    if let Some(person) = filter.person_id {
        query = query.filter(participations::person_id.eq(person));
    }
    if let Some(state) = filter.state {
        query = query.filter(participations::state.eq(state));
    }
    if let Some(day) = filter.active_on {
        let running = participations::ended_on.is_null().and(participations::planned_end_on.ge(day));
        query = query.filter(participations::starts_on.le(day)).filter(participations::ended_on.ge(day).or(running.nullable()));
    }
    Ok(query.order(participations::id).limit(window.rows()).select(ParticipationView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_participations).service(get_participation).service(list_participation_events);
}
