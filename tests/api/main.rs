//! The one test binary: API tests over real HTTP against a real PostgreSQL,
//! and the comparison tests that hold contract, policy, schema and code together.

mod canary;
mod access;
mod architecture;
mod contract;
mod declarations;
mod employment;
mod hosts;
mod institutions;
mod operator;
mod people;
mod post_decisions;
mod privacy;
mod schema;
mod sheet_templates;
mod sheets;
mod editions;
mod programmes;
mod applications;
mod participations;
mod substitution;
mod attendance;
mod psu_entries;
mod psu_ledger;
mod sessions;
mod support;
