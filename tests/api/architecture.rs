//! The house rules that a compiler does not check.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use regex::Regex;

use crate::support::bless::ratchet;

/// Slices in the order in which they may use each other; equals may not.
const SLICES: &[(&str, u8)] = &[
    ("platform", 0),
    ("institutions", 1),
    ("people", 2),
    ("programmes", 3),
    ("recruitment", 4),
    ("participation", 5),
    ("outcomes", 6),
    ("reports", 7),
    ("exchange", 7),
    ("reconciliation", 7),
    ("connected_systems", 8),
];
/// What stands outside the slices and may know them all.
const OUTSIDE: &[&str] = &["app", "cli", "lib", "main", "startup", "schema", "demo"];
/// Lines of a file.
const LONGEST: usize = 450;
/// Files that are still to be split; to be emptied.
const TOO_LONG: &[&str] = &[];
/// Towns and people of the replayed programmes: the service must not know them.
const SCENARIO_NAMES: &[&str] = &["lubin", "aleksandr", "zgierz", "rawa maz", "rawsk", "w rawie", "mops lubin", "testowo"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a directory of the project, with its path relative to it and its text.
fn files(directory: &str) -> Vec<(String, String)> {
    fn collect(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { collect(&path, found) } else { found.push(path) }
        }
    }
    let base = root().join(directory);
    let mut found = Vec::new();
    collect(&base, &mut found);
    found.sort_unstable();
    let relative = |path: &Path| path.strip_prefix(&base).unwrap_or(path).to_string_lossy().into_owned();
    found.iter().filter_map(|path| Some((relative(path), std::fs::read_to_string(path).ok()?))).collect()
}

fn is_rust(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|extension| extension == "rs")
}

fn rank(module: &str) -> Option<u8> {
    SLICES.iter().find(|(slice, _)| *slice == module).map(|(_, rank)| *rank)
}

/// The modules that a source file names after `crate::`.
fn used(text: &str) -> impl Iterator<Item = &str> {
    let paths = text.split("crate::").skip(1).filter(|rest| !rest.starts_with('{'));
    let module =
        |rest: &'_ str| rest.find(|character: char| !character.is_ascii_alphanumeric() && character != '_').unwrap_or(rest.len());
    paths.map(move |rest| &rest[..module(rest)])
}

