//! Applications of candidates and their history.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::dsl::{auto_type, exists};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::applying_again::take_up_again;
use super::decisions::{Basis, Decision, RejectionReason, WithdrawalReason};
use super::receipt::{Referral, check_referral, is_outside};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{CreateApplication, GetApplication, ListApplicationEvents, ListApplications};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{DatePrecision, Day, LongText, ShortText, text_enum};
use crate::programmes::facts::{expect_open, find_recruitment};
use crate::schema::{application_events, applications, participations};

/// Steps that one statement appends; PostgreSQL takes 65,535 values at a time.
const STEPS_AT_ONCE: usize = 1000;

text_enum! {
    /// Where an application stands.
    pub enum ApplicationState {
        /// Received, not decided.
        Applied = "applied",
        /// Gets a place.
        Selected = "selected",
        /// Waits for a place.
        Reserve = "reserve",
        /// Gets no place.
        Rejected = "rejected",
        /// Taken back before a place was given.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// How an application came in.
    pub enum Channel {
        /// At the office.
        Counter = "counter",
        /// Through the labour office.
        LabourOffice = "labourOffice",
        /// Through a social worker.
        SocialWorker = "socialWorker",
        /// Electronically.
        Electronic = "electronic",
        /// By post.
        Post = "post",
        /// Otherwise.
        Other = "other",
    }
}

/// An application of a person to an edition.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = applications)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "editionId": crate::platform::examples::RECRUITING_EDITION,
    "personId": crate::platform::examples::NEWCOMER,
    "receivedOn": "2026-05-11",
    "channel": "counter"
}))]
pub struct ApplicationBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Edition applied to.
    pub edition_id: Uuid,
    /// Who applies.
    pub person_id: Uuid,
    /// Day of receipt.
    pub received_on: Day,
    /// How exactly the day is known.
    #[serde(default)]
    pub received_precision: DatePrecision,
    /// How it came in.
    pub channel: Option<Channel>,
    /// Referral by the labour office.
    #[diesel(embed)]
    pub referral: Option<Referral>,
}

/// An application and where it stands.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = applications)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationView {
    /// Id.
    pub id: Uuid,
    /// Edition applied to.
    pub edition_id: Uuid,
    /// Who applies.
    pub person_id: Uuid,
    /// Day of receipt.
    pub received_on: Day,
    /// How exactly the day is known.
    pub received_precision: DatePrecision,
    /// How it came in.
    pub channel: Option<Channel>,
    /// Labour office that referred the candidate.
    pub referral_institution_id: Option<Uuid>,
    /// Day of the referral.
    pub referred_on: Option<Day>,
    /// Number of the letter or list with which it referred.
    pub referral_number: Option<ShortText>,
    /// Whether it was received outside the recruitment of the edition, as that stood then.
    pub outside_recruitment: bool,
    /// Where it stands.
    pub state: ApplicationState,
    /// Latest decision; it stays when the application is withdrawn.
    pub decision: Option<Decision>,
    /// Day from which the decision holds.
    pub decided_on: Option<Day>,
    /// Class of the reason of a rejection.
    pub rejection_reason: Option<RejectionReason>,
    /// Position on the reserve list.
    #[schema(minimum = 1, maximum = 100_000)]
    pub reserve_position: Option<i32>,
    /// Day of the withdrawal.
    pub withdrawn_on: Option<Day>,
    /// Why it was withdrawn.
    pub withdrawal_reason: Option<WithdrawalReason>,
    /// The application that counts in its place, where the person had been recorded twice and had applied twice.
    pub duplicate_of_id: Option<Uuid>,
    /// The application that the person had withdrawn before applying to this edition again.
    #[diesel(column_name = former_id)]
    pub former_application_id: Option<Uuid>,
    /// Whether the person has applied to this edition again after the withdrawal: then the later application counts.
    pub applied_again: bool,
    /// Whether the person takes, or took, part in the edition, whenever the application was recorded.
    #[diesel(select_expression = placed())]
    pub placed: bool,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

impl View for ApplicationView {
    fn version(&self) -> Option<i32> {
        Some(self.row_version)
    }
}

/// Whether whoever applied takes, or took, part in the edition: the one meaning of a place that was given.
///
/// The participation need not name the application: it may have been recorded later, or have come with a merge.
#[auto_type]
pub(super) fn placed() -> _ {
    let taking_part = participations::table
        .filter(participations::tenant_id.eq(applications::tenant_id))
        .filter(participations::edition_id.eq(applications::edition_id))
        .filter(participations::person_id.eq(applications::person_id));
    exists(taking_part).and(applications::duplicate_of_id.is_null()).and(applications::applied_again.eq(false))
}

text_enum! {
    /// A step of an application.
    pub enum ApplicationStep {
        /// Received.
        Applied = "applied",
        /// A document came in.
        Documents = "documents",
        /// Assessed for eligibility.
        Assessed = "assessed",
        /// Ranked in a protocol.
        Ranked = "ranked",
        /// Given a place.
        Selected = "selected",
        /// Put on the reserve list.
        Reserve = "reserve",
        /// Given no place.
        Rejected = "rejected",
        /// Taken back.
        Withdrawn = "withdrawn",
    }
}

