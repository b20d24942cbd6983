//! Milestones, meetings, trips, monitoring and notes of an edition (art. 62a(3)
//! and (7)(5) of the Act of 20 April 2004); append-only.

use actix_web::{get, post};
use chrono::{DateTime, Months, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::day_bounds::expect_within;
use super::editions::expect_edition;
use super::facts::get_edition_facts;
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListEditionEvents, RecordEditionEvent};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{DatePrecision, Day, LongText, ShortText, between, text_enum};
use crate::schema::edition_events;

/// How many years before its first day something can have happened to an edition.
const YEARS_BEFORE: u32 = 10;

text_enum! {
    /// What happened to an edition.
    pub enum EditionEventKind {
        /// It was planned.
        Planned = "planned",
        /// The county's labour-market council gave its opinion (art. 62a(3)).
        CouncilOpinion = "councilOpinion",
        /// Recruitment began.
        RecruitmentOpened = "recruitmentOpened",
        /// Recruitment ended.
        RecruitmentClosed = "recruitmentClosed",
        /// The list of eligible persons was sent to the labour office.
        ListSent = "listSent",
        /// It started.
        Started = "started",
        /// It was monitored.
        Monitoring = "monitoring",
        /// A meeting was held.
        Meeting = "meeting",
        /// An information meeting was held (Polish: spotkanie informacyjne).
        InformationMeeting = "informationMeeting",
        /// A fair was held (Polish: targi pracy, festyn).
        Fair = "fair",
        /// Participants went on a trip (Polish: wycieczka, wizyta studyjna).
        Trip = "trip",
        /// The closing meeting was held (Polish: spotkanie podsumowujące).
        ClosingMeeting = "closingMeeting",
        /// A report was made.
        Report = "report",
        /// Something was published.
        Publication = "publication",
        /// Participants were referred to further support.
        FollowUpReferral = "followUpReferral",
        /// It was evaluated.
        Evaluation = "evaluation",
        /// It was cancelled.
        Cancelled = "cancelled",
        /// It was closed.
        Closed = "closed",
        /// Anything else.
        Other = "other",
    }
}

/// An event of an edition, as recorded.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = edition_events)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "kind": "informationMeeting", "occurredOn": "2026-06-12", "place": "Sala konferencyjna ośrodka", "participantCount": 24 }))]
pub struct EditionEventBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// What happened.
    pub kind: EditionEventKind,
    /// When it happened: at most ten years before the edition begins, and no later than its end or today.
    pub occurred_on: Day,
    /// How exactly that is known.
    #[serde(default)]
    pub occurred_precision: DatePrecision,
    /// Its outcome.
    pub outcome: Option<ShortText>,
    /// Where it was.
    pub place: Option<ShortText>,
    /// How many people came; left out where it was not counted, which is not zero.
    #[serde(default, deserialize_with = "between::<0, 100_000, _, _>")]
    #[schema(minimum = 0, maximum = 100_000)]
    pub participant_count: Option<i32>,
    /// Initials or function of the author.
    pub author: Option<ShortText>,
    /// Remarks; no personal data.
    pub note: Option<LongText>,
}

/// An event of an edition.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = edition_events)]
#[serde(rename_all = "camelCase")]
pub struct EditionEventView {
    /// Id.
    pub id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// What happened.
    pub kind: EditionEventKind,
    /// When it happened.
    pub occurred_on: Day,
    /// How exactly that is known.
    pub occurred_precision: DatePrecision,
    /// Its outcome.
    pub outcome: Option<ShortText>,
    /// Where it was.
    pub place: Option<ShortText>,
    /// How many people came; `null` where it was not counted.
    #[schema(minimum = 0, maximum = 100_000)]
    pub participant_count: Option<i32>,
    /// Initials or function of the author.
    pub author: Option<ShortText>,
    /// Remarks.
    pub note: Option<LongText>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl View for EditionEventView {}

/// Records an event of an edition.
#[utoipa::path(tag = "editions", request_body = EditionEventBody, params(("id" = Uuid, Path, description = "Edition")), responses((status = 201, body = EditionEventView, description = "The event")))]
#[post("/editions/{id}/events")]
async fn record_edition_event(
    permit: Permit<RecordEditionEvent>,
    id: PathId,
    body: Body<EditionEventBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let event = tx.id_or_new(body.id);
            tx.touch("edition_event", [event]);
            let edition = get_edition_facts(tx, id.0)?;
            let (starts_on, ends_on) = (edition.starts_on.date(), edition.ends_on.date());
            // It may have been prepared for long, and may be reported on long after; what is agreed ahead lies within it.
            expect_within(body.occurred_on, starts_on - Months::new(12 * YEARS_BEFORE), ends_on.max(tx.today()), "/occurredOn")?;
            let view = diesel::insert_into(edition_events::table)
                .values((body, edition_events::id.eq(event), edition_events::edition_id.eq(id.0)))
                .returning(EditionEventView::as_returning())
                .get_result(tx.conn)?;
            Ok(Written::created(format!("/editions/{}/events", id.0), view))
        })
        .await
}

/// Lists the events of an edition.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"), PageQuery), responses((status = 200, body = Page<EditionEventView>, description = "A page of events")))]
#[get("/editions/{id}/events")]
async fn list_edition_events(permit: Permit<ListEditionEvents>, id: PathId) -> Result<Reply, Problem> {
    permit.list(|event: &EditionEventView| event.id, move |tx, window| select_events(tx, id.0, window)).await
}

fn select_events(tx: &mut Tx, edition: Uuid, window: Window) -> Result<Vec<EditionEventView>, Problem> {
    expect_edition(tx, edition)?;
    Ok(edition_events::table
        .filter(own(tx, edition_events::tenant_id))
        .filter(edition_events::edition_id.eq(edition))
        .filter(edition_events::id.gt(window.after))
        .order(edition_events::id)
        .limit(window.rows())
        .select(EditionEventView::as_select())
        .load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_edition_event).service(list_edition_events);
}
