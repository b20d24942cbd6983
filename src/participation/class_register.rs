//! The class register of an edition (Polish: dziennik zajęć), read as a whole: who is expected when, and who came.
//!
//! It is what completion, previews of changes and early warnings count on, so
//! that all of them count alike. Attendance is counted as the figures do: hours
//! attended by hours of the sessions on whose sheet somebody stands.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use uuid::Uuid;

use super::attendance::AttendanceStatus;
use super::participations::Stay;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{Day, Hours, Period};
use crate::schema::{attendance, group_members, participations, session_roster, sessions, suspensions};

/// A session that is not cancelled.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub(super) struct Class {
    pub id: Uuid,
    pub block_id: Uuid,
    pub held_on: Day,
    #[diesel(column_name = minutes)]
    pub hours: Hours,
    pub group_id: Option<Uuid>,
    pub roster_limited: bool,
    pub attendance_version: i32,
}

impl Class {
    /// Whether it has a sheet.
    pub(super) fn is_recorded(&self) -> bool {
        self.attendance_version > 0
    }
}

/// A membership in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Membership {
    pub group: Uuid,
    pub from: Day,
    pub to: Option<Day>,
}

impl Membership {
    /// Whether it covers the day.
    pub(super) fn covers(&self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|to| to >= day)
    }
}

/// What says at which classes somebody is expected.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    pub participation: Uuid,
    pub from: Day,
    pub last: Day,
    pub rests: Vec<Period>,
    pub groups: Vec<Membership>,
}

impl Schedule {
    /// Whether the person takes part on the day and does not rest.
    pub(super) fn is_present(&self, day: Day) -> bool {
        (self.from..=self.last).contains(&day) && !self.rests.iter().any(|rest| rest.contains(day))
    }

    /// The days from a day on that it leaves for socially useful work, in order.
    pub(super) fn working_periods(&self, from: Day) -> Vec<Period> {
        let Ok(whole) = Period::new(from.max(self.from), self.last) else { return Vec::new() };
        let mut rests = self.rests.clone();
        rests.sort_by_key(|rest| rest.from());
        let mut periods = Vec::new();
        let mut next = Some(whole.from());
        for rest in rests.into_iter().filter(|rest| rest.overlaps(whole)) {
            let Some(start) = next else { break };
            let before = rest.from().minus_days(1).ok().and_then(|end| Period::new(start, end).ok());
            periods.extend(before);
            next = rest.to().plus_days(1).ok().map(|day| day.max(start));
        }
        periods.extend(next.and_then(|start| Period::new(start, whole.to()).ok()));
        periods
    }
}

/// A current row of a sheet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub row: Uuid,
    pub status: AttendanceStatus,
    pub hours: Hours,
}

/// Minutes of classes of one participant, by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// On sheets with the participant.
    pub recorded: i64,
    /// Of these, attended.
    pub attended: i64,
    /// Expected, without a sheet so far.
    pub ahead: i64,
    /// Of these, on days that have passed.
    pub unrecorded: i64,
}

/// The register of one edition.
#[derive(Debug, Default)]
pub(super) struct ClassRegister {
    pub stays: Vec<Stay>,
    pub classes: Vec<Class>,
    schedules: HashMap<Uuid, Schedule>,
    rosters: HashMap<Uuid, HashSet<Uuid>>,
    marks: HashMap<(Uuid, Uuid), Mark>,
}

