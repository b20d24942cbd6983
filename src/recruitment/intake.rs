//! Applications as a file: who applied to which edition, when and how.

use std::cell::OnceCell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::ALREADY_APPLIED;
use super::applications::{ApplicationBody, ApplicationState, ApplicationStep, Channel, NewStep, append_steps, placed};
use super::applying_again::mark_applied_again;
use super::receipt::is_outside;
use super::referral_cells::{Offices, ReferralCells};
use crate::people::{Named, PERSON_ID, PERSON_PESEL, PERSON_REFERENCE, find_named, hold_named};
use crate::platform::db::{Tx, own};
use crate::platform::imports::{CellKind, Cells, Column, Finding, Key, Kind, Verdict, each_at};
use crate::platform::policy::{CreateApplication, GetApplication, Operation as _, Rule};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{DatePrecision, Day, ShortText, folded};
use crate::programmes::facts::find_recruitment;
use crate::programmes::{EDITION_CLOSED, Recruitment};
use crate::schema::{applications, editions};

const CHANNELS: &[(&str, &[&str])] = &[
    ("counter", &["osobiście", "w ośrodku"]),
    ("labourOffice", &["PUP", "urząd pracy"]),
    ("socialWorker", &["pracownik socjalny"]),
    ("electronic", &["elektronicznie", "e-mail"]),
    ("post", &["poczta"]),
    ("other", &["inny"]),
];

/// Applications: edition, person, day of receipt, channel.
pub struct ApplicationsIntake;

/// A row of the list.
pub struct ApplicationRow {
    edition: ShortText,
    person: Named,
    received_on: Day,
    channel: Option<Channel>,
    referral: ReferralCells,
    /// Edition and person, once they are found.
    parties: OnceCell<(Uuid, Uuid)>,
}

