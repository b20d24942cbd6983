//! Incidents of socially useful work, absences and refusals, recorded once.
//!
//! There is no description, so nothing of anybody's health: what the offices
//! are told stands in the letter.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::duty_terms::DutyKind;
use super::information_duties::{Cause, InformationDutyView, arise, duties_of, withdraw_duties};
use crate::participation::attendance::AttendanceStatus;
use crate::participation::completion::day_or_today;
use crate::participation::participations::{Stay, get_view, lock_participation};
use crate::participation::{INCIDENT_ATTENDANCE, INCIDENT_KNOWN_BEFORE, INCIDENT_WITHDRAWN, OUTSIDE_PARTICIPATION};
use crate::platform::body::{Body, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{GetIncident, ListIncidents, RecordIncident, Role, WithdrawIncident};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, count_between, text_enum};
use crate::programmes::facts::get_edition_facts;
use crate::schema::{attendance, host_posts, incidents, post_assignments, sessions};

text_enum! {
    /// What happened.
    pub enum IncidentKind {
        /// Did not report for work (regulation of 21 December 2017, section 5(2)(1)).
        NotReported = "notReported",
        /// Did not take up the work assigned (section 5(2)(2)).
        NotTakenUp = "notTakenUp",
        /// Left the place of work (section 5(2)(3)).
        LeftPlace = "leftPlace",
        /// Broke order or discipline (section 5(2)(4)).
        Discipline = "discipline",
        /// Was absent (section 3(1)(5)).
        Absence = "absence",
        /// Refused (section 3(1)(5)).
        Refusal = "refusal",
    }
}

impl IncidentKind {
    const fn duty(self) -> DutyKind {
        match self {
            Self::NotReported => DutyKind::NotReported,
            Self::NotTakenUp => DutyKind::NotTakenUp,
            Self::LeftPlace => DutyKind::LeftPlace,
            Self::Discipline => DutyKind::Discipline,
            Self::Absence => DutyKind::Absence,
            Self::Refusal => DutyKind::Refusal,
        }
    }
}

text_enum! {
    /// Who reported it.
    pub enum Reporter {
        /// The host of the work.
        Host = "host",
        /// The carer for whom the work is done (section 5(3)).
        Carer = "carer",
        /// Who leads the classes.
        Facilitator = "facilitator",
        /// The social-assistance centre itself.
        Centre = "centre",
    }
}

text_enum! {
    /// Why an incident does not count.
    pub enum IncidentWithdrawalReason {
        /// It was recorded by mistake.
        Mistake = "mistake",
        /// There was a good reason for it.
        Justified = "justified",
    }
}

/// An incident, as recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "kind": "leftPlace", "occurredOn": "2026-06-11", "reportedBy": "host", "hostId": examples::HOST }))]
pub struct IncidentBody {
    /// Id chosen by the client (UUIDv7).
    pub id: Option<Uuid>,
    /// What happened.
    pub kind: IncidentKind,
    /// When, within the participation.
    pub occurred_on: Day,
    /// Day on which it became known, from which the deadlines run; the same day when left out.
    pub known_on: Option<Day>,
    /// Who reported it.
    pub reported_by: Reporter,
    /// Host where it happened.
    pub host_id: Option<Uuid>,
    /// Row of the attendance sheet of that day, of an absence from a session.
    pub attendance_id: Option<Uuid>,
    /// Ids of the duties that arise, chosen by the client (UUIDv7), in the order of the recipients; no more than arise.
    #[serde(default, deserialize_with = "count_between::<0, 2, _, _>")]
    #[schema(max_items = 2)]
    pub duty_ids: Vec<Uuid>,
}

