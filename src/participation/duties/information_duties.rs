//! Duties to inform an office, with their deadlines, from arising to discharge.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::deadline::due_on;
use super::duty_terms::{DutyKind, Recipient, term_on};
use crate::participation::completion::day_or_today;
use crate::participation::{DUTY_DISCHARGED, DUTY_NOT_YET, DUTY_WITHDRAWN, MORE_IDS_THAN_DUTIES};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{DischargeInformationDuty, GetInformationDuty, ListInformationDuties};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText, ShortText, text_enum};
use crate::schema::information_duties;

text_enum! {
    /// How a duty stands on a day.
    pub enum DutyState {
        /// To be discharged, in time so far.
        Open = "open",
        /// To be discharged, and its day has passed.
        Overdue = "overdue",
        /// Discharged.
        Discharged = "discharged",
        /// Withdrawn with the incident, before it was discharged.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// By what way an office was informed.
    pub enum DutyChannel {
        /// Through the public electronic mailbox (Polish: ePUAP).
        EPuap = "ePuap",
        /// By electronic delivery (Polish: e-Doręczenia).
        EDelivery = "eDelivery",
        /// By e-mail.
        Email = "email",
        /// By letter.
        Letter = "letter",
        /// By phone.
        Phone = "phone",
        /// In person.
        InPerson = "inPerson",
        /// By a message of the exchange, which is then named; nobody enters it.
        Message = "message",
    }
}

/// A duty as it is stored.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = information_duties)]
#[serde(rename_all = "camelCase")]
pub struct DutyRecord {
    /// Id.
    pub id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Participation that it is about.
    pub participation_id: Uuid,
    /// Incident that it came of; none where it came of the end of the participation.
    pub incident_id: Option<Uuid>,
    /// Of what is to be informed.
    pub duty: DutyKind,
    /// Who is to be informed.
    pub recipient: Recipient,
    /// Day of what is to be told.
    pub occurred_on: Day,
    /// Day on which the duty arose.
    pub arisen_on: Day,
    /// Working days that there are for it, by the term of that day.
    #[schema(minimum = 0, maximum = 60)]
    pub working_days: i32,
    /// Last day in time.
    pub due_on: Day,
    /// What sets the term.
    pub legal_source: LongText,
    /// Day on which the office was informed.
    pub discharged_on: Option<Day>,
    /// By what way.
    pub channel: Option<DutyChannel>,
    /// Number of the letter.
    pub letter_number: Option<ShortText>,
    /// Message that discharged it.
    pub message_id: Option<Uuid>,
    /// Day on which it was last opened again, because what a message had told was refused, or left out of its correction.
    pub reopened_on: Option<Day>,
    /// That message, or its correction.
    pub reopened_by_id: Option<Uuid>,
    /// Day on which the duty was withdrawn with its incident.
    pub withdrawn_on: Option<Day>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Version, as in the ETag.
    #[serde(rename = "version")]
    #[schema(minimum = 1)]
    pub row_version: i32,
}

/// A duty and how it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InformationDutyView {
    /// The duty.
    #[serde(flatten)]
    pub record: DutyRecord,
    /// How it stands on the day that is asked about.
    pub state: DutyState,
    /// Whether it was discharged after its last day in time.
    pub discharged_late: bool,
}

impl View for InformationDutyView {
    fn version(&self) -> Option<i32> {
        Some(self.record.row_version)
    }
}

impl InformationDutyView {
    fn on(record: DutyRecord, day: Day) -> Self {
        let state = match (record.withdrawn_on, record.discharged_on) {
            (Some(_), _) => DutyState::Withdrawn,
            (None, Some(_)) => DutyState::Discharged,
            (None, None) if record.due_on < day => DutyState::Overdue,
            (None, None) => DutyState::Open,
        };
        let discharged_late = record.discharged_on.is_some_and(|on| on > record.due_on);
        Self { record, state, discharged_late }
    }
}

/// How a duty was discharged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "effectiveOn": "2026-06-12", "channel": "ePuap", "letterNumber": "DP.512.14.2026" }))]
pub struct DischargeBody {
    /// Day on which the office was informed.
    pub effective_on: Day,
    /// By what way.
    pub channel: DutyChannel,
    /// Number of the letter; no names.
    pub letter_number: Option<ShortText>,
}

