//! Attendance as a file: the form of the sign-in sheet, filled in and sent back, of one session or of many.
//!
//! A session without a sheet gets its whole sheet at once; of one that has a sheet, the rows of the file supersede those
//! that differ, with a reason. A form that is older than the sheet changes nothing. A row may come with the id that another
//! system has for it; the id stays with the row through its corrections, and is that of no other row.

mod changes;
mod places;
mod sheets;

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::prelude::*;
use uuid::Uuid;

use super::at_work::at_work;
use super::sheet::{Line, RowFault, settle_row};
use super::views::{AttendanceRowBody, AttendanceStatus, Evidence};
use super::{RECORDED, event_data};
use crate::participation::entry_windows::{EntrySubject, EntryWindows};
use crate::participation::{
    ATTENDANCE_AT_WORK, CORRECTION_REASON, NOT_TAKING_PART, SESSION_CANCELLED, SHEET_CHANGED, SHEET_INCOMPLETE, SHEET_ROW,
    SHEET_ROW_OF_ANOTHER,
};
use crate::platform::db::{Tx, own};
use crate::platform::imports::{
    CellKind, Cells, Change, Column, EXTERNAL_ID, ExternalId, Finding, Key, Kind, SYSTEM, VALUE_MISSING, Verdict, find_external,
    remember_external,
};
use crate::platform::policy::{GetAttendance, Operation as _, RecordAttendance, Rule};
use crate::platform::problem::{Locale, Problem, catalogue};
use crate::platform::types::{Day, Hours, ShortText};
use crate::programmes::ReasonClass;
use crate::schema::{attendance, sessions};
use places::{Place, Places};
use sheets::{Sheet, Sheets};

/// Words for the states of attendance; the first one stands in forms.
const STATUSES: &[(&str, &[&str])] = &[
    ("present", &["obecny", "obecna", "obecność", "ob", "+"]),
    ("late", &["spóźniony", "spóźniona", "spóźnienie"]),
    ("leftEarly", &["wyszedł wcześniej", "wyszła wcześniej", "wcześniejsze wyjście"]),
    ("excused", &["usprawiedliwiony", "usprawiedliwiona", "nieobecność usprawiedliwiona", "nu"]),
    ("unexcused", &["nieusprawiedliwiony", "nieusprawiedliwiona", "nieobecność nieusprawiedliwiona", "nn"]),
];
const REASONS: &[(&str, &[&str])] = &[
    ("health", &["choroba", "zdrowie"]),
    ("care", &["opieka", "opieka nad dzieckiem", "opieka nad osobą zależną"]),
    ("official", &["wezwanie", "wezwanie urzędowe", "urząd"]),
    ("jobInterview", &["rozmowa o pracę", "rozmowa kwalifikacyjna"]),
    ("other", &["inny", "inne"]),
];
const EVIDENCES: &[(&str, &[&str])] = &[
    ("medicalCertificate", &["zaświadczenie lekarskie", "zwolnienie"]),
    ("summons", &["wezwanie"]),
    ("confirmation", &["potwierdzenie"]),
    ("statement", &["oświadczenie"]),
    ("other", &["inny", "inne"]),
];

/// Attendance: by the code of a row of the sign-in sheet, or by session and participation.
pub struct AttendanceIntake;

/// A row of the form.
pub struct AttendanceRow {
    external: Option<ExternalId>,
    place: Place,
    version: Option<i32>,
    status: AttendanceStatus,
    hours: Option<Hours>,
    reason_class: Option<ReasonClass>,
    evidence: Option<Evidence>,
    evidence_shown_on: Option<Day>,
    correction: Option<ShortText>,
    /// What it comes to, once its session is found.
    settled: OnceCell<Settled>,
}

/// What a row comes to.
struct Settled {
    session: Uuid,
    edition: Uuid,
    line: Line,
    due: Option<Day>,
    /// Whether the sheet says something else.
    differs: bool,
}

