//! Jobs as a file, such as what the labour office or a register tells of the people of a programme.
//!
//! A job that a system has an id for is found again by it, whatever has changed about it: what differs becomes a
//! correction that supersedes. Any number of systems may know the same job, each by its own id.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::super::employment_spells::{EmployerClass, EmploymentKind, EmploymentSource, EmploymentSpellBody};
use super::super::{SPELL_ENDS_BEFORE_START, SPELL_OF_OTHER_PERSON};
use super::correction_reason;
use crate::people::{Named, PERSON_ID, PERSON_PESEL, PERSON_REFERENCE, find_named, hold_named};
use crate::platform::db::{Tx, own};
use crate::platform::imports::{
    CellKind, Cells, Change, Column, EXTERNAL_ID, ExternalId, Finding, Key, Kind, SYSTEM, Verdict, find_external,
    hand_on_external, remember_external,
};
use crate::platform::policy::{ListEmploymentSpells, Operation as _, RecordEmploymentSpell, Rule};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{DatePrecision, Day, Hours, LongText};
use crate::schema::employment_spells;

const KINDS: &[(&str, &[&str])] = &[
    ("employmentContract", &["umowa o pracę"]),
    ("civilLawContract", &["umowa cywilnoprawna", "zlecenie"]),
    ("selfEmployment", &["działalność gospodarcza"]),
    ("subsidised", &["subsydiowane", "prace interwencyjne"]),
    ("supportedEmployment", &["zatrudnienie wspierane"]),
    ("socialCooperative", &["spółdzielnia socjalna"]),
    ("farming", &["gospodarstwo rolne"]),
    ("unknown", &["nieznany"]),
    ("other", &["inne"]),
];
const EMPLOYERS: &[(&str, &[&str])] = &[
    ("micro", &["mikro"]),
    ("small", &["małe"]),
    ("medium", &["średnie"]),
    ("large", &["duże"]),
    ("public", &["publiczny"]),
    ("nonGovernmental", &["organizacja pozarządowa"]),
    ("unknown", &["nieznany"]),
];
const SOURCES: &[(&str, &[&str])] = &[
    ("participant", &["uczestnik"]),
    ("labourOffice", &["PUP", "urząd pracy"]),
    ("employer", &["pracodawca"]),
    ("socialWorker", &["pracownik socjalny"]),
    ("register", &["rejestr"]),
    ("publication", &["publikacja"]),
];
/// Jobs: who, from when to when, of what kind, by whose word.
pub struct EmploymentIntake;

/// A row of the file.
pub struct JobRow {
    person: Named,
    external: Option<ExternalId>,
    job: Job,
    reason: Option<LongText>,
    /// Whose job it is, once that is found.
    owner: OnceCell<Uuid>,
}

/// What is told of a job.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
struct Job {
    starts_on: Day,
    ends_on: Option<Day>,
    kind: EmploymentKind,
    employer_class: Option<EmployerClass>,
    weekly_hours: Option<Hours>,
    source: EmploymentSource,
    verified_on: Option<Day>,
}

/// A job that is corrected.
#[derive(Queryable)]
struct Earlier {
    job: Job,
    starts_precision: DatePrecision,
    evidence: Option<LongText>,
}