/// An incident as it is stored.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = incidents)]
#[serde(rename_all = "camelCase")]
pub struct IncidentRecord {
    /// Id.
    pub id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Participation.
    pub participation_id: Uuid,
    /// What happened.
    pub kind: IncidentKind,
    /// When.
    pub occurred_on: Day,
    /// Day on which it became known.
    pub known_on: Day,
    /// Who reported it.
    pub reported_by: Reporter,
    /// Host where it happened.
    pub host_id: Option<Uuid>,
    /// Row of the attendance sheet.
    pub attendance_id: Option<Uuid>,
    /// Day from which it does not count any more.
    pub withdrawn_on: Option<Day>,
    /// Why.
    pub withdrawal_reason: Option<IncidentWithdrawalReason>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// An incident and the duties to inform that came of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IncidentView {
    /// The incident.
    #[serde(flatten)]
    pub record: IncidentRecord,
    /// Its duties, as they stand today; none where the same was to be told already.
    #[schema(max_items = 10)]
    pub duties: Vec<InformationDutyView>,
}

impl View for IncidentView {}

/// Why an incident is withdrawn.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "reason": "justified", "effectiveOn": "2026-06-12" }))]
pub struct IncidentWithdrawalBody {
    /// Why it does not count.
    pub reason: IncidentWithdrawalReason,
    /// Day from which it does not count any more.
    pub effective_on: Day,
}

/// Records an incident, an absence or a refusal, and the duties to inform that come of it.
///
/// One duty for each office, with its deadline by the terms of the day on which
/// it became known. The same kind of one day is recorded once. A host supervisor
/// records what happened at the own host, to whoever was assigned to one of its posts on that day.
#[utoipa::path(tag = "participations", request_body = IncidentBody, params(("id" = Uuid, Path, description = "Participation")),
    responses((status = 201, body = IncidentView, description = "The incident and its duties")))]
#[post("/participations/{id}/incidents")]
async fn record_incident(permit: Permit<RecordIncident>, id: PathId, body: Body<IncidentBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let incident = tx.id_or_new(body.id);
            tx.touch("incident", [incident, id.0]);
            get_view(tx, id.0)?;
            expect_own_post(tx, id.0, body)?;
            let stay = lock_participation(tx, id.0)?;
            let known_on = body.known_on.unwrap_or(body.occurred_on);
            check_days(tx, &stay, body, known_on)?;
            expect_absence(tx, stay.id, body)?;
            insert_incident(tx, incident, &stay, (body, known_on))?;
            let cause = Cause {
                edition: stay.edition_id,
                agreement: get_edition_facts(tx, stay.edition_id)?.agreement_id,
                participation: stay.id,
                incident: Some(incident),
                duty: body.kind.duty(),
                occurred_on: body.occurred_on,
                known_on,
            };
            arise(tx, &cause, &body.duty_ids)?;
            // What happened may be a matter of discipline, so its kind is not announced.
            let data = json!({ "participationId": stay.id, "incidentId": incident });
            tx.announce("participation", stay.id, "participation.incident_recorded", data);
            Ok(Written::created(format!("/incidents/{incident}"), find_incident(tx, incident)?))
        })
        .await
}

/// A host supervisor reports for the own host, and only of whoever was assigned to a post there; nobody else is there for it.
fn expect_own_post(tx: &mut Tx, participation: Uuid, body: &IncidentBody) -> Result<(), Problem> {
    if tx.caller.role != Role::HostSupervisor {
        return Ok(());
    }
    let post = host_posts::tenant_id.eq(post_assignments::tenant_id).and(host_posts::id.eq(post_assignments::post_id));
    let assigned: Option<Uuid> = post_assignments::table
        .inner_join(host_posts::table.on(post))
        .filter(own(tx, post_assignments::tenant_id))
        .filter(post_assignments::participation_id.eq(participation))
        .filter(post_assignments::from_on.le(body.occurred_on))
        .filter(post_assignments::to_on.ge(body.occurred_on))
        .filter(post_assignments::ended_on.is_null().or(post_assignments::ended_on.ge(body.occurred_on)))
        .filter(host_posts::host_id.nullable().eq(tx.caller.host))
        .select(post_assignments::id)
        .first(tx.conn)
        .optional()?;
    if assigned.is_none() {
        return Err(catalogue::NOT_FOUND.problem());
    }
    if !tx.caller.may_use_host(body.host_id) {
        return Err(catalogue::REFERENCE_NOT_FOUND.at("/hostId"));
    }
    if body.attendance_id.is_some() {
        // Sheets of classes are out of its sight.
        return Err(catalogue::REFERENCE_NOT_FOUND.at("/attendanceId"));
    }
    if body.reported_by == Reporter::Host { Ok(()) } else { Err(catalogue::INVALID_FIELD.at("/reportedBy")) }
}