impl Kind for AttendanceIntake {
    type Command = AttendanceRow;
    const NAME: &'static str = "attendance";
    const TITLE: &'static str = "Obecność na zajęciach";
    const RECORD: &'static str = "attendance";
    const RULE: &'static Rule = RecordAttendance::RULE;
    const READ: &'static Rule = GetAttendance::RULE;
    const COLUMNS: &'static [Column] = &[
        Column::new("rowCode", "Kod", CellKind::Text, "Kod wiersza z listy obecności; albo zajęcia i uczestnictwo.", "0A1B2C3D"),
        Column::new("sessionId", "Identyfikator zajęć", CellKind::Text, "Zajęcia; przy kodzie wiersza sprawdza jego listę.", ""),
        Column::new(
            "participationId",
            "Identyfikator uczestnictwa",
            CellKind::Text,
            "Uczestnictwo, gdy nie ma kodu wiersza.",
            "",
        ),
        Column::new("name", "Nazwisko i imię", CellKind::Text, "Dla czytelności formularza; pomijane.", ""),
        Column::new(
            "sheetVersion",
            "Wersja listy",
            CellKind::Whole,
            "Wersja listy, z której jest formularz; 0, gdy listy nie było.",
            "0",
        ),
        Column::new("status", "Obecność", CellKind::Word(STATUSES), "Czy i jak osoba była.", "obecny").required(),
        Column::new("hours", "Godziny", CellKind::Decimal, "Godziny obecności; bez nich obecny był do końca.", "3"),
        Column::new("reasonClass", "Powód", CellKind::Word(REASONS), "Powód nieobecności usprawiedliwionej.", ""),
        Column::new("evidence", "Dowód", CellKind::Word(EVIDENCES), "Na czym opiera się usprawiedliwienie.", ""),
        Column::new("evidenceShownOn", "Okazano dnia", CellKind::Day, "Dzień okazania dowodu.", ""),
        Column::new(
            "correctionReason",
            "Uzasadnienie korekty",
            CellKind::Text,
            "Potrzebne, gdy wiersz zmienia zapisaną listę.",
            "",
        ),
        SYSTEM,
        EXTERNAL_ID,
    ];

    fn read(cells: &mut Cells) -> Option<AttendanceRow> {
        let (external, status) = (ExternalId::read(cells), cells.word("status"));
        let (version, hours) = (cells.text("sheetVersion"), hours(cells, "hours"));
        let (reason_class, evidence) = (cells.word("reasonClass"), cells.word("evidence"));
        let (evidence_shown_on, correction) = (cells.day("evidenceShownOn"), cells.words("correctionReason"));
        let place = Place::read(cells);
        let (status, place) = (status?, place?);
        let settled = OnceCell::new();
        Some(AttendanceRow {
            external,
            place,
            version,
            status,
            hours,
            reason_class,
            evidence,
            evidence_shown_on,
            correction,
            settled,
        })
    }

    fn keys(row: &AttendanceRow) -> Vec<Key> {
        let named = row.external.as_ref().map(|external| Key { column: "externalId", value: external.key() });
        std::iter::once(row.place.key()).chain(named).collect()
    }

    fn compare(tx: &mut Tx, rows: &[&AttendanceRow]) -> Result<Vec<Verdict>, Problem> {
        let places = Places::find(tx, rows.iter().map(|row| &row.place))?;
        let found: Vec<Result<(Uuid, Uuid), Finding>> = rows.iter().map(|row| places.of(&row.place)).collect();
        let sheets = Sheets::lock(tx, found.iter().flatten().map(|(session, _)| *session))?;
        let windows = EntryWindows::load(tx, EntrySubject::Attendance)?;
        let named = Named::load(tx, rows)?;
        let mut seen: HashMap<(Uuid, Uuid), usize> = HashMap::new();
        let judged = rows.iter().zip(&found).enumerate().map(|(at, (row, found))| {
            let (session, participation) = match found {
                Ok(found) => *found,
                Err(finding) => return Verdict::Error(finding.clone()),
            };
            let earlier = *seen.entry((session, participation)).or_insert(at);
            if earlier < at {
                return Verdict::Repeats(earlier);
            }
            match sheets.get(session) {
                Some(sheet) => {
                    let pointer = format!("/{}", row.place.column());
                    if let Err(problem) = windows.expect_open(tx, sheet.facts.held_on, None, &pointer) {
                        return Verdict::Error(Finding::of(&problem));
                    }
                    let verdict = row.judge(tx, sheet, participation).unwrap_or_else(Verdict::Error);
                    named.settle(row, (session, participation), verdict)
                }
                None => Verdict::Error(row.place.unknown()),
            }
        });
        let mut verdicts: Vec<Verdict> = judged.collect();
        refuse_those_at_work(tx, rows, &mut verdicts)?;
        refuse_incomplete_sheets(rows, &sheets, &mut verdicts);
        Ok(verdicts)
    }

    fn create(tx: &mut Tx, rows: &[&AttendanceRow]) -> Result<Vec<Uuid>, Problem> {
        // A sheet of its own makes no correction; what is added to one does.
        let new = rows.iter().map(|row| (row, None)).collect::<Vec<_>>();
        let ids = insert(tx, &new)?;
        begin_versions(tx, rows)?;
        remember(tx, rows.iter().copied().zip(ids.iter().copied()))?;
        Ok(ids)
    }

    fn change(tx: &mut Tx, changes: &[Change<AttendanceRow>]) -> Result<Vec<Option<Uuid>>, Problem> {
        changes::change(tx, changes)
    }

    fn addresses(tx: &mut Tx, records: &[Uuid]) -> Result<HashMap<Uuid, String>, Problem> {
        let found = attendance::table.filter(own(tx, attendance::tenant_id)).filter(attendance::id.eq_any(records));
        let found: Vec<(Uuid, Uuid)> = found.select((attendance::id, attendance::session_id)).load(tx.conn)?;
        let listed = |(row, session)| (row, format!("/api/v1/sessions/{session}/attendance?includeSuperseded=true"));
        Ok(found.into_iter().map(listed).collect())
    }
}