impl Kind for EmploymentIntake {
    type Command = JobRow;
    const NAME: &'static str = "employmentSpells";
    const TITLE: &'static str = "Zatrudnienie osób";
    const RECORD: &'static str = "employmentSpell";
    const RULE: &'static Rule = RecordEmploymentSpell::RULE;
    const READ: &'static Rule = ListEmploymentSpells::RULE;
    const COLUMNS: &'static [Column] = &[
        SYSTEM,
        EXTERNAL_ID,
        PERSON_ID,
        PERSON_PESEL,
        PERSON_REFERENCE,
        Column::new("startsOn", "Początek zatrudnienia", CellKind::Day, "Pierwszy dzień.", "2026-05-04").required(),
        Column::new("endsOn", "Koniec zatrudnienia", CellKind::Day, "Ostatni dzień; pusty, gdy trwa lub nie jest znany.", ""),
        Column::new("kind", "Rodzaj", CellKind::Word(KINDS), "Rodzaj zatrudnienia.", "umowa o pracę").required(),
        Column::new("employerClass", "Pracodawca", CellKind::Word(EMPLOYERS), "Rodzaj pracodawcy.", "małe"),
        Column::new(
            "weeklyHours",
            "Godziny tygodniowo",
            CellKind::Decimal,
            "Umówiony czas pracy w tygodniu, w kwadransach.",
            "40",
        ),
        Column::new("source", "Źródło", CellKind::Word(SOURCES), "Kto tak podaje.", "PUP").required(),
        Column::new("verifiedOn", "Sprawdzono dnia", CellKind::Day, "Dzień sprawdzenia.", "2026-05-11"),
        Column::new(
            "correctionReason",
            "Powód zmiany",
            CellKind::Text,
            "Dlaczego zmieniono zapis już znany; bez danych osobowych.",
            "",
        ),
    ];

    fn read(cells: &mut Cells) -> Option<JobRow> {
        let (person, external) = (Named::read(cells), ExternalId::read(cells));
        let (starts_on, ends_on) = (cells.day("startsOn"), cells.day("endsOn"));
        let (kind, source) = (cells.word("kind"), cells.word("source"));
        let weekly_hours = weekly_hours(cells);
        let (employer_class, verified_on, reason) =
            (cells.word("employerClass"), cells.day("verifiedOn"), cells.words("correctionReason"));
        if ends_on.is_some_and(|ends_on| starts_on.is_some_and(|starts_on| ends_on < starts_on)) {
            cells.refuse("endsOn", &SPELL_ENDS_BEFORE_START);
        }
        let job = Job { starts_on: starts_on?, ends_on, kind: kind?, employer_class, weekly_hours, source: source?, verified_on };
        Some(JobRow { person, external, job, reason, owner: OnceCell::new() })
    }

    fn keys(row: &JobRow) -> Vec<Key> {
        row.external.iter().map(|external| Key { column: "externalId", value: external.key() }).collect()
    }

    fn hold(tx: &mut Tx, rows: &[&JobRow]) -> Result<(), Problem> {
        hold_named(tx, &rows.iter().map(|row| &row.person).collect::<Vec<_>>())
    }

    fn compare(tx: &mut Tx, rows: &[&JobRow]) -> Result<Vec<Verdict>, Problem> {
        let named: Vec<&Named> = rows.iter().map(|row| &row.person).collect();
        let people = find_named(tx, &named)?;
        for (row, person) in rows.iter().zip(&people) {
            if let Ok(person) = person {
                let _ = row.owner.set(*person);
            }
        }
        let recorded = Recorded::load(tx, rows)?;
        let mut new = HashMap::new();
        let today = tx.today();
        let verdict = |(at, (row, person)): (usize, (&&JobRow, Result<Uuid, Finding>))| match person {
            Err(finding) => Verdict::Error(finding),
            Ok(_) if row.job.verified_on.is_some_and(|day| day.date() > today) => {
                Verdict::Error(Finding::new(Some("verifiedOn"), &catalogue::IN_FUTURE))
            }
            Ok(person) => match recorded.verdict(row, person) {
                // Without an id nothing but the job itself tells two rows apart.
                Verdict::Create(findings) => match new.insert((person, row.job.starts_on, row.job.kind.as_str()), at) {
                    Some(earlier) if row.external.is_none() => Verdict::Repeats(earlier),
                    _ => Verdict::Create(findings),
                },
                known => known,
            },
        };
        Ok(rows.iter().zip(people).enumerate().map(verdict).collect())
    }

    fn create(tx: &mut Tx, rows: &[&JobRow]) -> Result<Vec<Uuid>, Problem> {
        let mut bodies = Vec::with_capacity(rows.len());
        for row in rows {
            bodies.push((tx.id_or_new(None), row.body(None)?));
        }
        insert_many(tx, &bodies)?;
        let named = rows.iter().zip(&bodies).filter_map(|(row, (id, _))| Some((row.external.as_ref()?, *id)));
        remember_external(tx, Self::RECORD, &named.collect::<Vec<_>>())?;
        Ok(bodies.into_iter().map(|(id, _)| id).collect())
    }

    fn change(tx: &mut Tx, changes: &[Change<JobRow>]) -> Result<Vec<Option<Uuid>>, Problem> {
        let ids: Vec<Uuid> = changes.iter().map(|change| change.record).collect();
        let current: HashMap<Uuid, Earlier> = employment_spells::table
            .filter(own(tx, employment_spells::tenant_id))
            .filter(employment_spells::id.eq_any(&ids))
            .filter(employment_spells::superseded_at.is_null())
            .order(employment_spells::id)
            .select((employment_spells::id, (job_columns(), employment_spells::starts_precision, employment_spells::evidence)))
            .for_update()
            .load::<(Uuid, Earlier)>(tx.conn)?
            .into_iter()
            .collect();
        let mut held: Vec<Option<Uuid>> = ids.into_iter().map(|id| Some(id).filter(|id| current.contains_key(id))).collect();
        if held.iter().any(Option::is_none) {
            return Ok(held);
        }
        held.clear();
        let (mut corrections, mut named) = (Vec::new(), Vec::new());
        for change in changes {
            let mut holds = change.record;
            if let Some(earlier) =
                current.get(&change.record).filter(|earlier| !differing(&earlier.job, &change.command.job).is_empty())
            {
                holds = tx.id_or_new(None);
                corrections.push((holds, change.command.body(Some((change.record, earlier)))?));
                hand_on_external(tx, change.record, holds)?;
            }
            named.extend(change.command.external.as_ref().map(|external| (external, holds)));
            held.push(Some(holds));
        }
        let earlier: Vec<Uuid> = corrections.iter().filter_map(|(_, body)| body.supersedes_id).collect();
        let now = tx.now();
        diesel::update(
            employment_spells::table.filter(own(tx, employment_spells::tenant_id)).filter(employment_spells::id.eq_any(earlier)),
        )
        .set(employment_spells::superseded_at.eq(now))
        .execute(tx.conn)?;
        insert_many(tx, &corrections)?;
        tx.touch_too(corrections.iter().map(|(id, _)| *id));
        remember_external(tx, Self::RECORD, &named)?;
        Ok(held)
    }

    fn addresses(tx: &mut Tx, records: &[Uuid]) -> Result<HashMap<Uuid, String>, Problem> {
        let found =
            employment_spells::table.filter(own(tx, employment_spells::tenant_id)).filter(employment_spells::id.eq_any(records));
        let found: Vec<(Uuid, Uuid)> = found.select((employment_spells::id, employment_spells::person_id)).load(tx.conn)?;
        let listed = |(spell, person)| (spell, format!("/api/v1/employment-spells?personId={person}&includeSuperseded=true"));
        Ok(found.into_iter().map(listed).collect())
    }
}

