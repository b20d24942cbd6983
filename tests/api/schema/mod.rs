//! The schema: as `src/schema.rs` says, undoable, named by convention, and its
//! constraints known to the code.

mod migrating;
mod protection;
mod reading;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use diesel::PgConnection;
use diesel_migrations::MigrationHarness;
use pai::platform::migrations::{MIGRATIONS, connect, migrate};
use regex::Regex;

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
                 (ARRAY['psu_totals', 'regimes'])
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

/// Constraints that no caller can hit, by what stands before them.
const NEVER_HIT: &[(&str, &[&str])] = &[
    (
        "the parent is named by the path or the row before, and locked or read first",
        &[
            "application_documents_application_fkey",
            "application_events_application_fkey",
            "application_events_ranking_fkey",
            "applications_referral_fkey",
            "attendance_session_fkey",
            "attendance_supersedes_fkey",
            "blocks_edition_fkey",
            "collection_statements_edition_fkey",
            "edition_events_edition_fkey",
            "edition_groups_edition_fkey",
            "group_members_group_fkey",
            "session_changes_session_fkey",
            "session_patterns_block_fkey",
            "session_seats_participation_fkey",
            "session_seats_session_fkey",
            "sessions_pattern_fkey",
            "edition_hosts_edition_fkey",
            "edition_partners_edition_fkey",
            "household_assistants_household_fkey",
            "individual_plan_events_plan_fkey",
            "individual_plan_revisions_plan_fkey",
            "individual_plans_fact_fkey",
            "applications_duplicate_fkey",
            "applications_former_fkey",
            "eligibility_assessments_appeal_fkey",
            "merged_people_into_fkey",
            "eligibility_assessments_application_fkey",
            "manual_points_application_fkey",
            "offers_application_fkey",
            "offers_freed_by_offer_fkey",
            "offers_freed_by_participation_fkey",
            "offers_freed_by_revision_fkey",
            "offers_participation_fkey",
            "participation_events_participation_fkey",
            "participations_replaces_fkey",
            "plan_revisions_edition_fkey",
            "psu_entries_person_fkey",
            "psu_entries_supersedes_fkey",
            "psu_months_agreement_fkey",
            "psu_totals_agreement_fkey",
            "psu_months_person_fkey",
            "ranking_adoptions_protocol_fkey",
            "ranking_protocols_edition_fkey",
            "ranking_protocols_rules_fkey",
            "ranking_rows_application_fkey",
            "ranking_rows_protocol_fkey",
            "scoring_rules_edition_fkey",
            "used_assertions_client_fkey",
            "agreement_rates_agreement_fkey",
            "agreement_rates_supersedes_fkey",
            "minimum_rates_supersedes_fkey",
            "entry_windows_supersedes_fkey",
            "psu_absences_participation_fkey",
            "settlements_agreement_fkey",
            "settlements_edition_fkey",
            "settlements_corrects_fkey",
            "settlement_lines_settlement_fkey",
            "host_posts_host_fkey",
            "post_assignments_participation_fkey",
            "post_assignments_post_fkey",
            "psu_approvals_host_fkey",
            "psu_approved_entries_entry_fkey",
            "psu_approved_entries_approval_fkey",
            "prolongations_participation_fkey",
            "incidents_participation_fkey",
            "incidents_attendance_fkey",
            "information_duties_participation_fkey",
            "information_duties_incident_fkey",
            "support_items_participation_fkey",
            "support_items_plan_event_fkey",
            "support_items_supersedes_fkey",
            "support_item_costs_item_fkey",
            "settlement_lines_person_fkey",
            "psu_weeks_person_fkey",
            "session_roster_session_fkey",
            "suspensions_participation_fkey",
        ],
    ),
    (
        "holds the primary key, which refuses first; there for composite references",
        &[
            "applications_edition_id_key",
            "applications_participation_key",
            "blocks_edition_id_key",
            "edition_groups_edition_id_key",
            "eligibility_assessments_application_key",
            "participations_edition_id_key",
            "participations_person_id_key",
            "ranking_rows_id_key",
            "scoring_rules_edition_id_key",
            "sessions_edition_id_key",
        ],
    ),
    (
        "the values come from the service itself, together",
        &[
            "application_events_assessment_check",
            "application_events_ranking_check",
            "application_events_rejection_check",
            "applications_referral_check",
            "applications_rejection_check",
            "applications_decision_check",
            "applications_applied_again_check",
            "applications_duplicate_check",
            "applications_former_check",
            "applications_former_key",
            "applications_reserve_check",
            "applications_state_decision_check",
            "applications_withdrawal_check",
            "clients_revocation_check",
            "eligibility_assessments_appeal_check",
            "elsewhere_checks_answer_check",
            "offers_accepted_check",
            "offers_answer_check",
            "offers_days_check",
            "offers_freed_by_check",
            "offers_refusal_check",
            "offers_taken_check",
            "offers_withdrawal_check",
            "individual_plans_end_check",
            "individual_plans_participation_check",
            "outbox_events_sequence_key",
            "participations_completed_check",
            "participations_end_check",
            "person_identities_document_check",
            "person_identities_pesel_check",
            "psu_entries_correction_check",
            "psu_months_first_day_check",
            "psu_months_used_check",
            "psu_totals_used_check",
            "psu_weeks_monday_check",
            "psu_weeks_used_check",
            "ranking_protocols_number_check",
            "ranking_protocols_sha256_check",
            "ranking_rows_rank_check",
            "ranking_rows_rank_key",
            "ranking_rows_rejection_check",
            "scoring_rules_version_check",
            "agreement_rates_correction_check",
            "minimum_rates_correction_check",
            "entry_windows_correction_check",
            "attendance_excuse_due_check",
            "psu_absences_withdrawal_check",
            "settlements_month_check",
            "settlements_number_check",
            "needs_plans_revision_check",
            "prolongations_period_check",
            "post_assignments_ended_check",
            "duty_terms_version_check",
            "incidents_known_check",
            "incidents_attendance_check",
            "incidents_withdrawal_check",
            "information_duties_due_check",
            "information_duties_discharge_check",
            "support_items_period_check",
            "support_items_supersedes_key",
            "support_items_certificate_check",
            "support_items_correction_check",
            "support_items_cancellation_check",
            "support_item_costs_amount_check",
            "warning_rules_version_check",
            "settlements_correction_check",
            "settlements_counts_check",
            "settlements_share_check",
            "settlements_approval_check",
            "settlements_withdrawal_check",
            "settlement_lines_number_key",
            "settlement_lines_period_check",
            "settlement_lines_rates_check",
            "settlement_lines_refund_percent_check",
            "settlement_lines_share_check",
            "settlement_lines_minutes_check",
            "settlement_lines_entries_check",
        ],
    ),
    (
        "under the lock of the edition or the application, the row before is marked or counted first",
        &[
            "application_documents_current_key",
            "collection_statements_current_key",
            "individual_plan_revisions_number_key",
            "manual_points_current_key",
            "offers_freed_by_offer_key",
            "offers_freed_by_participation_key",
            "offers_live_key",
            "offers_participation_key",
            "plan_revisions_number_key",
            "session_changes_version_key",
            "ranking_protocols_number_key",
            "scoring_rules_version_key",
        ],
    ),
    (
        "length and end are worked out together, and a session or a calendar is cancelled or revoked with its reason",
        &[
            "calendar_feeds_revocation_check",
            "session_changes_version_check",
            "sessions_cancellation_check",
            "sessions_lesson_hours_check",
            "sessions_times_check",
        ],
    ),
    ("what has to be told already is not told twice: the second row is left out", &["information_duties_current_key"]),
    ("256 random bits are not drawn twice", &["calendar_feeds_token_key"]),
    ("a name that is there is used, not added again", &["themes_name_key"]),
    (
        "state, plan and counts of an import are set together, a value and its index likewise",
        &[
            "imports_cancellation_check",
            "imports_done_check",
            "imports_ended_check",
            "imports_plan_check",
            "person_identities_local_reference_check",
        ],
    ),
    (
        "the type of the field refuses first; tests/api/bounds.rs tries it",
        &[
            "agreements_people_count_check",
            "agreements_refund_percent_check",
            "agreement_rates_refund_percent_check",
            "host_posts_places_check",
            "needs_plans_counts_check",
            "psu_approvals_entry_count_check",
            "duty_terms_working_days_check",
            "attendance_minutes_check",
            "attendance_reason_check",
            "attendance_evidence_check",
            "attendance_evidence_shown_check",
            "psu_entries_times_check",
            "declaration_texts_version_check",
            "edition_events_participant_count_check",
            "editions_completion_check",
            "editions_offer_answer_days_check",
            "editions_planned_months_check",
            "editions_precision_check",
            "manual_points_points_check",
            "elsewhere_checks_period_check",
            "plan_revisions_places_check",
            "individual_plan_revisions_reason_check",
            "plan_revisions_reason_check",
            "psu_entries_minutes_check",
            "ranking_adoptions_members_check",
            "ranking_protocols_places_check",
            "regimes_version_check",
            "sessions_minutes_check",
        ],
    ),
];

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
        let reviewed = NEVER_HIT.iter().any(|(_, listed)| listed.contains(&name.as_str()));
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
    ratchet("constraints without an error code", PENDING, open);
    let stale = |name: &&str| !all.iter().any(|constraint| constraint[1] == *name);
    let gone: Vec<&str> =
        known.iter().copied().chain(NEVER_HIT.iter().flat_map(|(_, names)| *names).copied()).filter(stale).collect();
    assert!(gone.is_empty(), "codes for constraints that do not exist: {gone:?}");
    let twice: Vec<&&str> = known.iter().filter(|name| known.iter().filter(|other| other == name).count() > 1).collect();
    assert!(twice.is_empty(), "constraints with two codes: {twice:?}");
}