/// How a form writes a state, a reason or a kind of evidence.
pub(in crate::participation) fn spelled(column: &str, code: &str) -> &'static str {
    let holds = AttendanceIntake::COLUMNS.iter().find(|known| known.name == column).map(|known| known.holds);
    let Some(CellKind::Word(words)) = holds else { return "" };
    words.iter().find(|(known, _)| *known == code).and_then(|(_, spellings)| spellings.first()).copied().unwrap_or_default()
}

/// Hours in quarters, with comma or point.
pub(in crate::participation) fn hours(cells: &mut Cells, column: &str) -> Option<Hours> {
    let hours = cells.decimal(column)?.to_string().parse().ok();
    if hours.is_none() {
        cells.refuse_form(column, "godziny w kwadransach, na przykład 1,25");
    }
    hours
}

impl AttendanceRow {
    /// What the row comes to in its sheet.
    fn judge(&self, tx: &Tx, sheet: &Sheet, participation: Uuid) -> Result<Verdict, Finding> {
        let at_place = |definition| Finding::new(Some(self.place.column()), definition);
        if sheet.is_cancelled {
            return Err(at_place(&SESSION_CANCELLED));
        }
        if !sheet.expected.contains(&participation) {
            return Err(at_place(&NOT_TAKING_PART));
        }
        let line = settle_row(&self.body(participation), sheet.facts.hours, tx.today()).map_err(refusal)?;
        if line.hours > Hours::ZERO && sheet.facts.held_on.date() > tx.today() {
            return Err(at_place(&catalogue::IN_FUTURE));
        }
        let (session, edition) = (sheet.facts.id, sheet.facts.edition_id);
        let recorded = sheet.rows.get(&participation);
        let columns = recorded.map(|recorded| recorded.differs_in(&line)).unwrap_or_default();
        let differs = recorded.is_none() || !columns.is_empty();
        let _ = self.settled.set(Settled { session, edition, line, due: sheet.due, differs });
        let Some(recorded) = recorded else { return Ok(Verdict::Create(Vec::new())) };
        if columns.is_empty() {
            return Ok(Verdict::Unchanged(recorded.id));
        }
        if self.version.is_some_and(|version| version != sheet.facts.version) {
            return Ok(Verdict::Conflict(Some(recorded.id), Finding::new(Some("sheetVersion"), &SHEET_CHANGED)));
        }
        if self.correction.is_none() {
            return Err(Finding::new(Some("correctionReason"), &CORRECTION_REASON));
        }
        Ok(Verdict::Change { record: recorded.id, base: recorded.id.to_string(), columns, findings: Vec::new() })
    }