#[test]
fn slices_use_only_what_stands_to_their_left() {
    let mut wrong = Vec::new();
    for (file, text) in files("src") {
        let owner = file.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned();
        let Some(own_rank) = rank(&owner) else {
            if !OUTSIDE.contains(&owner.as_str()) {
                wrong.push(format!("{file}: '{owner}' is neither a slice nor known to stand outside"));
            }
            continue;
        };
        if text.contains("use crate::{") {
            wrong.push(format!("{file}: one `use crate::<slice>` per line, so that the direction can be read"));
        }
        for module in used(&text) {
            let allowed =
                module == owner || module == "schema" || module == "problems" || rank(module).is_some_and(|rank| rank < own_rank);
            if !allowed {
                wrong.push(format!("{file}: uses crate::{module}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_file_is_too_long_to_read() {
    let long = ["src", "tests", "benches"]
        .into_iter()
        .flat_map(|directory| {
            files(directory).into_iter().map(move |(file, text)| (format!("{directory}/{file}"), text.lines().count()))
        })
        .filter(|(file, lines)| is_rust(file) && file != "src/schema.rs" && *lines > LONGEST)
        .map(|(file, _)| file);
    ratchet("files too long to read", TOO_LONG, long);
}

#[test]
fn the_source_holds_no_loose_end_and_no_silenced_lint() {
    // Put together here, so that this file does not hold them itself.
    let refused = [
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("#[al", "low("),
        concat!("#![al", "low("),
        concat!("FIX", "ME"),
    ];
    let found: Vec<String> = ["src", "tests", "benches"]
        .into_iter()
        .flat_map(files)
        .flat_map(|(file, text)| {
            refused.iter().filter(move |needle| text.contains(**needle)).map(move |needle| format!("{file}: {needle}"))
        })
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_program_knows_no_town_of_the_tests() {
    let found: Vec<String> = ["src", "migrations", "config"]
        .into_iter()
        .flat_map(files)
        .flat_map(|(file, text)| {
            let text = text.to_lowercase();
            SCENARIO_NAMES.iter().filter(move |name| text.contains(**name)).map(move |name| format!("{file}: {name}"))
        })
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// Libraries that write documents, and the one place of each: a second writer would number, align and guard in its own way.
const WRITERS: &[(&str, &str)] = &[("rust_xlsxwriter", "platform/workbook/"), ("krilla", "platform/paper/")];

#[test]
fn each_kind_of_document_has_one_writer() {
    let sources = files("src");
    for (library, place) in WRITERS {
        let users: Vec<&str> = sources
            .iter()
            .filter(|(file, text)| is_rust(file) && text.contains(library))
            .map(|(file, _)| file.as_str())
            .collect();
        assert!(!users.is_empty() && users.iter().all(|file| file.starts_with(place)), "{library} is used by {users:?}");
    }
}

/// What runs for no caller: the operator's acts on the keys, as the owner.
const FOR_NO_CALLER: &[&str] = &[
    "cli/keys/",
    "exchange/resealing.rs",
    "people/reindexing.rs",
    "platform/idempotency/resealing.rs",
    "platform/imports/resealing.rs",
    "platform/resealing.rs",
];

fn serves_callers(file: &str) -> bool {
    is_rust(file) && file != "schema.rs" && !FOR_NO_CALLER.iter().any(|beginning| file.starts_with(beginning))
}

/// Uses of a tenant's column that are no predicate of a query.
const NO_PREDICATES: &[(&str, &str)] = &[
    // Column lists and values of inserts.
    ("institutions/clients.rs", "clients::tenant_id.eq(client.tenant)"),
    ("institutions/clients.rs", "clients::tenant_id.eq(tenant)"),
    ("programmes/agreements.rs", "agreements::regime_tenant_id.eq(regime_tenant)"),
    ("participation/psu/ledger.rs", "on_conflict((psu_weeks::tenant_id,"),
    // The join of an owner's act.
    ("outcomes/mod.rs", "JOIN participations p ON p.tenant_id = t.tenant_id AND"),
    ("participation/individual_plans/sealed.rs", "JOIN individual_plans p ON p.tenant_id = t.tenant_id AND"),
    ("exchange/sealed.rs", "JOIN people p ON p.tenant_id = t.tenant_id AND"),
    ("exchange/sealed.rs", "JOIN messages m ON m.tenant_id = t.tenant_id AND"),
    // Whose key an operator seals again with.
    ("exchange/sealed.rs", "owner: \"t.sender_tenant_id\""),
    ("exchange/sealed.rs", "owner: \"m.sender_tenant_id\""),
    ("platform/imports/mod.rs", "owner: \"t.tenant_id\""),
    // An operator looks for lost keys in all tenants.
    ("people/lost_keys.rs", "FROM person_identities WHERE tenant_id = $1"),
    ("people/lost_keys.rs", "SELECT DISTINCT tenant_id AS id FROM person_identities"),
    // Built-in regimes belong to all tenants.
    ("programmes/regimes.rs", "regimes::tenant_id.eq(BUILT_IN)"),
    ("programmes/regimes.rs", "diesel::dsl::Eq<regimes::tenant_id, Uuid>"),
    ("programmes/regimes.rs", "select((regimes::tenant_id,"),
    // So do built-in minimums of the benefit.
    ("programmes/minimum_rates.rs", "minimum_rates::tenant_id.eq(BUILT_IN)"),
    ("programmes/minimum_rates.rs", "diesel::dsl::Eq<minimum_rates::tenant_id, Uuid>"),
    // And built-in terms of duties, kinds of support and rules of early warning.
    ("participation/duties/duty_terms.rs", "duty_terms::tenant_id.eq(BUILT_IN)"),
    ("participation/duties/duty_terms.rs", "diesel::dsl::Eq<duty_terms::tenant_id, Uuid>"),
    ("participation/support/support_types.rs", "support_types::tenant_id.eq(BUILT_IN)"),
    ("participation/support/support_types.rs", "diesel::dsl::Eq<support_types::tenant_id, Uuid>"),
    ("participation/early_warnings/warning_rules.rs", "warning_rules::tenant_id.eq(BUILT_IN)"),
    ("participation/early_warnings/warning_rules.rs", "diesel::dsl::Eq<warning_rules::tenant_id, Uuid>"),
    // What is written for the town and the office of an exchange, whoever of the two writes it.
    ("exchange/exchange_links.rs", "exchange_links::office_tenant_id.eq(body.office_id)"),
    ("exchange/exchange_links.rs", "#[diesel(column_name = tenant_id)]"),
    ("exchange/exchange_links.rs", "#[diesel(column_name = office_tenant_id)]"),
    ("exchange/reading.rs", "#[diesel(column_name = tenant_id)]"),
    ("exchange/reading.rs", "#[diesel(column_name = office_tenant_id)]"),
    ("exchange/reading.rs", "#[diesel(column_name = sender_tenant_id)]"),
    ("exchange/repetition.rs", ".filter(messages::tenant_id.eq(link.town_id))"),
    ("exchange/resolving.rs", "            messages::sender_tenant_id,"),
    ("exchange/resolving.rs", ".filter(messages::tenant_id.eq(link.town_id))"),
    ("exchange/resolving.rs", ".filter(messages::office_tenant_id.eq(link.office_id))"),
    ("exchange/shared_editions.rs", "#[diesel(column_name = tenant_id)]"),
    ("exchange/shared_editions.rs", "shared_editions::office_tenant_id.eq(link.office_id)"),
    // Of the messages that the caller sees, whose each is.
    ("exchange/standing.rs", ".group_by((messages::sender_tenant_id, messages::state))"),
    ("exchange/standing.rs", ".select((messages::sender_tenant_id, messages::state, diesel::dsl::count_star()))"),
    ("exchange/steps.rs", "#[diesel(column_name = by_tenant_id)]"),
    ("exchange/steps.rs", "message_steps::tenant_id.eq(message.town_id)"),
    ("exchange/steps.rs", "message_steps::office_tenant_id.eq(message.office_id)"),
    ("exchange/writing.rs", "messages::tenant_id.eq(link.town_id)"),
    ("exchange/writing.rs", "messages::office_tenant_id.eq(link.office_id)"),
    ("exchange/writing.rs", "message_records::tenant_id.eq(link.town_id)"),
    ("exchange/writing.rs", "message_records::office_tenant_id.eq(link.office_id)"),
    // The register of accesses is sealed and verified as a whole; each digest is bound to its tenant.
    ("platform/audit/seal.rs", "tenant_ids"),
    ("platform/audit/sealer.rs", "    tenant_id: Uuid,"),
    ("platform/audit/sealer.rs", "tenant_ids: rows.iter().map(|row| row.tenant_id)"),
    ("platform/audit/verify/rows.rs", "ROW(a.tenant_id,"),
];

/// What holds a joined table: the tenant of the one that the query begins with.
fn joint() -> Regex {
    Regex::new(r"[$\w]+::(?:regime_)?tenant_id\s*\.eq\([$\w]+::(?:regime_)?tenant_id\)").expect("pattern")
}

#[test]
fn every_predicate_on_the_tenant_passes_through_one_function() {
    // A table that a query names twice is asked by another name the second time.
    let column = r"(?:[$\w]+::(?:office_|sender_)?tenant_id|\w+\.field\([$\w]+::tenant_id\))";
    let own = Regex::new(&format!(r"\bown\(\s*[$\w]+,\s*{column},?\s*\)")).expect("pattern");
    let mut wrong = Vec::new();
    for (file, text) in files("src").into_iter().filter(|(file, _)| serves_callers(file)) {
        let rest = own.replace_all(&text, "");
        let mut rest = joint().replace_all(&rest, "").into_owned();
        for (_, known) in NO_PREDICATES.iter().filter(|(known, _)| *known == file) {
            rest = rest.replace(known, "");
        }
        let left = rest.lines().filter(|line| line.contains("tenant_id") && !line.trim_start().starts_with("//"));
        wrong.extend(left.map(|line| format!("{file}: {}", line.trim())));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_query_on_a_tenants_table_begins_with_the_tenant() {
    let schema = files("src").into_iter().find(|(file, _)| file == "schema.rs").expect("schema.rs").1;
    let table = Regex::new(r"(?s)diesel::table! \{.*?\n    (\w+) \([^)]*\) \{(.*?)\n    \}").expect("pattern");
    let of_tenants: Vec<String> = table
        .captures_iter(&schema)
        .filter(|found| found[2].contains("tenant_id -> Uuid"))
        .map(|found| found[1].to_owned())
        .collect();
    assert!(of_tenants.len() > 20, "{of_tenants:?}");
    let begun = Regex::new(r"\b(\w+)::table\b(\s*\.[^;]*|[^;]*)").expect("pattern");
    let mut wrong = Vec::new();
    for (file, text) in files("src").into_iter().filter(|(file, _)| serves_callers(file)) {
        for found in begun.captures_iter(&text).filter(|found| of_tenants.contains(&found[1].to_owned())) {
            let before = &text[..found.get(0).map_or(0, |all| all.start())];
            let is_insert = before.ends_with("insert_into(");
            let is_joined = found[2].trim_start().starts_with(".on(") || before.trim_end().ends_with("_join(");
            let is_correlated = joint().is_match(&found[2]) || found[2].contains("::tenant_id.eq(BUILT_IN))");
            if !(is_insert || is_joined || is_correlated || found[2].contains("own(")) {
                wrong.push(format!("{file}: {}", found[0].lines().next().unwrap_or_default()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_clock_asks_for_the_time() {
    let asking = ["Utc::now(", "Local::now(", "SystemTime::now(", "Uuid::now_v7(", "Uuid::new_v4("];
    let found: Vec<String> = files("src")
        .into_iter()
        .filter(|(file, _)| file != "platform/clock.rs")
        .flat_map(|(file, text)| {
            asking.iter().filter(move |needle| text.contains(**needle)).map(move |needle| format!("{file}: {needle}"))
        })
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn migrations_can_all_be_undone() {
    let names: Vec<String> = files("migrations").into_iter().map(|(file, _)| file).collect();
    let lonely: Vec<&String> =
        names.iter().filter(|name| name.ends_with("up.sql") && !names.contains(&name.replace("up.sql", "down.sql"))).collect();
    assert!(lonely.is_empty(), "{lonely:#?}");
}

#[test]
fn no_two_types_share_a_name_in_the_contract() {
    // The later one would silently replace the earlier one in the document.
    let defined =
        Regex::new(r"(?m)(?:ToSchema[^\n]*\n(?:[#/ ][^\n]*\n)*|text_enum! \{\n(?: +[#/][^\n]*\n)*) *pub (?:struct|enum) (\w+)")
            .expect("pattern");
    let schemas = crate::support::DOCUMENT["components"]["schemas"].as_object().expect("schemas");
    let mut homes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, text) in files("src") {
        for name in defined.captures_iter(&text).map(|found| found[1].to_owned()).filter(|name| schemas.contains_key(name)) {
            homes.entry(name).or_default().push(file.clone());
        }
    }
    homes.retain(|_, files| files.len() > 1);
    assert!(homes.is_empty(), "{homes:#?}");
}

#[test]
fn figures_reach_who_sees_no_people_only_by_what_withholds() {
    let counts = |text: &str| text.contains("metrics::figures;") || text.contains("metrics::figures(");
    let counting: Vec<String> = files("src").into_iter().filter(|(_, text)| counts(text)).map(|(file, _)| file).collect();
    // Records and breakdowns, the withholding itself, and reports.
    assert_eq!(
        counting,
        ["outcomes/figures/routes.rs", "outcomes/figures/withholding/mod.rs", "reports/composing.rs"],
        "count by figures_for(role, facts)"
    );
    let exact = |operation: &str| {
        let of_figures = operation.contains("figure") || operation.contains("annex_8") || operation.contains("history");
        (of_figures && (operation.ends_with("_records") || operation.ends_with("_breakdown")))
            || operation.contains("report")
            || operation == "publish_ranking"
    };
    let exact: Vec<_> = pai::platform::policy::RULES.iter().filter(|rule| exact(rule.operation)).collect();
    assert!(exact.len() > 15, "{exact:?}");
    for rule in exact {
        assert!(rule.roles.iter().all(|role| role.sees_people()), "{}: {:?}", rule.operation, rule.roles);
    }
}
