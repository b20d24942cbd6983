//! Reads the facts of an edition or a programme: a fixed number of set-based queries, however many people.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use super::definition::Scope;
use super::effect_facts::outcomes;
use super::facts::{
    Application, AsOf, Attendance, Block, Check, Declaration, Expected, Facts, Outcomes, Participation, PostDecision, PsuEntry,
    PsuMonth, PsuWeek, Session, Sheet, Spell, Statement, Suspension, Template,
};
use super::household_facts::households;
use super::metrics::ages::age_band;
use super::override_facts::overrides_of;
use crate::participation::settlements::account::{Account, UnderAgreement, WorkedEntry, account_of};
use crate::people::{Birth, Portrait, past_birth_unknown, portraits};
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::Day;
use crate::programmes::BlockKind;
use crate::programmes::benefit_rates::AgreementTerms;
use crate::programmes::facts::{EditionFacts, get_edition_facts};
use crate::programmes::warnings::{PlannedHours, edition_warnings};
use crate::schema::{
    applications, attendance, blocks, collection_statements, declarations, editions, employment_checks, employment_spells,
    group_members, participations, post_decisions, programmes, psu_entries, psu_months, psu_weeks, session_roster, sessions,
    sheet_templates, sheets, suspensions,
};

/// The facts of one edition.
///
/// # Errors
/// `platform.not_found` when the tenant has no such edition.
pub fn edition_facts(tx: &mut Tx, id: Uuid) -> Result<Facts, Problem> {
    let edition = get_edition_facts(tx, id)?;
    facts(tx, Scope::Edition, Some(edition.programme_id), vec![edition])
}

/// The facts of all editions of a programme.
///
/// # Errors
/// `platform.not_found` when the tenant has no such programme.
pub fn programme_facts(tx: &mut Tx, id: Uuid) -> Result<Facts, Problem> {
    let programme: Uuid = programmes::table
        .filter(own(tx, programmes::tenant_id))
        .filter(programmes::id.eq(id))
        .select(programmes::id)
        .first(tx.conn)?;
    let ids: Vec<Uuid> = editions::table
        .filter(own(tx, editions::tenant_id))
        .filter(editions::programme_id.eq(programme))
        .order((editions::starts_on, editions::id))
        .select(editions::id)
        .load(tx.conn)?;
    let editions = ids.iter().map(|id| get_edition_facts(tx, *id)).collect::<Result<_, _>>()?;
    facts(tx, Scope::Programme, Some(programme), editions)
}

/// The facts of all editions of the tenant, or of those that began in a year.
///
/// # Errors
/// When the store fails.
pub fn institution_facts(tx: &mut Tx, year: Option<i32>) -> Result<Facts, Problem> {
    let mut query = editions::table.filter(own(tx, editions::tenant_id)).into_boxed();
    if let Some(year) = year {
        let first_day = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(NaiveDate::MAX);
        query = query.filter(editions::starts_on.ge(first_day(year))).filter(editions::starts_on.lt(first_day(year + 1)));
    }
    let ids: Vec<Uuid> = query.order((editions::starts_on, editions::id)).select(editions::id).load(tx.conn)?;
    Ok(Facts { year, ..facts_of_editions(tx, &ids)? })
}

/// The facts of some editions of the tenant, whatever their programmes, in the order given.
///
/// # Errors
/// `platform.not_found` when the tenant has no such edition.
pub fn facts_of_editions(tx: &mut Tx, ids: &[Uuid]) -> Result<Facts, Problem> {
    let editions = ids.iter().map(|id| get_edition_facts(tx, *id)).collect::<Result<_, _>>()?;
    facts(tx, Scope::Programme, None, editions)
}

/// Selects the current rows of some editions in the order of their ids.
macro_rules! of_editions {
    ($tx:expr, $table:ident, $row:ty, $ids:expr) => {
        $table::table
            .filter(own($tx, $table::tenant_id))
            .filter($table::edition_id.eq_any($ids))
            .order($table::id)
            .select(<$row>::as_select())
            .load($tx.conn)?
    };
    ($tx:expr, $table:ident, $row:ty, $ids:expr, current) => {
        $table::table
            .filter(own($tx, $table::tenant_id))
            .filter($table::edition_id.eq_any($ids))
            .filter($table::superseded_at.is_null())
            .order($table::id)
            .select(<$row>::as_select())
            .load($tx.conn)?
    };
}