    fn body(&self, participation_id: Uuid) -> AttendanceRowBody {
        AttendanceRowBody {
            participation_id,
            status: self.status,
            hours: self.hours,
            reason_class: self.reason_class,
            evidence: self.evidence,
            evidence_shown_on: self.evidence_shown_on,
        }
    }
}

/// Rows of sheets that other systems know by an id.
struct Named {
    by_external: HashMap<ExternalId, Uuid>,
    /// Session and participation of each.
    places: HashMap<Uuid, (Uuid, Uuid)>,
}

impl Named {
    fn load(tx: &mut Tx, rows: &[&AttendanceRow]) -> Result<Self, Problem> {
        let external: Vec<&ExternalId> = rows.iter().filter_map(|row| row.external.as_ref()).collect();
        let by_external = find_external(tx, AttendanceIntake::RECORD, &external)?;
        if by_external.is_empty() {
            return Ok(Self { by_external, places: HashMap::new() });
        }
        let found: Vec<(Uuid, Uuid, Uuid)> = attendance::table
            .filter(own(tx, attendance::tenant_id))
            .filter(attendance::id.eq_any(by_external.values()))
            .select((attendance::id, attendance::session_id, attendance::participation_id))
            .load(tx.conn)?;
        let places = found.into_iter().map(|(id, session, participation)| (id, (session, participation))).collect();
        Ok(Self { by_external, places })
    }

    /// What becomes of a row with an id: one of another row contradicts, one that is new is given to the row.
    fn settle(&self, row: &AttendanceRow, place: (Uuid, Uuid), verdict: Verdict) -> Verdict {
        let Some(external) = &row.external else { return verdict };
        let known = self.by_external.get(external);
        if let Some(record) = known
            && self.places.get(record).is_some_and(|known| *known != place)
        {
            return Verdict::Conflict(Some(*record), Finding::new(Some("externalId"), &SHEET_ROW_OF_ANOTHER));
        }
        match verdict {
            Verdict::Unchanged(record) if known != Some(&record) => {
                Verdict::Change { record, base: record.to_string(), columns: vec!["externalId"], findings: Vec::new() }
            }
            verdict => verdict,
        }
    }
}

/// Keeps the ids that systems have for rows.
fn remember<'r>(tx: &mut Tx, rows: impl Iterator<Item = (&'r AttendanceRow, Uuid)>) -> Result<(), Problem> {
    let named: Vec<(&ExternalId, Uuid)> = rows.filter_map(|(row, id)| Some((row.external.as_ref()?, id))).collect();
    remember_external(tx, AttendanceIntake::RECORD, &named)
}

fn refusal(fault: RowFault) -> Finding {
    Finding::because(Some(fault.field()), &SHEET_ROW, fault.hint().text(Locale::Polish))
}

/// Refuses rows of people who worked at the time of the classes.
fn refuse_those_at_work(tx: &mut Tx, rows: &[&AttendanceRow], verdicts: &mut [Verdict]) -> Result<(), Problem> {
    // A row that stands in its sheet is left as it is; it may still be given an id.
    let is_written = |at: &usize| matches!(verdicts[*at], Verdict::Create(_) | Verdict::Change { .. });
    let mut present: HashMap<(Uuid, Uuid), usize> = HashMap::new();
    for (at, row) in rows.iter().enumerate().filter(|(at, _)| is_written(at)) {
        let came = row.settled.get().filter(|settled| settled.differs && settled.line.hours > Hours::ZERO);
        present.extend(came.map(|settled| ((settled.session, settled.line.participation_id), at)));
    }
    let pairs: Vec<(Uuid, Uuid)> = present.keys().copied().collect();
    for clash in at_work(tx, &pairs)? {
        if let Some(at) = present.get(&(clash.session, clash.participation)) {
            verdicts[*at] = Verdict::Error(Finding::new(Some(rows[*at].place.column()), &ATTENDANCE_AT_WORK));
        }
    }
    Ok(())
}

