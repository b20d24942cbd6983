//! A timetable as a file: one row is one session of a block, for a group, for all or for one person.
//!
//! Rows are judged by being put into the timetable one after the other and taken out again: what the timetable refuses,
//! also because of an earlier row of the file, is refused as for a single session.

use std::collections::{HashMap, HashSet};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use uuid::Uuid;

use super::{SessionBody, SessionForm, SessionView, plan_session};
use crate::participation::change_problems::SESSION_KNOWN;
use crate::platform::db::{Tx, own};
use crate::platform::imports::{
    CellKind, Cells, Column, EXTERNAL_ID, ExternalId, Finding, Key, Kind, SYSTEM, VALUE_MISSING, Verdict, each_at, find_external,
    remember_external,
};
use crate::platform::policy::{CreateSession, GetSession, Operation as _, Rule};
use crate::platform::problem::Problem;
use crate::platform::types::{ClockTime, Hours};
use crate::schema::sessions;

const FORMS: &[(&str, &[&str])] = &[("group", &["grupowe"]), ("individual", &["indywidualne"])];

/// Sessions: block, day, times, length, theme, place, leader, for whom.
pub struct SessionIntake;

/// A row of the file.
pub struct SessionRow {
    external: Option<ExternalId>,
    body: SessionBody,
}