impl ClassRegister {
    /// Reads the register of an edition.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn of_edition(tx: &mut Tx, edition: Uuid) -> Result<Self, Problem> {
        let stays: Vec<Stay> = participations::table
            .filter(own(tx, participations::tenant_id))
            .filter(participations::edition_id.eq(edition))
            .order(participations::id)
            .select(Stay::as_select())
            .load(tx.conn)?;
        let classes = sessions::table
            .filter(own(tx, sessions::tenant_id))
            .filter(sessions::edition_id.eq(edition))
            .filter(sessions::cancelled_on.is_null())
            .order((sessions::held_on, sessions::starts_at, sessions::id))
            .select(Class::as_select())
            .load(tx.conn)?;
        let mut schedules: HashMap<Uuid, Schedule> = stays.iter().map(|stay| (stay.id, bare(stay))).collect();
        add_rests(tx, edition, &mut schedules)?;
        add_groups(tx, edition, &mut schedules)?;
        Ok(Self { stays, classes, schedules, rosters: rosters(tx, edition)?, marks: marks(tx, edition)? })
    }

    /// What says when a participant is expected; none of another edition.
    pub(super) fn schedule(&self, participation: Uuid) -> Option<&Schedule> {
        self.schedules.get(&participation)
    }

    /// The row of a participant on the sheet of a class.
    pub(super) fn mark(&self, class: Uuid, participation: Uuid) -> Option<Mark> {
        self.marks.get(&(class, participation)).copied()
    }

    /// Whether somebody with this schedule is expected at a class.
    pub(super) fn expects(&self, class: &Class, schedule: &Schedule) -> bool {
        let named = || self.rosters.get(&class.id).is_some_and(|named| named.contains(&schedule.participation));
        let in_group = || {
            let of = |group: Uuid| schedule.groups.iter().any(|one| one.group == group && one.covers(class.held_on));
            class.group_id.is_some_and(of)
        };
        schedule.is_present(class.held_on) && (!class.roster_limited || in_group() || named())
    }

    /// The minutes of somebody with this schedule as they stand on a day: what is held later lies ahead, sheet or not.
    pub(super) fn tally(&self, schedule: &Schedule, on: Day) -> Tally {
        self.tally_of(schedule, on, |_| true)
    }

    /// As [`Self::tally`], of some of the classes.
    pub(super) fn tally_of(&self, schedule: &Schedule, on: Day, wanted: impl Fn(&Class) -> bool) -> Tally {
        let mut tally = Tally::default();
        for class in self.classes.iter().filter(|class| wanted(class)) {
            let minutes = i64::from(class.hours.minutes());
            match self.mark(class.id, schedule.participation).filter(|_| class.held_on <= on) {
                Some(mark) => {
                    tally.recorded += minutes;
                    tally.attended += i64::from(mark.hours.minutes());
                }
                // Who does not stand on a sheet that there is can attend only by a correction of it.
                None if class.held_on <= on && class.is_recorded() => {}
                None if self.expects(class, schedule) => {
                    tally.ahead += minutes;
                    tally.unrecorded += if class.held_on <= on { minutes } else { 0 };
                }
                None => {}
            }
        }
        tally
    }
}

/// Minutes as hours, none below zero.
pub(super) fn hours_of(minutes: i64) -> Hours {
    i32::try_from(minutes.max(0)).ok().and_then(|minutes| Hours::from_minutes(minutes).ok()).unwrap_or(Hours::ZERO)
}

fn bare(stay: &Stay) -> Schedule {
    Schedule { participation: stay.id, from: stay.starts_on, last: stay.last_on(), rests: Vec::new(), groups: Vec::new() }
}

fn add_rests(tx: &mut Tx, edition: Uuid, schedules: &mut HashMap<Uuid, Schedule>) -> Result<(), Problem> {
    let of = suspensions::tenant_id.eq(participations::tenant_id).and(suspensions::participation_id.eq(participations::id));
    let rows: Vec<(Uuid, Day, Day)> = suspensions::table
        .inner_join(participations::table.on(of))
        .filter(own(tx, suspensions::tenant_id))
        .filter(participations::edition_id.eq(edition))
        .select((suspensions::participation_id, suspensions::from_on, suspensions::to_on))
        .load(tx.conn)?;
    for (participation, from, to) in rows {
        if let (Some(schedule), Ok(rest)) = (schedules.get_mut(&participation), Period::new(from, to)) {
            schedule.rests.push(rest);
        }
    }
    Ok(())
}

fn add_groups(tx: &mut Tx, edition: Uuid, schedules: &mut HashMap<Uuid, Schedule>) -> Result<(), Problem> {
    let rows: Vec<(Uuid, Uuid, Day, Option<Day>)> = group_members::table
        .filter(own(tx, group_members::tenant_id))
        .filter(group_members::edition_id.eq(edition))
        .order(group_members::id)
        .select((
            group_members::participation_id,
            group_members::group_id,
            group_members::valid_from_on,
            group_members::valid_to_on,
        ))
        .load(tx.conn)?;
    for (participation, group, from, to) in rows {
        if let Some(schedule) = schedules.get_mut(&participation) {
            schedule.groups.push(Membership { group, from, to });
        }
    }
    Ok(())
}

fn rosters(tx: &mut Tx, edition: Uuid) -> Result<HashMap<Uuid, HashSet<Uuid>>, Problem> {
    let rows: Vec<(Uuid, Uuid)> = session_roster::table
        .filter(own(tx, session_roster::tenant_id))
        .filter(session_roster::edition_id.eq(edition))
        .select((session_roster::session_id, session_roster::participation_id))
        .load(tx.conn)?;
    let mut rosters: HashMap<Uuid, HashSet<Uuid>> = HashMap::new();
    for (session, participation) in rows {
        rosters.entry(session).or_default().insert(participation);
    }
    Ok(rosters)
}