/// A first sheet is whole or not recorded: where somebody is missing, or stands in a wrong row, no row of it is taken.
fn refuse_incomplete_sheets(rows: &[&AttendanceRow], sheets: &Sheets, verdicts: &mut [Verdict]) {
    let mut created: BTreeMap<Uuid, Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        if let (Some(settled), Verdict::Create(_)) = (row.settled.get(), &verdicts[at]) {
            created.entry(settled.session).or_default().push(at);
        }
    }
    for (session, places) in created {
        let Some(sheet) = sheets.get(session).filter(|sheet| sheet.facts.version == 0) else { continue };
        let missing = sheet.expected.len().saturating_sub(places.len());
        for at in places.into_iter().filter(|_| missing > 0) {
            let hint = format!("W pliku brakuje poprawnych wierszy {missing} oczekiwanych osób tych zajęć.");
            verdicts[at] = Verdict::Error(Finding::because(None, &SHEET_INCOMPLETE, &hint));
        }
    }
}

/// Inserts rows in one statement, with those that they supersede.
fn insert(tx: &mut Tx, rows: &[(&&AttendanceRow, Option<Uuid>)]) -> Result<Vec<Uuid>, Problem> {
    let mut ids = Vec::with_capacity(rows.len());
    let mut values = Vec::with_capacity(rows.len());
    for (row, replaced) in rows {
        let settled = row.settled.get().ok_or_else(|| catalogue::INTERNAL.problem().because("a row that was not judged"))?;
        let (id, line) = (tx.id_or_new(None), &settled.line);
        let is_absent = line.hours == Hours::ZERO;
        ids.push(id);
        values.push((
            attendance::id.eq(id),
            attendance::session_id.eq(settled.session),
            attendance::edition_id.eq(settled.edition),
            attendance::participation_id.eq(line.participation_id),
            attendance::status.eq(line.status),
            attendance::minutes.eq(line.hours),
            attendance::reason_class.eq(line.reason_class),
            attendance::evidence.eq(line.evidence),
            attendance::evidence_shown_on.eq(line.evidence_shown_on),
            attendance::excuse_due_on.eq(settled.due.filter(|_| is_absent)),
            attendance::supersedes_id.eq(*replaced),
            attendance::correction_reason.eq(row.correction.as_ref()),
        ));
    }
    diesel::insert_into(attendance::table).values(values).execute(tx.conn)?;
    Ok(ids)
}

/// Counts up the sheets that these rows belong to, and announces them.
fn begin_versions(tx: &mut Tx, rows: &[&AttendanceRow]) -> Result<(), Problem> {
    let touched: HashSet<Uuid> = rows.iter().filter_map(|row| row.settled.get()).map(|settled| settled.session).collect();
    let changed: Vec<(Uuid, Uuid, Day, i32)> =
        diesel::update(sessions::table.filter(own(tx, sessions::tenant_id)).filter(sessions::id.eq_any(touched)))
            .set(sessions::attendance_version.eq(sessions::attendance_version + 1))
            .returning((sessions::id, sessions::edition_id, sessions::held_on, sessions::attendance_version))
            .get_results(tx.conn)?;
    for (session, edition, held_on, version) in changed {
        tx.announce("session", session, RECORDED, event_data(session, edition, held_on, version));
    }
    Ok(())
}

/// Refuses a row that says neither which row of a sheet it is, nor whose and of which session.
fn refuse_placeless(cells: &mut Cells) {
    cells.refuse("rowCode", &VALUE_MISSING);
}
