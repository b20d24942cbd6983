//! Calendars for other programs (iCalendar, RFC 5545): one of a group, of a leader or of a participant, each behind an
//! address that nobody can guess. Whoever knows the address reads it; it is shown once and can be revoked.

mod ics;
mod reading;
mod timetable;

use actix_web::web::Data;
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use reading::{CalendarLimit, read_calendar};

use self::reading::Token;
use super::{FEED_REVOKED, FEED_SUBJECT};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::oauth::TokenEndpoint;
use crate::platform::paging::{Page, PageQuery};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateCalendarFeed, GetCalendarFeed, ListCalendarFeeds, RevokeCalendarFeed};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Code, ShortText, text_enum};
use crate::schema::calendar_feeds;

text_enum! {
    /// Whose sessions a calendar shows.
    pub enum FeedKind {
        /// Those of a group, and those for all of its edition.
        Group = "group",
        /// Those that somebody leads, in all editions.
        Facilitator = "facilitator",
        /// Those that a participant is expected at.
        Participation = "participation",
    }
}

/// Whose calendar is wanted: exactly one of the three.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "groupId": examples::GROUP }))]
pub struct CalendarFeedBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Group.
    pub group_id: Option<Uuid>,
    /// The centre's own code of a leader.
    pub facilitator: Option<Code>,
    /// Participation.
    pub participation_id: Option<Uuid>,
}

/// A calendar, without its address.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = calendar_feeds)]
#[serde(rename_all = "camelCase")]
pub struct CalendarFeedView {
    /// Id.
    pub id: Uuid,
    /// Whose sessions it shows.
    pub kind: FeedKind,
    /// Group.
    pub group_id: Option<Uuid>,
    /// The centre's own code of a leader.
    pub facilitator: Option<Code>,
    /// Participation.
    pub participation_id: Option<Uuid>,
    /// When its address was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Why it was revoked.
    pub revocation_reason: Option<ShortText>,
    /// When it was made.
    pub recorded_at: DateTime<Utc>,
}

impl View for CalendarFeedView {}

/// A new calendar with its address, which is shown this once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CalendarFeedCreatedView {
    /// The calendar.
    #[serde(flatten)]
    pub feed: CalendarFeedView,
    /// The address to subscribe to. Whoever knows it reads the calendar: hand it on as a secret.
    #[schema(max_length = 2000)]
    pub calendar_url: String,
}

impl View for CalendarFeedCreatedView {}

/// Why an address is revoked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "reason": "adres trafił do niewłaściwej osoby" }))]
pub struct FeedRevocationBody {
    /// Why; no names of people.
    pub reason: ShortText,
}

/// Makes a calendar of a group, a leader or a participant.
///
/// The answer carries `calendarUrl`, once: only a hash of it is kept. It shows
/// day, time, place, theme and form of sessions, moved and cancelled ones too,
/// and nobody's name. It ends when it is revoked, or with the client that made
/// it. A repeated call with the same Idempotency-Key shows the address again
/// for as long as answers are kept.
#[utoipa::path(tag = "calendar-feeds", request_body = CalendarFeedBody,
    responses((status = 201, body = CalendarFeedCreatedView, description = "The calendar and its address")))]
#[post("/calendar-feeds")]
async fn create_calendar_feed(
    permit: Permit<CreateCalendarFeed>,
    endpoint: Data<TokenEndpoint>,
    body: Body<CalendarFeedBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("calendar_feed", [id]);
            let kind = kind_of(body).ok_or_else(|| FEED_SUBJECT.problem())?;
            let token = Token::new(tx.tenant()).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
            let feed: CalendarFeedView = diesel::insert_into(calendar_feeds::table)
                .values((
                    calendar_feeds::id.eq(id),
                    calendar_feeds::kind.eq(kind),
                    calendar_feeds::group_id.eq(body.group_id),
                    calendar_feeds::facilitator.eq(body.facilitator.clone()),
                    calendar_feeds::participation_id.eq(body.participation_id),
                    calendar_feeds::token_hash.eq(token.hash().to_vec()),
                ))
                .returning(CalendarFeedView::as_returning())
                .get_result(tx.conn)?;
            let calendar_url = format!("{}/calendar/{}.ics", endpoint.base, token.text());
            Ok(Written::created(format!("/calendar-feeds/{id}"), CalendarFeedCreatedView { feed, calendar_url }))
        })
        .await
}

/// Lists the calendars, the revoked ones too, without their addresses.
#[utoipa::path(tag = "calendar-feeds", params(PageQuery),
    responses((status = 200, body = Page<CalendarFeedView>, description = "A page of calendars")))]
#[get("/calendar-feeds")]
async fn list_calendar_feeds(permit: Permit<ListCalendarFeeds>) -> Result<Reply, Problem> {
    permit
        .list(
            |feed: &CalendarFeedView| feed.id,
            |tx, window| {
                Ok(calendar_feeds::table
                    .filter(own(tx, calendar_feeds::tenant_id))
                    .filter(calendar_feeds::id.gt(window.after))
                    .order(calendar_feeds::id)
                    .limit(window.rows())
                    .select(CalendarFeedView::as_select())
                    .load(tx.conn)?)
            },
        )
        .await
}

/// Reads a calendar's entry, without its address.
#[utoipa::path(tag = "calendar-feeds", params(("id" = Uuid, Path, description = "Calendar")),
    responses((status = 200, body = CalendarFeedView, description = "The calendar")))]
#[get("/calendar-feeds/{id}")]
async fn get_calendar_feed(permit: Permit<GetCalendarFeed>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_feed(tx, id.0)).await
}

/// Revokes the address of a calendar for good; from then on it is answered like one that never was.
#[utoipa::path(tag = "calendar-feeds", request_body = FeedRevocationBody, params(("id" = Uuid, Path, description = "Calendar")),
    responses((status = 200, body = CalendarFeedView, description = "The calendar as it is now")))]
#[post("/calendar-feeds/{id}/revocation")]
async fn revoke_calendar_feed(
    permit: Permit<RevokeCalendarFeed>,
    id: PathId,
    body: Body<FeedRevocationBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("calendar_feed", [id.0]);
            find_feed(tx, id.0)?;
            let open = calendar_feeds::table
                .filter(own(tx, calendar_feeds::tenant_id))
                .filter(calendar_feeds::id.eq(id.0))
                .filter(calendar_feeds::revoked_at.is_null());
            let revoked: Option<CalendarFeedView> = diesel::update(open)
                .set((calendar_feeds::revoked_at.eq(tx.now()), calendar_feeds::revocation_reason.eq(&body.reason)))
                .returning(CalendarFeedView::as_returning())
                .get_result(tx.conn)
                .optional()?;
            revoked.map(Written::changed).ok_or_else(|| FEED_REVOKED.problem())
        })
        .await
}

fn kind_of(body: &CalendarFeedBody) -> Option<FeedKind> {
    match (body.group_id, &body.facilitator, body.participation_id) {
        (Some(_), None, None) => Some(FeedKind::Group),
        (None, Some(_), None) => Some(FeedKind::Facilitator),
        (None, None, Some(_)) => Some(FeedKind::Participation),
        _ => None,
    }
}

fn find_feed(tx: &mut Tx, id: Uuid) -> Result<CalendarFeedView, Problem> {
    Ok(calendar_feeds::table
        .filter(own(tx, calendar_feeds::tenant_id))
        .filter(calendar_feeds::id.eq(id))
        .select(CalendarFeedView::as_select())
        .first(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_calendar_feed).service(list_calendar_feeds).service(get_calendar_feed).service(revoke_calendar_feed);
}
