//! The one test binary: API tests over real HTTP against a real PostgreSQL,
//! and the comparison tests that hold contract, policy, schema and code together.

mod applications;
mod attendance;
mod editions;
mod hosts;
mod participations;
mod programmes;
mod psu_entries;
mod psu_ledger;
mod sessions;
mod substitution;
mod support;
