//! Annex 8 of the statistics of labour offices (MRPiPS-01): who started, finished and went on in a year, and who found work.

use std::collections::BTreeSet;

use chrono::{Datelike as _, NaiveDate};
use diesel::prelude::*;
use uuid::Uuid;

use crate::outcomes::figures::definitions::{COMPLETED_STRICT, EVER_STARTED};
use crate::outcomes::figures::facts::{Facts, Participation};
use crate::outcomes::figures::figure::Record;
use crate::outcomes::figures::loading::facts_of_editions;
use crate::outcomes::figures::metrics::completion::{completion_verdict, strict_completers};
use crate::outcomes::figures::metrics::employment::official;
use crate::outcomes::figures::metrics::job_phases::Jobs;
use crate::outcomes::figures::metrics::participation::record;
use crate::outcomes::figures::verdict::Verdict;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{Sex, text_enum};
use crate::schema::{editions, programmes};

/// Kind of the programmes that the annex is about.
const PAI: &str = "pai";

text_enum! {
    /// A row of the annex.
    pub enum Annex8Row {
        /// People who started in the year.
        Started = "started",
        /// People who finished in the year.
        Finished = "finished",
        /// People who went on after the last day of the year.
        Continued = "continued",
        /// People of the programmes that ended in the year who took up work during one or within three months after it, for at
        /// least the days of the regime.
        Employed = "employed",
    }
}

impl Annex8Row {
    /// What the row counts, as it stands in files.
    pub fn title(self) -> &'static str {
        match self {
            Self::Started => "Osoby, które rozpoczęły udział w roku",
            Self::Finished => "Osoby, które ukończyły udział w roku",
            Self::Continued => "Osoby kontynuujące udział po 31 grudnia",
            Self::Employed => {
                "Osoby zatrudnione w trakcie lub do 3 miesięcy po programie zakończonym w roku, przez co najmniej 30 dni"
            }
        }
    }
}

/// A counted row.
pub struct Counted {
    /// Which.
    pub row: Annex8Row,
    /// How far it can be trusted.
    pub verdict: Verdict,
    /// What is counted: one record for each person.
    pub records: Vec<Record>,
    /// Those of women.
    pub women: Vec<Record>,
    /// People of whom no sex is on file.
    pub unknown: usize,
}

/// The annex of a year.
pub struct Annex8 {
    /// The facts that it was counted from: those of the editions that touch the year.
    pub facts: Facts,
    /// The rows, in the order of the annex.
    pub rows: Vec<Counted>,
}

/// Counts the annex of a year.
///
/// # Errors
/// When the store fails.
pub fn annex_8(tx: &mut Tx, year: i32) -> Result<Annex8, Problem> {
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or(NaiveDate::MAX);
    let (first, last) = (day(1, 1), day(12, 31));
    let touching: Vec<(Uuid, NaiveDate)> = editions::table
        .inner_join(
            programmes::table.on(programmes::tenant_id.eq(editions::tenant_id).and(programmes::id.eq(editions::programme_id))),
        )
        .filter(own(tx, editions::tenant_id))
        .filter(programmes::kind.eq(PAI))
        .filter(editions::starts_on.le(last))
        .filter(editions::ends_on.ge(first))
        .order((editions::starts_on, editions::id))
        .select((editions::id, editions::ends_on))
        .load(tx.conn)?;
    let ended: Vec<Uuid> = touching.iter().filter(|(_, ends_on)| *ends_on <= last).map(|(id, _)| *id).collect();
    let all: Vec<Uuid> = touching.into_iter().map(|(id, _)| id).collect();
    let (facts, of_ended) = (facts_of_editions(tx, &all)?, facts_of_editions(tx, &ended)?);
    let mut rows = counted(&facts, year);
    rows.push(employed(&of_ended));
    Ok(Annex8 { facts, rows })
}

/// The rows that follow from the days of participations.
fn counted(facts: &Facts, year: i32) -> Vec<Counted> {
    let last = NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or(NaiveDate::MAX);
    let is_over = facts.as_of.day > last;
    let known = |verdict: Verdict| verdict.within(is_over);
    let started = |row: &&Participation| row.starts_on.year() == year;
    let finished = |row: &&Participation| row.ended_on.is_some_and(|ended| ended.year() == year);
    let goes_on = |row: &&Participation| row.starts_on <= last && row.last_day() > last;
    let collected = || facts.collected(&EVER_STARTED, EVER_STARTED.kinds);
    vec![
        of_people(facts, Annex8Row::Started, known(collected()), facts.participations.iter().filter(started)),
        of_people(
            facts,
            Annex8Row::Finished,
            known(completion_verdict(facts, &COMPLETED_STRICT)),
            strict_completers(facts).into_iter().filter(finished),
        ),
        of_people(facts, Annex8Row::Continued, known(collected()), facts.participations.iter().filter(goes_on)),
    ]
}

/// Each person once, by the first of the participations.
fn of_people<'f>(
    facts: &Facts,
    row: Annex8Row,
    verdict: Verdict,
    participations: impl Iterator<Item = &'f Participation>,
) -> Counted {
    let people = Facts::first_of_each(participations, |row| row.person_id);
    told(facts, row, verdict, people.into_iter().map(record).collect())
}

fn employed(facts: &Facts) -> Counted {
    let figure = official(&Jobs::of(facts));
    let mut seen = BTreeSet::new();
    let records = figure.records(false).iter().filter(|record| record.person_id.is_some_and(|person| seen.insert(person)));
    let records = records.cloned().collect();
    told(facts, Annex8Row::Employed, figure.verdict, records)
}

fn told(facts: &Facts, row: Annex8Row, verdict: Verdict, records: Vec<Record>) -> Counted {
    let records = if verdict.status.shows_value() { records } else { Vec::new() };
    let sex = |record: &&Record| record.person_id.and_then(|person| facts.sexes.get(&person)).copied();
    let women = records.iter().filter(|record| sex(record) == Some(Sex::Female)).cloned().collect();
    let unknown = records.iter().filter(|record| !matches!(sex(record), Some(Sex::Female | Sex::Male))).count();
    Counted { row, verdict, records, women, unknown }
}
