//! Clashes of the timetable: nobody leads or attends two sessions at once, and no room holds two.
//!
//! The database refuses by constraint; what it refused is then looked up, so that the problem names the session that
//! stands in the way.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use uuid::Uuid;

use super::expected::day_or;
use super::times::Slot;
use crate::participation::SESSION_CLASH;
use crate::participation::groups::members_on;
use crate::platform::db::{Tx, own};
use crate::platform::policy::Role;
use crate::platform::problem::Problem;
use crate::platform::types::{ClockTime, Code, Day, ShortText};
use crate::schema::{participations, session_seats, sessions};

/// Constraints that refuse a clash, with what clashes.
const CLASHES: &[(&str, &str)] = &[
    ("sessions_facilitator_excl", "facilitator"),
    ("sessions_room_excl", "room"),
    ("sessions_group_excl", "group"),
    ("sessions_everyone_excl", "everyone"),
    ("session_seats_person_excl", "participant"),
];

/// When, where and for whom a session is to be.
#[derive(Clone, Debug)]
pub struct Place {
    /// The session itself.
    pub session: Uuid,
    /// Its edition.
    pub edition: Uuid,
    /// Its day.
    pub held_on: Day,
    /// Its times.
    pub slot: Slot,
    /// Building.
    pub venue: Option<ShortText>,
    /// Room in it.
    pub room: Option<ShortText>,
    /// Who leads it.
    pub facilitator: Option<Code>,
    /// For which group it is.
    pub group: Option<Uuid>,
    /// For whom it is, where that is said by name.
    pub roster: Option<Vec<Uuid>>,
}

/// What is to enter the timetable.
pub enum Wanted<'w> {
    /// Sessions, together.
    Sessions(&'w [Place]),
    /// Somebody in a group, and so at its sessions.
    Membership { group: Uuid, participation: Uuid, from: Day, to: Option<Day> },
}

/// A session that stands in the way.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct Standing {
    id: Uuid,
    held_on: Day,
    starts_at: Option<ClockTime>,
    ends_at: Option<ClockTime>,
    venue: Option<ShortText>,
    room: Option<ShortText>,
    facilitator_partner_id: Option<Uuid>,
}

impl Standing {
    fn slot(&self) -> Option<Slot> {
        Some(Slot { starts_at: self.starts_at?, ends_at: self.ends_at? })
    }
}

/// What clashes, with which standing session, and who would have to be at both.
struct Clash {
    kind: &'static str,
    on: Day,
    with: Option<Standing>,
    participation: Option<Uuid>,
}

/// Does `work`, and says with what it clashed where a constraint of the timetable refused it.
///
/// # Errors
/// As `work`; `participation.session_clash` names the session that stands in the way.
pub fn naming_the_clash<T>(tx: &mut Tx, wanted: &Wanted, work: impl FnOnce(&mut Tx) -> Result<T, Problem>) -> Result<T, Problem> {
    tx.conn.batch_execute("SAVEPOINT timetable")?;
    let problem = match work(tx) {
        Ok(done) => return Ok(done),
        Err(problem) => problem,
    };
    let refused = problem.constraint.as_deref().and_then(|name| CLASHES.iter().find(|(known, _)| *known == name));
    let Some((_, kind)) = refused else { return Err(problem) };
    tx.conn.batch_execute("ROLLBACK TO SAVEPOINT timetable")?;
    let clash = match wanted {
        Wanted::Sessions(places) => of_sessions(tx, kind, places)?,
        Wanted::Membership { group, participation, from, to } => of_membership(tx, *group, *participation, *from, *to)?,
    };
    Err(clash.map_or_else(|| SESSION_CLASH.problem().with("clashOf", *kind), |clash| refusal(tx, clash)))
}

/// A contractor's client is not told of sessions that others lead.
fn refusal(tx: &Tx, clash: Clash) -> Problem {
    let mut problem = SESSION_CLASH.problem().with("clashOf", clash.kind).with("on", clash.on.to_string());
    let Some(with) = clash.with.filter(|with| tx.caller.may_lead(with.facilitator_partner_id)) else { return problem };
    problem = problem.with("sessionId", with.id.to_string());
    if let Some(slot) = with.slot() {
        problem = problem.with("startsAt", slot.starts_at.to_string()).with("endsAt", slot.ends_at.to_string());
    }
    match clash.participation.filter(|_| tx.caller.role != Role::Facilitator) {
        Some(participation) => problem.with("participationId", participation.to_string()),
        None => problem,
    }
}

fn of_sessions(tx: &mut Tx, kind: &'static str, places: &[Place]) -> Result<Option<Clash>, Problem> {
    for place in places {
        if let Some(clash) = of_session(tx, kind, place)? {
            return Ok(Some(clash));
        }
    }
    Ok(None)
}