impl Kind for SessionIntake {
    type Command = SessionRow;
    const NAME: &'static str = "sessions";
    const TITLE: &'static str = "Zajęcia (harmonogram)";
    const RECORD: &'static str = "session";
    const RULE: &'static Rule = CreateSession::RULE;
    const READ: &'static Rule = GetSession::RULE;
    const COLUMNS: &'static [Column] = &[
        SYSTEM,
        EXTERNAL_ID,
        Column::new("blockId", "Identyfikator bloku", CellKind::Text, "Blok zajęć.", "01900000-0000-7000-8000-000000000035")
            .required(),
        Column::new("groupId", "Identyfikator grupy", CellKind::Text, "Pusty: wszyscy uczestnicy edycji.", ""),
        Column::new("participationId", "Identyfikator uczestnictwa", CellKind::Text, "Tylko przy zajęciach indywidualnych.", ""),
        Column::new("heldOn", "Dzień", CellKind::Day, "Dzień zajęć.", "2026-06-22").required(),
        Column::new("startsAt", "Od godziny", CellKind::Text, "Początek, GG:MM.", "09:00"),
        Column::new("endsAt", "Do godziny", CellKind::Text, "Koniec z przerwami, GG:MM.", "12:15"),
        Column::new("hours", "Godziny", CellKind::Decimal, "Godziny zegarowe; albo lekcyjne.", "3"),
        Column::new("lessonHours", "Godziny lekcyjne", CellKind::Whole, "Godziny po 45 minut.", ""),
        Column::new("form", "Forma", CellKind::Word(FORMS), "Grupowe lub indywidualne.", "grupowe").required(),
        Column::new("theme", "Temat", CellKind::Text, "Temat zajęć; bez nazwisk.", "Komunikacja"),
        Column::new("venue", "Budynek", CellKind::Text, "Budynek.", ""),
        Column::new("room", "Sala", CellKind::Text, "Sala.", ""),
        Column::new("facilitator", "Prowadzący", CellKind::Text, "Kod prowadzącego nadany przez ośrodek; bez nazwiska.", ""),
        Column::new("facilitatorPartnerId", "Identyfikator wykonawcy", CellKind::Text, "Partner, którego ludzie prowadzą.", ""),
        Column::new("facilitatorProfession", "Zawód prowadzącego", CellKind::Text, "Na przykład psycholog.", "psycholog"),
    ];

    fn read(cells: &mut Cells) -> Option<SessionRow> {
        let external = ExternalId::read(cells);
        let (block_id, held_on, form) = (cells.text("blockId"), cells.day("heldOn"), cells.word("form"));
        let participation: Option<Uuid> = cells.text("participationId");
        let (starts_at, ends_at): (Option<ClockTime>, Option<ClockTime>) = (cells.text("startsAt"), cells.text("endsAt"));
        let (hours, lesson_hours) = (hours(cells), cells.text("lessonHours"));
        let (theme, venue, room) = (cells.words("theme"), cells.words("venue"), cells.words("room"));
        let (facilitator, facilitator_partner_id, facilitator_profession) =
            (cells.words("facilitator"), cells.text("facilitatorPartnerId"), cells.words("facilitatorProfession"));
        let group_id = cells.text("groupId");
        if form == Some(SessionForm::Individual) && external.is_none() && starts_at.is_none() {
            // Nothing would tell it from another one when the file is sent again.
            cells.refuse("externalId", &VALUE_MISSING);
        }
        let body = SessionBody {
            id: None,
            block_id: block_id?,
            held_on: held_on?,
            starts_at,
            ends_at,
            hours,
            lesson_hours,
            form: form?,
            theme,
            venue,
            room,
            facilitator,
            facilitator_partner_id,
            facilitator_profession,
            group_id,
            participation_ids: participation.map(|participation| vec![participation]),
        };
        Some(SessionRow { external, body })
    }

    fn keys(row: &SessionRow) -> Vec<Key> {
        let body = &row.body;
        let itself = || {
            let SessionBody { block_id, held_on, starts_at, theme, facilitator, group_id, participation_ids, .. } = body;
            format!("{block_id} {held_on} {starts_at:?} {theme:?} {facilitator:?} {group_id:?} {participation_ids:?}")
        };
        vec![match &row.external {
            Some(external) => Key { column: "externalId", value: external.key() },
            None => Key { column: "heldOn", value: itself() },
        }]
    }

    fn compare(tx: &mut Tx, rows: &[&SessionRow]) -> Result<Vec<Verdict>, Problem> {
        let recorded = Recorded::load(tx, rows)?;
        let mut verdicts = Vec::with_capacity(rows.len());
        tx.conn.batch_execute("SAVEPOINT timetable_of_a_file")?;
        for row in rows {
            verdicts.push(match recorded.verdict(row) {
                Some(known) => known,
                None => try_out(tx, row)?,
            });
        }
        tx.conn.batch_execute("ROLLBACK TO SAVEPOINT timetable_of_a_file")?;
        Ok(verdicts)
    }

    fn create(tx: &mut Tx, rows: &[&SessionRow]) -> Result<Vec<Uuid>, Problem> {
        let mut ids = Vec::with_capacity(rows.len());
        for row in rows {
            let id = tx.id_or_new(None);
            plan_session(tx, id, &row.body)?;
            ids.push(id);
        }
        let named = rows.iter().zip(&ids).filter_map(|(row, id)| Some((row.external.as_ref()?, *id)));
        remember_external(tx, Self::RECORD, &named.collect::<Vec<_>>())?;
        Ok(ids)
    }

    // No row is planned as a change: a session is moved or cancelled with its reason, by its own operations.

    fn addresses(_: &mut Tx, records: &[Uuid]) -> Result<HashMap<Uuid, String>, Problem> {
        Ok(each_at("sessions", records))
    }
}

fn hours(cells: &mut Cells) -> Option<Hours> {
    let told = cells.decimal("hours")?;
    let hours = told.normalize().to_string().parse().ok();
    if hours.is_none() {
        cells.refuse_form("hours", "godziny w kwadransach, na przykład 1,25");
    }
    hours
}

/// Puts the session of a row into the timetable; what comes of it stays until the file is judged.
fn try_out(tx: &mut Tx, row: &SessionRow) -> Result<Verdict, Problem> {
    tx.conn.batch_execute("SAVEPOINT session_of_a_row")?;
    let id = tx.id_or_new(None);
    match plan_session(tx, id, &row.body) {
        Ok(_) => {
            tx.conn.batch_execute("RELEASE SAVEPOINT session_of_a_row")?;
            Ok(Verdict::Create(Vec::new()))
        }
        // A clash names a session of the file itself by an id that it will not have.
        Err(problem) if problem.definition.status < 500 || problem.constraint.is_some() => {
            tx.conn.batch_execute("ROLLBACK TO SAVEPOINT session_of_a_row")?;
            Ok(Verdict::Error(finding(&problem)))
        }
        Err(problem) => Err(problem),
    }
}