fn check_days(tx: &Tx, stay: &Stay, body: &IncidentBody, known_on: Day) -> Result<(), Problem> {
    if !stay.covers(body.occurred_on) {
        let problem = OUTSIDE_PARTICIPATION.at("/occurredOn");
        return Err(problem.with("startsOn", stay.starts_on.to_string()).with("lastOn", stay.last_on().to_string()));
    }
    if known_on < body.occurred_on {
        return Err(INCIDENT_KNOWN_BEFORE.at("/knownOn"));
    }
    tx.expect_past(known_on, if body.known_on.is_some() { "/knownOn" } else { "/occurredOn" })
}

/// A row that an absence names is one of the participant, of that day, and says that the person was not there.
fn expect_absence(tx: &mut Tx, participation: Uuid, body: &IncidentBody) -> Result<(), Problem> {
    let Some(row) = body.attendance_id else { return Ok(()) };
    if body.kind != IncidentKind::Absence {
        return Err(INCIDENT_ATTENDANCE.at("/attendanceId"));
    }
    let of_session = sessions::tenant_id.eq(attendance::tenant_id).and(sessions::id.eq(attendance::session_id));
    let found: Option<(Uuid, AttendanceStatus, Day)> = attendance::table
        .inner_join(sessions::table.on(of_session))
        .filter(own(tx, attendance::tenant_id))
        .filter(attendance::id.eq(row))
        .filter(attendance::superseded_at.is_null())
        .select((attendance::participation_id, attendance::status, sessions::held_on))
        .first(tx.conn)
        .optional()?;
    match found {
        Some((who, _, _)) if who != participation => Err(catalogue::REFERENCE_NOT_FOUND.at("/attendanceId")),
        None => Err(catalogue::REFERENCE_NOT_FOUND.at("/attendanceId")),
        Some((_, AttendanceStatus::Excused | AttendanceStatus::Unexcused, on)) if on == body.occurred_on => Ok(()),
        Some(_) => Err(INCIDENT_ATTENDANCE.at("/attendanceId")),
    }
}

fn insert_incident(tx: &mut Tx, id: Uuid, stay: &Stay, (body, known_on): (&IncidentBody, Day)) -> Result<(), Problem> {
    diesel::insert_into(incidents::table)
        .values((
            incidents::id.eq(id),
            incidents::edition_id.eq(stay.edition_id),
            incidents::participation_id.eq(stay.id),
            incidents::kind.eq(body.kind),
            incidents::occurred_on.eq(body.occurred_on),
            incidents::known_on.eq(known_on),
            incidents::reported_by.eq(body.reported_by),
            incidents::host_id.eq(body.host_id),
            incidents::attendance_id.eq(body.attendance_id),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Reads an incident and its duties.
#[utoipa::path(tag = "incidents", params(("id" = Uuid, Path, description = "Incident")),
    responses((status = 200, body = IncidentView, description = "The incident")))]
#[get("/incidents/{id}")]
async fn get_incident(permit: Permit<GetIncident>, id: PathId) -> Result<Reply, Problem> {
    permit.read(move |tx| find_incident(tx, id.0)).await
}

/// Lists the incidents of a participation, those that were withdrawn among them.
#[utoipa::path(tag = "participations", params(("id" = Uuid, Path, description = "Participation"), PageQuery),
    responses((status = 200, body = Page<IncidentView>, description = "A page of incidents")))]
