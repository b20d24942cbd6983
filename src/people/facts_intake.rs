//! Facts about people as a file, such as the labour office sends: who, what, since when, and who says so.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::fact_kinds::{FactSource, PersonFactKind};
use super::facts::{FactBody, check_fact, is_same_source};
use super::known_facts::{KnownFact, known_facts_of};
use super::named::{Named, PERSON_ID, PERSON_PESEL, PERSON_REFERENCE, find_named, hold_named};
use super::{BEGINS_LATER, EXPIRED_BEFORE, FACT_VALUE, IMPORT_CONTRADICTS, PERIOD_REVERSED, SOURCES_CONTRADICT};
use crate::platform::db::{Tx, own};
use crate::platform::imports::{CellKind, Cells, Column, Finding, Key, Kind, Verdict, written_day};
use crate::platform::policy::{ListPersonFacts, Operation as _, RecordPersonFact, Rule};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{Day, ShortText, folded};
use crate::schema::person_facts;

const KINDS: &[(&str, &[&str])] = &[
    ("registeredUnemployed", &["zarejestrowany jako bezrobotny", "bezrobotny"]),
    ("unemployedSince", &["bezrobotny od"]),
    ("benefitRight", &["prawo do zasiłku"]),
    ("socialAssistance", &["pomoc społeczna"]),
    ("helpProfile", &["profil pomocy"]),
    ("longTermUnemployed", &["długotrwale bezrobotny"]),
    ("disability", &["niepełnosprawność"]),
    ("revitalisationArea", &["obszar rewitalizacji"]),
    ("caringDuties", &["obowiązki opiekuńcze"]),
    ("workingAge", &["wiek aktywności zawodowej"]),
    ("education", &["wykształcenie"]),
    ("employmentStatus", &["status na rynku pracy"]),
    ("specialSituation", &["szczególna sytuacja"]),
    ("socialContract", &["kontrakt socjalny"]),
    ("residence", &["miejsce zamieszkania"]),
    ("internship", &["staż"]),
    ("householdSituation", &["gospodarstwo domowe"]),
    ("citizenship", &["obywatelstwo"]),
    ("urbanisation", &["stopień urbanizacji", "DEGURBA"]),
    ("minorityOrMigrant", &["mniejszość lub migrant"]),
    ("homelessness", &["bezdomność"]),
    ("otherDisadvantage", &["inna niekorzystna sytuacja"]),
];
/// Answers of a survey come in as a survey, with its form.
const SOURCES: &[(&str, &[&str])] = &[
    ("applicant", &["kandydat", "oświadczenie"]),
    ("interview", &["wywiad środowiskowy"]),
    ("needsDiagnosis", &["diagnoza potrzeb"]),
    ("labourOffice", &["PUP", "urząd pracy"]),
    ("other", &["inne"]),
];

/// What a row is told that contradicts an earlier one by the same source.
const OTHER_ROW: &str = "Wcześniejszy wiersz tego pliku podaje co innego z tego samego źródła: popraw jeden z nich.";

/// Facts: person, kind, value, days, source and evidence.
pub struct FactsIntake;

/// A row of the list.
pub struct FactRow {
    person: Named,
    fact: FactBody,
    /// The person, once found.
    whom: OnceCell<Uuid>,
}