/// The column of a row stands for a list of one in the body.
fn finding(problem: &Problem) -> Finding {
    let mut finding = Finding::of(problem);
    if finding.column.as_deref() == Some("participationIds") {
        finding.column = Some("participationId".to_owned());
    }
    finding
}

/// Sessions that are there already.
struct Recorded {
    by_external: HashMap<ExternalId, Uuid>,
    sessions: Vec<SessionView>,
}

impl Recorded {
    fn load(tx: &mut Tx, rows: &[&SessionRow]) -> Result<Self, Problem> {
        let external: Vec<&ExternalId> = rows.iter().filter_map(|row| row.external.as_ref()).collect();
        let by_external = find_external(tx, SessionIntake::RECORD, &external)?;
        let ids: Vec<Uuid> = by_external.values().copied().collect();
        let blocks: HashSet<Uuid> = rows.iter().map(|row| row.body.block_id).collect();
        let days: HashSet<_> = rows.iter().map(|row| row.body.held_on).collect();
        let sessions = sessions::table
            .filter(own(tx, sessions::tenant_id))
            .filter(sessions::id.eq_any(ids).or(sessions::block_id.eq_any(blocks).and(sessions::held_on.eq_any(days))))
            .order(sessions::id)
            .select(SessionView::as_select())
            .load(tx.conn)?;
        Ok(Self { by_external, sessions })
    }

    /// What becomes of a row whose session is recorded; nothing for a new one.
    fn verdict(&self, row: &SessionRow) -> Option<Verdict> {
        let named = row.external.as_ref().and_then(|external| self.by_external.get(external));
        if let Some(session) = named.and_then(|id| self.sessions.iter().find(|session| session.id == *id)) {
            let columns = differing(session, &row.body);
            return Some(match columns.first() {
                None => Verdict::Unchanged(session.id),
                Some(column) => {
                    let said = SESSION_KNOWN.at(format!("/{column}")).with("sessionId", session.id.to_string());
                    Verdict::Conflict(Some(session.id), Finding::of(&said))
                }
            });
        }
        // Without an id of its own a session is known by everything that a row says of it.
        let same = |session: &&SessionView| {
            session.cancelled_on.is_none() && row.body.form == SessionForm::Group && differing(session, &row.body).is_empty()
        };
        self.sessions.iter().find(same).filter(|_| row.external.is_none()).map(|session| Verdict::Unchanged(session.id))
    }
}

/// Columns in which a row says something else than the session; a blank cell says nothing.
fn differing(session: &SessionView, row: &SessionBody) -> Vec<&'static str> {
    fn other<T: PartialEq>(told: Option<&T>, recorded: Option<&T>) -> bool {
        told.is_some() && told != recorded
    }
    let pairs = [
        ("blockId", session.block_id != row.block_id),
        ("heldOn", session.held_on != row.held_on),
        ("startsAt", other(row.starts_at.as_ref(), session.starts_at.as_ref())),
        ("endsAt", other(row.ends_at.as_ref(), session.ends_at.as_ref())),
        ("hours", other(row.hours.as_ref(), Some(&session.hours))),
        ("lessonHours", other(row.lesson_hours.as_ref(), session.lesson_hours.as_ref())),
        ("form", session.form != row.form),
        ("theme", other(row.theme.as_ref(), session.theme.as_ref())),
        ("room", other(row.room.as_ref(), session.room.as_ref())),
        ("facilitator", other(row.facilitator.as_ref(), session.facilitator.as_ref())),
        ("groupId", other(row.group_id.as_ref(), session.group_id.as_ref())),
    ];
    pairs.into_iter().filter(|(_, differs)| *differs).map(|(column, _)| column).collect()
}