fn facts(tx: &mut Tx, scope: Scope, programme_id: Option<Uuid>, editions: Vec<EditionFacts>) -> Result<Facts, Problem> {
    let as_of = AsOf { at: tx.now(), day: tx.today(), is_past: tx.is_in_the_past() };
    let ids = &editions.iter().map(|edition| edition.id).collect::<Vec<_>>()[..];
    let stays = stays(tx, ids, as_of.day)?;
    let in_editions = |row: &&Participation| ids.contains(&row.edition_id);
    let mut participations: Vec<Participation> = stays.participations.iter().filter(in_editions).cloned().collect();
    participations.sort_by_key(|row| row.id);
    let mut sessions: Vec<Session> = of_editions!(tx, sessions, Session, ids);
    sessions.retain(|session| session.held_on <= as_of.day && session.cancelled_on.is_none());
    let (edition_names, statements) = names_and_statements(tx, programme_id, ids)?;
    let mut facts = Facts {
        scope,
        as_of,
        programme_id,
        year: None,
        editions,
        edition_names,
        warnings: Vec::new(),
        statements,
        blocks: of_editions!(tx, blocks, Block, ids),
        applications: applications_of(tx, ids)?,
        participations,
        in_programme: Vec::new(),
        in_groups: Vec::new(),
        sexes: HashMap::new(),
        births: HashMap::new(),
        forgotten_births: 0,
        roster: roster(tx, ids, &sessions)?,
        sessions,
        attendance: of_editions!(tx, attendance, Attendance, ids, current),
        suspensions: stays.suspensions,
        psu_entries: of_editions!(tx, psu_entries, PsuEntry, ids, current),
        psu_weeks: Vec::new(),
        psu_months: Vec::new(),
        account: Account::default(),
        sheets: of_editions!(tx, sheets, Sheet, ids, current),
        templates: Vec::new(),
        spells: Vec::new(),
        checks: of_editions!(tx, employment_checks, Check, ids),
        declarations: of_editions!(tx, declarations, Declaration, ids, current),
        post_decisions: of_editions!(tx, post_decisions, PostDecision, ids, current),
        household_stays: Vec::new(),
        assistances: Vec::new(),
        overrides: overrides_of(tx, ids, as_of.day)?,
        outcomes: Outcomes::default(),
    };
    for row in stays.participations {
        if row.cumulative_group.is_some() {
            facts.in_groups.push(row.clone());
        }
        if facts.edition_names.contains_key(&row.edition_id) {
            facts.in_programme.push(row);
        }
    }
    for edition in &facts.editions {
        let of_edition = |block: &&Block| block.edition_id == edition.id && block.kind == BlockKind::Integration.as_str();
        let planned = |block: &Block| PlannedHours { total: block.planned, weekly: block.weekly };
        let planned: Vec<PlannedHours> = facts.blocks.iter().filter(of_edition).map(planned).collect();
        let warnings = edition_warnings(edition, &planned);
        facts.warnings.extend(warnings.into_iter().map(|warning| (edition.id, warning)));
    }
    people_facts(tx, &mut facts)?;
    facts.account = account(tx, &facts)?;
    Ok(facts)
}

/// Applications that count: of somebody who was recorded twice and applied twice, or who withdrew and applied again, one.
fn applications_of(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Application>, Problem> {
    Ok(applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::edition_id.eq_any(ids))
        .filter(applications::duplicate_of_id.is_null())
        .filter(applications::applied_again.eq(false))
        .order(applications::id)
        .select(Application::as_select())
        .load(tx.conn)?)
}

/// Participations of the people counted, and the days on which those rest.
struct Stays {
    /// In whatever edition, by their first day.
    participations: Vec<Participation>,
    /// Those in the editions.
    suspensions: Vec<Suspension>,
}

/// What everybody who applied to some editions or takes part in them has taken part in by a day, anywhere in the tenant.
fn stays(tx: &mut Tx, ids: &[Uuid], until: NaiveDate) -> Result<Stays, Problem> {
    let applicants = applications::table
        .filter(own(tx, applications::tenant_id))
        .filter(applications::edition_id.eq_any(ids))
        .filter(applications::duplicate_of_id.is_null())
        .filter(applications::applied_again.eq(false))
        .select(applications::person_id);
    let counted = diesel::alias!(participations as counted);
    let participants = counted
        .filter(own(tx, counted.field(participations::tenant_id)))
        .filter(counted.field(participations::edition_id).eq_any(ids))
        .filter(counted.field(participations::starts_on).le(until))
        .select(counted.field(participations::person_id));
    let at_rest = suspensions::tenant_id.eq(participations::tenant_id).and(suspensions::participation_id.eq(participations::id));
    let rows: Vec<(Participation, Option<Suspension>)> = participations::table
        .left_join(suspensions::table.on(at_rest))
        .filter(own(tx, participations::tenant_id))
        .filter(participations::person_id.eq_any(applicants.union(participants)))
        .filter(participations::starts_on.le(until))
        .order((participations::starts_on, participations::id, suspensions::id))
        .select((Participation::as_select(), Option::<Suspension>::as_select()))
        .load(tx.conn)?;
    let (mut participations, suspensions): (Vec<Participation>, Vec<Option<Suspension>>) = rows
        .into_iter()
        .map(|(row, suspension)| {
            let suspension = suspension.filter(|_| ids.contains(&row.edition_id));
            (row, suspension)
        })
        .unzip();
    participations.dedup_by_key(|row| row.id);
    Ok(Stays { participations, suspensions: suspensions.into_iter().flatten().collect() })
}

