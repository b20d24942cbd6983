//! Late entry: until how many days after it a role may still write what happened on a day.
//!
//! A town's own order, by the day of the classes or of the work, so that a new
//! limit leaves the past alone. A role without a limit may always; whoever is
//! too late asks a coordinator, whose reason the access register keeps.

use actix_web::{get, post};
use chrono::{Days, NaiveDate};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{ENTRY_WINDOW_CLOSED, ENTRY_WINDOW_CORRECTION};
use crate::platform::body::{Body, Filter};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::{
    CreateEntryWindow, ListEntryWindows, Operation as _, RecordAttendance, RecordPsuEntry, Role, Rule,
};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View, Written};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, LongText, text_enum};
use crate::recruitment::Override;
use crate::schema::entry_windows;

text_enum! {
    /// What is entered late.
    pub enum EntrySubject {
        /// Attendance sheets.
        Attendance = "attendance",
        /// Hours of socially useful work.
        PsuHours = "psuHours",
    }
}

text_enum! {
    /// Whose entries are limited.
    pub enum EntryRole {
        /// Coordinators, who may write later all the same and say why.
        Coordinator = "coordinator",
        /// Social workers.
        SocialWorker = "social_worker",
        /// Supervisors of hosts.
        HostSupervisor = "host_supervisor",
        /// Leaders of classes.
        Facilitator = "facilitator",
    }
}

/// A limit, as entered; or a correction of an earlier one.
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = entry_windows)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "subject": "attendance", "role": "facilitator", "from": "2026-07-06", "days": 14,
    "legalSource": "zarządzenie kierownika ośrodka w sprawie prowadzenia list obecności"
}))]
pub struct EntryWindowBody {
    /// Id chosen by the client (UUIDv7).
    #[diesel(skip_insertion)]
    pub id: Option<Uuid>,
    /// What is entered.
    pub subject: EntrySubject,
    /// Who enters it.
    pub role: EntryRole,
    /// First day of classes or work that it is for; it holds until the next one of the role begins.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Days after the day itself, 0 to 3660; null lifts an earlier limit.
    #[schema(minimum = 0, maximum = 3660)]
    pub days: Option<i32>,
    /// Order or rules that set it.
    pub legal_source: LongText,
    /// Limit that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// Why it is corrected; only and always with a correction.
    pub correction_reason: Option<LongText>,
}

/// A limit.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = entry_windows)]
#[serde(rename_all = "camelCase")]
pub struct EntryWindowView {
    /// Id.
    pub id: Uuid,
    /// What is entered.
    pub subject: EntrySubject,
    /// Who enters it.
    pub role: EntryRole,
    /// First day of classes or work that it is for.
    #[diesel(column_name = valid_from_on)]
    pub from: Day,
    /// Days after the day itself; null where there is no limit any more.
    #[schema(minimum = 0, maximum = 3660)]
    pub days: Option<i32>,
    /// Order or rules that set it.
    pub legal_source: LongText,
    /// Limit that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// Why it corrects another.
    pub correction_reason: Option<LongText>,
}

impl View for EntryWindowView {}

/// Which limits.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct EntryWindowFilter {
    /// Of this subject.
    #[param(inline)]
    subject: Option<EntrySubject>,
    /// Also those that a correction has replaced.
    #[serde(default)]
    #[param(required = false, default = false)]
    include_superseded: bool,
}

/// Sets until when a role may enter what happened on a day, or corrects that.
///
/// Entries of days before `from` stay as free as they were.
#[utoipa::path(tag = "entry-windows", request_body = EntryWindowBody,
    responses((status = 201, body = EntryWindowView, description = "The limit")))]
