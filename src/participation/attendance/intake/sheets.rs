//! The sheets that a file is about, as they stand.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use diesel::prelude::*;
use uuid::Uuid;

use crate::participation::attendance::sheet::Line;
use crate::participation::attendance::views::{AttendanceStatus, Evidence};
use crate::participation::attendance::{SessionFacts, excuse_due_on, expected};
use crate::participation::sessions::expected::Hold;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{Day, Hours};
use crate::programmes::ReasonClass;
use crate::programmes::facts::absence_terms;
use crate::schema::{attendance, sessions};

/// A row that a sheet has.
#[derive(Queryable)]
pub struct Recorded {
    /// Id.
    pub id: Uuid,
    status: AttendanceStatus,
    hours: Hours,
    reason_class: Option<ReasonClass>,
    evidence: Option<Evidence>,
    evidence_shown_on: Option<Day>,
}

impl Recorded {
    /// The columns in which a line differs.
    pub fn differs_in(&self, line: &Line) -> Vec<&'static str> {
        let differs = [
            ("status", self.status != line.status),
            ("hours", self.hours != line.hours),
            ("reasonClass", self.reason_class != line.reason_class),
            ("evidence", self.evidence != line.evidence),
            ("evidenceShownOn", self.evidence_shown_on != line.evidence_shown_on),
        ];
        differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
    }
}

/// A sheet as it stands.
pub struct Sheet {
    /// Its session.
    pub facts: SessionFacts,
    /// Whether the session is cancelled.
    pub is_cancelled: bool,
    /// Who must stand in it.
    pub expected: HashSet<Uuid>,
    /// Its current rows, by participation.
    pub rows: HashMap<Uuid, Recorded>,
    /// Last day to justify an absence.
    pub due: Option<Day>,
}

/// Sheets by session.
pub struct Sheets(HashMap<Uuid, Sheet>);

impl Sheets {
    /// Reads the sheets and holds them until the end of the transaction: a sheet that is sent at the same moment waits.
    ///
    /// # Errors
    /// Only when the store fails; a session that is not the caller's to lead is not there.
    pub fn lock(tx: &mut Tx, wanted: impl Iterator<Item = Uuid>) -> Result<Self, Problem> {
        let wanted: BTreeSet<Uuid> = wanted.collect();
        let found: Vec<(SessionFacts, Option<Day>)> = sessions::table
            .filter(own(tx, sessions::tenant_id))
            .filter(sessions::id.eq_any(wanted))
            .order(sessions::id)
            .select((
                (
                    sessions::id,
                    sessions::edition_id,
                    sessions::held_on,
                    sessions::minutes,
                    sessions::roster_limited,
                    sessions::group_id,
                    sessions::attendance_version,
                    sessions::facilitator_partner_id,
                ),
                sessions::cancelled_on,
            ))
            .for_no_key_update()
            .load(tx.conn)?;
        let led: Vec<(SessionFacts, Option<Day>)> =
            found.into_iter().filter(|(facts, _)| tx.caller.may_lead(facts.facilitator)).collect();
        let mut rows = recorded(tx, led.iter().map(|(facts, _)| facts.id).collect())?;
        let mut terms = HashMap::new();
        let mut sheets = HashMap::new();
        for (facts, cancelled_on) in led {
            let expected = expected(tx, &facts, Hold::Locked)?.into_iter().collect();
            let excuse_days = match terms.entry(facts.edition_id) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(unknown) => *unknown.insert(absence_terms(tx, facts.edition_id)?.map(|terms| terms.excuse_days)),
            };
            let due = excuse_due_on(facts.held_on, excuse_days);
            let rows = rows.remove(&facts.id).unwrap_or_default();
            sheets.insert(facts.id, Sheet { is_cancelled: cancelled_on.is_some(), expected, rows, due, facts });
        }
        Ok(Self(sheets))
    }

    /// The sheet of a session.
    pub fn get(&self, session: Uuid) -> Option<&Sheet> {
        self.0.get(&session)
    }
}

/// Current rows, by session and participation.
fn recorded(tx: &mut Tx, of: Vec<Uuid>) -> Result<HashMap<Uuid, HashMap<Uuid, Recorded>>, Problem> {
    let found: Vec<(Uuid, Uuid, Recorded)> = attendance::table
        .filter(own(tx, attendance::tenant_id))
        .filter(attendance::session_id.eq_any(of))
        .filter(attendance::superseded_at.is_null())
        .select((
            attendance::session_id,
            attendance::participation_id,
            (
                attendance::id,
                attendance::status,
                attendance::minutes,
                attendance::reason_class,
                attendance::evidence,
                attendance::evidence_shown_on,
            ),
        ))
        .load(tx.conn)?;
    let mut rows: HashMap<Uuid, HashMap<Uuid, Recorded>> = HashMap::new();
    for (session, participation, row) in found {
        rows.entry(session).or_default().insert(participation, row);
    }
    Ok(rows)
}