fn marks(tx: &mut Tx, edition: Uuid) -> Result<HashMap<(Uuid, Uuid), Mark>, Problem> {
    let rows: Vec<(Uuid, Uuid, Uuid, AttendanceStatus, Hours)> = attendance::table
        .filter(own(tx, attendance::tenant_id))
        .filter(attendance::edition_id.eq(edition))
        .filter(attendance::superseded_at.is_null())
        .select((attendance::session_id, attendance::participation_id, attendance::id, attendance::status, attendance::minutes))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(session, who, row, status, hours)| ((session, who), Mark { row, status, hours })).collect())
}

#[cfg(test)]
pub(super) mod fixture {
    //! Registers for the tests of who counts on them.

    use super::*;
    use crate::participation::participations::ParticipationState;

    pub fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    pub fn period(from: &str, to: &str) -> Period {
        Period::new(day(from), day(to)).expect("in order")
    }

    /// Somebody who takes part from 2 November to 31 December 2020.
    pub fn stay(number: u128) -> Stay {
        Stay {
            id: Uuid::from_u128(number),
            edition_id: Uuid::nil(),
            person_id: Uuid::from_u128(number + 1000),
            seat: None,
            starts_on: day("2020-11-02"),
            planned_end_on: day("2020-12-31"),
            ended_on: None,
            state: ParticipationState::Active,
            row_version: 1,
        }
    }

    /// A register of one participant (number 1) and classes of five hours; `came` says for how many hours, `-` that there is no sheet.
    pub fn register(classes: &[(&str, Option<&str>)]) -> ClassRegister {
        let stay = stay(1);
        let mut register = ClassRegister { stays: vec![stay], ..ClassRegister::default() };
        register.schedules.insert(stay.id, bare(&stay));
        for (number, (held, came)) in classes.iter().enumerate() {
            let id = Uuid::from_u128(100 + number as u128);
            let hours = "5.00".parse().expect("hours");
            let attendance_version = i32::from(came.is_some());
            register.classes.push(Class {
                id,
                block_id: Uuid::nil(),
                held_on: day(held),
                hours,
                group_id: None,
                roster_limited: false,
                attendance_version,
            });
            if let Some(came) = came {
                let hours: Hours = came.parse().expect("hours");
                let status = if hours == Hours::ZERO { AttendanceStatus::Unexcused } else { AttendanceStatus::Present };
                register.marks.insert((id, stay.id), Mark { row: Uuid::from_u128(500 + number as u128), status, hours });
            }
        }
        register
    }
}

#[cfg(test)]
mod tests {
    use super::fixture::{day, period, register};
    use super::*;

    fn tally(register: &ClassRegister, schedule: &Schedule, on: &str) -> (i64, i64, i64, i64) {
        let tally = register.tally(schedule, day(on));
        (tally.recorded / 60, tally.attended / 60, tally.ahead / 60, tally.unrecorded / 60)
    }

    #[test]
    fn what_is_held_later_lies_ahead() {
        let register =
            register(&[("2020-11-03", Some("5")), ("2020-11-10", Some("0")), ("2020-11-17", None), ("2020-11-24", None)]);
        let schedule = register.schedule(Uuid::from_u128(1)).expect("known").clone();
        assert_eq!(tally(&register, &schedule, "2020-11-02"), (0, 0, 20, 0));
        assert_eq!(tally(&register, &schedule, "2020-11-10"), (10, 5, 10, 0));
        assert_eq!(tally(&register, &schedule, "2020-11-20"), (10, 5, 10, 5));
        let rest = Schedule { rests: vec![period("2020-11-16", "2020-11-20")], ..schedule.clone() };
        assert_eq!(tally(&register, &rest, "2020-11-20"), (10, 5, 5, 0));
        let ended = Schedule { last: day("2020-11-12"), ..schedule };
        assert_eq!(tally(&register, &ended, "2020-11-20"), (10, 5, 0, 0));
    }

    #[test]
    fn a_class_expects_its_group_or_who_is_named() {
        let mut register = register(&[("2020-11-17", None)]);
        let schedule = register.schedule(Uuid::from_u128(1)).expect("known").clone();
        let group = Uuid::from_u128(9);
        register.classes[0].roster_limited = true;
        register.classes[0].group_id = Some(group);
        let class = register.classes[0].clone();
        let member = |from: &str, to: Option<&str>| Schedule {
            groups: vec![Membership { group, from: day(from), to: to.map(day) }],
            ..schedule.clone()
        };
        assert!(!register.expects(&class, &schedule));
        assert!(register.expects(&class, &member("2020-11-02", None)));
        assert!(!register.expects(&class, &member("2020-11-02", Some("2020-11-16"))));
        assert!(!register.expects(&class, &member("2020-11-18", None)));
        register.rosters.entry(class.id).or_default().insert(Uuid::from_u128(1));
        assert!(register.expects(&class, &schedule));
    }
}
