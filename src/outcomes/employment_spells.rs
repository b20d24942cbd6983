//! Jobs of a person. Whether one fell before, within or after a participation
//! follows from its dates, so two jobs may overlap and none belongs to an edition.

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::JOB_RECORDED_ALREADY;
use super::subjects::{complete_correction, latest, supersede};
use crate::people::hold_person;
use crate::platform::body::{Body, Filter};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListEmploymentSpells, RecordEmploymentSpell};
use crate::platform::problem::Problem;
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{DatePrecision, Day, Hours, LongText, text_enum};
use crate::schema::{applications, employment_spells, participations};

text_enum! {
    /// What kind of work a job is.
    pub enum EmploymentKind {
        /// Employment contract (Polish: umowa o pracę).
        EmploymentContract = "employmentContract",
        /// Civil-law contract (Polish: umowa cywilnoprawna).
        CivilLawContract = "civilLawContract",
        /// Own business.
        SelfEmployment = "selfEmployment",
        /// Subsidised work, such as intervention works.
        Subsidised = "subsidised",
        /// Supported employment (Polish: zatrudnienie wspierane).
        SupportedEmployment = "supportedEmployment",
        /// Work in a social co-operative.
        SocialCooperative = "socialCooperative",
        /// Farming.
        Farming = "farming",
        /// The source does not name the kind.
        Unknown = "unknown",
        /// Anything else.
        Other = "other",
    }
}

text_enum! {
    /// What kind of employer it is.
    pub enum EmployerClass {
        /// Fewer than 10 employees.
        Micro = "micro",
        /// Fewer than 50 employees.
        Small = "small",
        /// Fewer than 250 employees.
        Medium = "medium",
        /// 250 employees or more.
        Large = "large",
        /// Public body.
        Public = "public",
        /// Non-governmental organisation.
        NonGovernmental = "nonGovernmental",
        /// The source does not name it.
        Unknown = "unknown",
    }
}

text_enum! {
    /// Who says whether somebody works.
    pub enum EmploymentSource {
        /// The participant.
        Participant = "participant",
        /// The labour office (Polish: PUP).
        LabourOffice = "labourOffice",
        /// The employer.
        Employer = "employer",
        /// The social worker.
        SocialWorker = "socialWorker",
        /// A register, such as that of social insurance.
        Register = "register",
        /// A published account.
        Publication = "publication",
    }
}

/// A job, as recorded or corrected.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = employment_spells)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "personId": crate::platform::examples::PERSON, "startsOn": "2026-05-04", "kind": "employmentContract",
    "employerClass": "small", "weeklyHours": "40.00", "source": "labourOffice", "verifiedOn": "2026-05-11"
}))]
pub struct EmploymentSpellBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Who works.
    pub person_id: Uuid,
    /// First day of the job.
    pub starts_on: Day,
    /// How exactly the first day is known.
    #[serde(default = "exact")]
    pub starts_precision: DatePrecision,
    /// Last day of the job; none while it lasts or where it is not known.
    pub ends_on: Option<Day>,
    /// Kind of work.
    pub kind: EmploymentKind,
    /// Kind of employer.
    pub employer_class: Option<EmployerClass>,
    /// Agreed working time in a week, from a quarter of an hour to 168 hours; none where the source does not tell.
    #[diesel(column_name = weekly_minutes)]
    pub weekly_hours: Option<Hours>,
    /// Who says so.
    pub source: EmploymentSource,
    /// What proves it; no personal data.
    pub evidence: Option<LongText>,
    /// Day on which it was verified, today at the latest.
    pub verified_on: Option<Day>,
    /// Record that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// Why it is corrected; given with `supersedesId`.
    pub correction_reason: Option<LongText>,
}

/// A date without a word on its precision is a day.
pub(super) fn exact() -> DatePrecision {
    DatePrecision::Day
}

/// A job.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = employment_spells)]
#[serde(rename_all = "camelCase")]
pub struct EmploymentSpellView {
    /// Id.
    pub id: Uuid,
    /// Who works.
    pub person_id: Uuid,
    /// First day of the job.
    pub starts_on: Day,
    /// How exactly the first day is known.
    pub starts_precision: DatePrecision,
    /// Last day of the job.
    pub ends_on: Option<Day>,
    /// Kind of work.
    pub kind: EmploymentKind,
    /// Kind of employer.
    pub employer_class: Option<EmployerClass>,
    /// Agreed working time in a week.
    #[diesel(column_name = weekly_minutes)]
    pub weekly_hours: Option<Hours>,
    /// Who says so.
    pub source: EmploymentSource,
    /// What proves it.
    pub evidence: Option<LongText>,
    /// Day on which it was verified.
    pub verified_on: Option<Day>,
    /// Record that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// When a correction took its place.
    pub superseded_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Why the earlier record was corrected.
    pub correction_reason: Option<LongText>,
}

impl View for EmploymentSpellView {}

/// Which jobs to list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct EmploymentSpellFilter {
    /// Jobs of this person.
    pub person_id: Option<Uuid>,
    /// Jobs of the people who applied for or took part in this edition, whenever they worked.
    pub edition_id: Option<Uuid>,
    /// Also those that were corrected.
    #[serde(default)]
    pub include_superseded: bool,
}

