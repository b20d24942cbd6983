//! Where participants are referred on: a club or centre of integration (Polish: KIS, CIS), the labour office, others.
//!
//! That somebody was referred does not say that they came: whether they took
//! it up is an answer of its own, and `unknown` until somebody knows.

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::subjects::{get_subject, supersede};
use crate::platform::body::{Body, Filter};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListOnwardReferrals, RecordOnwardReferral};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText, text_enum};
use crate::schema::onward_referrals;

text_enum! {
    /// Where a participant is referred on.
    pub enum ReferralDestination {
        /// Club of social integration (Polish: KIS).
        IntegrationClub = "integrationClub",
        /// Centre of social integration (Polish: CIS).
        IntegrationCentre = "integrationCentre",
        /// Further work with the social-assistance centre.
        SocialAssistance = "socialAssistance",
        /// Services of the labour office (Polish: PUP).
        LabourOffice = "labourOffice",
        /// Training or school.
        Training = "training",
        /// Social co-operative.
        SocialCooperative = "socialCooperative",
        /// Supported employment (Polish: zatrudnienie wspierane).
        SupportedEmployment = "supportedEmployment",
        /// Non-governmental organisation.
        NonGovernmental = "nonGovernmental",
        /// Anything else.
        Other = "other",
    }
}

text_enum! {
    /// Whether a referral was taken up.
    pub enum TakeUp {
        /// The person came.
        TakenUp = "takenUp",
        /// The person did not come.
        NotTakenUp = "notTakenUp",
        /// Nobody knows yet.
        Unknown = "unknown",
    }
}

fn not_known() -> TakeUp {
    TakeUp::Unknown
}

/// A referral, as recorded or replaced by what came of it.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = onward_referrals)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "participationId": examples::PARTICIPATION, "destination": "integrationClub", "referredOn": "2026-06-10"
}))]
pub struct OnwardReferralBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Participation after or in which it was made.
    pub participation_id: Uuid,
    /// Where to.
    pub destination: ReferralDestination,
    /// Body that it leads to, where it is a partner.
    pub partner_id: Option<Uuid>,
    /// Day of the referral.
    pub referred_on: Day,
    /// Whether it was taken up.
    #[serde(default = "not_known")]
    pub take_up: TakeUp,
    /// Day on which it was taken up; given only with `takenUp`, not before the referral.
    pub taken_up_on: Option<Day>,
    /// Remarks; no personal data.
    pub note: Option<LongText>,
    /// Referral that this one replaces, such as by the answer whether it was taken up.
    pub supersedes_id: Option<Uuid>,
}

/// A referral.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = onward_referrals)]
#[serde(rename_all = "camelCase")]
pub struct OnwardReferralView {
    /// Id.
    pub id: Uuid,
    /// Edition of the participation.
    pub edition_id: Uuid,
    /// Participation after or in which it was made.
    pub participation_id: Uuid,
    /// Where to.
    pub destination: ReferralDestination,
    /// Body that it leads to.
    pub partner_id: Option<Uuid>,
    /// Day of the referral.
    pub referred_on: Day,
    /// Whether it was taken up.
    pub take_up: TakeUp,
    /// Day on which it was taken up.
    pub taken_up_on: Option<Day>,
    /// Remarks.
    pub note: Option<LongText>,
    /// Referral that this one replaces.
    pub supersedes_id: Option<Uuid>,
    /// When another took its place.
    pub superseded_at: Option<chrono::DateTime<chrono::Utc>>,
}

impl View for OnwardReferralView {}

/// Which referrals to list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct OnwardReferralFilter {
    /// Referrals of this edition.
    pub edition_id: Option<Uuid>,
    /// Referrals of this participation.
    pub participation_id: Option<Uuid>,
    /// Also those that were replaced.
    #[serde(default)]
    pub include_superseded: bool,
}

/// Records where a participant is referred on, or what came of it.
///
/// A participation has one current referral to a destination on a day; the answer whether it was taken up replaces it.
#[utoipa::path(tag = "onward-referrals", request_body = OnwardReferralBody,
    responses((status = 201, body = OnwardReferralView, description = "The referral")))]
#[post("/onward-referrals")]
async fn record_onward_referral(permit: Permit<RecordOnwardReferral>, body: Body<OnwardReferralBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("onward_referral", body.supersedes_id.into_iter().chain([id]));
            tx.expect_past(body.referred_on, "/referredOn")?;
            if let Some(day) = body.taken_up_on {
                tx.expect_past(day, "/takenUpOn")?;
            }
            let subject = get_subject(tx, body.participation_id)?;
            if let Some(earlier) = body.supersedes_id {
                supersede!(tx, onward_referrals, participation_id, earlier, body.participation_id);
            }
            let view = insert_onward_referral(tx, id, subject.edition_id, body)?;
            Ok(Written::created(format!("/onward-referrals?participationId={}", body.participation_id), view))
        })
        .await
}

/// Lists the onward referrals.
#[utoipa::path(tag = "onward-referrals", params(OnwardReferralFilter, PageQuery),
    responses((status = 200, body = Page<OnwardReferralView>, description = "A page of referrals")))]
#[get("/onward-referrals")]
async fn list_onward_referrals(
    permit: Permit<ListOnwardReferrals>,
    filter: Filter<OnwardReferralFilter>,
) -> Result<Reply, Problem> {
    permit.list(|referral: &OnwardReferralView| referral.id, move |tx, window| select_referrals(tx, window, &filter.0)).await
}

fn insert_onward_referral(
    tx: &mut Tx,
    id: Uuid,
    edition: Uuid,
    body: &OnwardReferralBody,
) -> Result<OnwardReferralView, Problem> {
    Ok(diesel::insert_into(onward_referrals::table)
        .values((body, onward_referrals::id.eq(id), onward_referrals::edition_id.eq(edition)))
        .returning(OnwardReferralView::as_returning())
        .get_result(tx.conn)?)
}

fn select_referrals(tx: &mut Tx, window: Window, filter: &OnwardReferralFilter) -> Result<Vec<OnwardReferralView>, Problem> {
    let mut query = onward_referrals::table
        .filter(own(tx, onward_referrals::tenant_id))
        .filter(onward_referrals::id.gt(window.after))
        .into_boxed();
    if let Some(edition) = filter.edition_id {
        query = query.filter(onward_referrals::edition_id.eq(edition));
    }
    if let Some(participation) = filter.participation_id {
        query = query.filter(onward_referrals::participation_id.eq(participation));
    }
    if !filter.include_superseded {
        query = query.filter(onward_referrals::superseded_at.is_null());
    }
    Ok(query.order(onward_referrals::id).limit(window.rows()).select(OnwardReferralView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_onward_referral).service(list_onward_referrals);
}
