//! Putting sessions into the timetable.

use diesel::prelude::*;
use uuid::Uuid;

use super::clash::{Place, Wanted, naming_the_clash};
use super::times::{Length, Slot};
use super::{SessionBody, SessionForm, SessionView};
use crate::platform::db::Tx;
use crate::platform::problem::Problem;
use crate::platform::types::{ClockTime, Code, Day, Hours, ShortText};
use crate::schema::{session_roster, sessions};

/// A row of the table of sessions.
#[derive(Debug, Insertable)]
#[diesel(table_name = sessions)]
pub struct NewSession {
    pub id: Uuid,
    pub edition_id: Uuid,
    pub block_id: Uuid,
    pub held_on: Day,
    pub starts_at: Option<ClockTime>,
    pub ends_at: Option<ClockTime>,
    #[diesel(column_name = minutes)]
    pub hours: Hours,
    pub lesson_hours: Option<i32>,
    pub form: SessionForm,
    pub theme: Option<ShortText>,
    pub venue: Option<ShortText>,
    pub room: Option<ShortText>,
    pub facilitator: Option<Code>,
    pub facilitator_partner_id: Option<Uuid>,
    pub facilitator_profession: Option<ShortText>,
    pub group_id: Option<Uuid>,
    pub pattern_id: Option<Uuid>,
    pub roster_limited: bool,
}

impl NewSession {
    /// The row of a session that was sent.
    pub fn of(id: Uuid, edition: Uuid, body: &SessionBody, length: Length, slot: Option<Slot>) -> Self {
        Self {
            id,
            edition_id: edition,
            block_id: body.block_id,
            held_on: body.held_on,
            starts_at: slot.map(|slot| slot.starts_at),
            ends_at: slot.map(|slot| slot.ends_at),
            hours: length.hours,
            lesson_hours: length.lesson_hours,
            form: body.form,
            theme: body.theme.clone(),
            venue: body.venue.clone(),
            room: body.room.clone(),
            facilitator: body.facilitator.clone(),
            facilitator_partner_id: body.facilitator_partner_id,
            facilitator_profession: body.facilitator_profession.clone(),
            group_id: body.group_id,
            pattern_id: None,
            roster_limited: body.participation_ids.is_some() || body.group_id.is_some(),
        }
    }

    /// Its place in the timetable; none where it has no times.
    pub fn place(&self, roster: Option<&[Uuid]>) -> Option<Place> {
        Some(Place {
            session: self.id,
            edition: self.edition_id,
            held_on: self.held_on,
            slot: Slot { starts_at: self.starts_at?, ends_at: self.ends_at? },
            venue: self.venue.clone(),
            room: self.room.clone(),
            facilitator: self.facilitator.clone(),
            group: self.group_id,
            roster: roster.map(<[Uuid]>::to_vec),
        })
    }
}

/// Records a session; a clash names the one in the way.
pub fn insert_session(tx: &mut Tx, session: &NewSession, roster: Option<&[Uuid]>) -> Result<SessionView, Problem> {
    let insert = |tx: &mut Tx| {
        let view: SessionView =
            diesel::insert_into(sessions::table).values(session).returning(SessionView::as_returning()).get_result(tx.conn)?;
        insert_rosters(tx, std::slice::from_ref(session), roster)?;
        Ok(view)
    };
    match session.place(roster) {
        Some(place) => naming_the_clash(tx, &Wanted::Sessions(&[place]), insert),
        None => insert(tx),
    }
}

/// Names the same people for each of the sessions.
pub fn insert_rosters(tx: &mut Tx, sessions: &[NewSession], roster: Option<&[Uuid]>) -> Result<(), Problem> {
    let Some(roster) = roster else { return Ok(()) };
    for session in sessions {
        let rows: Vec<_> = roster
            .iter()
            .map(|participation| {
                (
                    session_roster::session_id.eq(session.id),
                    session_roster::edition_id.eq(session.edition_id),
                    session_roster::participation_id.eq(participation),
                )
            })
            .collect();
        diesel::insert_into(session_roster::table).values(rows).execute(tx.conn)?;
    }
    Ok(())
}