impl Kind for FactsIntake {
    type Command = FactRow;
    const NAME: &'static str = "personFacts";
    const TITLE: &'static str = "Fakty o osobach (np. z urzędu pracy)";
    const RECORD: &'static str = "person_fact";
    const RULE: &'static Rule = RecordPersonFact::RULE;
    const READ: &'static Rule = ListPersonFacts::RULE;
    const COLUMNS: &'static [Column] = &[
        PERSON_ID,
        PERSON_PESEL,
        PERSON_REFERENCE,
        Column::new("kind", "Rodzaj faktu", CellKind::Word(KINDS), "Czego dotyczy.", "prawo do zasiłku").required(),
        Column::new("value", "Wartość", CellKind::Text, "Tak lub nie, dzień albo słowo; zależy od rodzaju.", "nie").required(),
        Column::new("from", "Od dnia", CellKind::Day, "Pierwszy dzień, w którym tak było.", "2026-04-01").required(),
        Column::new("to", "Do dnia", CellKind::Day, "Ostatni dzień; pusty, gdy trwa.", ""),
        Column::new("source", "Źródło", CellKind::Text, "Kto to stwierdza, do 200 znaków.", "Powiatowy Urząd Pracy").required(),
        Column::new("sourceKind", "Rodzaj źródła", CellKind::Word(SOURCES), "Skąd to wiadomo.", "PUP"),
        Column::new("evidence", "Dowód", CellKind::Text, "Czym to wykazano, do 200 znaków.", "Zaświadczenie"),
        Column::new("evidenceOn", "Data dowodu", CellKind::Day, "Dzień dowodu.", ""),
        Column::new("expiresOn", "Ważny do", CellKind::Day, "Ostatni dzień, w którym na dowodzie można polegać.", ""),
    ];

    fn read(cells: &mut Cells) -> Option<FactRow> {
        let person = Named::read(cells);
        let kind: Option<PersonFactKind> = cells.word("kind");
        let value = cells.words::<ShortText>("value");
        let (from, to, source) = (cells.day("from"), cells.day("to"), cells.words("source"));
        let source_kind: Option<FactSource> = cells.word("sourceKind");
        let (evidence, evidence_on, expires_on) = (cells.words("evidence"), cells.day("evidenceOn"), cells.day("expiresOn"));
        let fact = FactBody {
            id: None,
            kind: kind?,
            value: written(&value?),
            from: from?,
            to,
            source: source?,
            source_kind,
            survey_code: None,
            survey_version: None,
            evidence,
            evidence_on,
            expires_on,
            supersedes_id: None,
            correction_reason: None,
        };
        if let Err(problem) = check_fact(&fact) {
            cells.refuse_as(faulty_column(&problem), &problem);
        }
        Some(FactRow { person, fact, whom: OnceCell::new() })
    }

    fn keys(_: &FactRow) -> Vec<Key> {
        // Whom a row is about is known only once it is found; see `compare`.
        Vec::new()
    }

    fn hold(tx: &mut Tx, rows: &[&FactRow]) -> Result<(), Problem> {
        hold_named(tx, &rows.iter().map(|row| &row.person).collect::<Vec<_>>())
    }

    fn compare(tx: &mut Tx, rows: &[&FactRow]) -> Result<Vec<Verdict>, Problem> {
        let named: Vec<&Named> = rows.iter().map(|row| &row.person).collect();
        let found = find_named(tx, &named)?;
        for (row, person) in rows.iter().zip(&found) {
            if let Ok(person) = person {
                let _ = row.whom.set(*person);
            }
        }
        let recorded = recorded(tx, rows)?;
        let mut seen: HashMap<(Uuid, PersonFactKind, String), Vec<usize>> = HashMap::new();
        let today = tx.today();
        let verdict = |(at, (row, person)): (usize, (&&FactRow, Result<Uuid, Finding>))| {
            let person = match person {
                Ok(person) => person,
                Err(finding) => return Verdict::Error(finding),
            };
            if row.fact.evidence_on.is_some_and(|day| day.date() > today) {
                return Verdict::Error(Finding::new(Some("evidenceOn"), &catalogue::IN_FUTURE));
            }
            let earlier = seen.entry((person, row.fact.kind, row.place())).or_default();
            let rows_before: Vec<(usize, &FactBody)> = earlier.iter().map(|place| (*place, &rows[*place].fact)).collect();
            earlier.push(at);
            if let Some((first, fact)) = rows_before.iter().find(|(_, fact)| row.is_by_source(&fact.source)) {
                return match row.differs_in(&Told::of_row(fact)) {
                    None => Verdict::Repeats(*first),
                    Some(column) => Verdict::Conflict(None, Finding::because(Some(column), &IMPORT_CONTRADICTS, OTHER_ROW)),
                };
            }
            let same_place = |known: &&KnownFact| known.kind == row.fact.kind && row.stands_with(known);
            let known: Vec<&KnownFact> = recorded.get(&person).into_iter().flatten().filter(same_place).collect();
            if let Some(known) = known.iter().find(|known| row.is_by_source(&known.source)) {
                return match row.differs_in(&Told::of_fact(known)) {
                    None => Verdict::Unchanged(known.id),
                    Some(column) => Verdict::Conflict(Some(known.id), Finding::new(Some(column), &IMPORT_CONTRADICTS)),
                };
            }
            let mut values = known.iter().map(|known| &known.value).chain(rows_before.iter().map(|(_, fact)| &fact.value));
            let contradicts = values.any(|value| *value != row.fact.value);
            Verdict::Create(contradicts.then(|| Finding::new(Some("value"), &SOURCES_CONTRADICT)).into_iter().collect())
        };
        Ok(rows.iter().zip(found).enumerate().map(verdict).collect())
    }

    fn create(tx: &mut Tx, rows: &[&FactRow]) -> Result<Vec<Uuid>, Problem> {
        let facts: Vec<(Uuid, Uuid, &FactBody)> =
            rows.iter().filter_map(|row| Some((tx.id_or_new(None), *row.whom.get()?, &row.fact))).collect();
        let values: Vec<_> = facts
            .iter()
            .map(|(id, person, fact)| (*fact, person_facts::id.eq(*id), person_facts::person_id.eq(*person)))
            .collect();
        diesel::insert_into(person_facts::table).values(values).execute(tx.conn)?;
        for (id, person, _) in &facts {
            tx.announce("person", *person, "person_fact.recorded", json!({ "personId": person, "factId": id }));
        }
        tx.touch_too(facts.iter().map(|(_, person, _)| *person).collect::<HashSet<_>>());
        Ok(facts.into_iter().map(|(id, ..)| id).collect())
    }

    // No row is planned as a change: a fact is corrected with a reason, one by one.

    fn addresses(tx: &mut Tx, records: &[Uuid]) -> Result<HashMap<Uuid, String>, Problem> {
        let found = person_facts::table.filter(own(tx, person_facts::tenant_id)).filter(person_facts::id.eq_any(records));
        let found: Vec<(Uuid, Uuid, PersonFactKind)> =
            found.select((person_facts::id, person_facts::person_id, person_facts::kind)).load(tx.conn)?;
        let listed = |(fact, person, kind)| (fact, format!("/api/v1/people/{person}/facts?kind={kind}&includeSuperseded=true"));
        Ok(found.into_iter().map(listed).collect())
    }
}

