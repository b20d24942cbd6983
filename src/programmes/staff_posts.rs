//! Posts of a project (Polish: etaty): what share of full time, from when to when, paid from what.
//!
//! A post is a place of work, not a person: nobody is named. Posts are
//! append-only; what was wrong is corrected by a post that supersedes it.

use std::collections::BTreeMap;

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::agreements::FinancingSource;
use super::editions::programme_of;
use super::{POST_CORRECTION, POST_OF_ANOTHER_PROGRAMME};
use crate::platform::body::{Body, Filter};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{GetFullTimeEquivalents, ListStaffPosts, RecordStaffPost};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, FullTime, LongText, text_enum};
use crate::schema::staff_posts;

text_enum! {
    /// What somebody is employed as, or acts as.
    pub enum StaffKind {
        /// Coordinator of the project.
        Coordinator = "coordinator",
        /// Social worker (Polish: pracownik socjalny).
        SocialWorker = "socialWorker",
        /// Family assistant (Polish: asystent rodziny).
        FamilyAssistant = "familyAssistant",
        /// Client adviser of the labour office (Polish: doradca klienta).
        ClientAdviser = "clientAdviser",
        /// Vocational counsellor (Polish: doradca zawodowy).
        VocationalCounsellor = "vocationalCounsellor",
        /// Psychologist.
        Psychologist = "psychologist",
        /// Accountant (Polish: księgowy).
        Accountant = "accountant",
        /// Administration.
        Administration = "administration",
        /// Anything else.
        Other = "other",
    }
}

/// A post, as recorded; or a correction of an earlier one.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = staff_posts)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "programmeId": examples::PROGRAMME, "editionId": examples::EDITION, "kind": "familyAssistant", "fullTime": "0.50",
    "from": "2026-05-01", "to": "2026-06-30", "fundingSource": "ESF"
}))]
pub struct StaffPostBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Programme.
    pub programme_id: Uuid,
    /// Edition of that programme; left out where the post serves all of them.
    pub edition_id: Option<Uuid>,
    /// What somebody is employed as.
    pub kind: StaffKind,
    /// Share of a full-time post: more than 0 and at most 1.
    pub full_time: FullTime,
    /// First day.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Last day; open where no end is set.
    #[diesel(column_name = valid_to_on)]
    pub to: Option<Day>,
    /// Where the money comes from.
    pub funding_source: Option<FinancingSource>,
    /// Remarks; no names.
    pub note: Option<LongText>,
    /// Post that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// Why it is corrected; only and always with a correction.
    pub correction_reason: Option<LongText>,
}

/// A post.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = staff_posts)]
#[serde(rename_all = "camelCase")]
pub struct StaffPostView {
    /// Id.
    pub id: Uuid,
    /// Programme.
    pub programme_id: Uuid,
    /// Edition; `null` where the post serves the whole programme.
    pub edition_id: Option<Uuid>,
    /// What somebody is employed as.
    pub kind: StaffKind,
    /// Share of a full-time post.
    pub full_time: FullTime,
    /// First day.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Last day.
    #[diesel(column_name = valid_to_on)]
    pub to: Option<Day>,
    /// Where the money comes from.
    pub funding_source: Option<FinancingSource>,
    /// Remarks.
    pub note: Option<LongText>,
    /// Post that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// When a correction took its place.
    pub superseded_at: Option<DateTime<Utc>>,
    /// Why it corrects another.
    pub correction_reason: Option<LongText>,
}

impl View for StaffPostView {}

/// Which posts.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct StaffPostFilter {
    /// Of this programme, its editions included.
    programme_id: Option<Uuid>,
    /// Of this edition only.
    edition_id: Option<Uuid>,
    /// Of this kind.
    #[param(inline)]
    kind: Option<StaffKind>,
    /// Filled on this day.
    #[param(inline)]
    effective_on: Option<Day>,
    /// Also those that a correction has replaced.
    #[param(default = false)]
    include_superseded: Option<bool>,
}

/// Of what, and on which day, posts are added up.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct EquivalentsFilter {
    /// Programme: its own posts and those of its editions.
    #[param(example = json!(examples::PROGRAMME))]
    programme_id: Option<Uuid>,
    /// Edition: its own posts only.
    edition_id: Option<Uuid>,
    /// The day.
    #[param(inline, example = "2026-06-01")]
    effective_on: Day,
}

/// Posts of one kind, added up.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KindOfPostView {
    /// What somebody is employed as.
    pub kind: StaffKind,
    /// Posts.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub posts: usize,
    /// Their shares of full time, added up exactly.
    pub full_time: FullTime,
}

/// Posts of a day, added up.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FullTimeEquivalentsView {
    /// The day.
    pub effective_on: Day,
    /// Posts.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub posts: usize,
    /// Their shares of full time, added up exactly.
    pub full_time: FullTime,
    /// The same by kind; together they are the whole.
    #[schema(max_items = 9)]
    pub by_kind: Vec<KindOfPostView>,
}

impl View for FullTimeEquivalentsView {}

/// Records a post of a programme or of one of its editions, or corrects one.
///
/// The end of a post is a correction with `to`.
#[utoipa::path(tag = "staff-posts", request_body = StaffPostBody,
    responses((status = 201, body = StaffPostView, description = "The post")))]
