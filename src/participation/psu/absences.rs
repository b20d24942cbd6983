//! Days on which somebody was absent from socially useful work, or refused it.
//!
//! The labour office is informed of them (regulation of 21 December 2017,
//! section 3(1)(5)). Whoever is absent earns nothing: no hours are entered on
//! such a day, so that none reach a settlement.

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::participation::participations::lock_participation;
use crate::participation::{INVERTED, OUTSIDE_PARTICIPATION, PSU_ABSENCE_WITHDRAWN, PSU_HOURS_IN_ABSENCE};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::examples;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{ListPsuAbsences, RecordPsuAbsence, WithdrawPsuAbsence};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, ShortText, text_enum};
use crate::programmes::ReasonClass;
use crate::schema::{psu_absences, psu_entries};

text_enum! {
    /// How somebody came to be absent from the work.
    pub enum PsuAbsenceKind {
        /// With an excuse.
        Excused = "excused",
        /// Without an excuse.
        Unexcused = "unexcused",
        /// The person refused the work.
        Refused = "refused",
    }
}

/// Days of absence from socially useful work.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = psu_absences)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "participationId": examples::PARTICIPATION, "from": "2026-06-15", "to": "2026-06-16", "kind": "excused", "reasonClass": "health"
}))]
pub struct PsuAbsenceBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// Who was absent.
    pub participation_id: Uuid,
    /// First whole day of the absence, within the participation.
    #[diesel(column_name = from_on)]
    pub from: Day,
    /// Last day of it.
    #[diesel(column_name = to_on)]
    pub to: Day,
    /// With or without an excuse, or a refusal.
    pub kind: PsuAbsenceKind,
    /// Why the person is excused; only with an excuse.
    pub reason_class: Option<ReasonClass>,
    /// Day on which the labour office was informed.
    pub informed_on: Option<Day>,
}

/// Days of absence from socially useful work.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = psu_absences)]
#[serde(rename_all = "camelCase")]
pub struct PsuAbsenceView {
    /// Id.
    pub id: Uuid,
    /// Edition.
    pub edition_id: Uuid,
    /// Who was absent.
    pub participation_id: Uuid,
    /// First whole day of the absence.
    #[diesel(column_name = from_on)]
    pub from: Day,
    /// Last day of it.
    #[diesel(column_name = to_on)]
    pub to: Day,
    /// With or without an excuse, or a refusal.
    pub kind: PsuAbsenceKind,
    /// Why the person is excused.
    pub reason_class: Option<ReasonClass>,
    /// Day on which the labour office was informed.
    pub informed_on: Option<Day>,
    /// Day on which it turned out to be wrong.
    pub withdrawn_on: Option<Day>,
    /// Why it was withdrawn.
    pub withdrawal_reason: Option<ShortText>,
}

impl View for PsuAbsenceView {}

/// Why days of absence do not stand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "effectiveOn": "2026-06-15", "reason": "Pomyłka w dniach" }))]
pub struct PsuAbsenceWithdrawalBody {
    /// Day of the withdrawal.
    pub effective_on: Day,
    /// Why.
    pub reason: ShortText,
}

/// Which absences.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct PsuAbsenceFilter {
    /// Of this edition.
    edition_id: Option<Uuid>,
    /// Of this participation.
    participation_id: Option<Uuid>,
    /// Also those that were withdrawn.
    #[serde(default)]
    #[param(required = false, default = false)]
    include_withdrawn: bool,
}

/// Records whole days on which somebody was absent from socially useful work, or refused it.
///
/// Refused (409) while hours stand on one of these days: they are corrected
/// first. From then on hours on these days are refused, so that nobody is paid
/// for them.
#[utoipa::path(tag = "psu-absences", request_body = PsuAbsenceBody,
    responses((status = 201, body = PsuAbsenceView, description = "The absence")))]
#[post("/psu-absences")]
async fn record_psu_absence(permit: Permit<RecordPsuAbsence>, body: Body<PsuAbsenceBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("psuAbsence", [id]);
            let edition = expect_room(tx, body)?;
            let view: PsuAbsenceView = diesel::insert_into(psu_absences::table)
                .values((body, psu_absences::id.eq(id), psu_absences::edition_id.eq(edition)))
                .returning(PsuAbsenceView::as_returning())
                .get_result(tx.conn)?;
            announce(tx, "psu_absence.recorded", &view);
            Ok(Written::created("/psu-absences", view))
        })
        .await
}

/// Lists days of absence from socially useful work.
#[utoipa::path(tag = "psu-absences", params(PsuAbsenceFilter, PageQuery),
    responses((status = 200, body = Page<PsuAbsenceView>, description = "A page of absences")))]
