//! Who stands on the reserve list by the decisions of a day, and who has left it.

use diesel::prelude::*;
use uuid::Uuid;

use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::Day;
use crate::recruitment::ApplicationState;
use crate::recruitment::applications::ApplicationStep;
use crate::schema::{application_events, applications};

/// An application that stands, or stood, on the reserve list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listed {
    pub application: Uuid,
    pub person: Uuid,
    pub position: Option<i32>,
    /// Where it stands now, or stood on the day where it had left the list by then.
    pub state: ApplicationState,
    /// Day of the decision that put it on the list.
    pub decided_on: Option<Day>,
    /// Day on which it left the list.
    pub left_on: Option<Day>,
}

/// An application as it stands now.
#[derive(Debug, Clone, Copy, Queryable)]
struct Now {
    id: Uuid,
    person: Uuid,
    state: ApplicationState,
    decided_on: Option<Day>,
    withdrawn_on: Option<Day>,
}

/// A decision about an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
struct Decided {
    step: ApplicationStep,
    on: Day,
    position: Option<i32>,
}

impl Decided {
    fn puts_on_the_list(&self) -> bool {
        self.step == ApplicationStep::Reserve
    }
}

/// The applications of an edition that stood on the reserve list by a day, or came to it later.
pub(super) fn listed_by(tx: &mut Tx, edition: Uuid, on: Day) -> Result<Vec<Listed>, Problem> {
    let event_of =
        application_events::tenant_id.eq(applications::tenant_id).and(application_events::application_id.eq(applications::id));
    let rows: Vec<(Now, Decided)> = applications::table
        .inner_join(application_events::table.on(event_of))
        .filter(own(tx, applications::tenant_id))
        .filter(applications::edition_id.eq(edition))
        .filter(application_events::kind.eq_any([ApplicationStep::Selected, ApplicationStep::Reserve, ApplicationStep::Rejected]))
        .order((applications::id, application_events::id))
        .select((
            (
                applications::id,
                applications::person_id,
                applications::state,
                applications::decided_on,
                applications::withdrawn_on,
            ),
            (application_events::kind, application_events::effective_on, application_events::reserve_position),
        ))
        .load(tx.conn)?;
    let of_one = rows.chunk_by(|(one, _), (other, _)| one.id == other.id);
    Ok(of_one.filter_map(|rows| listed(rows[0].0, &rows.iter().map(|(_, decided)| *decided).collect::<Vec<_>>(), on)).collect())
}

/// How an application stood on the list by a day, by its decisions in their order; none where it was on no list by then, and is
/// on none now.
fn listed(now: Now, decisions: &[Decided], on: Day) -> Option<Listed> {
    let by_then = decisions.iter().rposition(|decided| decided.on <= on);
    let put_on = by_then.and_then(|last| decisions[..=last].iter().rfind(|decided| decided.puts_on_the_list()));
    let listed = |put_on: &Decided, state, left_on| {
        let Now { id: application, person, .. } = now;
        Some(Listed { application, person, position: put_on.position, state, decided_on: Some(put_on.on), left_on })
    };
    let last = by_then.map(|last| decisions[last]);
    match (put_on, last) {
        (Some(put_on), Some(last)) if last.puts_on_the_list() => {
            let left_on = match now.state {
                ApplicationState::Withdrawn => now.withdrawn_on,
                ApplicationState::Selected | ApplicationState::Rejected => now.decided_on,
                ApplicationState::Applied | ApplicationState::Reserve => None,
            };
            listed(put_on, now.state, left_on)
        }
        // Who came back to the list after the day came to it later.
        _ if now.state == ApplicationState::Reserve => listed(decisions.last()?, now.state, None),
        (Some(put_on), Some(last)) => {
            let withdrawn_on = now.withdrawn_on.filter(|withdrawn_on| *withdrawn_on <= on);
            let decided =
                if last.step == ApplicationStep::Selected { ApplicationState::Selected } else { ApplicationState::Rejected };
            let state = if withdrawn_on.is_some() { ApplicationState::Withdrawn } else { decided };
            listed(put_on, state, Some(withdrawn_on.unwrap_or(last.on)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn the_list_of_a_day_is_that_of_the_decisions_by_then() {
        use ApplicationState::{Rejected, Reserve, Selected, Withdrawn};
        use ApplicationStep as Step;
        let decided = |step, on: &str, position| Decided { step, on: day(on), position };
        let second = || decided(Step::Reserve, "2020-10-10", Some(2));
        let selected = || decided(Step::Selected, "2020-11-10", None);
        let waits = Some((2, Reserve, None));
        for (decisions, state, withdrawn_on, on, expected) in [
            (vec![second()], Reserve, None, "2020-10-10", waits),
            // Put on the list only after the day: it is shown, and was decided later.
            (vec![second()], Reserve, None, "2020-10-09", waits),
            (vec![second()], Withdrawn, Some("2020-11-01"), "2020-10-20", Some((2, Withdrawn, Some("2020-11-01")))),
            (vec![second()], Withdrawn, Some("2020-11-01"), "2020-10-09", None),
            // Selected: before that day it left the list later, from then on it has left it.
            (vec![second(), selected()], Selected, None, "2020-11-09", Some((2, Selected, Some("2020-11-10")))),
            (vec![second(), selected()], Selected, None, "2020-11-10", Some((2, Selected, Some("2020-11-10")))),
            (vec![second(), selected()], Withdrawn, Some("2020-11-12"), "2020-11-11", Some((2, Selected, Some("2020-11-10")))),
            (vec![second(), selected()], Withdrawn, Some("2020-11-12"), "2020-11-12", Some((2, Withdrawn, Some("2020-11-12")))),
            (
                vec![second(), decided(Step::Rejected, "2020-11-10", None)],
                Rejected,
                None,
                "2020-11-10",
                Some((2, Rejected, Some("2020-11-10"))),
            ),
            // Moved on the list, or back on it: the place of the day counts.
            (vec![second(), decided(Step::Reserve, "2020-11-10", Some(7))], Reserve, None, "2020-11-09", waits),
            (
                vec![second(), decided(Step::Reserve, "2020-11-10", Some(7))],
                Reserve,
                None,
                "2020-11-10",
                Some((7, Reserve, None)),
            ),
            (
                vec![second(), selected(), decided(Step::Reserve, "2020-11-20", Some(7))],
                Reserve,
                None,
                "2020-11-15",
                Some((7, Reserve, None)),
            ),
            // Never on the list.
            (vec![selected()], Selected, None, "2020-11-10", None),
        ] {
            let decided_on = decisions.last().map(|last: &Decided| last.on);
            let now = Now { id: Uuid::nil(), person: Uuid::nil(), state, decided_on, withdrawn_on: withdrawn_on.map(day) };
            let found = listed(now, &decisions, day(on));
            let found = found.map(|found| (found.position, found.state, found.left_on));
            let expected = expected.map(|(position, state, left_on)| (Some(position), state, left_on.map(day)));
            assert_eq!(found, expected, "{decisions:?} {state} on {on}");
        }
    }
}