/// Which duties.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct InformationDutyFilter {
    /// Only duties of this edition; all of the town when left out.
    edition_id: Option<Uuid>,
    /// Only duties about this participation.
    participation_id: Option<Uuid>,
    /// Only duties that stand so on the day.
    #[param(inline)]
    state: Option<DutyState>,
    /// Day on which is asked how they stand; today when left out.
    #[param(inline)]
    effective_on: Option<Day>,
}

/// Which day.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct DayFilter {
    /// Day on which is asked how it stands; today when left out.
    #[param(inline)]
    effective_on: Option<Day>,
}

/// Lists duties to inform, of an edition or of the whole town: open, overdue, discharged.
#[utoipa::path(tag = "information-duties", params(InformationDutyFilter, PageQuery),
    responses((status = 200, body = Page<InformationDutyView>, description = "A page of duties")))]
#[get("/information-duties")]
async fn list_information_duties(
    permit: Permit<ListInformationDuties>,
    filter: Filter<InformationDutyFilter>,
) -> Result<Reply, Problem> {
    permit.list(|duty: &InformationDutyView| duty.record.id, move |tx, window| select_duties(tx, filter.0, window)).await
}

/// Reads a duty to inform.
#[utoipa::path(tag = "information-duties", params(("id" = Uuid, Path, description = "Duty"), DayFilter),
    responses((status = 200, body = InformationDutyView, description = "The duty")))]
#[get("/information-duties/{id}")]
async fn get_information_duty(
    permit: Permit<GetInformationDuty>,
    id: PathId,
    filter: Filter<DayFilter>,
) -> Result<Reply, Problem> {
    permit
        .read(move |tx| {
            let on = day_or_today(tx, filter.0.effective_on)?;
            let record = information_duties::table
                .filter(own(tx, information_duties::tenant_id))
                .filter(information_duties::id.eq(id.0))
                .select(DutyRecord::as_select())
                .first(tx.conn)?;
            Ok(InformationDutyView::on(record, on))
        })
        .await
}

/// Discharges a duty: the office was informed.
///
/// A message about the same event, once it is sent, does so by itself; a refusal of it opens the duty again. The same discharge once more answers the duty as it is; another one is
/// refused. After its last day in time it is taken, too, and marked as late.
#[utoipa::path(tag = "information-duties", request_body = DischargeBody, params(("id" = Uuid, Path, description = "Duty")),
    responses((status = 200, body = InformationDutyView, description = "The duty as it is now")))]
#[post("/information-duties/{id}/discharge")]
async fn discharge_information_duty(
    permit: Permit<DischargeInformationDuty>,
    id: PathId,
    body: Body<DischargeBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("information_duty", [id.0]);
            let duty: DutyRecord = information_duties::table
                .filter(own(tx, information_duties::tenant_id))
                .filter(information_duties::id.eq(id.0))
                .select(DutyRecord::as_select())
                .for_update()
                .first(tx.conn)?;
            tx.expect_version(duty.row_version)?;
            let record = if check_discharge(tx, &duty, body)? { duty } else { discharge(tx, &duty, body)? };
            Ok(Written::changed(InformationDutyView::on(record, body.effective_on)))
        })
        .await
}

/// Whether the duty is discharged in the same way already; refuses what cannot be.
fn check_discharge(tx: &Tx, duty: &DutyRecord, body: &DischargeBody) -> Result<bool, Problem> {
    if body.channel == DutyChannel::Message {
        // Only a message itself says so.
        return Err(catalogue::INVALID_FIELD.at("/channel"));
    }
    if duty.withdrawn_on.is_some() {
        return Err(DUTY_WITHDRAWN.problem());
    }
    if let Some(on) = duty.discharged_on {
        let same = on == body.effective_on && duty.channel == Some(body.channel) && duty.letter_number == body.letter_number;
        return if same { Ok(true) } else { Err(DUTY_DISCHARGED.problem().with("dischargedOn", on.to_string())) };
    }
    if body.effective_on < duty.arisen_on {
        return Err(DUTY_NOT_YET.at("/effectiveOn").with("arisenOn", duty.arisen_on.to_string()));
    }
    tx.expect_past(body.effective_on, "/effectiveOn")?;
    Ok(false)
}

