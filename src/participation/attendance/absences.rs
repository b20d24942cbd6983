//! Absences from classes with the state of their excuses: until when they are justified, and which are overdue.

use actix_web::get;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::views::{AttendanceStatus, Evidence};
use crate::platform::body::{Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::paging::{Page, PageQuery, Window};
use crate::platform::permit::Permit;
use crate::platform::policy::ListAbsences;
use crate::platform::problem::Problem;
use crate::platform::reply::Reply;
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{Day, Hours, text_enum};
use crate::programmes::facts::absence_terms;
use crate::programmes::{AbsenceTerms, ReasonClass};
use crate::schema::attendance::{self, table as SheetRows};
use crate::schema::sessions;

text_enum! {
    /// Where an absence stands on a day.
    pub enum AbsenceStanding {
        /// Excused, and the evidence was shown or is not needed.
        Justified = "justified",
        /// It may still be justified, or its evidence shown.
        Awaited = "awaited",
        /// Excused, but the evidence was not shown in time; a corrected sheet may say `unexcused`.
        Overdue = "overdue",
        /// Not excused, and the time for it is over.
        Unexcused = "unexcused",
    }
}

/// An absence from classes, as the current sheet says.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AbsenceView {
    /// Id of the row of the sheet.
    pub id: Uuid,
    /// Session.
    pub session_id: Uuid,
    /// Who was absent.
    pub participation_id: Uuid,
    /// Day of the session.
    pub held_on: Day,
    /// Hours of the session, all of which were missed.
    pub missed_hours: Hours,
    /// What the sheet says: excused or unexcused.
    pub status: AttendanceStatus,
    /// Why the person was excused.
    pub reason_class: Option<ReasonClass>,
    /// What the excuse rests on.
    pub evidence: Option<Evidence>,
    /// Day on which it was shown.
    pub evidence_shown_on: Option<Day>,
    /// Last day to justify the absence; null where the regime sets no time for it.
    pub excuse_due_on: Option<Day>,
    /// Where it stands on the day that is asked for.
    pub standing: AbsenceStanding,
}

/// Which absences.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct AbsenceFilter {
    /// Only those that stand so.
    #[param(inline)]
    standing: Option<AbsenceStanding>,
    /// The day on which it is asked where they stand; today when left out.
    #[param(inline)]
    on: Option<Day>,
    /// Of this participation.
    participation_id: Option<Uuid>,
}

/// Lists absences from the classes of an edition, with where their excuses stand.
///
/// `overdue` are those whose evidence was not shown in time: a correction of the sheet may turn them into unexcused ones.
#[utoipa::path(tag = "editions",
    params(("id" = Uuid, Path, description = "Edition"), AbsenceFilter, PageQuery),
    responses((status = 200, body = Page<AbsenceView>, description = "A page of absences")))]
#[get("/editions/{id}/absences")]
async fn list_absences(permit: Permit<ListAbsences>, id: PathId, filter: Filter<AbsenceFilter>) -> Result<Reply, Problem> {
    permit.list(|absence: &AbsenceView| absence.id, move |tx, window| select_absences(tx, id.0, filter.0, window)).await
}

#[derive(Queryable)]
struct Row {
    id: Uuid,
    session: Uuid,
    participation: Uuid,
    held_on: Day,
    hours: Hours,
    status: AttendanceStatus,
    reason_class: Option<ReasonClass>,
    evidence: Option<Evidence>,
    shown_on: Option<Day>,
    due_on: Option<Day>,
}

impl Row {
    fn view(self, terms: Option<&AbsenceTerms>, on: NaiveDate) -> AbsenceView {
        let standing = self.standing(terms, on);
        let Self { id, session, participation, held_on, hours, status, reason_class, evidence, shown_on, due_on } = self;
        AbsenceView {
            id,
            session_id: session,
            participation_id: participation,
            held_on,
            missed_hours: hours,
            status,
            reason_class,
            evidence,
            evidence_shown_on: shown_on,
            excuse_due_on: due_on,
            standing,
        }
    }

    /// Where it stands on a day; [`standing_so`] says the same to the store.
    fn standing(&self, terms: Option<&AbsenceTerms>, on: NaiveDate) -> AbsenceStanding {
        let is_believed = self.reason_class.is_some_and(|reason| believed(terms).contains(&reason));
        let is_shown = self.shown_on.is_some_and(|shown| shown.date() <= on);
        let is_excused = self.status == AttendanceStatus::Excused;
        match (is_excused, self.due_on) {
            (true, _) if is_shown || is_believed => AbsenceStanding::Justified,
            (true, Some(due)) if due.date() < on => AbsenceStanding::Overdue,
            (true, _) => AbsenceStanding::Awaited,
            (false, Some(due)) if due.date() >= on => AbsenceStanding::Awaited,
            (false, _) => AbsenceStanding::Unexcused,
        }
    }
}

