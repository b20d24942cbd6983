//! When the result of a ranking was made known, and until when it may be appealed against.
//!
//! No act sets a deadline for such appeals: the rules of recruitment do, so it is stated with the scoring rules, in
//! days. They run from the announcement, not counting its day, and a last day on a Saturday or a day off work moves to
//! the next working day (art. 57 § 1 and 4 of the Code of Administrative Procedure, as rules of recruitment refer to
//! it). What the last day came to is kept, so that neither later rules nor a later calendar move it.

use actix_web::post;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::views::{Protocol, ProtocolView, find_adoption};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::permit::Permit;
use crate::platform::policy::{AnnounceRanking, Role};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::public_holidays::moved_on;
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, text_enum};
use crate::programmes::facts::{before_closing, lock_edition};
use crate::recruitment::{
    NOT_ADOPTED, OUT_OF_ORDER, Override, RANKING_ANNOUNCED_ALREADY, RANKING_APPEAL_LATE, RESTORATION_NOT_NEEDED, Reason,
};
use crate::schema::{ranking_announcements, scoring_rules};

text_enum! {
    /// Whether a ranking may still be appealed against.
    pub enum AppealStanding {
        /// The rules set no deadline.
        NoDeadline = "noDeadline",
        /// The rules set one, which does not run before the result is announced.
        NotAnnounced = "notAnnounced",
        /// The last day is to come.
        Open = "open",
        /// The last day has passed; only a coordinator can still take an appeal, with a reason.
        Over = "over",
    }
}

/// An announcement of a result.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "announcedOn": "2026-06-03", "correctionReason": "Listę wywieszono dzień później" }))]
pub struct RankingAnnouncementBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// Day on which the result was made known to the candidates; not before its adoption.
    pub announced_on: Day,
    /// Why the day recorded before was wrong, or the result was announced again; needed from the second on.
    pub correction_reason: Option<Reason>,
}

/// An announcement as it is kept.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = ranking_announcements)]
#[serde(rename_all = "camelCase")]
pub struct RankingAnnouncementView {
    /// Id.
    pub id: Uuid,
    /// Day on which the result was made known.
    pub announced_on: Day,
    /// Last day for appeals; null where there is no deadline.
    pub appeals_until: Option<Day>,
    /// Why it takes the place of the one before.
    pub correction_reason: Option<Reason>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Client that recorded it.
    pub recorded_by: Uuid,
}

/// Until when a ranking may be appealed against.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppealTermView {
    /// Whether it may be, today.
    pub standing: AppealStanding,
    /// Days after the announcement, by the rules that the protocol was made by; null where they set none.
    #[schema(minimum = 1, maximum = 366)]
    pub days: Option<i32>,
    /// Last day; null where there is no deadline, and before the announcement.
    pub last_day: Option<Day>,
    /// Announcements, the one that holds last.
    #[schema(max_items = 100)]
    pub announcements: Vec<RankingAnnouncementView>,
}

impl AppealTermView {
    /// The term of a protocol, as it stands today.
    pub(super) fn read(tx: &mut Tx, protocol: Uuid, rules: Uuid) -> Result<Self, Problem> {
        let days: Option<i32> = scoring_rules::table
            .filter(own(tx, scoring_rules::tenant_id))
            .filter(scoring_rules::id.eq(rules))
            .select(scoring_rules::appeal_days)
            .first(tx.conn)?;
        let announcements = announcements_of(tx, protocol)?;
        let last_day = announcements.last().and_then(|announced| announced.appeals_until);
        let standing = match (days, last_day) {
            (None, _) => AppealStanding::NoDeadline,
            (Some(_), None) => AppealStanding::NotAnnounced,
            (Some(_), Some(last)) if last.date() < tx.today() => AppealStanding::Over,
            _ => AppealStanding::Open,
        };
        Ok(Self { standing, days, last_day, announcements })
    }
}

fn announcements_of(tx: &mut Tx, protocol: Uuid) -> Result<Vec<RankingAnnouncementView>, Problem> {
    Ok(ranking_announcements::table
        .filter(own(tx, ranking_announcements::tenant_id))
        .filter(ranking_announcements::protocol_id.eq(protocol))
        .order((ranking_announcements::recorded_at, ranking_announcements::id))
        .select(RankingAnnouncementView::as_select())
        .load(tx.conn)?)
}