fn discharge(tx: &mut Tx, duty: &DutyRecord, body: &DischargeBody) -> Result<DutyRecord, Problem> {
    let row = information_duties::table.filter(own(tx, information_duties::tenant_id)).filter(information_duties::id.eq(duty.id));
    let record = diesel::update(row)
        .set((
            information_duties::discharged_on.eq(body.effective_on),
            information_duties::channel.eq(body.channel),
            information_duties::letter_number.eq(body.letter_number.as_ref()),
        ))
        .returning(DutyRecord::as_returning())
        .get_result(tx.conn)?;
    let data = json!({ "dutyId": duty.id, "participationId": duty.participation_id, "dischargedOn": body.effective_on });
    tx.announce("participation", duty.participation_id, "participation.duty_discharged", data);
    Ok(record)
}

fn select_duties(tx: &mut Tx, filter: InformationDutyFilter, window: Window) -> Result<Vec<InformationDutyView>, Problem> {
    let on = day_or_today(tx, filter.effective_on)?;
    let mut query = information_duties::table
        .filter(own(tx, information_duties::tenant_id))
        .filter(information_duties::id.gt(window.after))
        .into_boxed();
    if let Some(edition) = filter.edition_id {
        query = query.filter(information_duties::edition_id.eq(edition));
    }
    if let Some(participation) = filter.participation_id {
        query = query.filter(information_duties::participation_id.eq(participation));
    }
    let pending = || information_duties::discharged_on.is_null().and(information_duties::withdrawn_on.is_null());
    query = match filter.state {
        None => query,
        Some(DutyState::Open) => query.filter(pending()).filter(information_duties::due_on.ge(on)),
        Some(DutyState::Overdue) => query.filter(pending()).filter(information_duties::due_on.lt(on)),
        Some(DutyState::Discharged) => query.filter(information_duties::discharged_on.is_not_null()),
        Some(DutyState::Withdrawn) => query.filter(information_duties::withdrawn_on.is_not_null()),
    };
    let records: Vec<DutyRecord> =
        query.order(information_duties::id).limit(window.rows()).select(DutyRecord::as_select()).load(tx.conn)?;
    Ok(records.into_iter().map(|record| InformationDutyView::on(record, on)).collect())
}

/// What a duty comes of.
#[derive(Debug, Clone, Copy)]
pub(in crate::participation) struct Cause {
    /// Edition.
    pub edition: Uuid,
    /// Its agreement.
    pub agreement: Uuid,
    /// Whom it is about.
    pub participation: Uuid,
    /// Incident that it comes of.
    pub incident: Option<Uuid>,
    /// Of what is to be informed.
    pub duty: DutyKind,
    /// Day of that.
    pub occurred_on: Day,
    /// Day on which it became known.
    pub known_on: Day,
}

/// A duty that would arise.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArisingDutyView {
    /// Of what would have to be informed.
    pub duty: DutyKind,
    /// Who.
    pub recipient: Recipient,
    /// Day on which the duty would arise.
    pub arisen_on: Day,
    /// Last day in time.
    pub due_on: Day,
    /// Working days that there are for it.
    #[schema(minimum = 0, maximum = 60)]
    pub working_days: i32,
    /// What sets the term.
    pub legal_source: LongText,
}

/// The duties that come of a cause: one for each recipient; none where no term holds on so early a day.
pub(in crate::participation) fn arising(tx: &mut Tx, cause: &Cause) -> Result<Vec<ArisingDutyView>, Problem> {
    let Some(term) = term_on(tx, cause.duty, cause.agreement, cause.known_on)? else { return Ok(Vec::new()) };
    let days = u32::try_from(term.working_days).unwrap_or_default();
    let due_on = due_on(cause.known_on, days).map_err(|error| catalogue::INTERNAL.problem().because(error))?;
    let duty = |recipient: &Recipient| ArisingDutyView {
        duty: cause.duty,
        recipient: *recipient,
        arisen_on: cause.known_on,
        due_on,
        working_days: term.working_days,
        legal_source: term.legal_source.clone(),
    };
    Ok(cause.duty.recipients().iter().map(duty).collect())
}

