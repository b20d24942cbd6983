//! The schema: as `src/schema.rs` says, undoable, named by convention, and its
//! constraints known to the code.

mod exchange;
mod migrating;
mod never_hit;
mod protection;
mod reading;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use diesel::PgConnection;
use diesel_migrations::MigrationHarness;
use pai::platform::migrations::{MIGRATIONS, connect, migrate};
use regex::Regex;

use crate::schema::never_hit::NEVER_HIT;
use crate::schema::reading::{catalogue, diesel_type};
use crate::support::bless::{compare, ratchet};
use crate::support::contract::enumerations;
use crate::support::database::{TABLES, TestDatabase, names, rows};

const HEAD: &str = "//! The tables as the migrations leave them; generated, and compared with the database by a test.
#![expect(missing_docs, reason = \"COMMENT ON in the migrations says what the tables are\")]
";

const COLUMNS: &str = "SELECT ARRAY[c.relname::text, a.attname::text, format_type(a.atttypid, -1), a.attnotnull::text,
       (SELECT string_agg(x.attname, ', ' ORDER BY k.position) FROM pg_index i, unnest(i.indkey::int[]) WITH ORDINALITY k (number, position)
          JOIN pg_attribute x ON x.attnum = k.number WHERE x.attrelid = c.oid AND i.indrelid = c.oid AND i.indisprimary)] AS row
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE '\\_\\_%' ORDER BY c.relname, a.attnum";

/// Pairs of different tables that a foreign key connects, and those that chains of joins and subqueries bring together.
const REFERENCES: &str = "SELECT DISTINCT ARRAY[least(f.relname, t.relname)::text, greatest(f.relname, t.relname)::text] AS row
      FROM pg_constraint k JOIN pg_class f ON f.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
     WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace AND f.oid <> t.oid
    UNION VALUES (ARRAY['agreements', 'participations']), (ARRAY['agreements', 'psu_months']),
                 (ARRAY['applications', 'employment_spells']), (ARRAY['editions', 'psu_entries']), (ARRAY['editions', 'psu_months']),
                 (ARRAY['editions', 'regimes']), (ARRAY['employment_spells', 'participations']),
                 (ARRAY['group_members', 'sessions']), (ARRAY['participations', 'sessions']),
                 (ARRAY['participations', 'psu_months']), (ARRAY['participations', 'regimes']), (ARRAY['psu_absences', 'psu_entries']),
                 (ARRAY['psu_entries', 'suspensions']), (ARRAY['psu_months', 'regimes']),
                 (ARRAY['editions', 'psu_totals']), (ARRAY['participations', 'psu_totals']), (ARRAY['psu_months', 'psu_totals']),
                 (ARRAY['psu_totals', 'regimes']), (ARRAY['agreements', 'plan_revisions']), (ARRAY['plan_revisions', 'regimes']),
                 (ARRAY['applications', 'suspensions'])
     ORDER BY 1";

/// `src/schema.rs` as it follows from a database.
fn generate(conn: &mut PgConnection) -> String {
    let mut tables: BTreeMap<String, (String, String)> = BTreeMap::new();
    for column in rows(conn, COLUMNS) {
        let [table, name, sql_type, not_null, key] = column.as_slice() else { panic!("five fields, not {column:?}") };
        let kind = diesel_type(sql_type);
        let kind = if not_null == "true" { kind.to_owned() } else { format!("Nullable<{kind}>") };
        let (_, lines) = tables.entry(table.clone()).or_insert_with(|| (key.clone(), String::new()));
        if name == "type" {
            lines.push_str("        #[sql_name = \"type\"]\n");
        }
        let field = if name == "type" { "type_" } else { name };
        writeln!(lines, "        {field} -> {kind},").expect("text");
    }
    let mut text = HEAD.to_owned();
    for (table, (key, lines)) in &tables {
        write!(text, "\ndiesel::table! {{\n    {table} ({key}) {{\n{lines}    }}\n}}\n").expect("text");
    }
    // Only what refers to each other is joined. All pairs would be hundreds, and half of the time of a build.
    text.push('\n');
    for pair in rows(conn, REFERENCES) {
        writeln!(text, "diesel::allow_tables_to_appear_in_same_query!({}, {});", pair[0], pair[1]).expect("text");
    }
    text
}

#[test]
fn the_code_knows_the_schema_that_the_migrations_make() {
    let database = TestDatabase::migrated("schema");
    compare("src/schema.rs", &generate(&mut database.superuser()));
}

#[test]
fn all_migrations_can_be_undone_and_done_again() {
    let database = TestDatabase::migrated("undone");
    let mut conn = database.superuser();
    let before = (generate(&mut conn), catalogue(&mut conn));
    let undone = {
        let mut owner = connect(&database.urls.owner).expect("owner");
        owner.revert_all_migrations(MIGRATIONS).expect("every down.sql runs").len()
    };
    assert!(undone > 0);
    assert_eq!(names(&mut conn, TABLES), Vec::<String>::new(), "tables that no down.sql removes");
    let functions =
        "SELECT ARRAY[p.proname::text] AS row FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE r.rolname = 'pai_owner'";
    assert_eq!(names(&mut conn, functions), Vec::<String>::new(), "functions that no down.sql removes");
    assert_eq!(migrate(&database.urls.owner).expect("migrations apply again"), undone);
    let after = (generate(&mut conn), catalogue(&mut conn));
    assert_eq!(before.0, after.0);
    assert_eq!(before.1, after.1);
}