impl Kind for ApplicationsIntake {
    type Command = ApplicationRow;
    const NAME: &'static str = "applications";
    const TITLE: &'static str = "Zgłoszenia do edycji";
    const RECORD: &'static str = "application";
    const RULE: &'static Rule = CreateApplication::RULE;
    const READ: &'static Rule = GetApplication::RULE;
    const COLUMNS: &'static [Column] = &[
        Column::new("edition", "Edycja", CellKind::Text, "Nazwa lub identyfikator edycji.", "Edycja III (rekrutacja)").required(),
        PERSON_ID,
        PERSON_PESEL,
        PERSON_REFERENCE,
        Column::new("receivedOn", "Data wpływu", CellKind::Day, "Dzień wpływu zgłoszenia.", "2026-05-11").required(),
        Column::new("channel", "Sposób złożenia", CellKind::Word(CHANNELS), "Jak wpłynęło.", "osobiście"),
        Column::new(
            "referralOffice",
            "Urząd kierujący",
            CellKind::Text,
            "Nazwa lub identyfikator urzędu pracy, który skierował; razem z dniem skierowania.",
            "",
        ),
        Column::new("referredOn", "Data skierowania", CellKind::Day, "Dzień skierowania przez urząd pracy.", ""),
        Column::new(
            "referralNumber",
            "Numer skierowania",
            CellKind::Text,
            "Numer pisma lub listy urzędu pracy, do 200 znaków.",
            "",
        ),
    ];

    fn read(cells: &mut Cells) -> Option<ApplicationRow> {
        let (edition, received_on) = (cells.text("edition"), cells.day("receivedOn"));
        let row = |edition, received_on, cells: &mut Cells| ApplicationRow {
            edition,
            person: Named::read(cells),
            received_on,
            channel: cells.word("channel"),
            referral: ReferralCells::read(cells),
            parties: OnceCell::new(),
        };
        Some(row(edition?, received_on?, cells))
    }

    fn keys(_: &ApplicationRow) -> Vec<Key> {
        // Edition and person are known only once they are found; see `compare`.
        Vec::new()
    }

    fn hold(tx: &mut Tx, rows: &[&ApplicationRow]) -> Result<(), Problem> {
        hold_named(tx, &rows.iter().map(|row| &row.person).collect::<Vec<_>>())
    }

    fn compare(tx: &mut Tx, rows: &[&ApplicationRow]) -> Result<Vec<Verdict>, Problem> {
        let editions = Editions::load(tx)?;
        let offices = if rows.iter().any(|row| row.referral.office.is_some()) { Offices::load(tx)? } else { Offices::default() };
        let named: Vec<&Named> = rows.iter().map(|row| &row.person).collect();
        let people = find_named(tx, &named)?;
        for (row, person) in rows.iter().zip(&people) {
            if let (Ok(edition), Ok(person)) = (editions.find(&row.edition), person) {
                let _ = row.parties.set((edition, *person));
            }
        }
        let recorded = recorded(tx, rows)?;
        let mut seen: HashMap<(Uuid, Uuid), usize> = HashMap::new();
        let today = tx.today();
        let verdict = |(at, (row, person)): (usize, (&&ApplicationRow, &Result<Uuid, Finding>))| {
            if let Err(finding) = editions.find(&row.edition).and_then(|_| person.clone()) {
                return Verdict::Error(finding);
            }
            if let Err(finding) = row.referral.find(&offices) {
                return Verdict::Error(finding);
            }
            let Some(parties) = row.parties.get() else {
                return Verdict::Error(Finding::new(None, &catalogue::REFERENCE_NOT_FOUND));
            };
            match recorded.get(parties) {
                _ if row.received_on.date() > today => Verdict::Error(Finding::new(Some("receivedOn"), &catalogue::IN_FUTURE)),
                _ if editions.is_closed_before(row) => Verdict::Error(Finding::because(
                    Some("receivedOn"),
                    &EDITION_CLOSED,
                    "Podaj dzień wpływu najpóźniej z dnia zamknięcia.",
                )),
                _ if *seen.entry(*parties).or_insert(at) < at => Verdict::Repeats(seen[parties]),
                None => Verdict::Create(Vec::new()),
                Some(known) if known.agrees(row) => Verdict::Unchanged(known.id),
                Some(known) if known.may_be_followed_by(row) => Verdict::Create(Vec::new()),
                Some(known) => Verdict::Conflict(Some(known.id), Finding::new(known.differs_in(row), &ALREADY_APPLIED)),
            }
        };
        Ok(rows.iter().zip(&people).enumerate().map(verdict).collect())
    }

    fn create(tx: &mut Tx, rows: &[&ApplicationRow]) -> Result<Vec<Uuid>, Problem> {
        let bodies: Vec<(Uuid, ApplicationBody)> =
            rows.iter().filter_map(|row| Some((tx.id_or_new(None), row.body()?))).collect();
        // Planned as new although there is one: that was withdrawn before.
        let former: HashMap<(Uuid, Uuid), Uuid> =
            recorded(tx, rows)?.into_iter().map(|(parties, known)| (parties, known.id)).collect();
        let ids: Vec<Uuid> = former.values().copied().collect();
        mark_applied_again(tx, &ids)?;
        tx.touch_too(ids);
        insert_applications(tx, &bodies, &former)?;
        for (id, body) in &bodies {
            let data = json!({ "applicationId": id, "editionId": body.edition_id, "receivedOn": body.received_on });
            tx.announce("application", *id, "application.received", data);
        }
        Ok(bodies.into_iter().map(|(id, _)| id).collect())
    }

    // No row is planned as a change: what an application says of its receipt is never overwritten.

    fn addresses(_: &mut Tx, records: &[Uuid]) -> Result<HashMap<Uuid, String>, Problem> {
        Ok(each_at("applications", records))
    }
}

impl ApplicationRow {
    fn body(&self) -> Option<ApplicationBody> {
        let (edition_id, person_id) = *self.parties.get()?;
        let (received_on, channel) = (self.received_on, self.channel);
        let received_precision = DatePrecision::Day;
        let referral = self.referral.found();
        Some(ApplicationBody { id: None, edition_id, person_id, received_on, received_precision, channel, referral })
    }
}

fn insert_applications(
    tx: &mut Tx,
    bodies: &[(Uuid, ApplicationBody)],
    former: &HashMap<(Uuid, Uuid), Uuid>,
) -> Result<(), Problem> {
    let mut recruitments: HashMap<Uuid, Recruitment> = HashMap::new();
    for (_, body) in bodies {
        if let Entry::Vacant(unknown) = recruitments.entry(body.edition_id) {
            unknown.insert(find_recruitment(tx, body.edition_id)?.unwrap_or_default());
        }
    }
    let is_late = |body: &ApplicationBody| {
        let recruitment = recruitments.get(&body.edition_id);
        recruitment.is_some_and(|recruitment| is_outside(recruitment, (body.received_on, body.received_precision)))
    };
    let values: Vec<_> = bodies
        .iter()
        .map(|(id, body)| {
            let stands = applications::state.eq(ApplicationState::Applied);
            let follows = applications::former_id.eq(former.get(&(body.edition_id, body.person_id)).copied());
            (body, applications::id.eq(*id), stands, applications::outside_recruitment.eq(is_late(body)), follows)
        })
        .collect();
    diesel::insert_into(applications::table).values(values).execute(tx.conn)?;
    let steps: Vec<NewStep> =
        bodies.iter().map(|(id, body)| NewStep::of(*id, ApplicationStep::Applied, body.received_on)).collect();
    append_steps(tx, &steps)
}