/// Records the duties that come of a cause; what has to be told about the same day already is not told twice.
///
/// # Errors
/// `platform.id_taken`; `participation.more_ids_than_duties` at the first id for which no duty arises.
pub(in crate::participation) fn arise(tx: &mut Tx, cause: &Cause, chosen_ids: &[Uuid]) -> Result<(), Problem> {
    let mut arisen = 0;
    for duty in arising(tx, cause)? {
        let chosen = chosen_ids.get(arisen).copied();
        let id = tx.id_or_new(chosen);
        let stored = diesel::insert_into(information_duties::table)
            .values((
                (information_duties::id.eq(id), information_duties::edition_id.eq(cause.edition)),
                information_duties::participation_id.eq(cause.participation),
                information_duties::incident_id.eq(cause.incident),
                information_duties::duty.eq(duty.duty),
                information_duties::recipient.eq(duty.recipient),
                information_duties::occurred_on.eq(cause.occurred_on),
                information_duties::arisen_on.eq(duty.arisen_on),
                information_duties::working_days.eq(duty.working_days),
                information_duties::due_on.eq(duty.due_on),
                information_duties::legal_source.eq(&duty.legal_source),
            ))
            .on_conflict_do_nothing()
            .execute(tx.conn)?;
        if stored == 0 && chosen.is_some() && is_taken(tx, id)? {
            return Err(catalogue::ID_TAKEN.at(format!("/dutyIds/{arisen}")));
        }
        arisen += stored;
    }
    if arisen < chosen_ids.len() {
        return Err(MORE_IDS_THAN_DUTIES.at(format!("/dutyIds/{arisen}")).with("duties", arisen));
    }
    Ok(())
}

/// Whether there is a duty under an id.
fn is_taken(tx: &mut Tx, id: Uuid) -> Result<bool, Problem> {
    let of_id = information_duties::table.filter(own(tx, information_duties::tenant_id)).filter(information_duties::id.eq(id));
    Ok(diesel::select(diesel::dsl::exists(of_id)).get_result(tx.conn)?)
}

/// The duties of incidents, by incident and recipient.
pub(super) fn duties_of(tx: &mut Tx, incidents: &[Uuid], on: Day) -> Result<Vec<InformationDutyView>, Problem> {
    let mut records: Vec<DutyRecord> = information_duties::table
        .filter(own(tx, information_duties::tenant_id))
        .filter(information_duties::incident_id.eq_any(incidents))
        .select(DutyRecord::as_select())
        .load(tx.conn)?;
    records.sort_by_key(|record| (record.incident_id, record.recipient));
    Ok(records.into_iter().map(|record| InformationDutyView::on(record, on)).collect())
}

/// Withdraws the duties of an incident that nobody has discharged.
pub(super) fn withdraw_duties(tx: &mut Tx, incident: Uuid, on: Day) -> Result<(), Problem> {
    let open = information_duties::table
        .filter(own(tx, information_duties::tenant_id))
        .filter(information_duties::incident_id.eq(incident))
        .filter(information_duties::discharged_on.is_null())
        .filter(information_duties::withdrawn_on.is_null());
    diesel::update(open).set(information_duties::withdrawn_on.eq(on)).execute(tx.conn)?;
    Ok(())
}

/// Duties of an edition that are overdue on a day: participation, duty and last day in time.
pub(in crate::participation) fn overdue_duties(tx: &mut Tx, edition: Uuid, on: Day) -> Result<Vec<DutyRecord>, Problem> {
    Ok(information_duties::table
        .filter(own(tx, information_duties::tenant_id))
        .filter(information_duties::edition_id.eq(edition))
        .filter(information_duties::withdrawn_on.is_null())
        .filter(information_duties::discharged_on.is_null().or(information_duties::discharged_on.gt(on)))
        .filter(information_duties::due_on.lt(on))
        .order(information_duties::id)
        .select(DutyRecord::as_select())
        .load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_information_duties).service(get_information_duty).service(discharge_information_duty);
}
