//! A thousand tamperings by somebody who may do everything in the database, one at a time: each must be found.

use std::fmt::Write as _;
use std::thread;

use diesel::PgConnection;
use diesel::connection::SimpleConnection as _;
use pai::platform::clock::{Clock, new_id};

use super::{Register, append, holds};
use crate::support::database::{names, rows};
use crate::support::dice::Dice;

const TAMPERINGS: usize = 1_000;
/// Registers that are tampered with at the same time.
const REGISTERS: usize = 4;
const LINKS: u32 = 8;
const ROWS_PER_LINK: u32 = 6;

/// A register of some links, with a copy to go back to.
struct Victim {
    register: Register,
    conn: PgConnection,
    entries: Vec<String>,
    columns: Vec<(String, String)>,
    seal_columns: Vec<(String, String)>,
}

fn columns(conn: &mut PgConnection, table: &str) -> Vec<(String, String)> {
    let query = format!(
        "SELECT ARRAY[attname::text, format_type(atttypid, -1)] AS row FROM pg_attribute
          WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    );
    rows(conn, &query).into_iter().map(|column| (column[0].clone(), column[1].clone())).collect()
}

impl Victim {
    fn new(number: usize) -> Self {
        let register = Register::new(&format!("tampered_{number}"));
        let mut conn = register.database.superuser();
        conn.batch_execute("SET synchronous_commit = off; SET client_min_messages = error").expect("settings");
        let mut sealer = register.sealer();
        for link in 0..LINKS {
            append(&mut conn, link * ROWS_PER_LINK..(link + 1) * ROWS_PER_LINK);
            sealer.pass().expect("a pass");
        }
        conn.batch_execute("CREATE TABLE kept_entries AS TABLE audit_entries; CREATE TABLE kept_seals AS TABLE audit_seals")
            .expect("a copy");
        let entries = names(&mut conn, "SELECT ARRAY[id::text] AS row FROM audit_entries ORDER BY recorded_at");
        let (columns, seal_columns) = (columns(&mut conn, "audit_entries"), columns(&mut conn, "audit_seals"));
        Self { register, conn, entries, columns, seal_columns }
    }

    fn restore(&mut self) {
        self.conn
            .batch_execute(
                "BEGIN; DELETE FROM audit_entries; DELETE FROM audit_seals;
                 INSERT INTO audit_entries SELECT * FROM kept_entries; INSERT INTO audit_seals SELECT * FROM kept_seals; COMMIT",
            )
            .expect("restored");
    }

    /// One way to change what was sealed.
    fn tampering(&self, dice: &mut Dice) -> String {
        let entry = dice.of(&self.entries);
        let other = loop {
            let other = dice.of(&self.entries);
            if other != entry {
                break other;
            }
        };
        let seal = 1 + dice.below(LINKS as usize);
        match dice.below(12) {
            0..=3 => {
                let (column, kind) = dice.of(&self.columns);
                let value = another(column, kind, dice);
                format!("UPDATE audit_entries SET {column} = {value} WHERE id = '{entry}'")
            }
            4 => format!("DELETE FROM audit_entries WHERE id = '{entry}'"),
            5 => {
                let list = |id: &str| {
                    self.columns.iter().fold(String::new(), |mut list, (column, _)| {
                        let column = if column == "id" { id } else { column };
                        write!(list, "{}{column}", if list.is_empty() { "" } else { ", " }).expect("text");
                        list
                    })
                };
                let (into, from) = (list("id"), list("gen_random_uuid()"));
                format!("INSERT INTO audit_entries ({into}) SELECT {from} FROM audit_entries WHERE id = '{entry}'")
            }
            6 => {
                // Two rows change places in everything that is not their key.
                let rest = self.columns.iter().map(|(column, _)| column.as_str()).filter(|column| *column != "id");
                let set = rest.map(|column| format!("{column} = b.{column}")).collect::<Vec<_>>().join(", ");
                format!(
                    "UPDATE audit_entries a SET {set} FROM audit_entries b
                      WHERE (a.id, b.id) IN (('{entry}', '{other}'), ('{other}', '{entry}'))"
                )
            }
            7 => format!(
                "UPDATE audit_entries SET tenant_id = '00000000-0000-7000-8000-0000000000{:02}' WHERE id = '{entry}'",
                10 + dice.below(80)
            ),
            8 => {
                let (column, kind) = dice.of(&self.seal_columns);
                let value = another(column, kind, dice);
                format!("UPDATE audit_seals SET {column} = {value} WHERE number = {seal}")
            }
            9 => format!("DELETE FROM audit_seals WHERE number = {seal}"),
            10 => format!(
                "DELETE FROM audit_entries WHERE id IN (SELECT unnest(entry_ids) FROM audit_seals WHERE number >= {seal});
                 DELETE FROM audit_seals WHERE number >= {seal}"
            ),
            _ => at_large(entry, seal, dice),
        }
    }
}

