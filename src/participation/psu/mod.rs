//! The register of socially useful work (Polish: ewidencja prac społecznie
//! użytecznych, PSU) and its ledger of hours.
//!
//! A person works at most the weekly hours of the regime (art. 73a(1) of the
//! Act of 20 April 2004), over all hosts and editions together. An entry is
//! never changed: a correction supersedes it, and the ledger moves by the
//! difference. Rates and benefits are not kept here.

mod absences;
mod agreement_total;
mod approvals;
mod balance;
mod clash;
mod day_checks;
pub mod fast;
pub mod intake;
mod ledger;
mod rules;
mod views;

use actix_web::web::Data;
use actix_web::{get, post};
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use uuid::Uuid;

use super::PSU_ABSENT;
use super::entry_windows::{EntrySubject, EntryWindows, expect_open};
use crate::platform::body::{Body, Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::hint::Hint;
use crate::platform::imports::hand_on_external;
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::permit::together::FAST;
use crate::platform::policy::{CorrectPsuEntry, GetPsuEntry, ListPsuEntries, RecordPsuEntry, Role};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{ClockTime, Day, Hours, ShortText};
use crate::schema::{psu_absences, psu_entries, suspensions};
use clash::{WorkTimes, expect_free};
use fast::Register;
use ledger::{Terms, book, terms};
use views::{PsuCorrectionBody, PsuEntryBody, PsuEntryView};

#[derive(Insertable)]
#[diesel(table_name = psu_entries)]
struct NewPsuEntry<'a> {
    id: Uuid,
    edition_id: Uuid,
    participation_id: Uuid,
    person_id: Uuid,
    host_id: Option<Uuid>,
    worked_on: Day,
    minutes: Hours,
    started_at: Option<ClockTime>,
    ended_at: Option<ClockTime>,
    kind_of_work: Option<&'a ShortText>,
    supersedes_id: Option<Uuid>,
    correction_reason: Option<&'a ShortText>,
}

/// Which entries are wanted.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct PsuEntryFilter {
    /// Of this edition.
    pub edition_id: Option<Uuid>,
    /// Of this participation.
    pub participation_id: Option<Uuid>,
    /// Of this person.
    pub person_id: Option<Uuid>,
    /// At this host.
    pub host_id: Option<Uuid>,
    /// Worked on this day or later.
    #[param(inline)]
    pub from: Option<Day>,
    /// Worked on this day or earlier.
    #[param(inline)]
    pub to: Option<Day>,
    /// Whether superseded entries are wanted too.
    #[serde(default)]
    #[param(required = false, default = false)]
    pub include_superseded: bool,
}

impl PsuEntryFilter {
    /// Whether the page is one that most ask for: the current entries of all editions, or of one.
    fn is_plain(&self) -> bool {
        let Self { edition_id: _, participation_id, person_id, host_id, from, to, include_superseded } = self;
        let narrowed = participation_id.is_some() || person_id.is_some() || host_id.is_some() || from.is_some() || to.is_some();
        !narrowed && !include_superseded
    }
}

/// Records hours of socially useful work.
///
/// The hours count towards the weekly limit of the person over all hosts and
/// editions, and towards the monthly cap of the agreement where it sets one. A
/// refusal says how many hours remain in that ISO week or month. With
/// `startedAt` and `endedAt` it is refused (409) at the time of a session or
/// of another entry; on a day of an absence (`/psu-absences`) it is refused
/// as well, and after the time that `/entry-windows` gives the caller's role.
#[utoipa::path(tag = "psu-entries", request_body = PsuEntryBody, responses((status = 201, body = PsuEntryView, description = "The entry")))]
#[post("/psu-entries")]
async fn record_psu_entry(
    permit: Permit<RecordPsuEntry>,
    register: Data<Register>,
    body: Body<PsuEntryBody>,
) -> Result<Reply, Problem> {
    let writers = register.writers(permit.caller(), &body.value);
    permit.write_together(body, writers, record).await
}

/// Lists the register; a host supervisor sees the entries of the own host.
#[utoipa::path(tag = "psu-entries", params(PsuEntryFilter, PageQuery), responses((status = 200, body = Page<PsuEntryView>, description = "A page of entries")))]
#[get("/psu-entries")]
async fn list_psu_entries(permit: Permit<ListPsuEntries>, filter: Filter<PsuEntryFilter>) -> Result<Reply, Problem> {
    let id = |entry: &PsuEntryView| entry.id;
    if FAST && permit.caller().role != Role::HostSupervisor && filter.0.is_plain() {
        return permit.list_at_once(id, move |conn, caller, window| fast::page(conn, caller, filter.0.edition_id, window)).await;
    }
    permit.list(id, move |tx, window| select_entries(tx, &filter.0, window)).await
}