/// Reasons that are believed without evidence.
fn believed(terms: Option<&AbsenceTerms>) -> &[ReasonClass] {
    terms.map_or(&[], |terms| &terms.without_evidence)
}

type Condition = Box<dyn BoxableExpression<SheetRows, diesel::pg::Pg, SqlType = Nullable<Bool>>>;

/// The rows that stand so on a day.
fn standing_so(standing: AbsenceStanding, terms: Option<&AbsenceTerms>, on: NaiveDate) -> Condition {
    let without = || believed(terms).to_vec();
    let excused = || attendance::status.eq(AttendanceStatus::Excused);
    let shown = || attendance::evidence_shown_on.is_not_null().and(attendance::evidence_shown_on.le(on));
    let to_be_shown = || {
        let late = attendance::evidence_shown_on.is_null().or(attendance::evidence_shown_on.gt(on));
        excused().and(late).and(attendance::reason_class.is_null().or(attendance::reason_class.ne_all(without())))
    };
    match standing {
        AbsenceStanding::Justified => {
            let trusted = attendance::reason_class.is_not_null().and(attendance::reason_class.eq_any(without()));
            Box::new(excused().and(shown().or(trusted)))
        }
        AbsenceStanding::Awaited => {
            let in_time = attendance::excuse_due_on.is_null().or(attendance::excuse_due_on.ge(on));
            let open = attendance::excuse_due_on.is_not_null().and(attendance::excuse_due_on.ge(on));
            Box::new(to_be_shown().and(in_time).or(attendance::status.eq(AttendanceStatus::Unexcused).and(open)))
        }
        AbsenceStanding::Overdue => Box::new(to_be_shown().and(attendance::excuse_due_on.lt(on))),
        AbsenceStanding::Unexcused => {
            let over = attendance::excuse_due_on.is_null().or(attendance::excuse_due_on.lt(on));
            Box::new(attendance::status.eq(AttendanceStatus::Unexcused).and(over))
        }
    }
}

fn select_absences(tx: &mut Tx, edition: Uuid, filter: AbsenceFilter, window: Window) -> Result<Vec<AbsenceView>, Problem> {
    let terms = absence_terms(tx, edition)?;
    let on = filter.on.map_or_else(|| tx.today(), Day::date);
    let mut wanted = attendance::table
        .filter(own(tx, attendance::tenant_id))
        .filter(attendance::edition_id.eq(edition))
        .filter(attendance::superseded_at.is_null())
        .filter(attendance::minutes.eq(0))
        .filter(attendance::id.gt(window.after))
        .select(attendance::id)
        .into_boxed();
    if let Some(participation) = filter.participation_id {
        wanted = wanted.filter(attendance::participation_id.eq(participation));
    }
    if let Some(standing) = filter.standing {
        wanted = wanted.filter(standing_so(standing, terms.as_ref(), on));
    }
    let ids: Vec<Uuid> = wanted.order(attendance::id).limit(window.rows()).load(tx.conn)?;
    let of_session = sessions::tenant_id.eq(attendance::tenant_id).and(sessions::id.eq(attendance::session_id));
    let rows: Vec<Row> = attendance::table
        .inner_join(sessions::table.on(of_session))
        .filter(own(tx, attendance::tenant_id))
        .filter(attendance::id.eq_any(ids))
        .order(attendance::id)
        .select((
            attendance::id,
            attendance::session_id,
            attendance::participation_id,
            sessions::held_on,
            sessions::minutes,
            attendance::status,
            attendance::reason_class,
            attendance::evidence,
            attendance::evidence_shown_on,
            attendance::excuse_due_on,
        ))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.view(terms.as_ref(), on)).collect())
}

/// An excuse whose evidence was not shown in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub(in crate::participation) struct OverdueExcuse {
    /// Row of the sheet.
    pub row: Uuid,
    /// Who was absent.
    pub participation: Uuid,
    /// Last day on which the evidence could be shown.
    pub due_on: Day,
}

/// The excuses from classes of an edition that are overdue on a day, by their row.
///
/// # Errors
/// When the store fails.
pub(in crate::participation) fn overdue_excuses(tx: &mut Tx, edition: Uuid, on: Day) -> Result<Vec<OverdueExcuse>, Problem> {
    let terms = absence_terms(tx, edition)?;
    let rows: Vec<(Uuid, Uuid, Option<Day>)> = attendance::table
        .filter(own(tx, attendance::tenant_id))
        .filter(attendance::edition_id.eq(edition))
        .filter(attendance::superseded_at.is_null())
        .filter(attendance::minutes.eq(0))
        .filter(standing_so(AbsenceStanding::Overdue, terms.as_ref(), on.date()))
        .order(attendance::id)
        .select((attendance::id, attendance::participation_id, attendance::excuse_due_on))
        .load(tx.conn)?;
    let excuse =
        |(row, participation, due_on): (Uuid, Uuid, Option<Day>)| Some(OverdueExcuse { row, participation, due_on: due_on? });
    Ok(rows.into_iter().filter_map(excuse).collect())
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_absences);
}