#[post("/entry-windows")]
async fn create_entry_window(permit: Permit<CreateEntryWindow>, body: Body<EntryWindowBody>) -> Result<Reply, Problem> {
    permit
        .write(body, |tx, body| {
            let id = tx.id_or_new(body.id);
            tx.touch("entryWindow", [id]);
            if body.supersedes_id.is_some() != body.correction_reason.is_some() {
                return Err(ENTRY_WINDOW_CORRECTION.at("/correctionReason"));
            }
            if let Some(earlier) = body.supersedes_id {
                supersede(tx, earlier)?;
            }
            let view: EntryWindowView = diesel::insert_into(entry_windows::table)
                .values((body, entry_windows::id.eq(id)))
                .returning(EntryWindowView::as_returning())
                .get_result(tx.conn)?;
            Ok(Written::created("/entry-windows", view))
        })
        .await
}

/// Lists until when which role may enter what happened on a day.
#[utoipa::path(tag = "entry-windows", params(EntryWindowFilter, PageQuery),
    responses((status = 200, body = Page<EntryWindowView>, description = "A page of limits")))]
#[get("/entry-windows")]
async fn list_entry_windows(permit: Permit<ListEntryWindows>, filter: Filter<EntryWindowFilter>) -> Result<Reply, Problem> {
    permit.list(|limit: &EntryWindowView| limit.id, move |tx, window| select_windows(tx, filter.0, window)).await
}

fn supersede(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    let limit = entry_windows::table.filter(own(tx, entry_windows::tenant_id)).filter(entry_windows::id.eq(id));
    let marked = diesel::update(limit.filter(entry_windows::superseded_at.is_null()))
        .set(entry_windows::superseded_at.eq(tx.now()))
        .execute(tx.conn)?;
    if marked == 1 {
        return Ok(());
    }
    let known: i64 = limit.count().get_result(tx.conn)?;
    let definition = if known == 0 { &catalogue::REFERENCE_NOT_FOUND } else { &catalogue::ALREADY_SUPERSEDED };
    Err(definition.at("/supersedesId"))
}

fn select_windows(tx: &mut Tx, filter: EntryWindowFilter, window: Window) -> Result<Vec<EntryWindowView>, Problem> {
    let mut query =
        entry_windows::table.filter(own(tx, entry_windows::tenant_id)).filter(entry_windows::id.gt(window.after)).into_boxed();
    if let Some(subject) = filter.subject {
        query = query.filter(entry_windows::subject.eq(subject));
    }
    if !filter.include_superseded {
        query = query.filter(entry_windows::superseded_at.is_null());
    }
    Ok(query.order(entry_windows::id).limit(window.rows()).select(EntryWindowView::as_select()).load(tx.conn)?)
}

/// A limit as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = entry_windows)]
struct Limit {
    role: EntryRole,
    valid_from_on: Day,
    days: Option<i32>,
}

impl EntrySubject {
    /// Who may enter it at all.
    const fn rule(self) -> &'static Rule {
        match self {
            Self::Attendance => RecordAttendance::RULE,
            Self::PsuHours => RecordPsuEntry::RULE,
        }
    }
}

/// The limits of a subject that stand in the town.
#[derive(Clone, Debug)]
pub struct EntryWindows {
    subject: EntrySubject,
    limits: Vec<Limit>,
}

impl EntryWindows {
    /// Reads the limits of a subject.
    ///
    /// # Errors
    /// Only when the store fails.
    pub fn load(tx: &mut Tx, subject: EntrySubject) -> Result<Self, Problem> {
        let limits = entry_windows::table
            .filter(own(tx, entry_windows::tenant_id))
            .filter(entry_windows::subject.eq(subject))
            .filter(entry_windows::superseded_at.is_null())
            .select(Limit::as_select())
            .load(tx.conn)?;
        Ok(Self { subject, limits })
    }

    /// The last day on which a role may write what happened on a day; nothing where there is no such day.
    fn until(&self, role: EntryRole, day: Day) -> Option<NaiveDate> {
        let of_role = self.limits.iter().filter(|limit| limit.role == role && limit.valid_from_on <= day);
        let days = of_role.max_by_key(|limit| limit.valid_from_on)?.days?;
        day.date().checked_add_days(Days::new(u64::try_from(days).ok()?))
    }

    /// Since when a role may write no more of a day; nothing while it may.
    fn closed_since(&self, role: Role, day: Day, today: NaiveDate) -> Option<NaiveDate> {
        let role = EntryRole::ALL.iter().find(|known| known.as_str() == role.as_str())?;
        self.until(*role, day).filter(|until| *until < today)
    }