/// Tamperings with more than one row.
fn at_large(entry: &str, seal: usize, dice: &mut Dice) -> String {
    let next = 1 + seal % LINKS as usize;
    match dice.below(5) {
        0 => "TRUNCATE audit_entries, audit_seals".to_owned(),
        1 => "TRUNCATE audit_entries".to_owned(),
        2 => format!(
            "UPDATE audit_seals SET number = -number WHERE number IN ({seal}, {next});
             UPDATE audit_seals SET number = CASE -number WHEN {seal} THEN {next} ELSE {seal} END WHERE number < 0"
        ),
        // A row and what its seal says of it, by somebody who has no key.
        3 => format!(
            "UPDATE audit_entries SET purpose = 'curiosity' WHERE id = '{entry}';
             UPDATE audit_seals s SET digests = (SELECT string_agg(audit_entry_digest(a), ''::bytea ORDER BY a.tenant_id, a.id)
                                                   FROM audit_entries a WHERE a.id = ANY (s.entry_ids))
              WHERE '{entry}' = ANY (s.entry_ids)"
        ),
        // Everything sealed anew with another key.
        _ => format!("UPDATE audit_seals SET key_id = '\\xdeadbeef', mac = sha256(mac) WHERE number >= {seal}"),
    }
}

/// A value of the type that differs from the present one.
fn another(column: &str, kind: &str, dice: &mut Dice) -> String {
    let number = 1 + dice.below(1_000_000);
    match kind {
        "uuid" => "gen_random_uuid()".to_owned(),
        "text" => format!("coalesce({column}, '') || '{number}'"),
        "uuid[]" => format!("{column} || gen_random_uuid()"),
        "text[]" => format!("{column} || ARRAY['{number}']"),
        "boolean" => format!("NOT {column}"),
        "timestamp with time zone" => format!("{column} + {number} * interval '1 microsecond'"),
        "bigint[]" => format!("{column} || {number}::bigint"),
        "bigint" => format!("{column} + {number}"),
        "smallint" => format!("{column} + 1"),
        "bytea" => format!("set_byte({column} || '\\x00', 0, get_byte({column} || '\\x00', 0) # 1)"),
        other => panic!("no other value for {other}"),
    }
}

#[test]
fn a_thousand_random_tamperings_are_found() {
    let seed = std::env::var("PAI_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| new_id(Clock::system().now()).as_u64_pair().1);
    println!("PAI_SEED={seed}");
    thread::scope(|scope| {
        for number in 0..REGISTERS {
            scope.spawn(move || {
                let mut victim = Victim::new(number);
                let mut dice = Dice(seed.wrapping_add(number as u64));
                let clean = u64::from(LINKS * ROWS_PER_LINK);
                holds(&victim.register.verify(), clean, 0);
                for round in 0..TAMPERINGS / REGISTERS {
                    let tampering = victim.tampering(&mut dice);
                    victim.conn.batch_execute(&tampering).unwrap_or_else(|error| panic!("{error}: {tampering}"));
                    let report = victim.register.verify();
                    assert!(!report.holds(), "not found (PAI_SEED={seed}, register {number}, round {round}):\n{tampering}");
                    victim.restore();
                }
                holds(&victim.register.verify(), clean, 0);
            });
        }
    });
}

#[test]
fn a_report_names_tenant_row_and_seal() {
    let victim = &mut Victim::new(REGISTERS);
    let seal_of = |id: &str| format!("SELECT ARRAY[number::text] AS row FROM audit_seals WHERE '{id}' = ANY (entry_ids)");
    let tenant_of = |id: &str| format!("SELECT ARRAY[tenant_id::text] AS row FROM kept_entries WHERE id = '{id}'");
    let (changed, gone, moved) = (victim.entries[3].clone(), victim.entries[20].clone(), victim.entries[40].clone());
    let expected: Vec<serde_json::Value> = [("rowChanged", &changed), ("rowMissing", &gone), ("rowMissing", &moved)]
        .into_iter()
        .map(|(kind, id)| {
            let seal: i64 = names(&mut victim.conn, &seal_of(id))[0].parse().expect("a number");
            serde_json::json!({ "kind": kind, "tenant": names(&mut victim.conn, &tenant_of(id))[0], "id": id, "seal": seal })
        })
        .collect();
    let other = "00000000-0000-7000-8000-000000000077";
    victim
        .conn
        .batch_execute(&format!(
            "UPDATE audit_entries SET role = 'auditor' WHERE id = '{changed}'; DELETE FROM audit_entries WHERE id = '{gone}';
             UPDATE audit_entries SET tenant_id = '{other}' WHERE id = '{moved}'"
        ))
        .expect("tampered with");
    let report = victim.register.verify().to_json();
    let found = report["findings"].as_array().expect("findings");
    for expected in &expected {
        assert!(found.contains(expected), "{expected} is not in {found:?}");
    }
    assert!(found.contains(&serde_json::json!({ "kind": "rowInserted", "tenant": other, "id": moved })), "{found:?}");
    assert_eq!(found.len(), 4, "and nothing else: {found:?}");
}
