//! Clashes of the timetable that a change would bring: somebody would have to be at two classes at once.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use uuid::Uuid;

use super::views::ChangeClashView;
use crate::participation::class_register::{ClassRegister, Schedule};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{ClockTime, Day};
use crate::schema::{session_seats, sessions};

/// A class with its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
struct Timed {
    id: Uuid,
    held_on: Day,
    starts_at: Option<ClockTime>,
    ends_at: Option<ClockTime>,
}

impl Timed {
    /// Whether both are at the same time; what has no times clashes with nothing.
    fn clashes_with(&self, other: &Self) -> bool {
        let times = |one: &Self| one.starts_at.zip(one.ends_at);
        self.held_on == other.held_on
            && times(self).zip(times(other)).is_some_and(|((from, to), (begins, ends))| from < ends && begins < to)
    }
}

/// The classes at which somebody would in addition be expected, each with one at the same time, of any edition, as the constraint of the
/// database would refuse them.
pub(super) fn clashes(
    tx: &mut Tx,
    register: &ClassRegister,
    before: &Schedule,
    after: &Schedule,
) -> Result<Vec<ChangeClashView>, Problem> {
    let expected: Vec<Uuid> =
        register.classes.iter().filter(|class| register.expects(class, after)).map(|class| class.id).collect();
    let gained: HashSet<Uuid> = register
        .classes
        .iter()
        .filter(|class| register.expects(class, after) && !register.expects(class, before))
        .map(|class| class.id)
        .collect();
    if gained.is_empty() {
        return Ok(Vec::new());
    }
    let timed: Vec<Timed> = sessions::table
        .filter(own(tx, sessions::tenant_id))
        .filter(sessions::id.eq_any(&expected))
        .filter(sessions::starts_at.is_not_null())
        .order((sessions::held_on, sessions::starts_at, sessions::id))
        .select((sessions::id, sessions::held_on, sessions::starts_at, sessions::ends_at))
        .load(tx.conn)?;
    let mut timed = timed;
    timed.extend(elsewhere(tx, register, after, &timed)?);
    Ok(among(&timed, &gained))
}

/// Classes of other editions that expect the person on these days.
fn elsewhere(tx: &mut Tx, register: &ClassRegister, after: &Schedule, timed: &[Timed]) -> Result<Vec<Timed>, Problem> {
    let Some(stay) = register.stays.iter().find(|stay| stay.id == after.participation) else { return Ok(Vec::new()) };
    let days: HashSet<Day> = timed.iter().map(|class| class.held_on).collect();
    let seats: Vec<(Uuid, Day, ClockTime, ClockTime)> = session_seats::table
        .filter(own(tx, session_seats::tenant_id))
        .filter(session_seats::person_id.eq(stay.person_id))
        .filter(session_seats::edition_id.ne(stay.edition_id))
        .filter(session_seats::held_on.eq_any(days))
        .order((session_seats::held_on, session_seats::starts_at, session_seats::session_id))
        .select((session_seats::session_id, session_seats::held_on, session_seats::starts_at, session_seats::ends_at))
        .load(tx.conn)?;
    let seat = |(id, held_on, from, to)| Timed { id, held_on, starts_at: Some(from), ends_at: Some(to) };
    Ok(seats.into_iter().map(seat).collect())
}

/// Each gained class with the first other of its day that is at the same time; of two gained ones the first is named.
fn among(timed: &[Timed], gained: &HashSet<Uuid>) -> Vec<ChangeClashView> {
    let mut of_day: HashMap<Day, Vec<&Timed>> = HashMap::new();
    for class in timed {
        of_day.entry(class.held_on).or_default().push(class);
    }
    let mut told = HashSet::new();
    let mut clashes = Vec::new();
    for class in timed.iter().filter(|class| gained.contains(&class.id)) {
        let others = of_day.get(&class.held_on).into_iter().flatten();
        let other = others.copied().find(|other| other.id != class.id && class.clashes_with(other));
        if let Some(other) = other.filter(|other| !told.contains(&other.id)) {
            told.insert(class.id);
            clashes.push(ChangeClashView { session_id: class.id, other_session_id: other.id, held_on: class.held_on });
        }
    }
    clashes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(id: u128, day: &str, times: Option<(&str, &str)>) -> Timed {
        let at = |text: &str| text.parse().expect("a time");
        Timed {
            id: Uuid::from_u128(id),
            held_on: day.parse().expect("a day"),
            starts_at: times.map(|(from, _)| at(from)),
            ends_at: times.map(|(_, to)| at(to)),
        }
    }

    #[test]
    fn a_gained_class_clashes_with_one_at_the_same_time_of_the_same_day() {
        let day = "2020-11-17";
        let timed = [
            class(1, day, Some(("09:00", "12:00"))),
            class(2, day, Some(("11:45", "13:00"))),
            class(3, day, Some(("13:00", "14:00"))),
            class(4, day, None),
            class(5, "2020-11-18", Some(("09:00", "12:00"))),
        ];
        let told = |gained: &[u128]| -> Vec<(u128, u128)> {
            let gained = gained.iter().copied().map(Uuid::from_u128).collect();
            let clashes = among(&timed, &gained);
            clashes.iter().map(|clash| (clash.session_id.as_u128(), clash.other_session_id.as_u128())).collect()
        };
        assert_eq!(told(&[2]), [(2, 1)]);
        assert_eq!(told(&[1, 2]), [(1, 2)], "once for two gained ones");
        assert_eq!(told(&[3, 4, 5]), [], "one after the other, without times, on another day");
    }
}