    /// Roles that may still write what happened on a day.
    fn may_still(&self, day: Day, today: NaiveDate) -> Vec<&'static str> {
        let may_at_all = |role: &EntryRole| self.subject.rule().roles.iter().any(|known| known.as_str() == role.as_str());
        let is_open = |role: &EntryRole| self.until(*role, day).is_none_or(|until| until >= today);
        EntryRole::ALL.iter().filter(|role| may_at_all(role) && is_open(role)).map(|role| role.as_str()).collect()
    }

    /// Refuses what happened on a day once the time of the caller's role is over, unless a coordinator says why.
    ///
    /// # Errors
    /// `participation.entry_window_closed`, with until when it was and who still may.
    pub fn expect_open(&self, tx: &mut Tx, day: Day, overriding: Option<&Override>, pointer: &str) -> Result<(), Problem> {
        let today = tx.today();
        let Some(until) = self.closed_since(tx.caller.role, day, today) else { return Ok(()) };
        if let (Role::Coordinator, Some(overriding)) = (tx.caller.role, overriding) {
            tx.note_override(overriding.reason.as_str());
            return Ok(());
        }
        let may_still = self.may_still(day, today).join(", ");
        Err(ENTRY_WINDOW_CLOSED
            .at(pointer)
            .with("until", until.to_string())
            .with("mayStill", may_still)
            .with("mayOverride", Role::Coordinator.as_str()))
    }
}

/// As [`EntryWindows::expect_open`], of one day.
///
/// # Errors
/// `participation.entry_window_closed`.
pub fn expect_open(
    tx: &mut Tx,
    subject: EntrySubject,
    day: Day,
    overriding: Option<&Override>,
    pointer: &str,
) -> Result<(), Problem> {
    EntryWindows::load(tx, subject)?.expect_open(tx, day, overriding, pointer)
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_entry_window).service(list_entry_windows);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn the_limit_of_the_day_itself_holds_to_its_last_day() {
        let limit = |role, from: &str, days| Limit { role, valid_from_on: day(from), days };
        let limits = vec![
            limit(EntryRole::Facilitator, "2020-11-09", Some(3)),
            limit(EntryRole::Facilitator, "2020-11-16", None),
            limit(EntryRole::Facilitator, "2020-11-23", Some(0)),
            limit(EntryRole::SocialWorker, "2020-11-09", Some(30)),
        ];
        let windows = EntryWindows { subject: EntrySubject::Attendance, limits };
        for (role, happened_on, until) in [
            (Role::Facilitator, "2020-11-08", None),
            (Role::Facilitator, "2020-11-09", Some("2020-11-12")),
            (Role::Facilitator, "2020-11-15", Some("2020-11-18")),
            (Role::Facilitator, "2020-11-16", None),
            (Role::Facilitator, "2020-11-23", Some("2020-11-23")),
            (Role::SocialWorker, "2020-11-09", Some("2020-12-09")),
            (Role::Coordinator, "2020-11-09", None),
        ] {
            let until = until.map(|until| day(until).date());
            let since = |today| windows.closed_since(role, day(happened_on), today);
            match until {
                None => assert_eq!(since(day("2030-01-01").date()), None, "{happened_on}"),
                Some(until) => {
                    assert_eq!(since(until), None, "{happened_on}: the last day counts");
                    assert_eq!(since(until + Days::new(1)), Some(until), "{happened_on}");
                }
            }
        }
    }
    #[test]
    fn only_roles_that_ever_may_are_told_to_still_may() {
        for (subject, told) in [
            (EntrySubject::Attendance, ["coordinator", "social_worker", "facilitator"]),
            (EntrySubject::PsuHours, ["coordinator", "social_worker", "host_supervisor"]),
        ] {
            let windows = EntryWindows { subject, limits: Vec::new() };
            assert_eq!(windows.may_still(day("2020-11-09"), day("2020-11-09").date()), told, "{subject}");
        }
    }
}