const CONSTRAINTS: &str = "SELECT ARRAY[c.relname::text, k.conname::text, k.contype::text, pg_get_constraintdef(k.oid)] AS row
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE '\\_\\_%' AND k.contype IN ('p', 'u', 'f', 'c', 'x')
    UNION ALL
    SELECT ARRAY[c.relname::text, x.relname::text, CASE WHEN i.indisunique THEN 'u' ELSE 'i' END, pg_get_indexdef(x.oid)]
      FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE '\\_\\_%'
       AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.oid AND k.contype IN ('p', 'u', 'x'))
     ORDER BY row";

#[test]
fn every_table_is_explained_and_every_constraint_named_by_the_rule() {
    let database = TestDatabase::migrated("names");
    let conn = &mut database.superuser();
    let unexplained =
        "SELECT ARRAY[relname::text] AS row FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
         AND relname NOT LIKE '\\_\\_%' AND coalesce(obj_description(oid, 'pg_class'), '') = ''";
    assert_eq!(names(conn, unexplained), Vec::<String>::new(), "tables without a COMMENT");
    let plural = Regex::new("^(?:[a-z]+_)*(?:[a-z]+s|people|attendance|session_roster)$").expect("pattern");
    for table in names(conn, TABLES) {
        assert!(plural.is_match(&table), "{table} is not a plural snake-case noun");
    }
    for constraint in rows(conn, CONSTRAINTS) {
        let [table, name, kind, _] = constraint.as_slice() else { panic!("four fields") };
        let ending = match kind.as_str() {
            "p" => "_pkey",
            "u" => "_key",
            "f" => "_fkey",
            "c" => "_check",
            "x" => "_excl",
            _ => "_idx",
        };
        let what =
            name.strip_prefix(&format!("{table}_")).and_then(|rest| format!("_{rest}").strip_suffix(ending).map(str::to_owned));
        let good = what.is_some_and(|what| (kind == "p") == what.is_empty());
        assert!(good, "{name} of {table} is not <table>_<what>{ending}");
    }
}

/// Constraints of slices whose code has not landed; to be emptied.
const PENDING: &[&str] = &[];

#[test]
fn every_constraint_that_a_caller_can_hit_has_a_code() {
    let database = TestDatabase::migrated("constraints");
    let known: Vec<&str> = pai::app::CONSTRAINTS.iter().flat_map(|list| list.iter()).map(|(name, _, _)| *name).collect();
    let all = rows(&mut database.superuser(), CONSTRAINTS);
    let word_list = Regex::new(r"^CHECK \(\(\(?(\w+) = ANY \(ARRAY\[(.*)\]\)\)\)?$").expect("pattern");
    let word = Regex::new("'([^']*)'::text").expect("pattern");
    let vocabularies = enumerations();
    let mut open = Vec::new();
    for constraint in &all {
        let [_, name, kind, definition] = constraint.as_slice() else { panic!("four fields") };
        // The id of a new row is the caller's choice; the platform answers for every key of that kind.
        let by_platform = matches!(kind.as_str(), "p" | "i") || name.ends_with("_tenant_fkey");
        let reviewed = NEVER_HIT.iter().chain(exchange::NEVER_HIT).any(|(_, listed)| listed.contains(&name.as_str()));
        if by_platform || reviewed || known.contains(&name.as_str()) {
            continue;
        }
        // A word list is refused by parsing where the contract names exactly these words.
        let words = word_list.captures(definition).map(|list| {
            let mut words: Vec<String> = word.captures_iter(&list[2]).map(|word| word[1].to_owned()).collect();
            words.sort_unstable();
            words
        });
        if !words.is_some_and(|words| vocabularies.contains(&words)) {
            open.push(name.clone());
        }
    }
    // What no constraint can say over several tables is refused by triggers under names of the same form.
    let bodies = names(&mut database.superuser(), "SELECT ARRAY[prosrc] AS row FROM pg_proc WHERE prosrc LIKE '%CONSTRAINT = %'");
    let raising = Regex::new(r"CONSTRAINT = '(\w+)'").expect("pattern");
    let raised: BTreeSet<String> =
        bodies.iter().flat_map(|body| raising.captures_iter(body).map(|found| found[1].to_owned()).collect::<Vec<_>>()).collect();
    open.extend(raised.iter().filter(|name| !known.contains(&name.as_str())).cloned());
    ratchet("constraints without an error code", PENDING, open);
    let stale = |name: &&str| !raised.contains(*name) && !all.iter().any(|constraint| constraint[1] == *name);
    let gone: Vec<&str> = known
        .iter()
        .copied()
        .chain(NEVER_HIT.iter().chain(exchange::NEVER_HIT).flat_map(|(_, names)| *names).copied())
        .filter(stale)
        .collect();
    assert!(gone.is_empty(), "codes for constraints that do not exist: {gone:?}");
    let twice: Vec<&&str> = known.iter().filter(|name| known.iter().filter(|other| other == name).count() > 1).collect();
    assert!(twice.is_empty(), "constraints with two codes: {twice:?}");
}
