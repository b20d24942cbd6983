//! Which sessions a calendar shows, and how.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::CalendarFeedView;
use super::ics::{Event, Span};
use crate::participation::sessions::SessionForm;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{ClockTime, Day, ShortText};
use crate::schema::{edition_groups, group_members, participations, session_roster, sessions};

/// How long a session stays in calendars. **Units**: days after it.
const DAYS_KEPT: u64 = 366;
/// Most events of a calendar; the earliest of them go first.
const MOST_EVENTS: i64 = 2000;

/// A session, as far as calendars show it: neither its people nor its leader.
#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct Shown {
    id: Uuid,
    held_on: Day,
    starts_at: Option<ClockTime>,
    ends_at: Option<ClockTime>,
    form: SessionForm,
    theme: Option<ShortText>,
    venue: Option<ShortText>,
    room: Option<ShortText>,
    group_id: Option<Uuid>,
    schedule_version: i32,
    rescheduled_at: Option<DateTime<Utc>>,
    cancelled_on: Option<Day>,
    recorded_at: DateTime<Utc>,
}

/// The events of a calendar in the order of their days.
pub fn events(tx: &mut Tx, feed: &CalendarFeedView) -> Result<Vec<Event>, Problem> {
    let shown = match (feed.group_id, feed.participation_id) {
        (Some(group), _) => of_group(tx, group)?,
        (None, Some(participation)) => of_participation(tx, participation)?,
        (None, None) => of_facilitator(tx, feed)?,
    };
    Ok(shown.into_iter().map(Event::from).collect())
}

/// The first day that calendars still show.
fn first_day(tx: &Tx) -> Result<Day, Problem> {
    let day = tx.today() - chrono::Days::new(DAYS_KEPT);
    Day::try_from(day).map_err(|_| crate::platform::problem::catalogue::INTERNAL.problem().because("today is out of range"))
}

fn of_group(tx: &mut Tx, group: Uuid) -> Result<Vec<Shown>, Problem> {
    let since = first_day(tx)?;
    let edition: Uuid = edition_groups::table
        .filter(own(tx, edition_groups::tenant_id))
        .filter(edition_groups::id.eq(group))
        .select(edition_groups::edition_id)
        .first(tx.conn)?;
    Ok(sessions::table
        .filter(own(tx, sessions::tenant_id))
        .filter(sessions::edition_id.eq(edition))
        .filter(sessions::held_on.ge(since))
        .filter(sessions::roster_limited.eq(false).or(sessions::group_id.eq(group)))
        .order((sessions::held_on.desc(), sessions::id))
        .limit(MOST_EVENTS)
        .select(Shown::as_select())
        .load(tx.conn)?)
}

fn of_facilitator(tx: &mut Tx, feed: &CalendarFeedView) -> Result<Vec<Shown>, Problem> {
    let since = first_day(tx)?;
    Ok(sessions::table
        .filter(own(tx, sessions::tenant_id))
        .filter(sessions::facilitator.eq(&feed.facilitator))
        .filter(sessions::held_on.ge(since))
        .order((sessions::held_on.desc(), sessions::id))
        .limit(MOST_EVENTS)
        .select(Shown::as_select())
        .load(tx.conn)?)
}

/// What a participant is expected at: cancelled sessions have no seats, so that they are found by what seats follow from.
fn of_participation(tx: &mut Tx, participation: Uuid) -> Result<Vec<Shown>, Problem> {
    let since = first_day(tx)?;
    let (edition, starts_on, planned_end_on, ended_on): (Uuid, Day, Day, Option<Day>) = participations::table
        .filter(own(tx, participations::tenant_id))
        .filter(participations::id.eq(participation))
        .select((participations::edition_id, participations::starts_on, participations::planned_end_on, participations::ended_on))
        .first(tx.conn)?;
    let memberships: Vec<(Uuid, Day, Option<Day>)> = group_members::table
        .filter(own(tx, group_members::tenant_id))
        .filter(group_members::participation_id.eq(participation))
        .select((group_members::group_id, group_members::valid_from_on, group_members::valid_to_on))
        .load(tx.conn)?;
    let groups: Vec<Uuid> = memberships.iter().map(|(group, _, _)| *group).collect();
    let named = session_roster::table
        .filter(own(tx, session_roster::tenant_id))
        .filter(session_roster::participation_id.eq(participation))
        .select(session_roster::session_id);
    let mut shown: Vec<Shown> = sessions::table
        .filter(own(tx, sessions::tenant_id))
        .filter(sessions::edition_id.eq(edition))
        .filter(sessions::held_on.between(starts_on.max(since), ended_on.unwrap_or(planned_end_on)))
        .filter(sessions::roster_limited.eq(false).or(sessions::group_id.eq_any(groups)).or(sessions::id.eq_any(named)))
        .order((sessions::held_on.desc(), sessions::id))
        .limit(MOST_EVENTS)
        .select(Shown::as_select())
        .load(tx.conn)?;
    shown.retain(|session| {
        session.group_id.is_none_or(|group| {
            memberships
                .iter()
                .any(|(of, from, to)| *of == group && *from <= session.held_on && to.is_none_or(|to| session.held_on <= to))
        })
    });
    Ok(shown)
}

impl From<Shown> for Event {
    fn from(session: Shown) -> Self {
        let is_cancelled = session.cancelled_on.is_some();
        // The theme of a consultation could tell something about the one person whom it is for.
        let what = match (session.form, session.theme) {
            (SessionForm::Individual, _) => "Konsultacja indywidualna".to_owned(),
            (SessionForm::Group, Some(theme)) => theme.as_str().to_owned(),
            (SessionForm::Group, None) => "Zajęcia grupowe".to_owned(),
        };
        let places = [session.venue, session.room];
        let places: Vec<String> = places.into_iter().flatten().map(|place| place.as_str().to_owned()).collect();
        Self {
            id: session.id,
            sequence: session.schedule_version - 1,
            created: session.recorded_at,
            modified: session.rescheduled_at.unwrap_or(session.recorded_at),
            span: match (session.starts_at, session.ends_at) {
                (Some(from), Some(to)) => Span::Times(session.held_on, from, to),
                _ => Span::WholeDay(session.held_on),
            },
            is_cancelled,
            summary: if is_cancelled { format!("Odwołane: {what}") } else { what },
            location: (!places.is_empty()).then(|| places.join(", ")),
        }
    }
}