#[get("/psu-absences")]
async fn list_psu_absences(permit: Permit<ListPsuAbsences>, filter: Filter<PsuAbsenceFilter>) -> Result<Reply, Problem> {
    permit.list(|absence: &PsuAbsenceView| absence.id, move |tx, window| select_absences(tx, filter.0, window)).await
}

/// Withdraws days of absence that were recorded by mistake; hours may be entered on them again.
#[utoipa::path(tag = "psu-absences", request_body = PsuAbsenceWithdrawalBody,
    params(("id" = Uuid, Path, description = "Absence")),
    responses((status = 200, body = PsuAbsenceView, description = "The absence")))]
#[post("/psu-absences/{id}/withdrawal")]
async fn withdraw_psu_absence(
    permit: Permit<WithdrawPsuAbsence>,
    id: PathId,
    body: Body<PsuAbsenceWithdrawalBody>,
) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            tx.touch("psuAbsence", [id.0]);
            tx.expect_past(body.effective_on, "/effectiveOn")?;
            let absence = psu_absences::table.filter(own(tx, psu_absences::tenant_id)).filter(psu_absences::id.eq(id.0));
            let withdrawn: Option<PsuAbsenceView> = diesel::update(absence.filter(psu_absences::withdrawn_on.is_null()))
                .set((psu_absences::withdrawn_on.eq(body.effective_on), psu_absences::withdrawal_reason.eq(&body.reason)))
                .returning(PsuAbsenceView::as_returning())
                .get_result(tx.conn)
                .optional()?;
            let Some(view) = withdrawn else {
                let _: Uuid = absence.select(psu_absences::id).first(tx.conn)?;
                return Err(PSU_ABSENCE_WITHDRAWN.problem());
            };
            announce(tx, "psu_absence.withdrawn", &view);
            Ok(Written::changed(view))
        })
        .await
}

/// The edition of the participation, when the days lie within it and hold no hours.
///
/// The lock makes entries at the same moment wait; they see the absence then.
fn expect_room(tx: &mut Tx, body: &PsuAbsenceBody) -> Result<Uuid, Problem> {
    if body.to < body.from {
        return Err(INVERTED.at("/to"));
    }
    let stay = lock_participation(tx, body.participation_id).map_err(|problem| {
        let is_missing = problem.definition.code == catalogue::NOT_FOUND.code;
        if is_missing { catalogue::REFERENCE_NOT_FOUND.at("/participationId") } else { problem }
    })?;
    for (day, pointer) in [(body.from, "/from"), (body.to, "/to")] {
        if !stay.covers(day) {
            let outside = OUTSIDE_PARTICIPATION.at(pointer);
            return Err(outside.with("startsOn", stay.starts_on.to_string()).with("lastOn", stay.last_on().to_string()));
        }
    }
    if let Some(informed_on) = body.informed_on {
        tx.expect_past(informed_on, "/informedOn")?;
    }
    let worked: Vec<Uuid> = psu_entries::table
        .filter(own(tx, psu_entries::tenant_id))
        .filter(psu_entries::person_id.eq(stay.person_id))
        .filter(psu_entries::participation_id.eq(stay.id))
        .filter(psu_entries::superseded_at.is_null())
        .filter(psu_entries::minutes.gt(0))
        .filter(psu_entries::worked_on.between(body.from, body.to))
        .order(psu_entries::id)
        .limit(20)
        .select(psu_entries::id)
        .load(tx.conn)?;
    if worked.is_empty() {
        return Ok(stay.edition_id);
    }
    Err(PSU_HOURS_IN_ABSENCE.at("/from").with("psuEntryIds", json!(worked)))
}

fn announce(tx: &mut Tx, kind: &'static str, absence: &PsuAbsenceView) {
    let data = json!({
        "psuAbsenceId": absence.id, "participationId": absence.participation_id, "editionId": absence.edition_id,
        "from": absence.from, "to": absence.to,
    });
    tx.announce("participation", absence.participation_id, kind, data);
}

fn select_absences(tx: &mut Tx, filter: PsuAbsenceFilter, window: Window) -> Result<Vec<PsuAbsenceView>, Problem> {
    let mut query =
        psu_absences::table.filter(own(tx, psu_absences::tenant_id)).filter(psu_absences::id.gt(window.after)).into_boxed();
    if let Some(edition) = filter.edition_id {
        query = query.filter(psu_absences::edition_id.eq(edition));
    }
    if let Some(participation) = filter.participation_id {
        query = query.filter(psu_absences::participation_id.eq(participation));
    }
    if !filter.include_withdrawn {
        query = query.filter(psu_absences::withdrawn_on.is_null());
    }
    Ok(query.order(psu_absences::id).limit(window.rows()).select(PsuAbsenceView::as_select()).load(tx.conn)?)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_psu_absence).service(list_psu_absences).service(withdraw_psu_absence);
}
