//! The one test binary: API tests over real HTTP against a real PostgreSQL,
//! and the comparison tests that hold contract, policy, schema and code together.

mod access;
mod applications;
mod architecture;
mod attendance;
mod audit;
mod bounds;
mod canary;
mod contract;
mod declarations;
mod demo;
mod editions;
mod employment;
mod figures;
mod found_by_strangers;
mod hosts;
mod institutions;
mod observability;
mod operator;
mod participations;
mod people;
mod platform;
mod post_decisions;
mod privacy;
mod programmes;
mod psu_entries;
mod psu_ledger;
mod scenarios;
mod schema;
mod seals;
mod sessions;
mod sheet_templates;
mod sheets;
mod substitution;
mod support;
