//! Reading a calendar by its address, which is the only credential.
//!
//! An address that is wrong, revoked, or of a client that was revoked is answered alike. Every answer is in the register
//! of accesses, in the name of the client that made the calendar.

use std::net::IpAddr;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Data, Path};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, route};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use diesel::prelude::*;
use uuid::Uuid;

use super::ics::calendar;
use super::timetable::events;
use super::{CalendarFeedView, FeedKind};
use crate::platform::caller::Caller;
use crate::platform::clock::Clock;
use crate::platform::db::{Tx, own};
use crate::platform::keys::{KeyError, random_bytes};
use crate::platform::oauth::TokenEndpoint;
use crate::platform::permit::{RequestId, Service};
use crate::platform::policy::{READ_CALENDAR, Role};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::rate_limit::{Quota, RateLimit};
use crate::platform::secrets::digest;
use crate::schema::{calendar_feeds, clients};

/// Length of the part that nobody can guess. **Units**: bytes.
const SECRET: usize = 32;
/// Length of the part that says in which town to look. **Units**: bytes.
const TOWN: usize = 16;

/// Attempts of one address a minute: enough for a gateway with many readers behind it.
const ATTEMPTS: Quota = Quota { name: "calendar-attempts", limit: 120, window: TimeDelta::minutes(1) };
/// Readings of one calendar an hour; programs ask once or a few times.
const READINGS: Quota = Quota { name: "calendar", limit: 60, window: TimeDelta::hours(1) };

/// How often calendars may be asked for.
pub struct CalendarLimit {
    attempts: RateLimit<IpAddr>,
    readings: RateLimit<Uuid>,
}

impl CalendarLimit {
    /// The limits, with nothing counted yet.
    pub fn new(clock: Clock) -> Self {
        Self { attempts: RateLimit::new(ATTEMPTS, clock.clone()), readings: RateLimit::new(READINGS, clock) }
    }
}

/// The secret of an address: the town, so that only its rows are looked at, and what nobody can guess.
pub struct Token {
    bytes: [u8; TOWN + SECRET],
}

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new(tenant: Uuid) -> Result<Self, KeyError> {
        let mut bytes = [0; TOWN + SECRET];
        bytes[..TOWN].copy_from_slice(tenant.as_bytes());
        bytes[TOWN..].copy_from_slice(&random_bytes::<SECRET>()?);
        Ok(Self { bytes })
    }

    fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self { bytes: bytes.try_into().ok()? })
    }

    /// As it stands in the address.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes)
    }

    /// What is kept of it. A hash without salt is enough for 256 random bits.
    pub fn hash(&self) -> [u8; 32] {
        digest(&self.bytes)
    }

    fn tenant(&self) -> Uuid {
        let mut town = [0; TOWN];
        town.copy_from_slice(&self.bytes[..TOWN]);
        Uuid::from_bytes(town)
    }
}

/// A calendar in force, and the client that answers for it.
struct Open {
    feed: CalendarFeedView,
    client: Uuid,
    role: Role,
}

/// The calendar of an address, where neither it nor the client that made it was revoked.
fn open(tx: &mut Tx, hash: &[u8]) -> Result<Open, Problem> {
    let (feed, client): (CalendarFeedView, Uuid) = calendar_feeds::table
        .filter(own(tx, calendar_feeds::tenant_id))
        .filter(calendar_feeds::token_hash.eq(hash))
        .filter(calendar_feeds::revoked_at.is_null())
        .select((CalendarFeedView::as_select(), calendar_feeds::recorded_by))
        .first(tx.conn)?;
    let role: String = clients::table
        .filter(own(tx, clients::tenant_id))
        .filter(clients::id.eq(client))
        .filter(clients::revoked_at.is_null())
        .select(clients::role)
        .first(tx.conn)?;
    let role = Role::named(&role).ok_or_else(|| catalogue::INTERNAL.problem().because("unknown role in clients"))?;
    Ok(Open { feed, client, role })
}

/// Answers a calendar to whoever knows its address.
#[route("/calendar/{token}.ics", method = "GET", method = "HEAD")]
pub async fn read_calendar(
    request: HttpRequest,
    token: Path<String>,
    service: Data<Service>,
    endpoint: Data<TokenEndpoint>,
    limit: Data<CalendarLimit>,
) -> Result<HttpResponse, Problem> {
    limit.attempts.count(endpoint.proxies.caller_of(&request))?;
    let token = Token::read(&token).ok_or_else(|| catalogue::NOT_FOUND.problem())?;
    let (tenant, hash) = (token.tenant(), token.hash());
    let nobody = Caller { tenant, client: Uuid::nil(), role: Role::Auditor, host: None, facilitator: None, assistant: None };
    let found = service.read_for(nobody.clone(), move |tx| open(tx, &hash)).await?;
    limit.readings.count(found.feed.id)?;
    let owner = Caller { client: found.client, role: found.role, ..nobody };
    let request_id = request.extensions().get::<RequestId>().map_or(Uuid::nil(), |id| id.0);
    let text = service
        .read_on_record(owner, &READ_CALENDAR, request_id, move |tx| {
            let feed = open(tx, &hash)?.feed;
            tx.touch("calendar_feed", [feed.id]);
            if let Some(participation) = feed.participation_id.filter(|_| feed.kind == FeedKind::Participation) {
                tx.touch_too([participation]);
            }
            Ok(calendar(&events(tx, &feed)?))
        })
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/calendar; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, "inline; filename=\"harmonogram.ics\""))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .body(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_its_town_and_nothing_shorter_is_one() {
        let tenant = Uuid::from_u128(7);
        let token = Token::new(tenant).expect("randomness");
        let text = token.text();
        assert_eq!((text.len(), Token::read(&text).map(|token| token.tenant())), (64, Some(tenant)));
        assert_ne!(token.hash(), Token::new(tenant).expect("randomness").hash());
        for wrong in ["", "abc", &text[1..], &format!("{text}A"), "żżżż"] {
            assert!(Token::read(wrong).is_none(), "{wrong}");
        }
    }
}