#[post("/staff-posts")]
async fn record_staff_post(permit: Permit<RecordStaffPost>, body: Body<StaffPostBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("staff_post", [id]);
            if body.supersedes_id.is_some() != body.correction_reason.is_some() {
                return Err(POST_CORRECTION.at("/correctionReason"));
            }
            if let Some(edition) = body.edition_id {
                let programme = programme_of(tx, edition)?.ok_or_else(|| catalogue::REFERENCE_NOT_FOUND.at("/editionId"))?;
                if programme != body.programme_id {
                    return Err(POST_OF_ANOTHER_PROGRAMME.at("/editionId"));
                }
            }
            if let Some(earlier) = body.supersedes_id {
                supersede_post(tx, body.programme_id, earlier)?;
            }
            let view = insert_post(tx, id, body)?;
            tx.announce("programme", body.programme_id, "staff_post.recorded", json!({ "staffPostId": id }));
            Ok(Written::created("/staff-posts", view))
        })
        .await
}

/// Lists the posts.
#[utoipa::path(tag = "staff-posts", params(StaffPostFilter, PageQuery),
    responses((status = 200, body = Page<StaffPostView>, description = "A page of posts")))]
#[get("/staff-posts")]
async fn list_staff_posts(permit: Permit<ListStaffPosts>, filter: Filter<StaffPostFilter>) -> Result<Reply, Problem> {
    permit.list(|post: &StaffPostView| post.id, move |tx, window| select_posts(tx, &filter.0, Some(window))).await
}

/// Adds up the posts of a day: full-time equivalents (Polish: liczba etatów).
#[utoipa::path(tag = "staff-posts", params(EquivalentsFilter),
    responses((status = 200, body = FullTimeEquivalentsView, description = "The sum, and by kind")))]
#[get("/staff-posts/full-time-equivalents")]
async fn get_full_time_equivalents(
    permit: Permit<GetFullTimeEquivalents>,
    filter: Filter<EquivalentsFilter>,
) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let EquivalentsFilter { programme_id, edition_id, effective_on } = filter.0;
            let on_the_day = StaffPostFilter {
                programme_id,
                edition_id,
                kind: None,
                effective_on: Some(effective_on),
                include_superseded: None,
            };
            Ok(added_up(effective_on, &select_posts(tx, &on_the_day, None)?))
        })
        .await
}

fn added_up(effective_on: Day, posts: &[StaffPostView]) -> FullTimeEquivalentsView {
    let mut by_kind: BTreeMap<StaffKind, Vec<FullTime>> = BTreeMap::new();
    for post in posts {
        by_kind.entry(post.kind).or_default().push(post.full_time);
    }
    let of_kind = |(kind, shares): (StaffKind, Vec<FullTime>)| KindOfPostView {
        kind,
        posts: shares.len(),
        full_time: shares.into_iter().sum(),
    };
    FullTimeEquivalentsView {
        effective_on,
        posts: posts.len(),
        full_time: posts.iter().map(|post| post.full_time).sum(),
        by_kind: by_kind.into_iter().map(of_kind).collect(),
    }
}

fn supersede_post(tx: &mut Tx, programme: Uuid, id: Uuid) -> Result<(), Problem> {
    let post = staff_posts::table
        .filter(own(tx, staff_posts::tenant_id))
        .filter(staff_posts::programme_id.eq(programme))
        .filter(staff_posts::id.eq(id));
    let marked = diesel::update(post.filter(staff_posts::superseded_at.is_null()))
        .set(staff_posts::superseded_at.eq(tx.now()))
        .execute(tx.conn)?;
    if marked == 1 {
        return Ok(());
    }
    let known: i64 = post.count().get_result(tx.conn)?;
    let definition = if known == 0 { &catalogue::REFERENCE_NOT_FOUND } else { &catalogue::ALREADY_SUPERSEDED };
    Err(definition.at("/supersedesId"))
}

fn insert_post(tx: &mut Tx, id: Uuid, body: &StaffPostBody) -> Result<StaffPostView, Problem> {
    Ok(diesel::insert_into(staff_posts::table)
        .values((body, staff_posts::id.eq(id)))
        .returning(StaffPostView::as_returning())
        .get_result(tx.conn)?)
}

/// The posts that the filter lets pass: a page of them, or all.
fn select_posts(tx: &mut Tx, filter: &StaffPostFilter, window: Option<Window>) -> Result<Vec<StaffPostView>, Problem> {
    let mut query = staff_posts::table.filter(own(tx, staff_posts::tenant_id)).into_boxed();
    if let Some(programme) = filter.programme_id {
        query = query.filter(staff_posts::programme_id.eq(programme));
    }
    if let Some(edition) = filter.edition_id {
        query = query.filter(staff_posts::edition_id.eq(edition));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(staff_posts::kind.eq(kind));
    }
    if let Some(day) = filter.effective_on {
        query = query
            .filter(staff_posts::valid_from_on.le(day))
            .filter(staff_posts::valid_to_on.is_null().or(staff_posts::valid_to_on.ge(day)));
    }
    if filter.include_superseded != Some(true) {
        query = query.filter(staff_posts::superseded_at.is_null());
    }
    if let Some(window) = window {
        query = query.filter(staff_posts::id.gt(window.after)).limit(window.rows());
    }
    Ok(query.order(staff_posts::id).select(StaffPostView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_staff_post).service(get_full_time_equivalents).service(list_staff_posts);
}
