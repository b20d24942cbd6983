//! Clock times of socially useful work: nobody works at the time of their classes, or at two places at once.
//!
//! Entries keep out of each other's way by an exclusion constraint over all hosts and editions. What stands in the way is
//! looked up before, so that the problem can name it.

use diesel::prelude::*;
use uuid::Uuid;

use super::views::{PsuCorrectionBody, PsuEntryView};
use crate::participation::{PSU_CLASH, PSU_TIMES};
use crate::platform::db::{Tx, own};
use crate::platform::hint::Hint;
use crate::platform::policy::Role;
use crate::platform::problem::Problem;
use crate::platform::types::{ClockTime, Day, Hours};
use crate::schema::{attendance, participations, psu_entries, session_seats};

/// From when to when somebody worked, breaks included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkTimes {
    /// When the work began.
    pub started_at: ClockTime,
    /// When it ended, on the same day.
    pub ended_at: ClockTime,
}

impl WorkTimes {
    /// The times of an entry, where it has any and its hours fit into them.
    ///
    /// # Errors
    /// `participation.psu_times`.
    pub fn of(started_at: Option<ClockTime>, ended_at: Option<ClockTime>, hours: Hours) -> Result<Option<Self>, Problem> {
        let refused =
            |pl: &'static str, en: &'static str| Err(PSU_TIMES.problem().and("/endedAt", &PSU_TIMES, Some(Hint::new(pl, en))));
        let (started_at, ended_at) = match (started_at, ended_at) {
            (None, None) => return Ok(None),
            (Some(started_at), Some(ended_at)) => (started_at, ended_at),
            _ => return refused("podaj oba albo żadne", "give both or neither"),
        };
        let minutes = ended_at.minutes_of_day() - started_at.minutes_of_day();
        match minutes {
            ..=0 => refused("musi być później niż startedAt", "must be later than startedAt"),
            minutes if hours.minutes() > minutes => {
                refused("godziny nie mieszczą się w tym czasie", "the hours do not fit into this time")
            }
            _ => Ok(Some(Self { started_at, ended_at })),
        }
    }

    /// The times of a correction: those that it gives, or those of the entry; none where no hours remain.
    pub(super) fn corrected(old: &PsuEntryView, body: &PsuCorrectionBody) -> Result<Option<Self>, Problem> {
        if body.hours == Hours::ZERO {
            return Ok(None);
        }
        let given = body.started_at.is_some() || body.ended_at.is_some();
        let (started_at, ended_at) = if given { (body.started_at, body.ended_at) } else { (old.started_at, old.ended_at) };
        Self::of(started_at, ended_at, body.hours)
    }
}

/// Refuses work at the time of another entry of the person, or of a session where the person was, or still has to be.
///
/// A sheet that says that somebody was absent frees the time. A host supervisor is told what stands in the way, but not
/// the id of what the own host does not see.
pub(super) fn expect_free(tx: &mut Tx, person: Uuid, day: Day, times: WorkTimes) -> Result<(), Problem> {
    expect_free_beside(tx, person, (day, times), &[])
}

/// As [`expect_free`], where some entries are about to give way.
pub(super) fn expect_free_beside(
    tx: &mut Tx,
    person: Uuid,
    (day, times): (Day, WorkTimes),
    giving_way: &[Uuid],
) -> Result<(), Problem> {
    let clash = |kind: &str, from: ClockTime, to: ClockTime| {
        PSU_CLASH.at("/startedAt").with("clashOf", kind).with("from", from.to_string()).with("to", to.to_string())
    };
    if let Some((entry, host, from, to)) = entry_at(tx, person, (day, times), giving_way)? {
        let problem = clash("psuEntry", from, to);
        return Err(if tx.caller.may_use_host(host) { problem.with("psuEntryId", entry.to_string()) } else { problem });
    }
    if let Some((session, from, to)) = session_at(tx, person, day, times)? {
        let problem = clash("session", from, to);
        let is_seen = tx.caller.role != Role::HostSupervisor;
        return Err(if is_seen { problem.with("sessionId", session.to_string()) } else { problem });
    }
    Ok(())
}

type Entry = (Uuid, Option<Uuid>, ClockTime, ClockTime);

fn entry_at(tx: &mut Tx, person: Uuid, (day, times): (Day, WorkTimes), giving_way: &[Uuid]) -> Result<Option<Entry>, Problem> {
    Ok(psu_entries::table
        .filter(own(tx, psu_entries::tenant_id))
        .filter(psu_entries::person_id.eq(person))
        .filter(psu_entries::worked_on.eq(day))
        .filter(psu_entries::superseded_at.is_null())
        .filter(psu_entries::id.ne_all(giving_way))
        .filter(psu_entries::started_at.lt(times.ended_at))
        .filter(psu_entries::ended_at.gt(times.started_at))
        .order(psu_entries::id)
        .select((
            psu_entries::id,
            psu_entries::host_id,
            psu_entries::started_at.assume_not_null(),
            psu_entries::ended_at.assume_not_null(),
        ))
        .first(tx.conn)
        .optional()?)
}

type Seat = (Uuid, ClockTime, ClockTime);

fn session_at(tx: &mut Tx, person: Uuid, day: Day, times: WorkTimes) -> Result<Option<Seat>, Problem> {
    let of_person = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::person_id.eq(person))
        .select(participations::id);
    let seats: Vec<(Uuid, Seat)> = session_seats::table
        .filter(own(tx, session_seats::tenant_id))
        .filter(session_seats::participation_id.eq_any(of_person))
        .filter(session_seats::held_on.eq(day))
        .filter(session_seats::starts_at.lt(times.ended_at))
        .filter(session_seats::ends_at.gt(times.started_at))
        .order(session_seats::session_id)
        .select((session_seats::participation_id, (session_seats::session_id, session_seats::starts_at, session_seats::ends_at)))
        .load(tx.conn)?;
    for (participation, seat) in seats {
        let missed: i64 = attendance::table
            .filter(own(tx, attendance::tenant_id))
            .filter(attendance::session_id.eq(seat.0))
            .filter(attendance::participation_id.eq(participation))
            .filter(attendance::superseded_at.is_null())
            .filter(attendance::minutes.eq(0))
            .count()
            .get_result(tx.conn)?;
        if missed == 0 {
            return Ok(Some(seat));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_fit_into_the_times_that_are_given_for_them() {
        let time = |text: &str| text.parse::<ClockTime>().expect("a time");
        let hours = |text: &str| text.parse::<Hours>().expect("hours");
        for (from, to, worked, fits) in [
            (None, None, "4", true),
            (Some("08:00"), Some("12:00"), "4", true),
            (Some("08:00"), Some("12:30"), "4", true),
            (Some("08:00"), Some("11:59"), "4", false),
            (Some("08:00"), Some("08:00"), "0.25", false),
            (Some("12:00"), Some("08:00"), "0.25", false),
            (Some("08:00"), None, "1", false),
            (None, Some("08:00"), "1", false),
        ] {
            let times = WorkTimes::of(from.map(time), to.map(time), hours(worked));
            assert_eq!(times.is_ok(), fits, "{from:?} {to:?} {worked}");
        }
    }
}