/// What the work has come to, by what was approved and by the rates of its days.
fn account(tx: &mut Tx, facts: &Facts) -> Result<Account, Problem> {
    let editions: Vec<UnderAgreement> = facts
        .editions
        .iter()
        .map(|edition| {
            let EditionFacts { hourly_benefit, refund_percent, refund_percent_carers, .. } = *edition;
            let terms = AgreementTerms { hourly_benefit, refund_percent, refund_percent_carers };
            UnderAgreement { edition: edition.id, agreement: edition.agreement_id, terms }
        })
        .collect();
    let worked = |entry: &PsuEntry| {
        Some(WorkedEntry {
            id: entry.id,
            edition: entry.edition_id,
            person: entry.person_id,
            on: Day::try_from(entry.worked_on).ok()?,
            kind_of_work: entry.kind_of_work.clone(),
            minutes: entry.minutes,
        })
    };
    let entries: Vec<WorkedEntry> = facts.psu_entries.iter().filter_map(worked).collect();
    account_of(tx, &editions, &entries)
}

/// The names of all editions of the programme, or of some where there is none, and what was stated about collection in those.
fn names_and_statements(
    tx: &mut Tx,
    programme: Option<Uuid>,
    ids: &[Uuid],
) -> Result<(HashMap<Uuid, String>, Vec<Statement>), Problem> {
    let stated = collection_statements::tenant_id
        .eq(editions::tenant_id)
        .and(collection_statements::edition_id.eq(editions::id))
        .and(collection_statements::edition_id.eq_any(ids))
        .and(collection_statements::superseded_at.is_null());
    let mut query = editions::table
        .left_join(collection_statements::table.on(stated))
        .filter(own(tx, editions::tenant_id))
        .select((
            editions::id,
            editions::name,
            (
                collection_statements::edition_id,
                collection_statements::kind,
                collection_statements::completeness,
                collection_statements::stated_by,
                collection_statements::stated_on,
            )
                .nullable(),
        ))
        .into_boxed();
    query = match programme {
        Some(programme) => query.filter(editions::programme_id.eq(programme)),
        None => query.filter(editions::id.eq_any(ids)),
    };
    let rows: Vec<(Uuid, String, Option<Statement>)> = query.load(tx.conn)?;
    let mut names = HashMap::new();
    let mut statements = Vec::new();
    for (edition, name, statement) in rows {
        names.insert(edition, name);
        statements.extend(statement);
    }
    Ok((names, statements))
}

/// Who is expected where not everybody is; most editions have no such session.
fn roster(tx: &mut Tx, ids: &[Uuid], sessions: &[Session]) -> Result<Vec<Expected>, Problem> {
    if !sessions.iter().any(|session| session.roster_limited) {
        return Ok(Vec::new());
    }
    let mut expected: Vec<Expected> = session_roster::table
        .filter(own(tx, session_roster::tenant_id))
        .filter(session_roster::edition_id.eq_any(ids))
        .select(Expected::as_select())
        .load(tx.conn)?;
    if sessions.iter().any(|session| session.group_id.is_some()) {
        expected.extend(members(tx, ids, sessions)?);
    }
    Ok(expected)
}

/// Who belongs to the group of a session on its day.
fn members(tx: &mut Tx, ids: &[Uuid], sessions: &[Session]) -> Result<Vec<Expected>, Problem> {
    type Member = (Uuid, Uuid, NaiveDate, Option<NaiveDate>);
    let all: Vec<Member> = group_members::table
        .filter(own(tx, group_members::tenant_id))
        .filter(group_members::edition_id.eq_any(ids))
        .select((
            group_members::group_id,
            group_members::participation_id,
            group_members::valid_from_on,
            group_members::valid_to_on,
        ))
        .load(tx.conn)?;
    let mut of_group: HashMap<Uuid, Vec<&Member>> = HashMap::new();
    for member in &all {
        of_group.entry(member.0).or_default().push(member);
    }
    let expected = sessions.iter().flat_map(|session| {
        let members = session.group_id.and_then(|group| of_group.get(&group)).into_iter().flatten();
        members
            .filter(|(_, _, from, to)| *from <= session.held_on && to.is_none_or(|to| session.held_on <= to))
            .map(|(_, participation, _, _)| Expected { session_id: session.id, participation_id: *participation })
    });
    Ok(expected.collect())
}