#[get("/participations/{id}/incidents")]
async fn list_incidents(permit: Permit<ListIncidents>, id: PathId) -> Result<Reply, Problem> {
    permit.list(|incident: &IncidentView| incident.record.id, move |tx, window| select_incidents(tx, id.0, window)).await
}

/// Withdraws an incident that does not count: recorded by mistake, or with a good reason.
///
/// Duties of it that nobody has discharged are withdrawn, too; what an office
/// was told stays on file, and is withdrawn where the office refuses it later. It can then be recorded anew.
#[utoipa::path(tag = "incidents", request_body = IncidentWithdrawalBody, params(("id" = Uuid, Path, description = "Incident")),
    responses((status = 200, body = IncidentView, description = "The incident as it is now")))]
#[post("/incidents/{id}/withdrawal")]
async fn withdraw_incident(
    permit: Permit<WithdrawIncident>,
    id: PathId,
    body: Body<IncidentWithdrawalBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("incident", [id.0]);
            let incident = incidents::table.filter(own(tx, incidents::tenant_id)).filter(incidents::id.eq(id.0));
            let current: IncidentRecord = incident.select(IncidentRecord::as_select()).for_update().first(tx.conn)?;
            // An office that refuses what it was told opens duties again: either it sees the withdrawal, or this its duties.
            lock_participation(tx, current.participation_id)?;
            if let Some(on) = current.withdrawn_on {
                return Err(INCIDENT_WITHDRAWN.problem().with("withdrawnOn", on.to_string()));
            }
            if body.effective_on < current.known_on {
                return Err(INCIDENT_KNOWN_BEFORE.at("/effectiveOn"));
            }
            tx.expect_past(body.effective_on, "/effectiveOn")?;
            let incident = incidents::table.filter(own(tx, incidents::tenant_id)).filter(incidents::id.eq(id.0));
            diesel::update(incident)
                .set((incidents::withdrawn_on.eq(body.effective_on), incidents::withdrawal_reason.eq(body.reason)))
                .execute(tx.conn)?;
            withdraw_duties(tx, id.0, body.effective_on)?;
            let data = json!({ "participationId": current.participation_id, "incidentId": id.0 });
            tx.announce("participation", current.participation_id, "participation.incident_withdrawn", data);
            Ok(Written::changed(find_incident(tx, id.0)?))
        })
        .await
}

fn find_incident(tx: &mut Tx, id: Uuid) -> Result<IncidentView, Problem> {
    let record: IncidentRecord = incidents::table
        .filter(own(tx, incidents::tenant_id))
        .filter(incidents::id.eq(id))
        .select(IncidentRecord::as_select())
        .first(tx.conn)?;
    let today = day_or_today(tx, None)?;
    Ok(IncidentView { record, duties: duties_of(tx, &[id], today)? })
}

fn select_incidents(tx: &mut Tx, participation: Uuid, window: Window) -> Result<Vec<IncidentView>, Problem> {
    get_view(tx, participation)?;
    let records: Vec<IncidentRecord> = incidents::table
        .filter(own(tx, incidents::tenant_id))
        .filter(incidents::participation_id.eq(participation))
        .filter(incidents::id.gt(window.after))
        .order(incidents::id)
        .limit(window.rows())
        .select(IncidentRecord::as_select())
        .load(tx.conn)?;
    let ids: Vec<Uuid> = records.iter().map(|record| record.id).collect();
    let today = day_or_today(tx, None)?;
    let duties = duties_of(tx, &ids, today)?;
    let view = |record: IncidentRecord| {
        let own = duties.iter().filter(|duty| duty.record.incident_id == Some(record.id)).cloned().collect();
        IncidentView { record, duties: own }
    };
    Ok(records.into_iter().map(view).collect())
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_incident).service(get_incident).service(list_incidents).service(withdraw_incident);
}
