//! No town learns of another: every operation, in every role and context, made from the contract.
//!
//! A request is answered as if the other towns were not there: another town's
//! id as one that nobody has, and every answer the same, to the byte, once the
//! other towns have been taken away. Each of the two walls must hold alone, so
//! the matrix runs with both, past row-level security, and (in a build with the
//! feature `without-predicates`) without the predicates of the queries. With
//! neither it must find a leak in every operation that reads a tenant's data:
//! that shows that it would see one.

mod headers;
mod matrix;
mod requests;
mod towns;

use std::collections::BTreeMap;

use pai::platform::policy::Role;

use crate::support::{RowSecurity, TestApp};
use matrix::{Findings, Matrix};

/// The published table of roles, which is compared with the policy elsewhere: a role too many there fails here.
fn published_roles() -> BTreeMap<String, Vec<Role>> {
    let table = include_str!("../../../docs/ACCESS.md");
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let roles = Role::ALL.into_iter().zip(&cells[4..]).filter(|(_, mark)| **mark == "x").map(|(role, _)| role);
        (cells[1].trim_matches('`').to_owned(), roles.collect())
    })
    .collect()
}

fn findings(row_security: RowSecurity) -> Findings {
    let app = TestApp::start_with_demo_behind(row_security);
    Matrix::set_up(&app, published_roles()).hold()
}

#[track_caller]
fn assert_tight(row_security: RowSecurity) {
    let found = findings(row_security);
    let first: Vec<String> = found.iter().map(|(operation, all)| format!("{operation} ({}): {}", all.len(), all[0])).collect();
    assert!(first.is_empty(), "{}", first.join("\n"));
}

#[test]
fn no_town_learns_of_another() {
    assert_tight(RowSecurity::Forced);
}

#[cfg(not(feature = "without-predicates"))]
#[test]
fn the_predicates_of_the_queries_alone_keep_towns_apart() {
    assert_tight(RowSecurity::Bypassed);
}

/// Operations on what all towns share, and those that only add a record: keys that begin with
/// the tenant refuse a foreign reference there even without any wall, and answer as for none.
#[cfg(feature = "without-predicates")]
const NOTHING_TO_LEAK: &[&str] = &[
    "add_household_member",
    "admit_participant",
    "assign_household_assistant",
    "create_agreement",
    "create_application",
    "create_calendar_feed",
    "create_client",
    "create_declaration_text",
    "create_entry_window",
    "create_exchange_link",
    "create_host",
    "create_household",
    "create_individual_plan",
    "create_institution",
    "create_minimum_rate",
    "create_partner",
    "create_person",
    "create_programme",
    "create_regime",
    "create_report",
    "create_session",
    "create_sheet_template",
    "create_support_type",
    "create_survey_form",
    "get_definition",
    "get_error",
    "get_exchange_schema",
    "get_import_sample",
    "get_message_kinds",
    "get_institution",
    "get_public_holidays",
    "issue_reconciliation_key",
    "list_definitions",
    "list_errors",
    "list_import_kinds",
    "list_institutions",
    // Everybody has the built-in ones.
    "list_minimum_rates",
    "plan_import",
    "post_month_statement",
    "record_budget_line",
    "record_declaration",
    "record_effect_result",
    "record_employment_check",
    "record_employment_spell",
    "record_expenditure",
    "record_onward_referral",
    "record_participation_declaration",
    "record_person_fact",
    "record_post_decision",
    "record_progress_assessment",
    "record_staff_post",
    "sign_reconciliation",
    "update_institution",
];

#[cfg(feature = "without-predicates")]
#[test]
fn without_any_wall_the_matrix_finds_a_leak_in_every_operation() {
    let found = findings(RowSecurity::Bypassed);
    let all = crate::support::contract::operations();
    let blind = all.iter().map(|operation| operation.id).filter(|id| !found.contains_key(id) && !NOTHING_TO_LEAK.contains(id));
    assert_eq!(blind.collect::<Vec<_>>(), [""; 0], "the matrix would not see a leak");
    eprintln!("isolation: without any wall {} of {} operations leak", found.len(), all.len());
}
