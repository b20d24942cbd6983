//! A recruitment list as a file: who is on it, compared with who is known.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use serde_json::json;
use uuid::Uuid;

use super::births::born_later;
use super::bulk::{
    Additions, Known, Newcomer, complete_many, insert_many, lock_many, open_many, owners_by_pesel, owners_by_reference,
    store_many,
};
use super::identity::{IdentityBody, normal_reference};
use super::merged::{Former, Whose, open_former};
use super::people::{NewPersonBody, PersonView};
use super::pesel_comparison::{Compared, WarningCode, differences};
use super::sealed_identity::{Plain, change_identity, open_profiles};
use super::similarity::{ComparedNames, OnFile, Profile, compared_names};
use super::{
    IDENTITY_ERASED, IDENTITY_INCOMPLETE, IMPORT_CONTRADICTS, IMPORT_LIKELY_KNOWN, IMPORT_MERGED, IMPORT_OTHER_NAME,
    IMPORT_PESEL_DIFFERS, IMPORT_POSSIBLY_KNOWN, IMPORT_TWO_PEOPLE, IMPORT_YEAR_DIFFERS,
};
use crate::platform::db::Tx;
use crate::platform::imports::{CellKind, Cells, Change, Column, Finding, Key, Kind, Verdict, each_at};
use crate::platform::policy::{CreatePerson, GetPerson, Operation as _, Rule};
use crate::platform::problem::{Problem, catalogue};
use crate::platform::types::{Day, Pesel, Sex};

const SEXES: &[(&str, &[&str])] = &[("female", &["kobieta", "K"]), ("male", &["mężczyzna", "M"]), ("unknown", &["nieznana"])];

/// People: names, PESEL or why it is missing, contact, the office's own reference.
pub struct PeopleIntake;

/// A row of the list.
pub struct PersonRow {
    identity: IdentityBody,
    sex: Option<Sex>,
    birth_year: Option<i16>,
}