fn templates(tx: &mut Tx, sheets: &[Sheet]) -> Result<Vec<Template>, Problem> {
    if sheets.is_empty() {
        return Ok(Vec::new());
    }
    Ok(sheet_templates::table
        .filter(own(tx, sheet_templates::tenant_id))
        .filter(sheet_templates::id.eq_any(sheets.iter().map(|sheet| sheet.template_id)))
        .order((sheet_templates::code, sheet_templates::version))
        .select(Template::as_select())
        .load(tx.conn)?)
}

/// The months of people under agreements that set a cap; most set none.
fn psu_months(tx: &mut Tx, facts: &Facts, people: &[Uuid]) -> Result<Vec<PsuMonth>, Problem> {
    let capped: Vec<Uuid> =
        facts.editions.iter().filter(|edition| edition.monthly_cap.is_some()).map(|edition| edition.agreement_id).collect();
    if capped.is_empty() {
        return Ok(Vec::new());
    }
    Ok(psu_months::table
        .filter(own(tx, psu_months::tenant_id))
        .filter(psu_months::person_id.eq_any(people))
        .filter(psu_months::agreement_id.eq_any(capped))
        .select(PsuMonth::as_select())
        .load(tx.conn)?)
}

impl Facts {
    /// Refuses what tells of ages that nobody can know any more.
    ///
    /// # Errors
    /// `people.past_birth_unknown`.
    pub fn expect_births(&self) -> Result<(), Problem> {
        if self.forgotten_births == 0 { Ok(()) } else { Err(past_birth_unknown(self.forgotten_births)) }
    }
}

/// The first days of the editions in which each person is counted.
fn first_days(facts: &Facts) -> HashMap<Uuid, BTreeSet<NaiveDate>> {
    let applied = facts.applications.iter().map(|row| (row.person_id, row.edition_id));
    let mut days: HashMap<Uuid, BTreeSet<NaiveDate>> = HashMap::new();
    for (person, edition) in applied.chain(facts.participations.iter().map(|row| (row.person_id, row.edition_id))) {
        days.entry(person).or_default().extend(facts.edition(edition).map(|edition| edition.starts_on.date()));
    }
    days
}

/// What hangs on the people counted, wherever it was recorded.
fn people_facts(tx: &mut Tx, facts: &mut Facts) -> Result<(), Problem> {
    let ids: Vec<Uuid> = facts.people().into_iter().collect();
    let first_days = first_days(facts);
    let in_doubt = |person: Uuid, birth: Option<Birth>| {
        let mut days = first_days.get(&person).into_iter().flatten();
        birth.is_none_or(|birth| days.any(|first_day| age_band(birth, *first_day).is_none()))
    };
    for Portrait { person, sex, birth, is_forgotten } in portraits(tx, &ids, in_doubt)? {
        facts.sexes.insert(person, sex);
        facts.births.extend(birth.map(|birth| (person, birth)));
        facts.forgotten_births += usize::from(is_forgotten);
    }
    facts.spells = employment_spells::table
        .filter(own(tx, employment_spells::tenant_id))
        .filter(employment_spells::person_id.eq_any(&ids))
        .filter(employment_spells::superseded_at.is_null())
        .filter(employment_spells::starts_on.le(facts.as_of.day))
        .order(employment_spells::id)
        .select(Spell::as_select())
        .load(tx.conn)?;
    let editions: Vec<Uuid> = facts.editions.iter().map(|edition| edition.id).collect();
    (facts.household_stays, facts.assistances) = households(tx, &ids, &editions)?;
    facts.psu_weeks = psu_weeks::table
        .filter(own(tx, psu_weeks::tenant_id))
        .filter(psu_weeks::person_id.eq_any(&ids))
        .select(PsuWeek::as_select())
        .load(tx.conn)?;
    facts.psu_months = psu_months(tx, facts, &ids)?;
    facts.templates = templates(tx, &facts.sheets)?;
    facts.outcomes = outcomes(tx, facts, &ids)?;
    Ok(())
}