fn of_session(tx: &mut Tx, kind: &'static str, place: &Place) -> Result<Option<Clash>, Problem> {
    let mut query = sessions::table
        .filter(own(tx, sessions::tenant_id))
        .filter(sessions::cancelled_on.is_null())
        .filter(sessions::held_on.eq(place.held_on))
        .filter(sessions::starts_at.lt(place.slot.ends_at))
        .filter(sessions::ends_at.gt(place.slot.starts_at))
        .filter(sessions::id.ne(place.session))
        .order(sessions::id)
        .into_boxed();
    match kind {
        "facilitator" => query = query.filter(sessions::facilitator.eq(place.facilitator.clone())),
        "room" => query = query.filter(sessions::room.is_not_null()),
        "group" => query = query.filter(sessions::group_id.eq(place.group)),
        "everyone" => query = query.filter(sessions::edition_id.eq(place.edition)).filter(sessions::roster_limited.eq(false)),
        // People clash over all editions of the town.
        _ => {}
    }
    let standing: Vec<Standing> = query.select(Standing::as_select()).load(tx.conn)?;
    if kind == "participant" {
        return common_seat(tx, place, &standing);
    }
    let in_the_way = |with: &Standing| kind != "room" || same_room((&with.venue, &with.room), (&place.venue, &place.room));
    let found = standing.into_iter().find(in_the_way);
    Ok(found.map(|with| Clash { kind, on: place.held_on, with: Some(with), participation: None }))
}

type Room<'r> = (&'r Option<ShortText>, &'r Option<ShortText>);

/// As the constraint compares them: without case, and no building as one of its own.
fn same_room(one: Room, other: Room) -> bool {
    let folded = |text: &Option<ShortText>| text.as_ref().map(|text| text.as_str().to_lowercase()).unwrap_or_default();
    (folded(one.0), folded(one.1)) == (folded(other.0), folded(other.1))
}

/// Somebody who would have to be at the wanted session and at one of those that stand.
fn common_seat(tx: &mut Tx, place: &Place, standing: &[Standing]) -> Result<Option<Clash>, Problem> {
    let ids: Vec<Uuid> = standing.iter().map(|with| with.id).collect();
    let mut people = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::edition_id.eq(place.edition))
        .filter(participations::starts_on.le(place.held_on))
        .filter(day_or(participations::ended_on, participations::planned_end_on).ge(place.held_on))
        .select(participations::person_id)
        .into_boxed();
    let named = match (&place.roster, place.group) {
        (Some(roster), _) => Some(roster.clone()),
        (None, Some(group)) => Some(members_on(tx, group, place.held_on)?),
        (None, None) => None,
    };
    if let Some(named) = named {
        people = people.filter(participations::id.eq_any(named));
    }
    let found: Option<(Uuid, Uuid)> = session_seats::table
        .filter(own(tx, session_seats::tenant_id))
        .filter(session_seats::session_id.eq_any(ids))
        .filter(session_seats::person_id.eq_any(people))
        .order((session_seats::session_id, session_seats::participation_id))
        .select((session_seats::session_id, session_seats::participation_id))
        .first(tx.conn)
        .optional()?;
    Ok(found.map(|(session, participation)| Clash {
        kind: "participant",
        on: place.held_on,
        with: standing.iter().find(|with| with.id == session).cloned(),
        participation: Some(participation),
    }))
}

/// A session that expects the person at the time of one of the group's.
fn of_membership(tx: &mut Tx, group: Uuid, participation: Uuid, from: Day, to: Option<Day>) -> Result<Option<Clash>, Problem> {
    let to = to.unwrap_or(Day::LAST);
    let of_group: Vec<Standing> = sessions::table
        .filter(own(tx, sessions::tenant_id))
        .filter(sessions::group_id.eq(group))
        .filter(sessions::cancelled_on.is_null())
        .filter(sessions::held_on.between(from, to))
        .order((sessions::held_on, sessions::id))
        .select(Standing::as_select())
        .load(tx.conn)?;
    let person = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::id.eq(participation))
        .select(participations::person_id);
    let of_person: Vec<Standing> = session_seats::table
        .inner_join(
            sessions::table.on(sessions::tenant_id.eq(session_seats::tenant_id).and(sessions::id.eq(session_seats::session_id))),
        )
        .filter(own(tx, session_seats::tenant_id))
        .filter(session_seats::person_id.eq_any(person))
        .filter(session_seats::held_on.between(from, to))
        .select(Standing::as_select())
        .load(tx.conn)?;
    let meets = |one: &Standing, other: &Standing| {
        one.id != other.id && one.held_on == other.held_on && one.slot().zip(other.slot()).is_some_and(|(a, b)| a.meets(b))
    };
    let found = of_group.iter().find_map(|one| of_person.iter().find(|other| meets(one, other)));
    Ok(found.map(|with| Clash {
        kind: "participant",
        on: with.held_on,
        with: Some(with.clone()),
        participation: Some(participation),
    }))
}