/// Records the day on which the result of an adopted ranking was made known, from which the days for appeals run.
///
/// Where the rules of the protocol set no days for appeals there is no deadline, and the protocol says so. A day that
/// was wrong is recorded again with its reason; the last one recorded holds, for appeals that come afterwards.
#[utoipa::path(tag = "ranking-protocols", request_body = RankingAnnouncementBody, params(("id" = Uuid, Path, description = "Protocol")),
    responses((status = 201, body = ProtocolView, description = "The protocol with the last day for appeals")))]
#[post("/ranking-protocols/{id}/announcements")]
async fn announce_ranking(
    permit: Permit<AnnounceRanking>,
    protocol: PathId,
    body: Body<RankingAnnouncementBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("ranking_announcement", [id, protocol.0]);
            announce(tx, id, protocol.0, body)?;
            Ok(Written::created(format!("/ranking-protocols/{}", protocol.0), ProtocolView::read(tx, protocol.0)?))
        })
        .await
}

fn announce(tx: &mut Tx, id: Uuid, protocol: Uuid, body: &RankingAnnouncementBody) -> Result<(), Problem> {
    let protocol = Protocol::find(tx, protocol)?;
    // Appeals lock the edition, too, so that none is judged by a day that is just being replaced.
    let edition = lock_edition(tx, protocol.edition_id)?;
    tx.expect_past(body.announced_on, "/announcedOn")?;
    before_closing(edition.closed_on, body.announced_on, "/announcedOn")?;
    let adoption = find_adoption(tx, protocol.id)?.ok_or_else(|| NOT_ADOPTED.problem())?;
    if body.announced_on < adoption.adopted_on {
        return Err(OUT_OF_ORDER.at("/announcedOn").with("earliest", adoption.adopted_on.to_string()));
    }
    let term = AppealTermView::read(tx, protocol.id, protocol.rules_id)?;
    if let (Some(known), None) = (term.announcements.last(), &body.correction_reason) {
        return Err(RANKING_ANNOUNCED_ALREADY.at("/correctionReason").with("announcedOn", known.announced_on.to_string()));
    }
    let until = term.days.map(|days| last_day(body.announced_on, days)).transpose()?;
    diesel::insert_into(ranking_announcements::table)
        .values((
            ranking_announcements::id.eq(id),
            ranking_announcements::protocol_id.eq(protocol.id),
            ranking_announcements::announced_on.eq(body.announced_on),
            ranking_announcements::appeals_until.eq(until),
            ranking_announcements::correction_reason.eq(&body.correction_reason),
        ))
        .execute(tx.conn)?;
    let data =
        json!({ "editionId": edition.id, "protocolId": protocol.id, "announcedOn": body.announced_on, "appealsUntil": until });
    tx.announce("edition", edition.id, "edition.ranking_announced", data);
    Ok(())
}

fn last_day(announced_on: Day, days: i32) -> Result<Day, Problem> {
    let nominal = announced_on.plus_days(u32::try_from(days).unwrap_or_default());
    nominal.and_then(moved_on).map_err(|error| catalogue::INTERNAL.problem().because(error))
}

/// Refuses an appeal after the last day, unless a coordinator restores the deadline; answers the reason that it was restored for.
/// A deadline that is not over cannot be restored.
pub(super) fn expect_in_time<'r>(
    tx: &mut Tx,
    protocol: &Protocol,
    lodged_on: Day,
    restoration: Option<&'r Override>,
) -> Result<Option<&'r Reason>, Problem> {
    let term = AppealTermView::read(tx, protocol.id, protocol.rules_id)?;
    let Some(last) = term.last_day.filter(|last| *last < lodged_on) else {
        return if restoration.is_some() { Err(RESTORATION_NOT_NEEDED.at("/restoration")) } else { Ok(None) };
    };
    match (tx.caller.role, restoration) {
        (Role::Coordinator, Some(restoration)) => {
            tx.note_override(restoration.reason.as_str());
            Ok(Some(&restoration.reason))
        }
        _ => Err(RANKING_APPEAL_LATE
            .at("/lodgedOn")
            .with("lastDay", last.to_string())
            .with("mayRestore", Role::Coordinator.as_str())),
    }
}

/// Adds the route.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(announce_ranking);
}