/// Reads an entry of the register.
#[utoipa::path(tag = "psu-entries", params(("id" = Uuid, Path, description = "Entry")), responses((status = 200, body = PsuEntryView, description = "The entry")))]
#[get("/psu-entries/{id}")]
async fn get_psu_entry(permit: Permit<GetPsuEntry>, register: Data<Register>, id: PathId) -> Result<Reply, Problem> {
    permit.look_together(register.readers(), id.0, move |tx| find_entry(tx, id.0)).await
}

/// Corrects an entry: a new one supersedes it.
///
/// The ledger moves by the difference, also between weeks and months, within
/// the same limits. Zero hours withdraw the entry.
#[utoipa::path(
    tag = "psu-entries", request_body = PsuCorrectionBody,
    params(("id" = Uuid, Path, description = "Entry")),
    responses((status = 201, body = PsuEntryView, description = "The entry that holds from now on"))
)]
#[post("/psu-entries/{id}/correction")]
async fn correct_psu_entry(permit: Permit<CorrectPsuEntry>, id: PathId, body: Body<PsuCorrectionBody>) -> Result<Reply, Problem> {
    permit
        .write(body, move |tx, body| {
            let new_id = tx.id_or_new(body.id);
            tx.touch("psuEntry", [id.0, new_id]);
            let old = supersede_entry(tx, id.0)?;
            if body.host_id.is_some() {
                check_host(tx, body.host_id)?;
            }
            let worked_on = body.worked_on.unwrap_or(old.worked_on);
            let windows = EntryWindows::load(tx, EntrySubject::PsuHours)?;
            for day in [old.worked_on, worked_on] {
                windows.expect_open(tx, day, body.overriding.as_ref(), "/workedOn")?;
            }
            let terms = terms(tx, old.participation_id, worked_on)?;
            let times = WorkTimes::corrected(&old, body)?;
            if body.hours > Hours::ZERO {
                tx.expect_past(worked_on, "/workedOn")?;
                terms.check_day(worked_on)?;
            }
            if let Some(times) = times {
                expect_free(tx, old.person_id, worked_on, times)?;
            }
            book(tx, &terms, Some((old.worked_on, old.hours)), (worked_on, body.hours))?;
            let new = NewPsuEntry {
                id: new_id,
                edition_id: old.edition_id,
                participation_id: old.participation_id,
                person_id: old.person_id,
                host_id: body.host_id.or(old.host_id),
                worked_on,
                minutes: body.hours,
                started_at: times.map(|times| times.started_at),
                ended_at: times.map(|times| times.ended_at),
                kind_of_work: body.kind_of_work.as_ref().or(old.kind_of_work.as_ref()),
                supersedes_id: Some(old.id),
                correction_reason: Some(&body.reason),
            };
            let view = insert_entry(tx, &terms, &new)?;
            hand_on_external(tx, old.id, new_id)?;
            announce(tx, "psu_entry.corrected", &view);
            Ok(Written::created(format!("/psu-entries/{new_id}"), view))
        })
        .await
}

/// Records an entry by itself, with every rule's own refusal.
fn record(tx: &mut Tx, body: &PsuEntryBody) -> Result<Written<PsuEntryView>, Problem> {
    let id = tx.id_or_new(body.id);
    tx.touch("psuEntry", [id]);
    if body.hours == Hours::ZERO {
        let hint = Some(Hint::new("musi być więcej niż zero", "must be more than zero"));
        return Err(catalogue::INVALID_BODY.problem().and("/hours", &catalogue::INVALID_FIELD, hint));
    }
    let times = WorkTimes::of(body.started_at, body.ended_at, body.hours)?;
    check_host(tx, body.host_id)?;
    let terms = terms(tx, body.participation_id, body.worked_on)?;
    terms.check_day(body.worked_on)?;
    tx.expect_past(body.worked_on, "/workedOn")?;
    expect_open(tx, EntrySubject::PsuHours, body.worked_on, body.overriding.as_ref(), "/workedOn")?;
    if let Some(times) = times {
        expect_free(tx, terms.person_id, body.worked_on, times)?;
    }
    book(tx, &terms, None, (body.worked_on, body.hours))?;
    let new = NewPsuEntry {
        id,
        edition_id: terms.edition_id,
        participation_id: terms.participation_id,
        person_id: terms.person_id,
        host_id: body.host_id,
        worked_on: body.worked_on,
        minutes: body.hours,
        started_at: body.started_at,
        ended_at: body.ended_at,
        kind_of_work: body.kind_of_work.as_ref(),
        supersedes_id: None,
        correction_reason: None,
    };
    let view = insert_entry(tx, &terms, &new)?;
    announce(tx, "psu_entry.recorded", &view);
    Ok(Written::created(format!("/psu-entries/{id}"), view))
}

/// A host that is another's does not exist for a host supervisor.
fn check_host(tx: &Tx, host: Option<Uuid>) -> Result<(), Problem> {
    if tx.caller.may_use_host(host) { Ok(()) } else { Err(catalogue::REFERENCE_NOT_FOUND.at("/hostId")) }
}

