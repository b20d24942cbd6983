//! Days on which hours of socially useful work and classes do not go together: warnings, never refusals.
//!
//! What clock times show at once is refused when it is entered, whichever comes first; where only hours are known, or both
//! were recorded before that rule, the day is looked at here.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::get;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::clash::WorkTimes;
use crate::participation::attendance::AttendanceStatus;
use crate::platform::body::{Filter, PathId};
use crate::platform::db::{Tx, own};
use crate::platform::hint::Hint;
use crate::platform::permit::{Permit, invalid_parameter};
use crate::platform::policy::GetPsuDayChecks;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::reply::{Reply, View};
use crate::platform::routes::ServiceConfig;
use crate::platform::types::{ClockTime, Day, Hours, Period, text_enum};
use crate::programmes::ReasonClass;
use crate::programmes::facts::get_recruitment_terms;
use crate::schema::{attendance, participations, psu_entries, sessions};

/// Longest time that is looked at. **Units**: days.
const LONGEST_DAYS: i64 = 31;

text_enum! {
    /// What does not go together on a day.
    pub enum DayCheckKind {
        /// Work and classes are together more than the regime allows in a day, or than a day has.
        TooLong = "tooLong",
        /// The person worked on a day on which classes were missed for reasons of health.
        WorkedWhileIll = "workedWhileIll",
        /// The person worked at the time of classes that the sheet says were attended.
        WorkedDuringClasses = "workedDuringClasses",
    }
}

/// A day of a person on which something does not go together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DayCheckView {
    /// Who.
    pub person_id: Uuid,
    /// The day.
    pub day: Day,
    /// What does not go together.
    pub kind: DayCheckKind,
    /// Hours of socially useful work on the day, over all hosts and editions.
    pub psu_hours: Hours,
    /// Attended hours of classes on the day, over all editions.
    pub class_hours: Hours,
}

/// The days of an edition on which something does not go together.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DayChecksView {
    /// Edition.
    pub edition_id: Uuid,
    /// Most hours of a day: the limit of the regime, or 24.
    pub limit_hours: Hours,
    /// The days, in order.
    #[schema(max_items = 50_000)]
    pub days: Vec<DayCheckView>,
}

impl View for DayChecksView {}

/// Which days.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct DayCheckFilter {
    /// First day.
    #[param(inline, example = "2026-06-01")]
    from: Day,
    /// Last day; at most 31 days with the first.
    #[param(inline, example = "2026-06-14")]
    to: Day,
}

/// Finds days on which socially useful work and classes of the same people do not go together.
#[utoipa::path(tag = "editions", params(("id" = Uuid, Path, description = "Edition"), DayCheckFilter),
    responses((status = 200, body = DayChecksView, description = "The days")))]
#[get("/editions/{id}/psu-day-checks")]
async fn get_psu_day_checks(
    permit: Permit<GetPsuDayChecks>,
    id: PathId,
    filter: Filter<DayCheckFilter>,
) -> Result<Reply, Problem> {
    let refused = || invalid_parameter("to", Hint::new("musi tworzyć z from 1–31 dni", "must make 1 to 31 days with from"));
    let period = Period::new(filter.0.from, filter.0.to).map_err(|_| refused())?;
    if period.days() > LONGEST_DAYS {
        return Err(refused());
    }
    permit.read(move |tx| check_days(tx, id.0, period)).await
}

/// Hours of one entry of the register.
#[derive(Clone, Copy, Debug, Queryable)]
struct Work {
    person: Uuid,
    day: Day,
    hours: Hours,
    started_at: Option<ClockTime>,
    ended_at: Option<ClockTime>,
}

/// What a sheet says of somebody.
#[derive(Clone, Copy, Debug, Queryable)]
struct Class {
    person: Uuid,
    day: Day,
    hours: Hours,
    status: AttendanceStatus,
    reason: Option<ReasonClass>,
    starts_at: Option<ClockTime>,
    ends_at: Option<ClockTime>,
}

fn times(from: Option<ClockTime>, to: Option<ClockTime>) -> Option<WorkTimes> {
    Some(WorkTimes { started_at: from?, ended_at: to? })
}

impl Class {
    fn was_missed_ill(&self) -> bool {
        self.status == AttendanceStatus::Excused && self.reason == Some(ReasonClass::Health)
    }

    fn meets(&self, work: &Work) -> bool {
        let both = times(self.starts_at, self.ends_at).zip(times(work.started_at, work.ended_at));
        let was_there = self.hours > Hours::ZERO;
        was_there && both.is_some_and(|(class, work)| class.started_at < work.ended_at && work.started_at < class.ended_at)
    }
}

/// A person on a day.
type PersonDay = (Day, Uuid);