impl FactRow {
    /// What two rows of one source about a person and kind must not share: the day, and where several hold at a time the value.
    fn place(&self) -> String {
        if self.fact.kind.holds_several() {
            format!("{} {}", self.fact.from, self.fact.value.as_str())
        } else {
            self.fact.from.to_string()
        }
    }

    /// Whether a fact of the same kind is about the same.
    fn stands_with(&self, known: &KnownFact) -> bool {
        known.from == self.fact.from && (!self.fact.kind.holds_several() || known.value == self.fact.value)
    }

    /// Whether a source is the one of this row. Two sources may say the same of a person, or contradict each other.
    fn is_by_source(&self, source: &ShortText) -> bool {
        is_same_source(&self.fact.source, source)
    }

    /// The column that says otherwise than what the same source said before; blank cells say nothing.
    fn differs_in(&self, told: &Told) -> Option<&'static str> {
        let FactBody { value, to, source_kind, evidence, evidence_on, expires_on, .. } = &self.fact;
        [
            ("value", value != told.value),
            ("to", to.is_some() && *to != told.to),
            ("sourceKind", source_kind.is_some() && *source_kind != told.source_kind),
            ("evidence", evidence.is_some() && evidence.as_ref() != told.evidence),
            ("evidenceOn", evidence_on.is_some() && *evidence_on != told.evidence_on),
            ("expiresOn", expires_on.is_some() && *expires_on != told.expires_on),
        ]
        .into_iter()
        .find_map(|(column, differs)| differs.then_some(column))
    }
}

/// What a source said before of the same: on file, or in an earlier row.
struct Told<'f> {
    value: &'f ShortText,
    to: Option<Day>,
    source_kind: Option<FactSource>,
    evidence: Option<&'f ShortText>,
    evidence_on: Option<Day>,
    expires_on: Option<Day>,
}

impl<'f> Told<'f> {
    fn of_row(fact: &'f FactBody) -> Self {
        let FactBody { value, to, source_kind, evidence, evidence_on, expires_on, .. } = fact;
        let evidence = evidence.as_ref();
        Self { value, to: *to, source_kind: *source_kind, evidence, evidence_on: *evidence_on, expires_on: *expires_on }
    }

    fn of_fact(fact: &'f KnownFact) -> Self {
        let KnownFact { value, to, source_kind, evidence, evidence_on, expires_on, .. } = fact;
        let evidence = evidence.as_ref();
        Self { value, to: *to, source_kind: *source_kind, evidence, evidence_on: *evidence_on, expires_on: *expires_on }
    }
}

/// A value as it is kept, of one as people write it.
fn written(value: &ShortText) -> ShortText {
    let kept = match folded(value.as_str()).as_str() {
        "tak" => Some("true".to_owned()),
        "nie" => Some("false".to_owned()),
        "odmowa" => Some("refused".to_owned()),
        _ => written_day(value.as_str()).map(|day| day.to_string()),
    };
    kept.and_then(|text| text.parse().ok()).unwrap_or_else(|| value.clone())
}

/// The column that a fault of a fact is about.
fn faulty_column(problem: &Problem) -> &'static str {
    match problem.definition.code {
        code if code == PERIOD_REVERSED.code => "to",
        code if code == EXPIRED_BEFORE.code => "expiresOn",
        code if code == BEGINS_LATER.code => "from",
        code if code == FACT_VALUE.code => "value",
        _ => "sourceKind",
    }
}

/// What is recorded of the kinds and people that the rows are about.
fn recorded(tx: &mut Tx, rows: &[&FactRow]) -> Result<HashMap<Uuid, Vec<KnownFact>>, Problem> {
    let people: Vec<Uuid> = rows.iter().filter_map(|row| row.whom.get().copied()).collect();
    let kinds: Vec<PersonFactKind> = rows.iter().map(|row| row.fact.kind).collect::<HashSet<_>>().into_iter().collect();
    let mut of: HashMap<Uuid, Vec<KnownFact>> = HashMap::new();
    for (person, fact) in known_facts_of(tx, &people, &kinds)? {
        of.entry(person).or_default().push(fact);
    }
    Ok(of)
}

#[cfg(test)]
mod tests {
    use super::super::fact_kinds::PersonFactKind;
    use super::*;

    #[test]
    fn a_list_may_hold_facts_of_every_kind() {
        let named: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(named, PersonFactKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>());
    }
}