/// The editions of the tenant, by id and by name.
struct Editions {
    ids: HashSet<Uuid>,
    closed: HashMap<Uuid, Day>,
    /// Nothing where several have the name.
    names: HashMap<String, Option<Uuid>>,
}

impl Editions {
    fn load(tx: &mut Tx) -> Result<Self, Problem> {
        let columns = (editions::id, editions::name, editions::closed_on);
        let rows: Vec<(Uuid, String, Option<Day>)> =
            editions::table.filter(own(tx, editions::tenant_id)).select(columns).load(tx.conn)?;
        let mut names = HashMap::new();
        for (id, name, _) in &rows {
            names.entry(folded(name)).and_modify(|known| *known = None).or_insert(Some(*id));
        }
        let closed = rows.iter().filter_map(|(id, _, closed_on)| Some((*id, (*closed_on)?))).collect();
        Ok(Self { ids: rows.into_iter().map(|(id, ..)| id).collect(), closed, names })
    }

    /// Whether the edition of the row was closed when it was received.
    fn is_closed_before(&self, row: &ApplicationRow) -> bool {
        let edition = row.parties.get().and_then(|(edition, _)| self.closed.get(edition));
        edition.is_some_and(|closed| *closed < row.received_on)
    }

    fn find(&self, wanted: &ShortText) -> Result<Uuid, Finding> {
        let wanted = wanted.as_str();
        if let Ok(id) = Uuid::try_parse(wanted) {
            return Some(id).filter(|id| self.ids.contains(id)).ok_or_else(unknown_edition);
        }
        match self.names.get(&folded(wanted)) {
            Some(Some(id)) => Ok(*id),
            Some(None) => {
                let hint = "Kilka edycji ma tę nazwę: podaj identyfikator edycji.";
                Err(Finding::because(Some("edition"), &catalogue::REFERENCE_NOT_FOUND, hint))
            }
            None => Err(unknown_edition()),
        }
    }
}

fn unknown_edition() -> Finding {
    let hint = "Nie ma edycji o tej nazwie ani o tym identyfikatorze: sprawdź jej nazwę na liście edycji.";
    Finding::because(Some("edition"), &catalogue::REFERENCE_NOT_FOUND, hint)
}

/// An application that is there already and counts.
#[derive(Queryable)]
struct Recorded {
    id: Uuid,
    received_on: Day,
    channel: Option<Channel>,
    withdrawn_on: Option<Day>,
    placed: bool,
    referral: (Option<Uuid>, Option<Day>, Option<ShortText>),
}

impl Recorded {
    /// Whether it says what the row says; blank cells say nothing.
    fn agrees(&self, row: &ApplicationRow) -> bool {
        self.differs_in(row).is_none()
    }

    /// Whether the row is of somebody who withdrew and applies again.
    fn may_be_followed_by(&self, row: &ApplicationRow) -> bool {
        !self.placed && self.withdrawn_on.is_some_and(|withdrawn_on| withdrawn_on <= row.received_on)
    }

    /// The column that says otherwise.
    fn differs_in(&self, row: &ApplicationRow) -> Option<&'static str> {
        if self.received_on != row.received_on {
            return Some("receivedOn");
        }
        if row.channel.is_some() && row.channel != self.channel {
            return Some("channel");
        }
        row.referral.differs_from(&self.referral)
    }
}

fn recorded(tx: &mut Tx, rows: &[&ApplicationRow]) -> Result<HashMap<(Uuid, Uuid), Recorded>, Problem> {
    let (editions, people): (HashSet<Uuid>, Vec<Uuid>) = rows.iter().filter_map(|row| row.parties.get().copied()).unzip();
    let found: Vec<((Uuid, Uuid), Recorded)> = applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::edition_id.eq_any(editions))
        .filter(applications::person_id.eq_any(people))
        .filter(applications::duplicate_of_id.is_null())
        .filter(applications::applied_again.eq(false))
        .select((
            (applications::edition_id, applications::person_id),
            (
                applications::id,
                applications::received_on,
                applications::channel,
                applications::withdrawn_on,
                placed(),
                (applications::referral_institution_id, applications::referred_on, applications::referral_number),
            ),
        ))
        .load(tx.conn)?;
    Ok(found.into_iter().collect())
}