/// A step of an application.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = application_events)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationEventView {
    /// Id.
    pub id: Uuid,
    /// What happened.
    pub kind: ApplicationStep,
    /// Day from which it holds.
    pub effective_on: Day,
    /// Basis of a decision.
    pub basis: Option<Basis>,
    /// Assessment of eligibility that a decision rests on.
    pub assessment_id: Option<Uuid>,
    /// Ranking protocol in which it stands.
    pub ranking_protocol_id: Option<Uuid>,
    /// Reason of a decision, or the word of the reason of a withdrawal.
    pub reason: Option<LongText>,
    /// Class of the reason of a rejection.
    pub rejection_reason: Option<RejectionReason>,
    /// Why a decision departs from a soft rule.
    pub override_reason: Option<LongText>,
    /// Codes of the soft rules that the decision departed from; none in what was recorded before they were named.
    #[schema(max_items = 20)]
    pub override_rules: Option<Vec<ShortText>>,
    /// Remarks; of documents, the kind.
    pub note: Option<LongText>,
    /// Position on the reserve list that a decision gave.
    #[schema(minimum = 1, maximum = 100_000)]
    pub reserve_position: Option<i32>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Client that recorded it.
    pub recorded_by: Uuid,
}

/// Filters of applications.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ApplicationFilter {
    /// Only applications to this edition.
    pub edition_id: Option<Uuid>,
    /// Only applications of this person.
    pub person_id: Option<Uuid>,
    /// Only applications that stand so. Of `selected` and `reserve` only those of people without a place, unless `placed` says otherwise.
    #[param(inline)]
    pub state: Option<ApplicationState>,
    /// Only those of people who take, or took, part in the edition; with `false` only of others.
    pub placed: Option<bool>,
    /// Only those that this labour office referred.
    pub referral_institution_id: Option<Uuid>,
    /// Only those with this latest decision, also where they were withdrawn after it.
    #[param(inline)]
    pub decision: Option<Decision>,
    /// Only those that were rejected for this class of reason.
    #[param(inline)]
    pub rejection_reason: Option<RejectionReason>,
    /// Only those that were withdrawn for this reason.
    #[param(inline)]
    pub withdrawal_reason: Option<WithdrawalReason>,
    /// Only those that came in this way.
    #[param(inline)]
    pub channel: Option<Channel>,
    /// Only those that count: of somebody who was recorded and applied twice, or who applied again, one. The figures count these.
    pub counting: Option<bool>,
}

/// A step to be appended to the history.
#[derive(Debug, Insertable)]
#[diesel(table_name = application_events)]
pub(super) struct NewStep<'a> {
    pub application_id: Uuid,
    pub kind: ApplicationStep,
    pub effective_on: Day,
    pub basis: Option<Basis>,
    pub assessment_id: Option<Uuid>,
    pub ranking_protocol_id: Option<Uuid>,
    pub reason: Option<&'a str>,
    pub rejection_reason: Option<RejectionReason>,
    pub override_reason: Option<&'a str>,
    pub override_rules: Option<&'a [&'static str]>,
    pub note: Option<&'a str>,
    pub reserve_position: Option<i32>,
}

impl NewStep<'_> {
    /// A step that says no more than what and when.
    pub(super) fn of(application_id: Uuid, kind: ApplicationStep, effective_on: Day) -> Self {
        Self {
            application_id,
            kind,
            effective_on,
            basis: None,
            assessment_id: None,
            ranking_protocol_id: None,
            reason: None,
            rejection_reason: None,
            override_reason: None,
            override_rules: None,
            note: None,
            reserve_position: None,
        }
    }
}

/// Records that a person applied to an edition.
///
/// A person has one application per edition; what happens to it is decided by `decide_application`. Who withdrew may
/// apply again from the day of the withdrawal on: the new application names the former, and it alone counts.
/// One received outside the recruitment of the edition is taken, and its view says so (`outsideRecruitment`).
#[utoipa::path(tag = "applications", request_body = ApplicationBody, responses((status = 201, body = ApplicationView, description = "The application")))]
#[post("/applications")]
async fn create_application(permit: Permit<CreateApplication>, body: Body<ApplicationBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("application", [id]);
            tx.expect_past(body.received_on, "/receivedOn")?;
            expect_open(tx, body.edition_id, body.received_on, "/receivedOn")?;
            let former = take_up_again(tx, id, body)?;
            tx.touch_too(former);
            insert_application(tx, id, body, former)?;
            tx.announce(
                "application",
                id,
                "application.received",
                json!({ "applicationId": id, "editionId": body.edition_id, "receivedOn": body.received_on }),
            );
            Ok(Written::created(format!("/applications/{id}"), get_view(tx, id)?))
        })
        .await
}

/// Lists applications.
#[utoipa::path(tag = "applications", params(ApplicationFilter, PageQuery),
    responses((status = 200, body = Page<ApplicationView>, description = "A page of applications")))]
