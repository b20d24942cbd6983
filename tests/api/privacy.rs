//! The privacy register: every column has a class, a legal basis and a retention.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::support::database::{TestDatabase, rows};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Register {
    bases: BTreeMap<String, String>,
    retentions: BTreeMap<String, String>,
    tables: BTreeMap<String, Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    basis: String,
    retention: String,
    #[serde(default)]
    identity: Vec<String>,
    #[serde(default)]
    sensitive: Vec<String>,
    #[serde(default)]
    operational: Vec<String>,
    #[serde(default)]
    statistics: Vec<String>,
    #[serde(default)]
    technical: Vec<String>,
}

impl Table {
    fn columns(&self) -> impl Iterator<Item = &String> {
        [&self.identity, &self.sensitive, &self.operational, &self.statistics, &self.technical].into_iter().flatten()
    }
}

fn register() -> Register {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("privacy.toml");
    toml::from_str(&std::fs::read_to_string(path).expect("privacy.toml")).expect("a register")
}

const COLUMNS: &str = "SELECT ARRAY[c.relname || '.' || a.attname, format_type(a.atttypid, -1)] AS row FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE '\\_\\_%'";

#[test]
fn every_column_has_a_class_a_basis_and_a_retention() {
    let database = TestDatabase::migrated("privacy");
    let columns = rows(&mut database.superuser(), COLUMNS);
    let stored: BTreeSet<String> = columns.iter().map(|column| column[0].clone()).collect();
    let register = register();
    let entries: Vec<String> = register
        .tables
        .iter()
        .flat_map(|(table, entry)| entry.columns().map(move |column| format!("{table}.{column}")))
        .collect();
    let entered: BTreeSet<String> = entries.iter().cloned().collect();
    assert_eq!(
        stored.difference(&entered).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "columns without an entry in privacy.toml"
    );
    assert_eq!(
        entered.difference(&stored).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "entries of privacy.toml without a column"
    );
    assert_eq!(entries.len(), entered.len(), "a column stands in two classes");
    for (table, entry) in &register.tables {
        assert!(register.bases.contains_key(&entry.basis), "{table}: no basis '{}'", entry.basis);
        assert!(register.retentions.contains_key(&entry.retention), "{table}: no retention '{}'", entry.retention);
    }
    for name in register.bases.keys() {
        assert!(register.tables.values().any(|table| table.basis == *name), "basis '{name}' is of no table");
    }
    for name in register.retentions.keys() {
        assert!(register.tables.values().any(|table| table.retention == *name), "retention '{name}' is of no table");
    }
}

/// Where identities stand: those of people, the ones that a merge did not keep, and files until they are committed or forgotten.
const HOMES: &[(&str, Option<&str>)] =
    &[("person_identities", None), ("merged_people", None), ("imports", Some("plan")), ("message_records", Some("identity"))];

#[test]
fn identities_are_encrypted_and_stand_in_one_table() {
    let database = TestDatabase::migrated("identities");
    let columns = rows(&mut database.superuser(), COLUMNS);
    for (table, entry) in register().tables {
        for column in &entry.identity {
            let is_home = HOMES.iter().any(|(home, only)| table == *home && only.is_none_or(|only| column == only));
            assert!(is_home, "{table}.{column}: identities have one home");
            let stored = columns.iter().find(|stored| stored[0] == format!("{table}.{column}")).expect("a column");
            assert_eq!(stored[1], "bytea", "{table}.{column} is not encrypted");
        }
    }
}