/// The days on which something does not go together, in order.
fn checks(work: &[Work], classes: &[Class], limit: Hours) -> Option<Vec<DayCheckView>> {
    let mut days: BTreeMap<PersonDay, (Vec<&Work>, Vec<&Class>)> = BTreeMap::new();
    for entry in work {
        days.entry((entry.day, entry.person)).or_default().0.push(entry);
    }
    for class in classes {
        if let Some((_, classes)) = days.get_mut(&(class.day, class.person)) {
            classes.push(class);
        }
    }
    let mut found = Vec::new();
    for ((day, person), (work, classes)) in days {
        let psu_hours = Hours::checked_sum(work.iter().map(|entry| entry.hours))?;
        let class_hours = Hours::checked_sum(classes.iter().map(|class| class.hours))?;
        let mut kinds = BTreeSet::new();
        if psu_hours.checked_add(class_hours)? > limit {
            kinds.insert(DayCheckKind::TooLong);
        }
        if classes.iter().any(|class| class.was_missed_ill()) {
            kinds.insert(DayCheckKind::WorkedWhileIll);
        }
        if classes.iter().any(|class| work.iter().any(|entry| class.meets(entry))) {
            kinds.insert(DayCheckKind::WorkedDuringClasses);
        }
        found.extend(kinds.into_iter().map(|kind| DayCheckView { person_id: person, day, kind, psu_hours, class_hours }));
    }
    Some(found)
}

fn check_days(tx: &mut Tx, edition: Uuid, period: Period) -> Result<DayChecksView, Problem> {
    let regime = get_recruitment_terms(tx, edition)?.regime;
    let overflow = || catalogue::INTERNAL.problem().because("hours of a day out of range");
    let limit = regime.daily_limit.or_else(|| Hours::from_minutes(24 * 60).ok()).ok_or_else(overflow)?;
    let people: Vec<Uuid> = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::edition_id.eq(edition))
        .select(participations::person_id)
        .distinct()
        .load(tx.conn)?;
    let work: Vec<Work> = psu_entries::table
        .filter(own(tx, psu_entries::tenant_id))
        .filter(psu_entries::person_id.eq_any(&people))
        .filter(psu_entries::superseded_at.is_null())
        .filter(psu_entries::minutes.gt(0))
        .filter(psu_entries::worked_on.between(period.from(), period.to()))
        .select((
            psu_entries::person_id,
            psu_entries::worked_on,
            psu_entries::minutes,
            psu_entries::started_at,
            psu_entries::ended_at,
        ))
        .load(tx.conn)?;
    let of_session = sessions::tenant_id.eq(attendance::tenant_id).and(sessions::id.eq(attendance::session_id));
    let of_participation =
        participations::tenant_id.eq(attendance::tenant_id).and(participations::id.eq(attendance::participation_id));
    let classes: Vec<Class> = attendance::table
        .inner_join(sessions::table.on(of_session))
        .inner_join(participations::table.on(of_participation))
        .filter(own(tx, attendance::tenant_id))
        .filter(participations::person_id.eq_any(&people))
        .filter(attendance::superseded_at.is_null())
        .filter(sessions::held_on.between(period.from(), period.to()))
        .select((
            participations::person_id,
            sessions::held_on,
            attendance::minutes,
            attendance::status,
            attendance::reason_class,
            sessions::starts_at,
            sessions::ends_at,
        ))
        .load(tx.conn)?;
    let days = checks(&work, &classes, limit).ok_or_else(overflow)?;
    Ok(DayChecksView { edition_id: edition, limit_hours: limit, days })
}

/// Adds the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_psu_day_checks);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(person: u128, day: &str, hours: &str, times: Option<(&str, &str)>) -> Work {
        Work {
            person: Uuid::from_u128(person),
            day: day.parse().expect("a day"),
            hours: hours.parse().expect("hours"),
            started_at: times.map(|(from, _)| from.parse().expect("a time")),
            ended_at: times.map(|(_, to)| to.parse().expect("a time")),
        }
    }

    fn class(person: u128, day: &str, hours: &str, reason: Option<ReasonClass>) -> Class {
        let status = if hours == "0" { AttendanceStatus::Excused } else { AttendanceStatus::Present };
        let Work { person, day, hours, started_at, ended_at } = work(person, day, hours, Some(("09:00", "12:00")));
        Class { person, day, hours, status, reason, starts_at: started_at, ends_at: ended_at }
    }

    #[test]
    fn a_day_is_told_where_work_and_classes_do_not_go_together() {
        let (first, second) = ("2020-11-10", "2020-11-11");
        let entries = [
            work(1, first, "5", None),
            work(1, first, "0.25", Some(("11:45", "12:00"))),
            work(1, second, "5", Some(("12:00", "17:00"))),
            work(2, first, "2", None),
            work(3, first, "2", Some(("09:00", "11:00"))),
        ];
        let health = Some(ReasonClass::Health);
        let sheets = [
            class(1, first, "3", None),
            class(1, second, "3", None),
            class(2, first, "0", health),
            class(3, first, "0", Some(ReasonClass::JobInterview)),
            class(4, first, "3", None),
        ];
        let found: Vec<(u128, Day, DayCheckKind)> = checks(&entries, &sheets, "8".parse().expect("hours"))
            .expect("hours in range")
            .into_iter()
            .map(|check| (check.person_id.as_u128(), check.day, check.kind))
            .collect();
        let day = |text: &str| text.parse::<Day>().expect("a day");
        assert_eq!(
            found,
            [
                (1, day(first), DayCheckKind::TooLong),
                (1, day(first), DayCheckKind::WorkedDuringClasses),
                (2, day(first), DayCheckKind::WorkedWhileIll),
            ]
        );
    }
}