#[get("/applications")]
async fn list_applications(permit: Permit<ListApplications>, filter: Filter<ApplicationFilter>) -> Result<Reply, Problem> {
    permit.list(|application: &ApplicationView| application.id, move |tx, window| select_page(tx, window, filter.0)).await
}

/// Reads an application.
#[utoipa::path(tag = "applications", params(("id" = Uuid, Path, description = "Application")),
    responses((status = 200, body = ApplicationView, description = "The application")))]
#[get("/applications/{id}")]
async fn get_application(permit: Permit<GetApplication>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| get_view(tx, id.0)).await
}

/// Lists the steps of an application.
///
/// The history keeps every decision, also those that a later one replaced.
#[utoipa::path(tag = "applications", params(("id" = Uuid, Path, description = "Application"), PageQuery),
    responses((status = 200, body = Page<ApplicationEventView>, description = "A page of its history")))]
#[get("/applications/{id}/events")]
async fn list_application_events(permit: Permit<ListApplicationEvents>, id: PathId) -> Result<Reply, Problem> {
    permit
        .list(
            |event: &ApplicationEventView| event.id,
            move |tx, window| {
                get_view(tx, id.0)?;
                Ok(application_events::table
                    .filter(own(tx, application_events::tenant_id))
                    .filter(application_events::application_id.eq(id.0))
                    .filter(application_events::id.gt(window.after))
                    .order(application_events::id)
                    .limit(window.rows())
                    .select(ApplicationEventView::as_select())
                    .load(tx.conn)?)
            },
        )
        .await
}

fn insert_application(tx: &mut Tx, id: Uuid, body: &ApplicationBody, former: Option<Uuid>) -> Result<(), Problem> {
    // An unknown edition is left to the foreign key, which names the field.
    let recruitment = find_recruitment(tx, body.edition_id)?.unwrap_or_default();
    let received = (body.received_on, body.received_precision);
    check_referral(tx, body.referral.as_ref())?;
    diesel::insert_into(applications::table)
        .values((
            body,
            applications::id.eq(id),
            applications::state.eq(ApplicationState::Applied),
            applications::outside_recruitment.eq(is_outside(&recruitment, received)),
            applications::former_id.eq(former),
        ))
        .execute(tx.conn)?;
    append_step(tx, &NewStep::of(id, ApplicationStep::Applied, body.received_on))
}

pub(super) fn append_step(tx: &mut Tx, step: &NewStep) -> Result<(), Problem> {
    let id = tx.id_or_new(None);
    diesel::insert_into(application_events::table).values((step, application_events::id.eq(id))).execute(tx.conn)?;
    Ok(())
}

/// As [`append_step`], of many applications at once.
pub(super) fn append_steps(tx: &mut Tx, steps: &[NewStep]) -> Result<(), Problem> {
    for some in steps.chunks(STEPS_AT_ONCE) {
        let some: Vec<_> = some.iter().map(|step| (step, application_events::id.eq(tx.id_or_new(None)))).collect();
        diesel::insert_into(application_events::table).values(some).execute(tx.conn)?;
    }
    Ok(())
}

pub(super) fn get_view(tx: &mut Tx, id: Uuid) -> Result<ApplicationView, Problem> {
    Ok(applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::id.eq(id))
        .select(ApplicationView::as_select())
        .first(tx.conn)?)
}

fn select_page(tx: &mut Tx, window: Window, filter: ApplicationFilter) -> Result<Vec<ApplicationView>, Problem> {
    let mut query =
        applications::table.filter(own(tx, applications::tenant_id)).filter(applications::id.gt(window.after)).into_boxed();
    if let Some(edition) = filter.edition_id {
        query = query.filter(applications::edition_id.eq(edition));
    }
    if let Some(person) = filter.person_id {
        query = query.filter(applications::person_id.eq(person));
    }
    if let Some(state) = filter.state {
        query = query.filter(applications::state.eq(state));
    }
    // Whoever takes part awaits a place no more, though the decision that gave it stays.
    let awaits = matches!(filter.state, Some(ApplicationState::Selected | ApplicationState::Reserve)).then_some(false);
    if let Some(wanted) = filter.placed.or(awaits) {
        query = if wanted { query.filter(placed()) } else { query.filter(diesel::dsl::not(placed())) };
    }
    if let Some(office) = filter.referral_institution_id {
        query = query.filter(applications::referral_institution_id.eq(office));
    }
    if let Some(decision) = filter.decision {
        query = query.filter(applications::decision.eq(decision));
    }
    if let Some(reason) = filter.rejection_reason {
        query = query.filter(applications::rejection_reason.eq(reason));
    }
    if let Some(reason) = filter.withdrawal_reason {
        query = query.filter(applications::withdrawal_reason.eq(reason));
    }
    if let Some(channel) = filter.channel {
        query = query.filter(applications::channel.eq(channel));
    }
    if let Some(counting) = filter.counting {
        let counts = applications::duplicate_of_id.is_null().and(applications::applied_again.eq(false));
        query = if counting { query.filter(counts) } else { query.filter(diesel::dsl::not(counts)) };
    }
    Ok(query.order(applications::id).limit(window.rows()).select(ApplicationView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_application).service(list_applications).service(get_application).service(list_application_events);
}