impl Kind for PeopleIntake {
    type Command = PersonRow;
    const NAME: &'static str = "people";
    const TITLE: &'static str = "Osoby (lista rekrutacyjna)";
    const RECORD: &'static str = "person";
    const RULE: &'static Rule = CreatePerson::RULE;
    const READ: &'static Rule = GetPerson::RULE;
    const COLUMNS: &'static [Column] = &[
        Column::new("givenNames", "Imiona", CellKind::Text, "Imię lub imiona, do 200 znaków.", "Anna Maria"),
        Column::new("surname", "Nazwisko", CellKind::Text, "Nazwisko, do 200 znaków.", "Wzorcowa-Listowa"),
        Column::new("pesel", "PESEL", CellKind::Pesel, "Numer PESEL; po nim rozpoznaje się osobę już zapisaną.", ""),
        Column::new(
            "missingReason",
            "Powód braku danych",
            CellKind::Text,
            "Dlaczego brak imion, nazwiska lub numeru PESEL; bez danych osobowych.",
            "PESEL w trakcie ustalania",
        ),
        Column::new("sex", "Płeć", CellKind::Word(SEXES), "Pusta: z numeru PESEL.", "kobieta"),
        Column::new(
            "birthYear",
            "Rok urodzenia",
            CellKind::Whole,
            "Rok urodzenia od 1900; pusty: z daty lub numeru PESEL.",
            "1984",
        ),
        Column::new("birthDate", "Data urodzenia", CellKind::Day, "Data urodzenia.", "1984-03-14"),
        Column::new("address", "Adres", CellKind::Text, "Adres, do 200 znaków.", "ul. Zmyślona 1, 00-000 Przykładowo"),
        Column::new("contact", "Kontakt", CellKind::Text, "Telefon lub e-mail, do 200 znaków.", "600 000 000"),
        Column::new(
            "localReference",
            "Numer własny",
            CellKind::Text,
            "Numer nadany przez ośrodek, do 60 znaków; po nim też rozpoznaje się osobę.",
            "LISTA/1/2026",
        ),
    ];

    fn read(cells: &mut Cells) -> Option<PersonRow> {
        let birth_year = cells.text::<i16>("birthYear");
        if birth_year.is_some_and(|year| Day::from_ymd(year.into(), 1, 1).is_err()) {
            cells.refuse_form("birthYear", "rok od 1900");
        }
        let identity = IdentityBody {
            given_names: cells.words("givenNames"),
            surname: cells.words("surname"),
            pesel: cells.pesel("pesel"),
            document: None,
            birth_date: cells.day("birthDate"),
            address: cells.words("address"),
            contact: cells.words("contact"),
            local_reference: cells.words("localReference"),
            missing_reason: cells.words("missingReason"),
        };
        Some(PersonRow { identity, sex: cells.word("sex"), birth_year })
    }

    fn keys(row: &PersonRow) -> Vec<Key> {
        let pesel = row.identity.pesel.as_ref().map(|pesel| Key { column: "pesel", value: pesel.expose().to_owned() });
        let reference = row.identity.local_reference.as_ref();
        let reference = reference.map(|reference| Key { column: "localReference", value: normal_reference(reference) });
        // Without an identifier nothing but the name tells two rows apart.
        let name = row.is_known_by_name_only().then(|| {
            let (surname, given_names) = names_of(&row.identity);
            let year = row.year().filter(|_| surname.is_empty()).map(|year| year.to_string()).unwrap_or_default();
            Key { column: "surname", value: [surname, given_names.join(" "), year].join("\u{0}") }
        });
        [pesel, reference, name].into_iter().flatten().collect()
    }

    fn compare(tx: &mut Tx, rows: &[&PersonRow]) -> Result<Vec<Verdict>, Problem> {
        let pesels: Vec<_> = rows.iter().map(|row| row.identity.pesel.as_ref()).collect();
        let references: Vec<_> = rows.iter().map(|row| row.identity.local_reference.as_ref()).collect();
        let by_pesel = owners_by_pesel(tx, &pesels)?;
        let by_reference = owners_by_reference(tx, &references)?;
        let ids: Vec<Uuid> = by_pesel.iter().chain(&by_reference).flatten().copied().collect();
        let known = open_many(tx, &ids)?;
        let is_new = by_pesel.iter().zip(&by_reference).any(|(by_pesel, by_reference)| by_pesel.or(*by_reference).is_none());
        let on_file = OnFile::of(if is_new { open_profiles(tx)? } else { Vec::new() });
        let namesakes = on_file.profiles().iter().rev().map(|profile| (profile.names(), profile.person)).collect();
        let identified = rows.iter().filter(|row| !row.is_known_by_name_only()).map(|row| names_of(&row.identity));
        let is_unknown = |asked: bool, owner: &Option<Uuid>| asked && owner.is_none();
        let any_unknown = pesels.iter().zip(&by_pesel).any(|(asked, owner)| is_unknown(asked.is_some(), owner))
            || references.iter().zip(&by_reference).any(|(asked, owner)| is_unknown(asked.is_some(), owner));
        let former = if any_unknown { by_identifier(open_former(tx, Whose::Anybody)?) } else { HashMap::new() };
        let others = Others { known, on_file, namesakes, former, identified: identified.collect() };
        let owners = by_pesel.into_iter().zip(by_reference);
        let today = tx.today();
        Ok(rows.iter().zip(owners).map(|(row, owners)| row.verdict(owners, &others, today)).collect())
    }

    fn create(tx: &mut Tx, rows: &[&PersonRow]) -> Result<Vec<Uuid>, Problem> {
        let newcomers: Vec<Newcomer> =
            rows.iter().map(|row| Newcomer { id: tx.id_or_new(None), person: row.person(), identity: &row.identity }).collect();
        insert_many(tx, &newcomers)?;
        // A merge of whoever had an identifier may have ended only now; the rows waited for it.
        let former = by_identifier(open_former(tx, Whose::Anybody)?);
        if rows.iter().flat_map(|row| identifiers(&row.identity)).any(|identifier| former.contains_key(&identifier)) {
            return Err(IMPORT_MERGED.problem());
        }
        let ids: Vec<Uuid> = newcomers.iter().map(|newcomer| newcomer.id).collect();
        for id in &ids {
            tx.announce("person", *id, "person.recorded", json!({ "personId": id }));
        }
        Ok(ids)
    }

    fn change(tx: &mut Tx, changes: &[Change<PersonRow>]) -> Result<Vec<Option<Uuid>>, Problem> {
        let ids: Vec<Uuid> = changes.iter().map(|change| change.record).collect();
        lock_many(tx, &ids)?;
        let known = open_many(tx, &ids)?;
        let (mut held, mut merged, mut completed) = (Vec::with_capacity(changes.len()), Vec::new(), HashMap::new());
        for change in changes {
            let current = known.get(&change.record).filter(|known| base_of(known) == change.base);
            let Some((person, recorded)) = current.and_then(|known| Some((&known.person, known.identity.as_ref()?))) else {
                held.push(None);
                continue;
            };
            held.push(Some(change.record));
            let (identity, columns) = change.command.merged(recorded);
            merged.push((change.record, identity, columns));
            let additions = change.command.additions(person);
            completed.entry((additions.sex, additions.birth_year)).or_insert_with(Vec::new).push(change.record);
        }
        if held.iter().any(Option::is_none) {
            return Ok(held);
        }
        store_merged(tx, &merged)?;
        for ((sex, birth_year), people) in completed {
            complete_many(tx, &people, Additions { sex, birth_year })?;
        }
        for id in ids {
            tx.announce("person", id, "person.changed", json!({ "personId": id }));
        }
        Ok(held)
    }

    fn addresses(_: &mut Tx, records: &[Uuid]) -> Result<HashMap<Uuid, String>, Problem> {
        Ok(each_at("people", records))
    }
}