/// A working time that a week has room for; none where the source does not tell.
fn weekly_hours(cells: &mut Cells) -> Option<Hours> {
    const WEEK_MINUTES: i32 = 7 * 24 * 60;
    let told = cells.decimal("weeklyHours")?;
    let hours: Option<Hours> = told.normalize().to_string().parse().ok();
    let fitting = hours.filter(|hours| (1..=WEEK_MINUTES).contains(&hours.minutes()));
    if fitting.is_none() {
        cells.refuse_form("weeklyHours", "od 0,25 do 168 godzin, w kwadransach");
    }
    fitting
}

type JobColumns = (
    employment_spells::starts_on,
    employment_spells::ends_on,
    employment_spells::kind,
    employment_spells::employer_class,
    employment_spells::weekly_minutes,
    employment_spells::source,
    employment_spells::verified_on,
);

fn job_columns() -> JobColumns {
    (
        employment_spells::starts_on,
        employment_spells::ends_on,
        employment_spells::kind,
        employment_spells::employer_class,
        employment_spells::weekly_minutes,
        employment_spells::source,
        employment_spells::verified_on,
    )
}

/// Records jobs in one statement, and announces them as single ones are.
fn insert_many(tx: &mut Tx, bodies: &[(Uuid, EmploymentSpellBody)]) -> Result<(), Problem> {
    let values: Vec<_> = bodies.iter().map(|(id, body)| (body, employment_spells::id.eq(*id))).collect();
    diesel::insert_into(employment_spells::table).values(values).execute(tx.conn)?;
    for (id, body) in bodies {
        let data = json!({ "employmentSpellId": id, "personId": body.person_id, "startsOn": body.starts_on,
            "endsOn": body.ends_on, "supersedesId": body.supersedes_id });
        tx.announce("person", body.person_id, "employment.recorded", data);
    }
    Ok(())
}

impl JobRow {
    /// The record of the row; a correction keeps what no file tells.
    fn body(&self, corrects: Option<(Uuid, &Earlier)>) -> Result<EmploymentSpellBody, Problem> {
        let person = self.owner.get().ok_or_else(|| catalogue::INTERNAL.problem().because("a row that was not compared"))?;
        let job = corrects.map_or_else(|| self.job.clone(), |(_, earlier)| self.job.or_as(&earlier.job));
        let Job { starts_on, ends_on, kind, employer_class, weekly_hours, source, verified_on } = job;
        let correction_reason = correction_reason(corrects.is_some(), self.reason.as_ref())?;
        Ok(EmploymentSpellBody {
            id: None,
            person_id: *person,
            starts_on,
            starts_precision: corrects
                .filter(|(_, earlier)| earlier.job.starts_on == starts_on)
                .map_or(DatePrecision::Day, |(_, earlier)| earlier.starts_precision),
            ends_on,
            kind,
            employer_class,
            weekly_hours,
            source,
            evidence: corrects.and_then(|(_, earlier)| earlier.evidence.clone()),
            verified_on,
            supersedes_id: corrects.map(|(record, _)| record),
            correction_reason,
        })
    }
}