/// Records a job, or a correction of one.
///
/// Jobs belong to the person; the phase (at recruitment, during, after) follows from the dates. Two jobs may overlap; the
/// same job again, of the same days, kind, employer, hours, source and evidence, is refused with `employmentSpellId`.
#[utoipa::path(tag = "employment-spells", request_body = EmploymentSpellBody,
    responses((status = 201, body = EmploymentSpellView, description = "The job")))]
#[post("/employment-spells")]
async fn record_employment_spell(
    permit: Permit<RecordEmploymentSpell>,
    body: Body<EmploymentSpellBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let view = record_job(tx, body)?;
            tx.touch("employment_spell", body.supersedes_id.into_iter().chain([view.id]));
            Ok(Written::created(format!("/employment-spells?personId={}", body.person_id), view))
        })
        .await
}

/// Lists the jobs.
#[utoipa::path(tag = "employment-spells", params(EmploymentSpellFilter, PageQuery),
    responses((status = 200, body = Page<EmploymentSpellView>, description = "A page of jobs")))]
#[get("/employment-spells")]
async fn list_employment_spells(
    permit: Permit<ListEmploymentSpells>,
    filter: Filter<EmploymentSpellFilter>,
) -> Result<Reply, Problem> {
    permit.list(|spell: &EmploymentSpellView| spell.id, move |tx, window| select_employment_spells(tx, window, &filter.0)).await
}

/// Records a job, or a correction of one.
///
/// # Errors
/// Those of `record_employment_spell`.
pub fn record_job(tx: &mut Tx, body: &EmploymentSpellBody) -> Result<EmploymentSpellView, Problem> {
    let id = tx.id_or_new(body.id);
    complete_correction(body.supersedes_id, body.correction_reason.as_ref())?;
    if let Some(day) = body.verified_on {
        tx.expect_past(day, "/verifiedOn")?;
    }
    // Of two calls that say the same the second finds what the first recorded.
    hold_person(tx, body.person_id)?;
    if let Some(earlier) = body.supersedes_id {
        supersede!(tx, employment_spells, person_id, earlier, body.person_id);
    }
    refuse_repetition(tx, body)?;
    let view = insert_employment_spell(tx, id, body)?;
    let data = json!({ "employmentSpellId": id, "personId": body.person_id, "startsOn": body.starts_on,
        "endsOn": body.ends_on, "supersedesId": body.supersedes_id });
    tx.announce("person", body.person_id, "employment.recorded", data);
    Ok(view)
}

/// The job that stands in the place of one today.
///
/// # Errors
/// When the store fails.
pub fn latest_job(tx: &mut Tx, job: Uuid) -> Result<Uuid, Problem> {
    latest!(tx, employment_spells, job)
}

/// Refuses what stands already; on what day somebody verified it makes no other job of it.
fn refuse_repetition(tx: &mut Tx, body: &EmploymentSpellBody) -> Result<(), Problem> {
    let known: Option<Uuid> = employment_spells::table
        .filter(own(tx, employment_spells::tenant_id))
        .filter(employment_spells::person_id.eq(body.person_id))
        .filter(employment_spells::superseded_at.is_null())
        .filter(employment_spells::starts_on.eq(body.starts_on))
        .filter(employment_spells::starts_precision.eq(body.starts_precision))
        .filter(employment_spells::ends_on.is_not_distinct_from(body.ends_on))
        .filter(employment_spells::kind.eq(body.kind))
        .filter(employment_spells::employer_class.is_not_distinct_from(body.employer_class))
        .filter(employment_spells::weekly_minutes.is_not_distinct_from(body.weekly_hours))
        .filter(employment_spells::source.eq(body.source))
        .filter(employment_spells::evidence.is_not_distinct_from(body.evidence.as_ref()))
        .select(employment_spells::id)
        .first(tx.conn)
        .optional()?;
    known.map_or(Ok(()), |spell| Err(JOB_RECORDED_ALREADY.problem().with("employmentSpellId", spell.to_string())))
}

fn insert_employment_spell(tx: &mut Tx, id: Uuid, body: &EmploymentSpellBody) -> Result<EmploymentSpellView, Problem> {
    Ok(diesel::insert_into(employment_spells::table)
        .values((body, employment_spells::id.eq(id)))
        .returning(EmploymentSpellView::as_returning())
        .get_result(tx.conn)?)
}

fn select_employment_spells(
    tx: &mut Tx,
    window: Window,
    filter: &EmploymentSpellFilter,
) -> Result<Vec<EmploymentSpellView>, Problem> {
    let mut query = employment_spells::table
        .filter(own(tx, employment_spells::tenant_id))
        .filter(employment_spells::id.gt(window.after))
        .into_boxed();
    if let Some(person) = filter.person_id {
        query = query.filter(employment_spells::person_id.eq(person));
    }
    if let Some(edition) = filter.edition_id {
        let participants = participations::table
            .filter(own(tx, participations::tenant_id))
            .filter(participations::edition_id.eq(edition))
            .select(participations::person_id);
        let candidates = applications::table
            .filter(own(tx, applications::tenant_id))
            .filter(applications::edition_id.eq(edition))
            .select(applications::person_id);
        query =
            query.filter(employment_spells::person_id.eq_any(participants).or(employment_spells::person_id.eq_any(candidates)));
    }
    if !filter.include_superseded {
        query = query.filter(employment_spells::superseded_at.is_null());
    }
    Ok(query.order(employment_spells::id).limit(window.rows()).select(EmploymentSpellView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_employment_spell).service(list_employment_spells);
}