/// Stores identities with the columns of them that differ.
fn store_merged(tx: &mut Tx, merged: &[(Uuid, IdentityBody, Vec<&'static str>)]) -> Result<(), Problem> {
    let (mut others, mut identified) = (Vec::with_capacity(merged.len()), Vec::new());
    for (person, identity, columns) in merged.iter().filter(|(_, _, columns)| !columns.is_empty()) {
        let has_another_identifier = columns.iter().any(|column| ["pesel", "localReference"].contains(column));
        let list = if has_another_identifier { &mut identified } else { &mut others };
        list.push(Plain { person: *person, identity, pointer: "" });
    }
    for plain in identified {
        change_identity(tx, plain)?;
    }
    store_many(tx, &others)
}

/// The state of both records of a person.
fn base_of(known: &Known) -> String {
    format!("{}.{}", known.person.row_version, known.identity_version)
}

fn names_of(identity: &IdentityBody) -> ComparedNames {
    let (surname, given_names) = names_in(identity);
    compared_names(surname, given_names)
}

fn names_in(identity: &IdentityBody) -> (&str, &str) {
    (identity.surname.as_ref().map_or("", AsRef::as_ref), identity.given_names.as_ref().map_or("", AsRef::as_ref))
}

/// What an identity is recognised by, in its normal form.
fn identifiers(identity: &IdentityBody) -> impl Iterator<Item = String> {
    [pesel_key(identity), reference_key(identity)].into_iter().flatten()
}

fn pesel_key(identity: &IdentityBody) -> Option<String> {
    identity.pesel.as_ref().map(|pesel| format!("pesel {}", pesel.expose()))
}

fn reference_key(identity: &IdentityBody) -> Option<String> {
    identity.local_reference.as_ref().map(|reference| format!("reference {}", normal_reference(reference)))
}

fn by_identifier(former: Vec<Former>) -> HashMap<String, Former> {
    let named = |former: Former| identifiers(&former.identity).map(|identifier| (identifier, former.clone())).collect::<Vec<_>>();
    former.into_iter().flat_map(named).collect()
}

/// Everybody with whom a row is compared.
struct Others {
    /// Those whom identifiers of the rows name.
    known: HashMap<Uuid, Known>,
    /// Those who are recorded; nobody where every row is of somebody known.
    on_file: OnFile,
    /// The same by their names.
    namesakes: HashMap<ComparedNames, Uuid>,
    /// Identities of duplicates, by their PESEL and by their reference.
    former: HashMap<String, Former>,
    /// Names in the rows with an identifier.
    identified: HashSet<ComparedNames>,
}

impl PersonRow {
    /// Whether there is no identifier, so that nothing but the name tells who it is.
    fn is_known_by_name_only(&self) -> bool {
        self.identity.pesel.is_none() && self.identity.local_reference.is_none()
    }

    /// The year of birth by what the row says.
    fn year(&self) -> Option<i16> {
        self.birth_year.or_else(|| self.identity.birth_year())
    }

    /// Somebody recorded for the first time.
    fn person(&self) -> NewPersonBody {
        NewPersonBody { id: None, sex: self.recorded_sex(), birth_year: self.year(), note: None, identity: None }
    }

    fn recorded_sex(&self) -> Sex {
        self.sex.or_else(|| Some(self.identity.pesel.as_ref()?.sex())).unwrap_or(Sex::Unknown)
    }

    fn verdict(&self, owners: (Option<Uuid>, Option<Uuid>), others: &Others, today: NaiveDate) -> Verdict {
        if let Some(column) = born_later(today, self.birth_year, Some(&self.identity)) {
            return Verdict::Error(Finding::new(Some(column), &catalogue::IN_FUTURE));
        }
        let conflict = |record, column, definition| Verdict::Conflict(record, Finding::new(Some(column), definition));
        let owner = match owners {
            (Some(one), Some(other)) if one != other => return conflict(Some(one), "localReference", &IMPORT_TWO_PEOPLE),
            (by_pesel, by_reference) => by_pesel.or(by_reference),
        };
        if let Some(owner) = owner {
            if let Some(column) = self.former_of_another(owner, owners, others) {
                return conflict(Some(owner), column, &IMPORT_TWO_PEOPLE);
            }
            return match others.known.get(&owner).map(|known| (known, known.identity.as_ref())) {
                Some((known, Some(identity))) => self.against(known, identity),
                _ => Verdict::Conflict(Some(owner), Finding::new(None, &IDENTITY_ERASED)),
            };
        }
        if let Some(former) = identifiers(&self.identity).find_map(|identifier| others.former.get(&identifier)) {
            return self.against_former(former);
        }
        if !self.identity.is_complete() && self.identity.missing_reason.is_none() {
            return Verdict::Error(Finding::new(Some("missingReason"), &IDENTITY_INCOMPLETE));
        }
        if self.is_known_by_name_only() && self.identity.surname.is_some() {
            let names = names_of(&self.identity);
            if let Some(namesake) = others.namesakes.get(&names) {
                return conflict(Some(*namesake), "surname", &IMPORT_POSSIBLY_KNOWN);
            }
            if others.identified.contains(&names) {
                let hint = "Inny wiersz tego pliku podaje osobę o tych imionach i nazwisku.";
                return Verdict::Conflict(None, Finding::because(Some("surname"), &IMPORT_POSSIBLY_KNOWN, hint));
            }
        }
        let is_likely_known = others.on_file.has_likely(&self.profile());
        let likely = is_likely_known.then(|| Finding::new(Some("surname"), &IMPORT_LIKELY_KNOWN));
        Verdict::Create(self.warnings().into_iter().chain(likely).collect())
    }

    /// The row as duplicates are looked for.
    fn profile(&self) -> Profile {
        let pesel = self.identity.pesel.as_ref();
        let born = self.identity.birth_date.map(Day::date).or(pesel.map(Pesel::birth_date));
        Profile::new(Uuid::nil(), names_in(&self.identity), (born, self.birth_year), pesel.map(Pesel::expose))
    }

    /// The column of an identifier that nobody has any more, but a duplicate of somebody else had.
    fn former_of_another(&self, owner: Uuid, owners: (Option<Uuid>, Option<Uuid>), others: &Others) -> Option<&'static str> {
        let is_of_another = |identifier: &String| others.former.get(identifier).is_some_and(|former| former.survivor != owner);
        let pesel = pesel_key(&self.identity).filter(|_| owners.0.is_none()).filter(is_of_another);
        let reference = reference_key(&self.identity).filter(|_| owners.1.is_none()).filter(is_of_another);
        pesel.map(|_| "pesel").or(reference.map(|_| "localReference"))
    }

    /// Somebody who was recorded twice: what the duplicate's identity says already changes nothing, what it does not say is
    /// for a worker to enter with the survivor.
    fn against_former(&self, former: &Former) -> Verdict {
        let (_, columns) = self.merged(&former.identity);
        match columns.first() {
            None => Verdict::Unchanged(former.survivor),
            Some(column) => Verdict::Conflict(Some(former.survivor), Finding::new(Some(column), &IMPORT_MERGED)),
        }
    }

    /// What the row would change of somebody who is known.
    fn against(&self, known: &Known, identity: &IdentityBody) -> Verdict {
        let (person, row) = (&known.person, &self.identity);
        let differs = |column, definition| Verdict::Conflict(Some(person.id), Finding::new(Some(column), definition));
        let other_pesel = row.pesel.is_some() && identity.pesel.is_some() && row.pesel != identity.pesel;
        let other_date = matches!((row.birth_date, identity.birth_date), (Some(one), Some(other)) if one != other);
        let other_year = matches!((self.birth_year, person.birth_year), (Some(one), Some(other)) if one != other);
        let other_sex = self.sex.is_some_and(|sex| sex != Sex::Unknown && person.sex != Sex::Unknown && sex != person.sex);
        let reference = |identity: &IdentityBody| identity.local_reference.as_ref().map(normal_reference);
        let other_reference = matches!((reference(row), reference(identity)), (Some(one), Some(other)) if one != other);
        for (contradicts, column) in [
            (other_pesel, "pesel"),
            (other_reference, "localReference"),
            (other_date, "birthDate"),
            (other_year, "birthYear"),
            (other_sex, "sex"),
        ] {
            if contradicts {
                return differs(column, &IMPORT_CONTRADICTS);
            }
        }
        let ((surname, given_names), (known_surname, known_names)) = (names_of(row), names_of(identity));
        let other_surname = !surname.is_empty() && !known_surname.is_empty() && surname != known_surname;
        if other_surname && !given_names.is_empty() && !known_names.is_empty() && given_names != known_names {
            return differs("surname", &IMPORT_OTHER_NAME);
        }
        let (_, mut columns) = self.merged(identity);
        let additions = self.additions(person);
        columns.extend(additions.sex.map(|_| "sex"));
        columns.extend(additions.birth_year.map(|_| "birthYear"));
        if columns.is_empty() {
            return Verdict::Unchanged(person.id);
        }
        Verdict::Change { record: person.id, base: base_of(known), columns, findings: self.warnings() }
    }

    /// What the row knows of somebody besides the identity that was not known before.
    fn additions(&self, person: &PersonView) -> Additions {
        let sex = self.sex.filter(|sex| *sex != Sex::Unknown && person.sex == Sex::Unknown);
        Additions { sex, birth_year: self.year().filter(|_| person.birth_year.is_none()) }
    }

    /// The identity with what the row says, and the columns that differ; a blank cell says nothing.
    fn merged(&self, recorded: &IdentityBody) -> (IdentityBody, Vec<&'static str>) {
        let (row, mut merged, mut columns) = (&self.identity, recorded.clone(), Vec::new());
        let mut take = |column, differs: bool| {
            if differs {
                columns.push(column);
            }
            differs
        };
        macro_rules! merge {
            ($($field:ident $column:literal),*) => {$(
                if take($column, row.$field.is_some() && row.$field != recorded.$field) {
                    merged.$field.clone_from(&row.$field);
                }
            )*};
        }
        merge!(given_names "givenNames", surname "surname", pesel "pesel", birth_date "birthDate", address "address",
               contact "contact", missing_reason "missingReason");
        // Another spelling of the same reference is none.
        if take("localReference", row.local_reference.is_some() && recorded.local_reference.is_none()) {
            merged.local_reference.clone_from(&row.local_reference);
        }
        if merged.is_complete() && row.missing_reason.is_none() && take("missingReason", merged.missing_reason.is_some()) {
            merged.missing_reason = None;
        }
        (merged, columns)
    }

    /// What can be recorded but deserves a look.
    fn warnings(&self) -> Vec<Finding> {
        let identity = &self.identity;
        let compared = Compared {
            pesel: identity.pesel.as_ref(),
            birth_date: identity.birth_date,
            birth_year: self.birth_year,
            sex: self.sex.unwrap_or(Sex::Unknown),
        };
        let told = |code| match code {
            WarningCode::PeselBirthDate => ("birthDate", &IMPORT_PESEL_DIFFERS),
            WarningCode::PeselBirthYear => ("birthYear", &IMPORT_PESEL_DIFFERS),
            WarningCode::BirthDateBirthYear => ("birthYear", &IMPORT_YEAR_DIFFERS),
            WarningCode::PeselSex => ("sex", &IMPORT_PESEL_DIFFERS),
        };
        let finding = |(column, definition)| Finding::new(Some(column), definition);
        differences(compared).into_iter().map(|warning| finding(told(warning.code))).collect()
    }
}