/// Jobs that are there already and hold.
struct Recorded {
    by_external: HashMap<ExternalId, Uuid>,
    jobs: HashMap<Uuid, (Uuid, Job)>,
}

impl Recorded {
    fn load(tx: &mut Tx, rows: &[&JobRow]) -> Result<Self, Problem> {
        let external: Vec<&ExternalId> = rows.iter().filter_map(|row| row.external.as_ref()).collect();
        let by_external = find_external(tx, EmploymentIntake::RECORD, &external)?;
        let people: HashSet<Uuid> = rows.iter().filter_map(|row| row.owner.get().copied()).collect();
        let ids: Vec<Uuid> = by_external.values().copied().collect();
        let jobs: Vec<(Uuid, Uuid, Job)> = employment_spells::table
            .filter(own(tx, employment_spells::tenant_id))
            .filter(employment_spells::superseded_at.is_null())
            .filter(employment_spells::person_id.eq_any(people).or(employment_spells::id.eq_any(ids)))
            .select((employment_spells::id, employment_spells::person_id, job_columns()))
            .load(tx.conn)?;
        Ok(Self { by_external, jobs: jobs.into_iter().map(|(id, person, job)| (id, (person, job))).collect() })
    }

    fn verdict(&self, row: &JobRow, person: Uuid) -> Verdict {
        let named = row.external.as_ref().and_then(|external| self.by_external.get(external));
        if let Some(record) = named.and_then(|record| self.jobs.get_key_value(record)) {
            let (record, (owner, job)) = record;
            if *owner != person {
                return Verdict::Conflict(Some(*record), Finding::new(Some("externalId"), &SPELL_OF_OTHER_PERSON));
            }
            let columns = differing(job, &row.job);
            return if columns.is_empty() { Verdict::Unchanged(*record) } else { change(*record, columns) };
        }
        let same =
            |(owner, job): &(Uuid, Job)| *owner == person && job.starts_on == row.job.starts_on && job.kind == row.job.kind;
        let mut alike: Vec<(&Uuid, &Job)> =
            self.jobs.iter().filter(|(_, known)| same(known)).map(|(id, (_, job))| (id, job)).collect();
        alike.sort_unstable_by_key(|(id, _)| **id);
        let Some((record, job)) = alike.iter().find(|(_, job)| differing(job, &row.job).is_empty()).or(alike.first()).copied()
        else {
            return Verdict::Create(Vec::new());
        };
        let mut columns = differing(job, &row.job);
        if row.external.is_some() {
            // The record is known, and from now on by this name too.
            columns.insert(0, "externalId");
        }
        if columns.is_empty() { Verdict::Unchanged(*record) } else { change(*record, columns) }
    }
}

fn change(record: Uuid, columns: Vec<&'static str>) -> Verdict {
    // A record that holds never changes: it is its own state until it is superseded.
    Verdict::Change { record, base: record.to_string(), columns, findings: Vec::new() }
}

impl Job {
    /// What a row says, and where it says nothing what was recorded.
    fn or_as(&self, recorded: &Self) -> Self {
        Self {
            ends_on: self.ends_on.or(recorded.ends_on),
            employer_class: self.employer_class.or(recorded.employer_class),
            weekly_hours: self.weekly_hours.or(recorded.weekly_hours),
            verified_on: self.verified_on.or(recorded.verified_on),
            ..self.clone()
        }
    }
}

/// Columns in which a row says something else than the record; a blank cell says nothing.
fn differing(recorded: &Job, told: &Job) -> Vec<&'static str> {
    let told = told.or_as(recorded);
    let pairs = [
        ("startsOn", recorded.starts_on != told.starts_on),
        ("endsOn", recorded.ends_on != told.ends_on),
        ("kind", recorded.kind != told.kind),
        ("employerClass", recorded.employer_class != told.employer_class),
        ("weeklyHours", recorded.weekly_hours != told.weekly_hours),
        ("source", recorded.source != told.source),
        ("verifiedOn", recorded.verified_on != told.verified_on),
    ];
    pairs.into_iter().filter(|(_, differs)| *differs).map(|(column, _)| column).collect()
}