fn announce(tx: &mut Tx, kind: &'static str, entry: &PsuEntryView) {
    tx.announce("participation", entry.participation_id, kind, entry_data(entry));
}

/// What an event says about an entry.
fn entry_data(entry: &PsuEntryView) -> Value {
    json!({
        "psuEntryId": entry.id, "participationId": entry.participation_id, "editionId": entry.edition_id,
        "workedOn": entry.worked_on, "supersedesId": entry.supersedes_id,
    })
}

/// Inserts the entry, unless the participation rests on its day or the person was absent.
///
/// Both are asked for here and not when the participation was locked: only a
/// statement that begins after the lock sees what was committed while it waited.
fn insert_entry(tx: &mut Tx, terms: &Terms, new: &NewPsuEntry) -> Result<PsuEntryView, Problem> {
    let resting = suspensions::table
        .filter(own(tx, suspensions::tenant_id))
        .filter(suspensions::participation_id.eq(new.participation_id))
        .filter(suspensions::from_on.le(new.worked_on).and(suspensions::to_on.ge(new.worked_on)));
    let absent = psu_absences::table
        .filter(own(tx, psu_absences::tenant_id))
        .filter(psu_absences::participation_id.eq(new.participation_id))
        .filter(psu_absences::withdrawn_on.is_null())
        .filter(psu_absences::from_on.le(new.worked_on).and(psu_absences::to_on.ge(new.worked_on)));
    let (view, rests, is_absent): (PsuEntryView, bool, bool) = diesel::insert_into(psu_entries::table)
        .values(new)
        .returning((PsuEntryView::as_returning(), diesel::dsl::exists(resting), diesel::dsl::exists(absent)))
        .get_result(tx.conn)?;
    if new.minutes == Hours::ZERO {
        Ok(view)
    } else if rests {
        Err(terms.outside())
    } else if is_absent {
        Err(absent_on(new.worked_on))
    } else {
        Ok(view)
    }
}

/// The refusal of hours on a day of absence.
fn absent_on(day: Day) -> Problem {
    PSU_ABSENT.at("/workedOn").with("workedOn", day.to_string())
}

fn select_entries(tx: &mut Tx, filter: &PsuEntryFilter, window: Window) -> Result<Vec<PsuEntryView>, Problem> {
    let mut query =
        psu_entries::table.filter(own(tx, psu_entries::tenant_id)).filter(psu_entries::id.gt(window.after)).into_boxed();
    if tx.caller.role == Role::HostSupervisor {
        // Without a host in the client's row this is a comparison with NULL, and nothing is seen.
        query = query.filter(psu_entries::host_id.eq(tx.caller.host));
    }
    if let Some(edition) = filter.edition_id {
        query = query.filter(psu_entries::edition_id.eq(edition));
    }
    if let Some(participation) = filter.participation_id {
        query = query.filter(psu_entries::participation_id.eq(participation));
    }
    if let Some(person) = filter.person_id {
        query = query.filter(psu_entries::person_id.eq(person));
    }
    if let Some(host) = filter.host_id {
        query = query.filter(psu_entries::host_id.eq(host));
    }
    if let Some(from) = filter.from {
        query = query.filter(psu_entries::worked_on.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(psu_entries::worked_on.le(to));
    }
    if !filter.include_superseded {
        query = query.filter(psu_entries::superseded_at.is_null());
    }
    Ok(query.order(psu_entries::id).limit(window.rows()).select(PsuEntryView::as_select()).load(tx.conn)?)
}

fn find_entry(tx: &mut Tx, id: Uuid) -> Result<PsuEntryView, Problem> {
    let view = psu_entries::table
        .filter(own(tx, psu_entries::tenant_id))
        .filter(psu_entries::id.eq(id))
        .select(PsuEntryView::as_select())
        .first(tx.conn)?;
    if tx.caller.may_use_host(view.host_id) { Ok(view) } else { Err(catalogue::NOT_FOUND.problem()) }
}

/// Marks the entry superseded and answers what it said; of two corrections at the same moment, one is refused.
fn supersede_entry(tx: &mut Tx, id: Uuid) -> Result<PsuEntryView, Problem> {
    let current = psu_entries::table
        .filter(own(tx, psu_entries::tenant_id))
        .filter(psu_entries::id.eq(id))
        .filter(psu_entries::superseded_at.is_null());
    let superseded = diesel::update(current)
        .set(psu_entries::superseded_at.eq(tx.now()))
        .returning(PsuEntryView::as_returning())
        .get_result(tx.conn)
        .optional()?;
    let Some(entry) = superseded else {
        find_entry(tx, id)?;
        return Err(catalogue::ALREADY_SUPERSEDED.problem());
    };
    if tx.caller.may_use_host(entry.host_id) { Ok(entry) } else { Err(catalogue::NOT_FOUND.problem()) }
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_psu_entry).service(list_psu_entries).service(get_psu_entry).service(correct_psu_entry);
    balance::routes(config);
    approvals::routes(config);
    absences::routes(config);
    day_checks::routes(config);
}
